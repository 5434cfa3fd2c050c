/* SPDX-License-Identifier: MIT */
#include "identity.h"

enum { FRESH_SECONDS = 2 }; /* the coarsest times that a file system in use keeps: FAT's */

static const int64_t second = 1000000000; /* in nanoseconds */

static int64_t nanoseconds(struct timespec time)
{
    /* Beyond the years 1678 to 2262 a time is just a mark. */
    return (int64_t)((uint64_t)time.tv_sec * (uint64_t)second + (uint64_t)time.tv_nsec);
}

struct identity identity_from_status(const struct stat *status)
{
    return (struct identity){.device = status->st_dev,
                             .inode = status->st_ino,
                             .size = (uint64_t)status->st_size,
                             .written = nanoseconds(status->st_mtim),
                             .changed = nanoseconds(status->st_ctim)};
}

struct identity identity_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? identity_from_status(&status) : (struct identity){.inode = 0};
}

bool identity_equal(const struct identity *a, const struct identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size && a->written == b->written &&
           a->changed == b->changed;
}

bool identity_is_fresh(const struct identity *identity, time_t now)
{
    return identity->inode != 0 && identity->changed / second >= now - FRESH_SECONDS;
}
