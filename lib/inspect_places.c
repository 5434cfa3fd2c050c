/* SPDX-License-Identifier: MIT */
/* MailRoot, and whether what a rebuild makes and writes below it can be made and written. */
#include "inspect.h"

#include "path.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void inspect_mail_root(const struct diagnosis_request *request, struct findings *findings)
{
    const struct conf *conf = request->conf;
    struct stat status;
    bool found = stat(conf->mail_root, &status) == 0;
    bool is_directory = found && S_ISDIR(status.st_mode);
    if (is_directory && faccessat(AT_FDCWD, conf->mail_root, X_OK, AT_EACCESS) == 0)
        return;
    int reason = found && !is_directory ? ENOTDIR : errno;
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what, "unable to find MailRoot %s: %s.", conf->mail_root, strerror(reason));
    if (reason == EACCES)
        buffer_add_text(&finding->remedy, "Run this as the user that MailRoot belongs to, or as root.");
    else
        buffer_add_format(&finding->remedy, "Set mail_root in %s to the directory of XMail, or name it with -r.",
                          conf->path);
}

/* What a rebuild makes or writes. */
struct place {
    const char *path; /* below MailRoot */
    bool is_file;
    bool makes_parents; /* the program makes its directories, too */
    const char *use;    /* what it is for */
};

static const struct place places[] = {
    {"", .use = "the new list and its backups are made there"},
    {PATH_PROGRAM_DIRECTORY, .makes_parents = true, .use = "the lock and the state are kept there"},
    {PATH_CACHE, .makes_parents = true, .use = "without it each rebuild reads all logs whole"},
    {PATH_LOCK, .is_file = true, .makes_parents = true, .use = "without the lock no rebuild is done"},
    {PATH_EVENT_LOG, .is_file = true, .use = "every rebuild says there what it did"},
};

/* Goes from the path up to what is there: whoever can write that, can make the rest. False if memory ran out. */
static bool find_existing(char **path, bool is_file, bool makes_parents)
{
    struct stat status;
    bool may_go_up = is_file || makes_parents;
    while (may_go_up && lstat(*path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        char *parent = path_directory(*path);
        if (!parent)
            return false;
        free(*path);
        *path = parent;
        may_go_up = makes_parents;
    }
    return true;
}

/* True if links lead there that root doesn't follow. */
static bool is_behind_link(const char *path, bool is_file)
{
    const char *name;
    const int opened = is_file ? place_open_of(path, &name) : place_open(path);
    const int reason = errno;
    if (opened >= 0)
        (void)close(opened);
    return opened < 0 && reason == ELOOP;
}

/* The reason (an errno value) why this user can't write what is there; 0 if he can. */
static int reason_against_writing(const char *path, bool is_file)
{
    struct stat status;
    if (is_behind_link(path, is_file))
        return ELOOP;
    if (lstat(path, &status) != 0)
        return errno;
    if (is_file && S_ISLNK(status.st_mode))
        return ELOOP; /* it is opened with O_NOFOLLOW */
    if (is_file && !S_ISREG(status.st_mode))
        return EINVAL;
    bool is_directory = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    if (!is_file && !is_directory)
        return ENOTDIR;
    return faccessat(AT_FDCWD, path, is_directory ? W_OK | X_OK : W_OK, AT_EACCESS) == 0 ? 0 : errno;
}

static const char *describe(int reason)
{
    if (reason == ELOOP)
        return "it is a symbolic link, or behind one, which is not followed";
    return reason == EINVAL ? "it is not a regular file" : strerror(reason);
}

static void report_unwritable(const struct diagnosis_request *request, const char *path, int reason, const char *use,
                              struct findings *findings)
{
    struct stat status;
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what, "unable to write %s: %s; %s.", path, describe(reason), use);
    if (reason == EACCES && stat(request->conf->mail_root, &status) == 0 && status.st_uid != geteuid())
        buffer_add_format(&finding->remedy, "Run this as the user that MailRoot belongs to (number %lu), or as root.",
                          (unsigned long)status.st_uid);
    else if (reason == EACCES)
        buffer_add_text(&finding->remedy, "Let this user write it, with chown or chmod.");
    else if (reason == EROFS)
        buffer_add_text(&finding->remedy, "Mount the file system so that it can be written.");
    else if (reason == ENOENT)
        buffer_add_text(&finding->remedy, "Make it: MailRoot of XMail has such a directory.");
    else
        buffer_add_text(&finding->remedy, "Move away what is there.");
}

/* Inspects one place. What is reported already is in *reported, so that one directory is one finding. */
static void inspect_place(const struct diagnosis_request *request, const struct place *place, char **reported,
                          struct findings *findings)
{
    const char *mail_root = request->conf->mail_root;
    char *wanted = *place->path != '\0' ? path_join(mail_root, place->path) : strdup(mail_root);
    char *path = wanted ? strdup(wanted) : NULL;
    if (!path || !find_existing(&path, place->is_file, place->makes_parents)) {
        findings->failed = true;
    } else {
        int reason = reason_against_writing(path, place->is_file && strcmp(path, wanted) == 0);
        if (reason != 0 && (!*reported || strcmp(*reported, path) != 0)) {
            report_unwritable(request, path, reason, place->use, findings);
            free(*reported);
            *reported = path;
            path = NULL;
        }
    }
    free(wanted);
    free(path);
}

void inspect_writing(const struct diagnosis_request *request, struct findings *findings)
{
    char *reported = NULL;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        inspect_place(request, &places[i], &reported, findings);
    free(reported);
}
