/* SPDX-License-Identifier: MIT */
/* What the logs say of one host: counted by day and log, in whatever order it comes, and the newest records of it. */
#include "support_logs.h"

#include "dossier.h"

enum { ALL = 1000 };

#define HOST "192.0.2.1"

static int set_up(void **state)
{
    struct bench *bench = bench_new();
    (void)add_log(bench, "smtp", NULL, NULL);
    (void)add_log(bench, "pop3", NULL, NULL);
    *state = bench;
    return 0;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void add_smtp(struct buffer *log, const char *host, int day, const char *status)
{
    buffer_add_format(log,
                      "\"s\"\t\"d\"\t\"%s\"\t\"2026-11-%02d 10:00:00\"\t\"pc\"\t\"d\"\t\"a@b\"\t\"c@d\"\t\"S1\"\t\"%s"
                      "\"\t\"\"\t\"0\"\t\"\"\n",
                      host, day, status);
}

/* The number tells records apart. */
static void add_pop3(struct buffer *log, const char *host, int day, const char *status, size_t number)
{
    buffer_add_format(log, "\"s\"\t\"d\"\t\"%s\"\t\"2026-11-%02d 10:00:00\"\t\"u%zu\"\t\"\"\t\"%s\"%s\n", host, day,
                      number, status, strcmp(status, "LOGIN") == 0 ? "\t\"1\"\t\"2\"" : "");
}

/* Writes it as the log of this name. */
static void put(const struct bench *bench, const char *name, struct buffer *log)
{
    assert_false(log->failed);
    file_write(in(bench, name), log->bytes, log->length);
    buffer_clear(log);
}

static int read_host(struct bench *bench, const char *host, size_t records_max, struct dossier *dossier)
{
    struct logfiles files = {0};
    assert_int_equal(logfiles_list(bench->logs, bench->conf.log_count, true, &bench->warnings, &files, &bench->error),
                     1);
    const struct chronicle_request request = {
        .logs = bench->logs, .log_count = bench->conf.log_count, .files = &files, .range = bench->request.range};
    const int result = dossier_read(&request, host_of(host), records_max, dossier, &bench->error);
    logfiles_clear(&files);
    return result;
}

static void assert_day(const struct dossier_day *day, day_number when, size_t log, struct counts counts)
{
    assert_int_equal(day->day, when);
    assert_int_equal(day->log, log);
    assert_int_equal(day->counts.unauthorized, counts.unauthorized);
    assert_int_equal(day->counts.refused, counts.refused);
    assert_int_equal(day->counts.logins, counts.logins);
}

static void assert_empty(const struct dossier *dossier)
{
    assert_null(dossier->days);
    assert_null(dossier->records);
    assert_int_equal(dossier->day_count + dossier->record_count, 0);
    assert_int_equal(dossier->records_left_out, 0);
}

/* --- what is counted ---------------------------------------------------------------------------------------------- */

static void what_is_no_access_of_the_host_in_the_range_is_left_out(void **state)
{
    struct bench *bench = *state;
    struct buffer smtp = {0};
    struct buffer pop3 = {0};
    struct dossier dossier;
    add_smtp(&smtp, HOST, 14, "AUTH=EFAIL"); /* before */
    add_smtp(&smtp, HOST, 22, "AUTH=EFAIL"); /* after */
    add_smtp(&smtp, "192.0.2.10", 20, "AUTH=EFAIL");
    add_smtp(&smtp, "::192.0.2.1", 20, "AUTH=EFAIL");
    add_smtp(&smtp, HOST, 20, "RCPT=EDNS"); /* neither */
    add_smtp(&smtp, "no address", 20, "AUTH=EFAIL");
    buffer_add_text(&smtp, HOST "\n\n\t\t\t\n");
    add_pop3(&pop3, "192.0.2.2", 20, "ELOGIN", 0);
    buffer_add_text(&pop3, "\"s\"\t\"d\"\t\"" HOST "\"\t\"2026-11-20 10:00:00\"\t\"u\"\t\"\"\t\"ELOGIN\""); /* no LF */
    put(bench, "logs/smtp-202611200000", &smtp);
    put(bench, "logs/pop3-202611200000", &pop3);
    assert_int_equal(read_host(bench, HOST, ALL, &dossier), 1);
    assert_empty(&dossier);
    dossier_clear(&dossier);
}

static void unauthorised_and_refused_accesses_are_kept_and_logins_counted(void **state)
{
    struct bench *bench = *state;
    struct buffer smtp = {0};
    struct buffer pop3 = {0};
    struct dossier dossier;
    add_smtp(&smtp, "::ffff:" HOST, 20, "AUTH=EFAIL"); /* the same host */
    add_smtp(&smtp, HOST, 20, "SNDRIP=EIPBAN");
    add_pop3(&pop3, HOST, 20, "LOGIN", 0);
    add_pop3(&pop3, HOST, 20, "LOGIN", 1);
    put(bench, "logs/smtp-202611200000", &smtp);
    put(bench, "logs/pop3-202611200000", &pop3);
    assert_int_equal(read_host(bench, HOST, ALL, &dossier), 1);
    assert_int_equal(dossier.day_count, 2);
    assert_day(&dossier.days[0], 20261120, 0, (struct counts){.unauthorized = 1, .refused = 1});
    assert_day(&dossier.days[1], 20261120, 1, (struct counts){.logins = 2});
    assert_int_equal(dossier.record_count, 2);
    assert_int_equal(dossier.records[0].verdict, VERDICT_UNAUTHORIZED);
    assert_int_equal(dossier.records[1].verdict, VERDICT_REFUSED);
    dossier_clear(&dossier);
    assert_empty(&dossier);
    dossier_clear(&dossier);
}

static void a_record_is_kept_as_it_stands_in_the_log(void **state)
{
    static const char line[] = "s\td\t" HOST "\t2026-11-20 10:00:00\t\0\x1b[2J\t\t\tELOGIN\t\xff\"\r";
    struct bench *bench = *state;
    struct buffer pop3 = {0};
    struct dossier dossier;
    buffer_add(&pop3, BYTES(line));
    buffer_add_text(&pop3, "\r\n");
    put(bench, "logs/pop3-202611200000", &pop3);
    assert_int_equal(read_host(bench, HOST, ALL, &dossier), 1);
    assert_int_equal(dossier.record_count, 1);
    assert_int_equal(dossier.records[0].log, 1);
    assert_int_equal(dossier.records[0].length, sizeof line - 1);
    assert_memory_equal(dossier.records[0].line, line, sizeof line); /* and a NUL */
    dossier_clear(&dossier);
}

/* --- order -------------------------------------------------------------------------------------------------------- */

enum { DAYS = 9, FIRST_DAY = 14, LOGS = 2 };

struct model {
    struct counts counts[DAYS][LOGS];
    size_t records;
};

/* Adds a record of a day that is before, in or after the range, and counts it. */
static void add_any(uint64_t *seed, struct buffer logs[LOGS], struct model *model)
{
    const size_t log = random_below(seed, LOGS);
    const size_t day = random_below(seed, DAYS);
    const bool is_ours = random_below(seed, 4) > 0;
    const bool good = random_below(seed, 3) == 0;
    const char *host = is_ours ? HOST : "192.0.2.3";
    if (log == 0)
        add_smtp(&logs[log], host, FIRST_DAY + (int)day, good ? "SNDRIP=EIPMAP" : "AUTH=EFAIL");
    else
        add_pop3(&logs[log], host, FIRST_DAY + (int)day, good ? "LOGIN" : "ELOGIN", 0);
    if (!is_ours || day == 0 || day == DAYS - 1)
        return;
    struct counts *counts = &model->counts[day][log];
    counts->unauthorized += !good;
    counts->refused += good && log == 0;
    counts->logins += good && log == 1;
    model->records += !good || log == 0;
}

static void assert_model(const struct dossier *dossier, const struct model *model)
{
    size_t at = 0;
    for (size_t day = 0; day < DAYS; day++)
        for (size_t log = 0; log < LOGS; log++) {
            const struct counts counts = model->counts[day][log];
            if (counts.unauthorized + counts.refused + counts.logins == 0)
                continue;
            assert_true(at < dossier->day_count);
            assert_day(&dossier->days[at++], (day_number)(20261100 + FIRST_DAY + day), log, counts);
        }
    assert_int_equal(dossier->day_count, at);
    assert_int_equal(dossier->record_count, model->records);
}

static void days_and_logs_are_told_in_order_however_the_records_come(void **state)
{
    struct bench *bench = *state;
    uint64_t seed = 20261120;
    for (size_t round = 0; round < 60; round++) {
        struct model model = {0};
        struct dossier dossier;
        for (size_t file = 0; file < 3; file++) {
            struct buffer logs[LOGS] = {0};
            char name[64];
            for (size_t records = random_below(&seed, 24); records > 0; records--)
                add_any(&seed, logs, &model);
            for (size_t log = 0; log < LOGS; log++) {
                (void)snprintf(name, sizeof name, "logs/%s-20261120000%zu", log == 0 ? "smtp" : "pop3", file);
                put(bench, name, &logs[log]);
            }
        }
        assert_int_equal(read_host(bench, HOST, ALL, &dossier), 1);
        assert_model(&dossier, &model);
        dossier_clear(&dossier);
    }
}

/* --- the newest records ------------------------------------------------------------------------------------------- */

/* The number that add_pop3 has written. */
static size_t number_of(const struct dossier_record *record)
{
    const char *user = strstr(record->line, "\"u");
    assert_non_null(user);
    return strtoul(user + 2, NULL, 10);
}

static void the_newest_records_are_kept_oldest_first(void **state)
{
    struct bench *bench = *state;
    for (size_t count = 0; count <= 12; count++) {
        struct buffer pop3 = {0};
        for (size_t i = 0; i < count; i++)
            add_pop3(&pop3, HOST, 15 + (int)i / 2, "ELOGIN", i);
        put(bench, "logs/pop3-202611150000", &pop3);
        for (size_t records_max = 1; records_max <= 13; records_max++) {
            const size_t left_out = count > records_max ? count - records_max : 0;
            struct dossier dossier;
            assert_int_equal(read_host(bench, HOST, records_max, &dossier), 1);
            assert_int_equal(dossier.record_count, count - left_out);
            assert_int_equal(dossier.records_left_out, left_out);
            for (size_t i = 0; i < dossier.record_count; i++)
                assert_int_equal(number_of(&dossier.records[i]), left_out + i);
            assert_int_equal(dossier.day_count, (count + 1) / 2); /* all are counted */
            dossier_clear(&dossier);
        }
    }
}

/* --- faults ------------------------------------------------------------------------------------------------------- */

static void a_log_that_cannot_be_read_is_told_of_and_nothing_is_left(void **state)
{
    struct bench *bench = *state;
    struct logfiles files = {0};
    struct buffer pop3 = {0};
    struct dossier dossier;
    add_pop3(&pop3, HOST, 20, "ELOGIN", 0);
    put(bench, "logs/pop3-202611200000", &pop3);
    assert_int_equal(logfiles_list(bench->logs, LOGS, true, &bench->warnings, &files, &bench->error), 1);
    assert_int_equal(unlink(in(bench, "logs/pop3-202611200000")), 0);
    assert_int_equal(symlink("pop3-202611200000", in(bench, "logs/pop3-202611200000")), 0);
    const struct chronicle_request request = {
        .logs = bench->logs, .log_count = LOGS, .files = &files, .range = bench->request.range};
    assert_int_equal(dossier_read(&request, host_of(HOST), ALL, &dossier, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "logs/pop3-202611200000: "));
    assert_empty(&dossier);
    logfiles_clear(&files);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_access_of_the_host_in_the_range_is_left_out),
        TEST(unauthorised_and_refused_accesses_are_kept_and_logins_counted),
        TEST(a_record_is_kept_as_it_stands_in_the_log),
        TEST(days_and_logs_are_told_in_order_however_the_records_come),
        TEST(the_newest_records_are_kept_oldest_first),
        TEST(a_log_that_cannot_be_read_is_told_of_and_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
