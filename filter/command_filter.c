/* SPDX-License-Identifier: MIT */
#include "command_filter.h"

#include "automatic.h"
#include "configuration.h"
#include "descriptors.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>

/* The reason why the call can't be understood, or NULL. */
static const char *read_call(const struct options *options, struct automatic_call *call, struct moment *now,
                             char mail_root[PATH_MAX])
{
    call->mail_root = options->mail_root;
    if (options->faulty)
        return "an option before \"filter\" is unknown or lacks its argument";
    if (options->now && !moment_parse(options->now, now))
        return "the time behind --now must be one that exists, as YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS";
    if (options->mail_root && *options->mail_root != '/') {
        call->mail_root = realpath(options->mail_root, mail_root);
        return call->mail_root ? NULL : "the MailRoot behind -r isn't there";
    }
    return NULL;
}

void command_filter(const struct options *options, const char *name0)
{
    char mail_root[PATH_MAX];
    struct moment now;
    struct automatic_call call = {.mail_root_variable = getenv("MAIL_ROOT"), .now = &now};
    descriptors_close_others();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error, and no reason to die */
    if (!moment_now(&now))
        return;
    call.fault = read_call(options, &call, &now, mail_root);
    char *configuration = configuration_path(name0, options->configuration, call.mail_root);
    call.configuration = configuration;
    (void)automatic_run(&call);
    free(configuration);
}
