/* SPDX-License-Identifier: MIT */
#include "format.h"

#include <string.h>

#define DIGITS_3  "[0-9][0-9][0-9]"
#define DIGITS_12 DIGITS_3 DIGITS_3 DIGITS_3 DIGITS_3

/* Field orders and statuses: XMail 1.27's logs; the four named *-log by XMailCFG. */
static const struct log_format table[] = {
    {
        .name = "smtp",
        .flag = "-Sl",
        .files = "smtp-" DIGITS_12,
        .fields = {"server", "server domain", "client address", "time", "client domain", "destination domain", "sender",
                   "recipient", "message id", "status", "user", "size", "client name"},
        .fields_min = 13,
        .fields_max = 13,
        .time = FORMAT_TIME_ANCHOR,
        .time_field = 4,
        .address_field = 3,
        .status_field = 10,
        .status_after = 6,
        .number_field = 12, /* old versions have 12 fields: a thirteenth that a client adds is told by this */
        .login = FORMAT_LOGIN_SMTP,
        .unauthorized = "^(?:SNDR=E(?:EMPTY|SYNTAX|SPAM)|RCPT=E(?:ACCESS|AVAIL|DSBL|NBR|RELAY|SYNTAX)|AUTH=EFAIL|"
                        "VRFY=EACCESS|ETRN=EACCESS|SMTP=EERRS)",
        .refused = "^(?:SNDRIP=E(?:IPSPAM|IPBAN|IPMAP|RDNS)|SNDR=ENODNS)",
    },
    {
        .name = "pop3",
        .flag = "-Pl",
        .files = "pop3-" DIGITS_12,
        .fields = {"server", "domain", "client address", "time", "user", "password", "status", "messages", "bytes"},
        .fields_min = 7,
        .fields_max = 9, /* never 8: messages and bytes come together */
        .time = FORMAT_TIME_ANCHOR,
        .time_field = 4,
        .address_field = 3,
        .status_field = 7,
        .status_after = 3,
        .password_field = 6,
        .login = FORMAT_LOGIN_POP3,
        .unauthorized = "^ELOGIN$",
    },
    {
        .name = "xmailcfg-filter",
        .files = "filter-log*",
        .fields = {"time", "status", "from", "to", "detail"},
        .fields_min = 5,
        .fields_max = 5,
        .time = FORMAT_TIME_PREFIX,
        .time_field = 1,
        .address_field = FORMAT_LAST_FIELD,
        .status_field = 2,
        .unauthorized = "受信拒否|着信拒否",
    },
    {
        .name = "ctrl",
        .flag = "-Cl",
        .files = "ctrl-" DIGITS_12,
        .fields = {"client address", "user", "password", "time", "status"},
        .fields_min = 5,
        .fields_max = 5,
        .time = FORMAT_TIME_WHOLE,
        .time_field = 4,
        .address_field = 1,
        .status_field = 5,
        .password_field = 3,
        .unauthorized = "^FAIL$",
    },
    {
        .name = "filters",
        .flag = "-Qg",
        .files = "filters-" DIGITS_12,
        .fields = {"sender", "recipient", "local address", "client address", "time", "type", "info", "exec result",
                   "exit code", "command"},
        .fields_min = 10,
        .fields_max = 10,
        .time = FORMAT_TIME_PREFIX,
        .time_field = 5,
        .address_field = 4,
        .status_field = 9,
    },
    {
        .name = "k4",
        .files = "k4-log*",
        .fields = {"time", "status", "domain", "user", "password", "operation", "detail", "script", "client"},
        .fields_min = 9,
        .fields_max = 9,
        .time = FORMAT_TIME_PREFIX,
        .time_field = 1,
        .address_field = FORMAT_LAST_FIELD,
        .status_field = 2,
        .password_field = 5,
        .unauthorized = "^(?:Failure|Redirect)$",
    },
    {
        .name = "finger",
        .flag = "-Fl",
        .files = "finger-" DIGITS_12,
        .fields = {"server", "domain", "client address", "time", "query"},
        .fields_min = 4, /* without the server in old versions */
        .fields_max = 5,
        .time = FORMAT_TIME_ANCHOR,
        .time_field = 4,
        .address_field = 3,
    },
    {
        .name = "event",
        .files = "event-log*",
        .fields = {"time", "event", "client address", "user", "detail"},
        .fields_min = 5,
        .fields_max = 5,
        .time = FORMAT_TIME_PREFIX,
        .time_field = 1,
        .address_field = 3,
        .status_field = 2,
    },
    {
        .name = "lmail",
        .flag = "-Ll",
        .files = "lmail-" DIGITS_12,
        .fields = {"domain", "file", "message id", "time"},
        .fields_min = 4,
        .fields_max = 4,
        .time = FORMAT_TIME_PREFIX,
        .time_field = 4,
    },
    {
        .name = "psync",
        .flag = "-Yl",
        .files = "psync-" DIGITS_12,
        .fields = {"time", "domain", "user", "remote server", "remote user", "authentication", "status", "messages",
                   "bytes", "failed messages", "failed bytes"},
        .fields_min = 11,
        .fields_max = 11,
        .time = FORMAT_TIME_PREFIX,
        .time_field = 1,
        .status_field = 7,
    },
    {
        .name = "smail",
        .flag = "-Ql",
        .files = "smail-" DIGITS_12,
        .fields = {"domain", "file", "message id", "sender", "recipient", "kind", "target", "time", "remote id"},
        .fields_min = 8,
        .fields_max = 9,
        .time = FORMAT_TIME_PREFIX,
        .time_field = 8,
        .status_field = 6,
    },
};

const struct log_format *format_table(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}

const struct log_format *format_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

bool format_is_source(const struct log_format *format)
{
    return format->address_field != 0;
}
