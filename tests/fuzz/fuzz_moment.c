/* SPDX-License-Identifier: MIT */
/*
 * --now: any text, in several time zones. What is accepted is a time within the years that it may name; as it is
 * printed it is read again as the same, and it is printed as it was given unless the clocks were changed just then.
 * Ranges until it are in order.
 */
#include "fuzz.h"

#include "moment.h"

#include <time.h>

/* As POSIX has them, so that no file is needed: with summer in both hemispheres, at midnight, by half an hour. */
static const char *const zones[] = {"UTC0",
                                    "CET-1CEST,M3.5.0,M10.5.0/3",
                                    "<-03>3<-02>,M10.3.0/0,M2.3.0/0",
                                    "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
                                    "<+14>-14",
                                    "<-12>12"};

/* YYYY-MM-DD and the time of day, parted by either a blank or a T. */
static bool is_same(const char *text, const char *shown)
{
    return strncmp(text, shown, 10) == 0 && strncmp(text + 11, shown + 11, strlen(text) - 11) == 0;
}

/* True if the clocks were changed within a day around it. */
static bool is_odd(const struct moment *moment)
{
    struct moment before;
    struct moment after;
    return !moment_from_seconds(moment->seconds - 24L * 60 * 60, &before) ||
           !moment_from_seconds(moment->seconds + 24L * 60 * 60, &after) ||
           before.local.tm_isdst != after.local.tm_isdst;
}

static void check(const char *text)
{
    char shown[MOMENT_TEXT_SIZE];
    char again[MOMENT_TEXT_SIZE];
    struct moment moment;
    struct moment same;
    if (!moment_parse(text, &moment))
        return;
    require(moment.rehearsed && strlen(moment_format(&moment, shown)) == MOMENT_TEXT_SIZE - 1);
    require(strncmp(text, shown, 8) == 0); /* a day may differ where daylight saving begins at midnight */
    require(is_odd(&moment) || is_same(text, shown));
    shown[10] = 'T';
    require(moment_parse(shown, &same));
    require(is_odd(&moment) || same.seconds == moment.seconds);
    moment_format(&same, again);
    require(is_same(shown, again));
    require(moment_day(&same) == moment_day(&moment) && day_exists(moment_day(&moment)));
    for (unsigned long days = 1; days < 100000; days *= 7) {
        struct day_range range = day_range_until(moment_day(&moment), days);
        require(range.first <= range.last && day_is_plausible(range.first));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[64];
    if (size >= sizeof text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        require(setenv("TZ", zones[i], 1) == 0);
        tzset();
        check(text);
    }
    return 0;
}
