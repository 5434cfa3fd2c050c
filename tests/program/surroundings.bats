#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a run inherits: umask, descriptors, limits, environment. None of it may harm the list.

load helpers

setup() {
    make_mail_root
    list "$(entry 198.51.100.1)"
    remember
    fail 192.0.2.1
    mkdir "$MR/logs/pop3-202611200000" # a warning will be said
}

# The list is the new one, and nothing else got what was meant for the terminal.
list_is_new() {
    list_is "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
    file_is "$MR/spammers.20261121170000.tab" "$(entry 198.51.100.1)"
    file_is "$OWN/lock"
    file_is "$CONF"
    no_temporary_file
    ! grep -rlE 'xmail-spammers: |^(Range|Logs|Hosts|List|Saved) ' "$MR" || complain "a file got what was said"
}

# Either the list is the new one or nothing has changed.
old_or_new() {
    if cmp -s "$LIST" "$OLD"; then
        [ "$status" -ne 0 ] || complain "$1: success, but the list is the old one"
        no_backup
    else
        list_is "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
    fi
}

# Back to how it was before the rebuild.
again() {
    cp "$OLD" "$LIST"
    rm -f "$MR"/spammers.2*.tab "$LOG" "$OWN/lock" "$MR"/*.tmp
}

# Of all that a rebuild makes.
modes_are_right() {
    mode_is "$LIST" 644
    mode_is "$LOG" 644
    mode_is "$OWN/lock" 600
    mode_is "$OWN" 755
    mode_is "$MR/filters" 755
}

@test "with umask 0 nobody else may write what is made" {
    rm -r "$LIST"
    mv "$CONF" "$BATS_TEST_TMPDIR/conf"
    rm -r "$MR/filters"
    umask 0
    xs -c "$BATS_TEST_TMPDIR/conf" -r "$MR" --now "$NOW" rebuild
    exits 0
    modes_are_right
    [ -z "$(find "$MR" -newer "$BATS_TEST_TMPDIR/conf" -type f -perm /022 -not -name 'smtp-*')" ] ||
        complain "others may write: $(find "$MR" -type f -perm /022)"
}

@test "with umask 077 a new list can still be read by all, and so can the event log" {
    rm "$LIST"
    mv "$CONF" "$BATS_TEST_TMPDIR/conf"
    rm -r "$MR/filters"
    umask 077
    xs -c "$BATS_TEST_TMPDIR/conf" -r "$MR" --now "$NOW" rebuild
    exits 0
    modes_are_right
}

@test "the list keeps its mode whatever the umask" {
    for mask in 0 022 077 0777; do
        again
        chmod 640 "$LIST"
        run --separate-stderr bash -c "umask $mask; exec \"\$0\" -r \"\$1\" --now $NOW rebuild" \
            "$XMAIL_SPAMMERS" "$MR" 3>&-
        exits 0
        mode_is "$LIST" 640
        mode_is "$MR/spammers.20261121170000.tab" 640
        list_is_new
    done
}

@test "closed standard descriptors lead nothing into a file" {
    for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
        again
        run bash -c "exec \"\$0\" -r \"\$1\" --now $NOW rebuild $closed" "$XMAIL_SPAMMERS_RELEASE" "$MR" 3>&-
        [ "$status" -lt 128 ] || complain "$closed: killed"
        list_is_new
    done
}

@test "closed standard descriptors with an error to say lead nothing into a file" {
    mkdir "$MR/smtp.ipprop.tab"
    for closed in '2>&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
        again
        run bash -c "exec \"\$0\" -r \"\$1\" --now $NOW rebuild $closed" "$XMAIL_SPAMMERS_RELEASE" "$MR" 3>&-
        exits 1
        same_bytes "$OLD" "$LIST"
        no_backup
        file_is "$OWN/lock"
        ! grep -rl 'xmail-spammers: ' "$MR" || complain "$closed: a file got what was said"
    done
}

@test "a full or broken standard output doesn't harm the list" {
    run --separate-stderr bash -c "\"\$0\" -r \"\$1\" --now $NOW rebuild >/dev/full" "$XMAIL_SPAMMERS" "$MR" 3>&-
    [ "$status" -lt 128 ] || complain "killed"
    list_is_new
    again
    run --separate-stderr bash -c "\"\$0\" -r \"\$1\" --now $NOW rebuild | :" "$XMAIL_SPAMMERS" "$MR" 3>&-
    list_is_new
}

@test "with few descriptors the rebuild is whole or not at all" {
    rmdir "$MR/logs/pop3-202611200000"
    saved=0
    for limit in 4 5 6 7 8 12; do
        again
        run --separate-stderr bash -c "ulimit -n $limit; exec \"\$0\" -r \"\$1\" --now $NOW rebuild" \
            "$XMAIL_SPAMMERS_RELEASE" "$MR" 3>&-
        [ "$status" -lt 128 ] || complain "$limit: killed"
        old_or_new "$limit"
        no_temporary_file
        [ "$status" -ne 0 ] || saved=$((saved + 1))
    done
    [ "$saved" -gt 0 ] || complain "never saved"
}

@test "with little memory the rebuild is whole or not at all" {
    # shellcheck disable=SC2016 # for the inner shell
    limited='ulimit -v $1; shift; exec "$@"'
    least=0
    for ((limit = 2000; limit < 60000; limit += 60)); do
        # From the first limit on with which the program starts at all.
        if [ "$least" -eq 0 ]; then
            bash -c "$limited" - "$limit" "$XMAIL_SPAMMERS_RELEASE" --version >/dev/null 2>&1 || continue
            least=$limit
        fi
        again
        status=0
        bash -c "$limited" - "$limit" "$XMAIL_SPAMMERS_RELEASE" -r "$MR" --now "$NOW" rebuild \
            >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- || status=$?
        [ "$status" -le 2 ] || [ "$status" -eq 127 ] || complain "$limit: $(cat "$BATS_TEST_TMPDIR/said")"
        old_or_new "$limit"
        no_temporary_file
        [ "$status" -ne 0 ] || break
    done
    echo "started with $least kB, saved with $limit kB"
    [ "$least" -gt 0 ] && [ "$status" -eq 0 ]
}

@test "with a limit for the size of files the old list stands, and the next rebuild cleans up" {
    for ((i = 0; i < 60; i++)); do
        fail "203.0.113.$i"
    done
    run --separate-stderr bash -c "ulimit -c 0 -f 1; exec \"\$0\" -r \"\$1\" --now $NOW rebuild" \
        "$XMAIL_SPAMMERS_RELEASE" "$MR" 3>&-
    [ "$status" -ne 0 ] || complain "success"
    same_bytes "$OLD" "$LIST"
    no_backup
    rebuilt
    no_temporary_file
    [ "$(wc -l <"$LIST")" -eq 62 ] || complain "the list is not whole"
}

@test "an ignored SIGPIPE and an empty environment don't matter" {
    run --separate-stderr env -i bash -c "trap '' PIPE; exec \"\$0\" -r \"\$1\" --now $NOW rebuild" \
        "$XMAIL_SPAMMERS_RELEASE" "$MR" 3>&-
    exits 0
    list_is_new
}

@test "the language of the environment doesn't matter" {
    for locale in C C.UTF-8 tr_TR.UTF-8 ja_JP.eucJP nonsense; do
        again
        LC_ALL=$locale rebuilt
        list_is_new
    done
}

@test "started by a name without a path, it works" {
    PATH=$(dirname "$XMAIL_SPAMMERS"):$PATH run --separate-stderr xmail-spammers -r "$MR" --now "$NOW" rebuild
    exits 0
    list_is_new
}
