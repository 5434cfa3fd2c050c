/* SPDX-License-Identifier: MIT */
/*
 * The log types of XMail 1.27 and of XMailCFG, as data: adding one is adding a row. Field numbers count from 1, as
 * administrators count them, and are those of a record that no client has tampered with.
 */
#ifndef XS_FORMAT_H
#define XS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FORMAT_FIELDS_MAX = 13,
    FORMAT_LAST_FIELD = -1, /* as an address field: the record's last field, searched for an address */
};

/* How a record's time, and with it the place of its address, is found. */
enum format_time {
    FORMAT_TIME_ANCHOR, /* the first field that is wholly date and time, wherever it stands; the address before it */
    FORMAT_TIME_WHOLE,  /* its field is wholly date and time */
    FORMAT_TIME_PREFIX, /* its field begins with the date, YYYY-MM-DD or YYYY/MM/DD */
};

/* What marks a record of a successful login. */
enum format_login {
    FORMAT_LOGIN_NONE,
    FORMAT_LOGIN_SMTP, /* a user, and a recipient or a message accepted */
    FORMAT_LOGIN_POP3, /* LOGIN with the count of messages and bytes */
};

struct log_format {
    const char *name;
    const char *flag;                          /* with which XMail must be started to write it; NULL: not XMail's */
    const char *files;                         /* default name pattern (fnmatch) */
    const char *fields[FORMAT_FIELDS_MAX + 1]; /* names in order, NULL behind the last */
    int fields_min;                            /* least and most fields of an untouched record */
    int fields_max;
    enum format_time time;
    int time_field;
    int address_field;  /* 0: none, the format cannot be a source; FORMAT_LAST_FIELD */
    int status_field;   /* 0: none, every record counts */
    int status_after;   /* not 0: a record that is not untouched may hold its status from so many fields after the
                           time to its last one; 0: such a record is malformed */
    int number_field;   /* 0: none; in an untouched record it is a decimal number */
    int password_field; /* 0: none; never printed */
    enum format_login login;
    const char *unauthorized; /* default pattern; NULL: must be given, or every record counts */
    const char *refused;      /* default pattern or NULL */
};

/* The table; *count rows. Never freed. */
const struct log_format *format_table(size_t *count);

/* The row of this name, or NULL. */
const struct log_format *format_find(const char *name);

/* False for a format without a client address. */
bool format_is_source(const struct log_format *format);

#endif
