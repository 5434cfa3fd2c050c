/* SPDX-License-Identifier: MIT */
/* Words of commands that people copy: a shell must take each as it is. */
#include "support.h"

#include "shellword.h"

static const struct {
    const char *word;
    const char *expected;
} rows[] = {
    {"/var/MailRoot/a-b_c.d+1,2:3=4@5%6", "/var/MailRoot/a-b_c.d+1,2:3=4@5%6"},
    {"", "''"},
    {"a b", "'a b'"},
    {"Mail'Root", "'Mail'\\''Root'"},
    {"''", "''\\'''\\'''"},
    {"$(id)", "'$(id)'"},
    {"`id`;a\\b\"c*?~#!|&<>{}[]()\n\t", "'`id`;a\\b\"c*?~#!|&<>{}[]()\n\t'"},
    {"\xc3\xa4", "'\xc3\xa4'"},
};

static void each_word_is_left_as_it_is_or_put_between_apostrophes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer text = {0};
        shellword_add(rows[i].word, &text);
        buffer_add(&text, "", 1);
        assert_false(text.failed);
        assert_string_equal(text.bytes, rows[i].expected);
        buffer_clear(&text);
    }
}

/* Reads what a shell makes of the word. */
static void a_shell_takes_it_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer call = {0};
        char said[128];
        buffer_add_text(&call, "printf %s. ");
        shellword_add(rows[i].word, &call);
        buffer_add(&call, "", 1);
        assert_false(call.failed);
        FILE *shell = popen(call.bytes, "r"); /* NOLINT(cert-env33-c): that is what is tried */
        assert_non_null(shell);
        said[fread(said, 1, sizeof said - 1, shell)] = '\0';
        assert_int_equal(pclose(shell), 0);
        assert_int_equal(strlen(said), strlen(rows[i].word) + 1);
        assert_memory_equal(said, rows[i].word, strlen(rows[i].word));
        buffer_clear(&call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_is_left_as_it_is_or_put_between_apostrophes),
        cmocka_unit_test(a_shell_takes_it_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
