/* SPDX-License-Identifier: MIT */
/* xmail-spammers check: says what is wrong with everything that a rebuild and the filter depend on, and what to do. */
#include "command.h"

#include "conf.h"
#include "diagnosis.h"
#include "paragraph.h"
#include "prepare.h"
#include "usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 3, PLACE_INDENT = 5 };

static void print_lines(struct messages *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        messages_make_harmless(lines->texts[i], strlen(lines->texts[i])); /* names of files may hold anything */
        (void)printf("%*s%s\n", PLACE_INDENT, "", lines->texts[i]);
    }
}

static void print_finding(size_t number, struct finding *finding)
{
    char lead[40];
    (void)snprintf(lead, sizeof lead, "%zu. %s", number, finding->is_hint ? "Hint: " : "");
    print_paragraph(lead, INDENT, finding->what.bytes, finding->what.length);
    print_lines(&finding->places);
    if (finding->place_count > finding->places.count)
        (void)printf("%*sand %zu more\n", PLACE_INDENT, "", finding->place_count - finding->places.count);
    print_paragraph("   Remedy: ", INDENT, finding->remedy.bytes, finding->remedy.length);
    print_lines(&finding->copies);
    (void)putchar('\n');
}

static void print_sum(const struct findings *findings)
{
    size_t problems = findings_problems(findings);
    size_t hints = findings->count - problems;
    if (findings->count == 0) {
        (void)puts("Nothing is wrong: configuration, MailRoot, logs, list, whitelist, filter.");
        return;
    }
    if (problems > 0)
        (void)printf("%zu problem%s", problems, problems == 1 ? "" : "s");
    else
        (void)fputs("Nothing is wrong", stdout);
    if (hints > 0)
        (void)printf(", %zu hint%s", hints, hints == 1 ? "" : "s");
    (void)puts(".");
}

static int check(const struct command_options *options, const struct conf *conf, const struct own_call *own)
{
    const struct registration_call call = {own->program, own->configuration};
    const struct diagnosis_request request = {
        .conf = conf, .now = &options->now, .call = &call, .interfaces = interfaces_read};
    struct findings findings = {0};
    struct error error;
    int result = diagnosis_make(&request, &findings, &error);
    if (result < 0)
        say("%s", error.text);
    for (size_t i = 0; i < findings.count && result > 0; i++)
        print_finding(i + 1, findings.items[i]);
    if (result > 0)
        print_sum(&findings);
    size_t problems = findings_problems(&findings);
    findings_clear(&findings);
    return result < 0 || problems > 0 ? EXIT_FAILED : EXIT_DONE;
}

int command_check(const struct command_options *options, int count, char **arguments)
{
    int status = refuse_options("check", count, arguments);
    if (status >= 0)
        return status;
    struct conf *conf = prepare_configuration(options);
    if (!conf)
        return EXIT_USAGE;
    struct own_call own;
    status = prepare_own_call(options, conf->path, &own) ? check(options, conf, &own) : EXIT_FAILED;
    conf_free(conf);
    return status;
}
