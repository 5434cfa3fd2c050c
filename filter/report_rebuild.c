/* SPDX-License-Identifier: MIT */
#include "report_rebuild.h"

#include "command.h"
#include "plural.h"

#include <stdio.h>
#include <string.h>

enum { ADDRESS_WIDTH_MIN = 15, ADDRESS_WIDTH_MAX = 24, UNIT = 1000, UNIT_SHOWN_FROM = 10 * UNIT };

static void print_bytes(uint64_t bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    for (; bytes >= UNIT_SHOWN_FROM && unit + 1 < sizeof units / sizeof *units; unit++)
        bytes /= UNIT;
    (void)printf("%llu %s", (unsigned long long)bytes, units[unit]);
}

static void print_log(const struct conf_log *log, const struct gather_counts *counts, const char *title)
{
    (void)printf("%-10s%s: %llu file%s, %llu record%s, ", title, log->format->name, (unsigned long long)counts->files,
                 s(counts->files), (unsigned long long)counts->records, s(counts->records));
    print_bytes(counts->bytes);
    (void)fputs(" read", stdout);
    if (counts->malformed > 0)
        (void)printf(", %llu malformed", (unsigned long long)counts->malformed);
    (void)putchar('\n');
}

static void print_logs(const struct conf *conf, const struct rebuild *rebuild)
{
    const char *title = "Logs";
    for (size_t i = 0; i < conf->log_count; i++) {
        if (!conf->logs[i].enabled && conf_log_enabled(conf))
            continue;
        print_log(&conf->logs[i], &rebuild->gathered.by_log[i], title);
        title = "";
    }
}

static void print_skipped(const struct decision *decision)
{
    static const struct {
        enum decision_skip_reason reason;
        const char *text;
    } kinds[] = {
        {SKIPPED_COVERED, "on the list already"},
        {SKIPPED_WHITELISTED, "white-listed"},
        {SKIPPED_EXEMPT, "logged in as a user"},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t count = decision->skipped[kinds[i].reason];
        if (count > 0)
            (void)printf("%s%zu %s", any ? ", " : "Not added ", count, kinds[i].text);
        any |= count > 0;
    }
    if (any)
        (void)putchar('\n');
}

static void print_outcome(const struct conf *conf, const struct rebuild *rebuild)
{
    switch (rebuild->list.outcome) {
    case AMEND_SAVED:
        tell("Saved     %s", rebuild->list.table.path);
        tell("Backup    %s", rebuild->list.backup ? rebuild->list.backup : "none: there was no list before");
        break;
    case AMEND_UNCHANGED:
        tell("Saved     nothing: %s is up to date", rebuild->list.table.path);
        break;
    case AMEND_NOT_SAVED:
        (void)printf("Saved     nothing: %s\n",
                     conf->save_mode == SAVE_NONE ? "save_mode is none" : "this was a dry run");
        break;
    }
}

void report_summary(const struct conf *conf, const struct rebuild *rebuild)
{
    const struct decision *decision = &rebuild->decision;
    size_t whitelisted = conf->whitelist.own[0].count + conf->whitelist.own[1].count;
    char first[DAY_TEXT_SIZE];
    char last[DAY_TEXT_SIZE];
    (void)printf("Range     %s to %s\n", day_format(rebuild->range.first, first),
                 day_format(rebuild->range.last, last));
    print_logs(conf, rebuild);
    (void)printf("Whitelist %zu entr%s (whitelist and whitelist_file)\n", whitelisted, whitelisted == 1 ? "y" : "ies");
    (void)printf("Hosts     %zu with unauthorised accesses, %zu of them with %d or more\n",
                 rebuild_host_count(rebuild, 1), rebuild_host_count(rebuild, (uint64_t)conf->register_count),
                 conf->register_count);
    print_skipped(decision);
    (void)printf("List      %zu added, %zu removed, %zu kept\n", decision->added, decision->removed, decision->kept);
    print_outcome(conf, rebuild);
    (void)printf("Time      %llu ms\n", (unsigned long long)rebuild->milliseconds);
}

/* --- what would change ------------------------------------------------------------------------------------------- */

/* How wide the column of addresses is to be: as wide as is common; longer ones have a line to themselves. */
static int address_width(const struct rebuild *rebuild)
{
    const struct decision *decision = &rebuild->decision;
    char text[NETWORK_TEXT_SIZE];
    size_t width = ADDRESS_WIDTH_MIN;
    for (size_t i = 0; i < decision->addition_count + decision->skip_count; i++) {
        bool is_addition = i < decision->addition_count;
        size_t length = strlen(network_format(is_addition ? &decision->additions[i].network
                                                          : &decision->skips[i - decision->addition_count].network,
                                              text));
        width = length > width && length <= ADDRESS_WIDTH_MAX ? length : width;
    }
    return (int)width;
}

static void print_host(char sign, const struct network *network, int width, uint64_t accesses)
{
    char text[NETWORK_TEXT_SIZE];
    network_format(network, text);
    const char *const beginning = strlen(text) > (size_t)width ? "" : text;
    if (beginning != text)
        (void)printf("%c %s\n", sign, text);
    (void)printf("%c %-*s %7llu  ", beginning == text ? sign : ' ', width, beginning, (unsigned long long)accesses);
}

static void print_removed(const struct conf *conf, const struct rebuild *rebuild, int width)
{
    for (size_t i = 0; i < rebuild->tab.count; i++) {
        const struct decision_line *line = &rebuild->decision.lines[i];
        if (line->reason < REMOVED_QUIET)
            continue;
        print_host('-', &rebuild->tab.lines[i].network, width, line->accesses);
        (void)printf("line %lu: ", rebuild->tab.lines[i].number);
        if (line->reason == REMOVED_QUIET)
            (void)printf("not more than remove_count, %d\n", conf->remove_count);
        else
            (void)puts(line->reason == REMOVED_WHITELISTED ? "white-listed" : "not registered anew");
    }
}

static void print_added(const struct conf *conf, const struct rebuild *rebuild, int width)
{
    struct buffer text = {0};
    for (size_t i = 0; i < rebuild->decision.addition_count; i++) {
        const struct decision_addition *addition = &rebuild->decision.additions[i];
        if (addition->renewed)
            continue;
        text.length = 0;
        rebuild_describe_accesses(rebuild, conf, addition->first_host, addition->host_count, &text);
        print_host('+', &addition->network, width, addition->accesses);
        (void)printf("%.*s\n", (int)text.length, text.bytes ? text.bytes : "");
        if (addition->shadowed_by > 0)
            (void)printf("  (line %lu comes first and does not refuse: shadowed)\n", addition->shadowed_by);
    }
    buffer_clear(&text);
}

static void print_skips(const struct rebuild *rebuild, int width)
{
    for (size_t i = 0; i < rebuild->decision.skip_count; i++) {
        const struct decision_skip *skip = &rebuild->decision.skips[i];
        print_host('.', &skip->network, width, skip->accesses);
        if (skip->reason == SKIPPED_COVERED)
            (void)printf("line %lu of the list refuses it already\n", skip->covered_by);
        else
            (void)puts(skip->reason == SKIPPED_WHITELISTED ? "white-listed" : "logged in as a user: exempt");
    }
}

static void print_whitelisted(const struct rebuild *rebuild, int width)
{
    for (size_t i = 0; i < rebuild->tab.count; i++) {
        const struct decision_line *line = &rebuild->decision.lines[i];
        if (!line->keep || !line->whitelisted)
            continue;
        print_host('!', &rebuild->tab.lines[i].network, width, line->accesses);
        (void)printf("line %lu stays although it is white-listed\n", rebuild->tab.lines[i].number);
    }
}

/* Renewed entries come back at the end, without whatever else stood in their lines. */
static void print_renewed(const struct rebuild *rebuild)
{
    size_t renewed = 0;
    for (size_t i = 0; i < rebuild->tab.count; i++)
        renewed += rebuild->decision.lines[i].reason == KEPT_RENEWED;
    if (renewed > 0)
        (void)printf("%zu more entr%s found again and written anew, behind the lines that stay\n", renewed,
                     renewed == 1 ? "y is" : "ies are");
}

void report_changes(const struct conf *conf, const struct rebuild *rebuild)
{
    int width = address_width(rebuild);
    const char *what = "would change";
    if (!rebuild->list.table.exists)
        what = "missing, so that XMail refuses every client; would be made";
    if (rebuild->list.outcome == AMEND_UNCHANGED)
        what = "nothing would change";
    else if (conf->save_mode == SAVE_NONE)
        what = "nothing would change, save_mode is none; otherwise this would";
    tell("%s:", rebuild->list.table.path);
    (void)puts(what);
    (void)puts("(- removed, + added, . not added, ! look at it; then address, accesses, why)\n");
    print_removed(conf, rebuild, width);
    print_added(conf, rebuild, width);
    print_skips(rebuild, width);
    print_whitelisted(rebuild, width);
    if (rebuild->list.outcome != AMEND_UNCHANGED)
        print_renewed(rebuild);
    (void)putchar('\n');
}
