/* SPDX-License-Identifier: MIT */
/* One rebuild of spammers.tab from beginning to end, and its lines in the event log. */
#ifndef XS_REBUILD_H
#define XS_REBUILD_H

#include "amend.h"
#include "conf.h"
#include "decision.h"
#include "error.h"
#include "gather.h"
#include "messages.h"
#include "moment.h"
#include "outlook.h"
#include "spamtab.h"
#include "state.h"
#include "whitelist.h"

#include <stdbool.h>
#include <stdint.h>

struct rebuild_request {
    const struct conf *conf;
    const struct moment *now;
    const char *trigger;       /* for the log: "command", "filter" */
    bool dry_run;              /* change nothing anywhere, log and cache included */
    bool no_cache;             /* read every log whole, and leave the cache alone */
    int days;                  /* not 0: so many are searched, whatever search_days tells */
    int days_max;              /* of more days that search_days tells, so many are searched; 0: no limit */
    size_t max_added;          /* if more would be added, the rebuild fails; 0: no limit */
    time_t quiet_seconds;      /* a failure that the log's end told less than so long ago isn't logged anew */
    gather_progress *progress; /* or NULL */
    void *context;
    const struct interrupts *interrupts; /* that are held off, or NULL: one that comes in time has nothing changed */
};

/* What a rebuild found and did. */
struct rebuild {
    struct day_range range;
    struct gathered gathered;
    struct whitelist whitelist;
    struct decision_rules rules;
    struct amended list;      /* not saved: save_mode is none, or this is a dry run */
    struct spamtab tab;       /* of the list as it was before */
    struct decision decision; /* the hosts that were skipped are listed in a dry run only */
    uint64_t milliseconds;    /* that it took */
    bool interrupted;         /* that is why it failed */
    struct messages warnings;
};

/*
 * Rebuilds the list. The caller holds the lock, unless it is a dry run. Returns 1; or -1 with the error, and then no
 * list was changed. In either case the events are logged (unless it is a dry run, or was interrupted), the warnings are
 * there to be shown, and *rebuild is the caller's to clear.
 */
int rebuild_run(const struct rebuild_request *request, struct rebuild *rebuild, struct error *error);
void rebuild_clear(struct rebuild *rebuild);

/* What the outlooks of hosts are made from; the rebuild must outlive them. */
struct outlook_grounds rebuild_grounds(const struct rebuild *rebuild);

/* How many hosts had at least so many unauthorised accesses (>= 1) in the range. */
size_t rebuild_host_count(const struct rebuild *rebuild, uint64_t least);

/* Sets the result, the duration and the detail of a run that ended so; failure is rebuild_run's error, or NULL. */
void rebuild_summarize(const struct rebuild *rebuild, const struct error *failure, struct state_run *run);

/*
 * Adds to the text how often the hosts (first to first + count - 1 of the evidence) had unauthorised access, by log,
 * and on which days: "smtp 12, pop3 3, 2026-11-15 to 2026-11-21".
 */
void rebuild_describe_accesses(const struct rebuild *rebuild, const struct conf *conf, size_t first, size_t count,
                               struct buffer *text);

#endif
