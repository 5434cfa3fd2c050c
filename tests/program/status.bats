#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the administrator is told of the schedule and of the last rebuilds.

load helpers.bash

setup() {
    make_mail_root
    fail 192.0.2.1 7
}

# automatic FROM TO INTERVAL
automatic() {
    conf "auto = { enabled = true; from = $1; to = $2; interval = $3; };"
}

# status_at TIME [OPTION...]
status_at() {
    local now=$1
    shift
    xs -r "$MR" --now "$now" status "$@"
}

filter_at() {
    xs -r "$MR" --now "$1" filter
    exits 0
}

register() {
    xs -c "$CONF" install
    exits 0
}

@test "before anything was done it says so, and how to begin" {
    status_at "$NOW"
    exits 0
    says_nothing
    shows "MailRoot       $MR" "Configuration  $CONF" "not registered" '"install"' "off: auto.enabled is false" \
        "By the filter  never" "By command     never" "Running now    no" "none by itself: auto.enabled is false"
}

@test "a schedule without the filter's line is told to do nothing by itself" {
    automatic 9 17 60
    status_at 2026-11-21T08:00
    exits 0
    shows "from 09:00 to 17:00, every 60 minutes" "the filter isn't registered (due today 09:00)"
}

@test "the next rebuild is told in words: now, today, tomorrow, a day" {
    automatic 9 17 60
    register
    status_at 2026-11-21T10:00
    shows "Next rebuild   now, with the first mail"
    status_at 2026-11-21T08:59
    shows "Next rebuild   today 09:00, with the first mail"
    status_at 2026-11-21T17:00
    shows "Next rebuild   tomorrow 09:00, with the first mail"
    filter_at 2026-11-21T10:00
    status_at 2026-11-21T10:30
    shows "Next rebuild   today 11:00, with the first mail"
    : >"$CONF"
    automatic 0 0 100000
    status_at 2026-11-21T10:30
    shows "all day, every 100000 minutes" "Next rebuild   2027-01-29 20:40, with the first mail"
}

@test "the filter's last rebuild, and the last one by hand, with result and duration" {
    automatic 0 0 60
    filter_at 2026-11-21T16:00
    rebuilt
    status_at "$NOW"
    exits 0
    [[ $output =~ "By the filter  2026-11-21 16:00:00, done in "[0-9]+" ms:
               1 added, 0 removed, 0 kept" ]] || complain "not the filter's"
    [[ $output =~ "By command     2026-11-21 17:00:00, done in "[0-9]+" ms:
               0 added, 0 removed, 1 kept" ]] || complain "not the command's"
}

@test "a rebuild by hand doesn't move the filter's schedule, a dry run isn't recorded" {
    automatic 0 0 60
    register
    filter_at 2026-11-21T16:00
    rebuilt
    status_at 2026-11-21T16:30
    shows "Next rebuild   today 17:00"
    xs -r "$MR" --now 2026-11-21T18:00 rebuild -n
    status_at 2026-11-21T18:00
    shows "By command     2026-11-21 17:00:00"
}

@test "a failed rebuild is told with its reason" {
    automatic 0 0 60
    rm "$MR"/logs/smtp-*
    filter_at "$NOW"
    rebuild
    exits 1
    status_at "$NOW"
    exits 0
    [[ $output =~ "By the filter  2026-11-21 17:00:00, failed after "[0-9]+" ms:" ]] || complain "not the filter's"
    [[ $output =~ "By command     2026-11-21 17:00:00, failed after "[0-9]+" ms:" ]] || complain "not the command's"
    shows "unable to judge any host"
    # The reason is long; only a word that is longer by itself, a path, may go beyond the screen.
    long=$(awk 'index($0, "               ") == 1 && length > 80 && NF > 1' <<<"$output")
    [ -z "$long" ] || complain "a line has more than 80 columns"
}

@test "a rebuild that was killed is told to have had no end" {
    automatic 0 0 60
    printf 'filter %s begun 0 \nfaults 0\n' "$(date -d '2026-11-21 16:00' +%s)" >"$BATS_TEST_TMPDIR/content"
    perl -e 'use integer; local $/; my $text = <STDIN>; my $sum = 0xcbf29ce484222325;
        $sum = ($sum ^ ord) * 0x100000001b3 for split //, $text;
        printf "xmail-spammers state 1\nchecksum %016x\n%s", $sum, $text' \
        <"$BATS_TEST_TMPDIR/content" >"$OWN/state"
    status_at "$NOW"
    exits 0
    shows "By the filter  2026-11-21 16:00:00, did not end: killed or crashed"
    exec 9>"$OWN/lock"
    flock 9
    status_at "$NOW"
    exec 9>&-
    shows "By the filter  2026-11-21 16:00:00, still running" "Running now    yes"
}

@test "a line of another kind that calls the filter is told apart" {
    printf '"/opt/xmail-spammers"\t"filter"\n' >"$MR/filters.post-rcpt.tab"
    status_at "$NOW"
    shows 'registered, line 1 of filters.post-rcpt.tab (not the one of "install")'
    rm "$MR/filters.post-rcpt.tab"
    register
    status_at "$NOW"
    shows "registered, line 1 of filters.post-rcpt.tab"
    [[ $output != *"not the one"* ]] || complain "it is"
}

@test "a damaged state is said, and what follows from it" {
    automatic 0 0 60
    register
    echo rubbish >"$OWN/state"
    status_at "$NOW"
    exits 1
    says "unable to use the state $OWN/state: it is damaged"
    shows "By the filter  unknown" "Next rebuild   now"
    rebuilt
    says "it is damaged" "no rebuild by the filter is on record any more"
    rebuilt
    says_nothing
}

@test "a faulty configuration is exit status 2, with each fault" {
    conf "save_mod = 1;" "threads = 1000;"
    status_at "$NOW"
    exits 2
    says "$CONF:1: save_mod" "$CONF:2: threads"
}

@test "--json says the same for programs" {
    automatic 22 6 60
    register
    filter_at 2026-11-21T23:00
    xs -r "$MR/" --now 2026-11-21T23:30 status --json
    exits 0
    perl -MJSON::PP -e 'local $/; my $status = decode_json(<STDIN>);
        my $next = $status->{next};
        print join(" ", $status->{auto}{from}, $status->{filter}{result}, $status->{filter}{begun},
            $status->{command} // "null", $status->{running} ? "runs" : "rests", $next->{due},
            $next->{now} ? "now" : "later", scalar @{$status->{registered}},
            $status->{registered}[0]{as_installed} ? "exact" : "other"), "\n"' <<<"$output" >"$BATS_TEST_TMPDIR/told"
    file_is "$BATS_TEST_TMPDIR/told" \
        "22 done 2026-11-21 23:00:00 null rests 2026-11-22 00:00:00 later 1 exact"
}

@test "--json stays JSON whatever bytes a path has" {
    odd=$BATS_TEST_TMPDIR/$(printf 'a"b\\c\377\nd\303\244')
    cp -r "$MR" "$odd"
    xs -r "$odd" --now "$NOW" status --json
    exits 0
    perl -MJSON::PP -e 'local $/; my $status = decode_json(<STDIN>);
        exit($status->{mail_root} =~ m{/a"b\\c\x{fffd}\nd\x{e4}$} ? 0 : 1)' <<<"$output" || complain "not as it is"
}

@test "--json holds nothing that a terminal would obey, and says it all the same" {
    odd=$BATS_TEST_TMPDIR/$(printf 'a\302\233\342\200\256\033\233z')
    cp -r "$MR" "$odd"
    xs -r "$odd" --now "$NOW" status --json
    exits 0
    shows '/a\u009b\u202e\u001b\ufffdz"'
}

@test "nothing of a path can trouble a terminal" {
    local odd
    odd=$(printf '%s/a\033[31m\302\2331mz\233é' "$BATS_TEST_TMPDIR")
    mv "$MR" "$odd"
    for command in status uninstall check "rebuild -n" rebuild; do
        # shellcheck disable=SC2086 # the option is a word of its own
        xs -c "$odd/filters/xmail-spammers/xmail-spammers.conf" -r "$odd" --now "$NOW" $command
        shows "/a?[31m??1mz?é"
        # shellcheck disable=SC2154 # of bats
        ! grep -qP '\x1b|\xc2?\x9b' <<<"$output$stderr" || complain "control characters"
    done
}

@test "status takes no argument, and tells how it is used" {
    status_at "$NOW" everything
    exits 2
    says "status takes no argument: 'everything'" "Usage: xmail-spammers"
    status_at "$NOW" --all
    exits 2
    status_at "$NOW" --help
    exits 0
}
