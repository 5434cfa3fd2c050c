/* SPDX-License-Identifier: MIT */
/*
 * Refusing a network for good, as far as it concerns spammers.tab: a permanent entry, before every lenient one that has
 * a host of it. And the way back.
 */
#ifndef XS_BLOCK_H
#define XS_BLOCK_H

#include "error.h"
#include "listedit.h"
#include "pattern.h"

/*
 * Sees whether the entry of the network, a prefix, and its comment (one line, or NULL) can be written so that XMail and
 * the pattern read them as they are meant. Returns 1, or -1 with the error.
 */
int block_check(const struct network *network, const char *comment, const struct pattern *permanent,
                struct error *error);

/*
 * Adds the permanent entry, unless there is one that has the network and is first; one of the very network is made
 * permanent in its place. block_check has found no fault. Returns 1, or -1 with the error (out of memory).
 */
int block_edit(const struct network *network, const char *comment, struct listedit *edit, struct error *error);

/*
 * Takes out exactly what block_edit adds: its entry, in its own form, and the comments that it has put before it; one
 * that was made permanent is what it was. Returns 1, or -1 with the error (out of memory).
 */
int block_undo(const struct network *network, struct listedit *edit, struct error *error);

#endif
