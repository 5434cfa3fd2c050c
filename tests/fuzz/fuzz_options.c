/* SPDX-License-Identifier: MIT */
/*
 * The command line, of which senders of mail write what stands behind "filter": each line of the input is an argument.
 * Whatever follows the command changes nothing of what stands before it; both readers of it, the front and the engine,
 * see the same.
 */
#include "fuzz.h"

#include <getopt.h>

static bool fresh; /* nothing was read yet */

/* As in a new process: the GNU C library remembers texts of the call before, and in what order to take arguments. */
static int getopt_anew(int argc, char *const *argv, const char *options, const struct option *long_options, int *index)
{
    if (fresh)
        optind = 0;
    fresh = false;
    return getopt_long(argc, argv, options, long_options, index);
}

#define getopt_long getopt_anew
#include "../../filter/options.c"
#undef getopt_long

enum { ARGUMENTS_MAX = 32, TEXT_MAX = 4096 };

static struct options read_arguments(int argc, char **argv)
{
    fresh = true;
    return options_read(argc, argv, false);
}

static bool is_same_text(const char *a, const char *b)
{
    return !a == !b && (!a || strcmp(a, b) == 0);
}

static void require_same(const struct options *a, const struct options *b)
{
    require(a->wanted == b->wanted && a->faulty == b->faulty && a->command == b->command);
    require(is_same_text(a->configuration, b->configuration) && is_same_text(a->mail_root, b->mail_root));
    require(is_same_text(a->now, b->now));
}

/* Is one of the arguments that stand before the command, or a part of one. */
static void require_before(const char *text, char **arguments, int command)
{
    if (!text)
        return;
    for (int i = 1; i < command; i++)
        if (text >= arguments[i] && text <= arguments[i] + strlen(arguments[i]))
            return;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_MAX + 1];
    static char name[] = "xmail-spammers";
    static char filter[] = "filter";
    static char all[][32] = {"-c", "/other", "-r", "--now", "2026-01-01T00:00", "-h", "-V", "--", "-x", "rebuild"};
    char *arguments[ARGUMENTS_MAX + 1 + sizeof all / sizeof *all + 1] = {name};
    int count = 1;
    if (size > TEXT_MAX)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *at = text, *end; count < ARGUMENTS_MAX; at = end + 1) {
        end = strchr(at, '\n');
        if (end)
            *end = '\0';
        arguments[count++] = at;
        if (!end)
            break;
    }
    struct options options = read_arguments(count, arguments);
    struct options again = read_arguments(count, arguments);
    require_same(&options, &again);
    require(options.command >= 1 && options.command <= count);
    require_before(options.configuration, arguments, options.command);
    require_before(options.mail_root, arguments, options.command);
    require_before(options.now, arguments, options.command);
    /* What stands there is the command of a call that is right, with nothing behind it and then with anything. */
    const int command = options.command;
    arguments[command] = filter;
    arguments[command + 1] = NULL;
    options = read_arguments(command + 1, arguments);
    if (options.command == command) /* else it became what an option wants behind it */
        require(options_call_filter(&options, command + 1, arguments) == (options.wanted == WANTED_COMMAND));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        arguments[command + 1 + (int)i] = all[(i + size) % (sizeof all / sizeof *all)];
    again = read_arguments(command + 1 + (int)(sizeof all / sizeof *all), arguments);
    if (options.command == command)
        require_same(&options, &again);
    return 0;
}
