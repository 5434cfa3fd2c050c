/* SPDX-License-Identifier: MIT */
#include "netset.h"

#include "array.h"

#include <stdlib.h>

/* The items of one mask: items[begin] to items[end - 1], by address, then by number. */
struct netset_group {
    struct address mask;
    size_t begin;
    size_t end;
};

static bool is_ipv4_prefix(const struct network *network, unsigned *bits)
{
    if (!network_is_prefix(network, bits) || !network_is_ipv4(network))
        return false;
    *bits -= ADDRESS_IPV4_BITS;
    return true;
}

static uint32_t ipv4_mask(unsigned bits)
{
    return (uint32_t)address_mask(ADDRESS_IPV4_BITS + bits).low;
}

static bool add_item(struct netset *set, const struct network *network, uint32_t number)
{
    struct netset_item *items = array_grow(set->items, set->item_count, sizeof *items);
    if (!items)
        return false;
    set->items = items;
    set->items[set->item_count++] = (struct netset_item){*network, number};
    return true;
}

bool netset_add(struct netset *set, const struct network *network, uint32_t number)
{
    unsigned bits;
    bool added = is_ipv4_prefix(network, &bits) ? ipv4set_add(&set->ipv4[bits], address_ipv4(network->address), number)
                                                : add_item(set, network, number);
    set->count += added;
    return added;
}

bool netset_next(const struct netset *set, size_t *position, struct network *network)
{
    size_t at = *position;
    unsigned bits = 0;
    if (at == set->count)
        return false;
    ++*position;
    if (at < set->item_count) {
        *network = set->items[at].network;
        return true;
    }
    for (at -= set->item_count; at >= set->ipv4[bits].count; bits++)
        at -= set->ipv4[bits].count;
    *network =
        network_make(address_from_ipv4(ipv4set_address(&set->ipv4[bits], at)), address_mask(ADDRESS_IPV4_BITS + bits));
    return true;
}

static int compare_items(const void *left, const void *right)
{
    const struct netset_item *a = left;
    const struct netset_item *b = right;
    int order = address_compare(a->network.mask, b->network.mask);
    if (order == 0)
        order = address_compare(a->network.address, b->network.address);
    if (order == 0)
        order = (a->number > b->number) - (a->number < b->number);
    return order;
}

static bool seal_ipv4(struct netset *set)
{
    set->length_count = 0;
    for (unsigned bits = 0; bits < NETSET_IPV4_LENGTHS; bits++) {
        if (set->ipv4[bits].count > 0)
            set->lengths[set->length_count++] = bits;
        if (!ipv4set_seal(&set->ipv4[bits]))
            return false;
    }
    return true;
}

/* Puts the items in order and finds out where each mask's begin. */
static bool seal_items(struct netset *set)
{
    if (set->item_count == 0)
        return true;
    qsort(set->items, set->item_count, sizeof *set->items, compare_items);
    size_t groups = 1;
    for (size_t i = 1; i < set->item_count; i++)
        groups += !address_equal(set->items[i].network.mask, set->items[i - 1].network.mask);
    set->groups = malloc(groups * sizeof *set->groups);
    if (!set->groups)
        return false;
    for (size_t i = 0; i < set->item_count; i++) {
        struct address mask = set->items[i].network.mask;
        if (i == 0 || !address_equal(mask, set->items[i - 1].network.mask))
            set->groups[set->group_count++] = (struct netset_group){mask, i, i};
        set->groups[set->group_count - 1].end = i + 1;
    }
    return true;
}

bool netset_seal(struct netset *set)
{
    return seal_ipv4(set) && seal_items(set);
}

/* The first item of the group whose address is not below the given one, or the group's end. */
static size_t lower_bound(const struct netset *set, const struct netset_group *group, struct address address)
{
    size_t low = group->begin;
    size_t high = group->end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(set->items[middle].network.address, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The lowest number in the group for a network of the group's mask that contains the address. */
static bool find_in_group(const struct netset *set, const struct netset_group *group, struct address address,
                          uint32_t *number)
{
    struct address wanted = network_make(address, group->mask).address;
    size_t at = lower_bound(set, group, wanted);
    if (at == group->end || !address_equal(set->items[at].network.address, wanted))
        return false;
    *number = set->items[at].number;
    return true;
}

static bool mask_within(struct address shorter, struct address longer)
{
    return (shorter.high & ~longer.high) == 0 && (shorter.low & ~longer.low) == 0;
}

/* Takes the candidate for the answer if it is the first one or lower than those before. */
static void take_lower(uint32_t candidate, bool *found, uint32_t *number)
{
    if (!*found || candidate < *number)
        *number = candidate;
    *found = true;
}

bool netset_find_cover(const struct netset *set, const struct network *network, uint32_t *number)
{
    bool found = false;
    uint32_t candidate;
    unsigned bits;
    if (set->count == 0) /* as whitelists may be, which are asked for each host */
        return false;
    (void)network_is_prefix(network, &bits);
    if (network_is_ipv4(network))
        for (size_t i = 0; i < set->length_count && ADDRESS_IPV4_BITS + set->lengths[i] <= bits; i++) {
            uint32_t address = address_ipv4(network->address) & ipv4_mask(set->lengths[i]);
            if (ipv4set_find(&set->ipv4[set->lengths[i]], address, &candidate))
                take_lower(candidate, &found, number);
        }
    for (size_t i = 0; i < set->group_count; i++)
        if (mask_within(set->groups[i].mask, network->mask) &&
            find_in_group(set, &set->groups[i], network->address, &candidate))
            take_lower(candidate, &found, number);
    return found;
}

bool netset_find(const struct netset *set, struct address address, uint32_t *number)
{
    const struct network host = network_host(address);
    return netset_find_cover(set, &host, number);
}

bool netset_find_same(const struct netset *set, const struct network *network, uint32_t *number)
{
    unsigned bits;
    if (is_ipv4_prefix(network, &bits))
        return ipv4set_find(&set->ipv4[bits], address_ipv4(network->address), number);
    for (size_t i = 0; i < set->group_count; i++)
        if (address_equal(set->groups[i].mask, network->mask))
            return find_in_group(set, &set->groups[i], network->address, number);
    return false;
}

static bool overlaps_in_group(const struct netset *set, const struct netset_group *group, const struct network *network)
{
    uint32_t number;
    unsigned bits;
    if (mask_within(group->mask, network->mask))
        return find_in_group(set, group, network->address, &number);
    if (mask_within(network->mask, group->mask) && network_is_prefix(network, &bits)) {
        /* Addresses inside a prefix lie side by side, and its own address is the first of them. */
        size_t at = lower_bound(set, group, network->address);
        return at < group->end && network_contains(network, set->items[at].network.address);
    }
    for (size_t i = group->begin; i < group->end; i++)
        if (network_overlaps(&set->items[i].network, network))
            return true;
    return false;
}

static bool overlaps_ipv4(const struct netset *set, const struct network *network)
{
    const struct network all = network_all_ipv4();
    const uint32_t mask = address_ipv4(network->mask);
    for (size_t i = 0; network_overlaps(&all, network) && i < set->length_count; i++)
        if (ipv4set_meets(&set->ipv4[set->lengths[i]], address_ipv4(network->address),
                          mask & ipv4_mask(set->lengths[i])))
            return true;
    return false;
}

bool netset_overlaps(const struct netset *set, const struct network *network)
{
    if (overlaps_ipv4(set, network))
        return true;
    for (size_t i = 0; i < set->group_count; i++)
        if (overlaps_in_group(set, &set->groups[i], network))
            return true;
    return false;
}

void netset_clear(struct netset *set)
{
    for (unsigned bits = 0; bits < NETSET_IPV4_LENGTHS; bits++)
        ipv4set_clear(&set->ipv4[bits]);
    free(set->items);
    free(set->groups);
    *set = (struct netset){0};
}
