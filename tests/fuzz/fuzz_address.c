/* SPDX-License-Identifier: MIT */
/*
 * Addresses: any text. One that is taken is the address that the C library makes of it, and is printed in a form that
 * is read back as the same one; what is printed for a network of it is read as that network by the whitelist.
 */
#include "fuzz.h"

#include "address.h"
#include "whitelist.h"

#include <arpa/inet.h>

enum { TEXT_SIZE = 128 };

static struct address from_ipv6(const unsigned char bytes[16])
{
    struct address address = {0, 0};
    for (size_t i = 0; i < 16; i++) {
        uint64_t *half = i < 8 ? &address.high : &address.low;
        *half = *half << 8 | bytes[i];
    }
    return address;
}

/* The address of the NUL-ended text, by the C library alone. */
static bool read_text(const char *text, struct address *address)
{
    unsigned char bytes[16];
    struct in_addr ipv4;
    if (inet_pton(AF_INET, text, &ipv4) == 1) {
        *address = (struct address){0, UINT64_C(0xffff) << 32 | ntohl(ipv4.s_addr)};
        return true;
    }
    if (inet_pton(AF_INET6, text, bytes) != 1)
        return false;
    *address = from_ipv6(bytes);
    return true;
}

static void check_printed(struct address address)
{
    char text[ADDRESS_TEXT_SIZE];
    struct address again;
    uint32_t host;
    address_format(address, text);
    require(strlen(text) < sizeof text && address_parse(text, strlen(text), &again) && address_equal(address, again));
    require(address_parse_quad(text, strlen(text), &host) == address_is_ipv4(address));
    require(!address_is_ipv4(address) || (host == address_ipv4(address) && !strchr(text, ':')));
}

static void check_network(struct address address, unsigned bits)
{
    struct whitelist whitelist = {0};
    struct error error;
    char text[NETWORK_TEXT_SIZE];
    unsigned found;
    const struct network network = network_make(address, address_mask(bits));
    require(network_is_prefix(&network, &found) && found == bits && network_contains(&network, address));
    network_format(&network, text);
    require(whitelist_add(&whitelist, text, strlen(text), &error) > 0);
    struct network again;
    size_t position = 0;
    const bool ipv4 = network_is_ipv4(&network);
    require(netset_next(&whitelist.own[ipv4], &position, &again));
    require(network_covers(&network, &again) && network_covers(&again, &network));
    whitelist_clear(&whitelist);
}

/* Each beginning of the text is taken as what stands in it, whatever stands behind it. */
static void check_beginnings(const char *text, size_t length)
{
    for (size_t shorter = 0; shorter < length && text[shorter] != '%' && text[shorter] != '\0'; shorter++) {
        char copy[TEXT_SIZE];
        struct address whole;
        struct address part;
        memcpy(copy, text, shorter);
        copy[shorter] = '\0';
        const bool expected = read_text(copy, &whole);
        require(address_parse(text, shorter, &part) == expected && (!expected || address_equal(part, whole)));
    }
}

static void check_aton(const char *text, size_t length, const char *copy)
{
    struct address address;
    struct in_addr ipv4;
    if (!address_parse_aton(text, length, &address))
        return;
    require(inet_aton(copy, &ipv4) != 0 && address_is_ipv4(address) && address_ipv4(address) == ntohl(ipv4.s_addr));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address address;
    struct address other = {0, 0};
    char text[TEXT_SIZE];
    if (size >= sizeof text)
        return 0;
    char *exact = malloc(size > 0 ? size : 1); /* so that no byte behind it can be read */
    require(exact != NULL);
    memcpy(exact, data, size);
    memcpy(text, data, size);
    text[size] = '\0';
    check_aton(exact, size, text);
    check_beginnings(exact, size);
    const bool taken = address_parse(exact, size, &address);
    char *zone = memchr(text, '%', size);
    if (zone)
        *zone = '\0';
    const bool expected = strlen(text) == (zone ? (size_t)(zone - text) : size) && read_text(text, &other) &&
                          (!zone || strchr(text, ':'));
    require(taken == expected);
    if (taken) {
        require(address_equal(address, other));
        check_printed(address);
        for (unsigned bits = address_is_ipv4(address) ? ADDRESS_IPV4_BITS : 0; bits <= ADDRESS_BITS; bits += 3)
            check_network(address, bits);
    }
    free(exact);
    return 0;
}
