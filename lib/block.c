/* SPDX-License-Identifier: MIT */
#include "block.h"

#include "xmailtab.h"

#include <stdio.h>
#include <string.h>

/*
 * Before our entry may stand "# block NETWORK: COMMENT" and, if it was there but not permanent, "# block NETWORK, was:
 * LINE". By the network in them one knows that they are ours.
 */
enum {
    LINE_MAX_BYTES = XMAILTAB_SPAMMERS_LINE - 2, /* room for CRLF, so that XMail sees the whole line as one */
    LEAD_SIZE = NETWORK_TEXT_SIZE + 32,
};

static void add_entry(const struct network *network, struct buffer *text)
{
    spamtab_format_network(network, text);
    buffer_add_text(text, "\t\"code=1,permanent=1\"");
}

/* What such a comment begins with. Returns its length. */
static size_t make_lead(bool was, const struct network *network, char lead[LEAD_SIZE])
{
    char text[NETWORK_TEXT_SIZE];
    (void)snprintf(lead, LEAD_SIZE, "# block %s%s: ", network_format(network, text), was ? ", was" : "");
    return strlen(lead);
}

int block_check(const struct network *network, const char *comment, const struct pattern *permanent,
                struct error *error)
{
    struct spamtab_line wanted = {.is_entry = true, .permanent = true, .code = 1, .network = *network};
    struct buffer text = {0};
    char shown[NETWORK_TEXT_SIZE];
    char lead[LEAD_SIZE];
    const size_t room = LINE_MAX_BYTES - make_lead(false, network, lead);
    add_entry(network, &text);
    int result = listedit_reads_back(&text, permanent, &wanted, error);
    if (result == 0)
        result = error_set(error,
                           "unable to block %s: permanent_pattern, which is %s, doesn't match the line that would be "
                           "written, %.*s (a rebuild could take it out; let the pattern match permanent=1 too)",
                           network_format(network, shown), pattern_text(permanent), (int)text.length, text.bytes);
    else if (result > 0 && comment && strlen(comment) > room)
        result = error_set(error, "unable to block %s: the comment is too long: XMail takes at most %zu bytes of it",
                           network_format(network, shown), room);
    buffer_clear(&text);
    return result;
}

/* --- refusing ---------------------------------------------------------------------------------------------------- */

/* The first entry that has a host of the network and doesn't refuse it at connect; or the count. */
static size_t find_lenient(const struct spamtab *tab, const struct network *network)
{
    size_t i = 0;
    while (i < tab->count && !(tab->lines[i].is_entry && !spamtab_rejects(&tab->lines[i]) &&
                               network_overlaps(&tab->lines[i].network, network)))
        i++;
    return i;
}

/* The first permanent entry that refuses the whole network, or the first entry that refuses just it; or the count. */
static size_t find_entry(const struct spamtab *tab, const struct network *network, bool permanent)
{
    size_t i = 0;
    for (; i < tab->count; i++) {
        const struct spamtab_line *line = &tab->lines[i];
        if (spamtab_rejects(line) && network_covers(&line->network, network) &&
            (permanent ? line->permanent : network_covers(network, &line->network) && listedit_is_whole(tab, i)))
            break;
    }
    return i;
}

/* Puts the line, which begins so, before that line of the table. Nothing if XMail would read it as several. */
static bool put_lead(struct listedit *edit, size_t before, bool was, const struct network *network, const char *text,
                     size_t length)
{
    char lead[LEAD_SIZE];
    struct buffer line = {0};
    buffer_add(&line, lead, make_lead(was, network, lead));
    buffer_add(&line, text, length);
    bool fits = line.length <= LINE_MAX_BYTES;
    if (fits)
        listedit_put(edit, before, line.bytes, line.length);
    edit->lines[before].before.failed |= line.failed;
    buffer_clear(&line);
    return fits;
}

static void put_entry(struct listedit *edit, size_t before, const struct network *network, const char *comment)
{
    struct buffer text = {0};
    if (comment)
        (void)put_lead(edit, before, false, network, comment, strlen(comment));
    add_entry(network, &text);
    listedit_put(edit, before, text.bytes, text.length);
    edit->lines[before].before.failed |= text.failed;
    buffer_clear(&text);
}

/* Makes the entry permanent, and notes what it was. False if that can't be noted. */
static bool make_permanent(struct listedit *edit, size_t line, const struct network *network, const char *comment)
{
    const struct spamtab_line *present = &edit->tab->lines[line];
    const char *text = edit->tab->content->bytes + present->offset;
    if (!put_lead(edit, line, true, network, text, present->length))
        return false;
    put_entry(edit, line, network, comment);
    listedit_drop(edit, line);
    listedit_note(edit, CHANGE_MADE_PERMANENT, line, network);
    return true;
}

int block_edit(const struct network *network, const char *comment, struct listedit *edit, struct error *error)
{
    const struct spamtab *tab = edit->tab;
    size_t lenient = find_lenient(tab, network);
    size_t permanent = find_entry(tab, network, true);
    size_t same = find_entry(tab, network, false);
    (void)error;
    if (permanent < lenient) {
        listedit_note(edit, CHANGE_BLOCKED_ALREADY, permanent, &tab->lines[permanent].network);
        return 1;
    }
    if (same < lenient && make_permanent(edit, same, network, comment))
        return 1;
    /* Not amid a line that XMail takes for several. */
    while (lenient < tab->count && lenient > 0 && tab->lines[lenient - 1].number == tab->lines[lenient].number)
        lenient--;
    put_entry(edit, lenient, network, comment);
    listedit_note(edit, CHANGE_BLOCKED, tab->count, network);
    return 1;
}

/* --- the way back ------------------------------------------------------------------------------------------------ */

static bool begins_with(const struct spamtab *tab, size_t line, const char *lead, size_t length)
{
    return listedit_is_whole(tab, line) && tab->lines[line].length >= length &&
           memcmp(tab->content->bytes + tab->lines[line].offset, lead, length) == 0;
}

/* Drops our entry and the comments of ours before it. */
static void drop_entry(struct listedit *edit, size_t line, const struct network *network)
{
    char comment[LEAD_SIZE];
    char was[LEAD_SIZE];
    const size_t comment_length = make_lead(false, network, comment);
    const size_t was_length = make_lead(true, network, was);
    enum change_kind kind = CHANGE_UNBLOCKED;
    listedit_drop(edit, line);
    for (size_t i = line; i > 0; i--) {
        const struct spamtab_line *before = &edit->tab->lines[i - 1];
        if (begins_with(edit->tab, i - 1, was, was_length)) {
            listedit_put(edit, line, edit->tab->content->bytes + before->offset + was_length,
                         before->length - was_length);
            kind = CHANGE_MADE_TEMPORARY;
        } else if (!begins_with(edit->tab, i - 1, comment, comment_length)) {
            break;
        }
        listedit_drop(edit, i - 1);
    }
    listedit_note(edit, kind, line, network);
}

int block_undo(const struct network *network, struct listedit *edit, struct error *error)
{
    const struct spamtab *tab = edit->tab;
    struct buffer text = {0};
    add_entry(network, &text);
    if (text.failed) {
        buffer_clear(&text);
        return error_memory(error, "change spammers.tab");
    }
    size_t ours = 0; /* if there are several, it is the first: another one would have been refusing it already */
    while (ours < tab->count &&
           !(begins_with(tab, ours, text.bytes, text.length) && tab->lines[ours].length == text.length))
        ours++;
    if (ours < tab->count)
        drop_entry(edit, ours, network);
    for (size_t i = 0; i < tab->count; i++)
        if (!edit->lines[i].dropped && spamtab_rejects(&tab->lines[i]) &&
            network_overlaps(&tab->lines[i].network, network)) {
            listedit_note(edit, CHANGE_STILL_LISTED, i, &tab->lines[i].network);
            break;
        }
    buffer_clear(&text);
    return 1;
}
