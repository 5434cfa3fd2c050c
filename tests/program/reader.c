/* SPDX-License-Identifier: MIT */
/*
 * Reads a list again and again, as XMail does at each connection, until a file named STOP is there. Says how often, how
 * often it couldn't, and how often it found one list, the other, or anything else.
 *
 *     reader LIST ONE OTHER STOP
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LIST_MAX = 1024 * 1024 };

/* Reads the file whole. Its size, or -1. */
static ssize_t read_file(const char *path, char *bytes)
{
    ssize_t size = 0;
    ssize_t got;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    while ((got = read(descriptor, bytes + size, (size_t)(LIST_MAX - size))) > 0)
        size += got;
    (void)close(descriptor);
    return got < 0 ? -1 : size;
}

int main(int argc, char **argv)
{
    static char one[LIST_MAX];
    static char other[LIST_MAX];
    static char present[LIST_MAX];
    unsigned long reads = 0;
    unsigned long failures = 0;
    unsigned long ones = 0;
    unsigned long others = 0;
    if (argc != 5)
        return 2;
    ssize_t one_size = read_file(argv[2], one);
    ssize_t other_size = read_file(argv[3], other);
    if (one_size < 0 || other_size < 0)
        return 2;
    while (access(argv[4], F_OK) != 0) {
        ssize_t size = read_file(argv[1], present);
        reads++;
        if (size < 0)
            failures++;
        else if (size == one_size && memcmp(present, one, (size_t)size) == 0)
            ones++;
        else if (size == other_size && memcmp(present, other, (size_t)size) == 0)
            others++;
    }
    (void)printf("%lu %lu %lu %lu %lu\n", reads, failures, ones, others, reads - failures - ones - others);
    return 0;
}
