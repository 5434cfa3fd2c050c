/* SPDX-License-Identifier: MIT */
#include "confined.h"

#include "command.h"
#include "confine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int confined_run(int (*work)(void *context), void *context)
{
    int status;
    (void)fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        confine(NULL);
        const int result = work(context);
        (void)fflush(stderr);
        _exit(result);
    }
    pid_t ended = child;
    while (child > 0 && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR)
        continue;
    if (ended > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
        (void)raise(SIGPIPE); /* nobody reads on: that ends us as it would without the child */
    if (ended < 0)
        say("unable to read the logs in a process of their own: %s", strerror(errno));
    else if (WIFEXITED(status))
        return WEXITSTATUS(status);
    else
        say("unable to read the logs: the process that does it was ended by signal %d (%s)", WTERMSIG(status),
            strsignal(WTERMSIG(status)));
    return EXIT_FAILED;
}
