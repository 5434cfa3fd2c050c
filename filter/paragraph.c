/* SPDX-License-Identifier: MIT */
#include "paragraph.h"

#include "messages.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 80 };

/* How many columns the bytes take: a character of UTF-8 one. */
static int columns_of(const char *bytes, size_t length)
{
    int columns = 0;
    for (size_t i = 0; i < length; i++)
        columns += ((unsigned char)bytes[i] & 0xc0) != 0x80;
    return columns;
}

static void print_word(const char *word, size_t length)
{
    for (size_t taken; length > 0; word += taken, length -= taken) {
        bool harmless;
        taken = messages_character(word, length, &harmless);
        (void)fwrite(harmless ? word : "????", 1, taken, stdout);
    }
}

void print_paragraph(const char *lead, int indent, const char *text, size_t length)
{
    int column = columns_of(lead, strlen(lead));
    bool begun = false; /* the line has a word, behind which a blank is needed */
    (void)fputs(lead, stdout);
    for (size_t at = 0; at < length;) {
        const char *word = text + at;
        const char *blank = memchr(word, ' ', length - at);
        size_t size = blank ? (size_t)(blank - word) : length - at;
        int width = columns_of(word, size);
        at += size + 1;
        if (begun && column + 1 + width > COLUMNS) {
            (void)printf("\n%*s", indent, "");
            column = indent;
            begun = false;
        }
        if (begun)
            (void)putchar(' ');
        print_word(word, size);
        column += width + begun;
        begun = true;
    }
    (void)putchar('\n');
}
