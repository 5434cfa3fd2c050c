/* SPDX-License-Identifier: MIT */
/* Reading one log file by way of the cache: no more than is new of it, and never another result than without. */
#include "support.h"
#include "support_clock.h"
#include "support_ledger.h"
#include "support_tally.h"

#include "logread.h"
#include "scan.h"

#define ON(host, day) "\"mx\"\t\"d\"\t\"" host "\"\t\"" day " 12:34:56\"\t\"u\"\t\"\"\t\"ELOGIN\"\n"
#define A             ON("192.0.2.1", "2026-11-20")
#define B             ON("192.0.2.2", "2026-11-20")
#define OLDER         ON("192.0.2.1", "2026-11-16")

enum { FIRST_DAY = 20261115, LAST_DAY = 20261121, LINE_LENGTH = sizeof A - 1 };

struct bench {
    char directory[SUPPORT_PATH_SIZE];
    char path[SUPPORT_PATH_SIZE + 8];  /* of the log file */
    char cache[SUPPORT_PATH_SIZE + 8]; /* a directory that isn't there yet */
    struct conf_log log;
    struct logread_rules rules;
    struct scanner scanner;
    struct error error;
    time_t written; /* the log file, last */
};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    directory_make(bench->directory);
    (void)snprintf(bench->path, sizeof bench->path, "%s/log", bench->directory);
    (void)snprintf(bench->cache, sizeof bench->cache, "%s/cache", bench->directory);
    bench->log = log_from((struct log_wish){.format = "pop3"});
    bench->rules = (struct logread_rules){.log = &bench->log,
                                          .settings = cache_settings(&bench->log),
                                          .range = {FIRST_DAY, LAST_DAY},
                                          .cache = bench->cache,
                                          .keep = true};
    bench->written = 1700000000;
    assert_true(scanner_new(&bench->scanner));
    clock_ahead = CLOCK_LATER;
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    directory_drop(bench->directory);
    log_drop(&bench->log);
    scanner_free(&bench->scanner);
    free(bench);
    return 0;
}

/* --- the log file ------------------------------------------------------------------------------------------------- */

/* Each time that it is written it has another time. */
static void touch(struct bench *bench)
{
    file_set_age(bench->path, bench->written++);
}

static void write_log(struct bench *bench, const char *content)
{
    file_write_text(bench->path, content);
    touch(bench);
}

static void write_at(struct bench *bench, off_t offset, const char *bytes)
{
    int file = open(bench->path, O_WRONLY);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, bytes, strlen(bytes), offset), strlen(bytes));
    assert_int_equal(close(file), 0);
    touch(bench);
}

static off_t log_size(const struct bench *bench)
{
    struct stat status;
    assert_int_equal(stat(bench->path, &status), 0);
    return status.st_size;
}

static void append(struct bench *bench, const char *bytes)
{
    write_at(bench, log_size(bench), bytes);
}

/* Of so many lines, all different. */
static void write_long_log(struct bench *bench, size_t lines)
{
    struct buffer content = {0};
    for (size_t i = 0; i < lines; i++)
        buffer_add_format(&content, ON("10.%zu.%zu.1", "2026-11-%02zu"), i / 256, i % 256, 15 + i % 6);
    file_write(bench->path, content.bytes, content.length);
    touch(bench);
    buffer_clear(&content);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* What a reading came to. */
struct outcome {
    int result;
    uint64_t from; /* what was scanned */
    uint64_t end;
    struct listing listing;
};

typedef void happening(struct bench *bench);

/* What happens to the file meanwhile; or NULL. */
struct happenings {
    happening *listed; /* when it has been listed */
    happening *begun;  /* when it is open */
    happening *scanned;
};

static void happen(struct bench *bench, happening *what)
{
    if (what)
        what(bench);
}

/* Scans what there is to be scanned. Returns whether the file was long enough. */
static bool scan_it(struct bench *bench, struct logread *read, const struct logread_rules *rules)
{
    struct record_reader *reader = record_reader_new(rules->log, rules->range, &bench->error);
    const struct scan_stretch stretch = {read->from, read->end, read->end};
    struct scan_counts counts = {0};
    assert_non_null(reader);
    if (read->from < read->end)
        assert_int_equal(scan(&bench->scanner, read->descriptor, bench->path, &stretch, reader, &read->tally, &counts,
                              NULL, NULL, &bench->error),
                         1);
    read->behind = counts.behind > read->from ? counts.behind : read->from;
    record_reader_free(reader);
    return !counts.shrank;
}

static struct outcome read_log(struct bench *bench, const struct logread_rules *rules,
                               const struct happenings *happenings)
{
    const struct logfile file = {.path = bench->path, .identity = identity_of(bench->path)};
    struct logread read = {.file = &file};
    happen(bench, happenings->listed);
    struct outcome outcome = {.result = logread_begin(&read, rules, &bench->error)};
    if (outcome.result > 0) {
        struct tally tally = {0};
        outcome.from = read.from;
        outcome.end = read.end;
        assert_true(read.descriptor >= 0 || read.from == read.end);
        happen(bench, happenings->begun);
        const bool whole = scan_it(bench, &read, rules);
        happen(bench, happenings->scanned);
        assert_int_equal(logread_finish(&read, rules, whole, &bench->error), 1);
        assert_true(ledger_add_to_tally(&read.ledger, rules->range.first, &tally));
        outcome.listing = listing_of(&tally);
        tally_clear(&tally);
    }
    logread_clear(&read);
    logread_clear(&read);
    return outcome;
}

static const struct happenings nothing = {NULL, NULL, NULL};

/* Reads it while this happens, whatever comes of it. */
static void read_while(struct bench *bench, struct happenings happenings)
{
    struct outcome outcome = read_log(bench, &bench->rules, &happenings);
    assert_int_equal(outcome.result, 1);
    listing_clear(&outcome.listing);
}

/* Reads the file by the cache, and whole: both say the same. How much was scanned must be so much. */
static void check(struct bench *bench, uint64_t from, uint64_t end)
{
    struct logread_rules whole = bench->rules;
    whole.cache = NULL;
    struct outcome is = read_log(bench, &bench->rules, &nothing);
    struct outcome should = read_log(bench, &whole, &nothing);
    assert_int_equal(is.result, 1);
    assert_int_equal(should.result, 1);
    assert_int_equal(should.from, 0);
    if (is.from != from || is.end != end)
        fail_msg("scanned from %" PRIu64 " to %" PRIu64 ", and not from %" PRIu64 " to %" PRIu64, is.from, is.end, from,
                 end);
    assert_listings_equal(&is.listing, &should.listing);
    listing_clear(&is.listing);
    listing_clear(&should.listing);
}

static void check_whole(struct bench *bench)
{
    check(bench, 0, (uint64_t)log_size(bench));
}

static void check_nothing(struct bench *bench)
{
    check(bench, 0, 0);
}

/* Reads it for the first time: the cache knows it then. */
static void learn(struct bench *bench, const char *content)
{
    write_log(bench, content);
    check_whole(bench);
    assert_int_equal(directory_count(bench->cache), 1);
}

/* --- what is new -------------------------------------------------------------------------------------------------- */

static void a_file_is_read_whole_once_and_then_no_more(void **state)
{
    struct bench *bench = *state;
    learn(bench, A B OLDER "broken\n" A);
    for (int i = 0; i < 3; i++)
        check_nothing(bench);
    append(bench, "");
    check_whole(bench); /* another time, and no growth: somebody was at it */
    check_nothing(bench);
}

static void of_a_file_that_has_grown_what_is_new_is_read(void **state)
{
    struct bench *bench = *state;
    learn(bench, A B);
    append(bench, B OLDER);
    check(bench, 2 * LINE_LENGTH, 4 * LINE_LENGTH);
    append(bench, A);
    check(bench, 4 * LINE_LENGTH, 5 * LINE_LENGTH);
    check_nothing(bench);
}

static void an_unfinished_line_is_read_when_it_is_finished(void **state)
{
    struct bench *bench = *state;
    learn(bench, A "\"mx\"\t");
    check_nothing(bench);
    append(bench, "\"d\"\t\"192.0.2.3\"");
    check(bench, LINE_LENGTH, (uint64_t)log_size(bench));
    append(bench, "\t\"2026-11-20 12:34:56\"\t\"u\"\t\"\"\t\"ELOGIN\"");
    check(bench, LINE_LENGTH, (uint64_t)log_size(bench));
    append(bench, "\n");
    check(bench, LINE_LENGTH, 2 * LINE_LENGTH);
    append(bench, A);
    check(bench, 2 * LINE_LENGTH, 3 * LINE_LENGTH);
}

/* Where the last LF is, is looked for from the end. */
static void an_unfinished_line_may_be_of_any_length(void **state)
{
    static const size_t lengths[] = {4094, 4095, 4096, 4097, 8191, 8192, 8193, 300000, 1024 * 1024 - 1};
    struct bench *bench = *state;
    for (size_t begun = 0; begun < 2; begun++) {
        for (size_t i = 0; i < COUNT_OF(lengths); i++) {
            struct buffer content = {0};
            if (begun)
                buffer_add_text(&content, A);
            assert_true(buffer_reserve(&content, lengths[i]));
            memset(content.bytes + content.length, 'x', lengths[i]);
            content.length += lengths[i];
            (void)unlink(bench->path);
            directory_drop(bench->cache);
            file_write(bench->path, content.bytes, content.length);
            touch(bench);
            check_whole(bench);
            check_nothing(bench);
            append(bench, "\n" B);
            check(bench, begun * LINE_LENGTH, (uint64_t)log_size(bench));
            append(bench, A);
            check(bench, (uint64_t)log_size(bench) - LINE_LENGTH, (uint64_t)log_size(bench));
            buffer_clear(&content);
        }
    }
}

static void an_empty_file_is_one_like_any_other(void **state)
{
    struct bench *bench = *state;
    learn(bench, "");
    check_nothing(bench);
    append(bench, "\"mx\"");
    check(bench, 0, 4);
    check_nothing(bench);
    write_log(bench, A);
    check_whole(bench);
}

static void a_long_file_grows_step_by_step(void **state)
{
    struct bench *bench = *state;
    uint64_t size;
    write_long_log(bench, 3000);
    check_whole(bench);
    for (int i = 0; i < 5; i++) {
        size = (uint64_t)log_size(bench);
        append(bench, A B A OLDER);
        check(bench, size, size + 4 * LINE_LENGTH);
    }
}

/* --- what isn't as it was ----------------------------------------------------------------------------------------- */

static void a_file_that_was_cut_is_read_whole(void **state)
{
    struct bench *bench = *state;
    learn(bench, A B A B A B);
    for (off_t length = 6 * LINE_LENGTH - 1; length > 0; length -= 50) {
        assert_int_equal(truncate(bench->path, length), 0);
        touch(bench);
        check_whole(bench);
    }
    assert_int_equal(truncate(bench->path, 0), 0);
    check(bench, 0, 0);
}

static void a_file_that_was_edited_in_place_is_read_whole(void **state)
{
    struct bench *bench = *state;
    learn(bench, A A B A);
    write_at(bench, LINE_LENGTH, B);
    check_whole(bench);
    check_nothing(bench);
}

static void so_is_one_that_has_grown_too_if_its_beginning_or_end_was_edited(void **state)
{
    static const off_t places[] = {0, 4095, -4096, -1}; /* from the end, as it was */
    struct bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        write_long_log(bench, 500);
        check_whole(bench);
        const off_t size = log_size(bench);
        append(bench, A);
        write_at(bench, places[i] < 0 ? size + places[i] : places[i], "X");
        check_whole(bench);
        check_nothing(bench);
    }
}

static void another_file_of_the_same_name_is_read_whole(void **state)
{
    struct bench *bench = *state;
    char other[2 * SUPPORT_PATH_SIZE];
    (void)snprintf(other, sizeof other, "%s", path_in(bench->directory, "other"));
    for (int longer = 0; longer < 2; longer++) {
        learn(bench, A A);
        file_write_text(other, longer ? B B B : B B);
        assert_int_equal(rename(other, bench->path), 0);
        file_set_age(bench->path, bench->written - 1); /* the very time */
        check_whole(bench);
        assert_int_equal(directory_count(bench->cache), 2);
        directory_drop(bench->cache);
    }
}

static void a_file_that_was_written_just_now_is_read_again(void **state)
{
    struct bench *bench = *state;
    clock_ahead = CLOCK_NOW;
    learn(bench, A B);
    check_whole(bench);
    /* Edited at once, with its time set back: maybe nothing tells that, but that it is so new. */
    write_at(bench, 0, B);
    file_set_age(bench->path, bench->written - 2);
    check_whole(bench);
    append(bench, A); /* growth is growth */
    check(bench, 2 * LINE_LENGTH, 3 * LINE_LENGTH);
    clock_ahead = CLOCK_LATER;
    check_whole(bench); /* what was learnt when it was new is no more worth */
    check_nothing(bench);
}

/* --- what is asked for -------------------------------------------------------------------------------------------- */

static void a_range_that_begins_later_is_answered_by_the_cache(void **state)
{
    struct bench *bench = *state;
    learn(bench, OLDER A OLDER B);
    bench->rules.range.first = 20261117;
    check_nothing(bench);
    bench->rules.range.first = FIRST_DAY;
    check_nothing(bench); /* it has kept the older ones */
    bench->rules.range.first = 20261117;
    append(bench, OLDER A);
    check(bench, 4 * LINE_LENGTH, 6 * LINE_LENGTH);
    bench->rules.range.first = FIRST_DAY; /* now it hasn't */
    check_whole(bench);
    check_nothing(bench);
}

static void days_after_the_range_are_read_when_they_are_wanted(void **state)
{
    struct bench *bench = *state;
    bench->rules.range.last = 20261119;
    learn(bench, OLDER A OLDER); /* A is of the 20th */
    check_nothing(bench);
    append(bench, ON("192.0.2.3", "9999-12-31"));
    check(bench, 3 * LINE_LENGTH, 4 * LINE_LENGTH);
    bench->rules.range.last = 20261120;
    check_whole(bench);
    check_nothing(bench);
    bench->rules.range.last = 99991230;
    check_nothing(bench);
    bench->rules.range.last = 99991231;
    check_whole(bench);
    bench->rules.range.last = 20261119; /* fewer days than are known */
    append(bench, A);                   /* isn't added to those that are known of its day */
    read_while(bench, nothing);
    bench->rules.range.last = 20261121;
    check_whole(bench);
}

/* Of such a record nothing is told but that, on its day, a pattern gave up. */
static void so_are_malformed_records_of_theirs_on_which_a_pattern_gave_up(void **state)
{
    struct bench *bench = *state;
    struct conf_log log =
        log_from((struct log_wish){.format = "pop3", .address_pattern = "(?<ip>^(?:a|aa|aaa)+$(?<!a)|^1.*)"});
    bench->rules.log = &log;
    bench->rules.settings = cache_settings(&log);
    bench->rules.range.last = 20261119;
    learn(bench, OLDER ON("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "2026-11-21") OLDER);
    bench->rules.range.last = 20261121;
    check_whole(bench);
    check_nothing(bench);
    log_drop(&log);
}

static void a_range_that_begins_earlier_is_not(void **state)
{
    struct bench *bench = *state;
    learn(bench, OLDER A ON("192.0.2.3", "2026-11-14"));
    bench->rules.range.first = 20261114;
    check_whole(bench);
    check_nothing(bench);
    bench->rules.range.first = 101;
    append(bench, ON("192.0.2.3", "0001-01-01"));
    check_whole(bench);
}

static void other_settings_and_other_formats_have_parts_of_their_own(void **state)
{
    struct bench *bench = *state;
    struct conf_log other = log_from((struct log_wish){.format = "pop3", .unauthorized = "^LOGIN$"});
    struct conf_log finger = log_from((struct log_wish){.format = "finger"});
    learn(bench, A B A);
    const struct logread_rules rules = bench->rules;
    bench->rules.log = &other;
    bench->rules.settings = cache_settings(&other);
    check_whole(bench);
    check_nothing(bench);
    bench->rules = rules;
    check_whole(bench);
    bench->rules.log = &finger;
    bench->rules.settings = cache_settings(&finger);
    check_whole(bench);
    check_nothing(bench);
    bench->rules = rules;
    check_nothing(bench);
    log_drop(&other);
    log_drop(&finger);
}

static void nothing_is_written_unless_it_is_to_be_kept(void **state)
{
    struct bench *bench = *state;
    write_log(bench, A B);
    bench->rules.keep = false;
    check_whole(bench);
    assert_false(file_exists(bench->cache));
    bench->rules.keep = true;
    check_whole(bench);
    bench->rules.keep = false;
    append(bench, B);
    check(bench, 2 * LINE_LENGTH, 3 * LINE_LENGTH);
    check(bench, 2 * LINE_LENGTH, 3 * LINE_LENGTH); /* again: that wasn't kept */
    bench->rules.keep = true;
    bench->rules.cache = NULL;
    check_whole(bench);
    assert_int_equal(directory_count(bench->cache), 1);
}

/* --- the cache ---------------------------------------------------------------------------------------------------- */

/* The one part that there is. */
static const char *path_of_part(const struct bench *bench)
{
    static char path[2 * SUPPORT_PATH_SIZE];
    DIR *directory = opendir(bench->cache);
    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            (void)snprintf(path, sizeof path, "%s", path_in(bench->cache, entry->d_name));
    (void)closedir(directory);
    return path;
}

static void a_damaged_part_costs_a_reading_and_nothing_else(void **state)
{
    struct bench *bench = *state;
    struct buffer part = {0};
    uint64_t seed = 20;
    learn(bench, A B OLDER ON("2001:db8::1", "2026-11-20") "broken\n" A);
    const char *path = path_of_part(bench);
    assert_true(file_read(path, &part));
    for (size_t i = 0; i < part.length; i++) {
        part.bytes[i] ^= (char)(1 << random_below(&seed, 8));
        file_write(path, part.bytes, part.length);
        check_whole(bench);
        assert_true(file_read(path, &part)); /* written anew */
        memmove(part.bytes, part.bytes + part.length / 2, part.length / 2);
        part.length /= 2;
    }
    for (size_t length = 0; length < part.length; length += 1 + length / 10) {
        file_write(path, part.bytes, length);
        check_whole(bench);
        check_nothing(bench);
    }
    buffer_add(&part, "12345678", 8);
    file_write(path, part.bytes, part.length);
    check_whole(bench);
    assert_int_equal(unlink(path), 0);
    check_whole(bench);
    check_nothing(bench);
    buffer_clear(&part);
}

static void a_cache_that_cannot_be_written_is_no_error(void **state)
{
    struct bench *bench = *state;
    file_write_text(bench->cache, "a file\n");
    write_log(bench, A B);
    check_whole(bench);
    check_whole(bench);
    assert_file_is(bench->cache, "a file\n", 7);
    assert_int_equal(unlink(bench->cache), 0);
    assert_int_equal(symlink("nowhere/at/all", bench->cache), 0);
    check_whole(bench);
}

/* --- what happens meanwhile --------------------------------------------------------------------------------------- */

static void cut_it(struct bench *bench)
{
    assert_int_equal(truncate(bench->path, LINE_LENGTH + 10), 0);
    touch(bench);
}

static void let_it_grow(struct bench *bench)
{
    append(bench, B);
}

static void edit_it(struct bench *bench)
{
    write_at(bench, 0, B);
}

static void replace_it(struct bench *bench)
{
    const char *other = path_in(bench->directory, "other");
    file_write_text(other, B B B B B);
    assert_int_equal(rename(other, bench->path), 0);
    touch(bench);
}

static void remove_it(struct bench *bench)
{
    assert_int_equal(unlink(bench->path), 0);
}

static void make_it_a_fifo(struct bench *bench)
{
    remove_it(bench);
    assert_int_equal(mkfifo(bench->path, 0600), 0);
}

/* Whatever happens when, the next time it is read right. */
static void what_happens_while_a_file_is_read_is_seen_the_next_time(void **state)
{
    static happening *const what[] = {cut_it, let_it_grow, edit_it, replace_it};
    struct bench *bench = *state;
    struct logread_rules whole = bench->rules;
    whole.cache = NULL;
    for (size_t i = 0; i < COUNT_OF(what); i++) {
        for (int when = 0; when < 3; when++) {
            for (int known = 0; known < 3; known++) {
                struct happenings happenings = {NULL, NULL, NULL};
                *(when == 0 ? &happenings.listed : when == 1 ? &happenings.begun : &happenings.scanned) = what[i];
                directory_drop(bench->cache);
                (void)unlink(bench->path);
                write_log(bench, A A A);
                if (known > 0)
                    check_whole(bench);
                if (known > 1)
                    append(bench, A);
                read_while(bench, happenings);
                struct outcome is = read_log(bench, &bench->rules, &nothing);
                struct outcome should = read_log(bench, &whole, &nothing);
                char text[512];
                if (listing_differs(&is.listing, &should.listing, text, sizeof text))
                    fail_msg("happening %zu, when %d, known %d: %s", i, when, known, text);
                listing_clear(&is.listing);
                listing_clear(&should.listing);
            }
        }
    }
}

static void let_it_grow_and_be_read(struct bench *bench)
{
    append(bench, B);
    read_while(bench, nothing);
}

/* It was listed before another rebuild read it. */
static void what_another_rebuild_has_just_read_is_not_read_again(void **state)
{
    struct bench *bench = *state;
    learn(bench, A A);
    const struct happenings happenings = {.listed = let_it_grow_and_be_read};
    struct outcome outcome = read_log(bench, &bench->rules, &happenings);
    assert_int_equal(outcome.result, 1);
    assert_int_equal(outcome.from, outcome.end);
    struct logread_rules whole = bench->rules;
    whole.cache = NULL;
    struct outcome should = read_log(bench, &whole, &nothing);
    assert_listings_equal(&outcome.listing, &should.listing);
    listing_clear(&outcome.listing);
    listing_clear(&should.listing);
}

static void a_file_that_was_cut_while_it_was_read_is_not_kept(void **state)
{
    struct bench *bench = *state;
    write_log(bench, A A A);
    read_while(bench, (struct happenings){.begun = cut_it});
    assert_false(file_exists(bench->cache));
    write_log(bench, A A A);
    read_while(bench, (struct happenings){.scanned = cut_it});
    assert_false(file_exists(bench->cache));
    write_log(bench, A A A);
    read_while(bench, (struct happenings){.scanned = edit_it});
    assert_false(file_exists(bench->cache));
    write_log(bench, A A A);
    read_while(bench, (struct happenings){.scanned = let_it_grow}); /* that is no harm */
    assert_int_equal(directory_count(bench->cache), 1);
    check(bench, 3 * LINE_LENGTH, 4 * LINE_LENGTH);
}

static void what_is_gone_or_is_no_file_any_more_is_told(void **state)
{
    struct bench *bench = *state;
    for (int known = 0; known < 2; known++) {
        struct happenings happenings = {.listed = remove_it};
        if (known > 0)
            learn(bench, A B);
        write_log(bench, A B A);
        struct outcome outcome = read_log(bench, &bench->rules, &happenings);
        assert_int_equal(outcome.result, 0);
        write_log(bench, A B A);
        happenings.listed = make_it_a_fifo;
        outcome = read_log(bench, &bench->rules, &happenings);
        assert_int_equal(outcome.result, -1);
        assert_non_null(strstr(bench->error.text, bench->path));
        remove_it(bench);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_read_whole_once_and_then_no_more),
        TEST(of_a_file_that_has_grown_what_is_new_is_read),
        TEST(an_unfinished_line_is_read_when_it_is_finished),
        TEST(an_unfinished_line_may_be_of_any_length),
        TEST(an_empty_file_is_one_like_any_other),
        TEST(a_long_file_grows_step_by_step),
        TEST(a_file_that_was_cut_is_read_whole),
        TEST(a_file_that_was_edited_in_place_is_read_whole),
        TEST(so_is_one_that_has_grown_too_if_its_beginning_or_end_was_edited),
        TEST(another_file_of_the_same_name_is_read_whole),
        TEST(a_file_that_was_written_just_now_is_read_again),
        TEST(a_range_that_begins_later_is_answered_by_the_cache),
        TEST(days_after_the_range_are_read_when_they_are_wanted),
        TEST(so_are_malformed_records_of_theirs_on_which_a_pattern_gave_up),
        TEST(a_range_that_begins_earlier_is_not),
        TEST(other_settings_and_other_formats_have_parts_of_their_own),
        TEST(nothing_is_written_unless_it_is_to_be_kept),
        TEST(a_damaged_part_costs_a_reading_and_nothing_else),
        TEST(a_cache_that_cannot_be_written_is_no_error),
        TEST(what_happens_while_a_file_is_read_is_seen_the_next_time),
        TEST(what_another_rebuild_has_just_read_is_not_read_again),
        TEST(a_file_that_was_cut_while_it_was_read_is_not_kept),
        TEST(what_is_gone_or_is_no_file_any_more_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
