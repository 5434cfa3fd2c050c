/* SPDX-License-Identifier: MIT */
/* Growing bytes, lists of texts, error texts. */
#include "support.h"

#include "error.h"
#include "messages.h"
#include "utf8.h"

static void bytes_are_added_at_the_end_nuls_among_them(void **state)
{
    struct buffer buffer = {0};
    (void)state;
    buffer_add(&buffer, NULL, 0);
    buffer_add_text(&buffer, "");
    assert_int_equal(buffer.length, 0);
    buffer_add(&buffer, "a\0b", 3);
    buffer_add_text(&buffer, "cd");
    buffer_add_format(&buffer, "%s-%d", "x", 42);
    buffer_add_format(&buffer, "%s", "");
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, 9);
    assert_memory_equal(buffer.bytes, "a\0bcdx-42", 9);
    buffer_clear(&buffer);
    assert_null(buffer.bytes);
    assert_int_equal(buffer.length + buffer.capacity, 0);
}

static void it_grows_to_any_size_by_any_steps(void **state)
{
    struct buffer buffer = {0};
    uint64_t seed = 1;
    size_t length = 0;
    (void)state;
    while (length < 300000) {
        char bytes[2000];
        size_t size = random_below(&seed, sizeof bytes);
        memset(bytes, (int)(length % 251), size);
        buffer_add(&buffer, bytes, size);
        if (size > 0)
            assert_int_equal((unsigned char)buffer.bytes[length], length % 251);
        length += size;
        assert_int_equal(buffer.length, length);
        assert_true(buffer.capacity >= length);
    }
    buffer_clear(&buffer);
}

static void a_long_format_is_added_whole(void **state)
{
    struct buffer buffer = {0};
    (void)state;
    buffer_add_format(&buffer, "%*s|", 100000, "x");
    assert_int_equal(buffer.length, 100001);
    assert_memory_equal(buffer.bytes + 99999, "x|", 2);
    buffer_clear(&buffer);
}

static void room_that_cannot_be_had_makes_it_fail_and_later_calls_add_nothing(void **state)
{
    struct buffer buffer = {0};
    (void)state;
    buffer_add_text(&buffer, "kept");
    assert_true(buffer_reserve(&buffer, 100));
    assert_true(buffer.capacity >= 104);
    assert_false(buffer_reserve(&buffer, SIZE_MAX));
    assert_true(buffer.failed);
    assert_false(buffer_reserve(&buffer, 1));
    buffer_add_text(&buffer, "more");
    buffer_add_format(&buffer, "%d", 1);
    assert_int_equal(buffer.length, 4);
    assert_memory_equal(buffer.bytes, "kept", 4);
    buffer_clear(&buffer);
    assert_false(buffer.failed);
}

static void equal_buffers_hold_the_same_bytes(void **state)
{
    static const struct {
        const char *a;
        size_t a_length;
        const char *b;
        size_t b_length;
        bool equal;
    } rows[] = {
        {BYTES(""), BYTES(""), true},     {BYTES("a"), BYTES("a"), true},       {BYTES("a"), BYTES("b"), false},
        {BYTES("a"), BYTES("ab"), false}, {BYTES("a\0b"), BYTES("a\0b"), true}, {BYTES("a\0b"), BYTES("a\0c"), false},
        {BYTES(""), BYTES("\0"), false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer a = {0};
        struct buffer b = {0};
        buffer_add(&a, rows[i].a, rows[i].a_length);
        assert_true(buffer_reserve(&b, 1000)); /* room doesn't matter */
        buffer_add(&b, rows[i].b, rows[i].b_length);
        assert_int_equal(buffer_equal(&a, &b), rows[i].equal);
        assert_int_equal(buffer_equal(&b, &a), rows[i].equal);
        buffer_clear(&a);
        buffer_clear(&b);
    }
}

static void messages_keep_their_order(void **state)
{
    struct messages messages = {0};
    (void)state;
    assert_true(messages_empty(&messages));
    for (int i = 0; i < 100; i++)
        messages_add(&messages, "%s number %d", "message", i);
    assert_false(messages_empty(&messages));
    assert_int_equal(messages.count, 100);
    assert_int_equal(messages.lost, 0);
    assert_string_equal(messages.texts[0], "message number 0");
    assert_string_equal(messages.texts[99], "message number 99");
    messages_clear(&messages);
    assert_true(messages_empty(&messages));
    assert_int_equal(messages.count, 0);
}

static void lost_messages_make_the_list_not_empty(void **state)
{
    const struct messages messages = {.lost = 1};
    (void)state;
    assert_false(messages_empty(&messages));
}

static void a_very_long_message_does_no_harm(void **state)
{
    struct messages messages = {0};
    (void)state;
    messages_add(&messages, "begin %*s", 100000, "x");
    assert_int_equal(messages.count, 1);
    assert_memory_equal(messages.texts[0], "begin ", 6);
    messages_add(&messages, "%s", "");
    assert_string_equal(messages.texts[1], "");
    messages_clear(&messages);
}

/* Latin-1 and EUC-JP stay what they are, so that whoever has such a terminal can read them. */
static void what_a_terminal_might_obey_is_made_harmless(void **state)
{
    static const struct {
        const char *bytes;
        const char *harmless;
    } cases[] = {
        {"a b~", "a b~"},
        {"\x1b[31m\n\t\x7f", "?[31m???"},
        {"\xc2\x9b"
         "1m\xc2\x80\xc2\x9f\xc2\xa0",
         "??1m????\xc2\xa0"},
        {"\x9b"
         "1m\x80\xa0\xff",
         "?1m?\xa0\xff"},
        {"\xe2\x82\xac\xf0\x9f\x9b\x9b", "\xe2\x82\xac\xf0\x9f\x9b\x9b"},
        {"\xe2\x9b", "\xe2?"},
        /* NOLINTNEXTLINE(misc-misleading-bidirectional): that is what is to be found */
        {"a\xe2\x80\xae"
         "b\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c",
         "a???b????????"},
        {"\xe2\x80\x8d\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xaf", "\xe2\x80\x8d\xe2\x80\xa7???\xe2\x80\xaf"},
        {"\xe2\x82"
         "a\xf0\x9f\x9b\x1b",
         "\xe2?a\xf0???"},
        {"\xc2", "\xc2"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "%s", cases[i].bytes);
        messages_make_harmless(text, strlen(text));
        assert_string_equal(text, cases[i].harmless);
    }
    char zero[] = {'\0', 'a'};
    messages_make_harmless(zero, sizeof zero);
    assert_memory_equal(zero, "?a", sizeof zero);
}

static void an_error_names_its_reason_and_leaves_errno_alone(void **state)
{
    struct error error;
    char expected[200];
    (void)state;
    errno = ERANGE;
    assert_int_equal(error_set(&error, "unable to read %s: %s", "x", "why"), -1);
    assert_string_equal(error.text, "unable to read x: why");
    assert_int_equal(error_system(&error, ENOENT, "unable to read %s", "y"), -1);
    (void)snprintf(expected, sizeof expected, "unable to read y: %s", strerror(ENOENT));
    assert_string_equal(error.text, expected);
    assert_int_equal(error_memory(&error, "read z"), -1);
    assert_string_equal(error.text, "unable to read z: out of memory");
    errno = ERANGE;
    (void)error_set(&error, "x");
    (void)error_system(&error, EACCES, "x");
    (void)error_memory(&error, "x");
    assert_int_equal(errno, ERANGE);
}

static void a_long_error_is_cut(void **state)
{
    struct error error;
    (void)state;
    for (int width = ERROR_TEXT_SIZE - 40; width < ERROR_TEXT_SIZE + 40; width++) {
        assert_int_equal(error_system(&error, ENOENT, "%*s", width, "x"), -1);
        assert_true(strlen(error.text) < ERROR_TEXT_SIZE);
        assert_true(strlen(error.text) >= (size_t)(width < ERROR_TEXT_SIZE ? width : ERROR_TEXT_SIZE - 1));
        assert_int_equal(error_set(&error, "%*s", width, "x"), -1);
        assert_true(strlen(error.text) < ERROR_TEXT_SIZE);
    }
}

/* --- characters --------------------------------------------------------------------------------------------------- */

static void characters_are_as_wide_as_a_terminal_shows_them(void **state)
{
    static const struct {
        uint32_t point;
        unsigned width;
    } rows[] = {
        {'a', 1},    {0xa0, 1},   {0x2ff, 1},  {0x300, 0},   {0x36f, 0},   {0x370, 1},   {0x10ff, 1},  {0x1100, 2},
        {0x3042, 2}, {0x3099, 0}, {0x309b, 2}, {0x53d7, 2},  {0xff21, 2},  {0xff71, 1},  {0xac00, 2},  {0x200d, 0},
        {0x2014, 1}, {0x303f, 1}, {0x3040, 1}, {0x1f600, 2}, {0x20000, 2}, {0x3fffd, 2}, {0x3fffe, 1}, {0x10ffff, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (utf8_width(rows[i].point) != rows[i].width)
            fail_msg("%x: %u columns", rows[i].point, utf8_width(rows[i].point));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_added_at_the_end_nuls_among_them),
        cmocka_unit_test(it_grows_to_any_size_by_any_steps),
        cmocka_unit_test(a_long_format_is_added_whole),
        cmocka_unit_test(room_that_cannot_be_had_makes_it_fail_and_later_calls_add_nothing),
        cmocka_unit_test(equal_buffers_hold_the_same_bytes),
        cmocka_unit_test(messages_keep_their_order),
        cmocka_unit_test(lost_messages_make_the_list_not_empty),
        cmocka_unit_test(a_very_long_message_does_no_harm),
        cmocka_unit_test(what_a_terminal_might_obey_is_made_harmless),
        cmocka_unit_test(an_error_names_its_reason_and_leaves_errno_alone),
        cmocka_unit_test(a_long_error_is_cut),
        cmocka_unit_test(characters_are_as_wide_as_a_terminal_shows_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
