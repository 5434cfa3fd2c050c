/* SPDX-License-Identifier: MIT */
/* Signals that end a program wait while they are held off, and are noticed. */
#include "support_interrupts.h"

static volatile sig_atomic_t caught;

static void note(int number)
{
    caught = number;
}

static void each_of_them_waits_until_it_is_let_through(void **state)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct interrupts interrupts;
        caught = 0;
        interrupts_begin(&interrupts);
        (void)signal(numbers[i], note);
        assert_false(interrupts_pending(&interrupts));
        assert_int_equal(raise(numbers[i]), 0);
        assert_int_equal(caught, 0);
        assert_true(interrupts_pending(&interrupts));
        interrupts_release(&interrupts);
        assert_int_equal(caught, numbers[i]);
        assert_false(interrupts_pending(&interrupts));
        (void)signal(numbers[i], SIG_DFL);
    }
}

/* As nohup and a shell's background jobs have them. */
static void what_is_ignored_or_blocked_anyway_is_none(void **state)
{
    struct interrupts outer;
    struct interrupts inner;
    (void)state;
    interrupts_begin(&outer);
    interrupts_hold(&inner);
    assert_int_equal(raise(SIGTERM), 0);
    assert_false(interrupts_pending(&inner));
    interrupts_release(&inner);
    assert_true(interrupts_pending(&outer)); /* it waits still */
    interrupts_end(&outer, SIGTERM);
    (void)signal(SIGHUP, SIG_IGN);
    interrupts_hold(&inner);
    assert_int_equal(raise(SIGHUP), 0);
    assert_false(interrupts_pending(&inner));
    interrupts_release(&inner);
    (void)signal(SIGHUP, SIG_DFL);
}

static void waiting_ends_with_something_to_read_or_with_a_signal(void **state)
{
    struct interrupts interrupts;
    int ends[2];
    char byte;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    interrupts_begin(&interrupts);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_true(interrupts_wait(&interrupts, ends[0]));
    assert_int_equal(raise(SIGINT), 0);
    assert_false(interrupts_wait(&interrupts, ends[0])); /* there may be much to read */
    assert_true(interrupts_wait(NULL, ends[0]));
    assert_false(interrupts_pending(NULL));
    interrupts_end(&interrupts, SIGINT);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    (void)close(ends[1]);
    assert_true(interrupts_wait(&interrupts, ends[0])); /* the other end is gone */
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_them_waits_until_it_is_let_through),
        cmocka_unit_test(what_is_ignored_or_blocked_anyway_is_none),
        cmocka_unit_test(waiting_ends_with_something_to_read_or_with_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
