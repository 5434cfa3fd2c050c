/* SPDX-License-Identifier: MIT */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *error, const char *format, ...)
{
    int kept = errno;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    errno = kept;
    return -1;
}

/* What the system's text doesn't tell. ELOOP is mostly no loop: it comes from O_NOFOLLOW and from place. */
static const char *more_of(int number)
{
    return number == ELOOP ? " (or one, or a second name in another user's directory, that is not followed here)" : "";
}

int error_system(struct error *error, int number, const char *format, ...)
{
    int kept = errno;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof error->text)
        (void)snprintf(error->text + length, sizeof error->text - (size_t)length, ": %s%s", strerror(number),
                       more_of(number));
    errno = kept;
    return -1;
}

int error_memory(struct error *error, const char *what)
{
    return error_set(error, "unable to %s: out of memory", what);
}
