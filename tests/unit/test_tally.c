/* SPDX-License-Identifier: MIT */
/* Counting while a file is read: by day and host, however many there are of both, and as far as memory goes. */
#include "support.h"

#include "tally.h"

enum { DAY = 20261120, ALL = VERDICT_UNAUTHORIZED | VERDICT_REFUSED | VERDICT_LOGIN };

/*
 * The sanitizers' allocator refuses what is larger than 8 MiB, so that a test can run out of memory: a table of 2^18
 * slots can be had, and that is full with three quarters of them.
 */
enum { HOSTS_MAX = 256000 / 8 * 7 };

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=8";
}

static struct tally_day *day_of(struct tally *tally, day_number number)
{
    struct tally_day *day = tally_day(tally, number);
    assert_non_null(day);
    assert_int_equal(day->day, number);
    return day;
}

static void count(struct tally *tally, day_number day, struct address address, struct counts counts)
{
    assert_true(tally_add(tally, day_of(tally, day), address, counts));
}

static void count_text(struct tally *tally, day_number day, const char *address, struct counts counts)
{
    count(tally, day, host_of(address), counts);
}

static struct tally_slot *find_key(const struct tally *tally, const struct tally_table *table, struct tally_key key)
{
    return tally_find(table, key, tally_place(tally, table, key));
}

/* Counts as it is done for a host that is found by its text. False if memory ran out. */
static bool count_host(struct tally *tally, struct tally_day *day, uint32_t host, unsigned verdict)
{
    char text[ADDRESS_TEXT_SIZE];
    const struct address address = address_from_ipv4(host);
    memset(text, 0x7f, sizeof text); /* whatever stands behind it */
    const struct tally_key key = tally_quad_key(text, strlen(address_format(address, text)));
    struct tally_slot *slot = day->quads.capacity ? find_key(tally, &day->quads, key) : NULL;
    if (slot && !tally_slot_is_free(slot)) {
        tally_count(&slot->counts, verdict);
        return true;
    }
    return tally_add_quad(tally, day, key, host, counts_from(verdict));
}

static void count_verdict(struct tally *tally, day_number day, const char *address, unsigned verdict)
{
    assert_true(count_host(tally, day_of(tally, day), address_ipv4(host_of(address)), verdict));
}

static bool has_counts(const struct tally_slot *slot)
{
    return (slot->counts.unauthorized | slot->counts.refused | slot->counts.logins) != 0;
}

/* The slots that aren't free, one after another: begin with *position 0; NULL at the end. Each must be found again. */
static const struct tally_slot *next_slot(const struct tally *tally, const struct tally_table *table, size_t *position)
{
    while (*position < table->capacity) {
        const struct tally_slot *slot = &table->slots[(*position)++];
        if (!tally_slot_is_free(slot)) {
            assert_ptr_equal(find_key(tally, table, slot->key), slot);
            return slot;
        }
        assert_false(has_counts(slot));
    }
    return NULL;
}

static struct address address_in(const struct tally_day *day, const struct tally_table *table,
                                 const struct tally_slot *slot)
{
    return table == &day->quads ? address_from_ipv4(slot->ipv4) : tally_other(slot);
}

/* The host's slot in this table of the day, in which it must be once; NULL if it isn't there. */
static const struct tally_slot *find_in(const struct tally *tally, const struct tally_day *day,
                                        const struct tally_table *table, struct address address)
{
    const struct tally_slot *found = NULL;
    size_t position = 0;
    for (const struct tally_slot *slot; (slot = next_slot(tally, table, &position));) {
        if (!address_equal(address_in(day, table, slot), address))
            continue;
        assert_null(found);
        found = slot;
    }
    return found;
}

/* The day if it is there; it isn't made. */
static const struct tally_day *find_day(const struct tally *tally, day_number number)
{
    const struct tally_day *found = NULL;
    size_t position = 0;
    for (const struct tally_day *day; (day = tally_next_day(tally, &position));) {
        if (day->day != number)
            continue;
        assert_null(found);
        found = day;
    }
    return found;
}

static struct counts counts_of(const struct tally *tally, day_number number, struct address address)
{
    const struct tally_day *day = find_day(tally, number);
    if (!day)
        return (struct counts){0, 0, 0};
    const struct tally_slot *quad = find_in(tally, day, &day->quads, address);
    const struct tally_slot *other = find_in(tally, day, &day->others, address);
    assert_true(!quad || !other);
    assert_true(address_is_ipv4(address) ? !other : !quad);
    return quad ? quad->counts : other ? other->counts : (struct counts){0, 0, 0};
}

static void assert_counts(const struct tally *tally, day_number day, const char *address, struct counts expected)
{
    const struct counts counts = counts_of(tally, day, host_of(address));
    if (counts.unauthorized != expected.unauthorized || counts.refused != expected.refused ||
        counts.logins != expected.logins)
        fail_msg("%s on %u: %u %u %u", address, day, counts.unauthorized, counts.refused, counts.logins);
}

/* --- hosts -------------------------------------------------------------------------------------------------------- */

static void the_empty_tally_has_nothing(void **state)
{
    struct tally tally = {0};
    size_t position = 0;
    (void)state;
    assert_null(tally_next_day(&tally, &position));
    assert_null(tally_next_day(&tally, &position));
    const struct tally_day *day = day_of(&tally, DAY);
    position = 0;
    assert_null(next_slot(&tally, &day->quads, &position));
    position = 0;
    assert_null(next_slot(&tally, &day->others, &position));
    assert_int_equal(day->records + day->limits, 0);
    tally_clear(&tally);
    tally_clear(&tally);
    assert_int_equal(tally.day_count, 0);
}

static void each_host_has_its_own_counts_on_each_day(void **state)
{
    struct tally tally = {0};
    (void)state;
    count_verdict(&tally, DAY, "192.0.2.1", VERDICT_UNAUTHORIZED);
    count_verdict(&tally, DAY, "192.0.2.1", VERDICT_UNAUTHORIZED);
    count_verdict(&tally, DAY, "192.0.2.1", VERDICT_REFUSED);
    count_verdict(&tally, DAY + 1, "192.0.2.1", VERDICT_LOGIN);
    count_verdict(&tally, DAY, "192.0.2.2", VERDICT_UNAUTHORIZED | VERDICT_LOGIN);
    count_verdict(&tally, DAY, "0.0.0.0", VERDICT_REFUSED);
    count_verdict(&tally, DAY, "255.255.255.255", VERDICT_LOGIN);
    count_text(&tally, DAY, "192.0.2.2", (struct counts){5, 6, 7});
    count_text(&tally, DAY, "::192.0.2.1", (struct counts){8, 0, 0}); /* not the IPv4 host */
    count_text(&tally, DAY, "::", (struct counts){0, 9, 0});
    count_text(&tally, DAY, "2001:db8::1", (struct counts){0, 0, 10});
    count_text(&tally, DAY, "2001:db8::1", (struct counts){1, 1, 1});
    assert_counts(&tally, DAY, "192.0.2.1", (struct counts){2, 1, 0});
    assert_counts(&tally, DAY + 1, "192.0.2.1", (struct counts){0, 0, 1});
    assert_counts(&tally, DAY, "192.0.2.2", (struct counts){6, 6, 8});
    assert_counts(&tally, DAY + 1, "192.0.2.2", (struct counts){0, 0, 0});
    assert_counts(&tally, DAY, "0.0.0.0", (struct counts){0, 1, 0});
    assert_counts(&tally, DAY, "255.255.255.255", (struct counts){0, 0, 1});
    assert_counts(&tally, DAY, "::192.0.2.1", (struct counts){8, 0, 0});
    assert_counts(&tally, DAY, "::", (struct counts){0, 9, 0});
    assert_counts(&tally, DAY, "2001:db8::1", (struct counts){1, 1, 11});
    assert_int_equal(find_day(&tally, DAY)->quads.count, 4);
    assert_int_equal(find_day(&tally, DAY)->others.count, 3);
    tally_clear(&tally);
}

static void a_host_may_be_there_without_counts(void **state)
{
    enum { HOSTS = 1000 };
    struct tally tally = {0};
    struct tally_day *day = day_of(&tally, DAY);
    (void)state;
    for (uint32_t host = 0; host < HOSTS; host++) {
        assert_true(count_host(&tally, day, host, 0));
        assert_true(count_host(&tally, day, host + 1, host % 2 ? VERDICT_REFUSED : 0));
        assert_true(count_host(&tally, day, host, 0)); /* a host that is there stays as it is */
    }
    assert_true(tally_add(&tally, day, (struct address){1, 2}, (struct counts){0, 0, 0}));
    assert_true(tally_add(&tally, day, (struct address){1, 2}, (struct counts){0, 0, 0}));
    assert_int_equal(day->quads.count, HOSTS + 1);
    assert_int_equal(day->others.count, 1);
    size_t found = 0;
    size_t position = 0;
    for (const struct tally_slot *slot; (slot = next_slot(&tally, &day->quads, &position)); found++)
        assert_int_equal(has_counts(slot), slot->ipv4 % 2 == 0 && slot->ipv4 > 0);
    assert_int_equal(found, HOSTS + 1);
    assert_counts(&tally, DAY, "0.0.0.0", (struct counts){0, 0, 0});
    assert_counts(&tally, DAY, "0.0.0.8", (struct counts){0, 1, 0});
    assert_counts(&tally, DAY, "0.0.0.7", (struct counts){0, 0, 0});
    count_verdict(&tally, DAY, "0.0.0.7", VERDICT_LOGIN);
    count(&tally, DAY, (struct address){1, 2}, (struct counts){0, 3, 0});
    assert_counts(&tally, DAY, "0.0.0.7", (struct counts){0, 0, 1});
    assert_counts(&tally, DAY, "0:0:0:1::2", (struct counts){0, 3, 0});
    assert_int_equal(day->quads.count, HOSTS + 1);
    assert_int_equal(day->others.count, 1);
    tally_clear(&tally);
}

static void counts_stop_at_their_greatest_number(void **state)
{
    const struct counts most = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    const struct counts nearly = {UINT32_MAX - 1, UINT32_MAX - 2, UINT32_MAX - 3};
    static const char *const addresses[] = {"192.0.2.1", "2001:db8::1"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct tally tally = {0};
        count_text(&tally, DAY, addresses[i], nearly);
        assert_counts(&tally, DAY, addresses[i], nearly);
        for (int n = 0; n < 4; n++)
            count_text(&tally, DAY, addresses[i], (struct counts){1, 1, 1});
        assert_counts(&tally, DAY, addresses[i], most);
        count_text(&tally, DAY, addresses[i], most);
        assert_counts(&tally, DAY, addresses[i], most);
        tally_clear(&tally);
    }
}

/* Hosts that differ in the places where attackers can choose: the low, the high, both, in steps. */
static struct address nth_host(size_t kind, size_t i)
{
    switch (kind) {
    case 0: /* neighbours in IPv4 */
        return address_from_ipv4((uint32_t)i);
    case 1: /* the same last byte */
        return address_from_ipv4((uint32_t)(7 | i << 8));
    case 2: /* the same last two bytes, and then others */
        return address_from_ipv4((uint32_t)(i << 16 | i >> 16));
    case 3: /* one network each */
        return (struct address){UINT64_C(0x20010db800000000) + i, 1};
    case 4: /* high bits only */
        return (struct address){i << 48 | i >> 16, 0};
    default: /* low and high the same */
        return (struct address){i, i};
    }
}

/* A host with its counts, to be compared with others. */
struct seen {
    struct address address;
    struct counts counts;
};

static int compare_seen(const void *left, const void *right)
{
    const struct seen *a = left;
    const struct seen *b = right;
    return address_compare(a->address, b->address);
}

/* All hosts of the day by address, to be freed; *found of them. */
static struct seen *all_hosts(const struct tally *tally, const struct tally_day *day, size_t *found)
{
    const struct tally_table *const tables[] = {&day->quads, &day->others};
    struct seen *seen = calloc(day->quads.count + day->others.count + 1, sizeof *seen);
    assert_non_null(seen);
    *found = 0;
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        size_t position = 0;
        size_t before = *found;
        for (const struct tally_slot *slot; (slot = next_slot(tally, tables[i], &position));)
            seen[(*found)++] = (struct seen){address_in(day, tables[i], slot), slot->counts};
        assert_int_equal(*found - before, tables[i]->count);
    }
    qsort(seen, *found, sizeof *seen, compare_seen);
    return seen;
}

/* Each of these hosts, and no other, must be there once, with these counts. They are brought into order. */
static void assert_hosts(const struct tally *tally, const struct tally_day *day, struct seen *expected, size_t count)
{
    size_t found;
    struct seen *seen = all_hosts(tally, day, &found);
    assert_int_equal(found, count);
    qsort(expected, count, sizeof *expected, compare_seen);
    for (size_t i = 0; i < count; i++)
        if (!address_equal(seen[i].address, expected[i].address) ||
            memcmp(&seen[i].counts, &expected[i].counts, sizeof expected[i].counts) != 0)
            fail_msg("host %zu of %zu", i, count);
    free(seen);
}

static void many_hosts_are_told_apart_as_the_table_grows(void **state)
{
    enum { KINDS = 6, HOSTS = 20000 };
    static struct seen expected[HOSTS];
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct tally tally = {0};
        struct tally_day *day = day_of(&tally, DAY);
        for (size_t i = 0; i < HOSTS; i++) {
            expected[i] = (struct seen){nth_host(kind, i), {(uint32_t)(i % 3 + 1), (uint32_t)i, 2}};
            for (size_t n = 0; n <= i % 3; n++)
                assert_true(tally_add(&tally, day, nth_host(kind, i), (struct counts){1, 0, 0}));
        }
        for (size_t i = 0; i < HOSTS; i++) /* each is found again where it was moved to */
            assert_true(tally_add(&tally, day, nth_host(kind, i), (struct counts){0, (uint32_t)i, 2}));
        const struct tally_table *table = kind < 3 ? &day->quads : &day->others;
        assert_int_equal(table->count, HOSTS);
        assert_true((table->capacity & (table->capacity - 1)) == 0 && table->count <= table->capacity / 4 * 3);
        assert_hosts(&tally, day, expected, HOSTS);
        tally_clear(&tally);
    }
}

static void verdicts_are_counted_as_the_table_grows(void **state)
{
    enum { HOSTS = 20000 };
    static struct seen expected[HOSTS];
    struct tally tally = {0};
    struct tally_day *day = day_of(&tally, DAY);
    (void)state;
    for (uint32_t i = 0; i < HOSTS; i++) {
        const unsigned verdict = i % ALL + 1;
        const uint32_t host = i * 2654435761U;
        for (uint32_t n = 0; n <= i % 2; n++)
            assert_true(count_host(&tally, day, host, verdict));
        expected[i].address = address_from_ipv4(host);
        expected[i].counts =
            (struct counts){verdict & VERDICT_UNAUTHORIZED ? i % 2 + 1 : 0, verdict & VERDICT_REFUSED ? i % 2 + 1 : 0,
                            verdict & VERDICT_LOGIN ? i % 2 + 1 : 0};
    }
    assert_hosts(&tally, day, expected, HOSTS);
    tally_clear(&tally);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static bool same_key(struct tally_key a, struct tally_key b)
{
    return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}

/* The host is counted, in a slot that isn't free; it is neither lost nor taken for another one. */
static void assert_new_host(struct tally *tally, struct tally_day *day, struct address address)
{
    const struct tally_table *table = address_is_ipv4(address) ? &day->quads : &day->others;
    const size_t before = day->quads.count + day->others.count;
    const size_t in_table = table->count;
    assert_true(tally_add(tally, day, address, (struct counts){1, 2, 3}));
    assert_int_equal(table->count, in_table + 1);
    assert_true(tally_add(tally, day, address, (struct counts){4, 4, 4}));
    assert_int_equal(day->quads.count + day->others.count, before + 1);
    const struct tally_slot *slot = find_in(tally, day, table, address);
    assert_non_null(slot);
    assert_int_equal(slot->counts.unauthorized, 5);
    assert_int_equal(slot->counts.refused, 6);
    assert_int_equal(slot->counts.logins, 7);
}

static void no_host_has_the_key_of_a_free_slot(void **state)
{
    static const char *const addresses[] = {
        "::",
        "0.0.0.0",
        "::1:0:0:0",
        "::ffff:0:0:0",
        "::fffe:0:0",
        "::0.0.0.1",
        "::fffe:0:1",
        "ffff::",
        "ffff::ffff:0:0",
        "::1:0:0:0:0",
        "0:0:0:1::ffff:0:0",
        "8000::",
        "::ffff:ffff:0:0",
        "::1:ffff:0:0",
        "255.255.255.255",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    };
    struct tally tally = {0};
    struct tally_day *day = day_of(&tally, DAY);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        assert_new_host(&tally, day, host_of(addresses[i]));
    assert_int_equal(day->quads.count, 2);
    assert_int_equal(day->others.count, COUNT_OF(addresses) - 2);
    count_text(&tally, DAY, "::ffff:0.0.0.0", (struct counts){1, 0, 0}); /* that is 0.0.0.0 */
    assert_counts(&tally, DAY, "0.0.0.0", (struct counts){6, 6, 7});
    assert_counts(&tally, DAY, "::", (struct counts){5, 6, 7});
    assert_int_equal(day->quads.count, 2);
    assert_int_equal(day->others.count, COUNT_OF(addresses) - 2);
    tally_clear(&tally);
}

static void hosts_that_differ_in_one_bit_are_told_apart(void **state)
{
    const uint64_t bases[][2] = {
        {0, 0}, {0, UINT64_C(0xffff00000000)}, {UINT64_MAX, UINT64_MAX}, {UINT64_MAX, ~UINT64_C(0xffff00000000)}};
    (void)state;
    for (size_t base = 0; base < COUNT_OF(bases); base++) {
        struct tally tally = {0};
        struct tally_day *day = day_of(&tally, DAY);
        assert_new_host(&tally, day, (struct address){bases[base][0], bases[base][1]});
        for (unsigned bit = 0; bit < 64; bit++) {
            assert_new_host(&tally, day, (struct address){bases[base][0] ^ UINT64_C(1) << bit, bases[base][1]});
            assert_new_host(&tally, day, (struct address){bases[base][0], bases[base][1] ^ UINT64_C(1) << bit});
        }
        assert_int_equal(day->quads.count + day->others.count, 1 + 2 * 64);
        assert_int_equal(day->quads.count, base == 1 ? 1 + 32 : 0);
        tally_clear(&tally);
    }
}

/* The key of the text, the same whatever stands behind it. */
static struct tally_key key_of(const char *text, size_t length)
{
    static const unsigned char behind[] = {0, 0xff, '1', '.', 0x80};
    char room[2 * TALLY_QUAD_MAX + 1];
    struct tally_key key = {{0, 0}};
    for (size_t i = 0; i < COUNT_OF(behind); i++) {
        memset(room, behind[i], sizeof room);
        memcpy(room, text, length);
        const struct tally_key found = tally_quad_key(room, length);
        assert_true(i == 0 || same_key(found, key));
        key = found;
    }
    assert_true((key.words[0] | key.words[1]) != 0);
    return key;
}

/* Finds the host by this text, byte by byte as it stands in the log. */
static const struct tally_slot *find_quad(const struct tally *tally, const struct tally_day *day, const char *text)
{
    const struct tally_key key = key_of(text, strlen(text));
    const struct tally_slot *slot = find_key(tally, &day->quads, key);
    return tally_slot_is_free(slot) ? NULL : slot;
}

/* A dotted quad whose parts have so many digits, 1 to 3, each. */
static uint32_t quad_with_digits(const unsigned digits[4], uint64_t *seed)
{
    static const uint32_t first[] = {0, 10, 100};
    static const uint32_t count[] = {10, 90, 156};
    uint32_t host = 0;
    for (size_t i = 0; i < 4; i++)
        host = host << 8 | (first[digits[i] - 1] + (uint32_t)random_below(seed, count[digits[i] - 1]));
    return host;
}

static void quads_of_each_length_are_found_by_their_text(void **state)
{
    enum { FORMS = 3 * 3 * 3 * 3, ROUNDS = 50 };
    static uint32_t hosts[FORMS * ROUNDS];
    struct tally tally = {0};
    struct tally_day *day = day_of(&tally, DAY);
    size_t lengths[TALLY_QUAD_MAX + 1] = {0};
    uint64_t seed = 15;
    char text[ADDRESS_TEXT_SIZE];
    (void)state;
    for (unsigned i = 0; i < FORMS * ROUNDS; i++) {
        const unsigned digits[4] = {i % 3 + 1, i / 3 % 3 + 1, i / 9 % 3 + 1, i / 27 % 3 + 1};
        hosts[i] = quad_with_digits(digits, &seed);
        lengths[strlen(address_format(address_from_ipv4(hosts[i]), text))]++;
        assert_true(tally_add(&tally, day, address_from_ipv4(hosts[i]), (struct counts){1, 0, 0}));
    }
    for (size_t length = 0; length <= TALLY_QUAD_MAX; length++)
        assert_int_equal(lengths[length] > 0, length >= 7);
    uint64_t sum = 0;
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        const struct tally_slot *slot = find_quad(&tally, day, address_format(address_from_ipv4(hosts[i]), text));
        assert_non_null(slot);
        assert_int_equal(slot->ipv4, hosts[i]);
        assert_true(slot->counts.unauthorized > 0);
    }
    size_t position = 0;
    for (const struct tally_slot *slot; (slot = next_slot(&tally, &day->quads, &position));)
        sum += slot->counts.unauthorized;
    assert_int_equal(sum, COUNT_OF(hosts));
    tally_clear(&tally);
}

static void each_number_in_each_part_of_a_quad_is_read_back(void **state)
{
    struct tally tally = {0};
    struct tally_day *day = day_of(&tally, DAY);
    char text[ADDRESS_TEXT_SIZE];
    (void)state;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        for (uint32_t part = 0; part < 256; part++) {
            const uint32_t host = (UINT32_C(0x01020304) & ~(UINT32_C(255) << shift)) | part << shift;
            count(&tally, DAY, address_from_ipv4(host), (struct counts){1, 0, 0});
            const struct tally_slot *slot = find_quad(&tally, day, address_format(address_from_ipv4(host), text));
            assert_non_null(slot);
            assert_int_equal(slot->ipv4, host);
        }
    }
    assert_int_equal(day->quads.count, 4 * 255 + 1); /* one host is in all four */
    tally_clear(&tally);
}

/* Takes a slot for the text, which must have none yet. */
static void assert_new_key(struct tally *tally, struct tally_day *day, const char *text, size_t length)
{
    const size_t count = day->quads.count;
    assert_true(tally_add_quad(tally, day, key_of(text, length), 0, (struct counts){0, 0, 0}));
    if (day->quads.count != count + 1)
        fail_msg("a text of %zu bytes", length);
}

static void each_short_text_has_a_key_of_its_own(void **state)
{
    static const char letters[] = {'\0', '1', '.', '\x80'};
    enum { LENGTH_MAX = 7 };
    struct tally tally = {0};
    struct tally_day *day = day_of(&tally, DAY);
    size_t expected = 0;
    (void)state;
    for (size_t length = 1; length <= LENGTH_MAX; length++) {
        for (size_t number = 0; number < (size_t)1 << 2 * length; number++) {
            char text[LENGTH_MAX];
            for (size_t i = 0; i < length; i++)
                text[i] = letters[number >> 2 * i & 3];
            assert_new_key(&tally, day, text, length);
            expected++;
        }
    }
    assert_int_equal(day->quads.count, expected);
    tally_clear(&tally);
}

static void each_byte_and_the_length_of_a_text_tell_in_its_key(void **state)
{
    static const char bases[] = {'\0', '1', '\xff', TALLY_QUAD_MAX};
    (void)state;
    for (size_t base = 0; base < COUNT_OF(bases); base++) {
        struct tally tally = {0};
        struct tally_day *day = day_of(&tally, DAY);
        char text[TALLY_QUAD_MAX];
        memset(text, bases[base], sizeof text);
        for (size_t length = 1; length <= TALLY_QUAD_MAX; length++) {
            assert_new_key(&tally, day, text, length);
            for (size_t bit = 0; bit < 8 * length; bit++) {
                text[bit / 8] = (char)(bases[base] ^ 1 << bit % 8);
                assert_new_key(&tally, day, text, length);
                text[bit / 8] = bases[base];
            }
        }
        tally_clear(&tally);
    }
}

static void a_text_that_is_no_quad_is_no_host(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } texts[] = {{BYTES("1.2.3.4\0")},
                 {BYTES("1.2.3.4\0\0\0\0\0\0\0\0")},
                 {BYTES("1.2.3.4 ")},
                 {BYTES("1.2.3")},
                 {BYTES("1.2.3.")},
                 {BYTES("01.2.3.4")},
                 {BYTES("1.2.3.04")},
                 {BYTES("1.2.3\0"
                        "4")},
                 {BYTES("\0")},
                 {BYTES("\0\0\0\0\0\0\0")},
                 {BYTES("1.2.3.44")},
                 {BYTES("1.2.3.4\7")},
                 {BYTES("255.255.255.25")}};
    struct tally tally = {0};
    const struct tally_day *day = day_of(&tally, DAY);
    (void)state;
    count_text(&tally, DAY, "1.2.3.4", (struct counts){1, 0, 0});
    count_text(&tally, DAY, "255.255.255.255", (struct counts){1, 0, 0});
    assert_non_null(find_quad(&tally, day, "1.2.3.4"));
    assert_non_null(find_quad(&tally, day, "255.255.255.255"));
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct tally_key key = key_of(texts[i].text, texts[i].length);
        if (!tally_slot_is_free(find_key(&tally, &day->quads, key)))
            fail_msg("text %zu", i);
    }
    tally_clear(&tally);
}

static void each_tally_has_an_order_of_its_own(void **state)
{
    enum { HOSTS = 40 }; /* in 64 slots, so that the same order by chance is out of the question */
    struct tally one = {0};
    struct tally other = {0};
    uint32_t in_one[HOSTS];
    uint32_t in_other[HOSTS];
    (void)state;
    const struct tally_day *day_one = day_of(&one, DAY);
    const struct tally_day *day_other = day_of(&other, DAY);
    for (uint32_t host = 0; host < HOSTS; host++) {
        count(&one, DAY, address_from_ipv4(host), (struct counts){1, 0, 0});
        count(&other, DAY, address_from_ipv4(host), (struct counts){1, 0, 0});
    }
    size_t at_one = 0;
    size_t at_other = 0;
    for (size_t i = 0; i < HOSTS; i++) {
        in_one[i] = next_slot(&one, &day_one->quads, &at_one)->ipv4;
        in_other[i] = next_slot(&other, &day_other->quads, &at_other)->ipv4;
    }
    assert_memory_not_equal(in_one, in_other, sizeof in_one);
    tally_clear(&one);
    tally_clear(&other);
}

/* --- days --------------------------------------------------------------------------------------------------------- */

static void a_day_stays_where_it_is_as_others_come(void **state)
{
    enum { DAYS = 30000 };
    static struct tally_day *days[DAYS];
    struct tally tally = {0};
    (void)state;
    for (size_t i = 0; i < DAYS; i++) {
        /* Days that no calendar has are days too, and so are those of a clock gone wrong. */
        days[i] = day_of(&tally, (day_number)(i * 3331 + 101));
        days[i]->records = i;
        assert_true(count_host(&tally, days[i], (uint32_t)i, VERDICT_UNAUTHORIZED));
        assert_ptr_equal(day_of(&tally, (day_number)(i / 2 * 3331 + 101)), days[i / 2]);
    }
    assert_int_equal(tally.day_count, DAYS);
    uint64_t sum = 0;
    size_t position = 0;
    for (const struct tally_day *day; (day = tally_next_day(&tally, &position));)
        sum += day->records;
    assert_int_equal(sum, (uint64_t)DAYS * (DAYS - 1) / 2);
    for (size_t i = 0; i < DAYS; i++) {
        assert_ptr_equal(day_of(&tally, (day_number)(i * 3331 + 101)), days[i]);
        assert_int_equal(days[i]->records, i);
        assert_int_equal(days[i]->quads.count, 1);
    }
    assert_int_equal(tally.day_count, DAYS);
    tally_clear(&tally);
}

/* --- merging ------------------------------------------------------------------------------------------------------ */

static void assert_empty(const struct tally *tally)
{
    assert_int_equal(tally->records + tally->malformed, 0);
    assert_int_equal(tally->day_count + tally->capacity, 0);
    assert_null(tally->days);
}

static void a_merged_tally_says_what_both_said(void **state)
{
    struct tally one = {.records = 100, .malformed = 3};
    struct tally other = {.records = 20, .malformed = 4};
    struct tally empty = {0};
    (void)state;
    count_text(&one, DAY, "192.0.2.1", (struct counts){1, 2, 3});
    count_text(&one, DAY, "2001:db8::1", (struct counts){1, 0, 0});
    count_text(&one, DAY - 1, "192.0.2.1", (struct counts){UINT32_MAX - 1, 0, 0});
    count_text(&other, DAY, "192.0.2.1", (struct counts){10, 20, 30});
    count_text(&other, DAY, "192.0.2.2", (struct counts){0, 1, 0});
    count_text(&other, DAY, "2001:db8::1", (struct counts){0, 0, 7});
    count_text(&other, DAY - 1, "192.0.2.1", (struct counts){5, 0, 0});
    count_text(&other, DAY + 1, "2001:db8::2", (struct counts){0, 0, 1});
    day_of(&one, DAY)->records = 50;
    day_of(&one, DAY)->limits = 1;
    day_of(&other, DAY)->records = 7;
    day_of(&other, DAY)->limits = 2;
    day_of(&other, DAY + 2)->records = 8; /* without any host */
    assert_true(tally_merge(&one, &other));
    assert_true(tally_merge(&one, &empty));
    assert_int_equal(one.records, 120);
    assert_int_equal(one.malformed, 7);
    assert_int_equal(one.day_count, 4);
    assert_int_equal(find_day(&one, DAY)->records, 57);
    assert_int_equal(find_day(&one, DAY)->limits, 3);
    assert_int_equal(find_day(&one, DAY + 2)->records, 8);
    assert_counts(&one, DAY, "192.0.2.1", (struct counts){11, 22, 33});
    assert_counts(&one, DAY, "192.0.2.2", (struct counts){0, 1, 0});
    assert_counts(&one, DAY, "2001:db8::1", (struct counts){1, 0, 7});
    assert_counts(&one, DAY - 1, "192.0.2.1", (struct counts){UINT32_MAX, 0, 0});
    assert_counts(&one, DAY + 1, "2001:db8::2", (struct counts){0, 0, 1});
    assert_empty(&other);
    assert_empty(&empty);
    assert_true(tally_merge(&empty, &one));
    assert_empty(&one);
    assert_int_equal(empty.records, 120);
    assert_int_equal(empty.malformed, 7);
    assert_counts(&empty, DAY, "192.0.2.1", (struct counts){11, 22, 33});
    tally_clear(&one);
    tally_clear(&other);
    tally_clear(&empty);
}

/* Adds hosts of all kinds on some of forty days: few enough that two such tallies have many in common. */
static void fill(struct tally *tally, uint64_t *seed, size_t days, size_t hosts)
{
    for (size_t i = 0; i < days; i++) {
        struct tally_day *day = day_of(tally, DAY + (day_number)random_below(seed, 40));
        for (size_t n = 0; n < hosts; n++) {
            const struct address address = nth_host(random_below(seed, 6), random_below(seed, 500));
            const uint32_t one = random_below(seed, 4) ? 1 : UINT32_MAX / 2 + 1;
            const struct counts counts[] = {{one, 0, 0}, {0, one, 2}, {3, 1, one}, {0, 0, 0}};
            assert_true(tally_add(tally, day, address, counts[random_below(seed, 4)]));
        }
        day->records += hosts;
        day->limits += i;
    }
    tally->records += days * hosts + 1;
    tally->malformed += 1;
}

/* Both must say the same of all days and hosts. */
static void assert_same(const struct tally *is, const struct tally *should)
{
    size_t position = 0;
    assert_int_equal(is->records, should->records);
    assert_int_equal(is->malformed, should->malformed);
    assert_int_equal(is->day_count, should->day_count);
    for (const struct tally_day *day; (day = tally_next_day(should, &position));) {
        const struct tally_day *found = find_day(is, day->day);
        size_t count;
        assert_non_null(found);
        assert_int_equal(found->records, day->records);
        assert_int_equal(found->limits, day->limits);
        struct seen *hosts = all_hosts(should, day, &count);
        assert_hosts(is, found, hosts, count);
        free(hosts);
    }
}

static void tallies_are_merged_in_either_direction(void **state)
{
    static const struct {
        size_t days, hosts;
    } sizes[][2] = {{{1, 300}, {30, 40}}, {{30, 40}, {1, 300}}, {{2, 10}, {3, 2000}}, {{3, 2000}, {2, 10}},
                    {{5, 100}, {5, 100}}, {{0, 0}, {8, 50}},    {{8, 50}, {0, 0}},    {{9, 0}, {1, 700}},
                    {{1, 1}, {1, 1}},     {{0, 0}, {0, 0}}};
    (void)state;
    for (uint64_t i = 0; i < COUNT_OF(sizes); i++) {
        struct tally parts[2] = {{0}};
        struct tally expected = {0};
        uint64_t seed = i;
        for (size_t part = 0; part < 2; part++) {
            uint64_t again = seed;
            fill(&parts[part], &seed, sizes[i][part].days, sizes[i][part].hosts);
            fill(&expected, &again, sizes[i][part].days, sizes[i][part].hosts);
        }
        assert_true(tally_merge(&parts[0], &parts[1]));
        assert_empty(&parts[1]);
        assert_same(&parts[0], &expected);
        fill(&parts[0], &(uint64_t){i}, 3, 200); /* it can be counted on */
        fill(&expected, &(uint64_t){i}, 3, 200);
        assert_same(&parts[0], &expected);
        fill(&parts[1], &(uint64_t){i}, 3, 20); /* and the other one anew */
        fill(&expected, &(uint64_t){i}, 3, 20);
        assert_true(tally_merge(&parts[1], &parts[0]));
        assert_same(&parts[1], &expected);
        tally_clear(&parts[0]);
        tally_clear(&parts[1]);
        tally_clear(&expected);
    }
}

static void merged_counts_stop_at_their_greatest_number(void **state)
{
    static const char *const addresses[] = {"0.0.0.0", "255.255.255.255",
                                            "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
    (void)state;
    for (day_number days = 0; days < 3;
         days++) { /* of one more than of the other: none, then one, then the other way */
        struct tally one = {0};
        struct tally other = {0};
        for (size_t i = 0; i < COUNT_OF(addresses); i++) {
            count_text(&one, DAY, addresses[i], (struct counts){UINT32_MAX, 1, UINT32_MAX - 1});
            count_text(&other, DAY, addresses[i], (struct counts){UINT32_MAX, UINT32_MAX, 1});
        }
        if (days > 0)
            (void)day_of(days == 1 ? &one : &other, DAY + 1);
        assert_true(tally_merge(&one, &other));
        for (size_t i = 0; i < COUNT_OF(addresses); i++)
            assert_counts(&one, DAY, addresses[i], (struct counts){UINT32_MAX, UINT32_MAX, UINT32_MAX});
        assert_int_equal(one.day_count, days > 0 ? 2 : 1);
        assert_empty(&other);
        tally_clear(&one);
    }
}

static void large_tallies_are_merged(void **state)
{
    enum { HOSTS = 30000 };
    static struct seen expected[HOSTS];
    struct tally parts[3] = {{0}};
    struct tally sum = {0};
    (void)state;
    for (size_t i = 0; i < HOSTS; i++) {
        expected[i].address = nth_host(i % 2 ? 5 : 0, i);
        for (size_t part = 0; part < COUNT_OF(parts); part++) {
            const struct counts counts = {(uint32_t)((i + part) % 3), (uint32_t)(i % 5), (uint32_t)part + 1};
            count(&parts[part], DAY, expected[i].address, counts);
            expected[i].counts.unauthorized += counts.unauthorized;
            expected[i].counts.refused += counts.refused;
            expected[i].counts.logins += counts.logins;
        }
    }
    for (size_t part = 0; part < COUNT_OF(parts); part++) {
        assert_true(tally_merge(&sum, &parts[part]));
        assert_empty(&parts[part]);
    }
    assert_hosts(&sum, find_day(&sum, DAY), expected, HOSTS);
    for (size_t part = 0; part < COUNT_OF(parts); part++)
        tally_clear(&parts[part]);
    tally_clear(&sum);
}

static void a_merged_tally_has_left_out_what_either_has(void **state)
{
    static const struct {
        day_number one, other, both;
    } rows[] = {{0, 0, 0}, {DAY, 0, DAY}, {0, DAY, DAY}, {DAY, DAY + 1, DAY}, {DAY + 1, DAY, DAY}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tally one = {0};
        struct tally other = {0};
        count_text(&one, DAY - 1, "192.0.2.1", (struct counts){1, 0, 0});
        if (rows[i].one != 0)
            tally_leave_out(&one, rows[i].one);
        if (rows[i].other != 0)
            tally_leave_out(&other, rows[i].other);
        assert_true(tally_merge(&one, &other));
        assert_int_equal(one.left_out, rows[i].both);
        tally_clear(&one);
        tally_clear(&other);
    }
}

/* --- without memory ----------------------------------------------------------------------------------------------- */

static void without_memory_nothing_is_counted_and_what_was_stays(void **state)
{
    struct tally tally = {0};
    struct tally_day *day = day_of(&tally, DAY);
    uint32_t host = 0;
    (void)state;
    while (host <= HOSTS_MAX && count_host(&tally, day, host, VERDICT_UNAUTHORIZED))
        host++;
    assert_int_equal(host, HOSTS_MAX);
    assert_false(tally_add(&tally, day, address_from_ipv4(host), (struct counts){1, 0, 0}));
    assert_int_equal(day->quads.count, HOSTS_MAX);
    assert_null(find_in(&tally, day, &day->quads, address_from_ipv4(host)));
    size_t position = 0;
    for (const struct tally_slot *slot; (slot = next_slot(&tally, &day->quads, &position));)
        assert_int_equal(slot->counts.unauthorized, 1);
    assert_true(count_host(&tally, day_of(&tally, DAY + 1), host, VERDICT_UNAUTHORIZED)); /* there is room there */
    tally_clear(&tally);
}

static void without_memory_no_other_host_is_counted(void **state)
{
    struct tally tally = {0};
    struct tally_day *day = day_of(&tally, DAY);
    uint64_t host = 0;
    (void)state;
    while (host <= HOSTS_MAX && tally_add(&tally, day, (struct address){1, host}, (struct counts){1, 0, 0}))
        host++;
    assert_int_equal(host, HOSTS_MAX);
    assert_int_equal(day->others.count, host);
    assert_false(tally_add(&tally, day, (struct address){1, host}, (struct counts){1, 0, 0}));
    assert_int_equal(day->others.count, host);
    size_t position = 0;
    uint64_t sum = 0;
    for (const struct tally_slot *slot; (slot = next_slot(&tally, &day->others, &position));) {
        assert_true(tally_other(slot).high == 1 && slot->counts.unauthorized == 1);
        sum += tally_other(slot).low;
    }
    assert_int_equal(sum, host * (host - 1) / 2);
    tally_clear(&tally);
}

static void without_memory_a_merge_says_so(void **state)
{
    struct tally sum = {0};
    struct tally one = {0};
    struct tally same = {0};
    struct tally other = {0};
    (void)state;
    for (uint32_t host = 0; host < HOSTS_MAX - 1; host++) {
        assert_true(count_host(&one, day_of(&one, DAY), host, VERDICT_UNAUTHORIZED));
        assert_true(count_host(&same, day_of(&same, DAY), host, VERDICT_UNAUTHORIZED));
        if (host < 10)
            assert_true(count_host(&other, day_of(&other, DAY), HOSTS_MAX + host, VERDICT_UNAUTHORIZED));
    }
    assert_true(tally_merge(&sum, &one));
    assert_true(tally_merge(&sum, &same)); /* the same hosts: no more room is needed */
    assert_int_equal(find_day(&sum, DAY)->quads.count, HOSTS_MAX - 1);
    assert_counts(&sum, DAY, "0.0.0.7", (struct counts){2, 0, 0});
    assert_false(tally_merge(&sum, &other));
    tally_clear(&sum);
    tally_clear(&one);
    tally_clear(&same);
    tally_clear(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_tally_has_nothing),
        cmocka_unit_test(each_host_has_its_own_counts_on_each_day),
        cmocka_unit_test(a_host_may_be_there_without_counts),
        cmocka_unit_test(counts_stop_at_their_greatest_number),
        cmocka_unit_test(many_hosts_are_told_apart_as_the_table_grows),
        cmocka_unit_test(verdicts_are_counted_as_the_table_grows),
        cmocka_unit_test(no_host_has_the_key_of_a_free_slot),
        cmocka_unit_test(hosts_that_differ_in_one_bit_are_told_apart),
        cmocka_unit_test(quads_of_each_length_are_found_by_their_text),
        cmocka_unit_test(each_number_in_each_part_of_a_quad_is_read_back),
        cmocka_unit_test(each_short_text_has_a_key_of_its_own),
        cmocka_unit_test(each_byte_and_the_length_of_a_text_tell_in_its_key),
        cmocka_unit_test(a_text_that_is_no_quad_is_no_host),
        cmocka_unit_test(each_tally_has_an_order_of_its_own),
        cmocka_unit_test(a_day_stays_where_it_is_as_others_come),
        cmocka_unit_test(a_merged_tally_says_what_both_said),
        cmocka_unit_test(tallies_are_merged_in_either_direction),
        cmocka_unit_test(merged_counts_stop_at_their_greatest_number),
        cmocka_unit_test(large_tallies_are_merged),
        cmocka_unit_test(a_merged_tally_has_left_out_what_either_has),
        cmocka_unit_test(without_memory_nothing_is_counted_and_what_was_stays),
        cmocka_unit_test(without_memory_no_other_host_is_counted),
        cmocka_unit_test(without_memory_a_merge_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
