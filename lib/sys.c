/* SPDX-License-Identifier: MIT */
#include "sys.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int sys_open(const char *path, int flags, mode_t mode)
{
    int descriptor;
    do
        descriptor = open(path, flags | O_CLOEXEC, mode);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

static bool give_to_owner_of_directory(int descriptor, const char *path)
{
    struct stat status;
    char *directory = path_directory(path);
    bool given = directory && stat(directory, &status) == 0 && fchown(descriptor, status.st_uid, status.st_gid) == 0;
    free(directory);
    return given;
}

int sys_open_shared(const char *path, int flags, mode_t mode)
{
    int descriptor = sys_open(path, flags, 0);
    if (descriptor >= 0 || errno != ENOENT)
        return descriptor;
    descriptor = sys_open(path, flags | O_CREAT | O_EXCL, mode);
    if (descriptor < 0 && errno == EEXIST) /* somebody was faster */
        return sys_open(path, flags, 0);
    if (descriptor >= 0 && geteuid() == 0 && !give_to_owner_of_directory(descriptor, path))
        errno = 0; /* it stays root's, whose own rebuilds go on */
    return descriptor;
}

ssize_t sys_read(int descriptor, void *bytes, size_t length)
{
    ssize_t got;
    do
        got = read(descriptor, bytes, length);
    while (got < 0 && errno == EINTR);
    return got;
}

ssize_t sys_pread(int descriptor, void *bytes, size_t length, off_t offset)
{
    ssize_t got;
    do
        got = pread(descriptor, bytes, length, offset);
    while (got < 0 && errno == EINTR);
    return got;
}

ssize_t sys_write(int descriptor, const void *bytes, size_t length)
{
    ssize_t written;
    do
        written = write(descriptor, bytes, length);
    while (written < 0 && errno == EINTR);
    return written;
}

int sys_fsync(int descriptor)
{
    int result;
    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result;
}

int sys_close(int descriptor)
{
    /* On Linux and the BSDs an interrupted close has closed; to try again could hit somebody else's descriptor. */
    int result = close(descriptor);
    return result != 0 && errno == EINTR ? 0 : result;
}
