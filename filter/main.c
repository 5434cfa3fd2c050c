/* SPDX-License-Identifier: MIT */
/* The command line: options for all commands, then the command. */
#include "command.h"

#include "command_filter.h"
#include "descriptors.h"
#include "messages.h"
#include "options.h"
#include "program.h"
#include "usage.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

static const struct {
    const char *name;
    command_function *run;
} commands[] = {
    {"rebuild", command_rebuild}, {"check", command_check},         {"status", command_status},
    {"report", command_report},   {"explain", command_explain},     {"log", command_log},
    {"allow", command_allow},     {"block", command_block},         {"export", command_export},
    {"install", command_install}, {"uninstall", command_uninstall},
};

enum { SAY_MAX = 10 * 1024 };

static char program[] = PROGRAM_NAME; /* getopt's messages begin with it, as ours do */

/* Makes the text of a line; names of files may hold anything. */
__attribute__((format(printf, 2, 0))) static void make_line(char text[SAY_MAX], const char *format, va_list arguments)
{
    (void)vsnprintf(text, SAY_MAX, format, arguments);
    messages_make_harmless(text, strlen(text));
}

void say(const char *format, ...)
{
    char text[SAY_MAX];
    va_list arguments;
    va_start(arguments, format);
    make_line(text, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, "%s: %s\n", program, text);
}

void tell(const char *format, ...)
{
    char text[SAY_MAX];
    va_list arguments;
    va_start(arguments, format);
    make_line(text, format, arguments);
    va_end(arguments);
    (void)puts(text);
}

int finish_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    say("unable to write to standard output: %s", strerror(errno));
    return status == EXIT_DONE ? EXIT_FAILED : status;
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

static int refuse_command(const char *word)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    size_t count = 0;
    for (; count < sizeof commands / sizeof *commands; count++)
        names[count] = commands[count].name;
    names[count] = "filter";
    say_unknown("command", word, names);
    return refuse_usage();
}

static int run_command(const struct command_options *options, int count, char **arguments)
{
    if (count == 0)
        return refuse_usage();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, arguments[0]) == 0) {
            arguments[0] = program;
            return commands[i].run(options, count, arguments);
        }
    return refuse_command(arguments[0]);
}

/* The exit status of a call that asks for no command, or -1. */
static int answer_options(const struct options *options)
{
    if (options->faulty)
        return refuse_usage();
    if (options->wanted == WANTED_HELP)
        print_help();
    else if (options->wanted == WANTED_VERSION)
        (void)puts(PROGRAM_NAME " " XS_VERSION);
    else
        return -1;
    return EXIT_DONE;
}

/* --now, or the real clock's time. False: an error was said. */
static bool read_clock(const char *text, struct moment *now)
{
    if (!text && moment_now(now))
        return true;
    if (text && moment_parse(text, now))
        return true;
    if (text)
        say("unable to use the time '%s': it must be a time that exists, as YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS",
            text);
    else
        say("unable to read the clock");
    return false;
}

/*
 * What one step gives back shall serve the next: that the system takes memory away and gives it again, page by page,
 * costs more than most steps do with it. Large blocks do go back, as there may not be room for two. For the same
 * reason the heap grows by much at once, and its first part may be of huge pages.
 */
static void tune_heap(void)
{
#ifdef __GLIBC__
    enum { LARGE_BLOCK = 4 * 1024 * 1024, TRIM_FROM = 64 * 1024 * 1024, HEAP_STEP = 8 * 1024 * 1024 };
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    (void)mallopt(M_TRIM_THRESHOLD, TRIM_FROM);
    (void)mallopt(M_TOP_PAD, HEAP_STEP);
#ifdef MADV_HUGEPAGE
    void *volatile first = malloc(1); /* makes the heap; volatile, else the compiler leaves it out */
    free(first);
    (void)madvise((char *)sbrk(0) - HEAP_STEP, HEAP_STEP, MADV_HUGEPAGE);
#endif
#endif
}

int main(int argc, char **argv)
{
    char mail_root[PATH_MAX];
    tune_heap();
    if (argc < 1 || !descriptors_occupy_standard()) {
        say("unable to open /dev/null in the place of a closed standard descriptor: %s", strerror(errno));
        return EXIT_FAILED;
    }
    const mode_t mask = umask(S_IWGRP | S_IWOTH); /* whatever it was: nobody else writes to our files */
    struct command_options given = {.name0 = argv[0], .mask = mask};
    argv[0] = program;
    const struct options options = options_read(argc, argv, false);
    if (options_call_filter(&options, argc, argv)) {
        command_filter(&options, given.name0);
        return EXIT_DONE;
    }
    if (options.faulty) {
        make_words_plain(argc, argv);
        (void)options_read(argc, argv, true);
    }
    given.configuration = options.configuration;
    given.mail_root = options.mail_root;
    int status = answer_options(&options);
    if (status < 0 && (!read_clock(options.now, &given.now) || !locate_mail_root(&given, mail_root)))
        status = EXIT_USAGE;
    if (status < 0)
        status = run_command(&given, argc - options.command, argv + options.command);
    return finish_output(status);
}
