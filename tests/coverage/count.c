/* SPDX-License-Identifier: MIT */
/*
 * Linked into the programs whose coverage is measured, with --wrap=_exit and --wrap=execv. gcov's runtime adds the
 * process's counts to those in the files when a process ends by exit: here it does so where a process ends, or becomes
 * another program, without that. The calls that it makes meanwhile are no calls of the program: if
 * tests/faults/faults.c is preloaded, they neither count nor fail. What it says where it can't write is said to nobody.
 *
 * PLACE is a directory with such files.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#ifndef PLACE
#define PLACE "."
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

/* Another user than who built it may not be let in. */
static bool can_count(void)
{
    return access(PLACE, X_OK) == 0;
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
