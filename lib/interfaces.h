/* SPDX-License-Identifier: MIT */
/* The addresses of this machine's network interfaces. */
#ifndef XS_INTERFACES_H
#define XS_INTERFACES_H

#include "address.h"
#include "error.h"

#include <stddef.h>

/* All zero is the empty list. */
struct interfaces {
    struct address *addresses; /* in no order, repeated as the interfaces have them */
    size_t count;
};

/* Adds addresses to the empty list, which is the caller's to clear. Returns 1, or -1 with the error. */
typedef int interfaces_function(struct interfaces *interfaces, struct error *error);

/* Asks the system for the IPv4 and IPv6 addresses, those of the loopback interface too. */
interfaces_function interfaces_read;

void interfaces_clear(struct interfaces *interfaces);

#endif
