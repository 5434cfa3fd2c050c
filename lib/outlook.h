/* SPDX-License-Identifier: MIT */
/*
 * What a rebuild makes of one host, and why: the answer for people to what the decision says of lines and networks.
 */
#ifndef XS_OUTLOOK_H
#define XS_OUTLOOK_H

#include "address.h"
#include "conf.h"
#include "decision.h"
#include "error.h"
#include "evidence.h"
#include "spamtab.h"
#include "whitelist.h"

enum outlook_kind {
    OUTLOOK_ADDED,       /* an entry of its own or of its network is added */
    OUTLOOK_SHADOWED,    /* likewise, but XMail takes the line, whose code isn't above 0, first */
    OUTLOOK_KEPT,        /* the line, its own entry or, in networks, that of its network, stays or is renewed */
    OUTLOOK_PERMANENT,   /* likewise, as it is permanent */
    OUTLOOK_COVERED,     /* the line, a wider entry, stays and refuses it */
    OUTLOOK_REMOVED,     /* the line goes, and nothing else refuses it */
    OUTLOOK_WHITELISTED, /* it isn't on the list, and won't be */
    OUTLOOK_EXEMPT,      /* likewise: it has enough accesses, but it logged in */
    OUTLOOK_BELOW,       /* likewise: it has fewer accesses than register_count */
};

struct outlook {
    enum outlook_kind kind;
    unsigned long line;     /* of spammers.tab as it is; 0: none has to do with it */
    struct network network; /* of that line, or of what is added; else the host */
    bool whitelisted;       /* whatever the kind is */
    bool authenticated;     /* likewise: it logged in, and exempt_authenticated is on */
};

/* What the outlook is made from; all must outlive it, sealed. */
struct outlook_grounds {
    const struct conf *conf;
    const struct evidence *evidence;
    const struct whitelist *whitelist;
    const struct spamtab *tab;
    const struct decision *decision; /* on this tab */
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
