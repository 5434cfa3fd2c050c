/* SPDX-License-Identifier: MIT */
/* Sets of networks: each answer is the one that a search from the first to the last network gives. */
#include "support.h"

#include "netset.h"

static void add(struct netset *set, const char *text, uint32_t number)
{
    const struct network network = network_of(text);
    assert_true(netset_add(set, &network, number));
}

static void the_empty_set_holds_nothing(void **state)
{
    struct netset set = {0};
    const struct network all = network_of("::/0");
    uint32_t number;
    (void)state;
    for (int sealed = 0; sealed < 2; sealed++) {
        assert_false(netset_find(&set, host_of("192.0.2.1"), &number));
        assert_false(netset_find_cover(&set, &all, &number));
        assert_false(netset_find_same(&set, &all, &number));
        assert_false(netset_overlaps(&set, &all));
        assert_true(netset_seal(&set));
    }
    netset_clear(&set);
}

static void the_lowest_number_that_fits_is_found(void **state)
{
    struct netset set = {0};
    uint32_t number = 0;
    (void)state;
    add(&set, "192.0.2.0/24", 7);
    add(&set, "192.0.2.1", 9);
    add(&set, "192.0.0.0/16", 8);
    add(&set, "192.0.2.0/24", 5);
    add(&set, "::/0", 100);
    add(&set, "0.0.0.9/0.0.0.255", 1);
    assert_true(netset_seal(&set));
    static const struct {
        const char *network;
        uint32_t cover; /* 0: none */
        uint32_t same;
    } rows[] = {
        {"192.0.2.1", 5, 9},    {"192.0.2.9", 1, 0},    {"192.0.3.1", 8, 0},     {"198.51.100.1", 100, 0},
        {"192.0.2.0/24", 5, 5}, {"192.0.2.0/25", 5, 0}, {"192.0.0.0/16", 8, 8},  {"192.0.0.0/15", 100, 0},
        {"0.0.0.0/0", 100, 0},  {"::/0", 100, 100},     {"2001:db8::1", 100, 0}, {"0.0.0.9/0.0.0.255", 1, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct network network = network_of(rows[i].network);
        assert_int_equal(netset_find_cover(&set, &network, &number), rows[i].cover != 0);
        if (rows[i].cover && number != rows[i].cover)
            fail_msg("%s: %u covers", rows[i].network, number);
        assert_int_equal(netset_find_same(&set, &network, &number), rows[i].same != 0);
        if (rows[i].same && number != rows[i].same)
            fail_msg("%s: %u is the same", rows[i].network, number);
    }
    netset_clear(&set);
}

static void every_network_is_given_once(void **state)
{
    static const char *const texts[] = {"192.0.2.1",    "192.0.2.2",     "192.0.2.0/24", "10.0.0.0/8",
                                        "172.16.0.0/8", "172.17.0.0/16", "0.0.0.0/0",    "::/0",
                                        "2001:db8::1",  "2001:db8::/32", "192.0.2.3",    "0.0.0.9/0.0.0.255"};
    struct netset set = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        add(&set, texts[i], 0);
    for (int sealed = 0; sealed < 2; sealed++) {
        bool given[COUNT_OF(texts)] = {false};
        struct network network;
        size_t count = 0;
        for (size_t position = 0; netset_next(&set, &position, &network); count++)
            for (size_t i = 0; i < COUNT_OF(texts); i++) {
                const struct network expected = network_of(texts[i]);
                if (network_same(&network, &expected)) {
                    assert_false(given[i]);
                    given[i] = true;
                }
            }
        assert_int_equal(count, COUNT_OF(texts));
        for (size_t i = 0; i < COUNT_OF(texts); i++)
            assert_true(given[i]);
        assert_true(sealed || netset_seal(&set));
    }
    netset_clear(&set);
}

/* --- against a linear search -------------------------------------------------------------------------------------- */

enum kind { CONTIGUOUS, ODD };

/* Networks in a small space, so that they meet often. */
static struct network random_network(uint64_t *seed, enum kind kind)
{
    const struct address bases[] = {host_of("192.0.2.0"), host_of("10.0.0.0"), host_of("2001:db8::"), {0, 0}};
    struct address address = bases[random_below(seed, COUNT_OF(bases))];
    bool ipv4 = address_is_ipv4(address);
    address.low ^= random_next(seed) & (random_below(seed, 2) ? 0xfU : 0x3ffU);
    unsigned bits = (unsigned)random_below(seed, 12);
    struct address mask =
        address_mask(random_below(seed, 30) ? ADDRESS_BITS - bits : (unsigned)random_below(seed, 129));
    if (kind == ODD && random_below(seed, 2)) {
        mask.low ^= random_next(seed) & 0x1f;
        if (ipv4 && random_below(seed, 4) == 0)
            mask.low &= ~(random_next(seed) & UINT32_MAX) | ~(uint64_t)UINT32_MAX;
    }
    return network_make(address, mask);
}

enum question { COVER, SAME };

static bool search(const struct netset_item *items, size_t count, const struct network *network, enum question question,
                   uint32_t *number)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        bool fits =
            question == COVER ? network_covers(&items[i].network, network) : network_same(&items[i].network, network);
        if (fits && (!found || items[i].number < *number)) {
            *number = items[i].number;
            found = true;
        }
    }
    return found;
}

static bool search_overlap(const struct netset_item *items, size_t count, const struct network *network)
{
    for (size_t i = 0; i < count; i++)
        if (network_overlaps(&items[i].network, network))
            return true;
    return false;
}

static void compare(const struct netset *set, const struct netset_item *items, size_t count,
                    const struct network *network)
{
    uint32_t expected = 0;
    uint32_t number = 0;
    char text[NETWORK_TEXT_SIZE];
    const struct network host = network_host(network->address);
    network_format(network, text);
    if (netset_find_cover(set, network, &number) != search(items, count, network, COVER, &expected) ||
        number != expected)
        fail_msg("%s: covered by %u instead of %u", text, number, expected);
    number = expected = 0;
    if (netset_find_same(set, network, &number) != search(items, count, network, SAME, &expected) || number != expected)
        fail_msg("%s: the same as %u instead of %u", text, number, expected);
    number = expected = 0;
    if (netset_find(set, network->address, &number) != search(items, count, &host, COVER, &expected) ||
        number != expected)
        fail_msg("%s: found by %u instead of %u", text, number, expected);
    if (netset_overlaps(set, network) != search_overlap(items, count, network))
        fail_msg("%s: overlaps", text);
}

static void every_answer_is_that_of_a_linear_search(void **state)
{
    enum { MOST = 1500, ROUNDS = 400, QUESTIONS = 300 };
    static struct netset_item items[MOST];
    uint64_t seed = 99;
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        enum kind kind = random_below(&seed, 2) ? ODD : CONTIGUOUS;
        enum kind asked = random_below(&seed, 2) ? ODD : CONTIGUOUS;
        struct netset set = {0};
        size_t count = random_below(&seed, round % 16 == 0 ? MOST : round % 4 ? 5 : 40);
        for (size_t i = 0; i < count; i++) {
            items[i] = (struct netset_item){random_network(&seed, kind), (uint32_t)random_below(&seed, 2000)};
            assert_true(netset_add(&set, &items[i].network, items[i].number));
        }
        assert_true(netset_seal(&set));
        for (int i = 0; i < QUESTIONS; i++) {
            const struct network network = random_network(&seed, asked);
            compare(&set, items, count, &network);
        }
        for (size_t i = 0; i < count; i += 7)
            compare(&set, items, count, &items[i].network);
        netset_clear(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_set_holds_nothing),
        cmocka_unit_test(the_lowest_number_that_fits_is_found),
        cmocka_unit_test(every_network_is_given_once),
        cmocka_unit_test(every_answer_is_that_of_a_linear_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
