/* SPDX-License-Identifier: MIT */
/*
 * MAILROOT/logs/spammers-log: one line an event, in the form of XMail's own logs. Only addresses and our own words go
 * in, never text from a log record.
 */
#ifndef XS_EVENTLOG_H
#define XS_EVENTLOG_H

#include "buffer.h"
#include "error.h"
#include "moment.h"

#include <stdint.h>

enum event { EVENT_ADD, EVENT_REMOVE, EVENT_REBUILD, EVENT_SHADOWED, EVENT_WARNING, EVENT_ERROR };

/* The word for it in the log. */
const char *eventlog_name(enum event event);

/* Lines that are not written yet. Begins as {.now = the time of the events}. */
struct eventlog {
    const struct moment *now;
    struct buffer lines;
};

/* Adds an event of a host or network (its text; "" if it is about none) with a count. */
void eventlog_add_count(struct eventlog *log, enum event event, const char *address, uint64_t count, const char *format,
                        ...) __attribute__((format(printf, 5, 6)));

/* Adds an event without address and count. */
void eventlog_add(struct eventlog *log, enum event event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Appends all lines to the file with a single write; the file is made (0644) if it is missing, a symbolic link isn't
 * followed. Returns 1; or -1 with the error. The log is empty then, in either case.
 */
int eventlog_write(struct eventlog *log, const char *path, struct error *error);

/*
 * As eventlog_write, but if the file's end says just the same, and has said so for less than this many seconds, nothing
 * is written: what is wrong at every call of the filter is not said at every call.
 */
int eventlog_write_unless_said(struct eventlog *log, const char *path, time_t seconds, struct error *error);

#endif
