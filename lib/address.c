/* SPDX-License-Identifier: MIT */
#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const uint64_t ipv4_prefix = UINT64_C(0xffff) << 32;

struct address address_from_ipv4(uint32_t host)
{
    return (struct address){0, ipv4_prefix | host};
}

uint32_t address_ipv4(struct address address)
{
    return (uint32_t)address.low;
}

bool address_parse_quad(const char *text, size_t length, uint32_t *host_order)
{
    const char *end = text + length;
    uint32_t value = 0;
    for (int part = 0; part < 4; part++) {
        if (part > 0 && (text == end || *text++ != '.'))
            return false;
        const char *first = text;
        unsigned number = 0;
        while (text < end && *text >= '0' && *text <= '9' && text - first < 3)
            number = number * 10 + (unsigned)(*text++ - '0');
        if (text == first || number > 255 || (*first == '0' && text - first > 1))
            return false;
        value = value << 8 | number;
    }
    *host_order = value;
    return text == end;
}

static struct address from_bytes(const unsigned char bytes[16])
{
    struct address address = {0, 0};
    for (int i = 0; i < 8; i++) {
        address.high = address.high << 8 | bytes[i];
        address.low = address.low << 8 | bytes[8 + i];
    }
    return address;
}

static void to_bytes(struct address address, unsigned char bytes[16])
{
    for (int i = 7; i >= 0; i--) {
        bytes[i] = (unsigned char)address.high;
        bytes[8 + i] = (unsigned char)address.low;
        address.high >>= 8;
        address.low >>= 8;
    }
}

bool address_parse(const char *text, size_t length, struct address *address)
{
    uint32_t quad;
    if (address_parse_quad(text, length, &quad)) {
        *address = address_from_ipv4(quad);
        return true;
    }
    const char *zone = memchr(text, '%', length);
    if (zone)
        length = (size_t)(zone - text);
    char copy[ADDRESS_TEXT_SIZE];
    if (length >= sizeof copy || memchr(text, '\0', length))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    unsigned char bytes[16];
    if (inet_pton(AF_INET6, copy, bytes) != 1)
        return false;
    *address = from_bytes(bytes);
    return true;
}

bool address_parse_aton(const char *text, size_t length, struct address *address)
{
    uint32_t quad;
    if (address_parse_quad(text, length, &quad)) { /* as nearly all are, and several times as fast */
        *address = address_from_ipv4(quad);
        return true;
    }
    char copy[ADDRESS_TEXT_SIZE];
    if (length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    /* inet_aton takes a blank and anything behind the address; XMail's look-up doesn't. */
    if (strspn(copy, "0123456789abcdefABCDEFxX.") != length)
        return false;
    struct in_addr ipv4;
    if (!inet_aton(copy, &ipv4))
        return false;
    *address = address_from_ipv4(ntohl(ipv4.s_addr));
    return true;
}

bool address_is_ipv4(struct address address)
{
    return address.high == 0 && address.low >> 32 == 0xffff;
}

bool address_equal(struct address a, struct address b)
{
    return a.high == b.high && a.low == b.low;
}

int address_compare(struct address a, struct address b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

int address_compare_family(struct address a, struct address b)
{
    bool a_ipv4 = address_is_ipv4(a);
    if (a_ipv4 != address_is_ipv4(b))
        return a_ipv4 ? -1 : 1;
    return address_compare(a, b);
}

struct address address_next(struct address address)
{
    return (struct address){address.high + (address.low == UINT64_MAX), address.low + 1};
}

struct address address_previous(struct address address)
{
    return (struct address){address.high - (address.low == 0), address.low - 1};
}

struct address_key address_key_new(void)
{
    struct address_key key;
    if (getentropy(&key, sizeof key) != 0) {
        /* No system that we run on refuses this; if one does, at least the loader's choices aren't known outside. */
        key.first = (uint64_t)(uintptr_t)&key * UINT64_C(0x9e3779b97f4a7c15);
        key.second = (uint64_t)(uintptr_t)&address_key_new * UINT64_C(0xd6e8feb86659fd93);
    }
    return key;
}

/* Both halves of the 128-bit product, one upon the other: each bit of the key and the address has a say in each bit. */
uint64_t address_hash(const struct address_key *key, struct address address, uint64_t salt)
{
    unsigned __int128 product = (unsigned __int128)(address.low ^ key->first) * ((address.high + salt) ^ key->second);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void format_quad(uint32_t host, char *text)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned part = host >> shift & 0xff;
        if (part >= 100)
            *text++ = (char)('0' + part / 100);
        if (part >= 10)
            *text++ = (char)('0' + part / 10 % 10);
        *text++ = (char)('0' + part % 10);
        *text++ = shift > 0 ? '.' : '\0';
    }
}

const char *address_format(struct address address, char text[ADDRESS_TEXT_SIZE])
{
    unsigned char bytes[16];
    if (address_is_ipv4(address)) {
        format_quad(address_ipv4(address), text);
        return text;
    }
    to_bytes(address, bytes);
    if (!inet_ntop(AF_INET6, bytes, text, ADDRESS_TEXT_SIZE))
        text[0] = '\0';
    return text;
}

struct address address_mask(unsigned bits)
{
    const uint64_t ones = UINT64_MAX;
    if (bits >= ADDRESS_BITS)
        return (struct address){ones, ones};
    if (bits >= 64)
        return (struct address){ones, bits == 64 ? 0 : ones << (ADDRESS_BITS - bits)};
    return (struct address){bits == 0 ? 0 : ones << (64 - bits), 0};
}

struct network network_make(struct address address, struct address mask)
{
    return (struct network){{address.high & mask.high, address.low & mask.low}, mask};
}

struct network network_host(struct address address)
{
    return (struct network){address, {UINT64_MAX, UINT64_MAX}};
}

struct address network_last(const struct network *network)
{
    return (struct address){network->address.high | ~network->mask.high, network->address.low | ~network->mask.low};
}

bool network_contains(const struct network *network, struct address address)
{
    return (address.high & network->mask.high) == network->address.high &&
           (address.low & network->mask.low) == network->address.low;
}

bool network_covers(const struct network *outer, const struct network *inner)
{
    return (outer->mask.high & ~inner->mask.high) == 0 && (outer->mask.low & ~inner->mask.low) == 0 &&
           network_contains(outer, inner->address);
}

bool network_overlaps(const struct network *a, const struct network *b)
{
    return ((a->address.high ^ b->address.high) & a->mask.high & b->mask.high) == 0 &&
           ((a->address.low ^ b->address.low) & a->mask.low & b->mask.low) == 0;
}

static unsigned leading_ones(uint64_t word)
{
    return word == UINT64_MAX ? 64 : (unsigned)__builtin_clzll(~word);
}

bool network_is_prefix(const struct network *network, unsigned *bits)
{
    *bits = leading_ones(network->mask.high);
    if (*bits == 64)
        *bits += leading_ones(network->mask.low);
    return address_equal(network->mask, address_mask(*bits));
}

struct network network_all_ipv4(void)
{
    return network_make(address_from_ipv4(0), address_mask(ADDRESS_IPV4_BITS));
}

struct network network_compatible_ipv4(void)
{
    return network_make((struct address){0, 0}, address_mask(ADDRESS_IPV4_BITS));
}

bool network_is_ipv4(const struct network *network)
{
    const struct network all_ipv4 = network_all_ipv4();
    return network_covers(&all_ipv4, network);
}

const char *network_format_netmask(const struct network *network, char text[ADDRESS_TEXT_SIZE])
{
    struct address shown = network->mask;
    if (network_is_ipv4(network))
        shown = address_from_ipv4((uint32_t)shown.low);
    return address_format(shown, text);
}

const char *network_format(const struct network *network, char text[NETWORK_TEXT_SIZE])
{
    char address[ADDRESS_TEXT_SIZE];
    char netmask[ADDRESS_TEXT_SIZE];
    unsigned bits;
    address_format(network->address, address);
    if (!network_is_prefix(network, &bits)) {
        (void)snprintf(text, NETWORK_TEXT_SIZE, "%s/%s", address, network_format_netmask(network, netmask));
    } else if (bits == ADDRESS_BITS) {
        (void)snprintf(text, NETWORK_TEXT_SIZE, "%s", address);
    } else {
        (void)snprintf(text, NETWORK_TEXT_SIZE, "%s/%u", address,
                       network_is_ipv4(network) ? bits - ADDRESS_IPV4_BITS : bits);
    }
    return text;
}
