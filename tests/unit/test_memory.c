/* SPDX-License-Identifier: MIT */
/*
 * Whatever single allocation fails, and whichever one is the last that succeeds: what was to be done is done whole, or
 * an error says that it isn't, nothing leaks, and what is on the disk stays or is new. The fault injection does so for
 * the whole program, with few hosts and a short configuration; here each part has much to do, by many ways.
 *
 * This is linked with --wrap for each of the allocating functions, so that the library's calls of them come by here.
 */
#include "support_clock.h"

#include "byhand.h"
#include "diagnosis.h"
#include "dossier.h"
#include "export.h"
#include "gather.h"
#include "history.h"
#include "logrow.h"
#include "rebuild.h"
#include "refused.h"
#include "registration.h"
#include "survey.h"

#include <sys/mman.h>

enum { SINGLE, FROM_THEN_ON };

/* Thousands of forks: each copies the tables of what the sanitizer keeps back of freed memory, by default 256 MB. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=1";
}

/* --- allocations that fail ---------------------------------------------------------------------------------------- */

struct plan {
    long at;    /* which one fails, from 1 */
    int way;    /* it alone, or all from it on */
    long met;   /* how many there were */
    bool begun; /* they count */
};

static struct plan *plan; /* shared with the process that reads the logs */

/* For tests/coverage/count.c: while it is true, what allocates is not the library. */
static bool paused;
void faults_pause(bool pause);
void faults_pause(bool pause)
{
    paused = pause;
}

static bool is_refused(void)
{
    if (paused || !plan || !plan->begun)
        return false;
    plan->met++;
    if (plan->met != plan->at && (plan->way == SINGLE || plan->met < plan->at))
        return false;
    errno = ENOMEM;
    return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return is_refused() ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __real_calloc(count, size);
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
    return is_refused() ? NULL : __real_realloc(old, size);
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
    return is_refused() ? NULL : __real_strdup(text);
}

char *__real_strndup(const char *text, size_t length);
char *__wrap_strndup(const char *text, size_t length);
char *__wrap_strndup(const char *text, size_t length)
{
    return is_refused() ? NULL : __real_strndup(text, length);
}

/* --- a MailRoot --------------------------------------------------------------------------------------------------- */

#define LIST  "spammers.tab"
#define TABLE "filters.post-rcpt.tab"
#define OLD                                                                                                            \
    "# by hand\n\"10.0.0.0\"\t\"255.255.255.0\"\t\"permanent=1,code=1\"\n\"198.51.100.0\"\t\"255.0.255.0\"\n"          \
    "\"2001:db8:9::/48\"\n\"203.0.113.9\"\t\"255.255.255.255\"\t\"code=0\"\n\"203.0.113.5\"\n\"256.0.0.1\"\n"

struct bench {
    char mail_root[SUPPORT_PATH_SIZE];
    struct zone_kept zone;
    struct moment now;
    struct conf *conf;
    struct registration_call call;
    bool dry_run;
    bool keeps_cache;         /* from one rebuild to the next */
    const char *exported;     /* the list */
    byhand_function *by_hand; /* the command that is asked for */
    struct network network;   /* and for which one */
    bool undo;
    struct buffer expected; /* what the rebuild comes to without faults */
    size_t expected_count;  /* of hosts that are skipped, or of findings */
    struct error error;
};

static const char *in(const struct bench *bench, const char *name)
{
    return path_in(bench->mail_root, name);
}

static void write_old(const struct bench *bench, const char *name, const char *text)
{
    file_write_text(in(bench, name), text);
    file_set_age(in(bench, name), 1000 * 1000 * 1000);
}

static void add_record(struct buffer *log, const char *address, int day, const char *status, int count)
{
    while (count-- > 0)
        buffer_add_format(
            log,
            "\"s\"\t\"d\"\t\"%s\"\t\"2026-11-%02d 10:00:00\"\t\"pc\"\t\"d\"\t\"a@b\"\t\"c@d\"\t\"S1\"\t\"%s"
            "\"\t\"\"\t\"0\"\t\"\"\n",
            address, day, status);
}

/* Hosts of both families on several days, in one network and in many, refused ones, and statuses of no ASCII. */
static void write_logs(const struct bench *bench)
{
    for (int day = 18; day <= 21; day++) {
        struct buffer log = {0};
        char name[64];
        char address[ADDRESS_TEXT_SIZE];
        for (int host = 0; host < 40; host++) {
            (void)snprintf(address, sizeof address, "%d.51.100.%d", 100 + (host * 7 + day) % 11, 250 - host);
            add_record(&log, address, day, host % 5 ? "AUTH=EFAIL:TYPE=LOGIN" : "SNDRIP=EIPBAN", host % 4 + 1);
            (void)snprintf(address, sizeof address, "2001:db8:%x::%x", host * 5 % 13, host % 3 + 1);
            add_record(&log, address, day, "RCPT=ERELAY", host % 3 + 1);
        }
        add_record(&log, "203.0.113.77", day, "\xbc\xf5\xbf\xae", 5);
        add_record(&log, "no address", day, "RCPT=ERELAY", 1);
        (void)snprintf(name, sizeof name, "logs/smtp-202611%02d0000", day);
        assert_false(log.failed);
        file_write(in(bench, name), log.bytes, log.length);
        buffer_clear(&log);
    }
}

static const char *const places[] = {"logs", "filters", "filters/xmail-spammers"};
static const char configuration[] = "filters/xmail-spammers/xmail-spammers.conf";
static const char program[] = "filters/xmail-spammers/xmail-spammers";

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    directory_make(bench->mail_root);
    for (size_t i = 0; i < COUNT_OF(places); i++)
        assert_int_equal(mkdir(in(bench, places[i]), 0755), 0);
    bench->zone = zone_set("UTC0");
    bench->now = moment_of("2026-11-21T17:00");
    file_write_text(in(bench, configuration), "@include \"other \\\"conf\\\"\"\n");
    file_write_text(in(bench, program), "");
    bench->call = (struct registration_call){strdup(in(bench, program)), strdup(in(bench, configuration))};
    write_logs(bench);
    write_old(bench, LIST, OLD);
    write_old(bench, TABLE, "\"/bin/true\"\n");
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    conf_free(bench->conf);
    buffer_clear(&bench->expected);
    free((char *)(uintptr_t)bench->call.program);
    free((char *)(uintptr_t)bench->call.configuration);
    directory_drop(bench->mail_root);
    zone_restore(&bench->zone);
    free(bench);
    return 0;
}

/* Its place tells where MailRoot is. */
static struct conf *read_conf(const struct bench *bench, struct messages *problems)
{
    return conf_read(bench->call.configuration, NULL, NULL, NULL, problems);
}

/* The settings are in the file that is included. */
static void configure(struct bench *bench, const char *text)
{
    struct messages problems = {0};
    file_write_text(in(bench, "filters/xmail-spammers/other \"conf\""), text);
    conf_free(bench->conf);
    bench->conf = read_conf(bench, &problems);
    if (!bench->conf)
        fail_msg("%s", problems.count > 0 ? problems.texts[0] : "?");
}

/* --- the trials --------------------------------------------------------------------------------------------------- */

/* Between these two allocations may fail. */
static void begin(void)
{
    plan->met = 0;
    plan->begun = true;
}

static void end(void)
{
    plan->begun = false;
}

static void fail_none(void)
{
    plan->at = 0;
    plan->way = SINGLE;
}

/* Lets each allocation fail that the call makes. It returns whether all was done; if not, the error tells of memory. */
static void try_all(struct bench *bench, bool (*call)(struct bench *bench))
{
    long tried = 0;
    for (plan->way = SINGLE; plan->way <= FROM_THEN_ON; plan->way++)
        for (plan->at = 1;; plan->at++, tried++) {
            bench->error.text[0] = '\0';
            const bool done = call(bench);
            if (done && plan->met < plan->at)
                break;
            if (plan->met < plan->at)
                fail_msg("without a fault: %s", bench->error.text);
            if (!done && !strstr(bench->error.text, "memory") && !strstr(bench->error.text, strerror(ENOMEM)))
                fail_msg("allocation %ld: the error is \"%s\"", plan->at, bench->error.text);
        }
    print_message("# %ld allocations failed\n", tried);
    assert_true(tried > 0);
}

static void use_first(const struct messages *problems, struct error *error)
{
    (void)error_set(error, "%s",
                    problems->lost > 0    ? "out of memory for messages"
                    : problems->count > 0 ? problems->texts[0]
                                          : "nothing was said");
}

static bool call_conf_read(struct bench *bench)
{
    struct messages problems = {0};
    begin();
    struct conf *conf = read_conf(bench, &problems);
    end();
    const bool done = conf != NULL;
    if (done && (problems.count > 0 || problems.lost > 0))
        fail_msg("there is a configuration, but: %s", problems.count > 0 ? problems.texts[0] : "?");
    if (!done)
        use_first(&problems, &bench->error);
    conf_free(conf);
    messages_clear(&problems);
    return done;
}

static void a_configuration_is_read_whole_or_not_at_all(void **state)
{
    struct bench *bench = *state;
    configure(bench,
              "order = \"hits\"; save_mode = \"none\"; whitelist = [ \"192.0.2.1 a\", \"2001:db8::/32\" ];\n"
              "permanent_pattern = \"p\"; search_days = 4; ipv4_prefix = 24; auto = { enabled = true; };\n"
              "logs = ( { format = \"smtp\"; files = [ \"a\", \"b\" ]; directory = ( \"/a\", \"/b\" ); },\n"
              "  { format = \"k4\"; encoding = \"EUC-JP\"; address_pattern = \"(?<ip>.*)\"; refused = \"x\"; } );\n");
    try_all(bench, call_conf_read);
    configure(bench, "");
    try_all(bench, call_conf_read);
}

/* Of a dry run, which has all that they are made from. */
static int make_outlooks(struct bench *bench, const struct rebuild *rebuild)
{
    const struct outlook_grounds grounds = rebuild_grounds(rebuild);
    struct outlooks *outlooks = outlooks_new(&grounds, &bench->error);
    const int result = outlooks ? 1 : -1;
    outlooks_free(outlooks);
    return result;
}

/* A rebuild, and the list that it comes to. */
static int rebuild_once(struct bench *bench, struct rebuild *rebuild)
{
    const struct rebuild_request request = {
        .conf = bench->conf, .now = &bench->now, .trigger = "command", .dry_run = bench->dry_run};
    begin();
    int result = rebuild_run(&request, rebuild, &bench->error);
    if (result > 0 && bench->dry_run)
        result = make_outlooks(bench, rebuild);
    end();
    return result;
}

static bool call_rebuild(struct bench *bench)
{
    struct rebuild rebuild;
    if (!bench->keeps_cache)
        directory_drop(in(bench, PATH_CACHE));
    const int result = rebuild_once(bench, &rebuild);
    if (result > 0 && !buffer_equal(&rebuild.list.content, &bench->expected))
        fail_msg("allocation %ld: the list is %.*s", plan->at, (int)rebuild.list.content.length,
                 rebuild.list.content.bytes);
    if (result > 0)
        assert_int_equal(rebuild.decision.skip_count, bench->expected_count);
    rebuild_clear(&rebuild);
    assert_file_is(in(bench, LIST), BYTES(OLD));
    return result > 0;
}

static void try_rebuild(struct bench *bench, const char *conf, bool dry_run)
{
    struct rebuild rebuild;
    configure(bench, conf);
    bench->dry_run = dry_run;
    fail_none();
    if (rebuild_once(bench, &rebuild) < 0)
        fail_msg("%s", bench->error.text);
    assert_true(rebuild.decision.added > 0);
    buffer_clear(&bench->expected);
    bench->expected = rebuild.list.content;
    bench->expected_count = rebuild.decision.skip_count;
    rebuild.list.content = (struct buffer){0};
    rebuild_clear(&rebuild);
    try_all(bench, call_rebuild);
}

static void networks_are_decided_on_rightly_or_not_at_all(void **state)
{
    try_rebuild(*state,
                "save_mode = \"replace\"; register_count = 3; ipv4_prefix = 24; ipv6_prefix = 48; threads = 1;\n"
                "whitelist = [ \"109.51.100.248\", \"107.51.100.250\", \"2001:db8:4::/64\" ];",
                true);
}

static void hosts_are_decided_on_rightly_or_not_at_all(void **state)
{
    try_rebuild(*state,
                "order = \"hits\"; register_count = 4; remove_count = 0; threads = 1;\n"
                "logs = ( { format = \"smtp\"; encoding = \"EUC-JP\"; unauthorized = \"E|\xe4\xbf\xa1\"; } );",
                true);
}

static void what_is_kept_of_the_logs_is_right_or_not_there(void **state)
{
    struct bench *bench = *state;
    try_rebuild(bench, "save_mode = \"none\"; register_count = 4; threads = 1;", false);
    bench->keeps_cache = true;
    try_all(bench, call_rebuild);
}

/* What couldn't be looked at for want of memory may be a finding, too. */
static bool tell_of_memory(const struct findings *findings)
{
    bool told = false;
    for (size_t i = 0; i < findings->count && !told; i++) {
        struct buffer *what = &findings->items[i]->what;
        buffer_add(what, "", 1);
        told = !what->failed && (strstr(what->bytes, "out of memory") || strstr(what->bytes, strerror(ENOMEM)));
    }
    return told;
}

static bool call_diagnosis(struct bench *bench)
{
    struct findings findings = {0};
    const struct diagnosis_request request = {
        .conf = bench->conf, .now = &bench->now, .call = &bench->call, .interfaces = interfaces_read};
    begin();
    const int result = diagnosis_make(&request, &findings, &bench->error);
    end();
    if (result > 0 && bench->expected_count == 0)
        bench->expected_count = findings.count;
    if (result > 0 && findings.count != bench->expected_count && !tell_of_memory(&findings))
        fail_msg("allocation %ld: %zu findings instead of %zu", plan->at, findings.count, bench->expected_count);
    for (size_t i = 0; result > 0 && i < findings.count; i++)
        assert_true(findings.items[i]->copies.lost == 0 && findings.items[i]->places.lost == 0);
    findings_clear(&findings);
    return result > 0;
}

static void a_diagnosis_is_whole_or_says_that_it_is_not(void **state)
{
    struct bench *bench = *state;
    configure(bench,
              "logs = ( { format = \"smtp\"; }, { format = \"smtp\"; enabled = false; }, { format = \"pop3\"; } );");
    write_old(bench, TABLE,
              "\"/xmail-spammers\"\t\"-c\"\t\"/c\"\t\"filter\"\n\"/xmail-spammers\"\t\"filter\"\n\"/bin/true\"\n");
    fail_none();
    assert_true(call_diagnosis(bench));
    assert_true(bench->expected_count > 3);
    try_all(bench, call_diagnosis);
}

static bool call_registration_add(struct bench *bench)
{
    write_old(bench, TABLE, "\"/bin/true\"\n");
    begin();
    const int result = registration_add(bench->mail_root, &bench->call, &bench->error);
    end();
    if (result < 0)
        assert_file_is(in(bench, TABLE), BYTES("\"/bin/true\"\n"));
    assert_int_equal(directory_count(bench->mail_root), 4);
    return result > 0;
}

static bool call_registration_remove(struct bench *bench)
{
    struct buffer line = {0};
    struct error error;
    assert_int_equal(registration_format(&bench->call, &line, &error), 1);
    buffer_add_text(&line, "\n");
    file_write(in(bench, TABLE), line.bytes, line.length);
    file_set_age(in(bench, TABLE), 1000 * 1000 * 1000);
    begin();
    const int result = registration_remove(bench->mail_root, &bench->call, &bench->error);
    end();
    if (result < 0)
        assert_file_is(in(bench, TABLE), line.bytes, line.length);
    else
        assert_file_is(in(bench, TABLE), "", 0);
    buffer_clear(&line);
    return result > 0;
}

/* The line is there, but others stand behind it. */
static bool call_registration_move(struct bench *bench)
{
    struct buffer moved = {0};
    struct buffer old = {0};
    struct error error;
    assert_int_equal(registration_format(&bench->call, &old, &error), 1);
    buffer_add_text(&moved, "\"/bin/true\"\n");
    buffer_add(&moved, old.bytes, old.length);
    buffer_add_text(&moved, "\n");
    buffer_add_text(&old, "\n\"/bin/true\"\n");
    file_write(in(bench, TABLE), old.bytes, old.length);
    file_set_age(in(bench, TABLE), 1000 * 1000 * 1000);
    begin();
    const int result = registration_add(bench->mail_root, &bench->call, &bench->error);
    end();
    const struct buffer *expected = result < 0 ? &old : &moved;
    assert_file_is(in(bench, TABLE), expected->bytes, expected->length);
    buffer_clear(&moved);
    buffer_clear(&old);
    return result > 0;
}

static void the_filters_line_is_there_whole_or_not_at_all(void **state)
{
    try_all(*state, call_registration_add);
    try_all(*state, call_registration_move);
    try_all(*state, call_registration_remove);
}

/* --- what is told of one host ------------------------------------------------------------------------------------- */

enum { RECORDS_KEPT = 3 };

/* What the first call that had memory told is what each one tells, or nothing. */
static void compare(struct bench *bench, int result, struct buffer *told)
{
    assert_false(told->failed);
    if (result > 0 && bench->expected.length == 0) {
        bench->expected = *told;
        *told = (struct buffer){0};
    } else if (result > 0 && !buffer_equal(told, &bench->expected)) {
        fail_msg("allocation %ld: told was %.*s", plan->at, (int)told->length, told->bytes);
    }
    if (result < 0)
        assert_int_equal(told->length, 0);
    buffer_clear(told);
}

/* What the call tells without a fault is what each must tell that has memory. */
static void try_telling(struct bench *bench, bool (*call)(struct bench *bench))
{
    buffer_clear(&bench->expected);
    fail_none();
    assert_true(call(bench));
    try_all(bench, call);
}

/* To read all logs: the files are the caller's to clear. */
static struct chronicle_request list_logs(const struct bench *bench, struct logfiles *files)
{
    const struct conf *conf = bench->conf;
    struct messages warnings = {0};
    struct error error;
    assert_int_equal(logfiles_list(conf->logs, conf->log_count, true, &warnings, files, &error), 1);
    messages_clear(&warnings);
    return (struct chronicle_request){
        .logs = conf->logs, .log_count = conf->log_count, .files = files, .range = {20261115, 20261121}};
}

static bool call_dossier(struct bench *bench)
{
    struct logfiles files = {0};
    const struct chronicle_request request = list_logs(bench, &files);
    struct dossier dossier;
    struct buffer told = {0};
    begin();
    const int result = dossier_read(&request, host_of("2001:db8::1"), RECORDS_KEPT, &dossier, &bench->error);
    end();
    for (size_t i = 0; i < dossier.day_count; i++)
        buffer_add_format(&told, "%u %lu\n", (unsigned)dossier.days[i].day,
                          (unsigned long)dossier.days[i].counts.unauthorized);
    for (size_t i = 0; i < dossier.record_count; i++)
        buffer_add_format(&told, "%s\n", dossier.records[i].line);
    compare(bench, result, &told);
    dossier_clear(&dossier);
    logfiles_clear(&files);
    return result > 0;
}

static void a_dossier_is_whole_or_empty(void **state)
{
    struct bench *bench = *state;
    configure(bench, "");
    try_telling(bench, call_dossier);
}

static bool call_history(struct bench *bench)
{
    struct history history;
    struct buffer told = {0};
    begin();
    const int result = history_read(bench->mail_root, host_of("192.0.2.1"), &history, &bench->error);
    end();
    for (size_t i = 0; i < history.count; i++)
        buffer_add_format(&told, "%s %s\n", history.events[i].time, history.events[i].detail);
    compare(bench, result, &told);
    history_clear(&history);
    return result > 0;
}

static void a_history_is_whole_or_empty(void **state)
{
    struct bench *bench = *state;
    struct buffer log = {0};
    for (int i = 0; i < 40; i++)
        buffer_add_format(&log, "\"2026-11-20 10:00:%02d\"\t\"%s\"\t\"192.0.2.0/24\"\t\"5\"\t\"%d\"\n", i,
                          i % 2 ? "REMOVE" : "ADD", i);
    assert_false(log.failed);
    file_write(in(bench, PATH_EVENT_LOG), log.bytes, log.length);
    file_write(in(bench, PATH_EVENT_LOG ".1"), log.bytes, log.length);
    buffer_clear(&log);
    try_telling(bench, call_history);
}

/* --- the shape of an attack --------------------------------------------------------------------------------------- */

static bool call_survey(struct bench *bench)
{
    struct logfiles files = {0};
    const struct chronicle_request request = list_logs(bench, &files);
    struct survey survey;
    struct buffer told = {0};
    begin();
    const int result = survey_make(&request, &survey, &bench->error);
    end();
    for (size_t i = 0; i < survey.day_count; i++)
        buffer_add_format(&told, "%u %lu\n", (unsigned)survey.days[i].day, (unsigned long)survey.days[i].accesses);
    for (size_t i = 0; i < survey.status_count; i++)
        buffer_add_format(&told, "%s %lu\n", survey.statuses[i].text, (unsigned long)survey.statuses[i].accesses);
    compare(bench, result, &told);
    survey_clear(&survey);
    logfiles_clear(&files);
    return result > 0;
}

static void a_survey_is_whole_or_empty(void **state)
{
    struct bench *bench = *state;
    configure(bench, "logs = ( { format = \"smtp\"; encoding = \"EUC-JP\"; } );");
    try_telling(bench, call_survey);
}

/* --- the logs for people ------------------------------------------------------------------------------------------ */

static bool call_log_default(struct bench *bench)
{
    struct conf_log log;
    struct buffer told = {0};
    begin();
    const int result = conf_log_default(bench->conf, format_find("ctrl"), &log, &bench->error);
    end();
    if (result > 0)
        buffer_add_format(&told, "%s %s %s", log.files[0], log.directories[0], pattern_text(log.unauthorized));
    compare(bench, result, &told);
    if (result > 0)
        conf_log_clear(&log);
    return result > 0;
}

static void a_log_that_is_not_configured_has_all_its_defaults_or_none(void **state)
{
    struct bench *bench = *state;
    configure(bench, "");
    try_telling(bench, call_log_default);
}

/* A record that clients have stretched, of the first log. */
static bool call_logrow(struct bench *bench)
{
    static const char line[] =
        "\"s\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 10:00:00\"\t\"\xbc\xf5\"\t\"x\"\t\"\"\t\"ELOGIN\"";
    const struct conf_log *log = &bench->conf->logs[0];
    struct record_reader *reader = record_reader_new(log, (struct day_range){20261115, 20261121}, &bench->error);
    struct chronicle_record record = {.line = line, .length = sizeof line - 1, .reader = reader};
    struct logrow row = {0};
    struct buffer told = {0};
    assert_true(reader && record_look(reader, line, sizeof line - 1, &record.view));
    begin();
    struct logrow_maker *maker = logrow_maker_new(log->encoding, &bench->error);
    const bool made = maker && logrow_make(maker, log, &record, &row);
    end();
    if (maker && !made)
        (void)error_memory(&bench->error, "show logs");
    for (size_t i = 0; made && log->format->fields[i]; i++)
        buffer_add_format(&told, "%.*s|", (int)row.fields[i].length, row.fields[i].bytes ? row.fields[i].bytes : "");
    if (made)
        buffer_add_format(&told, "%.*s %.*s %.*s", (int)row.address.length, row.address.bytes, (int)row.rest.length,
                          row.rest.bytes, (int)row.line.length, row.line.bytes);
    compare(bench, made ? 1 : -1, &told);
    logrow_clear(&row);
    logrow_maker_free(maker);
    record_reader_free(reader);
    return made;
}

static void a_row_of_a_log_is_whole_or_an_error(void **state)
{
    static const char *const encodings[] = {"", "encoding = \"EUC-JP\";"};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(encodings); i++) {
        char conf[128];
        (void)snprintf(conf, sizeof conf, "logs = ( { format = \"pop3\"; %s } );", encodings[i]);
        configure(bench, conf);
        try_telling(bench, call_logrow);
    }
}

/* --- logs read by this process ------------------------------------------------------------------------------------ */

/* Hosts that make three runs in the evidence: each has twice as many hosts as the next one. The last are the lowest. */
static void write_log_of_runs(const struct bench *bench)
{
    struct buffer log = {0};
    char address[ADDRESS_TEXT_SIZE];
    for (int host = 0; host < 28; host++) {
        const char *lead = host < 16 ? "192.0.2." : host < 24 ? "2001:db8::" : "10.0.0.";
        (void)snprintf(address, sizeof address, "%s%d", lead, host);
        add_record(&log, address, host < 24 ? 19 : 20, "RCPT=ERELAY", host % 3 + 1);
    }
    assert_false(log.failed);
    file_write(in(bench, "other/smtp-202611190000"), log.bytes, log.length);
    file_set_age(in(bench, "other/smtp-202611190000"), 1000 * 1000 * 1000);
    buffer_clear(&log);
}

static bool gather_once(struct bench *bench)
{
    const struct gather_request request = {
        .conf = bench->conf, .range = {20261115, 20261121}, .cache = in(bench, PATH_CACHE), .keep = true};
    struct messages warnings = {0};
    struct gathered gathered;
    struct buffer told = {0};
    size_t count = 0;
    const int result = gather(&request, &warnings, &gathered, &bench->error);
    end();
    const struct evidence_host *hosts = result > 0 ? evidence_hosts(gathered.evidence, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        char text[ADDRESS_TEXT_SIZE];
        buffer_add_format(&told, "%s %lu\n", address_format(hosts[i].address, text),
                          (unsigned long)hosts[i].unauthorized);
    }
    compare(bench, result, &told);
    assert_true(result > 0 || (!gathered.evidence && !gathered.by_log));
    gathered_clear(&gathered);
    messages_clear(&warnings);
    return result > 0;
}

static bool call_gather(struct bench *bench)
{
    if (!bench->keeps_cache)
        directory_drop(in(bench, PATH_CACHE));
    begin();
    const bool done = gather_once(bench);
    assert_true(gather_once(bench)); /* without faults, from what is kept by now */
    return done;
}

static void what_is_gathered_without_another_process_is_whole_or_nothing(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(mkdir(in(bench, "other"), 0755), 0);
    write_log_of_runs(bench);
    configure(bench, "logs = ( { format = \"smtp\"; directory = \"other\"; } ); threads = 1;");
    fail_none();
    assert_true(call_gather(bench));
    clock_ahead = CLOCK_NOW; /* without a balance, for which the runs are joined, too */
    try_all(bench, call_gather);
    clock_ahead = CLOCK_LATER;
    try_all(bench, call_gather);
    bench->keeps_cache = true;
    try_all(bench, call_gather);
    clock_ahead = 0;
}

/* Days that no calendar has come beside those of the range. */
static bool call_survey_parts(struct bench *bench)
{
    static const day_number days[] = {20261131, 20261124, 20261131};
    struct survey survey;
    struct buffer told = {0};
    begin();
    bool done = survey_begin(&survey, (struct day_range){20261124, 20261201}, 1);
    for (size_t i = 0; done && i < COUNT_OF(days); i++)
        done = survey_add(&survey, 0, days[i], 0, "s", 1);
    end();
    if (done)
        buffer_add_format(&told, "%zu days, %lu accesses\n", survey.day_count, (unsigned long)survey.accesses);
    else
        (void)error_memory(&bench->error, "survey");
    compare(bench, done ? 1 : -1, &told);
    survey_clear(&survey);
    return done;
}

static void a_survey_of_days_of_no_calendar_counts_them_or_fails(void **state)
{
    struct bench *bench = *state;
    try_telling(bench, call_survey_parts);
}

/* --- whom the list refuses, for other software -------------------------------------------------------------------- */

/*
 * Lines that let in whom later ones refuse, in prefixes and in none; netmasks that make many networks, and too many; a
 * network in another; all hosts.
 */
#define REFUSED                                                                                                        \
    "\"198.0.100.0\"\t\"254.0.255.0\"\t\"code=0\"\n\"203.0.113.7\"\t\"255.255.255.255\"\t\"code=0\"\n"                 \
    "\"198.0.0.0\"\t\"255.0.0.0\"\n\"192.0.2.0\"\t\"255.255.255.213\"\n\"192.0.2.1\"\t\"84.0.255.1\"\n"                \
    "\"2001:db8::1\"\n\"203.0.113.0/24\"\n\"2001:db8::/32\"\t\"code=0\"\n\"::/0\"\n"

static bool call_export(struct bench *bench)
{
    const struct buffer content = {.bytes = (char *)(uintptr_t)bench->exported, .length = strlen(bench->exported)};
    struct spamtab tab = {0};
    struct prefixes refused = {0};
    struct messages notes = {0};
    struct buffer text = {0};
    struct buffer told = {0};
    size_t left_out = 0;
    begin();
    int result = spamtab_parse(&content, NULL, &tab, &bench->error);
    if (result > 0)
        result = refused_find(&tab, &refused, &notes, &bench->error);
    for (size_t i = 0; result > 0 && export_name(i); i++) /* from the prefixes as the format before has joined them */
        result = export_add(export_find(export_name(i)), &refused, "/M/spammers.tab", &text, &left_out, &bench->error);
    end();
    if (result > 0)
        buffer_add_format(&told, "%.*s%zu notes, %zu left out\n", (int)text.length, text.bytes,
                          notes.count + notes.lost, left_out);
    compare(bench, result, &told);
    buffer_clear(&text);
    messages_clear(&notes);
    prefixes_clear(&refused);
    spamtab_clear(&tab);
    return result > 0;
}

static void an_export_is_whole_or_not_there(void **state)
{
    static const char *const lists[] = {REFUSED, "\"::/0\"\n"};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        bench->exported = lists[i];
        try_telling(bench, call_export);
    }
}

/* --- by hand ------------------------------------------------------------------------------------------------------ */

static int run_by_hand(struct bench *bench, struct byhand *byhand, bool dry_run)
{
    const struct byhand_request request = {.conf = bench->conf,
                                           .now = &bench->now,
                                           .network = bench->network,
                                           .comment = bench->undo ? NULL : "by hand",
                                           .undo = bench->undo,
                                           .dry_run = dry_run,
                                           .interfaces = interfaces_read};
    return bench->by_hand(&request, byhand, &bench->error);
}

static bool call_by_hand(struct bench *bench)
{
    struct byhand byhand = {0};
    struct buffer told = {0};
    begin();
    const int result = run_by_hand(bench, &byhand, true);
    end();
    if (result > 0)
        buffer_add_format(&told, "%.*s%.*s", (int)byhand.list.content.length, byhand.list.content.bytes,
                          (int)byhand.whitelist.content.length, byhand.whitelist.content.bytes);
    compare(bench, result, &told);
    if (result > 0 && byhand.warnings.count + byhand.warnings.lost == 0) {
        if (bench->expected_count == 0)
            bench->expected_count = byhand.changes.count;
        assert_int_equal(byhand.changes.count, bench->expected_count);
    }
    byhand_clear(&byhand);
    return result > 0;
}

/* It is tried without changing anything, and then done. */
static void try_by_hand(struct bench *bench, byhand_function *function, const char *network, bool undo)
{
    struct byhand byhand = {0};
    bench->by_hand = function;
    bench->network = network_of(network);
    bench->undo = undo;
    bench->expected_count = 0;
    try_telling(bench, call_by_hand);
    if (run_by_hand(bench, &byhand, false) != 1)
        fail_msg("%s", bench->error.text);
    byhand_clear(&byhand);
}

static void what_is_done_by_hand_is_done_whole_or_not_at_all(void **state)
{
    struct bench *bench = *state;
    configure(bench, "whitelist = [ \"192.0.2.1 a\", \"2001:db8::/32\" ];");
    file_write_text(in(bench, "smtp.ipprop.tab"), "\"192.0.2.77/32\"\t\"WhiteList=1\"\n");
    try_by_hand(bench, byhand_allow, "10.0.0.16/28", false); /* within an entry */
    try_by_hand(bench, byhand_allow, "203.0.113.0/24", false);
    try_by_hand(bench, byhand_allow, "203.0.113.0/24", true);
    try_by_hand(bench, byhand_allow, "10.0.0.16/28", true);
    try_by_hand(bench, byhand_block, "203.0.113.5/32", false); /* an entry becomes permanent */
    try_by_hand(bench, byhand_block, "198.18.0.0/15", false);
    try_by_hand(bench, byhand_block, "198.18.0.0/15", true);
    try_by_hand(bench, byhand_block, "203.0.113.5/32", true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (plan == MAP_FAILED)
        return 1;
    const struct CMUnitTest tests[] = {
        TEST(a_configuration_is_read_whole_or_not_at_all),
        TEST(networks_are_decided_on_rightly_or_not_at_all),
        TEST(hosts_are_decided_on_rightly_or_not_at_all),
        TEST(what_is_kept_of_the_logs_is_right_or_not_there),
        TEST(a_diagnosis_is_whole_or_says_that_it_is_not),
        TEST(the_filters_line_is_there_whole_or_not_at_all),
        TEST(a_dossier_is_whole_or_empty),
        TEST(a_history_is_whole_or_empty),
        TEST(a_survey_is_whole_or_empty),
        TEST(a_survey_of_days_of_no_calendar_counts_them_or_fails),
        TEST(a_log_that_is_not_configured_has_all_its_defaults_or_none),
        TEST(a_row_of_a_log_is_whole_or_an_error),
        TEST(what_is_gathered_without_another_process_is_whole_or_nothing),
        TEST(an_export_is_whole_or_not_there),
        TEST(what_is_done_by_hand_is_done_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
