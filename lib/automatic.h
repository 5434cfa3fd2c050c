/* SPDX-License-Identifier: MIT */
/*
 * What a call of the filter does when the state alone can't tell that there is nothing to do: it reads the
 * configuration, asks the schedule, and rebuilds the list if that is due.
 */
#ifndef XS_AUTOMATIC_H
#define XS_AUTOMATIC_H

#include "moment.h"

struct automatic_call {
    const char *configuration;      /* its path, or NULL if it isn't known */
    const char *mail_root;          /* -r, or NULL */
    const char *mail_root_variable; /* MAIL_ROOT, or NULL */
    const char *fault;              /* what is wrong with the call itself, or NULL */
    const struct moment *now;
};

enum automatic_result {
    AUTOMATIC_LOST,    /* it isn't known where to look, or where to complain */
    AUTOMATIC_FAULTY,  /* the configuration, or the call, has a fault */
    AUTOMATIC_BUSY,    /* another process is at it */
    AUTOMATIC_NOT_DUE, /* nothing to do */
    AUTOMATIC_REFUSED, /* a rebuild is due, but can't be recorded: else every call would start one */
    AUTOMATIC_FAILED,  /* the rebuild failed */
    AUTOMATIC_REBUILT,
};

/*
 * Does it. At most one process at a time works, another returns at once; an attempt is recorded in the state before it
 * begins. What is wrong is told in the event log, and not said anew at every call.
 */
enum automatic_result automatic_run(const struct automatic_call *call);

#endif
