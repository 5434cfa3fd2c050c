/* SPDX-License-Identifier: MIT */
/* From the configuration to the evidence: which files are read, once each, and what they say together. */
#include "support_clock.h"
#include "support_logs.h"

#include "logfiles.h"
#include "path.h"

#define POP3(host, day) "\"mx\"\t\"d\"\t\"" host "\"\t\"" day " 12:34:56\"\t\"u\"\t\"\"\t\"ELOGIN\"\n"
#define SMTP(host, day)                                                                                                \
    "\"mx\"\t\"d\"\t\"" host "\"\t\"" day                                                                              \
    " 12:34:56\"\t\"pc\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"RCPT=ERELAY\"\t\"\"\t\"0\"\t\"\"\n"
#define DAY "2026-11-20"

enum { LINES = 3000, SOMEBODY = 12345 };

static const struct day_range range = {20261115, 20261121};

static int set_up(void **state)
{
    *state = bench_new();
    clock_ahead = CLOCK_NOW;
    return 0;
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A path in MailRoot's logs. */
static const char *in_logs(const struct bench *bench, const char *name)
{
    char inner[SUPPORT_PATH_SIZE];
    (void)snprintf(inner, sizeof inner, "logs/%s", name);
    return in(bench, inner);
}

static void assert_files(struct bench *bench, bool all, const char *const *names)
{
    struct logfiles files;
    size_t count = 0;
    if (logfiles_list(bench->conf.logs, bench->conf.log_count, all, &bench->warnings, &files, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
    for (; names[count]; count++) {
        assert_true(count < files.count);
        assert_string_equal(files.files[count].path, in(bench, names[count]));
    }
    assert_int_equal(files.count, count);
    logfiles_clear(&files);
    assert_int_equal(files.count, 0);
}

static void files_are_the_same_if_device_and_inode_are(void **state)
{
    const struct logfile file = {.identity = {.device = 5, .inode = 7}};
    const struct logfile others[] = {{.identity = {.device = 4, .inode = 9}}, {.identity = {.device = 5, .inode = 6}}};
    (void)state;
    assert_int_equal(logfile_compare_identity(&file, &file), 0);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_true(logfile_compare_identity(&file, &others[i]) > 0);
        assert_true(logfile_compare_identity(&others[i], &file) < 0);
    }
}

static void run(struct bench *bench, bool skip_by_age, struct gathered *gathered)
{
    const struct gather_request request = {.conf = &bench->conf, .range = range, .skip_by_age = skip_by_age};
    if (gather(&request, &bench->warnings, gathered, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
}

/* The unauthorised accesses of the host; 0 if it isn't there. */
static uint64_t accesses(const struct gathered *gathered, const char *text)
{
    size_t count;
    const struct evidence_host *hosts = evidence_hosts(gathered->evidence, &count);
    const struct address address = host_of(text);
    for (size_t i = 0; i < count; i++)
        if (address_equal(hosts[i].address, address))
            return hosts[i].unauthorized;
    return 0;
}

/* --- which files -------------------------------------------------------------------------------------------------- */

static void files_whose_names_fit_are_listed_by_log_and_name(void **state)
{
    static const char *const present[] = {"pop3-202611210000",  "smtp-202611210000", "smtp-202611190000",
                                          "smtp-202611200000",  "smtp-20261121",     "smtp-202611210000.gz",
                                          ".smtp-202611210000", "ctrl-202611210000"};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(present); i++)
        file_write_text(in_logs(bench, present[i]), "");
    add_log(bench, "smtp", NULL, NULL);
    add_log(bench, "pop3", NULL, NULL)->enabled = false;
    add_log(bench, "ctrl", NULL, NULL);
    assert_files(
        bench, false,
        LIST("logs/smtp-202611190000", "logs/smtp-202611200000", "logs/smtp-202611210000", "logs/ctrl-202611210000"));
    assert_files(bench, true,
                 LIST("logs/smtp-202611190000", "logs/smtp-202611200000", "logs/smtp-202611210000",
                      "logs/pop3-202611210000", "logs/ctrl-202611210000"));
    assert_true(messages_empty(&bench->warnings));
}

static void no_file_is_no_error(void **state)
{
    struct bench *bench = *state;
    struct gathered gathered;
    size_t hosts;
    add_log(bench, "smtp", NULL, NULL);
    assert_files(bench, false, (const char *const[]){NULL});
    run(bench, true, &gathered);
    (void)evidence_hosts(gathered.evidence, &hosts);
    assert_int_equal(hosts, 0);
    assert_int_equal(gathered.total.files, 0);
    gathered_clear(&gathered);
    bench->logs[0].enabled = false; /* no log enabled */
    run(bench, true, &gathered);
    gathered_clear(&gathered);
}

static void a_file_that_is_reached_twice_for_one_format_is_read_once(void **state)
{
    struct bench *bench = *state;
    struct gathered gathered;
    file_write_text(in(bench, "logs/a"), POP3("192.0.2.1", DAY));
    assert_int_equal(symlink("a", in(bench, "logs/b")), 0);
    assert_int_equal(link(in(bench, "logs/a"), in(bench, "logs/c")), 0);
    assert_int_equal(symlink("logs", in(bench, "other")), 0);
    add_log(bench, "pop3", LIST("a*", "?", "b"), LIST("logs", "other", "logs/"));
    add_log(bench, "pop3", LIST("*"), NULL); /* a second entry of the same format */
    assert_files(bench, false, LIST("logs/a"));
    run(bench, false, &gathered);
    assert_int_equal(accesses(&gathered, "192.0.2.1"), 1);
    assert_int_equal(gathered.total.files, 1);
    assert_int_equal(gathered.total.records, 1);
    gathered_clear(&gathered);
}

static void a_file_may_be_read_once_for_each_of_two_formats(void **state)
{
    struct bench *bench = *state;
    struct gathered gathered;
    file_write_text(in(bench, "logs/a"), POP3("192.0.2.1", DAY));
    add_log(bench, "pop3", LIST("a"), NULL);
    add_log(bench, "finger", LIST("a"), NULL);
    run(bench, false, &gathered);
    assert_int_equal(accesses(&gathered, "192.0.2.1"), 2);
    assert_int_equal(gathered.total.files, 2);
    gathered_clear(&gathered);
}

static void several_directories_absolute_or_below_mail_root_are_read(void **state)
{
    struct bench *bench = *state;
    struct gathered gathered;
    char absolute[SUPPORT_PATH_SIZE];
    directory_make(absolute);
    assert_int_equal(mkdir(in(bench, "second"), 0755), 0);
    file_write_text(in(bench, "logs/pop3-202611210000"), POP3("192.0.2.1", DAY));
    file_write_text(in(bench, "second/pop3-202611210000"), POP3("192.0.2.1", DAY) POP3("192.0.2.2", DAY));
    file_write_text(path_in(absolute, "pop3-202611210000"), POP3("192.0.2.1", DAY));
    add_log(bench, "pop3", NULL, LIST("logs", "second", absolute));
    run(bench, false, &gathered);
    directory_drop(absolute);
    assert_int_equal(accesses(&gathered, "192.0.2.1"), 3);
    assert_int_equal(accesses(&gathered, "192.0.2.2"), 1);
    assert_int_equal(gathered.total.files, 3);
    gathered_clear(&gathered);
}

static void what_fits_and_is_no_regular_file_is_warned_of(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(mkdir(in(bench, "logs/smtp-202611200000"), 0700), 0);
    assert_int_equal(mkfifo(in(bench, "logs/smtp-202611210000"), 0600), 0);
    assert_int_equal(symlink("/dev/zero", in(bench, "logs/smtp-202611220000")), 0);
    file_write_text(in(bench, "logs/smtp-202611190000"), "");
    add_log(bench, "smtp", NULL, NULL);
    assert_files(bench, false, LIST("logs/smtp-202611190000"));
    assert_int_equal(bench->warnings.count, 3);
}

static void what_cannot_be_read_is_an_error_that_names_it(void **state)
{
    static const struct {
        const char *directory;
        const char *link; /* its target, or NULL */
        const char *named;
    } rows[] = {
        {"none", NULL, "none"},
        {"logs/file", NULL, "logs/file"},
        {"logs", "nowhere", "logs/pop3-202611210000"},
        {"logs", "pop3-202611210000", "logs/pop3-202611210000"},
    };
    struct bench *bench = *state;
    const struct gather_request request = {.conf = &bench->conf, .range = range};
    file_write_text(in(bench, "logs/file"), "");
    add_log(bench, "smtp", NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct gathered gathered;
        struct logfiles files;
        add_log(bench, "pop3", NULL, LIST(rows[i].directory));
        if (rows[i].link)
            assert_int_equal(symlink(rows[i].link, in(bench, "logs/pop3-202611210000")), 0);
        bench->error.text[0] = '\0';
        assert_int_equal(
            logfiles_list(bench->conf.logs, bench->conf.log_count, false, &bench->warnings, &files, &bench->error), -1);
        assert_int_equal(gather(&request, &bench->warnings, &gathered, &bench->error), -1);
        assert_non_null(strstr(bench->error.text, "unable to read"));
        assert_non_null(strstr(bench->error.text, in(bench, rows[i].named)));
        /* A log that isn't enabled is none of our business. */
        bench->logs[1].enabled = false;
        assert_int_equal(gather(&request, &bench->warnings, &gathered, &bench->error), 1);
        gathered_clear(&gathered);
        (void)unlink(in(bench, "logs/pop3-202611210000"));
        log_drop(&bench->logs[--bench->conf.log_count]);
    }
}

static void a_file_without_permission_is_an_error(void **state)
{
    struct bench *bench = *state;
    const struct gather_request request = {.conf = &bench->conf, .range = range};
    struct gathered gathered;
    bool root = geteuid() == 0;
    file_write_text(in(bench, "logs/pop3-202611210000"), POP3("192.0.2.1", DAY));
    assert_int_equal(chmod(in(bench, "logs/pop3-202611210000"), 0), 0);
    assert_int_equal(chmod(bench->mail_root, 0755), 0);
    add_log(bench, "pop3", NULL, NULL);
    if (root) /* who may read everything */
        assert_int_equal(seteuid(SOMEBODY), 0);
    int result = gather(&request, &bench->warnings, &gathered, &bench->error);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(result, -1);
    assert_non_null(strstr(bench->error.text, in(bench, "logs/pop3-202611210000")));
}

/* --- age ---------------------------------------------------------------------------------------------------------- */

static void files_last_written_more_than_a_day_before_the_range_may_be_skipped(void **state)
{
    static const struct {
        const char *name;
        const char *modified;
        bool skipped;
    } rows[] = {
        {"pop3-202611010000", "2026-11-01T00:00", true},     {"pop3-202611020000", "2026-11-13T23:59:59", true},
        {"pop3-202611030000", "2026-11-14T00:00", false},    {"pop3-202611040000", "2026-11-15T00:00", false},
        {"pop3-202611050000", "2026-11-21T23:59:59", false}, {"pop3-202611060000", "2030-01-01T00:00", false},
    };
    struct bench *bench = *state;
    struct gathered gathered;
    size_t kept = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *path = in_logs(bench, rows[i].name);
        file_write_text(path, POP3("192.0.2.1", DAY));
        file_set_age(path, moment_of(rows[i].modified).seconds);
        kept += !rows[i].skipped;
    }
    add_log(bench, "pop3", NULL, NULL);
    run(bench, true, &gathered);
    assert_int_equal(gathered.total.files, kept);
    assert_int_equal(accesses(&gathered, "192.0.2.1"), kept);
    gathered_clear(&gathered);
    run(bench, false, &gathered); /* in a rehearsal times of files say nothing */
    assert_int_equal(gathered.total.files, COUNT_OF(rows));
    gathered_clear(&gathered);
}

static void the_name_of_a_file_says_nothing_of_the_days_in_it(void **state)
{
    struct bench *bench = *state;
    struct gathered gathered;
    file_write_text(in(bench, "logs/pop3-199901010000"), POP3("192.0.2.1", DAY));
    file_write_text(in(bench, "logs/pop3-202611200000"), POP3("192.0.2.1", "1999-01-01"));
    add_log(bench, "pop3", NULL, NULL);
    run(bench, true, &gathered);
    assert_int_equal(gathered.total.files, 2);
    assert_int_equal(accesses(&gathered, "192.0.2.1"), 1);
    assert_int_equal(gathered.total.in_range, 1);
    assert_int_equal(gathered.total.records, 2);
    gathered_clear(&gathered);
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

static void counts_are_kept_by_log_and_in_all(void **state)
{
    static const char smtp[] = SMTP("192.0.2.1", DAY) "broken\n" SMTP("192.0.2.1", "2026-11-01") "unfinished";
    static const char pop3[] = POP3("192.0.2.1", DAY) POP3("192.0.2.1", "2026-11-15");
    struct bench *bench = *state;
    struct gathered gathered;
    size_t hosts;
    file_write_text(in(bench, "logs/smtp-202611200000"), smtp);
    file_write_text(in(bench, "logs/smtp-202611210000"), SMTP("::ffff:192.0.2.1", DAY));
    file_write_text(in(bench, "logs/pop3-202611210000"), pop3);
    add_log(bench, "smtp", NULL, NULL);
    add_log(bench, "pop3", NULL, NULL);
    run(bench, false, &gathered);
    assert_int_equal(gathered.by_log[0].files, 2);
    assert_int_equal(gathered.by_log[0].records, 4);
    assert_int_equal(gathered.by_log[0].malformed, 1);
    assert_int_equal(gathered.by_log[0].in_range, 2);
    assert_int_equal(gathered.by_log[0].bytes, sizeof smtp - 1 + strlen(SMTP("::ffff:192.0.2.1", DAY)));
    assert_int_equal(gathered.by_log[1].files, 1);
    assert_int_equal(gathered.by_log[1].records, 2);
    assert_int_equal(gathered.by_log[1].in_range, 2);
    assert_int_equal(gathered.total.files, 3);
    assert_int_equal(gathered.total.records, 6);
    assert_int_equal(gathered.total.malformed, 1);
    assert_int_equal(gathered.total.in_range, 4);
    assert_int_equal(gathered.total.limits, 0);
    const struct evidence_host *host = evidence_hosts(gathered.evidence, &hosts);
    assert_int_equal(hosts, 1);
    assert_int_equal(host->unauthorized, 4);
    assert_int_equal(host->first_day, 20261115);
    assert_int_equal(host->last_day, 20261120);
    assert_int_equal(evidence_count_in_log(gathered.evidence, host, 0), 2);
    assert_int_equal(evidence_count_in_log(gathered.evidence, host, 1), 2);
    gathered_clear(&gathered);
}

static void limits_of_patterns_are_counted_by_log(void **state)
{
    static const char line[] = "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"" DAY " 12:34:56\"\t\"u\"\t\"\"\t"
                               "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n";
    struct bench *bench = *state;
    struct gathered gathered;
    struct conf_log *log = add_log(bench, "pop3", NULL, NULL);
    pattern_free(log->unauthorized);
    log->unauthorized = pattern_of("^(?:a|aa|aaa)+$(?<!a)");
    file_write_text(in(bench, "logs/pop3-202611200000"), line);
    file_write_text(in(bench, "logs/pop3-202611210000"), line);
    bench->conf.threads = 4;
    run(bench, false, &gathered);
    assert_int_equal(gathered.by_log[0].limits, 2);
    assert_int_equal(gathered.total.limits, 2);
    assert_int_equal(accesses(&gathered, "192.0.2.1"), 0);
    gathered_clear(&gathered);
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

static void write_many_files(struct bench *bench, uint64_t *bytes)
{
    uint64_t seed = 4;
    *bytes = 0;
    for (int file = 0; file < 23; file++) {
        struct buffer content = {0};
        char name[32];
        bool smtp = file % 3 == 0;
        (void)snprintf(name, sizeof name, "logs/%s-2026112100%02d", smtp ? "smtp" : "pop3", file);
        for (size_t i = random_below(&seed, LINES); i > 0; i--) {
            char line[400];
            (void)snprintf(line, sizeof line,
                           smtp ? SMTP("192.0.%zu.%zu", "2026-11-%02zu") : POP3("192.0.%zu.%zu", "2026-11-%02zu"),
                           random_below(&seed, 4), random_below(&seed, 256), 10 + random_below(&seed, 15));
            buffer_add_text(&content, line);
        }
        file_write(in(bench, name), content.bytes, content.length);
        *bytes += content.length;
        buffer_clear(&content);
    }
}

/* The same hosts with the same counts. */
static void assert_same_evidence(const struct bench *bench, const struct gathered *a, const struct gathered *b)
{
    size_t count;
    size_t other_count;
    const struct evidence_host *hosts = evidence_hosts(a->evidence, &count);
    const struct evidence_host *others = evidence_hosts(b->evidence, &other_count);
    assert_int_equal(other_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(address_equal(hosts[i].address, others[i].address));
        assert_int_equal(hosts[i].unauthorized, others[i].unauthorized);
        assert_int_equal(hosts[i].refused, others[i].refused);
        assert_int_equal(hosts[i].authenticated, others[i].authenticated);
        assert_int_equal(hosts[i].first_day, others[i].first_day);
        assert_int_equal(hosts[i].last_day, others[i].last_day);
        for (size_t log = 0; log < bench->conf.log_count; log++)
            assert_int_equal(evidence_count_in_log(a->evidence, &hosts[i], log),
                             evidence_count_in_log(b->evidence, &others[i], log));
    }
}

static void any_number_of_threads_finds_the_same(void **state)
{
    static const int threads[] = {4, 2, 64, 0};
    struct bench *bench = *state;
    struct gathered alone;
    uint64_t bytes;
    size_t count;
    write_many_files(bench, &bytes);
    add_log(bench, "smtp", NULL, NULL);
    add_log(bench, "pop3", NULL, NULL);
    run(bench, false, &alone);
    (void)evidence_hosts(alone.evidence, &count);
    assert_int_equal(alone.total.bytes, bytes);
    assert_true(count > 500);
    for (size_t t = 0; t < COUNT_OF(threads); t++) {
        struct gathered together;
        bench->conf.threads = threads[t];
        run(bench, false, &together);
        assert_same_evidence(bench, &alone, &together);
        assert_memory_equal(&alone.total, &together.total, sizeof alone.total);
        assert_memory_equal(alone.by_log, together.by_log, 2 * sizeof *alone.by_log);
        gathered_clear(&together);
    }
    gathered_clear(&alone);
}

struct progress {
    uint64_t done;
    uint64_t total;
    size_t calls;
    const char *unlink; /* at the first call; or NULL */
    const char *fifo;   /* put in the place of this file at the first call; or NULL */
    bool backward;      /* it went back, */
    bool beyond;        /* or above the total, once */
};

static void assert_progress(const struct progress *progress, uint64_t bytes)
{
    assert_false(progress->backward);
    assert_false(progress->beyond);
    assert_int_equal(progress->done, bytes);
    assert_int_equal(progress->total, bytes);
}

static void watch(void *context, uint64_t done, uint64_t total)
{
    struct progress *progress = context;
    progress->backward |= done < progress->done;
    progress->beyond |= done > total;
    progress->done = done;
    progress->total = total;
    if (progress->calls++ > 0)
        return;
    if (progress->unlink)
        assert_int_equal(unlink(progress->unlink), 0);
    if (progress->fifo) {
        assert_int_equal(unlink(progress->fifo), 0);
        assert_int_equal(mkfifo(progress->fifo, 0600), 0);
    }
}

static void progress_goes_up_to_the_total(void **state)
{
    struct bench *bench = *state;
    struct progress progress = {0};
    const struct gather_request request = {
        .conf = &bench->conf, .range = range, .progress = watch, .context = &progress};
    struct gathered gathered;
    uint64_t bytes;
    write_many_files(bench, &bytes);
    add_log(bench, "smtp", NULL, NULL);
    add_log(bench, "pop3", NULL, NULL);
    bench->conf.threads = 4;
    assert_int_equal(gather(&request, &bench->warnings, &gathered, &bench->error), 1);
    assert_progress(&progress, bytes);
    gathered_clear(&gathered);
}

static void a_file_that_vanishes_after_it_was_listed_is_no_error(void **state)
{
    struct bench *bench = *state;
    struct progress progress = {.unlink = in(bench, "logs/pop3-202611210000")};
    const struct gather_request request = {
        .conf = &bench->conf, .range = range, .progress = watch, .context = &progress};
    struct gathered gathered;
    file_write_text(in(bench, "logs/pop3-202611200000"), POP3("192.0.2.1", DAY));
    file_write_text(in(bench, "logs/pop3-202611210000"), POP3("192.0.2.2", DAY));
    add_log(bench, "pop3", NULL, NULL);
    assert_int_equal(gather(&request, &bench->warnings, &gathered, &bench->error), 1);
    assert_int_equal(gathered.total.files, 1);
    assert_int_equal(accesses(&gathered, "192.0.2.1"), 1);
    assert_int_equal(accesses(&gathered, "192.0.2.2"), 0);
    gathered_clear(&gathered);
}

static void a_file_that_turns_into_a_fifo_is_an_error_and_the_first_one_wins(void **state)
{
    struct bench *bench = *state;
    for (int threads = 1; threads <= 4; threads += 3) {
        struct progress progress = {.fifo = in(bench, "logs/pop3-202611210000")};
        const struct gather_request request = {
            .conf = &bench->conf, .range = range, .progress = watch, .context = &progress};
        struct gathered gathered;
        file_write_text(in(bench, "logs/pop3-202611200000"), POP3("192.0.2.1", DAY));
        file_write_text(in(bench, "logs/pop3-202611210000"), POP3("192.0.2.2", DAY));
        if (bench->conf.log_count == 0)
            add_log(bench, "pop3", NULL, NULL);
        bench->conf.threads = threads;
        int result = gather(&request, &bench->warnings, &gathered, &bench->error);
        if (threads == 1 || result < 0) { /* with more threads the file may have been read before */
            assert_int_equal(result, -1);
            assert_non_null(strstr(bench->error.text, "logs/pop3-202611210000"));
        } else {
            gathered_clear(&gathered);
        }
        (void)unlink(in(bench, "logs/pop3-202611210000"));
    }
}

static void a_log_whose_encoding_is_unknown_is_an_error(void **state)
{
    struct bench *bench = *state;
    const struct gather_request request = {.conf = &bench->conf, .range = range};
    struct gathered gathered;
    struct conf_log *log = add_log(bench, "pop3", NULL, NULL);
    log->encoding = strdup("NO-SUCH-ENCODING");
    file_write_text(in(bench, "logs/pop3-202611200000"), POP3("192.0.2.1", DAY));
    assert_int_equal(gather(&request, &bench->warnings, &gathered, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "NO-SUCH-ENCODING"));
}

/* --- long files --------------------------------------------------------------------------------------------------- */

/* A file that several threads read at once, with records of each length, also too long ones. Returns its length. */
static size_t write_long_file(const struct bench *bench, const char *name)
{
    enum { LENGTH = 10 * 1024 * 1024 };
    struct buffer content = {0};
    uint64_t seed = 5;
    while (content.length < LENGTH) {
        char line[256];
        const size_t kind = random_below(&seed, 1000);
        (void)snprintf(line, sizeof line, POP3("192.%zu.%zu.%zu", "2026-11-%02zu"), random_below(&seed, 2),
                       random_below(&seed, 20), random_below(&seed, 256), 12 + random_below(&seed, 12));
        if (kind == 0) {
            const size_t length = random_below(&seed, 3) == 0 ? 300 * 1024 : random_below(&seed, 9000);
            assert_true(buffer_reserve(&content, length + 1));
            memset(content.bytes + content.length, 'x', length);
            content.length += length;
            line[0] = '\n';
            line[1] = '\0';
        }
        buffer_add_text(&content, line);
    }
    buffer_add_text(&content, "unfinished");
    const size_t length = content.length;
    file_write(in(bench, name), content.bytes, content.length);
    buffer_clear(&content);
    return length;
}

static void a_long_file_is_read_by_several_threads_as_by_one(void **state)
{
    struct bench *bench = *state;
    struct gathered alone;
    size_t count;
    const size_t length = write_long_file(bench, "logs/pop3-202611210000");
    file_write_text(in(bench, "logs/pop3-202611200000"), POP3("192.0.2.1", DAY));
    add_log(bench, "pop3", NULL, NULL);
    run(bench, false, &alone);
    (void)evidence_hosts(alone.evidence, &count);
    assert_true(count > 5000);
    assert_true(alone.total.bytes >= length && alone.total.records > 50000);
    for (int threads = 2; threads <= 5; threads++) {
        struct progress progress = {0};
        const struct gather_request request = {
            .conf = &bench->conf, .range = range, .progress = watch, .context = &progress};
        struct gathered together;
        bench->conf.threads = threads;
        assert_int_equal(gather(&request, &bench->warnings, &together, &bench->error), 1);
        assert_same_evidence(bench, &alone, &together);
        assert_memory_equal(&alone.total, &together.total, sizeof alone.total);
        assert_progress(&progress, length + strlen(POP3("192.0.2.1", DAY)));
        gathered_clear(&together);
    }
    gathered_clear(&alone);
}

/* So many that a thread hands over what it has counted before it is through with the file. */
static void very_many_hosts_in_one_file_are_each_counted(void **state)
{
    enum { HOSTS = 200 * 1000 };
    struct bench *bench = *state;
    struct buffer content = {0};
    for (uint32_t i = 0; i < HOSTS; i++) {
        const uint32_t host = i % 8 ? i * 2654435761U : (i / 8 % 1000) * 2654435761U; /* all over; some come often */
        buffer_add_format(&content, POP3("%u.%u.%u.%u", "%s"), host >> 24, host >> 16 & 255, host >> 8 & 255,
                          host & 255, DAY);
    }
    file_write(in(bench, "logs/pop3-202611210000"), content.bytes, content.length);
    buffer_clear(&content);
    add_log(bench, "pop3", NULL, NULL);
    for (int threads = 1; threads <= 3; threads++) {
        struct gathered gathered;
        size_t count;
        uint64_t sum = 0;
        bench->conf.threads = threads;
        run(bench, false, &gathered);
        const struct evidence_host *hosts = evidence_hosts(gathered.evidence, &count);
        for (size_t i = 0; i < count; i++)
            sum += hosts[i].unauthorized;
        assert_int_equal(sum, HOSTS);
        /* 25,000 accesses of 1,000 hosts, of which 875 come once more; the others come once. */
        assert_int_equal(count, HOSTS - HOSTS / 8 + 125);
        gathered_clear(&gathered);
    }
}

/* --- days --------------------------------------------------------------------------------------------------------- */

static void days_before_and_after_the_range_are_left_out(void **state)
{
    static const char text[] = POP3("192.0.2.1", "2026-11-14") POP3("192.0.2.2", "2026-11-15")
        POP3("192.0.2.3", "2026-11-21") POP3("192.0.2.4", "2026-11-22") POP3("192.0.2.5", "9999-12-31")
            POP3("192.0.2.6", "0001-01-01") POP3("192.0.2.7", "2027-11-20") POP3("192.0.2.3", "2026-11-22");
    struct bench *bench = *state;
    struct gathered gathered;
    size_t count;
    file_write_text(in(bench, "logs/pop3-202611210000"), text);
    add_log(bench, "pop3", NULL, NULL);
    run(bench, false, &gathered);
    (void)evidence_hosts(gathered.evidence, &count);
    assert_int_equal(count, 2);
    assert_int_equal(accesses(&gathered, "192.0.2.2"), 1);
    assert_int_equal(accesses(&gathered, "192.0.2.3"), 1);
    assert_int_equal(gathered.total.records, 8);
    assert_int_equal(gathered.total.malformed, 0);
    assert_int_equal(gathered.total.in_range, 2);
    gathered_clear(&gathered);
}

/* --- the cache ---------------------------------------------------------------------------------------------------- */

/* A request with the cache, which is kept. */
static struct gather_request caching(const struct bench *bench, struct day_range days)
{
    return (struct gather_request){
        .conf = &bench->conf, .range = days, .cache = bench->cache, .keep = true, .skip_by_age = false};
}

/*
 * Gathers by the request, and again without the cache: both find the same. Returns how many bytes were read by the
 * request.
 */
static uint64_t gather_both(struct bench *bench, const struct gather_request *request)
{
    struct gather_request whole = *request;
    struct gathered cached;
    struct gathered read;
    whole.cache = NULL;
    whole.keep = false;
    if (gather(request, &bench->warnings, &cached, &bench->error) != 1 ||
        gather(&whole, &bench->warnings, &read, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
    assert_same_evidence(bench, &read, &cached);
    const uint64_t bytes = cached.total.bytes;
    cached.total.bytes = read.total.bytes;
    assert_memory_equal(&cached.total, &read.total, sizeof read.total);
    for (size_t log = 0; log < bench->conf.log_count; log++) {
        cached.by_log[log].bytes = read.by_log[log].bytes;
        assert_memory_equal(&cached.by_log[log], &read.by_log[log], sizeof *read.by_log);
    }
    assert_int_equal(cached.left_out, read.left_out);
    gathered_clear(&cached);
    gathered_clear(&read);
    return bytes;
}

/* Writes the log file, as one that was last written at this time. */
static void write_log(const struct bench *bench, const char *name, const char *content, const char *modified)
{
    file_write_text(in_logs(bench, name), content);
    file_set_age(in_logs(bench, name), moment_of(modified).seconds);
}

static void append_log(const struct bench *bench, const char *name, const char *content, const char *modified)
{
    FILE *file = fopen(in_logs(bench, name), "a");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    file_set_age(in_logs(bench, name), moment_of(modified).seconds);
}

#define OLD   "2026-11-19T12:00"
#define TODAY "2026-11-21T12:00"

static void only_what_is_new_is_read(void **state)
{
    static const char line[] = POP3("192.0.2.1", DAY);
    struct bench *bench = *state;
    const struct gather_request request = caching(bench, range);
    clock_ahead = CLOCK_LATER;
    add_log(bench, "pop3", NULL, NULL);
    write_log(bench, "pop3-202611190000", POP3("192.0.2.1", DAY) POP3("192.0.2.2", DAY) POP3("192.0.2.3", DAY), OLD);
    write_log(bench, "pop3-202611200000", POP3("192.0.2.4", DAY) "broken\n", OLD);
    write_log(bench, "pop3-202611210000", line, TODAY);
    assert_int_equal(gather_both(bench, &request), 5 * (sizeof line - 1) + strlen("broken\n"));
    for (int i = 0; i < 3; i++)
        assert_int_equal(gather_both(bench, &request), 0);
    append_log(bench, "pop3-202611210000", POP3("192.0.2.5", DAY) "unfinished", TODAY);
    /* And the line end before it. */
    assert_int_equal(gather_both(bench, &request), sizeof line - 1 + strlen("unfinished") + 1);
    assert_int_equal(gather_both(bench, &request), 0);
    append_log(bench, "pop3-202611210000", " but now\n" POP3("192.0.2.1", DAY), TODAY);
    assert_int_equal(gather_both(bench, &request), sizeof line - 1 + strlen("unfinished but now\n") + 1);
}

/* Old files are summed up once a day; today's, which goes on growing, isn't among them. */
static void what_is_new_today_leaves_the_sum_of_old_files_alone(void **state)
{
    struct bench *bench = *state;
    const struct gather_request request = caching(bench, range);
    clock_ahead = CLOCK_LATER;
    add_log(bench, "pop3", NULL, NULL);
    write_log(bench, "pop3-202611190000", POP3("192.0.2.1", DAY), OLD);
    write_log(bench, "pop3-202611200000", POP3("192.0.2.2", DAY), "2026-11-20T23:59:59");
    write_log(bench, "pop3-202611210000", POP3("192.0.2.3", DAY), "2026-11-21T00:00");
    (void)gather_both(bench, &request);
    const struct identity sum = identity_of(path_in(bench->cache, "balance"));
    assert_true(sum.inode != 0);
    for (int i = 0; i < 3; i++) {
        append_log(bench, "pop3-202611210000", POP3("192.0.2.4", DAY), TODAY);
        (void)gather_both(bench, &request);
        const struct identity now = identity_of(path_in(bench->cache, "balance"));
        assert_true(identity_equal(&now, &sum));
    }
}

static void a_file_that_was_written_just_now_is_read_again(void **state)
{
    static const char line[] = POP3("192.0.2.1", DAY);
    struct bench *bench = *state;
    const struct gather_request request = caching(bench, range);
    add_log(bench, "pop3", NULL, NULL);
    write_log(bench, "pop3-202611190000", line, OLD);
    write_log(bench, "pop3-202611210000", line, TODAY);
    for (int i = 0; i < 2; i++)
        assert_int_equal(gather_both(bench, &request), 2 * (sizeof line - 1));
    clock_ahead = CLOCK_LATER; /* the parts still say that the files were fresh when they were read */
    assert_int_equal(gather_both(bench, &request), 2 * (sizeof line - 1));
    assert_int_equal(gather_both(bench, &request), 0);
}

/* Whichever of the files that are summed up is changed or goes away, the others count. */
static void a_change_of_an_old_file_loses_no_other(void **state)
{
    static const char *const names[] = {"pop3-202611160000", "pop3-202611170000", "pop3-202611180000",
                                        "pop3-202611210000"};
    struct bench *bench = *state;
    struct gather_request request = caching(bench, range);
    clock_ahead = CLOCK_LATER;
    add_log(bench, "pop3", NULL, NULL);
    add_log(bench, "finger", LIST("finger-*"), NULL);
    for (size_t changed = 0; changed < COUNT_OF(names); changed++) {
        for (int how = 0; how < 4; how++) {
            for (size_t i = 0; i < COUNT_OF(names); i++) {
                char line[128];
                (void)snprintf(line, sizeof line, POP3("192.0.2.%zu", DAY), i);
                write_log(bench, names[i], line, i < 3 ? OLD : TODAY);
            }
            write_log(bench, "finger-202611160000", POP3("192.0.2.9", DAY), OLD);
            (void)gather_both(bench, &request);
            if (how == 0)
                append_log(bench, names[changed], POP3("192.0.2.8", DAY), "2026-11-19T13:00");
            else if (how == 1)
                write_log(bench, names[changed], POP3("192.0.2.7", DAY), "2026-11-19T13:00");
            else if (how == 2)
                assert_int_equal(unlink(in_logs(bench, names[changed])), 0);
            else
                bench->logs[1].enabled = false;
            (void)gather_both(bench, &request);
            bench->logs[1].enabled = true;
            (void)gather_both(bench, &request);
            request.range.last++;
            (void)gather_both(bench, &request);
            request.range.first++;
            (void)gather_both(bench, &request);
            request.range = range;
        }
    }
}

static void nothing_is_written_unless_it_is_to_be_kept(void **state)
{
    struct bench *bench = *state;
    struct gather_request request = caching(bench, range);
    clock_ahead = CLOCK_LATER;
    add_log(bench, "pop3", NULL, NULL);
    write_log(bench, "pop3-202611190000", POP3("192.0.2.1", DAY), OLD);
    write_log(bench, "pop3-202611210000", POP3("192.0.2.2", DAY), TODAY);
    request.keep = false;
    (void)gather_both(bench, &request);
    assert_false(file_exists(bench->cache));
    request.keep = true;
    (void)gather_both(bench, &request);
    assert_int_equal(directory_count(bench->cache), 3); /* two parts and the balance */
    request.keep = false;
    assert_int_equal(unlink(in(bench, "logs/pop3-202611190000")), 0);
    append_log(bench, "pop3-202611210000", POP3("192.0.2.3", DAY), TODAY);
    const uint64_t bytes = gather_both(bench, &request);
    assert_int_equal(directory_count(bench->cache), 3);
    assert_true(bytes > 0);
    assert_int_equal(gather_both(bench, &request), bytes); /* nothing was learnt */
    request.keep = true;
    (void)gather_both(bench, &request);
    assert_int_equal(directory_count(bench->cache), 2); /* the part of the file that is gone was swept away */
}

static void a_log_that_cannot_be_read_fails_whatever_the_cache_says(void **state)
{
    struct bench *bench = *state;
    const struct gather_request request = caching(bench, range);
    struct gathered gathered;
    clock_ahead = CLOCK_LATER;
    add_log(bench, "pop3", NULL, NULL);
    write_log(bench, "pop3-202611190000", POP3("192.0.2.1", DAY), OLD);
    write_log(bench, "pop3-202611210000", POP3("192.0.2.2", DAY), TODAY);
    (void)gather_both(bench, &request);
    assert_int_equal(unlink(in(bench, "logs/pop3-202611210000")), 0);
    assert_int_equal(symlink("pop3-202611210000", in(bench, "logs/pop3-202611210000")), 0);
    assert_int_equal(gather(&request, &bench->warnings, &gathered, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "logs/pop3-202611210000"));
}

static void a_long_file_that_grows_is_read_on_by_several_threads(void **state)
{
    struct bench *bench = *state;
    const struct gather_request request = caching(bench, range);
    clock_ahead = CLOCK_LATER;
    add_log(bench, "pop3", NULL, NULL);
    write_log(bench, "pop3-202611210000", POP3("192.0.2.1", DAY) "begun", TODAY);
    for (int threads = 4; threads > 0; threads -= 3) {
        struct buffer content = {0};
        bench->conf.threads = threads;
        (void)gather_both(bench, &request);
        (void)write_long_file(bench, "long");
        assert_true(file_read(in(bench, "long"), &content));
        buffer_add(&content, "", 1);
        append_log(bench, "pop3-202611210000", content.bytes, TODAY);
        assert_true(gather_both(bench, &request) > 0);
        assert_int_equal(gather_both(bench, &request), 0);
        buffer_clear(&content);
    }
}

/* --- any history -------------------------------------------------------------------------------------------------- */

enum { FILES = 6, STEPS = 400 };

/* Adds some lines, maybe an unfinished one at the end. */
static void add_random_lines(uint64_t *seed, struct buffer *content, size_t most)
{
    for (size_t i = random_below(seed, most); i > 0; i--) {
        char line[256];
        (void)snprintf(line, sizeof line, POP3("192.0.2.%zu", "2026-11-%02zu"), random_below(seed, 250),
                       12 + random_below(seed, 12));
        if (random_below(seed, 20) == 0)
            line[random_below(seed, 60)] = '\t';
        buffer_add_text(content, line);
    }
    if (random_below(seed, 4) == 0)
        buffer_add_text(content, "\"mx\"\t\"d\"");
}

/* One thing that may happen to a log file; its times tell. */
static void change_a_log(const struct bench *bench, uint64_t *seed)
{
    static time_t now;
    char name[32];
    char path[2 * SUPPORT_PATH_SIZE];
    struct buffer content = {0};
    (void)snprintf(name, sizeof name, "pop3-2026112100%02zu", random_below(seed, FILES));
    (void)snprintf(path, sizeof path, "%s", in_logs(bench, name));
    const size_t kind = random_below(seed, 8);
    const bool old = random_below(seed, 2);
    if (kind == 0) { /* deleted */
        (void)unlink(path);
        return;
    }
    if (kind > 3) { /* it grows */
        (void)file_read(path, &content);
    } else if (kind == 1) { /* cut */
        (void)file_read(path, &content);
        content.length -= content.length > 0 ? 1 + random_below(seed, content.length) : 0;
    } else if (kind == 2) { /* another one takes its name */
        (void)unlink(path);
    } /* 3: written anew */
    if (kind != 1)
        add_random_lines(seed, &content, random_below(seed, 6) ? 20 : 400);
    if (kind > 3) {
        FILE *file = fopen(path, "r+");
        if (file) {
            assert_int_equal(fwrite(content.bytes, 1, content.length, file), content.length);
            assert_int_equal(fclose(file), 0);
        } else {
            file_write(path, content.bytes, content.length);
        }
    } else {
        file_write(path, content.bytes, content.length);
    }
    file_set_age(path, moment_of(old ? "2026-11-18T00:00" : "2026-11-21T10:00").seconds + now++);
    buffer_clear(&content);
}

/* Something happens to one of the cache's files. */
static void harm_the_cache(const struct bench *bench, uint64_t *seed)
{
    DIR *directory = opendir(bench->cache);
    size_t chosen = random_below(seed, FILES + 1);
    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        struct buffer content = {0};
        const char *path = path_in(bench->cache, entry->d_name);
        if (entry->d_name[0] == '.' || chosen-- > 0 || !file_read(path, &content))
            continue;
        switch (random_below(seed, 4)) {
        case 0:
            (void)unlink(path);
            break;
        case 1:
            file_write(path, content.bytes, random_below(seed, content.length + 1));
            break;
        case 2:
            file_write(path, "", 0);
            break;
        default:
            if (content.length > 0)
                content.bytes[random_below(seed, content.length)] ^= (char)(1 << random_below(seed, 8));
            file_write(path, content.bytes, content.length);
            break;
        }
        buffer_clear(&content);
    }
    if (directory)
        (void)closedir(directory);
}

static void change_a_setting(struct bench *bench, uint64_t *seed)
{
    static const char *const patterns[] = {"^ELOGIN$", "LOGIN", "^$"};
    struct conf_log *log = &bench->logs[0];
    pattern_free(log->unauthorized);
    log->unauthorized = pattern_of(patterns[random_below(seed, COUNT_OF(patterns))]);
}

static void whatever_happened_the_cache_makes_no_difference(void **state)
{
    struct bench *bench = *state;
    uint64_t seed = 20261121;
    size_t spared = 0;
    clock_ahead = CLOCK_LATER;
    add_log(bench, "pop3", NULL, NULL);
    for (int step = 0; step < STEPS; step++) {
        struct gather_request request = caching(bench, range);
        for (size_t changes = random_below(&seed, 4); changes > 0; changes--)
            change_a_log(bench, &seed);
        if (random_below(&seed, 6) == 0)
            harm_the_cache(bench, &seed);
        if (random_below(&seed, 20) == 0)
            change_a_setting(bench, &seed);
        if (random_below(&seed, 10) == 0)
            request.range.first += 2;
        if (random_below(&seed, 10) == 0)
            request.range.last--;
        request.keep = random_below(&seed, 8) != 0;
        request.skip_by_age = random_below(&seed, 4) == 0;
        clock_ahead = random_below(&seed, 4) ? CLOCK_LATER : CLOCK_NOW;
        bench->conf.threads = 1 + (int)random_below(&seed, 3);
        spared += gather_both(bench, &request) == 0;
    }
    assert_true(spared > 20); /* there was something to be gained */
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(files_whose_names_fit_are_listed_by_log_and_name),
        TEST(no_file_is_no_error),
        TEST(a_file_that_is_reached_twice_for_one_format_is_read_once),
        TEST(files_are_the_same_if_device_and_inode_are),
        TEST(a_file_may_be_read_once_for_each_of_two_formats),
        TEST(several_directories_absolute_or_below_mail_root_are_read),
        TEST(what_fits_and_is_no_regular_file_is_warned_of),
        TEST(what_cannot_be_read_is_an_error_that_names_it),
        TEST(a_file_without_permission_is_an_error),
        TEST(files_last_written_more_than_a_day_before_the_range_may_be_skipped),
        TEST(the_name_of_a_file_says_nothing_of_the_days_in_it),
        TEST(counts_are_kept_by_log_and_in_all),
        TEST(limits_of_patterns_are_counted_by_log),
        TEST(any_number_of_threads_finds_the_same),
        TEST(progress_goes_up_to_the_total),
        TEST(a_file_that_vanishes_after_it_was_listed_is_no_error),
        TEST(a_file_that_turns_into_a_fifo_is_an_error_and_the_first_one_wins),
        TEST(a_log_whose_encoding_is_unknown_is_an_error),
        TEST(a_long_file_is_read_by_several_threads_as_by_one),
        TEST(very_many_hosts_in_one_file_are_each_counted),
        TEST(days_before_and_after_the_range_are_left_out),
        TEST(only_what_is_new_is_read),
        TEST(what_is_new_today_leaves_the_sum_of_old_files_alone),
        TEST(a_file_that_was_written_just_now_is_read_again),
        TEST(a_change_of_an_old_file_loses_no_other),
        TEST(nothing_is_written_unless_it_is_to_be_kept),
        TEST(a_log_that_cannot_be_read_fails_whatever_the_cache_says),
        TEST(a_long_file_that_grows_is_read_on_by_several_threads),
        TEST(whatever_happened_the_cache_makes_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
