/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct ledger_head) == 24 && sizeof(struct ledger_day) == 32 && sizeof(struct ledger_ipv4) == 8 &&
                   sizeof(struct ledger_host) == 32,
               "no gaps, which would hold what happened to be in memory");

/* --- writing ------------------------------------------------------------------------------------------------------ */

enum { DIGIT_BITS = 8, DIGIT_VALUES = 1 << DIGIT_BITS, ADDRESS_DIGITS = 32 / DIGIT_BITS };

/* A place in the bytes for each kind of thing. */
struct places {
    struct ledger_day *day;
    struct ledger_ipv4 *ipv4;
    struct ledger_host *host;
    struct ledger_ipv4 *scratch; /* room for the plain IPv4 hosts of any day */
};

/* True if the host's place is among those with nothing but unauthorised accesses. */
static bool is_plain(const struct tally_slot *slot)
{
    return (slot->counts.unauthorized != 0) & ((slot->counts.refused | slot->counts.logins) == 0);
}

/* True if there is anything to tell of the host. A free slot has no counts. */
static bool is_counted(const struct tally_slot *slot)
{
    return (slot->counts.unauthorized | slot->counts.refused | slot->counts.logins) != 0;
}

/*
 * By address, digit by digit from the lowest: a comparison sort takes twenty times as long, which at ten thousand hosts
 * would be felt beside the reading of their records. There is room for as many at room.
 */
static void sort_ipv4(struct ledger_ipv4 *hosts, size_t count, struct ledger_ipv4 *room)
{
    _Static_assert(ADDRESS_DIGITS % 2 == 0, "after an even number of turns they are where they were");
    for (unsigned shift = 0; count > 1 && shift < ADDRESS_DIGITS * DIGIT_BITS; shift += DIGIT_BITS) {
        size_t place[DIGIT_VALUES + 1] = {0}; /* of the next one with this digit, once the counts are summed up */
        for (size_t i = 0; i < count; i++)
            place[(hosts[i].address >> shift) % DIGIT_VALUES + 1]++;
        for (size_t value = 0; value < DIGIT_VALUES; value++)
            place[value + 1] += place[value];
        for (size_t i = 0; i < count; i++)
            room[place[(hosts[i].address >> shift) % DIGIT_VALUES]++] = hosts[i];
        struct ledger_ipv4 *other = hosts;
        hosts = room;
        room = other;
    }
}

/*
 * By address, in place: qsort takes as much memory again. As they come in the order of the tally's hash, which nobody
 * can foresee, nobody can make it slow.
 */
static void sort_hosts(struct ledger_host *hosts, size_t count)
{
    while (count > 1) {
        const struct address middle = hosts[(count - 1) / 2].address;
        size_t low = 0;
        size_t high = count - 1;
        for (;; low++, high--) {
            while (address_compare(hosts[low].address, middle) < 0)
                low++;
            while (address_compare(hosts[high].address, middle) > 0)
                high--;
            if (low >= high)
                break;
            const struct ledger_host other = hosts[low];
            hosts[low] = hosts[high];
            hosts[high] = other;
        }
        /* None up to high is above one behind it. The smaller half is sorted first, which keeps the stack small. */
        size_t lower = high + 1;
        size_t upper = count - lower;
        sort_hosts(lower < upper ? hosts : hosts + lower, lower < upper ? lower : upper);
        hosts += lower < upper ? lower : 0;
        count = lower < upper ? upper : lower;
    }
}

static int compare_days(const void *left, const void *right)
{
    const struct tally_day *const *a = left;
    const struct tally_day *const *b = right;
    return ((*a)->day > (*b)->day) - ((*a)->day < (*b)->day);
}

/* The days ascending, the caller's to free; NULL if memory ran out. */
static const struct tally_day **sorted_days(const struct tally *tally)
{
    const struct tally_day **days = calloc(tally->day_count + 1, sizeof *days);
    if (!days)
        return NULL;
    size_t position = 0;
    for (size_t i = 0; i < tally->day_count; i++)
        days[i] = tally_next_day(tally, &position);
    qsort(days, tally->day_count, sizeof *days, compare_days);
    return days;
}

static size_t count_if(const struct tally_table *table, bool (*wanted)(const struct tally_slot *))
{
    size_t count = 0;
    for (size_t i = 0; i < table->capacity; i++)
        count += wanted(&table->slots[i]);
    return count;
}

/* Writes the plain hosts in order. */
static size_t write_plain(const struct tally_table *quads, struct places *places)
{
    size_t count = 0;
    for (size_t i = 0; i < quads->capacity; i++) {
        const struct tally_slot *slot = &quads->slots[i];
        if (is_plain(slot))
            places->ipv4[count++] = (struct ledger_ipv4){slot->ipv4, slot->counts.unauthorized};
    }
    sort_ipv4(places->ipv4, count, places->scratch);
    places->ipv4 += count;
    return count;
}

/* All hosts but the plain ones of quads. */
static void write_others(const struct tally_day *day, struct places *places)
{
    for (size_t i = 0; i < day->quads.capacity; i++) {
        const struct tally_slot *slot = &day->quads.slots[i];
        if (is_counted(slot) && !is_plain(slot))
            *places->host++ = (struct ledger_host){.address = address_from_ipv4(slot->ipv4), .counts = slot->counts};
    }
    for (size_t i = 0; i < day->others.capacity; i++) {
        const struct tally_slot *slot = &day->others.slots[i];
        if (is_counted(slot))
            *places->host++ = (struct ledger_host){.address = tally_other(slot), .counts = slot->counts};
    }
}

static void write_day(const struct tally_day *day, struct places *places)
{
    struct ledger_host *hosts = places->host;
    size_t ipv4_count = write_plain(&day->quads, places);
    write_others(day, places);
    size_t host_count = (size_t)(places->host - hosts);
    sort_hosts(hosts, host_count);
    *places->day++ = (struct ledger_day){.records = day->records,
                                         .limits = day->limits,
                                         .ipv4_count = (uint32_t)ipv4_count,
                                         .host_count = (uint32_t)host_count,
                                         .day = day->day};
}

/* Counts what is to be written, makes room for it and finds the places. */
static bool make_room(const struct tally *tally, struct buffer *bytes, struct places *places)
{
    size_t plain = 0;
    size_t most = 0;
    size_t hosts = 0;
    size_t position = 0;
    for (const struct tally_day *day; (day = tally_next_day(tally, &position));) {
        size_t plain_now = count_if(&day->quads, is_plain);
        plain += plain_now;
        most = plain_now > most ? plain_now : most;
        hosts += count_if(&day->quads, is_counted) - plain_now + count_if(&day->others, is_counted);
    }
    size_t at_days = sizeof(struct ledger_head);
    size_t at_ipv4 = at_days + tally->day_count * sizeof *places->day;
    size_t at_hosts = at_ipv4 + plain * sizeof *places->ipv4;
    size_t length = at_hosts + hosts * sizeof *places->host;
    if (!buffer_reserve(bytes, length + most * sizeof *places->scratch))
        return false;
    char *begin = bytes->bytes + bytes->length;
    places->day = (void *)(begin + at_days);
    places->ipv4 = (void *)(begin + at_ipv4);
    places->host = (void *)(begin + at_hosts);
    places->scratch = (void *)(begin + length);
    bytes->length += length;
    return true;
}

bool ledger_write(const struct tally *tally, struct buffer *bytes)
{
    struct places places;
    size_t before = bytes->length;
    const struct tally_day **days = sorted_days(tally);
    bool written = days && make_room(tally, bytes, &places);
    if (written) {
        const struct ledger_head head = {tally->records, tally->malformed, tally->day_count};
        memcpy(bytes->bytes + before, &head, sizeof head);
        for (size_t i = 0; i < tally->day_count; i++)
            write_day(days[i], &places);
    }
    free(days);
    return written;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* The days ascend, and their hosts take up the length exactly. *ipv4: how many of these there are. */
static bool days_fit(const struct ledger_day *days, uint64_t count, size_t length, size_t *ipv4)
{
    *ipv4 = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t ipv4_length = (uint64_t)days[i].ipv4_count * sizeof(struct ledger_ipv4);
        uint64_t hosts_length = (uint64_t)days[i].host_count * sizeof(struct ledger_host);
        if (!day_is_plausible(days[i].day) || (i > 0 && days[i].day <= days[i - 1].day))
            return false;
        if (ipv4_length + hosts_length > length)
            return false;
        length -= (size_t)(ipv4_length + hosts_length);
        *ipv4 += days[i].ipv4_count;
    }
    return length == 0;
}

bool ledger_read(const char *bytes, size_t length, struct ledger *ledger)
{
    size_t ipv4;
    if (length < sizeof *ledger->head)
        return false;
    length -= sizeof *ledger->head;
    ledger->head = (const void *)bytes;
    ledger->days = (const void *)(bytes + sizeof *ledger->head);
    uint64_t count = ledger->head->day_count;
    if (count > length / sizeof *ledger->days ||
        !days_fit(ledger->days, count, length - (size_t)count * sizeof *ledger->days, &ipv4))
        return false;
    ledger->ipv4 = (const void *)(ledger->days + count);
    ledger->hosts = (const void *)(ledger->ipv4 + ipv4);
    return true;
}

/* --- merging ------------------------------------------------------------------------------------------------------ */

/* Hosts of one day: what is left of them. */
struct ipv4_rest {
    const struct ledger_ipv4 *next;
    const struct ledger_ipv4 *end;
};
struct host_rest {
    const struct ledger_host *next;
    const struct ledger_host *end;
};

/* What is left of a ledger. */
struct source {
    const struct ledger_day *day;
    const struct ledger_day *end;
    const struct ledger_ipv4 *ipv4; /* of this day and the later ones */
    const struct ledger_host *hosts;
};

static struct source source_from(const struct ledger *ledger, day_number first_day)
{
    struct source source = {ledger->days, ledger->days + ledger->head->day_count, ledger->ipv4, ledger->hosts};
    for (; source.day < source.end && source.day->day < first_day; source.day++) {
        source.ipv4 += source.day->ipv4_count;
        source.hosts += source.day->host_count;
    }
    return source;
}

/* Adds what the source can come to at most. */
static void add_sizes(const struct source *source, size_t *days, size_t *ipv4, size_t *hosts)
{
    for (const struct ledger_day *day = source->day; day < source->end; day++) {
        *days += 1;
        *ipv4 += day->ipv4_count;
        *hosts += day->host_count;
    }
}

/* Writes the hosts of both in order, each once. Returns behind the last one. */
static struct ledger_host *merge_hosts(struct host_rest a, struct host_rest b, struct ledger_host *to)
{
    while (a.next < a.end && b.next < b.end) {
        const int order = address_compare(a.next->address, b.next->address);
        *to = order <= 0 ? *a.next++ : *b.next;
        if (order == 0)
            counts_add(&to->counts, b.next->counts);
        b.next += order >= 0;
        to++;
    }
    for (; a.next < a.end; a.next++)
        *to++ = *a.next;
    for (; b.next < b.end; b.next++)
        *to++ = *b.next;
    return to;
}

/* The same with plain hosts; but what is added to a host that is among the others, of which there is more to tell. */
static struct ledger_ipv4 *merge_ipv4(struct ipv4_rest a, struct ipv4_rest b, struct ledger_host *others,
                                      const struct ledger_host *others_end, struct ledger_ipv4 *to)
{
    while (a.next < a.end || b.next < b.end) {
        const bool from_a = b.next == b.end || (a.next < a.end && a.next->address <= b.next->address);
        struct ledger_ipv4 host = from_a ? *a.next++ : *b.next++;
        if (from_a && b.next < b.end && b.next->address == host.address)
            host.unauthorized = counts_sum(host.unauthorized, b.next++->unauthorized);
        while (others < others_end && address_compare(others->address, address_from_ipv4(host.address)) < 0)
            others++;
        if (others < others_end && address_equal(others->address, address_from_ipv4(host.address)))
            others->counts.unauthorized = counts_sum(others->counts.unauthorized, host.unauthorized);
        else
            *to++ = host;
    }
    return to;
}

/* Takes what the source says of the day, if anything, and moves to its next one. */
static void take_day(struct source *source, day_number day, struct ledger_day *sum, struct ipv4_rest *ipv4,
                     struct host_rest *hosts)
{
    const bool has_it = source->day < source->end && source->day->day == day;
    *ipv4 = (struct ipv4_rest){source->ipv4, source->ipv4 + (has_it ? source->day->ipv4_count : 0)};
    *hosts = (struct host_rest){source->hosts, source->hosts + (has_it ? source->day->host_count : 0)};
    source->ipv4 = ipv4->end;
    source->hosts = hosts->end;
    if (!has_it)
        return;
    sum->records += source->day->records;
    sum->limits += source->day->limits;
    source->day++;
}

/* Writes the first of both sources' days. */
static void merge_day(struct source *a, struct source *b, struct places *places)
{
    struct ipv4_rest ipv4[2];
    struct host_rest hosts[2];
    const day_number day =
        b->day == b->end || (a->day < a->end && a->day->day < b->day->day) ? a->day->day : b->day->day;
    struct ledger_day sum = {.day = day};
    take_day(a, day, &sum, &ipv4[0], &hosts[0]);
    take_day(b, day, &sum, &ipv4[1], &hosts[1]);
    struct ledger_host *hosts_end = merge_hosts(hosts[0], hosts[1], places->host);
    struct ledger_ipv4 *ipv4_end = merge_ipv4(ipv4[0], ipv4[1], places->host, hosts_end, places->ipv4);
    sum.ipv4_count = (uint32_t)(ipv4_end - places->ipv4);
    sum.host_count = (uint32_t)(hosts_end - places->host);
    *places->day++ = sum;
    places->host = hosts_end;
    places->ipv4 = ipv4_end;
}

/* Moves things to the bytes' end, which they are at or behind. */
static void close_up(struct buffer *bytes, const void *things, const void *end)
{
    const size_t length = (size_t)((const char *)end - (const char *)things);
    memmove(bytes->bytes + bytes->length, things, length);
    bytes->length += length;
}

bool ledger_merge(const struct ledger *older, day_number first_day, const struct ledger *newer, struct buffer *bytes)
{
    struct source sources[] = {source_from(older, first_day), source_from(newer, 0)};
    struct ledger_head head = {older->head->records + newer->head->records,
                               older->head->malformed + newer->head->malformed, 0};
    size_t days = 0;
    size_t ipv4 = 0;
    size_t hosts = 0;
    add_sizes(&sources[0], &days, &ipv4, &hosts);
    add_sizes(&sources[1], &days, &ipv4, &hosts);
    const size_t at_ipv4 = sizeof head + days * sizeof(struct ledger_day);
    const size_t at_hosts = at_ipv4 + ipv4 * sizeof(struct ledger_ipv4);
    if (!buffer_reserve(bytes, at_hosts + hosts * sizeof(struct ledger_host)))
        return false;
    /* There is room for all. What hosts and days that both have don't take up of it is closed in the end. */
    char *begin = bytes->bytes + bytes->length;
    const struct places first = {
        .day = (void *)(begin + sizeof head), .ipv4 = (void *)(begin + at_ipv4), .host = (void *)(begin + at_hosts)};
    struct places places = first;
    for (; sources[0].day < sources[0].end || sources[1].day < sources[1].end; head.day_count++)
        merge_day(&sources[0], &sources[1], &places);
    memcpy(begin, &head, sizeof head);
    bytes->length += sizeof head;
    close_up(bytes, first.day, places.day);
    close_up(bytes, first.ipv4, places.ipv4);
    close_up(bytes, first.host, places.host);
    return true;
}
