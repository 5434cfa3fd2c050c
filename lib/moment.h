/* SPDX-License-Identifier: MIT */
/*
 * Days and the clock. A day is the number YYYYMMDD, as the logs spell it: days compare as numbers, and a date that
 * no calendar has (February 31st) keeps its place. The clock is a parameter everywhere, so that --now and tests rule
 * it.
 */
#ifndef XS_MOMENT_H
#define XS_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

typedef uint32_t day_number; /* YYYYMMDD, 00000101 to 99991231 */

struct day_range {
    day_number first; /* both belong to the range */
    day_number last;
};

struct moment {
    time_t seconds;  /* since the Epoch */
    struct tm local; /* the same in local time */
    bool rehearsed;  /* from --now: times of files, which the real clock gave, say nothing about it */
};

enum {
    DAY_TEXT_SIZE = 11,    /* YYYY-MM-DD */
    MOMENT_TEXT_SIZE = 20, /* YYYY-MM-DD hh:mm:ss */
};

/* The moment of these seconds since the Epoch. False if local time can't tell it. */
bool moment_from_seconds(time_t seconds, struct moment *moment);

/* The real clock's moment. */
bool moment_now(struct moment *moment);

/* Reads YYYY-MM-DDTHH:MM[:SS], local time, years 1970 to 9999. False if the text is anything else. */
bool moment_parse(const char *text, struct moment *moment);

/* YYYY-MM-DD hh:mm:ss in local time, as XMail writes it. Returns text. */
const char *moment_format(const struct moment *moment, char text[MOMENT_TEXT_SIZE]);

day_number moment_day(const struct moment *moment);

/* The day and the days - 1 calendar days before it; days >= 1. The range never begins before 0000-01-01. */
struct day_range day_range_until(day_number last, unsigned long days);

bool day_in_range(struct day_range range, day_number day);

/* The calendar day behind this one, which needn't be in the calendar itself. */
day_number day_after(day_number day);

/* True if months and days of the month are in the ranges 1-12 and 1-31. */
bool day_is_plausible(day_number day);

/* True if the calendar has the day. */
bool day_exists(day_number day);

/* Seconds since the Epoch when the day begins, in local time; the earliest possible if in doubt. */
time_t day_begins(day_number day);

/* Seconds since the Epoch when the day before this one begins, in local time; the earliest possible if in doubt. */
time_t day_before_begins(day_number day);

/* YYYY-MM-DD. Returns text. */
const char *day_format(day_number day, char text[DAY_TEXT_SIZE]);

#endif
