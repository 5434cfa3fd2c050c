/* SPDX-License-Identifier: MIT */
#include "whitelistfile.h"

#include "listedit.h"
#include "whitelist.h"
#include "xmailtab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a note begins with. By the network in it one knows whose it is, even if its line has gone. */
struct lead {
    char text[NETWORK_TEXT_SIZE + 48];
    size_t length;
};

static struct lead make_lead(const struct network *network)
{
    struct lead lead;
    char text[NETWORK_TEXT_SIZE];
    (void)snprintf(lead.text, sizeof lead.text,
                   "# taken out of spammers.tab by allow %s: ", network_format(network, text));
    lead.length = strlen(lead.text);
    return lead;
}

/* An IPv6 network of the whitelist takes in IPv6 hosts only. */
static bool same_family(const struct network *a, const struct network *b)
{
    return network_is_ipv4(a) == network_is_ipv4(b);
}

static bool is_for(const struct buffer *content, const struct whitelist_line *line, const struct network *network)
{
    struct network found;
    struct error error;
    return whitelist_parse_line(content, line, &found, &error) > 0 && network_covers(&found, network) &&
           network_covers(network, &found);
}

void whitelistfile_find(const struct buffer *content, const struct network *network, struct whitelistfile_found *found)
{
    *found = (struct whitelistfile_found){0};
    for (struct whitelist_line line = {0}; whitelist_next(content, &line);) {
        struct whitelistfile_line at = {.number = line.number};
        struct error error;
        if (whitelist_parse_line(content, &line, &at.network, &error) <= 0 || !same_family(&at.network, network))
            continue;
        const bool covers = network_covers(&at.network, network);
        if (found->same.number == 0 && covers && network_covers(network, &at.network))
            found->same = at;
        if (found->covering.number == 0 && covers)
            found->covering = at;
        if (found->touching.number == 0 && network_overlaps(&at.network, network))
            found->touching = at;
    }
}

/* --- notes ------------------------------------------------------------------------------------------------------- */

/* The text of a note, without the CR of a file that has CRLF. False if the line is none. */
static bool read_note(const struct buffer *content, const struct whitelist_line *line, const struct lead *lead,
                      bool crlf, const char **text, size_t *length)
{
    const char *bytes = content->bytes + line->offset;
    if (line->length < lead->length || memcmp(bytes, lead->text, lead->length) != 0)
        return false;
    *text = bytes + lead->length;
    *length = line->length - lead->length;
    if (crlf && *length > 0 && (*text)[*length - 1] == '\r')
        (*length)--;
    return true;
}

static unsigned long count_lines(const struct buffer *content)
{
    unsigned long count = 0;
    for (size_t i = 0; i < content->length; i++)
        count += content->bytes[i] == '\n';
    return count;
}

/* One of the notes that are known, which come first, or new. */
struct note {
    const char *text;
    size_t length;
    size_t place;  /* among all of them */
    bool repeated; /* one before it says the same */
};

static int compare_texts(const struct note *a, const struct note *b)
{
    const int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_by_text(const void *left, const void *right)
{
    const struct note *a = left;
    const struct note *b = right;
    const int order = compare_texts(a, b);
    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

static int compare_by_place(const void *left, const void *right)
{
    const struct note *a = left;
    const struct note *b = right;
    return (a->place > b->place) - (a->place < b->place);
}

/* Adds the lines, each ended by an LF, to so many notes; returns how many there are then. */
static size_t collect_notes(const struct buffer *lines, struct note *notes, size_t count)
{
    const char *text;
    size_t length;
    for (size_t at = 0; listedit_next(lines, &at, &text, &length); count++)
        notes[count] = (struct note){.text = text, .length = length, .place = count};
    return count;
}

/* Adds those of the notes that aren't known, each once. There may be as many as the list has lines. */
static void add_notes(const struct buffer *added, const struct buffer *known, const struct lead *lead,
                      const char *line_end, struct buffer *result)
{
    struct note *notes = calloc(count_lines(known) + count_lines(added) + 1, sizeof *notes);
    if (!notes) {
        result->failed = true;
        return;
    }
    const size_t known_count = collect_notes(known, notes, 0);
    const size_t count = collect_notes(added, notes, known_count);
    qsort(notes, count, sizeof *notes, compare_by_text);
    for (size_t i = 1; i < count; i++)
        notes[i].repeated = compare_texts(&notes[i - 1], &notes[i]) == 0;
    qsort(notes, count, sizeof *notes, compare_by_place);
    for (size_t i = known_count; i < count; i++) {
        if (notes[i].repeated)
            continue;
        buffer_add(result, lead->text, lead->length);
        buffer_add(result, notes[i].text, notes[i].length);
        buffer_add_text(result, line_end);
    }
    free(notes);
}

/* --- the lines --------------------------------------------------------------------------------------------------- */

static void add_line(const struct network *network, const char *comment, struct buffer *result)
{
    char text[NETWORK_TEXT_SIZE];
    buffer_add_text(result, network_format(network, text));
    if (comment) {
        buffer_add_text(result, " ");
        buffer_add_text(result, comment);
    }
}

/* The place of the first line of the network, or the end of the content. The notes before it are added to known. */
static size_t find_place(const struct buffer *content, const struct network *network, struct buffer *known)
{
    const bool crlf = xmailtab_is_crlf(content->bytes, content->length);
    const struct lead lead = make_lead(network);
    for (struct whitelist_line line = {0}; whitelist_next(content, &line);) {
        const char *text;
        size_t length;
        if (is_for(content, &line, network))
            return line.offset;
        if (read_note(content, &line, &lead, crlf, &text, &length)) {
            buffer_add(known, text, length);
            buffer_add_text(known, "\n");
        } else {
            known->length = 0;
        }
    }
    return content->length;
}

unsigned long whitelistfile_add(const struct buffer *content, const struct network *network, const char *comment,
                                const struct buffer *notes, struct buffer *result)
{
    const char *line_end = xmailtab_is_crlf(content->bytes, content->length) ? "\r\n" : "\n";
    const struct lead lead = make_lead(network);
    struct buffer known = {0};
    const size_t place = find_place(content, network, &known);
    buffer_add(result, content->bytes, place);
    if (place == content->length && place > 0 && content->bytes[place - 1] != '\n')
        buffer_add_text(result, line_end);
    add_notes(notes, &known, &lead, line_end, result);
    const unsigned long number = result->failed ? 0 : count_lines(result) + 1;
    if (place == content->length) {
        add_line(network, comment, result);
        buffer_add_text(result, line_end);
    } else {
        buffer_add(result, content->bytes + place, content->length - place);
    }
    result->failed |= known.failed;
    buffer_clear(&known);
    return number;
}

void whitelistfile_remove(const struct buffer *content, const struct network *network, struct buffer *result,
                          struct buffer *notes)
{
    const bool crlf = xmailtab_is_crlf(content->bytes, content->length);
    const struct lead lead = make_lead(network);
    struct buffer pending = {0};
    size_t copied = 0;   /* up to where the content is in the result */
    size_t noted_at = 0; /* where the notes begin that stand right before the line */
    for (struct whitelist_line line = {0}; whitelist_next(content, &line);) {
        const char *text;
        size_t length;
        if (pending.length == 0)
            noted_at = line.offset;
        if (read_note(content, &line, &lead, crlf, &text, &length)) {
            buffer_add(&pending, text, length);
            buffer_add_text(&pending, "\n");
            continue;
        }
        if (is_for(content, &line, network)) {
            buffer_add(result, content->bytes + copied, noted_at - copied);
            buffer_add(notes, pending.bytes, pending.length);
            copied = line.offset + line.length + line.end;
        }
        pending.length = 0;
    }
    buffer_add(result, content->bytes + copied, content->length - copied);
    notes->failed |= pending.failed;
    buffer_clear(&pending);
}

int whitelistfile_check(const struct network *network, const char *comment, struct error *error)
{
    struct whitelist whitelist = {0};
    struct buffer line = {0};
    add_line(network, comment, &line);
    int result = line.failed ? error_memory(error, "write the whitelist")
                             : whitelist_add(&whitelist, line.bytes, line.length, error);
    whitelist_clear(&whitelist);
    buffer_clear(&line);
    return result;
}
