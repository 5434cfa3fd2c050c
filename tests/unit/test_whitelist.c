/* SPDX-License-Identifier: MIT */
/* The whitelist: what an entry may be, whom it takes in, its file, and the clients that XMail trusts. */
#include "buffer.h"
#include "whitelist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_SIZE = 64 };

static char directory[PATH_SIZE];
static char path[PATH_SIZE + 16];

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/test-whitelist-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    (void)snprintf(path, sizeof path, "%s/whitelist", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(directory);
}

static void write_file(const char *content, size_t length)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static struct address host(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

static struct network network(const char *text)
{
    const char *slash = strchr(text, '/');
    struct address address;
    assert_non_null(slash);
    assert_true(address_parse(text, (size_t)(slash - text), &address));
    unsigned bits = (unsigned)strtoul(slash + 1, NULL, 10);
    return network_make(address, address_mask(bits + (address_is_ipv4(address) ? ADDRESS_IPV4_BITS : 0)));
}

static void add(struct whitelist *whitelist, const char *text)
{
    struct error error;
    if (whitelist_add(whitelist, text, strlen(text), &error) != 1)
        fail_msg("\"%s\": %s", text, error.text);
}

static void seal(struct whitelist *whitelist)
{
    struct error error;
    assert_int_equal(whitelist_seal(whitelist, &error), 1);
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

static void every_form_of_an_entry_is_the_network_that_it_says(void **state)
{
    static const struct {
        const char *entry;
        const char *network;
        int family; /* the place in own */
    } rows[] = {
        {"192.0.2.7", "192.0.2.7", 1},
        {"192.0.2.7 the printer", "192.0.2.7", 1},
        {"192.0.2.7\tthe printer", "192.0.2.7", 1},
        {"192.0.2.7   ", "192.0.2.7", 1},
        {"  192.0.2.7", "192.0.2.7", 1},
        {"192.0.2.7\r", "192.0.2.7", 1},
        {"192.0.2.7 5.6.7.8", "192.0.2.7", 1},
        {"192.0.2.7 / one", "192.0.2.7", 1},
        {"10.1.2.3/8", "10.0.0.0/8", 1},
        {"10.1.2.3/8 ours", "10.0.0.0/8", 1},
        {"10.1.2.3/32", "10.1.2.3", 1},
        {"10.1.2.3/0", "0.0.0.0/0", 1},
        {"10.1.2.3/255.255.0.0", "10.1.0.0/16", 1},
        {"10.1.2.3/255.255.255.255 x", "10.1.2.3", 1},
        {"10.1.2.3/0.0.0.0", "0.0.0.0/0", 1},
        {"2001:db8::1", "2001:db8::1", 0},
        {"2001:DB8::1/32 the other office", "2001:db8::/32", 0},
        {"2001:db8::1/128", "2001:db8::1", 0},
        {"2001:db8::1/0", "::/0", 0},
        {"2001:db8::1/ffff:ffff::", "2001:db8::/32", 0},
        {"2001:db8::1/::", "::/0", 0},
        {"fe80::1%eth0", "fe80::1", 0},
        {"::1.2.3.4", "::1.2.3.4", 0},
        {"::1/96", "::/96", 0},
        {"::ffff:10.1.2.3", "10.1.2.3", 1},
        {"::ffff:10.1.2.3/104", "10.0.0.0/8", 1},
        {"::ffff:10.1.2.3/96", "0.0.0.0/0", 1},
        {"::ffff:a01:203/128", "10.1.2.3", 1},
        {"::ffff:10.1.2.3/ffff:ffff:ffff:ffff:ffff:ffff:ff00:0", "10.0.0.0/8", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct whitelist whitelist = {.rule_count = 0};
        struct network network;
        size_t position = 0;
        char text[NETWORK_TEXT_SIZE];
        add(&whitelist, rows[i].entry);
        assert_int_equal(whitelist.own[rows[i].family].count, 1);
        assert_int_equal(whitelist.own[!rows[i].family].count, 0);
        assert_true(netset_next(&whitelist.own[rows[i].family], &position, &network));
        network_format(&network, text);
        assert_string_equal(text, rows[i].network);
        whitelist_clear(&whitelist);
    }
}

#define NO_ADDRESS "it must be an IPv4 or IPv6 address, ADDRESS/BITS or ADDRESS/NETMASK"
#define IPV4_LENGTH                                                                                                    \
    "behind the \"/\" must stand a number of bits from 0 to 32 or a contiguous netmask such as 255.255.255.0"
#define IPV6_LENGTH                                                                                                    \
    "behind the \"/\" must stand a number of bits from 0 to 128 or a contiguous netmask such as ffff:ffff::"
#define MAPPED_SHORT "this IPv4 address needs 96 to 128 bits in this form; write a.b.c.d/BITS with 0 to 32 bits"

static void a_faulty_entry_is_refused_with_what_is_allowed(void **state)
{
    static const struct {
        const char *entry;
        const char *reason;
    } rows[] = {
        {"", NO_ADDRESS},
        {" ", NO_ADDRESS},
        {"localhost", NO_ADDRESS},
        {"1.2.3", NO_ADDRESS},
        {"1.2.3.4.5", NO_ADDRESS},
        {"1.2.3.256", NO_ADDRESS},
        {"01.2.3.4", NO_ADDRESS},
        {"0x1.2.3.4", NO_ADDRESS},
        {"1.2.3.4#x", NO_ADDRESS},
        {"1.2.3.4,5.6.7.8", NO_ADDRESS},
        {"1.2.3.4:25", NO_ADDRESS},
        {"2001:db8:::1", NO_ADDRESS},
        {"[2001:db8::1]", NO_ADDRESS},
        {"/8", NO_ADDRESS},
        {"10.0.0.0/", IPV4_LENGTH},
        {"10.0.0.0/x", IPV4_LENGTH},
        {"10.0.0.0/+8", IPV4_LENGTH},
        {"10.0.0.0/-1", IPV4_LENGTH},
        {"10.0.0.0/08", IPV4_LENGTH},
        {"10.0.0.0/8.0", IPV4_LENGTH},
        {"10.0.0.0/8/8", IPV4_LENGTH},
        {"10.0.0.0/4294967304", IPV4_LENGTH},
        {"10.0.0.0/255.0.255.0", IPV4_LENGTH},
        {"10.0.0.0/0.0.0.255", IPV4_LENGTH},
        {"10.0.0.0/ffff::", IPV4_LENGTH},
        {"10.0.0.0/::ffff:255.0.0.0", IPV4_LENGTH},
        {"10.0.0.0/33", "the number of bits must be from 0 to 32"},
        {"10.0.0.0 /8", "no blank may stand before the \"/\""},
        {"10.0.0.0\t / 8", "no blank may stand before the \"/\""},
        {"2001:db8::/", IPV6_LENGTH},
        {"2001:db8::/ffff:0:ffff::", IPV6_LENGTH},
        {"2001:db8::/ffff::%eth0", IPV6_LENGTH},
        {"2001:db8::/255.255.0.0", IPV6_LENGTH},
        {"2001:db8::/129", "the number of bits must be from 0 to 128"},
        {"::ffff:10.0.0.0/95", MAPPED_SHORT},
        {"::ffff:10.0.0.0/8", MAPPED_SHORT},
        {"::ffff:10.0.0.0/ffff::", MAPPED_SHORT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct whitelist whitelist = {.rule_count = 0};
        struct error error;
        if (whitelist_add(&whitelist, rows[i].entry, strlen(rows[i].entry), &error) != -1)
            fail_msg("\"%s\" was taken", rows[i].entry);
        const char *reason = strstr(error.text, "\": ");
        assert_non_null(reason);
        assert_string_equal(reason + 3, rows[i].reason);
        assert_int_equal(whitelist.own[0].count + whitelist.own[1].count, 0);
        whitelist_clear(&whitelist);
    }
}

static void a_refused_entry_is_quoted_without_control_characters_and_not_at_length(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    struct error error;
    char text[300];
    (void)state;
    memset(text, 'x', sizeof text);
    text[0] = '\033';
    text[1] = '\0';
    assert_int_equal(whitelist_add(&whitelist, text, sizeof text, &error), -1);
    assert_memory_equal(error.text, "unable to white-list \"??xxx", 27);
    assert_true(strlen(error.text) < 200);
}

static void an_entry_holds_no_nul_inside_its_address(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    struct error error;
    (void)state;
    assert_int_equal(whitelist_add(&whitelist, "1.2.3.4\0", 8, &error), -1);
    assert_int_equal(whitelist_add(&whitelist,
                                   "::1\0"
                                   "2",
                                   5, &error),
                     -1);
    whitelist_clear(&whitelist);
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

static void an_ipv6_network_takes_in_no_ipv4_host(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    struct network ipv4 = network("192.0.2.0/24");
    (void)state;
    add(&whitelist, "::/0");
    seal(&whitelist);
    assert_true(whitelist_has(&whitelist, host("2001:db8::1")));
    assert_true(whitelist_has(&whitelist, host("::1")));
    assert_false(whitelist_has(&whitelist, host("192.0.2.1")));
    assert_false(whitelist_has(&whitelist, host("::ffff:192.0.2.1")));
    assert_false(whitelist_covers(&whitelist, &ipv4));
    assert_false(whitelist_overlaps(&whitelist, &ipv4));
    whitelist_clear(&whitelist);
}

static void an_ipv4_network_takes_in_its_hosts_in_both_forms_and_no_other(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    (void)state;
    add(&whitelist, "192.0.2.64/26");
    add(&whitelist, "198.51.100.7");
    seal(&whitelist);
    assert_true(whitelist_has(&whitelist, host("192.0.2.64")));
    assert_true(whitelist_has(&whitelist, host("::ffff:192.0.2.127")));
    assert_false(whitelist_has(&whitelist, host("192.0.2.63")));
    assert_false(whitelist_has(&whitelist, host("192.0.2.128")));
    assert_true(whitelist_has(&whitelist, host("198.51.100.7")));
    assert_false(whitelist_has(&whitelist, host("198.51.100.8")));
    assert_false(whitelist_has(&whitelist, host("::c000:240")));
    whitelist_clear(&whitelist);
}

static void a_network_is_covered_as_a_whole_and_overlapped_in_part(void **state)
{
    static const struct {
        const char *network;
        bool covered;
        bool overlapped;
    } rows[] = {
        {"10.1.0.0/16", true, true},     {"10.0.0.0/8", true, true},      {"0.0.0.0/0", false, true},
        {"11.0.0.0/8", false, false},    {"2001:db8:1::/48", true, true}, {"2001::/16", false, true},
        {"2001:db9::/32", false, false}, {"::/0", false, true},           {"::fffe:0:0/95", false, true},
    };
    struct whitelist whitelist = {.rule_count = 0};
    (void)state;
    add(&whitelist, "10.0.0.0/8");
    add(&whitelist, "2001:db8::/32");
    seal(&whitelist);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct network asked = network(rows[i].network);
        if (whitelist_covers(&whitelist, &asked) != rows[i].covered ||
            whitelist_overlaps(&whitelist, &asked) != rows[i].overlapped)
            fail_msg("%s is read wrongly", rows[i].network);
    }
    whitelist_clear(&whitelist);
}

static void an_ipv6_network_that_holds_ipv4_hosts_is_not_covered_by_ipv6_entries(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    struct network wide = network("::/64");
    struct network apart = network("2001:db8::/64");
    (void)state;
    add(&whitelist, "::/0");
    seal(&whitelist);
    assert_false(whitelist_covers(&whitelist, &wide));
    assert_true(whitelist_covers(&whitelist, &apart));
    assert_true(whitelist_overlaps(&whitelist, &wide));
    whitelist_clear(&whitelist);
}

static void an_empty_whitelist_has_nobody(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    struct network any = network("::/0");
    (void)state;
    seal(&whitelist);
    assert_false(whitelist_has(&whitelist, host("127.0.0.1")));
    assert_false(whitelist_covers(&whitelist, &any));
    assert_false(whitelist_overlaps(&whitelist, &any));
    whitelist_clear(&whitelist);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static void the_file_gives_an_entry_for_each_line_that_is_not_blank(void **state)
{
    static const char content[] =
        "\xef\xbb\xbf# ours\n\n192.0.2.7 printer # on the second floor\r\n"
        "10.0.0.0/8#no blank before the comment\n\t 2001:db8::/32\n   # nothing\n198.51.100.1";
    struct whitelist whitelist = {.rule_count = 0};
    struct messages problems = {.count = 0};
    (void)state;
    write_file(content, sizeof content - 1);
    whitelist_read(&whitelist, path, 0, &problems);
    assert_true(messages_empty(&problems));
    assert_int_equal(whitelist.own[1].count, 3);
    assert_int_equal(whitelist.own[0].count, 1);
    seal(&whitelist);
    assert_true(whitelist_has(&whitelist, host("198.51.100.1")));
    whitelist_clear(&whitelist);
}

static void every_fault_of_the_file_is_reported_with_its_line_and_the_rest_is_taken(void **state)
{
    static const char content[] = "nonsense\n192.0.2.7\n\n10.0.0.0/40 x\r\n# fine\n1.2.3.4 /8";
    static const char *const expected[] = {
        (":1: unable to white-list \"nonsense\": " NO_ADDRESS),
        ":4: unable to white-list \"10.0.0.0/40\": the number of bits must be from 0 to 32",
        ":6: unable to white-list \"1.2.3.4 /8\": no blank may stand before the \"/\"",
    };
    struct whitelist whitelist = {.rule_count = 0};
    struct messages problems = {.count = 0};
    (void)state;
    write_file(content, sizeof content - 1);
    whitelist_read(&whitelist, path, 0, &problems);
    assert_int_equal(problems.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_memory_equal(problems.texts[i], path, strlen(path));
        assert_string_equal(problems.texts[i] + strlen(path), expected[i]);
    }
    assert_int_equal(whitelist.own[1].count, 1);
    messages_clear(&problems);
    whitelist_clear(&whitelist);
}

static void a_missing_file_is_an_empty_one(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    struct messages problems = {.count = 0};
    struct error error;
    (void)state;
    whitelist_read(&whitelist, path, 0, &problems);
    assert_true(messages_empty(&problems));
    assert_int_equal(whitelist_read_xmail(&whitelist, path, &error), 1);
    assert_int_equal(whitelist.own[0].count + whitelist.own[1].count + whitelist.xmail.count, 0);
}

static void what_is_no_regular_file_is_reported_and_does_not_hold_the_program_up(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    struct messages problems = {.count = 0};
    struct error error;
    char expected[sizeof path + 64];
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    (void)snprintf(expected, sizeof expected, "unable to read %s: it is not a regular file", path);
    whitelist_read(&whitelist, path, 0, &problems);
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.texts[0], expected);
    assert_int_equal(whitelist_read_xmail(&whitelist, path, &error), -1);
    assert_string_equal(error.text, expected);
    messages_clear(&problems);
}

/* --- smtp.ipprop.tab ---------------------------------------------------------------------------------------------- */

static void read_xmail(struct whitelist *whitelist, const char *content)
{
    struct error error;
    write_file(content, strlen(content));
    if (whitelist_read_xmail(whitelist, path, &error) != 1)
        fail_msg("%s", error.text);
    seal(whitelist);
}

static void the_first_line_of_smtp_ipprop_tab_that_fits_a_client_decides(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    (void)state;
    read_xmail(&whitelist, "\"192.0.2.5/32\"\t\"NoAuth=1\"\n"
                           "\"192.0.2.0/24\"\t\"NoAuth=1\"\t\"WhiteList=1\"\r\n"
                           "\"192.0.2.9/32\"\t\"NoAuth=1\"\n"
                           "\"2001:db8::/32\"\t\"WhiteList\"\n");
    assert_false(whitelist_has(&whitelist, host("192.0.2.5")));
    assert_true(whitelist_has(&whitelist, host("192.0.2.6")));
    assert_true(whitelist_has(&whitelist, host("192.0.2.9")));
    assert_true(whitelist_has(&whitelist, host("2001:db8::1")));
    assert_false(whitelist_has(&whitelist, host("192.0.3.1")));
    whitelist_clear(&whitelist);
}

static void a_line_of_smtp_ipprop_tab_trusts_as_xmail_reads_it(void **state)
{
    static const struct {
        const char *line;
        bool trusted; /* 192.0.2.1 */
    } rows[] = {
        {"\"192.0.2.0/24\"\t\"WhiteList\"", true},
        {"192.0.2.0/24\tWhiteList", true},
        {"\"192.0.2.0/24\"\t\"WhiteList=1\"", true},
        {"\"192.0.2.0/24\"\t\"WhiteList=-1\"", true},
        {"\"192.0.2.0/24\"\t\"EaseTLS=1\"\t\"WhiteList=2\"", true},
        {"\"192.0.2.0/24\"\t\"WhiteList=0\"", false},
        {"\"192.0.2.0/24\"\t\"WhiteList=\"", false},
        {"\"192.0.2.0/24\"\t\"WhiteList=yes\"", false},
        {"\"192.0.2.0/24\"\t\"WhiteListed\"", false},
        {"\"192.0.2.0/24\"\t\"whitelist\"", false},
        {"\"192.0.2.0/24\"", false},
        {"#\"192.0.2.0/24\"\t\"WhiteList\"", false},
        {"\"192.0.2.0\"\t\"255.255.255.0\"\t\"WhiteList\"", false},
        {"\"192.0.2.1\"\t\"WhiteList\"", false},
        {"\"host.example/24\"\t\"WhiteList\"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct whitelist whitelist = {.rule_count = 0};
        read_xmail(&whitelist, rows[i].line);
        if (whitelist_has(&whitelist, host("192.0.2.1")) != rows[i].trusted)
            fail_msg("%s is read wrongly", rows[i].line);
        whitelist_clear(&whitelist);
    }
}

static void a_network_that_xmail_trusts_in_part_overlaps_and_is_not_covered(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    struct network whole = network("192.0.2.0/24");
    struct network part = network("192.0.2.128/25");
    struct network taken = network("192.0.2.5/32");
    (void)state;
    read_xmail(&whitelist, "\"192.0.2.5/32\"\t\"NoAuth\"\n\"192.0.2.0/24\"\t\"WhiteList\"\n");
    assert_false(whitelist_covers(&whitelist, &whole));
    assert_true(whitelist_overlaps(&whitelist, &whole));
    assert_true(whitelist_covers(&whitelist, &part));
    assert_false(whitelist_covers(&whitelist, &taken));
    whitelist_clear(&whitelist);
}

static void a_network_of_which_xmail_takes_trust_away_only_does_not_overlap(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    struct network whole = network("192.0.2.0/24");
    (void)state;
    read_xmail(&whitelist, "\"192.0.2.5/32\"\t\"NoAuth\"\n");
    assert_false(whitelist_covers(&whitelist, &whole));
    assert_false(whitelist_overlaps(&whitelist, &whole));
    whitelist_clear(&whitelist);
}

/* One whose hosts are scattered is never written: whether XMail trusts any of them isn't looked for. */
static void of_scattered_hosts_some_are_taken_as_trusted(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    const struct network scattered =
        network_make(host("192.0.2.5"), (struct address){UINT64_MAX, UINT64_MAX - UINT64_C(0xff00)});
    const struct network elsewhere = network("198.51.100.0/24");
    (void)state;
    read_xmail(&whitelist, "\"192.0.2.0/24\"\t\"NoAuth\"\n");
    assert_true(whitelist_overlaps(&whitelist, &scattered));
    assert_false(whitelist_overlaps(&whitelist, &elsewhere));
    whitelist_clear(&whitelist);
}

static void many_lines_of_smtp_ipprop_tab_keep_their_order(void **state)
{
    struct whitelist whitelist = {.rule_count = 0};
    struct buffer content = {.length = 0};
    (void)state;
    for (int i = 0; i < 200; i++)
        buffer_add_format(&content, "\"10.0.%d.0/24\"\t\"%s\"\n", i, i % 2 ? "WhiteList" : "NoAuth");
    buffer_add_text(&content, "\"10.0.0.0/8\"\t\"WhiteList\"\n");
    buffer_add(&content, "", 1);
    assert_false(content.failed);
    read_xmail(&whitelist, content.bytes);
    for (int i = 0; i < 200; i++) {
        char text[ADDRESS_TEXT_SIZE];
        (void)snprintf(text, sizeof text, "10.0.%d.1", i);
        assert_int_equal(whitelist_has(&whitelist, host(text)), i % 2);
    }
    assert_true(whitelist_has(&whitelist, host("10.1.0.1")));
    buffer_clear(&content);
    whitelist_clear(&whitelist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_an_entry_is_the_network_that_it_says),
        cmocka_unit_test(a_faulty_entry_is_refused_with_what_is_allowed),
        cmocka_unit_test(a_refused_entry_is_quoted_without_control_characters_and_not_at_length),
        cmocka_unit_test(an_entry_holds_no_nul_inside_its_address),
        cmocka_unit_test(an_ipv6_network_takes_in_no_ipv4_host),
        cmocka_unit_test(an_ipv4_network_takes_in_its_hosts_in_both_forms_and_no_other),
        cmocka_unit_test(a_network_is_covered_as_a_whole_and_overlapped_in_part),
        cmocka_unit_test(an_ipv6_network_that_holds_ipv4_hosts_is_not_covered_by_ipv6_entries),
        cmocka_unit_test(an_empty_whitelist_has_nobody),
        cmocka_unit_test_setup_teardown(the_file_gives_an_entry_for_each_line_that_is_not_blank, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_fault_of_the_file_is_reported_with_its_line_and_the_rest_is_taken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_missing_file_is_an_empty_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_reported_and_does_not_hold_the_program_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_first_line_of_smtp_ipprop_tab_that_fits_a_client_decides, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_line_of_smtp_ipprop_tab_trusts_as_xmail_reads_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_network_of_which_xmail_takes_trust_away_only_does_not_overlap, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_network_that_xmail_trusts_in_part_overlaps_and_is_not_covered, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(of_scattered_hosts_some_are_taken_as_trusted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_lines_of_smtp_ipprop_tab_keep_their_order, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
