/* SPDX-License-Identifier: MIT */
/*
 * The lines that allow adds to the whitelist file and takes out again. All other bytes of it stay as they are. Before
 * such a line may stand notes: comments with the lines of spammers.tab that were taken out with it.
 */
#ifndef XS_WHITELISTFILE_H
#define XS_WHITELISTFILE_H

#include "address.h"
#include "buffer.h"
#include "error.h"

#include <stdbool.h>
#include <stddef.h>

/* The first line that is for a network in such a way. Number 0: there is none. */
struct whitelistfile_line {
    unsigned long number;
    struct network network;
};

struct whitelistfile_found {
    struct whitelistfile_line same;
    struct whitelistfile_line covering; /* the whole network, or more */
    struct whitelistfile_line touching; /* any host of it */
};

/* Looks for the network, a prefix. Lines that can't be read are none. */
void whitelistfile_find(const struct buffer *content, const struct network *network, struct whitelistfile_found *found);

/*
 * Adds to result the content with a line for the network and, before it, the notes: lines, each ended by an LF, of
 * which those that stand there already aren't repeated. If the very network has a line, that one is taken; else a new
 * one, with the comment (NULL: none) behind it, is the last. Returns the line's number. Check result->failed
 * afterwards.
 */
unsigned long whitelistfile_add(const struct buffer *content, const struct network *network, const char *comment,
                                const struct buffer *notes, struct buffer *result);

/*
 * Adds to result the content without the lines of the very network and their notes, which are added to notes, each
 * ended by an LF. Check the failed of both afterwards.
 */
void whitelistfile_remove(const struct buffer *content, const struct network *network, struct buffer *result,
                          struct buffer *notes);

/*
 * Whether the whitelist file takes the network with this comment as it is meant: 1, or -1 with the error.
 */
int whitelistfile_check(const struct network *network, const char *comment, struct error *error);

#endif
