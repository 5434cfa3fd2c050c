/* SPDX-License-Identifier: MIT */
#include "lock.h"

#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { LOCK_MODE = 0600 };

int lock_take(const char *path, int *descriptor, struct error *error)
{
    /* O_NONBLOCK: whatever has been put there must not hold us up. */
    int opened = sys_open_shared(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK, LOCK_MODE);
    if (opened < 0)
        return error_system(error, errno, "unable to open the lock file %s", path);
    while (flock(opened, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        int result = errno == EWOULDBLOCK ? 0 : error_system(error, errno, "unable to lock %s", path);
        (void)sys_close(opened);
        return result;
    }
    *descriptor = opened;
    return 1;
}

void lock_release(int *descriptor)
{
    if (*descriptor >= 0)
        (void)sys_close(*descriptor);
    *descriptor = -1;
}
