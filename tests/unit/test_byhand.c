/* SPDX-License-Identifier: MIT */
/* What allow and block refuse before they write anything. */
#include "support.h"

#include "byhand.h"

#define LIST "\"192.0.2.7\"\t\"255.255.255.255\"\t\"code=1\"\n"

static const char *own_address; /* of this machine; NULL: it can't be had */

static int read_own_address(struct interfaces *interfaces, struct error *error)
{
    if (!own_address)
        return error_set(error, "unable to list the addresses of this machine: refused");
    interfaces->addresses = calloc(1, sizeof *interfaces->addresses);
    assert_non_null(interfaces->addresses);
    interfaces->addresses[interfaces->count++] = host_of(own_address);
    return 1;
}

static int set_up(void **state)
{
    own_address = "192.0.2.1";
    if (file_bench_set_up(state, PATH_LIST, "UTC0") != 0)
        return -1;
    const struct file_bench *bench = *state;
    file_write_text(bench->path, LIST);
    file_set_age(bench->path, 1000 * 1000 * 1000);
    return 0;
}

/* Does it, with the configuration of this text. MailRoot, where only the list was, must be as before if it fails. */
static int run(struct file_bench *bench, byhand_function *function, const char *network, const char *text, bool undo)
{
    const char *configuration = path_in(bench->directory, "x.conf");
    const struct moment now = moment_of("2026-11-21T17:00");
    struct messages problems = {0};
    struct byhand byhand = {0};
    file_write_text(configuration, text);
    struct conf *conf = conf_read(configuration, bench->directory, NULL, NULL, &problems);
    assert_non_null(conf);
    assert_int_equal(unlink(configuration), 0);
    const struct byhand_request request = {
        .conf = conf, .now = &now, .network = network_of(network), .undo = undo, .interfaces = read_own_address};
    const int result = function(&request, &byhand, &bench->error);
    if (result < 0) {
        assert_file_is(bench->path, BYTES(LIST));
        assert_int_equal(directory_count(bench->directory), 1);
        assert_int_equal(byhand.changes.count, 0);
        assert_true(messages_empty(&byhand.warnings));
    }
    byhand_clear(&byhand);
    conf_free(conf);
    return result;
}

static void this_machine_is_not_blocked(void **state)
{
    static const struct {
        const char *own;
        const char *network;
        const char *said;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", "unable to block 192.0.2.1: 192.0.2.1 is this machine itself"},
        {"192.0.2.1", "192.0.2.0/24", "unable to block 192.0.2.0/24: 192.0.2.1 is this machine itself"},
        {"2001:db8::1", "2001:db8::/32", "unable to block 2001:db8::/32: 2001:db8::1 is this machine itself"},
        {"192.0.2.1", "127.0.0.2", "unable to block 127.0.0.2: 127.0.0.0/8 is this machine itself"},
        {"192.0.2.1", "126.0.0.0/7", "unable to block 126.0.0.0/7: 127.0.0.0/8 is this machine itself"},
        {"192.0.2.1", "::1", "unable to block ::1: ::1 is this machine itself"},
    };
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        own_address = rows[i].own;
        assert_int_equal(run(bench, byhand_block, rows[i].network, "", false), -1);
        if (strncmp(bench->error.text, rows[i].said, strlen(rows[i].said)) != 0)
            fail_msg("%s", bench->error.text);
    }
    assert_int_equal(run(bench, byhand_block, "192.0.2.2/31", "", false), 1);
}

static void without_knowing_this_machines_addresses_nobody_is_blocked(void **state)
{
    struct file_bench *bench = *state;
    own_address = NULL;
    assert_int_equal(run(bench, byhand_block, "192.0.2.1", "", false), -1);
    assert_string_equal(bench->error.text, "unable to list the addresses of this machine: refused");
    assert_int_equal(run(bench, byhand_block, "192.0.2.1", "", true), 0); /* there is nothing to undo */
}

static void without_a_directory_for_the_whitelist_file_nobody_is_allowed(void **state)
{
    struct file_bench *bench = *state;
    for (int undo = 0; undo <= 1; undo++) {
        assert_int_equal(run(bench, byhand_allow, "192.0.2.7", "whitelist_file = \"none/whitelist\";", undo), -1);
        assert_non_null(strstr(bench->error.text, "unable to find the directory of "));
        assert_non_null(strstr(bench->error.text, "/none/whitelist: "));
        assert_non_null(strstr(bench->error.text, strerror(ENOENT)));
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, file_bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(this_machine_is_not_blocked),
        TEST(without_knowing_this_machines_addresses_nobody_is_blocked),
        TEST(without_a_directory_for_the_whitelist_file_nobody_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
