/* SPDX-License-Identifier: MIT */
/* xmail-spammers install, uninstall: tells XMail to call the filter, or not to any more. */
#include "command.h"

#include "conf.h"
#include "listfile.h"
#include "lock.h"
#include "path.h"
#include "prepare.h"
#include "registration.h"
#include "usage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- what XMail is to call ---------------------------------------------------------------------------------------- */

/* XMail runs it by that very path. */
static bool check_program(const char *program)
{
    if (access(program, X_OK) == 0)
        return true;
    say("unable to register %s: %s (install it there with \"make install\")", program, strerror(errno));
    return false;
}

/* The configuration alone leads elsewhere: to another MailRoot or, NULL, to none. */
static void say_mail_root(const struct conf *conf, const char *other)
{
    struct buffer line = {0};
    conf_add_mail_root(conf->mail_root, &line);
    if (line.failed)
        say("unable to register the filter: out of memory");
    else
        say("unable to register the filter: XMail calls it with the configuration alone, and %s names %s%s (write "
            "%.*s into it)",
            conf->path, other ? "another MailRoot, " : "no MailRoot", other ? other : "", (int)line.length, line.bytes);
    buffer_clear(&line);
}

/* The configuration alone must lead to the same MailRoot. False: an error was said. */
static bool check_mail_root(const struct conf *conf)
{
    struct stat status;
    if (stat(conf->mail_root, &status) != 0) {
        say("unable to find MailRoot %s: %s", conf->mail_root, strerror(errno));
        return false;
    }
    char *alone;
    if (conf_find_alone(conf, &alone) < 0) {
        say("unable to register the filter: unable to see to which MailRoot %s leads: %s", conf->path, strerror(errno));
        return false;
    }
    struct stat other;
    bool seen = alone && stat(alone, &other) == 0;
    bool found = seen && other.st_dev == status.st_dev && other.st_ino == status.st_ino;
    if (alone && !seen && errno != ENOENT)
        say("unable to find MailRoot %s, which %s names: %s", alone, conf->path, strerror(errno));
    else if (!found)
        say_mail_root(conf, alone);
    free(alone);
    return found;
}

/* --- what people read --------------------------------------------------------------------------------------------- */

/* The number of the line that is the call, 0 if it isn't there. */
static unsigned long exact_line(const struct registration *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->lines[i].exact)
            return found->lines[i].number;
    return 0;
}

static void show_installed(const struct conf *conf, const struct registration_call *call, bool changed)
{
    struct registration found;
    struct error error;
    /* If the file can't be read again, the line is in it all the same. */
    const char *what = changed ? "Registered" : "Already registered";
    if (registration_find(conf->mail_root, call, &found, &error) > 0) {
        tell("%s: line %lu of %s/" PATH_FILTERS, what, exact_line(&found), conf->mail_root);
        registration_clear(&found);
    } else {
        tell("%s: %s/" PATH_FILTERS, what, conf->mail_root);
    }
    tell("XMail calls %s after each RCPT, with the configuration %s.", call->program, call->configuration);
    if (changed)
        (void)puts("It reads " PATH_FILTERS " anew each time: no restart is needed.");
    if (!conf->schedule.enabled)
        tell("The filter does nothing yet: auto.enabled is false in %s", conf->path);
}

/* Lines that call the filter, but weren't to be taken out. */
static void show_others(const char *mail_root, const struct registration_call *call)
{
    struct registration found;
    struct error error;
    if (registration_find(mail_root, call, &found, &error) < 0) {
        say("warning: %s", error.text);
        return;
    }
    for (size_t i = 0; i < found.count; i++)
        say("line %lu of %s/" PATH_FILTERS " still calls %s: \"%s install\" didn't write it, and it stays",
            found.lines[i].number, mail_root, found.lines[i].program, call->program);
    registration_clear(&found);
}

/* --- install ------------------------------------------------------------------------------------------------------ */

/* Makes the empty list from what was written for it. */
static int create_list(const struct tablefile *list, struct newfile *file)
{
    struct error error;
    int result = newfile_create(file, list->path, &error);
    newfile_abandon(file);
    if (result < 0)
        say("the filter is registered, but the list is missing: %s (run this again)", error.text);
    else if (result > 0)
        tell("Created: %s, with no entries", list->path);
    return result < 0 ? -1 : 1; /* 0: somebody else has made it meanwhile */
}

/*
 * Registers the call, and makes an empty list if there is none: without it XMail refuses every client. All that may
 * fail of the list is done before anything has changed.
 */
static int install_locked(const struct conf *conf, const struct registration_call *call)
{
    static const struct buffer nothing;
    struct tablefile list;
    struct newfile file = {0};
    struct error error;
    if (listfile_sweep(conf->mail_root, &error) < 0 || listfile_read(conf->mail_root, &list, &error) < 0) {
        say("%s", error.text);
        return -1;
    }
    int result = list.exists ? 1 : tablefile_write(&list, &nothing, &file, &error);
    if (result > 0)
        result = registration_add(conf->mail_root, call, &error);
    if (result < 0)
        say("%s", error.text);
    if (result > 0 && *error.text != '\0')
        say("warning: %s", error.text);
    if (result >= 0)
        show_installed(conf, call, result > 0);
    if (result >= 0 && !list.exists)
        result = create_list(&list, &file);
    newfile_abandon(&file);
    tablefile_clear(&list);
    return result;
}

static int install(const struct command_options *options, const struct conf *conf)
{
    struct own_call own;
    int lock = -1;
    int result = -1;
    if (prepare_own_call(options, conf->path, &own) && check_program(own.program) && check_mail_root(conf) &&
        prepare_lock(conf->mail_root, &lock) > 0) {
        const struct registration_call call = {own.program, own.configuration};
        result = install_locked(conf, &call);
    }
    lock_release(&lock);
    return result < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* --- uninstall ---------------------------------------------------------------------------------------------------- */

/*
 * MailRoot in new memory, even if the configuration is bad, as long as anything tells it: one must always be able to
 * take the filter out. NULL: the faults were said.
 */
static char *find_mail_root(const struct command_options *options, const char *configuration)
{
    struct messages problems = {0};
    char *mail_root = conf_find_mail_root(configuration, options->mail_root, getenv("MAIL_ROOT"), &problems);
    if (!mail_root) {
        say_all(&problems);
        say("MailRoot is not known: give it with -r MAILROOT");
    }
    messages_clear(&problems);
    return mail_root;
}

static int uninstall_locked(const char *mail_root, const struct registration_call *call)
{
    struct error error;
    int result = registration_remove(mail_root, call, &error);
    if (result < 0) {
        say("%s", error.text);
        return -1;
    }
    if (result > 0)
        tell("Taken out of %s/" PATH_FILTERS ": XMail doesn't call %s any more", mail_root, call->program);
    else
        tell("Nothing to take out: %s/" PATH_FILTERS " doesn't call %s with the configuration %s", mail_root,
             call->program, call->configuration);
    if (*error.text != '\0')
        say("warning: %s", error.text);
    show_others(mail_root, call);
    return 1;
}

static int uninstall(const struct command_options *options, const char *mail_root, const char *configuration)
{
    struct own_call own;
    int lock = -1;
    int result = -1;
    if (prepare_own_call(options, configuration, &own) && prepare_lock(mail_root, &lock) > 0) {
        const struct registration_call call = {own.program, own.configuration};
        result = uninstall_locked(mail_root, &call);
    }
    lock_release(&lock);
    return result < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* --- the command line --------------------------------------------------------------------------------------------- */

int command_install(const struct command_options *options, int count, char **arguments)
{
    int status = refuse_options("install", count, arguments);
    if (status >= 0)
        return status;
    struct conf *conf = prepare_configuration(options);
    if (!conf)
        return EXIT_USAGE;
    status = install(options, conf);
    conf_free(conf);
    return status;
}

int command_uninstall(const struct command_options *options, int count, char **arguments)
{
    int status = refuse_options("uninstall", count, arguments);
    if (status >= 0)
        return status;
    char *configuration = prepare_configuration_path(options);
    char *mail_root = configuration ? find_mail_root(options, configuration) : NULL;
    status = mail_root ? uninstall(options, mail_root, configuration) : EXIT_USAGE;
    free(mail_root);
    free(configuration);
    return status;
}
