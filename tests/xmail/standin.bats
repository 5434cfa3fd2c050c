#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The stand-in for XMail does what XMail does: else what is tested under it proves nothing.

bats_require_minimum_version 1.5.0

setup() {
    unset MAIL_ROOT
    MR=$BATS_TEST_TMPDIR/MailRoot
    TOOLS=$BATS_TEST_TMPDIR/tools
    TAB=$'\t'
    mkdir "$MR" "$TOOLS"
    : >"$MR/spammers.tab"
}

xmail() {
    run perl "$BATS_TEST_DIRNAME/xmail.pl" --mail-root "$MR" "$@"
    [ "$status" -eq 0 ] || complain "the stand-in failed"
}

complain() {
    echo "$*; exit status ${status-}, output:"
    echo "${output-}"
    return 1
}

# shows LINE...: all that was printed.
shows() {
    diff <(printf '%s\n' "$@") <(echo "$output") || complain "not as expected (< expected, > found)"
}

# tool NAME: a filter, from standard input, in the language of its first line.
tool() {
    cat >"$TOOLS/$1"
    chmod +x "$TOOLS/$1"
}

# exiting STATUS NAME: a filter that only says that it was there, and its end.
exiting() {
    tool "$2" <<END
#!/bin/sh
echo "$2" >>"$MR/order"
exit $1
END
}

# filters LINE...: the table.
filters() {
    printf '%s\n' "$@" >"$MR/filters.post-rcpt.tab"
}

ran() {
    diff <(printf '%s\n' "$@") "$MR/order" || complain "the filters that ran are not as expected"
}

# list FORMAT: the lines, with escapes as printf reads them.
list() {
    # shellcheck disable=SC2059
    printf "$1\n" >"$MR/spammers.tab"
}

# becomes ADDRESS VERDICT
becomes() {
    xmail connect "$1"
    [ "$output" = "$2" ] || complain "$1: '$output' instead of '$2'"
}

# --- connections -------------------------------------------------------------------------------------------------

@test "without a list every client is refused; with an empty one none is" {
    becomes 192.0.2.1 accept
    rm "$MR/spammers.tab"
    becomes 192.0.2.1 refuse
    becomes 2001:db8::1 refuse
}

@test "the first line that matches decides, by its code" {
    list '"192.0.2.1"\t"255.255.255.255"\t"code=0"\r
# "192.0.2.9"\t"255.255.255.255"\n
192.0.2.2\t\t255.255.255.255\t\tpermanent=1,code=-5\n"192.0.2.3/32"\n"192.0.2.4/32"\t"code=1,code=0"
 "192.0.2.9/32"\n"192.0.2.9"\n"192.0.2.0/29"\t"code=1"'
    becomes 192.0.2.1 refuse-mail-from
    becomes 192.0.2.2 'delay 5'
    becomes 192.0.2.3 refuse
    becomes 192.0.2.4 refuse
    becomes 192.0.2.7 refuse
    becomes 192.0.2.8 accept
    becomes 192.0.2.9 accept
}

@test "addresses and netmasks are read as the C library reads them, bits as atoi does" {
    list '"192.0.513"\t"255.255.255.255"\n"0300.0.02.7"\t"255.255.255.255"\n"0.0.0.77"\t"0.0.0.255"
"198.51.100.0/24x"\n"203.0.113.1/99"\n"2001:db8::/32"'
    becomes 192.0.2.1 refuse
    becomes 192.0.2.2 accept
    becomes 192.0.2.7 refuse
    becomes 10.9.8.77 refuse
    becomes 198.51.100.200 refuse
    becomes 203.0.113.1 refuse
    becomes 203.0.113.2 accept
    becomes 2001:db8:1::1 refuse
    becomes 2001:db9::1 accept
}

@test "a network of no bits refuses everybody" {
    list '"192.0.2.1/"'
    becomes 203.0.113.1 refuse
}

@test "IPv6 networks that hold the mapped addresses, and on an IPv4 socket ::/96, match IPv4 clients" {
    list '"::/64"'
    becomes 192.0.2.1 refuse
    list '"::/96"'
    becomes 192.0.2.1 refuse
    becomes ::ffff:192.0.2.1 accept
    list '"::ffff:192.0.2.1/128"'
    becomes 192.0.2.1 refuse
    list '"192.0.2.1"\t"255.255.255.255"'
    becomes ::ffff:192.0.2.1 refuse
}

@test "what is beyond 510 characters of a line is a further line" {
    printf '#%0509d"192.0.2.1/32"\n' 0 >"$MR/spammers.tab"
    becomes 192.0.2.1 refuse
    printf '#%0507d"192.0.2.1/32"\n' 0 >"$MR/spammers.tab"
    becomes 192.0.2.1 accept
    becomes 92.0.2.1 refuse
}

@test "whom smtp.ipprop.tab white-lists, even a missing list doesn't refuse" {
    printf '"192.0.2.1/32"\t"WhiteList=0"\n"192.0.2.0/24"\t"WhiteList"\n' >"$MR/smtp.ipprop.tab"
    rm "$MR/spammers.tab"
    becomes 192.0.2.1 refuse
    becomes 192.0.2.2 accept
}

# --- filters -----------------------------------------------------------------------------------------------------

@test "filters run in order, each line of the table, comments left out, and the table is read anew each time" {
    exiting 0 one
    exiting 7 two
    filters '# comment' "\"$TOOLS/one\"" '' "$TOOLS/two" "#\"$TOOLS/one\"" "\"$TOOLS/one\""
    xmail rcpt
    shows "accept 250 OK" "filter 0 $TOOLS/one" "filter 7 $TOOLS/two" "filter 0 $TOOLS/one"
    ran one two one
    filters "\"$TOOLS/two\""
    xmail rcpt
    shows "accept 250 OK" "filter 7 $TOOLS/two"
    rm "$MR/filters.post-rcpt.tab"
    xmail rcpt
    shows "accept 250 OK"
}

@test "the status 3 rejects, 16 stops, 19 does both" {
    exiting 0 last
    for case in 3:reject 16:accept 19:reject 17:accept; do
        exiting "${case%:*}" first
        filters "\"$TOOLS/first\"" "\"$TOOLS/last\""
        xmail rcpt
        [[ $output == "${case#*:} "*"filter ${case%:*} $TOOLS/first" ]] || complain "the status ${case%:*}"
    done
    [ ! -e "$MR/order" ] || ! grep last "$MR/order" || complain "the last filter ran"
}

@test "a rejecting filter may give the answer in @@FILE.rej" {
    tool reject <<'END'
#!/bin/sh
printf '551 Go away\r\nmore\n' >"$1.rej"
exit 3
END
    filters "\"$TOOLS/reject\"$TAB\"@@FILE\""
    xmail rcpt
    shows "reject 551 Go away" "filter 3 $TOOLS/reject"
}

@test "a death by a signal stops the filters after it, and the recipient is accepted" {
    tool dies <<'END'
#!/bin/sh
kill -9 $$
END
    exiting 0 last
    filters "\"$TOOLS/dies\"" "\"$TOOLS/last\""
    xmail rcpt
    shows "accept 250 OK" "filter -1 $TOOLS/dies"
}

@test "what can't be executed is passed over: no file, no program, no directory; no shell and no PATH helps" {
    exiting 0 last
    echo 'exit 3' >"$TOOLS/script"
    chmod +x "$TOOLS/script"
    filters "\"$TOOLS/missing\"" "\"$TOOLS/script\"" '"false"' "\"$TOOLS/last\""
    xmail rcpt
    shows "accept 250 OK" "filter 255 $TOOLS/missing" "filter 255 $TOOLS/script" "filter 255 false" \
        "filter 0 $TOOLS/last"
}

@test "arguments come as they are, whole macros filled in, argv[0] as written" {
    tool arguments.pl <<'END'
#!/usr/bin/perl
print join("|", @ARGV), "\n";
END
    printf '#!/bin/sh\ntr "\\0" "|" <"/proc/$$/cmdline"; echo\n' | tool zero
    local macros="\"@@FROM\"$TAB\"@@CRCPT\"$TAB\"@@RRCPT\"$TAB\"@@REMOTEADDR\"$TAB\"@@USERAUTH\""
    filters "\"$TOOLS/arguments.pl\"$TAB$macros$TAB\"a@@FROM; \$(x) *\"" \
        "\"$TOOLS/../tools/zero\""
    # shellcheck disable=SC2016 # no shell shall read it
    local said='said a b@c|d@e|d@e|[192.0.2.7]:40097|-|a@@FROM; $(x) *'
    xmail rcpt --from 'a b@c' --to 'd@e' --remote 192.0.2.7
    [[ $output == *"$said"* ]] || complain "the arguments differ"
    [[ $output == *"|$TOOLS/../tools/zero|"* ]] || complain "argv[0] differs"
    xmail rcpt --auth somebody
    [[ $output == *'|somebody|'* ]] || complain "the user is missing"
}

@test "a line of more than 1022 characters is two lines" {
    exiting 0 cut
    printf '#%01021d"%s"\n' 0 "$TOOLS/cut" >"$MR/filters.post-rcpt.tab"
    xmail rcpt
    ran cut
}

@test "aex leaves out who authenticated, wlex who is white-listed" {
    exiting 0 aex
    exiting 0 wlex
    printf '"192.0.2.2/32"\t"WhiteList"\n' >"$MR/smtp.ipprop.tab"
    filters "\"!aex\"$TAB\"$TOOLS/aex\"" "\"!wlex,timeo=5\"$TAB\"$TOOLS/wlex\""
    xmail rcpt --auth somebody --remote 192.0.2.1
    ran wlex
    xmail rcpt --remote 192.0.2.2
    ran wlex aex
}

@test "a filter that takes too long is left alone, the next one runs, and the recipient is accepted" {
    tool slow <<END
#!/bin/sh
sleep 1.5
echo slow >>"$MR/order"
exit 3
END
    exiting 0 next
    filters "\"!timeo=1\"$TAB\"$TOOLS/slow\"" "\"$TOOLS/next\""
    xmail rcpt
    shows "accept 250 OK" "filter timeout $TOOLS/slow" "filter 0 $TOOLS/next"
    for ((i = 0; i < 100; i++)); do
        ! grep -q slow "$MR/order" || break
        sleep 0.05
    done
    ran next slow
    filters "\"$TOOLS/slow\""
    xmail --timeout 0.2 rcpt
    shows "accept 250 OK" "filter timeout $TOOLS/slow"
}

@test "filters inherit umask 0, SIGPIPE ignored, the environment, and MAIL_ROOT if XMail exports it" {
    tool what <<'END'
#!/usr/bin/perl
printf "%o %s %s\n", umask, $SIG{PIPE} // 'default', $ENV{MAIL_ROOT} // 'none';
END
    filters "\"$TOOLS/what\""
    xmail rcpt
    shows "accept 250 OK" "filter 0 $TOOLS/what" "said 0 IGNORE $MR"
    xmail --no-export rcpt
    shows "accept 250 OK" "filter 0 $TOOLS/what" "said 0 IGNORE none"
}

@test "filters inherit sockets, the table and dozens of descriptors more" {
    [ -e /proc/self/fd ] || skip "no /proc here"
    tool descriptors <<'END'
#!/bin/sh
ls -l /proc/$$/fd
END
    filters "\"$TOOLS/descriptors\""
    xmail rcpt
    [ "$(grep -c 'socket:' <<<"$output")" -eq 3 ] || complain "three sockets were expected"
    [ "$(grep -c '/dev/null' <<<"$output")" -ge 40 ] || complain "forty more were expected"
    [[ $output == *"-> $MR/filters.post-rcpt.tab"* ]] || complain "the table is not among them"
}

@test "many clients at once are many filters at once" {
    # Each waits until all are there.
    tool meeting <<END
#!/bin/sh
: >"$MR/here-\$\$"
for i in \$(seq 200); do
    [ "\$(ls "$MR" | grep -c here-)" -ge 5 ] && exit 0
    sleep 0.05
done
exit 3
END
    filters "\"$TOOLS/meeting\""
    xmail rcpt --clients 5
    [ "$(grep -c '^accept' <<<"$output")" -eq 5 ] || complain "they were not there together"
}
