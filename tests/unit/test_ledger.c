/* SPDX-License-Identifier: MIT */
/* What a tally says is written down in order, found again, and can be counted on; other bytes are no ledger. */
#include "support.h"
#include "support_ledger.h"

#include "ledger.h"

enum { DAY = 20261120 };

static void count(struct tally *tally, day_number number, struct address address, struct counts counts)
{
    struct tally_day *day = tally_day(tally, number);
    assert_non_null(day);
    assert_true(tally_add(tally, day, address, counts));
}

static void count_text(struct tally *tally, day_number day, const char *address, struct counts counts)
{
    count(tally, day, host_of(address), counts);
}

static struct tally_day *day_of(struct tally *tally, day_number number)
{
    struct tally_day *day = tally_day(tally, number);
    assert_non_null(day);
    return day;
}

static struct ledger written(const struct tally *tally, struct buffer *bytes)
{
    struct ledger ledger;
    size_t before = bytes->length;
    assert_true(ledger_write(tally, bytes));
    assert_int_equal(bytes->length % 8, 0);
    assert_true(ledger_read(bytes->bytes + before, bytes->length - before, &ledger));
    return ledger;
}

static bool same_counts(struct counts a, struct counts b)
{
    return a.unauthorized == b.unauthorized && a.refused == b.refused && a.logins == b.logins;
}

/* Hosts of all kinds on some days, each with other counts. */
static void fill(struct tally *tally, uint64_t seed, size_t hosts, day_number first, size_t days)
{
    for (size_t i = 0; i < hosts; i++) {
        const uint32_t one = (uint32_t)random_below(&seed, 9) + 1;
        const struct counts counts[] = {{one, 0, 0}, {0, one, 0}, {0, 0, one}, {1, one, 2}};
        const struct address address = random_below(&seed, 4) ? address_from_ipv4((uint32_t)random_next(&seed))
                                                              : (struct address){random_next(&seed), i};
        count(tally, first + (day_number)random_below(&seed, days), address, counts[random_below(&seed, 4)]);
    }
    for (size_t i = 0; i < days; i++) {
        day_of(tally, first + (day_number)i)->records += hosts;
        day_of(tally, first + (day_number)i)->limits += i + 1;
    }
    tally->records += hosts * days + 1;
    tally->malformed += 1;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void the_empty_tally_is_written_and_read(void **state)
{
    struct tally tally = {.records = 7, .malformed = 7};
    struct buffer bytes = {0};
    (void)state;
    const struct ledger ledger = written(&tally, &bytes);
    assert_int_equal(bytes.length, sizeof(struct ledger_head));
    assert_int_equal(ledger.head->records, 7);
    assert_int_equal(ledger.head->malformed, 7);
    assert_int_equal(ledger.head->day_count, 0);
    assert_true(ledger_add_to_tally(&ledger, 0, &tally));
    assert_int_equal(tally.records, 14);
    assert_int_equal(tally.day_count, 0);
    buffer_clear(&bytes);
    tally_clear(&tally);
}

static void days_and_hosts_are_written_in_order_and_in_the_shortest_form(void **state)
{
    struct tally tally = {.records = 100, .malformed = 9};
    struct buffer bytes = {0};
    (void)state;
    count_text(&tally, DAY, "198.51.100.1", (struct counts){3, 0, 0});
    count_text(&tally, DAY, "2.0.0.255", (struct counts){4, 0, 0});
    count_text(&tally, DAY, "10.1.2.3", (struct counts){5, 0, 0});
    count_text(&tally, DAY, "2.0.1.0", (struct counts){UINT32_MAX, 0, 0});
    count_text(&tally, DAY, "255.255.255.255", (struct counts){1, 0, 0});
    count_text(&tally, DAY, "0.0.0.0", (struct counts){2, 0, 0});
    count_text(&tally, DAY, "1.2.3.4", (struct counts){6, 1, 0});
    count_text(&tally, DAY, "1.2.3.3", (struct counts){0, 0, 1});
    count_text(&tally, DAY, "2001:db8::1", (struct counts){7, 0, 0});
    count_text(&tally, DAY, "::1", (struct counts){1, 2, 3});
    count_text(&tally, DAY - 1, "192.0.2.1", (struct counts){8, 0, 0});
    count_text(&tally, DAY + 2, "192.0.2.1", (struct counts){0, 9, 0});
    day_of(&tally, DAY - 1)->records = 50;
    day_of(&tally, DAY)->limits = 51;
    day_of(&tally, DAY + 1)->records = 52; /* without any host */
    const struct ledger ledger = written(&tally, &bytes);

    assert_int_equal(bytes.length, 24 + 4 * 32 + 7 * 8 + 5 * 32);
    assert_int_equal(ledger.head->records, 100);
    assert_int_equal(ledger.head->malformed, 9);
    assert_int_equal(ledger.head->day_count, 4);
    static const struct ledger_day days[] = {
        {50, 0, 1, 0, DAY - 1, 0}, {0, 51, 6, 4, DAY, 0}, {52, 0, 0, 0, DAY + 1, 0}, {0, 0, 0, 1, DAY + 2, 0}};
    assert_memory_equal(ledger.days, days, sizeof days);
    static const struct {
        const char *address;
        uint32_t unauthorized;
    } ipv4[] = {{"192.0.2.1", 8}, {"0.0.0.0", 2},      {"2.0.0.255", 4},      {"2.0.1.0", UINT32_MAX},
                {"10.1.2.3", 5},  {"198.51.100.1", 3}, {"255.255.255.255", 1}};
    for (size_t i = 0; i < COUNT_OF(ipv4); i++) {
        assert_int_equal(ledger.ipv4[i].address, address_ipv4(host_of(ipv4[i].address)));
        assert_int_equal(ledger.ipv4[i].unauthorized, ipv4[i].unauthorized);
    }
    static const struct {
        const char *address;
        struct counts counts;
    } hosts[] = {{"::1", {1, 2, 3}},
                 {"1.2.3.3", {0, 0, 1}},
                 {"1.2.3.4", {6, 1, 0}},
                 {"2001:db8::1", {7, 0, 0}},
                 {"192.0.2.1", {0, 9, 0}}};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        assert_true(address_equal(ledger.hosts[i].address, host_of(hosts[i].address)));
        assert_true(same_counts(ledger.hosts[i].counts, hosts[i].counts));
        assert_int_equal(ledger.hosts[i].unused, 0);
    }
    buffer_clear(&bytes);
    tally_clear(&tally);
}

static void hosts_without_counts_are_not_written(void **state)
{
    const struct counts none = {0, 0, 0};
    struct tally tally = {.records = 9};
    struct tally without = {.records = 9};
    struct buffer bytes = {0};
    struct buffer expected = {0};
    (void)state;
    fill(&tally, 11, 500, DAY, 2);
    fill(&without, 11, 500, DAY, 2);
    for (uint32_t i = 0; i < 3000; i++) {
        count(&tally, DAY, address_from_ipv4(i * 2654435761U), none);
        count(&tally, DAY + 1, (struct address){i, UINT64_MAX - i}, none);
        count(&tally, DAY + 2, address_from_ipv4(i), none); /* a day with no others */
    }
    count(&tally, DAY, (struct address){0, 0}, none);
    day_of(&tally, DAY + 2)->records = 3000;
    day_of(&without, DAY + 2)->records = 3000;
    const struct ledger ledger = written(&tally, &bytes);
    (void)written(&without, &expected);
    assert_true(buffer_equal(&bytes, &expected));
    assert_int_equal(ledger.days[2].ipv4_count + ledger.days[2].host_count, 0);
    assert_int_equal(ledger.days[2].records, 3000);
    buffer_clear(&bytes);
    buffer_clear(&expected);
    tally_clear(&tally);
    tally_clear(&without);
}

static void it_is_written_behind_what_is_there(void **state)
{
    struct tally tally = {0};
    struct buffer bytes = {0};
    struct buffer alone = {0};
    (void)state;
    fill(&tally, 5, 500, DAY, 3);
    (void)written(&tally, &alone);
    for (int i = 0; i < 3; i++) {
        size_t before = bytes.length;
        buffer_add(&bytes, "somebody's bytes", 16);
        (void)written(&tally, &bytes);
        assert_int_equal(bytes.length, before + 16 + alone.length);
        assert_memory_equal(bytes.bytes + before, "somebody's bytes", 16);
        assert_memory_equal(bytes.bytes + before + 16, alone.bytes, alone.length);
    }
    buffer_clear(&bytes);
    buffer_clear(&alone);
    tally_clear(&tally);
}

static void without_memory_nothing_is_written(void **state)
{
    struct tally tally = {0};
    struct buffer bytes = {.failed = true};
    (void)state;
    fill(&tally, 5, 10, DAY, 3);
    assert_false(ledger_write(&tally, &bytes));
    assert_int_equal(bytes.length, 0);
    tally_clear(&tally);
}

static void assert_in_order(const struct ledger *ledger)
{
    const struct ledger_ipv4 *ipv4 = ledger->ipv4;
    const struct ledger_host *host = ledger->hosts;
    for (size_t i = 0; i < ledger->head->day_count; i++) {
        const struct ledger_day *day = &ledger->days[i];
        assert_true(i == 0 || day[-1].day < day->day);
        for (size_t n = 1; n < day->ipv4_count; n++)
            assert_true(ipv4[n - 1].address < ipv4[n].address);
        for (size_t n = 1; n < day->host_count; n++)
            assert_true(address_compare(host[n - 1].address, host[n].address) < 0);
        ipv4 += day->ipv4_count;
        host += day->host_count;
    }
}

static void a_million_hosts_are_written_in_order(void **state)
{
    enum { HOSTS = 1000000 };
    struct tally tally = {0};
    struct tally back = {0};
    struct buffer bytes = {0};
    struct buffer again = {0};
    uint64_t sum = 0;
    (void)state;
    struct tally_day *day = day_of(&tally, DAY);
    for (uint32_t i = 0; i < HOSTS; i++) /* all different, as the factor is odd; one in eight has more to say */
        assert_true(
            tally_add(&tally, day, address_from_ipv4(i * 2654435761U), (struct counts){i % 8 != 0, 0, i % 8 == 0}));
    const struct ledger ledger = written(&tally, &bytes);
    assert_int_equal(ledger.days[0].ipv4_count, HOSTS / 8 * 7);
    assert_int_equal(ledger.days[0].host_count, HOSTS / 8);
    assert_in_order(&ledger);
    for (size_t i = 0; i < HOSTS / 8 * 7; i++)
        sum += ledger.ipv4[i].address;
    for (uint32_t i = 0; i < HOSTS; i++)
        sum -= i % 8 ? i * 2654435761U : 0;
    assert_int_equal(sum, 0);
    assert_true(ledger_add_to_tally(&ledger, DAY, &back));
    (void)written(&back, &again);
    assert_true(buffer_equal(&bytes, &again));
    buffer_clear(&bytes);
    buffer_clear(&again);
    tally_clear(&tally);
    tally_clear(&back);
}

static void hosts_of_every_number_are_sorted(void **state)
{
    (void)state;
    for (size_t round = 0; round < 400; round++) {
        const size_t hosts = round < 300 ? round : round % 10; /* few ones come in order by chance */
        struct tally tally = {0};
        struct buffer bytes = {0};
        for (size_t i = 0; i < hosts; i++) {
            count(&tally, DAY, address_from_ipv4((uint32_t)(hosts - i)), (struct counts){1, 0, 0});
            count(&tally, DAY, (struct address){i % 3, hosts - i}, (struct counts){1, 0, 0});
        }
        const struct ledger ledger = written(&tally, &bytes);
        assert_in_order(&ledger);
        assert_int_equal(bytes.length, (hosts > 0 ? 24 + 32 : 24) + hosts * (8 + 32));
        buffer_clear(&bytes);
        tally_clear(&tally);
    }
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void what_was_written_can_be_counted_on(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct tally whole = {0};
        struct tally continued = {0};
        struct buffer first = {0};
        struct buffer expected = {0};
        struct buffer bytes = {0};
        fill(&whole, seed, 2000, DAY, 5);
        const struct ledger ledger = written(&whole, &first);
        assert_in_order(&ledger);
        fill(&whole, seed + 100, 1000, DAY + 3, 5);
        fill(&whole, seed, 1000, DAY + 3, 5); /* hosts that were there before, on other days or the same */
        (void)written(&whole, &expected);
        assert_true(ledger_add_to_tally(&ledger, DAY, &continued));
        fill(&continued, seed + 100, 1000, DAY + 3, 5);
        fill(&continued, seed, 1000, DAY + 3, 5);
        (void)written(&continued, &bytes);
        assert_true(buffer_equal(&bytes, &expected));
        buffer_clear(&first);
        buffer_clear(&expected);
        buffer_clear(&bytes);
        tally_clear(&whole);
        tally_clear(&continued);
    }
}

static void days_before_the_first_one_are_not_added(void **state)
{
    struct tally all = {.records = 10, .malformed = 2};
    struct buffer bytes = {0};
    (void)state;
    for (day_number day = DAY; day < DAY + 5; day++) {
        count(&all, day, address_from_ipv4(day), (struct counts){day - DAY + 1, 0, 0});
        count(&all, day, (struct address){1, day}, (struct counts){0, 1, 0});
        day_of(&all, day)->records = day;
        day_of(&all, day)->limits = day + 1;
    }
    const struct ledger ledger = written(&all, &bytes);
    for (day_number first = DAY - 1; first < DAY + 7; first++) {
        struct tally some = {0};
        struct buffer expected = {0};
        struct buffer found = {0};
        struct tally back = {0};
        assert_true(ledger_add_to_tally(&ledger, first, &back));
        for (day_number day = first < DAY ? DAY : first; day < DAY + 5; day++) {
            count(&some, day, address_from_ipv4(day), (struct counts){day - DAY + 1, 0, 0});
            count(&some, day, (struct address){1, day}, (struct counts){0, 1, 0});
            day_of(&some, day)->records = day;
            day_of(&some, day)->limits = day + 1;
        }
        some.records = 10;
        some.malformed = 2;
        (void)written(&some, &expected);
        (void)written(&back, &found);
        assert_true(buffer_equal(&expected, &found));
        buffer_clear(&expected);
        buffer_clear(&found);
        tally_clear(&some);
        tally_clear(&back);
    }
    buffer_clear(&bytes);
    tally_clear(&all);
}

static void counts_that_were_written_stop_at_their_greatest_number(void **state)
{
    struct tally tally = {0};
    struct buffer bytes = {0};
    (void)state;
    count_text(&tally, DAY, "192.0.2.1", (struct counts){UINT32_MAX - 1, 0, 0});
    count_text(&tally, DAY, "192.0.2.2", (struct counts){1, UINT32_MAX, UINT32_MAX - 5});
    const struct ledger ledger = written(&tally, &bytes);
    for (int i = 0; i < 3; i++)
        assert_true(ledger_add_to_tally(&ledger, DAY, &tally));
    struct buffer again = {0};
    const struct ledger sum = written(&tally, &again);
    assert_int_equal(sum.ipv4[0].unauthorized, UINT32_MAX);
    assert_true(same_counts(sum.hosts[0].counts, (struct counts){4, UINT32_MAX, UINT32_MAX}));
    buffer_clear(&bytes);
    buffer_clear(&again);
    tally_clear(&tally);
}

static void a_ledger_that_is_cut_or_longer_is_none(void **state)
{
    struct tally tally = {0};
    struct buffer bytes = {0};
    struct ledger ledger;
    (void)state;
    fill(&tally, 3, 60, DAY, 4);
    (void)written(&tally, &bytes);
    for (size_t length = 0; length < bytes.length; length++) {
        char *cut = malloc(length + 1); /* so that reading beyond it is noticed */
        assert_non_null(cut);
        memcpy(cut, bytes.bytes, length);
        assert_false(ledger_read(cut, length, &ledger));
        free(cut);
    }
    size_t whole = bytes.length;
    for (size_t more = 1; more <= 100; more++) {
        buffer_add(&bytes, "", 1);
        assert_false(ledger_read(bytes.bytes, whole + more, &ledger));
    }
    buffer_clear(&bytes);
    tally_clear(&tally);
}

/* Whether it is a ledger with this number in the place of that one, which is put back. */
static bool is_ledger_with(const struct buffer *bytes, const void *place, size_t size, uint64_t number)
{
    struct ledger ledger;
    uint64_t kept = 0;
    const uint32_t small = (uint32_t)number;
    char *at = bytes->bytes + ((const char *)place - bytes->bytes);
    memcpy(&kept, at, size);
    memcpy(at, size == sizeof small ? (const void *)&small : &number, size);
    bool found = ledger_read(bytes->bytes, bytes->length, &ledger);
    memcpy(at, &kept, size);
    return found;
}

static void sizes_that_do_not_fit_make_it_none(void **state)
{
    static const uint64_t numbers[] = {0,
                                       1,
                                       2,
                                       4,
                                       5,
                                       UINT32_MAX,
                                       UINT32_MAX / 8,
                                       UINT32_MAX / 32 + 1,
                                       (UINT32_MAX / 8 + 1) + 7,
                                       (UINT32_MAX / 32 + 1) + 6,
                                       (uint64_t)UINT32_MAX + 1,
                                       UINT64_MAX / 32,
                                       UINT64_MAX / 32 + 1,
                                       UINT64_MAX / 32 + 4,
                                       UINT64_MAX / 8,
                                       INT64_MAX,
                                       (uint64_t)INT64_MAX + 4,
                                       UINT64_MAX};
    struct tally tally = {0};
    struct buffer bytes = {0};
    (void)state;
    for (size_t day = 0; day < 3; day++) { /* seven IPv4 hosts on each day and six others */
        for (uint32_t i = 0; i < 7; i++)
            count(&tally, DAY + (day_number)day, address_from_ipv4(i), (struct counts){1, 0, 0});
        for (uint32_t i = 0; i < 6; i++)
            count(&tally, DAY + (day_number)day, address_from_ipv4(i + 7), (struct counts){1, 1, 0});
    }
    const struct ledger ledger = written(&tally, &bytes);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        assert_false(is_ledger_with(&bytes, &ledger.head->day_count, 8, numbers[i]));
        for (size_t day = 0; day < 3; day++) {
            assert_false(is_ledger_with(&bytes, &ledger.days[day].ipv4_count, 4, numbers[i]));
            assert_false(is_ledger_with(&bytes, &ledger.days[day].host_count, 4, numbers[i]));
        }
    }
    assert_true(is_ledger_with(&bytes, &ledger.head->day_count, 8, 3));
    assert_true(is_ledger_with(&bytes, &ledger.days[2].ipv4_count, 4, 7));
    assert_true(is_ledger_with(&bytes, &ledger.days[2].host_count, 4, 6));
    buffer_clear(&bytes);
    tally_clear(&tally);
}

static void more_days_than_there_are_make_it_none(void **state)
{
    static const uint64_t numbers[] = {0, 2, 4, UINT64_MAX / 32 + 1, UINT64_MAX / 32 + 4, UINT64_MAX};
    struct tally tally = {0};
    struct buffer bytes = {0};
    (void)state;
    for (day_number day = DAY; day < DAY + 3; day++) /* without hosts: nothing stands behind the last one */
        day_of(&tally, day)->records = 1;
    (void)written(&tally, &bytes);
    struct buffer exact = {0};
    buffer_add(&exact, bytes.bytes, bytes.length);
    struct ledger ledger;
    assert_true(ledger_read(exact.bytes, exact.length, &ledger));
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        assert_false(is_ledger_with(&exact, &ledger.head->day_count, 8, numbers[i]));
    buffer_clear(&bytes);
    buffer_clear(&exact);
    tally_clear(&tally);
}

static void days_that_do_not_ascend_or_cannot_be_make_it_none(void **state)
{
    static const struct {
        day_number day;
        bool right;
    } rows[] = {{DAY, false},      {DAY + 1, true},   {DAY + 2, false},    {DAY + 3, false},     {DAY - 1, false},
                {0, false},        {101, false},      {20261131, false},   {20261120, false},    {20261199, false},
                {20261132, false}, {20261300, false}, {UINT32_MAX, false}, {DAY + 100000, false}};
    struct tally tally = {0};
    struct buffer bytes = {0};
    (void)state;
    fill(&tally, 1, 20, DAY, 3);
    const struct ledger ledger = written(&tally, &bytes);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (is_ledger_with(&bytes, &ledger.days[1].day, 4, rows[i].day) != rows[i].right)
            fail_msg("%u", rows[i].day);
    assert_true(is_ledger_with(&bytes, &ledger.days[2].day, 4, 20261131)); /* it ascends, and keeps its place */
    assert_false(is_ledger_with(&bytes, &ledger.days[2].day, 4, 20261132));
    assert_false(is_ledger_with(&bytes, &ledger.days[2].day, 4, 20261200));
    assert_false(is_ledger_with(&bytes, &ledger.days[2].day, 4, 20261301));
    assert_true(is_ledger_with(&bytes, &ledger.days[2].day, 4, 99991231));
    assert_true(is_ledger_with(&bytes, &ledger.days[0].day, 4, 101));
    assert_false(is_ledger_with(&bytes, &ledger.days[0].day, 4, 0));
    buffer_clear(&bytes);
    tally_clear(&tally);
}

/* Nobody looks at the hosts when a ledger is read. What can't be in them must do no harm later on. */
static void hosts_that_cannot_be_do_no_harm(void **state)
{
    struct {
        struct ledger_head head;
        struct ledger_day day;
        struct ledger_ipv4 ipv4[4];
        struct ledger_host hosts[3];
    } odd = {.head = {5, 6, 1},
             .day = {7, 8, 4, 3, DAY, 1},
             .ipv4 = {{9, 1}, {3, 0}, {9, 2}, {1, UINT32_MAX}},
             .hosts = {{{1, 1}, {0, 0, 0}, 1}, {address_from_ipv4(9), {1, 1, 1}, 0}, {{0, 0}, {0, 0, 1}, 0}}};
    struct tally tally = {0};
    struct ledger ledger;
    struct buffer bytes = {0};
    (void)state;
    assert_true(ledger_read((const char *)&odd, sizeof odd, &ledger));
    assert_true(ledger_add_to_tally(&ledger, DAY, &tally));
    const struct ledger again = written(&tally, &bytes);
    assert_int_equal(again.days[0].ipv4_count, 1);
    assert_int_equal(again.ipv4[0].address, 1);
    assert_int_equal(again.days[0].host_count, 2);
    assert_true(address_equal(again.hosts[0].address, (struct address){0, 0}));
    assert_true(address_equal(again.hosts[1].address, address_from_ipv4(9)));
    assert_true(same_counts(again.hosts[1].counts, (struct counts){4, 1, 1}));
    buffer_clear(&bytes);
    tally_clear(&tally);
}

/* --- merging ------------------------------------------------------------------------------------------------------ */

/* What both ledgers come to must be the same whether they are merged or counted. */
static void assert_merged(const struct ledger *older, day_number first_day, const struct ledger *newer)
{
    struct tally tally = {0};
    struct buffer expected = {0};
    struct buffer bytes = {0};
    buffer_add(&bytes, "somebody's bytes", 16);
    assert_true(ledger_add_to_tally(older, first_day, &tally) && ledger_add_to_tally(newer, 0, &tally));
    (void)written(&tally, &expected);
    assert_true(ledger_merge(older, first_day, newer, &bytes));
    assert_int_equal(bytes.length, 16 + expected.length);
    assert_memory_equal(bytes.bytes, "somebody's bytes", 16);
    assert_memory_equal(bytes.bytes + 16, expected.bytes, expected.length);
    buffer_clear(&bytes);
    buffer_clear(&expected);
    tally_clear(&tally);
}

static void merged_ledgers_say_what_counting_them_comes_to(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 10, 100, 1000};
    uint64_t seed = 1;
    (void)state;
    for (size_t i = 0; i < 300; i++) {
        struct tally older = {0};
        struct tally newer = {0};
        struct buffer older_bytes = {0};
        struct buffer newer_bytes = {0};
        /* Few hosts and days, so that many are in both; some are the same from the same seed. */
        const day_number first = DAY + (day_number)random_below(&seed, 4);
        fill(&older, i, sizes[random_below(&seed, 6)], DAY, 1 + random_below(&seed, 5));
        fill(&newer, i + random_below(&seed, 2), sizes[random_below(&seed, 6)], first, 1 + random_below(&seed, 5));
        for (uint32_t n = (uint32_t)random_below(&seed, 40); n > 0; n--) {
            const bool plain = random_below(&seed, 2) > 0;
            struct tally *one = random_below(&seed, 2) > 0 ? &older : &newer;
            count(one, DAY + (day_number)random_below(&seed, 3), address_from_ipv4((uint32_t)random_below(&seed, 20)),
                  (struct counts){1, !plain, 0});
            count(one, DAY + (day_number)random_below(&seed, 3), (struct address){0, random_below(&seed, 20)},
                  (struct counts){1, 0, 0});
        }
        const struct ledger a = written(&older, &older_bytes);
        const struct ledger b = written(&newer, &newer_bytes);
        assert_merged(&a, (day_number)(DAY - 1 + random_below(&seed, 7)), &b);
        assert_merged(&b, 0, &a);
        assert_merged(&a, UINT32_MAX, &b);
        assert_merged(&a, 0, &a);
        buffer_clear(&older_bytes);
        buffer_clear(&newer_bytes);
        tally_clear(&older);
        tally_clear(&newer);
    }
}

static void merged_counts_stop_at_their_greatest_number(void **state)
{
    const struct counts most = {UINT32_MAX, UINT32_MAX - 1, UINT32_MAX - 2};
    struct tally tally = {0};
    struct buffer bytes = {0};
    struct buffer merged = {0};
    struct ledger sum;
    (void)state;
    count_text(&tally, DAY, "192.0.2.1", (struct counts){UINT32_MAX - 1, 0, 0});
    count_text(&tally, DAY, "192.0.2.2", most);
    count_text(&tally, DAY, "2001:db8::1", most);
    const struct ledger ledger = written(&tally, &bytes);
    assert_merged(&ledger, DAY, &ledger);
    assert_true(ledger_merge(&ledger, DAY, &ledger, &merged) && ledger_read(merged.bytes, merged.length, &sum));
    assert_int_equal(sum.ipv4[0].unauthorized, UINT32_MAX);
    for (size_t i = 0; i < 2; i++)
        assert_true(same_counts(sum.hosts[i].counts, (struct counts){UINT32_MAX, UINT32_MAX, UINT32_MAX}));
    buffer_clear(&merged);
    buffer_clear(&bytes);
    tally_clear(&tally);
}

/*
 * A host may be among the plain ones of one ledger and among the others of the other one: then there is more to tell.
 */
static void a_plain_host_of_whom_there_is_more_to_tell_is_there_once(void **state)
{
    struct tally plain = {0};
    struct tally more = {0};
    struct buffer plain_bytes = {0};
    struct buffer more_bytes = {0};
    struct buffer merged = {0};
    struct ledger sum;
    (void)state;
    for (uint32_t i = 0; i < 9; i++)
        count(&plain, DAY, address_from_ipv4(i), (struct counts){i + 1, 0, 0});
    count(&more, DAY, address_from_ipv4(0), (struct counts){0, 1, 0});
    count(&more, DAY, address_from_ipv4(4), (struct counts){5, 0, 6});
    count(&more, DAY, address_from_ipv4(8), (struct counts){UINT32_MAX, 1, 0});
    count(&more, DAY, address_from_ipv4(9), (struct counts){1, 1, 0});
    count(&more, DAY, (struct address){0, 4}, (struct counts){1, 0, 0});
    const struct ledger a = written(&plain, &plain_bytes);
    const struct ledger b = written(&more, &more_bytes);
    for (int turn = 0; turn < 2; turn++) {
        const struct ledger *one = turn ? &a : &b;
        const struct ledger *other = turn ? &b : &a;
        assert_merged(one, 0, other);
        merged.length = 0;
        assert_true(ledger_merge(one, 0, other, &merged) && ledger_read(merged.bytes, merged.length, &sum));
        assert_int_equal(sum.days[0].ipv4_count, 6);
        assert_int_equal(sum.days[0].host_count, 5);
        assert_true(same_counts(sum.hosts[1].counts, (struct counts){1, 1, 0}));
        assert_true(same_counts(sum.hosts[2].counts, (struct counts){10, 0, 6}));
        assert_true(same_counts(sum.hosts[3].counts, (struct counts){UINT32_MAX, 1, 0}));
    }
    buffer_clear(&plain_bytes);
    buffer_clear(&more_bytes);
    buffer_clear(&merged);
    tally_clear(&plain);
    tally_clear(&more);
}

static void without_memory_nothing_is_merged(void **state)
{
    struct tally tally = {0};
    struct buffer bytes = {0};
    struct buffer none = {.failed = true};
    (void)state;
    fill(&tally, 5, 10, DAY, 3);
    const struct ledger ledger = written(&tally, &bytes);
    assert_false(ledger_merge(&ledger, 0, &ledger, &none));
    assert_int_equal(none.length, 0);
    buffer_clear(&bytes);
    tally_clear(&tally);
}

/* Hosts out of order, there twice, and without counts: what is merged of them is a ledger, whatever it says. */
static void hosts_that_cannot_be_are_merged_without_harm(void **state)
{
    enum { IPV4 = 20, HOSTS = 20 };
    struct {
        struct ledger_head head;
        struct ledger_day day;
        struct ledger_ipv4 ipv4[IPV4];
        struct ledger_host hosts[HOSTS];
    } odd[2];
    uint64_t seed = 4;
    (void)state;
    for (size_t round = 0; round < 2000; round++) {
        struct ledger ledgers[2];
        struct buffer bytes = {0};
        struct ledger merged;
        for (size_t i = 0; i < 2; i++) {
            memset(&odd[i], 0, sizeof odd[i]);
            odd[i].head.day_count = 1;
            odd[i].day = (struct ledger_day){.ipv4_count = IPV4, .host_count = HOSTS, .day = DAY};
            for (size_t n = 0; n < IPV4; n++) {
                odd[i].ipv4[n] =
                    (struct ledger_ipv4){(uint32_t)random_below(&seed, 9), (uint32_t)random_below(&seed, 2)};
                odd[i].hosts[n].address = random_below(&seed, 2)
                                              ? address_from_ipv4((uint32_t)random_below(&seed, 9))
                                              : (struct address){random_below(&seed, 2), random_below(&seed, 3)};
                odd[i].hosts[n].counts.logins = (uint32_t)random_below(&seed, 2);
            }
            assert_true(ledger_read((const char *)&odd[i], sizeof odd[i], &ledgers[i]));
        }
        assert_true(ledger_merge(&ledgers[0], DAY, &ledgers[1], &bytes));
        assert_true(ledger_read(bytes.bytes, bytes.length, &merged));
        assert_true(merged.days[0].ipv4_count <= 2 * IPV4 && merged.days[0].host_count <= 2 * HOSTS);
        buffer_clear(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_tally_is_written_and_read),
        cmocka_unit_test(days_and_hosts_are_written_in_order_and_in_the_shortest_form),
        cmocka_unit_test(hosts_without_counts_are_not_written),
        cmocka_unit_test(it_is_written_behind_what_is_there),
        cmocka_unit_test(without_memory_nothing_is_written),
        cmocka_unit_test(a_million_hosts_are_written_in_order),
        cmocka_unit_test(hosts_of_every_number_are_sorted),
        cmocka_unit_test(what_was_written_can_be_counted_on),
        cmocka_unit_test(days_before_the_first_one_are_not_added),
        cmocka_unit_test(counts_that_were_written_stop_at_their_greatest_number),
        cmocka_unit_test(a_ledger_that_is_cut_or_longer_is_none),
        cmocka_unit_test(sizes_that_do_not_fit_make_it_none),
        cmocka_unit_test(more_days_than_there_are_make_it_none),
        cmocka_unit_test(days_that_do_not_ascend_or_cannot_be_make_it_none),
        cmocka_unit_test(hosts_that_cannot_be_do_no_harm),
        cmocka_unit_test(merged_ledgers_say_what_counting_them_comes_to),
        cmocka_unit_test(merged_counts_stop_at_their_greatest_number),
        cmocka_unit_test(a_plain_host_of_whom_there_is_more_to_tell_is_there_once),
        cmocka_unit_test(without_memory_nothing_is_merged),
        cmocka_unit_test(hosts_that_cannot_be_are_merged_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
