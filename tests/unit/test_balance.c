/* SPDX-License-Identifier: MIT */
/* The balance brought forward: what is written is read, anything else isn't; and when it can be used. */
#include "support.h"

#include "balance.h"
#include "cache.h"
#include "cachefile.h"

enum { LOGS = 2, HOSTS = 40 };

static const struct day_range range = {20261115, 20261121};

static int set_up(void **state)
{
    return file_bench_set_up(state, CACHE_BALANCE, "UTC");
}

static struct balance_file file_of(uint64_t inode, uint64_t log)
{
    return (struct balance_file){{.device = 7, .inode = inode, .size = 1000 + inode, .written = -5, .changed = 6}, log};
}

static const struct balance_log logs[LOGS] = {{11, 1, 2, 3, 4}, {12, UINT64_MAX, 0, UINT64_MAX - 1, 7}};

/* --- files -------------------------------------------------------------------------------------------------------- */

/* Of so many hosts, all of the one day that is given. */
static void add_hosts(struct evidence *evidence, day_number day_of_all, uint32_t first, uint32_t count)
{
    const struct ledger_head head = {.day_count = 1};
    const struct ledger_day day = {.ipv4_count = count, .day = day_of_all};
    struct ledger_ipv4 ipv4[HOSTS];
    assert_true(count <= HOSTS);
    for (uint32_t i = 0; i < count; i++)
        ipv4[i] = (struct ledger_ipv4){first + i, i + 1};
    assert_true(evidence_add(evidence, &(struct ledger){&head, &day, ipv4, NULL}, 1));
}

static struct evidence *evidence_of(uint32_t hosts)
{
    struct evidence *evidence = evidence_new(range, LOGS);
    assert_non_null(evidence);
    add_hosts(evidence, 20261117, 1, hosts);
    return evidence;
}

static void assert_hosts(struct evidence *evidence, uint32_t hosts)
{
    size_t count;
    assert_true(evidence_seal(evidence));
    const struct evidence_host *host = evidence_hosts(evidence, &count);
    assert_int_equal(count, hosts);
    for (uint32_t i = 0; i < hosts; i++) {
        assert_int_equal(address_ipv4(host[i].address), i + 1);
        assert_int_equal(host[i].unauthorized, i + 1);
        assert_int_equal(evidence_count_in_log(evidence, &host[i], 1), i + 1);
        assert_int_equal(host[i].first_day, 20261117);
    }
}

static void write_balance(struct file_bench *bench, const struct balance_file *files, size_t count, uint32_t hosts)
{
    const struct balance balance = {
        .range = range, .files = files, .file_count = count, .logs = logs, .log_count = LOGS};
    struct evidence *evidence = evidence_of(hosts);
    if (balance_write(bench->directory, &balance, evidence, &bench->error) != 1)
        fail_msg("%s", bench->error.text);
    evidence_free(evidence);
}

static void assert_balance(const struct file_bench *bench, const struct balance_file *files, size_t count,
                           uint32_t hosts)
{
    struct balance balance;
    struct evidence *evidence = evidence_new(range, LOGS);
    assert_int_equal(balance_read(bench->directory, &balance), 1);
    assert_int_equal(balance.range.first, range.first);
    assert_int_equal(balance.range.last, range.last);
    assert_int_equal(balance.file_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(identity_equal(&balance.files[i].identity, &files[i].identity));
        assert_int_equal(balance.files[i].log, files[i].log);
    }
    assert_int_equal(balance.log_count, LOGS);
    assert_memory_equal(balance.logs, logs, sizeof logs);
    assert_int_equal(evidence_read(evidence, balance.evidence, balance.evidence_length), 1);
    assert_hosts(evidence, hosts);
    evidence_free(evidence);
    balance_clear(&balance);
    assert_null(balance.bytes.bytes);
}

static void assert_none(const struct file_bench *bench)
{
    struct balance balance;
    assert_int_equal(balance_read(bench->directory, &balance), 0);
    assert_null(balance.bytes.bytes);
    balance_clear(&balance);
}

/* In the place of the balance. As a new file: to cut one and write it anew takes ten times as long. */
static void put_file(const struct file_bench *bench, const char *bytes, size_t length)
{
    (void)unlink(bench->path);
    file_write(bench->path, bytes, length);
}

static void what_is_written_is_read(void **state)
{
    struct file_bench *bench = *state;
    const struct balance_file files[] = {file_of(3, 1), file_of(1, 0), file_of(UINT64_MAX, 0)};
    for (uint32_t hosts = 0; hosts <= HOSTS; hosts += 8)
        for (size_t count = 0; count <= COUNT_OF(files); count++) {
            write_balance(bench, files, count, hosts);
            assert_balance(bench, files, count, hosts);
        }
    assert_int_equal(directory_count(bench->directory), 1); /* each in the place of the one before */
}

static void evidence_is_added_to_after_it_was_written(void **state)
{
    struct file_bench *bench = *state;
    const struct balance balance = {.range = range, .logs = logs, .log_count = LOGS};
    struct evidence *evidence = evidence_of(5);
    struct evidence *again = evidence_new(range, LOGS);
    struct balance read;
    assert_int_equal(balance_write(bench->directory, &balance, evidence, &bench->error), 1);
    assert_int_equal(balance_read(bench->directory, &read), 1);
    assert_int_equal(evidence_read(again, read.evidence, read.evidence_length), 1);
    balance_clear(&read);
    add_hosts(evidence, 20261118, 4, 5);
    add_hosts(again, 20261118, 4, 5);
    assert_true(evidence_seal(evidence) && evidence_seal(again));
    size_t count;
    const struct evidence_host *left = evidence_hosts(evidence, &count);
    const struct evidence_host *right = evidence_hosts(again, &(size_t){0});
    assert_int_equal(count, 8);
    for (size_t i = 0; i < count; i++) {
        assert_true(address_equal(left[i].address, right[i].address));
        assert_int_equal(left[i].unauthorized, right[i].unauthorized);
        assert_int_equal(left[i].last_day, right[i].last_day);
    }
    evidence_free(evidence);
    evidence_free(again);
}

static void where_there_is_no_balance_none_is_read(void **state)
{
    struct file_bench *bench = *state;
    struct balance balance;
    char other[2 * SUPPORT_PATH_SIZE];
    (void)snprintf(other, sizeof other, "%s/other", bench->directory);
    assert_none(bench);
    assert_int_equal(balance_read("/nowhere/at/all", &balance), 0);
    file_write(bench->path, "", 0);
    assert_none(bench);
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_none(bench);
    assert_int_equal(rmdir(bench->path), 0);
    assert_int_equal(mkfifo(bench->path, 0600), 0);
    assert_none(bench); /* and doesn't wait for it */
    assert_int_equal(unlink(bench->path), 0);
    write_balance(bench, NULL, 0, 3);
    assert_balance(bench, NULL, 0, 3);
    assert_int_equal(rename(bench->path, other), 0);
    assert_int_equal(symlink(other, bench->path), 0);
    assert_none(bench);
}

static void a_balance_that_cannot_be_written_is_an_error(void **state)
{
    struct file_bench *bench = *state;
    const struct balance balance = {.range = range, .logs = logs, .log_count = LOGS};
    struct evidence *evidence = evidence_of(5);
    char nowhere[2 * SUPPORT_PATH_SIZE];
    (void)snprintf(nowhere, sizeof nowhere, "%s/no/where", bench->directory);
    assert_int_equal(balance_write(nowhere, &balance, evidence, &bench->error), -1);
    assert_non_null(strstr(bench->error.text, "unable to "));
    assert_int_equal(directory_count(bench->directory), 0);
    evidence_free(evidence);
}

/* --- damage ------------------------------------------------------------------------------------------------------- */

static void a_balance_with_any_byte_changed_is_none(void **state)
{
    struct file_bench *bench = *state;
    const struct balance_file files[] = {file_of(3, 1), file_of(1, 0)};
    struct buffer whole = {0};
    write_balance(bench, files, COUNT_OF(files), 5);
    assert_true(file_read(bench->path, &whole));
    for (size_t at = 0; at < whole.length; at++)
        for (unsigned bit = 1; bit < 256; bit *= 4) {
            whole.bytes[at] = (char)(whole.bytes[at] ^ (char)bit);
            put_file(bench, whole.bytes, whole.length);
            assert_none(bench);
            whole.bytes[at] = (char)(whole.bytes[at] ^ (char)bit);
        }
    put_file(bench, whole.bytes, whole.length);
    assert_balance(bench, files, COUNT_OF(files), 5);
    buffer_clear(&whole);
}

static void a_balance_that_was_cut_or_has_more_behind_it_is_none(void **state)
{
    struct file_bench *bench = *state;
    const struct balance_file files[] = {file_of(3, 1), file_of(1, 0)};
    struct buffer whole = {0};
    write_balance(bench, files, COUNT_OF(files), 5);
    assert_true(file_read(bench->path, &whole));
    const size_t length = whole.length;
    for (size_t cut = 0; cut < length; cut++) {
        put_file(bench, whole.bytes, cut);
        assert_none(bench);
    }
    buffer_add(&whole, "12345678", 8);
    for (size_t more = 1; more <= 8; more++) {
        put_file(bench, whole.bytes, length + more);
        assert_none(bench);
    }
    buffer_clear(&whole);
}

static void another_file_of_the_cache_is_none(void **state)
{
    struct file_bench *bench = *state;
    struct buffer bytes = {0};
    write_balance(bench, NULL, 0, 5);
    assert_true(file_read(bench->path, &bytes));
    assert_int_equal(cachefile_write(bench->directory, CACHE_BALANCE, CACHEFILE_PART, &bytes, &bench->error), 1);
    assert_none(bench);
    assert_int_equal(cachefile_write(bench->directory, CACHE_BALANCE, CACHEFILE_BALANCE, &bytes, &bench->error), 1);
    assert_balance(bench, NULL, 0, 5);
    buffer_clear(&bytes);
}

/* The numbers of files and logs that it says to have, with room for so many of them, all under a right digest. */
static void parts_that_do_not_fit_are_none(void **state)
{
    static const struct {
        uint64_t file_count;
        uint64_t log_count;
        size_t files; /* that there are */
        size_t logs;
        uint64_t log; /* of each file */
        bool is_read;
    } rows[] = {
        {0, 0, 0, 0, 0, true},
        {0, 2, 0, 2, 0, true},
        {2, 2, 2, 2, 1, true},
        {2, 2, 2, 2, 2, false}, /* there is no such log */
        {2, 2, 2, 2, UINT64_MAX, false},
        {1, 0, 1, 0, 0, false},
        {2, 2, 2, 1, 0, false},
        {3, 0, 2, 0, 0, false},
        {0, 3, 0, 2, 0, false},
        {3, 1, 2, 0, 0, false},
        {UINT64_MAX, 1, 2, 2, 0, false},
        {0, UINT64_MAX, 2, 2, 0, false},
        {UINT64_MAX / 48 + 1, 1, 4, 0, 0, false}, /* times their size: near 0 */
        {0, UINT64_MAX / 40 + 1, 2, 2, 0, false},
        {1, UINT64_MAX / 40, 2, 2, 0, false},
    };
    struct file_bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer bytes = {0};
        struct balance balance;
        const uint64_t counts[] = {rows[i].file_count, rows[i].log_count};
        const struct balance_file file = file_of(1, rows[i].log);
        cachefile_begin(&bytes);
        buffer_add(&bytes, (const char *)&range, sizeof range);
        buffer_add(&bytes, (const char *)counts, sizeof counts);
        for (size_t k = 0; k < rows[i].files; k++)
            buffer_add(&bytes, (const char *)&file, sizeof file);
        for (size_t k = 0; k < rows[i].logs; k++)
            buffer_add(&bytes, (const char *)&logs[k], sizeof logs[k]);
        assert_int_equal(cachefile_write(bench->directory, CACHE_BALANCE, CACHEFILE_BALANCE, &bytes, &bench->error), 1);
        const bool is_read = balance_read(bench->directory, &balance) == 1;
        if (is_read != rows[i].is_read)
            fail_msg("row %zu", i);
        balance_clear(&balance);
        buffer_clear(&bytes);
    }
    for (size_t length = CACHEFILE_HEAD; length < CACHEFILE_HEAD + 24; length++) { /* not even these numbers */
        struct buffer bytes = {0};
        const char nothing[CACHEFILE_HEAD + 24] = {0};
        buffer_add(&bytes, nothing, length);
        assert_int_equal(cachefile_write(bench->directory, CACHE_BALANCE, CACHEFILE_BALANCE, &bytes, &bench->error), 1);
        assert_none(bench);
        buffer_clear(&bytes);
    }
}

/* --- use ---------------------------------------------------------------------------------------------------------- */

static void it_fits_the_same_range_settings_and_files(void **state)
{
    /* Files as letters, each with a log and an identity of its own; what the balance has, what there is, what of that
       is covered (NULL: it doesn't fit). */
    static const struct {
        const char *balance;
        const char *now;
        const char *covered;
    } rows[] = {
        {"", "", ""},       {"", "ab", "--"},   {"a", "a", "a"},       {"ab", "ba", "ba"}, {"abc", "xcybaz", "-c-ba-"},
        {"a", "", NULL},    {"ab", "a", NULL},  {"ab", "b", NULL},     {"ab", "ax", NULL}, {"ab", "xyzab", "---ab"},
        {"aa", "ab", NULL}, {"aa", "aa", NULL}, {"abcde", "bcd", NULL}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct balance_file files[8];
        struct balance_file present[8];
        bool covered[8];
        struct balance balance = {.range = range, .files = files, .logs = logs, .log_count = LOGS};
        struct balance now = {.range = range, .files = present, .logs = logs, .log_count = LOGS};
        for (const char *at = rows[i].balance; *at; at++)
            files[balance.file_count++] = file_of((uint64_t)*at, (uint64_t)*at % LOGS);
        for (const char *at = rows[i].now; *at; at++)
            present[now.file_count++] = file_of((uint64_t)*at, (uint64_t)*at % LOGS);
        if (balance_fits(&balance, &now, covered) != (rows[i].covered != NULL))
            fail_msg("row %zu", i);
        for (size_t k = 0; k < now.file_count; k++)
            assert_int_equal(covered[k], rows[i].covered && rows[i].covered[k] != '-');
    }
}

static void any_difference_is_a_misfit(void **state)
{
    enum { FILES = 4, CHANGES = 14 };
    (void)state;
    for (int change = -1; change < CHANGES; change++) {
        struct balance_file files[FILES] = {file_of(5, 0), file_of(5, 1), file_of(4, 1), file_of(5, 0)};
        struct balance_file present[FILES] = {file_of(4, 1), file_of(5, 1), file_of(5, 0), file_of(5, 0)};
        struct balance_log settings[LOGS] = {{.settings = 11}, {.settings = 12}}; /* that is all that counts of them */
        struct balance now = {range, present, FILES, settings, LOGS, NULL, 0, {0}};
        const struct balance balance = {range, files, FILES, logs, LOGS, NULL, 0, {0}};
        bool covered[FILES];
        files[3].identity.device = present[3].identity.device = 8;
        switch (change) {
        case 0:
            now.range.first--;
            break;
        case 1:
            now.range.first++;
            break;
        case 2:
            now.range.last++;
            break;
        case 3:
            settings[0].settings++;
            break;
        case 4:
            settings[1].settings++;
            break;
        case 5:
            now.log_count--;
            break;
        case 6:
            now.file_count--;
            break;
        case 7:
            present[2].log = 1;
            break;
        case 8:
            present[1].identity.device++;
            break;
        case 9:
            present[0].identity.inode++;
            break;
        case 10:
            present[1].identity.size++;
            break;
        case 11:
            present[1].identity.written++;
            break;
        case 12:
            present[1].identity.changed--;
            break;
        case 13:
            files[0] = files[1];
            break;
        default:
            break;
        }
        if (balance_fits(&balance, &now, covered) != (change < 0))
            fail_msg("change %d", change);
        for (size_t i = 0; i < now.file_count; i++)
            assert_int_equal(covered[i], change < 0);
    }
}

static void thousands_of_files_are_told_apart(void **state)
{
    enum { FILES = 5000 };
    struct balance_file *files = calloc(FILES, sizeof *files);
    struct balance_file *present = calloc(FILES, sizeof *present);
    bool *covered = calloc(FILES, sizeof *covered);
    struct balance balance = {.range = range, .files = files, .logs = logs, .log_count = LOGS};
    const struct balance now = {range, present, FILES, logs, LOGS, NULL, 0, {0}};
    uint64_t seed = 3;
    (void)state;
    assert_true(files && present && covered);
    for (size_t i = 0; i < FILES; i++)
        present[i] = file_of(i / 2, i % 2);
    for (size_t i = FILES; i > 1; i--) {
        const size_t other = random_below(&seed, i);
        const struct balance_file kept = present[i - 1];
        present[i - 1] = present[other];
        present[other] = kept;
    }
    for (size_t i = 0; i < FILES; i++)
        if (i % 3 != 0)
            files[balance.file_count++] = file_of(i / 2, i % 2);
    assert_true(balance_fits(&balance, &now, covered));
    for (size_t i = 0; i < FILES; i++)
        assert_int_equal(covered[i], (present[i].identity.inode * 2 + present[i].log) % 3 != 0);
    files[1234].identity.written++;
    assert_false(balance_fits(&balance, &now, covered));
    free(files);
    free(present);
    free(covered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read, set_up, file_bench_tear_down),
        cmocka_unit_test_setup_teardown(evidence_is_added_to_after_it_was_written, set_up, file_bench_tear_down),
        cmocka_unit_test_setup_teardown(where_there_is_no_balance_none_is_read, set_up, file_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_balance_that_cannot_be_written_is_an_error, set_up, file_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_balance_with_any_byte_changed_is_none, set_up, file_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_balance_that_was_cut_or_has_more_behind_it_is_none, set_up,
                                        file_bench_tear_down),
        cmocka_unit_test_setup_teardown(another_file_of_the_cache_is_none, set_up, file_bench_tear_down),
        cmocka_unit_test_setup_teardown(parts_that_do_not_fit_are_none, set_up, file_bench_tear_down),
        cmocka_unit_test(it_fits_the_same_range_settings_and_files),
        cmocka_unit_test(any_difference_is_a_misfit),
        cmocka_unit_test(thousands_of_files_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
