/* SPDX-License-Identifier: MIT */
#include "nearest.h"

#include <stddef.h>
#include <string.h>

enum { WORD_MAX = 64 }; /* no name is nearly so long, and a longer word is no slip of one */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/*
 * The count of characters to drop, to add, to change, or to swap with their neighbour: the edit distance with
 * adjacent transpositions, for words of at most WORD_MAX bytes.
 */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            int here = lower_case(a[i - 1]);
            int there = lower_case(b[j - 1]);
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (here != there));
            if (i > 1 && j > 1 && here == lower_case(b[j - 2]) && there == lower_case(a[i - 2]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return row[b_length];
}

/* One slip is always forgiven, in a longer name one for every three characters. */
static size_t forgiven(size_t name_length)
{
    return name_length < 6 ? 1 : name_length / 3;
}

const char *nearest_name(const char *word, const char *const *names)
{
    const char *nearest = NULL;
    size_t fewest = WORD_MAX + 1;
    size_t length = strlen(word);
    if (length > WORD_MAX)
        return NULL;
    for (; *names; names++) {
        size_t name_length = strlen(*names);
        if (name_length > WORD_MAX)
            continue;
        size_t slips = distance(word, length, *names, name_length);
        if (slips < fewest && slips <= forgiven(name_length)) {
            nearest = *names;
            fewest = slips;
        }
    }
    return nearest;
}
