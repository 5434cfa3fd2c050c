/* SPDX-License-Identifier: MIT */
#include "crew.h"

#include "record.h"
#include "scan.h"

#include <pthread.h>
#include <stdlib.h>

/* A thread takes so much of a file at a time, in bytes: a multiple of what it reads at once. */
static const uint64_t stretch_length = 16 * (uint64_t)SCAN_BLOCK;

/* A file that is being read. */
struct reading {
    struct logread read;
    size_t number;    /* of the file */
    bool open;        /* known is what there is to be scanned: any thread may help */
    uint64_t next;    /* what is to be scanned still begins here */
    uint64_t behind;  /* offset behind the last finished record that was found */
    uint64_t bytes;   /* that were read */
    unsigned threads; /* that are at it */
    bool shrank;
};

/* What the threads share. Members below the lock are touched only by who holds it. */
struct crew {
    const struct crew_request *request;
    pthread_mutex_t lock;
    pthread_cond_t opened; /* some file was, or won't be */
    size_t next_file;
    struct reading **readings; /* for each file; NULL: not begun, or done */
    size_t opening;            /* how many are begun but not open */
    struct error *error;       /* the first one; failed says that there is one */
    bool failed;
};

/* What one thread has for itself. */
struct worker {
    struct crew *crew;
    struct record_reader **readers; /* one for each log, made when it is needed */
    struct scanner scanner;         /* likewise */
};

/* --- what is shared ----------------------------------------------------------------------------------------------- */

/* The lock is held. */
static void fail_locked(struct crew *crew, const struct error *error)
{
    if (!crew->failed)
        *crew->error = *error;
    crew->failed = true;
    (void)pthread_cond_broadcast(&crew->opened);
}

static void fail(struct crew *crew, const struct error *error)
{
    (void)pthread_mutex_lock(&crew->lock);
    fail_locked(crew, error);
    (void)pthread_mutex_unlock(&crew->lock);
}

static void report_progress(struct crew *crew, uint64_t bytes)
{
    (void)pthread_mutex_lock(&crew->lock);
    crew->request->progress(crew->request->context, bytes);
    (void)pthread_mutex_unlock(&crew->lock);
}

static void report_scan(void *context, size_t bytes)
{
    report_progress(context, bytes);
}

/* --- who reads what ----------------------------------------------------------------------------------------------- */

/* Begins the next file, if memory allows. The lock is held. */
static struct reading *begin_next(struct crew *crew)
{
    struct reading *reading = calloc(1, sizeof *reading);
    if (!reading) {
        struct error error;
        (void)error_memory(&error, "read the logs");
        fail_locked(crew, &error);
        return NULL;
    }
    reading->number = crew->next_file++;
    reading->read = (struct logread){.file = crew->request->files[reading->number], .descriptor = -1};
    crew->readings[reading->number] = reading;
    crew->opening++;
    return reading;
}

/* The file of which most is left to be scanned, or NULL. The lock is held. */
static struct reading *longest_open(const struct crew *crew)
{
    struct reading *longest = NULL;
    uint64_t most = 0;
    for (size_t i = 0; i < crew->next_file; i++) {
        struct reading *reading = crew->readings[i];
        if (reading && reading->open && reading->next < reading->read.end && reading->read.end - reading->next > most) {
            longest = reading;
            most = reading->read.end - reading->next;
        }
    }
    return longest;
}

/*
 * The next file for this thread: one that isn't open yet, which is this thread's to do, or one to help with; or NULL.
 */
static struct reading *take_file(struct crew *crew)
{
    struct reading *reading = NULL;
    (void)pthread_mutex_lock(&crew->lock);
    while (!crew->failed && !reading) {
        if (crew->next_file < crew->request->file_count)
            reading = begin_next(crew);
        else if (!(reading = longest_open(crew)) && crew->opening == 0)
            break;
        else if (!reading)
            (void)pthread_cond_wait(&crew->opened, &crew->lock);
    }
    if (reading)
        reading->threads++;
    (void)pthread_mutex_unlock(&crew->lock);
    return reading;
}

/* Takes the next stretch of the file. False if there is none, or something has failed. */
static bool take_stretch(struct crew *crew, struct reading *reading, struct scan_stretch *stretch)
{
    const uint64_t end = reading->read.end;
    (void)pthread_mutex_lock(&crew->lock);
    const bool any = !crew->failed && reading->next < end;
    if (any) {
        /* They meet where blocks do. */
        const uint64_t next = reading->next - reading->next % stretch_length + stretch_length;
        *stretch = (struct scan_stretch){.from = reading->next, .to = next < end ? next : end, .end = end};
        reading->next = stretch->to;
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return any;
}

/* --- one file ----------------------------------------------------------------------------------------------------- */

static const struct logread_rules *rules_of(const struct crew *crew, const struct reading *reading)
{
    return &crew->request->rules[reading->read.file->log];
}

/* Finds out what there is to be scanned. 1; 0: the file is gone; -1 with the error. */
static int open_file(struct crew *crew, struct reading *reading, struct error *error)
{
    const int result = logread_begin(&reading->read, rules_of(crew, reading), error);
    const uint64_t size = reading->read.file->identity.size;
    const uint64_t left = reading->read.end - reading->read.from;
    if (result > 0 && left < size)
        report_progress(crew, size - left);
    (void)pthread_mutex_lock(&crew->lock);
    crew->opening--;
    reading->next = reading->behind = reading->read.from;
    reading->open = result > 0;
    (void)pthread_cond_broadcast(&crew->opened);
    (void)pthread_mutex_unlock(&crew->lock);
    return result;
}

static struct record_reader *reader_for(struct worker *worker, const struct reading *reading, struct error *error)
{
    struct record_reader **reader = &worker->readers[reading->read.file->log];
    const struct logread_rules *rules = rules_of(worker->crew, reading);
    if (!*reader)
        *reader = record_reader_new(rules->log, rules->range, error);
    return *reader;
}

/*
 * Moves what this thread has counted to what all have, if it is much, and others may have counted the same hosts: so
 * that memory holds each of them hardly more than once. False: out of memory.
 */
static bool merge_if_large(struct crew *crew, struct reading *reading, struct tally *tally)
{
    if (!tally_is_large(tally))
        return true;
    (void)pthread_mutex_lock(&crew->lock);
    const bool merged = reading->threads == 1 || tally_merge(&reading->read.tally, tally);
    (void)pthread_mutex_unlock(&crew->lock);
    return merged;
}

/* Scans stretches of the file for as long as there are any. Returns 1, or -1 with the error. */
static int scan_stretches(struct worker *worker, struct reading *reading, struct tally *tally,
                          struct scan_counts *counts, struct error *error)
{
    struct crew *crew = worker->crew;
    struct scan_stretch stretch;
    int result = 1;
    while (result > 0 && take_stretch(crew, reading, &stretch)) {
        struct record_reader *reader = reader_for(worker, reading, error);
        if (!reader)
            return -1;
        if (!worker->scanner.memory && !scanner_new(&worker->scanner))
            return error_memory(error, "read the logs");
        result = scan(&worker->scanner, reading->read.descriptor, reading->read.file->path, &stretch, reader, tally,
                      counts, report_scan, crew, error);
        if (result > 0 && !merge_if_large(crew, reading, tally))
            result = error_memory(error, "add up the logs");
    }
    return result;
}

/* Adds what this thread has found. 1: it was the last one, and is to finish the file; 0: it wasn't; -1: no memory. */
static int leave_file(struct crew *crew, struct reading *reading, struct tally *tally, const struct scan_counts *counts)
{
    (void)pthread_mutex_lock(&crew->lock);
    if (!tally_merge(&reading->read.tally, tally)) {
        (void)pthread_mutex_unlock(&crew->lock);
        return -1; /* as long as it counts as being at the file, nobody finishes that */
    }
    reading->bytes += counts->bytes;
    reading->shrank |= counts->shrank;
    if (counts->behind > reading->behind)
        reading->behind = counts->behind;
    const bool last = --reading->threads == 0 && reading->next >= reading->read.end && !crew->failed;
    (void)pthread_mutex_unlock(&crew->lock);
    return last;
}

/* Has the ledger made and delivers it. */
static int finish_file(struct crew *crew, struct reading *reading, struct error *error)
{
    struct logread *read = &reading->read;
    read->behind = reading->behind;
    if (logread_finish(read, rules_of(crew, reading), !reading->shrank, error) < 0)
        return -1;
    const struct crew_result result = {
        .file = read->file, .ledger = &read->ledger, .bytes = reading->bytes, .shrank = reading->shrank};
    (void)pthread_mutex_lock(&crew->lock);
    const bool delivered = crew->request->deliver(crew->request->context, &result);
    (void)pthread_mutex_unlock(&crew->lock);
    return delivered ? 1 : error_memory(error, "add up the logs");
}

/* Frees what a file took. Nobody is at it any more, and nobody will be. */
static void drop_file(struct crew *crew, struct reading *reading)
{
    (void)pthread_mutex_lock(&crew->lock);
    crew->readings[reading->number] = NULL;
    (void)pthread_mutex_unlock(&crew->lock);
    logread_clear(&reading->read);
    free(reading);
}

/* Does this thread's share of a file. Returns 1, or -1 with the error. */
static int work_on(struct worker *worker, struct reading *reading, struct error *error)
{
    struct tally tally = {.day_count = 0};
    struct scan_counts counts = {.bytes = 0};
    int result = reading->open ? 1 : open_file(worker->crew, reading, error);
    if (result == 0) {
        drop_file(worker->crew, reading);
        return 1;
    }
    if (result > 0)
        result = scan_stretches(worker, reading, &tally, &counts, error);
    if (result > 0) {
        const int last = leave_file(worker->crew, reading, &tally, &counts);
        if (last < 0)
            result = error_memory(error, "add up the logs");
        if (last > 0)
            result = finish_file(worker->crew, reading, error);
        if (last > 0 && result > 0)
            drop_file(worker->crew, reading);
    }
    tally_clear(&tally);
    return result;
}

/* --- the threads -------------------------------------------------------------------------------------------------- */

static void *work(void *context)
{
    struct crew *crew = context;
    const size_t logs = crew->request->log_count;
    struct worker worker = {.crew = crew, .readers = calloc(logs + 1, sizeof *worker.readers)};
    struct error error;
    if (!worker.readers) {
        (void)error_memory(&error, "read the logs");
        fail(crew, &error);
    }
    for (struct reading *reading; worker.readers && (reading = take_file(crew));) {
        if (work_on(&worker, reading, &error) < 0)
            fail(crew, &error);
    }
    for (size_t i = 0; worker.readers && i < logs; i++)
        record_reader_free(worker.readers[i]);
    free(worker.readers);
    scanner_free(&worker.scanner);
    return NULL;
}

/* This thread does its share; where no other can be had it does all. */
static void work_together(struct crew *crew, size_t threads)
{
    pthread_t *others = threads > 1 ? calloc(threads - 1, sizeof *others) : NULL;
    size_t started = 0;
    while (others && started < threads - 1 && pthread_create(&others[started], NULL, work, crew) == 0)
        started++;
    (void)work(crew);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(others[i], NULL);
    free(others);
}

/* No more threads than there can be something to do for. */
static size_t useful_threads(const struct crew_request *request)
{
    uint64_t useful = 0;
    for (size_t i = 0; i < request->file_count; i++)
        useful += 1 + request->files[i]->identity.size / stretch_length;
    return useful < request->threads ? (size_t)useful : request->threads;
}

int crew_read(const struct crew_request *request, struct error *error)
{
    struct crew crew = {.request = request,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .opened = PTHREAD_COND_INITIALIZER,
                        .readings = calloc(request->file_count + 1, sizeof(struct reading *)),
                        .error = error};
    if (!crew.readings)
        return error_memory(error, "read the logs");
    if (request->file_count > 0)
        work_together(&crew, useful_threads(request));
    for (size_t i = 0; i < request->file_count; i++) {
        if (crew.readings[i])
            logread_clear(&crew.readings[i]->read);
        free(crew.readings[i]);
    }
    free(crew.readings);
    return crew.failed ? -1 : 1;
}
