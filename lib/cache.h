/* SPDX-License-Identifier: MIT */
/*
 * MAILROOT/filters/xmail-spammers/cache: what log files said, from one rebuild to the next, so that only what is new in
 * them must be read. There is one part, a file (cachefile), for each log file: named FORMAT-DEVICE-INODE (hexadecimal),
 * written anew when that log file has changed. Anything odd about a part means that there is none, and the log file is
 * read again.
 */
#ifndef XS_CACHE_H
#define XS_CACHE_H

#include "buffer.h"
#include "conf.h"
#include "error.h"
#include "identity.h"
#include "ledger.h"
#include "moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two stretches of a log file, by which one tells that it is the one that was read, and has only grown since. */
struct cache_fingerprint {
    uint64_t beginning; /* of its first bytes, at most CACHE_FINGERPRINT_BYTES before the offset */
    uint64_t end;       /* of the last bytes before the offset, at most so many */
};

/* Up to where a log file was read. */
struct cache_mark {
    struct identity identity; /* of the file when its reading began */
    uint64_t offset;          /* behind the last finished record; at most identity.size */
    struct cache_fingerprint fingerprint;
    bool fresh; /* when its reading began it was written so shortly before (identity_is_fresh) that it can have changed
                   since without another identity */
    day_number first_day; /* days before this one aren't in the ledger, */
    day_number left_out;  /* nor is this one and any after it, if it isn't 0 */
};

struct cache_part {
    struct cache_mark mark;
    struct ledger ledger; /* what its records up to the offset say */
    struct buffer bytes;  /* that the ledger is in */
};

enum {
    CACHE_FINGERPRINT_BYTES = 4096,
    CACHE_HEAD = 152, /* bytes of a part before its ledger: a multiple of 8 */
};

#define CACHE_BALANCE "balance" /* the one file of the cache that is no part */

/* What a part is to a log file as it is now. */
enum cache_use {
    CACHE_USELESS, /* the file must be read whole */
    CACHE_WHOLE,   /* it says all: the file is as it was */
    CACHE_GROWN,   /* more may have been added: if the fingerprint is the same still, what stands behind the offset */
};

/*
 * A digest of all settings that decide what records of this log come to, and of the versions of what makes that of
 * them: this program, PCRE2, the cache.
 */
uint64_t cache_settings(const struct conf_log *log);

/*
 * Reads the part of a log file from the directory. settings is that of cache_settings. Returns 1, *part being the
 * caller's to clear; or 0 if there is none: missing, unreadable, damaged, of another version, another machine's byte
 * order, other settings, larger than any that a log file of this size can come to. Nothing can hold it up; it is no
 * symbolic link that is followed.
 */
int cache_read(const char *directory, const char *format, uint64_t settings, const struct identity *file,
               struct cache_part *part);
void cache_part_clear(struct cache_part *part);

/* What the mark means for a file of this identity, and this range. */
enum cache_use cache_use_of(const struct cache_mark *mark, const struct identity *file, struct day_range range);

/*
 * Reads the fingerprint that the file, open for reading, has for this offset. Returns 1; 0 if it is shorter; or -1 and
 * errno.
 */
int cache_take_fingerprint(int descriptor, uint64_t offset, struct cache_fingerprint *fingerprint);

/* Begins a part in an empty buffer: then ledger_write adds what it is to hold; the ledger begins at CACHE_HEAD. */
void cache_begin(struct buffer *bytes);

/*
 * Writes the part of the file that the mark is about, of what was begun: its first CACHE_HEAD bytes are set, no byte is
 * moved. The directory is made if it is missing; the caller holds the lock. Returns 1; or -1 with the error: the log
 * file will be read whole next time.
 */
int cache_write(const char *directory, const char *format, uint64_t settings, const struct cache_mark *mark,
                struct buffer *bytes, struct error *error);

/* Which log file a part is of. */
struct cache_owner {
    const char *format; /* name */
    uint64_t device;
    uint64_t inode;
};

/*
 * Removes from the directory the parts that belong to none of the count owners, and what killed processes left there.
 * What doesn't have such a name, or is no file, is somebody else's and stays. The caller holds the lock. That it can't
 * be done does no harm, and isn't told.
 */
void cache_sweep(const char *directory, const struct cache_owner *owners, size_t count);

/* Only the latter: what killed processes left. */
void cache_sweep_temporary(const char *directory);

#endif
