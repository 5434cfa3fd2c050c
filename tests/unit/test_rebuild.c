/* SPDX-License-Identifier: MIT */
/*
 * A rebuild during which somebody else changes the list: it is decided anew on what he wrote, but not for ever. One
 * that somebody ends has changed nothing, or all.
 */
#include "support_clock.h"
#include "support_interrupts.h"

#include "listfile.h"

static void change_list(void);

#define listfile_save(list, content, now, backup, error)                                                               \
    (change_list(), listfile_save(list, content, now, backup, error))
#include "amend.c"
#undef listfile_save

#include "path.h"
#include "rebuild.h"

#define ENTRY(host) "\"" host "\"\t\"255.255.255.255\"\t\"code=1\"\n"
#define RECORD                                                                                                         \
    "\"mx\"\t\"d\"\t\"198.51.100.7\"\t\"2026-11-20 12:34:56\"\t\"pc\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"RCPT=ERELAY\"\t\"\""  \
    "\t\"0\"\t\"\"\n"

/* Of the list, before it is saved: how often there will be one, and how many there were. */
static struct {
    const char *path;
    int left;
    int done;
    bool ends; /* he ends the rebuild, too */
} changes;

static void change_list(void)
{
    char text[128];
    if (changes.ends)
        assert_int_equal(raise(SIGTERM), 0);
    if (changes.left == 0)
        return;
    changes.left--;
    (void)snprintf(text, sizeof text, ENTRY("192.0.2.%d"), ++changes.done);
    file_write_text(changes.path, text);
}

static int set_up(void **state)
{
    clock_ahead = CLOCK_LATER;
    return file_bench_set_up(state, PATH_LIST, "UTC0");
}

/* Rebuilds a list that somebody else changes so often meanwhile. */
static int rebuild_amid(struct file_bench *bench, int times, const struct interrupts *interrupts)
{
    const struct moment now = moment_of("2026-11-21T17:00");
    const char *configuration = path_in(bench->directory, "x.conf");
    struct messages problems = {0};
    struct rebuild rebuild;
    assert_int_equal(mkdir(path_in(bench->directory, "logs"), 0755), 0);
    file_write_text(path_in(bench->directory, "logs/smtp-202611200000"), RECORD);
    file_write_text(configuration, "register_count = 1; logs = ( { format = \"smtp\"; } );");
    file_write_text(bench->path, "");
    struct conf *conf = conf_read(configuration, bench->directory, NULL, NULL, &problems);
    assert_non_null(conf);
    changes.path = bench->path;
    changes.left = times;
    changes.done = 0;
    changes.ends = interrupts != NULL;
    const struct rebuild_request request = {
        .conf = conf, .now = &now, .trigger = "command", .no_cache = true, .interrupts = interrupts};
    const int result = rebuild_run(&request, &rebuild, &bench->error);
    assert_int_equal(rebuild.interrupted, changes.ends && result < 0);
    assert_int_equal(file_exists(path_in(bench->directory, PATH_EVENT_LOG)), !rebuild.interrupted);
    rebuild_clear(&rebuild);
    conf_free(conf);
    return result;
}

/* The same, and he ends it when the list is to be saved. */
static int end_amid(struct file_bench *bench, int times)
{
    struct interrupts interrupts;
    interrupts_begin(&interrupts);
    const int result = rebuild_amid(bench, times, &interrupts);
    interrupts_end(&interrupts, SIGTERM);
    return result;
}

static void a_list_that_somebody_changes_meanwhile_is_decided_on_anew(void **state)
{
    struct file_bench *bench = *state;
    assert_int_equal(rebuild_amid(bench, 2, NULL), 1);
    assert_file_is(bench->path, BYTES(ENTRY("192.0.2.2") ENTRY("198.51.100.7")));
}

static void a_list_that_somebody_changes_each_time_is_left_to_him(void **state)
{
    struct file_bench *bench = *state;
    assert_int_equal(rebuild_amid(bench, SAVE_TRIES, NULL), -1);
    assert_non_null(strstr(bench->error.text, "somebody else changed it 3 times"));
    assert_int_equal(changes.done, SAVE_TRIES);
    assert_file_is(bench->path, BYTES(ENTRY("192.0.2.3")));
}

static void who_ends_it_before_the_list_is_saved_finds_it_as_it_was(void **state)
{
    struct file_bench *bench = *state;
    assert_int_equal(end_amid(bench, 1), -1);
    assert_non_null(strstr(bench->error.text, "unable to save "));
    assert_non_null(strstr(bench->error.text, ": interrupted"));
    assert_file_is(bench->path, BYTES(ENTRY("192.0.2.1")));
}

static void who_ends_it_while_the_list_is_saved_finds_it_saved_and_logged(void **state)
{
    struct file_bench *bench = *state;
    assert_int_equal(end_amid(bench, 0), 1);
    assert_file_is(bench->path, BYTES(ENTRY("198.51.100.7")));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, file_bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_list_that_somebody_changes_meanwhile_is_decided_on_anew),
        TEST(a_list_that_somebody_changes_each_time_is_left_to_him),
        TEST(who_ends_it_before_the_list_is_saved_finds_it_as_it_was),
        TEST(who_ends_it_while_the_list_is_saved_finds_it_saved_and_logged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
