/* SPDX-License-Identifier: MIT */
#include "prepare.h"

#include "configuration.h"
#include "lock.h"
#include "path.h"
#include "place.h"
#include "program.h"
#include "shellword.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_WAIT_SECONDS = 60, LOCK_TRIES_PER_SECOND = 10 };

void say_all(const struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++)
        say("%s", messages->texts[i]);
    if (messages->lost > 0)
        say("out of memory: %zu messages are lost", messages->lost);
}

char *prepare_configuration_path(const struct command_options *options)
{
    char *path = configuration_path(options->name0, options->configuration, options->mail_root);
    if (!path)
        say("unable to find the configuration: give it with -c FILE, or MailRoot with -r MAILROOT");
    return path;
}

/* What to do about a configuration that isn't there, for which MailRoot may be the reason. */
static void say_missing(const struct command_options *options)
{
    if (options->mail_root && access(options->mail_root, F_OK) != 0)
        say("unable to find MailRoot %s: %s", options->mail_root, strerror(errno));
    else
        say("the configuration must be there: copy the sample, conf/xmail-spammers.conf, or name another with -c FILE");
}

struct conf *prepare_configuration(const struct command_options *options)
{
    struct messages problems = {0};
    char *path = prepare_configuration_path(options);
    if (!path)
        return NULL;
    struct conf *conf = conf_read(path, options->mail_root, getenv("MAIL_ROOT"), NULL, &problems);
    say_all(&problems);
    if (access(path, F_OK) != 0)
        say_missing(options);
    messages_clear(&problems);
    free(path);
    return conf;
}

/* As prepare_lock_or_interrupt, for the lock file of this path. */
static int wait_for_lock(const char *path, const struct interrupts *interrupts, int *lock, struct error *error)
{
    const struct timespec pause = {.tv_nsec = 1000000000L / LOCK_TRIES_PER_SECOND};
    for (int tries = 0; tries <= LOCK_WAIT_SECONDS * LOCK_TRIES_PER_SECOND; tries++) {
        int result = lock_take(path, lock, error);
        if (result != 0 || interrupts_pending(interrupts))
            return result;
        if (tries == 1) /* "status" has it for an instant */
            say("another rebuild is running: waiting for up to %d seconds", LOCK_WAIT_SECONDS);
        (void)nanosleep(&pause, NULL);
    }
    return error_set(error, "unable to begin: another rebuild has been running for %d seconds (it holds %s)",
                     LOCK_WAIT_SECONDS, path);
}

/* Nobody but root and the owner of MailRoot may write what is there. */
static const char *who_may(const char *mail_root)
{
    struct stat status;
    bool may = geteuid() == 0 || stat(mail_root, &status) != 0 || status.st_uid == geteuid();
    return may ? "" : " (run this as the user that MailRoot belongs to, or as root)";
}

int prepare_lock_or_interrupt(const char *mail_root, const struct interrupts *interrupts, int *lock)
{
    struct error error;
    int result = place_make_program_directory(mail_root, &error);
    char *path = result > 0 ? path_join(mail_root, PATH_LOCK) : NULL;
    if (path)
        result = wait_for_lock(path, interrupts, lock, &error);
    else if (result > 0)
        result = error_memory(&error, "lock");
    free(path);
    if (result < 0)
        say("%s%s", error.text, who_may(mail_root));
    return result;
}

int prepare_lock(const char *mail_root, int *lock)
{
    return prepare_lock_or_interrupt(mail_root, NULL, lock);
}

/*
 * Makes the path absolute: its directory is resolved, but not the file's own name, which may be a link that is to be
 * followed anew at each call. One that is absolute stays as it is if its directory is gone. False if a relative one's
 * isn't there, or if it is too long.
 */
static bool make_absolute(const char *path, char absolute[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    char *directory = path_directory(path);
    char *resolved = directory ? realpath(directory, NULL) : NULL;
    bool made = resolved ? path_put(absolute, resolved, slash ? slash + 1 : path)
                         : *path == '/' && path_put_beside(absolute, path, slash + 1);
    free(resolved);
    free(directory);
    return made;
}

bool prepare_own_call(const struct command_options *options, const char *configuration, struct own_call *own)
{
    char program[PATH_MAX];
    if (!program_beside(options->name0, PROGRAM_NAME, program) || !make_absolute(program, own->program)) {
        say("unable to find where this program is: call it by its whole path");
        return false;
    }
    if (make_absolute(configuration, own->configuration))
        return true;
    say("unable to find the configuration %s", configuration);
    return false;
}

void prepare_call_text(const struct command_options *options, struct buffer *text)
{
    shellword_add(options->name0, text);
    if (options->configuration) {
        buffer_add_text(text, " -c ");
        shellword_add(options->configuration, text);
    }
    if (options->mail_root) {
        buffer_add_text(text, " -r ");
        shellword_add(options->mail_root, text);
    }
}
