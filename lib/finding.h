/* SPDX-License-Identifier: MIT */
/* What a diagnosis finds: what is wrong, where, and what to do about it. How it is shown is left to others. */
#ifndef XS_FINDING_H
#define XS_FINDING_H

#include "buffer.h"
#include "messages.h"

#include <stdbool.h>
#include <stddef.h>

enum { FINDING_PLACES_MAX = 10 }; /* of one finding, so many places are told: a list may have a million lines */

struct finding {
    bool is_hint;           /* works, but not as well as it could; else it is a problem */
    struct buffer what;     /* sentences: what is wrong, and what comes of it */
    struct messages places; /* where: a line each, not to be broken; the first FINDING_PLACES_MAX of them */
    size_t place_count;     /* of all */
    struct buffer remedy;   /* sentences: what to do */
    struct messages copies; /* commands or lines to copy as they are */
};

/* All zero is the empty list. */
struct findings {
    struct finding **items;
    size_t count;
    struct finding spare; /* takes what there was no memory for */
    bool failed;          /* memory ran out when one was added */
};

/* Adds a finding for the caller to fill in: a problem without any text. It stays where it is until findings_clear. */
struct finding *findings_add(struct findings *findings);

/*
 * Counts one more place of the finding. True if it is to be told: its text then goes to finding->places. The text's
 * making, which costs, is thus saved for the rest.
 */
bool finding_tells_place(struct finding *finding);

/* How many of the findings are problems, not hints. */
size_t findings_problems(const struct findings *findings);

/* False if memory ran out for any part of them. */
bool findings_whole(const struct findings *findings);

void findings_clear(struct findings *findings);

#endif
