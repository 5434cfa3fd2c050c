/* SPDX-License-Identifier: MIT */
#include "configuration.h"

#include "path.h"
#include "program.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *configuration_path(const char *name0, const char *given, const char *mail_root)
{
    char beside[PATH_MAX];
    char buffer[PATH_MAX];
    const char *path =
        path_configuration(given, getenv("XMAIL_SPAMMERS_CONF"), mail_root ? mail_root : getenv("MAIL_ROOT"), buffer);
    if (!path && program_beside(name0, PROGRAM_NAME ".conf", beside) && access(beside, F_OK) == 0)
        path = beside;
    return path ? strdup(path) : NULL;
}
