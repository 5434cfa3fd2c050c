/* SPDX-License-Identifier: MIT */
#include "state.h"

#include "buffer.h"
#include "newfile.h"
#include "path.h"
#include "schedule.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char version[] = "xmail-spammers state 1\n";
static const char checksum_name[] = "checksum ";

enum {
    CHECKSUM_DIGITS = 16,
    HEAD_LENGTH = sizeof version - 1 + sizeof checksum_name - 1 + CHECKSUM_DIGITS + 1, /* up to the line behind it */
    STATE_MODE = 0644,
    DECIMAL = 10,
};

static const char *const result_names[] = {
    [STATE_NEVER] = "never", [STATE_BEGUN] = "begun", [STATE_DONE] = "done", [STATE_FAILED] = "failed"};

static const char *const origin_names[] = {[MAIL_ROOT_OPTION] = "option",
                                           [MAIL_ROOT_SETTING] = "setting",
                                           [MAIL_ROOT_ENVIRONMENT] = "environment",
                                           [MAIL_ROOT_PLACE] = "place"};

enum { RESULT_COUNT = sizeof result_names / sizeof *result_names };
enum { ORIGIN_COUNT = sizeof origin_names / sizeof *origin_names };

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* Cuts off the line at *at and moves behind it. NULL at the end, or if the line has no end. */
static char *take_line(char **at)
{
    char *line = *at;
    char *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = '\0';
    *at = end + 1;
    return line;
}

/* Cuts off the word at *at and moves behind the space that follows it. */
static const char *take_word(char **at)
{
    char *word = *at;
    char *end = word + strcspn(word, " ");
    *at = *end == ' ' ? end + 1 : end;
    *end = '\0';
    return word;
}

static bool take_number(char **at, int64_t *number)
{
    const char *word = take_word(at);
    char *end;
    errno = 0;
    *number = strtoll(word, &end, DECIMAL);
    return *word != '\0' && *end == '\0' && errno == 0;
}

static bool take_size(char **at, uint64_t *number)
{
    const char *word = take_word(at);
    char *end;
    errno = 0;
    *number = strtoull(word, &end, DECIMAL);
    return *word >= '0' && *word <= '9' && *end == '\0' && errno == 0;
}

static bool take_name(char **at, const char *const *names, size_t count, size_t *found)
{
    const char *word = take_word(at);
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, names[i]) == 0) {
            *found = i;
            return true;
        }
    return false;
}

static bool parse_run(char *text, struct state_run *run)
{
    int64_t begun;
    size_t result;
    if (!take_number(&text, &begun) || !take_name(&text, result_names, RESULT_COUNT, &result) ||
        !take_size(&text, &run->milliseconds))
        return false;
    run->begun = (time_t)begun;
    run->result = (enum state_result)result;
    (void)snprintf(run->detail, sizeof run->detail, "%s", text);
    return true;
}

static bool parse_filter(char *text, struct state *state)
{
    return parse_run(text, &state->filter);
}

static bool parse_command(char *text, struct state *state)
{
    return parse_run(text, &state->command);
}

static bool parse_faults(char *text, struct state *state)
{
    return take_size(&text, &state->faults);
}

static bool parse_quiet(char *text, struct state *state)
{
    int64_t from;
    int64_t until;
    if (!take_number(&text, &from) || !take_number(&text, &until))
        return false;
    state->quiet_from = (time_t)from;
    state->quiet_until = (time_t)until;
    return true;
}

static bool parse_mail_root(char *text, struct state *state)
{
    size_t origin;
    if (!take_name(&text, origin_names, ORIGIN_COUNT, &origin) || *text != '/')
        return false;
    state->origin = (enum mail_root_origin)origin;
    state->mail_root = text;
    return true;
}

static bool parse_file(char *text, struct state *state)
{
    struct state_file file;
    if (state->file_count == STATE_FILES_MAX || !take_size(&text, &file.identity.device) ||
        !take_size(&text, &file.identity.inode) || !take_size(&text, &file.identity.size) ||
        !take_number(&text, &file.identity.written) || !take_number(&text, &file.identity.changed) || *text == '\0')
        return false;
    file.path = text;
    state->files[state->file_count++] = file;
    return true;
}

static const struct {
    const char *name;
    bool (*parse)(char *text, struct state *state);
} lines[] = {
    {"filter", parse_filter}, {"command", parse_command},     {"faults", parse_faults},
    {"quiet", parse_quiet},   {"mail_root", parse_mail_root}, {"file", parse_file},
};

static bool parse_line(char *line, struct state *state)
{
    const char *name = take_word(&line);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strcmp(name, lines[i].name) == 0)
            return lines[i].parse(line, state);
    return false;
}

/* FNV-1a, 64 bits, begun or gone on with: no change of a single byte goes unnoticed, and others hardly ever. */
static const uint64_t checksum_begin = 0xcbf29ce484222325;

static uint64_t checksum(uint64_t sum, const char *bytes, size_t length)
{
    const uint64_t prime = 0x100000001b3;
    for (size_t i = 0; i < length; i++)
        sum = (sum ^ (unsigned char)bytes[i]) * prime;
    return sum;
}

/* The first two lines of a file with this content behind them; not NUL-ended. */
static void make_head(const char *content, size_t length, char head[HEAD_LENGTH])
{
    char text[HEAD_LENGTH + 1];
    (void)snprintf(text, sizeof text, "%s%s%0*" PRIx64 "\n", version, checksum_name, CHECKSUM_DIGITS,
                   checksum(checksum_begin, content, length));
    memcpy(head, text, HEAD_LENGTH);
}

bool state_parse(struct state_bytes *bytes, struct state *state)
{
    char head[HEAD_LENGTH];
    *state = (struct state){.file_count = 0};
    if (bytes->length < HEAD_LENGTH)
        return false;
    make_head(bytes->text + HEAD_LENGTH, bytes->length - HEAD_LENGTH, head);
    if (memcmp(bytes->text, head, HEAD_LENGTH) != 0)
        return false;
    char *at = bytes->text + HEAD_LENGTH;
    bytes->text[bytes->length] = '\0';
    bool right = true;
    for (char *line; right && (line = take_line(&at));)
        right = parse_line(line, state);
    if (right && at == bytes->text + bytes->length)
        return true;
    *state = (struct state){.file_count = 0};
    return false;
}

int state_read(const char *path, struct state_bytes *bytes, struct state *state, struct error *error)
{
    *state = (struct state){.file_count = 0};
    bytes->length = 0;
    int descriptor = sys_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
    if (descriptor < 0)
        return errno == ENOENT ? 0 : error_system(error, errno, "unable to read the state %s", path);
    ssize_t got = sys_read(descriptor, bytes->text, sizeof bytes->text);
    int reason = errno;
    (void)sys_close(descriptor);
    if (got < 0)
        return error_system(error, reason, "unable to read the state %s", path);
    bytes->length = (size_t)got;
    if (got <= STATE_SIZE_MAX && state_parse(bytes, state))
        return 1;
    return error_set(error, "unable to use the state %s: it is damaged, or of another version of xmail-spammers", path);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

void state_set_detail(struct state_run *run, const char *text)
{
    (void)snprintf(run->detail, sizeof run->detail, "%s", text);
    messages_make_harmless(run->detail, strlen(run->detail));
}

static bool can_be_written(const char *path)
{
    for (; *path != '\0'; path++)
        if ((unsigned char)*path < ' ')
            return false;
    return true;
}

static void add_run(const char *name, const struct state_run *run, struct buffer *text)
{
    if (run->result != STATE_NEVER)
        buffer_add_format(text, "%s %lld %s %" PRIu64 " %s\n", name, (long long)run->begun, result_names[run->result],
                          run->milliseconds, run->detail);
}

/* What must hold for it to be quiet. */
static void add_conditions(const struct state *state, struct buffer *text)
{
    buffer_add_format(text, "quiet %lld %lld\n", (long long)state->quiet_from, (long long)state->quiet_until);
    buffer_add_format(text, "mail_root %s %s\n", origin_names[state->origin], state->mail_root);
    for (size_t i = 0; i < state->file_count; i++) {
        const struct identity *identity = &state->files[i].identity;
        buffer_add_format(text, "file %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 " %s\n",
                          identity->device, identity->inode, identity->size, identity->written, identity->changed,
                          state->files[i].path);
    }
}

static void render(const struct state *state, struct buffer *file)
{
    char head[HEAD_LENGTH] = {0};
    bool quiet = state->file_count > 0 && state->mail_root && can_be_written(state->mail_root);
    for (size_t i = 0; i < state->file_count; i++)
        quiet = quiet && can_be_written(state->files[i].path);
    buffer_add(file, head, sizeof head);
    add_run("filter", &state->filter, file);
    add_run("command", &state->command, file);
    buffer_add_format(file, "faults %" PRIu64 "\n", state->faults);
    size_t before = file->length;
    if (quiet)
        add_conditions(state, file);
    if (file->length > STATE_SIZE_MAX)
        file->length = before;
    if (!file->failed)
        make_head(file->bytes + HEAD_LENGTH, file->length - HEAD_LENGTH, file->bytes);
}

/* Like the other files that the filter and an administrator's rebuild share, it belongs to its directory's owner. */
static int find_owner(const char *path, struct newfile_owner *owner, struct error *error)
{
    struct stat status;
    char *directory = path_directory(path);
    int result = 1;
    if (!directory)
        result = error_memory(error, "write the state");
    else if (stat(directory, &status) != 0)
        result = error_system(error, errno, "unable to find the directory %s", directory);
    else
        *owner = (struct newfile_owner){.user = status.st_uid, .group = status.st_gid, .mode = STATE_MODE};
    free(directory);
    return result;
}

int state_write(const char *path, const struct state *state, struct error *error)
{
    struct newfile_owner owner;
    struct newfile file;
    struct buffer content = {0};
    render(state, &content);
    int result = content.failed ? error_memory(error, "write the state") : find_owner(path, &owner, error);
    if (result > 0)
        result = newfile_write(path, &content, &owner, &file, error);
    /* If the directory can't be synced, a crash of the machine may bring the old state back: no harm. */
    if (result > 0)
        result = newfile_replace(&file, path, error) < 0 ? -1 : 1;
    buffer_clear(&content);
    return result;
}

void state_record_command(const char *path, const struct state_run *run, struct messages *warnings)
{
    struct state_bytes *bytes = malloc(sizeof *bytes);
    struct state state;
    struct error error;
    if (!bytes) {
        messages_add(warnings, "unable to write the state %s: out of memory", path);
        return;
    }
    if (state_read(path, bytes, &state, &error) < 0)
        messages_add(warnings, "%s: no rebuild by the filter is on record any more", error.text);
    state.command = *run;
    if (state_write(path, &state, &error) < 0)
        messages_add(warnings, "%s: \"status\" won't know of this rebuild", error.text);
    free(bytes);
}

time_t state_last_attempt(const struct state *state)
{
    return state->filter.result == STATE_NEVER ? SCHEDULE_NO_ATTEMPT : state->filter.begun;
}

const char *state_result_name(enum state_result result)
{
    return result_names[result];
}

uint64_t state_digest(const struct messages *messages)
{
    uint64_t sum = checksum_begin;
    for (size_t i = 0; i < messages->count; i++)
        sum = checksum(sum, messages->texts[i], strlen(messages->texts[i]) + 1);
    return sum == 0 ? 1 : sum;
}
