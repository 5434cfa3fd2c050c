/* SPDX-License-Identifier: MIT */
/* Parts of the cache: what was written is found again, and anything odd means that there is none. */
#include "support.h"

#include "cache.h"
#include "cachefile.h"
#include "digest.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#define TEMPORARY ".xmail-spammers.tmp"
#define PART      "smtp-801-1f2e"

enum { DAY = 20261120, SETTINGS = 77, DEVICE = 0x801, INODE = 0x1f2e, SOMEBODY = 12345 };

static const struct identity log_file = {DEVICE, INODE, 1000000, 5, 6};

/* The C library's, for the whole program: nothing here may sync. */
static size_t syncs;
int fsync(int descriptor)
{
    (void)descriptor;
    syncs++;
    return 0;
}

static int set_up(void **state)
{
    syncs = 0;
    return file_bench_set_up(state, "cache", "UTC0"); /* bench->path is the cache's directory, which isn't there yet */
}

static int tear_down(void **state)
{
    assert_int_equal(syncs, 0);
    return file_bench_tear_down(state);
}

enum { NOBODY = 65534 };

static const char *in(const struct file_bench *bench, const char *name)
{
    char inner[SUPPORT_PATH_SIZE];
    (void)snprintf(inner, sizeof inner, "cache/%s", name);
    return path_in(bench->directory, inner);
}

static void fill(struct tally *tally, uint32_t hosts)
{
    struct tally_day *day = tally_day(tally, DAY);
    assert_non_null(day);
    for (uint32_t i = 0; i < hosts; i++)
        assert_true(tally_add(tally, day, address_from_ipv4(i * 2654435761U),
                              (struct counts){.unauthorized = i % 4 != 0, .logins = i % 4 == 0}));
    day->records = hosts;
    tally->records = hosts + 1;
}

static struct cache_mark mark_of(const struct identity *file)
{
    return (struct cache_mark){.identity = *file,
                               .offset = file->size - 1,
                               .fingerprint = {UINT64_C(0x123456789abcdef0), 42},
                               .fresh = true,
                               .first_day = DAY - 5,
                               .left_out = DAY + 7};
}

/* A part of so many hosts, in memory. */
static void make(uint32_t hosts, struct buffer *bytes)
{
    struct tally tally = {0};
    fill(&tally, hosts);
    cache_begin(bytes);
    assert_int_equal(bytes->length, CACHE_HEAD);
    assert_true(ledger_write(&tally, bytes));
    tally_clear(&tally);
}

static void write_part(struct file_bench *bench, const char *format, const struct identity *file, uint32_t hosts)
{
    struct buffer bytes = {0};
    const struct cache_mark mark = mark_of(file);
    make(hosts, &bytes);
    if (cache_write(bench->path, format, SETTINGS, &mark, &bytes, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
    buffer_clear(&bytes);
}

static bool has_part(const struct file_bench *bench, const char *format, uint64_t settings, const struct identity *file)
{
    struct cache_part part;
    memset(&part, 0xff, sizeof part);
    int result = cache_read(bench->path, format, settings, file, &part);
    assert_true(result == 1 || result == 0);
    if (result == 0)
        assert_true(!part.bytes.bytes && part.bytes.length == 0); /* nothing to clear */
    cache_part_clear(&part);
    return result == 1;
}

static bool has_it(const struct file_bench *bench)
{
    return has_part(bench, "smtp", SETTINGS, &log_file);
}

/* --- written and read --------------------------------------------------------------------------------------------- */

static void a_part_is_read_as_it_was_written(void **state)
{
    static const uint32_t sizes[] = {0, 1, 2, 1000};
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct buffer bytes = {0};
        struct cache_part part;
        struct cache_mark mark = mark_of(&log_file);
        mark.fresh = i % 2;
        make(sizes[i], &bytes);
        const char *before = bytes.bytes;
        const size_t length = bytes.length;
        assert_int_equal(cache_write(bench->path, "smtp", SETTINGS, &mark, &bytes, &bench->error), 1);
        assert_ptr_equal(bytes.bytes, before); /* a ledger in it stays where it is */
        assert_int_equal(bytes.length, length);
        assert_int_equal(directory_count(bench->path), 1);
        assert_file_is(in(bench, PART), bytes.bytes, bytes.length);
        assert_int_equal(cache_read(bench->path, "smtp", SETTINGS, &log_file, &part), 1);
        assert_true(identity_equal(&part.mark.identity, &log_file));
        assert_int_equal(part.mark.offset, log_file.size - 1);
        assert_int_equal(part.mark.fingerprint.beginning, UINT64_C(0x123456789abcdef0));
        assert_int_equal(part.mark.fingerprint.end, 42);
        assert_int_equal(part.mark.fresh, i % 2);
        assert_int_equal(part.mark.first_day, DAY - 5);
        assert_int_equal(part.mark.left_out, DAY + 7);
        assert_int_equal(part.ledger.head->records, sizes[i] + 1);
        assert_int_equal(part.ledger.days[0].records, sizes[i]);
        assert_int_equal((uintptr_t)part.ledger.head % 8, 0);
        assert_int_equal(part.bytes.length, length);
        assert_memory_equal(part.ledger.head, bytes.bytes + CACHE_HEAD, length - CACHE_HEAD);
        cache_part_clear(&part);
        assert_null(part.bytes.bytes);
        buffer_clear(&bytes);
    }
}

static void a_part_is_small(void **state)
{
    struct file_bench *bench = *state;
    struct stat status;
    write_part(bench, "smtp", &log_file, 1000);
    assert_int_equal(stat(in(bench, PART), &status), 0);
    assert_true(status.st_size <= 1000 * 40);
}

static void a_very_large_part_is_written_and_read(void **state)
{
    enum { HOSTS = 1000000 };
    struct file_bench *bench = *state;
    struct cache_part part;
    struct identity file = log_file;
    file.size = 100 * HOSTS;
    write_part(bench, "smtp", &file, HOSTS);
    assert_int_equal(cache_read(bench->path, "smtp", SETTINGS, &file, &part), 1);
    assert_int_equal(part.ledger.days[0].ipv4_count + part.ledger.days[0].host_count, HOSTS);
    cache_part_clear(&part);
}

static void nobody_else_can_read_it(void **state)
{
    static const mode_t masks[] = {0, 022, 077};
    struct file_bench *bench = *state;
    struct stat status;
    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        (void)umask(masks[i]);
        write_part(bench, "smtp", &log_file, 3);
        assert_int_equal(stat(bench->path, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0700);
        assert_int_equal(stat(in(bench, PART), &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        directory_drop(bench->path);
    }
}

static void it_belongs_to_the_owner_of_the_directory_around(void **state)
{
    struct file_bench *bench = *state;
    struct stat status;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(bench->directory, SOMEBODY, SOMEBODY), 0);
    write_part(bench, "smtp", &log_file, 3);
    assert_int_equal(stat(bench->path, &status), 0);
    assert_true(status.st_uid == SOMEBODY && status.st_gid == SOMEBODY);
    assert_int_equal(stat(in(bench, PART), &status), 0);
    assert_true(status.st_uid == SOMEBODY && status.st_gid == SOMEBODY);
    assert_true(has_it(bench));
}

static void each_log_file_and_format_has_its_own_part(void **state)
{
    struct file_bench *bench = *state;
    struct identity other_inode = log_file;
    struct identity other_device = log_file;
    struct identity grown = log_file;
    other_inode.inode++;
    other_device.device = UINT64_MAX;
    grown.size += 1000;
    grown.written++;
    grown.changed++;
    write_part(bench, "smtp", &log_file, 3);
    assert_true(has_it(bench));
    assert_true(has_part(bench, "smtp", SETTINGS, &grown)); /* what that means is told by the mark */
    assert_false(has_part(bench, "smtp", SETTINGS + 1, &log_file));
    assert_false(has_part(bench, "pop3", SETTINGS, &log_file));
    assert_false(has_part(bench, "smtp", SETTINGS, &other_inode));
    assert_false(has_part(bench, "smtp", SETTINGS, &other_device));
    write_part(bench, "pop3", &log_file, 3);
    write_part(bench, "xmailcfg-filter", &log_file, 3);
    write_part(bench, "smtp", &other_inode, 3);
    write_part(bench, "smtp", &other_device, 3);
    assert_int_equal(directory_count(bench->path), 5);
    assert_true(file_exists(in(bench, "pop3-801-1f2e")));
    assert_true(file_exists(in(bench, "xmailcfg-filter-801-1f2e")));
    assert_true(file_exists(in(bench, "smtp-801-1f2f")));
    assert_true(file_exists(in(bench, "smtp-ffffffffffffffff-1f2e")));
    assert_true(has_it(bench) && has_part(bench, "pop3", SETTINGS, &log_file) &&
                has_part(bench, "xmailcfg-filter", SETTINGS, &log_file) &&
                has_part(bench, "smtp", SETTINGS, &other_inode) && has_part(bench, "smtp", SETTINGS, &other_device));
}

static void a_part_under_the_name_of_another_is_none(void **state)
{
    static const struct {
        const char *format;
        struct identity file;
        const char *name;
    } rows[] = {{"pop3", {DEVICE, INODE, 1000, 5, 6}, "pop3-801-1f2e"},
                {"smtp", {DEVICE, 1, 1000, 5, 6}, "smtp-801-1"},
                {"smtp", {1, INODE, 1000, 5, 6}, "smtp-1-1f2e"}};
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        write_part(bench, "smtp", &log_file, 3);
        assert_int_equal(rename(in(bench, PART), in(bench, rows[i].name)), 0);
        assert_false(has_part(bench, rows[i].format, SETTINGS, &rows[i].file));
    }
}

static void what_is_missing_is_no_part(void **state)
{
    struct file_bench *bench = *state;
    char long_name[PATH_MAX + 10];
    struct cache_part part;
    assert_false(has_it(bench)); /* no directory */
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_false(has_it(bench)); /* no file */
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_int_equal(cache_read(long_name, "smtp", SETTINGS, &log_file, &part), 0);
    cache_part_clear(&part);
}

/* --- damage ------------------------------------------------------------------------------------------------------- */

static void any_damaged_byte_makes_it_none(void **state)
{
    struct file_bench *bench = *state;
    struct buffer bytes = {0};
    write_part(bench, "smtp", &log_file, 20);
    assert_true(file_read(in(bench, PART), &bytes));
    for (size_t i = 0; i < bytes.length; i++) {
        static const unsigned char changes[] = {1, 0x80, 0xff};
        for (size_t n = 0; n < COUNT_OF(changes); n++) {
            bytes.bytes[i] = (char)(bytes.bytes[i] ^ changes[n]);
            file_write(in(bench, PART), bytes.bytes, bytes.length);
            if (has_it(bench))
                fail_msg("byte %zu", i);
            bytes.bytes[i] = (char)(bytes.bytes[i] ^ changes[n]);
        }
    }
    file_write(in(bench, PART), bytes.bytes, bytes.length);
    assert_true(has_it(bench));
    buffer_clear(&bytes);
}

static void a_part_that_is_cut_or_longer_is_none(void **state)
{
    struct file_bench *bench = *state;
    struct buffer bytes = {0};
    write_part(bench, "smtp", &log_file, 20);
    assert_true(file_read(in(bench, PART), &bytes));
    size_t whole = bytes.length;
    for (size_t more = 0; more < 100; more++)
        buffer_add(&bytes, "", 1);
    for (size_t length = 0; length <= bytes.length; length++) {
        file_write(in(bench, PART), bytes.bytes, length);
        if (has_it(bench) != (length == whole))
            fail_msg("length %zu", length);
    }
    buffer_clear(&bytes);
}

/* Where what stands in a part, and the digest: of all behind it in the head, and then of the rest. */
enum {
    AT_DIGEST = 8,
    AT_VERSION = 16,
    AT_ORDER = 20,
    AT_KIND = 24,
    AT_LENGTH = 32,
    AT_FORMAT = 40,
    AT_SETTINGS = 64,
    AT_IDENTITY = 72,
    AT_SIZE = 88,
    AT_OFFSET = 112,
    AT_FRESH = 136,
    AT_FIRST_DAY = 140,
};

static void repair_digest(struct buffer *bytes)
{
    uint64_t sum = digest(DIGEST_BEGIN, bytes->bytes + AT_VERSION, CACHEFILE_HEAD - AT_VERSION);
    sum = digest(sum, bytes->bytes + CACHEFILE_HEAD, bytes->length - CACHEFILE_HEAD);
    memcpy(bytes->bytes + AT_DIGEST, &sum, sizeof sum);
}

static void whoever_repairs_the_digest_must_get_the_rest_right(void **state)
{
    static const struct {
        size_t at;
        size_t size;
        uint64_t number;
        bool right;
    } rows[] = {{AT_VERSION, 4, CACHEFILE_VERSION, true},
                {AT_VERSION, 4, CACHEFILE_VERSION + 1, false},
                {AT_VERSION, 4, CACHEFILE_VERSION - 1, false},
                {AT_ORDER, 4, 0x01020304, true},
                {AT_ORDER, 4, 0x04030201, false},
                {AT_KIND, 4, CACHEFILE_PART, true},
                {AT_KIND, 4, CACHEFILE_BALANCE, false},
                {AT_KIND + 4, 4, 1, false},
                {AT_LENGTH, 8, 0, false},
                {AT_LENGTH, 8, UINT64_MAX, false},
                {AT_FORMAT, 8, 0, false},
                {AT_FORMAT + 16, 8, 1, false},
                {AT_SETTINGS, 8, SETTINGS, true},
                {AT_SETTINGS, 8, SETTINGS + 1, false},
                {AT_IDENTITY, 8, DEVICE, true},
                {AT_IDENTITY, 8, DEVICE + 1, false},
                {AT_IDENTITY + 8, 8, INODE + 1, false},
                {AT_SIZE, 8, 999999, true}, /* the offset */
                {AT_SIZE, 8, 999998, false},
                {AT_OFFSET, 8, 1000000, true},
                {AT_OFFSET, 8, 1000001, false},
                {AT_OFFSET, 8, UINT64_MAX, false},
                {AT_FRESH, 4, 0, true},
                {AT_FRESH, 4, 2, false},
                {AT_FRESH, 4, UINT32_MAX, false},
                {AT_FIRST_DAY, 4, 0, true},
                {CACHE_HEAD + 16, 8, 0, false}, /* the ledger's number of days */
                {CACHE_HEAD + 16, 8, 2, false},
                {CACHE_HEAD + 16, 8, UINT64_MAX, false}};
    struct file_bench *bench = *state;
    struct buffer bytes = {0};
    write_part(bench, "smtp", &log_file, 20);
    assert_true(file_read(in(bench, PART), &bytes));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t kept;
        const uint32_t small = (uint32_t)rows[i].number;
        char *at = bytes.bytes + rows[i].at;
        memcpy(&kept, at, rows[i].size);
        memcpy(at, rows[i].size == sizeof small ? (const void *)&small : &rows[i].number, rows[i].size);
        repair_digest(&bytes);
        file_write(in(bench, PART), bytes.bytes, bytes.length);
        if (has_it(bench) != rows[i].right)
            fail_msg("row %zu", i);
        memcpy(at, &kept, rows[i].size);
    }
    buffer_clear(&bytes);
}

static void a_whole_file_that_is_too_short_for_a_part_is_none(void **state)
{
    struct file_bench *bench = *state;
    struct buffer part = {0};
    make(0, &part);
    for (size_t length = CACHEFILE_HEAD; length < CACHE_HEAD + sizeof(struct ledger_head); length++) {
        struct buffer bytes = {0};
        buffer_add(&bytes, part.bytes, length);
        assert_int_equal(cachefile_write(bench->path, PART, CACHEFILE_PART, &bytes, &bench->error), 1);
        assert_false(has_it(bench));
        buffer_clear(&bytes);
    }
    buffer_clear(&part);
}

static void what_is_no_regular_file_is_no_part(void **state)
{
    struct file_bench *bench = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    write_part(bench, "smtp", &log_file, 3);
    assert_int_equal(rename(in(bench, PART), in(bench, "elsewhere")), 0);
    assert_int_equal(symlink("elsewhere", in(bench, PART)), 0);
    assert_false(has_it(bench));
    assert_int_equal(unlink(in(bench, PART)), 0);
    assert_int_equal(link(in(bench, "elsewhere"), in(bench, PART)), 0); /* a second name is no matter */
    assert_true(has_it(bench));
    assert_int_equal(unlink(in(bench, PART)), 0);
    assert_int_equal(mkfifo(in(bench, PART), 0600), 0); /* nobody writes into it */
    assert_false(has_it(bench));
    assert_int_equal(unlink(in(bench, PART)), 0);
    assert_int_equal(mkdir(in(bench, PART), 0700), 0);
    assert_false(has_it(bench));
    assert_int_equal(rmdir(in(bench, PART)), 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", in(bench, PART));
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(descriptor, (const struct sockaddr *)&address, sizeof address), 0);
    assert_false(has_it(bench));
    (void)close(descriptor);
}

static void a_file_without_permission_is_no_part(void **state)
{
    struct file_bench *bench = *state;
    const uid_t user = geteuid();
    write_part(bench, "smtp", &log_file, 3);
    assert_int_equal(chmod(in(bench, PART), 0), 0);
    if (user == 0) { /* who may read it all the same */
        assert_int_equal(chmod(bench->directory, 0755), 0);
        assert_int_equal(chmod(path_in(bench->directory, "cache"), 0755), 0);
        assert_int_equal(seteuid(NOBODY), 0);
    }
    const bool has = has_it(bench);
    assert_int_equal(seteuid(user), 0);
    assert_false(has);
}

static void a_huge_file_is_not_even_read(void **state)
{
    struct file_bench *bench = *state;
    struct identity small = log_file;
    write_part(bench, "smtp", &log_file, 3);
    assert_int_equal(truncate(in(bench, PART), (off_t)1 << 40), 0); /* with a hole; no machine has so much memory */
    assert_false(has_it(bench));
    /* What a log file can come to is enough; more isn't of that file. */
    write_part(bench, "smtp", &log_file, 20000);
    assert_true(has_it(bench));
    small.size = 1000;
    assert_false(has_part(bench, "smtp", SETTINGS, &small));
}

/* --- writing that fails ------------------------------------------------------------------------------------------- */

static void assert_not_written(struct file_bench *bench, const char *object)
{
    struct buffer bytes = {0};
    const struct cache_mark mark = mark_of(&log_file);
    make(5, &bytes);
    assert_int_equal(cache_write(bench->path, "smtp", SETTINGS, &mark, &bytes, &bench->error), -1);
    if (!strstr(bench->error.text, object))
        fail_msg("%s", bench->error.text);
    buffer_clear(&bytes);
}

static void without_room_the_old_part_stays_and_nothing_else(void **state)
{
    struct file_bench *bench = *state;
    struct rlimit kept;
    write_part(bench, "smtp", &log_file, 3);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &kept), 0);
    const struct rlimit little = {100, kept.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    assert_not_written(bench, PART TEMPORARY);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &kept), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(directory_count(bench->path), 1);
    assert_true(has_it(bench));
}

static void without_memory_nothing_is_written(void **state)
{
    struct file_bench *bench = *state;
    struct buffer bytes = {.failed = true};
    const struct cache_mark mark = mark_of(&log_file);
    cache_begin(&bytes);
    assert_int_equal(cache_write(bench->path, "smtp", SETTINGS, &mark, &bytes, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "out of memory"));
    assert_int_equal(cachefile_write(bench->path, PART, CACHEFILE_PART, &bytes, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "out of memory"));
    assert_false(file_exists(bench->path));
}

static void a_name_that_is_too_long_is_an_error(void **state)
{
    struct file_bench *bench = *state;
    struct buffer bytes = {0};
    char name[PATH_MAX];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    cachefile_begin(&bytes);
    assert_int_equal(cachefile_write(bench->path, name, CACHEFILE_PART, &bytes, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, strerror(ENAMETOOLONG)));
    buffer_clear(&bytes);
}

static void where_no_directory_can_be_made_nothing_is_written(void **state)
{
    struct file_bench *bench = *state;
    char kept[sizeof bench->path];
    file_write_text(bench->path, "not a directory");
    assert_not_written(bench, bench->path);
    assert_false(has_it(bench));
    assert_file_is(bench->path, BYTES("not a directory"));
    assert_int_equal(unlink(bench->path), 0);
    memcpy(kept, bench->path, sizeof kept);
    (void)snprintf(bench->path, sizeof bench->path, "%s/none/cache", bench->directory); /* only the last one is made */
    assert_not_written(bench, "/none");
    memset(bench->path, 'x', sizeof bench->path - 1);
    assert_not_written(bench, "xxx");
    memcpy(bench->path, kept, sizeof kept);
    assert_int_equal(directory_count(bench->directory), 0);
}

static void what_stands_in_its_place_is_replaced_or_stays_whole(void **state)
{
    struct file_bench *bench = *state;
    assert_int_equal(mkdir(bench->path, 0755), 0);
    assert_int_equal(mkdir(in(bench, PART), 0700), 0);
    assert_not_written(bench, PART);
    assert_int_equal(directory_count(bench->path), 1);
    assert_int_equal(rmdir(in(bench, PART)), 0);
    file_write_text(in(bench, "victim"), "precious");
    assert_int_equal(symlink("victim", in(bench, PART)), 0);
    assert_int_equal(symlink("victim", in(bench, PART TEMPORARY)), 0);
    write_part(bench, "smtp", &log_file, 3);
    assert_true(has_it(bench));
    assert_file_is(in(bench, "victim"), BYTES("precious"));
    assert_int_equal(unlink(in(bench, PART)), 0);
    assert_int_equal(mkfifo(in(bench, PART), 0600), 0);
    assert_int_equal(mkfifo(in(bench, PART TEMPORARY), 0600), 0);
    write_part(bench, "smtp", &log_file, 3);
    assert_true(has_it(bench));
    assert_int_equal(directory_count(bench->path), 2);
    struct stat status;
    assert_int_equal(stat(bench->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0755); /* a directory that is there stays as it is */
}

/* --- what a part is good for -------------------------------------------------------------------------------------- */

static void the_mark_tells_what_the_file_is_to_its_part(void **state)
{
    static const struct {
        struct identity file;
        bool fresh;
        day_number first_day; /* of the range; the last one is DAY + 200 */
        enum cache_use use;
        day_number left_out;
    } rows[] = {
        {{1, 2, 1000, 30, 40}, false, DAY, CACHE_WHOLE, DAY + 201},
        {{1, 2, 1000, 30, 40}, false, DAY, CACHE_USELESS, DAY + 200}, /* now this one is wanted */
        {{1, 2, 1000, 30, 40}, false, DAY, CACHE_USELESS, DAY},
        {{1, 2, 1001, 31, 41}, false, DAY, CACHE_GROWN, DAY + 201},
        {{1, 2, 1001, 31, 41}, false, DAY, CACHE_USELESS, DAY + 200},
        {{1, 2, 1000, 30, 40}, false, DAY, CACHE_WHOLE, 0},
        {{1, 2, 1000, 30, 40}, false, DAY + 1, CACHE_WHOLE, 0},
        {{1, 2, 1000, 30, 40}, false, DAY - 1, CACHE_USELESS, 0}, /* more days are wanted than it has */
        {{1, 2, 1000, 30, 40}, true, DAY, CACHE_USELESS, 0},
        {{1, 2, 1000, 31, 40}, false, DAY, CACHE_USELESS, 0},
        {{1, 2, 1000, 29, 40}, false, DAY, CACHE_USELESS, 0},
        {{1, 2, 1000, 30, 41}, false, DAY, CACHE_USELESS, 0},
        {{1, 2, 1001, 31, 41}, false, DAY, CACHE_GROWN, 0},
        {{1, 2, 1001, 30, 40}, false, DAY, CACHE_GROWN, 0},
        {{1, 2, 1001, 31, 41}, true, DAY, CACHE_GROWN, 0},
        {{1, 2, UINT64_MAX, 31, 41}, true, DAY + 100, CACHE_GROWN, 0},
        {{1, 2, 1001, 31, 41}, false, DAY - 1, CACHE_USELESS, 0},
        {{1, 2, 999, 31, 41}, false, DAY, CACHE_USELESS, 0},
        {{1, 2, 0, 31, 41}, false, DAY, CACHE_USELESS, 0},
        {{1, 3, 1000, 30, 40}, false, DAY, CACHE_USELESS, 0},
        {{3, 2, 1000, 30, 40}, false, DAY, CACHE_USELESS, 0},
        {{1, 3, 1001, 31, 41}, false, DAY, CACHE_USELESS, 0},
        {{3, 2, 1001, 31, 41}, false, DAY, CACHE_USELESS, 0},
        {{0, 0, 0, 0, 0}, false, DAY, CACHE_USELESS, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct day_range range = {rows[i].first_day, DAY + 200};
        const struct cache_mark mark = {.identity = {1, 2, 1000, 30, 40},
                                        .offset = 990,
                                        .fresh = rows[i].fresh,
                                        .first_day = DAY,
                                        .left_out = rows[i].left_out};
        if (cache_use_of(&mark, &rows[i].file, range) != rows[i].use)
            fail_msg("row %zu", i);
    }
}

static struct cache_fingerprint fingerprint_of(const char *path, uint64_t offset, int expected)
{
    struct cache_fingerprint fingerprint = {0, 0};
    int descriptor = open(path, O_RDONLY);
    assert_true(descriptor >= 0);
    assert_int_equal(cache_take_fingerprint(descriptor, offset, &fingerprint), expected);
    (void)close(descriptor);
    return fingerprint;
}

static void the_fingerprint_is_of_the_beginning_and_of_what_stands_before_the_offset(void **state)
{
    enum { LENGTH = 20000 };
    static const size_t offsets[] = {0, 1, 100, 4095, 4096, 4097, 8192, 8193, LENGTH - 1, LENGTH};
    struct file_bench *bench = *state;
    char *bytes = malloc(LENGTH);
    uint64_t seed = 1;
    assert_non_null(bytes);
    for (size_t i = 0; i < LENGTH; i++)
        bytes[i] = (char)random_next(&seed);
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        const size_t offset = offsets[i];
        const size_t reach = offset < CACHE_FINGERPRINT_BYTES ? offset : CACHE_FINGERPRINT_BYTES;
        const size_t places[] = {0,
                                 1,
                                 4095,
                                 4096,
                                 8191,
                                 10000,
                                 LENGTH - 4096,
                                 LENGTH - 4097,
                                 LENGTH - 1,
                                 offset,
                                 offset - 1,
                                 offset - reach,
                                 offset - reach - 1};
        file_write(bench->path, bytes, LENGTH);
        const struct cache_fingerprint right = fingerprint_of(bench->path, offset, 1);
        for (size_t n = 0; n < COUNT_OF(places); n++) {
            if (places[n] >= LENGTH)
                continue;
            bytes[places[n]] ^= 1;
            file_write(bench->path, bytes, LENGTH);
            bytes[places[n]] ^= 1;
            const struct cache_fingerprint now = fingerprint_of(bench->path, offset, 1);
            assert_int_equal(now.beginning != right.beginning, places[n] < reach);
            assert_int_equal(now.end != right.end, places[n] >= offset - reach && places[n] < offset);
        }
    }
    free(bytes);
}

static void a_file_that_ends_before_the_offset_has_no_fingerprint(void **state)
{
    struct file_bench *bench = *state;
    struct cache_fingerprint fingerprint;
    file_write_text(bench->path, "ten bytes\n");
    (void)fingerprint_of(bench->path, 10, 1);
    (void)fingerprint_of(bench->path, 11, 0);
    (void)fingerprint_of(bench->path, 1000000, 0);
    assert_int_equal(truncate(bench->path, 0), 0);
    (void)fingerprint_of(bench->path, 0, 1);
    (void)fingerprint_of(bench->path, 1, 0);
    (void)fingerprint_of(bench->directory, 10, -1);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(cache_take_fingerprint(-1, 10, &fingerprint), -1);
    assert_int_equal(errno, EBADF);
}

/* --- settings ----------------------------------------------------------------------------------------------------- */

static uint64_t settings_of(struct log_wish wish)
{
    struct conf_log log = log_from(wish);
    uint64_t settings = cache_settings(&log);
    log_drop(&log);
    return settings;
}

static void whatever_decides_what_records_come_to_is_in_the_settings(void **state)
{
    static const struct log_wish wishes[] = {
        {.format = "smtp"},
        {.format = "pop3"},
        {.format = "pop3", .unauthorized = "^RCPT=EAVAIL"},
        {.format = "smtp", .unauthorized = "^RCPT=EAVAIL"},
        {.format = "smtp", .unauthorized = "^RCPT=EAVAI"},
        {.format = "smtp", .unauthorized = ""},
        {.format = "smtp", .refused = "^RCPT=EAVAIL"},
        {.format = "smtp", .refused = ""},
        {.format = "smtp", .unauthorized = "a", .refused = "b"},
        {.format = "smtp", .unauthorized = "b", .refused = "a"},
        {.format = "smtp", .unauthorized = "ab", .refused = ""},
        {.format = "smtp", .encoding = "EUC-JP"},
        {.format = "smtp", .encoding = "EUC-J"},
        {.format = "smtp", .encoding = ""},
        {.format = "smtp", .address_field = 3}, /* the format's own, but as a rule for all records */
        {.format = "smtp", .address_field = 4},
        {.format = "smtp", .address_field = 3, .address_pattern = "(?<ip>.*)"},
        {.format = "smtp", .address_pattern = "(?<ip>.+)"},
        {.format = "finger"},
        {.format = "finger", .unauthorized = "a"},
        {.format = "finger", .refused = "a"},
        {.format = "finger", .encoding = "a"},
        {.format = "finger", .address_pattern = "a"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wishes); i++)
        for (size_t n = 0; n < COUNT_OF(wishes); n++)
            if ((settings_of(wishes[i]) == settings_of(wishes[n])) != (i == n))
                fail_msg("wishes %zu and %zu", i, n);
}

static void what_decides_nothing_is_not_in_the_settings(void **state)
{
    struct conf_log log = log_from((struct log_wish){.format = "smtp"});
    uint64_t settings = cache_settings(&log);
    (void)state;
    log.enabled = false;
    strings_drop(log.files);
    strings_drop(log.directories);
    log.files = strings_from((const char *const[]){"other*", NULL});
    log.directories = strings_from((const char *const[]){"/other", "/others", NULL});
    assert_true(cache_settings(&log) == settings);
    log_drop(&log);
}

/* --- sweeping ----------------------------------------------------------------------------------------------------- */

static void only_what_is_ours_and_nobodys_is_swept(void **state)
{
    static const struct cache_owner owners[] = {
        {"smtp", DEVICE, INODE}, {"xmailcfg-filter", 1, UINT64_MAX}, {"pop3", 0, 0}, {"smtp", DEVICE, 2}};
    static const struct {
        const char *name;
        bool stays;
    } rows[] = {{PART, true},
                {"smtp-801-2", true}, /* and "smtp-801-20", which begins likewise */
                {"xmailcfg-filter-1-ffffffffffffffff", true},
                {"pop3-0-0", true},
                {"balance", true},
                {"pop3-801-1f2e", false},
                {"smtp-801-1f2f", false},
                {"smtp-801-1f2", false},
                {"smtp-801-20", false},
                {"smtp-801-02", false}, /* no name that we would give */
                {"smtp-802-1f2e", false},
                {"filters-1-1", false},
                {"lmail-ffffffffffffffff-ffffffffffffffff", false},
                {PART TEMPORARY, false},
                {"smtp-802-1f2e" TEMPORARY, false},
                {"balance" TEMPORARY, false},
                {"README", true},
                {"smtp", true},
                {"smtp-", true},
                {"smtp-1", true},
                {"smtp-1-", true},
                {"smtp--1", true},
                {"smtp-1-1-1", true},
                {"smtp-1-g", true},
                {"smtp-1-1.old", true},
                {"SMTP-1-1", true},
                {"other-2026-11", true},
                {"-1-1", true},
                {"1-1", true},
                {"balance.old", true},
                {"README" TEMPORARY, true},
                {TEMPORARY, true}};
    struct file_bench *bench = *state;
    assert_int_equal(mkdir(bench->path, 0700), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        file_write_text(in(bench, rows[i].name), "x");
    for (int turn = 0; turn < 2; turn++) {
        cache_sweep(bench->path, owners, COUNT_OF(owners));
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            if (file_exists(in(bench, rows[i].name)) != rows[i].stays)
                fail_msg("%s", rows[i].name);
    }
    cache_sweep(bench->path, NULL, 0);
    assert_false(file_exists(in(bench, PART)));
    assert_true(file_exists(in(bench, "balance")));
}

static void what_is_no_file_is_not_swept(void **state)
{
    struct file_bench *bench = *state;
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_int_equal(mkdir(in(bench, "smtp-1-1"), 0700), 0);
    file_write_text(in(bench, "smtp-1-1/smtp-1-2"), "x");
    assert_int_equal(mkdir(in(bench, "smtp-1-2"), 0700), 0);
    assert_int_equal(mkfifo(in(bench, "smtp-1-3"), 0600), 0);
    file_write_text(path_in(bench->directory, "victim"), "precious");
    assert_int_equal(symlink("../victim", in(bench, "smtp-1-4")), 0);
    assert_int_equal(symlink("nowhere", in(bench, "smtp-1-5")), 0);
    cache_sweep(bench->path, NULL, 0);
    assert_int_equal(directory_count(bench->path), 3);
    assert_true(file_exists(in(bench, "smtp-1-1/smtp-1-2")));
    assert_false(file_exists(in(bench, "smtp-1-4")));
    assert_file_is(path_in(bench->directory, "victim"), BYTES("precious"));
    cache_sweep(path_in(bench->directory, "none"), NULL, 0); /* no directory: nothing to do */
    cache_sweep(path_in(bench->directory, "victim"), NULL, 0);
}

static void of_what_was_being_written_nothing_stays_and_all_that_was_written(void **state)
{
    static const char *const staying[] = {
        PART, "balance", "smtp-1-1", "README" TEMPORARY, "smtp-1" TEMPORARY, "filters-1-1" TEMPORARY};
    struct file_bench *bench = *state;
    cache_sweep_temporary(bench->path); /* no directory: nothing to do */
    assert_int_equal(mkdir(bench->path, 0700), 0);
    for (size_t i = 0; i + 1 < COUNT_OF(staying); i++)
        file_write_text(in(bench, staying[i]), "x");
    assert_int_equal(mkdir(in(bench, "filters-1-1" TEMPORARY), 0700), 0);
    file_write_text(in(bench, PART TEMPORARY), "x");
    file_write_text(in(bench, "balance" TEMPORARY), "x");
    assert_int_equal(symlink("smtp-1-1", in(bench, "pop3-1-1" TEMPORARY)), 0);
    cache_sweep_temporary(bench->path);
    for (size_t i = 0; i < COUNT_OF(staying); i++)
        assert_true(file_exists(in(bench, staying[i])));
    assert_int_equal(directory_count(bench->path), COUNT_OF(staying));
}

static void thousands_of_parts_are_swept(void **state)
{
    enum { PARTS = 4000 };
    struct file_bench *bench = *state;
    struct cache_owner owners[PARTS];
    assert_int_equal(mkdir(bench->path, 0700), 0);
    for (size_t i = 0; i < PARTS; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "pop3-fe00-%zx", i * 7919);
        file_write_text(in(bench, name), "x");
        owners[PARTS - 1 - i] = (struct cache_owner){"pop3", 0xfe00, i * 7919};
    }
    cache_sweep(bench->path, owners, PARTS);
    assert_int_equal(directory_count(bench->path), PARTS);
    cache_sweep(bench->path, owners + PARTS / 2, PARTS / 4);
    assert_int_equal(directory_count(bench->path), PARTS / 4);
    assert_true(file_exists(in(bench, "pop3-fe00-78d598"))); /* of i = 1000 */
}

/* --- files of the cache ------------------------------------------------------------------------------------------- */

static void a_file_of_the_cache_may_be_of_any_length(void **state)
{
    struct file_bench *bench = *state;
    for (size_t length = 0; length < 100; length++) {
        struct buffer bytes = {0};
        struct buffer found = {0};
        cachefile_begin(&bytes);
        assert_int_equal(bytes.length, CACHEFILE_HEAD);
        for (size_t i = 0; i < length; i++)
            buffer_add(&bytes, "x", 1);
        assert_int_equal(cachefile_write(bench->path, "balance", CACHEFILE_BALANCE, &bytes, &bench->error), 1);
        assert_int_equal(cachefile_read(bench->path, "balance", CACHEFILE_PART, 1000, &found), 0);
        assert_int_equal(cachefile_read(bench->path, "balance", CACHEFILE_BALANCE, bytes.length - 1, &found), 0);
        assert_int_equal(cachefile_read(bench->path, "balance", CACHEFILE_BALANCE, bytes.length, &found), 1);
        assert_true(buffer_equal(&bytes, &found));
        buffer_clear(&bytes);
        buffer_clear(&found);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_part_is_read_as_it_was_written),
        TEST(a_part_is_small),
        TEST(a_very_large_part_is_written_and_read),
        TEST(nobody_else_can_read_it),
        TEST(it_belongs_to_the_owner_of_the_directory_around),
        TEST(each_log_file_and_format_has_its_own_part),
        TEST(a_part_under_the_name_of_another_is_none),
        TEST(what_is_missing_is_no_part),
        TEST(any_damaged_byte_makes_it_none),
        TEST(a_part_that_is_cut_or_longer_is_none),
        TEST(whoever_repairs_the_digest_must_get_the_rest_right),
        TEST(a_whole_file_that_is_too_short_for_a_part_is_none),
        TEST(what_is_no_regular_file_is_no_part),
        TEST(a_file_without_permission_is_no_part),
        TEST(a_huge_file_is_not_even_read),
        TEST(without_room_the_old_part_stays_and_nothing_else),
        TEST(without_memory_nothing_is_written),
        TEST(a_name_that_is_too_long_is_an_error),
        TEST(where_no_directory_can_be_made_nothing_is_written),
        TEST(what_stands_in_its_place_is_replaced_or_stays_whole),
        TEST(the_mark_tells_what_the_file_is_to_its_part),
        TEST(the_fingerprint_is_of_the_beginning_and_of_what_stands_before_the_offset),
        TEST(a_file_that_ends_before_the_offset_has_no_fingerprint),
        TEST(whatever_decides_what_records_come_to_is_in_the_settings),
        TEST(what_decides_nothing_is_not_in_the_settings),
        TEST(only_what_is_ours_and_nobodys_is_swept),
        TEST(what_is_no_file_is_not_swept),
        TEST(of_what_was_being_written_nothing_stays_and_all_that_was_written),
        TEST(thousands_of_parts_are_swept),
        TEST(a_file_of_the_cache_may_be_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
