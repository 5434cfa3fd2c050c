/* SPDX-License-Identifier: MIT */
/*
 * What the status of a record comes to, by the patterns of its log. There are some thirty different ones in millions of
 * records: each is judged once, and remembered.
 */
#ifndef XS_JUDGE_H
#define XS_JUDGE_H

#include "buffer.h"
#include "conf.h"
#include "error.h"
#include "pattern.h"
#include "word.h"

#include <endian.h>
#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beside those of enum verdict. */
enum {
    JUDGED_ACCEPTED = 1 << 3, /* a record of this status is that of a login, if the rest of it is */
    JUDGED_LIMIT = 1 << 4,    /* a pattern gave up, which counts as no match */
};

enum {
    JUDGE_WORDS = 4,                              /* of a status that is remembered, with its length */
    JUDGE_TEXT_MAX = JUDGE_WORDS * WORD_SIZE - 1, /* bytes; a longer one is judged each time */
    JUDGE_SLOTS = 256,                            /* a power of two */
};

/* For one thread at a time. */
struct judge {
    const struct conf_log *log;
    struct matcher *matcher;
    bool converts; /* the log has an encoding */
    bool forgets;  /* the converter does, when it is told to begin anew */
    iconv_t converter;
    struct buffer converted;
    bool failed; /* memory ran out: a status may have been judged wrongly */
    /* The statuses that were judged, with zeros behind them and the length in the last byte; and their verdicts. */
    uint64_t known[JUDGE_SLOTS][JUDGE_WORDS];
    uint8_t verdicts[JUDGE_SLOTS];
};

/* Makes a judge for the log, which must outlive it. Returns it, to be freed with judge_free; or NULL with the error. */
struct judge *judge_new(const struct conf_log *log, struct error *error);
void judge_free(struct judge *judge);

/* Judges a status without remembering it: bits of enum verdict and JUDGED_... */
unsigned judge_afresh(struct judge *judge, const char *status, size_t length);

/* The same, of a status behind which JUDGE_WORDS words can be read, whatever they are. */
static inline unsigned judge_status(struct judge *judge, const char *status, size_t length)
{
    if (length > JUDGE_TEXT_MAX)
        return judge_afresh(judge, status, length);
    uint64_t text[JUDGE_WORDS];
    uint64_t sum = 0;
#pragma GCC unroll 4
    for (unsigned i = 0; i < JUDGE_WORDS; i++) {
        text[i] = word_of_text(status, length, i);
        if (i == JUDGE_WORDS - 1)
            text[i] |= htole64((uint64_t)length << 56);
        sum += text[i];
    }
    const size_t slot = sum * UINT64_C(0x9e3779b97f4a7c15) >> 56;
    uint64_t other = 0;
#pragma GCC unroll 4
    for (unsigned i = 0; i < JUDGE_WORDS; i++)
        other |= judge->known[slot][i] ^ text[i];
    if (other != 0) {
        judge->verdicts[slot] = (uint8_t)judge_afresh(judge, status, length);
        memcpy(judge->known[slot], text, sizeof text);
    }
    return judge->verdicts[slot];
}

#endif
