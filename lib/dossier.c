/* SPDX-License-Identifier: MIT */
#include "dossier.h"

#include "array.h"

#include <stdlib.h>
#include <string.h>

static void drop_record(struct dossier_record *record)
{
    free(record->line);
    *record = (struct dossier_record){0};
}

/* --- taking records ----------------------------------------------------------------------------------------------- */

/* The counts of this day and log. They come by day, but files of two logs take turns. NULL: no memory. */
static struct counts *counts_of(struct dossier *dossier, day_number day, size_t log)
{
    size_t at = dossier->day_count;
    while (at > 0 &&
           (dossier->days[at - 1].day > day || (dossier->days[at - 1].day == day && dossier->days[at - 1].log > log)))
        at--;
    if (at > 0 && dossier->days[at - 1].day == day && dossier->days[at - 1].log == log)
        return &dossier->days[at - 1].counts;
    struct dossier_day *days = array_grow(dossier->days, dossier->day_count, sizeof *days);
    if (!days)
        return NULL;
    dossier->days = days;
    memmove(days + at + 1, days + at, (dossier->day_count++ - at) * sizeof *days);
    days[at] = (struct dossier_day){.day = day, .log = log};
    return &days[at].counts;
}

/* Keeps a copy of the record in the place of the oldest one, if there is no other. False: no memory. */
static bool keep_record(struct dossier *dossier, size_t records_max, const struct chronicle_record *record)
{
    struct dossier_record kept = {.line = malloc(record->length + 1),
                                  .length = record->length,
                                  .log = record->file->log,
                                  .verdict = record->view.record.verdict};
    if (!kept.line)
        return false;
    memcpy(kept.line, record->line, record->length);
    kept.line[record->length] = '\0';
    if (dossier->record_count == records_max) {
        struct dossier_record *oldest = &dossier->records[dossier->records_left_out++ % records_max];
        drop_record(oldest);
        *oldest = kept;
        return true;
    }
    struct dossier_record *records = array_grow(dossier->records, dossier->record_count, sizeof *records);
    if (!records) {
        free(kept.line);
        return false;
    }
    dossier->records = records;
    records[dossier->record_count++] = kept;
    return true;
}

static bool take(struct dossier *dossier, size_t records_max, const struct chronicle_record *record)
{
    const unsigned verdict = record->view.record.verdict;
    if (verdict == 0)
        return true;
    struct counts *counts = counts_of(dossier, record->view.day, record->file->log);
    if (!counts)
        return false;
    counts_add(counts, counts_from(verdict));
    return !(verdict & (VERDICT_UNAUTHORIZED | VERDICT_REFUSED)) || keep_record(dossier, records_max, record);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void reverse(struct dossier_record *records, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        const struct dossier_record record = records[i];
        records[i] = records[count - 1 - i];
        records[count - 1 - i] = record;
    }
}

/* The oldest record, in whose place the next one would have come, goes to the begin. */
static void straighten(struct dossier *dossier)
{
    if (dossier->record_count == 0)
        return;
    const size_t oldest = (size_t)(dossier->records_left_out % dossier->record_count);
    reverse(dossier->records, oldest);
    reverse(dossier->records + oldest, dossier->record_count - oldest);
    reverse(dossier->records, dossier->record_count);
}

int dossier_read(const struct chronicle_request *request, struct address host, size_t records_max,
                 struct dossier *dossier, struct error *error)
{
    struct chronicle_record record;
    *dossier = (struct dossier){0};
    struct chronicle *chronicle = chronicle_new(request, error);
    int result = chronicle ? 1 : -1;
    while (result > 0 && (result = chronicle_next(chronicle, &record, error)) > 0)
        if (record.view.result == RECORD_VALID && address_equal(record.view.record.address, host) &&
            !take(dossier, records_max, &record))
            result = error_memory(error, "read logs");
    chronicle_free(chronicle);
    if (result < 0) {
        dossier_clear(dossier);
        return -1;
    }
    straighten(dossier);
    return 1;
}

void dossier_clear(struct dossier *dossier)
{
    for (size_t i = 0; i < dossier->record_count; i++)
        drop_record(&dossier->records[i]);
    free(dossier->records);
    free(dossier->days);
    *dossier = (struct dossier){0};
}
