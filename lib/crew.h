/* SPDX-License-Identifier: MIT */
/*
 * Reads log files by several threads at once: each takes a file of its own as long as there are any; then they help
 * each other with what is left of the long ones.
 */
#ifndef XS_CREW_H
#define XS_CREW_H

#include "error.h"
#include "ledger.h"
#include "logfiles.h"
#include "logread.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was read of one file. */
struct crew_result {
    const struct logfile *file;
    const struct ledger *ledger; /* what it says; valid during the call */
    uint64_t bytes;              /* read now; what the cache knew isn't among them */
    bool shrank;                 /* it was cut while it was read: the ledger is of what was read */
};

struct crew_request {
    const struct logfile *const *files;
    size_t file_count;
    const struct logread_rules *rules; /* one for each log */
    size_t log_count;
    size_t threads; /* at most so many; at least 1 */

    /* Both are called by one thread at a time, with the context. */
    bool (*deliver)(void *context, const struct crew_result *result); /* for each file; false: out of memory */
    void (*progress)(void *context, uint64_t bytes);                  /* so many bytes more were read, or need not be */
    void *context;
};

/*
 * Reads all the files; one that is gone is left out. Returns 1; or -1 with the error, of the first file that can't be
 * read: of the others, not all may have been read then.
 */
int crew_read(const struct crew_request *request, struct error *error);

#endif
