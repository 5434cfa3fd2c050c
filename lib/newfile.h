/* SPDX-License-Identifier: MIT */
/*
 * Files that appear whole or not at all: written under a temporary name beside their place, synced, then renamed or
 * linked to it. Whoever uses this holds the lock, so a temporary file that is found there is of a dead process.
 */
#ifndef XS_NEWFILE_H
#define XS_NEWFILE_H

#include "buffer.h"
#include "error.h"

#include <stdbool.h>
#include <sys/types.h>

/* Nobody else uses this ending: what has it is ours to remove. */
#define NEWFILE_SUFFIX ".xmail-spammers.tmp"

struct newfile_owner {
    uid_t user;
    gid_t group;
    mode_t mode;       /* permission bits */
    bool required;     /* if it can't be given, the file isn't made; else ours will do */
    struct buffer acl; /* access control list beyond the mode, as the system has it; empty: none */
};

/* A file under its temporary name. All zero is none. */
struct newfile {
    char *temporary;  /* path, NULL: none; */
    const char *name; /* its end, the name in */
    int directory;    /* the directory, which is held open: its own path may lead elsewhere meanwhile */
    int held;         /* a descriptor of the file, so that its inode can't be another file's meanwhile */
};

/*
 * Reads the access control list of the file into owner->acl (the caller's to clear). Returns 1, also if it has none or
 * the system knows none; 0 if there is no such file; or -1 with the error.
 */
int newfile_read_acl(const char *path, struct newfile_owner *owner, struct error *error);

/*
 * Writes the content to PATH.xmail-spammers.tmp, in the directory where the file is to be, and syncs it. What a dead
 * process left under that name is removed first; a symbolic link is never followed. Returns 1; or -1 with the error,
 * and nothing stays behind.
 */
int newfile_write(const char *path, const struct buffer *content, const struct newfile_owner *owner,
                  struct newfile *file, struct error *error);

/*
 * Puts the file in the place of path (same file system), whatever is there, and syncs the directory. Returns 1; 0 with
 * the error if the file is in its place, but the sync failed, so that a crash of the machine may bring the old one
 * back; or -1 with the error, and nothing has changed. *file is none then.
 */
int newfile_replace(struct newfile *file, const char *path, struct error *error);

/*
 * Puts the file in the place of path if nothing is there yet, and syncs the directory. Returns 1; 0 if the name is
 * taken, *file being as before; or -1 with the error, and nothing has changed. Unless 0, *file is none then.
 */
int newfile_create(struct newfile *file, const char *path, struct error *error);

/*
 * Writes the content and puts it in the place of path without syncing anything, for what can be had again: to other
 * processes the file is the old one or the new one, but after a crash of the machine it may be neither. Returns 1; or
 * -1 with the error, nothing has changed, and nothing stays behind.
 */
int newfile_put(const char *path, const struct buffer *content, const struct newfile_owner *owner, struct error *error);

/* Removes the temporary file, if there is one. */
void newfile_abandon(struct newfile *file);

/* Removes PATH.xmail-spammers.tmp if a dead process left it there. Returns 1, or -1 with the error. */
int newfile_sweep(const char *path, struct error *error);

#endif
