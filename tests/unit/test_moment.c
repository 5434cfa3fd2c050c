/* SPDX-License-Identifier: MIT */
/* Days and the clock: --now, ranges over every kind of border, local time with its holes. */
#include "support.h"

#include "moment.h"

#include <limits.h>

/* Zones by rule, so that no zone files are needed. */
#define UTC     "UTC0"
#define TOKYO   "JST-9"
#define BERLIN  "CET-1CEST,M3.5.0,M10.5.0/3"
#define HAVANA  "CST5CDT,M3.2.0/0,M11.1.0/1" /* midnight is missing once and comes twice once */
#define APIA    "WST-14"                     /* far east */
#define HOWLAND "HST12"                      /* far west */

static void now_is_read_in_two_forms_and_no_other(void **state)
{
    static const struct {
        const char *text;
        const char *formatted; /* NULL: refused */
    } rows[] = {
        {"2026-11-21T16:31", "2026-11-21 16:31:00"},
        {"2026-11-21T16:31:27", "2026-11-21 16:31:27"},
        {"1970-01-01T00:00", "1970-01-01 00:00:00"},
        {"9999-12-31T23:59:59", "9999-12-31 23:59:59"},
        {"2024-02-29T00:00", "2024-02-29 00:00:00"},
        {"2000-02-29T12:00", "2000-02-29 12:00:00"},
        {"", NULL},
        {"now", NULL},
        {"2026-11-21", NULL},
        {"2026-11-21T", NULL},
        {"2026-11-21T16", NULL},
        {"2026-11-21T16:3", NULL},
        {"2026-11-21T16:31:", NULL},
        {"2026-11-21T16:31:2", NULL},
        {"2026-11-21T16:31:277", NULL},
        {"2026-11-21T16:31Z", NULL},
        {"2026-11-21T16:31:27Z", NULL},
        {"2026-11-21 16:31", NULL},
        {"2026-11-21t16:31", NULL},
        {" 2026-11-21T16:31", NULL},
        {"2026-11-21T16:31 ", NULL},
        {"2026/11/21T16:31", NULL},
        {"26-11-21T16:31", NULL},
        {"02026-11-21T16:31", NULL},
        {"+026-11-21T16:31", NULL},
        {"1969-12-31T23:59", NULL},
        {"2026-00-21T16:31", NULL},
        {"2026-13-21T16:31", NULL},
        {"2026-11-00T16:31", NULL},
        {"2026-11-31T16:31", NULL},
        {"2026-02-29T16:31", NULL},
        {"1900-02-29T16:31", NULL},
        {"2100-02-29T16:31", NULL},
        {"2026-11-21T24:00", NULL},
        {"2026-11-21T16:60", NULL},
        {"2026-11-21T16:31:60", NULL},
    };
    static const char *const zones[] = {UTC, BERLIN};
    (void)state;
    for (size_t z = 0; z < COUNT_OF(zones); z++) {
        const struct zone_kept kept = zone_set(zones[z]);
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            struct moment moment;
            char text[MOMENT_TEXT_SIZE];
            if (moment_parse(rows[i].text, &moment) != (rows[i].formatted != NULL))
                fail_msg("\"%s\" in %s", rows[i].text, zones[z]);
            if (!rows[i].formatted)
                continue;
            assert_string_equal(moment_format(&moment, text), rows[i].formatted);
            assert_true(moment.rehearsed);
        }
        zone_restore(&kept);
    }
}

static void now_is_local_time(void **state)
{
    static const struct {
        const char *zone;
        const char *text;
        long long seconds;
    } rows[] = {
        {UTC, "2026-11-21T00:00", 1795219200},
        {TOKYO, "2026-11-21T09:00", 1795219200},
        {BERLIN, "2026-11-21T01:00", 1795219200},
        {BERLIN, "2026-07-01T02:00", 1782864000}, /* summer */
        {HOWLAND, "2026-11-20T12:00", 1795219200},
        {APIA, "2026-11-21T14:00", 1795219200},
        {UTC, "1970-01-01T00:00", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct zone_kept kept = zone_set(rows[i].zone);
        const struct moment moment = moment_of(rows[i].text);
        if (moment.seconds != rows[i].seconds)
            fail_msg("%s in %s: %lld", rows[i].text, rows[i].zone, (long long)moment.seconds);
        zone_restore(&kept);
    }
}

static void the_day_is_that_of_local_time(void **state)
{
    static const struct {
        const char *zone;
        long long seconds;
        day_number day;
    } rows[] = {
        {UTC, 1795219199, 20261120},    {UTC, 1795219200, 20261121},
        {TOKYO, 1795219199, 20261121},  {TOKYO, 1795186799, 20261120},
        {TOKYO, 1795186800, 20261121},  {HOWLAND, 1795219200, 20261120},
        {APIA, 1795219200, 20261121},   {BERLIN, 1795215600, 20261121},
        {BERLIN, 1795215599, 20261120}, {UTC, 0, 19700101},
        {UTC, 951782400, 20000229},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct zone_kept kept = zone_set(rows[i].zone);
        struct moment moment;
        assert_true(moment_from_seconds((time_t)rows[i].seconds, &moment));
        assert_int_equal(moment_day(&moment), rows[i].day);
        assert_false(moment.rehearsed);
        zone_restore(&kept);
    }
}

static void an_hour_that_the_clock_skips_or_repeats_keeps_its_day(void **state)
{
    static const struct {
        const char *zone;
        const char *text;
        day_number day;
    } rows[] = {
        {BERLIN, "2026-03-29T01:59", 20260329}, {BERLIN, "2026-03-29T02:30", 20260329},
        {BERLIN, "2026-03-29T03:00", 20260329}, {BERLIN, "2026-10-25T02:30", 20261025},
        {HAVANA, "2026-11-01T00:30", 20261101}, {HAVANA, "2026-03-07T23:59", 20260307},
        {HAVANA, "2026-03-08T01:00", 20260308},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct zone_kept kept = zone_set(rows[i].zone);
        const struct moment moment = moment_of(rows[i].text);
        assert_int_equal(moment_day(&moment), rows[i].day);
        zone_restore(&kept);
    }
}

static void the_real_clock_is_not_a_rehearsal(void **state)
{
    struct moment moment;
    time_t before = time(NULL);
    (void)state;
    assert_true(moment_now(&moment));
    assert_true(moment.seconds >= before);
    assert_false(moment.rehearsed);
}

static void a_range_goes_back_over_months_years_and_leap_days(void **state)
{
    static const struct {
        day_number last;
        unsigned long days;
        day_number first;
    } rows[] = {
        {20261121, 1, 20261121},
        {20261121, 7, 20261115},
        {20261121, 21, 20261101},
        {20261121, 22, 20261031},
        {20261121, 90, 20260824},
        {20261101, 2, 20261031},
        {20260301, 2, 20260228},
        {20240301, 2, 20240229},
        {20240301, 3, 20240228},
        {20000301, 2, 20000229},
        {21000301, 2, 21000228},
        {20260101, 2, 20251231},
        {20260101, 366, 20250101},
        {20250101, 367, 20240101},
        {20261231, 365, 20260101},
        {20241231, 366, 20240101},
        {20261121, 146097, 16261122},
        {20261121, 36526, 19261121},
        {19700101, 1, 19700101},
        {19700101, 2, 19691231},
        {19700131, 31, 19700101},
        {10101, 2, 1231},
        {10101, 367, 101},
        {10101, 368, 101},
        {20261121, 10000000, 101},
        {20261121, 2147483647, 101},
        {20261121, ULONG_MAX, 101},
        {101, 1, 101},
        {101, 2, 101},
        {99991231, 3652425, 101},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct day_range range = day_range_until(rows[i].last, rows[i].days);
        assert_int_equal(range.last, rows[i].last);
        if (range.first != rows[i].first)
            fail_msg("%lu days until %u begin at %u", rows[i].days, rows[i].last, range.first);
    }
}

static void each_range_is_one_day_longer_than_the_one_before(void **state)
{
    const struct zone_kept kept = zone_set(UTC);
    const struct moment last = moment_of("2026-11-21T12:00");
    (void)state;
    for (unsigned long days = 1; days <= 3000; days++) {
        struct moment first;
        assert_true(moment_from_seconds(last.seconds - (time_t)(days - 1) * 86400, &first));
        assert_int_equal(day_range_until(20261121, days).first, moment_day(&first));
    }
    zone_restore(&kept);
}

static void both_ends_belong_to_a_range(void **state)
{
    const struct day_range range = {20261115, 20261121};
    (void)state;
    assert_false(day_in_range(range, 20261114));
    assert_true(day_in_range(range, 20261115));
    assert_true(day_in_range(range, 20261121));
    assert_false(day_in_range(range, 20261122));
    assert_false(day_in_range(range, 20251118));
}

static void months_and_days_have_their_limits(void **state)
{
    static const struct {
        day_number day;
        bool plausible;
    } rows[] = {{20261121, true},  {20260101, true},  {20261231, true},  {20260231, true},  {20260031, false},
                {20261301, false}, {20261100, false}, {20261132, false}, {20261199, false}, {20269901, false},
                {0, false},        {101, true},       {99991231, true}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(day_is_plausible(rows[i].day), rows[i].plausible);
}

static void days_are_written_with_dashes(void **state)
{
    char text[DAY_TEXT_SIZE];
    (void)state;
    assert_string_equal(day_format(20261121, text), "2026-11-21");
    assert_string_equal(day_format(101, text), "0000-01-01");
    assert_string_equal(day_format(99991231, text), "9999-12-31");
}

static void the_day_before_begins_at_its_first_instant(void **state)
{
    static const struct {
        const char *zone;
        day_number day;
        long long seconds;
    } rows[] = {
        {UTC, 20261121, 1795132800},    {TOKYO, 20261121, 1795132800 - 9 * 3600},
        {UTC, 20260101, 1767139200},    /* December 31st */
        {UTC, 20240301, 1709164800},    /* February 29th */
        {BERLIN, 20260330, 1774738800}, /* the day of 23 hours */
        {BERLIN, 20261026, 1792879200}, /* the day of 25 hours */
        {HAVANA, 20261102, 1793505600}, /* its first midnight of two */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct zone_kept kept = zone_set(rows[i].zone);
        time_t seconds = day_before_begins(rows[i].day);
        zone_restore(&kept);
        if (seconds != rows[i].seconds)
            fail_msg("before %u in %s: %lld", rows[i].day, rows[i].zone, (long long)seconds);
    }
}

static void a_day_that_has_no_midnight_does_not_begin_too_late(void **state)
{
    const struct zone_kept kept = zone_set(HAVANA);
    time_t seconds = day_before_begins(20260309); /* March 8th begins at 1 o'clock, 05:00 UTC */
    (void)state;
    zone_restore(&kept);
    assert_true(seconds <= 1772946000);
    assert_true(seconds >= 1772946000 - 2 * 3600);
}

static void the_beginning_of_time_is_before_every_file(void **state)
{
    const struct zone_kept kept = zone_set(UTC);
    (void)state;
    assert_true(day_before_begins(101) <= 0);
    assert_true(day_before_begins(19700101) <= 0);
    zone_restore(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(now_is_read_in_two_forms_and_no_other),
        cmocka_unit_test(now_is_local_time),
        cmocka_unit_test(the_day_is_that_of_local_time),
        cmocka_unit_test(an_hour_that_the_clock_skips_or_repeats_keeps_its_day),
        cmocka_unit_test(the_real_clock_is_not_a_rehearsal),
        cmocka_unit_test(a_range_goes_back_over_months_years_and_leap_days),
        cmocka_unit_test(each_range_is_one_day_longer_than_the_one_before),
        cmocka_unit_test(both_ends_belong_to_a_range),
        cmocka_unit_test(months_and_days_have_their_limits),
        cmocka_unit_test(days_are_written_with_dashes),
        cmocka_unit_test(the_day_before_begins_at_its_first_instant),
        cmocka_unit_test(a_day_that_has_no_midnight_does_not_begin_too_late),
        cmocka_unit_test(the_beginning_of_time_is_before_every_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
