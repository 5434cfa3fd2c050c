/* SPDX-License-Identifier: MIT */
/* The user that XMail runs as, who is the filter's: may he write and read what the filter does? */
#include "inspect.h"

#include "logfiles.h"
#include "path.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* True if the file is one of this XMail's logs, and not one of another server's. */
static bool is_below(const char *path, const char *mail_root)
{
    size_t length = strlen(mail_root);
    return strncmp(path, mail_root, length) == 0 && path[length] == '/';
}

/* Who writes XMail's logs: the owner of the newest, and his group. False if there is none. */
static bool find_user(const struct conf *conf, uid_t *user, gid_t *group)
{
    struct messages warnings = {0};
    struct logfiles logs = {0};
    struct error error;
    const struct logfile *newest = NULL;
    struct stat status;
    if (logfiles_list(conf->logs, conf->log_count, false, &warnings, &logs, &error) < 0)
        logs = (struct logfiles){0}; /* another inspection tells why */
    for (size_t i = 0; i < logs.count; i++)
        if (is_below(logs.files[i].path, conf->mail_root) && (!newest || logs.files[i].modified > newest->modified))
            newest = &logs.files[i];
    bool found = newest && stat(newest->path, &status) == 0;
    if (found) {
        *user = status.st_uid;
        *group = status.st_gid;
    }
    logfiles_clear(&logs);
    messages_clear(&warnings);
    return found;
}

enum { GROUPS_MAX = 256 };

/* What XMail and the filter do with what is there. */
enum use { MAKE_FILES, REPLACE, REPLACE_GROUP, WRITE, READ };

static const char *const refusals[] = {
    [MAKE_FILES] = "this user can't make files there",
    [REPLACE] = "it belongs to another user, to whom this one can't give a new list",
    [REPLACE_GROUP] = "it belongs to a group that isn't this user's, and to which he can't give a new list",
    [WRITE] = "this user can't write it",
    [READ] = "this user can't read it",
};

/* What is found so far; finding is NULL until there is something. */
struct user_survey {
    uid_t user;
    gid_t group;
    struct findings *findings;
    struct finding *finding;
};

static bool is_member(uid_t user, gid_t group)
{
    gid_t groups[GROUPS_MAX];
    int count = GROUPS_MAX;
    const struct passwd *entry = getpwuid(user);
    if (!entry)
        return false;
    if (getgrouplist(entry->pw_name, entry->pw_gid, groups, &count) < 0)
        return true; /* of too many */
    for (int i = 0; i < count; i++)
        if (groups[i] == group)
            return true;
    return false;
}

/* May a file that he makes in the directory of this one be given to its group? */
static bool may_give_group(const struct user_survey *survey, const char *path, gid_t group)
{
    struct stat status;
    char directory[PATH_MAX];
    if (group == survey->group || is_member(survey->user, group))
        return true;
    return lstat(path, &status) != 0 || S_ISLNK(status.st_mode) || !path_put_beside(directory, path, ".") ||
           stat(directory, &status) != 0 || ((status.st_mode & S_ISGID) != 0 && status.st_gid == group);
}

/* True if it is certain: whom the file lets read or write it beside its owner, a group say, isn't looked into. */
static bool is_refused(const struct user_survey *survey, const char *path, enum use use)
{
    static const mode_t others[] = {
        [MAKE_FILES] = S_IWGRP | S_IWOTH, [REPLACE] = 0, [WRITE] = S_IWGRP | S_IWOTH, [READ] = S_IRGRP | S_IROTH};
    struct stat status;
    if (stat(path, &status) != 0)
        return false;
    if (use == REPLACE_GROUP)
        return status.st_uid == survey->user && !may_give_group(survey, path, status.st_gid);
    return status.st_uid != survey->user && (status.st_mode & others[use]) == 0;
}

static void inspect_use(struct user_survey *survey, const char *path, enum use use)
{
    if (!is_refused(survey, path, use))
        return;
    if (!survey->finding) {
        survey->finding = findings_add(survey->findings);
        buffer_add_format(&survey->finding->what,
                          "XMail, whose newest log belongs to the user number %lu, runs the filter as this user, who "
                          "may not do all that a rebuild does:",
                          (unsigned long)survey->user);
        buffer_add_text(&survey->finding->remedy,
                        "Give these files and directories to this user and his group with chown, or let "
                        "cron run \"rebuild\" instead of the filter.");
    }
    if (finding_tells_place(survey->finding))
        messages_add(&survey->finding->places, "%s: %s", path, refusals[use]);
}

static const struct {
    const char *path; /* below MailRoot */
    enum use use;
} uses[] = {
    {"", MAKE_FILES},         {PATH_PROGRAM_DIRECTORY, MAKE_FILES},
    {PATH_CACHE, MAKE_FILES}, {PATH_LOCK, WRITE},
    {PATH_EVENT_LOG, WRITE},  {PATH_FILTERS, READ},
};

void inspect_user(const struct diagnosis_request *request, struct findings *findings)
{
    const struct conf *conf = request->conf;
    struct user_survey survey = {.findings = findings};
    char path[PATH_MAX];
    if (!conf->schedule.enabled || !find_user(conf, &survey.user, &survey.group) || survey.user == 0)
        return;
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (*uses[i].path == '\0')
            inspect_use(&survey, conf->mail_root, uses[i].use);
        else if (path_put(path, conf->mail_root, uses[i].path))
            inspect_use(&survey, path, uses[i].use);
    if (path_put(path, conf->mail_root, PATH_LIST)) {
        inspect_use(&survey, path, conf->save_mode == SAVE_NONE ? READ : REPLACE);
        if (conf->save_mode != SAVE_NONE)
            inspect_use(&survey, path, REPLACE_GROUP);
    }
    inspect_use(&survey, conf->path, READ);
    inspect_use(&survey, conf->whitelist_file, READ);
}
