/* SPDX-License-Identifier: MIT */
/* What the list is to hold, by the plain second implementation (3 and 6 of the specification, and XMail's tables). */
#ifndef XS_TESTS_PLAIN_LIST_H
#define XS_TESTS_PLAIN_LIST_H

#include "bytes.h"
#include "plain.h"

/* What the logs say of a host. */
struct plain_seen {
    struct plain_host host;
    uint64_t unauthorized;
    uint64_t refused;
    bool login;
};

struct plain_rules {
    bool replace;
    bool register_hosts;
    bool by_hits;
    uint64_t register_count;
    int remove_count; /* -1: absent */
    bool exempt_authenticated;
    int ipv4_prefix;
    int ipv6_prefix;
    const struct plain_pattern *permanent;
};

extern const struct plain_pattern plain_permanent_patterns[];
extern const size_t plain_permanent_pattern_count;

/* --- the whitelist ------------------------------------------------------------------------------------------------ */

struct plain_trust {
    struct plain_set set;
    bool trusted;
};

enum { PLAIN_WHITELIST_MAX = 64 };

struct plain_whitelist {
    struct plain_set own[PLAIN_WHITELIST_MAX];
    size_t own_count;
    struct plain_trust rules[PLAIN_WHITELIST_MAX]; /* of smtp.ipprop.tab, in its order */
    size_t rule_count;
};

/* ADDR, ADDR/BITS, ADDR/NETMASK, maybe with a space and a comment behind. False if it is none: nothing is added. */
bool plain_whitelist_add(struct plain_whitelist *whitelist, struct plain_text text);

/* The lines of a whitelist file; returns how many of them are bad. */
size_t plain_whitelist_add_file(struct plain_whitelist *whitelist, struct plain_text content);
void plain_whitelist_add_ipprop(struct plain_whitelist *whitelist, struct plain_text content);

/* --- the decision ------------------------------------------------------------------------------------------------- */

enum plain_fate {
    PLAIN_NOT_AN_ENTRY,
    PLAIN_PERMANENT,
    PLAIN_ACTIVE,
    PLAIN_APPENDED,
    PLAIN_RENEWED,
    PLAIN_QUIET,
    PLAIN_WHITELISTED,
    PLAIN_REPLACED,
    PLAIN_FATES
};

/* A line as XMail sees it. */
struct plain_line {
    struct plain_text text; /* without its line end */
    size_t end;             /* bytes of that: 0, 1, 2 */
    unsigned long number;   /* in the file */
    bool is_entry;
    bool permanent;
    int code;
    struct plain_set set;
    enum plain_fate fate;
    uint64_t accesses;
    bool whitelisted;
};

struct plain_addition {
    struct plain_set set;
    uint64_t accesses;
    unsigned long shadowed_by; /* 0: by none */
    bool renewed;
};

enum plain_skip_reason { PLAIN_SKIPPED_WHITELISTED, PLAIN_SKIPPED_EXEMPT, PLAIN_SKIPPED_COVERED, PLAIN_SKIP_REASONS };

struct plain_skip {
    struct plain_set set;
    uint64_t accesses;
    enum plain_skip_reason reason;
    unsigned long covered_by;
};

enum { PLAIN_LINES_MAX = 256, PLAIN_SEEN_MAX = 128 };

struct plain_decision {
    struct plain_line lines[PLAIN_LINES_MAX];
    size_t line_count;
    struct plain_addition additions[PLAIN_SEEN_MAX];
    size_t addition_count;
    struct plain_skip skips[PLAIN_SEEN_MAX];
    size_t skip_count;
    size_t networks_written; /* additions that aren't one host */
    size_t networks_parted;  /* networks that aren't written, and whose hosts are judged one by one */
    size_t added;
    size_t removed;
    size_t kept;
    struct bytes result;
};

/* The hosts are sorted here. The decision's result is to be freed; all else points into the content. */
void plain_decide(const struct plain_rules *rules, struct plain_seen *seen, size_t seen_count,
                  const struct plain_whitelist *whitelist, struct plain_text content, struct plain_decision *decision);

#endif
