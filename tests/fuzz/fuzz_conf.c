/* SPDX-License-Identifier: MIT */
/* Any bytes as a configuration file: they give either a configuration or at least one problem. */
#include "conf.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

static char directory[] = "/tmp/fuzz-conf-XXXXXX";
static char path[sizeof directory + 8];

/* libconfig 1.5 loses a string that stands where none may. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

static void remove_files(void)
{
    (void)unlink(path);
    (void)rmdir(directory);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    if (!mkdtemp(directory))
        abort();
    (void)snprintf(path, sizeof path, "%s/conf", directory);
    (void)atexit(remove_files);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct messages problems = {0};
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0 || write(descriptor, data, size) != (ssize_t)size || close(descriptor) != 0)
        abort();
    struct conf *conf = conf_read(path, NULL, "/var/MailRoot", NULL, &problems);
    if ((conf == NULL) == (messages_empty(&problems) != 0))
        abort();
    conf_free(conf);
    messages_clear(&problems);
    return 0;
}
