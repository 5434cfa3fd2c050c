/* SPDX-License-Identifier: MIT */
/*
 * One of XMail's table files in MailRoot, on the disk. Others write it too (XMailCFG, editors, XMail's control
 * protocol: in place), and XMail opens it whenever it likes: we only ever replace it whole, and never what somebody
 * else has changed meanwhile. Whoever replaces one holds the lock.
 */
#ifndef XS_TABLEFILE_H
#define XS_TABLEFILE_H

#include "buffer.h"
#include "error.h"
#include "newfile.h"

#include <stdbool.h>

/* The file as it was read. */
struct tablefile {
    char *mail_root;
    char *name; /* below MailRoot */
    char *path; /* of the file itself: where the name leads, if it is a symbolic link */
    bool exists;
    struct newfile_owner owner; /* the file's, or what a new one is to have */
    struct buffer content;
};

/*
 * Reads the file of this name below MailRoot. A missing one counts as empty. One that was written within the last
 * second may still be in its writer's hands, who may have emptied it and not begun to fill it: it is read again until
 * it was left alone for a second. Returns 1, *table being the caller's to clear; or -1 with the error: it can't be
 * read, it is no regular file, it is a link that must not be followed, it doesn't come to rest.
 */
int tablefile_read(const char *mail_root, const char *name, struct tablefile *table, struct error *error);
void tablefile_clear(struct tablefile *table);

/*
 * Writes the content beside the file, with the file's owner and mode. Returns 1, *file being for tablefile_put or
 * newfile_abandon; or -1 with the error, and nothing stays behind.
 */
int tablefile_write(const struct tablefile *table, const struct buffer *content, struct newfile *file,
                    struct error *error);

enum tablefile_saved {
    TABLEFILE_SAVED,
    TABLEFILE_UNSYNCED, /* saved, but a crash of the machine may bring the old file back: the error says why */
    TABLEFILE_CHANGED,  /* not saved: somebody else has changed the file since it was read */
    TABLEFILE_FAILED,   /* not saved: the error says why */
};

/* Puts what was written in the file's place, if that is still as it was read. *file is then the caller's to abandon. */
enum tablefile_saved tablefile_put(const struct tablefile *table, struct newfile *file, struct error *error);

/* tablefile_write and tablefile_put in one. */
enum tablefile_saved tablefile_save(const struct tablefile *table, const struct buffer *content, struct error *error);

/* Removes the temporary file of a process that died while saving. Returns 1, or -1 with the error. */
int tablefile_sweep(const char *mail_root, const char *name, struct error *error);

#endif
