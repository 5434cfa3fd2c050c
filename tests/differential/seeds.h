/* SPDX-License-Identifier: MIT */
/* Going through seeds, and what is counted on the way: for a program of one file that includes this. */
#ifndef XS_TESTS_SEEDS_H
#define XS_TESTS_SEEDS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEEDS_SHOWN_MAX = 5 };

static uint64_t seeds_mismatches;

/* Counts one. True if it is to be told. */
static inline bool seeds_mismatch(void)
{
    return seeds_mismatches++ < SEEDS_SHOWN_MAX;
}

struct seeds {
    const char *name;
    uint64_t coverage; /* from so many seeds on, all that can be must have been met */
    void (*compare)(uint64_t seed);
    void (*show_compared)(void); /* "N THINGS" */
    size_t (*show_met)(void);    /* returns how much never was */
};

/* The seeds from first, a number in decimal, on. The program's exit status. */
static inline int seeds_run(const struct seeds *seeds, const char *first_text, const char *count_text)
{
    const uint64_t first = strtoull(first_text, NULL, 10);
    const uint64_t count = strtoull(count_text, NULL, 10);
    uint64_t failed = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        const uint64_t before = seeds_mismatches;
        seeds->compare(seed);
        failed += seeds_mismatches > before;
    }
    if (count >= seeds->coverage) {
        const size_t missing = seeds->show_met();
        if (missing > 0)
            printf("%s: %zu of these were never met\n", seeds->name, missing);
        failed += missing > 0;
    }
    printf("%s: seeds %" PRIu64 " to %" PRIu64 ": ", seeds->name, first, first + count - 1);
    seeds->show_compared();
    printf(", %" PRIu64 " mismatches\n", seeds_mismatches);
    printf("%s: %" PRIu64 " passed, %" PRIu64 " failed\n", seeds->name, count - (failed < count ? failed : count),
           failed);
    return failed > 0;
}

#endif
