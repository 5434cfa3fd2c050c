/* SPDX-License-Identifier: MIT */
/*
 * The program that XMail and people call. XMail does at every recipient of every mail, and nearly always nothing is
 * due: so this one is small and linked statically, looks at the state file and is gone. For everything else there is
 * the engine beside it, which has the libraries. A command becomes it. The filter lets a child become it and waits:
 * whatever happens to that, a library that isn't there any more or a crash, the filter's exit status is 0.
 */
#include "descriptors.h"
#include "eventlog.h"
#include "messages.h"
#include "moment.h"
#include "options.h"
#include "path.h"
#include "program.h"
#include "undue.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { FRONT_FAILED = 1, SAY_AGAIN_AFTER = 3600 };

/* --- commands ----------------------------------------------------------------------------------------------------- */

static int become_engine(char **argv)
{
    char engine[PATH_MAX];
    if (!program_beside(argv[0], PROGRAM_ENGINE, engine)) {
        (void)fputs(PROGRAM_NAME ": unable to find " PROGRAM_ENGINE ": call this program by its whole path\n", stderr);
        return FRONT_FAILED;
    }
    (void)execv(engine, argv);
    messages_make_harmless(engine, strlen(engine));
    (void)fprintf(stderr, PROGRAM_NAME ": unable to run %s: %s (it belongs beside " PROGRAM_NAME ": install both)\n",
                  engine, strerror(errno));
    return FRONT_FAILED;
}

/* --- the filter --------------------------------------------------------------------------------------------------- */

/* Where the engine would write to its log, as far as that can be told without it; NULL if it can't. */
static char *find_log(const struct undue_call *call, const struct state *state)
{
    char *place = NULL;
    const char *mail_root = call->mail_root ? call->mail_root : state->mail_root;
    if (!mail_root)
        mail_root = call->mail_root_variable;
    const char *configuration =
        call->configuration && *call->configuration ? call->configuration : call->configuration_variable;
    if (!mail_root && (configuration || call->program))
        mail_root = place = path_mail_root_of(configuration ? configuration : call->program);
    char *log = mail_root ? path_join(mail_root, PATH_EVENT_LOG) : NULL;
    free(place);
    return log;
}

/* Writes it to the log, if it isn't the last thing that was written. */
__attribute__((format(printf, 3, 4))) static void report(const struct undue_call *call, const struct state *state,
                                                         const char *format, ...)
{
    char text[256];
    struct moment now;
    struct error error;
    struct eventlog log = {.now = &now};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *path = find_log(call, state);
    if (path && moment_now(&now)) {
        eventlog_add(&log, EVENT_ERROR, "%s", text);
        (void)eventlog_write_unless_said(&log, path, SAY_AGAIN_AFTER, &error);
    }
    free(path);
}

/* The engine itself ends with 0 in any case. */
static void report_engine(const struct undue_call *call, const struct state *state, int status)
{
    if (WIFSIGNALED(status))
        report(call, state, PROGRAM_ENGINE " was killed by signal %d", WTERMSIG(status));
    else
        report(call, state,
               PROGRAM_ENGINE " can't run, and ended with the status %d: run \"xmail-spammers status\" to see why",
               WEXITSTATUS(status));
}

/* Nothing that the filter is sent shall end it before the child has. */
static void set_signals(void (*handler)(int))
{
    for (int number = 1; number <= SIGRTMAX; number++)
        if (number != SIGCHLD)
            (void)signal(number, handler);
    (void)signal(SIGCHLD, SIG_DFL);
}

static void be_child(char **argv, pid_t parent)
{
    set_signals(SIG_DFL);
#ifdef __linux__
    /* Who kills the filter means the rebuild. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(FRONT_FAILED);
#else
    (void)parent;
#endif
    _exit(become_engine(argv));
}

static void wait_for(pid_t child, const struct undue_call *call, const struct state *state)
{
    int status;
    pid_t ended;
    do
        ended = waitpid(child, &status, 0);
    while (ended < 0 && errno == EINTR);
    if (ended == child && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        report_engine(call, state, status);
}

static void run_engine(char **argv, const struct undue_call *call, const struct state *state)
{
    const pid_t parent = getpid();
    descriptors_silence_standard();
    descriptors_close_others();
    set_signals(SIG_IGN);
    pid_t child = fork();
    if (child == 0)
        be_child(argv, parent);
    if (child > 0)
        wait_for(child, call, state);
    else
        report(call, state, "unable to start " PROGRAM_ENGINE ": %s", strerror(errno));
}

static void run_filter(const struct options *options, char **argv)
{
    static struct state_bytes bytes; /* not on the stack, which may be small */
    static struct state state;
    struct moment now = {.seconds = time(NULL)};
    struct undue_call call = {.program = argv[0],
                              .configuration = options->configuration,
                              .configuration_variable = getenv("XMAIL_SPAMMERS_CONF"),
                              .mail_root = options->mail_root,
                              .mail_root_variable = getenv("MAIL_ROOT")};
    bool understood = !options->faulty && (!options->now || moment_parse(options->now, &now));
    call.now = now.seconds;
    if (!undue_tell(&call, &bytes, &state) || !understood)
        run_engine(argv, &call, &state);
}

int main(int argc, char **argv)
{
    const struct options options = options_read(argc, argv, false);
    if (!options_call_filter(&options, argc, argv))
        return become_engine(argv);
    run_filter(&options, argv);
    _exit(0);
}
