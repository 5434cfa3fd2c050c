/* SPDX-License-Identifier: MIT */
#include "json.h"

#include "messages.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

enum { INDENT = 2 };

/* --- texts -------------------------------------------------------------------------------------------------------- */

static void print_text(const char *text)
{
    (void)putchar('"');
    for (size_t left = strlen(text); left > 0;) {
        bool harmless;
        size_t length = messages_character(text, left, &harmless);
        if (utf8_length(text, left) == 0)
            (void)fputs("\\ufffd", stdout);
        else if (!harmless) /* all of these have four digits at most */
            (void)printf("\\u%04x", (unsigned)utf8_point(text, length));
        else if (*text == '"' || *text == '\\')
            (void)printf("\\%c", *text);
        else
            (void)fwrite(text, 1, length, stdout);
        text += length;
        left -= length;
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
