#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What explain tells of a host: the verdict first, what it rests upon, and what can be done.

load helpers

setup() {
    make_mail_root
    : >"$LIST"
    touch -d '1 minute ago' "$LIST"
}

# explained [OPTION...] ADDRESS
explained() {
    xs -r "$MR" --now "$NOW" explain "$@"
    exits 0
    says_nothing
}

# The first paragraph, as a line.
verdict() {
    local words
    words=$(sed '/^$/Q' <<<"$output" | tr '\n' ' ' | tr -s ' ')
    [ "${words% }" = "$1" ] || complain "the verdict is: $words"
}

@test "a host that is to be added" {
    fail 192.0.2.1 7
    explained 192.0.2.1
    verdict "192.0.2.1 is not on the list, and the next rebuild adds it: 7 unauthorised accesses in 7 days, and register_count is 5."
    shows "  7        0        0" "Records    7" "not white-listed" "no line of $LIST has it" \
        "allow 192.0.2.1" "block 192.0.2.1"
}

@test "a host that is added with its network" {
    conf 'ipv4_prefix = 24;'
    fail 192.0.2.1 3
    fail 192.0.2.2 3
    explained 192.0.2.1
    verdict "192.0.2.1 is not on the list, and the next rebuild adds it with its network, 192.0.2.0/24: 3 unauthorised accesses in 7 days, and register_count is 5."
}

@test "a host with too few accesses, and one that nobody has heard of" {
    fail 192.0.2.1 1
    explained 192.0.2.1
    verdict "192.0.2.1 is not on the list, and is not registered: 1 unauthorised access in 7 days, and register_count is 5."
    explained 2001:DB8:0::9
    verdict "2001:db8::9 is not on the list, and is not registered: 0 unauthorised accesses in 7 days, and register_count is 5."
    shows "Accesses   none from 2026-11-15 to 2026-11-21"
}

@test "a host that is on the list and stays, or goes, with the line and the reason" {
    fail 192.0.2.1 3
    list "# comment" "$(entry 192.0.2.1)" "$(entry 192.0.2.2)" "$(entry 192.0.2.3 255.255.255.255 permanent=1)"
    explained 192.0.2.1
    verdict "192.0.2.1 is on the list by line 2, and stays there: without remove_count nothing is removed."
    shows "$LIST:2:" '"192.0.2.1"<TAB>"255.255.255.255"<TAB>"code=1"' "XMail refuses it when it connects."
    conf 'remove_count = 2;'
    explained 192.0.2.1
    verdict "192.0.2.1 is on the list by line 2, and stays there: 3 accesses in 7 days, and remove_count is 2."
    explained 192.0.2.2
    verdict "192.0.2.2 is on the list by line 3, and the next rebuild takes that out: 0 accesses in 7 days, and remove_count is 2."
    explained 192.0.2.3
    verdict "192.0.2.3 is on the list by line 4, and stays there: it is permanent."
    shows "block --undo 192.0.2.3"
    conf 'save_mode = "replace";'
    explained 192.0.2.1
    verdict "192.0.2.1 is on the list by line 2, and the next rebuild takes that out: save_mode is replace, and it was not found again."
    fail 192.0.2.1 3
    explained 192.0.2.1
    verdict "192.0.2.1 is on the list by line 2, and stays there: it was found again."
}

@test "a host that a wider entry covers, and one that an earlier line lets pass" {
    list "$(entry 203.0.113.7/32 code=-5)" "$(entry 203.0.113.0/24)"
    fail 203.0.113.8 9
    explained 203.0.113.8
    verdict "203.0.113.8 is on the list by line 2, 203.0.113.0/24, and stays there: without remove_count nothing is removed."
    explained 203.0.113.7
    verdict "203.0.113.7 is not refused when it connects, although an entry says so: line 1, 203.0.113.7, comes first, and its code is not above 0."
    shows "$LIST:1:" "XMail has it wait 5 seconds after each command"
}

@test "a host that only a line without refusal has" {
    list "$(entry 203.0.113.7/32 code=0)"
    fail 203.0.113.7 1
    explained 203.0.113.7
    verdict "203.0.113.7 is not refused when it connects, as the code of line 1 is not above 0, and is not registered: 1 unauthorised access in 7 days, and register_count is 5."
    shows "XMail refuses it at MAIL FROM, unless it has authenticated."
}

@test "a white-listed host: by which line, of which file" {
    fail 192.0.2.1 9
    fail 192.0.2.2 9
    fail 192.0.2.3 9
    printf '# office\n192.0.2.0/30 the office\n' >"$OWN/whitelist"
    conf 'whitelist = [ "192.0.2.2" ];'
    printf '"192.0.2.0/24"\t"Other=1"\n"192.0.2.3/32"\t"WhiteList=1"\n"192.0.2.0/24"\t"WhiteList"\n' >"$MR/smtp.ipprop.tab"
    explained 192.0.2.1
    verdict "192.0.2.1 is not on the list, and is never registered: it is white-listed."
    shows "$OWN/whitelist:2:" "192.0.2.0/30 the office" "allow --undo 192.0.2.0/30"
    [[ $output != *smtp.ipprop.tab* ]] || complain "the first line that fits doesn't trust it"
    explained 192.0.2.2
    shows "$OWN/whitelist:2:" "whitelist of $CONF: 192.0.2.2"
    printf '"192.0.2.3/32"\t"WhiteList=1"\n' >"$MR/smtp.ipprop.tab"
    rm "$OWN/whitelist"
    explained 192.0.2.3
    shows "$MR/smtp.ipprop.tab:1: XMail trusts 192.0.2.3" "allow 192.0.2.3"
}

@test "a white-listed host that is on the list: that it is refused all the same, and how it gets off" {
    list "$(entry 192.0.2.1)" "$(entry 198.51.100.0/24)"
    fail 192.0.2.1 9
    echo '192.0.2.1 the office' >"$OWN/whitelist"
    explained 192.0.2.1
    verdict "192.0.2.1 is on the list by line 1, although it is white-listed, and stays there: without remove_count nothing is removed."
    shows "To take it off the list:" " allow 192.0.2.1" " allow --undo 192.0.2.1"
    xs -r "$MR" --now "$NOW" allow 192.0.2.1
    explained 192.0.2.1
    verdict "192.0.2.1 is not on the list, and is never registered: it is white-listed."
    [[ $output != *"To take it off the list"* ]] || complain "it isn't on the list any more"
}

@test "a host that logged in is exempt, and its logins are counted" {
    fail 192.0.2.1 9
    login 192.0.2.1
    explained 192.0.2.1
    verdict "192.0.2.1 is not on the list, and is not registered, although it has 9 unauthorised accesses in 7 days: it logged in as a user in these days (exempt_authenticated)."
    shows "pop3                        0        0        1"
}

@test "accesses by day and log, and the newest records of all logs, oldest first; --all shows every one" {
    fail 192.0.2.1 2 2026-11-19
    smtp 192.0.2.1 SNDRIP=EIPSPAM 3 2026-11-20
    elogin 192.0.2.1 25
    fail 192.0.2.2 50
    explained 192.0.2.1
    shows "2026-11-19  smtp                        2        0        0" \
        "2026-11-20  smtp                        0        3        0" \
        "2026-11-21  pop3                       25        0        0" \
        "Records    the newest 20 of 30; --all shows them all"
    [ "$(grep -c '^  2026-11-' <<<"$output")" -eq 20 ] || complain "not 20 records"
    explained 192.0.2.1 --all
    shows "SNDRIP=EIPSPAM (refused)" "Records    30"
    [ "$(grep -c '^  2026-11-' <<<"$output")" -eq 30 ] || complain "not 30 records"
    grep '^  2026-11-' <<<"$output" | cut -c 3-12 | sort -c || complain "not the oldest first"
}

@test "a record tells what the client wrote, and never a password" {
    printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"joe"\t"hunter2"\t"ELOGIN"\n' "$TODAY" >"$MR/logs/pop3-202611210000"
    printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:01"\t"jim"\t"x"\t"hunter2"\t"ELOGIN"\n' "$TODAY" >>"$MR/logs/pop3-202611210000"
    printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:02"\t"a"\t"b"\t"c"\t"d"\t"e"\t"f"\t"S1"\t"AUTH=EFAIL:TYPE=LOGIN"\t""\t"0"\t""\n' \
        "$TODAY" >"$MR/logs/smtp-202611210000"
    explained 192.0.2.1
    shows 'domain "d", user "joe"' "(the client moved the fields)" 'field "e", field "f"'
    [[ $output != *hunter2* ]] || complain "a password is shown"
}

@test "a password that a pattern takes for a status isn't shown" {
    hunter2
    explained 192.0.2.1
    shows "Records    6" "pop3  ELOGIN" "ctrl  FAIL" "k4  Failure" 'user "jim"' 'user "jon"'
    [[ $output != *hunter2* && $output != *4041* ]] || complain "a password is shown"
}

@test "what spammers-log tells: of the host and of networks that hold it, in the files set aside, too" {
    printf '"2026-11-01 10:00:00"\t"ADD"\t"192.0.2.0/24"\t"9"\t"smtp 9"\n' >"$LOG.1"
    {
        printf '"2026-11-02 10:00:00"\t"REMOVE"\t"192.0.2.1"\t"0"\t"white-listed"\n'
        printf '"2026-11-03 10:00:00"\t"ADD"\t"192.0.2.2"\t"9"\t"not this one"\n'
        printf '"2026-11-04 10:00:00"\t"WARNING"\t"192.0.2.1"\t"9"\t"nor this"\n'
        printf '"2026-11-05 10:00:00"\t"ADD"\t"192.0.2.1"\t"9"\t"cut\n'
    } >"$LOG"
    : >"$LOG.2.gz"
    fail 192.0.2.9 1
    explained 192.0.2.1
    shows "History    2026-11-01 10:00:00 added as 192.0.2.0/24: smtp 9" \
        "           2026-11-02 10:00:00 removed: white-listed"
    [[ $output != *"this"*one* && $output != *"nor this"* ]] || complain "too much is told"
}

@test "of a permanent entry that block can't name no command is shown that is refused" {
    fail 192.0.2.9 1
    list "$(entry 192.0.0.1 255.255.0.255 permanent=1)"
    explained 192.0.2.1
    verdict "192.0.2.1 is on the list by line 1, 192.0.0.1/255.255.0.255, and stays there: it is permanent."
    [[ $output != *"block"* ]] || complain "a command that is refused"
}

@test "a host is found in an entry that had a netmask of any kind" {
    printf '"2026-11-02 10:00:00"\t"REMOVE"\t"192.0.0.1/255.255.0.255"\t"0"\t"quiet"\n' >"$LOG"
    fail 192.0.2.9 1
    explained 192.0.2.1
    shows "History    2026-11-02 10:00:00 removed as 192.0.0.1/255.255.0.255: quiet"
}

@test "that a log of events can't be read is not told as if it had nothing of the host" {
    ln -s nowhere "$LOG.1"
    fail 192.0.2.1 1
    xs -r "$MR" --now "$NOW" explain 192.0.2.1
    exits 0
    says "$LOG.1"
    shows "192.0.2.1 is not on the list, and is not registered" "History    spammers-log can't be read"
}

@test "without evidence the list and the whitelist are told all the same" {
    list "$(entry 192.0.2.1)"
    explained 192.0.2.1
    shows "192.0.2.1 is on the list by line 1. What becomes of it can't be told: unable to"
    shows "$LIST:1:" "not white-listed"
    rm -r "$MR/logs"
    xs -r "$MR" --now "$NOW" explain 192.0.2.2
    exits 0
    shows "192.0.2.2 is not on the list. What becomes of it can't be told: unable to read"
}

@test "a missing list refuses everybody" {
    fail 192.0.2.1 1
    rm "$LIST"
    explained 192.0.2.9
    verdict "192.0.2.9 is refused as every client is: $LIST is missing."
}

@test "nothing is changed" {
    fail 192.0.2.1 9
    before=$(cd "$MR" && find . -printf '%p %s %t %i\n' | sort)
    explained 192.0.2.1
    [ "$before" = "$(cd "$MR" && find . -printf '%p %s %t %i\n' | sort)" ] || complain "something was changed"
}

@test "the commands that it names can be copied, whatever MailRoot's name is" {
    odd="$BATS_TEST_TMPDIR/Mail Root's"
    mv "$MR" "$odd"
    MR=$odd fail 192.0.2.1 9
    MR=$odd explained 192.0.2.1
    call=$(grep -A1 '^To refuse it' <<<"$output" | tail -1)
    eval "printf '%s\n' $call" | grep -qxF "$odd" || complain "not to be copied: $call"
}

@test "what is no address is refused, and it says what is one" {
    for arguments in "" "192.0.2.1 192.0.2.2" "--most 192.0.2.1"; do
        # shellcheck disable=SC2086 # several words
        xs -r "$MR" explain $arguments
        exits 2
        says "explain [--all] ADDRESS"
    done
    for address in 192.0.2.256 192.0.2 example.com 192.0.2.0/24 ""; do
        xs -r "$MR" explain "$address"
        exits 2
        says "unable to read the address '$address': it must be an IPv4 or IPv6 address"
    done
}
