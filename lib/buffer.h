/* SPDX-License-Identifier: MIT */
/* Bytes that grow: files read whole, and texts being put together. */
#ifndef XS_BUFFER_H
#define XS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is the empty buffer. The bytes may hold NULs; none is added behind them. */
struct buffer {
    char *bytes;
    size_t length;
    size_t capacity;
    bool failed; /* memory ran out in some call: the content is not whole, and later calls add nothing */
};

void buffer_add(struct buffer *buffer, const char *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for this many more bytes. False (and failed is set) if there is no memory. */
bool buffer_reserve(struct buffer *buffer, size_t more);

bool buffer_equal(const struct buffer *a, const struct buffer *b);

/* Frees the bytes and makes the buffer empty. */
void buffer_clear(struct buffer *buffer);

#endif
