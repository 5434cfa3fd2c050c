/* SPDX-License-Identifier: MIT */
/* What becomes of a host: by settings, list and evidence, and against a plain search of the list before and after. */
#include "support_decision.h"

#include "outlook.h"

/* The host of a scene that is asked about, and what is answered. */
struct question {
    struct scene scene;
    const char *host;
    enum outlook_kind kind;
    unsigned long line;
    const char *network; /* NULL: the host */
    bool whitelisted;
    bool authenticated;
};

/* All that outlooks of a scene stand on. */
struct ground {
    struct stage stage;
    struct buffer list;
    struct buffer result;
    struct spamtab tab;
    struct decision decision;
    struct outlooks *outlooks;
};

static void ground_set(const struct scene *scene, struct ground *ground)
{
    struct error error;
    stage_set(scene, &ground->stage);
    decide(&ground->stage, &ground->list, &ground->tab, &ground->decision, &ground->result);
    const struct outlook_grounds grounds = {.rules = &ground->stage.rules,
                                            .evidence = ground->stage.evidence,
                                            .whitelist = &ground->stage.whitelist,
                                            .tab = &ground->tab,
                                            .decision = &ground->decision};
    ground->outlooks = outlooks_new(&grounds, &error);
    assert_non_null(ground->outlooks);
}

static void ground_clear(struct ground *ground)
{
    outlooks_free(ground->outlooks);
    decision_clear(&ground->decision);
    spamtab_clear(&ground->tab);
    buffer_clear(&ground->list);
    buffer_clear(&ground->result);
    stage_clear(&ground->stage);
}

static void ask(size_t row, const struct question *question)
{
    struct ground ground = {.list = {0}};
    if (question->scene.list)
        buffer_add_text(&ground.list, question->scene.list);
    ground_set(&question->scene, &ground);
    const struct outlook outlook = outlook_of(ground.outlooks, host_of(question->host));
    const struct network network = network_of(question->network ? question->network : question->host);
    char text[NETWORK_TEXT_SIZE];
    if (outlook.kind != question->kind || outlook.line != question->line || !network_same(&outlook.network, &network) ||
        outlook.whitelisted != question->whitelisted || outlook.authenticated != question->authenticated)
        fail_msg("row %zu: %s is %s, line %lu, %s, %d, %d", row, question->host, outlook_word(outlook.kind),
                 outlook.line, network_format(&outlook.network, text), outlook.whitelisted, outlook.authenticated);
    ground_clear(&ground);
}

static void ask_all(const struct question *questions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ask(i, &questions[i]);
}

#define LENIENT(address) NET(address, "255.255.255.255", "code=0")

static void what_no_entry_refuses_is_spared_for_a_reason(void **state)
{
    static const struct question questions[] = {
        {{.hosts = "192.0.2.1=4"}, "192.0.2.1", OUTLOOK_BELOW, .line = 0},
        {{.hosts = "192.0.2.1=4"}, "192.0.2.2", OUTLOOK_BELOW, .line = 0},
        {{.hosts = "192.0.2.1=0+9"}, "192.0.2.1", OUTLOOK_BELOW, .line = 0},
        {{.hosts = "192.0.2.1=9L"}, "192.0.2.1", OUTLOOK_EXEMPT, .authenticated = true},
        {{.hosts = "192.0.2.1=4L"}, "192.0.2.1", OUTLOOK_BELOW, .authenticated = true},
        {{.hosts = "192.0.2.1=4L", .exempts_nobody = true}, "192.0.2.1", OUTLOOK_BELOW, .line = 0},
        {{.hosts = "192.0.2.1=9", .whitelist = "192.0.2.0/24"}, "192.0.2.1", OUTLOOK_WHITELISTED, .whitelisted = true},
        {{.hosts = "192.0.2.1=9L", .whitelist = "192.0.2.0/24"},
         "192.0.2.1",
         OUTLOOK_WHITELISTED,
         .whitelisted = true,
         .authenticated = true},
        {{.hosts = "", .whitelist = "2001:db8::/32"}, "2001:db8::1", OUTLOOK_WHITELISTED, .whitelisted = true},
        {{.hosts = "192.0.2.1=9", .removes_only = true}, "192.0.2.1", OUTLOOK_IDLE, .line = 0},
        /* The line, which doesn't refuse at connect, is told. */
        {{.hosts = "192.0.2.1=4", .list = "# x\n" LENIENT("192.0.2.1")}, "192.0.2.1", OUTLOOK_BELOW, .line = 2},
        {{.hosts = "192.0.2.1=9L", .list = NET("192.0.2.0", "255.255.255.0", "code=-5") LENIENT("192.0.2.1")},
         "192.0.2.1",
         OUTLOOK_EXEMPT,
         .line = 1,
         .network = "192.0.2.0/24",
         .authenticated = true},
        /* Of a network that falls back to its hosts. */
        {{.hosts = "192.0.2.1=4 192.0.2.2=4", .ipv4_prefix = 24, .whitelist = "192.0.2.200"},
         "192.0.2.1",
         OUTLOOK_BELOW,
         .line = 0},
    };
    (void)state;
    ask_all(questions, COUNT_OF(questions));
}

static void what_an_entry_will_refuse_is_told_with_it(void **state)
{
    static const struct question questions[] = {
        {{.hosts = "192.0.2.1=5", .list = "# x\n"}, "192.0.2.1", OUTLOOK_ADDED, .line = 0},
        {{.hosts = "192.0.2.1=3 192.0.2.2=3", .ipv4_prefix = 24},
         "192.0.2.1",
         OUTLOOK_ADDED,
         .network = "192.0.2.0/24"},
        /* Not in the evidence, but of that network. */
        {{.hosts = "192.0.2.1=3 192.0.2.2=3", .ipv4_prefix = 24},
         "192.0.2.99",
         OUTLOOK_ADDED,
         .network = "192.0.2.0/24"},
        {{.hosts = "2001:db8::1=5", .ipv6_prefix = 64}, "2001:db8::1", OUTLOOK_ADDED, .network = "2001:db8::/64"},
        {{.hosts = "192.0.2.1=5", .list = IPV4("192.0.2.9") IPV4("192.0.2.1")}, "192.0.2.1", OUTLOOK_KEPT, .line = 2},
        {{.hosts = "", .list = IPV4("192.0.2.1")}, "192.0.2.1", OUTLOOK_KEPT, .line = 1},
        {{.hosts = "192.0.2.1=1", .remove_count = "0", .list = IPV4("192.0.2.1")},
         "192.0.2.1",
         OUTLOOK_KEPT,
         .line = 1},
        {{.hosts = "192.0.2.1=5", .replace = true, .list = IPV4("192.0.2.9") IPV4("192.0.2.1")},
         "192.0.2.1",
         OUTLOOK_KEPT,
         .line = 2},
        {{.hosts = "192.0.2.1=5", .ipv4_prefix = 24, .list = NET("192.0.2.0", "255.255.255.0", "")},
         "192.0.2.1",
         OUTLOOK_KEPT,
         .line = 1,
         .network = "192.0.2.0/24"},
        {{.hosts = "192.0.2.1=5", .list = NET("192.0.2.0", "255.255.255.0", "")},
         "192.0.2.1",
         OUTLOOK_COVERED,
         .line = 1,
         .network = "192.0.2.0/24"},
        {{.hosts = "192.0.2.1=5", .list = NET("192.0.2.0", "255.255.255.0", "permanent=1") IPV4("192.0.2.1")},
         "192.0.2.1",
         OUTLOOK_COVERED,
         .line = 1,
         .network = "192.0.2.0/24"},
        {{.hosts = "10.0.0.1=5", .list = NET("0.0.0.1", "0.0.0.255", "")},
         "10.0.0.1",
         OUTLOOK_COVERED,
         .line = 1,
         .network = "0.0.0.1/0.0.0.255"},
        {{.hosts = "", .list = NET("192.0.2.1", "255.255.255.255", "permanent=1")},
         "192.0.2.1",
         OUTLOOK_PERMANENT,
         .line = 1},
        {{.hosts = "", .whitelist = "192.0.2.1", .list = NET("192.0.2.1", "255.255.255.255", "permanent=1")},
         "192.0.2.1",
         OUTLOOK_PERMANENT,
         .line = 1,
         .whitelisted = true},
        /* The network of the configuration is wider than what goes: its own entry is added. */
        {{.hosts = "192.0.2.1=5", .replace = true, .list = NET("192.0.2.0", "255.255.255.0", "")},
         "192.0.2.1",
         OUTLOOK_ADDED,
         .line = 0},
        /* A line behind it changes nothing. */
        {{.hosts = "192.0.2.1=5", .list = IPV4("192.0.2.1") LENIENT("192.0.2.1")},
         "192.0.2.1",
         OUTLOOK_KEPT,
         .line = 1},
    };
    (void)state;
    ask_all(questions, COUNT_OF(questions));
}

static void what_xmail_takes_before_the_entry_shadows_it(void **state)
{
    static const struct question questions[] = {
        {{.hosts = "192.0.2.1=5", .list = "# x\n" LENIENT("192.0.2.1")}, "192.0.2.1", OUTLOOK_SHADOWED, .line = 2},
        {{.hosts = "192.0.2.1=5", .list = NET("192.0.2.0", "255.255.255.0", "code=-5") IPV4("192.0.2.1")},
         "192.0.2.1",
         OUTLOOK_SHADOWED,
         .line = 1,
         .network = "192.0.2.0/24"},
        {{.hosts = "", .list = LENIENT("192.0.2.1") NET("192.0.2.0", "255.255.255.0", "permanent=1")},
         "192.0.2.1",
         OUTLOOK_SHADOWED,
         .line = 1},
        /* It goes itself. */
        {{.hosts = "192.0.2.1=5", .replace = true, .list = LENIENT("192.0.2.1")},
         "192.0.2.1",
         OUTLOOK_ADDED,
         .line = 0},
    };
    (void)state;
    ask_all(questions, COUNT_OF(questions));
}

static void what_goes_is_told_with_the_first_line_of_it(void **state)
{
    static const struct question questions[] = {
        {{.hosts = "", .remove_count = "0", .list = "# x\n" IPV4("192.0.2.1") IPV4("192.0.2.1")},
         "192.0.2.1",
         OUTLOOK_REMOVED,
         .line = 2},
        {{.hosts = "", .remove_count = "0", .list = NET("192.0.2.0", "255.255.255.0", "")},
         "192.0.2.1",
         OUTLOOK_REMOVED,
         .line = 1,
         .network = "192.0.2.0/24"},
        {{.hosts = "192.0.2.1=9", .remove_count = "0", .whitelist = "192.0.2.1", .list = IPV4("192.0.2.1")},
         "192.0.2.1",
         OUTLOOK_REMOVED,
         .line = 1,
         .whitelisted = true},
        {{.hosts = "192.0.2.1=4", .replace = true, .list = IPV4("192.0.2.1")}, "192.0.2.1", OUTLOOK_REMOVED, .line = 1},
        /* Another one stays. */
        {{.hosts = "192.0.2.2=1", .remove_count = "0", .list = IPV4("192.0.2.1") NET("192.0.2.0", "255.255.255.0", "")},
         "192.0.2.1",
         OUTLOOK_COVERED,
         .line = 2,
         .network = "192.0.2.0/24"},
    };
    (void)state;
    ask_all(questions, COUNT_OF(questions));
}

/* --- by chance ---------------------------------------------------------------------------------------------------- */

/* The number of the first line from at on that is an entry for the address and, if so wished, refuses at connect. */
static size_t first_line(const struct spamtab *tab, size_t at, struct address address, bool rejects)
{
    for (; at < tab->count; at++)
        if (tab->lines[at].is_entry && network_contains(&tab->lines[at].network, address) &&
            (!rejects || spamtab_rejects(&tab->lines[at])))
            break;
    return at;
}

static bool is_line(const struct outlook *outlook, const struct spamtab *tab, size_t line)
{
    return line < tab->count && outlook->line == tab->lines[line].number &&
           network_same(&outlook->network, &tab->lines[line].network);
}

/* The line of the old list that is the first one of the very same network and refuses. */
static size_t same_line(const struct spamtab *tab, const struct network *network)
{
    size_t at = 0;
    while (at < tab->count && !(spamtab_rejects(&tab->lines[at]) && network_same(&tab->lines[at].network, network)))
        at++;
    return at;
}

static bool is_kept_line(const struct outlook *outlook, const struct ground *ground, size_t kept,
                         struct address address)
{
    /* Of the lines that stay, the one of this number in the new list. */
    size_t old = 0;
    for (size_t stays = 0; old < ground->tab.count; old++)
        if (ground->decision.lines[old].keep && stays++ == kept)
            break;
    const struct spamtab_line *line = &ground->tab.lines[old];
    const bool ipv4 = address_is_ipv4(address);
    const struct address mask =
        address_mask(ipv4 ? ADDRESS_IPV4_BITS + ground->stage.rules.ipv4_prefix : ground->stage.rules.ipv6_prefix);
    const bool own = address_equal(line->network.mask, mask) || address_equal(line->network.mask, address_mask(128));
    const enum outlook_kind kind = !own ? OUTLOOK_COVERED : line->permanent ? OUTLOOK_PERMANENT : OUTLOOK_KEPT;
    return outlook->kind == kind && is_line(outlook, &ground->tab, old);
}

static enum outlook_kind reason(const struct ground *ground, struct address address)
{
    size_t count;
    const struct evidence_host *hosts = evidence_hosts(ground->stage.evidence, &count);
    if (whitelist_has(&ground->stage.whitelist, address))
        return OUTLOOK_WHITELISTED;
    for (size_t i = 0; i < count; i++)
        if (address_equal(hosts[i].address, address) && hosts[i].unauthorized >= REGISTER_COUNT)
            return hosts[i].authenticated ? OUTLOOK_EXEMPT : OUTLOOK_IDLE;
    return OUTLOOK_BELOW;
}

/* True if the outlook is what the lists before and after, searched as XMail does, come to. */
static bool is_right(const struct outlook *outlook, const struct ground *ground, const struct spamtab *after,
                     struct address address)
{
    const struct spamtab *before = &ground->tab;
    const size_t kept = after->count - ground->decision.addition_count;
    const size_t first = first_line(after, 0, address, false);
    const size_t refusing = first_line(after, 0, address, true);
    if (refusing < after->count && first != refusing)
        return outlook->kind == OUTLOOK_SHADOWED && network_same(&outlook->network, &after->lines[first].network) &&
               outlook->line > 0;
    if (refusing < kept)
        return is_kept_line(outlook, ground, refusing, address);
    if (refusing < after->count) {
        const size_t old = same_line(before, &after->lines[refusing].network);
        return old < before->count ? outlook->kind == OUTLOOK_KEPT && is_line(outlook, before, old)
                                   : outlook->kind == OUTLOOK_ADDED && outlook->line == 0 &&
                                         network_same(&outlook->network, &after->lines[refusing].network);
    }
    for (size_t at = 0; (at = first_line(before, at, address, false)) < before->count; at++)
        if (!ground->decision.lines[at].keep)
            return outlook->kind == OUTLOOK_REMOVED && is_line(outlook, before, at);
    return outlook->kind == reason(ground, address) &&
           (first < after->count ? is_line(outlook, before, first_line(before, 0, address, false))
                                 : outlook->line == 0);
}

/* Returns what was asked of, a bit for each kind. */
static unsigned check_hosts(int round, uint64_t *seed, const struct ground *ground, const struct spamtab *after)
{
    static const char *const others[] = {"192.0.2.3", "192.0.2.7", "10.9.9.7", "203.0.113.7", "2001:db8::7", "::77"};
    unsigned kinds = 0;
    size_t count;
    const struct evidence_host *hosts = evidence_hosts(ground->stage.evidence, &count);
    for (size_t i = 0; i < count + COUNT_OF(others); i++) {
        const struct address address = i < count ? hosts[i].address : host_of(others[i - count]);
        const struct outlook outlook = outlook_of(ground->outlooks, address);
        char text[ADDRESS_TEXT_SIZE];
        if (!is_right(&outlook, ground, after, address))
            fail_msg("round %d, seed %llu: %s is not %s by line %lu; before:\n%.*s\nafter:\n%.*s", round,
                     (unsigned long long)*seed, address_format(address, text), outlook_word(outlook.kind), outlook.line,
                     (int)ground->list.length, ground->list.bytes ? ground->list.bytes : "", (int)ground->result.length,
                     ground->result.bytes ? ground->result.bytes : "");
        kinds |= 1U << outlook.kind;
    }
    return kinds;
}

static void the_outlook_of_each_host_is_what_the_list_comes_to(void **state)
{
    uint64_t seed = 7;
    unsigned kinds = 0;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct ground ground = {.list = {0}};
        struct buffer hosts = {0};
        struct spamtab after;
        struct error error;
        struct scene scene = random_scene(&seed, &hosts, &ground.list);
        scene.removes_only = random_below(&seed, 10) == 0;
        ground_set(&scene, &ground);
        assert_int_equal(spamtab_parse(&ground.result, ground.stage.permanent, &after, &error), 1);
        kinds |= check_hosts(round, &seed, &ground, &after);
        spamtab_clear(&after);
        ground_clear(&ground);
        buffer_clear(&hosts);
    }
    assert_int_equal(kinds, (1U << OUTLOOK_KINDS) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_entry_refuses_is_spared_for_a_reason),
        cmocka_unit_test(what_an_entry_will_refuse_is_told_with_it),
        cmocka_unit_test(what_xmail_takes_before_the_entry_shadows_it),
        cmocka_unit_test(what_goes_is_told_with_the_first_line_of_it),
        cmocka_unit_test(the_outlook_of_each_host_is_what_the_list_comes_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
