/* SPDX-License-Identifier: MIT */
#include "balance.h"

#include "cache.h"
#include "cachefile.h"

#include <stdlib.h>

/* What the file begins with. Behind it stand the files, the logs and the evidence. */
struct head {
    char cachefile[CACHEFILE_HEAD];
    struct day_range range;
    uint64_t file_count;
    uint64_t log_count;
};

_Static_assert(sizeof(struct head) == CACHEFILE_HEAD + 24 && sizeof(struct head) % 8 == 0 &&
                   sizeof(struct balance_file) == 48 && sizeof(struct balance_log) == 40,
               "no gaps, which would hold what happened to be in memory, and files and logs are aligned");

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* Finds the parts in the bytes. False if they don't fit. */
static bool find_parts(struct balance *balance)
{
    const struct head *head = (const void *)balance->bytes.bytes;
    if (balance->bytes.length < sizeof *head)
        return false;
    size_t left = balance->bytes.length - sizeof *head;
    if (head->file_count > left / sizeof *balance->files)
        return false;
    left -= (size_t)head->file_count * sizeof *balance->files;
    if (head->log_count > left / sizeof *balance->logs)
        return false;
    left -= (size_t)head->log_count * sizeof *balance->logs;
    balance->range = head->range;
    balance->file_count = (size_t)head->file_count;
    balance->log_count = (size_t)head->log_count;
    balance->files = (const void *)(head + 1);
    balance->logs = (const void *)(balance->files + balance->file_count);
    balance->evidence = (const void *)(balance->logs + balance->log_count);
    balance->evidence_length = left;
    return true;
}

static bool files_have_logs(const struct balance *balance)
{
    for (size_t i = 0; i < balance->file_count; i++)
        if (balance->files[i].log >= balance->log_count)
            return false;
    return true;
}

int balance_read(const char *directory, struct balance *balance)
{
    *balance = (struct balance){.file_count = 0};
    if (!cachefile_read(directory, CACHE_BALANCE, CACHEFILE_BALANCE, BALANCE_LENGTH_MAX, &balance->bytes))
        return 0;
    if (find_parts(balance) && files_have_logs(balance))
        return 1;
    balance_clear(balance);
    return 0;
}

void balance_clear(struct balance *balance)
{
    buffer_clear(&balance->bytes);
    *balance = (struct balance){.file_count = 0};
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void add_parts(const struct balance *balance, struct buffer *bytes)
{
    const struct head head = {
        .range = balance->range, .file_count = balance->file_count, .log_count = balance->log_count};
    buffer_add(bytes, (const char *)&head, sizeof head);
    buffer_add(bytes, (const char *)balance->files, balance->file_count * sizeof *balance->files);
    buffer_add(bytes, (const char *)balance->logs, balance->log_count * sizeof *balance->logs);
}

int balance_write(const char *directory, const struct balance *balance, struct evidence *evidence, struct error *error)
{
    struct buffer bytes = {0};
    int result;
    add_parts(balance, &bytes);
    if (!evidence_write(evidence, &bytes))
        result = error_memory(error, "write the balance of the logs");
    else if (bytes.length > BALANCE_LENGTH_MAX)
        result = error_set(error, "unable to write %s/%s: it would be larger than %d MiB", directory, CACHE_BALANCE,
                           BALANCE_LENGTH_MAX / 1024 / 1024);
    else
        result = cachefile_write(directory, CACHE_BALANCE, CACHEFILE_BALANCE, &bytes, error);
    buffer_clear(&bytes);
    return result;
}

/* --- use ---------------------------------------------------------------------------------------------------------- */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Orders files by what doesn't change while they are written. */
static int compare_files(const void *left, const void *right)
{
    const struct balance_file *a = *(const struct balance_file *const *)left;
    const struct balance_file *b = *(const struct balance_file *const *)right;
    int order = compare_numbers(a->log, b->log);
    if (order == 0)
        order = compare_numbers(a->identity.device, b->identity.device);
    return order != 0 ? order : compare_numbers(a->identity.inode, b->identity.inode);
}

/* Marks all files of the balance among those present, which are sorted by compare_files. False if it can't be. */
static bool cover(const struct balance *balance, const struct balance_file *files,
                  const struct balance_file *const *sorted, size_t count, bool *covered)
{
    for (size_t i = 0; i < balance->file_count; i++) {
        const struct balance_file *wanted = &balance->files[i];
        const struct balance_file *const *found = bsearch(&wanted, sorted, count, sizeof *sorted, compare_files);
        if (!found || !identity_equal(&(*found)->identity, &wanted->identity) || covered[*found - files])
            return false;
        covered[*found - files] = true;
    }
    return true;
}

static bool same_settings(const struct balance *balance, const struct balance_log *logs, size_t count)
{
    if (balance->log_count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (balance->logs[i].settings != logs[i].settings)
            return false;
    return true;
}

static void cover_nothing(bool *covered, size_t count)
{
    for (size_t i = 0; i < count; i++)
        covered[i] = false;
}

bool balance_fits(const struct balance *balance, const struct balance *now, bool *covered)
{
    cover_nothing(covered, now->file_count);
    if (balance->range.first != now->range.first || balance->range.last != now->range.last ||
        !same_settings(balance, now->logs, now->log_count))
        return false;
    const struct balance_file **sorted = calloc(now->file_count + 1, sizeof *sorted);
    if (!sorted)
        return false;
    for (size_t i = 0; i < now->file_count; i++)
        sorted[i] = &now->files[i];
    qsort(sorted, now->file_count, sizeof *sorted, compare_files);
    bool fits = cover(balance, now->files, sorted, now->file_count, covered);
    free(sorted);
    if (!fits)
        cover_nothing(covered, now->file_count);
    return fits;
}
