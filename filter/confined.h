/* SPDX-License-Identifier: MIT */
/* Work on what attackers wrote, in a process of its own that has given its rights up. */
#ifndef XS_CONFINED_H
#define XS_CONFINED_H

/*
 * Runs the work in a child process, which confine()s itself so that it changes nothing, and whose stdout and stderr are
 * ours. Returns the exit status that the work returns; or EXIT_FAILED, and the error was said: it couldn't be run, or a
 * signal has killed it.
 */
int confined_run(int (*work)(void *context), void *context);

#endif
