/* SPDX-License-Identifier: MIT */
/*
 * MAILROOT/filters.post-rcpt.tab, where XMail finds the filters to run after each RCPT: the line that calls ours, put
 * in, found and taken out. XMail reads the file at every RCPT, so that it is only ever replaced whole; other lines stay
 * byte for byte.
 */
#ifndef XS_REGISTRATION_H
#define XS_REGISTRATION_H

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

/*
 * Adds the line as the last one, once. Returns 1; 0 if it was there already, once and last, and nothing was written;
 * or -1 with the error, and nothing has changed.
 */
int registration_add(const char *mail_root, const struct registration_call *call, struct error *error);

/*
 * Takes out exactly the line that registration_add writes, wherever it is; the file is then, byte for byte, as it was
 * before. Returns 1; 0 if it wasn't there; or -1 with the error, and nothing has changed.
 */
int registration_remove(const char *mail_root, const struct registration_call *call, struct error *error);

#endif
