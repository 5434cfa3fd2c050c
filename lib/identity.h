/* SPDX-License-Identifier: MIT */
/* Whether a file is still the very one that was read, without reading it again. */
#ifndef XS_IDENTITY_H
#define XS_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

/* What changes when a file is written, replaced, made or removed. All zero: there is none. */
struct identity {
    uint64_t device;
    uint64_t inode; /* 0: no such file */
    uint64_t size;
    int64_t written; /* content last written: nanoseconds since the Epoch */
    int64_t changed; /* inode last changed: nanoseconds since the Epoch */
};

/* That of the file at the path, a symbolic link followed; of one that can't be reached, that of none. */
struct identity identity_of(const char *path);

struct identity identity_from_status(const struct stat *status);

bool identity_equal(const struct identity *a, const struct identity *b);

/*
 * True if the file was changed so shortly before now (seconds since the Epoch, of the clock that the file system uses)
 * that it can change once more without a difference in its times.
 */
bool identity_is_fresh(const struct identity *identity, time_t now);

#endif
