/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <string.h>

struct options options_read(int argc, char **argv, bool speak)
{
    enum { OPTION_NOW = 256 };
    static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'},     {"mail-root", required_argument, NULL, 'r'},
        {"now", required_argument, NULL, OPTION_NOW}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},          {NULL, 0, NULL, 0},
    };
    struct options options = {.wanted = WANTED_COMMAND};
    opterr = speak;
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "+c:r:hV", long_options, NULL)) != -1;) {
        switch (option) {
        case 'c':
            options.configuration = optarg;
            break;
        case 'r':
            options.mail_root = optarg;
            break;
        case OPTION_NOW:
            options.now = optarg;
            break;
        case 'h':
            options.wanted = WANTED_HELP;
            break;
        case 'V':
            options.wanted = WANTED_VERSION;
            break;
        default:
            options.faulty = true;
            break;
        }
    }
    options.command = optind;
    opterr = true; /* for the command's own options */
    return options;
}

bool options_call_filter(const struct options *options, int argc, char **argv)
{
    return options->wanted == WANTED_COMMAND && options->command < argc &&
           strcmp(argv[options->command], "filter") == 0;
}
