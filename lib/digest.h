/* SPDX-License-Identifier: MIT */
/*
 * A number of 64 bits that tells bytes from other bytes: against damage and chance, not against those who choose the
 * bytes to collide. Fast enough for all of the cache at each rebuild.
 */
#ifndef XS_DIGEST_H
#define XS_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BEGIN = 0 };

/* The digest of all that was digested so far (DIGEST_BEGIN: nothing), and of these bytes behind it. */
uint64_t digest(uint64_t so_far, const void *bytes, size_t length);

#endif
