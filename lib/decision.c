/* SPDX-License-Identifier: MIT */
#include "decision.h"

#include "array.h"
#include "ipv4set.h"
#include "netset.h"

#include <stdlib.h>

/* Lines that stay, by their index. XMail takes the first one that fits a client. */
struct standing {
    struct netset networks; /* of more than one host each */
    uint32_t *own; /* for each host: the index of the first line that is this host alone, + 1; 0: there is none */
};

/* The hosts of a network: all those from first to end - 1 or, if its mask is no prefix, some of them. */
struct host_range {
    size_t first;
    size_t end;
};

/* What the steps of one decision share. */
struct work {
    const struct decision_rules *rules;
    const struct whitelist *whitelist;
    const struct spamtab *tab;
    const struct evidence_host *hosts; /* sorted by address */
    size_t host_count;
    struct ipv4set ipv4;       /* those of IPv4 by their index, to be found in a few steps */
    size_t first_ipv4;         /* they stand together: the first of them */
    bool *whitelisted;         /* for each host */
    uint64_t *accesses_before; /* unauthorised and refused of the hosts before this one, white-listed ones left out */
    struct standing rejecting;
    struct standing lenient; /* the lines that don't refuse at connect */
    struct decision *decision;
};

/* --- evidence ---------------------------------------------------------------------------------------------------- */

static bool weigh_hosts(struct work *work)
{
    work->whitelisted = calloc(work->host_count + 1, sizeof *work->whitelisted);
    work->accesses_before = calloc(work->host_count + 1, sizeof *work->accesses_before);
    if (!work->whitelisted || !work->accesses_before)
        return false;
    for (size_t i = 0; i < work->host_count; i++) {
        const struct evidence_host *host = &work->hosts[i];
        work->whitelisted[i] = whitelist_has(work->whitelist, host->address);
        uint64_t accesses = work->whitelisted[i] ? 0 : host->unauthorized + host->refused;
        work->accesses_before[i + 1] = work->accesses_before[i] + accesses;
    }
    return true;
}

static bool index_hosts(struct work *work)
{
    while (work->first_ipv4 < work->host_count && !address_is_ipv4(work->hosts[work->first_ipv4].address))
        work->first_ipv4++;
    for (size_t i = work->first_ipv4; i < work->host_count && address_is_ipv4(work->hosts[i].address); i++)
        if (!ipv4set_add(&work->ipv4, address_ipv4(work->hosts[i].address), (uint32_t)i))
            return false;
    return ipv4set_seal(&work->ipv4);
}

/* The number of the first host at or above the address. */
static size_t first_host_from(const struct work *work, struct address address)
{
    size_t low = 0;
    size_t high = work->host_count;
    if (address_is_ipv4(address) && work->ipv4.count > 0)
        return work->first_ipv4 + ipv4set_place(&work->ipv4, address_ipv4(address));
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(work->hosts[middle].address, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct host_range hosts_in(const struct work *work, const struct network *network)
{
    struct address last = network_last(network);
    uint32_t host;
    if (network_is_host(network) && address_is_ipv4(last)) /* nearly always */
        return ipv4set_find(&work->ipv4, address_ipv4(last), &host) ? (struct host_range){host, (size_t)host + 1}
                                                                    : (struct host_range){0, 0};
    size_t end = first_host_from(work, last);
    if (end < work->host_count && address_equal(work->hosts[end].address, last))
        end++;
    return (struct host_range){first_host_from(work, network->address), end};
}

static uint64_t accesses_in(const struct work *work, const struct network *network, struct host_range range)
{
    unsigned bits;
    if (network_is_prefix(network, &bits))
        return work->accesses_before[range.end] - work->accesses_before[range.first];
    uint64_t sum = 0;
    for (size_t i = range.first; i < range.end; i++)
        if (network_contains(network, work->hosts[i].address))
            sum += work->accesses_before[i + 1] - work->accesses_before[i];
    return sum;
}

/* --- the present list -------------------------------------------------------------------------------------------- */

static struct decision_line decide_line(const struct work *work, const struct spamtab_line *line,
                                        struct host_range range)
{
    struct decision_line decided = {.accesses = accesses_in(work, &line->network, range),
                                    .whitelisted = whitelist_covers(work->whitelist, &line->network)};
    if (line->permanent)
        decided.reason = KEPT_PERMANENT;
    else if (work->rules->replace)
        decided.reason = REMOVED_REPLACED;
    else if (work->rules->remove_count == CONF_NO_REMOVE_COUNT)
        decided.reason = KEPT_APPENDED;
    else if (decided.accesses > (uint64_t)work->rules->remove_count)
        decided.reason = KEPT_ACTIVE;
    else
        decided.reason = decided.whitelisted ? REMOVED_WHITELISTED : REMOVED_QUIET;
    decided.keep = decided.reason < REMOVED_QUIET;
    return decided;
}

static bool stand(struct standing *standing, const struct network *network, struct host_range range, uint32_t line)
{
    if (!network_is_host(network))
        return netset_add(&standing->networks, network, line);
    if (range.first < range.end && standing->own[range.first] == 0)
        standing->own[range.first] = line + 1;
    return true;
}

/* Decides on all lines; those that stay shall be found by the networks and hosts that they cover. */
static bool decide_lines(struct work *work)
{
    struct decision_line *decided = calloc(work->tab->count + 1, sizeof *decided);
    work->decision->lines = decided;
    work->rejecting.own = calloc(work->host_count + 1, sizeof *work->rejecting.own);
    work->lenient.own = calloc(work->host_count + 1, sizeof *work->lenient.own);
    if (!decided || !work->rejecting.own || !work->lenient.own)
        return false;
    for (size_t i = 0; i < work->tab->count; i++) {
        const struct spamtab_line *line = &work->tab->lines[i];
        decided[i] = (struct decision_line){.keep = true, .reason = KEPT_NOT_AN_ENTRY};
        if (!line->is_entry)
            continue;
        struct host_range range = hosts_in(work, &line->network);
        decided[i] = decide_line(work, line, range);
        struct standing *standing = spamtab_rejects(line) ? &work->rejecting : &work->lenient;
        if (decided[i].keep && !stand(standing, &line->network, range, (uint32_t)i))
            return false;
    }
    return netset_seal(&work->rejecting.networks) && netset_seal(&work->lenient.networks);
}

/* True if one of the lines covers the network, whose first host this is; *line is then the first that does. */
static bool find_cover(const struct standing *standing, const struct network *network, size_t first_host,
                       uint32_t *line)
{
    bool found = netset_find_cover(&standing->networks, network, line);
    uint32_t own = network_is_host(network) ? standing->own[first_host] : 0;
    if (own == 0 || (found && *line < own))
        return found;
    *line = own - 1;
    return true;
}

/* --- hosts and networks to register ------------------------------------------------------------------------------ */

/* line: of SKIPPED_COVERED, which one covers it. */
static bool skip(struct work *work, const struct network *network, uint64_t accesses, enum decision_skip_reason reason,
                 size_t line)
{
    struct decision *decision = work->decision;
    decision->skipped[reason]++;
    if (!work->rules->list_skipped)
        return true;
    struct decision_skip *skips = array_grow(decision->skips, decision->skip_count, sizeof *decision->skips);
    if (!skips)
        return false;
    decision->skips = skips;
    unsigned long covered_by = reason == SKIPPED_COVERED ? work->tab->lines[line].number : 0;
    skips[decision->skip_count++] = (struct decision_skip){*network, accesses, covered_by, reason};
    return true;
}

static bool add(struct work *work, const struct network *network, size_t first_host, size_t host_count,
                uint64_t accesses)
{
    struct decision *decision = work->decision;
    uint32_t line;
    if (find_cover(&work->rejecting, network, first_host, &line))
        return skip(work, network, accesses, SKIPPED_COVERED, line);
    struct decision_addition *additions =
        array_grow(decision->additions, decision->addition_count, sizeof *decision->additions);
    if (!additions)
        return false;
    decision->additions = additions;
    bool shadowed = find_cover(&work->lenient, network, first_host, &line);
    additions[decision->addition_count++] =
        (struct decision_addition){.network = *network,
                                   .accesses = accesses,
                                   .first_host = first_host,
                                   .host_count = host_count,
                                   .shadowed_by = shadowed ? work->tab->lines[line].number : 0};
    return true;
}

static bool is_exempt(const struct work *work, size_t host)
{
    return work->rules->exempt_authenticated && work->hosts[host].authenticated;
}

static bool judge_host(struct work *work, size_t host)
{
    uint64_t accesses = work->hosts[host].unauthorized;
    if (accesses < work->rules->register_count)
        return true;
    const struct network network = network_host(work->hosts[host].address);
    if (work->whitelisted[host])
        return skip(work, &network, accesses, SKIPPED_WHITELISTED, 0);
    if (is_exempt(work, host))
        return skip(work, &network, accesses, SKIPPED_EXEMPT, 0);
    return add(work, &network, host, 1, accesses);
}

/* XMail takes IPv4 clients for members of these two on one or the other kind of socket (XMail 1.27). */
static bool may_match_ipv4_clients(const struct network *network)
{
    const struct network compatible = network_compatible_ipv4();
    const struct network mapped = network_all_ipv4();
    return network_overlaps(network, &compatible) || network_overlaps(network, &mapped);
}

static bool may_be_written(const struct work *work, const struct network *network, size_t first, size_t end)
{
    if (!network_is_ipv4(network) && may_match_ipv4_clients(network))
        return false;
    for (size_t i = first; i < end; i++)
        if (is_exempt(work, i))
            return false;
    return !whitelist_overlaps(work->whitelist, network);
}

/* Registers what of the hosts first to end - 1, all those of one network, is to be registered. */
static bool judge_network(struct work *work, const struct network *network, size_t first, size_t end)
{
    uint64_t accesses = 0;
    for (size_t i = first; i < end; i++)
        accesses += work->hosts[i].unauthorized;
    if (accesses < work->rules->register_count)
        return true;
    if (may_be_written(work, network, first, end))
        return add(work, network, first, end - first, accesses);
    for (size_t i = first; i < end; i++)
        if (!judge_host(work, i))
            return false;
    return true;
}

static bool register_all(struct work *work)
{
    const unsigned ipv4_bits = ADDRESS_IPV4_BITS + work->rules->ipv4_prefix;
    for (size_t first = 0, end; first < work->host_count; first = end) {
        struct address address = work->hosts[first].address;
        bool ipv4 = address_is_ipv4(address);
        unsigned bits = ipv4 ? ipv4_bits : work->rules->ipv6_prefix;
        end = first + 1;
        if (bits == ADDRESS_BITS) {
            if (!judge_host(work, first))
                return false;
            continue;
        }
        const struct network network = network_make(address, address_mask(bits));
        while (end < work->host_count && network_contains(&network, work->hosts[end].address) &&
               address_is_ipv4(work->hosts[end].address) == ipv4)
            end++;
        if (!judge_network(work, &network, first, end))
            return false;
    }
    return true;
}

/*
 * A line that goes while its network is added isn't removed but renewed, for whoever reads of it. In append mode there
 * is none: what goes has fewer accesses than what is added.
 */
static bool find_renewed(struct work *work)
{
    struct decision *decision = work->decision;
    struct netset added = {0};
    bool done = true;
    for (size_t i = 0; i < decision->addition_count && done; i++)
        done = netset_add(&added, &decision->additions[i].network, (uint32_t)i);
    done = done && netset_seal(&added);
    for (size_t i = 0; i < work->tab->count && done; i++) {
        uint32_t addition;
        if (decision->lines[i].keep || !spamtab_rejects(&work->tab->lines[i]) ||
            !netset_find_same(&added, &work->tab->lines[i].network, &addition))
            continue;
        decision->lines[i].reason = KEPT_RENEWED;
        decision->additions[addition].renewed = true;
    }
    netset_clear(&added);
    return done;
}

static void count(struct work *work)
{
    struct decision *decision = work->decision;
    decision->keeps_all = decision->addition_count == 0;
    for (size_t i = 0; i < work->tab->count; i++) {
        decision->keeps_all &= decision->lines[i].keep;
        if (!work->tab->lines[i].is_entry)
            continue;
        decision->kept += decision->lines[i].reason < REMOVED_QUIET;
        decision->removed += decision->lines[i].reason >= REMOVED_QUIET;
    }
    for (size_t i = 0; i < decision->addition_count; i++)
        decision->added += !decision->additions[i].renewed;
}

static int compare_by_address(const void *left, const void *right)
{
    const struct decision_addition *a = left;
    const struct decision_addition *b = right;
    return address_compare_family(a->network.address, b->network.address);
}

static int compare_by_hits(const void *left, const void *right)
{
    const struct decision_addition *a = left;
    const struct decision_addition *b = right;
    if (a->accesses != b->accesses)
        return a->accesses > b->accesses ? -1 : 1;
    return compare_by_address(left, right);
}

static void sort_additions(struct decision *decision, enum list_order order)
{
    int (*compare)(const void *, const void *) = order == ORDER_HITS ? compare_by_hits : compare_by_address;
    size_t sorted = 1; /* as the evidence is, unless it has IPv6 hosts that come before those of IPv4 */
    while (sorted < decision->addition_count &&
           compare(&decision->additions[sorted - 1], &decision->additions[sorted]) <= 0)
        sorted++;
    if (sorted < decision->addition_count)
        qsort(decision->additions, decision->addition_count, sizeof *decision->additions, compare);
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

static void standing_clear(struct standing *standing)
{
    netset_clear(&standing->networks);
    free(standing->own);
}

int decision_make(const struct decision_rules *rules, const struct evidence *evidence,
                  const struct whitelist *whitelist, const struct spamtab *tab, struct decision *decision,
                  struct error *error)
{
    *decision = (struct decision){0};
    struct work work = {.rules = rules, .whitelist = whitelist, .tab = tab, .decision = decision};
    work.hosts = evidence_hosts(evidence, &work.host_count);
    bool done = weigh_hosts(&work) && index_hosts(&work) && decide_lines(&work) &&
                (!rules->register_hosts || register_all(&work)) && (!rules->replace || find_renewed(&work));
    if (done)
        count(&work);
    if (done)
        sort_additions(decision, rules->order);
    ipv4set_clear(&work.ipv4);
    free(work.whitelisted);
    free(work.accesses_before);
    standing_clear(&work.rejecting);
    standing_clear(&work.lenient);
    if (done)
        return 1;
    decision_clear(decision);
    return error_memory(error, "decide on spammers.tab");
}

void decision_clear(struct decision *decision)
{
    free(decision->lines);
    free(decision->additions);
    free(decision->skips);
    *decision = (struct decision){0};
}

int decision_render(const struct decision *decision, const struct spamtab *tab, struct buffer *buffer,
                    struct error *error)
{
    bool *keep = calloc(tab->count + 1, sizeof *keep);
    const struct network **networks = calloc(decision->addition_count + 1, sizeof *networks);
    if (keep && networks) {
        for (size_t i = 0; i < tab->count; i++)
            keep[i] = decision->lines[i].keep;
        for (size_t i = 0; i < decision->addition_count; i++)
            networks[i] = &decision->additions[i].network;
        spamtab_render(tab, keep, networks, decision->addition_count, buffer);
    } else {
        buffer->failed = true;
    }
    free(keep);
    free(networks);
    return buffer->failed ? error_memory(error, "put spammers.tab together") : 1;
}
