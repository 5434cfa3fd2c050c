/* SPDX-License-Identifier: MIT */
#include "newfile.h"

#include "path.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nobody else uses this ending: what has it is ours to remove. */
#define TEMPORARY_SUFFIX ".xmail-spammers.tmp"

static char *temporary_name(const char *path)
{
    size_t size = strlen(path) + sizeof TEMPORARY_SUFFIX;
    char *name = malloc(size);
    if (name)
        (void)snprintf(name, size, "%s" TEMPORARY_SUFFIX, path);
    return name;
}

static int write_all(int descriptor, const struct buffer *content)
{
    for (size_t done = 0; done < content->length;) {
        ssize_t written = sys_write(descriptor, content->bytes + done, content->length - done);
        if (written < 0)
            return -1;
        done += (size_t)written;
    }
    return 1;
}

static int set_owner(int descriptor, const struct newfile_owner *owner)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return -1;
    bool other = status.st_uid != owner->user || status.st_gid != owner->group;
    if (other && fchown(descriptor, owner->user, owner->group) != 0 && owner->required)
        return -1;
    return fchmod(descriptor, owner->mode) != 0 ? -1 : 1; /* after fchown, which may clear bits */
}

/* Does all the work on the open file and closes it. The error names what could not be done. */
static int fill(int descriptor, const char *name, const struct buffer *content, const struct newfile_owner *owner,
                struct error *error)
{
    const char *failed = NULL;
    if (write_all(descriptor, content) < 0)
        failed = "write";
    else if (set_owner(descriptor, owner) < 0)
        failed = "set owner and mode of";
    else if (sys_fsync(descriptor) != 0)
        failed = "sync";
    int reason = errno;
    if (sys_close(descriptor) != 0 && !failed) {
        failed = "close";
        reason = errno;
    }
    return failed ? error_system(error, reason, "unable to %s %s", failed, name) : 1;
}

int newfile_sweep(const char *path, struct error *error)
{
    char *name = temporary_name(path);
    if (!name)
        return error_memory(error, "name a temporary file");
    int result = 1;
    if (unlink(name) != 0 && errno != ENOENT)
        result = error_system(error, errno, "unable to remove the left-over temporary file %s", name);
    free(name);
    return result;
}

int newfile_write(const char *path, const struct buffer *content, const struct newfile_owner *owner,
                  struct newfile *file, struct error *error)
{
    *file = (struct newfile){NULL};
    if (newfile_sweep(path, error) < 0)
        return -1;
    char *name = temporary_name(path);
    if (!name)
        return error_memory(error, "name a temporary file");
    int descriptor = sys_open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (descriptor < 0) {
        (void)error_system(error, errno, "unable to create %s", name);
        free(name);
        return -1;
    }
    file->temporary = name;
    if (fill(descriptor, name, content, owner, error) > 0)
        return 1;
    newfile_abandon(file);
    return -1;
}

void newfile_abandon(struct newfile *file)
{
    int kept = errno;
    if (file->temporary)
        (void)unlink(file->temporary);
    free(file->temporary);
    file->temporary = NULL;
    errno = kept;
}

static int sync_directory(const char *path, struct error *error)
{
    char *directory = path_directory(path);
    if (!directory)
        return error_memory(error, "sync a directory");
    int result = 1;
    int descriptor = sys_open(directory, O_RDONLY | O_DIRECTORY, 0);
    /* Some file systems can't sync a directory, and say so with EINVAL. */
    if (descriptor < 0 || (sys_fsync(descriptor) != 0 && errno != EINVAL))
        result = error_system(error, errno, "unable to sync the directory %s", directory);
    if (descriptor >= 0)
        (void)sys_close(descriptor);
    free(directory);
    return result;
}

/* The temporary name is gone: there is nothing to abandon any more. */
static void forget(struct newfile *file)
{
    free(file->temporary);
    file->temporary = NULL;
}

int newfile_replace(struct newfile *file, const char *path, struct error *error)
{
    if (rename(file->temporary, path) != 0) {
        (void)error_system(error, errno, "unable to rename %s to %s", file->temporary, path);
        newfile_abandon(file);
        return -1;
    }
    forget(file);
    return sync_directory(path, error) > 0 ? 1 : 0;
}

/* As link, also where the file system has no links: nobody else of us makes the name meanwhile, the lock is ours. */
static int link_or_rename(const char *from, const char *to)
{
    if (link(from, to) == 0) {
        (void)unlink(from); /* else the next sweep takes it: it is a second name of a good file */
        return 0;
    }
    struct stat status;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        return -1;
    if (lstat(to, &status) == 0)
        errno = EEXIST;
    else if (errno == ENOENT)
        return rename(from, to);
    return -1;
}

int newfile_create(struct newfile *file, const char *path, struct error *error)
{
    if (link_or_rename(file->temporary, path) != 0) {
        if (errno == EEXIST)
            return 0;
        (void)error_system(error, errno, "unable to link %s to %s", file->temporary, path);
        newfile_abandon(file);
        return -1;
    }
    forget(file);
    if (sync_directory(path, error) > 0)
        return 1;
    (void)unlink(path);
    return -1;
}
