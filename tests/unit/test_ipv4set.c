/* SPDX-License-Identifier: MIT */
/* Sets of IPv4 addresses: each answer is the one that a search from the first to the last gives. */
#include "support.h"

#include "ipv4set.h"

enum { MOST = 70000 };

struct numbered {
    uint32_t address;
    uint32_t number;
};

static struct numbered items[MOST];

static struct ipv4set set_of(size_t count)
{
    struct ipv4set set = {0};
    for (size_t i = 0; i < count; i++)
        assert_true(ipv4set_add(&set, items[i].address, items[i].number));
    assert_true(ipv4set_seal(&set));
    assert_int_equal(set.count, count);
    return set;
}

static void the_empty_set_has_no_address(void **state)
{
    struct ipv4set set = {0};
    uint32_t number;
    (void)state;
    for (int sealed = 0; sealed < 2; sealed++) {
        assert_false(ipv4set_find(&set, 0, &number));
        assert_false(ipv4set_find(&set, UINT32_MAX, &number));
        assert_false(ipv4set_meets(&set, 0, 0));
        assert_true(ipv4set_seal(&set));
    }
    ipv4set_clear(&set);
}

static void a_single_address_is_found_wherever_it_is(void **state)
{
    const uint32_t addresses[] = {0, 1, 0x7fffffff, 0x80000000, 0xc0000201, UINT32_MAX - 1, UINT32_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        uint32_t number;
        items[0] = (struct numbered){addresses[i], UINT32_MAX};
        struct ipv4set set = set_of(1);
        for (size_t j = 0; j < COUNT_OF(addresses); j++) {
            assert_int_equal(ipv4set_find(&set, addresses[j], &number), i == j);
            assert_int_equal(ipv4set_meets(&set, addresses[j], UINT32_MAX), i == j);
            assert_true(ipv4set_meets(&set, addresses[j], 0));
        }
        assert_true(ipv4set_find(&set, addresses[i], &number));
        assert_int_equal(number, UINT32_MAX);
        assert_int_equal(ipv4set_address(&set, 0), addresses[i]);
        ipv4set_clear(&set);
    }
}

static void the_widest_span_is_no_trouble(void **state)
{
    uint32_t number;
    (void)state;
    for (size_t count = 2; count < 10; count++) {
        for (size_t i = 0; i < count; i++)
            items[i] = (struct numbered){i % 2 ? UINT32_MAX : 0, (uint32_t)(100 - i)};
        struct ipv4set set = set_of(count);
        assert_true(ipv4set_find(&set, 0, &number));
        assert_int_equal(number, 100 - (count - 1) / 2 * 2);
        assert_true(ipv4set_find(&set, UINT32_MAX, &number));
        assert_int_equal(number, 100 - (count / 2 * 2 - 1));
        assert_false(ipv4set_find(&set, 1, &number));
        assert_false(ipv4set_find(&set, UINT32_MAX - 1, &number));
        ipv4set_clear(&set);
    }
}

static void each_bit_of_address_and_number_decides_on_the_order(void **state)
{
    uint32_t number;
    (void)state;
    for (unsigned bit = 0; bit < 32; bit++) {
        items[0] = (struct numbered){UINT32_C(1) << bit, 5};
        items[1] = (struct numbered){0, 9 ^ UINT32_C(1) << bit};
        items[2] = (struct numbered){0, 9};
        items[3] = (struct numbered){0, 9 ^ UINT32_C(1) << bit};
        for (size_t count = 2; count <= 4; count++) {
            uint32_t lowest = count == 2 || items[1].number < 9 ? items[1].number : 9;
            struct ipv4set set = set_of(count);
            assert_true(ipv4set_find(&set, 0, &number));
            assert_int_equal(number, lowest);
            assert_true(ipv4set_find(&set, UINT32_C(1) << bit, &number));
            assert_int_equal(number, 5);
            ipv4set_clear(&set);
        }
    }
}

/* --- against a linear search -------------------------------------------------------------------------------------- */

/* Crowds in a few corners and some addresses anywhere. */
static uint32_t random_address(uint64_t *seed)
{
    const uint32_t corners[] = {0, 0xc0000200, 0x0a000000, UINT32_MAX - 0x3ff};
    uint32_t anywhere = (uint32_t)random_next(seed);
    return random_below(seed, 8) == 0 ? anywhere : corners[random_below(seed, COUNT_OF(corners))] + (anywhere & 0x3ff);
}

static uint32_t random_mask(uint64_t *seed)
{
    uint32_t mask = UINT32_MAX << random_below(seed, 32);
    return random_below(seed, 3) == 0 ? mask ^ (uint32_t)(random_next(seed) & 0x1f) : mask;
}

static bool search(size_t count, uint32_t address, uint32_t mask, uint32_t *number)
{
    bool found = false;
    for (size_t i = 0; i < count; i++)
        if (((items[i].address ^ address) & mask) == 0 && (!found || items[i].number < *number)) {
            *number = items[i].number;
            found = true;
        }
    return found;
}

static void compare(const struct ipv4set *set, size_t count, uint32_t address, uint32_t mask)
{
    uint32_t expected = 0;
    uint32_t number = 0;
    bool is_there = search(count, address, UINT32_MAX, &expected);
    if (ipv4set_find(set, address, &number) != is_there || number != expected)
        fail_msg("%08x: %u instead of %u", address, number, expected);
    if (ipv4set_meets(set, address, mask) != search(count, address, mask, &expected))
        fail_msg("%08x/%08x", address, mask);
}

static void every_answer_is_that_of_a_linear_search(void **state)
{
    enum { ROUNDS = 300, QUESTIONS = 200 };
    uint64_t seed = 7;
    (void)state;
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t count = 1 + random_below(&seed, round % 10 == 0 ? 3000 : 20);
        for (size_t i = 0; i < count; i++)
            items[i] = (struct numbered){random_address(&seed), (uint32_t)random_next(&seed)};
        struct ipv4set set = set_of(count);
        for (size_t i = 0; i < QUESTIONS; i++) {
            compare(&set, count, random_address(&seed), random_mask(&seed));
            compare(&set, count, items[random_below(&seed, count)].address, random_mask(&seed));
        }
        ipv4set_clear(&set);
    }
}

static void many_addresses_are_put_in_order_and_found(void **state)
{
    uint64_t seed = 3;
    uint32_t number;
    (void)state;
    for (size_t i = 0; i < MOST; i++) /* no two are the same: the factor is odd */
        items[i] = (struct numbered){(uint32_t)i * 0x9e3779b1U, (uint32_t)i};
    struct ipv4set set = set_of(MOST);
    for (size_t i = 1; i < MOST; i++)
        assert_true(ipv4set_address(&set, i - 1) < ipv4set_address(&set, i));
    for (size_t i = 0; i < MOST; i++) {
        assert_true(ipv4set_find(&set, items[i].address, &number));
        assert_int_equal(number, i);
    }
    for (size_t i = 0; i < MOST; i++) {
        uint32_t other = (uint32_t)(MOST + random_below(&seed, MOST)) * 0x9e3779b1U;
        assert_false(ipv4set_find(&set, other, &number));
    }
    ipv4set_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_set_has_no_address),
        cmocka_unit_test(a_single_address_is_found_wherever_it_is),
        cmocka_unit_test(the_widest_span_is_no_trouble),
        cmocka_unit_test(each_bit_of_address_and_number_decides_on_the_order),
        cmocka_unit_test(every_answer_is_that_of_a_linear_search),
        cmocka_unit_test(many_addresses_are_put_in_order_and_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
