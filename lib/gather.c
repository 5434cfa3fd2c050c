/* SPDX-License-Identifier: MIT */
#include "gather.h"

#include "balance.h"
#include "cachefile.h"
#include "crew.h"
#include "identity.h"
#include "logfiles.h"
#include "logread.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* How the work stands. */
struct gathering {
    const struct gather_request *request;
    const struct logfiles *listed_files; /* all, */
    const struct logfiles *files;        /* and those that are to be read */
    size_t logs;
    struct logread_rules *rules;      /* one for each log */
    struct balance now;               /* what a balance must be of to be used: this range, and */
    struct balance_log *balance_logs; /* these settings of each log (and its counts, once it is written), */
    struct balance_file *listed;      /* and of these files those that it is of */
    bool *taken;                      /* for each file: what it says is in the evidence */
    bool shrank;                      /* some file was cut while it was read */
    uint64_t done_bytes;
    uint64_t total_bytes;
    struct messages *warnings;
    struct gathered *gathered;
};

static void add_counts(struct gather_counts *sum, const struct gather_counts *counts)
{
    sum->files += counts->files;
    sum->bytes += counts->bytes;
    sum->records += counts->records;
    sum->malformed += counts->malformed;
    sum->in_range += counts->in_range;
    sum->limits += counts->limits;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void report_progress(void *context, uint64_t bytes)
{
    struct gathering *gathering = context;
    const struct gather_request *request = gathering->request;
    gathering->done_bytes += bytes;
    if (gathering->done_bytes > gathering->total_bytes) /* a file has grown since it was listed */
        gathering->done_bytes = gathering->total_bytes;
    if (request->progress)
        request->progress(request->context, gathering->done_bytes, gathering->total_bytes);
}

/* Adds what a file says. */
static bool take_ledger(void *context, const struct crew_result *result)
{
    struct gathering *gathering = context;
    const struct ledger *ledger = result->ledger;
    struct gather_counts counts = {
        .files = 1, .bytes = result->bytes, .records = ledger->head->records, .malformed = ledger->head->malformed};
    for (uint64_t i = 0; i < ledger->head->day_count; i++) {
        if (!day_in_range(gathering->request->range, ledger->days[i].day))
            continue;
        counts.in_range += ledger->days[i].records;
        counts.limits += ledger->days[i].limits;
    }
    add_counts(&gathering->gathered->by_log[result->file->log], &counts);
    gathering->taken[result->file - gathering->files->files] = true;
    gathering->shrank |= result->shrank;
    if (result->shrank)
        messages_add(gathering->warnings, "%s was cut while it was read: what was read of it counts",
                     result->file->path);
    return evidence_add(gathering->gathered->evidence, ledger, result->file->log);
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

/* Reads the files that are wanted and not yet taken. Returns 1, or -1 with the error. */
static int read_files(struct gathering *gathering, bool (*wanted)(const struct gathering *, const struct logfile *),
                      struct error *error)
{
    const struct logfile **files = calloc(gathering->files->count + 1, sizeof *files);
    if (!files)
        return error_memory(error, "read the logs");
    size_t count = 0;
    for (size_t i = 0; i < gathering->files->count; i++)
        if (!gathering->taken[i] && wanted(gathering, &gathering->files->files[i]))
            files[count++] = &gathering->files->files[i];
    const struct crew_request request = {.files = files,
                                         .file_count = count,
                                         .rules = gathering->rules,
                                         .log_count = gathering->logs,
                                         .threads = thread_count(gathering->request->conf),
                                         .deliver = take_ledger,
                                         .progress = report_progress,
                                         .context = gathering};
    const int result = crew_read(&request, error);
    free(files);
    return result;
}

static bool is_any(const struct gathering *gathering, const struct logfile *file)
{
    (void)gathering, (void)file;
    return true;
}

/* --- the balance -------------------------------------------------------------------------------------------------- */

/* True if the file belongs into the balance: it was last written before today, and not touched just now. */
static bool is_settled(const struct gathering *gathering, const struct logfile *file)
{
    return file->modified < day_begins(gathering->request->range.last) &&
           !identity_is_fresh(&file->identity, time(NULL));
}

/* Begins with what the balance says, if that can be used. 1; 0: it can't, and nothing has changed; -1: no memory. */
static int use_balance(struct gathering *gathering, const struct balance *balance)
{
    struct gathered *gathered = gathering->gathered;
    if (!balance_fits(balance, &gathering->now, gathering->taken))
        return 0;
    const int result = evidence_read(gathered->evidence, balance->evidence, balance->evidence_length);
    if (result <= 0) {
        evidence_free(gathered->evidence);
        gathered->evidence = evidence_new(gathering->request->range, gathering->logs);
        for (size_t i = 0; i < gathering->files->count; i++)
            gathering->taken[i] = false;
        return gathered->evidence ? result : -1;
    }
    for (size_t i = 0; i < gathering->logs; i++)
        add_counts(&gathered->by_log[i], &(struct gather_counts){.records = balance->logs[i].records,
                                                                 .malformed = balance->logs[i].malformed,
                                                                 .in_range = balance->logs[i].in_range,
                                                                 .limits = balance->logs[i].limits});
    for (size_t i = 0; i < gathering->files->count; i++) {
        if (!gathering->taken[i])
            continue;
        gathered->by_log[gathering->files->files[i].log].files++;
        report_progress(gathering, gathering->files->files[i].identity.size);
    }
    return 1;
}

static int bring_forward(struct gathering *gathering, struct error *error)
{
    struct balance balance;
    if (!gathering->request->cache || balance_read(gathering->request->cache, &balance) <= 0)
        return 0;
    const int result = use_balance(gathering, &balance);
    balance_clear(&balance);
    return result < 0 ? error_memory(error, "add up the logs") : result;
}

/* Writes the balance of what was read so far. If that can't be done, the next rebuild adds it up again. */
static void carry_forward(struct gathering *gathering)
{
    struct error ignored;
    struct balance balance = gathering->now;
    struct balance_file *taken = calloc(gathering->files->count + 1, sizeof *taken);
    balance.file_count = 0;
    for (size_t i = 0; taken && i < gathering->files->count; i++)
        if (gathering->taken[i])
            taken[balance.file_count++] = gathering->listed[i];
    for (size_t i = 0; i < gathering->logs; i++) {
        const struct gather_counts *counts = &gathering->gathered->by_log[i];
        gathering->balance_logs[i].records = counts->records;
        gathering->balance_logs[i].malformed = counts->malformed;
        gathering->balance_logs[i].in_range = counts->in_range;
        gathering->balance_logs[i].limits = counts->limits;
    }
    balance.files = taken;
    if (balance.file_count > 0 && !gathering->shrank)
        (void)balance_write(gathering->request->cache, &balance, gathering->gathered->evidence, &ignored);
    free(taken);
}

/*
 * Removes the parts of files that aren't listed any more; those of old ones stay for a longer search. That this isn't
 * done for want of memory does no harm.
 */
static void sweep(const struct gathering *gathering)
{
    const struct logfiles *files = gathering->listed_files;
    struct cache_owner *owners = calloc(files->count + 1, sizeof *owners);
    for (size_t i = 0; owners && i < files->count; i++)
        owners[i] = (struct cache_owner){.format = gathering->rules[files->files[i].log].log->format->name,
                                         .device = files->files[i].identity.device,
                                         .inode = files->files[i].identity.inode};
    if (owners)
        cache_sweep(gathering->request->cache, owners, files->count);
    free(owners);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/*
 * Days that come are tallied with those of the range, so that the cache is of use when they have come; but no more than
 * a year of them, however many a log may name.
 */
static struct day_range days_to_tally(struct day_range range)
{
    const day_number year = 10000;
    return (struct day_range){range.first, range.last + year};
}

/* Makes all that is needed; what was made is to be freed in any case. False: no memory. */
static bool prepare(struct gathering *gathering)
{
    const struct gather_request *request = gathering->request;
    const struct logfiles *files = gathering->files;
    gathering->balance_logs = calloc(gathering->logs, sizeof *gathering->balance_logs);
    gathering->listed = calloc(files->count + 1, sizeof *gathering->listed);
    gathering->now = (struct balance){.range = request->range,
                                      .logs = gathering->balance_logs,
                                      .log_count = gathering->logs,
                                      .files = gathering->listed,
                                      .file_count = files->count};
    gathering->rules = calloc(gathering->logs, sizeof *gathering->rules);
    gathering->taken = calloc(files->count + 1, sizeof *gathering->taken);
    gathering->gathered->by_log = calloc(gathering->logs, sizeof *gathering->gathered->by_log);
    gathering->gathered->evidence = evidence_new(request->range, gathering->logs);
    if (!gathering->balance_logs || !gathering->listed || !gathering->rules || !gathering->taken ||
        !gathering->gathered->by_log || !gathering->gathered->evidence)
        return false;
    for (size_t i = 0; i < gathering->logs; i++) {
        gathering->rules[i] = (struct logread_rules){.log = &request->conf->logs[i],
                                                     .settings = cache_settings(&request->conf->logs[i]),
                                                     .range = days_to_tally(request->range),
                                                     .cache = request->cache,
                                                     .keep = request->keep};
        gathering->balance_logs[i].settings = gathering->rules[i].settings;
    }
    for (size_t i = 0; i < files->count; i++) {
        gathering->listed[i] = (struct balance_file){files->files[i].identity, files->files[i].log};
        gathering->total_bytes += files->files[i].identity.size;
    }
    return true;
}

/* Has all files read, those that belong to a new balance first. */
static int read_all(struct gathering *gathering, struct error *error)
{
    struct error ignored;
    const bool keeps = gathering->request->cache && gathering->request->keep &&
                       cachefile_make_directory(gathering->request->cache, &ignored) > 0;
    int result = bring_forward(gathering, error);
    if (result == 0 && keeps) {
        result = read_files(gathering, is_settled, error);
        if (result > 0)
            carry_forward(gathering);
    }
    if (result >= 0)
        result = read_files(gathering, is_any, error);
    if (result > 0 && keeps)
        sweep(gathering);
    return result;
}

static int gather_from(const struct gather_request *request, const struct logfiles *listed,
                       const struct logfiles *files, struct messages *warnings, struct gathered *gathered,
                       struct error *error)
{
    struct gathering gathering = {.request = request,
                                  .listed_files = listed,
                                  .files = files,
                                  .logs = request->conf->log_count,
                                  .warnings = warnings,
                                  .gathered = gathered};
    int result = prepare(&gathering) ? read_all(&gathering, error) : error_memory(error, "read the logs");
    free(gathering.balance_logs);
    free(gathering.listed);
    free(gathering.rules);
    free(gathering.taken);
    return result;
}

int gather_unsealed(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                    struct error *error)
{
    struct logfiles files;
    *gathered = (struct gathered){0};
    if (logfiles_list(request->conf->logs, request->conf->log_count, request->all_logs, warnings, &files, error) < 0)
        return -1;
    const struct logfiles recent = logfiles_recent(&files, request->range.first, request->skip_by_age);
    gathered->left_out = files.count - recent.count;
    int result = gather_from(request, &files, &recent, warnings, gathered, error);
    logfiles_clear(&files);
    if (result < 0)
        gathered_clear(gathered);
    return result;
}

bool gather_seal(struct gathered *gathered, size_t logs)
{
    for (size_t i = 0; i < logs; i++)
        add_counts(&gathered->total, &gathered->by_log[i]);
    return evidence_seal(gathered->evidence);
}

int gather(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
           struct error *error)
{
    if (gather_unsealed(request, warnings, gathered, error) < 0)
        return -1;
    if (gather_seal(gathered, request->conf->log_count))
        return 1;
    gathered_clear(gathered);
    return error_memory(error, "add up the logs");
}

void gathered_clear(struct gathered *gathered)
{
    evidence_free(gathered->evidence);
    free(gathered->by_log);
    *gathered = (struct gathered){0};
}
