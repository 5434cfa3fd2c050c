/* SPDX-License-Identifier: MIT */
#include "survey.h"

#include "array.h"
#include "logrow.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS_OF_HOUR = 60 * 60, UTF8_FACTOR = 4 /* no character of any encoding's byte takes more */ };

/* --- days --------------------------------------------------------------------------------------------------------- */

static bool insert_day(struct survey *survey, size_t at, day_number day)
{
    struct survey_day *days = array_grow(survey->days, survey->day_count, sizeof *days);
    if (!days)
        return false;
    survey->days = days;
    memmove(&days[at + 1], &days[at], (survey->day_count - at) * sizeof *days);
    days[at] = (struct survey_day){.day = day};
    survey->day_count++;
    return true;
}

/* The day, made if need be; NULL: no memory. */
static struct survey_day *find_day(struct survey *survey, day_number day)
{
    size_t low = 0;
    size_t high = survey->day_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (survey->days[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    if ((low == survey->day_count || survey->days[low].day != day) && !insert_day(survey, low, day))
        return NULL;
    return &survey->days[low];
}

/* --- statuses ----------------------------------------------------------------------------------------------------- */

static int compare_by_accesses(const void *left, const void *right)
{
    const struct survey_status *a = left;
    const struct survey_status *b = right;
    if (a->accesses != b->accesses)
        return a->accesses > b->accesses ? -1 : 1;
    return strcmp(a->text, b->text);
}

static int compare_by_text(const void *left, const void *right)
{
    const struct survey_status *a = left;
    const struct survey_status *b = right;
    return strcmp(a->text, b->text);
}

/* Forgets the rarer half: what attackers make up at each attempt is that. */
static void forget_rare(struct survey *survey)
{
    const size_t kept = SURVEY_STATUSES_MAX / 2;
    qsort(survey->statuses, survey->status_count, sizeof *survey->statuses, compare_by_accesses);
    for (size_t i = kept; i < survey->status_count; i++) {
        survey->other_statuses += survey->statuses[i].accesses;
        free(survey->statuses[i].text);
    }
    survey->status_count = kept;
    qsort(survey->statuses, survey->status_count, sizeof *survey->statuses, compare_by_text);
}

/* Where the text is among the statuses, which are in its order, or where it would have to be. */
static size_t place_of_status(const struct survey *survey, const char *text)
{
    size_t low = 0;
    size_t high = survey->status_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(survey->statuses[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool insert_status(struct survey *survey, size_t at, const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        return false;
    if (!survey->statuses)
        survey->statuses = calloc(SURVEY_STATUSES_MAX, sizeof *survey->statuses);
    if (!survey->statuses) {
        free(copy);
        return false;
    }
    memmove(&survey->statuses[at + 1], &survey->statuses[at], (survey->status_count - at) * sizeof *survey->statuses);
    survey->statuses[at] = (struct survey_status){.text = copy, .accesses = 1};
    survey->status_count++;
    return true;
}

static bool add_status(struct survey *survey, const char *status, size_t length)
{
    char text[SURVEY_STATUS_LENGTH_MAX + 1];
    if (length > SURVEY_STATUS_LENGTH_MAX)
        length = SURVEY_STATUS_LENGTH_MAX;
    memcpy(text, status, length);
    text[length] = '\0';
    for (size_t i = strlen(text); i < length; i += strlen(text + i))
        text[i] = '?';
    size_t at = place_of_status(survey, text);
    if (at < survey->status_count && strcmp(survey->statuses[at].text, text) == 0) {
        survey->statuses[at].accesses++;
        return true;
    }
    if (survey->status_count == SURVEY_STATUSES_MAX) {
        forget_rare(survey);
        at = place_of_status(survey, text);
    }
    return insert_status(survey, at, text);
}

/* --- the parts ---------------------------------------------------------------------------------------------------- */

bool survey_begin(struct survey *survey, struct day_range range, size_t log_count)
{
    *survey = (struct survey){.log_count = log_count};
    survey->by_log = calloc(log_count + 1, sizeof *survey->by_log);
    bool done = survey->by_log != NULL;
    for (day_number day = range.first; done && day_in_range(range, day); day = day_after(day))
        done = insert_day(survey, survey->day_count, day);
    return done;
}

bool survey_add(struct survey *survey, size_t log, day_number day, unsigned second, const char *status, size_t length)
{
    struct survey_day *found = find_day(survey, day);
    if (!found || !add_status(survey, status, length))
        return false;
    found->accesses++;
    survey->accesses++;
    survey->by_log[log]++;
    if (second < RECORD_NO_SECOND)
        survey->hours[second / SECONDS_OF_HOUR]++;
    else
        survey->hourless++;
    return true;
}

void survey_end(struct survey *survey)
{
    if (survey->status_count > 0)
        qsort(survey->statuses, survey->status_count, sizeof *survey->statuses, compare_by_accesses);
}

void survey_clear(struct survey *survey)
{
    for (size_t i = 0; i < survey->status_count; i++)
        free(survey->statuses[i].text);
    free(survey->statuses);
    free(survey->days);
    free(survey->by_log);
    *survey = (struct survey){0};
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* The field with the status, in UTF-8 if that can be made of it, cut if it is long. */
struct status_text {
    char bytes[UTF8_FACTOR * SURVEY_STATUS_LENGTH_MAX];
    size_t length;
};

/* Makes UTF-8 of it. What is cut in the middle of a character ends before that. */
static void convert(const char *encoding, const struct field *field, struct status_text *text)
{
    iconv_t converter = iconv_open("UTF-8", encoding);
    if ((intptr_t)converter == -1)
        return;
    char from[SURVEY_STATUS_LENGTH_MAX];
    char *in = from;
    char *out = text->bytes;
    size_t in_left = field->length;
    size_t out_left = sizeof text->bytes;
    memcpy(from, field->text, field->length);
    (void)iconv(converter, &in, &in_left, &out, &out_left);
    if (out > text->bytes)
        text->length = (size_t)(out - text->bytes);
    (void)iconv_close(converter);
}

static void put_status(const struct chronicle_request *request, const struct chronicle_record *record,
                       struct status_text *text)
{
    const struct conf_log *const log = &request->logs[record->file->log];
    const size_t status = logrow_status(log->format, record->reader, &record->view);
    text->length = 0;
    if (status == RECORD_NO_FIELD)
        return;
    struct field field = record_field(record->reader, status);
    if (field.length > SURVEY_STATUS_LENGTH_MAX)
        field.length = SURVEY_STATUS_LENGTH_MAX;
    text->length = field.length;
    memcpy(text->bytes, field.text, field.length);
    if (log->encoding)
        convert(log->encoding, &field, text);
}

static int add_all(const struct chronicle_request *request, struct chronicle *chronicle, struct survey *survey,
                   struct error *error)
{
    struct chronicle_record record;
    struct status_text status;
    int found;
    while ((found = chronicle_next(chronicle, &record, error)) > 0) {
        if (record.view.result != RECORD_VALID || !(record.view.record.verdict & VERDICT_UNAUTHORIZED))
            continue;
        put_status(request, &record, &status);
        if (!survey_add(survey, record.file->log, record.view.day, record.view.second, status.bytes, status.length))
            return error_memory(error, "survey the logs");
    }
    return found;
}

int survey_make(const struct chronicle_request *request, struct survey *survey, struct error *error)
{
    struct chronicle *chronicle = NULL;
    int result = survey_begin(survey, request->range, request->log_count) ? 1 : error_memory(error, "survey the logs");
    if (result > 0) {
        chronicle = chronicle_new(request, error);
        result = chronicle ? add_all(request, chronicle, survey, error) : -1;
    }
    chronicle_free(chronicle);
    if (result < 0) {
        survey_clear(survey);
        return -1;
    }
    survey_end(survey);
    return 1;
}
