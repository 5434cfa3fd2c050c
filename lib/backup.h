/* SPDX-License-Identifier: MIT */
/* Backups of spammers.tab: MAILROOT/spammers.YYYYMMDDhhmmss.tab, named after the local time at which they were made. */
#ifndef XS_BACKUP_H
#define XS_BACKUP_H

#include "buffer.h"
#include "error.h"
#include "messages.h"
#include "moment.h"
#include "newfile.h"

/*
 * Keeps the content as a backup; if the second is taken, under the name of the next free one. Returns 1, *path (new
 * memory) being its name; or -1 with the error, and nothing stays behind.
 */
int backup_make(const char *mail_root, const struct moment *now, const struct buffer *content,
                const struct newfile_owner *owner, char **path, struct error *error);

/* Removes what a killed backup_make left. Returns 1, or -1 with the error. */
int backup_sweep(const char *mail_root, struct error *error);

/*
 * Deletes backups older than the day and those beyond the newest most (>= 1); the one whose path is made (it
 * may be NULL) counts as the newest. Only regular files with a name of exactly that form, a time of the calendar in it,
 * are looked at. What can't be done is added to warnings.
 */
void backup_clean(const char *mail_root, day_number first, size_t most, const char *made, struct messages *warnings);

#endif
