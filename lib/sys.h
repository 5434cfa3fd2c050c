/* SPDX-License-Identifier: MIT */
/*
 * The system's calls on files as we want them: a signal doesn't make them fail, and no descriptor is inherited. Results
 * and errno are those of the calls of the same name.
 */
#ifndef XS_SYS_H
#define XS_SYS_H

#include <stddef.h>
#include <sys/types.h>

/* mode counts only with O_CREAT. */
int sys_open(const char *path, int flags, mode_t mode);
int sys_open_at(int directory, const char *name, int flags, mode_t mode);

/* May read or write less than length, as the calls may. */
ssize_t sys_read(int descriptor, void *bytes, size_t length);
ssize_t sys_pread(int descriptor, void *bytes, size_t length, off_t offset);
ssize_t sys_write(int descriptor, const void *bytes, size_t length);

int sys_fsync(int descriptor);

/* The descriptor is closed in any case. */
int sys_close(int descriptor);

#endif
