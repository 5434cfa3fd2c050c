/* SPDX-License-Identifier: MIT */
/* Files that must not be lost: whole or not at all, with the right owner and mode, and nothing left behind. */
#include "support.h"

#include "backup.h"
#include "listfile.h"
#include "newfile.h"
#include "readfile.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>

#define NAME      "spammers.tab"
#define TEMPORARY NAME ".xmail-spammers.tmp"
#define OLD       "\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=1\"\n"
#define NEW       "\"192.0.2.2\"\t\"255.255.255.255\"\t\"code=1\"\n"

enum { SOMEBODY = 12345, LONG_AGO = 1000 * 1000 * 1000 };

static int set_up(void **state)
{
    return file_bench_set_up(state, NAME, "UTC0");
}

/* Bytes of a literal as a buffer that nobody frees. */
static struct buffer text_buffer(const char *text)
{
    return (struct buffer){.bytes = (char *)(uintptr_t)text, .length = strlen(text), .capacity = strlen(text)};
}

static struct newfile_owner our_owner(mode_t mode)
{
    return (struct newfile_owner){.user = geteuid(), .group = getegid(), .mode = mode, .required = true};
}

static const char *in(const struct file_bench *bench, const char *name)
{
    return path_in(bench->directory, name);
}

static void assert_mode(const char *path, mode_t mode)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(status.st_mode & 07777, mode);
}

/* The names in the directory must be these, NULL-ended. */
static void assert_names(const struct file_bench *bench, const char *const *names)
{
    size_t count = 0;
    for (; names[count]; count++)
        if (!file_exists(in(bench, names[count])))
            fail_msg("%s is missing", names[count]);
    assert_int_equal(directory_count(bench->directory), count);
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__})

/* --- newfile ------------------------------------------------------------------------------------------------------ */

static void write_new(struct file_bench *bench, const char *text, const struct newfile_owner *owner,
                      struct newfile *file)
{
    const struct buffer content = text_buffer(text);
    if (newfile_write(bench->path, &content, owner, file, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
}

static void a_new_file_is_there_only_when_it_is_put_in_place(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0640);
    struct newfile file;
    write_new(bench, NEW, &owner, &file);
    assert_names(bench, NAMES(TEMPORARY, NULL));
    assert_mode(in(bench, TEMPORARY), 0640);
    assert_int_equal(newfile_replace(&file, bench->path, &bench->error), 1);
    assert_null(file.temporary);
    assert_names(bench, NAMES(NAME, NULL));
    assert_file_is(bench->path, BYTES(NEW));
    assert_mode(bench->path, 0640);
    newfile_abandon(&file); /* nothing to do any more */
    assert_file_is(bench->path, BYTES(NEW));
}

static void a_replaced_file_is_another_one_and_the_old_stays_whole_for_its_readers(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0600);
    struct newfile file;
    char bytes[sizeof OLD] = "";
    file_write(bench->path, BYTES(OLD));
    FILE *reader = fopen(bench->path, "r");
    assert_non_null(reader);
    write_new(bench, NEW, &owner, &file);
    assert_file_is(bench->path, BYTES(OLD));
    assert_int_equal(newfile_replace(&file, bench->path, &bench->error), 1);
    assert_int_equal(fread(bytes, 1, sizeof bytes, reader), sizeof OLD - 1);
    assert_string_equal(bytes, OLD);
    (void)fclose(reader);
    assert_file_is(bench->path, BYTES(NEW));
}

static void the_mode_is_given_whatever_the_umask_says(void **state)
{
    static const mode_t modes[] = {0600, 0644, 0664, 0666, 0400, 02644, 0};
    static const mode_t masks[] = {0, 022, 077, 0777};
    struct file_bench *bench = *state;
    for (size_t m = 0; m < COUNT_OF(masks); m++) {
        for (size_t i = 0; i < COUNT_OF(modes); i++) {
            const struct newfile_owner owner = our_owner(modes[i]);
            struct newfile file;
            (void)umask(masks[m]);
            write_new(bench, NEW, &owner, &file);
            assert_int_equal(newfile_replace(&file, bench->path, &bench->error), 1);
            assert_mode(bench->path, modes[i]);
        }
    }
}

static void an_abandoned_file_leaves_nothing(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0644);
    struct newfile file;
    write_new(bench, NEW, &owner, &file);
    errno = ERANGE;
    newfile_abandon(&file);
    assert_int_equal(errno, ERANGE);
    assert_null(file.temporary);
    assert_names(bench, NAMES(NULL));
}

static void a_left_over_temporary_file_is_removed_first(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0644);
    struct newfile file;
    file_write_text(in(bench, TEMPORARY), "of a dead process, and longer than what comes now: " OLD OLD OLD);
    write_new(bench, NEW, &owner, &file);
    assert_int_equal(newfile_replace(&file, bench->path, &bench->error), 1);
    assert_file_is(bench->path, BYTES(NEW));
    assert_names(bench, NAMES(NAME, NULL));
    file_write_text(in(bench, TEMPORARY), "x");
    assert_int_equal(newfile_sweep(bench->path, &bench->error), 1);
    assert_int_equal(newfile_sweep(bench->path, &bench->error), 1);
    assert_names(bench, NAMES(NAME, NULL));
}

static void a_planted_link_is_never_followed(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0644);
    struct newfile file;
    file_write_text(in(bench, "victim"), "precious");
    assert_int_equal(symlink("victim", in(bench, TEMPORARY)), 0);
    write_new(bench, NEW, &owner, &file);
    assert_int_equal(newfile_replace(&file, bench->path, &bench->error), 1);
    assert_file_is(in(bench, "victim"), BYTES("precious"));
    assert_mode(bench->path, 0644);
    assert_names(bench, NAMES(NAME, "victim", NULL));
}

static void what_cannot_be_written_leaves_nothing_and_names_the_file(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0644);
    const struct buffer content = text_buffer(NEW);
    struct newfile file;
    assert_int_equal(newfile_write(in(bench, "none/" NAME), &content, &owner, &file, &bench->error), -1);
    assert_null(file.temporary);
    assert_non_null(strstr(bench->error.text, "none/" NAME));
    assert_int_equal(mkdir(in(bench, TEMPORARY), 0700), 0); /* it can't be removed as a file */
    assert_int_equal(newfile_write(bench->path, &content, &owner, &file, &bench->error), -1);
    assert_null(file.temporary);
    assert_non_null(strstr(bench->error.text, TEMPORARY));
    assert_names(bench, NAMES(TEMPORARY, NULL));
}

static void a_file_that_cannot_be_put_in_place_leaves_nothing(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0644);
    struct newfile file;
    assert_int_equal(mkdir(bench->path, 0700), 0);
    write_new(bench, NEW, &owner, &file);
    assert_int_equal(newfile_replace(&file, bench->path, &bench->error), -1);
    assert_null(file.temporary);
    assert_non_null(strstr(bench->error.text, "unable to rename"));
    assert_names(bench, NAMES(NAME, NULL));
}

static void a_file_that_is_put_is_there_at_once_or_not_at_all(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0600);
    const struct buffer content = text_buffer(NEW);
    file_write(bench->path, BYTES(OLD));
    file_write_text(in(bench, TEMPORARY), "of a dead process");
    assert_int_equal(newfile_put(bench->path, &content, &owner, &bench->error), 1);
    assert_file_is(bench->path, BYTES(NEW));
    assert_mode(bench->path, 0600);
    assert_names(bench, NAMES(NAME, NULL));
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_int_equal(newfile_put(bench->path, &content, &owner, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "unable to rename"));
    assert_int_equal(newfile_put(in(bench, "none/" NAME), &content, &owner, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "none/" NAME));
    assert_names(bench, NAMES(NAME, NULL));
}

static void a_file_is_created_only_where_nothing_is(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0600);
    struct newfile file;
    write_new(bench, NEW, &owner, &file);
    file_write(in(bench, "taken"), BYTES(OLD));
    assert_int_equal(newfile_create(&file, in(bench, "taken"), &bench->error), 0);
    assert_file_is(in(bench, "taken"), BYTES(OLD));
    assert_int_equal(symlink("nowhere", in(bench, "link")), 0);
    assert_int_equal(newfile_create(&file, in(bench, "link"), &bench->error), 0);
    assert_non_null(file.temporary);
    assert_int_equal(newfile_create(&file, in(bench, "free"), &bench->error), 1);
    assert_null(file.temporary);
    assert_file_is(in(bench, "free"), BYTES(NEW));
    assert_names(bench, NAMES("taken", "link", "free", NULL));
    write_new(bench, NEW, &owner, &file);
    assert_int_equal(newfile_create(&file, in(bench, "none/x"), &bench->error), -1);
    assert_null(file.temporary);
    assert_names(bench, NAMES("taken", "link", "free", NULL));
}

/* For its directory and the file itself there is one, but none to keep it open by. */
static void without_a_second_descriptor_nothing_is_left(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0600);
    const struct buffer content = text_buffer(NEW);
    struct newfile file;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const int free_one = dup(STDERR_FILENO);
    assert_int_equal(close(free_one), 0);
    const struct rlimit low = {(rlim_t)free_one + 2, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    const int result = newfile_write(bench->path, &content, &owner, &file, &bench->error);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(result, -1);
    assert_non_null(strstr(bench->error.text, "unable to keep "));
    assert_names(bench, NAMES(NULL));
}

static void what_is_not_there_has_no_access_control_list(void **state)
{
    struct file_bench *bench = *state;
    struct newfile_owner owner = our_owner(0600);
    assert_int_equal(newfile_read_acl(bench->path, &owner, &bench->error), 0);
    file_write_text(bench->path, OLD);
    assert_int_equal(newfile_read_acl(in(bench, NAME "/below"), &owner, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "unable to read the access control list of "));
    owner.acl.failed = true; /* as for want of memory: it isn't as if there were none */
    assert_int_equal(newfile_read_acl(bench->path, &owner, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "out of memory"));
    buffer_clear(&owner.acl);
}

static void a_file_of_more_than_64_mib_is_not_read(void **state)
{
    struct file_bench *bench = *state;
    struct buffer content = {0};
    file_write(bench->path, "", 0);
    assert_int_equal(truncate(bench->path, READFILE_MAX), 0);
    assert_int_equal(readfile(bench->path, &content, &bench->error), 1);
    assert_int_equal(content.length, READFILE_MAX);
    content.length = 0;
    assert_int_equal(truncate(bench->path, READFILE_MAX + 1), 0);
    assert_int_equal(readfile(bench->path, &content, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "it is larger than 64 MiB"));
    buffer_clear(&content);
}

static void the_owner_is_given_if_that_can_be_done(void **state)
{
    struct file_bench *bench = *state;
    struct newfile_owner owner = {.user = SOMEBODY, .group = SOMEBODY, .mode = 0640, .required = true};
    const struct buffer content = text_buffer(NEW);
    struct newfile file;
    struct stat status;
    if (geteuid() == 0) {
        write_new(bench, NEW, &owner, &file);
        assert_int_equal(newfile_replace(&file, bench->path, &bench->error), 1);
        assert_int_equal(stat(bench->path, &status), 0);
        assert_int_equal(status.st_uid, SOMEBODY);
        assert_int_equal(status.st_gid, SOMEBODY);
        assert_mode(bench->path, 0640);
        return;
    }
    assert_int_equal(newfile_write(bench->path, &content, &owner, &file, &bench->error), -1);
    assert_names(bench, NAMES(NULL));
    owner.required = false;
    write_new(bench, NEW, &owner, &file);
    newfile_abandon(&file);
}

/* --- backups ------------------------------------------------------------------------------------------------------ */

static void make_backup(struct file_bench *bench, const char *time, const char *text, const char *name)
{
    const struct moment now = moment_of(time);
    const struct buffer content = text_buffer(text);
    const struct newfile_owner owner = our_owner(0640);
    char *path;
    if (backup_make(bench->directory, &now, &content, &owner, &path, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
    assert_string_equal(path, in(bench, name));
    assert_file_is(path, text, strlen(text));
    assert_mode(path, 0640);
    free(path);
}

static void a_backup_is_named_after_the_local_time_or_the_next_free_second(void **state)
{
    struct file_bench *bench = *state;
    make_backup(bench, "2026-11-21T04:05:06", "one", "spammers.20261121040506.tab");
    make_backup(bench, "2026-11-21T04:05:06", "two", "spammers.20261121040507.tab");
    make_backup(bench, "2026-11-21T04:05:06", "three", "spammers.20261121040508.tab");
    make_backup(bench, "2026-12-31T23:59:59", "", "spammers.20261231235959.tab");
    make_backup(bench, "2026-12-31T23:59:59", "", "spammers.20270101000000.tab");
    assert_file_is(in(bench, "spammers.20261121040506.tab"), BYTES("one"));
    assert_int_equal(directory_count(bench->directory), 5);
}

static void a_backup_takes_no_name_that_a_link_has(void **state)
{
    struct file_bench *bench = *state;
    assert_int_equal(symlink("nowhere", in(bench, "spammers.20261121040506.tab")), 0);
    make_backup(bench, "2026-11-21T04:05:06", "x", "spammers.20261121040507.tab");
}

static void a_backup_that_cannot_be_made_leaves_nothing(void **state)
{
    struct file_bench *bench = *state;
    const struct moment now = moment_of("2026-11-21T04:05:06");
    const struct buffer content = text_buffer("x");
    const struct newfile_owner owner = our_owner(0600);
    char *path = bench->path;
    assert_int_equal(backup_make(in(bench, "none"), &now, &content, &owner, &path, &bench->error), -1);
    assert_null(path);
    assert_names(bench, NAMES(NULL));
}

static void without_a_free_name_in_the_next_hour_no_backup_is_made(void **state)
{
    enum { HOUR = 3600 };
    struct file_bench *bench = *state;
    const struct moment now = moment_of("2026-11-21T04:05:06");
    const struct buffer content = text_buffer("x");
    const struct newfile_owner owner = our_owner(0600);
    char *path = bench->path;
    for (int second = 0; second < HOUR; second++) {
        char name[64];
        const int time = 4 * HOUR + 5 * 60 + 6 + second;
        (void)snprintf(name, sizeof name, "spammers.20261121%02d%02d%02d.tab", time / HOUR, time / 60 % 60, time % 60);
        assert_int_equal(symlink("x", in(bench, name)), 0);
    }
    assert_int_equal(backup_make(bench->directory, &now, &content, &owner, &path, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "each name of the next hour is taken"));
    assert_null(path);
    assert_int_equal(directory_count(bench->directory), HOUR);
}

static void in_a_year_of_five_digits_no_backup_is_made(void **state)
{
    struct file_bench *bench = *state;
    struct moment now;
    const struct buffer content = text_buffer("x");
    const struct newfile_owner owner = our_owner(0600);
    char *path = bench->path;
    assert_true(moment_from_seconds(INT64_C(260000000000), &now)); /* of 10209 */
    assert_int_equal(backup_make(bench->directory, &now, &content, &owner, &path, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "unable to name a backup"));
    assert_null(path);
    assert_names(bench, NAMES(NULL));
}

static void what_a_killed_backup_left_is_swept(void **state)
{
    struct file_bench *bench = *state;
    file_write(bench->path, BYTES(OLD));
    file_write_text(in(bench, TEMPORARY), "x");
    file_write_text(in(bench, "spammers.backup.xmail-spammers.tmp"), "x");
    assert_int_equal(backup_sweep(bench->directory, &bench->error), 1);
    assert_names(bench, NAMES(NAME, TEMPORARY, NULL));
    assert_int_equal(listfile_sweep(bench->directory, &bench->error), 1);
    assert_names(bench, NAMES(NAME, NULL));
}

static void old_and_surplus_backups_are_deleted_and_nothing_else(void **state)
{
    static const char *const others[] = {
        NAME,
        "spammers.20200101000000.tab.old",
        "xspammers.20200101000000.tab",
        "spammers.2020010100000.tab",
        "spammers.202001010000000.tab",
        "spammers.20201301000000.tab",
        "spammers.20200100000000.tab",
        "spammers.20200101240000.tab",
        "spammers.20200101006000.tab",
        "spammers.2020010100000x.tab",
        "spammers.+2020101000000.tab",
        "spammers.20200101000000.TAB",
        "Spammers.20200101000000.tab",
        "spammers. 2020101000000.tab",
    };
    static const char *const backups[] = {
        "spammers.20200101000000.tab", "spammers.20261114235959.tab", "spammers.20261115000000.tab",
        "spammers.20261116000000.tab", "spammers.20261117000000.tab", "spammers.20261117000001.tab",
    };
    struct file_bench *bench = *state;
    struct messages warnings = {0};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        file_write_text(in(bench, others[i]), "x");
    for (size_t i = 0; i < COUNT_OF(backups); i++)
        file_write_text(in(bench, backups[i]), "x");
    assert_int_equal(mkdir(in(bench, "spammers.20200102000000.tab"), 0700), 0);
    assert_int_equal(symlink(NAME, in(bench, "spammers.20200103000000.tab")), 0);

    backup_clean(bench->directory, 20261115, 100, NULL, &warnings);
    for (size_t i = 0; i < COUNT_OF(backups); i++)
        assert_int_equal(file_exists(in(bench, backups[i])), i >= 2);
    backup_clean(bench->directory, 20261115, 3, NULL, &warnings);
    for (size_t i = 0; i < COUNT_OF(backups); i++)
        assert_int_equal(file_exists(in(bench, backups[i])), i >= 3);
    backup_clean(bench->directory, 20261115, 1, NULL, &warnings);
    for (size_t i = 0; i < COUNT_OF(backups); i++)
        assert_int_equal(file_exists(in(bench, backups[i])), i >= 5);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_true(file_exists(in(bench, others[i])));
    assert_true(file_exists(in(bench, "spammers.20200102000000.tab")));
    assert_true(file_exists(in(bench, "spammers.20200103000000.tab")));
    assert_true(messages_empty(&warnings));
    backup_clean(in(bench, "none"), 20261115, 1, NULL, &warnings);
    assert_int_equal(warnings.count, 1);
    messages_clear(&warnings);
}

static void root_cleans_only_where_no_link_of_somebody_elses_leads(void **state)
{
    enum { OTHER = 12345 };
    struct file_bench *bench = *state;
    struct messages warnings = {0};
    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir(in(bench, "ours"), 0700), 0);
    assert_int_equal(mkdir(in(bench, "theirs"), 0700), 0);
    file_write_text(in(bench, "ours/spammers.20200101000000.tab"), "x");
    assert_int_equal(symlink("../ours", in(bench, "theirs/MailRoot")), 0);
    assert_int_equal(chown(in(bench, "theirs"), OTHER, OTHER), 0);
    backup_clean(in(bench, "theirs/MailRoot"), 20261115, 1, NULL, &warnings);
    assert_true(file_exists(in(bench, "ours/spammers.20200101000000.tab")));
    assert_int_equal(warnings.count, 1);
    messages_clear(&warnings);
    assert_int_equal(unlink(in(bench, "ours/spammers.20200101000000.tab")), 0);
    assert_int_equal(unlink(in(bench, "theirs/MailRoot")), 0);
    assert_int_equal(rmdir(in(bench, "theirs")), 0);
    assert_int_equal(rmdir(in(bench, "ours")), 0);
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

/* The list's file, as if written long ago, so that it is at rest. */
static void write_list(const char *path, const char *text, mode_t mode)
{
    file_write_text(path, text);
    assert_int_equal(chmod(path, mode), 0);
    file_set_age(path, LONG_AGO);
}

static struct tablefile read_list(struct file_bench *bench)
{
    struct tablefile list;
    if (listfile_read(bench->directory, &list, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
    return list;
}

static enum tablefile_saved save_list(struct file_bench *bench, const struct tablefile *list, const char *text,
                                      char **backup)
{
    const struct moment now = moment_of("2026-11-21T04:05:06");
    const struct buffer content = text_buffer(text);
    return listfile_save(list, &content, &now, backup, &bench->error);
}

static void a_saved_list_keeps_its_mode_and_the_old_one_as_a_backup(void **state)
{
    static const mode_t modes[] = {0600, 0644, 0660, 0666};
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        char *backup;
        write_list(bench->path, OLD, modes[i]);
        struct tablefile list = read_list(bench);
        assert_true(list.exists);
        assert_int_equal(list.content.length, sizeof OLD - 1);
        assert_memory_equal(list.content.bytes, OLD, sizeof OLD - 1);
        assert_int_equal(save_list(bench, &list, NEW, &backup), TABLEFILE_SAVED);
        assert_file_is(bench->path, BYTES(NEW));
        assert_mode(bench->path, modes[i]);
        assert_string_equal(backup, in(bench, "spammers.20261121040506.tab"));
        assert_file_is(backup, BYTES(OLD));
        assert_mode(backup, modes[i]);
        assert_names(bench, NAMES(NAME, "spammers.20261121040506.tab", NULL));
        assert_int_equal(unlink(backup), 0);
        free(backup);
        tablefile_clear(&list);
    }
}

static void the_backup_is_a_copy_that_writing_the_list_in_place_does_not_touch(void **state)
{
    struct file_bench *bench = *state;
    char *backup;
    write_list(bench->path, OLD, 0644);
    assert_int_equal(link(bench->path, in(bench, "other-name")), 0);
    struct tablefile list = read_list(bench);
    assert_int_equal(save_list(bench, &list, NEW, &backup), TABLEFILE_SAVED);
    file_write_text(in(bench, "other-name"), "overwritten in place");
    file_write_text(bench->path, "overwritten in place");
    assert_file_is(backup, BYTES(OLD));
    free(backup);
    tablefile_clear(&list);
}

static void the_owner_of_the_list_is_kept(void **state)
{
    struct file_bench *bench = *state;
    struct stat status;
    char *backup;
    if (geteuid() != 0)
        return; /* only root can give files away */
    write_list(bench->path, OLD, 0640);
    assert_int_equal(chown(bench->path, SOMEBODY, SOMEBODY + 1), 0);
    struct tablefile list = read_list(bench);
    assert_int_equal(save_list(bench, &list, NEW, &backup), TABLEFILE_SAVED);
    assert_int_equal(stat(bench->path, &status), 0);
    assert_int_equal(status.st_uid, SOMEBODY);
    assert_int_equal(status.st_gid, SOMEBODY + 1);
    assert_mode(bench->path, 0640);
    free(backup);
    tablefile_clear(&list);
}

static void a_missing_list_is_created_with_the_owner_of_mail_root(void **state)
{
    struct file_bench *bench = *state;
    struct stat status;
    char *backup;
    if (geteuid() == 0)
        assert_int_equal(chown(bench->directory, SOMEBODY, SOMEBODY + 1), 0);
    struct tablefile list = read_list(bench);
    assert_false(list.exists);
    assert_int_equal(list.content.length, 0);
    assert_int_equal(save_list(bench, &list, "", &backup), TABLEFILE_SAVED);
    assert_null(backup);
    assert_file_is(bench->path, BYTES(""));
    assert_mode(bench->path, 0644);
    assert_int_equal(stat(bench->path, &status), 0);
    assert_int_equal(status.st_uid, geteuid() == 0 ? SOMEBODY : geteuid());
    if (geteuid() == 0)
        assert_int_equal(status.st_gid, SOMEBODY + 1);
    assert_names(bench, NAMES(NAME, NULL));
    tablefile_clear(&list);
}

static void a_list_that_somebody_else_changed_is_not_saved_and_no_backup_stays(void **state)
{
    enum change { OTHER_BYTES, LONGER, EMPTY, DELETED, OTHER_MODE, CREATED, CHANGES };
    struct file_bench *bench = *state;
    for (int change = 0; change < CHANGES; change++) {
        char *backup = bench->path;
        const char *now = OLD;
        if (change != CREATED)
            write_list(bench->path, OLD, 0644);
        struct tablefile list = read_list(bench);
        if (change == OTHER_BYTES)
            write_list(bench->path, now = NEW, 0644); /* same length, same time */
        else if (change == LONGER)
            write_list(bench->path, now = OLD NEW, 0644);
        else if (change == EMPTY || change == CREATED)
            write_list(bench->path, now = "", 0644);
        else if (change == OTHER_MODE)
            assert_int_equal(chmod(bench->path, 0600), 0);
        else
            assert_int_equal(unlink(bench->path), 0);
        enum tablefile_saved saved = save_list(bench, &list, "mine\n", &backup);
        if (saved != TABLEFILE_CHANGED)
            fail_msg("change %d: %d", change, (int)saved);
        assert_null(backup);
        if (change == DELETED) {
            assert_names(bench, NAMES(NULL));
        } else {
            assert_file_is(bench->path, now, strlen(now));
            assert_names(bench, NAMES(NAME, NULL));
            assert_int_equal(unlink(bench->path), 0);
        }
        tablefile_clear(&list);
    }
}

static void a_list_that_has_just_been_written_is_read_when_it_rests(void **state)
{
    struct file_bench *bench = *state;
    file_write(bench->path, BYTES(OLD));
    struct tablefile list = read_list(bench);
    assert_int_equal(list.content.length, sizeof OLD - 1);
    tablefile_clear(&list);
}

/* Empties the list in place, thinks for a while, and writes it: many a script does so. */
static pid_t slow_writer(const char *path)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    const struct timespec pause = {.tv_nsec = 400000000L};
    int descriptor = open(path, O_WRONLY | O_TRUNC);
    (void)nanosleep(&pause, NULL);
    _exit(write(descriptor, NEW, sizeof NEW - 1) == (ssize_t)(sizeof NEW - 1) ? 0 : 1);
}

static void a_list_that_is_being_written_in_place_is_waited_for(void **state)
{
    struct file_bench *bench = *state;
    struct stat status;
    write_list(bench->path, OLD, 0644);
    pid_t child = slow_writer(bench->path);
    assert_true(child > 0);
    do
        assert_int_equal(stat(bench->path, &status), 0);
    while (status.st_size > 0);
    struct tablefile list = read_list(bench);
    assert_int_equal(list.content.length, sizeof NEW - 1);
    assert_int_equal(waitpid(child, NULL, 0), child);
    tablefile_clear(&list);
}

static void the_access_control_list_is_kept(void **state)
{
    /* Version 2; user::rw-, user:65534:r--, group::---, mask::r--, other::---, as the system stores it. */
    static const unsigned char acl[] = {2, 0,    0,    0,    1,    0,    6,    0, 0xff, 0xff, 0xff, 0xff, 2,    0,    4,
                                        0, 0xfe, 0xff, 0,    0,    4,    0,    0, 0,    0xff, 0xff, 0xff, 0xff, 0x10, 0,
                                        4, 0,    0xff, 0xff, 0xff, 0xff, 0x20, 0, 0,    0,    0xff, 0xff, 0xff, 0xff};
    struct file_bench *bench = *state;
    unsigned char found[sizeof acl + 1];
    char *backup;
    write_list(bench->path, OLD, 0640);
    if (setxattr(bench->path, "system.posix_acl_access", acl, sizeof acl, 0) != 0)
        return; /* a file system without such lists */
    struct tablefile list = read_list(bench);
    assert_int_equal(save_list(bench, &list, NEW, &backup), TABLEFILE_SAVED);
    assert_int_equal(getxattr(bench->path, "system.posix_acl_access", found, sizeof found), sizeof acl);
    assert_memory_equal(found, acl, sizeof acl);
    free(backup);
    tablefile_clear(&list);
}

static void a_link_that_leads_elsewhere_meanwhile_is_a_change(void **state)
{
    struct file_bench *bench = *state;
    char *backup;
    write_list(in(bench, "one"), OLD, 0644);
    write_list(in(bench, "two"), OLD, 0644);
    assert_int_equal(symlink("one", bench->path), 0);
    struct tablefile list = read_list(bench);
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(symlink("two", bench->path), 0);
    assert_int_equal(save_list(bench, &list, NEW, &backup), TABLEFILE_CHANGED);
    assert_file_is(in(bench, "one"), BYTES(OLD));
    assert_file_is(in(bench, "two"), BYTES(OLD));
    tablefile_clear(&list);
}

static void a_list_too_large_to_be_read_again_is_not_saved(void **state)
{
    struct file_bench *bench = *state;
    const struct moment now = moment_of("2026-11-21T04:05:06");
    struct buffer content = {0};
    char *backup;
    write_list(bench->path, OLD, 0644);
    struct tablefile list = read_list(bench);
    assert_true(buffer_reserve(&content, READFILE_MAX + 1));
    memset(content.bytes, '#', READFILE_MAX + 1);
    content.length = READFILE_MAX + 1;
    assert_int_equal(listfile_save(&list, &content, &now, &backup, &bench->error), TABLEFILE_FAILED);
    assert_non_null(strstr(bench->error.text, "64 MiB"));
    assert_file_is(bench->path, BYTES(OLD));
    assert_names(bench, NAMES(NAME, NULL));
    buffer_clear(&content);
    tablefile_clear(&list);
}

static void a_temporary_file_of_another_process_is_not_put_in_place(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0644);
    struct newfile file;
    file_write(bench->path, BYTES(OLD));
    write_new(bench, NEW, &owner, &file);
    assert_int_equal(unlink(in(bench, TEMPORARY)), 0);
    file_write_text(in(bench, TEMPORARY), "half a li");
    assert_int_equal(newfile_replace(&file, bench->path, &bench->error), -1);
    assert_file_is(bench->path, BYTES(OLD));
    assert_file_is(in(bench, TEMPORARY), BYTES("half a li"));
}

static void a_temporary_file_of_another_process_is_no_backup(void **state)
{
    struct file_bench *bench = *state;
    const struct newfile_owner owner = our_owner(0644);
    struct newfile file;
    write_new(bench, NEW, &owner, &file);
    assert_int_equal(unlink(in(bench, TEMPORARY)), 0);
    file_write_text(in(bench, TEMPORARY), "half a li");
    assert_int_equal(newfile_create(&file, in(bench, "backup"), &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "another process"));
    assert_int_equal(access(in(bench, "backup"), F_OK), -1);
}

static void a_list_that_is_a_link_stays_one(void **state)
{
    struct file_bench *bench = *state;
    struct stat status;
    char *backup;
    assert_int_equal(mkdir(in(bench, "elsewhere"), 0755), 0);
    write_list(in(bench, "elsewhere/list"), OLD, 0640);
    assert_int_equal(symlink("elsewhere/list", bench->path), 0);
    struct tablefile list = read_list(bench);
    assert_int_equal(save_list(bench, &list, NEW, &backup), TABLEFILE_SAVED);
    assert_int_equal(lstat(bench->path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_file_is(in(bench, "elsewhere/list"), BYTES(NEW));
    assert_mode(in(bench, "elsewhere/list"), 0640);
    assert_int_equal(directory_count(in(bench, "elsewhere")), 1);
    assert_names(bench, NAMES(NAME, "elsewhere", "spammers.20261121040506.tab", NULL));
    free(backup);
    tablefile_clear(&list);
}

static void a_link_to_nothing_or_to_what_is_no_file_is_refused(void **state)
{
    static const char *const targets[] = {"nowhere", NAME, "/dev/null", "."};
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        struct tablefile list;
        assert_int_equal(symlink(targets[i], bench->path), 0);
        if (listfile_read(bench->directory, &list, &bench->error) != -1)
            fail_msg("a link to %s was taken", targets[i]);
        assert_non_null(strstr(bench->error.text, "unable to"));
        assert_int_equal(unlink(bench->path), 0);
    }
}

static void a_link_to_a_strangers_file_is_refused(void **state)
{
    struct file_bench *bench = *state;
    struct tablefile list;
    char *backup;
    if (geteuid() != 0)
        return; /* only root can give files away */
    write_list(in(bench, "target"), OLD, 0644);
    assert_int_equal(chown(in(bench, "target"), SOMEBODY, SOMEBODY), 0);
    assert_int_equal(symlink("target", bench->path), 0);
    assert_int_equal(listfile_read(bench->directory, &list, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, bench->path));
    /* The owner of MailRoot may have it. */
    assert_int_equal(chown(bench->directory, SOMEBODY, SOMEBODY), 0);
    list = read_list(bench);
    assert_int_equal(save_list(bench, &list, NEW, &backup), TABLEFILE_SAVED);
    assert_file_is(in(bench, "target"), BYTES(NEW));
    free(backup);
    tablefile_clear(&list);
}

static void what_is_no_regular_file_is_refused_without_waiting(void **state)
{
    struct file_bench *bench = *state;
    struct tablefile list;
    assert_int_equal(mkfifo(bench->path, 0600), 0);
    assert_int_equal(listfile_read(bench->directory, &list, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, bench->path));
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_int_equal(listfile_read(bench->directory, &list, &bench->error), -1);
    assert_int_equal(listfile_read(in(bench, "none"), &list, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "none"));
}

static void a_list_that_cannot_be_backed_up_is_not_saved(void **state)
{
    struct file_bench *bench = *state;
    char *backup = bench->path;
    write_list(bench->path, OLD, 0644);
    struct tablefile list = read_list(bench);
    assert_int_equal(mkdir(in(bench, "spammers.backup.xmail-spammers.tmp"), 0700), 0);
    assert_int_equal(save_list(bench, &list, NEW, &backup), TABLEFILE_FAILED);
    assert_null(backup);
    assert_file_is(bench->path, BYTES(OLD));
    assert_names(bench, NAMES(NAME, "spammers.backup.xmail-spammers.tmp", NULL));
    tablefile_clear(&list);
}

static void a_list_that_cannot_be_written_is_not_backed_up(void **state)
{
    struct file_bench *bench = *state;
    char *backup = bench->path;
    write_list(bench->path, OLD, 0644);
    struct tablefile list = read_list(bench);
    assert_int_equal(mkdir(in(bench, TEMPORARY), 0700), 0);
    assert_int_equal(save_list(bench, &list, NEW, &backup), TABLEFILE_FAILED);
    assert_null(backup);
    assert_file_is(bench->path, BYTES(OLD));
    assert_names(bench, NAMES(NAME, TEMPORARY, NULL));
    tablefile_clear(&list);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, file_bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_is_there_only_when_it_is_put_in_place),
        TEST(a_replaced_file_is_another_one_and_the_old_stays_whole_for_its_readers),
        TEST(the_mode_is_given_whatever_the_umask_says),
        TEST(an_abandoned_file_leaves_nothing),
        TEST(a_left_over_temporary_file_is_removed_first),
        TEST(a_planted_link_is_never_followed),
        TEST(what_cannot_be_written_leaves_nothing_and_names_the_file),
        TEST(a_file_that_cannot_be_put_in_place_leaves_nothing),
        TEST(a_file_that_is_put_is_there_at_once_or_not_at_all),
        TEST(a_file_is_created_only_where_nothing_is),
        TEST(without_a_second_descriptor_nothing_is_left),
        TEST(what_is_not_there_has_no_access_control_list),
        TEST(a_file_of_more_than_64_mib_is_not_read),
        TEST(the_owner_is_given_if_that_can_be_done),
        TEST(a_backup_is_named_after_the_local_time_or_the_next_free_second),
        TEST(a_backup_takes_no_name_that_a_link_has),
        TEST(a_backup_that_cannot_be_made_leaves_nothing),
        TEST(without_a_free_name_in_the_next_hour_no_backup_is_made),
        TEST(in_a_year_of_five_digits_no_backup_is_made),
        TEST(what_a_killed_backup_left_is_swept),
        TEST(old_and_surplus_backups_are_deleted_and_nothing_else),
        TEST(root_cleans_only_where_no_link_of_somebody_elses_leads),
        TEST(a_saved_list_keeps_its_mode_and_the_old_one_as_a_backup),
        TEST(the_backup_is_a_copy_that_writing_the_list_in_place_does_not_touch),
        TEST(the_owner_of_the_list_is_kept),
        TEST(a_missing_list_is_created_with_the_owner_of_mail_root),
        TEST(a_list_that_somebody_else_changed_is_not_saved_and_no_backup_stays),
        TEST(a_list_that_has_just_been_written_is_read_when_it_rests),
        TEST(a_list_that_is_being_written_in_place_is_waited_for),
        TEST(the_access_control_list_is_kept),
        TEST(a_link_that_leads_elsewhere_meanwhile_is_a_change),
        TEST(a_list_too_large_to_be_read_again_is_not_saved),
        TEST(a_temporary_file_of_another_process_is_not_put_in_place),
        TEST(a_temporary_file_of_another_process_is_no_backup),
        TEST(a_list_that_is_a_link_stays_one),
        TEST(a_link_to_nothing_or_to_what_is_no_file_is_refused),
        TEST(a_link_to_a_strangers_file_is_refused),
        TEST(what_is_no_regular_file_is_refused_without_waiting),
        TEST(a_list_that_cannot_be_backed_up_is_not_saved),
        TEST(a_list_that_cannot_be_written_is_not_backed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
