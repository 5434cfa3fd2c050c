/* SPDX-License-Identifier: MIT */
/* Logs that go while they are listed: XMail's administrators move old ones away at any moment. */
#include "support.h"

/* The one that somebody moves away when its directory has been read. */
static const char *gone;

static void move_away(const char *path)
{
    if (strcmp(path, gone) == 0)
        assert_int_equal(unlink(path), 0);
}

#define stat(path, status) (move_away(path), stat(path, status))
#include "logfiles.c"
#undef stat

static void a_log_that_goes_while_they_are_listed_is_none(void **state)
{
    struct file_bench *bench = *state;
    struct conf_log log = log_from((struct log_wish){.format = "smtp"});
    struct messages warnings = {0};
    struct logfiles files;
    free(log.directories[0]);
    log.directories[0] = strdup(bench->directory);
    file_write_text(bench->path, "");
    file_write_text(path_in(bench->directory, "smtp-202611210000"), "");
    gone = bench->path;
    assert_int_equal(logfiles_list(&log, 1, false, &warnings, &files, &bench->error), 1);
    assert_false(file_exists(bench->path));
    assert_int_equal(files.count, 1);
    assert_non_null(strstr(files.files[0].path, "smtp-202611210000"));
    assert_true(messages_empty(&warnings));
    logfiles_clear(&files);
    messages_clear(&warnings);
    log_drop(&log);
}

static int set_up(void **state)
{
    return file_bench_set_up(state, "smtp-202611200000", "UTC0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_log_that_goes_while_they_are_listed_is_none, set_up, file_bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
