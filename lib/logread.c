/* SPDX-License-Identifier: MIT */
#include "logread.h"

#include "scan.h"
#include "sys.h"

#include <time.h>

enum {
    BACKWARDS = 4096,            /* bytes that are read at once in search of the last LF, */
    BACKWARDS_MAX = 1024 * 1024, /* up to so many */
};

/* The part is of use: it is the reading's now. */
static void take_part(struct logread *read, struct cache_part *part)
{
    read->part = *part;
    *part = (struct cache_part){.mark = part->mark};
}

/* The file needn't be read: the part says all. */
static int use_part(struct logread *read, struct cache_part *part)
{
    take_part(read, part);
    read->ledger = read->part.ledger;
    return 1;
}

/* Whether the file that is open has, for this offset, the fingerprint that it had once. */
static bool has_fingerprint(int descriptor, uint64_t offset, const struct cache_fingerprint *once)
{
    struct cache_fingerprint now;
    return cache_take_fingerprint(descriptor, offset, &now) > 0 && now.beginning == once->beginning &&
           now.end == once->end;
}

/*
 * Finds the offset behind the last LF before the end, up to which the file will have been read. False if it can't be
 * told, as there is none for long.
 */
static bool find_offset(int descriptor, uint64_t end, uint64_t *offset)
{
    char bytes[BACKWARDS];
    uint64_t to = end;
    while (to > 0 && end - to < BACKWARDS_MAX) {
        const size_t length = to < sizeof bytes ? (size_t)to : sizeof bytes;
        to -= length;
        if (sys_pread(descriptor, bytes, length, (off_t)to) != (ssize_t)length)
            return false;
        for (size_t i = length; i-- > 0;) {
            if (bytes[i] != '\n')
                continue;
            *offset = to + i + 1;
            return true;
        }
    }
    *offset = 0;
    return to == 0;
}

/* Notes what the file is like before it is read, as far as it is to be kept in the cache. */
static void mark(struct logread *read, const struct logread_rules *rules)
{
    read->marked = rules->cache && rules->keep && find_offset(read->descriptor, read->end, &read->mark.offset) &&
                   cache_take_fingerprint(read->descriptor, read->mark.offset, &read->mark.fingerprint) > 0;
}

/* What is to be scanned of the file that was opened just now: all of it, or what the part doesn't know. */
static void begin_scan(struct logread *read, const struct logread_rules *rules, struct cache_part *part,
                       enum cache_use use)
{
    read->end = read->mark.identity.size;
    mark(read, rules);
    if (use != CACHE_GROWN || !has_fingerprint(read->descriptor, part->mark.offset, &part->mark.fingerprint))
        return;
    read->from = part->mark.offset;
    take_part(read, part);
}

/* As logread_begin; the part, if one was found, is the caller's to clear. */
static int open_file(struct logread *read, const struct logread_rules *rules, struct cache_part *part, bool found,
                     struct error *error)
{
    struct stat status;
    const time_t now = time(NULL); /* before the file's times are asked for, however long that takes */
    int result = scan_open(read->file->path, &read->descriptor, &status, error);
    if (result <= 0)
        return result;
    read->mark = (struct cache_mark){.identity = identity_from_status(&status), .first_day = rules->range.first};
    read->mark.fresh = identity_is_fresh(&read->mark.identity, now);
    const enum cache_use use = found ? cache_use_of(&part->mark, &read->mark.identity, rules->range) : CACHE_USELESS;
    if (use == CACHE_WHOLE) {
        (void)sys_close(read->descriptor);
        read->descriptor = -1;
        return use_part(read, part);
    }
    begin_scan(read, rules, part, use);
    return 1;
}

int logread_begin(struct logread *read, const struct logread_rules *rules, struct error *error)
{
    const struct identity *listed = &read->file->identity;
    struct cache_part part = {.mark = {.first_day = 0}};
    read->descriptor = -1;
    const bool found =
        rules->cache && cache_read(rules->cache, rules->log->format->name, rules->settings, listed, &part) > 0;
    int result;
    if (found && cache_use_of(&part.mark, listed, rules->range) == CACHE_WHOLE)
        result = use_part(read, &part);
    else
        result = open_file(read, rules, &part, found, error);
    cache_part_clear(&part);
    return result;
}

/*
 * Writes the part of the file, unless that was changed while it was read but by adding to it: then the fingerprint that
 * it had before is another one. If the part can't be written, the next rebuild reads more: it does no harm.
 */
static void keep(struct logread *read, const struct logread_rules *rules)
{
    struct error ignored;
    if (read->marked && read->behind == read->mark.offset &&
        has_fingerprint(read->descriptor, read->mark.offset, &read->mark.fingerprint))
        (void)cache_write(rules->cache, rules->log->format->name, rules->settings, &read->mark, &read->bytes, &ignored);
}

/* Adds what the tally says to the bytes, together with what the part says, if that is of the beginning of the file. */
static bool write_ledger(struct logread *read, day_number first_day)
{
    if (!read->part.bytes.bytes)
        return ledger_write(&read->tally, &read->bytes);
    struct buffer bytes = {0};
    struct ledger newer;
    const bool written = ledger_write(&read->tally, &bytes) && ledger_read(bytes.bytes, bytes.length, &newer) &&
                         ledger_merge(&read->part.ledger, first_day, &newer, &read->bytes);
    buffer_clear(&bytes);
    return written;
}

int logread_finish(struct logread *read, const struct logread_rules *rules, bool whole, struct error *error)
{
    if (read->descriptor < 0)
        return 1;
    cache_begin(&read->bytes);
    const size_t begin = read->bytes.length;
    if (read->bytes.failed || !write_ledger(read, rules->range.first) ||
        !ledger_read(read->bytes.bytes + begin, read->bytes.length - begin, &read->ledger))
        return error_memory(error, "add up the logs");
    if (read->part.mark.left_out != 0)
        tally_leave_out(&read->tally, read->part.mark.left_out);
    read->mark.left_out = read->tally.left_out;
    cache_part_clear(&read->part);
    tally_clear(&read->tally);
    if (rules->cache && rules->keep && whole)
        keep(read, rules);
    return 1;
}

void logread_clear(struct logread *read)
{
    if (read->descriptor >= 0)
        (void)sys_close(read->descriptor);
    read->descriptor = -1;
    tally_clear(&read->tally);
    cache_part_clear(&read->part);
    buffer_clear(&read->bytes);
    read->ledger = (struct ledger){.head = NULL};
}
