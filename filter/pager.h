/* SPDX-License-Identifier: MIT */
/* The program through which a person looks at what is longer than the screen. */
#ifndef XS_PAGER_H
#define XS_PAGER_H

#include <stdbool.h>
#include <sys/types.h>

struct pager {
    pid_t process; /* 0: there is none */
    int output;    /* stdout as it was */
};

/*
 * Starts the pager, to which stdout leads from then on: what the environment variable PAGER says, run by the shell;
 * else less, if it is there. PAGER empty or "cat" means none, and so does what fails. True if there is one; then
 * SIGPIPE is ignored, since it may be quit before all was written.
 */
bool pager_begin(struct pager *pager);

/* Waits until it is quit. stdout is as it was. Nothing is done if there is none. */
void pager_end(struct pager *pager);

#endif
