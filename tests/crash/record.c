/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a program (LD_PRELOAD), this writes down all that it does to files and directories, in the order in
 * which it does so, for a reader who wants to know what a crash of the machine may leave of it:
 *
 *     RECORD_FILE   where to append the lines; what is not done successfully has none
 *
 *     create INODE MODE USER GROUP PATH          mkdir INODE MODE USER GROUP PATH
 *     write INODE OFFSET BYTES                   truncate INODE LENGTH
 *     attributes INODE MODE USER GROUP           sync INODE (of a file or a directory)
 *     rename FROM TO       link FROM TO          unlink PATH                           rmdir PATH
 *
 * The words are parted by TABs; MODE is octal; BYTES are hexadecimal; a PATH is as it was given, or absolute if that
 * was relative to a directory. A file is known by its inode until that has no name any more.
 */
#undef _FILE_OFFSET_BITS /* here open must be open, and not open64 under its name */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Held from before a call until it is written down: the order is right, whatever other threads do. */
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

/* --- the record -------------------------------------------------------------------------------------------------- */

enum { RECORD_DESCRIPTOR = 901 }; /* a number that nobody else comes to */

/* At once: the process that reads the logs may not open it any more. */
__attribute__((constructor)) static void open_record(void)
{
    const char *path = getenv("RECORD_FILE");
    if (!path)
        return;
    long file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0 || syscall(SYS_dup3, file, RECORD_DESCRIPTOR, O_CLOEXEC) < 0)
        abort();
    (void)syscall(SYS_close, file);
}

static void put(const char *text, size_t length)
{
    if (!getenv("RECORD_FILE"))
        return;
    if (syscall(SYS_fcntl, RECORD_DESCRIPTOR, F_GETFD) < 0) /* the filter closes what it doesn't know */
        open_record();
    if (syscall(SYS_write, RECORD_DESCRIPTOR, text, length) != (long)length)
        abort();
}

__attribute__((format(printf, 1, 2))) static void record(const char *format, ...)
{
    char line[3 * PATH_MAX];
    int kept = errno;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof line)
        abort();
    put(line, (size_t)length);
    errno = kept;
}

/* Without the calls that other preloaded libraries see. */
static bool look(int file, struct stat *status)
{
    return syscall(SYS_newfstatat, file, "", status, AT_EMPTY_PATH) == 0;
}

static void record_made(const char *what, const struct stat *status, const char *path)
{
    record("%s\t%lu\t%o\t%u\t%u\t%s\n", what, (unsigned long)status->st_ino, status->st_mode & 07777U, status->st_uid,
           status->st_gid, path);
}

static void record_attributes(int file)
{
    struct stat status;
    if (look(file, &status))
        record("attributes\t%lu\t%o\t%u\t%u\n", (unsigned long)status.st_ino, status.st_mode & 07777U, status.st_uid,
               status.st_gid);
}

static void record_attributes_of(const char *path)
{
    struct stat status;
    if (syscall(SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0)
        record("attributes\t%lu\t%o\t%u\t%u\n", (unsigned long)status.st_ino, status.st_mode & 07777U, status.st_uid,
               status.st_gid);
}

static void record_write(int file, const char *bytes, size_t length, off_t offset)
{
    static const char digits[] = "0123456789abcdef";
    struct stat status;
    if (length == 0 || !look(file, &status) || !S_ISREG(status.st_mode))
        return;
    int kept = errno;
    char *line = malloc(2 * length + 100);
    if (!line)
        abort();
    size_t at = (size_t)sprintf(line, "write\t%lu\t%lld\t", (unsigned long)status.st_ino, (long long)offset);
    for (size_t i = 0; i < length; i++) {
        line[at++] = digits[(unsigned char)bytes[i] >> 4];
        line[at++] = digits[bytes[i] & 0xf];
    }
    line[at++] = '\n';
    put(line, at);
    free(line);
    errno = kept;
}

/* The path from the root, of one that may be relative to a directory. */
static const char *whole(int directory, const char *path, char buffer[2 * PATH_MAX])
{
    char link[40];
    if (*path == '/' || directory == AT_FDCWD)
        return path;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, buffer, PATH_MAX);
    if (length <= 0 || length >= PATH_MAX)
        abort();
    (void)snprintf(buffer + length, 2 * PATH_MAX - (size_t)length, "/%s", path);
    return buffer;
}

/* The call as it would be without us. */
static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

/* --- the calls --------------------------------------------------------------------------------------------------- */

/* One call: what it returns; its name, parameters, arguments; and what is written down if it isn't negative. */
#define INTERPOSE(type, name, parameters, arguments, ...)                                                              \
    type name parameters;                                                                                              \
    type name parameters                                                                                               \
    {                                                                                                                  \
        type(*real) parameters = (type(*) parameters)next(#name);                                                      \
        (void)pthread_mutex_lock(&order);                                                                              \
        type result = real arguments;                                                                                  \
        if (result >= 0) {                                                                                             \
            __VA_ARGS__;                                                                                               \
        }                                                                                                              \
        (void)pthread_mutex_unlock(&order);                                                                            \
        return result;                                                                                                 \
    }

static bool is_there(int directory, const char *path)
{
    struct stat status;
    int kept = errno;
    bool there = syscall(SYS_newfstatat, directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
    errno = kept;
    return there;
}

static void record_open(int file, int directory, const char *path, int flags, bool was_there)
{
    char buffer[2 * PATH_MAX];
    struct stat status;
    if (!look(file, &status))
        abort();
    if (flags & O_CREAT && !was_there)
        record_made("create", &status, whole(directory, path, buffer));
    else if (flags & O_TRUNC && S_ISREG(status.st_mode))
        record("truncate\t%lu\t0\n", (unsigned long)status.st_ino);
}

/* A call that may make a file: its name and parameters; the directory that the path is relative to; its arguments. */
#define INTERPOSE_OPEN(name, parameters, base, ...)                                                                    \
    int name parameters;                                                                                               \
    int name parameters                                                                                                \
    {                                                                                                                  \
        mode_t mode = 0;                                                                                               \
        if (flags & O_CREAT) {                                                                                         \
            va_list arguments;                                                                                         \
            va_start(arguments, flags);                                                                                \
            mode = va_arg(arguments, mode_t);                                                                          \
            va_end(arguments);                                                                                         \
        }                                                                                                              \
        int(*real) parameters = (int(*) parameters)next(#name);                                                        \
        (void)pthread_mutex_lock(&order);                                                                              \
        bool was_there = is_there(base, path);                                                                         \
        int result = real(__VA_ARGS__, mode);                                                                          \
        if (result >= 0)                                                                                               \
            record_open(result, base, path, flags, was_there);                                                         \
        (void)pthread_mutex_unlock(&order);                                                                            \
        return result;                                                                                                 \
    }

INTERPOSE_OPEN(open, (const char *path, int flags, ...), AT_FDCWD, path, flags)
INTERPOSE_OPEN(open64, (const char *path, int flags, ...), AT_FDCWD, path, flags)
INTERPOSE_OPEN(openat, (int directory, const char *path, int flags, ...), directory, directory, path, flags)
INTERPOSE_OPEN(openat64, (int directory, const char *path, int flags, ...), directory, directory, path, flags)

static off_t place_of(int file)
{
    struct stat status;
    bool appends = syscall(SYS_fcntl, file, F_GETFL) & O_APPEND;
    if (appends)
        return look(file, &status) ? status.st_size : 0;
    return (off_t)syscall(SYS_lseek, file, 0L, SEEK_CUR);
}

ssize_t write(int file, const void *bytes, size_t size)
{
    ssize_t (*real)(int, const void *, size_t) = (ssize_t(*)(int, const void *, size_t))next("write");
    (void)pthread_mutex_lock(&order);
    int kept = errno;
    off_t place = place_of(file);
    errno = kept;
    ssize_t result = real(file, bytes, size);
    if (result > 0)
        record_write(file, bytes, (size_t)result, place);
    (void)pthread_mutex_unlock(&order);
    return result;
}

INTERPOSE(ssize_t, pwrite, (int file, const void *bytes, size_t size, off_t from), (file, bytes, size, from),
          record_write(file, bytes, (size_t)result, from))
INTERPOSE(ssize_t, pwrite64, (int file, const void *bytes, size_t size, off64_t from), (file, bytes, size, from),
          record_write(file, bytes, (size_t)result, from))

static void record_truncate(int file, long long length)
{
    struct stat status;
    if (look(file, &status))
        record("truncate\t%lu\t%lld\n", (unsigned long)status.st_ino, length);
}

static void record_sync(int file)
{
    struct stat status;
    if (look(file, &status))
        record("sync\t%lu\n", (unsigned long)status.st_ino);
}

INTERPOSE(int, ftruncate, (int file, off_t length), (file, length), record_truncate(file, length))
INTERPOSE(int, ftruncate64, (int file, off64_t length), (file, length), record_truncate(file, length))
INTERPOSE(int, fsync, (int file), (file), record_sync(file))
INTERPOSE(int, fdatasync, (int file), (file), record_sync(file))
INTERPOSE(int, fchmod, (int file, mode_t mode), (file, mode), record_attributes(file))
INTERPOSE(int, fchown, (int file, uid_t user, gid_t group), (file, user, group), record_attributes(file))
INTERPOSE(int, chmod, (const char *path, mode_t mode), (path, mode), record_attributes_of(path))
INTERPOSE(int, chown, (const char *path, uid_t user, gid_t group), (path, user, group), record_attributes_of(path))
INTERPOSE(int, lchown, (const char *path, uid_t user, gid_t group), (path, user, group), record_attributes_of(path))

INTERPOSE(int, rename, (const char *from, const char *to), (from, to), record("rename\t%s\t%s\n", from, to))
INTERPOSE(int, link, (const char *from, const char *to), (from, to), record("link\t%s\t%s\n", from, to))
INTERPOSE(int, unlink, (const char *path), (path), record("unlink\t%s\n", path))
INTERPOSE(int, rmdir, (const char *path), (path), record("rmdir\t%s\n", path))
INTERPOSE(int, unlinkat, (int directory, const char *path, int flags), (directory, path, flags),
          char buffer[2 * PATH_MAX];
          record("%s\t%s\n", flags &AT_REMOVEDIR ? "rmdir" : "unlink", whole(directory, path, buffer)))
INTERPOSE(int, renameat, (int base, const char *from, int other, const char *to), (base, from, other, to),
          char buffer[2 * PATH_MAX];
          char second[2 * PATH_MAX]; record("rename\t%s\t%s\n", whole(base, from, buffer), whole(other, to, second)))
INTERPOSE(int, mkdir, (const char *path, mode_t mode), (path, mode), struct stat status;
          if (syscall(SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0)
              record_made("mkdir", &status, path))
INTERPOSE(int, linkat, (int base, const char *from, int other, const char *to, int flags),
          (base, from, other, to, flags), char buffer[2 * PATH_MAX];
          char second[2 * PATH_MAX]; record("link\t%s\t%s\n", whole(base, from, buffer), whole(other, to, second)))
INTERPOSE(int, mkdirat, (int directory, const char *path, mode_t mode), (directory, path, mode),
          char buffer[2 * PATH_MAX];
          struct stat status; if (syscall(SYS_newfstatat, directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0)
              record_made("mkdir", &status, whole(directory, path, buffer)))
