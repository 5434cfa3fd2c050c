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

/*
 * The digest of what was digested so far (DIGEST_BEGIN: nothing) and of these bytes behind it. Where one call's bytes
 * end and the next one's begin counts too. Any change within eight bytes that begin at a multiple of eight in the bytes
 * of one call changes it; any other one does but for chance. It depends on the machine's byte order.
 */
uint64_t digest(uint64_t so_far, const void *bytes, size_t length);

#endif
