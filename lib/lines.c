/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include "word.h"

#include <endian.h>
#include <stdlib.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

enum {
    STEP = 64,                           /* bytes that are looked at together: the bits of a word */
    WINDOW = 32 * 1024,                  /* of text, with its marks, fits the first-level cache */
    MARKS_AT_ONCE = 8,                   /* written without counting: most steps have fewer */
    MARKS_SLACK = 64 + LINES_LIKELY_MAX, /* how many more may be written than there are */
    LINES_SLACK = 1,                     /* likewise of lines */
};

/* Which of the 64 bytes at a place are TAB or LF, which are LF, and ... : a bit each, the first byte's lowest. */
struct bits {
    uint64_t separators;
    uint64_t lfs;
    uint64_t bare; /* ... separators without a quote on either side (or all, where that isn't looked for) */
};

/* How a machine does it; constants where find is inlined. */
struct means {
    struct bits (*look)(const char *text);
    /* Writes the numbers of the bits that are set, plus at, one behind another, and maybe up to 64 more behind them. */
    uint32_t *(*put)(uint32_t *offsets, uint32_t at, uint64_t bits);     /* Returns behind the last one that counts. */
    uint32_t *(*put_few)(uint32_t *offsets, uint32_t at, uint64_t bits); /* The same, where there is hardly any. */
};

/* Where a search stands: what is written next, and the bare separators so far. */
struct found {
    uint32_t *mark;
    uint32_t *line_end;
    uint64_t bare;
};

/*
 * Writes down those of a step that are inside the text. How many marks or lines there are in a step is what the
 * processor guesses worst: so some are written without counting, needed or not, and written over by those of the next
 * step.
 */
static inline __attribute__((always_inline)) void take_step(struct found *found, const char *text, size_t at,
                                                            uint64_t inside, const struct means means)
{
    const struct bits bits = means.look(text + at);
    found->mark = means.put(found->mark, (uint32_t)at, bits.separators & inside);
    found->line_end = means.put_few(found->line_end, (uint32_t)at, bits.lfs & inside);
    found->bare |= bits.bare & inside;
}

/* The search itself. */
static inline __attribute__((always_inline)) void find(struct lines *lines, size_t begin, size_t end,
                                                       const struct means means)
{
    const char *text = lines->text;
    struct found found = {lines->marks, lines->ends, text[begin] != '"'};
    for (size_t at = begin; at < end && found.line_end == lines->ends;) {
        const size_t window_end = end - at < WINDOW ? end : at + WINDOW;
        for (; window_end - at >= STEP; at += STEP)
            take_step(&found, text, at, UINT64_MAX, means);
        if (at < window_end)
            take_step(&found, text, at, (UINT64_C(1) << (window_end - at)) - 1, means);
        at = window_end;
    }
    for (size_t i = 0; i < LINES_LIKELY_MAX; i++) /* where lines_next may look is no mark of another text */
        found.mark[i] = UINT32_MAX;
    lines->count = (size_t)(found.line_end - lines->ends);
    lines->quoted = found.bare == 0;
}

/* --- any machine -------------------------------------------------------------------------------------------------- */

/* A bit for each of the eight bytes that is the wanted one. */
static inline uint64_t bytes_equal(uint64_t word, char wanted)
{
    const uint64_t low_bits = UINT64_C(0x7f7f7f7f7f7f7f7f); /* of each byte */
    const uint64_t differences = word ^ (unsigned char)wanted * UINT64_C(0x0101010101010101);
    /* 128 of each byte that is 0, and 0 of any other: none carries into the next one. */
    const uint64_t found = ~(((differences & low_bits) + low_bits) | differences | low_bits);
    /* The product has the uppermost bits of all bytes side by side in its uppermost byte. */
    return (found >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline struct bits look_anywhere(const char *text)
{
    struct bits bits = {.bare = UINT64_MAX}; /* it would take longer than looking at the fields that are read */
    for (unsigned i = 0; i < STEP; i += WORD_SIZE) {
        const uint64_t word = le64toh(word_at(text + i));
        bits.separators |= bytes_equal(word, '\t') << i;
        bits.lfs |= bytes_equal(word, '\n') << i;
    }
    bits.separators |= bits.lfs;
    return bits;
}

static inline uint32_t *put_anywhere(uint32_t *offsets, uint32_t at, uint64_t bits)
{
    uint32_t *const end = offsets + __builtin_popcountll(bits);
    do {
#pragma GCC unroll 8
        for (unsigned i = 0; i < MARKS_AT_ONCE; i++, bits &= bits - 1)
            *offsets++ = at + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << (STEP - 1));
    } while (bits != 0);
    return end;
}

static inline uint32_t *put_few_anywhere(uint32_t *offsets, uint32_t at, uint64_t bits)
{
    for (; bits != 0; bits &= bits - 1)
        *offsets++ = at + (uint32_t)__builtin_ctzll(bits);
    return offsets;
}

static void find_anywhere(struct lines *lines, size_t begin, size_t end)
{
    find(lines, begin, end, (struct means){look_anywhere, put_anywhere, put_few_anywhere});
}

/* --- x86 with AVX2 ------------------------------------------------------------------------------------------------ */

#ifdef __x86_64__
#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static inline __m256i load_avx2(const char *text)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)text);
}

AVX2 static inline __m256i equal_avx2(__m256i bytes, char wanted)
{
    return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(wanted));
}

AVX2 static inline uint64_t bits_avx2(__m256i low, __m256i high)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 | (uint32_t)_mm256_movemask_epi8(low);
}

/* Of half a step: a byte of all ones for each of the bytes that are meant. */
struct half {
    __m256i separators;
    __m256i lfs;
    __m256i bare;
};

AVX2 static inline struct half look_at_half(const char *text)
{
    const __m256i bytes = load_avx2(text);
    const __m256i lfs = equal_avx2(bytes, '\n');
    const __m256i separators = _mm256_or_si256(equal_avx2(bytes, '\t'), lfs);
    const __m256i between =
        _mm256_and_si256(equal_avx2(load_avx2(text - 1), '"'), equal_avx2(load_avx2(text + 1), '"'));
    return (struct half){separators, lfs, _mm256_andnot_si256(between, separators)};
}

AVX2 static inline struct bits look_avx2(const char *text)
{
    const struct half low = look_at_half(text);
    const struct half high = look_at_half(text + STEP / 2);
    return (struct bits){bits_avx2(low.separators, high.separators), bits_avx2(low.lfs, high.lfs),
                         bits_avx2(low.bare, high.bare)};
}

AVX2 static inline uint32_t *put_avx2(uint32_t *offsets, uint32_t at, uint64_t bits)
{
    uint32_t *const end = offsets + _mm_popcnt_u64(bits);
    do {
#pragma GCC unroll 8
        for (unsigned i = 0; i < MARKS_AT_ONCE; i++, bits = _blsr_u64(bits))
            *offsets++ = at + (uint32_t)_tzcnt_u64(bits); /* of no bit, too */
    } while (bits != 0);
    return end;
}

AVX2 static inline uint32_t *put_few_avx2(uint32_t *offsets, uint32_t at, uint64_t bits)
{
    uint32_t *const end = offsets + _mm_popcnt_u64(bits);
    do {
        *offsets++ = at + (uint32_t)_tzcnt_u64(bits); /* of no bit, too */
        bits = _blsr_u64(bits);
    } while (bits != 0);
    return end;
}

AVX2 static void find_avx2(struct lines *lines, size_t begin, size_t end)
{
    find(lines, begin, end, (struct means){look_avx2, put_avx2, put_few_avx2});
}

/* --- x86 with AVX-512 --------------------------------------------------------------------------------------------- */

#define AVX512 __attribute__((target("avx512bw,avx512vbmi2,bmi,popcnt")))

AVX512 static inline struct bits look_avx512(const char *text)
{
    const __m512i quotes = _mm512_set1_epi8('"');
    const __m512i bytes = _mm512_loadu_si512(text);
    const uint64_t lfs = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n'));
    const uint64_t separators = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\t')) | lfs;
    return (struct bits){.separators = separators,
                         .lfs = lfs,
                         .bare = _mm512_mask_cmpneq_epi8_mask(separators, _mm512_loadu_si512(text - 1), quotes) |
                                 _mm512_mask_cmpneq_epi8_mask(separators, _mm512_loadu_si512(text + 1), quotes)};
}

AVX512 static inline uint32_t *put_avx512(uint32_t *offsets, uint32_t at, uint64_t bits)
{
    static const unsigned char numbers[STEP] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    };
    const __m512i set = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(numbers));
    const __m512i first = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(set));
    _mm512_storeu_si512(offsets, _mm512_add_epi32(first, _mm512_set1_epi32((int)at)));
    const unsigned count = (unsigned)_mm_popcnt_u64(bits);
    if (count > STEP / 4) {
        unsigned char all[STEP];
        _mm512_storeu_si512(all, set);
        for (unsigned i = STEP / 4; i < count; i++)
            offsets[i] = at + all[i];
    }
    return offsets + count;
}

AVX512 static void find_avx512(struct lines *lines, size_t begin, size_t end)
{
    find(lines, begin, end, (struct means){look_avx512, put_avx512, put_few_avx2});
}
#endif

/* --- lines -------------------------------------------------------------------------------------------------------- */

bool lines_new(struct lines *lines)
{
    /* At worst each byte is a mark and a line. What isn't written takes no memory. */
    const size_t marks = 1 + LINES_TEXT_MAX + MARKS_SLACK;
    *lines = (struct lines){.memory = malloc((marks + LINES_TEXT_MAX + LINES_SLACK) * sizeof *lines->memory)};
    if (!lines->memory)
        return false;
    lines->marks = lines->memory + 1;
    lines->ends = lines->memory + marks;
    lines->find = find_anywhere;
#ifdef __x86_64__
    const bool has_both = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
    if (has_both && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2"))
        lines->find = find_avx512;
    else if (has_both && __builtin_cpu_supports("avx2"))
        lines->find = find_avx2;
#endif
    return true;
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
    lines->find(lines, begin, end);
    lines->behind = lines->count > 0 ? lines->ends[lines->count - 1] + (size_t)1 : begin;
    return lines->count > 0;
}
