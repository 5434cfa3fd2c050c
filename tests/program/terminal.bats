#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Names of files, lines of lists, settings and what else comes from outside may hold any byte. Nothing that a terminal
# would obey, and nothing that turns a line around, gets from there to the terminal, into JSON or into spammers-log.

# shellcheck disable=SC2030,SC2031 # of BATS_TEST_TMPDIR, in the one test that has its own

load helpers

# Colours, a cleared screen, a new title, a control character of 8 bits alone and in UTF-8, a bell, DEL, CR; then marks
# that change the direction of writing, and a line separator; at last a character that is cut off. NAUGHTY can be a part
# of a name, of a string in the configuration and of a line; NAMED, with LF and TAB, only of a name.
NAUGHTY=$'x\e[31m\e[2J\e]0;t\a\x9b31m\xc2\x9b31m\xc2\x85\x08\x7f\ry\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c\xe2\x80\xa8z\xe2\x80'
NAMED=$'a\nb\t'$NAUGHTY

setup() {
    make_mail_root
    fail 192.0.2.1
    elogin 192.0.2.1
    tried=0
}

teardown() {
    echo "# $tried messages or files looked at" >&3
}

# is_clean NAME FILE: UTF-8 or not, it has none of those; TABs and LF are of our own.
is_clean() {
    tried=$((tried + 1))
    perl -e '
        local $/;
        my $text = <STDIN> // "";
        $text =~ s/[\t\n]//g;
        my $point = qr/[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/;
        my $bad = qr/\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]/;
        while ($text =~ /\G(?:($point)|(.))/gs) {
            exit 1 if defined $1 ? $1 =~ $bad : $2 =~ /[\x00-\x1f\x7f-\x9f]/;
        }' <"$2" || complain "$1 is not clean: $(LC_ALL=C cat -v "$2" | tail -5)"
}

# runs WORD...: the program, all of whose output is clean; whether it says anything is for the test to see.
runs() {
    status=0
    timeout -k 5 30 "$XMAIL_SPAMMERS" "$@" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- || status=$?
    [ "$status" -le 2 ] || complain "exit status $status: $(LC_ALL=C cat -v "$BATS_TEST_TMPDIR/stderr")"
    is_clean "stdout of${*@Q}" "$BATS_TEST_TMPDIR/stdout"
    is_clean "stderr of${*@Q}" "$BATS_TEST_TMPDIR/stderr"
    [ ! -e "$LOG" ] || is_clean "spammers-log after${*@Q}" "$LOG"
}

# said TEXT: by the last run.
said() {
    LC_ALL=C grep -qaF -- "$1" "$BATS_TEST_TMPDIR/stdout" "$BATS_TEST_TMPDIR/stderr" ||
        complain "not said: $1; but $(LC_ALL=C cat -v "$BATS_TEST_TMPDIR/stdout" "$BATS_TEST_TMPDIR/stderr")"
}

# runs_all: each command, on this MailRoot and configuration.
runs_all() {
    for command in check status 'status --json' 'rebuild -n' rebuild install status 'status --json' check 'log pop3' \
        'log smtp --tsv' report 'report --json' 'report --html -' 'explain --all 192.0.2.1' 'export postfix' \
        'allow -n 192.0.2.1' 'allow -n --undo 192.0.2.1' 'block -n 192.0.2.1' uninstall; do
        # shellcheck disable=SC2086 # the option is a word of its own
        runs -c "$CONF" -r "$MR" --now "$NOW" $command
    done
    runs -c "$CONF" -r "$MR" --now "$NOW" filter
    runs -c "$CONF" -r "$MR" --now "$NOW" status
}

# The filter is on, and has nothing on record.
filter_is_due() {
    conf 'auto: { enabled = true; };'
    rm -f "$OWN/state"
}

@test "the name of MailRoot" {
    BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR/$NAMED
    mkdir "$BATS_TEST_TMPDIR"
    make_mail_root
    fail 192.0.2.1
    elogin 192.0.2.1
    filter_is_due
    runs_all
    rm -r "$MR/logs"
    mkdir "$MR/logs"
    runs_all
    said 'a?b?x?[31m?[2J?]0;t?'
    mkdir "$OWN/state.d"
    rm -f "$OWN/state" "$OWN/lock"
    mv "$OWN/state.d" "$OWN/state"
    mkdir "$OWN/lock"
    runs_all
    rm -rf "$MR/logs" "$MR/filters.post-rcpt.tab"
    ln -s nowhere "$MR/logs"
    ln -s nowhere "$MR/filters.post-rcpt.tab"
    runs_all
    runs -r "$MR/nowhere" check
    said 'a?b?x?[31m'
    runs -r "$MR/nowhere" uninstall
}

@test "the names of logs" {
    conf 'logs = ( { format = "smtp"; files = "smtp-*"; } );'
    filter_is_due
    mv "$MR/logs/smtp-202611210000" "$MR/logs/smtp-$NAMED"
    runs_all
    mkdir "$MR/logs/smtp-directory$NAMED"
    runs_all
    runs -r "$MR" --now "$NOW" rebuild
    said 'smtp-directorya?b?x?[31m?[2J'
    ln -s "nowhere$NAMED" "$MR/logs/smtp-link$NAMED"
    rm -f "$OWN/state"
    runs_all
    runs -r "$MR" --now "$NOW" rebuild
    said 'smtp-linka?b?x?[31m?[2J'
    grep -qF 'smtp-linka?b?x?[31m?[2J' "$LOG" || complain "not logged"
    runs -r "$MR" --now "$NOW" status
    said 'smtp-linka?b?x?[31m?[2J'
}

# Each of these settings is wrong, or leads to what isn't there.
@test "the strings of the configuration" {
    local setting
    for setting in 'save_mode = "%s";' 'order = "%s";' 'search_days = "%s";' 'mail_root = "%s";' 'mail_root = "/%s";' \
        'whitelist = ( "%s" );' 'whitelist = [ "192.0.2.1/%s" ];' 'whitelist = [ "%s", "192.0.2.0 /%s" ];' \
        'whitelist_file = "%s";' 'whitelist_file = "/nowhere/%s/w";' 'permanent_pattern = "%s(";' \
        'logs = ( { format = "%s"; } );' 'logs = ( { format = "smtp"; encoding = "%s"; } );' \
        'logs = ( { format = "smtp"; files = "%s/"; } );' 'logs = ( { format = "smtp"; directory = "%s"; } );' \
        'logs = ( { format = "smtp"; directory = "/nowhere/%s"; } );' \
        'logs = ( { format = "smtp"; unauthorized = "%s("; } );' \
        'logs = ( { format = "smtp"; address_pattern = "%s"; } );' 'unknown%s = 1;' '%s' 'x = "%s' '@include "%s"' \
        '@include "/nowhere/%s"' 'auto: { from = "%s"; };' 'auto: { %s = 1; };' 'threads = %s;' '/* %s' 'x = ( "%s" ;'; do
        rm -f "$OWN/state"
        # shellcheck disable=SC2059 # that is the form
        printf "auto: { enabled = true; };\n$setting\n" "$NAUGHTY" "$NAUGHTY" >"$CONF"
        case $setting in auto*) sed -i 1d "$CONF" ;; esac
        runs -r "$MR" --now "$NOW" rebuild -n
        runs -r "$MR" --now "$NOW" check
        runs -c "$CONF" uninstall
        runs -c "$CONF" -r "$MR" --now "$NOW" filter
    done
    grep -qF 'x?[31m?[2J' "$LOG" || complain "not logged"
    printf 'save_mode = "%s";\n' "$NAUGHTY" >"$CONF"
    runs -r "$MR" check
    said 'x?[31m?[2J'
}

@test "the name of the configuration, of a file that it includes, of the whitelist" {
    local other
    other=$OWN/$NAMED.conf
    CONF=$other runs_all
    cp "$CONF" "$other"
    CONF=$other runs_all
    said 'a?b?x?[31m?[2J'
    # Strings of the configuration hold all of them but the LF.
    other=$NAUGHTY.conf
    printf '@include "%s"\n' "$other" >"$CONF"
    runs_all
    printf 'nonsense = 1;\n' >"$OWN/$other"
    runs_all
    said 'x?[31m?[2J'
    printf 'whitelist_file = "%s";\n' "$OWN/$NAUGHTY" >"$CONF"
    mkdir "$OWN/$NAUGHTY"
    runs_all
    said 'x?[31m?[2J'
    rmdir "$OWN/$NAUGHTY"
    printf 'nonsense\n' >"$OWN/$NAUGHTY"
    runs_all
    said 'x?[31m?[2J'
}

@test "the lines of the whitelist and of smtp.ipprop.tab" {
    filter_is_due
    printf '192.0.2.%s\n%s\n192.0.2.0 /%s\n192.0.2.1 %s\n::1/%s\n' "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" \
        "$NAUGHTY" >"$OWN/whitelist"
    runs_all
    said 'x?[31m?[2J'
    grep -qF 'x?[31m?[2J' "$LOG" || complain "not logged"
    rm "$OWN/whitelist"
    printf '"%s/32"\t"%s"\n"0.0.0.0/0"\t"WhiteList"\t"%s"\n' "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" >"$MR/smtp.ipprop.tab"
    runs_all
}

@test "the records of the logs" {
    local format
    printf '"%s"\t"%s"\t"192.0.2.1"\t"2026-11-21 10:00:00"\t"%s"\t"%s"\t"ELOGIN"\n' "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" \
        "$NAUGHTY" >>"$MR/logs/pop3-202611210000"
    printf '"%s"\t"192.0.2.1"\t"2026-11-21 10:00:00"\t"%s"\t"%s"\t"%s"\t"%s"\r\n' "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" \
        "$NAUGHTY" "$NAUGHTY" >>"$MR/logs/pop3-202611210000"
    cp "$MR/logs/pop3-202611210000" "$MR/logs/finger-202611210000"
    cp "$MR/logs/pop3-202611210000" "$MR/logs/smtp-202611210001"
    printf '"2026/11/21 %s"\t"%s"\t"%s"\t"%s"\t"%s"\n' "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" \
        >"$MR/logs/filter-log.txt"
    cp "$MR/logs/filter-log.txt" "$MR/logs/event-log.txt"
    for format in pop3 finger smtp xmailcfg-filter event; do
        runs -r "$MR" --now "$NOW" log "$format"
        said '?[31m?[2J'
        runs -r "$MR" --now "$NOW" log "$format" --tsv
        said '\x1b[31m\x1b[2J'
    done
    runs -r "$MR" --now "$NOW" log "$NAUGHTY"
    said '?[31m?[2J'
    runs -r "$MR" --now "$NOW" log pop3 --match "($NAUGHTY" --address "$NAUGHTY"
    runs -r "$MR" --now "$NOW" log pop3 --address "$NAUGHTY"
    said '?[31m?[2J'
}

@test "the lines of the list" {
    filter_is_due
    list "$NAUGHTY" "# $NAUGHTY" "\"$NAUGHTY\"" "\"192.0.2.1$NAUGHTY\"" "192.0.2.1 $NAUGHTY" "192.0.2.1/3$NAUGHTY" \
        $'"192.0.2.7"\t"'"$NAUGHTY"$'"\t"code=1"' $'"192.0.2.8"\t"255.255.255.255"\t"code='"$NAUGHTY\"" \
        $'"192.0.2.1"\t"255.255.255.255"\t"code=0,'"$NAUGHTY"'"' $'192.0.2.256'"$NAUGHTY" " $(entry 192.0.2.9)$NAUGHTY" \
        "010.0.0.1$NAUGHTY" "10.1/8$NAUGHTY" "::/$NAUGHTY" "$(printf '%0600d' 0)$NAUGHTY"
    runs -r "$MR" --now "$NOW" check
    said '?[31m?[2J'
    conf 'remove_count = 0;'
    runs_all
}

@test "what explain tells: records, the whitelist, the list, spammers-log" {
    local text
    printf '%s\t%s\t192.0.2.1\t2026-11-21 10:00:00\t%s\t%s\tELOGIN\n' "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" \
        >>"$MR/logs/pop3-202611210000"
    smtp 192.0.2.1 "RCPT=EAVAIL$NAUGHTY" 1 "$TODAY" "$NAUGHTY"
    list "# $NAUGHTY" "$(entry 192.0.2.1 255.255.255.255 "code=1,$NAUGHTY")"
    printf '192.0.2.1 %s\n' "$NAUGHTY" >"$OWN/whitelist"
    printf '2026-11-20%s\tADD\t192.0.2.1\t5\t%s\n2026-11-20 10:00:00\tREMOVE\t192.0.2.1\t5\t%s\n' \
        "${NAUGHTY:0:9}" "$NAUGHTY" "$NAUGHTY" >"$LOG.1"
    runs -r "$MR" --now "$NOW" explain --all 192.0.2.1
    for text in 'user "x?[31m?[2J' 'EAVAILx?[31m?[2J' 'code=1,x?[31m?[2J' '192.0.2.1 x?[31m?[2J' \
        '2026-11-20x?[31m?[2 added:' '           x?[31m?[2J?]0;t'; do
        said "$text"
    done
    ln -s "nowhere$NAMED" "$LOG.2"
    runs -r "$MR" --now "$NOW" explain 192.0.2.1
    said "can't be read"
    runs -r "$MR" --now "$NOW" explain "$NAMED"
    said 'a?b?x?[31m?[2J'
}

@test "what export, allow and block tell, and what these two write" {
    local format network
    list "# $NAUGHTY" "$(entry 192.0.2.0 255.255.255.0 "code=1,$NAUGHTY")" "\"192.0.2.1$NAUGHTY\""
    printf '# %s\n198.51.100.1 %s\n' "$NAUGHTY" "$NAUGHTY" >"$OWN/whitelist"
    for format in plain cidr nft ipset postfix rbldnsd "$NAMED"; do
        runs -r "$MR" --now "$NOW" export "$format"
    done
    said 'a?b?x?[31m?[2J'
    for command in allow block; do
        for network in 233.252.0.1 198.51.100.1 203.0.113.0/24; do
            runs -r "$MR" --now "$NOW" "$command" -n "$network" "$NAMED"
            runs -r "$MR" --now "$NOW" "$command" "$network" "$NAMED"
            runs -r "$MR" --now "$NOW" "$command" -n --undo "$network"
            runs -r "$MR" --now "$NOW" "$command" --undo "$network"
            runs -r "$MR" --now "$NOW" "$command" --undo "$network"
        done
        runs -r "$MR" --now "$NOW" "$command" "192.0.2.1/$NAMED"
        said 'a?b?x?[31m?[2J'
    done
    conf "permanent_pattern = \"x"$'\e]0;t\a'"\";"
    runs -r "$MR" --now "$NOW" block 233.252.0.2
    said 'x?]0;t?'
}

@test "the filters that XMail calls" {
    filter_is_due
    for line in "\"/$NAUGHTY/xmail-spammers\"" "\"!$NAUGHTY\""; do
        printf '%s\t"-c"\t"/%s"\t"filter"\n"/x/xmail-spammers"\t"-c"\t"%s"\t"filter"\n"/x/xmail-spammers"\t"%s"\t"filter"\n' \
            "$line" "$NAUGHTY" "$NAUGHTY" "$NAUGHTY" >"$MR/filters.post-rcpt.tab"
        runs_all
        runs -r "$MR" --now "$NOW" check
        said '?[31m?[2J'
        runs -r "$MR" --now "$NOW" uninstall
    done
}

# state LINES: a state file with its checksum, as the program would take it.
state() {
    printf '%s' "$1" | perl -e '
        use integer;
        local $/;
        my $text = <STDIN>;
        my $sum = 0xcbf29ce484222325;
        $sum = ($sum ^ ord) * 0x100000001b3 for split //, $text;
        printf "xmail-spammers state 1\nchecksum %016x\n%s", $sum, $text;' >"$OWN/state"
}

@test "the state" {
    filter_is_due
    state $'filter 1795000000 failed 5 '"$NAUGHTY"$'\ncommand 1795000000 failed 5 '"$NAUGHTY"$'\nfaults 0\n'
    for command in status 'status --json' check; do
        # shellcheck disable=SC2086 # the option is a word of its own
        runs -r "$MR" --now "$NOW" $command
        said '[31m'
    done
    runs_all
    printf '%s\n' "$NAUGHTY" >"$OWN/state"
    runs_all
}

@test "the name of the program" {
    local program=$BATS_TEST_TMPDIR/$NAMED/xmail-spammers
    mkdir "$BATS_TEST_TMPDIR/$NAMED"
    cp "$XMAIL_SPAMMERS" "$program"
    XMAIL_SPAMMERS=$program
    runs -r "$MR" status
    said 'a?b?x?[31m'
    runs -r "$MR" filter
    cp "$XMAIL_SPAMMERS_RELEASE-engine" "$program-engine"
    runs_all
    runs -r "$MR" uninstall
    said 'a?b?x?[31m'
}

@test "the command line and the environment" {
    local word
    for word in "$NAMED" "-$NAMED" "--$NAMED" "--now$NAMED" "--now=$NAMED" "-V$NAMED" "--help=$NAMED" "-r$NAMED" "-c$NAMED"; do
        runs "$word"
        runs "$word" rebuild
        for command in rebuild status check install uninstall log explain export allow block; do
            runs -r "$MR" --now "$NOW" "$command" "$word"
            [ "$status" -ne 0 ] || complain "$command took it"
        done
    done
    runs --frobnicate"$NAMED"
    said '--frobnicatea?b?x?[31m'
    runs -r "$MR" rebuild --frobnicate"$NAMED"
    said '--frobnicatea?b?x?[31m'
    XMAIL_SPAMMERS_CONF=/$NAMED runs status
    said 'a?b?x?[31m'
    MAIL_ROOT=/$NAMED runs status
    said 'a?b?x?[31m'
}
