/* SPDX-License-Identifier: MIT */
/*
 * Several threads at one file and at many, also when something fails amid it: little enough for the sanitizer that sees
 * what threads do to each other ("make check-threads"). What they find is tested in test_logfiles_gather.c.
 */
#include "support_logs.h"

#include <pthread.h>
#include <time.h>

#define RECORD "\"mx\"\t\"d\"\t\"192.0.%u.%u\"\t\"2026-11-20 12:34:56\"\t\"u\"\t\"\"\t\"ELOGIN\"\n"
#define LONG   "logs/pop3-202611210000"

enum { THREADS = 4, FILES = 40, RECORDS = 150 * 1000, RECORDS_FEW = 50, SEEN_MAX = 16 };

static const struct day_range range = {20261115, 20261121};

/* What is to happen while the threads are at work, and who was. */
struct events {
    size_t calls;
    size_t at;            /* the call at which it happens, from 1 */
    const char *truncate; /* a path, or NULL */
    const char *replace;  /* by a FIFO */
    pthread_t seen[SEEN_MAX];
    size_t threads;
};

static int set_up(void **state)
{
    struct bench *bench = bench_new();
    (void)add_log(bench, "pop3", NULL, NULL);
    bench->conf.threads = THREADS;
    *state = bench;
    return 0;
}

static void write_log(const struct bench *bench, const char *name, unsigned records)
{
    struct buffer content = {0};
    for (unsigned i = 0; i < records; i++)
        buffer_add_format(&content, RECORD, i / 256 % 256, i % 256);
    file_write(in(bench, name), content.bytes, content.length);
    buffer_clear(&content);
}

static void write_many(const struct bench *bench)
{
    for (unsigned i = 0; i < FILES; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "logs/pop3-2026112000%02u", i);
        write_log(bench, name, RECORDS_FEW);
    }
}

/* Called by whoever has read something, by one at a time. It takes a while, so that all come. */
static void watch(void *context, uint64_t done, uint64_t total)
{
    struct events *events = context;
    const struct timespec while_others_come = {.tv_nsec = 2 * 1000 * 1000};
    size_t i = 0;
    (void)done, (void)total;
    while (i < events->threads && !pthread_equal(events->seen[i], pthread_self()))
        i++;
    if (i == events->threads && i < SEEN_MAX)
        events->seen[events->threads++] = pthread_self();
    if (events->threads < 2)
        (void)nanosleep(&while_others_come, NULL);
    if (++events->calls != events->at)
        return;
    if (events->truncate)
        assert_int_equal(truncate(events->truncate, 1000 * 1000), 0);
    if (events->replace) {
        assert_int_equal(unlink(events->replace), 0);
        assert_int_equal(mkfifo(events->replace, 0600), 0);
    }
}

static int read_logs(struct bench *bench, struct events *events, struct gathered *gathered)
{
    const struct gather_request request = {.conf = &bench->conf,
                                           .range = range,
                                           .cache = bench->cache,
                                           .keep = true,
                                           .progress = watch,
                                           .context = events};
    return gather(&request, &bench->warnings, gathered, &bench->error);
}

static void assert_all(struct bench *bench, struct events *events, uint64_t records)
{
    struct gathered gathered;
    if (read_logs(bench, events, &gathered) != 1)
        fail_msg("%s", bench->error.text);
    assert_int_equal(gathered.total.records, records);
    assert_true(events->threads >= 2);
    gathered_clear(&gathered);
}

static void several_threads_read_one_file(void **state)
{
    struct bench *bench = *state;
    struct events events = {0};
    write_log(bench, LONG, RECORDS);
    assert_all(bench, &events, RECORDS);
}

static void several_threads_read_many_files(void **state)
{
    struct bench *bench = *state;
    struct events events = {0};
    write_many(bench);
    assert_all(bench, &events, FILES * RECORDS_FEW);
}

static void several_threads_read_one_file_and_many(void **state)
{
    struct bench *bench = *state;
    struct events events = {0};
    write_log(bench, LONG, RECORDS);
    write_many(bench);
    assert_all(bench, &events, RECORDS + FILES * RECORDS_FEW);
}

static void one_of_many_files_fails_and_all_threads_end(void **state)
{
    struct bench *bench = *state;
    struct gathered gathered;
    write_many(bench);
    write_log(bench, LONG, 10);
    struct events events = {.at = 1, .replace = in(bench, LONG)}; /* nobody has begun the last one by then */
    assert_int_equal(read_logs(bench, &events, &gathered), -1);
    assert_non_null(strstr(bench->error.text, LONG));
}

static void a_file_is_cut_while_several_threads_read_it(void **state)
{
    struct bench *bench = *state;
    for (size_t at = 1; at <= 20; at += 6) {
        struct gathered gathered;
        write_log(bench, LONG, RECORDS);
        struct events events = {.at = at, .truncate = in(bench, LONG)};
        if (read_logs(bench, &events, &gathered) != 1)
            fail_msg("%s", bench->error.text);
        assert_true(gathered.total.records < RECORDS);
        gathered_clear(&gathered);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(several_threads_read_one_file),
        TEST(several_threads_read_many_files),
        TEST(several_threads_read_one_file_and_many),
        TEST(one_of_many_files_fails_and_all_threads_end),
        TEST(a_file_is_cut_while_several_threads_read_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
