/* SPDX-License-Identifier: MIT */
#include "chart.h"

#include <stdio.h>
#include <string.h>

enum { EIGHTHS = 8, HEIGHT = 6, MIDDLE = HEIGHT / 2, UNIT = 1000, UNITS_FROM = 100 * UNIT };

/* How many of so many steps the value is of the most, at least one unless it is 0. */
static unsigned steps_of(uint64_t value, uint64_t most, unsigned steps)
{
    if (value == 0 || most == 0)
        return 0;
    const unsigned part = (unsigned)((double)value / (double)most * steps + 0.5);
    return part == 0 ? 1 : part > steps ? steps : part;
}

const char *chart_count(uint64_t count, char text[CHART_LABEL_SIZE])
{
    static const char *const units[] = {"", "k", "M", "G", "T", "P"};
    size_t unit = 0;
    for (; count >= UNITS_FROM && unit + 1 < sizeof units / sizeof *units; unit++)
        count /= UNIT;
    (void)snprintf(text, CHART_LABEL_SIZE, "%llu%s", (unsigned long long)count % 10000000, units[unit]);
    return text;
}

int chart_bar(const struct chart_style *style, uint64_t value, uint64_t most, int width)
{
    static const char *const blocks[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
    unsigned filled = steps_of(value, most, (unsigned)width * EIGHTHS);
    int columns = 0;
    (void)fputs(style->before, stdout);
    for (; filled > 0; columns++) {
        const unsigned part = filled < EIGHTHS ? filled : EIGHTHS;
        filled -= part;
        if (style->blocks)
            (void)fputs(blocks[part], stdout);
        else
            (void)putchar(part >= EIGHTHS / 2 ? '#' : '.');
    }
    (void)fputs(style->behind, stdout);
    return columns;
}

/* Of a column filled by so many eighths, what stands in the row (0: the lowest). */
static const char *cell(const struct chart_style *style, unsigned filled, unsigned row)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const unsigned below = row * EIGHTHS;
    const unsigned part = filled <= below ? 0 : filled - below < EIGHTHS ? filled - below : EIGHTHS;
    if (style->blocks)
        return blocks[part];
    return part >= EIGHTHS / 2 ? "#" : part > 0 ? "." : " ";
}

static void print_row(const struct chart_style *style, const struct chart_column *columns, size_t count, int width,
                      uint64_t most, unsigned row)
{
    char text[CHART_LABEL_SIZE] = "";
    while (count > 0 && steps_of(columns[count - 1].value, most, HEIGHT * EIGHTHS) <= row * EIGHTHS)
        count--; /* no blanks at the end */
    if (row == HEIGHT - 1 || row == MIDDLE - 1)
        chart_count(row == HEIGHT - 1 ? most : most / 2, text);
    (void)printf("%*s %s%s", CHART_AXIS_WIDTH - 2, text,
                 style->blocks ? *text ? "┤" : "│"
                 : *text       ? "+"
                               : "|",
                 style->before);
    for (size_t i = 0; i < count; i++) {
        const char *const shown = cell(style, steps_of(columns[i].value, most, HEIGHT * EIGHTHS), row);
        for (int at = 0; at < width - 1; at++)
            (void)fputs(shown, stdout);
        (void)fputs(width > 1 ? i + 1 < count ? " " : "" : shown, stdout);
    }
    (void)printf("%s\n", style->behind);
}

static void print_line(const struct chart_style *style, size_t columns)
{
    (void)printf("%*s%s", CHART_AXIS_WIDTH - 1, "", style->blocks ? "└" : "+");
    for (size_t i = 0; i < columns; i++)
        (void)fputs(style->blocks ? "─" : "-", stdout);
    (void)putchar('\n');
}

/* Each below the begin of its column, but for those that would run into the one before or out of the chart. */
static void print_labels(const struct chart_column *columns, size_t count, int width)
{
    const size_t end = CHART_AXIS_WIDTH + count * (size_t)width;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t begin = CHART_AXIS_WIDTH + i * (size_t)width;
        const size_t length = strlen(columns[i].label);
        if (i > 0 && (begin <= at || begin + length > end))
            continue;
        (void)printf("%*s%s", (int)(begin - at), "", columns[i].label);
        at = begin + length;
    }
    (void)putchar('\n');
}

/* The numbers themselves, if all have room. */
static void print_values(const struct chart_column *columns, size_t count, int width)
{
    char text[CHART_LABEL_SIZE];
    for (size_t i = 0; i < count; i++)
        if (strlen(chart_count(columns[i].value, text)) + 1 > (size_t)width)
            return;
    (void)printf("%*s", CHART_AXIS_WIDTH, "");
    for (size_t i = 0; i + 1 < count; i++)
        (void)printf("%-*s", width, chart_count(columns[i].value, text));
    (void)printf("%s\n", chart_count(columns[count - 1].value, text));
}

void chart_columns(const struct chart_style *style, const struct chart_column *columns, size_t count, int width)
{
    uint64_t most = 1;
    for (size_t i = 0; i < count; i++)
        most = columns[i].value > most ? columns[i].value : most;
    for (unsigned row = HEIGHT; row-- > 0;)
        print_row(style, columns, count, width, most, row);
    print_line(style, count * (size_t)width - (width > 1));
    print_labels(columns, count, width);
    if (count > 0)
        print_values(columns, count, width);
}
