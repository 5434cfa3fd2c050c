/* SPDX-License-Identifier: MIT */
/* Decisions to be tried: settings, whitelist, evidence and list, written as texts or made by chance. */
#ifndef XS_TESTS_SUPPORT_DECISION_H
#define XS_TESTS_SUPPORT_DECISION_H

#include "support.h"

#include "decision.h"

#define IPV4(address)               "\"" address "\"\t\"255.255.255.255\"\t\"code=1\"\n"
#define NET(address, netmask, rest) "\"" address "\"\t\"" netmask "\"\t\"" rest "\"\n"
#define IPV6(prefix)                "\"" prefix "\"\t\"code=1\"\n"

static const char permanent_default[] = "(?:^|[\",\\t])permanent=1(?:$|[\",\\t])";

/* A case: the settings (zero is the usual), the whitelist, the evidence, the list, and what comes of them. */
struct scene {
    bool replace;
    bool removes_only;
    bool by_hits;
    bool exempts_nobody;
    const char *remove_count; /* NULL: absent */
    unsigned ipv4_prefix;     /* 0: 32 */
    unsigned ipv6_prefix;     /* 0: 128 */
    const char *whitelist;    /* ADDR or ADDR/BITS, blanks between them */
    const char *hosts;        /* ADDR=UNAUTHORISED or ADDR=UNAUTHORISED+REFUSED, an L behind it: logged in */
    const char *list;
    const char *result;
    const char *lines;   /* a letter for each line, below; NULL: whatever */
    const char *skips;   /* NULL: whatever */
    const char *shadows; /* NULL: none */
    const char *counts;  /* added/removed/kept; NULL: whatever */
};

enum { REGISTER_COUNT = 5, DAY = 20261120 };

static const struct day_range range = {20261115, 20261121};

/* What is made of a scene. */
struct stage {
    struct decision_rules rules;
    struct evidence *evidence;
    struct whitelist whitelist;
    struct pattern *permanent;
};

static inline void add_accesses(struct evidence *evidence, struct address address, struct counts counts)
{
    const struct ledger_head head = {.day_count = 1};
    const struct ledger_day day = {.host_count = 1, .day = DAY};
    const struct ledger_host host = {.address = address, .counts = counts};
    assert_true(evidence_add(evidence, &(struct ledger){&head, &day, NULL, &host}, 0));
}

static inline struct evidence *evidence_of(const char *hosts)
{
    struct evidence *evidence = evidence_new(range, 1);
    assert_non_null(evidence);
    for (const char *at = hosts; at && *at;) {
        size_t size = strcspn(at, " ");
        size_t name = strcspn(at, "=");
        struct address address;
        struct counts counts = {0};
        char *end;
        assert_true(name < size);
        assert_true(address_parse(at, name, &address));
        counts.unauthorized = (uint32_t)strtoul(at + name + 1, &end, 10);
        if (*end == '+')
            counts.refused = (uint32_t)strtoul(end + 1, &end, 10);
        counts.logins = *end == 'L';
        add_accesses(evidence, address, counts);
        at += size + (at[size] == ' ');
    }
    assert_true(evidence_seal(evidence));
    return evidence;
}

static inline void whitelist_of(const char *texts, struct whitelist *whitelist)
{
    struct error error;
    for (const char *at = texts; at && *at;) {
        size_t size = strcspn(at, " ");
        if (whitelist_add(whitelist, at, size, &error) != 1)
            fail_msg("%s", error.text);
        at += size + (at[size] == ' ');
    }
    assert_int_equal(whitelist_seal(whitelist, &error), 1);
}

static inline void stage_set(const struct scene *scene, struct stage *stage)
{
    *stage = (struct stage){
        .rules = {.replace = scene->replace,
                  .register_hosts = !scene->removes_only,
                  .order = scene->by_hits ? ORDER_HITS : ORDER_ADDRESS,
                  .register_count = REGISTER_COUNT,
                  .remove_count = scene->remove_count ? strtol(scene->remove_count, NULL, 10) : CONF_NO_REMOVE_COUNT,
                  .exempt_authenticated = !scene->exempts_nobody,
                  .ipv4_prefix = scene->ipv4_prefix ? scene->ipv4_prefix : 32,
                  .ipv6_prefix = scene->ipv6_prefix ? scene->ipv6_prefix : 128,
                  .list_skipped = true},
        .evidence = evidence_of(scene->hosts),
        .permanent = pattern_of(permanent_default),
    };
    whitelist_of(scene->whitelist, &stage->whitelist);
}

static inline void stage_clear(struct stage *stage)
{
    evidence_free(stage->evidence);
    whitelist_clear(&stage->whitelist);
    pattern_free(stage->permanent);
}

static inline void decide(const struct stage *stage, const struct buffer *list, struct spamtab *tab,
                          struct decision *decision, struct buffer *result)
{
    struct error error;
    if (spamtab_parse(list, stage->permanent, tab, &error) != 1 ||
        decision_make(&stage->rules, stage->evidence, &stage->whitelist, tab, decision, &error) != 1 ||
        decision_render(decision, tab, result, &error) != 1)
        fail_msg("%s", error.text);
}

/* --- by chance ---------------------------------------------------------------------------------------------------- */

static inline void add_random_host(uint64_t *seed, struct buffer *hosts)
{
    static const char *const forms[][2] = {{"192.0.2.", ""},     {"10.0.", ".7"}, {"2001:db8::", ""},
                                           {"2001:db8:", "::1"}, {"::", ""},      {"::1:0:0:", ""}};
    size_t form = random_below(seed, COUNT_OF(forms));
    size_t number = random_below(seed, 9) + 1;
    size_t unauthorized = random_below(seed, 9);
    size_t refused = random_below(seed, 4);
    buffer_add_format(hosts, "%s%s%zu%s=%zu+%zu%s", hosts->length ? " " : "", forms[form][0], number, forms[form][1],
                      unauthorized, refused, random_below(seed, 8) ? "" : "L");
}

static inline void add_random_line(uint64_t *seed, const char *end, struct buffer *list)
{
    static const char *const lines[] = {"# x",
                                        "",
                                        "\"host.example\"",
                                        "\"192.0.2.1\"",
                                        "junk",
                                        "\"192.0.2.0\"\t\"255.255.255.248\"",
                                        "\"0.0.0.7\"\t\"0.0.0.255\"\t\"code=1\"",
                                        "\"2001:db8::/32\"\t\"code=0\"",
                                        "\"2001:db8::/64\"",
                                        "\"::/120\"\t\"code=1\""};
    static const char *const codes[] = {"code=1", "code=0", "code=-5", "permanent=1", "permanent=1,code=0", ""};
    size_t chosen = random_below(seed, COUNT_OF(lines) + 10);
    if (chosen < COUNT_OF(lines))
        buffer_add_text(list, lines[chosen]);
    else
        buffer_add_format(list, "\"192.0.2.%zu\"\t\"255.255.255.255\"\t\"%s\"", random_below(seed, 12),
                          codes[random_below(seed, COUNT_OF(codes))]);
    for (size_t n = random_below(seed, 15) ? 0 : random_below(seed, 1200); n > 0; n--)
        buffer_add_text(list, "-");
    buffer_add_text(list, end);
}

/* Hosts and list, empty before, hold what the scene is made of, and are to be cleared after it. */
static inline struct scene random_scene(uint64_t *seed, struct buffer *hosts, struct buffer *list)
{
    static const char *const remove_counts[] = {NULL, "0", "2", "4"};
    static const char *const whitelists[] = {"", "192.0.2.3", "192.0.2.8/29 2001:db8:3::/48", "10.0.0.0/8"};
    static const unsigned ipv4_prefixes[] = {32, 24, 30, 8};
    static const unsigned ipv6_prefixes[] = {128, 64, 48, 16};
    const char *end = random_below(seed, 2) ? "\n" : "\r\n";
    for (size_t i = random_below(seed, 20); i > 0; i--)
        add_random_host(seed, hosts);
    buffer_add(hosts, "", 1);
    for (size_t i = random_below(seed, 20); i > 0; i--)
        add_random_line(seed, i == 1 && random_below(seed, 3) == 0 ? "" : end, list);
    return (struct scene){.replace = random_below(seed, 2),
                          .by_hits = random_below(seed, 2),
                          .remove_count = remove_counts[random_below(seed, COUNT_OF(remove_counts))],
                          .ipv4_prefix = ipv4_prefixes[random_below(seed, COUNT_OF(ipv4_prefixes))],
                          .ipv6_prefix = ipv6_prefixes[random_below(seed, COUNT_OF(ipv6_prefixes))],
                          .whitelist = whitelists[random_below(seed, COUNT_OF(whitelists))],
                          .hosts = hosts->bytes};
}

#endif
