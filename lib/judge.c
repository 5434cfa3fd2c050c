/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include "tally.h"

#include <errno.h>
#include <stdlib.h>

/*
 * True if the letters of ASCII stand for themselves. Other encodings, UTF-16 say, may begin with a mark of the byte
 * order, which the C library (glibc 2.36) remembers even when the converter is told to begin anew.
 */
static bool keeps_ascii(iconv_t converter)
{
    char letters[] = {'A', 'B', 'C', 'D'};
    char converted[4 * sizeof letters];
    char *in = letters;
    char *out = converted;
    size_t in_left = sizeof letters;
    size_t left = sizeof converted;
    return iconv(converter, &in, &in_left, &out, &left) != (size_t)-1 &&
           iconv(converter, NULL, NULL, &out, &left) != (size_t)-1 && sizeof converted - left == sizeof letters &&
           memcmp(converted, letters, sizeof letters) == 0;
}

struct judge *judge_new(const struct conf_log *log, struct error *error)
{
    struct judge *judge = calloc(1, sizeof *judge);
    if (!judge) {
        (void)error_memory(error, "read logs");
        return NULL;
    }
    judge->log = log;
    for (size_t i = 0; i < JUDGE_SLOTS; i++)
        judge->known[i][JUDGE_WORDS - 1] = UINT64_MAX; /* no status, not even the empty one */
    judge->matcher = matcher_new();
    if (!judge->matcher) {
        (void)error_memory(error, "read logs");
        goto fail;
    }
    if (log->encoding) {
        judge->converter = iconv_open("UTF-8", log->encoding);
        judge->converts = (intptr_t)judge->converter != -1;
        if (!judge->converts) {
            (void)error_system(error, errno, "unable to convert from the encoding %s", log->encoding);
            goto fail;
        }
        judge->forgets = keeps_ascii(judge->converter);
    }
    return judge;
fail:
    judge_free(judge);
    return NULL;
}

void judge_free(struct judge *judge)
{
    if (!judge)
        return;
    if (judge->converts)
        (void)iconv_close(judge->converter);
    matcher_free(judge->matcher);
    buffer_clear(&judge->converted);
    free(judge);
}

/* Makes the converter ready for another status. False if memory ran out. */
static bool begin_anew(struct judge *judge)
{
    if (judge->forgets) {
        (void)iconv(judge->converter, NULL, NULL, NULL, NULL);
        return true;
    }
    (void)iconv_close(judge->converter);
    judge->converter = iconv_open("UTF-8", judge->log->encoding);
    judge->converts = (intptr_t)judge->converter != -1;
    return judge->converts;
}

/* Converts a status that isn't ASCII to UTF-8, into judge->converted. False if it can't be. */
static bool convert(struct judge *judge, const char **status, size_t *length)
{
    size_t i = 0;
    while (i < *length && (unsigned char)(*status)[i] < 0x80)
        i++;
    if (i == *length || !judge->converts)
        return true;
    judge->converted.length = 0;
    size_t left = *length * 4 + 16; /* no character of any encoding's byte takes more in UTF-8 */
    if (!buffer_reserve(&judge->converted, left) || !begin_anew(judge)) {
        judge->failed = true;
        return false;
    }
    char *in;
    memcpy(&in, status, sizeof in); /* iconv reads it only, but its type doesn't say so */
    size_t in_left = *length;
    char *out = judge->converted.bytes;
    if (iconv(judge->converter, &in, &in_left, &out, &left) == (size_t)-1 ||
        iconv(judge->converter, NULL, NULL, &out, &left) == (size_t)-1)
        return false;
    *status = judge->converted.bytes;
    *length = (size_t)(out - judge->converted.bytes);
    return true;
}

/* The verdict if the pattern matches; or JUDGED_LIMIT, or 0. */
static unsigned try_pattern(const struct judge *judge, const struct pattern *pattern, const char *status, size_t length,
                            unsigned verdict)
{
    switch (pattern_match(pattern, judge->matcher, status, length)) {
    case PATTERN_MATCH:
        return verdict;
    case PATTERN_LIMIT:
        return JUDGED_LIMIT;
    case PATTERN_NO_MATCH:
        break;
    }
    return 0;
}

static bool is_one_of(const char *status, size_t length, const char *const *texts)
{
    for (; *texts; texts++)
        if (length == strlen(*texts) && memcmp(status, *texts, length) == 0)
            return true;
    return false;
}

/* Of the bytes as they stand in the log. */
static unsigned judge_login(const struct judge *judge, const char *status, size_t length)
{
    static const char *const accepted[][3] = {
        [FORMAT_LOGIN_NONE] = {NULL},
        [FORMAT_LOGIN_SMTP] = {"RCPT=OK", "RECV=OK", NULL},
        [FORMAT_LOGIN_POP3] = {"LOGIN", NULL},
    };
    return is_one_of(status, length, accepted[judge->log->format->login]) ? JUDGED_ACCEPTED : 0;
}

unsigned judge_afresh(struct judge *judge, const char *status, size_t length)
{
    const unsigned login = judge_login(judge, status, length);
    if (!judge->log->unauthorized)
        return VERDICT_UNAUTHORIZED | login;
    if (!convert(judge, &status, &length))
        return login;
    unsigned verdict = try_pattern(judge, judge->log->unauthorized, status, length, VERDICT_UNAUTHORIZED);
    if (!(verdict & VERDICT_UNAUTHORIZED) && judge->log->refused)
        verdict |= try_pattern(judge, judge->log->refused, status, length, VERDICT_REFUSED);
    return verdict | login;
}
