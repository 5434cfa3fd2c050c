/* SPDX-License-Identifier: MIT */
/* Settings as libconfig hands them over when something has gone wrong there: that is told, and nothing is taken. */
#include "support.h"

#include "settings.h"

struct taken {
    int order;
    char *name;
    char **names;
    struct pattern *pattern;
    bool enabled;
};

static const char *const orders[] = {"address", "hits", NULL};

static const struct setting_row rows[] = {
    {.name = "order", .type = SETTING_CHOICE, .offset = offsetof(struct taken, order), .choices = orders, .number = 1},
    {.name = "name", .type = SETTING_STRING, .offset = offsetof(struct taken, name)},
    {.name = "names", .type = SETTING_STRINGS, .offset = offsetof(struct taken, names)},
    {.name = "pattern", .type = SETTING_PATTERN, .offset = offsetof(struct taken, pattern)},
    {.name = "enabled", .type = SETTING_BOOLEAN, .offset = offsetof(struct taken, enabled), .number = 1},
    {0},
};

static int set_up(void **state)
{
    return file_bench_set_up(state, "x.conf", "UTC0");
}

/* Reads a group of this one setting, which libconfig has made but not filled. */
static struct messages read_empty(struct file_bench *bench, const char *name, int type, struct taken *taken)
{
    struct conftext text = {0};
    struct messages problems = {0};
    const struct settings settings = {.text = &text, .problems = &problems};
    config_t config;
    file_write_text(bench->path, "");
    assert_int_equal(conftext_read(bench->path, &text, &bench->error), 1);
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    assert_non_null(config_setting_add(root, name, type));
    *taken = (struct taken){0};
    settings_read(&settings, root, rows, taken);
    config_destroy(&config);
    conftext_clear(&text);
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.texts[0], bench->path));
    return problems;
}

/* libconfig doesn't say so when it has no memory for a string. */
static void a_string_without_a_text_is_want_of_memory(void **state)
{
    for (size_t i = 0; i < 4; i++) {
        struct taken taken;
        struct messages problems = read_empty(*state, rows[i].name, CONFIG_TYPE_STRING, &taken);
        assert_non_null(strstr(problems.texts[0], "out of memory"));
        assert_int_equal(taken.order, 1); /* the default */
        assert_true(!taken.name && !taken.names && !taken.pattern);
        messages_clear(&problems);
    }
}

static void a_setting_without_a_type_is_a_fault(void **state)
{
    struct taken taken;
    struct messages problems = read_empty(*state, "enabled", CONFIG_TYPE_NONE, &taken);
    assert_non_null(strstr(problems.texts[0], "enabled: must be true or false, but is without a value"));
    assert_true(taken.enabled); /* the default */
    messages_clear(&problems);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, file_bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_string_without_a_text_is_want_of_memory),
        TEST(a_setting_without_a_type_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
