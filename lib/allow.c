/* SPDX-License-Identifier: MIT */
#include "allow.h"

#include "prefixes.h"

#include <stdlib.h>
#include <string.h>

enum relation {
    APART,
    WITHIN, /* the entry is in the network */
    WIDER,  /* it holds the network and more, and can be split */
    ACROSS, /* it has hosts of the network, but can't be split */
};

/* True if an entry of this IPv6 network matches IPv4 clients too. */
static bool holds_ipv4(const struct network *network)
{
    const struct network compatible = network_compatible_ipv4();
    const struct network mapped = network_all_ipv4();
    return network_overlaps(network, &mapped) || network_overlaps(network, &compatible);
}

static enum relation relate(const struct network *entry, const struct network *network)
{
    const struct network compatible = network_compatible_ipv4();
    unsigned bits;
    if (network_covers(network, entry))
        return WITHIN;
    if (network_is_ipv4(network) && network_covers(entry, &compatible))
        return ACROSS;
    if (!network_overlaps(entry, network))
        return APART;
    bool splits = network_covers(entry, network) && network_is_prefix(entry, &bits) &&
                  (network_is_ipv4(entry) || !holds_ipv4(entry));
    return splits ? WIDER : ACROSS;
}

static bool subtract(const struct network *wide, const struct network *network, struct prefixes *parts)
{
    return prefixes_add(parts, wide) && prefixes_subtract(parts, network);
}

/*
 * Makes the text of the line for another network: the rest stays as it is. Returns 1; 0 if XMail, or the pattern, would
 * read it otherwise; or -1 with the error.
 */
static int rewrite(const struct spamtab *tab, const struct spamtab_line *line, const struct network *network,
                   const struct pattern *permanent, struct buffer *text, struct error *error)
{
    struct spamtab_line wanted = *line;
    const size_t rest = spamtab_rest(tab, line);
    wanted.network = *network;
    text->length = 0;
    spamtab_format_network(network, text);
    if (rest < line->length) {
        buffer_add_text(text, "\t");
        buffer_add(text, tab->content->bytes + line->offset + rest, line->length - rest);
    }
    return listedit_reads_back(text, permanent, &wanted, error);
}

/* Makes the lines of all parts, each ended by an LF. Returns as rewrite. */
static int rewrite_all(const struct spamtab *tab, const struct spamtab_line *line, const struct prefixes *parts,
                       const struct pattern *permanent, struct buffer *lines, struct error *error)
{
    struct buffer text = {0};
    int result = 1;
    for (size_t i = 0; i < parts->count && result > 0; i++) {
        result = rewrite(tab, line, &parts->items[i], permanent, &text, error);
        buffer_add(lines, text.bytes, text.length);
        buffer_add_text(lines, "\n");
    }
    buffer_clear(&text);
    return result > 0 && lines->failed ? error_memory(error, "change spammers.tab") : result;
}

/* --- letting in -------------------------------------------------------------------------------------------------- */

static void take_out(struct listedit *edit, size_t line, enum change_kind kind, struct buffer *taken)
{
    const struct spamtab_line *at = &edit->tab->lines[line];
    const char *text = edit->tab->content->bytes + at->offset;
    size_t length = at->length;
    while (length > 0 && text[length - 1] == '\r') /* nothing to XMail, but half a line end to others */
        length--;
    buffer_add(taken, text, length);
    buffer_add_text(taken, "\n");
    listedit_drop(edit, line);
    listedit_note(edit, kind, line, &at->network);
}

static int split(struct listedit *edit, size_t line, const struct network *network, const struct pattern *permanent,
                 struct buffer *taken, struct error *error)
{
    const struct spamtab_line *wide = &edit->tab->lines[line];
    struct prefixes parts = {0};
    struct buffer lines = {0};
    int result = subtract(&wide->network, network, &parts) ? 1 : error_memory(error, "change spammers.tab");
    if (result > 0)
        result = rewrite_all(edit->tab, wide, &parts, permanent, &lines, error);
    if (result > 0) {
        const char *text;
        size_t length;
        take_out(edit, line, CHANGE_SPLIT, taken);
        for (size_t at = 0, i = 0; listedit_next(&lines, &at, &text, &length); i++) {
            listedit_put(edit, line, text, length);
            listedit_note(edit, CHANGE_PART, edit->tab->count, &parts.items[i]);
        }
    } else if (result == 0) {
        listedit_note(edit, CHANGE_NOT_SPLIT, line, &wide->network);
    }
    prefixes_clear(&parts);
    buffer_clear(&lines);
    return result < 0 ? -1 : 1;
}

int allow_edit(const struct network *network, const struct pattern *permanent, struct listedit *edit,
               struct buffer *taken, struct error *error)
{
    int result = 1;
    for (size_t i = 0; i < edit->tab->count && result > 0; i++) {
        const struct spamtab_line *line = &edit->tab->lines[i];
        switch (line->is_entry ? relate(&line->network, network) : APART) {
        case APART:
            break;
        case WITHIN:
            take_out(edit, i, CHANGE_TAKEN_OUT, taken);
            break;
        case WIDER:
            result = split(edit, i, network, permanent, taken, error);
            break;
        case ACROSS:
            listedit_note(edit, CHANGE_NOT_SPLIT, i, &line->network);
            break;
        }
    }
    return result > 0 && taken->failed ? error_memory(error, "change spammers.tab") : result;
}

/* --- the way back ------------------------------------------------------------------------------------------------ */

/* What is the same for all that is put back. */
struct undo {
    const struct network *network;
    const struct pattern *permanent;
    const struct whitelist *white;
    struct listedit *edit;
    size_t *near; /* the lines that have hosts of the network: no others can cover what was taken out for it */
    size_t near_count;
};

static bool find_near(struct undo *undo)
{
    const struct spamtab *tab = undo->edit->tab;
    undo->near = calloc(tab->count + 1, sizeof *undo->near);
    for (size_t i = 0; undo->near && i < tab->count; i++)
        if (tab->lines[i].is_entry && network_overlaps(&tab->lines[i].network, undo->network))
            undo->near[undo->near_count++] = i;
    return undo->near != NULL;
}

/* The line with which XMail treats all of the network as the entry would, and which is as lasting; or the count. */
static size_t find_cover(const struct undo *undo, const struct spamtab_line *entry, const struct network *network)
{
    const struct spamtab *tab = undo->edit->tab;
    for (size_t i = 0; i < undo->near_count; i++) {
        const struct spamtab_line *line = &tab->lines[undo->near[i]];
        bool same = line->code == entry->code || (spamtab_rejects(line) && spamtab_rejects(entry));
        if (same && (line->permanent || !entry->permanent) && network_covers(&line->network, network))
            return undo->near[i];
    }
    return tab->count;
}

/* Finds a line of this very text that isn't dropped yet; or the count. */
static size_t find_text(const struct listedit *edit, const char *text, size_t length)
{
    const struct spamtab *tab = edit->tab;
    for (size_t i = 0; i < tab->count; i++)
        if (!edit->lines[i].dropped && tab->lines[i].length == length &&
            memcmp(tab->content->bytes + tab->lines[i].offset, text, length) == 0)
            return i;
    return tab->count;
}

static bool has_all(const struct listedit *edit, const struct buffer *lines)
{
    const char *text;
    size_t length;
    for (size_t at = 0; listedit_next(lines, &at, &text, &length);)
        if (find_text(edit, text, length) == edit->tab->count)
            return false;
    return lines->length > 0;
}

/* Puts the whole text in the place of the first of its parts, which are all there. */
static void join(struct undo *undo, const struct spamtab_line *entry, const char *whole, size_t whole_length,
                 const struct buffer *lines)
{
    struct listedit *edit = undo->edit;
    const char *text;
    size_t length;
    size_t first = edit->tab->count;
    listedit_note(edit, CHANGE_JOINED, edit->tab->count, &entry->network);
    for (size_t at = 0; listedit_next(lines, &at, &text, &length);) {
        size_t line = find_text(edit, text, length);
        listedit_note(edit, CHANGE_PART_JOINED, line, &edit->tab->lines[line].network);
        listedit_drop(edit, line);
        first = line < first ? line : first;
    }
    listedit_put(edit, first, whole, whole_length);
}

/* Puts the text at the end, unless what it says is said already or is white-listed. */
static void put_back(struct undo *undo, const struct spamtab_line *entry, const struct network *network,
                     const struct buffer *text)
{
    struct listedit *edit = undo->edit;
    size_t cover = find_cover(undo, entry, network);
    if (whitelist_covers(undo->white, network)) {
        listedit_note(edit, CHANGE_STILL_WHITE, edit->tab->count, network);
    } else if (cover < edit->tab->count) {
        listedit_note(edit, CHANGE_COVERED, cover, network);
    } else {
        listedit_put(edit, edit->tab->count, text->bytes, text->length);
        changes_add(&edit->changes,
                    (struct change){.kind = CHANGE_PUT_BACK, .network = *network, .permanent = entry->permanent});
    }
}

/* An entry that was wider than the network. */
static int unsplit(struct undo *undo, const struct spamtab *taken, struct error *error)
{
    const struct spamtab_line *entry = &taken->lines[0];
    struct prefixes parts = {0};
    struct buffer lines = {0};
    int result = subtract(&entry->network, undo->network, &parts) ? 1 : error_memory(error, "change spammers.tab");
    if (result > 0)
        result = rewrite_all(taken, entry, &parts, undo->permanent, &lines, error);
    if (result > 0 && has_all(undo->edit, &lines) && !whitelist_covers(undo->white, undo->network)) {
        join(undo, entry, taken->content->bytes, taken->content->length, &lines);
    } else if (result > 0) {
        lines.length = 0;
        result = rewrite(taken, entry, undo->network, undo->permanent, &lines, error);
        if (result > 0)
            put_back(undo, entry, undo->network, &lines);
    }
    prefixes_clear(&parts);
    buffer_clear(&lines);
    return result < 0 ? -1 : 1;
}

int allow_undo(const struct network *network, const struct pattern *permanent, const struct whitelist *white,
               const struct buffer *taken, struct listedit *edit, struct error *error)
{
    struct undo undo = {.network = network, .permanent = permanent, .white = white, .edit = edit};
    const char *text;
    size_t length;
    int result = find_near(&undo) ? 1 : error_memory(error, "change spammers.tab");
    for (size_t at = 0; result > 0 && listedit_next(taken, &at, &text, &length);) {
        struct buffer line = {0};
        struct spamtab tab = {0};
        buffer_add(&line, text, length);
        result =
            line.failed ? error_memory(error, "change spammers.tab") : spamtab_parse(&line, permanent, &tab, error);
        const bool is_entry = result > 0 && tab.count == 1 && tab.lines[0].is_entry;
        const enum relation relation = is_entry ? relate(&tab.lines[0].network, network) : APART;
        if (relation == WITHIN)
            put_back(&undo, &tab.lines[0], &tab.lines[0].network, &line);
        else if (relation == WIDER)
            result = unsplit(&undo, &tab, error);
        spamtab_clear(&tab);
        buffer_clear(&line);
    }
    free(undo.near);
    return result;
}
