/* SPDX-License-Identifier: MIT */
#include "utf8.h"

#include <stdbool.h>

static bool is_continuation(unsigned char byte)
{
    return byte >= 0x80 && byte <= 0xbf;
}

/* Unicode, table 3-7. */
size_t utf8_length(const char *text, size_t left)
{
    static const struct {
        unsigned char first, last;   /* of the first byte */
        unsigned char second, until; /* the range of the second */
        size_t length;
    } forms[] = {
        {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (left < forms[i].length || bytes[0] < forms[i].first || bytes[0] > forms[i].last)
            continue;
        if (forms[i].length > 1 && (bytes[1] < forms[i].second || bytes[1] > forms[i].until))
            return 0;
        for (size_t at = 2; at < forms[i].length; at++)
            if (!is_continuation(bytes[at]))
                return 0;
        return forms[i].length;
    }
    return 0;
}

size_t utf8_prefix(const char *text, size_t length)
{
    size_t at = 0;
    for (size_t taken = 1; at < length && taken > 0; at += taken)
        taken = utf8_length(text + at, length - at);
    return at;
}

uint32_t utf8_point(const char *text, size_t length)
{
    enum { CONTINUED_BITS = 6, CONTINUED_MASK = 0x3f };
    const unsigned char *bytes = (const unsigned char *)text;
    uint32_t point = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
    for (size_t at = 1; at < length; at++)
        point = point << CONTINUED_BITS | (bytes[at] & CONTINUED_MASK);
    return point;
}

/* Unicode's East Asian wide and fullwidth characters (UAX #11), and its marks that take no room. */
unsigned utf8_width(uint32_t point)
{
    static const struct {
        uint32_t first, last;
        unsigned width;
    } ranges[] = {
        {0x0300, 0x036f, 0},   {0x0483, 0x0489, 0},   {0x0591, 0x05bd, 0},   {0x064b, 0x065f, 0},
        {0x1100, 0x115f, 2},   {0x1ab0, 0x1aff, 0},   {0x1dc0, 0x1dff, 0},   {0x200b, 0x200d, 0},
        {0x20d0, 0x20ff, 0},   {0x2e80, 0x3029, 2},   {0x302a, 0x302d, 0},   {0x302e, 0x303e, 2},
        {0x3041, 0x3098, 2},   {0x3099, 0x309a, 0},   {0x309b, 0x4dbf, 2},   {0x4e00, 0xa4cf, 2},
        {0xa960, 0xa97c, 2},   {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},
        {0xfe10, 0xfe19, 2},   {0xfe20, 0xfe2f, 0},   {0xfe30, 0xfe6f, 2},   {0xfeff, 0xfeff, 0},
        {0xff01, 0xff60, 2},   {0xffe0, 0xffe6, 2},   {0x1f300, 0x1f64f, 2}, {0x1f680, 0x1f6ff, 2},
        {0x1f900, 0x1faff, 2}, {0x20000, 0x3fffd, 2}, {0xe0100, 0xe01ef, 0},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges && point >= ranges[i].first; i++)
        if (point <= ranges[i].last)
            return ranges[i].width;
    return 1;
}
