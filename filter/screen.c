/* SPDX-License-Identifier: MIT */
#include "screen.h"

#include "messages.h"
#include "utf8.h"

#include <langinfo.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_USUAL = 80, COLUMNS_LEAST = 20, COLUMNS_MOST = 10000 };

/* The number of columns in the environment; 0: it says none that can be. */
static size_t columns_wished(void)
{
    const char *text = getenv("COLUMNS");
    const unsigned long columns = text ? strtoul(text, NULL, 10) : 0;
    return columns >= COLUMNS_LEAST && columns <= COLUMNS_MOST ? columns : 0;
}

static size_t find_columns(void)
{
    struct winsize size;
    const size_t wished = columns_wished();
    if (wished > 0)
        return wished;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= COLUMNS_LEAST)
        return size.ws_col;
    return COLUMNS_USUAL;
}

bool screen_locale_is_utf8(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (!locale)
        return false;
    const bool is_utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return is_utf8;
}

bool screen_terminal_is_dumb(void)
{
    const char *terminal = getenv("TERM");
    return !terminal || *terminal == '\0' || strcmp(terminal, "dumb") == 0;
}

static bool has_colours(void)
{
    const char *wish = getenv("NO_COLOR");
    return (!wish || *wish == '\0') && !screen_terminal_is_dumb();
}

struct screen screen_find(void)
{
    if (isatty(STDOUT_FILENO) != 1)
        return (struct screen){.columns = SIZE_MAX, .utf8 = true};
    return (struct screen){
        .is_terminal = true, .columns = find_columns(), .utf8 = screen_locale_is_utf8(), .colours = has_colours()};
}

size_t screen_add(const struct screen *screen, struct buffer *to, const char *text, size_t length)
{
    size_t width = 0;
    for (size_t taken; length > 0; text += taken, length -= taken) {
        bool shown;
        taken = messages_plain(text, length); /* nearly all */
        if (taken > 0) {
            buffer_add(to, text, taken);
            width += taken;
            continue;
        }
        taken = messages_character(text, length, &shown);
        shown = shown && utf8_length(text, length) == taken && (screen->utf8 || taken == 1);
        buffer_add(to, shown ? text : "?", shown ? taken : 1);
        width += shown ? utf8_width(utf8_point(text, taken)) : 1;
    }
    return width;
}
