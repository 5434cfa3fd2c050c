/* SPDX-License-Identifier: MIT */
/* An edit of spammers.tab: what becomes of its lines, and what that changes. Lines that nothing is said of stay. */
#ifndef XS_LISTEDIT_H
#define XS_LISTEDIT_H

#include "buffer.h"
#include "change.h"
#include "error.h"
#include "spamtab.h"

#include <stdbool.h>
#include <stddef.h>

struct listedit_line {
    bool dropped;
    struct buffer before; /* new lines, each ended by an LF, that are to stand before it */
};

struct listedit {
    const struct spamtab *tab;
    struct listedit_line *lines; /* of the table, and one for its end */
    struct changes changes;
};

/* Begins an edit of the table, which must stay as long as it. Returns 1, or -1 with the error (out of memory). */
int listedit_begin(struct listedit *edit, const struct spamtab *tab, struct error *error);

void listedit_drop(struct listedit *edit, size_t line);

/* Puts a new line, its text without a line end, before that line, or behind all if it is tab->count. */
void listedit_put(struct listedit *edit, size_t line, const char *text, size_t length);

/* Notes a change in that line of the table; at its end the line is not known. */
void listedit_note(struct listedit *edit, enum change_kind kind, size_t line, const struct network *network);

/* Adds the new content to the buffer. Returns 1, or -1 with the error if memory ran out, now or before. */
int listedit_render(const struct listedit *edit, struct buffer *content, struct error *error);

void listedit_clear(struct listedit *edit);

/* The next of lines that are each ended by an LF: begin with *at 0. False at the end. */
bool listedit_next(const struct buffer *lines, size_t *at, const char **text, size_t *length);

/*
 * Whether XMail reads the text, a line without line end, as an entry for the very network of the wanted line, with its
 * code, and the pattern (which may be NULL) finds it to be as permanent: 1 or 0, or -1 with the error (out of memory).
 */
int listedit_reads_back(const struct buffer *text, const struct pattern *permanent, const struct spamtab_line *wanted,
                        struct error *error);

/* True if XMail and an editor see the same line: it isn't a part of one that is too long for XMail. */
bool listedit_is_whole(const struct spamtab *tab, size_t line);

#endif
