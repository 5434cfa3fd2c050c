/* SPDX-License-Identifier: MIT */
/* What a person reads of a rebuild. */
#ifndef XS_REPORT_REBUILD_H
#define XS_REPORT_REBUILD_H

#include "conf.h"
#include "rebuild.h"

/* Prints on stdout what was read, found and done. */
void report_summary(const struct conf *conf, const struct rebuild *rebuild);

/* Prints on stdout, line by line, what would change and why, and who escapes and why. */
void report_changes(const struct conf *conf, const struct rebuild *rebuild);

#endif
