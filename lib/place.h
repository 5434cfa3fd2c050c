/* SPDX-License-Identifier: MIT */
/*
 * The directories in which files are made, replaced and removed. MailRoot may belong to somebody whom root doesn't
 * trust, and who puts a symbolic link in the place of a directory, at any moment: it must lead root nowhere else.
 */
#ifndef XS_PLACE_H
#define XS_PLACE_H

#include "error.h"

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Opens the directory, for use as the first argument of openat and the like. As root, a link that stands in somebody
 * else's directory is followed only to a directory of his own; else errno is ELOOP. Returns a descriptor, the caller's
 * to close, or -1 with errno.
 */
int place_open(const char *directory);

/* The same for the directory of a file. *name is then the file's name in it, a part of the path. */
int place_open_of(const char *path, const char **name);

/* The same for a directory that is to be listed: as opendir. */
DIR *place_list(const char *directory);

/* Removes the file of this path, or the link. Returns 0, or -1 with errno. */
int place_remove(const char *path);

/*
 * Opens a file for reading, without waiting for what is none. As root, a link or another name of a file that stands in
 * somebody else's directory is one only if the file is his own; else errno is ELOOP. Returns a descriptor, or -1 with
 * errno.
 */
int place_open_file(const char *path);

/* The same for a file that is no link; it may have other names. */
int place_open_unlinked(const char *path);

/*
 * Whether what is written for others to read may quote a file of this status that the author of a configuration names.
 * As root, only if the author is root, or the file his own: another's he may not be able to read himself.
 */
bool place_may_tell(uid_t author, const struct stat *status);

/*
 * Opens the file; makes it if it is missing. One that root makes is given to the owner of its directory: XMail and its
 * filters may run as another user, and have to use it too. Returns a descriptor, or -1 with errno.
 */
int place_open_shared(const char *path, int flags, mode_t mode);

/*
 * Makes a directory, which root gives to this owner. Returns 0, or -1 with errno: EEXIST if the name is taken. One that
 * can't be given to its owner isn't made.
 */
int place_make(const char *directory, mode_t mode, uid_t user, gid_t group);

/*
 * Makes MAILROOT/filters/xmail-spammers, with the owner of MAILROOT, where it is missing. Returns 1, or -1 and the
 * error.
 */
int place_make_program_directory(const char *mail_root, struct error *error);

#endif
