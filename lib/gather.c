/* SPDX-License-Identifier: MIT */
#include "gather.h"

#include "buffer.h"
#include "ledger.h"
#include "logfiles.h"
#include "scan.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* What the threads share. Members below the lock are touched only by who holds it. */
struct pool {
    const struct gather_request *request;
    const struct logfiles *files;
    uint64_t total_bytes;
    pthread_mutex_t lock;
    size_t next_file;
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
    char *block;
};

static void fail(struct pool *pool, const struct error *error)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (!pool->failed)
        *pool->error = *error;
    pool->failed = true;
    (void)pthread_mutex_unlock(&pool->lock);
}

static void report_progress(void *context, size_t bytes)
{
    struct pool *pool = context;
    (void)pthread_mutex_lock(&pool->lock);
    pool->done_bytes += bytes;
    pool->request->progress(pool->request->context, pool->done_bytes, pool->total_bytes);
    (void)pthread_mutex_unlock(&pool->lock);
}

/* The next file to be scanned, or NULL if there is none or something has failed. */
static const struct logfile *take_file(struct pool *pool)
{
    const struct logfile *file = NULL;
    (void)pthread_mutex_lock(&pool->lock);
    if (!pool->failed && pool->next_file < pool->files->count)
        file = &pool->files->files[pool->next_file++];
    (void)pthread_mutex_unlock(&pool->lock);
    return file;
}

static void add_counts(struct gather_counts *sum, const struct scan_counts *counts)
{
    sum->files++;
    sum->bytes += counts->bytes;
    sum->records += counts->records;
    sum->malformed += counts->malformed;
    sum->in_range += counts->in_range;
}

/* Adds what a file has said. */
static void deliver(struct pool *pool, const struct logfile *file, const struct tally *tally,
                    const struct scan_counts *counts)
{
    (void)pthread_mutex_lock(&pool->lock);
    add_counts(&pool->gathered->by_log[file->log], counts);
    add_counts(&pool->gathered->total, counts);
    if (counts->shrank)
        messages_add(pool->warnings, "%s was cut while it was read: what was read of it counts", file->path);
    struct buffer bytes = {0};
    struct ledger ledger;
    bool added = ledger_write(tally, &bytes) && ledger_read(bytes.bytes, bytes.length, &ledger) &&
                 evidence_add(pool->gathered->evidence, &ledger, file->log);
    buffer_clear(&bytes);
    (void)pthread_mutex_unlock(&pool->lock);
    if (!added) {
        struct error error;
        (void)error_memory(&error, "add up the logs");
        fail(pool, &error);
    }
}

static struct record_reader *reader_for(struct worker *worker, size_t log, struct error *error)
{
    const struct gather_request *request = worker->pool->request;
    if (!worker->readers[log])
        worker->readers[log] = record_reader_new(&request->conf->logs[log], request->range, error);
    return worker->readers[log];
}

static void scan_files(struct worker *worker)
{
    struct pool *pool = worker->pool;
    for (const struct logfile *file; (file = take_file(pool));) {
        struct error error;
        struct tally tally = {0};
        struct scan_counts counts = {0};
        struct record_reader *reader = reader_for(worker, file->log, &error);
        int result = !reader ? -1
                             : scan_file(file->path, reader, worker->block, &tally, &counts,
                                         pool->request->progress ? report_progress : NULL, pool, &error);
        if (result > 0)
            deliver(pool, file, &tally, &counts);
        else if (result < 0)
            fail(pool, &error);
        tally_clear(&tally);
    }
}

/* The reader's hits on limits belong to the log's counts. */
static void release_readers(struct worker *worker)
{
    struct gathered *gathered = worker->pool->gathered;
    for (size_t i = 0; i < worker->pool->request->conf->log_count; i++) {
        if (!worker->readers[i])
            continue;
        uint64_t limits = record_reader_limits(worker->readers[i]);
        (void)pthread_mutex_lock(&worker->pool->lock);
        gathered->by_log[i].limits += limits;
        gathered->total.limits += limits;
        (void)pthread_mutex_unlock(&worker->pool->lock);
        record_reader_free(worker->readers[i]);
    }
}

static void *work(void *context)
{
    struct pool *pool = context;
    struct worker worker = {.pool = pool,
                            .readers = calloc(pool->request->conf->log_count, sizeof *worker.readers),
                            .block = malloc(SCAN_BLOCK)};
    if (worker.readers && worker.block) {
        scan_files(&worker);
        release_readers(&worker);
    } else {
        struct error error;
        (void)error_memory(&error, "read the logs");
        fail(pool, &error);
    }
    free(worker.readers);
    free(worker.block);
    return NULL;
}

static size_t thread_count(const struct conf *conf, size_t files)
{
    size_t wanted = (size_t)conf->threads;
    if (wanted == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        wanted = cores < 1 ? 1 : cores > CONF_SCAN_THREADS_MAX ? CONF_SCAN_THREADS_MAX : (size_t)cores;
    }
    return wanted > files ? files : wanted;
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

static int scan_all(const struct gather_request *request, const struct logfiles *files, struct messages *warnings,
                    struct gathered *gathered, struct error *error)
{
    struct pool pool = {.request = request,
                        .files = files,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .gathered = gathered,
                        .warnings = warnings,
                        .error = error};
    gathered->by_log = calloc(request->conf->log_count, sizeof *gathered->by_log);
    gathered->evidence = evidence_new(request->range, request->conf->log_count);
    if (!gathered->by_log || !gathered->evidence)
        return error_memory(error, "read the logs");
    for (size_t i = 0; i < files->count; i++)
        pool.total_bytes += (uint64_t)files->files[i].size;
    if (files->count > 0)
        work_together(&pool, thread_count(request->conf, files->count));
    if (pool.failed)
        return -1;
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
