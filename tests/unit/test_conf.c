/* SPDX-License-Identifier: MIT */
/* The configuration: its defaults, what it takes, and the message for each thing that it doesn't. */
#include "conf.h"
#include "nearest.h"
#include "place.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { DIRECTORY_SIZE = 32, PATH_SIZE = 64, FAULTS_MAX = 6 };

static const char mail_root[] = "/var/MailRoot";

static char directory[DIRECTORY_SIZE];
static char conf_file[PATH_SIZE];
static char other_file[PATH_SIZE]; /* to be included */
static char whitelist_file[PATH_SIZE];

const char *__lsan_default_suppressions(void);

/* libconfig 1.5 loses a string that stands where none may. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/test-conf-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    (void)snprintf(conf_file, sizeof conf_file, "%s/x.conf", directory);
    (void)snprintf(other_file, sizeof other_file, "%s/other.conf", directory);
    (void)snprintf(whitelist_file, sizeof whitelist_file, "%s/whitelist", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(conf_file);
    (void)unlink(other_file);
    (void)unlink(whitelist_file);
    return rmdir(directory);
}

static void write_bytes(const char *path, const char *content, size_t length)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void write_file(const char *path, const char *content)
{
    write_bytes(path, content, strlen(content));
}

/* The configuration of this text, which must be right. */
static struct conf *read_right(const char *content)
{
    struct messages problems = {.count = 0};
    write_file(conf_file, content);
    struct conf *conf = conf_read(conf_file, mail_root, NULL, NULL, &problems);
    if (!conf)
        fail_msg("%s: %s", content, problems.texts[0]);
    assert_true(messages_empty(&problems));
    return conf;
}

/* "x.conf:3: ..." of the expectation stands for the file in the test's directory. */
static void assert_message(const char *content, const char *text, const char *expected)
{
    char full[2048];
    bool placed = strncmp(expected, "x.conf:", 7) == 0 || strncmp(expected, "other.conf:", 11) == 0 ||
                  strncmp(expected, "whitelist:", 10) == 0;
    (void)snprintf(full, sizeof full, "%s%s%s", placed ? directory : "", placed ? "/" : "", expected);
    if (strcmp(text, full) != 0)
        fail_msg("%s\n  gives     %s\n  instead of %s", content, text, full);
}

struct faulty {
    const char *content;
    const char *expected[FAULTS_MAX + 1]; /* NULL-ended */
};

static void assert_faults(const struct faulty *row)
{
    struct messages problems = {.count = 0};
    write_file(conf_file, row->content);
    struct conf *conf = conf_read(conf_file, mail_root, NULL, NULL, &problems);
    if (conf)
        fail_msg("%s: is taken", row->content);
    for (size_t i = 0; i < problems.count && row->expected[i]; i++)
        assert_message(row->content, problems.texts[i], row->expected[i]);
    size_t count = 0;
    while (row->expected[count])
        count++;
    if (problems.count != count)
        fail_msg("%s: %zu problems instead of %zu", row->content, problems.count, count);
    messages_clear(&problems);
}

static void assert_all_faults(const struct faulty *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_faults(&rows[i]);
}

#define ASSERT_ALL_FAULTS(rows) assert_all_faults((rows), sizeof(rows) / sizeof *(rows))

/* --- faults ------------------------------------------------------------------------------------------------------- */

#define TOP_NAMES                                                                                                      \
    "mail_root, save_mode, order, search_days, register_count, remove_count, whitelist, whitelist_file, "              \
    "xmail_whitelist, exempt_authenticated, ipv4_prefix, ipv6_prefix, permanent_pattern, auto, max_backups, threads, " \
    "logs"
#define FORMAT_NAMES "\"smtp\", \"pop3\", \"xmailcfg-filter\", \"ctrl\", \"filters\", \"k4\", \"finger\", \"event\""

static void an_unknown_setting_is_named_with_its_line_and_the_nearest_name(void **state)
{
    static const struct faulty rows[] = {
        {"\nregster_count = 3;", {"x.conf:2: regster_count: unknown setting, did you mean \"register_count\"?"}},
        {"Search_Days = 3;", {"x.conf:1: Search_Days: unknown setting, did you mean \"search_days\"?"}},
        {"lgos = ();", {"x.conf:1: lgos: unknown setting, did you mean \"logs\"?"}},
        {"colour = 3;", {"x.conf:1: colour: unknown setting; allowed here: " TOP_NAMES}},
        {"a = 3;", {"x.conf:1: a: unknown setting; allowed here: " TOP_NAMES}},
        {"auto = {\n\n  intervall = 30;\n};",
         {"x.conf:3: auto.intervall: unknown setting, did you mean \"interval\"?"}},
        {"auto = { hour = 3; };",
         {"x.conf:1: auto.hour: unknown setting; allowed here: enabled, from, to, interval, max_added"}},
        {"logs = (\n { format = \"smtp\";\n filse = \"a\"; } );",
         {"x.conf:3: logs.filse: unknown setting, did you mean \"files\"?"}},
        {"logs = ( { format = \"smtp\"; colour = 1; } );",
         {"x.conf:1: logs.colour: unknown setting; allowed here: format, enabled, files, directory, unauthorized, "
          "refused, encoding, address_field, address_pattern"}},
    };
    (void)state;
    ASSERT_ALL_FAULTS(rows);
}

static void a_wrong_type_is_named_with_the_one_expected(void **state)
{
    static const struct faulty rows[] = {
        {"search_days = \"7\";",
         {"x.conf:1: search_days: must be a whole number from 1 to 2147483647, but is a string"}},
        {"register_count = 5.0;",
         {"x.conf:1: register_count: must be a whole number from 1 to 2147483647, but is a number with a fraction"}},
        {"threads = true;", {"x.conf:1: threads: must be a whole number from 0 to 64, but is true or false"}},
        {"max_backups = [ 1 ];",
         {"x.conf:1: max_backups: must be a whole number from 1 to 2147483647, but is an array [ ... ]"}},
        {"xmail_whitelist = 1;", {"x.conf:1: xmail_whitelist: must be true or false, but is a whole number"}},
        {"exempt_authenticated = \"yes\";", {"x.conf:1: exempt_authenticated: must be true or false, but is a string"}},
        {"save_mode = 1;",
         {"x.conf:1: save_mode: must be one of \"append\", \"replace\", \"none\", but is a whole number"}},
        {"order = ( );", {"x.conf:1: order: must be one of \"address\", \"hits\", but is a list ( ... )"}},
        {"whitelist_file = { };", {"x.conf:1: whitelist_file: must be a string, but is a group { ... }"}},
        {"permanent_pattern = 1;",
         {"x.conf:1: permanent_pattern: must be a string: a regular expression, but is a whole number"}},
        {"mail_root = 1;", {"x.conf:1: mail_root: must be a string, but is a whole number"}},
        {"auto = true;", {"x.conf:1: auto: must be a group { ... }, but is true or false"}},
        {"auto = { enabled = 1; };", {"x.conf:1: auto.enabled: must be true or false, but is a whole number"}},
        {"whitelist = \"192.0.2.7\";",
         {"x.conf:1: whitelist: must be an array or list of strings, such as [ \"192.0.2.7\", \"2001:db8::/32 "
          "partner\" "
          "], but is a string"}},
        {"whitelist = ( \"192.0.2.7\",\n 3 );",
         {"x.conf:2: whitelist: must be a string in each entry, but is a whole number"}},
        {"logs = { format = \"smtp\"; };",
         {"x.conf:1: logs: must be a list of groups, such as ( { format = \"smtp\"; } ), but is a group { ... }"}},
        {"logs = (\n\"smtp\" );",
         {"x.conf:2: logs: must be a group such as { format = \"smtp\"; } in each entry, but is a string"}},
        {"logs = ( { format = 1; } );", {"x.conf:1: logs.format: must be a string, but is a whole number"}},
        {"logs = ( { format = \"smtp\"; files = 3; } );",
         {"x.conf:1: logs.files: must be a string, or an array or list of strings, but is a whole number"}},
        {"logs = ( { format = \"smtp\"; directory = ( \"a\",\n ( \"b\" ) ); } );",
         {"x.conf:2: logs.directory: must be a string, or an array or list of strings, but is a list ( ... )"}},
    };
    (void)state;
    ASSERT_ALL_FAULTS(rows);
}

static void a_number_out_of_range_is_named_with_the_range_and_the_value(void **state)
{
    static const struct faulty rows[] = {
        {"search_days = 0;", {"x.conf:1: search_days: must be a whole number from 1 to 2147483647, but is 0"}},
        {"search_days = 5000000000;",
         {"x.conf:1: search_days: must be a whole number from 1 to 2147483647, but is 5000000000"}},
        {"search_days = 4294967303", /* 7 in 32 bits */
         {"x.conf:1: search_days: must be a whole number from 1 to 2147483647, but is 4294967303"}},
        {"search_days = 0x100000007;",
         {"x.conf:1: search_days: must be a whole number from 1 to 2147483647, but is 4294967303"}},
        {"search_days = 99999999999999999999;",
         {"x.conf:1: search_days: must be a whole number from 1 to 2147483647, but is 9223372036854775807"}},
        {"register_count = -4294967291;",
         {"x.conf:1: register_count: must be a whole number from 1 to 2147483647, but is -4294967291"}},
        {"register_count = 0;", {"x.conf:1: register_count: must be a whole number from 1 to 2147483647, but is 0"}},
        {"remove_count = -1;", {"x.conf:1: remove_count: must be a whole number from 0 to 2147483647, but is -1"}},
        {"ipv4_prefix = 7;", {"x.conf:1: ipv4_prefix: must be a whole number from 8 to 32, but is 7"}},
        {"ipv4_prefix = 33;", {"x.conf:1: ipv4_prefix: must be a whole number from 8 to 32, but is 33"}},
        {"ipv6_prefix = 15;", {"x.conf:1: ipv6_prefix: must be a whole number from 16 to 128, but is 15"}},
        {"ipv6_prefix = 129L;", {"x.conf:1: ipv6_prefix: must be a whole number from 16 to 128, but is 129"}},
        {"auto = { from = 24; };", {"x.conf:1: auto.from: must be a whole number from 0 to 23, but is 24"}},
        {"auto = { to = -1; };", {"x.conf:1: auto.to: must be a whole number from 0 to 23, but is -1"}},
        {"auto = { interval = 9; };",
         {"x.conf:1: auto.interval: must be a whole number from 10 to 2147483647, but is 9"}},
        {"auto = { max_added = 0; };",
         {"x.conf:1: auto.max_added: must be a whole number from 1 to 2147483647, but is 0"}},
        {"max_backups = 0;", {"x.conf:1: max_backups: must be a whole number from 1 to 2147483647, but is 0"}},
        {"threads = 65;", {"x.conf:1: threads: must be a whole number from 0 to 64, but is 65"}},
        {"logs = ( { format = \"smtp\"; address_field = 0; } );",
         {"x.conf:1: logs.address_field: must be a whole number from 1 to 64, but is 0"}},
        {"logs = ( { format = \"smtp\"; address_field = 65; } );",
         {"x.conf:1: logs.address_field: must be a whole number from 1 to 64, but is 65"}},
    };
    (void)state;
    ASSERT_ALL_FAULTS(rows);
}

static void a_word_pattern_path_or_address_that_is_wrong_is_named_with_what_is_allowed(void **state)
{
    static const struct faulty rows[] = {
        {"save_mode = \"apend\";",
         {"x.conf:1: save_mode: unknown word \"apend\", did you mean \"append\"? Allowed: \"append\", \"replace\", "
          "\"none\""}},
        {"save_mode = \"\";", {"x.conf:1: save_mode: unknown word \"\"; allowed: \"append\", \"replace\", \"none\""}},
        {"order = \"date\";", {"x.conf:1: order: unknown word \"date\"; allowed: \"address\", \"hits\""}},
        {"mail_root = \"\";", {"x.conf:1: mail_root: must not be empty"}},
        {"mail_root = \"MailRoot\";",
         {"x.conf:1: mail_root: must be an absolute path, one that begins with \"/\", but is \"MailRoot\""}},
        {"whitelist_file = \"\";", {"x.conf:1: whitelist_file: must not be empty"}},
        {"permanent_pattern = \"(a\";",
         {"x.conf:1: permanent_pattern: unable to compile the pattern: missing closing parenthesis, at byte 3 of it; "
          "allowed is a regular expression of PCRE2 in UTF-8"}},
        {"permanent_pattern = \"\";",
         {"x.conf:1: permanent_pattern: must not be empty: it would match everything; \"(?!)\" matches nothing"}},
        {"whitelist = [ \"192.0.2.7\",\n\"10.0.0.0/33 all\",\n\"nobody\" ];",
         {"x.conf:2: whitelist: unable to white-list \"10.0.0.0/33\": the number of bits must be from 0 to 32",
          "x.conf:3: whitelist: unable to white-list \"nobody\": it must be an IPv4 or IPv6 address, ADDRESS/BITS or "
          "ADDRESS/NETMASK"}},
    };
    (void)state;
    ASSERT_ALL_FAULTS(rows);
}

static void a_pattern_that_is_not_utf8_is_refused(void **state)
{
    struct messages problems = {.count = 0};
    const char expected[] = ": permanent_pattern: unable to compile the pattern: UTF-8 error";
    (void)state;
    write_file(conf_file, "permanent_pattern = \"\x8e\xf3\x90M\";");
    assert_null(conf_read(conf_file, mail_root, NULL, NULL, &problems));
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.texts[0], expected));
    messages_clear(&problems);
}

static void a_faulty_log_is_named_with_what_is_allowed(void **state)
{
    static const struct faulty rows[] = {
        {"logs = ( );",
         {"x.conf:1: logs: must not be empty; without this setting the logs \"smtp\" and \"pop3\" are read"}},
        {"logs = [ ];",
         {"x.conf:1: logs: must not be empty; without this setting the logs \"smtp\" and \"pop3\" are read"}},
        {"logs = (\n{ enabled = true; } );", {"x.conf:2: logs.format: must be given; allowed: " FORMAT_NAMES}},
        {"logs = ( { format = \"smpt\"; } );",
         {"x.conf:1: logs.format: unknown word \"smpt\", did you mean \"smtp\"? Allowed: " FORMAT_NAMES}},
        {"logs = ( { format = \"imap\"; } );",
         {"x.conf:1: logs.format: unknown word \"imap\"; allowed: " FORMAT_NAMES}},
        {"logs = ( { format = \"\"; } );", {"x.conf:1: logs.format: must not be empty"}},
        {"logs = ( { format = \"lmail\"; }, { format = \"psync\"; }, { format = \"smail\"; enabled = false; } );",
         {"x.conf:1: logs.format: the log \"lmail\" holds no client address and cannot be a source; take it out of "
          "logs",
          "x.conf:1: logs.format: the log \"psync\" holds no client address and cannot be a source; take it out of "
          "logs",
          "x.conf:1: logs.format: the log \"smail\" holds no client address and cannot be a source; take it out of "
          "logs"}},
        {"logs = (\n\n{ format = \"filters\"; } );",
         {"x.conf:3: logs.unauthorized: must be given; there is no default for the log \"filters\". It is tried on "
          "field 9, exit code; for example \"^3$\""}},
        {"logs = ( { format = \"event\"; enabled = false; }, { format = \"smtp\"; } );",
         {"x.conf:1: logs.unauthorized: must be given; there is no default for the log \"event\". It is tried on field "
          "2, event; for example \"^LoginFailure$\""}},
        {"logs = ( { format = \"finger\";\nunauthorized = \"x\";\nrefused = \"y\"; } );",
         {"x.conf:2: logs.unauthorized: the log \"finger\" has no status that it could be tried on, every record "
          "counts; take it out",
          "x.conf:3: logs.refused: the log \"finger\" has no status that it could be tried on, every record counts; "
          "take it out"}},
        {"logs = ( { format = \"smtp\"; files = [ \"logs/smtp-*\", \"\" ]; } );",
         {"x.conf:1: logs.files: \"logs/smtp-*\" must be a file name, in which * and ? may stand, without \"/\"; its "
          "directory goes into directory",
          "x.conf:1: logs.files: must not be empty"}},
        {"logs = ( { format = \"smtp\"; files = [ ]; directory = ( ); } );",
         {"x.conf:1: logs.files: must name at least one", "x.conf:1: logs.directory: must name at least one"}},
        {"logs = ( { format = \"smtp\"; directory = \"\"; } );", {"x.conf:1: logs.directory: must not be empty"}},
        {"logs = ( { format = \"smtp\"; unauthorized = \"[\"; refused = \"\"; } );",
         {"x.conf:1: logs.unauthorized: unable to compile the pattern: missing terminating ] for character class, at "
          "byte 2 of it; allowed is a regular expression of PCRE2 in UTF-8",
          "x.conf:1: logs.refused: must not be empty: it would match everything; \"(?!)\" matches nothing"}},
        {"logs = ( { format = \"smtp\"; encoding = \"klingon\"; } );",
         {"x.conf:1: logs.encoding: the encoding \"klingon\" is not known here; allowed is what \"iconv -l\" lists"}},
        {"logs = ( { format = \"smtp\"; encoding = \"\"; } );", {"x.conf:1: logs.encoding: must not be empty"}},
        {"logs = ( { format = \"smtp\"; address_pattern = \"from (?<address>.*)\"; } );",
         {"x.conf:1: logs.address_pattern: must have a group named ip; for example \"from (?<ip>[0-9.]+)\""}},
        {"logs = ( { format = \"smtp\"; address_pattern = \"(?<ip>\"; } );",
         {"x.conf:1: logs.address_pattern: unable to compile the pattern: missing closing parenthesis, at byte 7 of "
          "it; "
          "allowed is a regular expression of PCRE2 in UTF-8"}},
    };
    (void)state;
    ASSERT_ALL_FAULTS(rows);
}

static void settings_that_contradict_each_other_are_a_fault(void **state)
{
    static const char none_enabled[] =
        ": logs: at least one log must be enabled, unless save_mode is \"append\" and remove_count is given, so that "
        "entries are only removed";
    char expected[256];
    const struct faulty rows[] = {
        {"remove_count = 5;", {"x.conf:1: remove_count: must be less than register_count, which is 5, but is 5"}},
        {"register_count = 2;\nremove_count = 7;",
         {"x.conf:2: remove_count: must be less than register_count, which is 2, but is 7"}},
        {"remove_count = 9;\nregister_count = 0;", /* which of them is wrong isn't known */
         {"x.conf:2: register_count: must be a whole number from 1 to 2147483647, but is 0"}},
        {"\nlogs = ( { format = \"smtp\"; enabled = false; } );", {expected}},
        {"save_mode = \"replace\"; remove_count = 1;\nlogs = ( { format = \"smtp\"; enabled = false; } );", {expected}},
        {"save_mode = \"none\"; remove_count = 1;\nlogs = ( { format = \"smtp\"; enabled = false; } );", {expected}},
    };
    (void)state;
    (void)snprintf(expected, sizeof expected, "x.conf:2%s", none_enabled);
    ASSERT_ALL_FAULTS(rows);
}

static void a_word_far_longer_than_any_name_is_near_none(void **state)
{
    static const char *const names[] = {"a-name-that-is-far-longer-than-any-name-of-ours-and-so-is-never-compared",
                                        "near", NULL};
    (void)state;
    assert_faults(&(struct faulty){
        "searchdaysearchdaysearchdaysearchdaysearchdaysearchdaysearchdaysearchday = 1;",
        {"x.conf:1: searchdaysearchdaysearchdaysearchdaysearchdaysearchdaysearchdaysearchday: unknown setting; allowed "
         "here: " TOP_NAMES}});
    assert_null(nearest_name("a-name-that-is-far-longer-than-any-name-of-ours-and-so-is-never-compare", names));
    assert_string_equal(nearest_name("naer", names), "near");
}

static void all_faults_are_reported_in_the_order_of_the_file(void **state)
{
    static const struct faulty row = {
        "threads = -1;\ncolour = 1;\norder = \"hit\";\nauto = {\n  to = 99;\n};\nlogs = ( { format = \"smtp\"; files = "
        "3; } );\nremove_count = 6;",
        {"x.conf:1: threads: must be a whole number from 0 to 64, but is -1",
         "x.conf:2: colour: unknown setting; allowed here: " TOP_NAMES,
         "x.conf:3: order: unknown word \"hit\", did you mean \"hits\"? Allowed: \"address\", \"hits\"",
         "x.conf:5: auto.to: must be a whole number from 0 to 23, but is 99",
         "x.conf:7: logs.files: must be a string, or an array or list of strings, but is a whole number",
         "x.conf:8: remove_count: must be less than register_count, which is 5, but is 6"},
    };
    (void)state;
    assert_faults(&row);
}

#define SYNTAX                                                                                                         \
    "syntax error, here or just before; allowed are settings of the form NAME = VALUE; each only once, and comments "  \
    "behind #"

static void a_file_that_cannot_be_understood_is_named_with_the_line(void **state)
{
    static const struct faulty rows[] = {
        {"order = \"hits\";\nthreads = = 1;", {"x.conf:2: " SYNTAX}},
        {"order \"hits\";", {"x.conf:1: " SYNTAX}},
        {"auto = {\n from = 1;\n", {"x.conf:3: " SYNTAX}},
        {"search_days = 07e;", {"x.conf:1: " SYNTAX}},
        {"threads = 1;\n\nthreads = 2;",
         {"x.conf:3: duplicate setting name; allowed are settings of the form NAME = VALUE; each only once, and "
          "comments behind #"}},
        {"whitelist = [ \"192.0.2.7\", 3 ];",
         {"x.conf:1: mismatched element type in array; allowed are settings of the form NAME = VALUE; each only once, "
          "and comments behind #"}},
        {"threads = 1;\norder = \"hits;\n", {"x.conf:2: the string that begins here is never closed by a \""}},
        {"threads = 1;\n/* order = \"hits\";\n", {"x.conf:2: the comment that begins here is never closed by */"}},
        {"\n@include \"other.conf\n", {"x.conf:2: the name of the file to include is never closed by a \""}},
        {"@include \"x.conf\"", {"x.conf:1: files include each other more than 10 deep; does one include itself?"}},
    };
    (void)state;
    ASSERT_ALL_FAULTS(rows);
}

static void a_nul_byte_is_named_with_its_line(void **state)
{
    static const char content[] = "threads = 1;\norder = \"hi\0ts\";";
    struct messages problems = {.count = 0};
    (void)state;
    write_bytes(conf_file, content, sizeof content - 1);
    assert_null(conf_read(conf_file, mail_root, NULL, NULL, &problems));
    assert_int_equal(problems.count, 1);
    assert_message("a NUL", problems.texts[0], "x.conf:2: a NUL byte, which no text holds");
    messages_clear(&problems);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static void assert_unreadable(const char *path, const char *reason)
{
    struct messages problems = {.count = 0};
    char expected[PATH_SIZE + 64];
    (void)snprintf(expected, sizeof expected, "unable to read %s: %s", path, reason);
    assert_null(conf_read(path, mail_root, NULL, NULL, &problems));
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.texts[0], expected);
    messages_clear(&problems);
}

static void a_file_that_cannot_be_read_is_named_with_the_reason(void **state)
{
    (void)state;
    assert_unreadable(conf_file, "No such file or directory");
    assert_unreadable(directory, "it is not a regular file");
    assert_unreadable("/dev/null", "it is not a regular file");
    assert_int_equal(mkfifo(conf_file, 0600), 0);
    assert_unreadable(conf_file, "it is not a regular file");
}

static void an_included_file_is_named_with_its_own_lines(void **state)
{
    static const struct faulty rows[] = {
        {"order = \"hits\";\n@include \"other.conf\"\nthreads = 99;\n",
         {"other.conf:2: max_backups: must be a whole number from 1 to 2147483647, but is 0",
          "x.conf:3: threads: must be a whole number from 0 to 64, but is 99"}},
        {"\n  @include \"other.conf\" threads = 99;\ncolour = \"\n\";\n",
         {"other.conf:2: max_backups: must be a whole number from 1 to 2147483647, but is 0",
          "x.conf:2: threads: must be a whole number from 0 to 64, but is 99",
          "x.conf:3: colour: unknown setting; allowed here: " TOP_NAMES}},
        {"max_backups = 5;\n@include \"other.conf\"\n",
         {"other.conf:2: duplicate setting name; allowed are settings of the form NAME = VALUE; each only once, and "
          "comments behind #"}},
        {"@include \"other.conf\"\n\n= 3;", {"x.conf:3: " SYNTAX}},
    };
    (void)state;
    write_file(other_file, "# mine\nmax_backups = 0; # none");
    ASSERT_ALL_FAULTS(rows);
    write_file(other_file, "\n\nthreads = ;\n");
    assert_faults(&(struct faulty){"@include \"other.conf\"\n", {"other.conf:3: " SYNTAX}});
    write_file(other_file, "\n/* open");
    assert_faults(&(struct faulty){"@include \"other.conf\"\n*/",
                                   {"other.conf:2: the comment that begins here is never closed by */"}});
}

static void an_included_file_that_cannot_be_read_is_named_with_the_line_that_includes_it(void **state)
{
    struct faulty row = {.content = "threads = 1;\n@include \"other.conf\"\n"};
    char expected[2 * PATH_SIZE + 64];
    (void)state;
    row.expected[0] = expected;
    (void)snprintf(expected, sizeof expected, "x.conf:2: unable to read %s: No such file or directory", other_file);
    assert_faults(&row);
    (void)snprintf(expected, sizeof expected, "x.conf:2: unable to read %s: it is not a regular file", other_file);
    assert_int_equal(mkfifo(other_file, 0600), 0);
    assert_faults(&row);
    assert_int_equal(unlink(other_file), 0);
    assert_int_equal(mkdir(other_file, 0700), 0);
    assert_faults(&row);
    assert_int_equal(rmdir(other_file), 0);
}

static void an_included_file_may_have_an_absolute_name(void **state)
{
    char content[PATH_SIZE + 32];
    (void)state;
    write_file(other_file, "threads = 3");
    (void)snprintf(content, sizeof content, "@include \"%s\"\nmax_backups = 4;", other_file);
    struct conf *conf = read_right(content);
    assert_int_equal(conf->threads, 3);
    assert_int_equal(conf->max_backups, 4);
    conf_free(conf);
}

static void a_file_that_is_too_large_with_what_it_includes_is_refused(void **state)
{
    enum { PART = 3 * 1024 * 1024 };
    static char part[PART + 1];
    (void)state;
    memset(part, '#', PART);
    write_file(other_file, part);
    conf_free(read_right("@include \"other.conf\"\n@include \"other.conf\"\n"));
    struct faulty row = {.content = "@include \"other.conf\"\n@include \"other.conf\"\n@include \"other.conf\"\n"
                                    "@include \"other.conf\"\n@include \"other.conf\"\n@include \"other.conf\"\n"};
    char expected[PATH_SIZE + 100];
    (void)snprintf(expected, sizeof expected, "unable to read %s: with what it includes it is larger than 16 MiB",
                   conf_file);
    row.expected[0] = expected;
    assert_faults(&row);
}

static void an_include_inside_a_comment_or_a_string_is_none(void **state)
{
    (void)state;
    conf_free(read_right("/*\n@include \"nowhere\"\n*/\n# @include \"nowhere\"\n"
                         "permanent_pattern = \"a \\\\\\\"\n@include \\\"nowhere\\\"\n\";"));
}

static void comments_line_ends_and_a_byte_order_mark_are_taken_as_editors_write_them(void **state)
{
    (void)state;
    struct conf *conf =
        read_right("\xef\xbb\xbf# one\r\nthreads = 3; // two\r\norder = /* three */ \"hits\"\r\n# last");
    assert_int_equal(conf->threads, 3);
    assert_int_equal(conf->order, ORDER_HITS);
    conf_free(conf);
}

static void the_faults_of_the_whitelist_file_are_faults_of_the_configuration(void **state)
{
    static const struct faulty rows[] = {
        {"", {"whitelist:2: unable to white-list \"10.0.0.0/40\": the number of bits must be from 0 to 32"}},
        {"whitelist_file = \"./whitelist\";\nthreads = 70;",
         {"x.conf:2: threads: must be a whole number from 0 to 64, but is 70",
          "./whitelist:2: unable to white-list \"10.0.0.0/40\": the number of bits must be from 0 to 32"}},
    };
    struct faulty second = rows[1];
    char expected[PATH_SIZE * 3];
    (void)state;
    write_file(whitelist_file, "192.0.2.7\n10.0.0.0/40\n");
    assert_faults(&rows[0]);
    (void)snprintf(expected, sizeof expected, "%s/%s", directory, rows[1].expected[1]);
    second.expected[1] = expected;
    assert_faults(&second);
}

/* --- what is right ------------------------------------------------------------------------------------------------ */

static void assert_default_log(const struct conf_log *log, const char *format)
{
    assert_string_equal(log->format->name, format);
    assert_true(log->enabled);
    assert_string_equal(log->files[0], log->format->files);
    assert_null(log->files[1]);
    assert_string_equal(log->directories[0], "/var/MailRoot/logs");
    assert_null(log->directories[1]);
    assert_string_equal(pattern_text(log->unauthorized), log->format->unauthorized);
    if (log->format->refused)
        assert_string_equal(pattern_text(log->refused), log->format->refused);
    else
        assert_null(log->refused);
    assert_null(log->encoding);
    assert_int_equal(log->address_field, log->format->address_field);
    assert_false(log->address_overridden);
    assert_null(log->address_pattern);
}

static void assert_defaults(const struct conf *conf)
{
    assert_string_equal(conf->mail_root, "/var/MailRoot");
    assert_int_equal(conf->save_mode, SAVE_APPEND);
    assert_int_equal(conf->order, ORDER_ADDRESS);
    assert_int_equal(conf->search_days, 7);
    assert_int_equal(conf->register_count, 5);
    assert_int_equal(conf->remove_count, CONF_NO_REMOVE_COUNT);
    assert_int_equal(conf->whitelist.own[0].count + conf->whitelist.own[1].count, 0);
    assert_true(conf->xmail_whitelist);
    assert_true(conf->exempt_authenticated);
    assert_int_equal(conf->ipv4_prefix, 32);
    assert_int_equal(conf->ipv6_prefix, 128);
    assert_string_equal(pattern_text(conf->permanent), "(?:^|[\",\t])permanent=1(?:$|[\",\t])");
    assert_false(conf->schedule.enabled);
    assert_int_equal(conf->schedule.from, 0);
    assert_int_equal(conf->schedule.to, 0);
    assert_int_equal(conf->schedule.interval, 60);
    assert_int_equal(conf->max_added, 10000);
    assert_int_equal(conf->max_backups, 100);
    assert_int_equal(conf->threads, 0);
    assert_int_equal(conf->log_count, 2);
    assert_default_log(&conf->logs[0], "smtp");
    assert_default_log(&conf->logs[1], "pop3");
    assert_true(conf_log_enabled(conf));
}

static void an_empty_file_gives_the_defaults(void **state)
{
    (void)state;
    struct conf *conf = read_right("");
    assert_defaults(conf);
    assert_string_equal(conf->path, conf_file);
    assert_string_equal(conf->whitelist_file, whitelist_file);
    conf_free(conf);
}

static void empty_groups_give_the_defaults(void **state)
{
    (void)state;
    struct conf *conf = read_right("auto = { }; whitelist = ( );\nlogs = ( { format = \"smtp\"; },\n{ format = "
                                   "\"pop3\"; } );");
    assert_defaults(conf);
    conf_free(conf);
}

static void the_sample_configuration_gives_the_defaults(void **state)
{
    struct messages problems = {.count = 0};
    (void)state;
    struct conf *conf = conf_read("conf/xmail-spammers.conf", mail_root, NULL, NULL, &problems);
    if (!conf)
        fail_msg("%s", problems.texts[0]);
    assert_defaults(conf);
    assert_string_equal(conf->whitelist_file, "conf/whitelist");
    conf_free(conf);
}

static void all_settings_are_taken(void **state)
{
    (void)state;
    struct conf *conf = read_right(
        "mail_root = \"/elsewhere\"; save_mode = \"replace\"; order = \"hits\"; search_days = 30L; register_count = "
        "0x10;\nremove_count = 15; whitelist = ( \"192.0.2.7 me\", \"2001:db8::/32\" ); whitelist_file = "
        "\"/none/such\";\n"
        "xmail_whitelist = FALSE; exempt_authenticated = false; ipv4_prefix = 8; ipv6_prefix = 16;\n"
        "permanent_pattern = \"keep\" \"me\"; auto : { enabled : true, from = 22, to = 23, interval = 10,\n"
        "max_added = 1 } max_backups = 2147483647; threads = 64;");
    assert_int_equal(conf->save_mode, SAVE_REPLACE);
    assert_int_equal(conf->order, ORDER_HITS);
    assert_int_equal(conf->search_days, 30);
    assert_int_equal(conf->register_count, 16);
    assert_int_equal(conf->remove_count, 15);
    assert_int_equal(conf->whitelist.own[0].count, 1);
    assert_int_equal(conf->whitelist.own[1].count, 1);
    assert_string_equal(conf->whitelist_file, "/none/such");
    assert_false(conf->xmail_whitelist);
    assert_false(conf->exempt_authenticated);
    assert_int_equal(conf->ipv4_prefix, 8);
    assert_int_equal(conf->ipv6_prefix, 16);
    assert_string_equal(pattern_text(conf->permanent), "keepme");
    assert_true(conf->schedule.enabled);
    assert_int_equal(conf->schedule.from, 22);
    assert_int_equal(conf->schedule.to, 23);
    assert_int_equal(conf->schedule.interval, 10);
    assert_int_equal(conf->max_added, 1);
    assert_int_equal(conf->max_backups, INT_MAX);
    assert_int_equal(conf->threads, 64);
    conf_free(conf);
}

static void all_settings_of_a_log_are_taken(void **state)
{
    (void)state;
    struct conf *conf = read_right("logs = ( { format = \"event\"; enabled = false; files = [ \"a-*\", \"b\" ];\n"
                                   "directory = ( \"logs\", \"/mnt/mx2/logs\", \"old/logs\" ); unauthorized = "
                                   "\"^\\\\d+$\"; refused = \"失敗\";\nencoding = \"EUC-JP\"; address_field = 64; "
                                   "address_pattern = \"(?<ip>.*)\"; },\n{ format = \"finger\"; } );");
    const struct conf_log *log = &conf->logs[0];
    assert_int_equal(conf->log_count, 2);
    assert_string_equal(log->format->name, "event");
    assert_false(log->enabled);
    assert_string_equal(log->files[0], "a-*");
    assert_string_equal(log->files[1], "b");
    assert_null(log->files[2]);
    assert_string_equal(log->directories[0], "/var/MailRoot/logs");
    assert_string_equal(log->directories[1], "/mnt/mx2/logs");
    assert_string_equal(log->directories[2], "/var/MailRoot/old/logs");
    assert_null(log->directories[3]);
    assert_string_equal(pattern_text(log->unauthorized), "^\\d+$");
    assert_string_equal(pattern_text(log->refused), "失敗");
    assert_string_equal(log->encoding, "EUC-JP");
    assert_int_equal(log->address_field, 64);
    assert_true(log->address_overridden);
    assert_non_null(log->address_pattern);
    assert_null(conf->logs[1].unauthorized);
    assert_null(conf->logs[1].refused);
    conf_free(conf);
}

static void one_string_is_enough_for_files_and_directory(void **state)
{
    (void)state;
    struct conf *conf =
        read_right("logs = ( { format = \"xmailcfg-filter\"; files = \"f*\"; directory = \"cgi\"; } );");
    assert_string_equal(conf->logs[0].files[0], "f*");
    assert_string_equal(conf->logs[0].directories[0], "/var/MailRoot/cgi");
    assert_int_equal(conf->logs[0].address_field, FORMAT_LAST_FIELD);
    assert_string_equal(pattern_text(conf->logs[0].unauthorized), "受信拒否|着信拒否");
    conf_free(conf);
}

static void an_address_pattern_or_field_alone_overrides_where_the_address_is(void **state)
{
    (void)state;
    struct conf *conf = read_right("logs = ( { format = \"smtp\"; address_field = 5; }, { format = \"ctrl\"; "
                                   "address_pattern = \"(?<ip>[0-9.]+)\"; } );");
    assert_int_equal(conf->logs[0].address_field, 5);
    assert_true(conf->logs[0].address_overridden);
    assert_int_equal(conf->logs[1].address_field, 1);
    assert_true(conf->logs[1].address_overridden);
    conf_free(conf);
}

static void no_log_need_be_enabled_where_entries_are_only_removed(void **state)
{
    (void)state;
    struct conf *conf = read_right("remove_count = 0; logs = ( { format = \"smtp\"; enabled = false; } );");
    assert_int_equal(conf->remove_count, 0);
    assert_false(conf_log_enabled(conf));
    conf_free(conf);
}

static void the_whitelist_file_is_looked_for_beside_the_configuration(void **state)
{
    (void)state;
    write_file(whitelist_file, "192.0.2.7 # one\n2001:db8::1\n");
    struct conf *conf = read_right("whitelist = [ \"198.51.100.1\" ];");
    assert_int_equal(conf->whitelist.own[1].count, 2);
    assert_int_equal(conf->whitelist.own[0].count, 1);
    conf_free(conf);
    write_file(other_file, "203.0.113.1\n");
    conf = read_right("whitelist_file = \"other.conf\";");
    assert_string_equal(conf->whitelist_file, other_file);
    assert_int_equal(conf->whitelist.own[1].count, 1);
    conf_free(conf);
}

/* --- MailRoot, names ---------------------------------------------------------------------------------------------- */

static void the_option_goes_before_the_setting_and_that_before_the_environment(void **state)
{
    static const struct {
        const char *content;
        const char *given;
        const char *environment;
        const char *mail_root; /* NULL: an error, then */
        const char *error;
    } rows[] = {
        {"mail_root = \"/setting\";", "/option", "/environment", "/option", NULL},
        {"mail_root = \"/setting\";", NULL, "/environment", "/setting", NULL},
        {"", "/option", "/environment", "/option", NULL},
        {"", NULL, "/environment", "/environment", NULL},
        {"mail_root = \"/setting\";", NULL, NULL, "/setting", NULL},
        {"mail_root = \"/setting\";", NULL, "relative", "/setting", NULL},
        {"mail_root = \"/setting\";", "/option", "relative", "/option", NULL},
        {"mail_root = \"/setting//\";", NULL, "", "/setting", NULL},
        {"", "/option/", NULL, "/option", NULL},
        {"", "///", NULL, "/", NULL},
        {"", "relative", "/environment", NULL,
         "unable to use \"relative\" as MailRoot (option -r): it must be an absolute path"},
        {"", "", "/environment", NULL, "unable to use \"\" as MailRoot (option -r): it must be an absolute path"},
        {"", NULL, "relative", NULL,
         "unable to use \"relative\" as MailRoot (environment variable MAIL_ROOT): it must be an absolute path"},
        {"mail_root = \"x\";", NULL, "/environment", NULL,
         "x.conf:1: mail_root: must be an absolute path, one that begins with \"/\", but is \"x\""},
        {"mail_root = \"x\";", "/option", NULL, NULL,
         "x.conf:1: mail_root: must be an absolute path, one that begins with \"/\", but is \"x\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct messages problems = {.count = 0};
        write_file(conf_file, rows[i].content);
        struct conf *conf = conf_read(conf_file, rows[i].given, rows[i].environment, NULL, &problems);
        if (rows[i].mail_root) {
            assert_non_null(conf);
            assert_string_equal(conf->mail_root, rows[i].mail_root);
        } else {
            assert_null(conf);
            assert_int_equal(problems.count, 1);
            assert_message(rows[i].content, problems.texts[0], rows[i].error);
        }
        conf_free(conf);
        messages_clear(&problems);
    }
}

static void an_unknown_mail_root_is_a_fault_with_its_remedies(void **state)
{
    static const char *const environments[] = {NULL, ""};
    char expected[PATH_SIZE + 160];
    (void)state;
    write_file(conf_file, "");
    (void)snprintf(expected, sizeof expected,
                   "unable to find MailRoot: give it by the option -r, by mail_root in %s or by the environment "
                   "variable MAIL_ROOT",
                   conf_file);
    for (size_t i = 0; i < 2; i++) {
        struct messages problems = {.count = 0};
        assert_null(conf_read(conf_file, NULL, environments[i], NULL, &problems));
        assert_int_equal(problems.count, 1);
        assert_string_equal(problems.texts[0], expected);
        messages_clear(&problems);
    }
}

static void by_itself_it_leads_where_its_setting_says_or_nowhere(void **state)
{
    static const struct {
        const char *content;
        const char *alone; /* or NULL */
    } rows[] = {
        {"mail_root = \"/setting//\";", "/setting"},
        {"mail_root = \"/\";", "/"},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct messages problems = {.count = 0};
        char *alone;
        write_file(conf_file, rows[i].content);
        struct conf *conf = conf_read(conf_file, "/option", "/environment", NULL, &problems);
        assert_non_null(conf);
        assert_int_equal(conf_find_alone(conf, &alone), rows[i].alone ? 1 : 0);
        if (rows[i].alone)
            assert_string_equal(alone, rows[i].alone);
        else
            assert_null(alone);
        free(alone);
        conf_free(conf);
    }
}

static void problems_from_before_do_not_make_a_right_configuration_wrong(void **state)
{
    struct messages problems = {.count = 0};
    (void)state;
    messages_add(&problems, "an older one");
    write_file(conf_file, "");
    struct conf *conf = conf_read(conf_file, mail_root, NULL, NULL, &problems);
    assert_non_null(conf);
    assert_int_equal(problems.count, 1);
    conf_free(conf);
    messages_clear(&problems);
}

static void the_file_is_the_given_one_or_that_of_the_environment_or_the_one_below_mail_root(void **state)
{
    static const struct {
        const char *given;
        const char *environment;
        const char *mail_root;
        const char *path;
    } rows[] = {
        {"a.conf", "b.conf", "/m", "a.conf"},
        {NULL, "b.conf", "/m", "b.conf"},
        {"", "b.conf", NULL, "b.conf"},
        {NULL, NULL, "/m", "/m/filters/xmail-spammers/xmail-spammers.conf"},
        {"", "", "/m/", "/m/filters/xmail-spammers/xmail-spammers.conf"},
        {NULL, NULL, NULL, NULL},
        {"", "", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char buffer[PATH_MAX];
        const char *path = path_configuration(rows[i].given, rows[i].environment, rows[i].mail_root, buffer);
        if (rows[i].path) {
            assert_non_null(path);
            assert_string_equal(path, rows[i].path);
        } else {
            assert_null(path);
        }
    }
}

static void a_save_mode_has_the_name_that_the_file_gives_it(void **state)
{
    (void)state;
    assert_string_equal(conf_save_mode_name(SAVE_APPEND), "append");
    assert_string_equal(conf_save_mode_name(SAVE_REPLACE), "replace");
    assert_string_equal(conf_save_mode_name(SAVE_NONE), "none");
}

/* --- what it was made from ---------------------------------------------------------------------------------------- */

/* The sources of the configuration of this text, right or faulty; conf_sources_clear is due. */
static struct conf_sources sources_of(const char *content, const char *given, const char *environment)
{
    struct messages problems = {.count = 0};
    struct conf_sources sources = {.file_count = SIZE_MAX};
    write_file(conf_file, content);
    conf_free(conf_read(conf_file, given, environment, &sources, &problems));
    messages_clear(&problems);
    return sources;
}

static void assert_sources(const struct conf_sources *sources, const char *const *paths, size_t count)
{
    assert_int_equal(sources->file_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct identity identity = identity_of(paths[i]);
        assert_string_equal(sources->files[i].path, paths[i]);
        assert_true(identity_equal(&sources->files[i].identity, &identity));
    }
}

static void the_sources_are_the_file_what_it_includes_and_the_whitelist_there_or_not(void **state)
{
    static const char *const contents[] = {
        "@include \"other.conf\"\n",
        "@include \"other.conf\"\nsearch_days = 0;\n", /* a fault hides none of them */
        "@include \"other.conf\"\nunknown = 1;\n",
    };
    const char *const paths[] = {conf_file, other_file, whitelist_file};
    (void)state;
    write_file(other_file, "threads = 1;\n");
    for (int has_whitelist = 0; has_whitelist < 2; has_whitelist++) {
        if (has_whitelist)
            write_file(whitelist_file, "192.0.2.1\n");
        for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
            struct conf_sources sources = sources_of(contents[i], mail_root, NULL);
            assert_sources(&sources, paths, 3);
            assert_int_equal(sources.files[2].identity.inode != 0, has_whitelist);
            assert_string_equal(sources.mail_root, mail_root);
            conf_sources_clear(&sources);
            assert_int_equal(sources.file_count, 0);
        }
    }
}

static void files_that_are_missing_are_sources_too_for_they_may_appear(void **state)
{
    const char *const paths[] = {conf_file, other_file};
    (void)state;
    struct conf_sources sources = sources_of("@include \"other.conf\"\n", mail_root, NULL);
    assert_sources(&sources, paths, 2);
    assert_int_equal(sources.files[1].identity.inode, 0);
    conf_sources_clear(&sources);
    struct messages problems = {.count = 0};
    assert_int_equal(unlink(conf_file), 0);
    assert_null(conf_read(conf_file, mail_root, NULL, &sources, &problems));
    assert_sources(&sources, paths, 1);
    assert_string_equal(sources.mail_root, mail_root); /* so there is a place to complain */
    conf_sources_clear(&sources);
    messages_clear(&problems);
}

static void a_file_that_cannot_be_understood_is_a_source(void **state)
{
    const char *const paths[] = {conf_file};
    (void)state;
    struct conf_sources sources = sources_of("search_days = ;\n", NULL, mail_root);
    assert_sources(&sources, paths, 1);
    assert_string_equal(sources.mail_root, mail_root);
    assert_int_equal(sources.origin, MAIL_ROOT_ENVIRONMENT);
    conf_sources_clear(&sources);
}

static void the_sources_tell_what_told_where_mail_root_is(void **state)
{
    static const struct {
        const char *content;
        const char *given;
        const char *environment;
        enum mail_root_origin origin;
        const char *mail_root;
    } rows[] = {
        {"mail_root = \"/setting\";", "/option/", "/environment", MAIL_ROOT_OPTION, "/option"},
        {"mail_root = \"/setting/\";", NULL, "/environment", MAIL_ROOT_SETTING, "/setting"},
        {"", NULL, "/environment/", MAIL_ROOT_ENVIRONMENT, "/environment"},
        {"", NULL, NULL, MAIL_ROOT_PLACE, NULL}, /* it is in no MailRoot */
        {"", NULL, "", MAIL_ROOT_PLACE, NULL},
        {"", "relative", "/environment", MAIL_ROOT_OPTION, NULL},
        /* As well as it can be told where the setting is faulty or can't be read. */
        {"mail_root = \"relative\";", NULL, "/environment", MAIL_ROOT_ENVIRONMENT, "/environment"},
        {"mail_root = 3;", NULL, "/environment", MAIL_ROOT_ENVIRONMENT, "/environment"},
        {"mail_root = \"/setting\"; search_days = ;", NULL, "/environment", MAIL_ROOT_ENVIRONMENT, "/environment"},
        {"mail_root = \"/setting\"; search_days = 0;", NULL, "/environment", MAIL_ROOT_SETTING, "/setting"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct conf_sources sources = sources_of(rows[i].content, rows[i].given, rows[i].environment);
        if (sources.origin != rows[i].origin || !sources.mail_root != !rows[i].mail_root)
            fail_msg("row %zu: origin %d, MailRoot %s", i, (int)sources.origin,
                     sources.mail_root ? sources.mail_root : "none");
        if (rows[i].mail_root)
            assert_string_equal(sources.mail_root, rows[i].mail_root);
        conf_sources_clear(&sources);
    }
}

/* --- MailRoot by place -------------------------------------------------------------------------------------------- */

/* A configuration of this text as installed, in the MailRoot that is the test's directory. */
static struct conf *read_installed(const char *content, const char *environment, struct conf_sources *sources)
{
    char path[PATH_SIZE + sizeof PATH_CONFIGURATION];
    struct messages problems = {.count = 0};
    struct error error;
    assert_int_equal(place_make_program_directory(directory, &error), 1);
    (void)snprintf(path, sizeof path, "%s/%s", directory, PATH_CONFIGURATION);
    write_file(path, content);
    struct conf *conf = conf_read(path, NULL, environment, sources, &problems);
    messages_clear(&problems);
    assert_int_equal(unlink(path), 0);
    for (int levels = 0; levels < 2; levels++) {
        *strrchr(path, '/') = '\0';
        assert_int_equal(rmdir(path), 0);
    }
    return conf;
}

static void a_configuration_as_installed_needs_no_mail_root(void **state)
{
    struct conf_sources sources;
    (void)state;
    struct conf *conf = read_installed("", "", &sources);
    assert_non_null(conf);
    assert_string_equal(conf->mail_root, directory);
    assert_string_equal(sources.mail_root, directory);
    assert_int_equal(sources.origin, MAIL_ROOT_PLACE);
    conf_free(conf);
    conf_sources_clear(&sources);
}

static void the_place_counts_only_if_nothing_else_tells(void **state)
{
    struct conf_sources sources;
    (void)state;
    struct conf *conf = read_installed("", "/environment", &sources);
    assert_non_null(conf);
    assert_string_equal(conf->mail_root, "/environment");
    conf_free(conf);
    conf_sources_clear(&sources);
    conf = read_installed("mail_root = \"/setting\";", NULL, &sources);
    assert_non_null(conf);
    assert_string_equal(conf->mail_root, "/setting");
    conf_free(conf);
    conf_sources_clear(&sources);
}

static void a_faulty_configuration_as_installed_still_tells_where_to_complain(void **state)
{
    static const char *const contents[] = {"search_days = 0;", "search_days = ;", "mail_root = \"relative\";"};
    struct conf_sources sources;
    (void)state;
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        assert_null(read_installed(contents[i], NULL, &sources));
        assert_non_null(sources.mail_root);
        assert_string_equal(sources.mail_root, directory);
        assert_int_equal(sources.origin, MAIL_ROOT_PLACE);
        conf_sources_clear(&sources);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unknown_setting_is_named_with_its_line_and_the_nearest_name),
        TEST(a_wrong_type_is_named_with_the_one_expected),
        TEST(a_number_out_of_range_is_named_with_the_range_and_the_value),
        TEST(a_word_pattern_path_or_address_that_is_wrong_is_named_with_what_is_allowed),
        TEST(a_pattern_that_is_not_utf8_is_refused),
        TEST(a_faulty_log_is_named_with_what_is_allowed),
        TEST(settings_that_contradict_each_other_are_a_fault),
        TEST(a_word_far_longer_than_any_name_is_near_none),
        TEST(all_faults_are_reported_in_the_order_of_the_file),
        TEST(a_file_that_cannot_be_understood_is_named_with_the_line),
        TEST(a_nul_byte_is_named_with_its_line),
        TEST(a_file_that_cannot_be_read_is_named_with_the_reason),
        TEST(an_included_file_is_named_with_its_own_lines),
        TEST(an_included_file_that_cannot_be_read_is_named_with_the_line_that_includes_it),
        TEST(an_included_file_may_have_an_absolute_name),
        TEST(a_file_that_is_too_large_with_what_it_includes_is_refused),
        TEST(an_include_inside_a_comment_or_a_string_is_none),
        TEST(comments_line_ends_and_a_byte_order_mark_are_taken_as_editors_write_them),
        TEST(the_faults_of_the_whitelist_file_are_faults_of_the_configuration),
        TEST(an_empty_file_gives_the_defaults),
        TEST(empty_groups_give_the_defaults),
        TEST(the_sample_configuration_gives_the_defaults),
        TEST(all_settings_are_taken),
        TEST(all_settings_of_a_log_are_taken),
        TEST(one_string_is_enough_for_files_and_directory),
        TEST(an_address_pattern_or_field_alone_overrides_where_the_address_is),
        TEST(no_log_need_be_enabled_where_entries_are_only_removed),
        TEST(the_whitelist_file_is_looked_for_beside_the_configuration),
        TEST(the_option_goes_before_the_setting_and_that_before_the_environment),
        TEST(an_unknown_mail_root_is_a_fault_with_its_remedies),
        TEST(by_itself_it_leads_where_its_setting_says_or_nowhere),
        TEST(problems_from_before_do_not_make_a_right_configuration_wrong),
        TEST(the_file_is_the_given_one_or_that_of_the_environment_or_the_one_below_mail_root),
        TEST(a_save_mode_has_the_name_that_the_file_gives_it),
        TEST(the_sources_are_the_file_what_it_includes_and_the_whitelist_there_or_not),
        TEST(files_that_are_missing_are_sources_too_for_they_may_appear),
        TEST(a_file_that_cannot_be_understood_is_a_source),
        TEST(the_sources_tell_what_told_where_mail_root_is),
        TEST(a_configuration_as_installed_needs_no_mail_root),
        TEST(the_place_counts_only_if_nothing_else_tells),
        TEST(a_faulty_configuration_as_installed_still_tells_where_to_complain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
