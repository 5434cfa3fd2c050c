/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a configuration file, and behind the first byte 1 another one that it may include as "b". They give
 * either a configuration, each part of which is what it may be, or at least one problem, each of which names file and
 * line; and the same again. A path, made of the same bytes, that is written as the setting mail_root is read back.
 */
#include "fuzz.h"

#include "conf.h"

#include <ctype.h>

const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

/* libconfig 1.5 loses a string that stands where none may. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

/* ":NUMBER: ", the number being from 1 to the most. */
static bool has_line(const char *text, unsigned long most)
{
    for (const char *at = text; (at = strchr(at, ':')); at++) {
        char *end;
        if (!isdigit((unsigned char)at[1]))
            continue;
        const unsigned long number = strtoul(at + 1, &end, 10);
        if (number >= 1 && number <= most && end[0] == ':' && end[1] == ' ')
            return true;
    }
    return false;
}

/* Of a text that ends too early the place is behind its last line, which gets a line end if it has none. */
static void check_problems(const struct messages *problems, unsigned long lines)
{
    require(problems->lost == 0);
    for (size_t i = 0; i < problems->count; i++)
        require(strncmp(problems->texts[i], "unable to ", 10) == 0 || has_line(problems->texts[i], lines + 2));
}

static void check_log(const struct conf_log *log)
{
    require(log->format && format_is_source(log->format) && log->files && log->files[0] && log->directories &&
            log->directories[0]);
    for (char **file = log->files; *file; file++)
        require(!strchr(*file, '/'));
    for (char **directory = log->directories; *directory; directory++)
        require(**directory == '/');
    require(log->address_field == log->format->address_field ||
            (log->address_overridden && log->address_field >= 1 && log->address_field <= 64));
    require(!log->address_pattern || (log->address_overridden && pattern_has_group(log->address_pattern, "ip")));
    require(log->format->status_field != 0 ? log->unauthorized != NULL : !log->unauthorized && !log->refused);
}

static void check_conf(const struct conf *conf)
{
    const size_t length = strlen(conf->mail_root);
    require(conf->mail_root[0] == '/' && (length == 1 || conf->mail_root[length - 1] != '/'));
    require(conf->save_mode <= SAVE_NONE && conf->order <= ORDER_HITS);
    require(conf->search_days >= 1 && conf->register_count >= 1);
    require(conf->remove_count == CONF_NO_REMOVE_COUNT ||
            (conf->remove_count >= 0 && conf->remove_count < conf->register_count));
    require(conf->whitelist_file && conf->whitelist_file[0] == '/' && conf->permanent);
    require(conf->ipv4_prefix >= 8 && conf->ipv4_prefix <= 32 && conf->ipv6_prefix >= 16 && conf->ipv6_prefix <= 128);
    require(conf->schedule.from >= 0 && conf->schedule.from <= 23 && conf->schedule.to >= 0 && conf->schedule.to <= 23);
    require(conf->schedule.interval >= 10 && conf->max_added >= 1 && conf->max_backups >= 1);
    require(conf->threads >= 0 && conf->threads <= 64 && conf->log_count > 0);
    for (size_t i = 0; i < conf->log_count; i++)
        check_log(&conf->logs[i]);
}

static unsigned long count_lines(const uint8_t *data, size_t size)
{
    unsigned long lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    return lines;
}

static void read_twice(unsigned long lines)
{
    struct messages problems = {0};
    struct messages again = {0};
    struct conf *conf = conf_read(fuzz_path("conf"), NULL, "/var/MailRoot", NULL, &problems);
    require((conf == NULL) == (messages_empty(&problems) == 0));
    check_problems(&problems, lines);
    if (conf)
        check_conf(conf);
    conf_free(conf);
    conf = conf_read(fuzz_path("conf"), "/other/", NULL, NULL, &again);
    require(problems.count == again.count);
    for (size_t i = 0; i < again.count; i++)
        require(strcmp(problems.texts[i], again.texts[i]) == 0);
    require(!conf || strcmp(conf->mail_root, "/other") == 0);
    conf_free(conf);
    messages_clear(&problems);
    messages_clear(&again);
}

/* The setting mail_root is read back as it was written, whatever the path is; but for slashes at its end. */
static void check_mail_root(const uint8_t *data, size_t size)
{
    char path[256] = "/";
    struct buffer line = {0};
    struct messages problems = {0};
    size_t length = 1 + (size > 200 ? 200 : size);
    memcpy(path + 1, data, length - 1);
    path[length] = '\0';
    conf_add_mail_root(path, &line);
    buffer_add_text(&line, "\n");
    fuzz_put_file(fuzz_path("conf"), line.bytes, line.length);
    struct conf *conf = conf_read(fuzz_path("conf"), NULL, "/var/MailRoot", NULL, &problems);
    require(conf != NULL);
    for (length = strlen(path); length > 1 && path[length - 1] == '/';)
        path[--length] = '\0';
    require(strcmp(conf->mail_root, path) == 0);
    conf_free(conf);
    messages_clear(&problems);
    buffer_clear(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *other = size > 0 ? memchr(data, 1, size) : NULL;
    const size_t length = other ? (size_t)(other - data) : size;
    fuzz_make_directory();
    fuzz_put_file(fuzz_path("conf"), data, length);
    if (other)
        fuzz_put_file(fuzz_path("b"), other + 1, size - length - 1);
    read_twice(count_lines(data, size));
    check_mail_root(data, length);
    if (other)
        require(unlink(fuzz_path("b")) == 0);
    return 0;
}
