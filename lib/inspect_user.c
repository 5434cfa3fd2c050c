/* SPDX-License-Identifier: MIT */
/* The user that XMail runs as, who is the filter's: may he write what the filter writes? */
#include "inspect.h"

#include "logfiles.h"
#include "path.h"

#include <string.h>
#include <sys/stat.h>

/* True if the file is one of this XMail's logs, and not one of another server's. */
static bool is_below(const char *path, const char *mail_root)
{
    size_t length = strlen(mail_root);
    return strncmp(path, mail_root, length) == 0 && path[length] == '/';
}

/* Who writes XMail's logs: the owner of the newest. False if there is none. */
static bool find_user(const struct conf *conf, uid_t *user)
{
    struct messages warnings = {0};
    struct logfiles logs = {0};
    struct error error;
    const struct logfile *newest = NULL;
    struct stat status;
    if (logfiles_list(conf, false, &warnings, &logs, &error) < 0)
        logs = (struct logfiles){0}; /* another inspection tells why */
    for (size_t i = 0; i < logs.count; i++)
        if (is_below(logs.files[i].path, conf->mail_root) && (!newest || logs.files[i].modified > newest->modified))
            newest = &logs.files[i];
    bool found = newest && stat(newest->path, &status) == 0;
    if (found)
        *user = status.st_uid;
    logfiles_clear(&logs);
    messages_clear(&warnings);
    return found;
}

/* True if it is certain: whom a directory lets write beside its owner, a group say, isn't looked into. */
static bool only_others_may_write(const char *directory, uid_t user)
{
    struct stat status;
    return stat(directory, &status) == 0 && status.st_uid != user && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static void report_user(const char *directory, uid_t user, struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what,
                      "XMail, whose newest log belongs to the user number %lu, and with it the filter can't write %s: "
                      "the filter will rebuild nothing.",
                      (unsigned long)user, directory);
    buffer_add_text(&finding->remedy,
                    "Give that directory to this user with chown, or let cron run \"rebuild\" instead of the filter.");
}

void inspect_user(const struct diagnosis_request *request, struct findings *findings)
{
    const struct conf *conf = request->conf;
    char own[PATH_MAX];
    uid_t user;
    if (!conf->schedule.enabled || !find_user(conf, &user) || user == 0)
        return;
    if (only_others_may_write(conf->mail_root, user))
        report_user(conf->mail_root, user, findings);
    else if (path_put(own, conf->mail_root, PATH_PROGRAM_DIRECTORY) && only_others_may_write(own, user))
        report_user(own, user, findings);
}
