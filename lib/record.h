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
#include "moment.h"
#include "tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record {
    struct address address;
    day_number day;
    unsigned verdict; /* of enum verdict; 0: counts for nothing */
};

enum record_result {
    RECORD_MALFORMED,    /* no valid time or address, or no field where the status may stand */
    RECORD_OUT_OF_RANGE, /* valid; *record is not filled in */
    RECORD_VALID,
};

/* Reads records of one log. For one thread at a time. */
struct record_reader;

/*
 * Makes a reader for the records of the log within the range. The log must outlive it. Returns the reader, to be freed
 * with record_reader_free; or NULL with the error.
 */
struct record_reader *record_reader_new(const struct conf_log *log, struct day_range range, struct error *error);
void record_reader_free(struct record_reader *reader);

/* Reads a record from its line, without LF (a CR at its end is dropped). The line may hold any bytes. */
enum record_result record_read(struct record_reader *reader, const char *line, size_t length, struct record *record);

/* True if memory ran out while a record was judged: what was read by this reader isn't to be trusted. */
bool record_reader_failed(const struct record_reader *reader);

/* How many times a pattern hit a limit of matching, which counted as no match. */
uint64_t record_reader_limits(const struct record_reader *reader);

#endif
