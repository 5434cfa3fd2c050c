/* SPDX-License-Identifier: MIT */
/*
 * Record reader: any bytes as a log of any format. The first byte of the input chooses the format (a: smtp, ...) and
 * the settings. Whatever host a record is said to be of must stand in it as a field (or, for the formats that have it
 * there, in its last one): in the very one in which the model finds it, which must come to the same host, day and
 * verdict, or to none. All records together, behind some usual ones, must count as each by itself: though most of those
 * that look usual are read by a shorter way.
 */
#include "fuzz.h"

#include "ledger.h"
#include "record.h"

#include "model.h"

enum {
    FORMATS_MAX = 16,
    SETTINGS = 5, /* the format's own; other patterns; the address in another field, to the left, to the right; within
                     brackets */
    LEFT = 2,
    RIGHT = 3,
    BRACKETS = 4,
};

static const struct day_range range = {20200101, 20991231};

/* Usual records of the formats that have such: so the day and the host are known when the input comes. */
#define START "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 12:34:56\"\t"
#define SMTP  START "\"pc\"\t\"\"\t\"a@b.c\"\t\"d@e.f\"\t\"S1\"\t\"RCPT=OK\"\t\"u\"\t\"0\"\t\"\"\n"
#define POP3  START "\"u\"\t\"p\"\t\"ELOGIN\"\n" START "\"u\"\t\"p\"\t\"LOGIN\"\t\"1\"\t\"2\"\n"
static const char usual[] = SMTP POP3 SMTP POP3;

static struct conf_log logs[SETTINGS][FORMATS_MAX];
static struct record_reader *single[SETTINGS][FORMATS_MAX];
static struct record_reader *together[SETTINGS][FORMATS_MAX];
static struct lines lines;
static size_t source_count;

static struct pattern *compile(const char *text)
{
    struct error error;
    struct pattern *pattern = NULL;
    require(!text || pattern_compile(text, &pattern, &error) > 0);
    return pattern;
}

static void make_reader(const struct log_format *format, size_t settings)
{
    static char encoding[] = "EUC-JP";
    struct error error;
    struct conf_log *log = &logs[settings][source_count];
    *log = (struct conf_log){.format = format,
                             .enabled = true,
                             .unauthorized = compile(settings == 1 ? "^E|^.CPT=E|a$" : format->unauthorized),
                             .refused = compile(settings == 1 ? "^S|^(?:a|aa|aaa)+$(?<!a)" : format->refused),
                             .encoding = source_count % 2 == settings ? NULL : encoding,
                             .address_field = settings == LEFT    ? 2
                                              : settings == RIGHT ? 5
                                                                  : format->address_field,
                             .address_overridden = settings >= LEFT,
                             .address_pattern = compile(settings == BRACKETS ? "^\\[(?<ip>[^]]*)\\]$" : NULL)};
    single[settings][source_count] = record_reader_new(log, range, &error);
    together[settings][source_count] = record_reader_new(log, range, &error);
    require(single[settings][source_count] && together[settings][source_count]);
}

static void make_readers(void)
{
    size_t count;
    const struct log_format *formats = format_table(&count);
    require(lines_new(&lines));
    for (size_t i = 0; i < count; i++) {
        if (!format_is_source(&formats[i]))
            continue;
        for (size_t settings = 0; settings < SETTINGS; settings++)
            make_reader(&formats[i], settings);
        source_count++;
    }
}

static int is_address_char(char c)
{
    return c != '\0' && strchr("0123456789abcdefABCDEF.:", c);
}

/* True if the field holds the address: as a whole or, with within, as a run of the characters of addresses. */
static int field_holds(const char *field, size_t length, int within, struct address address)
{
    struct address found;
    if (length > 0 && *field == '"') {
        field++;
        length--;
    }
    if (length > 0 && field[length - 1] == '"')
        length--;
    if (address_parse(field, length, &found) && address_equal(found, address))
        return 1;
    for (size_t begin = 0, end; within && begin < length; begin = end + 1) {
        for (end = begin; end < length && is_address_char(field[end]);)
            end++;
        if (address_parse(field + begin, end - begin, &found) && address_equal(found, address))
            return 1;
    }
    return 0;
}

static int line_holds(const char *line, size_t length, int within, struct address address)
{
    for (size_t begin = 0, end; begin <= length; begin = end + 1) {
        for (end = begin; end < length && line[end] != '\t';)
            end++;
        if (field_holds(line + begin, end - begin, within, address))
            return 1;
    }
    return 0;
}

/* --- together ----------------------------------------------------------------------------------------------------- */

/* Counts what record_read made of a record. */
static void count_record(struct tally *tally, enum record_result result, const struct record *record)
{
    tally->records++;
    tally->malformed += result == RECORD_MALFORMED;
    if (result != RECORD_VALID)
        return;
    struct tally_day *day = tally_day(tally, record->day);
    require(day != NULL);
    day->records++;
    day->limits += record->limits;
    const struct counts counts = {record->verdict & 1, record->verdict >> 1 & 1, record->verdict >> 2 & 1};
    require(tally_add(tally, day, record->address, counts));
}

static void require_same(const struct tally *a, const struct tally *b)
{
    struct buffer bytes = {0};
    struct buffer others = {0};
    require(ledger_write(a, &bytes) && ledger_write(b, &others));
    require(buffer_equal(&bytes, &others));
    buffer_clear(&bytes);
    buffer_clear(&others);
}

/* Counts the lines of the text, in memory of just its size; what is around it is of this byte. */
static void count_together(struct record_reader *reader, const struct buffer *content, char around, struct tally *tally)
{
    char *memory = malloc(LINES_PADDING + content->length + LINES_PADDING);
    require(memory != NULL);
    memset(memory, around, LINES_PADDING + content->length + LINES_PADDING);
    memcpy(memory + LINES_PADDING, content->bytes, content->length);
    for (size_t begin = 0; lines_find(&lines, memory + LINES_PADDING, begin, content->length); begin = lines.behind)
        require(record_tally(reader, &lines, tally));
    free(memory);
}

/* --- the model ---------------------------------------------------------------------------------------------------- */

static bool is_ascii(struct model_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.bytes[i] >= 0x80)
            return false;
    return true;
}

static bool is_text(struct model_text text, const char *other)
{
    return text.length == strlen(other) && memcmp(text.bytes, other, text.length) == 0;
}

/* The status shows that the host was let in. */
static bool is_accepted(const struct model_format *format, const struct model_line *line, struct model_text status)
{
    if (strcmp(format->name, "smtp") == 0)
        return line->fields[10].length > 0 && (is_text(status, "RCPT=OK") || is_text(status, "RECV=OK"));
    return strcmp(format->name, "pop3") == 0 && line->count == 9 && is_text(status, "LOGIN");
}

/* The verdict by the patterns, tried on one field after another. False: it isn't known, as a field isn't ASCII. */
static bool model_judge(const struct conf_log *log, const struct model_format *format, const struct model_line *line,
                        const struct model_record *read, unsigned *verdict)
{
    static struct matcher *matcher;
    bool matched[2] = {!log->unauthorized, false};
    if (!matcher)
        require((matcher = matcher_new()) != NULL);
    *verdict = 0;
    for (size_t i = read->status_first; i < read->status_end; i++) {
        const struct model_text field = line->fields[i];
        if (!is_ascii(field))
            return false;
        matched[0] |=
            log->unauthorized && pattern_match(log->unauthorized, matcher, field.bytes, field.length) == PATTERN_MATCH;
        matched[1] |= log->refused && pattern_match(log->refused, matcher, field.bytes, field.length) == PATTERN_MATCH;
        if (read->untouched && is_accepted(format, line, field))
            *verdict |= VERDICT_LOGIN;
    }
    *verdict |= matched[0] ? VERDICT_UNAUTHORIZED : matched[1] ? VERDICT_REFUSED : 0;
    return true;
}

/* The host within brackets that are all of the field. False: there are none, or it isn't ASCII, or it is no host. */
static bool model_read_brackets(struct model_text field, struct model_host *host)
{
    if (field.length < 2 || field.bytes[0] != '[' || !is_ascii(field))
        return false;
    const char *end = memchr(field.bytes, ']', field.length);
    return end && end + 1 == field.bytes + field.length &&
           model_parse_host((struct model_text){field.bytes + 1, field.length - 2}, host);
}

static void require_host(const struct model_host *host, struct address address)
{
    for (size_t i = 0; i < 8; i++) {
        require(host->bytes[i] == (unsigned char)(address.high >> (56 - 8 * i)));
        require(host->bytes[8 + i] == (unsigned char)(address.low >> (56 - 8 * i)));
    }
}

/* What was read of the line is what the model reads. */
static void require_model(const char *text, size_t length, size_t settings, const struct conf_log *log,
                          enum record_result result, const struct record *record)
{
    static struct model_line line;
    struct model_record read;
    unsigned verdict;
    const struct model_format *format = model_find(log->format->name);
    require(format && model_split(text, length, &line));
    const int address = !log->address_overridden || log->address_field == FORMAT_LAST_FIELD ? 0 : log->address_field;
    bool valid = false;
    if (settings != BRACKETS) {
        valid = model_read(format, &line, address, &read);
    } else if (log->address_field != FORMAT_LAST_FIELD && model_read_parts(format, &line, address, &read)) {
        if (!is_ascii(read.address))
            return;
        valid = model_read_brackets(read.address, &read.host);
    } else if (log->address_field == FORMAT_LAST_FIELD) {
        return; /* with a pattern, records of these formats may have any number of fields */
    }
    require((result != RECORD_MALFORMED) == valid);
    if (!valid)
        return;
    require((result == RECORD_VALID) == (read.day >= range.first && read.day <= range.last));
    if (result != RECORD_VALID)
        return;
    require(read.day == record->day);
    require_host(&read.host, record->address);
    if (model_judge(log, format, &line, &read, &verdict) && record->limits == 0)
        require(verdict == record->verdict);
}

/* --- each by itself ----------------------------------------------------------------------------------------------- */

static void require_record(const char *line, size_t length, const struct conf_log *log, const struct record *record)
{
    size_t shown = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
    if (!log->address_pattern)
        require(line_holds(line, shown, log->address_field == FORMAT_LAST_FIELD, record->address));
    require(day_is_plausible(record->day) && day_in_range(range, record->day));
    require((record->verdict & (VERDICT_UNAUTHORIZED | VERDICT_REFUSED)) != (VERDICT_UNAUTHORIZED | VERDICT_REFUSED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (source_count == 0)
        make_readers();
    if (size == 0)
        return 0;
    const size_t choice = (uint8_t)(data[0] - 'a');
    const size_t source = choice % source_count;
    const size_t settings = choice / source_count % SETTINGS;
    struct buffer content = {0};
    struct tally expected = {0};
    struct tally tally = {0};
    buffer_add(&content, usual, sizeof usual - 1);
    buffer_add(&content, (const char *)data + 1, size - 1);
    require(!content.failed);
    const char *end = content.bytes + content.length;
    for (const char *at = content.bytes, *lf; at < end && (lf = memchr(at, '\n', (size_t)(end - at))); at = lf + 1) {
        struct record record;
        const enum record_result result = record_read(single[settings][source], at, (size_t)(lf - at), &record);
        require_model(at, (size_t)(lf - at), settings, &logs[settings][source], result, &record);
        if (result == RECORD_VALID)
            require_record(at, (size_t)(lf - at), &logs[settings][source], &record);
        count_record(&expected, result, &record);
    }
    count_together(together[settings][source], &content, (char)data[size - 1], &tally);
    require_same(&tally, &expected);
    tally_clear(&tally);
    tally_clear(&expected);
    buffer_clear(&content);
    return 0;
}
