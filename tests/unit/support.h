/* SPDX-License-Identifier: MIT */
/* What several unit tests need: logs without a configuration file, networks from text, files, seeded random numbers. */
#ifndef XS_TESTS_SUPPORT_H
#define XS_TESTS_SUPPORT_H

#include "address.h"
#include "buffer.h"
#include "conf.h"
#include "format.h"
#include "moment.h"
#include "path.h"
#include "pattern.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* A string literal that may hold NULs, as two arguments: bytes, length. */
#define BYTES(literal) (literal), (sizeof(literal) - 1)

enum { SUPPORT_PATH_SIZE = 512 };

/* --- addresses ---------------------------------------------------------------------------------------------------- */

static inline struct address host_of(const char *text)
{
    struct address address = {0, 0};
    if (!address_parse(text, strlen(text), &address))
        fail_msg("\"%s\" is no address", text);
    return address;
}

/* ADDRESS, ADDRESS/BITS (IPv4: 0-32), IPv4/NETMASK. */
static inline struct network network_of(const char *text)
{
    const char *slash = strchr(text, '/');
    if (!slash)
        return network_host(host_of(text));
    struct address address = {0, 0};
    if (!address_parse(text, (size_t)(slash - text), &address))
        fail_msg("\"%s\" is no network", text);
    if (strchr(slash, '.')) {
        const struct address prefix = address_mask(ADDRESS_IPV4_BITS);
        const struct address netmask = host_of(slash + 1);
        return network_make(address, (struct address){prefix.high, prefix.low | (netmask.low & UINT32_MAX)});
    }
    unsigned bits = (unsigned)strtoul(slash + 1, NULL, 10);
    return network_make(address, address_mask(bits + (address_is_ipv4(address) ? ADDRESS_IPV4_BITS : 0)));
}

static inline bool network_same(const struct network *a, const struct network *b)
{
    return address_equal(a->address, b->address) && address_equal(a->mask, b->mask);
}

/* --- logs --------------------------------------------------------------------------------------------------------- */

static inline struct pattern *pattern_of(const char *text)
{
    struct pattern *pattern = NULL;
    struct error error;
    if (text && pattern_compile(text, &pattern, &error) < 0)
        fail_msg("\"%s\": %s", text, error.text);
    return pattern;
}

/* What a test sets of a log; a NULL is the format's default. */
struct log_wish {
    const char *format;
    const char *unauthorized;
    const char *refused;
    const char *encoding;
    int address_field;           /* 0: the format's */
    const char *address_pattern; /* NULL: none */
};

static inline char **strings_from(const char *const *texts)
{
    size_t count = 0;
    while (texts[count])
        count++;
    char **strings = calloc(count + 1, sizeof *strings);
    assert_non_null(strings);
    for (size_t i = 0; i < count; i++) {
        strings[i] = strdup(texts[i]);
        assert_non_null(strings[i]);
    }
    return strings;
}

static inline void strings_drop(char **strings)
{
    for (char **string = strings; string && *string; string++)
        free(*string);
    free(strings);
}

/* An enabled log in the directory "logs". To be freed with log_drop. */
static inline struct conf_log log_from(struct log_wish wish)
{
    const struct log_format *format = format_find(wish.format);
    if (!format)
        fail_msg("there is no format \"%s\"", wish.format);
    const char *const files[] = {format->files, NULL};
    const char *const directories[] = {"logs", NULL};
    return (struct conf_log){
        .format = format,
        .enabled = true,
        .files = strings_from(files),
        .directories = strings_from(directories),
        .unauthorized = pattern_of(wish.unauthorized ? wish.unauthorized : format->unauthorized),
        .refused = pattern_of(wish.refused ? wish.refused : format->refused),
        .encoding = wish.encoding ? strdup(wish.encoding) : NULL,
        .address_field = wish.address_field ? wish.address_field : format->address_field,
        .address_overridden = wish.address_field != 0 || wish.address_pattern,
        .address_pattern = pattern_of(wish.address_pattern),
    };
}

static inline void log_drop(struct conf_log *log)
{
    strings_drop(log->files);
    strings_drop(log->directories);
    pattern_free(log->unauthorized);
    pattern_free(log->refused);
    free(log->encoding);
    pattern_free(log->address_pattern);
    *log = (struct conf_log){0};
}

/* --- files -------------------------------------------------------------------------------------------------------- */

/* A new empty directory. */
static inline void directory_make(char path[SUPPORT_PATH_SIZE])
{
    const char *base = getenv("TMPDIR");
    (void)snprintf(path, SUPPORT_PATH_SIZE, "%s/xmail-spammers-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(path))
        fail_msg("unable to make %s: %s", path, strerror(errno));
}

/* DIRECTORY/NAME; valid until the eighth call after it. Neither may come from such a call. */
static inline const char *path_in(const char *directory, const char *name)
{
    static char paths[8][2 * SUPPORT_PATH_SIZE];
    static size_t next;
    char *path = paths[next++ % COUNT_OF(paths)];
    (void)snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

/* Removes the directory and all that is in it. */
static inline void directory_drop(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *inner = path_join(path, entry->d_name);
        assert_non_null(inner);
        if (lstat(inner, &status) == 0 && S_ISDIR(status.st_mode))
            directory_drop(inner);
        else
            (void)unlink(inner);
        free(inner);
    }
    (void)closedir(directory);
    (void)rmdir(path);
}

static inline void file_write(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "w");
    if (!file)
        fail_msg("unable to write %s: %s", path, strerror(errno));
    if (length > 0)
        assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline void file_write_text(const char *path, const char *text)
{
    file_write(path, text, strlen(text));
}

/* The file's content is added to the buffer. False if it can't be opened. */
static inline bool file_read(const char *path, struct buffer *content)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    char bytes[4096];
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;)
        buffer_add(content, bytes, got);
    (void)fclose(file);
    return true;
}

static inline bool file_exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static inline void file_set_age(const char *path, time_t modified)
{
    const struct timespec times[2] = {{.tv_sec = modified}, {.tv_sec = modified}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static inline void assert_file_is(const char *path, const char *bytes, size_t length)
{
    struct buffer content = {0};
    if (!file_read(path, &content))
        fail_msg("there is no %s", path);
    if (content.length != length || (length > 0 && memcmp(content.bytes, bytes, length) != 0))
        fail_msg("%s holds \"%.*s\" instead of \"%.*s\"", path, (int)content.length, content.bytes ? content.bytes : "",
                 (int)length, bytes);
    buffer_clear(&content);
}

/* How many names the directory holds. */
static inline size_t directory_count(const char *path)
{
    size_t count = 0;
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(directory);
    return count;
}

/* --- time --------------------------------------------------------------------------------------------------------- */

/* Sets TZ; what was there before is in kept, for zone_restore. */
struct zone_kept {
    bool was_set;
    char value[128];
};

static inline struct zone_kept zone_set(const char *zone)
{
    struct zone_kept kept = {.was_set = false};
    const char *before = getenv("TZ");
    if (before) {
        kept.was_set = true;
        (void)snprintf(kept.value, sizeof kept.value, "%s", before);
    }
    assert_int_equal(setenv("TZ", zone, 1), 0);
    tzset();
    return kept;
}

static inline void zone_restore(const struct zone_kept *kept)
{
    if (kept->was_set)
        (void)setenv("TZ", kept->value, 1);
    else
        (void)unsetenv("TZ");
    tzset();
}

static inline struct moment moment_of(const char *text)
{
    struct moment moment;
    if (!moment_parse(text, &moment))
        fail_msg("\"%s\" is no time", text);
    return moment;
}

/* --- random numbers ----------------------------------------------------------------------------------------------- */

/* The same numbers at every run (splitmix64). */
static inline uint64_t random_next(uint64_t *seed)
{
    uint64_t mixed = *seed += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

static inline size_t random_below(uint64_t *seed, size_t limit)
{
    return (size_t)(random_next(seed) % limit);
}

/* --- a place for tests of files ----------------------------------------------------------------------------------- */

/* A directory of the test's own, the umask that XMail runs its filters with, and a time zone. */
struct file_bench {
    char directory[SUPPORT_PATH_SIZE];
    char path[2 * SUPPORT_PATH_SIZE]; /* of the file that the test is about */
    mode_t mask;
    struct zone_kept zone;
    struct error error;
};

static inline int file_bench_set_up(void **state, const char *name, const char *zone)
{
    struct file_bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    directory_make(bench->directory);
    (void)snprintf(bench->path, sizeof bench->path, "%s/%s", bench->directory, name);
    bench->mask = umask(0);
    bench->zone = zone_set(zone);
    *state = bench;
    return 0;
}

static inline int file_bench_tear_down(void **state)
{
    struct file_bench *bench = *state;
    directory_drop(bench->directory);
    (void)umask(bench->mask);
    zone_restore(&bench->zone);
    free(bench);
    return 0;
}

#endif
