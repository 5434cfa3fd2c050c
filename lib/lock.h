/* SPDX-License-Identifier: MIT */
/*
 * One rebuild at a time: a lock on a file of its own, which is never renamed or deleted. The kernel frees it at exit.
 */
#ifndef XS_LOCK_H
#define XS_LOCK_H

#include "error.h"

/*
 * Takes the lock without waiting; the file is made if it is missing. Returns 1 with the *descriptor that holds it, to
 * be given to lock_release; 0 if another process has it; or -1 with the error.
 */
int lock_take(const char *path, int *descriptor, struct error *error);

/*
 * Whether a process holds the lock: 1 or 0, or -1 with the error if that can't be told. (Who tries to take it in this
 * very instant finds it busy.)
 */
int lock_is_held(const char *path, struct error *error);

/* Lets go. A descriptor of -1 is none. */
void lock_release(int *descriptor);

#endif
