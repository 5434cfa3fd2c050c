/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The length of the directory's name without the "/" at its end. */
static size_t trimmed_length(const char *directory)
{
    size_t length = strlen(directory);
    while (length > 0 && directory[length - 1] == '/')
        length--;
    return length;
}

/* Puts together what has room. */
static void put(char *path, const char *directory, size_t length, const char *name)
{
    memcpy(path, directory, length);
    path[length] = '/';
    memcpy(path + length + 1, name, strlen(name) + 1);
}

char *path_join(const char *directory, const char *name)
{
    size_t length = trimmed_length(directory);
    char *path = malloc(length + strlen(name) + 2);
    if (path)
        put(path, directory, length, name);
    return path;
}

bool path_put(char path[PATH_MAX], const char *directory, const char *name)
{
    size_t length = trimmed_length(directory);
    if (length + strlen(name) + 2 > PATH_MAX)
        return false;
    put(path, directory, length, name);
    return true;
}

bool path_put_beside(char path[PATH_MAX], const char *beside, const char *name)
{
    const char *slash = strrchr(beside, '/');
    size_t length = slash ? (size_t)(slash - beside) + 1 : 0;
    if (length + strlen(name) + 1 > PATH_MAX)
        return false;
    memcpy(path, beside, length);
    memcpy(path + length, name, strlen(name) + 1);
    return true;
}

const char *path_configuration(const char *given, const char *environment, const char *mail_root, char buffer[PATH_MAX])
{
    if (given && *given != '\0')
        return given;
    if (environment && *environment != '\0')
        return environment;
    return mail_root && *mail_root != '\0' && path_put(buffer, mail_root, PATH_CONFIGURATION) ? buffer : NULL;
}

char *path_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

char *path_mail_root_of(const char *path)
{
    static const char ending[] = "/" PATH_PROGRAM_DIRECTORY;
    char *beside = path_directory(path);
    char *directory = beside ? realpath(beside, NULL) : NULL;
    free(beside);
    size_t length = directory ? strlen(directory) : 0;
    if (length <= sizeof ending - 1 || strcmp(directory + length - (sizeof ending - 1), ending) != 0) {
        if (directory) {
            free(directory);
            errno = ENOENT;
        }
        return NULL;
    }
    directory[length - (sizeof ending - 1)] = '\0';
    return directory;
}

bool path_same_directory(const char *one, const char *other)
{
    struct stat a;
    struct stat b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}
