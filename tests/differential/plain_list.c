/* SPDX-License-Identifier: MIT */
/* Whitelists, spammers.tab as XMail reads it, and what is to become of it, plainly. */
#include "plain_list.h"

#include <arpa/inet.h>
#include <limits.h>
#include <sys/socket.h>

enum {
    LINE_MAX_TAKEN = 510, /* bytes that XMail takes of a line of spammers.tab */
    LINE_SIZE = 2048,
    FIELDS_MAX = 64,
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* As atoi reads it; one that is too large becomes the largest. */
static int number_of(const char *text)
{
    const long number = strtol(text, NULL, 10);
    return number > INT_MAX ? INT_MAX : number < INT_MIN ? INT_MIN : (int)number;
}

static struct plain_set ipv4_hosts(void)
{
    static const unsigned char any[4] = {0};
    return plain_set_of(plain_host_of_quad(any), plain_mask(96));
}

static struct plain_set one_host(struct plain_host host)
{
    return plain_set_of(host, plain_mask(128));
}

static bool is_of_ipv4(const struct plain_set *set)
{
    const struct plain_set all = ipv4_hosts();
    return plain_set_covers(&all, set);
}

/* --- permanent entries -------------------------------------------------------------------------------------------- */

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c);
}

/* The word stands there, with one of the set or an end of the text on either side. */
static bool holds_word(struct plain_text text, const char *word, const char *set)
{
    const size_t length = strlen(word);
    for (size_t at = 0; at + length <= text.length; at++)
        if (memcmp(text.bytes + at, word, length) == 0 && (at == 0 || is_one_of(text.bytes[at - 1], set)) &&
            (at + length == text.length || is_one_of(text.bytes[at + length], set)))
            return true;
    return false;
}

static bool permanent_by_default(struct plain_text text)
{
    return holds_word(text, "permanent=1", "\",\t");
}

static bool holds(struct plain_text text, const char *word)
{
    for (size_t at = 0; at + strlen(word) <= text.length; at++)
        if (memcmp(text.bytes + at, word, strlen(word)) == 0)
            return true;
    return false;
}

static bool keep_or_comment(struct plain_text text)
{
    return (text.length > 0 && text.bytes[0] == '#') || holds(text, "keep");
}

static bool code_0(struct plain_text text)
{
    return holds(text, "code=0");
}

static bool ends_in_1(struct plain_text text)
{
    return text.length > 1 && text.bytes[text.length - 1] == '"' && text.bytes[text.length - 2] == '1';
}

static bool begins_with_quote(struct plain_text text)
{
    return text.length > 1 && text.bytes[0] == '"' && text.bytes[1] == '1';
}

const struct plain_pattern plain_permanent_patterns[] = {
    {"(?:^|[\",\\t])permanent=1(?:$|[\",\\t])", permanent_by_default},
    {"^#|keep", keep_or_comment},
    {"code=0", code_0},
    {"1\"$", ends_in_1},
    {"^\"1", begins_with_quote},
};
const size_t plain_permanent_pattern_count = sizeof plain_permanent_patterns / sizeof *plain_permanent_patterns;

/* --- lines and fields of XMail's tables --------------------------------------------------------------------------- */

struct tab_fields {
    char text[LINE_SIZE];
    const char *list[FIELDS_MAX];
    size_t count;
};

/* A field in quotes is its text up to the next quote; \" stands for a quote. */
static char *unquote(char *field)
{
    if (*field != '"')
        return field;
    char *to = field;
    for (const char *from = field + 1; *from && *from != '"'; from++) {
        if (from[0] == '\\' && from[1] == '"')
            from++;
        *to++ = *from;
    }
    *to = '\0';
    return field;
}

/* Fields are separated by runs of TABs; a comment has none. */
static void split_tab(struct plain_text line, struct tab_fields *fields)
{
    fields->count = 0;
    require(line.length < LINE_SIZE);
    memcpy(fields->text, line.bytes, line.length);
    fields->text[line.length] = '\0';
    if (fields->text[0] == '#')
        return;
    for (char *at = fields->text; *at;) {
        const size_t length = strcspn(at, "\t");
        const bool last = at[length] == '\0';
        at[length] = '\0';
        if (length > 0) {
            require(fields->count < FIELDS_MAX);
            fields->list[fields->count++] = unquote(at);
        }
        at += length + !last;
    }
}

/* "address/bits": the bits as atoi reads them, cut at 128; for IPv4, 32 and more are a host. */
static bool read_prefix(const char *field, struct plain_set *set)
{
    char address[LINE_SIZE];
    unsigned char quad[4];
    struct plain_host host;
    const size_t length = strcspn(field, "/");
    memcpy(address, field, length);
    address[length] = '\0';
    int bits = number_of(field + length + 1);
    bits = bits < 0 ? 0 : bits > 128 ? 128 : bits;
    if (plain_parse_aton(address, quad)) {
        *set = plain_set_of(plain_host_of_quad(quad), plain_mask(96 + (bits > 32 ? 32 : bits)));
        return true;
    }
    if (inet_pton(AF_INET6, address, host.bytes) != 1)
        return false;
    *set = plain_set_of(host, plain_mask(bits));
    return true;
}

/* "address" and "netmask" */
static bool read_masked(const char *field, const char *mask_field, struct plain_set *set)
{
    unsigned char quad[4];
    unsigned char bits[4];
    struct plain_host mask = plain_mask(96);
    if (!plain_parse_aton(field, quad) || !plain_parse_aton(mask_field, bits))
        return false;
    memcpy(mask.bytes + 12, bits, 4);
    *set = plain_set_of(plain_host_of_quad(quad), mask);
    return true;
}

/* Of the parameters name=value,... only code is looked at; without it the entry refuses. */
static int code_of(const char *parameters)
{
    for (const char *at = parameters; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (begins(at, "code="))
            return number_of(at + 5);
    return 1;
}

static void read_entry(struct plain_line *line)
{
    static struct tab_fields fields;
    struct plain_text text = line->text;
    while (text.length > 0 && text.bytes[text.length - 1] == '\r') /* to XMail all of them are the line's end */
        text.length--;
    split_tab(text, &fields);
    if (fields.count == 0)
        return;
    const bool digits = fields.count > 1 && fields.list[1][0] >= '0' && fields.list[1][0] <= '9';
    if (strchr(fields.list[0], '/'))
        line->is_entry = read_prefix(fields.list[0], &line->set);
    else
        line->is_entry = digits && read_masked(fields.list[0], fields.list[1], &line->set);
    const size_t parameters = digits ? 2 : 1;
    if (line->is_entry)
        line->code = code_of(parameters < fields.count ? fields.list[parameters] : NULL);
}

/* Cuts the content into lines as XMail sees them, and tells which of them are what. */
static void read_list(struct plain_text content, const struct plain_pattern *permanent, struct plain_decision *decision)
{
    unsigned long number = 0;
    for (size_t begin = 0, next; begin < content.length; begin = next) {
        size_t length = 0;
        while (begin + length < content.length && content.bytes[begin + length] != '\n')
            length++;
        const bool ended = begin + length < content.length;
        const bool cr = length > 0 && content.bytes[begin + length - 1] == '\r';
        struct plain_text whole = {content.bytes + begin, length};
        while (whole.length > 0 && whole.bytes[whole.length - 1] == '\r') /* to XMail all of them are the line's end */
            whole.length--;
        const bool is_permanent = permanent->matches(whole);
        next = begin + length + ended;
        number++;
        for (size_t at = begin; at < next;) {
            struct plain_line *line = &decision->lines[decision->line_count++];
            require(decision->line_count <= PLAIN_LINES_MAX);
            const size_t taken = next - at > LINE_MAX_TAKEN ? LINE_MAX_TAKEN : next - at;
            *line = (struct plain_line){.text = {content.bytes + at, taken}, .number = number};
            if (at + taken == next)
                line->end = (size_t)ended + (size_t)(ended && cr && taken > 1);
            line->text.length -= line->end;
            read_entry(line);
            line->permanent = line->is_entry && is_permanent;
            at += taken;
        }
    }
}

/* --- whitelists --------------------------------------------------------------------------------------------------- */

/* A decimal number, at most so large; one with a leading zero would be octal elsewhere, and is none. */
static bool read_bits(struct plain_text text, int most, int *bits)
{
    *bits = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
        *bits = *bits * 10 + (text.bytes[i] - '0');
        if (*bits > most)
            return false;
    }
    return text.length == 1 || (text.length > 1 && text.bytes[0] != '0');
}

/* A netmask must be contiguous. */
static bool read_netmask(struct plain_text text, int *bits)
{
    unsigned char quad[4];
    if (!plain_parse_quad(text, quad))
        return false;
    const uint32_t mask = (uint32_t)quad[0] << 24 | (uint32_t)quad[1] << 16 | (uint32_t)quad[2] << 8 | quad[3];
    for (*bits = 0; *bits < 32 && (mask & UINT32_C(1) << (31 - *bits)); (*bits)++)
        ;
    return *bits == 0 ? mask == 0 : *bits == 32 || (mask & ((UINT32_C(1) << (32 - *bits)) - 1)) == 0;
}

bool plain_whitelist_add(struct plain_whitelist *whitelist, struct plain_text text)
{
    struct plain_host host;
    int bits;
    const char *blank = memchr(text.bytes, ' ', text.length);
    if (blank)
        text.length = (size_t)(blank - text.bytes);
    const char *slash = text.length > 0 ? memchr(text.bytes, '/', text.length) : NULL;
    const struct plain_text address = {text.bytes, slash ? (size_t)(slash - text.bytes) : text.length};
    const struct plain_text rest = {slash ? slash + 1 : NULL, slash ? text.length - address.length - 1 : 0};
    if (!plain_parse_host(address, &host))
        return false;
    const bool written_as_ipv6 = memchr(address.bytes, ':', address.length);
    if (slash && !read_bits(rest, written_as_ipv6 ? 128 : 32, &bits) && (written_as_ipv6 || !read_netmask(rest, &bits)))
        return false;
    if (!slash)
        bits = 128;
    else if (!written_as_ipv6)
        bits += 96;
    require(whitelist->own_count < PLAIN_WHITELIST_MAX);
    whitelist->own[whitelist->own_count++] = plain_set_of(host, plain_mask(bits));
    return true;
}

size_t plain_whitelist_add_file(struct plain_whitelist *whitelist, struct plain_text content)
{
    size_t bad = 0;
    for (size_t begin = 0, end; begin < content.length; begin = end + 1) {
        for (end = begin; end < content.length && content.bytes[end] != '\n';)
            end++;
        struct plain_text line = {content.bytes + begin, end - begin};
        if (line.length > 0 && end < content.length && line.bytes[line.length - 1] == '\r')
            line.length--;
        const char *comment = line.length > 0 ? memchr(line.bytes, '#', line.length) : NULL;
        if (comment)
            line.length = (size_t)(comment - line.bytes);
        while (line.length > 0 && line.bytes[line.length - 1] == ' ')
            line.length--;
        if (line.length > 0)
            bad += !plain_whitelist_add(whitelist, line);
    }
    return bad;
}

void plain_whitelist_add_ipprop(struct plain_whitelist *whitelist, struct plain_text content)
{
    static struct tab_fields fields;
    for (size_t begin = 0, end; begin < content.length; begin = end + 1) {
        for (end = begin; end < content.length && content.bytes[end] != '\n';)
            end++;
        const size_t cr = end > begin && content.bytes[end - 1] == '\r';
        struct plain_trust *rule = &whitelist->rules[whitelist->rule_count];
        require(whitelist->rule_count < PLAIN_WHITELIST_MAX);
        split_tab((struct plain_text){content.bytes + begin, end - begin - cr}, &fields);
        if (fields.count == 0 || !strchr(fields.list[0], '/') || !read_prefix(fields.list[0], &rule->set))
            continue;
        rule->trusted = false;
        for (size_t i = 1; i < fields.count; i++)
            if (strcmp(fields.list[i], "WhiteList") == 0 ||
                (begins(fields.list[i], "WhiteList=") && number_of(fields.list[i] + 10) != 0))
                rule->trusted = true;
        whitelist->rule_count++;
    }
}

/* An own entry of IPv6 takes in IPv6 hosts only. */
static bool own_has(const struct plain_set *own, struct plain_host host)
{
    return is_of_ipv4(own) == plain_is_ipv4(host) && plain_set_has(own, host);
}

static bool is_whitelisted(const struct plain_whitelist *whitelist, struct plain_host host)
{
    for (size_t i = 0; i < whitelist->own_count; i++)
        if (own_has(&whitelist->own[i], host))
            return true;
    for (size_t i = 0; i < whitelist->rule_count; i++)
        if (plain_set_has(&whitelist->rules[i].set, host))
            return whitelist->rules[i].trusted;
    return false;
}

/* Is all of the set white-listed, by one network? */
static bool whitelist_covers(const struct plain_whitelist *whitelist, const struct plain_set *set)
{
    const struct plain_set ipv4 = ipv4_hosts();
    for (size_t i = 0; i < whitelist->own_count; i++)
        if (plain_set_covers(&whitelist->own[i], set) &&
            (is_of_ipv4(&whitelist->own[i]) || !plain_sets_overlap(set, &ipv4)))
            return true;
    for (size_t i = 0; i < whitelist->rule_count; i++) {
        if (!whitelist->rules[i].trusted && plain_sets_overlap(&whitelist->rules[i].set, set))
            return false;
        if (plain_set_covers(&whitelist->rules[i].set, set))
            return true;
    }
    return false;
}

/*
 * Does XMail trust any address of the network, a prefix? The first rule that fits decides; if it decides for a part
 * only, both halves of the network are asked.
 */
static bool any_trusted(const struct plain_trust *rules, size_t count, const struct plain_set *network)
{
    while (count > 0 && !plain_sets_overlap(&rules->set, network)) {
        rules++;
        count--;
    }
    if (count == 0)
        return false;
    if (plain_set_covers(&rules->set, network))
        return rules->trusted;
    int bits = 0;
    while (network->mask.bytes[bits / 8] & 0x80 >> bits % 8)
        bits++;
    struct plain_set half = {network->address, plain_mask(bits + 1)};
    if (any_trusted(rules, count, &half))
        return true;
    half.address.bytes[bits / 8] |= (unsigned char)(0x80 >> bits % 8);
    return any_trusted(rules, count, &half);
}

/* Is any address of the network, a prefix, white-listed? */
static bool whitelist_overlaps(const struct plain_whitelist *whitelist, const struct plain_set *network)
{
    for (size_t i = 0; i < whitelist->own_count; i++)
        if (is_of_ipv4(&whitelist->own[i]) == is_of_ipv4(network) && plain_sets_overlap(&whitelist->own[i], network))
            return true;
    return any_trusted(whitelist->rules, whitelist->rule_count, network);
}

/* --- what stays --------------------------------------------------------------------------------------------------- */

struct view {
    const struct plain_rules *rules;
    const struct plain_seen *seen;
    size_t seen_count;
    const struct plain_whitelist *whitelist;
};

/* Unauthorised and refused together, of all hosts of the entry; a white-listed host has none. */
static uint64_t accesses_of(const struct view *view, const struct plain_set *set)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < view->seen_count; i++)
        if (plain_set_has(set, view->seen[i].host) && !is_whitelisted(view->whitelist, view->seen[i].host))
            sum += view->seen[i].unauthorized + view->seen[i].refused;
    return sum;
}

static void judge_line(const struct view *view, struct plain_line *line)
{
    if (!line->is_entry) {
        line->fate = PLAIN_NOT_AN_ENTRY;
        return;
    }
    line->accesses = accesses_of(view, &line->set);
    line->whitelisted = whitelist_covers(view->whitelist, &line->set);
    if (line->permanent)
        line->fate = PLAIN_PERMANENT;
    else if (view->rules->replace)
        line->fate = PLAIN_REPLACED;
    else if (view->rules->remove_count < 0)
        line->fate = PLAIN_APPENDED;
    else if (line->accesses > (uint64_t)view->rules->remove_count)
        line->fate = PLAIN_ACTIVE;
    else
        line->fate = line->whitelisted ? PLAIN_WHITELISTED : PLAIN_QUIET;
}

static bool stays(const struct plain_line *line)
{
    return line->fate <= PLAIN_APPENDED;
}

/* --- what comes --------------------------------------------------------------------------------------------------- */

static bool is_exempt(const struct view *view, const struct plain_seen *seen)
{
    return view->rules->exempt_authenticated && seen->login;
}

/* What overlaps the whitelist, holds an exempt host, or (IPv6) overlaps ::/96 or ::ffff:0:0/96 isn't written. */
static bool may_be_written(const struct view *view, const struct plain_set *network)
{
    const struct plain_set ipv4 = ipv4_hosts();
    const struct plain_set compatible = {.mask = plain_mask(96)};
    if (whitelist_overlaps(view->whitelist, network))
        return false;
    for (size_t i = 0; i < view->seen_count; i++)
        if (plain_set_has(network, view->seen[i].host) && is_exempt(view, &view->seen[i]))
            return false;
    return is_of_ipv4(network) || (!plain_sets_overlap(network, &ipv4) && !plain_sets_overlap(network, &compatible));
}

static void skip(struct plain_decision *decision, const struct plain_set *set, uint64_t accesses,
                 enum plain_skip_reason reason, unsigned long covered_by)
{
    require(decision->skip_count < PLAIN_SEEN_MAX);
    decision->skips[decision->skip_count++] = (struct plain_skip){*set, accesses, reason, covered_by};
}

/* The first line that stays, rejects (or doesn't) and covers the set; NULL: none. */
static const struct plain_line *covering(const struct plain_decision *decision, const struct plain_set *set,
                                         bool rejects)
{
    for (size_t i = 0; i < decision->line_count; i++) {
        const struct plain_line *line = &decision->lines[i];
        if (line->is_entry && stays(line) && (line->code > 0) == rejects && plain_set_covers(&line->set, set))
            return line;
    }
    return NULL;
}

/* Adds the set, if it has enough accesses and no entry that stays and rejects covers it. */
static void consider(const struct view *view, struct plain_decision *decision, const struct plain_set *set,
                     uint64_t accesses)
{
    if (accesses < view->rules->register_count)
        return;
    const struct plain_line *covers = covering(decision, set, true);
    if (covers) {
        skip(decision, set, accesses, PLAIN_SKIPPED_COVERED, covers->number);
        return;
    }
    const struct plain_line *shadow = covering(decision, set, false);
    require(decision->addition_count < PLAIN_SEEN_MAX);
    decision->additions[decision->addition_count++] =
        (struct plain_addition){.set = *set, .accesses = accesses, .shadowed_by = shadow ? shadow->number : 0};
}

static void consider_host(const struct view *view, struct plain_decision *decision, const struct plain_seen *seen)
{
    const struct plain_set host = one_host(seen->host);
    if (seen->unauthorized < view->rules->register_count)
        return;
    if (is_whitelisted(view->whitelist, seen->host))
        skip(decision, &host, seen->unauthorized, PLAIN_SKIPPED_WHITELISTED, 0);
    else if (is_exempt(view, seen))
        skip(decision, &host, seen->unauthorized, PLAIN_SKIPPED_EXEMPT, 0);
    else
        consider(view, decision, &host, seen->unauthorized);
}

static struct plain_set network_of(const struct view *view, struct plain_host host)
{
    return plain_set_of(host,
                        plain_mask(plain_is_ipv4(host) ? 96 + view->rules->ipv4_prefix : view->rules->ipv6_prefix));
}

/* Counts are summed, and entries written, per network of the wanted length. The hosts are sorted by address. */
static void find_additions(const struct view *view, struct plain_decision *decision)
{
    for (size_t begin = 0, end; begin < view->seen_count; begin = end) {
        const struct plain_set network = network_of(view, view->seen[begin].host);
        uint64_t sum = 0;
        for (end = begin; end < view->seen_count; end++) {
            const struct plain_set other = network_of(view, view->seen[end].host);
            if (!plain_sets_equal(&network, &other))
                break;
            sum += view->seen[end].unauthorized;
        }
        if (may_be_written(view, &network)) {
            const size_t before = decision->addition_count;
            consider(view, decision, &network, sum);
            decision->networks_written += decision->addition_count > before && network.mask.bytes[15] != 0xff;
            continue;
        }
        decision->networks_parted += network.mask.bytes[15] != 0xff;
        for (size_t i = begin; i < end; i++)
            consider_host(view, decision, &view->seen[i]);
    }
}

/* By address, IPv4 before IPv6. */
static int by_address(const void *left, const void *right)
{
    const struct plain_addition *a = left;
    const struct plain_addition *b = right;
    if (is_of_ipv4(&a->set) != is_of_ipv4(&b->set))
        return is_of_ipv4(&a->set) ? -1 : 1;
    return memcmp(a->set.address.bytes, b->set.address.bytes, 16);
}

/* Most accesses first, ties by address. */
static int by_hits(const void *left, const void *right)
{
    const struct plain_addition *a = left;
    const struct plain_addition *b = right;
    return a->accesses != b->accesses ? (a->accesses < b->accesses) - (a->accesses > b->accesses)
                                      : by_address(left, right);
}

static int by_host(const void *left, const void *right)
{
    return memcmp(((const struct plain_seen *)left)->host.bytes, ((const struct plain_seen *)right)->host.bytes, 16);
}

/* In replace mode, an entry that goes and comes back; one that didn't reject is another. */
static void find_renewed(struct plain_decision *decision)
{
    for (size_t i = 0; i < decision->line_count; i++)
        for (size_t j = 0; j < decision->addition_count; j++)
            if (decision->lines[i].fate == PLAIN_REPLACED && decision->lines[i].code > 0 &&
                plain_sets_equal(&decision->lines[i].set, &decision->additions[j].set)) {
                decision->lines[i].fate = PLAIN_RENEWED;
                decision->additions[j].renewed = true;
            }
}

/* --- the new list ------------------------------------------------------------------------------------------------- */

/*
 * RFC 5952: the longest run of zero groups, the first of several, is ::; a single group isn't a run. An IPv4 address
 * behind the prefix ::/96 is a dotted quad (its section 5).
 */
static void write_ipv6(struct plain_host host, struct bytes *bytes)
{
    int best = -1;
    int best_length = 1;
    for (int begin = 0; begin < 8; begin++) {
        int length = 0;
        while (begin + length < 8 && host.bytes[2 * (begin + length)] == 0 && host.bytes[2 * (begin + length) + 1] == 0)
            length++;
        if (length > best_length) {
            best = begin;
            best_length = length;
        }
    }
    if (best == 0 && best_length == 6) {
        const unsigned char *quad = host.bytes + 12;
        bytes_add_format(bytes, "::%d.%d.%d.%d", quad[0], quad[1], quad[2], quad[3]);
        return;
    }
    for (int group = 0; group < 8; group++) {
        if (group == best) {
            bytes_add_text(bytes, "::");
            group += best_length - 1;
            continue;
        }
        bytes_add_format(bytes, "%s%x", group > 0 && group != best + best_length ? ":" : "",
                         host.bytes[2 * group] << 8 | host.bytes[2 * group + 1]);
    }
}

static void write_quad(const unsigned char *quad, struct bytes *bytes)
{
    bytes_add_format(bytes, "\"%d.%d.%d.%d\"\t", quad[0], quad[1], quad[2], quad[3]);
}

static void write_entry(const struct plain_set *set, struct bytes *bytes)
{
    if (is_of_ipv4(set)) {
        write_quad(set->address.bytes + 12, bytes);
        write_quad(set->mask.bytes + 12, bytes);
    } else {
        int bits = 0;
        while (bits < 128 && set->mask.bytes[bits / 8] & 0x80 >> bits % 8)
            bits++;
        bytes_add_text(bytes, "\"");
        write_ipv6(set->address, bytes);
        bytes_add_format(bytes, "/%d\"\t", bits);
    }
    bytes_add_text(bytes, "\"code=1\"");
}

/*
 * Each line that stays, byte for byte. Of a line that XMail reads as several, the rest may go: its line end stays with
 * the beginning then.
 */
static void write_kept(const struct plain_decision *decision, struct bytes *bytes)
{
    bool begun = false;
    for (size_t i = 0; i < decision->line_count; i++) {
        const struct plain_line *line = &decision->lines[i];
        if (stays(line)) {
            bytes_add(bytes, line->text.bytes, line->text.length + line->end);
            begun = true;
        } else if (begun) {
            bytes_add(bytes, line->text.bytes + line->text.length, line->end);
        }
        if (line->end > 0)
            begun = false;
    }
}

static void write_list(struct plain_text content, struct plain_decision *decision)
{
    const char *lf = content.length > 0 ? memchr(content.bytes, '\n', content.length) : NULL;
    const char *line_end = lf && lf > content.bytes && lf[-1] == '\r' ? "\r\n" : "\n";
    struct bytes *bytes = &decision->result;
    write_kept(decision, bytes);
    if (decision->addition_count > 0 && bytes->length > 0 && bytes->list[bytes->length - 1] != '\n')
        bytes_add_text(bytes, line_end);
    for (size_t i = 0; i < decision->addition_count; i++) {
        write_entry(&decision->additions[i].set, bytes);
        bytes_add_text(bytes, line_end);
    }
}

void plain_decide(const struct plain_rules *rules, struct plain_seen *seen, size_t seen_count,
                  const struct plain_whitelist *whitelist, struct plain_text content, struct plain_decision *decision)
{
    const struct view view = {rules, seen, seen_count, whitelist};
    *decision = (struct plain_decision){.line_count = 0};
    if (seen_count > 0)
        qsort(seen, seen_count, sizeof *seen, by_host);
    read_list(content, rules->permanent, decision);
    for (size_t i = 0; i < decision->line_count; i++)
        judge_line(&view, &decision->lines[i]);
    if (rules->register_hosts)
        find_additions(&view, decision);
    if (decision->addition_count > 0)
        qsort(decision->additions, decision->addition_count, sizeof *decision->additions,
              rules->by_hits ? by_hits : by_address);
    find_renewed(decision);
    for (size_t i = 0; i < decision->line_count; i++) {
        const struct plain_line *line = &decision->lines[i];
        decision->kept += line->is_entry && (stays(line) || line->fate == PLAIN_RENEWED);
        decision->removed += line->fate >= PLAIN_QUIET;
    }
    for (size_t i = 0; i < decision->addition_count; i++)
        decision->added += !decision->additions[i].renewed;
    write_list(content, decision);
}
