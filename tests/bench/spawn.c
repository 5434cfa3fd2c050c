/* SPDX-License-Identifier: MIT */
/*
 * spawn ROUNDS -- COMMAND... [-- COMMAND...]...: runs the commands in turn, so many rounds, and prints a line for each:
 * microseconds from the start of the process to its end (median and tenth percentile), its page faults (median) and
 * how the median compares with that of the first.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { COMMANDS_MAX = 8, DECIMAL = 10 };

extern char **environ;

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Exit status 0 is all that the commands may have. */
static void run(char **command, double *time, double *faults)
{
    struct rusage usage;
    pid_t child;
    int status;
    double begin = microseconds();
    if (posix_spawn(&child, command[0], NULL, NULL, command, environ) != 0 || wait4(child, &status, 0, &usage) < 0 ||
        status != 0) {
        (void)fprintf(stderr, "spawn: %s failed\n", command[0]);
        exit(1);
    }
    *time = microseconds() - begin;
    *faults = (double)usage.ru_minflt;
}

int main(int argc, char **argv)
{
    char **commands[COMMANDS_MAX];
    double *times[COMMANDS_MAX];
    double *faults[COMMANDS_MAX];
    size_t count = 0;
    long rounds = argc > 1 ? strtol(argv[1], NULL, DECIMAL) : 0;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--") != 0)
            continue;
        argv[i] = NULL;
        if (count < COMMANDS_MAX && i + 1 < argc)
            commands[count++] = argv + i + 1;
    }
    if (rounds < 1 || count == 0)
        return 2;
    for (size_t i = 0; i < count; i++) {
        times[i] = calloc((size_t)rounds, sizeof **times);
        faults[i] = calloc((size_t)rounds, sizeof **faults);
        if (!times[i] || !faults[i])
            return 1;
    }
    for (long round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++)
            run(commands[i], &times[i][round], &faults[i][round]);
    for (size_t i = 0; i < count; i++) {
        qsort(times[i], (size_t)rounds, sizeof **times, compare);
        qsort(faults[i], (size_t)rounds, sizeof **faults, compare);
        printf("%.0f %.0f %.0f %.2f\n", times[i][rounds / 2], times[i][rounds / 10], faults[i][rounds / 2],
               times[i][rounds / 2] / times[0][rounds / 2]);
    }
    return 0;
}
