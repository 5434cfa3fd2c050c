/* SPDX-License-Identifier: MIT */
/*
 * What the process that reads the logs says, should somebody have taken it over: any bytes, behind a head that fits, as
 * else hardly any would. What is taken for evidence must be fit for a decision: hosts in order, each once.
 */
#include "fuzz.h"

#include "apart.h"

enum { LOGS = 2, WORDS = 2 + LOGS * sizeof(struct gather_counts) / sizeof(uint64_t) };

static void check(const struct gathered *gathered)
{
    size_t count;
    const struct evidence_host *hosts = evidence_hosts(gathered->evidence, &count);
    for (size_t i = 0; i < count; i++) {
        require(i == 0 || address_compare(hosts[i - 1].address, hosts[i].address) < 0);
        uint64_t sum = 0;
        for (size_t log = 0; log < LOGS; log++)
            sum += evidence_count_in_log(gathered->evidence, &hosts[i], log);
        require(sum == hosts[i].unauthorized);
    }
}

static void read_bytes(const char *bytes, size_t length)
{
    const struct day_range range = {20261115, 20261121};
    struct gathered gathered;
    const int result = apart_read(bytes, length, range, LOGS, &gathered);
    require(result > 0 ? gathered.evidence && gathered.by_log : !gathered.evidence && !gathered.by_log);
    if (result > 0)
        check(&gathered);
    gathered_clear(&gathered);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint64_t head[WORDS] = {LOGS};
    struct buffer bytes = {0};
    buffer_add(&bytes, (const char *)data, size);
    require(!bytes.failed);
    if (size > 0)
        read_bytes(bytes.bytes, size);
    bytes.length = 0;
    buffer_add(&bytes, (const char *)head, sizeof head);
    buffer_add(&bytes, (const char *)data, size);
    require(!bytes.failed);
    read_bytes(bytes.bytes, bytes.length);
    buffer_clear(&bytes);
    return 0;
}
