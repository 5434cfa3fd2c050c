/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double first_after = 1.0;
static const double then_every = 0.2;
static const double memory = 3.0; /* seconds after which what was read counts half for the rate */

enum { LINE_SIZE = 128, COLUMNS = 80 };

/* --- how fast it is ----------------------------------------------------------------------------------------------- */

static double seconds_since(const struct timespec *begin)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

/* What is done at first was known before, and not read. */
static void measure(struct progress *progress, double now, uint64_t done)
{
    const double passed = now - progress->at;
    const double kept = memory / (memory + passed);
    if (progress->measured && done >= progress->done) {
        progress->bytes = progress->bytes * kept + (double)(done - progress->done);
        progress->seconds = progress->seconds * kept + passed;
    }
    progress->measured = true;
    progress->at = now;
    progress->done = done;
}

/* --- the line ----------------------------------------------------------------------------------------------------- */

struct line {
    char text[LINE_SIZE];
    size_t length;
    size_t room; /* characters that fit */
};

/* One column stays free: a terminal may begin a new line behind the last. */
static size_t columns(void)
{
    struct winsize size;
    const bool told = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    const size_t width = (told ? size.ws_col : COLUMNS) - 1U;
    return width < LINE_SIZE ? width : LINE_SIZE - 1;
}

/* Adds the part, if there is room for the whole of it; else there is none for those behind it either. */
__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
    char part[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(part, sizeof part, format, arguments);
    va_end(arguments);
    if (length < 0 || line->length + (size_t)length > line->room) {
        line->room = line->length;
        return;
    }
    memcpy(line->text + line->length, part, (size_t)length + 1);
    line->length += (size_t)length;
}

/* What so many bytes are told in. */
struct unit {
    double bytes;
    const char *name;
    int digits; /* behind the point */
};

static struct unit unit_for(double bytes)
{
    struct unit unit = {1e3, "kB", 0};
    if (bytes >= 1e9)
        unit = (struct unit){1e9, "GB", 0};
    else if (bytes >= 1e6)
        unit = (struct unit){1e6, "MB", 0};
    unit.digits = bytes < 10 * unit.bytes ? 1 : 0;
    return unit;
}

static void add_time_left(struct line *line, double seconds)
{
    enum { MINUTE = 60, HOUR = 60 * MINUTE, LONGEST = 100 * HOUR };
    if (seconds >= LONGEST) /* nobody knows */
        return;
    const int whole = (int)seconds + 1;
    if (whole < MINUTE)
        add(line, ", %d s left", whole);
    else if (whole < HOUR)
        add(line, ", %d min %d s left", whole / MINUTE, whole % MINUTE);
    else
        add(line, ", %d h %d min left", whole / HOUR, whole % HOUR / MINUTE);
}

static void make_line(const struct progress *progress, uint64_t done, uint64_t total, struct line *line)
{
    const double all = (double)total;
    const double part = done < total ? (double)done : all;
    const struct unit unit = unit_for(all);
    *line = (struct line){.room = columns()};
    add(line, "reading logs: %d %%", (int)(part * 100 / all));
    add(line, ", %.*f of %.*f %s", unit.digits, part / unit.bytes, unit.digits, all / unit.bytes, unit.name);
    if (!(progress->bytes > 0 && progress->seconds > 0))
        return;
    const double rate = progress->bytes / progress->seconds;
    const struct unit rated = unit_for(rate);
    add(line, ", %.*f %s/s", rated.digits, rate / rated.bytes, rated.name);
    add_time_left(line, (all - part) / rate);
}

/* ------------------------------------------------------------------------------------------------------------------ */

void progress_begin(struct progress *progress)
{
    const char *terminal = getenv("TERM");
    *progress = (struct progress){.next = first_after};
    progress->on_terminal = isatty(STDERR_FILENO) == 1 && terminal && strcmp(terminal, "dumb") != 0 &&
                            clock_gettime(CLOCK_MONOTONIC, &progress->begin) == 0;
}

void progress_update(void *context, uint64_t done, uint64_t total)
{
    struct progress *progress = context;
    struct line line;
    if (!progress->on_terminal || total == 0)
        return;
    const double now = seconds_since(&progress->begin);
    measure(progress, now, done);
    if (now < progress->next)
        return;
    progress->next = now + then_every;
    progress->shown = true;
    make_line(progress, done, total, &line);
    (void)fprintf(stderr, "\r%s\033[K", line.text);
    (void)fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        (void)fputs("\r\033[K", stderr);
    progress->shown = false;
}
