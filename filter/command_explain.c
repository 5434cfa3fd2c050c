/* SPDX-License-Identifier: MIT */
/* xmail-spammers explain: everything that is known of one host, what becomes of it first. */
#include "command.h"

#include "confined.h"
#include "explanation.h"
#include "prepare.h"
#include "progress.h"
#include "usage.h"

#include <string.h>

/* Reads the command's own options. -1: go on; else the exit status. */
static int parse_options(int count, char **arguments, bool *all)
{
    static const struct option long_options[] = {
        {"all", no_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    optind = 0; /* anew: options may stand behind the address, too */
    for (int option; (option = next_option(count, arguments, "ah", long_options)) != -1;) {
        if (option == 'h') {
            print_help();
            return EXIT_DONE;
        }
        if (option != 'a')
            return refuse_usage_of("explain");
        *all = true;
    }
    if (optind + 1 == count)
        return -1;
    if (optind == count)
        say("explain needs an address");
    else
        say("explain takes one address: '%s' is too much", arguments[optind + 1]);
    return refuse_usage_of("explain");
}

/*
 * The list as it is, and what a rebuild would make of it. Without a rebuild, for which there may be no evidence, the
 * rest is told all the same.
 */
static int look_up(struct explanation *explanation, struct error *error)
{
    struct progress progress;
    const struct rebuild_request request = {.conf = explanation->conf,
                                            .now = &explanation->options->now,
                                            .dry_run = true,
                                            .progress = progress_update,
                                            .context = &progress};
    progress_begin(&progress);
    explanation->judged = rebuild_run(&request, &explanation->rebuild, &explanation->failure) > 0;
    progress_end(&progress);
    if (explanation->judged)
        return explanation_judge(explanation, error);
    return explanation_read_list(explanation, error);
}

/* The records behind it, and all of it on the screen: attackers wrote what is read and shown here. */
static int read_and_print(void *context)
{
    struct explanation *explanation = context;
    struct progress progress;
    struct error error;
    progress_begin(&progress);
    const int result = explanation_read_logs(explanation, progress_update, &progress, &error);
    progress_end(&progress);
    if (result < 0) {
        say("%s", error.text);
        return EXIT_FAILED;
    }
    say_all(&explanation->rebuild.warnings);
    explanation_print(explanation);
    return finish_output(EXIT_DONE);
}

static int explain(struct explanation *explanation)
{
    struct error error;
    if (look_up(explanation, &error) > 0)
        return confined_run(read_and_print, explanation);
    say("%s", error.text);
    return EXIT_FAILED;
}

int command_explain(const struct command_options *options, int count, char **arguments)
{
    bool all = false;
    struct address host;
    int status = parse_options(count, arguments, &all);
    if (status >= 0)
        return status;
    const char *text = arguments[optind];
    if (!address_parse(text, strlen(text), &host)) {
        say("unable to read the address '%s': it must be an IPv4 or IPv6 address, such as 192.0.2.1", text);
        return EXIT_USAGE;
    }
    struct conf *conf = prepare_configuration(options);
    if (!conf)
        return EXIT_USAGE;
    struct explanation explanation = {.options = options, .conf = conf, .host = host, .all = all};
    status = explain(&explanation);
    explanation_clear(&explanation);
    conf_free(conf);
    return status;
}
