/* SPDX-License-Identifier: MIT */
/* spammers.tab: is it there, can it be replaced, and does XMail do with each line what whoever wrote it means? */
#include "inspect.h"

#include "listfile.h"
#include "netset.h"
#include "path.h"
#include "spamtab.h"
#include "xmailtab.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the file ----------------------------------------------------------------------------------------------------- */

static void report_unreadable(const struct error *error, struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what, "%s: no rebuild is done.", error->text);
    buffer_add_text(&finding->remedy, "Make it a regular file that this user can read.");
}

static void report_missing(const struct diagnosis_request *request, const char *path, struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what, "%s is missing: XMail refuses every client as long as it is.", path);
    buffer_add_text(&finding->remedy,
                    "Copy the newest good spammers.*.tab to it, or make an empty file, at once; or, if "
                    "there are logs to make it from, do this:");
    inspect_add_command(request, "rebuild", finding);
}

/* May this user, who isn't root, give a file that he makes in the directory to the group? */
static bool may_give_to(gid_t group, const char *directory)
{
    struct stat status;
    gid_t groups[NGROUPS_MAX];
    int count = getgroups(NGROUPS_MAX, groups);
    bool found = group == getegid();
    for (int i = 0; i < count; i++)
        found = found || groups[i] == group;
    /* It has the group from the directory there. */
    return found || (stat(directory, &status) == 0 && (status.st_mode & S_ISGID) != 0 && status.st_gid == group);
}

static void report_owner(const struct tablefile *list, const char *kind, unsigned long number,
                         struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what,
                      "%s belongs to another %s (number %lu), to whom this user can't give a new list: none is saved.",
                      list->path, kind, number);
    buffer_add_format(&finding->remedy, "Run this as %s or as root.",
                      strcmp(kind, "user") == 0 ? "that user" : "a user of that group");
}

/* A list that a symbolic link leads to is replaced where it is, so its directory must be writable too. */
static void inspect_replacing(const struct diagnosis_request *request, const struct tablefile *list,
                              struct findings *findings)
{
    char *directory = path_directory(list->path);
    if (!directory) {
        findings->failed = true;
        return;
    }
    if (strcmp(directory, request->conf->mail_root) != 0 && faccessat(AT_FDCWD, directory, W_OK, AT_EACCESS) != 0) {
        int reason = errno;
        struct finding *finding = findings_add(findings);
        buffer_add_format(&finding->what, "unable to write %s, where " PATH_LIST " leads: %s; no list can be saved.",
                          directory, strerror(reason));
        buffer_add_text(&finding->remedy, "Let this user write that directory, or run this as root.");
    }
    if (list->exists && geteuid() != 0 && list->owner.user != geteuid())
        report_owner(list, "user", (unsigned long)list->owner.user, findings);
    else if (list->exists && geteuid() != 0 && !may_give_to(list->owner.group, directory))
        report_owner(list, "group", (unsigned long)list->owner.group, findings);
    free(directory);
}

/* --- its lines ---------------------------------------------------------------------------------------------------- */

enum trouble { IGNORED, MISREAD, EVERYBODY, ODD_NETMASK, TOO_LONG, SHADOWED, UNREACHED, REDUNDANT, TROUBLE_COUNT };

static const struct {
    bool is_hint;
    const char *what; /* behind the path of the list */
    const char *remedy;
} troubles[TROUBLE_COUNT] = {
    [IGNORED] = {.what = "addresses that XMail matches with nobody:",
                 .remedy = "Write ADDRESS/BITS, or an IPv4 address, a TAB and its netmask, from the first column on."},
    [MISREAD] = {.what = "addresses that XMail takes for others (leading zeros make a number octal, missing ones are "
                         "filled in, and a netmask behind \"/\" is no number of bits):",
                 .remedy = "Write all four decimal numbers, without leading zeros, and behind a \"/\" the number of "
                           "bits."},
    [EVERYBODY] = {.what = "lines that refuse everybody who comes by IPv4, or by IPv6:",
                   .remedy = "Take them out now, unless you want no mail. Bits that are missing or no number count as "
                             "0."},
    [ODD_NETMASK] = {.what = "netmasks that aren't contiguous, so that hosts scattered everywhere are refused:",
                     .remedy = "Correct the netmask. A number of bits is written behind a \"/\"; as a netmask 24 is "
                               "0.0.0.24."},
    [TOO_LONG] = {.what = "lines of more than 510 bytes, the rest of which XMail takes for a further line:",
                  .remedy = "Shorten them, or break comments into several lines with # before each."},
    [SHADOWED] = {.what = "entries that XMail does not refuse when they connect, since it takes the first line that "
                          "fits, and that one's code is not above 0:",
                  .remedy = "Move the entry before that line, or take one of the two out."},
    [UNREACHED] = {.what = "entries whose code is without effect, since XMail takes the first line that fits, and that "
                           "one refuses:",
                   .remedy = "Move the exception before that line, or take it out."},
    [REDUNDANT] = {.is_hint = true,
                   .what = "entries without effect, since an earlier line takes in the same hosts:",
                   .remedy = "They do no harm; take them out if you like."},
};

/* What is known while the lines are gone through. */
struct reading {
    const char *path;
    const struct spamtab *tab;
    struct netset rejecting; /* entries by their index in tab->lines */
    struct netset lenient;   /* those that don't refuse at connect */
    struct finding *found[TROUBLE_COUNT];
    struct findings *findings;
};

/* Counts one more line with the trouble. The finding if the line is to be told, else NULL. */
static struct finding *count_line(struct reading *reading, enum trouble trouble)
{
    if (!reading->found[trouble]) {
        struct finding *finding = findings_add(reading->findings);
        finding->is_hint = troubles[trouble].is_hint;
        buffer_add_format(&finding->what, "%s: %s", reading->path, troubles[trouble].what);
        buffer_add_text(&finding->remedy, troubles[trouble].remedy);
        reading->found[trouble] = finding;
    }
    return finding_tells_place(reading->found[trouble]) ? reading->found[trouble] : NULL;
}

static struct xmailtab_line text_of(const struct reading *reading, const struct spamtab_line *line)
{
    return (struct xmailtab_line){.bytes = reading->tab->content->bytes + line->offset, .length = line->length};
}

/* Is the line the rest of one that was too long? */
static bool is_rest(const struct spamtab *tab, size_t at)
{
    return at > 0 && tab->lines[at - 1].number == tab->lines[at].number;
}

static void inspect_length(struct reading *reading, size_t at)
{
    const struct spamtab *tab = reading->tab;
    /* The line end alone may be the rest: an empty line to XMail. */
    if (!is_rest(tab, at) || tab->lines[at].length == 0 || (at > 1 && is_rest(tab, at - 1)))
        return;
    struct finding *finding = count_line(reading, TOO_LONG);
    if (finding)
        messages_add(&finding->places, "line %lu", tab->lines[at].number);
}

/* Does somebody mean an address by the text? Host names, which XMail resolves, have letters, and no colons. */
static bool looks_like_address(const char *text, size_t length)
{
    const char *colon = memchr(text, ':', length);
    if (colon && memchr(colon + 1, ':', length - (size_t)(colon + 1 - text)))
        return true;
    return length > 0 && *text >= '0' && *text <= '9' && memchr(text, '.', length) &&
           strspn(text, "0123456789.*-") >= length;
}

static void inspect_ignored(struct reading *reading, const struct spamtab_line *line)
{
    enum { SHOWN_MAX = 45 };
    const struct xmailtab_line text = text_of(reading, line);
    struct xmailtab_fields fields;
    struct address address;
    xmailtab_split(&text, &fields);
    if (fields.count == 0)
        return;
    const char *first = fields.fields[0];
    size_t blanks = strspn(first, " \"");
    size_t length = strcspn(first + blanks, " /\",");
    if (!looks_like_address(first + blanks, length))
        return;
    struct finding *finding = count_line(reading, IGNORED);
    if (!finding)
        return;
    const char *reason = "it can't be read";
    if (blanks > 0)
        reason = "a blank stands before it";
    else if (!strchr(first, '/') && address_parse(first, strlen(first), &address))
        reason = address_is_ipv4(address) && !strchr(first, ':') ? "no netmask" : "no number of bits behind \"/\"";
    messages_add(&finding->places, "line %lu: %.*s (%s)", line->number, SHOWN_MAX, first + blanks, reason);
}

/* Of IPv4 or of IPv6. XMail takes IPv4 clients for ::ffff:a.b.c.d or ::a.b.c.d, by the kind of its socket. */
static bool takes_in_everybody(const struct network *network)
{
    const struct network mapped = network_all_ipv4();
    const struct network compatible = network_compatible_ipv4();
    const struct network internet =
        network_make((struct address){(uint64_t)1 << 61, 0}, address_mask(3)); /* 2000::/3 */
    return network_covers(network, &mapped) || network_covers(network, &compatible) ||
           network_covers(network, &internet);
}

static void inspect_address(struct reading *reading, const struct spamtab_line *line)
{
    const struct xmailtab_line text = text_of(reading, line);
    struct xmailtab_fields fields;
    struct address address;
    char meant[NETWORK_TEXT_SIZE];
    xmailtab_split(&text, &fields);
    const char *first = fields.fields[0];
    size_t length = strcspn(first, "/");
    bool has_netmask = strchr(first + length, '.') != NULL; /* read as a number, so that what fits it is few hosts */
    if (address_parse(first, length, &address) && !has_netmask)
        return;
    if (has_netmask)
        length = strlen(first);
    struct finding *finding = count_line(reading, MISREAD);
    if (finding)
        messages_add(&finding->places, "line %lu: %.*s is %s", line->number, (int)length, first,
                     network_format(&line->network, meant));
}

static void inspect_network(struct reading *reading, const struct spamtab_line *line)
{
    char text[NETWORK_TEXT_SIZE];
    unsigned bits;
    enum trouble trouble;
    if (takes_in_everybody(&line->network) && line->code >= 0)
        trouble = EVERYBODY;
    else if (!network_is_prefix(&line->network, &bits))
        trouble = ODD_NETMASK;
    else
        return;
    struct finding *finding = count_line(reading, trouble);
    if (finding)
        messages_add(&finding->places, "line %lu: %s%s", line->number, network_format(&line->network, text),
                     line->code == 0 ? " (code=0: but those who log in)" : "");
}

/* Of the earlier lines that take in all of this entry, the first has the say. */
static void inspect_order(struct reading *reading, size_t at)
{
    const struct spamtab_line *line = &reading->tab->lines[at];
    uint32_t rejecting = (uint32_t)at;
    uint32_t lenient = (uint32_t)at;
    char text[NETWORK_TEXT_SIZE];
    /* One of the two sets has the entry itself, so the lower of what they find is never behind it. */
    (void)netset_find_cover(&reading->rejecting, &line->network, &rejecting);
    (void)netset_find_cover(&reading->lenient, &line->network, &lenient);
    size_t first = rejecting < lenient ? rejecting : lenient;
    if (first == at)
        return;
    bool first_rejects = rejecting < lenient;
    enum trouble trouble = REDUNDANT;
    if (spamtab_rejects(line) != first_rejects)
        trouble = first_rejects ? UNREACHED : SHADOWED;
    struct finding *finding = count_line(reading, trouble);
    if (finding)
        messages_add(&finding->places, "line %lu: %s (by line %lu)", line->number, network_format(&line->network, text),
                     reading->tab->lines[first].number);
}

static bool sort_entries(struct reading *reading)
{
    const struct spamtab *tab = reading->tab;
    for (size_t i = 0; i < tab->count; i++) {
        struct netset *set = spamtab_rejects(&tab->lines[i]) ? &reading->rejecting : &reading->lenient;
        if (tab->lines[i].is_entry && !netset_add(set, &tab->lines[i].network, (uint32_t)i))
            return false;
    }
    return netset_seal(&reading->rejecting) && netset_seal(&reading->lenient);
}

static void inspect_lines(const char *path, const struct spamtab *tab, struct findings *findings)
{
    struct reading reading = {.path = path, .tab = tab, .findings = findings};
    if (!sort_entries(&reading))
        findings->failed = true;
    for (size_t i = 0; i < tab->count && !findings->failed; i++) {
        inspect_length(&reading, i);
        if (tab->lines[i].is_entry) {
            inspect_address(&reading, &tab->lines[i]);
            inspect_network(&reading, &tab->lines[i]);
            inspect_order(&reading, i);
        } else if (!is_rest(tab, i)) {
            inspect_ignored(&reading, &tab->lines[i]);
        }
    }
    netset_clear(&reading.rejecting);
    netset_clear(&reading.lenient);
}

void inspect_list(const struct diagnosis_request *request, struct findings *findings)
{
    struct tablefile list;
    struct spamtab tab = {0};
    struct error error;
    if (listfile_read(request->conf->mail_root, &list, &error) < 0) {
        report_unreadable(&error, findings);
        return;
    }
    if (!list.exists)
        report_missing(request, list.path, findings);
    inspect_replacing(request, &list, findings);
    if (spamtab_parse(&list.content, NULL, &tab, &error) < 0)
        findings->failed = true;
    else
        inspect_lines(list.path, &tab, findings);
    spamtab_clear(&tab);
    tablefile_clear(&list);
}
