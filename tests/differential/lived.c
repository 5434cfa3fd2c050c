/* SPDX-License-Identifier: MIT */
/* Whole rebuilds, compared with what the plain decision says. */
#include "lived.h"

#include "conf.h"
#include "rebuild.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, OLD = 1577836800 };

#define DAY "2026-11-20"
#define NOW "2026-11-20T12:34:56"

/* How a rebuild may end. */
enum end { END_SAVED, END_MADE, END_UNCHANGED, END_NONE, END_NO_EVIDENCE, END_TOO_MANY, END_REMOVES_ONLY, ENDS };

static const char *const end_names[ENDS] = {
    [END_SAVED] = "rebuilds: saved",
    [END_MADE] = "rebuilds: a missing list made",
    [END_UNCHANGED] = "rebuilds: nothing to save",
    [END_NONE] = "rebuilds: mode none",
    [END_NO_EVIDENCE] = "rebuilds: no evidence",
    [END_TOO_MANY] = "rebuilds: too many would be added",
    [END_REMOVES_ONLY] = "rebuilds: no log enabled",
};

static uint64_t met[ENDS];

/* What the seed chooses beside the case. */
struct life {
    char root[PATH_SIZE];
    uint64_t seed;
    bool none;
    size_t max_added;
    bool evidence;
};

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    (void)fprintf(stderr, "decisions: %s\n", what);
    exit(2);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

bool lived_write(const char *path, const struct bytes *content)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    const bool written = content->length == 0 || fwrite(content->list, 1, content->length, file) == content->length;
    return fclose(file) == 0 && written;
}

static const char *path_in(const struct life *life, const char *name)
{
    static char path[2 * PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", life->root, name);
    return path;
}

static void write_in(const struct life *life, const char *name, const struct bytes *content)
{
    require(lived_write(path_in(life, name), content), "unable to write a file");
}

/* False if there is no such file. */
static bool read_in(const struct life *life, const char *name, struct bytes *content)
{
    char part[4096];
    FILE *file = fopen(path_in(life, name), "r");
    if (!file)
        return false;
    for (size_t got; (got = fread(part, 1, sizeof part, file)) > 0;)
        bytes_add(content, part, got);
    (void)fclose(file);
    return true;
}

static bool is_same(const struct bytes *a, const struct bytes *b)
{
    return a->length == b->length && (a->length == 0 || memcmp(a->list, b->list, a->length) == 0);
}

/* Removes the file, or the directory and all that is in it. */
static void remove_all(const char *path)
{
    char inner[2 * PATH_SIZE];
    DIR *directory = unlink(path) == 0 ? NULL : opendir(path);
    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(inner, sizeof inner, "%.4000s/%s", path, entry->d_name);
        remove_all(inner);
    }
    if (directory)
        (void)closedir(directory);
    (void)rmdir(path);
}

/* --- the MailRoot ------------------------------------------------------------------------------------------------- */

static void add_records(struct bytes *log, uint64_t count, const char *address, const char *format)
{
    for (uint64_t i = 0; i < count; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        char line[512];
        (void)snprintf(line, sizeof line, format, address);
#pragma GCC diagnostic pop
        bytes_add_text(log, line);
    }
}

static void write_logs(const struct life *life, const struct list_case *made)
{
    struct bytes pop3 = {NULL, 0, 0};
    struct bytes smtp = {NULL, 0, 0};
    if (life->evidence)
        bytes_add_text(&pop3, "\"mx\"\t\"d\"\t\"203.0.113.99\"\t\"" DAY " 00:00:00\"\t\"u\"\t\"\"\t\"ok\"\n");
    for (size_t i = 0; life->evidence && i < made->seen_count; i++) {
        char address[64];
        const struct plain_seen *seen = &made->seen[i];
        const bool ipv4 = plain_is_ipv4(seen->host);
        require(inet_ntop(ipv4 ? AF_INET : AF_INET6, ipv4 ? seen->host.bytes + 12 : seen->host.bytes, address,
                          sizeof address) != NULL,
                "an address can't be written");
        add_records(&pop3, seen->unauthorized / 2, address,
                    "\"mx\"\t\"d\"\t\"%s\"\t\"" DAY " 01:02:03\"\t\"u\"\t\"\"\t\"ELOGIN\"\n");
        add_records(&smtp, seen->unauthorized - seen->unauthorized / 2, address,
                    "\"mx\"\t\"d\"\t\"%s\"\t\"" DAY
                    " 01:02:03\"\t\"h\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"RCPT=ERELAY\"\t\"\"\t\"0\"\t\"\"\n");
        add_records(&smtp, seen->refused, address,
                    "\"\"\t\"\"\t\"%s\"\t\"" DAY
                    " 04:05:06\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"\"\t\"SNDRIP=EIPSPAM\"\t\"\"\t\"0\"\t\"\"\n");
        add_records(&pop3, seen->login, address,
                    "\"mx\"\t\"d\"\t\"%s\"\t\"" DAY " 07:08:09\"\t\"u\"\t\"\"\t\"LOGIN\"\t\"1\"\t\"2\"\n");
    }
    write_in(life, "logs/pop3-202611200000", &pop3);
    write_in(life, "logs/smtp-202611200000", &smtp);
    bytes_free(&pop3);
    bytes_free(&smtp);
}

/* A string of libconfig. */
static void add_string(struct bytes *text, const char *string)
{
    bytes_add_text(text, "\"");
    for (const char *at = string; *at; at++) {
        if (*at == '"' || *at == '\\')
            bytes_add_text(text, "\\");
        bytes_add(text, at, 1);
    }
    bytes_add_text(text, "\"");
}

static void write_configuration(const struct life *life, const struct list_case *made)
{
    const struct plain_rules *rules = &made->rules;
    const char *enabled = rules->register_hosts ? "true" : "false";
    struct bytes text = {NULL, 0, 0};
    bytes_add_format(&text, "save_mode = \"%s\";\n", life->none ? "none" : rules->replace ? "replace" : "append");
    bytes_add_format(&text, "order = \"%s\";\n", rules->by_hits ? "hits" : "address");
    bytes_add_format(&text, "register_count = %" PRIu64 ";\n", rules->register_count);
    if (rules->remove_count >= 0)
        bytes_add_format(&text, "remove_count = %d;\n", rules->remove_count);
    bytes_add_format(&text, "exempt_authenticated = %s;\n", rules->exempt_authenticated ? "true" : "false");
    bytes_add_format(&text, "ipv4_prefix = %d;\nipv6_prefix = %d;\n", rules->ipv4_prefix, rules->ipv6_prefix);
    bytes_add_text(&text, "permanent_pattern = ");
    add_string(&text, rules->permanent->text);
    bytes_add_text(&text, ";\nwhitelist = [");
    for (size_t i = 0; i < made->own_count; i++) {
        bytes_add_text(&text, i > 0 ? ", " : "");
        add_string(&text, made->own[i]);
    }
    bytes_add_format(&text,
                     "];\nthreads = 1;\nlogs = ( { format = \"smtp\"; enabled = %s; }, { format = \"pop3\"; enabled = "
                     "%s; } );\n",
                     enabled, enabled);
    write_in(life, "filters/xmail-spammers/xmail-spammers.conf", &text);
    bytes_free(&text);
}

static void make_root(const struct life *life, const struct list_case *made)
{
    const struct timespec old[2] = {{.tv_sec = OLD}, {.tv_sec = OLD}};
    require(mkdir(life->root, 0700) == 0 && mkdir(path_in(life, "logs"), 0700) == 0 &&
                mkdir(path_in(life, "filters"), 0700) == 0 && mkdir(path_in(life, "filters/xmail-spammers"), 0700) == 0,
            "unable to make a MailRoot");
    write_configuration(life, made);
    write_logs(life, made);
    if (made->has_file)
        write_in(life, "filters/xmail-spammers/whitelist", &made->file);
    if (made->has_ipprop)
        write_in(life, "smtp.ipprop.tab", &made->ipprop);
    if (!made->has_list)
        return;
    write_in(life, "spammers.tab", &made->list);
    /* A list that was just written would be waited for. */
    require(utimensat(AT_FDCWD, path_in(life, "spammers.tab"), old, 0) == 0, "unable to set a time");
}

/* --- what must be there ------------------------------------------------------------------------------------------- */

static bool is_backup_name(const char *name)
{
    const size_t digits = strspn(name[0] ? name + strlen("spammers.") : name, "0123456789");
    return strncmp(name, "spammers.", 9) == 0 && digits == 14 && strcmp(name + 9 + 14, ".tab") == 0;
}

/* The old list is kept in a backup if it was replaced, and nothing else is left behind. */
static const char *check_files(const struct life *life, const struct list_case *made, bool replaced)
{
    static const char *const known[] = {".", "..", "spammers.tab", "smtp.ipprop.tab", "logs", "filters"};
    const char *what = NULL;
    size_t backups = 0;
    DIR *directory = opendir(life->root);
    require(directory != NULL, "unable to read the MailRoot");
    for (const struct dirent *entry; (entry = readdir(directory));) {
        bool is_known = false;
        for (size_t i = 0; i < COUNT_OF(known); i++)
            is_known = is_known || strcmp(entry->d_name, known[i]) == 0;
        if (is_known)
            continue;
        struct bytes backup = {NULL, 0, 0};
        if (!is_backup_name(entry->d_name))
            what = "rebuild: a file was left behind";
        else if (!read_in(life, entry->d_name, &backup) || !is_same(&backup, &made->list))
            what = "rebuild: the backup isn't the old list";
        else
            backups++;
        bytes_free(&backup);
    }
    (void)closedir(directory);
    if (!what && backups != (replaced && made->has_list))
        what = "rebuild: the number of backups";
    return what;
}

/* How many lines of spammers-log tell this event. */
static size_t count_events(const struct life *life, const char *event)
{
    struct bytes log = {NULL, 0, 0};
    char field[32];
    size_t count = 0;
    (void)snprintf(field, sizeof field, "\"\t\"%s\"\t", event);
    (void)read_in(life, "logs/spammers-log", &log);
    bytes_add(&log, "", 1);
    for (const char *at = log.list; (at = strstr(at, field)); at++)
        count++;
    bytes_free(&log);
    return count;
}

static const char *check_events(const struct life *life, const struct plain_decision *should)
{
    size_t shadowed = 0;
    for (size_t i = 0; i < should->addition_count; i++)
        shadowed += should->additions[i].shadowed_by != 0 && !should->additions[i].renewed; /* what is new */
    if (count_events(life, "ADD") != should->added)
        return "rebuild: the number of ADD in spammers-log";
    if (count_events(life, "REMOVE") != should->removed)
        return "rebuild: the number of REMOVE in spammers-log";
    if (count_events(life, "SHADOWED") != shadowed)
        return "rebuild: the number of SHADOWED in spammers-log";
    return NULL;
}

static const char *check_list(const struct life *life, const struct bytes *should, bool there)
{
    struct bytes list = {NULL, 0, 0};
    const char *what = NULL;
    if (read_in(life, "spammers.tab", &list) != there)
        what = there ? "rebuild: the list is missing" : "rebuild: a list was made";
    else if (there && !is_same(&list, should))
        what = "rebuild: the list";
    bytes_free(&list);
    return what;
}

/* What the rebuild's own account says of the list. */
static const char *check_content(const struct rebuild *rebuild, const struct list_case *made,
                                 const struct plain_decision *should)
{
    const struct bytes content = {rebuild->list.content.bytes, rebuild->list.content.length, 0};
    const bool same = is_same(&should->result, &made->list);
    if (!rebuild->decision.keeps_all && !is_same(&content, &should->result))
        return "rebuild: the new list in mode none";
    if (rebuild->decision.keeps_all && !same)
        return "rebuild: the decision in mode none keeps all";
    return NULL;
}

static const char *check(const struct life *life, const struct list_case *made, const struct plain_decision *should,
                         int result, const struct rebuild *rebuild)
{
    const bool too_many = life->max_added > 0 && should->added > life->max_added;
    const bool same = is_same(&should->result, &made->list) && made->has_list;
    const char *what = NULL;
    if (!life->evidence || too_many) {
        met[life->evidence ? END_TOO_MANY : END_NO_EVIDENCE]++;
        if (result != -1)
            return "rebuild: it doesn't fail";
        what = check_list(life, &made->list, made->has_list);
        return what ? what : check_files(life, made, false);
    }
    if (result != 1)
        return "rebuild: it fails";
    met[END_REMOVES_ONLY] += !made->rules.register_hosts;
    if (life->none) {
        met[END_NONE]++;
        what = check_list(life, &made->list, made->has_list);
        what = what ? what : check_content(rebuild, made, should);
        if (!what && rebuild->list.outcome != (same ? AMEND_UNCHANGED : AMEND_NOT_SAVED) && made->has_list)
            what = "rebuild: its outcome in mode none";
        what = what ? what : check_files(life, made, false);
        return what ? what : check_events(life, should);
    }
    met[same ? END_UNCHANGED : made->has_list ? END_SAVED : END_MADE]++;
    if (rebuild->list.outcome != (same ? AMEND_UNCHANGED : AMEND_SAVED))
        return "rebuild: its outcome";
    what = check_list(life, &should->result, true);
    what = what ? what : check_files(life, made, !same);
    return what ? what : check_events(life, should);
}

bool lived_rebuild(uint64_t seed, const struct list_case *made, const struct plain_decision *should,
                   const char *directory, char what[LIVED_TEXT_SIZE])
{
    struct life life = {.seed = seed ^ UINT64_C(0x11fe)};
    struct moment now;
    struct rebuild rebuild;
    struct error error = {""};
    struct messages problems = {0};
    life.none = !made->rules.replace && made->rules.register_hosts && chance_percent(&life.seed, 25);
    life.max_added = chance_percent(&life.seed, 40) ? 1 + chance_below(&life.seed, 6) : 0;
    life.evidence = chance_percent(&life.seed, 93);
    (void)snprintf(life.root, sizeof life.root, "%s/MailRoot", directory);
    make_root(&life, made);
    struct conf *conf =
        conf_read(path_in(&life, "filters/xmail-spammers/xmail-spammers.conf"), life.root, NULL, NULL, &problems);
    if (!conf)
        (void)fprintf(stderr, "decisions: %s\n", problems.count > 0 ? problems.texts[0] : "");
    require(conf && moment_parse(NOW, &now), "the configuration is refused");
    now.rehearsed = true;
    const struct rebuild_request request = {
        .conf = conf, .now = &now, .trigger = "command", .no_cache = true, .max_added = life.max_added};
    const int result = rebuild_run(&request, &rebuild, &error);
    const char *found = check(&life, made, should, result, &rebuild);
    if (found)
        (void)snprintf(what, LIVED_TEXT_SIZE, "%s%s%s", found, result < 0 ? ": " : "", result < 0 ? error.text : "");
    rebuild_clear(&rebuild);
    conf_free(conf);
    messages_clear(&problems);
    remove_all(life.root);
    return !found;
}

size_t lived_show(void)
{
    size_t missing = 0;
    for (size_t i = 0; i < ENDS; i++) {
        printf("  %-36s %8" PRIu64 "\n", end_names[i], met[i]);
        missing += met[i] == 0;
    }
    return missing;
}
