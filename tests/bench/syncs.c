/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a program (LD_PRELOAD), this tells its own time from that of the disk's syncs: they do nothing, or, if
 * BENCH_SYNCS names a file, they do what they should, and a line is added to the file at the end: seconds they took,
 * and how many there were.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double seconds;
static int count;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int sync_by(const char *name, int descriptor)
{
    int (*sync)(int);
    if (!getenv("BENCH_SYNCS"))
        return 0;
    *(void **)&sync = dlsym(RTLD_NEXT, name);
    double begin = now();
    int result = sync ? sync(descriptor) : -1;
    seconds += now() - begin;
    count++;
    return result;
}

int fsync(int descriptor)
{
    return sync_by("fsync", descriptor);
}

int fdatasync(int descriptor)
{
    return sync_by("fdatasync", descriptor);
}

__attribute__((destructor)) static void write_down(void)
{
    const char *path = getenv("BENCH_SYNCS");
    /* Not for those that are preloaded as well: the one that measures is. */
    FILE *file = path && count > 0 ? fopen(path, "a") : NULL;
    if (!file)
        return;
    (void)fprintf(file, "%.6f %d\n", seconds, count);
    (void)fclose(file);
}
