/* SPDX-License-Identifier: MIT */
/*
 * Record reader and scan: any bytes as a log of any format. The first byte of the input chooses the format. Whatever
 * host a record is said to be of must stand in it as a field (or, for the formats that have it there, in its last one).
 */
#include "record.h"
#include "scan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FORMATS_MAX = 16 };

static struct conf_log logs[FORMATS_MAX];
static struct record_reader *readers[FORMATS_MAX];
static size_t source_count;

static void require(int condition)
{
    if (!condition)
        abort();
}

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
    const struct day_range all = {101, 99991231};
    struct error error;
    size_t count;
    const struct log_format *formats = format_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (!format_is_source(&formats[i]))
            continue;
        struct conf_log *log = &logs[source_count];
        *log = (struct conf_log){.format = &formats[i],
                                 .enabled = true,
                                 .unauthorized = compile(formats[i].unauthorized),
                                 .refused = compile(formats[i].refused),
                                 .encoding = source_count % 2 ? encoding : NULL,
                                 .address_field = formats[i].address_field};
        readers[source_count] = record_reader_new(log, all, &error);
        require(readers[source_count++] != NULL);
    }
}

static int is_address_char(char c)
{
    return c != '\0' && strchr("0123456789abcdefABCDEF.:", c);
}

/* True if the field holds the address: as a whole or, with within, as a run of the characters of addresses. */
static int field_holds(const char *field, size_t length, int within, struct address address)
{
    struct address found;
    if (length > 0 && *field == '"') {
        field++;
        length--;
    }
    if (length > 0 && field[length - 1] == '"')
        length--;
    if (address_parse(field, length, &found) && address_equal(found, address))
        return 1;
    for (size_t begin = 0, end; within && begin < length; begin = end + 1) {
        for (end = begin; end < length && is_address_char(field[end]);)
            end++;
        if (address_parse(field + begin, end - begin, &found) && address_equal(found, address))
            return 1;
    }
    return 0;
}

static int line_holds(const char *line, size_t length, int within, struct address address)
{
    for (size_t begin = 0, end; begin <= length; begin = end + 1) {
        for (end = begin; end < length && line[end] != '\t';)
            end++;
        if (field_holds(line + begin, end - begin, within, address))
            return 1;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (source_count == 0)
        make_readers();
    if (size == 0)
        return 0;
    size_t source = data[0] % source_count;
    const char *at = (const char *)data + 1;
    const char *end = (const char *)data + size;
    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((lf ? lf : end) - at);
        struct record record;
        if (record_read(readers[source], at, length, &record) == RECORD_VALID) {
            size_t shown = length > 0 && at[length - 1] == '\r' ? length - 1 : length;
            require(line_holds(at, shown, logs[source].address_field == FORMAT_LAST_FIELD, record.address));
            require(day_is_plausible(record.day));
            require((record.verdict & (VERDICT_UNAUTHORIZED | VERDICT_REFUSED)) !=
                    (VERDICT_UNAUTHORIZED | VERDICT_REFUSED));
        }
        at += length + 1;
    }
    return 0;
}
