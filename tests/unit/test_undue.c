/* SPDX-License-Identifier: MIT */
/*
 * The undue call: it is told only where all that the state was written for still holds, and wherever the state may be.
 */
#include "support.h"

#include "undue.h"

enum { NOW = 1795262400, HOUR = 3600, PATHS_SIZE = 2 * SUPPORT_PATH_SIZE };

/* A MailRoot with a configuration that includes another file, and the whitelist; and a place that is none. */
struct bench {
    char root[SUPPORT_PATH_SIZE];
    char conf[PATHS_SIZE];
    char included[PATHS_SIZE];
    char whitelist[PATHS_SIZE];
    char state[PATHS_SIZE];
    char elsewhere[PATHS_SIZE];
};

static void put(char *path, const struct bench *bench, const char *name)
{
    (void)snprintf(path, PATHS_SIZE, "%s/%s", bench->root, name);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    directory_make(bench->root);
    assert_int_equal(mkdir(path_in(bench->root, "filters"), 0755), 0);
    assert_int_equal(mkdir(path_in(bench->root, PATH_PROGRAM_DIRECTORY), 0755), 0);
    assert_int_equal(mkdir(path_in(bench->root, "elsewhere"), 0755), 0);
    put(bench->conf, bench, PATH_CONFIGURATION);
    put(bench->included, bench, PATH_PROGRAM_DIRECTORY "/included.conf");
    put(bench->whitelist, bench, PATH_PROGRAM_DIRECTORY "/whitelist"); /* missing, as it may be */
    put(bench->state, bench, PATH_STATE);
    put(bench->elsewhere, bench, "elsewhere/x.conf");
    file_write_text(bench->conf, "auto = { enabled = true; };\n");
    file_write_text(bench->included, "threads = 1;\n");
    file_write_text(bench->elsewhere, "threads = 2;\n");
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    directory_drop(bench->root);
    free(bench);
    return 0;
}

static struct state quiet_state(const struct bench *bench)
{
    return (struct state){
        .quiet_from = NOW,
        .quiet_until = NOW + HOUR,
        .origin = MAIL_ROOT_PLACE,
        .mail_root = bench->root,
        .files = {{bench->conf, identity_of(bench->conf)},
                  {bench->included, identity_of(bench->included)},
                  {bench->whitelist, identity_of(bench->whitelist)}},
        .file_count = 3,
    };
}

static void write_state(const char *path, const struct state *written)
{
    struct error error;
    if (state_write(path, written, &error) != 1)
        fail_msg("%s", error.text);
}

static bool tells(const struct undue_call *call)
{
    static struct state_bytes bytes;
    struct state state;
    return undue_tell(call, &bytes, &state);
}

/* As installed: the configuration is named, and nothing else is. */
static struct undue_call usual_call(const struct bench *bench)
{
    return (struct undue_call){.configuration = bench->conf, .now = NOW};
}

/* --- the time ----------------------------------------------------------------------------------------------------- */

static void it_is_told_only_while_it_is_quiet(void **state)
{
    static const struct {
        time_t from;
        time_t until;
        time_t now;
        bool quiet;
    } rows[] = {
        {NOW, NOW + HOUR, NOW, true},
        {NOW, NOW + HOUR, NOW + HOUR - 1, true},
        {NOW, NOW + HOUR, NOW + HOUR, false},
        {NOW, NOW + HOUR, NOW - 1, false}, /* the clock was set back */
        {NOW, NOW + HOUR, 0, false},
        {NOW, NOW, NOW, false},
        {NOW + HOUR, NOW, NOW, false},
        {0, 0, NOW, false},
        {NOW - HOUR + 1, NOW + HOUR, NOW, true},
        {NOW - HOUR, NOW + HOUR, NOW, false}, /* no state of ours is quiet for longer than an hour */
        {0, INT64_MAX, NOW, false},
        {INT64_MIN, INT64_MAX, NOW, false},
    };
    const struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct undue_call call = usual_call(bench);
        struct state quiet = quiet_state(bench);
        quiet.quiet_from = rows[i].from;
        quiet.quiet_until = rows[i].until;
        call.now = rows[i].now;
        write_state(bench->state, &quiet);
        if (tells(&call) != rows[i].quiet)
            fail_msg("row %zu", i);
    }
}

/* --- the files of the configuration ------------------------------------------------------------------------------- */

static void edit(const char *path)
{
    file_write_text(path, "edited");
}

/* The same content, size and time of writing: only the inode and its own time tell. */
static void replace(const char *path)
{
    char new_path[PATHS_SIZE + 4];
    struct stat before;
    struct buffer content = {0};
    (void)snprintf(new_path, sizeof new_path, "%s.new", path);
    assert_int_equal(stat(path, &before), 0);
    assert_true(file_read(path, &content));
    file_write(new_path, content.bytes, content.length);
    file_set_age(new_path, before.st_mtime);
    assert_int_equal(rename(new_path, path), 0);
    buffer_clear(&content);
}

static void drop(const char *path)
{
    assert_int_equal(unlink(path), 0);
}

static void touch(const char *path)
{
    file_set_age(path, NOW);
}

static void it_is_told_no_more_when_a_file_of_the_configuration_has_changed(void **state)
{
    void (*const changes[])(const char *) = {edit, replace, drop, touch};
    const struct bench *bench = *state;
    const struct undue_call call = usual_call(bench);
    for (size_t i = 0; i < COUNT_OF(changes) * 2; i++) {
        const char *path = i % 2 ? bench->conf : bench->included;
        file_write_text(path, "original");
        const struct state quiet = quiet_state(bench);
        write_state(bench->state, &quiet);
        assert_true(tells(&call));
        changes[i / 2](path);
        if (tells(&call))
            fail_msg("change %zu of %s is not seen", i / 2, path);
        file_write_text(path, "there again");
    }
}

static void it_is_told_no_more_when_a_file_that_was_missing_appears(void **state)
{
    const struct bench *bench = *state;
    const struct undue_call call = usual_call(bench);
    const struct state quiet = quiet_state(bench);
    write_state(bench->state, &quiet);
    assert_true(tells(&call));
    file_write_text(bench->whitelist, "");
    assert_false(tells(&call));
    assert_int_equal(unlink(bench->whitelist), 0);
    assert_true(tells(&call));
}

static void a_link_to_the_configuration_is_followed(void **state)
{
    const struct bench *bench = *state;
    const struct undue_call call = usual_call(bench);
    assert_int_equal(unlink(bench->conf), 0);
    assert_int_equal(symlink(bench->elsewhere, bench->conf), 0);
    const struct state quiet = quiet_state(bench);
    write_state(bench->state, &quiet);
    assert_true(tells(&call));
    file_write_text(bench->elsewhere, "edited");
    assert_false(tells(&call));
}

static void a_state_for_another_configuration_does_not_count(void **state)
{
    const struct bench *bench = *state;
    struct undue_call call = usual_call(bench);
    const struct state quiet = quiet_state(bench);
    write_state(bench->state, &quiet);
    char other_name[PATHS_SIZE];
    put(other_name, bench, PATH_PROGRAM_DIRECTORY "/other.conf");
    assert_int_equal(symlink(bench->conf, other_name), 0);
    call.configuration = other_name; /* the very file, by another name */
    assert_false(tells(&call));
    call.configuration = bench->conf;
    struct state other = quiet_state(bench);
    write_state(bench->state, &other);
    assert_true(tells(&call));
    other.file_count = 0;
    write_state(bench->state, &other);
    assert_false(tells(&call));
}

/* --- MailRoot ----------------------------------------------------------------------------------------------------- */

static void it_is_told_only_if_the_same_mail_root_would_be_found(void **state)
{
    static const char root[] = "/var/MailRoot";
    static const struct {
        enum mail_root_origin origin;
        const char *option;
        const char *variable;
        bool same;
    } rows[] = {
        {MAIL_ROOT_OPTION, root, NULL, true},
        {MAIL_ROOT_OPTION, root, "/other", true},
        {MAIL_ROOT_OPTION, "/var/MailRoot/", NULL, true},
        {MAIL_ROOT_OPTION, "/other", root, false},
        {MAIL_ROOT_OPTION, "/var/MailRootX", NULL, false},
        {MAIL_ROOT_OPTION, "/var/MailRoo", NULL, false},
        {MAIL_ROOT_OPTION, "var/MailRoot", NULL, false},
        {MAIL_ROOT_OPTION, "", NULL, false},
        {MAIL_ROOT_OPTION, NULL, NULL, false},
        {MAIL_ROOT_OPTION, NULL, root, false},
        {MAIL_ROOT_SETTING, NULL, NULL, true},
        {MAIL_ROOT_SETTING, NULL, "/other", true},
        {MAIL_ROOT_SETTING, NULL, "", true},
        {MAIL_ROOT_SETTING, root, NULL, false},
        {MAIL_ROOT_SETTING, "/other", NULL, false},
        {MAIL_ROOT_ENVIRONMENT, NULL, root, true},
        {MAIL_ROOT_ENVIRONMENT, NULL, "/var/MailRoot//", true},
        {MAIL_ROOT_ENVIRONMENT, NULL, "/other", false},
        {MAIL_ROOT_ENVIRONMENT, NULL, "", false},
        {MAIL_ROOT_ENVIRONMENT, NULL, NULL, false},
        {MAIL_ROOT_ENVIRONMENT, root, root, false},
        {MAIL_ROOT_PLACE, NULL, NULL, true},
        {MAIL_ROOT_PLACE, NULL, "", true},
        {MAIL_ROOT_PLACE, NULL, root, false},
        {MAIL_ROOT_PLACE, root, NULL, false},
    };
    const struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct undue_call call = {
            .mail_root = rows[i].option, .mail_root_variable = rows[i].variable, .now = NOW};
        struct state quiet = quiet_state(bench);
        quiet.mail_root = root;
        quiet.origin = rows[i].origin;
        if (undue_by_state(&call, bench->conf, &quiet) != rows[i].same)
            fail_msg("origin %d, -r %s, MAIL_ROOT %s", (int)rows[i].origin, rows[i].option ? rows[i].option : "none",
                     rows[i].variable ? rows[i].variable : "none");
    }
}

static void the_root_directory_may_be_mail_root(void **state)
{
    static const char *const names[] = {"/", "//"};
    const struct bench *bench = *state;
    struct state quiet = quiet_state(bench);
    quiet.mail_root = "/";
    quiet.origin = MAIL_ROOT_OPTION;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct undue_call call = {.mail_root = names[i], .now = NOW};
        assert_true(undue_by_state(&call, bench->conf, &quiet));
    }
    struct undue_call call = {.mail_root = "", .now = NOW};
    assert_false(undue_by_state(&call, bench->conf, &quiet));
    call.mail_root = "/";
    quiet.mail_root = NULL; /* a state may lack it */
    assert_false(undue_by_state(&call, bench->conf, &quiet));
}

static void a_state_in_which_nothing_ran_tells_nothing(void **state)
{
    const struct bench *bench = *state;
    const struct undue_call call = usual_call(bench);
    const struct state nothing = {.file_count = 0};
    assert_false(undue_by_state(&call, bench->conf, &nothing));
    assert_false(tells(&call)); /* there is none */
    file_write_text(bench->state, "damaged");
    assert_false(tells(&call));
}

/* --- where the state is looked for -------------------------------------------------------------------------------- */

/* Of a configuration that isn't in MailRoot. */
static struct state state_of_elsewhere(const struct bench *bench, enum mail_root_origin origin)
{
    struct state quiet = quiet_state(bench);
    quiet.origin = origin;
    quiet.files[0] = (struct state_file){bench->elsewhere, identity_of(bench->elsewhere)};
    quiet.file_count = 1;
    return quiet;
}

static void the_state_is_looked_for_in_the_mail_root_that_is_given_and_nowhere_else(void **state)
{
    const struct bench *bench = *state;
    const struct undue_call call = {.configuration = bench->elsewhere, .mail_root = bench->root, .now = NOW};
    const struct state quiet = state_of_elsewhere(bench, MAIL_ROOT_OPTION);
    write_state(bench->state, &quiet);
    assert_true(tells(&call));
    assert_int_equal(rename(bench->state, path_in(bench->root, "elsewhere/state")), 0);
    assert_false(tells(&call));
}

static void the_state_is_looked_for_in_mail_root_of_the_environment(void **state)
{
    const struct bench *bench = *state;
    struct undue_call call = {.configuration = bench->elsewhere, .mail_root_variable = bench->root, .now = NOW};
    const struct state quiet = state_of_elsewhere(bench, MAIL_ROOT_ENVIRONMENT);
    write_state(bench->state, &quiet);
    assert_true(tells(&call));
    call.mail_root_variable = "";
    assert_false(tells(&call));
}

static void the_state_is_looked_for_beside_the_program(void **state)
{
    const struct bench *bench = *state;
    struct undue_call call = {.configuration = bench->elsewhere, .now = NOW};
    const struct state quiet = state_of_elsewhere(bench, MAIL_ROOT_SETTING);
    write_state(bench->state, &quiet);
    assert_false(tells(&call));
    char program[PATHS_SIZE];
    put(program, bench, PATH_PROGRAM_DIRECTORY "/xmail-spammers");
    call.program = program;
    assert_true(tells(&call));
    call.program = "xmail-spammers"; /* found by PATH, who knows where */
    assert_false(tells(&call));
}

/* Who finds MailRoot by the configuration's place has the state there. A relative path means another file elsewhere. */
static void a_state_for_the_configurations_place_counts_only_beside_it(void **state)
{
    const struct bench *bench = *state;
    char program[PATHS_SIZE];
    put(program, bench, PATH_PROGRAM_DIRECTORY "/xmail-spammers");
    const struct undue_call call = {.configuration = bench->elsewhere, .program = program, .now = NOW};
    const struct state quiet = state_of_elsewhere(bench, MAIL_ROOT_PLACE);
    write_state(bench->state, &quiet);
    assert_false(tells(&call));
    assert_int_equal(rename(bench->state, path_in(bench->root, "elsewhere/state")), 0);
    assert_true(tells(&call));
}

static void a_state_that_tells_nothing_hides_none_behind_it(void **state)
{
    const struct bench *bench = *state;
    const struct undue_call call = {.configuration = bench->elsewhere, .mail_root_variable = bench->root, .now = NOW};
    const struct state quiet = state_of_elsewhere(bench, MAIL_ROOT_SETTING);
    struct state old = quiet;
    old.quiet_until = NOW;
    write_state(path_in(bench->root, "elsewhere/state"), &old);
    write_state(bench->state, &quiet);
    assert_true(tells(&call));
}

static void without_a_configuration_that_is_known_nothing_is_told(void **state)
{
    static char long_path[2 * PATH_MAX];
    const struct bench *bench = *state;
    struct undue_call call = {.now = NOW};
    struct state quiet = quiet_state(bench);
    write_state(bench->state, &quiet);
    assert_false(tells(&call));
    call.configuration = "";
    call.mail_root_variable = "";
    assert_false(tells(&call));
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[0] = '/';
    call.mail_root_variable = long_path;
    assert_false(tells(&call));
    call.mail_root = long_path;
    assert_false(tells(&call));
    call = (struct undue_call){.configuration = long_path, .program = long_path, .now = NOW};
    memcpy(long_path + sizeof long_path - 3, "/x", 2);
    assert_false(tells(&call));
}

static void without_a_name_the_configuration_is_that_in_mail_root(void **state)
{
    const struct bench *bench = *state;
    struct state quiet = quiet_state(bench);
    quiet.origin = MAIL_ROOT_ENVIRONMENT;
    write_state(bench->state, &quiet);
    struct undue_call call = {.mail_root_variable = bench->root, .now = NOW};
    assert_true(tells(&call));
    call.configuration = "";
    assert_true(tells(&call));
    quiet.origin = MAIL_ROOT_OPTION;
    write_state(bench->state, &quiet);
    assert_false(tells(&call));
    call = (struct undue_call){.mail_root = bench->root, .mail_root_variable = "/other", .now = NOW};
    assert_true(tells(&call));
}

static void a_configuration_of_the_environment_counts_if_none_is_given(void **state)
{
    const struct bench *bench = *state;
    const struct state quiet = quiet_state(bench);
    write_state(bench->state, &quiet);
    struct undue_call call = {.configuration_variable = bench->conf, .now = NOW};
    assert_true(tells(&call));
    call.configuration = "";
    assert_true(tells(&call));
    call.configuration = bench->conf;
    call.configuration_variable = bench->elsewhere;
    assert_true(tells(&call));
    call = (struct undue_call){
        .configuration = "", .configuration_variable = bench->elsewhere, .mail_root = bench->root, .now = NOW};
    struct state given = quiet;
    given.origin = MAIL_ROOT_OPTION;
    write_state(bench->state, &given);
    assert_false(tells(&call));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(it_is_told_only_while_it_is_quiet),
        TEST(it_is_told_no_more_when_a_file_of_the_configuration_has_changed),
        TEST(it_is_told_no_more_when_a_file_that_was_missing_appears),
        TEST(a_link_to_the_configuration_is_followed),
        TEST(a_state_for_another_configuration_does_not_count),
        TEST(it_is_told_only_if_the_same_mail_root_would_be_found),
        TEST(the_root_directory_may_be_mail_root),
        TEST(a_state_in_which_nothing_ran_tells_nothing),
        TEST(the_state_is_looked_for_in_the_mail_root_that_is_given_and_nowhere_else),
        TEST(the_state_is_looked_for_in_mail_root_of_the_environment),
        TEST(the_state_is_looked_for_beside_the_program),
        TEST(a_state_for_the_configurations_place_counts_only_beside_it),
        TEST(a_state_that_tells_nothing_hides_none_behind_it),
        TEST(without_a_configuration_that_is_known_nothing_is_told),
        TEST(a_configuration_of_the_environment_counts_if_none_is_given),
        TEST(without_a_name_the_configuration_is_that_in_mail_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
