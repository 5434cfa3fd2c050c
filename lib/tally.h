/* SPDX-License-Identifier: MIT */
/*
 * Counts by day and host while a log file is read. There is one table for each day, as the records of a day stand
 * together. An IPv4 host is looked up by its text: that is parsed when the host is seen first, and not once for each
 * record. What a tally says is written down in a ledger when the file has been read.
 */
#ifndef XS_TALLY_H
#define XS_TALLY_H

#include "address.h"
#include "moment.h"
#include "word.h"

#include <endian.h>
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

static inline uint32_t counts_sum(uint32_t a, uint32_t b)
{
    const uint32_t sum = a + b;
    return sum < a ? UINT32_MAX : sum;
}

static inline void counts_add(struct counts *sum, struct counts more)
{
    sum->unauthorized = counts_sum(sum->unauthorized, more.unauthorized);
    sum->refused = counts_sum(sum->refused, more.refused);
    sum->logins = counts_sum(sum->logins, more.logins);
}

/* Those of a single record. */
static inline struct counts counts_from(unsigned verdict)
{
    return (struct counts){verdict & 1, verdict >> 1 & 1, verdict >> 2 & 1};
}

/* What a host is found by: 16 bytes, which are never all zero. */
struct tally_key {
    uint64_t words[2];
};

/* A host with its counts. */
struct tally_slot {
    struct tally_key key; /* of a free slot: all zero */
    struct counts counts; /* may be 0: it was there */
    uint32_t ipv4;        /* the host, in the table of quads */
};

/* A hash table with open addressing. All zero is the empty one. */
struct tally_table {
    struct tally_slot *slots;
    size_t capacity; /* less than 2^32 */
    size_t count;
};

struct tally_day {
    day_number day;
    uint64_t records;          /* valid ones */
    uint64_t limits;           /* times that a pattern gave up, which counted as no match */
    struct tally_table quads;  /* IPv4 hosts, by the text of the dotted quad and its length */
    struct tally_table others; /* by address */
};

/* All zero is the empty tally. */
struct tally {
    uint64_t records;    /* lines, malformed ones and those of days that aren't counted among them */
    uint64_t malformed;  /* records without a valid time or address, or without a place for the status */
    day_number left_out; /* the first day after the range of which there was a record; 0: none was */
    struct tally_day **days;
    size_t day_count;
    size_t capacity;        /* of days, a hash table */
    struct address_key key; /* of the tables, from the first day on */
};

/* The day's counts, made if need be. NULL: memory ran out. */
struct tally_day *tally_day(struct tally *tally, day_number day);

/* Notes that a record of this day, not 0, isn't counted. */
void tally_leave_out(struct tally *tally, day_number day);

/* Adds counts to the host's on this day. Returns false if memory ran out: nothing is counted then. */
bool tally_add(const struct tally *tally, struct tally_day *day, struct address address, struct counts counts);

/* The same, of the IPv4 host, the key of whose dotted quad is known. */
bool tally_add_quad(const struct tally *tally, struct tally_day *day, struct tally_key key, uint32_t ipv4,
                    struct counts counts);

/* Moves all that the other one says into this one; the other is empty then. Returns false if memory ran out. */
bool tally_merge(struct tally *tally, struct tally *other);

/* True if a table of it is so large that its memory counts. */
bool tally_is_large(const struct tally *tally);

/* The days one after another, in no order: begin with *position 0; NULL at the end. */
const struct tally_day *tally_next_day(const struct tally *tally, size_t *position);

/* The host of a slot of others that isn't free. */
struct address tally_other(const struct tally_slot *slot);

void tally_clear(struct tally *tally);

/* --- the hot path ------------------------------------------------------------------------------------------------- */

enum { TALLY_QUAD_MAX = 15 }; /* length of a dotted quad */

static inline bool tally_slot_is_free(const struct tally_slot *slot)
{
    return (slot->key.words[0] | slot->key.words[1]) == 0;
}

/* Where of so many places something with this hash belongs: the hash, as a fraction, of them. */
static inline size_t tally_fraction(uint64_t hash, size_t places)
{
    return (size_t)((hash >> 32) * places >> 32);
}

/*
 * Where the search for the key begins in the table. The hash of a key: both halves of a product, one upon the other, in
 * which each bit of the key and of the tally's secret has a say in each bit.
 */
static inline size_t tally_place(const struct tally *tally, const struct tally_table *table, struct tally_key key)
{
    const unsigned __int128 product =
        (unsigned __int128)(key.words[0] ^ tally->key.first) * (key.words[1] ^ tally->key.second);
    return tally_fraction((uint64_t)product ^ (uint64_t)(product >> 64), table->capacity);
}

/*
 * The slot of the key, the search for which begins at this place: its own, or the free one where it belongs. The table
 * has a free one.
 */
static inline struct tally_slot *tally_find(const struct tally_table *table, struct tally_key key, size_t place)
{
    for (size_t at = place;; at++) {
        if (at == table->capacity)
            at = 0;
        struct tally_slot *slot = &table->slots[at];
        if (((slot->key.words[0] ^ key.words[0]) | (slot->key.words[1] ^ key.words[1])) == 0 ||
            tally_slot_is_free(slot))
            return slot;
    }
}

/*
 * The key of a text of 1 to TALLY_QUAD_MAX bytes, behind which as many can be read, whatever they are: the text, with
 * zeros and its length behind it.
 */
static inline struct tally_key tally_quad_key(const char *text, size_t length)
{
    return (struct tally_key){
        {word_of_text(text, length, 0), word_of_text(text, length, 1) | htole64((uint64_t)length << 56)}};
}

/* Counts one record of a host that was there before, none of whose counts may be UINT32_MAX. */
static inline void tally_count(struct counts *counts, unsigned verdict)
{
    /* No branch on the verdict, which no processor can foresee. */
    counts->unauthorized += verdict & 1;
    counts->refused += verdict >> 1 & 1;
    counts->logins += verdict >> 2 & 1;
}

#endif
