#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The logs that a real XMail 1.27 wrote.

load helpers

setup() {
    make_mail_root
    cp "$DATA"/logs-xmail-1.27/* "$MR/logs/"
}

golden() {
    grep '^"127' "$DATA/demo-spammers.tab"
}

@test "the logs of a real server give the list that was worked out by hand" {
    rebuilt
    says_nothing
    same_bytes "$LIST" <(golden)
    shows "186 records" "46 records" "17 with unauthorised accesses, 13 of them with 5 or more" "13 added"
}

@test "the installed build gives the same list" {
    run --separate-stderr "$XMAIL_SPAMMERS_RELEASE" -r "$MR" --now "$NOW" rebuild
    exits 0
    says_nothing
    same_bytes "$LIST" <(golden)
}

@test "the list is the same with one thread and with many" {
    conf 'threads = 1;'
    rebuilt
    same_bytes "$LIST" <(golden)
    rm "$LIST"
    printf 'threads = 64;\n' >"$CONF"
    rebuilt
    same_bytes "$LIST" <(golden)
}

@test "the list is the same in every time zone" {
    for zone in UTC0 XST-14 XST12 XST-5:45 CET-1CEST,M3.5.0,M10.5.0/3; do
        rm -f "$LIST"
        TZ=$zone rebuilt
        same_bytes "$LIST" <(golden)
        there "$MR/spammers.tab"
    done
}

@test "no record of the sample is malformed" {
    rebuilt
    logged REBUILD "" "" "files=2 bytes=36230 records=232 malformed=0"
}

# 127.6.222.108 has 11 SMTP failures, of which 2 stand in records of 15 fields; 127.15.23.143 has 6, 1 of them so.
@test "a HELO with TABs doesn't hide the failure behind it" {
    conf 'order = "hits";' 'register_count = 6;' 'logs = ( { format = "smtp"; } );'
    rebuilt
    list_is "$(entry 127.4.37.211)" "$(entry 127.36.217.16)" "$(entry 127.6.222.108)" "$(entry 127.15.31.148)" \
        "$(entry 127.9.148.108)" "$(entry 127.37.63.243)" "$(entry 127.15.23.143)" "$(entry 127.35.48.94)" \
        "$(entry 127.38.203.13)"
    logged ADD 127.6.222.108 11 "smtp 11"
    logged ADD 127.15.23.143 6 "smtp 6"
}

@test "a POP3 user with TABs doesn't hide the failure behind it" {
    conf 'register_count = 1;' 'logs = ( { format = "pop3"; } );'
    rebuilt
    logged ADD 127.38.203.13 1 "pop3 1"
    logged REBUILD "" "" "records=46 malformed=0"
}

@test "text that a client injects accuses nobody else" {
    # USER a"<TAB>"b@c"<TAB>"198.51.100.9"<TAB>"2026-11-21"<TAB>"ELOGIN, as XMail writes it, domain in field 2.
    printf '"s"\t"c"\t"198.51.100.9"\t"%s"\t"ELOGIN"\t"192.0.2.1"\t"%s 10:00:00"\t"a"\t""\t"ELOGIN"\n' \
        "$TODAY" "$TODAY" >"$MR/logs/pop3-202611210000"
    # HELO x"<TAB>"198.51.100.9"<TAB>"2026-11-21"<TAB>"RCPT=ERELAY
    printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"x"\t"198.51.100.9"\t"%s"\t"RCPT=ERELAY"\t""\t"a@b"\t"c@d"\t"S1"\t"RCPT=OK"\t""\t"0"\t""\n' \
        "$TODAY" "$TODAY" >"$MR/logs/smtp-202611210000"
    conf 'register_count = 1;'
    rebuilt
    logged ADD 192.0.2.1
    [[ $(cat "$LIST" "$LOG") != *198.51.100.9* ]] || complain "another host was accused"
}

@test "text that a client injects does not exempt it" {
    elogin 192.0.2.1 5
    # USER a"<TAB>"LOGIN"<TAB>"1 with the wrong password: nine fields, ELOGIN at the end.
    printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"a"\t"LOGIN"\t"LOGIN"\t"1"\t"ELOGIN"\n' "$TODAY" \
        >>"$MR/logs/pop3-202611210000"
    rebuilt
    logged ADD 192.0.2.1 6
}
