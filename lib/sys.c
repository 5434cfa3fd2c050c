/* SPDX-License-Identifier: MIT */
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int sys_open(const char *path, int flags, mode_t mode)
{
    return sys_open_at(AT_FDCWD, path, flags, mode);
}

int sys_open_at(int directory, const char *name, int flags, mode_t mode)
{
    int descriptor;
    do
        descriptor = openat(directory, name, flags | O_CLOEXEC, mode);
    while (descriptor < 0 && errno == EINTR);
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
