/* SPDX-License-Identifier: MIT */
/*
 * Logs that were cut, and joined again: by a full disk, a crash, a hasty hand. The input is a log of any format, which
 * the first byte chooses (a: smtp, ...). At each byte of each of its first lines:
 *
 * - A log that ends there says what its whole lines say, and nothing of the rest.
 * - What was written before a cut, with a whole record behind it, is of the host in the address field of the one or of
 *   the other, or of none. (Such is left by a full disk: a part of one record, then the next ones.)
 * - What stands behind a cut, of a record as XMail writes it, is of the host of that record or of none; unless the cut
 *   is in the address itself, or makes a time of a longer field, which no field of XMail's holds.
 *
 * What an address field is, the model tells.
 */
#include "fuzz.h"
#include "model.h"

#include "record.h"

enum { LINES = 4, LINE_MAX_LENGTH = 600 };

static const struct day_range range = {101, 99991231};
static struct conf_log logs[MODEL_FORMATS];
static struct record_reader *readers[MODEL_FORMATS];
static struct {
    struct lines lines;
    char *padded;
} room; /* where lines are looked for */

static void make_readers(void)
{
    struct error error;
    require(lines_new(&room.lines));
    room.padded = calloc(1, LINES_PADDING + 2 * LINE_MAX_LENGTH * LINES + LINES_PADDING);
    require(room.padded != NULL);
    for (size_t i = 0; i < MODEL_FORMATS; i++) {
        const struct log_format *format = format_find(model_formats[i].name);
        require(format != NULL);
        logs[i] = (struct conf_log){.format = format, .enabled = true, .address_field = format->address_field};
        readers[i] = record_reader_new(&logs[i], range, &error);
        require(readers[i] != NULL);
    }
}

static bool is_host(const struct model_host *host, struct address address)
{
    for (size_t i = 0; i < 8; i++)
        if (host->bytes[i] != (unsigned char)(address.high >> (56 - 8 * i)) ||
            host->bytes[8 + i] != (unsigned char)(address.low >> (56 - 8 * i)))
            return false;
    return true;
}

/* A line of the input, and what the model makes of it. */
struct source {
    struct model_text text; /* without LF */
    bool valid;
    bool has_host; /* in its address field, even if the record isn't valid */
    struct model_record record;
    struct model_line line;
};

/*
 * The host in the address field: what a record would be of, whatever its other fields are. In the formats that have it
 * in a fixed place it is what stands there.
 */
static bool find_host(const struct model_format *format, const struct model_line *line, struct model_record *record)
{
    if (format->time_kind == MODEL_ANCHOR) {
        const size_t time = model_find_time(line);
        if (time == 0 || time == line->count)
            return false;
        record->address = line->fields[time - 1];
    } else {
        const size_t place = format->address == MODEL_LAST ? line->count : (size_t)format->address;
        if (place > line->count)
            return false;
        record->address = line->fields[place - 1];
    }
    return format->address == MODEL_LAST ? model_search_host(record->address, &record->host)
                                         : model_parse_host(record->address, &record->host);
}

static void take_source(const struct model_format *format, const char *text, size_t length, struct source *source)
{
    source->text = (struct model_text){text, length};
    require(model_split(text, length, &source->line));
    source->valid = model_read(format, &source->line, 0, &source->record);
    source->has_host = source->valid || find_host(format, &source->line, &source->record);
}

/*
 * True if it begins as XMail begins a record: with a field in quotes; which isn't the address, where that is found by
 * the time.
 */
static bool begins_as_written(const struct model_format *format, const struct source *source)
{
    const char *end = memchr(source->text.bytes, '\t', source->text.length);
    const size_t length = end ? (size_t)(end - source->text.bytes) : source->text.length;
    return length >= 2 && source->text.bytes[0] == '"' && source->text.bytes[length - 1] == '"' &&
           (format->time_kind != MODEL_ANCHOR || model_find_time(&source->line) > 1);
}

/* --- a log that ends early ---------------------------------------------------------------------------------------- */

/* The log, of its first length bytes, says what the first ones of its records do. */
static void check_end(struct record_reader *reader, const char *text, size_t length, const struct record *records,
                      const enum record_result *results, size_t count)
{
    struct tally tally = {0};
    uint64_t valid = 0;
    uint64_t malformed = 0;
    uint64_t counted = 0;
    char *copy = room.padded + LINES_PADDING;
    memcpy(copy, text, length);
    for (size_t begin = 0; lines_find(&room.lines, copy, begin, length); begin = room.lines.behind)
        require(record_tally(reader, &room.lines, &tally));
    for (size_t i = 0; i < count; i++) {
        malformed += results[i] == RECORD_MALFORMED;
        valid += results[i] == RECORD_VALID;
    }
    size_t position = 0;
    for (const struct tally_day *day; (day = tally_next_day(&tally, &position));) {
        counted += day->records;
        size_t found = 0;
        for (size_t i = 0; i < count; i++)
            found += results[i] == RECORD_VALID && records[i].day == day->day;
        require(day->records == found);
    }
    require(tally.records == count && tally.malformed == malformed && counted == valid);
    tally_clear(&tally);
}

static void check_ends(struct record_reader *reader, const char *text, const struct source *sources, size_t count)
{
    struct record records[LINES];
    enum record_result results[LINES];
    for (size_t i = 0; i < count; i++) {
        const size_t begin = (size_t)(sources[i].text.bytes - text);
        for (size_t length = begin; length <= begin + sources[i].text.length; length++)
            check_end(reader, text, length, records, results, i);
        results[i] = record_read(reader, sources[i].text.bytes, sources[i].text.length, &records[i]);
        require((results[i] == RECORD_VALID) == sources[i].valid);
    }
}

/* --- a part and a whole record ------------------------------------------------------------------------------------ */

static void check_joined(struct record_reader *reader, const struct source *cut, const struct source *whole)
{
    static char joined[2 * LINE_MAX_LENGTH];
    struct record record;
    for (size_t length = 0; length <= cut->text.length; length++) {
        memcpy(joined, cut->text.bytes, length);
        memcpy(joined + length, whole->text.bytes, whole->text.length);
        if (record_read(reader, joined, length + whole->text.length, &record) != RECORD_VALID)
            continue;
        require(is_host(&whole->record.host, record.address) ||
                (cut->has_host && is_host(&cut->record.host, record.address)));
    }
}

/* --- what stands behind a cut ------------------------------------------------------------------------------------- */

/* True if what begins at this byte of the line begins within a field, and what is left of that is a time. */
static bool makes_time(const struct source *source, size_t at)
{
    const char *text = source->text.bytes;
    if (at == 0 || text[at - 1] == '\t')
        return false;
    const char *end = memchr(text + at, '\t', source->text.length - at);
    const struct model_text rest = model_unquote(text + at, end ? end : text + source->text.length);
    return model_is_time(rest) || model_begins_with_date(rest);
}

/* True if a field behind the address is a time that may come to stand for the one that was cut away. */
static bool has_other_time(const struct source *source)
{
    size_t times = 0;
    for (size_t i = 0; i < source->line.count; i++)
        times += model_is_time(source->line.fields[i]);
    return times > 1;
}

static void check_rest(const struct model_format *format, struct record_reader *reader, const struct source *source)
{
    struct record record;
    if (format->time_kind == MODEL_ANCHOR && has_other_time(source))
        return;
    for (size_t at = 0; at < source->text.length; at++) {
        const char *rest = source->text.bytes + at;
        const bool in_address =
            rest > source->record.address.bytes && rest < source->record.address.bytes + source->record.address.length;
        if (in_address || makes_time(source, at) ||
            record_read(reader, rest, source->text.length - at, &record) != RECORD_VALID)
            continue;
        require(is_host(&source->record.host, record.address));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct source sources[LINES];
    if (!room.padded)
        make_readers();
    if (size == 0)
        return 0;
    const size_t choice = (uint8_t)(data[0] - 'a') % MODEL_FORMATS;
    const struct model_format *format = &model_formats[choice];
    struct record_reader *reader = readers[choice];
    const char *text = (const char *)data + 1;
    const char *end = text + size - 1;
    size_t count = 0;
    for (const char *at = text, *lf; count < LINES && at < end && (lf = memchr(at, '\n', (size_t)(end - at)));
         at = lf + 1) {
        if ((size_t)(lf - at) >= LINE_MAX_LENGTH)
            break;
        take_source(format, at, (size_t)(lf - at), &sources[count++]);
    }
    check_ends(reader, text, sources, count);
    for (size_t i = 0; i < count; i++)
        if (sources[i].valid) {
            check_rest(format, reader, &sources[i]);
            for (size_t cut = 0; cut < count && begins_as_written(format, &sources[i]); cut++)
                check_joined(reader, &sources[cut], &sources[i]);
        }
    return 0;
}
