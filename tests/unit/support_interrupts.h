/* SPDX-License-Identifier: MIT */
/* A signal that would end the test, held off, for a program of one file that includes this. */
#ifndef XS_TESTS_SUPPORT_INTERRUPTS_H
#define XS_TESTS_SUPPORT_INTERRUPTS_H

#include "support.h"

#include "interrupts.h"

#include <signal.h>

/* Holds them off, also where whoever runs the tests has had them ignored. */
static inline void interrupts_begin(struct interrupts *interrupts)
{
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGHUP, SIG_DFL);
    interrupts_hold(interrupts);
}

/* Takes the signal away, which must have come, and lets others through. */
static inline void interrupts_end(const struct interrupts *interrupts, int number)
{
    const struct timespec at_once = {.tv_sec = 0};
    sigset_t awaited;
    (void)sigemptyset(&awaited);
    (void)sigaddset(&awaited, number);
    const int taken = sigtimedwait(&awaited, NULL, &at_once);
    interrupts_release(interrupts);
    assert_int_equal(taken, number);
}

#endif
