/* SPDX-License-Identifier: MIT */
/*
 * spammers.tab: any bytes. Keeping every line must give the same bytes back, every byte belongs to one line, and the
 * entry that we would write for a network is read back as that network. Whichever entries go and whatever is added,
 * what stays stays byte for byte and XMail sees it as before, and behind it what was added.
 */
#include "fuzz.h"

#include "spamtab.h"
#include "xmailtab.h"

static void check_entry(const struct network *network)
{
    struct error error;
    struct spamtab tab;
    struct buffer text = {0};
    unsigned bits;
    if (!network_is_prefix(network, &bits))
        return;
    spamtab_format_entry(network, &text);
    require(spamtab_parse(&text, NULL, &tab, &error) > 0);
    require(tab.count == 1 && spamtab_rejects(&tab.lines[0]));
    require(address_equal(tab.lines[0].network.address, network->address));
    require(address_equal(tab.lines[0].network.mask, network->mask));
    spamtab_clear(&tab);
    buffer_clear(&text);
}

/* A line ends where its LF is, or after as many bytes as XMail takes; and is the entry that its fields make of it. */
static void check_line(const struct spamtab *tab, const struct spamtab_line *line)
{
    const char *text = tab->content->bytes + line->offset;
    const size_t left = tab->content->length - line->offset;
    const size_t most = left < XMAILTAB_SPAMMERS_LINE ? left : XMAILTAB_SPAMMERS_LINE;
    size_t taken = 0;
    while (taken < most && text[taken] != '\n')
        taken++;
    const size_t end = taken == most ? 0 : taken > 0 && text[taken - 1] == '\r' ? 2 : 1;
    require(line->end == end && line->length == taken + (end > 0) - end);
    const struct xmailtab_line same = {.bytes = text, .length = line->length};
    struct xmailtab_fields fields;
    struct network network;
    xmailtab_split(&same, &fields);
    require(line->is_entry == (xmailtab_network(&fields, &network) > 0));
    if (line->is_entry)
        require(network_covers(&network, &line->network) && network_covers(&line->network, &network));
    else
        require(!line->permanent);
}

/* --- a new list --------------------------------------------------------------------------------------------------- */

enum { ADDED_MAX = 4, MASKS_MAX = 32 };

/* Networks to add: a few, and the first one of the list that can be. */
static size_t choose_networks(const struct spamtab *tab, struct network networks[ADDED_MAX])
{
    size_t count = 0;
    unsigned bits;
    networks[count++] = network_host(address_from_ipv4(0xcb007107));
    networks[count++] = network_make(address_from_ipv4(0xc6336400), address_mask(ADDRESS_IPV4_BITS + 24));
    networks[count++] = network_make((struct address){UINT64_C(0x20010db800000000), 0}, address_mask(32));
    for (size_t i = 0; i < tab->count && count < ADDED_MAX; i++)
        if (tab->lines[i].is_entry && network_is_prefix(&tab->lines[i].network, &bits))
            networks[count++] = tab->lines[i].network;
    return count;
}

/* A CR at the end of a file becomes a part of the line end when an LF is put behind it. */
static size_t length_without_cr(const char *text, size_t length)
{
    while (length > 0 && text[length - 1] == '\r')
        length--;
    return length;
}

static void require_same_line(const struct spamtab *old, const struct spamtab_line *was, const struct spamtab *new,
                              const struct spamtab_line *is)
{
    const char *before = old->content->bytes + was->offset;
    const char *after = new->content->bytes + is->offset;
    const size_t length = length_without_cr(before, was->length);
    require(length == length_without_cr(after, is->length) && memcmp(before, after, length) == 0);
    require(was->is_entry == is->is_entry);
    if (was->is_entry)
        require(was->code == is->code && network_covers(&was->network, &is->network) &&
                network_covers(&is->network, &was->network));
}

/* The lines that stay are seen again, in their order, with nothing but empty ones between them. Returns behind them. */
static size_t check_kept(const struct spamtab *old, const bool *keep, const struct spamtab *new)
{
    size_t at = 0;
    for (size_t i = 0; i < old->count; i++) {
        if (!keep[i])
            continue;
        for (; old->lines[i].length > 0 && at < new->count &&new->lines[at].length == 0; at++)
            continue;
        require(at < new->count);
        require_same_line(old, &old->lines[i], new, &new->lines[at++]);
    }
    while (at < new->count &&new->lines[at].length == 0)
        at++;
    return at;
}

/* The bytes of each line that stays stand in the new list, one behind another; of the others none but a line end. */
static size_t check_bytes(const struct spamtab *old, const bool *keep, const struct buffer *bytes)
{
    size_t at = 0;
    for (size_t i = 0; i < old->count; i++) {
        const struct spamtab_line *line = &old->lines[i];
        const size_t length = line->length + line->end;
        const char *text = old->content->bytes + line->offset;
        if (keep[i]) {
            require(bytes->length - at >= length && memcmp(bytes->bytes + at, text, length) == 0);
            at += length;
        } else if (at > 0 && bytes->bytes[at - 1] != '\n') {
            require(bytes->length - at >= line->end &&
                    (line->end == 0 || memcmp(bytes->bytes + at, text + line->length, line->end) == 0));
            at += line->end;
        }
    }
    return at;
}

static void check_list(const struct spamtab *tab, const bool *keep, const struct network *networks, size_t count)
{
    const struct network *pointers[ADDED_MAX];
    struct buffer bytes = {0};
    struct spamtab again;
    struct error error;
    for (size_t i = 0; i < count; i++)
        pointers[i] = &networks[i];
    spamtab_render(tab, keep, pointers, count, &bytes);
    require(!bytes.failed);
    const size_t kept = check_bytes(tab, keep, &bytes);
    require(count > 0 || kept == bytes.length);
    require(spamtab_parse(&bytes, NULL, &again, &error) > 0);
    const size_t first = check_kept(tab, keep, &again);
    require(again.count - first == count);
    for (size_t i = 0; i < count; i++) {
        const struct spamtab_line *line = &again.lines[first + i];
        require(spamtab_rejects(line) && line->end == (tab->crlf ? 2 : 1));
        require(line->offset == 0 || bytes.bytes[line->offset - 1] == '\n');
        require(network_covers(&line->network, &networks[i]) && network_covers(&networks[i], &line->network));
    }
    spamtab_clear(&again);
    buffer_clear(&bytes);
}

/* Takes out entries, as decisions do: every choice among a few of them, or some. */
static void check_lists(const struct spamtab *tab, bool *keep, uint64_t seed)
{
    struct network networks[ADDED_MAX];
    const size_t count = choose_networks(tab, networks);
    for (unsigned mask = 0; mask < MASKS_MAX; mask++) {
        size_t entries = 0;
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        for (size_t i = 0; i < tab->count; i++) {
            keep[i] = true;
            if (!tab->lines[i].is_entry || tab->lines[i].permanent)
                continue;
            keep[i] = (entries < 4 ? mask >> entries : seed >> (entries % 60)) & 1;
            entries++;
        }
        check_list(tab, keep, networks, mask < MASKS_MAX / 2 ? 0 : count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pattern *permanent;
    struct error error;
    struct spamtab tab;
    struct buffer content = {0};
    struct buffer again = {0};
    if (!permanent)
        require(pattern_compile("(?:^|[\",\\t])permanent=1(?:$|[\",\\t])", &permanent, &error) > 0);
    buffer_add(&content, (const char *)data, size);
    require(spamtab_parse(&content, permanent, &tab, &error) > 0);
    bool *keep = malloc(tab.count + 1);
    require(keep != NULL);
    memset(keep, true, tab.count + 1);
    size_t offset = 0;
    for (size_t i = 0; i < tab.count; i++) {
        require(tab.lines[i].offset == offset);
        offset += tab.lines[i].length + tab.lines[i].end;
        check_line(&tab, &tab.lines[i]);
        if (tab.lines[i].is_entry)
            check_entry(&tab.lines[i].network);
    }
    require(offset == size);
    spamtab_render(&tab, keep, NULL, 0, &again);
    require(buffer_equal(&content, &again));
    check_lists(&tab, keep, size > 0 ? size * 257 + data[size - 1] : 0);
    free(keep);
    spamtab_clear(&tab);
    buffer_clear(&content);
    buffer_clear(&again);
    return 0;
}
