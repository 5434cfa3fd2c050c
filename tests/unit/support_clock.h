/* SPDX-License-Identifier: MIT */
/*
 * A clock that can be put forward, in a program of one file that includes this. By it a file tells whether it was
 * written just now; so tests needn't sleep until it no longer was. As files don't get older by that, the tests see to
 * it that what they change has other times.
 */
#ifndef XS_TESTS_SUPPORT_CLOCK_H
#define XS_TESTS_SUPPORT_CLOCK_H

#include "support.h"

enum {
    CLOCK_NOW = -1000,  /* whatever was written, it was just now: also if the machine is slow */
    CLOCK_LATER = 1000, /* it was long ago */
};

static time_t clock_ahead; /* seconds */

/* In the place of the C library's. */
time_t time(time_t *result)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += clock_ahead;
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}

#endif
