/* SPDX-License-Identifier: MIT */
/* The line in filters.post-rcpt.tab: byte for byte, in files of any shape. */
#include "support.h"

#include "tablefile.h"

static void change_file(const struct tablefile *table);

#define tablefile_save(table, content, error) (change_file(table), tablefile_save(table, content, error))
#include "amend.c"
#undef tablefile_save

#include "registration.h"
#include "xmailtab.h"

#include <signal.h>
#include <sys/wait.h>

#define NAME          "filters.post-rcpt.tab"
#define PROGRAM       "/var/MailRoot/filters/xmail-spammers/xmail-spammers"
#define CONFIGURATION "/var/MailRoot/filters/xmail-spammers/xmail-spammers.conf"
#define OURS          "\"" PROGRAM "\"\t\"-c\"\t\"" CONFIGURATION "\"\t\"filter\""
#define OTHER         "\"/usr/bin/greylist\"\t\"@@REMOTEADDR\"\t\"@@FROM\""

enum { SOMEBODY = 12345, XMAIL_LINE = 1022 };

static const struct registration_call call = {PROGRAM, CONFIGURATION};

static struct buffer view(const char *bytes, size_t length)
{
    return (struct buffer){.bytes = (char *)(uintptr_t)bytes, .length = length, .capacity = length};
}

static struct buffer ours(void)
{
    return view(BYTES(OURS));
}

static void assert_buffer(const struct buffer *found, const char *bytes, size_t length)
{
    assert_false(found->failed);
    if (found->length != length || (length > 0 && memcmp(found->bytes, bytes, length) != 0))
        fail_msg("\"%.*s\" instead of \"%.*s\"", (int)found->length, found->bytes ? found->bytes : "", (int)length,
                 bytes);
}

static struct registration parse(const char *bytes, size_t length)
{
    const struct buffer content = view(bytes, length);
    const struct buffer line = ours();
    struct registration found;
    struct error error;
    assert_int_equal(registration_parse(&content, &line, &found, &error), 1);
    return found;
}

/* --- the line ----------------------------------------------------------------------------------------------------- */

static void the_line_is_written_as_xmail_reads_it(void **state)
{
    struct buffer line = {0};
    struct error error;
    (void)state;
    assert_int_equal(registration_format(&call, &line, &error), 1);
    assert_buffer(&line, BYTES(OURS));
    buffer_clear(&line);
    const struct registration_call odd = {"/Mail Root/caf\xc3\xa9's/x", "/a\\b/$HOME/%s"};
    assert_int_equal(registration_format(&odd, &line, &error), 1);
    assert_buffer(&line, BYTES("\"/Mail Root/caf\xc3\xa9's/x\"\t\"-c\"\t\"/a\\b/$HOME/%s\"\t\"filter\""));
    buffer_clear(&line);
}

static void a_path_that_xmail_would_read_otherwise_is_refused(void **state)
{
    static const char *const paths[] = {
        "",      "xmail-spammers", "./x",   "~/x",     "@@FILE", "@@FROM/x", "!aex",
        "/a\"b", "/a\tb/x",        "/a\nb", "/a\rb/x", "/a\x01", "/a\x7f",   "/a/b\\",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const struct registration_call as_program = {paths[i], CONFIGURATION};
        const struct registration_call as_configuration = {PROGRAM, paths[i]};
        struct buffer line = {0};
        struct error error;
        if (registration_format(&as_program, &line, &error) != -1 ||
            registration_format(&as_configuration, &line, &error) != -1)
            fail_msg("\"%s\" was taken", paths[i]);
        assert_non_null(strstr(error.text, "unable to register the configuration"));
        buffer_clear(&line);
    }
}

static void a_line_that_xmail_would_cut_is_refused(void **state)
{
    char path[XMAIL_LINE];
    (void)state;
    for (int length = 900; length < XMAIL_LINE - 1; length++) {
        const struct registration_call longer = {path, "/conf"};
        struct buffer line = {0};
        struct error error;
        memset(path, 'x', sizeof path);
        path[0] = '/';
        path[length] = '\0';
        size_t whole = strlen("\"\"\t\"-c\"\t\"/conf\"\t\"filter\"") + (size_t)length;
        bool fits = whole + 2 <= XMAIL_LINE;
        assert_int_equal(registration_format(&longer, &line, &error), fits ? 1 : -1);
        if (!fits)
            assert_non_null(strstr(error.text, "shorter"));
        buffer_clear(&line);
    }
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

struct find_case {
    const char *content;
    size_t length;
    size_t count;
    unsigned long number; /* of the first */
    bool exact;           /* the first */
    bool last;
    const char *program;
    const char *configuration;
};

static void the_lines_that_call_the_filter_are_found(void **state)
{
    static const struct find_case cases[] = {
        {BYTES(""), 0, 0, false, false, NULL, NULL},
        {BYTES(OTHER "\n"), 0, 0, false, false, NULL, NULL},
        {BYTES(OURS "\n"), 1, 1, true, true, PROGRAM, CONFIGURATION},
        {BYTES(OURS "\r\n"), 1, 1, true, true, PROGRAM, CONFIGURATION},
        {BYTES(OURS), 1, 1, true, true, PROGRAM, CONFIGURATION},
        {BYTES("# one\n\n" OTHER "\n" OURS "\n# end\n\n\t\n"), 1, 4, true, true, PROGRAM, CONFIGURATION},
        {BYTES(OURS "\n" OTHER "\n"), 1, 1, true, false, PROGRAM, CONFIGURATION},
        {BYTES(OURS "\n" OURS), 2, 1, true, true, PROGRAM, CONFIGURATION},
        {BYTES("#" OURS "\n"), 0, 0, false, false, NULL, NULL},
        {BYTES(" " OURS "\n"), 0, 0, false, false, NULL, NULL},
        {BYTES(OURS "\t\"x\"\n"), 1, 1, false, true, PROGRAM, CONFIGURATION},
        {BYTES(OURS "\r"), 1, 1, false, true, PROGRAM, CONFIGURATION},
        {BYTES(OURS "\t\n"), 1, 1, false, true, PROGRAM, CONFIGURATION},
        {BYTES("\"!aex\"\t" OURS "\n"), 1, 1, false, true, PROGRAM, CONFIGURATION},
        {BYTES("!wlex,timeo=10\t" OURS "\n"), 1, 1, false, true, PROGRAM, CONFIGURATION},
        {BYTES("\"!aex\"\n"), 0, 0, false, false, NULL, NULL},
        {BYTES("\"/opt/xmail-spammers\"\t\"filter\"\n"), 1, 1, false, true, "/opt/xmail-spammers", NULL},
        {BYTES("xmail-spammers\tfilter\n"), 1, 1, false, true, "xmail-spammers", NULL},
        {BYTES("\"/a/xmail-spammers\"\t\"--config\"\t\"/c\"\t\"filter\"\t\"-c\"\t\"/d\"\n"), 1, 1, false, true,
         "/a/xmail-spammers", "/c"},
        {BYTES("\"/a/xmail-spammers\"\t\"filter\"\t\"-c\"\t\"/d\"\n"), 1, 1, false, true, "/a/xmail-spammers", NULL},
        {BYTES("\"/a/xmail-spammers\"\t\"rebuild\"\n"), 0, 0, false, false, NULL, NULL},
        {BYTES("\"/a/xmail-spammers-engine\"\t\"filter\"\n"), 0, 0, false, false, NULL, NULL},
        {BYTES("\"/a/my-xmail-spammers\"\t\"filter\"\n"), 0, 0, false, false, NULL, NULL},
        {BYTES("\"/bin/run\"\t\"/a/xmail-spammers\"\t\"filter\"\n"), 0, 0, false, false, NULL, NULL},
        {BYTES("\0" OURS "\n"), 0, 0, false, false, NULL, NULL},
        {BYTES(OURS "\0x\n"), 1, 1, false, true, PROGRAM, CONFIGURATION},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct find_case *expected = &cases[i];
        struct registration found = parse(expected->content, expected->length);
        bool right = found.count == expected->count && found.last == expected->last;
        if (right && found.count > 0) {
            const struct registration_line *line = &found.lines[0];
            const char *configuration = expected->configuration;
            right = line->number == expected->number && line->exact == expected->exact &&
                    strcmp(line->program, expected->program) == 0 && !line->configuration == !configuration &&
                    (!configuration || strcmp(line->configuration, configuration) == 0);
        }
        if (!right)
            fail_msg("case %zu, \"%s\", is not found as expected", i, expected->content);
        registration_clear(&found);
    }
}

static void a_comment_that_is_too_long_for_xmail_hides_no_call(void **state)
{
    char bytes[XMAIL_LINE + sizeof OURS];
    memset(bytes, '#', XMAIL_LINE);
    memcpy(bytes + XMAIL_LINE, OURS "\n", sizeof OURS);
    (void)state;
    struct registration found = parse(bytes, sizeof bytes);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.lines[0].number, 1);
    assert_false(found.lines[0].exact); /* to take it out would change another line */
    assert_int_equal(registration_count(&found, true), 0);
    assert_int_equal(registration_count(&found, false), 1);
    registration_clear(&found);
}

/* --- without files ------------------------------------------------------------------------------------------------ */

static void the_line_comes_last_and_goes_without_a_trace(void **state)
{
    static const struct {
        const char *before;
        size_t length;
        const char *after;
        size_t after_length;
    } cases[] = {
        {BYTES(""), BYTES(OURS "\n")},
        {BYTES("\n"), BYTES("\n" OURS "\n")},
        {BYTES("\r\n"), BYTES("\r\n" OURS "\r\n")},
        {BYTES("\r"), BYTES("\r\n" OURS)},
        {BYTES(OTHER), BYTES(OTHER "\n" OURS)},
        {BYTES(OTHER "\n"), BYTES(OTHER "\n" OURS "\n")},
        {BYTES(OTHER "\r\n"), BYTES(OTHER "\r\n" OURS "\r\n")},
        {BYTES(OTHER "\r\n" OTHER), BYTES(OTHER "\r\n" OTHER "\r\n" OURS)},
        {BYTES(OTHER "\r\n" OTHER "\n"), BYTES(OTHER "\r\n" OTHER "\n" OURS "\r\n")},
        {BYTES(OTHER "\n" OTHER "\r\n"), BYTES(OTHER "\n" OTHER "\r\n" OURS "\n")},
        {BYTES(OTHER "\n" OTHER "\r"), BYTES(OTHER "\n" OTHER "\r\n" OURS)},
        {BYTES(OTHER "\r\n" OTHER "\r"), BYTES(OTHER "\r\n" OTHER "\r\r\n" OURS)},
        {BYTES(OTHER "\r"), BYTES(OTHER "\r\n" OURS)},
        {BYTES(OTHER "\r\r"), BYTES(OTHER "\r\r\n" OURS)},
        {BYTES("# " OURS), BYTES("# " OURS "\n" OURS)},
        {BYTES("a\0b"), BYTES("a\0b\n" OURS)},
        {BYTES("\0"), BYTES("\0\n" OURS)},
        {BYTES("\0\r\n\0\n"), BYTES("\0\r\n\0\n" OURS "\r\n")},
        {BYTES(OTHER "\n\n\n"), BYTES(OTHER "\n\n\n" OURS "\n")},
    };
    const struct buffer line = ours();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct buffer before = view(cases[i].before, cases[i].length);
        struct buffer after = {0};
        struct buffer again = {0};
        registration_append(&before, &line, &after);
        assert_buffer(&after, cases[i].after, cases[i].after_length);
        registration_drop(&after, &line, &again);
        assert_buffer(&again, cases[i].before, cases[i].length);
        struct registration found = parse(after.bytes, after.length);
        assert_int_equal(registration_count(&found, true), 1);
        assert_true(found.last);
        registration_clear(&found);
        buffer_clear(&after);
        buffer_clear(&again);
    }
}

static void lines_of_any_length_keep_their_bytes(void **state)
{
    static const char *const ends[] = {"", "\n", "\r", "\r\n"};
    const struct buffer line = ours();
    (void)state;
    for (size_t length = XMAIL_LINE - 4; length < 2 * XMAIL_LINE + 4; length++) {
        for (size_t i = 0; i < COUNT_OF(ends); i++) {
            struct buffer before = {0};
            struct buffer after = {0};
            struct buffer again = {0};
            for (size_t at = 0; at < length; at++)
                buffer_add(&before, at % 7 == 0 ? "\t" : "x", 1);
            buffer_add_text(&before, ends[i]);
            registration_append(&before, &line, &after);
            struct registration found = parse(after.bytes, after.length);
            assert_int_equal(registration_count(&found, true), 1);
            assert_true(found.last);
            registration_clear(&found);
            registration_drop(&after, &line, &again);
            assert_buffer(&again, before.bytes, before.length);
            buffer_clear(&before);
            buffer_clear(&after);
            buffer_clear(&again);
        }
    }
}

static void ours_goes_from_wherever_it_is(void **state)
{
    static const struct {
        const char *before;
        const char *after;
    } cases[] = {
        {OURS, ""},
        {OURS "\n" OTHER "\n", OTHER "\n"},
        {OTHER "\n" OURS "\n" OTHER "\n", OTHER "\n" OTHER "\n"},
        {OTHER "\r\n" OURS "\r\n" OTHER, OTHER "\r\n" OTHER},
        {OURS "\n" OTHER "\n" OURS "\n", OTHER "\n"},
        {OURS "\n" OURS, ""},
        {OTHER "\n" OURS "\n" OURS "\n", OTHER "\n"},
        {"#" OURS "\n" OURS "\n", "#" OURS "\n"},
        {"\"!aex\"\t" OURS "\n", "\"!aex\"\t" OURS "\n"},
        {OURS "\r", OURS "\r"}, /* it isn't quite ours */
    };
    const struct buffer line = ours();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct buffer before = view(cases[i].before, strlen(cases[i].before));
        struct buffer after = {0};
        registration_drop(&before, &line, &after);
        assert_buffer(&after, cases[i].after, strlen(cases[i].after));
        buffer_clear(&after);
    }
}

static void a_blank_line_before_ours_stays_though_ours_has_no_line_end(void **state)
{
    static const char *const blank[] = {
        "\n", "\n\n", OTHER "\n\n", OTHER "\r\n\r\n", OTHER "\r\n" OTHER "\n\r\n",
    };
    const struct buffer line = ours();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(blank); i++) {
        struct buffer before = {0};
        struct buffer after = {0};
        buffer_add_text(&before, blank[i]);
        buffer_add_text(&before, OURS);
        registration_drop(&before, &line, &after);
        assert_buffer(&after, blank[i], strlen(blank[i]));
        buffer_clear(&before);
        buffer_clear(&after);
    }
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static int set_up(void **state)
{
    return file_bench_set_up(state, NAME, "UTC0");
}

/* The file, as if written long ago, so that it is at rest. */
static void write_file(const struct file_bench *bench, const char *text)
{
    file_write_text(bench->path, text);
    file_set_age(bench->path, 1000 * 1000 * 1000);
}

static int add(struct file_bench *bench)
{
    return registration_add(bench->directory, &call, &bench->error);
}

static int take_out(struct file_bench *bench)
{
    return registration_remove(bench->directory, &call, &bench->error);
}

static void assert_mode(const char *path, mode_t mode)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(status.st_mode & 07777, mode);
}

static void the_file_is_made_if_it_is_missing(void **state)
{
    struct file_bench *bench = *state;
    struct registration found;
    assert_int_equal(registration_find(bench->directory, &call, &found, &bench->error), 1);
    assert_int_equal(found.count, 0);
    assert_false(file_exists(bench->path));
    assert_int_equal(take_out(bench), 0);
    assert_false(file_exists(bench->path));
    assert_int_equal(add(bench), 1);
    assert_string_equal(bench->error.text, "");
    assert_file_is(bench->path, BYTES(OURS "\n"));
    assert_mode(bench->path, 0644);
    assert_int_equal(take_out(bench), 1);
    assert_file_is(bench->path, BYTES(""));
    assert_int_equal(directory_count(bench->directory), 1);
}

static void what_is_added_is_found_once_and_taken_out(void **state)
{
    struct file_bench *bench = *state;
    struct registration found;
    write_file(bench, "# filters\r\n" OTHER);
    assert_int_equal(chmod(bench->path, 0640), 0);
    assert_int_equal(add(bench), 1);
    assert_file_is(bench->path, BYTES("# filters\r\n" OTHER "\r\n" OURS));
    assert_mode(bench->path, 0640);
    assert_int_equal(add(bench), 0);
    assert_int_equal(registration_find(bench->directory, &call, &found, &bench->error), 1);
    assert_int_equal(found.count, 1);
    assert_true(found.last && found.lines[0].exact);
    assert_int_equal(found.lines[0].number, 3);
    registration_clear(&found);
    assert_int_equal(take_out(bench), 1);
    assert_file_is(bench->path, BYTES("# filters\r\n" OTHER));
    assert_mode(bench->path, 0640);
    assert_int_equal(take_out(bench), 0);
    assert_int_equal(directory_count(bench->directory), 1);
}

static void ours_is_moved_behind_the_others_and_kept_before_comments(void **state)
{
    static const struct {
        const char *before;
        int result;
        const char *after;
    } cases[] = {
        {OURS "\n" OTHER "\n", 1, OTHER "\n" OURS "\n"},
        {OURS "\n" OTHER, 1, OTHER "\n" OURS},
        {OURS "\n" OURS "\n", 1, OURS "\n"},
        {OTHER "\n" OURS "\n" OURS, 1, OTHER "\n" OURS},
        {OURS "\n" OTHER "\n" OURS "\n", 1, OTHER "\n" OURS "\n"},
        {OTHER "\n" OURS "\n# the end\n\n", 0, OTHER "\n" OURS "\n# the end\n\n"},
    };
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_file(bench, cases[i].before);
        assert_int_equal(add(bench), cases[i].result);
        assert_file_is(bench->path, cases[i].after, strlen(cases[i].after));
        assert_int_equal(add(bench), 0);
    }
}

static void a_line_that_calls_us_otherwise_stops_the_addition_but_no_removal(void **state)
{
#define STRANGE "\"/old/xmail-spammers\"\t\"-c\"\t\"/old/conf\"\t\"filter\""
    struct file_bench *bench = *state;
    write_file(bench, "# one\n" STRANGE "\n");
    assert_int_equal(add(bench), -1);
    assert_non_null(strstr(bench->error.text, NAME));
    assert_non_null(strstr(bench->error.text, "line 2"));
    assert_non_null(strstr(bench->error.text, "/old/xmail-spammers"));
    assert_file_is(bench->path, BYTES("# one\n" STRANGE "\n"));
    write_file(bench, STRANGE "\n" OURS "\n");
    assert_int_equal(add(bench), -1);
    assert_int_equal(take_out(bench), 1);
    assert_file_is(bench->path, BYTES(STRANGE "\n"));
    assert_int_equal(directory_count(bench->directory), 1);
#undef STRANGE
}

static void a_call_that_cannot_be_written_is_not_registered(void **state)
{
    struct file_bench *bench = *state;
    const struct registration_call bad = {"xmail-spammers", CONFIGURATION};
    struct registration found;
    write_file(bench, "xmail-spammers\t-c\t" CONFIGURATION "\tfilter\n");
    assert_int_equal(registration_add(bench->directory, &bad, &bench->error), -1);
    assert_int_equal(registration_remove(bench->directory, &bad, &bench->error), 0);
    assert_int_equal(registration_find(bench->directory, &bad, &found, &bench->error), 1);
    assert_int_equal(found.count, 1);
    assert_false(found.lines[0].exact);
    registration_clear(&found);
}

static void what_cannot_be_read_or_replaced_is_named(void **state)
{
    struct file_bench *bench = *state;
    struct registration found;
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_int_equal(add(bench), -1);
    assert_non_null(strstr(bench->error.text, bench->path));
    assert_int_equal(registration_find(bench->directory, &call, &found, &bench->error), -1);
    assert_int_equal(found.count, 0);
    assert_int_equal(rmdir(bench->path), 0);
    assert_int_equal(symlink("nowhere", bench->path), 0);
    assert_int_equal(add(bench), -1);
    assert_non_null(strstr(bench->error.text, "symbolic link"));
    assert_int_equal(registration_add(path_in(bench->directory, "none"), &call, &bench->error), -1);
    assert_int_equal(directory_count(bench->directory), 1);
}

static void a_link_stays_one_and_owners_stay(void **state)
{
    struct file_bench *bench = *state;
    struct stat status;
    const char *target = path_in(bench->directory, "kept-elsewhere");
    file_write_text(target, OTHER "\n");
    file_set_age(target, 1000 * 1000 * 1000);
    assert_int_equal(symlink("kept-elsewhere", bench->path), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(bench->directory, SOMEBODY, SOMEBODY), 0);
        assert_int_equal(chown(target, SOMEBODY, SOMEBODY + 1), 0);
    }
    assert_int_equal(add(bench), 1);
    assert_int_equal(lstat(bench->path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_file_is(target, BYTES(OTHER "\n" OURS "\n"));
    assert_int_equal(stat(target, &status), 0);
    if (geteuid() == 0)
        assert_true(status.st_uid == SOMEBODY && status.st_gid == SOMEBODY + 1);
}

/* Writes the file in place again and again, each time otherwise, until it is killed. */
static void disturb(const char *path)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    for (unsigned i = 0;; i++) {
        FILE *file = fopen(path, "w");
        if (!file || fprintf(file, "# %u\n", i) < 0 || fclose(file) != 0)
            _exit(1);
        (void)nanosleep(&pause, NULL);
    }
}

static void a_file_that_somebody_keeps_writing_is_left_alone(void **state)
{
    struct file_bench *bench = *state;
    struct buffer content = {0};
    write_file(bench, "#\n");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        disturb(bench->path);
    const struct timespec moment = {.tv_nsec = 50 * 1000 * 1000};
    (void)nanosleep(&moment, NULL);
    int result = add(bench);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(result, -1);
    assert_non_null(strstr(bench->error.text, "try again later"));
    assert_true(file_read(bench->path, &content));
    assert_true(content.length < sizeof OURS);
    assert_int_equal(directory_count(bench->directory), 1);
    buffer_clear(&content);
}

/* How often somebody else changes it before it is saved. */
static int changes;

static void change_file(const struct tablefile *table)
{
    char text[16];
    if (changes == 0)
        return;
    (void)snprintf(text, sizeof text, "# %d\n", changes--);
    file_write_text(table->path, text);
    file_set_age(table->path, 1000 * 1000 * 1000 + changes);
}

static void a_file_that_somebody_changes_meanwhile_is_edited_anew(void **state)
{
    struct file_bench *bench = *state;
    write_file(bench, "#\n");
    changes = SAVE_TRIES - 1;
    assert_int_equal(add(bench), 1);
    assert_file_is(bench->path, BYTES("# 1\n" OURS "\n"));
}

static void a_file_that_somebody_changes_each_time_is_left_to_him(void **state)
{
    struct file_bench *bench = *state;
    write_file(bench, "#\n");
    changes = SAVE_TRIES;
    assert_int_equal(add(bench), -1);
    assert_non_null(strstr(bench->error.text, "somebody else changed it 3 times"));
    assert_int_equal(changes, 0);
    assert_file_is(bench->path, BYTES("# 1\n"));
}

static void what_a_killed_process_left_is_swept(void **state)
{
    struct file_bench *bench = *state;
    const char *temporary = path_in(bench->directory, NAME ".xmail-spammers.tmp");
    write_file(bench, OURS "\n");
    file_write_text(temporary, "half a li");
    assert_int_equal(add(bench), 0);
    assert_false(file_exists(temporary));
}

#define TEST(function)      cmocka_unit_test(function)
#define FILE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, file_bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_line_is_written_as_xmail_reads_it),
        TEST(a_path_that_xmail_would_read_otherwise_is_refused),
        TEST(a_line_that_xmail_would_cut_is_refused),
        TEST(the_lines_that_call_the_filter_are_found),
        TEST(a_comment_that_is_too_long_for_xmail_hides_no_call),
        TEST(the_line_comes_last_and_goes_without_a_trace),
        TEST(lines_of_any_length_keep_their_bytes),
        TEST(ours_goes_from_wherever_it_is),
        TEST(a_blank_line_before_ours_stays_though_ours_has_no_line_end),
        FILE_TEST(the_file_is_made_if_it_is_missing),
        FILE_TEST(what_is_added_is_found_once_and_taken_out),
        FILE_TEST(ours_is_moved_behind_the_others_and_kept_before_comments),
        FILE_TEST(a_line_that_calls_us_otherwise_stops_the_addition_but_no_removal),
        FILE_TEST(a_call_that_cannot_be_written_is_not_registered),
        FILE_TEST(what_cannot_be_read_or_replaced_is_named),
        FILE_TEST(a_link_stays_one_and_owners_stay),
        FILE_TEST(a_file_that_somebody_keeps_writing_is_left_alone),
        FILE_TEST(a_file_that_somebody_changes_meanwhile_is_edited_anew),
        FILE_TEST(a_file_that_somebody_changes_each_time_is_left_to_him),
        FILE_TEST(what_a_killed_process_left_is_swept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
