/* SPDX-License-Identifier: MIT */
/*
 * Passwords: whatever a client sends as its name, domain and password, no row of the record that is written of it shows
 * anything of the password. The first byte of the input chooses who writes (a: a failed POP3 login, b: one that
 * succeeded, c: one of old versions, d: CTRL, e: XMailCFG's k4); behind it stand domain, name and password, a line
 * each. The letters X and Y stand for all bytes of the password but its TABs and quotes, and for nothing else.
 */
#include "logrow.h"

#include "fuzz.h"

static const struct day_range range = {20200101, 20991231};

#define TIME "2026-11-20 12:34:56"

/* Formats of records, of domain, name and password in order. */
static const struct writer {
    const char *format;
    const char *before, *between, *then, *after;
} writers[] = {
    {"pop3", "\"mx\"\t\"", "\"\t\"192.0.2.1\"\t\"" TIME "\"\t\"", "\"\t\"", "\"\t\"ELOGIN\""},
    {"pop3", "\"mx\"\t\"", "\"\t\"192.0.2.1\"\t\"" TIME "\"\t\"", "\"\t\"", "\"\t\"LOGIN\"\t\"1\"\t\"260\""},
    {"pop3", "\"mx\"\t\"", "\"\t\"192.0.2.1\"\t\"" TIME "\"\t\"", "\"\t\"", "\""},
    {"ctrl", "\"192.0.2.1\"\t\"", "", "\"\t\"", "\"\t\"" TIME "\"\t\"FAIL\""},
    {"k4", "\"" TIME "\"\t\"Failure\"\t\"", "\"\t\"", "\"\t\"", "\"\t\"o\"\t\"d\"\t\"s\"\t\"192.0.2.1\""},
};

enum { WRITERS = sizeof writers / sizeof *writers, PASSWORD = 2 };

static struct conf_log logs[WRITERS];
static struct record_reader *readers[WRITERS];
static struct logrow_maker *maker;

static void make_readers(void)
{
    struct error error;
    for (size_t i = 0; i < WRITERS; i++) {
        const struct log_format *format = format_find(writers[i].format);
        /* Any field may look like a status. */
        logs[i] = (struct conf_log){.format = format, .address_field = format->address_field};
        require(pattern_compile("X|Y|ELOGIN", &logs[i].unauthorized, &error) > 0);
        readers[i] = record_reader_new(&logs[i], range, &error);
        require(readers[i] != NULL);
    }
    maker = logrow_maker_new(NULL, &error);
    require(maker != NULL);
}

/* Neither domain nor name can hold a blank or the letters of the password. */
static char as_sent(char byte, size_t field)
{
    if (field == PASSWORD)
        return byte == '\t' || byte == '"' ? byte : byte & 1 ? 'X' : 'Y';
    return byte == ' ' || byte == 'X' || byte == 'Y' ? '_' : byte;
}

static void add_sent(struct buffer *line, struct fuzz_input *input, size_t field)
{
    while (input->length > 0) {
        const char byte = (char)fuzz_take(input);
        if (byte == '\n')
            return;
        const char sent = as_sent(byte, field);
        buffer_add(line, &sent, 1);
    }
}

static void require_hidden(const struct buffer *text)
{
    require(text->length == 0 || (!memchr(text->bytes, 'X', text->length) && !memchr(text->bytes, 'Y', text->length)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct logrow row;
    struct fuzz_input input = {data, size};
    struct buffer line = {0};
    if (!maker)
        make_readers();
    const size_t choice = (fuzz_take(&input) - 'a') % WRITERS;
    const struct writer *writer = &writers[choice];
    buffer_add_text(&line, writer->before);
    add_sent(&line, &input, 0);
    buffer_add_text(&line, writer->between);
    add_sent(&line, &input, 1);
    buffer_add_text(&line, writer->then);
    add_sent(&line, &input, PASSWORD);
    buffer_add_text(&line, writer->after);
    require(!line.failed);
    struct chronicle_record record = {.line = line.bytes, .length = line.length, .reader = readers[choice]};
    require(record_look(readers[choice], line.bytes, line.length, &record.view) && record.view.day != 0);
    require(logrow_make(maker, &logs[choice], &record, &row));
    require_hidden(&row.address);
    require_hidden(&row.rest);
    require_hidden(&row.line);
    for (size_t i = 0; i < FORMAT_FIELDS_MAX; i++)
        require_hidden(&row.fields[i]);
    buffer_clear(&line);
    return 0;
}
