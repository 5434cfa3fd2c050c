/* SPDX-License-Identifier: MIT */
/*
 * The balance: any bytes as its file, and any content behind the head that belongs to it. What is accepted is evidence,
 * in order and in the range, and is the same after it was written and read again; with any byte of that changed, or cut
 * off, it isn't accepted.
 */
#include "fuzz.h"

#include "balance.h"
#include "cache.h"
#include "cachefile.h"
#include "readfile.h"

static void require_host(const struct evidence *evidence, const struct evidence_host *host, const struct balance *of)
{
    uint64_t sum = 0;
    for (size_t log = 0; log < of->log_count; log++) {
        const uint64_t share = evidence_count_in_log(evidence, host, log);
        require(share <= host->unauthorized - sum);
        sum += share;
    }
    require(of->log_count == 0 || sum == host->unauthorized);
    if (host->unauthorized == 0)
        require(host->first_day == 0 && host->last_day == 0);
    else
        require(host->first_day <= host->last_day && day_in_range(of->range, host->first_day) &&
                day_in_range(of->range, host->last_day));
}

static void require_same(const struct evidence *a, const struct evidence *b, const struct balance *of)
{
    size_t count;
    size_t other_count;
    const struct evidence_host *left = evidence_hosts(a, &count);
    const struct evidence_host *right = evidence_hosts(b, &other_count);
    require(count == other_count);
    for (size_t i = 0; i < count; i++) {
        require(i == 0 || address_compare(left[i - 1].address, left[i].address) < 0);
        require_host(a, &left[i], of);
        require(address_equal(left[i].address, right[i].address) && left[i].unauthorized == right[i].unauthorized &&
                left[i].refused == right[i].refused && left[i].first_day == right[i].first_day &&
                left[i].last_day == right[i].last_day && left[i].authenticated == right[i].authenticated);
        for (size_t log = 0; log < of->log_count; log++)
            require(evidence_count_in_log(a, &left[i], log) == evidence_count_in_log(b, &right[i], log));
    }
}

static struct evidence *evidence_of(const struct balance *balance)
{
    struct evidence *evidence = evidence_new(balance->range, balance->log_count);
    require(evidence != NULL);
    if (evidence_read(evidence, balance->evidence, balance->evidence_length) > 0)
        return evidence;
    evidence_free(evidence);
    return NULL;
}

/* Changes a byte of the file, the last one and others, and cuts it. */
static void check_damage(void)
{
    enum { PLACES = 3 };
    struct buffer bytes = {0};
    struct balance balance;
    struct error error;
    require(readfile(fuzz_path(CACHE_BALANCE), &bytes, &error) > 0);
    uint8_t *at = (uint8_t *)bytes.bytes;
    size_t place = bytes.length - 1;
    for (size_t i = 0; i < PLACES; i++, place = place * 31 + bytes.length * 7) {
        at[place % bytes.length] ^= (uint8_t)(1 << place % 8);
        fuzz_put_file(fuzz_path(CACHE_BALANCE), at, bytes.length);
        require(balance_read(fuzz_directory, &balance) == 0);
        at[place % bytes.length] ^= (uint8_t)(1 << place % 8);
    }
    fuzz_put_file(fuzz_path(CACHE_BALANCE), at, place % bytes.length);
    require(balance_read(fuzz_directory, &balance) == 0);
    buffer_clear(&bytes);
}

/* The evidence can't be had any more then. */
static void check_evidence(const struct balance *balance, struct evidence *evidence)
{
    struct error error;
    struct balance again;
    require(balance_write(fuzz_directory, balance, evidence, &error) > 0);
    require(balance_read(fuzz_directory, &again) > 0);
    require(again.file_count == balance->file_count && again.log_count == balance->log_count);
    struct evidence *second = evidence_of(&again);
    require(second && evidence_seal(evidence) && evidence_seal(second));
    require_same(evidence, second, balance);
    evidence_free(second);
    balance_clear(&again);
    check_damage();
}

static void check(void)
{
    struct balance balance;
    if (balance_read(fuzz_directory, &balance) == 0)
        return;
    bool *covered = calloc(balance.file_count + 1, sizeof *covered);
    require(covered != NULL);
    if (balance_fits(&balance, &balance, covered))
        for (size_t i = 0; i < balance.file_count; i++)
            require(covered[i] && balance.files[i].log < balance.log_count);
    struct evidence *evidence = evidence_of(&balance);
    if (evidence)
        check_evidence(&balance, evidence);
    evidence_free(evidence);
    free(covered);
    balance_clear(&balance);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer bytes = {0};
    struct error error;
    fuzz_make_directory();
    fuzz_put_file(fuzz_path(CACHE_BALANCE), data, size);
    check();
    cachefile_begin(&bytes);
    buffer_add(&bytes, (const char *)data, size);
    require(cachefile_write(fuzz_directory, CACHE_BALANCE, CACHEFILE_BALANCE, &bytes, &error) > 0);
    buffer_clear(&bytes);
    check();
    return 0;
}
