/* SPDX-License-Identifier: MIT */
/*
 * XMail's table files, read as XMail 1.27 reads them: its lines, its fields, its way of writing a network. Used for
 * spammers.tab, smtp.ipprop.tab and filters.post-rcpt.tab.
 */
#ifndef XS_XMAILTAB_H
#define XS_XMAILTAB_H

#include "address.h"

#include <stdbool.h>
#include <stddef.h>

/* XMail takes so many bytes at once; the rest of a line is a further line to it. */
enum {
    XMAILTAB_SPAMMERS_LINE = 510, /* spammers.tab */
    XMAILTAB_IPPROP_LINE = 1022,  /* smtp.ipprop.tab */
    XMAILTAB_FILTERS_LINE = 1022, /* filters.post-rcpt.tab */
    XMAILTAB_LINE_MAX = XMAILTAB_IPPROP_LINE,
    XMAILTAB_FIELDS_MAX = XMAILTAB_LINE_MAX / 2 + 1,
};

/* One line as XMail sees it. The parts of a long line are lines of their own here. */
struct xmailtab_line {
    const char *bytes;
    size_t length;        /* of the text, without the line end */
    size_t end;           /* bytes of the line end behind it: LF or CRLF, 0 if it has none */
    unsigned long number; /* in the file as an editor counts, from 1 */
    bool continued;       /* begins inside a line of the file */
};

/* Where a walk through the lines stands. Begins as {bytes, length, line_max}. */
struct xmailtab_walk {
    const char *bytes;
    size_t length;
    size_t line_max; /* XMAILTAB_..._LINE */
    size_t offset;
    unsigned long number;
    bool inside; /* the next byte continues a line */
};

/* Gives the next line, *line pointing into the walk's bytes. False at the end. Every byte belongs to one line. */
bool xmailtab_next(struct xmailtab_walk *walk, struct xmailtab_line *line);

/* True if the content's first line ends in CRLF, as then all that we add shall. bytes may be NULL if length is 0. */
bool xmailtab_is_crlf(const char *bytes, size_t length);

struct xmailtab_fields {
    char text[XMAILTAB_LINE_MAX + 1]; /* what the fields point to */
    const char *fields[XMAILTAB_FIELDS_MAX];
    size_t count;
};

/*
 * Splits a line: runs of TABs part the fields, quotes are taken off, a line ends at a NUL byte. Comments and blank
 * lines have no fields.
 */
void xmailtab_split(const struct xmailtab_line *line, struct xmailtab_fields *fields);

/*
 * The number with which a text begins, as atoi reads it: 0 if there is none, what stands behind it doesn't matter. One
 * that is too large for an int becomes the largest.
 */
int xmailtab_number(const char *text);

/*
 * Reads the network with which a line begins. Returns the number of fields that it takes (1 or 2), or 0 if XMail
 * matches no address with this line: a host name, no netmask, an address that can't be read.
 */
size_t xmailtab_network(const struct xmailtab_fields *fields, struct network *network);

#endif
