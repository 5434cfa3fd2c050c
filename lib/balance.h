/* SPDX-License-Identifier: MIT */
/*
 * The balance brought forward: the evidence of all log files that were last written before today, in one file of the
 * cache (its name is "balance"). Those files don't change any more and the range is the same until midnight, so that a
 * rebuild adds only today's ledgers to it, however many days lie behind. It is made from the other files' ledgers anew
 * when it doesn't fit; like them it is written atomically, never synced, and anything odd about it means that there is
 * none.
 */
#ifndef XS_BALANCE_H
#define XS_BALANCE_H

#include "buffer.h"
#include "error.h"
#include "evidence.h"
#include "identity.h"
#include "moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BALANCE_LENGTH_MAX = 128 * 1024 * 1024 }; /* bytes: some ten million hosts; more are added up each time */

/* A log file that the balance speaks of. */
struct balance_file {
    struct identity identity;
    uint64_t log; /* index of conf->logs */
};

/* What was read of one log, as far as it is in the balance. */
struct balance_log {
    uint64_t settings; /* of cache_settings */
    uint64_t records;
    uint64_t malformed;
    uint64_t in_range;
    uint64_t limits;
};

struct balance {
    struct day_range range;
    const struct balance_file *files; /* in any order */
    size_t file_count;
    const struct balance_log *logs;
    size_t log_count;
    const char *evidence; /* for evidence_read, with this range and number of logs */
    size_t evidence_length;
    struct buffer bytes; /* that files, logs and evidence point into, of a balance that was read */
};

/*
 * Reads the balance from the directory. Returns 1, *balance being the caller's to clear; or 0 if there is none:
 * missing, unreadable, damaged, of another version or another machine's byte order. Each of its files is of one of its
 * logs. What the evidence holds is looked at by evidence_read only. Nothing can hold it up; no symbolic link is
 * followed.
 */
int balance_read(const char *directory, struct balance *balance);
void balance_clear(struct balance *balance);

/*
 * Whether the balance can be used now: it is of the same range and the same settings of the same logs, and each of its
 * files is there still with the same identity. range, files and logs (settings only) of now tell what there is now; a
 * file is there once for a log at most. covered, with room for each file of now, says then which of them the balance
 * speaks of; if it can't be used, none. False also if memory ran out.
 */
bool balance_fits(const struct balance *balance, const struct balance *now, bool *covered);

/*
 * Writes range, files and logs of the balance, with that evidence (balance->evidence is ignored), which isn't sealed
 * and may be added to afterwards. The directory is made if it is missing. Returns 1; or -1 with the error: the next
 * rebuild adds up all ledgers.
 */
int balance_write(const char *directory, const struct balance *balance, struct evidence *evidence, struct error *error);

#endif
