/* SPDX-License-Identifier: MIT */
/* The inspections that make up a diagnosis, a file for each thing that is inspected. For diagnosis.c. */
#ifndef XS_INSPECT_H
#define XS_INSPECT_H

#include "diagnosis.h"

/* Adds what it finds. Where memory runs out, the findings tell (findings_whole). */
typedef void inspect_function(const struct diagnosis_request *request, struct findings *findings);

inspect_function inspect_mail_root;    /* is it there? Without it the others but the schedule's find nothing */
inspect_function inspect_writing;      /* may this user make and write what a rebuild makes and writes? */
inspect_function inspect_user;         /* may XMail's user, who is the filter's? */
inspect_function inspect_logs;         /* is each log written, and can it be read? */
inspect_function inspect_list;         /* spammers.tab, line by line */
inspect_function inspect_whitelist;    /* this machine is in it, and not everybody is */
inspect_function inspect_rebuilds;     /* is anybody doing any, and did the last one succeed? */
inspect_function inspect_schedule;     /* of the filter */
inspect_function inspect_registration; /* of the filter with XMail */

/* Adds to the lines to copy of the finding the call of this program's command, fit for a shell. */
void inspect_add_command(const struct diagnosis_request *request, const char *command, struct finding *finding);

#endif
