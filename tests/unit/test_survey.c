/* SPDX-License-Identifier: MIT */
/* When accesses took place and with what status: what is counted where, and that it comes to what the evidence says. */
#include "support.h"

#include "gather.h"
#include "survey.h"

enum { MANY = 3 * SURVEY_STATUSES_MAX };

static const struct day_range range = {20261115, 20261121};

/* --- the parts ---------------------------------------------------------------------------------------------------- */

static void add(struct survey *survey, day_number day, unsigned second, const char *status)
{
    assert_true(survey_add(survey, 0, day, second, status, strlen(status)));
}

static void each_day_of_the_calendar_is_there_and_those_that_logs_have_besides(void **state)
{
    static const day_number days[] = {20240227, 20240228, 20240229, 20240230, 20240301, 20240302};
    static const uint64_t accesses[] = {0, 1, 2, 1, 0, 1};
    struct survey survey;
    (void)state;
    assert_true(survey_begin(&survey, (struct day_range){20240227, 20240302}, 1));
    assert_int_equal(survey.day_count, COUNT_OF(days) - 1);
    add(&survey, 20240302, 0, "a");
    add(&survey, 20240229, 0, "a");
    add(&survey, 20240230, 0, "a");
    add(&survey, 20240229, 0, "a");
    add(&survey, 20240228, 0, "a");
    survey_end(&survey);
    assert_int_equal(survey.day_count, COUNT_OF(days));
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        assert_int_equal(survey.days[i].day, days[i]);
        assert_int_equal(survey.days[i].accesses, accesses[i]);
    }
    survey_clear(&survey);
}

static void the_range_may_end_with_a_year(void **state)
{
    struct survey survey;
    (void)state;
    assert_true(survey_begin(&survey, (struct day_range){20261230, 20270102}, 1));
    assert_int_equal(survey.day_count, 4);
    assert_int_equal(survey.days[1].day, 20261231);
    assert_int_equal(survey.days[2].day, 20270101);
    survey_clear(&survey);
}

static void hours_are_counted_and_what_has_none_is_told(void **state)
{
    struct survey survey;
    (void)state;
    assert_true(survey_begin(&survey, range, 1));
    add(&survey, 20261115, 0, "a");
    add(&survey, 20261116, 3599, "a");
    add(&survey, 20261115, 3600, "a");
    add(&survey, 20261115, 86399, "a");
    add(&survey, 20261115, RECORD_NO_SECOND, "a");
    assert_int_equal(survey.hours[0], 2);
    assert_int_equal(survey.hours[1], 1);
    assert_int_equal(survey.hours[23], 1);
    assert_int_equal(survey.hourless, 1);
    assert_int_equal(survey.accesses, 5);
    survey_clear(&survey);
}

static void the_most_frequent_status_is_the_first(void **state)
{
    static const struct {
        const char *text;
        uint64_t accesses;
    } expected[] = {{"c", 3}, {"a", 2}, {"b?d", 2}, {"", 1}};
    struct survey survey;
    (void)state;
    assert_true(survey_begin(&survey, range, 1));
    for (int i = 0; i < 3; i++)
        add(&survey, 20261115, 0, "c");
    for (int i = 0; i < 2; i++) {
        assert_true(survey_add(&survey, 0, 20261115, 0, BYTES("b\0d")));
        add(&survey, 20261115, 0, "a");
    }
    add(&survey, 20261115, 0, "");
    survey_end(&survey);
    assert_int_equal(survey.status_count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_string_equal(survey.statuses[i].text, expected[i].text);
        assert_int_equal(survey.statuses[i].accesses, expected[i].accesses);
    }
    assert_int_equal(survey.other_statuses, 0);
    survey_clear(&survey);
}

/* However many an attacker makes up, before and behind the real ones. */
static void made_up_statuses_take_no_room_from_real_ones(void **state)
{
    struct survey survey;
    char text[2 * SURVEY_STATUS_LENGTH_MAX];
    uint64_t sum = 0;
    (void)state;
    assert_true(survey_begin(&survey, range, 1));
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(text, sizeof text, "RCPT=ERELAY%d", i);
        add(&survey, 20261115, 0, text);
        add(&survey, 20261115, 0, i % 2 ? "VRFY=EACCESS" : "AUTH=EFAIL");
        assert_in_range(survey.status_count, 1, SURVEY_STATUSES_MAX);
    }
    memset(text, 'x', sizeof text);
    assert_true(survey_add(&survey, 0, 20261115, 0, text, sizeof text));
    survey_end(&survey);
    assert_string_equal(survey.statuses[0].text, "AUTH=EFAIL");
    assert_string_equal(survey.statuses[1].text, "VRFY=EACCESS");
    assert_int_equal(survey.statuses[0].accesses, MANY / 2);
    assert_int_equal(survey.statuses[1].accesses, MANY / 2);
    for (size_t i = 0; i < survey.status_count; i++) {
        sum += survey.statuses[i].accesses;
        assert_in_range(strlen(survey.statuses[i].text), 1, SURVEY_STATUS_LENGTH_MAX);
    }
    assert_int_equal(sum + survey.other_statuses, survey.accesses);
    survey_clear(&survey);
}

/* --- beside the evidence ------------------------------------------------------------------------------------------ */

struct bench {
    char directory[SUPPORT_PATH_SIZE];
    struct conf conf;
    struct conf_log logs[3];
};

/* A record as XMail writes it, or one with which something is wrong. */
static void add_record(uint64_t *seed, size_t log, struct buffer *lines)
{
    static const char *const smtp[] = {"RCPT=EAVAIL", "AUTH=EFAIL:TYPE=LOGIN", "RCPT=OK", "SNDRIP=EIPSPAM",
                                       "SMTP=EERRS"};
    static const char *const pop3[] = {"ELOGIN", "ELOGIN", "ELOGIN", "x", ""};
    static const char *const odd[] = {"x\"\t\"RCPT=ERELAY", "\x80\xff", "a", "", "b\"\t\"ELOGIN"};
    const char *status = (log == 1 ? pop3 : smtp)[random_below(seed, 5)];
    char time[64];
    (void)snprintf(time, sizeof time, "2026-%02zu-%02zu %02zu:%02zu:00", 11 + random_below(seed, 8) / 7,
                   12 + random_below(seed, 12), random_below(seed, 26), random_below(seed, 61));
    if (log == 2)
        buffer_add_format(lines, "\"%s\"\t\"%s\"\t\"f\"\t\"t\"\t\"by [192.0.2.%zu]\"\n", time,
                          random_below(seed, 2) ? "\xbc\xf5\xbf\xae\xb5\xf1\xc8\xdd" : "other", random_below(seed, 9));
    else
        buffer_add_format(lines, "\"s\"\t\"d\"\t\"192.0.2.%zu\"\t\"%s\"\t\"pc\"\t\"%s\"%s\"%s\"%s\n",
                          random_below(seed, 300), time, random_below(seed, 9) ? "" : odd[random_below(seed, 5)],
                          log == 1 ? "\t" : "\t\"a@b\"\t\"c@d\"\t\"S1\"\t", status,
                          log == 1 ? "" : "\t\"\"\t\"0\"\t\"\"");
}

static void write_logs(struct bench *bench, uint64_t *seed)
{
    static const char *const names[] = {"smtp-20261120000", "pop3-20261120000", "filter-log"};
    for (size_t log = 0; log < COUNT_OF(names); log++)
        for (size_t file = 0; file < 3; file++) {
            struct buffer lines = {0};
            char path[2 * SUPPORT_PATH_SIZE];
            for (size_t i = random_below(seed, 200); i > 0; i--)
                add_record(seed, log, &lines);
            (void)snprintf(path, sizeof path, "%s/%s%zu", bench->directory, names[log], file);
            file_write(path, lines.bytes ? lines.bytes : "", lines.length);
            buffer_clear(&lines);
        }
}

static void bench_set(struct bench *bench)
{
    static const struct log_wish wishes[] = {
        {.format = "smtp"}, {.format = "pop3"}, {.format = "xmailcfg-filter", .encoding = "EUC-JP"}};
    *bench = (struct bench){.directory = ""};
    directory_make(bench->directory);
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        bench->logs[i] = log_from(wishes[i]);
        free(bench->logs[i].directories[0]);
        bench->logs[i].directories[0] = strdup(bench->directory);
    }
    bench->conf = (struct conf){.logs = bench->logs, .log_count = COUNT_OF(wishes), .threads = 1};
}

static void bench_clear(struct bench *bench)
{
    for (size_t i = 0; i < COUNT_OF(bench->logs); i++)
        log_drop(&bench->logs[i]);
    directory_drop(bench->directory);
}

/* The sums of both, each by log and, as far as evidence knows them, by day. */
static void compare(const struct survey *survey, const struct evidence *evidence)
{
    size_t count;
    const struct evidence_host *hosts = evidence_hosts(evidence, &count);
    uint64_t all = 0;
    uint64_t times = survey->hourless;
    uint64_t days = 0;
    uint64_t statuses = survey->other_statuses;
    day_number first = 99991231;
    day_number last = 0;
    for (size_t log = 0; log < survey->log_count; log++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += evidence_count_in_log(evidence, &hosts[i], log);
        assert_int_equal(survey->by_log[log], sum);
        all += sum;
    }
    assert_int_equal(survey->accesses, all);
    for (size_t i = 0; i < count; i++) {
        if (hosts[i].first_day > 0 && hosts[i].first_day < first)
            first = hosts[i].first_day;
        last = hosts[i].last_day > last ? hosts[i].last_day : last;
    }
    for (size_t i = 0; i < survey->day_count; i++) {
        days += survey->days[i].accesses;
        assert_true(survey->days[i].accesses == 0 || (survey->days[i].day >= first && survey->days[i].day <= last));
    }
    for (size_t i = 0; i < SURVEY_HOURS; i++)
        times += survey->hours[i];
    for (size_t i = 0; i < survey->status_count; i++)
        statuses += survey->statuses[i].accesses;
    assert_int_equal(days, all);
    assert_int_equal(times, all);
    assert_int_equal(statuses, all);
}

/* Evidence and survey of so many days up to the end of the range. Returns the evidence's accesses. */
static uint64_t try_days(struct bench *bench, const struct logfiles *files, unsigned long days, struct survey *survey)
{
    struct messages warnings = {0};
    struct gathered gathered;
    struct error error;
    const struct gather_request wanted = {.conf = &bench->conf, .range = day_range_until(range.last, days)};
    const struct chronicle_request request = {
        .logs = bench->conf.logs, .log_count = bench->conf.log_count, .files = files, .range = wanted.range};
    uint64_t accesses = 0;
    size_t count;
    if (gather(&wanted, &warnings, &gathered, &error) < 0 || survey_make(&request, survey, &error) < 0)
        fail_msg("%s", error.text);
    compare(survey, gathered.evidence);
    const struct evidence_host *hosts = evidence_hosts(gathered.evidence, &count);
    for (size_t i = 0; i < count; i++)
        accesses += hosts[i].unauthorized;
    gathered_clear(&gathered);
    messages_clear(&warnings);
    return accesses;
}

static void its_sums_are_those_of_the_evidence_by_day_and_by_log(void **state)
{
    uint64_t seed = 2026;
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct bench bench;
        struct messages warnings = {0};
        struct logfiles files;
        struct error error;
        uint64_t before = 0;
        bench_set(&bench);
        print_message("# seed %llu\n", (unsigned long long)seed);
        write_logs(&bench, &seed);
        assert_int_equal(logfiles_list(bench.conf.logs, bench.conf.log_count, true, &warnings, &files, &error), 1);
        assert_int_equal(files.count, 9);
        for (unsigned long days = 1; days <= 7; days++) { /* the first of them has what those behind it haven't */
            struct survey survey;
            const uint64_t accesses = try_days(&bench, &files, days, &survey);
            assert_int_equal(survey.days[0].accesses, accesses - before);
            survey_clear(&survey);
            before = accesses;
        }
        assert_true(before > 0);
        logfiles_clear(&files);
        messages_clear(&warnings);
        bench_clear(&bench);
    }
}

/* Surveys these bytes as the one file of the bench's log, which has one status. Returns that. */
static const char *status_in(const struct bench *bench, size_t log, const char *name, const char *bytes, size_t length)
{
    static char status[SURVEY_STATUS_LENGTH_MAX + 1];
    struct messages warnings = {0};
    struct logfiles files;
    struct survey survey;
    struct error error;
    file_write(path_in(bench->directory, name), bytes, length);
    assert_int_equal(logfiles_list(&bench->logs[log], 1, true, &warnings, &files, &error), 1);
    const struct chronicle_request request = {
        .logs = &bench->logs[log], .log_count = 1, .files = &files, .range = range};
    assert_int_equal(survey_make(&request, &survey, &error), 1);
    assert_int_equal(survey.accesses, 1);
    assert_int_equal(survey.status_count, 1);
    (void)snprintf(status, sizeof status, "%s", survey.statuses[0].text);
    survey_clear(&survey);
    logfiles_clear(&files);
    messages_clear(&warnings);
    return status;
}

/* Status, as people read it, of a log in another encoding. */
static void statuses_are_told_in_utf8(void **state)
{
    struct bench bench;
    (void)state;
    bench_set(&bench);
    assert_string_equal(
        status_in(
            &bench, 2, "filter-log",
            BYTES("\"2026-11-20 01:02:03\"\t\"\xbc\xf5\xbf\xae\xb5\xf1\xc8\xdd\"\t\"f\"\t\"t\"\t\"192.0.2.1\"\n")),
        "受信拒否");
    bench_clear(&bench);
}

/* What is in another encoding is cut before it is converted. */
static void a_long_status_is_cut(void **state)
{
    struct bench bench;
    struct buffer record = {0};
    (void)state;
    bench_set(&bench);
    buffer_add_text(&record, "\"2026-11-20 01:02:03\"\t\"");
    for (int i = 0; i < SURVEY_STATUS_LENGTH_MAX; i++)
        buffer_add_text(&record, "\xbc\xf5\xbf\xae\xb5\xf1\xc8\xdd");
    buffer_add_text(&record, "\"\t\"f\"\t\"t\"\t\"192.0.2.1\"\n");
    assert_false(record.failed);
    const char *status = status_in(&bench, 2, "filter-log", record.bytes, record.length);
    assert_int_equal(strlen(status), SURVEY_STATUS_LENGTH_MAX);
    for (size_t i = 0; i < SURVEY_STATUS_LENGTH_MAX; i += strlen("受信拒否"))
        assert_memory_equal(status + i, "受信拒否", strlen("受信拒否"));
    buffer_clear(&record);
    bench_clear(&bench);
}

/* A client has stretched the record, and the pattern takes what may be its password for the status. */
static void what_may_be_a_password_is_no_status(void **state)
{
    struct bench bench;
    (void)state;
    bench_set(&bench);
    pattern_free(bench.logs[1].unauthorized);
    bench.logs[1].unauthorized = pattern_of("secret");
    assert_string_equal(
        status_in(&bench, 1, "pop3-202611200000",
                  BYTES("\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 01:02:03\"\t\"u\"\t\"x\"\t\"secret\"\n")),
        "");
    bench_clear(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_day_of_the_calendar_is_there_and_those_that_logs_have_besides),
        cmocka_unit_test(the_range_may_end_with_a_year),
        cmocka_unit_test(hours_are_counted_and_what_has_none_is_told),
        cmocka_unit_test(the_most_frequent_status_is_the_first),
        cmocka_unit_test(made_up_statuses_take_no_room_from_real_ones),
        cmocka_unit_test(its_sums_are_those_of_the_evidence_by_day_and_by_log),
        cmocka_unit_test(statuses_are_told_in_utf8),
        cmocka_unit_test(a_long_status_is_cut),
        cmocka_unit_test(what_may_be_a_password_is_no_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
