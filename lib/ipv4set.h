/* SPDX-License-Identifier: MIT */
/*
 * A set of IPv4 addresses with a number each, in eight bytes: single hosts, which nearly all entries of a real list
 * are, or networks of one length. A look-up costs a few steps however many there are, unless they crowd into few
 * corners; then it is a binary search.
 */
#ifndef XS_IPV4SET_H
#define XS_IPV4SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is the empty set. */
struct ipv4set {
    uint64_t *items; /* the address above the number; in order when it is sealed */
    size_t count;
    uint32_t *starts; /* made by ipv4set_seal: of each part of the addresses' span, where its items begin */
    unsigned shift;   /* how many bits of an address's distance from the first tell its place in a part */
};

/* Adds an address; the number may repeat. Returns false if memory ran out. Not after ipv4set_seal. */
bool ipv4set_add(struct ipv4set *set, uint32_t address, uint32_t number);

/* The address of one of the items: 0 to count - 1, in order if it is sealed. */
uint32_t ipv4set_address(const struct ipv4set *set, size_t at);

/* Makes the set ready for the look-ups below. Returns false if memory ran out. */
bool ipv4set_seal(struct ipv4set *set);

/* The place of the first item whose address isn't below this one; count if there is none. */
size_t ipv4set_place(const struct ipv4set *set, uint32_t address);

/* True if the address is in the set; *number is then the lowest of its numbers. */
bool ipv4set_find(const struct ipv4set *set, uint32_t address, uint32_t *number);

/* True if an address of the set is equal to this one where the mask, any pattern of bits, has ones. */
bool ipv4set_meets(const struct ipv4set *set, uint32_t address, uint32_t mask);

void ipv4set_clear(struct ipv4set *set);

#endif
