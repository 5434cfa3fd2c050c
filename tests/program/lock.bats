#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Only one rebuild at a time.

load helpers

setup() {
    make_mail_root
    fail 192.0.2.1
    SAID=$BATS_TEST_TMPDIR/said
}

# Starts a rebuild behind our back; PID.
start_rebuild() {
    timeout -k 5 60 "$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" rebuild >"$BATS_TEST_TMPDIR/shown" 2>"$SAID" 3>&- 8>&- &
    PID=$!
}

@test "while another process holds the lock a rebuild says that it waits, and goes on once it is released" {
    exec 8>"$OWN/lock"
    flock 8
    start_rebuild
    wait_until grep -q '^xmail-spammers: .*another rebuild.*wait' "$SAID"
    missing "$LIST" "$LOG"
    kill -0 "$PID"
    exec 8>&-
    wait "$PID"
    list_is "$(entry 192.0.2.1)"
    [ "$(wc -l <"$SAID")" -eq 1 ] || complain "said more than once: $(cat "$SAID")"
}

@test "what was decided before the lock was ours doesn't count" {
    exec 8>"$OWN/lock"
    flock 8
    start_rebuild
    wait_until grep -q 'another rebuild' "$SAID"
    list '# by the one before' "$(entry 198.51.100.1)"
    exec 8>&-
    wait "$PID"
    list_is '# by the one before' "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
}

@test "a rebuild that is killed while it waits changes nothing" {
    exec 8>"$OWN/lock"
    flock 8
    start_rebuild
    wait_until grep -q 'another rebuild' "$SAID"
    kill -TERM "$PID"
    wait "$PID" || true
    missing "$LIST" "$LOG"
    exec 8>&-
    rebuilt
    says_nothing
}

@test "the dry run waits for no lock" {
    exec 8>"$OWN/lock"
    flock 8
    xs -r "$MR" --now "$NOW" rebuild -n 8>&-
    exits 0
    says_nothing
    shows "+ 192.0.2.1"
    exec 8>&-
}

@test "a lock file that a killed rebuild left locks nothing" {
    echo 12345 >"$OWN/lock"
    rebuilt
    says_nothing
    list_is "$(entry 192.0.2.1)"
}

@test "the lock file is never replaced" {
    : >"$OWN/lock"
    before=$(find "$OWN/lock" -printf '%i')
    rebuilt
    [ "$before" = "$(find "$OWN/lock" -printf '%i')" ] || complain "it is another file"
}

@test "the lock of one MailRoot doesn't hold up another" {
    exec 8>"$OWN/lock"
    flock 8
    cp -r "$MR" "$BATS_TEST_TMPDIR/Other"
    xs -r "$BATS_TEST_TMPDIR/Other" --now "$NOW" rebuild 8>&-
    exits 0
    says_nothing
    exec 8>&-
}

@test "20 rebuilds at once all succeed, and the list is made once" {
    list "$(entry 198.51.100.1)"
    pids=()
    for ((i = 0; i < 20; i++)); do
        timeout -k 5 60 "$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" rebuild >/dev/null 2>>"$SAID" 3>&- &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || complain "one of them failed: $(cat "$SAID")"
    done
    list_is "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
    backups_are spammers.20261121170000.tab
    logged_times 1 ADD
    logged_times 20 REBUILD
    no_temporary_file
    ! grep -v '^xmail-spammers: another rebuild is running' "$SAID" || complain "said something else"
}

@test "a user who may not take the lock is told who may, and that nothing was changed" {
    can_be_nobody || skip "no other user"
    [ "$(id -u)" -eq 0 ] || skip "the MailRoot is ours"
    chmod a+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")"
    list "$(entry 198.51.100.1)"
    run --separate-stderr setpriv --reuid="$NOBODY" --regid="$NOBODY" --clear-groups "$XMAIL_SPAMMERS" -r "$MR" rebuild
    exits 1
    says "unable to open the lock file" "belongs to, or as root" "$LIST was not changed"
    list_is "$(entry 198.51.100.1)"
}
