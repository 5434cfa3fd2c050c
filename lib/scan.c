/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { REST = 4096 }; /* read at once behind the stretch */

/* Where a scan stands. */
struct scan {
    struct scanner *scanner;
    const struct scan_stretch *stretch;
    struct record_reader *reader;
    struct tally *tally;
    struct scan_counts *counts;
    uint64_t position; /* offset in the file of what is read next */
    size_t held;       /* bytes before it, of an unfinished record, that stand before the block */
    bool skip;         /* inside a record that isn't to be counted: skip to its LF */
    bool overlong;     /* inside one that is too long for the block, and malformed: likewise */
    bool done;         /* the last record of the stretch was counted */
};

bool scanner_new(struct scanner *scanner)
{
    *scanner = (struct scanner){.memory = calloc(1, LINES_PADDING + 2 * SCAN_BLOCK + LINES_PADDING)};
    if (scanner->memory && lines_new(&scanner->lines)) {
        scanner->block = scanner->memory + LINES_PADDING + SCAN_BLOCK;
        return true;
    }
    scanner_free(scanner);
    return false;
}

void scanner_free(struct scanner *scanner)
{
    lines_free(&scanner->lines);
    free(scanner->memory);
    *scanner = (struct scanner){0};
}

/* Where the first record of the text begins, behind the rest of one that was begun before; its length if in none. */
static size_t skip_rest(struct scan *scan, const char *text, size_t length)
{
    if (!scan->skip && !scan->overlong)
        return 0;
    const char *lf = memchr(text, '\n', length);
    if (!lf)
        return length;
    scan->tally->records += scan->overlong;
    scan->tally->malformed += scan->overlong;
    scan->skip = scan->overlong = false;
    return (size_t)(lf + 1 - text);
}

/*
 * The records of the stretch that begin at begin in the text or behind: where the last one of them ends, which makes
 * the scan done, or the length of the text.
 */
static size_t find_end(struct scan *scan, const char *text, size_t begin, size_t length)
{
    const uint64_t offset = scan->position - length; /* of the text in the file */
    const uint64_t to = scan->stretch->to;
    if (to <= offset + begin) {
        scan->done = true;
        return begin;
    }
    if (to > offset + length)
        return length;
    const char *last = text + (to - 1 - offset);
    const char *lf = memchr(last, '\n', (size_t)(text + length - last));
    scan->done = lf;
    return lf ? (size_t)(lf + 1 - text) : length;
}

/* Counts the records that are finished in what was held and what was read now, so many bytes. False: out of memory. */
static bool take_block(struct scan *scan, size_t got)
{
    struct lines *lines = &scan->scanner->lines;
    const char *text = scan->scanner->block - scan->held;
    const size_t length = scan->held + got;
    size_t begin = skip_rest(scan, text, length);
    scan->held = 0;
    if (scan->skip || scan->overlong) {
        scan->done = scan->skip && scan->position >= scan->stretch->to;
        return true;
    }
    const size_t end = find_end(scan, text, begin, length);
    for (; lines_find(lines, text, begin, end); begin = lines->behind)
        if (!record_tally(scan->reader, lines, scan->tally))
            return false;
    scan->counts->behind = scan->position - (length - begin);
    scan->overlong = length - begin > RECORD_LENGTH_MAX;
    scan->held = scan->overlong || scan->done ? 0 : length - begin;
    memmove(scan->scanner->block - scan->held, text + begin, scan->held);
    return true;
}

/*
 * Reads up to the next multiple of the block's size in the file, whose pages the system then copies whole; behind the
 * stretch, where only the rest of its last record is wanted, less.
 */
static ssize_t read_block(const struct scan *scan, int descriptor)
{
    const uint64_t left = scan->stretch->end - scan->position;
    const size_t size = scan->position < scan->stretch->to ? SCAN_BLOCK : REST;
    size_t wanted = size - (size_t)(scan->position % size);
    if (wanted > left)
        wanted = (size_t)left;
    return sys_pread(descriptor, scan->scanner->block, wanted, (off_t)scan->position);
}

int scan(struct scanner *scanner, int descriptor, const char *path, const struct scan_stretch *stretch,
         struct record_reader *reader, struct tally *tally, struct scan_counts *counts, scan_progress *progress,
         void *context, struct error *error)
{
    struct scan scan = {.scanner = scanner,
                        .stretch = stretch,
                        .reader = reader,
                        .tally = tally,
                        .counts = counts,
                        .position = stretch->from > 0 ? stretch->from - 1 : 0,
                        .skip = stretch->from > 0}; /* to the LF before from, or that of the record there */
    while (!scan.done && scan.position < stretch->end) {
        const ssize_t got = read_block(&scan, descriptor);
        if (got < 0)
            return error_system(error, errno, "unable to read the log %s", path);
        if (got == 0) {
            counts->shrank = true;
            break;
        }
        scan.position += (uint64_t)got;
        counts->bytes += (uint64_t)got;
        if (!take_block(&scan, (size_t)got))
            return error_memory(error, "count hosts");
        if (progress)
            progress(context, (size_t)got);
    }
    return 1;
}

int scan_open(const char *path, int *descriptor, struct stat *status, struct error *error)
{
    /* O_NONBLOCK: a FIFO put in the file's place since it was listed must not hold us up. */
    int opened = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (opened < 0 && errno == ENOENT)
        return 0;
    if (opened < 0)
        return error_system(error, errno, "unable to read the log %s", path);
    int result = 1;
    if (fstat(opened, status) != 0)
        result = error_system(error, errno, "unable to read the log %s", path);
    else if (!S_ISREG(status->st_mode))
        result = error_set(error, "unable to read the log %s: it is not a regular file", path);
    if (result < 0) {
        (void)sys_close(opened);
        return -1;
    }
    (void)posix_fadvise(opened, 0, 0, POSIX_FADV_SEQUENTIAL);
    *descriptor = opened;
    return 1;
}
