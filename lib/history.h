/* SPDX-License-Identifier: MIT */
/* What spammers-log, and those before it that were set aside, tell of one host: when it came onto the list, and off. */
#ifndef XS_HISTORY_H
#define XS_HISTORY_H

#include "address.h"
#include "error.h"
#include "eventlog.h"
#include "messages.h"

#include <stdbool.h>
#include <stddef.h>

struct history_event {
    char time[MOMENT_TEXT_SIZE];
    bool removed; /* else added */
    struct network network;
    char *detail; /* harmless */
};

/* All zero is the empty history. */
struct history {
    struct history_event *events; /* oldest first */
    size_t count;
};

/*
 * Reads what the logs of events in the MailRoot say of entries that hold the host: spammers-log, and with a number or a
 * date behind the name those that were set aside, but no compressed ones. Returns 1, *history being the caller's to
 * clear; or -1 with the error.
 */
int history_read(const char *mail_root, struct address host, struct history *history, struct error *error);
void history_clear(struct history *history);

#endif
