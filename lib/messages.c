/* SPDX-License-Identifier: MIT */
#include "messages.h"

#include "array.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text in new memory, or NULL. */
__attribute__((format(printf, 1, 0))) static char *make_text(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text)
        (void)vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

void messages_add(struct messages *messages, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = make_text(format, arguments);
    va_end(arguments);
    char **texts = text ? array_grow(messages->texts, messages->count, sizeof *texts) : NULL;
    if (!texts) {
        free(text);
        messages->lost++;
        return;
    }
    messages->texts = texts;
    messages->texts[messages->count++] = text;
}

/* Controls of 8 bits, marks and overrides of the direction of writing, the separators of lines and paragraphs. */
static bool is_harmless(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } harmful[] = {{0x80, 0x9f}, {0x61c, 0x61c}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};
    for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++)
        if (point >= harmful[i].first && point <= harmful[i].last)
            return false;
    return true;
}

size_t messages_character(const char *bytes, size_t length, bool *harmless)
{
    enum { DELETE = 0x7f, CONTROLS = 0x80, CONTROLS_END = 0xa0 };
    const unsigned char *at = (const unsigned char *)bytes;
    size_t taken = utf8_length(bytes, length);
    if (taken <= 1)
        *harmless = *at >= ' ' && *at != DELETE && (*at < CONTROLS || *at >= CONTROLS_END);
    else
        *harmless = is_harmless(utf8_point(bytes, taken));
    return taken == 0 ? 1 : taken;
}

size_t messages_plain(const char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length && bytes[i] >= ' ' && bytes[i] <= '~')
        i++;
    return i;
}

void messages_make_harmless(char *bytes, size_t length)
{
    for (size_t taken; length > 0; bytes += taken, length -= taken) {
        bool harmless;
        taken = messages_character(bytes, length, &harmless);
        if (!harmless)
            memset(bytes, '?', taken);
    }
}

int messages_empty(const struct messages *messages)
{
    return messages->count == 0 && messages->lost == 0;
}

void messages_clear(struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++)
        free(messages->texts[i]);
    free(messages->texts);
    *messages = (struct messages){0};
}
