/* SPDX-License-Identifier: MIT */
/*
 * A log file that is read in stretches, by several threads or as it grows: each record counts once, as in one stretch,
 * and as each by itself. The first bytes of the input choose the format, the places of the cuts, and what stands before
 * the rest, which is the end of the file: nothing, other lines, or the beginning of a very long one; so much of it that
 * the end is around the border of the blocks in which files are read.
 */
#include "fuzz.h"

#include "ledger.h"
#include "scan.h"

enum {
    CUTS = 3,
    END_MAX = 8192,      /* bytes of the file's end */
    FILLED = SCAN_BLOCK, /* bytes before it, at most */
    LINE = 509,          /* of the other lines */
    LATE = 3 * LINE,     /* where the very long line begins that isn't the first one */
};

/* What may stand before the end. */
enum filling { LINES, ONE_LINE, LATE_LINE, SECOND_LINE, FILLINGS };

enum { CHOICES = 8 }; /* more than there are: most times nothing stands there, which is fastest */

static const char *const formats[] = {"smtp", "pop3", "finger", "ctrl"};
enum { FORMATS = sizeof formats / sizeof *formats };

static const struct day_range range = {20200101, 20991231};
static struct conf_log logs[FORMATS];
static struct record_reader *single[FORMATS];
static struct record_reader *together[FORMATS];
static struct scanner scanner;
static int descriptor;

/* The file, and where in it the bytes of the input stand. */
static char image[FILLED + END_MAX];
static char fillings[FILLINGS][FILLED];
static size_t begin;
static size_t size;

/* The byte of a filling at a place. A very long line begins as a record does. */
static char filling_at(enum filling filling, size_t at)
{
    static const char head[] = "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"2026-11-20 12:34:56\"\t\"";
    const size_t line = filling == LATE_LINE ? LATE : filling == SECOND_LINE ? 1 : 0;
    if (filling == LINES)
        return at % LINE == LINE - 1 ? '\n' : 'x';
    if (at < line)
        return at + 1 == line ? '\n' : 'x';
    return at - line < sizeof head - 1 ? head[at - line] : 'x';
}

static void make_fillings(void)
{
    for (size_t filling = 0; filling < FILLINGS; filling++)
        for (size_t at = 0; at < FILLED; at++)
            fillings[filling][at] = filling_at((enum filling)filling, at);
}

static void make_all(void)
{
    struct error error;
    require(scanner_new(&scanner));
    for (size_t i = 0; i < FORMATS; i++) {
        const struct log_format *format = format_find(formats[i]);
        logs[i] = (struct conf_log){.format = format, .enabled = true, .address_field = format->address_field};
        require(!format->unauthorized || pattern_compile(format->unauthorized, &logs[i].unauthorized, &error) > 0);
        single[i] = record_reader_new(&logs[i], range, &error);
        together[i] = record_reader_new(&logs[i], range, &error);
        require(single[i] && together[i]);
    }
    make_fillings();
    fuzz_make_directory();
    descriptor = open(fuzz_path("log"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    require(descriptor >= 0);
}

/* Makes the file anew: so many bytes of the filling, and those of the input behind them. */
static void make_file(const char *filling, size_t filled, const struct fuzz_input *input)
{
    begin = filled;
    size = begin + input->length;
    if (filled > 0)
        memcpy(image, filling, filled);
    if (input->length > 0)
        memcpy(image + begin, input->bytes, input->length);
    require(ftruncate(descriptor, (off_t)size) == 0);
    require(pwrite(descriptor, image, size, 0) == (ssize_t)size);
}

/* --- what is right ------------------------------------------------------------------------------------------------ */

static void count_record(struct tally *tally, enum record_result result, const struct record *record)
{
    tally->records++;
    tally->malformed += result == RECORD_MALFORMED;
    if (result != RECORD_VALID)
        return;
    struct tally_day *day = tally_day(tally, record->day);
    require(day && tally_add(tally, day, record->address, counts_from(record->verdict)));
    day->records++;
    day->limits += record->limits;
}

/* Counts the lines one by one; where the last one ends. */
static size_t count_lines(struct record_reader *reader, struct tally *tally)
{
    size_t at = 0;
    for (const char *lf; at < size && (lf = memchr(image + at, '\n', size - at)); at = (size_t)(lf - image) + 1) {
        struct record record;
        count_record(tally, record_read(reader, image + at, (size_t)(lf - image) - at, &record), &record);
    }
    return at;
}

static void require_same(const struct tally *a, const struct tally *b)
{
    struct buffer bytes = {0};
    struct buffer others = {0};
    require(ledger_write(a, &bytes) && ledger_write(b, &others) && buffer_equal(&bytes, &others));
    buffer_clear(&bytes);
    buffer_clear(&others);
}

/* --- the scans ---------------------------------------------------------------------------------------------------- */

/* Scans the stretch; *behind becomes what it says, if that is further on. */
static void scan_stretch(struct record_reader *reader, struct scan_stretch stretch, struct tally *tally,
                         uint64_t *behind)
{
    struct scan_counts counts = {0};
    struct error error;
    require(scan(&scanner, descriptor, "log", &stretch, reader, tally, &counts, NULL, NULL, &error) > 0);
    require(counts.shrank == (stretch.end > size));
    if (counts.behind > *behind)
        *behind = counts.behind;
}

/* One stretch after another, the cuts between them ascending; the file said to be so long. */
static void check_stretches(struct record_reader *reader, const size_t *cuts, size_t count, size_t end,
                            const struct tally *expected, size_t last)
{
    struct tally tally = {0};
    uint64_t behind = 0;
    for (size_t i = 0; i <= count; i++)
        scan_stretch(reader, (struct scan_stretch){i == 0 ? 0 : cuts[i - 1], i == count ? end : cuts[i], end}, &tally,
                     &behind);
    require(behind == last);
    require_same(&tally, expected);
    tally_clear(&tally);
}

/* The file is read when it is as long as each cut says, each time from where the last reading ended. */
static void check_growth(struct record_reader *reader, const size_t *cuts, size_t count, const struct tally *expected,
                         size_t last)
{
    struct tally tally = {0};
    uint64_t behind = 0;
    for (size_t i = 0; i <= count; i++) {
        const size_t end = i == count ? size : cuts[i];
        const uint64_t from = behind;
        if (from < end)
            scan_stretch(reader, (struct scan_stretch){from, end, end}, &tally, &behind);
    }
    require(behind == last);
    require_same(&tally, expected);
    tally_clear(&tally);
}

static int compare_cuts(const void *left, const void *right)
{
    const size_t a = *(const size_t *)left;
    const size_t b = *(const size_t *)right;
    return (a > b) - (a < b);
}

/* A place in the file: near its end or, if the uppermost bit says so, anywhere. */
static size_t place(unsigned number)
{
    const unsigned low = number & 0x7fff;
    return number > 0x7fff ? (size_t)((uint64_t)low * size / 0x7fff) : begin + low % (size - begin + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    struct fuzz_input input = {data, length};
    struct tally expected = {0};
    unsigned numbers[CUTS];
    size_t cuts[CUTS];
    if (!scanner.block)
        make_all();
    const unsigned choice = fuzz_take(&input);
    const size_t source = choice % FORMATS;
    const unsigned filling = choice / FORMATS % CHOICES;
    const size_t missing = fuzz_take(&input) << 8 | fuzz_take(&input);
    for (size_t i = 0; i < CUTS; i++)
        numbers[i] = fuzz_take(&input) << 8 | fuzz_take(&input);
    if (input.length > END_MAX)
        return 0;
    if (filling < FILLINGS)
        make_file(fillings[filling], FILLED - missing % END_MAX, &input);
    else
        make_file(NULL, 0, &input);
    for (size_t i = 0; i < CUTS; i++)
        cuts[i] = place(numbers[i]);
    qsort(cuts, CUTS, sizeof *cuts, compare_cuts);
    const size_t last = count_lines(single[source], &expected);
    check_stretches(together[source], cuts, 0, size, &expected, last);
    check_stretches(together[source], cuts, 0, size + 1, &expected, last);
    check_stretches(together[source], cuts, CUTS, size, &expected, last);
    check_growth(together[source], cuts, CUTS, &expected, last);
    tally_clear(&expected);
    return 0;
}
