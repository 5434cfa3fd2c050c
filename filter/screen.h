/* SPDX-License-Identifier: MIT */
/* What stdout leads to: a terminal or not, how wide it is, what it can show. */
#ifndef XS_SCREEN_H
#define XS_SCREEN_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct screen {
    bool is_terminal;
    size_t columns; /* its width; of what is no terminal, SIZE_MAX */
    bool utf8;      /* the locale says so; or it is no terminal, and gets UTF-8 always */
    bool colours;   /* a terminal that has them, whose user has no NO_COLOR */
};

/*
 * What stdout is. COLUMNS in the environment wins over what the terminal says. The process's locale stays what it is.
 */
struct screen screen_find(void);

/* True if the user's terminal, by TERM, only shows one line after the other. */
bool screen_terminal_is_dumb(void);

/* True if the user's locale has UTF-8, wherever stdout leads to. */
bool screen_locale_is_utf8(void);

/*
 * Adds text from anywhere, UTF-8 or not, so that the screen obeys nothing in it and shows it all: "?" stands for what
 * isn't a character, isn't harmless or can't be shown there. Returns how many columns it takes.
 */
size_t screen_add(const struct screen *screen, struct buffer *to, const char *text, size_t length);

#endif
