/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

static const double first_after = 1.0;
static const double then_every = 0.2;

static double seconds_since(const struct timespec *begin)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

void progress_begin(struct progress *progress)
{
    *progress = (struct progress){.on_terminal = isatty(STDERR_FILENO) == 1, .next = first_after};
    if (clock_gettime(CLOCK_MONOTONIC, &progress->begin) != 0)
        progress->on_terminal = false;
}

void progress_update(void *context, uint64_t done, uint64_t total)
{
    struct progress *progress = context;
    if (!progress->on_terminal || total == 0 || seconds_since(&progress->begin) < progress->next)
        return;
    progress->next = seconds_since(&progress->begin) + then_every;
    progress->shown = true;
    double part = done < total ? (double)done / (double)total : 1;
    (void)fprintf(stderr, "\rreading logs: %3.0f %%, %llu of %llu MB ", part * 100, (unsigned long long)done / 1000000,
                  (unsigned long long)total / 1000000);
    (void)fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        (void)fputs("\r\033[K", stderr);
    progress->shown = false;
}
