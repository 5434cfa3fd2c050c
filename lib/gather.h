/* SPDX-License-Identifier: MIT */
/* From the configuration to the evidence: finds the log files, has them scanned by several threads, adds them up. */
#ifndef XS_GATHER_H
#define XS_GATHER_H

#include "conf.h"
#include "error.h"
#include "evidence.h"
#include "interrupts.h"
#include "messages.h"
#include "moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called by one thread at a time, now and then, with the bytes read so far and those to be read. */
typedef void gather_progress(void *context, uint64_t done, uint64_t total);

struct gather_request {
    const struct conf *conf;
    struct day_range range;
    bool all_logs; /* those that aren't enabled too */
    /* Leave out files last written more than a day before the range: their times are true. */
    bool skip_by_age;
    const char *cache;         /* directory; NULL: every file is read whole */
    bool keep;                 /* write to the cache; the caller holds the lock then */
    gather_progress *progress; /* or NULL */
    void *context;
    const struct interrupts *interrupts; /* that are held off, or NULL: gather_apart ends when one has come */
};

/* What was read of one log (an entry of conf->logs). */
struct gather_counts {
    uint64_t files;
    uint64_t bytes; /* read now: what the cache knew isn't among them */
    uint64_t records;
    uint64_t malformed;
    uint64_t in_range; /* valid records in the range */
    uint64_t limits;   /* times that a pattern hit a limit of matching */
};

struct gathered {
    struct evidence *evidence;    /* sealed */
    struct gather_counts *by_log; /* one for each of conf->logs */
    struct gather_counts total;
    size_t left_out; /* files that were too old to be read */
};

/*
 * Reads the logs. What is odd but no obstacle is added to warnings. Returns 1, *gathered being the caller's to clear;
 * or -1 with the error: a log or directory can't be read, or memory ran out.
 */
int gather(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
           struct error *error);
void gathered_clear(struct gathered *gathered);

/*
 * Both halves of it: first what is gathered isn't sealed and has no total; then it is, and has. False: no memory; it is
 * only good for being cleared then.
 */
int gather_unsealed(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                    struct error *error);
bool gather_seal(struct gathered *gathered, size_t logs);

#endif
