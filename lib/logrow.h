/* SPDX-License-Identifier: MIT */
/*
 * A record of a log as a row of named fields, for people: without passwords. Clients write TABs into some fields, which
 * push the others out of their places; of such a record only what stands in a place of its own is named, and nothing is
 * shown that may be a password.
 */
#ifndef XS_LOGROW_H
#define XS_LOGROW_H

#include "buffer.h"
#include "chronicle.h"
#include "error.h"
#include "format.h"

#include <stdbool.h>
#include <stddef.h>

struct logrow {
    bool irregular;                          /* not as XMail writes it: a client has stretched it, or it is of old */
    struct buffer address;                   /* the client's, as it counts; empty if there is none */
    struct buffer fields[FORMAT_FIELDS_MAX]; /* as the format names them, as they stand; empty: not known, or none */
    struct buffer rest;                      /* of an irregular record the fields without a name, a TAB between two */
    struct buffer line;                      /* the whole record as it stands, but for what is hidden */
};

/* What stands for a password, also for an empty one. */
extern const char logrow_hidden[];

/* Makes rows of records. */
struct logrow_maker;

/*
 * encoding: what the texts of the records are in, which are made UTF-8 then, with "?" for what can't be; or NULL, and
 * they stay as they are. Returns the maker, to be freed with logrow_maker_free; or NULL with the error.
 */
struct logrow_maker *logrow_maker_new(const char *encoding, struct error *error);
void logrow_maker_free(struct logrow_maker *maker);

/*
 * Makes a row of a record that has a day, read by this log's settings. The row must be all zero or of an earlier call.
 * False if memory ran out.
 */
bool logrow_make(struct logrow_maker *maker, const struct conf_log *log, const struct chronicle_record *record,
                 struct logrow *row);

void logrow_clear(struct logrow *row);

/*
 * The field of the record's status that may be shown: of a log with passwords, only what XMail alone can have written.
 * The view is of the reader's last record, and has a time. RECORD_NO_FIELD: it can't be told.
 */
size_t logrow_status(const struct log_format *format, const struct record_reader *reader,
                     const struct record_view *view);

#endif
