/* SPDX-License-Identifier: MIT */
#include "change.h"

#include "array.h"

#include <stdlib.h>

/* How each is logged; those without a detail aren't. */
static const struct {
    enum event event;
    const char *detail;
} events[] = {
    [CHANGE_WHITELISTED] = {EVENT_ADD, "by hand: allow, to the whitelist file"},
    [CHANGE_UNWHITELISTED] = {EVENT_REMOVE, "by hand: allow --undo, from the whitelist file"},
    [CHANGE_TAKEN_OUT] = {EVENT_REMOVE, "by hand: allow"},
    [CHANGE_SPLIT] = {EVENT_REMOVE, "by hand: allow, a part of it; the rest is added"},
    [CHANGE_PART] = {EVENT_ADD, "by hand: allow, the rest of a wider entry"},
    [CHANGE_PUT_BACK] = {EVENT_ADD, "by hand: allow --undo"},
    [CHANGE_JOINED] = {EVENT_ADD, "by hand: allow --undo, whole again"},
    [CHANGE_PART_JOINED] = {EVENT_REMOVE, "by hand: allow --undo, a part of what is whole again"},
    [CHANGE_BLOCKED] = {EVENT_ADD, "by hand: block"},
    [CHANGE_MADE_PERMANENT] = {EVENT_ADD, "by hand: block, made permanent"},
    [CHANGE_UNBLOCKED] = {EVENT_REMOVE, "by hand: block --undo"},
    [CHANGE_MADE_TEMPORARY] = {EVENT_REMOVE, "by hand: block --undo, no longer permanent"},
    [CHANGE_STILL_LISTED] = {EVENT_WARNING, NULL}, /* the last one */
};

void changes_add(struct changes *changes, struct change change)
{
    struct change *items = array_grow(changes->items, changes->count, sizeof *items);
    if (!items) {
        changes->failed = true;
        return;
    }
    changes->items = items;
    items[changes->count++] = change;
}

size_t changes_count(const struct changes *changes, enum change_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < changes->count; i++)
        count += changes->items[i].kind == kind;
    return count;
}

void changes_log(const struct changes *changes, struct eventlog *log)
{
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        char address[NETWORK_TEXT_SIZE];
        if (events[change->kind].detail)
            eventlog_add_count(log, events[change->kind].event, network_format(&change->network, address), 0, "%s",
                               events[change->kind].detail);
    }
}

void changes_clear(struct changes *changes)
{
    free(changes->items);
    *changes = (struct changes){0};
}
