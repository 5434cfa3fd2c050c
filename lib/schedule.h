/* SPDX-License-Identifier: MIT */
/*
 * When the filter rebuilds by itself: a window of hours, local time, and an interval. Pure functions of the schedule,
 * the clock and the last attempt; moments are seconds since the Epoch, so that a day of 23 or 25 hours is none too
 * many.
 */
#ifndef XS_SCHEDULE_H
#define XS_SCHEDULE_H

#include <stdbool.h>
#include <time.h>

struct schedule {
    bool enabled;
    int from;     /* the window is [from:00, to:00), hours 0-23, local time; over midnight if from > to; */
    int to;       /* if they are equal it is the whole day, and never opens */
    int interval; /* minutes >= 10 */
};

enum {
    SCHEDULE_NO_ATTEMPT = -1, /* none is on record */
    SCHEDULE_DAYS_MAX = 90,   /* a filter searches no more days: nobody waits for his mail while years are searched */
};

bool schedule_window_is_whole_day(const struct schedule *schedule);

/* Minutes between the window's opening and its end: 60 to 1440. */
int schedule_window_minutes(const struct schedule *schedule);

/* True if it is enabled and the moment lies in the window. */
bool schedule_is_open(const struct schedule *schedule, time_t now);

/*
 * True if a rebuild is due: the window is open, and there was no attempt, or the last one began before the window
 * opened, or an interval has passed since, or it lies in the future (the clock was set back).
 */
bool schedule_is_due(const struct schedule *schedule, time_t attempt, time_t now);

/*
 * The first moment, now or later, at which a rebuild is due if there is no attempt until then, in *due. False if there
 * is none: not enabled.
 */
bool schedule_next(const struct schedule *schedule, time_t attempt, time_t now, time_t *due);

#endif
