/* SPDX-License-Identifier: MIT */
#include "backup.h"

#include "path.h"
#include "place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DAY_DIGITS = 8, /* YYYYMMDD */
    DIGITS = 14,    /* YYYYMMDDhhmmss */
    NAME_SIZE = 9 + DIGITS + 4 + 1,
    NAMES_TRIED = 3600, /* an hour of seconds, all taken: something is wrong */
};

static const char prefix[] = "spammers.";
static const char suffix[] = ".tab";

/* What newfile makes the temporary name of. */
static char *temporary_path(const char *mail_root)
{
    return path_join(mail_root, "spammers.backup");
}

int backup_sweep(const char *mail_root, struct error *error)
{
    char *path = temporary_path(mail_root);
    int result = path ? newfile_sweep(path, error) : error_memory(error, "name a backup");
    free(path);
    return result;
}

static char *name_backup(const char *mail_root, time_t seconds)
{
    struct moment moment;
    char name[NAME_SIZE];
    if (!moment_from_seconds(seconds, &moment) ||
        strftime(name, sizeof name, "spammers.%Y%m%d%H%M%S.tab", &moment.local) != NAME_SIZE - 1)
        return NULL;
    return path_join(mail_root, name);
}

/* Gives the written file the first free name from now on. */
static int create(const char *mail_root, const struct moment *now, struct newfile *file, char **path,
                  struct error *error)
{
    for (time_t later = 0; later < NAMES_TRIED; later++) {
        errno = 0;
        *path = name_backup(mail_root, now->seconds + later);
        if (!*path && errno == ENOMEM)
            return error_memory(error, "name a backup");
        if (!*path)
            return error_set(error, "unable to name a backup of %s/" PATH_LIST ": the time can't be told", mail_root);
        int result = newfile_create(file, *path, error);
        if (result != 0)
            return result;
        free(*path);
    }
    *path = NULL;
    return error_set(error, "unable to make a backup in %s: each name of the next hour is taken", mail_root);
}

int backup_make(const char *mail_root, const struct moment *now, const struct buffer *content,
                const struct newfile_owner *owner, char **path, struct error *error)
{
    struct newfile file;
    *path = NULL;
    char *temporary = temporary_path(mail_root);
    int result =
        temporary ? newfile_write(temporary, content, owner, &file, error) : error_memory(error, "make a backup");
    free(temporary);
    if (result < 0)
        return -1;
    result = create(mail_root, now, &file, path, error);
    newfile_abandon(&file);
    if (result < 0) {
        free(*path);
        *path = NULL;
    }
    return result;
}

/* --- clean-up ---------------------------------------------------------------------------------------------------- */

/* The day of a name that is one: its first eight digits. */
static day_number day_of(const char *name)
{
    day_number day = 0;
    for (const char *digit = name + sizeof prefix - 1; digit < name + sizeof prefix - 1 + DAY_DIGITS; digit++)
        day = day * 10 + (day_number)(*digit - '0');
    return day;
}

/* True if the two digits are a number below the limit. */
static bool is_below(const char *digits, int limit)
{
    return (digits[0] - '0') * 10 + (digits[1] - '0') < limit;
}

static bool is_backup_name(const char *name)
{
    if (strlen(name) != NAME_SIZE - 1 || strncmp(name, prefix, sizeof prefix - 1) != 0 ||
        strcmp(name + sizeof prefix - 1 + DIGITS, suffix) != 0)
        return false;
    const char *digits = name + sizeof prefix - 1;
    const char *time = digits + DAY_DIGITS;
    return strspn(digits, "0123456789") == DIGITS && day_exists(day_of(name)) && is_below(time, 24) &&
           is_below(time + 2, 60) && is_below(time + 4, 61);
}

static int compare_newest_first(const void *left, const void *right)
{
    return strcmp(right, left); /* digits of equal length: by name is by time */
}

/* All backups' names, each in NAME_SIZE bytes, in names. */
static int list(DIR *directory, struct buffer *names)
{
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        struct stat status;
        if (is_backup_name(entry->d_name) &&
            fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode))
            buffer_add(names, entry->d_name, NAME_SIZE);
        errno = 0;
    }
    if (names->failed)
        errno = ENOMEM;
    return errno == 0 ? 1 : -1;
}

void backup_clean(const char *mail_root, day_number first, size_t most, const char *made, struct messages *warnings)
{
    struct buffer names = {0};
    const char *made_name = made ? strrchr(made, '/') + 1 : NULL;
    DIR *directory = place_list(mail_root);
    if (!directory || list(directory, &names) < 0) {
        messages_add(warnings, "unable to look for old backups in %s: %s", mail_root, strerror(errno));
        goto done;
    }
    size_t count = names.length / NAME_SIZE;
    if (count > 0)
        qsort(names.bytes, count, NAME_SIZE, compare_newest_first);
    size_t kept = made_name ? 1 : 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = names.bytes + i * NAME_SIZE;
        if (made_name && strcmp(made_name, name) == 0)
            continue;
        if (day_of(name) >= first && kept < most)
            kept++;
        else if (unlinkat(dirfd(directory), name, 0) != 0 && errno != ENOENT)
            messages_add(warnings, "unable to delete the old backup %s/%s: %s", mail_root, name, strerror(errno));
    }
done:
    if (directory)
        (void)closedir(directory);
    buffer_clear(&names);
}
