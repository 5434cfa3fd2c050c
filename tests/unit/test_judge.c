/* SPDX-License-Identifier: MIT */
/* The judge: what it remembers of a status is what it would say again. */
#include "support.h"

#include "judge.h"
#include "tally.h"

/* A pattern that gives up on a row of a. */
#define GIVES_UP "^(?:a|aa|aaa)+$(?<!a)"

struct bench {
    struct conf_log log;
    struct judge *judge;
};

static void bench_make(struct bench *bench, struct log_wish wish)
{
    struct error error;
    bench->log = log_from(wish);
    bench->judge = judge_new(&bench->log, &error);
    if (!bench->judge)
        fail_msg("%s", error.text);
}

static void bench_drop(struct bench *bench)
{
    judge_free(bench->judge);
    log_drop(&bench->log);
}

/* Judges the status, behind which stands what must not matter, by memory. */
static unsigned judge_with(struct bench *bench, const char *status, size_t length, char behind)
{
    const size_t size = length > JUDGE_TEXT_MAX ? length : JUDGE_WORDS * WORD_SIZE; /* exactly, for the sanitizer */
    char *copy = malloc(size);
    assert_non_null(copy);
    memset(copy, behind, size);
    memcpy(copy, status, length);
    const unsigned judged = judge_status(bench->judge, copy, length);
    free(copy);
    return judged;
}

static void check(struct bench *bench, const char *status, size_t length, unsigned expected)
{
    for (int again = 0; again < 3; again++) {
        const unsigned judged = judge_with(bench, status, length, "\0x1"[again]);
        if (judged != expected)
            fail_msg("\"%.*s\": %u instead of %u, the %dth time", (int)length, status, judged, expected, again + 1);
    }
    assert_int_equal(judge_afresh(bench->judge, status, length), expected);
}

static void a_status_is_judged_by_the_patterns_and_the_format(void **state)
{
    struct bench bench;
    (void)state;
    bench_make(&bench, (struct log_wish){.format = "smtp"});
    check(&bench, BYTES("RCPT=ERELAY"), VERDICT_UNAUTHORIZED);
    check(&bench, BYTES("SNDRIP=EIPSPAM"), VERDICT_REFUSED);
    check(&bench, BYTES("RCPT=OK"), JUDGED_ACCEPTED);
    check(&bench, BYTES("RECV=OK"), JUDGED_ACCEPTED);
    check(&bench, BYTES("RCPT=OK\0"), 0);
    check(&bench, BYTES("RCPT=OKAY"), 0);
    check(&bench, BYTES("RCPT=O"), 0);
    check(&bench, BYTES("LOGIN"), 0);
    check(&bench, BYTES(""), 0);
    bench_drop(&bench);
    bench_make(&bench, (struct log_wish){.format = "pop3", .unauthorized = "LOGIN", .refused = "^LOGIN$"});
    check(&bench, BYTES("LOGIN"), VERDICT_UNAUTHORIZED | JUDGED_ACCEPTED); /* not both of the first two */
    check(&bench, BYTES("RCPT=OK"), 0);
    bench_drop(&bench);
    bench_make(&bench, (struct log_wish){.format = "finger"}); /* without a pattern every record counts */
    check(&bench, BYTES(""), VERDICT_UNAUTHORIZED);
    check(&bench, BYTES("x"), VERDICT_UNAUTHORIZED);
    bench_drop(&bench);
}

static void the_empty_status_is_one_like_any_other(void **state)
{
    struct bench bench;
    (void)state;
    bench_make(&bench, (struct log_wish){.format = "pop3", .unauthorized = "^$"});
    check(&bench, BYTES(""), VERDICT_UNAUTHORIZED); /* the very first one: no slot is taken for it */
    check(&bench, BYTES("\0"), 0);
    check(&bench, BYTES(""), VERDICT_UNAUTHORIZED);
    bench_drop(&bench);
}

/* How many statuses it knows by now. */
static size_t known(const struct bench *bench)
{
    size_t count = 0;
    for (size_t i = 0; i < JUDGE_SLOTS; i++)
        count += bench->judge->known[i][JUDGE_WORDS - 1] != UINT64_MAX;
    return count;
}

static void what_was_judged_is_remembered_unless_it_is_too_long(void **state)
{
    char row[JUDGE_TEXT_MAX + 1];
    struct bench bench;
    (void)state;
    memset(row, 'x', sizeof row);
    bench_make(&bench, (struct log_wish){.format = "smtp"});
    assert_int_equal(known(&bench), 0);
    check(&bench, BYTES(""), 0);
    assert_int_equal(known(&bench), 1);
    check(&bench, row, JUDGE_TEXT_MAX, 0);
    assert_int_equal(known(&bench), 2);
    check(&bench, row, JUDGE_TEXT_MAX + 1, 0);
    check(&bench, BYTES(""), 0);
    assert_int_equal(known(&bench), 2);
    bench_drop(&bench);
}

static void lengths_around_what_is_remembered_are_told_apart(void **state)
{
    struct bench bench;
    char text[JUDGE_TEXT_MAX * 2];
    (void)state;
    bench_make(&bench, (struct log_wish){.format = "pop3", .unauthorized = "^(?:xx)*$"});
    for (char last = 'x'; last <= 'y'; last++) {
        memset(text, 'x', sizeof text);
        for (size_t length = 0; length <= sizeof text; length++) {
            if (length > 0)
                text[length - 1] = last;
            check(&bench, text, length, length % 2 == 0 && (last == 'x' || length == 0) ? VERDICT_UNAUTHORIZED : 0);
            if (length > 0)
                text[length - 1] = 'x';
        }
    }
    bench_drop(&bench);
}

static void that_a_pattern_gives_up_is_remembered_too(void **state)
{
    static const char row[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    struct bench bench;
    (void)state;
    bench_make(&bench, (struct log_wish){.format = "pop3", .unauthorized = GIVES_UP, .refused = "b$"});
    check(&bench, row, JUDGE_TEXT_MAX, JUDGED_LIMIT);
    check(&bench, row, sizeof row - 1, JUDGED_LIMIT);
    char mixed[JUDGE_TEXT_MAX];
    memset(mixed, 'a', sizeof mixed);
    mixed[sizeof mixed - 1] = 'b';
    check(&bench, mixed, sizeof mixed, JUDGED_LIMIT | VERDICT_REFUSED);
    bench_drop(&bench);
}

static void a_status_is_converted_but_for_logins(void **state)
{
    struct bench bench;
    (void)state;
    bench_make(&bench, (struct log_wish){.format = "pop3", .unauthorized = "受信", .encoding = "EUC-JP"});
    check(&bench, BYTES("\xbc\xf5\xbf\xae"), VERDICT_UNAUTHORIZED);
    check(&bench, BYTES("\xbc\xf5\xbf"), 0);
    check(&bench, BYTES("\xbc\xf5\xbf\xae"), VERDICT_UNAUTHORIZED);
    check(&bench, BYTES("LOGIN"), JUDGED_ACCEPTED);
    assert_false(bench.judge->failed);
    bench_drop(&bench);
}

static void whatever_is_remembered_is_what_would_be_said(void **state)
{
    struct bench bench;
    uint64_t seed = 8;
    (void)state;
    bench_make(&bench,
               (struct log_wish){.format = "smtp", .unauthorized = "[acegikmoqsuwy][0-4]", .refused = "[5-9]$"});
    for (int round = 0; round < 100000; round++) {
        char status[48];
        const size_t length = random_below(&seed, round % 4 ? 5 : sizeof status);
        for (size_t i = 0; i < length; i++)
            status[i] = "abcdefgh01256789\0\xff"[random_below(&seed, 18)];
        const unsigned expected = judge_afresh(bench.judge, status, length);
        const unsigned judged = judge_with(&bench, status, length, (char)random_next(&seed));
        if (judged != expected)
            fail_msg("\"%.*s\" (%zu bytes): %u instead of %u", (int)length, status, length, judged, expected);
    }
    bench_drop(&bench);
}

static void an_unknown_encoding_is_an_error(void **state)
{
    struct conf_log log = log_from((struct log_wish){.format = "k4", .encoding = "NO-SUCH-ENCODING"});
    struct error error;
    (void)state;
    assert_null(judge_new(&log, &error));
    assert_non_null(strstr(error.text, "NO-SUCH-ENCODING"));
    judge_free(NULL);
    log_drop(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_is_judged_by_the_patterns_and_the_format),
        cmocka_unit_test(the_empty_status_is_one_like_any_other),
        cmocka_unit_test(what_was_judged_is_remembered_unless_it_is_too_long),
        cmocka_unit_test(lengths_around_what_is_remembered_are_told_apart),
        cmocka_unit_test(that_a_pattern_gives_up_is_remembered_too),
        cmocka_unit_test(a_status_is_converted_but_for_logins),
        cmocka_unit_test(whatever_is_remembered_is_what_would_be_said),
        cmocka_unit_test(an_unknown_encoding_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
