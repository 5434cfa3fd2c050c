/* SPDX-License-Identifier: MIT */
#include "program.h"

#include "path.h"

#include <string.h>
#include <unistd.h>

bool program_beside(const char *name0, const char *file, char path[PATH_MAX])
{
    char program[PATH_MAX];
    /* The link's text of a program that was replaced meanwhile has a different name, but the same directory. */
    ssize_t got = readlink("/proc/self/exe", program, sizeof program - 1);
    if (got > 0) {
        program[got] = '\0';
        return path_put_beside(path, program, file);
    }
    return name0 && strchr(name0, '/') && path_put_beside(path, name0, file);
}
