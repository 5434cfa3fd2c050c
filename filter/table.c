/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <stdlib.h>
#include <string.h>

enum { GAP = 2 }; /* blanks between columns */

/* A cell whose text is held, as it is to be drawn. */
struct table_held {
    size_t length; /* in bytes */
    size_t width;  /* in columns of the screen */
};

bool table_begin(struct table *table, const struct screen *screen, FILE *stream, const struct table_column *columns,
                 size_t count, bool cut)
{
    *table = (struct table){.screen = screen,
                            .stream = stream,
                            .columns = columns,
                            .count = count,
                            .cut = cut,
                            .widths = calloc(count, sizeof *table->widths)};
    for (size_t i = 0; table->widths && i < count; i++)
        table->widths[i] = strlen(columns[i].heading);
    return table->widths != NULL;
}

/* --- a row -------------------------------------------------------------------------------------------------------- */

static void add_blanks(struct buffer *line, size_t count)
{
    if (count == 0 || !buffer_reserve(line, count))
        return;
    memset(line->bytes + line->length, ' ', count);
    line->length += count;
}

/* Cuts the line, if it is wider than the screen, to its width, with a mark that it is cut at the end. */
static void cut_line(const struct table *table, struct buffer *line, size_t width)
{
    struct buffer none = {0};
    if (!table->cut || line->failed || width <= table->screen->columns)
        return;
    const size_t room = table->screen->columns - 1;
    size_t at = 0;
    for (size_t column = 0; at < line->length;) {
        size_t taken = 1;
        while (at + taken < line->length && ((unsigned char)line->bytes[at + taken] & 0xc0) == 0x80)
            taken++;
        none.length = 0;
        const size_t more = screen_add(table->screen, &none, line->bytes + at, taken);
        if (column + more > room)
            break;
        column += more;
        at += taken;
    }
    buffer_clear(&none);
    line->length = at;
    buffer_add_text(line, table->screen->utf8 ? "\xe2\x80\xa6" : ">");
}

/* Draws a row; the texts of its cells stand one behind another. */
static void draw(struct table *table, const char *text, const struct table_held *cells)
{
    struct buffer *line = &table->line;
    size_t width = 0; /* of the line, without what would end it as blanks */
    size_t blanks = 0;
    line->length = 0;
    for (size_t i = 0; i < table->count; i++) {
        const size_t room = table->widths[i] > cells[i].width ? table->widths[i] - cells[i].width : 0;
        const size_t before = table->columns[i].is_right ? room : 0;
        if (cells[i].width > 0) {
            add_blanks(line, blanks + before);
            buffer_add(line, text, cells[i].length);
            width += blanks + before + cells[i].width;
            blanks = 0;
        }
        blanks += GAP + (cells[i].width > 0 ? room - before : table->widths[i]);
        text += cells[i].length;
    }
    cut_line(table, line, width);
    buffer_add(line, "\n", 1);
    if (!line->failed)
        (void)fwrite(line->bytes, 1, line->length, table->stream);
}

static void draw_headings(struct table *table)
{
    struct buffer text = {0};
    struct table_held *cells = calloc(table->count, sizeof *cells);
    for (size_t i = 0; cells && i < table->count; i++) {
        cells[i].length = cells[i].width = strlen(table->columns[i].heading);
        buffer_add_text(&text, table->columns[i].heading);
    }
    table->line.failed |= !cells || text.failed;
    if (cells && !text.failed)
        draw(table, text.bytes, cells);
    buffer_clear(&text);
    free(cells);
}

/* Draws all rows that are held. */
static void draw_held(struct table *table)
{
    const char *text = table->text.bytes;
    const struct table_held *cells = (const struct table_held *)(const void *)table->held.bytes;
    if (!table->drawn)
        draw_headings(table);
    table->drawn = true;
    for (size_t row = 0; row < table->rows; row++) {
        draw(table, text, cells);
        for (size_t i = 0; i < table->count; i++)
            text += cells++->length;
    }
    table->rows = table->text.length = table->held.length = 0;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

bool table_add(struct table *table, const struct table_cell *cells)
{
    for (size_t i = 0; i < table->count; i++) {
        const size_t before = table->text.length;
        struct table_held held = {.width = screen_add(table->screen, &table->text, cells[i].text, cells[i].length)};
        held.length = table->text.length - before;
        buffer_add(&table->held, (const char *)&held, sizeof held);
        if (!table->drawn && held.width > table->widths[i])
            table->widths[i] = held.width < TABLE_WIDTH_MAX ? held.width : TABLE_WIDTH_MAX;
    }
    table->rows++;
    if (table->text.failed || table->held.failed)
        return false;
    if (table->drawn || table->rows == TABLE_ROWS_HELD || table->text.length > TABLE_BYTES_HELD)
        draw_held(table);
    return !table->line.failed;
}

bool table_end(struct table *table)
{
    const bool is_whole = table->widths && !table->text.failed && !table->held.failed;
    if (is_whole && table->rows > 0)
        draw_held(table);
    const bool drawn = is_whole && !table->line.failed;
    free(table->widths);
    buffer_clear(&table->text);
    buffer_clear(&table->held);
    buffer_clear(&table->line);
    table->widths = NULL;
    return drawn;
}
