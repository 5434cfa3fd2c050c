#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Published holes of programs like this one: words of a client that had somebody else put onto the list. In every format
# of log, by each word that a client writes (see holes.pl), nobody is on the list but who wrote the record.

load helpers

setup() {
    make_mail_root
    conf 'register_count = 1;' 'remove_count = 0;' 'logs = (' '  { format = "smtp"; }, { format = "pop3"; },' \
        '  { format = "finger"; }, { format = "ctrl"; }, { format = "k4"; }, { format = "xmailcfg-filter"; },' \
        '  { format = "filters"; unauthorized = "^3$"; }, { format = "event"; unauthorized = "^refused$"; } );'
}

# attack HOLE [accused]: LISTED has the addresses that must be listed.
attack() {
    LISTED=$BATS_TEST_TMPDIR/listed
    records=$("$BATS_TEST_DIRNAME/holes.pl" "$1" "$MR/logs" "$LISTED" "${@:2}")
}

# Those and nobody else.
only_attackers_are_listed() {
    rebuilt
    says_nothing
    diff <(sort "$LISTED") <(sed 's/^"\([^"/]*\).*/\1/' "$LIST" | sort) >"$BATS_TEST_TMPDIR/diff" ||
        complain "not those that attacked (< not listed, > accused): $(head -20 "$BATS_TEST_TMPDIR/diff")"
}

# holds_against HOLE. The victims are on the list, and must go, as they have no access at all.
holds_against() {
    attack "$1"
    list "$(entry 198.51.100.7)" "$(entry 2001:db8:5::7/128)" "$(entry 192.0.2.250)"
    only_attackers_are_listed
    list "$(entry 198.51.100.7)" "$(entry 2001:db8:5::7/128)" "$(entry 192.0.2.250)"
    sed -i 's/^remove_count.*/save_mode = "replace";/' "$CONF"
    # shellcheck disable=SC2034 # xs uses it
    XMAIL_SPAMMERS=$XMAIL_SPAMMERS_RELEASE # which reads all of it once more
    rm "$OWN"/cache/*
    only_attackers_are_listed
    grep -q 'mode=replace' "$LOG" || complain "not in replace mode"
    echo "# $1: $records records, $(wc -l <"$LISTED") of them counted, in each mode" >&3
}

@test "CVE-2006-6301: a user name that reads like the refusal of another host" {
    holds_against CVE-2006-6301
}

@test "CVE-2006-6302: a login name with the words before which, or behind which, an address is looked for" {
    holds_against CVE-2006-6302
}

@test "CVE-2007-4321: what a client says of its own version or name, before it has logged in" {
    holds_against CVE-2007-4321
}

@test "CVE-2013-2178: a path that closes the field it stands in, and opens one with another's address" {
    holds_against CVE-2013-2178
}

@test "CVE-2013-6890: a user name that ends in another's address as the record does in the client's" {
    holds_against CVE-2013-6890
}

@test "GHSA-33wh-ccjc-p397: a whole record of another host within a word of the client" {
    holds_against GHSA-33wh-ccjc-p397
}

# Without this, those above might see nothing.
@test "a victim with a record of his own in each log is counted once in each" {
    attack CVE-2006-6301 accused
    only_attackers_are_listed
    grep -q $'"ADD"\t"198.51.100.7"\t"8"' "$LOG" || complain "not in each log"
    grep -q $'"ADD"\t"2001:db8:5::7"\t"8"' "$LOG" || complain "not in each log"
}

# --- XMailCFG's logs, whose last field is searched for the client ------------------------------------------------------

# A name of the client stands before its address there.
named() {
    rm -f "$CONF" "$LIST" "$LOG"
    conf 'register_count = 1;' "logs = ( { format = \"k4\";$1 }, { format = \"xmailcfg-filter\";$1 } );"
    printf '"%s 10:00:00"\t"Failure"\t"d"\t"u"\t"p"\t"login"\t""\t"x.cgi"\t"%s"\n' "$TODAY" "$2" >"$MR/logs/k4-log"
    printf '"%s 10:00:00"\t"受信拒否"\t"a@b"\t"c@d"\t"%s"\n' "$TODAY" "$2" >"$MR/logs/filter-log"
}

@test "a client's name that is more than an address accuses nobody" {
    for name in 198.51.100.7.a.example 198.51.100.7. 7.198.51.100.7 198.51.100.7:25 a198.51.100.7 :198.51.100.7 \
        198.51.100 198.51.100.256 198.051.100.7 2001:db8:5::7:a.example 2001:db8:5::7. 2001:db8:5:::7 12001:db8:5::7; do
        named "" "$name [192.0.2.1]"
        rebuilt
        list_is "$(entry 192.0.2.1)"
        logged ADD 192.0.2.1 2
    done
}

# What the README says of these logs: the first address is the client, whoever wrote it.
@test "where a client's own words stand before its address, address_pattern says where that is" {
    named "" '198.51.100.7-x.example [192.0.2.1]'
    rebuilt
    list_is "$(entry 198.51.100.7)"
    pattern=' address_pattern = "\\[(?<ip>[^][]*)\\]$";'
    for words in 198.51.100.7-x.example '198.51.100.7' '[198.51.100.7]' '198.51.100.7] [198.51.100.7] ' '2001:db8:5::7' \
        '[198.51.100.7]"\t"[198.51.100.7]' '\t\t\t\t\t\t\t\t\t[198.51.100.7]'; do
        named "$pattern" "$(printf '%b [192.0.2.1]' "$words")"
        rebuilt
        list_is "$(entry 192.0.2.1)"
    done
}
