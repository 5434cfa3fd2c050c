/* SPDX-License-Identifier: MIT */
/* Whom the list refuses: the first line that takes in a client has the say. And the formats that it is exported in. */
#include "support.h"

#include "export.h"
#include "refused.h"

/* Lines "NETWORK CODE", with NETWORK as in spammers.tab (ADDRESS/BITS, or ADDRESS/NETMASK for IPv4). */
struct list {
    struct buffer content;
    struct spamtab tab;
    struct prefixes refused;
    struct messages notes;
};

static void add_line(struct list *list, const char *network, int code)
{
    const char *slash = strchr(network, '/');
    if (strchr(slash, '.'))
        buffer_add_format(&list->content, "\"%.*s\"\t\"%s\"\t\"code=%d\"\n", (int)(slash - network), network, slash + 1,
                          code);
    else
        buffer_add_format(&list->content, "\"%s\"\t\"code=%d\"\n", network, code);
}

static void find(struct list *list)
{
    struct error error;
    assert_false(list->content.failed);
    assert_int_equal(spamtab_parse(&list->content, NULL, &list->tab, &error), 1);
    assert_int_equal(refused_find(&list->tab, &list->refused, &list->notes, &error), 1);
}

static void list_drop(struct list *list)
{
    messages_clear(&list->notes);
    prefixes_clear(&list->refused);
    spamtab_clear(&list->tab);
    buffer_clear(&list->content);
}

static struct buffer text_of(struct list *list, const char *format, size_t *left_out)
{
    struct buffer text = {0};
    struct error error;
    assert_int_equal(export_add(export_find(format), &list->refused, "/M/spammers.tab", &text, left_out, &error), 1);
    buffer_add(&text, "", 1);
    return text;
}

struct line {
    const char *network; /* NULL: no more */
    int code;
};

static const struct row {
    struct line lines[6];
    const char *plain;
    size_t notes;
} rows[] = {
    {{{NULL, 0}}, "", 0},
    {{{"192.0.2.1/32", 1}, {"192.0.2.1/32", 0}}, "192.0.2.1\n", 0},
    {{{"192.0.2.1/32", 0}, {"192.0.2.1/32", 1}}, "", 0},
    {{{"192.0.2.1/32", -1}, {"192.0.2.0/30", 1}}, "192.0.2.0\n192.0.2.2/31\n", 0},
    {{{"192.0.2.0/30", 1}, {"192.0.2.1/32", 0}}, "192.0.2.0/30\n", 0},
    {{{"192.0.2.1/32", 1}, {"192.0.2.0/30", 1}}, "192.0.2.0/30\n", 0},
    {{{"192.0.2.1/32", 1}, {"192.0.2.0/30", 0}, {"192.0.2.0/24", 1}},
     "192.0.2.1\n192.0.2.4/30\n192.0.2.8/29\n192.0.2.16/28\n192.0.2.32/27\n192.0.2.64/26\n192.0.2.128/25\n",
     0},
    /* An earlier line within another of which it has the say: that is of no effect there. */
    {{{"192.0.2.0/31", 1}, {"192.0.2.1/32", 0}, {"192.0.2.0/30", 1}}, "192.0.2.0/30\n", 0},
    {{{"192.0.2.0/32", 1}, {"192.0.2.1/32", 1}}, "192.0.2.0\n192.0.2.1\n", 0},
    {{{"255.255.255.255/32", 0}, {"255.255.255.254/31", 1}}, "255.255.255.254\n", 0},
    {{{"8000::/1", 0}, {"::/0", 1}}, "0.0.0.0/0\n::/1\n", 0},
    {{{"8000::/2", 1}, {"c000::/2", 1}, {"8000::/1", 0}}, "8000::/2\nc000::/2\n", 0},
    {{{"ffff::/16", 0}, {"fffe::/15", 1}, {"8000::/1", 0}}, "fffe::/16\n", 0},
    {{{"0.0.0.0/0", 0}, {"::/0", 1}}, "::/0\n", 0},
    {{{"::/64", 0}, {"0.0.0.0/0", 1}, {"1::/64", 1}}, "1::/64\n", 0},
    {{{"::/96", 0}, {"192.0.2.1/32", 1}}, "192.0.2.1\n", 1},
    {{{"::fffe:0:0/96", 0}, {"::fffe:0:0/95", 1}}, "0.0.0.0/0\n", 0},
    {{{"192.0.2.0/255.255.255.253", 1}}, "192.0.2.0\n192.0.2.2\n", 0},
    {{{"192.0.2.0/255.255.255.252", 0}, {"192.0.2.4/255.255.255.245", 1}},
     "192.0.2.4\n192.0.2.6\n192.0.2.12\n192.0.2.14\n",
     0},
    {{{"192.0.2.5/255.254.0.255", 1}, {"192.0.2.1/32", 1}}, "192.0.2.1\n", 1},
    {{{"0.0.0.5/0.0.0.255", 0}, {"192.0.2.5/32", 1}, {"192.0.2.4/31", 1}}, "192.0.2.4\n", 0},
    {{{"192.0.2.5/32", 1}, {"0.0.0.5/0.0.0.255", 0}, {"192.0.2.4/31", 1}}, "192.0.2.4/31\n", 0},
    {{{"0.0.0.5/0.0.0.255", 0}, {"192.0.0.0/15", 1}, {"10.0.0.1/32", 1}}, "10.0.0.1\n", 1},
};

static void the_first_line_that_takes_in_a_client_has_the_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct list list = {{0}, {0}, {0}, {0}};
        size_t left_out;
        for (const struct line *line = rows[i].lines; line->network; line++)
            add_line(&list, line->network, line->code);
        find(&list);
        struct buffer text = text_of(&list, "plain", &left_out);
        if (strcmp(text.bytes, rows[i].plain) != 0)
            fail_msg("row %zu: %s", i, text.bytes);
        if (list.notes.count != rows[i].notes)
            fail_msg("row %zu: %zu notes", i, list.notes.count);
        buffer_clear(&text);
        list_drop(&list);
    }
}

static void the_same_line_may_come_as_often_as_it_likes(void **state)
{
    enum { TIMES = 1000 };
    struct list list = {{0}, {0}, {0}, {0}};
    (void)state;
    for (int i = 0; i < TIMES; i++)
        add_line(&list, "192.0.2.0/24", 1);
    find(&list);
    assert_int_equal(list.refused.count, 1);
    list_drop(&list);
}

static void an_entry_is_parted_up_to_a_limit(void **state)
{
    static const struct {
        const char *network;
        size_t parts;
    } limits[] = {{"10.0.0.5/255.255.0.255", REFUSED_PARTS_MAX}, {"10.0.0.5/255.127.0.255", 0}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        struct list list = {{0}, {0}, {0}, {0}};
        add_line(&list, limits[i].network, 1);
        find(&list);
        assert_int_equal(list.refused.count, limits[i].parts);
        assert_int_equal(list.notes.count, limits[i].parts == 0);
        list_drop(&list);
    }
}

static void what_a_format_can_not_hold_is_counted(void **state)
{
    struct list list = {{0}, {0}, {0}, {0}};
    size_t left_out;
    (void)state;
    add_line(&list, "::/0", 1);
    find(&list);
    struct buffer ipset = text_of(&list, "ipset", &left_out);
    assert_int_equal(left_out, 0);
    assert_non_null(strstr(ipset.bytes, "-new 0.0.0.0/1\nadd xmail-spammers-ipv4-new 128.0.0.0/1\n"));
    assert_non_null(strstr(ipset.bytes, "-new ::/1\nadd xmail-spammers-ipv6-new 8000::/1\n"));
    struct buffer zone = text_of(&list, "rbldnsd", &left_out);
    assert_int_equal(left_out, 1);
    assert_non_null(strstr(zone.bytes, "\n0.0.0.0/1\n128.0.0.0/1\n"));
    assert_null(strstr(zone.bytes, "::"));
    buffer_clear(&ipset);
    buffer_clear(&zone);
    list_drop(&list);
}

static void each_format_is_found_by_its_name(void **state)
{
    static const char *const names[] = {"plain", "cidr", "nft", "ipset", "postfix", "rbldnsd"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_string_equal(export_name(i), names[i]);
        assert_non_null(export_find(names[i]));
    }
    assert_null(export_name(sizeof names / sizeof *names));
    assert_null(export_find("rbl"));
    assert_null(export_find(""));
}

/* --- against a search from the first line on ---------------------------------------------------------------------- */

/* In a small space, so that they meet often. */
static void add_random_line(struct list *list, uint64_t *seed)
{
    char text[64];
    const int code = (int)random_below(seed, 2);
    const unsigned low = (unsigned)random_below(seed, 64);
    if (random_below(seed, 8) == 0)
        (void)snprintf(text, sizeof text, "0.0.0.%u/0.0.0.%u", low, (unsigned)random_below(seed, 256));
    else if (random_below(seed, 4) == 0)
        (void)snprintf(text, sizeof text, "192.0.2.%u/255.255.255.%u", low, (unsigned)random_below(seed, 256));
    else if (random_below(seed, 4) == 0)
        (void)snprintf(text, sizeof text, "::%x:0:0/%u", 0xffc0 + low, 79 + (unsigned)random_below(seed, 18));
    else
        (void)snprintf(text, sizeof text, "192.0.2.%u/%u", low, 26 + (unsigned)random_below(seed, 7));
    add_line(list, text, code);
}

static const struct spamtab_line *first_match(const struct spamtab *tab, struct address address)
{
    for (size_t i = 0; i < tab->count; i++)
        if (tab->lines[i].is_entry && network_contains(&tab->lines[i].network, address))
            return &tab->lines[i];
    return NULL;
}

static bool is_left_out(const struct list *list, const struct spamtab_line *line)
{
    char begin[64];
    (void)snprintf(begin, sizeof begin, "line %lu of spammers.tab, ", line->number);
    for (size_t i = 0; i < list->notes.count; i++)
        if (strncmp(list->notes.texts[i], begin, strlen(begin)) == 0 && strstr(list->notes.texts[i], "left out"))
            return true;
    return false;
}

static void compare(const struct list *list, const struct prefixes *set, struct address address)
{
    const struct spamtab_line *line = first_match(&list->tab, address);
    const bool refused = line && spamtab_rejects(line);
    size_t found = 0;
    char text[ADDRESS_TEXT_SIZE];
    for (size_t i = 0; i < set->count; i++)
        found +=
            network_is_ipv4(&set->items[i]) == address_is_ipv4(address) && network_contains(&set->items[i], address);
    if (found > 1 || (found == 1 && !refused) || (found == 0 && refused && !is_left_out(list, line)))
        fail_msg("%s is in %zu prefixes after:\n%.*s", address_format(address, text), found, (int)list->content.length,
                 list->content.bytes);
}

static void every_address_is_refused_as_by_a_search_from_the_first_line(void **state)
{
    enum { ROUNDS = 1500, LINES = 10 };
    uint64_t seed = 20261122;
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct list list = {{0}, {0}, {0}, {0}};
        for (size_t count = 1 + random_below(&seed, LINES); count > 0; count--)
            add_random_line(&list, &seed);
        find(&list);
        for (int joined = 0; joined < 2; joined++) {
            for (uint32_t low = 0; low < 256; low++)
                compare(&list, &list.refused, address_from_ipv4(0xc0000200 | low));
            for (uint64_t part = 0xffb0; part < 0x10010; part++)
                compare(&list, &list.refused, (struct address){0, part << 32 | 1});
            assert_true(prefixes_aggregate(&list.refused));
        }
        list_drop(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_that_takes_in_a_client_has_the_say),
        cmocka_unit_test(the_same_line_may_come_as_often_as_it_likes),
        cmocka_unit_test(an_entry_is_parted_up_to_a_limit),
        cmocka_unit_test(what_a_format_can_not_hold_is_counted),
        cmocka_unit_test(each_format_is_found_by_its_name),
        cmocka_unit_test(every_address_is_refused_as_by_a_search_from_the_first_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
