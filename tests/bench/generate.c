/* SPDX-License-Identifier: MIT */
/*
 * Makes logs of XMail's form for the benchmarks: generate [OPTIONS] DIRECTORY writes a file for each day, 40 % of whose
 * records are unauthorised accesses by attackers, the rest mail of 500 honest hosts. The same options make the same
 * bytes. For each file it prints its name, bytes, records, and how many distinct hosts have done what is counted: have
 * accessed without authorisation, or logged in.
 *
 *     -f FORMAT    smtp (the default) or pop3
 *     -l YYYYMMDD  the last day (today)
 *     -n DAYS      so many days (1); the files of those before the last one were last written at their day's end
 *     -b BYTES     in all (1000000)
 *     -c HOSTS     attackers (20000), each as often as any other
 *     -o NUMBER    of the first of them (0): another number is another host
 *     -6 PERCENT   of the hosts are of IPv6 (0)
 *     -m PERCENT   of the records of IPv4 have ::ffff: before the address, as an XMail for IPv6 writes it (0)
 *     -x PERCENT   of the unauthorised accesses are hostile (0): their HELO or user has TABs and quotes
 *     -s SEED      (1)
 *     -a           adds to the files, at the last second of the day, and syncs them
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    HONEST_HOSTS = 500,
    HITS_PERCENT = 40,
    PERCENT = 100,
    SECONDS_PER_DAY = 86400,
    BLOCK = 1 << 20,
    RECORD_MAX = 1024,
    LOG_MODE = 0644,
    DECIMAL = 10,
    DIGITS_MAX = 16,
    NOON = 12,
};

struct plan {
    const char *directory;
    const char *format;
    struct tm last;
    unsigned days;
    uint64_t bytes;
    uint32_t hosts;
    uint32_t first_host;
    unsigned ipv6_percent;
    unsigned mapped_percent;
    unsigned hostile_percent;
    uint64_t seed;
    bool append;
};

struct record {
    const char *date; /* YYYY-MM-DD */
    unsigned second;  /* of the day */
    uint32_t host;
    bool hit; /* else of an honest host */
    bool hostile;
};

/* What was written of one day. */
struct sums {
    uint64_t bytes;
    uint64_t records;
    uint64_t hosts;      /* distinct ones that count for something */
    unsigned char *seen; /* a bit for each host */
};

/* --- numbers and text --------------------------------------------------------------------------------------------- */

static uint64_t state;

/* xorshift64*: the same numbers everywhere. */
static uint32_t next_random(uint32_t below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * UINT64_C(0x2545f4914f6cdd1d) >> 32) % below);
}

static bool chance(unsigned percent)
{
    return percent > 0 && next_random(PERCENT) < percent;
}

/* Gigabytes are written: printf would take longer than all that is measured. Each returns the place behind. */
static char *put_number(char *at, uint32_t number, unsigned base)
{
    char digits[DIGITS_MAX];
    size_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

static char *put_two_digits(char *at, unsigned number)
{
    *at++ = (char)('0' + number / DECIMAL);
    *at++ = (char)('0' + number % DECIMAL);
    return at;
}

static char *put_time(char *at, const struct record *record)
{
    at = stpcpy(at, record->date);
    *at++ = ' ';
    at = put_two_digits(at, record->second / 3600);
    *at++ = ':';
    at = put_two_digits(at, record->second / 60 % 60);
    *at++ = ':';
    return put_two_digits(at, record->second % 60);
}

static char *put_address(char *at, const struct plan *plan, const struct record *record)
{
    enum { ATTACKERS_NET = 100, HONEST_NET = 10, HONEST_PART = 0xf000, HEXADECIMAL = 16 };
    uint32_t high = record->host / 65536;
    if (record->host % PERCENT < plan->ipv6_percent) {
        at = stpcpy(at, "2001:db8:");
        at = put_number(at, record->hit ? high : HONEST_PART, HEXADECIMAL);
        *at++ = ':';
        at = put_number(at, record->host % 65536, HEXADECIMAL);
        return stpcpy(at, "::1");
    }
    if (chance(plan->mapped_percent))
        at = stpcpy(at, "::ffff:");
    at = put_number(at, record->hit ? ATTACKERS_NET + high : HONEST_NET, DECIMAL);
    *at++ = '.';
    at = put_number(at, record->host / 256 % 256, DECIMAL);
    *at++ = '.';
    at = put_number(at, record->host % 256, DECIMAL);
    *at++ = '.';
    return put_number(at, 1 + record->host % 200, DECIMAL);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* The first four fields are the same in both formats. */
static char *put_beginning(char *at, const struct plan *plan, const struct record *record)
{
    at = stpcpy(at, "\"mail.example.net\"\t\"example.net\"\t\"");
    at = put_address(at, plan, record);
    at = stpcpy(at, "\"\t\"");
    at = put_time(at, record);
    return stpcpy(at, "\"\t\"");
}

static char *put_smtp(char *at, const struct plan *plan, const struct record *record)
{
    static const char *const hits[] = {"RCPT=EAVAIL",           "RCPT=ERELAY",  "AUTH=EFAIL:TYPE=LOGIN",
                                       "AUTH=EFAIL:TYPE=PLAIN", "RCPT=ESYNTAX", "VRFY=EACCESS"};
    static const char *const honest[] = {"RCPT=OK", "RECV=OK"};
    enum { USERS = 1000, IDENTIFIERS = 1 << 30, SIZES = 100000, BASE_OF_IDENTIFIERS = 16 };
    at = put_beginning(at, plan, record);
    if (record->hostile)
        at = stpcpy(at, "pc\"\t\"RCPT=OK\"\t\"1");
    else
        at = stpcpy(at, record->hit ? "pc" : "mx.partner.example");
    at = stpcpy(at, "\"\t\"\"\t\"promo@bulk.example\"\t\"user");
    at = put_number(at, next_random(USERS), DECIMAL);
    at = stpcpy(at, "@example.net\"\t\"S");
    at = put_number(at, next_random(IDENTIFIERS), BASE_OF_IDENTIFIERS);
    at = stpcpy(at, "\"\t\"");
    at = stpcpy(at, record->hit ? hits[next_random(sizeof hits / sizeof *hits)]
                                : honest[next_random(sizeof honest / sizeof *honest)]);
    at = stpcpy(at, "\"\t\"\"\t\"");
    at = put_number(at, next_random(SIZES), DECIMAL);
    return stpcpy(at, "\"\t\"\"\n");
}

static char *put_pop3(char *at, const struct plan *plan, const struct record *record)
{
    enum { USERS = 1000, MESSAGES = 30, SIZES = 1000000 };
    at = put_beginning(at, plan, record);
    if (record->hostile)
        at = stpcpy(at, "a\"\t\"LOGIN\"\t\"1");
    else
        at = put_number(stpcpy(at, "user"), next_random(USERS), DECIMAL);
    if (record->hit)
        return stpcpy(at, "\"\t\"\"\t\"ELOGIN\"\n");
    at = stpcpy(at, "\"\t\"\"\t\"LOGIN\"\t\"");
    at = put_number(at, next_random(MESSAGES), DECIMAL);
    at = stpcpy(at, "\"\t\"");
    at = put_number(at, next_random(SIZES), DECIMAL);
    return stpcpy(at, "\"\n");
}

static struct record make_record(const struct plan *plan, const char *date, unsigned second)
{
    struct record record = {.date = date, .second = second, .hit = chance(HITS_PERCENT)};
    record.host = record.hit ? plan->first_host + next_random(plan->hosts) : next_random(HONEST_HOSTS);
    record.hostile = record.hit && chance(plan->hostile_percent);
    return record;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static bool is_smtp(const struct plan *plan)
{
    return strcmp(plan->format, "smtp") == 0;
}

static size_t seen_size(const struct plan *plan)
{
    return ((size_t)plan->hosts + HONEST_HOSTS) / 8 + 1;
}

/* Honest hosts log in by POP3 only. */
static void count(const struct plan *plan, const struct record *record, struct sums *sums)
{
    sums->records++;
    if (!record->hit && is_smtp(plan))
        return;
    uint32_t index = record->hit ? record->host - plan->first_host : plan->hosts + record->host;
    unsigned char bit = (unsigned char)(1u << index % 8);
    sums->hosts += (sums->seen[index / 8] & bit) == 0;
    sums->seen[index / 8] |= bit;
}

static bool write_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static bool write_records(const struct plan *plan, int descriptor, const char *date, struct sums *sums)
{
    static char block[BLOCK];
    char *(*put)(char *, const struct plan *, const struct record *) = is_smtp(plan) ? put_smtp : put_pop3;
    uint64_t wanted = plan->bytes / plan->days;
    char *at = block;
    while (sums->bytes < wanted) {
        unsigned second = plan->append ? SECONDS_PER_DAY - 1 : (unsigned)(sums->bytes * SECONDS_PER_DAY / wanted);
        const struct record record = make_record(plan, date, second);
        char *end = put(at, plan, &record);
        sums->bytes += (uint64_t)(end - at);
        count(plan, &record, sums);
        at = end;
        if (at < block + BLOCK - RECORD_MAX)
            continue;
        if (!write_all(descriptor, block, (size_t)(at - block)))
            return false;
        at = block;
    }
    return write_all(descriptor, block, (size_t)(at - block));
}

/* A log of another day than the last was last written just before midnight. */
static bool set_time(int descriptor, struct tm day)
{
    day.tm_hour = 23;
    day.tm_min = 59;
    day.tm_sec = 59;
    day.tm_isdst = -1;
    const struct timespec time = {.tv_sec = mktime(&day)};
    const struct timespec times[] = {time, time};
    return futimens(descriptor, times) == 0;
}

static bool write_day(const struct plan *plan, struct tm day, bool is_last, unsigned char *seen)
{
    char path[4096];
    char number[DIGITS_MAX];
    char date[DIGITS_MAX];
    struct sums sums = {.seen = seen};
    memset(seen, 0, seen_size(plan));
    (void)strftime(number, sizeof number, "%Y%m%d", &day);
    (void)strftime(date, sizeof date, "%Y-%m-%d", &day);
    (void)snprintf(path, sizeof path, "%s/%s-%s0000", plan->directory, plan->format, number);
    int descriptor = open(path, O_WRONLY | O_CREAT | (plan->append ? O_APPEND : O_TRUNC), LOG_MODE);
    bool done = descriptor >= 0 && write_records(plan, descriptor, date, &sums) &&
                (is_last || set_time(descriptor, day)) && (!plan->append || fsync(descriptor) == 0);
    if (descriptor < 0 || close(descriptor) != 0 || !done) {
        perror(path);
        return false;
    }
    printf("%s-%s0000 %llu %llu %llu\n", plan->format, number, (unsigned long long)sums.bytes,
           (unsigned long long)sums.records, (unsigned long long)sums.hosts);
    return true;
}

static bool write_days(const struct plan *plan)
{
    unsigned char *seen = malloc(seen_size(plan));
    bool done = seen != NULL;
    for (unsigned back = plan->days; done && back-- > 0;) {
        struct tm day = plan->last;
        day.tm_mday -= (int)back;
        done = mktime(&day) != -1 && write_day(plan, day, back == 0, seen);
    }
    free(seen);
    return done;
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static uint64_t number_of(const char *text)
{
    return strtoull(text, NULL, DECIMAL);
}

/* Noon, so that no change of the clocks makes another day of it. */
static bool parse_day(const char *text, struct tm *day)
{
    unsigned number = (unsigned)number_of(text);
    *day = (struct tm){.tm_year = (int)(number / 10000) - 1900,
                       .tm_mon = (int)(number / 100 % 100) - 1,
                       .tm_mday = (int)(number % 100),
                       .tm_hour = NOON,
                       .tm_isdst = -1};
    return strlen(text) == strlen("YYYYMMDD");
}

static bool set_option(struct plan *plan, int option, const char *value)
{
    switch (option) {
    case 'f':
        plan->format = value;
        return strcmp(value, "smtp") == 0 || strcmp(value, "pop3") == 0;
    case 'l':
        return parse_day(value, &plan->last);
    case 'n':
        return (plan->days = (unsigned)number_of(value)) > 0;
    case 'b':
        plan->bytes = number_of(value);
        return true;
    case 'c':
        return (plan->hosts = (uint32_t)number_of(value)) > 0;
    case 'o':
        plan->first_host = (uint32_t)number_of(value);
        return true;
    case '6':
        plan->ipv6_percent = (unsigned)number_of(value);
        return true;
    case 'm':
        plan->mapped_percent = (unsigned)number_of(value);
        return true;
    case 'x':
        plan->hostile_percent = (unsigned)number_of(value);
        return true;
    case 's':
        plan->seed = number_of(value);
        return true;
    case 'a':
        plan->append = true;
        return true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    struct plan plan = {.format = "smtp", .days = 1, .bytes = 1000000, .hosts = 20000, .seed = 1};
    time_t now = time(NULL);
    bool understood = localtime_r(&now, &plan.last) != NULL;
    plan.last.tm_hour = NOON;
    plan.last.tm_isdst = -1;
    for (int option; (option = getopt(argc, argv, "f:l:n:b:c:o:6:m:x:s:a")) != -1;)
        understood = set_option(&plan, option, optarg) && understood;
    if (!understood || optind + 1 != argc) {
        (void)fprintf(stderr,
                      "usage: generate [-f smtp|pop3] [-l YYYYMMDD] [-n DAYS] [-b BYTES] [-c HOSTS] [-o NUMBER]\n"
                      "                [-6 PERCENT] [-m PERCENT] [-x PERCENT] [-s SEED] [-a] DIRECTORY\n");
        return 2;
    }
    plan.directory = argv[optind];
    /* Seeds that are near each other begin far from each other. */
    state = (plan.seed * 2 + 1) * UINT64_C(0x9e3779b97f4a7c15);
    return write_days(&plan) ? 0 : 1;
}
