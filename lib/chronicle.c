/* SPDX-License-Identifier: MIT */
#include "chronicle.h"

#include "scan.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64 * 1024, BLOCK_MAX = RECORD_LENGTH_MAX + 1 + BLOCK };

/* One file. Its head is the record that is its next one. */
struct source {
    const struct logfile *file;
    int descriptor;           /* -1: not open, or opened for each block */
    struct identity identity; /* when it was opened first; all zero before that */
    char *block;              /* what was read and isn't done with: from begin, held bytes */
    size_t capacity;
    size_t begin;
    size_t held;
    uint64_t start;    /* offset in the file of its first head */
    uint64_t position; /* of what is read next */
    size_t length;     /* of the head, with its LF */
    uint64_t key;      /* seconds by which heads are ordered; never descends in a file */
    bool overlong;     /* inside a record that is left out for its length */
};

struct chronicle {
    const struct chronicle_request *request;
    struct record_reader **readers; /* one for each log */
    struct source *sources;         /* those with records, in the order of their first ones */
    size_t count;
    size_t opened;        /* of them, the others still wait for their time */
    struct source **open; /* that aren't at their end */
    size_t open_count;
    size_t descriptors;     /* that are open */
    struct source *current; /* whose head was given last; NULL: none was, or it is at its end */
    struct chronicle_counts counts;
    uint64_t *timeless; /* the same of each file */
    uint64_t done_bytes;
    uint64_t total_bytes;
};

/* --- one file ----------------------------------------------------------------------------------------------------- */

/* False: no memory. Reads on from the LF before the start. */
static bool source_begin(struct source *source)
{
    source->capacity = BLOCK;
    source->block = malloc(source->capacity);
    source->position = source->start > 0 ? source->start - 1 : 0;
    return source->block != NULL;
}

/* 1; 0: the file is gone, or another one is in its place, of which no record may be joined to the begin of one here. */
static int source_open(struct chronicle *chronicle, struct source *source, struct error *error)
{
    struct stat status;
    const int found = scan_open(source->file->path, &source->descriptor, &status, error);
    if (found <= 0)
        return found;
    chronicle->descriptors++;
    const struct identity identity = identity_from_status(&status);
    const bool same = identity.device == source->identity.device && identity.inode == source->identity.inode;
    if (source->identity.inode != 0 && !same)
        return 0;
    source->identity = identity;
    return 1;
}

static void source_close(struct chronicle *chronicle, struct source *source)
{
    if (source->descriptor < 0)
        return;
    (void)sys_close(source->descriptor);
    source->descriptor = -1;
    chronicle->descriptors--;
}

static void source_end(struct chronicle *chronicle, struct source *source)
{
    source_close(chronicle, source);
    free(source->block);
    *source = (struct source){.file = source->file, .descriptor = -1, .key = source->key, .start = source->start};
}

/* Makes room behind what is held; a record that is too long isn't held. False: no memory. */
static bool make_room(struct source *source)
{
    if (source->begin > 0)
        memmove(source->block, source->block + source->begin, source->held);
    source->begin = 0;
    if (source->held < source->capacity)
        return true;
    const size_t capacity = source->capacity < BLOCK_MAX / 2 ? 2 * source->capacity : BLOCK_MAX;
    char *block = source->capacity < BLOCK_MAX ? realloc(source->block, capacity) : NULL;
    if (!block)
        return false;
    source->block = block;
    source->capacity = capacity;
    return true;
}

/* Reads more of the file. 1; 0: there is no more of it. */
static int read_more(struct chronicle *chronicle, struct source *source, struct error *error)
{
    const struct chronicle_request *request = chronicle->request;
    if (source->held > RECORD_LENGTH_MAX) {
        source->overlong = true;
        source->held = 0;
    }
    if (!make_room(source))
        return error_memory(error, "read logs");
    const int opened = source->descriptor >= 0 ? 1 : source_open(chronicle, source, error);
    if (opened <= 0)
        return opened;
    const ssize_t got = sys_pread(source->descriptor, source->block + source->held, source->capacity - source->held,
                                  (off_t)source->position);
    if (got < 0)
        return error_system(error, errno, "unable to read the log %s", source->file->path);
    if (chronicle->descriptors > CHRONICLE_DESCRIPTORS_MAX)
        source_close(chronicle, source);
    source->position += (uint64_t)got;
    source->held += (size_t)got;
    chronicle->done_bytes += (uint64_t)got;
    if (request->progress && chronicle->done_bytes <= chronicle->total_bytes)
        request->progress(request->context, chronicle->done_bytes, chronicle->total_bytes);
    return got > 0;
}

/* Makes the next line of the file its head, whatever it is. 1; 0: there is none. */
static int next_line(struct chronicle *chronicle, struct source *source, struct error *error)
{
    size_t searched = 0;
    source->begin += source->length;
    source->held -= source->length;
    source->length = 0;
    for (;;) {
        const char *text = source->block + source->begin;
        const char *lf = memchr(text + searched, '\n', source->held - searched);
        if (lf) {
            source->length = (size_t)(lf + 1 - text);
            return 1;
        }
        searched = source->held;
        const int more = read_more(chronicle, source, error);
        if (more <= 0)
            return more;
        if (source->overlong)
            searched = 0;
    }
}

/* What the head is. Its record has the day 0 if it belongs to none. False: no memory. */
static bool look(const struct chronicle *chronicle, const struct source *source, struct chronicle_record *record)
{
    const char *line = source->block + source->begin;
    const size_t length = source->length - 1;
    const bool has_cr = length > 0 && line[length - 1] == '\r';
    struct record_reader *reader = chronicle->readers[source->file->log];
    *record =
        (struct chronicle_record){.file = source->file, .line = line, .length = length - has_cr, .reader = reader};
    if (source->overlong || length > RECORD_LENGTH_MAX)
        return true;
    return record_look(reader, line, length, &record->view);
}

/* Makes the file's next record of the range its head. 1; 0: there is none. */
static int next_head(struct chronicle *chronicle, struct source *source, struct chronicle_record *record,
                     struct error *error)
{
    for (;;) {
        const int found = next_line(chronicle, source, error);
        if (found <= 0)
            return found;
        if (!look(chronicle, source, record))
            return error_memory(error, "read logs");
        source->overlong = false;
        if (record->view.day == 0) {
            chronicle->counts.timeless++;
            chronicle->timeless[source->file - chronicle->request->files->files]++;
            continue;
        }
        if (!day_in_range(chronicle->request->range, record->view.day))
            continue;
        const unsigned second = record->view.second == RECORD_NO_SECOND ? 0 : record->view.second;
        const uint64_t key = (uint64_t)record->view.day * RECORD_NO_SECOND + second;
        if (key > source->key)
            source->key = key;
        return 1;
    }
}

/* --- all files ---------------------------------------------------------------------------------------------------- */

static int compare_sources(const void *left, const void *right)
{
    const struct source *a = left;
    const struct source *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->file > b->file) - (a->file < b->file);
}

/* Finds the first head of each file, where reading will go on. */
static int find_begins(struct chronicle *chronicle, struct error *error)
{
    const struct logfiles *files = chronicle->request->files;
    for (size_t i = 0; i < files->count; i++) {
        struct source *source = &chronicle->sources[chronicle->count];
        struct chronicle_record ignored;
        *source = (struct source){.file = &files->files[i], .descriptor = -1};
        const int found =
            source_begin(source) ? next_head(chronicle, source, &ignored, error) : error_memory(error, "read logs");
        source->start = source->position - source->held;
        chronicle->total_bytes += source->held; /* read again */
        source_end(chronicle, source);
        if (found < 0)
            return -1;
        chronicle->count += found > 0;
    }
    qsort(chronicle->sources, chronicle->count, sizeof *chronicle->sources, compare_sources);
    return 1;
}

static int make_readers(struct chronicle *chronicle, struct error *error)
{
    const struct chronicle_request *request = chronicle->request;
    for (size_t i = 0; i < request->log_count; i++) {
        chronicle->readers[i] = record_reader_new(&request->logs[i], request->range, error);
        if (!chronicle->readers[i])
            return -1;
    }
    for (size_t i = 0; i < request->files->count; i++)
        chronicle->total_bytes += request->files->files[i].identity.size;
    return 1;
}

struct chronicle *chronicle_new(const struct chronicle_request *request, struct error *error)
{
    struct chronicle *chronicle = calloc(1, sizeof *chronicle);
    if (chronicle) {
        chronicle->request = request;
        chronicle->readers = calloc(request->log_count + 1, sizeof *chronicle->readers);
        chronicle->sources = calloc(request->files->count + 1, sizeof *chronicle->sources);
        chronicle->open = calloc(request->files->count + 1, sizeof *chronicle->open);
        chronicle->timeless = calloc(request->files->count + 1, sizeof *chronicle->timeless);
    }
    if (!chronicle || !chronicle->readers || !chronicle->sources || !chronicle->open || !chronicle->timeless) {
        (void)error_memory(error, "read logs");
        chronicle_free(chronicle);
        return NULL;
    }
    if (make_readers(chronicle, error) < 0 || find_begins(chronicle, error) < 0) {
        chronicle_free(chronicle);
        return NULL;
    }
    return chronicle;
}

void chronicle_free(struct chronicle *chronicle)
{
    if (!chronicle)
        return;
    for (size_t i = 0; chronicle->sources && i < chronicle->count; i++)
        source_end(chronicle, &chronicle->sources[i]);
    for (size_t i = 0; chronicle->readers && i < chronicle->request->log_count; i++)
        record_reader_free(chronicle->readers[i]);
    free(chronicle->sources);
    free(chronicle->open);
    free(chronicle->timeless);
    free(chronicle->readers);
    free(chronicle);
}

/* Opens the next file that waits. */
static int open_next(struct chronicle *chronicle, struct chronicle_record *record, struct error *error)
{
    struct source *source = &chronicle->sources[chronicle->opened++];
    int found = source_begin(source) ? 1 : error_memory(error, "read logs");
    if (found > 0 && source->start > 0)
        found = next_line(chronicle, source, error); /* what its start was behind */
    source->overlong = false;
    if (found > 0)
        found = next_head(chronicle, source, record, error);
    if (found > 0)
        chronicle->open[chronicle->open_count++] = source;
    else
        source_end(chronicle, source);
    return found;
}

/* Goes on behind the record that was given last. */
static int move_on(struct chronicle *chronicle, struct chronicle_record *record, struct error *error)
{
    const int found = next_head(chronicle, chronicle->current, record, error);
    if (found > 0)
        return found;
    size_t i = 0;
    while (chronicle->open[i] != chronicle->current)
        i++;
    chronicle->open[i] = chronicle->open[--chronicle->open_count];
    source_end(chronicle, chronicle->current);
    chronicle->current = NULL;
    return found;
}

/* The open file with the oldest head; NULL if none is open. They are few, as a rule one of each kind of log. */
static struct source *oldest(const struct chronicle *chronicle)
{
    struct source *least = NULL;
    for (size_t i = 0; i < chronicle->open_count; i++)
        if (!least || compare_sources(chronicle->open[i], least) < 0)
            least = chronicle->open[i];
    return least;
}

int chronicle_next(struct chronicle *chronicle, struct chronicle_record *record, struct error *error)
{
    if (chronicle->current && move_on(chronicle, record, error) < 0)
        return -1;
    const struct source *looked_at = chronicle->current;
    struct source *next = oldest(chronicle);
    while (chronicle->opened < chronicle->count &&
           (!next || compare_sources(&chronicle->sources[chronicle->opened], next) < 0)) {
        if (open_next(chronicle, record, error) < 0)
            return -1;
        looked_at = NULL;
        next = oldest(chronicle);
    }
    chronicle->current = next;
    if (!next)
        return 0;
    if (next != looked_at && !look(chronicle, next, record))
        return error_memory(error, "read logs");
    chronicle->counts.records++;
    return 1;
}

struct chronicle_counts chronicle_counts(const struct chronicle *chronicle)
{
    return chronicle->counts;
}

uint64_t chronicle_timeless(const struct chronicle *chronicle, size_t file)
{
    return chronicle->timeless[file];
}
