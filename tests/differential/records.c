/* SPDX-License-Identifier: MIT */
/*
 * The record reader against the plain second implementation, on random records. From each seed come settings of a log
 * and a text; each of its records is read by both and compared, and then the whole text as it is read from a log file.
 *
 *     records FIRST COUNT     the seeds FIRST to FIRST + COUNT - 1
 *
 * From COVERAGE_SEEDS seeds on, the run also fails if an outcome that can be was never met in a format.
 */
#include "make_records.h"
#include "seeds.h"

#include "conf.h"
#include "lines.h"
#include "record.h"
#include "tally.h"

#include <inttypes.h>

enum {
    COVERAGE_SEEDS = 5000, /* mismatches that are told */
    AROUND_MAX = 64,
};

/* What is counted of one host on one day, by either. */
struct count {
    int day;
    struct plain_host host;
    uint64_t unauthorized;
    uint64_t refused;
    uint64_t logins;
};

struct counts_list {
    struct count *list;
    size_t count;
    size_t room;
};

/* What a text comes to. */
struct sum {
    uint64_t records;
    uint64_t malformed;
    uint64_t in_range;
    uint64_t limits; /* times that a pattern gave up: told by record_read, not by the plain reader */
    int left_out;
    struct counts_list counts;
};

/* The program's side of a log. */
struct subject {
    struct conf_log log;
    struct record_reader *single;
    struct record_reader *together;
};

static uint64_t met[PLAIN_FORMATS][PLAIN_EVENTS];
static uint64_t records_compared;
static uint64_t limits_met;

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    (void)fprintf(stderr, "records: %s\n", what);
    exit(2);
}

/* --- the program -------------------------------------------------------------------------------------------------- */

static struct pattern *compile(const char *text)
{
    struct error error;
    struct pattern *pattern = NULL;
    require(!text || pattern_compile(text, &pattern, &error) == 1, "unable to compile a pattern");
    return pattern;
}

static void subject_make(const struct plain_settings *settings, struct subject *subject)
{
    struct error error;
    const struct log_format *format = format_find(plain_format_names[settings->format]);
    const struct day_range range = {(day_number)settings->first_day, (day_number)settings->last_day};
    const char *unauthorized = settings->unauthorized ? settings->unauthorized->text : NULL;
    const char *refused = settings->refused ? settings->refused->text : NULL;
    require(format != NULL, "a format is missing");
    /* What is the format's default must come from the format. */
    if (settings->unauthorized && settings->unauthorized == plain_default_unauthorized(settings->format))
        unauthorized = format->unauthorized;
    if (settings->refused && settings->refused == plain_default_refused(settings->format))
        refused = format->refused;
    subject->log = (struct conf_log){
        .format = format,
        .enabled = true,
        .unauthorized = compile(unauthorized),
        .refused = compile(refused),
        .encoding = settings->encoding ? strdup(settings->encoding) : NULL,
        .address_field = settings->address_field ? settings->address_field : format->address_field,
        .address_overridden = settings->address_field != 0 || settings->address_pattern,
        .address_pattern = compile(settings->address_pattern ? settings->address_pattern->text : NULL),
    };
    subject->single = record_reader_new(&subject->log, range, &error);
    subject->together = record_reader_new(&subject->log, range, &error);
    require(subject->single && subject->together, "unable to make a reader");
}

static void subject_drop(struct subject *subject)
{
    record_reader_free(subject->single);
    record_reader_free(subject->together);
    pattern_free(subject->log.unauthorized);
    pattern_free(subject->log.refused);
    pattern_free(subject->log.address_pattern);
    free(subject->log.encoding);
}

static struct plain_host host_from(struct address address)
{
    struct plain_host host;
    for (int i = 0; i < 8; i++) {
        host.bytes[i] = (unsigned char)(address.high >> (56 - 8 * i));
        host.bytes[8 + i] = (unsigned char)(address.low >> (56 - 8 * i));
    }
    return host;
}

/* --- what is said ------------------------------------------------------------------------------------------------- */

static void show_host(struct plain_host host)
{
    for (int i = 0; i < 16; i += 2)
        printf("%s%x", i ? ":" : "", host.bytes[i] << 8 | host.bytes[i + 1]);
}

static void show_settings(uint64_t seed, const struct plain_settings *settings)
{
    printf("MISMATCH seed %" PRIu64 ": %s", seed, plain_format_names[settings->format]);
    if (settings->unauthorized)
        printf(", unauthorized %s", settings->unauthorized->text);
    if (settings->refused)
        printf(", refused %s", settings->refused->text);
    if (settings->encoding)
        printf(", encoding %s", settings->encoding);
    if (settings->address_field)
        printf(", address_field %d", settings->address_field);
    if (settings->address_pattern)
        printf(", address_pattern %s", settings->address_pattern->text);
    printf(", days %08d to %08d\n", settings->first_day, settings->last_day);
}

/* True if this one is to be told. */
static bool count_failure(uint64_t seed, const struct plain_settings *settings)
{
    if (!seeds_mismatch())
        return false;
    show_settings(seed, settings);
    return true;
}

static void show_record(const char *who, bool malformed, bool in_range, int day, struct plain_host host,
                        unsigned verdict)
{
    printf("    %s: ", who);
    if (malformed) {
        printf("malformed\n");
        return;
    }
    if (!in_range) {
        printf("out of range\n");
        return;
    }
    show_host(host);
    printf(" on %08d%s%s%s\n", day, verdict & VERDICT_UNAUTHORIZED ? ", unauthorised" : "",
           verdict & VERDICT_REFUSED ? ", refused" : "", verdict & VERDICT_LOGIN ? ", login" : "");
}

/* --- one by one --------------------------------------------------------------------------------------------------- */

static unsigned verdict_of(const struct plain_record *record)
{
    return (record->unauthorized ? VERDICT_UNAUTHORIZED : 0U) | (record->refused ? VERDICT_REFUSED : 0U) |
           (record->login ? VERDICT_LOGIN : 0U);
}

/* Reads the line from memory of exactly its size, so that a sanitizer sees a byte too far. */
static enum record_result read_exactly(struct record_reader *reader, struct plain_text line, struct record *record)
{
    char *copy = malloc(line.length > 0 ? line.length : 1);
    require(copy != NULL, "no memory");
    memcpy(copy, line.bytes, line.length);
    const enum record_result result = record_read(reader, copy, line.length, record);
    free(copy);
    return result;
}

/* Returns how often a pattern gave up on the record, if it is a valid one of the range. */
static uint64_t compare_record(uint64_t seed, const struct plain_settings *settings, struct subject *subject,
                               struct plain_text line, const struct plain_record *should)
{
    struct record record = {.day = 0};
    const enum record_result result = read_exactly(subject->single, line, &record);
    const enum record_result expected = should->malformed  ? RECORD_MALFORMED
                                        : should->in_range ? RECORD_VALID
                                                           : RECORD_OUT_OF_RANGE;
    const struct plain_host host = result == RECORD_VALID ? host_from(record.address) : should->host;
    records_compared++;
    if (result == expected &&
        (result != RECORD_VALID || (memcmp(&host, &should->host, sizeof host) == 0 &&
                                    record.day == (day_number)should->day && record.verdict == verdict_of(should))))
        return result == RECORD_VALID ? record.limits : 0;
    if (!count_failure(seed, settings))
        return 0;
    printf("    ");
    bytes_show(line.bytes, line.length < 2000 ? line.length : 2000);
    printf("\n");
    show_record("program", result == RECORD_MALFORMED, result == RECORD_VALID, (int)record.day, host, record.verdict);
    show_record("plain  ", should->malformed, should->in_range, should->day, should->host, verdict_of(should));
    return 0;
}

/* --- together ----------------------------------------------------------------------------------------------------- */

static void counts_add_one(struct counts_list *counts, struct count count)
{
    if (counts->count == counts->room) {
        counts->room = counts->room * 2 + 64;
        counts->list = realloc(counts->list, counts->room * sizeof *counts->list);
        require(counts->list != NULL, "no memory");
    }
    counts->list[counts->count++] = count;
}

static int compare_counts(const void *left, const void *right)
{
    const struct count *a = left;
    const struct count *b = right;
    return a->day != b->day ? (a->day > b->day) - (a->day < b->day) : memcmp(&a->host, &b->host, sizeof a->host);
}

/* Puts together what is of one host and day. A host without counts isn't there. */
static void counts_settle(struct counts_list *counts)
{
    size_t kept = 0;
    if (counts->count > 0)
        qsort(counts->list, counts->count, sizeof *counts->list, compare_counts);
    for (size_t i = 0; i < counts->count; i++) {
        const struct count *count = &counts->list[i];
        if (kept > 0 && compare_counts(&counts->list[kept - 1], count) == 0) {
            counts->list[kept - 1].unauthorized += count->unauthorized;
            counts->list[kept - 1].refused += count->refused;
            counts->list[kept - 1].logins += count->logins;
        } else {
            counts->list[kept++] = *count;
        }
    }
    counts->count = 0;
    for (size_t i = 0; i < kept; i++)
        if (counts->list[i].unauthorized + counts->list[i].refused + counts->list[i].logins > 0)
            counts->list[counts->count++] = counts->list[i];
}

static void sum_add(struct sum *sum, const struct plain_settings *settings, const struct plain_record *record)
{
    sum->records++;
    sum->malformed += record->malformed;
    sum->in_range += record->in_range;
    if (!record->malformed && record->day > settings->last_day && (sum->left_out == 0 || record->day < sum->left_out))
        sum->left_out = record->day;
    if (record->in_range)
        counts_add_one(&sum->counts,
                       (struct count){record->day, record->host, record->unauthorized, record->refused, record->login});
}

static void sum_of_table(const struct tally_day *day, const struct tally_table *table, bool quads, struct sum *sum)
{
    for (size_t i = 0; i < table->capacity; i++) {
        const struct tally_slot *slot = &table->slots[i];
        if (!tally_slot_is_free(slot))
            counts_add_one(&sum->counts,
                           (struct count){(int)day->day,
                                          host_from(quads ? address_from_ipv4(slot->ipv4) : tally_other(slot)),
                                          slot->counts.unauthorized, slot->counts.refused, slot->counts.logins});
    }
}

static void sum_of_tally(const struct tally *tally, struct sum *sum)
{
    size_t position = 0;
    *sum = (struct sum){.records = tally->records, .malformed = tally->malformed, .left_out = (int)tally->left_out};
    for (const struct tally_day *day; (day = tally_next_day(tally, &position));) {
        sum->in_range += day->records;
        sum->limits += day->limits;
        sum_of_table(day, &day->quads, true, sum);
        sum_of_table(day, &day->others, false, sum);
    }
}

/* The program's count of the text, which is looked through in parts, as it is read from a file. */
static void tally_text(struct subject *subject, const struct bytes *text, uint64_t *chance, struct tally *tally)
{
    struct lines lines;
    const size_t before = LINES_PADDING + chance_below(chance, AROUND_MAX);
    const char around = CHANCE_ONE_OF(chance, "\"\t\n\0x");
    char *memory = malloc(before + text->length + LINES_PADDING);
    require(memory && lines_new(&lines), "no memory");
    memset(memory, around, before + text->length + LINES_PADDING);
    char *begin = memory + before;
    memcpy(begin, text->list, text->length);
    const size_t cut = chance_below(chance, text->length + 1);
    size_t at = 0;
    for (size_t end = cut;;) {
        if (end - at > LINES_TEXT_MAX)
            end = at + LINES_TEXT_MAX;
        while (lines_find(&lines, begin, at, end)) {
            require(record_tally(subject->together, &lines, tally), "no memory");
            at = lines.behind;
        }
        if (end == text->length)
            break;
        end = text->length;
    }
    lines_free(&lines);
    free(memory);
}

static void show_count(const char *who, const struct count *count)
{
    printf("    %s: ", who);
    if (count) {
        show_host(count->host);
        printf(" on %08d: %" PRIu64 " unauthorised, %" PRIu64 " refused, %" PRIu64 " logins", count->day,
               count->unauthorized, count->refused, count->logins);
    }
    printf("\n");
}

static void compare_sums(uint64_t seed, const struct plain_settings *settings, struct sum *is, struct sum *should)
{
    counts_settle(&is->counts);
    counts_settle(&should->counts);
    if (is->records != should->records || is->malformed != should->malformed || is->in_range != should->in_range ||
        is->limits != should->limits || is->left_out != should->left_out) {
        if (count_failure(seed, settings))
            printf("    together: %" PRIu64 " records, %" PRIu64 " malformed, %" PRIu64 " in range, %" PRIu64
                   " limits, left out from %08d, instead of %" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %08d\n",
                   is->records, is->malformed, is->in_range, is->limits, is->left_out, should->records,
                   should->malformed, should->in_range, should->limits, should->left_out);
        return;
    }
    for (size_t i = 0; i < is->counts.count || i < should->counts.count; i++) {
        const struct count *a = i < is->counts.count ? &is->counts.list[i] : NULL;
        const struct count *b = i < should->counts.count ? &should->counts.list[i] : NULL;
        if (a && b && compare_counts(a, b) == 0 && a->unauthorized == b->unauthorized && a->refused == b->refused &&
            a->logins == b->logins)
            continue;
        if (count_failure(seed, settings)) {
            show_count("program, together", a);
            show_count("plain            ", b);
        }
        return;
    }
}

/* --- a seed ------------------------------------------------------------------------------------------------------- */

/* How many records a text has: many, so that usual ones stand together, or few. */
static size_t choose_count(uint64_t *chance)
{
    static const size_t counts[] = {1, 2, 20, 200, 200, 400, 900};
    return 1 + chance_below(chance, CHANCE_ONE_OF(chance, counts));
}

static void compare_seed(uint64_t seed)
{
    struct maker maker;
    struct subject subject;
    struct bytes text = {NULL, 0, 0};
    struct sum should = {.records = 0};
    struct sum is;
    struct tally tally = {0};
    uint64_t chance = seed ^ UINT64_C(0x5eed);
    maker_begin(&maker, seed);
    subject_make(&maker.settings, &subject);
    for (size_t left = choose_count(&chance); left > 0; left--) {
        struct plain_record record;
        const size_t begin = text.length;
        maker_add(&maker, &text);
        const struct plain_text line = {text.list + begin, text.length - begin};
        plain_read(&maker.settings, line, &record);
        should.limits += compare_record(seed, &maker.settings, &subject, line, &record);
        for (size_t i = 0; i < PLAIN_EVENTS; i++)
            met[maker.settings.format][i] += record.events[i];
        sum_add(&should, &maker.settings, &record);
        bytes_add(&text, "\n", 1);
    }
    if (chance_percent(&chance, 30)) /* one that is being written */
        maker_add(&maker, &text);
    tally_text(&subject, &text, &chance, &tally);
    sum_of_tally(&tally, &is);
    compare_sums(seed, &maker.settings, &is, &should);
    limits_met += should.limits;
    tally_clear(&tally);
    free(is.counts.list);
    free(should.counts.list);
    bytes_free(&text);
    subject_drop(&subject);
}

/* --- what was met ------------------------------------------------------------------------------------------------- */

static bool is_by_time(enum plain_format format)
{
    return format == PLAIN_SMTP || format == PLAIN_POP3 || format == PLAIN_FINGER;
}

/* Can this be met in records of the format? */
static bool is_possible(enum plain_format format, enum plain_event event)
{
    switch (event) {
    case PLAIN_WRONG_FIELDS:
        return !is_by_time(format);
    case PLAIN_NO_STATUS_FIELD: /* in the others it stands before the address, or the time */
        return format != PLAIN_FINGER && format != PLAIN_XMAILCFG_FILTER && format != PLAIN_K4 && format != PLAIN_EVENT;
    case PLAIN_COUNTS_FOR_NOTHING:
    case PLAIN_REFUSED:
    case PLAIN_FIRST_WINS:
    case PLAIN_CONVERTED:
    case PLAIN_NOT_CONVERTIBLE:
        return format != PLAIN_FINGER;
    case PLAIN_LOGIN:
    case PLAIN_TOUCHED_UNAUTHORIZED:
    case PLAIN_TOUCHED_REFUSED:
    case PLAIN_TOUCHED_FOR_NOTHING:
    case PLAIN_TOUCHED_LOGIN:
        return format == PLAIN_SMTP || format == PLAIN_POP3;
    case PLAIN_TIME_MOVED:
        return is_by_time(format);
    case PLAIN_SLASH_DATE:
        return !is_by_time(format) && format != PLAIN_CTRL;
    default:
        return true;
    }
}

/* Shows how often each was met; returns how many never were that can be. */
static size_t show_met(void)
{
    size_t missing = 0;
    printf("%-38s", "records:");
    for (enum plain_format format = 0; format < PLAIN_FORMATS; format++)
        printf(" %8.8s", plain_format_names[format]);
    printf("\n");
    for (enum plain_event event = 0; event < PLAIN_EVENTS; event++) {
        printf("  %-36s", plain_event_names[event]);
        for (enum plain_format format = 0; format < PLAIN_FORMATS; format++) {
            const uint64_t times = met[format][event];
            if (is_possible(format, event) || times > 0)
                printf(" %8" PRIu64, times);
            else
                printf(" %8s", "-");
            missing += is_possible(format, event) && times == 0;
        }
        printf("\n");
    }
    printf("  %-36s %8" PRIu64 "\n", "times that a pattern gave up", limits_met);
    return missing + (limits_met == 0);
}

static void show_compared(void)
{
    printf("%" PRIu64 " records", records_compared);
}

int main(int argc, char **argv)
{
    static const struct seeds seeds = {"records", COVERAGE_SEEDS, compare_seed, show_compared, show_met};
    if (argc != 3) {
        (void)fprintf(stderr, "usage: records FIRST COUNT\n");
        return 2;
    }
    return seeds_run(&seeds, argv[1], argv[2]);
}
