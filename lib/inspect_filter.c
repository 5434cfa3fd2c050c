/* SPDX-License-Identifier: MIT */
/* The filter: whether it rebuilds, its schedule, and whether XMail calls it. */
#include "inspect.h"

#include "lock.h"
#include "path.h"
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAY_MINUTES = 24 * 60 };

/* --- rebuilds ----------------------------------------------------------------------------------------------------- */

/* When the filter is off, only somebody else's rebuilds, cron's say, keep the list: has there been one in the range? */
static bool somebody_rebuilds(const struct diagnosis_request *request, const struct state_run *run)
{
    struct day_range range = day_range_until(moment_day(request->now), (unsigned long)request->conf->search_days);
    struct moment begun;
    return run->result == STATE_DONE && moment_from_seconds(run->begun, &begun) && moment_day(&begun) >= range.first;
}

static void report_filter_off(const struct diagnosis_request *request, bool somebody, struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    finding->is_hint = somebody;
    buffer_add_text(&finding->what,
                    somebody ? "The filter is off (auto.enabled is false): the list is rebuilt only when cron "
                               "or somebody runs \"rebuild\"."
                             : "Nothing rebuilds the list: the filter is off (auto.enabled is false), and "
                               "nobody has run \"rebuild\" lately.");
    buffer_add_format(
        &finding->remedy,
        "Set enabled = true in the group auto of %s and register the filter with the command \"install\"; "
        "or let cron run \"rebuild\", as the example install/cron in the sources does.",
        request->conf->path);
}

/* A run whose end isn't on record, as "status" tells it. */
static bool did_not_end(const struct diagnosis_request *request, const struct state_run *run)
{
    struct error error;
    char path[PATH_MAX];
    return run->result == STATE_BEGUN && path_put(path, request->conf->mail_root, PATH_LOCK) &&
           lock_is_held(path, &error) == 0;
}

static void report_run(const struct diagnosis_request *request, const struct state_run *run, struct findings *findings)
{
    char time[MOMENT_TEXT_SIZE] = "an unknown time";
    struct moment begun;
    if (moment_from_seconds(run->begun, &begun))
        moment_format(&begun, time);
    struct finding *finding = findings_add(findings);
    if (run->result == STATE_FAILED) {
        buffer_add_format(&finding->what, "The last rebuild, at %s, failed:", time);
        (void)finding_tells_place(finding);
        messages_add(&finding->places, "%s", run->detail);
        buffer_add_text(&finding->remedy, "When that is mended, rebuild the list:");
    } else {
        buffer_add_format(&finding->what, "The last rebuild, at %s, did not end: it was killed or crashed.", time);
        buffer_add_format(&finding->remedy,
                          "See the end of %s/" PATH_EVENT_LOG " and the system's log for the reason, and whether this "
                          "succeeds:",
                          request->conf->mail_root);
    }
    inspect_add_command(request, "rebuild", finding);
}

/* What the state tells of the rebuilds there were. A state that can't be read tells nothing; the next one mends it. */
void inspect_rebuilds(const struct diagnosis_request *request, struct findings *findings)
{
    struct state_bytes bytes;
    struct state state;
    struct error error;
    char *path = path_join(request->conf->mail_root, PATH_STATE);
    if (!path) {
        findings->failed = true;
        return;
    }
    (void)state_read(path, &bytes, &state, &error);
    free(path);
    bool by_command = state.filter.result == STATE_NEVER ||
                      (state.command.result != STATE_NEVER && state.command.begun >= state.filter.begun);
    const struct state_run *last = by_command ? &state.command : &state.filter;
    if (!request->conf->schedule.enabled)
        report_filter_off(request, somebody_rebuilds(request, &state.command), findings);
    if (last->result == STATE_FAILED || did_not_end(request, last))
        report_run(request, last, findings);
}

/* --- schedule ----------------------------------------------------------------------------------------------------- */

static void report_interval(const struct conf *conf, int days, struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    buffer_add_format(
        &finding->what,
        "auto.interval, %d minutes, is longer than the %d day%s that a rebuild searches: accesses between "
        "two rebuilds are never seen.",
        conf->schedule.interval, days, days == 1 ? "" : "s");
    buffer_add_format(&finding->remedy, "Set interval in the group auto of %s to %d or less; 60 is the default.",
                      conf->path, days * DAY_MINUTES);
}

static void report_window(const struct conf *conf, struct findings *findings)
{
    int minutes = schedule_window_minutes(&conf->schedule);
    struct finding *finding = findings_add(findings);
    /* Who says a day, or the whole window, means once a day; who says something between meant more. */
    finding->is_hint = conf->schedule.interval == minutes || conf->schedule.interval >= DAY_MINUTES;
    buffer_add_format(
        &finding->what,
        "The filter rebuilds once a day at most, when the first mail comes after %02d:00: auto.interval, %d minutes, "
        "never passes within the window from %02d:00 to %02d:00, which has %d.",
        conf->schedule.from, conf->schedule.interval, conf->schedule.from, conf->schedule.to, minutes);
    buffer_add_format(&finding->remedy,
                      "If more is wanted, set from and to in the group auto of %s to a longer window (0 and 0 are the "
                      "whole day), or interval to less than %d.",
                      conf->path, minutes);
}

static void report_days(const struct conf *conf, struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    finding->is_hint = true;
    buffer_add_format(
        &finding->what,
        "search_days is %d, but the filter searches %d days at most: a rebuild by hand may find more than "
        "one by the filter.",
        conf->search_days, SCHEDULE_DAYS_MAX);
    buffer_add_format(&finding->remedy, "Set search_days in %s to %d or less.", conf->path, SCHEDULE_DAYS_MAX);
}

void inspect_schedule(const struct diagnosis_request *request, struct findings *findings)
{
    const struct conf *conf = request->conf;
    const struct schedule *schedule = &conf->schedule;
    int days = conf->search_days > SCHEDULE_DAYS_MAX ? SCHEDULE_DAYS_MAX : conf->search_days;
    if (!schedule->enabled)
        return;
    if (schedule->interval > days * DAY_MINUTES)
        report_interval(conf, days, findings);
    else if (!schedule_window_is_whole_day(schedule) && schedule->interval >= schedule_window_minutes(schedule))
        report_window(conf, findings);
    if (conf->search_days > SCHEDULE_DAYS_MAX)
        report_days(conf, findings);
}

/* --- registration ------------------------------------------------------------------------------------------------- */

static void report_unregistered(const struct diagnosis_request *request, struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what,
                      "The filter is not registered: no line of %s/" PATH_FILTERS
                      " calls it, so that XMail never does.",
                      request->conf->mail_root);
    buffer_add_text(&finding->remedy, "Register it; XMail need not be restarted:");
    inspect_add_command(request, "install", finding);
}

static void report_repeated(const struct diagnosis_request *request, const struct registration *found,
                            struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what, "The filter is registered %zu times in %s/" PATH_FILTERS ", in the lines",
                      found->count, request->conf->mail_root);
    for (size_t i = 0; i < found->count; i++)
        if (finding_tells_place(finding))
            messages_add(&finding->places, "line %lu: %s", found->lines[i].number, found->lines[i].program);
    if (registration_count(found, false) > 0) {
        buffer_add_text(&finding->remedy, "Take out all of them but one with an editor.");
        return;
    }
    buffer_add_text(&finding->remedy, "This makes one of them:");
    inspect_add_command(request, "install", finding);
}

/* Why XMail can't use the path that stands in the line; NULL if it can. */
static const char *reason_against(const char *path, int mode)
{
    struct stat status;
    if (*path != '/')
        return "the path must be absolute, since XMail searches none";
    if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) != 0 || stat(path, &status) != 0)
        return strerror(errno);
    return S_ISREG(status.st_mode) ? NULL : "it is not a regular file";
}

static void report_path(const struct diagnosis_request *request, const struct registration_line *line, const char *path,
                        const char *reason, struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what,
                      "Line %lu of %s/" PATH_FILTERS " calls the filter with a path that is of no use:", line->number,
                      request->conf->mail_root);
    (void)finding_tells_place(finding);
    messages_add(&finding->places, "%s: %s", path, reason);
    buffer_add_text(&finding->remedy, "Take the line out with an editor, and register the filter anew:");
    inspect_add_command(request, "install", finding);
}

/* Paths that are gone are told; only of a line that works it is of interest that it isn't ours. */
static void inspect_line(const struct diagnosis_request *request, const struct registration_line *line,
                         struct findings *findings)
{
    const char *against_program = reason_against(line->program, X_OK);
    if (against_program)
        report_path(request, line, line->program, against_program, findings);
    const char *against_configuration = line->configuration ? reason_against(line->configuration, R_OK) : NULL;
    if (against_configuration)
        report_path(request, line, line->configuration, against_configuration, findings);
    if (line->exact || against_program || against_configuration)
        return;
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what,
                      "Line %lu of %s/" PATH_FILTERS " calls the filter in another way than \"install\" would write "
                      "it: what is checked here may not be what XMail runs.",
                      line->number, request->conf->mail_root);
    (void)finding_tells_place(finding);
    messages_add(&finding->places, "%s -c %s", line->program,
                 line->configuration ? line->configuration : "(no configuration)");
    buffer_add_text(&finding->remedy, "If that isn't meant, take the line out with an editor, and register the filter "
                                      "anew:");
    inspect_add_command(request, "install", finding);
}

static void report_alone(const struct conf *conf, const char *other, struct findings *findings)
{
    struct finding *finding = findings_add(findings);
    struct buffer line = {0};
    buffer_add_format(&finding->what,
                      "By itself %s names %s%s: the filter, which XMail calls with it alone, does not keep the list of "
                      "%s.",
                      conf->path, other ? "another MailRoot, " : "no MailRoot", other ? other : "", conf->mail_root);
    buffer_add_text(&finding->remedy, "Write this line into it:");
    conf_add_mail_root(conf->mail_root, &line);
    findings->failed = findings->failed || line.failed;
    messages_add(&finding->copies, "%.*s", line.failed ? 0 : (int)line.length, line.failed ? "" : line.bytes);
    buffer_clear(&line);
}

/* The configuration alone must lead to MailRoot. */
static void inspect_alone(const struct diagnosis_request *request, struct findings *findings)
{
    const struct conf *conf = request->conf;
    char *alone;
    if (conf_find_alone(conf, &alone) < 0 && errno == ENOMEM)
        findings->failed = true;
    else if (!alone || !path_same_directory(alone, conf->mail_root))
        report_alone(conf, alone, findings);
    free(alone);
}

static bool is_in(const char *directory, const char *file)
{
    char own[PATH_MAX];
    return path_put_beside(own, file, ".") && path_same_directory(own, directory);
}

/* Without the configuration the filter finds its state beside that, or beside the program; or by MAIL_ROOT, if set. */
static void inspect_cost(const struct diagnosis_request *request, struct findings *findings)
{
    char own[PATH_MAX];
    if (!path_put(own, request->conf->mail_root, PATH_PROGRAM_DIRECTORY) || is_in(own, request->call->program) ||
        is_in(own, request->call->configuration))
        return;
    struct finding *finding = findings_add(findings);
    finding->is_hint = true;
    buffer_add_format(&finding->what,
                      "Neither the program nor its configuration lies in %s, where the state is: unless XMail exports "
                      "MAIL_ROOT, every call of the filter has to read the whole configuration first.",
                      own);
    buffer_add_format(&finding->remedy,
                      "Install the program there, with \"make install MAILROOT=%s\", or move the configuration there; "
                      "then run \"uninstall\" here and \"install\" there.",
                      request->conf->mail_root);
}

static void report_not_last(const struct diagnosis_request *request, const struct registration *found,
                            struct findings *findings)
{
    const struct registration_line *last = &found->lines[found->count - 1];
    struct finding *finding = findings_add(findings);
    buffer_add_format(&finding->what,
                      "Other filters come after line %lu of %s/" PATH_FILTERS ", which calls ours: if ours were ever "
                      "killed, XMail would skip them for that recipient.",
                      last->number, request->conf->mail_root);
    if (registration_count(found, false) > 0) { /* those are not ours to move */
        buffer_add_text(&finding->remedy, "Make it the last line of the file with an editor.");
        return;
    }
    buffer_add_text(&finding->remedy, "This makes it the last line of the file:");
    inspect_add_command(request, "install", finding);
}

void inspect_registration(const struct diagnosis_request *request, struct findings *findings)
{
    struct registration found = {0};
    struct error error;
    if (registration_find(request->conf->mail_root, request->call, &found, &error) < 0) {
        struct finding *finding = findings_add(findings);
        buffer_add_format(&finding->what, "%s.", error.text);
        buffer_add_text(&finding->remedy, "Make it a regular file that this user and XMail can read.");
        return;
    }
    if (found.count == 0 && request->conf->schedule.enabled)
        report_unregistered(request, findings);
    if (found.count > 1)
        report_repeated(request, &found, findings);
    for (size_t i = 0; i < found.count; i++)
        inspect_line(request, &found.lines[i], findings);
    if (found.count > 0) {
        inspect_alone(request, findings);
        inspect_cost(request, findings);
    }
    if (found.count > 0 && !found.last)
        report_not_last(request, &found, findings);
    registration_clear(&found);
}
