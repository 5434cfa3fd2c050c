/* SPDX-License-Identifier: MIT */
#include "evidence.h"

#include <stdlib.h>

struct evidence {
    struct day_range range;
    size_t logs;
    struct evidence_host *hosts;
    size_t count;
    size_t capacity;
    uint64_t *by_log; /* unauthorised accesses: a row of logs numbers for each host */
    uint32_t *index;  /* while counting: a hash table of host numbers + 1; 0 is free */
    size_t index_capacity;
    struct address_key key; /* of the index */
};

enum { FIRST_CAPACITY = 256, HOSTS_MAX = UINT32_MAX / 4 };

struct evidence *evidence_new(struct day_range range, size_t logs)
{
    struct evidence *evidence = calloc(1, sizeof *evidence);
    if (evidence) {
        evidence->range = range;
        evidence->logs = logs;
        evidence->key = address_key_new();
    }
    return evidence;
}

void evidence_free(struct evidence *evidence)
{
    if (!evidence)
        return;
    free(evidence->hosts);
    free(evidence->by_log);
    free(evidence->index);
    free(evidence);
}

/* The place in the index where the host's number is, or where it belongs. */
static uint32_t *find(const struct evidence *evidence, struct address address)
{
    size_t mask = evidence->index_capacity - 1;
    size_t at = (size_t)address_hash(&evidence->key, address, 0) & mask;
    while (evidence->index[at] != 0 && !address_equal(evidence->hosts[evidence->index[at] - 1].address, address))
        at = (at + 1) & mask;
    return &evidence->index[at];
}

static bool grow_hosts(struct evidence *evidence)
{
    size_t capacity = evidence->capacity ? evidence->capacity * 2 : FIRST_CAPACITY;
    if (capacity > HOSTS_MAX)
        return false;
    struct evidence_host *hosts = realloc(evidence->hosts, capacity * sizeof *hosts);
    if (hosts)
        evidence->hosts = hosts;
    uint64_t *by_log = hosts ? realloc(evidence->by_log, capacity * evidence->logs * sizeof *by_log) : NULL;
    if (!by_log)
        return false;
    evidence->by_log = by_log;
    evidence->capacity = capacity;
    return true;
}

static bool grow_index(struct evidence *evidence)
{
    size_t capacity = evidence->capacity * 2;
    uint32_t *index = calloc(capacity, sizeof *index);
    if (!index)
        return false;
    free(evidence->index);
    evidence->index = index;
    evidence->index_capacity = capacity;
    for (size_t i = 0; i < evidence->count; i++)
        *find(evidence, evidence->hosts[i].address) = (uint32_t)i + 1;
    return true;
}

/* The host of this address, made if need be; NULL if memory ran out. */
static struct evidence_host *host_of(struct evidence *evidence, struct address address)
{
    if (evidence->count == evidence->capacity && !grow_hosts(evidence))
        return NULL;
    if (evidence->index_capacity < evidence->capacity * 2 && !grow_index(evidence))
        return NULL;
    uint32_t *place = find(evidence, address);
    if (*place == 0) {
        uint32_t row = (uint32_t)evidence->count++;
        evidence->hosts[row] = (struct evidence_host){.address = address, .row = row};
        for (size_t log = 0; log < evidence->logs; log++)
            evidence->by_log[row * evidence->logs + log] = 0;
        *place = row + 1;
    }
    return &evidence->hosts[*place - 1];
}

static bool add_counts(struct evidence *evidence, struct address address, const struct counts *counts, day_number day,
                       size_t log)
{
    struct evidence_host *host = host_of(evidence, address);
    if (!host)
        return false;
    host->unauthorized += counts->unauthorized;
    host->refused += counts->refused;
    host->authenticated |= counts->logins > 0;
    evidence->by_log[host->row * evidence->logs + log] += counts->unauthorized;
    if (counts->unauthorized == 0)
        return true;
    if (host->first_day == 0 || day < host->first_day)
        host->first_day = day;
    if (day > host->last_day)
        host->last_day = day;
    return true;
}

bool evidence_add(struct evidence *evidence, const struct ledger *ledger, size_t log)
{
    const struct ledger_ipv4 *ipv4 = ledger->ipv4;
    const struct ledger_host *host = ledger->hosts;
    for (size_t i = 0; i < ledger->head->day_count; i++) {
        const struct ledger_day *day = &ledger->days[i];
        const struct ledger_ipv4 *ipv4_end = ipv4 + day->ipv4_count;
        const struct ledger_host *host_end = host + day->host_count;
        for (; day_in_range(evidence->range, day->day) && ipv4 < ipv4_end; ipv4++)
            if (!add_counts(evidence, address_from_ipv4(ipv4->address), &(struct counts){ipv4->unauthorized, 0, 0},
                            day->day, log))
                return false;
        for (; day_in_range(evidence->range, day->day) && host < host_end; host++)
            if (!add_counts(evidence, host->address, &host->counts, day->day, log))
                return false;
        ipv4 = ipv4_end;
        host = host_end;
    }
    return true;
}

static int compare_hosts(const void *left, const void *right)
{
    const struct evidence_host *a = left;
    const struct evidence_host *b = right;
    return address_compare(a->address, b->address);
}

void evidence_seal(struct evidence *evidence)
{
    free(evidence->index); /* numbers change now */
    evidence->index = NULL;
    evidence->index_capacity = 0;
    if (evidence->count > 0)
        qsort(evidence->hosts, evidence->count, sizeof *evidence->hosts, compare_hosts);
}

const struct evidence_host *evidence_hosts(const struct evidence *evidence, size_t *count)
{
    *count = evidence->count;
    return evidence->hosts;
}

uint64_t evidence_count_in_log(const struct evidence *evidence, const struct evidence_host *host, size_t log)
{
    return evidence->by_log[host->row * evidence->logs + log];
}
