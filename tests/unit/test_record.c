/* SPDX-License-Identifier: MIT */
/* Records: which host, which day, what it counts for, and that no client can change any of it. */
#include "support.h"
#include "support_tally.h"

#include "record.h"

#define TIME  "\"2026-11-20 12:34:56\""
#define DAY   20261120
#define TAB   "\t"
#define EMPTY "\"\""

/* An SMTP record of the host up to the client's own words, and what XMail writes behind them. */
#define SMTP_HEAD                         "\"mx\"\t\"example.com\"\t\"192.0.2.1\"\t" TIME
#define SMTP_TAIL(status, user)           "\t\"\"\t\"a@b.c\"\t\"d@e.f\"\t\"S1\"\t\"" status "\"\t\"" user "\"\t\"0\"\t\"\""
#define SMTP(status, user)                SMTP_HEAD "\t\"pc\"" SMTP_TAIL(status, user)
#define SMTP_HELO(helo, status, user)     SMTP_HEAD "\t\"" helo "\"" SMTP_TAIL(status, user)
#define POP3(domain, user, rest)          "\"mx\"\t\"" domain "\"\t\"192.0.2.1\"\t" TIME "\t\"" user "\"\t\"\"\t" rest
#define CTRL(status)                      "\"192.0.2.1\"\t\"root\"\t\"secret\"\t" TIME "\t\"" status "\""
#define K4(status, last)                  "\"2026/11/20 12:34:56\"\t\"" status "\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"" last "\""
#define WEB(time, status, from, to, last) "\"" time "\"\t\"" status "\"\t\"" from "\"\t\"" to "\"\t\"" last "\""

enum { REPEATED = 3 };

static const struct day_range range = {20261115, 20261121};

struct row {
    const char *format;
    const char *line;
    size_t length;
    enum record_result result;
    const char *address;
    unsigned verdict;
};

static struct record_reader *reader_of(const struct conf_log *log)
{
    struct error error;
    struct record_reader *reader = record_reader_new(log, range, &error);
    if (!reader)
        fail_msg("%s", error.text);
    return reader;
}

/* Reads the line from memory of exactly its size, so that the sanitizer sees a byte too far. */
static enum record_result read_exactly(struct record_reader *reader, const char *line, size_t length,
                                       struct record *record)
{
    char *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, line, length);
    enum record_result result = record_read(reader, copy, length, record);
    free(copy);
    return result;
}

/* Has the line counted REPEATED times, one behind the other, by record_tally. To be cleared. */
static struct tally tally_of(struct record_reader *reader, const char *line, size_t length)
{
    const size_t text_length = REPEATED * (length + 1);
    struct tally tally = {0};
    struct lines lines;
    char *memory = malloc(LINES_PADDING + text_length + LINES_PADDING); /* exactly, for the sanitizer */
    assert_non_null(memory);
    assert_true(lines_new(&lines));
    memset(memory, '\t', LINES_PADDING);
    char *text = memory + LINES_PADDING;
    for (size_t i = 0; i < REPEATED; i++) {
        memcpy(text + i * (length + 1), line, length);
        text[i * (length + 1) + length] = '\n';
    }
    memset(text + text_length, '1', LINES_PADDING);
    for (size_t begin = 0; lines_find(&lines, text, begin, text_length); begin = lines.behind)
        assert_true(record_tally(reader, &lines, &tally));
    lines_free(&lines);
    free(memory);
    return tally;
}

/* The same record several times in a file: that it is known by then must not make a difference. */
static void check_tally(struct record_reader *reader, const struct row *row, enum record_result result,
                        const struct record *record)
{
    struct listing expected = {0};
    char text[512];
    for (size_t i = 0; i < REPEATED; i++)
        listing_add_record(&expected, result, record);
    listing_settle(&expected);
    struct tally tally = tally_of(reader, row->line, row->length);
    struct listing listing = listing_of(&tally);
    if (listing_differs(&listing, &expected, text, sizeof text))
        fail_msg("%s: %.*s: %s", row->format, (int)row->length, row->line, text);
    listing_clear(&listing);
    listing_clear(&expected);
    tally_clear(&tally);
}

/* People see what is counted; and fields that stand in the line as they are shown. */
static void check_look(struct record_reader *reader, const struct row *row, enum record_result result,
                       const struct record *record)
{
    struct record_view view;
    assert_true(record_look(reader, row->line, row->length, &view));
    if (view.result != result)
        fail_msg("%s: %.*s: looks like %d, not %d", row->format, (int)row->length, row->line, view.result, result);
    if (result == RECORD_VALID) {
        assert_true(view.located && address_equal(view.record.address, record->address));
        assert_int_equal(view.record.day, record->day);
        assert_int_equal(view.record.verdict, record->verdict);
        assert_int_equal(view.record.limits, record->limits);
    }
    if (result != RECORD_MALFORMED)
        assert_true(view.day != 0 && view.time < view.field_count);
    assert_true(view.status == RECORD_NO_FIELD || view.status < view.field_count);
    size_t tabs = 0;
    for (size_t i = 0; i < row->length; i++)
        tabs += row->line[i] == '\t';
    assert_int_equal(view.field_count, tabs + 1);
    for (size_t i = 0, length = 0; i < view.field_count; i++) {
        const struct field field = record_field(reader, i);
        length += field.length;
        assert_true(length <= row->length);
        assert_null(memchr(field.text, '\t', field.length));
    }
}

static void check_row(struct record_reader *reader, const struct row *row)
{
    struct record record = {.day = 0};
    char text[ADDRESS_TEXT_SIZE];
    enum record_result result = read_exactly(reader, row->line, row->length, &record);
    check_look(reader, row, result, &record);
    if (result != row->result)
        fail_msg("%s: %.*s: result %d instead of %d", row->format, (int)row->length, row->line, result, row->result);
    assert_int_equal(record.limits, 0);
    check_tally(reader, row, result, &record);
    if (result != RECORD_VALID)
        return;
    if (strcmp(address_format(record.address, text), row->address) != 0)
        fail_msg("%s: %.*s: host %s", row->format, (int)row->length, row->line, text);
    if (record.verdict != row->verdict)
        fail_msg("%s: %.*s: verdict %u instead of %u", row->format, (int)row->length, row->line, record.verdict,
                 row->verdict);
    if (record.day != DAY)
        fail_msg("%s: %.*s: day %u", row->format, (int)row->length, row->line, record.day);
}

static void check_rows_of(struct log_wish wish, const struct row *rows, size_t count)
{
    struct conf_log log = log_from(wish);
    struct record_reader *reader = reader_of(&log);
    for (int again = 0; again < 2; again++) /* the second time from what the reader remembers */
        for (size_t i = 0; i < count; i++)
            check_row(reader, &rows[i]);
    record_reader_free(reader);
    log_drop(&log);
}

/* Each row by a log of its own format with the defaults. */
static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_rows_of((struct log_wish){.format = rows[i].format}, &rows[i], 1);
}

/* --- untouched records -------------------------------------------------------------------------------------------- */

static void every_status_of_xmail_has_its_verdict(void **state)
{
    static const struct {
        const char *status;
        unsigned verdict;
    } rows[] = {
        {"SNDR=EEMPTY", VERDICT_UNAUTHORIZED},
        {"SNDR=ESYNTAX", VERDICT_UNAUTHORIZED},
        {"SNDR=ESPAM", VERDICT_UNAUTHORIZED},
        {"RCPT=EACCESS", VERDICT_UNAUTHORIZED},
        {"RCPT=EAVAIL", VERDICT_UNAUTHORIZED},
        {"RCPT=EDSBL", VERDICT_UNAUTHORIZED},
        {"RCPT=ENBR", VERDICT_UNAUTHORIZED},
        {"RCPT=ERELAY", VERDICT_UNAUTHORIZED},
        {"RCPT=ESYNTAX", VERDICT_UNAUTHORIZED},
        {"AUTH=EFAIL:TYPE=PLAIN", VERDICT_UNAUTHORIZED},
        {"AUTH=EFAIL:TYPE=LOGIN", VERDICT_UNAUTHORIZED},
        {"AUTH=EFAIL:TYPE=CRAM-MD5", VERDICT_UNAUTHORIZED},
        {"VRFY=EACCESS", VERDICT_UNAUTHORIZED},
        {"ETRN=EACCESS", VERDICT_UNAUTHORIZED},
        {"SMTP=EERRS", VERDICT_UNAUTHORIZED},
        {"SNDRIP=EIPBAN", VERDICT_REFUSED},
        {"SNDRIP=EIPSPAM", VERDICT_REFUSED},
        {"SNDRIP=EIPMAP (bl.example.org.)", VERDICT_REFUSED},
        {"SNDRIP=ERDNS", VERDICT_REFUSED},
        {"SNDR=ENODNS", VERDICT_REFUSED},
        {"RCPT=OK", 0},
        {"RECV=OK", 0},
        {"RCPT=EFULL", 0},
        {"RCPT=EFILTER", 0},
        {"PREDATA=EFILTER", 0},
        {"POSTDATA=EFILTER", 0},
        {"SIZE=EBIG", 0},
        {"SMTP=ESSL", 0},
        {"", 0},
        {"xRCPT=ERELAY", 0},
        {"RCPT=OK RCPT=ERELAY", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[512];
        int length =
            snprintf(line, sizeof line, "%s\t\"pc\"\t\"\"\t\"a@b.c\"\t\"d@e.f\"\t\"S1\"\t\"%s\"\t\"\"\t\"0\"\t\"\"",
                     SMTP_HEAD, rows[i].status);
        const struct row row = {"smtp", line, (size_t)length, RECORD_VALID, "192.0.2.1", rows[i].verdict};
        check_rows(&row, 1);
    }
}

static void an_untouched_record_is_judged_by_its_status_field_alone(void **state)
{
    static const struct row rows[] = {
        {"smtp", BYTES(SMTP("RCPT=ERELAY", "")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp", BYTES(SMTP("RCPT=OK", "")), RECORD_VALID, "192.0.2.1", 0},
        {"smtp", BYTES(SMTP("RCPT=OK", "SMTP=EERRS")), RECORD_VALID, "192.0.2.1", VERDICT_LOGIN},
        {"smtp", BYTES(SMTP_HELO("RCPT=ERELAY", "RCPT=OK", "")), RECORD_VALID, "192.0.2.1", 0},
        /* Refused at connect: the first two fields are empty. */
        {"smtp",
         BYTES("\"\"\t\"\"\t\"192.0.2.1\"\t" TIME
               "\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"SNDRIP=EIPSPAM\"\t\"\"\t\"0\"\t\"\""),
         RECORD_VALID, "192.0.2.1", VERDICT_REFUSED},
        {"pop3", BYTES(POP3("d", "u", "\"ELOGIN\"")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"pop3", BYTES(POP3("d", "u", "\"LOGIN\"\t\"1\"\t\"260\"")), RECORD_VALID, "192.0.2.1", VERDICT_LOGIN},
        {"pop3", BYTES(POP3("d", "ELOGIN", "\"LOGIN\"\t\"1\"\t\"260\"")), RECORD_VALID, "192.0.2.1", VERDICT_LOGIN},
        {"pop3", BYTES(POP3("d", "u", "\"ELOGIN2\"")), RECORD_VALID, "192.0.2.1", 0},
        {"ctrl", BYTES(CTRL("FAIL")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"ctrl", BYTES(CTRL("REQ")), RECORD_VALID, "192.0.2.1", 0},
        {"ctrl", BYTES(CTRL("AUTH")), RECORD_VALID, "192.0.2.1", 0},
        {"finger", BYTES("\"mx\"\t\"\"\t\"192.0.2.1\"\t" TIME "\t\"a@b.c\""), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"finger", BYTES("\"d\"\t\"192.0.2.1\"\t" TIME "\t\"a@b.c\""), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"finger", BYTES("\"d\"\t\"192.0.2.1\"\t" TIME "\t\"\""), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20 12:34:56", "受信拒否", "a@b.c", "d@e.f", "192.0.2.1")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"xmailcfg-filter", BYTES(WEB("2026/11/20 1:02", "*着信拒否*", "a", "b", "from 192.0.2.1")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"xmailcfg-filter", BYTES(WEB("2026/11/20", "受信", "a", "b", "192.0.2.1")), RECORD_VALID, "192.0.2.1", 0},
        {"k4", BYTES(K4("Failure", "192.0.2.1")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"k4", BYTES(K4("Redirect", "192.0.2.1")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"k4", BYTES(K4("Success", "192.0.2.1")), RECORD_VALID, "192.0.2.1", 0},
        {"k4", BYTES(K4("Failures", "192.0.2.1")), RECORD_VALID, "192.0.2.1", 0},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void logs_without_a_default_pattern_take_the_one_that_they_are_given(void **state)
{
    static const struct row filters[] = {
        {"filters",
         BYTES("\"a@b\"\t\"c@d\"\t\"::1\"\t\"::ffff:192.0.2.1\"\t" TIME "\t\"post-rcpt\"\t\"\"\t\"0\"\t\"3\"\t\"/f\""),
         RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"filters",
         BYTES("\"a@b\"\t\"c@d\"\t\"::1\"\t\"192.0.2.1\"\t" TIME "\t\"post-rcpt\"\t\"\"\t\"3\"\t\"0\"\t\"/f\""),
         RECORD_VALID, "192.0.2.1", 0},
        {"filters", BYTES("\"a@b\"\t\"c@d\"\t\"::1\"\t\"192.0.2.1\"\t" TIME "\t\"post-rcpt\"\t\"\"\t\"0\"\t\"3\""),
         RECORD_MALFORMED, "", 0},
        {"filters",
         BYTES("\"a@b\"\t\"c@d\"\t\"::1\"\t\"192.0.2.1\"\t" TIME "\t\"post-rcpt\"\t\"\"\t\"0\"\t\"3\"\t\"/f\"\t\"\""),
         RECORD_MALFORMED, "", 0},
    };
    static const struct row event[] = {
        {"event", BYTES("\"2026-11-20 12:34:56\"\t\"denied\"\t\"192.0.2.1\"\t\"u\"\t\"198.51.100.1\""), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"event", BYTES("\"2026/11/20\"\t\"login\"\t\"192.0.2.1\"\t\"u\"\t\"denied\""), RECORD_VALID, "192.0.2.1", 0},
        {"event", BYTES("\"2026/11/20\"\t\"denied\"\t\"\"\t\"u\"\t\"198.51.100.1\""), RECORD_MALFORMED, "", 0},
        {"event", BYTES("\"2026/11/20\"\t\"denied\"\t\"192.0.2.1\"\t\"u\""), RECORD_MALFORMED, "", 0},
    };
    (void)state;
    check_rows_of((struct log_wish){.format = "filters", .unauthorized = "^(?:3|19)$"}, filters, COUNT_OF(filters));
    check_rows_of((struct log_wish){.format = "event", .unauthorized = "denied"}, event, COUNT_OF(event));
}

static void a_login_is_believed_of_untouched_records_only(void **state)
{
    static const struct row rows[] = {
        {"smtp", BYTES(SMTP("RCPT=OK", "u")), RECORD_VALID, "192.0.2.1", VERDICT_LOGIN},
        {"smtp", BYTES(SMTP("RECV=OK", "u")), RECORD_VALID, "192.0.2.1", VERDICT_LOGIN},
        {"smtp", BYTES(SMTP("RECV=OK", "")), RECORD_VALID, "192.0.2.1", 0},
        {"smtp", BYTES(SMTP("RCPT=OKAY", "u")), RECORD_VALID, "192.0.2.1", 0},
        {"smtp", BYTES(SMTP("RCPT=EFULL", "u")), RECORD_VALID, "192.0.2.1", 0},
        {"smtp", BYTES(SMTP("RCPT=ERELAY", "u")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp", BYTES(SMTP_HELO("a\"\t\"b", "RCPT=OK", "u")), RECORD_VALID, "192.0.2.1", 0},
        /* Twelve fields (an old version): the user may be anywhere. */
        {"smtp", BYTES(SMTP_HEAD "\t\"pc\"\t\"\"\t\"a\"\t\"b\"\t\"S1\"\t\"RCPT=OK\"\t\"u\"\t\"0\""), RECORD_VALID,
         "192.0.2.1", 0},
        {"pop3", BYTES(POP3("d", "u", "\"LOGIN\"")), RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES(POP3("d", "u", "\"LOGIN\"\t\"1\"")), RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES(POP3("d", "u", "\"LOGIN\"\t\"1\"\t\"\"")), RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES(POP3("d", "u", "\"LOGIN\"\t\"1\"\t\"-2\"")), RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES(POP3("d", "u", "\"LOGIN\"\t\"1\"\t\"2\"\t\"3\"")), RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES(POP3("d\"\t\"192.0.2.9", "u", "\"LOGIN\"\t\"1\"\t\"2\"")), RECORD_VALID, "192.0.2.1", 0},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

/* --- hostile records ---------------------------------------------------------------------------------------------- */

static void an_injected_greeting_can_neither_accuse_nor_hide_nor_exempt(void **state)
{
    static const struct row rows[] = {
        /* The failure stands further right than its place. */
        {"smtp", BYTES(SMTP_HELO("a\"\t\"b", "RCPT=ERELAY", "")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp", BYTES(SMTP_HELO("a\"\t\"b\"\t\"c", "RCPT=ERELAY", "")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"smtp",
         BYTES(SMTP_HELO("a\"\t\"b\"\t\"c\"\t\"d\"\t\"e\"\t\"f\"\t\"RCPT=OK\"\t\"u\"\t\"0\"\t\"x", "RCPT=ERELAY", "")),
         RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp",
         BYTES(SMTP_HELO("x\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t",
                         "RCPT=ERELAY", "")),
         RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        /* Nobody else is accused, whatever address and date the greeting tells. */
        {"smtp", BYTES(SMTP_HELO("a\"\t\"198.51.100.9\"\t\"2026-11-19", "RCPT=ERELAY", "")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"smtp", BYTES(SMTP_HELO("a\"\t\"198.51.100.9\"\t\"2026-11-19 00:00:00", "RCPT=ERELAY", "")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        /* It may make itself look bad, or refused. */
        {"smtp", BYTES(SMTP_HELO("a\"\t\"b\"\t\"c\"\t\"d\"\t\"e\"\t\"SMTP=EERRS", "RCPT=OK", "")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp", BYTES(SMTP_HELO("a\"\t\"b\"\t\"c\"\t\"d\"\t\"e\"\t\"SNDR=ENODNS", "RCPT=OK", "")), RECORD_VALID,
         "192.0.2.1", VERDICT_REFUSED},
        /* Unauthorised wins over refused, wherever each stands. */
        {"smtp", BYTES(SMTP_HELO("a\"\t\"b\"\t\"c\"\t\"d\"\t\"e\"\t\"SNDR=ENODNS", "RCPT=ERELAY", "")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp", BYTES(SMTP_HELO("a\"\t\"b\"\t\"c\"\t\"d\"\t\"e\"\t\"RCPT=ERELAY", "SNDR=ENODNS", "")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        /* Fields before the sixth behind the time can't be the status. */
        {"smtp", BYTES(SMTP_HELO("a\"\t\"RCPT=ERELAY\"\t\"RCPT=ERELAY", "RCPT=OK", "")), RECORD_VALID, "192.0.2.1", 0},
        /* Quotes alone add no field. */
        {"smtp", BYTES(SMTP_HELO("\"\"\"", "RCPT=ERELAY", "")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void an_injected_pop3_user_can_neither_accuse_nor_hide_nor_exempt(void **state)
{
    static const struct row rows[] = {
        /* To the right: USER a"<TAB>"b. */
        {"pop3", BYTES(POP3("d", "a\"\t\"b", "\"ELOGIN\"")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"pop3", BYTES(POP3("d", "a\"\t\"LOGIN\"\t\"1", "\"ELOGIN\"")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"pop3", BYTES(POP3("d", "a\"\t\"x\"\t\"LOGIN\"\t\"1\"\t\"2", "\"ELOGIN\"")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"pop3", BYTES(POP3("d", "a\"\t\"LOGIN\"\t\"1\"\t\"2", "\"ELOGIN\"")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"pop3", BYTES(POP3("d", "a\"\t\"2026-11-20 00:00:00\"\t\"b", "\"ELOGIN\"")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        /* To the left: USER x@d"<TAB>"198.51.100.9"<TAB>"2026-11-20"<TAB>"u"<TAB>""<TAB>"ELOGIN. */
        {"pop3", BYTES(POP3("d\"\t\"198.51.100.9", "u", "\"ELOGIN\"")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"pop3",
         BYTES(POP3("d\"\t\"198.51.100.9\"\t\"2026-11-20\"\t\"u\"\t\"\"\t\"ELOGIN", "u", "\"LOGIN\"\t\"1\"\t\"2\"")),
         RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES(POP3("d\"\t\"198.51.100.9\"\t\"2026-11-20_12:34:56", "u", "\"ELOGIN\"")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"pop3", BYTES(POP3("d\"\t\"198.51.100.9\"\t\"2026-11-20T12:34:56", "u", "\"ELOGIN\"")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"pop3", BYTES(POP3("d\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t", "u\t\t\t\t\t\t\t\t\t", "\"ELOGIN\"")),
         RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        /* Two fields behind the time are no place for a status; the third and all behind it are. */
        {"pop3", BYTES(POP3("d", "ELOGIN\"\t\"ELOGIN", "\"LOGIN\"\t\"1\"\t\"2\"")), RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES(POP3("d", "a\"\t\"b\"\t\"ELOGIN", "\"LOGIN\"\t\"1\"\t\"2\"")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void a_finger_query_changes_nothing_however_many_fields_it_has(void **state)
{
    static const struct row rows[] = {
        {"finger", BYTES("\"mx\"\t\"\"\t\"192.0.2.1\"\t" TIME "\t\"a\"\t\"198.51.100.9\"\t\"2026-11-19 00:00:00\""),
         RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"finger", BYTES("\"mx\"\t\"d\"\t\"198.51.100.9\"\t\"192.0.2.1\"\t" TIME "\t\"a\""), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"finger", BYTES(TIME "\t\"a\""), RECORD_MALFORMED, "", 0},
        {"finger", BYTES("\"mx\"\t\"\"\t\"\"\t" TIME "\t\"192.0.2.1\""), RECORD_MALFORMED, "", 0},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void other_formats_take_only_records_with_exactly_their_fields(void **state)
{
    static const struct row rows[] = {
        {"ctrl", BYTES("\"192.0.2.1\"\t\"root\"\t" TIME "\t\"FAIL\""), RECORD_MALFORMED, "", 0},
        {"ctrl", BYTES("\"192.0.2.1\"\t\"a\"\t\"b\"\t\"c\"\t" TIME "\t\"FAIL\""), RECORD_MALFORMED, "", 0},
        {"ctrl", BYTES(CTRL("FAIL") "\t\"\""), RECORD_MALFORMED, "", 0},
        {"ctrl", BYTES("\"192.0.2.1\"\t\"a\"\t\"b\"\t\"2026-11-20\"\t\"FAIL\""), RECORD_MALFORMED, "", 0},
        {"ctrl", BYTES("\"192.0.2.1\"\t\"a\"\t\"b\"\t\"2026/11/20 12:34:56\"\t\"FAIL\""), RECORD_MALFORMED, "", 0},
        {"ctrl", BYTES("\"192.0.2.1\"\t\"a\"\t\"b\"\t\"2026-11-20 12:34:56 x\"\t\"FAIL\""), RECORD_MALFORMED, "", 0},
        {"xmailcfg-filter", BYTES("\"2026-11-20\"\t\"受信拒否\"\t\"a\"\t\"192.0.2.1\""), RECORD_MALFORMED, "", 0},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", "受信拒否", "a", "b\"\t\"c", "192.0.2.1")), RECORD_MALFORMED, "",
         0},
        {"k4", BYTES(K4("Failure", "192.0.2.1") "\t\"192.0.2.1\""), RECORD_MALFORMED, "", 0},
        {"k4", BYTES("\"2026/11/20 12:34:56\"\t\"Failure\"\t\"192.0.2.1\""), RECORD_MALFORMED, "", 0},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void old_records_with_fewer_fields_are_searched_like_touched_ones(void **state)
{
    static const struct row rows[] = {
        {"smtp", BYTES(SMTP_HEAD "\t\"pc\"\t\"\"\t\"a\"\t\"b\"\t\"S1\"\t\"RCPT=ERELAY\"\t\"\"\t\"0\""), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp", BYTES(SMTP_HEAD "\t\"pc\"\t\"\"\t\"a\"\t\"b\"\t\"S1\"\t\"RCPT=OK\"\t\"\"\t\"0\""), RECORD_VALID,
         "192.0.2.1", 0},
        {"smtp", BYTES(SMTP_HEAD "\t\"pc\"\t\"\"\t\"a\"\t\"b\"\t\"S1\"\t\"SNDRIP=EIPBAN\""), RECORD_VALID, "192.0.2.1",
         VERDICT_REFUSED},
        {"smtp", BYTES(SMTP_HEAD "\t\"pc\"\t\"\"\t\"a\"\t\"b\"\t\"RCPT=ERELAY\""), RECORD_MALFORMED, "", 0},
        {"smtp", BYTES(SMTP_HEAD), RECORD_MALFORMED, "", 0},
        {"pop3", BYTES("\"mx\"\t\"d\"\t\"192.0.2.1\"\t" TIME "\t\"u\"\t\"p\""), RECORD_MALFORMED, "", 0},
        {"pop3", BYTES("\"mx\"\t\"d\"\t\"192.0.2.1\"\t" TIME "\t\"ELOGIN\"\t\"ELOGIN\""), RECORD_MALFORMED, "", 0},
        {"pop3", BYTES("\"mx\"\t\"d\"\t\"192.0.2.1\"\t" TIME), RECORD_MALFORMED, "", 0},
        {"pop3", BYTES("\"192.0.2.1\"\t" TIME "\t\"u\"\t\"p\"\t\"ELOGIN\""), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static void a_field_added_to_an_old_record_does_not_hide_its_status(void **state)
{
    static const struct row rows[] = {
        {"smtp", BYTES(SMTP_HEAD "\t\"x\"\t\"pc\"\t\"\"\t\"a\"\t\"b\"\t\"S1\"\t\"RCPT=ERELAY\"\t\"\"\t\"0\""),
         RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp", BYTES(SMTP_HEAD "\t\"x\"\t\"pc\"\t\"\"\t\"a\"\t\"RCPT=OK\"\t\"u\"\t\"RCPT=OK\"\t\"u\"\t\"0\""),
         RECORD_VALID, "192.0.2.1", 0},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void one_carriage_return_at_the_end_is_dropped(void **state)
{
    static const struct row rows[] = {
        {"pop3", BYTES(POP3("d", "u", "\"ELOGIN\"\r")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"pop3", BYTES(POP3("d", "u", "\"ELOGIN\"\r\r")), RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES(POP3("d", "u", "\"LOGIN\"\t\"1\"\t\"2\"\r")), RECORD_VALID, "192.0.2.1", VERDICT_LOGIN},
        {"ctrl", BYTES(CTRL("FAIL") "\r"), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"k4", BYTES(K4("Failure", "192.0.2.1") "\r"), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp", BYTES("\r"), RECORD_MALFORMED, "", 0},
        {"smtp", BYTES("\r\r"), RECORD_MALFORMED, "", 0},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void one_quote_at_each_end_of_a_field_is_dropped(void **state)
{
    static const struct row rows[] = {
        {"pop3", BYTES("mx\td\t192.0.2.1\t2026-11-20 12:34:56\tu\tp\tELOGIN"), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"pop3", BYTES("\"mx\td\"\t\"192.0.2.1\t2026-11-20 12:34:56\"\tu\tp\t\"ELOGIN"), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"pop3", BYTES("mx\td\t192.0.2.1\"\t\"2026-11-20 12:34:56\t\t\tELOGIN\""), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"pop3", BYTES(POP3("d", "u", "\"\"ELOGIN\"\"")), RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES("\"mx\"\t\"d\"\t\"\"192.0.2.1\"\"\t" TIME "\t\"u\"\t\"\"\t\"ELOGIN\""), RECORD_MALFORMED, "", 0},
        {"pop3", BYTES("\"mx\"\t\"d\"\t\"192.0.2.1\"\t" TIME "\t\"\t\"\t\"ELOGIN\""), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"ctrl", BYTES("192.0.2.1\troot\tx\t2026-11-20 12:34:56\tFAIL"), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"ctrl", BYTES("192.0.2.1\t\t\t2026-11-20 12:34:56\t\""), RECORD_VALID, "192.0.2.1", 0},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void a_nul_is_a_byte_like_any_other(void **state)
{
    static const struct row rows[] = {
        {"pop3", BYTES(POP3("d", "u\0v", "\"ELOGIN\"")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"pop3", BYTES("\0\"\t\"\0\"\t\"192.0.2.1\"\t" TIME "\t\"\0\"\t\"\0\"\t\"ELOGIN\""), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"pop3", BYTES(POP3("d", "u", "\"ELOGIN\0\"")), RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES(POP3("d", "u", "\"\0ELOGIN\"")), RECORD_VALID, "192.0.2.1", 0},
        {"pop3", BYTES("\"mx\"\t\"d\"\t\"192.0.2.1\0\"\t" TIME "\t\"u\"\t\"\"\t\"ELOGIN\""), RECORD_MALFORMED, "", 0},
        {"pop3", BYTES("\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 12:34:56\0\"\t\"u\"\t\"\"\t\"ELOGIN\""),
         RECORD_MALFORMED, "", 0},
        {"k4", BYTES(K4("Failure", "x\0 192.0.2.1")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"k4", BYTES(K4("Failure", "198.51.100\0 192.0.2.1\0")), RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp", BYTES("\0\0\0\0"), RECORD_MALFORMED, "", 0},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void what_is_no_record_is_malformed(void **state)
{
    static const char *const formats[] = {"smtp",    "pop3", "xmailcfg-filter", "ctrl",
                                          "filters", "k4",   "finger",          "event"};
    static const struct {
        const char *line;
        size_t length;
    } lines[] = {
        {BYTES("")},
        {BYTES("\"")},
        {BYTES("\"\"")},
        {BYTES("\t")},
        {BYTES("hello")},
        {BYTES("\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"")},
        {BYTES("192.0.2.1 2026-11-20 12:34:56")},
        {BYTES("2026-11-20 12:34:56")},
        {BYTES("\xff\xfe\x00\x80")},
    };
    (void)state;
    for (size_t f = 0; f < COUNT_OF(formats); f++) {
        for (size_t i = 0; i < COUNT_OF(lines); i++) {
            const struct row row = {formats[f], lines[i].line, lines[i].length, RECORD_MALFORMED, "", 0};
            check_rows(&row, 1);
        }
    }
}

static void very_many_tabs_do_no_harm(void **state)
{
    static const size_t counts[] = {1000, 100 * 1000, 1000 * 1000};
    static const char *const formats[] = {"smtp", "pop3", "xmailcfg-filter", "ctrl", "k4", "finger"};
    static const char front[] = "\"192.0.2.1\"\t" TIME "\t";
    static const char back[] = "\"SMTP=EERRS\"";
    (void)state;
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        struct buffer tabs = {0};
        struct buffer line = {0};
        for (size_t i = 0; i < counts[c]; i++)
            buffer_add(&tabs, "\t", 1);
        buffer_add(&line, tabs.bytes, tabs.length);
        buffer_add_text(&line, front);
        buffer_add(&line, tabs.bytes, tabs.length);
        buffer_add_text(&line, back);
        const enum record_result result = line.length <= RECORD_LENGTH_MAX ? RECORD_VALID : RECORD_MALFORMED;
        assert_int_equal(result, c < 2 ? RECORD_VALID : RECORD_MALFORMED);
        for (size_t f = 0; f < COUNT_OF(formats); f++) {
            struct conf_log log = log_from((struct log_wish){.format = formats[f]});
            struct record_reader *reader = reader_of(&log);
            struct record record;
            assert_int_equal(read_exactly(reader, tabs.bytes, tabs.length, &record), RECORD_MALFORMED);
            if (f == 0) {
                assert_int_equal(read_exactly(reader, line.bytes, line.length, &record), result);
                if (result == RECORD_VALID)
                    assert_int_equal(record.verdict, VERDICT_UNAUTHORIZED);
            }
            record_reader_free(reader);
            log_drop(&log);
        }
        buffer_clear(&tabs);
        buffer_clear(&line);
    }
}

static void a_record_of_the_greatest_length_counts_and_a_longer_one_is_malformed(void **state)
{
    static const char head[] = "\"mx\"\t\"d\"\t\"192.0.2.1\"\t" TIME "\t\"";
    static const char tail[] = "\"\t\"\"\t\"ELOGIN\"";
    struct conf_log log = log_from((struct log_wish){.format = "pop3"});
    struct record_reader *reader = reader_of(&log);
    (void)state;
    for (size_t more = 0; more <= 1; more++) {
        struct buffer line = {0};
        buffer_add_text(&line, head);
        while (line.length < RECORD_LENGTH_MAX + more - (sizeof tail - 1))
            buffer_add_text(&line, "u");
        buffer_add_text(&line, tail);
        const struct row row = {"pop3",      line.bytes,          line.length, more ? RECORD_MALFORMED : RECORD_VALID,
                                "192.0.2.1", VERDICT_UNAUTHORIZED};
        struct record record;
        assert_int_equal(read_exactly(reader, row.line, row.length, &record), row.result);
        buffer_clear(&line);
    }
    record_reader_free(reader);
    log_drop(&log);
}

static void a_line_with_a_line_end_in_it_is_no_record(void **state)
{
    static const struct row rows[] = {
        {"pop3", BYTES(POP3("d", "u", "\"ELOGIN\"") "\n"), RECORD_MALFORMED, "", 0},
        {"pop3", BYTES("\n" POP3("d", "u", "\"ELOGIN\"")), RECORD_MALFORMED, "", 0},
    };
    struct conf_log log = log_from((struct log_wish){.format = "pop3"});
    struct record_reader *reader = reader_of(&log);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct record record;
        assert_int_equal(read_exactly(reader, rows[i].line, rows[i].length, &record), RECORD_MALFORMED);
    }
    record_reader_free(reader);
    log_drop(&log);
}

static void any_bytes_are_read_without_harm(void **state)
{
    static const char alphabet[] = "\t\t\t\t\"\"0123456789-/: .\r\xff\x00RCPT=EAVAIL";
    static const char *const formats[] = {"smtp", "pop3", "xmailcfg-filter", "ctrl", "k4", "finger"};
    uint64_t seed = 41;
    (void)state;
    for (size_t f = 0; f < COUNT_OF(formats); f++) {
        struct conf_log log = log_from((struct log_wish){.format = formats[f]});
        struct record_reader *reader = reader_of(&log);
        for (int round = 0; round < 5000; round++) {
            char line[120];
            struct record record = {.day = 0};
            size_t length = random_below(&seed, sizeof line);
            for (size_t i = 0; i < length; i++)
                line[i] = alphabet[random_below(&seed, sizeof alphabet)];
            if (length > 40 && round % 2) /* half of them with a time and an address somewhere */
                memcpy(line + random_below(&seed, length - 32), "\t1.2.3.4\t2026-11-20 12:34:56\t", 29);
            if (read_exactly(reader, line, length, &record) == RECORD_VALID)
                assert_true(day_in_range(range, record.day) && day_is_plausible(record.day));
        }
        record_reader_free(reader);
        log_drop(&log);
    }
}

/* --- days --------------------------------------------------------------------------------------------------------- */

static void only_days_of_the_range_count(void **state)
{
    static const struct {
        const char *time;
        enum record_result result;
        day_number day;
    } rows[] = {
        {"2026-11-14 23:59:59", RECORD_OUT_OF_RANGE, 0},
        {"2026-11-15 00:00:00", RECORD_VALID, 20261115},
        {"2026-11-18 12:00:00", RECORD_VALID, 20261118},
        {"2026-11-21 23:59:59", RECORD_VALID, 20261121},
        {"2026-11-22 00:00:00", RECORD_OUT_OF_RANGE, 0},
        {"2025-11-18 12:00:00", RECORD_OUT_OF_RANGE, 0},
        {"0001-01-01 00:00:00", RECORD_OUT_OF_RANGE, 0},
        {"9999-12-31 23:59:59", RECORD_OUT_OF_RANGE, 0},
        {"2026-02-31 12:00:00", RECORD_OUT_OF_RANGE, 0},
        {"2026-11-31 12:00:00", RECORD_OUT_OF_RANGE, 0}, /* days 01 to 31, whatever the month */
        {"2026-00-18 12:00:00", RECORD_MALFORMED, 0},
        {"2026-13-18 12:00:00", RECORD_MALFORMED, 0},
        {"2026-11-00 12:00:00", RECORD_MALFORMED, 0},
        {"2026-11-32 12:00:00", RECORD_MALFORMED, 0},
        {"2026-11-18 12:00", RECORD_MALFORMED, 0},
        {"2026-11-18 12:00:00 ", RECORD_MALFORMED, 0},
        {" 2026-11-18 12:00:00", RECORD_MALFORMED, 0},
        {"2026/11/18 12:00:00", RECORD_MALFORMED, 0},
        {"2026-11-18T12:00:00", RECORD_MALFORMED, 0},
        {"2026-11-18", RECORD_MALFORMED, 0},
        {"20261118 12:00:00", RECORD_MALFORMED, 0},
        {"2026-1-18 12:00:00", RECORD_MALFORMED, 0},
        {"", RECORD_MALFORMED, 0},
    };
    struct conf_log log = log_from((struct log_wish){.format = "pop3"});
    struct record_reader *reader = reader_of(&log);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[256];
        struct record record = {.day = 1, .verdict = 77};
        int length =
            snprintf(line, sizeof line, "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"%s\"\t\"u\"\t\"\"\t\"ELOGIN\"", rows[i].time);
        enum record_result result = read_exactly(reader, line, (size_t)length, &record);
        if (result != rows[i].result)
            fail_msg("%s: %d", rows[i].time, result);
        if (result == RECORD_VALID)
            assert_int_equal(record.day, rows[i].day);
        else
            assert_int_equal(record.verdict, 77); /* not filled in */
    }
    record_reader_free(reader);
    log_drop(&log);
}

static void a_date_at_the_start_of_its_field_is_enough_for_the_other_formats(void **state)
{
    static const struct {
        const char *time;
        enum record_result result;
        day_number day;
    } rows[] = {
        {"2026-11-20", RECORD_VALID, 20261120},
        {"2026/11/20", RECORD_VALID, 20261120},
        {"2026/11/20 (Fri) 12:34", RECORD_VALID, 20261120},
        {"2026-11-20T12:34:56+09:00", RECORD_VALID, 20261120},
        {"2026-11-200", RECORD_VALID, 20261120},
        {"2026-11/20", RECORD_MALFORMED, 0},
        {"2026.11.20", RECORD_MALFORMED, 0},
        {"2026-11-2", RECORD_MALFORMED, 0},
        {" 2026-11-20", RECORD_MALFORMED, 0},
        {"20/11/2026", RECORD_MALFORMED, 0},
        {"2026/13/20", RECORD_MALFORMED, 0},
        {"2026/11/32", RECORD_MALFORMED, 0},
        {"2026/11/14", RECORD_OUT_OF_RANGE, 0},
        {"2026/11/15", RECORD_VALID, 20261115},
        {"2026/11/22 00:00", RECORD_OUT_OF_RANGE, 0},
    };
    struct conf_log log = log_from((struct log_wish){.format = "xmailcfg-filter"});
    struct record_reader *reader = reader_of(&log);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[256];
        struct record record = {.day = 0};
        int length = snprintf(line, sizeof line, WEB("%s", "受信拒否", "a", "b", "192.0.2.1"), rows[i].time);
        enum record_result result = read_exactly(reader, line, (size_t)length, &record);
        if (result != rows[i].result || (result == RECORD_VALID && record.day != rows[i].day))
            fail_msg("%s: result %d, day %u", rows[i].time, result, record.day);
        if (result == RECORD_VALID)
            assert_int_equal(record.verdict, VERDICT_UNAUTHORIZED);
    }
    record_reader_free(reader);
    log_drop(&log);
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

static void the_address_is_strict(void **state)
{
    static const struct {
        const char *written;
        const char *address; /* NULL: malformed */
    } rows[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::FFFF:c000:201", "192.0.2.1"},
        {"2001:DB8::1", "2001:db8::1"},
        {"fe80::1%eth0", "fe80::1"},
        {"::1", "::1"},
        {"", NULL},
        {"192.0.2", NULL},
        {"192.0.2.1.", NULL},
        {"192.0.2.01", NULL},
        {"192.0.2.256", NULL},
        {"192.0.2.1 ", NULL},
        {" 192.0.2.1", NULL},
        {"192.0.2.1:25", NULL},
        {"[192.0.2.1]", NULL},
        {"0xc0.0.2.1", NULL},
        {"192.0.2.1%eth0", NULL},
        {"localhost", NULL},
        {"2001:db8::1/64", NULL},
        {":::", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[256];
        int length =
            snprintf(line, sizeof line, "\"mx\"\t\"d\"\t\"%s\"\t" TIME "\t\"u\"\t\"\"\t\"ELOGIN\"", rows[i].written);
        const struct row row = {"pop3",          line,
                                (size_t)length,  rows[i].address ? RECORD_VALID : RECORD_MALFORMED,
                                rows[i].address, VERDICT_UNAUTHORIZED};
        check_rows(&row, 1);
    }
}

static void the_first_whole_token_of_the_last_field_that_is_an_address_counts(void **state)
{
    static const struct {
        const char *last;
        const char *address; /* NULL: malformed */
    } rows[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"client=192.0.2.1", "192.0.2.1"},
        {"[192.0.2.1]", "192.0.2.1"},
        {"(192.0.2.1), 198.51.100.9", "192.0.2.1"},
        {"host.example.com [192.0.2.1]", "192.0.2.1"},
        {"Mozilla/5.0 (Windows NT 10.0) 192.0.2.1", "192.0.2.1"},
        {"1.2.3 1.2.3.4.5 192.0.2.1", "192.0.2.1"},
        {"192.0.2.1.x 198.51.100.9", "198.51.100.9"},
        {"192.0.2.1: 198.51.100.9", "198.51.100.9"},
        {"192.0.2.1:587", NULL},
        {"192.0.2.1a", NULL},
        {"x192.0.2.1", "192.0.2.1"},
        {"a192.0.2.1", NULL}, /* a is a hexadecimal digit: one token */
        {"2001:db8::1", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"fe80::1%eth0", "fe80::1"},
        {"::", "::"},
        {"at 12:34:56", NULL},
        {"face", NULL},
        {"no address", NULL},
        {"", NULL},
        {"192.0.2.256 192.0.2.01", NULL},
        {"日本192.0.2.1日本", "192.0.2.1"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[512];
        const enum record_result result = rows[i].address ? RECORD_VALID : RECORD_MALFORMED;
        int length = snprintf(line, sizeof line, K4("Failure", "%s"), rows[i].last);
        const struct row k4 = {"k4", line, (size_t)length, result, rows[i].address, VERDICT_UNAUTHORIZED};
        check_rows(&k4, 1);
        length = snprintf(line, sizeof line, WEB("2026-11-20", "受信拒否", "198.51.100.7", "198.51.100.8", "%s"),
                          rows[i].last);
        const struct row web = {"xmailcfg-filter", line, (size_t)length, result, rows[i].address, VERDICT_UNAUTHORIZED};
        check_rows(&web, 1);
    }
}

static void fields_that_others_write_are_never_searched_for_the_address(void **state)
{
    static const struct row rows[] = {
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", "受信拒否", "198.51.100.9", "198.51.100.9", "")), RECORD_MALFORMED,
         "", 0},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", "受信拒否 198.51.100.9", "a", "b", "x 192.0.2.1")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"k4",
         BYTES("\"2026/11/"
               "20\"\t\"Failure\"\t\"198.51.100.9\"\t\"198.51.100.9\"\t\"198.51.100.9\"\t\"\"\t\"\"\t\"\"\t\"x\""),
         RECORD_MALFORMED, "", 0},
    };
    (void)state;
    check_rows(rows, COUNT_OF(rows));
}

static void address_field_takes_the_address_from_where_it_says(void **state)
{
    static const struct row positional[] = {
        /* Field 5 instead of 3; the number of fields is free now. */
        {"event", BYTES("\"2026-11-20\"\t\"denied\"\t\"198.51.100.9\"\t\"u\"\t\"192.0.2.1\""), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"event", BYTES("\"2026-11-20\"\t\"denied\"\t\"198.51.100.9\"\t\"u\"\t\"192.0.2.1\"\t\"more\""), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"event", BYTES("\"2026-11-20\"\t\"denied\"\t\"198.51.100.9\"\t\"u\""), RECORD_MALFORMED, "", 0},
        {"event", BYTES("\"2026-11-20\"\t\"denied\"\t\"198.51.100.9\"\t\"u\"\t\"x\""), RECORD_MALFORMED, "", 0},
    };
    static const struct row anchored[] = {
        /* Field 13 of an untouched record; of another one nothing to the right of the time is sure. */
        {"smtp", BYTES(SMTP_HEAD "\t\"pc\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"RCPT=ERELAY\"\t\"\"\t\"0\"\t\"198.51.100.9\""),
         RECORD_VALID, "198.51.100.9", VERDICT_UNAUTHORIZED},
        {"smtp",
         BYTES(SMTP_HEAD
               "\t\"a\"\t\"b\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"RCPT=ERELAY\"\t\"\"\t\"198.51.100.9\"\t\"198.51.100.9\""),
         RECORD_MALFORMED, "", 0},
    };
    (void)state;
    check_rows_of((struct log_wish){.format = "event", .unauthorized = "denied", .address_field = 5}, positional,
                  COUNT_OF(positional));
    check_rows_of((struct log_wish){.format = "smtp", .address_field = 13}, anchored, COUNT_OF(anchored));
}

static void address_pattern_takes_its_group_from_the_address_field(void **state)
{
    static const struct row rows[] = {
        {"k4", BYTES(K4("Failure", "192.0.2.1 via 198.51.100.9")), RECORD_VALID, "198.51.100.9", VERDICT_UNAUTHORIZED},
        {"k4", BYTES(K4("Failure", "192.0.2.1")), RECORD_MALFORMED, "", 0},
        {"k4", BYTES(K4("Failure", "via 192.0.2.256")), RECORD_MALFORMED, "", 0},
        {"k4", BYTES(K4("Success", "via 192.0.2.1")), RECORD_VALID, "192.0.2.1", 0},
        {"k4", BYTES("\"2026/11/20\"\t\"Failure\"\t\"via 192.0.2.1\""), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
    };
    static const struct row smtp[] = {
        {"smtp", BYTES("\"\"\t\"\"\t\"[192.0.2.1]\"\t" TIME "\t\"pc\"" SMTP_TAIL("RCPT=ERELAY", "")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"smtp", BYTES(SMTP("RCPT=ERELAY", "")), RECORD_MALFORMED, "", 0},
        {"smtp",
         BYTES("\"\"\t\"\"\t\"[192.0.2.1]\"\t" TIME "\t\"pc\"\t\"[198.51.100.9]\"" SMTP_TAIL("RCPT=ERELAY", "")),
         RECORD_VALID, "192.0.2.1", VERDICT_UNAUTHORIZED},
    };
    (void)state;
    check_rows_of((struct log_wish){.format = "k4", .address_pattern = "via (?<ip>\\S+)"}, rows, COUNT_OF(rows));
    check_rows_of((struct log_wish){.format = "smtp", .address_pattern = "^\\[(?<ip>.*)\\]$"}, smtp, COUNT_OF(smtp));
}

/* --- encodings ---------------------------------------------------------------------------------------------------- */

#define EUC_REFUSED  "\xbc\xf5\xbf\xae\xb5\xf1\xc8\xdd" /* 受信拒否 */
#define SJIS_REFUSED "\x8e\xf3\x90\x4d\x8b\x91\x94\xdb"
#define SJIS_ARRIVED "\x92\x85\x90\x4d\x8b\x91\x94\xdb" /* 着信拒否 */

static void a_status_in_another_encoding_is_converted_before_matching(void **state)
{
    static const struct row euc[] = {
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", EUC_REFUSED, "a", "b", "192.0.2.1")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", "x " EUC_REFUSED " y", "\xff", "\x8e", "192.0.2.1")), RECORD_VALID,
         "192.0.2.1", VERDICT_UNAUTHORIZED},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", SJIS_REFUSED, "a", "b", "192.0.2.1")), RECORD_VALID, "192.0.2.1",
         0},
        /* Broken: a byte that can't be, and a character cut in two. */
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", EUC_REFUSED "\xff", "a", "b", "192.0.2.1")), RECORD_VALID,
         "192.0.2.1", 0},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", EUC_REFUSED "\xbc", "a", "b", "192.0.2.1")), RECORD_VALID,
         "192.0.2.1", 0},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", "受信拒否", "a", "b", "192.0.2.1")), RECORD_VALID, "192.0.2.1", 0},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", "ok", "a", "b", "192.0.2.1")), RECORD_VALID, "192.0.2.1", 0},
        /* After a broken one the next is read from the start. */
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", EUC_REFUSED, "a", "b", "192.0.2.1")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
    };
    static const struct row sjis[] = {
        {"xmailcfg-filter", BYTES(WEB("2026/11/20", SJIS_REFUSED, "a", "b", "192.0.2.1")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"xmailcfg-filter", BYTES(WEB("2026/11/20", SJIS_ARRIVED, "a", "b", "192.0.2.1")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"xmailcfg-filter", BYTES(WEB("2026/11/20", SJIS_REFUSED "\x8e", "a", "b", "192.0.2.1")), RECORD_VALID,
         "192.0.2.1", 0},
    };
    (void)state;
    check_rows_of((struct log_wish){.format = "xmailcfg-filter", .encoding = "EUC-JP"}, euc, COUNT_OF(euc));
    check_rows_of((struct log_wish){.format = "xmailcfg-filter", .encoding = "SHIFT_JIS"}, sjis, COUNT_OF(sjis));
}

static void a_long_status_is_converted_whole(void **state)
{
    struct conf_log log = log_from((struct log_wish){.format = "xmailcfg-filter", .encoding = "EUC-JP"});
    struct record_reader *reader = reader_of(&log);
    struct buffer line = {0};
    struct record record;
    (void)state;
    buffer_add_text(&line, "\"2026-11-20\"\t\"");
    for (int i = 0; i < 20000; i++)
        buffer_add_text(&line, "\xa4\xa2"); /* あ */
    buffer_add_text(&line, EUC_REFUSED "\"\t\"\"\t\"\"\t\"192.0.2.1\"");
    assert_int_equal(read_exactly(reader, line.bytes, line.length, &record), RECORD_VALID);
    assert_int_equal(record.verdict, VERDICT_UNAUTHORIZED);
    buffer_clear(&line);
    record_reader_free(reader);
    log_drop(&log);
}

/* UTF-16 and the like: the C library remembers a mark of the byte order even when it is told to begin anew. */
static void a_status_is_converted_whatever_was_converted_before_it(void **state)
{
#define LITTLE "\xff\xfe"
#define BIG    "\xfe\xff"
    static const struct row rows[] = {
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", BIG "\0E", "", "", "192.0.2.1")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", LITTLE "E\0", "", "", "192.0.2.1")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", BIG "\0E\0x", "", "", "192.0.2.1")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", LITTLE "\0E", "", "", "192.0.2.1")), RECORD_VALID, "192.0.2.1", 0},
        {"xmailcfg-filter", BYTES(WEB("2026-11-20", LITTLE "E\0x\0", "", "", "192.0.2.1")), RECORD_VALID, "192.0.2.1",
         VERDICT_UNAUTHORIZED},
    };
    (void)state;
    check_rows_of((struct log_wish){.format = "xmailcfg-filter", .unauthorized = "^E", .encoding = "UTF-16"}, rows,
                  COUNT_OF(rows));
}

static void an_unknown_encoding_is_an_error(void **state)
{
    struct conf_log log = log_from((struct log_wish){.format = "k4", .encoding = "NO-SUCH-ENCODING"});
    struct error error;
    (void)state;
    assert_null(record_reader_new(&log, range, &error));
    assert_non_null(strstr(error.text, "NO-SUCH-ENCODING"));
    log_drop(&log);
}

/* --- limits of patterns ------------------------------------------------------------------------------------------- */

/* A pattern that gives up on a row of a. */
#define GIVES_UP "^(?:a|aa|aaa)+$(?<!a)"
#define A_ROW    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A_SHORT  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" /* is remembered */

/* The line is valid, has this verdict, and the pattern has given up once: each time, and in a tally, too. */
static void check_limit(struct record_reader *reader, const char *line, size_t length, unsigned verdict)
{
    for (int i = 0; i < 3; i++) {
        struct record record = {.day = 0};
        assert_int_equal(read_exactly(reader, line, length, &record), RECORD_VALID);
        assert_int_equal(record.verdict, verdict);
        assert_int_equal(record.limits, 1);
    }
    struct tally tally = tally_of(reader, line, length);
    struct listing listing = listing_of(&tally);
    assert_int_equal(listing.day_count, 1);
    assert_int_equal(listing.days[0].records, REPEATED);
    assert_int_equal(listing.days[0].limits, REPEATED);
    assert_int_equal(listing.host_count, verdict != 0);
    listing_clear(&listing);
    tally_clear(&tally);
}

static void a_status_on_which_a_pattern_gives_up_does_not_match_and_is_counted_each_time(void **state)
{
    struct conf_log log =
        log_from((struct log_wish){.format = "smtp", .unauthorized = GIVES_UP, .refused = "REFUSED$"});
    struct record_reader *reader = reader_of(&log);
    (void)state;
    check_limit(reader, BYTES(SMTP(A_ROW, "")), 0);
    check_limit(reader, BYTES(SMTP(A_SHORT, "")), 0);
    check_limit(reader, BYTES(SMTP(A_ROW "REFUSED", "")), VERDICT_REFUSED);
    record_reader_free(reader);
    log_drop(&log);
}

static void a_long_status_on_which_a_pattern_gives_up_is_counted_too(void **state)
{
    struct conf_log log = log_from((struct log_wish){.format = "pop3", .unauthorized = GIVES_UP});
    struct record_reader *reader = reader_of(&log);
    char status[201];
    char line[300];
    (void)state;
    memset(status, 'a', sizeof status - 1);
    status[sizeof status - 1] = '\0';
    int length = snprintf(line, sizeof line, POP3("d", "u", "\"%s\""), status);
    check_limit(reader, line, (size_t)length, 0);
    record_reader_free(reader);
    log_drop(&log);
}

static void an_address_on_which_a_pattern_gives_up_is_malformed_and_counted(void **state)
{
    static const char line[] = "\"mx\"\t\"d\"\t\"" A_ROW "\"\t" TIME "\t\"u\"\t\"\"\t\"ELOGIN\"";
    static const char old[] = "\"mx\"\t\"d\"\t\"" A_ROW "\"\t\"2026-11-14 00:00:00\"\t\"u\"\t\"\"\t\"ELOGIN\"";
    struct conf_log log =
        log_from((struct log_wish){.format = "pop3", .address_pattern = "(?<ip>^(?:a|aa|aaa)+$(?<!a))"});
    struct record_reader *reader = reader_of(&log);
    struct record record = {.day = 0};
    (void)state;
    assert_int_equal(read_exactly(reader, BYTES(line), &record), RECORD_MALFORMED);
    assert_int_equal(record.limits, 1);
    struct tally tally = tally_of(reader, BYTES(line));
    struct listing listing = listing_of(&tally);
    assert_int_equal(listing.malformed, REPEATED);
    assert_int_equal(listing.day_count, 1);
    assert_int_equal(listing.days[0].day, DAY);
    assert_int_equal(listing.days[0].records, 0);
    assert_int_equal(listing.days[0].limits, REPEATED);
    assert_int_equal(listing.host_count, 0);
    listing_clear(&listing);
    tally_clear(&tally);
    /* Of a day that doesn't count nothing is told but that it is malformed. */
    tally = tally_of(reader, BYTES(old));
    assert_int_equal(tally.malformed, REPEATED);
    assert_int_equal(tally.day_count, 0);
    tally_clear(&tally);
    record_reader_free(reader);
    log_drop(&log);
}

static void statuses_that_look_alike_are_not_mixed_up(void **state)
{
    struct conf_log log = log_from((struct log_wish){.format = "pop3", .unauthorized = "^x\\d*[02468]y*$"});
    struct record_reader *reader = reader_of(&log);
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int number = 0; number < 2000; number++) {
            char line[300];
            struct record record;
            /* Lengths on both sides of what the reader remembers. */
            static const char tail[] = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy";
            int length = snprintf(line, sizeof line, POP3("d", "u", "\"x%d%.*s\""), number, number % 64, tail);
            assert_int_equal(record_read(reader, line, (size_t)length, &record), RECORD_VALID);
            if (record.verdict != (number % 2 == 0 ? VERDICT_UNAUTHORIZED : 0u))
                fail_msg("%s: %u", line, record.verdict);
        }
    }
    record_reader_free(reader);
    log_drop(&log);
}

static void a_status_that_begins_like_another_is_not_taken_for_it(void **state)
{
    struct conf_log log = log_from((struct log_wish){.format = "pop3", .unauthorized = "^x\\d+$"});
    struct record_reader *reader = reader_of(&log);
    (void)state;
    for (int number = 0; number < 20000; number++) {
        char line[300];
        struct record record;
        int length = snprintf(line, sizeof line, POP3("d", "u", "\"x%dy\""), number);
        assert_int_equal(record_read(reader, line, (size_t)length, &record), RECORD_VALID);
        assert_int_equal(record.verdict, 0);
        length = snprintf(line, sizeof line, POP3("d", "u", "\"x%d\""), number);
        assert_int_equal(record_read(reader, line, (size_t)length, &record), RECORD_VALID);
        assert_int_equal(record.verdict, VERDICT_UNAUTHORIZED);
    }
    record_reader_free(reader);
    log_drop(&log);
}

/* --- the logs of a real server ------------------------------------------------------------------------------------ */

struct expected_host {
    const char *address;
    unsigned unauthorized;
    unsigned logins;
};

/*
 * Each record of the file must be valid, and the counts of each host those that are expected; *others: records of none.
 */
static void check_log(const char *format, const char *path, const struct expected_host *hosts, size_t count)
{
    struct conf_log log = log_from((struct log_wish){.format = format});
    struct record_reader *reader = reader_of(&log);
    struct buffer content = {0};
    unsigned unauthorized[32] = {0};
    unsigned logins[32] = {0};
    assert_true(count <= COUNT_OF(unauthorized));
    if (!file_read(path, &content))
        fail_msg("%s is missing", path);
    const char *end = content.bytes + content.length;
    for (const char *at = content.bytes, *lf; at < end && (lf = memchr(at, '\n', (size_t)(end - at))); at = lf + 1) {
        struct record record;
        char text[ADDRESS_TEXT_SIZE];
        size_t i = 0;
        assert_int_equal(record_read(reader, at, (size_t)(lf - at), &record), RECORD_VALID);
        assert_false(record.verdict & VERDICT_REFUSED);
        address_format(record.address, text);
        while (i < count && strcmp(hosts[i].address, text) != 0)
            i++;
        if (i < count) {
            unauthorized[i] += (record.verdict & VERDICT_UNAUTHORIZED) != 0;
            logins[i] += (record.verdict & VERDICT_LOGIN) != 0;
        } else if (record.verdict != 0) {
            fail_msg("%s: %s should not be there: %.*s", path, text, (int)(lf - at), at);
        }
    }
    for (size_t i = 0; i < count; i++)
        if (unauthorized[i] != hosts[i].unauthorized || logins[i] != hosts[i].logins)
            fail_msg("%s: %s has %u unauthorised accesses and %u logins", path, hosts[i].address, unauthorized[i],
                     logins[i]);
    buffer_clear(&content);
    record_reader_free(reader);
    log_drop(&log);
}

static void the_logs_of_a_real_server_are_counted_as_by_hand(void **state)
{
    /* Among them greetings and users with TABs in them, of 127.38.203.13 and others. */
    static const struct expected_host smtp[] = {
        {"127.4.37.211", 17, 0}, {"127.5.123.24", 3, 0},  {"127.6.222.108", 11, 0}, {"127.9.148.108", 10, 0},
        {"127.10.60.147", 3, 0}, {"127.15.23.143", 6, 0}, {"127.15.31.148", 11, 0}, {"127.21.77.102", 5, 0},
        {"127.33.109.10", 5, 0}, {"127.35.48.94", 6, 0},  {"127.36.217.16", 14, 0}, {"127.37.63.243", 7, 0},
        {"127.38.29.233", 2, 0}, {"127.38.203.13", 6, 0},
    };
    static const struct expected_host pop3[] = {
        {"127.4.105.128", 1, 1}, {"127.5.123.24", 1, 0},  {"127.6.222.108", 2, 0}, {"127.7.32.145", 1, 0},
        {"127.9.148.108", 5, 0}, {"127.10.60.147", 3, 0}, {"127.15.23.143", 2, 0}, {"127.15.31.148", 3, 0},
        {"127.20.92.27", 2, 0},  {"127.21.77.102", 1, 0}, {"127.33.109.10", 2, 0}, {"127.35.48.94", 4, 0},
        {"127.36.217.16", 5, 0}, {"127.37.63.243", 9, 0}, {"127.38.29.233", 3, 0}, {"127.38.203.13", 1, 0},
    };
    static const struct expected_host ctrl[] = {{"127.0.0.1", 1, 0}};
    (void)state;
    check_log("smtp", "tests/data/logs-xmail-1.27/smtp-202611210000", smtp, COUNT_OF(smtp));
    check_log("pop3", "tests/data/logs-xmail-1.27/pop3-202611210000", pop3, COUNT_OF(pop3));
    check_log("ctrl", "tests/data/logs-xmail-1.27/ctrl-202611210000", ctrl, COUNT_OF(ctrl));
    check_log("finger", "tests/data/logs-xmail-1.27/finger-202611210000", ctrl, COUNT_OF(ctrl));
}

/* --- for people -------------------------------------------------------------------------------------------------- */

enum { ANY = 77 };

/* What is seen of a record, beside what counts. */
struct sight {
    const char *format;
    const char *line;
    day_number day;
    unsigned second;
    size_t time;         /* of a record with a day */
    const char *status;  /* NULL: not known */
    const char *address; /* NULL: likewise */
    bool untouched;
};

static void check_sight(const struct sight *sight)
{
    const char *const unauthorized = strcmp(sight->format, "filters") == 0 ? "^3$" : NULL;
    struct conf_log log = log_from((struct log_wish){.format = sight->format, .unauthorized = unauthorized});
    struct record_reader *reader = reader_of(&log);
    struct record_view view;
    char text[ADDRESS_TEXT_SIZE];
    assert_true(record_look(reader, sight->line, strlen(sight->line), &view));
    if (view.day != sight->day)
        fail_msg("%s: %s: day %u", sight->format, sight->line, view.day);
    if (view.day != 0) {
        if (view.second != sight->second || view.time != sight->time || view.untouched != sight->untouched)
            fail_msg("%s: %s: second %u, time %zu, untouched %d", sight->format, sight->line, view.second, view.time,
                     view.untouched);
        assert_int_equal(view.status == RECORD_NO_FIELD, sight->status == NULL);
        if (sight->status) {
            const struct field status = record_field(reader, view.status);
            assert_int_equal(status.length, strlen(sight->status));
            assert_memory_equal(status.text, sight->status, status.length);
        }
    }
    if (view.located != (sight->address != NULL))
        fail_msg("%s: %s: %s", sight->format, sight->line, view.located ? "located" : "not located");
    if (sight->address)
        assert_string_equal(address_format(view.record.address, text), sight->address);
    record_reader_free(reader);
    log_drop(&log);
}

static void people_see_time_status_and_address_of_records_that_count_and_of_others(void **state)
{
    enum { NOON = (12 * 60 + 34) * 60 + 56 };
    static const struct sight rows[] = {
        {"smtp", SMTP("RCPT=OK", "u"), DAY, NOON, 3, "RCPT=OK", "192.0.2.1", true},
        {"smtp", SMTP("SMTP=EERRS", "") "\r", DAY, NOON, 3, "SMTP=EERRS", "192.0.2.1", true},
        /* Of a touched one, the field that counts; the one that says what is wrong wins over one that is refused. */
        {"smtp", SMTP_HELO("a\"\t\"b", "SMTP=EERRS", ""), DAY, NOON, 3, "SMTP=EERRS", "192.0.2.1", false},
        {"smtp", SMTP_HELO("a\"\t\"b", "RCPT=OK", ""), DAY, NOON, 3, NULL, "192.0.2.1", false},
        {"smtp", SMTP_HELO("a\"\t\"b\"\t\"c\"\t\"d\"\t\"e\"\t\"SNDRIP=EIPBAN", "SMTP=EERRS", ""), DAY, NOON, 3,
         "SMTP=EERRS", "192.0.2.1", false},
        {"smtp", SMTP_HELO("a\"\t\"b\"\t\"c\"\t\"d\"\t\"e\"\t\"SNDRIP=EIPBAN", "RCPT=OK", ""), DAY, NOON, 3,
         "SNDRIP=EIPBAN", "192.0.2.1", false},
        {"pop3", POP3("d", "u", "\"ELOGIN\""), DAY, NOON, 3, "ELOGIN", "192.0.2.1", true},
        {"pop3", POP3("d", "u", "\"LOGIN\"\t\"1\"\t\"2\""), DAY, NOON, 3, "LOGIN", "192.0.2.1", true},
        {"pop3", POP3("d\"\t\"198.51.100.9", "u", "\"ELOGIN\""), DAY, NOON, 4, "ELOGIN", "192.0.2.1", false},
        /* Without a status, malformed: where it came from is seen yet. */
        {"pop3", "\"mx\"\t\"d\"\t\"192.0.2.1\"\t" TIME "\t\"u\"\t\"p\"", DAY, NOON, 3, NULL, "192.0.2.1", false},
        {"pop3", "\"mx\"\t\"d\"\t\"\"\t" TIME "\t\"u\"\t\"p\"\t\"ELOGIN\"", DAY, NOON, 3, "ELOGIN", NULL, true},
        {"pop3", TIME "\t\"u\"\t\"p\"\t\"ELOGIN\"", DAY, NOON, 0, NULL, NULL, false},
        {"pop3", "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 25:00:00\"\t\"u\"\t\"p\"\t\"ELOGIN\"", DAY,
         RECORD_NO_SECOND, 3, "ELOGIN", "192.0.2.1", true},
        {"pop3", "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-13-20 12:00:00\"\t\"u\"\t\"p\"\t\"ELOGIN\"", 0, 0, 0, NULL, NULL,
         false},
        {"pop3", "hello", 0, 0, 0, NULL, NULL, false},
        {"pop3", "", 0, 0, 0, NULL, NULL, false},
        {"ctrl", CTRL("FAIL"), DAY, NOON, 3, "FAIL", "192.0.2.1", true},
        {"ctrl", CTRL("REQ"), DAY, NOON, 3, "REQ", "192.0.2.1", true},
        /* What stands before the time and the status, clients write. */
        {"ctrl", "\"192.0.2.1\"\t\"u\"\t\"2026-11-01 00:00:00\"\t\"p\"\t" TIME "\t\"FAIL\"", DAY, NOON, 4, NULL, NULL,
         false},
        {"xmailcfg-filter", WEB("2026/11/20 1:02", "受信", "a", "b", "192.0.2.1"), DAY, RECORD_NO_SECOND, 0, "受信",
         "192.0.2.1", true},
        {"xmailcfg-filter", WEB("2026/11/20", "受信", "a", "b", "no address"), DAY, RECORD_NO_SECOND, 0, "受信", NULL,
         true},
        {"xmailcfg-filter", WEB("2026/11/20T12:34:56+09", "受信", "a", "b", "::1"), DAY, NOON, 0, "受信", "::1", true},
        {"k4", K4("Success", "192.0.2.1") "\t\"x\"", DAY, NOON, 0, NULL, NULL, false},
        {"filters", "\"a\"\t\"b\"\t\"l\"\t\"192.0.2.1\"\t" TIME "\t\"post-rcpt\"\t\"\"\t\"0\"\t\"3\"\t\"/f\"", DAY,
         NOON, 4, "3", "192.0.2.1", true},
        {"filters", "\"a\"\t\"x\"\t\"b\"\t\"l\"\t\"192.0.2.1\"\t" TIME "\t\"post-rcpt\"", DAY, NOON, 5, NULL, NULL,
         false},
        {"finger", "\"mx\"\t\"d\"\t\"192.0.2.1\"\t" TIME "\t\"q\"", DAY, NOON, 3, NULL, "192.0.2.1", true},
        {"finger", "\"d\"\t\"192.0.2.1\"\t" TIME "\t\"q\"", DAY, NOON, 2, NULL, "192.0.2.1", false},
        {"event", "\"2026-11-20 12:34:56\"\t\"Start\"\t\"192.0.2.1\"\t\"u\"\t\"\"", DAY, NOON, 0, "Start", "192.0.2.1",
         true},
        /* Those that can't be sources, too. */
        {"lmail", "\"d\"\t\"/f\"\t\"S1\"\t" TIME, DAY, NOON, 3, NULL, NULL, true},
        {"lmail", "\"d\"\t\"S1\"\t" TIME, DAY, NOON, 2, NULL, NULL, false},
        {"psync", TIME "\t\"d\"\t\"u\"\t\"r\"\t\"v\"\t\"A\"\t\"OK\"\t\"1\"\t\"2\"\t\"3\"\t\"4\"", DAY, NOON, 0, "OK",
         NULL, true},
        {"smail", "\"d\"\t\"/f\"\t\"S1\"\t\"a\"\t\"b\"\t\"SMTP\"\t\"t\"\t" TIME, DAY, NOON, 7, "SMTP", NULL, true},
        {"smail", "\"d\"\t\"/f\"\t\"S1\"\t\"a\"\t\"b\"\t\"SMTP\"\t\"t\"\t" TIME "\t\"S2\"", DAY, NOON, 7, "SMTP", NULL,
         true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_sight(&rows[i]);
}

static void a_record_that_is_too_long_or_more_than_a_line_is_not_looked_at(void **state)
{
    struct conf_log log = log_from((struct log_wish){.format = "pop3"});
    struct record_reader *reader = reader_of(&log);
    struct record_view view = {.day = ANY};
    char *line = calloc(1, RECORD_LENGTH_MAX + 1);
    (void)state;
    assert_non_null(line);
    assert_false(record_look(reader, line, RECORD_LENGTH_MAX + 1, &view));
    assert_false(record_look(reader, BYTES("a\nb"), &view));
    assert_int_equal(view.day, ANY);
    assert_true(record_look(reader, line, RECORD_LENGTH_MAX, &view));
    assert_int_equal(view.field_count, 1);
    free(line);
    record_reader_free(reader);
    log_drop(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_of_xmail_has_its_verdict),
        cmocka_unit_test(an_untouched_record_is_judged_by_its_status_field_alone),
        cmocka_unit_test(logs_without_a_default_pattern_take_the_one_that_they_are_given),
        cmocka_unit_test(a_login_is_believed_of_untouched_records_only),
        cmocka_unit_test(an_injected_greeting_can_neither_accuse_nor_hide_nor_exempt),
        cmocka_unit_test(an_injected_pop3_user_can_neither_accuse_nor_hide_nor_exempt),
        cmocka_unit_test(a_finger_query_changes_nothing_however_many_fields_it_has),
        cmocka_unit_test(other_formats_take_only_records_with_exactly_their_fields),
        cmocka_unit_test(old_records_with_fewer_fields_are_searched_like_touched_ones),
        cmocka_unit_test(a_field_added_to_an_old_record_does_not_hide_its_status),
        cmocka_unit_test(one_carriage_return_at_the_end_is_dropped),
        cmocka_unit_test(one_quote_at_each_end_of_a_field_is_dropped),
        cmocka_unit_test(a_nul_is_a_byte_like_any_other),
        cmocka_unit_test(what_is_no_record_is_malformed),
        cmocka_unit_test(very_many_tabs_do_no_harm),
        cmocka_unit_test(a_record_of_the_greatest_length_counts_and_a_longer_one_is_malformed),
        cmocka_unit_test(a_line_with_a_line_end_in_it_is_no_record),
        cmocka_unit_test(any_bytes_are_read_without_harm),
        cmocka_unit_test(only_days_of_the_range_count),
        cmocka_unit_test(a_date_at_the_start_of_its_field_is_enough_for_the_other_formats),
        cmocka_unit_test(the_address_is_strict),
        cmocka_unit_test(the_first_whole_token_of_the_last_field_that_is_an_address_counts),
        cmocka_unit_test(fields_that_others_write_are_never_searched_for_the_address),
        cmocka_unit_test(address_field_takes_the_address_from_where_it_says),
        cmocka_unit_test(address_pattern_takes_its_group_from_the_address_field),
        cmocka_unit_test(a_status_in_another_encoding_is_converted_before_matching),
        cmocka_unit_test(a_long_status_is_converted_whole),
        cmocka_unit_test(a_status_is_converted_whatever_was_converted_before_it),
        cmocka_unit_test(an_unknown_encoding_is_an_error),
        cmocka_unit_test(a_status_on_which_a_pattern_gives_up_does_not_match_and_is_counted_each_time),
        cmocka_unit_test(a_long_status_on_which_a_pattern_gives_up_is_counted_too),
        cmocka_unit_test(an_address_on_which_a_pattern_gives_up_is_malformed_and_counted),
        cmocka_unit_test(statuses_that_look_alike_are_not_mixed_up),
        cmocka_unit_test(a_status_that_begins_like_another_is_not_taken_for_it),
        cmocka_unit_test(the_logs_of_a_real_server_are_counted_as_by_hand),
        cmocka_unit_test(people_see_time_status_and_address_of_records_that_count_and_of_others),
        cmocka_unit_test(a_record_that_is_too_long_or_more_than_a_line_is_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
