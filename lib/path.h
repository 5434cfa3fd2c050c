/* SPDX-License-Identifier: MIT */
/* Names of files: put together, and where things of this program are below MailRoot. */
#ifndef XS_PATH_H
#define XS_PATH_H

#include <limits.h>
#include <stdbool.h>

#define PATH_LIST              "spammers.tab"
#define PATH_XMAIL_WHITELIST   "smtp.ipprop.tab"
#define PATH_FILTERS           "filters.post-rcpt.tab"
#define PATH_EVENT_LOG         "logs/spammers-log"
#define PATH_PROGRAM_DIRECTORY "filters/xmail-spammers"
#define PATH_CONFIGURATION     PATH_PROGRAM_DIRECTORY "/xmail-spammers.conf"
#define PATH_LOCK              PATH_PROGRAM_DIRECTORY "/lock"
#define PATH_CACHE             PATH_PROGRAM_DIRECTORY "/cache"
#define PATH_STATE_NAME        "state"
#define PATH_STATE             PATH_PROGRAM_DIRECTORY "/" PATH_STATE_NAME

/* What told where MailRoot is; the first that does counts. */
enum mail_root_origin {
    MAIL_ROOT_OPTION,      /* -r */
    MAIL_ROOT_SETTING,     /* mail_root of the configuration */
    MAIL_ROOT_ENVIRONMENT, /* MAIL_ROOT */
    MAIL_ROOT_PLACE,       /* that of the configuration file, in MAILROOT/filters/xmail-spammers */
};

/* DIRECTORY/NAME in new memory, the caller's to free; NULL if memory ran out. */
char *path_join(const char *directory, const char *name);

/* The same in path, without new memory. False if it is too long. */
bool path_put(char path[PATH_MAX], const char *directory, const char *name);

/* The path of a file in the directory of the file beside. False if it is too long. */
bool path_put_beside(char path[PATH_MAX], const char *beside, const char *name);

/*
 * Which configuration file a call means: given (-c), else environment (XMAIL_SPAMMERS_CONF), else the one in mail_root.
 * NULL and empty texts count as absent. Returns one of the texts, or buffer with the path in it; NULL if nothing tells
 * it, or it is too long.
 */
const char *path_configuration(const char *given, const char *environment, const char *mail_root,
                               char buffer[PATH_MAX]);

/* The directory that holds the file ("." for a name without "/"), in new memory; NULL if memory ran out. */
char *path_directory(const char *path);

/*
 * The MailRoot in whose filters/xmail-spammers the file's directory is, as an absolute path in new memory, the caller's
 * to free. NULL if it isn't in such a one, or can't be found; errno is ENOMEM only if memory ran out.
 */
char *path_mail_root_of(const char *path);

/* True if both are there and the same directory, whatever links lead to it. */
bool path_same_directory(const char *one, const char *other);

#endif
