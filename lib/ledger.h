/* SPDX-License-Identifier: MIT */
/*
 * What a log file says, written down: how often which host came on which day, in order, and in one piece of memory.
 * That is also how it stands in the cache, from where it is used as it was read, without parsing.
 */
#ifndef XS_LEDGER_H
#define XS_LEDGER_H

#include "address.h"
#include "buffer.h"
#include "moment.h"
#include "tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An IPv4 host with nothing but unauthorised accesses, as nearly all attackers are. */
struct ledger_ipv4 {
    uint32_t address; /* the first byte uppermost */
    uint32_t unauthorized;
};

/* Any other host. */
struct ledger_host {
    struct address address;
    struct counts counts;
    uint32_t unused; /* 0 */
};

struct ledger_day {
    uint64_t records; /* valid ones */
    uint64_t limits;  /* times that a pattern gave up */
    uint32_t ipv4_count;
    uint32_t host_count;
    day_number day;
    uint32_t unused; /* 0 */
};

struct ledger_head {
    uint64_t records; /* lines, malformed ones and those of days that aren't counted among them */
    uint64_t malformed;
    uint64_t day_count;
};

/* The parts point into one piece of memory. */
struct ledger {
    const struct ledger_head *head;
    const struct ledger_day *days;   /* ascending */
    const struct ledger_ipv4 *ipv4;  /* of the first day by address, then of the second, ... */
    const struct ledger_host *hosts; /* likewise */
};

/*
 * Writes down what the tally says, behind what is in the buffer, whose length must be a multiple of 8. False if memory
 * ran out. (*ledger is found by ledger_read; it isn't made here, as the buffer may move while more is added.)
 */
bool ledger_write(const struct tally *tally, struct buffer *bytes);

/*
 * Finds the ledger in bytes at a place fit for any type, of which it must take up all. False if they are none: sizes
 * that don't fit, days that don't ascend or can't be. The hosts aren't looked at: in bytes that ledger_write didn't
 * make they may be in any order, there twice, or have no counts. The bytes must outlive it.
 */
bool ledger_read(const char *bytes, size_t length, struct ledger *ledger);

/*
 * Writes down what both ledgers say together, of the older one's days only those from first_day on but all its records
 * and malformed ones, as ledger_write would of a tally that they were added to: in a twentieth of the time, as they are
 * in order already. False if memory ran out. The bytes of neither may be in the buffer.
 */
bool ledger_merge(const struct ledger *older, day_number first_day, const struct ledger *newer, struct buffer *bytes);

#endif
