/* SPDX-License-Identifier: MIT */
/*
 * Counts by day and host while a log file is read. There is one table for each day, as the records of a day stand
 * together, and one for IPv4 in it, whose 16 bytes a host keep some ten thousand attackers in the second-level cache.
 * What a tally says is written down in a ledger when the file has been read.
 */
#ifndef XS_TALLY_H
#define XS_TALLY_H

#include "address.h"
#include "moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict {
    VERDICT_UNAUTHORIZED = 1 << 0, /* an unauthorised access */
    VERDICT_REFUSED = 1 << 1,      /* not one, but a listed host at the door */
    VERDICT_LOGIN = 1 << 2,        /* the host logged in */
};

/* How often each verdict was passed on one host on one day. They stop at UINT32_MAX. */
struct counts {
    uint32_t unauthorized;
    uint32_t refused;
    uint32_t logins;
};

/* A host with its counts. If they are all 0 the slot is free, whatever name it has. */
struct tally_slot {
    uint32_t name; /* an IPv4 address; in the table of the others: an index of names */
    struct counts counts;
};

/* A hash table with open addressing. All zero is the empty one. */
struct tally_table {
    struct tally_slot *slots;
    size_t capacity; /* 0 or a power of two */
    size_t count;
    unsigned shift;        /* a hash is brought to a slot's number by this many bits */
    struct address *names; /* of the hosts that aren't IPv4: count of them, room for those of three quarters of slots */
};

struct tally_day {
    day_number day;
    uint64_t records; /* valid ones */
    uint64_t limits;  /* times that a pattern gave up, which counted as no match */
    struct tally_table ipv4;
    struct tally_table others;
};

/* All zero is the empty tally. */
struct tally {
    uint64_t records;   /* lines, malformed ones and those of days that aren't counted among them */
    uint64_t malformed; /* records without a valid time or address, or without a place for the status */
    struct tally_day **days;
    size_t day_count;
    size_t capacity;        /* of days, a hash table: 0 or a power of two */
    struct address_key key; /* of the tables, from the first day on */
};

/* The day's counts, made if need be. NULL: memory ran out. */
struct tally_day *tally_day(struct tally *tally, day_number day);

/* Adds counts, not all 0, to the host's on this day. Returns false if memory ran out: nothing is counted then. */
bool tally_add(const struct tally *tally, struct tally_day *day, struct address address, struct counts counts);

/* Adds one verdict (of enum verdict, or 0) on an IPv4 host, given as a number; as tally_add. */
static inline bool tally_add_ipv4(const struct tally *tally, struct tally_day *day, uint32_t host, unsigned verdict);

/* Adds all that the other one says. Returns false if memory ran out. */
bool tally_merge(struct tally *tally, const struct tally *other);

/* The days one after another, in no order: begin with *position 0; NULL at the end. */
const struct tally_day *tally_next_day(const struct tally *tally, size_t *position);

/* The hosts of a table, likewise. */
const struct tally_slot *tally_next(const struct tally_table *table, size_t *position);

/* The address of the slot's host. */
struct address tally_address(const struct tally_table *table, const struct tally_slot *slot);

void tally_clear(struct tally *tally);

/* --- the hot path ------------------------------------------------------------------------------------------------- */

/* Makes the table larger. False if memory ran out. */
bool tally_grow(const struct tally *tally, struct tally_table *table);

/* How many of the slots may be taken: three quarters. */
static inline size_t tally_limit(size_t capacity)
{
    return capacity / 4 * 3;
}

static inline bool tally_is_full(const struct tally_table *table)
{
    return table->count >= tally_limit(table->capacity);
}

static inline bool tally_slot_is_free(const struct tally_slot *slot)
{
    return (slot->counts.unauthorized | slot->counts.refused | slot->counts.logins) == 0;
}

/* Where the search for an IPv4 host begins: multiplying brings all of its bits into the uppermost ones. */
static inline size_t tally_ipv4_place(const struct tally *tally, const struct tally_table *table, uint32_t host)
{
    return (size_t)((host ^ tally->key.first) * (tally->key.second | 1) >> table->shift);
}

/* The slot of the host: its own, or the free one where it belongs. The table has a free one. */
static inline struct tally_slot *tally_find_ipv4(const struct tally *tally, const struct tally_table *table,
                                                 uint32_t host)
{
    size_t at = tally_ipv4_place(tally, table, host);
    while (!tally_slot_is_free(&table->slots[at]) && table->slots[at].name != host)
        at = (at + 1) & (table->capacity - 1);
    return &table->slots[at];
}

static inline uint32_t tally_sum(uint32_t a, uint32_t b)
{
    uint32_t sum = a + b;
    return sum < a ? UINT32_MAX : sum;
}

static inline bool tally_add_ipv4(const struct tally *tally, struct tally_day *day, uint32_t host, unsigned verdict)
{
    struct tally_table *table = &day->ipv4;
    if (tally_is_full(table) && !tally_grow(tally, table))
        return false;
    /* No branch on the verdict, which no processor can foresee: where it is 0 a free slot stays free. */
    struct tally_slot *slot = tally_find_ipv4(tally, table, host);
    table->count += tally_slot_is_free(slot) & (verdict != 0);
    slot->name = host;
    slot->counts.unauthorized = tally_sum(slot->counts.unauthorized, verdict & 1);
    slot->counts.refused = tally_sum(slot->counts.refused, verdict >> 1 & 1);
    slot->counts.logins = tally_sum(slot->counts.logins, verdict >> 2 & 1);
    return true;
}

#endif
