/* SPDX-License-Identifier: MIT */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

enum {
    RUNS_MAX = 64,   /* more than fit into the memory of any machine: see join_runs */
    WALK_FACTOR = 16 /* a first run with more hosts for each one that is to be added isn't worth walking through */
};

struct evidence {
    struct day_range range;
    size_t logs;
    size_t columns; /* logs but the last one, whose share is what the others leave of all */
    /*
     * One run behind the other. A run ascends by address and has no host twice, but a host may be in several; what is
     * known of it is the sum of them then.
     */
    struct evidence_host *hosts;
    uint64_t *by_log; /* unauthorised accesses: a row of columns numbers for each host; NULL if there are no columns */
    size_t count;
    size_t capacity;
    size_t runs[RUNS_MAX]; /* where they begin */
    size_t run_count;
};

struct evidence *evidence_new(struct day_range range, size_t logs)
{
    struct evidence *evidence = calloc(1, sizeof *evidence);
    if (evidence) {
        evidence->range = range;
        evidence->logs = logs;
        evidence->columns = logs > 0 ? logs - 1 : 0;
    }
    return evidence;
}

void evidence_free(struct evidence *evidence)
{
    if (!evidence)
        return;
    free(evidence->hosts);
    free(evidence->by_log);
    free(evidence);
}

/* Makes the room that for this many hosts: at least one, and those that there are. False: no memory. */
static bool resize(struct evidence *evidence, size_t capacity)
{
    if (capacity > SIZE_MAX / (sizeof *evidence->hosts + evidence->columns * sizeof *evidence->by_log))
        return false;
    struct evidence_host *hosts = realloc(evidence->hosts, capacity * sizeof *hosts);
    if (!hosts)
        return false;
    evidence->hosts = hosts;
    if (evidence->columns > 0) {
        uint64_t *by_log = realloc(evidence->by_log, capacity * evidence->columns * sizeof *by_log);
        if (!by_log)
            return false;
        evidence->by_log = by_log;
    }
    evidence->capacity = capacity;
    return true;
}

/* Makes room for so many more hosts. False: no memory. What isn't used of it takes up addresses, but no memory. */
static bool reserve(struct evidence *evidence, size_t more)
{
    if (more <= evidence->capacity - evidence->count)
        return true;
    size_t wanted = evidence->count + more;
    return resize(evidence, wanted > evidence->capacity * 2 ? wanted : evidence->capacity * 2);
}

/* --- hosts and runs ----------------------------------------------------------------------------------------------- */

/* These two are address_compare's, here for the compiler to see: they are most of what there is to do. */
static inline bool is_below(struct address a, struct address b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

static inline bool is_same(struct address a, struct address b)
{
    return a.high == b.high && a.low == b.low;
}

static inline void widen_days(struct evidence_host *host, day_number first, day_number last)
{
    if (host->first_day == 0 || first < host->first_day)
        host->first_day = first;
    if (last > host->last_day)
        host->last_day = last;
}

static inline uint64_t *row(const struct evidence *evidence, size_t host)
{
    return &evidence->by_log[host * evidence->columns];
}

static inline void copy_host(struct evidence *evidence, size_t to, size_t from)
{
    evidence->hosts[to] = evidence->hosts[from];
    for (size_t log = 0; log < evidence->columns; log++)
        row(evidence, to)[log] = row(evidence, from)[log];
}

/* Moves count hosts; the places may overlap. */
static void move_hosts(struct evidence *evidence, size_t to, size_t from, size_t count)
{
    memmove(&evidence->hosts[to], &evidence->hosts[from], count * sizeof *evidence->hosts);
    if (evidence->columns > 0)
        memmove(row(evidence, to), row(evidence, from), count * evidence->columns * sizeof *evidence->by_log);
}

/* Adds what is known of a host to what is known of the same one elsewhere. */
static void add_host(struct evidence *evidence, size_t to, size_t from)
{
    struct evidence_host *host = &evidence->hosts[to];
    const struct evidence_host *more = &evidence->hosts[from];
    host->unauthorized += more->unauthorized;
    host->refused += more->refused;
    host->authenticated |= more->authenticated;
    if (more->first_day != 0)
        widen_days(host, more->first_day, more->last_day);
    for (size_t log = 0; log < evidence->columns; log++)
        row(evidence, to)[log] += row(evidence, from)[log];
}

/*
 * Makes one run of the last two. False: no memory. It begins with the greatest addresses, and lets the last run, which
 * is the shorter one as a rule, out of the way.
 */
static bool join_last(struct evidence *evidence)
{
    const size_t begin = evidence->runs[evidence->run_count - 2];
    const size_t middle = evidence->runs[evidence->run_count - 1];
    const size_t end = evidence->count;
    if (!reserve(evidence, end - middle))
        return false;
    move_hosts(evidence, end, middle, end - middle);
    size_t left = middle; /* the hosts before this one, and those from end on before right, are still to be placed */
    size_t right = end + (end - middle);
    size_t to = end;
    while (left > begin && right > end) {
        const struct address left_address = evidence->hosts[left - 1].address;
        const struct address right_address = evidence->hosts[right - 1].address;
        if (is_same(left_address, right_address)) {
            copy_host(evidence, --to, --left);
            add_host(evidence, to, --right);
            continue;
        }
        const size_t from_left = is_below(right_address, left_address); /* a number: no branch, it can't be foreseen */
        copy_host(evidence, --to, from_left ? left - 1 : right - 1);
        left -= from_left;
        right -= 1 - from_left;
    }
    to -= right - end;
    move_hosts(evidence, to, end, right - end);
    if (to != left)
        move_hosts(evidence, left, to, end - to);
    evidence->count = left + (end - to);
    evidence->run_count--;
    return true;
}

/*
 * Joins runs until each has at least twice as many hosts as the next one, so that no host is moved more often than
 * the hosts can be doubled; or, with all, until one is left. False: no memory.
 */
static bool join_runs(struct evidence *evidence, bool all)
{
    while (evidence->run_count > 1) {
        const size_t last = evidence->runs[evidence->run_count - 1];
        const size_t before = evidence->runs[evidence->run_count - 2];
        if (!all && last - before >= 2 * (evidence->count - last))
            return true;
        if (!join_last(evidence))
            return false;
    }
    return true;
}

/* --- adding ------------------------------------------------------------------------------------------------------- */

/* The first host of at to end - 1 that isn't below the address, or end; as a rule it isn't far from at. */
static inline size_t seek(const struct evidence_host *hosts, size_t at, size_t end, struct address address)
{
    if (at == end || !is_below(hosts[at].address, address))
        return at;
    size_t step = 1;
    for (; step < end - at && is_below(hosts[at + step].address, address); step *= 2)
        at += step;
    size_t high = step < end - at ? at + step : end;
    while (high - at > 1) {
        size_t middle = at + (high - at) / 2;
        if (is_below(hosts[middle].address, address))
            at = middle;
        else
            high = middle;
    }
    return high;
}

/*
 * Hosts that ascend by address on their way into the evidence. Most are known already and in the first run, which is
 * walked through beside them; the others make a new run.
 */
struct walk {
    size_t at;   /* in the first run: those before it are below what is to come */
    size_t end;  /* of the first run, or 0 */
    size_t made; /* where the new run begins */
};

/* Sets out with so many hosts to come. */
static struct walk walk_begin(const struct evidence *evidence, size_t count)
{
    const size_t end = evidence->run_count > 1 ? evidence->runs[1] : evidence->count;
    return (struct walk){.end = end / WALK_FACTOR <= count ? end : 0, .made = evidence->count};
}

/* As walk_to. */
static size_t walk_on(struct evidence *evidence, struct walk *walk, struct address address)
{
    walk->at = seek(evidence->hosts, walk->at, walk->end, address);
    if (walk->at < walk->end && is_same(evidence->hosts[walk->at].address, address))
        return walk->at++;
    const size_t made = evidence->count++;
    evidence->hosts[made] = (struct evidence_host){.address = address};
    for (size_t log = 0; log < evidence->columns; log++)
        row(evidence, made)[log] = 0;
    return made;
}

/* The number of the host with this address, made if need be. As a rule it is the very next one. */
static inline size_t walk_to(struct evidence *evidence, struct walk *walk, struct address address)
{
    if (walk->at < walk->end && is_same(evidence->hosts[walk->at].address, address))
        return walk->at++;
    return walk_on(evidence, walk, address);
}

/* Makes a run of the hosts from made on. False: no memory. */
static bool add_run(struct evidence *evidence, size_t made)
{
    if (evidence->count == made)
        return true;
    evidence->runs[evidence->run_count++] = made;
    return join_runs(evidence, false);
}

static inline void add_unauthorized(struct evidence *evidence, size_t host, size_t log, day_number day, uint32_t count)
{
    evidence->hosts[host].unauthorized += count;
    if (log < evidence->columns)
        row(evidence, host)[log] += count;
    if (count > 0)
        widen_days(&evidence->hosts[host], day, day);
}

static bool add_ipv4(struct evidence *evidence, size_t log, day_number day, const struct ledger_ipv4 *hosts,
                     size_t count)
{
    const struct address lowest = address_from_ipv4(0);
    if (!reserve(evidence, count))
        return false;
    struct walk walk = walk_begin(evidence, count);
    for (size_t i = 0; i < count; i++) {
        const struct address address = {lowest.high, lowest.low | hosts[i].address};
        add_unauthorized(evidence, walk_to(evidence, &walk, address), log, day, hosts[i].unauthorized);
    }
    return add_run(evidence, walk.made);
}

static bool add_others(struct evidence *evidence, size_t log, day_number day, const struct ledger_host *hosts,
                       size_t count)
{
    if (!reserve(evidence, count))
        return false;
    struct walk walk = walk_begin(evidence, count);
    for (size_t i = 0; i < count; i++) {
        const size_t host = walk_to(evidence, &walk, hosts[i].address);
        add_unauthorized(evidence, host, log, day, hosts[i].counts.unauthorized);
        evidence->hosts[host].refused += hosts[i].counts.refused;
        evidence->hosts[host].authenticated |= hosts[i].counts.logins > 0;
    }
    return add_run(evidence, walk.made);
}

/* How many hosts ascend from the first one on: all of them, unless the ledger isn't as ledger_write makes them. */
static size_t ipv4_stretch(const struct ledger_ipv4 *hosts, size_t count)
{
    size_t end = 1;
    while (end < count && hosts[end - 1].address < hosts[end].address)
        end++;
    return end;
}

static size_t others_stretch(const struct ledger_host *hosts, size_t count)
{
    size_t end = 1;
    while (end < count && is_below(hosts[end - 1].address, hosts[end].address))
        end++;
    return end;
}

static bool add_day(struct evidence *evidence, size_t log, const struct ledger_day *day, const struct ledger_ipv4 *ipv4,
                    const struct ledger_host *others)
{
    for (size_t i = 0, stretch; i < day->ipv4_count; i += stretch) {
        stretch = ipv4_stretch(&ipv4[i], day->ipv4_count - i);
        if (!add_ipv4(evidence, log, day->day, &ipv4[i], stretch))
            return false;
    }
    for (size_t i = 0, stretch; i < day->host_count; i += stretch) {
        stretch = others_stretch(&others[i], day->host_count - i);
        if (!add_others(evidence, log, day->day, &others[i], stretch))
            return false;
    }
    return true;
}

bool evidence_add(struct evidence *evidence, const struct ledger *ledger, size_t log)
{
    const struct ledger_ipv4 *ipv4 = ledger->ipv4;
    const struct ledger_host *others = ledger->hosts;
    for (size_t i = 0; i < ledger->head->day_count; i++) {
        const struct ledger_day *day = &ledger->days[i];
        if (day_in_range(evidence->range, day->day) && !add_day(evidence, log, day, ipv4, others))
            return false;
        ipv4 += day->ipv4_count;
        others += day->host_count;
    }
    return true;
}

/* --- written down ------------------------------------------------------------------------------------------------- */

/*
 * All is numbers, in as few bytes as they need: seven bits in each, the lowest first, and one that says whether more
 * follow. In front stand both days of the range, the logs and the hosts; then for each host by address how much its
 * address is above the one before, what is known of it, and the days as they are counted from the first one.
 */
enum {
    NUMBER_BITS = 7,
    NUMBER_MORE = 1 << NUMBER_BITS,
    NUMBER_MAX = 10, /* bytes */
    HEAD_MAX = 4 * NUMBER_MAX,
    HOST_NUMBERS = 6,    /* beside those of the columns */
    HOST_NUMBERS_MIN = 4 /* a host without an unauthorised access has no days */
};

static unsigned char *put(unsigned char *at, uint64_t number)
{
    for (; number >= NUMBER_MORE; number >>= NUMBER_BITS)
        *at++ = (unsigned char)(number % NUMBER_MORE | NUMBER_MORE);
    *at++ = (unsigned char)number;
    return at;
}

/* The address is told by its distance from the one before. */
static unsigned char *put_host(const struct evidence *evidence, size_t number, struct address before, unsigned char *at)
{
    const struct evidence_host *host = &evidence->hosts[number];
    const uint64_t high = host->address.high - before.high;
    at = put(at, high);
    at = put(at, high == 0 ? host->address.low - before.low : host->address.low);
    at = put(at, host->refused << 1 | host->authenticated);
    at = put(at, host->unauthorized);
    for (size_t log = 0; log < evidence->columns; log++)
        at = put(at, row(evidence, number)[log]);
    if (host->unauthorized == 0)
        return at;
    at = put(at, host->first_day - evidence->range.first);
    return put(at, host->last_day - host->first_day);
}

static unsigned char *put_head(const struct evidence *evidence, unsigned char *at)
{
    at = put(at, evidence->range.first);
    at = put(at, evidence->range.last);
    at = put(at, evidence->logs);
    return put(at, evidence->count);
}

bool evidence_write(struct evidence *evidence, struct buffer *bytes)
{
    struct address before = {0, 0};
    if (!join_runs(evidence, true) || !buffer_reserve(bytes, HEAD_MAX))
        return false;
    unsigned char *begin = (unsigned char *)bytes->bytes;
    bytes->length = (size_t)(put_head(evidence, begin + bytes->length) - begin);
    for (size_t i = 0; i < evidence->count; i++) {
        if (!buffer_reserve(bytes, (HOST_NUMBERS + evidence->columns) * NUMBER_MAX))
            return false;
        begin = (unsigned char *)bytes->bytes;
        bytes->length = (size_t)(put_host(evidence, i, before, begin + bytes->length) - begin);
        before = evidence->hosts[i].address;
    }
    return true;
}

/* Where the reading is. damaged: something wasn't a number, or not there. */
struct reader {
    const unsigned char *at;
    const unsigned char *end;
    bool damaged;
};

static uint64_t take_long(struct reader *reader)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < NUMBER_MAX && reader->at < reader->end; i++) {
        const uint64_t byte = *reader->at++;
        number |= byte % NUMBER_MORE << i * NUMBER_BITS;
        if (byte < NUMBER_MORE && (i < NUMBER_MAX - 1 || byte == 1))
            return number;
    }
    reader->damaged = true;
    return 0;
}

static inline uint64_t take(struct reader *reader)
{
    if (reader->at < reader->end && *reader->at < NUMBER_MORE)
        return *reader->at++;
    return take_long(reader);
}

static bool take_days(struct reader *reader, struct day_range range, struct evidence_host *host)
{
    const uint64_t days = range.last - range.first;
    const uint64_t first = take(reader);
    const uint64_t more = take(reader);
    if (first > days || more > days - first)
        return false;
    host->first_day = range.first + (day_number)first;
    host->last_day = host->first_day + (day_number)more;
    return true;
}

/* Makes the next host, for which there is room. False: it can't be as it is told. */
static bool take_host(struct reader *reader, struct evidence *evidence)
{
    const struct address before =
        evidence->count > 0 ? evidence->hosts[evidence->count - 1].address : (struct address){0, 0};
    struct evidence_host *host = &evidence->hosts[evidence->count];
    *host = (struct evidence_host){.address = before};
    const uint64_t high = take(reader);
    const uint64_t low = take(reader);
    host->address =
        high == 0 ? (struct address){before.high, before.low + low} : (struct address){before.high + high, low};
    if (evidence->count > 0 && !is_below(before, host->address))
        return false;
    const uint64_t refused = take(reader);
    host->refused = refused >> 1;
    host->authenticated = refused & 1;
    host->unauthorized = take(reader);
    uint64_t rest = host->unauthorized;
    for (size_t log = 0; log < evidence->columns; log++) {
        const uint64_t share = take(reader);
        if (share > rest)
            return false;
        rest -= share;
        row(evidence, evidence->count)[log] = share;
    }
    if (host->unauthorized > 0 && !take_days(reader, evidence->range, host))
        return false;
    evidence->count++;
    return !reader->damaged;
}

int evidence_read(struct evidence *evidence, const char *bytes, size_t length)
{
    const unsigned char *begin = (const unsigned char *)bytes;
    struct reader reader = {.at = begin, .end = begin + length};
    if (take(&reader) != evidence->range.first || take(&reader) != evidence->range.last ||
        take(&reader) != evidence->logs)
        return 0;
    const uint64_t count = take(&reader);
    const size_t left = (size_t)(reader.end - reader.at);
    if (reader.damaged || count > left / (HOST_NUMBERS_MIN + evidence->columns))
        return 0;
    if (!reserve(evidence, (size_t)count))
        return -1;
    for (uint64_t i = 0; i < count; i++)
        if (!take_host(&reader, evidence))
            return 0;
    if (reader.at != reader.end)
        return 0;
    return add_run(evidence, 0) ? 1 : -1;
}

/* --- the readers -------------------------------------------------------------------------------------------------- */

bool evidence_seal(struct evidence *evidence)
{
    if (!join_runs(evidence, true))
        return false;
    /* Joining took more than is needed. If less can't be had, more will do. */
    if (evidence->count > 0)
        (void)resize(evidence, evidence->count);
    evidence->capacity = evidence->count;
    return true;
}

const struct evidence_host *evidence_hosts(const struct evidence *evidence, size_t *count)
{
    *count = evidence->count;
    return evidence->hosts;
}

const struct evidence_host *evidence_find(const struct evidence *evidence, struct address address)
{
    const size_t at = seek(evidence->hosts, 0, evidence->count, address);
    return at < evidence->count && is_same(evidence->hosts[at].address, address) ? &evidence->hosts[at] : NULL;
}

uint64_t evidence_count_in_log(const struct evidence *evidence, const struct evidence_host *host, size_t log)
{
    const size_t number = (size_t)(host - evidence->hosts);
    if (log < evidence->columns)
        return row(evidence, number)[log];
    uint64_t rest = host->unauthorized;
    for (size_t other = 0; other < evidence->columns; other++)
        rest -= row(evidence, number)[other];
    return rest;
}
