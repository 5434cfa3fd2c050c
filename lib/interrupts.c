/* SPDX-License-Identifier: MIT */
#include "interrupts.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>

enum { LOOK_EVERY_MS = 20 };

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

enum { SIGNALS = sizeof signals / sizeof *signals };

void interrupts_hold(struct interrupts *interrupts)
{
    (void)sigemptyset(&interrupts->held);
    (void)sigprocmask(SIG_BLOCK, NULL, &interrupts->before);
    for (size_t i = 0; i < SIGNALS; i++) {
        struct sigaction action;
        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN &&
            sigismember(&interrupts->before, signals[i]) == 0)
            (void)sigaddset(&interrupts->held, signals[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &interrupts->held, NULL);
}

bool interrupts_pending(const struct interrupts *interrupts)
{
    sigset_t pending;
    if (!interrupts || sigpending(&pending) != 0)
        return false;
    for (size_t i = 0; i < SIGNALS; i++)
        if (sigismember(&interrupts->held, signals[i]) == 1 && sigismember(&pending, signals[i]) == 1)
            return true;
    return false;
}

/* It looks now and then: so there need be no handler, and what has come still waits to be let through. */
bool interrupts_wait(const struct interrupts *interrupts, int descriptor)
{
    struct pollfd awaited = {.fd = descriptor, .events = POLLIN};
    while (interrupts) {
        if (interrupts_pending(interrupts))
            return false;
        const int ready = poll(&awaited, 1, LOOK_EVERY_MS);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            break; /* an error is told by who reads */
    }
    return true;
}

void interrupts_release(const struct interrupts *interrupts)
{
    (void)sigprocmask(SIG_SETMASK, &interrupts->before, NULL);
}
