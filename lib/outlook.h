/* SPDX-License-Identifier: MIT */
/*
 * What a rebuild makes of one host, and why: the answer for people to what the decision says of lines and networks.
 */
#ifndef XS_OUTLOOK_H
#define XS_OUTLOOK_H

#include "address.h"
#include "decision.h"
#include "error.h"
#include "evidence.h"
#include "spamtab.h"
#include "whitelist.h"

#include <stdbool.h>

enum outlook_kind {
    /* An entry will refuse it: */
    OUTLOOK_ADDED,     /* one of its own or of its network, which is added */
    OUTLOOK_KEPT,      /* the line, its own entry or, in networks, that of its network, which stays or is renewed */
    OUTLOOK_PERMANENT, /* likewise, as it is permanent */
    OUTLOOK_COVERED,   /* the line, another entry, which stays: a wider one as a rule */
    OUTLOOK_SHADOWED,  /* any of these, but XMail takes the line, which stays and whose code isn't above 0, first */
    /* None will: */
    OUTLOOK_REMOVED,     /* the line goes */
    OUTLOOK_WHITELISTED, /* there is none, and it isn't to be registered */
    OUTLOOK_EXEMPT,      /* likewise: it has enough accesses, but it logged in */
    OUTLOOK_IDLE,        /* likewise: it has enough accesses, but no log is enabled, and nobody is registered */
    OUTLOOK_BELOW,       /* likewise: it has fewer accesses than register_count */
    OUTLOOK_KINDS
};

struct outlook {
    enum outlook_kind kind;
    /* Of spammers.tab as it is; 0: none. WHITELISTED to BELOW: the first that stays and whose code isn't above 0. */
    unsigned long line;
    struct network network; /* of that line, or of what is added; else the host */
    bool whitelisted;       /* whatever the kind is */
    bool authenticated;     /* likewise: it logged in, and exempt_authenticated is on */
};

/* What the outlook is made from; all must outlive it, sealed. */
struct outlook_grounds {
    const struct decision_rules *rules;
    const struct evidence *evidence;
    const struct whitelist *whitelist;
    const struct spamtab *tab;
    const struct decision *decision; /* by these rules on all this */
};

struct outlooks;

/* Makes what is needed to look hosts up. Returns it, to be freed with outlooks_free; or NULL with the error. */
struct outlooks *outlooks_new(const struct outlook_grounds *grounds, struct error *error);
void outlooks_free(struct outlooks *outlooks);

/* The outlook of any host, in the evidence or not. */
struct outlook outlook_of(const struct outlooks *outlooks, struct address address);

/* The word or two for tables and JSON: "added", "white-listed". */
const char *outlook_word(enum outlook_kind kind);

#endif
