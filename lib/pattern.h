/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions (PCRE2, 8-bit, compiled to machine code where the machine can). Patterns are UTF-8; the bytes
 * that they are tried on may be anything: what isn't UTF-8 matches nothing, and the rest is matched around it.
 * Matching has limits, so that no record can hold the program up.
 */
#ifndef XS_PATTERN_H
#define XS_PATTERN_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>

enum { PATTERN_VERSION_SIZE = 64 };

/* A compiled pattern; may be used by several threads at once, each with a matcher of its own. */
struct pattern;

/* What one thread needs to try any patterns. */
struct matcher;

enum pattern_result {
    PATTERN_NO_MATCH,
    PATTERN_MATCH,
    PATTERN_LIMIT, /* a match, depth or heap limit was hit: to be taken as no match */
};

/*
 * Compiles the NUL-ended text. Returns 1, *pattern being the caller's to free; or -1 with the error, which names the
 * place in the text.
 */
int pattern_compile(const char *text, struct pattern **pattern, struct error *error);
void pattern_free(struct pattern *pattern);

/* The text that it was compiled from. Valid as long as the pattern. */
const char *pattern_text(const struct pattern *pattern);

/* True if the pattern has a group of this name. */
bool pattern_has_group(const struct pattern *pattern, const char *name);

/* Which PCRE2 the process has: its version and date. Returns text. */
const char *pattern_library_version(char text[PATTERN_VERSION_SIZE]);

/* A new matcher, or NULL if memory ran out. */
struct matcher *matcher_new(void);
void matcher_free(struct matcher *matcher);

enum pattern_result pattern_match(const struct pattern *pattern, struct matcher *matcher, const char *bytes,
                                  size_t length);

/*
 * As pattern_match; on a match *start and *size tell the part that the group (of pattern_has_group) took. A match in
 * which the group took no part is none.
 */
enum pattern_result pattern_match_group(const struct pattern *pattern, struct matcher *matcher, const char *bytes,
                                        size_t length, const char *group, size_t *start, size_t *size);

#endif
