/* SPDX-License-Identifier: MIT */
/* Random lists and all that decides upon them: hosts that are neighbours, entries in each form that XMail takes. */
#include "make_lists.h"

#include <arpa/inet.h>
#include <sys/socket.h>

enum { HOSTS_MAX = 40, TEXT_SIZE = 128 };

struct world {
    uint64_t seed;
    struct plain_host hosts[HOSTS_MAX];
    size_t host_count;
    bool good;
};

static const char *const ipv6_hosts[] = {
    "2001:db8::1",
    "2001:db8::2",
    "2001:db8::3",
    "2001:db8:0:1::1",
    "2001:db8:0:1::2",
    "2001:db8:1::1",
    "2001:db8:8000::1",
    "fe80::1",
    "fe80::2",
    "::1",
    "::2",
    "::102:304",
    "::fffe:1:2",
    "::1:0:0:7",
    "::1:0:0:8",
    "64:ff9b::102:304",
    "1:0:0:2:0:0:0:3",
    "1:0:2:0:3:0:4:0",
    "0:0:1::",
    "1:0:0:2:3:0:0:4",
    "2001:db8:0:1:1::",
    "2001:db8::ff00:1",
    "ff02::fb",
    "1::",
    "0:1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:0",
    "8000::",
    "2001:db8:0:0:1::1",
};

static struct plain_host some_ipv4(uint64_t *seed)
{
    static const unsigned char bases[][3] = {{10, 0, 0}, {10, 0, 0}, {10, 0, 1}, {10, 1, 0}, {192, 0, 2}, {172, 16, 5}};
    unsigned char quad[4] = {0};
    memcpy(quad, bases[chance_below(seed, COUNT_OF(bases))], 3);
    quad[3] = (unsigned char)(chance_percent(seed, 80) ? chance_below(seed, 10) : 250 + chance_below(seed, 6));
    if (chance_percent(seed, 5))
        for (int i = 0; i < 4; i++)
            quad[i] = (unsigned char)chance_below(seed, 256);
    return plain_host_of_quad(quad);
}

static void make_world(struct world *world)
{
    static const unsigned percents[] = {100, 70, 40, 0};
    const unsigned ipv4 = CHANCE_ONE_OF(&world->seed, percents);
    world->host_count = 1 + chance_below(&world->seed, chance_percent(&world->seed, 50) ? 8 : HOSTS_MAX);
    for (size_t i = 0; i < world->host_count; i++) {
        struct plain_host *host = &world->hosts[i];
        if (chance_percent(&world->seed, ipv4))
            *host = some_ipv4(&world->seed);
        else if (inet_pton(AF_INET6, CHANCE_ONE_OF(&world->seed, ipv6_hosts), host->bytes) != 1)
            abort();
    }
}

static struct plain_host some_host(struct world *world)
{
    struct plain_host host = world->hosts[chance_below(&world->seed, world->host_count)];
    if (chance_percent(&world->seed, 15))
        host.bytes[15] = (unsigned char)(host.bytes[15] ^ 1U << chance_below(&world->seed, 4));
    if (chance_percent(&world->seed, 3))
        host = some_ipv4(&world->seed);
    return host;
}

static const char *host_text(struct plain_host host, char text[TEXT_SIZE])
{
    const bool ipv4 = plain_is_ipv4(host);
    if (!inet_ntop(ipv4 ? AF_INET : AF_INET6, ipv4 ? host.bytes + 12 : host.bytes, text, TEXT_SIZE))
        abort();
    return text;
}

/* --- settings and hosts ------------------------------------------------------------------------------------------- */

static void choose_rules(struct world *world, struct plain_rules *rules)
{
    static const int ipv4_prefixes[] = {8, 16, 23, 24, 24, 28, 30, 31, 32};
    static const int ipv6_prefixes[] = {16, 32, 48, 63, 64, 64, 80, 95, 96, 97, 112, 126, 127, 128};
    uint64_t *seed = &world->seed;
    *rules = (struct plain_rules){
        .replace = chance_percent(seed, 30),
        .register_hosts = chance_percent(seed, 95),
        .by_hits = chance_percent(seed, 40),
        .register_count = 1 + chance_below(seed, 8),
        .remove_count = -1,
        .exempt_authenticated = chance_percent(seed, 60),
        .ipv4_prefix = chance_percent(seed, 40) ? CHANCE_ONE_OF(seed, ipv4_prefixes) : 32,
        .ipv6_prefix = chance_percent(seed, 45) ? CHANCE_ONE_OF(seed, ipv6_prefixes) : 128,
        .permanent =
            &plain_permanent_patterns[chance_percent(seed, 75) ? 0 : chance_below(seed, plain_permanent_pattern_count)],
    };
    if (chance_percent(seed, 65))
        rules->remove_count = (int)chance_below(seed, rules->register_count);
}

static uint64_t some_accesses(struct world *world, const struct plain_rules *rules)
{
    switch (chance_below(&world->seed, 6)) {
    case 0:
        return 0;
    case 1:
        return rules->register_count;
    case 2:
        return rules->register_count - 1;
    case 3:
        return (uint64_t)rules->remove_count + 1;
    case 4:
        return rules->register_count + chance_below(&world->seed, 4);
    default:
        return chance_below(&world->seed, 12);
    }
}

static void choose_seen(struct world *world, struct list_case *made)
{
    if (chance_percent(&world->seed, 3))
        return;
    for (size_t i = 0; i < world->host_count; i++) {
        struct plain_seen seen = {.host = world->hosts[i], .unauthorized = some_accesses(world, &made->rules)};
        bool known = chance_percent(&world->seed, 15);
        for (size_t j = 0; j < made->seen_count; j++)
            known = known || memcmp(&made->seen[j].host, &seen.host, sizeof seen.host) == 0;
        if (chance_percent(&world->seed, 25))
            seen.refused = some_accesses(world, &made->rules);
        seen.login = chance_percent(&world->seed, 12);
        if (!known)
            made->seen[made->seen_count++] = seen;
    }
}

/* --- whitelists --------------------------------------------------------------------------------------------------- */

static const char *const bad_networks[] = {
    "10.0.0.1/33",
    "10.0.0.1/08",
    "2001:db8::/032",
    "10.0.0.1/00",
    "10.0.0.1/255.0.255.0",
    "10.0.0.1/-1",
    "10.0.0.1/",
    "10.0.0.1/x",
    "10.0.0",
    "2001:db8::/129",
    "2001:db8::/x",
    "host.example",
    "10.0.0.256",
    "10.0.0.1/24/24",
    "10.0.0.1/8x",
    "/24",
    "10.0.0.01",
    "10.0.0.1/255.",
    "10.0.0.1/0.0.0.255",
    "2001:db8",
    "10.0.0.1/999999",
    "1.2.3.4.5",
    "2001::1/",
    "2001:db8::/255.0.0.0",
};

/* ADDR, ADDR/BITS, ADDR/NETMASK. */
static void own_text(struct world *world, char text[MAKE_OWN_SIZE])
{
    static const char *const comments[] = {" the office", " 10.0.0.1", " a \"quoted\" one", " "};
    static const char *const masks[] = {"255.255.255.255", "255.255.255.0", "255.255.254.0",
                                        "255.0.0.0",       "0.0.0.0",       "255.255.255.252"};
    static const int ipv6_bits[] = {128, 127, 64, 64, 63, 48, 32, 16, 1, 0, 96};
    char address[TEXT_SIZE];
    const struct plain_host host = some_host(world);
    uint64_t *seed = &world->seed;
    int length = snprintf(text, MAKE_OWN_SIZE, "%s", host_text(host, address));
    if (!world->good && chance_percent(seed, 12)) {
        (void)snprintf(text, MAKE_OWN_SIZE, "%s", CHANCE_ONE_OF(seed, bad_networks));
        return;
    }
    if (plain_is_ipv4(host) && chance_percent(seed, 8)) {
        const char *mapped = chance_percent(seed, 50) ? "" : "/120";
        length = snprintf(text, MAKE_OWN_SIZE, "::ffff:%s%s", address, mapped);
    } else if (plain_is_ipv4(host) && chance_percent(seed, 60)) {
        length += chance_percent(seed, 50) ? snprintf(text + length, 40, "/%zu", chance_below(seed, 33))
                                           : snprintf(text + length, 40, "/%s", CHANCE_ONE_OF(seed, masks));
    } else if (!plain_is_ipv4(host) && chance_percent(seed, 60)) {
        length += snprintf(text + length, 40, "/%d", CHANCE_ONE_OF(seed, ipv6_bits));
    }
    if (chance_percent(seed, 20))
        (void)snprintf(text + length, 40, "%s", CHANCE_ONE_OF(seed, comments));
}

static void choose_file(struct world *world, struct bytes *file)
{
    static const char *const others[] = {"", "#", "# 10.0.0.1", "# office", "#10.0.0.0/8"};
    static const char *const behind[] = {"", "", "", "#", " # 10.0.0.0/8", "# x"};
    const char *end = chance_percent(&world->seed, 15) ? "\r\n" : "\n";
    char text[MAKE_OWN_SIZE];
    for (size_t i = chance_below(&world->seed, 6); i > 0; i--) {
        if (chance_percent(&world->seed, 25)) {
            bytes_add_text(file, CHANCE_ONE_OF(&world->seed, others));
        } else {
            own_text(world, text);
            bytes_add_text(file, text);
            bytes_add_text(file, CHANCE_ONE_OF(&world->seed, behind));
        }
        if (i > 1 || chance_percent(&world->seed, 80))
            bytes_add_text(file, end);
    }
}

static void choose_ipprop(struct world *world, struct bytes *ipprop)
{
    static const char *const properties[] = {"WhiteList",   "WhiteList", "WhiteList=1", "WhiteList=0", "WhiteList=-1",
                                             "WhiteList=",  "whitelist", "WhiteListed", "NoAuth=1",    "WhiteList=x",
                                             "WhiteList=7", "EaseTLS",   "WhiteList=1"};
    static const int bits_of_ipv4[] = {32, 32, 31, 30, 24, 24, 16, 8, 0, 33, 128};
    static const int bits_of_ipv6[] = {128, 128, 127, 64, 63, 48, 32, 1, 0, 129, 96};
    const char *end = chance_percent(&world->seed, 15) ? "\r\n" : "\n";
    char address[TEXT_SIZE];
    for (size_t i = chance_below(&world->seed, 6); i > 0; i--) {
        const struct plain_host host = some_host(world);
        const char *quote = chance_percent(&world->seed, 90) ? "\"" : "";
        if (chance_percent(&world->seed, 6))
            bytes_add_text(ipprop, "#");
        bytes_add_format(ipprop, "%s%s", quote, host_text(host, address));
        if (chance_percent(&world->seed, 4)) /* which isn't understood here */
            bytes_add_format(ipprop, "%s\t%s255.255.255.0", quote, quote);
        else if (chance_percent(&world->seed, 95))
            bytes_add_format(ipprop, "/%d",
                             plain_is_ipv4(host) ? CHANCE_ONE_OF(&world->seed, bits_of_ipv4)
                                                 : CHANCE_ONE_OF(&world->seed, bits_of_ipv6));
        bytes_add_text(ipprop, quote);
        if (chance_percent(&world->seed, 30))
            bytes_add_text(ipprop, "\t\"NoAuth\"");
        if (chance_percent(&world->seed, 90))
            bytes_add_format(ipprop, "%s%s%s%s", chance_percent(&world->seed, 90) ? "\t" : "\t\t", quote,
                             CHANCE_ONE_OF(&world->seed, properties), quote);
        if (i > 1 || chance_percent(&world->seed, 80))
            bytes_add_text(ipprop, end);
        if (chance_percent(&world->seed, 8))
            bytes_add_text(ipprop, end);
    }
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

struct entry {
    char fields[6][TEXT_SIZE];
    size_t count;
};

static void entry_add(struct entry *entry, const char *text)
{
    (void)snprintf(entry->fields[entry->count++], TEXT_SIZE, "%.120s", text);
}

/* An IPv4 address as the C library takes it. */
static void ipv4_text(struct world *world, struct plain_host host, char text[TEXT_SIZE])
{
    const unsigned char *quad = host.bytes + 12;
    const unsigned number = (unsigned)quad[0] << 24 | (unsigned)quad[1] << 16 | (unsigned)quad[2] << 8 | quad[3];
    static const char *const strange[] = {
        "10.0.0.256", "10.0.0.", "10.0.0.1.1", "10..0.1",   " 10.0.0.1",        "10.0.0.1 ", "0x",
        "08.0.0.1",   "",        "4294967296", "10.0.0.1x", "mail.example.com", "a.b"};
    host_text(host, text);
    if (chance_percent(&world->seed, 88))
        return;
    switch (chance_below(&world->seed, 7)) {
    case 0:
        (void)snprintf(text, TEXT_SIZE, "%u.%u", quad[0], number & 0xffffff);
        break;
    case 1:
        (void)snprintf(text, TEXT_SIZE, "%u.%u.%u", quad[0], quad[1], number & 0xffff);
        break;
    case 2:
        (void)snprintf(text, TEXT_SIZE, "%u", number);
        break;
    case 3:
        (void)snprintf(text, TEXT_SIZE, "0%o.%u.%u.0%o", quad[0], quad[1], quad[2], quad[3]);
        break;
    case 4:
        (void)snprintf(text, TEXT_SIZE, "0x%x.0X%X.%u.%u", quad[0], quad[1], quad[2], quad[3]);
        break;
    default:
        (void)snprintf(text, TEXT_SIZE, "%s", CHANCE_ONE_OF(&world->seed, strange));
        break;
    }
}

static void entry_address(struct world *world, struct entry *entry)
{
    static const char *const masks[] = {"255.255.255.255",
                                        "255.255.255.255",
                                        "255.255.255.255",
                                        "255.255.255.0",
                                        "255.255.255.0",
                                        "255.255.0.0",
                                        "255.255.255.252",
                                        "255.255.255.254",
                                        "0.0.0.255",
                                        "255.0.255.255",
                                        "255.255.255.253",
                                        "0.0.0.0",
                                        "24",
                                        "0xffffff00",
                                        "037777777777",
                                        "255.255.65280",
                                        "255.255.255",
                                        "255.255.255.256",
                                        "8x",
                                        "x"};
    static const char *const bits[] = {"32", "32", "32",  "24", "24", "16",  "31",  "30",  "8",   "0",
                                       "33", "64", "128", "",   "x",  "24x", " 24", "+24", "-24", "999999999999"};
    static const char *const wide[] = {"128", "128", "128", "128", "64",  "64", "48",
                                       "63",  "127", "126", "129", "112", "95", "16"};
    static const char *const networks[] = {"::/0",          "::/64",          "::/96",
                                           "::/95",         "::/128",         "::/80",
                                           "2000::/3",      "::ffff:0:0/96",  "::ffff:0.0.0.0/97",
                                           "2001:db8::/x",  "2001:db8::g/64", "2001:db8::/32",
                                           "2001:DB8::/032"};
    char text[TEXT_SIZE];
    char all[2 * TEXT_SIZE];
    const struct plain_host host = some_host(world);
    if (chance_percent(&world->seed, 4)) {
        entry_add(entry, CHANCE_ONE_OF(&world->seed, networks));
    } else if (!plain_is_ipv4(host)) {
        (void)snprintf(all, sizeof all, "%s/%s", host_text(host, text), CHANCE_ONE_OF(&world->seed, wide));
        entry_add(entry, all);
    } else if (chance_percent(&world->seed, 70)) {
        ipv4_text(world, host, text);
        entry_add(entry, text);
        if (chance_percent(&world->seed, 95))
            entry_add(entry, chance_percent(&world->seed, 40) ? "255.255.255.255" : CHANCE_ONE_OF(&world->seed, masks));
    } else if (chance_percent(&world->seed, 20)) {
        (void)snprintf(all, sizeof all, "::ffff:%s/%d", host_text(host, text), chance_between(&world->seed, 116, 130));
        entry_add(entry, all);
    } else {
        ipv4_text(world, host, text);
        (void)snprintf(all, sizeof all, "%s/%s", text, CHANCE_ONE_OF(&world->seed, bits));
        entry_add(entry, all);
        if (chance_percent(&world->seed, 6))
            entry_add(entry, CHANCE_ONE_OF(&world->seed, masks));
    }
}

static void entry_parameters(struct world *world, struct entry *entry)
{
    static const char *const parameters[] = {
        "code=0",
        "code=0",
        "code=-5",
        "code=-1",
        "code=2",
        "code=x",
        "code=",
        "code",
        "Code=0",
        "code=0,code=1",
        "code=1,code=0",
        "note=x,code=0",
        " code=0",
        "xcode=0",
        "code=99999999999",
        "code=-99999999999",
        "code=4294967296",
        "code= 0",
        "code=+0",
        "code=0x1",
        "",
        ",",
        ",code=0",
        "code=1,",
        "keep",
        "permanent=11",
        "xpermanent=1",
        "permanent=1x",
        "Permanent=1",
        "permanent=0",
        "permanent=1",
        "permanent=1,code=0",
        "code=-3,permanent=1",
        "a=b,permanent=1,c=d",
        "0",
    };
    if (chance_percent(&world->seed, 10))
        return;
    if (chance_percent(&world->seed, 60))
        entry_add(entry, "code=1");
    else if (chance_percent(&world->seed, 35))
        entry_add(entry, chance_percent(&world->seed, 50) ? "permanent=1,code=1" : "code=1,permanent=1");
    else
        entry_add(entry, CHANCE_ONE_OF(&world->seed, parameters));
    if (chance_percent(&world->seed, 5))
        entry_add(entry, chance_percent(&world->seed, 50) ? "code=0" : "permanent=1");
}

static void write_entry_field(struct world *world, const char *text, struct bytes *bytes)
{
    const size_t kind = chance_below(&world->seed, 100);
    if (kind < 90)
        bytes_add_format(bytes, "\"%s\"", text);
    else if (kind < 96)
        bytes_add_text(bytes, text);
    else if (kind < 97)
        bytes_add_format(bytes, "\"%s", text);
    else if (kind < 98)
        bytes_add_format(bytes, "\"%s\" more\"", text);
    else if (kind < 99)
        bytes_add_format(bytes, "%s\"", text);
    else
        bytes_add_format(bytes, "\"%s\\\",x\"", text);
}

static void write_entry(struct world *world, struct bytes *bytes)
{
    struct entry entry = {.count = 0};
    entry_address(world, &entry);
    entry_parameters(world, &entry);
    if (chance_percent(&world->seed, 2))
        bytes_add_text(bytes, chance_percent(&world->seed, 50) ? " " : "\t");
    for (size_t i = 0; i < entry.count; i++) {
        if (i > 0)
            bytes_add_text(bytes, chance_percent(&world->seed, 92) ? "\t" : "\t\t");
        write_entry_field(world, entry.fields[i], bytes);
    }
    if (chance_percent(&world->seed, 4))
        bytes_add_text(bytes, "\t");
}

static void write_padding(struct world *world, struct bytes *bytes, size_t begin, size_t length)
{
    const char c = chance_percent(&world->seed, 50) ? 'x' : '\t';
    while (bytes->length - begin < length)
        bytes_add(bytes, &c, 1);
}

/* A line that XMail takes for several; the rest of it may be an entry. */
static void write_long_line(struct world *world, struct bytes *bytes)
{
    const size_t begin = bytes->length;
    if (chance_percent(&world->seed, 50))
        bytes_add_text(bytes, "# long ");
    else
        write_entry(world, bytes);
    if (chance_percent(&world->seed, 30))
        bytes_add_text(bytes, "\t\"");
    write_padding(world, bytes, begin, 510 - chance_below(&world->seed, 3) * chance_below(&world->seed, 3));
    if (chance_percent(&world->seed, 75))
        write_entry(world, bytes);
    if (chance_percent(&world->seed, 25)) {
        write_padding(world, bytes, begin, 1020);
        write_entry(world, bytes);
    }
}

static void write_line(struct world *world, struct bytes *bytes)
{
    static const char *const others[] = {"",
                                         "",
                                         "# by hand",
                                         "# \"10.0.0.1\"\t\"255.255.255.255\"",
                                         "\t",
                                         "\"",
                                         "#",
                                         " ",
                                         "\"mail.evil.example\"",
                                         "spam.example\t\"code=1\"",
                                         "\"dial.example/24\"\t\"code=1\"",
                                         "\t\t\"code=1\"",
                                         "\"\"\t\"255.255.255.255\"",
                                         "\"/24\"",
                                         "\"10.0.0.1\"",
                                         "\"10.0.0.1\"\t\"code=1\"",
                                         "permanent=1",
                                         "\"permanent=1\"",
                                         "\r",
                                         "/"};
    static const char strange[] = "\0\r\"\t \xff\\,";
    const size_t begin = bytes->length;
    const size_t kind = chance_below(&world->seed, 100);
    if (kind < 15)
        bytes_add_text(bytes, CHANCE_ONE_OF(&world->seed, others));
    else if (kind < 19)
        write_long_line(world, bytes);
    else
        write_entry(world, bytes);
    if (chance_percent(&world->seed, 2) && bytes->length > begin)
        bytes->list[begin + chance_below(&world->seed, bytes->length - begin)] =
            strange[chance_below(&world->seed, sizeof strange - 1)];
}

static void choose_list(struct world *world, struct bytes *list)
{
    const char *usual = chance_percent(&world->seed, 30) ? "\r\n" : "\n";
    const bool mixed = chance_percent(&world->seed, 20);
    size_t begin = 0;
    for (size_t left = chance_below(&world->seed, chance_percent(&world->seed, 85) ? 14 : 60); left > 0; left--) {
        const size_t before = list->length;
        if (before > begin && before - begin < 200 && chance_percent(&world->seed, 8)) { /* the last one again */
            char copy[256];
            const size_t length = before - begin;
            memcpy(copy, list->list + begin, length);
            bytes_add(list, copy, length);
        } else {
            write_line(world, list);
            bytes_add_text(list, !mixed ? usual : chance_percent(&world->seed, 50) ? "\n" : "\r\n");
        }
        begin = before;
    }
    if (list->length > 0 && chance_percent(&world->seed, 25))
        list->length--; /* an LF; a CR may stay */
    if (list->length > 0 && chance_percent(&world->seed, 50) && list->list[list->length - 1] == '\r')
        list->length--;
    if (chance_percent(&world->seed, 1))
        bytes_add_text(list, "\r\r");
}

void list_case_make(uint64_t seed, bool good, struct list_case *made)
{
    struct world world = {.seed = seed, .good = good};
    (void)chance_next(&world.seed);
    *made = (struct list_case){.seen_count = 0};
    make_world(&world);
    choose_rules(&world, &made->rules);
    choose_seen(&world, made);
    if (chance_percent(&world.seed, 35))
        for (made->own_count = 0; made->own_count < MAKE_OWN_MAX && chance_percent(&world.seed, 60);)
            own_text(&world, made->own[made->own_count++]);
    made->has_file = chance_percent(&world.seed, 30);
    if (made->has_file)
        choose_file(&world, &made->file);
    made->has_ipprop = chance_percent(&world.seed, 35);
    if (made->has_ipprop)
        choose_ipprop(&world, &made->ipprop);
    made->has_list = chance_percent(&world.seed, 94);
    if (made->has_list && chance_percent(&world.seed, 97))
        choose_list(&world, &made->list);
}

void list_case_free(struct list_case *made)
{
    bytes_free(&made->file);
    bytes_free(&made->ipprop);
    bytes_free(&made->list);
}
