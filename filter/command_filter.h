/* SPDX-License-Identifier: MIT */
/* xmail-spammers filter: what XMail calls. It says nothing, whatever happens. */
#ifndef XS_COMMAND_FILTER_H
#define XS_COMMAND_FILTER_H

#include "options.h"

/* What stands behind the command is no argument of ours: macros there are written by the sender. name0 is argv[0]. */
void command_filter(const struct options *options, const char *name0);

#endif
