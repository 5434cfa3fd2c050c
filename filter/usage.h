/* SPDX-License-Identifier: MIT */
/* How the program and its commands are used, and what is said to those who use them otherwise. */
#ifndef XS_USAGE_H
#define XS_USAGE_H

#include <getopt.h>

/* Prints on stdout what --help is for. */
void print_help(void);

/* Says on stderr how the program is used. Returns EXIT_USAGE. */
int refuse_usage(void);

/* Says on stderr how the command is used. Returns EXIT_USAGE. */
int refuse_usage_of(const char *command);

enum { NAMES_MAX = 31 }; /* that may stand in the place of a word */

/*
 * Says on stderr that the word, of this kind ("command"), is none of the names (NULL-ended), which of them was probably
 * meant, and all of them.
 */
void say_unknown(const char *kind, const char *word, const char *const *names);

/* Says on stderr that the command needs one of the names: what that is ("a format"), and all. */
void say_missing(const char *command, const char *what, const char *const *names);

/* Puts "?" for all in the words but plain ASCII: getopt repeats them as they are, byte by byte. */
void make_words_plain(int count, char **words);

/* getopt_long, whose own words about a faulty option hold no byte that a terminal might obey. */
int next_option(int count, char **arguments, const char *letters, const struct option *names);

/*
 * After getopt: a command that takes no argument refuses those that it was given. Returns -1 if there are none, else
 * the exit status.
 */
int refuse_arguments(const char *command, int count, char **arguments);

/* The same for a command that has no options either, but for -h. */
int refuse_options(const char *command, int count, char **arguments);

#endif
