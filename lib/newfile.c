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
#ifdef __linux__
#include <sys/xattr.h>
#endif

static char *temporary_name(const char *path)
{
    size_t size = strlen(path) + sizeof NEWFILE_SUFFIX;
    char *name = malloc(size);
    if (name)
        (void)snprintf(name, size, "%s" NEWFILE_SUFFIX, path);
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

#ifdef __linux__
static const char acl_name[] = "system.posix_acl_access";

int newfile_read_acl(const char *path, struct newfile_owner *owner, struct error *error)
{
    owner->acl.length = 0;
    ssize_t size = getxattr(path, acl_name, NULL, 0);
    if (size > 0 && buffer_reserve(&owner->acl, (size_t)size))
        size = getxattr(path, acl_name, owner->acl.bytes, (size_t)size);
    if (size < 0 && errno != ENODATA && errno != EOPNOTSUPP)
        return error_system(error, errno, "unable to read the access control list of %s", path);
    if (owner->acl.failed)
        return error_memory(error, "read an access control list");
    owner->acl.length = size < 0 ? 0 : (size_t)size;
    return 1;
}

static int set_acl(int descriptor, const struct newfile_owner *owner)
{
    return owner->acl.length == 0 ? 0 : fsetxattr(descriptor, acl_name, owner->acl.bytes, owner->acl.length, 0);
}
#else
int newfile_read_acl(const char *path, struct newfile_owner *owner, struct error *error)
{
    (void)path, (void)owner, (void)error;
    return 1;
}

static int set_acl(int descriptor, const struct newfile_owner *owner)
{
    (void)descriptor, (void)owner;
    return 0;
}
#endif

static int set_owner(int descriptor, const struct newfile_owner *owner)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return -1;
    bool other = status.st_uid != owner->user || status.st_gid != owner->group;
    if (other && fchown(descriptor, owner->user, owner->group) != 0 && owner->required)
        return -1;
    /* After fchown, which may clear bits of the mode; the list last, as the mode is a part of it. */
    const bool changes = other || (status.st_mode & 07777) != owner->mode;
    return (changes && fchmod(descriptor, owner->mode) != 0) || set_acl(descriptor, owner) != 0 ? -1 : 1;
}

/*
 * Puts the time of writing a nanosecond before that of the inode's change. A rename does so too, but the system's clock
 * may stand still between the two. By that order of its times one can tell that a file wasn't written in place.
 */
static void mark_as_whole(int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0 || status.st_mtim.tv_nsec == 0)
        return;
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {status.st_mtim.tv_sec, status.st_mtim.tv_nsec - 1}};
    (void)futimens(descriptor, times);
}

/* Does all the work on the open file. The error names what could not be done. */
static int fill(int descriptor, const struct buffer *content, const struct newfile_owner *owner, bool sync,
                const char *temporary, struct error *error)
{
    if (write_all(descriptor, content) < 0)
        return error_system(error, errno, "unable to write %s", temporary);
    if (set_owner(descriptor, owner) < 0)
        return error_system(error, errno,
                            "unable to give %s to user %lu and group %lu with mode %04o, as the file has that it is to "
                            "replace (run this as root or as that user)",
                            temporary, (unsigned long)owner->user, (unsigned long)owner->group, (unsigned)owner->mode);
    mark_as_whole(descriptor);
    if (sync && sys_fsync(descriptor) != 0)
        return error_system(error, errno, "unable to sync %s", temporary);
    return 1;
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

/* newfile_write, which needs no sync to be whole for other processes. */
static int write_temporary(const char *path, const struct buffer *content, const struct newfile_owner *owner, bool sync,
                           struct newfile *file, struct error *error)
{
    *file = (struct newfile){0};
    if (newfile_sweep(path, error) < 0)
        return -1;
    char *name = temporary_name(path);
    if (!name) {
        (void)error_memory(error, "name a temporary file");
        return -1;
    }
    int descriptor = sys_open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (descriptor < 0) {
        (void)error_system(error, errno, "unable to create %s", name);
        free(name);
        return -1;
    }
    int result = fill(descriptor, content, owner, sync, name, error);
    file->temporary = name;
    file->held = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (file->held < 0 && result > 0)
        result = error_system(error, errno, "unable to keep %s open", name);
    if (sys_close(descriptor) != 0 && result > 0)
        result = error_system(error, errno, "unable to close %s", name);
    if (result < 0)
        newfile_abandon(file);
    return result;
}

int newfile_write(const char *path, const struct buffer *content, const struct newfile_owner *owner,
                  struct newfile *file, struct error *error)
{
    return write_temporary(path, content, owner, true, file, error);
}

/* The temporary name isn't ours any more. */
static void forget(struct newfile *file)
{
    if (file->temporary && file->held >= 0)
        (void)sys_close(file->held);
    free(file->temporary);
    *file = (struct newfile){0};
}

void newfile_abandon(struct newfile *file)
{
    int kept = errno;
    if (file->temporary)
        (void)unlink(file->temporary);
    forget(file);
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

/*
 * Sees to it that what has the temporary name is ours. Another MailRoot's rebuild has another lock: if its list is a
 * link to this one, it may have put a file of its own there, which stays. -1: it isn't, or that can't be told.
 */
static int check_ours(struct newfile *file, struct error *error)
{
    struct stat ours;
    struct stat found;
    if (fstat(file->held, &ours) != 0 || lstat(file->temporary, &found) != 0) {
        (void)error_system(error, errno, "unable to find %s again", file->temporary);
        newfile_abandon(file);
        return -1;
    }
    if (ours.st_dev == found.st_dev && ours.st_ino == found.st_ino)
        return 1;
    (void)error_set(error, "unable to use %s: another process has replaced it", file->temporary);
    forget(file);
    return -1;
}

/* Puts the file in the place of path. Returns 1, or -1 with the error; *file is none then. */
static int rename_over(struct newfile *file, const char *path, struct error *error)
{
    if (check_ours(file, error) < 0)
        return -1;
    if (rename(file->temporary, path) != 0) {
        (void)error_system(error, errno, "unable to rename %s to %s", file->temporary, path);
        newfile_abandon(file);
        return -1;
    }
    forget(file);
    return 1;
}

int newfile_replace(struct newfile *file, const char *path, struct error *error)
{
    if (rename_over(file, path, error) < 0)
        return -1;
    return sync_directory(path, error) > 0 ? 1 : 0;
}

int newfile_put(const char *path, const struct buffer *content, const struct newfile_owner *owner, struct error *error)
{
    struct newfile file;
    if (write_temporary(path, content, owner, false, &file, error) < 0)
        return -1;
    return rename_over(&file, path, error);
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

/* Whether what has the name is the file that is held. */
static bool is_held(const struct newfile *file, const char *path)
{
    struct stat ours;
    struct stat found;
    return fstat(file->held, &ours) == 0 && lstat(path, &found) == 0 && ours.st_dev == found.st_dev &&
           ours.st_ino == found.st_ino;
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
    bool held = is_held(file, path);
    if (!held)
        (void)error_set(error, "unable to use %s: another process has replaced it", file->temporary);
    forget(file);
    if (held && sync_directory(path, error) > 0)
        return 1;
    (void)unlink(path);
    return -1;
}
