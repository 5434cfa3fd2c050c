/* SPDX-License-Identifier: MIT */
/* xmail-spammers export: whom XMail refuses, for other software. It takes no lock and changes nothing. */
#include "command.h"

#include "export.h"
#include "listfile.h"
#include "prepare.h"
#include "refused.h"
#include "spamtab.h"
#include "usage.h"

#include <signal.h>
#include <stdio.h>

/* Puts the list together, whole, before anything of it is shown. Returns 1, or -1 with the error. */
static int make_text(const struct export_format *format, const struct tablefile *list, struct buffer *text,
                     struct error *error)
{
    struct spamtab tab;
    struct prefixes refused = {0};
    struct messages notes = {0};
    size_t left_out = 0;
    if (spamtab_parse(&list->content, NULL, &tab, error) < 0)
        return -1;
    int result = refused_find(&tab, &refused, &notes, error);
    if (result > 0)
        result = export_add(format, &refused, list->path, text, &left_out, error);
    say_all(&notes);
    if (result > 0 && left_out > 0)
        say("%zu %s of IPv6 %s left out: this format can't hold %s", left_out, left_out == 1 ? "entry" : "entries",
            left_out == 1 ? "is" : "are", left_out == 1 ? "it" : "them");
    messages_clear(&notes);
    prefixes_clear(&refused);
    spamtab_clear(&tab);
    return result;
}

static int export_list(const struct export_format *format, const struct conf *conf, struct buffer *text)
{
    struct error error;
    struct tablefile list;
    if (listfile_read(conf->mail_root, &list, &error) < 0) {
        say("%s", error.text);
        return -1;
    }
    int result = -1;
    if (!list.exists) /* whoever loads nothing into a firewall lets everybody in */
        say("unable to export %s: it is missing (run `check`)", list.path);
    else if ((result = make_text(format, &list, text, &error)) < 0)
        say("%s", error.text);
    tablefile_clear(&list);
    return result;
}

/* Whether it was written main finds out, when it flushes the rest. */
static int show(const struct buffer *text)
{
    (void)signal(SIGPIPE, SIG_IGN); /* it is an error like others */
    if (text->length > 0)
        (void)fwrite(text->bytes, 1, text->length, stdout);
    return EXIT_DONE;
}

/* The one argument that isn't an option. -1: *format is it; else the exit status. */
static int parse_format(int count, char **arguments, const struct export_format **format)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    const char *name = optind < count ? arguments[optind] : NULL;
    *format = name ? export_find(name) : NULL;
    if (*format && optind + 1 == count)
        return -1;
    for (size_t i = 0; i < NAMES_MAX && export_name(i); i++)
        names[i] = export_name(i);
    if (*format)
        say("export takes one format: '%s' is too much", arguments[optind + 1]);
    else if (name)
        say_unknown("format", name, names);
    else
        say_missing("export", "a format", names);
    return refuse_usage_of("export");
}

static int parse_options(int count, char **arguments, const struct export_format **format)
{
    static const struct option long_options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    optind = 0; /* anew: options may stand behind the format, too */
    int option = next_option(count, arguments, "h", long_options);
    if (option == 'h') {
        print_help();
        return EXIT_DONE;
    }
    return option == -1 ? parse_format(count, arguments, format) : refuse_usage_of("export");
}

int command_export(const struct command_options *options, int count, char **arguments)
{
    const struct export_format *format = NULL;
    int result = parse_options(count, arguments, &format);
    if (result >= 0)
        return result;
    struct conf *conf = prepare_configuration(options);
    if (!conf)
        return EXIT_USAGE;
    struct buffer text = {0};
    result = export_list(format, conf, &text) > 0 ? show(&text) : EXIT_FAILED;
    buffer_clear(&text);
    conf_free(conf);
    return result;
}
