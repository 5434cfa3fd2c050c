/* SPDX-License-Identifier: MIT */
/* spammers.tab as XMail reads it: its lines, its fields, its networks, its codes; and kept byte for byte. */
#include "support.h"

#include "spamtab.h"
#include "xmailtab.h"

#include <limits.h>

static const char permanent_default[] = "(?:^|[\",\\t])permanent=1(?:$|[\",\\t])";

static void parse(const struct buffer *content, const char *pattern, struct spamtab *tab)
{
    struct error error;
    struct pattern *permanent = pattern_of(pattern);
    if (spamtab_parse(content, permanent, tab, &error) != 1)
        fail_msg("%s", error.text);
    pattern_free(permanent);
}

/* A buffer of exactly the bytes, so that the sanitizer sees one too far. */
static struct buffer buffer_of(const char *bytes, size_t length)
{
    struct buffer buffer = {.bytes = malloc(length > 0 ? length : 1), .length = length, .capacity = length};
    assert_non_null(buffer.bytes);
    if (length > 0)
        memcpy(buffer.bytes, bytes, length);
    return buffer;
}

/* --- single lines ------------------------------------------------------------------------------------------------- */

static void each_form_of_a_line_is_the_network_that_xmail_takes(void **state)
{
    static const struct {
        const char *line;
        size_t length;
        const char *network; /* NULL: XMail matches nobody with it */
        int code;
    } rows[] = {
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=1\""), "192.0.2.1", 1},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\""), "192.0.2.1", 1},
        {BYTES("192.0.2.1\t255.255.255.255\tcode=1"), "192.0.2.1", 1},
        {BYTES("\"192.0.2.77\"\t\"255.255.255.0\""), "192.0.2.0/24", 1},
        {BYTES("\"192.0.2.1\"\t\"0.0.0.0\""), "0.0.0.0/0", 1},
        {BYTES("\"192.0.2.1\"\t\"0.0.0.255\""), "192.0.2.1/0.0.0.255", 1},
        {BYTES("\"192.0.2.1\"\t\"255.0.255.0\""), "192.0.2.1/255.0.255.0", 1},
        /* No netmask: nobody. */
        {BYTES("\"192.0.2.1\""), NULL, 0},
        {BYTES("\"192.0.2.1\"\t\"code=1\""), NULL, 0},
        {BYTES("\"192.0.2.1\"\t\"\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES("\"192.0.2.1\"\t\" 255.255.255.255\""), NULL, 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.256\""), NULL, 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255x\""), NULL, 0},
        /* Quotes. */
        {BYTES("\"192.0.2.1\"x\t\"255.255.255.255\"y\t\"code=0\"z"), "192.0.2.1", 0},
        {BYTES("\"192.0.2.1\t\"255.255.255.255\t\"code=0"), "192.0.2.1", 0},
        {BYTES("192.0.2.1\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES("\"\\\"192.0.2.1\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"x\\\",code=0\""), "192.0.2.1", 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"x\",code=0\""), "192.0.2.1", 1},
        /* Runs of TABs part fields; those at the beginning and the end too. */
        {BYTES("\"192.0.2.1\"\t\t\t\"255.255.255.255\"\t\t\"code=0\""), "192.0.2.1", 0},
        {BYTES("\t\"192.0.2.1\"\t\"255.255.255.255\""), "192.0.2.1", 1},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t"), "192.0.2.1", 1},
        {BYTES("\"192.0.2.1\" \"255.255.255.255\""), NULL, 0},
        /* A slash: the bits as atoi reads them. */
        {BYTES("\"192.0.2.77/24\"\t\"code=0\""), "192.0.2.0/24", 0},
        {BYTES("\"192.0.2.77/24\""), "192.0.2.0/24", 1},
        {BYTES("\"192.0.2.77/32\""), "192.0.2.77", 1},
        {BYTES("\"192.0.2.77/33\""), "192.0.2.77", 1},
        {BYTES("\"192.0.2.77/200\""), "192.0.2.77", 1},
        {BYTES("\"192.0.2.77/99999999999999999999\""), "192.0.2.77", 1},
        {BYTES("\"192.0.2.77/0\""), "0.0.0.0/0", 1},
        {BYTES("\"192.0.2.77/\""), "0.0.0.0/0", 1},
        {BYTES("\"192.0.2.77/abc\""), "0.0.0.0/0", 1},
        {BYTES("\"192.0.2.77/24abc\""), "192.0.2.0/24", 1},
        {BYTES("\"192.0.2.77/ 24\""), "192.0.2.0/24", 1},
        {BYTES("\"192.0.2.77/255.255.255.0\""), "192.0.2.77", 1}, /* atoi: 255 bits */
        {BYTES("\"/24\""), NULL, 0},
        {BYTES("\"x/24\""), NULL, 0},
        /* Behind it a second field that begins with a digit is skipped. */
        {BYTES("\"192.0.2.77/24\"\t\"255.255.255.255\"\t\"code=0\""), "192.0.2.0/24", 0},
        {BYTES("\"192.0.2.77/24\"\t\"1\"\t\"code=0\""), "192.0.2.0/24", 0},
        {BYTES("\"192.0.2.77/24\"\t\"x\"\t\"code=0\""), "192.0.2.0/24", 1},
        /* IPv6. */
        {BYTES("\"2001:db8::1/128\"\t\"code=1\""), "2001:db8::1", 1},
        {BYTES("\"2001:db8::1/32\"\t\"code=-5\""), "2001:db8::/32", -5},
        {BYTES("\"2001:db8::1/200\""), "2001:db8::1", 1},
        {BYTES("\"2001:db8::1/\""), "::/0", 1},
        {BYTES("\"2001:db8::1/abc\""), "::/0", 1},
        {BYTES("\"::/64\""), "::/64", 1},
        {BYTES("\"2001:db8::1\""), NULL, 0},
        {BYTES("\"2001:db8::1\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES("\"::ffff:192.0.2.1/128\""), "192.0.2.1", 1},
        {BYTES("\"::ffff:192.0.2.1/120\""), "192.0.2.0/24", 1},
        {BYTES("\"::ffff:192.0.2.1/24\""), "::/24", 1},
        {BYTES("\"::ffff:c000:201/128\""), "192.0.2.1", 1},
        {BYTES("\"::ffff:192.0.2.1\"\t\"255.255.255.255\""), NULL, 0},
        /* As the C library reads addresses. */
        {BYTES("\"1.2.3\"\t\"255.255.255.255\""), "1.2.0.3", 1},
        {BYTES("\"010.0.0.1\"\t\"255.255.255.255\""), "8.0.0.1", 1},
        {BYTES("\"010.0.0.1/32\""), "8.0.0.1", 1},
        {BYTES("\"0x0a.0.0.1\"\t\"255.255.255.255\""), "10.0.0.1", 1},
        {BYTES("\"1.2.3.4\"\t\"24\""), "1.2.3.4/0.0.0.24", 1},
        {BYTES("\"08.0.0.1\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES("\"256.0.0.1\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES("\"192.0.2.1 \"\t\"255.255.255.255\""), NULL, 0},
        /* No entries. */
        {BYTES(""), NULL, 0},
        {BYTES("\t\t"), NULL, 0},
        {BYTES("\"\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES("#\"192.0.2.1\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES(" #x"), NULL, 0},
        {BYTES(" \"192.0.2.1\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES("\" 192.0.2.1\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES("\"spam.example.com\"\t\"255.255.255.255\""), NULL, 0},
        {BYTES("\".example.com\"\t\"code=1\""), NULL, 0},
        {BYTES("\"example.com/24\""), NULL, 0},
        /* Codes. */
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=0\""), "192.0.2.1", 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=-5\""), "192.0.2.1", -5},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=7\""), "192.0.2.1", 7},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=\""), "192.0.2.1", 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=x\""), "192.0.2.1", 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"\""), "192.0.2.1", 1},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"code\""), "192.0.2.1", 1},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"xcode=0\""), "192.0.2.1", 1},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"x=0,code=0,y\""), "192.0.2.1", 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"permanent=1,code=0\""), "192.0.2.1", 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=0,permanent=1\""), "192.0.2.1", 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=0,code=1\""), "192.0.2.1", 0},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=1,code=0\""), "192.0.2.1", 1},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\"x=1\"\t\"code=0\""), "192.0.2.1", 1},
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\t\",,code=0,,\""), "192.0.2.1", 0},
        /* A NUL ends the line for XMail. */
        {BYTES("\"192.0.2.1\"\t\"255.255.255.255\"\0\t\"code=0\""), "192.0.2.1", 1},
        {BYTES("\"192.0.2.1\"\0\t\"255.255.255.255\""), NULL, 0},
        {BYTES("\0\"192.0.2.1\"\t\"255.255.255.255\""), NULL, 0},
    };
    static const char *const ends[] = {"\n", "\r\n", ""};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t e = 0; e < COUNT_OF(ends); e++) {
            struct buffer content = {0};
            struct spamtab tab;
            buffer_add(&content, rows[i].line, rows[i].length);
            buffer_add_text(&content, ends[e]);
            if (content.length == 0)
                continue;
            parse(&content, NULL, &tab);
            assert_int_equal(tab.count, 1);
            assert_int_equal(tab.lines[0].length, rows[i].length);
            assert_int_equal(tab.lines[0].end, strlen(ends[e]));
            if (tab.lines[0].is_entry != (rows[i].network != NULL))
                fail_msg("%s: %d", rows[i].line, tab.lines[0].is_entry);
            if (rows[i].network) {
                const struct network expected = network_of(rows[i].network);
                char text[NETWORK_TEXT_SIZE];
                if (!network_same(&tab.lines[0].network, &expected))
                    fail_msg("%s: %s", rows[i].line, network_format(&tab.lines[0].network, text));
                if (tab.lines[0].code != rows[i].code)
                    fail_msg("%s: code %d", rows[i].line, tab.lines[0].code);
                assert_int_equal(spamtab_rejects(&tab.lines[0]), rows[i].code > 0);
            }
            spamtab_clear(&tab);
            buffer_clear(&content);
        }
    }
}

static void fields_are_split_as_xmail_splits_them(void **state)
{
    static const struct {
        const char *line;
        const char *fields; /* with | between them */
    } rows[] = {
        {"\"a\"\t\"b\"", "a|b"},
        {"a\tb", "a|b"},
        {"\ta\t\t\tb\t", "a|b"},
        {"\"a b\"", "a b"},
        {"\"\"\t\"\"", "|"},
        {"\"a\\\"b\"", "a\"b"},
        {"\"a\\b\"", "a\\b"},
        {"\"a\"b\"c\"", "a"},
        {"a\"b\"", "a\"b\""},
        {"\"a", "a"},
        {"\"", ""},
        {"#a\tb", NULL},
        {"", NULL},
        {"\t\t", NULL},
        {" ", " "},
        {" #a", " #a"},
        {"\"#a\"", "#a"},
        {"\\\"a\\\"", "\\\"a\\\""},
        {"a\r", "a"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct xmailtab_line line = {.bytes = rows[i].line, .length = strlen(rows[i].line)};
        struct xmailtab_fields fields;
        char joined[256] = "";
        xmailtab_split(&line, &fields);
        if (!rows[i].fields) {
            assert_int_equal(fields.count, 0);
            continue;
        }
        for (size_t f = 0; f < fields.count; f++) {
            size_t used = strlen(joined);
            (void)snprintf(joined + used, sizeof joined - used, "%s%s", f ? "|" : "", fields.fields[f]);
        }
        assert_true(fields.count > 0);
        assert_string_equal(joined, rows[i].fields);
    }
}

/* --- lines of a file ---------------------------------------------------------------------------------------------- */

static void lines_are_numbered_as_an_editor_does(void **state)
{
    static const char content[] = "one\r\n\ntwo\n\r\n#three\nlast";
    static const struct {
        const char *text;
        size_t end;
    } rows[] = {{"one", 2}, {"", 1}, {"two", 1}, {"", 2}, {"#three", 1}, {"last", 0}};
    struct xmailtab_walk walk = {.bytes = content, .length = sizeof content - 1, .line_max = XMAILTAB_SPAMMERS_LINE};
    struct xmailtab_line line;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(xmailtab_next(&walk, &line));
        assert_int_equal(line.length, strlen(rows[i].text));
        assert_memory_equal(line.bytes, rows[i].text, line.length);
        assert_int_equal(line.end, rows[i].end);
        assert_int_equal(line.number, i + 1);
        assert_false(line.continued);
    }
    assert_false(xmailtab_next(&walk, &line));
    assert_false(xmailtab_next(&walk, &line));
}

static void xmail_takes_510_bytes_of_a_line_and_reads_the_rest_as_another(void **state)
{
    static const struct {
        size_t length; /* of the line's text */
        const char *end;
        size_t parts[3]; /* length and, if it is the last, nothing behind it */
        size_t count;
        size_t last_end;
    } rows[] = {
        {508, "\n", {508}, 1, 1},
        {508, "\r\n", {508}, 1, 2},
        {509, "\n", {509}, 1, 1},
        {509, "\r\n", {510, 0}, 2, 1},
        {509, "", {509}, 1, 0},
        {510, "\n", {510, 0}, 2, 1},
        {510, "\r\n", {510, 0}, 2, 2},
        {510, "", {510}, 1, 0},
        {511, "\n", {510, 1}, 2, 1},
        {511, "\r\n", {510, 1}, 2, 2},
        {512, "\n", {510, 2}, 2, 1},
        {512, "\r\n", {510, 2}, 2, 2},
        {512, "", {510, 2}, 2, 0},
        {1020, "\n", {510, 510, 0}, 3, 1},
        {1021, "\n", {510, 510, 1}, 3, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer content = {0};
        struct xmailtab_line line;
        assert_true(buffer_reserve(&content, rows[i].length));
        memset(content.bytes, 'x', rows[i].length);
        content.length = rows[i].length;
        buffer_add_text(&content, rows[i].end);
        bool ended = *rows[i].end != '\0';
        if (ended)
            buffer_add_text(&content, "next");
        struct xmailtab_walk walk = {
            .bytes = content.bytes, .length = content.length, .line_max = XMAILTAB_SPAMMERS_LINE};
        for (size_t p = 0; p < rows[i].count; p++) {
            assert_true(xmailtab_next(&walk, &line));
            if (line.length != rows[i].parts[p])
                fail_msg("%zu bytes: part %zu has %zu", rows[i].length, p, line.length);
            assert_int_equal(line.number, 1);
            assert_int_equal(line.continued, p > 0);
            assert_int_equal(line.end, p + 1 == rows[i].count ? rows[i].last_end : 0);
        }
        assert_int_equal(xmailtab_next(&walk, &line), ended);
        if (ended) {
            assert_int_equal(line.number, 2);
            assert_false(line.continued);
        }
        buffer_clear(&content);
    }
}

static void smtp_ipprop_tab_has_longer_lines(void **state)
{
    struct buffer content = {0};
    struct xmailtab_line line;
    (void)state;
    assert_true(buffer_reserve(&content, XMAILTAB_IPPROP_LINE + 1));
    memset(content.bytes, 'x', XMAILTAB_IPPROP_LINE + 1);
    content.length = XMAILTAB_IPPROP_LINE + 1;
    struct xmailtab_walk walk = {.bytes = content.bytes, .length = content.length, .line_max = XMAILTAB_IPPROP_LINE};
    assert_true(xmailtab_next(&walk, &line));
    assert_int_equal(line.length, 1022);
    assert_true(xmailtab_next(&walk, &line));
    assert_int_equal(line.length, 1);
    assert_true(line.continued);
    assert_false(xmailtab_next(&walk, &line));
    buffer_clear(&content);
}

static void numbers_are_read_as_atoi_does_and_never_overflow(void **state)
{
    static const struct {
        const char *text;
        int number;
    } rows[] = {{"", 0},   {"x", 0},    {"7", 7},   {"-5", -5}, {"+3", 3},
                {" 9", 9}, {"12x", 12}, {"007", 7}, {"1,2", 1}, {"99999999999999999999", INT_MAX}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(xmailtab_number(rows[i].text), rows[i].number);
    assert_true(xmailtab_number("-99999999999999999999") < 0);
}

/* The line, and the same with a TAB behind it, which parts fields from nothing. */
static void compare_with_tab_behind(const char *line, size_t length)
{
    struct buffer content = buffer_of(line, length);
    struct spamtab tab;
    buffer_add_text(&content, "\n");
    buffer_add(&content, line, length);
    buffer_add_text(&content, "\t\n");
    parse(&content, NULL, &tab);
    assert_int_equal(tab.count, 2);
    if (tab.lines[0].is_entry != tab.lines[1].is_entry ||
        (tab.lines[0].is_entry &&
         (tab.lines[0].code != tab.lines[1].code || !network_same(&tab.lines[0].network, &tab.lines[1].network))))
        fail_msg("%.*s", (int)length, line);
    spamtab_clear(&tab);
    buffer_clear(&content);
}

/* Lines of our own form are read in a way of their own: what differs by a byte from one isn't. */
static void lines_that_are_nearly_our_own_are_read_as_any_other(void **state)
{
    static const char *const lines[] = {
        "\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=1\"", "\"::ffff:192.0.2.1\"\t\"255.255.255.255\"\t\"code=1\"",
        "\"192.0.2\"\t\"255.255.255.255\"\t\"code=1\"",   "\"192.0.2.1/24\"\t\"255.255.255.255\"\t\"code=1\"",
        "\"010.0.0.1\"\t\"255.255.255.255\"\t\"code=1\"", "\"2001:db8::1\"\t\"255.255.255.255\"\t\"code=1\"",
        "\"\"\t\"255.255.255.255\"\t\"code=1\"",          "\"\t\"255.255.255.255\"\t\"code=1\""};
    static const char others[] = "\"\\\t 019.#/:x=\0";
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        const size_t length = strlen(lines[i]);
        char changed[128];
        compare_with_tab_behind(lines[i], length);
        for (size_t at = 0; at < length; at++) {
            memcpy(changed, lines[i], at);
            memcpy(changed + at, lines[i] + at + 1, length - at - 1);
            compare_with_tab_behind(changed, length - 1);
            for (size_t other = 0; other < sizeof others; other++) {
                memcpy(changed, lines[i], length);
                changed[at] = others[other];
                compare_with_tab_behind(changed, length);
                memcpy(changed + at + 1, lines[i] + at, length - at);
                compare_with_tab_behind(changed, length + 1);
            }
        }
    }
}

static void the_tail_of_a_long_comment_is_an_entry(void **state)
{
    static const char entry[] = "\"192.0.2.9\"\t\"255.255.255.255\"";
    struct buffer content = {0};
    struct spamtab tab;
    const struct network expected = network_of("192.0.2.9");
    (void)state;
    buffer_add_text(&content, "#");
    while (content.length < XMAILTAB_SPAMMERS_LINE)
        buffer_add_text(&content, "-");
    buffer_add_text(&content, entry);
    buffer_add_text(&content, "\n\"192.0.2.1\"\t\"255.255.255.255\"\n");
    parse(&content, NULL, &tab);
    assert_int_equal(tab.count, 3);
    assert_false(tab.lines[0].is_entry);
    assert_true(tab.lines[1].is_entry);
    assert_int_equal(tab.lines[1].number, 1);
    assert_true(network_same(&tab.lines[1].network, &expected));
    assert_int_equal(tab.lines[2].number, 2);
    spamtab_clear(&tab);
    buffer_clear(&content);
}

static void the_first_line_tells_the_kind_of_line_end(void **state)
{
    static const struct {
        const char *content;
        bool crlf;
    } rows[] = {
        {"", false},    {"\n", false}, {"\r\n", true},   {"a\r\nb\n", true}, {"a\nb\r\n", false},
        {"a\r", false}, {"a", false},  {"\r\r\n", true}, {"a\rb\n", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer content = buffer_of(rows[i].content, strlen(rows[i].content));
        struct spamtab tab;
        parse(&content, NULL, &tab);
        assert_int_equal(tab.crlf, rows[i].crlf);
        spamtab_clear(&tab);
        buffer_clear(&content);
    }
}

/* --- permanent ---------------------------------------------------------------------------------------------------- */

static void permanent_entries_are_told_by_the_pattern(void **state)
{
    static const struct {
        const char *rest;
        bool permanent;
    } rows[] = {
        {"\"permanent=1,code=1\"", true},
        {"\"code=0,permanent=1\"", true},
        {"\"code=1\"\t\"permanent=1\"", true},
        {"permanent=1", true},
        {"x,permanent=1\t", true},
        {"\"permanent=10\"", false},
        {"\"permanent=0\"", false},
        {"\"xpermanent=1\"", false},
        {"\"permanent=1;\"", false},
        {"\"code=1\"", false},
        {"", false},
    };
    static const char *const ends[] = {"\n", "\r\n", ""};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t e = 0; e < COUNT_OF(ends); e++) {
            struct buffer content = {0};
            struct spamtab tab;
            buffer_add_format(&content, "\"192.0.2.1\"\t\"255.255.255.255\"\t%s%s", rows[i].rest, ends[e]);
            parse(&content, permanent_default, &tab);
            if (tab.lines[0].permanent != rows[i].permanent)
                fail_msg("%s: %d", rows[i].rest, tab.lines[0].permanent);
            assert_int_equal(tab.limits, 0);
            spamtab_clear(&tab);
            buffer_clear(&content);
        }
    }
}

/* XMail cuts between CR and LF here: the CR is still part of the line's end. */
static void a_carriage_return_where_xmail_cuts_is_not_matched(void **state)
{
    static const char entry[] = "192.0.2.1\t255.255.255.255\t";
    static const char last[] = ",permanent=1";
    struct buffer content = {0};
    struct spamtab tab;
    (void)state;
    buffer_add_text(&content, entry);
    while (content.length < XMAILTAB_SPAMMERS_LINE - 1 - strlen(last))
        buffer_add_text(&content, "x");
    buffer_add_text(&content, last);
    buffer_add_text(&content, "\r\n");
    parse(&content, permanent_default, &tab);
    assert_true(tab.lines[0].is_entry);
    bool permanent = tab.lines[0].permanent;
    spamtab_clear(&tab);
    buffer_clear(&content);
    assert_true(permanent);
}

static void the_pattern_is_tried_on_the_whole_line_of_the_file(void **state)
{
    struct error error;
    struct spamtab tab;
    struct buffer content = {0};
    struct pattern *permanent = NULL;
    (void)state;
    buffer_add_text(&content, "192.0.2.1\t255.255.255.255\tnote=");
    for (int i = 0; i < 600; i++)
        buffer_add_text(&content, "y");
    buffer_add_text(&content, ",permanent=1,code=1\n192.0.2.2\t255.255.255.255\n");
    assert_int_equal(pattern_compile(",permanent=1,", &permanent, &error), 1);
    assert_int_equal(spamtab_parse(&content, permanent, &tab, &error), 1);
    assert_int_equal(tab.count, 3);
    assert_true(tab.lines[0].is_entry && tab.lines[0].permanent);
    assert_false(tab.lines[1].is_entry);
    assert_true(tab.lines[2].is_entry && !tab.lines[2].permanent);
    spamtab_clear(&tab);
    pattern_free(permanent);
    buffer_clear(&content);
}

static void an_entry_on_which_the_pattern_gives_up_is_permanent(void **state)
{
    static const char text[] =
        "\"192.0.2.1\"\t\"255.255.255.255\"\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\n"
        "\"192.0.2.2\"\t\"255.255.255.255\"\n";
    struct buffer content = buffer_of(BYTES(text));
    struct spamtab tab;
    (void)state;
    parse(&content, "\t(?:a|aa|aaa)+$", &tab);
    assert_int_equal(tab.limits, 1);
    assert_true(tab.lines[0].permanent);
    assert_false(tab.lines[1].permanent);
    spamtab_clear(&tab);
    buffer_clear(&content);
}

/* --- putting together --------------------------------------------------------------------------------------------- */

static void render(const struct spamtab *tab, const bool *keep, const char *const *networks, size_t count,
                   struct buffer *buffer)
{
    struct network made[8];
    const struct network *pointers[8];
    assert_true(count <= COUNT_OF(made));
    for (size_t i = 0; i < count; i++) {
        made[i] = network_of(networks[i]);
        pointers[i] = &made[i];
    }
    spamtab_render(tab, keep, pointers, count, buffer);
    assert_false(buffer->failed);
}

static void what_is_written_has_one_canonical_form(void **state)
{
    static const struct {
        const char *network;
        const char *line;
    } rows[] = {
        {"192.0.2.1", "\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=1\""},
        {"192.0.2.77/24", "\"192.0.2.0\"\t\"255.255.255.0\"\t\"code=1\""},
        {"192.0.2.77/23", "\"192.0.2.0\"\t\"255.255.254.0\"\t\"code=1\""},
        {"10.1.2.3/8", "\"10.0.0.0\"\t\"255.0.0.0\"\t\"code=1\""},
        {"2001:DB8:0:0::1", "\"2001:db8::1/128\"\t\"code=1\""},
        {"2001:db8:1:2:3:4:5:6/64", "\"2001:db8:1:2::/64\"\t\"code=1\""},
        {"2001:db8::1/16", "\"2001::/16\"\t\"code=1\""},
        {"::1", "\"::1/128\"\t\"code=1\""},
        {"::1.2.3.4", "\"::1.2.3.4/128\"\t\"code=1\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer buffer = {0};
        const struct network network = network_of(rows[i].network);
        spamtab_format_entry(&network, &buffer);
        assert_int_equal(buffer.length, strlen(rows[i].line));
        assert_memory_equal(buffer.bytes, rows[i].line, buffer.length);
        buffer_clear(&buffer);
    }
}

static void an_entry_that_is_written_is_read_back_as_the_same_network(void **state)
{
    uint64_t seed = 7;
    (void)state;
    for (int round = 0; round < 5000; round++) {
        struct address address = {random_next(&seed), random_next(&seed)};
        unsigned bits = (unsigned)random_below(&seed, ADDRESS_BITS + 1);
        if (round % 2) { /* IPv4 */
            address = (struct address){0, UINT64_C(0xffff00000000) | (address.low & UINT32_MAX)};
            bits = ADDRESS_IPV4_BITS + bits % 33;
        } else if (round % 8 == 0) { /* runs of zeros, and IPv4 in its other dresses */
            address.high = 0;
            address.low &= UINT64_C(0x1ffff00000000) | UINT32_MAX;
        }
        const struct network network = network_make(address, address_mask(bits));
        struct buffer content = {0};
        struct spamtab tab;
        spamtab_format_entry(&network, &content);
        if (round % 3)
            buffer_add_text(&content, round % 3 == 1 ? "\n" : "\r\n");
        parse(&content, permanent_default, &tab);
        assert_int_equal(tab.count, 1);
        if (!tab.lines[0].is_entry || !network_same(&tab.lines[0].network, &network))
            fail_msg("%.*s", (int)content.length, content.bytes);
        assert_true(spamtab_rejects(&tab.lines[0]));
        assert_false(tab.lines[0].permanent);
        spamtab_clear(&tab);
        buffer_clear(&content);
    }
}

static void lines_are_kept_byte_for_byte_and_new_ones_come_last(void **state)
{
    static const struct {
        const char *content;
        const char *keep; /* a digit for each line */
        size_t added;
        const char *result;
    } rows[] = {
        {"", "", 0, ""},
        {"", "", 1, "\"192.0.2.8\"\t\"255.255.255.255\"\t\"code=1\"\n"},
        {"# a\nb\n", "11", 0, "# a\nb\n"},
        {"# a\nb", "11", 0, "# a\nb"},
        {"# a\nb", "01", 0, "b"},
        {"# a\nb", "10", 0, "# a\n"},
        {"# a\r\nb", "01", 0, "b"},
        {"# a\nb", "00", 0, ""},
        {"# a\nb", "11", 1, "# a\nb\n\"192.0.2.8\"\t\"255.255.255.255\"\t\"code=1\"\n"},
        {"# a\r\nb", "11", 1, "# a\r\nb\r\n\"192.0.2.8\"\t\"255.255.255.255\"\t\"code=1\"\r\n"},
        /* The original first line rules, even if it goes. */
        {"# a\r\nb\n", "01", 1, "b\n\"192.0.2.8\"\t\"255.255.255.255\"\t\"code=1\"\r\n"},
        {"# a\nb\r\n", "11", 2,
         "# a\nb\r\n\"192.0.2.8\"\t\"255.255.255.255\"\t\"code=1\"\n\"2001:db8::/64\"\t\"code=1\"\n"},
        {"a\r", "1", 1, "a\r\n\"192.0.2.8\"\t\"255.255.255.255\"\t\"code=1\"\n"},
    };
    static const char *const networks[] = {"192.0.2.8", "2001:db8::/64"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer content = buffer_of(rows[i].content, strlen(rows[i].content));
        struct buffer result = {0};
        struct spamtab tab;
        bool keep[8] = {false};
        parse(&content, NULL, &tab);
        assert_int_equal(tab.count, strlen(rows[i].keep));
        for (size_t k = 0; k < tab.count; k++)
            keep[k] = rows[i].keep[k] == '1';
        render(&tab, keep, networks, rows[i].added, &result);
        if (result.length != strlen(rows[i].result) ||
            (result.length > 0 && memcmp(result.bytes, rows[i].result, result.length) != 0))
            fail_msg("row %zu: %.*s", i, (int)result.length, result.bytes);
        spamtab_clear(&tab);
        buffer_clear(&result);
        buffer_clear(&content);
    }
}

/* A file of one long line, its parts as given, each but the last padded to the length at which XMail cuts. */
static void add_long_line(struct buffer *content, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t begin = content->length;
        buffer_add_text(content, parts[i]);
        while (i + 1 < count && content->length < begin + XMAILTAB_SPAMMERS_LINE)
            buffer_add_text(content, "\t");
    }
    buffer_add_text(content, "\n");
}

static void parts_of_a_long_line_go_one_by_one_and_leave_the_others_as_xmail_sees_them(void **state)
{
    static const char *const parts[] = {"# head", "\"192.0.2.1\"\t\"255.255.255.255\"",
                                        "\"192.0.2.2\"\t\"255.255.255.255\""};
    struct buffer content = {0};
    struct spamtab tab;
    (void)state;
    add_long_line(&content, parts, COUNT_OF(parts));
    buffer_add_text(&content, "last\n");
    parse(&content, NULL, &tab);
    assert_int_equal(tab.count, 4);
    for (unsigned chosen = 0; chosen < 8; chosen++) {
        const bool keep[] = {chosen & 1, chosen & 2, chosen & 4, true};
        struct buffer result = {0};
        struct spamtab again;
        spamtab_render(&tab, keep, NULL, 0, &result);
        parse(&result, NULL, &again);
        size_t line = 0;
        for (size_t i = 0; i < 4; i++) {
            if (!keep[i])
                continue;
            while (line < again.count && again.lines[line].length == 0) /* the end of a line that lost its tail */
                line++;
            assert_true(line < again.count);
            assert_int_equal(again.lines[line].length, tab.lines[i].length);
            assert_memory_equal(result.bytes + again.lines[line].offset, content.bytes + tab.lines[i].offset,
                                tab.lines[i].length);
            assert_int_equal(again.lines[line].is_entry, tab.lines[i].is_entry);
            line++;
        }
        assert_int_equal(line, again.count);
        spamtab_clear(&again);
        buffer_clear(&result);
    }
    spamtab_clear(&tab);
    buffer_clear(&content);
}

static void whatever_bytes_the_file_holds_all_kept_is_the_same_file(void **state)
{
    static const char alphabet[] = "\n\n\r\t\t\"\"#0123456789./:code=,-\\ \x00\xff";
    uint64_t seed = 11;
    (void)state;
    for (int round = 0; round < 4000; round++) {
        size_t length = random_below(&seed, round % 10 ? 200 : 3000);
        bool few_ends = round % 4 == 0;
        struct buffer content = {0};
        struct buffer result = {0};
        struct spamtab tab;
        bool keep[4096];
        for (size_t i = 0; i < length; i++) {
            size_t from = few_ends && random_below(&seed, 400) ? 3 : 0; /* long lines */
            buffer_add(&content, &alphabet[from + random_below(&seed, sizeof alphabet - from)], 1);
        }
        parse(&content, permanent_default, &tab);
        assert_true(tab.count <= COUNT_OF(keep));
        size_t offset = 0;
        for (size_t i = 0; i < tab.count; i++) {
            keep[i] = true;
            assert_int_equal(tab.lines[i].offset, offset); /* every byte belongs to one line */
            offset += tab.lines[i].length + tab.lines[i].end;
        }
        assert_int_equal(offset, content.length);
        spamtab_render(&tab, keep, NULL, 0, &result);
        assert_true(buffer_equal(&content, &result));
        spamtab_clear(&tab);
        buffer_clear(&content);
        buffer_clear(&result);
    }
}

static void lines_that_stay_are_read_as_before_whatever_goes(void **state)
{
    static const char *const pieces[] = {
        "\"192.0.2.1\"\t\"255.255.255.255\"", "\"2001:db8::/32\"\t\"code=0\"", "# x", "y", "\t", "\n", "\n", "\r\n"};
    uint64_t seed = 23;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct buffer content = {0};
        struct buffer result = {0};
        struct spamtab tab;
        struct spamtab again;
        bool keep[512];
        for (size_t i = random_below(&seed, 60); i > 0; i--) {
            buffer_add_text(&content, pieces[random_below(&seed, COUNT_OF(pieces))]);
            for (size_t n = random_below(&seed, 10) ? 0 : random_below(&seed, 600); n > 0; n--)
                buffer_add_text(&content, "-");
        }
        parse(&content, NULL, &tab);
        assert_true(tab.count <= COUNT_OF(keep));
        for (size_t i = 0; i < tab.count; i++) /* as a decision does, only entries go */
            keep[i] = !tab.lines[i].is_entry || random_below(&seed, 2);
        spamtab_render(&tab, keep, NULL, 0, &result);
        parse(&result, NULL, &again);
        size_t next = 0;
        for (size_t i = 0; i < tab.count; i++) {
            if (!tab.lines[i].is_entry || !keep[i])
                continue;
            while (next < again.count && !again.lines[next].is_entry)
                next++;
            assert_true(next < again.count);
            assert_true(network_same(&tab.lines[i].network, &again.lines[next].network));
            assert_int_equal(tab.lines[i].code, again.lines[next].code);
            next++;
        }
        for (; next < again.count; next++)
            assert_false(again.lines[next].is_entry);
        spamtab_clear(&tab);
        spamtab_clear(&again);
        buffer_clear(&content);
        buffer_clear(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_of_a_line_is_the_network_that_xmail_takes),
        cmocka_unit_test(fields_are_split_as_xmail_splits_them),
        cmocka_unit_test(lines_are_numbered_as_an_editor_does),
        cmocka_unit_test(xmail_takes_510_bytes_of_a_line_and_reads_the_rest_as_another),
        cmocka_unit_test(smtp_ipprop_tab_has_longer_lines),
        cmocka_unit_test(numbers_are_read_as_atoi_does_and_never_overflow),
        cmocka_unit_test(lines_that_are_nearly_our_own_are_read_as_any_other),
        cmocka_unit_test(the_tail_of_a_long_comment_is_an_entry),
        cmocka_unit_test(the_first_line_tells_the_kind_of_line_end),
        cmocka_unit_test(permanent_entries_are_told_by_the_pattern),
        cmocka_unit_test(a_carriage_return_where_xmail_cuts_is_not_matched),
        cmocka_unit_test(the_pattern_is_tried_on_the_whole_line_of_the_file),
        cmocka_unit_test(an_entry_on_which_the_pattern_gives_up_is_permanent),
        cmocka_unit_test(what_is_written_has_one_canonical_form),
        cmocka_unit_test(an_entry_that_is_written_is_read_back_as_the_same_network),
        cmocka_unit_test(lines_are_kept_byte_for_byte_and_new_ones_come_last),
        cmocka_unit_test(parts_of_a_long_line_go_one_by_one_and_leave_the_others_as_xmail_sees_them),
        cmocka_unit_test(whatever_bytes_the_file_holds_all_kept_is_the_same_file),
        cmocka_unit_test(lines_that_stay_are_read_as_before_whatever_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
