/* SPDX-License-Identifier: MIT */
/* Where the program's own files are: the front, xmail-spammers, and beside it the engine that does the work. */
#ifndef XS_PROGRAM_H
#define XS_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

#define PROGRAM_NAME   "xmail-spammers"
#define PROGRAM_ENGINE PROGRAM_NAME "-engine"

/*
 * The path of a file that stands beside the running program, symbolic links to the program followed. name0 is the
 * program's argv[0], used where the system can't tell. False if neither tells, or the path is too long.
 */
bool program_beside(const char *name0, const char *file, char path[PATH_MAX]);

#endif
