/* SPDX-License-Identifier: MIT */
#include "listfile.h"

#include "backup.h"
#include "path.h"
#include "place.h"

#include <stdlib.h>

int listfile_read(const char *mail_root, struct tablefile *list, struct error *error)
{
    return tablefile_read(mail_root, PATH_LIST, list, error);
}

int listfile_sweep(const char *mail_root, struct error *error)
{
    int result = tablefile_sweep(mail_root, PATH_LIST, error);
    return result > 0 ? backup_sweep(mail_root, error) : result;
}

/* Puts the written file into the list's place, a backup made before. */
static enum tablefile_saved put_in_place(const struct tablefile *list, struct newfile *file, const struct moment *now,
                                         char **backup, struct error *error)
{
    if (list->exists && backup_make(list->mail_root, now, &list->content, &list->owner, backup, error) < 0)
        return TABLEFILE_FAILED;
    return tablefile_put(list, file, error);
}

enum tablefile_saved listfile_save(const struct tablefile *list, const struct buffer *content, const struct moment *now,
                                   char **backup, struct error *error)
{
    struct newfile file;
    *backup = NULL;
    if (tablefile_write(list, content, &file, error) < 0)
        return TABLEFILE_FAILED;
    enum tablefile_saved saved = put_in_place(list, &file, now, backup, error);
    newfile_abandon(&file);
    if ((saved == TABLEFILE_CHANGED || saved == TABLEFILE_FAILED) && *backup) {
        (void)place_remove(*backup);
        free(*backup);
        *backup = NULL;
    }
    return saved;
}
