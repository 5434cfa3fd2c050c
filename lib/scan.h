/* SPDX-License-Identifier: MIT */
/* Reads a stretch of a log file and tallies the records that begin in it. */
#ifndef XS_SCAN_H
#define XS_SCAN_H

#include "error.h"
#include "lines.h"
#include "record.h"
#include "tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Read at once: fits the second-level cache, and a record of the greatest length. */
enum { SCAN_BLOCK = RECORD_LENGTH_MAX + 1 };

/* What one thread needs to scan. */
struct scanner {
    char *block; /* where blocks are read to; before it is room for an unfinished record, and LINES_PADDING around */
    struct lines lines;
    char *memory; /* that the block is in */
};

/* Which records: those that begin at offset from or behind, and before offset to. */
struct scan_stretch {
    uint64_t from;
    uint64_t to;
    uint64_t end; /* of the file, for this scan: what stands behind was written since */
};

struct scan_counts {
    uint64_t bytes; /* read */
    uint64_t
        behind;  /* offset behind the last finished record, or from, if there was none; 0: not even that was found */
    bool shrank; /* the file ended before its end: it was cut meanwhile */
};

/* Called now and then with the number of bytes read since the last call. */
typedef void scan_progress(void *context, size_t bytes);

/* Makes a scanner, to be freed with scanner_free. False if memory ran out. */
bool scanner_new(struct scanner *scanner);
void scanner_free(struct scanner *scanner);

/*
 * Scans the stretch of the file that is open for reading; path is for messages. A record that from stands in the middle
 * of isn't read; one that begins before to is read to its LF, if that stands before end; one that is longer than
 * RECORD_LENGTH_MAX is malformed. progress may be NULL. Tally and counts are added to. Returns 1; or -1 with the error:
 * the file can't be read, memory ran out.
 */
int scan(struct scanner *scanner, int descriptor, const char *path, const struct scan_stretch *stretch,
         struct record_reader *reader, struct tally *tally, struct scan_counts *counts, scan_progress *progress,
         void *context, struct error *error);

/*
 * Opens a log file for reading. Returns 1 with *descriptor, to be closed with sys_close, and *status; 0 if there is no
 * such file (any more); or -1 with the error: it can't be read, is no regular file.
 */
int scan_open(const char *path, int *descriptor, struct stat *status, struct error *error);

#endif
