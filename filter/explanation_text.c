/* SPDX-License-Identifier: MIT */
/* What explain tells: the verdict first, then what it rests upon, and at last what can be done about it. */
#include "explanation.h"

#include "logrow.h"
#include "messages.h"
#include "paragraph.h"
#include "plural.h"
#include "prepare.h"
#include "readfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 11 }; /* of what stands behind a title */

/* --- pieces of text ----------------------------------------------------------------------------------------------- */

/* Prints the title, and the text beside it. The text is used up. */
static void print_section(const char *title, struct buffer *text)
{
    char lead[INDENT + 1];
    (void)snprintf(lead, sizeof lead, "%-*s", INDENT, title);
    if (text->failed)
        (void)printf("%s(out of memory)\n", lead);
    else
        print_paragraph(lead, INDENT, text->bytes ? text->bytes : "", text->length);
    buffer_clear(text);
}

/* Prints a line of a table behind the titles, whole however long it is, its TABs as spammers.tab(5) shows them. */
static void print_line(const char *bytes, size_t length)
{
    struct buffer text = {0};
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == '\t')
            buffer_add_text(&text, "<TAB>");
        else
            buffer_add(&text, bytes[i] == '\0' ? "?" : &bytes[i], 1);
    buffer_add(&text, "", 1);
    if (!text.failed)
        tell("%*s%s", INDENT, "", text.bytes);
    buffer_clear(&text);
}

/* --- the verdict -------------------------------------------------------------------------------------------------- */

/* The line of the list as it is that XMail finds first, or NULL. */
static const struct spamtab_line *first_line(const struct explanation *explanation)
{
    const struct spamtab *tab = &explanation->rebuild.tab;
    for (size_t i = 0; i < tab->count; i++)
        if (tab->lines[i].is_entry && network_contains(&tab->lines[i].network, explanation->host))
            return &tab->lines[i];
    return NULL;
}

/* Adds why the rebuild leaves or drops the line. */
static void add_reason(const struct explanation *explanation, const struct decision_line *line, struct buffer *text)
{
    const unsigned long long accesses = line->accesses;
    switch (line->reason) {
    case KEPT_PERMANENT:
        buffer_add_text(text, "it is permanent");
        break;
    case KEPT_ACTIVE:
    case REMOVED_QUIET:
        buffer_add_format(text, "%llu access%s in %d day%s, and remove_count is %d", accesses,
                          accesses == 1 ? "" : "es", explanation->conf->search_days,
                          s((uint64_t)explanation->conf->search_days), explanation->conf->remove_count);
        break;
    case KEPT_APPENDED:
        buffer_add_text(text, "without remove_count nothing is removed");
        break;
    case KEPT_RENEWED:
        buffer_add_text(text, "it was found again");
        break;
    case REMOVED_WHITELISTED:
        buffer_add_text(text, "it is white-listed");
        break;
    case REMOVED_REPLACED:
        buffer_add_text(text, "save_mode is replace, and it was not found again");
        break;
    case KEPT_NOT_AN_ENTRY:
        break;
    }
}

/* The same of the line that the outlook names. */
static void add_reason_of_outlook(const struct explanation *explanation, struct buffer *text)
{
    const struct rebuild *rebuild = &explanation->rebuild;
    for (size_t i = 0; i < rebuild->tab.count; i++)
        if (rebuild->tab.lines[i].number == explanation->outlook.line && rebuild->tab.lines[i].is_entry &&
            network_contains(&rebuild->tab.lines[i].network, explanation->host)) {
            add_reason(explanation, &rebuild->decision.lines[i], text);
            return;
        }
}

/* "12 unauthorised accesses in 7 days". */
static void add_accesses(const struct explanation *explanation, struct buffer *text)
{
    const struct evidence_host *host = evidence_find(explanation->rebuild.gathered.evidence, explanation->host);
    const unsigned long long count = host ? host->unauthorized : 0;
    buffer_add_format(text, "%llu unauthorised access%s in %d day%s", count, count == 1 ? "" : "es",
                      explanation->conf->search_days, s((uint64_t)explanation->conf->search_days));
}

/* --- how the next rebuild comes out for the host, which the text names already ------------------------------------ */

static void add_network(struct buffer *text, const char *before, const struct network *network)
{
    char shown[NETWORK_TEXT_SIZE];
    if (!network_is_host(network))
        buffer_add_format(text, "%s%s", before, network_format(network, shown));
}

static void add_added(const struct explanation *explanation, struct buffer *text)
{
    buffer_add_text(text, " is not on the list, and the next rebuild adds it");
    add_network(text, " with its network, ", &explanation->outlook.network);
    buffer_add_text(text, ": ");
    add_accesses(explanation, text);
    buffer_add_format(text, ", and register_count is %d.", explanation->conf->register_count);
}

static void add_stays(const struct explanation *explanation, struct buffer *text)
{
    buffer_add_format(text, " is on the list by line %lu", explanation->outlook.line);
    add_network(text, ", ", &explanation->outlook.network);
    if (explanation->outlook.whitelisted)
        buffer_add_text(text, ", although it is white-listed");
    buffer_add_text(text, ", and stays there: ");
    add_reason_of_outlook(explanation, text);
    buffer_add_text(text, ".");
}

static void add_shadowed(const struct explanation *explanation, struct buffer *text)
{
    const struct outlook *outlook = &explanation->outlook;
    char network[NETWORK_TEXT_SIZE];
    buffer_add_format(text,
                      " is not refused when it connects, although an entry says so: line %lu, %s, comes first, and its "
                      "code is not above 0.",
                      outlook->line, network_format(&outlook->network, network));
}

static void add_removed(const struct explanation *explanation, struct buffer *text)
{
    buffer_add_format(text,
                      " is on the list by line %lu, and the next rebuild takes that out: ", explanation->outlook.line);
    add_reason_of_outlook(explanation, text);
    buffer_add_text(text, ".");
}

/* Of a host that no entry refuses when it connects; one may have a say about it all the same. */
static void add_unlisted(const struct explanation *explanation, struct buffer *text)
{
    if (explanation->outlook.line == 0)
        buffer_add_text(text, " is not on the list");
    else
        buffer_add_format(text, " is not refused when it connects, as the code of line %lu is not above 0",
                          explanation->outlook.line);
}

static void add_whitelisted(const struct explanation *explanation, struct buffer *text)
{
    add_unlisted(explanation, text);
    buffer_add_text(text, ", and is never registered: it is white-listed.");
}

static void add_exempt(const struct explanation *explanation, struct buffer *text)
{
    add_unlisted(explanation, text);
    buffer_add_text(text, ", and is not registered, although it has ");
    add_accesses(explanation, text);
    buffer_add_text(text, ": it logged in as a user in these days (exempt_authenticated).");
}

static void add_idle(const struct explanation *explanation, struct buffer *text)
{
    add_unlisted(explanation, text);
    buffer_add_text(text, ", and nobody is registered, as no log is enabled.");
}

static void add_below(const struct explanation *explanation, struct buffer *text)
{
    add_unlisted(explanation, text);
    buffer_add_text(text, ", and is not registered: ");
    add_accesses(explanation, text);
    buffer_add_format(text, ", and register_count is %d.", explanation->conf->register_count);
}

static void (*const add_outlook[OUTLOOK_KINDS])(const struct explanation *explanation, struct buffer *text) = {
    [OUTLOOK_ADDED] = add_added,
    [OUTLOOK_KEPT] = add_stays,
    [OUTLOOK_PERMANENT] = add_stays,
    [OUTLOOK_COVERED] = add_stays,
    [OUTLOOK_SHADOWED] = add_shadowed,
    [OUTLOOK_REMOVED] = add_removed,
    [OUTLOOK_WHITELISTED] = add_whitelisted,
    [OUTLOOK_EXEMPT] = add_exempt,
    [OUTLOOK_IDLE] = add_idle,
    [OUTLOOK_BELOW] = add_below,
};

static void print_verdict(const struct explanation *explanation)
{
    const struct spamtab_line *line = first_line(explanation);
    char address[ADDRESS_TEXT_SIZE];
    struct buffer text = {0};
    address_format(explanation->host, address);
    buffer_add_text(&text, address);
    if (!explanation->rebuild.list.table.exists)
        buffer_add_format(&text, " is refused as every client is: %s is missing.",
                          explanation->rebuild.list.table.path);
    else if (explanation->judged)
        add_outlook[explanation->outlook.kind](explanation, &text);
    else if (line)
        buffer_add_format(&text, " is on the list by line %lu. What becomes of it can't be told: %s.", line->number,
                          explanation->failure.text);
    else
        buffer_add_format(&text, " is not on the list. What becomes of it can't be told: %s.",
                          explanation->failure.text);
    print_paragraph("", 0, text.bytes ? text.bytes : "", text.length);
    buffer_clear(&text);
}

/* --- the logs ----------------------------------------------------------------------------------------------------- */

static void print_days(const struct explanation *explanation)
{
    const struct dossier *dossier = &explanation->dossier;
    char text[DAY_TEXT_SIZE];
    (void)printf("\n%-*s", INDENT, "Accesses");
    if (dossier->day_count == 0) {
        char last[DAY_TEXT_SIZE];
        (void)printf("none from %s to %s\n", day_format(explanation->rebuild.range.first, text),
                     day_format(explanation->rebuild.range.last, last));
        return;
    }
    (void)puts("day         log              unauthorised  refused   logins");
    for (size_t i = 0; i < dossier->day_count; i++) {
        const struct dossier_day *day = &dossier->days[i];
        (void)printf("%*s%s  %-15s  %12lu %8lu %8lu\n", INDENT, "", day_format(day->day, text),
                     explanation->conf->logs[day->log].format->name, (unsigned long)day->counts.unauthorized,
                     (unsigned long)day->counts.refused, (unsigned long)day->counts.logins);
    }
}

/* Whether people want to see this field of an untouched record beside its time, host and status. */
static bool is_telling(const struct record_view *view, const struct log_format *format, size_t field)
{
    static const char *const others[] = {"client address", "server", "server domain", "client", "message id", "size"};
    if (field == view->time || field == view->status || (int)field + 1 == format->password_field)
        return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(format->fields[field], others[i]) == 0)
            return false;
    return true;
}

/* The record's other fields, by name unless a client has moved them: then none is shown if one may be a password. */
static void print_fields(const struct record_reader *reader, const struct record_view *view, size_t status,
                         const struct log_format *format)
{
    struct buffer text = {0};
    const bool has_password = format->password_field > 0;
    const bool in_place = view->untouched && (!has_password || status != RECORD_NO_FIELD);
    if (!in_place)
        buffer_add_text(&text, "(the client moved the fields)");
    const bool shown = in_place || !has_password;
    for (size_t i = 0; shown && i < view->field_count; i++) {
        const struct field field = record_field(reader, i);
        if (field.length == 0 || (in_place && !is_telling(view, format, i)))
            continue;
        buffer_add_format(&text, "%s%s \"", text.length > 0 ? ", " : "", in_place ? format->fields[i] : "field");
        buffer_add(&text, field.text, field.length);
        buffer_add_text(&text, "\"");
    }
    if (text.length > 0)
        print_paragraph("      ", 6, text.bytes, text.length);
    buffer_clear(&text);
}

static void print_record(struct record_reader *reader, const struct conf_log *log, const struct dossier_record *record)
{
    struct record_view view;
    if (!record_look(reader, record->line, record->length, &view))
        return; /* no memory */
    const struct field time = record_field(reader, view.time);
    const size_t shown = logrow_status(log->format, reader, &view);
    struct buffer text = {0};
    buffer_add(&text, time.text, time.length);
    buffer_add_format(&text, "  %s", log->format->name);
    if (shown != RECORD_NO_FIELD) {
        const struct field status = record_field(reader, shown);
        buffer_add_text(&text, "  ");
        buffer_add(&text, status.text, status.length);
    }
    if (!(record->verdict & VERDICT_UNAUTHORIZED))
        buffer_add_text(&text, " (refused)");
    print_paragraph("  ", 2, text.bytes ? text.bytes : "", text.length);
    buffer_clear(&text);
    print_fields(reader, &view, shown, log->format);
}

/* The readers, one for each log, are made when its first record is shown. */
static void print_all_records(const struct explanation *explanation, struct record_reader **readers)
{
    const struct dossier *dossier = &explanation->dossier;
    const struct conf_log *logs = explanation->conf->logs;
    for (size_t i = 0; i < dossier->record_count; i++) {
        struct record_reader **reader = &readers[dossier->records[i].log];
        struct error error;
        if (!*reader)
            *reader = record_reader_new(&logs[dossier->records[i].log], explanation->rebuild.range, &error);
        if (!*reader) {
            say("%s", error.text);
            return;
        }
        print_record(*reader, &logs[dossier->records[i].log], &dossier->records[i]);
    }
}

static void print_records(const struct explanation *explanation)
{
    const struct dossier *dossier = &explanation->dossier;
    const unsigned long long all = dossier->record_count + dossier->records_left_out;
    struct record_reader **readers = calloc(explanation->conf->log_count, sizeof *readers);
    if (all > 0 && readers) {
        (void)printf("\n%-*s", INDENT, "Records");
        if (dossier->records_left_out > 0)
            (void)printf("the newest %zu of %llu; --all shows them all\n", dossier->record_count, all);
        else
            (void)printf("%llu\n", all);
        print_all_records(explanation, readers);
    }
    for (size_t i = 0; readers && i < explanation->conf->log_count; i++)
        record_reader_free(readers[i]);
    free(readers);
}

/* --- whitelist, list, history ------------------------------------------------------------------------------------- */

/* An IPv6 network of the whitelist takes in IPv6 hosts only. */
static bool lets_in(const struct network *network, struct address host)
{
    return network_contains(network, host) && network_is_ipv4(network) == address_is_ipv4(host);
}

/* The first network of these that holds the host. */
static bool find_network(const struct whitelist *whitelist, struct address host, struct network *network)
{
    for (size_t family = 0; family < sizeof whitelist->own / sizeof *whitelist->own; family++)
        for (size_t position = 0; netset_next(&whitelist->own[family], &position, network);)
            if (lets_in(network, host))
                return true;
    return false;
}

/* The line of the whitelist file by which the host is white-listed. False: there is none. */
static bool find_line(const struct buffer *content, struct address host, struct whitelist_line *line,
                      struct network *network)
{
    struct error ignored;
    *line = (struct whitelist_line){0};
    while (whitelist_next(content, line))
        if (whitelist_parse_line(content, line, network, &ignored) > 0 && lets_in(network, host))
            return true;
    return false;
}

/* Returns whether the whitelist file lets the host in, and then by what network. */
static bool print_whitelist(const struct explanation *explanation, struct network *by_file)
{
    const struct conf *conf = explanation->conf;
    const struct whitelist_rule *rule = whitelist_xmail_rule(&explanation->rebuild.whitelist, explanation->host);
    struct buffer content = {0};
    struct whitelist_line line;
    struct network network;
    struct error ignored;
    char text[NETWORK_TEXT_SIZE];
    const char *title = "Whitelist";
    const bool read = readfile(conf->whitelist_file, &content, &ignored) > 0;
    const bool found = read && find_line(&content, explanation->host, &line, by_file);
    (void)putchar('\n');
    if (found) {
        tell("%-*s%s:%lu:", INDENT, title, conf->whitelist_file, line.number);
        print_line(content.bytes + line.offset, line.length);
        title = "";
    }
    if (find_network(&conf->whitelist_setting, explanation->host, &network)) {
        tell("%-*swhitelist of %s: %s", INDENT, title, conf->path, network_format(&network, text));
        title = "";
    }
    if (rule && rule->trusted) {
        tell("%-*s%s/smtp.ipprop.tab:%lu: XMail trusts %s", INDENT, title, conf->mail_root, rule->line,
             network_format(&rule->network, text));
        title = "";
    }
    if (*title)
        tell("%-*snot white-listed", INDENT, title);
    buffer_clear(&content);
    return found;
}

static void add_meaning(const struct spamtab_line *line, struct buffer *text)
{
    if (line->code > 0)
        buffer_add_text(text, "XMail refuses it when it connects.");
    else if (line->code == 0)
        buffer_add_text(text, "XMail refuses it at MAIL FROM, unless it has authenticated.");
    else
        buffer_add_format(text, "XMail has it wait %d second%s after each command, and does not refuse it.",
                          -line->code, line->code == -1 ? "" : "s");
    if (line->permanent)
        buffer_add_text(text, " The line is permanent.");
}

static void print_list(const struct explanation *explanation)
{
    const struct spamtab_line *line = first_line(explanation);
    const struct tablefile *list = &explanation->rebuild.list.table;
    struct buffer text = {0};
    (void)putchar('\n');
    if (!line) {
        tell("%-*sno line of %s has it", INDENT, "List", list->path);
        return;
    }
    tell("%-*s%s:%lu:", INDENT, "List", list->path, line->number);
    print_line(list->content.bytes + line->offset, line->length);
    add_meaning(line, &text);
    print_section("", &text);
}

static void print_history(const struct explanation *explanation)
{
    const struct history *history = &explanation->history;
    const char *title = "History";
    (void)putchar('\n');
    if (history->count == 0)
        tell("%-*sspammers-log %s", INDENT, title, explanation->recalled ? "tells nothing of it" : "can't be read");
    for (size_t i = 0; i < history->count; i++) {
        const struct history_event *event = &history->events[i];
        struct buffer text = {0};
        char network[NETWORK_TEXT_SIZE];
        buffer_add_format(&text, "%s %s", event->time, event->removed ? "removed" : "added");
        if (!network_is_host(&event->network))
            buffer_add_format(&text, " as %s", network_format(&event->network, network));
        buffer_add_format(&text, ": %s", event->detail);
        print_section(title, &text);
        title = "";
    }
}

/* --- what to do --------------------------------------------------------------------------------------------------- */

static void print_call(const struct explanation *explanation, const char *what, const char *command,
                       const struct network *network)
{
    char text[NETWORK_TEXT_SIZE];
    struct buffer call = {0};
    prepare_call_text(explanation->options, &call);
    buffer_add_format(&call, " %s %s", command, network_format(network, text));
    buffer_add(&call, "", 1);
    (void)printf("\n%s:\n", what);
    if (!call.failed)
        tell("    %s", call.bytes);
    buffer_clear(&call);
}

static void print_remedies(const struct explanation *explanation, const struct network *by_file)
{
    const struct network host = network_host(explanation->host);
    const struct spamtab_line *line = first_line(explanation);
    const bool is_permanent = line && line->permanent && spamtab_rejects(line);
    unsigned ignored;
    if (by_file && line)
        print_call(explanation, "To take it off the list", "allow", &host);
    if (by_file)
        print_call(explanation, "To let it in no longer", "allow --undo", by_file);
    else
        print_call(explanation, "To let it in for good", "allow", &host);
    if (is_permanent && network_is_prefix(&line->network, &ignored)) /* others are to be changed by hand */
        print_call(explanation, "To have its entry go with the others", "block --undo", &line->network);
    else if (!is_permanent && !by_file)
        print_call(explanation, "To refuse it for good", "block", &host);
}

void explanation_print(const struct explanation *explanation)
{
    struct network network;
    print_verdict(explanation);
    print_days(explanation);
    print_records(explanation);
    const bool by_file = print_whitelist(explanation, &network);
    print_list(explanation);
    print_history(explanation);
    print_remedies(explanation, by_file ? &network : NULL);
}
