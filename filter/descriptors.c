/* SPDX-License-Identifier: MIT */
#include "descriptors.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

enum { FIRST_OTHER = STDERR_FILENO + 1, OTHERS_MAX = 65536 };

bool descriptors_occupy_standard(void)
{
    for (int wanted = STDIN_FILENO; wanted <= STDERR_FILENO; wanted++)
        if (fcntl(wanted, F_GETFD) < 0 && open("/dev/null", O_RDWR) != wanted) /* takes the lowest that is free */
            return false;
    return true;
}

void descriptors_silence_standard(void)
{
    int nowhere = open("/dev/null", O_RDWR);
    for (int wanted = STDIN_FILENO; wanted <= STDERR_FILENO; wanted++)
        if (nowhere < 0 || (nowhere != wanted && dup2(nowhere, wanted) < 0))
            (void)close(wanted);
    if (nowhere >= FIRST_OTHER)
        (void)close(nowhere);
}

void descriptors_close_others(void)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)FIRST_OTHER, UINT_MAX, 0U) == 0)
        return;
#endif
    long most = sysconf(_SC_OPEN_MAX);
    for (int other = FIRST_OTHER; other < (most > 0 && most < OTHERS_MAX ? (int)most : OTHERS_MAX); other++)
        (void)close(other);
}
