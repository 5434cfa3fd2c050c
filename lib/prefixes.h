/* SPDX-License-Identifier: MIT */
/*
 * Sets of addresses as lists of prefixes: what is left of networks when others are taken out of them, in as few
 * prefixes as can be. IPv4 and IPv6 stay apart here: a prefix of IPv6 holds IPv6 hosts only, even ::/0.
 */
#ifndef XS_PREFIXES_H
#define XS_PREFIXES_H

#include "address.h"

#include <stdbool.h>
#include <stddef.h>

/* All zero is the empty set. */
struct prefixes {
    struct network *items; /* network_is_prefix is true of each; they may overlap */
    size_t count;
};

/* These four return false if memory ran out; the set then holds what it held. */

/* Adds a prefix behind all others. */
bool prefixes_add(struct prefixes *set, const struct network *prefix);

/*
 * Adds the IPv4 hosts, or the IPv6 hosts, from the first address to the last as the fewest prefixes, ascending: of a
 * range of IPv6 the IPv4 hosts amid it are left out.
 */
bool prefixes_add_range(struct prefixes *set, bool ipv4, struct address first, struct address last);

/*
 * Takes all addresses of the prefix out. An item that is wider gives way to the fewest prefixes that are left of it,
 * ascending, in its place.
 */
bool prefixes_subtract(struct prefixes *set, const struct network *prefix);

/*
 * Makes the set the fewest prefixes that hold the same addresses, in the order of address_compare_family. (Two prefixes
 * of IPv6 with nothing but ::ffff:0:0/96 between them count as neighbours.)
 */
bool prefixes_aggregate(struct prefixes *set);

void prefixes_clear(struct prefixes *set);

#endif
