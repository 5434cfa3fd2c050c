/* SPDX-License-Identifier: MIT */
/* What "report" shows, in whichever form: the hosts worst first, with what would become of each. */
#ifndef XS_REPORT_H
#define XS_REPORT_H

#include "conf.h"
#include "error.h"
#include "moment.h"
#include "outlook.h"
#include "rebuild.h"
#include "screen.h"
#include "survey.h"

#include <stddef.h>
#include <stdint.h>

struct report_host {
    const struct evidence_host *host;
    struct outlook outlook;
};

/* All logs of one format that were read. */
struct report_format {
    const struct log_format *format;
    uint64_t accesses; /* unauthorised ones, by the evidence */
};

struct report {
    const struct conf *conf;
    const struct moment *now;
    const struct rebuild *rebuild; /* a dry run */
    const struct survey *survey;
    struct report_host *hosts; /* with an unauthorised or refused access, worst first */
    size_t host_count;
    size_t shown;                  /* so many of them are asked for */
    struct report_format *formats; /* in the configuration's order */
    size_t format_count;
    uint64_t accesses; /* unauthorised ones */
    uint64_t refused;
};

/*
 * Makes the report of a dry run, but for conf, now and survey. Returns 1, *report being the caller's to clear; or -1.
 */
int report_make(const struct conf *conf, const struct rebuild *rebuild, size_t top, struct report *report,
                struct error *error);
void report_clear(struct report *report);

/* The host's unauthorised accesses in all logs of the format. */
uint64_t report_accesses(const struct report *report, const struct report_host *host, size_t format);

/* True if the log was read for it: it is enabled or, as with none enabled each is read, none is. */
bool report_reads(const struct report *report, size_t log);

/* What a status of XMail's means, in a few words, or "". */
const char *report_status_meaning(const char *status);

enum {
    REPORT_OUTLOOK_SIZE = 64,
    REPORT_SHARE_SIZE = 8,
    REPORT_STATUSES_SHOWN = 10, /* to people; the others are summed */
};

/* What becomes of the host: "covered by line 7". Returns text. */
const char *report_outlook(const struct outlook *outlook, char text[REPORT_OUTLOOK_SIZE]);

/* True if it will be refused although it is white-listed. */
bool report_contradicts(const struct outlook *outlook);

/* Print it on stdout: for people, for programs, and for browsers. */
void report_print_text(const struct report *report, const struct screen *screen);
void report_print_json(const struct report *report);
void report_print_html(const struct report *report);

/* Writes how many of a hundred accesses these are, "<1" if they are too few for one. Returns text. */
const char *report_share(const struct report *report, uint64_t accesses, char text[REPORT_SHARE_SIZE]);

#endif
