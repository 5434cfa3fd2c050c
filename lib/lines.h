/* SPDX-License-Identifier: MIT */
/*
 * Where lines and their fields end: all LF and TAB of a stretch of text, found 64 bytes at a time with the vector unit
 * if there is one. What reads a record then goes straight to any of its fields.
 */
#ifndef XS_LINES_H
#define XS_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINES_LIKELY_MAX = 64,       /* fields of a line, whose number is a good guess for the next one */
    LINES_TEXT_MAX = 512 * 1024, /* bytes that may be looked through at once */
    LINES_PADDING = 64,          /* bytes before and behind the text that may be read, whatever they are */
};

/* The lines that were found. */
struct lines {
    const char *text;
    uint32_t *marks;  /* offsets of each LF and TAB, in order; marks[-1] is that of the byte before the first line */
    uint32_t *ends;   /* offsets of the LFs alone: of each line's end */
    size_t count;     /* of lines */
    size_t behind;    /* offset behind the last line's LF; if there is no line, where the search began */
    bool quoted;      /* each of their fields, even of the last line's rest, is in quotes; false: maybe, too */
    uint32_t *memory; /* that marks and ends are in */
    void (*find)(struct lines *lines, size_t begin, size_t end); /* the fastest way that this machine knows */
};

/* One line. Field i of fields, from 0, is what stands between marks[i - 1] and marks[i]. */
struct line {
    const char *text;
    const uint32_t *marks;
    size_t fields; /* at least one */
};

/* Makes room for lines, to be freed with lines_free. False if memory ran out. */
bool lines_new(struct lines *lines);
void lines_free(struct lines *lines);

/*
 * Finds the lines of text that begin at offset begin (the beginning of a line) and end before offset end, at most
 * LINES_TEXT_MAX: all of them, or those of the first 32 KiB in which there is one; so that what was found and the text
 * are in the first-level cache together. Returns whether there is any; the next ones are found from
 * lines->behind on.
 */
bool lines_find(struct lines *lines, const char *text, size_t begin, size_t end);

/* A walk through the lines that were found. All zero: before the first one. */
struct lines_walk {
    size_t line;   /* number of the next line */
    size_t mark;   /* number of its first mark */
    size_t likely; /* how many fields it likely has: as the line before; 0: can't be told */
};

/* The number of fields of the line whose first mark is the first of these, and whose LF is at offset end. */
static inline size_t lines_count_fields(const uint32_t *marks, uint32_t end, size_t likely)
{
    if (likely > 0 && marks[likely - 1] == end)
        return likely;
    size_t fields = 1;
    while (marks[fields - 1] != end)
        fields++;
    return fields;
}

/* The next line. False if there is none. */
static inline bool lines_next(const struct lines *lines, struct lines_walk *walk, struct line *line)
{
    if (walk->line == lines->count)
        return false;
    line->text = lines->text;
    line->marks = lines->marks + walk->mark;
    line->fields = lines_count_fields(line->marks, lines->ends[walk->line++], walk->likely);
    walk->mark += line->fields;
    walk->likely = line->fields <= LINES_LIKELY_MAX ? line->fields : 0;
    return true;
}

/* Its length in bytes, without the LF. */
static inline size_t line_length(const struct line *line)
{
    return line->marks[line->fields - 1] - (uint32_t)(line->marks[-1] + 1);
}

#endif
