/* SPDX-License-Identifier: MIT */
#include "outlook.h"

#include "netset.h"

#include <stdlib.h>

struct outlooks {
    struct outlook_grounds grounds;
    struct netset rejecting; /* lines that stay, by their index */
    struct netset lenient;   /* likewise: those that don't refuse at connect */
    struct netset going;     /* entries that go and aren't renewed, by their index */
    struct netset renewed;   /* lines that go and come again, by their index */
    struct netset added;     /* what is added or renewed, by its index */
};

/* --- setting up --------------------------------------------------------------------------------------------------- */

static struct netset *set_of_line(struct outlooks *outlooks, size_t line)
{
    const struct decision_line *decided = &outlooks->grounds.decision->lines[line];
    if (decided->reason == KEPT_RENEWED)
        return &outlooks->renewed;
    if (!decided->keep)
        return &outlooks->going;
    return spamtab_rejects(&outlooks->grounds.tab->lines[line]) ? &outlooks->rejecting : &outlooks->lenient;
}

static bool add_all(struct outlooks *outlooks)
{
    const struct spamtab *tab = outlooks->grounds.tab;
    const struct decision *decision = outlooks->grounds.decision;
    for (size_t i = 0; i < tab->count; i++)
        if (tab->lines[i].is_entry && !netset_add(set_of_line(outlooks, i), &tab->lines[i].network, (uint32_t)i))
            return false;
    for (size_t i = 0; i < decision->addition_count; i++)
        if (!netset_add(&outlooks->added, &decision->additions[i].network, (uint32_t)i))
            return false;
    return netset_seal(&outlooks->rejecting) && netset_seal(&outlooks->lenient) && netset_seal(&outlooks->going) &&
           netset_seal(&outlooks->renewed) && netset_seal(&outlooks->added);
}

struct outlooks *outlooks_new(const struct outlook_grounds *grounds, struct error *error)
{
    struct outlooks *outlooks = calloc(1, sizeof *outlooks);
    if (outlooks) {
        outlooks->grounds = *grounds;
        if (add_all(outlooks))
            return outlooks;
    }
    outlooks_free(outlooks);
    (void)error_memory(error, "look hosts up in spammers.tab");
    return NULL;
}

void outlooks_free(struct outlooks *outlooks)
{
    if (!outlooks)
        return;
    netset_clear(&outlooks->rejecting);
    netset_clear(&outlooks->lenient);
    netset_clear(&outlooks->going);
    netset_clear(&outlooks->renewed);
    netset_clear(&outlooks->added);
    free(outlooks);
}

/* --- looking up --------------------------------------------------------------------------------------------------- */

static void set_line(const struct outlooks *outlooks, enum outlook_kind kind, uint32_t line, struct outlook *outlook)
{
    outlook->kind = kind;
    outlook->line = outlooks->grounds.tab->lines[line].number;
    outlook->network = outlooks->grounds.tab->lines[line].network;
}

/* True if the network is what would be registered on the host's account. */
static bool is_own(const struct outlooks *outlooks, const struct network *network, struct address address)
{
    const struct decision_rules *rules = outlooks->grounds.rules;
    const unsigned bits = address_is_ipv4(address) ? ADDRESS_IPV4_BITS + rules->ipv4_prefix : rules->ipv6_prefix;
    unsigned length;
    return network_is_prefix(network, &length) && (length == ADDRESS_BITS || length == bits);
}

/* The line, which stays, is the first that refuses the host. */
static void describe_standing(const struct outlooks *outlooks, struct address address, uint32_t line,
                              struct outlook *outlook)
{
    enum outlook_kind kind = OUTLOOK_COVERED;
    if (is_own(outlooks, &outlooks->grounds.tab->lines[line].network, address))
        kind = outlooks->grounds.tab->lines[line].permanent ? OUTLOOK_PERMANENT : OUTLOOK_KEPT;
    set_line(outlooks, kind, line, outlook);
}

static void describe_addition(const struct outlooks *outlooks, uint32_t number, struct outlook *outlook)
{
    const struct decision_addition *addition = &outlooks->grounds.decision->additions[number];
    uint32_t line;
    outlook->kind = OUTLOOK_ADDED;
    outlook->network = addition->network;
    if (addition->renewed && netset_find_same(&outlooks->renewed, &addition->network, &line))
        set_line(outlooks, OUTLOOK_KEPT, line, outlook);
}

/* Why a host that no entry will refuse isn't registered. host: what is known of it, or NULL. */
static enum outlook_kind reason_to_spare(const struct decision_rules *rules, const struct evidence_host *host,
                                         const struct outlook *outlook)
{
    if (outlook->whitelisted)
        return OUTLOOK_WHITELISTED;
    if (!host || host->unauthorized < rules->register_count)
        return OUTLOOK_BELOW;
    return outlook->authenticated ? OUTLOOK_EXEMPT : OUTLOOK_IDLE;
}

struct outlook outlook_of(const struct outlooks *outlooks, struct address address)
{
    const struct outlook_grounds *grounds = &outlooks->grounds;
    const struct evidence_host *host = evidence_find(grounds->evidence, address);
    struct outlook outlook = {.network = network_host(address),
                              .whitelisted = whitelist_has(grounds->whitelist, address),
                              .authenticated = host && host->authenticated && grounds->rules->exempt_authenticated};
    uint32_t line;
    uint32_t lenient;
    uint32_t addition;
    const bool stands = netset_find(&outlooks->rejecting, address, &line);
    const bool comes = !stands && netset_find(&outlooks->added, address, &addition);
    const bool passes = netset_find(&outlooks->lenient, address, &lenient);
    if (passes && (comes || (stands && lenient < line)))
        set_line(outlooks, OUTLOOK_SHADOWED, lenient, &outlook);
    else if (stands)
        describe_standing(outlooks, address, line, &outlook);
    else if (comes)
        describe_addition(outlooks, addition, &outlook);
    else if (netset_find(&outlooks->going, address, &line))
        set_line(outlooks, OUTLOOK_REMOVED, line, &outlook);
    else if (passes)
        set_line(outlooks, reason_to_spare(grounds->rules, host, &outlook), lenient, &outlook);
    else
        outlook.kind = reason_to_spare(grounds->rules, host, &outlook);
    return outlook;
}

const char *outlook_word(enum outlook_kind kind)
{
    static const char *const words[OUTLOOK_KINDS] = {
        [OUTLOOK_ADDED] = "added",
        [OUTLOOK_KEPT] = "kept",
        [OUTLOOK_PERMANENT] = "permanent",
        [OUTLOOK_COVERED] = "covered",
        [OUTLOOK_SHADOWED] = "shadowed",
        [OUTLOOK_REMOVED] = "removed",
        [OUTLOOK_WHITELISTED] = "white-listed",
        [OUTLOOK_EXEMPT] = "exempt",
        [OUTLOOK_IDLE] = "no log enabled",
        [OUTLOOK_BELOW] = "below the threshold",
    };
    return words[kind];
}
