/* SPDX-License-Identifier: MIT */
/* Chance, by a seed. */
#ifndef XS_TESTS_CHANCE_H
#define XS_TESTS_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* The same numbers for a seed at every run (splitmix64). */
static inline uint64_t chance_next(uint64_t *seed)
{
    uint64_t mixed = *seed += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

static inline size_t chance_below(uint64_t *seed, size_t limit)
{
    return (size_t)(chance_next(seed) % limit);
}

static inline int chance_between(uint64_t *seed, int low, int high)
{
    return low + (int)chance_below(seed, (size_t)(high - low) + 1);
}

static inline bool chance_percent(uint64_t *seed, unsigned percent)
{
    return chance_below(seed, 100) < percent;
}

#define CHANCE_ONE_OF(seed, texts) ((texts)[chance_below(seed, COUNT_OF(texts))])

#endif
