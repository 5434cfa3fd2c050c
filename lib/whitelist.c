/* SPDX-License-Identifier: MIT */
#include "whitelist.h"

#include "array.h"
#include "buffer.h"
#include "place.h"
#include "readfile.h"
#include "xmailtab.h"

#include <stdlib.h>
#include <string.h>

enum { OWN_IPV6, OWN_IPV4, OWN_COUNT };

enum { IPV4_BITS = ADDRESS_BITS - ADDRESS_IPV4_BITS };

enum { SHOWN_SIZE = 81 }; /* of a faulty entry, no more than this is quoted */

/* A part of a text that isn't NUL-ended. */
struct span {
    const char *bytes;
    size_t length;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(const char *text, size_t length)
{
    while (length > 0 && is_blank(*text)) {
        text++;
        length--;
    }
    while (length > 0 && is_blank(text[length - 1]))
        length--;
    return (struct span){text, length};
}

/* The entry for a message: a terminal must not get control characters from a file that turns out to be no text. */
static const char *show(struct span entry, char shown[SHOWN_SIZE])
{
    size_t length = entry.length < SHOWN_SIZE - 1 ? entry.length : SHOWN_SIZE - 1;
    memcpy(shown, entry.bytes, length);
    shown[length] = '\0';
    messages_make_harmless(shown, length);
    return shown;
}

static int refuse(struct error *error, bool quoted, struct span entry, const char *reason)
{
    char shown[SHOWN_SIZE];
    if (!quoted)
        return error_set(error, "unable to white-list what stands here: %s", reason);
    return error_set(error, "unable to white-list \"%s\": %s", show(entry, shown), reason);
}

/* A decimal number of at most three digits. A leading zero would look octal: none is taken. */
static bool parse_bits(struct span text, unsigned *bits)
{
    unsigned value = 0;
    if (text.length == 0 || text.length > 3 || (text.bytes[0] == '0' && text.length > 1))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text.bytes[i] - '0');
    }
    *bits = value;
    return true;
}

/* The length of the prefix that a netmask is, of the family that the address is written in. */
static bool parse_netmask(struct span text, bool quad, unsigned *bits)
{
    struct address mask;
    bool mask_quad = !memchr(text.bytes, ':', text.length);
    if (mask_quad != quad || memchr(text.bytes, '%', text.length) || !address_parse(text.bytes, text.length, &mask))
        return false;
    if (quad)
        mask = (struct address){UINT64_MAX, mask.low | UINT64_C(0xffffffff) << 32};
    const struct network network = {{0, 0}, mask};
    if (!network_is_prefix(&network, bits))
        return false;
    *bits -= quad ? ADDRESS_IPV4_BITS : 0;
    return true;
}

/*
 * Reads what stands behind the "/" into the prefix length of the network in the space of 128 bits. Returns NULL, or
 * what is wrong.
 */
static const char *parse_length(struct span text, struct address address, bool quad, unsigned *bits)
{
    const unsigned most = quad ? IPV4_BITS : ADDRESS_BITS;
    if (!parse_bits(text, bits) && !parse_netmask(text, quad, bits))
        return quad ? "behind the \"/\" must stand a number of bits from 0 to 32 or a contiguous netmask such as "
                      "255.255.255.0"
                    : "behind the \"/\" must stand a number of bits from 0 to 128 or a contiguous netmask such as "
                      "ffff:ffff::";
    if (*bits > most)
        return quad ? "the number of bits must be from 0 to 32" : "the number of bits must be from 0 to 128";
    if (!quad && address_is_ipv4(address) && *bits < ADDRESS_IPV4_BITS)
        return "this IPv4 address needs 96 to 128 bits in this form; write a.b.c.d/BITS with 0 to 32 bits";
    *bits += quad ? ADDRESS_IPV4_BITS : 0;
    return NULL;
}

const char *whitelist_parse(const char *text, size_t length, struct network *network)
{
    const char *slash = memchr(text, '/', length);
    struct span head = {text, slash ? (size_t)(slash - text) : length};
    struct address address;
    unsigned bits = ADDRESS_BITS;
    if (!address_parse(head.bytes, head.length, &address))
        return "it must be an IPv4 or IPv6 address, ADDRESS/BITS or ADDRESS/NETMASK";
    if (slash) {
        struct span tail = {slash + 1, length - head.length - 1};
        bool quad = !memchr(head.bytes, ':', head.length);
        const char *wrong = parse_length(tail, address, quad, &bits);
        if (wrong)
            return wrong;
    }
    *network = network_make(address, address_mask(bits));
    return NULL;
}

/* "10.0.0.0 /8" would white-list a single host, "/8" being its comment: surely not what was meant. */
static bool looks_like_length(struct span comment)
{
    if (comment.length == 0 || comment.bytes[0] != '/')
        return false;
    struct span text = trim(comment.bytes + 1, comment.length - 1);
    return text.length > 0 && text.bytes[0] >= '0' && text.bytes[0] <= '9';
}

/* Reads an entry with or without a comment. The error quotes it or not. */
static int parse_entry(const char *text, size_t length, bool quoted, struct network *network, struct error *error)
{
    struct span all = trim(text, length);
    struct span entry = {all.bytes, 0};
    while (entry.length < all.length && !is_blank(all.bytes[entry.length]))
        entry.length++;
    if (looks_like_length(trim(all.bytes + entry.length, all.length - entry.length)))
        return refuse(error, quoted, all, "no blank may stand before the \"/\"");
    const char *wrong = whitelist_parse(entry.bytes, entry.length, network);
    return wrong ? refuse(error, quoted, entry, wrong) : 1;
}

int whitelist_add_network(struct whitelist *whitelist, const struct network *network, struct error *error)
{
    struct netset *own = &whitelist->own[network_is_ipv4(network) ? OWN_IPV4 : OWN_IPV6];
    return netset_add(own, network, 0) ? 1 : error_memory(error, "set up the whitelist");
}

int whitelist_add(struct whitelist *whitelist, const char *text, size_t length, struct error *error)
{
    struct network network;
    return parse_entry(text, length, true, &network, error) > 0 ? whitelist_add_network(whitelist, &network, error)
                                                                : -1;
}

bool whitelist_next(const struct buffer *content, struct whitelist_line *line)
{
    static const char order_mark[] = "\xef\xbb\xbf"; /* of Windows editors */
    const size_t mark = sizeof order_mark - 1;
    size_t at = line->offset + line->length + line->end;
    if (line->number == 0 && content->length >= mark && memcmp(content->bytes, order_mark, mark) == 0)
        at = mark;
    if (at >= content->length)
        return false;
    const char *lf = memchr(content->bytes + at, '\n', content->length - at);
    line->offset = at;
    line->length = lf ? (size_t)(lf - content->bytes) - at : content->length - at;
    line->end = lf ? 1 : 0;
    line->number++;
    return true;
}

static int parse_line(const struct buffer *content, const struct whitelist_line *line, bool quoted,
                      struct network *network, struct error *error)
{
    const char *text = content->bytes + line->offset;
    const char *comment = memchr(text, '#', line->length);
    struct span entry = trim(text, comment ? (size_t)(comment - text) : line->length);
    return entry.length > 0 ? parse_entry(entry.bytes, entry.length, quoted, network, error) : 0;
}

int whitelist_parse_line(const struct buffer *content, const struct whitelist_line *line, struct network *network,
                         struct error *error)
{
    return parse_line(content, line, true, network, error);
}

void whitelist_read(struct whitelist *whitelist, const char *path, uid_t author, struct messages *problems)
{
    struct buffer content = {0};
    struct whitelist_line line = {0};
    struct stat status = {0};
    struct error error;
    if (readfile_and_status(path, &content, &status, &error) < 0)
        messages_add(problems, "%s", error.text);
    else
        while (whitelist_next(&content, &line)) {
            struct network network;
            int result = parse_line(&content, &line, place_may_tell(author, &status), &network, &error);
            if (result > 0)
                result = whitelist_add_network(whitelist, &network, &error);
            if (result < 0)
                messages_add(problems, "%s:%lu: %s", path, line.number, error.text);
        }
    buffer_clear(&content);
}

/* WhiteList, bare or with a number that isn't zero, in this very spelling (XMail 1.27). */
static bool is_trust(const char *property)
{
    const char name[] = "WhiteList";
    const size_t length = sizeof name - 1;
    if (strncmp(property, name, length) != 0)
        return false;
    if (property[length] == '=')
        return strtol(property + length + 1, NULL, 10) != 0;
    return property[length] == '\0';
}

static bool add_rule(struct whitelist *whitelist, const struct network *network, bool trusted, unsigned long line)
{
    struct whitelist_rule *rules = array_grow(whitelist->rules, whitelist->rule_count, sizeof *rules);
    if (!rules)
        return false;
    whitelist->rules = rules;
    rules[whitelist->rule_count] = (struct whitelist_rule){*network, trusted, line};
    return netset_add(&whitelist->xmail, network, (uint32_t)whitelist->rule_count++);
}

static bool read_xmail_line(struct whitelist *whitelist, const struct xmailtab_line *line)
{
    struct xmailtab_fields fields;
    struct network network;
    bool trusted = false;
    xmailtab_split(line, &fields);
    /* XMail takes ADDR/BITS only here, no netmask. */
    if (fields.count == 0 || !strchr(fields.fields[0], '/') || xmailtab_network(&fields, &network) == 0)
        return true;
    for (size_t i = 1; i < fields.count && !trusted; i++)
        trusted = is_trust(fields.fields[i]);
    return add_rule(whitelist, &network, trusted, line->number);
}

int whitelist_read_xmail(struct whitelist *whitelist, const char *path, struct error *error)
{
    struct buffer content = {0};
    int result = readfile(path, &content, error);
    struct xmailtab_walk walk = {.bytes = content.bytes, .length = content.length, .line_max = XMAILTAB_IPPROP_LINE};
    struct xmailtab_line line;
    while (result > 0 && xmailtab_next(&walk, &line))
        if (!read_xmail_line(whitelist, &line))
            result = error_set(error, "unable to read %s: out of memory", path);
    buffer_clear(&content);
    return result < 0 ? -1 : 1;
}

int whitelist_copy(const struct whitelist *from, struct whitelist *to, struct error *error)
{
    for (size_t family = 0; family < OWN_COUNT; family++) {
        struct network network;
        for (size_t position = 0; netset_next(&from->own[family], &position, &network);)
            if (!netset_add(&to->own[family], &network, 0))
                return error_memory(error, "copy the whitelist");
    }
    return 1;
}

int whitelist_seal(struct whitelist *whitelist, struct error *error)
{
    bool sealed = netset_seal(&whitelist->xmail);
    for (int i = 0; i < OWN_COUNT; i++)
        sealed = sealed && netset_seal(&whitelist->own[i]);
    return sealed ? 1 : error_memory(error, "set up the whitelist");
}

bool whitelist_has(const struct whitelist *whitelist, struct address host)
{
    uint32_t number;
    if (netset_find(&whitelist->own[address_is_ipv4(host) ? OWN_IPV4 : OWN_IPV6], host, &number))
        return true;
    return netset_find(&whitelist->xmail, host, &number) && whitelist->rules[number].trusted;
}

const struct whitelist_rule *whitelist_xmail_rule(const struct whitelist *whitelist, struct address host)
{
    uint32_t number;
    return netset_find(&whitelist->xmail, host, &number) ? &whitelist->rules[number] : NULL;
}

static bool holds_ipv4(const struct network *network)
{
    const struct network ipv4 = network_all_ipv4();
    return network_overlaps(network, &ipv4);
}

/* A line that trusts the whole network decides for all of it unless an earlier one takes some of its hosts away. */
static bool xmail_trusts_all(const struct whitelist *whitelist, const struct network *network)
{
    uint32_t number;
    if (!netset_find_cover(&whitelist->xmail, network, &number) || !whitelist->rules[number].trusted)
        return false;
    for (size_t i = 0; i < number; i++)
        if (!whitelist->rules[i].trusted && network_overlaps(&whitelist->rules[i].network, network))
            return false;
    return true;
}

/*
 * Where the first rule that concerns the network takes trust away from a part of it, the rules behind it are asked
 * about each half. The rules before number from don't concern the network.
 */
static bool xmail_trusts_any(const struct whitelist *whitelist, const struct network *network, size_t from)
{
    unsigned bits;
    size_t i = from;
    while (i < whitelist->rule_count && !network_overlaps(&whitelist->rules[i].network, network))
        i++;
    if (i == whitelist->rule_count)
        return false;
    if (whitelist->rules[i].trusted || network_covers(&whitelist->rules[i].network, network))
        return whitelist->rules[i].trusted;
    if (!network_is_prefix(network, &bits))
        return true; /* is never asked; in doubt it is trusted */
    const struct address half = address_mask(bits + 1);
    const struct network lower = network_make(network->address, half);
    const struct network upper = network_make((struct address){network->address.high | (half.high ^ network->mask.high),
                                                               network->address.low | (half.low ^ network->mask.low)},
                                              half);
    return xmail_trusts_any(whitelist, &lower, i) || xmail_trusts_any(whitelist, &upper, i);
}

bool whitelist_covers(const struct whitelist *whitelist, const struct network *network)
{
    uint32_t number;
    if (network_is_ipv4(network)) {
        if (netset_find_cover(&whitelist->own[OWN_IPV4], network, &number))
            return true;
    } else if (!holds_ipv4(network) && netset_find_cover(&whitelist->own[OWN_IPV6], network, &number)) {
        return true;
    }
    return xmail_trusts_all(whitelist, network);
}

bool whitelist_overlaps(const struct whitelist *whitelist, const struct network *network)
{
    return netset_overlaps(&whitelist->own[OWN_IPV4], network) ||
           (!network_is_ipv4(network) && netset_overlaps(&whitelist->own[OWN_IPV6], network)) ||
           (netset_overlaps(&whitelist->xmail, network) && xmail_trusts_any(whitelist, network, 0));
}

void whitelist_clear(struct whitelist *whitelist)
{
    for (int i = 0; i < OWN_COUNT; i++)
        netset_clear(&whitelist->own[i]);
    netset_clear(&whitelist->xmail);
    free(whitelist->rules);
    *whitelist = (struct whitelist){0};
}
