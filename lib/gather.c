/* SPDX-License-Identifier: MIT */
#include "gather.h"

#include "logfiles.h"
#include "logread.h"
#include "scan.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* A thread takes so much of a file at a time, in bytes: a multiple of what it reads at once. */
static const uint64_t stretch_length = 16 * (uint64_t)SCAN_BLOCK;

/* How far a file is. */
enum progress {
    WAITING, /* nobody has begun */
    BEGUN,   /* one thread looks what there is to be scanned */
    OPEN,    /* any thread may scan a stretch of it */
    DONE,
};

struct reading {
    struct logread read;
    enum progress progress;
    uint64_t next;    /* what is to be scanned begins here */
    uint64_t behind;  /* offset behind the last finished record that was found */
    unsigned threads; /* that scan a stretch now */
    bool shrank;
};

/* What the threads share. Members below the lock are touched only by who holds it. */
struct pool {
    const struct gather_request *request;
    const struct logread_rules *rules; /* one for each log */
    uint64_t total_bytes;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a file that was BEGUN is OPEN or DONE */
    struct reading *readings;
    size_t count;
    size_t waiting; /* number of the first file that may be WAITING */
    size_t begun;   /* how many are BEGUN */
    uint64_t done_bytes;
    struct gathered *gathered;
    struct messages *warnings;
    struct error *error; /* the first one; failed says that there is one */
    bool failed;
};

/* What one thread has for itself. */
struct worker {
    struct pool *pool;
    struct record_reader **readers; /* one for each log, made when it is needed */
    struct scanner scanner;         /* likewise */
};

/* --- what is shared ----------------------------------------------------------------------------------------------- */

static void fail(struct pool *pool, const struct error *error)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (!pool->failed)
        *pool->error = *error;
    pool->failed = true;
    (void)pthread_cond_broadcast(&pool->changed);
    (void)pthread_mutex_unlock(&pool->lock);
}

static void report_progress(void *context, size_t bytes)
{
    struct pool *pool = context;
    (void)pthread_mutex_lock(&pool->lock);
    pool->done_bytes += bytes;
    if (pool->request->progress)
        pool->request->progress(pool->request->context, pool->done_bytes, pool->total_bytes);
    (void)pthread_mutex_unlock(&pool->lock);
}

/* Adds what the whole file says to the evidence. The lock is held. */
static bool deliver(struct pool *pool, const struct reading *reading)
{
    const struct logread *read = &reading->read;
    struct gather_counts *counts = &pool->gathered->by_log[read->file->log];
    counts->files++;
    counts->records += read->ledger.head->records;
    counts->malformed += read->ledger.head->malformed;
    for (size_t i = 0; i < read->ledger.head->day_count; i++) {
        if (!day_in_range(pool->request->range, read->ledger.days[i].day))
            continue;
        counts->in_range += read->ledger.days[i].records;
        counts->limits += read->ledger.days[i].limits;
    }
    if (reading->shrank)
        messages_add(pool->warnings, "%s was cut while it was read: what was read of it counts", read->file->path);
    return evidence_add(pool->gathered->evidence, &read->ledger, read->file->log);
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

/* The file of which most is left to be scanned, or NULL. The lock is held. */
static struct reading *longest_open(const struct pool *pool)
{
    struct reading *longest = NULL;
    uint64_t most = 0;
    for (size_t i = 0; i < pool->waiting; i++) {
        struct reading *reading = &pool->readings[i];
        if (reading->progress == OPEN && reading->read.end - reading->next > most) {
            longest = reading;
            most = reading->read.end - reading->next;
        }
    }
    return longest;
}

/* The next file for this thread: one that nobody has begun (it is BEGUN then), else one to help with; or NULL. */
static struct reading *take_file(struct pool *pool)
{
    struct reading *reading = NULL;
    (void)pthread_mutex_lock(&pool->lock);
    while (!pool->failed && !reading) {
        if (pool->waiting < pool->count) {
            reading = &pool->readings[pool->waiting++];
            reading->progress = BEGUN;
            pool->begun++;
        } else if (!(reading = longest_open(pool))) {
            if (pool->begun == 0)
                break;
            (void)pthread_cond_wait(&pool->changed, &pool->lock);
        }
    }
    if (reading)
        reading->threads++;
    (void)pthread_mutex_unlock(&pool->lock);
    return reading;
}

/* Takes the next stretch of the file. False if there is none, or something has failed. */
static bool take_stretch(struct pool *pool, struct reading *reading, struct scan_stretch *stretch)
{
    const uint64_t end = reading->read.end;
    (void)pthread_mutex_lock(&pool->lock);
    const bool any = !pool->failed && reading->next < end;
    if (any) {
        /* They meet where blocks do. */
        const uint64_t next = reading->next - reading->next % stretch_length + stretch_length;
        *stretch = (struct scan_stretch){.from = reading->next, .to = next < end ? next : end, .end = end};
        reading->next = stretch->to;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return any;
}

/* Begins a file that this thread was the first to take. */
static bool begin_file(struct pool *pool, struct reading *reading)
{
    struct error error;
    const struct logread_rules *rules = &pool->rules[reading->read.file->log];
    const int result = logread_begin(&reading->read, rules, &error);
    if (result < 0)
        fail(pool, &error);
    const uint64_t size = reading->read.file->identity.size;
    const uint64_t left = reading->read.end - reading->read.from;
    if (left < size) /* the rest needn't be read */
        report_progress(pool, (size_t)(size - left));
    (void)pthread_mutex_lock(&pool->lock);
    pool->begun--;
    reading->next = reading->behind = reading->read.from;
    reading->progress = result > 0 ? OPEN : DONE;
    (void)pthread_cond_broadcast(&pool->changed);
    (void)pthread_mutex_unlock(&pool->lock);
    return result > 0;
}

static struct record_reader *reader_for(struct worker *worker, size_t log, struct error *error)
{
    const struct gather_request *request = worker->pool->request;
    if (!worker->readers[log])
        worker->readers[log] = record_reader_new(&request->conf->logs[log], request->range.first, error);
    return worker->readers[log];
}

/* Scans stretches of the file for as long as there are any. Returns 1, or -1 with the error. */
static int scan_file(struct worker *worker, struct reading *reading, struct tally *tally, struct scan_counts *counts,
                     struct error *error)
{
    struct pool *pool = worker->pool;
    struct scan_stretch stretch;
    int result = 1;
    while (result > 0 && take_stretch(pool, reading, &stretch)) {
        struct record_reader *reader = reader_for(worker, reading->read.file->log, error);
        if (!reader)
            return -1;
        if (!worker->scanner.memory && !scanner_new(&worker->scanner))
            return error_memory(error, "read the logs");
        result = scan(&worker->scanner, reading->read.descriptor, reading->read.file->path, &stretch, reader, tally,
                      counts, pool->request->progress ? report_progress : NULL, pool, error);
    }
    return result;
}

/* Adds what this thread has found. True: it was the last one, and is to finish the file. */
static bool leave_file(struct pool *pool, struct reading *reading, struct tally *tally,
                       const struct scan_counts *counts, int *result, struct error *error)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (*result > 0 && !tally_merge(&reading->read.tally, tally))
        *result = error_memory(error, "add up the logs");
    pool->gathered->by_log[reading->read.file->log].bytes += counts->bytes;
    reading->shrank |= counts->shrank;
    if (counts->behind > reading->behind)
        reading->behind = counts->behind;
    const bool last = --reading->threads == 0 && reading->next >= reading->read.end && !pool->failed;
    (void)pthread_mutex_unlock(&pool->lock);
    return last;
}

/* Makes the ledger and adds it to the evidence. */
static int finish_file(struct pool *pool, struct reading *reading, struct error *error)
{
    reading->read.mark.offset = reading->behind;
    int result = logread_finish(&reading->read, &pool->rules[reading->read.file->log], !reading->shrank, error);
    if (result > 0) {
        (void)pthread_mutex_lock(&pool->lock);
        result = deliver(pool, reading) ? 1 : error_memory(error, "add up the logs");
        reading->progress = DONE;
        (void)pthread_mutex_unlock(&pool->lock);
    }
    logread_clear(&reading->read);
    return result;
}

/* --- the threads -------------------------------------------------------------------------------------------------- */

static void read_files(struct worker *worker)
{
    struct pool *pool = worker->pool;
    for (struct reading *reading; (reading = take_file(pool));) {
        struct error error;
        struct tally tally = {0};
        struct scan_counts counts = {0};
        if (reading->progress == BEGUN && !begin_file(pool, reading))
            continue;
        int result = scan_file(worker, reading, &tally, &counts, &error);
        const bool last = leave_file(pool, reading, &tally, &counts, &result, &error);
        if (result > 0 && last)
            result = finish_file(pool, reading, &error);
        if (result < 0)
            fail(pool, &error);
        tally_clear(&tally);
    }
}

static void *work(void *context)
{
    struct pool *pool = context;
    const size_t logs = pool->request->conf->log_count;
    struct worker worker = {.pool = pool, .readers = calloc(logs, sizeof *worker.readers)};
    if (worker.readers) {
        read_files(&worker);
    } else {
        struct error error;
        (void)error_memory(&error, "read the logs");
        fail(pool, &error);
    }
    for (size_t i = 0; worker.readers && i < logs; i++)
        record_reader_free(worker.readers[i]);
    free(worker.readers);
    scanner_free(&worker.scanner);
    return NULL;
}
static size_t thread_count(const struct conf *conf)
{
    size_t wanted = (size_t)conf->threads;
    if (wanted == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        wanted = cores < 1 ? 1 : cores > CONF_SCAN_THREADS_MAX ? CONF_SCAN_THREADS_MAX : (size_t)cores;
    }
    return wanted;
}

/* This thread does its share; where no other can be had it does all. */
static void work_together(struct pool *pool, size_t threads)
{
    pthread_t *others = threads > 1 ? calloc(threads - 1, sizeof *others) : NULL;
    size_t started = 0;
    while (others && started < threads - 1 && pthread_create(&others[started], NULL, work, pool) == 0)
        started++;
    (void)work(pool);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(others[i], NULL);
    free(others);
}

/* Takes out what is too old to hold a day of the range. */
static void drop_old(struct logfiles *files, time_t oldest)
{
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (files->files[i].modified < oldest)
            free(files->files[i].path);
        else
            files->files[kept++] = files->files[i];
    }
    files->count = kept;
}

static int read_all(const struct gather_request *request, const struct logfiles *files,
                    const struct logread_rules *rules, struct messages *warnings, struct gathered *gathered,
                    struct error *error)
{
    struct pool pool = {.request = request,
                        .rules = rules,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .changed = PTHREAD_COND_INITIALIZER,
                        .readings = calloc(files->count + 1, sizeof *pool.readings),
                        .count = files->count,
                        .gathered = gathered,
                        .warnings = warnings,
                        .error = error};
    if (!pool.readings)
        return error_memory(error, "read the logs");
    for (size_t i = 0; i < files->count; i++) {
        pool.readings[i].read = (struct logread){.file = &files->files[i], .descriptor = -1};
        pool.total_bytes += files->files[i].identity.size;
    }
    if (files->count > 0)
        work_together(&pool, thread_count(request->conf));
    for (size_t i = 0; i < files->count; i++)
        logread_clear(&pool.readings[i].read);
    free(pool.readings);
    return pool.failed ? -1 : 1;
}

static struct logread_rules *make_rules(const struct gather_request *request)
{
    struct logread_rules *rules = calloc(request->conf->log_count, sizeof *rules);
    for (size_t i = 0; rules && i < request->conf->log_count; i++)
        rules[i] = (struct logread_rules){.log = &request->conf->logs[i],
                                          .settings = cache_settings(&request->conf->logs[i]),
                                          .first_day = request->range.first,
                                          .cache = request->cache,
                                          .keep = request->keep};
    return rules;
}

static void add_up(struct gathered *gathered, size_t logs)
{
    for (size_t i = 0; i < logs; i++) {
        gathered->total.files += gathered->by_log[i].files;
        gathered->total.bytes += gathered->by_log[i].bytes;
        gathered->total.records += gathered->by_log[i].records;
        gathered->total.malformed += gathered->by_log[i].malformed;
        gathered->total.in_range += gathered->by_log[i].in_range;
        gathered->total.limits += gathered->by_log[i].limits;
    }
}

/* Removes the parts of files that aren't listed any more. That this isn't done for want of memory does no harm. */
static void sweep(const struct gather_request *request, const struct logfiles *files)
{
    struct cache_owner *owners = calloc(files->count + 1, sizeof *owners);
    for (size_t i = 0; owners && i < files->count; i++)
        owners[i] = (struct cache_owner){.format = request->conf->logs[files->files[i].log].format->name,
                                         .device = files->files[i].identity.device,
                                         .inode = files->files[i].identity.inode};
    if (owners)
        cache_sweep(request->cache, owners, files->count);
    free(owners);
}

static int scan_all(const struct gather_request *request, const struct logfiles *files, struct messages *warnings,
                    struct gathered *gathered, struct error *error)
{
    struct logread_rules *rules = make_rules(request);
    gathered->by_log = calloc(request->conf->log_count, sizeof *gathered->by_log);
    gathered->evidence = evidence_new(request->range, request->conf->log_count);
    int result = rules && gathered->by_log && gathered->evidence ? 1 : error_memory(error, "read the logs");
    if (result > 0)
        result = read_all(request, files, rules, warnings, gathered, error);
    free(rules);
    if (result < 0)
        return -1;
    if (request->cache && request->keep)
        sweep(request, files);
    add_up(gathered, request->conf->log_count);
    evidence_seal(gathered->evidence);
    return 1;
}

int gather(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
           struct error *error)
{
    struct logfiles files;
    *gathered = (struct gathered){0};
    if (logfiles_list(request->conf, request->all_logs, warnings, &files, error) < 0)
        return -1;
    size_t listed = files.count;
    if (request->skip_by_age)
        drop_old(&files, day_before_begins(request->range.first));
    gathered->left_out = listed - files.count;
    int result = scan_all(request, &files, warnings, gathered, error);
    logfiles_clear(&files);
    if (result < 0)
        gathered_clear(gathered);
    return result;
}

void gathered_clear(struct gathered *gathered)
{
    evidence_free(gathered->evidence);
    free(gathered->by_log);
    *gathered = (struct gathered){0};
}
