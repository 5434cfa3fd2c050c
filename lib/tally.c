/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 64 };

/* The slot of the host and day: theirs, or the free one where they belong. */
static struct tally_entry *find(const struct tally *tally, struct address address, day_number day)
{
    size_t mask = tally->capacity - 1;
    size_t at = (size_t)address_hash(&tally->key, address, day) & mask;
    while (tally->slots[at].day != 0 &&
           (tally->slots[at].day != day || !address_equal(tally->slots[at].address, address)))
        at = (at + 1) & mask;
    return &tally->slots[at];
}

static bool grow(struct tally *tally)
{
    struct tally larger = {.capacity = tally->capacity ? tally->capacity * 2 : FIRST_CAPACITY,
                           .count = tally->count,
                           .key = tally->capacity ? tally->key : address_key_new()};
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    size_t position = 0;
    for (const struct tally_entry *entry; (entry = tally_next(tally, &position));)
        *find(&larger, entry->address, entry->day) = *entry;
    free(tally->slots);
    *tally = larger;
    return true;
}

static void count_up(uint32_t *counter)
{
    if (*counter < UINT32_MAX)
        ++*counter;
}

bool tally_add(struct tally *tally, const struct record *record)
{
    if (record->verdict == 0)
        return true;
    if (tally->count >= tally->capacity / 4 * 3 && !grow(tally))
        return false;
    struct tally_entry *entry = find(tally, record->address, record->day);
    if (entry->day == 0) {
        *entry = (struct tally_entry){.address = record->address, .day = record->day};
        tally->count++;
    }
    if (record->verdict & RECORD_UNAUTHORIZED)
        count_up(&entry->unauthorized);
    if (record->verdict & RECORD_REFUSED)
        count_up(&entry->refused);
    if (record->verdict & RECORD_LOGIN)
        count_up(&entry->logins);
    return true;
}

const struct tally_entry *tally_next(const struct tally *tally, size_t *position)
{
    while (*position < tally->capacity) {
        const struct tally_entry *entry = &tally->slots[(*position)++];
        if (entry->day != 0)
            return entry;
    }
    return NULL;
}

void tally_clear(struct tally *tally)
{
    free(tally->slots);
    *tally = (struct tally){0};
}
