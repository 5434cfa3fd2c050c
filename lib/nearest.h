/* SPDX-License-Identifier: MIT */
/* What a misspelt word was probably meant to be. */
#ifndef XS_NEAREST_H
#define XS_NEAREST_H

/*
 * The one of the names (NULL-ended) that needs the fewest single slips of the keyboard to become the word, the first
 * of equals; NULL if even that one is too far off to be what was meant. Upper and lower case count as equal.
 */
const char *nearest_name(const char *word, const char *const *names);

#endif
