/* SPDX-License-Identifier: MIT */
/* The commands of the program, a file each, and what they are given. */
#ifndef XS_COMMAND_H
#define XS_COMMAND_H

#include "moment.h"

#include <sys/types.h>

enum exit_status { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* What stands before the command on the command line. */
struct command_options {
    const char *name0;         /* argv[0] */
    const char *configuration; /* -c, or NULL */
    const char *mail_root;     /* -r, or NULL */
    struct moment now;         /* --now, or the real clock */
    mode_t mask;               /* the umask with which we were started */
};

/*
 * Runs a command; arguments[0] is the program's name, arguments[count] is NULL. Returns the exit status. Results go to
 * stdout, messages to stderr.
 */
typedef int command_function(const struct command_options *options, int count, char **arguments);

command_function command_allow;
command_function command_block;
command_function command_check;
command_function command_explain;
command_function command_export;
command_function command_install;
command_function command_log;
command_function command_rebuild;
command_function command_report;
command_function command_status;
command_function command_uninstall;

/* Prints "xmail-spammers: " and the message, a line, on stderr. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a line on stdout, without anything in it that a terminal might obey: names of files may hold that. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Sees to it that all of stdout is written. Returns the exit status; if it isn't, and that was EXIT_DONE, another. */
int finish_output(int status);

#endif
