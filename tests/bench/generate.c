/* SPDX-License-Identifier: MIT */
/*
 * Makes SMTP logs of XMail's form for the benchmark: generate DIRECTORY LAST-DAY DAYS MEGABYTES HOSTS SEED. 40 % of the
 * records are unauthorised accesses, by HOSTS attackers; the rest is mail of 500 honest hosts. LAST-DAY is YYYYMMDD;
 * the days before it are of the same month.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { HONEST_HOSTS = 500, HITS_PERCENT = 40, SECONDS_PER_DAY = 86400 };

static uint64_t state;

/* xorshift64*: the same numbers everywhere. */
static uint32_t next_random(uint32_t below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * UINT64_C(0x2545f4914f6cdd1d) >> 32) % below);
}

/* Returns its length. */
static int write_record(FILE *file, unsigned day, unsigned second, uint32_t hosts)
{
    static const char *const hits[] = {"RCPT=EAVAIL",           "RCPT=ERELAY",  "AUTH=EFAIL:TYPE=LOGIN",
                                       "AUTH=EFAIL:TYPE=PLAIN", "RCPT=ESYNTAX", "VRFY=EACCESS"};
    bool hit = next_random(100) < HITS_PERCENT;
    uint32_t host = hit ? next_random(hosts) : next_random(HONEST_HOSTS);
    const char *status = hit ? hits[next_random(sizeof hits / sizeof *hits)] : next_random(2) ? "RCPT=OK" : "RECV=OK";
    return fprintf(
        file,
        "\"mail.example.net\"\t\"example.net\"\t\"%u.%u.%u.%u\"\t\"%04u-%02u-%02u %02u:%02u:%02u\"\t\"%s\"\t\"\"\t"
        "\"promo@bulk.example\"\t\"user%u@example.net\"\t\"S%X\"\t\"%s\"\t\"\"\t\"%u\"\t\"\"\n",
        hit ? 100 + host / 65536 : 10, host / 256 % 256, host % 256, 1 + host % 200, day / 10000, day / 100 % 100,
        day % 100, second / 3600, second / 60 % 60, second % 60, hit ? "pc" : "mx.partner.example", next_random(1000),
        next_random(1u << 30), status, next_random(100000));
}

static int write_day(const char *directory, unsigned day, uint64_t bytes, uint32_t hosts)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/smtp-%08u0000", directory, day);
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    for (uint64_t done = 0; done < bytes;) {
        int length = write_record(file, day, (unsigned)(done * SECONDS_PER_DAY / bytes), hosts);
        if (length < 0)
            break;
        done += (uint64_t)length;
    }
    return ferror(file) | fclose(file);
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: generate DIRECTORY LAST-DAY DAYS MEGABYTES HOSTS SEED\n");
        return 2;
    }
    unsigned last = (unsigned)strtoul(argv[2], NULL, 10);
    unsigned days = (unsigned)strtoul(argv[3], NULL, 10);
    uint64_t bytes = strtoull(argv[4], NULL, 10) * 1000000 / days;
    state = strtoull(argv[6], NULL, 10) * 2 + 1;
    for (unsigned i = 0; i < days; i++)
        if (write_day(argv[1], last - (days - 1) + i, bytes, (uint32_t)strtoul(argv[5], NULL, 10)) != 0) {
            perror(argv[1]);
            return 1;
        }
    return 0;
}
