/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions and, beside each, what it means in C: so that no library of expressions is needed to tell what
 * should match. What isn't UTF-8 matches nothing.
 */
#include "plain.h"

#include <string.h>

/* --- words -------------------------------------------------------------------------------------------------------- */

static bool equals(struct plain_text text, const char *word)
{
    return text.length == strlen(word) && (text.length == 0 || memcmp(text.bytes, word, text.length) == 0);
}

static bool begins(struct plain_text text, const char *word)
{
    return text.length >= strlen(word) && equals((struct plain_text){text.bytes, strlen(word)}, word);
}

static bool ends(struct plain_text text, const char *word)
{
    const size_t length = strlen(word);
    return text.length >= length && equals((struct plain_text){text.bytes + text.length - length, length}, word);
}

/* Where the word stands first; text.length if nowhere. */
static size_t find(struct plain_text text, const char *word)
{
    for (size_t at = 0; at + strlen(word) <= text.length; at++)
        if (begins((struct plain_text){text.bytes + at, text.length - at}, word))
            return at;
    return text.length;
}

static bool contains(struct plain_text text, const char *word)
{
    return find(text, word) < text.length;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* How many characters of UTF-8 the text is; -1: it isn't UTF-8. */
static int count_characters(struct plain_text text)
{
    int count = 0;
    for (size_t at = 0; at < text.length; count++) {
        const unsigned char first = (unsigned char)text.bytes[at++];
        int more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
        if (more < 0 || text.length - at < (size_t)more)
            return -1;
        const unsigned char second = more > 0 ? (unsigned char)text.bytes[at] : 0;
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
            (first == 0xf4 && second > 0x8f))
            return -1;
        for (; more > 0; more--)
            if (((unsigned char)text.bytes[at++] & 0xc0) != 0x80)
                return -1;
    }
    return count;
}

/* --- statuses ----------------------------------------------------------------------------------------------------- */

static bool smtp_unauthorized(struct plain_text text)
{
    static const char *const words[] = {"SNDR=EEMPTY",  "SNDR=ESYNTAX", "SNDR=ESPAM",  "RCPT=EACCESS", "RCPT=EAVAIL",
                                        "RCPT=EDSBL",   "RCPT=ENBR",    "RCPT=ERELAY", "RCPT=ESYNTAX", "AUTH=EFAIL",
                                        "VRFY=EACCESS", "ETRN=EACCESS", "SMTP=EERRS"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins(text, words[i]))
            return true;
    return false;
}

static bool smtp_refused(struct plain_text text)
{
    return begins(text, "SNDRIP=EIPSPAM") || begins(text, "SNDRIP=EIPBAN") || begins(text, "SNDRIP=EIPMAP") ||
           begins(text, "SNDRIP=ERDNS") || begins(text, "SNDR=ENODNS");
}

static bool pop3_unauthorized(struct plain_text text)
{
    return equals(text, "ELOGIN");
}

static bool filter_unauthorized(struct plain_text text)
{
    return contains(text, "受信拒否") || contains(text, "着信拒否");
}

static bool ctrl_unauthorized(struct plain_text text)
{
    return equals(text, "FAIL");
}

static bool k4_unauthorized(struct plain_text text)
{
    return equals(text, "Failure") || equals(text, "Redirect");
}

static bool three_or_nineteen(struct plain_text text)
{
    return equals(text, "3") || equals(text, "19");
}

static bool begins_with_e(struct plain_text text)
{
    return begins(text, "E");
}

static bool ends_with_a(struct plain_text text)
{
    return ends(text, "a");
}

static bool holds_an_error(struct plain_text text)
{
    return contains(text, "=E");
}

static bool is_empty(struct plain_text text)
{
    return text.length == 0;
}

static bool three_digits(struct plain_text text)
{
    for (size_t at = 2; at < text.length; at++)
        if (is_digit(text.bytes[at]) && is_digit(text.bytes[at - 1]) && is_digit(text.bytes[at - 2]))
            return true;
    return false;
}

static bool seven_characters(struct plain_text text)
{
    return count_characters(text) == 7;
}

static bool ok_or_login(struct plain_text text)
{
    return ends(text, "OK") || ends(text, "LOGIN");
}

static bool begins_with_s_or_r(struct plain_text text)
{
    return begins(text, "S") || begins(text, "R");
}

static bool holds_an_accent(struct plain_text text)
{
    return contains(text, "é");
}

static bool never(struct plain_text text)
{
    (void)text;
    return false;
}

static bool an_a_without_an_e(struct plain_text text)
{
    for (size_t at = 0; at < text.length; at++)
        if ((text.bytes[at] == 'A' || text.bytes[at] == 'a') &&
            (at + 1 == text.length || (text.bytes[at + 1] != 'E' && text.bytes[at + 1] != 'e')))
            return true;
    return false;
}

const struct plain_pattern plain_patterns[] = {
    {"^E", begins_with_e},
    {"a$", ends_with_a},
    {"=E", holds_an_error},
    {"^$", is_empty},
    {"\\d\\d\\d", three_digits},
    {"^.{7}$", seven_characters},
    {"(?:OK|LOGIN)$", ok_or_login},
    {"^[SR]", begins_with_s_or_r},
    {"é", holds_an_accent},
    {"^(?:a|aa|aaa)+$(?<!a)", never}, /* gives up on a long row of a, which is no match either */
    {"(?i)a(?!e)", an_a_without_an_e},
    {"^(?:3|19)$", three_or_nineteen},
    {"受信拒否|着信拒否", filter_unauthorized},
    {"^(?:Failure|Redirect)$", k4_unauthorized},
};
const size_t plain_pattern_count = sizeof plain_patterns / sizeof *plain_patterns;

const struct plain_pattern *plain_default_unauthorized(enum plain_format format)
{
    static const struct plain_pattern defaults[PLAIN_FORMATS] = {
        [PLAIN_SMTP] = {"^(?:SNDR=E(?:EMPTY|SYNTAX|SPAM)|RCPT=E(?:ACCESS|AVAIL|DSBL|NBR|RELAY|SYNTAX)|AUTH=EFAIL|"
                        "VRFY=EACCESS|ETRN=EACCESS|SMTP=EERRS)",
                        smtp_unauthorized},
        [PLAIN_POP3] = {"^ELOGIN$", pop3_unauthorized},
        [PLAIN_XMAILCFG_FILTER] = {"受信拒否|着信拒否", filter_unauthorized},
        [PLAIN_CTRL] = {"^FAIL$", ctrl_unauthorized},
        [PLAIN_K4] = {"^(?:Failure|Redirect)$", k4_unauthorized},
    };
    return defaults[format].text ? &defaults[format] : NULL;
}

const struct plain_pattern *plain_default_refused(enum plain_format format)
{
    static const struct plain_pattern smtp = {"^(?:SNDRIP=E(?:IPSPAM|IPBAN|IPMAP|RDNS)|SNDR=ENODNS)", smtp_refused};
    return format == PLAIN_SMTP ? &smtp : NULL;
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

static bool finds_in_brackets(struct plain_text text, struct plain_text *ip)
{
    if (text.length < 2 || !begins(text, "[") || !ends(text, "]"))
        return false;
    *ip = (struct plain_text){text.bytes + 1, text.length - 2};
    return !contains(*ip, "]") && count_characters(*ip) >= 0;
}

static size_t run_of(struct plain_text text, size_t at, const char *set)
{
    const size_t begin = at;
    while (at < text.length && text.bytes[at] != '\0' && strchr(set, text.bytes[at]))
        at++;
    return at - begin;
}

static bool finds_client(struct plain_text text, struct plain_text *ip)
{
    for (size_t at = 0; at + 7 <= text.length; at++) {
        if (!begins((struct plain_text){text.bytes + at, text.length - at}, "client="))
            continue;
        *ip = (struct plain_text){text.bytes + at + 7, run_of(text, at + 7, "0123456789abcdefABCDEF.:")};
        if (ip->length > 0)
            return true;
    }
    return false;
}

static bool finds_before_port(struct plain_text text, struct plain_text *ip)
{
    const size_t colon = find(text, ":");
    if (colon == 0 || colon + 1 >= text.length || run_of(text, colon + 1, "0123456789") != text.length - colon - 1)
        return false;
    *ip = (struct plain_text){text.bytes, colon};
    return count_characters(*ip) >= 0;
}

/* Else the group takes no part in the match. */
static bool finds_behind_x(struct plain_text text, struct plain_text *ip)
{
    if (text.length < 2 || !begins(text, "x") || run_of(text, 1, "0123456789.") != text.length - 1)
        return false;
    *ip = (struct plain_text){text.bytes + 1, text.length - 1};
    return true;
}

static bool finds_first_run(struct plain_text text, struct plain_text *ip)
{
    for (size_t at = 0; at < text.length; at++) {
        *ip = (struct plain_text){text.bytes + at, run_of(text, at, "0123456789.")};
        if (ip->length > 0)
            return true;
    }
    return false;
}

const struct plain_address_pattern plain_address_patterns[] = {
    {"^\\[(?<ip>[^\\]]*)\\]$", "[%s]", finds_in_brackets},
    {"client=(?<ip>[0-9A-Fa-f.:]+)", "192.0.2.9 client=%s x", finds_client},
    {"^(?<ip>[^:]+):[0-9]+$", "%s:40097", finds_before_port},
    {"^(?:x(?<ip>[0-9.]+)|.*)$", "x%s", finds_behind_x},
    {"(?<ip>[0-9.]+)", "from %s to 192.0.2.9", finds_first_run},
};
const size_t plain_address_pattern_count = sizeof plain_address_patterns / sizeof *plain_address_patterns;
