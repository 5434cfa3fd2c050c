/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- formats ------------------------------------------------------------------------------------------------------ */

bool report_reads(const struct report *report, size_t log)
{
    return report->conf->logs[log].enabled || !conf_log_enabled(report->conf);
}

static size_t find_format(const struct report *report, const struct log_format *format)
{
    size_t i = 0;
    while (i < report->format_count && report->formats[i].format != format)
        i++;
    return i;
}

static bool list_formats(struct report *report)
{
    report->formats = calloc(report->conf->log_count + 1, sizeof *report->formats);
    if (!report->formats)
        return false;
    for (size_t log = 0; log < report->conf->log_count; log++) {
        const struct log_format *const format = report->conf->logs[log].format;
        if (report_reads(report, log) && find_format(report, format) == report->format_count)
            report->formats[report->format_count++].format = format;
    }
    return true;
}

uint64_t report_accesses(const struct report *report, const struct report_host *host, size_t format)
{
    uint64_t sum = 0;
    for (size_t log = 0; log < report->conf->log_count; log++)
        if (report->conf->logs[log].format == report->formats[format].format)
            sum += evidence_count_in_log(report->rebuild->gathered.evidence, host->host, log);
    return sum;
}

/* --- hosts -------------------------------------------------------------------------------------------------------- */

static int compare_badness(const void *left, const void *right)
{
    const struct evidence_host *a = ((const struct report_host *)left)->host;
    const struct evidence_host *b = ((const struct report_host *)right)->host;
    if (a->unauthorized != b->unauthorized)
        return a->unauthorized > b->unauthorized ? -1 : 1;
    if (a->refused != b->refused)
        return a->refused > b->refused ? -1 : 1;
    return address_compare_family(a->address, b->address);
}

static bool list_hosts(struct report *report, const struct outlooks *outlooks)
{
    size_t count;
    const struct evidence_host *hosts = evidence_hosts(report->rebuild->gathered.evidence, &count);
    report->hosts = calloc(count + 1, sizeof *report->hosts);
    if (!report->hosts)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (hosts[i].unauthorized + hosts[i].refused == 0)
            continue;
        report->hosts[report->host_count++] =
            (struct report_host){.host = &hosts[i], .outlook = outlook_of(outlooks, hosts[i].address)};
    }
    if (report->host_count > 0)
        qsort(report->hosts, report->host_count, sizeof *report->hosts, compare_badness);
    return true;
}

static void add_up(struct report *report)
{
    for (size_t i = 0; i < report->host_count; i++) {
        report->accesses += report->hosts[i].host->unauthorized;
        report->refused += report->hosts[i].host->refused;
        for (size_t format = 0; format < report->format_count; format++)
            report->formats[format].accesses += report_accesses(report, &report->hosts[i], format);
    }
}

int report_make(const struct conf *conf, const struct rebuild *rebuild, size_t top, struct report *report,
                struct error *error)
{
    const struct outlook_grounds grounds = rebuild_grounds(rebuild);
    *report = (struct report){.conf = conf, .rebuild = rebuild};
    struct outlooks *outlooks = outlooks_new(&grounds, error);
    if (!outlooks)
        return -1;
    const bool done = list_formats(report) && list_hosts(report, outlooks);
    outlooks_free(outlooks);
    if (!done) {
        report_clear(report);
        return error_memory(error, "list the hosts");
    }
    add_up(report);
    report->shown = top < report->host_count ? top : report->host_count;
    return 1;
}

void report_clear(struct report *report)
{
    free(report->hosts);
    free(report->formats);
    *report = (struct report){0};
}

const char *report_outlook(const struct outlook *outlook, char text[REPORT_OUTLOOK_SIZE])
{
    static const char *const links[OUTLOOK_KINDS] = {[OUTLOOK_KEPT] = ", line",
                                                     [OUTLOOK_PERMANENT] = ", line",
                                                     [OUTLOOK_REMOVED] = ", line",
                                                     [OUTLOOK_COVERED] = " by line",
                                                     [OUTLOOK_SHADOWED] = " by line"};
    const char *const link = links[outlook->kind];
    if (link)
        (void)snprintf(text, REPORT_OUTLOOK_SIZE, "%s%s %lu", outlook_word(outlook->kind), link, outlook->line);
    else
        (void)snprintf(text, REPORT_OUTLOOK_SIZE, "%s", outlook_word(outlook->kind));
    return text;
}

bool report_contradicts(const struct outlook *outlook)
{
    return outlook->whitelisted && outlook->kind <= OUTLOOK_COVERED;
}

/* --- statuses ----------------------------------------------------------------------------------------------------- */

const char *report_status_meaning(const char *status)
{
    /* By their beginnings; of XMail 1.27. */
    static const struct {
        const char *begin;
        const char *meaning;
    } meanings[] = {
        {"AUTH=EFAIL", "login failed"},
        {"ELOGIN", "login failed"},
        {"FAIL", "login failed"},
        {"RCPT=EAVAIL", "no such recipient"},
        {"RCPT=ERELAY", "relaying denied"},
        {"RCPT=EACCESS", "recipient out of reach"},
        {"RCPT=EDSBL", "recipient disabled"},
        {"RCPT=ENBR", "too many recipients"},
        {"RCPT=ESYNTAX", "malformed recipient"},
        {"SNDR=EEMPTY", "empty sender"},
        {"SNDR=ESYNTAX", "malformed sender"},
        {"SNDR=ESPAM", "sender is blocked"},
        {"VRFY=EACCESS", "VRFY denied"},
        {"ETRN=EACCESS", "ETRN denied"},
        {"SMTP=EERRS", "too many errors"},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strncmp(status, meanings[i].begin, strlen(meanings[i].begin)) == 0)
            return meanings[i].meaning;
    return "";
}

const char *report_share(const struct report *report, uint64_t accesses, char text[REPORT_SHARE_SIZE])
{
    const double share = report->accesses > 0 ? 100.0 * (double)accesses / (double)report->accesses : 0;
    if (accesses > 0 && share < 0.5)
        (void)snprintf(text, REPORT_SHARE_SIZE, "<1");
    else
        (void)snprintf(text, REPORT_SHARE_SIZE, "%.0f", share);
    return text;
}
