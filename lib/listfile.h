/* SPDX-License-Identifier: MIT */
/*
 * MAILROOT/spammers.tab on the disk. Others write it too (XMailCFG, editors, XMail's control protocol: in place), XMail
 * opens it at every connection, and while it is missing XMail refuses every client: it is only ever replaced whole.
 */
#ifndef XS_LISTFILE_H
#define XS_LISTFILE_H

#include "buffer.h"
#include "error.h"
#include "moment.h"
#include "newfile.h"

#include <stdbool.h>

/* The list as it was read. */
struct listfile {
    char *mail_root;
    char *path; /* of the file itself: where spammers.tab leads, if it is a symbolic link */
    bool exists;
    struct newfile_owner owner; /* the file's, or what a new one is to have */
    struct buffer content;
};

/*
 * Reads the list. A missing one counts as empty. One that was written within the last second may still be in its
 * writer's hands, who may have emptied it and not begun to fill it: it is read again until it was left alone for a
 * second. Returns 1, *list being the caller's to
 * clear; or -1 with the error: it can't be read, it is no regular file, it is a link that must not be followed, it
 * doesn't come to rest.
 */
int listfile_read(const char *mail_root, struct listfile *list, struct error *error);
void listfile_clear(struct listfile *list);

enum listfile_saved {
    LISTFILE_SAVED,
    LISTFILE_UNSYNCED, /* saved, but a crash of the machine may bring the old list back: the error says why */
    LISTFILE_CHANGED,  /* not saved: somebody else has changed the list since it was read */
    LISTFILE_FAILED,   /* not saved: the error says why */
};

/*
 * Saves the content as the list, the present one (if there is one) as a backup; if it isn't saved, no backup stays.
 * *backup (new memory) is the backup's name or NULL.
 */
enum listfile_saved listfile_save(const struct listfile *list, const struct buffer *content, const struct moment *now,
                                  char **backup, struct error *error);

/* Removes temporary files of a process that died while saving. Returns 1, or -1 with the error. */
int listfile_sweep(const char *mail_root, struct error *error);

#endif
