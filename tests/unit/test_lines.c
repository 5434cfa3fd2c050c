/* SPDX-License-Identifier: MIT */
/* Lines and fields: each way of finding them, whatever the machine has, finds what a plain loop finds. */
#include "support.h"

/* The ways themselves, too. */
#include "lines.c"

static struct lines all_lines; /* for all tests: to make it takes the sanitizer longer than they do */

struct way {
    const char *name;
    bool known; /* to this machine */
    bool tells; /* whether all fields are in quotes */
    void (*find)(struct lines *lines, size_t begin, size_t end);
};

enum { WAYS_MAX = 3 };

static size_t find_ways(struct way ways[WAYS_MAX])
{
    size_t count = 0;
    ways[count++] = (struct way){"anywhere", true, false, find_anywhere};
#ifdef __x86_64__
    const bool has_both = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
    ways[count++] = (struct way){"avx2", has_both && __builtin_cpu_supports("avx2"), true, find_avx2};
    const bool has_512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2");
    ways[count++] = (struct way){"avx512", has_both && has_512, true, find_avx512};
#endif
    return count;
}

/* --- what a plain loop finds -------------------------------------------------------------------------------------- */

/*
 * Checks the next line of those that were found: it is that which begins at offset begin. Returns that behind its LF.
 */
static size_t check_line(const struct way *way, const struct lines *lines, struct lines_walk *walk, size_t begin)
{
    const size_t i = walk->line;
    struct line line = {.fields = 0};
    size_t fields = 0;
    assert_true(lines_next(lines, walk, &line));
    size_t at = begin;
    assert_ptr_equal(line.text, lines->text);
    if (line.marks[-1] != (uint32_t)begin - 1)
        fail_msg("%s: line %zu begins behind %u instead of %zu", way->name, i, line.marks[-1], begin);
    for (;; at++) {
        if (lines->text[at] != '\t' && lines->text[at] != '\n')
            continue;
        if (fields >= line.fields || line.marks[fields] != at)
            fail_msg("%s: line %zu from %zu: no mark at %zu", way->name, i, begin, at);
        fields++;
        if (lines->text[at] == '\n')
            break;
    }
    if (fields != line.fields || line_length(&line) != at - begin)
        fail_msg("%s: line %zu: %zu fields, length %zu", way->name, i, line.fields, line_length(&line));
    return at + 1;
}

/* Whether all that stands where the lines were looked for is in quotes. */
static bool is_quoted(const char *text, size_t begin, size_t end)
{
    size_t lfs = 0;
    bool quoted = text[begin] == '"';
    for (size_t at = begin; at < end && ((at - begin) % WINDOW != 0 || lfs == 0); at++) {
        lfs += text[at] == '\n';
        if (text[at] == '\n' || text[at] == '\t')
            quoted = quoted && text[at - 1] == '"' && text[at + 1] == '"';
    }
    return quoted;
}

/* Finds lines once, and checks them. Returns whether there was any. */
static bool check_once(const struct way *way, struct lines *lines, const char *text, size_t begin, size_t end)
{
    const bool found = lines_find(lines, text, begin, end);
    assert_int_equal(found, end > begin && memchr(text + begin, '\n', end - begin));
    assert_int_equal(found, lines->count > 0);
    if (found && lines->quoted != (way->tells && is_quoted(text, begin, end)))
        fail_msg("%s: from %zu to %zu all is%s in quotes", way->name, begin, end, lines->quoted ? "n't" : "");
    size_t at = begin;
    size_t window_end = begin + WINDOW;
    struct lines_walk walk = {.line = 0};
    struct line none;
    for (size_t i = 0; i < lines->count; i++) {
        if (at >= window_end) /* what is far away is for the next time */
            fail_msg("%s: line %zu begins %zu bytes behind the first", way->name, i, at - begin);
        if (at >= end)
            fail_msg("%s: line %zu begins behind the end", way->name, i);
        at = check_line(way, lines, &walk, at);
        while (i == 0 && at > window_end)
            window_end += WINDOW; /* what is found together with the end of a long one */
    }
    assert_false(lines_next(lines, &walk, &none));
    assert_true(at <= end);
    assert_int_equal(lines->behind, at);
    /* What ends within the window is found at once. */
    const char *next = at < end ? memchr(text + at, '\n', end - at) : NULL;
    if (next && (size_t)(next - text) < window_end)
        fail_msg("%s: the line from %zu to %zu was not found", way->name, at, (size_t)(next - text));
    return found;
}

/* Finds all lines of the text from begin to end. What stands behind it and before it is given. */
static void check_text(const struct way *way, const char *content, size_t length, size_t begin, size_t end, char around)
{
    /* Exactly so much, for the sanitizer. */
    char *memory = malloc(LINES_PADDING + length + LINES_PADDING);
    assert_non_null(memory);
    all_lines.find = way->find;
    memset(memory, around, LINES_PADDING);
    if (length > 0)
        memcpy(memory + LINES_PADDING, content, length);
    memset(memory + LINES_PADDING + length, around, LINES_PADDING);
    while (check_once(way, &all_lines, memory + LINES_PADDING, begin, end))
        begin = all_lines.behind;
    free(memory);
}

static void check(const char *content, size_t length, size_t begin, size_t end)
{
    struct way ways[WAYS_MAX];
    const size_t count = find_ways(ways);
    for (size_t w = 0; w < count; w++) {
        if (!ways[w].known)
            continue;
        check_text(&ways[w], content, length, begin, end, '\n');
        check_text(&ways[w], content, length, begin, end, '\t');
        check_text(&ways[w], content, length, begin, end, '"');
    }
}

static void add(struct buffer *content, char byte, size_t count)
{
    if (count == 0)
        return;
    assert_true(buffer_reserve(content, count));
    memset(content->bytes + content->length, byte, count);
    content->length += count;
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void the_fastest_way_that_the_machine_has_is_taken(void **state)
{
    struct way ways[WAYS_MAX];
    struct lines lines;
    size_t i = find_ways(ways);
    (void)state;
    assert_true(lines_new(&lines));
    while (!ways[i - 1].known)
        i--;
    assert_ptr_equal(lines.find, ways[i - 1].find);
    print_message("%s\n", ways[i - 1].name);
    lines_free(&lines);
    lines_free(&lines);
}

static void no_text_has_no_lines(void **state)
{
    (void)state;
    check("", 0, 0, 0);
    check("x", 1, 0, 1);
    check("x", 1, 0, 0);
    check("\n", 1, 0, 0);
    check("\n", 1, 1, 1);
    check("\t", 1, 0, 1);
}

static void a_line_of_each_length_is_found_where_it_is(void **state)
{
    (void)state;
    for (size_t before = 0; before <= 3 * STEP; before += before < STEP ? 21 : 64) {
        for (size_t length = 0; length <= 3 * STEP + 2; length++) {
            struct buffer content = {0};
            add(&content, 'a', before);
            if (before > 0)
                content.bytes[before - 1] = '\n';
            add(&content, 'b', length);
            if (length > 2)
                content.bytes[content.length - length / 2] = '\t';
            add(&content, '\n', 1);
            check(content.bytes, content.length, 0, content.length);
            /* And with the end before its LF, inside a step. */
            check(content.bytes, content.length, 0, content.length - 1);
            add(&content, 'c', 40);
            check(content.bytes, content.length, before, content.length);
            buffer_clear(&content);
        }
    }
}

static void marks_behind_the_end_are_not_seen(void **state)
{
    char text[4 * STEP];
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? '\t' : '\n';
    for (size_t begin = 0; begin < 2 * STEP; begin += 7)
        for (size_t end = begin; end <= sizeof text; end++)
            check(text, sizeof text, begin, end);
}

static void texts_of_nothing_but_marks_are_found_whole(void **state)
{
    static const char bytes[] = {'\n', '\t'};
    static const size_t lengths[] = {1, STEP - 1, STEP, STEP + 1, 1000, WINDOW - 1, WINDOW, WINDOW + 1, LINES_TEXT_MAX};
    (void)state;
    for (size_t b = 0; b < COUNT_OF(bytes); b++) {
        for (size_t i = 0; i < COUNT_OF(lengths); i++) {
            struct buffer content = {0};
            add(&content, bytes[b], lengths[i]);
            check(content.bytes, content.length, 0, content.length);
            check(content.bytes, content.length, 1, content.length);
            content.bytes[content.length - 1] = '\n';
            check(content.bytes, content.length, 0, content.length);
            buffer_clear(&content);
        }
    }
}

static void lines_around_the_end_of_the_window_are_found_once(void **state)
{
    (void)state;
    for (size_t shift = 0; shift <= 4 * STEP; shift += shift < STEP + 2 ? 1 : 9) {
        struct buffer content = {0};
        while (content.length < WINDOW - 2 * STEP + shift - 11)
            buffer_add_text(&content, "abc\tdefg\tx\n");
        add(&content, 'y', WINDOW - 2 * STEP + shift - content.length);
        buffer_add_text(&content, "\n\n1\t2\t3\n");
        add(&content, 'z', 100);
        buffer_add_text(&content, "\nlast\n");
        check(content.bytes, content.length, 0, content.length);
        check(content.bytes, content.length, 11, content.length);
        buffer_clear(&content);
    }
}

static void a_line_longer_than_the_window_is_found(void **state)
{
    static const size_t lengths[] = {WINDOW - 2, WINDOW - 1, WINDOW, WINDOW + 1, WINDOW + STEP, 3 * WINDOW + 5};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        for (size_t before = 0; before < 3; before++) {
            struct buffer content = {0};
            add(&content, '\n', before);
            add(&content, 'x', lengths[i]);
            for (size_t at = before; at < content.length; at += 1 + at % 500)
                content.bytes[at] = '\t';
            buffer_add_text(&content, "\nnext\tone\n\nbegun");
            check(content.bytes, content.length, 0, content.length);
            buffer_clear(&content);
        }
    }
}

static void the_longest_text_is_looked_through(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < 3; kind++) {
        struct buffer content = {0};
        if (kind > 0)
            add(&content, kind == 1 ? 'x' : '\t', LINES_TEXT_MAX);
        while (content.length < LINES_TEXT_MAX)
            add(&content, content.length % 37 ? content.length % 5 ? 'x' : '\t' : '\n', 1);
        content.bytes[LINES_TEXT_MAX - 1] = '\n';
        check(content.bytes, content.length, 0, content.length);
        check(content.bytes, content.length, LINES_TEXT_MAX - 1, content.length);
        buffer_clear(&content);
    }
}

/* The number of fields of the line before is a guess: marks of an earlier text must not make it look right. */
static void marks_of_another_text_are_no_marks_of_this_one(void **state)
{
    enum { SHIFT = 51, MARKS = 700 };
    (void)state;
    for (size_t fields = 1; fields <= 300; fields++) {
        struct buffer earlier = {0};
        struct buffer content = {0};
        add(&earlier, 'x', SHIFT);
        add(&earlier, '\t', MARKS); /* mark i is at SHIFT + i */
        add(&earlier, '\n', 1);
        add(&content, '\t', fields - 1);
        add(&content, '\n', 1);
        /* To the guess, mark 2 * fields - 1 would be the end of this line. */
        add(&content, 'y', fields + SHIFT - 1);
        add(&content, '\n', 1);
        check(earlier.bytes, earlier.length, 0, earlier.length);
        check(content.bytes, content.length, 0, content.length);
        buffer_clear(&earlier);
        buffer_clear(&content);
    }
}

static void any_text_is_found_as_by_a_plain_loop(void **state)
{
    uint64_t seed = 64;
    (void)state;
    for (int round = 0; round < 1500; round++) {
        static const char near[] = "\t\n\"\x08\x0b\x89\x8a\x0d\x1a\x4a\x49";
        struct buffer content = {0};
        const size_t length = random_below(&seed, round % 20 ? 700 : 100000);
        const size_t rarity = 1 + random_below(&seed, round % 3 ? 10 : 300);
        add(&content, 'x', length + 1);
        for (size_t i = 0; i < length; i++)
            content.bytes[i] =
                random_below(&seed, rarity) ? (char)random_next(&seed) : near[random_below(&seed, sizeof near - 1)];
        const size_t begin = random_below(&seed, length + 1);
        const size_t end = random_below(&seed, 2) ? length : begin + random_below(&seed, length - begin + 1);
        check(content.bytes, length, 0, end);
        check(content.bytes, length, begin, end);
        buffer_clear(&content);
    }
}

/* In a text in which all fields are in quotes, each of these is taken away once. */
static void a_quote_that_is_missing_is_noticed(void **state)
{
    static const size_t lengths[] = {3 * STEP, WINDOW + 2 * STEP};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct buffer content = {0};
        for (size_t field = 0; content.length < lengths[i]; field++) {
            add(&content, '"', 1);
            add(&content, 'x', field % 11);
            buffer_add_text(&content, field % 4 == 3 ? "\"\n" : "\"\t");
        }
        check(content.bytes, content.length, 0, content.length);
        for (size_t at = 0; at < content.length; at++) {
            if (content.bytes[at] != '"' || (i > 0 && at > 2 * STEP && at < WINDOW - STEP))
                continue;
            content.bytes[at] = '\'';
            check(content.bytes, content.length, 0, content.length);
            content.bytes[at] = '"';
        }
        buffer_clear(&content);
    }
}

static int set_up(void **state)
{
    (void)state;
    return lines_new(&all_lines) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    lines_free(&all_lines);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fastest_way_that_the_machine_has_is_taken),
        cmocka_unit_test(no_text_has_no_lines),
        cmocka_unit_test(a_line_of_each_length_is_found_where_it_is),
        cmocka_unit_test(marks_behind_the_end_are_not_seen),
        cmocka_unit_test(texts_of_nothing_but_marks_are_found_whole),
        cmocka_unit_test(lines_around_the_end_of_the_window_are_found_once),
        cmocka_unit_test(a_line_longer_than_the_window_is_found),
        cmocka_unit_test(the_longest_text_is_looked_through),
        cmocka_unit_test(marks_of_another_text_are_no_marks_of_this_one),
        cmocka_unit_test(a_quote_that_is_missing_is_noticed),
        cmocka_unit_test(any_text_is_found_as_by_a_plain_loop),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
