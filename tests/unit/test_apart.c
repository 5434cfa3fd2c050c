/* SPDX-License-Identifier: MIT */
/*
 * Reading in a process of its own: what it comes to is what gather comes to, whatever happens to that process is an
 * error, and it can't do much.
 */
#include "support_clock.h"
#include "support_interrupts.h"
#include "support_logs.h"

#include "sys.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the process does instead of gathering. */
typedef int reading(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                    struct error *error);
static reading *does;

static bool has_pipes;
static bool hears;

#define gather_unsealed(request, warnings, gathered, error) does(request, warnings, gathered, error)
#define pipe(ends)                                          (has_pipes ? pipe(ends) : -1)
#define sys_read(descriptor, bytes, length)                 (hears ? sys_read(descriptor, bytes, length) : (errno = EIO, -1))
#include "apart.c"
#undef gather_unsealed
#undef pipe
#undef sys_read

#define SMTP(host, status)                                                                                             \
    "\"mx\"\t\"d\"\t\"" host "\"\t\"2026-11-20 12:34:56\"\t\"pc\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"" status                  \
    "\"\t\"\"\t\"0\"\t\"\"\n"
#define NAME "smtp-202611200000"

static int set_up(void **state)
{
    struct bench *bench = bench_new();
    (void)add_log(bench, "smtp", NULL, NULL);
    bench->conf.threads = 2;
    bench->request.cache = bench->cache;
    bench->request.keep = true;
    does = gather_unsealed;
    has_pipes = true;
    hears = true;
    clock_ahead = CLOCK_LATER;
    *state = bench;
    return 0;
}

static void write_log(const struct bench *bench, const char *text)
{
    char path[2 * SUPPORT_PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/logs/" NAME, bench->mail_root);
    file_write_text(path, text);
}

/* It fails, and what is said begins so. */
static void assert_fails(struct bench *bench, const char *beginning)
{
    struct gathered gathered;
    assert_int_equal(gather_apart(&bench->request, &bench->warnings, &gathered, &bench->error), -1);
    if (strncmp(bench->error.text, beginning, strlen(beginning)) != 0)
        fail_msg("\"%s\" instead of \"%s\"", bench->error.text, beginning);
    assert_null(gathered.evidence);
    assert_null(gathered.by_log);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left behind */
}

/* --- what comes over ---------------------------------------------------------------------------------------------- */

static void assert_same(const struct gathered *a, const struct gathered *b)
{
    size_t count;
    size_t other_count;
    const struct evidence_host *hosts = evidence_hosts(a->evidence, &count);
    const struct evidence_host *others = evidence_hosts(b->evidence, &other_count);
    assert_int_equal(count, other_count);
    for (size_t i = 0; i < count; i++) {
        assert_true(address_equal(hosts[i].address, others[i].address));
        assert_int_equal(hosts[i].unauthorized, others[i].unauthorized);
        assert_int_equal(hosts[i].refused, others[i].refused);
        assert_int_equal(hosts[i].first_day, others[i].first_day);
        assert_int_equal(hosts[i].last_day, others[i].last_day);
        assert_int_equal(hosts[i].authenticated, others[i].authenticated);
        assert_int_equal(evidence_count_in_log(a->evidence, &hosts[i], 0),
                         evidence_count_in_log(b->evidence, &others[i], 0));
    }
    assert_memory_equal(&a->total, &b->total, sizeof a->total);
    assert_memory_equal(a->by_log, b->by_log, sizeof *a->by_log);
    assert_int_equal(a->left_out, b->left_out);
}

static void what_is_read_apart_is_what_is_read_here(void **state)
{
    struct bench *bench = *state;
    struct gathered here;
    struct gathered apart;
    write_log(bench, SMTP("192.0.2.1", "RCPT=ERELAY") SMTP("192.0.2.1", "RCPT=ERELAY") SMTP("2001:db8::1", "RCPT=OK")
                         SMTP("192.0.2.2", "SNDRIP=EIPSPAM") "x\n");
    assert_int_equal(gather_apart(&bench->request, &bench->warnings, &apart, &bench->error), 1);
    assert_int_equal(apart.total.records, 5);
    assert_int_equal(apart.total.malformed, 1);
    bench->request.cache = NULL;
    assert_int_equal(gather(&bench->request, &bench->warnings, &here, &bench->error), 1);
    assert_same(&apart, &here);
    gathered_clear(&apart);
    /* And from the cache, which the other process has written. */
    bench->request.cache = bench->cache;
    assert_int_equal(gather_apart(&bench->request, &bench->warnings, &apart, &bench->error), 1);
    assert_int_equal(apart.total.bytes, 0);
    assert_int_equal(apart.total.records, 5);
    gathered_clear(&apart);
    gathered_clear(&here);
    assert_true(messages_empty(&bench->warnings));
}

static int warn(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                struct error *error)
{
    (void)request, (void)gathered;
    char text[2 * ERROR_TEXT_SIZE];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    messages_add(warnings, "first");
    messages_add(warnings, "%s", text);
    messages_add(warnings, "last");
    return error_set(error, "unable to do it: 100 %%s");
}

static void where_no_pipe_is_to_be_had_it_reads_the_logs_itself(void **state)
{
    struct bench *bench = *state;
    struct gathered gathered;
    write_log(bench, SMTP("192.0.2.1", "RCPT=ERELAY"));
    has_pipes = false;
    does = NULL; /* there is no such process */
    assert_int_equal(gather_apart(&bench->request, &bench->warnings, &gathered, &bench->error), 1);
    assert_int_equal(gathered.total.records, 1);
    gathered_clear(&gathered);
}

static void warnings_and_the_error_come_over(void **state)
{
    struct bench *bench = *state;
    does = warn;
    assert_fails(bench, "unable to do it: 100 %s");
    assert_int_equal(bench->warnings.count, 3);
    assert_string_equal(bench->warnings.texts[0], "first");
    assert_int_equal(strlen(bench->warnings.texts[1]), ERROR_TEXT_SIZE);
    assert_string_equal(bench->warnings.texts[2], "last");
}

static void a_missing_directory_is_an_error_of_this_process(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(rmdir(path_in(bench->mail_root, "logs")), 0);
    assert_fails(bench, "unable to ");
    assert_non_null(strstr(bench->error.text, "logs"));
}

struct shown {
    uint64_t done;
    size_t times;
};

static void hear_progress(void *context, uint64_t done, uint64_t total)
{
    struct shown *shown = context;
    assert_true(done >= shown->done && done <= total);
    shown->done = done;
    shown->times++;
}

static int go_on(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                 struct error *error)
{
    for (uint64_t done = 0; done <= 100000; done++)
        request->progress(request->context, done, 100000);
    return gather_unsealed(request, warnings, gathered, error);
}

static void progress_is_told_but_not_each_step(void **state)
{
    struct bench *bench = *state;
    struct shown shown = {0};
    struct gathered gathered;
    bench->request.progress = hear_progress;
    bench->request.context = &shown;
    does = go_on;
    assert_int_equal(gather_apart(&bench->request, &bench->warnings, &gathered, &bench->error), 1);
    assert_int_equal(shown.done, 100000);
    assert_in_range(shown.times, 200, 300);
    gathered_clear(&gathered);
}

/* What is said behind a message that couldn't be said whole would make no sense, and its sender would be killed. */
static int lose_a_part(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                       struct error *error)
{
    struct teller *teller = request->context;
    const int kept = dup(teller->descriptor);
    (void)close(teller->descriptor);
    request->progress(request->context, 1000, 1000);
    (void)dup2(kept, teller->descriptor);
    (void)close(kept);
    return gather_unsealed(request, warnings, gathered, error);
}

static void behind_a_message_that_is_lost_nothing_is_said(void **state)
{
    struct bench *bench = *state;
    struct shown shown = {0};
    bench->request.progress = hear_progress;
    bench->request.context = &shown;
    does = lose_a_part;
    assert_fails(bench, "unable to read the logs: the process that reads them ended without a result");
}

/* --- what goes wrong ---------------------------------------------------------------------------------------------- */

static int die(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
               struct error *error)
{
    (void)request, (void)warnings, (void)gathered, (void)error;
    (void)signal(SIGSEGV, SIG_DFL);
    (void)raise(SIGSEGV);
    return 1;
}

static int leave(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                 struct error *error)
{
    (void)request, (void)warnings, (void)gathered, (void)error;
    _exit(EXIT_SUCCESS);
}

static void a_process_that_dies_is_an_error(void **state)
{
    struct bench *bench = *state;
    does = die;
    assert_fails(bench, "unable to read the logs: the process that reads them was killed by signal 11 (");
    does = leave;
    assert_fails(bench, "unable to read the logs: the process that reads them ended without a result");
}

/* Tells its progress until nobody hears it any more, and leaves a mark that it has come so far. */
static int tell_for_long(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                         struct error *error)
{
    (void)warnings, (void)gathered;
    struct teller *teller = request->context;
    for (uint64_t i = 1; !teller->cut; i++)
        tell_progress(teller, i, 1);
    file_write_text(path_in(request->cache, "mark"), "");
    return error_set(error, "nobody hears this");
}

static void a_process_that_is_not_heard_ends_its_work(void **state)
{
    struct bench *bench = *state;
    does = tell_for_long;
    hears = false;
    assert_fails(bench, "unable to read the logs: Input/output error");
    assert_true(file_exists(path_in(bench->cache, "mark")));
}

/* What a process says that somebody else has in hand. */
static const void *said;
static size_t said_length;

static int say_it(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                  struct error *error)
{
    (void)warnings, (void)gathered, (void)error;
    const struct teller *teller = request->context;
    (void)write_all(teller->descriptor, said, said_length);
    _exit(EXIT_SUCCESS);
}

static void what_cannot_be_is_not_believed(void **state)
{
    static const struct {
        struct message message;
        char more[64];
        size_t length; /* of more that is said */
        const char *end;
    } rows[] = {
        {{SAYS_GATHERED, 0}, "", 0, "makes no sense"},
        {{SAYS_GATHERED, 8}, "12345678", 8, "makes no sense"},
        {{SAYS_GATHERED, 64}, "1", 64, "makes no sense"},
        {{SAYS_GATHERED, UINT64_MAX}, "", 0, "makes no sense"},
        {{SAYS_GATHERED, SAID_MAX}, "", 64, "ended without a result"},
        {{SAYS_ERROR, SAID_MAX + (uint64_t)1}, "", 64, "makes no sense"},
        {{SAYS_PROGRESS, 0}, "", 0, "ended without a result"},
        {{SAYS_PROGRESS, 7}, "1234567", 7, "ended without a result"},
        {{SAYS_ERROR + 1, 3}, "abc", 3, "makes no sense"},
        {{SAYS_WARNING, 60}, "abc", 3, "ended without a result"},
        {{SAYS_WARNING, 3}, "abc", 3, "ended without a result"},
    };
    struct bench *bench = *state;
    does = say_it;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        said = &rows[i];
        said_length = sizeof rows[i].message + rows[i].length;
        assert_fails(bench, "unable to read the logs: the process that reads them ");
        assert_non_null(strstr(bench->error.text, rows[i].end));
    }
    assert_int_equal(bench->warnings.count, 1);
}

static int wait_long(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                     struct error *error)
{
    (void)warnings, (void)gathered, (void)error;
    (void)request;
    for (;;)
        (void)pause();
    return 1;
}

/* It has the lock of the one that has started it: what is left of a killed rebuild would keep the next one off. */
static void it_dies_with_the_process_that_waits(void **state)
{
    struct bench *bench = *state;
    int ends[2];
    char byte;
    does = wait_long;
    assert_int_equal(pipe(ends), 0);
    const pid_t waiting = fork();
    assert_true(waiting >= 0);
    if (waiting == 0) {
        struct gathered gathered;
        (void)close(ends[0]);
        (void)gather_apart(&bench->request, &bench->warnings, &gathered, &bench->error);
        _exit(EXIT_FAILURE);
    }
    (void)close(ends[1]);
    (void)nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
    assert_int_equal(kill(waiting, SIGKILL), 0);
    assert_int_equal(waitpid(waiting, NULL, 0), waiting);
    assert_int_equal(read(ends[0], &byte, 1), 0); /* when nobody has the other end any more */
    (void)close(ends[0]);
}

/* --- who ends the program ----------------------------------------------------------------------------------------- */

/* Says that it has begun, and would go on for ever. */
static int begin_and_wait(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                          struct error *error)
{
    request->progress(request->context, 0, 0);
    return wait_long(request, warnings, gathered, error);
}

static void end_the_program(void *context, uint64_t done, uint64_t total)
{
    (void)context, (void)done, (void)total;
    assert_int_equal(raise(SIGTERM), 0);
}

static void who_ends_the_program_ends_the_reading_and_what_was_being_kept_goes(void **state)
{
    struct bench *bench = *state;
    struct interrupts interrupts;
    assert_int_equal(mkdir(bench->cache, 0700), 0);
    file_write_text(path_in(bench->cache, "smtp-1-1"), "");
    file_write_text(path_in(bench->cache, "smtp-1-2.xmail-spammers.tmp"), "");
    bench->request.interrupts = &interrupts;
    bench->request.progress = end_the_program;
    does = begin_and_wait;
    for (int keep = 0; keep <= 1; keep++) { /* where nothing is kept, it is somebody else's */
        bench->request.keep = keep;
        interrupts_begin(&interrupts);
        assert_fails(bench, "unable to read the logs: interrupted");
        interrupts_end(&interrupts, SIGTERM);
        assert_int_equal(directory_count(bench->cache), 2 - keep);
    }
    assert_true(file_exists(path_in(bench->cache, "smtp-1-1")));
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static void damaged_bytes_are_not_read(void **state)
{
    struct bench *bench = *state;
    struct gathered gathered;
    struct gathered again;
    struct buffer bytes = {0};
    write_log(bench, SMTP("192.0.2.1", "RCPT=ERELAY") SMTP("2001:db8::1", "RCPT=ERELAY") SMTP("192.0.2.3", "RCPT=OK"));
    assert_int_equal(gather_unsealed(&bench->request, &bench->warnings, &gathered, &bench->error), 1);
    assert_true(apart_write(&gathered, 1, &bytes));
    gathered_clear(&gathered);
    assert_int_equal(apart_read(bytes.bytes, bytes.length, bench->request.range, 1, &gathered), 1);
    assert_int_equal(apart_read(bytes.bytes, bytes.length, bench->request.range, 2, &again), 0);
    for (size_t length = 0; length < bytes.length; length++) {
        char *exactly = malloc(length + 1);
        assert_non_null(exactly);
        memcpy(exactly, bytes.bytes, length);
        assert_int_equal(apart_read(exactly, length, bench->request.range, 1, &again), 0);
        assert_null(again.evidence);
        free(exactly);
    }
    /* Another number is another number; nothing else may come of it. */
    for (size_t bit = 0; bit < bytes.length * 8; bit++) {
        bytes.bytes[bit / 8] ^= (char)(1 << bit % 8);
        if (apart_read(bytes.bytes, bytes.length, bench->request.range, 1, &again) > 0)
            gathered_clear(&again);
        bytes.bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    gathered_clear(&gathered);
    buffer_clear(&bytes);
}

/* --- rights ------------------------------------------------------------------------------------------------------- */

#ifdef __linux__
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static bool has_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    return syscall(SYS_capget, &head, data) != 0 || (data[0].permitted & ~(1U << CAP_DAC_READ_SEARCH)) != 0 ||
           data[1].permitted != 0;
}

/* Tries what it must not be able to do, and has each thing that it could do told as a warning. */
static int try_all(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                   struct error *error)
{
    (void)gathered;
    const char *mail_root = request->conf->mail_root;
    static char *const arguments[] = {NULL};
    static char *const environment[] = {NULL};
    char list[2 * SUPPORT_PATH_SIZE];
    char other[2 * SUPPORT_PATH_SIZE];
    char part[2 * SUPPORT_PATH_SIZE];
    (void)snprintf(list, sizeof list, "%s/spammers.tab", mail_root);
    (void)snprintf(other, sizeof other, "%s/other", mail_root);
    (void)snprintf(part, sizeof part, "%s/cache/part", mail_root);
    const int read_only = open(list, O_RDONLY);
    if (has_landlock()) {
        if (open(list, O_WRONLY) >= 0 || open(list, O_RDWR | O_TRUNC) >= 0 || truncate(list, 0) == 0)
            messages_add(warnings, "opened the list for writing");
        if (open(other, O_WRONLY | O_CREAT, 0600) >= 0)
            messages_add(warnings, "made a file");
        if (mkdir(other, 0700) == 0 || symlink(list, other) == 0 || link(list, other) == 0 || mkfifo(other, 0600) == 0)
            messages_add(warnings, "made a name");
        if (rename(list, other) == 0 || unlink(list) == 0)
            messages_add(warnings, "moved the list");
    }
    enum { FCHMODAT2 = 452 }; /* later than some headers */
    if (syscall(FCHMODAT2, AT_FDCWD, list, 0666, 0) == 0 || chmod(list, 0666) == 0 || fchmod(read_only, 0666) == 0 ||
        chown(list, 1, 1) == 0 || fchown(read_only, 1, 1) == 0)
        messages_add(warnings, "changed a mode or an owner");
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_DGRAM, 0) >= 0)
        messages_add(warnings, "made a socket");
    if (ioctl(read_only, TIOCSTI, "x") == 0 || errno != EPERM || ioctl(read_only, TIOCLINUX, "x") == 0 ||
        errno != EPERM)
        messages_add(warnings, "typed for the user");
    if (kill(getppid(), 0) == 0)
        messages_add(warnings, "reached another process");
    if (has_capabilities())
        messages_add(warnings, "kept capabilities");
    if (setuid(0) == 0 || setgid(0) == 0)
        messages_add(warnings, "became somebody else");
    (void)execve("/bin/true", arguments, environment);
    /* And what it must be able to do. */
    const int descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (descriptor < 0 || write(descriptor, "x", 1) != 1 || read_only < 0)
        messages_add(warnings, "unable to write a part: errno %d", errno);
    return error_set(error, "unable to go on");
}

static void check_rights(struct bench *bench, uid_t owner)
{
    struct stat status;
    if (!has_landlock())
        print_message("without Landlock\n");
    file_write_text(path_in(bench->mail_root, "spammers.tab"), "list\n");
    if (owner != geteuid())
        assert_int_equal(chown(bench->mail_root, owner, owner), 0);
    does = try_all;
    assert_fails(bench, "unable to go on");
    for (size_t i = 0; i < bench->warnings.count; i++)
        print_message("it %s\n", bench->warnings.texts[i]);
    assert_true(messages_empty(&bench->warnings));
    char path[2 * SUPPORT_PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/part", bench->cache);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_uid, owner);
}

static void it_can_write_to_the_cache_only(void **state)
{
    check_rights(*state, geteuid());
}

/* MailRoot is another one's: whatever root makes below it is his, too. */
static void so_it_is_if_root_runs_it_for_another_user(void **state)
{
    if (geteuid() != 0)
        skip();
    check_rights(*state, 1234);
}

/* A dry run writes nowhere. */
static int write_a_part(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                        struct error *error)
{
    (void)warnings, (void)gathered;
    char part[2 * SUPPORT_PATH_SIZE];
    (void)snprintf(part, sizeof part, "%s/part", request->cache);
    return error_set(error, "%s", open(part, O_WRONLY | O_CREAT, 0600) < 0 ? "unable" : "able");
}

static void it_can_write_to_nothing_if_nothing_is_kept(void **state)
{
    struct bench *bench = *state;
    if (!has_landlock())
        skip();
    assert_int_equal(mkdir(bench->cache, 0700), 0);
    bench->request.keep = false;
    does = write_a_part;
    assert_fails(bench, "unable");
}

/* Root reads logs that nobody else may read, also when it is the cache's owner. */
static void a_log_of_mode_zero_is_read_by_root(void **state)
{
    struct bench *bench = *state;
    struct gathered gathered;
    if (geteuid() != 0)
        skip();
    write_log(bench, SMTP("192.0.2.1", "RCPT=ERELAY"));
    assert_int_equal(chmod(path_in(bench->mail_root, "logs/" NAME), 0), 0);
    assert_int_equal(chmod(path_in(bench->mail_root, "logs"), 0), 0);
    assert_int_equal(chown(bench->mail_root, 1234, 1234), 0);
    if (gather_apart(&bench->request, &bench->warnings, &gathered, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
    assert_int_equal(gathered.total.records, 1);
    gathered_clear(&gathered);
    assert_int_equal(gather_apart(&bench->request, &bench->warnings, &gathered, &bench->error), 1);
    assert_int_equal(gathered.total.bytes, 0); /* it was kept */
    gathered_clear(&gathered);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_read_apart_is_what_is_read_here, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_no_pipe_is_to_be_had_it_reads_the_logs_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(warnings_and_the_error_come_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_directory_is_an_error_of_this_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(progress_is_told_but_not_each_step, set_up, tear_down),
        cmocka_unit_test_setup_teardown(behind_a_message_that_is_lost_nothing_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_process_that_dies_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_process_that_is_not_heard_ends_its_work, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_is_not_believed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_dies_with_the_process_that_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_ends_the_program_ends_the_reading_and_what_was_being_kept_goes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(damaged_bytes_are_not_read, set_up, tear_down),
#ifdef __linux__
        cmocka_unit_test_setup_teardown(it_can_write_to_the_cache_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(so_it_is_if_root_runs_it_for_another_user, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_can_write_to_nothing_if_nothing_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_of_mode_zero_is_read_by_root, set_up, tear_down),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
