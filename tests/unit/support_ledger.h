/* SPDX-License-Identifier: MIT */
/* A ledger counted anew: what the library never needs, as it merges ledgers; to compare the two ways. */
#ifndef XS_TESTS_SUPPORT_LEDGER_H
#define XS_TESTS_SUPPORT_LEDGER_H

#include "ledger.h"
#include "tally.h"

static inline bool support_add_day(const struct ledger_day *from, const struct ledger_ipv4 *ipv4,
                                   const struct ledger_host *hosts, struct tally *tally)
{
    struct tally_day *day = tally_day(tally, from->day);
    if (!day)
        return false;
    for (size_t i = 0; i < from->ipv4_count; i++)
        if (ipv4[i].unauthorized > 0 &&
            !tally_add(tally, day, address_from_ipv4(ipv4[i].address), (struct counts){ipv4[i].unauthorized, 0, 0}))
            return false;
    for (size_t i = 0; i < from->host_count; i++) {
        const struct counts counts = hosts[i].counts;
        if ((counts.unauthorized | counts.refused | counts.logins) != 0 &&
            !tally_add(tally, day, hosts[i].address, counts))
            return false;
    }
    day->records += from->records;
    day->limits += from->limits;
    return true;
}

/*
 * Adds its days from first_day on to the tally, with all its records and malformed ones. False if memory ran out: some
 * are added then. A host without counts is left out.
 */
static inline bool ledger_add_to_tally(const struct ledger *ledger, day_number first_day, struct tally *tally)
{
    const struct ledger_ipv4 *ipv4 = ledger->ipv4;
    const struct ledger_host *hosts = ledger->hosts;
    for (uint64_t i = 0; i < ledger->head->day_count; i++) {
        const struct ledger_day *day = &ledger->days[i];
        if (day->day >= first_day && !support_add_day(day, ipv4, hosts, tally))
            return false;
        ipv4 += day->ipv4_count;
        hosts += day->host_count;
    }
    tally->records += ledger->head->records;
    tally->malformed += ledger->head->malformed;
    return true;
}

#endif
