/* SPDX-License-Identifier: MIT */
#include "newfile.h"

#include "place.h"
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
    if (size < 0 && errno == ENOENT)
        return 0;
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

/* Removes what has the name. */
static int sweep(int directory, const char *name)
{
    return unlinkat(directory, name, 0) != 0 && errno != ENOENT ? -1 : 0;
}

int newfile_sweep(const char *path, struct error *error)
{
    char *temporary = temporary_name(path);
    if (!temporary)
        return error_memory(error, "name a temporary file");
    const char *name;
    int result = 1;
    int directory = place_open_of(temporary, &name);
    if (directory < 0 ? errno != ENOENT : sweep(directory, name) != 0)
        result = error_system(error, errno, "unable to remove the left-over temporary file %s", temporary);
    if (directory >= 0)
        (void)sys_close(directory);
    free(temporary);
    return result;
}

/* The temporary name isn't ours any more. */
static void forget(struct newfile *file)
{
    if (file->temporary && file->directory >= 0)
        (void)sys_close(file->directory);
    if (file->temporary && file->held >= 0)
        (void)sys_close(file->held);
    free(file->temporary);
    *file = (struct newfile){0};
}

/* Names the file, opens its directory and removes what has that name. */
static bool begin(const char *path, struct newfile *file, struct error *error)
{
    const char *name;
    *file = (struct newfile){.temporary = temporary_name(path), .directory = -1, .held = -1};
    if (!file->temporary) {
        (void)error_memory(error, "name a temporary file");
        return false;
    }
    file->directory = place_open_of(file->temporary, &name);
    file->name = name;
    if (file->directory < 0)
        (void)error_system(error, errno, "unable to create %s", file->temporary);
    else if (sweep(file->directory, name) != 0)
        (void)error_system(error, errno, "unable to remove the left-over temporary file %s", file->temporary);
    else
        return true;
    return false;
}

/* newfile_write, which needs no sync to be whole for other processes. */
static int write_temporary(const char *path, const struct buffer *content, const struct newfile_owner *owner, bool sync,
                           struct newfile *file, struct error *error)
{
    int descriptor = -1;
    if (begin(path, file, error)) {
        descriptor =
            sys_open_at(file->directory, file->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR);
        if (descriptor < 0)
            (void)error_system(error, errno, "unable to create %s", file->temporary);
    }
    if (descriptor < 0) {
        forget(file);
        return -1;
    }
    int result = fill(descriptor, content, owner, sync, file->temporary, error);
    file->held = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (file->held < 0 && result > 0)
        result = error_system(error, errno, "unable to keep %s open", file->temporary);
    if (sys_close(descriptor) != 0 && result > 0)
        result = error_system(error, errno, "unable to close %s", file->temporary);
    if (result < 0)
        newfile_abandon(file);
    return result;
}

int newfile_write(const char *path, const struct buffer *content, const struct newfile_owner *owner,
                  struct newfile *file, struct error *error)
{
    return write_temporary(path, content, owner, true, file, error);
}

void newfile_abandon(struct newfile *file)
{
    int kept = errno;
    if (file->temporary)
        (void)unlinkat(file->directory, file->name, 0);
    forget(file);
    errno = kept;
}

/* The path is for people. */
static int sync_directory(int directory, const char *path, struct error *error)
{
    int result = 1;
    int descriptor = sys_open_at(directory, ".", O_RDONLY | O_DIRECTORY, 0);
    /* Some file systems can't sync a directory, and say so with EINVAL. */
    if (descriptor < 0 || (sys_fsync(descriptor) != 0 && errno != EINVAL))
        result = error_system(error, errno, "unable to sync the directory of %s", path);
    if (descriptor >= 0)
        (void)sys_close(descriptor);
    return result;
}

/* Whether what has the name is the file: 1 or 0, or -1 with errno if that can't be told. */
static int is_held(const struct newfile *file, const char *name)
{
    struct stat ours;
    struct stat found;
    if (fstat(file->held, &ours) != 0 || fstatat(file->directory, name, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    return ours.st_dev == found.st_dev && ours.st_ino == found.st_ino;
}

/*
 * Sees to it that what has the temporary name is ours. Another MailRoot's rebuild has another lock: if its list is a
 * link to this one, it may have put a file of its own there, which stays. -1: it isn't, or that can't be told.
 */
static int check_ours(struct newfile *file, struct error *error)
{
    int held = is_held(file, file->name);
    if (held > 0)
        return 1;
    if (held < 0) {
        (void)error_system(error, errno, "unable to find %s again", file->temporary);
        newfile_abandon(file);
        return -1;
    }
    (void)error_set(error, "unable to use %s: another process has replaced it", file->temporary);
    forget(file);
    return -1;
}

/* What the path is, seen from the file's directory: a mere name if it is there. */
static const char *name_of(const struct newfile *file, const char *path)
{
    size_t length = (size_t)(file->name - file->temporary);
    bool beside = strncmp(path, file->temporary, length) == 0 && !strchr(path + length, '/');
    return beside ? path + length : path;
}

/*
 * Puts the file in the place of path, but doesn't forget it yet. Returns 1; or -1 with the error, *file is none then.
 */
static int rename_over(struct newfile *file, const char *path, struct error *error)
{
    if (check_ours(file, error) < 0)
        return -1;
    if (renameat(file->directory, file->name, file->directory, name_of(file, path)) != 0) {
        (void)error_system(error, errno, "unable to rename %s to %s", file->temporary, path);
        newfile_abandon(file);
        return -1;
    }
    return 1;
}

int newfile_replace(struct newfile *file, const char *path, struct error *error)
{
    if (rename_over(file, path, error) < 0)
        return -1;
    int synced = sync_directory(file->directory, path, error);
    forget(file);
    return synced > 0 ? 1 : 0;
}

int newfile_put(const char *path, const struct buffer *content, const struct newfile_owner *owner, struct error *error)
{
    struct newfile file;
    if (write_temporary(path, content, owner, false, &file, error) < 0 || rename_over(&file, path, error) < 0)
        return -1;
    forget(&file);
    return 1;
}

/* As link, also where the file system has no links: nobody else of us makes the name meanwhile, the lock is ours. */
static int link_or_rename(const struct newfile *file, const char *to)
{
    const int directory = file->directory;
    if (linkat(directory, file->name, directory, to, 0) == 0) {
        (void)unlinkat(directory, file->name, 0); /* else the next sweep takes it: it is a second name of a good file */
        return 0;
    }
    struct stat status;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        return -1;
    if (fstatat(directory, to, &status, AT_SYMLINK_NOFOLLOW) == 0)
        errno = EEXIST;
    else if (errno == ENOENT)
        return renameat(directory, file->name, directory, to);
    return -1;
}

/* Sees to it that the name was given to the file itself, and not to what somebody has put in its place; and syncs. */
static int confirm(const struct newfile *file, const char *path, struct error *error)
{
    int held = is_held(file, name_of(file, path));
    if (held > 0)
        return sync_directory(file->directory, path, error);
    return held < 0 ? error_system(error, errno, "unable to find %s again", path)
                    : error_set(error, "unable to use %s: another process has replaced it", file->temporary);
}

int newfile_create(struct newfile *file, const char *path, struct error *error)
{
    if (link_or_rename(file, name_of(file, path)) != 0) {
        if (errno == EEXIST)
            return 0;
        (void)error_system(error, errno, "unable to link %s to %s", file->temporary, path);
        newfile_abandon(file);
        return -1;
    }
    int result = confirm(file, path, error);
    if (result < 0)
        (void)unlinkat(file->directory, name_of(file, path), 0);
    forget(file);
    return result;
}
