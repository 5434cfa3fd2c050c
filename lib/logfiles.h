/* SPDX-License-Identifier: MIT */
/* Which log files there are: the regular files of the configured directories whose names fit. */
#ifndef XS_LOGFILES_H
#define XS_LOGFILES_H

#include "conf.h"
#include "error.h"
#include "identity.h"
#include "messages.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct logfile {
    char *path;
    size_t log;               /* index of the logs */
    struct identity identity; /* when it was listed */
    time_t modified;          /* last written */
};

/* All zero is the empty list. */
struct logfiles {
    struct logfile *files; /* by log, then by name */
    size_t count;
};

/*
 * Lists the files of the enabled ones of so many logs, or with all those of every log; a file that is reached twice for
 * one format only once. What fits but is no regular file is added to warnings. Returns 1, *files being the caller's to
 * clear; or -1 with the error: a directory that can't be read, a link to nothing, out of memory.
 */
int logfiles_list(const struct conf_log *logs, size_t count, bool all, struct messages *warnings,
                  struct logfiles *files, struct error *error);

/* Orders files by their identity, device and inode: below, above or 0. */
int logfile_compare_identity(const struct logfile *a, const struct logfile *b);

/*
 * Puts files that were last written before this time behind the others: they are too old to hold what was written
 * since. Returns how many the others are, in their order.
 */
size_t logfiles_set_aside_old(const struct logfiles *files, time_t oldest);

void logfiles_clear(struct logfiles *files);

#endif
