/* SPDX-License-Identifier: MIT */
/* How far the reading of logs is, on a terminal, for what takes more than a second. */
#ifndef XS_PROGRESS_H
#define XS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct progress {
    bool on_terminal; /* there is one, and it can wipe a line */
    bool shown;       /* there is a line to be wiped */
    struct timespec begin;
    double next;    /* seconds after begin at which it is shown next */
    bool measured;  /* something was told already: */
    double at;      /* seconds after begin, */
    uint64_t done;  /* and how much was done then */
    double bytes;   /* of late, what is longer ago counting less: so many were read */
    double seconds; /* in so many seconds */
};

void progress_begin(struct progress *progress);

/* A gather_progress; context is the struct progress. */
void progress_update(void *context, uint64_t done, uint64_t total);

/* Wipes the line. */
void progress_end(struct progress *progress);

#endif
