/* SPDX-License-Identifier: MIT */
/*
 * MAILROOT/filters/xmail-spammers/state: what is remembered from one call of the filter to the next. Small text, a line
 * each:
 *
 *     xmail-spammers state 1
 *     checksum 0123456789abcdef                of all that follows
 *     filter BEGUN RESULT MILLISECONDS DETAIL  its last attempt; BEGUN in seconds since the Epoch
 *     command BEGUN RESULT MILLISECONDS DETAIL the last rebuild by hand or by cron
 *     faults DIGEST                            of the configuration's faults that were logged; 0: it had none
 *     quiet FROM UNTIL                         nothing can be due in [FROM, UNTIL), as long as what follows holds
 *     mail_root ORIGIN PATH                    MailRoot, and what told it
 *     file DEVICE INODE SIZE WRITTEN CHANGED PATH
 *                                              each file of the configuration, its own first
 */
#ifndef XS_STATE_H
#define XS_STATE_H

#include "error.h"
#include "identity.h"
#include "messages.h"
#include "path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    STATE_SIZE_MAX = 32 * 1024, /* of the file, in bytes; a longer one is none of ours */
    STATE_FILES_MAX = 64,       /* a configuration of more is read at each call */
    STATE_DETAIL_MAX = 512,     /* of a detail, with its NUL; a longer one is cut */
    STATE_QUIET_MAX = 3600,     /* seconds: the time zone may have changed, or what a fault was due to */
};

enum state_result { STATE_NEVER, STATE_BEGUN, STATE_DONE, STATE_FAILED };

/* The last rebuild of one kind. */
struct state_run {
    enum state_result result; /* STATE_BEGUN: it runs, or was killed */
    time_t begun;             /* unless STATE_NEVER */
    uint64_t milliseconds;    /* that it took, once it is done or has failed */
    char detail[STATE_DETAIL_MAX];
};

struct state_file {
    const char *path; /* without control characters */
    struct identity identity;
};

/* All zero: nothing ever ran. The texts are somebody else's; of a state that was read, its bytes. */
struct state {
    struct state_run filter;
    struct state_run command;
    uint64_t faults;
    time_t quiet_from;
    time_t quiet_until; /* <= quiet_from: never quiet; no more than STATE_QUIET_MAX of it counts */
    enum mail_root_origin origin;
    const char *mail_root; /* or NULL */
    struct state_file files[STATE_FILES_MAX];
    size_t file_count;
};

/* The content of a state file, which a struct state points into. */
struct state_bytes {
    char text[STATE_SIZE_MAX + 1];
    size_t length;
};

/*
 * Reads the file; no symbolic link is followed, nothing can hold it up. Returns 1; 0 if it is missing; or -1 with the
 * error if it can't be read, is damaged or of another version. Unless 1, *state is that in which nothing ever ran.
 */
int state_read(const char *path, struct state_bytes *bytes, struct state *state, struct error *error);

/* As state_read, of bytes->text with bytes->length bytes, which are changed. True or false. */
bool state_parse(struct state_bytes *bytes, struct state *state);

/*
 * Writes the file atomically and syncs it; the caller holds the lock. If it would be too long, or a path has a control
 * character in it, the files are left out: then nothing is ever quiet. Returns 1, or -1 with the error.
 */
int state_write(const char *path, const struct state *state, struct error *error);

/*
 * Sets what the state says of the last rebuild by hand, and leaves the rest as it is. Of a state that can't be used
 * there is no rest; that, and why it can't be written, is added to warnings.
 */
void state_record_command(const char *path, const struct state_run *run, struct messages *warnings);

/* When the filter's last attempt began, as the schedule wants it: SCHEDULE_NO_ATTEMPT if there was none. */
time_t state_last_attempt(const struct state *state);

/* The word for a result: "never", "begun", "done" or "failed". */
const char *state_result_name(enum state_result result);

/* A digest of the texts, never 0. */
uint64_t state_digest(const struct messages *messages);

/* Sets the detail from a text: cut, and control characters replaced. */
void state_set_detail(struct state_run *run, const char *text);

#endif
