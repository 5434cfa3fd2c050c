/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzzer on the files that are named, and on each of their beginnings if they are short, without looking for
 * others: with any compiler, and always the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_MAX_READ = 1024 * 1024, SHORT = 64, STEPS = 16 };

static unsigned long runs;

/* In memory of just its size, so that no byte behind it can be read. */
static int run(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (!exact)
        return 0;
    memcpy(exact, data, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    runs++;
    free(exact);
    return 1;
}

/* The file, and what it would be if it were cut: at each byte of a short one, of a longer one here and there. */
static int run_file(const char *path, uint8_t *data)
{
    FILE *file = fopen(path, "rb");
    const size_t size = file ? fread(data, 1, SIZE_MAX_READ, file) : 0;
    if (!file || ferror(file) || fclose(file) != 0) {
        (void)fprintf(stderr, "unable to read %s\n", path);
        return 0;
    }
    const size_t step = size <= SHORT ? 1 : size / STEPS;
    for (size_t length = 0; length < size; length += step)
        if (!run(data, length))
            return 0;
    return run(data, size);
}

int main(int argc, char **argv)
{
    static uint8_t data[SIZE_MAX_READ];
    for (int i = 1; i < argc; i++) {
        (void)fprintf(stderr, "%s\n", argv[i]); /* the last one said is where it broke down */
        if (!run_file(argv[i], data))
            return 1;
    }
    printf("%d inputs, %lu runs\n", argc - 1, runs);
    return argc > 1 ? 0 : 1;
}
