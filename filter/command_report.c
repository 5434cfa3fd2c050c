/* SPDX-License-Identifier: MIT */
/* xmail-spammers report: who attacks, when and how, and what a rebuild would make of each host. Nothing is changed. */
#include "command.h"

#include "conf.h"
#include "confined.h"
#include "logfiles.h"
#include "newfile.h"
#include "pager.h"
#include "prepare.h"
#include "progress.h"
#include "rebuild.h"
#include "report.h"
#include "usage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOP_OF_SCREEN = 20, TOP_OF_PAGE = 500, DAYS_MAX = 36525 };

/* What is asked for. */
struct wishes {
    long top; /* 0: as many as the form usually has */
    long days;
    bool json;
    const char *html; /* path, "-" for stdout, or NULL */
    bool no_pager;
};

/* --- reading and printing ----------------------------------------------------------------------------------------- */

/* What is done apart, by the process that reads records. */
struct work {
    struct report *report;
    const struct wishes *wishes;
    FILE *file; /* where it goes, or NULL: stdout */
    struct screen screen;
    bool paged;
};

static int make_survey(const struct report *report, struct messages *warnings, struct survey *survey,
                       struct error *error)
{
    const struct conf *conf = report->conf;
    struct progress progress;
    struct logfiles files;
    if (logfiles_list(conf->logs, conf->log_count, !conf_log_enabled(conf), warnings, &files, error) < 0)
        return -1;
    const struct day_range range = report->rebuild->range;
    const struct logfiles recent = logfiles_recent(&files, range.first, !report->now->rehearsed);
    const struct chronicle_request request = {.logs = conf->logs,
                                              .log_count = conf->log_count,
                                              .files = &recent,
                                              .range = range,
                                              .progress = progress_update,
                                              .context = &progress};
    progress_begin(&progress);
    int result = survey_make(&request, survey, error);
    progress_end(&progress);
    logfiles_clear(&files);
    return result;
}

static int print(const struct work *work)
{
    if (work->wishes->json)
        report_print_json(work->report);
    else if (work->wishes->html)
        report_print_html(work->report);
    else
        report_print_text(work->report, &work->screen);
    if ((fflush(stdout) == 0 && !ferror(stdout)) || work->paged) /* who quits the pager has seen enough */
        return EXIT_DONE;
    say("unable to write the report: %s", strerror(errno));
    return EXIT_FAILED;
}

/* For confined_run. */
static int survey_and_print(void *context)
{
    struct work *work = context;
    struct messages warnings = {0}; /* which the dry run had, too */
    struct survey survey;
    struct error error;
    if (work->file && dup2(fileno(work->file), STDOUT_FILENO) < 0) {
        say("unable to write the report: %s", strerror(errno));
        return EXIT_FAILED;
    }
    int result = make_survey(work->report, &warnings, &survey, &error);
    messages_clear(&warnings);
    if (result < 0) {
        say("%s", error.text);
        return EXIT_FAILED;
    }
    work->report->survey = &survey;
    const int status = print(work);
    survey_clear(&survey);
    return status;
}

/* To the screen, where less shows what is longer than that. */
static int print_to_stdout(struct work *work)
{
    struct pager pager = {.output = -1};
    if (work->screen.is_terminal && !work->wishes->json && !work->wishes->html && !work->wishes->no_pager)
        work->paged = pager_begin(&pager);
    const int status = confined_run(survey_and_print, work);
    return pager_end(&pager) ? status : EXIT_FAILED;
}

/* --- a file ------------------------------------------------------------------------------------------------------- */

/* What is no file of its own must not be replaced by one: a device, a link that somebody else has put there. */
static bool may_replace(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0 || S_ISREG(status.st_mode))
        return true;
    say("unable to write %s: it is there, and %s (\"-\" is standard output)", path,
        S_ISLNK(status.st_mode)   ? "a symbolic link"
        : S_ISDIR(status.st_mode) ? "a directory"
                                  : "no regular file");
    return false;
}

static int read_back(FILE *file, struct buffer *content, struct error *error)
{
    enum { BLOCK = 64 * 1024 };
    rewind(file);
    for (size_t got = BLOCK; got == BLOCK; content->length += got) {
        if (!buffer_reserve(content, BLOCK))
            return error_memory(error, "write the report");
        got = fread(content->bytes + content->length, 1, BLOCK, file);
    }
    return ferror(file) ? error_system(error, errno, "unable to read the report back") : 1;
}

/* The file appears whole, with the mode that new files of the user have. */
static int save(FILE *file, mode_t mask, const char *path)
{
    const struct newfile_owner owner = {
        .user = geteuid(), .group = getegid(), .mode = (S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH) & ~mask};
    struct buffer content = {0};
    struct error error;
    int result = read_back(file, &content, &error);
    if (result > 0)
        result = newfile_put(path, &content, &owner, &error);
    if (result < 0)
        say("%s", error.text);
    buffer_clear(&content);
    return result < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* The process that prints can't make files: it writes to one without a name, whose content then gets its place. */
static int print_to_file(struct work *work, const struct command_options *options)
{
    if (!may_replace(work->wishes->html))
        return EXIT_FAILED;
    work->file = tmpfile();
    if (!work->file) {
        say("unable to make a temporary file: %s", strerror(errno));
        return EXIT_FAILED;
    }
    int status = confined_run(survey_and_print, work);
    if (status == EXIT_DONE)
        status = save(work->file, options->mask, work->wishes->html);
    (void)fclose(work->file);
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static int show(const struct command_options *options, const struct conf *conf, const struct rebuild *rebuild,
                const struct wishes *wishes)
{
    struct report report;
    struct error error;
    const size_t usual = wishes->json ? SIZE_MAX : wishes->html ? TOP_OF_PAGE : TOP_OF_SCREEN;
    if (report_make(conf, rebuild, wishes->top > 0 ? (size_t)wishes->top : usual, &report, &error) < 0) {
        say("%s", error.text);
        return EXIT_FAILED;
    }
    report.now = &options->now;
    struct work work = {.report = &report, .wishes = wishes, .screen = screen_find()};
    work.screen.utf8 = screen_locale_is_utf8(); /* charts are for locales that have them, wherever they go */
    const bool to_file = wishes->html && strcmp(wishes->html, "-") != 0;
    const int status = to_file ? print_to_file(&work, options) : print_to_stdout(&work);
    report_clear(&report);
    return status;
}

static int report_now(const struct command_options *options, const struct conf *conf, const struct wishes *wishes)
{
    struct progress progress;
    struct rebuild rebuild;
    struct error error;
    const struct rebuild_request request = {.conf = conf,
                                            .now = &options->now,
                                            .trigger = "command",
                                            .dry_run = true,
                                            .days = (int)wishes->days,
                                            .progress = progress_update,
                                            .context = &progress};
    progress_begin(&progress);
    int status = EXIT_FAILED;
    int result = rebuild_run(&request, &rebuild, &error);
    progress_end(&progress);
    say_all(&rebuild.warnings);
    if (result < 0)
        say("%s", error.text);
    else
        status = show(options, conf, &rebuild, wishes);
    rebuild_clear(&rebuild);
    return status;
}

/* --- the command line --------------------------------------------------------------------------------------------- */

/* Reads a number of 1 to max. False: it is none, and that was said. */
static bool read_number(const char *option, const char *text, long max, long *number)
{
    char *end;
    errno = 0;
    *number = strtol(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *number >= 1 && *number <= max)
        return true;
    say("unable to use %s '%s': it must be a whole number from 1 to %ld", option, text, max);
    return false;
}

/* Reads the command's own options. -1: go on; else the exit status. */
static int parse_options(int count, char **arguments, struct wishes *wishes)
{
    enum { OPTION_TOP = 256, OPTION_DAYS, OPTION_JSON, OPTION_HTML, OPTION_NO_PAGER };
    static const struct option long_options[] = {
        {"top", required_argument, NULL, OPTION_TOP},
        {"days", required_argument, NULL, OPTION_DAYS},
        {"json", no_argument, NULL, OPTION_JSON},
        {"html", required_argument, NULL, OPTION_HTML},
        {"no-pager", no_argument, NULL, OPTION_NO_PAGER},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool right = true;
    optind = 1;
    for (int option; (option = next_option(count, arguments, "h", long_options)) != -1;) {
        switch (option) {
        case OPTION_TOP:
            right = read_number("--top", optarg, INT_MAX, &wishes->top) && right;
            break;
        case OPTION_DAYS:
            right = read_number("--days", optarg, DAYS_MAX, &wishes->days) && right;
            break;
        case OPTION_JSON:
            wishes->json = true;
            break;
        case OPTION_HTML:
            wishes->html = optarg;
            break;
        case OPTION_NO_PAGER:
            wishes->no_pager = true;
            break;
        case 'h':
            print_help();
            return EXIT_DONE;
        default:
            return refuse_usage_of("report");
        }
    }
    if (wishes->json && wishes->html) {
        say("--json and --html exclude each other");
        right = false;
    }
    return right ? refuse_arguments("report", count, arguments) : refuse_usage_of("report");
}

int command_report(const struct command_options *options, int count, char **arguments)
{
    struct wishes wishes = {0};
    int status = parse_options(count, arguments, &wishes);
    if (status >= 0)
        return status;
    struct conf *conf = prepare_configuration(options);
    if (!conf)
        return EXIT_USAGE;
    status = report_now(options, conf, &wishes);
    conf_free(conf);
    return status;
}
