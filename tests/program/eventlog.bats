#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# logs/spammers-log: what was done, a line for each event.

load helpers

setup() {
    make_mail_root
}

# Every line is five quoted fields with TABs between them and no byte that could mislead.
well_formed() {
    local wrong
    local time='"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"'
    local event='"(ADD|REMOVE|REBUILD|SHADOWED|WARNING|ERROR)"'
    local rest=$'"[0-9a-f.:/]*"\t"[0-9]*"\t"[^"\t]*"'
    wrong=$(LC_ALL=C grep -nvE "^$time"$'\t'"$event"$'\t'"$rest\$" "$LOG" || true)
    [ -z "$wrong" ] || complain "not of the form: $wrong"
    ! LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]' "$LOG" || complain "control characters"
    [ "$(tail -c 1 "$LOG")" = "" ] || complain "the last line has no end"
}

@test "each event is a line of five quoted fields" {
    conf 'remove_count = 0;' 'ipv4_prefix = 24;' 'whitelist = [ "203.0.113.1" ];'
    list "$(entry 198.51.100.1)" "$(entry 192.0.2.0 255.255.255.0 code=0)"
    fail 192.0.2.1
    fail 2001:db8::1
    fail 203.0.113.2
    mkdir "$MR/logs/smtp-202611200000"
    rebuilt
    rm -r "$MR/logs/smtp-202611200000" "$MR/logs/smtp-202611210000"
    rebuild
    exits 1
    well_formed
    cut -f 2-4 "$LOG" | grep -v REBUILD | LC_ALL=C sort >"$BATS_TEST_TMPDIR/events"
    file_is "$BATS_TEST_TMPDIR/events" $'"ADD"\t"192.0.2.0/24"\t"5"' $'"ADD"\t"2001:db8::1"\t"5"' \
        $'"ADD"\t"203.0.113.2"\t"5"' $'"ERROR"\t""\t""' $'"REMOVE"\t"198.51.100.1"\t"0"' \
        $'"SHADOWED"\t"192.0.2.0/24"\t"5"' $'"WARNING"\t""\t""'
    logged_times 1 REBUILD
}

@test "a line says by what log and on which days a host failed" {
    fail 192.0.2.1 3 2026-11-18
    elogin 192.0.2.1 4
    rebuilt
    logged ADD 192.0.2.1 7 "smtp 3, pop3 4, 2026-11-18 to 2026-11-21"
}

@test "the summary says what was read and done" {
    conf 'remove_count = 0;'
    list "$(entry 198.51.100.1)" "$(entry 198.51.100.2)" "$(entry 192.0.2.1)"
    fail 192.0.2.1 5
    fail 192.0.2.2 5
    printf 'nonsense\n' >>"$MR/logs/smtp-202611210000"
    rebuilt
    size=$(wc -c <"$MR/logs/smtp-202611210000")
    logged REBUILD "" "" "mode=append range=2026-11-15..2026-11-21 files=1 bytes=$size records=11 malformed=1"
    logged REBUILD "" "" "hosts=2 added=1 removed=2 kept=1 ms="
    logged_times 1 REBUILD
}

@test "lines are appended; what was there stays" {
    echo 'old line' >"$LOG"
    fail 192.0.2.1
    rebuilt
    rebuilt
    [ "$(head -n 1 "$LOG")" = "old line" ] || complain "the old line is gone"
    logged_times 2 REBUILD
    logged_times 1 ADD
}

@test "nothing of a log record is ever repeated, here or on the terminal" {
    secret=Tr0ub4dor
    sed "s/SECRET/$secret/g; s/ /\t/g; s/_/ /" >"$MR/logs/smtp-202611210000" <<END
"SECRET" "SECRET" "192.0.2.1" "${TODAY}_10:00:00" "SECRET" "SECRET" "SECRET@b" "SECRET@d" "SECRET" "AUTH=EFAIL:SECRET" "SECRET" "0" "SECRET"
END
    sed "s/SECRET/$secret/g; s/ /\t/g; s/_/ /" >"$MR/logs/pop3-202611210000" <<END
"SECRET" "SECRET" "192.0.2.1" "${TODAY}_10:00:00" "SECRET" "SECRET" "ELOGIN"
"SECRET" "SECRET"
SECRET
END
    conf 'register_count = 2;'
    rebuilt -n
    # shellcheck disable=SC2154 # run sets it
    [[ $output$stderr != *$secret* ]] || complain "repeated by the dry run"
    rebuilt
    [[ $output$stderr != *$secret* ]] || complain "repeated on the terminal"
    logged ADD 192.0.2.1 2
    ! grep -q "$secret" "$LOG" "$LIST" || complain "repeated in a file"
}

@test "a hostile file name can't break the form of a line, or of a message" {
    fail 192.0.2.1
    conf 'logs = ( { format = "smtp"; files = "smtp-*"; } );'
    mkdir "$MR/logs/smtp-\"	\"ADD\"	\"198.51.100.1"
    mkdir "$MR/logs/smtp-$(printf 'x\ny\033[2J')"
    rebuilt
    well_formed
    logged_times 2 WARNING
    [[ $stderr != *$'\033'* ]] || complain "a control character on the terminal"
}

@test "a dry run logs nothing" {
    fail 192.0.2.1
    rebuilt -n
    missing "$LOG"
}

@test "bad usage and configuration errors log nothing by hand" {
    fail 192.0.2.1
    conf 'nonsense = 1;'
    rebuild
    exits 2
    missing "$LOG"
}

@test "if the event log can't be written, the list is still saved, and it says so" {
    fail 192.0.2.1
    mkdir "$LOG"
    rebuilt
    list_is "$(entry 192.0.2.1)"
    says "unable to write" "$LOG"
}

@test "a link planted as event log is not followed" {
    fail 192.0.2.1
    echo precious >"$BATS_TEST_TMPDIR/victim"
    ln -s "$BATS_TEST_TMPDIR/victim" "$LOG"
    rebuilt
    list_is "$(entry 192.0.2.1)"
    file_is "$BATS_TEST_TMPDIR/victim" precious
    says "unable to write" "$LOG"
}

@test "a FIFO in the event log's place holds nobody up" {
    fail 192.0.2.1
    mkfifo "$LOG"
    rebuilt
    list_is "$(entry 192.0.2.1)"
    says "unable to write" "$LOG"
}

@test "the event log is no log of XMail's, whatever the pattern of names" {
    conf 'logs = ( { format = "smtp"; files = "s*"; } );'
    fail 192.0.2.1
    rebuilt
    rebuilt
    list_is "$(entry 192.0.2.1)"
}
