/* SPDX-License-Identifier: MIT */
/*
 * Linked into the programs whose coverage is measured, with --wrap=_exit and --wrap=execv. gcov's runtime adds the
 * process's counts to those in the files when a process ends by exit: here it does so where a process ends, or becomes
 * another program, without that. The calls that it makes meanwhile are no calls of the program: where faults are made
 * (tests/faults/faults.c, tests/unit/test_memory.c) they neither count nor fail. What it says where it can't write is
 * said to nobody.
 *
 * With --wrap=prctl and --wrap=syscall, too, no process is confined so that it can't write to those files:
 * lib/confine.c does all that it does, but for the two calls that would see to it. Without these two, one that is has
 * no counts.
 *
 * COUNTS is such a file.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#ifndef COUNTS
#define COUNTS ""
#endif

void __gcov_dump(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
int __real_execv(const char *path, char *const arguments[]);
int __wrap_execv(const char *path, char *const arguments[]);

__attribute__((weak)) void faults_pause(bool pause);

static void pause_faults(bool pause)
{
    if (faults_pause)
        faults_pause(pause);
}

/* Another user than who built it may not be let in, nor a process that is confined. */
static bool can_count(void)
{
    const int file = open(COUNTS, O_WRONLY | O_CLOEXEC);
    return file >= 0 && close(file) == 0;
}

/* What is to be said has been said: this is called after all that exit calls, and before the runtime's own. */
__attribute__((destructor)) static void end(void)
{
    pause_faults(true);
    if (!can_count())
        (void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
}

void __wrap__exit(int status)
{
    pause_faults(true);
    if (can_count())
        __gcov_dump();
    __real__exit(status);
}

int __wrap_execv(const char *path, char *const arguments[])
{
    pause_faults(true);
    if (can_count())
        __gcov_dump();
    pause_faults(false);
    return __real_execv(path, arguments);
}

/* The real ones aren't linked where these calls are as they are. */
__attribute__((weak)) int __real_kill(pid_t process, int number);
int __wrap_kill(pid_t process, int number);

enum { PATIENCE = 500, PAUSE = 10 * 1000 * 1000 /* ns */ };

static bool is_gone(pid_t child)
{
    siginfo_t end = {.si_pid = 0};
    return waitid(P_PID, (id_t)child, &end, WEXITED | WNOHANG | WNOWAIT) != 0 || end.si_pid != 0;
}

/* What is still there after that has no end of its own. */
int __wrap_kill(pid_t process, int number)
{
    const struct timespec pause = {.tv_nsec = PAUSE};
    for (int i = 0; number == SIGKILL && i < PATIENCE && !is_gone(process); i++)
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    return __real_kill(process, number);
}

#ifdef __linux__
enum { ARGUMENTS_MAX = 6 };

__attribute__((weak)) int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);
__attribute__((weak)) long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* More than were given are whatever there is: so they are to the calls themselves. */
#define TAKE_ARGUMENTS(taken, last)                                                                                    \
    unsigned long taken[ARGUMENTS_MAX];                                                                                \
    va_list list;                                                                                                      \
    va_start(list, last);                                                                                              \
    for (unsigned i = 0; i < ARGUMENTS_MAX; i++)                                                                       \
        taken[i] = va_arg(list, unsigned long);                                                                        \
    va_end(list)

int __wrap_prctl(int option, ...)
{
    TAKE_ARGUMENTS(taken, option);
    return option == PR_SET_SECCOMP ? 0 : __real_prctl(option, taken[0], taken[1], taken[2], taken[3]);
}

long __wrap_syscall(long number, ...)
{
    TAKE_ARGUMENTS(taken, number);
#ifdef SYS_landlock_restrict_self
    if (number == SYS_landlock_restrict_self)
        return 0;
#endif
    return __real_syscall(number, taken[0], taken[1], taken[2], taken[3], taken[4], taken[5]);
}
#endif
