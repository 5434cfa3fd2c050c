/* SPDX-License-Identifier: MIT */
/*
 * Evidence: what all ledgers say, by host and log, in whatever order they come and whatever they hold; and that it is
 * the same after it was written down and read.
 */
#include "support.h"

#include "evidence.h"

static const struct day_range range = {20261115, 20261121};

/* --- ledgers ------------------------------------------------------------------------------------------------------ */

/* Something that a log says. */
struct entry {
    struct address address;
    day_number day;
    struct counts counts;
};

static struct entry entry_of(const char *address, day_number day, struct counts counts)
{
    return (struct entry){host_of(address), day, counts};
}

static void tally_entry(struct tally *tally, const struct entry *entry)
{
    struct tally_day *day = tally_day(tally, entry->day);
    assert_non_null(day);
    assert_true(tally_add(tally, day, entry->address, entry->counts));
}

/* Adds what the tally says, by way of a ledger, and clears it. */
static void add_tally(struct evidence *evidence, struct tally *tally, size_t log)
{
    struct buffer bytes = {0};
    struct ledger ledger;
    assert_true(ledger_write(tally, &bytes));
    assert_true(ledger_read(bytes.bytes, bytes.length, &ledger));
    assert_true(evidence_add(evidence, &ledger, log));
    buffer_clear(&bytes);
    tally_clear(tally);
}

static void add_entries(struct evidence *evidence, const struct entry *entries, size_t count, size_t log)
{
    struct tally tally = {0};
    for (size_t i = 0; i < count; i++)
        tally_entry(&tally, &entries[i]);
    add_tally(evidence, &tally, log);
}

static void add_entry(struct evidence *evidence, const char *address, day_number day, struct counts counts, size_t log)
{
    const struct entry entry = entry_of(address, day, counts);
    add_entries(evidence, &entry, 1, log);
}

static struct evidence *new_evidence(size_t logs)
{
    struct evidence *evidence = evidence_new(range, logs);
    assert_non_null(evidence);
    return evidence;
}

static const struct evidence_host *host_in(const struct evidence *evidence, struct address address)
{
    size_t hosts;
    const struct evidence_host *host = evidence_hosts(evidence, &hosts);
    for (size_t i = 0; i < hosts; i++)
        if (address_equal(host[i].address, address))
            return &host[i];
    return NULL;
}

static size_t host_count(const struct evidence *evidence)
{
    size_t hosts;
    (void)evidence_hosts(evidence, &hosts);
    return hosts;
}

static void assert_same_evidence(const struct evidence *a, const struct evidence *b, size_t logs)
{
    size_t hosts;
    const struct evidence_host *left = evidence_hosts(a, &hosts);
    const struct evidence_host *right = evidence_hosts(b, &(size_t){0});
    assert_int_equal(host_count(b), hosts);
    for (size_t i = 0; i < hosts; i++) {
        assert_true(address_equal(left[i].address, right[i].address));
        assert_int_equal(left[i].unauthorized, right[i].unauthorized);
        assert_int_equal(left[i].refused, right[i].refused);
        assert_int_equal(left[i].first_day, right[i].first_day);
        assert_int_equal(left[i].last_day, right[i].last_day);
        assert_int_equal(left[i].authenticated, right[i].authenticated);
        for (size_t log = 0; log < logs; log++)
            assert_int_equal(evidence_count_in_log(a, &left[i], log), evidence_count_in_log(b, &right[i], log));
    }
}

static struct evidence *read_again(const struct buffer *bytes, size_t logs)
{
    struct evidence *again = new_evidence(logs);
    assert_int_equal(evidence_read(again, bytes->bytes, bytes->length), 1);
    return again;
}

/* --- adding ------------------------------------------------------------------------------------------------------- */

static void empty_evidence_has_no_hosts(void **state)
{
    struct tally tally = {0};
    (void)state;
    for (size_t logs = 1; logs <= 3; logs++) {
        struct buffer bytes = {0};
        struct evidence *evidence = new_evidence(logs);
        add_tally(evidence, &tally, logs - 1);
        assert_true(evidence_write(evidence, &bytes));
        struct evidence *again = read_again(&bytes, logs);
        assert_true(evidence_seal(evidence));
        assert_true(evidence_seal(again));
        assert_int_equal(host_count(evidence), 0);
        assert_int_equal(host_count(again), 0);
        buffer_clear(&bytes);
        evidence_free(evidence);
        evidence_free(again);
    }
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
        struct evidence *evidence = new_evidence(1);
        add_entry(evidence, "192.0.2.1", rows[i].day, (struct counts){1, 0, 0}, 0);
        add_entry(evidence, "192.0.2.2", rows[i].day, (struct counts){0, 0, 1}, 0);
        assert_true(evidence_seal(evidence));
        assert_int_equal(host_count(evidence), rows[i].counts ? 2 : 0);
        evidence_free(evidence);
    }
}

static void the_hosts_of_days_beyond_the_range_are_passed_over(void **state)
{
    struct evidence *evidence = new_evidence(1);
    const struct entry entries[] = {
        entry_of("192.0.2.1", 20261114, (struct counts){1, 0, 0}),
        entry_of("192.0.2.2", 20261114, (struct counts){0, 1, 0}),
        entry_of("192.0.2.3", 20261120, (struct counts){3, 0, 0}),
        entry_of("192.0.2.4", 20261120, (struct counts){0, 4, 0}),
        entry_of("192.0.2.5", 20261122, (struct counts){5, 0, 0}),
    };
    (void)state;
    add_entries(evidence, entries, COUNT_OF(entries), 0);
    assert_true(evidence_seal(evidence));
    assert_int_equal(host_count(evidence), 2);
    assert_int_equal(host_in(evidence, host_of("192.0.2.3"))->unauthorized, 3);
    assert_int_equal(host_in(evidence, host_of("192.0.2.4"))->refused, 4);
    evidence_free(evidence);
}

static void the_counts_of_all_logs_and_days_are_added_up(void **state)
{
    struct evidence *evidence = new_evidence(3);
    const struct entry first[] = {
        entry_of("192.0.2.1", 20261118, (struct counts){1, 0, 0}),
        entry_of("192.0.2.1", 20261117, (struct counts){1, 0, 0}),
        entry_of("192.0.2.1", 20261116, (struct counts){0, 1, 0}),
        entry_of("192.0.2.1", 20261114, (struct counts){1, 0, 0}),
    };
    const struct entry third[] = {
        entry_of("192.0.2.1", 20261119, (struct counts){1, 0, 0}),
        entry_of("192.0.2.1", 20261121, (struct counts){0, 1, 1}),
        entry_of("192.0.2.2", 20261121, (struct counts){0, 1, 0}),
    };
    (void)state;
    add_entries(evidence, first, COUNT_OF(first), 0);
    add_entry(evidence, "192.0.2.3", 20261121, (struct counts){0, 0, 1}, 1);
    add_entries(evidence, third, COUNT_OF(third), 2);
    add_entries(evidence, third, COUNT_OF(third), 2); /* another file of the same log */
    assert_true(evidence_seal(evidence));
    assert_int_equal(host_count(evidence), 3);

    const struct evidence_host *host = host_in(evidence, host_of("192.0.2.1"));
    assert_int_equal(host->unauthorized, 4);
    assert_int_equal(host->refused, 3);
    assert_true(host->authenticated);
    assert_int_equal(host->first_day, 20261117);
    assert_int_equal(host->last_day, 20261119);
    assert_int_equal(evidence_count_in_log(evidence, host, 0), 2);
    assert_int_equal(evidence_count_in_log(evidence, host, 1), 0);
    assert_int_equal(evidence_count_in_log(evidence, host, 2), 2);
    host = host_in(evidence, host_of("192.0.2.2"));
    assert_int_equal(host->unauthorized, 0);
    assert_int_equal(host->refused, 2);
    assert_int_equal(host->first_day, 0); /* it has no unauthorised access */
    assert_int_equal(host->last_day, 0);
    assert_false(host->authenticated);
    host = host_in(evidence, host_of("192.0.2.3"));
    assert_true(host->authenticated);
    assert_int_equal(host->unauthorized + host->refused, 0);
    evidence_free(evidence);
}

/* Hosts of all kinds, neighbours and far ones, on both sides of IPv4. */
static struct address nth_host(size_t i)
{
    switch (i % 4) {
    case 0:
        return (struct address){0, i};
    case 1:
        return address_from_ipv4((uint32_t)i);
    case 2:
        return address_from_ipv4((uint32_t)i * UINT32_C(2654435761));
    default:
        return (struct address){UINT64_C(0x20010db800000000) + i / 8, UINT64_MAX - i};
    }
}

static void very_many_hosts_are_sorted_and_keep_their_counts_by_log(void **state)
{
    enum { HOSTS = 30000, LOGS = 3 };
    struct evidence *evidence = new_evidence(LOGS);
    uint64_t seed = 77;
    size_t hosts;
    (void)state;
    for (size_t log = 0; log < LOGS; log++) {
        struct tally tally = {0};
        for (size_t host = 0; host < HOSTS; host++) {
            const uint32_t count = (uint32_t)((host + log) % 3);
            const day_number day = range.first + (day_number)random_below(&seed, 7);
            tally_entry(&tally, &(struct entry){nth_host(host), 20261121, {0, 1, 0}});
            if (count > 0)
                tally_entry(&tally, &(struct entry){nth_host(host), day, {count, 0, 0}});
        }
        add_tally(evidence, &tally, log);
    }
    assert_true(evidence_seal(evidence));
    const struct evidence_host *all = evidence_hosts(evidence, &hosts);
    assert_int_equal(hosts, HOSTS);
    for (size_t i = 1; i < hosts; i++)
        assert_true(address_compare(all[i - 1].address, all[i].address) < 0);
    for (size_t host = 0; host < HOSTS; host += 997) {
        const struct evidence_host *found = host_in(evidence, nth_host(host));
        assert_non_null(found);
        assert_int_equal(found->refused, LOGS);
        assert_int_equal(found->unauthorized, 3); /* 0, 1 and 2 in some order */
        for (size_t log = 0; log < LOGS; log++)
            assert_int_equal(evidence_count_in_log(evidence, found, log), (host + log) % 3);
    }
    evidence_free(evidence);
}

static void the_same_hosts_in_very_many_files_are_the_same_hosts(void **state)
{
    enum { FILES = 500 };
    const struct entry entries[] = {
        entry_of("192.0.2.1", 20261118, (struct counts){2, 0, 0}),
        entry_of("192.0.2.3", 20261118, (struct counts){0, 1, 0}),
        entry_of("2001:db8::1", 20261118, (struct counts){1, 0, 0}),
    };
    struct evidence *evidence = new_evidence(1);
    (void)state;
    for (size_t file = 0; file < FILES; file++)
        add_entries(evidence, entries, COUNT_OF(entries), 0);
    assert_true(evidence_seal(evidence));
    assert_int_equal(host_count(evidence), COUNT_OF(entries));
    assert_int_equal(host_in(evidence, entries[0].address)->unauthorized, 2 * FILES);
    assert_int_equal(host_in(evidence, entries[1].address)->refused, FILES);
    assert_int_equal(host_in(evidence, entries[2].address)->unauthorized, FILES);
    evidence_free(evidence);
}

/* Of ledgers that ledger_write hasn't made: each of these is one day, which speaks of these hosts in this order. */
static void hosts_out_of_order_or_there_twice_count_as_well(void **state)
{
    static const uint32_t orders[][6] = {
        {1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1}, {1, 1, 1, 1, 1, 1}, {3, 1, 4, 1, 5, 6}, {2, 2, 1, 1, 2, 2},
    };
    enum { HOSTS = 6 };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(orders) * 2; i++) {
        const bool known = i % 2 != 0; /* there is evidence of some of them already */
        const struct ledger_head head = {.day_count = 1};
        const struct ledger_day day = {.ipv4_count = HOSTS, .host_count = HOSTS, .day = 20261118};
        struct ledger_ipv4 ipv4[HOSTS];
        struct ledger_host hosts[HOSTS];
        uint64_t expected[HOSTS + 1] = {0};
        struct evidence *evidence = new_evidence(1);
        for (size_t k = 0; k < HOSTS; k++) {
            const uint32_t host = orders[i / 2][k];
            ipv4[k] = (struct ledger_ipv4){host, 1};
            hosts[k] = (struct ledger_host){.address = address_from_ipv4(host), .counts = {10, 100, 0}};
            expected[host] += 11;
        }
        for (uint32_t host = 2; known && host <= 5; host += 3) {
            add_entries(evidence, &(struct entry){address_from_ipv4(host), 20261116, {1000, 0, 0}}, 1, 0);
            expected[host] += 1000;
        }
        assert_true(evidence_add(evidence, &(struct ledger){&head, &day, ipv4, hosts}, 0));
        assert_true(evidence_seal(evidence));
        for (uint32_t host = 1; host <= HOSTS; host++) {
            const struct evidence_host *found = host_in(evidence, address_from_ipv4(host));
            assert_int_equal(found ? found->unauthorized : 0, expected[host]);
        }
        evidence_free(evidence);
    }
}

/* --- random histories --------------------------------------------------------------------------------------------- */

enum { MODEL_HOSTS = 300, MODEL_LOGS_MAX = 4 };

/* What should come of it, added up in the simplest way: by the number of the host. */
struct model {
    struct evidence_host hosts[MODEL_HOSTS];
    uint64_t by_log[MODEL_HOSTS][MODEL_LOGS_MAX];
};

static void add_to_model(struct model *model, size_t number, const struct entry *entry, size_t log)
{
    struct evidence_host *host = &model->hosts[number];
    if (!day_in_range(range, entry->day))
        return;
    host->unauthorized += entry->counts.unauthorized;
    host->refused += entry->counts.refused;
    host->authenticated |= entry->counts.logins > 0;
    model->by_log[number][log] += entry->counts.unauthorized;
    if (entry->counts.unauthorized == 0)
        return;
    if (host->first_day == 0 || entry->day < host->first_day)
        host->first_day = entry->day;
    if (entry->day > host->last_day)
        host->last_day = entry->day;
}

static void assert_evidence_is(const struct evidence *evidence, const struct model *model, size_t logs)
{
    size_t expected = 0;
    for (size_t i = 0; i < MODEL_HOSTS; i++) {
        const struct evidence_host *right = &model->hosts[i];
        const struct evidence_host *host = host_in(evidence, nth_host(i));
        if (right->unauthorized + right->refused == 0 && !right->authenticated) {
            assert_null(host);
            continue;
        }
        expected++;
        assert_non_null(host);
        assert_int_equal(host->unauthorized, right->unauthorized);
        assert_int_equal(host->refused, right->refused);
        assert_int_equal(host->authenticated, right->authenticated);
        assert_int_equal(host->first_day, right->first_day);
        assert_int_equal(host->last_day, right->last_day);
        for (size_t log = 0; log < logs; log++)
            assert_int_equal(evidence_count_in_log(evidence, host, log), model->by_log[i][log]);
    }
    assert_int_equal(host_count(evidence), expected);
}

static uint32_t random_count(uint64_t *seed)
{
    switch (random_below(seed, 6)) {
    case 0:
        return 0;
    case 1:
        return UINT32_MAX - (uint32_t)random_below(seed, 2);
    case 2:
        return (uint32_t)random_next(seed);
    default:
        return 1 + (uint32_t)random_below(seed, 200);
    }
}

static struct counts random_counts(uint64_t *seed)
{
    struct counts counts = {.unauthorized = random_count(seed)};
    if (random_below(seed, 3) == 0)
        counts.refused = random_count(seed);
    if (random_below(seed, 9) == 0)
        counts.logins = random_count(seed);
    return counts;
}

/* A file's hosts: a few or many of them, from a part of the space or all of it. Each is there once a day at most. */
static void random_file(uint64_t *seed, struct tally *tally, struct model *model, size_t log)
{
    const size_t first = random_below(seed, MODEL_HOSTS);
    const size_t width = 1 + random_below(seed, MODEL_HOSTS - first);
    const size_t one_of = 1 + random_below(seed, 4);
    const day_number day = range.first - 1 + (day_number)random_below(seed, 8);
    for (size_t i = first; i < first + width; i++)
        for (day_number later = 0; later < 2; later++) {
            const struct entry entry = {nth_host(i), day + later, random_counts(seed)};
            if (random_below(seed, one_of) != 0 ||
                (entry.counts.unauthorized | entry.counts.refused | entry.counts.logins) == 0)
                continue;
            tally_entry(tally, &entry);
            add_to_model(model, i, &entry, log);
        }
}

/*
 * Some files are added directly to one piece of evidence; to another one those up to some point, which is written down
 * and read by a third; then all three get the others. They end up the same, and right.
 */
static void evidence_read_and_added_to_is_that_added_directly(void **state)
{
    enum { HISTORIES = 150, FILES_MAX = 40 };
    uint64_t seed = 20261121;
    (void)state;
    for (size_t history = 0; history < HISTORIES; history++) {
        const size_t logs = 1 + random_below(&seed, MODEL_LOGS_MAX);
        const size_t files = 1 + random_below(&seed, FILES_MAX);
        const size_t written_after = random_below(&seed, files + 1);
        static struct model model;
        struct evidence *direct = new_evidence(logs);
        struct evidence *written = new_evidence(logs);
        struct evidence *again = NULL;
        struct buffer bytes = {0};
        model = (struct model){.hosts = {{.refused = 0}}};
        buffer_add(&bytes, "1234567", history % 8); /* it may stand at any place */
        for (size_t file = 0; file <= files; file++) {
            if (file == written_after) {
                assert_true(evidence_write(written, &bytes));
                again = new_evidence(logs);
                assert_int_equal(evidence_read(again, bytes.bytes + history % 8, bytes.length - history % 8), 1);
            }
            if (file == files)
                break;
            struct tally tally = {0};
            struct buffer ledger_bytes = {0};
            struct ledger ledger;
            const size_t log = random_below(&seed, logs);
            random_file(&seed, &tally, &model, log);
            assert_true(ledger_write(&tally, &ledger_bytes));
            assert_true(ledger_read(ledger_bytes.bytes, ledger_bytes.length, &ledger));
            assert_true(evidence_add(direct, &ledger, log));
            assert_true(evidence_add(written, &ledger, log));
            assert_true(!again || evidence_add(again, &ledger, log));
            buffer_clear(&ledger_bytes);
            tally_clear(&tally);
        }
        assert_true(evidence_seal(direct) && evidence_seal(written) && evidence_seal(again));
        assert_evidence_is(direct, &model, logs);
        assert_same_evidence(direct, written, logs);
        assert_same_evidence(direct, again, logs);
        buffer_clear(&bytes);
        evidence_free(direct);
        evidence_free(written);
        evidence_free(again);
    }
}

/* --- written down ------------------------------------------------------------------------------------------------- */

static void counts_of_any_size_are_written_exactly(void **state)
{
    static const uint32_t counts[] = {1,          126,        127,       128,       129,       16383,
                                      16384,      2097151,    2097152,   268435455, 268435456, UINT32_MAX - 1,
                                      UINT32_MAX, UINT32_MAX, UINT32_MAX};
    enum { LOGS = 3 };
    struct evidence *evidence = new_evidence(LOGS);
    struct buffer bytes = {0};
    (void)state;
    for (uint32_t i = 0; i < COUNT_OF(counts); i++)
        for (uint32_t times = 0; times <= i; times++) { /* so that the sums go beyond 32 bits */
            const struct entry entry = {address_from_ipv4(i), 20261116, {counts[i], counts[i], 0}};
            add_entries(evidence, &entry, 1, i % LOGS);
        }
    assert_true(evidence_write(evidence, &bytes));
    struct evidence *again = read_again(&bytes, LOGS);
    assert_true(evidence_seal(again));
    for (uint32_t i = 0; i < COUNT_OF(counts); i++) {
        const struct evidence_host *host = host_in(again, address_from_ipv4(i));
        assert_int_equal(host->unauthorized, (uint64_t)counts[i] * (i + 1));
        assert_int_equal(host->refused, (uint64_t)counts[i] * (i + 1));
        assert_int_equal(evidence_count_in_log(again, host, i % LOGS), host->unauthorized);
    }
    buffer_clear(&bytes);
    evidence_free(evidence);
    evidence_free(again);
}

static void an_ipv4_host_takes_sixteen_bytes_at_most_and_four_for_each_log(void **state)
{
    enum { HOSTS = 20000, LOGS = 2 };
    struct evidence *evidence = new_evidence(LOGS);
    struct buffer bytes = {0};
    uint64_t seed = 5;
    (void)state;
    for (size_t log = 0; log < LOGS; log++) {
        struct tally tally = {0};
        for (size_t i = 0; i < HOSTS; i++) {
            const day_number day = range.first + (day_number)random_below(&seed, 7);
            const struct counts counts = {1 + (uint32_t)random_below(&seed, 100000), 0, 0};
            tally_entry(&tally, &(struct entry){address_from_ipv4((uint32_t)random_next(&seed)), day, counts});
        }
        add_tally(evidence, &tally, log);
    }
    assert_true(evidence_write(evidence, &bytes));
    assert_true(evidence_seal(evidence));
    assert_true(bytes.length <= host_count(evidence) * (16 + 4 * LOGS));
    buffer_clear(&bytes);
    evidence_free(evidence);
}

/* Evidence of a few hosts of each kind, written down. */
static void write_some(struct buffer *bytes, size_t logs)
{
    struct evidence *evidence = new_evidence(logs);
    for (size_t i = 0; i < 12; i++) {
        struct entry entry = {nth_host(i * 97), range.first + (day_number)i % 7, {(uint32_t)i * 100, 0, 0}};
        entry.counts.refused = i % 3 == 0 ? (uint32_t)i + 1 : 0;
        entry.counts.logins = i % 4 == 0;
        add_entries(evidence, &entry, 1, i % logs);
    }
    assert_true(evidence_write(evidence, bytes));
    evidence_free(evidence);
}

static void what_was_cut_or_has_more_behind_it_is_not_read(void **state)
{
    (void)state;
    for (size_t logs = 1; logs <= 3; logs++) {
        struct buffer bytes = {0};
        write_some(&bytes, logs);
        const size_t whole = bytes.length;
        buffer_add(&bytes, "\0", 1);
        for (size_t length = 0; length <= whole + 1; length++) {
            struct evidence *evidence = new_evidence(logs);
            char *exactly = malloc(length + 1); /* what is read behind it is noticed */
            assert_non_null(exactly);
            memcpy(exactly + 1, bytes.bytes, length);
            assert_int_equal(evidence_read(evidence, exactly + 1, length), length == whole ? 1 : 0);
            free(exactly);
            evidence_free(evidence);
        }
        buffer_clear(&bytes);
    }
}

static void evidence_of_another_range_or_other_logs_is_not_read(void **state)
{
    static const struct {
        struct day_range range;
        size_t logs;
        int result;
    } rows[] = {
        {{20261115, 20261121}, 2, 1}, {{20261114, 20261121}, 2, 0}, {{20261115, 20261120}, 2, 0},
        {{20261115, 20261122}, 2, 0}, {{20261115, 20261121}, 1, 0}, {{20261115, 20261121}, 3, 0},
    };
    struct buffer bytes = {0};
    (void)state;
    write_some(&bytes, 2);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct evidence *evidence = evidence_new(rows[i].range, rows[i].logs);
        assert_non_null(evidence);
        assert_int_equal(evidence_read(evidence, bytes.bytes, bytes.length), rows[i].result);
        evidence_free(evidence);
    }
    buffer_clear(&bytes);
}

/*
 * Whatever is read is evidence: in order, and no host has days outside the range or parts that are more than the sum.
 */
static void assert_plausible(const struct evidence *evidence, size_t logs)
{
    size_t hosts;
    const struct evidence_host *host = evidence_hosts(evidence, &hosts);
    for (size_t i = 0; i < hosts; i++) {
        uint64_t sum = 0;
        assert_true(i == 0 || address_compare(host[i - 1].address, host[i].address) < 0);
        for (size_t log = 0; log < logs; log++) {
            const uint64_t share = evidence_count_in_log(evidence, &host[i], log);
            assert_true(share <= host[i].unauthorized - sum);
            sum += share;
        }
        assert_int_equal(sum, host[i].unauthorized);
        assert_int_equal(host[i].first_day != 0, sum > 0);
        assert_int_equal(host[i].last_day != 0, sum > 0);
        if (sum > 0)
            assert_true(range.first <= host[i].first_day && host[i].first_day <= host[i].last_day &&
                        host[i].last_day <= range.last);
    }
}

static void changed_bytes_are_refused_or_still_evidence(void **state)
{
    enum { LOGS = 2 };
    struct buffer bytes = {0};
    size_t refused = 0;
    (void)state;
    write_some(&bytes, LOGS);
    for (size_t at = 0; at < bytes.length; at++)
        for (unsigned change = 1; change < 256; change++) {
            struct evidence *evidence = new_evidence(LOGS);
            bytes.bytes[at] = (char)(bytes.bytes[at] ^ (char)change);
            const int result = evidence_read(evidence, bytes.bytes, bytes.length);
            assert_true(result == 0 || result == 1);
            if (result == 1 && evidence_seal(evidence))
                assert_plausible(evidence, LOGS);
            refused += result == 0;
            bytes.bytes[at] = (char)(bytes.bytes[at] ^ (char)change);
            evidence_free(evidence);
        }
    assert_true(refused > bytes.length * 50);
    buffer_clear(&bytes);
}

/* The head that fits: two days of the range, two logs. The number of hosts comes next. */
#define HEAD                  "\xfb\xd1\xd4\x09\x81\xd2\xd4\x09\x02"
#define MOST                  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" /* UINT64_MAX */
#define HOST(address, counts) "\0" address "\0" counts

static void what_evidence_cannot_be_is_not_read(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        int result;
    } rows[] = {
        {BYTES(""), 0},
        {BYTES(HEAD), 0},
        {BYTES(HEAD "\0"), 1},
        {BYTES(HEAD "\0\0"), 0},
        {BYTES(HEAD "\x01" HOST("\x05", "\x03\x01\x00\x06")), 1}, /* 3 accesses, 1 by the first log, all days */
        {BYTES(HEAD "\x01" HOST("\x05", "\0\0")), 1},             /* none: no days */
        {BYTES(HEAD "\x01" HOST("\0", "\0\0")), 1},               /* the host 0 */
        {BYTES(HEAD "\x01" HOST("\x05", "\x03\x03\x06\x00")), 1},
        {BYTES(HEAD "\x01" HOST("\x05", "\x03\x04\x00\x06")), 0}, /* the first log has more than all */
        {BYTES(HEAD "\x01" HOST("\x05", "\0\x01")), 0},
        {BYTES(HEAD "\x01" HOST("\x05", "\x03\x01\x07\x00")), 0}, /* days behind the range */
        {BYTES(HEAD "\x01" HOST("\x05", "\x03\x01\x00\x07")), 0},
        {BYTES(HEAD "\x01" HOST("\x05", "\x03\x01\x06\x01")), 0},
        {BYTES(HEAD "\x01" HOST("\x05", "\x03\x01\x01" MOST)), 0},
        {BYTES(HEAD "\x01" HOST("\x05", "\x03\x01" MOST "\x01")), 0},
        {BYTES(HEAD "\x01" HOST(MOST, MOST "\x01\x00\x06")), 1},
        {BYTES(HEAD "\x01" HOST(MOST, MOST MOST "\x00\x06")), 1},
        {BYTES(HEAD "\x02" HOST("\x05", "\0\0") HOST("\x01", "\0\0")), 1},
        {BYTES(HEAD "\x02" HOST("\x05", "\0\0") HOST("\0", "\0\0")), 0}, /* the same host again */
        {BYTES(HEAD "\x02" HOST("\x05", "\0\0") HOST(MOST, "\0\0")), 0}, /* one below, by way of the top */
        {BYTES(HEAD "\x02"
                    "\x05\x05\0\0\0"
                    "\x01\x03\0\0\0"),
         1},
        {BYTES(HEAD "\x02"
                    "\x05\x05\0\0\0" MOST "\x03\0\0\0"),
         0}, /* likewise, in the upper half */
        {BYTES(HEAD "\x03" HOST("\x05", "\0\0") HOST("\x01", "\0\0")), 0},
        {BYTES(HEAD "\x01" HOST("\x05", "\0\0") HOST("\x01", "\0\0")), 0},
        {BYTES(HEAD "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" HOST("\x05", "\0\0")), 0}, /* hosts beyond all memory */
        {BYTES(HEAD "\xff\xff\xff\xff\x0f" HOST("\x05", "\0\0")), 0},
        {BYTES(HEAD "\x01" HOST("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03", "\0\0")), 0}, /* 65 bits */
        {BYTES(HEAD "\x01" HOST("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\0\0")), 0},
        {BYTES(HEAD "\x01" HOST("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", "\0\0")), 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct evidence *evidence = new_evidence(2);
        const int result = evidence_read(evidence, rows[i].bytes, rows[i].length);
        if (result != rows[i].result)
            fail_msg("row %zu: %d", i, result);
        if (result == 1 && evidence_seal(evidence))
            assert_plausible(evidence, 2);
        evidence_free(evidence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_evidence_has_no_hosts),
        cmocka_unit_test(only_days_of_the_range_count),
        cmocka_unit_test(the_hosts_of_days_beyond_the_range_are_passed_over),
        cmocka_unit_test(the_counts_of_all_logs_and_days_are_added_up),
        cmocka_unit_test(very_many_hosts_are_sorted_and_keep_their_counts_by_log),
        cmocka_unit_test(the_same_hosts_in_very_many_files_are_the_same_hosts),
        cmocka_unit_test(hosts_out_of_order_or_there_twice_count_as_well),
        cmocka_unit_test(evidence_read_and_added_to_is_that_added_directly),
        cmocka_unit_test(counts_of_any_size_are_written_exactly),
        cmocka_unit_test(an_ipv4_host_takes_sixteen_bytes_at_most_and_four_for_each_log),
        cmocka_unit_test(what_was_cut_or_has_more_behind_it_is_not_read),
        cmocka_unit_test(evidence_of_another_range_or_other_logs_is_not_read),
        cmocka_unit_test(changed_bytes_are_refused_or_still_evidence),
        cmocka_unit_test(what_evidence_cannot_be_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
