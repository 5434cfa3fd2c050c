/* SPDX-License-Identifier: MIT */
#include "listfile.h"

#include "backup.h"
#include "path.h"
#include "readfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    NEW_LIST_MODE = 0644,
    MODE_BITS = 07777,
    SETTLE_PAUSE_MS = 50,
    SETTLE_TRIES = 60,
};

/* --- where it is ------------------------------------------------------------------------------------------------- */

/* Follows the link if its target belongs to who owns MailRoot or to us: nobody else may name a file for us to replace.
 */
static int follow_link(struct listfile *list, const struct stat *mail_root, struct error *error)
{
    char *target = realpath(list->path, NULL);
    struct stat status;
    if (!target || stat(target, &status) != 0) {
        (void)error_system(error, errno,
                           "unable to follow the symbolic link %s (make it point to a file, or remove it)", list->path);
        free(target);
        return -1;
    }
    if (status.st_uid != mail_root->st_uid && status.st_uid != geteuid()) {
        (void)error_set(
            error,
            "unable to use the symbolic link %s: its target %s belongs neither to the owner of MailRoot nor "
            "to this user (give it to the owner of MailRoot with chown)",
            list->path, target);
        free(target);
        return -1;
    }
    free(list->path);
    list->path = target;
    return 1;
}

static int locate(const char *mail_root, struct listfile *list, struct error *error)
{
    struct stat root;
    struct stat status;
    if (stat(mail_root, &root) != 0)
        return error_system(error, errno, "unable to find MailRoot %s", mail_root);
    list->mail_root = strdup(mail_root);
    list->path = path_join(mail_root, PATH_LIST);
    if (!list->mail_root || !list->path)
        return error_memory(error, "find " PATH_LIST);
    list->owner = (struct newfile_owner){root.st_uid, root.st_gid, NEW_LIST_MODE, false};
    if (lstat(list->path, &status) != 0)
        return errno == ENOENT ? 1 : error_system(error, errno, "unable to find %s", list->path);
    return S_ISLNK(status.st_mode) ? follow_link(list, &root, error) : 1;
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

/* Reads the file into content. *recent: it was written within the last second. Returns as readfile does. */
static int read_once(struct listfile *list, struct buffer *content, bool *recent, struct error *error)
{
    struct stat status;
    content->length = 0;
    int result = readfile_status(list->path, content, &status, error);
    list->exists = result > 0;
    *recent = false;
    if (result <= 0)
        return result;
    list->owner = (struct newfile_owner){status.st_uid, status.st_gid, status.st_mode & MODE_BITS, true};
    /* The file system's clock is the real one, even in a rehearsal. */
    *recent = status.st_mtime >= time(NULL) - 1;
    return 1;
}

static void pause_a_moment(void)
{
    const struct timespec moment = {.tv_nsec = SETTLE_PAUSE_MS * 1000L * 1000L};
    (void)nanosleep(&moment, NULL);
}

static int read_settled(struct listfile *list, struct error *error)
{
    struct buffer again = {0};
    bool recent;
    bool had = false;
    int result = read_once(list, &list->content, &recent, error);
    for (int tries = 0; result >= 0 && recent; tries++) {
        if (tries == SETTLE_TRIES) {
            result = error_set(error, "unable to read %s: somebody keeps writing it (try again later)", list->path);
            break;
        }
        pause_a_moment();
        had = list->exists;
        result = read_once(list, &again, &recent, error);
        if (result >= 0 && list->exists == had && buffer_equal(&list->content, &again))
            break;
        struct buffer older = list->content;
        list->content = again;
        again = older;
    }
    buffer_clear(&again);
    return result;
}

int listfile_read(const char *mail_root, struct listfile *list, struct error *error)
{
    *list = (struct listfile){0};
    if (locate(mail_root, list, error) > 0 && read_settled(list, error) >= 0)
        return 1;
    listfile_clear(list);
    return -1;
}

void listfile_clear(struct listfile *list)
{
    free(list->mail_root);
    free(list->path);
    buffer_clear(&list->content);
    *list = (struct listfile){0};
}

/* --- saving ------------------------------------------------------------------------------------------------------ */

/* 1 if the list is what was read, 0 if not, -1 and the error if that can't be told. */
static int is_unchanged(const struct listfile *list, struct error *error)
{
    struct listfile present;
    if (listfile_read(list->mail_root, &present, error) < 0)
        return -1;
    bool same = present.exists == list->exists && present.owner.mode == list->owner.mode &&
                present.owner.user == list->owner.user && present.owner.group == list->owner.group &&
                buffer_equal(&present.content, &list->content);
    listfile_clear(&present);
    return same;
}

int listfile_sweep(const struct listfile *list, struct error *error)
{
    return newfile_sweep(list->path, error) < 0 ? -1 : backup_sweep(list->mail_root, error);
}

/* Puts the written file into the list's place, a backup made before. */
static enum listfile_saved put_in_place(const struct listfile *list, struct newfile *file, const struct moment *now,
                                        char **backup, struct error *error)
{
    if (list->exists && backup_make(list->mail_root, now, &list->content, &list->owner, backup, error) < 0)
        return LISTFILE_FAILED;
    /* From here to the rename as little time as can be: what somebody else writes in it is lost. */
    int same = is_unchanged(list, error);
    if (same <= 0)
        return same < 0 ? LISTFILE_FAILED : LISTFILE_CHANGED;
    int result = newfile_replace(file, list->path, error);
    return result > 0 ? LISTFILE_SAVED : result == 0 ? LISTFILE_UNSYNCED : LISTFILE_FAILED;
}

enum listfile_saved listfile_save(const struct listfile *list, const struct buffer *content, const struct moment *now,
                                  char **backup, struct error *error)
{
    struct newfile file;
    *backup = NULL;
    if (newfile_write(list->path, content, &list->owner, &file, error) < 0)
        return LISTFILE_FAILED;
    enum listfile_saved saved = put_in_place(list, &file, now, backup, error);
    newfile_abandon(&file);
    if ((saved == LISTFILE_CHANGED || saved == LISTFILE_FAILED) && *backup) {
        (void)unlink(*backup);
        free(*backup);
        *backup = NULL;
    }
    return saved;
}
