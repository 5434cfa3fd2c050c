/* SPDX-License-Identifier: MIT */
/*
 * Names of files, as they stand in a directory that others write to, too: each line of the input is one. A log is what
 * has a log's name, and is listed once; what is cleaned away is old backups and parts of the cache, told by the whole
 * of their names, and nothing else.
 */
#include "fuzz.h"

#include "backup.h"
#include "cache.h"
#include "logfiles.h"

#include <sys/stat.h>

enum { NAMES_MAX = 24, NAME_LENGTH_MAX = 255 };

static char names[NAMES_MAX][NAME_LENGTH_MAX + 1];
static size_t count;

/* Makes a file for each line that can be a name, once. */
static void make_files(const uint8_t *data, size_t size)
{
    count = 0;
    for (size_t at = 0, end; at < size && count < NAMES_MAX; at = end + 1) {
        for (end = at; end < size && data[end] != '\n';)
            end++;
        if (end == at || end - at > NAME_LENGTH_MAX || memchr(data + at, '/', end - at) ||
            memchr(data + at, '\0', end - at))
            continue;
        memcpy(names[count], data + at, end - at);
        names[count][end - at] = '\0';
        const int descriptor = open(fuzz_path(names[count]), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (descriptor >= 0 && close(descriptor) == 0)
            count++;
    }
}

static bool is_there(const char *name)
{
    struct stat status;
    return lstat(fuzz_path(name), &status) == 0;
}

static bool are_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

/* --- logs --------------------------------------------------------------------------------------------------------- */

/* "smtp-" and twelve digits. */
static bool is_log(const char *name, const char *beginning)
{
    const size_t length = strlen(beginning);
    return strncmp(name, beginning, length) == 0 && strlen(name) == length + 12 && are_digits(name + length, 12);
}

static void check_logs(void)
{
    static char *directories[] = {fuzz_directory, NULL};
    char smtp[128];
    char pop3[128];
    char *smtp_files[] = {smtp, NULL};
    char *pop3_files[] = {pop3, NULL};
    (void)snprintf(smtp, sizeof smtp, "%s", format_find("smtp")->files);
    (void)snprintf(pop3, sizeof pop3, "%s", format_find("pop3")->files);
    struct conf_log logs[] = {
        {.format = format_find("smtp"), .enabled = true, .files = smtp_files, .directories = directories},
        {.format = format_find("pop3"), .enabled = true, .files = pop3_files, .directories = directories},
    };
    const struct conf conf = {.logs = logs, .log_count = 2};
    struct messages warnings = {0};
    struct logfiles files = {0};
    struct error error;
    size_t expected = 0;
    require(logfiles_list(conf.logs, conf.log_count, false, &warnings, &files, &error) > 0);
    for (size_t i = 0; i < count; i++)
        expected += is_log(names[i], "smtp-") || is_log(names[i], "pop3-");
    require(files.count == expected && messages_empty(&warnings));
    for (size_t i = 0; i < files.count; i++) {
        const char *name = strrchr(files.files[i].path, '/') + 1;
        require(is_log(name, files.files[i].log == 0 ? "smtp-" : "pop3-"));
        require(i == 0 || strcmp(files.files[i - 1].path, files.files[i].path) != 0);
    }
    logfiles_clear(&files);
    messages_clear(&warnings);
}

/* --- what is cleaned away ----------------------------------------------------------------------------------------- */

static int number_at(const char *digits, size_t length)
{
    int number = 0;
    for (size_t i = 0; i < length; i++)
        number = number * 10 + digits[i] - '0';
    return number;
}

/* spammers.YYYYMMDDhhmmss.tab, of a day of the calendar; there may be a leap second. */
static bool is_backup(const char *name)
{
    if (strlen(name) != 27 || strncmp(name, "spammers.", 9) != 0 || !are_digits(name + 9, 14) ||
        strcmp(name + 23, ".tab") != 0)
        return false;
    const int year = number_at(name + 9, 4);
    const int month = number_at(name + 13, 2);
    const int day = number_at(name + 15, 2);
    const bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
    const int last = month == 2 ? 28 + leap : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    return month >= 1 && month <= 12 && day >= 1 && day <= last && number_at(name + 17, 2) <= 23 &&
           number_at(name + 19, 2) <= 59 && number_at(name + 21, 2) <= 60;
}

/* FORMAT-DEVICE-INODE, both hexadecimal, of at most 64 bits. */
static bool is_part(const char *name, size_t length)
{
    size_t formats;
    const struct log_format *format = format_table(&formats);
    for (size_t i = 0; i < formats; i++) {
        size_t at = strlen(format[i].name);
        size_t numbers = 0;
        if (length < at || strncmp(name, format[i].name, at) != 0)
            continue;
        while (at < length && name[at] == '-') {
            const size_t begin = ++at;
            while (at < length && strchr("0123456789abcdef", name[at]))
                at++;
            if (at == begin || at - begin > 16)
                return false;
            numbers++;
        }
        if (numbers == 2 && at == length)
            return true;
    }
    return false;
}

static bool is_of_cache(const char *name)
{
    static const char ending[] = ".xmail-spammers.tmp";
    const size_t length = strlen(name);
    const size_t rest = length - (sizeof ending - 1);
    if (length > sizeof ending - 1 && strcmp(name + rest, ending) == 0)
        return is_part(name, rest) || (rest == 7 && strncmp(name, "balance", rest) == 0);
    return is_part(name, length);
}

/* What is gone, and only that, is a backup that is old, or than which there are two newer ones. */
static void check_backups(void)
{
    struct messages warnings = {0};
    backup_clean(fuzz_directory, 20260101, 2, NULL, &warnings);
    require(messages_empty(&warnings));
    for (size_t i = 0; i < count; i++) {
        size_t newer = 0;
        for (size_t other = 0; other < count; other++)
            newer += is_backup(names[other]) && strcmp(names[other], names[i]) > 0;
        require(is_there(names[i]) == (!is_backup(names[i]) || (newer < 2 && number_at(names[i] + 9, 8) >= 20260101)));
    }
}

static void check_cache(void)
{
    static const struct cache_owner owner = {"smtp", 1, 0x2a};
    bool before[NAMES_MAX];
    for (size_t i = 0; i < count; i++)
        before[i] = is_there(names[i]);
    cache_sweep(fuzz_directory, &owner, 1);
    for (size_t i = 0; i < count; i++) {
        const bool mine = is_of_cache(names[i]) && strcmp(names[i], "smtp-1-2a") != 0;
        require(is_there(names[i]) == (before[i] && !mine));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_make_directory();
    make_files(data, size);
    check_logs();
    check_backups();
    check_cache();
    fuzz_empty_directory();
    return 0;
}
