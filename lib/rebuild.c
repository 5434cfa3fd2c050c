/* SPDX-License-Identifier: MIT */
#include "rebuild.h"

#include "apart.h"
#include "backup.h"
#include "eventlog.h"
#include "listfile.h"
#include "path.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- evidence ---------------------------------------------------------------------------------------------------- */

/* Missing logs must not empty the list. The names of the logs come last: there may be many. */
static int no_evidence(const struct conf *conf, const struct rebuild *rebuild, bool all_logs, struct error *error)
{
    const struct gather_counts *total = &rebuild->gathered.total;
    struct buffer names = {0};
    char first[DAY_TEXT_SIZE];
    char last[DAY_TEXT_SIZE];
    for (size_t i = 0; i < conf->log_count; i++)
        if (all_logs || conf->logs[i].enabled)
            buffer_add_format(&names, "%s%s", names.length ? ", " : "", conf->logs[i].format->name);
    (void)error_set(
        error,
        "unable to judge any host: no valid record from %s to %s in the logs (files read: %llu, too old to be "
        "read: %zu, records: %llu, malformed ones: %llu). XMail writes a log only if it is started so (-Sl "
        "smtp, -Pl pop3); see mail_root, and directory and files of the logs: %.*s",
        day_format(rebuild->range.first, first), day_format(rebuild->range.last, last),
        (unsigned long long)total->files, rebuild->gathered.left_out, (unsigned long long)total->records,
        (unsigned long long)total->malformed, (int)names.length, names.bytes ? names.bytes : "");
    buffer_clear(&names);
    return -1;
}

static int gather_evidence(const struct rebuild_request *request, bool all_logs, struct rebuild *rebuild,
                           struct error *error)
{
    char *cache = request->no_cache ? NULL : path_join(request->conf->mail_root, PATH_CACHE);
    const struct gather_request wanted = {.conf = request->conf,
                                          .range = rebuild->range,
                                          .all_logs = all_logs,
                                          .skip_by_age = !request->now->rehearsed,
                                          .cache = cache,
                                          .keep = !request->dry_run,
                                          .progress = request->progress,
                                          .context = request->context,
                                          .interrupts = request->interrupts};
    int result = gather_apart(&wanted, &rebuild->warnings, &rebuild->gathered, error);
    free(cache);
    if (result > 0 && rebuild->gathered.total.in_range == 0)
        return no_evidence(request->conf, rebuild, all_logs, error);
    return result;
}

/* --- decision and saving ----------------------------------------------------------------------------------------- */

/* What decides about the list as it is, and anew if somebody else changes it. */
struct decider {
    const struct rebuild_request *request;
    struct rebuild *rebuild;
};

static void forget_decision(struct rebuild *rebuild)
{
    decision_clear(&rebuild->decision);
    spamtab_clear(&rebuild->tab);
}

static struct decision_rules rules_of(const struct rebuild_request *request)
{
    const struct conf *conf = request->conf;
    return (struct decision_rules){.replace = conf->save_mode == SAVE_REPLACE,
                                   .register_hosts = conf_log_enabled(conf),
                                   .order = conf->order,
                                   .register_count = (uint64_t)conf->register_count,
                                   .remove_count = conf->remove_count,
                                   .exempt_authenticated = conf->exempt_authenticated,
                                   .ipv4_prefix = (unsigned)conf->ipv4_prefix,
                                   .ipv6_prefix = (unsigned)conf->ipv6_prefix,
                                   .list_skipped = request->dry_run};
}

/* A broken resolver or block list makes every client look bad; nobody is there to see that it is so. */
static int check_additions(const struct rebuild_request *request, const struct decision *decision, const char *path,
                           struct error *error)
{
    if (request->max_added == 0 || decision->added <= request->max_added)
        return 1;
    return error_set(error,
                     "unable to save %s: %zu entries would be added, more than auto.max_added, %zu (see them with "
                     "\"xmail-spammers rebuild -n\"; if they are right, add them with \"xmail-spammers rebuild\")",
                     path, decision->added, request->max_added);
}

/* An amend_edit. */
static int decide(void *context, const struct tablefile *list, struct buffer *content, struct error *error)
{
    const struct decider *decider = context;
    struct rebuild *rebuild = decider->rebuild;
    forget_decision(rebuild);
    if (spamtab_parse(&list->content, decider->request->conf->permanent, &rebuild->tab, error) < 0 ||
        decision_make(&rebuild->rules, rebuild->gathered.evidence, &rebuild->whitelist, &rebuild->tab,
                      &rebuild->decision, error) < 0 ||
        check_additions(decider->request, &rebuild->decision, list->path, error) < 0)
        return -1;
    if (interrupts_pending(decider->request->interrupts)) /* what begins here is done to its end */
        return error_set(error, "unable to save %s: interrupted", list->path);
    if (rebuild->decision.keeps_all)
        return !list->exists; /* one that is missing is made, even if it is empty */
    return decision_render(&rebuild->decision, &rebuild->tab, content, error);
}

static void warn_of_limits(struct rebuild *rebuild)
{
    if (rebuild->gathered.total.limits > 0)
        messages_add(&rebuild->warnings,
                     "a pattern of the logs hit its limit of matching %llu times, which counted as no match: make it "
                     "simpler",
                     (unsigned long long)rebuild->gathered.total.limits);
    if (rebuild->tab.limits > 0)
        messages_add(
            &rebuild->warnings,
            "permanent_pattern hit its limit of matching on %lu entries, which are taken as permanent: make it "
            "simpler",
            rebuild->tab.limits);
}

static int decide_and_save(const struct rebuild_request *request, struct rebuild *rebuild, struct error *error)
{
    struct decider decider = {request, rebuild};
    const struct amend amend = {.directory = request->conf->mail_root,
                                .name = PATH_LIST,
                                .dry_run = request->conf->save_mode == SAVE_NONE || request->dry_run,
                                .edit = decide,
                                .context = &decider,
                                .backed_up = request->now};
    rebuild->rules = rules_of(request);
    if (conf_whitelist(request->conf, &rebuild->whitelist, error) < 0)
        return -1;
    const int result = amend_file(&amend, &rebuild->list, error);
    warn_of_limits(rebuild);
    if (result > 0 && *error->text != '\0')
        messages_add(&rebuild->warnings,
                     "%s: the new list stands, but if the machine crashes now the old one may return", error->text);
    return result;
}

/* --- the event log ----------------------------------------------------------------------------------------------- */

void rebuild_describe_accesses(const struct rebuild *rebuild, const struct conf *conf, size_t first, size_t count,
                               struct buffer *text)
{
    size_t known;
    const struct evidence_host *hosts = evidence_hosts(rebuild->gathered.evidence, &known);
    day_number first_day = 0;
    day_number last_day = 0;
    for (size_t i = first; i < first + count; i++) {
        if (hosts[i].first_day != 0 && (first_day == 0 || hosts[i].first_day < first_day))
            first_day = hosts[i].first_day;
        if (hosts[i].last_day > last_day)
            last_day = hosts[i].last_day;
    }
    for (size_t log = 0; log < conf->log_count; log++) {
        uint64_t sum = 0;
        for (size_t i = first; i < first + count; i++)
            sum += evidence_count_in_log(rebuild->gathered.evidence, &hosts[i], log);
        if (sum > 0)
            buffer_add_format(text, "%s %llu, ", conf->logs[log].format->name, (unsigned long long)sum);
    }
    char day[DAY_TEXT_SIZE];
    buffer_add_text(text, day_format(first_day, day));
    if (last_day != first_day)
        buffer_add_format(text, " to %s", day_format(last_day, day));
}

static void log_additions(const struct rebuild_request *request, const struct rebuild *rebuild, const char *suffix,
                          struct eventlog *log)
{
    struct buffer detail = {0};
    for (size_t i = 0; i < rebuild->decision.addition_count; i++) {
        const struct decision_addition *addition = &rebuild->decision.additions[i];
        char address[NETWORK_TEXT_SIZE];
        if (addition->renewed)
            continue;
        network_format(&addition->network, address);
        detail.length = 0;
        rebuild_describe_accesses(rebuild, request->conf, addition->first_host, addition->host_count, &detail);
        eventlog_add_count(log, EVENT_ADD, address, addition->accesses, "%.*s%s", (int)detail.length,
                           detail.bytes ? detail.bytes : "", suffix);
        if (addition->shadowed_by > 0)
            eventlog_add_count(
                log, EVENT_SHADOWED, address, addition->accesses,
                "line %lu of spammers.tab, whose code is not above 0, comes first: XMail does not refuse "
                "this client at connect%s",
                addition->shadowed_by, suffix);
    }
    buffer_clear(&detail);
}

/* True if the line should be taken out but no rebuild will do it. */
static bool is_left_to_people(const struct conf *conf, const struct decision_line *line)
{
    return line->whitelisted && line->keep && conf->save_mode != SAVE_REPLACE &&
           conf->remove_count == CONF_NO_REMOVE_COUNT;
}

static void log_lines(const struct rebuild_request *request, const struct rebuild *rebuild, const char *suffix,
                      struct eventlog *log)
{
    static const char *const reasons[] = {
        [REMOVED_QUIET] = "not more than remove_count",
        [REMOVED_WHITELISTED] = "white-listed",
        [REMOVED_REPLACED] = "save_mode is replace",
    };
    for (size_t i = 0; i < rebuild->tab.count; i++) {
        const struct decision_line *line = &rebuild->decision.lines[i];
        char address[NETWORK_TEXT_SIZE];
        bool removed = line->reason >= REMOVED_QUIET;
        if (!removed && !is_left_to_people(request->conf, line))
            continue;
        network_format(&rebuild->tab.lines[i].network, address);
        if (removed)
            eventlog_add_count(log, EVENT_REMOVE, address, line->accesses, "%s%s", reasons[line->reason], suffix);
        else
            eventlog_add_count(log, EVENT_WARNING, address, line->accesses,
                               "line %lu of spammers.tab stays although it is white-listed: %stake it out by hand",
                               rebuild->tab.lines[i].number,
                               line->reason == KEPT_PERMANENT ? "it is permanent; " : "set remove_count, or ");
    }
}

static void log_summary(const struct rebuild_request *request, const struct rebuild *rebuild, struct eventlog *log)
{
    const struct gather_counts *total = &rebuild->gathered.total;
    const struct decision *decision = &rebuild->decision;
    char first[DAY_TEXT_SIZE];
    char last[DAY_TEXT_SIZE];
    size_t hosts = rebuild_host_count(rebuild, 1);
    eventlog_add(log, EVENT_REBUILD,
                 "trigger=%s mode=%s range=%s..%s files=%llu bytes=%llu records=%llu malformed=%llu limited=%llu "
                 "hosts=%zu added=%zu removed=%zu kept=%zu ms=%llu",
                 request->trigger, conf_save_mode_name(request->conf->save_mode),
                 day_format(rebuild->range.first, first), day_format(rebuild->range.last, last),
                 (unsigned long long)total->files, (unsigned long long)total->bytes, (unsigned long long)total->records,
                 (unsigned long long)total->malformed, (unsigned long long)total->limits, hosts, decision->added,
                 decision->removed, decision->kept, (unsigned long long)rebuild->milliseconds);
}

static void log_events(const struct rebuild_request *request, struct rebuild *rebuild, const struct error *failure)
{
    struct eventlog log = {.now = request->now};
    struct error error;
    for (size_t i = 0; i < rebuild->warnings.count; i++)
        eventlog_add(&log, EVENT_WARNING, "%s", rebuild->warnings.texts[i]);
    if (failure) {
        eventlog_add(&log, EVENT_ERROR, "%s", failure->text);
    } else {
        const char *suffix = request->conf->save_mode == SAVE_NONE ? " (not saved: save_mode is none)" : "";
        log_additions(request, rebuild, suffix, &log);
        log_lines(request, rebuild, suffix, &log);
        log_summary(request, rebuild, &log);
    }
    char *path = path_join(request->conf->mail_root, PATH_EVENT_LOG);
    if (!path)
        (void)error_memory(&error, "write the event log");
    if (!path || eventlog_write_unless_said(&log, path, failure ? request->quiet_seconds : 0, &error) < 0)
        messages_add(&rebuild->warnings, "%s", error.text);
    buffer_clear(&log.lines);
    free(path);
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

struct outlook_grounds rebuild_grounds(const struct rebuild *rebuild)
{
    return (struct outlook_grounds){.rules = &rebuild->rules,
                                    .evidence = rebuild->gathered.evidence,
                                    .whitelist = &rebuild->whitelist,
                                    .tab = &rebuild->tab,
                                    .decision = &rebuild->decision};
}

size_t rebuild_host_count(const struct rebuild *rebuild, uint64_t least)
{
    size_t count;
    size_t seen = 0;
    const struct evidence_host *hosts = evidence_hosts(rebuild->gathered.evidence, &count);
    for (size_t i = 0; i < count; i++)
        seen += hosts[i].unauthorized >= least;
    return seen;
}

void rebuild_summarize(const struct rebuild *rebuild, const struct error *failure, struct state_run *run)
{
    const struct decision *decision = &rebuild->decision;
    struct error text;
    (void)error_set(&text, "%zu added, %zu removed, %zu kept%s", decision->added, decision->removed, decision->kept,
                    rebuild->list.outcome == AMEND_NOT_SAVED ? "; not saved" : "");
    run->result = failure ? STATE_FAILED : STATE_DONE;
    run->milliseconds = rebuild->milliseconds;
    state_set_detail(run, failure ? failure->text : text.text);
}

static uint64_t milliseconds_now(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int rebuild_run(const struct rebuild_request *request, struct rebuild *rebuild, struct error *error)
{
    const struct conf *conf = request->conf;
    uint64_t begin = milliseconds_now();
    int days = request->days > 0 ? request->days : conf->search_days;
    if (request->days_max > 0 && days > request->days_max)
        days = request->days_max;
    *rebuild = (struct rebuild){.range = day_range_until(moment_day(request->now), (unsigned long)days)};
    /* With no log enabled the list can only shrink, and every log is heard before an entry goes. */
    int result = request->dry_run ? 1 : listfile_sweep(conf->mail_root, error);
    if (result > 0)
        result = gather_evidence(request, !conf_log_enabled(conf), rebuild, error);
    if (result > 0)
        result = decide_and_save(request, rebuild, error);
    if (result > 0 && rebuild->list.outcome == AMEND_SAVED)
        backup_clean(conf->mail_root, rebuild->range.first, (size_t)conf->max_backups, rebuild->list.backup,
                     &rebuild->warnings);
    rebuild->milliseconds = milliseconds_now() - begin;
    rebuild->interrupted = result < 0 && interrupts_pending(request->interrupts);
    if (!request->dry_run && !rebuild->interrupted)
        log_events(request, rebuild, result < 0 ? error : NULL);
    return result;
}

void rebuild_clear(struct rebuild *rebuild)
{
    forget_decision(rebuild);
    amended_clear(&rebuild->list);
    whitelist_clear(&rebuild->whitelist);
    gathered_clear(&rebuild->gathered);
    messages_clear(&rebuild->warnings);
    *rebuild = (struct rebuild){0};
}
