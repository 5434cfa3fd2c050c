/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a program (LD_PRELOAD), this makes one of its calls of the C library fail, fall short or be its last
 * one; and it skips every nanosleep, if not told otherwise. What it does is told by the environment:
 *
 *     FAULT_CALL        which calls are counted: a name from the table below ("open" is open64 too; one that may make a
 *                       file is "create"), "any" for all of those that deal with files and threads, or "memory" for
 *                       all that allocate
 *     FAULT_AT          the how-manieth of them, from 1, is the fault; 0: none
 *     FAULT_ERRNO       it fails with this number and does nothing; but a close does close
 *     FAULT_SHORT=1     it reads or writes only half of what it is told to
 *     FAULT_KILL        "before" or "after": the process is killed (SIGKILL) before or after it
 *     FAULT_STOP=1      the process stops (SIGSTOP) before it, until it is told to go on
 *     FAULT_THEN_KILL   a name: after the fault, the process is killed as soon as a call of this name is done
 *     FAULT_STICKY=1    the later calls of the same name fail likewise (of "memory": all later ones); "full": all later
 *                       ones that need room on the disk
 *     FAULT_PROGRAM     only in processes that run a file of this name; not given: in all
 *     FAULT_COUNT_FILE  where to append "NUMBER NAME ORIGIN", a line for the fault; with FAULT_AT=0 for every call
 *                       counted. ORIGIN is the file name of the program or library that called.
 *
 *     FAULT_SLEEP=1     nanosleep does sleep
 *     FAULT_LATER       time() is so many seconds ahead: files that were made just now have been there for long
 *
 * A child that is forked counts on its own, from FORKED on, so that no number has two meanings.
 *
 * Calls that the C library makes by itself can't be seen, but for those that allocate.
 */
#undef _FILE_OFFSET_BITS /* here open must be open, and not open64 under its name */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <ifaddrs.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* --- the plan ---------------------------------------------------------------------------------------------------- */

enum kind { KIND_FILE, KIND_MEMORY };

enum { FORKED = 1000, COUNT_DESCRIPTOR = 900 };

/* What is to be done with one call; 0: what it always does. */
enum {
    FAIL = 1,
    HALF = 2,
    DIE_AFTER = 4,
};

static struct {
    bool ready; /* the dynamic linker calls malloc long before there is an environment */
    const char *call;
    const char *count_file;
    long at;
    int error;
    bool half;
    bool sticky;
    bool full;
    bool before;
    bool after;
    bool stop;
    bool sleep;
    const char *then_kill;
    long later; /* seconds */
} plan;

static atomic_long counted;
static atomic_bool paused;
static const char *_Atomic fault_name; /* of the call that failed */

static bool is_set(const char *name, const char *value)
{
    const char *text = getenv(name);
    return text && strcmp(text, value) == 0;
}

static long number_of(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

/* The file that runs, and not the name that it was called by: a program may have become another. */
static bool is_program(const char *wanted)
{
    char path[PATH_MAX];
    long length = syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", path, sizeof path - 1);
    if (!wanted || length <= 0)
        return !wanted;
    path[length] = '\0';
    const char *slash = strrchr(path, '/');
    return slash && strcmp(slash + 1, wanted) == 0;
}

__attribute__((constructor)) static void prepare(void)
{
    plan.call = getenv("FAULT_CALL");
    plan.count_file = getenv("FAULT_COUNT_FILE");
    plan.at = number_of("FAULT_AT");
    plan.error = (int)number_of("FAULT_ERRNO");
    plan.half = is_set("FAULT_SHORT", "1");
    plan.full = is_set("FAULT_STICKY", "full");
    plan.sticky = plan.full || is_set("FAULT_STICKY", "1");
    plan.before = is_set("FAULT_KILL", "before");
    plan.after = is_set("FAULT_KILL", "after");
    plan.stop = is_set("FAULT_STOP", "1");
    plan.sleep = is_set("FAULT_SLEEP", "1");
    plan.then_kill = getenv("FAULT_THEN_KILL");
    plan.later = number_of("FAULT_LATER");
    plan.ready = plan.call != NULL && is_program(getenv("FAULT_PROGRAM"));
}

/* For tests/coverage/count.c: while it is true, what is called is no call of the program. */
void faults_pause(bool pause);
void faults_pause(bool pause)
{
    atomic_store(&paused, pause);
}

_Noreturn static void die(void)
{
    (void)raise(SIGKILL); /* a kill may not be allowed */
    for (;;)
        (void)pause();
}

/* Under a number that nobody else comes to; whoever has closed it has it opened again. */
static void open_count_file(void)
{
    long file =
        syscall(SYS_openat, AT_FDCWD, plan.count_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0 || syscall(SYS_dup3, file, COUNT_DESCRIPTOR, O_CLOEXEC) < 0)
        abort();
    (void)syscall(SYS_close, file);
}

/* By system calls alone: nothing here may be counted itself, or allocate. */
static void record(long number, const char *name, const void *caller)
{
    char line[256];
    Dl_info info;
    const char *origin = "?";
    if (!plan.count_file)
        return;
    if (dladdr(caller, &info) != 0 && info.dli_fname) {
        const char *slash = strrchr(info.dli_fname, '/');
        origin = slash ? slash + 1 : info.dli_fname;
    }
    int kept = errno;
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, name, origin);
    if (length < 0 || (syscall(SYS_write, COUNT_DESCRIPTOR, line, (size_t)length) != length &&
                       (open_count_file(), syscall(SYS_write, COUNT_DESCRIPTOR, line, (size_t)length) != length)))
        abort();
    errno = kept;
}

static bool is_counted(enum kind kind, const char *name)
{
    if (strcmp(plan.call, "any") == 0)
        return kind == KIND_FILE;
    if (strcmp(plan.call, "memory") == 0)
        return kind == KIND_MEMORY;
    return strcmp(plan.call, name) == 0;
}

/* A file that is opened may be there already: that needs none. */
static bool needs_room(const char *name)
{
    static const char *const names[] = {"write", "fsync", "rename", "link", "mkdir", "create"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Whether a call of this name fails after the first that did. */
static bool fails_later(enum kind kind, const char *name)
{
    const char *first = atomic_load(&fault_name);
    if (!plan.sticky || !first)
        return false;
    return kind == KIND_MEMORY || (plan.full ? needs_room(name) : strcmp(first, name) == 0);
}

/* Is it this call's turn? */
static bool is_due(enum kind kind, const char *name, const void *caller)
{
    if (!plan.ready || atomic_load(&paused) || !is_counted(kind, name))
        return false;
    long number = atomic_fetch_add(&counted, 1) + 1;
    if (plan.at == 0 || number == plan.at)
        record(number, name, caller);
    if (plan.at == 0 || number < plan.at)
        return false;
    if (number > plan.at)
        return fails_later(kind, name);
    atomic_store(&fault_name, name);
    return true;
}

/* At the beginning of every call. Sets errno if it is to FAIL. */
static int begin(enum kind kind, const char *name, const void *caller)
{
    if (plan.then_kill && !atomic_load(&paused) && atomic_load(&fault_name) && strcmp(plan.then_kill, name) == 0)
        return DIE_AFTER;
    if (!is_due(kind, name, caller))
        return 0;
    if (plan.before)
        die();
    if (plan.stop)
        (void)raise(SIGSTOP);
    if (plan.error != 0) {
        errno = plan.error;
        return FAIL;
    }
    return (plan.half ? HALF : 0) | (plan.after ? DIE_AFTER : 0);
}

/* At its end. */
static void finish(int action)
{
    if (action & DIE_AFTER)
        die();
}

#define CALLER __builtin_return_address(0)

/* The call as it would be without us. */
static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

/* --- files ------------------------------------------------------------------------------------------------------- */

/* One call: what it returns, and in failure; the name that it is counted by; its own name, parameters, arguments. */
#define INTERPOSE(type, failure, called, name, parameters, arguments)                                                  \
    type name parameters;                                                                                              \
    type name parameters                                                                                               \
    {                                                                                                                  \
        int action = begin(KIND_FILE, called, CALLER);                                                                 \
        if (action & FAIL)                                                                                             \
            return failure;                                                                                            \
        type(*real) parameters = (type(*) parameters)next(#name);                                                      \
        type result = real arguments;                                                                                  \
        finish(action);                                                                                                \
        return result;                                                                                                 \
    }

/* A call that takes a mode if it may make a file. */
#define INTERPOSE_OPEN(called, name, parameters, ...)                                                                  \
    int name parameters                                                                                                \
    {                                                                                                                  \
        mode_t mode = 0;                                                                                               \
        if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) {                                                     \
            va_list arguments;                                                                                         \
            va_start(arguments, flags);                                                                                \
            mode = va_arg(arguments, mode_t);                                                                          \
            va_end(arguments);                                                                                         \
        }                                                                                                              \
        int action = begin(KIND_FILE, flags & O_CREAT ? "create" : called, CALLER);                                    \
        if (action & FAIL)                                                                                             \
            return -1;                                                                                                 \
        int(*real) parameters = (int(*) parameters)next(#name);                                                        \
        int result = real(__VA_ARGS__, mode);                                                                          \
        finish(action);                                                                                                \
        return result;                                                                                                 \
    }

/* What is made and removed beside its place must be, unlike old backups and parts of the cache. */
static bool is_temporary(const char *path)
{
    static const char ending[] = ".tmp";
    size_t length = strlen(path);
    return length >= sizeof ending - 1 && strcmp(path + length - (sizeof ending - 1), ending) == 0;
}

INTERPOSE_OPEN("open", open, (const char *path, int flags, ...), path, flags)
INTERPOSE_OPEN("open", open64, (const char *path, int flags, ...), path, flags)
INTERPOSE_OPEN("openat", openat, (int directory, const char *path, int flags, ...), directory, path, flags)
INTERPOSE_OPEN("openat", openat64, (int directory, const char *path, int flags, ...), directory, path, flags)
INTERPOSE(int, -1, "open", __open_2, (const char *path, int flags), (path, flags))
INTERPOSE(int, -1, "open", __open64_2, (const char *path, int flags), (path, flags))
INTERPOSE(int, -1, "openat", __openat_2, (int directory, const char *path, int flags), (directory, path, flags))
INTERPOSE(int, -1, "openat", __openat64_2, (int directory, const char *path, int flags), (directory, path, flags))

INTERPOSE(int, -1, "stat", stat, (const char *path, struct stat *status), (path, status))
INTERPOSE(int, -1, "stat", stat64, (const char *path, struct stat64 *status), (path, status))
INTERPOSE(int, -1, "lstat", lstat, (const char *path, struct stat *status), (path, status))
INTERPOSE(int, -1, "lstat", lstat64, (const char *path, struct stat64 *status), (path, status))
INTERPOSE(int, -1, "fstat", fstat, (int file, struct stat *status), (file, status))
INTERPOSE(int, -1, "fstat", fstat64, (int file, struct stat64 *status), (file, status))
INTERPOSE(int, -1, "fstatat", fstatat, (int directory, const char *path, struct stat *status, int flags),
          (directory, path, status, flags))
INTERPOSE(int, -1, "fstatat", fstatat64, (int directory, const char *path, struct stat64 *status, int flags),
          (directory, path, status, flags))

INTERPOSE(int, -1, "fsync", fsync, (int file), (file))
INTERPOSE(int, -1, "fchown", fchown, (int file, uid_t user, gid_t group), (file, user, group))
INTERPOSE(int, -1, "lchown", lchown, (const char *path, uid_t user, gid_t group), (path, user, group))
INTERPOSE(int, -1, "fchmod", fchmod, (int file, mode_t mode), (file, mode))
INTERPOSE(int, -1, "flock", flock, (int file, int operation), (file, operation))

INTERPOSE(int, -1, "rename", rename, (const char *from, const char *to), (from, to))
INTERPOSE(int, -1, "rename", renameat, (int from_directory, const char *from, int to_directory, const char *to),
          (from_directory, from, to_directory, to))
INTERPOSE(int, -1, "link", link, (const char *from, const char *to), (from, to))
INTERPOSE(int, -1, "link", linkat, (int from_directory, const char *from, int to_directory, const char *to, int flags),
          (from_directory, from, to_directory, to, flags))
INTERPOSE(int, -1, "unlink", unlink, (const char *path), (path))
INTERPOSE(int, -1, is_temporary(path) ? "unlink" : "unlinkat", unlinkat, (int directory, const char *path, int flags),
          (directory, path, flags))
INTERPOSE(int, -1, "mkdir", mkdir, (const char *path, mode_t mode), (path, mode))
INTERPOSE(int, -1, "mkdir", mkdirat, (int directory, const char *path, mode_t mode), (directory, path, mode))

INTERPOSE(off_t, -1, "lseek", lseek, (int file, off_t offset, int whence), (file, offset, whence))
INTERPOSE(off64_t, -1, "lseek", lseek64, (int file, off64_t offset, int whence), (file, offset, whence))
INTERPOSE(int, -1, "ftruncate", ftruncate, (int file, off_t length), (file, length))
INTERPOSE(int, -1, "ftruncate", ftruncate64, (int file, off64_t length), (file, length))
INTERPOSE(int, -1, "dup2", dup2, (int from, int to), (from, to))
INTERPOSE(ssize_t, -1, "readlink", readlink, (const char *path, char *text, size_t size), (path, text, size))
INTERPOSE(ssize_t, -1, "readlink", __readlink_chk, (const char *path, char *text, size_t size, size_t room),
          (path, text, size, room))

INTERPOSE(int, -1, "access", access, (const char *path, int mode), (path, mode))
INTERPOSE(int, -1, "access", faccessat, (int directory, const char *path, int mode, int flags),
          (directory, path, mode, flags))
INTERPOSE(int, -1, "rmdir", rmdir, (const char *path), (path))
INTERPOSE(int, -1, "futimens", futimens, (int file, const struct timespec times[2]), (file, times))
INTERPOSE(ssize_t, -1, "getxattr", getxattr, (const char *path, const char *name, void *value, size_t size),
          (path, name, value, size))
INTERPOSE(int, -1, "fsetxattr", fsetxattr, (int file, const char *name, const void *value, size_t size, int flags),
          (file, name, value, size, flags))
INTERPOSE(int, -1, "getentropy", getentropy, (void *bytes, size_t length), (bytes, length))
INTERPOSE(long, -1, "sysconf", sysconf, (int name), (name))
INTERPOSE(int, -1, "madvise", madvise, (void *address, size_t length, int advice), (address, length, advice))
INTERPOSE(int, -1, "getifaddrs", getifaddrs, (struct ifaddrs * *found), (found))
INTERPOSE(iconv_t, (iconv_t)-1, "iconv_open", iconv_open, (const char *to, const char *from), (to, from))

INTERPOSE(pid_t, -1, "waitpid", waitpid, (pid_t child, int *status, int options), (child, status, options))
INTERPOSE(int, -1, "execv", execv, (const char *path, char *const *arguments), (path, arguments))

INTERPOSE(DIR *, NULL, "opendir", opendir, (const char *path), (path))
INTERPOSE(struct dirent *, NULL, "readdir", readdir, (DIR * directory), (directory))
INTERPOSE(struct dirent64 *, NULL, "readdir", readdir64, (DIR * directory), (directory))
INTERPOSE(char *, NULL, "realpath", realpath, (const char *path, char *resolved), (path, resolved))
INTERPOSE(char *, NULL, "realpath", __realpath_chk, (const char *path, char *resolved, size_t size),
          (path, resolved, size))

/* These two return the number of the error. */
INTERPOSE(int, errno, "posix_fadvise", posix_fadvise, (int file, off_t from, off_t length, int advice),
          (file, from, length, advice))
INTERPOSE(int, errno, "posix_fadvise", posix_fadvise64, (int file, off64_t from, off64_t length, int advice),
          (file, from, length, advice))
INTERPOSE(int, errno, "pthread_create", pthread_create,
          (pthread_t * thread, const pthread_attr_t *attributes, void *(*work)(void *), void *context),
          (thread, attributes, work, context))

/* Whatever close reports, the descriptor is gone. */
int close(int file)
{
    int action = begin(KIND_FILE, "close", CALLER);
    int kept = errno;
    int result = ((int (*)(int))next("close"))(file);
    finish(action);
    errno = action & FAIL ? kept : errno;
    return action & FAIL ? -1 : result;
}

int closedir(DIR *directory)
{
    int action = begin(KIND_FILE, "closedir", CALLER);
    int kept = errno;
    int result = ((int (*)(DIR *))next("closedir"))(directory);
    finish(action);
    errno = action & FAIL ? kept : errno;
    return action & FAIL ? -1 : result;
}

pid_t fork(void)
{
    int action = begin(KIND_FILE, "fork", CALLER);
    if (action & FAIL)
        return -1;
    /* Now: the child may not be allowed to, and would make the file even when its parent is dead and all taken away. */
    if (plan.ready && plan.count_file && syscall(SYS_fcntl, COUNT_DESCRIPTOR, F_GETFD) < 0)
        open_count_file();
    pid_t child = ((pid_t(*)(void))next("fork"))();
    if (child == 0)
        atomic_store(&counted, FORKED);
    else
        finish(action);
    return child;
}

/*
 * What follows the command is a number here, if anything does. To ask for the flags can fail for a descriptor that
 * isn't open only: that is told as it is.
 */
#define INTERPOSE_FCNTL(name)                                                                                          \
    int name(int file, int command, ...)                                                                               \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, command);                                                                                  \
        long value = va_arg(arguments, long);                                                                          \
        va_end(arguments);                                                                                             \
        int action = command == F_GETFD ? 0 : begin(KIND_FILE, "fcntl", CALLER);                                       \
        if (action & FAIL)                                                                                             \
            return -1;                                                                                                 \
        int result = ((int (*)(int, int, ...))next(#name))(file, command, value);                                      \
        finish(action);                                                                                                \
        return result;                                                                                                 \
    }

INTERPOSE_FCNTL(fcntl)
INTERPOSE_FCNTL(fcntl64)

/* Its arguments are numbers here. */
int prctl(int option, ...)
{
    va_list arguments;
    va_start(arguments, option);
    unsigned long value = va_arg(arguments, unsigned long);
    va_end(arguments);
    int action = begin(KIND_FILE, "prctl", CALLER);
    if (action & FAIL)
        return -1;
    int result = (int)syscall(SYS_prctl, option, value, 0UL, 0UL, 0UL);
    finish(action);
    return result;
}

static size_t part_of(size_t size, int action)
{
    return action & HALF && size > 1 ? size / 2 : size;
}

ssize_t read(int file, void *bytes, size_t size)
{
    int action = begin(KIND_FILE, "read", CALLER);
    if (action & FAIL)
        return -1;
    ssize_t result = ((ssize_t(*)(int, void *, size_t))next("read"))(file, bytes, part_of(size, action));
    finish(action);
    return result;
}

ssize_t __read_chk(int file, void *bytes, size_t size, size_t room);
ssize_t __read_chk(int file, void *bytes, size_t size, size_t room)
{
    int action = begin(KIND_FILE, "read", CALLER);
    if (action & FAIL)
        return -1;
    ssize_t result =
        ((ssize_t(*)(int, void *, size_t, size_t))next("__read_chk"))(file, bytes, part_of(size, action), room);
    finish(action);
    return result;
}

#define INTERPOSE_PREAD(name, place)                                                                                   \
    ssize_t name(int file, void *bytes, size_t size, place from)                                                       \
    {                                                                                                                  \
        int action = begin(KIND_FILE, "pread", CALLER);                                                                \
        if (action & FAIL)                                                                                             \
            return -1;                                                                                                 \
        ssize_t (*real)(int, void *, size_t, place) = (ssize_t(*)(int, void *, size_t, place))next(#name);             \
        ssize_t result = real(file, bytes, part_of(size, action), from);                                               \
        finish(action);                                                                                                \
        return result;                                                                                                 \
    }

INTERPOSE_PREAD(pread, off_t)
INTERPOSE_PREAD(pread64, off64_t)

ssize_t write(int file, const void *bytes, size_t size)
{
    int action = begin(KIND_FILE, "write", CALLER);
    if (action & FAIL)
        return -1;
    ssize_t result = ((ssize_t(*)(int, const void *, size_t))next("write"))(file, bytes, part_of(size, action));
    finish(action);
    return result;
}

time_t time(time_t *result)
{
    struct timespec now = {0};
    (void)syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    now.tv_sec += plan.later;
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    if (plan.sleep)
        return (int)syscall(SYS_nanosleep, wanted, left);
    if (left)
        *left = (struct timespec){0};
    return 0;
}

/* --- memory ------------------------------------------------------------------------------------------------------ */

/* The real ones under their other names: to look them up would take memory. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static bool is_refused(const char *name, const void *caller)
{
    int action = begin(KIND_MEMORY, name, caller);
    finish(action);
    return action & FAIL;
}

void *malloc(size_t size)
{
    return is_refused("malloc", CALLER) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return is_refused("calloc", CALLER) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return is_refused("realloc", CALLER) ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return is_refused("reallocarray", CALLER) ? NULL : __libc_realloc(old, bytes);
}

static char *copy(const char *text, size_t length)
{
    char *made = __libc_malloc(length + 1);
    if (!made)
        return NULL;
    memcpy(made, text, length);
    made[length] = '\0';
    return made;
}

#undef strdup
char *strdup(const char *text)
{
    return is_refused("strdup", CALLER) ? NULL : copy(text, strlen(text));
}

char *__strdup(const char *text);
char *__strdup(const char *text)
{
    return is_refused("strdup", CALLER) ? NULL : copy(text, strlen(text));
}

#undef strndup
char *strndup(const char *text, size_t most)
{
    return is_refused("strndup", CALLER) ? NULL : copy(text, strnlen(text, most));
}

/* Without the means to map memory, too, things must go on: PCRE2 does so for its compiler to machine code. */
void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
    if (is_refused("mmap", CALLER))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}
