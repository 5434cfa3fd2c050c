#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How far a rebuild is, on a terminal. The clock is another one, by which each look at it takes a while.

load helpers

PRELOADED=$(dirname "$XMAIL_SPAMMERS_RELEASE")

setup() {
    command -v script >/dev/null || skip "there is no script(1)"
    make_mail_root
    fail 192.0.2.1 2000
    for day in 14 15 16 17 18 19 20; do
        cp "$MR/logs/smtp-202611210000" "$MR/logs/smtp-202611${day}0000"
    done
    list "$(entry 198.51.100.1)"
    export TERM=xterm
}

# on_terminal COLUMNS STEP [OPTION...]: the rebuild, on a terminal of so many columns, with a clock that goes on by so
# many milliseconds; stdin is what is typed there. Sets shown: all that was written to it, with \r and ESC to be read.
on_terminal() {
    local columns=$1 step=$2
    shift 2
    script -qec "stty cols $columns; exec env --default-signal TIMES_STEP=$step \
        LD_PRELOAD=$PRELOADED/faults.so:$PRELOADED/times.so \
        $XMAIL_SPAMMERS_RELEASE -r $MR --now $NOW rebuild $*" /dev/null >"$BATS_TEST_TMPDIR/shown" || status=$?
    shown=$(sed -e 's/\x1b\[K/<wiped>/g' -e 's/\r$//' -e 's/\r/\n/g' "$BATS_TEST_TMPDIR/shown")
    [[ $shown != *$'\e'* ]] || complain "another sequence: $shown"
}

# The lines of progress, without what wipes the rest of the line before.
lines_of_progress() {
    sed -n 's/^\(reading logs.*\)<wiped>$/\1/p' <<<"$shown"
}

# Nothing of it is left: behind the last of them the line is wiped, and then comes what stays.
is_wiped() {
    local last
    last=$(grep -n '^reading logs' <<<"$shown" | tail -n 1 | cut -d : -f 1)
    [ "$(sed -n "$((last + 1))p" <<<"$shown" | cut -c 1-7)" = "<wiped>" ] || complain "not wiped: $shown"
}

@test "what takes over a second shows how far it is: bytes, rate, time left" {
    on_terminal 80 500 </dev/null
    [[ $shown == *"added"* ]] || complain "no rebuild: $shown"
    [ "$(lines_of_progress | wc -l)" -ge 5 ] || complain "too few: $shown"
    run grep -cvE '^reading logs: [0-9]{1,2} %, [0-9.]+ of 1\.6 MB(, [0-9.]+ kB/s, [0-9]+ s left)?$' \
        <(lines_of_progress | sed '$d')
    [ "$output" -eq 0 ] || complain "others: $shown"
    [[ $(lines_of_progress | tail -n 1) =~ ^"reading logs: 100 %, 1.6 of 1.6 MB, "[0-9]+" kB/s, 1 s left"$ ]] ||
        complain "not to the end: $shown"
    is_wiped
}

@test "what is done within a second shows nothing" {
    on_terminal 80 1 </dev/null
    [[ $shown == *"added"* && $shown != *"reading logs"* && $shown != *wiped* ]] || complain "it shows $shown"
}

@test "the line fits the terminal, and has whole words" {
    for columns in 20 40 50 60 200; do
        rm -rf "$OWN/cache"
        on_terminal $columns 500 </dev/null
        [ "$(lines_of_progress | wc -L)" -lt $columns ] || complain "too long for $columns: $shown"
        run grep -cvE '^reading logs: [0-9]+ %(, [0-9.]+ of 1\.6 MB(, [0-9.]+ kB/s(, [0-9]+ s left)?)?)?$' \
            <(lines_of_progress)
        [ "$output" -eq 0 ] || complain "cut at $columns: $shown"
        is_wiped
    done
    [[ $shown == *" s left"* ]] || complain "not all of it: $shown"
    rm -rf "$OWN/cache"
    on_terminal 10 500 </dev/null
    [[ $shown == *"added"* && $shown != *"reading logs"* ]] || complain "too long for 10: $shown"
}

@test "what goes on evenly has a time left that never grows" {
    on_terminal 80 400 --no-cache </dev/null
    before=1000
    while read -r left; do
        [ "$left" -le "$before" ] || complain "it grows: $shown"
        before=$left
    done < <(lines_of_progress | sed -n 's/.*, \([0-9]*\) s left$/\1/p')
    [ "$before" -eq 1 ] || complain "it doesn't come to an end: $shown"
}

@test "there is no line on a terminal that can't wipe it, and none in a file" {
    TERM=dumb on_terminal 80 500 </dev/null
    [[ $shown == *"added"* && $shown != *"reading logs"* ]] || complain "it shows $shown"
    (unset TERM && on_terminal 80 500 </dev/null && [[ $shown == *"added"* && $shown != *"reading logs"* ]]) ||
        complain "it shows a line without TERM"
    rm -rf "$OWN/cache"
    run --separate-stderr env LD_PRELOAD="$PRELOADED/times.so" TIMES_STEP=500 \
        "$XMAIL_SPAMMERS_RELEASE" -r "$MR" --now "$NOW" rebuild
    exits 0
    says_nothing
}

# type_when_stopped: presses Ctrl-C as soon as the process that reads the logs has stopped.
type_when_stopped() {
    wait_until test -s "$BATS_TEST_TMPDIR/hit" >&2
    sleep 0.1
    printf '\003'
    sleep 1
}

@test "Ctrl-C ends the rebuild at once, wipes the line, and changes nothing" {
    before=$(snapshot "$MR" | grep -v ' ./filters/xmail-spammers\| d ')
    export FAULT_CALL=any FAULT_AT=1075 FAULT_STOP=1 FAULT_PROGRAM=xmail-spammers-engine
    export FAULT_COUNT_FILE=$BATS_TEST_TMPDIR/hit
    status=0
    on_terminal 80 500 < <(type_when_stopped)
    [[ $shown == *"reading logs"* ]] || complain "nothing was shown: $shown"
    is_wiped
    [[ $shown == *"<wiped>xmail-spammers: interrupted: nothing was changed" ]] || complain "it says $shown"
    [ "$status" -eq 130 ] || complain "exit status $status"
    list_is "$(entry 198.51.100.1)"
    missing "$LOG" "$OWN/state"
    no_backup
    no_temporary_file
}
