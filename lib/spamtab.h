/* SPDX-License-Identifier: MIT */
/*
 * spammers.tab: read as XMail reads it, kept byte for byte, put together anew. How it gets safely onto the disk is
 * another module's work.
 */
#ifndef XS_SPAMTAB_H
#define XS_SPAMTAB_H

#include "address.h"
#include "buffer.h"
#include "error.h"
#include "pattern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line as XMail sees it: at most 510 bytes, so a longer line of the file is several here. */
struct spamtab_line {
    size_t offset;        /* of its text in the content */
    unsigned long number; /* of the line in the file, from 1 */
    uint16_t length;      /* of its text, without the line end */
    uint8_t end;          /* length of its line end: 0, 1 (LF) or 2 (CRLF) */
    bool is_entry : 1;    /* XMail matches addresses with it; the members below are for entries only */
    bool permanent : 1;
    int code; /* as XMail takes it: > 0 refuse at connect (also if absent), 0 at MAIL FROM, < 0 slow down */
    struct network network;
};

struct spamtab {
    const struct buffer *content; /* somebody else's */
    struct spamtab_line *lines;
    size_t count;
    bool crlf;            /* the first line ends in CRLF */
    unsigned long limits; /* lines on which the pattern hit a limit of matching; they are taken as permanent */
};

/*
 * Reads the lines of the content, which must stay as it is as long as the table. An entry that the pattern matches is
 * permanent; the pattern may be NULL. Returns 1, or -1 with the error (out of memory).
 */
int spamtab_parse(const struct buffer *content, const struct pattern *permanent, struct spamtab *tab,
                  struct error *error);
void spamtab_clear(struct spamtab *tab);

/* True if XMail refuses a client of this entry when it connects. */
bool spamtab_rejects(const struct spamtab_line *line);

/* Adds to the buffer the fields with which the line of a network, a prefix, begins. */
void spamtab_format_network(const struct network *network, struct buffer *buffer);

/* Where in the text of an entry's line stands what is behind its network; the text's length if there is nothing. */
size_t spamtab_rest(const struct spamtab *tab, const struct spamtab_line *line);

/* Adds to the buffer the line of a new entry, without a line end: the network must be a prefix. */
void spamtab_format_entry(const struct network *network, struct buffer *buffer);

/*
 * The new content, put together line by line: a present one that stays byte for byte, one that is left out, a new text
 * (without a line end) on a line of its own.
 */
void spamtab_keep_line(const struct spamtab *tab, const struct spamtab_line *line, struct buffer *buffer);
void spamtab_drop_line(const struct spamtab *tab, const struct spamtab_line *line, struct buffer *buffer);
void spamtab_put_line(const struct spamtab *tab, const char *text, size_t length, struct buffer *buffer);

/*
 * Puts together the new content: of the present lines those with keep[i], each byte for byte, then an entry for each
 * of the networks (count of them). Check buffer->failed afterwards.
 */
void spamtab_render(const struct spamtab *tab, const bool *keep, const struct network *const *networks, size_t count,
                    struct buffer *buffer);

#endif
