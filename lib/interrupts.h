/* SPDX-License-Identifier: MIT */
/*
 * The signals by which people and the system end a program - SIGINT, SIGTERM, SIGHUP -, held off while it does what
 * mustn't be left half done.
 */
#ifndef XS_INTERRUPTS_H
#define XS_INTERRUPTS_H

#include <signal.h>
#include <stdbool.h>

struct interrupts {
    sigset_t held;   /* but those that are ignored or blocked anyway */
    sigset_t before; /* what was blocked before */
};

/* Holds them off from now on, also in processes that are forked. The process must have one thread. */
void interrupts_hold(struct interrupts *interrupts);

/* Whether one has come meanwhile, and waits. NULL: none is held off. */
bool interrupts_pending(const struct interrupts *interrupts);

/* Waits until there is something to be read, or the other end is gone. False: one has come. NULL: as above. */
bool interrupts_wait(const struct interrupts *interrupts, int descriptor);

/* Lets them through again. One that has come ends the process here. */
void interrupts_release(const struct interrupts *interrupts);

#endif
