# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the tests of the program share: a MailRoot in the test's own directory, records of its logs, a run of the
# program, and what is asserted of it. A failed assertion says what it found.

bats_require_minimum_version 1.5.0

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$HERE/../.." && pwd)
# shellcheck disable=SC2034 # the tests use it
DATA=$TOP/tests/data
XMAIL_SPAMMERS=${XMAIL_SPAMMERS:-$TOP/build/sanitized/xmail-spammers}
XMAIL_SPAMMERS_RELEASE=${XMAIL_SPAMMERS_RELEASE:-$TOP/build/xmail-spammers}

NOW=2026-11-21T17:00
TODAY=2026-11-21
NOBODY=65534 # a user who owns nothing here

# --- a MailRoot --------------------------------------------------------------------------------------------------

# An empty MailRoot and configuration: MR, CONF, LIST, LOG (of events).
make_mail_root() {
    umask 022
    unset XMAIL_SPAMMERS_CONF MAIL_ROOT
    # A bug that eats memory shall end the test, not the machine.
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}hard_rss_limit_mb=1024
    MR=$BATS_TEST_TMPDIR/MailRoot
    OWN=$MR/filters/xmail-spammers
    CONF=$OWN/xmail-spammers.conf
    LIST=$MR/spammers.tab
    LOG=$MR/logs/spammers-log
    mkdir -p "$MR/logs" "$OWN"
    : >"$CONF"
}

# Adds lines to the configuration.
conf() {
    printf '%s\n' "$@" >>"$CONF"
}

# The lines of spammers.tab, written a while ago: a list that has just been written is left alone for a second.
list() {
    printf '%s\n' "$@" >"$LIST"
    touch -d '1 minute ago' "$LIST"
}

# entry ADDRESS [NETMASK [PARAMETERS]]: a line of spammers.tab, as the program itself writes it.
entry() {
    case $1 in
        */*) printf '"%s"\t"%s"\n' "$1" "${2:-code=1}" ;;
        *) printf '"%s"\t"%s"\t"%s"\n' "$1" "${2:-255.255.255.255}" "${3:-code=1}" ;;
    esac
}

# repeat COUNT COMMAND...
repeat() {
    local count=$1
    shift
    for ((; count > 0; count--)); do
        "$@"
    done
}

# smtp ADDRESS STATUS [COUNT [DAY [USER]]]: records of XMail's SMTP log.
smtp() {
    repeat "${3:-1}" printf '"s"\t"d"\t"%s"\t"%s 10:00:00"\t"pc"\t"d"\t"a@b"\t"c@d"\t"S1"\t"%s"\t"%s"\t"0"\t""\n' \
        "$1" "${4:-$TODAY}" "$2" "${5:-}" >>"$MR/logs/smtp-202611210000"
}

# fail ADDRESS [COUNT [DAY]]: failed logins over SMTP.
fail() {
    smtp "$1" AUTH=EFAIL:TYPE=LOGIN "${2:-5}" "${3:-$TODAY}"
}

# elogin ADDRESS [COUNT [DAY]], login ADDRESS: of XMail's POP3 log.
elogin() {
    repeat "${2:-5}" printf '"s"\t"d"\t"%s"\t"%s 10:00:00"\t"user"\t""\t"ELOGIN"\n' "$1" "${3:-$TODAY}" \
        >>"$MR/logs/pop3-202611210000"
}

login() {
    printf '"s"\t"d"\t"%s"\t"%s 10:00:00"\t"user"\t""\t"LOGIN"\t"1"\t"260"\n' "$1" "$TODAY" \
        >>"$MR/logs/pop3-202611210000"
}

# Records of 192.0.2.1 in three logs, with the password hunter2 or 40414243 at places where a status may stand.
hunter2() {
    conf 'logs = ( { format = "pop3"; unauthorized = "LOGIN"; }, { format = "ctrl"; }, { format = "k4"; } );'
    local tail
    for tail in hunter2LOGIN,ELOGIN hunter2LOGIN hunter2LOGIN,y,z yLOGIN,1,40414243; do
        printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"joe"\t"x"\t"%s"\n' "$TODAY" "${tail//,/$'"\t"'}"
    done >"$MR/logs/pop3-202611210000"
    printf '"192.0.2.1"\t"jim"\t"hunter2"\t"%s 10:00:00"\t"FAIL"\n' "$TODAY" >"$MR/logs/ctrl-202611210000"
    printf '"%s 10:00:00"\t"Failure"\t"d"\t"jon"\t"hunter2"\t"login"\t""\t"s"\t"192.0.2.1"\n' \
        "$TODAY" >"$MR/logs/k4-log"
}

# --- runs --------------------------------------------------------------------------------------------------------

# xs ARGUMENT...: runs the program; sets status, output, stderr. Nothing may hang, and all that it says has its name.
xs() {
    run --separate-stderr timeout -k 5 30 "$XMAIL_SPAMMERS" "$@" 3>&-
    only_named_messages
}

# rebuild [OPTION...]
rebuild() {
    xs -r "$MR" --now "$NOW" rebuild "$@"
}

# A rebuild that must succeed.
rebuilt() {
    rebuild "$@"
    exits 0
}

# can_be_nobody: is there a way to be another user?
can_be_nobody() {
    [ "$(id -u)" -ne 0 ] || setpriv --reuid=$NOBODY --regid=$NOBODY --clear-groups true 2>/dev/null
}

# as_nobody [OPTION...]: the rebuild by a user without privileges, who owns the MailRoot.
as_nobody() {
    local program=$BATS_TEST_TMPDIR/xmail-spammers
    cp "$XMAIL_SPAMMERS" "$XMAIL_SPAMMERS-engine" "$BATS_TEST_TMPDIR"
    if [ "$(id -u)" -eq 0 ]; then
        chmod a+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")"
        run --separate-stderr timeout -k 5 30 setpriv --reuid=$NOBODY --regid=$NOBODY --clear-groups \
            "$program" -r "$MR" --now "$NOW" rebuild "$@" 3>&-
    else
        run --separate-stderr timeout -k 5 30 "$program" -r "$MR" --now "$NOW" rebuild "$@" 3>&-
    fi
    only_named_messages
}

give_to_nobody() {
    [ "$(id -u)" -ne 0 ] || chown -R "$NOBODY:$NOBODY" "$@"
}

need_root() {
    [ "$(id -u)" -eq 0 ] || skip "only root can do this"
}

# wait_until COMMAND...: for up to 20 seconds.
wait_until() {
    local i
    for ((i = 0; i < 400; i++)); do
        ! "$@" 2>/dev/null || return 0
        sleep 0.05
    done
    complain "this never came true: $*"
}

# --- assertions --------------------------------------------------------------------------------------------------

complain() {
    echo "$*"
    echo "  status: ${status-}"
    echo "  stdout: ${output-}"
    # shellcheck disable=SC2154 # bats sets it
    echo "  stderr: ${stderr-}"
    return 1
}

exits() {
    [ "$status" -eq "$1" ] || complain "exit status $status instead of $1"
}

# says TEXT...: each of them on stderr. shows TEXT...: on stdout.
says() {
    local text
    for text in "$@"; do
        [[ $stderr == *"$text"* ]] || complain "stderr lacks: $text"
    done
}

shows() {
    local text
    for text in "$@"; do
        [[ $output == *"$text"* ]] || complain "stdout lacks: $text"
    done
}

says_nothing() {
    [ -z "$stderr" ] || complain "stderr isn't empty"
}

only_named_messages() {
    local line
    while IFS= read -r line; do
        case $line in
            "" | "xmail-spammers: "* | "Usage: xmail-spammers "* | "Try 'xmail-spammers --help'.") ;;
            *) complain "on stderr, without our name: $line" ;;
        esac
    done <<<"$stderr"
}

# file_is FILE LINE...
file_is() {
    local file=$1
    shift
    if [ $# -eq 0 ]; then
        if [ ! -f "$file" ] || [ -s "$file" ]; then
            complain "$file is missing or not empty: $(head -5 "$file")"
        fi
    else
        diff <(printf '%s\n' "$@") "$file" || complain "$file is not as expected (< expected, > found)"
    fi
}

list_is() {
    file_is "$LIST" "$@"
}

same_bytes() {
    cmp "$1" "$2" || complain "$1 and $2 differ"
}

missing() {
    local file
    for file in "$@"; do
        if [ -e "$file" ] || [ -L "$file" ]; then
            complain "$file is there"
        fi
    done
}

there() {
    local file
    for file in "$@"; do
        [ -e "$file" ] || complain "$file is missing"
    done
}

# mode_is FILE MODE
mode_is() {
    local mode
    mode=$(find "$1" -maxdepth 0 -printf '%m')
    [ "$mode" = "$2" ] || complain "$1 has mode $mode instead of $2"
}

# owner_is FILE UID:GID
owner_is() {
    local owner
    owner=$(find "$1" -maxdepth 0 -printf '%U:%G')
    [ "$owner" = "$2" ] || complain "$1 belongs to $owner instead of $2"
}

# What changes of a file when it is written or replaced.
identity() {
    find "$1" -maxdepth 0 -printf '%i %T@ %C@ %s'
}

# All that can be known of a directory, but for the times of access.
snapshot() {
    (cd "$1" && find . -printf '%p %y %i %m %U %G %s %T@ %C@ %l\n' | sort && find . -type f -exec cksum {} + | sort)
}

# The names of all backups in MailRoot, without the directory.
backups() {
    (cd "$MR" && find . -maxdepth 1 -type f -name 'spammers.[0-9]*.tab' | sed 's/^..//' | sort)
}

backups_are() {
    diff <(printf '%s\n' "$@") <(backups) || complain "the backups are not as expected (< expected, > found)"
}

no_backup() {
    [ -z "$(backups)" ] || complain "there are backups: $(backups)"
}

# Nothing of an unfinished save is left.
no_temporary_file() {
    [ -z "$(find "$MR" -name '*.tmp')" ] || complain "left behind: $(find "$MR" -name '*.tmp')"
}

# logged EVENT [ADDRESS [COUNT [DETAIL]]]: such a line is in the event log; the detail may be a part of it.
logged() {
    local address=${2-} count=${3-} detail=${4-} event at counted text
    while IFS=$'\t' read -r _ event at counted text; do
        if [ "$event" = "\"$1\"" ] && { [ -z "$address" ] || [ "$at" = "\"$address\"" ]; } &&
            { [ -z "$count" ] || [ "$counted" = "\"$count\"" ]; } && [[ $text == *"$detail"* ]]; then
            return 0
        fi
    done <"$LOG"
    complain "not logged: $*; but $(cat "$LOG")"
}

# logged_times COUNT EVENT
logged_times() {
    local found
    found=$(cut -f 2 "$LOG" | grep -c "^\"$2\"\$" || true)
    [ "$found" -eq "$1" ] || complain "logged $found times instead of $1: $2; $(cat "$LOG")"
}

# Failure, and nothing has changed: OLD is the list as it was.
refused() {
    exits 1
    same_bytes "$OLD" "$LIST"
    no_backup
    no_temporary_file
}

# Keeps a copy of the list for refused.
remember() {
    OLD=$BATS_TEST_TMPDIR/old-list
    cp "$LIST" "$OLD"
}
