/* SPDX-License-Identifier: MIT */
/*
 * filters.post-rcpt.tab: any bytes, in which each byte 1 stands for our line. Adding and removing it leaves no trace,
 * added it is there once and last, and XMail still sees all other filters, in their order.
 */
#include "fuzz.h"

#include "registration.h"
#include "xmailtab.h"

static void expand(const uint8_t *data, size_t size, const struct buffer *line, struct buffer *content)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] == 1)
            buffer_add(content, line->bytes, line->length);
        else
            buffer_add(content, (const char *)&data[i], 1);
    }
}

/* The next line that is a filter to XMail. False at the end. */
static bool next_filter(struct xmailtab_walk *walk, struct xmailtab_fields *fields)
{
    struct xmailtab_line line;
    while (xmailtab_next(walk, &line)) {
        xmailtab_split(&line, fields);
        if (fields->count > 0)
            return true;
    }
    return false;
}

static struct xmailtab_walk walk_of(const struct buffer *content)
{
    return (struct xmailtab_walk){
        .bytes = content->bytes, .length = content->length, .line_max = XMAILTAB_FILTERS_LINE};
}

/* The filters of the longer content must be those of the shorter one, and one more. */
static void check_filters(const struct buffer *shorter, const struct buffer *longer)
{
    static struct xmailtab_fields a;
    static struct xmailtab_fields b;
    struct xmailtab_walk first = walk_of(shorter);
    struct xmailtab_walk second = walk_of(longer);
    while (next_filter(&first, &a)) {
        require(next_filter(&second, &b));
        require(a.count == b.count);
        for (size_t i = 0; i < a.count; i++)
            require(strcmp(a.fields[i], b.fields[i]) == 0);
    }
    require(next_filter(&second, &b));
    require(b.count == 4 && strcmp(b.fields[3], "filter") == 0);
    require(!next_filter(&second, &b));
}

/* How many lines call the filter, exactly or otherwise. The exact one, if there is one, must be the last filter. */
static size_t count_calls(const struct buffer *content, const struct buffer *line, bool exact)
{
    struct registration found;
    struct error error;
    require(registration_parse(content, line, &found, &error) > 0);
    size_t count = registration_count(&found, exact);
    require(registration_count(&found, true) == 0 || found.last);
    registration_clear(&found);
    return count;
}

/* The content calls the filter in no way. */
static void check_addition(const struct buffer *without, const struct buffer *line)
{
    struct buffer with = {0};
    struct buffer again = {0};
    registration_append(without, line, &with);
    require(count_calls(&with, line, true) == 1);
    require(count_calls(&with, line, false) == 0);
    check_filters(without, &with);
    registration_drop(&with, line, &again);
    require(buffer_equal(without, &again));
    buffer_clear(&with);
    buffer_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct registration_call call = {"/m/xmail-spammers", "/m/c"};
    struct error error;
    struct buffer line = {0};
    struct buffer content = {0};
    struct buffer without = {0};
    require(registration_format(&call, &line, &error) > 0);
    expand(data, size, &line, &content);
    registration_drop(&content, &line, &without);
    require(count_calls(&without, &line, true) == 0);
    if (count_calls(&without, &line, false) == 0) /* else registration_add refuses */
        check_addition(&without, &line);
    buffer_clear(&line);
    buffer_clear(&content);
    buffer_clear(&without);
    return 0;
}
