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

bool netset_add(struct netset *set, const struct network *network, uint32_t number)
{
    struct netset_item *items = array_grow(set->items, set->count, sizeof *items);
    if (!items)
        return false;
    set->items = items;
    set->items[set->count++] = (struct netset_item){*network, number};
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

bool netset_seal(struct netset *set)
{
    if (set->count == 0)
        return true;
    qsort(set->items, set->count, sizeof *set->items, compare_items);
    size_t groups = 1;
    for (size_t i = 1; i < set->count; i++)
        groups += !address_equal(set->items[i].network.mask, set->items[i - 1].network.mask);
    set->groups = malloc(groups * sizeof *set->groups);
    if (!set->groups)
        return false;
    for (size_t i = 0; i < set->count; i++) {
        struct address mask = set->items[i].network.mask;
        if (i == 0 || !address_equal(mask, set->items[i - 1].network.mask))
            set->groups[set->group_count++] = (struct netset_group){mask, i, i};
        set->groups[set->group_count - 1].end = i + 1;
    }
    return true;
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

bool netset_find_cover(const struct netset *set, const struct network *network, uint32_t *number)
{
    bool found = false;
    for (size_t i = 0; i < set->group_count; i++) {
        uint32_t candidate;
        if (mask_within(set->groups[i].mask, network->mask) &&
            find_in_group(set, &set->groups[i], network->address, &candidate) && (!found || candidate < *number)) {
            *number = candidate;
            found = true;
        }
    }
    return found;
}

bool netset_find(const struct netset *set, struct address address, uint32_t *number)
{
    const struct network host = network_host(address);
    return netset_find_cover(set, &host, number);
}

bool netset_find_same(const struct netset *set, const struct network *network, uint32_t *number)
{
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

bool netset_overlaps(const struct netset *set, const struct network *network)
{
    for (size_t i = 0; i < set->group_count; i++)
        if (overlaps_in_group(set, &set->groups[i], network))
            return true;
    return false;
}

void netset_clear(struct netset *set)
{
    free(set->items);
    free(set->groups);
    *set = (struct netset){0};
}
