/* SPDX-License-Identifier: MIT */
#include "messages.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 4096 };

void messages_add(struct messages *messages, const char *format, ...)
{
    char **texts = realloc(messages->texts, (messages->count + 1) * sizeof *texts);
    if (texts)
        messages->texts = texts;
    char *text = texts ? malloc(TEXT_MAX) : NULL;
    if (!text) {
        messages->lost++;
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, TEXT_MAX, format, arguments);
    va_end(arguments);
    size_t used = length < 0 ? 0 : length < TEXT_MAX ? (size_t)length : TEXT_MAX - 1;
    text[used] = '\0';
    char *shorter = realloc(text, used + 1);
    messages->texts[messages->count++] = shorter ? shorter : text;
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
