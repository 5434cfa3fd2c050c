/* SPDX-License-Identifier: MIT */
/*
 * The records of many log files, oldest first, one after another: what people look at. Counting, which knows no order
 * and is much faster, is scan's work.
 */
#ifndef XS_CHRONICLE_H
#define XS_CHRONICLE_H

#include "conf.h"
#include "error.h"
#include "gather.h"
#include "logfiles.h"
#include "moment.h"
#include "record.h"

#include <stddef.h>
#include <stdint.h>

enum { CHRONICLE_DESCRIPTORS_MAX = 100 /* that are kept open: what is beyond is opened for each block */ };

/* What the request points to must outlive the chronicle. */
struct chronicle_request {
    const struct conf_log *logs; /* log_count of them */
    size_t log_count;
    const struct logfiles *files; /* of these logs */
    struct day_range range;       /* records of other days are left out */
    gather_progress *progress;    /* or NULL; called also while it is looked where files begin */
    void *context;
};

struct chronicle_record {
    const struct logfile *file;
    const char *line; /* as it stands there, without LF and one CR before it */
    size_t length;
    struct record_view view;
    const struct record_reader *reader; /* for record_field */
};

struct chronicle_counts {
    uint64_t records;  /* in the range */
    uint64_t timeless; /* too long, or without a time: they belong to no day, and are left out */
};

struct chronicle;

/*
 * Looks where each file begins. Returns the chronicle, to be freed with chronicle_free; or NULL with the error: a file
 * can't be read, memory ran out. A file that is gone is left out.
 */
struct chronicle *chronicle_new(const struct chronicle_request *request, struct error *error);
void chronicle_free(struct chronicle *chronicle);

/*
 * Gives the next record; what it points to is good until the next call. Records of one file keep their order, even if
 * their times descend; one without a time of day stands at the begin of its day. A last line without LF is being
 * written, and left out. Returns 1; 0 at the end; or -1 with the error.
 */
int chronicle_next(struct chronicle *chronicle, struct chronicle_record *record, struct error *error);

/* So far. */
struct chronicle_counts chronicle_counts(const struct chronicle *chronicle);

/* The timeless ones of one of the files. */
uint64_t chronicle_timeless(const struct chronicle *chronicle, size_t file);

#endif
