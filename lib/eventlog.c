/* SPDX-License-Identifier: MIT */
#include "eventlog.h"

#include "messages.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_MODE = 0644, DETAIL_MAX = 4096 };

static const char *const names[] = {
    [EVENT_ADD] = "ADD",           [EVENT_REMOVE] = "REMOVE",   [EVENT_REBUILD] = "REBUILD",
    [EVENT_SHADOWED] = "SHADOWED", [EVENT_WARNING] = "WARNING", [EVENT_ERROR] = "ERROR",
};

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

static int append(int descriptor, const struct buffer *lines)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return -1;
    if (!S_ISREG(status.st_mode)) {
        errno = EINVAL;
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

int eventlog_write(struct eventlog *log, const char *path, struct error *error)
{
    int result = log->lines.failed ? error_memory(error, "write the event log") : 1;
    if (result > 0 && log->lines.length > 0) {
        int descriptor = sys_open_shared(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, LOG_MODE);
        if (descriptor < 0 || append(descriptor, &log->lines) < 0)
            result = error_system(error, errno, "unable to write the event log %s", path);
        if (descriptor >= 0)
            (void)sys_close(descriptor);
    }
    buffer_clear(&log->lines);
    return result;
}
