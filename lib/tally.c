/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 64, FIRST_DAYS = 4, HASH_BITS = 64 };

/* --- hosts -------------------------------------------------------------------------------------------------------- */

static unsigned shift_for(size_t capacity)
{
    unsigned shift = HASH_BITS;
    for (; capacity > 1; capacity /= 2)
        shift--;
    return shift;
}

/* Where the search for the host of this name begins. */
static size_t place_of(const struct tally *tally, const struct tally_table *table, uint32_t name)
{
    if (table->names)
        return (size_t)(address_hash(&tally->key, table->names[name], 0) >> table->shift);
    return tally_ipv4_place(tally, table, name);
}

/* Puts the slot, of a host that isn't there yet, where it belongs. */
static void place_slot(const struct tally *tally, struct tally_table *table, const struct tally_slot *slot)
{
    size_t at = place_of(tally, table, slot->name);
    while (!tally_slot_is_free(&table->slots[at]))
        at = (at + 1) & (table->capacity - 1);
    table->slots[at] = *slot;
}

bool tally_grow(const struct tally *tally, struct tally_table *table)
{
    struct tally_table larger = *table;
    larger.capacity = table->capacity ? table->capacity * 2 : FIRST_CAPACITY;
    larger.shift = shift_for(larger.capacity);
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    size_t position = 0;
    for (const struct tally_slot *slot; (slot = tally_next(table, &position));)
        place_slot(tally, &larger, slot);
    free(table->slots);
    *table = larger;
    return true;
}

static void add_counts(struct counts *sum, struct counts more)
{
    sum->unauthorized = tally_sum(sum->unauthorized, more.unauthorized);
    sum->refused = tally_sum(sum->refused, more.refused);
    sum->logins = tally_sum(sum->logins, more.logins);
}

static bool add_ipv4(const struct tally *tally, struct tally_table *table, uint32_t host, struct counts counts)
{
    if (tally_is_full(table) && !tally_grow(tally, table))
        return false;
    struct tally_slot *slot = tally_find_ipv4(tally, table, host);
    table->count += tally_slot_is_free(slot);
    slot->name = host;
    add_counts(&slot->counts, counts);
    return true;
}

/* As tally_grow, with room for as many names as the slots will hold. */
static bool grow_others(const struct tally *tally, struct tally_table *table)
{
    size_t capacity = table->capacity ? table->capacity * 2 : FIRST_CAPACITY;
    struct address *names = realloc(table->names, tally_limit(capacity) * sizeof *names);
    if (!names)
        return false;
    table->names = names;
    return tally_grow(tally, table);
}

static bool add_other(const struct tally *tally, struct tally_table *table, struct address address,
                      struct counts counts)
{
    if (tally_is_full(table) && (table->count > UINT32_MAX / 2 || !grow_others(tally, table)))
        return false;
    size_t at = (size_t)(address_hash(&tally->key, address, 0) >> table->shift);
    while (!tally_slot_is_free(&table->slots[at]) && !address_equal(table->names[table->slots[at].name], address))
        at = (at + 1) & (table->capacity - 1);
    struct tally_slot *slot = &table->slots[at];
    if (tally_slot_is_free(slot)) {
        slot->name = (uint32_t)table->count++;
        table->names[slot->name] = address;
    }
    add_counts(&slot->counts, counts);
    return true;
}

bool tally_add(const struct tally *tally, struct tally_day *day, struct address address, struct counts counts)
{
    if (address_is_ipv4(address))
        return add_ipv4(tally, &day->ipv4, address_ipv4(address), counts);
    return add_other(tally, &day->others, address, counts);
}

const struct tally_slot *tally_next(const struct tally_table *table, size_t *position)
{
    while (*position < table->capacity) {
        const struct tally_slot *slot = &table->slots[(*position)++];
        if (!tally_slot_is_free(slot))
            return slot;
    }
    return NULL;
}

struct address tally_address(const struct tally_table *table, const struct tally_slot *slot)
{
    return table->names ? table->names[slot->name] : address_from_ipv4(slot->name);
}

/* --- days --------------------------------------------------------------------------------------------------------- */

/* The place of the day: its own, or the free one where it belongs. */
static struct tally_day **find_day(const struct tally *tally, day_number day)
{
    size_t at = (size_t)(day * (tally->key.second | 1) >> shift_for(tally->capacity));
    while (tally->days[at] && tally->days[at]->day != day)
        at = (at + 1) & (tally->capacity - 1);
    return &tally->days[at];
}

static bool grow_days(struct tally *tally)
{
    struct tally larger = *tally;
    if (tally->capacity == 0)
        larger.key = address_key_new();
    larger.capacity = tally->capacity ? tally->capacity * 2 : FIRST_DAYS;
    larger.days = calloc(larger.capacity, sizeof *larger.days);
    if (!larger.days)
        return false;
    for (size_t i = 0; i < tally->capacity; i++)
        if (tally->days[i])
            *find_day(&larger, tally->days[i]->day) = tally->days[i];
    free(tally->days);
    *tally = larger;
    return true;
}

struct tally_day *tally_day(struct tally *tally, day_number day)
{
    if (tally->day_count >= tally_limit(tally->capacity) && !grow_days(tally))
        return NULL;
    struct tally_day **place = find_day(tally, day);
    if (*place)
        return *place;
    struct tally_day *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->day = day;
    tally->day_count++;
    *place = made;
    return made;
}

const struct tally_day *tally_next_day(const struct tally *tally, size_t *position)
{
    while (*position < tally->capacity) {
        const struct tally_day *day = tally->days[(*position)++];
        if (day)
            return day;
    }
    return NULL;
}

static bool merge_table(const struct tally *tally, struct tally_day *day, const struct tally_table *table)
{
    size_t position = 0;
    for (const struct tally_slot *slot; (slot = tally_next(table, &position));)
        if (!tally_add(tally, day, tally_address(table, slot), slot->counts))
            return false;
    return true;
}

bool tally_merge(struct tally *tally, const struct tally *other)
{
    size_t position = 0;
    for (const struct tally_day *from; (from = tally_next_day(other, &position));) {
        struct tally_day *day = tally_day(tally, from->day);
        if (!day || !merge_table(tally, day, &from->ipv4) || !merge_table(tally, day, &from->others))
            return false;
        day->records += from->records;
        day->limits += from->limits;
    }
    tally->records += other->records;
    tally->malformed += other->malformed;
    return true;
}

void tally_clear(struct tally *tally)
{
    for (size_t i = 0; i < tally->capacity; i++) {
        if (!tally->days[i])
            continue;
        free(tally->days[i]->ipv4.slots);
        free(tally->days[i]->others.slots);
        free(tally->days[i]->others.names);
        free(tally->days[i]);
    }
    free(tally->days);
    *tally = (struct tally){0};
}
