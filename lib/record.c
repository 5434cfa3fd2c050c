/* SPDX-License-Identifier: MIT */
#include "record.h"

#include "judge.h"
#include "word.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum {
    DATE_LENGTH = 10, /* YYYY-MM-DD */
    TIME_LENGTH = 19, /* YYYY-MM-DD hh:mm:ss */
};

/* How XMail writes a record of so many fields: where its parts are. Numbers of fields, from 0. */
struct usual {
    _Alignas(8) bool known; /* false: no untouched record has so many */
    uint8_t status;
    bool may_log_in; /* if field user isn't empty: a record of a login, if its status is */
    uint8_t user;    /* where it doesn't matter, another field, which isn't empty */
    uint8_t number_count;
    uint8_t numbers[2]; /* fields that are decimal numbers */
};

enum {
    USUAL_TIME = 3, /* the field of the time; before it is the address */
    HITS_MAX = 32,  /* that wait for their slots */
};

struct record_reader {
    const struct conf_log *log;
    const struct log_format *format;
    struct day_range range;
    struct judge *judge;
    char date[DATE_LENGTH];                    /* of the record before, as it stood there */
    day_number day;                            /* that it is, 0: none yet; not plausible: none */
    uint64_t minute[2];                        /* YYYY-MM-DD hh:mm, of that date, that was seen to be right; or 0 */
    struct usual usual[FORMAT_FIELDS_MAX + 1]; /* by the number of fields */
    struct tally_day *tally_day;               /* that day in the tally; NULL: not known */
    struct lines lines;                        /* for single records: made when the first one is read */
    char *padded;                              /* likewise */
    struct line only;                          /* the single record that was read last */
};

/* What the fields of a record come to. */
struct parts {
    day_number day;
    struct field address;
    size_t time;     /* number of the field, from 0 */
    size_t status;   /* likewise, or RECORD_NO_FIELD: every record counts */
    bool one_status; /* false: any field from there on may be the status */
    bool may_log_in; /* untouched, and all but the status is that of a login */
};

/* --- fields ------------------------------------------------------------------------------------------------------ */

/* Field number i of the line, from 0, which it must have. A CR at the line's end is none of it. */
static inline struct field field_at(const struct line *line, size_t i)
{
    const char *begin = line->text + (uint32_t)(line->marks[(ptrdiff_t)i - 1] + 1);
    const char *end = line->text + line->marks[i];
    if (i + 1 == line->fields && begin < end && end[-1] == '\r')
        end--;
    begin += begin < end && *begin == '"';
    end -= begin < end && end[-1] == '"';
    return (struct field){begin, (size_t)(end - begin)};
}

/* --- eight bytes at once ----------------------------------------------------------------------------------------- */

static const uint64_t high_bits = UINT64_C(0x8080808080808080); /* of each byte */

/* What eight bytes must look like: where the text has '0' a digit, else what the text has. */
struct shape {
    char text[WORD_SIZE + 1];
    char limits[WORD_SIZE + 1]; /* what makes a wrong difference 128 or more: 'v', 118, for a digit, else 127 */
};

/*
 * 0 if the eight bytes have the shape. XOR makes 0 to 9 of the right digits and 0 of the other right bytes; adding the
 * limit brings anything else to 128 or more.
 */
static inline uint64_t misfit(const char *bytes, const struct shape *shape)
{
    const uint64_t differences = word_at(bytes) ^ word_at(shape->text);
    return (differences | (differences + word_at(shape->limits))) & high_bits;
}

/* --- numbers and times ------------------------------------------------------------------------------------------- */

static const struct shape digits = {"00000000", "vvvvvvvv"};
static const struct shape year_month = {"0000-00-", "vvvv\177vv\177"};
static const struct shape month_day = {"00-00-00", "vv\177vv\177vv"};
static const struct shape day_time = {"00 00:00", "vv\177vv\177vv"};
static const struct shape time_only = {"00:00:00", "vv\177vv\177vv"};
static const struct shape year_month_slash = {"0000/00/", "vvvv\177vv\177"};
static const struct shape month_day_slash = {"00/00/00", "vv\177vv\177vv"};

/* Not empty, and nothing but digits. */
static inline bool is_decimal(struct field field)
{
    for (; field.length > WORD_SIZE; field.text += WORD_SIZE, field.length -= WORD_SIZE)
        if (misfit(field.text, &digits) != 0)
            return false;
    /* What stands behind the field is shifted out. */
    const uint64_t differences = le64toh(word_at(field.text) ^ word_at(digits.text));
    const uint64_t inside = field.length > 0 ? differences << 8 * (WORD_SIZE - field.length) : UINT64_MAX;
    return ((inside | (inside + word_at(digits.limits))) & high_bits) == 0;
}

static inline bool is_whole_time(struct field field)
{
    return field.length == TIME_LENGTH && (misfit(field.text, &year_month) | misfit(field.text + 8, &day_time) |
                                           misfit(field.text + 11, &time_only)) == 0;
}

static inline bool begins_with_date(struct field field)
{
    return field.length >= DATE_LENGTH &&
           ((misfit(field.text, &year_month) | misfit(field.text + 2, &month_day)) == 0 ||
            (misfit(field.text, &year_month_slash) | misfit(field.text + 2, &month_day_slash)) == 0);
}

/* The day of a date. The records of a day stand together: only where it changes there is something to do. */
static inline day_number day_of(struct record_reader *reader, const char *date)
{
    static const unsigned char places[] = {0, 1, 2, 3, 5, 6, 8, 9};
    if ((word_at(date) ^ word_at(reader->date)) | (word_at(date + 2) ^ word_at(reader->date + 2))) {
        day_number day = 0;
        for (size_t i = 0; i < sizeof places; i++)
            day = day * 10 + (day_number)(date[places[i]] - '0');
        memcpy(reader->date, date, DATE_LENGTH);
        memset(reader->minute, 0, sizeof reader->minute);
        reader->tally_day = NULL;
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

/* True if field i is wholly a time. Most can't be one by their length, with or without quotes and a CR. */
static inline bool is_time_at(const struct line *line, size_t i)
{
    return line->marks[i] - line->marks[(ptrdiff_t)i - 1] - (TIME_LENGTH + 1) <= 3 && is_whole_time(field_at(line, i));
}

/* The number of the first field that is wholly a time; that of all fields if there is none. */
static inline size_t find_time(const struct line *line)
{
    size_t i = 0;
    while (i < line->fields && !is_time_at(line, i))
        i++;
    return i;
}

static inline bool read_anchored(struct record_reader *reader, const struct line *line, struct parts *parts)
{
    const struct log_format *format = reader->format;
    const size_t time = find_time(line);
    if (time == 0 || time == line->fields)
        return false;
    const size_t count = line->fields - time - 1;
    const bool untouched = is_untouched(format, line, time, count);
    parts->time = time;
    parts->day = day_of(reader, field_at(line, time).text);
    if (!find_anchored_address(reader, line, time, untouched, &parts->address))
        return false;
    parts->status = format->status_after == 0 ? RECORD_NO_FIELD : time + (size_t)format->status_after;
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
    parts->time = (size_t)format->time_field - 1;
    parts->day = day_of(reader, time.text);
    parts->address = address > 0 ? field_at(line, address - 1) : (struct field){"", 0};
    parts->status = format->status_field == 0 ? RECORD_NO_FIELD : (size_t)format->status_field - 1;
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

/* An XMail that listens on IPv6 writes ::ffff: before the addresses of IPv4: what is left is the text to look up. */
static inline struct field without_prefix(struct field field)
{
    static const char mapped[] = {':', ':', 'f', 'f', 'f', 'f', ':'};
    if (field.length > sizeof mapped && memcmp(field.text, mapped, sizeof mapped) == 0)
        return (struct field){field.text + sizeof mapped, field.length - sizeof mapped};
    return field;
}

static bool read_address(const struct record_reader *reader, struct field field, struct address *address,
                         unsigned *limits)
{
    if (reader->log->address_pattern)
        return match_address(reader, field, address, limits);
    if (reader->log->address_field == FORMAT_LAST_FIELD)
        return search_address(field, address);
    return address_parse(field.text, field.length, address);
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
    const unsigned judged = parts->status == RECORD_NO_FIELD
                                ? judge_afresh(reader->judge, none.text, none.length)
                                : judge_field(reader, field_at(line, parts->status), limits);
    const bool login = parts->may_log_in & ((judged & JUDGED_ACCEPTED) != 0);
    return (judged & (VERDICT_UNAUTHORIZED | VERDICT_REFUSED)) | (login ? VERDICT_LOGIN : 0u);
}

/* --- the record -------------------------------------------------------------------------------------------------- */

/* Finds the parts of a record. False: it is malformed. */
static inline bool read_parts(struct record_reader *reader, const struct line *line, struct parts *parts)
{
    bool read = reader->format->time == FORMAT_TIME_ANCHOR ? read_anchored(reader, line, parts)
                                                           : read_positional(reader, line, parts);
    return read && parts->day != 0;
}

/* The day's counts in the tally; NULL if memory ran out. */
static inline struct tally_day *tally_day_of(struct record_reader *reader, struct tally *tally, day_number day)
{
    if (!reader->tally_day)
        reader->tally_day = tally_day(tally, day);
    return reader->tally_day;
}

/* Counts any record. False: out of memory. */
static bool tally_line(struct record_reader *reader, const struct line *line, struct tally *tally)
{
    struct parts parts;
    struct address address;
    unsigned limits = 0;
    const bool read = read_parts(reader, line, &parts);
    const bool valid = read && read_address(reader, parts.address, &address, &limits);
    tally->malformed += !valid;
    if (!read || (!valid && limits == 0))
        return true;
    if (parts.day > reader->range.last)
        tally_leave_out(tally, parts.day);
    if (!day_in_range(reader->range, parts.day))
        return true;
    const unsigned verdict = valid ? judge_record(reader, line, &parts, &limits) : 0;
    struct tally_day *day = tally_day_of(reader, tally, parts.day);
    if (!day)
        return false;
    day->limits += limits;
    day->records += valid;
    /* An IPv4 host is remembered in any case: the next time it is found by its text. */
    return !valid || (verdict == 0 && !address_is_ipv4(address)) ||
           tally_add(tally, day, address, counts_from(verdict));
}

/* --- the usual record -------------------------------------------------------------------------------------------- */

/*
 * Nearly all records are as XMail writes them: each field in quotes and in its place. What follows takes only those, of
 * a day that was seen before and of IPv4 hosts; it looks only at the bytes that decide, and mostly at eight of
 * them at once. All others are for tally_line, which would come to the same with these.
 */

static void set_usual(struct record_reader *reader)
{
    const struct log_format *format = reader->format;
    struct usual usual = {.known = true, .status = (uint8_t)(format->status_field - 1), .user = USUAL_TIME};
    if (format->time != FORMAT_TIME_ANCHOR || reader->log->address_overridden)
        return;
    if (format->login == FORMAT_LOGIN_SMTP) {
        usual.may_log_in = true;
        usual.user = 10;
        usual.numbers[usual.number_count++] = (uint8_t)(format->number_field - 1);
        reader->usual[format->fields_max] = usual;
    }
    if (format->login == FORMAT_LOGIN_POP3) {
        reader->usual[format->fields_min] = usual;
        usual.may_log_in = true;
        usual.numbers[usual.number_count++] = 7;
        usual.numbers[usual.number_count++] = 8;
        reader->usual[format->fields_max] = usual;
    }
}

/*
 * Field i, not the first one, without its quotes. If all fields are in quotes that is known; if not, *odd becomes other
 * than 0 if this one isn't, or the length is beyond any text's.
 */
static inline struct field quoted_field(const struct line *line, size_t i, bool quoted, unsigned *odd)
{
    const uint32_t before = line->marks[(ptrdiff_t)i - 1];
    const uint32_t end = line->marks[i];
    if (!quoted)
        *odd |= (unsigned)(line->text[before + 1] ^ '"') | (unsigned)(line->text[end - 1] ^ '"');
    return (struct field){line->text + before + 2, (size_t)end - before - 3};
}

/* As is_decimal, of at most 8 digits. */
static inline bool is_short_decimal(struct field field)
{
    const uint64_t differences = le64toh(word_at(field.text) ^ word_at(digits.text));
    const uint64_t inside = differences << (8 * (WORD_SIZE - field.length) & 63);
    return field.length - 1 < WORD_SIZE && ((inside | (inside + word_at(digits.limits))) & high_bits) == 0;
}

/* True if it is the time of a usual record. */
static inline bool is_usual_time(struct record_reader *reader, struct field time)
{
    if (time.length != TIME_LENGTH)
        return false;
    /* Most records are of the same minute as the one before. */
    const uint64_t other = (word_at(time.text) ^ reader->minute[0]) | (word_at(time.text + 8) ^ reader->minute[1]);
    if (other != 0) {
        if ((word_at(time.text) ^ word_at(reader->date)) | (word_at(time.text + 2) ^ word_at(reader->date + 2)) |
            misfit(time.text + 8, &day_time))
            return false;
        reader->minute[0] = word_at(time.text);
        reader->minute[1] = word_at(time.text + 8);
    }
    return misfit(time.text + 11, &time_only) == 0;
}

/* A usual record that is to be counted. */
struct hit {
    struct tally_key key;
    size_t place;  /* where to look for it */
    uint32_t mark; /* number of the line's first one */
    uint16_t fields;
    uint16_t verdict;
};

/* Some of one day. Between the request for a host's slot and its use other records are read: so nobody waits for it. */
struct hits {
    struct tally_day *day;
    size_t count;
    struct hit hits[HITS_MAX];
};

/*
 * Adds the record to the hits if it is a usual one, of their day. quoted: all its fields are in quotes. False: it
 * isn't, and nothing was done.
 */
static inline __attribute__((always_inline)) bool take_usual(struct record_reader *reader, const struct lines *lines,
                                                             const struct line *line, bool quoted,
                                                             const struct tally *tally, struct hits *hits)
{
    const struct usual *usual = &reader->usual[line->fields <= FORMAT_FIELDS_MAX ? line->fields : 0];
    if (!usual->known || !hits->day)
        return false;
    unsigned odd = 0;
    const struct field time = quoted_field(line, USUAL_TIME, quoted, &odd);
    /* No field before it may be a time. The address is none if it is found, or can be read. */
    if (is_time_at(line, 0) || is_time_at(line, 1) || !is_usual_time(reader, time))
        return false;
    if (usual->number_count > 0) {
        odd |= !is_short_decimal(quoted_field(line, usual->numbers[0], quoted, &odd));
        if (usual->number_count > 1)
            odd |= !is_short_decimal(quoted_field(line, usual->numbers[1], quoted, &odd));
    }
    const struct field user = quoted_field(line, usual->user, quoted, &odd);
    const struct field status = quoted_field(line, usual->status, quoted, &odd);
    const struct field address = without_prefix(quoted_field(line, USUAL_TIME - 1, quoted, &odd));
    if (odd != 0 || address.length - 1 >= TALLY_QUAD_MAX || status.length > JUDGE_TEXT_MAX)
        return false;
    const unsigned judged = judge_status(reader->judge, status.text, status.length);
    if (judged & JUDGED_LIMIT)
        return false;
    const bool login = usual->may_log_in & ((ptrdiff_t)user.length > 0) & ((judged & JUDGED_ACCEPTED) != 0);
    struct hit *hit = &hits->hits[hits->count++];
    hit->key = tally_quad_key(address.text, address.length);
    hit->place = tally_place(tally, &hits->day->quads, hit->key);
    hit->mark = (uint32_t)(line->marks - lines->marks);
    hit->fields = (uint16_t)line->fields;
    hit->verdict = (uint16_t)(judged & (VERDICT_UNAUTHORIZED | VERDICT_REFUSED)) | (login ? VERDICT_LOGIN : 0u);
    __builtin_prefetch(&hits->day->quads.slots[hit->place]);
    return true;
}

/* Counts the hit of a host that wasn't there before on this day. False: out of memory. */
static bool count_first(struct record_reader *reader, const struct lines *lines, struct tally *tally, struct hits *hits,
                        const struct hit *hit)
{
    const struct line line = {lines->text, lines->marks + hit->mark, hit->fields};
    const struct field address = without_prefix(quoted_field(&line, USUAL_TIME - 1, true, NULL));
    const size_t capacity = hits->day->quads.capacity;
    uint32_t host;
    if (address_parse_quad(address.text, address.length, &host)) {
        hits->day->records++;
        if (!tally_add_quad(tally, hits->day, hit->key, host, counts_from(hit->verdict)))
            return false;
    } else if (!tally_line(reader, &line, tally)) {
        return false;
    }
    for (size_t i = 0; hits->day->quads.capacity != capacity && i < hits->count; i++)
        hits->hits[i].place = tally_place(tally, &hits->day->quads, hits->hits[i].key);
    return true;
}

/* Counts the hits. False: out of memory. */
static inline __attribute__((always_inline)) bool count_hits(struct record_reader *reader, const struct lines *lines,
                                                             struct tally *tally, struct hits *hits)
{
    size_t known = 0;
    for (size_t i = 0; i < hits->count; i++) {
        const struct hit *hit = &hits->hits[i];
        struct tally_slot *slot = tally_find(&hits->day->quads, hit->key, hit->place);
        if (tally_slot_is_free(slot)) {
            if (!count_first(reader, lines, tally, hits, hit))
                return false;
        } else {
            tally_count(&slot->counts, hit->verdict);
            known++;
        }
    }
    if (known > 0)
        hits->day->records += known;
    hits->count = 0;
    return true;
}

/* --- all lines ---------------------------------------------------------------------------------------------------- */

static inline __attribute__((always_inline)) bool tally_lines(struct record_reader *reader, const struct lines *lines,
                                                              bool quoted, struct tally *tally)
{
    struct hits hits;
    hits.day = NULL;
    hits.count = 0;
    reader->tally_day = NULL; /* of another tally, maybe */
    tally->records += lines->count;
    const bool may_overflow = tally->records > UINT32_MAX; /* some count, which is for tally_line to see to */
    /* Together they are shorter than the longest one may be, as a rule. */
    const bool long_ones = lines->behind - (uint32_t)(lines->marks[-1] + 1) > RECORD_LENGTH_MAX;
    struct lines_walk walk = {.line = 0};
    for (struct line line; lines_next(lines, &walk, &line);) {
        if (long_ones && line_length(&line) > RECORD_LENGTH_MAX) {
            tally->malformed++;
        } else if (take_usual(reader, lines, &line, quoted, tally, &hits)) {
            if (hits.count == HITS_MAX && !count_hits(reader, lines, tally, &hits))
                return false;
        } else {
            if (!count_hits(reader, lines, tally, &hits) || !tally_line(reader, &line, tally))
                return false;
            hits.day =
                may_overflow || !reader->tally_day || reader->tally_day->quads.count == 0 ? NULL : reader->tally_day;
        }
    }
    return count_hits(reader, lines, tally, &hits) && !reader->judge->failed;
}

bool record_tally(struct record_reader *reader, const struct lines *lines, struct tally *tally)
{
    return lines->quoted ? tally_lines(reader, lines, true, tally) : tally_lines(reader, lines, false, tally);
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
    set_usual(reader);
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

/* Makes the line, of at most RECORD_LENGTH_MAX bytes, the reader's only one. False: it isn't one line, or no memory. */
static bool take_line(struct record_reader *reader, const char *line, size_t length)
{
    if (length > RECORD_LENGTH_MAX || memchr(line, '\n', length) || !make_room(reader))
        return false;
    char *text = reader->padded + LINES_PADDING;
    memcpy(text, line, length);
    text[length] = '\n';
    struct lines_walk walk = {.line = 0};
    return lines_find(&reader->lines, text, 0, length + 1) && lines_next(&reader->lines, &walk, &reader->only);
}

enum record_result record_read(struct record_reader *reader, const char *line, size_t length, struct record *record)
{
    struct parts parts;
    record->limits = 0;
    if (!take_line(reader, line, length) || !read_parts(reader, &reader->only, &parts) ||
        !read_address(reader, parts.address, &record->address, &record->limits))
        return RECORD_MALFORMED;
    if (!day_in_range(reader->range, parts.day))
        return RECORD_OUT_OF_RANGE;
    record->day = parts.day;
    record->verdict = judge_record(reader, &reader->only, &parts, &record->limits);
    return RECORD_VALID;
}

/* --- for people -------------------------------------------------------------------------------------------------- */

/* The number of the last field that is wholly a time; that of all fields if there is none. */
static size_t find_last_time(const struct line *line)
{
    for (size_t i = line->fields; i-- > 0;)
        if (is_time_at(line, i))
            return i;
    return line->fields;
}

/*
 * The field that is likely the time of a record, whatever is wrong with that; the number of all if there is none. Where
 * the address is before the time, clients can't write one before it; where the status alone stands behind it, not
 * behind it.
 */
static size_t look_for_time(const struct record_reader *reader, const struct line *line)
{
    const size_t usual = (size_t)reader->format->time_field - 1;
    if (reader->format->time == FORMAT_TIME_ANCHOR)
        return find_time(line);
    if (reader->format->time == FORMAT_TIME_WHOLE)
        return find_last_time(line);
    if (usual < line->fields && begins_with_date(field_at(line, usual)))
        return usual;
    size_t i = 0;
    while (i < line->fields && !begins_with_date(field_at(line, i)))
        i++;
    return i;
}

/* Of a field that begins with a date. */
static unsigned second_of(struct field time)
{
    const char *text = time.text + DATE_LENGTH + 1;
    if (time.length < TIME_LENGTH || misfit(text, &time_only) != 0)
        return RECORD_NO_SECOND;
    const unsigned hour = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
    const unsigned minute = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
    const unsigned second = (unsigned)(text[6] - '0') * 10 + (unsigned)(text[7] - '0');
    return hour < 24 && minute < 60 && second < 60 ? (hour * 60 + minute) * 60 + second : RECORD_NO_SECOND;
}

/* The field for which the record counts, or where its status stands. */
static size_t find_status(struct record_reader *reader, const struct line *line, const struct parts *parts)
{
    unsigned ignored = 0;
    size_t refused = RECORD_NO_FIELD;
    if (parts->one_status)
        return parts->status;
    for (size_t i = parts->status; i < line->fields; i++) {
        const unsigned verdict = judge_field(reader, field_at(line, i), &ignored);
        if (verdict & VERDICT_UNAUTHORIZED)
            return i;
        if (verdict & VERDICT_REFUSED && refused == RECORD_NO_FIELD)
            refused = i;
    }
    return refused;
}

static bool is_in_place(const struct record_reader *reader, const struct line *line, size_t time)
{
    const struct log_format *format = reader->format;
    if (format->time == FORMAT_TIME_ANCHOR)
        return is_untouched(format, line, time, line->fields - time - 1);
    return time + 1 == (size_t)format->time_field && line->fields >= (size_t)format->fields_min &&
           line->fields <= (size_t)format->fields_max;
}

/* Where the address of a malformed record is, if the time tells that. */
static bool find_address(const struct record_reader *reader, const struct line *line, const struct record_view *view,
                         struct field *address)
{
    return reader->format->time == FORMAT_TIME_ANCHOR && view->time > 0 && view->day != 0 &&
           find_anchored_address(reader, line, view->time, view->untouched, address);
}

bool record_look(struct record_reader *reader, const char *line, size_t length, struct record_view *view)
{
    if (!take_line(reader, line, length))
        return false;
    const struct line *only = &reader->only;
    struct parts parts;
    *view = (struct record_view){.result = RECORD_MALFORMED, .status = RECORD_NO_FIELD, .field_count = only->fields};
    const bool read = read_parts(reader, only, &parts);
    view->time = read ? parts.time : look_for_time(reader, only);
    if (view->time == only->fields)
        return true;
    view->day = day_of(reader, field_at(only, view->time).text);
    view->second = second_of(field_at(only, view->time));
    view->untouched = is_in_place(reader, only, view->time);
    if (!read && !find_address(reader, only, view, &parts.address))
        return true;
    view->located = read_address(reader, parts.address, &view->record.address, &view->record.limits);
    if (read)
        view->status = find_status(reader, only, &parts);
    if (read && view->located) {
        view->result = day_in_range(reader->range, parts.day) ? RECORD_VALID : RECORD_OUT_OF_RANGE;
        view->record.day = parts.day;
        view->record.verdict = judge_record(reader, only, &parts, &view->record.limits);
    }
    return !reader->judge->failed;
}

struct field record_field(const struct record_reader *reader, size_t i)
{
    return field_at(&reader->only, i);
}
