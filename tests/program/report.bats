#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Who attacks, when and how: the same hosts, sums and outlooks on a screen, for programs and for browsers.

load helpers.bash

setup() {
    make_mail_root
    export LC_ALL=C.UTF-8
    unset COLUMNS NO_COLOR
    export PAGER=cat
}

# report [OPTION...]
report() {
    xs -r "$MR" --now "$NOW" report "$@"
}

# shown_as FILE: what was printed is that.
shown_as() {
    diff "$1" <(printf '%s\n' "$output") || complain "not as expected (< expected, > found)"
}

# says_of FILTER: what jq makes of the JSON, in one line each.
says_of() {
    jq -rc "$1" <<<"$output" || complain "no JSON"
}

# is FILTER EXPECTED
is() {
    local found
    found=$(says_of "$1" | paste -sd ' ')
    [ "$found" = "$2" ] || complain "$1 is '$found' instead of '$2'"
}

# at ADDRESS HOUR COUNT [DAY [STATUS]]: failed logins over SMTP in that hour.
at() {
    repeat "$3" printf '"s"\t"d"\t"%s"\t"%s %s:00:00"\t"pc"\t"d"\t""\t""\t"S1"\t"%s"\t""\t"0"\t""\n' \
        "$1" "${4:-$TODAY}" "$2" "${5:-AUTH=EFAIL:TYPE=LOGIN}" >>"$MR/logs/smtp-202611210000"
}

# on_terminal [OPTION...]: the report with a terminal for stdout and stderr.
on_terminal() {
    export XMAIL_SPAMMERS MR NOW ASAN_OPTIONS
    # shellcheck disable=SC2016 # that shell shall expand it
    run env TERM=xterm timeout -k 5 30 script -qec '"$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" report '"$*" /dev/null </dev/null
}

@test "a share that is too small for a hundredth is not told as none" {
    fail 192.0.2.1 300
    at 192.0.2.2 04 1 "$TODAY" VRFY=EACCESS
    report
    exits 0
    shows "VRFY=EACCESS                      1   <1 %" "           300  100 %"
    report --html -
    shows "&#60;1&nbsp;%" "100&nbsp;%"
}

# One of each outlook, and accesses on several days.
make_scene() {
    conf 'remove_count = 0;' 'whitelist = [ "192.0.2.4", "192.0.2.11" ];'
    at 192.0.2.1 03 40 2026-11-19
    at 192.0.2.1 04 24
    at 192.0.2.2 04 20 2026-11-20 RCPT=EAVAIL
    at 192.0.2.3 05 12
    at 192.0.2.4 06 9
    at 192.0.2.5 07 8
    at 192.0.2.6 08 7 2026-11-15
    at 198.51.100.1 09 6
    at 192.0.2.11 10 5
    at 192.0.2.7 23 3
    at 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff 12 11
    elogin 192.0.2.1 10
    elogin 192.0.2.5 1
    repeat 2 at 192.0.2.8 11 1 "$TODAY" SNDRIP=EIPSPAM
    login 192.0.2.5
    list '# by hand' "$(entry 198.51.100.0 255.255.255.0)" "$(entry 192.0.2.3 255.255.255.255 code=0)" \
        "$(entry 192.0.2.2)" "$(entry 192.0.2.6 255.255.255.255 permanent=1)" "$(entry 192.0.2.9)" \
        "$(entry 192.0.2.11 255.255.255.255 permanent=1)" "$(entry 192.0.2.8)" "$(entry 192.0.2.7)" "$(entry 192.0.2.10)"
}

@test "a screen of it, in a locale with UTF-8" {
    make_scene
    cd "$BATS_TEST_TMPDIR"
    xs -r "$MR" --now "$NOW" report
    exits 0
    says_nothing
    output=${output//"$BATS_TEST_TMPDIR"/}
    shown_as "$HERE/report.utf8"
}

@test "the same in plain ASCII where the locale has nothing else" {
    make_scene
    LC_ALL=C report
    exits 0
    output=${output//"$BATS_TEST_TMPDIR"/}
    shown_as "$HERE/report.ascii"
    ! LC_ALL=C grep -q '[^ -~]' <<<"$output" || complain "that isn't ASCII"
}

@test "no line has more than 80 columns, whatever there is to show" {
    local format
    conf 'logs = ( { format = "smtp"; }, { format = "pop3"; }, { format = "ctrl"; }, { format = "finger"; },' \
        ' { format = "xmailcfg-filter"; }, { format = "k4"; } );'
    at 192.0.2.100 03 200 2026-11-16
    at 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff 12 11
    elogin 192.0.2.100 90
    for format in ctrl:'"192.0.2.100"\t"u"\t"p"\t"2026-11-21 10:00:00"\t"FAIL"' \
        finger:'"s"\t"d"\t"192.0.2.100"\t"2026-11-21 10:00:00"\t"q"' \
        k4-log:'"2026-11-21"\t"Failure"\t"d"\t"u"\t"p"\t"o"\t"d"\t"s"\t"192.0.2.100"'; do
        repeat 30 printf "${format#*:}\n" >>"$MR/logs/${format%%:*}$([ "${format%%:*}" = k4-log ] || echo -202611210000)"
    done
    for option in --days=1 --days=7 --days=8 --days=40 --days=73 --days=1000 --top=1 --top=100; do
        report "$option"
        exits 0
        says_nothing
        ! grep -v "$BATS_TEST_TMPDIR" <<<"$output" | grep -qE '.{81}' || complain "$option: a line is too long"
    done
    shows "other"
    grep -q '^192.0.2.100 .*█' <<<"$output" || complain "no room for bars"
}

@test "what is rare is still to be seen" {
    at 192.0.2.1 03 3000 2026-11-19
    at 192.0.2.2 05 1 2026-11-20 RCPT=EAVAIL
    report
    grep -q '^192.0.2.2 .* ▏ ' <<<"$output" || complain "not among the hosts"
    grep -q '^RCPT=EAVAIL .* ▏ ' <<<"$output" || complain "not among the statuses"
    [ "$(grep -c '│.*█.*▁' <<<"$output")" -eq 2 ] || complain "not among the days and hours"
    LC_ALL=C report
    [ "$(grep -c '|.*#.*[.]' <<<"$output")" -eq 2 ] || complain "not in ASCII"
}

@test "each outlook is told with its line" {
    make_scene
    report
    for line in "192.0.2.1 .* added" "192.0.2.2 .* kept, line 4" "192.0.2.3 .* shadowed by line 3" \
        "192.0.2.4 .* white-listed" "192.0.2.5 .* exempt" "192.0.2.6 .* permanent, line 5" \
        "192.0.2.7 .* kept, line 9" "198.51.100.1 .* covered by line 2" "192.0.2.11 .* permanent, line 7 !"; do
        grep -q "^$line\$" <<<"$output" || complain "no line: $line"
    done
    shows "! it is white-listed all the same" "would add 3, remove 2, keep 7"
    conf 'logs = ( { format = "smtp"; enabled = false; } );'
    rm "$LIST"
    report
    exits 0
    grep -q "^192.0.2.1 .* no log enabled\$" <<<"$output" || complain "not told"
    grep -q "^192.0.2.7 .* below the threshold\$" <<<"$output" || complain "not told"
    shows "missing, so that XMail refuses every client"
}

@test "an entry whose host is heard no more is told as removed, when that host is white-listed" {
    conf 'remove_count = 0;' 'whitelist = [ "192.0.2.1" ];'
    fail 192.0.2.1 9
    list "$(entry 192.0.2.1)"
    report
    grep -q "^192.0.2.1 .* removed, line 1\$" <<<"$output" || complain "not told"
}

@test "--top tells how many more there are and how to see them" {
    make_scene
    report --top 3
    exits 0
    shows "and 8 more: see them with --top 11"
    [[ $output != *192.0.2.7* ]] || complain "more than three"
    report --top 11
    shows 192.0.2.7 192.0.2.8
    [[ $output != *"more:"* ]] || complain "there are no more"
}

@test "--days searches other days than the configuration says, also beyond what the cache was made for" {
    conf 'search_days = 2;'
    fail 192.0.2.1 5 2026-11-20
    fail 192.0.2.2 5 2026-11-18
    rebuilt
    report --json
    is '[.hosts[].address]' '["192.0.2.1"]'
    report --json --days 4
    is '[.hosts[].address]' '["192.0.2.1","192.0.2.2"]'
    is '.range' '{"first":"2026-11-18","last":"2026-11-21"}'
    is '[.days[].unauthorized]' '[5,0,5,0]'
    report --json --days 1
    exits 1
    says "unable to judge any host: no valid record from 2026-11-21 to 2026-11-21"
}

@test "without a record in the range it fails as a rebuild does" {
    for option in --top=5 --json --html=-; do
        report "$option"
        exits 1
        says "unable to judge any host: no valid record"
        [ -z "$output" ] || complain "there is a report"
    done
}

@test "it changes nothing" {
    make_scene
    rebuilt
    snapshot "$MR" >"$BATS_TEST_TMPDIR/before"
    for option in --top=5 --json --html=- --days=90; do
        report "$option"
        exits 0
    done
    snapshot "$MR" | diff "$BATS_TEST_TMPDIR/before" - || complain "something has changed"
}

@test "--json is UTF-8 with numbers for counts, and its sums agree" {
    make_scene
    LC_ALL=C report --json
    exits 0
    says_nothing
    is .version 1
    is '[.total.unauthorized, ([.days[], .hours[], .statuses[], .logs[]] | map(.unauthorized) | add),
        .hour_unknown, .other_statuses]' '[156,624,0,0]'
    is '[.total.hosts, .total.hosts_with_enough, .total.refused, .hosts_left_out]' '[10,9,2,0]'
    is '[.hosts[].unauthorized] | add' 156
    is '[.hosts[] | .unauthorized == ([.by_format[]] | add)] | all' true
    is '[.logs[] | [.format, .unauthorized]]' '[["smtp",145],["pop3",11]]'
    is '.hosts[0]' '{"address":"192.0.2.1","unauthorized":74,"refused":0,"by_format":{"smtp":64,"pop3":10},"first_day":"2026-11-19","last_day":"2026-11-21","logged_in":false,"whitelisted":false,"outlook":"added","line":null,"network":"192.0.2.1"}'
    is '.hosts[] | select(.address == "198.51.100.1") | [.outlook, .line, .network]' '["covered",2,"198.51.100.0/24"]'
    is '.hosts[] | select(.address == "192.0.2.8") | [.refused, .first_day]' '[2,null]'
    is '[.hosts[] | select(.logged_in).address]' '["192.0.2.5"]'
    is '.list | [.added, .removed, .kept]' '[3,2,7]'
    is '[.days[].day]' '["2026-11-15","2026-11-16","2026-11-17","2026-11-18","2026-11-19","2026-11-20","2026-11-21"]'
    is '[.hours[4].hour, .hours[4].unauthorized, (.hours | length)]' '[4,44,24]'
    report --json --top 2
    is '[(.hosts | length), .hosts_left_out]' '[2,9]'
}

@test "a password that a pattern takes for a status is in no form of it" {
    hunter2
    report --json
    is '.statuses[] | "\(.status)=\(.unauthorized)"' "=3 ELOGIN=1 FAIL=1 Failure=1"
    local form
    for form in --json "--html -" --no-pager; do
        # shellcheck disable=SC2086 # two words
        report $form
        exits 0
        [[ $output != *hunter2* && $output != *4041* ]] || complain "a password is shown by $form"
    done
}

@test "what a rebuild then does is what was told" {
    make_scene
    report --json
    told=$(says_of '.list | [.added, .removed, .kept]')
    rebuilt
    [[ $output == *"List      3 added, 2 removed, 7 kept"* ]] || complain "not as told: $told"
}

@test "colours are for terminals, and not for who doesn't want them" {
    fail 192.0.2.1
    report
    [[ $output != *$'\033'* ]] || complain "colours in a pipe"
    command -v script >/dev/null || skip "no terminal can be made here"
    on_terminal
    [[ $output == *$'\033'*192.0.2.1* ]] || complain "no colours"
    NO_COLOR=1 on_terminal
    [[ $output == *192.0.2.1* && $output != *$'\033'* ]] || complain "colours"
}

@test "on a terminal it goes through the pager, colours and all, unless --no-pager says otherwise" {
    command -v script >/dev/null || skip "no terminal can be made here"
    fail 192.0.2.1
    export PAGER="sed 's/^/paged: /'"
    on_terminal
    [[ $output == *"paged: MailRoot"* && $output == *$'\033'* ]] || complain "not paged"
    on_terminal --no-pager
    [[ $output == *MailRoot* && $output != *paged* ]] || complain "paged"
    on_terminal --json
    [[ $output == *'"version": 1'* && $output != *paged* ]] || complain "paged"
    PAGER='head -1' on_terminal
    exits 0
    [[ $output == *MailRoot* && $output != *unable* ]] || complain "who quits the pager is told something"
}

# --- a page ------------------------------------------------------------------------------------------------------

@test "--html writes a page that has all of it, whole, with the mode of the user's files" {
    make_scene
    umask 027
    report --html "$BATS_TEST_TMPDIR/page.html"
    exits 0
    says_nothing
    [ -z "$output" ] || complain "it prints"
    mode_is "$BATS_TEST_TMPDIR/page.html" 640
    cp "$BATS_TEST_TMPDIR/page.html" "$BATS_TEST_TMPDIR/first.html"
    umask 077
    report --html "$BATS_TEST_TMPDIR/page.html"
    mode_is "$BATS_TEST_TMPDIR/page.html" 600
    same_bytes "$BATS_TEST_TMPDIR/first.html" "$BATS_TEST_TMPDIR/page.html"
    report --html -
    printf '%s\n' "$output" | cmp - "$BATS_TEST_TMPDIR/page.html" || complain "another page"
    shows '<html lang="en">' "default-src 'none'" '<th scope="row" class="address">192.0.2.1</th><td class="n">74</td>' \
        'covered by line 2' 'permanent, line 7, although white-listed' '</html>'
    [ -z "$(find "$BATS_TEST_TMPDIR" -name '*.tmp')" ] || complain "left behind"
}

@test "a relative path of a page is one from where the user stands" {
    fail 192.0.2.1
    cd "$BATS_TEST_TMPDIR"
    report --html page.html
    exits 0
    there page.html
}

@test "a page replaces nothing but a file" {
    fail 192.0.2.1
    echo old >"$BATS_TEST_TMPDIR/old"
    ln -s old "$BATS_TEST_TMPDIR/link"
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    mkdir "$BATS_TEST_TMPDIR/directory"
    for name in link fifo directory; do
        report --html "$BATS_TEST_TMPDIR/$name"
        exits 1
        says "unable to write $BATS_TEST_TMPDIR/$name: it is there, and "
    done
    file_is "$BATS_TEST_TMPDIR/old" old
    [ -p "$BATS_TEST_TMPDIR/fifo" ] && [ -L "$BATS_TEST_TMPDIR/link" ] || complain "replaced"
    report --html "$BATS_TEST_TMPDIR/nowhere/page.html"
    exits 1
    says "unable to create $BATS_TEST_TMPDIR/nowhere/page.html"
    report --html "$BATS_TEST_TMPDIR/old"
    exits 0
    grep -q '</html>' "$BATS_TEST_TMPDIR/old" || complain "not replaced"
}

@test "what can't be written is an error" {
    fail 192.0.2.1
    [ -c /dev/full ] || skip "there is no /dev/full"
    for option in --top=5 --json --html=-; do
        run --separate-stderr bash -c '"$@" >/dev/full' - "$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" report "$option"
        exits 1
        says "unable to write the report: No space left on device"
    done
}

@test "who stops reading ends it without a word" {
    make_scene
    for option in --top=5 --json --html=-; do
        run --separate-stderr bash -c '"$@" | true' - "$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" report "$option"
        says_nothing
    done
}

# --- usage -------------------------------------------------------------------------------------------------------

@test "options that make no sense are refused with their name" {
    local option
    for option in --top=0 --top=x --top= --top=-1 --top=99999999999 --days=0 --days=1x "--days= 1" --days=999999; do
        report "$option"
        exits 2
        says "unable to use ${option%%=*} '${option#*=}': it must be a whole number from 1 to " "Usage: xmail-spammers"
    done
    report --json --html -
    exits 2
    says "--json and --html exclude each other"
    report everything
    exits 2
    says "report takes no argument: 'everything'" "report [--top N] [--days N] [--no-pager | --json | --html FILE]"
    report --help
    exits 0
    shows "--html FILE"
}
