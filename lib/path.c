/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIRECTORY_MODE = 0755 };

char *path_join(const char *directory, const char *name)
{
    size_t length = strlen(directory);
    while (length > 0 && directory[length - 1] == '/')
        length--;
    size_t size = length + strlen(name) + 2;
    char *path = malloc(size);
    if (path)
        (void)snprintf(path, size, "%.*s/%s", (int)length, directory, name);
    return path;
}

char *path_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* Makes one directory if it is missing. */
static int make_directory(const char *path, const struct stat *mail_root, struct error *error)
{
    if (mkdir(path, DIRECTORY_MODE) == 0) {
        if (geteuid() == 0 && lchown(path, mail_root->st_uid, mail_root->st_gid) != 0)
            return error_system(error, errno, "unable to give the directory %s to the owner of MailRoot", path);
        return 1;
    }
    struct stat status;
    if (errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return 1;
    return error_system(error, errno == EEXIST ? ENOTDIR : errno, "unable to make the directory %s", path);
}

int path_make_program_directory(const char *mail_root, struct error *error)
{
    struct stat status;
    if (stat(mail_root, &status) != 0)
        return error_system(error, errno, "unable to find MailRoot %s", mail_root);
    char *inner = path_join(mail_root, PATH_PROGRAM_DIRECTORY);
    char *outer = inner ? path_directory(inner) : NULL;
    int result = outer ? make_directory(outer, &status, error) : error_memory(error, "make a directory");
    if (result > 0)
        result = make_directory(inner, &status, error);
    free(inner);
    free(outer);
    return result;
}
