/* SPDX-License-Identifier: MIT */
#include "xmailtab.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

bool xmailtab_next(struct xmailtab_walk *walk, struct xmailtab_line *line)
{
    size_t left = walk->length - walk->offset;
    if (left == 0)
        return false;
    const char *bytes = walk->bytes + walk->offset;
    size_t most = left < walk->line_max ? left : walk->line_max;
    const char *lf = memchr(bytes, '\n', most);
    size_t taken = lf ? (size_t)(lf - bytes) + 1 : most;
    size_t length = lf ? taken - 1 : taken;
    if (lf && length > 0 && bytes[length - 1] == '\r')
        length--;
    walk->number += !walk->inside;
    *line = (struct xmailtab_line){bytes, length, taken - length, walk->number, walk->inside};
    walk->inside = !lf;
    walk->offset += taken;
    return true;
}

bool xmailtab_is_crlf(const char *bytes, size_t length)
{
    const char *lf = length > 0 ? memchr(bytes, '\n', length) : NULL;
    return lf && lf > bytes && lf[-1] == '\r';
}

/* Takes the quotes off a field in place, as XMail does: what follows the closing one is dropped. */
static void unquote(char *field)
{
    if (*field != '"')
        return;
    char *to = field;
    for (const char *from = field + 1; *from != '\0' && *from != '"'; from++) {
        if (from[0] == '\\' && from[1] == '"')
            from++;
        *to++ = *from;
    }
    *to = '\0';
}

void xmailtab_split(const struct xmailtab_line *line, struct xmailtab_fields *fields)
{
    fields->count = 0;
    size_t length = strnlen(line->bytes, line->length);
    memcpy(fields->text, line->bytes, length);
    while (length > 0 && fields->text[length - 1] == '\r')
        length--;
    fields->text[length] = '\0';
    if (fields->text[0] == '#')
        return;
    for (char *at = fields->text; *at != '\0';) {
        size_t size = strcspn(at, "\t");
        bool last = at[size] == '\0';
        at[size] = '\0';
        if (size > 0) {
            unquote(at);
            fields->fields[fields->count++] = at;
        }
        at += size + !last;
    }
}

int xmailtab_number(const char *text)
{
    long number = strtol(text, NULL, 10);
    if (number > INT_MAX)
        return INT_MAX;
    return number < INT_MIN ? INT_MIN : (int)number;
}

static bool parse_address(const char *text, size_t length, struct address *address)
{
    /* A dotted quad too: XMail's look-up is the C library's, to which 010.0.0.1 is 8.0.0.1. */
    if (!memchr(text, ':', length))
        return address_parse_aton(text, length, address);
    return address_parse(text, length, address);
}

size_t xmailtab_network(const struct xmailtab_fields *fields, struct network *network)
{
    struct address address;
    if (fields->count == 0)
        return 0;
    const char *first = fields->fields[0];
    const char *second =
        fields->count > 1 && *fields->fields[1] >= '0' && *fields->fields[1] <= '9' ? fields->fields[1] : NULL;
    const char *slash = strchr(first, '/');
    if (slash) {
        if (!parse_address(first, (size_t)(slash - first), &address))
            return 0;
        int bits = xmailtab_number(slash + 1);
        unsigned prefix = bits < 0 ? 0 : bits > ADDRESS_BITS ? ADDRESS_BITS : (unsigned)bits;
        if (!memchr(first, ':', (size_t)(slash - first)))
            prefix = ADDRESS_IPV4_BITS + (prefix > 32 ? 32 : prefix);
        *network = network_make(address, address_mask(prefix));
        return second ? 2 : 1;
    }
    struct address mask;
    if (!second || !address_parse_aton(first, strlen(first), &address) ||
        !address_parse_aton(second, strlen(second), &mask))
        return 0;
    struct address all_of_ipv4 = address_mask(ADDRESS_IPV4_BITS);
    *network = network_make(address, (struct address){all_of_ipv4.high, all_of_ipv4.low | (uint32_t)mask.low});
    return 2;
}
