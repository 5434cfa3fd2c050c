#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a rebuild writes: modes, orders, counts, whitelists, networks, and the lines that were there before.

load helpers

setup() {
    make_mail_root
}

# --- append ---

@test "append adds hosts from register_count on behind what is there, by address" {
    fail 192.0.2.100 5
    fail 192.0.2.20 9
    fail 2001:db8::7 5
    fail 192.0.2.3 4
    list "$(entry 198.51.100.1)"
    rebuilt
    list_is "$(entry 198.51.100.1)" "$(entry 192.0.2.20)" "$(entry 192.0.2.100)" "$(entry 2001:db8::7/128)"
    shows "3 added, 0 removed, 1 kept"
}

@test "order hits puts the worst first, and equals by address" {
    conf 'order = "hits";'
    fail 192.0.2.100 5
    fail 192.0.2.20 9
    fail 192.0.2.3 5
    rebuilt
    list_is "$(entry 192.0.2.20)" "$(entry 192.0.2.3)" "$(entry 192.0.2.100)"
}

@test "the accesses of all logs together count" {
    fail 192.0.2.1 2
    elogin 192.0.2.1 2
    fail 192.0.2.2 3
    elogin 192.0.2.2 2
    rebuilt
    list_is "$(entry 192.0.2.2)"
    logged ADD 192.0.2.2 5 "smtp 3, pop3 2"
}

@test "an IPv4 host that is logged as ::ffff:a.b.c.d is the host a.b.c.d" {
    fail ::ffff:192.0.2.1 3
    elogin 192.0.2.1 2
    rebuilt
    list_is "$(entry 192.0.2.1)"
}

@test "only today and the days before it in the range count" {
    conf 'search_days = 3;'
    fail 192.0.2.1 5 2026-11-19
    fail 192.0.2.2 5 2026-11-18
    fail 192.0.2.3 5 2026-11-22
    fail 192.0.2.4 5 2026-11-21
    rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.4)"
    shows "2026-11-19 to 2026-11-21"
}

@test "a range goes over the ends of months and years" {
    conf 'search_days = 3;'
    fail 192.0.2.1 5 2027-12-30
    fail 192.0.2.2 5 2027-12-29
    NOW=2028-01-01T00:00 rebuilt
    list_is "$(entry 192.0.2.1)"
    fail 192.0.2.3 5 2028-02-28
    NOW=2028-03-01T00:00 rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.3)"
}

@test "a host that an entry covers already isn't added again" {
    list "$(entry 192.0.2.0 255.255.255.0)" $'"198.51.100.0/24"\t"code=1"' "$(entry 2001:db8::/32)" \
        $'"203.0.113.5"\t"255.255.255.255"'
    remember
    fail 192.0.2.9
    fail 198.51.100.9
    fail 2001:db8::9
    fail 203.0.113.5
    rebuilt
    same_bytes "$OLD" "$LIST"
    shows "4 on the list already"
}

@test "a host that an entry with a code of 0 or less covers is added, and the shadow is on record" {
    list "$(entry 192.0.2.1 255.255.255.255 code=0)" "$(entry 192.0.2.2 255.255.255.255 code=-5)"
    fail 192.0.2.1
    fail 192.0.2.2
    rebuilt
    list_is "$(entry 192.0.2.1 255.255.255.255 code=0)" "$(entry 192.0.2.2 255.255.255.255 code=-5)" \
        "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
    logged SHADOWED 192.0.2.1 5 "line 1 "
    logged SHADOWED 192.0.2.2 5 "line 2 "
}

@test "without remove_count nothing is removed" {
    list "$(entry 198.51.100.1)"
    remember
    fail 192.0.2.1 1
    rebuilt
    same_bytes "$OLD" "$LIST"
}

@test "remove_count removes entries with at most so many accesses" {
    conf 'remove_count = 2;'
    list "$(entry 192.0.2.1)" "$(entry 192.0.2.2)" "$(entry 192.0.2.3)"
    fail 192.0.2.1 2
    fail 192.0.2.2 3
    rebuilt
    list_is "$(entry 192.0.2.2)"
    logged REMOVE 192.0.2.1 2
    logged REMOVE 192.0.2.3 0
    shows "0 added, 2 removed, 1 kept"
}

@test "remove_count 0 removes those of whom nothing was heard" {
    conf 'remove_count = 0;'
    list "$(entry 192.0.2.1)" "$(entry 192.0.2.3)"
    fail 192.0.2.1 1
    rebuilt
    list_is "$(entry 192.0.2.1)"
}

@test "an entry for a network stays for the sum of its hosts" {
    conf 'remove_count = 2;'
    list "$(entry 192.0.2.0 255.255.255.0)" "$(entry 198.51.100.0 255.255.255.0)"
    fail 192.0.2.1 1
    fail 192.0.2.2 2
    fail 198.51.100.1 2
    rebuilt
    list_is "$(entry 192.0.2.0 255.255.255.0)"
}

@test "a refused host that still knocks stays listed but is never registered for it" {
    conf 'remove_count = 0;'
    list "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
    smtp 192.0.2.1 SNDRIP=EIPSPAM 9
    smtp 192.0.2.3 SNDRIP=EIPSPAM 9
    smtp 192.0.2.4 SNDR=ENODNS 9
    rebuilt
    list_is "$(entry 192.0.2.1)"
}

@test "statuses that honest hosts get do not count" {
    for status in RCPT=EFULL RCPT=EFILTER PREDATA=EFILTER POSTDATA=EFILTER SIZE=EBIG SMTP=ESSL RCPT=OK RECV=OK; do
        smtp 192.0.2.1 "$status" 9
    done
    rebuilt
    list_is
}

@test "permanent entries stay, whichever order their parameters have" {
    conf 'remove_count = 0;'
    list "$(entry 192.0.2.1 255.255.255.255 permanent=1,code=1)" \
        "$(entry 192.0.2.2 255.255.255.255 code=1,permanent=1)" "$(entry 192.0.2.3 255.255.255.255 permanent=10)" "$(entry 192.0.2.4 255.255.255.255 notpermanent=1)"
    fail 203.0.113.1 1
    rebuilt
    list_is "$(entry 192.0.2.1 255.255.255.255 permanent=1,code=1)" \
        "$(entry 192.0.2.2 255.255.255.255 code=1,permanent=1)"
}

@test "permanent_pattern decides what is permanent" {
    conf 'remove_count = 0;' 'permanent_pattern = "keep";'
    list "$(entry 192.0.2.1 255.255.255.255 keep=1)" "$(entry 192.0.2.2 255.255.255.255 permanent=1)"
    fail 203.0.113.1 1
    rebuilt
    list_is "$(entry 192.0.2.1 255.255.255.255 keep=1)"
}

@test "comments, blank lines, host names and what nobody understands stay" {
    conf 'remove_count = 0;'
    kept=('# a comment' '' '"mail.example.com"' ' "192.0.2.1"' '"192.0.2.9"' 'nonsense' $'\t\t' $'\xff\xfe')
    list "${kept[@]}" "$(entry 192.0.2.1)"
    fail 203.0.113.1 1
    rebuilt
    list_is "${kept[@]}"
    printf 'save_mode = "replace";\n' >"$CONF"
    list "${kept[@]}" "$(entry 192.0.2.1)"
    rebuilt
    list_is "${kept[@]}"
}

# --- replace, none, no log enabled ---

@test "replace keeps permanent entries and drops all others that aren't found again" {
    conf 'save_mode = "replace";'
    list '# mine' "$(entry 192.0.2.1)" "$(entry 192.0.2.2 255.255.255.255 permanent=1,code=1)" "$(entry 192.0.2.3)"
    fail 192.0.2.3
    fail 192.0.2.4
    fail 192.0.2.1 4
    rebuilt
    list_is '# mine' "$(entry 192.0.2.2 255.255.255.255 permanent=1,code=1)" "$(entry 192.0.2.3)" "$(entry 192.0.2.4)"
    shows "1 added, 1 removed, 2 kept"
    logged REMOVE 192.0.2.1
    logged ADD 192.0.2.4
    logged_times 1 ADD
}

@test "replace with nobody found and nothing to keep leaves an empty file" {
    conf 'save_mode = "replace";'
    list "$(entry 192.0.2.1)"
    fail 192.0.2.1 4
    rebuilt
    list_is
}

@test "replace does not heed remove_count" {
    conf 'save_mode = "replace";' 'remove_count = 0;'
    list "$(entry 192.0.2.1)"
    fail 192.0.2.1 4
    rebuilt
    list_is
}

@test "none logs what was found and saves nothing" {
    conf 'save_mode = "none";'
    list "$(entry 198.51.100.1)"
    remember
    fail 192.0.2.1
    rebuilt
    same_bytes "$OLD" "$LIST"
    no_backup
    logged ADD 192.0.2.1 5 "not saved"
    shows "save_mode is none"
}

@test "none makes no list where none is" {
    conf 'save_mode = "none";'
    fail 192.0.2.1
    rebuilt
    missing "$LIST"
}

@test "with no log enabled, append with remove_count only removes" {
    conf 'logs = ( { format = "smtp"; enabled = false; }, { format = "pop3"; enabled = false; } );' 'remove_count = 0;'
    list "$(entry 192.0.2.1)" "$(entry 192.0.2.2)" "$(entry 192.0.2.3)"
    fail 192.0.2.1 9
    elogin 192.0.2.2 1
    fail 203.0.113.1 9
    rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
}

@test "with no log enabled, anything else is a configuration error" {
    conf 'logs = ( { format = "smtp"; enabled = false; } );'
    fail 192.0.2.1 9
    rebuild
    exits 2
    conf 'remove_count = 0;' 'save_mode = "replace";'
    rebuild
    exits 2
    missing "$LIST"
}

@test "a log that isn't enabled registers nobody" {
    conf 'logs = ( { format = "smtp"; }, { format = "pop3"; enabled = false; } );'
    elogin 192.0.2.1 9
    fail 192.0.2.2 5
    rebuilt
    list_is "$(entry 192.0.2.2)"
}

# --- who is spared ---

@test "white-listed hosts and networks are never registered" {
    conf 'whitelist = [ "192.0.2.1 partner", "198.51.100.77/24", "203.0.113.16/255.255.255.240", "2001:db8::/32" ];'
    fail 192.0.2.1
    fail 192.0.2.2
    fail 198.51.100.9
    fail 203.0.113.17
    fail 203.0.113.32
    fail 2001:db8:1::1
    fail 2001:db9::1
    rebuilt
    list_is "$(entry 192.0.2.2)" "$(entry 203.0.113.32)" "$(entry 2001:db9::1/128)"
    shows "4 white-listed"
}

@test "the whitelist file is read beside the configuration, comments and all" {
    printf '%s\n' '# mine' '' '192.0.2.1   # a partner' '198.51.100.0/24 another' >"$OWN/whitelist"
    fail 192.0.2.1
    fail 198.51.100.9
    fail 192.0.2.2
    rebuilt
    list_is "$(entry 192.0.2.2)"
}

@test "a whitelist file elsewhere is taken, and a fault in it is named with its line" {
    conf "whitelist_file = \"$BATS_TEST_TMPDIR/friends\";"
    printf '192.0.2.1\n' >"$BATS_TEST_TMPDIR/friends"
    fail 192.0.2.1
    rebuilt
    list_is
    printf '192.0.2.1\n192.0.2\n' >"$BATS_TEST_TMPDIR/friends"
    rebuild
    exits 2
    says "$BATS_TEST_TMPDIR/friends:2: "
}

@test "an entry that the whitelist covers goes with remove_count, else a warning is on record" {
    conf 'whitelist = [ "192.0.2.0/24" ];'
    list "$(entry 192.0.2.1)"
    remember
    fail 192.0.2.1 9
    rebuilt
    same_bytes "$OLD" "$LIST"
    logged WARNING 192.0.2.1 "" "line 1 "
    conf 'remove_count = 0;'
    rebuilt
    list_is
    logged REMOVE 192.0.2.1
}

@test "clients that XMail trusts are spared; the first line of smtp.ipprop.tab that fits decides" {
    printf '%s\n' '# trusted' $'"192.0.2.5/32"\t"WhiteList=0"' $'"192.0.2.0/24"\t"WhiteList=1"' \
        $'"198.51.100.0/24"\t"Other=1"\t"WhiteList"' $'"203.0.113.0/24"\t"Other=1"' >"$MR/smtp.ipprop.tab"
    fail 192.0.2.5
    fail 192.0.2.6
    fail 198.51.100.1
    fail 203.0.113.1
    rebuilt
    list_is "$(entry 192.0.2.5)" "$(entry 203.0.113.1)"
}

@test "xmail_whitelist = false does not ask smtp.ipprop.tab" {
    conf 'xmail_whitelist = false;'
    printf '%s\n' $'"192.0.2.0/24"\t"WhiteList=1"' >"$MR/smtp.ipprop.tab"
    fail 192.0.2.5
    rebuilt
    list_is "$(entry 192.0.2.5)"
}

@test "a host that logged in is exempt, over POP3 and over SMTP" {
    fail 192.0.2.1
    login 192.0.2.1
    fail 192.0.2.2
    smtp 192.0.2.2 RCPT=OK 1 "$TODAY" user@d
    fail 192.0.2.3
    smtp 192.0.2.3 RECV=OK 1 "$TODAY" user@d
    fail 192.0.2.4
    smtp 192.0.2.4 RCPT=OK 1 "$TODAY" ""
    fail 192.0.2.5
    smtp 192.0.2.5 RCPT=EFULL 1 "$TODAY" user@d
    rebuilt
    list_is "$(entry 192.0.2.4)" "$(entry 192.0.2.5)"
    shows "3 logged in as a user"
}

@test "exempt_authenticated = false registers them" {
    conf 'exempt_authenticated = false;'
    fail 192.0.2.1
    login 192.0.2.1
    rebuilt
    list_is "$(entry 192.0.2.1)"
}

@test "a login in a log that isn't enabled exempts nobody" {
    conf 'logs = ( { format = "smtp"; } );'
    fail 192.0.2.1
    login 192.0.2.1
    rebuilt
    list_is "$(entry 192.0.2.1)"
}

# --- networks ---

@test "ipv4_prefix and ipv6_prefix sum and register networks" {
    conf 'ipv4_prefix = 24;' 'ipv6_prefix = 64;'
    fail 192.0.2.1 3
    fail 192.0.2.200 2
    fail 198.51.100.1 4
    fail 2001:db8::1 3
    fail 2001:db8::ffff:1 2
    fail 2001:db8:0:1::1 4
    rebuilt
    list_is "$(entry 192.0.2.0 255.255.255.0)" "$(entry 2001:db8::/64)"
    logged ADD 192.0.2.0/24 5
    logged ADD 2001:db8::/64 5
}

@test "a network with a white-listed or exempt host in it is judged host by host" {
    conf 'ipv4_prefix = 24;' 'whitelist = [ "192.0.2.77" ];'
    fail 192.0.2.1 5
    fail 192.0.2.2 4
    fail 198.51.100.1 5
    fail 198.51.100.2 4
    login 198.51.100.3
    rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 198.51.100.1)"
}

@test "an IPv6 network that takes in all IPv4 clients is never written" {
    conf 'ipv6_prefix = 16;'
    fail ::1 5
    fail 2001:db8::1 3
    fail 2001:db9::1 2
    rebuilt
    list_is "$(entry ::1/128)" "$(entry 2001::/16)"
}

# --- the file as it was ---

@test "a list with CRLF gets lines with CRLF" {
    printf '# x\r\n%s\r\n' "$(entry 198.51.100.1)" >"$LIST"
    fail 192.0.2.1
    rebuilt
    same_bytes "$LIST" <(printf '# x\r\n%s\r\n%s\r\n' "$(entry 198.51.100.1)" "$(entry 192.0.2.1)")
}

@test "the first line decides what line ends are added, and no other is changed" {
    printf '# x\n%s\r\n' "$(entry 198.51.100.1)" >"$LIST"
    fail 192.0.2.1
    rebuilt
    same_bytes "$LIST" <(printf '# x\n%s\r\n%s\n' "$(entry 198.51.100.1)" "$(entry 192.0.2.1)")
}

@test "CRLF is kept in replace mode even if the line that had it goes" {
    conf 'save_mode = "replace";'
    printf '%s\r\n' "$(entry 198.51.100.1)" >"$LIST"
    fail 192.0.2.1
    rebuilt
    same_bytes "$LIST" <(printf '%s\r\n' "$(entry 192.0.2.1)")
}

@test "a last line without line end gets one only when something is added behind it" {
    printf '# x\n%s' "$(entry 198.51.100.1)" >"$LIST"
    remember
    fail 192.0.2.1 4
    rebuilt
    same_bytes "$OLD" "$LIST"
    fail 192.0.2.1 1
    rebuilt
    list_is '# x' "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
}

@test "a last line without line end gets the CRLF of its file" {
    printf '# x\r\n%s' "$(entry 198.51.100.1)" >"$LIST"
    fail 192.0.2.1
    rebuilt
    same_bytes "$LIST" <(printf '# x\r\n%s\r\n%s\r\n' "$(entry 198.51.100.1)" "$(entry 192.0.2.1)")
}

@test "the tail of a line over 510 characters is an entry of its own to XMail, and isn't torn off" {
    long=$(printf '#%509s' '' | tr ' ' x)
    list "$long$(entry 192.0.2.1)"
    remember
    fail 192.0.2.1 # XMail refuses it already, by the tail of the comment
    rebuilt
    same_bytes "$OLD" "$LIST"
}

@test "a missing list is made" {
    fail 192.0.2.1
    rebuilt
    list_is "$(entry 192.0.2.1)"
    no_backup
    shows "there was no list before"
}

@test "a missing list is made even if nobody is found" {
    fail 192.0.2.1 1
    rebuilt
    list_is
    mode_is "$LIST" 644
}

@test "an empty list stays as it is if nobody is found" {
    : >"$LIST"
    fail 192.0.2.1 1
    before=$(identity "$LIST")
    rebuilt
    [ "$before" = "$(identity "$LIST")" ] || complain "the list was written"
}

@test "a list that would be the same is not written, and no backup is made" {
    fail 192.0.2.1
    list "$(entry 192.0.2.1)" '# x'
    touch -d '2026-11-20 12:00' "$LIST"
    before=$(identity "$LIST")
    rebuilt
    [ "$before" = "$(identity "$LIST")" ] || complain "the list was written"
    no_backup
    shows "is up to date"
    printf 'save_mode = "replace";\n' >"$CONF"
    list "$(entry 192.0.2.1)"
    before=$(identity "$LIST")
    rebuilt
    [ "$before" = "$(identity "$LIST")" ] || complain "the list was written in replace mode"
    no_backup
}

@test "a second rebuild changes nothing" {
    conf 'remove_count = 0;'
    list "$(entry 198.51.100.1)" "$(entry 192.0.2.7)"
    fail 192.0.2.1
    fail 192.0.2.7 1
    rebuilt
    before=$(identity "$LIST")
    rebuilt
    [ "$before" = "$(identity "$LIST")" ] || complain "the list was written again"
    shows "0 added, 0 removed, 2 kept"
}

# --- the dry run ---

@test "the dry run changes nothing anywhere in MailRoot, and shows what would change" {
    conf 'remove_count = 0;'
    list "$(entry 198.51.100.1)"
    fail 192.0.2.1
    fail 192.0.2.2
    login 192.0.2.2
    printf 'x\n' >"$MR/spammers.tab.xmail-spammers.tmp"
    printf 'x\n' >"$MR/spammers.20200101000000.tab"
    before=$(snapshot "$MR")
    rebuilt -n
    shows "- 198.51.100.1" "+ 192.0.2.1" ". 192.0.2.2" "1 added, 1 removed, 0 kept" "dry run"
    rebuilt --dry-run
    [ "$before" = "$(snapshot "$MR")" ] || complain "something was changed"
}

@test "the dry run makes nothing in a MailRoot without our directory" {
    mv "$CONF" "$BATS_TEST_TMPDIR/conf"
    rm -r "$MR/filters"
    fail 192.0.2.1
    before=$(snapshot "$MR")
    xs -c "$BATS_TEST_TMPDIR/conf" -r "$MR" --now "$NOW" rebuild -n
    exits 0
    shows "+ 192.0.2.1" "missing"
    [ "$before" = "$(snapshot "$MR")" ] || complain "something was changed"
}

@test "a dry run that fails changes nothing either" {
    list "$(entry 198.51.100.1)"
    before=$(snapshot "$MR")
    rebuild -n
    exits 1
    [ "$before" = "$(snapshot "$MR")" ] || complain "something was changed"
}
