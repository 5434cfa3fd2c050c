/* SPDX-License-Identifier: MIT */
/* What spammers-log tells of one host. The owner of MailRoot may write anything there. */
#include "support.h"

#include "history.h"
#include "record.h"

struct bench {
    char mail_root[SUPPORT_PATH_SIZE];
    struct history history;
    struct error error;
};

static const char *in(const struct bench *bench, const char *name)
{
    return path_in(bench->mail_root, name);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    directory_make(bench->mail_root);
    assert_int_equal(mkdir(in(bench, "logs"), 0755), 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    history_clear(&bench->history);
    directory_drop(bench->mail_root);
    free(bench);
    return 0;
}

#define AT(time, event, address, detail) "\"2026-11-" time "\"\t\"" event "\"\t\"" address "\"\t\"5\"\t\"" detail "\"\n"
#define EVENT(event, address, detail)    AT("20 10:00:00", event, address, detail)

static int recall(struct bench *bench, const char *host)
{
    history_clear(&bench->history);
    return history_read(bench->mail_root, host_of(host), &bench->history, &bench->error);
}

/* The details of all events, each with a + or - before it. */
static void assert_recalls(struct bench *bench, const char *host, const char *expected)
{
    struct buffer told = {0};
    if (recall(bench, host) < 0)
        fail_msg("%s", bench->error.text);
    for (size_t i = 0; i < bench->history.count; i++) {
        const struct history_event *event = &bench->history.events[i];
        assert_true(network_contains(&event->network, host_of(host)));
        buffer_add_format(&told, "%c%s ", event->removed ? '-' : '+', event->detail);
    }
    buffer_add(&told, "", 1);
    assert_false(told.failed);
    assert_string_equal(told.bytes, expected);
    buffer_clear(&told);
}

/* --- what is told ------------------------------------------------------------------------------------------------- */

static void entries_that_hold_the_host_are_told_whatever_their_netmask(void **state)
{
    struct bench *bench = *state;
    file_write_text(in(bench, "logs/spammers-log"),
                    EVENT("ADD", "192.0.2.1", "host") EVENT("REMOVE", "192.0.2.1", "host")
                        EVENT("ADD", "192.0.2.0/24", "24") EVENT("REMOVE", "0.0.0.0/0", "0")
                            EVENT("REMOVE", "192.0.0.1/255.255.0.255", "scattered") EVENT("ADD", "192.0.2.2", "other")
                                EVENT("ADD", "192.0.3.0/24", "other") EVENT("REMOVE", "::/0", "all")
                                    EVENT("ADD", "2001:db8::/32", "32") EVENT("ADD", "2001:db8::1", "six"));
    assert_recalls(bench, "192.0.2.1", "+host -host +24 -0 -scattered -all ");
    assert_recalls(bench, "192.0.9.1", "-0 -scattered -all ");
    assert_recalls(bench, "2001:db8::1", "-all +32 +six ");
    assert_string_equal(bench->history.events[1].time, "2026-11-20 10:00:00");
}

static void logs_that_were_set_aside_are_read_and_come_in_the_order_of_time(void **state)
{
    static const struct {
        const char *name;
        const char *text;
    } logs[] = {
        {"logs/spammers-log", AT("20 10:00:00", "ADD", "192.0.2.1", "e")},
        {"logs/spammers-log.1", AT("18 10:00:00", "ADD", "192.0.2.1", "c") AT("19 10:00:00", "ADD", "192.0.2.1", "d")},
        {"logs/spammers-log.12", AT("02 10:00:00", "ADD", "192.0.2.1", "a")},
        {"logs/spammers-log-20261110", AT("10 10:00:00", "REMOVE", "192.0.2.1", "b")},
        {"logs/spammers-log.1.gz", EVENT("ADD", "192.0.2.1", "x")},
        {"logs/spammers-log.old", EVENT("ADD", "192.0.2.1", "x")},
        {"logs/spammers-log.123", EVENT("ADD", "192.0.2.1", "x")},
        {"logs/spammers-log-", EVENT("ADD", "192.0.2.1", "x")},
        {"logs/xspammers-log", EVENT("ADD", "192.0.2.1", "x")},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(logs); i++)
        file_write_text(in(bench, logs[i].name), logs[i].text);
    assert_recalls(bench, "192.0.2.1", "+a -b +c +d +e ");
}

static void what_is_no_addition_or_removal_is_not_told(void **state)
{
    static const char *const lines[] = {
        EVENT("WARNING", "192.0.2.1", "x"),
        EVENT("SHADOWED", "192.0.2.1", "x"),
        EVENT("REBUILD", "", "x"),
        EVENT("add", "192.0.2.1", "x"),
        EVENT("ADDED", "192.0.2.1", "x"),
        EVENT("", "192.0.2.1", "x"),
        EVENT("ADD", "", "x"),
        EVENT("ADD", "192.0.2.1 ", "x"),
        EVENT("ADD", "192.0.2.1/", "x"),
        EVENT("ADD", "192.0.2.1/33", "x"),
        EVENT("ADD", "192.0.2.1/255.255.255", "x"),
        EVENT("ADD", "/255.0.255.0", "x"),
        EVENT("ADD", "::/255.0.255.0", "x"),
        EVENT("ADD", "192.0.2.1", "x\"\t\"y"), /* six fields */
        "\"2026-11-20 10:00:00\"\t\"ADD\"\t\"192.0.2.1\"\t\"5\"\n",
        "\"2026-11-20\"\t\"ADD\"\t\"192.0.2.1\"\t\"5\"\t\"x\"\n",
        "\"2026-11-20 10:00:00.0\"\t\"ADD\"\t\"192.0.2.1\"\t\"5\"\t\"x\"\n",
        "\"2026-13-20 10:00:00\"\t\"ADD\"\t\"192.0.2.1\"\t\"5\"\t\"x\"\n",
        "\n",
        "\t\t\t\t\n",
        "\"2026-11-20 10:00:00\"\t\"ADD\"\t\"192.0.2.1\"\t\"5\"\t\"x\"", /* being written */
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct buffer text = {0};
        buffer_add_format(&text, "%s%s", EVENT("ADD", "192.0.2.1", "before"), lines[i]);
        if (i + 1 < COUNT_OF(lines))
            buffer_add_text(&text, EVENT("REMOVE", "192.0.2.1", "after"));
        assert_false(text.failed);
        file_write(in(bench, "logs/spammers-log"), text.bytes, text.length);
        buffer_clear(&text);
        assert_recalls(bench, "192.0.2.1", i + 1 < COUNT_OF(lines) ? "+before -after " : "+before ");
    }
}

/* --- hostile content ---------------------------------------------------------------------------------------------- */

static void what_a_terminal_would_obey_is_made_harmless(void **state)
{
    struct bench *bench = *state;
    static const char text[] = "2026-11-20\x1b[2J\a\xff\x9b..\tADD\t192.0.2.1\t5\t\x1b]0;t\a\xc2\x9b\r\x7f\0hidden\r\n";
    file_write(in(bench, "logs/spammers-log"), BYTES(text));
    assert_recalls(bench, "192.0.2.1", "+?]0;t????? ");
    assert_string_equal(bench->history.events[0].time, "2026-11-20?[2J?\xff?..");
}

static void a_line_of_any_length_and_bytes_without_end_do_no_harm(void **state)
{
    static const size_t lengths[] = {RECORD_LENGTH_MAX - 200, RECORD_LENGTH_MAX, 3 * 1024 * 1024};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct buffer text = {0};
        buffer_add_text(&text, "2026-11-20 10:00:00\tADD\t192.0.2.1\t5\t");
        for (size_t length = 0; length < lengths[i]; length++)
            buffer_add_text(&text, "x");
        buffer_add_text(&text, "\n" EVENT("REMOVE", "192.0.2.1", "after"));
        for (size_t length = 0; length < 100000; length++)
            buffer_add(&text, "", 1);
        assert_false(text.failed);
        file_write(in(bench, "logs/spammers-log"), text.bytes, text.length);
        buffer_clear(&text);
        assert_int_equal(recall(bench, "192.0.2.1"), 1);
        assert_int_equal(bench->history.count, i == 0 ? 2 : 1);
        assert_string_equal(bench->history.events[bench->history.count - 1].detail, "after");
    }
}

static void what_is_no_file_is_passed_over_and_a_link_followed(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(mkfifo(in(bench, "logs/spammers-log"), 0600), 0);
    assert_int_equal(mkdir(in(bench, "logs/spammers-log.1"), 0755), 0);
    assert_int_equal(symlink("/dev/zero", in(bench, "logs/spammers-log.2")), 0);
    file_write_text(in(bench, "elsewhere"), EVENT("ADD", "192.0.2.1", "linked"));
    assert_int_equal(symlink("../elsewhere", in(bench, "logs/spammers-log.3")), 0);
    assert_recalls(bench, "192.0.2.1", "+linked ");
}

static void a_link_to_nothing_is_told_of(void **state)
{
    static const char *const targets[] = {"nowhere", "spammers-log.1"};
    struct bench *bench = *state;
    file_write_text(in(bench, "logs/spammers-log"), EVENT("ADD", "192.0.2.1", "x"));
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        assert_int_equal(symlink(targets[i], in(bench, "logs/spammers-log.1")), 0);
        assert_int_equal(recall(bench, "192.0.2.1"), -1);
        assert_non_null(strstr(bench->error.text, "logs/spammers-log.1"));
        assert_int_equal(bench->history.count, 0);
        assert_null(bench->history.events);
        assert_int_equal(unlink(in(bench, "logs/spammers-log.1")), 0);
    }
}

static void without_a_log_there_is_nothing_to_tell_and_without_a_directory_it_is_said(void **state)
{
    struct bench *bench = *state;
    assert_recalls(bench, "192.0.2.1", "");
    file_write_text(in(bench, "logs/spammers-log"), "");
    assert_recalls(bench, "192.0.2.1", "");
    directory_drop(in(bench, "logs"));
    assert_int_equal(recall(bench, "192.0.2.1"), -1);
    assert_non_null(strstr(bench->error.text, in(bench, "logs")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(entries_that_hold_the_host_are_told_whatever_their_netmask),
        TEST(logs_that_were_set_aside_are_read_and_come_in_the_order_of_time),
        TEST(what_is_no_addition_or_removal_is_not_told),
        TEST(what_a_terminal_would_obey_is_made_harmless),
        TEST(a_line_of_any_length_and_bytes_without_end_do_no_harm),
        TEST(what_is_no_file_is_passed_over_and_a_link_followed),
        TEST(a_link_to_nothing_is_told_of),
        TEST(without_a_log_there_is_nothing_to_tell_and_without_a_directory_it_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
