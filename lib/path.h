/* SPDX-License-Identifier: MIT */
/* Names of files: put together, and where things of this program are below MailRoot. */
#ifndef XS_PATH_H
#define XS_PATH_H

#include "error.h"

#define PATH_LIST              "spammers.tab"
#define PATH_XMAIL_WHITELIST   "smtp.ipprop.tab"
#define PATH_EVENT_LOG         "logs/spammers-log"
#define PATH_FILTERS           "filters.post-rcpt.tab"
#define PATH_PROGRAM_DIRECTORY "filters/xmail-spammers"
#define PATH_LOCK              PATH_PROGRAM_DIRECTORY "/lock"
#define PATH_STATE             PATH_PROGRAM_DIRECTORY "/state"

/* DIRECTORY/NAME in new memory, the caller's to free; NULL if memory ran out. */
char *path_join(const char *directory, const char *name);

/* The directory that holds the file ("." for a name without "/"), in new memory; NULL if memory ran out. */
char *path_directory(const char *path);

/* Makes MAILROOT/filters/xmail-spammers, with the owner of MAILROOT, where it is missing. Returns 1, or -1 and the
 * error. */
int path_make_program_directory(const char *mail_root, struct error *error);

#endif
