/* SPDX-License-Identifier: MIT */
/*
 * MAILROOT/spammers.tab on the disk: a table file of XMail's that is kept as a backup before it is replaced. XMail
 * opens it at every connection, and while it is missing XMail refuses every client.
 */
#ifndef XS_LISTFILE_H
#define XS_LISTFILE_H

#include "buffer.h"
#include "error.h"
#include "moment.h"
#include "tablefile.h"

/* Reads the list, as tablefile_read does. */
int listfile_read(const char *mail_root, struct tablefile *list, struct error *error);

/*
 * Saves the content as the list, the present one (if there is one) as a backup; if it isn't saved, no backup stays.
 * *backup (new memory) is the backup's name or NULL.
 */
enum tablefile_saved listfile_save(const struct tablefile *list, const struct buffer *content, const struct moment *now,
                                   char **backup, struct error *error);

/* Removes temporary files of a process that died while saving. Returns 1, or -1 with the error. */
int listfile_sweep(const char *mail_root, struct error *error);

#endif
