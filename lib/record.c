/* SPDX-License-Identifier: MIT */
#include "record.h"

#include "buffer.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

enum {
    DATE_LENGTH = 10,                       /* YYYY-MM-DD */
    TIME_LENGTH = 19,                       /* YYYY-MM-DD hh:mm:ss */
    AFTER_TIME_MAX = FORMAT_FIELDS_MAX - 3, /* one more than any untouched record has behind its time */
    VERDICT_SLOTS = 256,                    /* a power of two; XMail 1.27 writes some thirty different statuses */
    VERDICT_TEXT = 62,
    LIMIT_HIT = 1 << 7, /* beside the verdict's bits: a pattern gave up on this status */
};

/* A field without its quotes; points into the line. */
struct field {
    const char *text;
    size_t length;
};

/* Where a walk through the fields of a line stands. */
struct cursor {
    const char *at; /* NULL behind the last field */
    const char *end;
};

/* What a status came to, so that the patterns run once for each distinct status and not once for each record. */
struct known_verdict {
    unsigned char length; /* 0: the slot is free */
    unsigned char verdict;
    char text[VERDICT_TEXT];
};

struct record_reader {
    const struct conf_log *log;
    const struct log_format *format;
    struct day_range range;
    struct matcher *matcher;
    bool converts; /* the log has an encoding */
    iconv_t converter;
    struct buffer converted;
    uint64_t limits;
    bool failed; /* memory ran out: a record may have been judged wrongly */
    struct known_verdict known[VERDICT_SLOTS];
};

/* The parts of a record that decide. */
struct parts {
    day_number day;
    struct field address;
    struct field status;    /* if status_known */
    struct cursor statuses; /* else: each of these fields may be the status */
    bool status_known;
    bool login;
};

/* --- fields ------------------------------------------------------------------------------------------------------ */

static struct cursor cursor_begin(const char *line, size_t length)
{
    return (struct cursor){line, line + length};
}

static bool next_field(struct cursor *cursor, struct field *field)
{
    if (!cursor->at)
        return false;
    const char *begin = cursor->at;
    const char *tab = memchr(begin, '\t', (size_t)(cursor->end - begin));
    const char *end = tab ? tab : cursor->end;
    cursor->at = tab ? tab + 1 : NULL;
    if (begin < end && *begin == '"')
        begin++;
    if (begin < end && end[-1] == '"')
        end--;
    *field = (struct field){begin, (size_t)(end - begin)};
    return true;
}

/* The field of this number, from 1. */
static bool field_at(const char *line, size_t length, int number, struct field *field)
{
    struct cursor cursor = cursor_begin(line, length);
    while (next_field(&cursor, field))
        if (--number == 0)
            return true;
    return false;
}

static bool field_is(struct field field, const char *text)
{
    return field.length == strlen(text) && memcmp(field.text, text, field.length) == 0;
}

static bool is_decimal(struct field field)
{
    for (size_t i = 0; i < field.length; i++)
        if (field.text[i] < '0' || field.text[i] > '9')
            return false;
    return field.length > 0;
}

/* --- time -------------------------------------------------------------------------------------------------------- */

/* The text must look like the shape, in which each '0' stands for a digit. */
static bool has_shape(const char *text, const char *shape, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !digit : text[i] != shape[i])
            return false;
    }
    return true;
}

static bool is_whole_time(struct field field)
{
    return field.length == TIME_LENGTH && has_shape(field.text, "0000-00-00 00:00:00", TIME_LENGTH);
}

static bool begins_with_date(struct field field)
{
    return field.length >= DATE_LENGTH &&
           (has_shape(field.text, "0000-00-00", DATE_LENGTH) || has_shape(field.text, "0000/00/00", DATE_LENGTH));
}

/* The day of a field that begins with a date. */
static day_number day_of(struct field field)
{
    static const unsigned char digits[] = {0, 1, 2, 3, 5, 6, 8, 9};
    day_number day = 0;
    for (size_t i = 0; i < sizeof digits; i++)
        day = day * 10 + (day_number)(field.text[digits[i]] - '0');
    return day;
}

/* --- the parts of a record --------------------------------------------------------------------------------------- */

/*
 * A POP3 record is LOGIN with messages and bytes, or ELOGIN without. A client that writes TABs into its user name adds
 * fields; nine of them it may reach, but not with numbers behind the status.
 */
static bool pop3_is_untouched(const struct field *after, size_t count)
{
    return count == 3 || (count == 5 && is_decimal(after[3]) && is_decimal(after[4]));
}

/* after: the fields behind the time, count of them, at most AFTER_TIME_MAX. */
static bool is_untouched(const struct log_format *format, int time_field, const struct field *after, size_t count)
{
    if (time_field != format->time_field)
        return false;
    if (format->login == FORMAT_LOGIN_POP3)
        return pop3_is_untouched(after, count);
    if (count != (size_t)(format->fields_max - format->time_field))
        return false;
    return format->number_field == 0 || is_decimal(after[format->number_field - format->time_field - 1]);
}

/* For untouched records only: anything else may be made up. */
static bool is_login(const struct log_format *format, const struct field *after, size_t count)
{
    switch (format->login) {
    case FORMAT_LOGIN_SMTP:
        return after[6].length > 0 && (field_is(after[5], "RCPT=OK") || field_is(after[5], "RECV=OK"));
    case FORMAT_LOGIN_POP3:
        return count == 5 && field_is(after[2], "LOGIN");
    case FORMAT_LOGIN_NONE:
        break;
    }
    return false;
}

/*
 * The address of a record whose time stands in field found: the field before it or, if the configuration says so,
 * another one, counted from the time because clients can push fields in to the left of it. To the right of it only an
 * untouched record has its fields in their places.
 */
static bool find_anchored_address(const struct record_reader *reader, const char *line, size_t length, int found,
                                  bool untouched, struct field *address)
{
    int number = found + reader->log->address_field - reader->format->time_field;
    if (number < 1 || (number > found && !untouched))
        return false;
    return field_at(line, length, number, address);
}

static bool read_anchored(const struct record_reader *reader, const char *line, size_t length, struct parts *parts)
{
    const struct log_format *format = reader->format;
    struct cursor cursor = cursor_begin(line, length);
    struct field before = {0};
    struct field field;
    int found = 1;
    for (;; found++, before = field) {
        if (!next_field(&cursor, &field))
            return false;
        if (is_whole_time(field))
            break;
    }
    if (found == 1)
        return false;
    parts->day = day_of(field);

    struct field after[AFTER_TIME_MAX];
    struct cursor rest = cursor;
    size_t count = 0;
    while (count < AFTER_TIME_MAX && next_field(&cursor, &after[count]))
        count++;
    bool untouched = is_untouched(format, found, after, count);
    parts->address = before;
    if (reader->log->address_overridden &&
        !find_anchored_address(reader, line, length, found, untouched, &parts->address))
        return false;
    if (format->status_after == 0)
        return true; /* every record counts */
    if (count < (size_t)format->status_after)
        return false;
    parts->status_known = untouched;
    parts->status = after[format->status_after - 1];
    parts->statuses = rest;
    parts->login = untouched && is_login(format, after, count);
    return true;
}

static bool read_positional(const struct record_reader *reader, const char *line, size_t length, struct parts *parts)
{
    const struct log_format *format = reader->format;
    struct cursor cursor = cursor_begin(line, length);
    struct field time = {0};
    struct field field;
    int count = 0;
    while (next_field(&cursor, &field)) {
        count++;
        if (count == format->time_field)
            time = field;
        if (count == format->status_field)
            parts->status = field;
        if (count == reader->log->address_field || reader->log->address_field == FORMAT_LAST_FIELD)
            parts->address = field;
    }
    bool overridden = reader->log->address_overridden;
    if (!overridden && (count < format->fields_min || count > format->fields_max))
        return false;
    if (count < format->time_field || count < format->status_field || count < reader->log->address_field)
        return false;
    if (!(format->time == FORMAT_TIME_WHOLE ? is_whole_time(time) : begins_with_date(time)))
        return false;
    parts->day = day_of(time);
    parts->status_known = true;
    return true;
}

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

static bool read_address(struct record_reader *reader, struct field field, struct address *address)
{
    if (reader->log->address_pattern) {
        size_t start;
        size_t size;
        enum pattern_result result = pattern_match_group(reader->log->address_pattern, reader->matcher, field.text,
                                                         field.length, "ip", &start, &size);
        reader->limits += result == PATTERN_LIMIT;
        return result == PATTERN_MATCH && address_parse(field.text + start, size, address);
    }
    if (reader->log->address_field == FORMAT_LAST_FIELD)
        return search_address(field, address);
    return address_parse(field.text, field.length, address);
}

/* --- the verdict ------------------------------------------------------------------------------------------------- */

/* Converts a status that isn't ASCII to UTF-8, into reader->converted. False if it can't be. */
static bool convert(struct record_reader *reader, struct field *status)
{
    size_t i = 0;
    while (i < status->length && (unsigned char)status->text[i] < 0x80)
        i++;
    if (i == status->length || !reader->converts)
        return true;
    reader->converted.length = 0;
    size_t left = status->length * 4 + 16; /* no character of any encoding's byte takes more in UTF-8 */
    if (!buffer_reserve(&reader->converted, left)) {
        reader->failed = true;
        return false;
    }
    char *in;
    memcpy(&in, &status->text, sizeof in); /* iconv reads it only, but its type doesn't say so */
    size_t in_left = status->length;
    char *out = reader->converted.bytes;
    (void)iconv(reader->converter, NULL, NULL, NULL, NULL);
    if (iconv(reader->converter, &in, &in_left, &out, &left) == (size_t)-1 ||
        iconv(reader->converter, NULL, NULL, &out, &left) == (size_t)-1)
        return false;
    *status = (struct field){reader->converted.bytes, (size_t)(out - reader->converted.bytes)};
    return true;
}

static unsigned try_pattern(struct record_reader *reader, const struct pattern *pattern, struct field status,
                            unsigned verdict)
{
    switch (pattern_match(pattern, reader->matcher, status.text, status.length)) {
    case PATTERN_MATCH:
        return verdict;
    case PATTERN_LIMIT:
        return LIMIT_HIT;
    case PATTERN_NO_MATCH:
        break;
    }
    return 0;
}

static unsigned judge_afresh(struct record_reader *reader, struct field status)
{
    if (!reader->log->unauthorized)
        return VERDICT_UNAUTHORIZED;
    if (!convert(reader, &status))
        return 0;
    unsigned verdict = try_pattern(reader, reader->log->unauthorized, status, VERDICT_UNAUTHORIZED);
    if (!(verdict & VERDICT_UNAUTHORIZED) && reader->log->refused)
        verdict |= try_pattern(reader, reader->log->refused, status, VERDICT_REFUSED);
    return verdict;
}

/* Statuses differ in their ends more than in their beginnings; any bytes will do as long as they are few. */
static size_t slot_of(struct field status)
{
    uint64_t head = 0;
    uint64_t tail = 0;
    size_t size = status.length < sizeof head ? status.length : sizeof head;
    memcpy(&head, status.text, size);
    memcpy(&tail, status.text + status.length - size, size);
    uint64_t mixed = (head ^ (tail << 1) ^ status.length) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 56) % VERDICT_SLOTS;
}

static unsigned judge(struct record_reader *reader, struct field status)
{
    if (status.length == 0 || status.length > VERDICT_TEXT) {
        unsigned verdict = judge_afresh(reader, status);
        reader->limits += (verdict & LIMIT_HIT) != 0;
        return verdict & ~(unsigned)LIMIT_HIT;
    }
    struct known_verdict *known = &reader->known[slot_of(status)];
    if (known->length != status.length || memcmp(known->text, status.text, status.length) != 0) {
        known->verdict = (unsigned char)judge_afresh(reader, status);
        known->length = (unsigned char)status.length;
        memcpy(known->text, status.text, status.length);
    }
    reader->limits += (known->verdict & LIMIT_HIT) != 0;
    return known->verdict & ~(unsigned)LIMIT_HIT;
}

/* A record that isn't untouched counts if any field counts that may be its status. */
static unsigned judge_all(struct record_reader *reader, struct cursor statuses)
{
    unsigned verdict = 0;
    struct field field;
    for (int number = 1; next_field(&statuses, &field); number++) {
        if (number >= reader->format->status_after)
            verdict |= judge(reader, field);
        if (verdict & VERDICT_UNAUTHORIZED)
            return VERDICT_UNAUTHORIZED;
    }
    return verdict;
}

/* --- the reader -------------------------------------------------------------------------------------------------- */

struct record_reader *record_reader_new(const struct conf_log *log, struct day_range range, struct error *error)
{
    struct record_reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        (void)error_memory(error, "read logs");
        return NULL;
    }
    reader->log = log;
    reader->format = log->format;
    reader->range = range;
    reader->matcher = matcher_new();
    if (!reader->matcher) {
        (void)error_memory(error, "read logs");
        goto fail;
    }
    if (log->encoding) {
        reader->converter = iconv_open("UTF-8", log->encoding);
        reader->converts = (intptr_t)reader->converter != -1;
        if (!reader->converts) {
            (void)error_system(error, errno, "unable to convert from the encoding %s", log->encoding);
            goto fail;
        }
    }
    return reader;
fail:
    record_reader_free(reader);
    return NULL;
}

void record_reader_free(struct record_reader *reader)
{
    if (!reader)
        return;
    if (reader->converts)
        (void)iconv_close(reader->converter);
    matcher_free(reader->matcher);
    buffer_clear(&reader->converted);
    free(reader);
}

enum record_result record_read(struct record_reader *reader, const char *line, size_t length, struct record *record)
{
    if (length > 0 && line[length - 1] == '\r')
        length--;
    struct parts parts = {0};
    bool read = reader->format->time == FORMAT_TIME_ANCHOR ? read_anchored(reader, line, length, &parts)
                                                           : read_positional(reader, line, length, &parts);
    struct address address;
    if (!read || !day_is_plausible(parts.day) || !read_address(reader, parts.address, &address))
        return RECORD_MALFORMED;
    if (!day_in_range(reader->range, parts.day))
        return RECORD_OUT_OF_RANGE;
    unsigned verdict = parts.status_known || reader->format->status_field == 0 ? judge(reader, parts.status)
                                                                               : judge_all(reader, parts.statuses);
    *record = (struct record){address, parts.day, verdict | (parts.login ? VERDICT_LOGIN : 0u)};
    return RECORD_VALID;
}

bool record_reader_failed(const struct record_reader *reader)
{
    return reader->failed;
}

uint64_t record_reader_limits(const struct record_reader *reader)
{
    return reader->limits;
}
