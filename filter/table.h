/* SPDX-License-Identifier: MIT */
/*
 * Tables for people. The first rows decide how wide the columns are, so that a table of any length is drawn as it
 * comes, with little memory; a later cell that is wider pushes the rest of its row to the right. No cell is cut for
 * that.
 */
#ifndef XS_TABLE_H
#define XS_TABLE_H

#include "buffer.h"
#include "screen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    TABLE_ROWS_HELD = 1000,         /* they decide */
    TABLE_BYTES_HELD = 1024 * 1024, /* or fewer, if they hold so much */
    TABLE_WIDTH_MAX = 48,           /* of a column: wider cells are for themselves, else one would make all rows wide */
};

struct table_column {
    const char *heading;
    bool is_right; /* numbers */
};

/* Text from anywhere; what a terminal might obey in it isn't shown. */
struct table_cell {
    const char *text;
    size_t length;
};

struct table {
    const struct screen *screen;
    FILE *stream;
    const struct table_column *columns;
    size_t count;
    bool cut;           /* rows at the screen's width */
    bool drawn;         /* the headings, and so the widths are decided */
    size_t *widths;     /* of the columns */
    struct buffer text; /* of the cells that are held, one behind another */
    struct buffer held; /* struct table_held of each */
    size_t rows;        /* of these */
    struct buffer line; /* that is being drawn */
};

/*
 * Begins a table with so many columns, which must outlive it as the screen must. If cut, what is wider than the screen
 * isn't drawn. False if memory ran out. In any case to be ended with table_end.
 */
bool table_begin(struct table *table, const struct screen *screen, FILE *stream, const struct table_column *columns,
                 size_t count, bool cut);

/* Adds a row, a cell for each column. False if memory ran out. Whether it could be written, the stream tells. */
bool table_add(struct table *table, const struct table_cell *cells);

/* Draws what is held yet, with the headings if there was any row; frees. False if memory ran out. */
bool table_end(struct table *table);

#endif
