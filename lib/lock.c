/* SPDX-License-Identifier: MIT */
#include "lock.h"

#include "place.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { LOCK_MODE = 0600 };

/* As flock, without waiting. 1: it is ours; 0: another process has it; -1 with errno. */
static int try_lock(int descriptor, int operation)
{
    int result;
    do
        result = flock(descriptor, operation | LOCK_NB);
    while (result != 0 && errno == EINTR);
    if (result == 0)
        return 1;
    return errno == EWOULDBLOCK ? 0 : -1;
}

int lock_take(const char *path, int *descriptor, struct error *error)
{
    /* O_NONBLOCK: whatever has been put there must not hold us up. */
    int opened = place_open_shared(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK, LOCK_MODE);
    if (opened < 0)
        return error_system(error, errno, "unable to open the lock file %s", path);
    int result = try_lock(opened, LOCK_EX);
    if (result < 0)
        (void)error_system(error, errno, "unable to lock %s", path);
    if (result > 0)
        *descriptor = opened;
    else
        (void)sys_close(opened);
    return result;
}

int lock_is_held(const char *path, struct error *error)
{
    int opened = sys_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (opened < 0)
        return errno == ENOENT ? 0 : error_system(error, errno, "unable to open the lock file %s", path);
    int result = try_lock(opened, LOCK_SH);
    if (result < 0)
        (void)error_system(error, errno, "unable to lock %s", path);
    (void)sys_close(opened);
    return result < 0 ? -1 : !result;
}

void lock_release(int *descriptor)
{
    if (*descriptor >= 0)
        (void)sys_close(*descriptor);
    *descriptor = -1;
}
