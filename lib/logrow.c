/* SPDX-License-Identifier: MIT */
#include "logrow.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char logrow_hidden[] = "***";

struct logrow_maker {
    iconv_t converter;
    bool converts;
};

/* A record on its way to be a row. Fields are numbered from 0. */
struct making {
    struct logrow_maker *maker;
    const struct conf_log *log;
    const struct log_format *format;
    const struct chronicle_record *record;
    struct logrow *row;
    size_t shift;        /* how many fields fewer than the format's stand before the time, in an old record */
    size_t hidden_first; /* from this field to hidden_end any may be the password */
    size_t hidden_end;
    size_t status; /* field that is the status for sure, or RECORD_NO_FIELD */
};

/* --- texts -------------------------------------------------------------------------------------------------------- */

struct logrow_maker *logrow_maker_new(const char *encoding, struct error *error)
{
    struct logrow_maker *maker = calloc(1, sizeof *maker);
    if (!maker) {
        (void)error_memory(error, "show logs");
        return NULL;
    }
    if (encoding) {
        maker->converter = iconv_open("UTF-8", encoding);
        maker->converts = (intptr_t)maker->converter != -1;
        if (!maker->converts) {
            (void)error_system(error, errno, "unable to convert from the encoding %s", encoding);
            free(maker);
            return NULL;
        }
    }
    return maker;
}

void logrow_maker_free(struct logrow_maker *maker)
{
    if (!maker)
        return;
    if (maker->converts)
        (void)iconv_close(maker->converter);
    free(maker);
}

/* Adds the text in UTF-8, if the maker knows how. */
static void add_text(struct logrow_maker *maker, struct buffer *to, const char *text, size_t length)
{
    if (!maker->converts) {
        buffer_add(to, text, length);
        return;
    }
    (void)iconv(maker->converter, NULL, NULL, NULL, NULL);
    char *in;
    memcpy(&in, &text, sizeof in); /* iconv reads it only, but its type doesn't say so */
    while (length > 0) {
        if (!buffer_reserve(to, length * 4 + 16)) /* no character of any encoding's byte takes more in UTF-8 */
            return;
        char *out = to->bytes + to->length;
        size_t left = to->capacity - to->length;
        const size_t result = iconv(maker->converter, &in, &length, &out, &left);
        to->length = (size_t)(out - to->bytes);
        if (result != (size_t)-1)
            break;
        if (errno != E2BIG && length > 0) {
            buffer_add(to, "?", 1);
            in++;
            length--;
        }
    }
}

static void add_field(const struct making *making, struct buffer *to, size_t i)
{
    const struct field field = record_field(making->record->reader, i);
    if (i >= making->hidden_first && i < making->hidden_end && i != making->status)
        buffer_add_text(to, logrow_hidden);
    else
        add_text(making->maker, to, field.text, field.length);
}

/* --- what is where ------------------------------------------------------------------------------------------------ */

static bool field_is_one_of(const struct record_reader *reader, size_t i, const char *const *words)
{
    const struct field field = record_field(reader, i);
    for (; *words; words++)
        if (field.length == strlen(*words) && memcmp(field.text, *words, field.length) == 0)
            return true;
    return false;
}

static bool field_is_number(const struct record_reader *reader, size_t i)
{
    const struct field field = record_field(reader, i);
    for (size_t at = 0; at < field.length; at++)
        if (field.text[at] < '0' || field.text[at] > '9')
            return false;
    return field.length > 0;
}

/*
 * The status of a record of a log with passwords, if it stands where XMail alone writes: it is one of its own words, at
 * the end. What counts as a status because a pattern says so might be a password.
 */
static size_t find_sure_status(const struct log_format *format, const struct record_reader *reader,
                               const struct record_view *view)
{
    static const char *const failure[] = {"ELOGIN", NULL};
    static const char *const success[] = {"LOGIN", NULL};
    static const char *const of_ctrl[] = {"REQ", "AUTH", "FAIL", NULL};
    const size_t count = view->field_count;
    if (format->time == FORMAT_TIME_ANCHOR && count - view->time > 3 && field_is_one_of(reader, count - 1, failure))
        return count - 1;
    if (format->time == FORMAT_TIME_ANCHOR && count - view->time > 5 && field_is_one_of(reader, count - 3, success) &&
        field_is_number(reader, count - 2) && field_is_number(reader, count - 1))
        return count - 3;
    if (format->time == FORMAT_TIME_WHOLE && count > 3 && view->time + 2 == count &&
        field_is_one_of(reader, count - 1, of_ctrl))
        return count - 1;
    return RECORD_NO_FIELD;
}

size_t logrow_status(const struct log_format *format, const struct record_reader *reader,
                     const struct record_view *view)
{
    const bool may_be_password = format->password_field > 0 && format->password_field < format->status_field;
    return may_be_password ? find_sure_status(format, reader, view) : view->status;
}

/* The first field of an irregular record that may be its password: what clients add pushes it to the right only. */
static size_t find_hidden(const struct making *making)
{
    const struct log_format *format = making->format;
    const struct record_view *view = &making->record->view;
    const size_t password = (size_t)format->password_field - 1;
    const size_t time = (size_t)format->time_field - 1;
    const size_t usual = (size_t)format->fields_max;
    if (format->time == FORMAT_TIME_ANCHOR) {
        const size_t place = view->time + (password - time);
        return view->field_count > place ? place : view->time + 1;
    }
    if (time < password)
        return view->time != time ? 0 : view->field_count > usual ? password : time + 1;
    return view->field_count > usual && view->field_count - view->time == usual - time ? password : 0;
}

/* A finger record of old versions, without the server. Clients write nothing before its time. */
static bool is_old(const struct making *making)
{
    const struct record_view *view = &making->record->view;
    return making->format->time == FORMAT_TIME_ANCHOR && making->format->status_after == 0 &&
           view->field_count == (size_t)making->format->fields_min &&
           view->time + 1 + (size_t)(making->format->fields_max - making->format->fields_min) ==
               (size_t)making->format->time_field;
}

/* A record of old versions, which have no status, may look like one of today if a client has stretched it. */
static bool is_disguised(const struct making *making)
{
    return making->format->login == FORMAT_LOGIN_POP3 && making->status == RECORD_NO_FIELD;
}

static void find_places(struct making *making)
{
    const struct record_view *view = &making->record->view;
    const struct log_format *format = making->format;
    const bool has_password = format->password_field != 0;
    making->status = has_password ? find_sure_status(format, making->record->reader, view) : view->status;
    making->row->irregular = !view->untouched || is_disguised(making);
    if (making->row->irregular && is_old(making)) {
        making->row->irregular = false;
        making->shift = (size_t)(format->fields_max - format->fields_min);
    }
    if (!has_password)
        return;
    making->hidden_first = making->row->irregular ? find_hidden(making) : (size_t)format->password_field - 1;
    making->hidden_end = making->row->irregular ? view->field_count : making->hidden_first + 1;
    if (making->row->irregular && making->hidden_first > 0 && making->hidden_first < view->time)
        making->hidden_end = view->time; /* behind it stands the status alone */
}

/* --- the row ------------------------------------------------------------------------------------------------------ */

/* False: the settings may take the password for it. */
static bool address_is_safe(const struct making *making)
{
    const struct conf_log *log = making->log;
    const struct log_format *format = making->format;
    if (!log->address_overridden || format->password_field == 0)
        return true;
    if (format->time == FORMAT_TIME_ANCHOR && log->address_field < format->time_field)
        return true;
    if (making->row->irregular || log->address_field == format->password_field)
        return false;
    return true;
}

static void make_address(const struct making *making)
{
    char text[ADDRESS_TEXT_SIZE];
    if (making->record->view.located && address_is_safe(making))
        buffer_add_text(&making->row->address, address_format(making->record->view.record.address, text));
}

static void make_regular(const struct making *making)
{
    for (size_t i = 0; i < making->record->view.field_count && i + making->shift < FORMAT_FIELDS_MAX; i++)
        add_field(making, &making->row->fields[i + making->shift], i);
}

/* True if the field, of an irregular record, has its name yet: *name is the format's number of it. */
static bool has_name(const struct making *making, size_t i, size_t *name)
{
    const struct record_view *view = &making->record->view;
    const struct log_format *format = making->format;
    const size_t time = (size_t)format->time_field - 1;
    if (i == view->time) {
        *name = time;
        return true;
    }
    if (i == making->status && format->status_field > 0) {
        *name = (size_t)format->status_field - 1;
        return true;
    }
    *name = i;
    if (format->time == FORMAT_TIME_ANCHOR && i + 1 == view->time) /* the address, before the time */
        *name = (size_t)format->address_field - 1;
    else if (format->time != FORMAT_TIME_ANCHOR || i > view->time || view->time != time)
        return false;
    return true;
}

static void make_irregular(const struct making *making)
{
    bool is_first = true;
    for (size_t i = 0; i < making->record->view.field_count; i++) {
        size_t name;
        if (has_name(making, i, &name)) {
            add_field(making, &making->row->fields[name], i);
            continue;
        }
        if (!is_first)
            buffer_add(&making->row->rest, "\t", 1);
        is_first = false;
        add_field(making, &making->row->rest, i);
    }
}

/* The line, with what is hidden replaced: quotes and all, so that nothing of it is left. */
static void make_line(const struct making *making)
{
    const char *begin = making->record->line;
    const char *end = begin + making->record->length;
    struct buffer *line = &making->row->line;
    for (size_t i = 0; i < making->record->view.field_count; i++) {
        const char *tab = memchr(begin, '\t', (size_t)(end - begin));
        const char *behind = tab ? tab : end;
        if (i > 0)
            buffer_add(line, "\t", 1);
        if (i >= making->hidden_first && i < making->hidden_end && i != making->status)
            buffer_add_format(line, "\"%s\"", logrow_hidden);
        else
            add_text(making->maker, line, begin, (size_t)(behind - begin));
        begin = behind + (tab != NULL);
    }
}

/* Empties the buffer, and keeps its memory. */
static void empty(struct buffer *buffer)
{
    buffer->length = 0;
}

bool logrow_make(struct logrow_maker *maker, const struct conf_log *log, const struct chronicle_record *record,
                 struct logrow *row)
{
    struct making making = {.maker = maker, .log = log, .format = log->format, .record = record, .row = row};
    empty(&row->address);
    empty(&row->rest);
    empty(&row->line);
    for (size_t i = 0; i < FORMAT_FIELDS_MAX; i++)
        empty(&row->fields[i]);
    find_places(&making);
    make_address(&making);
    if (row->irregular)
        make_irregular(&making);
    else
        make_regular(&making);
    make_line(&making);
    bool failed = row->address.failed || row->rest.failed || row->line.failed;
    for (size_t i = 0; i < FORMAT_FIELDS_MAX; i++)
        failed |= row->fields[i].failed;
    return !failed;
}

void logrow_clear(struct logrow *row)
{
    buffer_clear(&row->address);
    buffer_clear(&row->rest);
    buffer_clear(&row->line);
    for (size_t i = 0; i < FORMAT_FIELDS_MAX; i++)
        buffer_clear(&row->fields[i]);
}
