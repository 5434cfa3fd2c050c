/* SPDX-License-Identifier: MIT */
/*
 * The commands allow and block: what the whitelist file, spammers.tab and the event log are to them, and in which order
 * these are written, so that one that was cut short can be repeated.
 */
#ifndef XS_BYHAND_H
#define XS_BYHAND_H

#include "address.h"
#include "amend.h"
#include "change.h"
#include "conf.h"
#include "error.h"
#include "interfaces.h"
#include "messages.h"
#include "moment.h"

#include <stdbool.h>

struct byhand_request {
    const struct conf *conf;
    const struct moment *now;
    struct network network; /* a prefix */
    const char *comment;    /* one line without control characters, or NULL; not with undo */
    bool undo;
    bool dry_run; /* change nothing anywhere, the log included */
    interfaces_function *interfaces;
};

/* What was found and done, or would be. All zero before; the caller's to clear. */
struct byhand {
    struct amended list;
    struct amended whitelist; /* of whitelist_file */
    struct changes changes;
    struct messages remarks; /* what else is to be known */
    struct messages warnings;
};

/*
 * Does what is asked. The caller holds the lock, unless it is a dry run. Returns 1; 0 if there is nothing to undo; or
 * -1 with the error: what was asked makes no sense, or one of the files can't be written. Of the two files the one that
 * comes last has not changed then, and the command can be repeated.
 */
typedef int byhand_function(const struct byhand_request *request, struct byhand *byhand, struct error *error);
byhand_function byhand_allow;
byhand_function byhand_block;

void byhand_clear(struct byhand *byhand);

#endif
