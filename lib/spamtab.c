/* SPDX-License-Identifier: MIT */
#include "spamtab.h"

#include "xmailtab.h"

#include <stdlib.h>
#include <string.h>

/* XMail looks for code in a list of name=value; the first one counts, and none is 1. */
static int parse_code(const char *parameters)
{
    for (const char *at = parameters; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, "code=", 5) == 0)
            return xmailtab_number(at + 5);
    }
    return 1;
}

static bool append_line(struct spamtab *tab, const struct spamtab_line *line)
{
    if ((tab->count & (tab->count - 1)) == 0) { /* full at each power of two */
        size_t capacity = tab->count ? tab->count * 2 : 1;
        struct spamtab_line *lines = realloc(tab->lines, capacity * sizeof *lines);
        if (!lines)
            return false;
        tab->lines = lines;
    }
    tab->lines[tab->count++] = *line;
    return true;
}

static void parse_entry(struct spamtab *tab, const struct xmailtab_line *text, const struct pattern *permanent,
                        struct matcher *matcher, struct spamtab_line *line)
{
    struct xmailtab_fields fields;
    xmailtab_split(text, &fields);
    size_t used = xmailtab_network(&fields, &line->network);
    line->is_entry = used > 0;
    if (!line->is_entry)
        return;
    line->code = used < fields.count ? parse_code(fields.fields[used]) : 1;
    if (!permanent)
        return;
    size_t length = text->length; /* XMail cuts long lines anywhere, between the CR and the LF too */
    while (length > 0 && text->bytes[length - 1] == '\r')
        length--;
    enum pattern_result result = pattern_match(permanent, matcher, text->bytes, length);
    line->permanent = result != PATTERN_NO_MATCH; /* in doubt nothing is lost */
    tab->limits += result == PATTERN_LIMIT;
}

static bool first_line_is_crlf(const struct buffer *content)
{
    const char *lf = content->length > 0 ? memchr(content->bytes, '\n', content->length) : NULL;
    return lf && lf > content->bytes && lf[-1] == '\r';
}

int spamtab_parse(const struct buffer *content, const struct pattern *permanent, struct spamtab *tab,
                  struct error *error)
{
    *tab = (struct spamtab){.content = content, .crlf = first_line_is_crlf(content)};
    struct matcher *matcher = matcher_new();
    if (!matcher)
        goto no_memory;
    struct xmailtab_walk walk = {
        .bytes = content->bytes, .length = content->length, .line_max = XMAILTAB_SPAMMERS_LINE};
    for (struct xmailtab_line text; xmailtab_next(&walk, &text);) {
        struct spamtab_line line = {.offset = (size_t)(text.bytes - content->bytes),
                                    .length = text.length,
                                    .end = text.end,
                                    .number = text.number};
        parse_entry(tab, &text, permanent, matcher, &line);
        if (!append_line(tab, &line))
            goto no_memory;
    }
    matcher_free(matcher);
    return 1;
no_memory:
    matcher_free(matcher);
    spamtab_clear(tab);
    return error_memory(error, "read spammers.tab");
}

void spamtab_clear(struct spamtab *tab)
{
    free(tab->lines);
    *tab = (struct spamtab){0};
}

bool spamtab_rejects(const struct spamtab_line *line)
{
    return line->is_entry && line->code > 0;
}

void spamtab_format_entry(const struct network *network, struct buffer *buffer)
{
    char address[ADDRESS_TEXT_SIZE];
    address_format(network->address, address);
    if (network_is_ipv4(network)) {
        char netmask[ADDRESS_TEXT_SIZE];
        buffer_add_format(buffer, "\"%s\"\t\"%s\"\t\"code=1\"", address, network_format_netmask(network, netmask));
    } else {
        unsigned bits;
        (void)network_is_prefix(network, &bits);
        buffer_add_format(buffer, "\"%s/%u\"\t\"code=1\"", address, bits);
    }
}

static bool ends_in_lf(const struct buffer *buffer)
{
    return buffer->length == 0 || buffer->bytes[buffer->length - 1] == '\n';
}

void spamtab_render(const struct spamtab *tab, const bool *keep, const struct network *const *networks, size_t count,
                    struct buffer *buffer)
{
    const char *line_end = tab->crlf ? "\r\n" : "\n";
    for (size_t i = 0; i < tab->count; i++) {
        const struct spamtab_line *line = &tab->lines[i];
        const char *text = tab->content->bytes + line->offset;
        if (keep[i])
            buffer_add(buffer, text, line->length + line->end);
        else if (!ends_in_lf(buffer)) /* it was the tail of a long line whose beginning stays: leave that its end */
            buffer_add(buffer, text + line->length, line->end);
    }
    if (count > 0 && !ends_in_lf(buffer))
        buffer_add_text(buffer, line_end);
    for (size_t i = 0; i < count; i++) {
        spamtab_format_entry(networks[i], buffer);
        buffer_add_text(buffer, line_end);
    }
}
