/* SPDX-License-Identifier: MIT */
/*
 * The program that XMail and people call. XMail does at every recipient of every mail, and nearly always nothing is
 * due: so this one is small and linked statically, looks at the state file and is gone. For everything else it
 * becomes the engine beside it, which has the libraries.
 */
#include "options.h"
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FRONT_FAILED = 1 };

static int become_engine(char **argv)
{
    char engine[PATH_MAX];
    if (program_beside(argv[0], PROGRAM_ENGINE, engine)) {
        (void)execv(engine, argv);
        (void)fprintf(stderr,
                      PROGRAM_NAME ": unable to run %s: %s (it belongs beside " PROGRAM_NAME ": install both)\n",
                      engine, strerror(errno));
    } else {
        (void)fputs(PROGRAM_NAME ": unable to find " PROGRAM_ENGINE ": call this program by its whole path\n", stderr);
    }
    return FRONT_FAILED;
}

int main(int argc, char **argv)
{
    const struct options options = options_read(argc, argv, false);
    if (options_call_filter(&options, argc, argv))
        return 0; /* not yet */
    return become_engine(argv);
}
