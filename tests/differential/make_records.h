/* SPDX-License-Identifier: MIT */
/* Random records of a log, and random settings to read them with: mostly nearly right. */
#ifndef XS_TESTS_MAKE_RECORDS_H
#define XS_TESTS_MAKE_RECORDS_H

#include "bytes.h"
#include "chance.h"
#include "plain.h"

enum { MAKE_HOSTS = 12, MAKE_ADDRESS_SIZE = 64 };

/* What the records of one text have in common. */
struct maker {
    uint64_t seed;
    struct plain_settings settings;
    int usual_day;    /* of most records */
    int usual_minute; /* of the day, of most records; -1: none */
    char hosts[MAKE_HOSTS][MAKE_ADDRESS_SIZE];
    unsigned damaged; /* percent of the records */
    bool crlf;
};

/* The settings and all else follow from the seed. */
void maker_begin(struct maker *maker, uint64_t seed);

/* Adds a record, without its LF. */
void maker_add(struct maker *maker, struct bytes *bytes);

#endif
