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
    SETTLE_QUIET = 20, /* pauses: a second */
    SETTLE_TRIES = 60,
};

/* --- where it is ------------------------------------------------------------------------------------------------- */

/* Follows the link if its target is MailRoot's owner's or ours: nobody else may name a file for us to replace. */
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
    list->owner = (struct newfile_owner){.user = root.st_uid, .group = root.st_gid, .mode = NEW_LIST_MODE};
    if (lstat(list->path, &status) != 0)
        return errno == ENOENT ? 1 : error_system(error, errno, "unable to find %s", list->path);
    return S_ISLNK(status.st_mode) ? follow_link(list, &root, error) : 1;
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

/*
 * True if nobody can be amid writing the file: it was last touched more than a second ago, or written beside its place
 * and renamed into it. (Who writes in place changes both times of a file at once; a rename changes that of the inode
 * alone, and newfile sees to it that ours differ.)
 */
static bool is_at_rest(const struct stat *status)
{
    const struct timespec *written = &status->st_mtim;
    const struct timespec *touched = &status->st_ctim;
    /* The file system's clock is the real one, even in a rehearsal. */
    return touched->tv_sec < time(NULL) - 1 || touched->tv_sec > written->tv_sec ||
           (touched->tv_sec == written->tv_sec && touched->tv_nsec > written->tv_nsec);
}

/* Reads the file into list->content. Returns as readfile does. */
static int read_once(struct listfile *list, struct stat *status, struct error *error)
{
    list->content.length = 0;
    int result = readfile_status(list->path, &list->content, status, error);
    list->exists = result > 0;
    if (result <= 0)
        return result;
    list->owner.user = status->st_uid;
    list->owner.group = status->st_gid;
    list->owner.mode = status->st_mode & MODE_BITS;
    list->owner.required = true;
    return newfile_read_acl(list->path, &list->owner, error);
}

static void pause_a_moment(void)
{
    const struct timespec moment = {.tv_nsec = SETTLE_PAUSE_MS * 1000L * 1000L};
    (void)nanosleep(&moment, NULL);
}

static int read_settled(struct listfile *list, struct error *error)
{
    struct timespec before = {0};
    for (int tries = 0, quiet = 0; tries < SETTLE_TRIES; tries++, quiet++) {
        struct stat status;
        int result = read_once(list, &status, error);
        if (result <= 0)
            return result;
        if (status.st_mtim.tv_sec != before.tv_sec || status.st_mtim.tv_nsec != before.tv_nsec)
            quiet = 0;
        if (is_at_rest(&status) || quiet >= SETTLE_QUIET)
            return 1;
        before = status.st_mtim;
        pause_a_moment();
    }
    return error_set(error, "unable to read %s: somebody keeps writing it (try again later)", list->path);
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
    buffer_clear(&list->owner.acl);
    *list = (struct listfile){0};
}

/* --- saving ------------------------------------------------------------------------------------------------------ */

/* 1 if the list is what was read, 0 if not, -1 and the error if that can't be told. */
static int is_unchanged(const struct listfile *list, struct error *error)
{
    struct listfile present;
    if (listfile_read(list->mail_root, &present, error) < 0)
        return -1;
    bool same = strcmp(present.path, list->path) == 0 && present.exists == list->exists &&
                buffer_equal(&present.owner.acl, &list->owner.acl) && present.owner.mode == list->owner.mode &&
                present.owner.user == list->owner.user && present.owner.group == list->owner.group &&
                buffer_equal(&present.content, &list->content);
    listfile_clear(&present);
    return same;
}

int listfile_sweep(const char *mail_root, struct error *error)
{
    struct listfile list = {0};
    int result = locate(mail_root, &list, error);
    if (result > 0)
        result = newfile_sweep(list.path, error);
    if (result > 0)
        result = backup_sweep(list.mail_root, error);
    listfile_clear(&list);
    return result;
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
    if (content->length > READFILE_MAX) { /* what we couldn't read again */
        (void)error_set(error, "unable to save %s: it would be larger than %d MiB", list->path,
                        READFILE_MAX / 1024 / 1024);
        return LISTFILE_FAILED;
    }
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
