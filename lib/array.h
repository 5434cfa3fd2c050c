/* SPDX-License-Identifier: MIT */
/* Arrays that grow by one item at a time. */
#ifndef XS_ARRAY_H
#define XS_ARRAY_H

#include <stddef.h>

/*
 * Sees to it that an array of count items, each of size bytes, that was grown by this function alone, has room for one
 * more: it is full at each power of two and doubled then. Returns the items where they are now, the caller's to free;
 * or NULL if memory ran out, and they are where they were.
 */
void *array_grow(void *items, size_t count, size_t size);

#endif
