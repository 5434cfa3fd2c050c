/* SPDX-License-Identifier: MIT */
/* xmail-spammers log: the records of one kind of log, oldest first, as a table or as lines for programs. */
#include "command.h"

#include "chronicle.h"
#include "conf.h"
#include "confined.h"
#include "logrow.h"
#include "pager.h"
#include "prepare.h"
#include "progress.h"
#include "screen.h"
#include "table.h"
#include "usage.h"
#include "utf8.h"
#include "whitelist.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    COLUMNS_MAX = FORMAT_FIELDS_MAX + 2, /* with the address, and what has no name */
    NAMED_MAX = 5,                       /* files that a message names */
};

/* What is asked for. */
struct request {
    const struct log_format *format;
    unsigned long days; /* 0: search_days */
    bool as_tsv;
    bool no_pager;
    struct whitelist addresses; /* the network of --address */
    bool has_address;
    struct pattern *pattern; /* of --match, or NULL */
};

/* What a column shows. */
enum part { PART_ADDRESS = FORMAT_FIELDS_MAX, PART_REST };

/* The reading of one log, and where it stands. */
struct showing {
    const struct request *request;
    const char *conf_path;
    struct conf_log *logs;
    size_t log_count;
    struct logfiles listed; /* all */
    struct logfiles files;  /* those of them that are read: the others were last written before the range */
    struct day_range range;
    struct screen screen;
    bool paged;
    struct progress progress;
    struct matcher *matcher;
    struct logrow_maker **makers; /* for each of the logs */
    struct logrow row;
    enum part parts[COLUMNS_MAX];
    struct table_column columns[COLUMNS_MAX];
    size_t column_count;
    struct table table;
    struct buffer line; /* of TSV */
    uint64_t shown;
    uint64_t irregular;
    uint64_t unreadable; /* records in an encoding that nobody has named */
    uint64_t gave_up;    /* records on which the pattern hit a limit */
    int fault;           /* errno of the first write that failed, or 0 */
};

/* --- columns ------------------------------------------------------------------------------------------------------ */

static bool is_number(const char *name)
{
    static const char *const names[] = {"size", "messages", "bytes", "failed messages", "failed bytes", "exit code"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void add_column(struct showing *showing, enum part part, const char *heading)
{
    for (size_t i = 0; i < showing->column_count; i++)
        if (showing->parts[i] == part)
            return;
    showing->parts[showing->column_count] = part;
    showing->columns[showing->column_count++] = (struct table_column){heading, is_number(heading)};
}

/* What matters most comes first: a screen may not show the rest. */
static void choose_columns(struct showing *showing)
{
    const struct log_format *format = showing->request->format;
    add_column(showing, (enum part)(format->time_field - 1), "time");
    if (format->address_field != 0)
        add_column(showing, PART_ADDRESS, "address");
    if (format->status_field != 0)
        add_column(showing, (enum part)(format->status_field - 1), format->fields[format->status_field - 1]);
    for (int i = 0; format->fields[i]; i++)
        if (strcmp(format->fields[i], "user") == 0)
            add_column(showing, (enum part)i, format->fields[i]);
    for (int i = 0; format->fields[i]; i++)
        if (i + 1 != format->address_field)
            add_column(showing, (enum part)i, format->fields[i]);
    add_column(showing, PART_REST, "irregular");
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* Puts " | " between the fields that have no name, and a mark before them. */
static bool mark_rest(struct showing *showing)
{
    struct buffer *line = &showing->line;
    const struct buffer *rest = &showing->row.rest;
    line->length = 0;
    if (showing->row.irregular)
        buffer_add_text(line, "!");
    for (size_t at = 0; at < rest->length; at++) {
        if (at == 0)
            buffer_add_text(line, " ");
        if (rest->bytes[at] == '\t')
            buffer_add_text(line, " | ");
        else
            buffer_add(line, rest->bytes + at, 1);
    }
    return !line->failed;
}

static bool show_row(struct showing *showing)
{
    struct table_cell cells[COLUMNS_MAX];
    const struct logrow *row = &showing->row;
    if (!mark_rest(showing))
        return false;
    for (size_t i = 0; i < showing->column_count; i++) {
        const enum part part = showing->parts[i];
        const struct buffer *text = part == PART_REST      ? &showing->line
                                    : part == PART_ADDRESS ? &row->address
                                                           : &row->fields[part];
        /* What can't be an address shows as it stands. */
        if (part == PART_ADDRESS && text->length == 0 && showing->request->format->address_field > 0)
            text = &row->fields[showing->request->format->address_field - 1];
        cells[i] = (struct table_cell){text->bytes ? text->bytes : "", text->length};
    }
    return table_add(&showing->table, cells);
}

/* The number of bytes at the begin of the text that are ASCII, and stand for themselves in TSV. */
static size_t count_plain(const char *text, size_t length)
{
    const size_t plain = messages_plain(text, length);
    const char *backslash = memchr(text, '\\', plain);
    return backslash ? (size_t)(backslash - text) : plain;
}

/* Adds a character, or a byte that is none, as TSV has it. Returns its length. */
static size_t add_escaped_character(struct buffer *line, const char *text, size_t length)
{
    static const char letters[] = "\tt\nn\\\\";
    bool harmless;
    const size_t taken = messages_character(text, length, &harmless);
    const char *letter = taken == 1 && *text != '\0' ? strchr(letters, *text) : NULL;
    if (letter && (letter - letters) % 2 == 0)
        buffer_add_format(line, "\\%c", letter[1]);
    else if (harmless && utf8_length(text, length) == taken)
        buffer_add(line, text, taken);
    else
        for (size_t i = 0; i < taken; i++)
            buffer_add_format(line, "\\x%02x", (unsigned char)text[i]);
    return taken;
}

/* Adds the text so that it is one field of TSV, whatever is in it: UTF-8 stays, controls and other bytes don't. */
static void add_escaped(struct buffer *line, const char *text, size_t length)
{
    for (size_t taken; length > 0; text += taken, length -= taken) {
        taken = count_plain(text, length);
        if (taken > 0)
            buffer_add(line, text, taken);
        else
            taken = add_escaped_character(line, text, length);
    }
}

static void add_column_of_tsv(struct buffer *line, const struct buffer *text)
{
    buffer_add(line, "\t", 1);
    add_escaped(line, text->bytes ? text->bytes : "", text->length);
}

static bool write_line(struct buffer *line)
{
    buffer_add(line, "\n", 1);
    if (!line->failed)
        (void)fwrite(line->bytes, 1, line->length, stdout);
    return !line->failed;
}

static bool write_tsv_head(struct showing *showing)
{
    struct buffer *line = &showing->line;
    const struct log_format *format = showing->request->format;
    buffer_add_text(line, "file\tirregular\taddress");
    for (int i = 0; format->fields[i]; i++)
        buffer_add_format(line, "\t%s", format->fields[i]);
    buffer_add_text(line, "\trest");
    return write_line(line);
}

static bool write_tsv(struct showing *showing, const struct logfile *file)
{
    struct buffer *line = &showing->line;
    const struct logrow *row = &showing->row;
    line->length = 0;
    add_escaped(line, file->path, strlen(file->path));
    buffer_add_format(line, "\t%d", row->irregular);
    add_column_of_tsv(line, &row->address);
    for (int i = 0; showing->request->format->fields[i]; i++)
        add_column_of_tsv(line, &row->fields[i]);
    add_column_of_tsv(line, &row->rest);
    return write_line(line);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* 1: it is wanted; 0; -1: out of memory. Fills in the row if the address doesn't tell already that it isn't. */
static int take_record(struct showing *showing, const struct chronicle_record *record)
{
    const struct request *request = showing->request;
    if (request->has_address &&
        (!record->view.located || !whitelist_has(&request->addresses, record->view.record.address)))
        return 0;
    const size_t log = record->file->log;
    if (!logrow_make(showing->makers[log], &showing->logs[log], record, &showing->row))
        return -1;
    /* One whose address isn't shown for the sake of a password isn't found by it either. */
    if (request->has_address && showing->row.address.length == 0)
        return 0;
    if (!request->pattern)
        return 1;
    const struct buffer *line = &showing->row.line;
    const enum pattern_result result =
        pattern_match(request->pattern, showing->matcher, line->bytes ? line->bytes : "", line->length);
    showing->gave_up += result == PATTERN_LIMIT;
    return result == PATTERN_MATCH;
}

/* 1; 0: nobody reads it any more; -1: out of memory. */
static int show_record(struct showing *showing, const struct chronicle_record *record)
{
    const int taken = take_record(showing, record);
    if (taken <= 0)
        return taken < 0 ? -1 : 1;
    showing->shown++;
    showing->irregular += showing->row.irregular;
    const struct buffer *line = &showing->row.line;
    if (!showing->logs[record->file->log].encoding && utf8_prefix(line->bytes, line->length) < line->length)
        showing->unreadable++;
    if (!(showing->request->as_tsv ? write_tsv(showing, record->file) : show_row(showing)))
        return -1;
    if (!ferror(stdout))
        return 1;
    showing->fault = errno;
    return 0;
}

/* --- what is said behind the records ------------------------------------------------------------------------------ */

static void say_timeless(const struct showing *showing, const struct chronicle *chronicle)
{
    size_t named = 0;
    size_t files = 0;
    for (size_t i = 0; i < showing->files.count; i++) {
        const uint64_t count = chronicle_timeless(chronicle, i);
        files += count > 0;
        if (count == 0 || ++named > NAMED_MAX)
            continue;
        say("%s: %llu %s left out: too long, or without a readable time", showing->files.files[i].path,
            (unsigned long long)count, count == 1 ? "line was" : "lines were");
    }
    if (files > NAMED_MAX)
        say("lines without a readable time were left out of %zu more files", files - NAMED_MAX);
}

static const char *plural(uint64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

/* Why there is nothing to show. */
static void say_nothing_found(const struct showing *showing, uint64_t in_range)
{
    char first[DAY_TEXT_SIZE];
    char last[DAY_TEXT_SIZE];
    (void)day_format(showing->range.first, first);
    (void)day_format(showing->range.last, last);
    if (in_range > 0)
        say("none of the %llu %s from %s to %s fits %s, in %zu %s", (unsigned long long)in_range,
            plural(in_range, "record", "records"), first, last,
            !showing->request->pattern       ? "--address"
            : !showing->request->has_address ? "--match"
                                             : "both --address and --match",
            showing->files.count, plural(showing->files.count, "file", "files"));
    else
        say("no record is of %s to %s in the %zu %s that %s looked at; --days N looks farther back", first, last,
            showing->files.count, plural(showing->files.count, "file", "files"),
            plural(showing->files.count, "was", "were"));
    for (size_t i = 0; i < showing->files.count && i < NAMED_MAX; i++)
        say("looked at %s", showing->files.files[i].path);
    if (showing->files.count > NAMED_MAX)
        say("looked at %zu more", showing->files.count - NAMED_MAX);
    if (showing->listed.count > showing->files.count)
        say("%zu more %s last written before that time", showing->listed.count - showing->files.count,
            plural(showing->listed.count - showing->files.count, "was", "were"));
}

static void say_sum(const struct showing *showing, const struct chronicle *chronicle)
{
    const unsigned long long shown = showing->shown;
    if (showing->shown == 0)
        say_nothing_found(showing, chronicle_counts(chronicle).records);
    else if (!showing->request->as_tsv)
        say("%llu %s of %zu %s", shown, plural(shown, "record", "records"), showing->files.count,
            plural(showing->files.count, "file", "files"));
    if (showing->irregular > 0 && !showing->request->as_tsv)
        say("%llu of them, marked \"!\", %s not as XMail writes %s: a client has written TABs into a field, or the "
            "record is of an old version; fields that may be a password are hidden",
            (unsigned long long)showing->irregular, plural(showing->irregular, "is", "are"),
            plural(showing->irregular, "it", "them"));
    if (showing->unreadable > 0 && !showing->request->as_tsv)
        say("%llu of them %s bytes that are not UTF-8, shown as \"?\": if the log is in EUC-JP or SHIFT_JIS, say so by "
            "encoding in logs of %s; with enabled = false a log there is shown, but doesn't count",
            (unsigned long long)showing->unreadable, plural(showing->unreadable, "has", "have"), showing->conf_path);
    if (showing->gave_up > 0)
        say("on %llu %s the pattern of --match reached a limit: taken as no match",
            (unsigned long long)showing->gave_up, plural(showing->gave_up, "record", "records"));
    say_timeless(showing, chronicle);
}

/* --- the process that reads --------------------------------------------------------------------------------------- */

static bool prepare_rows(struct showing *showing, struct error *error)
{
    showing->makers = calloc(showing->log_count, sizeof(struct logrow_maker *));
    for (size_t i = 0; showing->makers && i < showing->log_count; i++) {
        showing->makers[i] = logrow_maker_new(showing->logs[i].encoding, error);
        if (!showing->makers[i])
            return false;
    }
    showing->matcher = matcher_new();
    choose_columns(showing);
    const bool cut = showing->screen.is_terminal && !showing->paged;
    if (showing->makers && showing->matcher &&
        (showing->request->as_tsv
             ? write_tsv_head(showing)
             : table_begin(&showing->table, &showing->screen, stdout, showing->columns, showing->column_count, cut)))
        return true;
    (void)error_memory(error, "show logs");
    return false;
}

/* Shows all records. 1, -1 with the error. */
static int show_all(struct showing *showing, struct chronicle *chronicle, struct error *error)
{
    struct chronicle_record record;
    int result;
    while ((result = chronicle_next(chronicle, &record, error)) > 0) {
        const int shown = show_record(showing, &record);
        if (shown < 0)
            result = error_memory(error, "show logs");
        if (shown <= 0)
            break;
    }
    if (!showing->request->as_tsv && !table_end(&showing->table) && result >= 0)
        result = error_memory(error, "show logs");
    return result < 0 ? -1 : 1;
}

/* The exit status, by whether all was written. Who quits the pager has seen enough. */
static int finish_table(const struct showing *showing)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || showing->paged)
        return EXIT_DONE;
    say("unable to write to standard output: %s", strerror(showing->fault ? showing->fault : errno));
    return EXIT_FAILED;
}

static void clear_showing(struct showing *showing)
{
    for (size_t i = 0; showing->makers && i < showing->log_count; i++)
        logrow_maker_free(showing->makers[i]);
    free(showing->makers);
    logrow_clear(&showing->row);
    matcher_free(showing->matcher);
    buffer_clear(&showing->line);
}

static int show(void *context)
{
    struct showing *showing = context;
    struct error error;
    if (showing->paged) /* what is said belongs behind the records, not upon them */
        (void)dup2(STDOUT_FILENO, STDERR_FILENO);
    const struct chronicle_request request = {.logs = showing->logs,
                                              .log_count = showing->log_count,
                                              .files = &showing->files,
                                              .range = showing->range,
                                              .progress = showing->screen.is_terminal ? NULL : progress_update,
                                              .context = &showing->progress};
    progress_begin(&showing->progress);
    struct chronicle *chronicle = chronicle_new(&request, &error);
    int result = chronicle && prepare_rows(showing, &error) ? show_all(showing, chronicle, &error) : -1;
    progress_end(&showing->progress);
    const int status = finish_table(showing);
    if (result < 0)
        say("%s", error.text);
    else if (!ferror(stdout))
        say_sum(showing, chronicle);
    chronicle_free(chronicle);
    clear_showing(showing);
    return result < 0 ? EXIT_FAILED : status;
}

/* --- what to read ------------------------------------------------------------------------------------------------- */

/* The logs of this format that are configured; or, with *own, the one that might be. */
static bool find_logs(const struct conf *conf, struct showing *showing, struct conf_log *own, struct error *error)
{
    showing->logs = calloc(conf->log_count + 1, sizeof *showing->logs);
    if (!showing->logs)
        return error_memory(error, "find logs") > 0;
    for (size_t i = 0; i < conf->log_count; i++)
        if (conf->logs[i].format == showing->request->format)
            showing->logs[showing->log_count++] = conf->logs[i];
    if (showing->log_count > 0)
        return true;
    if (conf_log_default(conf, showing->request->format, own, error) < 0)
        return false;
    showing->logs[showing->log_count++] = *own;
    return true;
}

/* What to do where no log is. */
static void say_no_log(const struct showing *showing)
{
    const struct log_format *format = showing->request->format;
    const struct conf_log *log = &showing->logs[0];
    say("there is no log \"%s\": nothing in %s is named %s", format->name, log->directories[0], log->files[0]);
    if (format->flag)
        say("XMail writes it if it is started with %s; if it lies elsewhere, give its directory and files in logs",
            format->flag);
    else
        say("XMailCFG writes it, not XMail; if it lies elsewhere, give its directory and files in logs");
}

static int show_logs(const struct command_options *options, const struct conf *conf, struct showing *showing)
{
    struct conf_log own = {.format = NULL};
    struct messages warnings = {0};
    struct error error;
    struct pager pager = {.output = -1};
    const unsigned long days = showing->request->days > 0 ? showing->request->days : (unsigned long)conf->search_days;
    int status = EXIT_FAILED;
    showing->range = day_range_until(moment_day(&options->now), days);
    showing->screen = screen_find();
    if (!find_logs(conf, showing, &own, &error) ||
        logfiles_list(showing->logs, showing->log_count, true, &warnings, &showing->listed, &error) < 0) {
        say("%s", error.text);
    } else if (showing->listed.count == 0) {
        say_all(&warnings);
        say_no_log(showing);
    } else {
        say_all(&warnings);
        showing->files = logfiles_recent(&showing->listed, showing->range.first, !options->now.rehearsed);
        if (showing->screen.is_terminal && !showing->request->no_pager && !showing->request->as_tsv)
            showing->paged = pager_begin(&pager);
        status = confined_run(show, showing);
        if (!pager_end(&pager))
            status = EXIT_FAILED;
    }
    messages_clear(&warnings);
    logfiles_clear(&showing->listed);
    free(showing->logs);
    if (own.format)
        conf_log_clear(&own);
    return status;
}

/* --- the command line --------------------------------------------------------------------------------------------- */

/* name: what was given instead of a log's, or NULL. */
static int refuse_format(const char *name)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    size_t count;
    const struct log_format *table = format_table(&count);
    for (size_t i = 0; i < count && i < NAMES_MAX; i++)
        names[i] = table[i].name;
    if (name)
        say_unknown("log", name, names);
    else
        say_missing("log", "the name of a log", names);
    return refuse_usage_of("log");
}

static bool read_days(const char *text, unsigned long *days)
{
    char *end;
    errno = 0;
    *days = strtoul(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *days >= 1)
        return true;
    say("unable to use --days '%s': it must be a whole number from 1", text);
    return false;
}

static bool read_address(const char *text, struct request *request)
{
    struct error error;
    request->has_address = true;
    whitelist_clear(&request->addresses); /* the last one counts */
    if (!strchr(text, ' ') && whitelist_add(&request->addresses, text, strlen(text), &error) > 0 &&
        whitelist_seal(&request->addresses, &error) > 0)
        return true;
    say("unable to use --address '%s': it must be an IPv4 or IPv6 address, ADDRESS/BITS or ADDRESS/NETMASK", text);
    return false;
}

static bool read_pattern(const char *text, struct request *request)
{
    struct error error;
    pattern_free(request->pattern);
    request->pattern = NULL;
    if (pattern_compile(text, &request->pattern, &error) > 0)
        return true;
    say("unable to use --match '%s': %s", text, error.text);
    return false;
}

enum { OPTION_DAYS = 256, OPTION_ADDRESS, OPTION_MATCH, OPTION_TSV, OPTION_NO_PAGER };

static bool take_option(int option, struct request *request)
{
    switch (option) {
    case OPTION_DAYS:
        return read_days(optarg, &request->days);
    case OPTION_ADDRESS:
        return read_address(optarg, request);
    case OPTION_MATCH:
        return read_pattern(optarg, request);
    case OPTION_TSV:
        request->as_tsv = true;
        return true;
    default:
        request->no_pager = true;
        return true;
    }
}

/* Reads the command's own options. -1: go on; else the exit status. */
static int parse_options(int count, char **arguments, struct request *request)
{
    static const struct option long_options[] = {{"days", required_argument, NULL, OPTION_DAYS},
                                                 {"address", required_argument, NULL, OPTION_ADDRESS},
                                                 {"match", required_argument, NULL, OPTION_MATCH},
                                                 {"tsv", no_argument, NULL, OPTION_TSV},
                                                 {"no-pager", no_argument, NULL, OPTION_NO_PAGER},
                                                 {"help", no_argument, NULL, 'h'},
                                                 {NULL, 0, NULL, 0}};
    optind = 0; /* anew, for options may stand behind the format, too: what stands before a command is read otherwise */
    for (int option; (option = next_option(count, arguments, "h", long_options)) != -1;) {
        if (option == 'h') {
            print_help();
            return EXIT_DONE;
        }
        if (option == '?')
            return refuse_usage_of("log");
        if (!take_option(option, request))
            return EXIT_USAGE;
    }
    if (optind == count)
        return refuse_format(NULL);
    request->format = format_find(arguments[optind]);
    if (!request->format)
        return refuse_format(arguments[optind]);
    if (optind + 1 < count) {
        say("log takes one log: '%s' is too much", arguments[optind + 1]);
        return refuse_usage_of("log");
    }
    if (!request->has_address || request->format->address_field != 0)
        return -1;
    say("unable to use --address: the log \"%s\" holds no client address", request->format->name);
    return EXIT_USAGE;
}

int command_log(const struct command_options *options, int count, char **arguments)
{
    struct request request = {.format = NULL};
    int status = parse_options(count, arguments, &request);
    if (status < 0) {
        struct conf *conf = prepare_configuration(options);
        struct showing *showing = conf ? calloc(1, sizeof *showing) : NULL;
        status = conf ? EXIT_FAILED : EXIT_USAGE;
        if (showing) {
            showing->request = &request;
            showing->conf_path = conf->path;
            status = show_logs(options, conf, showing);
        } else if (conf) {
            say("unable to show logs: out of memory");
        }
        free(showing);
        conf_free(conf);
    }
    whitelist_clear(&request.addresses);
    pattern_free(request.pattern);
    return status;
}
