/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

enum {
    STEP = 64,          /* bytes that are looked at together: the bits of a word */
    WINDOW = 32 * 1024, /* of text, with its marks, fits the first-level cache */
    AT_ONCE = 8,        /* marks written without counting: most steps have fewer */
};

/* Which of the 64 bytes at a place are TAB or LF, and which are LF: a bit each, the first byte's lowest. */
struct bits {
    uint64_t separators;
    uint64_t lfs;
};

/* --- any machine -------------------------------------------------------------------------------------------------- */

static inline struct bits look_bytewise(const char *text)
{
    struct bits bits = {0, 0};
    for (unsigned i = 0; i < STEP; i++) {
        bits.lfs |= (uint64_t)(text[i] == '\n') << i;
        bits.separators |= (uint64_t)(text[i] == '\t') << i;
    }
    bits.separators |= bits.lfs;
    return bits;
}

/*
 * The search itself; look is a constant where this is inlined. Marks are written AT_ONCE, needed or not, since how many
 * there are in a step is what the processor guesses worst.
 */
static inline __attribute__((always_inline)) void find(struct lines *lines, size_t begin, size_t end,
                                                       struct bits (*look)(const char *))
{
    uint32_t *mark = lines->marks;
    uint32_t *line_end = lines->ends;
    for (size_t at = begin; at < end && (at - begin < WINDOW || line_end == lines->ends); at += STEP) {
        struct bits bits = look(lines->text + at);
        if (end - at < STEP) {
            const uint64_t inside = (UINT64_C(1) << (end - at)) - 1;
            bits.separators &= inside;
            bits.lfs &= inside;
        }
        for (uint64_t lfs = bits.lfs; lfs != 0; lfs &= lfs - 1) {
            const uint64_t before = (lfs & -lfs) - 1;
            *line_end++ = (uint32_t)(mark - lines->marks) + (uint32_t)__builtin_popcountll(bits.separators & before);
        }
        uint32_t *next = mark + __builtin_popcountll(bits.separators);
        do {
            for (unsigned i = 0; i < AT_ONCE; i++, bits.separators &= bits.separators - 1)
                *mark++ = (uint32_t)at + (uint32_t)__builtin_ctzll(bits.separators | UINT64_C(1) << (STEP - 1));
        } while (bits.separators != 0);
        mark = next;
    }
    lines->count = (size_t)(line_end - lines->ends);
}

static void find_anywhere(struct lines *lines, size_t begin, size_t end)
{
    find(lines, begin, end, look_bytewise);
}

/* --- x86 with AVX2 ------------------------------------------------------------------------------------------------ */

#ifdef __x86_64__
#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static inline uint64_t bits_equal(__m256i low, __m256i high, char wanted)
{
    const __m256i all = _mm256_set1_epi8(wanted);
    const uint32_t low_bits = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, all));
    const uint32_t high_bits = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, all));
    return (uint64_t)high_bits << 32 | low_bits;
}

AVX2 static inline struct bits look_avx2(const char *text)
{
    const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)text);
    const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(text + STEP / 2));
    const uint64_t lfs = bits_equal(low, high, '\n');
    return (struct bits){.separators = bits_equal(low, high, '\t') | lfs, .lfs = lfs};
}

AVX2 static void find_avx2(struct lines *lines, size_t begin, size_t end)
{
    find(lines, begin, end, look_avx2);
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}
#endif

/* --- lines -------------------------------------------------------------------------------------------------------- */

bool lines_new(struct lines *lines)
{
    /* At worst each byte is a mark and a line. What isn't written takes no memory. */
    const size_t marks = 1 + LINES_TEXT_MAX + AT_ONCE + STEP;
    *lines = (struct lines){.memory = malloc((marks + LINES_TEXT_MAX) * sizeof *lines->memory)};
    lines->marks = lines->memory + 1;
    lines->ends = lines->memory + marks;
    return lines->memory != NULL;
}

void lines_free(struct lines *lines)
{
    free(lines->memory);
    *lines = (struct lines){0};
}

bool lines_find(struct lines *lines, const char *text, size_t begin, size_t end)
{
    lines->text = text;
    lines->marks[-1] = (uint32_t)begin - 1; /* as the offsets count: behind it is the first field */
#ifdef __x86_64__
    if (has_avx2())
        find_avx2(lines, begin, end);
    else
#endif
        find_anywhere(lines, begin, end);
    lines->behind = lines->count > 0 ? lines->marks[lines->ends[lines->count - 1]] + (size_t)1 : begin;
    return lines->count > 0;
}
