/* SPDX-License-Identifier: MIT */
/* A MailRoot with logs, and what is to be gathered from them, for a program of one file that includes this. */
#ifndef XS_TESTS_SUPPORT_LOGS_H
#define XS_TESTS_SUPPORT_LOGS_H

#include "support.h"

#include "gather.h"

enum { LOGS_MAX = 4 };

struct bench {
    char mail_root[SUPPORT_PATH_SIZE];
    char cache[SUPPORT_PATH_SIZE + 8]; /* a directory that isn't there yet */
    struct zone_kept zone;
    struct conf_log logs[LOGS_MAX];
    struct conf conf;
    struct gather_request request; /* of a week, without the cache */
    struct messages warnings;
    struct error error;
};

/* Without logs, for one thread. */
static inline struct bench *bench_new(void)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    directory_make(bench->mail_root);
    assert_int_equal(mkdir(path_in(bench->mail_root, "logs"), 0755), 0);
    (void)snprintf(bench->cache, sizeof bench->cache, "%s/cache", bench->mail_root);
    bench->zone = zone_set("UTC0");
    bench->conf = (struct conf){.mail_root = bench->mail_root, .logs = bench->logs, .threads = 1};
    bench->request = (struct gather_request){.conf = &bench->conf, .range = {20261115, 20261121}};
    return bench;
}

static inline int tear_down(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < bench->conf.log_count; i++)
        log_drop(&bench->logs[i]);
    messages_clear(&bench->warnings);
    directory_drop(bench->mail_root);
    zone_restore(&bench->zone);
    free(bench);
    return 0;
}

/* Adds a log. files and directories, which may be below MailRoot, are NULL-ended lists or NULL for the defaults. */
static inline struct conf_log *add_log(struct bench *bench, const char *format, const char *const *files,
                                       const char *const *directories)
{
    assert_true(bench->conf.log_count < LOGS_MAX);
    struct conf_log *log = &bench->logs[bench->conf.log_count++];
    *log = log_from((struct log_wish){.format = format});
    if (files) {
        strings_drop(log->files);
        log->files = strings_from(files);
    }
    if (directories) {
        strings_drop(log->directories);
        log->directories = strings_from(directories);
    }
    for (char **directory = log->directories; *directory; directory++) {
        char *path = **directory == '/' ? strdup(*directory) : path_join(bench->mail_root, *directory);
        free(*directory);
        *directory = path;
    }
    return log;
}

/* A path below MailRoot. */
static inline const char *in(const struct bench *bench, const char *name)
{
    return path_in(bench->mail_root, name);
}

#endif
