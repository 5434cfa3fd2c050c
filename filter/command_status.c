/* SPDX-License-Identifier: MIT */
/* xmail-spammers status: the schedule, the last rebuilds and their results, when the next one is due. */
#include "command.h"

#include "conf.h"
#include "json.h"
#include "lock.h"
#include "paragraph.h"
#include "path.h"
#include "prepare.h"
#include "registration.h"
#include "state.h"
#include "usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNKNOWN = -1, INDENT = 15 };

/* What there is to tell. */
struct status {
    const struct conf *conf;
    const struct moment *now;
    struct own_call own;
    struct registration registration;
    bool registration_known;
    struct state_bytes bytes;
    struct state state;
    bool state_known; /* true also if nothing ever ran */
    int running;      /* 1, 0, UNKNOWN */
    bool has_next;
    time_t next;
};

/* --- finding out -------------------------------------------------------------------------------------------------- */

static void find_state(struct status *status)
{
    struct error error;
    char *path = path_join(status->conf->mail_root, PATH_STATE);
    int result =
        path ? state_read(path, &status->bytes, &status->state, &error) : error_memory(&error, "read the state");
    free(path);
    status->state_known = result >= 0;
    if (result < 0)
        say("%s", error.text);
}

static void find_running(struct status *status)
{
    struct error error;
    char *path = path_join(status->conf->mail_root, PATH_LOCK);
    status->running = path ? lock_is_held(path, &error) : error_memory(&error, "read the lock");
    free(path);
    if (status->running < 0)
        say("%s", error.text);
}

static void find_registration(struct status *status)
{
    struct error error;
    const struct registration_call call = {status->own.program, status->own.configuration};
    status->registration_known = registration_find(status->conf->mail_root, &call, &status->registration, &error) >= 0;
    if (!status->registration_known)
        say("%s", error.text);
}

/* False if something of it can't be told, and why was said. */
static bool find_out(const struct command_options *options, const struct conf *conf, struct status *status)
{
    *status = (struct status){.conf = conf, .now = &options->now, .running = UNKNOWN};
    if (!prepare_own_call(options, conf->path, &status->own))
        return false;
    find_state(status);
    find_running(status);
    find_registration(status);
    status->has_next =
        schedule_next(&conf->schedule, state_last_attempt(&status->state), options->now.seconds, &status->next);
    return status->state_known && status->registration_known && status->running >= 0;
}

/* --- in words ----------------------------------------------------------------------------------------------------- */

static void print_registration(const struct status *status)
{
    const struct registration *found = &status->registration;
    if (!status->registration_known)
        (void)puts("Filter         unknown");
    else if (found->count == 0)
        (void)puts("Filter         not registered: XMail doesn't call it (run \"install\")");
    for (size_t i = 0; i < found->count; i++)
        (void)printf("%s line %lu of " PATH_FILTERS "%s\n",
                     i == 0 ? "Filter         registered," : "               and", found->lines[i].number,
                     found->lines[i].exact ? "" : " (not the one of \"install\")");
}

static void print_schedule(const struct schedule *schedule)
{
    if (!schedule->enabled)
        (void)puts("Automatic      off: auto.enabled is false");
    else if (schedule_window_is_whole_day(schedule))
        (void)printf("Automatic      all day, every %d minutes\n", schedule->interval);
    else
        (void)printf("Automatic      from %02d:00 to %02d:00, every %d minutes\n", schedule->from, schedule->to,
                     schedule->interval);
}

static void print_result(const struct state_run *run)
{
    (void)printf("%s %llu ms:\n", run->result == STATE_DONE ? "done in" : "failed after",
                 (unsigned long long)run->milliseconds);
    print_paragraph("               ", INDENT, run->detail, strlen(run->detail));
}

static void print_run(const char *title, const struct status *status, const struct state_run *run, bool may_run)
{
    struct moment begun;
    char time[MOMENT_TEXT_SIZE];
    (void)printf("%-15s", title);
    if (!status->state_known) {
        (void)puts("unknown");
        return;
    }
    if (run->result == STATE_NEVER || !moment_from_seconds(run->begun, &begun)) {
        (void)puts("never");
        return;
    }
    (void)printf("%s, ", moment_format(&begun, time));
    if (run->result == STATE_BEGUN)
        (void)puts(may_run && status->running == 1 ? "still running" : "did not end: killed or crashed");
    else
        print_result(run);
}

/* "now", "today 23:00", "tomorrow 09:00", "2026-11-24 09:00" */
static void describe_next(const struct status *status, char *text, size_t size)
{
    struct moment due;
    char day[DAY_TEXT_SIZE];
    if (status->next <= status->now->seconds || !moment_from_seconds(status->next, &due)) {
        (void)snprintf(text, size, "now");
        return;
    }
    day_number today = moment_day(status->now);
    const char *name = day_format(moment_day(&due), day);
    if (moment_day(&due) == today)
        name = "today";
    else if (day_range_until(moment_day(&due), 2).first == today)
        name = "tomorrow";
    (void)snprintf(text, size, "%s %02d:%02d", name, due.local.tm_hour, due.local.tm_min);
}

static void print_next(const struct status *status)
{
    char text[32];
    (void)fputs("Next rebuild   ", stdout);
    describe_next(status, text, sizeof text);
    if (!status->has_next)
        (void)puts("none by itself: auto.enabled is false");
    else if (status->registration_known && status->registration.count == 0)
        (void)printf("none by itself: the filter isn't registered (due %s)\n", text);
    else
        (void)printf("%s, with the first mail\n", text);
}

static void print_words(const struct status *status)
{
    static const char *const running[] = {"unknown", "no", "yes"};
    tell("MailRoot       %s", status->conf->mail_root);
    tell("Configuration  %s", status->conf->path);
    print_registration(status);
    print_schedule(&status->conf->schedule);
    print_run("By the filter", status, &status->state.filter, true);
    print_run("By command", status, &status->state.command, false);
    (void)printf("Running now    %s\n", running[status->running + 1]);
    print_next(status);
}

/* --- as JSON ------------------------------------------------------------------------------------------------------ */

static void json_moment(struct json *json, const char *name, time_t seconds)
{
    struct moment moment;
    char text[MOMENT_TEXT_SIZE];
    if (moment_from_seconds(seconds, &moment))
        json_text(json, name, moment_format(&moment, text));
    else
        json_null(json, name);
}

static void json_run(struct json *json, const char *name, const struct state_run *run)
{
    if (run->result == STATE_NEVER) {
        json_null(json, name);
        return;
    }
    json_open(json, name, '{');
    json_moment(json, "begun", run->begun);
    json_number(json, "begun_epoch", run->begun);
    json_text(json, "result", state_result_name(run->result));
    json_number(json, "milliseconds", (int64_t)run->milliseconds);
    json_text(json, "detail", run->detail);
    json_close(json, '}');
}

static void json_registration(struct json *json, const struct status *status)
{
    if (!status->registration_known) {
        json_null(json, "registered");
        return;
    }
    json_open(json, "registered", '[');
    for (size_t i = 0; i < status->registration.count; i++) {
        const struct registration_line *line = &status->registration.lines[i];
        json_open(json, NULL, '{');
        json_number(json, "line", (int64_t)line->number);
        json_boolean(json, "as_installed", line->exact);
        json_text(json, "program", line->program);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_schedule(struct json *json, const struct schedule *schedule)
{
    json_open(json, "auto", '{');
    json_boolean(json, "enabled", schedule->enabled);
    json_number(json, "from", schedule->from);
    json_number(json, "to", schedule->to);
    json_number(json, "interval", schedule->interval);
    json_close(json, '}');
}

static void json_next(struct json *json, const struct status *status)
{
    if (!status->has_next) {
        json_null(json, "next");
        return;
    }
    json_open(json, "next", '{');
    json_boolean(json, "now", status->next <= status->now->seconds);
    json_moment(json, "due", status->next);
    json_number(json, "due_epoch", status->next);
    json_close(json, '}');
}

static void print_json(const struct status *status)
{
    struct json json = {.depth = 0};
    json_open(&json, NULL, '{');
    json_text(&json, "mail_root", status->conf->mail_root);
    json_text(&json, "configuration", status->conf->path);
    json_moment(&json, "time", status->now->seconds);
    json_registration(&json, status);
    json_schedule(&json, &status->conf->schedule);
    json_boolean(&json, "state_usable", status->state_known);
    json_run(&json, "filter", &status->state.filter);
    json_run(&json, "command", &status->state.command);
    if (status->running == UNKNOWN)
        json_null(&json, "running");
    else
        json_boolean(&json, "running", status->running == 1);
    json_next(&json, status);
    json_close(&json, '}');
}

/* --- the command line --------------------------------------------------------------------------------------------- */

/* Reads the command's own options. -1: go on; else the exit status. */
static int parse_options(int count, char **arguments, bool *as_json)
{
    enum { OPTION_JSON = 256 };
    static const struct option long_options[] = {
        {"json", no_argument, NULL, OPTION_JSON}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    optind = 1;
    for (int option; (option = next_option(count, arguments, "h", long_options)) != -1;) {
        if (option == OPTION_JSON) {
            *as_json = true;
        } else if (option == 'h') {
            print_help();
            return EXIT_DONE;
        } else {
            return refuse_usage_of("status");
        }
    }
    return refuse_arguments("status", count, arguments);
}

int command_status(const struct command_options *options, int count, char **arguments)
{
    bool as_json = false;
    int result = parse_options(count, arguments, &as_json);
    if (result >= 0)
        return result;
    struct conf *conf = prepare_configuration(options);
    if (!conf)
        return EXIT_USAGE;
    struct status *status = malloc(sizeof *status);
    if (!status) {
        say("unable to tell the status: out of memory");
        conf_free(conf);
        return EXIT_FAILED;
    }
    result = find_out(options, conf, status) ? EXIT_DONE : EXIT_FAILED;
    if (as_json)
        print_json(status);
    else
        print_words(status);
    registration_clear(&status->registration);
    free(status);
    conf_free(conf);
    return result;
}
