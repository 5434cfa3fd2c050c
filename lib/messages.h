/* SPDX-License-Identifier: MIT */
/* A growing list of texts for people: every error of a configuration, every warning of a rebuild. */
#ifndef XS_MESSAGES_H
#define XS_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is the empty list. */
struct messages {
    char **texts;
    size_t count;
    size_t lost; /* texts that could not be kept because memory ran out: never zero then */
};

/* Adds a text made from a printf format. When memory runs out it is counted in lost. */
void messages_add(struct messages *messages, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The length of the character, UTF-8 if it is any, with which the bytes begin. It isn't harmless if a terminal might
 * obey it, if it would begin another line or turn the direction of this one around, or if it is a NUL. There must be a
 * byte at least.
 */
size_t messages_character(const char *bytes, size_t length, bool *harmless);

/* The number of bytes that stand before the first one that is a control or isn't ASCII. */
size_t messages_plain(const char *bytes, size_t length);

/* Puts "?" for each byte of what isn't harmless. */
void messages_make_harmless(char *bytes, size_t length);

/* True if nothing was added. */
int messages_empty(const struct messages *messages);

/* Frees the texts and makes the list empty. */
void messages_clear(struct messages *messages);

#endif
