/* SPDX-License-Identifier: MIT */
/* What all logs together say of each host in the range: the ground that the decision stands on. */
#ifndef XS_EVIDENCE_H
#define XS_EVIDENCE_H

#include "address.h"
#include "buffer.h"
#include "ledger.h"
#include "moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evidence_host {
    struct address address;
    uint64_t unauthorized; /* all logs together */
    uint64_t refused;
    day_number first_day; /* of its unauthorised accesses; 0: it has none */
    day_number last_day;
    bool authenticated; /* it logged in */
};

struct evidence;

/* Makes empty evidence of the range, from so many logs (at least one). Returns NULL if memory ran out. */
struct evidence *evidence_new(struct day_range range, size_t logs);
void evidence_free(struct evidence *evidence);

/*
 * Adds the days of the ledger that are in the range to the counts of the log (0 to logs - 1). Hosts that don't ascend
 * by address, as in a ledger that ledger_write hasn't made, take longer, but count as well. False: no memory; the
 * evidence is only good for being freed then.
 */
bool evidence_add(struct evidence *evidence, const struct ledger *ledger, size_t log);

/*
 * Writes down all evidence behind what is in the buffer, whatever its length. It isn't sealed yet and may be added to
 * afterwards. False: no memory, here or in the buffer.
 */
bool evidence_write(struct evidence *evidence, struct buffer *bytes);

/*
 * Adds to new evidence, of the same range and number of logs, what evidence_write has written. Returns 1; 0 if the
 * bytes aren't exactly that; or -1: no memory. Unless 1, the evidence is only good for being freed.
 */
int evidence_read(struct evidence *evidence, const char *bytes, size_t length);

/*
 * Sorts the hosts by address (address_compare) for the functions below; nothing may be added after it. False: no
 * memory.
 */
bool evidence_seal(struct evidence *evidence);

/* The hosts in order; *count of them. They belong to the evidence. */
const struct evidence_host *evidence_hosts(const struct evidence *evidence, size_t *count);

/* The host with this address, one of evidence_hosts, or NULL. */
const struct evidence_host *evidence_find(const struct evidence *evidence, struct address address);

/* How often the host (one of evidence_hosts) had unauthorised access by this log. */
uint64_t evidence_count_in_log(const struct evidence *evidence, const struct evidence_host *host, size_t log);

#endif
