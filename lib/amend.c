/* SPDX-License-Identifier: MIT */
#include "amend.h"

#include "listfile.h"

#include <stdlib.h>

enum { SAVE_TRIES = 3 };

static enum tablefile_saved save(const struct amend *amend, struct amended *amended, struct error *error)
{
    if (amend->backed_up)
        return listfile_save(&amended->table, &amended->content, amend->backed_up, &amended->backup, error);
    return tablefile_save(&amended->table, &amended->content, error);
}

/* Reads, edits, saves. Returns 0 if somebody else has changed the file meanwhile. */
static int try_once(const struct amend *amend, struct amended *amended, struct error *error)
{
    if (tablefile_read(amend->directory, amend->name, &amended->table, error) < 0)
        return -1;
    int edited = amend->edit(amend->context, &amended->table, &amended->content, error);
    if (edited > 0 && amended->content.failed)
        edited = error_memory(error, "change a file of MailRoot");
    if (edited < 0)
        return -1;
    error->text[0] = '\0';
    bool same = edited == 0 || (amended->table.exists && buffer_equal(&amended->content, &amended->table.content));
    amended->outcome = same ? AMEND_UNCHANGED : AMEND_NOT_SAVED;
    if (same || amend->dry_run)
        return 1;
    switch (save(amend, amended, error)) {
    case TABLEFILE_SAVED:
    case TABLEFILE_UNSYNCED:
        break;
    case TABLEFILE_CHANGED:
        return 0;
    case TABLEFILE_FAILED:
        return -1;
    }
    amended->outcome = AMEND_SAVED;
    return 1;
}

int amend_file(const struct amend *amend, struct amended *amended, struct error *error)
{
    for (int tries = 0; tries < SAVE_TRIES; tries++) {
        amended_clear(amended);
        int result = try_once(amend, amended, error);
        if (result != 0)
            return result;
    }
    return error_set(error, "unable to change %s: somebody else changed it %d times meanwhile (try again later)",
                     amended->table.path, SAVE_TRIES);
}

void amended_clear(struct amended *amended)
{
    tablefile_clear(&amended->table);
    buffer_clear(&amended->content);
    free(amended->backup);
    *amended = (struct amended){0};
}
