/* SPDX-License-Identifier: MIT */
/*
 * smtp.ipprop.tab: any bytes. It says what its lines say, each by itself, and the first one that fits a host decides:
 * by whoever looks them through one by one. A network counts as trusted only if its hosts are.
 */
#include "fuzz.h"
#include "networks.h"

#include "whitelist.h"

enum { LINE_MAX_BYTES = 1022, RULES_MAX = 64, LINES_MAX = 24, PROBED_MAX = 12, SMALL_BITS = 4 };

static void read_bytes(const char *bytes, size_t length, struct whitelist *whitelist)
{
    struct error error;
    fuzz_put_file(fuzz_path("smtp.ipprop.tab"), bytes, length);
    require(whitelist_read_xmail(whitelist, fuzz_path("smtp.ipprop.tab"), &error) > 0);
}

/* If the line has the plainest form, the rule must be what it says. */
static void check_plain(const char *bytes, size_t length, const struct whitelist *whitelist)
{
    char text[LINE_MAX_BYTES + 1];
    char form[64];
    unsigned parts[4];
    unsigned bits;
    int value;
    memcpy(text, bytes, length);
    text[length] = '\0';
    /* NOLINTNEXTLINE(cert-err34-c): the numbers are too short to be out of range */
    if (sscanf(text, "\"%3u.%3u.%3u.%3u/%2u\"\t\"WhiteList=%4d\"", &parts[0], &parts[1], &parts[2], &parts[3], &bits,
               &value) != 6)
        return;
    (void)snprintf(form, sizeof form, "\"%u.%u.%u.%u/%u\"\t\"WhiteList=%d\"", parts[0], parts[1], parts[2], parts[3],
                   bits, value);
    if (strlen(text) != length || strcmp(text, form) != 0 || bits > 32 ||
        (parts[0] | parts[1] | parts[2] | parts[3]) > 255)
        return;
    const uint64_t host = (uint64_t)parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3];
    const uint64_t mask = UINT64_MAX << (32 - bits);
    require(whitelist->rule_count == 1);
    const struct whitelist_rule *rule = &whitelist->rules[0];
    require(rule->trusted == (value != 0) && rule->network.mask.high == UINT64_MAX && rule->network.mask.low == mask);
    require(rule->network.address.high == 0 && rule->network.address.low == ((UINT64_C(0xffff) << 32 | host) & mask));
}

/* Each line by itself says what it says among the others, and nothing else does. (Of many lines it isn't asked.) */
static void check_lines(const char *bytes, size_t length, const struct whitelist *whole)
{
    size_t rules = 0;
    size_t lines = 0;
    for (size_t at = 0, end; at < length; at = end) {
        struct whitelist one = {0};
        for (end = at; end < length && end - at < LINE_MAX_BYTES && (end == at || bytes[end - 1] != '\n');)
            end++;
        if (lines++ == LINES_MAX)
            return;
        read_bytes(bytes + at, end - at, &one);
        require(one.rule_count <= 1);
        if (one.rule_count == 1) {
            require(rules < whole->rule_count && whole->rules[rules].trusted == one.rules[0].trusted);
            require(networks_equal(&whole->rules[rules++].network, &one.rules[0].network));
        }
        check_plain(bytes + at, end - at - (bytes[end - 1] == '\n'), &one);
        whitelist_clear(&one);
    }
    require(rules == whole->rule_count);
}

static bool is_trusted(const struct whitelist *whitelist, struct address host)
{
    for (size_t i = 0; i < whitelist->rule_count; i++)
        if (networks_has(&whitelist->rules[i].network, host))
            return whitelist->rules[i].trusted;
    return false;
}

/* A prefix around the address, or one of a few hosts, each of which is asked for. */
static void check_network(const struct whitelist *whitelist, struct address address, unsigned bits)
{
    const struct network network = network_make(address, address_mask(bits));
    const bool covers = whitelist_covers(whitelist, &network);
    const bool overlaps = whitelist_overlaps(whitelist, &network);
    struct address probes[NETWORKS_PROBES];
    bool all = true;
    bool any = false;
    require(overlaps || !covers);
    if (bits >= ADDRESS_BITS - SMALL_BITS) {
        for (uint64_t i = 0; i < UINT64_C(1) << (ADDRESS_BITS - bits); i++) {
            const bool trusted = is_trusted(whitelist, (struct address){network.address.high, network.address.low | i});
            all &= trusted;
            any |= trusted;
        }
        require(overlaps == any && (all || !covers));
        return;
    }
    networks_probe(&network, probes);
    for (size_t i = 0; i < NETWORKS_PROBES; i++)
        if (networks_has(&network, probes[i])) {
            require(!covers || is_trusted(whitelist, probes[i]));
            require(overlaps || !is_trusted(whitelist, probes[i]));
        }
}

/* What is printed for the network is the same network to whom it is given. */
static void check_printed(const struct network *network)
{
    struct whitelist own = {0};
    struct error error;
    char text[NETWORK_TEXT_SIZE];
    struct network again;
    size_t position = 0;
    network_format(network, text);
    require(whitelist_add(&own, text, strlen(text), &error) > 0);
    require(netset_next(&own.own[network_is_ipv4(network)], &position, &again) && networks_equal(network, &again));
    whitelist_clear(&own);
}

static void check_hosts(const struct whitelist *whitelist)
{
    struct address probes[NETWORKS_PROBES];
    for (size_t i = 0; i < whitelist->rule_count && i < PROBED_MAX; i++) {
        unsigned bits;
        const struct network *network = &whitelist->rules[i].network;
        require(network_is_prefix(network, &bits));
        check_printed(network);
        networks_probe(network, probes);
        for (size_t probe = 0; probe < NETWORKS_PROBES; probe++) {
            require(whitelist_has(whitelist, probes[probe]) == is_trusted(whitelist, probes[probe]));
            check_network(whitelist, probes[probe], ADDRESS_BITS - SMALL_BITS + (unsigned)probe % SMALL_BITS);
            check_network(whitelist, probes[probe], bits > 2 ? bits - 2 : 0);
            check_network(whitelist, probes[probe], bits);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct whitelist whitelist = {0};
    struct error error;
    fuzz_make_directory();
    read_bytes((const char *)data, size, &whitelist);
    if (whitelist.rule_count <= RULES_MAX) {
        check_lines((const char *)data, size, &whitelist);
        require(whitelist_seal(&whitelist, &error) > 0);
        check_hosts(&whitelist);
    }
    whitelist_clear(&whitelist);
    return 0;
}
