/* SPDX-License-Identifier: MIT */
/* Eight bytes at once: how text is compared and searched where each byte by itself would take too long. */
#ifndef XS_WORD_H
#define XS_WORD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WORD_SIZE = 8, WORD_MASK_MAX = 32 };

/* The eight bytes at any place; the first one is where the machine's order of bytes has it. */
static inline uint64_t word_at(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/*
 * Word i (0 to 3) of the text of so many bytes, at most WORD_MASK_MAX, with zeros behind it. The text must be readable
 * up to the end of that word.
 */
static inline uint64_t word_of_text(const char *text, size_t length, size_t i)
{
    static const char ones[2 * WORD_MASK_MAX] = {
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    };
    return word_at(text + i * WORD_SIZE) & word_at(ones + WORD_MASK_MAX - length + i * WORD_SIZE);
}

#endif
