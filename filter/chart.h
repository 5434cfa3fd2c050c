/* SPDX-License-Identifier: MIT */
/* Bars on a terminal, drawn with the eighths of block characters or, where there are none, with plain ASCII. */
#ifndef XS_CHART_H
#define XS_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CHART_AXIS_WIDTH = 8,  /* columns of the screen left of the columns of a chart */
    CHART_LABEL_SIZE = 12, /* with its NUL */
};

/* How it may look. */
struct chart_style {
    bool blocks;        /* the terminal shows UTF-8 */
    const char *before; /* written before each run of blocks, and behind it: colours or "" */
    const char *behind;
};

struct chart_column {
    uint64_t value;
    char label[CHART_LABEL_SIZE]; /* ASCII */
};

/*
 * Prints on stdout a bar from left to right, which takes width columns for the most. A value above 0 is never
 * invisible. Returns how many columns it takes.
 */
int chart_bar(const struct chart_style *style, uint64_t value, uint64_t most, int width);

/*
 * Prints on stdout columns side by side, each so wide (with the gap behind it), an axis on their left, and below them
 * the labels that have room.
 */
void chart_columns(const struct chart_style *style, const struct chart_column *columns, size_t count, int width);

/* The number in at most 6 columns: "99999", "123k", "4567M". Returns text. */
const char *chart_count(uint64_t count, char text[CHART_LABEL_SIZE]);

#endif
