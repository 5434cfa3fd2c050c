/* SPDX-License-Identifier: MIT */
#include "registration.h"

#include "amend.h"
#include "array.h"
#include "path.h"
#include "tablefile.h"
#include "xmailtab.h"

#include <stdlib.h>
#include <string.h>

static const char our_name[] = "xmail-spammers";
static const char our_argument[] = "filter";

enum {
    LINE_MAX_BYTES = XMAILTAB_FILTERS_LINE - 2, /* room for CRLF, so that XMail sees the whole line as one */
    CALL_FIELDS = 4,
};

/* --- the line ----------------------------------------------------------------------------------------------------- */

/* A path that begins with "/" is none of XMail's macros, which begin with "@@". */
static int check_path(const char *what, const char *path, struct error *error)
{
    if (*path != '/')
        return error_set(error, "unable to register the %s '%s': the path must be absolute, beginning with \"/\"", what,
                         path);
    for (const char *at = path; *at != '\0'; at++)
        if (*at == '"' || (unsigned char)*at < ' ' || *at == '\x7f')
            return error_set(error,
                             "unable to register the %s '%s': XMail's tables can't hold a path with quotes, TABs or "
                             "other control characters (rename it, or install to another directory)",
                             what, path);
    if (path[strlen(path) - 1] == '\\')
        return error_set(error,
                         "unable to register the %s '%s': XMail would take the backslash at its end and the quote "
                         "behind it for a quote (rename it)",
                         what, path);
    return 1;
}

int registration_format(const struct registration_call *call, struct buffer *line, struct error *error)
{
    if (check_path("program", call->program, error) < 0 || check_path("configuration", call->configuration, error) < 0)
        return -1;
    size_t before = line->length;
    buffer_add_format(line, "\"%s\"\t\"-c\"\t\"%s\"\t\"%s\"", call->program, call->configuration, our_argument);
    if (line->failed)
        return error_memory(error, "register the filter");
    if (line->length - before <= LINE_MAX_BYTES)
        return 1;
    return error_set(error,
                     "unable to register the program %s with the configuration %s: XMail takes at most %d bytes of a "
                     "line (choose shorter paths)",
                     call->program, call->configuration, LINE_MAX_BYTES);
}

/*
 * True if this is the line. It can't be the first part of a longer one, as it is shorter than what XMail takes; nor may
 * it be a later part.
 */
static bool is_ours(const struct xmailtab_line *found, const struct buffer *line)
{
    return line->length > 0 && !found->continued && found->length == line->length &&
           memcmp(found->bytes, line->bytes, line->length) == 0;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

static bool has_our_name(const char *program)
{
    const char *slash = strrchr(program, '/');
    return strcmp(slash ? slash + 1 : program, our_name) == 0;
}

/* True if the fields of a line call the filter; *command is where the program stands among them. */
static bool calls_us(const struct xmailtab_fields *fields, size_t *command)
{
    *command = fields->count > 0 && *fields->fields[0] == '!' ? 1 : 0; /* behind flags such as "!aex" */
    if (*command >= fields->count || !has_our_name(fields->fields[*command]))
        return false;
    for (size_t i = *command + 1; i < fields->count; i++)
        if (strcmp(fields->fields[i], our_argument) == 0)
            return true;
    return false;
}

/* What stands behind -c in the line, or NULL. */
static const char *configuration_of(const struct xmailtab_fields *fields, size_t command)
{
    for (size_t i = command + 1; i + 1 < fields->count && strcmp(fields->fields[i], our_argument) != 0; i++)
        if (strcmp(fields->fields[i], "-c") == 0 || strcmp(fields->fields[i], "--config") == 0)
            return fields->fields[i + 1];
    return NULL;
}

static int add_found(struct registration *found, const struct xmailtab_fields *fields, size_t command,
                     unsigned long number, bool exact, struct error *error)
{
    struct registration_line *lines = array_grow(found->lines, found->count, sizeof *lines);
    if (!lines)
        return error_memory(error, "look for the filter in " PATH_FILTERS);
    found->lines = lines;
    const char *configuration = configuration_of(fields, command);
    struct registration_line *line = &lines[found->count++];
    *line = (struct registration_line){.number = number, .exact = exact};
    line->program = strdup(fields->fields[command]);
    line->configuration = configuration ? strdup(configuration) : NULL;
    if (!line->program || (configuration && !line->configuration))
        return error_memory(error, "look for the filter in " PATH_FILTERS);
    return 1;
}

int registration_parse(const struct buffer *content, const struct buffer *line, struct registration *found,
                       struct error *error)
{
    struct xmailtab_walk walk = {.bytes = content->bytes, .length = content->length, .line_max = XMAILTAB_FILTERS_LINE};
    struct xmailtab_line at;
    struct xmailtab_fields fields;
    *found = (struct registration){0};
    while (xmailtab_next(&walk, &at)) {
        size_t command;
        xmailtab_split(&at, &fields);
        if (fields.count == 0)
            continue;
        found->last = calls_us(&fields, &command);
        if (found->last && add_found(found, &fields, command, at.number, is_ours(&at, line), error) < 0) {
            registration_clear(found);
            return -1;
        }
    }
    return 1;
}

void registration_clear(struct registration *found)
{
    for (size_t i = 0; i < found->count; i++) {
        free(found->lines[i].program);
        free(found->lines[i].configuration);
    }
    free(found->lines);
    *found = (struct registration){0};
}

size_t registration_count(const struct registration *found, bool exact)
{
    size_t count = 0;
    for (size_t i = 0; i < found->count; i++)
        count += found->lines[i].exact == exact;
    return count;
}

/* --- the content with the line and without it --------------------------------------------------------------------- */

void registration_append(const struct buffer *content, const struct buffer *line, struct buffer *result)
{
    const char *end = xmailtab_is_crlf(content->bytes, content->length) ? "\r\n" : "\n";
    bool ended = content->length == 0 || content->bytes[content->length - 1] == '\n';
    buffer_add(result, content->bytes, content->length);
    if (!ended)
        buffer_add_text(result, end);
    buffer_add(result, line->bytes, line->length);
    if (ended)
        buffer_add_text(result, end);
}

/*
 * Takes the last line end away: the one that registration_append put before a line without any. Whether its CR is a
 * part of it is told by the first line, as it was then, without that line end. The end of a blank line isn't that one:
 * it would have been put behind a line end, or before everything.
 */
static void drop_line_end(struct buffer *result)
{
    if (result->length == 0 || result->bytes[result->length - 1] != '\n')
        return;
    size_t length = result->length - 1;
    if (xmailtab_is_crlf(result->bytes, length) && result->bytes[length - 1] == '\r')
        length--;
    if (length > 0 && result->bytes[length - 1] != '\n')
        result->length = length;
}

void registration_drop(const struct buffer *content, const struct buffer *line, struct buffer *result)
{
    struct xmailtab_walk walk = {.bytes = content->bytes, .length = content->length, .line_max = XMAILTAB_FILTERS_LINE};
    struct xmailtab_line at;
    while (xmailtab_next(&walk, &at)) {
        if (!is_ours(&at, line))
            buffer_add(result, at.bytes, at.length + at.end);
        else if (at.end == 0)
            drop_line_end(result);
    }
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

/* A line that calls us otherwise is somebody's own: to run twice at each recipient is never what was meant. */
static int refuse_others(const struct registration *found, const char *path, struct error *error)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct registration_line *other = &found->lines[i];
        if (!other->exact)
            return error_set(error,
                             "unable to register the filter in %s: line %lu calls %s in another way already (take that "
                             "line out, or begin it with \"#\", and try again)",
                             path, other->number, other->program);
    }
    return 1;
}

/* Two amend_edits; the context is the line. */
static int edit_add(void *context, const struct tablefile *table, struct buffer *result, struct error *error)
{
    const struct buffer *line = context;
    struct registration found;
    struct buffer others = {0};
    if (registration_parse(&table->content, line, &found, error) < 0)
        return -1;
    int refused = refuse_others(&found, table->path, error);
    bool right = found.count == 1 && found.last;
    registration_clear(&found);
    if (refused < 0 || right)
        return refused < 0 ? -1 : 0;
    registration_drop(&table->content, line, &others);
    if (!others.failed)
        registration_append(&others, line, result);
    result->failed |= others.failed;
    buffer_clear(&others);
    return 1;
}

static int edit_remove(void *context, const struct tablefile *table, struct buffer *result, struct error *error)
{
    (void)error;
    registration_drop(&table->content, context, result);
    return result->failed || result->length != table->content.length;
}

/* Returns 1, the error being a warning or empty; 0 if the file was right; or -1 with the error. */
static int edit_file(const char *mail_root, struct buffer *line, amend_edit *edit, struct error *error)
{
    const struct amend amend = {.directory = mail_root, .name = PATH_FILTERS, .edit = edit, .context = line};
    struct amended amended = {0};
    error->text[0] = '\0';
    int result = tablefile_sweep(mail_root, PATH_FILTERS, error);
    if (result > 0)
        result = amend_file(&amend, &amended, error);
    if (result > 0 && amended.outcome == AMEND_UNCHANGED)
        result = 0;
    amended_clear(&amended);
    return result;
}

int registration_add(const char *mail_root, const struct registration_call *call, struct error *error)
{
    struct buffer line = {0};
    int result = registration_format(call, &line, error);
    if (result > 0)
        result = edit_file(mail_root, &line, edit_add, error);
    buffer_clear(&line);
    return result;
}

/* The line of a call that may be one that can't be registered, and so isn't: no line is like the empty one. */
static int format_any(const struct registration_call *call, struct buffer *line, struct error *error)
{
    if (registration_format(call, line, error) < 0)
        line->length = 0;
    return line->failed ? -1 : 1;
}

int registration_remove(const char *mail_root, const struct registration_call *call, struct error *error)
{
    struct buffer line = {0};
    int result = format_any(call, &line, error);
    if (result > 0)
        result = edit_file(mail_root, &line, edit_remove, error);
    buffer_clear(&line);
    return result;
}

int registration_find(const char *mail_root, const struct registration_call *call, struct registration *found,
                      struct error *error)
{
    struct tablefile table = {0};
    struct buffer line = {0};
    *found = (struct registration){0};
    int result = format_any(call, &line, error);
    if (result > 0)
        result = tablefile_read(mail_root, PATH_FILTERS, &table, error);
    if (result > 0)
        result = registration_parse(&table.content, &line, found, error);
    tablefile_clear(&table);
    buffer_clear(&line);
    return result;
}
