/* SPDX-License-Identifier: MIT */
/* xmail-spammers allow, block: lets a host or network in for good, or refuses it for good; and takes that back. */
#include "command.h"

#include "byhand.h"
#include "lock.h"
#include "path.h"
#include "prepare.h"
#include "usage.h"
#include "whitelist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The two commands. */
struct deed {
    const char *name;
    byhand_function *run;
    const char *next; /* what XMail does when it is done, and when it is undone */
    const char *next_undone;
};

static const struct deed allowing = {"allow", byhand_allow,
                                     "XMail lets it in from the next connection on, and no rebuild registers it.",
                                     "The next rebuild judges it as any other."};
static const struct deed blocking = {"block", byhand_block,
                                     "XMail refuses it from the next connection on, and no rebuild takes it out.",
                                     "The next rebuild judges it as any other."};

/* --- what people read --------------------------------------------------------------------------------------------- */

/* The file that a change is in. */
enum file { LIST, WHITELIST };

/* What is told of each kind: the words, behind which come the file and the line. */
static const struct {
    const char *words;
    enum file file;
    bool stays; /* it shows that what was asked for isn't all done */
} sentences[] = {
    [CHANGE_WHITELISTED] = {"%s is let in", WHITELIST, false},
    [CHANGE_WHITELISTED_ALREADY] = {"%s is let in already", WHITELIST, false},
    [CHANGE_UNWHITELISTED] = {"%s is taken out again", WHITELIST, false},
    [CHANGE_TAKEN_OUT] = {"%s is taken out", LIST, false},
    [CHANGE_SPLIT] = {"%s is split, so that its rest stays refused", LIST, false},
    [CHANGE_PART] = {NULL, LIST, false},
    [CHANGE_NOT_SPLIT] =
        {"%s has it too and can't be split: XMail still judges by this entry (take it out, or write it "
         "anew without what is to be let in)",
         LIST, true},
    [CHANGE_PUT_BACK] = {"%s is put back", LIST, false},
    [CHANGE_JOINED] = {"%s is whole again", LIST, false},
    [CHANGE_PART_JOINED] = {NULL, LIST, false},
    [CHANGE_COVERED] = {"not put back is %s, which is there already", LIST, false},
    [CHANGE_STILL_WHITE] = {"not put back is %s, which is white-listed otherwise", LIST, false},
    [CHANGE_BLOCKED] = {"%s is refused for good, by a permanent entry", LIST, false},
    [CHANGE_BLOCKED_ALREADY] = {"%s is refused for good already", LIST, false},
    [CHANGE_MADE_PERMANENT] = {"%s is made permanent", LIST, false},
    [CHANGE_UNBLOCKED] = {"%s is taken out", LIST, false},
    [CHANGE_MADE_TEMPORARY] = {"%s is no longer permanent, and is as it was before", LIST, false},
    [CHANGE_STILL_LISTED] = {"%s still refuses it, or a part of it", LIST, false},
};

/* "FILE, line N: NETWORK (permanent) is ..." */
static void tell_change(const struct conf *conf, const struct change *change)
{
    char network[NETWORK_TEXT_SIZE];
    const bool white = sentences[change->kind].file == WHITELIST;
    struct buffer line = {0};
    if (!sentences[change->kind].words)
        return;
    network_format(&change->network, network);
    buffer_add_format(&line, "%s%s", white ? conf->whitelist_file : conf->mail_root, white ? "" : "/" PATH_LIST);
    if (change->line > 0)
        buffer_add_format(&line, ", line %lu", change->line);
    buffer_add_text(&line, ": ");
    for (const char *at = sentences[change->kind].words; *at != '\0'; at++) {
        if (*at == '%' && at[1] == 's') {
            buffer_add_format(&line, "%s%s", network, change->permanent ? " (permanent)" : "");
            at++;
        } else {
            buffer_add(&line, at, 1);
        }
    }
    if (sentences[change->kind].stays)
        say("%.*s", (int)line.length, line.bytes ? line.bytes : "");
    else
        tell("%.*s", (int)line.length, line.bytes ? line.bytes : "");
    buffer_clear(&line);
}

/* True if something of what was asked for can't be done. */
static bool tell_changes(const struct conf *conf, const struct byhand *byhand)
{
    bool stays = false;
    for (size_t i = 0; i < byhand->changes.count; i++) {
        tell_change(conf, &byhand->changes.items[i]);
        stays |= sentences[byhand->changes.items[i].kind].stays;
    }
    for (size_t i = 0; i < byhand->remarks.count; i++)
        tell("%s.", byhand->remarks.texts[i]);
    return stays;
}

static int report(const struct byhand_request *request, const struct deed *deed, const struct byhand *byhand,
                  int result, const struct error *error)
{
    char text[NETWORK_TEXT_SIZE];
    network_format(&request->network, text);
    say_all(&byhand->warnings);
    bool changes = byhand->list.outcome == AMEND_SAVED || byhand->whitelist.outcome == AMEND_SAVED;
    if (request->dry_run && result > 0)
        (void)puts("A dry run: nothing was changed. Otherwise:");
    if (result == 0)
        say("nothing to undo: no %s of %s is on record", deed->name, text);
    bool stays = tell_changes(request->conf, byhand);
    if (result < 0)
        say("%s", error->text);
    if (result <= 0 || stays)
        return EXIT_FAILED;
    if (!request->dry_run)
        (void)puts(!changes ? "Nothing was to be done." : request->undo ? deed->next_undone : deed->next);
    return EXIT_DONE;
}

/* --- the command line --------------------------------------------------------------------------------------------- */

/* Reads the network, and tells what was made of it if it is another than what was written. */
static bool read_network(const struct deed *deed, char *text, struct network *network)
{
    char shown[NETWORK_TEXT_SIZE];
    struct address written;
    const char *wrong = whitelist_parse(text, strlen(text), network);
    if (wrong) {
        say("unable to %s '%s': %s", deed->name, text, wrong);
        return false;
    }
    if (address_parse(text, strcspn(text, "/"), &written) && !address_equal(written, network->address))
        tell("%s is the network %s.", text, network_format(network, shown));
    return true;
}

/* Puts all words of the comment together, in new memory. */
static char *join_words(int count, char **words)
{
    struct buffer comment = {0};
    for (int i = 0; i < count; i++)
        buffer_add_format(&comment, "%s%s", i > 0 ? " " : "", words[i]);
    buffer_add(&comment, "", 1);
    if (comment.failed) {
        buffer_clear(&comment);
        return NULL;
    }
    messages_make_harmless(comment.bytes, comment.length - 1);
    return comment.bytes;
}

/* Reads options and arguments. -1: go on; else the exit status. */
static int parse_arguments(const struct deed *deed, int count, char **arguments, struct byhand_request *request)
{
    enum { OPTION_UNDO = 256 };
    static const struct option long_options[] = {
        {"dry-run", no_argument, NULL, 'n'},
        {"undo", no_argument, NULL, OPTION_UNDO},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    optind = 0; /* not 1: unlike those before the command, these may stand behind the address */
    for (int option; (option = next_option(count, arguments, "nh", long_options)) != -1;) {
        switch (option) {
        case 'n':
            request->dry_run = true;
            break;
        case OPTION_UNDO:
            request->undo = true;
            break;
        case 'h':
            print_help();
            return EXIT_DONE;
        default:
            return refuse_usage_of(deed->name);
        }
    }
    if (optind == count) {
        say("%s needs an address or a network", deed->name);
        return refuse_usage_of(deed->name);
    }
    if (request->undo && optind + 1 < count) {
        say("%s --undo takes no comment: '%s'", deed->name, arguments[optind + 1]);
        return refuse_usage_of(deed->name);
    }
    return read_network(deed, arguments[optind], &request->network) ? -1 : EXIT_USAGE;
}

static int run_locked(const struct deed *deed, const struct byhand_request *request)
{
    struct byhand byhand = {0};
    struct error error;
    int result = deed->run(request, &byhand, &error);
    int status = report(request, deed, &byhand, result, &error);
    byhand_clear(&byhand);
    return status;
}

static int run(const struct deed *deed, const struct command_options *options, int count, char **arguments)
{
    struct byhand_request request = {.now = &options->now, .interfaces = interfaces_read};
    int lock = -1;
    int status = parse_arguments(deed, count, arguments, &request);
    if (status >= 0)
        return status;
    struct conf *conf = prepare_configuration(options);
    if (!conf)
        return EXIT_USAGE;
    char *comment = join_words(count - optind - 1, arguments + optind + 1);
    request.conf = conf;
    request.comment = comment && *comment != '\0' ? comment : NULL;
    status = EXIT_FAILED;
    if (!comment)
        say("unable to %s: out of memory", deed->name);
    else if (request.dry_run || prepare_lock(conf->mail_root, &lock) > 0)
        status = run_locked(deed, &request);
    lock_release(&lock);
    free(comment);
    conf_free(conf);
    return status;
}

int command_allow(const struct command_options *options, int count, char **arguments)
{
    return run(&allowing, options, count, arguments);
}

int command_block(const struct command_options *options, int count, char **arguments)
{
    return run(&blocking, options, count, arguments);
}
