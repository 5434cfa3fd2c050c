/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <stddef.h>
#include <stdio.h>

enum { INDENT = 2 };

/* --- texts -------------------------------------------------------------------------------------------------------- */

static bool is_continuation(unsigned char byte)
{
    return byte >= 0x80 && byte <= 0xbf;
}

/* How many bytes the character takes with which the text begins; 0 if it is no UTF-8 (Unicode, table 3-7). */
static size_t character_length(const unsigned char *text)
{
    static const struct {
        unsigned char first, last;   /* of the first byte */
        unsigned char second, until; /* the range of the second */
        size_t length;
    } forms[] = {
        {0x01, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (text[0] < forms[i].first || text[0] > forms[i].last)
            continue;
        if (forms[i].length > 1 && (text[1] < forms[i].second || text[1] > forms[i].until))
            return 0;
        for (size_t at = 2; at < forms[i].length; at++)
            if (!is_continuation(text[at])) /* the NUL at the end is none */
                return 0;
        return forms[i].length;
    }
    return 0;
}

static void print_text(const char *text)
{
    enum { DELETE = 0x7f };
    const unsigned char *at = (const unsigned char *)text;
    (void)putchar('"');
    while (*at != '\0') {
        size_t length = character_length(at);
        if (length == 0)
            (void)fputs("\\ufffd", stdout);
        else if (*at < ' ' || *at == DELETE)
            (void)printf("\\u%04x", *at);
        else if (*at == '"' || *at == '\\')
            (void)printf("\\%c", *at);
        else
            (void)fwrite(at, 1, length, stdout);
        at += length == 0 ? 1 : length;
    }
    (void)putchar('"');
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static void begin_line(const struct json *json)
{
    (void)printf("\n%*s", json->depth * INDENT, "");
}

static void begin_value(struct json *json, const char *name)
{
    if (json->after)
        (void)putchar(',');
    if (json->depth > 0)
        begin_line(json);
    if (name) {
        print_text(name);
        (void)fputs(": ", stdout);
    }
    json->after = true;
}

void json_open(struct json *json, const char *name, char bracket)
{
    begin_value(json, name);
    (void)putchar(bracket);
    json->depth++;
    json->after = false;
}

void json_close(struct json *json, char bracket)
{
    json->depth--;
    if (json->after)
        begin_line(json);
    (void)putchar(bracket);
    json->after = true;
    if (json->depth == 0)
        (void)putchar('\n');
}

void json_text(struct json *json, const char *name, const char *text)
{
    begin_value(json, name);
    print_text(text);
}

void json_number(struct json *json, const char *name, int64_t number)
{
    begin_value(json, name);
    (void)printf("%lld", (long long)number);
}

void json_boolean(struct json *json, const char *name, bool value)
{
    begin_value(json, name);
    (void)fputs(value ? "true" : "false", stdout);
}

void json_null(struct json *json, const char *name)
{
    begin_value(json, name);
    (void)fputs("null", stdout);
}
