#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The log command: each kind of log, what is asked of it, how it is shown, and what is never shown.

load helpers

setup() {
    make_mail_root
    unset PAGER COLUMNS NO_COLOR
}

# log_of WORD...: the command, by its arguments.
log_of() {
    xs -r "$MR" --now "$NOW" log "$@"
}

# record FILE FIELD...: a record of a log.
record() {
    local file=$MR/logs/$1 line
    shift
    line=$(printf '"%s"\t' "$@")
    printf '%s\n' "${line%$'\t'}" >>"$file"
}

# on_terminal WORD...: the command on a terminal of 80 columns whose locale is UTF-8; sets output.
on_terminal() {
    local command
    printf -v command '%q ' "$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" log "$@"
    run env LC_ALL="${LOCALE-C.UTF-8}" COLUMNS=80 TERM="${TERMINAL-xterm}" SHELL=/bin/sh timeout -k 5 60 \
        script -qec "$command" /dev/null </dev/null 3>&-
    output=${output//$'\r'/}
}

# is_screen LINE...: what the terminal showed.
is_screen() {
    diff <(printf '%s\n' "$@") <(printf '%s\n' "$output") || complain "the screen is not as expected (< expected, > found)"
}

T="$TODAY 10:00:00"

# One record of each of the eleven logs, after the order of the table in the manual.
one_of_each() {
    record smtp-202611210000 s d 192.0.2.1 "$T" pc d a@b c@d S1 RCPT=ERELAY "" 0 ""
    record pop3-202611210000 s d 192.0.2.1 "$T" u secret ELOGIN
    record filter-log.txt "2026/11/21 10:00:00" 受信拒否 a@b c@d "from 192.0.2.1"
    record ctrl-202611210000 192.0.2.1 root secret "$T" FAIL
    record filters-202611210000 a@b c@d ::1 192.0.2.1 "$T" post-rcpt "" 0 3 /f
    record k4-log.txt "2026/11/21 10:00:00" Failure d u secret login "" k4.cgi "192.0.2.1"
    record finger-202611210000 s d 192.0.2.1 "$T" who
    record event-log.txt "2026/11/21 10:00:00" Denied 192.0.2.1 u ""
    record lmail-202611210000 d /f S1 "$T"
    record psync-202611210000 "$T" d u remote.example v APOP OK 1 260 0 0
    record smail-202611210000 d /f S1 a@b c@d SMTP mx.example "$T" S2
}

@test "each of the eleven logs is shown, configured or not" {
    one_of_each
    local format
    for format in smtp pop3 xmailcfg-filter ctrl filters k4 finger event lmail psync smail; do
        log_of "$format" --tsv
        exits 0
        says_nothing
        [ "$(wc -l <<<"$output")" -eq 2 ] || complain "$format: not a header and a record"
        [ "$(awk -F '\t' '{ print NF }' <<<"$output" | sort -u | wc -l)" -eq 1 ] || complain "$format: fields are amiss"
        [[ $output != *secret* ]] || complain "$format: the password is shown"
        log_of "$format"
        exits 0
        shows "time " "10:00:00"
        says "1 record of 1 file"
        [[ $output != *secret* ]] || complain "$format: the password is shown"
    done
}

@test "the columns of a log for programs are those of the manual, in its order" {
    one_of_each
    log_of pop3 --tsv
    file_is <(printf '%s\n' "$output") \
        $'file\tirregular\taddress\tserver\tdomain\tclient address\ttime\tuser\tpassword\tstatus\tmessages\tbytes\trest' \
        "$MR/logs/pop3-202611210000"$'\t0\t192.0.2.1\ts\td\t192.0.2.1\t'"$T"$'\tu\t***\tELOGIN\t\t\t'
}

@test "the logs of a real server are shown without a record being lost" {
    cp "$DATA"/logs-xmail-1.27/* "$MR/logs"
    local file format
    for file in "$MR"/logs/*; do
        format=$(basename "${file%-*}")
        log_of "$format" --tsv
        exits 0
        says_nothing
        [ "$(($(wc -l <<<"$output") - 1))" -eq "$(wc -l <"$file")" ] || complain "$format: records are missing"
    done
}

@test "records of several files and directories come oldest first" {
    mkdir "$MR/other"
    conf 'logs = ( { format = "pop3"; directory = ( "logs", "'"$MR/other"'" ); },' \
        '  { format = "pop3"; files = "old-*"; enabled = false; } );'
    record pop3-1 s d 192.0.2.1 "$TODAY 10:00:00" a "" ELOGIN
    mv "$MR/logs/pop3-1" "$MR/other/pop3-202611210000"
    record pop3-202611210000 s d 192.0.2.1 "$TODAY 09:00:00" b "" ELOGIN
    record pop3-202611210000 s d 192.0.2.1 "$TODAY 11:00:00" c "" ELOGIN
    record old-1 s d 192.0.2.1 "$TODAY 10:30:00" d "" ELOGIN
    log_of pop3 --tsv
    exits 0
    [ "$(cut -f 8 <<<"$output" | tr '\n' ' ')" = "user b a d c " ] || complain "another order"
}

@test "the range is search_days, or --days" {
    conf 'search_days = 2;'
    elogin 192.0.2.1 1 2026-11-21
    elogin 192.0.2.2 1 2026-11-20
    elogin 192.0.2.3 1 2026-11-19
    log_of pop3 --tsv
    [ "$(cut -f 3 <<<"$output" | tr '\n' ' ')" = "address 192.0.2.1 192.0.2.2 " ] || complain "another range"
    log_of --days 1 pop3 --tsv
    [ "$(cut -f 3 <<<"$output" | tr '\n' ' ')" = "address 192.0.2.1 " ] || complain "another range"
    log_of pop3 --days 3 --tsv
    [ "$(wc -l <<<"$output")" -eq 4 ] || complain "another range"
}

@test "--address takes an address in any form, or a network" {
    elogin 192.0.2.1 1
    elogin ::ffff:192.0.2.7 1
    elogin 198.51.100.1 1
    elogin 2001:db8::1 1
    local address
    for address in 192.0.2.7 ::ffff:192.0.2.7 ::ffff:c000:207; do
        log_of pop3 --tsv --address "$address"
        [ "$(cut -f 3 <<<"$output" | tail -n +2)" = 192.0.2.7 ] || complain "$address: another"
    done
    log_of pop3 --tsv --address 192.0.2.0/24
    [ "$(wc -l <<<"$output")" -eq 3 ] || complain "not two"
    log_of pop3 --tsv --address 2001:DB8::/32
    [ "$(cut -f 3 <<<"$output" | tail -n +2)" = 2001:db8::1 ] || complain "another"
}

@test "--match tries the line as it stands, but for the password" {
    record pop3-202611210000 s d 192.0.2.1 "$T" anna secret ELOGIN
    record pop3-202611210000 s d 192.0.2.1 "$T" bert other ELOGIN
    log_of pop3 --match '"an+a"\t"\*\*\*"\t"ELOGIN"$'
    exits 0
    shows anna
    [[ $output != *bert* ]] || complain "another"
    local guess
    for guess in secret '"se' 'anna"."secret'; do
        log_of pop3 --match "$guess"
        exits 0
        says "none of the 2 records from 2026-11-15 to 2026-11-21 fits --match, in 1 file"
        [ -z "$output" ] || complain "$guess: guessed"
    done
}

@test "a pattern that reaches the limits of matching finds nothing, and that is said" {
    record pop3-202611210000 s d 192.0.2.1 "$T" "$(printf 'a%.0s' {1..40})!" x ELOGIN
    # shellcheck disable=SC2016 # it is a pattern
    log_of pop3 --match '(a|aa|aaa)+$(?<!a)'
    exits 0
    says limit
}

@test "bad usage is refused, and says what is allowed" {
    log_of frob
    exits 2
    says "'frob'" "smtp, pop3, xmailcfg-filter, ctrl, filters, k4, finger, event, lmail, psync, smail"
    log_of smpt
    exits 2
    says "did you mean 'smtp'"
    log_of
    exits 2
    says "Usage: "
    log_of smtp pop3
    exits 2
    says "'pop3'"
    log_of smtp --days 0
    exits 2
    says "--days '0'" 1
    log_of smtp --days x
    exits 2
    log_of smtp --address 192.0.2
    exits 2
    says "192.0.2" ADDRESS/BITS
    local format
    for format in lmail psync smail; do
        log_of "$format" --address 192.0.2.1
        exits 2
        says "unable to use --address: the log \"$format\" holds no client address"
    done
    log_of smtp --match 'a(b'
    exits 2
    says "byte 4"
    conf 'nonsense = 1;'
    log_of smtp
    exits 2
    says nonsense
}

@test "no log at all fails with its remedy" {
    log_of smtp
    exits 1
    says "-Sl" "$MR/logs"
    log_of k4
    exits 1
    says XMailCFG
}

@test "nothing found is no failure, and says where nothing was" {
    elogin 192.0.2.1 1 2026-11-01
    log_of pop3
    exits 0
    says "2026-11-15" "2026-11-21" "$MR/logs/pop3-202611210000" --days
    [ -z "$output" ] || complain "something is shown"
}

@test "that no record fits is told of what was asked for alone" {
    elogin 192.0.2.1 1
    log_of pop3 --address 192.0.2.9
    says "fits --address, in"
    log_of pop3 --match nobody
    says "fits --match, in"
    log_of pop3 --address 192.0.2.1 --match nobody
    says "fits both --address and --match, in"
}

@test "files that are too old for the range are left unread, and that is said" {
    elogin 192.0.2.1 1
    touch -d '40 days ago' "$MR/logs/pop3-202611210000"
    xs -r "$MR" log pop3
    exits 0
    says "0 files" "1 more was last written before"
    log_of pop3 # a rehearsed clock says nothing of that
    exits 0
    shows 192.0.2.1
}

@test "a log that can't be read fails" {
    ln -s nowhere "$MR/logs/pop3-202611210000"
    log_of pop3
    exits 1
    says "$MR/logs/pop3-202611210000"
}

@test "lines without a time are counted, with their file" {
    elogin 192.0.2.1 1
    printf 'hello\n\n' >>"$MR/logs/pop3-202611210000"
    log_of pop3
    exits 0
    says "$MR/logs/pop3-202611210000: 2 lines were left out"
}

@test "a log in another encoding is shown in UTF-8, and matched so" {
    conf 'logs = ( { format = "xmailcfg-filter"; encoding = "ENCODING"; } );'
    local encoding
    for encoding in SHIFT_JIS EUC-JP ISO-2022-JP; do
        sed -i "s/encoding = \".*\"/encoding = \"$encoding\"/" "$CONF"
        rm -f "$MR/logs/filter-log.txt"
        record filter-log.txt "2026/11/21 10:00:00" 受信拒否 "ソ表" c@d "from 192.0.2.1"
        iconv -f UTF-8 -t "$encoding" "$MR/logs/filter-log.txt" >"$MR/logs/x"
        mv "$MR/logs/x" "$MR/logs/filter-log.txt"
        log_of xmailcfg-filter --match 受信.否
        exits 0
        shows 受信拒否 ソ表
    done
}

@test "a log in an encoding that is not named is shown all the same, and it says where to name it" {
    record k4-log.txt "2026/11/21 10:00:00" Failure d u secret ログイン 誤り k4.cgi "192.0.2.1"
    log_of k4
    # shellcheck disable=SC2154 # run sets it
    [[ $stderr != *UTF-8* ]] || complain "it is UTF-8"
    iconv -f UTF-8 -t SHIFT_JIS "$MR/logs/k4-log.txt" >"$MR/logs/x"
    mv "$MR/logs/x" "$MR/logs/k4-log.txt"
    log_of k4
    exits 0
    says "1 of them has bytes that are not UTF-8" "encoding in logs of $CONF"
    conf 'logs = ( { format = "smtp"; }, { format = "k4"; encoding = "SHIFT_JIS"; enabled = false; } );'
    log_of k4
    shows ログイン
    [[ $stderr != *UTF-8* ]] || complain "its encoding is named"
}

@test "a stretched record shows what has its place, and no password" {
    record pop3-202611210000 s d 192.0.2.1 "$T" $'a"\t"b' secret ELOGIN
    record pop3-202611210000 s $'d"\t"198.51.100.9"\t"2026-11-01' 192.0.2.1 "$T" u secret ELOGIN
    log_of pop3
    exits 0
    says "2 of them, marked \"!\""
    shows "$T  192.0.2.1  ELOGIN" "! a | *** | ***" "! s | d | 198.51.100.9 | 2026-11-01 | u | ***"
    [[ $output != *secret* ]] || complain "the password is shown"
}

@test "any record can be put together again from its line for programs" {
    printf '"s"\t"d"\t"192.0.2.1"\t"%s"\t"a\\b\x01\xff\xe2\x80\xaeソ"\t"x"\t"ELOGIN"\r\n' "$T" >"$MR/logs/pop3-202611210000"
    record pop3-202611210000 s d 192.0.2.1 "$T" $'a"\t"b' x ELOGIN
    log_of pop3 --tsv
    exits 0
    file_is <(cut -f 4- <<<"$output" | tail -n +2) \
        $'s\td\t192.0.2.1\t'"$T"$'\ta\\\\b\\x01\\xff\\xe2\\x80\\xaeソ\t***\tELOGIN\t\t\t' \
        $'s\td\t192.0.2.1\t'"$T"$'\t\t\tELOGIN\t\t\ta\\t***\\t***'
}

@test "a pipe that is closed early and a full disk are told apart from success" {
    elogin 192.0.2.1 2000
    # shellcheck disable=SC2016 # the inner shell expands it
    run --separate-stderr bash -c '"$0" -r "$1" --now "$2" log pop3 >/dev/full' "$XMAIL_SPAMMERS" "$MR" "$NOW"
    exits 1
    says "unable to write to standard output"
    # shellcheck disable=SC2016
    run --separate-stderr bash -c '"$0" -r "$1" --now "$2" log pop3 | head -n 2' "$XMAIL_SPAMMERS" "$MR" "$NOW"
    exits 0
    shows 192.0.2.1
    says_nothing
}

# --- terminals -----------------------------------------------------------------------------------------------------

few() {
    record pop3-202611210000 s d 192.0.2.1 "$T" 花子 "" ELOGIN
    record pop3-202611210000 mail.example.com example.com 198.51.100.200 "$T" taro "" LOGIN 12 3456
    record pop3-202611210000 s d 2001:db8::1 "$T" $'x\e[31m\xe2\x80\xae' "" ELOGIN
}

@test "a terminal without a pager shows what fits in its columns" {
    few
    on_terminal pop3 --no-pager
    exits 0
    is_screen \
        'time                 address         status  user     server            domain …' \
        '2026-11-21 10:00:00  192.0.2.1       ELOGIN  花子     s                 d      …' \
        '2026-11-21 10:00:00  198.51.100.200  LOGIN   taro     mail.example.com  example…' \
        '2026-11-21 10:00:00  2001:db8::1     ELOGIN  x?[31m?  s                 d      …' \
        'xmail-spammers: 3 records of 1 file'
}

@test "a terminal whose locale isn't UTF-8 gets plain ASCII" {
    few
    LOCALE=C on_terminal pop3 --no-pager
    exits 0
    LC_ALL=C grep -q '[^ -~]' <<<"$output" && complain "not ASCII"
    shows "??       s" ">"
}

@test "a pager gets whole rows and all that is said" {
    few
    PAGER="cat >$BATS_TEST_TMPDIR/paged; echo seen" on_terminal pop3
    exits 0
    [ "$output" = seen ] || complain "something passed by the pager"
    grep -q 'taro .*12 *3456' "$BATS_TEST_TMPDIR/paged" || complain "no whole row: $(cat "$BATS_TEST_TMPDIR/paged")"
    grep -q '3 records of 1 file' "$BATS_TEST_TMPDIR/paged" || complain "no sum: $(cat "$BATS_TEST_TMPDIR/paged")"
}

@test "a pager that isn't there is an error, with what to do" {
    elogin 192.0.2.1 1
    local pager
    for pager in /nonexistent /; do
        PAGER=$pager on_terminal pop3
        [ "$status" -eq 1 ] || complain "the exit status is $status"
        [[ $output == *"unable to run the pager of \$PAGER"*--no-pager* ]] || complain "it isn't said"
    done
}

@test "a pager that is quit early ends the command quietly" {
    elogin 192.0.2.1 3000
    PAGER='head -n 1' on_terminal pop3
    exits 0
    [ "$(wc -l <<<"$output")" -eq 1 ] || complain "more than the pager showed"
    PAGER=false on_terminal pop3
    exits 0
    [ -z "$output" ] || complain "something was said"
}

@test "an empty PAGER and cat are none" {
    few
    local pager
    for pager in '' cat; do
        PAGER=$pager on_terminal pop3
        exits 0
        [ "$(wc -l <<<"$output")" -eq 5 ] || complain "not as without a pager"
    done
}

@test "a terminal that can't scroll gets no pager that wasn't asked for" {
    few
    TERMINAL=dumb on_terminal pop3
    exits 0
    [ "$(wc -l <<<"$output")" -eq 5 ] || complain "not as without a pager"
    TERMINAL=dumb PAGER='echo seen' on_terminal pop3
    shows seen
}

# --- rights --------------------------------------------------------------------------------------------------------

@test "somebody else who may read the logs may look at them" {
    can_be_nobody || skip "no way to be another user"
    need_root
    elogin 192.0.2.1 1
    local program=$BATS_TEST_TMPDIR/xmail-spammers
    cp "$XMAIL_SPAMMERS" "$XMAIL_SPAMMERS-engine" "$BATS_TEST_TMPDIR"
    chmod a+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")"
    run --separate-stderr setpriv --reuid="$NOBODY" --regid="$NOBODY" --clear-groups \
        "$program" -r "$MR" --now "$NOW" log pop3 3>&-
    exits 0
    shows 192.0.2.1
    chmod 600 "$MR/logs/pop3-202611210000"
    run --separate-stderr setpriv --reuid="$NOBODY" --regid="$NOBODY" --clear-groups \
        "$program" -r "$MR" --now "$NOW" log pop3 3>&-
    exits 1
    says "pop3-202611210000" "Permission denied"
    chown "$NOBODY" "$MR/logs/pop3-202611210000"
    log_of pop3 # as root
    exits 0
}
