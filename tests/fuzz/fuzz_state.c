/* SPDX-License-Identifier: MIT */
/*
 * The state file: any bytes, and any content behind the checksum that belongs to it. What is accepted, written and read
 * again says the same, unless a path in it can't be written: then it is never quiet. It is quiet only within its time
 * and while all its files are as they were; and what isn't accepted, as every damaged one, never is.
 */
#include "fuzz.h"

#include "state.h"
#include "undue.h"

#include <limits.h>
#include <sys/stat.h>

static void require_same_run(const struct state_run *a, const struct state_run *b)
{
    require(a->result == b->result);
    if (a->result != STATE_NEVER)
        require(a->begun == b->begun && a->milliseconds == b->milliseconds && strcmp(a->detail, b->detail) == 0);
}

static void require_same(const struct state *a, const struct state *b)
{
    require_same_run(&a->filter, &b->filter);
    require_same_run(&a->command, &b->command);
    require(a->faults == b->faults);
}

static void require_same_conditions(const struct state *a, const struct state *b)
{
    require(a->quiet_from == b->quiet_from && a->quiet_until == b->quiet_until);
    require(a->origin == b->origin && a->file_count == b->file_count);
    require(!a->mail_root == !b->mail_root && (!a->mail_root || strcmp(a->mail_root, b->mail_root) == 0));
    for (size_t i = 0; i < a->file_count; i++)
        require(strcmp(a->files[i].path, b->files[i].path) == 0 &&
                identity_equal(&a->files[i].identity, &b->files[i].identity));
}

/* --- whether anything may be due ---------------------------------------------------------------------------------- */

static bool is_quiet(const struct state *state, time_t now)
{
    const char *configuration = state->file_count > 0 ? state->files[0].path : "/c";
    struct undue_call call = {.now = now};
    if (state->origin == MAIL_ROOT_OPTION)
        call.mail_root = state->mail_root;
    if (state->origin == MAIL_ROOT_ENVIRONMENT)
        call.mail_root_variable = state->mail_root;
    return undue_by_state(&call, configuration, state);
}

/* What can't be used must not keep anything from being done, nor say that anything was. */
static void require_nothing(const struct state *state)
{
    static const time_t times[] = {0, 1, -1, 1795000000, LONG_MAX, LONG_MIN};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        require(!is_quiet(state, times[i]));
    require(state->filter.result == STATE_NEVER && state->command.result == STATE_NEVER && state->faults == 0);
    require(state->file_count == 0 && !state->mail_root);
}

static bool are_files_as_they_were(const struct state *state)
{
    for (size_t i = 0; i < state->file_count; i++) {
        struct stat status;
        const struct identity *identity = &state->files[i].identity;
        const bool there = stat(state->files[i].path, &status) == 0;
        if (there ? identity->inode != status.st_ino || identity->device != status.st_dev ||
                        identity->size != (uint64_t)status.st_size
                  : (identity->inode | identity->device | identity->size) != 0 || identity->written != 0 ||
                        identity->changed != 0)
            return false;
    }
    return state->file_count > 0;
}

static void check_quiet(const struct state *state)
{
    const time_t times[] = {state->quiet_from, state->quiet_until - (state->quiet_until > LONG_MIN)};
    if (state->quiet_from > LONG_MIN)
        require(!is_quiet(state, state->quiet_from - 1));
    require(!is_quiet(state, state->quiet_until));
    for (size_t i = 0; i < 2; i++)
        if (is_quiet(state, times[i]))
            require(state->quiet_from < state->quiet_until && are_files_as_they_were(state));
}

/* Of an accepted file: each other one that is as it is but for a byte, or for its end, is damaged. */
static void check_damage(const char *text, size_t length)
{
    enum { PLACES = 24 };
    static struct state_bytes damaged;
    struct state state;
    const size_t step = length / PLACES + 1;
    for (size_t at = length % step; at < length; at += step) {
        memcpy(damaged.text, text, length);
        damaged.length = length;
        damaged.text[at] = (char)(damaged.text[at] ^ (1 << (at + length) % 8));
        require(!state_parse(&damaged, &state));
        require_nothing(&state);
        memcpy(damaged.text, text, at);
        damaged.length = at;
        require(!state_parse(&damaged, &state));
        require_nothing(&state);
    }
}

/* --- writing and reading ------------------------------------------------------------------------------------------ */

static void write_and_read(const struct state *state, struct state_bytes *bytes, struct state *again)
{
    struct error error;
    require(state_write(fuzz_path("state"), state, &error) > 0);
    require(state_read(fuzz_path("state"), bytes, again, &error) > 0);
}

static void check(struct state_bytes *bytes)
{
    static struct state_bytes second_bytes;
    static struct state_bytes third_bytes;
    struct state first;
    struct state second;
    struct state third;
    static char text[STATE_SIZE_MAX];
    const size_t length = bytes->length;
    memcpy(text, bytes->text, length);
    if (!state_parse(bytes, &first)) {
        require_nothing(&first);
        return;
    }
    check_quiet(&first);
    check_damage(text, length);
    write_and_read(&first, &second_bytes, &second);
    require_same(&first, &second);
    if (second.file_count > 0)
        require_same_conditions(&first, &second);
    else
        require(second.quiet_from == 0 && second.quiet_until == 0 && !second.mail_root);
    write_and_read(&second, &third_bytes, &third);
    require_same(&second, &third);
    require_same_conditions(&second, &third);
}

/* The head of a file with this content: the checksum is FNV-1a of 64 bits. */
static size_t make_head(const uint8_t *content, size_t size, char *head, size_t room)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ content[i]) * UINT64_C(0x100000001b3);
    return (size_t)snprintf(head, room, "xmail-spammers state 1\nchecksum %016llx\n", (unsigned long long)sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct state_bytes bytes;
    fuzz_make_directory();
    if (size > STATE_SIZE_MAX)
        return 0;
    memcpy(bytes.text, data, size);
    bytes.length = size;
    check(&bytes);
    const size_t head = make_head(data, size, bytes.text, sizeof bytes.text);
    if (head + size > STATE_SIZE_MAX)
        return 0;
    memcpy(bytes.text + head, data, size);
    bytes.length = head + size;
    check(&bytes);
    return 0;
}
