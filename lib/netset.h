/* SPDX-License-Identifier: MIT */
/*
 * A set of networks with a number each, asked for the lowest number that fits: how XMail searches its tables, where
 * the first matching line decides. A look-up costs a few steps for each length of IPv4 prefixes that the set has, and a
 * binary search for each other mask, of which real lists have few.
 */
#ifndef XS_NETSET_H
#define XS_NETSET_H

#include "address.h"
#include "ipv4set.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netset_item {
    struct network network;
    uint32_t number;
};

struct netset_group;

enum { NETSET_IPV4_LENGTHS = 33 };

/* All zero is the empty set. */
struct netset {
    size_t count;                             /* of all networks */
    struct ipv4set ipv4[NETSET_IPV4_LENGTHS]; /* the IPv4 prefixes of each length, 0-32 bits */
    unsigned lengths[NETSET_IPV4_LENGTHS];    /* those of which there are any, ascending; made by netset_seal */
    size_t length_count;
    struct netset_item *items; /* all other networks */
    size_t item_count;
    struct netset_group *groups; /* one for each distinct mask; made by netset_seal */
    size_t group_count;
};

/* Adds a network; the number (a line, say) may repeat. Returns false if memory ran out. Not after netset_seal. */
bool netset_add(struct netset *set, const struct network *network, uint32_t number);

/* Gives the networks one after another, in no order: begin with *position 0. False at the end. */
bool netset_next(const struct netset *set, size_t *position, struct network *network);

/* Makes the set ready for the look-ups below. Returns false if memory ran out. */
bool netset_seal(struct netset *set);

/* True if a network of the set contains the address; *number is then the lowest number of those. */
bool netset_find(const struct netset *set, struct address address, uint32_t *number);

/* True if one network of the set covers the whole of the network; *number is then the lowest number of those. */
bool netset_find_cover(const struct netset *set, const struct network *network, uint32_t *number);

/* True if the very same network is in the set; *number is then the lowest number of its. */
bool netset_find_same(const struct netset *set, const struct network *network, uint32_t *number);

/* True if a network of the set has an address in common with the network. */
bool netset_overlaps(const struct netset *set, const struct network *network);

void netset_clear(struct netset *set);

#endif
