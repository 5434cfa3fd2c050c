/* SPDX-License-Identifier: MIT */
/*
 * spammers-log: any bytes as the file, and any text in an event (the input is both, parted by its first byte 0). What
 * is there stays; an event is one line of five fields, behind a line end; what the file's end says already isn't said
 * again, and only that.
 */
#include "fuzz.h"

#include "eventlog.h"
#include "readfile.h"

enum { TEXT_MAX = 6000, DETAIL_MAX = 4095, QUIET = 3600 };

static const char head[] = "\"2026-11-20 12:00:00\"\t\"ERROR\"\t\"\"\t\"\"\t\"";

/* No line end or other control character, five fields and ten quotes. */
static void require_line(const char *line, size_t length)
{
    size_t tabs = 0;
    size_t quotes = 0;
    for (size_t i = 0; i + 1 < length; i++) {
        require((unsigned char)line[i] >= ' ' || line[i] == '\t');
        tabs += line[i] == '\t';
        quotes += line[i] == '"';
    }
    require(length > sizeof head && length <= sizeof head + DETAIL_MAX + 2 && tabs == 4 && quotes == 10);
    require(memcmp(line, head, sizeof head - 1) == 0 && line[length - 2] == '"' && line[length - 1] == '\n');
}

/* True if the file's last line is the same but for its time. */
static bool ends_so(const struct buffer *content, const char *line, size_t length)
{
    const size_t time = sizeof "\"2026-11-20 12:00:00\"" - 1;
    const char *end = content->bytes + content->length - length;
    return content->length >= length && memcmp(end + time, line + time, length - time) == 0;
}

static void put_event(const struct moment *now, const char *text, time_t quiet)
{
    struct eventlog log = {.now = now};
    struct error error;
    eventlog_add(&log, EVENT_ERROR, "%s", text);
    const int result = quiet < 0 ? eventlog_write(&log, fuzz_path("spammers-log"), &error)
                                 : eventlog_write_unless_said(&log, fuzz_path("spammers-log"), quiet, &error);
    require(result > 0 && log.lines.length == 0);
    buffer_clear(&log.lines);
}

static void get_file(struct buffer *content)
{
    struct error error;
    content->length = 0;
    require(readfile(fuzz_path("spammers-log"), content, &error) > 0);
}

/* The file is what it was, with one line behind it; or just what it was, as it ended so already. */
static void check_file(const struct buffer *before, const struct buffer *after, const char *line, size_t length)
{
    const bool complete = before->length == 0 || before->bytes[before->length - 1] == '\n';
    if (buffer_equal(before, after)) {
        require(ends_so(before, line, length));
        return;
    }
    require(after->length == before->length + !complete + length);
    require(before->length == 0 || memcmp(after->bytes, before->bytes, before->length) == 0);
    require(complete || after->bytes[before->length] == '\n');
    require(memcmp(after->bytes + after->length - length, line, length) == 0);
}

static void check_event(const struct moment *now, const char *text, const struct buffer *before)
{
    struct buffer line = {0};
    struct buffer after = {0};
    struct buffer again = {0};
    require(unlink(fuzz_path("spammers-log")) == 0);
    put_event(now, text, -1);
    get_file(&line);
    require_line(line.bytes, line.length);
    fuzz_put_file(fuzz_path("spammers-log"), before->bytes, before->length);
    put_event(now, text, QUIET);
    get_file(&after);
    check_file(before, &after, line.bytes, line.length);
    if (!buffer_equal(before, &after)) { /* it was said just now */
        put_event(now, text, QUIET);
        get_file(&again);
        require(buffer_equal(&after, &again));
    }
    put_event(now, text, 0); /* that was too long ago */
    get_file(&again);
    require(again.length >= after.length + line.length);
    buffer_clear(&line);
    buffer_clear(&after);
    buffer_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_MAX + 1];
    struct buffer before = {0};
    struct moment now;
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    const size_t length = end ? (size_t)(end - data) : size;
    if (length > TEXT_MAX)
        return 0;
    fuzz_make_directory();
    require(moment_parse("2026-11-20T12:00:00", &now));
    if (length > 0)
        memcpy(text, data, length);
    text[length] = '\0';
    if (end)
        buffer_add(&before, (const char *)end + 1, size - length - 1);
    fuzz_put_file(fuzz_path("spammers-log"), before.bytes, before.length);
    check_event(&now, text, &before);
    buffer_clear(&before);
    return 0;
}
