/* SPDX-License-Identifier: MIT */
/*
 * Counts by host and day: what one log file says, whatever range it is asked for later. A tally can be kept, merged
 * into the evidence of a rebuild, and thrown away.
 */
#ifndef XS_TALLY_H
#define XS_TALLY_H

#include "address.h"
#include "moment.h"
#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The counts of one host on one day. They stop at UINT32_MAX. */
struct tally_entry {
    struct address address;
    day_number day; /* 0: a free slot */
    uint32_t unauthorized;
    uint32_t refused;
    uint32_t logins;
};

/* All zero is the empty tally. */
struct tally {
    struct tally_entry *slots;
    size_t capacity; /* 0 or a power of two */
    size_t count;
    struct address_key key; /* of the table, from its first entry on */
};

/* Counts a record; one without a verdict leaves no trace. Returns false if memory ran out: nothing is counted then. */
bool tally_add(struct tally *tally, const struct record *record);

/* The entries one after another, in no order: begin with *position 0; NULL at the end. */
const struct tally_entry *tally_next(const struct tally *tally, size_t *position);

void tally_clear(struct tally *tally);

#endif
