/* SPDX-License-Identifier: MIT */
/*
 * MAILROOT/filters.post-rcpt.tab, where XMail finds the filters to run after each RCPT: the line that calls ours, put
 * in, found and taken out. XMail reads the file at every RCPT, so that it is only ever replaced whole; other lines stay
 * byte for byte.
 */
#ifndef XS_REGISTRATION_H
#define XS_REGISTRATION_H

#include "buffer.h"
#include "error.h"

#include <stdbool.h>
#include <stddef.h>

/* What XMail is to call: PROGRAM -c CONFIGURATION filter. Absolute paths. */
struct registration_call {
    const char *program;
    const char *configuration;
};

/* A line of the file that calls a program of our name for the filter, in whatever way. */
struct registration_line {
    unsigned long number; /* in the file, from 1 */
    bool exact;           /* it is the line that registration_add writes for the call */
    char *program;        /* path as written in the line */
    char *configuration;  /* behind -c, or NULL */
};

/* All zero: not registered. */
struct registration {
    struct registration_line *lines; /* in the order of the file */
    size_t count;
    bool last; /* no other filter comes after the last of them */
};

/*
 * Finds the lines that call the filter. A missing file has none. Returns 1, *found being the caller's to clear; or -1
 * with the error.
 */
int registration_find(const char *mail_root, const struct registration_call *call, struct registration *found,
                      struct error *error);
void registration_clear(struct registration *found);

/* Those of the lines found that are exact, or aren't. */
size_t registration_count(const struct registration *found, bool exact);

/*
 * Adds the line behind all other filters, once; ours that stands elsewhere or twice is moved there. The lock must be
 * held. Returns 1, the error's text being empty, or telling why a crash of the machine may undo it; 0 if it was there
 * already, once and behind all others, and nothing was written; or -1 with the error, and nothing has changed: a path
 * can't be written so that XMail reads it back, another line calls our program, the file can't be replaced.
 */
int registration_add(const char *mail_root, const struct registration_call *call, struct error *error);

/*
 * Takes out exactly the line that registration_add writes, wherever it is; the file is then, byte for byte, as it was
 * before (one that was made for it stays, empty). The lock must be held. Returns 1, as registration_add does; 0 if it
 * wasn't there; or -1 with the error, and nothing has changed.
 */
int registration_remove(const char *mail_root, const struct registration_call *call, struct error *error);

/* --- the same without files --------------------------------------------------------------------------------------- */

/*
 * Adds the text of the line, without a line end, to the buffer. Returns 1; or -1 with the error: XMail would not read
 * this back as the call.
 */
int registration_format(const struct registration_call *call, struct buffer *line, struct error *error);

/*
 * Finds the lines that call the filter in the content of the file. line is what registration_format made; empty: no
 * line is exact. Returns 1, *found being the caller's to clear; or -1 with the error (no memory).
 */
int registration_parse(const struct buffer *content, const struct buffer *line, struct registration *found,
                       struct error *error);

/*
 * Adds to result the content with the line as its last. If the content has no line end at its end, it gets one, and the
 * line none, so that registration_drop can tell.
 */
void registration_append(const struct buffer *content, const struct buffer *line, struct buffer *result);

/* Adds to result the content without the line, wherever and how often it is there. Undoes registration_append. */
void registration_drop(const struct buffer *content, const struct buffer *line, struct buffer *result);

#endif
