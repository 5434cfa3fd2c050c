/* SPDX-License-Identifier: MIT */
#include "usage.h"

#include "buffer.h"
#include "command.h"
#include "nearest.h"

#include <stdio.h>
#include <string.h>

#define USAGE "Usage: xmail-spammers [-c FILE] [-r MAILROOT] [--now TIME] "

static const char help[] = USAGE "COMMAND [OPTIONS]\n"
                                 "\n"
                                 "Keeps MAILROOT/spammers.tab, the block list of the XMail mail server, up to date\n"
                                 "from XMail's own logs: hosts with many unauthorised accesses are registered.\n"
                                 "\n"
                                 "Commands:\n"
                                 "  rebuild                 rebuild the list now\n"
                                 "    -n, --dry-run         change nothing; show line by line what would change,\n"
                                 "                          and why\n"
                                 "        --no-cache        read all logs whole, without what is known of them\n"
                                 "                          already; the result is the same\n"
                                 "  check                   say what is wrong, in the configuration and around it,\n"
                                 "                          and what to do about it\n"
                                 "  status                  the schedule, the last rebuilds, when the next is due\n"
                                 "        --json            the same for programs\n"
                                 "  report                  who attacks, when and how, worst first, and what a\n"
                                 "                          rebuild would make of each host\n"
                                 "        --top N           so many hosts (20; with --html 500; with --json all)\n"
                                 "        --days N          the last N days, instead of search_days\n"
                                 "        --no-pager        on a terminal, without $PAGER or less\n"
                                 "        --json            the same for programs\n"
                                 "        --html FILE       the same as a page for browsers (\"-\": stdout)\n"
                                 "  explain ADDRESS         all that is known of a host: whether it is on the\n"
                                 "                          list, why, and what to do about it\n"
                                 "        --all             show every record, not the newest 20\n"
                                 "  log FORMAT              the records of a log (smtp, pop3, ctrl ...) with named\n"
                                 "                          columns, oldest first, passwords hidden\n"
                                 "        --days N          of today and the N - 1 days before it; else of\n"
                                 "                          search_days\n"
                                 "        --address ADDR    of this client, or of a network ADDR/BITS\n"
                                 "        --match PATTERN   that the regular expression fits\n"
                                 "        --tsv             for programs: TAB-separated, with a header line\n"
                                 "        --no-pager        on a terminal, without $PAGER or less; rows are cut\n"
                                 "  allow NETWORK [COMMENT] let an address or network in for good\n"
                                 "  block NETWORK [COMMENT] refuse an address or network for good\n"
                                 "        --undo            take back what was allowed or blocked\n"
                                 "    -n, --dry-run         change nothing; show what would change\n"
                                 "  export FORMAT           the list for other software: plain, cidr, nft, ipset,\n"
                                 "                          postfix, rbldnsd\n"
                                 "  install                 have XMail call the filter after each RCPT\n"
                                 "  uninstall               have XMail not call it any more\n"
                                 "  filter                  what XMail calls; silent, always 0\n"
                                 "\n"
                                 "Options:\n"
                                 "  -c, --config FILE       the configuration; else $XMAIL_SPAMMERS_CONF, else\n"
                                 "                          MAILROOT/filters/xmail-spammers/xmail-spammers.conf,\n"
                                 "                          else the one beside the program\n"
                                 "  -r, --mail-root DIR     MailRoot; else mail_root of the configuration, else\n"
                                 "                          $MAIL_ROOT, else where the configuration lies\n"
                                 "      --now TIME          pretend that it is YYYY-MM-DDTHH:MM[:SS], local time\n"
                                 "  -h, --help              this text\n"
                                 "  -V, --version           the version\n"
                                 "\n"
                                 "Exit status: 0 done, 1 failed or a problem found, 2 bad usage or\n"
                                 "configuration.\n";

static const struct {
    const char *command;
    const char *synopsis;
} synopses[] = {
    {"rebuild", "[-n] [--no-cache]"},
    {"status", "[--json]"},
    {"report", "[--top N] [--days N] [--no-pager | --json | --html FILE]"},
    {"explain", "[--all] ADDRESS"},
    {"log", "[--days N] [--address ADDR] [--match PATTERN] [--tsv] [--no-pager] FORMAT"},
    {"allow", "[-n] [--undo] ADDRESS|NETWORK [COMMENT]"},
    {"block", "[-n] [--undo] ADDRESS|NETWORK [COMMENT]"},
    {"export", "FORMAT"},
};

void print_help(void)
{
    (void)fputs(help, stdout);
}

int refuse_usage(void)
{
    (void)fputs(USAGE "COMMAND [OPTIONS]\nTry 'xmail-spammers --help'.\n", stderr);
    return EXIT_USAGE;
}

int refuse_usage_of(const char *command)
{
    const char *synopsis = "";
    for (size_t i = 0; i < sizeof synopses / sizeof *synopses; i++)
        if (strcmp(synopses[i].command, command) == 0)
            synopsis = synopses[i].synopsis;
    (void)fprintf(stderr, USAGE "%s%s%s\n", command, *synopsis ? " " : "", synopsis);
    return EXIT_USAGE;
}

/* The names, with commas between them; to be cleared by the caller. */
static const char *list_names(const char *const *names, struct buffer *list)
{
    for (size_t i = 0; names[i]; i++)
        buffer_add_format(list, "%s%s", i > 0 ? ", " : "", names[i]);
    buffer_add(list, "", 1);
    return list->failed ? "?" : list->bytes;
}

void say_unknown(const char *kind, const char *word, const char *const *names)
{
    struct buffer list = {0};
    const char *nearest = nearest_name(word, names);
    const char *all = list_names(names, &list);
    if (nearest)
        say("unknown %s '%s', did you mean '%s'? Allowed: %s", kind, word, nearest, all);
    else
        say("unknown %s '%s'; allowed: %s", kind, word, all);
    buffer_clear(&list);
}

void say_missing(const char *command, const char *what, const char *const *names)
{
    struct buffer list = {0};
    say("%s needs %s; allowed: %s", command, what, list_names(names, &list));
    buffer_clear(&list);
}

void make_words_plain(int count, char **words)
{
    for (int i = 0; i < count; i++)
        for (char *at = words[i]; *at != '\0'; at++)
            if (*at < ' ' || *at > '~')
                *at = '?';
}

int next_option(int count, char **arguments, const char *letters, const struct option *names)
{
    opterr = false;
    int option = getopt_long(count, arguments, letters, names, NULL);
    opterr = true;
    if (option != '?')
        return option;
    /* To the end, so that it begins anew behind it, to say the same of plain words. */
    for (opterr = false; option != -1;)
        option = getopt_long(count, arguments, letters, names, NULL);
    make_words_plain(count, arguments);
    optind = 1;
    opterr = true;
    do
        option = getopt_long(count, arguments, letters, names, NULL);
    while (option != '?' && option != -1);
    return '?';
}

int refuse_arguments(const char *command, int count, char **arguments)
{
    if (optind == count)
        return -1;
    say("%s takes no argument: '%s'", command, arguments[optind]);
    return refuse_usage_of(command);
}

int refuse_options(const char *command, int count, char **arguments)
{
    static const struct option long_options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    optind = 1;
    int option = next_option(count, arguments, "h", long_options);
    if (option == 'h') {
        print_help();
        return EXIT_DONE;
    }
    return option == -1 ? refuse_arguments(command, count, arguments) : refuse_usage_of(command);
}
