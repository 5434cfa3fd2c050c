/* SPDX-License-Identifier: MIT */
/* Commands for people to copy: each word so that a shell takes it as it is meant. */
#ifndef XS_SHELLWORD_H
#define XS_SHELLWORD_H

#include "buffer.h"

/* Adds the word, between apostrophes if it holds anything that a shell might not leave alone. */
void shellword_add(const char *word, struct buffer *text);

#endif
