/* SPDX-License-Identifier: MIT */
/* Which log files there are: the regular files of the configured directories whose names fit. */
#ifndef XS_LOGFILES_H
#define XS_LOGFILES_H

#include "conf.h"
#include "error.h"
#include "identity.h"
#include "messages.h"
#include "moment.h"

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
 * Those of the files that may hold records of this day or of later ones, in their order: by_age, what was last written
 * before the day before it can't; otherwise all, for a rehearsed clock says nothing about when files were written. The
 * others are put behind them in files, whose memory the result shares: it isn't to be cleared.
 */
struct logfiles logfiles_recent(const struct logfiles *files, day_number first, bool by_age);

void logfiles_clear(struct logfiles *files);

#endif
