/* SPDX-License-Identifier: MIT */
/* spammers-log: the form of its lines, and that nothing can break it. */
#include "support.h"

#include "eventlog.h"

#define TIME "\"2026-11-21 04:05:06\""

static struct moment now;

static int set_up(void **state)
{
    int result = file_bench_set_up(state, "spammers-log", "JST-9");
    now = moment_of("2026-11-21T04:05:06");
    return result;
}

static void write_log(struct file_bench *bench, struct eventlog *log)
{
    if (eventlog_write(log, bench->path, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
    assert_int_equal(log->lines.length, 0);
}

static void a_line_has_five_quoted_fields(void **state)
{
    static const char expected[] =
        TIME "\t\"ADD\"\t\"192.0.2.1\"\t\"5\"\t\"smtp 3, pop3 2\"\n" TIME
             "\t\"REMOVE\"\t\"10.0.0.0/8\"\t\"0\"\t\"\"\n" TIME "\t\"REBUILD\"\t\"\"\t\"\"\t\"done\"\n" TIME
             "\t\"SHADOWED\"\t\"2001:db8::/64\"\t\"18446744073709551615\"\t\"by line 3\"\n" TIME
             "\t\"WARNING\"\t\"\"\t\"\"\t\"a 1\"\n" TIME "\t\"ERROR\"\t\"\"\t\"\"\t\"b\"\n";
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    eventlog_add_count(&log, EVENT_ADD, "192.0.2.1", 5, "smtp %d, pop3 %d", 3, 2);
    eventlog_add_count(&log, EVENT_REMOVE, "10.0.0.0/8", 0, "%s", "");
    eventlog_add(&log, EVENT_REBUILD, "done");
    eventlog_add_count(&log, EVENT_SHADOWED, "2001:db8::/64", UINT64_MAX, "by line %d", 3);
    eventlog_add(&log, EVENT_WARNING, "%s %d", "a", 1);
    eventlog_add(&log, EVENT_ERROR, "b");
    write_log(bench, &log);
    assert_file_is(bench->path, BYTES(expected));
}

static void lines_are_appended(void **state)
{
    static const char expected[] =
        "before\n" TIME "\t\"ERROR\"\t\"\"\t\"\"\t\"one\"\n" TIME "\t\"ERROR\"\t\"\"\t\"\"\t\"two\"\n";
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    file_write_text(bench->path, "before\n");
    eventlog_add(&log, EVENT_ERROR, "one");
    write_log(bench, &log);
    eventlog_add(&log, EVENT_ERROR, "two");
    write_log(bench, &log);
    assert_file_is(bench->path, BYTES(expected));
}

static void a_new_file_is_not_writable_by_others(void **state)
{
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    struct stat status;
    eventlog_add(&log, EVENT_ERROR, "x");
    write_log(bench, &log);
    assert_int_equal(stat(bench->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
}

static void without_events_nothing_is_written(void **state)
{
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    write_log(bench, &log);
    assert_false(file_exists(bench->path));
}

static void no_detail_can_break_the_form_of_a_line(void **state)
{
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    struct buffer content = {0};
    char all[256];
    for (int i = 1; i < 256; i++)
        all[i - 1] = (char)i;
    all[255] = '\0';
    eventlog_add(&log, EVENT_ERROR, "a\n\"2026-11-21 00:00:00\"\t\"ADD\"\t\"192.0.2.1\"\r\x1b[31m\x7f|");
    eventlog_add(&log, EVENT_ERROR, "%s", all);
    write_log(bench, &log);
    assert_true(file_read(bench->path, &content));
    size_t lines = 0;
    size_t tabs = 0;
    size_t quotes = 0;
    for (size_t i = 0; i < content.length; i++) {
        unsigned char byte = (unsigned char)content.bytes[i];
        lines += byte == '\n';
        tabs += byte == '\t';
        quotes += byte == '"';
        assert_true(byte >= ' ' || byte == '\n' || byte == '\t');
        assert_int_not_equal(byte, 0x7f);
    }
    assert_int_equal(lines, 2);
    assert_int_equal(tabs, 2 * 4);
    assert_int_equal(quotes, 2 * 10);
    buffer_clear(&content);
}

static void utf_8_in_a_detail_stays(void **state)
{
    static const char expected[] = TIME "\t\"WARNING\"\t\"\"\t\"\"\t\"/ログ/smtp\"\n";
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    eventlog_add(&log, EVENT_WARNING, "/ログ/smtp");
    write_log(bench, &log);
    assert_file_is(bench->path, BYTES(expected));
}

static void a_very_long_detail_is_still_one_line(void **state)
{
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    struct buffer content = {0};
    eventlog_add(&log, EVENT_ERROR, "%*s", 100000, "x");
    write_log(bench, &log);
    assert_true(file_read(bench->path, &content));
    assert_true(content.length > 100);
    assert_memory_equal(content.bytes + content.length - 2, "\"\n", 2);
    assert_ptr_equal(memchr(content.bytes, '\n', content.length), content.bytes + content.length - 1);
    buffer_clear(&content);
}

static void what_is_no_regular_file_is_refused_and_the_log_is_empty_then(void **state)
{
    enum kind { LINK, LINK_TO_NOTHING, FIFO, DIRECTORY, NO_DIRECTORY, KINDS };
    struct file_bench *bench = *state;
    file_write_text(path_in(bench->directory, "victim"), "precious");
    for (int kind = 0; kind < KINDS; kind++) {
        struct eventlog log = {.now = &now};
        const char *path = kind == NO_DIRECTORY ? path_in(bench->directory, "none/log") : bench->path;
        if (kind == LINK || kind == LINK_TO_NOTHING)
            assert_int_equal(symlink(kind == LINK ? "victim" : "nowhere", path), 0);
        if (kind == FIFO)
            assert_int_equal(mkfifo(path, 0600), 0);
        if (kind == DIRECTORY)
            assert_int_equal(mkdir(path, 0700), 0);
        eventlog_add(&log, EVENT_ERROR, "x");
        assert_int_equal(eventlog_write(&log, path, &bench->error), -1);
        assert_int_equal(log.lines.length, 0);
        assert_non_null(strstr(bench->error.text, "unable to write"));
        assert_non_null(strstr(bench->error.text, path));
        (void)(kind == DIRECTORY ? rmdir(path) : unlink(path));
    }
    assert_file_is(path_in(bench->directory, "victim"), BYTES("precious"));
    assert_false(file_exists(path_in(bench->directory, "nowhere")));
}

static void a_fifo_with_a_reader_is_refused_too(void **state)
{
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    char byte;
    assert_int_equal(mkfifo(bench->path, 0600), 0);
    int reader = open(bench->path, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    eventlog_add(&log, EVENT_ERROR, "x");
    assert_int_equal(eventlog_write(&log, bench->path, &bench->error), -1);
    assert_true(read(reader, &byte, 1) <= 0);
    (void)close(reader);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, file_bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_line_has_five_quoted_fields),
        TEST(lines_are_appended),
        TEST(a_new_file_is_not_writable_by_others),
        TEST(without_events_nothing_is_written),
        TEST(no_detail_can_break_the_form_of_a_line),
        TEST(utf_8_in_a_detail_stays),
        TEST(a_very_long_detail_is_still_one_line),
        TEST(what_is_no_regular_file_is_refused_and_the_log_is_empty_then),
        TEST(a_fifo_with_a_reader_is_refused_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
