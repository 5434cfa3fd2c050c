/* SPDX-License-Identifier: MIT */
#include "conf.h"

#include "array.h"
#include "buffer.h"
#include "settings.h"

#include <errno.h>
#include <iconv.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    ADDRESS_FIELD_MAX = 64,
    FORMAT_NAMES_MAX = 32,
};

static const char default_directory[] = "logs";
static const char *const default_formats[] = {"smtp", "pop3"};

static const char *const save_modes[] = {"append", "replace", "none", NULL};
static const char *const orders[] = {"address", "hits", NULL};
_Static_assert(sizeof(enum save_mode) == sizeof(int) && sizeof(enum list_order) == sizeof(int),
               "choices are stored as int");

/* One entry of logs while it is read. */
struct log_reading {
    struct conf_log log;
    char *format;
};

/* --- what is allowed of a single setting -------------------------------------------------------------------------- */

/* The names of the formats that can be a source, NULL-ended. */
static void source_names(const char *names[FORMAT_NAMES_MAX + 1])
{
    size_t rows;
    size_t count = 0;
    const struct log_format *table = format_table(&rows);
    for (size_t i = 0; i < rows && count < FORMAT_NAMES_MAX; i++)
        if (format_is_source(&table[i]))
            names[count++] = table[i].name;
    names[count] = NULL;
}

static bool check_absolute(const struct settings *settings, const config_setting_t *setting, const char *text)
{
    if (*text == '/')
        return true;
    settings_fault(settings, setting, "must be an absolute path, one that begins with \"/\", but is \"%s\"", text);
    return false;
}

static bool check_format(const struct settings *settings, const config_setting_t *setting, const char *text)
{
    const struct log_format *format = format_find(text);
    if (format && format_is_source(format))
        return true;
    const char *names[FORMAT_NAMES_MAX + 1];
    source_names(names);
    if (format)
        settings_fault(settings, setting,
                       "the log \"%s\" holds no client address and cannot be a source; take it out of logs", text);
    else
        settings_unknown_word(settings, setting, text, names);
    return false;
}

static bool check_file_name(const struct settings *settings, const config_setting_t *setting, const char *text)
{
    if (!strchr(text, '/'))
        return true;
    settings_fault(settings, setting,
                   "\"%s\" must be a file name, in which * and ? may stand, without \"/\"; its directory goes into "
                   "directory",
                   text);
    return false;
}

static bool check_encoding(const struct settings *settings, const config_setting_t *setting, const char *text)
{
    iconv_t conversion = iconv_open("UTF-8", text);
    /* POSIX names this value of iconv_t for a failure. */
    if ((intptr_t)conversion != -1) {
        (void)iconv_close(conversion);
        return true;
    }
    if (errno == EINVAL)
        settings_fault(settings, setting, "the encoding \"%s\" is not known here; allowed is what \"iconv -l\" lists",
                       text);
    else
        settings_fault(settings, setting, "unable to convert from \"%s\": %s", text, strerror(errno));
    return false;
}

/* --- the tables --------------------------------------------------------------------------------------------------- */

#define LOG_PLACE(member) offsetof(struct log_reading, member)

static const struct setting_row log_rows[] = {
    {.name = "format", .type = SETTING_STRING, .offset = LOG_PLACE(format), .check = check_format},
    {.name = "enabled", .type = SETTING_BOOLEAN, .offset = LOG_PLACE(log.enabled), .number = true},
    {.name = "files", .type = SETTING_STRINGS, .offset = LOG_PLACE(log.files), .check = check_file_name},
    {.name = "directory", .type = SETTING_STRINGS, .offset = LOG_PLACE(log.directories)},
    {.name = "unauthorized", .type = SETTING_PATTERN, .offset = LOG_PLACE(log.unauthorized)},
    {.name = "refused", .type = SETTING_PATTERN, .offset = LOG_PLACE(log.refused)},
    {.name = "encoding", .type = SETTING_STRING, .offset = LOG_PLACE(log.encoding), .check = check_encoding},
    {.name = "address_field",
     .type = SETTING_INTEGER,
     .offset = LOG_PLACE(log.address_field),
     .lowest = 1,
     .highest = ADDRESS_FIELD_MAX},
    {.name = "address_pattern", .type = SETTING_PATTERN, .offset = LOG_PLACE(log.address_pattern), .group = "ip"},
    {.name = NULL},
};

static void read_whitelist(const struct settings *settings, const config_setting_t *setting, void *target);
static void read_logs(const struct settings *settings, const config_setting_t *setting, void *target);

#define PLACE(member) offsetof(struct conf, member)
/* A whole number with its default, lowest and highest value. */
#define INTEGER(setting, member, preset, least, most)                                                                  \
    {                                                                                                                  \
        .name = (setting), .type = SETTING_INTEGER, .offset = PLACE(member), .number = (preset), .lowest = (least),    \
        .highest = (most)                                                                                              \
    }
#define BOOLEAN(setting, member, preset)                                                                               \
    {                                                                                                                  \
        .name = (setting), .type = SETTING_BOOLEAN, .offset = PLACE(member), .number = (preset)                        \
    }
#define CHOICE(setting, member, preset, words)                                                                         \
    {                                                                                                                  \
        .name = (setting), .type = SETTING_CHOICE, .offset = PLACE(member), .number = (preset), .choices = (words)     \
    }

static const struct setting_row auto_rows[] = {
    BOOLEAN("enabled", schedule.enabled, false),
    INTEGER("from", schedule.from, 0, 0, 23),
    INTEGER("to", schedule.to, 0, 0, 23),
    INTEGER("interval", schedule.interval, 60, 10, INT_MAX),
    INTEGER("max_added", max_added, 10000, 1, INT_MAX),
    {.name = NULL},
};

static const struct setting_row conf_rows[] = {
    {.name = "mail_root", .type = SETTING_STRING, .offset = PLACE(mail_root_set), .check = check_absolute},
    CHOICE("save_mode", save_mode, SAVE_APPEND, save_modes),
    CHOICE("order", order, ORDER_ADDRESS, orders),
    INTEGER("search_days", search_days, 7, 1, INT_MAX),
    INTEGER("register_count", register_count, 5, 1, INT_MAX),
    INTEGER("remove_count", remove_count, CONF_NO_REMOVE_COUNT, 0, INT_MAX),
    {.name = "whitelist", .type = SETTING_CUSTOM, .read = read_whitelist},
    {.name = "whitelist_file", .type = SETTING_STRING, .offset = PLACE(whitelist_file), .text = "whitelist"},
    BOOLEAN("xmail_whitelist", xmail_whitelist, true),
    BOOLEAN("exempt_authenticated", exempt_authenticated, true),
    INTEGER("ipv4_prefix", ipv4_prefix, 32, 8, 32),
    INTEGER("ipv6_prefix", ipv6_prefix, 128, 16, 128),
    {.name = "permanent_pattern",
     .type = SETTING_PATTERN,
     .offset = PLACE(permanent),
     .text = "(?:^|[\",\t])permanent=1(?:$|[\",\t])"},
    {.name = "auto", .type = SETTING_GROUP, .rows = auto_rows},
    INTEGER("max_backups", max_backups, 100, 1, INT_MAX),
    INTEGER("threads", threads, 0, 0, 64),
    {.name = "logs", .type = SETTING_CUSTOM, .read = read_logs},
    {.name = NULL},
};

/* --- whitelist ---------------------------------------------------------------------------------------------------- */

static void read_whitelist(const struct settings *settings, const config_setting_t *setting, void *target)
{
    const char wanted[] = "an array or list of strings, such as [ \"192.0.2.7\", \"2001:db8::/32 partner\" ]";
    struct conf *conf = target;
    if (!settings_is_sequence(setting)) {
        settings_wrong_type(settings, setting, wanted);
        return;
    }
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *entry = config_setting_get_elem(setting, (unsigned)i);
        struct error error;
        if (config_setting_type(entry) != CONFIG_TYPE_STRING) {
            settings_wrong_type(settings, entry, "a string in each entry");
            continue;
        }
        const char *text = config_setting_get_string(entry);
        if (!text)
            settings_no_memory(settings);
        else if (whitelist_add(&conf->whitelist, text, strlen(text), &error) < 0)
            settings_fault(settings, entry, "%s", error.text);
    }
}

/* --- logs --------------------------------------------------------------------------------------------------------- */

void conf_log_clear(struct conf_log *log)
{
    strings_free(log->files);
    strings_free(log->directories);
    pattern_free(log->unauthorized);
    pattern_free(log->refused);
    free(log->encoding);
    pattern_free(log->address_pattern);
}

static void compile_default(const struct settings *settings, const char *text, struct pattern **pattern)
{
    struct error error;
    if (text && pattern_compile(text, pattern, &error) < 0)
        messages_add(settings->problems, "%s", error.text);
}

/* Gives the log what its format brings along, as far as the group (NULL: nothing was given) doesn't set it. */
static void add_defaults(const struct settings *settings, const config_setting_t *group, struct conf_log *log)
{
    const struct log_format *format = log->format;
    if (!group || !config_setting_get_member(group, "files")) {
        log->files = strings_of(format->files);
        if (!log->files)
            settings_no_memory(settings);
    }
    if (!group || !config_setting_get_member(group, "unauthorized"))
        compile_default(settings, format->unauthorized, &log->unauthorized);
    if (!group || !config_setting_get_member(group, "refused"))
        compile_default(settings, format->refused, &log->refused);
    if (log->address_field == 0)
        log->address_field = format->address_field;
}

/* An example of what unauthorized may be where there is no default. */
static const char *example_pattern(const struct log_format *format)
{
    return strcmp(format->name, "filters") == 0 ? "^3$" : "^LoginFailure$";
}

/* The patterns must fit the format: a status to be tried on, and one to try on it. */
static void check_patterns(const struct settings *settings, const config_setting_t *group,
                           const struct log_format *format)
{
    static const char *const patterns[] = {"unauthorized", "refused"};
    for (size_t i = 0; format->status_field == 0 && i < sizeof patterns / sizeof *patterns; i++) {
        const config_setting_t *setting = config_setting_get_member(group, patterns[i]);
        if (setting)
            settings_fault(settings, setting,
                           "the log \"%s\" has no status that it could be tried on, every record counts; take it out",
                           format->name);
    }
    if (format->status_field == 0 || format->unauthorized || config_setting_get_member(group, "unauthorized"))
        return;
    struct error allowed;
    (void)error_set(&allowed, "there is no default for the log \"%s\". It is tried on field %d, %s; for example \"%s\"",
                    format->name, format->status_field, format->fields[format->status_field - 1],
                    example_pattern(format));
    settings_missing(settings, group, "unauthorized", allowed.text);
}

/* What is given is stored in *log even if it is faulty: conf_free frees it. */
static void read_log(const struct settings *settings, const config_setting_t *group, struct conf_log *log)
{
    struct log_reading reading = {.format = NULL};
    settings_read(settings, group, log_rows, &reading);
    *log = reading.log;
    log->address_overridden =
        config_setting_get_member(group, "address_field") || config_setting_get_member(group, "address_pattern");
    log->format = reading.format ? format_find(reading.format) : NULL;
    free(reading.format);
    if (log->format) {
        check_patterns(settings, group, log->format);
        add_defaults(settings, group, log);
    } else if (!config_setting_get_member(group, "format")) {
        const char *names[FORMAT_NAMES_MAX + 1];
        source_names(names);
        settings_missing_word(settings, group, "format", names);
    }
}

static void read_logs(const struct settings *settings, const config_setting_t *setting, void *target)
{
    const char wanted[] = "a list of groups, such as ( { format = \"smtp\"; } )";
    struct conf *conf = target;
    if (!settings_is_sequence(setting)) {
        settings_wrong_type(settings, setting, wanted);
        return;
    }
    int count = config_setting_length(setting);
    if (count == 0) {
        settings_fault(settings, setting,
                       "must not be empty; without this setting the logs \"smtp\" and \"pop3\" are read");
        return;
    }
    conf->logs = calloc((size_t)count, sizeof *conf->logs);
    if (!conf->logs) {
        settings_no_memory(settings);
        return;
    }
    for (int i = 0; i < count; i++) {
        const config_setting_t *group = config_setting_get_elem(setting, (unsigned)i);
        if (config_setting_is_group(group))
            read_log(settings, group, &conf->logs[conf->log_count++]);
        else
            settings_wrong_type(settings, group, "a group such as { format = \"smtp\"; } in each entry");
    }
}

static void default_logs(const struct settings *settings, struct conf *conf)
{
    const size_t count = sizeof default_formats / sizeof *default_formats;
    conf->logs = calloc(count, sizeof *conf->logs);
    if (!conf->logs) {
        settings_no_memory(settings);
        return;
    }
    for (; conf->log_count < count; conf->log_count++) {
        struct conf_log *log = &conf->logs[conf->log_count];
        log->format = format_find(default_formats[conf->log_count]);
        log->enabled = true;
        add_defaults(settings, NULL, log);
    }
}

/* --- what only the whole configuration tells ---------------------------------------------------------------------- */

static void check_counts(const struct settings *settings, const config_setting_t *root, const struct conf *conf)
{
    const config_setting_t *setting = config_setting_get_member(root, "remove_count");
    if (setting && conf->register_count >= 1 && conf->remove_count >= conf->register_count)
        settings_fault(settings, setting, "must be less than register_count, which is %d, but is %d",
                       conf->register_count, conf->remove_count);
}

/* Without an enabled log nobody can be registered; entries can still be removed. */
static void check_enabled(const struct settings *settings, const config_setting_t *root, const struct conf *conf)
{
    const config_setting_t *setting = config_setting_get_member(root, "logs");
    bool removes = conf->save_mode == SAVE_APPEND && config_setting_get_member(root, "remove_count");
    if (setting && conf->log_count > 0 && !conf_log_enabled(conf) && !removes)
        settings_fault(settings, setting,
                       "at least one log must be enabled, unless save_mode is \"append\" and remove_count is given, "
                       "so that entries are only removed");
}

/* What is known of MailRoot without the configuration's text, by what goes before the setting, or behind it. */
struct mail_root_hints {
    const char *given;       /* -r, or NULL */
    const char *environment; /* MAIL_ROOT, or NULL */
};

static void take_mail_root(const struct settings *settings, struct conf *conf, const char *path, const char *source)
{
    if (*path != '/')
        messages_add(settings->problems, "unable to use \"%s\" as MailRoot (%s): it must be an absolute path", path,
                     source);
    else if (!(conf->mail_root = strdup(path)))
        settings_no_memory(settings);
}

static void trim(char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
}

/* The one in which the file is. */
static void take_place(const struct settings *settings, struct conf *conf)
{
    conf->mail_root = path_mail_root_of(conf->path);
    if (!conf->mail_root && errno == ENOMEM)
        settings_no_memory(settings);
    else if (!conf->mail_root)
        messages_add(settings->problems,
                     "unable to find MailRoot: give it by the option -r, by mail_root in %s or by the environment "
                     "variable MAIL_ROOT",
                     conf->path);
}

static enum mail_root_origin choose_mail_root(const struct settings *settings, bool is_set,
                                              const struct mail_root_hints *hints, struct conf *conf)
{
    enum mail_root_origin origin = MAIL_ROOT_SETTING;
    if (hints->given) {
        take_mail_root(settings, conf, hints->given, "option -r");
        origin = MAIL_ROOT_OPTION;
    } else if (!is_set && hints->environment && *hints->environment != '\0') {
        take_mail_root(settings, conf, hints->environment, "environment variable MAIL_ROOT");
        origin = MAIL_ROOT_ENVIRONMENT;
    } else if (!is_set) {
        take_place(settings, conf);
        origin = MAIL_ROOT_PLACE;
    } else if (conf->mail_root_set) { /* it isn't faulty */
        take_mail_root(settings, conf, conf->mail_root_set, "mail_root");
    }
    if (conf->mail_root)
        trim(conf->mail_root);
    return origin;
}

/* Makes the log's directories absolute; one whose setting was faulty has none. */
static void place_log(const struct settings *settings, const char *mail_root, struct conf_log *log)
{
    if (!log->directories && !(log->directories = strings_of(default_directory)))
        settings_no_memory(settings);
    for (char **directory = log->directories; directory && *directory; directory++) {
        if (**directory == '/')
            continue;
        char *path = path_join(mail_root, *directory);
        if (!path) {
            settings_no_memory(settings);
            return;
        }
        free(*directory);
        *directory = path;
    }
}

static void place_files(const struct settings *settings, struct conf *conf)
{
    for (size_t i = 0; conf->mail_root && i < conf->log_count; i++)
        place_log(settings, conf->mail_root, &conf->logs[i]);
    if (!conf->whitelist_file)
        return;
    struct error error;
    char *path = conftext_beside(conf->path, conf->whitelist_file);
    if (!path) {
        settings_no_memory(settings);
        return;
    }
    free(conf->whitelist_file);
    conf->whitelist_file = path;
    conf->author = settings->text->author;
    if (whitelist_copy(&conf->whitelist, &conf->whitelist_setting, &error) < 0)
        settings_no_memory(settings);
    whitelist_read(&conf->whitelist, path, settings->text->author, settings->problems);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static void report_syntax(const struct settings *settings, const config_t *config)
{
    unsigned line;
    const char *file = conftext_place(settings->text, (unsigned)config_error_line(config), &line);
    const char *text = config_error_text(config);
    /* It is seen at the first word that can't follow, which may be that of the next setting. */
    const char *where = strcmp(text, "syntax error") == 0 ? ", here or just before" : "";
    messages_add(settings->problems,
                 "%s:%u: %s%s; allowed are settings of the form NAME = VALUE; each only once, and comments behind #",
                 file, line, text, where);
}

/* As well as it can be told without the settings, and without a word if it can't. */
static enum mail_root_origin guess_mail_root(const struct settings *settings, const struct mail_root_hints *hints,
                                             struct conf *conf)
{
    struct messages unsaid = {0};
    const struct settings silent = {.text = settings->text, .problems = &unsaid};
    enum mail_root_origin origin = choose_mail_root(&silent, false, hints, conf);
    messages_clear(&unsaid);
    return origin;
}

static enum mail_root_origin read_settings(const struct settings *settings, const struct mail_root_hints *hints,
                                           struct conf *conf)
{
    config_t config;
    enum mail_root_origin origin;
    config_init(&config);
    if (config_read_string(&config, settings->text->text.bytes) == CONFIG_TRUE) {
        const config_setting_t *root = config_root_setting(&config);
        settings_read(settings, root, conf_rows, conf);
        if (!config_setting_get_member(root, "logs"))
            default_logs(settings, conf);
        check_counts(settings, root, conf);
        check_enabled(settings, root, conf);
        origin = choose_mail_root(settings, config_setting_get_member(root, "mail_root"), hints, conf);
        place_files(settings, conf);
        if (!conf->mail_root) /* a faulty setting: its fault is to be logged somewhere */
            origin = guess_mail_root(settings, hints, conf);
    } else {
        report_syntax(settings, &config);
        origin = guess_mail_root(settings, hints, conf);
    }
    config_destroy(&config);
    return origin;
}

/* Hands over what is known; the text's files go along. */
static void take_sources(const struct conf *conf, enum mail_root_origin origin, struct conftext *text,
                         struct conf_sources *sources)
{
    *sources = (struct conf_sources){.origin = origin, .files = text->files, .file_count = text->file_count};
    text->files = NULL;
    text->file_count = 0;
    if (conf && conf->mail_root)
        sources->mail_root = strdup(conf->mail_root);
    if (!conf || !conf->whitelist_file)
        return;
    struct conftext_file *files = array_grow(sources->files, sources->file_count, sizeof *files);
    char *path = files ? strdup(conf->whitelist_file) : NULL;
    if (files)
        sources->files = files;
    if (path)
        files[sources->file_count++] = (struct conftext_file){path, identity_of(path)};
}

struct conf *conf_read(const char *path, const char *mail_root_given, const char *mail_root_environment,
                       struct conf_sources *sources, struct messages *problems)
{
    const struct mail_root_hints hints = {mail_root_given, mail_root_environment};
    const size_t before = problems->count + problems->lost;
    enum mail_root_origin origin = MAIL_ROOT_SETTING;
    struct conf *conf = calloc(1, sizeof *conf);
    struct conftext text = {.file_count = 0};
    struct settings settings = {.text = &text, .problems = problems};
    struct error error;
    if (conf)
        conf->path = strdup(path);
    if (!conf || !conf->path) {
        messages_add(problems, "unable to read %s: out of memory", path);
    } else if (conftext_read(path, &text, &error) < 0) {
        messages_add(problems, "%s", error.text);
        origin = guess_mail_root(&settings, &hints, conf);
    } else {
        origin = read_settings(&settings, &hints, conf);
    }
    if (sources)
        take_sources(conf, origin, &text, sources);
    conftext_clear(&text);
    if (problems->count + problems->lost == before)
        return conf;
    conf_free(conf);
    return NULL;
}

char *conf_find_mail_root(const char *path, const char *mail_root_given, const char *mail_root_environment,
                          struct messages *problems)
{
    struct conf_sources sources;
    conf_free(conf_read(path, mail_root_given, mail_root_environment, &sources, problems));
    char *mail_root = sources.mail_root;
    sources.mail_root = NULL;
    conf_sources_clear(&sources);
    return mail_root;
}

int conf_find_alone(const struct conf *conf, char **mail_root)
{
    *mail_root = conf->mail_root_set ? strdup(conf->mail_root_set) : path_mail_root_of(conf->path);
    if (!*mail_root)
        return errno == ENOENT ? 0 : -1;
    trim(*mail_root);
    return 1;
}

void conf_sources_clear(struct conf_sources *sources)
{
    free(sources->mail_root);
    for (size_t i = 0; i < sources->file_count; i++)
        free(sources->files[i].path);
    free(sources->files);
    *sources = (struct conf_sources){.file_count = 0};
}

void conf_free(struct conf *conf)
{
    if (!conf)
        return;
    for (size_t i = 0; i < conf->log_count; i++)
        conf_log_clear(&conf->logs[i]);
    free(conf->logs);
    free(conf->path);
    free(conf->mail_root);
    free(conf->mail_root_set);
    free(conf->whitelist_file);
    pattern_free(conf->permanent);
    whitelist_clear(&conf->whitelist);
    whitelist_clear(&conf->whitelist_setting);
    free(conf);
}

int conf_log_default(const struct conf *conf, const struct log_format *format, struct conf_log *log,
                     struct error *error)
{
    struct conftext text = {.file_count = 0};
    struct messages problems = {0};
    const struct settings settings = {.text = &text, .problems = &problems};
    *log = (struct conf_log){.format = format, .enabled = true};
    add_defaults(&settings, NULL, log);
    place_log(&settings, conf->mail_root, log);
    const bool made = messages_empty(&problems);
    messages_clear(&problems);
    if (made)
        return 1;
    conf_log_clear(log);
    return error_memory(error, "find logs");
}

bool conf_log_enabled(const struct conf *conf)
{
    for (size_t i = 0; i < conf->log_count; i++)
        if (conf->logs[i].enabled)
            return true;
    return false;
}

int conf_whitelist(const struct conf *conf, struct whitelist *whitelist, struct error *error)
{
    if (whitelist_copy(&conf->whitelist, whitelist, error) < 0)
        return -1;
    if (conf->xmail_whitelist) {
        char *path = path_join(conf->mail_root, PATH_XMAIL_WHITELIST);
        int result = path ? whitelist_read_xmail(whitelist, path, error) : error_memory(error, "read the whitelist");
        free(path);
        if (result < 0)
            return -1;
    }
    return whitelist_seal(whitelist, error);
}

void conf_add_mail_root(const char *mail_root, struct buffer *line)
{
    buffer_add_text(line, "mail_root = \"");
    for (const char *at = mail_root; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            buffer_add_text(line, "\\");
        buffer_add(line, at, 1);
    }
    buffer_add_text(line, "\";");
}

const char *conf_save_mode_name(enum save_mode mode)
{
    return save_modes[mode];
}
