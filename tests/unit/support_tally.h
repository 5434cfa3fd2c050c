/* SPDX-License-Identifier: MIT */
/* All that a tally says, as plain lists in order: so that tallies can be compared, also with what a test expects. */
#ifndef XS_TESTS_SUPPORT_TALLY_H
#define XS_TESTS_SUPPORT_TALLY_H

#include "support.h"

#include "record.h"
#include "tally.h"

#include <inttypes.h>

struct listed_day {
    day_number day;
    uint64_t records;
    uint64_t limits;
};

struct listed_host {
    day_number day;
    struct address address;
    struct counts counts;
};

/* All zero is what the empty tally says. Hosts without counts aren't listed. */
struct listing {
    uint64_t records;
    uint64_t malformed;
    struct listed_day *days;
    size_t day_count;
    size_t day_room;
    struct listed_host *hosts;
    size_t host_count;
    size_t host_room;
};

static inline void listing_clear(struct listing *listing)
{
    free(listing->days);
    free(listing->hosts);
    *listing = (struct listing){0};
}

static inline void listing_add_day(struct listing *listing, struct listed_day day)
{
    if (listing->day_count == listing->day_room) {
        listing->day_room = listing->day_room * 2 + 8;
        listing->days = realloc(listing->days, listing->day_room * sizeof *listing->days);
        assert_non_null(listing->days);
    }
    listing->days[listing->day_count++] = day;
}

static inline void listing_add_host(struct listing *listing, struct listed_host host)
{
    if (host.counts.unauthorized + host.counts.refused + host.counts.logins == 0)
        return;
    if (listing->host_count == listing->host_room) {
        listing->host_room = listing->host_room * 2 + 8;
        listing->hosts = realloc(listing->hosts, listing->host_room * sizeof *listing->hosts);
        assert_non_null(listing->hosts);
    }
    listing->hosts[listing->host_count++] = host;
}

static inline int listing_compare_days(const void *left, const void *right)
{
    const struct listed_day *a = left;
    const struct listed_day *b = right;
    return (a->day > b->day) - (a->day < b->day);
}

static inline int listing_compare_hosts(const void *left, const void *right)
{
    const struct listed_host *a = left;
    const struct listed_host *b = right;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return address_compare(a->address, b->address);
}

/* Puts the lists in order, and together what is of one day, or of one host and day. */
static inline void listing_settle(struct listing *listing)
{
    size_t days = 0;
    size_t hosts = 0;
    if (listing->day_count > 0)
        qsort(listing->days, listing->day_count, sizeof *listing->days, listing_compare_days);
    for (size_t i = 0; i < listing->day_count; i++) {
        const struct listed_day day = listing->days[i];
        if (days > 0 && listing->days[days - 1].day == day.day) {
            listing->days[days - 1].records += day.records;
            listing->days[days - 1].limits += day.limits;
        } else {
            listing->days[days++] = day;
        }
    }
    if (listing->host_count > 0)
        qsort(listing->hosts, listing->host_count, sizeof *listing->hosts, listing_compare_hosts);
    for (size_t i = 0; i < listing->host_count; i++) {
        const struct listed_host host = listing->hosts[i];
        if (hosts > 0 && listing_compare_hosts(&listing->hosts[hosts - 1], &host) == 0) {
            struct counts *counts = &listing->hosts[hosts - 1].counts;
            counts->unauthorized += host.counts.unauthorized;
            counts->refused += host.counts.refused;
            counts->logins += host.counts.logins;
        } else {
            listing->hosts[hosts++] = host;
        }
    }
    listing->day_count = days;
    listing->host_count = hosts;
}

/* Adds the record as record_read has read it. *record is not needed of one that isn't valid. */
static inline void listing_add_record(struct listing *listing, enum record_result result, const struct record *record)
{
    const unsigned verdict = record->verdict;
    listing->records++;
    listing->malformed += result == RECORD_MALFORMED;
    if (result != RECORD_VALID)
        return;
    listing_add_day(listing, (struct listed_day){record->day, 1, record->limits});
    listing_add_host(listing, (struct listed_host){record->day,
                                                   record->address,
                                                   {(verdict & VERDICT_UNAUTHORIZED) != 0,
                                                    (verdict & VERDICT_REFUSED) != 0, (verdict & VERDICT_LOGIN) != 0}});
}

/* What the tally says; each day is there once, and each host once on a day. To be cleared. */
static inline struct listing listing_of(const struct tally *tally)
{
    struct listing listing = {.records = tally->records, .malformed = tally->malformed};
    size_t position = 0;
    for (const struct tally_day *day; (day = tally_next_day(tally, &position));) {
        listing_add_day(&listing, (struct listed_day){day->day, day->records, day->limits});
        for (size_t i = 0; i < day->quads.capacity; i++)
            if (!tally_slot_is_free(&day->quads.slots[i]))
                listing_add_host(&listing, (struct listed_host){day->day, address_from_ipv4(day->quads.slots[i].ipv4),
                                                                day->quads.slots[i].counts});
        for (size_t i = 0; i < day->others.capacity; i++)
            if (!tally_slot_is_free(&day->others.slots[i]))
                listing_add_host(&listing, (struct listed_host){day->day, tally_other(&day->others.slots[i]),
                                                                day->others.slots[i].counts});
    }
    const size_t days = listing.day_count;
    const size_t hosts = listing.host_count;
    listing_settle(&listing);
    assert_int_equal(listing.day_count, days);
    assert_int_equal(listing.host_count, hosts);
    return listing;
}

/* Writes the first difference of the two, of what is and what should be, to text; returns false if there is none. */
static inline bool listing_differs(const struct listing *is, const struct listing *should, char *text, size_t size)
{
    char address[ADDRESS_TEXT_SIZE];
    if (is->records != should->records || is->malformed != should->malformed) {
        (void)snprintf(text, size, "%" PRIu64 " records, %" PRIu64 " malformed instead of %" PRIu64 ", %" PRIu64,
                       is->records, is->malformed, should->records, should->malformed);
        return true;
    }
    for (size_t i = 0; i < is->day_count || i < should->day_count; i++) {
        const struct listed_day none = {0, 0, 0};
        const struct listed_day *a = i < is->day_count ? &is->days[i] : &none;
        const struct listed_day *b = i < should->day_count ? &should->days[i] : &none;
        if (a->day == b->day && a->records == b->records && a->limits == b->limits)
            continue;
        (void)snprintf(text, size,
                       "day %u: %" PRIu64 " records, %" PRIu64 " limits, instead of day %u: %" PRIu64 ", %" PRIu64,
                       a->day, a->records, a->limits, b->day, b->records, b->limits);
        return true;
    }
    for (size_t i = 0; i < is->host_count || i < should->host_count; i++) {
        const struct listed_host none = {0, {0, 0}, {0, 0, 0}};
        const struct listed_host *a = i < is->host_count ? &is->hosts[i] : &none;
        const struct listed_host *b = i < should->host_count ? &should->hosts[i] : &none;
        if (listing_compare_hosts(a, b) == 0 && memcmp(&a->counts, &b->counts, sizeof a->counts) == 0)
            continue;
        int length = snprintf(text, size, "%s on %u: %u %u %u instead of ", address_format(a->address, address), a->day,
                              a->counts.unauthorized, a->counts.refused, a->counts.logins);
        (void)snprintf(text + length, size - (size_t)length, "%s on %u: %u %u %u", address_format(b->address, address),
                       b->day, b->counts.unauthorized, b->counts.refused, b->counts.logins);
        return true;
    }
    return false;
}

static inline void assert_listings_equal(const struct listing *is, const struct listing *should)
{
    char text[512];
    if (listing_differs(is, should, text, sizeof text))
        fail_msg("%s", text);
}

static inline void assert_tally_is(const struct tally *tally, const struct listing *should)
{
    struct listing listing = listing_of(tally);
    assert_listings_equal(&listing, should);
    listing_clear(&listing);
}

/* The unauthorised accesses of all hosts and days. */
static inline uint64_t tally_unauthorized(const struct tally *tally)
{
    struct listing listing = listing_of(tally);
    uint64_t sum = 0;
    for (size_t i = 0; i < listing.host_count; i++)
        sum += listing.hosts[i].counts.unauthorized;
    listing_clear(&listing);
    return sum;
}

/* The valid records of all days from first to last. */
static inline uint64_t tally_records_of(const struct tally *tally, day_number first, day_number last)
{
    struct listing listing = listing_of(tally);
    uint64_t sum = 0;
    for (size_t i = 0; i < listing.day_count; i++)
        if (listing.days[i].day >= first && listing.days[i].day <= last)
            sum += listing.days[i].records;
    listing_clear(&listing);
    return sum;
}

#endif
