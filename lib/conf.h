/* SPDX-License-Identifier: MIT */
/* The configuration file (libconfig), read, checked and compiled: whoever holds a struct conf holds a right one. */
#ifndef XS_CONF_H
#define XS_CONF_H

#include "buffer.h"
#include "conftext.h"
#include "format.h"
#include "messages.h"
#include "path.h"
#include "pattern.h"
#include "schedule.h"
#include "whitelist.h"

#include <stdbool.h>
#include <stddef.h>

enum save_mode { SAVE_APPEND, SAVE_REPLACE, SAVE_NONE };

enum list_order { ORDER_ADDRESS, ORDER_HITS };

enum {
    CONF_NO_REMOVE_COUNT = -1,
    CONF_SCAN_THREADS_MAX = 4, /* when threads is 0 */
};

/* One entry of logs: a kind of log, where its files are, and what counts in it. */
struct conf_log {
    const struct log_format *format;
    bool enabled;
    char **files;                    /* name patterns for fnmatch, without "/"; NULL-ended, at least one */
    char **directories;              /* absolute; NULL-ended, at least one */
    struct pattern *unauthorized;    /* NULL: every record counts */
    struct pattern *refused;         /* NULL: none does */
    char *encoding;                  /* iconv name or NULL */
    int address_field;               /* from 1; the format's own, maybe FORMAT_LAST_FIELD, unless overridden */
    bool address_overridden;         /* address_field or address_pattern was given */
    struct pattern *address_pattern; /* tried on the address field; its group "ip" is the address; NULL: none */
};

struct conf {
    char *path;          /* of the file, as given */
    char *mail_root;     /* without a "/" at its end, unless it is "/" */
    char *mail_root_set; /* what the setting says, whether that counts or not; NULL: it isn't there */
    enum save_mode save_mode;
    enum list_order order;
    int search_days;                    /* >= 1 */
    int register_count;                 /* >= 1 */
    int remove_count;                   /* >= 0 and < register_count, or CONF_NO_REMOVE_COUNT */
    struct whitelist whitelist;         /* the administrator's part only, not sealed */
    struct whitelist whitelist_setting; /* of that what the configuration itself says, not sealed */
    char *whitelist_file;               /* path */
    uid_t author;                       /* who alone may write the configuration, or CONFTEXT_SEVERAL */
    bool xmail_whitelist;
    bool exempt_authenticated;
    int ipv4_prefix; /* 8-32 */
    int ipv6_prefix; /* 16-128 */
    struct pattern *permanent;
    struct schedule schedule; /* of the filter */
    int max_added;            /* >= 1: of more additions, the filter makes none */
    int max_backups;          /* >= 1 */
    int threads;              /* 0-64; 0: the online cores, at most CONF_SCAN_THREADS_MAX */
    struct conf_log *logs;
    size_t log_count;
};

/* What a configuration was made from, as far as it was found: also of a faulty one. */
struct conf_sources {
    char *mail_root; /* or NULL */
    enum mail_root_origin origin;
    struct conftext_file *files; /* the configuration's own first, those that it includes, the whitelist's */
    size_t file_count;
};

/*
 * Reads the file. mail_root_given (the option -r) wins over the setting mail_root, which wins over
 * mail_root_environment (MAIL_ROOT); each may be NULL. If none tells, it is the MailRoot in whose
 * filters/xmail-spammers the file is. Returns the configuration, the caller's to free with conf_free; or NULL, with
 * every fault in problems as "FILE:LINE: SETTING: what is wrong, what is allowed" (faults of the whole file as "unable
 * to ..."). A NULL with empty problems does not happen. In either case *sources, unless it is NULL, is the caller's to
 * clear.
 */
struct conf *conf_read(const char *path, const char *mail_root_given, const char *mail_root_environment,
                       struct conf_sources *sources, struct messages *problems);

/*
 * MailRoot as conf_read finds it, even if the configuration is faulty, in new memory, the caller's to free; NULL if
 * nothing tells it. The faults are added to problems.
 */
char *conf_find_mail_root(const char *path, const char *mail_root_given, const char *mail_root_environment,
                          struct messages *problems);

/*
 * The MailRoot to which the configuration leads by itself, as when XMail calls the filter: without -r, and maybe
 * without MAIL_ROOT. Returns 1, *mail_root being the caller's to free; else it is NULL: 0 if the configuration doesn't
 * lead to any, -1 with errno if that can't be told.
 */
int conf_find_alone(const struct conf *conf, char **mail_root);

void conf_sources_clear(struct conf_sources *sources);

void conf_free(struct conf *conf);

/*
 * Makes the entry of logs that such a log of this format would have without any setting; also for a format that can't
 * be a source. Returns 1, *log being the caller's to clear; or -1 with the error.
 */
int conf_log_default(const struct conf *conf, const struct log_format *format, struct conf_log *log,
                     struct error *error);
void conf_log_clear(struct conf_log *log);

/* True if any log is enabled. */
bool conf_log_enabled(const struct conf *conf);

/*
 * Adds to the empty whitelist all that is white-listed: what the administrator says and, unless xmail_whitelist is
 * false, what XMail trusts; and seals it. Returns 1, or -1 with the error; it is the caller's to clear in any case.
 */
int conf_whitelist(const struct conf *conf, struct whitelist *whitelist, struct error *error);

/* Adds the setting mail_root as a line of the configuration file has it, without a line end. */
void conf_add_mail_root(const char *mail_root, struct buffer *line);

/* The word of the configuration file for a mode: "append", "replace", "none". */
const char *conf_save_mode_name(enum save_mode mode);

#endif
