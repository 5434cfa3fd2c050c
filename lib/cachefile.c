/* SPDX-License-Identifier: MIT */
#include "cachefile.h"

#include "digest.h"
#include "newfile.h"
#include "path.h"
#include "place.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIRECTORY_MODE = 0700, FILE_MODE = 0600 };

static const char magic[] = "XMSPAMC"; /* with its NUL, as many bytes as a word */
static const uint32_t byte_order = 0x01020304;

struct head {
    char magic[sizeof magic];
    uint64_t digest; /* of all that follows */
    uint32_t version;
    uint32_t byte_order;
    uint32_t kind;
    uint32_t unused; /* 0 */
    uint64_t length; /* of the whole file */
};

_Static_assert(sizeof(struct head) == CACHEFILE_HEAD && CACHEFILE_HEAD % 8 == 0, "no gaps, and the content is aligned");

/* What the head of these bytes must be. */
static struct head head_for(const struct buffer *bytes, enum cachefile_kind kind)
{
    struct head head = {
        .version = CACHEFILE_VERSION, .byte_order = byte_order, .kind = (uint32_t)kind, .length = bytes->length};
    const size_t digested = offsetof(struct head, version);
    memcpy(head.magic, magic, sizeof magic);
    head.digest = digest(DIGEST_BEGIN, (const char *)&head + digested, sizeof head - digested);
    head.digest = digest(head.digest, bytes->bytes + sizeof head, bytes->length - sizeof head);
    return head;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* Reads so many bytes, or what there is of them. */
static void read_all(int descriptor, size_t length, struct buffer *bytes)
{
    if (!buffer_reserve(bytes, length))
        return;
    while (bytes->length < length) {
        ssize_t got = sys_read(descriptor, bytes->bytes + bytes->length, length - bytes->length);
        if (got <= 0)
            return;
        bytes->length += (size_t)got;
    }
}

static bool is_whole(const struct buffer *bytes, size_t length, enum cachefile_kind kind)
{
    if (bytes->length != length)
        return false;
    const struct head head = head_for(bytes, kind);
    return memcmp(bytes->bytes, &head, sizeof head) == 0;
}

int cachefile_read(const char *directory, const char *name, enum cachefile_kind kind, uint64_t length_max,
                   struct buffer *bytes)
{
    char path[PATH_MAX];
    struct stat status;
    bool whole = false;
    int descriptor =
        path_put(path, directory, name) ? sys_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0) : -1;
    if (descriptor < 0)
        return 0;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= CACHEFILE_HEAD &&
        (uint64_t)status.st_size <= length_max) {
        read_all(descriptor, (size_t)status.st_size, bytes);
        whole = is_whole(bytes, (size_t)status.st_size, kind);
    }
    (void)sys_close(descriptor);
    if (!whole)
        buffer_clear(bytes);
    return whole;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

void cachefile_begin(struct buffer *bytes)
{
    const char nothing[CACHEFILE_HEAD] = {0};
    buffer_add(bytes, nothing, sizeof nothing);
}

/* With the owner of the directory around it: XMail and its filters may run as another user than who makes it. */
static int make_directory(const char *path, struct error *error)
{
    struct stat status;
    char *around = path_directory(path);
    int result = 1;
    if (!around)
        result = error_memory(error, "make the cache");
    else if (stat(around, &status) != 0)
        result = error_system(error, errno, "unable to find the directory %s", around);
    else if (place_make(path, DIRECTORY_MODE, status.st_uid, status.st_gid) != 0)
        result = error_system(error, errno, "unable to make the directory %s", path);
    free(around);
    return result;
}

int cachefile_make_directory(const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) == 0)
        return 1;
    if (errno != ENOENT)
        return error_system(error, errno, "unable to find the directory %s", path);
    return make_directory(path, error);
}

/* The owner of the directory, and the mode of its files. */
static int find_owner(const char *directory, struct newfile_owner *owner, struct error *error)
{
    struct stat status;
    if (cachefile_make_directory(directory, error) < 0)
        return -1;
    if (stat(directory, &status) != 0)
        return error_system(error, errno, "unable to find the directory %s", directory);
    *owner = (struct newfile_owner){.user = status.st_uid, .group = status.st_gid, .mode = FILE_MODE};
    return 1;
}

int cachefile_write(const char *directory, const char *name, enum cachefile_kind kind, struct buffer *bytes,
                    struct error *error)
{
    char path[PATH_MAX];
    struct newfile_owner owner;
    if (bytes->failed)
        return error_memory(error, "write the cache");
    if (!path_put(path, directory, name))
        return error_system(error, ENAMETOOLONG, "unable to write %s/%s", directory, name);
    const struct head head = head_for(bytes, kind);
    memcpy(bytes->bytes, &head, sizeof head);
    return find_owner(directory, &owner, error) > 0 ? newfile_put(path, bytes, &owner, error) : -1;
}
