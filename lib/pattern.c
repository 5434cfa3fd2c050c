/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "pattern.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

/*
 * A status is a dozen bytes and a line of spammers.tab a few hundred: an honest pattern needs some hundred steps.
 * A pattern that hits the match limit has cost a few milliseconds.
 */
enum {
    MATCH_LIMIT = 100000,
    DEPTH_LIMIT = 1000,
    HEAP_LIMIT_KIB = 4096,
    JIT_STACK_START = 32 * 1024,
    JIT_STACK_MAX = 512 * 1024,
    GROUPS_MAX = 64, /* pairs of offsets; a group beyond them counts as one that took no part */
};

struct pattern {
    pcre2_code *code;
    char *text;
};

struct matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

static int report(struct error *error, int number, size_t offset)
{
    PCRE2_UCHAR reason[256];
    if (pcre2_get_error_message(number, reason, sizeof reason) < 0)
        reason[0] = '\0';
    return error_set(error, "unable to compile the pattern: %s, at byte %zu of it", (const char *)reason, offset + 1);
}

int pattern_compile(const char *text, struct pattern **pattern, struct error *error)
{
    const uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    int number;
    size_t offset;
    struct pattern *made = calloc(1, sizeof *made);
    if (!made)
        return error_memory(error, "compile the pattern");
    made->text = strdup(text);
    made->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &number, &offset, NULL);
    if (!made->text || !made->code) {
        int result = made->text ? report(error, number, offset) : error_memory(error, "compile the pattern");
        pattern_free(made);
        return result;
    }
    /* Without machine code (a hardened kernel may forbid it) the interpreter does the same, only slower. */
    (void)pcre2_jit_compile(made->code, PCRE2_JIT_COMPLETE);
    *pattern = made;
    return 1;
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_code_free(pattern->code);
    free(pattern->text);
    free(pattern);
}

const char *pattern_text(const struct pattern *pattern)
{
    return pattern->text;
}

bool pattern_has_group(const struct pattern *pattern, const char *name)
{
    return pcre2_substring_number_from_name(pattern->code, (PCRE2_SPTR)name) > 0;
}

const char *pattern_library_version(char text[PATTERN_VERSION_SIZE])
{
    int size = pcre2_config(PCRE2_CONFIG_VERSION, NULL);
    if (size < 0 || size > PATTERN_VERSION_SIZE || pcre2_config(PCRE2_CONFIG_VERSION, text) < 0)
        text[0] = '\0';
    return text;
}

struct matcher *matcher_new(void)
{
    struct matcher *matcher = calloc(1, sizeof *matcher);
    if (!matcher)
        return NULL;
    matcher->data = pcre2_match_data_create(GROUPS_MAX, NULL);
    matcher->context = pcre2_match_context_create(NULL);
    if (!matcher->data || !matcher->context) {
        matcher_free(matcher);
        return NULL;
    }
    (void)pcre2_set_match_limit(matcher->context, MATCH_LIMIT);
    (void)pcre2_set_depth_limit(matcher->context, DEPTH_LIMIT);
    (void)pcre2_set_heap_limit(matcher->context, HEAP_LIMIT_KIB);
    matcher->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
    if (matcher->stack)
        pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
    return matcher;
}

void matcher_free(struct matcher *matcher)
{
    if (!matcher)
        return;
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
    pcre2_jit_stack_free(matcher->stack);
    free(matcher);
}

enum pattern_result pattern_match(const struct pattern *pattern, struct matcher *matcher, const char *bytes,
                                  size_t length)
{
    int result = pcre2_match(pattern->code, (PCRE2_SPTR)bytes, length, 0, 0, matcher->data, matcher->context);
    if (result >= 0)
        return PATTERN_MATCH;
    return result == PCRE2_ERROR_NOMATCH ? PATTERN_NO_MATCH : PATTERN_LIMIT;
}

enum pattern_result pattern_match_group(const struct pattern *pattern, struct matcher *matcher, const char *bytes,
                                        size_t length, const char *group, size_t *start, size_t *size)
{
    enum pattern_result result = pattern_match(pattern, matcher, bytes, length);
    if (result != PATTERN_MATCH)
        return result;
    int number = pcre2_substring_number_from_name(pattern->code, (PCRE2_SPTR)group);
    if (number <= 0 || number >= GROUPS_MAX)
        return PATTERN_NO_MATCH;
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(matcher->data) + (size_t)number * 2;
    if (offsets[0] == PCRE2_UNSET || offsets[1] < offsets[0])
        return PATTERN_NO_MATCH;
    *start = offsets[0];
    *size = offsets[1] - offsets[0];
    return PATTERN_MATCH;
}
