/* SPDX-License-Identifier: MIT */
#include "interfaces.h"

#include "array.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int append(struct interfaces *interfaces, struct address address, struct error *error)
{
    struct address *addresses = array_grow(interfaces->addresses, interfaces->count, sizeof *addresses);
    if (!addresses)
        return error_memory(error, "list the addresses of this machine");
    interfaces->addresses = addresses;
    addresses[interfaces->count++] = address;
    return 1;
}

/* By its text, which address.h reads. False if it is of another family. */
static bool convert(const struct sockaddr *socket_address, struct address *address)
{
    char text[INET6_ADDRSTRLEN];
    const void *bytes;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    if (!socket_address)
        return false;
    if (socket_address->sa_family == AF_INET) {
        memcpy(&ipv4, socket_address, sizeof ipv4);
        bytes = &ipv4.sin_addr;
    } else if (socket_address->sa_family == AF_INET6) {
        memcpy(&ipv6, socket_address, sizeof ipv6);
        bytes = &ipv6.sin6_addr;
    } else {
        return false;
    }
    return inet_ntop(socket_address->sa_family, bytes, text, sizeof text) && address_parse(text, strlen(text), address);
}

int interfaces_read(struct interfaces *interfaces, struct error *error)
{
    struct ifaddrs *list;
    if (getifaddrs(&list) != 0)
        return error_system(error, errno, "unable to list the addresses of this machine");
    int result = 1;
    for (const struct ifaddrs *at = list; at && result > 0; at = at->ifa_next) {
        struct address address;
        if (convert(at->ifa_addr, &address))
            result = append(interfaces, address, error);
    }
    freeifaddrs(list);
    return result;
}

void interfaces_clear(struct interfaces *interfaces)
{
    free(interfaces->addresses);
    *interfaces = (struct interfaces){0};
}
