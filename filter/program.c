/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <string.h>
#include <unistd.h>

/* How much of the path is its directory, with the "/"; 0 if it has none. */
static size_t directory_length(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] != '/')
        length--;
    return length;
}

bool program_beside(const char *name0, const char *file, char path[PATH_MAX])
{
    /* The link's text of a program that was replaced meanwhile has a different name, but the same directory. */
    ssize_t got = readlink("/proc/self/exe", path, PATH_MAX - 1);
    size_t directory = got > 0 ? directory_length(path, (size_t)got) : 0;
    if (directory == 0 && name0 && strlen(name0) < PATH_MAX) {
        directory = directory_length(name0, strlen(name0));
        memcpy(path, name0, directory);
    }
    if (directory == 0 || directory + strlen(file) >= PATH_MAX)
        return false;
    memcpy(path + directory, file, strlen(file) + 1);
    return true;
}
