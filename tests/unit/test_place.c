/* SPDX-License-Identifier: MIT */
/* Where links lead root: in somebody else's directory to what is his, and nowhere else. */
#include "support.h"

#include "place.h"

enum { OWNER = 1234, OTHER = 1235 };

static int set_up(void **state)
{
    return file_bench_set_up(state, "file", "UTC0");
}

/* Whose this is, a file or a directory, and a link to it by an absolute path. */
static void give(const struct file_bench *bench, const char *name, uid_t owner)
{
    assert_int_equal(lchown(path_in(bench->directory, name), owner, owner), 0);
}

static void make_directory(const struct file_bench *bench, const char *name, uid_t owner)
{
    assert_int_equal(mkdir(path_in(bench->directory, name), 0700), 0);
    give(bench, name, owner);
}

static void make_file(const struct file_bench *bench, const char *name, uid_t owner)
{
    file_write_text(path_in(bench->directory, name), "");
    give(bench, name, owner);
}

/* MailRoot is the owner's, and holds links of his to what is whose the name says; "gate" is root's, with the same. */
static void make_links(const struct file_bench *bench)
{
    static const char *const places[] = {"mailroot", "gate"};
    static const struct {
        const char *name;
        uid_t owner;
    } rows[] = {{"own", OWNER}, {"other", OTHER}, {"root", 0}};
    char from[2 * SUPPORT_PATH_SIZE];
    char to[2 * SUPPORT_PATH_SIZE];
    make_directory(bench, places[0], OWNER);
    make_directory(bench, places[1], 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        (void)snprintf(to, sizeof to, "%s-directory", rows[i].name);
        make_directory(bench, to, rows[i].owner);
        (void)snprintf(to, sizeof to, "%s-directory/file", rows[i].name);
        make_file(bench, to, rows[i].owner);
        for (size_t j = 0; j < COUNT_OF(places); j++) {
            (void)snprintf(from, sizeof from, "%s/%s/%s", bench->directory, places[j], rows[i].name);
            (void)snprintf(to, sizeof to, "../%s-directory", rows[i].name);
            assert_int_equal(symlink(to, from), 0);
            (void)snprintf(from, sizeof from, "%s/%s/%s-link", bench->directory, places[j], rows[i].name);
            (void)snprintf(to, sizeof to, "../%s-directory/file", rows[i].name);
            assert_int_equal(symlink(to, from), 0);
            (void)snprintf(from, sizeof from, "%s/%s/%s-name", bench->directory, places[j], rows[i].name);
            (void)snprintf(to, sizeof to, "%s/%s-directory/file", bench->directory, rows[i].name);
            assert_int_equal(link(to, from), 0);
        }
    }
}

/* That it opens it (0), or the errno. */
static void assert_leads(const struct file_bench *bench, int (*open_place)(const char *path), const char *name,
                         int expected)
{
    errno = 0;
    const int descriptor = open_place(path_in(bench->directory, name));
    const int reason = descriptor < 0 ? errno : 0;
    if (descriptor >= 0)
        (void)close(descriptor);
    if (reason != expected)
        fail_msg("%s: %s instead of %s", name, strerror(reason), strerror(expected));
}

static void a_link_in_anothers_directory_leads_root_to_a_directory_of_his(void **state)
{
    struct file_bench *bench = *state;
    if (geteuid() != 0)
        skip();
    make_links(bench);
    assert_leads(bench, place_open, "mailroot", 0);
    assert_leads(bench, place_open, "mailroot/own", 0);
    assert_leads(bench, place_open, "mailroot/other", ELOOP);
    assert_leads(bench, place_open, "mailroot/root", ELOOP);
    assert_leads(bench, place_open, "mailroot/none", ENOENT);
    assert_leads(bench, place_open, "gate/own", 0);
    assert_leads(bench, place_open, "gate/other", 0);
    assert_leads(bench, place_open, "gate/root", 0);
}

static void a_file_that_is_not_his_is_none_for_root_by_a_link_or_another_name(void **state)
{
    struct file_bench *bench = *state;
    if (geteuid() != 0)
        skip();
    make_links(bench);
    make_file(bench, "mailroot/file-of-root", 0);
    assert_leads(bench, place_open_file, "mailroot/own-link", 0);
    assert_leads(bench, place_open_file, "mailroot/own-name", 0);
    assert_leads(bench, place_open_file, "mailroot/file-of-root", 0); /* made there */
    assert_leads(bench, place_open_file, "mailroot/other-link", ELOOP);
    assert_leads(bench, place_open_file, "mailroot/other-name", ELOOP);
    assert_leads(bench, place_open_file, "mailroot/root-link", ELOOP);
    assert_leads(bench, place_open_file, "mailroot/root-name", ELOOP);
    assert_leads(bench, place_open_file, "mailroot/root/file", ELOOP);
    assert_leads(bench, place_open_file, "gate/other-link", 0);
    assert_leads(bench, place_open_file, "gate/root-name", 0);
}

static void where_no_link_is_wanted_none_is_followed(void **state)
{
    struct file_bench *bench = *state;
    file_write_text(bench->path, "");
    assert_int_equal(symlink("file", path_in(bench->directory, "link")), 0);
    assert_int_equal(link(bench->path, path_in(bench->directory, "name")), 0);
    assert_leads(bench, place_open_unlinked, "file", 0);
    assert_leads(bench, place_open_unlinked, "name", 0);
    assert_leads(bench, place_open_unlinked, "link", ELOOP);
}

/* Where the name is taken at the second look, as by somebody who was faster, what he has made is opened or nothing. */
static void no_file_is_made_where_a_link_leads(void **state)
{
    struct file_bench *bench = *state;
    assert_int_equal(symlink("victim", bench->path), 0);
    assert_int_equal(place_open_shared(bench->path, O_RDWR, 0600), -1);
    assert_int_equal(errno, ENOENT);
    assert_false(file_exists(path_in(bench->directory, "victim")));
}

static void what_can_not_be_removed_stays_and_tells_why(void **state)
{
    struct file_bench *bench = *state;
    char path[2 * PATH_MAX];
    file_write_text(bench->path, "");
    (void)snprintf(path, sizeof path, "%s/%0*d", bench->directory, PATH_MAX, 0);
    (void)strcat(path, "/file");
    assert_int_equal(place_remove(path), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(place_remove(path_in(bench->directory, "none/file")), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(place_remove(bench->path), 0);
    assert_false(file_exists(bench->path));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, file_bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_link_in_anothers_directory_leads_root_to_a_directory_of_his),
        TEST(a_file_that_is_not_his_is_none_for_root_by_a_link_or_another_name),
        TEST(where_no_link_is_wanted_none_is_followed),
        TEST(no_file_is_made_where_a_link_leads),
        TEST(what_can_not_be_removed_stays_and_tells_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
