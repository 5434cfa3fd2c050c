/* SPDX-License-Identifier: MIT */
/*
 * Looks through all that a rebuild and the filter depend on, once the configuration is right: MailRoot, logs,
 * spammers.tab, whitelist, schedule, registration. Changes nothing.
 */
#ifndef XS_DIAGNOSIS_H
#define XS_DIAGNOSIS_H

#include "conf.h"
#include "error.h"
#include "finding.h"
#include "interfaces.h"
#include "moment.h"
#include "registration.h"

struct diagnosis_request {
    const struct conf *conf;
    const struct moment *now;
    const struct registration_call *call; /* what XMail is to call */
    interfaces_function *interfaces;      /* interfaces_read, or a test's own */
};

/*
 * Adds everything that is found to findings, the caller's to clear in any case. Returns 1, or -1 with the error if
 * memory ran out and they are not whole. Permissions are asked for this process: its effective user.
 */
int diagnosis_make(const struct diagnosis_request *request, struct findings *findings, struct error *error);

#endif
