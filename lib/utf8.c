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

uint32_t utf8_point(const char *text, size_t length)
{
    enum { CONTINUED_BITS = 6, CONTINUED_MASK = 0x3f };
    const unsigned char *bytes = (const unsigned char *)text;
    uint32_t point = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
    for (size_t at = 1; at < length; at++)
        point = point << CONTINUED_BITS | (bytes[at] & CONTINUED_MASK);
    return point;
}
