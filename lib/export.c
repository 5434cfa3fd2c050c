/* SPDX-License-Identifier: MIT */
#include "export.h"

#include "messages.h"

#include <string.h>

/* What others know the sets by: a person writes these into his rules. */
#define TABLE "xmail_spammers" /* of nftables, with two sets */
#define SET   "xmail-spammers" /* of ipset: what its two names begin with */
#define IPV4  "ipv4"
#define IPV6  "ipv6"

#define POSTFIX_ACTION "REJECT your host is refused because of unauthorised accesses"
#define ZONE_DEFAULT   ":127.0.0.2:$ is refused because of unauthorised accesses"

/* How many entries an ipset may have at most: more than any list; it takes no memory. */
#define IPSET_MOST "16777216"

/* As it is; aggregated; and no network of all hosts, but the two halves of it. */
enum joining { APART, JOINED, HALVED };

struct export_format {
    const char *name;
    enum joining joining;
    bool bits_always; /* hosts have their number of bits, too */
    bool ipv4_only;
    const char *comment; /* what lines of comments begin with; NULL: there are none */
    void (*add)(const struct export_format *format, const struct prefixes *set, struct buffer *text);
};

/* --- one prefix --------------------------------------------------------------------------------------------------- */

static void add_prefix(const struct export_format *format, const struct network *prefix, struct buffer *text)
{
    char network[NETWORK_TEXT_SIZE];
    buffer_add_text(text, network_format(prefix, network));
    if (format->bits_always && !strchr(network, '/'))
        buffer_add_text(text, network_is_ipv4(prefix) ? "/32" : "/128");
}

/* A line of each prefix of the family, with what stands before and behind it. */
static void add_family(const struct export_format *format, const struct prefixes *set, bool ipv4, const char *before,
                       const char *behind, struct buffer *text)
{
    for (size_t i = 0; i < set->count; i++) {
        if (network_is_ipv4(&set->items[i]) != ipv4)
            continue;
        buffer_add_text(text, before);
        add_prefix(format, &set->items[i], text);
        buffer_add_text(text, behind);
    }
}

static size_t count_ipv4(const struct prefixes *set)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        count += network_is_ipv4(&set->items[i]);
    return count;
}

/* --- formats ------------------------------------------------------------------------------------------------------ */

static void add_lines(const struct export_format *format, const struct prefixes *set, struct buffer *text)
{
    add_family(format, set, true, "", "\n", text);
    add_family(format, set, false, "", "\n", text);
}

static void add_nft_elements(const struct export_format *format, const struct prefixes *set, bool ipv4,
                             const char *name, struct buffer *text)
{
    if (count_ipv4(set) == (ipv4 ? 0 : set->count))
        return;
    buffer_add_format(text, "add element inet " TABLE " %s {\n", name);
    add_family(format, set, ipv4, "\t", ",\n", text);
    buffer_add_text(text, "}\n");
}

/* nft takes a file as a whole or not at all. What else stands in the table, chains above all, stays. */
static void add_nft(const struct export_format *format, const struct prefixes *set, struct buffer *text)
{
    buffer_add_text(text,
                    "# Load it with nft -f FILE, again after each change. Once, after the first time, these "
                    "make it work:\n"
                    "#   nft add chain inet " TABLE " input '{ type filter hook input priority 0; }'\n"
                    "#   nft add rule inet " TABLE " input tcp dport '{ 25, 465, 587 }' ip saddr @" IPV4 " drop\n"
                    "#   nft add rule inet " TABLE " input tcp dport '{ 25, 465, 587 }' ip6 saddr @" IPV6 " drop\n"
                    "add table inet " TABLE "\n"
                    "add set inet " TABLE " " IPV4 " { type ipv4_addr; flags interval; }\n"
                    "add set inet " TABLE " " IPV6 " { type ipv6_addr; flags interval; }\n"
                    "flush set inet " TABLE " " IPV4 "\n"
                    "flush set inet " TABLE " " IPV6 "\n");
    add_nft_elements(format, set, true, IPV4, text);
    add_nft_elements(format, set, false, IPV6, text);
}

/* The new set is filled beside the one that the rules name, and takes its place at once. */
static void add_ipset(const struct export_format *format, const struct prefixes *set, struct buffer *text)
{
    static const struct {
        const char *name;
        const char *family;
        const char *add;
    } sets[] = {{SET "-" IPV6, "inet6", "add " SET "-" IPV6 "-new "},
                {SET "-" IPV4, "inet", "add " SET "-" IPV4 "-new "}};
    buffer_add_text(
        text,
        "# Load it with ipset restore <FILE, again after each change. Once, after the first time, these make it work:\n"
        "#   iptables -I INPUT -p tcp -m multiport --dports 25,465,587 -m set --match-set " SET "-" IPV4
        " src -j DROP\n"
        "#   ip6tables -I INPUT -p tcp -m multiport --dports 25,465,587 -m set --match-set " SET "-" IPV6
        " src -j DROP\n");
    for (size_t ipv4 = 2; ipv4-- > 0;) {
        const char *name = sets[ipv4].name;
        const char *family = sets[ipv4].family;
        buffer_add_format(text,
                          "create %s hash:net family %s maxelem " IPSET_MOST " -exist\n"
                          "create %s-new hash:net family %s maxelem " IPSET_MOST " -exist\n"
                          "flush %s-new\n",
                          name, family, name, family, name);
        add_family(format, set, ipv4, sets[ipv4].add, "\n", text);
        buffer_add_format(text, "swap %s %s-new\ndestroy %s-new\n", name, name, name);
    }
}

static void add_postfix(const struct export_format *format, const struct prefixes *set, struct buffer *text)
{
    buffer_add_text(text, "# In main.cf: smtpd_client_restrictions = check_client_access cidr:FILE\n");
    add_family(format, set, true, "", " " POSTFIX_ACTION "\n", text);
    add_family(format, set, false, "", " " POSTFIX_ACTION "\n", text);
}

static void add_zone(const struct export_format *format, const struct prefixes *set, struct buffer *text)
{
    buffer_add_text(text, "# Serve it with rbldnsd -b ADDRESS/PORT ZONE:ip4set:FILE\n" ZONE_DEFAULT "\n");
    add_family(format, set, true, "", "\n", text);
}

static const struct export_format formats[] = {
    {"plain", APART, false, false, NULL, add_lines},    {"cidr", JOINED, true, false, NULL, add_lines},
    {"nft", JOINED, false, false, "#", add_nft},        {"ipset", HALVED, false, false, "#", add_ipset},
    {"postfix", JOINED, true, false, "#", add_postfix}, {"rbldnsd", HALVED, false, true, "#", add_zone},
};
enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

const struct export_format *export_find(const char *name)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

const char *export_name(size_t number)
{
    return number < FORMAT_COUNT ? formats[number].name : NULL;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* Puts the two halves in the place of each network of all hosts: some software knows no prefix of no bits. */
static bool halve(struct prefixes *set)
{
    struct prefixes halved = {0};
    for (size_t i = 0; i < set->count; i++) {
        const struct network *item = &set->items[i];
        unsigned bits;
        (void)network_is_prefix(item, &bits);
        const bool is_all = bits == (network_is_ipv4(item) ? ADDRESS_IPV4_BITS : 0);
        const struct network half = network_make(item->address, address_mask(bits + is_all));
        const struct network other = network_make(network_last(item), half.mask);
        if (!prefixes_add(&halved, &half) || (is_all && !prefixes_add(&halved, &other))) {
            prefixes_clear(&halved);
            return false;
        }
    }
    prefixes_clear(set);
    *set = halved;
    return true;
}

/*
 * From which list it is, harmless for whatever shows it, and how much there is; no time: equal lists make equal files.
 */
static void add_comment(const struct export_format *format, const struct prefixes *set, const char *list,
                        struct buffer *text)
{
    const size_t ipv4 = count_ipv4(set);
    buffer_add_format(text, "%s By xmail-spammers: whom XMail refuses by ", format->comment);
    const size_t begin = text->length;
    buffer_add_text(text, list);
    if (!text->failed)
        messages_make_harmless(text->bytes + begin, text->length - begin);
    buffer_add_format(text, ".\n%s Entries: %zu of IPv4, %zu of IPv6%s\n", format->comment, ipv4, set->count - ipv4,
                      format->ipv4_only && set->count > ipv4 ? ", which can't stand here" : "");
}

int export_add(const struct export_format *format, struct prefixes *set, const char *list, struct buffer *text,
               size_t *left_out, struct error *error)
{
    if (format->joining != APART && !prefixes_aggregate(set))
        return error_memory(error, "export the list");
    *left_out = format->ipv4_only ? set->count - count_ipv4(set) : 0;
    if (format->comment)
        add_comment(format, set, list, text);
    if (format->joining == HALVED && !halve(set))
        return error_memory(error, "export the list");
    format->add(format, set, text);
    return text->failed ? error_memory(error, "export the list") : 1;
}
