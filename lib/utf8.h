/* SPDX-License-Identifier: MIT */
/* Characters of UTF-8 in bytes that may be anything. */
#ifndef XS_UTF8_H
#define XS_UTF8_H

#include <stddef.h>

/* How many of the left bytes the character takes with which the text begins; 0 if it is no UTF-8. */
size_t utf8_length(const char *text, size_t left);

#endif
