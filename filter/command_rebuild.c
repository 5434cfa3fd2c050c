/* SPDX-License-Identifier: MIT */
/* xmail-spammers rebuild: rebuilds the list now, or shows what that would do. */
#include "command.h"

#include "conf.h"
#include "configuration.h"
#include "lock.h"
#include "path.h"
#include "progress.h"
#include "rebuild.h"
#include "report_rebuild.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_WAIT_SECONDS = 60, LOCK_TRIES_PER_SECOND = 10 };

static void say_all(const struct messages *messages)
{
    for (size_t i = 0; i < messages->count; i++)
        say("%s", messages->texts[i]);
    if (messages->lost > 0)
        say("out of memory: %zu messages are lost", messages->lost);
}

static struct conf *read_configuration(const struct command_options *options)
{
    const char *mail_root = getenv("MAIL_ROOT");
    struct messages problems = {0};
    char *path = configuration_path(options->name0, options->configuration, options->mail_root);
    struct conf *conf = path ? conf_read(path, options->mail_root, mail_root, NULL, &problems) : NULL;
    if (!path)
        say("unable to find the configuration: give it with -c FILE, or MailRoot with -r MAILROOT");
    say_all(&problems);
    if (path && access(path, F_OK) != 0)
        say("the configuration must be there: copy the sample, conf/xmail-spammers.conf, or name another with -c FILE");
    messages_clear(&problems);
    free(path);
    return conf;
}

/* Waits for another rebuild to end, but not for ever. 1: the lock is ours; else an error was said. */
static int wait_for_lock(const struct conf *conf, int *lock)
{
    struct error error;
    int result = path_make_program_directory(conf->mail_root, &error);
    char *path = result > 0 ? path_join(conf->mail_root, PATH_LOCK) : NULL;
    if (result > 0 && !path)
        result = error_memory(&error, "lock");
    for (int tries = 0; result > 0; tries++) {
        const struct timespec pause = {.tv_nsec = 1000000000L / LOCK_TRIES_PER_SECOND};
        result = lock_take(path, lock, &error);
        if (result != 0)
            break;
        if (tries == 0)
            say("another rebuild is running: waiting for up to %d seconds", LOCK_WAIT_SECONDS);
        if (tries == LOCK_WAIT_SECONDS * LOCK_TRIES_PER_SECOND) {
            result =
                error_set(&error, "unable to rebuild: another rebuild has been running for %d seconds (it holds %s)",
                          LOCK_WAIT_SECONDS, path);
            break;
        }
        (void)nanosleep(&pause, NULL);
        result = 1;
    }
    free(path);
    if (result < 0)
        say("%s", error.text);
    return result;
}

/* For "status"; the filter's schedule isn't moved. The list is as it is, whether that can be recorded or not. */
static void record(const struct command_options *options, const struct conf *conf, struct rebuild *rebuild,
                   const struct error *failure)
{
    struct state_run run = {.begun = options->now.seconds};
    struct error error;
    rebuild_summarize(rebuild, failure, &run);
    char *path = path_join(conf->mail_root, PATH_STATE);
    if (!path)
        (void)error_memory(&error, "write the state");
    if (!path || state_record_command(path, &run, &error) < 0)
        messages_add(&rebuild->warnings, "%s: \"status\" won't know of this rebuild", error.text);
    free(path);
}

static int rebuild_now(const struct command_options *options, const struct conf *conf, bool dry_run)
{
    struct progress progress;
    struct rebuild rebuild;
    struct error error;
    const struct rebuild_request request = {.conf = conf,
                                            .now = &options->now,
                                            .trigger = "command",
                                            .dry_run = dry_run,
                                            .progress = progress_update,
                                            .context = &progress};
    progress_begin(&progress);
    int result = rebuild_run(&request, &rebuild, &error);
    progress_end(&progress);
    if (!dry_run)
        record(options, conf, &rebuild, result < 0 ? &error : NULL);
    say_all(&rebuild.warnings);
    if (result < 0) {
        say("%s", error.text);
        say("%s/" PATH_LIST " was not changed", conf->mail_root);
    } else {
        if (dry_run)
            report_changes(conf, &rebuild);
        report_summary(conf, &rebuild);
    }
    rebuild_clear(&rebuild);
    return result < 0 ? EXIT_FAILED : EXIT_DONE;
}

static int refuse_usage(void)
{
    (void)fputs("Usage: xmail-spammers [-c FILE] [-r MAILROOT] [--now TIME] rebuild [-n] [--no-cache]\n", stderr);
    return EXIT_USAGE;
}

/* Reads the command's own options. -1: go on; else the exit status. */
static int parse_options(int count, char **arguments, bool *dry_run)
{
    enum { OPTION_NO_CACHE = 256 };
    static const struct option long_options[] = {
        {"dry-run", no_argument, NULL, 'n'},
        {"no-cache", no_argument, NULL, OPTION_NO_CACHE},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    optind = 1;
    for (int option; (option = getopt_long(count, arguments, "nh", long_options, NULL)) != -1;) {
        switch (option) {
        case 'n':
            *dry_run = true;
            break;
        case OPTION_NO_CACHE:
            break; /* there is none yet */
        case 'h':
            print_help();
            return EXIT_DONE;
        default:
            return refuse_usage();
        }
    }
    if (optind == count)
        return -1;
    say("rebuild takes no argument: '%s'", arguments[optind]);
    return refuse_usage();
}

int command_rebuild(const struct command_options *options, int count, char **arguments)
{
    bool dry_run = false;
    int status = parse_options(count, arguments, &dry_run);
    if (status >= 0)
        return status;
    struct conf *conf = read_configuration(options);
    if (!conf)
        return EXIT_USAGE;
    int lock = -1;
    status = EXIT_FAILED;
    if (dry_run || wait_for_lock(conf, &lock) > 0)
        status = rebuild_now(options, conf, dry_run);
    lock_release(&lock);
    conf_free(conf);
    return status;
}
