/* SPDX-License-Identifier: MIT */
/* The report as JSON: its members are told in the man page, and keep their meaning as long as version does. */
#include "report.h"

#include "json.h"

#include <inttypes.h>
#include <stdio.h>

enum { VERSION = 1 };

static void put_count(struct json *json, const char *name, uint64_t count)
{
    json_number(json, name, (int64_t)count);
}

/* 0 is null. */
static void put_day(struct json *json, const char *name, day_number day)
{
    char text[DAY_TEXT_SIZE];
    if (day == 0)
        json_null(json, name);
    else
        json_text(json, name, day_format(day, text));
}

static void put_head(struct json *json, const struct report *report)
{
    const struct conf *conf = report->conf;
    char text[MOMENT_TEXT_SIZE];
    json_text(json, "time", moment_format(report->now, text));
    json_text(json, "mail_root", conf->mail_root);
    json_open(json, "range", '{');
    put_day(json, "first", report->rebuild->range.first);
    put_day(json, "last", report->rebuild->range.last);
    json_close(json, '}');
    json_text(json, "save_mode", conf_save_mode_name(conf->save_mode));
    json_number(json, "register_count", conf->register_count);
    if (conf->remove_count == CONF_NO_REMOVE_COUNT)
        json_null(json, "remove_count");
    else
        json_number(json, "remove_count", conf->remove_count);
}

static void put_logs(struct json *json, const struct report *report)
{
    json_open(json, "logs", '[');
    for (size_t i = 0; i < report->conf->log_count; i++) {
        const struct gather_counts *counts = &report->rebuild->gathered.by_log[i];
        if (!report_reads(report, i))
            continue;
        json_open(json, NULL, '{');
        json_text(json, "format", report->conf->logs[i].format->name);
        put_count(json, "files", counts->files);
        put_count(json, "records", counts->records);
        put_count(json, "malformed", counts->malformed);
        put_count(json, "in_range", counts->in_range);
        put_count(json, "unauthorized", report->survey->by_log[i]);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void put_sums(struct json *json, const struct report *report)
{
    const struct decision *decision = &report->rebuild->decision;
    json_open(json, "total", '{');
    put_count(json, "hosts", rebuild_host_count(report->rebuild, 1));
    put_count(json, "hosts_with_enough", rebuild_host_count(report->rebuild, (uint64_t)report->conf->register_count));
    put_count(json, "unauthorized", report->accesses);
    put_count(json, "refused", report->refused);
    json_close(json, '}');
    json_open(json, "list", '{');
    json_text(json, "path", report->rebuild->list.table.path);
    json_boolean(json, "exists", report->rebuild->list.table.exists);
    put_count(json, "added", decision->added);
    put_count(json, "removed", decision->removed);
    put_count(json, "kept", decision->kept);
    json_close(json, '}');
}

static void put_times(struct json *json, const struct survey *survey)
{
    json_open(json, "days", '[');
    for (size_t i = 0; i < survey->day_count; i++) {
        json_open(json, NULL, '{');
        put_day(json, "day", survey->days[i].day);
        put_count(json, "unauthorized", survey->days[i].accesses);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_open(json, "hours", '[');
    for (size_t i = 0; i < SURVEY_HOURS; i++) {
        json_open(json, NULL, '{');
        put_count(json, "hour", i);
        put_count(json, "unauthorized", survey->hours[i]);
        json_close(json, '}');
    }
    json_close(json, ']');
    put_count(json, "hour_unknown", survey->hourless);
}

static void put_statuses(struct json *json, const struct survey *survey)
{
    json_open(json, "statuses", '[');
    for (size_t i = 0; i < survey->status_count; i++) {
        json_open(json, NULL, '{');
        json_text(json, "status", survey->statuses[i].text);
        put_count(json, "unauthorized", survey->statuses[i].accesses);
        json_close(json, '}');
    }
    json_close(json, ']');
    put_count(json, "other_statuses", survey->other_statuses);
}

static void put_host(struct json *json, const struct report *report, const struct report_host *host)
{
    const struct outlook *outlook = &host->outlook;
    char text[NETWORK_TEXT_SIZE];
    json_open(json, NULL, '{');
    json_text(json, "address", address_format(host->host->address, text));
    put_count(json, "unauthorized", host->host->unauthorized);
    put_count(json, "refused", host->host->refused);
    json_open(json, "by_format", '{');
    for (size_t i = 0; i < report->format_count; i++)
        put_count(json, report->formats[i].format->name, report_accesses(report, host, i));
    json_close(json, '}');
    put_day(json, "first_day", host->host->first_day);
    put_day(json, "last_day", host->host->last_day);
    json_boolean(json, "logged_in", host->host->authenticated);
    json_boolean(json, "whitelisted", outlook->whitelisted);
    json_text(json, "outlook", outlook_word(outlook->kind));
    if (outlook->line > 0)
        put_count(json, "line", outlook->line);
    else
        json_null(json, "line");
    json_text(json, "network", network_format(&outlook->network, text));
    json_close(json, '}');
}

void report_print_json(const struct report *report)
{
    struct json json = {0};
    json_open(&json, NULL, '{');
    json_number(&json, "version", VERSION);
    put_head(&json, report);
    put_logs(&json, report);
    put_sums(&json, report);
    put_times(&json, report->survey);
    put_statuses(&json, report->survey);
    json_open(&json, "hosts", '[');
    for (size_t i = 0; i < report->shown; i++)
        put_host(&json, report, &report->hosts[i]);
    json_close(&json, ']');
    put_count(&json, "hosts_left_out", report->host_count - report->shown);
    json_close(&json, '}');
}
