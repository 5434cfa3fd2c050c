/* SPDX-License-Identifier: MIT */
/* The diagnosis: a healthy MailRoot has no finding, and each fault has its own, with what to do about it. */
#include "support.h"

#include "diagnosis.h"
#include "interfaces.h"
#include "lock.h"
#include "state.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>

#define ENTRY(address, netmask, code) "\"" address "\"\t\"" netmask "\"\t\"code=" code "\"\n"
#define HOST(address)                 ENTRY(address, "255.255.255.255", "1")
#define TEN_TIMES(text)               text text text text text text text text text text

enum { LOGS_MAX = 3, NOBODY = 65534, DAY = 24 * 60 * 60 };

static const char logs[] = "logs";
static const char program_directory[] = "filters/xmail-spammers";
static const char smtp_log[] = "logs/smtp-202611210000";
static const char event_log[] = "logs/spammers-log";
static const char state_file[] = "filters/xmail-spammers/state";
static const char filters[] = "filters.post-rcpt.tab";
static const char list_name[] = "spammers.tab";

struct bench {
    char mail_root[SUPPORT_PATH_SIZE];
    char program[2 * SUPPORT_PATH_SIZE];
    char configuration[3 * SUPPORT_PATH_SIZE];
    struct zone_kept zone;
    struct conf_log logs[LOGS_MAX];
    struct conf conf;
    struct moment now;
    struct registration_call call;
    struct findings findings;
};

static const char *const *own_addresses; /* of this machine, as texts, NULL-ended; NULL: they can't be had */

static int read_own_addresses(struct interfaces *interfaces, struct error *error)
{
    if (!own_addresses)
        return error_set(error, "unable to list the addresses of this machine: refused");
    while (own_addresses[interfaces->count])
        interfaces->count++;
    interfaces->addresses = calloc(interfaces->count + 1, sizeof *interfaces->addresses);
    assert_non_null(interfaces->addresses);
    for (size_t i = 0; i < interfaces->count; i++)
        interfaces->addresses[i] = host_of(own_addresses[i]);
    return 1;
}

/* --- a MailRoot --------------------------------------------------------------------------------------------------- */

static const char *in(const struct bench *bench, const char *name)
{
    return path_in(bench->mail_root, name);
}

static void write_at(const struct bench *bench, const char *name, const char *text, time_t age)
{
    file_write_text(in(bench, name), text);
    file_set_age(in(bench, name), bench->now.seconds - age);
}

/* An old list: one that has just been written would be waited for. */
static void write_list(const struct bench *bench, const char *text)
{
    write_at(bench, list_name, text, DAY);
}

static void trust(struct bench *bench, const char *network)
{
    struct error error;
    if (whitelist_add(&bench->conf.whitelist, network, strlen(network), &error) < 0)
        fail_msg("%s", error.text);
}

static struct conf_log *add_log(struct bench *bench, const char *format, const char *directory)
{
    assert_true(bench->conf.log_count < LOGS_MAX);
    struct conf_log *log = &bench->logs[bench->conf.log_count++];
    *log = log_from((struct log_wish){.format = format, .unauthorized = "x"});
    free(log->directories[0]);
    log->directories[0] = path_join(bench->mail_root, directory);
    assert_non_null(log->directories[0]);
    return log;
}

/* The filter's line for the call, behind what is given. */
static void write_filters(const struct bench *bench, const char *before, const char *behind)
{
    struct buffer content = {0};
    struct error error;
    buffer_add_text(&content, before);
    assert_int_equal(registration_format(&bench->call, &content, &error), 1);
    buffer_add_text(&content, "\n");
    buffer_add_text(&content, behind);
    file_write(in(bench, filters), content.bytes, content.length);
    file_set_age(in(bench, filters), bench->now.seconds - DAY);
    buffer_clear(&content);
}

static void make_directory(const struct bench *bench, const char *name)
{
    assert_int_equal(mkdir(in(bench, name), 0755), 0);
}

/* Everything is in order. */
static int set_up(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "192.0.2.1", "::1", "fe80::1", NULL};
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    own_addresses = addresses;
    directory_make(bench->mail_root);
    assert_int_equal(chmod(bench->mail_root, 0755), 0);
    bench->zone = zone_set("UTC0");
    bench->now = moment_of("2026-11-21T17:00");
    bench->now.rehearsed = false;
    make_directory(bench, logs);
    make_directory(bench, "filters");
    make_directory(bench, program_directory);
    (void)snprintf(bench->program, sizeof bench->program, "%s/%s/xmail-spammers", bench->mail_root, program_directory);
    (void)snprintf(bench->configuration, sizeof bench->configuration, "%s.conf", bench->program);
    file_write_text(bench->program, "");
    assert_int_equal(chmod(bench->program, 0755), 0);
    file_write_text(bench->configuration, "");
    bench->call = (struct registration_call){bench->program, bench->configuration};
    bench->conf = (struct conf){.path = bench->configuration,
                                .mail_root = bench->mail_root,
                                .search_days = 7,
                                .whitelist_file = strdup("/etc/whitelist"),
                                .xmail_whitelist = true,
                                .schedule = {.enabled = true, .interval = 60},
                                .logs = bench->logs};
    add_log(bench, "smtp", logs);
    trust(bench, "127.0.0.0/8");
    trust(bench, "::1");
    trust(bench, "192.0.2.0/24");
    write_at(bench, smtp_log, "", 0);
    write_list(bench, HOST("198.51.100.1"));
    write_filters(bench, "", "");
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    findings_clear(&bench->findings);
    whitelist_clear(&bench->conf.whitelist);
    free(bench->conf.whitelist_file);
    for (size_t i = 0; i < bench->conf.log_count; i++)
        log_drop(&bench->logs[i]);
    directory_drop(bench->mail_root);
    zone_restore(&bench->zone);
    free(bench);
    return 0;
}

/* --- what is found ------------------------------------------------------------------------------------------------ */

static void diagnose(struct bench *bench)
{
    const struct diagnosis_request request = {
        .conf = &bench->conf, .now = &bench->now, .call = &bench->call, .interfaces = read_own_addresses};
    struct error error;
    findings_clear(&bench->findings);
    if (diagnosis_make(&request, &bench->findings, &error) < 0)
        fail_msg("%s", error.text);
}

/*
 * "hint " or "problem ", what, " @" and each place, " +" and how many more, " > " remedy, " $" and each line to copy.
 */
static void render(const struct finding *finding, struct buffer *text)
{
    buffer_add_text(text, finding->is_hint ? "hint " : "problem ");
    buffer_add(text, finding->what.bytes, finding->what.length);
    for (size_t i = 0; i < finding->places.count; i++)
        buffer_add_format(text, " @%s", finding->places.texts[i]);
    if (finding->place_count > finding->places.count)
        buffer_add_format(text, " +%zu", finding->place_count - finding->places.count);
    buffer_add_text(text, " > ");
    assert_true(finding->remedy.length > 0);
    buffer_add(text, finding->remedy.bytes, finding->remedy.length);
    for (size_t i = 0; i < finding->copies.count; i++)
        buffer_add_format(text, " $%s", finding->copies.texts[i]);
    buffer_add(text, "", 1);
    assert_false(text->failed);
}

static bool has_parts(const char *text, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count && parts[i]; i++)
        if (!strstr(text, parts[i]))
            return false;
    return true;
}

enum { PARTS_MAX = 5 };

/* What a finding must hold: texts, NULL-ended. */
struct expected {
    const char *parts[PARTS_MAX + 1];
};

/* The findings must be these, in this order. */
static void assert_findings(struct bench *bench, const struct expected *expected, size_t count)
{
    diagnose(bench);
    for (size_t i = 0; i < bench->findings.count; i++) {
        struct buffer text = {0};
        render(bench->findings.items[i], &text);
        if (i >= count)
            fail_msg("unexpected: %s", text.bytes);
        if (!has_parts(text.bytes, expected[i].parts, PARTS_MAX))
            fail_msg("\"%s\" and so on expected instead of: %s", expected[i].parts[0], text.bytes);
        buffer_clear(&text);
    }
    if (bench->findings.count < count)
        fail_msg("not found: %s", expected[bench->findings.count].parts[0]);
}

static void assert_nothing(struct bench *bench)
{
    assert_findings(bench, NULL, 0);
}

/* One finding that holds the texts. */
#define ASSERT_ONE(bench, ...) assert_findings((bench), &(const struct expected){{__VA_ARGS__}}, 1)

/* As a user who owns nothing. */
static void diagnose_as_nobody(struct bench *bench, const struct expected *expected, size_t count)
{
    bool root = geteuid() == 0;
    gid_t groups[NGROUPS_MAX];
    int group_count = getgroups(NGROUPS_MAX, groups);
    assert_true(group_count >= 0);
    if (root)
        assert_true(setgroups(0, NULL) == 0 && setegid(NOBODY) == 0 && seteuid(NOBODY) == 0);
    assert_findings(bench, expected, count);
    if (root)
        assert_true(seteuid(0) == 0 && setegid(0) == 0 && setgroups((size_t)group_count, groups) == 0);
}

static void a_healthy_mail_root_has_no_finding(void **state)
{
    assert_nothing(*state);
}

/* --- places ------------------------------------------------------------------------------------------------------- */

static void a_mail_root_that_is_none_hides_what_would_follow_from_it(void **state)
{
    struct bench *bench = *state;
    char path[2 * SUPPORT_PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/nowhere", bench->mail_root);
    bench->conf.mail_root = path;
    ASSERT_ONE(bench, "problem unable to find MailRoot ", "/nowhere: No such file", "> Set mail_root in ");
    bench->conf.mail_root = bench->program;
    ASSERT_ONE(bench, "problem unable to find MailRoot ", ": Not a directory");
    bench->conf.search_days = 1000;
    assert_findings(bench, (struct expected[]){{{"problem unable to find MailRoot "}}, {{"hint search_days"}}}, 2);
}

static void what_cannot_be_written_is_told_once(void **state)
{
    struct bench *bench = *state;
    static const char *const names[] = {"", program_directory, logs};
    static const char *const uses[] = {"backups", "the lock and the state", "says there what it did"};
    if (geteuid() != 0)
        skip();
    write_list(bench, "");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(chown(in(bench, names[i]), NOBODY, NOBODY), 0);
    assert_int_equal(chown(in(bench, list_name), NOBODY, NOBODY), 0);
    diagnose_as_nobody(bench, NULL, 0);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(chown(in(bench, names[i]), 0, 0), 0);
        diagnose_as_nobody(bench,
                           &(const struct expected){{"problem unable to write ", names[i], ": Permission denied; ",
                                                     uses[i], i == 0 ? "> Run this as " : "> "}},
                           1);
        assert_int_equal(chown(in(bench, names[i]), NOBODY, NOBODY), 0);
    }
}

static void a_directory_that_is_missing_counts_as_writable_if_it_can_be_made(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(unlink(bench->program), 0);
    assert_int_equal(unlink(bench->configuration), 0);
    assert_int_equal(unlink(in(bench, filters)), 0);
    assert_int_equal(rmdir(in(bench, program_directory)), 0);
    assert_int_equal(rmdir(in(bench, "filters")), 0);
    ASSERT_ONE(bench, "problem The filter is not registered");
    file_write_text(in(bench, "filters"), "");
    assert_findings(
        bench, (struct expected[]){{{"problem unable to write ", "/filters"}}, {{"problem The filter is not"}}}, 2);
}

static void the_lock_and_the_event_log_must_be_plain_files(void **state)
{
    struct bench *bench = *state;
    static const char *const names[] = {"filters/xmail-spammers/lock", event_log};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        make_directory(bench, names[i]);
        ASSERT_ONE(bench, "problem unable to write ", names[i], ": it is not a regular file", "> Move away ");
        assert_int_equal(rmdir(in(bench, names[i])), 0);
        assert_int_equal(symlink("elsewhere", in(bench, names[i])), 0);
        ASSERT_ONE(bench, "problem unable to write ", names[i], ": it is a symbolic link");
        assert_int_equal(unlink(in(bench, names[i])), 0);
        file_write_text(in(bench, names[i]), "");
        assert_nothing(bench);
    }
}

/* --- logs --------------------------------------------------------------------------------------------------------- */

/* The owner of XMail's newest log is who runs the filter. */
static void what_the_filters_user_may_not_do_is_a_problem(void **state)
{
    static const char *const names[] = {"", program_directory, list_name};
    struct bench *bench = *state;
    if (geteuid() != 0)
        skip();
    write_at(bench, "logs/smtp-202611200000", "", DAY);
    assert_int_equal(chown(in(bench, "logs/smtp-202611200000"), NOBODY, NOBODY), 0);
    assert_nothing(bench); /* that was before */
    assert_int_equal(chown(in(bench, smtp_log), NOBODY, NOBODY), 0);
    ASSERT_ONE(bench, "problem XMail, whose newest log belongs to the user number 65534",
               "this user can't make files there @/", "filters/xmail-spammers: this user can't make files there @/",
               "spammers.tab: it belongs to another user", "chown");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(chown(in(bench, names[i]), NOBODY, NOBODY), 0);
    assert_nothing(bench);
    assert_int_equal(chown(in(bench, program_directory), 0, 0), 0);
    assert_int_equal(chmod(in(bench, program_directory), 0775), 0);
    assert_nothing(bench); /* by his group, maybe */
    assert_int_equal(chmod(in(bench, program_directory), 0755), 0);
    bench->conf.schedule.enabled = false;
    ASSERT_ONE(bench, "problem Nothing rebuilds the list"); /* cron may be root's */
}

static void each_file_that_the_filters_user_may_not_use_is_a_problem(void **state)
{
    static const struct {
        const char *name;
        mode_t mode; /* while it is root's */
        const char *place;
    } cases[] = {
        {list_name, 0666, "spammers.tab: it belongs to another user"},
        {"filters/xmail-spammers/lock", 0600, "lock: this user can't write it"},
        {event_log, 0644, "spammers-log: this user can't write it"},
        {"filters/xmail-spammers/xmail-spammers.conf", 0600, "xmail-spammers.conf: this user can't read it"},
        {filters, 0600, "filters.post-rcpt.tab: this user can't read it"},
    };
    struct bench *bench = *state;
    if (geteuid() != 0)
        skip();
    file_write_text(in(bench, cases[1].name), "");
    file_write_text(in(bench, event_log), "");
    assert_int_equal(chown(bench->mail_root, NOBODY, NOBODY), 0);
    assert_int_equal(chown(in(bench, program_directory), NOBODY, NOBODY), 0);
    assert_int_equal(chown(in(bench, smtp_log), NOBODY, NOBODY), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(chown(in(bench, cases[i].name), NOBODY, NOBODY), 0);
    assert_nothing(bench);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(chown(in(bench, cases[i].name), 0, 0), 0);
        assert_int_equal(chmod(in(bench, cases[i].name), cases[i].mode), 0);
        ASSERT_ONE(bench, "problem XMail, whose newest log belongs to the user number 65534", cases[i].place);
        assert_int_equal(chown(in(bench, cases[i].name), NOBODY, NOBODY), 0);
    }
    assert_int_equal(chown(in(bench, list_name), NOBODY, 0), 0);
    ASSERT_ONE(bench, "problem XMail, whose newest log belongs to the user number 65534",
               "spammers.tab: it belongs to a group");
    assert_int_equal(chown(in(bench, smtp_log), NOBODY, 0), 0);
    assert_nothing(bench); /* that is XMail's group */
}

/* Of a user without an entry nobody knows the groups; of one with, those that he is a member of count. */
static void the_filters_user_may_have_other_groups(void **state)
{
    enum { NO_USER = 54321 };
    struct bench *bench = *state;
    if (geteuid() != 0)
        skip();
    const char *const names[] = {"", program_directory, smtp_log};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(chown(in(bench, names[i]), NO_USER, NO_USER), 0);
    assert_int_equal(chown(in(bench, list_name), NO_USER, 12), 0);
    ASSERT_ONE(bench, "problem XMail, whose newest log belongs to the user number 54321",
               "spammers.tab: it belongs to a group");
    const struct passwd *nobody = getpwuid(NOBODY);
    if (!nobody)
        skip();
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(chown(in(bench, names[i]), NOBODY, NO_USER), 0);
    assert_int_equal(chown(in(bench, list_name), NOBODY, nobody->pw_gid), 0);
    assert_nothing(bench);
}

/* A user's own groups let him keep the list's; a MailRoot that he may not enter is told with what to do. */
static void a_users_groups_count_and_mail_root_must_let_him_in(void **state)
{
    enum { GROUP = 54321 };
    const gid_t group = GROUP;
    struct bench *bench = *state;
    gid_t groups[NGROUPS_MAX];
    if (geteuid() != 0)
        skip();
    const int group_count = getgroups(NGROUPS_MAX, groups);
    const char *const names[] = {"", program_directory, logs};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(chown(in(bench, names[i]), NOBODY, NOBODY), 0);
    assert_int_equal(chown(in(bench, list_name), NOBODY, GROUP), 0);
    assert_true(setgroups(1, &group) == 0 && setegid(NOBODY) == 0 && seteuid(NOBODY) == 0);
    assert_nothing(bench);
    assert_true(seteuid(0) == 0 && setegid(0) == 0 && setgroups((size_t)group_count, groups) == 0);
    assert_int_equal(chown(bench->mail_root, 0, 0), 0);
    assert_int_equal(chmod(bench->mail_root, 0700), 0);
    diagnose_as_nobody(bench,
                       &(const struct expected){{"problem unable to find MailRoot ", "Permission denied",
                                                 "Run this as the user that MailRoot belongs to, or as root."}},
                       1);
}

static void a_log_that_is_not_written_tells_how_xmail_writes_it(void **state)
{
    static const struct {
        const char *format;
        const char *remedy;
    } cases[] = {
        {"pop3", "> Start XMail with -Pl "},    {"ctrl", "> Start XMail with -Cl "},
        {"filters", "> Start XMail with -Qg "}, {"finger", "> Start XMail with -Fl "},
        {"k4", "> Let XMailCFG write it"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        add_log(bench, cases[i].format, logs);
        ASSERT_ONE(bench, "problem The log \"", cases[i].format, "since 2026-11-15", "logs > ", cases[i].remedy);
        bench->logs[--bench->conf.log_count].enabled = false;
        bench->conf.log_count++;
        assert_nothing(bench);
        log_drop(&bench->logs[--bench->conf.log_count]);
    }
}

static void a_file_counts_if_it_was_last_written_in_the_range(void **state)
{
    struct bench *bench = *state;
    write_at(bench, smtp_log, "", 6 * DAY + 17 * 60 * 60);
    assert_nothing(bench);
    write_at(bench, smtp_log, "", 6 * DAY + 17 * 60 * 60 + 1);
    ASSERT_ONE(bench, "problem The log \"smtp\" is not written", "> Start XMail with -Sl ");
    bench->now.rehearsed = true;
    assert_nothing(bench);
    assert_int_equal(unlink(in(bench, smtp_log)), 0);
    ASSERT_ONE(bench, "problem The log \"smtp\" is not written: none of its files is in @");
}

static void a_directory_without_logs_beside_one_with_logs_is_a_hint(void **state)
{
    struct bench *bench = *state;
    char **directories = calloc(3, sizeof *directories);
    assert_non_null(directories);
    make_directory(bench, "other");
    directories[0] = bench->logs[0].directories[0];
    directories[1] = path_join(bench->mail_root, "other");
    free(bench->logs[0].directories);
    bench->logs[0].directories = directories;
    ASSERT_ONE(bench, "hint The log \"smtp\" is not written", "/other > ");
    write_at(bench, "other/smtp-202611210000", "", 0);
    assert_nothing(bench);
}

static void without_an_enabled_log_all_are_looked_at(void **state)
{
    struct bench *bench = *state;
    bench->logs[0].enabled = false;
    assert_nothing(bench);
    assert_int_equal(unlink(in(bench, smtp_log)), 0);
    ASSERT_ONE(bench, "problem The log \"smtp\" is not written");
}

static void a_log_directory_that_cannot_be_read_is_told_once(void **state)
{
    struct bench *bench = *state;
    log_drop(&bench->logs[--bench->conf.log_count]);
    add_log(bench, "smtp", "nowhere");
    add_log(bench, "pop3", "nowhere");
    ASSERT_ONE(bench, "problem unable to read the log directory ", "/nowhere ", "> Correct mail_root");
}

static void what_is_no_log_is_a_hint_and_a_link_to_nothing_a_problem(void **state)
{
    struct bench *bench = *state;
    make_directory(bench, "logs/smtp-202611200000");
    ASSERT_ONE(bench, "hint ", "smtp-202611200000 is not a regular file");
    assert_int_equal(rmdir(in(bench, "logs/smtp-202611200000")), 0);
    assert_int_equal(symlink("nothing", in(bench, "logs/smtp-202611200000")), 0);
    ASSERT_ONE(bench, "problem unable to read the log ", "smtp-202611200000");
}

static void logs_that_cannot_be_read_are_one_finding(void **state)
{
    struct bench *bench = *state;
    char name[64];
    if (geteuid() == 0) {
        assert_int_equal(chown(bench->mail_root, NOBODY, NOBODY), 0);
        assert_int_equal(chown(in(bench, program_directory), NOBODY, NOBODY), 0);
        assert_int_equal(chown(in(bench, logs), NOBODY, NOBODY), 0);
        assert_int_equal(chown(in(bench, list_name), NOBODY, NOBODY), 0);
    }
    diagnose_as_nobody(bench, NULL, 0);
    for (int i = 0; i < 12; i++) {
        (void)snprintf(name, sizeof name, "logs/smtp-2026112100%02d", i);
        file_write_text(in(bench, name), "");
        assert_int_equal(chmod(in(bench, name), 0), 0);
    }
    diagnose_as_nobody(bench,
                       &(const struct expected){{"problem unable to read logs: ", "@", "smtp-202611210000: Permission",
                                                 " +2 ", "> Run this as "}},
                       1);
}

/* That it can't be read is all that is told of it. */
static void a_log_that_cannot_be_read_is_in_no_encoding(void **state)
{
    static const char k4_log[] = "logs/k4-log-2026-11";
    struct bench *bench = *state;
    const char *const names[] = {"", program_directory, logs, list_name};
    for (size_t i = 0; i < COUNT_OF(names) && geteuid() == 0; i++)
        assert_int_equal(chown(in(bench, names[i]), NOBODY, NOBODY), 0);
    add_log(bench, "k4", logs);
    write_at(bench, k4_log, "\"\xbc\xf5\xbf\xae\"\n", 0);
    diagnose_as_nobody(bench, &(const struct expected){{"hint The log \"k4\" has bytes that are not UTF-8", k4_log}},
                       1);
    assert_int_equal(chmod(in(bench, k4_log), 0), 0);
    diagnose_as_nobody(bench, &(const struct expected){{"problem unable to read logs: ", k4_log}}, 1);
}

static void two_entries_with_a_file_in_common_are_a_problem(void **state)
{
    struct bench *bench = *state;
    struct conf_log *log = add_log(bench, "smtp", logs);
    ASSERT_ONE(bench, "problem Two entries of logs, the 1. and the 2. (\"smtp\")", "@", "smtp-202611210000");
    log->enabled = false;
    assert_nothing(bench);
    log_drop(log);
    bench->conf.log_count--;
    log = add_log(bench, "pop3", logs);
    free(log->files[0]);
    log->files[0] = strdup("smtp-*");
    assert_nothing(bench);
}

/* --- spammers.tab ------------------------------------------------------------------------------------------------- */

static void a_missing_list_is_a_problem_and_an_empty_one_is_none(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(unlink(in(bench, list_name)), 0);
    ASSERT_ONE(bench, "problem ", "spammers.tab is missing: XMail refuses every client", " $", " rebuild");
    write_list(bench, "");
    assert_nothing(bench);
}

static void a_list_that_cannot_be_read_is_a_problem(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(unlink(in(bench, list_name)), 0);
    make_directory(bench, list_name);
    ASSERT_ONE(bench, "problem unable to read ", "spammers.tab: it is not a regular file: no rebuild");
    assert_int_equal(rmdir(in(bench, list_name)), 0);
    assert_int_equal(symlink("nothing", in(bench, list_name)), 0);
    ASSERT_ONE(bench, "problem unable to follow the symbolic link");
}

static void a_list_of_somebody_else_cannot_be_replaced(void **state)
{
    struct bench *bench = *state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(bench->mail_root, NOBODY, NOBODY), 0);
    assert_int_equal(chown(in(bench, program_directory), NOBODY, NOBODY), 0);
    assert_int_equal(chown(in(bench, logs), NOBODY, NOBODY), 0);
    diagnose_as_nobody(bench, &(const struct expected){{"problem ", "spammers.tab belongs to another user (number 0)"}},
                       1);
    assert_int_equal(chown(in(bench, list_name), NOBODY, 0), 0);
    diagnose_as_nobody(bench,
                       &(const struct expected){{"problem ", "spammers.tab belongs to another group (number 0)"}}, 1);
    assert_int_equal(unlink(in(bench, list_name)), 0);
    make_directory(bench, "elsewhere");
    write_at(bench, "elsewhere/list", "", DAY);
    assert_int_equal(chown(in(bench, "elsewhere/list"), NOBODY, NOBODY), 0);
    assert_int_equal(symlink("elsewhere/list", in(bench, list_name)), 0);
    diagnose_as_nobody(bench, &(const struct expected){{"problem unable to write ", "/elsewhere, where spammers.tab "}},
                       1);
}

static void each_line_of_the_list_is_judged_as_xmail_takes_it(void **state)
{
    static const char ignored[] = "problem ";
    static const struct {
        const char *list;
        struct expected expected; /* no parts: nothing is found */
    } cases[] = {
        {"# 192.0.2.1\n\nmail.example.com\n\"1-2-3-4.example.com\"\t\"code=1\"\n.example.com\n", {{NULL}}},
        {"\"2001:db8::/32\"\t\"code=1\"\n\"192.0.2.0/24\"\n192.0.3.0\t255.255.255.0\n", {{NULL}}},
        {"192.0.2.1\n", {{ignored, "matches with nobody", "@line 1: 192.0.2.1 (no netmask)", "> Write ADDRESS/BITS"}}},
        {"\"192.0.2.1\"\t\"code=1\"\n", {{ignored, "@line 1: 192.0.2.1 (no netmask)"}}},
        {"192.0.2.1 255.255.255.255\n", {{ignored, "matches with nobody", "(it can't be read)"}}},
        {"\n 192.0.2.1\t255.255.255.255\n", {{ignored, "@line 2: 192.0.2.1 (a blank stands before it)"}}},
        {"\"192.0.2.300\"\t\"255.255.255.255\"\n", {{ignored, "@line 1: 192.0.2.300 (it can't be read)"}}},
        {"192.0.2.*\n", {{ignored, "@line 1: 192.0.2.* (it can't be read)"}}},
        {"2001:db8::1\n", {{ignored, "@line 1: 2001:db8::1 (no number of bits behind \"/\")"}}},
        {"2001:db8::g/32\n", {{ignored, "@line 1: 2001:db8::g/32 (it can't be read)"}}},
        {"\"todo: ask them\"\n", {{NULL}}},
        {TEN_TIMES("192.0.2.1\n") "192.0.2.1\n192.0.2.1\n", {{ignored, "@line 10: ", " +2 >"}}},
        {"010.0.0.1\t255.255.255.255\n", {{"problem ", "takes for others", "@line 1: 010.0.0.1 is 8.0.0.1"}}},
        {"10.1/16\n", {{"problem ", "takes for others", "@line 1: 10.1 is 10.0.0.0/16"}}},
        {"10.0.0.0/255.0.0.0\n", {{"problem ", "takes for others", "@line 1: 10.0.0.0/255.0.0.0 is 10.0.0.0 >"}}},
        {ENTRY("0.0.0.0", "0.0.0.0", "1"), {{"problem ", "refuse everybody", "@line 1: 0.0.0.0/0 >"}}},
        {"10.0.0.0/\n", {{"problem ", "refuse everybody", "@line 1: 0.0.0.0/0 >"}}},
        {"10.0.0.0/x\tcode=0\n", {{"problem ", "refuse everybody", "@line 1: 0.0.0.0/0 (code=0"}}},
        {"0.0.0.0/0\tcode=-1\n", {{NULL}}},
        {"::/0\n", {{"problem ", "refuse everybody", "@line 1: ::/0"}}},
        {"::/64\n", {{"problem ", "refuse everybody", "@line 1: ::/64"}}},
        {"::/96\n", {{"problem ", "refuse everybody", "@line 1: ::/96"}}},
        {"::ffff:0:0/96\n", {{"problem ", "refuse everybody", "@line 1: 0.0.0.0/0"}}},
        {"::ffff:0:0/97\n", {{NULL}}},
        {"2000::/3\n", {{"problem ", "refuse everybody", "IPv6", "@line 1: 2000::/3"}}},
        {"2000::/4\n", {{NULL}}},
        {ENTRY("0.0.0.5", "0.0.0.255", "1"), {{"problem ", "aren't contiguous", "@line 1: 0.0.0.5/0.0.0.255"}}},
        {"192.0.2.1\t24\n", {{"problem ", "aren't contiguous", "@line 1: 0.0.0.0/0.0.0.24"}}},
        {ENTRY("192.0.2.0", "255.255.255.0", "0") HOST("192.0.2.1"),
         {{"problem ", "not above 0", "@line 2: 192.0.2.1 (by line 1)", "> Move the entry before"}}},
        {HOST("192.0.2.1") ENTRY("192.0.2.0", "255.255.255.0", "0"), {{NULL}}},
        {ENTRY("192.0.2.0", "255.255.255.0", "1") ENTRY("192.0.2.1", "255.255.255.255", "-5"),
         {{"problem ", "code is without effect", "@line 2: 192.0.2.1 (by line 1)"}}},
        {ENTRY("192.0.2.0", "255.255.255.0", "1") HOST("192.0.2.1"),
         {{"hint ", "without effect", "@line 2: 192.0.2.1 (by line 1)"}}},
        {HOST("192.0.2.1") HOST("192.0.2.1") HOST("192.0.2.1"),
         {{"hint ", "@line 2: 192.0.2.1 (by line 1) @line 3: 192.0.2.1 (by line 1) >"}}},
        {ENTRY("192.0.2.0", "255.255.255.0", "1") ENTRY("192.0.0.0", "255.255.0.0", "0") HOST("192.0.2.1"),
         {{"hint ", "@line 3: 192.0.2.1 (by line 1)"}}},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_list(bench, cases[i].list);
        assert_findings(bench, &cases[i].expected, cases[i].expected.parts[0] != NULL);
    }
}

static void a_line_is_too_long_if_xmail_sees_a_rest_of_it(void **state)
{
    static const struct {
        size_t length;
        const char *end;
        bool found;
    } cases[] = {{510, "\n", false}, {511, "\n", true}, {510, "", false}, {511, "", true}, {2000, "\n", true}};
    struct bench *bench = *state;
    char text[2100];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        (void)snprintf(text, sizeof text, "\n#%0*d%s", (int)cases[i].length - 1, 0, cases[i].end);
        write_list(bench, text);
        assert_findings(bench, &(const struct expected){{"problem ", "more than 510 bytes", "@line 2 >"}},
                        cases[i].found);
    }
}

static void a_list_of_a_million_lines_is_judged_in_no_time(void **state)
{
    enum { LINES = 1000 * 1000, SECONDS = 60 };
    struct bench *bench = *state;
    struct buffer list = {0};
    buffer_add_text(&list, ENTRY("10.0.0.0", "255.0.0.0", "0"));
    for (unsigned i = 0; i < LINES; i++)
        buffer_add_format(&list, "10.%u.%u.%u\t255.255.255.255\n", i >> 16, i >> 8 & 255, i & 255);
    assert_false(list.failed);
    file_write(in(bench, list_name), list.bytes, list.length);
    file_set_age(in(bench, list_name), bench->now.seconds - DAY);
    buffer_clear(&list);
    const clock_t begin = clock();
    ASSERT_ONE(bench, "problem ", "not above 0", "@line 2: 10.0.0.0 (by line 1)", " +999990 ");
    assert_true(clock() - begin < (clock_t)SECONDS * CLOCKS_PER_SEC);
}

/* --- whitelist ---------------------------------------------------------------------------------------------------- */

static void own_addresses_that_are_not_white_listed_are_one_finding(void **state)
{
    static const char *const addresses[] = {"203.0.113.9", "192.0.2.1",   "127.0.0.1",   "::1",
                                            "fe80::2",     "203.0.113.9", "2001:db8::9", NULL};
    struct bench *bench = *state;
    own_addresses = addresses;
    ASSERT_ONE(bench, "problem Addresses of this machine",
               "> Add these lines to the file /etc/whitelist: "
               "$203.0.113.9 $2001:db8::9");
    trust(bench, "203.0.113.9");
    trust(bench, "2001:db8::/32");
    assert_nothing(bench);
    whitelist_clear(&bench->conf.whitelist);
    ASSERT_ONE(bench, "problem Addresses of this machine", "$127.0.0.0/8 $::1 $192.0.2.1 $203.0.113.9 $2001:db8::9");
    own_addresses = NULL;
    assert_findings(
        bench, (struct expected[]){{{"hint unable to list the addresses"}}, {{"problem Addresses of this machine"}}},
        2);
}

static void xmails_own_whitelist_counts_if_it_is_heard(void **state)
{
    struct bench *bench = *state;
    whitelist_clear(&bench->conf.whitelist);
    trust(bench, "127.0.0.0/8");
    trust(bench, "::1");
    ASSERT_ONE(bench, "problem Addresses of this machine", "$192.0.2.1");
    file_write_text(in(bench, "smtp.ipprop.tab"), "\"192.0.2.0/24\"\t\"WhiteList\"\n");
    assert_nothing(bench);
    bench->conf.xmail_whitelist = false;
    ASSERT_ONE(bench, "problem Addresses of this machine", "$192.0.2.1");
    bench->conf.xmail_whitelist = true;
    assert_int_equal(unlink(in(bench, "smtp.ipprop.tab")), 0);
    make_directory(bench, "smtp.ipprop.tab");
    ASSERT_ONE(bench, "problem unable to read ", "smtp.ipprop.tab", "no rebuild is done", "> Make it a regular file");
}

static void a_whitelist_that_takes_in_everybody_is_a_problem(void **state)
{
    struct bench *bench = *state;
    trust(bench, "0.0.0.0/1");
    trust(bench, "::/3");
    assert_nothing(bench);
    trust(bench, "0.0.0.0/0");
    ASSERT_ONE(bench, "problem Every IPv4 host is white-listed");
    trust(bench, "::/0");
    assert_findings(
        bench, (struct expected[]){{{"problem Every IPv4 host"}}, {{"problem Every IPv6 host", "> Take the entry"}}},
        2);
}

/* --- schedule ----------------------------------------------------------------------------------------------------- */

static void a_schedule_is_judged(void **state)
{
    enum { A_DAY = 24 * 60 };
    static const struct {
        int from;
        int to;
        int interval;
        int days;
        const char *found; /* NULL: nothing */
    } cases[] = {
        {0, 0, 60, 7, NULL},
        {0, 0, A_DAY, 7, NULL},
        {22, 6, 479, 7, NULL},
        {22, 6, 480, 7, "hint The filter rebuilds once a day at most, when the first mail comes after 22:00"},
        {22, 6, 481, 7, "problem The filter rebuilds once a day at most"},
        {22, 6, A_DAY - 1, 7, "problem The filter rebuilds once a day at most"},
        {22, 6, A_DAY, 7, "hint The filter rebuilds once a day at most"},
        {3, 4, 60, 7, "hint The filter rebuilds once a day at most"},
        {0, 0, 7 * A_DAY, 7, NULL},
        {0, 0, 7 * A_DAY + 1, 7, "problem auto.interval, 10081 minutes, is longer than the 7 days"},
        {3, 4, A_DAY + 1, 1, "problem auto.interval, 1441 minutes, is longer than the 1 day "},
        {0, 0, 60, 90, NULL},
        {0, 0, 60, 91, "hint search_days is 91, but the filter searches 90 days"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bench->conf.schedule = (struct schedule){true, cases[i].from, cases[i].to, cases[i].interval};
        bench->conf.search_days = cases[i].days;
        assert_findings(bench, &(const struct expected){{cases[i].found, "> "}}, cases[i].found != NULL);
    }
    bench->conf.search_days = 200;
    bench->conf.schedule = (struct schedule){true, 0, 0, INT_MAX};
    assert_findings(
        bench, (struct expected[]){{{"problem auto.interval", "90 days", "129600 or less"}}, {{"hint search_days"}}},
        2);
}

/* A state in which the last rebuilds by the filter and by hand were so many seconds ago. */
static void write_state(const struct bench *bench, enum state_result filter, time_t filter_age,
                        enum state_result command, time_t command_age)
{
    struct state state = {.filter = {.result = filter, .begun = bench->now.seconds - filter_age},
                          .command = {.result = command, .begun = bench->now.seconds - command_age}};
    struct error error;
    state_set_detail(&state.filter, "unable to filter: reason");
    state_set_detail(&state.command, "unable to command: reason");
    if (state_write(in(bench, state_file), &state, &error) < 0)
        fail_msg("%s", error.text);
}

static void a_filter_that_is_off_is_a_problem_unless_somebody_else_rebuilds(void **state)
{
    struct bench *bench = *state;
    bench->conf.schedule = (struct schedule){false, 0, 0, INT_MAX};
    ASSERT_ONE(bench, "problem Nothing rebuilds the list", "> Set enabled = true in the group auto");
    assert_int_equal(unlink(in(bench, filters)), 0);
    ASSERT_ONE(bench, "problem Nothing rebuilds the list");
    write_state(bench, STATE_DONE, DAY, STATE_DONE, 8 * DAY);
    ASSERT_ONE(bench, "problem Nothing rebuilds the list");
    write_state(bench, STATE_NEVER, 0, STATE_DONE, DAY);
    ASSERT_ONE(bench, "hint The filter is off", "or let cron run \"rebuild\"");
    write_state(bench, STATE_NEVER, 0, STATE_FAILED, DAY);
    assert_findings(bench,
                    (struct expected[]){{{"problem Nothing rebuilds the list"}},
                                        {{"problem The last rebuild, at 2026-11-20 17:00:00, failed"}}},
                    2);
    file_write_text(in(bench, state_file), "rubbish");
    ASSERT_ONE(bench, "problem Nothing rebuilds the list");
}

static void a_rebuild_that_failed_is_a_problem_until_one_succeeds(void **state)
{
    struct bench *bench = *state;
    write_state(bench, STATE_FAILED, 60, STATE_NEVER, 0);
    ASSERT_ONE(bench, "problem The last rebuild, at 2026-11-21 16:59:00, failed: @unable to filter: reason >", " $",
               " rebuild");
    write_state(bench, STATE_FAILED, 60, STATE_DONE, 61);
    ASSERT_ONE(bench, "problem The last rebuild, at 2026-11-21 16:59:00, failed: @unable to filter: reason >");
    write_state(bench, STATE_FAILED, 60, STATE_DONE, 59);
    assert_nothing(bench);
    write_state(bench, STATE_DONE, 60, STATE_FAILED, 59);
    ASSERT_ONE(bench, "problem The last rebuild, at 2026-11-21 16:59:01, failed: @unable to command: reason >");
}

static void a_rebuild_that_did_not_end_is_a_problem_unless_it_runs(void **state)
{
    struct bench *bench = *state;
    struct error error;
    int lock = -1;
    write_state(bench, STATE_BEGUN, 60, STATE_FAILED, 61);
    ASSERT_ONE(bench, "problem The last rebuild, at 2026-11-21 16:59:00, did not end", "> See the end of ",
               "logs/spammers-log", " rebuild");
    assert_int_equal(lock_take(in(bench, "filters/xmail-spammers/lock"), &lock, &error), 1);
    assert_nothing(bench);
    lock_release(&lock);
}

/* --- registration ------------------------------------------------------------------------------------------------- */

static void a_filter_that_xmail_never_calls_is_a_problem(void **state)
{
    struct bench *bench = *state;
    write_at(bench, filters, "", DAY);
    ASSERT_ONE(bench, "problem The filter is not registered", "filters.post-rcpt.tab", " $", "/xmail-spammers -c ",
               " install");
    assert_int_equal(unlink(in(bench, filters)), 0);
    ASSERT_ONE(bench, "problem The filter is not registered");
    make_directory(bench, filters);
    ASSERT_ONE(bench, "problem unable to read ", "filters.post-rcpt.tab");
}

static void a_filter_must_be_registered_once_and_last(void **state)
{
    struct bench *bench = *state;
    struct buffer line = {0};
    struct error error;
    assert_int_equal(registration_format(&bench->call, &line, &error), 1);
    buffer_add(&line, "\n", 2);
    write_filters(bench, "\"/other\"\n", "# a comment\n");
    assert_nothing(bench);
    write_filters(bench, "", "\"/other\"\n");
    ASSERT_ONE(bench, "problem Other filters come after line 1 of ", "> This makes it the last", " $", " install");
    write_filters(bench, line.bytes, "");
    ASSERT_ONE(bench, "problem The filter is registered 2 times", "@line 1: ", "@line 2: ", " install");
    buffer_clear(&line);
}

static void a_line_with_paths_that_are_of_no_use_is_a_problem(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(chmod(bench->program, 0644), 0);
    ASSERT_ONE(bench, "problem Line 1 of ", "of no use: @", "/xmail-spammers: Permission denied");
    assert_int_equal(unlink(bench->program), 0);
    ASSERT_ONE(bench, "problem Line 1 of ", "of no use: @", "/xmail-spammers: No such file");
    file_write_text(bench->program, "");
    assert_int_equal(chmod(bench->program, 0755), 0);
    assert_int_equal(unlink(bench->configuration), 0);
    ASSERT_ONE(bench, "problem Line 1 of ", "of no use: @", "/xmail-spammers.conf: No such file");
    write_at(bench, filters, "\"xmail-spammers\"\t\"filter\"\n", DAY);
    ASSERT_ONE(bench, "problem Line 1 of ", "@xmail-spammers: the path must be absolute");
}

static void a_line_that_install_would_write_otherwise_is_a_problem(void **state)
{
    struct bench *bench = *state;
    char other[2 * SUPPORT_PATH_SIZE];
    write_filters(bench, "\"!aex\"\t", "");
    ASSERT_ONE(bench, "problem Line 1 of ", "in another way", "xmail-spammers.conf >");
    write_filters(bench, "\"!aex\"\t", "\"/other\"\n");
    assert_findings(
        bench,
        (struct expected[]){{{"problem Line 1 of ", "in another way"}}, {{"problem Other filters", "an editor"}}}, 2);
    write_filters(bench, "", "");
    (void)snprintf(other, sizeof other, "%s/other.conf", bench->mail_root);
    bench->call.configuration = other;
    ASSERT_ONE(bench, "problem Line 1 of ", "in another way", "xmail-spammers.conf >", "/other.conf -r ");
}

static void a_configuration_that_alone_does_not_lead_to_mail_root_is_a_problem(void **state)
{
    struct bench *bench = *state;
    char other[2 * SUPPORT_PATH_SIZE];
    bench->conf.mail_root_set = (char[]){"/"};
    ASSERT_ONE(bench, "problem By itself ", " names another MailRoot, /: ", " $mail_root = \"", "\";");
    (void)snprintf(other, sizeof other, "%s/other.conf", bench->mail_root);
    bench->conf.mail_root_set = NULL;
    bench->conf.path = other;
    ASSERT_ONE(bench, "problem By itself ", "other.conf names no MailRoot: ", " $mail_root = \"");
    assert_int_equal(unlink(in(bench, filters)), 0);
    ASSERT_ONE(bench, "problem The filter is not registered");
}

static void a_call_that_has_to_search_its_state_is_a_hint(void **state)
{
    struct bench *bench = *state;
    char program[2 * SUPPORT_PATH_SIZE];
    char configuration[2 * SUPPORT_PATH_SIZE];
    (void)snprintf(program, sizeof program, "%s/xmail-spammers", bench->mail_root);
    (void)snprintf(configuration, sizeof configuration, "%s/x.conf", bench->mail_root);
    file_write_text(program, "");
    assert_int_equal(chmod(program, 0755), 0);
    file_write_text(configuration, "mail_root = \"/\";");
    bench->call.program = program;
    write_filters(bench, "", "");
    assert_nothing(bench);
    bench->call.configuration = configuration;
    write_filters(bench, "", "");
    ASSERT_ONE(bench, "hint Neither the program nor its configuration lies in ", "filters/xmail-spammers, ",
               "make install MAILROOT=/");
}

static void commands_to_copy_are_quoted_for_the_shell(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(unlink(in(bench, list_name)), 0);
    bench->conf.schedule.enabled = false;
    bench->call = (struct registration_call){"/a b/xmail-spammers", "/it's"};
    write_at(bench, filters, "", DAY);
    assert_findings(bench,
                    (struct expected[]){{{"is missing", " $'/a b/xmail-spammers' -c '/it'\\''s' -r /", " rebuild"}},
                                        {{"problem Nothing rebuilds"}}},
                    2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_healthy_mail_root_has_no_finding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mail_root_that_is_none_hides_what_would_follow_from_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_that_is_missing_counts_as_writable_if_it_can_be_made, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_lock_and_the_event_log_must_be_plain_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_filters_user_may_not_do_is_a_problem, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_file_that_the_filters_user_may_not_use_is_a_problem, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_filters_user_may_have_other_groups, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_users_groups_count_and_mail_root_must_let_him_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_that_is_not_written_tells_how_xmail_writes_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_counts_if_it_was_last_written_in_the_range, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_without_logs_beside_one_with_logs_is_a_hint, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_an_enabled_log_all_are_looked_at, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_directory_that_cannot_be_read_is_told_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_log_is_a_hint_and_a_link_to_nothing_a_problem, set_up, tear_down),
        cmocka_unit_test_setup_teardown(logs_that_cannot_be_read_are_one_finding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_that_cannot_be_read_is_in_no_encoding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_entries_with_a_file_in_common_are_a_problem, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_list_is_a_problem_and_an_empty_one_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_that_cannot_be_read_is_a_problem, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_of_somebody_else_cannot_be_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_line_of_the_list_is_judged_as_xmail_takes_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_is_too_long_if_xmail_sees_a_rest_of_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_of_a_million_lines_is_judged_in_no_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(own_addresses_that_are_not_white_listed_are_one_finding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(xmails_own_whitelist_counts_if_it_is_heard, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_whitelist_that_takes_in_everybody_is_a_problem, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_schedule_is_judged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_filter_that_is_off_is_a_problem_unless_somebody_else_rebuilds, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_rebuild_that_failed_is_a_problem_until_one_succeeds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rebuild_that_did_not_end_is_a_problem_unless_it_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_filter_that_xmail_never_calls_is_a_problem, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_filter_must_be_registered_once_and_last, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_with_paths_that_are_of_no_use_is_a_problem, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_that_install_would_write_otherwise_is_a_problem, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_configuration_that_alone_does_not_lead_to_mail_root_is_a_problem, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_has_to_search_its_state_is_a_hint, set_up, tear_down),
        cmocka_unit_test_setup_teardown(commands_to_copy_are_quoted_for_the_shell, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
