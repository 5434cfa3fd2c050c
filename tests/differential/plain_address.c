/* SPDX-License-Identifier: MIT */
/* Addresses and sets of them, plainly. */
#include "plain.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

bool plain_parse_quad(struct plain_text text, unsigned char quad[4])
{
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        int value = 0;
        size_t digits = 0;
        if (part > 0 && (at == text.length || text.bytes[at++] != '.'))
            return false;
        while (at < text.length && text.bytes[at] >= '0' && text.bytes[at] <= '9' && digits < 4) {
            value = value * 10 + (text.bytes[at++] - '0');
            digits++;
        }
        if (digits == 0 || value > 255 || (digits > 1 && text.bytes[at - digits] == '0'))
            return false;
        quad[part] = (unsigned char)value;
    }
    return at == text.length;
}

struct plain_host plain_host_of_quad(const unsigned char quad[4])
{
    struct plain_host host = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
    memcpy(host.bytes + 12, quad, 4);
    return host;
}

bool plain_parse_host(struct plain_text text, struct plain_host *host)
{
    unsigned char quad[4];
    char copy[INET6_ADDRSTRLEN + 1];
    if (plain_parse_quad(text, quad)) {
        *host = plain_host_of_quad(quad);
        return true;
    }
    const char *zone = text.length > 0 ? memchr(text.bytes, '%', text.length) : NULL;
    const size_t length = zone ? (size_t)(zone - text.bytes) : text.length;
    if (length == 0 || length >= sizeof copy || memchr(text.bytes, '\0', length))
        return false;
    memcpy(copy, text.bytes, length);
    copy[length] = '\0';
    return inet_pton(AF_INET6, copy, host->bytes) == 1;
}

bool plain_parse_aton(const char *text, unsigned char quad[4])
{
    struct in_addr address;
    if (*text == '\0' || text[strspn(text, "0123456789abcdefABCDEFxX.")] != '\0' || inet_aton(text, &address) == 0)
        return false;
    memcpy(quad, &address.s_addr, 4);
    return true;
}

bool plain_is_ipv4(struct plain_host host)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(host.bytes, mapped, sizeof mapped) == 0;
}

struct plain_host plain_mask(int bits)
{
    struct plain_host mask = {{0}};
    for (int i = 0; i < 128 && i < bits; i++)
        mask.bytes[i / 8] |= (unsigned char)(0x80 >> i % 8);
    return mask;
}

struct plain_set plain_set_of(struct plain_host address, struct plain_host mask)
{
    struct plain_set set = {address, mask};
    for (int i = 0; i < 16; i++)
        set.address.bytes[i] &= mask.bytes[i];
    return set;
}

bool plain_set_has(const struct plain_set *set, struct plain_host host)
{
    for (int i = 0; i < 16; i++)
        if ((host.bytes[i] & set->mask.bytes[i]) != set->address.bytes[i])
            return false;
    return true;
}

bool plain_set_covers(const struct plain_set *outer, const struct plain_set *inner)
{
    for (int i = 0; i < 16; i++)
        if ((outer->mask.bytes[i] & inner->mask.bytes[i]) != outer->mask.bytes[i])
            return false;
    return plain_set_has(outer, inner->address);
}

bool plain_sets_overlap(const struct plain_set *a, const struct plain_set *b)
{
    for (int i = 0; i < 16; i++)
        if (((a->address.bytes[i] ^ b->address.bytes[i]) & a->mask.bytes[i] & b->mask.bytes[i]) != 0)
            return false;
    return true;
}

bool plain_sets_equal(const struct plain_set *a, const struct plain_set *b)
{
    return memcmp(a->address.bytes, b->address.bytes, 16) == 0 && memcmp(a->mask.bytes, b->mask.bytes, 16) == 0;
}
