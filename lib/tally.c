/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CAPACITY = 4,
    FIRST_DAYS = 4,
    LARGE = 128 * 1024, /* slots of a table from which on memory counts */
};

/* --- hosts -------------------------------------------------------------------------------------------------------- */

static size_t next_capacity(size_t capacity)
{
    if (capacity == 0)
        return FIRST_CAPACITY;
    return capacity < LARGE ? capacity * 2 : capacity + capacity / 4;
}

static struct tally_slot *find_slot(const struct tally *tally, const struct tally_table *table, struct tally_key key)
{
    return tally_find(table, key, tally_place(tally, table, key));
}

/* True if the table must grow before another host: a search should end where it begins, a large table be small. */
static bool is_full(const struct tally_table *table)
{
    return table->count >= (table->capacity < LARGE ? table->capacity / 2 : table->capacity / 8 * 7);
}

static bool grow(const struct tally *tally, struct tally_table *table)
{
    struct tally_table larger = *table;
    larger.capacity = next_capacity(table->capacity);
    larger.slots = larger.capacity <= UINT32_MAX ? calloc(larger.capacity, sizeof *larger.slots) : NULL;
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < table->capacity; i++)
        if (!tally_slot_is_free(&table->slots[i]))
            *find_slot(tally, &larger, table->slots[i].key) = table->slots[i];
    free(table->slots);
    *table = larger;
    return true;
}

static bool add_counts(const struct tally *tally, struct tally_table *table, struct tally_key key, uint32_t ipv4,
                       struct counts counts)
{
    if (is_full(table) && !grow(tally, table))
        return false;
    struct tally_slot *slot = find_slot(tally, table, key);
    table->count += tally_slot_is_free(slot);
    slot->key = key;
    slot->ipv4 = ipv4;
    counts_add(&slot->counts, counts);
    return true;
}

static struct tally_key key_of_ipv4(struct address address)
{
    char text[ADDRESS_TEXT_SIZE] = {0};
    return tally_quad_key(text, strlen(address_format(address, text)));
}

/* The address, in which the IPv4 prefix is turned over: no other host becomes all zero, not even "::". */
static struct tally_key key_of_other(struct address address)
{
    return (struct tally_key){{address.high, address.low ^ address_from_ipv4(0).low}};
}

bool tally_add_quad(const struct tally *tally, struct tally_day *day, struct tally_key key, uint32_t ipv4,
                    struct counts counts)
{
    return add_counts(tally, &day->quads, key, ipv4, counts);
}

bool tally_add(const struct tally *tally, struct tally_day *day, struct address address, struct counts counts)
{
    if (address_is_ipv4(address))
        return tally_add_quad(tally, day, key_of_ipv4(address), address_ipv4(address), counts);
    return add_counts(tally, &day->others, key_of_other(address), 0, counts);
}

struct address tally_other(const struct tally_slot *slot)
{
    return (struct address){slot->key.words[0], slot->key.words[1] ^ address_from_ipv4(0).low};
}

/* --- days --------------------------------------------------------------------------------------------------------- */

/* The place of the day: its own, or the free one where it belongs. */
static struct tally_day **find_day(const struct tally *tally, day_number day)
{
    size_t at = tally_fraction(day * (tally->key.second | 1), tally->capacity);
    while (tally->days[at] && tally->days[at]->day != day)
        at = at + 1 < tally->capacity ? at + 1 : 0;
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
    tally->days = larger.days;
    tally->capacity = larger.capacity;
    tally->key = larger.key;
    return true;
}

struct tally_day *tally_day(struct tally *tally, day_number day)
{
    if (tally->day_count >= tally->capacity / 4 * 3 && !grow_days(tally))
        return NULL;
    struct tally_day **place = find_day(tally, day);
    if (!*place) {
        *place = calloc(1, sizeof **place);
        if (!*place)
            return NULL;
        (*place)->day = day;
        tally->day_count++;
    }
    return *place;
}

void tally_leave_out(struct tally *tally, day_number day)
{
    if (tally->left_out == 0 || day < tally->left_out)
        tally->left_out = day;
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

bool tally_is_large(const struct tally *tally)
{
    size_t position = 0;
    for (const struct tally_day *day; (day = tally_next_day(tally, &position));)
        if (day->quads.capacity >= LARGE || day->others.capacity >= LARGE)
            return true;
    return false;
}

static bool merge_table(const struct tally *tally, struct tally_table *table, const struct tally_table *other)
{
    for (size_t i = 0; i < other->capacity; i++) {
        const struct tally_slot *slot = &other->slots[i];
        if (!tally_slot_is_free(slot) && !add_counts(tally, table, slot->key, slot->ipv4, slot->counts))
            return false;
    }
    return true;
}

/* Moves the days of the other one, of which there are fewer. */
static bool merge_days(struct tally *tally, const struct tally *other)
{
    size_t position = 0;
    for (const struct tally_day *from; (from = tally_next_day(other, &position));) {
        struct tally_day *day = tally_day(tally, from->day);
        if (!day || !merge_table(tally, &day->quads, &from->quads) || !merge_table(tally, &day->others, &from->others))
            return false;
        day->records += from->records;
        day->limits += from->limits;
    }
    return true;
}

bool tally_merge(struct tally *tally, struct tally *other)
{
    struct tally fewer = *other;
    if (tally->day_count < other->day_count) { /* the same, the other way round */
        fewer = *tally;
        *tally = *other;
    }
    *other = (struct tally){0};
    const bool merged = merge_days(tally, &fewer);
    tally->records += fewer.records;
    tally->malformed += fewer.malformed;
    if (fewer.left_out != 0)
        tally_leave_out(tally, fewer.left_out);
    tally_clear(&fewer);
    return merged;
}

void tally_clear(struct tally *tally)
{
    for (size_t i = 0; i < tally->capacity; i++) {
        if (!tally->days[i])
            continue;
        free(tally->days[i]->quads.slots);
        free(tally->days[i]->others.slots);
        free(tally->days[i]);
    }
    free(tally->days);
    *tally = (struct tally){0};
}
