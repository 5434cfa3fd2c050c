/* SPDX-License-Identifier: MIT */
/*
 * Addresses and networks of mail clients. IPv4 and IPv6 live in one space of 128 bits: the IPv4 host a.b.c.d is
 * ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), as XMail itself compares them when it listens on IPv6.
 */
#ifndef XS_ADDRESS_H
#define XS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address {
    uint64_t high; /* bits 0-63, the first byte of the address uppermost */
    uint64_t low;  /* bits 64-127 */
};

/* A set of addresses: those equal to address where mask has ones. address has no bit outside mask. */
struct network {
    struct address address;
    struct address mask; /* any pattern of bits: spammers.tab may hold netmasks that aren't contiguous */
};

enum {
    ADDRESS_TEXT_SIZE = 46, /* INET6_ADDRSTRLEN */
    NETWORK_TEXT_SIZE = 2 * ADDRESS_TEXT_SIZE,
    ADDRESS_BITS = 128,
    ADDRESS_IPV4_BITS = 96, /* the prefix ::ffff:0:0/96 before the 32 bits of an IPv4 address */
};

/*
 * Parses a dotted quad: four numbers 0-255 without leading zeros, so that each host has one text only. Returns false if
 * the text isn't wholly one.
 */
bool address_parse_quad(const char *text, size_t length, uint32_t *host_order);

/*
 * Reads an address as it stands in a log: a strict dotted quad (four decimal numbers, no leading zeros) or IPv6
 * (RFC 4291), a %zone behind it dropped, no NUL needed. Returns false, and leaves *address alone, if it is none.
 */
bool address_parse(const char *text, size_t length, struct address *address);

/*
 * Reads an IPv4 address as the C library's inet_aton does (1.2.3 is 1.2.0.3, 010 is 8, 0x10 is 16), but with
 * nothing behind it. This is how XMail reads its tables.
 */
bool address_parse_aton(const char *text, size_t length, struct address *address);

bool address_is_ipv4(struct address address);

/* The 32 bits of an IPv4 host, the first byte uppermost; and the host of such a number. */
uint32_t address_ipv4(struct address address);
struct address address_from_ipv4(uint32_t host);

bool address_equal(struct address a, struct address b);

/* Less than, equal to, greater than zero: by number, which is the order of searches. */
int address_compare(struct address a, struct address b);

/* Less than, equal to, greater than zero: IPv4 before IPv6, then by number, which is the order for people. */
int address_compare_family(struct address a, struct address b);

/* The address behind this one, and the one before it; behind the last comes the first. */
struct address address_next(struct address address);
struct address address_previous(struct address address);

/* What a hash table is keyed with, so that attackers, who choose addresses, can't choose its collisions. */
struct address_key {
    uint64_t first;
    uint64_t second;
};

/* A new key, which nobody can foresee. */
struct address_key address_key_new(void);

/* A number to find the address by in a hash table; salt is mixed in. */
uint64_t address_hash(const struct address_key *key, struct address address, uint64_t salt);

/* The canonical text (RFC 5952), IPv4 as a dotted quad. Returns text. */
const char *address_format(struct address address, char text[ADDRESS_TEXT_SIZE]);

/* The mask of a prefix of bits ones; more than 128 count as 128. */
struct address address_mask(unsigned bits);

/* The network of the address under any mask; bits outside the mask are cleared. */
struct network network_make(struct address address, struct address mask);

/* ::ffff:0:0/96: all IPv4 hosts. */
struct network network_all_ipv4(void);

/* ::/96: an entry of it has all IPv4 clients, too, if XMail doesn't listen on IPv6. */
struct network network_compatible_ipv4(void);

/* The network that is one host. */
struct network network_host(struct address address);

/* The last address of a network: all ones where the mask has none. */
struct address network_last(const struct network *network);

/* True if the network is a single host. */
static inline bool network_is_host(const struct network *network)
{
    return (network->mask.high & network->mask.low) == UINT64_MAX;
}

bool network_contains(const struct network *network, struct address address);

/* True if each address of inner is in outer. */
bool network_covers(const struct network *outer, const struct network *inner);

/* True if some address is in both. */
bool network_overlaps(const struct network *a, const struct network *b);

/* True if the mask is a prefix. The number of ones with which it begins (0-128) is in *bits in any case. */
bool network_is_prefix(const struct network *network, unsigned *bits);

/* True if all addresses of the network are IPv4 hosts. */
bool network_is_ipv4(const struct network *network);

/* The netmask of an IPv4 network as a dotted quad, of an IPv6 network in the form of an address. Returns text. */
const char *network_format_netmask(const struct network *network, char text[ADDRESS_TEXT_SIZE]);

/*
 * The text for people: a host as its address, a prefix as ADDRESS/BITS (IPv4: 0-32), any other mask as
 * ADDRESS/NETMASK. Returns text.
 */
const char *network_format(const struct network *network, char text[NETWORK_TEXT_SIZE]);

#endif
