/* SPDX-License-Identifier: MIT */
/*
 * Changing a file of MailRoot that others change too: it is read, an edit makes of it what it is to be, that is saved;
 * and all of it anew if somebody else has changed the file meanwhile.
 */
#ifndef XS_AMEND_H
#define XS_AMEND_H

#include "buffer.h"
#include "error.h"
#include "moment.h"
#include "tablefile.h"

#include <stdbool.h>

/*
 * Adds to the empty content what is to become of the file. Returns 1 with it, 0 if the file is right as it is, or -1
 * with the error. It is called again when somebody else has changed the file, and then must forget what it found
 * before.
 */
typedef int amend_edit(void *context, const struct tablefile *table, struct buffer *content, struct error *error);

enum amend_outcome {
    AMEND_NOT_SAVED, /* it failed, or nothing was to be saved */
    AMEND_UNCHANGED, /* the file is as it should be */
    AMEND_SAVED,
};

struct amend {
    const char *directory; /* MailRoot, or whose owner's the file is to be */
    const char *name;      /* of the file in it */
    bool dry_run;          /* save nothing */
    amend_edit *edit;
    void *context;
    const struct moment *backed_up; /* NULL; or, if the file is spammers.tab, the time of the backup */
};

/* All zero before; the caller's to clear. */
struct amended {
    struct tablefile table; /* as it was before */
    struct buffer content;  /* as it should be; empty if the edit found it right */
    char *backup;           /* path, or NULL: none was made */
    enum amend_outcome outcome;
};

/*
 * Changes the file. The caller holds the lock, unless it is a dry run. Returns 1, the error's text being empty or
 * telling why a crash of the machine may bring the old file back; or -1 with the error, and the file has not changed.
 */
int amend_file(const struct amend *amend, struct amended *amended, struct error *error);
void amended_clear(struct amended *amended);

#endif
