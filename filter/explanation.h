/* SPDX-License-Identifier: MIT */
/* All that is known of one host, put together for the command explain, and told. */
#ifndef XS_EXPLANATION_H
#define XS_EXPLANATION_H

#include "command.h"

#include "conf.h"
#include "dossier.h"
#include "error.h"
#include "gather.h"
#include "history.h"
#include "logfiles.h"
#include "outlook.h"
#include "rebuild.h"

#include <stdbool.h>

/* All zero but for the first four. */
struct explanation {
    const struct command_options *options;
    const struct conf *conf;
    struct address host;
    bool all;    /* show every record, not the newest alone */
    bool judged; /* a rebuild can judge the host; else why not: */
    struct error failure;
    struct rebuild rebuild; /* a dry run; not judged: list, tab and whitelist alone */
    struct outlook outlook; /* if it is judged */
    struct history history;
    bool recalled; /* the history could be read */
    struct logfiles files;
    struct dossier dossier;
};

/* Once the rebuild was run: what becomes of the host. Returns 1, or -1 with the error. */
int explanation_judge(struct explanation *explanation, struct error *error);

/* Where it can't be run: the list and the whitelist as they are. Returns 1, or -1 with the error. */
int explanation_read_list(struct explanation *explanation, struct error *error);

/* What the logs say. Returns 1, or -1 with the error. */
int explanation_read_logs(struct explanation *explanation, gather_progress *progress, void *context,
                          struct error *error);

/* Prints it all on stdout. */
void explanation_print(const struct explanation *explanation);

void explanation_clear(struct explanation *explanation);

#endif
