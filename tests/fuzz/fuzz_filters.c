/* SPDX-License-Identifier: MIT */
/*
 * filters.post-rcpt.tab on the disk: any bytes as the file, in which each byte 1 stands for our line. Adding the line
 * twice is adding it once, and taking it out leaves what was there without it; every other line stays, byte for byte
 * and in its place; what is refused changes nothing.
 */
#include "fuzz.h"

#include "path.h"
#include "readfile.h"
#include "registration.h"

#include <sys/stat.h>

static const struct registration_call call = {"/m/xmail-spammers", "/m/c"};
static const char line[] = "\"/m/xmail-spammers\"\t\"-c\"\t\"/m/c\"\t\"filter\"";

enum { LINE_LENGTH = sizeof line - 1 };

/* A file that somebody renamed into its place is at rest at once: else it would have to be left alone for a second. */
static void put_content(const struct buffer *content)
{
    const struct timespec long_ago[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    fuzz_put_file(fuzz_path(PATH_FILTERS), content->bytes, content->length);
    require(utimensat(AT_FDCWD, fuzz_path(PATH_FILTERS), long_ago, 0) == 0);
}

static void require_content(const struct buffer *expected)
{
    struct buffer content = {0};
    struct error error;
    require(readfile(fuzz_path(PATH_FILTERS), &content, &error) > 0);
    require(buffer_equal(&content, expected));
    buffer_clear(&content);
}

static void get_content(struct buffer *content)
{
    struct error error;
    content->length = 0;
    require(readfile(fuzz_path(PATH_FILTERS), content, &error) > 0);
}

static void expand(const uint8_t *data, size_t size, struct buffer *content)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] == 1)
            buffer_add(content, line, LINE_LENGTH);
        else
            buffer_add(content, (const char *)&data[i], 1);
    }
}

/* --- lines, without the library ----------------------------------------------------------------------------------- */

/* The next line of the file from *at on, without its line end (LF or CRLF). False at the end. */
static bool take_line(const struct buffer *content, size_t *at, const char **text, size_t *length)
{
    if (*at == content->length)
        return false;
    *text = content->bytes + *at;
    const char *lf = memchr(*text, '\n', content->length - *at);
    *length = lf ? (size_t)(lf - *text) : content->length - *at;
    *at += *length + (lf != NULL);
    if (lf && *length > 0 && lf[-1] == '\r')
        --*length;
    return true;
}

static bool is_line(const char *text, size_t length)
{
    return length == LINE_LENGTH && memcmp(text, line, LINE_LENGTH) == 0;
}

static size_t count_ours(const struct buffer *content)
{
    const char *text;
    size_t length;
    size_t ours = 0;
    for (size_t at = 0; take_line(content, &at, &text, &length);)
        ours += is_line(text, length);
    return ours;
}

/* The next line that isn't ours. */
static bool take_other(const struct buffer *content, size_t *at, const char **text, size_t *length)
{
    while (take_line(content, at, text, length))
        if (!is_line(*text, *length))
            return true;
    return false;
}

/* The same other lines in the same order. A CR that ends a file is a part of a line end when an LF follows it. */
static void require_same_others(const struct buffer *a, const struct buffer *b)
{
    size_t at[2] = {0, 0};
    const char *text[2];
    size_t length[2];
    while (take_other(a, &at[0], &text[0], &length[0])) {
        require(take_other(b, &at[1], &text[1], &length[1]));
        for (size_t i = 0; i < 2; i++)
            while (length[i] > 0 && text[i][length[i] - 1] == '\r')
                length[i]--;
        require(length[0] == length[1] && memcmp(text[0], text[1], length[0]) == 0);
    }
    require(!take_other(b, &at[1], &text[1], &length[1]));
}

/* --- what is tried ------------------------------------------------------------------------------------------------ */

static void require_found(size_t exact)
{
    struct registration found;
    struct error error;
    require(registration_find(fuzz_directory, &call, &found, &error) > 0);
    require(registration_count(&found, true) == exact && (exact == 0 || found.last));
    registration_clear(&found);
}

/* The file has our line once, and last. */
static void check_twice(const struct buffer *added)
{
    struct error error;
    require(count_ours(added) == 1);
    require_found(1);
    require(registration_add(fuzz_directory, &call, &error) == 0);
    require_content(added);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error;
    struct buffer before = {0};
    struct buffer added = {0};
    struct buffer removed = {0};
    fuzz_make_directory();
    expand(data, size, &before);
    put_content(&before);
    const int result = registration_add(fuzz_directory, &call, &error);
    if (result < 0) {
        require(error.text[0] != '\0');
        require_content(&before);
    } else {
        get_content(&added);
        require(result > 0 || buffer_equal(&before, &added));
        require_same_others(&before, &added);
        check_twice(&added);
    }
    const bool removes = registration_remove(fuzz_directory, &call, &error) > 0;
    get_content(&removed);
    require(removes || buffer_equal(&removed, result < 0 ? &before : &added));
    require_same_others(&before, &removed);
    require(count_ours(&removed) == 0);
    require(registration_remove(fuzz_directory, &call, &error) == 0);
    require_content(&removed);
    if (result >= 0)
        require_found(0);
    if (result > 0 && count_ours(&before) == 0)
        require(buffer_equal(&before, &removed));
    buffer_clear(&before);
    buffer_clear(&added);
    buffer_clear(&removed);
    return 0;
}
