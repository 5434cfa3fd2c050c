/* SPDX-License-Identifier: MIT */
#include "shellword.h"

#include <string.h>

void shellword_add(const char *word, struct buffer *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+,:=@%-";
    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        buffer_add_text(text, word);
        return;
    }
    buffer_add_text(text, "'");
    for (; *word != '\0'; word++)
        buffer_add(text, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
    buffer_add_text(text, "'");
}
