/* SPDX-License-Identifier: MIT */
/* The logs that a rebuild reads: are they written, can they be read, is each the source of one entry only? */
#include "inspect.h"

#include "array.h"
#include "logfiles.h"
#include "scan.h"
#include "sys.h"
#include "utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is known while the logs are gone through. */
struct survey {
    const struct diagnosis_request *request;
    struct findings *findings;
    struct day_range range;
    struct logfiles files; /* of all logs; their log is the index of conf->logs */
    struct messages said;  /* of directories: two logs may have the same */
    struct finding *unreadable;
};

/* Every log is heard when none is enabled: then entries are only removed. */
static bool is_used(const struct conf *conf, size_t log)
{
    return conf->logs[log].enabled || !conf_log_enabled(conf);
}

static bool is_said(const struct messages *said, const char *text)
{
    for (size_t i = 0; i < said->count; i++)
        if (strcmp(said->texts[i], text) == 0)
            return true;
    return false;
}

/* A directory that can't be listed, or a file in it that is none: the text says it, once. */
static void report_directory(struct survey *survey, const char *text, bool is_hint)
{
    if (is_said(&survey->said, text))
        return;
    messages_add(&survey->said, "%s", text);
    struct finding *finding = findings_add(survey->findings);
    finding->is_hint = is_hint;
    buffer_add_format(&finding->what, "%s.", text);
    if (is_hint)
        buffer_add_text(&finding->remedy, "Move it away, or correct files of the log.");
    else
        buffer_add_format(&finding->remedy,
                          "Correct mail_root, or directory of the log, in %s; or let this user read it. As long as "
                          "it can't be read no rebuild is done.",
                          survey->request->conf->path);
}

static void inspect_readable(struct survey *survey, const char *path)
{
    if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0)
        return;
    int reason = errno;
    if (!survey->unreadable) {
        survey->unreadable = findings_add(survey->findings);
        buffer_add_text(&survey->unreadable->what, "unable to read logs: no rebuild is done.");
        buffer_add_text(&survey->unreadable->remedy, "Run this as the user that XMail runs as, or as root; or let "
                                                     "this user read them.");
    }
    if (finding_tells_place(survey->unreadable))
        messages_add(&survey->unreadable->places, "%s: %s", path, strerror(reason));
}

/* True if the file may hold records of the range. In a rehearsal its time says nothing. */
static bool is_recent(const struct survey *survey, const struct logfile *file)
{
    struct moment modified;
    return survey->request->now->rehearsed || !moment_from_seconds(file->modified, &modified) ||
           moment_day(&modified) >= survey->range.first;
}

/* Takes the file, its path too, over into all files. */
static void keep_file(struct survey *survey, size_t log, struct logfile *file)
{
    struct logfile *grown = array_grow(survey->files.files, survey->files.count, sizeof *grown);
    if (!grown) {
        survey->findings->failed = true;
        return;
    }
    survey->files.files = grown;
    grown[survey->files.count] = *file;
    grown[survey->files.count++].log = log;
    file->path = NULL;
}

/* Lists one directory of a log by itself: one that can't be read doesn't hide what is wrong with the next. */
static bool inspect_directory(struct survey *survey, size_t log, char *directory, size_t *recent)
{
    char *directories[] = {directory, NULL};
    struct conf_log one = survey->request->conf->logs[log];
    one.directories = directories;
    struct messages warnings = {0};
    struct logfiles files;
    struct error error;
    bool listed = logfiles_list(&one, 1, true, &warnings, &files, &error) > 0;
    if (!listed)
        report_directory(survey, error.text, false);
    for (size_t i = 0; i < warnings.count; i++)
        report_directory(survey, warnings.texts[i], true);
    for (size_t i = 0; i < files.count; i++) {
        *recent += is_recent(survey, &files.files[i]);
        inspect_readable(survey, files.files[i].path);
        keep_file(survey, log, &files.files[i]);
    }
    messages_clear(&warnings);
    logfiles_clear(&files);
    return listed;
}

static struct finding *report_silent(const struct survey *survey, const struct conf_log *log)
{
    char first[DAY_TEXT_SIZE];
    struct finding *finding = findings_add(survey->findings);
    buffer_add_format(&finding->what, "The log \"%s\" is not written: none of its files ", log->format->name);
    if (survey->request->now->rehearsed)
        buffer_add_text(&finding->what, "is in");
    else
        buffer_add_format(&finding->what, "was written since %s in", day_format(survey->range.first, first));
    if (log->format->flag)
        buffer_add_format(&finding->remedy, "Start XMail with %s among its options.", log->format->flag);
    else
        buffer_add_text(&finding->remedy, "Let XMailCFG write it: see its settings.");
    buffer_add_format(&finding->remedy,
                      " If it is written, correct directory and files of the log in %s. If there is no such service, "
                      "set enabled = false for the log.",
                      survey->request->conf->path);
    return finding;
}

/* Directories without a file of late are one finding: a hint, if there is one in another directory. */
static void inspect_log(struct survey *survey, size_t log)
{
    const struct conf_log *entry = &survey->request->conf->logs[log];
    struct finding *silent = NULL;
    size_t recent = 0;
    for (char **directory = entry->directories; *directory; directory++) {
        size_t before = recent;
        if (!inspect_directory(survey, log, *directory, &recent) || recent > before)
            continue;
        if (!silent)
            silent = report_silent(survey, entry);
        if (finding_tells_place(silent))
            messages_add(&silent->places, "%s", *directory);
    }
    if (silent)
        silent->is_hint = recent > 0;
}

/* --- encoding ----------------------------------------------------------------------------------------------------- */

/* True if the beginning of the file has bytes that aren't UTF-8; false, too, if it can't be read. */
static bool begins_in_another_encoding(const char *path)
{
    enum { CHARACTER_MAX = 4 }; /* a last one may be cut */
    char bytes[16 * 1024];
    int file;
    struct stat status;
    struct error ignored;
    if (scan_open(path, &file, &status, &ignored) <= 0)
        return false;
    const ssize_t got = sys_read(file, bytes, sizeof bytes);
    (void)sys_close(file);
    return got > 0 && utf8_prefix(bytes, (size_t)got) + CHARACTER_MAX <= (size_t)got;
}

/* XMailCFG's words are Japanese, and by default what counts in one of its logs. XMail's own are ASCII. */
static void inspect_encoding(const struct survey *survey, size_t log)
{
    const struct conf_log *entry = &survey->request->conf->logs[log];
    struct finding *foreign = NULL;
    for (size_t i = 0; !entry->encoding && !entry->format->flag && i < survey->files.count; i++) {
        const struct logfile *file = &survey->files.files[i];
        if (file->log != log || !is_recent(survey, file) || !begins_in_another_encoding(file->path))
            continue;
        if (!foreign) {
            foreign = findings_add(survey->findings);
            foreign->is_hint = true;
            buffer_add_format(&foreign->what,
                              "The log \"%s\" has bytes that are not UTF-8, and no encoding is given for it: no "
                              "Japanese word of a pattern is found in it.",
                              entry->format->name);
            buffer_add_format(&foreign->remedy,
                              "Give encoding in its entry of logs in %s: \"EUC-JP\", or \"SHIFT_JIS\" if XMailCFG runs "
                              "on Windows.",
                              survey->request->conf->path);
        }
        if (finding_tells_place(foreign))
            messages_add(&foreign->places, "%s", file->path);
    }
}

/* --- one file, two entries ---------------------------------------------------------------------------------------- */

static int compare_files(const void *left, const void *right)
{
    const struct logfile *a = left;
    const struct logfile *b = right;
    int order = logfile_compare_identity(a, b);
    return order != 0 ? order : (a->log > b->log) - (a->log < b->log);
}

static void report_shared(const struct survey *survey, const struct logfile *first, const struct logfile *second)
{
    const struct conf *conf = survey->request->conf;
    struct finding *finding = findings_add(survey->findings);
    buffer_add_format(&finding->what,
                      "Two entries of logs, the %zu. and the %zu. (\"%s\"), have a file in common: it is read once, by "
                      "the settings of the first. The other's don't count for it.",
                      first->log + 1, second->log + 1, conf->logs[first->log].format->name);
    (void)finding_tells_place(finding);
    messages_add(&finding->places, "%s", second->path);
    buffer_add_format(&finding->remedy,
                      "In %s, give each of them files or a directory of its own, or make one entry of them.",
                      conf->path);
}

/* Reports each log that shares a file with an earlier one of its format; told[] is for each log. */
static void inspect_shared(struct survey *survey, bool *told)
{
    struct logfiles *all = &survey->files;
    const struct conf_log *logs = survey->request->conf->logs;
    if (all->count > 0)
        qsort(all->files, all->count, sizeof *all->files, compare_files);
    for (size_t i = 1; i < all->count; i++) {
        const struct logfile *file = &all->files[i];
        for (size_t j = i; j-- > 0 && logfile_compare_identity(&all->files[j], file) == 0;) {
            const struct logfile *earlier = &all->files[j];
            if (earlier->log == file->log || logs[earlier->log].format != logs[file->log].format || told[file->log])
                continue;
            told[file->log] = true;
            report_shared(survey, earlier, file);
        }
    }
}

void inspect_logs(const struct diagnosis_request *request, struct findings *findings)
{
    const struct conf *conf = request->conf;
    struct survey survey = {.request = request,
                            .findings = findings,
                            .range = day_range_until(moment_day(request->now), (unsigned long)conf->search_days)};
    bool *told = calloc(conf->log_count + 1, sizeof *told);
    for (size_t i = 0; i < conf->log_count; i++)
        if (is_used(conf, i))
            inspect_log(&survey, i);
    for (size_t i = 0; i < conf->log_count; i++)
        inspect_encoding(&survey, i);
    if (told)
        inspect_shared(&survey, told);
    findings->failed = findings->failed || !told || survey.said.lost > 0;
    free(told);
    messages_clear(&survey.said);
    logfiles_clear(&survey.files);
}
