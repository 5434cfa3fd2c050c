/* SPDX-License-Identifier: MIT */
/* Networks as a list that is searched one by one: slow, and plain enough to be right. */
#ifndef XS_TESTS_NETWORKS_H
#define XS_TESTS_NETWORKS_H

#include "address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NETWORKS_PROBES = 6 };

static inline bool networks_equal(const struct network *a, const struct network *b)
{
    return a->address.high == b->address.high && a->address.low == b->address.low && a->mask.high == b->mask.high &&
           a->mask.low == b->mask.low;
}

static inline bool networks_has(const struct network *network, struct address address)
{
    return ((address.high ^ network->address.high) & network->mask.high) == 0 &&
           ((address.low ^ network->address.low) & network->mask.low) == 0;
}

/* Addresses in the network and around it: its first and last one, those beside them, one amid it, an IPv4 host. */
static inline void networks_probe(const struct network *network, struct address probes[NETWORKS_PROBES])
{
    const struct address first = network->address;
    const struct address last = {first.high | ~network->mask.high, first.low | ~network->mask.low};
    probes[0] = first;
    probes[1] = last;
    probes[2] = (struct address){first.high - (first.low == 0), first.low - 1};
    probes[3] = (struct address){last.high + (last.low == UINT64_MAX), last.low + 1};
    probes[4] = (struct address){first.high | (~network->mask.high & UINT64_C(0x5555555555555555)),
                                 first.low | (~network->mask.low & UINT64_C(0x5555555555555555))};
    probes[5] = (struct address){0, UINT64_C(0xffff) << 32 | (first.low & UINT32_MAX)};
}

#endif
