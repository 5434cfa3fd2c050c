/* SPDX-License-Identifier: MIT */
/* Addresses and networks: what is read, how it is written, what lies in what. */
#include "support.h"

static void addresses_of_logs_are_read_strictly(void **state)
{
    static const struct {
        const char *text;
        const char *formatted; /* NULL: none */
    } rows[] = {
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::FFFF:C000:0201", "192.0.2.1"},
        {"0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1%lo", "192.0.2.1"},
        {"::", "::"},
        {"::1", "::1"},
        {"::1.2.3.4", "::1.2.3.4"},
        {"::ffff:0:1.2.3.4", "::ffff:0:102:304"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:0db8::0001", "2001:db8::1"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
        {"fe80::1%eth0", "fe80::1"},
        {"fe80::1%2", "fe80::1"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"", NULL},
        {".", NULL},
        {"1", NULL},
        {"1.2.3", NULL},
        {"1.2.3.", NULL},
        {"1.2.3.4.", NULL},
        {".1.2.3.4", NULL},
        {"1.2.3.4.5", NULL},
        {"1..2.3", NULL},
        {"01.2.3.4", NULL},
        {"1.2.3.00", NULL},
        {"1.2.3.256", NULL},
        {"1.2.3.1000", NULL},
        {"0x1.2.3.4", NULL},
        {"1.2.3.4 ", NULL},
        {" 1.2.3.4", NULL},
        {"1.2.3.-4", NULL},
        {"+1.2.3.4", NULL},
        {"1.2.3.4%lo", NULL},
        {"1.2.3.4/32", NULL},
        {"[::1]", NULL},
        {":", NULL},
        {":::", NULL},
        {"::1::", NULL},
        {"1:2:3:4:5:6:7", NULL},
        {"1:2:3:4:5:6:7:8:9", NULL},
        {"12345::", NULL},
        {"::g", NULL},
        {"::ffff:1.2.3", NULL},
        {"::ffff:01.2.3.4", NULL},
        {"%eth0", NULL},
        {"::1/128", NULL},
        {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address address = {1, 2};
        char text[ADDRESS_TEXT_SIZE];
        size_t length = strlen(rows[i].text);
        char *exact = malloc(length > 0 ? length : 1); /* no NUL behind it */
        assert_non_null(exact);
        memcpy(exact, rows[i].text, length);
        if (address_parse(exact, length, &address) != (rows[i].formatted != NULL))
            fail_msg("\"%s\"", rows[i].text);
        if (rows[i].formatted)
            assert_string_equal(address_format(address, text), rows[i].formatted);
        else
            assert_true(address.high == 1 && address.low == 2); /* left alone */
        free(exact);
    }
}

static void a_nul_is_in_no_address(void **state)
{
    struct address address;
    (void)state;
    assert_false(address_parse(BYTES("1.2.3.4\0"), &address));
    assert_false(address_parse(BYTES("::1\0"), &address));
    assert_false(address_parse(BYTES("::\0001"), &address));
    assert_false(address_parse_aton(BYTES("1.2.3.4\0"), &address));
    assert_false(address_parse_aton(BYTES("1.2\0.3.4"), &address));
}

static void addresses_of_xmails_tables_are_read_as_the_c_library_does(void **state)
{
    static const struct {
        const char *text;
        const char *formatted; /* NULL: none */
    } rows[] = {
        {"1.2.3.4", "1.2.3.4"},
        {"1.2.3", "1.2.0.3"},
        {"1.2", "1.0.0.2"},
        {"24", "0.0.0.24"},
        {"1.2.300", "1.2.1.44"},
        {"4294967295", "255.255.255.255"},
        {"010.1.1.1", "8.1.1.1"},
        {"0x10.1.1.1", "16.1.1.1"},
        {"0xC0000201", "192.0.2.1"},
        {"00.00.00.00", "0.0.0.0"},
        {"255.255.255.0", "255.255.255.0"},
        {"", NULL},
        {"08.1.1.1", NULL},
        {"256.1.1.1", NULL},
        {"1.2.3.256", NULL},
        {"1.2.65536", NULL},
        {"4294967296", NULL},
        {"1.2.3.4.5", NULL},
        {"1.2.3.4 ", NULL},
        {"1.2.3.4 x", NULL},
        {"1.2.3.4\n", NULL},
        {" 1.2.3.4", NULL},
        {"x", NULL},
        {"1.2.3.4x", NULL},
        {"1.2.3.", NULL},
        {"-1.2.3.4", NULL},
        {"::1", NULL},
        {"00000000000000000000000000000000000000000000000000001.2.3.4", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address address = {1, 2};
        char text[ADDRESS_TEXT_SIZE];
        if (address_parse_aton(rows[i].text, strlen(rows[i].text), &address) != (rows[i].formatted != NULL))
            fail_msg("\"%s\"", rows[i].text);
        if (rows[i].formatted)
            assert_string_equal(address_format(address, text), rows[i].formatted);
    }
}

static void what_is_formatted_is_read_back(void **state)
{
    uint64_t seed = 5;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct address address = {random_next(&seed), random_next(&seed)};
        struct address again;
        char text[ADDRESS_TEXT_SIZE];
        for (int part = 0; part < 8; part++) { /* with runs of zeros */
            uint64_t hole = ~(UINT64_C(0xffff) << 16 * (part % 4));
            if (random_below(&seed, 2))
                *(part < 4 ? &address.high : &address.low) &= hole;
        }
        if (i % 3 == 0)
            address = (struct address){0, UINT64_C(0xffff00000000) | (address.low & UINT32_MAX)};
        address_format(address, text);
        assert_true(address_parse(text, strlen(text), &again));
        assert_true(address_equal(address, again));
        assert_int_equal(address_is_ipv4(address), strchr(text, ':') == NULL);
    }
}

static void people_see_ipv4_before_ipv6_and_searches_go_by_number(void **state)
{
    static const char *const by_family[] = {"0.0.0.0", "9.0.0.1", "10.0.0.1",  "200.0.0.0",  "255.255.255.255",
                                            "::",      "::1",     "::1:0:0:0", "2001:db8::", "ffff::"};
    static const char *const by_number[] = {
        "::", "::1", "::fffe:ffff:ffff", "0.0.0.0", "9.0.0.1", "255.255.255.255", "::1:0:0:0", "2001:db8::", "ffff::"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(by_family); i++) {
        for (size_t j = 0; j < COUNT_OF(by_family); j++) {
            int order = address_compare_family(host_of(by_family[i]), host_of(by_family[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
    for (size_t i = 0; i < COUNT_OF(by_number); i++) {
        for (size_t j = 0; j < COUNT_OF(by_number); j++) {
            int order = address_compare(host_of(by_number[i]), host_of(by_number[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void a_mask_is_a_prefix_of_so_many_ones(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits <= ADDRESS_BITS + 2; bits++) {
        const struct network network =
            network_make(host_of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), address_mask(bits));
        unsigned counted;
        unsigned ones = 0;
        for (int i = 0; i < 64; i++)
            ones += (network.mask.high >> i & 1 ? 1u : 0u) + (network.mask.low >> i & 1 ? 1u : 0u);
        assert_int_equal(ones, bits < ADDRESS_BITS ? bits : ADDRESS_BITS);
        assert_true(network_is_prefix(&network, &counted));
        assert_int_equal(counted, ones);
    }
}

static void masks_with_holes_are_no_prefixes(void **state)
{
    static const char *const networks[] = {"0.0.0.7/0.0.0.255", "10.0.5.0/255.0.255.0", "1.2.3.4/0.0.0.1"};
    unsigned bits;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(networks); i++) {
        const struct network network = network_of(networks[i]);
        assert_false(network_is_prefix(&network, &bits));
    }
    const struct network high = {{0, 0}, {UINT64_MAX - 1, UINT64_MAX}};
    const struct network low = {{0, 0}, {0, 1}};
    assert_false(network_is_prefix(&high, &bits));
    assert_false(network_is_prefix(&low, &bits));
}

static void networks_are_shown_as_people_write_them(void **state)
{
    static const struct {
        const char *network;
        const char *shown;
        const char *netmask;
        bool ipv4;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", "255.255.255.255", true},
        {"192.0.2.77/24", "192.0.2.0/24", "255.255.255.0", true},
        {"10.1.2.3/8", "10.0.0.0/8", "255.0.0.0", true},
        {"10.1.2.3/0", "0.0.0.0/0", "0.0.0.0", true},
        {"1.2.3.7/0.0.0.255", "0.0.0.7/0.0.0.255", "0.0.0.255", true},
        {"2001:db8::1", "2001:db8::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
        {"2001:db8::1/32", "2001:db8::/32", "ffff:ffff::", false},
        {"::/0", "::/0", "::", false},
        {"::/64", "::/64", "ffff:ffff:ffff:ffff::", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct network network = network_of(rows[i].network);
        char text[NETWORK_TEXT_SIZE];
        char netmask[ADDRESS_TEXT_SIZE];
        assert_string_equal(network_format(&network, text), rows[i].shown);
        assert_string_equal(network_format_netmask(&network, netmask), rows[i].netmask);
        assert_int_equal(network_is_ipv4(&network), rows[i].ipv4);
    }
    /* The longest text there is. */
    const struct network longest =
        network_make(host_of("1111:2222:3333:4444:5555:6666:7777:8888"),
                     (struct address){UINT64_C(0xf111f222f333f444), UINT64_C(0xf555f666f777f888)});
    char text[NETWORK_TEXT_SIZE];
    assert_string_equal(network_format(&longest, text),
                        "1111:2222:3333:4444:5555:6666:7777:8888/f111:f222:f333:f444:f555:f666:f777:f888");
}

static void what_lies_in_what(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool a_covers_b;
        bool b_covers_a;
        bool overlap;
    } rows[] = {
        {"192.0.2.0/24", "192.0.2.0/24", true, true, true},
        {"192.0.2.0/24", "192.0.2.7", true, false, true},
        {"192.0.2.0/24", "192.0.2.128/25", true, false, true},
        {"192.0.2.0/24", "192.0.3.0/24", false, false, false},
        {"192.0.2.1", "192.0.2.2", false, false, false},
        {"0.0.0.0/0", "192.0.2.1", true, false, true},
        {"::/0", "192.0.2.1", true, false, true},
        {"::/0", "0.0.0.0/0", true, false, true},
        {"::/64", "0.0.0.0/0", true, false, true},
        {"::/96", "0.0.0.0/0", false, false, false},
        {"0.0.0.0/0", "2001:db8::/32", false, false, false},
        {"2001:db8::/32", "2001:db8:1::/48", true, false, true},
        {"0.0.0.7/0.0.0.255", "192.0.2.7", true, false, true},
        {"0.0.0.7/0.0.0.255", "192.0.2.8", false, false, false},
        {"0.0.0.7/0.0.0.255", "192.0.2.0/24", false, false, true},
        {"0.0.0.7/0.0.0.255", "192.0.2.8/29", false, false, false},
        {"0.0.0.7/0.0.0.255", "10.0.0.0/255.0.0.0", false, false, true},
        {"0.0.5.0/0.0.255.0", "0.0.5.7/0.0.255.255", true, false, true},
        {"0.0.5.0/0.0.255.0", "0.0.6.7/0.0.255.255", false, false, false},
        {"0.0.5.0/0.0.255.0", "0.0.0.7/0.0.0.255", false, false, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct network a = network_of(rows[i].a);
        const struct network b = network_of(rows[i].b);
        if (network_covers(&a, &b) != rows[i].a_covers_b || network_covers(&b, &a) != rows[i].b_covers_a ||
            network_overlaps(&a, &b) != rows[i].overlap || network_overlaps(&b, &a) != rows[i].overlap)
            fail_msg("%s and %s", rows[i].a, rows[i].b);
    }
}

static void covering_and_overlapping_agree_with_every_address_of_small_networks(void **state)
{
    uint64_t seed = 17;
    (void)state;
    for (int round = 0; round < 4000; round++) {
        const struct address fixed = {UINT64_MAX, ~UINT64_C(0x1f)};
        struct network networks[2];
        for (int n = 0; n < 2; n++)
            networks[n] = network_make((struct address){0, random_below(&seed, 32)},
                                       (struct address){fixed.high, fixed.low | random_below(&seed, 32)});
        bool covers = true;
        bool overlaps = false;
        for (uint64_t low = 0; low < 32; low++) {
            const struct address address = {0, low};
            bool in_first = network_contains(&networks[0], address);
            bool in_second = network_contains(&networks[1], address);
            covers = covers && (in_first || !in_second);
            overlaps = overlaps || (in_first && in_second);
        }
        assert_int_equal(network_covers(&networks[0], &networks[1]), covers);
        assert_int_equal(network_overlaps(&networks[0], &networks[1]), overlaps);
    }
}

static void the_hash_depends_on_every_part(void **state)
{
    const struct address address = host_of("2001:db8::1");
    const struct address other_high = host_of("2001:db9::1");
    const struct address other_low = host_of("2001:db8::2");
    const struct address_key key = address_key_new();
    const struct address_key other_key = address_key_new();
    (void)state;
    assert_true(address_hash(&key, address, 1) == address_hash(&key, address, 1));
    assert_true(address_hash(&key, address, 1) != address_hash(&other_key, address, 1));
    assert_true(address_hash(&key, address, 1) != address_hash(&key, address, 2));
    assert_true(address_hash(&key, address, 1) != address_hash(&key, other_high, 1));
    assert_true(address_hash(&key, address, 1) != address_hash(&key, other_low, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_logs_are_read_strictly),
        cmocka_unit_test(a_nul_is_in_no_address),
        cmocka_unit_test(addresses_of_xmails_tables_are_read_as_the_c_library_does),
        cmocka_unit_test(what_is_formatted_is_read_back),
        cmocka_unit_test(people_see_ipv4_before_ipv6_and_searches_go_by_number),
        cmocka_unit_test(a_mask_is_a_prefix_of_so_many_ones),
        cmocka_unit_test(masks_with_holes_are_no_prefixes),
        cmocka_unit_test(networks_are_shown_as_people_write_them),
        cmocka_unit_test(what_lies_in_what),
        cmocka_unit_test(covering_and_overlapping_agree_with_every_address_of_small_networks),
        cmocka_unit_test(the_hash_depends_on_every_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
