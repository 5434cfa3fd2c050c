/* SPDX-License-Identifier: MIT */
/*
 * The whitelist file and spammers.tab under allow: any bytes, of which the first few choose the network. All other
 * bytes of the file stay, the network is in it afterwards, and the undo gives the file back; nobody of the network is
 * on the list any more, and everybody around it is judged as before.
 */
#include "fuzz.h"
#include "networks.h"

#include "allow.h"
#include "whitelistfile.h"

/* The network, its last byte and its length chosen by the input. */
static struct network choose_network(struct fuzz_input *input)
{
    const unsigned last = fuzz_take(input);
    const unsigned bits = 24 + fuzz_take(input) % 9;
    if (bits % 2)
        return network_make(address_from_ipv4(UINT32_C(0xc0000200) | last), address_mask(ADDRESS_IPV4_BITS + bits));
    return network_make((struct address){UINT64_C(0x20010db8) << 32, last}, address_mask(ADDRESS_IPV4_BITS + bits));
}

/* Notes of the network whose line has gone are taken for its own again. */
static bool has_notes(const struct buffer *content, const struct network *network)
{
    char lead[NETWORK_TEXT_SIZE + 8];
    char text[NETWORK_TEXT_SIZE];
    const size_t length = (size_t)snprintf(lead, sizeof lead, "allow %s: ", network_format(network, text));
    for (size_t i = 0; i + length <= content->length; i++)
        if (memcmp(content->bytes + i, lead, length) == 0)
            return true;
    return false;
}

/* The content without the line of the network must be the one before, or the latter with its last line end mended. */
static void check_whitelist(const struct buffer *content, const struct network *network, const struct buffer *notes)
{
    struct whitelistfile_found before;
    struct whitelistfile_found after;
    struct buffer with = {0};
    struct buffer again = {0};
    struct buffer without = {0};
    struct buffer noted = {0};
    whitelistfile_find(content, network, &before);
    const unsigned long number = whitelistfile_add(content, network, "comment", notes, &with);
    whitelistfile_find(&with, network, &after);
    require(after.same.number == number && after.covering.number > 0);
    require(whitelistfile_add(&with, network, "comment", notes, &again) == number && buffer_equal(&with, &again));
    whitelistfile_remove(&with, network, &without, &noted);
    whitelistfile_find(&without, network, &after);
    require(after.same.number == 0);
    if (before.same.number == 0 && !has_notes(content, network)) {
        const bool ended = content->length == 0 || content->bytes[content->length - 1] == '\n';
        require(without.length >= content->length && without.length - content->length <= (ended ? 0 : 2));
        require(content->length == 0 || memcmp(content->bytes, without.bytes, content->length) == 0);
    }
    buffer_clear(&with);
    buffer_clear(&again);
    buffer_clear(&without);
    buffer_clear(&noted);
}

/* The code of the first entry that has the host; none is like this. */
enum { NO_CODE = -2000000000 };

static int code_of(const struct spamtab *tab, struct address host)
{
    for (size_t i = 0; i < tab->count; i++)
        if (tab->lines[i].is_entry && networks_has(&tab->lines[i].network, host))
            return tab->lines[i].code;
    return NO_CODE;
}

static void check_hosts(const struct spamtab *before, const struct spamtab *after, const struct network *network,
                        const struct network *around, bool all)
{
    struct address probes[NETWORKS_PROBES];
    networks_probe(around, probes);
    for (size_t i = 0; i < NETWORKS_PROBES; i++) {
        if (!networks_has(network, probes[i]))
            require(code_of(after, probes[i]) == code_of(before, probes[i]));
        else if (all)
            require(code_of(after, probes[i]) == NO_CODE);
    }
}

/* Lets the network in; what was taken out is added to the notes. */
static void check_list(const struct buffer *content, const struct network *network, struct buffer *notes)
{
    struct spamtab before;
    struct spamtab after;
    struct listedit edit;
    struct buffer made = {0};
    struct error error;
    require(spamtab_parse(content, NULL, &before, &error) > 0 && listedit_begin(&edit, &before, &error) > 0);
    require(allow_edit(network, NULL, &edit, notes, &error) > 0 && listedit_render(&edit, &made, &error) > 0);
    require(spamtab_parse(&made, NULL, &after, &error) > 0);
    const bool all = changes_count(&edit.changes, CHANGE_NOT_SPLIT) == 0;
    check_hosts(&before, &after, network, network, all);
    for (size_t i = 0; i < before.count && i < 16; i++)
        if (before.lines[i].is_entry)
            check_hosts(&before, &after, network, &before.lines[i].network, all);
    spamtab_clear(&after);
    listedit_clear(&edit);
    spamtab_clear(&before);
    buffer_clear(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    const struct network network = choose_network(&input);
    struct buffer content = {0};
    struct buffer notes = {0};
    buffer_add(&content, (const char *)input.bytes, input.length);
    require(!content.failed);
    check_list(&content, &network, &notes);
    check_whitelist(&content, &network, &notes);
    buffer_clear(&content);
    buffer_clear(&notes);
    return 0;
}
