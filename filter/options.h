/* SPDX-License-Identifier: MIT */
/* What stands before the command on the command line: read by the front and by the program behind it alike. */
#ifndef XS_OPTIONS_H
#define XS_OPTIONS_H

#include <stdbool.h>

enum options_wanted { WANTED_COMMAND, WANTED_HELP, WANTED_VERSION };

/* Texts are those of argv. */
struct options {
    enum options_wanted wanted;
    bool faulty;               /* an option was unknown or had no argument */
    const char *configuration; /* -c, or NULL */
    const char *mail_root;     /* -r, or NULL */
    const char *now;           /* --now, or NULL */
    int command;               /* its place in argv; argc if there is none */
};

/*
 * Reads the options up to the command; what stands behind it is the command's own. With speak, getopt says on stderr
 * what it doesn't know.
 */
struct options options_read(int argc, char **argv, bool speak);

/* True if the command is the one that XMail calls. */
bool options_call_filter(const struct options *options, int argc, char **argv);

#endif
