/* SPDX-License-Identifier: MIT */
/*
 * A part of the cache: any bytes as the file; the same with the digest that belongs to them; and any mark and ledger in
 * a part that is right for the rest, so that the checks behind the digest are reached. What is accepted can be put into
 * a tally and an evidence, and a tally that was made of it is written and read without a change. What was written is
 * read back as it was; and with any byte changed, cut off or added, not at all.
 */
#include "fuzz.h"

#include "cache.h"
#include "cachefile.h"
#include "digest.h"
#include "evidence.h"

#include "../unit/support_ledger.h"

#include <limits.h>

#define NAME "smtp-1-2"

enum { SETTINGS = 3, AT_DIGEST = 8, DIGESTED = 16 /* where what the digest is of begins */ };

/* What an input begins with, before the ledger. */
struct input {
    uint64_t size;
    uint64_t offset;
    uint32_t first_day;
    uint32_t fresh;
};

static const struct identity file = {1, 2, 1 << 20, 4, 5};

static void add_to_evidence(const struct ledger *ledger)
{
    struct evidence *evidence = evidence_new((struct day_range){20261101, 20261130}, 2);
    size_t count;
    require(evidence && evidence_add(evidence, ledger, 0) && evidence_add(evidence, ledger, 1));
    evidence_seal(evidence);
    const struct evidence_host *hosts = evidence_hosts(evidence, &count);
    for (size_t i = 0; i < count; i++) {
        require(i == 0 || address_compare(hosts[i - 1].address, hosts[i].address) < 0);
        require(evidence_count_in_log(evidence, &hosts[i], 0) == evidence_count_in_log(evidence, &hosts[i], 1));
    }
    evidence_free(evidence);
}

/* Writes down what the ledger comes to in a tally from this day on, and finds it. */
static void rewrite(const struct ledger *ledger, day_number first_day, struct buffer *bytes, struct ledger *again)
{
    struct tally tally = {0};
    require(ledger_add_to_tally(ledger, first_day, &tally) && ledger_write(&tally, bytes));
    require(ledger_read(bytes->bytes, bytes->length, again));
    require(again->head->day_count == tally.day_count);
    tally_clear(&tally);
}

/* The days ascend, and it ends where the bytes end. */
static void require_fit(const struct cache_part *part)
{
    const struct ledger_host *end = part->ledger.hosts;
    const struct ledger_ipv4 *ipv4_end = part->ledger.ipv4;
    for (size_t i = 0; i < part->ledger.head->day_count; i++) {
        const struct ledger_day *day = &part->ledger.days[i];
        require(day_is_plausible(day->day) && (i == 0 || day[-1].day < day->day));
        ipv4_end += day->ipv4_count;
        end += day->host_count;
    }
    require((const char *)ipv4_end == (const char *)part->ledger.hosts);
    require((const char *)end == part->bytes.bytes + part->bytes.length);
}

/* Any two ledgers are merged to one; two that are in order to the same as by counting. */
static void require_merges(const struct ledger *any, const struct ledger *ordered)
{
    struct tally tally = {0};
    struct buffer bytes = {0};
    struct buffer counted = {0};
    struct ledger merged;
    require(ledger_merge(any, 0, ordered, &bytes) && ledger_read(bytes.bytes, bytes.length, &merged));
    bytes.length = 0;
    require(ledger_merge(ordered, 0, any, &bytes) && ledger_read(bytes.bytes, bytes.length, &merged));
    bytes.length = 0;
    require(ledger_merge(ordered, 0, ordered, &bytes));
    for (int times = 0; times < 2; times++)
        require(ledger_add_to_tally(ordered, 0, &tally));
    require(ledger_write(&tally, &counted) && buffer_equal(&bytes, &counted));
    tally_clear(&tally);
    buffer_clear(&bytes);
    buffer_clear(&counted);
}

static void use(const struct cache_part *part)
{
    struct buffer once = {0};
    struct buffer twice = {0};
    struct ledger ledger;
    struct ledger unused;
    require_fit(part);
    require(part->mark.offset <= part->mark.identity.size);
    const struct cache_mark *mark = &part->mark;
    const struct day_range day = {mark->first_day, mark->first_day};
    const int left_out = mark->left_out != 0 && mark->left_out <= mark->first_day;
    require(cache_use_of(mark, &mark->identity, day) == (mark->fresh || left_out ? CACHE_USELESS : CACHE_WHOLE));
    add_to_evidence(&part->ledger);
    rewrite(&part->ledger, part->mark.first_day, &once, &ledger);
    rewrite(&ledger, 0, &twice, &unused);
    require(buffer_equal(&once, &twice));
    require_merges(&part->ledger, &ledger);
    buffer_clear(&once);
    buffer_clear(&twice);
}

static void read_part(void)
{
    struct cache_part part;
    if (cache_read(fuzz_directory, "smtp", SETTINGS, &file, &part) == 0)
        return;
    use(&part);
    cache_part_clear(&part);
}

/* The bytes are a whole file. */
static void try_file(const uint8_t *data, size_t size)
{
    struct buffer bytes = {0};
    buffer_add(&bytes, (const char *)data, size);
    fuzz_put_file(fuzz_path(NAME), bytes.bytes, bytes.length);
    read_part();
    if (size >= CACHEFILE_HEAD) {
        uint64_t sum = digest(DIGEST_BEGIN, bytes.bytes + DIGESTED, CACHEFILE_HEAD - DIGESTED);
        sum = digest(sum, bytes.bytes + CACHEFILE_HEAD, bytes.length - CACHEFILE_HEAD);
        memcpy(bytes.bytes + AT_DIGEST, &sum, sizeof sum);
        fuzz_put_file(fuzz_path(NAME), bytes.bytes, bytes.length);
        read_part();
    }
    buffer_clear(&bytes);
}

/* The file is there in other bytes: it must not be taken for a part. */
static void require_damaged(const struct buffer *bytes)
{
    struct cache_part part;
    fuzz_put_file(fuzz_path(NAME), bytes->bytes, bytes->length);
    require(cache_read(fuzz_directory, "smtp", SETTINGS, &file, &part) == 0 && !part.bytes.bytes);
}

/* Changes a byte of what was written, the last one and others, cuts it, and adds a byte. */
static void check_damage(struct buffer *bytes)
{
    enum { PLACES = 3 };
    const size_t length = bytes->length;
    size_t at = length - 1;
    for (size_t i = 0; i < PLACES; i++, at = at * 31 + length * 7) {
        char *byte = &bytes->bytes[at % length];
        const char before = *byte;
        *byte = (char)(*byte ^ (1 << at % 8));
        require_damaged(bytes);
        *byte = before;
    }
    bytes->length = at % length;
    require_damaged(bytes);
    bytes->length = length;
    buffer_add(bytes, "", 1);
    require_damaged(bytes);
    bytes->length = length;
}

/* What was written is read as it is, or was none that can be. */
static void check_written(const struct cache_mark *mark, const struct buffer *bytes)
{
    struct cache_part part;
    struct ledger ledger;
    const bool right = mark->offset <= mark->identity.size &&
                       ledger_read(bytes->bytes + CACHE_HEAD, bytes->length - CACHE_HEAD, &ledger);
    require((cache_read(fuzz_directory, "smtp", SETTINGS, &file, &part) > 0) == right);
    if (!right)
        return;
    require(identity_equal(&part.mark.identity, &mark->identity) && part.mark.offset == mark->offset);
    require(part.mark.fresh == mark->fresh && part.mark.first_day == mark->first_day &&
            part.mark.left_out == mark->left_out);
    require(part.mark.fingerprint.beginning == mark->fingerprint.beginning &&
            part.mark.fingerprint.end == mark->fingerprint.end);
    require(part.bytes.length == bytes->length &&
            memcmp(part.bytes.bytes + CACHE_HEAD, bytes->bytes + CACHE_HEAD, bytes->length - CACHE_HEAD) == 0);
    cache_part_clear(&part);
    require(cache_read(fuzz_directory, "pop3", SETTINGS, &file, &part) == 0);
    require(cache_read(fuzz_directory, "smtp", SETTINGS + 1, &file, &part) == 0);
}

/* The bytes are the mark and the ledger of a part that is right for the rest. */
static void try_part(const uint8_t *data, size_t size)
{
    struct input input;
    struct buffer bytes = {0};
    struct error error;
    if (size < sizeof input)
        return;
    memcpy(&input, data, sizeof input);
    const struct cache_mark mark = {.identity = {file.device, file.inode, input.size, file.written, file.changed},
                                    .offset = input.offset,
                                    .fresh = input.fresh % 2 != 0,
                                    .fingerprint = {input.size * 3, input.offset * 5},
                                    .first_day = input.first_day,
                                    .left_out = input.fresh / 2};
    cache_begin(&bytes);
    buffer_add(&bytes, (const char *)data + sizeof input, size - sizeof input);
    require(cache_write(fuzz_directory, "smtp", SETTINGS, &mark, &bytes, &error) > 0);
    read_part();
    check_written(&mark, &bytes);
    check_damage(&bytes);
    buffer_clear(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_make_directory();
    try_file(data, size);
    try_part(data, size);
    return 0;
}
