/* SPDX-License-Identifier: MIT */
/* Who XMail refuses at connect by spammers.tab: of the lines that take in a client, the first one has the say. */
#ifndef XS_REFUSED_H
#define XS_REFUSED_H

#include "error.h"
#include "messages.h"
#include "prefixes.h"
#include "spamtab.h"

/* A netmask that isn't contiguous makes a network of many; one of more prefixes than this isn't taken apart. */
enum { REFUSED_PARTS_MAX = 256 };

/*
 * Adds to the set, which is empty, the addresses that the table refuses, as prefixes that don't overlap, IPv4 first,
 * ascending: those of an entry stay by themselves, without what earlier lines have the say about. An IPv6 entry whose
 * network holds ::ffff:0:0/96 takes in all of IPv4, too. What can't be told in prefixes, or depends on how XMail
 * listens, is not in the set, and noted with its line. Returns 1, or -1 with the error (out of memory).
 */
int refused_find(const struct spamtab *tab, struct prefixes *refused, struct messages *notes, struct error *error);

#endif
