/* SPDX-License-Identifier: MIT */
#include "prefixes.h"

#include "array.h"

#include <stdlib.h>

typedef unsigned __int128 wide;

static wide number_of(struct address address)
{
    return (wide)address.high << 64 | address.low;
}

static struct address address_of(wide number)
{
    return (struct address){(uint64_t)(number >> 64), (uint64_t)number};
}

bool prefixes_add(struct prefixes *set, const struct network *prefix)
{
    struct network *items = array_grow(set->items, set->count, sizeof *items);
    if (!items)
        return false;
    set->items = items;
    set->items[set->count++] = *prefix;
    return true;
}

/* The widest prefix that begins with the first number and doesn't go beyond the last one. */
static struct network widest_prefix(wide first, wide last)
{
    unsigned bits = ADDRESS_BITS;
    for (wide size = 1; bits > 0 && (first & size) == 0 && last - first >= (size | (size - 1)); size <<= 1)
        bits--;
    return network_make(address_of(first), address_mask(bits));
}

bool prefixes_add_range(struct prefixes *set, bool ipv4, struct address first, struct address last)
{
    const size_t count = set->count;
    const wide end = number_of(last);
    for (wide begin = number_of(first);;) {
        const struct network prefix = widest_prefix(begin, end);
        /* Amid IPv6, all that is IPv4 is one such prefix, or a part of one. */
        if (network_is_ipv4(&prefix) == ipv4 && !prefixes_add(set, &prefix)) {
            set->count = count;
            return false;
        }
        begin = number_of(network_last(&prefix));
        if (begin == end)
            return true;
        begin++;
    }
}

/* Adds what is left of the item, which is wider than the prefix and holds it. */
static bool add_rest(struct prefixes *set, const struct network *item, const struct network *prefix)
{
    const bool ipv4 = network_is_ipv4(item);
    const struct address last = network_last(prefix);
    const struct address end = network_last(item);
    return (address_equal(item->address, prefix->address) ||
            prefixes_add_range(set, ipv4, item->address, address_previous(prefix->address))) &&
           (address_equal(last, end) || prefixes_add_range(set, ipv4, address_next(last), end));
}

bool prefixes_subtract(struct prefixes *set, const struct network *prefix)
{
    struct prefixes left = {0};
    for (size_t i = 0; i < set->count; i++) {
        const struct network *item = &set->items[i];
        const bool apart = network_is_ipv4(item) != network_is_ipv4(prefix) || !network_overlaps(item, prefix);
        if (!(apart ? prefixes_add(&left, item) : network_covers(prefix, item) || add_rest(&left, item, prefix))) {
            prefixes_clear(&left);
            return false;
        }
    }
    prefixes_clear(set);
    *set = left;
    return true;
}

static int compare_prefixes(const void *left, const void *right)
{
    const struct network *a = left;
    const struct network *b = right;
    return address_compare_family(a->address, b->address);
}

/* True if the prefix, of the family of a range that ends with the last address, begins in the range or right behind. */
static bool continues(struct address last, const struct network *prefix)
{
    const struct network all_ipv4 = network_all_ipv4();
    wide next = number_of(last) + 1;
    if (next == number_of(all_ipv4.address)) /* only IPv6 has something before that */
        next = number_of(network_last(&all_ipv4)) + 1;
    return next == 0 || number_of(prefix->address) <= next;
}

/* Finds the items, from the first one on, that make up one range; *last is its last address. Returns behind them. */
static size_t find_range(const struct prefixes *set, size_t first, struct address *last)
{
    const bool ipv4 = network_is_ipv4(&set->items[first]);
    size_t at = first;
    *last = network_last(&set->items[at]);
    for (at++; at < set->count; at++) {
        const struct network *item = &set->items[at];
        if (network_is_ipv4(item) != ipv4 || !continues(*last, item))
            break;
        if (address_compare(network_last(item), *last) > 0)
            *last = network_last(item);
    }
    return at;
}

bool prefixes_aggregate(struct prefixes *set)
{
    struct prefixes fewest = {0};
    if (set->count > 0)
        qsort(set->items, set->count, sizeof *set->items, compare_prefixes);
    for (size_t at = 0; at < set->count;) {
        const struct network *first = &set->items[at];
        struct address last;
        at = find_range(set, at, &last);
        if (!prefixes_add_range(&fewest, network_is_ipv4(first), first->address, last)) {
            prefixes_clear(&fewest);
            return false;
        }
    }
    prefixes_clear(set);
    *set = fewest;
    return true;
}

void prefixes_clear(struct prefixes *set)
{
    free(set->items);
    *set = (struct prefixes){0};
}
