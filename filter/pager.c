/* SPDX-License-Identifier: MIT */
#include "pager.h"

#include "command.h"
#include "screen.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Long rows scroll sideways, what fits the screen stays there, and colours of ours pass. */
static const char usual[] = "less -FRSX";

static bool can_run_less(void)
{
    return system("command -v less >/dev/null 2>&1") == 0; /* NOLINT(cert-env33-c): the words are ours */
}

/* What the shell is to run; NULL: no pager. */
static const char *find_pager(void)
{
    const char *wished = getenv("PAGER");
    if (!wished)
        return !screen_terminal_is_dumb() && can_run_less() ? usual : NULL;
    return *wished == '\0' || strcmp(wished, "cat") == 0 ? NULL : wished;
}

/* In the new process. */
static void run(const char *command, const int ends[2])
{
    if (dup2(ends[0], STDIN_FILENO) >= 0) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    }
    _exit(1);
}

static void silence_signals(struct pager *pager)
{
    pager->silences = true;
    pager->interrupt = signal(SIGINT, SIG_IGN);
    pager->quit = signal(SIGQUIT, SIG_IGN);
    pager->broken_pipe = signal(SIGPIPE, SIG_IGN);
}

bool pager_begin(struct pager *pager)
{
    int ends[2];
    *pager = (struct pager){.output = -1};
    (void)fflush(stdout);
    const char *command = find_pager();
    if (!command || pipe(ends) != 0)
        return false;
    pager->output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    pager->process = pager->output >= 0 ? fork() : -1;
    if (pager->process == 0)
        run(command, ends);
    const bool begun = pager->process > 0 && dup2(ends[1], STDOUT_FILENO) >= 0;
    (void)close(ends[0]);
    (void)close(ends[1]);
    if (begun)
        silence_signals(pager);
    else
        (void)pager_end(pager);
    return begun;
}

bool pager_end(struct pager *pager)
{
    enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 }; /* exit statuses of the shell, sh(1) */
    int status = 0;
    if (pager->output >= 0) {
        (void)dup2(pager->output, STDOUT_FILENO); /* the pager sees the end */
        (void)close(pager->output);
    }
    while (pager->process > 0 && waitpid(pager->process, &status, 0) < 0 && errno == EINTR)
        continue;
    if (pager->silences) {
        (void)signal(SIGINT, pager->interrupt);
        (void)signal(SIGQUIT, pager->quit);
        (void)signal(SIGPIPE, pager->broken_pipe);
    }
    *pager = (struct pager){.output = -1};
    if (!WIFEXITED(status) || (WEXITSTATUS(status) != NOT_EXECUTABLE && WEXITSTATUS(status) != NOT_FOUND))
        return true;
    say("unable to run the pager of $PAGER (set it to another one, or use --no-pager)");
    return false;
}
