/* SPDX-License-Identifier: MIT */
/* What several fuzzers need: a property that must hold, and a directory for files. */
#ifndef XS_TESTS_FUZZ_H
#define XS_TESTS_FUZZ_H

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not inline: so that the stack tells which one it was. */
__attribute__((noinline, unused)) static void require(bool right)
{
    if (!right)
        abort();
}

/* --- bytes that say what to do ------------------------------------------------------------------------------------ */

/* The input, of which the fuzzer takes what it needs to choose; zeros when it is used up. */
struct fuzz_input {
    const uint8_t *bytes;
    size_t length;
};

static inline unsigned fuzz_take(struct fuzz_input *input)
{
    if (input->length == 0)
        return 0;
    input->length--;
    return *input->bytes++;
}

/* --- a directory, in memory if there is a place for such ---------------------------------------------------------- */

static char fuzz_directory[64];

/* The path of a file in the directory, in one of a few buffers that are used in turn. */
static inline const char *fuzz_path(const char *name)
{
    static char paths[4][sizeof fuzz_directory + 1 + 256];
    static size_t turn;
    char *path = paths[turn++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%.255s", fuzz_directory, name);
    return path;
}

static inline void fuzz_empty_directory(void)
{
    DIR *directory = opendir(fuzz_directory);
    if (!directory)
        return;
    for (const struct dirent *entry; (entry = readdir(directory));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    (void)closedir(directory);
}

static inline void fuzz_remove_directory(void)
{
    fuzz_empty_directory();
    (void)rmdir(fuzz_directory);
}

/* Makes the directory, if that wasn't done yet. */
static inline void fuzz_make_directory(void)
{
    static const char *const places[] = {"/dev/shm", "/tmp"};
    for (size_t i = 0; i < 2 && fuzz_directory[0] == '\0'; i++) {
        (void)snprintf(fuzz_directory, sizeof fuzz_directory, "%s/xmail-spammers-fuzz.XXXXXX", places[i]);
        if (!mkdtemp(fuzz_directory))
            fuzz_directory[0] = '\0';
        else
            require(atexit(fuzz_remove_directory) == 0);
    }
    require(fuzz_directory[0] != '\0');
}

/* Writes the file, in place. */
static inline void fuzz_put_file(const char *path, const void *bytes, size_t length)
{
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(descriptor >= 0 && (length == 0 || write(descriptor, bytes, length) == (ssize_t)length));
    require(close(descriptor) == 0);
}

#endif
