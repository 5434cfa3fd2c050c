/* SPDX-License-Identifier: MIT */
#include "readfile.h"

#include "place.h"
#include "sys.h"

#include <errno.h>
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

/* Reads the file that was opened, unless opening failed with this reason. */
static int read_opened(int descriptor, int reason, const char *path, struct buffer *content, struct stat *status,
                       struct error *error)
{
    if (descriptor < 0 && reason == ENOENT && lstat(path, status) != 0) /* a link to nothing is no missing file */
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

int readfile_status(const char *path, struct buffer *content, struct stat *status, struct error *error)
{
    int descriptor = place_open_unlinked(path);
    return read_opened(descriptor, errno, path, content, status, error);
}

int readfile_and_status(const char *path, struct buffer *content, struct stat *status, struct error *error)
{
    int descriptor = place_open_file(path);
    return read_opened(descriptor, errno, path, content, status, error);
}

int readfile(const char *path, struct buffer *content, struct error *error)
{
    struct stat status;
    return readfile_and_status(path, content, &status, error);
}
