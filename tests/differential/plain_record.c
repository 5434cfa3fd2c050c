/* SPDX-License-Identifier: MIT */
/* What a record of a log comes to, plainly (4 and 4.1 of the specification). */
#include "plain.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

enum {
    LENGTH_MAX = 256 * 1024 - 1, /* "A record longer than 256 KiB is malformed", its LF counted */
    TIME_LENGTH = 19,
    CONVERTED_MAX = 4096,
};

const char *const plain_format_names[PLAIN_FORMATS] = {"smtp",    "pop3", "xmailcfg-filter", "ctrl",
                                                       "filters", "k4",   "finger",          "event"};

const struct plain_layout plain_layouts[PLAIN_FORMATS] = {
    [PLAIN_SMTP] = {13, 4, 3, 10}, [PLAIN_POP3] = {9, 4, 3, 7},     [PLAIN_XMAILCFG_FILTER] = {5, 1, -1, 2},
    [PLAIN_CTRL] = {5, 4, 1, 5},   [PLAIN_FILTERS] = {10, 5, 4, 9}, [PLAIN_K4] = {9, 1, -1, 2},
    [PLAIN_FINGER] = {5, 4, 3, 0}, [PLAIN_EVENT] = {5, 1, 3, 2},
};

const char *const plain_event_names[PLAIN_EVENTS] = {
    [PLAIN_TOO_LONG] = "malformed: too long",
    [PLAIN_WRONG_FIELDS] = "malformed: number of fields",
    [PLAIN_NO_TIME] = "malformed: no time",
    [PLAIN_BAD_DAY] = "malformed: month or day",
    [PLAIN_NO_ADDRESS_FIELD] = "malformed: no field for the address",
    [PLAIN_PATTERN_FINDS_NONE] = "malformed: address_pattern finds none",
    [PLAIN_BAD_ADDRESS] = "malformed: address",
    [PLAIN_NO_STATUS_FIELD] = "malformed: no field for the status",
    [PLAIN_BEFORE_RANGE] = "before the range",
    [PLAIN_AFTER_RANGE] = "after the range",
    [PLAIN_COUNTS_FOR_NOTHING] = "counts for nothing",
    [PLAIN_UNAUTHORIZED] = "unauthorised",
    [PLAIN_REFUSED] = "refused",
    [PLAIN_LOGIN] = "login",
    [PLAIN_TOUCHED_UNAUTHORIZED] = "touched: unauthorised",
    [PLAIN_TOUCHED_REFUSED] = "touched: refused",
    [PLAIN_TOUCHED_FOR_NOTHING] = "touched: counts for nothing",
    [PLAIN_TOUCHED_LOGIN] = "touched: a login that isn't believed",
    [PLAIN_TIME_MOVED] = "the time in another field",
    [PLAIN_FIRST_WINS] = "unauthorised, though refused as well",
    [PLAIN_NAKED_FIELD] = "quotes missing at the address",
    [PLAIN_CR_DROPPED] = "CR dropped",
    [PLAIN_HOST_IPV4] = "IPv4",
    [PLAIN_HOST_MAPPED] = "IPv4 as ::ffff:",
    [PLAIN_HOST_IPV6] = "IPv6",
    [PLAIN_HOST_ZONE] = "IPv6 with %zone",
    [PLAIN_SLASH_DATE] = "date with slashes",
    [PLAIN_CONVERTED] = "status converted",
    [PLAIN_NOT_CONVERTIBLE] = "status not convertible",
    [PLAIN_OTHER_FIELD] = "address_field",
    [PLAIN_PATTERN_FINDS] = "address_pattern",
};

/* --- fields ------------------------------------------------------------------------------------------------------- */

struct fields {
    struct plain_text *list;
    size_t count;
    size_t room;
};

/* Fields are separated by TAB; one leading and one trailing quote of a field are dropped. */
static void split(struct plain_text line, struct fields *fields)
{
    fields->count = 0;
    for (size_t begin = 0, end; begin <= line.length; begin = end + 1) {
        for (end = begin; end < line.length && line.bytes[end] != '\t';)
            end++;
        if (fields->count == fields->room) {
            fields->room = fields->room * 2 + 64;
            fields->list = realloc(fields->list, fields->room * sizeof *fields->list);
            if (!fields->list)
                abort();
        }
        fields->list[fields->count++] = (struct plain_text){line.bytes + begin, end - begin};
    }
}

static struct plain_text unquoted(struct plain_text field)
{
    if (field.length > 0 && field.bytes[0] == '"') {
        field.bytes++;
        field.length--;
    }
    if (field.length > 0 && field.bytes[field.length - 1] == '"')
        field.length--;
    return field;
}

/* Counted from 1, as the specification counts. */
static struct plain_text field_of(const struct fields *fields, size_t number)
{
    return unquoted(fields->list[number - 1]);
}

/* --- times -------------------------------------------------------------------------------------------------------- */

static bool looks_like(struct plain_text text, const char *shape)
{
    if (text.length < strlen(shape))
        return false;
    for (size_t i = 0; shape[i]; i++) {
        const bool digit = text.bytes[i] >= '0' && text.bytes[i] <= '9';
        if (shape[i] == '0' ? !digit : text.bytes[i] != shape[i])
            return false;
    }
    return true;
}

static bool is_wholly_time(struct plain_text text)
{
    return text.length == TIME_LENGTH && looks_like(text, "0000-00-00 00:00:00");
}

/* The day with which the text begins, which it does: YYYYMMDD, or 0 if month or day are none. */
static int day_of(struct plain_text text)
{
    int day = 0;
    for (size_t i = 0; i < 10; i++)
        if (i != 4 && i != 7)
            day = day * 10 + (text.bytes[i] - '0');
    const int month = day / 100 % 100;
    return month >= 1 && month <= 12 && day % 100 >= 1 && day % 100 <= 31 ? day : 0;
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

static bool is_of_addresses(char c)
{
    return c != '\0' && strchr("0123456789ABCDEFabcdef.:", c);
}

/* The first whole token that is a valid address. */
static bool find_host(struct plain_text text, struct plain_host *host)
{
    for (size_t begin = 0, end; begin < text.length; begin = end + 1) {
        for (end = begin; end < text.length && is_of_addresses(text.bytes[end]);)
            end++;
        if (plain_parse_host((struct plain_text){text.bytes + begin, end - begin}, host))
            return true;
    }
    return false;
}

static void note_host(struct plain_text text, struct plain_record *record)
{
    if (!plain_is_ipv4(record->host))
        record->events[memchr(text.bytes, '%', text.length) ? PLAIN_HOST_ZONE : PLAIN_HOST_IPV6] = true;
    else
        record->events[memchr(text.bytes, ':', text.length) ? PLAIN_HOST_MAPPED : PLAIN_HOST_IPV4] = true;
}

/* The address in this field. */
static bool read_host(const struct plain_settings *settings, struct plain_text field, bool last,
                      struct plain_record *record)
{
    if (settings->address_pattern) {
        struct plain_text ip = {"", 0};
        if (!settings->address_pattern->finds(field, &ip)) {
            record->events[PLAIN_PATTERN_FINDS_NONE] = true;
            return false;
        }
        record->events[PLAIN_PATTERN_FINDS] = true;
        field = ip;
        last = false;
    }
    if (!(last ? find_host(field, &record->host) : plain_parse_host(field, &record->host))) {
        record->events[PLAIN_BAD_ADDRESS] = true;
        return false;
    }
    note_host(field, record);
    return true;
}

/* --- statuses ----------------------------------------------------------------------------------------------------- */

/* A status with a non-ASCII byte is converted to UTF-8; false: it can't be. */
static bool convert(const char *encoding, struct plain_text *status, char converted[CONVERTED_MAX],
                    struct plain_record *record)
{
    bool ascii = true;
    for (size_t i = 0; i < status->length; i++)
        ascii = ascii && (unsigned char)status->bytes[i] < 0x80;
    if (!encoding || ascii)
        return true;
    char *from = (char *)(uintptr_t)status->bytes;
    size_t from_left = status->length;
    char *to = converted;
    size_t to_left = CONVERTED_MAX;
    iconv_t converter = iconv_open("UTF-8", encoding);
    if (converter == (iconv_t)-1)
        abort();
    const bool done = iconv(converter, &from, &from_left, &to, &to_left) != (size_t)-1 &&
                      iconv(converter, NULL, NULL, &to, &to_left) != (size_t)-1;
    (void)iconv_close(converter);
    record->events[done ? PLAIN_CONVERTED : PLAIN_NOT_CONVERTIBLE] = true;
    *status = (struct plain_text){converted, CONVERTED_MAX - to_left};
    return done;
}

/* Does any of the fields from first to last, counted from 1, match? */
static bool any_matches(const struct plain_settings *settings, const struct plain_pattern *pattern,
                        const struct fields *fields, size_t first, size_t last, struct plain_record *record)
{
    char converted[CONVERTED_MAX];
    for (size_t i = first; pattern && i <= last; i++) {
        struct plain_text status = field_of(fields, i);
        if (convert(settings->encoding, &status, converted, record) && pattern->matches(status))
            return true;
    }
    return false;
}

/* Unauthorised or refused, not both: the first wins. */
static void judge(const struct plain_settings *settings, const struct fields *fields, size_t first, size_t last,
                  struct plain_record *record)
{
    record->unauthorized =
        !settings->unauthorized || any_matches(settings, settings->unauthorized, fields, first, last, record);
    record->refused = any_matches(settings, settings->refused, fields, first, last, record);
    if (record->unauthorized && record->refused) {
        record->refused = false;
        record->events[PLAIN_FIRST_WINS] = true;
    }
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static bool is_number(struct plain_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
    return text.length > 0;
}

static bool is_word(struct plain_text text, const char *word)
{
    return text.length == strlen(word) && memcmp(text.bytes, word, text.length) == 0;
}

/* Time in field 4; smtp 13 fields, the size a number; pop3 7, or 9 of which the last two are decimal numbers. */
static bool is_untouched(enum plain_format format, const struct fields *fields, size_t time)
{
    if (time != 4)
        return false;
    if (format == PLAIN_SMTP)
        return fields->count == 13 && is_number(field_of(fields, 12));
    if (format == PLAIN_POP3)
        return fields->count == 7 ||
               (fields->count == 9 && is_number(field_of(fields, 8)) && is_number(field_of(fields, 9)));
    return fields->count == 5;
}

static bool is_login(enum plain_format format, const struct fields *fields)
{
    if (format == PLAIN_SMTP && fields->count >= 11)
        return field_of(fields, 11).length > 0 &&
               (is_word(field_of(fields, 10), "RCPT=OK") || is_word(field_of(fields, 10), "RECV=OK"));
    return format == PLAIN_POP3 && fields->count == 9 && is_word(field_of(fields, 7), "LOGIN");
}

/* Notes the event of a malformed record. */
static void is_malformed(struct plain_record *record, enum plain_event event)
{
    record->events[event] = true;
}

/* smtp, pop3, finger: the first field that is wholly a time, and what stands around it. True if valid. */
static bool read_by_time(const struct plain_settings *settings, const struct fields *fields,
                         struct plain_record *record)
{
    const enum plain_format format = settings->format;
    size_t time = 1;
    while (time <= fields->count && !is_wholly_time(field_of(fields, time)))
        time++;
    if (time > fields->count) {
        is_malformed(record, PLAIN_NO_TIME);
        return false;
    }
    record->day = day_of(field_of(fields, time));
    if (record->day == 0) {
        is_malformed(record, PLAIN_BAD_DAY);
        return false;
    }
    const bool untouched = is_untouched(format, fields, time);
    size_t address = time - 1;
    if (settings->address_field > 4)
        address = untouched ? (size_t)settings->address_field : 0;
    else if (settings->address_field > 0)
        address = time + (size_t)settings->address_field < 4 ? 0 : time + (size_t)settings->address_field - 4;
    if (address == 0 || address > fields->count) {
        is_malformed(record, PLAIN_NO_ADDRESS_FIELD);
        return false;
    }
    record->events[PLAIN_OTHER_FIELD] = settings->address_field != 0;
    record->events[PLAIN_TIME_MOVED] = time != 4;
    record->events[PLAIN_NAKED_FIELD] = field_of(fields, address).length + 2 != fields->list[address - 1].length;
    if (!read_host(settings, field_of(fields, address), false, record))
        return false;
    size_t first = 1;
    size_t last = 0;
    if (format != PLAIN_FINGER) {
        first = time + (format == PLAIN_SMTP ? 6 : 3);
        last = untouched ? first : fields->count;
        if (first > fields->count) {
            is_malformed(record, PLAIN_NO_STATUS_FIELD);
            return false;
        }
    }
    judge(settings, fields, first, last, record);
    record->login = untouched && is_login(format, fields);
    if (!untouched && format != PLAIN_FINGER) {
        record->events[PLAIN_TOUCHED_UNAUTHORIZED] = record->unauthorized;
        record->events[PLAIN_TOUCHED_REFUSED] = record->refused;
        record->events[PLAIN_TOUCHED_FOR_NOTHING] = !record->unauthorized && !record->refused;
        record->events[PLAIN_TOUCHED_LOGIN] = is_login(format, fields);
    }
    return true;
}

/* All other formats: exactly their number of fields, unless the address is taken from elsewhere. True if valid. */
static bool read_by_number(const struct plain_settings *settings, const struct fields *fields,
                           struct plain_record *record)
{
    const struct plain_layout *layout = &plain_layouts[settings->format];
    if (!settings->address_field && !settings->address_pattern && fields->count != (size_t)layout->fields) {
        is_malformed(record, PLAIN_WRONG_FIELDS);
        return false;
    }
    if ((size_t)layout->time > fields->count) {
        is_malformed(record, PLAIN_NO_TIME);
        return false;
    }
    const struct plain_text time = field_of(fields, (size_t)layout->time);
    const bool slashes = looks_like(time, "0000/00/00");
    if (settings->format == PLAIN_CTRL ? !is_wholly_time(time) : !slashes && !looks_like(time, "0000-00-00")) {
        is_malformed(record, PLAIN_NO_TIME);
        return false;
    }
    record->day = day_of(time);
    if (record->day == 0) {
        is_malformed(record, PLAIN_BAD_DAY);
        return false;
    }
    const int number = settings->address_field ? settings->address_field : layout->address;
    const size_t address = number < 0 ? fields->count : (size_t)number;
    if (address > fields->count) {
        is_malformed(record, PLAIN_NO_ADDRESS_FIELD);
        return false;
    }
    record->events[PLAIN_SLASH_DATE] = slashes;
    record->events[PLAIN_OTHER_FIELD] = settings->address_field != 0;
    record->events[PLAIN_NAKED_FIELD] = field_of(fields, address).length + 2 != fields->list[address - 1].length;
    if (!read_host(settings, field_of(fields, address), number < 0, record))
        return false;
    if ((size_t)layout->status > fields->count) {
        is_malformed(record, PLAIN_NO_STATUS_FIELD);
        return false;
    }
    judge(settings, fields, (size_t)layout->status, (size_t)layout->status, record);
    return true;
}

/* Leaves only that one event which tells what became of the record. */
static void keep_only(struct plain_record *record, enum plain_event event)
{
    memset(record->events, 0, sizeof record->events);
    record->events[event] = true;
}

static void settle(const struct plain_settings *settings, bool valid, struct plain_record *record)
{
    record->malformed = !valid;
    record->in_range = valid && record->day >= settings->first_day && record->day <= settings->last_day;
    if (record->in_range) {
        record->events[PLAIN_COUNTS_FOR_NOTHING] = !record->unauthorized && !record->refused && !record->login;
        record->events[PLAIN_UNAUTHORIZED] = record->unauthorized;
        record->events[PLAIN_REFUSED] = record->refused;
        record->events[PLAIN_LOGIN] = record->login;
        return;
    }
    if (valid)
        keep_only(record, record->day < settings->first_day ? PLAIN_BEFORE_RANGE : PLAIN_AFTER_RANGE);
    for (enum plain_event event = 0; !valid && event < PLAIN_BEFORE_RANGE; event++)
        if (record->events[event]) {
            keep_only(record, event);
            break;
        }
}

void plain_read(const struct plain_settings *settings, struct plain_text line, struct plain_record *record)
{
    static struct fields fields;
    *record = (struct plain_record){.day = 0};
    if (line.length > LENGTH_MAX) {
        record->events[PLAIN_TOO_LONG] = true;
        record->malformed = true;
        return;
    }
    const bool cr = line.length > 0 && line.bytes[line.length - 1] == '\r';
    line.length -= cr;
    split(line, &fields);
    const bool by_time =
        settings->format == PLAIN_SMTP || settings->format == PLAIN_POP3 || settings->format == PLAIN_FINGER;
    const bool valid = by_time ? read_by_time(settings, &fields, record) : read_by_number(settings, &fields, record);
    record->events[PLAIN_CR_DROPPED] = cr;
    settle(settings, valid, record);
}
