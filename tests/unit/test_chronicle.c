/* SPDX-License-Identifier: MIT */
/*
 * The records of many files: each once, oldest first, whatever the files hold and whatever happens to them meanwhile.
 *
 * This is linked with --wrap for what allocates and reads, so that the library's calls of them come by here.
 */
#include "support.h"

#include "chronicle.h"
#include "sys.h"

#include <iconv.h>

/* Of converters: which opening fails, from 1, or 0, and how many there were. */
static struct {
    long at;
    long met;
} openings;

static iconv_t open_converter(const char *to, const char *from)
{
    if (++openings.met != openings.at)
        return iconv_open(to, from);
    errno = ENOMEM;
    return (iconv_t)-1;
}

#define iconv_open(to, from) open_converter(to, from)
#include "judge.c"
#undef iconv_open

enum { LOGS_MAX = 3, FD_MAX = 256 };

static const struct day_range range = {20261115, 20261121};

/* --- faults ------------------------------------------------------------------------------------------------------- */

static struct {
    bool begun;      /* calls count */
    long at;         /* which one fails, from 1; 0: none */
    bool and_later;  /* those behind it, too */
    long met;        /* how many there were */
    size_t read_max; /* bytes that a read gives at most; 0: what it is asked for */
    void (*before_read)(const char *directory);
    const char *directory; /* for that */
} allocations, reads;

static bool is_refused(bool reading)
{
    if (reading ? !reads.begun : !allocations.begun)
        return false;
    const long met = reading ? ++reads.met : ++allocations.met;
    const long at = reading ? reads.at : allocations.at;
    return at > 0 && (met == at || (met > at && (reading ? reads.and_later : allocations.and_later)));
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return is_refused(false) ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused(false) ? NULL : __real_calloc(count, size);
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
    return is_refused(false) ? NULL : __real_realloc(old, size);
}

ssize_t __real_sys_pread(int descriptor, void *bytes, size_t length, off_t offset);
ssize_t __wrap_sys_pread(int descriptor, void *bytes, size_t length, off_t offset);
ssize_t __wrap_sys_pread(int descriptor, void *bytes, size_t length, off_t offset)
{
    if (is_refused(true)) {
        errno = EIO;
        return -1;
    }
    if (reads.before_read)
        reads.before_read(reads.directory);
    return __real_sys_pread(descriptor, bytes, reads.read_max > 0 && reads.read_max < length ? reads.read_max : length,
                            offset);
}

/* --- a place for logs --------------------------------------------------------------------------------------------- */

struct bench {
    char directory[SUPPORT_PATH_SIZE];
    struct conf_log logs[LOGS_MAX];
    size_t log_count;
    struct logfiles files;
    struct messages warnings;
    struct buffer told; /* a line of each record that the chronicle gave: "FILE HH:MM:SS" */
    uint64_t timeless;
    size_t opened; /* descriptors, at most */
    struct error error;
};

static size_t count_descriptors(void)
{
    size_t count = 0;
    for (int descriptor = 0; descriptor < FD_MAX; descriptor++)
        count += fcntl(descriptor, F_GETFD) >= 0;
    return count;
}

static void add_log(struct bench *bench, struct log_wish wish, const char *files)
{
    struct conf_log *log = &bench->logs[bench->log_count++];
    const char *const names[] = {files, NULL};
    const char *const directories[] = {bench->directory, NULL};
    *log = log_from(wish);
    strings_drop(log->files);
    strings_drop(log->directories);
    log->files = strings_from(names);
    log->directories = strings_from(directories);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    directory_make(bench->directory);
    add_log(bench, (struct log_wish){.format = "pop3"}, "pop3-*");
    memset(&allocations, 0, sizeof allocations);
    memset(&reads, 0, sizeof reads);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    memset(&allocations, 0, sizeof allocations);
    memset(&reads, 0, sizeof reads);
    for (size_t i = 0; i < bench->log_count; i++)
        log_drop(&bench->logs[i]);
    logfiles_clear(&bench->files);
    messages_clear(&bench->warnings);
    buffer_clear(&bench->told);
    directory_drop(bench->directory);
    free(bench);
    return 0;
}

/* A POP3 record of the user, at this time of the 20th or another day, and its LF. */
#define ON(day, time, user) "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"" day " " time "\"\t\"" user "\"\t\"\"\t\"ELOGIN\"\n"
#define AT(time, user)      ON("2026-11-20", time, user)

static void write_log(const struct bench *bench, const char *name, const char *text)
{
    file_write_text(path_in(bench->directory, name), text);
}

/* A chronicle that reads these logs; or NULL, with the error. */
static struct chronicle *begin(struct bench *bench, struct chronicle_request *request)
{
    logfiles_clear(&bench->files);
    if (logfiles_list(bench->logs, bench->log_count, true, &bench->warnings, &bench->files, &bench->error) < 0)
        fail_msg("%s", bench->error.text);
    *request = (struct chronicle_request){
        .logs = bench->logs, .log_count = bench->log_count, .files = &bench->files, .range = range};
    allocations.begun = reads.begun = true;
    return chronicle_new(request, &bench->error);
}

static void tell(struct bench *bench, const struct chronicle_record *record)
{
    const struct field user = record_field(record->reader, record->view.time + 1);
    buffer_add_format(&bench->told, "%.*s ", (int)user.length, user.text);
    assert_true(record->view.field_count == 1 || memchr(record->line, '\t', record->length));
    if (record->length > 0)
        assert_int_not_equal(record->line[record->length - 1], '\n');
}

/* Reads all. -1: an error. */
static int read_all(struct bench *bench)
{
    struct chronicle_request request;
    struct chronicle_record record;
    uint64_t count = 0;
    bench->told.length = 0;
    struct chronicle *chronicle = begin(bench, &request);
    int result = chronicle ? 1 : -1;
    while (result > 0 && (result = chronicle_next(chronicle, &record, &bench->error)) > 0) {
        allocations.begun = reads.begun = false;
        tell(bench, &record);
        assert_int_equal(chronicle_counts(chronicle).records, ++count);
        const size_t opened = count_descriptors();
        bench->opened = opened > bench->opened ? opened : bench->opened;
        allocations.begun = reads.begun = true;
    }
    allocations.begun = reads.begun = false;
    if (result == 0) {
        assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 0); /* the end stays the end */
        uint64_t sum = 0;
        for (size_t i = 0; i < bench->files.count; i++)
            sum += chronicle_timeless(chronicle, i);
        bench->timeless = chronicle_counts(chronicle).timeless;
        assert_int_equal(sum, bench->timeless);
    }
    chronicle_free(chronicle);
    return result;
}

/* Reads all, as it is and in the smallest portions: these users, and so many lines without a time. */
static void check(struct bench *bench, const char *users, uint64_t timeless)
{
    static const size_t portions[] = {0, 1, 7};
    const size_t before = count_descriptors();
    for (size_t i = 0; i < COUNT_OF(portions); i++) {
        reads.read_max = portions[i];
        if (read_all(bench) < 0)
            fail_msg("%s", bench->error.text);
        if (bench->told.length != strlen(users) || memcmp(bench->told.bytes, users, bench->told.length) != 0)
            fail_msg("\"%.*s\" instead of \"%s\"", (int)bench->told.length, bench->told.bytes, users);
        assert_int_equal(bench->timeless, timeless);
    }
    reads.read_max = 0;
    assert_int_equal(count_descriptors(), before);
}

/* --- order -------------------------------------------------------------------------------------------------------- */

static void records_of_several_files_come_oldest_first(void **state)
{
    struct bench *bench = *state;
    write_log(bench, "pop3-1", AT("10:00:00", "a") AT("10:00:03", "d") AT("10:00:06", "g"));
    write_log(bench, "pop3-2", AT("10:00:01", "b") AT("10:00:04", "e") AT("10:00:07", "h"));
    write_log(bench, "pop3-3", AT("10:00:02", "c") AT("10:00:05", "f") ON("2026-11-21", "00:00:00", "i"));
    check(bench, "a b c d e f g h i ", 0);
    write_log(bench, "pop3-0", ON("2026-11-21", "00:00:01", "j"));
    check(bench, "a b c d e f g h i j ", 0);
}

static void records_of_the_same_second_come_in_the_order_of_the_files(void **state)
{
    struct bench *bench = *state;
    write_log(bench, "pop3-2", AT("10:00:00", "c") AT("10:00:00", "d"));
    write_log(bench, "pop3-1", AT("10:00:00", "a") AT("10:00:00", "b"));
    check(bench, "a b c d ", 0);
}

static void records_of_one_file_keep_their_order_though_their_times_descend(void **state)
{
    struct bench *bench = *state;
    write_log(bench, "pop3-1", AT("10:00:05", "a") AT("09:00:00", "b") AT("10:00:06", "e"));
    write_log(bench, "pop3-2", AT("10:00:05", "c") ON("2026-11-19", "10:00:00", "d"));
    check(bench, "a b c d e ", 0);
}

static void records_of_other_days_are_left_out(void **state)
{
    struct bench *bench = *state;
    write_log(bench, "pop3-1",
              ON("2026-11-14", "23:59:59", "x") ON("2026-11-15", "00:00:00", "a") ON("2026-11-14", "00:00:00", "y")
                  ON("2026-11-15", "00:00:01", "c"));
    write_log(bench, "pop3-2",
              ON("2026-11-15", "00:00:00", "b") ON("2026-11-21", "23:59:59", "d") ON("2026-11-22", "00:00:00", "z"));
    write_log(bench, "pop3-3", ON("2026-11-01", "10:00:00", "z"));
    check(bench, "a b c d ", 0);
    assert_true(bench->opened <= count_descriptors() + 2);
}

static void a_record_without_a_time_of_day_stands_at_the_begin_of_its_day(void **state)
{
    struct bench *bench = *state;
    add_log(bench, (struct log_wish){.format = "event", .unauthorized = "x"}, "event-*");
    write_log(bench, "event-1",
              "\"2026/11/20\"\t\"b\"\t\"::1\"\t\"\"\t\"\"\n\"2026/11/21\"\t\"d\"\t\"::1\"\t\"\"\t\"\"\n");
    write_log(bench, "pop3-1", ON("2026-11-19", "23:59:59", "a") AT("00:00:01", "c"));
    check(bench, "a b c d ", 0);
}

static void a_file_of_two_formats_is_read_as_either(void **state)
{
    struct bench *bench = *state;
    add_log(bench, (struct log_wish){.format = "finger"}, "pop3-*");
    write_log(bench, "pop3-1", AT("10:00:00", "a") AT("10:00:01", "b"));
    write_log(bench, "pop3-2", AT("10:00:01", "c"));
    check(bench, "a a b c b c ", 0);
}

static void files_wait_unopened_for_their_time(void **state)
{
    enum { FILES = 40 };
    struct bench *bench = *state;
    struct buffer expected = {0};
    for (int i = 0; i < FILES; i++) {
        char name[32];
        char text[256];
        (void)snprintf(name, sizeof name, "pop3-%02d", i);
        (void)snprintf(text, sizeof text, AT("10:%02d:00", "%d") AT("10:%02d:30", "%d"), i, i, i, i);
        write_log(bench, name, text);
        buffer_add_format(&expected, "%d %d ", i, i);
    }
    buffer_add(&expected, "", 1);
    check(bench, expected.bytes, 0);
    assert_true(bench->opened <= count_descriptors() + 2);
    buffer_clear(&expected);
}

enum { MANY = CHRONICLE_DESCRIPTORS_MAX + 20 };

/* Files of the same two moments, more than are kept open. */
static void write_many(const struct bench *bench)
{
    for (int i = 0; i < MANY; i++) {
        char name[32];
        char text[512];
        (void)snprintf(name, sizeof name, "pop3-%03d", i);
        (void)snprintf(text, sizeof text, AT("10:00:00", "%d") AT("10:00:01", "%d"), i, i + MANY);
        write_log(bench, name, text);
    }
}

static void of_files_of_the_same_time_few_are_open_at_once(void **state)
{
    struct bench *bench = *state;
    struct buffer expected = {0};
    write_many(bench);
    for (int i = 0; i < 2 * MANY; i++)
        buffer_add_format(&expected, "%d ", i);
    buffer_add(&expected, "", 1);
    check(bench, expected.bytes, 0);
    assert_true(bench->opened <= count_descriptors() + CHRONICLE_DESCRIPTORS_MAX + 1);
    buffer_clear(&expected);
}

/* Of files that aren't kept open another one might go on with a record that the first one has begun. */
static void no_record_is_put_together_from_two_files(void **state)
{
    struct bench *bench = *state;
    struct chronicle_request request;
    struct chronicle_record record;
    write_many(bench);
    const char *last = path_in(bench->directory, "pop3-119");
    reads.read_max = strlen(AT("10:00:00", "119")) + 10;
    struct chronicle *chronicle = begin(bench, &request);
    assert_non_null(chronicle);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 1);
    assert_string_equal(record.file->path, last);
    assert_int_equal(rename(last, path_in(bench->directory, "gone")), 0);
    write_log(bench, "pop3-119", AT("10:00:00", "119") AT("10:00:01", "new"));
    for (int i = 0; i < MANY - 1; i++) {
        assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 1);
        assert_string_not_equal(record.file->path, last);
    }
    assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 0);
    chronicle_free(chronicle);
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static void a_last_line_without_its_end_is_left_out(void **state)
{
    struct bench *bench = *state;
    write_log(bench, "pop3-1", AT("10:00:00", "a") "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 10:00:01\"\t\"b\"");
    write_log(bench, "pop3-2", "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 10:00:01\"\t\"c\"");
    write_log(bench, "pop3-3", "");
    check(bench, "a ", 0);
}

static void lines_without_a_time_are_counted_wherever_they_stand(void **state)
{
    struct bench *bench = *state;
    write_log(bench, "pop3-1", "\nhello\n" AT("10:00:00", "a") "\r\nhello\n" AT("10:00:01", "b") "\t\t\n");
    write_log(bench, "pop3-2", "hello\n" ON("2026-11-01", "10:00:00", "x") "\"2026-11-20\"\n");
    check(bench, "a b ", 7);
}

static void line_ends_of_windows_and_nuls_do_no_harm(void **state)
{
    static const char text[] = "\"mx\"\t\"d\0\"\t\"192.0.2.1\"\t\"2026-11-20 10:00:00\"\t\"a\"\t\"\0\"\t\"ELOGIN\"\r\n"
                               "\0\0\n\r\n\n";
    struct bench *bench = *state;
    file_write(path_in(bench->directory, "pop3-1"), BYTES(text));
    check(bench, "a ", 3);
}

/* A status with a second CR is another status. */
static void no_more_than_one_carriage_return_is_dropped(void **state)
{
    static const char *const ends[] = {"\n", "\r\n", "\r\r\n"};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct chronicle_request request;
        struct chronicle_record record;
        char text[256];
        (void)snprintf(text, sizeof text, "%.*s%s", (int)strlen(AT("10:00:00", "a")) - 1, AT("10:00:00", "a"), ends[i]);
        write_log(bench, "pop3-1", text);
        struct chronicle *chronicle = begin(bench, &request);
        assert_non_null(chronicle);
        assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 1);
        assert_int_equal(record.view.record.verdict, i < 2 ? VERDICT_UNAUTHORIZED : 0);
        assert_int_equal(record.length, strlen(AT("10:00:00", "a")) - 1 + (i == 2));
        chronicle_free(chronicle);
    }
}

static void a_record_of_the_greatest_length_is_given_and_a_longer_one_left_out(void **state)
{
    static const char head[] = "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 10:00:01\"\t\"b\"\t\"";
    static const char tail[] = "\"\t\"ELOGIN\"\n";
    static const size_t more[] = {0, 1, 2, 64 * 1024, 1024 * 1024};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(more); i++) {
        struct buffer text = {0};
        buffer_add_text(&text, AT("10:00:00", "a"));
        const size_t begin_of_line = text.length;
        buffer_add_text(&text, head);
        while (text.length + sizeof tail - 1 < begin_of_line + RECORD_LENGTH_MAX + 1 + more[i])
            buffer_add(&text, "x", 1);
        buffer_add_text(&text, tail);
        buffer_add_text(&text, AT("10:00:02", "c"));
        file_write(path_in(bench->directory, "pop3-1"), text.bytes, text.length);
        file_write(path_in(bench->directory, "pop3-2"), text.bytes + begin_of_line, text.length - begin_of_line);
        const size_t portions[] = {0, 4096, 100 * 1000};
        for (size_t portion = 0; portion < COUNT_OF(portions); portion++) {
            reads.read_max = portions[portion];
            assert_int_equal(read_all(bench), 0);
            const char *expected = more[i] == 0 ? "a b b c c " : "a c c ";
            if (bench->told.length != strlen(expected) || memcmp(bench->told.bytes, expected, bench->told.length) != 0)
                fail_msg("%zu more: %.*s", more[i], (int)bench->told.length, bench->told.bytes);
            assert_int_equal(bench->timeless, more[i] == 0 ? 0 : 2);
        }
        buffer_clear(&text);
    }
}

/* --- what happens meanwhile --------------------------------------------------------------------------------------- */

static void remove_second(const char *directory)
{
    (void)unlink(path_in(directory, "pop3-2"));
}

static void empty_second(const char *directory)
{
    (void)truncate(path_in(directory, "pop3-2"), 0);
}

static void replace_second(const char *directory)
{
    file_write_text(path_in(directory, "pop3-2"), "short\n" AT("10:00:09", "new"));
}

static void nothing_that_happens_to_a_file_does_harm(void **state)
{
    static void (*const happenings[])(const char *directory) = {remove_second, empty_second, replace_second};
    struct bench *bench = *state;
    const size_t before = count_descriptors();
    for (size_t i = 0; i < COUNT_OF(happenings); i++) {
        for (long when = 1; when <= 6; when++) {
            struct chronicle_request request;
            struct chronicle_record record;
            write_log(bench, "pop3-1", AT("10:00:00", "a") AT("10:00:05", "b"));
            write_log(bench, "pop3-2", ON("2026-11-01", "10:00:00", "x") AT("10:00:01", "c") AT("10:00:02", "d"));
            write_log(bench, "pop3-3", AT("10:00:06", "e"));
            struct chronicle *chronicle = begin(bench, &request);
            assert_non_null(chronicle);
            int result = 1;
            for (long step = 1; result > 0; step++) {
                if (step == when)
                    happenings[i](bench->directory);
                result = chronicle_next(chronicle, &record, &bench->error);
                if (step == 1)
                    assert_memory_equal(record_field(record.reader, 4).text, "a", 1);
            }
            assert_int_equal(result, 0);
            assert_in_range(chronicle_counts(chronicle).records, 3, 5);
            chronicle_free(chronicle);
        }
        reads.before_read = happenings[i]; /* at any time */
        reads.directory = bench->directory;
        write_log(bench, "pop3-2", AT("10:00:01", "c"));
        assert_int_equal(read_all(bench), 0);
        reads.before_read = NULL;
    }
    assert_int_equal(count_descriptors(), before);
}

static void a_file_that_is_gone_before_it_is_read_is_left_out(void **state)
{
    struct bench *bench = *state;
    struct chronicle_request request;
    struct chronicle_record record;
    write_log(bench, "pop3-1", AT("10:00:00", "a"));
    write_log(bench, "pop3-2", AT("10:00:01", "b"));
    assert_int_equal(logfiles_list(bench->logs, 1, true, &bench->warnings, &bench->files, &bench->error), 1);
    remove_second(bench->directory);
    request = (struct chronicle_request){.logs = bench->logs, .log_count = 1, .files = &bench->files, .range = range};
    struct chronicle *chronicle = chronicle_new(&request, &bench->error);
    assert_non_null(chronicle);
    assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 1);
    assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 0);
    chronicle_free(chronicle);
}

static void what_is_appended_meanwhile_is_read_too(void **state)
{
    struct bench *bench = *state;
    struct chronicle_request request;
    struct chronicle_record record;
    write_log(bench, "pop3-1", AT("10:00:00", "a") "\"mx\"\t\"d\"\t\"192.0.2.1\"\t");
    struct chronicle *chronicle = begin(bench, &request);
    assert_non_null(chronicle);
    write_log(bench, "pop3-1", AT("10:00:00", "a") AT("10:00:01", "b"));
    assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 1);
    assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 1);
    assert_memory_equal(record_field(record.reader, 4).text, "b", 1);
    assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 0);
    chronicle_free(chronicle);
}

static void a_fifo_in_the_place_of_a_file_is_an_error(void **state)
{
    struct bench *bench = *state;
    struct chronicle_request request;
    struct chronicle_record record;
    write_log(bench, "pop3-1", AT("10:00:00", "a"));
    write_log(bench, "pop3-2", AT("10:00:01", "b"));
    struct chronicle *chronicle = begin(bench, &request);
    assert_non_null(chronicle);
    remove_second(bench->directory);
    assert_int_equal(mkfifo(path_in(bench->directory, "pop3-2"), 0600), 0);
    assert_int_equal(chronicle_next(chronicle, &record, &bench->error), 1);
    assert_int_equal(chronicle_next(chronicle, &record, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "pop3-2"));
    chronicle_free(chronicle);
}

/* --- faults ------------------------------------------------------------------------------------------------------- */

static void write_long_log(const struct bench *bench)
{
    struct buffer text = {0};
    buffer_add_text(&text, AT("10:00:00", "a"));
    while (text.length < 200 * 1000)
        buffer_add(&text, "x", 1);
    buffer_add_text(&text, "\n" AT("10:00:02", "b"));
    file_write(path_in(bench->directory, "pop3-1"), text.bytes, text.length);
    buffer_clear(&text);
    write_log(bench, "pop3-2", AT("10:00:01", "c") AT("10:00:03", "d"));
}

static void a_fault_of_reading_is_an_error_whichever_read_it_is(void **state)
{
    struct bench *bench = *state;
    const size_t before = count_descriptors();
    write_long_log(bench);
    for (reads.at = 1;; reads.at++) {
        reads.met = 0;
        const int result = read_all(bench);
        if (reads.met < reads.at)
            break;
        assert_int_equal(result, -1);
        assert_non_null(strstr(bench->error.text, bench->directory));
        assert_non_null(strstr(bench->error.text, strerror(EIO)));
        assert_int_equal(count_descriptors(), before);
    }
    assert_true(reads.at > 8);
}

static void memory_that_runs_out_is_an_error_whichever_allocation_it_is(void **state)
{
    struct bench *bench = *state;
    const size_t before = count_descriptors();
    write_long_log(bench);
    for (int way = 0; way < 2; way++) {
        allocations.and_later = way > 0;
        for (allocations.at = 1;; allocations.at++) {
            allocations.met = 0;
            const int result = read_all(bench);
            if (allocations.met < allocations.at) {
                assert_int_equal(result, 0);
                assert_string_equal((buffer_add(&bench->told, "", 1), bench->told.bytes), "a c b d ");
                break;
            }
            assert_int_equal(result, -1);
            assert_non_null(strstr(bench->error.text, "out of memory"));
            assert_int_equal(count_descriptors(), before);
        }
        assert_true(allocations.at > 8);
    }
}

/* Of an encoding whose converter is opened anew for each status that isn't ASCII, and too long to be remembered. */
#define LONG(time) "\"2026-11-20 " time "\"\t\"\xd8 of a status that is not remembered\"\t\"f\"\t\"t\"\t\"192.0.2.1\"\n"

static void a_converter_that_cannot_be_had_is_an_error_whichever_opening_it_is(void **state)
{
    struct bench *bench = *state;
    add_log(bench, (struct log_wish){.format = "xmailcfg-filter", .encoding = "UTF-16"}, "filter-*");
    write_log(bench, "filter-1", LONG("10:00:00") LONG("10:00:02"));
    write_log(bench, "filter-2", LONG("10:00:01") LONG("10:00:03"));
    for (openings.at = 1;; openings.at++) {
        openings.met = 0;
        const int result = read_all(bench);
        if (openings.met < openings.at)
            break;
        assert_int_equal(result, -1);
        if (!strstr(bench->error.text, "memory"))
            fail_msg("opening %ld: %s", openings.at, bench->error.text);
    }
    assert_true(openings.at > 8);
    openings.at = 0;
}

/* --- progress ----------------------------------------------------------------------------------------------------- */

struct seen {
    uint64_t calls, done, total;
};

static void see(void *context, uint64_t done, uint64_t total)
{
    struct seen *seen = context;
    assert_true(done >= seen->done && done <= total);
    *seen = (struct seen){seen->calls + 1, done, total};
}

static void progress_never_goes_back_and_comes_to_the_end(void **state)
{
    struct bench *bench = *state;
    struct chronicle_record record;
    struct seen seen = {0};
    write_long_log(bench);
    write_log(bench, "pop3-3", ON("2026-11-01", "10:00:00", "x"));
    assert_int_equal(logfiles_list(bench->logs, 1, true, &bench->warnings, &bench->files, &bench->error), 1);
    const struct chronicle_request request = {
        .logs = bench->logs, .log_count = 1, .files = &bench->files, .range = range, .progress = see, .context = &seen};
    struct chronicle *chronicle = chronicle_new(&request, &bench->error);
    assert_non_null(chronicle);
    assert_true(seen.calls > 0);
    while (chronicle_next(chronicle, &record, &bench->error) > 0)
        continue;
    assert_true(seen.done * 10 >= seen.total * 9);
    chronicle_free(chronicle);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(records_of_several_files_come_oldest_first),
        TEST(records_of_the_same_second_come_in_the_order_of_the_files),
        TEST(records_of_one_file_keep_their_order_though_their_times_descend),
        TEST(records_of_other_days_are_left_out),
        TEST(a_record_without_a_time_of_day_stands_at_the_begin_of_its_day),
        TEST(a_file_of_two_formats_is_read_as_either),
        TEST(files_wait_unopened_for_their_time),
        TEST(of_files_of_the_same_time_few_are_open_at_once),
        TEST(no_record_is_put_together_from_two_files),
        TEST(a_last_line_without_its_end_is_left_out),
        TEST(lines_without_a_time_are_counted_wherever_they_stand),
        TEST(line_ends_of_windows_and_nuls_do_no_harm),
        TEST(no_more_than_one_carriage_return_is_dropped),
        TEST(a_record_of_the_greatest_length_is_given_and_a_longer_one_left_out),
        TEST(nothing_that_happens_to_a_file_does_harm),
        TEST(a_file_that_is_gone_before_it_is_read_is_left_out),
        TEST(what_is_appended_meanwhile_is_read_too),
        TEST(a_fifo_in_the_place_of_a_file_is_an_error),
        TEST(a_fault_of_reading_is_an_error_whichever_read_it_is),
        TEST(memory_that_runs_out_is_an_error_whichever_allocation_it_is),
        TEST(a_converter_that_cannot_be_had_is_an_error_whichever_opening_it_is),
        TEST(progress_never_goes_back_and_comes_to_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
