#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The examples for cron, systemd and logrotate: their commands run, and their paths are those of the program.

load helpers

setup() {
    make_mail_root
    cp "$XMAIL_SPAMMERS_RELEASE" "$XMAIL_SPAMMERS_RELEASE-engine" "$OWN"
    conf 'logs = ( { format = "smtp"; } );'
    smtp 192.0.2.1 AUTH=EFAIL 5 "$(date +%F)"
}

# example NAME: its lines for this MailRoot, without comments.
example() {
    sed -e "s|/var/MailRoot|$MR|g" -e '/^#/d' -e '/^$/d' "$TOP/install/$1"
}

# The commands of the cron example: what stands behind the five times and the user.
cron_commands() {
    example cron | sed -n 's/^[0-9*][^ ]* [^ ]* [^ ]* [^ ]* [^ ]* root //p'
}

@test "each command of the cron example makes the list, and says nothing if all is well" {
    [ "$(cron_commands | wc -l)" -eq 2 ] || complain "there are other commands"
    while IFS= read -r command; do
        rm -f "$LIST"
        run --separate-stderr sh -c "$command"
        exits 0
        says_nothing
        [ -z "$output" ] || complain "stdout isn't empty"
        list_is "$(entry 192.0.2.1)"
    done < <(cron_commands)
}

@test "the cron example leaves a list that is there to the filter" {
    list "$(entry 198.51.100.1)"
    run --separate-stderr sh -c "$(cron_commands | tail -n 1)"
    exits 0
    list_is "$(entry 198.51.100.1)"
    missing "$LOG"
}

@test "cron takes no line of the example for another than it is" {
    # A "%" is a line end to cron, and every line needs one.
    run -1 grep -n % "$TOP/install/cron"
    [ "$(tail -c 1 "$TOP/install/cron" | od -An -tx1)" = " 0a" ] || complain "the last line has no end"
}

@test "the command of the systemd service makes the list" {
    command=$(example xmail-spammers.service | sed -n 's/^ExecStart=//p')
    run --separate-stderr sh -c "$command"
    exits 0
    says_nothing
    list_is "$(entry 192.0.2.1)"
}

@test "the systemd service may write to MailRoot, and nowhere else" {
    [ "$(example xmail-spammers.service | grep '^ReadWritePaths=')" = "ReadWritePaths=$MR" ] || complain "elsewhere"
}

@test "the capabilities of the systemd service are enough for root to keep the owner of the list, and for the cache" {
    need_root
    capabilities=$(example xmail-spammers.service | sed -n 's/^CapabilityBoundingSet=//p')
    bounding=-all
    for capability in $capabilities; do
        capability=${capability#CAP_}
        bounding+=,+${capability,,}
    done
    setpriv --bounding-set="$bounding" true 2>/dev/null || skip "capabilities can't be dropped here"
    list "$(entry 198.51.100.1)"
    chmod 600 "$LIST" "$MR"/logs/*
    chown -R "$NOBODY:$NOBODY" "$MR"
    run --separate-stderr setpriv --bounding-set="$bounding" --no-new-privs \
        sh -c "$(example xmail-spammers.service | sed -n 's/^ExecStart=//p')"
    exits 0
    says_nothing
    list_is "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
    owner_is "$LIST" "$NOBODY:$NOBODY"
    mode_is "$LIST" 600
    owner_is "$LOG" "$NOBODY:$NOBODY"
    [ -n "$(ls "$OWN/cache")" ] || complain "nothing is in the cache"
}

@test "the systemd service lets the process that reads the logs change its user and restrict itself" {
    filter=$(example xmail-spammers.service | grep '^SystemCallFilter=')
    [[ $filter != *~*@setuid* && $filter == *landlock_restrict_self* ]] || complain "it doesn't: $filter"
}

@test "systemd finds no fault with the service and the timer" {
    command -v systemd-analyze >/dev/null || skip "there is no systemd-analyze"
    for unit in xmail-spammers.service xmail-spammers.timer; do
        sed "s|/var/MailRoot|$MR|g" "$TOP/install/$unit" >"$BATS_TEST_TMPDIR/$unit"
    done
    run systemd-analyze verify --man=no "$BATS_TEST_TMPDIR/xmail-spammers.service" "$BATS_TEST_TMPDIR/xmail-spammers.timer"
    [ "$status" -eq 0 ] && [ -z "$output" ] || complain "systemd-analyze complains"
}

@test "the logrotate example names the log, and after a rotation a rebuild begins a new one" {
    log=$(example logrotate | sed -n 's/ {$//p')
    [ "$log" = "$LOG" ] || complain "it names $log"
    "$OWN/xmail-spammers" -r "$MR" rebuild
    mv "$LOG" "$LOG.1"
    before=$(identity "$LOG.1")
    "$OWN/xmail-spammers" -r "$MR" rebuild
    logged_times 1 REBUILD
    [ "$before" = "$(identity "$LOG.1")" ] || complain "the old log was written"
}

@test "logrotate understands the example" {
    command -v logrotate >/dev/null || skip "there is no logrotate"
    sed "s|/var/MailRoot|$MR|g" "$TOP/install/logrotate" >"$BATS_TEST_TMPDIR/conf"
    "$OWN/xmail-spammers" -r "$MR" rebuild
    logrotate -f -s "$BATS_TEST_TMPDIR/state" "$BATS_TEST_TMPDIR/conf"
    there "$LOG.1"
    missing "$LOG"
}
