/* SPDX-License-Identifier: MIT */
#include "sys.h"

#include "place.h"

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

int sys_open_at(int directory, const char *name, int flags, mode_t mode)
{
    int descriptor;
    do
        descriptor = openat(directory, name, flags | O_CLOEXEC, mode);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

static bool give_to_owner_of_directory(int descriptor, int directory)
{
    struct stat status;
    return fstat(directory, &status) == 0 && fchown(descriptor, status.st_uid, status.st_gid) == 0;
}

static int open_shared_at(int directory, const char *name, int flags, mode_t mode)
{
    int descriptor = sys_open_at(directory, name, flags, 0);
    if (descriptor >= 0 || errno != ENOENT)
        return descriptor;
    descriptor = sys_open_at(directory, name, flags | O_CREAT | O_EXCL, mode);
    if (descriptor < 0 && errno == EEXIST) /* somebody was faster */
        return sys_open_at(directory, name, flags, 0);
    if (descriptor >= 0 && geteuid() == 0 && !give_to_owner_of_directory(descriptor, directory))
        errno = 0; /* it stays root's, whose own rebuilds go on */
    return descriptor;
}

int sys_open_shared(const char *path, int flags, mode_t mode)
{
    const char *name;
    int directory = place_open_of(path, &name);
    if (directory < 0)
        return -1;
    int descriptor = open_shared_at(directory, name, flags, mode);
    int kept = errno;
    (void)sys_close(directory);
    errno = kept;
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
