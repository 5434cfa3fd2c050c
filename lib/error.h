/* SPDX-License-Identifier: MIT */
/* One error text, carried from where something failed to where a person reads it. The library prints nothing. */
#ifndef XS_ERROR_H
#define XS_ERROR_H

enum { ERROR_TEXT_SIZE = 9 * 1024 }; /* two paths of the longest kind, and what is said of them */

struct error {
    char text[ERROR_TEXT_SIZE]; /* "unable to VERB OBJECT: reason", no line end; cut when longer */
};

/*
 * Sets the text from a printf format. Returns -1 always, so that a failing function can say
 * "return error_set(...)". errno is left as it was. error must not be NULL.
 */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As error_set, with ": " and the system's text for the error number (an errno value) behind it. */
int error_system(struct error *error, int number, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The error of a failed allocation: "unable to VERB OBJECT: out of memory" with what = "VERB OBJECT". Returns -1. */
int error_memory(struct error *error, const char *what);

#endif
