#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The list exists and is whole at every instant: XMail opens it at each connection, and refuses everybody if it can't.

load helpers

setup_file() {
    "${CC:-cc}" -O2 -D_POSIX_C_SOURCE=200809L -o "$BATS_FILE_TMPDIR/reader" "$BATS_TEST_DIRNAME/reader.c"
}

# Two configurations whose logs lead to two lists of some 100 kB, and what those are: ONE, OTHER.
setup() {
    make_mail_root
    for which in one other; do
        mkdir "$MR/logs-$which"
        printf '%s\n' 'save_mode = "replace";' 'register_count = 1;' 'max_backups = 3;' \
            "logs = ( { format = \"ctrl\"; directory = \"logs-$which\"; } );" >"$OWN/$which.conf"
        awk -v which="$which" -v day="$TODAY" 'BEGIN {
            for (i = 0; i < 2500; i++)
                printf "\"%s.%d.%d\"\t\"u\"\t\"p\"\t\"%s 10:00:00\"\t\"FAIL\"\n",
                    which == "one" ? "10.1" : "10.2", i / 250, i % 250, day
        }' >"$MR/logs-$which/ctrl-202611210000"
        awk -F'"' '{ printf "\"%s\"\t\"255.255.255.255\"\t\"code=1\"\n", $2 }' "$MR/logs-$which/ctrl-202611210000" \
            >"$BATS_TEST_TMPDIR/$which"
    done
    ONE=$BATS_TEST_TMPDIR/one
    OTHER=$BATS_TEST_TMPDIR/other
    STOP=$BATS_TEST_TMPDIR/stop
    cp "$ONE" "$LIST"
}

start_reader() {
    "$BATS_FILE_TMPDIR/reader" "$LIST" "$ONE" "$OTHER" "$STOP" >"$BATS_TEST_TMPDIR/counts" 3>&- &
    READER=$!
}

# Ends the reader; reads, failures, ones, others, torn.
stop_reader() {
    : >"$STOP"
    wait "$READER"
    read -r reads failures ones others torn <"$BATS_TEST_TMPDIR/counts"
    echo "$reads reads: $failures failed, $ones found one list, $others the other, $torn neither"
    [ "$reads" -gt 1000 ]
    [ "$failures" -eq 0 ]
    [ "$torn" -eq 0 ]
}

release() {
    "$XMAIL_SPAMMERS_RELEASE" -c "$OWN/$1.conf" -r "$MR" --now "$NOW" rebuild >/dev/null
}

@test "the two lists are what the two configurations lead to" {
    release other
    same_bytes "$OTHER" "$LIST"
    release one
    same_bytes "$ONE" "$LIST"
}

@test "who opens the list while it is rebuilt again and again always finds one of the two lists, whole" {
    start_reader
    for ((i = 0; i < 20; i++)); do
        release other
        release one
    done
    stop_reader
    [ "$ones" -gt 0 ] && [ "$others" -gt 0 ]
    same_bytes "$ONE" "$LIST"
    [ "$(backups | wc -l)" -eq 3 ]
}

@test "rebuilds killed at any instant leave one of the two lists, whole, and the next one cleans up" {
    start_reader
    for ((i = 0; i < 60; i++)); do
        # Each rebuild takes some 100 ms; a list of old age is read without a pause, and then it takes less.
        [ $((i % 2)) -eq 0 ] || touch -d '2026-11-20 12:00' "$LIST"
        delay=$(printf '0.%03d' $((i % 2 ? 1 + i / 4 : 2 * i)))
        which=one
        [ $((i / 2 % 2)) -eq 1 ] || which=other
        # By itself in a group, so that the shell doesn't tell of the death.
        { timeout -s KILL "$delay" "$XMAIL_SPAMMERS_RELEASE" -c "$OWN/$which.conf" -r "$MR" --now "$NOW" rebuild \
            >/dev/null || true; } 2>/dev/null 3>&-
    done
    stop_reader
    release one
    same_bytes "$ONE" "$LIST"
    no_temporary_file
    for name in $(backups); do
        cmp -s "$MR/$name" "$ONE" || same_bytes "$MR/$name" "$OTHER"
    done
}

@test "somebody who keeps writing the list in place loses nothing: the rebuild gives up" {
    list '# theirs'
    (while [ ! -e "$STOP" ]; do echo '# theirs' >>"$LIST"; sleep 0.01; done) 3>&- &
    writer=$!
    before=$(find "$LIST" -printf '%i')
    xs -c "$OWN/other.conf" -r "$MR" --now "$NOW" rebuild
    : >"$STOP"
    wait "$writer"
    exits 1
    says "$LIST" "was not changed"
    [ "$before" = "$(find "$LIST" -printf '%i')" ] || complain "the list was replaced"
    ! grep -v '^# theirs$' "$LIST" || complain "the list was changed"
    no_backup
    no_temporary_file
}
