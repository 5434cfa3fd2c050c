/* SPDX-License-Identifier: MIT */
/* Random lists, hosts, whitelists and settings for a decision. */
#ifndef XS_TESTS_MAKE_LISTS_H
#define XS_TESTS_MAKE_LISTS_H

#include "bytes.h"
#include "chance.h"
#include "plain_list.h"

enum { MAKE_OWN_MAX = 6, MAKE_OWN_SIZE = 128 };

struct list_case {
    struct plain_rules rules;
    struct plain_seen seen[PLAIN_SEEN_MAX];
    size_t seen_count;
    char own[MAKE_OWN_MAX][MAKE_OWN_SIZE]; /* some of them are no networks, if own_may_be_bad */
    size_t own_count;
    bool has_file;
    struct bytes file; /* the whitelist file */
    bool has_ipprop;
    struct bytes ipprop;
    bool has_list; /* else it is missing, which counts as empty */
    struct bytes list;
};

/* All follows from the seed. If they are to be good, the whitelist has no bad entries. To be freed. */
void list_case_make(uint64_t seed, bool good, struct list_case *made);
void list_case_free(struct list_case *made);

#endif
