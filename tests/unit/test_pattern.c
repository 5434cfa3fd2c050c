/* SPDX-License-Identifier: MIT */
/* Patterns: what they match in any bytes, that they give up in time, and which part a group took. */
#include "support.h"

#include "pattern.h"

static enum pattern_result match(const char *text, const char *bytes, size_t length)
{
    struct pattern *pattern = pattern_of(text);
    struct matcher *matcher = matcher_new();
    assert_non_null(matcher);
    char *exact = malloc(length > 0 ? length : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, length);
    enum pattern_result result = pattern_match(pattern, matcher, exact, length);
    free(exact);
    matcher_free(matcher);
    pattern_free(pattern);
    return result;
}

static void a_pattern_matches_anywhere_unless_it_is_anchored(void **state)
{
    static const struct {
        const char *pattern;
        const char *bytes;
        size_t length;
        enum pattern_result result;
    } rows[] = {
        {"ELOGIN", BYTES("xELOGINx"), PATTERN_MATCH},
        {"^ELOGIN$", BYTES("ELOGIN"), PATTERN_MATCH},
        {"^ELOGIN$", BYTES("ELOGINx"), PATTERN_NO_MATCH},
        {"^ELOGIN$", BYTES("elogin"), PATTERN_NO_MATCH},
        {"(?i)^ELOGIN$", BYTES("elogin"), PATTERN_MATCH},
        {"^$", BYTES(""), PATTERN_MATCH},
        {"x", BYTES(""), PATTERN_NO_MATCH},
        {"a.b", BYTES("a\0b"), PATTERN_MATCH},
        {"^a$", BYTES("a\0"), PATTERN_NO_MATCH},
        {"^.$", BYTES("信"), PATTERN_MATCH}, /* a character, not three bytes */
        {"受信拒否|着信拒否", BYTES("* 着信拒否 *"), PATTERN_MATCH},
        {"[受着]信", BYTES("着信"), PATTERN_MATCH},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (match(rows[i].pattern, rows[i].bytes, rows[i].length) != rows[i].result)
            fail_msg("%s on %s", rows[i].pattern, rows[i].bytes);
}

static void bytes_that_are_not_utf_8_match_nothing_and_the_rest_is_matched_around_them(void **state)
{
    static const struct {
        const char *pattern;
        const char *bytes;
        size_t length;
        enum pattern_result result;
    } rows[] = {
        {"RCPT", BYTES("\xff RCPT"), PATTERN_MATCH},
        {"RCPT", BYTES("RCPT\xff"), PATTERN_MATCH},
        {"RCPT", BYTES("\x80\xc0\xaf\xf8RCPT\xed\xa0\x80"), PATTERN_MATCH},
        {"RCPT", BYTES("RC\xffPT"), PATTERN_NO_MATCH},
        {"RC.PT", BYTES("RC\xffPT"), PATTERN_NO_MATCH},
        {"^RCPT", BYTES("\xffRCPT"), PATTERN_NO_MATCH},
        {"RCPT$", BYTES("RCPT\xff"), PATTERN_NO_MATCH},
        {"^ELOGIN$", BYTES("ELOGIN\x80"), PATTERN_NO_MATCH},
        {"^.*$", BYTES("\xff"), PATTERN_NO_MATCH},
        {"信", BYTES("\xe4\xbf"), PATTERN_NO_MATCH},
        {"信", BYTES("\xe4\xbf\xe4\xbf\xa1"), PATTERN_MATCH},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (match(rows[i].pattern, rows[i].bytes, rows[i].length) != rows[i].result)
            fail_msg("row %zu: %s", i, rows[i].pattern);
}

static void any_bytes_are_matched_without_harm(void **state)
{
    static const char *const patterns[] = {"^(?:a|b)*\\d+$", "(?i)É.", ".*x.*", "\\bRCPT\\b", "(?<=\\w)\\W"};
    uint64_t seed = 8;
    (void)state;
    for (size_t p = 0; p < COUNT_OF(patterns); p++) {
        for (int round = 0; round < 2000; round++) {
            char bytes[40];
            size_t length = random_below(&seed, sizeof bytes);
            for (size_t i = 0; i < length; i++)
                bytes[i] = random_below(&seed, 3) ? (char)random_next(&seed) : "aRCPT1x"[random_below(&seed, 7)];
            (void)match(patterns[p], bytes, length);
        }
    }
}

static void a_pattern_that_explodes_gives_up(void **state)
{
    static const char *const patterns[] = {"^(?:a|aa|aaa)+$(?<!a)", "^(a+)+[bc]$", "^(?:a?){60}a{60}[bc]$",
                                           "(?:a*)*[bc]", "^(?:(?:a|a)*)*[bc]$"};
    static const char *const subjects[] = {
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab!",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    (void)state;
    for (size_t p = 0; p < COUNT_OF(patterns); p++)
        for (size_t i = 0; i < COUNT_OF(subjects); i++)
            (void)match(patterns[p], subjects[i], strlen(subjects[i])); /* in bounded time */
    assert_int_equal(match(patterns[0], subjects[2], strlen(subjects[2])), PATTERN_LIMIT);
    assert_int_equal(match("^(?:(?:a|a)*)*[bc]$", subjects[1], strlen(subjects[1])), PATTERN_LIMIT);
}

static void deep_recursion_gives_up(void **state)
{
    struct buffer bytes = {0};
    (void)state;
    for (int i = 0; i < 200000; i++)
        buffer_add_text(&bytes, "(");
    buffer_add_text(&bytes, "x)");
    assert_int_equal(match("^(\\((?1)*+\\))$", bytes.bytes, bytes.length), PATTERN_LIMIT);
    buffer_clear(&bytes);
}

static void a_matcher_is_as_good_as_new_after_it_gave_up(void **state)
{
    struct pattern *explosive = pattern_of("^(?:a|aa|aaa)+$(?<!a)");
    struct pattern *simple = pattern_of("^a+$");
    struct matcher *matcher = matcher_new();
    static const char bytes[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pattern_match(explosive, matcher, BYTES(bytes)), PATTERN_LIMIT);
        assert_int_equal(pattern_match(simple, matcher, BYTES(bytes)), PATTERN_MATCH);
        assert_int_equal(pattern_match(simple, matcher, BYTES("b")), PATTERN_NO_MATCH);
    }
    matcher_free(matcher);
    pattern_free(explosive);
    pattern_free(simple);
}

static void a_faulty_pattern_is_refused_with_the_place_in_it(void **state)
{
    static const char *const patterns[] = {"(", "a)", "[a", "*", "(?<n>a", "\\", "(?<n>a)(?<n>b)", "a\\Cb", "\xff"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        struct pattern *pattern = NULL;
        struct error error;
        if (pattern_compile(patterns[i], &pattern, &error) != -1)
            fail_msg("%s was taken", patterns[i]);
        assert_non_null(strstr(error.text, "unable to compile the pattern"));
        assert_non_null(strstr(error.text, "at byte "));
    }
}

static void a_pattern_knows_its_text_and_its_groups(void **state)
{
    struct pattern *pattern = pattern_of("a(?<ip>b)(c)");
    (void)state;
    assert_string_equal(pattern_text(pattern), "a(?<ip>b)(c)");
    assert_true(pattern_has_group(pattern, "ip"));
    assert_false(pattern_has_group(pattern, "IP"));
    assert_false(pattern_has_group(pattern, "i"));
    assert_false(pattern_has_group(pattern, ""));
    pattern_free(pattern);
    pattern_free(NULL);
    matcher_free(NULL);
}

static void a_group_tells_the_part_that_it_took(void **state)
{
    static const struct {
        const char *pattern;
        const char *bytes;
        enum pattern_result result;
        const char *part;
    } rows[] = {
        {"from (?<ip>\\S+)", "x from 192.0.2.1 y", PATTERN_MATCH, "192.0.2.1"},
        {"(?<ip>b)|a", "xb", PATTERN_MATCH, "b"},
        {"(?<ip>b)|a", "xa", PATTERN_NO_MATCH, ""}, /* it took no part */
        {"a(?<ip>)b", "ab", PATTERN_MATCH, ""},
        {"(x)(y)(?<ip>z+)", "xyzz", PATTERN_MATCH, "zz"},
        {"(?<ip>a)", "b", PATTERN_NO_MATCH, ""},
        {"(?<ip>.)$", "a\xc3\xa9", PATTERN_MATCH, "\xc3\xa9"},
        {"(?<ip>a)",
         "\xff\xff"
         "a",
         PATTERN_MATCH, "a"},
        {"b(?<ip>a\\K)", "ba", PATTERN_MATCH, "a"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pattern *pattern = pattern_of(rows[i].pattern);
        struct matcher *matcher = matcher_new();
        size_t start = 0;
        size_t size = 0;
        enum pattern_result result =
            pattern_match_group(pattern, matcher, rows[i].bytes, strlen(rows[i].bytes), "ip", &start, &size);
        if (result != rows[i].result)
            fail_msg("%s on %s", rows[i].pattern, rows[i].bytes);
        if (result == PATTERN_MATCH) {
            assert_int_equal(size, strlen(rows[i].part));
            assert_memory_equal(rows[i].bytes + start, rows[i].part, size);
        }
        matcher_free(matcher);
        pattern_free(pattern);
    }
}

static void a_group_behind_very_many_others_does_no_harm(void **state)
{
    struct buffer text = {0};
    size_t start;
    size_t size;
    (void)state;
    for (int i = 0; i < 500; i++)
        buffer_add_text(&text, "()");
    buffer_add_text(&text, "(?<ip>a)");
    buffer_add(&text, "", 1);
    struct pattern *pattern = pattern_of(text.bytes);
    struct matcher *matcher = matcher_new();
    enum pattern_result result = pattern_match_group(pattern, matcher, BYTES("a"), "ip", &start, &size);
    assert_true(result != PATTERN_LIMIT);
    if (result == PATTERN_MATCH)
        assert_true(start == 0 && size == 1);
    matcher_free(matcher);
    pattern_free(pattern);
    buffer_clear(&text);
}

static void the_library_tells_its_version(void **state)
{
    char text[PATTERN_VERSION_SIZE] = "";
    (void)state;
    assert_ptr_equal(pattern_library_version(text), text);
    assert_non_null(memchr(text, '\0', sizeof text));
    assert_int_equal(strncmp(text, "10.", 3), 0); /* all of PCRE2 so far */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_tells_its_version),
        cmocka_unit_test(a_pattern_matches_anywhere_unless_it_is_anchored),
        cmocka_unit_test(bytes_that_are_not_utf_8_match_nothing_and_the_rest_is_matched_around_them),
        cmocka_unit_test(any_bytes_are_matched_without_harm),
        cmocka_unit_test(a_pattern_that_explodes_gives_up),
        cmocka_unit_test(deep_recursion_gives_up),
        cmocka_unit_test(a_matcher_is_as_good_as_new_after_it_gave_up),
        cmocka_unit_test(a_faulty_pattern_is_refused_with_the_place_in_it),
        cmocka_unit_test(a_pattern_knows_its_text_and_its_groups),
        cmocka_unit_test(a_group_tells_the_part_that_it_took),
        cmocka_unit_test(a_group_behind_very_many_others_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
