/* SPDX-License-Identifier: MIT */
#include "explanation.h"

#include "listfile.h"
#include "moment.h"
#include "prepare.h"

enum { RECORDS_SHOWN = 20 };

int explanation_judge(struct explanation *explanation, struct error *error)
{
    const struct outlook_grounds grounds = rebuild_grounds(&explanation->rebuild);
    struct outlooks *outlooks = outlooks_new(&grounds, error);
    if (!outlooks)
        return -1;
    explanation->outlook = outlook_of(outlooks, explanation->host);
    outlooks_free(outlooks);
    return 1;
}

int explanation_read_list(struct explanation *explanation, struct error *error)
{
    struct rebuild *rebuild = &explanation->rebuild;
    const struct conf *conf = explanation->conf;
    rebuild_clear(rebuild);
    *rebuild = (struct rebuild){
        .range = day_range_until(moment_day(&explanation->options->now), (unsigned long)conf->search_days)};
    if (listfile_read(conf->mail_root, &rebuild->list.table, error) < 0 ||
        spamtab_parse(&rebuild->list.table.content, conf->permanent, &rebuild->tab, error) < 0)
        return -1;
    return conf_whitelist(conf, &rebuild->whitelist, error);
}

int explanation_read_logs(struct explanation *explanation, gather_progress *progress, void *context,
                          struct error *error)
{
    const struct conf *conf = explanation->conf;
    const struct day_range range = explanation->rebuild.range;
    struct logfiles *files = &explanation->files;
    explanation->recalled = history_read(conf->mail_root, explanation->host, &explanation->history, error) > 0;
    if (!explanation->recalled)
        messages_add(&explanation->rebuild.warnings, "%s", error->text);
    struct messages told = {0}; /* by the rebuild */
    const int listed = logfiles_list(conf->logs, conf->log_count, !conf_log_enabled(conf), &told, files, error);
    messages_clear(&told);
    if (listed < 0)
        return explanation->judged ? -1 : 1; /* the failure has told of it */
    const struct logfiles recent = logfiles_recent(files, range.first, !explanation->options->now.rehearsed);
    const struct chronicle_request request = {.logs = conf->logs,
                                              .log_count = conf->log_count,
                                              .files = &recent,
                                              .range = range,
                                              .progress = progress,
                                              .context = context};
    return dossier_read(&request, explanation->host, explanation->all ? SIZE_MAX : RECORDS_SHOWN, &explanation->dossier,
                        error);
}

void explanation_clear(struct explanation *explanation)
{
    rebuild_clear(&explanation->rebuild);
    history_clear(&explanation->history);
    logfiles_clear(&explanation->files);
    dossier_clear(&explanation->dossier);
}
