/* SPDX-License-Identifier: MIT */
/*
 * Counting all records of a text (record_tally) comes to the same as reading each line by itself (record_read): also by
 * the short way that usual records take, and whatever was done to records that look usual.
 */
#include "support.h"
#include "support_tally.h"

#include "tally.h"

/* Records that go the short way are counted by tally_count, all others by tally_add: so the test knows how many do. */
static size_t short_ways;

static inline void tally_count_and_tell(struct counts *counts, unsigned verdict)
{
    short_ways++;
    tally_count(counts, verdict);
}

#define tally_count(counts, verdict) tally_count_and_tell(counts, verdict)
#include "record.c"
#undef tally_count

/* A pattern that gives up on a row of a. */
#define GIVES_UP "^(?:a|aa|aaa)+$(?<!a)"

enum {
    PIECES_MAX = 24, /* fields of a record that is made here */
    PIECE_MAX = 200, /* bytes of a field, with its quotes */
    BATCH_MAX = 400, /* records in a text: more than lines_find finds at once */
    FIRST_DAY = 20261115,
    LAST_DAY = 20270131,
};

/* What the tests read: a log and two readers of it, for one way each. */
struct bench {
    struct conf_log log;
    struct record_reader *together;
    struct record_reader *single;
    struct record_reader *any_day;
    struct lines lines;
};

static void bench_make(struct bench *bench, struct log_wish wish)
{
    struct error error;
    *bench = (struct bench){.log = log_from(wish)};
    bench->together = record_reader_new(&bench->log, (struct day_range){FIRST_DAY, LAST_DAY}, &error);
    bench->single = record_reader_new(&bench->log, (struct day_range){FIRST_DAY, LAST_DAY}, &error);
    bench->any_day = record_reader_new(&bench->log, (struct day_range){101, 99991231}, &error);
    assert_true(bench->together && bench->single && bench->any_day && lines_new(&bench->lines));
}

static void bench_drop(struct bench *bench)
{
    record_reader_free(bench->together);
    record_reader_free(bench->single);
    record_reader_free(bench->any_day);
    lines_free(&bench->lines);
    log_drop(&bench->log);
}

/* --- the two ways ------------------------------------------------------------------------------------------------- */

/* Counts the text, from memory of exactly its size, as a scan does. What is around it must not matter. */
static struct tally tally_text(struct bench *bench, const struct buffer *content, char around)
{
    struct tally tally = {0};
    char *memory = malloc(LINES_PADDING + content->length + LINES_PADDING);
    assert_non_null(memory);
    memset(memory, around, LINES_PADDING + content->length + LINES_PADDING);
    char *text = memory + LINES_PADDING;
    memcpy(text, content->bytes, content->length);
    for (size_t begin = 0; lines_find(&bench->lines, text, begin, content->length); begin = bench->lines.behind)
        assert_true(record_tally(bench->together, &bench->lines, &tally));
    free(memory);
    return tally;
}

/* The same by record_read. *left_out: the first day after the range, or 0. */
static struct listing list_text(struct bench *bench, const struct buffer *content, day_number *left_out)
{
    struct listing listing = {0};
    *left_out = 0;
    const char *end = content->bytes + content->length;
    for (const char *at = content->bytes, *lf; at < end && (lf = memchr(at, '\n', (size_t)(end - at))); at = lf + 1) {
        struct record record = {.day = 0};
        const enum record_result result = record_read(bench->single, at, (size_t)(lf - at), &record);
        listing_add_record(&listing, result, &record);
        if (result == RECORD_OUT_OF_RANGE &&
            record_read(bench->any_day, at, (size_t)(lf - at), &record) == RECORD_VALID && record.day > LAST_DAY &&
            (*left_out == 0 || record.day < *left_out))
            *left_out = record.day;
    }
    listing_settle(&listing);
    return listing;
}

/* Where the text is, so that it can be looked at. */
static void keep_text(const struct buffer *content)
{
    const char *base = getenv("TMPDIR");
    char path[SUPPORT_PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/xmail-spammers-test-record-tally", base && *base ? base : "/tmp");
    FILE *file = fopen(path, "w");
    if (!file)
        return;
    (void)fwrite(content->bytes, 1, content->length, file);
    (void)fclose(file);
    print_message("the text is in %s\n", path);
}

/* Returns how many records there were; *limits is added to. */
static size_t check_text(struct bench *bench, const struct buffer *content, char around, uint64_t seed,
                         uint64_t *limits)
{
    char text[512];
    struct tally tally = tally_text(bench, content, around);
    struct listing is = listing_of(&tally);
    day_number left_out;
    struct listing should = list_text(bench, content, &left_out);
    if (listing_differs(&is, &should, text, sizeof text)) {
        keep_text(content);
        fail_msg("%s, seed %" PRIu64 ": %s", bench->log.format->name, seed, text);
    }
    if (tally.left_out != left_out) {
        keep_text(content);
        fail_msg("%s, seed %" PRIu64 ": %u and not %u is left out", bench->log.format->name, seed, tally.left_out,
                 left_out);
    }
    const size_t records = (size_t)is.records;
    for (size_t i = 0; i < is.day_count; i++)
        *limits += is.days[i].limits;
    listing_clear(&is);
    listing_clear(&should);
    tally_clear(&tally);
    return records;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* A field as it stands in the record, with its quotes or what was made of them. */
struct piece {
    char text[PIECE_MAX];
    size_t length;
};

struct pieces {
    struct piece list[PIECES_MAX];
    size_t count;
};

static void piece_set(struct piece *piece, const char *bytes, size_t length)
{
    assert_true(length + 2 <= PIECE_MAX);
    piece->text[0] = '"';
    memcpy(piece->text + 1, bytes, length);
    piece->text[length + 1] = '"';
    piece->length = length + 2;
}

static void pieces_add(struct pieces *pieces, const char *text)
{
    assert_true(pieces->count < PIECES_MAX);
    piece_set(&pieces->list[pieces->count++], text, strlen(text));
}

#define PICK(seed, texts) ((texts)[random_below(seed, COUNT_OF(texts))])

static const char *const hosts[] = {"192.0.2.1", "192.0.2.2",       "198.51.100.200",
                                    "8.8.8.8",   "255.255.255.255", "0.0.0.0"};

static const char *const smtp_statuses[] = {
    "RCPT=ERELAY",
    "RCPT=EAVAIL",
    "RCPT=OK",
    "RECV=OK",
    "SNDRIP=EIPSPAM",
    "SNDR=ENODNS",
    "AUTH=EFAIL:TYPE=LOGIN",
    "SMTP=EERRS",
    "PREDATA=EFILTER",
    "VRFY=EACCESS",
    "RCPT=EFULL",
    "SNDRIP=EIPMAP (bl2.example.org.)", /* 32 bytes */
};

static const char *const pop3_statuses[] = {"ELOGIN", "LOGIN"};

/* What a run of records has in common: mostly they are of the same few hosts and of one day. */
struct run {
    uint64_t seed;
    char date[11];
};

static void make_record(struct run *run, const struct log_format *format, struct pieces *pieces)
{
    char time[24];
    uint64_t *seed = &run->seed;
    (void)snprintf(time, sizeof time, "%s %02zu:%02zu:%02zu", run->date, random_below(seed, 24), random_below(seed, 60),
                   random_below(seed, 60));
    pieces->count = 0;
    pieces_add(pieces, "mx.example.com");
    pieces_add(pieces, "example.com");
    pieces_add(pieces, PICK(seed, hosts));
    pieces_add(pieces, time);
    if (format->login == FORMAT_LOGIN_SMTP) {
        static const char *const more[] = {"pc", "example.org", "a@b.c", "d@e.f", "S1F2"};
        for (size_t i = 0; i < COUNT_OF(more); i++)
            pieces_add(pieces, more[i]);
        pieces_add(pieces, PICK(seed, smtp_statuses));
        pieces_add(pieces, random_below(seed, 2) ? "user" : "");
        pieces_add(pieces, random_below(seed, 2) ? "0" : "12345678");
        pieces_add(pieces, random_below(seed, 2) ? "" : "pc.example.org");
    } else if (format->login == FORMAT_LOGIN_POP3) {
        const char *status = PICK(seed, pop3_statuses);
        pieces_add(pieces, random_below(seed, 8) ? "user" : "");
        pieces_add(pieces, "secret");
        pieces_add(pieces, status);
        if (*status == 'L') {
            pieces_add(pieces, "17");
            pieces_add(pieces, "1234567");
        }
    } else {
        pieces_add(pieces, "a@b.c");
    }
}

/* --- what is done to them ----------------------------------------------------------------------------------------- */

static const char *const odd_addresses[] = {
    "::ffff:192.0.2.1",
    "::ffff:192.0.2.2",
    "::ffff:0.0.0.0",
    "::FFFF:192.0.2.1",
    "::ffff:c000:201",
    "::ffff:",
    "::ffff:x",
    "::ffff:192.0.2",
    "::ffff:192.0.2.01",
    "::ffff:192.0.2.256",
    "::ffff:::1",
    "::ffff:1",
    "2001:db8::1",
    "2001:db8::2",
    "::",
    "::1",
    "fe80::1%eth0",
    "::192.0.2.1",
    "192.0.2.01",
    "192.0.2.256",
    "192.0.2",
    "192.0.2.1.",
    ".192.0.2.1",
    "192.0.2.1 ",
    " 192.0.2.1",
    "192.0.2.1:25",
    "192.0.2.12345",
    "192.0.2.1%eth0",
    "0192.0.2.1",
    "",
    "192.0.2.1x",
    "256.256.256.256",
    "1.2.3.4.5.6.7.8",
    "255.255.255.2555",
    "localhost",
    "1234567890123456",
    "192.0.2.3",
    "192.0.2.10",
    "::ffff:192.0.2.3%x",
    "::ffff:ffff:ffff",
    "::fffe:1.2.3.4",
    "::ffff:192.0.2.1 ",
};

static const char *const odd_times[] = {
    "2026-11-20 12:34:56",
    "2026-11-21 00:00:00",
    "2026-11-15 00:00:00",
    "2026-11-14 23:59:59",
    "2026-11-22 00:00:00",
    "0000-00-00 00:00:00",
    "0000-01-01 00:00:00",
    "9999-12-31 23:59:59",
    "2026-13-20 12:34:56",
    "2026-11-32 12:34:56",
    "2026-11-00 12:34:56",
    "2026-00-20 12:34:56",
    "2026-02-31 12:34:56",
    "2026-11-31 12:34:56",
    "2026-11-20 99:99:99",
    "2026/11/20 12:34:56",
    "2026-11-20T12:34:56",
    "2026-11-20 12:34:5",
    "2026-11-20 12:34:567",
    "2026-11-20 12:34:5:",
    "2026-11-2: 12:34:56",
    "2026-11-20 1/:34:56",
    "2026-11-20 12:3::56",
    "2026-11-20\r12:34:56",
    "2026-11-20 12:34-56",
    "2026-11-20 12-34:56",
    "2026-11-20  2:34:56",
    " 2026-11-20 12:34:56",
    "2026-11-20 12:34:56 ",
    "2\xb0"
    "26-11-20 12:34:56",
    "2026-11-20 12:34:\xb5"
    "6",
    "2026-11-20 12\xba"
    "34:56",
    "2025-11-20 12:34:56",
    "12026-11-20 12:34:56",
    "",
    "2026-11-20",
};

static const char *const odd_numbers[] = {
    "",     "1",          "12345678", "123456789", "1234567890123456", "12345678901234567", "-1", "+1",
    " 1",   "1 ",         "0x1",      "1.0",       "12345:78",         "1234567/",          "a",  "1234567a",
    "\xb1", "123456\xb7", "1\"",      "\"1",       "12345678:",        "123456781234567:",
};

/* Changes a field of the record that XMail's formats give a meaning. */
static void change_meaning(struct run *run, const struct log_format *format, struct pieces *pieces)
{
    uint64_t *seed = &run->seed;
    struct piece *list = pieces->list;
    const size_t status = format->status_field > 0 ? (size_t)format->status_field - 1 : 4;
    char text[64];
    switch (random_below(seed, 8)) {
    case 0:
        piece_set(&list[2], odd_addresses[0], strlen(odd_addresses[0]));
        break;
    case 1: {
        const char *address = PICK(seed, odd_addresses);
        piece_set(&list[2], address, strlen(address));
        break;
    }
    case 2: {
        const char *time = PICK(seed, odd_times);
        piece_set(&list[3], time, strlen(time));
        break;
    }
    case 3: { /* a time where none is, or what is as long as one */
        const char *time = PICK(seed, odd_times);
        piece_set(&list[random_below(seed, pieces->count)], time, strlen(time));
        break;
    }
    case 4: { /* a number */
        const char *number = PICK(seed, odd_numbers);
        const size_t place = status + 1 + random_below(seed, 2);
        piece_set(&list[format->login == FORMAT_LOGIN_SMTP && random_below(seed, 2) ? 11 : place], number,
                  strlen(number));
        break;
    }
    case 5: { /* a status of any length, like one that was there or none */
        static const char *const none[] = {"", "a", "x"};
        const char *const *likes[] = {smtp_statuses, pop3_statuses, none};
        const size_t counts[] = {COUNT_OF(smtp_statuses), COUNT_OF(pop3_statuses), COUNT_OF(none)};
        const size_t kind = random_below(seed, 3);
        const char *like = likes[kind][random_below(seed, counts[kind])];
        memset(text, random_below(seed, 2) ? 'x' : 'a', sizeof text);
        memcpy(text, like, strlen(like));
        piece_set(&list[status], text, random_below(seed, 41));
        break;
    }
    case 6: /* of the length of a time, in front of it */
        memset(text, '5', sizeof text);
        piece_set(&list[random_below(seed, 3)], text, 16 + random_below(seed, 8));
        break;
    default: /* the user, or the field that would be it */
        memset(text, random_below(seed, 2) ? '"' : 'u', sizeof text);
        piece_set(&list[format->login == FORMAT_LOGIN_SMTP ? 10 : 4], text, random_below(seed, 3));
        break;
    }
}

/* Quotes lost, doubled, alone; nothing left at all. */
static void change_quotes(uint64_t *seed, struct piece *piece)
{
    switch (random_below(seed, 6)) {
    case 0: /* the first is lost */
        if (piece->length > 0)
            memmove(piece->text, piece->text + 1, --piece->length);
        break;
    case 1: /* the last one is */
        piece->length -= piece->length > 0;
        break;
    case 2: /* both are */
        if (piece->length > 1) {
            piece->length -= 2;
            memmove(piece->text, piece->text + 1, piece->length);
        }
        break;
    case 3: /* one more behind */
        if (piece->length < PIECE_MAX)
            piece->text[piece->length++] = '"';
        break;
    case 4: /* a quote alone */
        piece->text[0] = '"';
        piece->length = 1;
        break;
    default:
        piece->length = 0;
        break;
    }
}

static void change_fields(uint64_t *seed, struct pieces *pieces)
{
    const size_t place = random_below(seed, pieces->count);
    struct piece *at = &pieces->list[place];
    const size_t behind = pieces->count - place - 1;
    switch (random_below(seed, 4)) {
    case 0: /* one is missing */
        memmove(at, at + 1, behind * sizeof *at);
        pieces->count -= pieces->count > 1;
        break;
    case 1: /* one is there twice */
        if (pieces->count < PIECES_MAX) {
            memmove(at + 1, at, (behind + 1) * sizeof *at);
            pieces->count++;
        }
        break;
    case 2: /* it is like another */
        *at = pieces->list[random_below(seed, pieces->count)];
        break;
    default: /* more behind */
        while (pieces->count < PIECES_MAX && random_below(seed, 3))
            pieces_add(pieces, random_below(seed, 2) ? "1" : "ELOGIN");
        break;
    }
}

/* Any byte, mostly one that means something. */
static char any_byte(uint64_t *seed)
{
    static const char bytes[] = "\t\t\"\"\r\n\0:.- 0159fRE\xb0\xff";
    return random_below(seed, 4) ? bytes[random_below(seed, sizeof bytes - 1)] : (char)random_below(seed, 256);
}

static void change_bytes(uint64_t *seed, char *line, size_t *length)
{
    const size_t place = random_below(seed, *length);
    switch (random_below(seed, 4)) {
    case 0:
        line[place] = any_byte(seed);
        break;
    case 1:
        line[place] ^= (char)(1 << random_below(seed, 8));
        break;
    case 2:
        memmove(line + place, line + place + 1, *length - place - 1);
        (*length)--;
        break;
    default:
        memmove(line + place + 1, line + place, *length - place);
        line[place] = any_byte(seed);
        (*length)++;
        break;
    }
}

static void add_line(struct buffer *content, struct run *run, const struct log_format *format, size_t changes)
{
    char line[PIECES_MAX * (PIECE_MAX + 1) + 16];
    struct pieces pieces;
    uint64_t *seed = &run->seed;
    size_t length = 0;
    bool bytes = false;
    make_record(run, format, &pieces);
    for (; changes > 0; changes--) {
        switch (random_below(seed, 4)) {
        case 0:
            change_quotes(seed, &pieces.list[random_below(seed, pieces.count)]);
            break;
        case 1:
            change_fields(seed, &pieces);
            break;
        case 2:
            bytes = true;
            break;
        default:
            if (pieces.count > 6)
                change_meaning(run, format, &pieces);
            break;
        }
    }
    for (size_t i = 0; i < pieces.count; i++) {
        memcpy(line + length, pieces.list[i].text, pieces.list[i].length);
        length += pieces.list[i].length;
        line[length++] = '\t';
    }
    length--;
    while (random_below(seed, 40) == 0)
        line[length++] = '\r';
    if (bytes && length > 0)
        change_bytes(seed, line, &length);
    line[length++] = '\n';
    buffer_add(content, line, length);
}

/* Records as many as a text has, of which about one in so many was changed; 0: none. */
static void make_text(struct run *run, const struct log_format *format, size_t records, size_t rarity,
                      struct buffer *content)
{
    static const char *const dates[] = {"2026-11-19", "2026-11-20", "2026-11-21", "2027-01-01", "2026-11-18",
                                        "2026-12-01", "2026-11-22", "2027-01-31", "2026-11-15", "2026-11-16",
                                        /* Out of the range. */
                                        "2026-11-14", "2027-02-01", "2028-01-01"};
    for (size_t i = 0; i < records; i++) {
        if (i == 0 || random_below(&run->seed, 60) == 0)
            (void)snprintf(run->date, sizeof run->date, "%s", PICK(&run->seed, dates));
        const bool changed = rarity > 0 && random_below(&run->seed, rarity) == 0;
        add_line(content, run, format, changed ? 1 + random_below(&run->seed, 3) : 0);
    }
}

/* The same with all fields in quotes, whatever else was changed. */
static void put_quotes(struct buffer *content)
{
    struct buffer quoted = {0};
    const char *end = content->bytes + content->length;
    for (const char *at = content->bytes; at < end;) {
        const char *begin = at;
        while (*at != '\t' && *at != '\n')
            at++;
        const bool has_both = at - begin >= 2 && begin[0] == '"' && at[-1] == '"';
        buffer_add_text(&quoted, has_both ? "" : "\"");
        buffer_add(&quoted, begin, (size_t)(at - begin));
        buffer_add_text(&quoted, has_both ? "" : "\"");
        buffer_add(&quoted, at++, 1);
    }
    buffer_clear(content);
    *content = quoted;
}

/* --- the property ------------------------------------------------------------------------------------------------- */

/* Checks texts of so many records in all, and that at least this part of them (in a hundred) goes the short way. */
static void check_texts(struct log_wish wish, size_t wanted, size_t rarity, size_t least_short)
{
    struct bench bench;
    struct run run = {.seed = 20261120 + rarity};
    size_t records = 0;
    uint64_t limits = 0;
    bench_make(&bench, wish);
    short_ways = 0;
    while (records < wanted) {
        struct buffer content = {0};
        const uint64_t seed = run.seed;
        make_text(&run, bench.log.format, 1 + random_below(&run.seed, BATCH_MAX), rarity, &content);
        if (random_below(&run.seed, 2))
            put_quotes(&content);
        records += check_text(&bench, &content, any_byte(&run.seed), seed, &limits);
        buffer_clear(&content);
    }
    if (short_ways * 100 < records * least_short)
        fail_msg("%s: only %zu of %zu records went the short way", wish.format, short_ways, records);
    if (least_short == 0)
        assert_int_equal(short_ways, 0);
    const bool gives_up = (wish.unauthorized && strcmp(wish.unauthorized, GIVES_UP) == 0) ||
                          (wish.refused && strcmp(wish.refused, GIVES_UP) == 0);
    assert_int_equal(limits > 3, gives_up);
    bench_drop(&bench);
}

static void usual_records_go_the_short_way(void **state)
{
    (void)state;
    /* But for those of days out of the range, and the first ones of a text, of a day and of a host. */
    check_texts((struct log_wish){.format = "smtp"}, 20000, 0, 55);
    check_texts((struct log_wish){.format = "pop3"}, 20000, 0, 55);
}

static void records_together_count_as_each_by_itself(void **state)
{
    static const size_t rarities[] = {1, 2, 6};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rarities); i++) {
        check_texts((struct log_wish){.format = "smtp"}, 100000, rarities[i], i == 0 ? 5 : 25);
        check_texts((struct log_wish){.format = "pop3"}, 100000, rarities[i], i == 0 ? 5 : 25);
        check_texts((struct log_wish){.format = "finger"}, 20000, rarities[i], 0);
    }
}

static void so_they_do_with_other_settings(void **state)
{
    static const struct {
        struct log_wish wish;
        size_t least_short;
    } rows[] = {
        {{.format = "smtp", .unauthorized = "^RCPT=(?!OK)"}, 20},
        {{.format = "smtp", .unauthorized = GIVES_UP, .refused = "^.*$"}, 20},
        {{.format = "smtp", .unauthorized = "x$", .refused = GIVES_UP, .encoding = "EUC-JP"}, 20},
        {{.format = "pop3", .unauthorized = "LOGIN", .encoding = "SHIFT_JIS"}, 20},
        {{.format = "pop3", .unauthorized = "^$"}, 20},
        /* The address is elsewhere: all go the long way. */
        {{.format = "smtp", .address_field = 2}, 0},
        {{.format = "smtp", .address_field = 13}, 0},
        {{.format = "pop3", .address_field = 1}, 0},
        {{.format = "pop3", .address_field = 5}, 0},
        {{.format = "smtp", .address_pattern = "^(?:::ffff:)?(?<ip>[0-9.]*)$"}, 0},
        {{.format = "finger", .address_pattern = "(?<ip>192.*)"}, 0},
        {{.format = "ctrl"}, 0},
        {{.format = "k4"}, 0},
        {{.format = "filters", .unauthorized = "^(?:3|19)$"}, 0},
        {{.format = "xmailcfg-filter", .encoding = "EUC-JP"}, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_texts(rows[i].wish, 15000, 3, rows[i].least_short);
}

/* --- by hand ------------------------------------------------------------------------------------------------------ */

#define LOGIN(host, time, user, numbers)                                                                               \
    "\"mx\"\t\"d\"\t\"" host "\"\t\"" time "\"\t" user "\t\"p\"\t\"LOGIN\"\t" numbers "\n"
#define TIME   "2026-11-20 12:34:56"
#define USUAL  LOGIN("192.0.2.1", TIME, "\"u\"", "\"1\"\t\"2\"")
#define SECOND LOGIN("192.0.2.2", TIME, "\"u\"", "\"1\"\t\"2\"")

/* Behind a usual record of the same day and host; whether it goes the short way is known. */
static void records_that_are_nearly_usual_are_read_as_they_are(void **state)
{
    static const struct {
        const char *line;
        size_t length;
        bool is_short;
    } rows[] = {
        {BYTES(USUAL), true},
        {BYTES(LOGIN("::ffff:192.0.2.1", TIME, "\"u\"", "\"1\"\t\"2\"")), true},
        {BYTES(LOGIN("192.0.2.1", "2026-11-20 00:00:00", "\"u\"", "\"1\"\t\"2\"")), true},
        {BYTES(LOGIN("192.0.2.1", TIME, "\"\"", "\"1\"\t\"2\"")), true},
        {BYTES(LOGIN("192.0.2.1", TIME, "\"\"\"", "\"1\"\t\"2\"")), true},
        {BYTES(LOGIN("192.0.2.1", TIME, "\"u\"", "\"12345678\"\t\"0\"")), true},
        {BYTES("\t\"d\"\t\"192.0.2.1\"\t\"" TIME "\"\t\"u\"\t\"p\"\t\"LOGIN\"\t\"1\"\t\"2\"\n"), true},
        {BYTES("\"mx\"\t\"12345678901234567890\"\t\"192.0.2.1\"\t\"" TIME "\"\t\"u\"\t\"p\"\t\"ELOGIN\"\n"), true},
        {BYTES(LOGIN("192.0.2.1", TIME, "\"u\"", "\"1\"\t\"2\"\r")), false},
        {BYTES(LOGIN("192.0.2.1", TIME, "\"u\"", "\"123456789\"\t\"0\"")), false},
        {BYTES(LOGIN("192.0.2.1", TIME, "\"u\"", "\"\"\t\"0\"")), false},
        {BYTES(LOGIN("192.0.2.1", TIME, "\"u\"", "\"\t\"0\"")), false},
        {BYTES(LOGIN("192.0.2.1", TIME, "\"u\"", "\"1\"\t\"2")), false},
        {BYTES(LOGIN("192.0.2.1", TIME, "\"u\"", "\"1\"\t\"2\"\t\"3\"")), false},
        {BYTES(LOGIN("192.0.2.1", "2026-11-21 12:34:56", "\"u\"", "\"1\"\t\"2\"")), false},
        {BYTES(LOGIN("192.0.2.1", "2026-11-20 12:34:5x", "\"u\"", "\"1\"\t\"2\"")), false},
        {BYTES(LOGIN("192.0.2.3", TIME, "\"u\"", "\"1\"\t\"2\"")), false},
        {BYTES(LOGIN("192.0.2.1\0", TIME, "\"u\"", "\"1\"\t\"2\"")), false},
        {BYTES(LOGIN("192.0.2.1\0\0\0\0\0\0", TIME, "\"u\"", "\"1\"\t\"2\"")), false},
        {BYTES(LOGIN("192.0.2.01", TIME, "\"u\"", "\"1\"\t\"2\"")), false},
        {BYTES(LOGIN("", TIME, "\"u\"", "\"1\"\t\"2\"")), false},
        {BYTES(LOGIN("::ffff:", TIME, "\"u\"", "\"1\"\t\"2\"")), false},
        {BYTES(LOGIN("::ffff:192.0.2.1\0", TIME, "\"u\"", "\"1\"\t\"2\"")), false},
        {BYTES("\"mx\"\t\"2026-11-19 00:00:00\"\t\"192.0.2.1\"\t\"" TIME "\"\t\"u\"\t\"p\"\t\"ELOGIN\"\n"), false},
        {BYTES("\"192.0.2.2\"\t2026-11-20 00:00:00\t\"192.0.2.1\"\t\"" TIME "\"\t\"u\"\t\"p\"\t\"ELOGIN\"\n"), false},
        {BYTES("\"192.0.2.2\"\t\"2026-11-20 00:00:00\t\"192.0.2.1\"\t\"" TIME "\"\t\"u\"\t\"p\"\t\"ELOGIN\"\n"), false},
        {BYTES("\"192.0.2.2\"\t\"192.0.2.2\"\t\"2026-11-20 00:00:00\"\t\"" TIME "\"\t\"u\"\t\"p\"\t\"ELOGIN\"\n"),
         false},
        {BYTES("\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"" TIME "\"\t\"u\"\t\"p\"\t\"123456789012345678901234567890123\"\n"),
         false},
        {BYTES("\n"), false},
    };
    struct bench bench;
    (void)state;
    bench_make(&bench, (struct log_wish){.format = "pop3"});
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer content = {0};
        buffer_add_text(&content, USUAL SECOND);
        buffer_add(&content, rows[i].line, rows[i].length);
        buffer_add_text(&content, USUAL);
        short_ways = 0;
        uint64_t limits = 0;
        (void)check_text(&bench, &content, '9', i, &limits);
        /* The last one goes it if it is of the same day as the one before. */
        const size_t others = strstr(rows[i].line, "2026-11-21") || strstr(rows[i].line, "\"2026-11-19") ||
                                      strstr(rows[i].line, "00:00:00\"\t\"" TIME)
                                  ? 0
                                  : 1;
        if (short_ways > others + 1 || (rows[i].is_short && short_ways != 2) || (!rows[i].is_short && short_ways > 1))
            fail_msg("%zu: %zu records went the short way: %.*s", i, short_ways, (int)rows[i].length, rows[i].line);
        buffer_clear(&content);
    }
    bench_drop(&bench);
}

/* Most hosts of a large server do nothing that counts: they, too, must be known by their second record. */
static void a_host_that_does_nothing_wrong_is_known_by_its_text(void **state)
{
    static const char line[] = "\"mx\"\t\"d\"\t\"192.0.2.1\"\t\"" TIME "\"\t\"pc\"\t\"\"\t\"a\"\t\"b\"\t\"S1\"\t"
                               "\"RCPT=OK\"\t\"\"\t\"0\"\t\"\"\n";
    struct bench bench;
    struct buffer content = {0};
    uint64_t limits = 0;
    (void)state;
    bench_make(&bench, (struct log_wish){.format = "smtp"});
    for (int i = 0; i < 10; i++)
        buffer_add_text(&content, line);
    short_ways = 0;
    assert_int_equal(check_text(&bench, &content, '\t', 0, &limits), 10);
    assert_int_equal(short_ways, 9);
    buffer_clear(&content);
    bench_drop(&bench);
}

static void counts_stop_at_their_greatest_number(void **state)
{
    static const char text[] = USUAL USUAL USUAL USUAL;
    struct bench bench;
    char padded[LINES_PADDING + sizeof text + LINES_PADDING] = {0};
    (void)state;
    bench_make(&bench, (struct log_wish){.format = "pop3", .unauthorized = "^LOGIN$"});
    memcpy(padded + LINES_PADDING, text, sizeof text - 1);
    assert_true(lines_find(&bench.lines, padded + LINES_PADDING, 0, sizeof text - 1));
    /* The last number of records of which no host can have too many, and the next one. */
    for (uint64_t before = UINT32_MAX - 4; before <= UINT32_MAX - 3; before++) {
        const bool may_be_too_many = before == UINT32_MAX - 3;
        const uint32_t most = (uint32_t)before + may_be_too_many;
        struct tally tally = {.records = before};
        struct tally_day *day = tally_day(&tally, 20261120);
        assert_non_null(day);
        assert_true(tally_add(&tally, day, host_of("192.0.2.1"), (struct counts){most, 0, most}));
        short_ways = 0;
        assert_true(record_tally(bench.together, &bench.lines, &tally));
        assert_int_equal(short_ways, may_be_too_many ? 0 : 3);
        size_t position = 0;
        while (tally_slot_is_free(&day->quads.slots[position]))
            position++;
        assert_int_equal(day->quads.slots[position].counts.unauthorized, UINT32_MAX);
        assert_int_equal(day->quads.slots[position].counts.logins, UINT32_MAX);
        tally_clear(&tally);
    }
    bench_drop(&bench);
}

/* A tally that is begun by one reader and goes on by another, and the other way round. */
static void readers_and_tallies_can_be_changed_between_texts(void **state)
{
    static const char text[] = USUAL USUAL SECOND USUAL SECOND;
    struct bench bench;
    struct tally tallies[2] = {{0}};
    char padded[LINES_PADDING + sizeof text + LINES_PADDING] = {0};
    (void)state;
    bench_make(&bench, (struct log_wish){.format = "pop3"});
    memcpy(padded + LINES_PADDING, text, sizeof text - 1);
    struct record_reader *readers[] = {bench.together, bench.single};
    for (size_t i = 0; i < 12; i++) {
        assert_true(lines_find(&bench.lines, padded + LINES_PADDING, 0, sizeof text - 1));
        assert_true(record_tally(readers[i / 4 % 2], &bench.lines, &tallies[i % 2]));
    }
    for (size_t i = 0; i < 2; i++) {
        struct listing listing = listing_of(&tallies[i]);
        assert_int_equal(listing.records, 30);
        assert_int_equal(listing.day_count, 1);
        assert_int_equal(listing.days[0].records, 30);
        assert_int_equal(listing.host_count, 2);
        assert_int_equal(listing.hosts[0].counts.logins, 18);
        assert_int_equal(listing.hosts[1].counts.logins, 12);
        listing_clear(&listing);
        tally_clear(&tallies[i]);
    }
    bench_drop(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_records_go_the_short_way),
        cmocka_unit_test(records_together_count_as_each_by_itself),
        cmocka_unit_test(so_they_do_with_other_settings),
        cmocka_unit_test(records_that_are_nearly_usual_are_read_as_they_are),
        cmocka_unit_test(a_host_that_does_nothing_wrong_is_known_by_its_text),
        cmocka_unit_test(counts_stop_at_their_greatest_number),
        cmocka_unit_test(readers_and_tallies_can_be_changed_between_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
