/* SPDX-License-Identifier: MIT */
#include "apart.h"

#include "cache.h"
#include "cachefile.h"
#include "confine.h"
#include "sys.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* --- what was gathered, as bytes ---------------------------------------------------------------------------------- */

/* The head, the counts of each log, the evidence. */
struct head {
    uint64_t logs;
    uint64_t left_out;
};

bool apart_write(const struct gathered *gathered, size_t logs, struct buffer *bytes)
{
    const struct head head = {.logs = logs, .left_out = gathered->left_out};
    buffer_add(bytes, (const char *)&head, sizeof head);
    buffer_add(bytes, (const char *)gathered->by_log, logs * sizeof *gathered->by_log);
    return evidence_write(gathered->evidence, bytes) && !bytes->failed;
}

int apart_read(const char *bytes, size_t length, struct day_range range, size_t logs, struct gathered *gathered)
{
    struct head head;
    const size_t counts = logs * sizeof *gathered->by_log;
    *gathered = (struct gathered){0};
    if (length < sizeof head + counts)
        return 0;
    memcpy(&head, bytes, sizeof head);
    if (head.logs != logs)
        return 0;
    gathered->left_out = (size_t)head.left_out;
    gathered->by_log = malloc(counts);
    gathered->evidence = evidence_new(range, logs);
    int result = -1;
    if (gathered->by_log && gathered->evidence) {
        memcpy(gathered->by_log, bytes + sizeof head, counts);
        result = evidence_read(gathered->evidence, bytes + sizeof head + counts, length - sizeof head - counts);
    }
    if (result > 0 && !gather_seal(gathered, logs))
        result = -1;
    if (result <= 0)
        gathered_clear(gathered);
    return result;
}

/* --- what is said by one process to the other --------------------------------------------------------------------- */

enum says { SAYS_PROGRESS, SAYS_WARNING, SAYS_GATHERED, SAYS_ERROR };

struct message {
    uint64_t says;
    uint64_t length; /* of what follows */
};

struct progress {
    uint64_t done;
    uint64_t total;
};

enum { PROGRESS_STEPS = 256, SAID_MAX = 1 << 30 };

/* Of the process that reads. */
struct teller {
    int descriptor;
    uint64_t told; /* progress */
    bool cut;      /* something couldn't be told whole: what follows would make no sense */
};

static bool write_all(int descriptor, const void *bytes, size_t length)
{
    const char *at = bytes;
    for (ssize_t written; length > 0; at += written, length -= (size_t)written)
        if ((written = sys_write(descriptor, at, length)) < 0)
            return false;
    return true;
}

static bool tell(struct teller *teller, enum says says, const void *bytes, size_t length)
{
    const struct message message = {.says = says, .length = length};
    teller->cut = teller->cut || !write_all(teller->descriptor, &message, sizeof message) ||
                  !write_all(teller->descriptor, bytes, length);
    return !teller->cut;
}

static void tell_progress(void *context, uint64_t done, uint64_t total)
{
    struct teller *teller = context;
    if (done - teller->told < total / PROGRESS_STEPS && done < total)
        return;
    teller->told = done;
    (void)tell(teller, SAYS_PROGRESS, &(struct progress){done, total}, sizeof(struct progress));
}

/* --- the process that reads --------------------------------------------------------------------------------------- */

/* Dies with the one that has started it: it has the same lock. */
static void follow(pid_t parent)
{
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
}

static _Noreturn void read_for(const struct gather_request *request, int descriptor, pid_t parent)
{
    struct teller teller = {.descriptor = descriptor};
    struct gather_request own = *request;
    struct messages warnings = {0};
    struct gathered gathered;
    struct buffer bytes = {0};
    struct error error;
    own.progress = request->progress ? tell_progress : NULL;
    own.context = &teller;
    confine(request->keep ? request->cache : NULL);
    follow(parent);
    (void)signal(SIGPIPE, SIG_IGN); /* if nobody hears it any more it still ends its work, and leaves nothing behind */
    int result = gather_unsealed(&own, &warnings, &gathered, &error);
    if (result > 0 && !apart_write(&gathered, request->conf->log_count, &bytes))
        result = error_memory(&error, "add up the logs");
    for (size_t i = 0; i < warnings.count; i++)
        (void)tell(&teller, SAYS_WARNING, warnings.texts[i], strlen(warnings.texts[i]));
    const bool told = result > 0 ? tell(&teller, SAYS_GATHERED, bytes.bytes, bytes.length)
                                 : tell(&teller, SAYS_ERROR, error.text, strlen(error.text));
    _exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* --- the process that waits --------------------------------------------------------------------------------------- */

/* What it said in the end: that is in the bytes. */
enum heard {
    HEARD_NOTHING,   /* it is gone */
    HEARD_INTERRUPT, /* here: somebody wants the program to end */
    HEARD_NONSENSE,
    HEARD_FAULT, /* here: errno */
    HEARD_ERROR,
    HEARD_GATHERED,
    HEARD_PART, /* it has more to say */
};

static enum heard hear_bytes(const struct gather_request *request, int descriptor, size_t length, struct buffer *bytes)
{
    bytes->length = 0;
    if (!buffer_reserve(bytes, length)) {
        errno = ENOMEM;
        return HEARD_FAULT;
    }
    for (ssize_t got; bytes->length < length; bytes->length += (size_t)got) {
        if (!interrupts_wait(request->interrupts, descriptor))
            return HEARD_INTERRUPT;
        if ((got = sys_read(descriptor, bytes->bytes + bytes->length, length - bytes->length)) <= 0)
            return got < 0 ? HEARD_FAULT : HEARD_NOTHING;
    }
    return HEARD_PART;
}

static void show_progress(const struct gather_request *request, const struct buffer *bytes)
{
    struct progress progress;
    if (bytes->length != sizeof progress || !request->progress)
        return;
    memcpy(&progress, bytes->bytes, sizeof progress);
    request->progress(request->context, progress.done, progress.total);
}

static int text_length(const struct buffer *bytes)
{
    return (int)(bytes->length < ERROR_TEXT_SIZE ? bytes->length : ERROR_TEXT_SIZE);
}

static enum heard hear_message(const struct gather_request *request, int descriptor, struct messages *warnings,
                               struct buffer *bytes)
{
    struct message message;
    enum heard heard = hear_bytes(request, descriptor, sizeof message, bytes);
    if (heard != HEARD_PART)
        return heard;
    memcpy(&message, bytes->bytes, sizeof message);
    if (message.says > SAYS_ERROR || message.length > SAID_MAX)
        return HEARD_NONSENSE;
    heard = hear_bytes(request, descriptor, (size_t)message.length, bytes);
    if (heard != HEARD_PART)
        return heard;
    switch ((enum says)message.says) {
    case SAYS_PROGRESS:
        show_progress(request, bytes);
        break;
    case SAYS_WARNING:
        messages_add(warnings, "%.*s", text_length(bytes), bytes->bytes);
        break;
    case SAYS_ERROR:
        return HEARD_ERROR;
    case SAYS_GATHERED:
        return HEARD_GATHERED;
    }
    return HEARD_PART;
}

/* The other process is gone without having said what it came to; the status is its own. */
static int tell_end(int status, struct error *error)
{
    if (WIFSIGNALED(status))
        return error_set(error, "unable to read the logs: the process that reads them was killed by signal %d (%s)",
                         WTERMSIG(status), strsignal(WTERMSIG(status)));
    return error_set(error, "unable to read the logs: the process that reads them ended without a result");
}

/* Waits until the other process is gone. Returns its status. */
static int wait_for_end(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* What the other process comes to; it is gone then, and the descriptor closed. */
static int wait_for(const struct gather_request *request, pid_t child, int descriptor, struct messages *warnings,
                    struct gathered *gathered, struct error *error)
{
    struct buffer bytes = {0};
    enum heard heard;
    while ((heard = hear_message(request, descriptor, warnings, &bytes)) == HEARD_PART)
        continue;
    const int fault = errno;
    (void)sys_close(descriptor);
    if (heard != HEARD_FAULT) /* it has nothing to do any more, unless it is somebody's; else it may end its work */
        (void)kill(child, SIGKILL);
    const int status = wait_for_end(child);
    int result = 0;
    switch (heard) {
    case HEARD_GATHERED:
        result = apart_read(bytes.bytes, bytes.length, request->range, request->conf->log_count, gathered);
        if (result < 0)
            result = error_memory(error, "add up the logs");
        break;
    case HEARD_ERROR:
        result = error_set(error, "%.*s", text_length(&bytes), bytes.bytes);
        break;
    case HEARD_FAULT:
        result = error_system(error, fault, "unable to read the logs");
        break;
    case HEARD_NOTHING:
        result = tell_end(status, error);
        break;
    case HEARD_INTERRUPT:
        if (request->cache && request->keep) /* what it was writing */
            cache_sweep_temporary(request->cache);
        result = error_set(error, "unable to read the logs: interrupted");
        break;
    case HEARD_NONSENSE:
    case HEARD_PART:
        break;
    }
    if (result == 0)
        result = error_set(error, "unable to read the logs: the process that reads them makes no sense");
    buffer_clear(&bytes);
    return result;
}

int gather_apart(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                 struct error *error)
{
    int ends[2];
    struct error ignored;
    if (request->cache && request->keep) /* which is all that it will be able to write to */
        (void)cachefile_make_directory(request->cache, &ignored);
    if (pipe(ends) != 0)
        return gather(request, warnings, gathered, error);
    const pid_t self = getpid();
    const pid_t child = fork();
    if (child == 0) {
        (void)sys_close(ends[0]);
        read_for(request, ends[1], self);
    }
    (void)sys_close(ends[1]);
    *gathered = (struct gathered){0};
    if (child > 0)
        return wait_for(request, child, ends[0], warnings, gathered, error);
    (void)sys_close(ends[0]);
    return gather(request, warnings, gathered, error);
}
