/* SPDX-License-Identifier: MIT */
#include "moment.h"

#include <stdio.h>
#include <string.h>

enum { HOURS = 24, MINUTES = 60, SECONDS = 60, EPOCH_YEAR = 1970, TM_YEAR = 1900 };

bool moment_from_seconds(time_t seconds, struct moment *moment)
{
    moment->seconds = seconds;
    moment->rehearsed = false;
    return localtime_r(&seconds, &moment->local) != NULL;
}

bool moment_now(struct moment *moment)
{
    return moment_from_seconds(time(NULL), moment);
}

/* A number of exactly so many digits; the text moves behind it. */
static bool take_number(const char **text, int digits, int *number)
{
    *number = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *number = *number * 10 + (**text - '0');
    }
    return true;
}

static bool take(const char **text, char expected)
{
    return **text == expected && *(*text)++ != '\0';
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* month 1-12 */
static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

bool moment_parse(const char *text, struct moment *moment)
{
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second = 0;
    if (!take_number(&text, 4, &year) || !take(&text, '-') || !take_number(&text, 2, &month) || !take(&text, '-') ||
        !take_number(&text, 2, &day) || !take(&text, 'T') || !take_number(&text, 2, &hour) || !take(&text, ':') ||
        !take_number(&text, 2, &minute))
        return false;
    if (*text != '\0' && (!take(&text, ':') || !take_number(&text, 2, &second) || *text != '\0'))
        return false;
    if (year < EPOCH_YEAR || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) || hour >= HOURS ||
        minute >= MINUTES || second >= SECONDS)
        return false;
    struct tm local = {.tm_year = year - TM_YEAR,
                       .tm_mon = month - 1,
                       .tm_mday = day,
                       .tm_hour = hour,
                       .tm_min = minute,
                       .tm_sec = second,
                       .tm_isdst = -1};
    bool known = moment_from_seconds(mktime(&local), moment);
    moment->rehearsed = true;
    return known;
}

const char *moment_format(const struct moment *moment, char text[MOMENT_TEXT_SIZE])
{
    if (strftime(text, MOMENT_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &moment->local) == 0)
        text[0] = '\0';
    return text;
}

static day_number day_from(int year, int month, int day)
{
    return (day_number)year * 10000 + (day_number)month * 100 + (day_number)day;
}

day_number moment_day(const struct moment *moment)
{
    return day_from(moment->local.tm_year + TM_YEAR, moment->local.tm_mon + 1, moment->local.tm_mday);
}

struct day_range day_range_until(day_number last, unsigned long days)
{
    int year = (int)(last / 10000);
    int month = (int)(last / 100 % 100);
    int day = (int)(last % 100);
    /* Whole months first, then the rest within one: a search of years costs a step a month. */
    unsigned long back = days - 1;
    while (back >= (unsigned long)day && year >= 0) {
        back -= (unsigned long)day;
        if (--month == 0) {
            month = 12;
            year--;
        }
        day = days_of_month(year, month);
    }
    if (year < 0)
        return (struct day_range){day_from(0, 1, 1), last};
    return (struct day_range){day_from(year, month, day - (int)back), last};
}

bool day_in_range(struct day_range range, day_number day)
{
    return day >= range.first && day <= range.last;
}

bool day_is_plausible(day_number day)
{
    day_number month = day / 100 % 100;
    return month >= 1 && month <= 12 && day % 100 >= 1 && day % 100 <= 31;
}

bool day_exists(day_number day)
{
    return day_is_plausible(day) && day % 100 <= (day_number)days_of_month((int)(day / 10000), (int)(day / 100 % 100));
}

day_number day_after(day_number day)
{
    const int year = (int)(day / 10000);
    const int month = (int)(day / 100 % 100);
    if (day_exists(day + 1))
        return day + 1;
    return month < 12 ? day_from(year, month + 1, 1) : day_from(year + 1, 1, 1);
}

/* When the day begins that is so many days after this one; -1, the Epoch's edge, where it can't be told. */
static time_t begin_of(day_number day, int days)
{
    struct tm local = {.tm_year = (int)(day / 10000) - TM_YEAR,
                       .tm_mon = (int)(day / 100 % 100) - 1,
                       .tm_mday = (int)(day % 100) + days,
                       .tm_isdst = -1};
    return mktime(&local);
}

time_t day_begins(day_number day)
{
    return begin_of(day, 0);
}

time_t day_before_begins(day_number day)
{
    return begin_of(day, -1);
}

const char *day_format(day_number day, char text[DAY_TEXT_SIZE])
{
    /* The remainders tell the compiler that the text fits. */
    (void)snprintf(text, DAY_TEXT_SIZE, "%04u-%02u-%02u", day / 10000 % 10000, day / 100 % 100, day % 100);
    return text;
}
