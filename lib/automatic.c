/* SPDX-License-Identifier: MIT */
#include "automatic.h"

#include "conf.h"
#include "eventlog.h"
#include "lock.h"
#include "path.h"
#include "place.h"
#include "rebuild.h"
#include "state.h"
#include "undue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MINUTE = 60,
    FRESH_LOOK_AGAIN = 3,        /* seconds: a file that was changed a moment ago can change unseen */
    DEFAULT_QUIET = 60 * MINUTE, /* seconds: that of the default interval, where none is known */
};

/* One call while it runs. */
struct run {
    const struct automatic_call *call;
    struct conf *conf; /* NULL: it has faults */
    struct conf_sources sources;
    struct messages problems;
    bool fresh; /* one of the sources was so new that it can have changed unseen since it was read */
    char *state_path;
    char *log_path;
    int lock;
    struct state_bytes bytes;
    struct state state;
    struct eventlog log; /* what is to be said before the rebuild */
};

/* --- saying ------------------------------------------------------------------------------------------------------- */

static time_t quiet_seconds(const struct run *run)
{
    return run->conf ? (time_t)run->conf->schedule.interval * MINUTE : DEFAULT_QUIET;
}

/* If the log can't be written, there is nowhere left to say so. */
static void say_all(struct run *run)
{
    struct error error;
    (void)eventlog_write_unless_said(&run->log, run->log_path, quiet_seconds(run), &error);
}

static enum automatic_result complain(struct run *run, enum automatic_result result, const struct error *error)
{
    eventlog_add(&run->log, EVENT_ERROR, "%s", error->text);
    say_all(run);
    return result;
}

/* --- the state ---------------------------------------------------------------------------------------------------- */

/* The moment until which nothing can be due, as far as the files don't change. */
static time_t quiet_until(const struct run *run)
{
    const time_t now = run->call->now->seconds;
    time_t until = now + STATE_QUIET_MAX;
    time_t due;
    if (run->conf && schedule_next(&run->conf->schedule, state_last_attempt(&run->state), now, &due) && due < until)
        until = due;
    if (run->fresh)
        return run->call->now->rehearsed ? now : until < now + FRESH_LOOK_AGAIN ? until : now + FRESH_LOOK_AGAIN;
    return until;
}

/* Records what the next calls need to tell from the state alone that nothing is due. */
static void set_conditions(struct run *run)
{
    struct state *state = &run->state;
    state->mail_root = run->sources.mail_root;
    state->origin = run->sources.origin;
    state->file_count = run->sources.file_count <= STATE_FILES_MAX ? run->sources.file_count : 0;
    for (size_t i = 0; i < state->file_count; i++)
        state->files[i] = (struct state_file){run->sources.files[i].path, run->sources.files[i].identity};
    state->quiet_from = run->call->now->seconds;
    state->quiet_until = quiet_until(run);
}

/* True if the state was written for these very files, or as far as it can tell. */
static bool knows_files(const struct run *run)
{
    if (run->state.file_count == 0) /* there was no room for them */
        return true;
    if (run->state.file_count != run->sources.file_count)
        return false;
    for (size_t i = 0; i < run->state.file_count; i++)
        if (strcmp(run->state.files[i].path, run->sources.files[i].path) != 0 ||
            !identity_equal(&run->state.files[i].identity, &run->sources.files[i].identity))
            return false;
    return true;
}

static int write_state(struct run *run, struct error *error)
{
    set_conditions(run);
    return state_write(run->state_path, &run->state, error);
}

static void read_state(struct run *run)
{
    struct error error;
    int result = state_read(run->state_path, &run->bytes, &run->state, &error);
    if (result == 0)
        eventlog_add(&run->log, EVENT_WARNING, "there is no state %s: no rebuild by the filter is on record",
                     run->state_path);
    else if (result < 0)
        eventlog_add(&run->log, EVENT_WARNING, "%s: no rebuild by the filter is on record", error.text);
}

/* --- what is to be done ------------------------------------------------------------------------------------------- */

/* Logs the faults of the configuration, once for each change of its files. */
static enum automatic_result report_faults(struct run *run)
{
    struct error error;
    uint64_t digest = state_digest(&run->problems);
    if (digest != run->state.faults || !knows_files(run))
        for (size_t i = 0; i < run->problems.count; i++)
            eventlog_add(&run->log, EVENT_ERROR, "%s", run->problems.texts[i]);
    run->state.faults = digest;
    if (write_state(run, &error) < 0)
        return complain(run, AUTOMATIC_FAULTY, &error);
    say_all(run);
    return AUTOMATIC_FAULTY;
}

/* The command line can't be told from a wrong one until somebody corrects it: each call comes here. */
static enum automatic_result report_misuse(struct run *run)
{
    eventlog_add(&run->log, EVENT_ERROR, "unable to run the filter: %s (see its line in %s)", run->call->fault,
                 PATH_FILTERS);
    say_all(run);
    return AUTOMATIC_FAULTY;
}

/* Has the next calls know that nothing is due. */
static enum automatic_result stay_quiet(struct run *run)
{
    struct error error;
    const struct undue_call call = {.mail_root = run->call->mail_root,
                                    .mail_root_variable = run->call->mail_root_variable,
                                    .now = run->call->now->seconds};
    if (run->state.faults == 0 && undue_by_state(&call, run->call->configuration, &run->state))
        return AUTOMATIC_NOT_DUE;
    run->state.faults = 0;
    if (write_state(run, &error) < 0)
        return complain(run, AUTOMATIC_NOT_DUE, &error);
    say_all(run);
    return AUTOMATIC_NOT_DUE;
}

static enum automatic_result rebuild_now(struct run *run)
{
    struct rebuild rebuild;
    struct error error;
    const struct rebuild_request request = {.conf = run->conf,
                                            .now = run->call->now,
                                            .trigger = "filter",
                                            .days_max = SCHEDULE_DAYS_MAX,
                                            .max_added = (size_t)run->conf->max_added,
                                            .quiet_seconds = quiet_seconds(run)};
    int result = rebuild_run(&request, &rebuild, &error);
    rebuild_summarize(&rebuild, result < 0 ? &error : NULL, &run->state.filter);
    rebuild_clear(&rebuild);
    if (write_state(run, &error) < 0) {
        eventlog_add(&run->log, EVENT_WARNING, "%s: the result of this rebuild is not on record", error.text);
        say_all(run);
    }
    return result < 0 ? AUTOMATIC_FAILED : AUTOMATIC_REBUILT;
}

static enum automatic_result rebuild_if_due(struct run *run)
{
    const time_t now = run->call->now->seconds;
    struct error error;
    if (!schedule_is_due(&run->conf->schedule, state_last_attempt(&run->state), now))
        return stay_quiet(run);
    if (run->state.filter.result == STATE_BEGUN)
        eventlog_add(&run->log, EVENT_WARNING, "the last rebuild by the filter did not end: it was killed or crashed");
    run->state.filter = (struct state_run){.result = STATE_BEGUN, .begun = now};
    run->state.faults = 0;
    if (write_state(run, &error) < 0)
        return complain(run, AUTOMATIC_REFUSED, &error);
    say_all(run);
    return rebuild_now(run);
}

static enum automatic_result decide(struct run *run)
{
    struct error error;
    if (place_make_program_directory(run->sources.mail_root, &error) < 0)
        return complain(run, AUTOMATIC_REFUSED, &error);
    char *lock_path = path_join(run->sources.mail_root, PATH_LOCK);
    int locked = lock_path ? lock_take(lock_path, &run->lock, &error) : error_memory(&error, "lock");
    free(lock_path);
    if (locked < 0)
        return complain(run, AUTOMATIC_REFUSED, &error);
    if (locked == 0)
        return AUTOMATIC_BUSY;
    read_state(run);
    return run->conf ? rebuild_if_due(run) : report_faults(run);
}

/* Returns false if memory ran out, or where MailRoot is can't be told. */
static bool prepare(struct run *run, const struct automatic_call *call)
{
    run->call = call;
    run->lock = -1;
    run->log.now = call->now;
    const time_t before = time(NULL); /* after a rebuild no file would be fresh */
    run->conf =
        conf_read(call->configuration, call->mail_root, call->mail_root_variable, &run->sources, &run->problems);
    for (size_t i = 0; i < run->sources.file_count; i++)
        run->fresh = run->fresh || identity_is_fresh(&run->sources.files[i].identity, before);
    if (!run->sources.mail_root)
        return false;
    run->state_path = path_join(run->sources.mail_root, PATH_STATE);
    run->log_path = path_join(run->sources.mail_root, PATH_EVENT_LOG);
    return run->state_path && run->log_path;
}

static void finish(struct run *run)
{
    lock_release(&run->lock);
    buffer_clear(&run->log.lines);
    conf_free(run->conf);
    conf_sources_clear(&run->sources);
    messages_clear(&run->problems);
    free(run->state_path);
    free(run->log_path);
    free(run);
}

enum automatic_result automatic_run(const struct automatic_call *call)
{
    enum automatic_result result = AUTOMATIC_LOST;
    struct run *run = call->configuration ? calloc(1, sizeof *run) : NULL;
    if (!run)
        return result;
    if (prepare(run, call))
        result = call->fault ? report_misuse(run) : decide(run);
    finish(run);
    return result;
}
