/* SPDX-License-Identifier: MIT */
/*
 * Whom XMail refuses by spammers.tab, any bytes: an address is in the export if and only if the first entry that takes
 * it in refuses it. Only what is said to be left out may be missing. No two of the prefixes overlap, joined ones are
 * the same addresses, and every format can be made of them.
 */
#include "export.h"
#include "fuzz.h"
#include "networks.h"
#include "refused.h"

/* The first entry that takes the address in: what XMail does at each connection. */
static const struct spamtab_line *first_match(const struct spamtab *tab, struct address address)
{
    for (size_t i = 0; i < tab->count; i++)
        if (tab->lines[i].is_entry && networks_has(&tab->lines[i].network, address))
            return &tab->lines[i];
    return NULL;
}

/* A prefix of IPv6 holds hosts of IPv6 only. */
static size_t count_holders(const struct prefixes *set, struct address address)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        count +=
            address_is_ipv4(set->items[i].address) == address_is_ipv4(address) && networks_has(&set->items[i], address);
    return count;
}

static bool is_left_out(const struct messages *notes, const struct spamtab_line *line)
{
    char begin[64];
    (void)snprintf(begin, sizeof begin, "line %lu of spammers.tab, ", line->number);
    for (size_t i = 0; i < notes->count; i++)
        if (strncmp(notes->texts[i], begin, strlen(begin)) == 0 && strstr(notes->texts[i], " is left out: "))
            return true;
    return false;
}

static void check_around(const struct spamtab *tab, const struct prefixes *set, const struct messages *notes,
                         const struct network *network)
{
    struct address probes[NETWORKS_PROBES];
    networks_probe(network, probes);
    for (size_t i = 0; i < NETWORKS_PROBES; i++) {
        const struct spamtab_line *line = first_match(tab, probes[i]);
        const bool refused = line && line->code > 0;
        const size_t holders = count_holders(set, probes[i]);
        require(holders <= 1);
        require(holders == 0 || refused);
        require(holders == 1 || !refused || is_left_out(notes, line));
    }
}

static void check(const struct spamtab *tab, const struct prefixes *set, const struct messages *notes)
{
    enum { MOST = 32 }; /* a netmask may make many of one entry */
    unsigned bits;
    for (size_t i = 0; i < tab->count; i++)
        if (tab->lines[i].is_entry)
            check_around(tab, set, notes, &tab->lines[i].network);
    for (size_t i = 0; i < set->count; i++) {
        require(network_is_prefix(&set->items[i], &bits));
        require(i == 0 || address_compare_family(set->items[i - 1].address, set->items[i].address) < 0);
        if (i % (set->count / MOST + 1) == 0)
            check_around(tab, set, notes, &set->items[i]);
    }
}

static void check_formats(struct prefixes *set)
{
    static const char *const names[] = {"plain", "cidr", "nft", "ipset", "postfix", "rbldnsd"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buffer text = {0};
        struct error error;
        size_t left_out;
        require(export_add(export_find(names[i]), set, "/MailRoot/spammers.tab", &text, &left_out, &error) > 0);
        require(text.length == 0 || text.bytes[text.length - 1] == '\n');
        buffer_clear(&text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer content = {0};
    struct spamtab tab;
    struct prefixes set = {0};
    struct messages notes = {0};
    struct error error;
    buffer_add(&content, (const char *)data, size);
    require(spamtab_parse(&content, NULL, &tab, &error) > 0);
    require(refused_find(&tab, &set, &notes, &error) > 0);
    check(&tab, &set, &notes);
    require(prefixes_aggregate(&set));
    check(&tab, &set, &notes);
    check_formats(&set);
    messages_clear(&notes);
    prefixes_clear(&set);
    spamtab_clear(&tab);
    buffer_clear(&content);
    return 0;
}
