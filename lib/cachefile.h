/* SPDX-License-Identifier: MIT */
/*
 * A file of the cache: content behind a head by which one tells that it is whole, what it is, and that this version of
 * the program has written it on a machine of this kind. It is replaced atomically but never synced: what a crash of the
 * machine leaves of it doesn't bear its digest. What the content says is other modules' business.
 */
#ifndef XS_CACHEFILE_H
#define XS_CACHEFILE_H

#include "buffer.h"
#include "error.h"

#include <stdint.h>

enum cachefile_kind { CACHEFILE_PART = 1, CACHEFILE_BALANCE };

enum {
    CACHEFILE_VERSION = 1, /* of all contents: to be raised with any change of what they are or mean */
    CACHEFILE_HEAD = 40,   /* bytes: a multiple of 8 */
};

/*
 * Makes the directory of a cache, with the owner of the directory that it is in, if it is missing: once, before several
 * threads write to it. Returns 1, also if it is there; or -1 with the error.
 */
int cachefile_make_directory(const char *path, struct error *error);

/* Begins a file in an empty buffer: the content is to be added behind. */
void cachefile_begin(struct buffer *bytes);

/*
 * Reads DIRECTORY/NAME, if it has at most length_max bytes, into the empty buffer: the content is what stands from
 * CACHEFILE_HEAD on, at a place fit for any type. Returns 1, the buffer being the caller's to clear; or 0 if there is
 * no such file, or it is no regular one, can't be read, is damaged or of another kind. Nothing can hold it up; it is no
 * symbolic link that is followed.
 */
int cachefile_read(const char *directory, const char *name, enum cachefile_kind kind, uint64_t length_max,
                   struct buffer *bytes);

/*
 * Completes the head of what was begun and writes it to DIRECTORY/NAME, readable for the owner of the directory alone.
 * That is made, with the owner of the directory that it is in, if it is missing. The caller holds the lock. Returns 1;
 * or -1 with the error, and nothing stays behind. The bytes stay where they are.
 */
int cachefile_write(const char *directory, const char *name, enum cachefile_kind kind, struct buffer *bytes,
                    struct error *error);

#endif
