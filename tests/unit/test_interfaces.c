/* SPDX-License-Identifier: MIT */
/* The addresses of this machine, as the system tells them, whatever interfaces it has. */
#include "support.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

static struct ifaddrs *known; /* what the system tells; NULL: nothing can be had */

static int tell(struct ifaddrs **told)
{
    *told = known;
    errno = EMFILE;
    return known ? 0 : -1;
}

#define getifaddrs(told) tell(told)
#define freeifaddrs(told)
#include "interfaces.c"
#undef getifaddrs
#undef freeifaddrs

static void those_of_both_families_are_told_and_no_others(void **state)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
    struct sockaddr other = {.sa_family = AF_UNSPEC};
    struct ifaddrs told[] = {{.ifa_addr = NULL}, /* a tunnel's */
                             {.ifa_addr = (struct sockaddr *)&ipv4},
                             {.ifa_addr = &other},
                             {.ifa_addr = (struct sockaddr *)&ipv6}};
    struct interfaces interfaces = {0};
    struct error error;
    (void)state;
    assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &ipv4.sin_addr), 1);
    assert_int_equal(inet_pton(AF_INET6, "2001:db8::1", &ipv6.sin6_addr), 1);
    for (size_t i = 0; i + 1 < COUNT_OF(told); i++)
        told[i].ifa_next = &told[i + 1];
    known = told;
    assert_int_equal(interfaces_read(&interfaces, &error), 1);
    assert_int_equal(interfaces.count, 2);
    assert_true(address_equal(interfaces.addresses[0], host_of("192.0.2.1")));
    assert_true(address_equal(interfaces.addresses[1], host_of("2001:db8::1")));
    interfaces_clear(&interfaces);
}

static void that_they_can_not_be_had_is_an_error(void **state)
{
    struct interfaces interfaces = {0};
    struct error error;
    (void)state;
    known = NULL;
    assert_int_equal(interfaces_read(&interfaces, &error), -1);
    assert_non_null(strstr(error.text, "unable to list the addresses of this machine: "));
    assert_non_null(strstr(error.text, strerror(EMFILE)));
    assert_int_equal(interfaces.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_of_both_families_are_told_and_no_others),
        cmocka_unit_test(that_they_can_not_be_had_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
