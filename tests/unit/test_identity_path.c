/* SPDX-License-Identifier: MIT */
/* Whether a file is still the one that was read; names of files; the program's directory in MailRoot. */
#include "support.h"

#include "identity.h"
#include "place.h"

enum { OTHER_USER = 1234, OTHER_GROUP = 2345 };

static int set_up(void **state)
{
    return file_bench_set_up(state, "file", "UTC0");
}

/* --- identities --------------------------------------------------------------------------------------------------- */

static void each_member_tells_files_apart(void **state)
{
    const struct identity file = {.device = 1, .inode = 2, .size = 3, .written = 4, .changed = 5};
    const struct identity others[] = {
        {.device = 9, .inode = 2, .size = 3, .written = 4, .changed = 5},
        {.device = 1, .inode = 9, .size = 3, .written = 4, .changed = 5},
        {.device = 1, .inode = 2, .size = 9, .written = 4, .changed = 5},
        {.device = 1, .inode = 2, .size = 3, .written = 9, .changed = 5},
        {.device = 1, .inode = 2, .size = 3, .written = 4, .changed = 9},
    };
    (void)state;
    assert_true(identity_equal(&file, &file));
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(identity_equal(&file, &others[i]));
}

static void an_identity_is_made_of_what_the_system_says(void **state)
{
    struct stat status = {.st_dev = 1, .st_ino = 2, .st_size = 3};
    (void)state;
    status.st_mtim = (struct timespec){.tv_sec = 1795262400, .tv_nsec = 999999999};
    status.st_ctim = (struct timespec){.tv_sec = -1, .tv_nsec = 1};
    const struct identity identity = identity_from_status(&status);
    const struct identity expected = {1, 2, 3, INT64_C(1795262400999999999), INT64_C(-999999999)};
    assert_true(identity_equal(&identity, &expected));
}

static void times_beyond_reason_are_still_told_apart(void **state)
{
    struct stat status = {.st_ino = 1};
    (void)state;
    status.st_mtim.tv_sec = INT64_MAX;
    const struct identity last = identity_from_status(&status);
    status.st_mtim.tv_sec = INT64_MIN;
    const struct identity first = identity_from_status(&status);
    assert_false(identity_equal(&first, &last));
}

static void what_cannot_be_reached_has_the_identity_of_none(void **state)
{
    static const struct identity none = {0};
    struct file_bench *bench = *state;
    struct identity found = identity_of(bench->path);
    assert_true(identity_equal(&found, &none));
    found = identity_of("");
    assert_true(identity_equal(&found, &none));
    assert_int_equal(symlink("nowhere", bench->path), 0);
    found = identity_of(bench->path);
    assert_true(identity_equal(&found, &none));
    file_write_text(path_in(bench->directory, "nowhere"), "x");
    found = identity_of(bench->path);
    assert_int_equal(found.size, 1);
    assert_true(found.inode != 0);
}

static void a_file_is_fresh_for_two_seconds(void **state)
{
    static const struct {
        time_t changed;
        long nanoseconds;
        bool fresh;
    } rows[] = {{1000, 0, true},         {999, 0, true}, {998, 0, true},
                {997, 999999999, false}, {0, 0, false},  {1001, 0, true}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stat status = {.st_ino = 1};
        status.st_ctim = (struct timespec){.tv_sec = rows[i].changed, .tv_nsec = rows[i].nanoseconds};
        const struct identity identity = identity_from_status(&status);
        assert_int_equal(identity_is_fresh(&identity, 1000), rows[i].fresh);
    }
    const struct identity none = {0};
    assert_false(identity_is_fresh(&none, 0));
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static void a_path_is_put_together_with_one_slash(void **state)
{
    static const struct {
        const char *directory;
        const char *name;
        const char *path;
    } rows[] = {
        {"/var/MailRoot", "spammers.tab", "/var/MailRoot/spammers.tab"},
        {"/var/MailRoot///", "logs/x", "/var/MailRoot/logs/x"},
        {"/", "x", "/x"},
        {"relative", "x", "relative/x"},
        {".", "", "./"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char put[PATH_MAX];
        char *joined = path_join(rows[i].directory, rows[i].name);
        assert_non_null(joined);
        assert_string_equal(joined, rows[i].path);
        assert_true(path_put(put, rows[i].directory, rows[i].name));
        assert_string_equal(put, rows[i].path);
        free(joined);
    }
}

static void a_path_beside_another_is_in_its_directory(void **state)
{
    static const struct {
        const char *beside;
        const char *directory;
        const char *path;
    } rows[] = {
        {"/etc/x.conf", "/etc", "/etc/state"},
        {"/x.conf", "/", "/state"},
        {"x.conf", ".", "state"},
        {"a/b", "a", "a/state"},
        {"a/b/", "a/b", "a/b/state"},
        {"", ".", "state"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char put[PATH_MAX];
        char *directory = path_directory(rows[i].beside);
        assert_non_null(directory);
        assert_string_equal(directory, rows[i].directory);
        assert_true(path_put_beside(put, rows[i].beside, "state"));
        assert_string_equal(put, rows[i].path);
        free(directory);
    }
}

static void a_path_that_is_too_long_is_refused_to_the_byte(void **state)
{
    static char directory[2 * PATH_MAX];
    char put[PATH_MAX];
    (void)state;
    memset(directory, 'x', PATH_MAX - sizeof "/state");
    assert_true(path_put(put, directory, "state"));
    assert_int_equal(strlen(put), PATH_MAX - 1);
    directory[strlen(directory)] = 'x';
    assert_false(path_put(put, directory, "state"));
    memset(directory, 'x', 2 * PATH_MAX - 1);
    assert_false(path_put(put, directory, "state"));
    assert_true(path_put_beside(put, directory, "state")); /* in the directory where one stands */
    directory[PATH_MAX - sizeof "state" - 1] = '/';
    assert_true(path_put_beside(put, directory, "state"));
    assert_int_equal(strlen(put), PATH_MAX - 1);
    directory[PATH_MAX - sizeof "state"] = '/';
    assert_false(path_put_beside(put, directory, "state"));
}

/* --- MailRoot by place -------------------------------------------------------------------------------------------- */

static void assert_mail_root_of(const char *path, const char *expected)
{
    char *found = path_mail_root_of(path);
    if (expected && found)
        assert_string_equal(found, expected);
    if (!expected != !found)
        fail_msg("%s: %s instead of %s", path, found ? found : "none", expected ? expected : "none");
    free(found);
}

static void mail_root_is_where_the_files_directory_is_the_programs(void **state)
{
    struct file_bench *bench = *state;
    char *root = realpath(bench->directory, NULL);
    assert_non_null(root);
    assert_int_equal(place_make_program_directory(bench->directory, &bench->error), 1);
    assert_mail_root_of(path_in(bench->directory, PATH_CONFIGURATION), root);
    assert_mail_root_of(path_in(bench->directory, PATH_PROGRAM_DIRECTORY "/../xmail-spammers/./none"), root);
    assert_mail_root_of(path_in(bench->directory, "x.conf"), NULL);
    assert_mail_root_of(path_in(bench->directory, "filters/x.conf"), NULL);
    assert_mail_root_of(path_in(bench->directory, PATH_PROGRAM_DIRECTORY), NULL);
    assert_mail_root_of(path_in(bench->directory, "none/" PATH_CONFIGURATION), NULL);
    assert_mail_root_of("", NULL);
    assert_int_equal(mkdir(path_in(bench->directory, PATH_PROGRAM_DIRECTORY "/inner"), 0755), 0);
    assert_mail_root_of(path_in(bench->directory, PATH_PROGRAM_DIRECTORY "/inner/x.conf"), NULL);
    assert_int_equal(mkdir(path_in(bench->directory, "filters/other-xmail-spammers"), 0755), 0);
    assert_mail_root_of(path_in(bench->directory, "filters/other-xmail-spammers/x.conf"), NULL);
    assert_int_equal(mkdir(path_in(bench->directory, "myfilters"), 0755), 0);
    assert_int_equal(mkdir(path_in(bench->directory, "myfilters/xmail-spammers"), 0755), 0);
    assert_mail_root_of(path_in(bench->directory, "myfilters/xmail-spammers/x.conf"), NULL);
    free(root);
}

static void a_link_to_the_programs_directory_leads_to_mail_root(void **state)
{
    struct file_bench *bench = *state;
    char *root = realpath(bench->directory, NULL);
    assert_non_null(root);
    assert_int_equal(place_make_program_directory(bench->directory, &bench->error), 1);
    assert_int_equal(symlink(PATH_PROGRAM_DIRECTORY, path_in(bench->directory, "link")), 0);
    assert_mail_root_of(path_in(bench->directory, "link/x.conf"), root);
    free(root);
}

/* --- the program's directory -------------------------------------------------------------------------------------- */

static void the_programs_directory_is_made_for_the_owner_of_mail_root(void **state)
{
    struct file_bench *bench = *state;
    const bool root = geteuid() == 0;
    struct stat status;
    const char *const names[] = {"filters", PATH_PROGRAM_DIRECTORY};
    if (root)
        assert_int_equal(chown(bench->directory, OTHER_USER, OTHER_GROUP), 0);
    for (int times = 0; times < 2; times++) { /* one that is there is left as it is */
        assert_int_equal(place_make_program_directory(bench->directory, &bench->error), 1);
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            assert_int_equal(stat(path_in(bench->directory, names[i]), &status), 0);
            assert_int_equal(status.st_uid, root ? OTHER_USER : geteuid());
            assert_int_equal(status.st_mode & 07777, 0755);
        }
    }
}

static void what_is_no_directory_is_an_error_that_names_it(void **state)
{
    struct file_bench *bench = *state;
    const char *filters = path_in(bench->directory, "filters");
    assert_int_equal(place_make_program_directory(path_in(bench->directory, "none"), &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "unable to find MailRoot"));
    file_write_text(filters, "");
    assert_int_equal(place_make_program_directory(bench->directory, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, filters));
    assert_int_equal(unlink(filters), 0);
    assert_int_equal(mkdir(filters, 0755), 0);
    assert_int_equal(symlink("nowhere", path_in(bench->directory, PATH_PROGRAM_DIRECTORY)), 0);
    assert_int_equal(place_make_program_directory(bench->directory, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, PATH_PROGRAM_DIRECTORY));
    assert_int_equal(mkdir(path_in(bench->directory, "filters/nowhere"), 0755), 0);
    assert_int_equal(place_make_program_directory(bench->directory, &bench->error), 1); /* a link to one is one */
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, file_bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_member_tells_files_apart),
        TEST(an_identity_is_made_of_what_the_system_says),
        TEST(times_beyond_reason_are_still_told_apart),
        TEST(what_cannot_be_reached_has_the_identity_of_none),
        TEST(a_file_is_fresh_for_two_seconds),
        TEST(a_path_is_put_together_with_one_slash),
        TEST(a_path_beside_another_is_in_its_directory),
        TEST(a_path_that_is_too_long_is_refused_to_the_byte),
        TEST(mail_root_is_where_the_files_directory_is_the_programs),
        TEST(a_link_to_the_programs_directory_leads_to_mail_root),
        TEST(the_programs_directory_is_made_for_the_owner_of_mail_root),
        TEST(what_is_no_directory_is_an_error_that_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
