/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include "error.h"
#include "nearest.h"
#include "pattern.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAMES_MAX = 64,      /* rows of a table, words of a choice */
    NAME_SIZE = 128,     /* of a setting with the groups around it */
    NAMES_SIZE = 512,    /* of all of them in a message */
    MESSAGE_SIZE = 2048, /* patterns may be long, and what is cut is their end */
};

bool settings_is_sequence(const config_setting_t *setting)
{
    return config_setting_is_array(setting) || config_setting_is_list(setting);
}

/* The name with those of the groups around it; an entry of a list goes by the list's name. */
static const char *full_name(const config_setting_t *setting, char name[NAME_SIZE])
{
    name[0] = '\0';
    for (; setting && setting->name == NULL; setting = config_setting_parent(setting))
        ;
    if (!setting)
        return name;
    full_name(config_setting_parent(setting), name);
    size_t used = strlen(name);
    (void)snprintf(name + used, NAME_SIZE - used, "%s%s", used > 0 ? "." : "", config_setting_name(setting));
    return name;
}

static void report(const struct settings *settings, unsigned line, const char *name, const char *what)
{
    unsigned file_line;
    const char *file = conftext_place(settings->text, line, &file_line);
    messages_add(settings->problems, "%s:%u: %s: %s", file, file_line, name, what);
}

void settings_fault(const struct settings *settings, const config_setting_t *setting, const char *format, ...)
{
    char name[NAME_SIZE];
    char what[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    report(settings, config_setting_source_line(setting), full_name(setting, name), what);
}

void settings_missing(const struct settings *settings, const config_setting_t *group, const char *name,
                      const char *allowed)
{
    char full[NAME_SIZE];
    char what[MESSAGE_SIZE];
    full_name(group, full);
    size_t used = strlen(full);
    (void)snprintf(full + used, sizeof full - used, "%s%s", used > 0 ? "." : "", name);
    (void)snprintf(what, sizeof what, "must be given; %s", allowed);
    report(settings, config_setting_source_line(group), full, what);
}

static const char *type_name(const config_setting_t *setting)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_GROUP:
        return "a group { ... }";
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return "a whole number";
    case CONFIG_TYPE_FLOAT:
        return "a number with a fraction";
    case CONFIG_TYPE_STRING:
        return "a string";
    case CONFIG_TYPE_BOOL:
        return "true or false";
    case CONFIG_TYPE_ARRAY:
        return "an array [ ... ]";
    case CONFIG_TYPE_LIST:
        return "a list ( ... )";
    default:
        return "without a value";
    }
}

void settings_wrong_type(const struct settings *settings, const config_setting_t *setting, const char *wanted)
{
    settings_fault(settings, setting, "must be %s, but is %s", wanted, type_name(setting));
}

void settings_no_memory(const struct settings *settings)
{
    messages_add(settings->problems, "unable to read %s: out of memory",
                 settings->text->file_count > 0 ? settings->text->files[0].path : "the configuration");
}

/* The names for a message: a, b, c. */
static const char *list_names(const char *const *names, const char *quote, char text[NAMES_SIZE])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; names[i] && used < NAMES_SIZE; i++)
        used += (size_t)snprintf(text + used, NAMES_SIZE - used, "%s%s%s%s", i > 0 ? ", " : "", quote, names[i], quote);
    return text;
}

void settings_missing_word(const struct settings *settings, const config_setting_t *group, const char *name,
                           const char *const *names)
{
    char all[NAMES_SIZE];
    char allowed[NAMES_SIZE + sizeof "allowed: "];
    (void)snprintf(allowed, sizeof allowed, "allowed: %s", list_names(names, "\"", all));
    settings_missing(settings, group, name, allowed);
}

void settings_unknown_word(const struct settings *settings, const config_setting_t *setting, const char *word,
                           const char *const *names)
{
    char all[NAMES_SIZE];
    const char *nearest = nearest_name(word, names);
    list_names(names, "\"", all);
    if (nearest)
        settings_fault(settings, setting, "unknown word \"%s\", did you mean \"%s\"? Allowed: %s", word, nearest, all);
    else
        settings_fault(settings, setting, "unknown word \"%s\"; allowed: %s", word, all);
}

static void unknown_setting(const struct settings *settings, const config_setting_t *setting,
                            const struct setting_row *rows)
{
    const char *names[NAMES_MAX + 1];
    char all[NAMES_SIZE];
    size_t count = 0;
    for (; rows->name && count < NAMES_MAX; rows++)
        names[count++] = rows->name;
    names[count] = NULL;
    const char *nearest = nearest_name(config_setting_name(setting), names);
    if (nearest)
        settings_fault(settings, setting, "unknown setting, did you mean \"%s\"?", nearest);
    else
        settings_fault(settings, setting, "unknown setting; allowed here: %s", list_names(names, "", all));
}

char **strings_of(const char *text)
{
    char **strings = calloc(2, sizeof *strings);
    if (strings && !(strings[0] = strdup(text))) {
        free(strings);
        return NULL;
    }
    return strings;
}

void strings_free(char **strings)
{
    for (char **string = strings; string && *string; string++)
        free(*string);
    free(strings);
}

/* The text of a string setting that may be taken, or NULL: reported then. */
static const char *right_string(const struct settings *settings, const config_setting_t *setting,
                                const struct setting_row *row, const char *wanted)
{
    if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
        settings_wrong_type(settings, setting, wanted);
        return NULL;
    }
    const char *text = config_setting_get_string(setting);
    if (!text) { /* libconfig ran out of memory and didn't say so */
        settings_no_memory(settings);
        return NULL;
    }
    if (*text == '\0') {
        settings_fault(settings, setting,
                       row->type == SETTING_PATTERN
                           ? "must not be empty: it would match everything; \"(?!)\" matches nothing"
                           : "must not be empty");
        return NULL;
    }
    return row->check && !row->check(settings, setting, text) ? NULL : text;
}

/* The element of a sequence, or the setting itself, which then counts as a sequence of one. */
static const config_setting_t *element_at(const config_setting_t *setting, int index)
{
    return settings_is_sequence(setting) ? config_setting_get_elem(setting, (unsigned)index) : setting;
}

char **settings_strings(const struct settings *settings, const config_setting_t *setting, const struct setting_row *row)
{
    int count = settings_is_sequence(setting) ? config_setting_length(setting) : 1;
    bool right = true;
    if (count == 0) {
        settings_fault(settings, setting, "must name at least one");
        return NULL;
    }
    char **strings = calloc((size_t)count + 1, sizeof *strings);
    if (!strings) {
        settings_no_memory(settings);
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        const char *text =
            right_string(settings, element_at(setting, i), row, "a string, or an array or list of strings");
        if (text && right && !(strings[i] = strdup(text)))
            settings_no_memory(settings);
        right = right && text && strings[i];
    }
    if (!right) {
        strings_free(strings);
        return NULL;
    }
    return strings;
}

static void store_integer(const struct setting_row *row, void *target, int value)
{
    memcpy((char *)target + row->offset, &value, sizeof value);
}

static void store_boolean(const struct setting_row *row, void *target, bool value)
{
    memcpy((char *)target + row->offset, &value, sizeof value);
}

/* Pointers to any object look alike to POSIX. */
static void store_pointer(const struct setting_row *row, void *target, void *value)
{
    memcpy((char *)target + row->offset, &value, sizeof value);
}

static void read_boolean(const struct settings *settings, const config_setting_t *setting,
                         const struct setting_row *row, void *target)
{
    bool right = config_setting_type(setting) == CONFIG_TYPE_BOOL;
    if (!right)
        settings_wrong_type(settings, setting, "true or false");
    store_boolean(row, target, right ? config_setting_get_bool(setting) != 0 : row->number != 0);
}

static void read_integer(const struct settings *settings, const config_setting_t *setting,
                         const struct setting_row *row, void *target)
{
    int type = config_setting_type(setting);
    long long value = (long long)row->lowest - 1;
    if (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64) {
        value = type == CONFIG_TYPE_INT ? config_setting_get_int(setting) : config_setting_get_int64(setting);
        if (value < row->lowest || value > row->highest) {
            settings_fault(settings, setting, "must be a whole number from %d to %d, but is %lld", row->lowest,
                           row->highest, value);
            value = (long long)row->lowest - 1;
        }
    } else {
        settings_fault(settings, setting, "must be a whole number from %d to %d, but is %s", row->lowest, row->highest,
                       type_name(setting));
    }
    store_integer(row, target, (int)value);
}

static void read_choice(const struct settings *settings, const config_setting_t *setting, const struct setting_row *row,
                        void *target)
{
    char all[NAMES_SIZE];
    char wanted[NAMES_SIZE];
    (void)snprintf(wanted, sizeof wanted, "one of %.480s", list_names(row->choices, "\"", all));
    store_integer(row, target, row->number);
    if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
        settings_wrong_type(settings, setting, wanted);
        return;
    }
    const char *word = config_setting_get_string(setting);
    if (!word) {
        settings_no_memory(settings);
        return;
    }
    for (int i = 0; row->choices[i]; i++)
        if (strcmp(word, row->choices[i]) == 0) {
            store_integer(row, target, i);
            return;
        }
    settings_unknown_word(settings, setting, word, row->choices);
}

static void store_string(const struct settings *settings, const struct setting_row *row, const char *text, void *target)
{
    char *copy = strdup(text);
    if (!copy)
        settings_no_memory(settings);
    store_pointer(row, target, copy);
}

/* setting is NULL for a default. */
static void store_pattern(const struct settings *settings, const config_setting_t *setting,
                          const struct setting_row *row, const char *text, void *target)
{
    struct pattern *pattern = NULL;
    struct error error;
    if (pattern_compile(text, &pattern, &error) < 0) {
        if (setting)
            settings_fault(settings, setting, "%s; allowed is a regular expression of PCRE2 in UTF-8", error.text);
        else
            messages_add(settings->problems, "%s", error.text);
    }
    if (setting && pattern && row->group && !pattern_has_group(pattern, row->group))
        settings_fault(settings, setting, "must have a group named %s; for example \"from (?<%s>[0-9.]+)\"", row->group,
                       row->group);
    store_pointer(row, target, pattern);
}

static void read_group(const struct settings *settings, const config_setting_t *setting, const struct setting_row *row,
                       void *target)
{
    bool right = config_setting_is_group(setting);
    if (!right)
        settings_wrong_type(settings, setting, "a group { ... }");
    settings_read(settings, right ? setting : NULL, row->rows, target);
}

static void read_setting(const struct settings *settings, const config_setting_t *setting,
                         const struct setting_row *row, void *target)
{
    const char *text = NULL;
    switch (row->type) {
    case SETTING_BOOLEAN:
        read_boolean(settings, setting, row, target);
        break;
    case SETTING_INTEGER:
        read_integer(settings, setting, row, target);
        break;
    case SETTING_CHOICE:
        read_choice(settings, setting, row, target);
        break;
    case SETTING_STRING:
        if ((text = right_string(settings, setting, row, "a string")))
            store_string(settings, row, text, target);
        break;
    case SETTING_STRINGS:
        store_pointer(row, target, settings_strings(settings, setting, row));
        break;
    case SETTING_PATTERN:
        if ((text = right_string(settings, setting, row, "a string: a regular expression")))
            store_pattern(settings, setting, row, text, target);
        break;
    case SETTING_GROUP:
        read_group(settings, setting, row, target);
        break;
    case SETTING_CUSTOM:
        row->read(settings, setting, target);
        break;
    }
}

static void set_default(const struct settings *settings, const struct setting_row *row, void *target)
{
    if (row->type == SETTING_BOOLEAN)
        store_boolean(row, target, row->number != 0);
    else if (row->type == SETTING_INTEGER || row->type == SETTING_CHOICE)
        store_integer(row, target, row->number);
    else if (row->type == SETTING_STRING && row->text)
        store_string(settings, row, row->text, target);
    else if (row->type == SETTING_PATTERN && row->text)
        store_pattern(settings, NULL, row, row->text, target);
    else if (row->type == SETTING_GROUP)
        settings_read(settings, NULL, row->rows, target);
}

static const struct setting_row *find_row(const struct setting_row *rows, const char *name)
{
    for (; rows->name; rows++)
        if (strcmp(rows->name, name) == 0)
            return rows;
    return NULL;
}

void settings_read(const struct settings *settings, const config_setting_t *group, const struct setting_row *rows,
                   void *target)
{
    int count = group ? config_setting_length(group) : 0;
    for (int i = 0; i < count; i++) { /* in the file's order, so that the messages stand in it too */
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const struct setting_row *row = find_row(rows, config_setting_name(setting));
        if (row)
            read_setting(settings, setting, row, target);
        else
            unknown_setting(settings, setting, rows);
    }
    for (; rows->name; rows++)
        if (!group || !config_setting_get_member(group, rows->name))
            set_default(settings, rows, target);
}
