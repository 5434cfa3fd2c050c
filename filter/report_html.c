/* SPDX-License-Identifier: MIT */
/* The report as one page that needs nothing from elsewhere: no script, no font, no image. */
#include "report.h"

#include "chart.h"
#include "messages.h"
#include "plural.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

enum {
    CHART_WIDTH = 360, /* units of the drawings: about those of a telephone's screen */
    CHART_HEIGHT = 160,
    CHART_LEFT = 40,
    CHART_TOP = 16,
    CHART_BOTTOM = 140,
    CHART_TEXT = 154, /* base line of the labels */
    COLUMNS_MAX = 64,
    LABEL_WIDTH = 38, /* that a day's label takes, with a gap */
    HOUR_LABEL_EVERY = 3,
    VALUES_UP_TO = 10, /* so many columns have their values above them */
    LABEL_SIZE = 32,
};

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n"
    "<style>\n"
    ":root{--page:#f4f5f6;--card:#fff;--text:#1b1e22;--quiet:#565d66;--line:#d9dde1;--bar:#2b6cb0;"
    "--good:#1b6e3c;--act:#8a5200;--bad:#b3261e}\n"
    "@media(prefers-color-scheme:dark){:root{--page:#121518;--card:#1c2024;--text:#e7e9ec;--quiet:#a7afb8;"
    "--line:#343a41;--bar:#6aa5e3;--good:#74c795;--act:#e5ac5c;--bad:#f28b82}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--page);color:var(--text);font:1rem/1.45 system-ui,sans-serif}\n"
    "main{max-width:72rem;margin:auto;padding:1rem;display:grid;gap:1rem}\n"
    "main>*{min-width:0}\n"
    "h1{font-size:1.4rem;margin:.25rem 0}\n"
    "h2{font-size:1.05rem;margin:0 0 .6rem}\n"
    "p{margin:.3rem 0;overflow-wrap:anywhere}\n"
    ".day{white-space:nowrap}\n"
    ".quiet{color:var(--quiet)}\n"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem}\n"
    ".pair{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));align-items:start}"
    "\n"
    ".pair>*{min-width:0}\n"
    ".facts{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));margin:0}\n"
    ".facts div{display:flex;flex-direction:column-reverse;justify-content:flex-end}\n"
    ".facts dt{color:var(--quiet);font-size:.85rem}\n"
    ".facts dd{margin:0;font-size:1.6rem;font-weight:600;font-variant-numeric:tabular-nums}\n"
    ".scroll{overflow-x:auto}\n"
    ".scroll:focus-visible{outline:2px solid var(--bar);outline-offset:2px}\n"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
    "th,td{padding:.35rem .6rem;text-align:left;white-space:nowrap;border-bottom:1px solid var(--line)}\n"
    "thead th{color:var(--quiet);font-weight:600}\n"
    "tbody th{font-weight:500;font-variant-numeric:tabular-nums}\n"
    "tbody tr:last-child>*{border-bottom:0}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums}\n"
    ".text{white-space:normal;overflow-wrap:anywhere;min-width:9rem}\n"
    ".chart{display:block;width:100%;height:auto;max-width:40rem}\n"
    ".chart text{fill:var(--quiet);font:10px system-ui,sans-serif}\n"
    ".chart line{stroke:var(--line)}\n"
    "rect{fill:var(--bar)}\n"
    ".address{white-space:nowrap}\n"
    "@media(max-width:40rem){.chart text{font-size:12px}"
    ".address{white-space:normal;overflow-wrap:anywhere;min-width:9.5rem}}\n"
    ".bar{display:block;width:6rem;height:.6rem}\n"
    ".good{color:var(--good)}.act{color:var(--act)}.bad{color:var(--bad);font-weight:600}\n"
    "</style>\n";

/* --- texts -------------------------------------------------------------------------------------------------------- */

/* What others wrote: nothing in it is markup, and nothing turns the direction of what stands around it. */
static void put_text(const char *text)
{
    for (size_t left = strlen(text), taken; left > 0; text += taken, left -= taken) {
        bool harmless;
        taken = messages_character(text, left, &harmless);
        if (!harmless || utf8_length(text, left) == 0)
            (void)fputs("&#xFFFD;", stdout);
        else if (strchr("<>&\"'", *text))
            (void)printf("&#%d;", *text);
        else
            (void)fwrite(text, 1, taken, stdout);
    }
}

static void put_foreign(const char *text)
{
    (void)fputs("<bdi>", stdout);
    put_text(text);
    (void)fputs("</bdi>", stdout);
}

static unsigned long long n(uint64_t count)
{
    return count;
}

/* --- head --------------------------------------------------------------------------------------------------------- */

static void put_fact(const char *name, uint64_t count)
{
    (void)printf("<div><dt>%s</dt><dd>%llu</dd></div>\n", name, n(count));
}

static void put_facts(const struct report *report)
{
    const struct decision *decision = &report->rebuild->decision;
    char enough[64];
    (void)snprintf(enough, sizeof enough, "with %d or more (register_count)", report->conf->register_count);
    (void)fputs("<dl class=\"card facts\">\n", stdout);
    put_fact("unauthorised accesses", report->accesses);
    put_fact("refused by XMail", report->refused);
    put_fact("hosts", rebuild_host_count(report->rebuild, 1));
    put_fact(enough, rebuild_host_count(report->rebuild, (uint64_t)report->conf->register_count));
    put_fact("would be added to the list", decision->added);
    put_fact("would be removed", decision->removed);
    put_fact("would stay", decision->kept);
    (void)fputs("</dl>\n", stdout);
}

static void put_sources(const struct report *report)
{
    const char *between = "Read: ";
    (void)fputs("<p class=\"quiet\">", stdout);
    for (size_t i = 0; i < report->conf->log_count; i++) {
        const struct gather_counts *counts = &report->rebuild->gathered.by_log[i];
        if (!report_reads(report, i))
            continue;
        (void)printf("%s%s: %llu file%s, %llu record%s", between, report->conf->logs[i].format->name, n(counts->files),
                     s(counts->files), n(counts->records), s(counts->records));
        if (counts->malformed > 0)
            (void)printf(" (%llu malformed)", n(counts->malformed));
        between = "; ";
    }
    (void)fputs(".</p>\n", stdout);
}

static void put_begin(const struct report *report)
{
    char first[DAY_TEXT_SIZE];
    char last[DAY_TEXT_SIZE];
    char now[MOMENT_TEXT_SIZE];
    day_format(report->rebuild->range.first, first);
    day_format(report->rebuild->range.last, last);
    (void)fputs(head, stdout);
    (void)printf("<title>xmail-spammers: %s to %s</title>\n</head>\n<body>\n<main>\n<header>\n", first, last);
    (void)printf("<h1>Unauthorised accesses, <span class=\"day\">%s</span> to <span class=\"day\">%s</span></h1>\n<p>",
                 first, last);
    put_foreign(report->conf->mail_root);
    (void)printf(", as of %s</p>\n", moment_format(report->now, now));
    put_sources(report);
    if (!report->rebuild->list.table.exists) {
        (void)fputs("<p class=\"bad\">The list ", stdout);
        put_foreign(report->rebuild->list.table.path);
        (void)fputs(" is missing, so that XMail refuses every client.</p>\n", stdout);
    }
    if (report->conf->save_mode == SAVE_NONE)
        (void)fputs("<p>save_mode is none: a rebuild saves nothing.</p>\n", stdout);
    (void)fputs("</header>\n", stdout);
    put_facts(report);
}

/* --- columns ------------------------------------------------------------------------------------------------------ */

struct column {
    uint64_t value;
    char name[LABEL_SIZE];  /* "2026-11-15" */
    char label[LABEL_SIZE]; /* what stands below it, or "" */
};

struct columns {
    const char *id;
    const char *title;
    struct column columns[COLUMNS_MAX];
    size_t count;
    uint64_t most;
};

/* A line across at this height and, if it isn't 0, the number that it stands for. */
static void put_level(int y, uint64_t level)
{
    char text[CHART_LABEL_SIZE];
    (void)printf("<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", CHART_LEFT, y, CHART_WIDTH, y);
    if (level > 0)
        (void)printf("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", CHART_LEFT - 4, y + 4,
                     chart_count(level, text));
    (void)putchar('\n');
}

static void put_axis(const struct columns *chart)
{
    put_level(CHART_TOP, chart->most);
    put_level((CHART_TOP + CHART_BOTTOM) / 2, chart->most % 2 == 0 ? chart->most / 2 : 0);
    put_level(CHART_BOTTOM, 0);
}

static void put_column(const struct columns *chart, size_t number)
{
    const struct column *column = &chart->columns[number];
    const double width = (double)(CHART_WIDTH - CHART_LEFT) / (double)chart->count;
    const double left = CHART_LEFT + width * (double)number;
    char text[CHART_LABEL_SIZE];
    double height = (CHART_BOTTOM - CHART_TOP) * (double)column->value / (double)chart->most;
    if (column->value > 0 && height < 1)
        height = 1;
    if (column->value > 0)
        (void)printf("<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" rx=\"1\"><title>%s: %llu</title>"
                     "</rect>\n",
                     left + width * 0.1, CHART_BOTTOM - height, width * 0.8, height, column->name, n(column->value));
    if (*column->label)
        (void)printf("<text x=\"%.2f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", left + width / 2, CHART_TEXT,
                     column->label);
    if (chart->count <= VALUES_UP_TO && column->value != chart->most)
        (void)printf("<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"middle\">%s</text>\n", left + width / 2,
                     CHART_BOTTOM - height - 3, chart_count(column->value, text));
}

/* The description is all that is drawn, for those who can't see it. */
static void put_columns(const struct columns *chart)
{
    (void)printf("<section class=\"card\">\n<h2>%s</h2>\n<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" "
                 "aria-labelledby=\"%s-title %s-desc\">\n<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">",
                 chart->title, CHART_WIDTH, CHART_HEIGHT, chart->id, chart->id, chart->id, chart->title, chart->id);
    for (size_t i = 0; i < chart->count; i++)
        (void)printf("%s%s: %llu", i > 0 ? "; " : "", chart->columns[i].name, n(chart->columns[i].value));
    (void)fputs("</desc>\n", stdout);
    put_axis(chart);
    for (size_t i = 0; i < chart->count; i++)
        put_column(chart, i);
    (void)fputs("</svg>\n", stdout);
}

static void find_most(struct columns *chart)
{
    chart->most = 1;
    for (size_t i = 0; i < chart->count; i++)
        chart->most = chart->columns[i].value > chart->most ? chart->columns[i].value : chart->most;
}

static void put_days(const struct survey *survey)
{
    struct columns chart = {.id = "days", .title = "By day"};
    const size_t each = (survey->day_count + COLUMNS_MAX - 1) / COLUMNS_MAX;
    char text[DAY_TEXT_SIZE];
    for (size_t i = 0; i < survey->day_count; i++) {
        struct column *column = &chart.columns[i / each];
        chart.count = i / each + 1;
        column->value += survey->days[i].accesses;
        if (i % each == 0)
            (void)snprintf(column->name, sizeof column->name, "%s%s", each > 1 ? "from " : "",
                           day_format(survey->days[i].day, text));
    }
    const size_t step = (chart.count * LABEL_WIDTH + CHART_WIDTH - CHART_LEFT - 1) / (CHART_WIDTH - CHART_LEFT);
    for (size_t i = 0; i < chart.count; i += step)
        (void)snprintf(chart.columns[i].label, LABEL_SIZE, "%s",
                       chart.columns[i].name + strlen(chart.columns[i].name) - strlen("11-15"));
    find_most(&chart);
    if (chart.count > 0)
        put_columns(&chart);
    if (each > 1)
        (void)printf("<p class=\"quiet\">%zu days in each column.</p>\n", each);
    (void)fputs("</section>\n", stdout);
}

static void put_hours(const struct survey *survey)
{
    struct columns chart = {.id = "hours", .title = "By hour of the day", .count = SURVEY_HOURS};
    for (unsigned i = 0; i < SURVEY_HOURS; i++) {
        chart.columns[i].value = survey->hours[i];
        (void)snprintf(chart.columns[i].name, LABEL_SIZE, "%02u:00", i);
        if (i % HOUR_LABEL_EVERY == 0)
            (void)snprintf(chart.columns[i].label, LABEL_SIZE, "%02u", i);
    }
    find_most(&chart);
    put_columns(&chart);
    if (survey->hourless > 0)
        (void)printf("<p class=\"quiet\">%llu more at an hour that the log doesn&#39;t tell.</p>\n",
                     n(survey->hourless));
    (void)fputs("</section>\n", stdout);
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

static void put_bar(uint64_t value, uint64_t most)
{
    const double part = most > 0 ? 100.0 * (double)value / (double)most : 0;
    (void)printf("<td><svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                 "<rect width=\"%.2f\" height=\"10\"/></svg></td>",
                 part);
}

/* A table that scrolls in itself, also by the keyboard. */
static void put_table_begin(const char *id, const char *title)
{
    (void)printf("<section class=\"card\">\n<h2 id=\"%s\">%s</h2>\n<div class=\"scroll\" tabindex=\"0\" "
                 "role=\"region\" aria-labelledby=\"%s\">\n<table>\n",
                 id, title, id);
}

static void put_table_end(void)
{
    (void)fputs("</tbody>\n</table>\n</div>\n", stdout);
}

static void put_share(const struct report *report, const char *text, const char *meaning, uint64_t accesses)
{
    char share[REPORT_SHARE_SIZE];
    (void)fputs("<tr><th scope=\"row\" class=\"text\">", stdout);
    put_foreign(text);
    if (*meaning)
        (void)printf("<br><span class=\"quiet\">%s</span>", meaning);
    (void)printf("</th><td class=\"n\">%llu</td><td class=\"n\">", n(accesses));
    put_text(report_share(report, accesses, share));
    (void)fputs("&nbsp;%</td>", stdout);
    put_bar(accesses, report->accesses);
    (void)fputs("</tr>\n", stdout);
}

static void put_share_head(const char *what)
{
    (void)printf("<thead><tr><th scope=\"col\">%s</th><th scope=\"col\" class=\"n\">accesses</th>"
                 "<th scope=\"col\" class=\"n\">share</th><td></td></tr></thead>\n<tbody>\n",
                 what);
}

static void put_statuses(const struct report *report)
{
    const struct survey *survey = report->survey;
    uint64_t others = survey->other_statuses;
    put_table_begin("statuses", "By status");
    put_share_head("status");
    for (size_t i = 0; i < survey->status_count; i++) {
        const struct survey_status *status = &survey->statuses[i];
        if (i < REPORT_STATUSES_SHOWN)
            put_share(report, *status->text ? status->text : "(none)", report_status_meaning(status->text),
                      status->accesses);
        else
            others += status->accesses;
    }
    if (others > 0)
        put_share(report, "other", "", others);
    put_table_end();
    (void)fputs("</section>\n", stdout);
}

static void put_formats(const struct report *report)
{
    put_table_begin("formats", "By log");
    put_share_head("log");
    for (size_t i = 0; i < report->format_count; i++)
        put_share(report, report->formats[i].format->name, "", report->formats[i].accesses);
    put_table_end();
    (void)fputs("</section>\n", stdout);
}

static void put_outlook(const struct outlook *outlook)
{
    static const char *const classes[OUTLOOK_KINDS] = {
        [OUTLOOK_ADDED] = "act",         [OUTLOOK_KEPT] = "good",    [OUTLOOK_PERMANENT] = "good",
        [OUTLOOK_COVERED] = "good",      [OUTLOOK_SHADOWED] = "bad", [OUTLOOK_REMOVED] = "act",
        [OUTLOOK_WHITELISTED] = "quiet", [OUTLOOK_EXEMPT] = "quiet", [OUTLOOK_IDLE] = "",
        [OUTLOOK_BELOW] = "quiet",
    };
    char text[REPORT_OUTLOOK_SIZE];
    (void)printf("<td class=\"%s\">%s%s</td>", report_contradicts(outlook) ? "bad" : classes[outlook->kind],
                 report_outlook(outlook, text), report_contradicts(outlook) ? ", although white-listed" : "");
}

static void put_host(const struct report *report, const struct report_host *host)
{
    char text[ADDRESS_TEXT_SIZE];
    (void)printf("<tr><th scope=\"row\" class=\"address\">%s</th><td class=\"n\">%llu</td>",
                 address_format(host->host->address, text), n(host->host->unauthorized));
    put_outlook(&host->outlook);
    put_bar(host->host->unauthorized, report->hosts[0].host->unauthorized);
    for (size_t i = 0; i < report->format_count; i++)
        (void)printf("<td class=\"n\">%llu</td>", n(report_accesses(report, host, i)));
    (void)printf("<td class=\"n\">%llu</td>", n(host->host->refused));
    (void)printf("<td>%s</td>", host->host->first_day > 0 ? day_format(host->host->first_day, text) : "&ndash;");
    (void)printf("<td>%s</td>", host->host->last_day > 0 ? day_format(host->host->last_day, text) : "&ndash;");
    (void)fputs("</tr>\n", stdout);
}

static void put_hosts(const struct report *report)
{
    put_table_begin("hosts", "Hosts, worst first");
    (void)fputs("<thead><tr><th scope=\"col\">address</th><th scope=\"col\" class=\"n\">total</th>"
                "<th scope=\"col\">outlook</th><td></td>",
                stdout);
    for (size_t i = 0; i < report->format_count; i++)
        (void)printf("<th scope=\"col\" class=\"n\">%s</th>", report->formats[i].format->name);
    (void)fputs("<th scope=\"col\" class=\"n\">refused</th><th scope=\"col\">first day</th>"
                "<th scope=\"col\">last day</th></tr></thead>\n<tbody>\n",
                stdout);
    for (size_t i = 0; i < report->shown; i++)
        put_host(report, &report->hosts[i]);
    put_table_end();
    if (report->shown < report->host_count)
        (void)printf("<p class=\"quiet\">and %zu more: see them with --top %zu</p>\n",
                     report->host_count - report->shown, report->host_count);
    (void)fputs("</section>\n", stdout);
}

void report_print_html(const struct report *report)
{
    put_begin(report);
    (void)fputs("<div class=\"pair\">\n", stdout);
    put_days(report->survey);
    put_hours(report->survey);
    put_statuses(report);
    put_formats(report);
    (void)fputs("</div>\n", stdout);
    put_hosts(report);
    (void)fputs("</main>\n</body>\n</html>\n", stdout);
}
