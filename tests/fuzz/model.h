/* SPDX-License-Identifier: MIT */
/*
 * Which host a record is of, by the rules alone and one byte at a time: nothing of this is the library's, so that the
 * two can be held against each other.
 */
#ifndef XS_TESTS_MODEL_H
#define XS_TESTS_MODEL_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MODEL_LAST = -1, MODEL_FIELDS_MAX = 8192, MODEL_TIME_LENGTH = 19, MODEL_DATE_LENGTH = 10 };

enum model_time { MODEL_ANCHOR, MODEL_WHOLE, MODEL_PREFIX };

/* Numbers of fields from 1; 0: there is none. */
struct model_format {
    const char *name;
    int fields_min; /* of an untouched record */
    int fields_max;
    enum model_time time_kind;
    int time;
    int address; /* or MODEL_LAST */
    int status;
    int status_after; /* from where on behind the time any field may be the status */
};

static const struct model_format model_formats[] = {
    {"smtp", 13, 13, MODEL_ANCHOR, 4, 3, 10, 6},
    {"pop3", 7, 9, MODEL_ANCHOR, 4, 3, 7, 3},
    {"xmailcfg-filter", 5, 5, MODEL_PREFIX, 1, MODEL_LAST, 2, 0},
    {"ctrl", 5, 5, MODEL_WHOLE, 4, 1, 5, 0},
    {"filters", 10, 10, MODEL_PREFIX, 5, 4, 9, 0},
    {"k4", 9, 9, MODEL_PREFIX, 1, MODEL_LAST, 2, 0},
    {"finger", 4, 5, MODEL_ANCHOR, 4, 3, 0, 0},
    {"event", 5, 5, MODEL_PREFIX, 1, 3, 2, 0},
};

enum { MODEL_FORMATS = sizeof model_formats / sizeof *model_formats };

struct model_text {
    const char *bytes;
    size_t length;
};

/* A host in the form of IPv6. */
struct model_host {
    unsigned char bytes[16];
};

/* A line taken apart, each field without its quotes. */
struct model_line {
    struct model_text fields[MODEL_FIELDS_MAX];
    size_t count;
};

struct model_record {
    struct model_host host;
    struct model_text address; /* the field that it stands in */
    uint32_t day;              /* YYYYMMDD */
    bool untouched;
    size_t status_first; /* fields that may be the status, from 0: none if they end where they begin */
    size_t status_end;
};

static inline bool model_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Where the shape has a 0 a digit must stand, else the very byte. */
static inline bool model_has_shape(const char *bytes, size_t length, const char *shape)
{
    if (length != strlen(shape))
        return false;
    for (size_t i = 0; i < length; i++)
        if (shape[i] == '0' ? !model_is_digit(bytes[i]) : bytes[i] != shape[i])
            return false;
    return true;
}

static inline bool model_is_time(struct model_text field)
{
    return model_has_shape(field.bytes, field.length, "0000-00-00 00:00:00");
}

static inline bool model_begins_with_date(struct model_text field)
{
    return field.length >= MODEL_DATE_LENGTH && (model_has_shape(field.bytes, MODEL_DATE_LENGTH, "0000-00-00") ||
                                                 model_has_shape(field.bytes, MODEL_DATE_LENGTH, "0000/00/00"));
}

static inline bool model_is_decimal(struct model_text field)
{
    size_t digits = 0;
    while (digits < field.length && model_is_digit(field.bytes[digits]))
        digits++;
    return digits > 0 && digits == field.length;
}

/* The day of a date, or 0 if its month or day is none. */
static inline uint32_t model_day(const char *date)
{
    const int month = (date[5] - '0') * 10 + date[6] - '0';
    const int day = (date[8] - '0') * 10 + date[9] - '0';
    int year = 0;
    for (size_t i = 0; i < 4; i++)
        year = year * 10 + date[i] - '0';
    return month < 1 || month > 12 || day < 1 || day > 31 ? 0 : (uint32_t)(year * 10000 + month * 100 + day);
}

/* A dotted quad, or an IPv6 address with or without a zone, as the C library understands them. */
static inline bool model_parse_host(struct model_text text, struct model_host *host)
{
    static const unsigned char mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char copy[64];
    if (text.length < sizeof copy && !memchr(text.bytes, '\0', text.length)) {
        memcpy(copy, text.bytes, text.length);
        copy[text.length] = '\0';
        memcpy(host->bytes, mapped, sizeof mapped);
        if (inet_pton(AF_INET, copy, host->bytes + sizeof mapped) == 1)
            return true;
    }
    const char *zone = memchr(text.bytes, '%', text.length);
    const size_t length = zone ? (size_t)(zone - text.bytes) : text.length;
    if (length >= sizeof copy || memchr(text.bytes, '\0', length))
        return false;
    memcpy(copy, text.bytes, length);
    copy[length] = '\0';
    return inet_pton(AF_INET6, copy, host->bytes) == 1;
}

/* The first token of the field that is an address. */
static inline bool model_search_host(struct model_text field, struct model_host *host)
{
    static const char allowed[] = "0123456789abcdefABCDEF.:";
    size_t begin = 0;
    for (size_t i = 0; i <= field.length; i++) {
        if (i < field.length && field.bytes[i] != '\0' && strchr(allowed, field.bytes[i]))
            continue;
        if (i > begin && model_parse_host((struct model_text){field.bytes + begin, i - begin}, host))
            return true;
        begin = i + 1;
    }
    return false;
}

static inline struct model_text model_unquote(const char *begin, const char *end)
{
    if (begin < end && *begin == '"')
        begin++;
    if (begin < end && end[-1] == '"')
        end--;
    return (struct model_text){begin, (size_t)(end - begin)};
}

/* The line has no LF. False if it has more fields than are looked at. */
static inline bool model_split(const char *text, size_t length, struct model_line *line)
{
    const char *begin = text;
    line->count = 0;
    if (length > 0 && text[length - 1] == '\r')
        length--;
    for (const char *at = text;; at++) {
        if (at < text + length && *at != '\t')
            continue;
        if (line->count == MODEL_FIELDS_MAX)
            return false;
        line->fields[line->count++] = model_unquote(begin, at);
        if (at == text + length)
            return true;
        begin = at + 1;
    }
}

static inline bool model_is_untouched(const struct model_format *format, const struct model_line *line, size_t time)
{
    const struct model_text *fields = line->fields;
    if (time + 1 != (size_t)format->time)
        return false;
    if (strcmp(format->name, "smtp") == 0)
        return line->count == 13 && model_is_decimal(fields[11]);
    if (strcmp(format->name, "pop3") == 0)
        return line->count == 7 || (line->count == 9 && model_is_decimal(fields[7]) && model_is_decimal(fields[8]));
    return line->count == (size_t)format->fields_max;
}

static inline size_t model_find_time(const struct model_line *line)
{
    size_t time = 0;
    while (time < line->count && !model_is_time(line->fields[time]))
        time++;
    return time;
}

/* address: the number of its field, if it isn't the format's own, else 0. */
static inline bool model_read_anchored(const struct model_format *format, const struct model_line *line, int address,
                                       struct model_record *record)
{
    const size_t time = model_find_time(line);
    if (time == 0 || time == line->count)
        return false;
    record->untouched = model_is_untouched(format, line, time);
    record->day = model_day(line->fields[time].bytes);
    const ptrdiff_t place = (ptrdiff_t)time + (address == 0 ? -1 : address - format->time);
    if (place < 0 || (size_t)place >= line->count || ((size_t)place > time && !record->untouched))
        return false;
    record->address = line->fields[place];
    record->status_first = record->status_end = 0;
    if (format->status_after > 0) {
        record->status_first = time + (size_t)format->status_after;
        record->status_end = record->untouched ? record->status_first + 1 : line->count;
    }
    return format->status_after == 0 || record->status_first < line->count;
}

static inline bool model_read_positional(const struct model_format *format, const struct model_line *line, int address,
                                         struct model_record *record)
{
    const size_t count = line->count;
    const size_t place = address != 0                    ? (size_t)address - 1
                         : format->address == MODEL_LAST ? count - 1
                                                         : (size_t)format->address - 1;
    if (address == 0 && (count < (size_t)format->fields_min || count > (size_t)format->fields_max))
        return false;
    if (count < (size_t)format->time || count < (size_t)format->status || place >= count)
        return false;
    const struct model_text time = line->fields[format->time - 1];
    if (!(format->time_kind == MODEL_WHOLE ? model_is_time(time) : model_begins_with_date(time)))
        return false;
    record->untouched = true;
    record->day = model_day(time.bytes);
    record->address = line->fields[place];
    record->status_first = (size_t)format->status - 1;
    record->status_end = record->status_first + 1;
    return true;
}

/* Reads all but the host. False: it is malformed. */
static inline bool model_read_parts(const struct model_format *format, const struct model_line *line, int address,
                                    struct model_record *record)
{
    const bool read = format->time_kind == MODEL_ANCHOR ? model_read_anchored(format, line, address, record)
                                                        : model_read_positional(format, line, address, record);
    return read && record->day != 0;
}

/* Reads the record. False: it is malformed. */
static inline bool model_read(const struct model_format *format, const struct model_line *line, int address,
                              struct model_record *record)
{
    if (!model_read_parts(format, line, address, record))
        return false;
    return address == 0 && format->address == MODEL_LAST ? model_search_host(record->address, &record->host)
                                                         : model_parse_host(record->address, &record->host);
}

static inline const struct model_format *model_find(const char *name)
{
    for (size_t i = 0; i < MODEL_FORMATS; i++)
        if (strcmp(model_formats[i].name, name) == 0)
            return &model_formats[i];
    return NULL;
}

#endif
