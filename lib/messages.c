/* SPDX-License-Identifier: MIT */
#include "messages.h"

#include "array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

void messages_make_harmless(char *bytes, size_t length)
{
    enum { DELETE = 0x7f };
    for (char *at = bytes; at < bytes + length; at++)
        if ((unsigned char)*at < ' ' || *at == DELETE)
            *at = '?';
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
