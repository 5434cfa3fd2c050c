/* SPDX-License-Identifier: MIT */
#include "ipv4set.h"

#include "array.h"

#include <stdlib.h>

enum { NUMBER_BITS = 32, DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };

bool ipv4set_add(struct ipv4set *set, uint32_t address, uint32_t number)
{
    uint64_t *items = set->count < UINT32_MAX ? array_grow(set->items, set->count, sizeof *items) : NULL;
    if (!items)
        return false;
    set->items = items;
    items[set->count++] = (uint64_t)address << NUMBER_BITS | number;
    return true;
}

uint32_t ipv4set_address(const struct ipv4set *set, size_t at)
{
    return (uint32_t)(set->items[at] >> NUMBER_BITS);
}

/* --- sorting ------------------------------------------------------------------------------------------------------ */

static unsigned digit_of(uint64_t value, unsigned shift)
{
    return (unsigned)(value >> shift) & (DIGITS - 1);
}

/* Puts the values in the order of one digit, leaving those that have the same in the order in which they are. */
static void sort_by_digit(const uint64_t *from, uint64_t *to, size_t count, unsigned shift)
{
    size_t places[DIGITS] = {0};
    size_t before = 0;
    for (size_t i = 0; i < count; i++)
        places[digit_of(from[i], shift)]++;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        size_t these = places[digit];
        places[digit] = before;
        before += these;
    }
    for (size_t i = 0; i < count; i++)
        to[places[digit_of(from[i], shift)]++] = from[i];
}

/* Sorts by one digit after another, the lowest first; those in which no two values differ are left out. */
static bool sort(uint64_t **values, size_t count)
{
    uint64_t differing = 0;
    bool sorted = true;
    for (size_t i = 1; i < count; i++) {
        differing |= (*values)[i] ^ (*values)[0];
        sorted &= (*values)[i - 1] <= (*values)[i];
    }
    if (sorted)
        return true;
    uint64_t *other = malloc(count * sizeof *other);
    if (!other)
        return false;
    for (unsigned shift = 0; shift < 2 * NUMBER_BITS; shift += DIGIT_BITS) {
        if (digit_of(differing, shift) == 0)
            continue;
        sort_by_digit(*values, other, count, shift);
        uint64_t *result = other;
        other = *values;
        *values = result;
    }
    free(other);
    return true;
}

/* --- looking up --------------------------------------------------------------------------------------------------- */

static size_t part_of(const struct ipv4set *set, uint32_t address)
{
    return (address - ipv4set_address(set, 0)) >> set->shift;
}

bool ipv4set_seal(struct ipv4set *set)
{
    if (set->count == 0)
        return true;
    if (!sort(&set->items, set->count))
        return false;
    const uint32_t span = ipv4set_address(set, set->count - 1) - ipv4set_address(set, 0);
    set->shift = 0;
    while (span >> set->shift >= set->count)
        set->shift++;
    const size_t parts = (span >> set->shift) + 1;
    set->starts = calloc(parts + 1, sizeof *set->starts);
    if (!set->starts)
        return false;
    for (size_t i = 0; i < set->count; i++)
        set->starts[part_of(set, ipv4set_address(set, i)) + 1]++;
    for (size_t part = 0; part < parts; part++)
        set->starts[part + 1] += set->starts[part];
    return true;
}

size_t ipv4set_place(const struct ipv4set *set, uint32_t address)
{
    if (set->count == 0 || address <= ipv4set_address(set, 0))
        return 0;
    if (address > ipv4set_address(set, set->count - 1))
        return set->count;
    size_t part = part_of(set, address);
    size_t low = set->starts[part];
    size_t high = set->starts[part + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ipv4set_address(set, middle) < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool ipv4set_find(const struct ipv4set *set, uint32_t address, uint32_t *number)
{
    size_t at = ipv4set_place(set, address);
    if (at == set->count || ipv4set_address(set, at) != address)
        return false;
    *number = (uint32_t)set->items[at];
    return true;
}

static bool is_prefix(uint32_t mask)
{
    return (~mask & (~mask + 1)) == 0;
}

bool ipv4set_meets(const struct ipv4set *set, uint32_t address, uint32_t mask)
{
    /* Addresses inside a prefix lie side by side; under another mask they may be anywhere behind the first. */
    for (size_t at = ipv4set_place(set, address & mask); at < set->count; at++) {
        if (((ipv4set_address(set, at) ^ address) & mask) == 0)
            return true;
        if (is_prefix(mask))
            return false;
    }
    return false;
}

void ipv4set_clear(struct ipv4set *set)
{
    free(set->items);
    free(set->starts);
    *set = (struct ipv4set){0};
}
