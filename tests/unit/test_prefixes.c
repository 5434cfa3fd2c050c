/* SPDX-License-Identifier: MIT */
/* Sets of prefixes: what is split, joined and left out, and that a plain map of a small space always agrees. */
#include "support.h"

#include "prefixes.h"

/* The set as the texts of its items, a blank behind each. */
static const char *text_of(const struct prefixes *set)
{
    static char text[4096];
    char item[NETWORK_TEXT_SIZE];
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < set->count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s ", network_format(&set->items[i], item));
    assert_true(length < sizeof text);
    return text;
}

/* The set of the prefixes that a text names, a blank behind each. */
static struct prefixes set_of(const char *text)
{
    struct prefixes set = {0};
    char item[NETWORK_TEXT_SIZE];
    for (const char *blank; (blank = strchr(text, ' ')); text = blank + 1) {
        (void)snprintf(item, sizeof item, "%.*s", (int)(blank - text), text);
        const struct network network = network_of(item);
        assert_true(prefixes_add(&set, &network));
    }
    return set;
}

static void require_text(const struct prefixes *set, const char *expected, const char *of)
{
    if (strcmp(text_of(set), expected) != 0)
        fail_msg("%s: %s instead of %s", of, text_of(set), expected);
}

static void what_is_taken_out_splits_what_is_wider(void **state)
{
    static const struct {
        const char *set;
        const char *prefix;
        const char *left;
    } rows[] = {
        {"", "0.0.0.0/0", ""},
        {"192.0.2.1 192.0.2.2 ", "192.0.2.1", "192.0.2.2 "},
        {"192.0.2.1 192.0.2.1 ", "192.0.2.1", ""},
        {"192.0.2.1 ", "192.0.2.0/24", ""},
        {"192.0.2.0/30 ", "192.0.2.0", "192.0.2.1 192.0.2.2/31 "},
        {"192.0.2.0/30 ", "192.0.2.2", "192.0.2.0/31 192.0.2.3 "},
        {"10.0.0.1 192.0.2.0/30 10.0.0.2 ", "192.0.2.2/31", "10.0.0.1 192.0.2.0/31 10.0.0.2 "},
        {"192.0.2.0/31 192.0.2.0/30 ", "192.0.2.0", "192.0.2.1 192.0.2.1 192.0.2.2/31 "},
        {"0.0.0.0/0 ", "0.0.0.0/1", "128.0.0.0/1 "},
        {"192.0.2.0/24 ", "192.0.2.255",
         "192.0.2.0/25 192.0.2.128/26 192.0.2.192/27 192.0.2.224/28 192.0.2.240/29 192.0.2.248/30 192.0.2.252/31 "
         "192.0.2.254 "},
        {"2001:db8::/126 ", "2001:db8::1", "2001:db8:: 2001:db8::2/127 "},
        {"::/0 ", "8000::/1", "::/1 "},
        {"::/0 ", "::/1", "8000::/1 "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct prefixes set = set_of(rows[i].set);
        const struct network prefix = network_of(rows[i].prefix);
        assert_true(prefixes_subtract(&set, &prefix));
        require_text(&set, rows[i].left, rows[i].prefix);
        prefixes_clear(&set);
    }
}

static void the_fewest_prefixes_are_found_in_their_order(void **state)
{
    static const struct {
        const char *set;
        const char *fewest;
    } rows[] = {
        {"", ""},
        {"192.0.2.1 ", "192.0.2.1 "},
        {"192.0.2.1 192.0.2.1 192.0.2.1 ", "192.0.2.1 "},
        {"192.0.2.1 192.0.2.2 ", "192.0.2.1 192.0.2.2 "},
        {"192.0.2.3 192.0.2.2 ", "192.0.2.2/31 "},
        {"192.0.2.3 192.0.2.0/31 192.0.2.2 ", "192.0.2.0/30 "},
        {"192.0.2.7 192.0.2.0/24 ", "192.0.2.0/24 "},
        {"192.0.2.0/24 192.0.3.0/24 192.0.2.7 ", "192.0.2.0/23 "},
        {"2001:db8::1 2001:db8:: 198.51.100.1 10.0.0.0/8 ", "10.0.0.0/8 198.51.100.1 2001:db8::/127 "},
        {"128.0.0.0/1 0.0.0.0/1 ", "0.0.0.0/0 "},
        {"8000::/1 ::/1 ", "::/0 "},
        {"ffff::/16 ffff::1 ", "ffff::/16 "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct prefixes set = set_of(rows[i].set);
        assert_true(prefixes_aggregate(&set));
        require_text(&set, rows[i].fewest, rows[i].set);
        prefixes_clear(&set);
    }
}

/* --- IPv4 amid IPv6 ----------------------------------------------------------------------------------------------- */

static void no_family_takes_from_the_other(void **state)
{
    static const char *const sets[] = {"0.0.0.0/0 ", "192.0.2.1 ", "::/0 ", "::/64 ", "::fffe:0:0/95 "};
    static const char *const prefixes[] = {"::/0", "::/64", "0.0.0.0/0", "192.0.2.0/24", "255.255.255.255"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        struct prefixes set = set_of(sets[i]);
        const struct network prefix = network_of(prefixes[i]);
        assert_true(prefixes_subtract(&set, &prefix));
        require_text(&set, sets[i], prefixes[i]);
        prefixes_clear(&set);
    }
}

static void the_families_are_never_joined(void **state)
{
    static const struct {
        const char *set;
        const char *fewest;
    } rows[] = {
        {"::/0 0.0.0.0/0 ", "0.0.0.0/0 ::/0 "},
        {"::/64 192.0.2.1 ", "192.0.2.1 ::/64 "},
        {"::fffe:0:0/96 0.0.0.0/0 ", "0.0.0.0/0 ::fffe:0:0/96 "},
        {"0.0.0.0/0 ::1:0:0:0/96 ", "0.0.0.0/0 ::1:0:0:0/96 "},
        {"::fffe:0:0/95 192.0.2.1 ", "192.0.2.1 ::fffe:0:0/95 "},
        {"::/80 ::1:0:0:0/80 ", "::/79 "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct prefixes set = set_of(rows[i].set);
        assert_true(prefixes_aggregate(&set));
        require_text(&set, rows[i].fewest, rows[i].set);
        prefixes_clear(&set);
    }
}

static void what_only_ipv4_would_fill_is_neither_kept_nor_missed(void **state)
{
    struct prefixes set = set_of("::fff8:0:0/93 ");
    const struct network below = network_of("::fffe:0:0/96");
    const struct network behind = network_of("::1:0:0:0/93");
    (void)state;
    assert_true(prefixes_subtract(&set, &below));
    require_text(&set, "::fff8:0:0/94 ::fffc:0:0/95 ", "one of eight, and the IPv4 hosts beside it");
    assert_true(prefixes_add(&set, &below));
    assert_true(prefixes_aggregate(&set));
    require_text(&set, "::fff8:0:0/94 ::fffc:0:0/95 ::fffe:0:0/96 ", "IPv4 hosts at the end");
    assert_true(prefixes_add(&set, &behind));
    assert_true(prefixes_aggregate(&set));
    require_text(&set, "::fff8:0:0/93 ::1:0:0:0/93 ", "IPv4 hosts amid it");
    prefixes_clear(&set);
}

static void a_range_is_cut_into_the_fewest_prefixes(void **state)
{
    static const struct {
        const char *first;
        const char *last;
        const char *prefixes;
    } rows[] = {
        {"0.0.0.0", "255.255.255.255", "0.0.0.0/0 "},
        {"192.0.2.9", "192.0.2.9", "192.0.2.9 "},
        {"192.0.2.1", "192.0.2.8", "192.0.2.1 192.0.2.2/31 192.0.2.4/30 192.0.2.8 "},
        {"255.255.255.254", "255.255.255.255", "255.255.255.254/31 "},
        {"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0 "},
        {"::fffe:ffff:fffe", "::1:0:0:1", "::fffe:ffff:fffe/127 ::1:0:0:0/127 "},
        {"fffe::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fffe::/15 "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct prefixes set = {0};
        const struct address first = host_of(rows[i].first);
        assert_true(prefixes_add_range(&set, address_is_ipv4(first), first, host_of(rows[i].last)));
        require_text(&set, rows[i].prefixes, rows[i].first);
        prefixes_clear(&set);
    }
}

/* --- against a map ------------------------------------------------------------------------------------------------ */

enum { CELLS = 64, LEVELS = 7 };

/* Places of 64 hosts, or networks: amid both families, at the ends of each, and around IPv4 amid IPv6. */
static const struct place {
    const char *first;
    unsigned bits; /* of one cell */
    unsigned ipv4; /* the cell that only IPv4 would fill; CELLS if there is none */
} places[] = {
    {"192.0.2.64", 128, CELLS},
    {"0.0.0.0", 128, CELLS},
    {"255.255.255.192", 128, CELLS},
    {"0.0.0.0", 102, CELLS},
    {"2001:db8::", 128, CELLS},
    {"::", 128, CELLS},
    {"::", 6, CELLS},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffc0", 128, CELLS},
    {"2001:db8:0:ffc0::", 64, CELLS},
    {"::ffc0:0:0", 96, CELLS - 1},
};

/* A cell and so many behind it, the number of which is a power of two. */
struct stretch {
    unsigned first;
    unsigned count;
};

static struct stretch random_stretch(uint64_t *seed)
{
    const unsigned count = 1U << random_below(seed, random_below(seed, 4) ? 3 : LEVELS);
    return (struct stretch){(unsigned)random_below(seed, CELLS) & ~(count - 1), count};
}

static struct network network_at(const struct place *place, struct stretch stretch)
{
    const unsigned from_end = ADDRESS_BITS - place->bits;
    struct address address = host_of(place->first);
    unsigned bits = place->bits;
    if (from_end < 64)
        address.low += (uint64_t)stretch.first << from_end;
    else
        address.high += (uint64_t)stretch.first << (from_end - 64);
    for (unsigned count = stretch.count; count > 1; count /= 2)
        bits--;
    return network_make(address, address_mask(bits));
}

static bool has(const struct prefixes *set, const struct network *cell)
{
    for (size_t i = 0; i < set->count; i++)
        if (network_covers(&set->items[i], cell))
            return true;
    return false;
}

/* Nothing but the cells that the map has, and these whole. */
static void compare(const struct prefixes *set, const struct place *place, const bool map[CELLS])
{
    for (unsigned i = 0; i < CELLS; i++) {
        const struct network cell = network_at(place, (struct stretch){i, 1});
        if (i != place->ipv4 && has(set, &cell) != map[i])
            fail_msg("cell %u of %s/%u: %d", i, place->first, place->bits, !map[i]);
        for (size_t j = 0; j < set->count; j++)
            if (network_is_ipv4(&set->items[j]) != (place->ipv4 == CELLS && network_is_ipv4(&cell)) ||
                (i != place->ipv4 && !map[i] && network_overlaps(&set->items[j], &cell)))
                fail_msg("cell %u of %s/%u is touched", i, place->first, place->bits);
    }
}

/* How many prefixes the part of the map takes: itself, or those of its halves. */
static size_t fewest(const bool *map, unsigned count)
{
    unsigned set = 0;
    for (unsigned i = 0; i < count; i++)
        set += map[i];
    return set == count || set == 0 ? set > 0 : fewest(map, count / 2) + fewest(map + count / 2, count / 2);
}

static void require_fewest(const struct prefixes *set, const struct place *place, const bool map[CELLS])
{
    for (size_t i = 1; i < set->count; i++) {
        const struct address last = network_last(&set->items[i - 1]);
        assert_true(address_compare_family(last, set->items[i].address) < 0 || address_is_ipv4(last));
        assert_false(network_overlaps(&set->items[i - 1], &set->items[i]));
    }
    if (set->count != fewest(map, CELLS))
        fail_msg("%zu prefixes at %s/%u: %s", set->count, place->first, place->bits, text_of(set));
}

static void sets_are_what_a_plain_map_says(void **state)
{
    enum { ROUNDS = 4000, STEPS = 12 };
    uint64_t seed = 20261122;
    (void)state;
    for (size_t round = 0; round < ROUNDS; round++) {
        const struct place *place = &places[round % COUNT_OF(places)];
        bool map[CELLS] = {false};
        struct prefixes set = {0};
        for (size_t step = random_below(&seed, STEPS); step > 0; step--) {
            const struct stretch stretch = random_stretch(&seed);
            const struct network prefix = network_at(place, stretch);
            const bool out = random_below(&seed, 3) == 0;
            if (stretch.count == 1 && stretch.first == place->ipv4) /* it would be IPv4 itself */
                continue;
            assert_true(out ? prefixes_subtract(&set, &prefix) : prefixes_add(&set, &prefix));
            for (unsigned i = 0; i < stretch.count; i++)
                map[stretch.first + i] = !out;
            if (place->ipv4 < CELLS && !map[place->ipv4 - 1]) /* it stays with its neighbour only */
                map[place->ipv4] = false;
            compare(&set, place, map);
        }
        assert_true(prefixes_aggregate(&set));
        compare(&set, place, map);
        require_fewest(&set, place, map);
        prefixes_clear(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_out_splits_what_is_wider),
        cmocka_unit_test(the_fewest_prefixes_are_found_in_their_order),
        cmocka_unit_test(no_family_takes_from_the_other),
        cmocka_unit_test(the_families_are_never_joined),
        cmocka_unit_test(what_only_ipv4_would_fill_is_neither_kept_nor_missed),
        cmocka_unit_test(a_range_is_cut_into_the_fewest_prefixes),
        cmocka_unit_test(sets_are_what_a_plain_map_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
