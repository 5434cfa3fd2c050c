/* SPDX-License-Identifier: MIT */
/* The report on a screen of 80 columns. */
#include "report.h"

#include "chart.h"
#include "command.h"
#include "messages.h"
#include "plural.h"

#include <stdio.h>
#include <string.h>

enum {
    SCREEN = 80,
    GAP = 2,
    ADDRESS_WIDTH_MIN = 7,
    ADDRESS_WIDTH_MAX = 20, /* longer ones have a line to themselves */
    TITLE_MAX = 8,          /* of a column of numbers */
    BAR_MIN = 4,
    BAR_MAX = 20,
    STATUS_WIDTH = 26,
    SHARE_BAR = 12,
    CHART_ROOM = SCREEN - CHART_AXIS_WIDTH,
    DAY_COLUMN_MAX = 9,
    HOUR_COLUMN = CHART_ROOM / SURVEY_HOURS,
    DAYS_OF_YEAR = 366,
};

static const char bold[] = "\033[1m";
static const char plain[] = "\033[m";
static const char bars[] = "\033[36m";

static struct chart_style style_of(const struct screen *screen)
{
    return (struct chart_style){
        .blocks = screen->utf8, .before = screen->colours ? bars : "", .behind = screen->colours ? plain : ""};
}

static unsigned long long n(uint64_t count)
{
    return count;
}

static void print_title(const struct screen *screen, const char *title)
{
    (void)printf("\n%s%s%s\n", screen->colours ? bold : "", title, screen->colours ? plain : "");
}

/* --- head --------------------------------------------------------------------------------------------------------- */

static void print_logs(const struct report *report)
{
    const char *title = "Logs";
    for (size_t i = 0; i < report->conf->log_count; i++) {
        const struct gather_counts *counts = &report->rebuild->gathered.by_log[i];
        if (!report_reads(report, i))
            continue;
        (void)printf("%-10s%s: %llu file%s, %llu record%s", title, report->conf->logs[i].format->name, n(counts->files),
                     s(counts->files), n(counts->records), s(counts->records));
        if (counts->malformed > 0)
            (void)printf(", %llu malformed", n(counts->malformed));
        (void)putchar('\n');
        title = "";
    }
}

static void print_list(const struct report *report)
{
    const struct decision *decision = &report->rebuild->decision;
    tell("List      %s%s", report->rebuild->list.table.path,
         report->rebuild->list.table.exists ? "" : ": missing, so that XMail refuses every client");
    (void)printf("          a rebuild %s %zu, remove %zu, keep %zu\n",
                 report->conf->save_mode == SAVE_NONE ? "(but save_mode is none) would add" : "would add",
                 decision->added, decision->removed, decision->kept);
}

static void print_head(const struct report *report)
{
    char first[DAY_TEXT_SIZE];
    char last[DAY_TEXT_SIZE];
    const size_t hosts = rebuild_host_count(report->rebuild, 1);
    tell("MailRoot  %s", report->conf->mail_root);
    (void)printf("Range     %s to %s\n", day_format(report->rebuild->range.first, first),
                 day_format(report->rebuild->range.last, last));
    print_logs(report);
    (void)printf("Hosts     %zu with unauthorised accesses, %zu with %d (register_count) or more\n", hosts,
                 rebuild_host_count(report->rebuild, (uint64_t)report->conf->register_count),
                 report->conf->register_count);
    (void)printf("Accesses  %llu unauthorised", n(report->accesses));
    if (report->refused > 0)
        (void)printf(", %llu refused by XMail", n(report->refused));
    (void)putchar('\n');
    print_list(report);
}

/* --- hosts -------------------------------------------------------------------------------------------------------- */

/* The widths of the columns; 0: there is none. */
struct layout {
    int address;
    int total;
    size_t formats; /* so many have a column, the others are summed */
    int other;
    int refused;
    bool with_year; /* days need it */
    int bar;
    int outlook;
    uint64_t most; /* accesses of one host */
};

static int digits(uint64_t number)
{
    return snprintf(NULL, 0, "%llu", n(number));
}

static int wider(int a, int b)
{
    return a > b ? a : b;
}

/* With a mark if it shouldn't be so. */
static const char *describe(const struct outlook *outlook, char text[REPORT_OUTLOOK_SIZE])
{
    report_outlook(outlook, text);
    if (report_contradicts(outlook))
        (void)strncat(text, " !", REPORT_OUTLOOK_SIZE - strlen(text) - 1);
    return text;
}

static int format_width(const struct report *report, size_t format)
{
    const int name = (int)strlen(report->formats[format].format->name);
    int width = name < TITLE_MAX ? name : TITLE_MAX;
    for (size_t i = 0; i < report->shown; i++)
        width = wider(width, digits(report_accesses(report, &report->hosts[i], format)));
    return width;
}

/* What so many formats and the sum of the others take. */
static int width_of_formats(const struct report *report, size_t formats, int other)
{
    int width = formats > 0 && formats < report->format_count ? GAP + other : 0;
    for (size_t i = 0; i < formats; i++)
        width += GAP + format_width(report, i);
    return width;
}

/* As many formats as leave room for a bar; a single one is all that the total is. */
static void lay_out_formats(const struct report *report, int room, struct layout *layout)
{
    layout->other = wider((int)strlen("other"), layout->total);
    layout->formats = report->format_count > 1 ? report->format_count : 0;
    while (layout->formats > 0 && width_of_formats(report, layout->formats, layout->other) + GAP + BAR_MIN > room)
        layout->formats--;
    room -= width_of_formats(report, layout->formats, layout->other) + GAP;
    if (layout->formats == 0 || layout->formats == report->format_count)
        layout->other = 0;
    layout->bar = room > BAR_MAX ? BAR_MAX : room;
}

static struct layout lay_out(const struct report *report)
{
    struct layout layout = {.address = ADDRESS_WIDTH_MIN, .total = 5, .outlook = 7};
    char text[REPORT_OUTLOOK_SIZE];
    const struct day_range range = report->rebuild->range;
    layout.with_year = day_range_until(range.last, DAYS_OF_YEAR).first > range.first;
    for (size_t i = 0; i < report->shown; i++) {
        const struct evidence_host *host = report->hosts[i].host;
        const int length = (int)strlen(address_format(host->address, text));
        layout.address = length <= ADDRESS_WIDTH_MAX ? wider(layout.address, length) : layout.address;
        layout.total = wider(layout.total, digits(host->unauthorized));
        layout.refused = host->refused > 0 ? wider(wider(layout.refused, 7), digits(host->refused)) : layout.refused;
        layout.outlook = wider(layout.outlook, (int)strlen(describe(&report->hosts[i].outlook, text)));
    }
    layout.most = report->shown > 0 ? report->hosts[0].host->unauthorized : 0;
    const int days = layout.with_year ? 17 : 11;
    const int used = layout.address + GAP + layout.total + (layout.refused > 0 ? GAP + layout.refused : 0) + GAP +
                     days + GAP + layout.outlook;
    lay_out_formats(report, SCREEN - used, &layout);
    return layout;
}

static void print_day(const struct layout *layout, day_number day)
{
    char text[DAY_TEXT_SIZE];
    const int width = layout->with_year ? 8 : 5;
    if (day == 0)
        (void)printf("%*s", width, "-");
    else
        (void)fputs(day_format(day, text) + DAY_TEXT_SIZE - 1 - width, stdout);
}

static void print_titles(const struct report *report, const struct layout *layout, const struct screen *screen)
{
    (void)printf("%s%-*s  %*s", screen->colours ? bold : "", layout->address, "address", layout->total, "total");
    for (size_t i = 0; i < layout->formats; i++)
        (void)printf("  %*.*s", format_width(report, i), TITLE_MAX, report->formats[i].format->name);
    if (layout->other > 0)
        (void)printf("  %*s", layout->other, "other");
    if (layout->refused > 0)
        (void)printf("  %*s", layout->refused, "refused");
    (void)printf("  %-*s", layout->with_year ? 17 : 11, "seen");
    if (layout->bar >= BAR_MIN)
        (void)printf("  %*s", layout->bar, "");
    (void)printf("  outlook%s\n", screen->colours ? plain : "");
}

static const char *colour_of(const struct outlook *outlook)
{
    static const char *const colours[OUTLOOK_KINDS] = {
        [OUTLOOK_ADDED] = "\033[33m",
        [OUTLOOK_KEPT] = "\033[32m",
        [OUTLOOK_PERMANENT] = "\033[32m",
        [OUTLOOK_COVERED] = "\033[32m",
        [OUTLOOK_SHADOWED] = "\033[31m",
        [OUTLOOK_REMOVED] = "\033[35m",
        [OUTLOOK_IDLE] = "",
        [OUTLOOK_WHITELISTED] = "\033[2m",
        [OUTLOOK_EXEMPT] = "\033[2m",
        [OUTLOOK_BELOW] = "\033[2m",
    };
    return report_contradicts(outlook) ? "\033[31m" : colours[outlook->kind];
}

static void print_host(const struct report *report, const struct layout *layout, const struct screen *screen,
                       const struct report_host *host)
{
    const struct chart_style style = style_of(screen);
    char address[ADDRESS_TEXT_SIZE];
    char outlook[REPORT_OUTLOOK_SIZE];
    uint64_t rest = host->host->unauthorized;
    address_format(host->host->address, address);
    const bool is_long = strlen(address) > (size_t)layout->address;
    (void)printf("%-*s%s", layout->address, address, is_long ? "\n" : "");
    (void)printf("%*s  %*llu", is_long ? layout->address : 0, "", layout->total, n(host->host->unauthorized));
    for (size_t i = 0; i < layout->formats; i++) {
        const uint64_t accesses = report_accesses(report, host, i);
        (void)printf("  %*llu", format_width(report, i), n(accesses));
        rest -= accesses;
    }
    if (layout->other > 0)
        (void)printf("  %*llu", layout->other, n(rest));
    if (layout->refused > 0)
        (void)printf("  %*llu", layout->refused, n(host->host->refused));
    (void)fputs("  ", stdout);
    print_day(layout, host->host->first_day);
    (void)putchar(' ');
    print_day(layout, host->host->last_day);
    if (layout->bar >= BAR_MIN) {
        (void)fputs("  ", stdout);
        const int drawn = chart_bar(&style, host->host->unauthorized, layout->most, layout->bar);
        (void)printf("%*s", layout->bar - drawn, "");
    }
    (void)printf("  %s%s%s\n", screen->colours ? colour_of(&host->outlook) : "", describe(&host->outlook, outlook),
                 screen->colours ? plain : "");
}

static void print_hosts(const struct report *report, const struct screen *screen)
{
    const struct layout layout = lay_out(report);
    bool contradicts = false;
    print_title(screen, "Hosts, worst first");
    if (report->host_count == 0) {
        (void)puts("none");
        return;
    }
    print_titles(report, &layout, screen);
    for (size_t i = 0; i < report->shown; i++) {
        print_host(report, &layout, screen, &report->hosts[i]);
        contradicts |= report_contradicts(&report->hosts[i].outlook);
    }
    if (report->shown < report->host_count)
        (void)printf("and %zu more: see them with --top %zu\n", report->host_count - report->shown, report->host_count);
    if (contradicts)
        (void)puts("! it is white-listed all the same");
}

/* --- when --------------------------------------------------------------------------------------------------------- */

/* As many days in each column as are needed for all to have room. */
static void print_days(const struct report *report, const struct screen *screen)
{
    const struct survey *survey = report->survey;
    const struct chart_style style = style_of(screen);
    struct chart_column columns[CHART_ROOM] = {{0}};
    const size_t each = (survey->day_count + CHART_ROOM - 1) / CHART_ROOM;
    size_t count = 0;
    char text[DAY_TEXT_SIZE];
    if (each == 0)
        return;
    for (size_t i = 0; i < survey->day_count; i++) {
        struct chart_column *column = &columns[i / each];
        count = i / each + 1;
        column->value += survey->days[i].accesses;
        if (i % each == 0)
            (void)snprintf(column->label, sizeof column->label, "%s",
                           day_format(survey->days[i].day, text) + (survey->day_count > DAYS_OF_YEAR ? 0 : 5));
    }
    if (each == 1)
        print_title(screen, "Unauthorised accesses by day");
    else {
        print_title(screen, "Unauthorised accesses by time");
        (void)printf("(%zu days in each column)\n", each);
    }
    const size_t width = CHART_ROOM / count;
    chart_columns(&style, columns, count, width < DAY_COLUMN_MAX ? (int)width : DAY_COLUMN_MAX);
}

static void print_hours(const struct report *report, const struct screen *screen)
{
    const struct chart_style style = style_of(screen);
    struct chart_column columns[SURVEY_HOURS];
    for (unsigned i = 0; i < SURVEY_HOURS; i++) {
        columns[i].value = report->survey->hours[i];
        (void)snprintf(columns[i].label, sizeof columns[i].label, "%02u", i);
    }
    print_title(screen, "Unauthorised accesses by hour of the day");
    chart_columns(&style, columns, SURVEY_HOURS, HOUR_COLUMN);
    if (report->survey->hourless > 0)
        (void)printf("%*s%llu more at an hour that the log doesn't tell\n", CHART_AXIS_WIDTH, "",
                     n(report->survey->hourless));
}

/* --- what --------------------------------------------------------------------------------------------------------- */

/* Prints so much of the status as the column has room for. */
static void print_status(const struct screen *screen, const char *status)
{
    struct buffer text = {0};
    size_t width = 0;
    for (size_t left = strlen(status), taken; left > 0; status += taken, left -= taken) {
        bool ignored;
        taken = messages_character(status, left, &ignored);
        const size_t before = text.length;
        const size_t columns = screen_add(screen, &text, status, taken);
        if (width + columns > STATUS_WIDTH) {
            text.length = before;
            break;
        }
        width += columns;
    }
    (void)printf("%.*s%*s", (int)text.length, text.bytes ? text.bytes : "", (int)(STATUS_WIDTH - width), "");
    buffer_clear(&text);
}

/* A line of what is a part of all accesses; meaning may be "". */
static void print_share(const struct report *report, const struct screen *screen, const char *what, const char *meaning,
                        uint64_t accesses)
{
    const struct chart_style style = style_of(screen);
    char share[REPORT_SHARE_SIZE];
    print_status(screen, what);
    (void)printf("  %7llu  %3s %%  ", n(accesses), report_share(report, accesses, share));
    const int drawn = chart_bar(&style, accesses, report->accesses, SHARE_BAR);
    if (*meaning)
        (void)printf("%*s%s", SHARE_BAR - drawn + GAP, "", meaning);
    (void)putchar('\n');
}

static void print_statuses(const struct report *report, const struct screen *screen)
{
    const struct survey *survey = report->survey;
    uint64_t others = survey->other_statuses;
    print_title(screen, "Unauthorised accesses by status");
    for (size_t i = 0; i < survey->status_count; i++) {
        const struct survey_status *status = &survey->statuses[i];
        if (i < REPORT_STATUSES_SHOWN)
            print_share(report, screen, *status->text ? status->text : "(none)", report_status_meaning(status->text),
                        status->accesses);
        else
            others += status->accesses;
    }
    if (others > 0)
        print_share(report, screen, "other", "", others);
}

static void print_formats(const struct report *report, const struct screen *screen)
{
    print_title(screen, "Unauthorised accesses by log");
    for (size_t i = 0; i < report->format_count; i++)
        print_share(report, screen, report->formats[i].format->name, "", report->formats[i].accesses);
}

void report_print_text(const struct report *report, const struct screen *screen)
{
    print_head(report);
    print_hosts(report, screen);
    print_days(report, screen);
    print_hours(report, screen);
    print_statuses(report, screen);
    if (report->format_count > 1)
        print_formats(report, screen);
}
