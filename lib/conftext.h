/* SPDX-License-Identifier: MIT */
/*
 * The text of a configuration file with its "@include" files put in, as libconfig is to read it, and from which file
 * and line each line of it came. libconfig's own way of including isn't used: it waits for a FIFO, ends the process
 * at a directory, and goes on in the next file inside a comment that the last one left open. It also cuts large
 * numbers down to 32 bits without a word, so those are marked here as the 64-bit numbers that they are.
 */
#ifndef XS_CONFTEXT_H
#define XS_CONFTEXT_H

#include "buffer.h"
#include "error.h"
#include "identity.h"

#include <stddef.h>
#include <sys/types.h>

struct conftext_place;

struct conftext_file {
    char *path;
    struct identity identity; /* as it was before it was read */
};

/* No user: several may write it. */
#define CONFTEXT_SEVERAL ((uid_t)-1)

/* All zero is the empty text. */
struct conftext {
    struct buffer text;          /* NUL-ended; no other NUL in it */
    struct conftext_file *files; /* all, the configuration's own first; also those that can't be read */
    size_t file_count;
    struct conftext_place *places;
    size_t place_count;
    uid_t author; /* who alone may write all its files, or CONFTEXT_SEVERAL */
};

/*
 * Reads the file and what it includes; a relative name is one beside the configuration file. Returns 1, or -1 with the
 * error: "unable to read FILE: reason", or "FILE:LINE: what is wrong" for what libconfig would take silently. What root
 * includes in another's configuration must be that user's own, or for anybody to read.
 * conftext_clear is due in both cases.
 */
int conftext_read(const char *path, struct conftext *conftext, struct error *error);

/* The file that the line (from 1) of the text came from; *file_line is the line's number there. */
const char *conftext_place(const struct conftext *conftext, unsigned line, unsigned *file_line);

/*
 * The path of a file named in the configuration file: as it is if absolute, else in the directory of that file.
 * Returns a new string, the caller's to free, or NULL if memory ran out.
 */
char *conftext_beside(const char *conf_path, const char *name);

void conftext_clear(struct conftext *conftext);

#endif
