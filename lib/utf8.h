/* SPDX-License-Identifier: MIT */
/* Characters of UTF-8 in bytes that may be anything. */
#ifndef XS_UTF8_H
#define XS_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* How many of the left bytes the character takes with which the text begins; 0 if it is no UTF-8. */
size_t utf8_length(const char *text, size_t left);

/* How many of the bytes, from the first on, are UTF-8. */
size_t utf8_prefix(const char *text, size_t length);

/* The code point of a character that takes so many bytes. */
uint32_t utf8_point(const char *text, size_t length);

/* How many columns a terminal shows a character in: 1; 2 of East Asian wide ones; 0 of marks upon the one before. */
unsigned utf8_width(uint32_t point);

#endif
