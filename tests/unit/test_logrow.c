/* SPDX-License-Identifier: MIT */
/* Rows of records: what has a name stands under it, and no password is in them, however clients stretch a record. */
#define _GNU_SOURCE /* memmem */
#include "support.h"

#include "logrow.h"

#define TIME "\"2026-11-20 12:34:56\""
#define POP3 "\"mx\"\t\"d\"\t\"192.0.2.1\"\t" TIME "\t"

static const struct day_range range = {20261115, 20261121};

struct bench {
    struct conf_log log;
    struct record_reader *reader;
    struct logrow_maker *maker;
    struct logrow row;
};

static void use_log(struct bench *bench, struct log_wish wish)
{
    struct error error;
    record_reader_free(bench->reader);
    logrow_maker_free(bench->maker);
    if (bench->log.format)
        log_drop(&bench->log);
    bench->log = log_from(wish);
    bench->reader = record_reader_new(&bench->log, range, &error);
    bench->maker = logrow_maker_new(wish.encoding, &error);
    assert_true(bench->reader && bench->maker);
}

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct bench));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    record_reader_free(bench->reader);
    logrow_maker_free(bench->maker);
    logrow_clear(&bench->row);
    if (bench->log.format)
        log_drop(&bench->log);
    free(bench);
    return 0;
}

/* False: it has no day. */
static bool make(struct bench *bench, const char *line, size_t length)
{
    struct chronicle_record record = {.line = line, .length = length, .reader = bench->reader};
    assert_true(record_look(bench->reader, line, length, &record.view));
    if (record.view.day == 0)
        return false;
    assert_true(logrow_make(bench->maker, &bench->log, &record, &bench->row));
    return true;
}

/* All of the row: "! " if it is irregular, the address, the fields as "|text" in order, the rest behind " / ". */
static const char *told(const struct bench *bench)
{
    static char text[4096];
    const struct logrow *row = &bench->row;
    int length = snprintf(text, sizeof text, "%s%.*s", row->irregular ? "! " : "", (int)row->address.length,
                          row->address.bytes ? row->address.bytes : "");
    for (size_t i = 0; bench->log.format->fields[i]; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "|%.*s", (int)row->fields[i].length,
                           row->fields[i].bytes ? row->fields[i].bytes : "");
    (void)snprintf(text + length, sizeof text - (size_t)length, " / %.*s", (int)row->rest.length,
                   row->rest.bytes ? row->rest.bytes : "");
    return text;
}

struct sight {
    const char *format;
    const char *line;
    const char *row;
};

static void check_rows(struct bench *bench, const struct sight *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        use_log(bench, (struct log_wish){.format = rows[i].format});
        assert_true(make(bench, rows[i].line, strlen(rows[i].line)));
        assert_string_equal(told(bench), rows[i].row);
        if (strstr(rows[i].line, "secret"))
            assert_null(memmem(bench->row.line.bytes, bench->row.line.length, "secret", 6));
        else if (!bench->log.format->password_field)
            assert_memory_equal(bench->row.line.bytes, rows[i].line, bench->row.line.length);
    }
}

static void regular_records_have_their_fields_by_name_without_the_password(void **state)
{
    static const struct sight rows[] = {
        {"pop3", POP3 "\"u\"\t\"secret\"\t\"ELOGIN\"",
         "192.0.2.1|mx|d|192.0.2.1|2026-11-20 12:34:56|u|***|ELOGIN|| / "},
        {"pop3", POP3 "\"u\"\t\"\"\t\"LOGIN\"\t\"1\"\t\"260\"",
         "192.0.2.1|mx|d|192.0.2.1|2026-11-20 12:34:56|u|***|LOGIN|1|260 / "},
        {"ctrl", "\"::ffff:192.0.2.1\"\t\"root\"\t\"secret\"\t" TIME "\t\"FAIL\"",
         "192.0.2.1|::ffff:192.0.2.1|root|***|2026-11-20 12:34:56|FAIL / "},
        {"k4",
         "\"2026/11/20 12:34\"\t\"Failure\"\t\"d\"\t\"u\"\t\"secret\"\t\"op\"\t\"x\"\t\"s.cgi\"\t\"h [192.0.2.1]\"",
         "192.0.2.1|2026/11/20 12:34|Failure|d|u|***|op|x|s.cgi|h [192.0.2.1] / "},
        {"finger", "\"mx\"\t\"d\"\t\"192.0.2.1\"\t" TIME "\t\"q\"",
         "192.0.2.1|mx|d|192.0.2.1|2026-11-20 12:34:56|q / "},
        {"finger", "\"d\"\t\"192.0.2.1\"\t" TIME "\t\"q\"", "192.0.2.1||d|192.0.2.1|2026-11-20 12:34:56|q / "},
        {"lmail", "\"d\"\t\"f\"\t\"S1\"\t" TIME, "|d|f|S1|2026-11-20 12:34:56 / "},
        {"event", "\"2026/11/20\"\t\"Start\"\t\"nobody\"\t\"u\"\t\"x\"", "|2026/11/20|Start|nobody|u|x / "},
    };
    check_rows(*state, rows, COUNT_OF(rows));
}

static void of_irregular_ones_only_what_has_a_place_of_its_own_is_named(void **state)
{
    static const struct sight rows[] = {
        {"pop3", POP3 "\"a\"\t\"b\"\t\"secret\"\t\"ELOGIN\"",
         "! 192.0.2.1|mx|d|192.0.2.1|2026-11-20 12:34:56|||ELOGIN|| / a\t***\t***"},
        {"pop3", POP3 "\"a\"\t\"LOGIN\"\t\"secret\"\t\"LOGIN\"\t\"1\"\t\"2\"",
         "! 192.0.2.1|mx|d|192.0.2.1|2026-11-20 12:34:56|||LOGIN|| / a\t***\t***\t***\t***"},
        {"pop3", "\"mx\"\t\"d\"\t\"198.51.100.9\"\t\"192.0.2.1\"\t" TIME "\t\"u\"\t\"secret\"\t\"ELOGIN\"",
         "! 192.0.2.1|||192.0.2.1|2026-11-20 12:34:56|||ELOGIN|| / mx\td\t198.51.100.9\tu\t***"},
        /* The password's own. */
        {"pop3", POP3 "\"u\"\t\"secret\"\t\"secret\"\t\"ELOGIN\"",
         "! 192.0.2.1|mx|d|192.0.2.1|2026-11-20 12:34:56|||ELOGIN|| / u\t***\t***"},
        /* Of old versions, without a status; stretched, such a one looks like one of today. */
        {"pop3", POP3 "\"u\"\t\"secret\"", "! 192.0.2.1|mx|d|192.0.2.1|2026-11-20 12:34:56||||| / u\t***"},
        {"pop3", POP3 "\"u\"\t\"v\"\t\"secret\"", "! 192.0.2.1|mx|d|192.0.2.1|2026-11-20 12:34:56||||| / u\t***\t***"},
        {"pop3", POP3 "\"secret\"", "! 192.0.2.1|mx|d|192.0.2.1|2026-11-20 12:34:56||||| / ***"},
        {"ctrl", "\"192.0.2.1\"\t\"root\"\t\"x\"\t\"secret\"\t" TIME "\t\"FAIL\"",
         "! ||||2026-11-20 12:34:56|FAIL / 192.0.2.1\troot\t***\t***"},
        {"ctrl", "\"192.0.2.1\"\t\"root\"\t\"2026-11-01 00:00:00\"\t\"secret\"\t" TIME "\t\"FAIL\"",
         "! ||||2026-11-20 12:34:56|FAIL / 192.0.2.1\troot\t***\t***"},
        {"ctrl", "\"192.0.2.1\"\t\"secret\"\t" TIME "\t\"FAIL\"", "! ||||***|FAIL / ***\t***"},
        {"ctrl", "\"192.0.2.1\"\t\"root\"\t" TIME "\t\"secret\"", "! ||||***| / ***\t***\t***"},
        {"k4", "\"2026/11/20\"\t\"Failure\"\t\"d\"\t\"u\"\t\"v\"\t\"secret\"\t\"o\"\t\"x\"\t\"s\"\t\"192.0.2.1\"",
         "! |2026/11/20|||||||| / Failure\td\tu\t***\t***\t***\t***\t***\t***"},
        {"k4", "\"2026/11/20\"\t\"Failure\"\t\"u\"\t\"secret\"\t\"192.0.2.1\"",
         "! |2026/11/20|||||||| / ***\t***\t***\t***"},
        {"k4", "\"x\"\t\"2026/11/20\"\t\"Failure\"\t\"u\"\t\"secret\"", "! |***|||||||| / ***\t***\t***\t***"},
        {"smtp", "\"mx\"\t\"d\"\t\"192.0.2.1\"\t" TIME "\t\"a\"\t\"b\"\t\"c\"\t\"e\"\t\"f\"\t\"g\"\t\"SMTP=EERRS\"",
         "! 192.0.2.1|mx|d|192.0.2.1|2026-11-20 12:34:56||||||SMTP=EERRS||| / a\tb\tc\te\tf\tg"},
        {"filters", "\"a\"\t\"b\"\t\"c\"\t\"192.0.2.1\"\t" TIME,
         "! |||||2026-11-20 12:34:56||||| / a\tb\tc\t192.0.2.1"},
    };
    check_rows(*state, rows, COUNT_OF(rows));
}

/* A pattern that fits the password doesn't make it a status, nor does a setting make it an address. */
static void settings_do_not_bring_a_password_to_light(void **state)
{
    static const char line[] = POP3 "\"a\"\t\"b\"\t\"198.51.100.9\"\t\"ELOGIN\"";
    static const char untouched[] = POP3 "\"u\"\t\"198.51.100.9\"\t\"ELOGIN\"";
    static const char ctrl[] = "\"x\"\t\"root\"\t\"198.51.100.9\"\t" TIME "\t\"FAIL\"\t\"\"";
    struct bench *bench = *state;
    use_log(bench, (struct log_wish){.format = "pop3", .unauthorized = "9"});
    assert_true(make(bench, BYTES(line)));
    assert_null(strstr(told(bench), "198"));
    use_log(bench, (struct log_wish){.format = "pop3", .address_field = 6});
    assert_true(make(bench, BYTES(untouched)));
    assert_null(strstr(told(bench), "198"));
    use_log(bench, (struct log_wish){.format = "ctrl", .address_field = 3});
    assert_true(make(bench, BYTES(ctrl)));
    assert_null(strstr(told(bench), "198"));
}

/* Where a setting can't bring a password to light it holds. */
static void an_address_that_the_settings_find_elsewhere_is_shown(void **state)
{
    static const struct {
        const char *format;
        int address_field;
        const char *line;
        const char *row;
    } rows[] = {
        /* Before the time, where clients write nothing, also of a stretched record. */
        {"pop3", 2, "\"mx\"\t\"198.51.100.9\"\t\"192.0.2.1\"\t" TIME "\t\"a\"\t\"b\"\t\"secret\"\t\"ELOGIN\"",
         "! 198.51.100.9|mx|198.51.100.9|192.0.2.1|2026-11-20 12:34:56|||ELOGIN|| / a\t***\t***"},
        {"pop3", 5, POP3 "\"198.51.100.9\"\t\"secret\"\t\"ELOGIN\"",
         "198.51.100.9|mx|d|192.0.2.1|2026-11-20 12:34:56|198.51.100.9|***|ELOGIN|| / "},
        {"smtp", 5, POP3 "\"198.51.100.9\"\t\"d\"\t\"a\"\t\"b\"\t\"S1\"\t\"RCPT=OK\"\t\"\"\t\"0\"\t\"\"",
         "198.51.100.9|mx|d|192.0.2.1|2026-11-20 12:34:56|198.51.100.9|d|a|b|S1|RCPT=OK||0| / "},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        use_log(bench, (struct log_wish){.format = rows[i].format, .address_field = rows[i].address_field});
        assert_true(make(bench, rows[i].line, strlen(rows[i].line)));
        assert_string_equal(told(bench), rows[i].row);
    }
}

static void an_unknown_encoding_is_an_error(void **state)
{
    struct error error;
    (void)state;
    assert_null(logrow_maker_new("NO-SUCH-ENCODING", &error));
    assert_non_null(strstr(error.text, "NO-SUCH-ENCODING"));
}

static void texts_become_utf8(void **state)
{
    static const char line[] = "\"2026/11/20\"\t\"\x8e\xf3\x90\x4d\"\t\"\x83\x5c\"\t\"\xff\"\t\"192.0.2.1\"";
    struct bench *bench = *state;
    use_log(bench, (struct log_wish){.format = "xmailcfg-filter", .encoding = "SHIFT_JIS"});
    assert_true(make(bench, BYTES(line)));
    assert_string_equal(told(bench), "192.0.2.1|2026/11/20|受信|ソ|?|192.0.2.1 / ");
    assert_non_null(memmem(bench->row.line.bytes, bench->row.line.length, "\"受信\"\t\"ソ\"", 13));
}

/* --- every shift -------------------------------------------------------------------------------------------------- */

static void require_hidden(const struct bench *bench, const struct buffer *line)
{
    const struct logrow *row = &bench->row;
    const struct buffer *texts[FORMAT_FIELDS_MAX + 3] = {&row->address, &row->rest, &row->line};
    for (size_t i = 0; i < FORMAT_FIELDS_MAX; i++)
        texts[i + 3] = &row->fields[i];
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (texts[i]->length > 0 &&
            (memchr(texts[i]->bytes, 'X', texts[i]->length) || memchr(texts[i]->bytes, 'Y', texts[i]->length)))
            fail_msg("%.*s: %s", (int)line->length, line->bytes, told(bench));
}

/* What a client may write: a few pieces with TABs and quotes between, and words of the log. */
static void add_words(struct buffer *line, uint64_t *seed, const char *const *words, size_t count)
{
    for (size_t pieces = random_below(seed, 5); pieces > 0; pieces--) {
        buffer_add_text(line, words[random_below(seed, count)]);
        if (random_below(seed, 2))
            buffer_add_text(line, random_below(seed, 2) ? "\"\t\"" : "\t");
    }
}

/*
 * Records as XMail 1.27 and XMailCFG write them, from what clients send: no user name holds a blank, a password may.
 * The letters of the password are X and Y, which nothing else has; in CTRL's it may hold a time.
 */
static void no_row_has_a_password_whatever_clients_send(void **state)
{
    static const char *const words[] = {"a", "\"", "7", "LOGIN", "ELOGIN", "FAIL", "2026-11-20", "198.51.100.9", ""};
    static const char *const secrets[] = {"X", "YX", "\"X", "Y\"", "X\"\t\"Y", "X 2026-11-20 12:00:00", ""};
    enum { POP3_FAILED, POP3_DONE, POP3_OLD, CTRL, K4, KINDS, ROUNDS = 20000 };
    static const char *const formats[] = {"pop3", "pop3", "pop3", "ctrl", "k4"};
    struct bench *bench = *state;
    uint64_t seed = 7;
    size_t made = 0;
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (int kind = 0; kind < KINDS; kind++) {
        use_log(bench, (struct log_wish){.format = formats[kind]});
        for (int round = 0; round < ROUNDS; round++) {
            struct buffer line = {0};
            buffer_add_text(&line, kind == CTRL ? "\"192.0.2.1\"\t\""
                                   : kind == K4 ? TIME "\t\"Failure\"\t\""
                                                : "\"mx\"\t\"");
            if (kind != CTRL)
                add_words(&line, &seed, words, COUNT_OF(words));
            buffer_add_text(&line, kind == CTRL ? "" : kind == K4 ? "\"\t\"" : "\"\t\"192.0.2.1\"\t" TIME "\t\"");
            add_words(&line, &seed, words, COUNT_OF(words));
            buffer_add_text(&line, "\"\t\"");
            add_words(&line, &seed, secrets, COUNT_OF(secrets));
            buffer_add_text(&line, kind == POP3_FAILED ? "\"\t\"ELOGIN\""
                                   : kind == POP3_DONE ? "\"\t\"LOGIN\"\t\"1\"\t\"260\""
                                   : kind == POP3_OLD  ? "\""
                                   : kind == CTRL      ? "\"\t" TIME "\t\"FAIL\""
                                                       : "\"\t\"o\"\t\"d\"\t\"s\"\t\"192.0.2.1\"");
            assert_false(line.failed);
            made += make(bench, line.bytes, line.length);
            require_hidden(bench, &line);
            buffer_clear(&line);
        }
    }
    assert_int_equal(made, KINDS * ROUNDS);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(regular_records_have_their_fields_by_name_without_the_password),
        TEST(of_irregular_ones_only_what_has_a_place_of_its_own_is_named),
        TEST(settings_do_not_bring_a_password_to_light),
        TEST(an_address_that_the_settings_find_elsewhere_is_shown),
        TEST(an_unknown_encoding_is_an_error),
        TEST(texts_become_utf8),
        TEST(no_row_has_a_password_whatever_clients_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
