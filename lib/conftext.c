/* SPDX-License-Identifier: MIT */
#include "conftext.h"

#include "array.h"
#include "place.h"
#include "readfile.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    INCLUDE_DEPTH_MAX = 10,
    TEXT_MAX = 16 * 1024 * 1024, /* files that include each other often grow beyond measure */
};

/* The lines of the text from `first` on are those of the file from `line` on. */
struct conftext_place {
    unsigned first;
    unsigned line;
    size_t file;
};

/* One file on its way into the text. */
struct source {
    const char *at; /* NUL-ended */
    const char *path;
    size_t file;
    unsigned line;
    bool line_begins;
};

struct scan {
    struct conftext *conftext;
    struct error *error;
    unsigned line; /* of the text */
    unsigned depth;
};

static int fault(const struct scan *scan, const struct source *source, const char *what)
{
    return error_set(scan->error, "%s:%u: %s", source->path, source->line, what);
}

static int no_memory(const struct scan *scan, const char *path)
{
    return error_set(scan->error, "unable to read %s: out of memory", path);
}

/* Copies so many bytes of the source to the text. */
static void copy(struct scan *scan, struct source *source, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (source->at[i] == '\n') {
            source->line++;
            scan->line++;
        }
    buffer_add(&scan->conftext->text, source->at, length);
    source->at += length;
    source->line_begins = length > 0 && source->at[-1] == '\n';
}

static int add_place(struct scan *scan, const struct source *source)
{
    struct conftext *conftext = scan->conftext;
    struct conftext_place *places = array_grow(conftext->places, conftext->place_count, sizeof *places);
    if (!places)
        return no_memory(scan, source->path);
    conftext->places = places;
    places[conftext->place_count++] = (struct conftext_place){scan->line, source->line, source->file};
    return 1;
}

static int add_file(struct conftext *conftext, const char *path, struct error *error)
{
    struct conftext_file *files = array_grow(conftext->files, conftext->file_count, sizeof *files);
    if (files)
        conftext->files = files;
    char *name = files ? strdup(path) : NULL;
    if (!name)
        return error_set(error, "unable to read %s: out of memory", path);
    files[conftext->file_count++] = (struct conftext_file){name, identity_of(path)};
    return 1;
}

/* The length of a string or of an included file's name up to its closing quote; the text's end if there is none. */
static size_t quoted_length(const char *text)
{
    const char *at = text;
    while (*at != '\0' && *at != '"')
        at += *at == '\\' && (at[1] == '"' || at[1] == '\\') ? 2 : 1;
    return (size_t)(at - text);
}

static int copy_string(struct scan *scan, struct source *source)
{
    size_t length = quoted_length(source->at + 1);
    if (source->at[1 + length] == '\0')
        return fault(scan, source, "the string that begins here is never closed by a \"");
    copy(scan, source, length + 2);
    return 1;
}

static int copy_comment(struct scan *scan, struct source *source)
{
    const char *end = strstr(source->at + 2, "*/");
    if (!end)
        return fault(scan, source, "the comment that begins here is never closed by */");
    copy(scan, source, (size_t)(end + 2 - source->at));
    return 1;
}

/* libconfig takes a whole number for one of 32 bits, whatever its size, unless an L follows it. */
static void copy_number(struct scan *scan, struct source *source)
{
    const char *start = source->at;
    const char *digits = start + (*start == '-' || *start == '+');
    bool hexadecimal = start[0] == '0' && (start[1] == 'x' || start[1] == 'X');
    size_t length = hexadecimal ? 2 + strspn(start + 2, "0123456789abcdefABCDEF")
                                : (size_t)(digits - start) + strspn(digits, "0123456789");
    char next = start[length];
    if (!hexadecimal && (next == '.' || next == 'e' || next == 'E')) {
        copy(scan, source, strspn(start, "+-.0123456789eE"));
        return;
    }
    long long value = strtoll(start, NULL, hexadecimal ? 16 : 10);
    copy(scan, source, length);
    if ((value > INT_MAX || value < INT_MIN) && next != 'L')
        buffer_add_text(&scan->conftext->text, "L");
}

static bool begins_number(const char *text)
{
    text += *text == '-' || *text == '+';
    text += *text == '.';
    return *text >= '0' && *text <= '9';
}

/* The name's start if the line is @include "NAME", as libconfig takes it, else NULL. */
static const char *include_name(const struct source *source)
{
    static const char word[] = "@include";
    if (!source->line_begins)
        return NULL;
    const char *at = source->at + strspn(source->at, " \t");
    if (strncmp(at, word, sizeof word - 1) != 0)
        return NULL;
    at += sizeof word - 1;
    size_t blanks = strspn(at, " \t");
    return blanks > 0 && at[blanks] == '"' ? at + blanks + 1 : NULL;
}

/* A new string: the name without its backslashes before a quote or a backslash, beside the configuration file. */
static char *include_path(const struct scan *scan, const char *name, size_t length)
{
    char *plain = malloc(length + 1);
    size_t used = 0;
    if (!plain)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (name[i] == '\\' && (name[i + 1] == '"' || name[i + 1] == '\\'))
            i++;
        plain[used++] = name[i];
    }
    plain[used] = '\0';
    char *path = conftext_beside(scan->conftext->files[0].path, plain);
    free(plain);
    return path;
}

static int scan_file(struct scan *scan, const char *path, const struct source *from);

static int include(struct scan *scan, struct source *source, const char *name)
{
    size_t length = quoted_length(name);
    if (name[length] == '\0')
        return fault(scan, source, "the name of the file to include is never closed by a \"");
    if (scan->depth == INCLUDE_DEPTH_MAX)
        return fault(scan, source, "files include each other more than 10 deep; does one include itself?");
    char *path = include_path(scan, name, length);
    if (!path)
        return no_memory(scan, source->path);
    int result = scan_file(scan, path, source);
    free(path);
    for (; source->at <= name + length; source->at++)
        source->line += *source->at == '\n';
    source->line_begins = false;
    return result < 0 ? -1 : add_place(scan, source);
}

/* Where libconfig's scanner sees a string, a comment, a name or a number, there must this one see it. */
static int scan_token(struct scan *scan, struct source *source)
{
    static const char letters[] = "*abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char name_characters[] = "-_0123456789*abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *at = source->at;
    const char *name = include_name(source);
    if (name)
        return include(scan, source, name);
    if (*at == '"')
        return copy_string(scan, source);
    if (at[0] == '/' && at[1] == '*')
        return copy_comment(scan, source);
    if (*at == '#' || (at[0] == '/' && at[1] == '/'))
        copy(scan, source, strcspn(at, "\n"));
    else if (begins_number(at))
        copy_number(scan, source);
    else
        copy(scan, source, strchr(letters, *at) ? strspn(at, name_characters) : 1);
    return 1;
}

static int scan_content(struct scan *scan, size_t file, const char *path, const struct buffer *content)
{
    struct source source = {content->bytes, path, file, 1, true};
    const char *end = content->bytes + content->length - 1; /* the NUL that was added */
    const char *nul = memchr(content->bytes, '\0', content->length);
    if (strncmp(source.at, "\xef\xbb\xbf", 3) == 0)
        source.at += 3; /* the byte order mark of Windows editors */
    for (const char *at = content->bytes; nul != end && at < nul; at++)
        source.line += *at == '\n';
    if (nul != end)
        return fault(scan, &source, "a NUL byte, which no text holds");
    if (add_place(scan, &source) < 0)
        return -1;
    while (*source.at != '\0') {
        if (scan_token(scan, &source) < 0)
            return -1;
        if (scan->conftext->text.failed)
            return no_memory(scan, path);
        if (scan->conftext->text.length > TEXT_MAX)
            return error_set(scan->error, "unable to read %s: with what it includes it is larger than 16 MiB",
                             scan->conftext->files[0].path);
    }
    if (!source.line_begins) { /* libconfig 1.5 sees a comment only if a line end follows */
        buffer_add_text(&scan->conftext->text, "\n");
        scan->line++;
    }
    return 1;
}

/* Takes note of who may write one more of the files. */
static void add_author(struct conftext *conftext, size_t file, const struct stat *status)
{
    const uid_t author = status->st_mode & (S_IWGRP | S_IWOTH) ? CONFTEXT_SEVERAL : status->st_uid;
    if (file == 0 || conftext->author != author)
        conftext->author = file == 0 ? author : CONFTEXT_SEVERAL;
}

/* Reads one of the files, whole. 1, or -1 with the error. */
static int read_file(struct scan *scan, const char *path, size_t file, struct buffer *content, struct error *error)
{
    struct stat status;
    const int result = readfile_and_status(path, content, &status, error);
    if (result == 0)
        return error_system(error, ENOENT, "unable to read %s", path);
    if (result > 0 && file > 0 && !(status.st_mode & S_IROTH) && !place_may_tell(scan->conftext->author, &status))
        return error_system(error, EACCES, "unable to read %s for who may write the configuration", path);
    if (result > 0)
        add_author(scan->conftext, file, &status);
    return result;
}

/* from is the place that includes the file, or NULL. */
static int scan_file(struct scan *scan, const char *path, const struct source *from)
{
    const size_t file = scan->conftext->file_count;
    struct buffer content = {0};
    struct error error;
    if (add_file(scan->conftext, path, scan->error) < 0)
        return -1;
    int result = read_file(scan, path, file, &content, &error);
    if (result < 0) {
        (void)(from ? fault(scan, from, error.text) : error_set(scan->error, "%s", error.text));
    } else {
        scan->depth++;
        buffer_add(&content, "", 1);
        result = content.failed ? no_memory(scan, path) : scan_content(scan, file, path, &content);
        scan->depth--;
    }
    buffer_clear(&content);
    return result;
}

int conftext_read(const char *path, struct conftext *conftext, struct error *error)
{
    struct scan scan = {.conftext = conftext, .error = error, .line = 1};
    if (scan_file(&scan, path, NULL) < 0)
        return -1;
    buffer_add(&conftext->text, "", 1);
    return conftext->text.failed ? no_memory(&scan, path) : 1;
}

const char *conftext_place(const struct conftext *conftext, unsigned line, unsigned *file_line)
{
    size_t at = conftext->place_count - 1;
    while (at > 0 && conftext->places[at].first > line)
        at--;
    const struct conftext_place *place = &conftext->places[at];
    *file_line = line < place->first ? place->line : place->line + (line - place->first);
    return conftext->files[place->file].path;
}

char *conftext_beside(const char *conf_path, const char *name)
{
    const char *slash = strrchr(conf_path, '/');
    size_t directory = slash && *name != '/' ? (size_t)(slash + 1 - conf_path) : 0;
    size_t length = strlen(name);
    char *path = malloc(directory + length + 1);
    if (!path)
        return NULL;
    memcpy(path, conf_path, directory);
    memcpy(path + directory, name, length + 1);
    return path;
}

void conftext_clear(struct conftext *conftext)
{
    for (size_t i = 0; i < conftext->file_count; i++)
        free(conftext->files[i].path);
    free(conftext->files);
    free(conftext->places);
    buffer_clear(&conftext->text);
    *conftext = (struct conftext){0};
}
