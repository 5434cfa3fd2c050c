/* SPDX-License-Identifier: MIT */
/* The lock: one process at a time, freed with its holder, on a file that stays. */
#include "support.h"

#include <sys/file.h>
#include <sys/wait.h>

static bool has_locks = true;

#define flock(descriptor, operation) (has_locks ? flock(descriptor, operation) : (errno = ENOLCK, -1))
#include "lock.c"
#undef flock

struct bench {
    char directory[SUPPORT_PATH_SIZE];
    char path[SUPPORT_PATH_SIZE + 16];
    struct error error;
};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    directory_make(bench->directory);
    (void)snprintf(bench->path, sizeof bench->path, "%s/lock", bench->directory);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    directory_drop(bench->directory);
    free(bench);
    return 0;
}

enum { ANSWER_OFFSET = 10 };

/* What lock_take says in another process, which ends at once. */
static int take_elsewhere(const struct bench *bench)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct error error;
        int descriptor = -1;
        _exit(lock_take(bench->path, &descriptor, &error) + ANSWER_OFFSET);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status) - ANSWER_OFFSET;
}

static void only_one_process_has_the_lock(void **state)
{
    struct bench *bench = *state;
    int descriptor = -1;
    assert_int_equal(lock_take(bench->path, &descriptor, &bench->error), 1);
    assert_true(descriptor >= 0);
    assert_int_equal(take_elsewhere(bench), 0);
    assert_int_equal(take_elsewhere(bench), 0);
    lock_release(&descriptor);
    assert_int_equal(descriptor, -1);
    assert_int_equal(take_elsewhere(bench), 1);
    lock_release(&descriptor); /* none: nothing happens */
    assert_int_equal(lock_take(bench->path, &descriptor, &bench->error), 1);
    lock_release(&descriptor);
}

static void whether_it_is_held_can_be_asked_without_taking_it(void **state)
{
    struct bench *bench = *state;
    int descriptor = -1;
    assert_int_equal(lock_is_held(bench->path, &bench->error), 0); /* there is no file, and none is made */
    assert_int_equal(access(bench->path, F_OK), -1);
    assert_int_equal(lock_take(bench->path, &descriptor, &bench->error), 1);
    assert_int_equal(lock_is_held(bench->path, &bench->error), 1);
    lock_release(&descriptor);
    assert_int_equal(lock_is_held(bench->path, &bench->error), 0);
    assert_int_equal(take_elsewhere(bench), 1);
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(symlink("elsewhere", bench->path), 0);
    assert_int_equal(lock_is_held(bench->path, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, bench->path));
}

static void the_lock_is_free_when_its_holder_has_died(void **state)
{
    struct bench *bench = *state;
    int descriptor = -1;
    assert_int_equal(take_elsewhere(bench), 1); /* that process is gone without a release */
    assert_int_equal(lock_take(bench->path, &descriptor, &bench->error), 1);
    lock_release(&descriptor);
}

static void a_second_taker_in_the_same_process_is_refused_too(void **state)
{
    struct bench *bench = *state;
    int first = -1;
    int second = -1;
    assert_int_equal(lock_take(bench->path, &first, &bench->error), 1);
    assert_int_equal(lock_take(bench->path, &second, &bench->error), 0);
    assert_int_equal(second, -1);
    lock_release(&first);
}

static void the_file_stays_the_same_and_programs_that_are_run_do_not_inherit_it(void **state)
{
    struct bench *bench = *state;
    struct stat first;
    struct stat second;
    int descriptor = -1;
    file_write_text(bench->path, "");
    assert_int_equal(stat(bench->path, &first), 0);
    assert_int_equal(lock_take(bench->path, &descriptor, &bench->error), 1);
    assert_true(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
    lock_release(&descriptor);
    assert_int_equal(stat(bench->path, &second), 0);
    assert_true(first.st_ino == second.st_ino);
}

static void what_cannot_be_opened_is_an_error_and_not_busy(void **state)
{
    struct bench *bench = *state;
    int descriptor = -1;
    assert_int_equal(lock_take(path_in(bench->directory, "none/lock"), &descriptor, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "none/lock"));
    assert_int_equal(symlink("victim", bench->path), 0);
    assert_int_equal(lock_take(bench->path, &descriptor, &bench->error), -1);
    assert_false(file_exists(path_in(bench->directory, "victim")));
    file_write_text(path_in(bench->directory, "victim"), "");
    assert_int_equal(lock_take(bench->path, &descriptor, &bench->error), -1);
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_int_equal(lock_take(bench->path, &descriptor, &bench->error), -1);
    assert_int_equal(descriptor, -1);
}

/* As over a net whose other end has no locks. */
static void where_no_lock_is_to_be_had_it_is_an_error_and_not_free(void **state)
{
    struct bench *bench = *state;
    int descriptor = -1;
    file_write_text(bench->path, "");
    has_locks = false;
    const int taken = lock_take(bench->path, &descriptor, &bench->error);
    assert_non_null(strstr(bench->error.text, "unable to lock "));
    bench->error.text[0] = '\0';
    const int held = lock_is_held(bench->path, &bench->error);
    has_locks = true;
    assert_int_equal(taken, -1);
    assert_int_equal(descriptor, -1);
    assert_int_equal(held, -1);
    assert_non_null(strstr(bench->error.text, "unable to lock "));
    assert_non_null(strstr(bench->error.text, strerror(ENOLCK)));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(only_one_process_has_the_lock),
        TEST(whether_it_is_held_can_be_asked_without_taking_it),
        TEST(the_lock_is_free_when_its_holder_has_died),
        TEST(a_second_taker_in_the_same_process_is_refused_too),
        TEST(the_file_stays_the_same_and_programs_that_are_run_do_not_inherit_it),
        TEST(what_cannot_be_opened_is_an_error_and_not_busy),
        TEST(where_no_lock_is_to_be_had_it_is_an_error_and_not_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
