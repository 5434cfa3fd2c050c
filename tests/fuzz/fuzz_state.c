/* SPDX-License-Identifier: MIT */
/*
 * The state file: any bytes, and any content behind the checksum that belongs to it. What is accepted, written and read
 * again says the same, unless a path in it can't be written: then it is never quiet.
 */
#include "state.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void require(int condition)
{
    if (!condition)
        abort();
}

static char directory[64];
static char path[sizeof directory + sizeof "/state"];

static void remove_directory(void)
{
    (void)unlink(path);
    (void)rmdir(directory);
}

/* In memory, if there is a place for such: the file is synced at every writing. */
static void make_directory(void)
{
    (void)snprintf(directory, sizeof directory, "/dev/shm/fuzz_state.XXXXXX");
    if (!mkdtemp(directory)) {
        (void)snprintf(directory, sizeof directory, "/tmp/fuzz_state.XXXXXX");
        require(mkdtemp(directory) != NULL);
    }
    (void)snprintf(path, sizeof path, "%s/state", directory);
    require(atexit(remove_directory) == 0);
}

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

static void write_and_read(const struct state *state, struct state_bytes *bytes, struct state *again)
{
    struct error error;
    require(state_write(path, state, &error) > 0);
    require(state_read(path, bytes, again, &error) > 0);
}

static void check(struct state_bytes *bytes)
{
    static struct state_bytes second_bytes;
    static struct state_bytes third_bytes;
    struct state first;
    struct state second;
    struct state third;
    if (!state_parse(bytes, &first))
        return;
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct state_bytes bytes;
    if (path[0] == '\0')
        make_directory();
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
