/* SPDX-License-Identifier: MIT */
/* What several commands do before their own work: read the configuration, and see to it that nobody else is at work. */
#ifndef XS_PREPARE_H
#define XS_PREPARE_H

#include "command.h"
#include "conf.h"
#include "interrupts.h"
#include "messages.h"

#include <limits.h>
#include <stdbool.h>

/*
 * The path of the configuration file as the options and the environment tell it: a new string, the caller's to free; or
 * NULL, and what to do was said.
 */
char *prepare_configuration_path(const struct command_options *options);

/* Reads the configuration. Returns it, the caller's to free with conf_free; or NULL, and every fault was said. */
struct conf *prepare_configuration(const struct command_options *options);

/*
 * Takes the lock of this MailRoot; waits for another process to let go of it, and says so, but not for ever. Returns 1
 * with the *lock for lock_release; or -1, and the error was said.
 */
int prepare_lock(const char *mail_root, int *lock);

/* The same with interrupts held off. Returns 0 if one has come while it waited. */
int prepare_lock_or_interrupt(const char *mail_root, const struct interrupts *interrupts, int *lock);

/* What XMail is to call for these options: the absolute paths of this program and of its configuration. */
struct own_call {
    char program[PATH_MAX];
    char configuration[PATH_MAX];
};

/* Finds that out for the configuration at this path. False: an error was said. */
bool prepare_own_call(const struct command_options *options, const char *configuration, struct own_call *own);

/* Adds the call of this program up to its command, with its options, so that a shell takes it as it was given. */
void prepare_call_text(const struct command_options *options, struct buffer *text);

/* Says each of the messages. */
void say_all(const struct messages *messages);

#endif
