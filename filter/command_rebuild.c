/* SPDX-License-Identifier: MIT */
/* xmail-spammers rebuild: rebuilds the list now, or shows what that would do. */
#include "command.h"

#include "conf.h"
#include "interrupts.h"
#include "lock.h"
#include "path.h"
#include "prepare.h"
#include "progress.h"
#include "rebuild.h"
#include "report_rebuild.h"
#include "usage.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* For "status"; the filter's schedule isn't moved. The list is as it is, whether that can be recorded or not. */
static void record_rebuild(const struct command_options *options, const struct conf *conf, struct rebuild *rebuild,
                           const struct error *failure)
{
    struct state_run run = {.begun = options->now.seconds};
    rebuild_summarize(rebuild, failure, &run);
    char *path = path_join(conf->mail_root, PATH_STATE);
    if (path)
        state_record_command(path, &run, &rebuild->warnings);
    free(path);
}

/* Behind the reason of a failure: what it leaves behind. */
static void say_unchanged(const struct conf *conf)
{
    char path[PATH_MAX];
    bool is_missing = access(conf->mail_root, F_OK) == 0 && path_put(path, conf->mail_root, PATH_LIST) &&
                      access(path, F_OK) != 0 && errno == ENOENT;
    if (is_missing)
        say("%s is still missing, and XMail refuses every client: copy the newest good spammers.*.tab to it, or make "
            "an empty file",
            path);
    else
        say("%s/" PATH_LIST " was not changed", conf->mail_root);
}

/* From here on nothing changes any more. Ends the program if somebody wanted it to end, and says what it has done. */
static void heed_interrupts(const struct interrupts *interrupts, const struct conf *conf, bool saved)
{
    if (interrupts_pending(interrupts) && saved)
        say("interrupted, but %s/" PATH_LIST " was saved already", conf->mail_root);
    else if (interrupts_pending(interrupts))
        say("interrupted: nothing was changed");
    interrupts_release(interrupts);
}

static int rebuild_now(const struct command_options *options, const struct conf *conf, bool dry_run, bool no_cache,
                       const struct interrupts *interrupts)
{
    struct progress progress;
    struct rebuild rebuild;
    struct error error;
    const struct rebuild_request request = {.conf = conf,
                                            .now = &options->now,
                                            .trigger = "command",
                                            .dry_run = dry_run,
                                            .no_cache = no_cache,
                                            .progress = progress_update,
                                            .context = &progress,
                                            .interrupts = interrupts};
    progress_begin(&progress);
    int result = rebuild_run(&request, &rebuild, &error);
    progress_end(&progress);
    if (!dry_run && !rebuild.interrupted)
        record_rebuild(options, conf, &rebuild, result < 0 ? &error : NULL);
    heed_interrupts(interrupts, conf, result > 0 && rebuild.list.outcome == AMEND_SAVED);
    say_all(&rebuild.warnings);
    if (result < 0) {
        say("%s", error.text);
        say_unchanged(conf);
    } else {
        if (dry_run)
            report_changes(conf, &rebuild);
        report_summary(conf, &rebuild);
    }
    rebuild_clear(&rebuild);
    return result < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* Reads the command's own options. -1: go on; else the exit status. */
static int parse_options(int count, char **arguments, bool *dry_run, bool *no_cache)
{
    enum { OPTION_NO_CACHE = 256 };
    static const struct option long_options[] = {
        {"dry-run", no_argument, NULL, 'n'},
        {"no-cache", no_argument, NULL, OPTION_NO_CACHE},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    optind = 1;
    for (int option; (option = next_option(count, arguments, "nh", long_options)) != -1;) {
        switch (option) {
        case 'n':
            *dry_run = true;
            break;
        case OPTION_NO_CACHE:
            *no_cache = true;
            break;
        case 'h':
            print_help();
            return EXIT_DONE;
        default:
            return refuse_usage_of("rebuild");
        }
    }
    return refuse_arguments("rebuild", count, arguments);
}

int command_rebuild(const struct command_options *options, int count, char **arguments)
{
    bool dry_run = false;
    bool no_cache = false;
    int status = parse_options(count, arguments, &dry_run, &no_cache);
    if (status >= 0)
        return status;
    struct conf *conf = prepare_configuration(options);
    if (!conf)
        return EXIT_USAGE;
    struct interrupts interrupts;
    interrupts_hold(&interrupts);
    int lock = -1;
    status = EXIT_FAILED;
    if (dry_run || prepare_lock_or_interrupt(conf->mail_root, &interrupts, &lock) > 0) {
        status = rebuild_now(options, conf, dry_run, no_cache, &interrupts);
    } else {
        heed_interrupts(&interrupts, conf, false);
        say_unchanged(conf);
    }
    lock_release(&lock);
    conf_free(conf);
    return status;
}
