/* SPDX-License-Identifier: MIT */
/*
 * Records for people: any line as one of any format, also of those without a client address. The first byte of the
 * input chooses the format (a: smtp, ...). What is seen of a record is what is counted of it; its fields are the
 * line's, in order; and a day, a status and an address are seen only where there may be some.
 */
#include "record.h"

#include "fuzz.h"

enum { FORMATS_MAX = 16 };

static const struct day_range range = {20200101, 20991231};

static struct conf_log logs[FORMATS_MAX];
static struct record_reader *counting[FORMATS_MAX];
static struct record_reader *looking[FORMATS_MAX];
static size_t format_count;

static struct pattern *compile(const char *text)
{
    struct error error;
    struct pattern *pattern = NULL;
    require(!text || pattern_compile(text, &pattern, &error) > 0);
    return pattern;
}

static void make_readers(void)
{
    static char encoding[] = "EUC-JP";
    struct error error;
    const struct log_format *formats = format_table(&format_count);
    require(format_count <= FORMATS_MAX);
    for (size_t i = 0; i < format_count; i++) {
        logs[i] = (struct conf_log){.format = &formats[i],
                                    .unauthorized = compile(formats[i].unauthorized),
                                    .refused = compile(formats[i].refused),
                                    .encoding = i % 2 ? NULL : encoding,
                                    .address_field = formats[i].address_field};
        counting[i] = record_reader_new(&logs[i], range, &error);
        looking[i] = record_reader_new(&logs[i], range, &error);
        require(counting[i] && looking[i]);
    }
}

static void require_agreement(const struct record_view *view, enum record_result result, const struct record *record)
{
    require(view->result == result);
    require(view->day == 0 || (day_is_plausible(view->day) && view->second <= RECORD_NO_SECOND));
    require(view->day == 0 || view->time < view->field_count);
    require(view->status == RECORD_NO_FIELD || view->status < view->field_count);
    if (result == RECORD_OUT_OF_RANGE)
        require(view->day != 0 && !day_in_range(range, view->day));
    if (result != RECORD_VALID)
        return;
    require(view->located && address_equal(view->record.address, record->address));
    require(view->day == record->day && view->record.day == record->day);
    require(view->record.verdict == record->verdict && view->record.limits == record->limits);
}

/* The fields are what stands between the TABs, but for a quote at each end, and a CR at the line's. */
static void require_fields(const struct record_reader *reader, const struct record_view *view, const char *line,
                           size_t length)
{
    const char *end = line + length;
    if (length > 0 && end[-1] == '\r')
        end--;
    for (size_t i = 0; i < view->field_count; i++) {
        const bool is_last = i + 1 == view->field_count;
        const char *tab = memchr(line, '\t', (size_t)(end - line));
        require(is_last == !tab);
        const char *begin = line;
        const char *behind = tab ? tab : end;
        line = behind + 1;
        begin += begin < behind && *begin == '"';
        behind -= begin < behind && behind[-1] == '"';
        const struct field field = record_field(reader, i);
        require(field.length == (size_t)(behind - begin) && memcmp(field.text, begin, field.length) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (format_count == 0)
        make_readers();
    if (size == 0)
        return 0;
    const size_t choice = (uint8_t)(data[0] - 'a') % format_count;
    const char *line = (const char *)data + 1;
    const char *end = line + size - 1;
    for (const char *lf; line < end && (lf = memchr(line, '\n', (size_t)(end - line))); line = lf + 1) {
        const size_t length = (size_t)(lf - line);
        struct record record;
        struct record_view view;
        const enum record_result result = record_read(counting[choice], line, length, &record);
        require(record_look(looking[choice], line, length, &view));
        require_agreement(&view, result, &record);
        require(logs[choice].address_field != 0 || !view.located);
        require_fields(looking[choice], &view, line, length);
    }
    return 0;
}
