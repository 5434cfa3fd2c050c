/* SPDX-License-Identifier: MIT */
/* Counts in English. */
#ifndef XS_PLURAL_H
#define XS_PLURAL_H

#include <stdint.h>

/* The plain plural's ending: "" for one, else "s". */
static inline const char *s(uint64_t count)
{
    return count == 1 ? "" : "s";
}

#endif
