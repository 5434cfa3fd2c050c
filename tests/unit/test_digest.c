/* SPDX-License-Identifier: MIT */
/* The digest tells bytes from other bytes: flipped, swapped, cut, filled with zeros, or divided elsewhere. */
#include "support.h"

#include "digest.h"

enum { LENGTH_MAX = 200, PAGE = 4096 };

static uint64_t of(const void *bytes, size_t length)
{
    return digest(DIGEST_BEGIN, bytes, length);
}

static void fill(unsigned char *bytes, size_t length, uint64_t seed)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = (unsigned char)random_next(&seed);
}

static int compare_numbers(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void assert_all_different(uint64_t *numbers, size_t count)
{
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    for (size_t i = 1; i < count; i++)
        if (numbers[i - 1] == numbers[i])
            fail_msg("two of %zu digests are the same", count);
}

static void the_same_bytes_have_the_same_digest_wherever_they_stand(void **state)
{
    unsigned char bytes[LENGTH_MAX];
    unsigned char moved[LENGTH_MAX + 8];
    (void)state;
    fill(bytes, sizeof bytes, 1);
    for (size_t offset = 0; offset < 8; offset++) {
        memset(moved, (int)offset, sizeof moved);
        memcpy(moved + offset, bytes, sizeof bytes);
        for (size_t length = 0; length <= sizeof bytes; length++)
            assert_true(of(bytes, length) == of(moved + offset, length));
    }
    assert_true(of(NULL, 0) == of("", 0));
}

static void no_bit_counts_for_nothing(void **state)
{
    unsigned char bytes[LENGTH_MAX];
    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        fill(bytes, sizeof bytes, seed);
        if (seed == 0)
            memset(bytes, 0, sizeof bytes);
        for (size_t length = 1; length <= sizeof bytes; length++) {
            uint64_t right = of(bytes, length);
            for (size_t bit = 0; bit < length * 8; bit++) {
                bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
                if (of(bytes, length) == right)
                    fail_msg("bit %zu of %zu bytes", bit, length);
                bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
            }
        }
    }
}

static void each_value_of_a_byte_has_its_own_digest(void **state)
{
    static const size_t lengths[] = {1, 7, 8, 9, 31, 32, 33, 40, 100};
    uint64_t digests[256];
    unsigned char bytes[LENGTH_MAX];
    (void)state;
    fill(bytes, sizeof bytes, 2);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        for (size_t at = 0; at < lengths[i]; at++) {
            unsigned char kept = bytes[at];
            for (size_t value = 0; value < 256; value++) {
                bytes[at] = (unsigned char)value;
                digests[value] = of(bytes, lengths[i]);
            }
            assert_all_different(digests, 256);
            bytes[at] = kept;
        }
    }
}

static void each_length_has_its_own_digest(void **state)
{
    static const unsigned char zeros[LENGTH_MAX + 1];
    uint64_t digests[2 * (LENGTH_MAX + 1)];
    unsigned char bytes[LENGTH_MAX + 1];
    (void)state;
    fill(bytes, sizeof bytes, 3);
    for (size_t length = 0; length <= LENGTH_MAX; length++) {
        digests[2 * length] = of(zeros, length);
        digests[2 * length + 1] = of(bytes, length + 1);
    }
    assert_all_different(digests, COUNT_OF(digests));
}

static void the_order_of_words_counts(void **state)
{
    enum { WORDS = 24 };
    uint64_t words[WORDS];
    uint64_t digests[1 + WORDS * (WORDS - 1) / 2];
    size_t count = 0;
    (void)state;
    for (size_t i = 0; i < WORDS; i++)
        words[i] = i + 1; /* like counts */
    digests[count++] = of(words, sizeof words);
    for (size_t i = 0; i < WORDS; i++) {
        for (size_t j = i + 1; j < WORDS; j++) {
            words[i] = j + 1;
            words[j] = i + 1;
            digests[count++] = of(words, sizeof words);
            words[i] = i + 1;
            words[j] = j + 1;
        }
    }
    assert_int_equal(count, COUNT_OF(digests));
    assert_all_different(digests, count);
}

/* What a crash of the machine makes of a file: pages that never came, or those of the file that was there before. */
static void pages_that_are_missing_or_moved_are_noticed(void **state)
{
    enum { PAGES = 16 };
    static unsigned char bytes[PAGES * PAGE];
    static unsigned char damaged[sizeof bytes];
    uint64_t digests[1 + 3 * PAGES];
    size_t count = 0;
    (void)state;
    fill(bytes, sizeof bytes, 4);
    digests[count++] = of(bytes, sizeof bytes);
    for (size_t page = 0; page < PAGES; page++) {
        memcpy(damaged, bytes, sizeof bytes);
        memset(damaged + page * PAGE, 0, PAGE);
        digests[count++] = of(damaged, sizeof damaged);
        memcpy(damaged + page * PAGE, bytes + (page + 1) % PAGES * PAGE, PAGE);
        digests[count++] = of(damaged, sizeof damaged);
        if (page > 0)
            digests[count++] = of(bytes, page * PAGE);
    }
    assert_all_different(digests, count);
}

static void what_came_before_and_where_it_ended_counts(void **state)
{
    const uint64_t abc = of("abc", 3);
    const uint64_t apart[] = {abc,
                              of("ab", 2),
                              digest(of("ab", 2), "c", 1),
                              digest(of("a", 1), "bc", 2),
                              digest(of("", 0), "abc", 3),
                              digest(abc, "", 0),
                              digest(of("abd", 3), "", 0),
                              digest(of("c", 1), "ab", 2),
                              digest(digest(of("a", 1), "b", 1), "c", 1)};
    uint64_t digests[COUNT_OF(apart)];
    (void)state;
    memcpy(digests, apart, sizeof apart);
    assert_all_different(digests, COUNT_OF(digests));
    assert_true(digest(of("ab", 2), "c", 1) == apart[2]);
}

static void chance_finds_no_two_alike(void **state)
{
    enum { COUNT = 200000 };
    static uint64_t digests[COUNT];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        /* Few bits differ, and those in words that meet in one lane. */
        uint64_t words[8] = {i & 0xff, 0, 0, 0, i >> 8, 0, 0, 0};
        digests[i] = of(words, sizeof words);
    }
    assert_all_different(digests, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        uint64_t words[8] = {(uint64_t)(i & 0xff) << 56, 0, 0, 0, (uint64_t)(i >> 8) << 20, 0, 0, 0};
        digests[i] = of(words, sizeof words);
    }
    assert_all_different(digests, COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_bytes_have_the_same_digest_wherever_they_stand),
        cmocka_unit_test(no_bit_counts_for_nothing),
        cmocka_unit_test(each_value_of_a_byte_has_its_own_digest),
        cmocka_unit_test(each_length_has_its_own_digest),
        cmocka_unit_test(the_order_of_words_counts),
        cmocka_unit_test(pages_that_are_missing_or_moved_are_noticed),
        cmocka_unit_test(what_came_before_and_where_it_ended_counts),
        cmocka_unit_test(chance_finds_no_two_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
