/* SPDX-License-Identifier: MIT */
/* Sentences on a terminal of 80 columns. */
#ifndef XS_PARAGRAPH_H
#define XS_PARAGRAPH_H

#include <stddef.h>

/*
 * Prints on stdout the lead ("1. ") and behind it the text, broken at blanks so that no line has more than 80 columns,
 * but for a word that is longer by itself (a path must be whole to be copied). Further lines begin with indent blanks.
 * Control characters become "?".
 */
void print_paragraph(const char *lead, int indent, const char *text, size_t length);

#endif
