/* SPDX-License-Identifier: MIT */
#include "tablefile.h"

#include "path.h"
#include "readfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    NEW_FILE_MODE = 0644,
    MODE_BITS = 07777,
    SETTLE_PAUSE_MS = 50,
    SETTLE_QUIET = 20, /* pauses: a second */
    SETTLE_TRIES = 60,
};

/* --- where it is ------------------------------------------------------------------------------------------------- */

/*
 * Follows the link if its target is MailRoot's owner's, or ours and so is the link: nobody else may name a file for us
 * to replace, and MailRoot's owner none of ours.
 */
static int follow_link(struct tablefile *table, const struct stat *mail_root, const struct stat *link,
                       struct error *error)
{
    char *target = realpath(table->path, NULL);
    struct stat status;
    if (!target || stat(target, &status) != 0) {
        (void)error_system(
            error, errno, "unable to follow the symbolic link %s (make it point to a file, or remove it)", table->path);
        free(target);
        return -1;
    }
    bool ours = status.st_uid == geteuid() && link->st_uid == geteuid();
    if (status.st_uid != mail_root->st_uid && !ours) {
        (void)error_set(
            error,
            "unable to use the symbolic link %s: its target %s belongs neither to the owner of MailRoot nor, with the "
            "link, to this user (give it to the owner of MailRoot with chown)",
            table->path, target);
        free(target);
        return -1;
    }
    free(table->path);
    table->path = target;
    return 1;
}

static int locate(const char *mail_root, const char *name, struct tablefile *table, struct error *error)
{
    struct stat root;
    struct stat status;
    if (stat(mail_root, &root) != 0)
        return error_system(error, errno, "unable to find MailRoot %s", mail_root);
    table->mail_root = strdup(mail_root);
    table->name = strdup(name);
    table->path = path_join(mail_root, name);
    if (!table->mail_root || !table->name || !table->path)
        return error_memory(error, "find a file of MailRoot");
    table->owner = (struct newfile_owner){.user = root.st_uid, .group = root.st_gid, .mode = NEW_FILE_MODE};
    if (lstat(table->path, &status) != 0)
        return errno == ENOENT ? 1 : error_system(error, errno, "unable to find %s", table->path);
    return S_ISLNK(status.st_mode) ? follow_link(table, &root, &status, error) : 1;
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

/*
 * Reads the file into table->content. Returns as readfile does. The content comes last: what is done between it and the
 * rename in tablefile_put is time in which an edit is lost.
 */
static int read_once(struct tablefile *table, struct stat *status, struct error *error)
{
    table->content.length = 0;
    if (newfile_read_acl(table->path, &table->owner, error) < 0)
        return -1;
    int result = readfile_status(table->path, &table->content, status, error);
    table->exists = result > 0;
    if (result <= 0)
        return result;
    table->owner.user = status->st_uid;
    table->owner.group = status->st_gid;
    table->owner.mode = status->st_mode & MODE_BITS;
    table->owner.required = true;
    return 1;
}

static void pause_a_moment(void)
{
    const struct timespec moment = {.tv_nsec = SETTLE_PAUSE_MS * 1000L * 1000L};
    (void)nanosleep(&moment, NULL);
}

static int read_settled(struct tablefile *table, struct error *error)
{
    struct timespec before = {0};
    for (int tries = 0, quiet = 0; tries < SETTLE_TRIES; tries++, quiet++) {
        struct stat status;
        int result = read_once(table, &status, error);
        if (result <= 0)
            return result;
        if (status.st_mtim.tv_sec != before.tv_sec || status.st_mtim.tv_nsec != before.tv_nsec)
            quiet = 0;
        if (is_at_rest(&status) || quiet >= SETTLE_QUIET)
            return 1;
        before = status.st_mtim;
        pause_a_moment();
    }
    return error_set(error, "unable to read %s: somebody keeps writing it (try again later)", table->path);
}

int tablefile_read(const char *mail_root, const char *name, struct tablefile *table, struct error *error)
{
    *table = (struct tablefile){0};
    if (locate(mail_root, name, table, error) > 0 && read_settled(table, error) >= 0)
        return 1;
    tablefile_clear(table);
    return -1;
}

void tablefile_clear(struct tablefile *table)
{
    free(table->mail_root);
    free(table->name);
    free(table->path);
    buffer_clear(&table->content);
    buffer_clear(&table->owner.acl);
    *table = (struct tablefile){0};
}

/* --- saving ------------------------------------------------------------------------------------------------------ */

/* 1 if the file is what was read, 0 if not, -1 and the error if that can't be told. */
static int is_unchanged(const struct tablefile *table, struct error *error)
{
    struct tablefile present;
    if (tablefile_read(table->mail_root, table->name, &present, error) < 0)
        return -1;
    bool same = strcmp(present.path, table->path) == 0 && present.exists == table->exists &&
                buffer_equal(&present.owner.acl, &table->owner.acl) && present.owner.mode == table->owner.mode &&
                present.owner.user == table->owner.user && present.owner.group == table->owner.group &&
                buffer_equal(&present.content, &table->content);
    tablefile_clear(&present);
    return same;
}

int tablefile_write(const struct tablefile *table, const struct buffer *content, struct newfile *file,
                    struct error *error)
{
    if (content->length <= READFILE_MAX)
        return newfile_write(table->path, content, &table->owner, file, error);
    *file = (struct newfile){0}; /* what we couldn't read again */
    return error_set(error, "unable to save %s: it would be larger than %d MiB", table->path,
                     READFILE_MAX / 1024 / 1024);
}

enum tablefile_saved tablefile_put(const struct tablefile *table, struct newfile *file, struct error *error)
{
    /* From here to the rename as little time as can be: what somebody else writes in it is lost. */
    int same = is_unchanged(table, error);
    if (same <= 0)
        return same < 0 ? TABLEFILE_FAILED : TABLEFILE_CHANGED;
    int result = newfile_replace(file, table->path, error);
    return result > 0 ? TABLEFILE_SAVED : result == 0 ? TABLEFILE_UNSYNCED : TABLEFILE_FAILED;
}

enum tablefile_saved tablefile_save(const struct tablefile *table, const struct buffer *content, struct error *error)
{
    struct newfile file;
    if (tablefile_write(table, content, &file, error) < 0)
        return TABLEFILE_FAILED;
    enum tablefile_saved saved = tablefile_put(table, &file, error);
    newfile_abandon(&file);
    return saved;
}

int tablefile_sweep(const char *mail_root, const char *name, struct error *error)
{
    struct tablefile table = {0};
    int result = locate(mail_root, name, &table, error);
    if (result > 0)
        result = newfile_sweep(table.path, error);
    tablefile_clear(&table);
    return result;
}
