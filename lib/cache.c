/* SPDX-License-Identifier: MIT */
#include "cache.h"

#include "cachefile.h"
#include "digest.h"
#include "format.h"
#include "newfile.h"
#include "pattern.h"
#include "place.h"
#include "sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FORMAT_SIZE = 24,                               /* of a format's name, with its NUL */
    DIGITS_MAX = 16,                                /* of a number of 64 bits */
    NAME_SIZE = FORMAT_SIZE + 2 * (1 + DIGITS_MAX), /* of a part's name, with its NUL */
    /* Bytes that a part may have: a record has more than eight, and adds a host and a day at most. */
    PART_LENGTH_FIXED = 64 * 1024,
    PART_LENGTH_PER_BYTE = (sizeof(struct ledger_host) + sizeof(struct ledger_day)) / 8,
};

/* What a part begins with; the ledger stands behind it. */
struct part_head {
    char cachefile[CACHEFILE_HEAD];
    char format[FORMAT_SIZE]; /* zeros behind the name */
    uint64_t settings;
    struct identity identity;
    uint64_t offset;
    struct cache_fingerprint fingerprint;
    uint32_t fresh; /* 0 or 1 */
    day_number first_day;
    day_number left_out;
    uint32_t unused; /* 0 */
};

_Static_assert(sizeof(struct part_head) == CACHE_HEAD && CACHE_HEAD % 8 == 0 && sizeof(struct identity) == 40,
               "no gaps, which would hold what happened to be in memory, and the ledger is aligned");

/* --- settings ----------------------------------------------------------------------------------------------------- */

/* No text is another one than the empty one. */
static uint64_t digest_text(uint64_t so_far, const char *text)
{
    return text ? digest(so_far, text, strlen(text) + 1) : digest(so_far, "", 0);
}

static uint64_t digest_pattern(uint64_t so_far, const struct pattern *pattern)
{
    return digest_text(so_far, pattern ? pattern_text(pattern) : NULL);
}

uint64_t cache_settings(const struct conf_log *log)
{
    char library[PATTERN_VERSION_SIZE];
    const int numbers[] = {CACHEFILE_VERSION, log->address_field, log->address_overridden};
    uint64_t settings = digest(DIGEST_BEGIN, numbers, sizeof numbers);
    settings = digest_text(settings, XS_VERSION);
    settings = digest_text(settings, pattern_library_version(library));
    settings = digest_text(settings, log->format->name);
    settings = digest_text(settings, log->encoding);
    settings = digest_pattern(settings, log->unauthorized);
    settings = digest_pattern(settings, log->refused);
    return digest_pattern(settings, log->address_pattern);
}

/* --- parts -------------------------------------------------------------------------------------------------------- */

static void put_name(char name[NAME_SIZE], const char *format, uint64_t device, uint64_t inode)
{
    (void)snprintf(name, NAME_SIZE, "%.*s-%" PRIx64 "-%" PRIx64, FORMAT_SIZE - 1, format, device, inode);
}

static void put_format(char field[FORMAT_SIZE], const char *format)
{
    memset(field, 0, FORMAT_SIZE);
    (void)snprintf(field, FORMAT_SIZE, "%s", format);
}

static bool is_of(const struct part_head *head, const char *format, uint64_t settings, const struct identity *file)
{
    char field[FORMAT_SIZE];
    put_format(field, format);
    return memcmp(head->format, field, FORMAT_SIZE) == 0 && head->settings == settings &&
           head->identity.device == file->device && head->identity.inode == file->inode &&
           head->offset <= head->identity.size && head->fresh <= 1;
}

int cache_read(const char *directory, const char *format, uint64_t settings, const struct identity *file,
               struct cache_part *part)
{
    char name[NAME_SIZE];
    *part = (struct cache_part){.mark = {.offset = 0}};
    put_name(name, format, file->device, file->inode);
    const uint64_t most = PART_LENGTH_FIXED + file->size * PART_LENGTH_PER_BYTE;
    if (!cachefile_read(directory, name, CACHEFILE_PART, most, &part->bytes))
        return 0;
    const struct part_head *head = (const void *)part->bytes.bytes;
    if (part->bytes.length < sizeof *head || !is_of(head, format, settings, file) ||
        !ledger_read(part->bytes.bytes + sizeof *head, part->bytes.length - sizeof *head, &part->ledger)) {
        cache_part_clear(part);
        return 0;
    }
    part->mark = (struct cache_mark){.identity = head->identity,
                                     .offset = head->offset,
                                     .fingerprint = head->fingerprint,
                                     .fresh = head->fresh != 0,
                                     .first_day = head->first_day,
                                     .left_out = head->left_out};
    return 1;
}

void cache_part_clear(struct cache_part *part)
{
    buffer_clear(&part->bytes);
    *part = (struct cache_part){.mark = {.offset = 0}};
}

void cache_begin(struct buffer *bytes)
{
    const char nothing[CACHE_HEAD] = {0};
    buffer_add(bytes, nothing, sizeof nothing);
}

int cache_write(const char *directory, const char *format, uint64_t settings, const struct cache_mark *mark,
                struct buffer *bytes, struct error *error)
{
    char name[NAME_SIZE];
    if (bytes->failed)
        return error_memory(error, "write the cache");
    struct part_head head = {.settings = settings,
                             .identity = mark->identity,
                             .offset = mark->offset,
                             .fingerprint = mark->fingerprint,
                             .fresh = mark->fresh,
                             .first_day = mark->first_day,
                             .left_out = mark->left_out};
    put_format(head.format, format);
    memcpy(bytes->bytes, &head, sizeof head);
    put_name(name, format, mark->identity.device, mark->identity.inode);
    return cachefile_write(directory, name, CACHEFILE_PART, bytes, error);
}

/* --- use ---------------------------------------------------------------------------------------------------------- */

/* True if no day of the range is left out of the ledger. */
static bool has_range(const struct cache_mark *mark, struct day_range range)
{
    return mark->first_day <= range.first && (mark->left_out == 0 || mark->left_out > range.last);
}

enum cache_use cache_use_of(const struct cache_mark *mark, const struct identity *file, struct day_range range)
{
    if (mark->identity.device != file->device || mark->identity.inode != file->inode || !has_range(mark, range))
        return CACHE_USELESS;
    if (file->size > mark->identity.size)
        return CACHE_GROWN;
    return identity_equal(&mark->identity, file) && !mark->fresh ? CACHE_WHOLE : CACHE_USELESS;
}

/* The digest of length bytes, at most CACHE_FINGERPRINT_BYTES. Returns as cache_take_fingerprint. */
static int digest_stretch(int descriptor, uint64_t offset, size_t length, uint64_t *result)
{
    char bytes[CACHE_FINGERPRINT_BYTES];
    for (size_t done = 0; done < length;) {
        ssize_t got = sys_pread(descriptor, bytes + done, length - done, (off_t)(offset + done));
        if (got <= 0)
            return got < 0 ? -1 : 0;
        done += (size_t)got;
    }
    *result = digest(DIGEST_BEGIN, bytes, length);
    return 1;
}

int cache_take_fingerprint(int descriptor, uint64_t offset, struct cache_fingerprint *fingerprint)
{
    size_t length = offset < CACHE_FINGERPRINT_BYTES ? (size_t)offset : CACHE_FINGERPRINT_BYTES;
    int result = digest_stretch(descriptor, 0, length, &fingerprint->beginning);
    return result > 0 ? digest_stretch(descriptor, offset - length, length, &fingerprint->end) : result;
}

/* --- sweeping ----------------------------------------------------------------------------------------------------- */

typedef char part_name[NAME_SIZE];

static int compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

/* Moves behind "-" and a number as put_name writes it. */
static bool take_number(const char **at)
{
    const char *digits = *at + 1;
    size_t count = strspn(digits, "0123456789abcdef");
    if (**at != '-' || count == 0 || count > DIGITS_MAX)
        return false;
    *at = digits + count;
    return true;
}

/* Whether a part has, or had, this name. */
static bool is_part_name(const char *name)
{
    size_t count;
    const struct log_format *formats = format_table(&count);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(formats[i].name);
        const char *at = name + length;
        if (strncmp(name, formats[i].name, length) == 0 && take_number(&at) && take_number(&at) && *at == '\0')
            return true;
    }
    return false;
}

/* Whether it is the name of a temporary file that becomes one of the cache. */
static bool is_temporary_name(const char *name)
{
    part_name whole;
    size_t length = strlen(name);
    const size_t ending = sizeof NEWFILE_SUFFIX - 1;
    if (length < ending || length - ending >= sizeof whole || strcmp(name + length - ending, NEWFILE_SUFFIX) != 0)
        return false;
    (void)snprintf(whole, sizeof whole, "%.*s", (int)(length - ending), name);
    return strcmp(whole, CACHE_BALANCE) == 0 || is_part_name(whole);
}

static void remove_file(int directory, const char *name)
{
    struct stat status;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode)))
        (void)unlinkat(directory, name, 0);
}

static void sweep(DIR *directory, const part_name *kept, size_t count)
{
    for (const struct dirent *entry; (entry = readdir(directory));) {
        const char *name = entry->d_name;
        if (is_temporary_name(name) || (is_part_name(name) && !bsearch(name, kept, count, sizeof *kept, compare_names)))
            remove_file(dirfd(directory), name);
    }
}

void cache_sweep_temporary(const char *path)
{
    DIR *directory = place_list(path);
    for (const struct dirent *entry; directory && (entry = readdir(directory));)
        if (is_temporary_name(entry->d_name))
            remove_file(dirfd(directory), entry->d_name);
    if (directory)
        (void)closedir(directory);
}

void cache_sweep(const char *path, const struct cache_owner *owners, size_t count)
{
    DIR *directory = place_list(path);
    part_name *kept = calloc(count + 1, sizeof *kept);
    if (directory && kept) {
        for (size_t i = 0; i < count; i++)
            put_name(kept[i], owners[i].format, owners[i].device, owners[i].inode);
        qsort(kept, count, sizeof *kept, compare_names);
        sweep(directory, (const part_name *)kept, count);
    }
    free(kept);
    if (directory)
        (void)closedir(directory);
}
