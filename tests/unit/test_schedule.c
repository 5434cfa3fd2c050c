/* SPDX-License-Identifier: MIT */
/*
 * When a rebuild is due: the rules one by one, and thousands of random cases against a second implementation that knows
 * nothing but a table of which hour each minute belongs to.
 */
#include "support.h"

#include "schedule.h"

#include <limits.h>

enum { MINUTE = 60, DAY_HOURS = 24, DAY_MINUTES = DAY_HOURS * 60 };

static struct schedule schedule_of(int from, int to, int interval)
{
    return (struct schedule){.enabled = true, .from = from, .to = to, .interval = interval};
}

/* Local time to seconds, or none. */
static time_t seconds_of(const char *text)
{
    return text ? moment_of(text).seconds : SCHEDULE_NO_ATTEMPT;
}

/* --- the rules ---------------------------------------------------------------------------------------------------- */

struct due_row {
    int from;
    int to;
    int interval;
    const char *attempt; /* NULL: none is on record */
    const char *now;
    bool due;
};

static void assert_due_rows(const char *zone, const struct due_row *rows, size_t count)
{
    const struct zone_kept kept = zone_set(zone);
    for (size_t i = 0; i < count; i++) {
        const struct due_row *row = &rows[i];
        const struct schedule schedule = schedule_of(row->from, row->to, row->interval);
        if (schedule_is_due(&schedule, seconds_of(row->attempt), seconds_of(row->now)) != row->due)
            fail_msg("%s: %d to %d every %d minutes, attempt %s, now %s: is%s due", zone, row->from, row->to,
                     row->interval, row->attempt ? row->attempt : "none", row->now, row->due ? " not" : "");
    }
    zone_restore(&kept);
}

#define ASSERT_DUE_ROWS(zone, rows) assert_due_rows((zone), (rows), COUNT_OF(rows))

static void the_first_call_in_the_window_is_due(void **state)
{
    static const struct due_row rows[] = {
        {9, 17, 60, NULL, "2026-11-21T08:59:59", false},     {9, 17, 60, NULL, "2026-11-21T09:00:00", true},
        {9, 17, 60, NULL, "2026-11-21T16:59:59", true},      {9, 17, 60, NULL, "2026-11-21T17:00:00", false},
        {23, 5, 60, NULL, "2026-11-21T22:59:59", false},     {23, 5, 60, NULL, "2026-11-21T23:00:00", true},
        {23, 5, 60, NULL, "2026-11-21T00:00:00", true},      {23, 5, 60, NULL, "2026-11-21T04:59:59", true},
        {23, 5, 60, NULL, "2026-11-21T05:00:00", false},     {23, 0, 60, NULL, "2026-11-21T23:59:59", true},
        {23, 0, 60, NULL, "2026-11-22T00:00:00", false},     {0, 0, 60, NULL, "2026-11-21T00:00:00", true},
        {0, 0, 60, NULL, "2026-11-21T23:59:59", true},       {5, 5, 60, NULL, "2026-11-21T04:59:59", true},
        {5, 5, 1440, NULL, "2026-11-21T05:00:00", true},     {9, 17, INT_MAX, NULL, "2026-11-21T12:00:00", true},
        {0, 1, INT_MAX, NULL, "2026-11-21T01:00:00", false},
    };
    (void)state;
    ASSERT_DUE_ROWS("UTC0", rows);
    ASSERT_DUE_ROWS("JST-9", rows);
    ASSERT_DUE_ROWS("<+0545>-5:45", rows);
}

static void an_attempt_before_the_window_opened_does_not_count(void **state)
{
    static const struct due_row rows[] = {
        {9, 17, INT_MAX, "2026-11-21T08:59:59", "2026-11-21T09:00:00", true},
        {9, 17, INT_MAX, "2026-11-21T09:00:00", "2026-11-21T09:00:00", false},
        {9, 17, INT_MAX, "2026-11-21T09:00:00", "2026-11-21T16:59:59", false},
        {9, 17, INT_MAX, "2026-11-20T16:59:59", "2026-11-21T09:00:00", true},
        {9, 17, INT_MAX, "2026-11-20T12:00:00", "2026-11-21T08:59:59", false}, /* but it isn't open yet */
        {23, 5, 1440, "2026-11-21T22:59:59", "2026-11-21T23:00:00", true},
        {23, 5, 1440, "2026-11-21T23:00:00", "2026-11-22T04:59:59", false},
        {23, 5, 1440, "2026-11-21T22:59:59", "2026-11-22T04:59:59", true},
        {23, 5, 1440, "2026-11-21T04:59:59", "2026-11-21T23:00:00", true},
        {23, 5, INT_MAX, "2026-12-31T23:00:00", "2027-01-01T00:00:00", false},
        {23, 5, INT_MAX, "2026-12-31T22:59:59", "2027-01-01T00:00:00", true},
        {23, 5, INT_MAX, "2028-02-28T23:30:00", "2028-02-29T01:00:00", false},
        {23, 5, INT_MAX, "2028-02-29T22:30:00", "2028-03-01T01:00:00", true},
    };
    (void)state;
    ASSERT_DUE_ROWS("UTC0", rows);
    ASSERT_DUE_ROWS("NST3:30", rows);
}

static void a_window_of_the_whole_day_never_opens(void **state)
{
    static const struct due_row rows[] = {
        {0, 0, 1440, "2026-11-20T23:59:59", "2026-11-21T00:00:00", false},
        {0, 0, 1440, "2026-11-20T23:59:59", "2026-11-21T23:59:58", false},
        {0, 0, 1440, "2026-11-20T23:59:59", "2026-11-21T23:59:59", true},
        {5, 5, 60, "2026-11-21T04:59:59", "2026-11-21T05:00:00", false},
        {5, 5, INT_MAX, "2026-11-01T04:59:59", "2026-11-21T05:00:00", false},
    };
    (void)state;
    ASSERT_DUE_ROWS("UTC0", rows);
}

static void it_is_due_when_the_interval_has_passed_to_the_second(void **state)
{
    static const struct due_row rows[] = {
        {9, 17, 10, "2026-11-21T10:00:07", "2026-11-21T10:10:06", false},
        {9, 17, 10, "2026-11-21T10:00:07", "2026-11-21T10:10:07", true},
        {9, 17, 60, "2026-11-21T09:00:00", "2026-11-21T09:59:59", false},
        {9, 17, 60, "2026-11-21T09:00:00", "2026-11-21T10:00:00", true},
        {9, 17, 60, "2026-11-21T16:00:00", "2026-11-21T17:00:00", false}, /* the window has ended */
        {23, 5, 60, "2026-11-21T23:30:00", "2026-11-22T00:29:59", false},
        {23, 5, 60, "2026-11-21T23:30:00", "2026-11-22T00:30:00", true},
        {0, 0, 1440, "2026-11-20T12:00:00", "2026-11-21T11:59:59", false},
        {0, 0, 1440, "2026-11-20T12:00:00", "2026-11-21T12:00:00", true},
        {0, 0, INT_MAX, "1970-01-01T00:00:00", "5000-01-01T00:00:00", false}, /* 4083 years */
        {0, 0, INT_MAX, "1970-01-01T00:00:00", "6100-01-01T00:00:00", true},
    };
    (void)state;
    ASSERT_DUE_ROWS("UTC0", rows);
}

static void an_attempt_in_the_future_does_not_count(void **state)
{
    static const struct due_row rows[] = {
        {9, 17, 60, "2026-11-21T12:00:00", "2026-11-21T12:00:00", false},
        {9, 17, 60, "2026-11-21T12:00:01", "2026-11-21T12:00:00", true},
        {0, 0, INT_MAX, "9999-12-31T23:59:59", "2026-11-21T12:00:00", true},
        {9, 17, 60, "2026-11-21T12:00:00", "2026-11-21T08:00:00", false}, /* it isn't open */
    };
    (void)state;
    ASSERT_DUE_ROWS("UTC0", rows);
}

static void no_attempt_that_a_number_can_tell_does_harm(void **state)
{
    static const time_t attempts[] = {INT64_MIN, INT64_MIN + 1, -2, 0, INT64_MAX};
    const struct zone_kept kept = zone_set("UTC0");
    const time_t now = seconds_of("2026-11-21T12:00:00");
    (void)state;
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        const struct schedule daily = schedule_of(0, 0, 1440);
        time_t due = 0;
        assert_true(schedule_is_due(&daily, attempts[i], now));
        assert_true(schedule_next(&daily, attempts[i], now, &due));
        assert_true(due == now);
    }
    zone_restore(&kept);
}

static void what_is_not_enabled_is_never_due(void **state)
{
    const struct zone_kept kept = zone_set("UTC0");
    struct schedule schedule = schedule_of(0, 0, 60);
    time_t due;
    (void)state;
    schedule.enabled = false;
    for (time_t now = 0; now < DAY_MINUTES * MINUTE; now += MINUTE) {
        assert_false(schedule_is_open(&schedule, now));
        assert_false(schedule_is_due(&schedule, SCHEDULE_NO_ATTEMPT, now));
        assert_false(schedule_next(&schedule, SCHEDULE_NO_ATTEMPT, now, &due));
    }
    zone_restore(&kept);
}

static void a_window_is_as_long_as_its_hours(void **state)
{
    static const struct {
        int from;
        int to;
        int hours;
    } rows[] = {{9, 17, 8}, {23, 5, 6}, {0, 0, 24}, {5, 5, 24}, {0, 23, 23}, {23, 0, 1}, {1, 0, 23}, {4, 3, 23}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct schedule schedule = schedule_of(rows[i].from, rows[i].to, 60);
        assert_int_equal(schedule_window_minutes(&schedule), rows[i].hours * 60);
        assert_int_equal(schedule_window_is_whole_day(&schedule), rows[i].hours == DAY_HOURS);
    }
}

/* --- the next time ------------------------------------------------------------------------------------------------ */

static void the_next_time_is_told_to_the_second(void **state)
{
    static const struct {
        int from;
        int to;
        int interval;
        const char *attempt;
        const char *now;
        const char *next;
    } rows[] = {
        {9, 17, 60, NULL, "2026-11-21T09:00:30", "2026-11-21T09:00:30"},
        {9, 17, 60, NULL, "2026-11-21T08:59:59", "2026-11-21T09:00:00"},
        {9, 17, 60, NULL, "2026-12-31T17:00:00", "2027-01-01T09:00:00"},
        {9, 17, 60, "2026-11-21T10:00:07", "2026-11-21T10:30:00", "2026-11-21T11:00:07"},
        {9, 17, 60, "2026-11-21T16:00:00", "2026-11-21T16:30:00", "2026-11-22T09:00:00"},
        {9, 17, 60, "2026-11-21T15:59:59", "2026-11-21T16:30:00", "2026-11-21T16:59:59"},
        {9, 17, INT_MAX, "2026-11-21T09:00:00", "2026-11-21T09:00:00", "2026-11-22T09:00:00"},
        {23, 5, 1440, "2028-02-28T23:00:00", "2028-02-29T04:00:00", "2028-02-29T23:00:00"},
        {0, 0, 1440, "2028-02-28T23:00:00", "2028-02-29T04:00:00", "2028-02-29T23:00:00"},
        {5, 5, 10, "2026-11-21T04:55:00", "2026-11-21T04:56:00", "2026-11-21T05:05:00"},
        /* The clock was set back, the window is closed, and the attempt lies before, in and at its opening. */
        {9, 17, 60, "2026-11-21T08:30:00", "2026-11-21T08:00:00", "2026-11-21T09:00:00"},
        {9, 17, 60, "2026-11-21T10:00:00", "2026-11-21T08:00:00", "2026-11-21T09:00:00"},
        {9, 17, 60, "2026-11-21T09:00:00", "2026-11-21T08:00:00", "2026-11-21T10:00:00"},
        {9, 10, 60, "2026-11-21T09:00:00", "2026-11-21T08:00:00", "2026-11-22T09:00:00"},
    };
    const struct zone_kept kept = zone_set("UTC0");
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct schedule schedule = schedule_of(rows[i].from, rows[i].to, rows[i].interval);
        struct moment next;
        time_t due;
        char text[MOMENT_TEXT_SIZE];
        assert_true(schedule_next(&schedule, seconds_of(rows[i].attempt), seconds_of(rows[i].now), &due));
        assert_true(moment_from_seconds(due, &next));
        if (due != seconds_of(rows[i].next))
            fail_msg("row %zu: due at %s instead of %s", i, moment_format(&next, text), rows[i].next);
    }
    zone_restore(&kept);
}

/* --- a second implementation -------------------------------------------------------------------------------------- */

enum { CALENDAR_DAYS = 9, CALENDAR_MINUTES = CALENDAR_DAYS * DAY_MINUTES };

/* Some days, minute by minute, for one window. Time zones that are off by seconds aren't for it. */
struct calendar {
    time_t first;
    int hours[CALENDAR_MINUTES];
    bool open[CALENDAR_MINUTES];
    int closed_before[CALENDAR_MINUTES + 1]; /* how many minutes before this one are not open */
};

static void calendar_make(const char *middle, struct calendar *calendar)
{
    calendar->first = seconds_of(middle) - (time_t)CALENDAR_MINUTES / 2 * MINUTE;
    for (int i = 0; i < CALENDAR_MINUTES; i++) {
        const time_t minute = calendar->first + (time_t)i * MINUTE;
        struct tm local;
        assert_non_null(localtime_r(&minute, &local));
        calendar->hours[i] = local.tm_hour;
    }
}

static void calendar_mark(struct calendar *calendar, const struct schedule *schedule)
{
    bool open[DAY_HOURS] = {false};
    int hour = schedule->from;
    do {
        open[hour] = true;
        hour = (hour + 1) % DAY_HOURS;
    } while (hour != schedule->to);
    calendar->closed_before[0] = 0;
    for (int i = 0; i < CALENDAR_MINUTES; i++) {
        calendar->open[i] = open[calendar->hours[i]];
        calendar->closed_before[i + 1] = calendar->closed_before[i] + !calendar->open[i];
    }
}

static int minute_at(const struct calendar *calendar, time_t when)
{
    return (int)((when - calendar->first) / MINUTE);
}

/*
 * The rules, in other words. The window opened after the attempt if it was closed at some moment from the attempt until
 * now.
 */
static bool is_expected(const struct calendar *calendar, const struct schedule *schedule, time_t attempt, time_t now)
{
    if (!calendar->open[minute_at(calendar, now)])
        return false;
    if (attempt == SCHEDULE_NO_ATTEMPT || attempt > now || attempt + (time_t)schedule->interval * MINUTE <= now)
        return true;
    return calendar->closed_before[minute_at(calendar, now)] > calendar->closed_before[minute_at(calendar, attempt)];
}

/* The first moment that is due: looked for at every full minute and when the interval has passed. */
static time_t find_expected(const struct calendar *calendar, const struct schedule *schedule, time_t attempt,
                            time_t now)
{
    const time_t passed = attempt + (time_t)schedule->interval * MINUTE;
    const time_t end = calendar->first + (time_t)CALENDAR_MINUTES * MINUTE;
    for (time_t when = now; when < end;) {
        if (is_expected(calendar, schedule, attempt, when))
            return when;
        time_t minute = when + MINUTE - (when - calendar->first) % MINUTE;
        when = when < passed && passed < minute ? passed : minute;
    }
    fail_msg("the days of the calendar are too few");
    return 0;
}

static void compare(const struct calendar *calendar, const struct schedule *schedule, time_t attempt, time_t now)
{
    const time_t expected = find_expected(calendar, schedule, attempt, now);
    time_t next;
    if (!schedule_next(schedule, attempt, now, &next) || next != expected ||
        schedule_is_due(schedule, attempt, now) != (expected == now) || !schedule_is_due(schedule, attempt, expected) ||
        (expected > now && schedule_is_due(schedule, attempt, expected - 1)))
        fail_msg("TZ=%s, %d to %d every %d minutes, attempt %lld, now %lld: %s, next %lld instead of %lld",
                 getenv("TZ"), schedule->from, schedule->to, schedule->interval, (long long)attempt, (long long)now,
                 schedule_is_due(schedule, attempt, now) ? "due" : "not due", (long long)next, (long long)expected);
}

/* A moment in the middle days of the calendar; every second time just at, before or after a full hour. */
static time_t random_moment(const struct calendar *calendar, uint64_t *seed)
{
    enum { HOUR = 3600 };
    time_t when = calendar->first + (time_t)(3 * DAY_MINUTES + (int)random_below(seed, 2 * DAY_MINUTES)) * MINUTE +
                  (time_t)random_below(seed, MINUTE);
    if (random_below(seed, 2) == 0)
        when = when - when % HOUR + (time_t)random_below(seed, 3) - 1;
    return when;
}

static time_t random_attempt(const struct calendar *calendar, const struct schedule *schedule, time_t now,
                             uint64_t *seed)
{
    switch (random_below(seed, 5)) {
    case 0:
        return SCHEDULE_NO_ATTEMPT;
    case 1: /* near the end of the interval, if that doesn't reach beyond the calendar */
        if (schedule->interval <= DAY_MINUTES)
            return now - (time_t)schedule->interval * MINUTE + (time_t)random_below(seed, 3) - 1;
        return now;
    case 2:
        return now - (time_t)random_below(seed, 3 * 3600);
    default: /* earlier or later */
        return random_moment(calendar, seed);
    }
}

static void compare_in_zone(const char *zone, const char *const *middles, size_t count, uint64_t *seed)
{
    enum { WINDOWS = 40, CASES = 40 };
    static const int intervals[] = {10, 60, 61, 720, 1440};
    static struct calendar calendar;
    const struct zone_kept kept = zone_set(zone);
    for (size_t i = 0; i < count; i++) {
        calendar_make(middles[i], &calendar);
        for (int window = 0; window < WINDOWS; window++) {
            struct schedule schedule = schedule_of((int)random_below(seed, DAY_HOURS), 0, 0);
            /* Short ones and long ones are the difficult ones. */
            schedule.to = (schedule.from + (int)random_below(seed, 5) + DAY_HOURS - 2) % DAY_HOURS;
            schedule.interval = intervals[random_below(seed, COUNT_OF(intervals))];
            calendar_mark(&calendar, &schedule);
            for (int j = 0; j < CASES; j++) {
                const time_t now = random_moment(&calendar, seed);
                compare(&calendar, &schedule, random_attempt(&calendar, &schedule, now, seed), now);
            }
        }
    }
    zone_restore(&kept);
}

/* The middles of the calendars are the days on which the clocks change, and the ends of months and years. */
static void a_search_through_all_minutes_finds_the_same(void **state)
{
    static const struct {
        const char *zone;
        const char *middles[4];
    } rows[] = {
        {"UTC0", {"2026-12-31T23:59", "2028-02-29T12:00", "2027-02-28T12:00", "2026-11-21T12:00"}},
        {"CET-1CEST,M3.5.0,M10.5.0/3",
         {"2026-03-29T03:00", "2026-10-25T03:00", "2027-01-01T00:00", "2026-07-01T00:00"}},
        {"EST5EDT,M3.2.0,M11.1.0", {"2026-03-08T03:00", "2026-11-01T03:00", "2026-12-31T12:00", "2024-02-29T12:00"}},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", /* half an hour of daylight saving */
         {"2026-10-04T02:30", "2026-04-05T02:00", "2027-01-01T00:00", "2026-05-31T12:00"}},
        {"<-03>3<-02>,M3.5.0/-1,M10.5.0/-1", /* at midnight */
         {"2026-03-28T23:00", "2026-10-24T23:00", "2027-01-01T00:00", "2026-05-31T12:00"}},
    };
    uint64_t seed = 20261121;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        compare_in_zone(rows[i].zone, rows[i].middles, COUNT_OF(rows[i].middles), &seed);
}

/* --- when the clocks change --------------------------------------------------------------------------------------- */

static void the_change_of_the_clocks_neither_opens_nor_closes_a_window(void **state)
{
    static const char zone[] = "CET-1CEST,M3.5.0,M10.5.0/3";
    static const struct due_row rows[] = {
        /* 2026-03-29, a day of 23 hours: 01:59:59 is followed by 03:00:00. */
        {23, 5, INT_MAX, "2026-03-28T23:00:00", "2026-03-29T04:59:59", false},
        {23, 5, INT_MAX, "2026-03-28T22:59:59", "2026-03-29T04:59:59", true},
        {3, 5, INT_MAX, "2026-03-29T01:59:59", "2026-03-29T03:00:00", true},
        {0, 0, 60, "2026-03-29T01:30:00", "2026-03-29T03:29:59", false},
        {0, 0, 60, "2026-03-29T01:30:00", "2026-03-29T03:30:00", true},
        {3, 2, INT_MAX, "2026-03-28T03:00:00", "2026-03-30T01:59:59",
         false}, /* the hour that it is closed was left out */
        /* 2026-10-25, a day of 25 hours: 02:59:59 is followed by 02:00:00. */
        {23, 5, INT_MAX, "2026-10-24T23:00:00", "2026-10-25T04:59:59", false},
        {23, 5, INT_MAX, "2026-10-24T22:59:59", "2026-10-25T04:59:59", true},
        {0, 0, 60, "2026-10-25T01:30:00", "2026-10-25T03:00:00", true},
        {9, 17, INT_MAX, "2026-10-25T08:59:59", "2026-10-25T09:00:00", true},
    };
    (void)state;
    ASSERT_DUE_ROWS(zone, rows);
}

static void a_window_of_an_hour_that_is_left_out_opens_the_next_day(void **state)
{
    const struct zone_kept kept = zone_set("CET-1CEST,M3.5.0,M10.5.0/3");
    const struct schedule schedule = schedule_of(2, 3, 60);
    time_t due;
    (void)state;
    assert_true(schedule_next(&schedule, SCHEDULE_NO_ATTEMPT, seconds_of("2026-03-28T12:00:00"), &due));
    assert_true(due == seconds_of("2026-03-30T02:00:00"));
    zone_restore(&kept);
}

static void an_hour_that_comes_twice_is_one_window_of_two_hours(void **state)
{
    const struct zone_kept kept = zone_set("CET-1CEST,M3.5.0,M10.5.0/3");
    const struct schedule schedule = schedule_of(2, 3, INT_MAX);
    const time_t before = seconds_of("2026-10-25T01:00:00");
    const time_t opening = before + 3600;
    time_t due;
    (void)state;
    assert_true(schedule_next(&schedule, SCHEDULE_NO_ATTEMPT, before, &due));
    assert_true(due == opening);
    assert_false(schedule_is_due(&schedule, opening, opening + 2 * 3600 - 1));
    assert_true(schedule_is_due(&schedule, opening - 1, opening + 2 * 3600 - 1));
    assert_false(schedule_is_open(&schedule, opening + 2 * 3600));
    zone_restore(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_call_in_the_window_is_due),
        cmocka_unit_test(an_attempt_before_the_window_opened_does_not_count),
        cmocka_unit_test(a_window_of_the_whole_day_never_opens),
        cmocka_unit_test(it_is_due_when_the_interval_has_passed_to_the_second),
        cmocka_unit_test(an_attempt_in_the_future_does_not_count),
        cmocka_unit_test(no_attempt_that_a_number_can_tell_does_harm),
        cmocka_unit_test(what_is_not_enabled_is_never_due),
        cmocka_unit_test(a_window_is_as_long_as_its_hours),
        cmocka_unit_test(the_next_time_is_told_to_the_second),
        cmocka_unit_test(a_search_through_all_minutes_finds_the_same),
        cmocka_unit_test(the_change_of_the_clocks_neither_opens_nor_closes_a_window),
        cmocka_unit_test(a_window_of_an_hour_that_is_left_out_opens_the_next_day),
        cmocka_unit_test(an_hour_that_comes_twice_is_one_window_of_two_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
