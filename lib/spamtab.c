/* SPDX-License-Identifier: MIT */
#include "spamtab.h"

#include "array.h"
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
    struct spamtab_line *lines = array_grow(tab->lines, tab->count, sizeof *lines);
    if (!lines)
        return false;
    tab->lines = lines;
    tab->lines[tab->count++] = *line;
    return true;
}

/* A line of the file, of which XMail may see several. */
struct whole_line {
    const char *begin;
    bool tried; /* the pattern was tried on it; permanent tells with what result */
    bool permanent;
};

/*
 * Tries the pattern on the whole line, without its line end: whoever writes permanent=1 behind a long comment in it
 * means the entry, although XMail reads such a line as several.
 */
static void try_whole_line(struct spamtab *tab, const struct pattern *permanent, struct matcher *matcher,
                           struct whole_line *whole)
{
    size_t left = tab->content->length - (size_t)(whole->begin - tab->content->bytes);
    const char *lf = memchr(whole->begin, '\n', left);
    size_t length = lf ? (size_t)(lf - whole->begin) : left;
    while (length > 0 && whole->begin[length - 1] == '\r')
        length--;
    enum pattern_result result = pattern_match(permanent, matcher, whole->begin, length);
    whole->permanent = result != PATTERN_NO_MATCH; /* in doubt nothing is lost */
    whole->tried = true;
    tab->limits += result == PATTERN_LIMIT;
}

/* What is behind the address in our own line of an IPv4 host: the netmask, and the code, which all of ours have. */
#define HOST_NETMASK "\"\t\"255.255.255.255\""
#define OUR_CODE     "\t\"code=1\""
static const char host_netmask[] = HOST_NETMASK;
static const char our_code[] = OUR_CODE;
static const char host_tail[] = HOST_NETMASK OUR_CODE;

/* Reads the line of an IPv4 host that has this very form, as nearly all have, without splitting it into fields. */
static bool parse_own_host(const struct xmailtab_line *text, struct spamtab_line *line)
{
    const size_t around = 1 + sizeof host_tail - 1;
    struct address address;
    if (text->length <= around || text->bytes[0] != '"')
        return false;
    const size_t length = text->length - around;
    if (memcmp(text->bytes + 1 + length, host_tail, sizeof host_tail - 1) != 0 ||
        !address_parse_aton(text->bytes + 1, length, &address))
        return false;
    line->is_entry = true;
    line->code = 1;
    line->network = network_host(address);
    return true;
}

/* Fills in what the line is if it is an entry, but for its permanence. */
static void parse_entry(const struct xmailtab_line *text, struct spamtab_line *line)
{
    if (parse_own_host(text, line))
        return;
    struct xmailtab_fields fields;
    xmailtab_split(text, &fields);
    size_t used = xmailtab_network(&fields, &line->network);
    line->is_entry = used > 0;
    if (line->is_entry)
        line->code = used < fields.count ? parse_code(fields.fields[used]) : 1;
}

int spamtab_parse(const struct buffer *content, const struct pattern *permanent, struct spamtab *tab,
                  struct error *error)
{
    *tab = (struct spamtab){.content = content, .crlf = xmailtab_is_crlf(content->bytes, content->length)};
    struct matcher *matcher = matcher_new();
    if (!matcher)
        goto no_memory;
    struct whole_line whole = {.begin = content->bytes};
    struct xmailtab_walk walk = {
        .bytes = content->bytes, .length = content->length, .line_max = XMAILTAB_SPAMMERS_LINE};
    for (struct xmailtab_line text; xmailtab_next(&walk, &text);) {
        struct spamtab_line line = {.offset = (size_t)(text.bytes - content->bytes),
                                    .length = (uint16_t)text.length,
                                    .end = (uint8_t)text.end,
                                    .number = text.number};
        if (!text.continued)
            whole = (struct whole_line){.begin = text.bytes};
        parse_entry(&text, &line);
        if (line.is_entry && permanent && !whole.tried)
            try_whole_line(tab, permanent, matcher, &whole);
        line.permanent = line.is_entry && whole.permanent;
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

void spamtab_format_network(const struct network *network, struct buffer *buffer)
{
    char address[ADDRESS_TEXT_SIZE];
    unsigned bits;
    (void)network_is_prefix(network, &bits);
    address_format(network->address, address);
    buffer_add_text(buffer, "\"");
    buffer_add_text(buffer, address);
    if (!network_is_ipv4(network)) {
        buffer_add_format(buffer, "/%u\"", bits);
    } else if (bits == ADDRESS_BITS) {
        buffer_add_text(buffer, host_netmask);
    } else {
        char netmask[ADDRESS_TEXT_SIZE];
        buffer_add_format(buffer, "\"\t\"%s\"", network_format_netmask(network, netmask));
    }
}

void spamtab_format_entry(const struct network *network, struct buffer *buffer)
{
    spamtab_format_network(network, buffer);
    buffer_add_text(buffer, our_code);
}

size_t spamtab_rest(const struct spamtab *tab, const struct spamtab_line *line)
{
    const struct xmailtab_line text = {.bytes = tab->content->bytes + line->offset, .length = line->length};
    struct xmailtab_fields fields;
    struct network network;
    xmailtab_split(&text, &fields);
    size_t used = xmailtab_network(&fields, &network);
    return used < fields.count ? (size_t)(fields.fields[used] - fields.text) : line->length;
}

static bool ends_in_lf(const struct buffer *buffer)
{
    return buffer->length == 0 || buffer->bytes[buffer->length - 1] == '\n';
}

void spamtab_keep_line(const struct spamtab *tab, const struct spamtab_line *line, struct buffer *buffer)
{
    buffer_add(buffer, tab->content->bytes + line->offset, line->length + line->end);
}

void spamtab_drop_line(const struct spamtab *tab, const struct spamtab_line *line, struct buffer *buffer)
{
    if (!ends_in_lf(buffer)) /* it was the tail of a long line whose beginning stays: leave that its end */
        buffer_add(buffer, tab->content->bytes + line->offset + line->length, line->end);
}

void spamtab_put_line(const struct spamtab *tab, const char *text, size_t length, struct buffer *buffer)
{
    const char *line_end = tab->crlf ? "\r\n" : "\n";
    if (!ends_in_lf(buffer))
        buffer_add_text(buffer, line_end);
    buffer_add(buffer, text, length);
    buffer_add_text(buffer, line_end);
}

void spamtab_render(const struct spamtab *tab, const bool *keep, const struct network *const *networks, size_t count,
                    struct buffer *buffer)
{
    for (size_t i = 0; i < tab->count; i++) {
        if (keep[i])
            spamtab_keep_line(tab, &tab->lines[i], buffer);
        else
            spamtab_drop_line(tab, &tab->lines[i], buffer);
    }
    struct buffer entry = {0};
    for (size_t i = 0; i < count; i++) {
        entry.length = 0;
        spamtab_format_entry(networks[i], &entry);
        spamtab_put_line(tab, entry.bytes, entry.length, buffer);
    }
    buffer->failed |= entry.failed;
    buffer_clear(&entry);
}
