/* SPDX-License-Identifier: MIT */
#include "buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool buffer_reserve(struct buffer *buffer, size_t more)
{
    if (buffer->failed)
        return false;
    if (more <= buffer->capacity - buffer->length)
        return true;
    size_t wanted = buffer->capacity > SIZE_MAX / 2 ? SIZE_MAX : buffer->capacity * 2;
    if (more > SIZE_MAX - buffer->length)
        wanted = 0; /* cannot be had */
    else if (wanted < buffer->length + more)
        wanted = buffer->length + more;
    char *bytes = wanted > 0 ? realloc(buffer->bytes, wanted) : NULL;
    if (!bytes) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = bytes;
    buffer->capacity = wanted;
    return true;
}

void buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
    if (length == 0 || !buffer_reserve(buffer, length))
        return;
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_add_format(struct buffer *buffer, const char *format, ...)
{
    const size_t room = buffer->failed ? 0 : buffer->capacity - buffer->length;
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(room > 0 ? buffer->bytes + buffer->length : NULL, room, format, arguments);
    va_end(arguments);
    if (length < 0)
        buffer->failed = true;
    else if ((size_t)length < room) /* with a NUL, which isn't counted */
        buffer->length += (size_t)length;
    else if (buffer_reserve(buffer, (size_t)length + 1))
        buffer->length += (size_t)vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, again);
    va_end(again);
}

bool buffer_equal(const struct buffer *a, const struct buffer *b)
{
    return a->length == b->length && (a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0);
}

void buffer_clear(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}
