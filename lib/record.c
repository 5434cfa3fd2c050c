/* SPDX-License-Identifier: MIT */
#include "record.h"

#include "judge.h"

#include <stdlib.h>
#include <string.h>

enum {
    DATE_LENGTH = 10, /* YYYY-MM-DD */
    TIME_LENGTH = 19, /* YYYY-MM-DD hh:mm:ss */
    WORD = sizeof(uint64_t),
};

/* A field without its quotes; points into the line. */
struct field {
    const char *text;
    size_t length;
};

struct record_reader {
    const struct conf_log *log;
    const struct log_format *format;
    day_number first_day;
    struct judge *judge;
    char date[DATE_LENGTH];        /* of the record before, as it stood there */
    day_number day;                /* that it is, 0: none yet; not plausible: none */
    const struct tally *tally;     /* whose day it is that was found last */
    struct tally_day *tally_day;   /* that one */
    struct lines lines;            /* for single records: made when the first one is read */
    char *padded;                  /* likewise */
};

/* What the fields of a record come to. */
struct parts {
    day_number day;
    struct field address;
    size_t status;    /* number of the field, from 0, or NO_FIELD: every record counts */
    bool one_status;  /* false: any field from there on may be the status */
    bool may_log_in;  /* untouched, and all but the status is that of a login */
};

static const size_t NO_FIELD = SIZE_MAX;

/* --- fields ------------------------------------------------------------------------------------------------------ */

/* Field number i of the line, from 0, which it must have. */
static inline struct field field_at(const struct line *line, size_t i)
{
    const size_t mark = line->marks[i];
    const char *begin = line->text + (uint32_t)(line->marks[(ptrdiff_t)i - 1] + 1);
    const char *end = line->text + (mark < line->end ? mark : line->end);
    begin += (begin < end) & (*begin == '"');
    end -= (begin < end) & (end[-1] == '"');
    return (struct field){begin, (size_t)(end - begin)};
}

static bool is_decimal(struct field field)
{
    for (size_t i = 0; i < field.length; i++)
        if (field.text[i] < '0' || field.text[i] > '9')
            return false;
    return field.length > 0;
}

/* --- time -------------------------------------------------------------------------------------------------------- */

static inline uint64_t word_at(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/*
 * Not 0 unless each of eight bytes is a digit where the shape has '0', and else what the shape has. XOR makes 0 to 9 of
 * the right digits and 0 of the other right bytes; adding brings any other value to 128 or more.
 */
static inline uint64_t word_misfit(const char *text, const char *shape)
{
    char limits[WORD];
    for (unsigned i = 0; i < WORD; i++)
        limits[i] = shape[i] == '0' ? 128 - 10 : 127;
    const uint64_t differences = word_at(text) ^ word_at(shape);
    return (differences | (differences + word_at(limits))) & UINT64_C(0x8080808080808080);
}

static inline bool is_whole_time(struct field field)
{
    return field.length == TIME_LENGTH && (word_misfit(field.text, "0000-00-") | word_misfit(field.text + 8, "00 00:00") |
                                           word_misfit(field.text + 11, "00:00:00")) == 0;
}

static inline bool begins_with_date(struct field field)
{
    return field.length >= DATE_LENGTH && ((word_misfit(field.text, "0000-00-") | word_misfit(field.text + 2, "00-00-00")) == 0 ||
                                           (word_misfit(field.text, "0000/00/") | word_misfit(field.text + 2, "00/00/00")) == 0);
}

/* The day of a date. The records of a day stand together: only where it changes there is something to do. */
static inline day_number day_of(struct record_reader *reader, const char *date)
{
    static const unsigned char digits[] = {0, 1, 2, 3, 5, 6, 8, 9};
    if ((word_at(date) ^ word_at(reader->date)) | (word_at(date + 2) ^ word_at(reader->date + 2))) {
        day_number day = 0;
        for (size_t i = 0; i < sizeof digits; i++)
            day = day * 10 + (day_number)(date[digits[i]] - '0');
        memcpy(reader->date, date, DATE_LENGTH);
        reader->day = day_is_plausible(day) ? day : 0;
    }
    return reader->day;
}

/* --- the parts of a record --------------------------------------------------------------------------------------- */

/*
 * Whether the record is as XMail wrote it, its time being field number time (from 0) and count fields behind it. Only
 * then a field to the right of the time is in its place.
 *
 * A POP3 record is LOGIN with messages and bytes, or ELOGIN without. A client that writes TABs into its user name adds
 * fields; nine of them it may reach, but not with numbers behind the status.
 */
static inline bool is_untouched(const struct log_format *format, const struct line *line, size_t time, size_t count)
{
    if (time + 1 != (size_t)format->time_field)
        return false;
    if (format->login == FORMAT_LOGIN_POP3)
        return count == 3 ||
               (count == 5 && is_decimal(field_at(line, time + 4)) && is_decimal(field_at(line, time + 5)));
    if (count != (size_t)(format->fields_max - format->time_field))
        return false;
    return format->number_field == 0 || is_decimal(field_at(line, (size_t)format->number_field - 1));
}

/* Whether an untouched record is of a login, if its status is. */
static inline bool may_log_in(const struct log_format *format, const struct line *line, size_t time, size_t count)
{
    switch (format->login) {
    case FORMAT_LOGIN_SMTP:
        return field_at(line, time + 7).length > 0; /* the user */
    case FORMAT_LOGIN_POP3:
        return count == 5;
    case FORMAT_LOGIN_NONE:
        break;
    }
    return false;
}

/*
 * The address of a record whose time is in field time (from 0): the field before it or, if the configuration says so,
 * another one, counted from the time because clients can push fields in to the left of it. False if there is none.
 */
static inline bool find_anchored_address(const struct record_reader *reader, const struct line *line, size_t time,
                                         bool untouched, struct field *address)
{
    size_t place = time - 1;
    if (reader->log->address_overridden) {
        place = time + (size_t)reader->log->address_field - (size_t)reader->format->time_field;
        if ((place > time && !untouched) || place >= line->fields)
            return false;
    }
    *address = field_at(line, place);
    return true;
}

static inline bool read_anchored(struct record_reader *reader, const struct line *line, struct parts *parts)
{
    const struct log_format *format = reader->format;
    size_t time = 0;
    struct field field;
    while (!is_whole_time(field = field_at(line, time)))
        if (++time == line->fields)
            return false;
    if (time == 0)
        return false;
    const size_t count = line->fields - time - 1;
    const bool untouched = is_untouched(format, line, time, count);
    parts->day = day_of(reader, field.text);
    if (!find_anchored_address(reader, line, time, untouched, &parts->address))
        return false;
    parts->status = format->status_after == 0 ? NO_FIELD : time + (size_t)format->status_after;
    parts->one_status = untouched || format->status_after == 0;
    parts->may_log_in = untouched && may_log_in(format, line, time, count);
    return format->status_after == 0 || count >= (size_t)format->status_after;
}

static bool read_positional(struct record_reader *reader, const struct line *line, struct parts *parts)
{
    const struct log_format *format = reader->format;
    const struct conf_log *log = reader->log;
    const size_t fields = line->fields;
    const bool last = log->address_field == FORMAT_LAST_FIELD;
    const size_t address = last ? fields : (size_t)log->address_field;
    if (!log->address_overridden && (fields < (size_t)format->fields_min || fields > (size_t)format->fields_max))
        return false;
    if (fields < (size_t)format->time_field || fields < (size_t)format->status_field || fields < address)
        return false;
    const struct field time = field_at(line, (size_t)format->time_field - 1);
    if (!(format->time == FORMAT_TIME_WHOLE ? is_whole_time(time) : begins_with_date(time)))
        return false;
    parts->day = day_of(reader, time.text);
    parts->address = field_at(line, address - 1);
    parts->status = format->status_field == 0 ? NO_FIELD : (size_t)format->status_field - 1;
    parts->one_status = true;
    parts->may_log_in = false;
    return true;
}

/* --- the address ------------------------------------------------------------------------------------------------- */

/* The first whole token, a run of [0-9A-Fa-f.:], that is an address. */
static bool search_address(struct field field, struct address *address)
{
    static const char token[] = "0123456789abcdefABCDEF.:";
    const char *end = field.text + field.length;
    for (const char *at = field.text; at < end; at++) {
        const char *begin = at;
        while (at < end && *at != '\0' && strchr(token, *at))
            at++;
        if (at > begin && address_parse(begin, (size_t)(at - begin), address))
            return true;
    }
    return false;
}

/* *limits is counted up if the pattern gives up. */
static bool match_address(const struct record_reader *reader, struct field field, struct address *address,
                          unsigned *limits)
{
    size_t start;
    size_t size;
    enum pattern_result result = pattern_match_group(reader->log->address_pattern, reader->judge->matcher, field.text,
                                                     field.length, "ip", &start, &size);
    *limits += result == PATTERN_LIMIT;
    return result == PATTERN_MATCH && address_parse(field.text + start, size, address);
}

/* An address that isn't a dotted quad. An XMail that listens on IPv6 writes ::ffff: before those of IPv4. */
static bool read_long_address(struct field field, struct address *address)
{
    static const char mapped[] = {':', ':', 'f', 'f', 'f', 'f', ':'};
    uint32_t host;
    if (field.length > sizeof mapped && memcmp(field.text, mapped, sizeof mapped) == 0 &&
        address_parse_quad(field.text + sizeof mapped, field.length - sizeof mapped, &host)) {
        *address = address_from_ipv4(host);
        return true;
    }
    return address_parse(field.text, field.length, address);
}

static inline bool read_address(const struct record_reader *reader, struct field field, struct address *address,
                                unsigned *limits)
{
    uint32_t host;
    if (reader->log->address_pattern)
        return match_address(reader, field, address, limits);
    if (reader->log->address_field == FORMAT_LAST_FIELD)
        return search_address(field, address);
    if (!address_parse_quad(field.text, field.length, &host))
        return read_long_address(field, address);
    *address = address_from_ipv4(host);
    return true;
}

/* --- the verdict ------------------------------------------------------------------------------------------------- */

/* Judges one field as the status; bits of enum verdict and JUDGED_ACCEPTED. */
static inline unsigned judge_field(struct record_reader *reader, struct field field, unsigned *limits)
{
    const unsigned judged = judge_status(reader->judge, field.text, field.length);
    *limits += (judged & JUDGED_LIMIT) != 0;
    return judged;
}

/* A record that isn't untouched counts if any field counts that may be its status. */
static unsigned judge_all(struct record_reader *reader, const struct line *line, size_t first, unsigned *limits)
{
    unsigned verdict = 0;
    for (size_t i = first; i < line->fields && !(verdict & VERDICT_UNAUTHORIZED); i++)
        verdict |= judge_field(reader, field_at(line, i), limits) & (VERDICT_UNAUTHORIZED | VERDICT_REFUSED);
    return verdict & VERDICT_UNAUTHORIZED ? VERDICT_UNAUTHORIZED : verdict;
}

static inline unsigned judge_record(struct record_reader *reader, const struct line *line, const struct parts *parts,
                                    unsigned *limits)
{
    if (!parts->one_status)
        return judge_all(reader, line, parts->status, limits);
    const struct field none = {"", 0};
    const unsigned judged = parts->status == NO_FIELD ? judge_afresh(reader->judge, none.text, none.length)
                                                      : judge_field(reader, field_at(line, parts->status), limits);
    const bool login = parts->may_log_in & ((judged & JUDGED_ACCEPTED) != 0);
    return (judged & (VERDICT_UNAUTHORIZED | VERDICT_REFUSED)) | (login ? VERDICT_LOGIN : 0u);
}

/* --- the record -------------------------------------------------------------------------------------------------- */

/* As record_read; record->limits is set in any case, and record->day if that isn't 0. */
static inline enum record_result read_line(struct record_reader *reader, const struct line *line, struct record *record)
{
    struct parts parts;
    bool read = reader->format->time == FORMAT_TIME_ANCHOR ? read_anchored(reader, line, &parts)
                                                           : read_positional(reader, line, &parts);
    record->limits = 0;
    if (!read || parts.day == 0 || !read_address(reader, parts.address, &record->address, &record->limits)) {
        record->day = record->limits > 0 ? parts.day : 0;
        return RECORD_MALFORMED;
    }
    record->day = parts.day;
    if (parts.day < reader->first_day)
        return RECORD_TOO_OLD;
    record->verdict = judge_record(reader, line, &parts, &record->limits);
    return RECORD_VALID;
}

/* The day's counts in the tally; NULL if memory ran out. */
static inline struct tally_day *tally_day_of(struct record_reader *reader, struct tally *tally, day_number day)
{
    if (reader->tally != tally || !reader->tally_day || reader->tally_day->day != day) {
        reader->tally = tally;
        reader->tally_day = tally_day(tally, day);
    }
    return reader->tally_day;
}

static inline bool tally_line(struct record_reader *reader, const struct line *line, struct tally *tally)
{
    struct record record;
    const enum record_result result = read_line(reader, line, &record);
    tally->malformed += result == RECORD_MALFORMED;
    if (result != RECORD_VALID && (record.limits == 0 || record.day < reader->first_day))
        return true;
    struct tally_day *day = tally_day_of(reader, tally, record.day);
    if (!day)
        return false;
    day->limits += record.limits;
    if (result != RECORD_VALID)
        return true;
    day->records++;
    if (address_is_ipv4(record.address))
        return tally_add_ipv4(tally, day, address_ipv4(record.address), record.verdict);
    const struct counts counts = {record.verdict & 1, record.verdict >> 1 & 1, record.verdict >> 2 & 1};
    return record.verdict == 0 || tally_add(tally, day, record.address, counts);
}

bool record_tally(struct record_reader *reader, const struct lines *lines, struct tally *tally)
{
    reader->tally = NULL; /* another one may be where one was before */
    tally->records += lines->count;
    for (size_t i = 0; i < lines->count; i++) {
        const struct line line = lines_get(lines, i);
        if (!tally_line(reader, &line, tally))
            return false;
    }
    return !reader->judge->failed;
}

/* --- the reader -------------------------------------------------------------------------------------------------- */

struct record_reader *record_reader_new(const struct conf_log *log, day_number first_day, struct error *error)
{
    struct record_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        (void)error_memory(error, "read logs");
        return NULL;
    }
    reader->log = log;
    reader->format = log->format;
    reader->first_day = first_day;
    reader->judge = judge_new(log, error);
    if (reader->judge)
        return reader;
    record_reader_free(reader);
    return NULL;
}

void record_reader_free(struct record_reader *reader)
{
    if (!reader)
        return;
    judge_free(reader->judge);
    lines_free(&reader->lines);
    free(reader->padded);
    free(reader);
}

/* Makes what single records need. */
static bool make_room(struct record_reader *reader)
{
    if (!reader->padded)
        reader->padded = calloc(1, LINES_PADDING + RECORD_LENGTH_MAX + 1 + LINES_PADDING);
    return reader->padded && (reader->lines.memory || lines_new(&reader->lines));
}

enum record_result record_read(struct record_reader *reader, const char *line, size_t length, struct record *record)
{
    record->limits = 0;
    if (length > RECORD_LENGTH_MAX || memchr(line, '\n', length) || !make_room(reader))
        return RECORD_MALFORMED;
    char *text = reader->padded + LINES_PADDING;
    memcpy(text, line, length);
    text[length] = '\n';
    (void)lines_find(&reader->lines, text, 0, length + 1);
    const struct line only = lines_get(&reader->lines, 0);
    return read_line(reader, &only, record);
}
