/* SPDX-License-Identifier: MIT */
#include "byhand.h"

#include "allow.h"
#include "backup.h"
#include "block.h"
#include "eventlog.h"
#include "listfile.h"
#include "path.h"
#include "place.h"
#include "readfile.h"
#include "whitelistfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- what must not be --------------------------------------------------------------------------------------------- */

static struct network network_from(const char *text, unsigned bits)
{
    struct address address = {0, 0};
    (void)address_parse(text, strlen(text), &address);
    return network_make(address, address_mask(bits));
}

/* Networks that nobody means. Two kinds of IPv6 networks hold IPv4 clients, one of them only where XMail says so. */
static int check_width(const struct byhand_request *request, bool block, struct error *error)
{
    const struct network *network = &request->network;
    const struct network ipv4 = network_all_ipv4();
    const struct network compatible = network_compatible_ipv4();
    const struct network internet = network_from("2000::", 3);
    const char *const verb = block ? "block" : "allow";
    char text[NETWORK_TEXT_SIZE];
    network_format(network, text);
    if (network_covers(network, &internet) || (network_is_ipv4(network) && network_covers(network, &ipv4)))
        return error_set(error, "unable to %s %s: that is everybody (name a narrower network)", verb, text);
    if (!network_is_ipv4(network) &&
        (network_overlaps(network, &ipv4) || (block && network_overlaps(network, &compatible))))
        return error_set(error,
                         "unable to %s %s: XMail takes that for all IPv4 clients (write IPv4 networks as a.b.c.d/BITS)",
                         verb, text);
    return 1;
}

/* This machine must not be refused: its own programs send mail by XMail. */
static int check_own_addresses(const struct byhand_request *request, struct error *error)
{
    const struct network loopbacks[] = {network_from("127.0.0.0", ADDRESS_IPV4_BITS + 8),
                                        network_from("::1", ADDRESS_BITS)};
    struct interfaces interfaces = {0};
    char text[NETWORK_TEXT_SIZE];
    char own[NETWORK_TEXT_SIZE] = "";
    int result = request->interfaces(&interfaces, error);
    for (size_t i = 0; i < sizeof loopbacks / sizeof *loopbacks; i++)
        if (network_overlaps(&loopbacks[i], &request->network))
            network_format(&loopbacks[i], own);
    for (size_t i = 0; i < interfaces.count && *own == '\0'; i++)
        if (network_contains(&request->network, interfaces.addresses[i]))
            address_format(interfaces.addresses[i], own);
    interfaces_clear(&interfaces);
    if (result > 0 && *own != '\0')
        return error_set(error, "unable to block %s: %s is this machine itself (name networks without it)",
                         network_format(&request->network, text), own);
    return result;
}

/* --- who else lets it in ------------------------------------------------------------------------------------------ */

/*
 * Whether the whitelist, which becomes sealed, has all of the network, or any host of it: 1, 0, or -1 with the error.
 */
static int asks(struct whitelist *whitelist, const struct network *network, bool all, struct error *error)
{
    if (whitelist_seal(whitelist, error) < 0)
        return -1;
    return all ? whitelist_covers(whitelist, network) : whitelist_overlaps(whitelist, network);
}

/*
 * Where, beside the whitelist file, all of the network or any host of it is white-listed, in where (PATH_MAX bytes and
 * more). Returns 1, 0 if it is nowhere, or -1 with the error.
 */
static int find_other_white(const struct byhand_request *request, bool all, struct buffer *where, struct error *error)
{
    const struct conf *conf = request->conf;
    struct whitelist setting = {0};
    struct whitelist xmail = {0};
    char *path = path_join(conf->mail_root, PATH_XMAIL_WHITELIST);
    int found = path ? whitelist_read_xmail(&xmail, path, error) : error_memory(error, "read the whitelist");
    if (found > 0)
        found = whitelist_copy(&conf->whitelist_setting, &setting, error);
    if (found > 0)
        found = asks(&setting, &request->network, all, error);
    if (found > 0) {
        buffer_add_format(where, "whitelist in %s", conf->path);
    } else if (found == 0) {
        found = asks(&xmail, &request->network, all, error);
        if (found > 0)
            buffer_add_text(where, path);
    }
    whitelist_clear(&setting);
    whitelist_clear(&xmail);
    free(path);
    return where->failed ? error_memory(error, "read the whitelist") : found;
}

/* What is let in by any of the whitelists isn't blocked. */
static int check_not_white(const struct byhand_request *request, struct error *error)
{
    struct whitelistfile_found found;
    struct buffer content = {0};
    struct buffer where = {0};
    char text[NETWORK_TEXT_SIZE];
    char white[NETWORK_TEXT_SIZE];
    int result = readfile(request->conf->whitelist_file, &content, error);
    network_format(&request->network, text);
    if (result >= 0) {
        whitelistfile_find(&content, &request->network, &found);
        result = found.touching.number == 0 ? find_other_white(request, false, &where, error) : 0;
        if (result > 0)
            result = error_set(error, "unable to block %s: %.*s lets it in, or a part of it (take it out there first)",
                               text, (int)where.length, where.bytes);
        else if (result == 0 && found.touching.number > 0)
            result = error_set(error,
                               "unable to block %s: line %lu of %s lets %s in (\"xmail-spammers allow --undo %s\" "
                               "takes that back)",
                               text, found.touching.number, request->conf->whitelist_file,
                               network_format(&found.touching.network, white), white);
        else if (result == 0)
            result = 1;
    }
    buffer_clear(&content);
    buffer_clear(&where);
    return result < 0 ? -1 : 1;
}

/* --- the whitelist file ------------------------------------------------------------------------------------------- */

/* What the edits of the files share. */
struct work {
    const struct byhand_request *request;
    struct byhand *byhand;
    struct buffer taken; /* lines of the list, each ended by an LF */
    bool add;            /* whether the whitelist file gets a line of its own */
    bool added;          /* it has got one, though maybe in an earlier try */
    bool nothing;        /* there is nothing to undo */
    unsigned long number;
    struct whitelistfile_found found;
};

/* An amend_edit of the whitelist file. */
static int add_to_whitelist(void *context, const struct tablefile *table, struct buffer *content, struct error *error)
{
    struct work *work = context;
    const struct byhand_request *request = work->request;
    (void)error;
    whitelistfile_find(&table->content, &request->network, &work->found);
    /* Under a wider line, one of its own is needed only for the notes. */
    const bool needed = work->found.covering.number == 0 || work->taken.length > 0;
    work->add = work->found.same.number == 0 && needed;
    if (needed)
        work->number = whitelistfile_add(&table->content, &request->network, request->comment, &work->taken, content);
    return needed;
}

/* An amend_edit of the whitelist file. */
static int remove_from_whitelist(void *context, const struct tablefile *table, struct buffer *content,
                                 struct error *error)
{
    const struct work *work = context;
    struct buffer notes = {0};
    whitelistfile_remove(&table->content, &work->request->network, content, &notes);
    const bool failed = notes.failed;
    buffer_clear(&notes);
    return failed ? error_memory(error, "change the whitelist") : 1;
}

/*
 * What root writes others must not have named, who may write the configuration: it has to be beside that, or in the
 * author's own directory.
 */
static int check_author(const struct conf *conf, const struct stat *directory, struct error *error)
{
    char *beside = path_directory(conf->path);
    struct stat status;
    if (!beside)
        return error_memory(error, "find the whitelist file");
    const bool is_beside =
        stat(beside, &status) == 0 && status.st_dev == directory->st_dev && status.st_ino == directory->st_ino;
    free(beside);
    if (is_beside || place_may_tell(conf->author, directory))
        return 1;
    return error_set(error,
                     "unable to write %s: others than root may write %s, which names it (let it lie beside that, or in "
                     "a directory of theirs)",
                     conf->whitelist_file, conf->path);
}

/* The directory and the name of the whitelist file. The directory (new memory) is the caller's to free. */
static int locate_whitelist(const struct byhand_request *request, char **directory, const char **name,
                            struct error *error)
{
    const char *path = request->conf->whitelist_file;
    const char *slash = strrchr(path, '/');
    struct stat status;
    *name = slash ? slash + 1 : path;
    *directory = path_directory(path);
    if (!*directory)
        return error_memory(error, "find the whitelist file");
    if (stat(*directory, &status) != 0)
        return error_system(error, errno, "unable to find the directory of %s", path);
    return check_author(request->conf, &status, error);
}

/* Removes what runs left that were cut short, even if there is nothing to do otherwise. */
static int sweep_whitelist(const struct byhand_request *request, struct error *error)
{
    char *directory = NULL;
    const char *name;
    int result = locate_whitelist(request, &directory, &name, error);
    if (result > 0 && !request->dry_run)
        result = tablefile_sweep(directory, name, error);
    free(directory);
    return result;
}

static int amend_whitelist(struct work *work, amend_edit *edit, struct error *error)
{
    char *directory = NULL;
    struct amend amend = {.dry_run = work->request->dry_run, .edit = edit, .context = work};
    int result = locate_whitelist(work->request, &directory, &amend.name, error);
    amend.directory = directory;
    if (result > 0)
        result = amend_file(&amend, &work->byhand->whitelist, error);
    if (result > 0 && *error->text != '\0')
        messages_add(&work->byhand->warnings, "%s: if the machine crashes now the old file may return", error->text);
    free(directory);
    return result;
}

static int read_whitelist(const struct work *work, struct tablefile *table, struct error *error)
{
    char *directory = NULL;
    const char *name;
    int result = locate_whitelist(work->request, &directory, &name, error);
    if (result > 0)
        result = tablefile_read(directory, name, table, error);
    free(directory);
    return result;
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

/* Adds the changes of the edit to those that are told. */
static void take_changes(const struct listedit *edit, struct changes *changes)
{
    for (size_t i = 0; i < edit->changes.count; i++)
        changes_add(changes, edit->changes.items[i]);
    changes->failed |= edit->changes.failed;
}

/* What is made of a list that has been read. Returns 1, or -1 with the error. */
typedef int list_edit(struct work *work, struct listedit *edit, struct error *error);

static int edit_list(struct work *work, const struct tablefile *list, list_edit *function, struct buffer *content,
                     struct error *error)
{
    struct spamtab tab = {0};
    struct listedit edit = {0};
    changes_clear(&work->byhand->changes);
    work->taken.length = 0;
    int result = spamtab_parse(&list->content, work->request->conf->permanent, &tab, error);
    if (result > 0)
        result = listedit_begin(&edit, &tab, error);
    if (result > 0)
        result = function(work, &edit, error);
    if (result > 0) {
        take_changes(&edit, &work->byhand->changes);
        result = listedit_render(&edit, content, error);
    }
    if (result > 0 && work->byhand->changes.failed)
        result = error_memory(error, "change spammers.tab");
    listedit_clear(&edit);
    spamtab_clear(&tab);
    return result > 0 && work->nothing ? 0 : result;
}

/* The whitelist file is written before the list: what is taken out of the list is on record then. */
static int allow_list(struct work *work, struct listedit *edit, struct error *error)
{
    const struct byhand_request *request = work->request;
    if (allow_edit(&request->network, request->conf->permanent, edit, &work->taken, error) < 0 ||
        amend_whitelist(work, add_to_whitelist, error) < 0)
        return -1;
    work->added |= work->add;
    const struct whitelistfile_line already = work->found.same.number > 0 ? work->found.same : work->found.covering;
    const struct change change = {
        .kind = work->added ? CHANGE_WHITELISTED : CHANGE_WHITELISTED_ALREADY,
        .line = work->add || already.number == 0 ? work->number : already.number,
        .network = work->added ? request->network : already.network,
    };
    changes_add(&work->byhand->changes, change);
    return 1;
}

/* All that is white-listed when the content is what the whitelist file says. */
static int make_white(const struct conf *conf, const struct buffer *content, struct whitelist *white,
                      struct error *error)
{
    char *path = path_join(conf->mail_root, PATH_XMAIL_WHITELIST);
    int result = path ? whitelist_copy(&conf->whitelist_setting, white, error) : error_memory(error, "undo");
    for (struct whitelist_line line = {0}; result > 0 && whitelist_next(content, &line);) {
        struct network network;
        if (whitelist_parse_line(content, &line, &network, error) > 0)
            result = whitelist_add_network(white, &network, error);
    }
    if (result > 0 && conf->xmail_whitelist)
        result = whitelist_read_xmail(white, path, error);
    free(path);
    return result > 0 ? whitelist_seal(white, error) : result;
}

static int undo_allow_list(struct work *work, struct listedit *edit, struct error *error)
{
    const struct byhand_request *request = work->request;
    struct tablefile table = {0};
    struct whitelist white = {0};
    struct buffer rest = {0};
    int result = read_whitelist(work, &table, error);
    if (result > 0) {
        whitelistfile_find(&table.content, &request->network, &work->found);
        work->nothing = work->found.same.number == 0;
        whitelistfile_remove(&table.content, &request->network, &rest, &work->taken);
        result = rest.failed || work->taken.failed ? error_memory(error, "undo") : 1;
    }
    if (result > 0)
        result = make_white(request->conf, &rest, &white, error);
    if (result > 0)
        result = allow_undo(&request->network, request->conf->permanent, &white, &work->taken, edit, error);
    whitelist_clear(&white);
    buffer_clear(&rest);
    tablefile_clear(&table);
    return result;
}

static int block_list(struct work *work, struct listedit *edit, struct error *error)
{
    return block_edit(&work->request->network, work->request->comment, edit, error);
}

static int undo_block_list(struct work *work, struct listedit *edit, struct error *error)
{
    int result = block_undo(&work->request->network, edit, error);
    work->nothing =
        changes_count(&edit->changes, CHANGE_UNBLOCKED) + changes_count(&edit->changes, CHANGE_MADE_TEMPORARY) == 0;
    return result;
}

/* Four amend_edits of the list. */
static int edit_allow(void *context, const struct tablefile *list, struct buffer *content, struct error *error)
{
    return edit_list(context, list, allow_list, content, error);
}

static int edit_undo_allow(void *context, const struct tablefile *list, struct buffer *content, struct error *error)
{
    return edit_list(context, list, undo_allow_list, content, error);
}

static int edit_block(void *context, const struct tablefile *list, struct buffer *content, struct error *error)
{
    return edit_list(context, list, block_list, content, error);
}

static int edit_undo_block(void *context, const struct tablefile *list, struct buffer *content, struct error *error)
{
    return edit_list(context, list, undo_block_list, content, error);
}

static int amend_list(struct work *work, amend_edit *edit, struct error *error)
{
    const struct byhand_request *request = work->request;
    const struct amend amend = {.directory = request->conf->mail_root,
                                .name = PATH_LIST,
                                .dry_run = request->dry_run,
                                .edit = edit,
                                .context = work,
                                .backed_up = request->now};
    int result = request->dry_run ? 1 : listfile_sweep(request->conf->mail_root, error);
    if (result > 0)
        result = amend_file(&amend, &work->byhand->list, error);
    if (result > 0 && *error->text != '\0')
        messages_add(&work->byhand->warnings, "%s: if the machine crashes now the old list may return", error->text);
    if (result < 0)
        changes_clear(&work->byhand->changes);
    return result;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* What follows a change: lines of the event log, and backups beyond their number go. */
static void finish(const struct byhand_request *request, struct byhand *byhand)
{
    const struct conf *conf = request->conf;
    struct eventlog log = {.now = request->now};
    struct error error;
    if (byhand->changes.failed)
        messages_add(&byhand->warnings, "out of memory: not all that was changed is told and logged");
    if (request->dry_run)
        return;
    changes_log(&byhand->changes, &log);
    char *path = path_join(conf->mail_root, PATH_EVENT_LOG);
    if (!path)
        (void)error_memory(&error, "write the event log");
    if (!path || (log.lines.length > 0 && eventlog_write(&log, path, &error) < 0))
        messages_add(&byhand->warnings, "%s", error.text);
    if (byhand->list.outcome == AMEND_SAVED) {
        const struct day_range range = day_range_until(moment_day(request->now), (unsigned long)conf->search_days);
        backup_clean(conf->mail_root, range.first, (size_t)conf->max_backups, byhand->list.backup, &byhand->warnings);
    }
    buffer_clear(&log.lines);
    free(path);
}

/* Who else lets all of it in. */
static int remark_white(const struct byhand_request *request, struct byhand *byhand, struct error *error)
{
    struct buffer where = {0};
    int result = find_other_white(request, true, &where, error);
    if (result > 0)
        messages_add(&byhand->remarks, "It is let in by %.*s, too", (int)where.length, where.bytes);
    buffer_clear(&where);
    return result < 0 ? -1 : 1;
}

static int undo_allow(struct work *work, struct error *error)
{
    int result = amend_list(work, edit_undo_allow, error);
    if (result > 0 && !work->nothing)
        result = amend_whitelist(work, remove_from_whitelist, error);
    if (result > 0 && !work->nothing)
        changes_add(&work->byhand->changes, (struct change){.kind = CHANGE_UNWHITELISTED,
                                                            .line = work->found.same.number,
                                                            .network = work->request->network});
    const bool wider = work->found.covering.number > 0 && work->found.covering.number != work->found.same.number;
    if (result > 0 && wider)
        changes_add(&work->byhand->changes, (struct change){.kind = CHANGE_WHITELISTED_ALREADY,
                                                            .line = work->found.covering.number,
                                                            .network = work->found.covering.network});
    return result;
}

int byhand_allow(const struct byhand_request *request, struct byhand *byhand, struct error *error)
{
    struct work work = {.request = request, .byhand = byhand};
    int result = request->undo ? 1 : check_width(request, false, error);
    if (result > 0)
        result = whitelistfile_check(&request->network, request->comment, error);
    if (result > 0)
        result = remark_white(request, byhand, error);
    if (result > 0)
        result = sweep_whitelist(request, error);
    if (result > 0)
        result = request->undo ? undo_allow(&work, error) : amend_list(&work, edit_allow, error);
    if (result < 0 && work.added && !request->dry_run)
        changes_add(&byhand->changes,
                    (struct change){.kind = CHANGE_WHITELISTED, .line = work.number, .network = request->network});
    finish(request, byhand);
    buffer_clear(&work.taken);
    return result > 0 && work.nothing ? 0 : result;
}

int byhand_block(const struct byhand_request *request, struct byhand *byhand, struct error *error)
{
    struct work work = {.request = request, .byhand = byhand};
    int result = 1;
    if (!request->undo)
        result = check_own_addresses(request, error) > 0 && check_width(request, true, error) > 0 &&
                         check_not_white(request, error) > 0 &&
                         block_check(&request->network, request->comment, request->conf->permanent, error) > 0
                     ? 1
                     : -1;
    if (result > 0)
        result = amend_list(&work, request->undo ? edit_undo_block : edit_block, error);
    finish(request, byhand);
    buffer_clear(&work.taken);
    return result > 0 && work.nothing ? 0 : result;
}

void byhand_clear(struct byhand *byhand)
{
    amended_clear(&byhand->list);
    amended_clear(&byhand->whitelist);
    changes_clear(&byhand->changes);
    messages_clear(&byhand->remarks);
    messages_clear(&byhand->warnings);
    *byhand = (struct byhand){0};
}
