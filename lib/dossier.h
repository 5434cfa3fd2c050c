/* SPDX-License-Identifier: MIT */
/* What the logs say of one host: how often it came, by day and log, and the records that tell so. */
#ifndef XS_DOSSIER_H
#define XS_DOSSIER_H

#include "address.h"
#include "chronicle.h"
#include "error.h"
#include "moment.h"
#include "tally.h"

#include <stddef.h>
#include <stdint.h>

struct dossier_day {
    day_number day;
    size_t log; /* of the request's */
    struct counts counts;
};

/* A record that is an unauthorised or a refused access. */
struct dossier_record {
    char *line; /* as it stands in the log, without its line end */
    size_t length;
    size_t log;
    unsigned verdict; /* of enum verdict */
};

struct dossier {
    struct dossier_day *days; /* by day, then by log; those on which there was something to count */
    size_t day_count;
    struct dossier_record *records; /* the newest, oldest first */
    size_t record_count;
    uint64_t records_left_out; /* older ones */
};

/*
 * Reads it out of the logs, keeping at most so many records (at least one). Returns 1, *dossier being the caller's to
 * clear; or -1 with the error.
 */
int dossier_read(const struct chronicle_request *request, struct address host, size_t records_max,
                 struct dossier *dossier, struct error *error);
void dossier_clear(struct dossier *dossier);

#endif
