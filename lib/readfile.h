/* SPDX-License-Identifier: MIT */
/* Small files (configuration, whitelist, XMail's tables) read whole. */
#ifndef XS_READFILE_H
#define XS_READFILE_H

#include "buffer.h"
#include "error.h"

#include <stddef.h>
#include <sys/stat.h>

enum { READFILE_MAX = 64 * 1024 * 1024 }; /* bytes; what is larger isn't the file that was meant */

/*
 * Adds the content of a regular file to the buffer; a FIFO or a device can't hold it up. Returns 1; 0 if there is no
 * such file; or -1 with the error "unable to read PATH: reason".
 */
int readfile(const char *path, struct buffer *content, struct error *error);

/* The same, with the status of the very file that was read, as it was before reading. */
int readfile_and_status(const char *path, struct buffer *content, struct stat *status, struct error *error);

/* As readfile, of what is no link, with the status of the very file that was read, as it was before reading. */
int readfile_status(const char *path, struct buffer *content, struct stat *status, struct error *error);

#endif
