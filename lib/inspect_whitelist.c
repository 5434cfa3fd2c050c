/* SPDX-License-Identifier: MIT */
/* The whitelist: this machine should be in it, and not everybody. */
#include "inspect.h"

#include <stdlib.h>
#include <string.h>

/* What every machine has, as texts: the address of a network, its bits. */
static const struct {
    const char *address;
    unsigned bits; /* of the 128 */
    const char *entry;
} loopbacks[] = {
    {"127.0.0.0", ADDRESS_IPV4_BITS + 8, "127.0.0.0/8"},
    {"::1", ADDRESS_BITS, "::1"},
};

static const struct {
    const char *address;
    unsigned bits;
    const char *name;
} everybody[] = {
    {"::ffff:0:0", ADDRESS_IPV4_BITS, "IPv4"}, {"2000::", 3, "IPv6"}, /* all that the Internet uses of it */
};

static struct network network_from(const char *text, unsigned bits)
{
    struct address address = {0, 0};
    (void)address_parse(text, strlen(text), &address);
    return network_make(address, address_mask(bits));
}

/* fe80::/10, which lets a host be reached from the same wire only; ::1 and 127.0.0.0/8, asked by themselves. */
static bool is_passed_over(struct address address)
{
    const struct network link = network_from("fe80::", 10);
    bool found = network_contains(&link, address);
    for (size_t i = 0; i < sizeof loopbacks / sizeof *loopbacks; i++) {
        const struct network loopback = network_from(loopbacks[i].address, loopbacks[i].bits);
        found = found || network_contains(&loopback, address);
    }
    return found;
}

static int compare_addresses(const void *left, const void *right)
{
    const struct address *a = left;
    const struct address *b = right;
    return address_compare_family(*a, *b);
}

/* Adds the entries that are missing to the messages. */
static void find_missing(const struct whitelist *whitelist, struct interfaces *interfaces, struct messages *missing)
{
    for (size_t i = 0; i < sizeof loopbacks / sizeof *loopbacks; i++) {
        const struct network network = network_from(loopbacks[i].address, loopbacks[i].bits);
        if (!whitelist_covers(whitelist, &network))
            messages_add(missing, "%s", loopbacks[i].entry);
    }
    if (interfaces->count > 0)
        qsort(interfaces->addresses, interfaces->count, sizeof *interfaces->addresses, compare_addresses);
    for (size_t i = 0; i < interfaces->count; i++) {
        struct address address = interfaces->addresses[i];
        char text[ADDRESS_TEXT_SIZE];
        bool repeated = i > 0 && address_equal(address, interfaces->addresses[i - 1]);
        if (!repeated && !is_passed_over(address) && !whitelist_has(whitelist, address))
            messages_add(missing, "%s", address_format(address, text));
    }
}

static void inspect_own_addresses(const struct diagnosis_request *request, const struct whitelist *whitelist,
                                  struct findings *findings)
{
    struct interfaces interfaces = {0};
    struct messages missing = {0};
    struct error error;
    if (request->interfaces(&interfaces, &error) < 0) {
        struct finding *finding = findings_add(findings);
        finding->is_hint = true;
        buffer_add_format(&finding->what, "%s.", error.text);
        buffer_add_text(&finding->remedy, "See to it yourself that they are white-listed.");
    }
    find_missing(whitelist, &interfaces, &missing);
    if (!messages_empty(&missing)) {
        struct finding *finding = findings_add(findings);
        buffer_add_text(&finding->what,
                        "Addresses of this machine are not white-listed: a web mailer on it, whose users mistype their "
                        "passwords, could put the machine itself on the list.");
        buffer_add_format(&finding->remedy, "Add these lines to the file %s:", request->conf->whitelist_file);
        finding->copies = missing;
        missing = (struct messages){0};
    }
    messages_clear(&missing);
    interfaces_clear(&interfaces);
}

static void inspect_everybody(const struct diagnosis_request *request, const struct whitelist *whitelist,
                              struct findings *findings)
{
    for (size_t i = 0; i < sizeof everybody / sizeof *everybody; i++) {
        const struct network network = network_from(everybody[i].address, everybody[i].bits);
        if (!whitelist_covers(whitelist, &network))
            continue;
        struct finding *finding = findings_add(findings);
        buffer_add_format(&finding->what, "Every %s host is white-listed: none can ever be registered.",
                          everybody[i].name);
        buffer_add_format(&finding->remedy, "Take the entry that is so wide out of whitelist in %s, of %s%s.",
                          request->conf->path, request->conf->whitelist_file,
                          request->conf->xmail_whitelist ? " or of smtp.ipprop.tab" : "");
    }
}

void inspect_whitelist(const struct diagnosis_request *request, struct findings *findings)
{
    struct whitelist whitelist = {0};
    struct error error;
    if (conf_whitelist(request->conf, &whitelist, &error) < 0) {
        struct finding *finding = findings_add(findings);
        buffer_add_format(&finding->what, "%s: no rebuild is done.", error.text);
        buffer_add_format(&finding->remedy,
                          "Make it a regular file that this user can read, or set xmail_whitelist = false in %s.",
                          request->conf->path);
    } else {
        inspect_own_addresses(request, &whitelist, findings);
        inspect_everybody(request, &whitelist, findings);
    }
    whitelist_clear(&whitelist);
}
