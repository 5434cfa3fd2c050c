/* SPDX-License-Identifier: MIT */
/*
 * Reads one record of a log: which host, which day, and whether it counts. Clients write most of a record's fields,
 * with TABs and quotes where they like; what is read here are only places that they cannot move.
 */
#ifndef XS_RECORD_H
#define XS_RECORD_H

#include "address.h"
#include "conf.h"
#include "error.h"
#include "lines.h"
#include "moment.h"
#include "tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record {
    struct address address;
    day_number day;
    unsigned verdict; /* of enum verdict; 0: counts for nothing */
    unsigned limits;  /* times that a pattern gave up, also of a malformed record */
};

enum { RECORD_LENGTH_MAX = 256 * 1024 - 1 }; /* bytes, without LF: XMail's own records end at some thousand */

enum record_result {
    RECORD_MALFORMED,    /* no valid time or address, or no field where the status may stand */
    RECORD_OUT_OF_RANGE, /* valid; *record is not filled in */
    RECORD_VALID,
};

/* A field without its quotes; points into the line. */
struct field {
    const char *text;
    size_t length;
};

enum { RECORD_NO_SECOND = 24 * 60 * 60 }; /* the time tells the day only */

static const size_t RECORD_NO_FIELD = SIZE_MAX;

/* What people see of a record, whether it counts or not. Fields are numbered from 0. */
struct record_view {
    enum record_result result; /* as of record_read */
    struct record record;      /* if it is valid; of its parts, the address if it is located */
    bool located;              /* also of a malformed one, or one out of range */
    day_number day;            /* 0: no time can be read, and all below is unknown */
    unsigned second;           /* of the day, or RECORD_NO_SECOND */
    size_t time;               /* field of the time */
    size_t status;             /* field that counted, or in which the status stands; RECORD_NO_FIELD: can't be told */
    bool untouched;            /* each field is where the format has it */
    size_t field_count;
};

/* Reads records of one log. For one thread at a time. */
struct record_reader;

/*
 * Makes a reader for the log's records within the range. The log must outlive it. Returns the reader, to be freed with
 * record_reader_free; or NULL with the error.
 */
struct record_reader *record_reader_new(const struct conf_log *log, struct day_range range, struct error *error);
void record_reader_free(struct record_reader *reader);

/*
 * Reads all of the lines and counts them in the tally. LINES_PADDING bytes around the text must be readable. Returns
 * false if memory ran out: the tally isn't to be trusted then.
 */
bool record_tally(struct record_reader *reader, const struct lines *lines, struct tally *tally);

/*
 * Reads a single record from its line, without LF (a CR at its end is dropped), of at most RECORD_LENGTH_MAX bytes; a
 * longer one is malformed. The line may hold any bytes, and what is around it is left alone. Memory that ran out makes
 * it malformed, too.
 */
enum record_result record_read(struct record_reader *reader, const char *line, size_t length, struct record *record);

/*
 * Reads a record for people, who want to see those that count for nothing or are malformed, too, and records of logs
 * without a client address. Returns false if it is too long or memory ran out: *view isn't filled in then.
 */
bool record_look(struct record_reader *reader, const char *line, size_t length, struct record_view *view);

/* Field i (from 0, below field_count) of the record that was looked at last; good until the next one is read. */
struct field record_field(const struct record_reader *reader, size_t i);

#endif
