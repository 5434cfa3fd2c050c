/* SPDX-License-Identifier: MIT */
/*
 * When the unauthorised accesses of a range took place, in which logs, and with what status: the shape of an attack.
 * Which hosts they came from is the evidence's to tell; of the same records, both have the same sums.
 */
#ifndef XS_SURVEY_H
#define XS_SURVEY_H

#include "chronicle.h"
#include "error.h"
#include "moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SURVEY_HOURS = 24,
    SURVEY_STATUSES_MAX = 4096,   /* that are told apart: attackers may write any number of them */
    SURVEY_STATUS_LENGTH_MAX = 96 /* bytes of one that are looked at */
};

struct survey_day {
    day_number day;
    uint64_t accesses;
};

struct survey_status {
    char *text; /* UTF-8 as a rule; "?" for a NUL; empty: the record has none */
    uint64_t accesses;
};

/* All counts are of unauthorised accesses. */
struct survey {
    uint64_t accesses;
    struct survey_day *days; /* each of the calendar in the range, and those that logs have without one, ascending */
    size_t day_count;
    uint64_t hours[SURVEY_HOURS];
    uint64_t hourless; /* whose hour can't be told */
    uint64_t *by_log;  /* for each log of the request */
    size_t log_count;
    struct survey_status *statuses; /* most frequent first */
    size_t status_count;
    uint64_t other_statuses; /* of those that weren't told apart, the rare ones */
};

/* Reads the records. Returns 1, *survey being the caller's to clear; or -1 with the error. */
int survey_make(const struct chronicle_request *request, struct survey *survey, struct error *error);
void survey_clear(struct survey *survey);

/*
 * The parts of it, for records from anywhere: first, for each record, at last. False: no memory; the survey is only
 * good for being cleared then.
 */
bool survey_begin(struct survey *survey, struct day_range range, size_t log_count);
bool survey_add(struct survey *survey, size_t log, day_number day, unsigned second, const char *status, size_t length);
void survey_end(struct survey *survey);

#endif
