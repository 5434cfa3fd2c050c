/* SPDX-License-Identifier: MIT */
/* A growing list of texts for people: every error of a configuration, every warning of a rebuild. */
#ifndef XS_MESSAGES_H
#define XS_MESSAGES_H

#include <stddef.h>

/* All zero is the empty list. */
struct messages {
    char **texts;
    size_t count;
    size_t lost; /* texts that could not be kept because memory ran out: never zero then */
};

/* Adds a text made from a printf format. When memory runs out it is counted in lost. */
void messages_add(struct messages *messages, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "?" for each byte that a terminal might obey, that would begin another line, or that is a NUL. */
void messages_make_harmless(char *bytes, size_t length);

/* True if nothing was added. */
int messages_empty(const struct messages *messages);

/* Frees the texts and makes the list empty. */
void messages_clear(struct messages *messages);

#endif
