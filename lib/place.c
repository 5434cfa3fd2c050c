/* SPDX-License-Identifier: MIT */
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the switch for O_PATH */
#define _GNU_SOURCE
#include "place.h"

#include "path.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#ifdef SYS_openat2
#include <linux/openat2.h>
#endif

/* To pass through a directory one needn't be allowed to read it. */
#if defined O_PATH
enum { PASS = O_PATH | O_DIRECTORY };
#elif defined O_SEARCH
enum { PASS = O_SEARCH | O_DIRECTORY };
#else
enum { PASS = O_RDONLY | O_DIRECTORY };
#endif

static void close_quietly(int descriptor)
{
    int kept = errno;
    (void)sys_close(descriptor);
    errno = kept;
}

/* Whether root may go from the one directory to the other by a link that stands in the first. */
static bool may_be_led(int from, int to)
{
    struct stat here;
    struct stat there;
    if (fstat(from, &here) != 0 || fstat(to, &there) != 0)
        return false;
    if (here.st_uid == 0 || here.st_uid == there.st_uid)
        return true;
    errno = ELOOP;
    return false;
}

/* Opens the directory of this name in another. */
static int step(int from, const char *name)
{
    int to = sys_open_at(from, name, PASS | O_NOFOLLOW, 0);
    if (to >= 0 || (errno != ELOOP && errno != ENOTDIR && errno != EMLINK))
        return to;
    to = sys_open_at(from, name, PASS, 0);
    if (to >= 0 && !may_be_led(from, to)) {
        close_quietly(to);
        return -1;
    }
    return to;
}

/* One step after the other. The path is changed. */
static int walk(char *path)
{
    int at = sys_open(*path == '/' ? "/" : ".", PASS, 0);
    char *rest;
    for (char *name = strtok_r(path, "/", &rest); name && at >= 0; name = strtok_r(NULL, "/", &rest)) {
        int next = step(at, name);
        close_quietly(at);
        at = next;
    }
    return at;
}

/* Opens it if no link is on the way: a single call, where the system has it. */
static int open_without_links(const char *directory)
{
#ifdef SYS_openat2
    const struct open_how how = {.flags = PASS | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
    return (int)syscall(SYS_openat2, AT_FDCWD, directory, &how, sizeof how);
#else
    (void)directory;
    return -1;
#endif
}

int place_open(const char *directory)
{
    if (geteuid() != 0)
        return sys_open(directory, PASS, 0);
    int direct = open_without_links(directory);
    if (direct >= 0)
        return direct;
    char *path = strdup(directory);
    int opened = path ? walk(path) : -1;
    int kept = errno;
    free(path);
    errno = kept;
    return opened;
}

int place_open_of(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    char *directory = path_directory(path);
    if (!directory) {
        errno = ENOMEM;
        return -1;
    }
    int opened = place_open(directory);
    int kept = errno;
    free(directory);
    errno = kept;
    return opened;
}

DIR *place_list(const char *directory)
{
    int place = place_open(directory);
    int descriptor = place < 0 ? -1 : sys_open_at(place, ".", O_RDONLY | O_DIRECTORY, 0);
    DIR *list = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (descriptor >= 0 && !list)
        close_quietly(descriptor);
    if (place >= 0)
        close_quietly(place);
    return list;
}

int place_remove(const char *path)
{
    char directory[PATH_MAX]; /* not in new memory, for want of which it may be removed */
    const char *slash = strrchr(path, '/');
    if (!path_put_beside(directory, path, ".")) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int around = place_open(directory);
    if (around < 0)
        return -1;
    int result = unlinkat(around, slash ? slash + 1 : path, 0);
    close_quietly(around);
    return result;
}

enum { READ = O_RDONLY | O_NONBLOCK | O_NOCTTY };

/* Whether root may read the file that was found in the directory, having followed a link or not. */
static bool may_be_shown(int around, int file, bool followed)
{
    struct stat directory;
    struct stat status;
    if (fstat(around, &directory) != 0 || fstat(file, &status) != 0)
        return false;
    if (directory.st_uid == 0 || directory.st_uid == status.st_uid || (!followed && status.st_nlink < 2))
        return true;
    errno = ELOOP;
    return false;
}

/* Opens the file, for root. */
static int open_for_root(int around, const char *name)
{
    int file = sys_open_at(around, name, READ | O_NOFOLLOW, 0);
    bool followed = file < 0 && (errno == ELOOP || errno == EMLINK);
    if (followed)
        file = sys_open_at(around, name, READ, 0);
    if (file >= 0 && !may_be_shown(around, file, followed)) {
        close_quietly(file);
        return -1;
    }
    return file;
}

static int open_in_place(const char *path, int (*open_there)(int around, const char *name))
{
    const char *name;
    int around = place_open_of(path, &name);
    if (around < 0)
        return -1;
    int file = open_there(around, name);
    close_quietly(around);
    return file;
}

int place_open_file(const char *path)
{
    return geteuid() == 0 ? open_in_place(path, open_for_root) : sys_open(path, READ, 0);
}

static int open_no_link(int around, const char *name)
{
    return sys_open_at(around, name, READ | O_NOFOLLOW, 0);
}

int place_open_unlinked(const char *path)
{
    return open_in_place(path, open_no_link);
}

bool place_may_tell(uid_t author, const struct stat *status)
{
    return geteuid() != 0 || author == 0 || author == status->st_uid;
}

static bool give_to_owner_of_directory(int descriptor, int directory)
{
    struct stat status;
    return fstat(directory, &status) == 0 && fchown(descriptor, status.st_uid, status.st_gid) == 0;
}

static int open_shared_at(int around, const char *name, int flags, mode_t mode)
{
    int descriptor = sys_open_at(around, name, flags, 0);
    if (descriptor >= 0 || errno != ENOENT)
        return descriptor;
    descriptor = sys_open_at(around, name, flags | O_CREAT | O_EXCL, mode);
    if (descriptor < 0 && errno == EEXIST) /* somebody was faster */
        return sys_open_at(around, name, flags, 0);
    if (descriptor >= 0 && geteuid() == 0 && !give_to_owner_of_directory(descriptor, around))
        errno = 0; /* it stays root's, whose own rebuilds go on */
    return descriptor;
}

int place_open_shared(const char *path, int flags, mode_t mode)
{
    const char *name;
    int around = place_open_of(path, &name);
    if (around < 0)
        return -1;
    int descriptor = open_shared_at(around, name, flags, mode);
    close_quietly(around);
    return descriptor;
}

/* Gives what was made just now, if it is still that. */
static int give(int around, const char *name, uid_t user, gid_t group)
{
    struct stat status;
    int directory = sys_open_at(around, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    bool given =
        directory >= 0 && fstat(directory, &status) == 0 && status.st_uid == 0 && fchown(directory, user, group) == 0;
    if (directory >= 0)
        close_quietly(directory);
    return given ? 0 : -1;
}

int place_make(const char *directory, mode_t mode, uid_t user, gid_t group)
{
    const char *name;
    int around = place_open_of(directory, &name);
    if (around < 0)
        return -1;
    int result = mkdirat(around, name, mode);
    if (result == 0 && geteuid() == 0 && give(around, name, user, group) != 0) {
        int kept = errno;
        (void)unlinkat(around, name, AT_REMOVEDIR);
        errno = kept;
        result = -1;
    }
    close_quietly(around);
    return result;
}

enum { DIRECTORY_MODE = 0755 };

/* Makes one directory if it is missing. */
static int make_directory(const char *path, const struct stat *mail_root, struct error *error)
{
    if (place_make(path, DIRECTORY_MODE, mail_root->st_uid, mail_root->st_gid) == 0)
        return 1;
    struct stat status;
    if (errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return 1;
    return error_system(error, errno == EEXIST ? ENOTDIR : errno, "unable to make the directory %s", path);
}

int place_make_program_directory(const char *mail_root, struct error *error)
{
    struct stat status;
    if (stat(mail_root, &status) != 0)
        return error_system(error, errno, "unable to find MailRoot %s", mail_root);
    char *inner = path_join(mail_root, PATH_PROGRAM_DIRECTORY);
    char *outer = inner ? path_directory(inner) : NULL;
    int result = outer ? make_directory(outer, &status, error) : error_memory(error, "make a directory");
    if (outer && result > 0)
        result = make_directory(inner, &status, error);
    free(inner);
    free(outer);
    return result;
}
