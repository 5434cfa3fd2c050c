/* SPDX-License-Identifier: MIT */
#include "digest.h"

#include <string.h>

/*
 * Each step can be undone: for a given word no two sums come to the same one, and for a given sum no two words do. A
 * change within one word thus never goes unnoticed, whatever follows; others hardly ever. The lanes don't wait for each
 * other's multiplications.
 */
enum { WORD = sizeof(uint64_t), LANES = 4, ROUND = LANES * WORD, WORD_BITS = 64, TURN = 29 };

/* Odd numbers without a pattern; they and the lanes' beginnings are digits of pi. */
static const uint64_t word_factor = 0x243f6a8885a308d3;
static const uint64_t sum_factor = 0x13198a2e03707345;

static uint64_t add(uint64_t sum, uint64_t word)
{
    sum ^= word * word_factor;
    return (sum << TURN | sum >> (WORD_BITS - TURN)) * sum_factor;
}

static uint64_t take_word(const unsigned char *bytes, size_t length)
{
    uint64_t word = 0;
    memcpy(&word, bytes, length);
    return word;
}

uint64_t digest(uint64_t so_far, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t lanes[LANES] = {0xa4093822299f31d0, 0x082efa98ec4e6c89, 0x452821e638d01377, 0xbe5466cf34e90c6c};
    uint64_t sum = add(so_far, length);
    for (; length >= ROUND; length -= ROUND, at += ROUND) {
        /* A loop here, which isn't always unrolled, takes twice as long. */
        lanes[0] = add(lanes[0], take_word(at, WORD));
        lanes[1] = add(lanes[1], take_word(at + WORD, WORD));
        lanes[2] = add(lanes[2], take_word(at + 2 * (size_t)WORD, WORD));
        lanes[3] = add(lanes[3], take_word(at + 3 * (size_t)WORD, WORD));
    }
    for (size_t lane = 0; lane < LANES; lane++)
        sum = add(sum, lanes[lane]);
    for (; length > WORD; length -= WORD, at += WORD)
        sum = add(sum, take_word(at, WORD));
    return length > 0 ? add(sum, take_word(at, length)) : sum;
}
