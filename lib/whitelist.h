/* SPDX-License-Identifier: MIT */
/*
 * Hosts that are never registered: those of the configuration, of its whitelist file, and those that XMail itself
 * trusts (smtp.ipprop.tab).
 */
#ifndef XS_WHITELIST_H
#define XS_WHITELIST_H

#include "address.h"
#include "buffer.h"
#include "error.h"
#include "messages.h"
#include "netset.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A line of smtp.ipprop.tab. */
struct whitelist_rule {
    struct network network;
    bool trusted;       /* it has WhiteList */
    unsigned long line; /* its number */
};

/* All zero is the empty whitelist. Seal it before asking. */
struct whitelist {
    struct netset own[2];         /* of the administrator: IPv6 networks, IPv4 networks */
    struct netset xmail;          /* the networks of the rules, numbered as they are */
    struct whitelist_rule *rules; /* every line of smtp.ipprop.tab that names a network, in their order */
    size_t rule_count;
};

/*
 * Adds ADDR, ADDR/BITS or ADDR/NETMASK, with or without a blank and a comment behind it. Host bits are masked off.
 * An IPv6 network takes in IPv6 hosts only, even if it is ::/0. Returns 1, or -1 with the error.
 */
int whitelist_add(struct whitelist *whitelist, const char *text, size_t length, struct error *error);

/* Adds a network, a prefix. Returns 1, or -1 with the error (out of memory). */
int whitelist_add_network(struct whitelist *whitelist, const struct network *network, struct error *error);

/*
 * Reads ADDR, ADDR/BITS or ADDR/NETMASK, the form in which people write networks. Host bits are masked off. Returns
 * NULL, or what is wrong with it, a text for people.
 */
const char *whitelist_parse(const char *text, size_t length, struct network *network);

/*
 * Adds each line of a file; # begins a comment, blank lines are skipped, a missing file is an empty one. Each fault
 * is added to problems as "FILE:LINE: what is wrong", which quotes what may be told to the author (place_may_tell) who
 * names the file.
 */
void whitelist_read(struct whitelist *whitelist, const char *path, uid_t author, struct messages *problems);

/* A line of such a file. All zero is the place before the first. */
struct whitelist_line {
    size_t offset;        /* in the content; a byte order mark belongs to no line */
    size_t length;        /* without the LF */
    size_t end;           /* 1 if an LF ends it, 0 if the content does */
    unsigned long number; /* from 1 */
};

/* Goes on to the next line. False at the end. */
bool whitelist_next(const struct buffer *content, struct whitelist_line *line);

/* Reads the network of the line. Returns 1; 0 if it has none (blank, a comment); or -1 with the error. */
int whitelist_parse_line(const struct buffer *content, const struct whitelist_line *line, struct network *network,
                         struct error *error);

/*
 * Adds what XMail trusts by MAILROOT/smtp.ipprop.tab: the first line that fits a client decides (XMail 1.27). A
 * missing file is an empty one. Returns 1, or -1 with the error if it can't be read. Call it once.
 */
int whitelist_read_xmail(struct whitelist *whitelist, const char *path, struct error *error);

/* Adds the administrator's networks of another whitelist, which stays as it is. Returns 1, or -1 with the error. */
int whitelist_copy(const struct whitelist *from, struct whitelist *to, struct error *error);

/* Makes the whitelist ready for the questions below. Returns 1, or -1 with the error (out of memory). */
int whitelist_seal(struct whitelist *whitelist, struct error *error);

/* True if the host is white-listed. */
bool whitelist_has(const struct whitelist *whitelist, struct address host);

/* The line of smtp.ipprop.tab by which XMail takes the host, or NULL. */
const struct whitelist_rule *whitelist_xmail_rule(const struct whitelist *whitelist, struct address host);

/* True if the whole network is white-listed by one network of the list. */
bool whitelist_covers(const struct whitelist *whitelist, const struct network *network);

/* True if any address of the network, a prefix, is white-listed. */
bool whitelist_overlaps(const struct whitelist *whitelist, const struct network *network);

void whitelist_clear(struct whitelist *whitelist);

#endif
