/* SPDX-License-Identifier: MIT */
/* The command line: options for all commands, then the command. */
#include "command.h"

#include "messages.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *name;
    command_function *run;
} commands[] = {
    {"rebuild", command_rebuild},
};

enum { SAY_MAX = 10 * 1024 };

static char program[] = "xmail-spammers"; /* getopt's messages begin with it, as ours do */

static const char usage[] = "Usage: xmail-spammers [-c FILE] [-r MAILROOT] [--now TIME] COMMAND [OPTIONS]\n";

static const char help[] = "\n"
                           "Keeps MAILROOT/spammers.tab, the block list of the XMail mail server, up to date\n"
                           "from XMail's own logs: hosts with many unauthorised accesses are registered.\n"
                           "\n"
                           "Commands:\n"
                           "  rebuild                 rebuild the list now\n"
                           "    -n, --dry-run         change nothing; show line by line what would change,\n"
                           "                          and why\n"
                           "        --no-cache        read all logs whole (this version always does)\n"
                           "\n"
                           "Options:\n"
                           "  -c, --config FILE       the configuration; else $XMAIL_SPAMMERS_CONF, else\n"
                           "                          MAILROOT/filters/xmail-spammers/xmail-spammers.conf\n"
                           "  -r, --mail-root DIR     MailRoot; else mail_root of the configuration, else\n"
                           "                          $MAIL_ROOT\n"
                           "      --now TIME          pretend that it is YYYY-MM-DDTHH:MM[:SS], local time\n"
                           "  -h, --help              this text\n"
                           "  -V, --version           the version\n"
                           "\n"
                           "Exit status: 0 done, 1 failed, 2 bad usage or configuration.\n";

void say(const char *format, ...)
{
    char text[SAY_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    messages_make_harmless(text, strlen(text)); /* names of files may hold anything */
    (void)fprintf(stderr, "%s: %s\n", program, text);
}

/*
 * Makes sure that the descriptors 0 to 2 are open: whoever started us with one of them closed would else find our
 * messages in the next file that we open, which may be the list.
 */
static bool occupy_standard_descriptors(void)
{
    for (int wanted = STDIN_FILENO; wanted <= STDERR_FILENO; wanted++)
        if (fcntl(wanted, F_GETFD) < 0 && open("/dev/null", O_RDWR) != wanted) /* takes the lowest that is free */
            return false;
    return true;
}

/* MailRoot may be given from where one stands; everything else wants it absolute. False: an error was said. */
static bool locate_mail_root(struct command_options *options, char resolved[PATH_MAX])
{
    if (!options->mail_root || *options->mail_root == '/')
        return true;
    if (realpath(options->mail_root, resolved)) {
        options->mail_root = resolved;
        return true;
    }
    say("unable to find MailRoot '%s': %s", options->mail_root, strerror(errno));
    return false;
}

static int refuse_usage(void)
{
    (void)fputs("Try 'xmail-spammers --help'.\n", stderr);
    return EXIT_USAGE;
}

static int run_command(const struct command_options *options, int count, char **arguments)
{
    if (count == 0) {
        (void)fputs(usage, stderr);
        return refuse_usage();
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, arguments[0]) == 0) {
            arguments[0] = program;
            return commands[i].run(options, count, arguments);
        }
    say("unknown command '%s'", arguments[0]);
    return refuse_usage();
}

void print_help(void)
{
    (void)printf("%s%s", usage, help);
}

/* Reads what stands before the command. -1: go on with the command; else the exit status. */
static int parse_options(int argc, char **argv, struct command_options *options)
{
    enum { OPTION_NOW = 256 };
    static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'},     {"mail-root", required_argument, NULL, 'r'},
        {"now", required_argument, NULL, OPTION_NOW}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},          {NULL, 0, NULL, 0},
    };
    for (int option; (option = getopt_long(argc, argv, "+c:r:hV", long_options, NULL)) != -1;) {
        switch (option) {
        case 'c':
            options->configuration = optarg;
            break;
        case 'r':
            options->mail_root = optarg;
            break;
        case OPTION_NOW:
            if (moment_parse(optarg, &options->now))
                break;
            say("unable to use the time '%s': it must be YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS", optarg);
            return EXIT_USAGE;
        case 'h':
            print_help();
            return EXIT_DONE;
        case 'V':
            (void)puts("xmail-spammers " XS_VERSION);
            return EXIT_DONE;
        default:
            return refuse_usage();
        }
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct command_options options = {0};
    char mail_root[PATH_MAX];
    if (argc < 1 || !occupy_standard_descriptors()) {
        say("unable to open /dev/null in the place of a closed standard descriptor: %s", strerror(errno));
        return EXIT_FAILED;
    }
    argv[0] = program;
    (void)umask(S_IWGRP | S_IWOTH); /* whatever we are started with: nobody else writes to our files */
    if (!moment_now(&options.now)) {
        say("unable to read the clock");
        return EXIT_FAILED;
    }
    int status = parse_options(argc, argv, &options);
    if (status < 0 && !locate_mail_root(&options, mail_root))
        status = EXIT_USAGE;
    if (status < 0)
        status = run_command(&options, argc - optind, argv + optind);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        say("unable to write to standard output: %s", strerror(errno));
        status = status == EXIT_DONE ? EXIT_FAILED : status;
    }
    return status;
}
