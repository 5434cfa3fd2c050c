/* SPDX-License-Identifier: MIT */
/* spammers-log: the form of its lines, that nothing can break it, and that nothing need be said twice. */
#include "support.h"

#include "sys.h"

static bool is_full;  /* the disk has room for half of what is to be written */
static bool is_stuck; /* what is written can't be taken back */

#define sys_write(descriptor, bytes, length) sys_write(descriptor, bytes, is_full ? (length) / 2 : (length))
#define ftruncate(descriptor, length)        (is_stuck ? (errno = EIO, -1) : ftruncate(descriptor, length))
#include "eventlog.c"
#undef sys_write
#undef ftruncate

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

static void a_line_that_somebody_left_without_an_end_gets_one(void **state)
{
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    file_write_text(bench->path, "half a line");
    eventlog_add(&log, EVENT_ERROR, "one");
    write_log(bench, &log);
    assert_file_is(bench->path, BYTES("half a line\n" TIME "\t\"ERROR\"\t\"\"\t\"\"\t\"one\"\n"));
}

/* A line that is written while the disk is full, and fails for this reason. */
static void write_half(struct file_bench *bench, int reason)
{
    struct eventlog log = {.now = &now};
    eventlog_add(&log, EVENT_ERROR, "one");
    is_full = true;
    const int result = eventlog_write(&log, bench->path, &bench->error);
    is_full = false;
    assert_int_equal(result, -1);
    assert_non_null(strstr(bench->error.text, strerror(reason)));
}

static void half_a_line_is_taken_back_or_gets_an_end(void **state)
{
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    file_write_text(bench->path, "before\n");
    write_half(bench, ENOSPC);
    assert_file_is(bench->path, BYTES("before\n"));
    is_stuck = true;
    write_half(bench, EIO);
    is_stuck = false;
    assert_file_is(bench->path, BYTES("before\n" TIME));
    eventlog_add(&log, EVENT_ERROR, "two");
    write_log(bench, &log);
    assert_file_is(bench->path, BYTES("before\n" TIME "\n" TIME "\t\"ERROR\"\t\"\"\t\"\"\t\"two\"\n"));
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

/* --- what was said already ---------------------------------------------------------------------------------------- */

enum { QUIET = 3600 };

/* An error, unless the log's end says so already. */
static void say(struct file_bench *bench, const char *when, const char *first, const char *second)
{
    const struct moment then = moment_of(when);
    struct eventlog log = {.now = &then};
    eventlog_add(&log, EVENT_ERROR, "%s", first);
    if (second)
        eventlog_add(&log, EVENT_WARNING, "%s", second);
    if (eventlog_write_unless_said(&log, bench->path, QUIET, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
    assert_int_equal(log.lines.length, 0);
}

static size_t count_lines(const struct file_bench *bench)
{
    struct buffer content = {0};
    size_t lines = 0;
    assert_true(file_read(bench->path, &content));
    for (size_t i = 0; i < content.length; i++)
        lines += content.bytes[i] == '\n';
    buffer_clear(&content);
    return lines;
}

static void the_same_is_not_said_again_within_the_time(void **state)
{
    static const struct {
        const char *when;
        size_t lines; /* after it */
    } rows[] = {
        {"2026-11-21T04:00:00", 1}, {"2026-11-21T04:00:00", 1}, {"2026-11-21T04:59:59", 1},
        {"2026-11-21T05:00:00", 2}, {"2026-11-21T05:59:59", 2}, {"2026-11-21T04:59:59", 3}, /* the clock was set back */
        {"2026-11-21T04:59:59", 3}, {"2027-11-21T04:59:59", 4},
    };
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        say(bench, rows[i].when, "disk full", NULL);
        if (count_lines(bench) != rows[i].lines)
            fail_msg("row %zu: %zu lines", i, count_lines(bench));
    }
}

static void what_differs_is_said(void **state)
{
    static const char *const texts[] = {"disk full", "disk ful", "disk fulL", "Disk full", "a disk full", ""};
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        say(bench, "2026-11-21T04:00:00", texts[i], NULL);
        assert_int_equal(count_lines(bench), i + 1);
    }
}

static void another_event_of_the_same_text_is_said(void **state)
{
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    say(bench, "2026-11-21T04:00:00", "disk full", NULL);
    eventlog_add(&log, EVENT_WARNING, "disk full");
    assert_int_equal(eventlog_write_unless_said(&log, bench->path, QUIET, &bench->error), 1);
    assert_int_equal(count_lines(bench), 2);
}

static void only_the_logs_end_counts(void **state)
{
    struct file_bench *bench = *state;
    say(bench, "2026-11-21T04:00:00", "one", NULL);
    say(bench, "2026-11-21T04:00:01", "two", NULL);
    say(bench, "2026-11-21T04:00:02", "one", NULL);
    assert_int_equal(count_lines(bench), 3);
}

static void several_lines_are_said_again_only_together(void **state)
{
    struct file_bench *bench = *state;
    say(bench, "2026-11-21T04:00:00", "one", "two");
    say(bench, "2026-11-21T04:30:00", "one", "two");
    assert_int_equal(count_lines(bench), 2);
    say(bench, "2026-11-21T04:30:00", "one", "other");
    assert_int_equal(count_lines(bench), 4);
    say(bench, "2026-11-21T04:30:00", "other", "other");
    assert_int_equal(count_lines(bench), 6);
    say(bench, "2026-11-21T04:30:00", "other", NULL); /* that was an error, the log's end is a warning */
    assert_int_equal(count_lines(bench), 7);
}

static void lines_of_different_times_are_as_old_as_the_first(void **state)
{
    static const char before[] = "\"2026-11-21 04:00:00\"\t\"ERROR\"\t\"\"\t\"\"\t\"one\"\n"
                                 "\"2026-11-21 04:59:00\"\t\"WARNING\"\t\"\"\t\"\"\t\"two\"\n";
    struct file_bench *bench = *state;
    file_write(bench->path, BYTES(before));
    say(bench, "2026-11-21T04:59:59", "one", "two");
    assert_int_equal(count_lines(bench), 2);
    say(bench, "2026-11-21T05:00:00", "one", "two");
    assert_int_equal(count_lines(bench), 4);
}

static void a_log_that_is_not_ours_is_never_taken_for_it(void **state)
{
    static const char *const contents[] = {
        "",
        "\n",
        "disk full\n",
        "\"2026-11-21 04:00:00\"\t\"ERROR\"\t\"\"\t\"\"\t\"disk full\"",         /* a line without end */
        "\"2026-11-21 04:00:0x\"\t\"ERROR\"\t\"\"\t\"\"\t\"disk full\"\n",       /* no time */
        "\"2026-13-21 04:00:00\"\t\"ERROR\"\t\"\"\t\"\"\t\"disk full\"\n",       /* no such month */
        "\"2026-11-21 04:00\"   \t\"ERROR\"\t\"\"\t\"\"\t\"disk full\"\n",       /* a shorter time */
        "x\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", /* many short lines */
    };
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        struct buffer content = {0};
        file_write_text(bench->path, contents[i]);
        say(bench, "2026-11-21T04:00:01", "disk full", NULL);
        assert_true(file_read(bench->path, &content));
        if (content.length <= strlen(contents[i]))
            fail_msg("row %zu: nothing was said", i);
        buffer_clear(&content);
    }
}

static void nothing_to_say_makes_no_file(void **state)
{
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    assert_int_equal(eventlog_write_unless_said(&log, bench->path, QUIET, &bench->error), 1);
    assert_false(file_exists(bench->path));
}

static void with_no_time_at_all_everything_is_said(void **state)
{
    struct file_bench *bench = *state;
    for (size_t lines = 1; lines < 4; lines++) {
        struct eventlog log = {.now = &now};
        eventlog_add(&log, EVENT_ERROR, "x");
        assert_int_equal(eventlog_write_unless_said(&log, bench->path, 0, &bench->error), 1);
        assert_int_equal(count_lines(bench), lines);
    }
}

/* A local time that comes twice, east and west of Greenwich: which of the two a line means, mktime can't know. */
static void in_the_hour_that_comes_twice_nothing_is_said_at_every_call(void **state)
{
    static const struct {
        const char *zone;
        time_t from; /* the first time that this hour comes */
    } rows[] = {{"EST5EDT,M3.2.0,M11.1.0", 1793509200}, {"CET-1CEST,M3.5.0,M10.5.0/3", 1792886400}};
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct zone_kept kept = zone_set(rows[i].zone);
        (void)unlink(bench->path);
        for (time_t at = rows[i].from; at < rows[i].from + 2 * QUIET; at += 60) {
            struct moment moment;
            struct eventlog log = {.now = &moment};
            assert_true(moment_from_seconds(at, &moment));
            eventlog_add(&log, EVENT_ERROR, "disk full");
            assert_int_equal(eventlog_write_unless_said(&log, bench->path, QUIET, &bench->error), 1);
        }
        zone_restore(&kept);
        if (count_lines(bench) > 3)
            fail_msg("%s: said %zu times in two hours", rows[i].zone, count_lines(bench));
    }
}

static void what_is_no_regular_file_is_no_log_that_said_it(void **state)
{
    struct file_bench *bench = *state;
    struct eventlog log = {.now = &now};
    const char *real = path_in(bench->directory, "real");
    eventlog_add(&log, EVENT_ERROR, "x");
    assert_int_equal(eventlog_write(&log, real, &bench->error), 1);
    assert_int_equal(symlink("real", bench->path), 0);
    eventlog_add(&log, EVENT_ERROR, "x");
    assert_int_equal(eventlog_write_unless_said(&log, bench->path, QUIET, &bench->error), -1);
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(mkfifo(bench->path, 0600), 0);
    eventlog_add(&log, EVENT_ERROR, "x");
    assert_int_equal(eventlog_write_unless_said(&log, bench->path, QUIET, &bench->error), -1);
    assert_int_equal(log.lines.length, 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, file_bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_line_has_five_quoted_fields),
        TEST(lines_are_appended),
        TEST(a_line_that_somebody_left_without_an_end_gets_one),
        TEST(half_a_line_is_taken_back_or_gets_an_end),
        TEST(a_new_file_is_not_writable_by_others),
        TEST(without_events_nothing_is_written),
        TEST(no_detail_can_break_the_form_of_a_line),
        TEST(utf_8_in_a_detail_stays),
        TEST(a_very_long_detail_is_still_one_line),
        TEST(what_is_no_regular_file_is_refused_and_the_log_is_empty_then),
        TEST(a_fifo_with_a_reader_is_refused_too),
        TEST(the_same_is_not_said_again_within_the_time),
        TEST(what_differs_is_said),
        TEST(another_event_of_the_same_text_is_said),
        TEST(only_the_logs_end_counts),
        TEST(several_lines_are_said_again_only_together),
        TEST(lines_of_different_times_are_as_old_as_the_first),
        TEST(a_log_that_is_not_ours_is_never_taken_for_it),
        TEST(nothing_to_say_makes_no_file),
        TEST(with_no_time_at_all_everything_is_said),
        TEST(in_the_hour_that_comes_twice_nothing_is_said_at_every_call),
        TEST(what_is_no_regular_file_is_no_log_that_said_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
