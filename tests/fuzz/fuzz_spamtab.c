/* SPDX-License-Identifier: MIT */
/*
 * spammers.tab: any bytes. Keeping every line must give the same bytes back, every byte belongs to one line, and the
 * entry that we would write for a network is read back as that network.
 */
#include "spamtab.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void require(int condition)
{
    if (!condition)
        abort();
}

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
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
        if (tab.lines[i].is_entry)
            check_entry(&tab.lines[i].network);
    }
    require(offset == size);
    spamtab_render(&tab, keep, NULL, 0, &again);
    require(buffer_equal(&content, &again));
    free(keep);
    spamtab_clear(&tab);
    buffer_clear(&content);
    buffer_clear(&again);
    return 0;
}
