/* SPDX-License-Identifier: MIT */
/*
 * A slow, plain second implementation of what the program makes of a record and of the list, written from the
 * specification alone (whose sections are named in the comments). It shares no code with lib/, so that the two can be
 * compared; nothing in it is done for speed.
 */
#ifndef XS_TESTS_PLAIN_H
#define XS_TESTS_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plain_text {
    const char *bytes;
    size_t length;
};

/* --- addresses ---------------------------------------------------------------------------------------------------- */

/* Every host is 16 bytes; the IPv4 host a.b.c.d is ::ffff:a.b.c.d. */
struct plain_host {
    unsigned char bytes[16];
};

/* The hosts that are as address is where mask has ones. */
struct plain_set {
    struct plain_host address;
    struct plain_host mask;
};

/* 4.1: a strict dotted quad or IPv6, a %zone behind it dropped. */
bool plain_parse_host(struct plain_text text, struct plain_host *host);
bool plain_parse_quad(struct plain_text text, unsigned char quad[4]);

/* As the C library's inet_aton reads it, with nothing behind it. */
bool plain_parse_aton(const char *text, unsigned char quad[4]);

struct plain_host plain_host_of_quad(const unsigned char quad[4]);
bool plain_is_ipv4(struct plain_host host);

/* Ones first; more than 128 count as 128. */
struct plain_host plain_mask(int bits);

/* Host bits are cleared. */
struct plain_set plain_set_of(struct plain_host address, struct plain_host mask);
bool plain_set_has(const struct plain_set *set, struct plain_host host);
bool plain_set_covers(const struct plain_set *outer, const struct plain_set *inner);
bool plain_sets_overlap(const struct plain_set *a, const struct plain_set *b);
bool plain_sets_equal(const struct plain_set *a, const struct plain_set *b);

/* --- records (4.1) ------------------------------------------------------------------------------------------------ */

enum plain_format {
    PLAIN_SMTP,
    PLAIN_POP3,
    PLAIN_XMAILCFG_FILTER,
    PLAIN_CTRL,
    PLAIN_FILTERS,
    PLAIN_K4,
    PLAIN_FINGER,
    PLAIN_EVENT,
    PLAIN_FORMATS
};

extern const char *const plain_format_names[PLAIN_FORMATS];

/* A regular expression, and what it means, in C. Some of them end in one of a format's defaults. */
struct plain_pattern {
    const char *text;
    bool (*matches)(struct plain_text text);
};

/* The same with a group "ip". */
struct plain_address_pattern {
    const char *text;
    const char *wrapping; /* a printf format that makes an address fit it */
    bool (*finds)(struct plain_text text, struct plain_text *ip);
};

struct plain_settings {
    enum plain_format format;
    const struct plain_pattern *unauthorized; /* NULL: every record counts */
    const struct plain_pattern *refused;      /* NULL: none does */
    const char *encoding;                     /* NULL: none */
    int address_field;                        /* 0: the format's */
    const struct plain_address_pattern *address_pattern;
    int first_day; /* YYYYMMDD */
    int last_day;
};

extern const struct plain_pattern plain_patterns[];
extern const size_t plain_pattern_count;
extern const struct plain_address_pattern plain_address_patterns[];
extern const size_t plain_address_pattern_count;

/* The formats' own patterns; NULL: none. */
const struct plain_pattern *plain_default_unauthorized(enum plain_format format);
const struct plain_pattern *plain_default_refused(enum plain_format format);

/* Of what format's record which field is what, counted from 1; 0: none. address -1: in the last field. */
struct plain_layout {
    int fields;
    int time;
    int address;
    int status;
};

extern const struct plain_layout plain_layouts[PLAIN_FORMATS];

/* What a record came to, and what was met on the way: a run counts how often each was. */
enum plain_event {
    /* what is malformed */
    PLAIN_TOO_LONG,
    PLAIN_WRONG_FIELDS,
    PLAIN_NO_TIME,
    PLAIN_BAD_DAY,
    PLAIN_NO_ADDRESS_FIELD,
    PLAIN_PATTERN_FINDS_NONE,
    PLAIN_BAD_ADDRESS,
    PLAIN_NO_STATUS_FIELD,
    /* what is valid */
    PLAIN_BEFORE_RANGE,
    PLAIN_AFTER_RANGE,
    PLAIN_COUNTS_FOR_NOTHING,
    PLAIN_UNAUTHORIZED,
    PLAIN_REFUSED,
    PLAIN_LOGIN,
    PLAIN_LAST_OUTCOME = PLAIN_LOGIN,
    /* in a valid record of the range */
    PLAIN_TOUCHED_UNAUTHORIZED,
    PLAIN_TOUCHED_REFUSED,
    PLAIN_TOUCHED_FOR_NOTHING,
    PLAIN_TOUCHED_LOGIN, /* not believed */
    PLAIN_TIME_MOVED,    /* to another field */
    PLAIN_FIRST_WINS,    /* unauthorised, and refused as well */
    PLAIN_NAKED_FIELD,   /* the address without quotes, or with too many */
    PLAIN_CR_DROPPED,
    PLAIN_HOST_IPV4,
    PLAIN_HOST_MAPPED,
    PLAIN_HOST_IPV6,
    PLAIN_HOST_ZONE,
    PLAIN_SLASH_DATE,
    PLAIN_CONVERTED,
    PLAIN_NOT_CONVERTIBLE,
    PLAIN_OTHER_FIELD,   /* address_field */
    PLAIN_PATTERN_FINDS, /* address_pattern */
    PLAIN_EVENTS
};

extern const char *const plain_event_names[PLAIN_EVENTS];

struct plain_record {
    bool malformed;
    bool in_range; /* the members below are of those in range; day of every valid one */
    int day;
    struct plain_host host;
    bool unauthorized;
    bool refused;
    bool login;
    bool events[PLAIN_EVENTS];
};

/* The line is without its LF. */
void plain_read(const struct plain_settings *settings, struct plain_text line, struct plain_record *record);

#endif
