/* SPDX-License-Identifier: MIT */
/*
 * The own whitelist's file: any bytes. It says what its lines say, each by itself; one that is refused is told of once,
 * with its own number, and takes nothing else with it. Whoever looks the networks through one by one comes to the same
 * as the whitelist.
 */
#include "fuzz.h"
#include "networks.h"

#include "whitelist.h"

enum { NETWORKS_MAX = 64, PROBED_MAX = 12, LINES_MAX = 32 };

static struct network networks[NETWORKS_MAX];
static size_t count;

static void read_bytes(const char *bytes, size_t length, struct whitelist *whitelist, struct messages *problems)
{
    fuzz_put_file(fuzz_path("whitelist"), bytes, length);
    whitelist_read(whitelist, fuzz_path("whitelist"), 0, problems);
}

/* The text of a problem behind "FILE:NUMBER: ", which must be those of the line. */
static const char *text_of(const char *problem, size_t number)
{
    char place[256];
    const int length = snprintf(place, sizeof place, "%s:%zu: ", fuzz_path("whitelist"), number);
    require(strncmp(problem, place, (size_t)length) == 0);
    return problem + length;
}

/* No control characters, whatever stands in the file. */
static void require_harmless(const char *text)
{
    for (; *text != '\0'; text++)
        require((unsigned char)*text >= ' ' && *text != '\x7f');
}

/* Reads one line by itself, before which there is an empty one, unless it is the file's first. */
static void check_line(const char *bytes, size_t length, size_t number, const struct messages *problems,
                       size_t *problem)
{
    struct whitelist one = {0};
    struct messages only = {0};
    char *copy = malloc(length + 1);
    require(copy != NULL);
    copy[0] = '\n';
    memcpy(copy + 1, bytes, length);
    if (number == 1)
        read_bytes(copy + 1, length, &one, &only);
    else
        read_bytes(copy, length + 1, &one, &only);
    require(only.lost == 0 && only.count + one.own[0].count + one.own[1].count <= 1);
    if (only.count == 1) {
        const char *text = text_of(only.texts[0], number == 1 ? 1 : 2);
        require(*problem < problems->count && strcmp(text_of(problems->texts[(*problem)++], number), text) == 0);
        require_harmless(text);
    }
    for (size_t family = 0; family < 2; family++)
        for (size_t position = 0; count < NETWORKS_MAX && netset_next(&one.own[family], &position, &networks[count]);)
            count++;
    messages_clear(&only);
    whitelist_clear(&one);
    free(copy);
}

/* Finds the networks, a line after another. */
static bool check_lines(const char *bytes, size_t length, const struct messages *problems)
{
    size_t number = 0;
    size_t problem = 0;
    count = 0;
    for (size_t at = 0, end; at < length && count < NETWORKS_MAX; at = end) {
        for (end = at; end < length && (end == at || bytes[end - 1] != '\n');)
            end++;
        if (number == LINES_MAX)
            return false;
        check_line(bytes + at, end - at, ++number, problems, &problem);
    }
    if (count == NETWORKS_MAX)
        return false;
    require(problem == problems->count);
    return true;
}

/* An IPv6 network takes in IPv6 hosts only. */
static bool is_listed(struct address host)
{
    for (size_t i = 0; i < count; i++)
        if (networks_has(&networks[i], host) && (network_is_ipv4(&networks[i]) || !address_is_ipv4(host)))
            return true;
    return false;
}

static void check_networks(const struct whitelist *whitelist)
{
    struct address probes[NETWORKS_PROBES];
    for (size_t i = 0; i < count && i < PROBED_MAX; i++) {
        char text[NETWORK_TEXT_SIZE];
        struct whitelist printed = {0};
        struct error error;
        struct network again;
        size_t position = 0;
        const bool ipv4 = network_is_ipv4(&networks[i]);
        network_format(&networks[i], text);
        require(whitelist_add(&printed, text, strlen(text), &error) > 0);
        require(netset_next(&printed.own[ipv4], &position, &again) && networks_equal(&again, &networks[i]));
        whitelist_clear(&printed);
        networks_probe(&networks[i], probes);
        for (size_t probe = 0; probe < NETWORKS_PROBES; probe++) {
            const struct network host = {probes[probe], {UINT64_MAX, UINT64_MAX}};
            const bool listed = is_listed(probes[probe]);
            require(whitelist_has(whitelist, probes[probe]) == listed);
            require(whitelist_covers(whitelist, &host) == listed && whitelist_overlaps(whitelist, &host) == listed);
        }
        require(whitelist_overlaps(whitelist, &networks[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct whitelist whitelist = {0};
    struct messages problems = {0};
    struct error error;
    fuzz_make_directory();
    read_bytes((const char *)data, size, &whitelist, &problems);
    if (check_lines((const char *)data, size, &problems)) {
        require(whitelist.own[0].count + whitelist.own[1].count == count);
        require(whitelist_seal(&whitelist, &error) > 0);
        check_networks(&whitelist);
    }
    messages_clear(&problems);
    whitelist_clear(&whitelist);
    return 0;
}
