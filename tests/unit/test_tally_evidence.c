/* SPDX-License-Identifier: MIT */
/* Counting: by host and day in one file, by host and log over the range, however many hosts there are. */
#include "support.h"

#include "evidence.h"
#include "tally.h"

static const struct day_range range = {20261115, 20261121};

static void count(struct tally *tally, struct address address, day_number day, unsigned verdict)
{
    const struct record record = {address, day, verdict};
    assert_true(tally_add(tally, &record));
}

static void count_text(struct tally *tally, const char *address, day_number day, unsigned verdict)
{
    count(tally, host_of(address), day, verdict);
}

/* The entry of the host and day, which must be there once; NULL if it isn't there. */
static const struct tally_entry *entry_of(const struct tally *tally, struct address address, day_number day)
{
    const struct tally_entry *found = NULL;
    size_t position = 0;
    for (const struct tally_entry *entry; (entry = tally_next(tally, &position));) {
        if (!address_equal(entry->address, address) || entry->day != day)
            continue;
        assert_null(found);
        found = entry;
    }
    return found;
}

/* --- tally -------------------------------------------------------------------------------------------------------- */

static void the_empty_tally_has_no_entries(void **state)
{
    struct tally tally = {0};
    size_t position = 0;
    (void)state;
    assert_null(tally_next(&tally, &position));
    count_text(&tally, "192.0.2.1", 20261120, 0); /* a record without a verdict leaves no trace */
    assert_int_equal(tally.count, 0);
    position = 0;
    assert_null(tally_next(&tally, &position));
    tally_clear(&tally);
}

static void each_host_and_day_has_its_own_counts(void **state)
{
    struct tally tally = {0};
    (void)state;
    count_text(&tally, "192.0.2.1", 20261120, VERDICT_UNAUTHORIZED);
    count_text(&tally, "192.0.2.1", 20261120, VERDICT_UNAUTHORIZED);
    count_text(&tally, "192.0.2.1", 20261120, VERDICT_REFUSED);
    count_text(&tally, "192.0.2.1", 20261121, VERDICT_LOGIN);
    count_text(&tally, "192.0.2.2", 20261120, VERDICT_UNAUTHORIZED | VERDICT_LOGIN);
    count_text(&tally, "::192.0.2.1", 20261120, VERDICT_UNAUTHORIZED);
    assert_int_equal(tally.count, 4);
    const struct tally_entry *entry = entry_of(&tally, host_of("192.0.2.1"), 20261120);
    assert_non_null(entry);
    assert_int_equal(entry->unauthorized, 2);
    assert_int_equal(entry->refused, 1);
    assert_int_equal(entry->logins, 0);
    entry = entry_of(&tally, host_of("192.0.2.1"), 20261121);
    assert_non_null(entry);
    assert_int_equal(entry->unauthorized + entry->refused, 0);
    assert_int_equal(entry->logins, 1);
    entry = entry_of(&tally, host_of("192.0.2.2"), 20261120);
    assert_non_null(entry);
    assert_int_equal(entry->unauthorized, 1);
    assert_int_equal(entry->logins, 1);
    assert_null(entry_of(&tally, host_of("192.0.2.2"), 20261121));
    tally_clear(&tally);
    assert_int_equal(tally.count, 0);
}

static void counts_stop_at_their_greatest_number(void **state)
{
    struct tally tally = {0};
    (void)state;
    count_text(&tally, "192.0.2.1", 20261120, VERDICT_UNAUTHORIZED | VERDICT_REFUSED | VERDICT_LOGIN);
    for (size_t i = 0; i < tally.capacity; i++)
        if (tally.slots[i].day != 0)
            tally.slots[i].unauthorized = tally.slots[i].refused = tally.slots[i].logins = UINT32_MAX - 1;
    for (int i = 0; i < 3; i++)
        count_text(&tally, "192.0.2.1", 20261120, VERDICT_UNAUTHORIZED | VERDICT_REFUSED | VERDICT_LOGIN);
    const struct tally_entry *entry = entry_of(&tally, host_of("192.0.2.1"), 20261120);
    assert_int_equal(entry->unauthorized, UINT32_MAX);
    assert_int_equal(entry->refused, UINT32_MAX);
    assert_int_equal(entry->logins, UINT32_MAX);
    tally_clear(&tally);
}

/* Hosts that differ in the places where attackers can choose: the low, the high, both, in steps. */
static struct address nth_host(size_t kind, size_t i)
{
    switch (kind) {
    case 0: /* neighbours in IPv4 */
        return (struct address){0, UINT64_C(0xffff00000000) | i};
    case 1: /* the same last byte */
        return (struct address){0, UINT64_C(0xffff00000007) | i << 8};
    case 2: /* one network each */
        return (struct address){UINT64_C(0x20010db800000000) + i, 1};
    case 3: /* high bits only */
        return (struct address){i << 48 | i >> 16, 0};
    default: /* low and high the same */
        return (struct address){i, i};
    }
}

static void many_hosts_are_told_apart_as_the_table_grows(void **state)
{
    enum { KINDS = 5, HOSTS = 20000 };
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct tally tally = {0};
        size_t position = 0;
        size_t seen = 0;
        for (size_t i = 0; i < HOSTS; i++)
            for (size_t n = 0; n <= i % 3; n++)
                count(&tally, nth_host(kind, i), 20261115 + (day_number)(i % 7), VERDICT_UNAUTHORIZED);
        assert_int_equal(tally.count, HOSTS);
        assert_true((tally.capacity & (tally.capacity - 1)) == 0 && tally.capacity > HOSTS);
        uint64_t sum = 0;
        for (const struct tally_entry *entry; (entry = tally_next(&tally, &position)); seen++)
            sum += entry->unauthorized;
        assert_int_equal(seen, HOSTS);
        uint64_t expected = 0;
        for (size_t i = 0; i < HOSTS; i++)
            expected += i % 3 + 1;
        assert_int_equal(sum, expected);
        for (size_t i = 0; i < HOSTS; i += 2000) {
            const struct tally_entry *entry = entry_of(&tally, nth_host(kind, i), 20261115 + (day_number)(i % 7));
            assert_non_null(entry);
            assert_int_equal(entry->unauthorized, i % 3 + 1);
        }
        tally_clear(&tally);
    }
}

static void one_host_on_many_days_is_one_entry_a_day(void **state)
{
    struct tally tally = {0};
    (void)state;
    for (day_number day = 20260101; day <= 20261231; day++)
        count_text(&tally, "192.0.2.1", day, VERDICT_UNAUTHORIZED);
    assert_int_equal(tally.count, 20261231 - 20260101 + 1);
    tally_clear(&tally);
}

/* --- evidence ----------------------------------------------------------------------------------------------------- */

static const struct evidence_host *host_in(const struct evidence *evidence, const char *text)
{
    size_t hosts;
    const struct evidence_host *host = evidence_hosts(evidence, &hosts);
    const struct address address = host_of(text);
    for (size_t i = 0; i < hosts; i++)
        if (address_equal(host[i].address, address))
            return &host[i];
    return NULL;
}

static void empty_evidence_has_no_hosts(void **state)
{
    struct evidence *evidence = evidence_new(range, 2);
    struct tally tally = {0};
    size_t hosts = 7;
    (void)state;
    assert_non_null(evidence);
    assert_true(evidence_add(evidence, &tally, 1));
    evidence_seal(evidence);
    (void)evidence_hosts(evidence, &hosts);
    assert_int_equal(hosts, 0);
    evidence_free(evidence);
    evidence_free(NULL);
}

static void only_days_of_the_range_count(void **state)
{
    static const struct {
        day_number day;
        bool counts;
    } rows[] = {{20261114, false}, {20261115, true},  {20261118, true}, {20261121, true},
                {20261122, false}, {20251118, false}, {101, false},     {99991231, false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct evidence *evidence = evidence_new(range, 1);
        struct tally tally = {0};
        size_t hosts;
        count_text(&tally, "192.0.2.1", rows[i].day, VERDICT_UNAUTHORIZED);
        count_text(&tally, "192.0.2.2", rows[i].day, VERDICT_LOGIN);
        assert_true(evidence_add(evidence, &tally, 0));
        evidence_seal(evidence);
        (void)evidence_hosts(evidence, &hosts);
        assert_int_equal(hosts, rows[i].counts ? 2 : 0);
        tally_clear(&tally);
        evidence_free(evidence);
    }
}

static void the_counts_of_all_logs_and_days_are_added_up(void **state)
{
    struct evidence *evidence = evidence_new(range, 3);
    struct tally tallies[3] = {{0}};
    (void)state;
    count_text(&tallies[0], "192.0.2.1", 20261118, VERDICT_UNAUTHORIZED);
    count_text(&tallies[0], "192.0.2.1", 20261117, VERDICT_UNAUTHORIZED);
    count_text(&tallies[0], "192.0.2.1", 20261116, VERDICT_REFUSED);
    count_text(&tallies[0], "192.0.2.1", 20261114, VERDICT_UNAUTHORIZED);
    count_text(&tallies[2], "192.0.2.1", 20261119, VERDICT_UNAUTHORIZED);
    count_text(&tallies[2], "192.0.2.1", 20261121, VERDICT_REFUSED | VERDICT_LOGIN);
    count_text(&tallies[2], "192.0.2.2", 20261121, VERDICT_REFUSED);
    count_text(&tallies[1], "192.0.2.3", 20261121, VERDICT_LOGIN);
    for (size_t log = 0; log < 3; log++)
        assert_true(evidence_add(evidence, &tallies[log], log));
    assert_true(evidence_add(evidence, &tallies[2], 2)); /* another file of the same log */
    evidence_seal(evidence);

    const struct evidence_host *host = host_in(evidence, "192.0.2.1");
    assert_non_null(host);
    assert_int_equal(host->unauthorized, 4);
    assert_int_equal(host->refused, 3);
    assert_true(host->authenticated);
    assert_int_equal(host->first_day, 20261117);
    assert_int_equal(host->last_day, 20261119);
    assert_int_equal(evidence_count_in_log(evidence, host, 0), 2);
    assert_int_equal(evidence_count_in_log(evidence, host, 1), 0);
    assert_int_equal(evidence_count_in_log(evidence, host, 2), 2);
    host = host_in(evidence, "192.0.2.2");
    assert_non_null(host);
    assert_int_equal(host->unauthorized, 0);
    assert_int_equal(host->refused, 2);
    assert_int_equal(host->first_day, 0); /* it has no unauthorised access */
    assert_int_equal(host->last_day, 0);
    assert_false(host->authenticated);
    host = host_in(evidence, "192.0.2.3");
    assert_non_null(host);
    assert_true(host->authenticated);
    assert_int_equal(host->unauthorized + host->refused, 0);
    for (size_t log = 0; log < 3; log++)
        tally_clear(&tallies[log]);
    evidence_free(evidence);
}

static void very_many_hosts_are_sorted_and_keep_their_counts_by_log(void **state)
{
    enum { HOSTS = 30000, LOGS = 3 };
    struct evidence *evidence = evidence_new(range, LOGS);
    uint64_t seed = 77;
    size_t hosts;
    (void)state;
    for (size_t log = 0; log < LOGS; log++) {
        struct tally tally = {0};
        for (size_t i = 0; i < HOSTS; i++) {
            size_t host = (i * 7919 + log) % HOSTS; /* each once, in no order */
            const struct address address = nth_host(host % 2 ? 2 : 0, host);
            for (size_t n = 0; n < (host + log) % 3; n++)
                count(&tally, address, 20261115 + (day_number)random_below(&seed, 7), VERDICT_UNAUTHORIZED);
            count(&tally, address, 20261121, VERDICT_REFUSED);
        }
        assert_true(evidence_add(evidence, &tally, log));
        tally_clear(&tally);
    }
    evidence_seal(evidence);
    const struct evidence_host *all = evidence_hosts(evidence, &hosts);
    assert_int_equal(hosts, HOSTS);
    for (size_t i = 0; i < hosts; i++) {
        bool ipv4 = address_is_ipv4(all[i].address);
        size_t host = (size_t)(ipv4 ? all[i].address.low & UINT32_MAX : all[i].address.high & UINT32_MAX);
        if (i > 0)
            assert_true(address_compare(all[i - 1].address, all[i].address) < 0);
        assert_int_equal(host % 2, !ipv4);
        assert_int_equal(all[i].refused, LOGS);
        assert_int_equal(all[i].unauthorized, 3); /* 0, 1 and 2 in some order */
        for (size_t log = 0; log < LOGS; log++)
            assert_int_equal(evidence_count_in_log(evidence, &all[i], log), (host + log) % 3);
    }
    evidence_free(evidence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_tally_has_no_entries),
        cmocka_unit_test(each_host_and_day_has_its_own_counts),
        cmocka_unit_test(counts_stop_at_their_greatest_number),
        cmocka_unit_test(many_hosts_are_told_apart_as_the_table_grows),
        cmocka_unit_test(one_host_on_many_days_is_one_entry_a_day),
        cmocka_unit_test(empty_evidence_has_no_hosts),
        cmocka_unit_test(only_days_of_the_range_count),
        cmocka_unit_test(the_counts_of_all_logs_and_days_are_added_up),
        cmocka_unit_test(very_many_hosts_are_sorted_and_keep_their_counts_by_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
