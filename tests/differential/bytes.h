/* SPDX-License-Identifier: MIT */
/* Bytes that grow: texts that the second implementation and the makers of tests put together. */
#ifndef XS_TESTS_BYTES_H
#define XS_TESTS_BYTES_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that grow; all zero is none. */
struct bytes {
    char *list;
    size_t length;
    size_t room;
};

static inline void bytes_add(struct bytes *bytes, const char *more, size_t length)
{
    while (bytes->length + length > bytes->room) {
        bytes->room = bytes->room * 2 + 256;
        bytes->list = realloc(bytes->list, bytes->room);
        if (!bytes->list)
            abort();
    }
    if (length > 0)
        memcpy(bytes->list + bytes->length, more, length);
    bytes->length += length;
}

static inline void bytes_add_text(struct bytes *bytes, const char *text)
{
    bytes_add(bytes, text, strlen(text));
}

static inline void bytes_add_format(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline void bytes_add_format(struct bytes *bytes, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text)
        abort();
    bytes_add(bytes, text, (size_t)length);
}

static inline void bytes_free(struct bytes *bytes)
{
    free(bytes->list);
    *bytes = (struct bytes){NULL, 0, 0};
}

/* Shows bytes that may be anything, as C would write them. */
static inline void bytes_show(const char *list, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)list[i];
        if (c == '\t')
            (void)fputs("\\t", stdout);
        else if (c == '\\')
            (void)fputs("\\\\", stdout);
        else if (c < ' ' || c > '~')
            printf("\\%03o", c);
        else
            (void)putchar(c);
    }
}

#endif
