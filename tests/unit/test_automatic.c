/* SPDX-License-Identifier: MIT */
/* A call of the filter that has to look: what it does, what it records first, and that it says nothing twice. */
#include "support.h"

#include "automatic.h"
#include "lock.h"
#include "schedule.h"
#include "state.h"
#include "undue.h"

#include <signal.h>
#include <sys/wait.h>

#define OLD_LIST "\"203.0.113.1\"\t\"255.255.255.255\"\t\"code=1\"\n"
#define ADDED    "\"198.51.100.1\"\t\"255.255.255.255\"\t\"code=1\"\n"
#define NEW_LIST OLD_LIST ADDED

#define SCHEDULE "enabled = true; from = 0; to = 0; interval = 60;"
#define LOGS     "register_count = 2;\nlogs = ( { format = \"smtp\"; } );\n"
#define DAILY    "auto = { " SCHEDULE " };\n" LOGS

enum { HOUR = 3600, PATHS_SIZE = 2 * SUPPORT_PATH_SIZE };

struct bench {
    char root[SUPPORT_PATH_SIZE];
    char conf[PATHS_SIZE];
    char list[PATHS_SIZE];
    char log[PATHS_SIZE];
    char state[PATHS_SIZE];
    char lock[PATHS_SIZE];
    struct zone_kept zone;
    mode_t mask;
};

static void put(char *path, const struct bench *bench, const char *name)
{
    (void)snprintf(path, PATHS_SIZE, "%s/%s", bench->root, name);
}

static void add_records(const struct bench *bench, const char *file, const char *day, const char *address, int count)
{
    struct buffer text = {0};
    char path[PATHS_SIZE];
    put(path, bench, file);
    for (int i = 0; i < count; i++)
        buffer_add_format(&text,
                          "\"mail.example.org\"\t\"example.org\"\t\"%s\"\t\"%s 03:04:05\"\t\"helo\"\t\"example.org\"\t"
                          "\"a@example.net\"\t\"b@example.org\"\t\"S1\"\t\"RCPT=ERELAY\"\t\"\"\t\"0\"\t\"\"\n",
                          address, day);
    file_write(path, text.bytes, text.length);
    buffer_clear(&text);
}

/* A MailRoot with a host to be added, and a list that nobody has just written. */
static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    directory_make(bench->root);
    bench->mask = umask(022);
    bench->zone = zone_set("JST-9");
    put(bench->conf, bench, PATH_CONFIGURATION);
    put(bench->list, bench, PATH_LIST);
    put(bench->log, bench, PATH_EVENT_LOG);
    put(bench->state, bench, PATH_STATE);
    put(bench->lock, bench, PATH_LOCK);
    assert_int_equal(mkdir(path_in(bench->root, "logs"), 0755), 0);
    assert_int_equal(mkdir(path_in(bench->root, "filters"), 0755), 0);
    assert_int_equal(mkdir(path_in(bench->root, PATH_PROGRAM_DIRECTORY), 0755), 0);
    add_records(bench, "logs/smtp-202611200000", "2026-11-20", "198.51.100.1", 2);
    file_write_text(bench->list, OLD_LIST);
    file_set_age(bench->list, 1000000000);
    file_write_text(bench->conf, DAILY);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    directory_drop(bench->root);
    zone_restore(&bench->zone);
    (void)umask(bench->mask);
    free(bench);
    return 0;
}

/* --- calls and what they leave ------------------------------------------------------------------------------------ */

static const char *day_text(const struct moment *now)
{
    static char text[DAY_TEXT_SIZE];
    return day_format(moment_day(now), text);
}

static enum automatic_result call_at(const struct bench *bench, const char *text)
{
    const struct moment now = moment_of(text);
    const struct automatic_call call = {.configuration = bench->conf, .mail_root = bench->root, .now = &now};
    return automatic_run(&call);
}

/* How many lines of the event log have this in them. */
static size_t said(const struct bench *bench, const char *text)
{
    struct buffer content = {0};
    size_t count = 0;
    if (!file_read(bench->log, &content))
        return 0;
    buffer_add(&content, "", 1);
    for (char *line = strtok(content.bytes, "\n"); line; line = strtok(NULL, "\n"))
        count += strstr(line, text) != NULL;
    buffer_clear(&content);
    return count;
}

static struct state_bytes bytes;

static struct state state_of(const struct bench *bench)
{
    struct state state;
    struct error error;
    if (state_read(bench->state, &bytes, &state, &error) != 1)
        fail_msg("%s", error.text);
    return state;
}

static void write_state(const struct bench *bench, const struct state *written)
{
    struct error error;
    if (state_write(bench->state, written, &error) != 1)
        fail_msg("%s", error.text);
}

static void assert_list(const struct bench *bench, const char *expected)
{
    assert_file_is(bench->list, expected, strlen(expected));
}

/* The list is untouched, and so many lines were logged in all. */
static void assert_quiet(const struct bench *bench, size_t lines)
{
    assert_list(bench, OLD_LIST);
    assert_int_equal(said(bench, "\""), lines);
}

/* --- when it is due ----------------------------------------------------------------------------------------------- */

static void a_due_call_rebuilds_the_list_and_records_it(void **state)
{
    const struct bench *bench = *state;
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_REBUILT);
    assert_list(bench, NEW_LIST);
    const struct state after = state_of(bench);
    assert_int_equal(after.filter.result, STATE_DONE);
    assert_true(after.filter.begun == moment_of("2026-11-21T12:00:00").seconds);
    assert_string_equal(after.filter.detail, "1 added, 0 removed, 1 kept");
    assert_int_equal(after.command.result, STATE_NEVER);
    assert_int_equal(after.faults, 0);
    assert_int_equal(said(bench, "\"ADD\"\t\"198.51.100.1\"\t\"2\""), 1);
    assert_int_equal(said(bench, "trigger=filter mode=append range=2026-11-15..2026-11-21"), 1);
}

static void within_the_interval_nothing_is_done_and_nothing_said(void **state)
{
    const struct bench *bench = *state;
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_REBUILT);
    file_write_text(bench->list, OLD_LIST);
    file_set_age(bench->list, 1000000000);
    const size_t lines = said(bench, "\"");
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_NOT_DUE);
    assert_int_equal(call_at(bench, "2026-11-21T12:59:59"), AUTOMATIC_NOT_DUE);
    assert_quiet(bench, lines);
    assert_int_equal(call_at(bench, "2026-11-21T13:00:00"), AUTOMATIC_REBUILT);
    assert_list(bench, NEW_LIST);
}

static void outside_the_window_or_if_it_is_not_enabled_nothing_is_done(void **state)
{
    static const char *const contents[] = {
        LOGS,
        "auto = { enabled = false; };\n" LOGS,
        "auto = { enabled = true; from = 23; to = 5; };\n" LOGS,
        "auto = { enabled = true; from = 13; to = 14; };\n" LOGS,
    };
    const struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        file_write_text(bench->conf, contents[i]);
        assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_NOT_DUE);
        assert_quiet(bench, 1); /* that there was no state */
    }
    assert_int_equal(call_at(bench, "2026-11-21T13:00:00"), AUTOMATIC_REBUILT);
}

static void a_rebuild_by_hand_does_not_move_the_schedule(void **state)
{
    const struct bench *bench = *state;
    const struct state_run run = {STATE_DONE, moment_of("2026-11-21T11:59:00").seconds, 5, "by hand"};
    struct messages warnings = {0};
    state_record_command(bench->state, &run, &warnings);
    assert_true(messages_empty(&warnings));
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_REBUILT);
    const struct state after = state_of(bench);
    assert_int_equal(after.command.result, STATE_DONE);
    assert_true(after.command.begun == run.begun);
    assert_string_equal(after.command.detail, "by hand");
}

/* True if the configuration was new when the state was written: it still is. False says nothing on a slow machine. */
static bool was_fresh(const struct state *state)
{
    return identity_is_fresh(&state->files[0].identity, time(NULL));
}

/* Files that were written a moment ago can change unseen, so it is quiet for some seconds only; else for an hour. */
static void after_a_call_that_is_not_due_the_state_keeps_the_next_ones_quiet(void **state)
{
    const struct bench *bench = *state;
    struct moment now = moment_of("2026-11-21T12:00:00");
    const struct automatic_call call = {.configuration = bench->conf, .mail_root = bench->root, .now = &now};
    now.rehearsed = false;
    file_write_text(bench->conf, LOGS);
    assert_int_equal(automatic_run(&call), AUTOMATIC_NOT_DUE);
    const struct state after = state_of(bench);
    const struct undue_call next = {.configuration = bench->conf, .mail_root = bench->root, .now = now.seconds};
    assert_true(after.quiet_from == now.seconds);
    assert_true(after.quiet_until == now.seconds + 3 ||
                (!was_fresh(&after) && after.quiet_until == now.seconds + HOUR));
    assert_int_equal(after.file_count, 2);
    assert_string_equal(after.files[0].path, bench->conf);
    assert_true(undue_by_state(&next, bench->conf, &after));
}

/* The real clock, by which files are new, says nothing about a rehearsal. */
static void a_rehearsal_with_files_that_are_new_keeps_nobody_quiet(void **state)
{
    const struct bench *bench = *state;
    file_write_text(bench->conf, LOGS);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_NOT_DUE);
    const struct state after = state_of(bench);
    assert_true(after.quiet_until == after.quiet_from ||
                (!was_fresh(&after) && after.quiet_until == after.quiet_from + HOUR));
}

/* Somebody keeps writing the list, for which a rebuild waits some seconds: then the files aren't new any more. */
static pid_t keep_writing_list(const struct bench *bench)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0)
        return child;
    for (;;) {
        (void)utimensat(AT_FDCWD, bench->list, NULL, 0);
        (void)nanosleep(&pause, NULL);
    }
}

static void files_that_were_new_when_they_were_read_are_so_after_a_long_rebuild(void **state)
{
    const struct bench *bench = *state;
    struct moment now;
    const struct automatic_call call = {.configuration = bench->conf, .mail_root = bench->root, .now = &now};
    assert_true(moment_now(&now));
    file_write_text(bench->conf, DAILY);
    add_records(bench, "logs/smtp-202611210001", day_text(&now), "198.51.100.1", 2);
    pid_t writer = keep_writing_list(bench);
    (void)automatic_run(&call);
    assert_int_equal(kill(writer, SIGKILL), 0);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    assert_true(state_of(bench).quiet_until == now.seconds + 3);
}

/* --- what comes first --------------------------------------------------------------------------------------------- */

/* Neither written anew nor renamed over. */
static void make_state_unwritable(const struct bench *bench)
{
    char inner[PATHS_SIZE];
    put(inner, bench, PATH_STATE "/inner");
    (void)unlink(bench->state);
    assert_int_equal(mkdir(bench->state, 0755), 0);
    file_write_text(inner, "");
}

static void what_cannot_be_recorded_is_not_begun(void **state)
{
    const struct bench *bench = *state;
    make_state_unwritable(bench);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_REFUSED);
    assert_int_equal(said(bench, "\"ERROR\""), 1);
    const size_t lines = said(bench, "\"");
    for (int times = 0; times < 3; times++)
        assert_int_equal(call_at(bench, "2026-11-21T12:59:59"), AUTOMATIC_REFUSED);
    assert_quiet(bench, lines); /* nor is it said at every call */
    assert_int_equal(call_at(bench, "2026-11-21T13:00:00"), AUTOMATIC_REFUSED);
    assert_quiet(bench, 2 * lines);
}

static void what_is_not_due_is_not_though_that_can_not_be_recorded(void **state)
{
    const struct bench *bench = *state;
    file_write_text(bench->conf, "auto = { enabled = false; };\n" LOGS);
    make_state_unwritable(bench);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_NOT_DUE);
    assert_int_equal(said(bench, "\"ERROR\""), 1);
    const size_t lines = said(bench, "\"");
    assert_int_equal(call_at(bench, "2026-11-21T12:00:01"), AUTOMATIC_NOT_DUE);
    assert_quiet(bench, lines);
}

static void without_the_lock_nothing_is_begun(void **state)
{
    const struct bench *bench = *state;
    assert_int_equal(mkdir(bench->lock, 0755), 0);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_REFUSED);
    assert_int_equal(call_at(bench, "2026-11-21T12:30:00"), AUTOMATIC_REFUSED);
    assert_quiet(bench, 1);
    assert_false(file_exists(bench->state));
}

static void without_the_programs_directory_nothing_is_begun(void **state)
{
    const struct bench *bench = *state;
    char conf[PATHS_SIZE];
    const struct moment now = moment_of("2026-11-21T12:00:00");
    put(conf, bench, "x.conf");
    assert_int_equal(rename(bench->conf, conf), 0);
    assert_int_equal(rmdir(path_in(bench->root, PATH_PROGRAM_DIRECTORY)), 0);
    assert_int_equal(rmdir(path_in(bench->root, "filters")), 0);
    file_write_text(path_in(bench->root, "filters"), "a file");
    const struct automatic_call call = {.configuration = conf, .mail_root = bench->root, .now = &now};
    assert_int_equal(automatic_run(&call), AUTOMATIC_REFUSED);
    assert_quiet(bench, 1);
    assert_int_equal(unlink(path_in(bench->root, "filters")), 0);
    assert_int_equal(automatic_run(&call), AUTOMATIC_REBUILT); /* a missing one is made */
}

static void who_does_not_get_the_lock_goes_away_without_a_word(void **state)
{
    const struct bench *bench = *state;
    struct error error;
    int lock = -1;
    assert_int_equal(lock_take(bench->lock, &lock, &error), 1);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_BUSY);
    file_write_text(bench->conf, "faulty");
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_BUSY);
    assert_quiet(bench, 0);
    assert_false(file_exists(bench->state));
    lock_release(&lock);
    file_write_text(bench->conf, DAILY);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_REBUILT);
    assert_int_equal(lock_take(bench->lock, &lock, &error), 1); /* it was given back */
    lock_release(&lock);
}

/* --- rebuilds that fail ------------------------------------------------------------------------------------------- */

static void a_failed_rebuild_is_recorded_and_not_tried_again_within_the_interval(void **state)
{
    const struct bench *bench = *state;
    assert_int_equal(unlink(path_in(bench->root, "logs/smtp-202611200000")), 0);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_FAILED);
    const struct state after = state_of(bench);
    assert_int_equal(after.filter.result, STATE_FAILED);
    assert_true(after.filter.begun == moment_of("2026-11-21T12:00:00").seconds);
    assert_non_null(strstr(after.filter.detail, "unable to judge any host"));
    assert_int_equal(said(bench, "unable to judge any host"), 1);
    assert_int_equal(call_at(bench, "2026-11-21T12:59:59"), AUTOMATIC_NOT_DUE);
    assert_quiet(bench, 2);
    assert_int_equal(call_at(bench, "2026-11-21T13:00:00"), AUTOMATIC_FAILED);
    assert_int_equal(said(bench, "unable to judge any host"), 2);
}

static void too_many_additions_are_an_error_and_none_is_made(void **state)
{
    const struct bench *bench = *state;
    add_records(bench, "logs/smtp-202611190000", "2026-11-19", "198.51.100.2", 2);
    file_write_text(bench->conf, "auto = { " SCHEDULE " max_added = 1; };\n" LOGS);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_FAILED);
    assert_list(bench, OLD_LIST);
    assert_int_equal(said(bench, "2 entries would be added, more than auto.max_added, 1"), 1);
    file_write_text(bench->conf, "auto = { " SCHEDULE " max_added = 2; };\n" LOGS);
    assert_int_equal(call_at(bench, "2026-11-21T13:00:00"), AUTOMATIC_REBUILT);
    assert_list(bench, NEW_LIST "\"198.51.100.2\"\t\"255.255.255.255\"\t\"code=1\"\n");
}

static void no_more_than_90_days_are_searched(void **state)
{
    const struct bench *bench = *state;
    add_records(bench, "logs/smtp-202608230000", "2026-08-23", "198.51.100.2", 2); /* the 91st day */
    add_records(bench, "logs/smtp-202608240000", "2026-08-24", "198.51.100.3", 2); /* the 90th */
    file_write_text(bench->conf, "search_days = 365;\n" DAILY);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_REBUILT);
    assert_list(bench, NEW_LIST "\"198.51.100.3\"\t\"255.255.255.255\"\t\"code=1\"\n");
    assert_int_equal(said(bench, "range=2026-08-24..2026-11-21"), 1);
}

static void fewer_days_stay_as_they_are(void **state)
{
    const struct bench *bench = *state;
    file_write_text(bench->conf, "search_days = 2;\n" DAILY);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_REBUILT);
    assert_int_equal(said(bench, "range=2026-11-20..2026-11-21"), 1);
}

static void a_rebuild_that_did_not_end_is_told_once_at_the_next(void **state)
{
    const struct bench *bench = *state;
    const struct state killed = {.filter = {STATE_BEGUN, moment_of("2026-11-21T12:00:00").seconds, 0, ""}};
    write_state(bench, &killed);
    assert_int_equal(call_at(bench, "2026-11-21T12:30:00"), AUTOMATIC_NOT_DUE); /* maybe it runs */
    assert_quiet(bench, 0);
    assert_int_equal(call_at(bench, "2026-11-21T13:00:00"), AUTOMATIC_REBUILT);
    assert_int_equal(said(bench, "did not end"), 1);
    assert_int_equal(call_at(bench, "2026-11-21T14:00:00"), AUTOMATIC_REBUILT);
    assert_int_equal(said(bench, "did not end"), 1);
}

/* --- the state ---------------------------------------------------------------------------------------------------- */

static void a_missing_or_damaged_state_counts_as_none_with_one_warning(void **state)
{
    const struct bench *bench = *state;
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_REBUILT);
    assert_int_equal(said(bench, "\"WARNING\"\t\"\"\t\"\"\t\"there is no state"), 1);
    assert_int_equal(call_at(bench, "2026-11-21T12:30:00"), AUTOMATIC_NOT_DUE);
    assert_int_equal(said(bench, "\"WARNING\""), 1);
    file_write_text(bench->state, "xmail-spammers state 9\n");
    assert_int_equal(call_at(bench, "2026-11-21T12:31:00"), AUTOMATIC_REBUILT);
    assert_int_equal(said(bench, "\"WARNING\""), 2);
    assert_int_equal(said(bench, "another version"), 1);
    assert_int_equal(call_at(bench, "2026-11-21T12:32:00"), AUTOMATIC_NOT_DUE);
    assert_int_equal(said(bench, "\"WARNING\""), 2);
}

/* --- faults of the configuration ---------------------------------------------------------------------------------- */

static void every_fault_of_the_configuration_is_logged_once_for_each_change(void **state)
{
    const struct bench *bench = *state;
    file_write_text(bench->conf, DAILY "order = 3;\nsearch_days = 0;\n");
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_FAULTY);
    assert_int_equal(said(bench, "\"ERROR\""), 2);
    assert_int_equal(said(bench, "order"), 1);
    assert_int_equal(said(bench, "search_days"), 1);
    assert_quiet(bench, 3); /* and that there was no state */
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_FAULTY);
    assert_int_equal(call_at(bench, "2026-12-21T12:00:00"), AUTOMATIC_FAULTY); /* however much later */
    assert_quiet(bench, 3);
    file_write_text(bench->conf, DAILY "order = 3;\n");
    assert_int_equal(call_at(bench, "2026-12-21T12:00:01"), AUTOMATIC_FAULTY);
    assert_int_equal(said(bench, "order"), 2);
    assert_quiet(bench, 4);
}

/* More files than the state has room for: then nothing is known of them, and a change isn't seen either. */
static void the_faults_of_many_files_are_logged_once_too(void **state)
{
    const struct bench *bench = *state;
    char text[4096] = "bogus = 1;\n";
    for (int i = 0; i < STATE_FILES_MAX; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, PATH_PROGRAM_DIRECTORY "/%d", i);
        file_write_text(path_in(bench->root, name), "# nothing\n");
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "@include \"%d\"\n", i);
    }
    file_write_text(bench->conf, text);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_FAULTY);
    assert_int_equal(call_at(bench, "2026-11-21T13:30:00"), AUTOMATIC_FAULTY);
    assert_int_equal(said(bench, "bogus"), 1);
}

static void the_same_fault_in_a_file_that_was_written_anew_is_logged_anew_after_the_interval(void **state)
{
    const struct bench *bench = *state;
    file_write_text(bench->conf, "order = 3;\n");
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_FAULTY);
    file_write_text(bench->conf, "order = 3;\n\n");
    assert_int_equal(call_at(bench, "2026-11-21T12:59:59"), AUTOMATIC_FAULTY); /* the log's end says just that */
    assert_int_equal(said(bench, "order"), 1);
    file_write_text(bench->conf, "order = 3;\n\n\n");
    assert_int_equal(call_at(bench, "2026-11-21T13:00:00"), AUTOMATIC_FAULTY);
    assert_int_equal(said(bench, "order"), 2);
    file_write_text(path_in(bench->root, PATH_PROGRAM_DIRECTORY "/more"), "");
    file_write_text(bench->conf, "order = 3;\n@include \"more\"\n");
    assert_int_equal(call_at(bench, "2026-11-21T14:00:00"), AUTOMATIC_FAULTY);
    assert_int_equal(said(bench, "order"), 3);
}

/* What a fault is due to may lie outside of the files. */
static void another_fault_of_the_same_files_is_logged(void **state)
{
    const struct bench *bench = *state;
    file_write_text(bench->conf, "order = 3;\n");
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_FAULTY);
    struct state other = state_of(bench);
    other.faults ^= 1;
    write_state(bench, &other);
    assert_int_equal(call_at(bench, "2026-11-21T14:00:00"), AUTOMATIC_FAULTY);
    assert_int_equal(said(bench, "order"), 2);
}

static void a_fault_that_is_gone_is_forgotten_though_no_file_has_changed(void **state)
{
    const struct bench *bench = *state;
    struct moment now = moment_of("2026-11-21T12:00:00");
    const struct automatic_call call = {.configuration = bench->conf, .mail_root = bench->root, .now = &now};
    now.rehearsed = false;
    file_write_text(bench->conf, LOGS);
    assert_int_equal(automatic_run(&call), AUTOMATIC_NOT_DUE);
    struct state faulty = state_of(bench);
    faulty.faults = 1;
    write_state(bench, &faulty);
    assert_int_equal(automatic_run(&call), AUTOMATIC_NOT_DUE);
    assert_int_equal(state_of(bench).faults, 0);
}

static void a_configuration_that_is_right_again_works_and_its_next_fault_is_logged(void **state)
{
    const struct bench *bench = *state;
    file_write_text(bench->conf, "order = 3;\n");
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_FAULTY);
    assert_true(state_of(bench).faults != 0);
    file_write_text(bench->conf, DAILY);
    assert_int_equal(call_at(bench, "2026-11-21T12:01:00"), AUTOMATIC_REBUILT);
    assert_int_equal(state_of(bench).faults, 0);
    assert_list(bench, NEW_LIST);
    file_write_text(bench->conf, "order = 3;\n");
    assert_int_equal(call_at(bench, "2026-11-21T12:02:00"), AUTOMATIC_FAULTY);
    assert_int_equal(said(bench, "order"), 2);
    file_write_text(bench->conf, DAILY);
    assert_int_equal(call_at(bench, "2026-11-21T12:03:00"), AUTOMATIC_NOT_DUE); /* the attempt is still on record */
    assert_int_equal(state_of(bench).faults, 0);
}

static void a_missing_configuration_is_a_fault_and_its_appearance_a_change(void **state)
{
    const struct bench *bench = *state;
    assert_int_equal(unlink(bench->conf), 0);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_FAULTY);
    assert_int_equal(call_at(bench, "2026-11-22T12:00:00"), AUTOMATIC_FAULTY);
    assert_int_equal(said(bench, "unable to read"), 1);
    file_write_text(bench->conf, DAILY);
    assert_int_equal(call_at(bench, "2026-11-22T12:00:01"), AUTOMATIC_REBUILT);
}

static void a_fault_with_a_state_that_cannot_be_written_is_said_once_an_interval(void **state)
{
    const struct bench *bench = *state;
    file_write_text(bench->conf, "order = 3;\n");
    make_state_unwritable(bench);
    for (int times = 0; times < 3; times++)
        assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_FAULTY);
    assert_int_equal(said(bench, "order"), 1);
}

static void what_is_wrong_with_the_call_itself_is_said_once_an_hour(void **state)
{
    const struct bench *bench = *state;
    struct moment now = moment_of("2026-11-21T12:00:00");
    const struct automatic_call call = {
        .configuration = bench->conf, .mail_root = bench->root, .fault = "an option is unknown", .now = &now};
    for (int times = 0; times < 3; times++)
        assert_int_equal(automatic_run(&call), AUTOMATIC_FAULTY);
    assert_quiet(bench, 1);
    assert_int_equal(said(bench, "unable to run the filter: an option is unknown"), 1);
    assert_false(file_exists(bench->state));
    now = moment_of("2026-11-21T13:00:00");
    assert_int_equal(automatic_run(&call), AUTOMATIC_FAULTY);
    assert_quiet(bench, 2);
}

/* --- nobody to complain to ---------------------------------------------------------------------------------------- */

static void where_it_is_not_known_where_to_look_nothing_happens(void **state)
{
    const struct bench *bench = *state;
    const struct moment now = moment_of("2026-11-21T12:00:00");
    char lonely[PATHS_SIZE];
    struct automatic_call call = {.now = &now, .mail_root = bench->root};
    assert_int_equal(automatic_run(&call), AUTOMATIC_LOST);
    put(lonely, bench, "x.conf");
    file_write_text(lonely, DAILY);
    call = (struct automatic_call){.configuration = lonely, .now = &now};
    assert_int_equal(automatic_run(&call), AUTOMATIC_LOST);
    call.mail_root_variable = "relative";
    assert_int_equal(automatic_run(&call), AUTOMATIC_LOST);
    call.mail_root = "relative";
    assert_int_equal(automatic_run(&call), AUTOMATIC_LOST);
    assert_quiet(bench, 0);
}

static void a_log_that_cannot_be_written_stops_nothing(void **state)
{
    const struct bench *bench = *state;
    assert_int_equal(mkdir(bench->log, 0755), 0);
    assert_int_equal(call_at(bench, "2026-11-21T12:00:00"), AUTOMATIC_REBUILT);
    assert_list(bench, NEW_LIST);
    file_write_text(bench->conf, "order = 3;\n");
    assert_int_equal(call_at(bench, "2026-11-21T13:00:00"), AUTOMATIC_FAULTY);
}

static void mail_root_is_found_by_the_environment_or_by_the_configurations_place(void **state)
{
    const struct bench *bench = *state;
    struct moment now = moment_of("2026-11-21T12:00:00");
    struct automatic_call call = {.configuration = bench->conf, .mail_root_variable = bench->root, .now = &now};
    assert_int_equal(automatic_run(&call), AUTOMATIC_REBUILT);
    assert_int_equal(state_of(bench).origin, MAIL_ROOT_ENVIRONMENT);
    assert_string_equal(state_of(bench).mail_root, bench->root);
    call.mail_root_variable = NULL;
    now = moment_of("2026-11-21T13:00:00");
    assert_int_equal(automatic_run(&call), AUTOMATIC_REBUILT);
    assert_int_equal(state_of(bench).origin, MAIL_ROOT_PLACE);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_due_call_rebuilds_the_list_and_records_it),
        TEST(within_the_interval_nothing_is_done_and_nothing_said),
        TEST(outside_the_window_or_if_it_is_not_enabled_nothing_is_done),
        TEST(a_rebuild_by_hand_does_not_move_the_schedule),
        TEST(after_a_call_that_is_not_due_the_state_keeps_the_next_ones_quiet),
        TEST(a_rehearsal_with_files_that_are_new_keeps_nobody_quiet),
        TEST(files_that_were_new_when_they_were_read_are_so_after_a_long_rebuild),
        TEST(what_cannot_be_recorded_is_not_begun),
        TEST(what_is_not_due_is_not_though_that_can_not_be_recorded),
        TEST(without_the_lock_nothing_is_begun),
        TEST(without_the_programs_directory_nothing_is_begun),
        TEST(who_does_not_get_the_lock_goes_away_without_a_word),
        TEST(a_failed_rebuild_is_recorded_and_not_tried_again_within_the_interval),
        TEST(too_many_additions_are_an_error_and_none_is_made),
        TEST(no_more_than_90_days_are_searched),
        TEST(fewer_days_stay_as_they_are),
        TEST(a_rebuild_that_did_not_end_is_told_once_at_the_next),
        TEST(a_missing_or_damaged_state_counts_as_none_with_one_warning),
        TEST(every_fault_of_the_configuration_is_logged_once_for_each_change),
        TEST(the_faults_of_many_files_are_logged_once_too),
        TEST(the_same_fault_in_a_file_that_was_written_anew_is_logged_anew_after_the_interval),
        TEST(another_fault_of_the_same_files_is_logged),
        TEST(a_fault_that_is_gone_is_forgotten_though_no_file_has_changed),
        TEST(a_configuration_that_is_right_again_works_and_its_next_fault_is_logged),
        TEST(a_missing_configuration_is_a_fault_and_its_appearance_a_change),
        TEST(a_fault_with_a_state_that_cannot_be_written_is_said_once_an_interval),
        TEST(what_is_wrong_with_the_call_itself_is_said_once_an_hour),
        TEST(where_it_is_not_known_where_to_look_nothing_happens),
        TEST(a_log_that_cannot_be_written_stops_nothing),
        TEST(mail_root_is_found_by_the_environment_or_by_the_configurations_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
