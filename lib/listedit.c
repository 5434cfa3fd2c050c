/* SPDX-License-Identifier: MIT */
#include "listedit.h"

#include <stdlib.h>
#include <string.h>

int listedit_begin(struct listedit *edit, const struct spamtab *tab, struct error *error)
{
    *edit = (struct listedit){.tab = tab, .lines = calloc(tab->count + 1, sizeof *edit->lines)};
    return edit->lines ? 1 : error_memory(error, "change spammers.tab");
}

void listedit_drop(struct listedit *edit, size_t line)
{
    edit->lines[line].dropped = true;
}

void listedit_put(struct listedit *edit, size_t line, const char *text, size_t length)
{
    buffer_add(&edit->lines[line].before, text, length);
    buffer_add_text(&edit->lines[line].before, "\n");
}

void listedit_note(struct listedit *edit, enum change_kind kind, size_t line, const struct network *network)
{
    const struct spamtab *tab = edit->tab;
    struct change change = {.kind = kind, .network = *network};
    if (line < tab->count) {
        change.line = tab->lines[line].number;
        change.permanent = tab->lines[line].permanent;
    }
    changes_add(&edit->changes, change);
}

bool listedit_next(const struct buffer *lines, size_t *at, const char **text, size_t *length)
{
    if (*at >= lines->length)
        return false;
    *text = lines->bytes + *at;
    const char *lf = memchr(*text, '\n', lines->length - *at);
    *length = lf ? (size_t)(lf - *text) : lines->length - *at;
    *at += *length + 1;
    return true;
}

int listedit_render(const struct listedit *edit, struct buffer *content, struct error *error)
{
    const struct spamtab *tab = edit->tab;
    for (size_t i = 0; i <= tab->count; i++) {
        const struct buffer *before = &edit->lines[i].before;
        const char *text;
        size_t length;
        for (size_t at = 0; listedit_next(before, &at, &text, &length);)
            spamtab_put_line(tab, text, length, content);
        content->failed |= before->failed;
        if (i == tab->count)
            break;
        if (edit->lines[i].dropped)
            spamtab_drop_line(tab, &tab->lines[i], content);
        else
            spamtab_keep_line(tab, &tab->lines[i], content);
    }
    return content->failed || edit->changes.failed ? error_memory(error, "change spammers.tab") : 1;
}

void listedit_clear(struct listedit *edit)
{
    for (size_t i = 0; edit->lines && i <= edit->tab->count; i++)
        buffer_clear(&edit->lines[i].before);
    free(edit->lines);
    changes_clear(&edit->changes);
    *edit = (struct listedit){0};
}

int listedit_reads_back(const struct buffer *text, const struct pattern *permanent, const struct spamtab_line *wanted,
                        struct error *error)
{
    struct spamtab tab;
    if (text->failed)
        return error_memory(error, "change spammers.tab");
    if (spamtab_parse(text, permanent, &tab, error) < 0)
        return -1;
    bool same = tab.count == 1 && tab.lines[0].is_entry && tab.lines[0].code == wanted->code &&
                tab.lines[0].permanent == wanted->permanent &&
                address_equal(tab.lines[0].network.address, wanted->network.address) &&
                address_equal(tab.lines[0].network.mask, wanted->network.mask);
    spamtab_clear(&tab);
    return same;
}

bool listedit_is_whole(const struct spamtab *tab, size_t line)
{
    const unsigned long number = tab->lines[line].number;
    return (line == 0 || tab->lines[line - 1].number != number) &&
           (line + 1 == tab->count || tab->lines[line + 1].number != number);
}
