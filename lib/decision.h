/* SPDX-License-Identifier: MIT */
/*
 * Decides what spammers.tab is to hold: a pure function of the settings, the evidence, the whitelist and the present
 * list. It reads no file and no clock, and changes nothing.
 */
#ifndef XS_DECISION_H
#define XS_DECISION_H

#include "address.h"
#include "conf.h"
#include "error.h"
#include "evidence.h"
#include "spamtab.h"
#include "whitelist.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero isn't useful here: each member must be set. Values as in struct conf. */
struct decision_rules {
    bool replace;          /* else append */
    bool register_hosts;   /* false: only remove */
    enum list_order order; /* of new entries */
    uint64_t register_count;
    int64_t remove_count; /* or CONF_NO_REMOVE_COUNT */
    bool exempt_authenticated;
    unsigned ipv4_prefix;
    unsigned ipv6_prefix;
    bool list_skipped; /* each host that is skipped is to be told of, else only how many are */
};

enum decision_reason {
    /* why a line stays */
    KEPT_NOT_AN_ENTRY, /* a comment, a blank line, a host name, ... */
    KEPT_PERMANENT,
    KEPT_ACTIVE,   /* more accesses than remove_count */
    KEPT_APPENDED, /* append mode without remove_count: nothing goes */
    KEPT_RENEWED,  /* replace mode: dropped, but the same entry is added anew */
    /* why a line goes */
    REMOVED_QUIET,       /* no more accesses than remove_count */
    REMOVED_WHITELISTED, /* the same, because its hosts are white-listed */
    REMOVED_REPLACED,
};

struct decision_line {
    uint64_t accesses; /* entries: unauthorised and refused ones of its hosts, white-listed ones left out */
    enum decision_reason reason;
    bool keep;
    bool whitelisted; /* entries: the whitelist covers it */
};

struct decision_addition {
    struct network network;
    uint64_t accesses; /* unauthorised ones */
    size_t first_host; /* its hosts in the evidence: first_host to first_host + host_count - 1 */
    size_t host_count;
    unsigned long shadowed_by; /* line of the file whose code <= 0 XMail finds first; 0: none */
    bool renewed;              /* lines that go have the same network */
};

enum decision_skip_reason { SKIPPED_WHITELISTED, SKIPPED_EXEMPT, SKIPPED_COVERED, SKIP_REASONS };

/* A host or network that has enough accesses to be registered, and isn't. */
struct decision_skip {
    struct network network;
    uint64_t accesses;
    unsigned long covered_by; /* SKIPPED_COVERED: line of the file */
    enum decision_skip_reason reason;
};

struct decision {
    bool keeps_all;                      /* no line goes and none is added: the list is as it should be */
    struct decision_line *lines;         /* one for each line of the list */
    struct decision_addition *additions; /* in the order in which they are to be written */
    size_t addition_count;
    size_t skipped[SKIP_REASONS]; /* how many, by reason */
    struct decision_skip *skips;  /* by address, as the evidence; none unless list_skipped */
    size_t skip_count;
    size_t added;   /* additions that aren't renewed */
    size_t removed; /* entries that go, and aren't renewed */
    size_t kept;    /* entries that stay or are renewed */
};

/*
 * Decides. The evidence and the whitelist are sealed. Returns 1, *decision being the caller's to clear; or -1 with the
 * error (out of memory).
 */
int decision_make(const struct decision_rules *rules, const struct evidence *evidence,
                  const struct whitelist *whitelist, const struct spamtab *tab, struct decision *decision,
                  struct error *error);
void decision_clear(struct decision *decision);

/* Adds to the buffer the list that the decision on this very tab means. Returns 1, or -1 with the error (no memory). */
int decision_render(const struct decision *decision, const struct spamtab *tab, struct buffer *buffer,
                    struct error *error);

#endif
