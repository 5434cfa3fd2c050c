/* SPDX-License-Identifier: MIT */
#include "whitelistfile.h"

#include "whitelist.h"
#include "xmailtab.h"

#include <stdio.h>
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

/* True if this note is among the lines, each ended by an LF. */
static bool has_note(const struct buffer *notes, const char *text, size_t length)
{
    size_t size;
    for (size_t at = 0; at < notes->length; at += size + 1) {
        const char *lf = memchr(notes->bytes + at, '\n', notes->length - at);
        size = (size_t)(lf - (notes->bytes + at));
        if (size == length && memcmp(notes->bytes + at, text, length) == 0)
            return true;
    }
    return false;
}

/* Adds those of the notes that aren't known, each once. */
static void add_notes(const struct buffer *notes, const struct buffer *known, const struct lead *lead,
                      const char *line_end, struct buffer *result)
{
    size_t size;
    for (size_t at = 0; at < notes->length; at += size + 1) {
        const char *text = notes->bytes + at;
        const char *lf = memchr(text, '\n', notes->length - at);
        const struct buffer before = {.bytes = notes->bytes, .length = at};
        size = (size_t)(lf - text);
        if (has_note(known, text, size) || has_note(&before, text, size))
            continue;
        buffer_add(result, lead->text, lead->length);
        buffer_add(result, text, size);
        buffer_add_text(result, line_end);
    }
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

static unsigned long count_lines(const struct buffer *content)
{
    unsigned long count = 0;
    for (size_t i = 0; i < content->length; i++)
        count += content->bytes[i] == '\n';
    return count;
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
