/* SPDX-License-Identifier: MIT */
/* The program through which a person looks at what is longer than the screen. */
#ifndef XS_PAGER_H
#define XS_PAGER_H

#include <stdbool.h>
#include <sys/types.h>

struct pager {
    pid_t process; /* 0: there is none */
    int output;    /* stdout as it was */
    bool silences; /* signals, which did this before: */
    void (*interrupt)(int);
    void (*quit)(int);
    void (*broken_pipe)(int);
};

/*
 * Starts the pager, to which stdout leads from then on: what the environment variable PAGER says, run by the shell;
 * else less, if it is there and the terminal isn't a dumb one. PAGER empty or "cat" means none, and so does what fails.
 * True if there is one. Then SIGPIPE is ignored, since it may be quit before all was written; and so is what the
 * keyboard sends: that is for the pager.
 */
bool pager_begin(struct pager *pager);

/*
 * Waits until it is quit. stdout and signals are as they were. Nothing is done if there is none. False: the shell found
 * no such program, and that was said.
 */
bool pager_end(struct pager *pager);

#endif
