/* SPDX-License-Identifier: MIT */
/* What allow and block have changed, or found: for the event log, and for whoever tells it. */
#ifndef XS_CHANGE_H
#define XS_CHANGE_H

#include "address.h"
#include "eventlog.h"

#include <stdbool.h>
#include <stddef.h>

enum change_kind {
    /* allow, in the whitelist file */
    CHANGE_WHITELISTED,         /* the line was added */
    CHANGE_WHITELISTED_ALREADY, /* nothing was added: this line, of this network, has it */
    CHANGE_UNWHITELISTED,       /* the line was taken out */
    /* allow, in the list */
    CHANGE_TAKEN_OUT,   /* the entry was */
    CHANGE_SPLIT,       /* the entry, which is wider, has given way to parts */
    CHANGE_PART,        /* one of these */
    CHANGE_NOT_SPLIT,   /* the entry, which is wider or crosses the network, stays as it is */
    CHANGE_PUT_BACK,    /* an entry that was taken out is there again */
    CHANGE_JOINED,      /* the entry that was split is there again */
    CHANGE_PART_JOINED, /* one of its parts has gone */
    CHANGE_COVERED,     /* what was taken out isn't put back: this line has it */
    CHANGE_STILL_WHITE, /* what was taken out isn't put back: it is white-listed otherwise */
    /* block */
    CHANGE_BLOCKED,         /* the permanent entry was added */
    CHANGE_BLOCKED_ALREADY, /* nothing was added: this permanent entry has it */
    CHANGE_MADE_PERMANENT,  /* the entry was */
    CHANGE_UNBLOCKED,       /* the permanent entry was taken out */
    CHANGE_MADE_TEMPORARY,  /* it is what it was before it was made permanent */
    CHANGE_STILL_LISTED,    /* this entry has a host of it, as before */
};

struct change {
    enum change_kind kind;
    unsigned long
        line; /* in its file, from 1; as it was before for what was taken out, as it is now else; 0: unknown */
    struct network network;
    bool permanent; /* of an entry that was taken out, put back, or stays */
};

/* All zero is none. */
struct changes {
    struct change *items;
    size_t count;
    bool failed; /* memory ran out: some are lost */
};

void changes_add(struct changes *changes, struct change change);

/* How many are of the kind. */
size_t changes_count(const struct changes *changes, enum change_kind kind);

/* Adds those that are changes, and not what was found, to the events. */
void changes_log(const struct changes *changes, struct eventlog *log);

void changes_clear(struct changes *changes);

#endif
