/* SPDX-License-Identifier: MIT */
/*
 * The hot path, run at every recipient of every mail: does the state file tell that nothing can be due? It reads that
 * file, asks for the status of the configuration's, and reads, allocates and opens nothing else.
 */
#ifndef XS_UNDUE_H
#define XS_UNDUE_H

#include "state.h"

#include <stdbool.h>
#include <time.h>

/* One call of the filter. Texts may be NULL. */
struct undue_call {
    const char *program;                /* argv[0] */
    const char *configuration;          /* as given by -c */
    const char *configuration_variable; /* XMAIL_SPAMMERS_CONF */
    const char *mail_root;              /* as given by -r */
    const char *mail_root_variable;     /* MAIL_ROOT */
    time_t now;
};

/*
 * True if the state, found where the call's own state must be or is likely to be, says that for just such a call
 * nothing is due now. False if it isn't so, or can't be told in this way. *state is the last one that was looked at.
 */
bool undue_tell(const struct undue_call *call, struct state_bytes *bytes, struct state *state);

/* True if the state is quiet now and was written for just such a call, with this configuration file. */
bool undue_by_state(const struct undue_call *call, const char *configuration, const struct state *state);

#endif
