/* SPDX-License-Identifier: MIT */
/* The state file: what is written is read again, and nothing else ever is. */
#include "support.h"

#include "newfile.h"
#include "schedule.h"
#include "state.h"

enum { OTHER_USER = 1234 };

static int set_up(void **state)
{
    return file_bench_set_up(state, "state", "UTC0");
}

/* --- states ------------------------------------------------------------------------------------------------------- */

/* One with all that a state can hold. */
static struct state full_state(void)
{
    struct state full = {
        .filter = {STATE_DONE, 1795262400, 1234, "5 added, 0 removed, 12 kept"},
        .command = {STATE_FAILED, -32400, UINT64_MAX, "unable to read /var/MailRoot/logs/smtp-202611210000: größer"},
        .faults = UINT64_MAX,
        .quiet_from = 1795262400,
        .quiet_until = 1795266000,
        .origin = MAIL_ROOT_ENVIRONMENT,
        .mail_root = "/var/Mail Root",
        .files = {{"/var/Mail Root/x.conf", {UINT64_MAX, 2, 3, INT64_MIN, INT64_MAX}},
                  {"relative  with blanks ", {1, UINT64_MAX, UINT64_MAX, -1, 0}},
                  {"/no/such", {0, 0, 0, 0, 0}}},
        .file_count = 3,
    };
    return full;
}

static void assert_same_run(const struct state_run *a, const struct state_run *b)
{
    assert_int_equal(a->result, b->result);
    assert_true(a->begun == b->begun);
    assert_true(a->milliseconds == b->milliseconds);
    assert_string_equal(a->detail, b->detail);
}

static void assert_same_state(const struct state *a, const struct state *b)
{
    assert_same_run(&a->filter, &b->filter);
    assert_same_run(&a->command, &b->command);
    assert_true(a->faults == b->faults);
    assert_true(a->quiet_from == b->quiet_from && a->quiet_until == b->quiet_until);
    assert_int_equal(a->origin, b->origin);
    assert_int_equal(a->mail_root != NULL, b->mail_root != NULL);
    if (a->mail_root)
        assert_string_equal(a->mail_root, b->mail_root);
    assert_int_equal(a->file_count, b->file_count);
    for (size_t i = 0; i < a->file_count; i++) {
        assert_string_equal(a->files[i].path, b->files[i].path);
        assert_true(identity_equal(&a->files[i].identity, &b->files[i].identity));
    }
}

static void assert_nothing_ran(const struct state *read)
{
    const struct state nothing = {.file_count = 0};
    assert_same_state(read, &nothing);
}

static void write_state(struct file_bench *bench, const struct state *written)
{
    if (state_write(bench->path, written, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
}

static struct state_bytes bytes;

/* Valid until the next call. */
static struct state read_state(struct file_bench *bench)
{
    struct state read;
    if (state_read(bench->path, &bytes, &read, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
    return read;
}

static void assert_returns(struct file_bench *bench, const struct state *written)
{
    write_state(bench, written);
    const struct state read = read_state(bench);
    assert_same_state(written, &read);
}

/* Never quiet: that it isn't known of which files. */
static void assert_forgets_files(struct file_bench *bench, const struct state *written)
{
    struct state rest = *written;
    rest.quiet_from = rest.quiet_until = 0;
    rest.file_count = 0;
    rest.mail_root = NULL;
    rest.origin = (enum mail_root_origin)0;
    write_state(bench, written);
    const struct state read = read_state(bench);
    assert_same_state(&rest, &read);
}

/* --- what is written is read -------------------------------------------------------------------------------------- */

static void every_member_comes_back(void **state)
{
    struct file_bench *bench = *state;
    const struct state full = full_state();
    assert_returns(bench, &full);
}

static void every_result_and_origin_comes_back(void **state)
{
    static const enum state_result results[] = {STATE_NEVER, STATE_BEGUN, STATE_DONE, STATE_FAILED};
    static const enum mail_root_origin origins[] = {MAIL_ROOT_OPTION, MAIL_ROOT_SETTING, MAIL_ROOT_ENVIRONMENT,
                                                    MAIL_ROOT_PLACE};
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(results) * COUNT_OF(origins); i++) {
        struct state written = full_state();
        written.filter = (struct state_run){.result = results[i % COUNT_OF(results)]};
        written.command = (struct state_run){.result = results[i / COUNT_OF(results)]};
        written.origin = origins[i / COUNT_OF(results)];
        assert_returns(bench, &written);
    }
}

static void a_state_in_which_nothing_ran_comes_back(void **state)
{
    const struct state nothing = {.file_count = 0};
    assert_returns(*state, &nothing);
}

static void the_last_attempt_is_the_filters_whatever_came_of_it(void **unused)
{
    (void)unused;
    static const enum state_result results[] = {STATE_BEGUN, STATE_DONE, STATE_FAILED};
    struct state state = {.command = {.result = STATE_DONE, .begun = 2000}};
    assert_true(state_last_attempt(&state) == SCHEDULE_NO_ATTEMPT);
    for (size_t i = 0; i < COUNT_OF(results); i++) {
        state.filter = (struct state_run){.result = results[i], .begun = 1000};
        assert_true(state_last_attempt(&state) == 1000);
    }
}

static void as_many_files_as_there_is_room_for_come_back(void **state)
{
    struct state written = full_state();
    written.file_count = STATE_FILES_MAX;
    for (size_t i = 0; i < STATE_FILES_MAX; i++)
        written.files[i] = (struct state_file){"/etc/x.conf", {i, i, i, 0, 0}};
    assert_returns(*state, &written);
}

static void the_file_is_text_that_a_person_can_read(void **state)
{
    static const char expected[] = "filter 1795262400 done 1234 5 added\nfaults 7\nquiet 1795262400 1795266000\n"
                                   "mail_root setting /m\nfile 1 2 3 4 5 /m/x.conf\n";
    const struct state written = {.filter = {STATE_DONE, 1795262400, 1234, "5 added"},
                                  .faults = 7,
                                  .quiet_from = 1795262400,
                                  .quiet_until = 1795266000,
                                  .origin = MAIL_ROOT_SETTING,
                                  .mail_root = "/m",
                                  .files = {{"/m/x.conf", {1, 2, 3, 4, 5}}},
                                  .file_count = 1};
    struct file_bench *bench = *state;
    struct buffer content = {0};
    write_state(bench, &written);
    assert_true(file_read(bench->path, &content));
    buffer_add(&content, "", 1);
    assert_int_equal(strncmp(content.bytes, BYTES("xmail-spammers state 1\nchecksum ")), 0);
    assert_string_equal(content.bytes + content.length - sizeof expected, expected);
    buffer_clear(&content);
}

static void a_state_replaces_the_one_before(void **state)
{
    struct file_bench *bench = *state;
    const struct state full = full_state();
    const struct state small = {.faults = 1};
    assert_returns(bench, &full);
    assert_returns(bench, &small);
    assert_returns(bench, &full);
    assert_int_equal(directory_count(bench->directory), 1); /* no temporary file stays */
}

/* --- details and paths -------------------------------------------------------------------------------------------- */

static void a_detail_is_cut_and_made_harmless(void **state)
{
    struct file_bench *bench = *state;
    struct state written = full_state();
    char text[2 * STATE_DETAIL_MAX];
    memset(text, 'x', sizeof text);
    text[0] = '\n';
    text[1] = '\x1b';
    text[2] = '\x7f';
    text[sizeof text - 1] = '\0';
    state_set_detail(&written.filter, text);
    assert_int_equal(strlen(written.filter.detail), STATE_DETAIL_MAX - 1);
    assert_int_equal(strncmp(written.filter.detail, "???x", 4), 0);
    assert_returns(bench, &written);
    for (int byte = 1; byte < 256; byte++)
        text[byte - 1] = (char)byte;
    text[255] = '\0';
    state_set_detail(&written.filter, text);
    assert_returns(bench, &written);
    state_set_detail(&written.filter, "");
    assert_returns(bench, &written);
    state_set_detail(&written.filter, "  blanks at both ends ");
    assert_returns(bench, &written);
}

static void no_path_with_a_control_character_is_written(void **state)
{
    struct file_bench *bench = *state;
    for (char byte = 1; byte < ' '; byte++) {
        struct state written = full_state();
        const char path[] = {'/', byte, 'x', '\0'};
        written.files[1].path = path;
        assert_forgets_files(bench, &written);
        written = full_state();
        written.mail_root = path;
        assert_forgets_files(bench, &written);
    }
}

static void without_files_or_mail_root_it_is_never_quiet(void **state)
{
    struct state written = full_state();
    written.file_count = 0;
    assert_forgets_files(*state, &written);
    written = full_state();
    written.mail_root = NULL;
    assert_forgets_files(*state, &written);
}

static void what_is_too_long_is_left_out_to_the_byte(void **state)
{
    struct file_bench *bench = *state;
    static char path[STATE_SIZE_MAX];
    struct state written = full_state();
    struct stat status;
    path[0] = '/';
    written.files[2].path = path;
    memset(path + 1, 'x', 100);
    write_state(bench, &written);
    assert_int_equal(stat(bench->path, &status), 0);
    memset(path + 1, 'x', STATE_SIZE_MAX - (size_t)status.st_size + 100);
    assert_returns(bench, &written);
    assert_int_equal(stat(bench->path, &status), 0);
    assert_int_equal(status.st_size, STATE_SIZE_MAX);
    path[strlen(path)] = 'x';
    assert_forgets_files(bench, &written);
}

/* --- what isn't accepted ------------------------------------------------------------------------------------------ */

static void load(const char *text, size_t length)
{
    assert_true(length <= STATE_SIZE_MAX);
    memcpy(bytes.text, text, length);
    bytes.length = length;
}

static void assert_is_refused(const char *text, size_t length)
{
    struct state read = full_state();
    load(text, length);
    if (state_parse(&bytes, &read))
        fail_msg("is taken: %.*s", (int)length, text);
    assert_nothing_ran(&read);
}

static struct buffer written_file(struct file_bench *bench)
{
    const struct state full = full_state();
    struct buffer content = {0};
    write_state(bench, &full);
    assert_true(file_read(bench->path, &content));
    return content;
}

static void no_change_of_a_byte_goes_unnoticed(void **state)
{
    struct buffer content = written_file(*state);
    for (size_t at = 0; at < content.length; at++) {
        const char before = content.bytes[at];
        const char others[] = {'\0',
                               '\n',
                               ' ',
                               '0',
                               '9',
                               'a',
                               (char)(before ^ 1),
                               (char)(before ^ 0x20),
                               (char)(before ^ 0x80),
                               (char)(before + 1),
                               (char)(before - 1)};
        for (size_t i = 0; i < COUNT_OF(others); i++) {
            content.bytes[at] = others[i];
            if (others[i] != before)
                assert_is_refused(content.bytes, content.length);
        }
        content.bytes[at] = before;
    }
    buffer_clear(&content);
}

static void no_beginning_of_a_file_and_no_longer_file_is_accepted(void **state)
{
    struct buffer content = written_file(*state);
    const size_t whole = content.length;
    for (size_t length = 0; length < whole; length++)
        assert_is_refused(content.bytes, length);
    for (int byte = 0; byte < 256; byte++) {
        const char one = (char)byte;
        content.length = whole;
        buffer_add(&content, &one, 1);
        assert_is_refused(content.bytes, content.length);
    }
    content.length = whole;
    buffer_add_text(&content, "faults 1\n");
    assert_is_refused(content.bytes, content.length);
    buffer_clear(&content);
}

/* The checksum of the file format: FNV-1a of 64 bits. */
static void seal(const char *version, const char *content, struct buffer *file)
{
    uint64_t sum = UINT64_C(14695981039346656037);
    for (const char *at = content; *at != '\0'; at++)
        sum = (sum ^ (unsigned char)*at) * UINT64_C(1099511628211);
    buffer_add_format(file, "%s\nchecksum %016llx\n%s", version, (unsigned long long)sum, content);
}

static bool is_taken(const char *version, const char *content)
{
    struct buffer file = {0};
    struct state read;
    seal(version, content, &file);
    load(file.bytes, file.length);
    buffer_clear(&file);
    if (state_parse(&bytes, &read))
        return true;
    assert_nothing_ran(&read);
    return false;
}

static void only_this_version_is_accepted(void **state)
{
    (void)state;
    assert_true(is_taken("xmail-spammers state 1", "faults 0\n"));
    assert_true(is_taken("xmail-spammers state 1", ""));
    assert_false(is_taken("xmail-spammers state 2", "faults 0\n"));
    assert_false(is_taken("xmail-spammers state 10", "faults 0\n"));
    assert_false(is_taken("xmail-spammers state 0", "faults 0\n"));
    assert_false(is_taken("xmail-spammers cache 1", "faults 0\n"));
    assert_false(is_taken("", "faults 0\n"));
}

static void a_line_of_another_form_is_refused_whatever_the_checksum_says(void **state)
{
    static const char *const contents[] = {
        "faults 0",
        "\n",
        "faults\n",
        "faults \n",
        "faults -1\n",
        "faults +1\n",
        "faults  1\n",
        "faults 0x1\n",
        "faults 1x\n",
        "faults 18446744073709551616\n",
        "faults 1\nfaults 2",
        "fault 1\n",
        "FAULTS 1\n",
        "other 1\n",
        "filter\n",
        "filter 1\n",
        "filter 1 done\n",
        "filter 1 done x\n",
        "filter 1 done -5 x\n",
        "filter 1 over 5 x\n",
        "filter x done 5 x\n",
        "filter  done 5 x\n",
        "filter 9223372036854775808 done 5 x\n",
        "command 1.5 done 5 x\n",
        "quiet 1\n",
        "quiet 1 x\n",
        "quiet 1 -9223372036854775809\n",
        "mail_root\n",
        "mail_root setting\n",
        "mail_root setting relative\n",
        "mail_root elsewhere /m\n",
        "file 1 2 3 4 /x\n",
        "file 1 2 3 4 5\n",
        "file 1 2 3 4 5 \n",
        "file -1 2 3 4 5 /x\n",
        "file 1 2 3 4 x /x\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(contents); i++)
        if (is_taken("xmail-spammers state 1", contents[i]))
            fail_msg("is taken: %s", contents[i]);
}

static void more_files_than_there_is_room_for_are_refused(void **state)
{
    struct buffer content = {0};
    (void)state;
    for (int i = 0; i < STATE_FILES_MAX; i++)
        buffer_add_text(&content, "file 1 2 3 4 5 /x\n");
    buffer_add(&content, "", 1);
    assert_true(is_taken("xmail-spammers state 1", content.bytes));
    content.length--;
    buffer_add_text(&content, "file 1 2 3 4 5 /x\n");
    buffer_add(&content, "", 1);
    assert_false(is_taken("xmail-spammers state 1", content.bytes));
    buffer_clear(&content);
}

/* --- what may stand in the file's place --------------------------------------------------------------------------- */

static void assert_unusable(struct file_bench *bench, const char *what, const char *reason)
{
    struct state read = full_state();
    int result = state_read(bench->path, &bytes, &read, &bench->error);
    if (result != -1)
        fail_msg("%s: %d", what, result);
    assert_nothing_ran(&read);
    assert_non_null(strstr(bench->error.text, bench->path));
    if (!strstr(bench->error.text, reason))
        fail_msg("%s: %s", what, bench->error.text);
}

static void a_missing_file_is_no_error(void **state)
{
    struct file_bench *bench = *state;
    struct state read = full_state();
    assert_int_equal(state_read(bench->path, &bytes, &read, &bench->error), 0);
    assert_nothing_ran(&read);
}

static void what_is_no_state_is_an_error_that_names_the_file(void **state)
{
    static char huge[STATE_SIZE_MAX + 2];
    struct file_bench *bench = *state;
    file_write_text(bench->path, "");
    assert_unusable(bench, "empty", "damaged");
    file_write_text(bench->path, "last attempt: yesterday\n");
    assert_unusable(bench, "text", "another version");
    memset(huge, '\n', sizeof huge);
    file_write(bench->path, huge, sizeof huge - 2);
    assert_unusable(bench, "large", "damaged");
    file_write(bench->path, huge, sizeof huge);
    assert_unusable(bench, "huge", "damaged");
    assert_int_equal(truncate(bench->path, (off_t)1 << 40), 0);
    assert_unusable(bench, "sparse", "damaged");
}

/* One that is too long by a byte, and right up to there. */
static void a_state_that_goes_on_beyond_the_limit_is_refused(void **state)
{
    struct file_bench *bench = *state;
    struct buffer content = {0};
    char line[128];
    while (content.length < STATE_SIZE_MAX) {
        memset(line, 'x', sizeof line);
        (void)snprintf(line, sizeof line, "command 1 done 1 %0*d\n", 100, 0);
        buffer_add_text(&content, line);
    }
    buffer_add(&content, "", 1);
    struct buffer file = {0};
    seal("xmail-spammers state 1", content.bytes, &file);
    file_write(bench->path, file.bytes, file.length);
    assert_unusable(bench, "too long", "damaged");
    buffer_clear(&content);
    buffer_clear(&file);
}

static void what_is_no_regular_file_is_an_error_and_never_waited_for(void **state)
{
    struct file_bench *bench = *state;
    const struct state full = full_state();
    assert_int_equal(mkfifo(bench->path, 0600), 0);
    assert_unusable(bench, "a FIFO", "damaged");
    int writer = open(bench->path, O_RDWR | O_NONBLOCK);
    assert_true(writer >= 0);
    assert_unusable(bench, "a FIFO with a writer", "unable to read");
    (void)close(writer);
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_unusable(bench, "a directory", "unable to read");
    assert_int_equal(rmdir(bench->path), 0);
    assert_int_equal(state_write(path_in(bench->directory, "real"), &full, &bench->error), 1);
    assert_int_equal(symlink("real", bench->path), 0);
    assert_unusable(bench, "a symbolic link", "unable to read");
    assert_int_equal(unlink(path_in(bench->directory, "real")), 0);
    assert_unusable(bench, "a symbolic link to nothing", "unable to read");
}

static void a_file_that_may_not_be_read_is_an_error(void **state)
{
    struct file_bench *bench = *state;
    const struct state full = full_state();
    const uid_t user = geteuid();
    write_state(bench, &full);
    assert_int_equal(chmod(bench->path, 0), 0);
    assert_int_equal(chmod(bench->directory, 0755), 0);
    if (user == 0)
        assert_int_equal(seteuid(OTHER_USER), 0); /* root reads everything */
    assert_unusable(bench, "forbidden", "unable to read");
    assert_int_equal(seteuid(user), 0);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void the_file_belongs_to_the_owner_of_its_directory_and_all_may_read_it(void **state)
{
    struct file_bench *bench = *state;
    const struct state full = full_state();
    const uid_t owner = geteuid() == 0 ? OTHER_USER : geteuid();
    const gid_t group = geteuid() == 0 ? OTHER_USER : getegid();
    struct stat status;
    assert_int_equal(chown(bench->directory, owner, group), 0);
    for (int times = 0; times < 2; times++) { /* whoever owned the one before */
        write_state(bench, &full);
        assert_int_equal(stat(bench->path, &status), 0);
        assert_int_equal(status.st_uid, owner);
        assert_int_equal(status.st_gid, group);
        assert_int_equal(status.st_mode & 07777, 0644);
        assert_int_equal(chown(bench->path, geteuid(), getegid()), 0);
        assert_int_equal(chmod(bench->path, 0600), 0);
    }
}

static void what_stands_in_the_way_is_replaced_and_a_link_is_not_followed(void **state)
{
    struct file_bench *bench = *state;
    const struct state full = full_state();
    file_write_text(path_in(bench->directory, "victim"), "precious");
    assert_int_equal(symlink("victim", bench->path), 0);
    assert_returns(bench, &full);
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(mkfifo(bench->path, 0600), 0);
    assert_returns(bench, &full);
    assert_int_equal(symlink("victim", path_in(bench->directory, "state.xmail-spammers.tmp")), 0);
    assert_returns(bench, &full);
    assert_file_is(path_in(bench->directory, "victim"), BYTES("precious"));
    assert_int_equal(directory_count(bench->directory), 2);
}

static void what_cannot_be_written_is_an_error_and_leaves_nothing_behind(void **state)
{
    struct file_bench *bench = *state;
    const struct state full = full_state();
    assert_int_equal(state_write(path_in(bench->directory, "none/state"), &full, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "none"));
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_int_equal(state_write(bench->path, &full, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, bench->path));
    assert_int_equal(directory_count(bench->directory), 1);
}

static void a_rebuild_by_hand_is_recorded_and_the_rest_stays(void **state)
{
    struct file_bench *bench = *state;
    const struct state_run run = {STATE_DONE, 1795270000, 77, "1 added, 2 removed, 3 kept"};
    struct state expected = full_state();
    write_state(bench, &expected);
    struct messages warnings = {0};
    state_record_command(bench->path, &run, &warnings);
    assert_true(messages_empty(&warnings));
    expected.command = run;
    const struct state read = read_state(bench);
    assert_same_state(&expected, &read);
}

static void a_rebuild_by_hand_is_recorded_where_there_is_no_state_or_a_damaged_one(void **state)
{
    struct file_bench *bench = *state;
    const struct state_run run = {STATE_FAILED, 1795270000, 77, "unable to"};
    const struct state expected = {.command = run};
    struct messages warnings = {0};
    for (int damaged = 0; damaged < 2; damaged++) {
        if (damaged)
            file_write_text(bench->path, "xmail-spammers state 1\n");
        state_record_command(bench->path, &run, &warnings);
        const struct state read = read_state(bench);
        assert_same_state(&expected, &read);
        assert_int_equal(warnings.count, damaged);
    }
    assert_non_null(strstr(warnings.texts[0], "damaged"));
    state_record_command(path_in(bench->directory, "none/state"), &run, &warnings);
    assert_int_equal(warnings.count, 2);
    assert_non_null(strstr(warnings.texts[1], "won't know of this rebuild"));
    messages_clear(&warnings);
}

/* --- digests ------------------------------------------------------------------------------------------------------ */

static uint64_t digest_of(const char *first, const char *second)
{
    struct messages messages = {.count = 0};
    if (first)
        messages_add(&messages, "%s", first);
    if (second)
        messages_add(&messages, "%s", second);
    const uint64_t digest = state_digest(&messages);
    messages_clear(&messages);
    assert_true(digest != 0);
    return digest;
}

static void a_digest_tells_texts_apart(void **state)
{
    (void)state;
    assert_true(digest_of("a", "b") == digest_of("a", "b"));
    assert_true(digest_of("a", "b") != digest_of("b", "a"));
    assert_true(digest_of("a", "b") != digest_of("ab", NULL));
    assert_true(digest_of("ab", "") != digest_of("a", "b"));
    assert_true(digest_of("a", NULL) != digest_of("a", ""));
    assert_true(digest_of(NULL, NULL) != digest_of("", NULL));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, file_bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_member_comes_back),
        TEST(every_result_and_origin_comes_back),
        TEST(a_state_in_which_nothing_ran_comes_back),
        TEST(the_last_attempt_is_the_filters_whatever_came_of_it),
        TEST(as_many_files_as_there_is_room_for_come_back),
        TEST(the_file_is_text_that_a_person_can_read),
        TEST(a_state_replaces_the_one_before),
        TEST(a_detail_is_cut_and_made_harmless),
        TEST(no_path_with_a_control_character_is_written),
        TEST(without_files_or_mail_root_it_is_never_quiet),
        TEST(what_is_too_long_is_left_out_to_the_byte),
        TEST(no_change_of_a_byte_goes_unnoticed),
        TEST(no_beginning_of_a_file_and_no_longer_file_is_accepted),
        TEST(only_this_version_is_accepted),
        TEST(a_line_of_another_form_is_refused_whatever_the_checksum_says),
        TEST(more_files_than_there_is_room_for_are_refused),
        TEST(a_missing_file_is_no_error),
        TEST(what_is_no_state_is_an_error_that_names_the_file),
        TEST(a_state_that_goes_on_beyond_the_limit_is_refused),
        TEST(what_is_no_regular_file_is_an_error_and_never_waited_for),
        TEST(a_file_that_may_not_be_read_is_an_error),
        TEST(the_file_belongs_to_the_owner_of_its_directory_and_all_may_read_it),
        TEST(what_stands_in_the_way_is_replaced_and_a_link_is_not_followed),
        TEST(what_cannot_be_written_is_an_error_and_leaves_nothing_behind),
        TEST(a_rebuild_by_hand_is_recorded_and_the_rest_stays),
        TEST(a_rebuild_by_hand_is_recorded_where_there_is_no_state_or_a_damaged_one),
        TEST(a_digest_tells_texts_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
