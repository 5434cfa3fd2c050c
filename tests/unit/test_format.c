/* SPDX-License-Identifier: MIT */
/* The table of log formats agrees with what the manual says of each, field by field. */
#include "support.h"

#include "format.h"

#include <fnmatch.h>

#define SMTP_PATTERN                                                                                                   \
    "^(?:SNDR=E(?:EMPTY|SYNTAX|SPAM)|RCPT=E(?:ACCESS|AVAIL|DSBL|NBR|RELAY|SYNTAX)|AUTH=EFAIL|VRFY=EACCESS|"            \
    "ETRN=EACCESS|SMTP=EERRS)"
#define SMTP_REFUSED "^(?:SNDRIP=E(?:IPSPAM|IPBAN|IPMAP|RDNS)|SNDR=ENODNS)"

/* What the manual says. */
struct expected_format {
    const char *name;
    const char *fits; /* file names, blanks between them */
    const char *fits_not;
    const char *fields; /* with | between them */
    int fields_min;
    int fields_max;
    int time;
    int address; /* 0: cannot be a source */
    int status;
    const char *unauthorized;
    const char *refused;
};

static const struct expected_format expected_formats[] = {
    {"smtp", "smtp-202611210000",
     "smtp-20261121000 smtp-2026112100000 xsmtp-202611210000 smtp-20261121000x smtp- .smtp-202611210000 "
     "smtp-202611210000.gz",
     "server|server domain|client address|time|client domain|destination domain|sender|recipient|message "
     "id|status|user|"
     "size|client name",
     13, 13, 4, 3, 10, SMTP_PATTERN, SMTP_REFUSED},
    {"pop3", "pop3-202611210000", "pop3-20261121 smtp-202611210000",
     "server|domain|client address|time|user|password|status|messages|bytes", 7, 9, 4, 3, 7, "^ELOGIN$", NULL},
    {"xmailcfg-filter", "filter-log filter-log.txt filter-log-2026", "filters-202611210000 xfilter-log filter-lo",
     "time|status|from|to|detail", 5, 5, 1, FORMAT_LAST_FIELD, 2, "受信拒否|着信拒否", NULL},
    {"ctrl", "ctrl-202611210000", "ctrl-log", "client address|user|password|time|status", 5, 5, 4, 1, 5, "^FAIL$",
     NULL},
    {"filters", "filters-202611210000", "filter-202611210000 filters-log",
     "sender|recipient|local address|client address|time|type|info|exec result|exit code|command", 10, 10, 5, 4, 9,
     NULL, NULL},
    {"k4", "k4-log k4-log.1", "k4log xk4-log", "time|status|domain|user|password|operation|detail|script|client", 9, 9,
     1, FORMAT_LAST_FIELD, 2, "^(?:Failure|Redirect)$", NULL},
    {"finger", "finger-202611210000", "finger-log", "server|domain|client address|time|query", 4, 5, 4, 3, 0, NULL,
     NULL},
    {"event", "event-log event-log2026", "events-log", "time|event|client address|user|detail", 5, 5, 1, 3, 2, NULL,
     NULL},
    {"lmail", "lmail-202611210000", "lmail-1", "domain|file|message id|time", 4, 4, 4, 0, 0, NULL, NULL},
    {"psync", "psync-202611210000", "psync-1",
     "time|domain|user|remote server|remote user|authentication|status|messages|bytes|failed messages|failed bytes", 11,
     11, 1, 0, 7, NULL, NULL},
    {"smail", "smail-202611210000", "smail-1", "domain|file|message id|sender|recipient|kind|target|time|remote id", 8,
     9, 8, 0, 6, NULL, NULL},
};

static void the_table_holds_these_formats_and_no_other(void **state)
{
    size_t count;
    const struct log_format *table = format_table(&count);
    (void)state;
    assert_int_equal(count, COUNT_OF(expected_formats));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(table[i].name, expected_formats[i].name);
        assert_ptr_equal(format_find(table[i].name), &table[i]);
    }
    assert_null(format_find(""));
    assert_null(format_find("SMTP"));
    assert_null(format_find("smtp "));
}

static void each_field_has_the_name_and_place_of_the_manual(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected_formats); i++) {
        const struct expected_format *expected = &expected_formats[i];
        const struct log_format *format = format_find(expected->name);
        char fields[512] = "";
        int count = 0;
        for (; format->fields[count]; count++) {
            size_t used = strlen(fields);
            (void)snprintf(fields + used, sizeof fields - used, "%s%s", count ? "|" : "", format->fields[count]);
        }
        assert_string_equal(fields, expected->fields);
        assert_int_equal(count, expected->fields_max);
        assert_int_equal(format->fields_min, expected->fields_min);
        assert_int_equal(format->fields_max, expected->fields_max);
        assert_int_equal(format->time_field, expected->time);
        assert_string_equal(format->fields[format->time_field - 1], "time");
        assert_int_equal(format->address_field, expected->address);
        assert_int_equal(format->status_field, expected->status);
        assert_int_equal(format_is_source(format), expected->address != 0);
        if (format->address_field > 0)
            assert_string_equal(format->fields[format->address_field - 1], "client address");
    }
}

static void the_password_is_known_wherever_there_is_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected_formats); i++) {
        const struct log_format *format = format_find(expected_formats[i].name);
        int password = 0;
        for (int field = 0; format->fields[field]; field++)
            if (strcmp(format->fields[field], "password") == 0)
                password = field + 1;
        assert_int_equal(format->password_field, password);
    }
}

/* Each name of a text with blanks must fit the pattern, or none. */
static void check_names(const char *pattern, const char *names, bool fit)
{
    char copy[256];
    char *rest;
    (void)snprintf(copy, sizeof copy, "%s", names);
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
        if ((fnmatch(pattern, name, FNM_PERIOD) == 0) != fit)
            fail_msg("%s: %s", pattern, name);
}

static void default_file_names_fit_the_logs_of_xmail_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected_formats); i++) {
        const struct log_format *format = format_find(expected_formats[i].name);
        check_names(format->files, expected_formats[i].fits, true);
        check_names(format->files, expected_formats[i].fits_not, false);
        for (size_t j = 0; j < COUNT_OF(expected_formats); j++)
            if (j != i)
                check_names(format->files, expected_formats[j].fits, false);
    }
}

static void default_patterns_are_those_of_the_manual_and_compile(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected_formats); i++) {
        const struct log_format *format = format_find(expected_formats[i].name);
        const char *const pairs[][2] = {{format->unauthorized, expected_formats[i].unauthorized},
                                        {format->refused, expected_formats[i].refused}};
        for (size_t p = 0; p < COUNT_OF(pairs); p++) {
            assert_int_equal(pairs[p][0] == NULL, pairs[p][1] == NULL);
            if (!pairs[p][0])
                continue;
            assert_string_equal(pairs[p][0], pairs[p][1]);
            pattern_free(pattern_of(pairs[p][0]));
        }
    }
}

static void only_smtp_and_pop3_search_touched_records_and_know_logins(void **state)
{
    size_t count;
    const struct log_format *table = format_table(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        bool smtp = strcmp(table[i].name, "smtp") == 0;
        bool pop3 = strcmp(table[i].name, "pop3") == 0;
        bool finger = strcmp(table[i].name, "finger") == 0;
        assert_int_equal(table[i].status_after, smtp ? 6 : pop3 ? 3 : 0);
        assert_int_equal(table[i].login, smtp ? FORMAT_LOGIN_SMTP : pop3 ? FORMAT_LOGIN_POP3 : FORMAT_LOGIN_NONE);
        assert_int_equal(table[i].time == FORMAT_TIME_ANCHOR, smtp || pop3 || finger);
        assert_int_equal(table[i].time == FORMAT_TIME_WHOLE, strcmp(table[i].name, "ctrl") == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_holds_these_formats_and_no_other),
        cmocka_unit_test(each_field_has_the_name_and_place_of_the_manual),
        cmocka_unit_test(the_password_is_known_wherever_there_is_one),
        cmocka_unit_test(default_file_names_fit_the_logs_of_xmail_and_nothing_else),
        cmocka_unit_test(default_patterns_are_those_of_the_manual_and_compile),
        cmocka_unit_test(only_smtp_and_pop3_search_touched_records_and_know_logins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
