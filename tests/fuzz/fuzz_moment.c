/* SPDX-License-Identifier: MIT */
/* --now: any text. What is accepted is a time within the years that it may name, and ranges until it are in order. */
#include "moment.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void require(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[64];
    char shown[MOMENT_TEXT_SIZE];
    struct moment moment;
    if (size >= sizeof text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (!moment_parse(text, &moment))
        return 0;
    require(strlen(moment_format(&moment, shown)) == MOMENT_TEXT_SIZE - 1);
    require(strncmp(text, shown, 8) == 0); /* a day may differ where daylight saving begins at midnight */
    for (unsigned long days = 1; days < 100000; days *= 7) {
        struct day_range range = day_range_until(moment_day(&moment), days);
        require(range.first <= range.last && day_is_plausible(range.first));
    }
    return 0;
}
