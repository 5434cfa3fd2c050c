/* SPDX-License-Identifier: MIT */
#include "history.h"

#include "array.h"
#include "chronicle.h"
#include "path.h"
#include "whitelist.h"

#include <stdlib.h>
#include <string.h>

enum { FIELD_TIME, FIELD_EVENT, FIELD_ADDRESS, FIELD_COUNT, FIELD_DETAIL, FIELDS };

enum { LAST_DAY = 99991231 };

/* Our own log, in the form in which those of others are told: eventlog writes it. */
static const struct log_format format = {
    .name = "spammers-log",
    .fields = {"time", "event", "address", "count", "detail"},
    .fields_min = FIELDS,
    .fields_max = FIELDS,
    .time = FORMAT_TIME_PREFIX,
    .time_field = FIELD_TIME + 1,
    .address_field = FIELD_ADDRESS + 1,
};

/* As it is written, and as logrotate(8) sets it aside. */
static char current[] = "spammers-log";
static char numbered[] = "spammers-log.[0-9]";
static char numbered_further[] = "spammers-log.[0-9][0-9]";
static char dated[] = "spammers-log-[0-9]*[0-9]";
static char *name_patterns[] = {current, numbered, numbered_further, dated, NULL};

static bool is(struct field field, const char *text)
{
    return field.length == strlen(text) && memcmp(field.text, text, field.length) == 0;
}

static char *harmless_copy(struct field field)
{
    char *copy = strndup(field.text, field.length);
    if (copy)
        messages_make_harmless(copy, strlen(copy));
    return copy;
}

/* The form that eventlog's callers write; an entry that is taken out may have had any netmask. */
static bool read_network(struct field field, struct network *network)
{
    const char *slash = memchr(field.text, '/', field.length);
    const struct address ipv4 = address_mask(ADDRESS_IPV4_BITS);
    uint32_t host;
    uint32_t netmask;
    if (!whitelist_parse(field.text, field.length, network))
        return true;
    if (!slash || !address_parse_quad(field.text, (size_t)(slash - field.text), &host) ||
        !address_parse_quad(slash + 1, field.length - (size_t)(slash + 1 - field.text), &netmask))
        return false;
    *network = network_make(address_from_ipv4(host), (struct address){ipv4.high, ipv4.low | netmask});
    return true;
}

/* Takes the record if it is of an entry that holds the host. False: no memory. */
static bool take(struct history *history, struct address host, const struct chronicle_record *record)
{
    if (record->view.field_count != FIELDS)
        return true;
    const struct field time = record_field(record->reader, FIELD_TIME);
    const struct field event = record_field(record->reader, FIELD_EVENT);
    const struct field address = record_field(record->reader, FIELD_ADDRESS);
    struct history_event taken = {.removed = is(event, eventlog_name(EVENT_REMOVE))};
    if ((!taken.removed && !is(event, eventlog_name(EVENT_ADD))) || time.length + 1 != sizeof taken.time ||
        !read_network(address, &taken.network) || !network_contains(&taken.network, host))
        return true;
    struct history_event *events = array_grow(history->events, history->count, sizeof *events);
    if (!events)
        return false;
    history->events = events;
    memcpy(taken.time, time.text, time.length);
    taken.time[time.length] = '\0';
    messages_make_harmless(taken.time, time.length);
    taken.detail = harmless_copy(record_field(record->reader, FIELD_DETAIL));
    if (!taken.detail)
        return false;
    events[history->count++] = taken;
    return true;
}

static int read_all(const struct conf_log *log, const struct logfiles *files, struct address host,
                    struct history *history, struct error *error)
{
    const struct chronicle_request request = {
        .logs = log, .log_count = 1, .files = files, .range = {.first = 1, .last = LAST_DAY}};
    struct chronicle_record record;
    struct chronicle *chronicle = chronicle_new(&request, error);
    int result = chronicle ? 1 : -1;
    while (result > 0 && (result = chronicle_next(chronicle, &record, error)) > 0)
        if (!take(history, host, &record))
            result = error_memory(error, "read the log of events");
    chronicle_free(chronicle);
    return result;
}

int history_read(const char *mail_root, struct address host, struct history *history, struct error *error)
{
    char *path = path_join(mail_root, PATH_EVENT_LOG);
    char *directories[] = {path ? path_directory(path) : NULL, NULL};
    const struct conf_log log = {
        .format = &format, .enabled = true, .files = name_patterns, .directories = directories};
    struct logfiles files = {0};
    struct messages ignored = {0};
    *history = (struct history){0};
    int result = directories[0] ? logfiles_list(&log, 1, true, &ignored, &files, error)
                                : error_memory(error, "read the log of events");
    if (result > 0)
        result = read_all(&log, &files, host, history, error);
    logfiles_clear(&files);
    messages_clear(&ignored);
    free(directories[0]);
    free(path);
    if (result < 0)
        history_clear(history);
    return result < 0 ? -1 : 1;
}

void history_clear(struct history *history)
{
    for (size_t i = 0; i < history->count; i++)
        free(history->events[i].detail);
    free(history->events);
    *history = (struct history){0};
}
