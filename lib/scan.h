/* SPDX-License-Identifier: MIT */
/* Reads one log file from its beginning to the end it had when it was opened, and tallies its records. */
#ifndef XS_SCAN_H
#define XS_SCAN_H

#include "error.h"
#include "record.h"
#include "tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Read at once: fits the second-level cache, and is more than XMail can put into one record by far. */
    SCAN_BLOCK = 256 * 1024,
    /* A longer record is malformed. XMail's own buffers end at some thousand bytes. */
    SCAN_RECORD_MAX = SCAN_BLOCK - 1,
};

struct scan_counts {
    uint64_t bytes;
    uint64_t records; /* lines, malformed ones among them */
    uint64_t malformed;
    uint64_t in_range; /* valid records in the reader's range */
    bool shrank;       /* the file was cut while it was read */
};

/* Called now and then with the number of bytes read since the last call. */
typedef void scan_progress(void *context, size_t bytes);

/*
 * Tallies the records that the reader takes. block is SCAN_BLOCK bytes of the caller's. progress may be NULL. Returns
 * 1; 0 if there is no such file (any more); or -1 with the error: the file can't be read, is no regular file, memory
 * ran out. Tally and counts are added to.
 */
int scan_file(const char *path, struct record_reader *reader, char *block, struct tally *tally,
              struct scan_counts *counts, scan_progress *progress, void *context, struct error *error);

#endif
