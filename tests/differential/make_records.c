/* SPDX-License-Identifier: MIT */
/*
 * Random records: XMail's and XMailCFG's usual form, then fields cut, joined, quoted wrongly, put elsewhere, with bytes
 * that don't belong there.
 */
#include "make_records.h"

enum { FIELD_MAX = 400, FIELDS_MAX = 48 };

struct piece {
    char bytes[FIELD_MAX];
    size_t length;
};

struct pieces {
    struct piece list[FIELDS_MAX];
    size_t count;
};

static void piece_set(struct piece *piece, const char *bytes, size_t length)
{
    piece->length = length < FIELD_MAX ? length : FIELD_MAX;
    memcpy(piece->bytes, bytes, piece->length);
}

static void piece_text(struct piece *piece, const char *text)
{
    piece_set(piece, text, strlen(text));
}

static void piece_insert(struct piece *piece, size_t at, const char *bytes, size_t length)
{
    if (piece->length + length > FIELD_MAX)
        return;
    memmove(piece->bytes + at + length, piece->bytes + at, piece->length - at);
    memcpy(piece->bytes + at, bytes, length);
    piece->length += length;
}

static void piece_append(struct piece *piece, const char *text)
{
    piece_insert(piece, piece->length, text, strlen(text));
}

static size_t place_in(struct maker *maker, const struct piece *piece)
{
    return chance_below(&maker->seed, piece->length + 1);
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

static const char *const strange_addresses[] = {
    "",
    "unknown",
    "1.2.3",
    "1.2.3.",
    "1.2.3.4.",
    ".1.2.3.4",
    "1..2.3",
    "1.2.3.4.5",
    "10.0.0.256",
    "10.0.0.01",
    "10.0.0.00",
    "010.0.0.1",
    "10.0.0.1000",
    "999999999999999",
    "0.0.0.0",
    "255.255.255.255",
    " 10.0.0.1",
    "10.0.0.1 ",
    "10.0.0.1 x",
    "[10.0.0.1]",
    "10.0.0.1:25",
    "+10.0.0.1",
    "-1.0.0.1",
    "0xa.0.0.1",
    "10.0.0.1%eth0",
    "10,0,0,1",
    ":",
    "::",
    ":::",
    "::1",
    "1::",
    "::1::",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1::2:3:4:5:6:7:8",
    "1:2:3:4:5:6:1.2.3.4",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1:2:3:4:5:1.2.3.4",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::1.2.3",
    "::ffff:1.2.3",
    "::ffff:1.2.3.256",
    "::ffff:1.2.3.04",
    "::ffff:1.2.3.4.5",
    "::FFFF:1.2.3.4",
    "::ffff:102:304",
    "::ffff:0102:0304",
    "0:0:0:0:0:ffff:1.2.3.4",
    "0000:0000:0000:0000:0000:ffff:255.255.255.255",
    "0000:0000:0000:0000:0000:0000:255.255.255.255",
    "::fffe:1.2.3.4",
    "::1.2.3.4",
    "2001:db8::00001",
    "2001:db8::g",
    "2001:DB8::AbCd",
    "2001:db8:::1",
    "02001:db8::1",
    "fe80::1%eth0",
    "fe80::1%",
    "fe80::1%1.2.3.4",
    "fe80::1%%",
    "%eth0",
    "fe80%eth0::1",
    "::ffff:1.2.3.4%3",
    "1.2.3.4%3",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "1:2:3:4:5:6:7:",
    ":1:2:3:4:5:6:7",
    "2001:db8::1/128",
    "1.2.3.4/32",
};

static void make_host(uint64_t *seed, char text[MAKE_ADDRESS_SIZE])
{
    static const char *const ipv6[] = {"2001:db8::%x", "2001:db8:%x::1", "fe80::%x", "fd00:1:2:3:4:5:6:%x",
                                       "::1:0:%x:2"};
    if (chance_percent(seed, 80))
        (void)snprintf(text, MAKE_ADDRESS_SIZE, "%d.%d.%d.%d", chance_between(seed, 1, 223),
                       chance_between(seed, 0, 255), chance_between(seed, 0, 255), chance_between(seed, 0, 255));
    else
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(text, MAKE_ADDRESS_SIZE, CHANCE_ONE_OF(seed, ipv6), (unsigned)chance_below(seed, 0x10000));
#pragma GCC diagnostic pop
}

static void random_address(struct maker *maker, char text[MAKE_ADDRESS_SIZE])
{
    static const char digits[] = "0123456789abcdef:..:";
    const size_t length = chance_below(&maker->seed, 46);
    for (size_t i = 0; i < length; i++)
        text[i] = digits[chance_below(&maker->seed, sizeof digits - 1)];
    text[length] = '\0';
}

/* The host in another form that is the same one, most of the time. */
static void disguise(struct maker *maker, const char *host, char text[MAKE_ADDRESS_SIZE])
{
    unsigned quad[4];
    /* NOLINTNEXTLINE(cert-err34-c): its numbers are ours */
    if (sscanf(host, "%u.%u.%u.%u", &quad[0], &quad[1], &quad[2], &quad[3]) == 4) {
        switch (chance_below(&maker->seed, 4)) {
        case 0:
            (void)snprintf(text, MAKE_ADDRESS_SIZE, "::ffff:%02x%02x:%02x%02x", quad[0], quad[1], quad[2], quad[3]);
            break;
        case 1:
            (void)snprintf(text, MAKE_ADDRESS_SIZE, "0:0:0:0:0:FFFF:%.20s", host);
            break;
        default:
            (void)snprintf(text, MAKE_ADDRESS_SIZE, "::ffff:%.20s", host);
            break;
        }
        return;
    }
    (void)snprintf(text, MAKE_ADDRESS_SIZE, "%.40s%s", host, chance_percent(&maker->seed, 60) ? "%eth0" : "");
    for (char *at = text; chance_percent(&maker->seed, 95) && *at && *at != '%'; at++)
        if (*at >= 'a' && *at <= 'f')
            *at = (char)(*at - 'a' + 'A');
}

static void make_address(struct maker *maker, char text[MAKE_ADDRESS_SIZE])
{
    /* Mostly the first few. */
    const size_t among = chance_percent(&maker->seed, 70) ? 3 : MAKE_HOSTS;
    const char *host = maker->hosts[chance_below(&maker->seed, among)];
    const size_t kind = chance_below(&maker->seed, 100);
    if (kind < 88)
        (void)snprintf(text, MAKE_ADDRESS_SIZE, "%s", host);
    else if (kind < 95)
        disguise(maker, host, text);
    else if (kind < 99)
        (void)snprintf(text, MAKE_ADDRESS_SIZE, "%s", CHANCE_ONE_OF(&maker->seed, strange_addresses));
    else
        random_address(maker, text);
}

/* The address as address_pattern wants it, mostly. */
static void piece_address(struct maker *maker, struct piece *piece)
{
    char address[MAKE_ADDRESS_SIZE];
    char text[2 * MAKE_ADDRESS_SIZE];
    const struct plain_address_pattern *pattern = maker->settings.address_pattern;
    make_address(maker, address);
    if (chance_percent(&maker->seed, 2))
        pattern = &plain_address_patterns[chance_below(&maker->seed, plain_address_pattern_count)];
    if (!pattern || chance_percent(&maker->seed, 10)) {
        piece_text(piece, address);
        return;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(text, sizeof text, pattern->wrapping, address);
#pragma GCC diagnostic pop
    piece_text(piece, text);
}

/* The last field of an XMailCFG log: words, among them an address or more. */
static void piece_detail(struct maker *maker, struct piece *piece)
{
    static const char *const words[] = {
        " ",    "host.example (", ")", "12:34:56 ", "dead ",    "from [",      "] ", "1.2.3.4.", "x",        "::1 ",
        "a.b ", "g::1 ",          ",", "=",         "fe80::1%", "10.0.0.256 ", "\t", "\"",       "\xe3\x81", ":"};
    char address[MAKE_ADDRESS_SIZE];
    if (chance_percent(&maker->seed, 50)) {
        piece_address(maker, piece);
        return;
    }
    piece->length = 0;
    for (size_t i = chance_below(&maker->seed, 3); i > 0; i--)
        piece_append(piece, CHANCE_ONE_OF(&maker->seed, words));
    for (size_t i = chance_below(&maker->seed, 3); i > 0; i--) {
        make_address(maker, address);
        piece_append(piece, address);
        if (chance_percent(&maker->seed, 80))
            piece_append(piece, CHANCE_ONE_OF(&maker->seed, words));
    }
}

/* --- times -------------------------------------------------------------------------------------------------------- */

static int other_day(struct maker *maker)
{
    const int among[] = {maker->settings.first_day,
                         maker->settings.last_day,
                         maker->settings.first_day - 1,
                         maker->settings.last_day + 1,
                         maker->usual_day + 1,
                         maker->usual_day - 1,
                         maker->usual_day + 100,
                         maker->usual_day - 100,
                         maker->usual_day + 10000,
                         maker->usual_day - 10000,
                         10101,
                         101,
                         99991231,
                         0,
                         maker->usual_day / 100 * 100,
                         maker->usual_day / 100 * 100 + 32,
                         maker->usual_day / 10000 * 10000 + 1301,
                         maker->usual_day / 10000 * 10000 + 15,
                         20270230,
                         20260431};
    int day = CHANCE_ONE_OF(&maker->seed, among);
    if (chance_percent(&maker->seed, 30))
        day = maker->usual_day + chance_between(&maker->seed, -40, 40);
    return day < 0 ? 0 : day > 99999999 ? 99999999 : day;
}

static void piece_time(struct maker *maker, struct piece *piece, bool free)
{
    static const char *const strange[] = {"",
                                          "2026-11-20",
                                          "2026-11-20 ",
                                          "2026-11-20T12:34:56",
                                          "2026-11-20 12:34",
                                          "2026-11-20 12:34:5",
                                          "2026-11-20 12:34:56Z",
                                          " 2026-11-20 12:34:56",
                                          "2026-11-20  2:34:56",
                                          "2026-1-20 12:34:56",
                                          "26-11-20 12:34:56",
                                          "2026/11-20 12:34:56",
                                          "2026-11/20 12:34:56",
                                          "20261120 12:34:56",
                                          "2026-11-2O 12:34:56",
                                          "2026-11-20 12-34-56",
                                          "20.11.2026 12:34:56",
                                          "12:34:56 2026-11-20",
                                          "2026-11-20 12:34:56.789",
                                          "2026-11-20 99:99:99",
                                          "-026-11-20 12:34:56"};
    static const char *const tails[] = {" JST", ",123", "x", "0", " ", "\r"};
    char text[64];
    if (chance_percent(&maker->seed, 2)) {
        piece_text(piece, CHANCE_ONE_OF(&maker->seed, strange));
        return;
    }
    const int day = chance_percent(&maker->seed, 12) ? other_day(maker) : maker->usual_day;
    const char separator = free && chance_percent(&maker->seed, 40) ? '/' : '-';
    const int minute = maker->usual_minute >= 0 && chance_percent(&maker->seed, 80)
                           ? maker->usual_minute
                           : chance_between(&maker->seed, 0, 1439);
    (void)snprintf(text, sizeof text, "%04d%c%02d%c%02d %02d:%02d:%02d", day / 10000, separator, day / 100 % 100,
                   separator, day % 100, minute / 60, minute % 60, chance_between(&maker->seed, 0, 59));
    if (free && chance_percent(&maker->seed, 15))
        text[10] = '\0';
    piece_text(piece, text);
    if (chance_percent(&maker->seed, free ? 15 : 1))
        piece_append(piece, CHANCE_ONE_OF(&maker->seed, tails));
}

/* --- statuses and other fields ------------------------------------------------------------------------------------ */

static const char *const statuses[PLAIN_FORMATS][16] = {
    [PLAIN_SMTP] = {"RCPT=OK", "RECV=OK", "RCPT=ERELAY", "RCPT=EAVAIL", "SNDR=EEMPTY", "SNDR=ESPAM", "SNDR=ENODNS",
                    "SNDRIP=EIPSPAM", "SNDRIP=ERDNS", "SNDRIP=EIPMAP (bl2.example.org.)", "AUTH=EFAIL:TYPE=CRAM-MD5",
                    "VRFY=EACCESS", "SMTP=EERRS", "RCPT=EFULL", "PREDATA=EFILTER", "ETRN=EACCESS"},
    [PLAIN_POP3] = {"ELOGIN", "LOGIN", "ELOGIN", "LOGIN", "elogin", "LOGIN ", "ELOGIN", "LOGIN"},
    [PLAIN_XMAILCFG_FILTER] = {"受信拒否", "着信拒否", "受信", "転送", "ok", "受信拒否 (3)", "cafécafé"},
    [PLAIN_CTRL] = {"FAIL", "REQ", "AUTH", "FAIL", "FAILED", "AUTH"},
    [PLAIN_FILTERS] = {"3", "19", "0", "16", "-1", "193", "30"},
    [PLAIN_K4] = {"Failure", "Success", "Redirect", "Failures", "failure"},
    [PLAIN_FINGER] = {"", "postmaster", "/W root"},
    [PLAIN_EVENT] = {"denied", "a", "Failure", "login failure", "3", "OK", "Ea", "123"},
};

static const char *const any_status[] = {
    "",
    "E",
    "a",
    "1234567",
    "A",
    "=E",
    "OK",
    "ELOGIN",
    "FAIL",
    "RCPT=ERELAY",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "RCPT=ERELAY and more, until it is longer than what is remembered",
    "SNDRIP=EIPMAP (a.map.of.29.b)",
    "SNDRIP=EIPMAP (a.map.of.30.bb)",
    "SNDRIP=EIPMAP (a.map.of.31.bbb)",
    "SNDRIP=EIPMAP (a.map.of.32.bbbb)",
    "\xbc\xf5\xbf\xae\xb5\xf1\xc8\xdd",                         /* 受信拒否 in EUC-JP */
    "(\xc3\xe5\xbf\xae\xb5\xf1\xc8\xdd)",                       /* 着信拒否 in EUC-JP */
    "\x8e\xf3\x90\x4d\x8b\x91\x94\xdb",                         /* 受信拒否 in Shift_JIS */
    "\xa4\xa2\xa4\xa4\xa4\xa6\xa4\xa8\xa4\xaa\xa4\xab\xa4\xad", /* seven characters in EUC-JP */
    "\xbc\xf5\xbf\xae\xb5\xf1\xc8",                             /* cut */
    "\xe9t\xe9",                                                /* été in ISO-8859-1 */
    "\xe3\x81\x82\xe3\x81\x84\xe3\x81\x86\xe3\x81\x88\xe3\x81\x8a\xe3\x81\x8b\xe3\x81\x8d",
    "\xff",
    "RCPT=ERELAY\xff",
    "\377ELOGIN",
    "OK\x80",
    "\xe9\x8a", /* a letter behind which CP1258 waits for an accent, and a byte that is none there */
    "E\xe9",
};

/* In UTF-16, whose mark of the byte order must be forgotten with each status. */
static const struct piece utf16_statuses[] = {
    {"\xff\xfe\105\0", 4}, {"\xfe\xff\0\105", 4}, {"\xff\xfe\xe9\0", 4}, {"\xfe\xff\0\xe9", 4},
    {"\xe9\0", 2},         {"\0\xe9", 2},         {"\xe9", 1},           {"E\0\xe9\0", 4},
};

/*
 * In CP1258, where a letter waits for an accent behind it; 8A is none. It must not be left waiting for the next text.
 */
static const struct piece cp1258_statuses[] = {
    {"\xe9\x8a", 2}, {"a\xe9\x8a", 3}, {"E\xe9\x8a", 3}, {"E\xe9", 2},      {"E\xe9x", 3},
    {"S\xe9", 2},    {"R\xe9x", 3},    {"\xe9t\xe9", 3}, {"123456\xe9", 7}, {"12345\xe9", 6},
};

/* True if the status is one that is made for the encoding. */
static bool piece_encoded_status(struct maker *maker, struct piece *piece)
{
    const char *encoding = maker->settings.encoding ? maker->settings.encoding : "";
    if (chance_percent(&maker->seed, 40))
        return false;
    if (strcmp(encoding, "UTF-16") == 0)
        *piece = CHANCE_ONE_OF(&maker->seed, utf16_statuses);
    else if (strcmp(encoding, "CP1258") == 0)
        *piece = CHANCE_ONE_OF(&maker->seed, cp1258_statuses);
    else
        return false;
    return true;
}

static void piece_status(struct maker *maker, struct piece *piece)
{
    if (piece_encoded_status(maker, piece))
        return;
    const char *const *of_format = statuses[maker->settings.format];
    size_t count = 0;
    while (count < 16 && of_format[count])
        count++;
    if (chance_percent(&maker->seed,
                       maker->settings.unauthorized == plain_default_unauthorized(maker->settings.format) ? 92 : 60))
        piece_text(piece, of_format[chance_below(&maker->seed, count)]);
    else
        piece_text(piece, CHANCE_ONE_OF(&maker->seed, any_status));
    if (chance_percent(&maker->seed, 1))
        piece_insert(piece, piece->length, "\0\0", chance_below(&maker->seed, 3));
    if (chance_percent(&maker->seed, 1))
        piece_append(piece, "a");
}

static void piece_number(struct maker *maker, struct piece *piece)
{
    static const char *const strange[] = {
        "", " 1", "1 ", "+1", "-1", "1x", "x", "0x1", "1.0", "00", "99999999999999999999999"};
    char text[32];
    (void)snprintf(text, sizeof text, "%zu", chance_below(&maker->seed, 100000) * chance_below(&maker->seed, 2));
    piece_text(piece, chance_percent(&maker->seed, 3) ? CHANCE_ONE_OF(&maker->seed, strange) : text);
}

static void piece_word(struct maker *maker, struct piece *piece)
{
    static const char *const words[] = {"", "", "mx", "example.com", "pc", "a@b.c", "S1234AB", "u", "secret"};
    piece_text(piece, CHANCE_ONE_OF(&maker->seed, words));
}

static struct piece *piece_new(struct pieces *pieces)
{
    return &pieces->list[pieces->count < FIELDS_MAX ? pieces->count++ : FIELDS_MAX - 1];
}

static bool writes_free_time(enum plain_format format)
{
    return format == PLAIN_XMAILCFG_FILTER || format == PLAIN_K4 || format == PLAIN_EVENT || format == PLAIN_FILTERS;
}

/* A record as it should be; maybe of an old version. */
static void make_usual(struct maker *maker, struct pieces *pieces)
{
    const enum plain_format format = maker->settings.format;
    const struct plain_layout *layout = &plain_layouts[format];
    int fields = layout->fields;
    int address = maker->settings.address_field ? maker->settings.address_field : layout->address;
    if (format == PLAIN_POP3 && chance_percent(&maker->seed, 60))
        fields = 7;
    if (format == PLAIN_SMTP && chance_percent(&maker->seed, 2))
        fields = 12;
    if (maker->settings.address_field > fields)
        fields = maker->settings.address_field;
    if ((maker->settings.address_pattern || maker->settings.address_field) && chance_percent(&maker->seed, 20))
        fields += chance_between(&maker->seed, -2, 2);
    if (address < 0)
        address = fields;
    pieces->count = 0;
    for (int number = 1; number <= fields; number++) {
        struct piece *piece = piece_new(pieces);
        if (number == layout->time)
            piece_time(maker, piece, writes_free_time(format));
        else if (number == address && layout->address < 0 && !maker->settings.address_field)
            piece_detail(maker, piece);
        else if (number == address || (number == layout->address && maker->settings.address_field))
            piece_address(maker, piece);
        else if (number == layout->status)
            piece_status(maker, piece);
        else if ((format == PLAIN_SMTP && number == 12) || (format == PLAIN_POP3 && number > 7))
            piece_number(maker, piece);
        else
            piece_word(maker, piece);
    }
}

/* --- damage to fields --------------------------------------------------------------------------------------------- */

static void any_piece(struct maker *maker, struct piece *piece)
{
    switch (chance_below(&maker->seed, 6)) {
    case 0:
        piece_address(maker, piece);
        break;
    case 1:
        piece_time(maker, piece, chance_percent(&maker->seed, 30));
        break;
    case 2:
        piece_status(maker, piece);
        break;
    case 3:
        piece_number(maker, piece);
        break;
    case 4:
        piece_text(piece, CHANCE_ONE_OF(&maker->seed, strange_addresses));
        break;
    default:
        piece_word(maker, piece);
        break;
    }
}

static void pieces_insert(struct pieces *pieces, size_t at, const struct piece *piece)
{
    if (pieces->count == FIELDS_MAX)
        return;
    memmove(&pieces->list[at + 1], &pieces->list[at], (pieces->count - at) * sizeof *pieces->list);
    pieces->list[at] = *piece;
    pieces->count++;
}

static void pieces_remove(struct pieces *pieces, size_t at)
{
    memmove(&pieces->list[at], &pieces->list[at + 1], (pieces->count - at - 1) * sizeof *pieces->list);
    pieces->count--;
}

/* As XMail writes what a client says with TABs and quotes: fields more, in the middle of the record. */
static void inject(struct maker *maker, struct pieces *pieces, size_t at)
{
    struct piece piece;
    for (size_t i = 1 + chance_below(&maker->seed, 7); i > 0; i--) {
        any_piece(maker, &piece);
        pieces_insert(pieces, at, &piece);
    }
}

static const char bad_bytes[] = "\0\r\"\"\t\t \x80\xff\xc3%:./-0129AaEe=\\\v\x1b";

static void damage_field(struct maker *maker, struct piece *piece)
{
    const char c = bad_bytes[chance_below(&maker->seed, sizeof bad_bytes - 1)];
    switch (chance_below(&maker->seed, 6)) {
    case 0:
        piece_insert(piece, place_in(maker, piece), &c, 1);
        break;
    case 1:
        piece->length = place_in(maker, piece);
        break;
    case 2:
        if (piece->length > 0)
            piece->bytes[chance_below(&maker->seed, piece->length)] = c;
        break;
    case 3: /* the next character, or the one before */
        if (piece->length > 0) {
            char *at = &piece->bytes[chance_below(&maker->seed, piece->length)];
            *at = (char)(*at + (chance_percent(&maker->seed, 50) ? 1 : -1));
        }
        break;
    case 4:
        if (piece->length > 0) {
            const size_t at = chance_below(&maker->seed, piece->length);
            memmove(piece->bytes + at, piece->bytes + at + 1, piece->length - at - 1);
            piece->length--;
        }
        break;
    default:
        piece_append(piece, CHANCE_ONE_OF(&maker->seed, any_status));
        break;
    }
}

/* The fields that decide, most of the time. */
static size_t some_place(struct maker *maker, const struct pieces *pieces)
{
    const struct plain_layout *layout = &plain_layouts[maker->settings.format];
    const int places[] = {layout->time,
                          layout->address < 0 ? layout->fields : layout->address,
                          layout->status,
                          maker->settings.address_field,
                          maker->settings.format == PLAIN_POP3 ? 8 : 11,
                          12,
                          (int)pieces->count};
    if (chance_percent(&maker->seed, 60)) {
        const int place = CHANCE_ONE_OF(&maker->seed, places);
        if (place > 0 && (size_t)place <= pieces->count)
            return (size_t)place - 1;
    }
    return chance_below(&maker->seed, pieces->count);
}

static void damage(struct maker *maker, struct pieces *pieces)
{
    struct piece piece;
    if (pieces->count == 0)
        return;
    const size_t at = some_place(maker, pieces);
    switch (chance_below(&maker->seed, 10)) {
    case 0:
        pieces_remove(pieces, at);
        break;
    case 1:
        piece = pieces->list[at];
        pieces_insert(pieces, chance_below(&maker->seed, pieces->count + 1), &piece);
        break;
    case 2:
        any_piece(maker, &piece);
        pieces_insert(pieces, at, &piece);
        break;
    case 3: {
        const size_t other = chance_below(&maker->seed, pieces->count);
        piece = pieces->list[at];
        pieces->list[at] = pieces->list[other];
        pieces->list[other] = piece;
        break;
    }
    case 4:
        any_piece(maker, &pieces->list[at]);
        break;
    case 5: /* the greeting */
        inject(maker, pieces, pieces->count < 5 ? pieces->count : 4);
        break;
    case 6: /* the domain of a POP3 user */
        inject(maker, pieces, pieces->count < 2 ? pieces->count : 1);
        break;
    case 7:
        inject(maker, pieces, chance_below(&maker->seed, pieces->count + 1));
        break;
    default:
        damage_field(maker, &pieces->list[at]);
        break;
    }
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static void write_field(struct maker *maker, const struct piece *piece, bool wrongly, struct bytes *bytes)
{
    static const char *const quotes[] = {"", "", "\"\"", "\" ", "'", "\\\""};
    const char *before = "\"";
    const char *behind = "\"";
    if (wrongly && chance_percent(&maker->seed, 50))
        before = CHANCE_ONE_OF(&maker->seed, quotes);
    if (wrongly && chance_percent(&maker->seed, 50))
        behind = CHANCE_ONE_OF(&maker->seed, quotes);
    bytes_add_text(bytes, before);
    bytes_add(bytes, piece->bytes, piece->length);
    bytes_add_text(bytes, behind);
}

static void damage_line(struct maker *maker, struct bytes *bytes, size_t begin)
{
    const size_t length = bytes->length - begin;
    char *line = bytes->list + begin;
    switch (length > 0 ? chance_below(&maker->seed, 4) : 9) {
    case 0:
        bytes->length = begin + chance_below(&maker->seed, length);
        break;
    case 1:
        line[chance_below(&maker->seed, length)] = bad_bytes[chance_below(&maker->seed, sizeof bad_bytes - 1)];
        break;
    case 2: {
        const size_t at = chance_below(&maker->seed, length);
        memmove(line + at, line + at + 1, length - at - 1);
        bytes->length--;
        break;
    }
    case 3:
        for (size_t i = chance_below(&maker->seed, 70); i > 0; i--)
            bytes_add(bytes, "\t", 1);
        break;
    default:
        break;
    }
}

void maker_add(struct maker *maker, struct bytes *bytes)
{
    static struct pieces pieces;
    const size_t begin = bytes->length;
    const bool damaged = chance_percent(&maker->seed, maker->damaged);
    const size_t kind = chance_below(&maker->seed, 100);
    make_usual(maker, &pieces);
    if (damaged && kind < 60)
        for (size_t i = 1 + chance_below(&maker->seed, 3) * chance_below(&maker->seed, 2); i > 0; i--)
            damage(maker, &pieces);
    const size_t wrong = damaged && kind >= 55 && kind < 75 ? chance_below(&maker->seed, pieces.count + 1) : FIELDS_MAX;
    const bool all_wrong = damaged && kind >= 75 && kind < 78;
    const size_t naked = damaged && kind >= 60 && kind < 70 ? some_place(maker, &pieces) : FIELDS_MAX;
    for (size_t i = 0; i < pieces.count; i++) {
        if (i > 0)
            bytes_add(bytes, "\t", 1);
        write_field(maker, &pieces.list[i], i == wrong || i == naked || all_wrong, bytes);
    }
    if (damaged && kind >= 78)
        damage_line(maker, bytes, begin);
    if (damaged && chance_below(&maker->seed, 2000) == 0)
        for (size_t i = 256 * 1024 - 20 - chance_below(&maker->seed, 200); i > 0; i--)
            bytes_add(bytes, i % 7 == 0 ? "\t" : "x", 1);
    if (maker->crlf || chance_percent(&maker->seed, 1))
        bytes_add(bytes, "\r", 1);
    for (size_t i = begin; i < bytes->length; i++)
        if (bytes->list[i] == '\n')
            bytes->list[i] = 'n';
}

/* --- settings ----------------------------------------------------------------------------------------------------- */

static const struct plain_pattern *some_pattern(struct maker *maker)
{
    return &plain_patterns[chance_below(&maker->seed, plain_pattern_count)];
}

static void choose_range(struct maker *maker)
{
    const size_t kind = chance_below(&maker->seed, 10);
    maker->usual_day = chance_between(&maker->seed, 2020, 2029) * 10000 + chance_between(&maker->seed, 1, 12) * 100 +
                       chance_between(&maker->seed, 2, 28);
    maker->settings.first_day = maker->usual_day - (int)chance_below(&maker->seed, 3);
    maker->settings.last_day = maker->usual_day + (int)chance_below(&maker->seed, 3);
    if (kind == 0)
        maker->settings.first_day = 101;
    if (kind == 1)
        maker->settings.last_day = 99991231;
    if (kind == 2)
        maker->settings.first_day = maker->settings.last_day = maker->usual_day;
}

static void choose_settings(struct maker *maker)
{
    static const char *const encodings[] = {"EUC-JP", "SHIFT_JIS", "ISO-8859-1", "UTF-8", "UTF-16", "CP1258"};
    struct plain_settings *settings = &maker->settings;
    settings->format = (enum plain_format)chance_below(&maker->seed, PLAIN_FORMATS);
    const bool by_time = settings->format == PLAIN_SMTP || settings->format == PLAIN_POP3;
    settings->unauthorized = plain_default_unauthorized(settings->format);
    settings->refused = plain_default_refused(settings->format);
    if (settings->format != PLAIN_FINGER) {
        if (!settings->unauthorized || chance_percent(&maker->seed, 30))
            settings->unauthorized = some_pattern(maker);
        if (chance_percent(&maker->seed, 25))
            settings->refused = some_pattern(maker);
        if (chance_percent(&maker->seed, settings->format == PLAIN_XMAILCFG_FILTER ? 60 : 10))
            settings->encoding = CHANCE_ONE_OF(&maker->seed, encodings);
    }
    if (chance_percent(&maker->seed, 12))
        settings->address_pattern = &plain_address_patterns[chance_below(&maker->seed, plain_address_pattern_count)];
    if (chance_percent(&maker->seed, 12))
        settings->address_field = chance_between(&maker->seed, 1, plain_layouts[settings->format].fields + 2);
    /* Left of the time it is the same as ever, in finger right of it nothing is sure, and the time itself is none. */
    if (settings->format == PLAIN_FINGER && settings->address_field > 3)
        settings->address_field = 3;
    if (by_time && settings->address_field == 4)
        settings->address_field = 5;
}

void maker_begin(struct maker *maker, uint64_t seed)
{
    static const unsigned damaged[] = {1, 3, 10, 40, 80};
    *maker = (struct maker){.seed = seed};
    (void)chance_next(&maker->seed);
    choose_settings(maker);
    choose_range(maker);
    for (size_t i = 0; i < MAKE_HOSTS; i++)
        make_host(&maker->seed, maker->hosts[i]);
    maker->damaged = CHANCE_ONE_OF(&maker->seed, damaged);
    maker->crlf = chance_percent(&maker->seed, 6);
    maker->usual_minute = chance_percent(&maker->seed, 70) ? chance_between(&maker->seed, 0, 1439) : -1;
}
