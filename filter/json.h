/* SPDX-License-Identifier: MIT */
/* JSON on stdout: objects and arrays with a member on each line. */
#ifndef XS_JSON_H
#define XS_JSON_H

#include <stdbool.h>
#include <stdint.h>

/* Where the output stands. All zero is the begin. */
struct json {
    int depth;
    bool after; /* something stands before on this level: a comma is due */
};

/* name is that of the member, or NULL for an item of an array and for the whole. */
void json_open(struct json *json, const char *name, char bracket);     /* '{' or '[' */
void json_close(struct json *json, char bracket);                      /* '}' or ']' */
void json_text(struct json *json, const char *name, const char *text); /* bytes that are no UTF-8 become U+FFFD */
void json_number(struct json *json, const char *name, int64_t number);
void json_boolean(struct json *json, const char *name, bool value);
void json_null(struct json *json, const char *name);

#endif
