/* SPDX-License-Identifier: MIT */
/*
 * The history of a host: any bytes as spammers-log; the first byte of the input chooses the host. Each event that is
 * told holds it, stands in a line of its own that has its time, and shows nothing that a terminal would obey; and of a
 * file that is set aside is told what was told before.
 */
#include "fuzz.h"
#include "networks.h"

#include "history.h"

static const char log_name[] = "spammers-log";
static const char set_aside[] = "spammers-log.1";

static struct address choose_host(unsigned choice)
{
    static const char *const hosts[] = {"192.0.2.1", "2001:db8::1", "0.0.0.0", "::1", "255.255.255.255"};
    struct address host;
    const char *text = hosts[choice % (sizeof hosts / sizeof *hosts)];
    require(address_parse(text, strlen(text), &host));
    return host;
}

static void require_harmless(const char *text)
{
    for (; *text != '\0'; text++)
        require((unsigned char)*text >= ' ' && *text != '\x7f');
}

static size_t count_lines(const struct fuzz_input *input)
{
    size_t count = 0;
    for (size_t i = 0; i < input->length; i++)
        count += input->bytes[i] == '\n';
    return count;
}

static void check_event(const struct history_event *event, struct address host)
{
    const struct network alone = network_host(host);
    require(networks_has(&event->network, host) && network_covers(&event->network, &alone));
    require(strlen(event->time) + 1 == sizeof event->time && event->time[4] == '-' && event->time[7] == '-');
    require_harmless(event->time);
    require_harmless(event->detail);
}

static void get_history(struct address host, struct history *history)
{
    struct error error;
    require(history_read(fuzz_directory, host, history, &error) > 0);
}

static void require_same(const struct history *a, const struct history *b)
{
    require(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct history_event *one = &a->events[i];
        const struct history_event *other = &b->events[i];
        require(one->removed == other->removed && networks_equal(&one->network, &other->network));
        require(strcmp(one->time, other->time) == 0 && strcmp(one->detail, other->detail) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct history history;
    struct history again;
    const struct address host = choose_host(fuzz_take(&input));
    if (fuzz_directory[0] == '\0') {
        fuzz_make_directory();
        require(symlink(".", fuzz_path("logs")) == 0);
    }
    (void)unlink(fuzz_path(set_aside));
    fuzz_put_file(fuzz_path(log_name), input.bytes, input.length);
    get_history(host, &history);
    require(history.count <= count_lines(&input));
    for (size_t i = 0; i < history.count; i++)
        check_event(&history.events[i], host);
    require(rename(fuzz_path(log_name), fuzz_path(set_aside)) == 0);
    get_history(host, &again);
    require_same(&history, &again);
    history_clear(&history);
    history_clear(&again);
    return 0;
}
