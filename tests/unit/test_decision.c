/* SPDX-License-Identifier: MIT */
/* The decision: what stays, what goes, what comes, in every mode. Lists and hosts are written as texts. */
#include "support_decision.h"

static const char reasons[] = {
    [KEPT_NOT_AN_ENTRY] = '#', [KEPT_PERMANENT] = 'P', [KEPT_ACTIVE] = 'A',         [KEPT_APPENDED] = 'K',
    [KEPT_RENEWED] = 'n',      [REMOVED_QUIET] = 'q',  [REMOVED_WHITELISTED] = 'w', [REMOVED_REPLACED] = 'r',
};

static void describe_lines(const struct decision *decision, const struct spamtab *tab, struct buffer *text)
{
    for (size_t i = 0; i < tab->count; i++) {
        buffer_add(text, &reasons[decision->lines[i].reason], 1);
        bool stays = decision->lines[i].reason < KEPT_RENEWED;
        assert_int_equal(decision->lines[i].keep, stays);
    }
}

static void describe_skips(const struct decision *decision, struct buffer *text)
{
    static const char *const words[] = {
        [SKIPPED_WHITELISTED] = "whitelisted", [SKIPPED_EXEMPT] = "exempt", [SKIPPED_COVERED] = "covered"};
    size_t skipped[SKIP_REASONS] = {0};
    for (size_t i = 0; i < decision->skip_count; i++) {
        const struct decision_skip *skip = &decision->skips[i];
        char network[NETWORK_TEXT_SIZE];
        skipped[skip->reason]++;
        buffer_add_format(text, "%s%s %s", i ? ", " : "", network_format(&skip->network, network), words[skip->reason]);
        if (skip->reason == SKIPPED_COVERED)
            buffer_add_format(text, " %lu", skip->covered_by);
    }
    assert_memory_equal(decision->skipped, skipped, sizeof skipped);
}

static void describe_shadows(const struct decision *decision, struct buffer *text)
{
    for (size_t i = 0; i < decision->addition_count; i++) {
        const struct decision_addition *addition = &decision->additions[i];
        char network[NETWORK_TEXT_SIZE];
        if (addition->shadowed_by)
            buffer_add_format(text, "%s%s %lu", text->length ? ", " : "", network_format(&addition->network, network),
                              addition->shadowed_by);
    }
}

/* Compares and frees the text. */
static void expect(size_t row, const char *what, struct buffer *text, const char *expected)
{
    assert_false(text->failed);
    if (expected &&
        (text->length != strlen(expected) || (text->length > 0 && memcmp(text->bytes, expected, text->length) != 0)))
        fail_msg("row %zu: %s \"%.*s\" instead of \"%s\"", row, what, (int)text->length, text->bytes ? text->bytes : "",
                 expected);
    buffer_clear(text);
}

/* Whether the skipped ones are listed changes nothing else. */
static void decide_without_listing(struct stage *stage, const struct spamtab *tab, const struct decision *listed)
{
    struct decision decision;
    struct error error;
    stage->rules.list_skipped = false;
    assert_int_equal(decision_make(&stage->rules, stage->evidence, &stage->whitelist, tab, &decision, &error), 1);
    assert_int_equal(decision.skip_count, 0);
    assert_memory_equal(decision.skipped, listed->skipped, sizeof decision.skipped);
    assert_int_equal(decision.addition_count, listed->addition_count);
    assert_int_equal(decision.removed, listed->removed);
    decision_clear(&decision);
}

static void play(size_t row, const struct scene *scene)
{
    struct stage stage;
    struct buffer list = {0};
    struct buffer result = {0};
    struct buffer text = {0};
    struct spamtab tab;
    struct decision decision;
    stage_set(scene, &stage);
    buffer_add_text(&list, scene->list);
    decide(&stage, &list, &tab, &decision, &result);
    describe_lines(&decision, &tab, &text);
    expect(row, "lines", &text, scene->lines);
    describe_skips(&decision, &text);
    expect(row, "skips", &text, scene->skips);
    describe_shadows(&decision, &text);
    expect(row, "shadows", &text, scene->shadows ? scene->shadows : "");
    buffer_add_format(&text, "%zu/%zu/%zu", decision.added, decision.removed, decision.kept);
    expect(row, "counts", &text, scene->counts);
    if (!scene->replace) /* else lines may go and come again */
        assert_int_equal(decision.keeps_all, buffer_equal(&result, &list));
    assert_true(!decision.keeps_all || buffer_equal(&result, &list));
    expect(row, "result", &result, scene->result);
    decide_without_listing(&stage, &tab, &decision);
    decision_clear(&decision);
    spamtab_clear(&tab);
    buffer_clear(&list);
    stage_clear(&stage);
}

static void play_all(const struct scene *scenes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        play(i, &scenes[i]);
}

/* --- registering -------------------------------------------------------------------------------------------------- */

static void hosts_with_enough_accesses_are_added_at_the_end(void **state)
{
    static const struct scene scenes[] = {
        {.hosts = "", .list = "", .result = "", .counts = "0/0/0"},
        {.hosts = "192.0.2.1=5", .list = "", .result = IPV4("192.0.2.1"), .counts = "1/0/0"},
        {.hosts = "192.0.2.1=4", .list = "", .result = ""},
        {.hosts = "192.0.2.1=4+100", .list = "", .result = ""}, /* refused ones never register */
        {.hosts = "192.0.2.1=0+100", .list = "", .result = "", .skips = ""},
        {.hosts = "2001:db8::1=5", .list = "", .result = IPV6("2001:db8::1/128")},
        {.hosts = "192.0.2.1=9", .list = "# ours\nlast", .result = "# ours\nlast\n" IPV4("192.0.2.1"), .lines = "##"},
        {.hosts = "192.0.2.1=9",
         .list = "# ours\r\nlast",
         .result = "# ours\r\nlast\r\n\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=1\"\r\n"},
        {.hosts = "192.0.2.1=4", .list = "# ours\nlast", .result = "# ours\nlast"},
        {.hosts = "192.0.2.1=9", .removes_only = true, .list = "", .result = ""},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

static void new_entries_are_ordered_by_address_or_by_accesses(void **state)
{
    static const char hosts[] = "2001:db8::2=9 10.0.0.1=7 9.0.0.1=5 ::1=9 10.0.0.2=9 200.0.0.1=7 fe80::1=6";
    static const struct scene scenes[] = {
        {.hosts = hosts,
         .list = IPV4("255.1.1.1"),
         .result = IPV4("255.1.1.1") IPV4("9.0.0.1") IPV4("10.0.0.1") IPV4("10.0.0.2") IPV4("200.0.0.1") IPV6("::1/128")
             IPV6("2001:db8::2/128") IPV6("fe80::1/128")},
        {.hosts = hosts,
         .by_hits = true,
         .list = IPV4("255.1.1.1"),
         .result = IPV4("255.1.1.1") IPV4("10.0.0.2") IPV6("::1/128") IPV6("2001:db8::2/128") IPV4("10.0.0.1")
             IPV4("200.0.0.1") IPV6("fe80::1/128") IPV4("9.0.0.1")},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

static void what_an_entry_already_refuses_is_not_added_again(void **state)
{
    static const struct scene scenes[] = {
        {.hosts = "192.0.2.1=5",
         .list = IPV4("192.0.2.1"),
         .result = IPV4("192.0.2.1"),
         .skips = "192.0.2.1 covered 1"},
        {.hosts = "192.0.2.1=5",
         .list = "# x\n" NET("192.0.0.0", "255.255.0.0", "code=3"),
         .result = "# x\n" NET("192.0.0.0", "255.255.0.0", "code=3"),
         .skips = "192.0.2.1 covered 2"},
        {.hosts = "192.0.2.1=5",
         .list = "192.0.2.1\t255.255.255.255\n",
         .result = "192.0.2.1\t255.255.255.255\n",
         .skips = "192.0.2.1 covered 1"},
        {.hosts = "192.0.2.1=5 198.51.9.1=5",
         .list = NET("0.0.0.1", "0.0.0.255", "code=1"),
         .result = NET("0.0.0.1", "0.0.0.255", "code=1"),
         .skips = "192.0.2.1 covered 1, 198.51.9.1 covered 1"},
        {.hosts = "2001:db8::1=5",
         .list = IPV6("2001:db8::/32"),
         .result = IPV6("2001:db8::/32"),
         .skips = "2001:db8::1 covered 1"},
        /* Of several that cover it the first is told, be it the host's own or a network. */
        {.hosts = "192.0.2.1=5 192.0.2.2=5",
         .list = IPV4("192.0.2.1") IPV4("192.0.2.2") IPV4("192.0.2.2") IPV4("192.0.2.1"),
         .result = IPV4("192.0.2.1") IPV4("192.0.2.2") IPV4("192.0.2.2") IPV4("192.0.2.1"),
         .skips = "192.0.2.1 covered 1, 192.0.2.2 covered 2"},
        {.hosts = "192.0.2.1=5 192.0.2.2=5",
         .list = IPV4("192.0.2.1") NET("192.0.2.0", "255.255.255.0", "code=1") IPV4("192.0.2.2"),
         .result = IPV4("192.0.2.1") NET("192.0.2.0", "255.255.255.0", "code=1") IPV4("192.0.2.2"),
         .skips = "192.0.2.1 covered 1, 192.0.2.2 covered 2"},
        {.hosts = "2001:db8::1=5 2001:db8::2=5",
         .list = IPV6("2001:db8::1/128") IPV6("2001:db8::/32") IPV6("2001:db8::2/128"),
         .result = IPV6("2001:db8::1/128") IPV6("2001:db8::/32") IPV6("2001:db8::2/128"),
         .skips = "2001:db8::1 covered 1, 2001:db8::2 covered 2"},
        /* The entry of one host covers no network in which that is the first. */
        {.hosts = "192.0.2.1=3 192.0.2.2=3",
         .ipv4_prefix = 24,
         .list = IPV4("192.0.2.1"),
         .result = IPV4("192.0.2.1") NET("192.0.2.0", "255.255.255.0", "code=1"),
         .skips = ""},
        {.hosts = "192.0.2.1=5", .list = IPV6("::ffff:192.0.2.1/128"), .result = IPV6("::ffff:192.0.2.1/128")},
        {.hosts = "192.0.2.1=5", .list = IPV6("::/64"), .result = IPV6("::/64"), .skips = "192.0.2.1 covered 1"},
        {.hosts = "192.0.2.1=5", .list = IPV6("::/0"), .result = IPV6("::/0"), .skips = "192.0.2.1 covered 1"},
        /* The first line that covers is told. */
        {.hosts = "192.0.2.1=5",
         .list = NET("192.0.2.0", "255.255.255.0", "") IPV4("192.0.2.1"),
         .result = NET("192.0.2.0", "255.255.255.0", "") IPV4("192.0.2.1"),
         .skips = "192.0.2.1 covered 1"},
        /* A host name, a line without a netmask, a comment, another host: none of them covers. */
        {.hosts = "192.0.2.1=5",
         .list = "\"spam.example\"\n\"192.0.2.1\"\n#\"192.0.2.1/32\"\n" IPV4("192.0.2.2"),
         .result = "\"spam.example\"\n\"192.0.2.1\"\n#\"192.0.2.1/32\"\n" IPV4("192.0.2.2") IPV4("192.0.2.1"),
         .lines = "###K",
         .skips = ""},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

static void an_entry_that_does_not_refuse_shadows_and_hides_nothing(void **state)
{
    static const struct scene scenes[] = {
        {.hosts = "192.0.2.1=5",
         .list = NET("192.0.2.1", "255.255.255.255", "code=0"),
         .result = NET("192.0.2.1", "255.255.255.255", "code=0") IPV4("192.0.2.1"),
         .shadows = "192.0.2.1 1"},
        {.hosts = "192.0.2.1=5",
         .list = "# x\n" NET("192.0.2.0", "255.255.255.0", "code=-5") NET("192.0.0.0", "255.255.0.0", "code=0"),
         .result = "# x\n" NET("192.0.2.0", "255.255.255.0", "code=-5") NET("192.0.0.0", "255.255.0.0", "code=0")
             IPV4("192.0.2.1"),
         .shadows = "192.0.2.1 2"},
        {.hosts = "192.0.2.1=5",
         .list = NET("192.0.2.0", "255.255.255.0", "code=-5") NET("192.0.2.1", "255.255.255.255", "code=0"),
         .result = NET("192.0.2.0", "255.255.255.0", "code=-5") NET("192.0.2.1", "255.255.255.255", "code=0")
             IPV4("192.0.2.1"),
         .shadows = "192.0.2.1 1"},
        /* One that refuses and one that doesn't: covered, wherever they stand. */
        {.hosts = "192.0.2.1=5",
         .list = NET("192.0.2.1", "255.255.255.255", "code=0") IPV4("192.0.2.1"),
         .result = NET("192.0.2.1", "255.255.255.255", "code=0") IPV4("192.0.2.1"),
         .skips = "192.0.2.1 covered 2"},
        /* A lenient line that goes shadows nothing. */
        {.hosts = "192.0.2.1=5",
         .replace = true,
         .list = NET("192.0.2.1", "255.255.255.255", "code=0"),
         .result = IPV4("192.0.2.1")},
        {.hosts = "192.0.2.1=5",
         .replace = true,
         .list = NET("192.0.2.1", "255.255.255.255", "permanent=1,code=0"),
         .result = NET("192.0.2.1", "255.255.255.255", "permanent=1,code=0") IPV4("192.0.2.1"),
         .shadows = "192.0.2.1 1"},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

static void white_listed_and_logged_in_hosts_are_never_registered(void **state)
{
    static const struct scene scenes[] = {
        {.hosts = "192.0.2.1=9 192.0.2.2=9",
         .whitelist = "192.0.2.1",
         .list = "",
         .result = IPV4("192.0.2.2"),
         .skips = "192.0.2.1 whitelisted"},
        {.hosts = "192.0.2.1=9 192.0.3.2=9", .whitelist = "192.0.2.0/23", .list = "", .result = ""},
        {.hosts = "2001:db8::1=9", .whitelist = "2001:db8::/32", .list = "", .result = ""},
        {.hosts = "192.0.2.1=9L 192.0.2.2=9", .list = "", .result = IPV4("192.0.2.2"), .skips = "192.0.2.1 exempt"},
        {.hosts = "192.0.2.1=9L 192.0.2.2=9",
         .exempts_nobody = true,
         .list = "",
         .result = IPV4("192.0.2.1") IPV4("192.0.2.2")},
        {.hosts = "192.0.2.1=9L", .whitelist = "192.0.2.1", .list = "", .result = "", .skips = "192.0.2.1 whitelisted"},
        {.hosts = "192.0.2.1=4L", .list = "", .result = "", .skips = ""},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

/* --- removing ----------------------------------------------------------------------------------------------------- */

static void without_remove_count_append_mode_removes_nothing(void **state)
{
    static const char list[] = IPV4("192.0.2.1") "# x\n\n" IPV4("192.0.2.2") "\"host.example\"\n" IPV4("10.0.0.1");
    static const struct scene scenes[] = {
        {.hosts = "", .list = list, .result = list, .lines = "K##K#K", .counts = "0/0/3"},
        {.hosts = "", .whitelist = "192.0.2.0/24", .list = list, .result = list, .lines = "K##K#K"},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

static void entries_with_at_most_remove_count_accesses_go(void **state)
{
    static const struct scene scenes[] = {
        {.remove_count = "0",
         .hosts = "192.0.2.2=1 192.0.2.3=0+1",
         .list = IPV4("192.0.2.1") IPV4("192.0.2.2") IPV4("192.0.2.3"),
         .result = IPV4("192.0.2.2") IPV4("192.0.2.3"),
         .lines = "qAA",
         .counts = "0/1/2"},
        {.remove_count = "2",
         .hosts = "192.0.2.1=2 192.0.2.2=3 192.0.2.3=0+3 192.0.2.4=1+1 192.0.2.5=1+2 192.0.2.6=0+2",
         .list = IPV4("192.0.2.1") IPV4("192.0.2.2") IPV4("192.0.2.3") IPV4("192.0.2.4") IPV4("192.0.2.5")
             IPV4("192.0.2.6"),
         .result = IPV4("192.0.2.2") IPV4("192.0.2.3") IPV4("192.0.2.5"),
         .lines = "qAAqAq"},
        /* Logins are no accesses. */
        {.remove_count = "0", .hosts = "192.0.2.1=0L", .list = IPV4("192.0.2.1"), .result = "", .lines = "q"},
        /* Not an entry: never. */
        {.remove_count = "0",
         .hosts = "",
         .list = "# x\n\n\"host.example\"\n\"192.0.2.1\"\n \"192.0.2.1/32\"\n",
         .result = "# x\n\n\"host.example\"\n\"192.0.2.1\"\n \"192.0.2.1/32\"\n",
         .lines = "#####"},
        /* Whatever its code. */
        {.remove_count = "0",
         .hosts = "192.0.2.2=1",
         .list = NET("192.0.2.1", "255.255.255.255", "code=0") NET("192.0.2.2", "255.255.255.255", "code=-9"),
         .result = NET("192.0.2.2", "255.255.255.255", "code=-9"),
         .lines = "qA"},
        /* Permanent: never. */
        {.remove_count = "0",
         .hosts = "",
         .list = NET("192.0.2.1", "255.255.255.255", "code=1,permanent=1")
             NET("192.0.2.2", "255.255.255.255", "permanent=10"),
         .result = NET("192.0.2.1", "255.255.255.255", "code=1,permanent=1"),
         .lines = "Pq"},
        /* Removal looks at the entry's hosts even where registering looks at networks. */
        {.remove_count = "1",
         .hosts = "192.0.2.1=1 192.0.2.2=4",
         .ipv4_prefix = 24,
         .list = IPV4("192.0.2.1") IPV4("192.0.2.2"),
         .result = IPV4("192.0.2.2") NET("192.0.2.0", "255.255.255.0", "code=1"),
         .lines = "qA",
         .counts = "1/1/1"},
        {.removes_only = true,
         .remove_count = "0",
         .hosts = "192.0.2.2=9 192.0.2.3=9",
         .list = IPV4("192.0.2.1") IPV4("192.0.2.2"),
         .result = IPV4("192.0.2.2"),
         .lines = "qA",
         .counts = "0/1/1"},
        /* A host is registered anew only if no line that stays covers it. */
        {.remove_count = "0",
         .hosts = "192.0.2.1=9",
         .list = IPV4("192.0.2.1") IPV4("192.0.2.7") "# end",
         .result = IPV4("192.0.2.1") "# end",
         .lines = "Aq#",
         .skips = "192.0.2.1 covered 1"},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

static void an_entry_of_many_hosts_has_the_sum_of_their_accesses(void **state)
{
    static const struct scene scenes[] = {
        {.remove_count = "3",
         .hosts = "192.0.1.255=9 192.0.2.0=1 192.0.2.77=0+1 192.0.2.255=2 192.0.3.0=9",
         .list = NET("192.0.2.0", "255.255.255.0", "code=1"),
         .result = NET("192.0.2.0", "255.255.255.0", "code=1") IPV4("192.0.1.255") IPV4("192.0.3.0"),
         .lines = "A"},
        {.remove_count = "4",
         .hosts = "192.0.1.255=4 192.0.2.0=1 192.0.2.77=0+1 192.0.2.255=2 192.0.3.0=4",
         .list = NET("192.0.2.0", "255.255.255.0", "code=1"),
         .result = "",
         .lines = "q"},
        /* An odd mask: the last byte counts. */
        {.remove_count = "2",
         .hosts = "1.2.3.7=1 9.9.9.7=1 200.0.0.7=0+1 1.2.3.8=4",
         .list = NET("0.0.0.7", "0.0.0.255", "code=1"),
         .result = NET("0.0.0.7", "0.0.0.255", "code=1"),
         .lines = "A"},
        {.remove_count = "3",
         .hosts = "1.2.3.7=1 9.9.9.7=1 200.0.0.7=0+1 1.2.3.8=4",
         .list = NET("0.0.0.7", "0.0.0.255", "code=1"),
         .result = "",
         .lines = "q"},
        {.remove_count = "1",
         .hosts = "10.1.5.1=1 10.9.5.2=1 10.1.6.1=4",
         .list = NET("10.0.5.0", "255.0.255.0", "code=1"),
         .result = NET("10.0.5.0", "255.0.255.0", "code=1"),
         .lines = "A"},
        {.remove_count = "1",
         .hosts = "2001:db8::1=1 2001:db8:ffff::1=1 2001:db9::=4",
         .list = IPV6("2001:db8::/32"),
         .result = IPV6("2001:db8::/32"),
         .lines = "A"},
        {.remove_count = "0",
         .hosts = "192.0.2.1=1",
         .list = NET("0.0.0.0", "0.0.0.0", ""),
         .result = NET("0.0.0.0", "0.0.0.0", "")},
        {.remove_count = "0", .hosts = "192.0.2.1=1", .list = IPV6("::/0"), .result = IPV6("::/0"), .lines = "A"},
        {.remove_count = "0",
         .hosts = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff=1",
         .list = IPV6("::/0") IPV6("ff00::/8"),
         .result = IPV6("::/0") IPV6("ff00::/8"),
         .lines = "AA"},
        {.remove_count = "0",
         .hosts = "2001:db8::1=1",
         .list = NET("0.0.0.0", "0.0.0.0", ""),
         .result = "",
         .lines = "q"},
        /* One that ends where the IPv4 hosts do. */
        {.remove_count = "1", .hosts = "::5=1 2001:db8::1=4", .list = IPV6("::/80"), .result = "", .lines = "q"},
        {.remove_count = "1",
         .hosts = "::5=1 192.0.2.1=1 2001:db8::1=4",
         .list = IPV6("::/80"),
         .result = IPV6("::/80"),
         .lines = "A"},
        {.remove_count = "2",
         .hosts = "::5=1 255.255.255.255=1 2001:db8::1=4",
         .list = IPV6("::/80"),
         .result = "",
         .lines = "q"},
        /* White-listed hosts have none. */
        {.remove_count = "3",
         .whitelist = "192.0.2.9",
         .hosts = "192.0.2.1=2 192.0.2.9=50+50",
         .list = NET("192.0.2.0", "255.255.255.0", "code=1"),
         .result = "",
         .lines = "q"},
        {.remove_count = "3",
         .whitelist = "1.1.1.7",
         .hosts = "9.9.9.7=2 1.1.1.7=50+50",
         .list = NET("0.0.0.7", "0.0.0.255", "code=1"),
         .result = "",
         .lines = "q"},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

static void white_listed_entries_go_only_with_remove_count(void **state)
{
    static const struct scene scenes[] = {
        {.remove_count = "0",
         .whitelist = "192.0.2.1",
         .hosts = "192.0.2.1=50+50",
         .list = IPV4("192.0.2.1") IPV4("192.0.2.2"),
         .result = "",
         .lines = "wq"},
        {.whitelist = "192.0.2.1",
         .hosts = "192.0.2.1=50",
         .list = IPV4("192.0.2.1"),
         .result = IPV4("192.0.2.1"),
         .lines = "K"},
        {.remove_count = "0",
         .whitelist = "192.0.2.1",
         .hosts = "192.0.2.1=50",
         .list = NET("192.0.2.1", "255.255.255.255", "permanent=1"),
         .result = NET("192.0.2.1", "255.255.255.255", "permanent=1"),
         .lines = "P"},
    };
    struct stage stage;
    struct buffer list = {0};
    struct buffer result = {0};
    struct spamtab tab;
    struct decision decision;
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
    stage_set(&scenes[1], &stage); /* what the warning is made from */
    buffer_add_text(&list, scenes[1].list);
    decide(&stage, &list, &tab, &decision, &result);
    assert_true(decision.lines[0].whitelisted);
    assert_int_equal(decision.lines[0].accesses, 0);
    decision_clear(&decision);
    spamtab_clear(&tab);
    buffer_clear(&list);
    buffer_clear(&result);
    stage_clear(&stage);
}

/* --- replacing ---------------------------------------------------------------------------------------------------- */

static void replace_mode_keeps_permanent_entries_and_what_is_no_entry_in_place(void **state)
{
    static const struct scene scenes[] = {
        {.replace = true, .hosts = "", .list = "", .result = "", .counts = "0/0/0"},
        {.replace = true,
         .hosts = "",
         .list = IPV4("192.0.2.1") IPV4("10.0.0.1"),
         .result = "",
         .lines = "rr",
         .counts = "0/2/0"},
        {.replace = true,
         .hosts = "192.0.2.9=5",
         .list = "# a\n" IPV4("192.0.2.1") NET("192.0.2.2", "255.255.255.255", "permanent=1,code=1") "\n" IPV4(
             "192.0.2.3") "\"host.example\"\n" IPV4("192.0.2.4"),
         .result =
             "# a\n" NET("192.0.2.2", "255.255.255.255", "permanent=1,code=1") "\n\"host.example\"\n" IPV4("192.0.2.9"),
         .lines = "#rP#r#r",
         .counts = "1/3/1"},
        {.replace = true,
         .hosts = "192.0.2.1=5",
         .list = "# x\n" NET("192.0.2.1", "255.255.255.255", "permanent=1"),
         .result = "# x\n" NET("192.0.2.1", "255.255.255.255", "permanent=1"),
         .skips = "192.0.2.1 covered 2",
         .counts = "0/0/1"},
        /* remove_count isn't used. */
        {.replace = true,
         .remove_count = "0",
         .hosts = "192.0.2.1=4",
         .list = IPV4("192.0.2.1"),
         .result = "",
         .lines = "r"},
        {.replace = true,
         .whitelist = "192.0.2.1",
         .hosts = "192.0.2.1=9",
         .list = IPV4("192.0.2.1"),
         .result = "",
         .skips = "192.0.2.1 whitelisted"},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

static void an_entry_that_replace_mode_writes_again_is_renewed(void **state)
{
    static const struct scene scenes[] = {
        {.replace = true,
         .hosts = "192.0.2.1=5 192.0.2.2=5",
         .list = IPV4("192.0.2.2") IPV4("192.0.2.3") IPV4("192.0.2.1"),
         .result = IPV4("192.0.2.1") IPV4("192.0.2.2"),
         .lines = "nrn",
         .counts = "0/1/2"},
        {.replace = true,
         .hosts = "192.0.2.1=5",
         .list = "192.0.2.1\t255.255.255.255\n",
         .result = IPV4("192.0.2.1"),
         .lines = "n",
         .counts = "0/0/1"},
        /* Twice in the old list: nobody is let in. */
        {.replace = true,
         .hosts = "192.0.2.1=5",
         .list = IPV4("192.0.2.1") IPV4("192.0.2.1"),
         .result = IPV4("192.0.2.1"),
         .lines = "nn",
         .counts = "0/0/2"},
        {.replace = true,
         .hosts = "192.0.2.1=5",
         .list = NET("192.0.2.0", "255.255.255.0", "code=1"),
         .result = IPV4("192.0.2.1"),
         .lines = "r",
         .counts = "1/1/0"},
        {.replace = true,
         .ipv4_prefix = 24,
         .hosts = "192.0.2.1=3 192.0.2.2=3",
         .list = NET("192.0.2.0", "255.255.255.0", "code=1"),
         .result = NET("192.0.2.0", "255.255.255.0", "code=1"),
         .lines = "n",
         .counts = "0/0/1"},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

/* --- prefixes ----------------------------------------------------------------------------------------------------- */

static void counts_are_summed_and_entries_written_by_network(void **state)
{
    static const struct scene scenes[] = {
        {.ipv4_prefix = 24,
         .hosts = "192.0.2.0=1 192.0.2.9=2 192.0.2.255=2 192.0.3.0=4 192.0.1.255=4",
         .list = "",
         .result = NET("192.0.2.0", "255.255.255.0", "code=1"),
         .counts = "1/0/0"},
        {.ipv4_prefix = 24, .hosts = "192.0.2.1=4+9", .list = "", .result = ""},
        {.ipv4_prefix = 8,
         .hosts = "10.1.1.1=3 10.255.0.1=2",
         .list = "",
         .result = NET("10.0.0.0", "255.0.0.0", "code=1")},
        {.ipv4_prefix = 31, .hosts = "10.0.0.1=3 10.0.0.2=3", .list = "", .result = ""},
        {.ipv6_prefix = 64,
         .hosts = "2001:db8::1=2 2001:db8::ffff:ffff:ffff:ffff=3 2001:db8:0:1::=4 192.0.2.1=5",
         .list = "",
         .result = IPV4("192.0.2.1") IPV6("2001:db8::/64")},
        {.ipv6_prefix = 16, .hosts = "2001:db8::1=2 2001::=3", .list = "", .result = IPV6("2001::/16")},
        /* Covered only if the whole network is. */
        {.ipv4_prefix = 24,
         .hosts = "192.0.2.1=9",
         .list = IPV4("192.0.2.1"),
         .result = IPV4("192.0.2.1") NET("192.0.2.0", "255.255.255.0", "code=1")},
        {.ipv4_prefix = 24,
         .hosts = "192.0.2.1=9",
         .list = NET("192.0.0.0", "255.255.0.0", ""),
         .result = NET("192.0.0.0", "255.255.0.0", ""),
         .skips = "192.0.2.0/24 covered 1"},
        {.ipv4_prefix = 24,
         .hosts = "192.0.2.1=9",
         .list = NET("192.0.0.0", "255.255.0.0", "code=0"),
         .result = NET("192.0.0.0", "255.255.0.0", "code=0") NET("192.0.2.0", "255.255.255.0", "code=1"),
         .shadows = "192.0.2.0/24 1"},
        {.ipv4_prefix = 24,
         .by_hits = true,
         .hosts = "10.0.0.1=5 192.0.2.1=3 192.0.2.2=3",
         .list = "",
         .result = NET("192.0.2.0", "255.255.255.0", "code=1") NET("10.0.0.0", "255.255.255.0", "code=1")},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

static void a_network_that_would_hit_the_innocent_falls_back_to_its_hosts(void **state)
{
    static const struct scene scenes[] = {
        /* It overlaps the whitelist, a part of it or more. */
        {.ipv4_prefix = 24,
         .whitelist = "192.0.2.200",
         .hosts = "192.0.2.1=5 192.0.2.2=4",
         .list = "",
         .result = IPV4("192.0.2.1")},
        {.ipv4_prefix = 24,
         .whitelist = "192.0.0.0/16",
         .hosts = "192.0.2.1=5 192.0.2.2=4",
         .list = "",
         .result = "",
         .skips = "192.0.2.1 whitelisted"},
        {.ipv4_prefix = 24,
         .whitelist = "192.0.3.0/24",
         .hosts = "192.0.2.1=5",
         .list = "",
         .result = NET("192.0.2.0", "255.255.255.0", "code=1")},
        {.ipv6_prefix = 64,
         .whitelist = "2001:db8::7",
         .hosts = "2001:db8::1=5 2001:db8::2=4",
         .list = "",
         .result = IPV6("2001:db8::1/128")},
        {.ipv6_prefix = 64, .whitelist = "2001::/16", .hosts = "2001:db8::1=5", .list = "", .result = ""},
        /* It holds a host that logged in, even one without a failure. */
        {.ipv4_prefix = 24, .hosts = "192.0.2.1=5 192.0.2.2=4 192.0.2.3=0L", .list = "", .result = IPV4("192.0.2.1")},
        {.ipv4_prefix = 24,
         .hosts = "192.0.2.1=5 192.0.2.2=9L",
         .list = "",
         .result = IPV4("192.0.2.1"),
         .skips = "192.0.2.2 exempt"},
        {.ipv4_prefix = 24,
         .exempts_nobody = true,
         .hosts = "192.0.2.1=4 192.0.2.2=1L",
         .list = "",
         .result = NET("192.0.2.0", "255.255.255.0", "code=1")},
        /* XMail would match IPv4 clients with it. */
        {.ipv6_prefix = 64, .hosts = "::1=5 ::2=4 ::1:0:0:1=4", .list = "", .result = IPV6("::1/128")},
        {.ipv6_prefix = 96, .hosts = "::1=3 ::2=3", .list = "", .result = ""},
        {.ipv6_prefix = 96,
         .hosts = "::1:1=3 ::1:2=3 ::1:0:0:1=3 ::1:0:0:2=3",
         .list = "",
         .result = IPV6("::1:0:0:0/96")},
        {.ipv6_prefix = 16, .hosts = "::1=4 0:ffff::1=5", .list = "", .result = IPV6("0:ffff::1/128")},
        {.ipv6_prefix = 64,
         .ipv4_prefix = 24,
         .hosts = "::1=5 192.0.2.1=5 ::1:0:0:1=5",
         .list = "",
         .result = NET("192.0.2.0", "255.255.255.0", "code=1") IPV6("::1/128") IPV6("::1:0:0:1/128")},
        {.ipv6_prefix = 100, .hosts = "::1=3 ::2=3", .list = "", .result = ""},
        /* Single hosts of a network that falls back may be covered. */
        {.ipv4_prefix = 24,
         .whitelist = "192.0.2.200",
         .hosts = "192.0.2.1=5 192.0.2.2=5",
         .list = IPV4("192.0.2.1"),
         .result = IPV4("192.0.2.1") IPV4("192.0.2.2"),
         .skips = "192.0.2.1 covered 1"},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

/* --- the list's bytes --------------------------------------------------------------------------------------------- */

static void line_ends_and_odd_lines_stay_as_they_are(void **state)
{
    static const struct scene scenes[] = {
        {.remove_count = "0",
         .hosts = "192.0.2.2=1",
         .list = "\"192.0.2.1\"\t\"255.255.255.255\"\r\n\"192.0.2.2\"\t\"255.255.255.255\"\n# x",
         .result = "\"192.0.2.2\"\t\"255.255.255.255\"\n# x"},
        {.remove_count = "0",
         .hosts = "192.0.2.9=5",
         .list = "\"192.0.2.1\"\t\"255.255.255.255\"\r\n# x",
         .result = "# x\r\n\"192.0.2.9\"\t\"255.255.255.255\"\t\"code=1\"\r\n"},
        {.remove_count = "0", .hosts = "", .list = "# x\n\"192.0.2.1\"\t\"255.255.255.255\"", .result = "# x\n"},
        {.replace = true,
         .hosts = "192.0.2.9=5",
         .list = "# x\r\n\"192.0.2.1\"\t\"255.255.255.255\"",
         .result = "# x\r\n\"192.0.2.9\"\t\"255.255.255.255\"\t\"code=1\"\r\n"},
        {.replace = true, .hosts = "", .list = "\n\n  \n\t\n", .result = "\n\n  \n\t\n"},
    };
    (void)state;
    play_all(scenes, COUNT_OF(scenes));
}

static void the_tail_of_a_long_line_goes_and_its_head_stays(void **state)
{
    struct buffer list = {0};
    struct buffer kept = {0};
    (void)state;
    buffer_add_text(&list, "#");
    while (list.length < 510)
        buffer_add_text(&list, "-");
    buffer_add(&kept, list.bytes, list.length);
    buffer_add_text(&list, "\"192.0.2.1\"\t\"255.255.255.255\"\r\n# next\r\n");
    buffer_add_text(&kept, "\r\n# next\r\n");
    buffer_add(&list, "", 1);
    buffer_add(&kept, "", 1);
    const struct scene scene = {
        .remove_count = "0", .hosts = "", .list = list.bytes, .result = kept.bytes, .lines = "#q#"};
    play(0, &scene);
    buffer_clear(&list);
    buffer_clear(&kept);
}

/* --- again -------------------------------------------------------------------------------------------------------- */

static void deciding_again_on_the_result_changes_nothing(void **state)
{
    uint64_t seed = 2026;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct buffer hosts = {0};
        struct buffer list = {0};
        const struct scene scene = random_scene(&seed, &hosts, &list);
        struct stage stage;
        struct spamtab tab;
        struct decision decision;
        struct buffer first = {0};
        struct buffer second = {0};
        stage_set(&scene, &stage);
        decide(&stage, &list, &tab, &decision, &first);
        size_t entries = 0;
        for (size_t i = 0; i < tab.count; i++)
            entries += tab.lines[i].is_entry;
        assert_int_equal(entries, decision.removed + decision.kept);
        decision_clear(&decision);
        spamtab_clear(&tab);
        decide(&stage, &first, &tab, &decision, &second);
        if (!buffer_equal(&first, &second))
            fail_msg("round %d: hosts %s\nlist:\n%.*s\nfirst:\n%.*s\nsecond:\n%.*s", round, hosts.bytes,
                     (int)list.length, list.bytes ? list.bytes : "", (int)first.length, first.bytes ? first.bytes : "",
                     (int)second.length, second.bytes ? second.bytes : "");
        assert_int_equal(decision.added, 0);
        assert_int_equal(decision.removed, 0);
        decision_clear(&decision);
        spamtab_clear(&tab);
        buffer_clear(&first);
        buffer_clear(&second);
        buffer_clear(&list);
        buffer_clear(&hosts);
        stage_clear(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_with_enough_accesses_are_added_at_the_end),
        cmocka_unit_test(new_entries_are_ordered_by_address_or_by_accesses),
        cmocka_unit_test(what_an_entry_already_refuses_is_not_added_again),
        cmocka_unit_test(an_entry_that_does_not_refuse_shadows_and_hides_nothing),
        cmocka_unit_test(white_listed_and_logged_in_hosts_are_never_registered),
        cmocka_unit_test(without_remove_count_append_mode_removes_nothing),
        cmocka_unit_test(entries_with_at_most_remove_count_accesses_go),
        cmocka_unit_test(an_entry_of_many_hosts_has_the_sum_of_their_accesses),
        cmocka_unit_test(white_listed_entries_go_only_with_remove_count),
        cmocka_unit_test(replace_mode_keeps_permanent_entries_and_what_is_no_entry_in_place),
        cmocka_unit_test(an_entry_that_replace_mode_writes_again_is_renewed),
        cmocka_unit_test(counts_are_summed_and_entries_written_by_network),
        cmocka_unit_test(a_network_that_would_hit_the_innocent_falls_back_to_its_hosts),
        cmocka_unit_test(line_ends_and_odd_lines_stay_as_they_are),
        cmocka_unit_test(the_tail_of_a_long_line_goes_and_its_head_stays),
        cmocka_unit_test(deciding_again_on_the_result_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
