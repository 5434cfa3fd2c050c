/* SPDX-License-Identifier: MIT */
#include "logfiles.h"

#include "array.h"
#include "path.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int append(struct logfiles *files, const struct logfile *file)
{
    struct logfile *grown = array_grow(files->files, files->count, sizeof *grown);
    if (!grown)
        return -1;
    files->files = grown;
    files->files[files->count++] = *file;
    return 1;
}

static bool name_fits(const struct conf_log *log, const char *name)
{
    for (char **pattern = log->files; *pattern; pattern++)
        if (fnmatch(*pattern, name, FNM_PERIOD) == 0)
            return true;
    return false;
}

/*
 * Adds the file if it is one. A name that is gone since the directory was read is none; a link that leads nowhere is a
 * log that can't be read.
 */
static int add_file(struct logfiles *files, size_t log, char *path, struct messages *warnings, struct error *error)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        int reason = errno;
        struct stat link;
        if (reason == ENOENT && lstat(path, &link) != 0 && errno == ENOENT)
            return 0;
        return error_system(error, reason, "unable to read the log %s", path);
    }
    if (!S_ISREG(status.st_mode)) {
        messages_add(warnings, "%s is not a regular file: not read as a log", path);
        return 0;
    }
    const struct logfile file = {
        .path = path, .log = log, .identity = identity_from_status(&status), .modified = status.st_mtime};
    return append(files, &file) < 0 ? error_memory(error, "list logs") : 1;
}

static int list_entries(DIR *directory, const char *name, const struct conf_log *log, size_t index,
                        struct messages *warnings, struct logfiles *files, struct error *error)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry)
            return errno == 0 ? 1 : error_system(error, errno, "unable to read the log directory %s", name);
        const bool is_directory = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (is_directory || !name_fits(log, entry->d_name))
            continue;
        char *path = path_join(name, entry->d_name);
        if (!path)
            return error_memory(error, "list logs");
        int result = add_file(files, index, path, warnings, error);
        if (result <= 0)
            free(path);
        if (result < 0)
            return -1;
    }
}

static int list_directory(const char *name, const struct conf_log *log, size_t index, struct messages *warnings,
                          struct logfiles *files, struct error *error)
{
    DIR *directory = opendir(name);
    if (!directory)
        return error_system(error, errno, "unable to read the log directory %s (see mail_root, directory)", name);
    int result = list_entries(directory, name, log, index, warnings, files, error);
    (void)closedir(directory);
    return result;
}

static int compare_places(const struct logfile *a, const struct logfile *b)
{
    if (a->log != b->log)
        return a->log < b->log ? -1 : 1;
    return strcmp(a->path, b->path);
}

static int compare_for_order(const void *left, const void *right)
{
    return compare_places(left, right);
}

int logfile_compare_identity(const struct logfile *a, const struct logfile *b)
{
    if (a->identity.device != b->identity.device)
        return a->identity.device < b->identity.device ? -1 : 1;
    return (a->identity.inode > b->identity.inode) - (a->identity.inode < b->identity.inode);
}

static int compare_for_identity(const void *left, const void *right)
{
    int order = logfile_compare_identity(left, right);
    return order != 0 ? order : compare_places(left, right);
}

/* True if an earlier one of the files with the same identity is read as this format already. */
static bool is_repeated(const struct conf_log *logs, const struct logfiles *files, size_t at)
{
    const struct logfile *file = &files->files[at];
    for (size_t i = at; i-- > 0;) {
        const struct logfile *earlier = &files->files[i];
        if (logfile_compare_identity(earlier, file) != 0)
            return false;
        if (logs[earlier->log].format == logs[file->log].format)
            return true;
    }
    return false;
}

static void drop_repeated(const struct conf_log *logs, struct logfiles *files)
{
    qsort(files->files, files->count, sizeof *files->files, compare_for_identity);
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++) {
        files->files[kept] = files->files[i];
        if (is_repeated(logs, files, kept))
            free(files->files[kept].path);
        else
            kept++;
    }
    files->count = kept;
    qsort(files->files, files->count, sizeof *files->files, compare_for_order);
}

int logfiles_list(const struct conf_log *logs, size_t count, bool all, struct messages *warnings,
                  struct logfiles *files, struct error *error)
{
    *files = (struct logfiles){0};
    int result = 1;
    for (size_t i = 0; i < count && result > 0; i++) {
        const struct conf_log *log = &logs[i];
        for (char **name = log->directories; *name && result > 0 && (all || log->enabled); name++)
            result = list_directory(*name, log, i, warnings, files, error);
    }
    if (result < 0)
        logfiles_clear(files);
    else if (files->count > 0)
        drop_repeated(logs, files);
    return result;
}

struct logfiles logfiles_recent(const struct logfiles *files, day_number first, bool by_age)
{
    if (!by_age)
        return *files;
    const time_t oldest = day_before_begins(first);
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (files->files[i].modified < oldest)
            continue;
        const struct logfile file = files->files[i];
        files->files[i] = files->files[kept];
        files->files[kept++] = file;
    }
    return (struct logfiles){.files = files->files, .count = kept};
}

void logfiles_clear(struct logfiles *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->files[i].path);
    free(files->files);
    *files = (struct logfiles){0};
}
