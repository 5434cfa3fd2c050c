/* SPDX-License-Identifier: MIT */
#include "refused.h"

#include "array.h"

#include <stdlib.h>

/* --- entries as prefixes ------------------------------------------------------------------------------------------ */

/* A prefix about which an entry, the place of which in the table is known, has the say unless an earlier one has. */
struct part {
    struct network prefix;
    size_t at;
};

/* Entries whose networks aren't taken apart: they let in whom they take in. */
struct scattered {
    struct network network;
    size_t at;
};

struct parting {
    const struct spamtab *tab;
    struct messages *notes;
    struct part *parts;
    size_t count;
    struct scattered *scattered;
    size_t scattered_count;
};

static bool add_part(struct parting *parting, const struct network *prefix, size_t at)
{
    struct part *parts = array_grow(parting->parts, parting->count, sizeof *parts);
    if (!parts)
        return false;
    parting->parts = parts;
    parting->parts[parting->count++] = (struct part){*prefix, at};
    return true;
}

static bool add_scattered(struct parting *parting, const struct network *network, size_t at)
{
    struct scattered *scattered = array_grow(parting->scattered, parting->scattered_count, sizeof *scattered);
    if (!scattered)
        return false;
    parting->scattered = scattered;
    parting->scattered[parting->scattered_count++] = (struct scattered){*network, at};
    return true;
}

/* Of the mask of an IPv4 network: the bits left of its last one that aren't set. */
static uint32_t loose_bits(const struct network *network)
{
    const uint32_t mask = address_ipv4(network->mask);
    return ~mask & ~((mask & -mask) - 1);
}

/* False: too many. */
static bool can_be_parted(const struct network *network)
{
    unsigned bits;
    return network_is_prefix(network, &bits) ||
           UINT64_C(1) << __builtin_popcount(loose_bits(network)) <= REFUSED_PARTS_MAX;
}

/* Adds the prefixes that make up the network, which can be parted. */
static bool add_parts(struct parting *parting, const struct network *network, size_t at)
{
    unsigned bits;
    if (network_is_prefix(network, &bits))
        return add_part(parting, network, at);
    const uint32_t loose = loose_bits(network);
    const struct address mask = {network->mask.high, network->mask.low | loose};
    uint32_t chosen = 0;
    do { /* each choice of the loose bits */
        const struct address address = {network->address.high, network->address.low | chosen};
        const struct network prefix = network_make(address, mask);
        if (!add_part(parting, &prefix, at))
            return false;
        chosen = (chosen - loose) & loose;
    } while (chosen != 0);
    return true;
}

static void note(struct parting *parting, size_t at, const char *why)
{
    char text[NETWORK_TEXT_SIZE];
    const struct spamtab_line *line = &parting->tab->lines[at];
    messages_add(parting->notes, "line %lu of spammers.tab, %s, %s", line->number, network_format(&line->network, text),
                 why);
}

/*
 * Lets in whom of an entry that refuses the earlier, scattered ones let in: what the two have in common is fewer
 * addresses, in fewer prefixes. *is_kept: the entry is still of use.
 */
static bool let_scattered_in(struct parting *parting, size_t at, bool *is_kept)
{
    const struct network *network = &parting->tab->lines[at].network;
    for (size_t i = 0; *is_kept && i < parting->scattered_count; i++) {
        const struct network *other = &parting->scattered[i].network;
        const struct network common = {
            {other->address.high | network->address.high, other->address.low | network->address.low},
            {other->mask.high | network->mask.high, other->mask.low | network->mask.low}};
        if (!network_overlaps(other, network))
            continue;
        if (network_covers(other, network)) {
            *is_kept = false;
        } else if (!can_be_parted(&common)) {
            *is_kept = false;
            note(parting, at, "is left out: an earlier line lets in too many parts of it");
        } else if (!add_parts(parting, &common, parting->scattered[i].at)) {
            return false;
        }
    }
    return true;
}

/* The clients whom the line takes in. */
static bool add_entry(struct parting *parting, size_t at)
{
    const struct spamtab_line *line = &parting->tab->lines[at];
    const struct network compatible = network_compatible_ipv4();
    const struct network all_ipv4 = network_all_ipv4();
    const bool rejects = spamtab_rejects(line);
    bool is_kept = true;
    if (!can_be_parted(&line->network)) {
        if (!rejects)
            return add_scattered(parting, &line->network, at);
        note(parting, at, "is left out: its netmask makes too many networks of it");
        return true;
    }
    if (network_covers(&compatible, &line->network))
        note(parting, at, "is taken for IPv6 only, although XMail on an IPv4 socket applies it to IPv4 clients");
    if (rejects && !let_scattered_in(parting, at, &is_kept))
        return false;
    if (!is_kept)
        return true;
    if (!network_is_ipv4(&line->network) && network_covers(&line->network, &all_ipv4) &&
        !add_part(parting, &all_ipv4, at))
        return false;
    return add_parts(parting, &line->network, at);
}

/* --- the first one that takes in a client ------------------------------------------------------------------------- */

/* A part that has the say about what follows, unless one within it has. */
struct open {
    const struct part *part;
    const struct part *outermost; /* of the refusing ones around it without one between that lets in */
    bool rejects;
};

/* A walk through the addresses of one family. */
struct walk {
    const struct spamtab *tab;
    struct prefixes *refused;
    struct open open[ADDRESS_BITS + 1]; /* each within the one before it, and of an earlier line */
    size_t depth;
    struct address next;          /* the first address that isn't done */
    bool is_over;                 /* all are */
    const struct part *outermost; /* of the range that is gathered; NULL if there is none */
    struct address first;
    struct address last;
};

static bool end_range(struct walk *walk)
{
    const struct part *outermost = walk->outermost;
    walk->outermost = NULL;
    return !outermost ||
           prefixes_add_range(walk->refused, network_is_ipv4(&outermost->prefix), walk->first, walk->last);
}

/* The innermost open part has the say from the next address to the last one, if that isn't before it. */
static bool go_to(struct walk *walk, struct address last)
{
    const struct open *open = &walk->open[walk->depth - 1];
    if (walk->is_over || address_compare(walk->next, last) > 0)
        return true;
    if (open->rejects && walk->outermost == open->outermost && address_equal(address_next(walk->last), walk->next)) {
        walk->last = last;
    } else if (open->rejects) {
        if (!end_range(walk))
            return false;
        walk->outermost = open->outermost;
        walk->first = walk->next;
        walk->last = last;
    }
    walk->next = address_next(last);
    walk->is_over = address_equal(walk->next, (struct address){0, 0});
    return true;
}

static bool close_part(struct walk *walk)
{
    if (!go_to(walk, network_last(&walk->open[walk->depth - 1].part->prefix)))
        return false;
    walk->depth--;
    return true;
}

static bool open_part(struct walk *walk, const struct part *part)
{
    const struct open *around = walk->depth > 0 ? &walk->open[walk->depth - 1] : NULL;
    if (around && around->part->at <= part->at)
        return true;
    if (around && !address_equal(part->prefix.address, around->part->prefix.address) &&
        !go_to(walk, address_previous(part->prefix.address)))
        return false;
    const bool rejects = spamtab_rejects(&walk->tab->lines[part->at]);
    walk->open[walk->depth++] = (struct open){part, around && around->rejects ? around->outermost : part, rejects};
    walk->next = part->prefix.address;
    return true;
}

static int compare_parts(const void *left, const void *right)
{
    const struct part *a = left;
    const struct part *b = right;
    int order = address_compare_family(a->prefix.address, b->prefix.address);
    if (order == 0)
        order = address_compare(a->prefix.mask, b->prefix.mask);
    if (order == 0)
        order = (a->at > b->at) - (a->at < b->at);
    return order;
}

/*
 * Each part comes behind those that it lies in, and what one has the say about is done between those within it. IPv4
 * comes first, so that no part of IPv6 is open around it.
 */
static bool walk_parts(const struct spamtab *tab, struct part *parts, size_t count, struct prefixes *refused)
{
    struct walk walk = {.tab = tab, .refused = refused};
    if (count > 0)
        qsort(parts, count, sizeof *parts, compare_parts);
    for (size_t i = 0; i < count; i++) {
        while (walk.depth > 0 && !network_covers(&walk.open[walk.depth - 1].part->prefix, &parts[i].prefix))
            if (!close_part(&walk))
                return false;
        if (!open_part(&walk, &parts[i]))
            return false;
    }
    while (walk.depth > 0)
        if (!close_part(&walk))
            return false;
    return end_range(&walk);
}

int refused_find(const struct spamtab *tab, struct prefixes *refused, struct messages *notes, struct error *error)
{
    struct parting parting = {.tab = tab, .notes = notes};
    bool done = true;
    for (size_t i = 0; done && i < tab->count; i++)
        done = !tab->lines[i].is_entry || add_entry(&parting, i);
    done = done && walk_parts(tab, parting.parts, parting.count, refused);
    free(parting.parts);
    free(parting.scattered);
    if (done)
        return 1;
    prefixes_clear(refused);
    return error_memory(error, "find who is refused");
}
