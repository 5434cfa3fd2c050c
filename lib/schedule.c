/* SPDX-License-Identifier: MIT */
#include "schedule.h"

#include "moment.h"

enum {
    MINUTE = 60,
    HOUR_MINUTES = 60,
    DAY_HOURS = 24,
    DAY_MINUTES = DAY_HOURS * HOUR_MINUTES,
    WALK_MAX = 4 * DAY_MINUTES, /* an hour that the clocks leave out may be the window's only one, on that day */
};

bool schedule_window_is_whole_day(const struct schedule *schedule)
{
    return schedule->from == schedule->to;
}

int schedule_window_minutes(const struct schedule *schedule)
{
    if (schedule_window_is_whole_day(schedule))
        return DAY_MINUTES;
    return (schedule->to - schedule->from + DAY_HOURS) % DAY_HOURS * HOUR_MINUTES;
}

bool schedule_is_open(const struct schedule *schedule, time_t now)
{
    struct moment moment;
    if (!schedule->enabled || !moment_from_seconds(now, &moment))
        return false;
    int hour = moment.local.tm_hour;
    if (schedule->from < schedule->to)
        return hour >= schedule->from && hour < schedule->to;
    return hour >= schedule->from || hour < schedule->to;
}

/*
 * A window opens with a minute of local time, whatever the clocks are turned by: so a walk from minute to minute finds
 * it, on days of 23 and 25 hours too.
 */
static time_t begin_of_minute(time_t now)
{
    struct moment moment;
    return moment_from_seconds(now, &moment) ? now - moment.local.tm_sec : now;
}

/* When the window that is open now opened. It must not be the whole day. */
static time_t opened(const struct schedule *schedule, time_t now)
{
    time_t minute = begin_of_minute(now);
    for (int i = 0; i < WALK_MAX && schedule_is_open(schedule, minute - MINUTE); i++)
        minute -= MINUTE;
    return minute;
}

/* When the window opens the next time, after now. It must not be the whole day. */
static time_t opens(const struct schedule *schedule, time_t now)
{
    time_t minute = begin_of_minute(now) + MINUTE;
    for (int i = 0; i < WALK_MAX; i++, minute += MINUTE)
        if (schedule_is_open(schedule, minute) && !schedule_is_open(schedule, minute - MINUTE))
            break;
    return minute;
}

static bool interval_has_passed(const struct schedule *schedule, time_t attempt, time_t now)
{
    return attempt <= now - (time_t)schedule->interval * MINUTE; /* the attempt may be any number */
}

bool schedule_is_due(const struct schedule *schedule, time_t attempt, time_t now)
{
    if (!schedule_is_open(schedule, now))
        return false;
    if (attempt == SCHEDULE_NO_ATTEMPT || attempt > now || interval_has_passed(schedule, attempt, now))
        return true;
    return !schedule_window_is_whole_day(schedule) && attempt < opened(schedule, now);
}

bool schedule_next(const struct schedule *schedule, time_t attempt, time_t now, time_t *due)
{
    if (!schedule->enabled)
        return false;
    *due = now;
    if (schedule_is_due(schedule, attempt, now))
        return true;
    /* So the window is closed, in which case its next opening counts, or the interval hasn't passed. */
    time_t passed =
        attempt == SCHEDULE_NO_ATTEMPT || attempt > now ? now : attempt + (time_t)schedule->interval * MINUTE;
    if (schedule_window_is_whole_day(schedule)) {
        *due = passed;
        return true;
    }
    time_t opening = opens(schedule, now);
    /* The clock was set back, to before the window that the attempt began: it will have been its first call. */
    if (attempt == opening)
        return schedule_next(schedule, attempt, opening, due);
    *due = passed > now && passed < opening && schedule_is_open(schedule, passed) ? passed : opening;
    return true;
}
