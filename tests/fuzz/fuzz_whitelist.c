/* SPDX-License-Identifier: MIT */
/* Any bytes as a whitelist entry: what is accepted, written out and read again, is the same network. */
#include "fuzz.h"

#include "whitelist.h"

static struct network only_network(const struct whitelist *whitelist)
{
    require(whitelist->own[0].count + whitelist->own[1].count == 1);
    struct network network;
    size_t position = 0;
    require(netset_next(&whitelist->own[whitelist->own[0].count ? 0 : 1], &position, &network));
    return network;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct whitelist first = {0};
    struct whitelist second = {0};
    struct error error = {.text = ""};
    char text[NETWORK_TEXT_SIZE];
    if (whitelist_add(&first, (const char *)data, size, &error) < 0) {
        require(error.text[0] != '\0' && first.own[0].count + first.own[1].count == 0);
        return 0;
    }
    struct network network = only_network(&first);
    network_format(&network, text);
    require(whitelist_add(&second, text, strlen(text), &error) == 1);
    struct network again = only_network(&second);
    require(network_covers(&network, &again) && network_covers(&again, &network));
    require(whitelist_seal(&first, &error) == 1 && whitelist_seal(&second, &error) == 1);
    require(whitelist_covers(&second, &network) == whitelist_covers(&first, &network));
    require(whitelist_has(&second, network.address) && whitelist_overlaps(&second, &network));
    whitelist_clear(&first);
    whitelist_clear(&second);
    return 0;
}
