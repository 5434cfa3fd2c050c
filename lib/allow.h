/* SPDX-License-Identifier: MIT */
/*
 * Letting a network in for good, as far as it concerns spammers.tab: no entry of any code holds any host of it
 * afterwards, and every other host is judged as before. And the way back.
 */
#ifndef XS_ALLOW_H
#define XS_ALLOW_H

#include "buffer.h"
#include "error.h"
#include "listedit.h"
#include "pattern.h"
#include "whitelist.h"

/*
 * The network must be all IPv4 or have no IPv4 in it. Entries within it are dropped, wider ones split. An entry that
 * can't be written in parts (a netmask that is no prefix, one that holds IPv4 and IPv6) stays, and is noted as
 * CHANGE_NOT_SPLIT. The lines of what was dropped or split are added to taken, each ended by an LF. Returns 1, or -1
 * with the error (out of memory).
 */
int allow_edit(const struct network *network, const struct pattern *permanent, struct listedit *edit,
               struct buffer *taken, struct error *error);

/*
 * Puts back what allow_edit took out of the list: a wider entry in the place of its parts if all of them are still
 * there, else as much of it as is in the network; at the end what was within the network. What is on the list already
 * or white (a sealed whitelist) isn't put back. Lines of taken that are no such entries are left out. Returns 1, or -1
 * with the error (out of memory).
 */
int allow_undo(const struct network *network, const struct pattern *permanent, const struct whitelist *white,
               const struct buffer *taken, struct listedit *edit, struct error *error);

#endif
