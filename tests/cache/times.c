/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a program (LD_PRELOAD), this gives it another clock, and file systems that keep coarser times:
 *
 *     TIMES_AHEAD   so many seconds are added to the time of day, less than 0: behind
 *     TIMES_STEP    whoever looks at the monotonic clock finds it so many milliseconds later than the time before
 *     TIMES_COARSE  the times of files are whole multiples of so many nanoseconds
 *
 * So a test needn't sleep until a file can't be taken for one that is being written, and can see what happens where
 * two changes of a file leave the same times.
 */
#undef _FILE_OFFSET_BITS /* here stat must be stat, and not stat64 under its name */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t second = 1000000000; /* in nanoseconds */

static long long ahead;
static long long step;
static int64_t coarse;

static long long number_of(const char *name)
{
    const char *text = getenv(name);
    return text ? strtoll(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void prepare(void)
{
    ahead = number_of("TIMES_AHEAD");
    step = number_of("TIMES_STEP");
    coarse = number_of("TIMES_COARSE");
}

/* --- the clock --------------------------------------------------------------------------------------------------- */

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static atomic_llong stepped; /* milliseconds */
    if (clock == CLOCK_MONOTONIC && step > 0) {
        const long long passed = atomic_fetch_add(&stepped, step) + step;
        *now = (struct timespec){.tv_sec = passed / 1000, .tv_nsec = passed % 1000 * 1000000};
        return 0;
    }
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += ahead;
    return result;
}

time_t time(time_t *now)
{
    struct timespec found = {0};
    (void)clock_gettime(CLOCK_REALTIME, &found);
    if (now)
        *now = found.tv_sec;
    return found.tv_sec;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec found;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &found);
    if (result == 0)
        *now = (struct timeval){.tv_sec = found.tv_sec, .tv_usec = found.tv_nsec / 1000};
    return result;
}

/* --- times of files ---------------------------------------------------------------------------------------------- */

static void make_coarse(struct timespec *time)
{
    int64_t nanoseconds = time->tv_sec * second + time->tv_nsec;
    if (coarse <= 0 || nanoseconds < 0)
        return;
    nanoseconds -= nanoseconds % coarse;
    *time = (struct timespec){.tv_sec = nanoseconds / second, .tv_nsec = nanoseconds % second};
}

/* The call as it would be without us. */
static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

/* One call that tells the times of a file: its name, parameters, arguments. */
#define INTERPOSE(name, parameters, arguments)                                                                         \
    int name parameters;                                                                                               \
    int name parameters                                                                                                \
    {                                                                                                                  \
        int result = ((int(*) parameters)next(#name))arguments;                                                        \
        if (result == 0) {                                                                                             \
            make_coarse(&status->st_mtim);                                                                             \
            make_coarse(&status->st_ctim);                                                                             \
        }                                                                                                              \
        return result;                                                                                                 \
    }

INTERPOSE(stat, (const char *path, struct stat *status), (path, status))
INTERPOSE(stat64, (const char *path, struct stat64 *status), (path, status))
INTERPOSE(lstat, (const char *path, struct stat *status), (path, status))
INTERPOSE(lstat64, (const char *path, struct stat64 *status), (path, status))
INTERPOSE(fstat, (int file, struct stat *status), (file, status))
INTERPOSE(fstat64, (int file, struct stat64 *status), (file, status))
INTERPOSE(fstatat, (int directory, const char *path, struct stat *status, int flags), (directory, path, status, flags))
INTERPOSE(fstatat64, (int directory, const char *path, struct stat64 *status, int flags),
          (directory, path, status, flags))
