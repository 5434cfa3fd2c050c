/* SPDX-License-Identifier: MIT */
/* Sets of addresses as other software reads them: firewalls, Postfix, a DNS server for block lists. */
#ifndef XS_EXPORT_H
#define XS_EXPORT_H

#include "buffer.h"
#include "error.h"
#include "prefixes.h"

/* A way to write them. */
struct export_format;

/* The format of that name; NULL if there is none. */
const struct export_format *export_find(const char *name);

/* The name of each format by its number from 0; NULL behind the last. */
const char *export_name(size_t number);

/*
 * Adds the set as a whole file of the format to the text; check text->failed afterwards. The path of the list that the
 * set is from stands in the comments, if the format has any. The set's prefixes must not overlap; they are joined where
 * that is of use. Returns 1, *left_out being the number of prefixes that the format can't hold; or -1 with the error
 * (out of memory).
 */
int export_add(const struct export_format *format, struct prefixes *set, const char *list, struct buffer *text,
               size_t *left_out, struct error *error);

#endif
