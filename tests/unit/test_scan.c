/* SPDX-License-Identifier: MIT */
/* Reading a log file: no record is lost or doubled at any place in the file, whatever happens to it meanwhile. */
#include "support.h"
#include "support_tally.h"

#include "scan.h"
#include "sys.h"

#define RECORD        "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 12:34:56\"\t\"u\"\t\"\"\t\"ELOGIN\""
#define LOGIN         "\"mx\"\t\"d\"\t\"192.0.2.2\"\t\"2026-11-20 12:34:56\"\t\"u\"\t\"\"\t\"LOGIN\"\t\"1\"\t\"2\""
#define OLD           "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-01 12:34:56\"\t\"u\"\t\"\"\t\"ELOGIN\""
#define RECORD_LENGTH (sizeof RECORD - 1)

enum { FIRST_DAY = 20261115, LAST_DAY = 20261121 };

/* What a test has: a log and its reader, a directory and a file in it, a scanner. */
struct bench {
    struct conf_log log;
    struct record_reader *reader;
    char directory[SUPPORT_PATH_SIZE];
    char path[SUPPORT_PATH_SIZE + 8];
    struct scanner scanner;
    struct tally tally;
    struct scan_counts counts;
    struct error error;
};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    bench->log = log_from((struct log_wish){.format = "pop3"});
    bench->reader = record_reader_new(&bench->log, (struct day_range){FIRST_DAY, 99991231}, &bench->error);
    assert_non_null(bench->reader);
    assert_true(scanner_new(&bench->scanner));
    directory_make(bench->directory);
    (void)snprintf(bench->path, sizeof bench->path, "%s/log", bench->directory);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    directory_drop(bench->directory);
    record_reader_free(bench->reader);
    log_drop(&bench->log);
    tally_clear(&bench->tally);
    scanner_free(&bench->scanner);
    free(bench);
    return 0;
}

static void forget(struct bench *bench)
{
    tally_clear(&bench->tally);
    bench->counts = (struct scan_counts){0};
}

/* Scans the records of the file that begin from an offset on and before another one; end: of the file then. */
static int scan_stretch(struct bench *bench, struct scan_stretch stretch, struct tally *tally,
                        struct scan_counts *counts, scan_progress *progress, void *context)
{
    struct stat status;
    int descriptor = -1;
    int result = scan_open(bench->path, &descriptor, &status, &bench->error);
    if (result <= 0)
        return result;
    if (stretch.end == 0)
        stretch = (struct scan_stretch){0, (uint64_t)status.st_size, (uint64_t)status.st_size};
    result = scan(&bench->scanner, descriptor, bench->path, &stretch, bench->reader, tally, counts, progress, context,
                  &bench->error);
    assert_int_equal(sys_close(descriptor), 0);
    return result;
}

static int scan_with(struct bench *bench, scan_progress *progress, void *context)
{
    const struct scan_stretch all = {0, 0, 0};
    forget(bench);
    return scan_stretch(bench, all, &bench->tally, &bench->counts, progress, context);
}

static void scan_all(struct bench *bench)
{
    if (scan_with(bench, NULL, NULL) != 1)
        fail_msg("%s", bench->error.text);
}

/* All unauthorised accesses that were tallied. */
static uint64_t unauthorized(const struct bench *bench)
{
    return tally_unauthorized(&bench->tally);
}

static void expect(const struct bench *bench, uint64_t records, uint64_t malformed, uint64_t in_range)
{
    const uint64_t valid = tally_records_of(&bench->tally, FIRST_DAY, LAST_DAY);
    if (bench->tally.records != records || bench->tally.malformed != malformed || valid != in_range)
        fail_msg("%ju records, %ju malformed, %ju in range", (uintmax_t)bench->tally.records,
                 (uintmax_t)bench->tally.malformed, (uintmax_t)valid);
}

/* Offset behind the last LF of what was written to the file. */
static uint64_t behind_last(const char *content, size_t length)
{
    while (length > 0 && content[length - 1] != '\n')
        length--;
    return length;
}

/* A line of exactly so many bytes with its LF: no record. */
static void add_filler(struct buffer *content, size_t length)
{
    assert_true(length > 0);
    assert_true(buffer_reserve(content, length));
    memset(content->bytes + content->length, 'x', length - 1);
    content->bytes[content->length + length - 1] = '\n';
    content->length += length;
}

/* Lines of moderate length, so many bytes in all. Returns how many. */
static size_t add_fillers(struct buffer *content, size_t length)
{
    size_t lines = 0;
    for (; length > 0; lines++) {
        size_t part = length > 1000 ? 500 : length;
        add_filler(content, part);
        length -= part;
    }
    return lines;
}

/* --- whole files -------------------------------------------------------------------------------------------------- */

static void each_line_is_a_record(void **state)
{
    static const struct {
        const char *content;
        uint64_t records;
        uint64_t malformed;
        uint64_t in_range;
        uint64_t unauthorized;
    } rows[] = {
        {"", 0, 0, 0, 0},
        {RECORD "\n", 1, 0, 1, 1},
        {RECORD "\r\n", 1, 0, 1, 1},
        {RECORD "\n" LOGIN "\n" OLD "\n" RECORD "\n", 4, 0, 3, 2},
        {"\n", 1, 1, 0, 0},
        {"\n\n" RECORD "\n\n", 4, 3, 1, 1},
        {"x\n" RECORD "\n", 2, 1, 1, 1},
        /* The last line is being written. */
        {RECORD, 0, 0, 0, 0},
        {RECORD "\r", 0, 0, 0, 0},
        {"x", 0, 0, 0, 0},
        {RECORD "\n" RECORD, 1, 0, 1, 1},
        {RECORD "\n\n" RECORD, 2, 1, 1, 1},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        file_write_text(bench->path, rows[i].content);
        scan_all(bench);
        expect(bench, rows[i].records, rows[i].malformed, rows[i].in_range);
        assert_int_equal(unauthorized(bench), rows[i].unauthorized);
        assert_int_equal(bench->counts.bytes, strlen(rows[i].content));
        assert_int_equal(bench->counts.behind, behind_last(rows[i].content, strlen(rows[i].content)));
        assert_false(bench->counts.shrank);
    }
}

static void tally_and_counts_are_added_to(void **state)
{
    struct bench *bench = *state;
    file_write_text(bench->path, RECORD "\nx\n");
    scan_all(bench);
    const struct scan_stretch all = {0, 0, 0};
    assert_int_equal(scan_stretch(bench, all, &bench->tally, &bench->counts, NULL, NULL), 1);
    expect(bench, 4, 2, 2);
    assert_int_equal(unauthorized(bench), 2);
}

/* --- the borders of blocks ---------------------------------------------------------------------------------------- */

static void a_record_across_the_border_of_a_block_is_read_at_every_offset(void **state)
{
    struct bench *bench = *state;
    /* The record's LF stands from a little before the border to a record's length behind it. */
    for (size_t shift = 0; shift <= RECORD_LENGTH + 8; shift++) {
        struct buffer content = {0};
        size_t lines = add_fillers(&content, SCAN_BLOCK - RECORD_LENGTH - 4 + shift);
        buffer_add_text(&content, RECORD "\n" RECORD "\r\n" RECORD);
        file_write(bench->path, content.bytes, content.length);
        scan_all(bench);
        expect(bench, lines + 2, lines, 2);
        assert_int_equal(unauthorized(bench), 2);
        assert_int_equal(bench->counts.bytes, content.length);
        assert_int_equal(bench->counts.behind, behind_last(content.bytes, content.length));
        buffer_clear(&content);
    }
}

static void a_long_file_of_records_is_read_whole(void **state)
{
    enum { RECORDS = 20000 };
    struct bench *bench = *state;
    struct buffer content = {0};
    for (size_t i = 0; i < RECORDS; i++)
        buffer_add_text(&content, i % 3 ? RECORD "\n" : LOGIN "\n");
    file_write(bench->path, content.bytes, content.length);
    scan_all(bench);
    expect(bench, RECORDS, 0, RECORDS);
    assert_int_equal(unauthorized(bench), RECORDS - (RECORDS + 2) / 3);
    assert_int_equal(bench->counts.bytes, content.length);
    buffer_clear(&content);
}

static void a_record_longer_than_a_block_is_malformed_and_the_next_is_read(void **state)
{
    static const size_t lengths[] = {RECORD_LENGTH_MAX - 1, RECORD_LENGTH_MAX,  SCAN_BLOCK,
                                     SCAN_BLOCK + 1,        2 * SCAN_BLOCK - 2, 2 * SCAN_BLOCK - 1,
                                     2 * SCAN_BLOCK,        2 * SCAN_BLOCK + 1, 3 * SCAN_BLOCK + 1000};
    static const size_t before[] = {0, 1, 17, SCAN_BLOCK - 1, SCAN_BLOCK};
    struct bench *bench = *state;
    for (size_t b = 0; b < COUNT_OF(before); b++) {
        for (size_t i = 0; i < COUNT_OF(lengths); i++) {
            struct buffer content = {0};
            size_t lines = add_fillers(&content, before[b]);
            add_filler(&content, lengths[i] + 1);
            buffer_add_text(&content, RECORD "\n");
            file_write(bench->path, content.bytes, content.length);
            scan_all(bench);
            expect(bench, lines + 2, lines + 1, 1);
            assert_int_equal(bench->counts.behind, content.length);
            buffer_clear(&content);
        }
    }
}

static void a_valid_record_of_the_greatest_length_counts_and_a_longer_one_does_not(void **state)
{
    static const char head[] = "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 12:34:56\"\t\"";
    static const char tail[] = "\"\t\"\"\t\"ELOGIN\"";
    static const size_t before[] = {0, 1, 2, 100, SCAN_BLOCK - 1}; /* so the border of a block is anywhere in it */
    struct bench *bench = *state;
    for (size_t b = 0; b < COUNT_OF(before); b++) {
        for (size_t more = 0; more <= 1; more++) {
            struct buffer content = {0};
            const size_t lines = add_fillers(&content, before[b]);
            buffer_add_text(&content, head);
            while (content.length < before[b] + RECORD_LENGTH_MAX + more - (sizeof tail - 1))
                buffer_add_text(&content, "u");
            buffer_add_text(&content, tail);
            buffer_add_text(&content, "\n" RECORD "\n");
            file_write(bench->path, content.bytes, content.length);
            scan_all(bench);
            expect(bench, lines + 2, lines + more, 2 - more);
            assert_int_equal(unauthorized(bench), 2 - more);
            buffer_clear(&content);
        }
    }
}

static void a_long_line_that_is_being_written_does_not_count_yet(void **state)
{
    static const size_t lengths[] = {SCAN_BLOCK - 1, SCAN_BLOCK, SCAN_BLOCK + 1, 2 * SCAN_BLOCK, 2 * SCAN_BLOCK + 1};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct buffer content = {0};
        add_filler(&content, lengths[i] + 1);
        content.length--;
        file_write(bench->path, content.bytes, content.length);
        scan_all(bench);
        expect(bench, 0, 0, 0);
        assert_int_equal(bench->counts.bytes, lengths[i]);
        assert_int_equal(bench->counts.behind, 0);
        buffer_clear(&content);
    }
}

static void any_mixture_of_lengths_is_counted_as_by_a_plain_count_of_lines(void **state)
{
    struct bench *bench = *state;
    uint64_t seed = 3;
    for (int round = 0; round < 30; round++) {
        struct buffer content = {0};
        size_t records = 0;
        size_t fillers = 0;
        while (content.length < 3 * SCAN_BLOCK) {
            if (random_below(&seed, 3)) {
                buffer_add_text(&content, RECORD "\n");
                records++;
            } else {
                add_filler(&content, 1 + random_below(&seed, random_below(&seed, 20) ? 9000 : 2 * SCAN_BLOCK));
                fillers++;
            }
        }
        file_write(bench->path, content.bytes, content.length);
        scan_all(bench);
        expect(bench, records + fillers, fillers, records);
        assert_int_equal(unauthorized(bench), records);
        assert_int_equal(bench->counts.behind, content.length);
        buffer_clear(&content);
    }
}

/* --- stretches ---------------------------------------------------------------------------------------------------- */

/* What the content says, each line by itself. */
static struct listing list_content(struct bench *bench, const struct buffer *content)
{
    struct listing listing = {0};
    struct record_reader *reader =
        record_reader_new(&bench->log, (struct day_range){FIRST_DAY, 99991231}, &bench->error);
    const char *end = content->bytes + content->length;
    assert_non_null(reader);
    for (const char *at = content->bytes, *lf; at < end && (lf = memchr(at, '\n', (size_t)(end - at))); at = lf + 1) {
        struct record record = {.day = 0};
        const enum record_result result = record_read(reader, at, (size_t)(lf - at), &record);
        listing_add_record(&listing, result, &record);
    }
    listing_settle(&listing);
    record_reader_free(reader);
    return listing;
}

static int compare_offsets(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return (*a > *b) - (*a < *b);
}

enum { CUTS_MAX = 12 };

/* Scans the stretches between the cuts (ascending, 0 the first and the length the last of them) in any order. */
static void check_cuts(struct bench *bench, const struct buffer *content, const struct listing *expected,
                       const uint64_t *cuts, size_t count, uint64_t *seed)
{
    size_t order[CUTS_MAX];
    uint64_t behind = 0;
    forget(bench);
    for (size_t i = 0; i + 1 < count; i++) {
        const size_t other = random_below(seed, i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        struct tally tally = {0};
        struct scan_counts counts = {0};
        const struct scan_stretch stretch = {cuts[order[i]], cuts[order[i] + 1], content->length};
        assert_int_equal(scan_stretch(bench, stretch, &tally, &counts, NULL, NULL), 1);
        assert_false(counts.shrank);
        assert_true(counts.behind <= content->length);
        assert_true(counts.behind == 0 || content->bytes[counts.behind - 1] == '\n');
        behind = counts.behind > behind ? counts.behind : behind;
        assert_true(tally_merge(&bench->tally, &tally));
        tally_clear(&tally);
    }
    assert_int_equal(behind, behind_last(content->bytes, content->length));
    assert_tally_is(&bench->tally, expected);
}

/* Records and other lines of any length, among them so many that are nearly or really too long; maybe no end. */
static void add_any_lines(struct buffer *content, uint64_t *seed, size_t long_ones)
{
    for (size_t i = 20 + random_below(seed, 60); i > 0; i--) {
        if (random_below(seed, 3))
            buffer_add_text(content, random_below(seed, 2) ? RECORD "\n" : LOGIN "\r\n");
        else
            add_filler(content, 1 + random_below(seed, random_below(seed, 4) ? 100 : 3000));
    }
    for (; long_ones > 0; long_ones--) {
        const size_t kind = random_below(seed, 3);
        add_filler(content, kind == 0 ? RECORD_LENGTH_MAX - 2 + random_below(seed, 6)
                                      : 1 + random_below(seed, kind * SCAN_BLOCK + SCAN_BLOCK / 2));
        buffer_add_text(content, OLD "\n" RECORD "\n");
    }
    if (random_below(seed, 2)) /* being written */
        content->length -= random_below(seed, 30);
}

static void a_file_says_the_same_however_it_is_cut(void **state)
{
    struct bench *bench = *state;
    uint64_t seed = 256;
    for (int round = 0; round < 120; round++) {
        struct buffer content = {0};
        for (size_t parts = 1 + random_below(&seed, 3); parts > 0; parts--)
            add_any_lines(&content, &seed, round % 3 == 0 ? 1 + random_below(&seed, 3) : 0);
        file_write(bench->path, content.bytes, content.length);
        struct listing expected = list_content(bench, &content);
        for (int again = 0; again < 4; again++) {
            uint64_t cuts[CUTS_MAX] = {0};
            const size_t count = 2 + random_below(&seed, CUTS_MAX - 2);
            for (size_t i = 1; i + 1 < count; i++)
                cuts[i] = random_below(&seed, content.length + 1);
            cuts[count - 1] = content.length;
            qsort(cuts, count, sizeof *cuts, compare_offsets);
            check_cuts(bench, &content, &expected, cuts, count, &seed);
        }
        listing_clear(&expected);
        buffer_clear(&content);
    }
}

static void so_it_does_cut_at_each_byte(void **state)
{
    static const char text[] = RECORD "\n\n" LOGIN "\r\nx\n" OLD "\n" RECORD "\n" RECORD;
    struct bench *bench = *state;
    struct buffer content = {0};
    uint64_t seed = 1;
    buffer_add_text(&content, text);
    file_write(bench->path, content.bytes, content.length);
    struct listing expected = list_content(bench, &content);
    for (uint64_t cut = 0; cut <= content.length; cut++) {
        const uint64_t one[] = {0, cut, content.length};
        check_cuts(bench, &content, &expected, one, COUNT_OF(one), &seed);
        const uint64_t two[] = {0, cut, cut < content.length ? cut + 1 : cut, content.length};
        check_cuts(bench, &content, &expected, two, COUNT_OF(two), &seed);
    }
    listing_clear(&expected);
    buffer_clear(&content);
}

static void a_long_record_across_cuts_and_blocks_counts_once(void **state)
{
    static const size_t lengths[] = {RECORD_LENGTH_MAX - 1, RECORD_LENGTH_MAX, RECORD_LENGTH_MAX + 1,
                                     RECORD_LENGTH_MAX + 2, 2 * SCAN_BLOCK + 7};
    struct bench *bench = *state;
    uint64_t seed = 2;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct buffer content = {0};
        const size_t begin = 2 * (RECORD_LENGTH + 1);
        const size_t end = begin + lengths[i] + 1;
        buffer_add_text(&content, RECORD "\n" RECORD "\n");
        /* A valid record, if it isn't too long. */
        add_filler(&content, lengths[i] + 1);
        memcpy(content.bytes + begin, "\"mx\"\t\"", 6);
        memcpy(content.bytes + end - 1 - (RECORD_LENGTH - 4), &RECORD[4], RECORD_LENGTH - 4);
        buffer_add_text(&content, RECORD "\n" RECORD "\n");
        file_write(bench->path, content.bytes, content.length);
        struct listing expected = list_content(bench, &content);
        assert_int_equal(expected.records, 5);
        assert_int_equal(expected.malformed, lengths[i] > RECORD_LENGTH_MAX);
        const uint64_t cuts[] = {begin - 1,    begin,          begin + 1,
                                 begin + 4096, SCAN_BLOCK - 1, SCAN_BLOCK,
                                 end - 2,      end - 1,        end < 2 * SCAN_BLOCK ? end : 2 * SCAN_BLOCK,
                                 end,          end + 1};
        for (size_t c = 0; c < COUNT_OF(cuts); c++) {
            for (size_t d = c; d < COUNT_OF(cuts); d++) {
                uint64_t all[] = {0, cuts[c], cuts[d], content.length};
                qsort(all, COUNT_OF(all), sizeof *all, compare_offsets);
                check_cuts(bench, &content, &expected, all, COUNT_OF(all), &seed);
            }
        }
        listing_clear(&expected);
        buffer_clear(&content);
    }
}

static void what_is_behind_the_end_is_for_the_next_time(void **state)
{
    struct bench *bench = *state;
    struct buffer content = {0};
    for (size_t i = 0; i < 5; i++)
        buffer_add_text(&content, RECORD "\n");
    file_write(bench->path, content.bytes, content.length);
    for (uint64_t end = 1; end <= content.length; end++) {
        struct scan_stretch stretch = {0, end, end};
        const uint64_t lines = end / (RECORD_LENGTH + 1);
        forget(bench);
        assert_int_equal(scan_stretch(bench, stretch, &bench->tally, &bench->counts, NULL, NULL), 1);
        expect(bench, lines, 0, lines);
        assert_int_equal(bench->counts.bytes, end);
        assert_int_equal(bench->counts.behind, lines * (RECORD_LENGTH + 1));
        assert_false(bench->counts.shrank);
        /* The next time, from there. */
        stretch = (struct scan_stretch){bench->counts.behind, content.length, content.length};
        assert_int_equal(scan_stretch(bench, stretch, &bench->tally, &bench->counts, NULL, NULL), 1);
        expect(bench, 5, 0, 5);
        assert_int_equal(bench->counts.behind, content.length);
    }
    buffer_clear(&content);
}

static void a_stretch_does_not_read_on_and_on(void **state)
{
    struct bench *bench = *state;
    for (int whole = 0; whole < 2; whole++) { /* of records, and of a line that has no end */
        struct buffer content = {0};
        while (content.length < 5 * SCAN_BLOCK)
            buffer_add_text(&content, whole ? RECORD : RECORD "\n");
        file_write(bench->path, content.bytes, content.length);
        const struct scan_stretch stretch = {SCAN_BLOCK, 2 * SCAN_BLOCK, content.length};
        forget(bench);
        assert_int_equal(scan_stretch(bench, stretch, &bench->tally, &bench->counts, NULL, NULL), 1);
        assert_true(bench->counts.bytes <= SCAN_BLOCK + 1 + 4096);
        assert_int_equal(bench->tally.records == 0, whole);
        buffer_clear(&content);
    }
}

/* --- what is no log ----------------------------------------------------------------------------------------------- */

static void a_missing_file_is_told_from_an_unreadable_one(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(scan_with(bench, NULL, NULL), 0);
    assert_int_equal(symlink("nowhere", bench->path), 0);
    assert_int_equal(scan_with(bench, NULL, NULL), 0);
    assert_int_equal(unlink(bench->path), 0);
    assert_int_equal(symlink("log", bench->path), 0); /* to itself */
    assert_int_equal(scan_with(bench, NULL, NULL), -1);
    assert_non_null(strstr(bench->error.text, bench->path));
}

static void a_fifo_cannot_hold_it_up(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(mkfifo(bench->path, 0600), 0);
    assert_int_equal(scan_with(bench, NULL, NULL), -1);
    assert_non_null(strstr(bench->error.text, "unable to read"));
    assert_non_null(strstr(bench->error.text, bench->path));
}

static void a_directory_and_a_device_are_no_logs(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_int_equal(scan_with(bench, NULL, NULL), -1);
    assert_int_equal(rmdir(bench->path), 0);
    assert_int_equal(symlink("/dev/zero", bench->path), 0);
    assert_int_equal(scan_with(bench, NULL, NULL), -1);
}

/* --- files that change -------------------------------------------------------------------------------------------- */

/* What the progress callback does to the file, once. */
struct change {
    const char *path;
    off_t length;       /* cut to this; -1: don't */
    const char *append; /* or NULL */
    bool remove;
    bool done;
    size_t bytes;
};

static void change_file(void *context, size_t bytes)
{
    struct change *change = context;
    change->bytes += bytes;
    if (change->done)
        return;
    change->done = true;
    if (change->length >= 0)
        assert_int_equal(truncate(change->path, change->length), 0);
    if (change->append) {
        FILE *file = fopen(change->path, "a");
        assert_non_null(file);
        assert_true(fputs(change->append, file) >= 0);
        assert_int_equal(fclose(file), 0);
    }
    if (change->remove)
        assert_int_equal(unlink(change->path), 0);
}

/* A file of a little more than two blocks of records. Returns their number. */
static size_t write_long(const struct bench *bench, size_t *length)
{
    struct buffer content = {0};
    size_t records = 0;
    for (; content.length < 2 * SCAN_BLOCK + 1000; records++)
        buffer_add_text(&content, RECORD "\n");
    file_write(bench->path, content.bytes, content.length);
    *length = content.length;
    buffer_clear(&content);
    return records;
}

static void a_file_that_is_cut_while_it_is_read_counts_as_far_as_it_was_read(void **state)
{
    static const off_t lengths[] = {0, 1, SCAN_BLOCK - 1, SCAN_BLOCK, SCAN_BLOCK + 5, 2 * SCAN_BLOCK};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        size_t length;
        (void)write_long(bench, &length);
        struct change change = {.path = bench->path, .length = lengths[i]};
        assert_int_equal(scan_with(bench, change_file, &change), 1);
        assert_true(bench->counts.shrank);
        size_t read = lengths[i] > SCAN_BLOCK ? (size_t)lengths[i] : SCAN_BLOCK;
        assert_int_equal(bench->counts.bytes, read);
        assert_int_equal(change.bytes, read);
        expect(bench, read / (RECORD_LENGTH + 1), 0, read / (RECORD_LENGTH + 1));
        assert_int_equal(bench->counts.behind, read - read % (RECORD_LENGTH + 1));
    }
}

static void what_is_appended_while_it_is_read_is_for_the_next_time(void **state)
{
    static const char *const appended[] = {RECORD "\n", "\n", RECORD "\n" RECORD "\n" RECORD};
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(appended); i++) {
        size_t length;
        size_t records = write_long(bench, &length);
        struct change change = {.path = bench->path, .length = -1, .append = appended[i]};
        assert_int_equal(scan_with(bench, change_file, &change), 1);
        expect(bench, records, 0, records);
        assert_int_equal(bench->counts.bytes, length);
        assert_int_equal(bench->counts.behind, length);
        assert_false(bench->counts.shrank);
    }
}

static void a_line_that_is_finished_while_it_is_read_does_not_count_yet(void **state)
{
    struct bench *bench = *state;
    size_t length;
    size_t records = write_long(bench, &length);
    assert_int_equal(truncate(bench->path, (off_t)length - 1), 0);
    struct change change = {.path = bench->path, .length = -1, .append = "\n"};
    assert_int_equal(scan_with(bench, change_file, &change), 1);
    expect(bench, records - 1, 0, records - 1);
    assert_int_equal(bench->counts.behind, length - RECORD_LENGTH - 1);
    scan_all(bench);
    expect(bench, records, 0, records);
}

static void a_file_that_is_deleted_while_it_is_read_is_read_to_its_end(void **state)
{
    struct bench *bench = *state;
    size_t length;
    size_t records = write_long(bench, &length);
    struct change change = {.path = bench->path, .length = -1, .remove = true};
    assert_int_equal(scan_with(bench, change_file, &change), 1);
    expect(bench, records, 0, records);
    assert_int_equal(scan_with(bench, NULL, NULL), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_line_is_a_record),
        TEST(tally_and_counts_are_added_to),
        TEST(a_record_across_the_border_of_a_block_is_read_at_every_offset),
        TEST(a_long_file_of_records_is_read_whole),
        TEST(a_record_longer_than_a_block_is_malformed_and_the_next_is_read),
        TEST(a_valid_record_of_the_greatest_length_counts_and_a_longer_one_does_not),
        TEST(a_long_line_that_is_being_written_does_not_count_yet),
        TEST(any_mixture_of_lengths_is_counted_as_by_a_plain_count_of_lines),
        TEST(a_file_says_the_same_however_it_is_cut),
        TEST(so_it_does_cut_at_each_byte),
        TEST(a_long_record_across_cuts_and_blocks_counts_once),
        TEST(what_is_behind_the_end_is_for_the_next_time),
        TEST(a_stretch_does_not_read_on_and_on),
        TEST(a_missing_file_is_told_from_an_unreadable_one),
        TEST(a_fifo_cannot_hold_it_up),
        TEST(a_directory_and_a_device_are_no_logs),
        TEST(a_file_that_is_cut_while_it_is_read_counts_as_far_as_it_was_read),
        TEST(what_is_appended_while_it_is_read_is_for_the_next_time),
        TEST(a_line_that_is_finished_while_it_is_read_does_not_count_yet),
        TEST(a_file_that_is_deleted_while_it_is_read_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
