/* SPDX-License-Identifier: MIT */
#include "readfile.h"

#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { CHUNK = 64 * 1024 };

/* The file may grow meanwhile, so its size is no more than a hint. */
static int read_all(int descriptor, const char *path, struct buffer *content, struct error *error)
{
    const size_t limit = content->length + READFILE_MAX;
    for (;;) {
        if (!buffer_reserve(content, CHUNK))
            return error_set(error, "unable to read %s: out of memory", path);
        ssize_t got = sys_read(descriptor, content->bytes + content->length, CHUNK);
        if (got == 0)
            return 1;
        if (got < 0)
            return error_system(error, errno, "unable to read %s", path);
        content->length += (size_t)got;
        if (content->length > limit)
            return error_set(error, "unable to read %s: it is larger than %d MiB", path, READFILE_MAX / 1024 / 1024);
    }
}

int readfile_status(const char *path, struct buffer *content, struct stat *status, struct error *error)
{
    int descriptor = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    int reason = errno;
    if (descriptor < 0 && errno == ENOENT && lstat(path, status) != 0) /* a link to nothing is no missing file */
        return errno == ENOENT ? 0 : error_system(error, errno, "unable to read %s", path);
    if (descriptor < 0)
        return error_system(error, reason, "unable to read %s", path);
    int result;
    if (fstat(descriptor, status) != 0)
        result = error_system(error, errno, "unable to read %s", path);
    else if (!S_ISREG(status->st_mode))
        result = error_set(error, "unable to read %s: it is not a regular file", path);
    else
        result = read_all(descriptor, path, content, error);
    (void)sys_close(descriptor);
    return result;
}

int readfile(const char *path, struct buffer *content, struct error *error)
{
    struct stat status;
    return readfile_status(path, content, &status, error);
}
