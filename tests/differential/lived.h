/* SPDX-License-Identifier: MIT */
/* A case lived through as a whole rebuild: configuration, logs and list are files in a MailRoot. */
#ifndef XS_TESTS_LIVED_H
#define XS_TESTS_LIVED_H

#include "make_lists.h"

enum { LIVED_TEXT_SIZE = 10 * 1024 };

/* Writes the file anew. False if that can't be done. */
bool lived_write(const char *path, const struct bytes *content);

/*
 * Makes a MailRoot in the directory, has the list rebuilt, compares what is there then with the decision, and removes
 * it. The seed chooses save_mode "none", max_added and the like. False, with what is different, if something is.
 */
bool lived_rebuild(uint64_t seed, const struct list_case *made, const struct plain_decision *should,
                   const char *directory, char what[LIVED_TEXT_SIZE]);

/* Shows how often each end of a rebuild was met; returns how many never were. */
size_t lived_show(void);

#endif
