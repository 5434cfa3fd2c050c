/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Where the walk through one file stands. */
struct scan {
    struct record_reader *reader;
    struct tally *tally;
    struct scan_counts *counts;
    char *block;
    size_t held;   /* bytes at the block's beginning that belong to an unfinished record */
    bool overlong; /* inside a record that didn't fit the block: skip to its LF */
};

static bool count(struct tally *tally, const struct record *record)
{
    struct tally_day *day = tally_day(tally, record->day);
    if (!day)
        return false;
    day->records++;
    const struct counts counts = {record->verdict & 1, record->verdict >> 1 & 1, record->verdict >> 2 & 1};
    return record->verdict == 0 || tally_add(tally, day, record->address, counts);
}

static bool take_record(struct scan *scan, const char *line, size_t length)
{
    struct record record;
    scan->counts->records++;
    switch (record_read(scan->reader, line, length, &record)) {
    case RECORD_MALFORMED:
        scan->counts->malformed++;
        break;
    case RECORD_OUT_OF_RANGE:
        break;
    case RECORD_VALID:
        scan->counts->in_range++;
        return count(scan->tally, &record);
    }
    return true;
}

/* Takes all finished records of the block and moves the rest to its beginning. False: out of memory. */
static bool take_block(struct scan *scan, size_t filled)
{
    const char *at = scan->block;
    const char *end = scan->block + filled;
    const char *lf;
    if (scan->overlong && (lf = memchr(at, '\n', filled))) {
        scan->overlong = false;
        scan->counts->records++;
        scan->counts->malformed++;
        at = lf + 1;
    }
    if (scan->overlong) {
        scan->held = 0;
        return true;
    }
    for (; at < end && (lf = memchr(at, '\n', (size_t)(end - at))); at = lf + 1)
        if (!take_record(scan, at, (size_t)(lf - at)))
            return false;
    scan->held = (size_t)(end - at);
    if (scan->held == SCAN_BLOCK) {
        scan->overlong = true;
        scan->held = 0;
    }
    memmove(scan->block, at, scan->held);
    return true;
}

/* Fills the block from the file, up to left bytes. The number read; 0 at the end of the file; -1 and errno. */
static ssize_t fill_block(const struct scan *scan, int descriptor, uint64_t left)
{
    size_t wanted = SCAN_BLOCK - scan->held;
    if (wanted > left)
        wanted = (size_t)left;
    return sys_read(descriptor, scan->block + scan->held, wanted);
}

static int scan_open_file(struct scan *scan, int descriptor, const char *path, scan_progress *progress, void *context,
                          struct error *error)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return error_system(error, errno, "unable to read the log %s", path);
    if (!S_ISREG(status.st_mode))
        return error_set(error, "unable to read the log %s: it is not a regular file", path);
    (void)posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    /* Up to its size now: XMail may append for as long as we read. What it appends is for the next rebuild. */
    for (uint64_t left = (uint64_t)status.st_size; left > 0;) {
        ssize_t got = fill_block(scan, descriptor, left);
        if (got < 0)
            return error_system(error, errno, "unable to read the log %s", path);
        if (got == 0) {
            scan->counts->shrank = true;
            break;
        }
        left -= (uint64_t)got;
        scan->counts->bytes += (uint64_t)got;
        if (!take_block(scan, scan->held + (size_t)got) || record_reader_failed(scan->reader))
            return error_memory(error, "count hosts");
        if (progress)
            progress(context, (size_t)got);
    }
    return 1;
}

int scan_file(const char *path, struct record_reader *reader, char *block, struct tally *tally,
              struct scan_counts *counts, scan_progress *progress, void *context, struct error *error)
{
    /* O_NONBLOCK: a FIFO put in the file's place since it was listed must not hold us up. */
    int descriptor = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (descriptor < 0 && errno == ENOENT)
        return 0;
    if (descriptor < 0)
        return error_system(error, errno, "unable to read the log %s", path);
    struct scan scan = {.reader = reader, .tally = tally, .counts = counts, .block = block};
    int result = scan_open_file(&scan, descriptor, path, progress, context, error);
    (void)sys_close(descriptor);
    return result;
}
