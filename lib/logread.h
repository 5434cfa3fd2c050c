/* SPDX-License-Identifier: MIT */
/*
 * One log file: what it says, by the cache as far as that goes, and by reading what is new in it. Several threads may
 * scan stretches of it at once; what is done here is done by one of them.
 */
#ifndef XS_LOGREAD_H
#define XS_LOGREAD_H

#include "buffer.h"
#include "cache.h"
#include "conf.h"
#include "error.h"
#include "ledger.h"
#include "logfiles.h"
#include "moment.h"
#include "tally.h"

#include <stdbool.h>
#include <stdint.h>

/* What all files of one log have in common. */
struct logread_rules {
    const struct conf_log *log;
    uint64_t settings;      /* of cache_settings */
    struct day_range range; /* records of other days are left out */
    const char *cache;      /* directory; NULL: every file is read whole */
    bool keep;              /* write to the cache */
};

/* The reading of one file. All zero but for file: not begun. */
struct logread {
    const struct logfile *file;
    int descriptor;  /* while stretches of it are to be scanned; else -1 */
    uint64_t from;   /* what is to be scanned: from here, where a record begins, */
    uint64_t end;    /* to here; the same: nothing */
    uint64_t behind; /* offset behind the last finished record that was counted: set by who scans, if there was any */
    struct cache_mark mark; /* of the file as it was when it was opened */
    bool marked;            /* the mark's offset and fingerprint are known */
    struct tally tally;     /* what was scanned of it says */
    struct cache_part part; /* of the cache: what stands before from says, or, if nothing is to be scanned, all */
    struct buffer bytes;    /* that the ledger is in, if it is another */
    struct ledger ledger;   /* what it says, in the end */
};

/*
 * Begins to read the file. Returns 1, whether anything is left to be scanned or not; 0 if the file is gone; or -1 with
 * the error. In any case logread_clear is the caller's to call.
 */
int logread_begin(struct logread *read, const struct logread_rules *rules, struct error *error);

/*
 * Makes the ledger, once all that was to be scanned is in the tally and behind is set, and keeps it in the cache unless
 * whole is false: the file was cut while it was read. That it can't be kept is no error: it costs time, but no result.
 * Returns 1, or -1 with the error.
 */
int logread_finish(struct logread *read, const struct logread_rules *rules, bool whole, struct error *error);

void logread_clear(struct logread *read);

#endif
