/* SPDX-License-Identifier: MIT */
#include "eventlog.h"

#include "messages.h"
#include "path.h"
#include "place.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_MODE = 0644, DETAIL_MAX = 4096 };

static const char *const names[] = {
    [EVENT_ADD] = "ADD",           [EVENT_REMOVE] = "REMOVE",   [EVENT_REBUILD] = "REBUILD",
    [EVENT_SHADOWED] = "SHADOWED", [EVENT_WARNING] = "WARNING", [EVENT_ERROR] = "ERROR",
};

const char *eventlog_name(enum event event)
{
    return names[event];
}

/* Names of files may stand in a detail: nothing in them may break the line's form. */
static void make_harmless(char *text)
{
    messages_make_harmless(text, strlen(text));
    while ((text = strchr(text, '"')))
        *text = '\'';
}

__attribute__((format(printf, 5, 0))) static void add_line(struct eventlog *log, enum event event, const char *address,
                                                           const char *count, const char *format, va_list arguments)
{
    char time[MOMENT_TEXT_SIZE];
    char detail[DETAIL_MAX];
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    make_harmless(detail);
    buffer_add_format(&log->lines, "\"%s\"\t\"%s\"\t\"%s\"\t\"%s\"\t\"%s\"\n", moment_format(log->now, time),
                      names[event], address, count, detail);
}

void eventlog_add_count(struct eventlog *log, enum event event, const char *address, uint64_t count, const char *format,
                        ...)
{
    char number[24];
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)count);
    va_list arguments;
    va_start(arguments, format);
    add_line(log, event, address, number, format, arguments);
    va_end(arguments);
}

void eventlog_add(struct eventlog *log, enum event event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_line(log, event, "", "", format, arguments);
    va_end(arguments);
}

/*
 * True if the file has another name somewhere, and not the owner of its directory: he may have put it there so that we
 * write to what he himself can't.
 */
static bool is_anothers(const struct stat *status, const char *path)
{
    struct stat around;
    if (status->st_nlink < 2)
        return false;
    char *directory = path_directory(path);
    bool same = directory && stat(directory, &around) == 0 && around.st_uid == status->st_uid;
    free(directory);
    return !same;
}

static int append(int descriptor, const char *path, const struct buffer *lines)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return -1;
    if (!S_ISREG(status.st_mode) || is_anothers(&status, path)) {
        errno = S_ISREG(status.st_mode) ? ELOOP : EINVAL;
        return -1;
    }
    ssize_t written = sys_write(descriptor, lines->bytes, lines->length);
    if (written == (ssize_t)lines->length)
        return 1;
    if (written >= 0) {
        /* The disk has just filled up. Take the beginning back: the next event must not be glued to it. */
        struct stat now;
        if (fstat(descriptor, &now) != 0 || now.st_size != status.st_size + written ||
            ftruncate(descriptor, status.st_size) != 0)
            return -1;
        errno = ENOSPC;
    }
    return -1;
}

/* Reads as many bytes of the file's end as the log has. False if there are not so many, or they can't be read. */
static bool read_end(const char *path, size_t length, char *end)
{
    struct stat status;
    bool whole = false;
    int descriptor = sys_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
    if (descriptor < 0)
        return false;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= (off_t)length &&
        lseek(descriptor, status.st_size - (off_t)length, SEEK_SET) >= 0)
        whole = sys_read(descriptor, end, length) == (ssize_t)length;
    (void)sys_close(descriptor);
    return whole;
}

/* True if somebody has left a line without an end, or that can't be told: an empty line does less harm. */
static bool is_unfinished(const char *path)
{
    char last;
    struct stat status;
    if (read_end(path, 1, &last))
        return last != '\n';
    return stat(path, &status) == 0 && status.st_size > 0;
}

/* Puts a line end before the lines if need be. */
static void complete(const char *path, struct buffer *lines)
{
    struct buffer text = {0};
    if (!is_unfinished(path))
        return;
    buffer_add_text(&text, "\n");
    buffer_add(&text, lines->bytes, lines->length);
    buffer_clear(lines);
    *lines = text;
}

static int write_lines(struct eventlog *log, const char *path, struct error *error)
{
    complete(path, &log->lines);
    int descriptor = place_open_shared(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, LOG_MODE);
    int result = log->lines.failed ? error_memory(error, "write the event log") : 1;
    if (result > 0 && (descriptor < 0 || append(descriptor, path, &log->lines) < 0))
        result = error_system(error, errno, "unable to write the event log %s", path);
    if (descriptor >= 0)
        (void)sys_close(descriptor);
    return result;
}

int eventlog_write(struct eventlog *log, const char *path, struct error *error)
{
    int result = log->lines.failed ? error_memory(error, "write the event log") : 1;
    if (result > 0 && log->lines.length > 0)
        result = write_lines(log, path, error);
    buffer_clear(&log->lines);
    return result;
}

/* --- what was said already ---------------------------------------------------------------------------------------- */

/* The length of a line's first field, which is the time: "YYYY-MM-DD hh:mm:ss" in its quotes. */
enum { TIME_FIELD = 1 + MOMENT_TEXT_SIZE - 1 + 1 };

/* True if both say the same in each line, whatever the time is. All times are of one length. */
static bool are_alike(const char *a, const char *b, size_t length)
{
    for (size_t at = 0; at < length;) {
        const char *line_end = memchr(a + at, '\n', length - at);
        size_t rest = line_end ? (size_t)(line_end + 1 - a) - at : length - at;
        if (rest < TIME_FIELD || memcmp(a + at + TIME_FIELD, b + at + TIME_FIELD, rest - TIME_FIELD) != 0)
            return false;
        at += rest;
    }
    return true;
}

/*
 * True if the first of these lines was said less than so many seconds ago. Where the clocks are turned back, a local
 * time comes twice, and the line may mean either.
 */
static bool is_recent(const char *line, const struct moment *now, time_t seconds)
{
    enum { TURNED_MAX = 2 * 60 * 60, TURNED_STEP = 30 * 60 };
    char said[MOMENT_TEXT_SIZE];
    char text[MOMENT_TEXT_SIZE];
    struct moment moment;
    memcpy(said, line + 1, sizeof said - 1);
    said[sizeof said - 1] = '\0';
    memcpy(text, said, sizeof text);
    text[DAY_TEXT_SIZE - 1] = 'T'; /* as moment_parse wants it */
    if (!moment_parse(text, &moment))
        return false;
    const time_t likely = moment.seconds;
    for (time_t at = likely - TURNED_MAX; at <= likely + TURNED_MAX; at += TURNED_STEP) {
        bool recent = at <= now->seconds && now->seconds - at < seconds;
        if (recent &&
            (at == likely || (moment_from_seconds(at, &moment) && strcmp(moment_format(&moment, text), said) == 0)))
            return true;
    }
    return false;
}

static bool is_said(const struct eventlog *log, const char *path, time_t seconds)
{
    char *end = log->lines.failed || log->lines.length == 0 ? NULL : malloc(log->lines.length);
    bool same = end && read_end(path, log->lines.length, end) && are_alike(log->lines.bytes, end, log->lines.length) &&
                is_recent(end, log->now, seconds);
    free(end);
    return same;
}

int eventlog_write_unless_said(struct eventlog *log, const char *path, time_t seconds, struct error *error)
{
    if (!is_said(log, path, seconds))
        return eventlog_write(log, path, error);
    buffer_clear(&log->lines);
    return 1;
}
