#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Patterns, logs and lists that are made to take all time or memory, or to be misread. Most run the program as it is
# installed, since the sanitizers would take the memory themselves. `make torture` sets XMAIL_SPAMMERS_TORTURE, for the
# greatest numbers. The limits of time are for what would never end, and no measure of speed.

# shellcheck disable=SC2154 # bats sets stderr
# shellcheck disable=SC2030,SC2031 # of NOW, in the tests that have their own

load helpers

RECORD_LENGTH_MAX=262143 # lib/record.h
LISTS_MAX=67108864       # bytes of a list that is read (lib/readfile.h)
TOO_LARGE=100000000

if [ -n "${XMAIL_SPAMMERS_TORTURE:-}" ]; then
    HOSTS=1000000
    HOSTS_IN_LITTLE_MEMORY=300000
    FILES=100000
    LINES_OF_A_LIST=1000000
else
    HOSTS=100000
    HOSTS_IN_LITTLE_MEMORY=30000
    FILES=300
    LINES_OF_A_LIST=50000
fi

setup_file() {
    "${CC:-cc}" -O2 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -o "$BATS_FILE_TMPDIR/measure" \
        "$BATS_TEST_DIRNAME/../bench/measure.c"
}

setup() {
    make_mail_root
    conf 'register_count = 1;'
}

teardown() {
    rm -rf "$MR"
}

# big WORD...: the program as it is installed; sets status, output, stderr.
big() {
    run --separate-stderr timeout -k 5 300 "$XMAIL_SPAMMERS_RELEASE" -r "$MR" --now "$NOW" "$@" 3>&-
    only_named_messages
}

# record ADDRESS [TIME [USER [STATUS]]]: of XMail's POP3 log, on stdout.
record() {
    printf '"s"\t"d"\t"%s"\t"%s"\t"%s"\t""\t"%s"\n' "$1" "${2:-$TODAY 10:00:00}" "${3-user}" "${4:-ELOGIN}"
}

# characters COUNT CHARACTER: on stdout.
characters() {
    head -c "$1" /dev/zero | tr '\0' "$2"
}

# malformed COUNT: by the summary of the last rebuild.
malformed() {
    tail -1 "$LOG" | grep -q " malformed=$1 " || complain "not $1 malformed: $(tail -1 "$LOG")"
}

# --- patterns ---------------------------------------------------------------------------------------------------------

# Each takes longer than anybody lives for what evil makes, and is right at once for "ELOGIN".
EVIL_PATTERNS=('^(?:ELOGIN|(a+)+)$' '^(?:ELOGIN|(?:a|aa|a?)*)$' '^ELOGIN$|(a+a+)+z' '^(?:ELOGIN|(.*a){40})$'
    '^(?:ELOGIN|(?:(?:a?){40}){40}b)$' '^ELOGIN$|^(?:(?:a*)*)*c' '^ELOGIN$|^(?=(a+)+$)'
    '^(?:ELOGIN|((a|b|ab)*)((b|a|ba)*)((a|ab)*)z)$' '^ELOGIN$|^(?:[ab]*(a|b)*){9}(ab)+z' '^ELOGIN$|^(?:.+.+)+y?!z')

evil() {
    printf '%sX+abcz!' "$(characters 300 a)"
}

# limited COUNT: that many times the limit of matching was hit, and it was said.
limited() {
    says "a pattern of the logs hit its limit of matching $1 times"
    logged WARNING "" "" "hit its limit of matching $1 times"
}

@test "a pattern for failures that would match for years ends, is told of, and counts as no match" {
    for pattern in "${EVIL_PATTERNS[@]}"; do
        rm -f "$LIST" "$LOG"
        printf 'register_count = 1; logs = ( { format = "pop3"; unauthorized = "%s"; } );\n' "$pattern" >"$CONF"
        {
            repeat 20 record 192.0.2.9 "$TODAY 10:00:00" user "$(evil)"
            record 192.0.2.1
        } >"$MR/logs/pop3-202611210000"
        rebuilt
        limited 20
        list_is "$(entry 192.0.2.1)"
    done
    echo "# ${#EVIL_PATTERNS[@]} patterns" >&3
}

@test "one for what keeps an entry likewise: the entry goes" {
    for pattern in "${EVIL_PATTERNS[@]}"; do
        rm -f "$LOG"
        printf 'remove_count = 0; logs = ( { format = "smtp"; refused = "%s"; } );\n' "$pattern" >"$CONF"
        rm -f "$MR"/logs/smtp-*
        smtp 192.0.2.9 "$(evil)" 20
        smtp 192.0.2.1 ELOGIN 1
        list "$(entry 192.0.2.1)" "$(entry 192.0.2.9)"
        rebuilt
        limited 20
        list_is "$(entry 192.0.2.1)"
    done
}

@test "one for addresses likewise: the record is malformed" {
    for pattern in "${EVIL_PATTERNS[@]}"; do
        rm -f "$LIST" "$LOG"
        printf 'register_count = 1; logs = ( { format = "pop3"; address_pattern = "^(?<ip>[0-9.]+)$|%s"; } );\n' \
            "$pattern" >"$CONF"
        {
            repeat 20 record "$(evil)"
            record 192.0.2.1
        } >"$MR/logs/pop3-202611210000"
        rebuilt
        limited 20
        list_is "$(entry 192.0.2.1)"
        grep -q ' malformed=20 ' "$LOG" || complain "not malformed"
    done
}

@test "one for permanent entries likewise: in doubt an entry is permanent" {
    record 192.0.2.1 >"$MR/logs/pop3-202611210000"
    evil=$(entry 192.0.2.8 255.255.255.255 "code=1,$(evil)")
    for pattern in '(a+)+z' '(a+a+)+z' '(?:a|aa|a?)*!z' '(.*a){30}z' '(?:(?:a?){40}){40}!!' '(?:(?:a*)*)*z' '(.+.+)+!!z'; do
        rm -f "$LOG"
        printf 'remove_count = 0; permanent_pattern = "%s";\n' "$pattern" >"$CONF"
        list "$evil" "$(entry 192.0.2.7)" "$evil"
        rebuilt
        says "permanent_pattern hit its limit of matching on 2 entries"
        logged WARNING "" "" "permanent_pattern hit its limit"
        list_is "$evil" "$evil"
    done
}

@test "the patterns that are built in hit no limit, whatever the status is" {
    conf 'logs = ( { format = "smtp"; }, { format = "pop3"; }, { format = "k4"; }, { format = "xmailcfg-filter"; } );'
    for piece in a SNDR=E RCPT= AUTH=EFAI SNDRIP=E ELOGI '受信拒' '着信' Failur $'\xff' '='; do
        long=$(printf "%.0s$piece" {1..20000})
        smtp 192.0.2.9 "$long" 1
        record 192.0.2.9 "$TODAY 10:00:00" user "$long" >>"$MR/logs/pop3-202611210000"
        printf '"%s 10:00:00"\t"%s"\t"d"\t"u"\t"p"\t"login"\t""\t"x.cgi"\t"192.0.2.9"\n' "$TODAY" "$long" >>"$MR/logs/k4-log"
        printf '"%s 10:00:00"\t"%s"\t"a@b"\t"c@d"\t"192.0.2.9"\n' "$TODAY" "$long" >>"$MR/logs/filter-log"
    done
    record 192.0.2.1 >>"$MR/logs/pop3-202611210000"
    rebuilt
    says_nothing
    list_is "$(entry 192.0.2.1)"
    malformed 0
}

# --- records ----------------------------------------------------------------------------------------------------------

@test "a line of 100 MB is one malformed record, and those around it count" {
    log=$MR/logs/pop3-202611210000
    record 192.0.2.1 >"$log"
    printf '"s"\t"d"\t"192.0.2.9"\t"%s 10:00:00"\t"' "$TODAY" >>"$log"
    truncate -s +$TOO_LARGE "$log"
    printf '"\t""\t"ELOGIN"\n' >>"$log"
    record 192.0.2.2 >>"$log"
    for option in --no-cache '' ''; do
        rm -f "$LIST"
        big rebuild ${option:+"$option"}
        exits 0
        list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
        malformed 1
    done
}

@test "a log without any line end is no evidence, and hides no other log" {
    log=$MR/logs/pop3-202611210000
    record 192.0.2.9 | tr -d '\n' >"$log"
    truncate -s +$TOO_LARGE "$log"
    big rebuild
    exits 1
    says "no valid record"
    missing "$LIST"
    fail 192.0.2.1 1
    big rebuild
    exits 0
    list_is "$(entry 192.0.2.1)"
    # Its line is ended at last: too long. What comes behind it counts.
    printf '\n' >>"$log"
    record 192.0.2.2 >>"$log"
    big rebuild
    exits 0
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
    malformed 1
}

# sized ADDRESS LENGTH CHARACTER: a record of so many bytes, without its LF, filled up in the user.
sized() {
    local empty
    empty=$(record "$1" "$TODAY 10:00:00" "" | wc -c)
    printf '"s"\t"d"\t"%s"\t"%s 10:00:00"\t"' "$1" "$TODAY"
    characters $(($2 - empty + 1)) "$3"
    printf '"\t""\t"ELOGIN"\n'
}

@test "a record of the greatest length counts, one byte more and it is malformed, wherever it stands" {
    for before in 0 1 63 262142 262143 262144 300000; do
        for character in x '\t' '"' '\r'; do
            [ "$before" -eq 0 ] || [ "$character" = x ] || continue
            rm -f "$LIST"
            {
                characters "$before" '\n'
                sized 192.0.2.1 $RECORD_LENGTH_MAX "$character"
                sized 192.0.2.9 $((RECORD_LENGTH_MAX + 1)) "$character"
                sized 192.0.2.2 $((RECORD_LENGTH_MAX - 1)) "$character"
                sized 192.0.2.8 $((2 * RECORD_LENGTH_MAX + 2)) "$character"
                sized 192.0.2.3 $RECORD_LENGTH_MAX "$character"
            } >"$MR/logs/pop3-202611210000"
            big rebuild --no-cache
            exits 0
            list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)" "$(entry 192.0.2.3)"
            malformed $((before + 2))
        done
    done
    # The same bytes under the sanitizers.
    rm -f "$LIST"
    rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)" "$(entry 192.0.2.3)"
}

@test "a quarter of a million TABs or quotes in a record hide no failure, a million make it malformed" {
    for character in '\t' '"'; do
        for where in client user; do
            rm -f "$LIST" "$LOG"
            for length in 250000 1000000; do
                text=$(characters $length "$character")
                client=pc user=u
                printf -v $where '%s' "$text"
                printf '"s"\t"d"\t"192.0.2.%s"\t"%s 10:00:00"\t"%s"\t"d"\t"a@b"\t"c@d"\t"S1"\t"AUTH=EFAIL:TYPE=LOGIN"\t"%s"\t"0"\t""\n' \
                    ${length:0:1} "$TODAY" "$client" "$user"
            done >"$MR/logs/smtp-202611210000"
            rebuilt
            list_is "$(entry 192.0.2.2)"
            malformed 1
        done
    done
    # Left of the time, where a POP3 user can write as well.
    rm -f "$LIST" "$MR"/logs/smtp-*
    printf '"s"\t"%s"\t"192.0.2.1"\t"%s 10:00:00"\t"u"\t""\t"ELOGIN"\n' "$(characters 250000 '\t')" "$TODAY" \
        >"$MR/logs/pop3-202611210000"
    rebuilt
    list_is "$(entry 192.0.2.1)"
}

@test "a NUL is a byte like any other: it ends no field, no record, and is in no address, time or status" {
    {
        printf '"\0"\t"d\0"\t"192.0.2.1"\t"%s 10:00:00"\t"\0"\t"\0\0"\t"ELOGIN"\n' "$TODAY"
        printf '"s"\t"d"\t"192.0.2.2\0"\t"%s 10:00:00"\t"u"\t""\t"ELOGIN"\n' "$TODAY"
        printf '"s"\t"d"\t"\0192.0.2.3"\t"%s 10:00:00"\t"u"\t""\t"ELOGIN"\n' "$TODAY"
        printf '"s"\t"d"\t"192.0.2.4"\t"%s 10:00:00\0"\t"u"\t""\t"ELOGIN"\n' "$TODAY"
        printf '"s"\t"d"\t"192.0.2.5"\t"%s\00010:00:00"\t"u"\t""\t"ELOGIN"\n' "$TODAY"
        printf '"s"\t"d"\t"192.0.2.6"\t"%s 10:00:00"\t"u"\t""\t"ELOGIN\0"\n' "$TODAY"
        printf '"s"\t"d"\t"192.0.2.7"\t"%s 10:00:00"\t"u"\t""\t"ELOGIN"\0\n' "$TODAY"
        printf '\0"s"\t"d"\t"192.0.2.8"\t"%s 10:00:00"\t"u"\t""\t"ELOGIN"\n' "$TODAY"
    } >"$MR/logs/pop3-202611210000"
    rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.8)"
    malformed 4
}

@test "dates that no calendar has, and those of other times, count where the rules say so" {
    {
        record 192.0.2.1 "$TODAY 00:00:00"
        record 192.0.2.2 "$TODAY 99:99:99"
        record 192.0.2.3 "2026-11-15 23:59:59"
        # Out of the range.
        record 198.51.100.1 "2026-11-14 23:59:59"
        record 198.51.100.2 "2026-11-22 00:00:00"
        record 198.51.100.3 "9999-12-31 23:59:59"
        record 198.51.100.4 "0000-01-01 00:00:00"
        record 198.51.100.5 "2027-11-21 10:00:00"
        record 198.51.100.6 "1926-11-21 10:00:00"
        record 198.51.100.7 "2026-11-31 10:00:00"
        record 198.51.100.8 "2026-02-30 10:00:00"
        # Malformed.
        record 203.0.113.1 "2026-13-21 10:00:00"
        record 203.0.113.2 "2026-00-21 10:00:00"
        record 203.0.113.3 "2026-11-00 10:00:00"
        record 203.0.113.4 "2026-11-32 10:00:00"
        record 203.0.113.5 "0000-00-00 00:00:00"
        record 203.0.113.6 "9999-99-99 99:99:99"
        record 203.0.113.7 "2026-11-21 10:00"
        record 203.0.113.8 " 2026-11-21 10:00:00"
        record 203.0.113.9 "02026-11-21 10:00:00"
        record 203.0.113.10 "+026-11-21 10:00:00"
        record 203.0.113.11 "２026-11-21 10:00:00"
        record 203.0.113.12 "2026/11/21 10:00:00"
    } >"$MR/logs/pop3-202611210000"
    rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)" "$(entry 192.0.2.3)"
    malformed 12
    # A day later what was left out as too late is in the range, also from the cache; so is the 30th of February in March.
    NOW=2026-11-22T10:00
    rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)" "$(entry 192.0.2.3)" "$(entry 198.51.100.2)"
    NOW=2026-03-02T10:00
    rm "$LIST"
    rebuilt
    list_is "$(entry 198.51.100.8)"
}

@test "at the ends of time the rebuild is done or refused" {
    for NOW in 0000-01-01T00:00 0001-01-01T00:00 1900-01-01T00:00 1969-12-31T23:59 1970-01-01T00:00 2038-01-19T03:14:08 \
        9999-12-31T23:59; do
        rm -f "$LIST"
        record 192.0.2.1 "${NOW%T*} 10:00:00" >"$MR/logs/pop3-202611210000"
        rebuild
        [ "$status" -le 2 ] || complain "$NOW"
        [ "$status" -ne 0 ] || list_is "$(entry 192.0.2.1)"
        [ "$status" -eq 0 ] || missing "$LIST"
    done
}

# --- many -------------------------------------------------------------------------------------------------------------

# hosts COUNT: a failure of each of so many hosts of IPv4 and IPv6.
hosts() {
    perl -e '
        my ($count, $day) = @ARGV;
        for my $i (0 .. $count - 1) {
            my $host = $i % 4 ? sprintf "10.%d.%d.%d", $i >> 16, $i >> 8 & 255, $i & 255 : sprintf "2001:db8:%x:%x::1", $i >> 16, $i & 65535;
            print qq("s"\t"d"\t"$host"\t"$day 10:00:00"\t"u"\t""\t"ELOGIN"\n);
        }' "$1" "$TODAY" >"$MR/logs/pop3-202611210000"
}

@test "hosts beyond number are counted and listed in bounded memory" {
    hosts $HOSTS
    run --separate-stderr "$BATS_FILE_TMPDIR/measure" timeout -k 5 300 "$XMAIL_SPAMMERS_RELEASE" -r "$MR" --now "$NOW" \
        rebuild 3>"$BATS_TEST_TMPDIR/measured"
    exits 0
    says_nothing
    [ "$(wc -l <"$LIST")" -eq $HOSTS ] || complain "$(wc -l <"$LIST") of $HOSTS hosts"
    read -r _ _ kib <"$BATS_TEST_TMPDIR/measured"
    echo "# $HOSTS hosts: $kib KiB" >&3
    # Some 230 bytes a host are enough, and a few MB for the program itself.
    [ "$kib" -lt $((50000 + HOSTS * 6 / 10)) ] || complain "$kib KiB"
}

@test "when memory ends the rebuild fails, says so, and leaves nothing behind" {
    hosts $HOSTS_IN_LITTLE_MEMORY
    list "$(entry 192.0.2.1)"
    remember
    done_with=0 failed=0
    for kind in v d; do
        for part in 4 16 32 48 64 80 96 150 300; do
            limit=$((HOSTS_IN_LITTLE_MEMORY * part / 200 + 15000))
            cp -p "$OLD" "$LIST"
            touch -d '1 minute ago' "$LIST"
            rm -rf "$OWN/cache" "$LOG" "$MR"/spammers.2*.tab
            run --separate-stderr timeout -k 5 300 bash -c "ulimit -$kind $limit; exec \"\$@\"" - \
                "$XMAIL_SPAMMERS_RELEASE" -r "$MR" --now "$NOW" rebuild 3>&-
            no_temporary_file
            if [ "$status" -eq 0 ]; then
                [ "$(wc -l <"$LIST")" -eq $((HOSTS_IN_LITTLE_MEMORY + 1)) ] || complain "$kind $limit: not whole"
                done_with=$((done_with + 1))
            elif [ "$status" -eq 127 ]; then
                same_bytes "$OLD" "$LIST" # the loader had too little to begin with
            else
                refused
                says "out of memory" "was not changed"
                failed=$((failed + 1))
            fi
        done
    done
    echo "# $failed times too little memory, $done_with times enough" >&3
    [ "$failed" -gt 2 ] && [ "$done_with" -gt 0 ] || complain "not both"
}

@test "a great many log files are read, and from the cache they come to the same" {
    perl -e '
        my ($directory, $count, $day) = @ARGV;
        for my $i (0 .. $count - 1) {
            my $path = sprintf "%s/pop3-%012d", $directory, $i;
            open my $log, ">", $path or die "$path: $!\n";
            printf $log qq("s"\t"d"\t"10.%d.%d.%d"\t"%s 10:00:00"\t"u"\t""\t"ELOGIN"\n), $i >> 16, $i >> 8 & 255, $i & 255, $day;
            close $log or die "$path: $!\n";
        }' "$MR/logs" $FILES "$TODAY"
    big rebuild
    exits 0
    says_nothing
    shows "$FILES files, $FILES records"
    [ "$(wc -l <"$LIST")" -eq $FILES ] || complain "not $FILES hosts"
    cp "$LIST" "$BATS_TEST_TMPDIR/first"
    rm "$LIST"
    big rebuild
    exits 0
    same_bytes "$BATS_TEST_TMPDIR/first" "$LIST"
    echo "# $FILES files" >&3
}

@test "a log may have any name" {
    conf 'logs = ( { format = "pop3"; files = [ "*", ".*" ]; } );'
    long=$(characters 255 x)
    # shellcheck disable=SC1003,SC2016 # they are as they stand
    names=(-n --help - -- ' ' '*' '[a' '[!x]' '\' 'a b' '$(exit 3)' '%s%n%9999999d' '"' "'" '"' $'\n' $'a\nb' $'\r' $'\t'
        $'\e[2J' $'\x80\xff' $'\xc3\x28' $'\xe2\x80\xae' '~' '#' ';' '!' '&' .hidden ..x ... cache state xmail-spammers.tmp
        "${long}" $'\x01\x02\x7f' 'é' $'\xed\xa0\x80' "spammers-log " 'spammers.tab')
    expected=()
    number=0
    declare -A seen=()
    for name in "${names[@]}"; do
        [ -z "${seen[$name]:-}" ] || continue
        seen[$name]=1
        number=$((number + 1))
        record "192.0.2.$number" >"$MR/logs/$name"
        expected+=("$(entry "192.0.2.$number")")
    done
    rebuilt
    says_nothing
    list_is "${expected[@]}"
    rm "$LIST"
    rebuilt
    says_nothing
    list_is "${expected[@]}"
    echo "# $number names" >&3
}

# --- lists ------------------------------------------------------------------------------------------------------------

# lines_of COUNT FORMAT: so many lines with three numbers each.
lines_of() {
    awk -v count="$1" -v form="$2" 'BEGIN { for (i = 0; i < count; i++) printf form, i / 65536, i / 256 % 256, i % 256 }'
}

@test "a list of XMail's that is too large is refused, and nothing is changed" {
    fail 192.0.2.1
    list '# mine'
    printf 'x' >>"$LIST"
    truncate -s $TOO_LARGE "$LIST"
    touch -d '1 minute ago' "$LIST"
    before=$(identity "$LIST")
    big rebuild
    exits 1
    says "$LIST" "larger than 64 MiB" "was not changed"
    [ "$(identity "$LIST")" = "$before" ] || complain "changed"
    no_backup
    no_temporary_file
    big check
    exits 1
    shows "larger than 64 MiB"
}

@test "a line of the list as long as may be, of NULs or of fields, is kept byte for byte" {
    fail 192.0.2.1
    for character in '\0' '\t' ${XMAIL_SPAMMERS_TORTURE:+x '"' ','}; do
        rm -f "$MR"/spammers.2*.tab
        {
            entry 192.0.2.9
            characters 60000000 "$character"
            printf '\n'
            entry 192.0.2.8
        } >"$LIST"
        touch -d '1 minute ago' "$LIST"
        remember
        big rebuild
        exits 0
        same_bytes <(cat "$OLD" && entry 192.0.2.1) "$LIST"
    done
    # There is no room for more.
    characters $LISTS_MAX x >"$LIST"
    touch -d '1 minute ago' "$LIST"
    remember
    rm -f "$MR"/spammers.2*.tab
    big rebuild
    refused
    says "it would be larger than 64 MiB"
}

@test "a list of a great many lines is kept, and taken out line by line" {
    fail 192.0.2.1
    lines_of $LINES_OF_A_LIST '"10.%d.%d.%d"\t"255.255.255.255"\t"code=1"\n' >"$LIST"
    touch -d '1 minute ago' "$LIST"
    remember
    big rebuild
    exits 0
    same_bytes <(cat "$OLD" && entry 192.0.2.1) "$LIST"
    conf 'remove_count = 0;'
    big rebuild
    exits 0
    list_is "$(entry 192.0.2.1)"
    lines_of $LINES_OF_A_LIST '"10.%d.%d.%d/%%d\0"\t"255.255.255.255\0"\r\r\n\0\n' >"$LIST"
    touch -d '1 minute ago' "$LIST"
    big rebuild
    exits 0
    big check
    [ "$status" -le 1 ] || complain "check"
}

@test "whitelists that are too large stop everything, long or NUL ones do what they say" {
    fail 192.0.2.1
    fail 192.0.2.2
    list '# mine'
    remember
    truncate -s $TOO_LARGE "$OWN/whitelist"
    big rebuild
    exits 2
    says "$OWN/whitelist" "larger than 64 MiB"
    same_bytes "$OLD" "$LIST"
    rm "$OWN/whitelist"
    truncate -s $TOO_LARGE "$MR/smtp.ipprop.tab"
    big rebuild
    refused
    says "$MR/smtp.ipprop.tab" "larger than 64 MiB"
    rm "$MR/smtp.ipprop.tab"
    # One line of 60 MB that is no address.
    for character in x '\0' /; do
        characters 60000000 "$character" >"$OWN/whitelist"
        big rebuild
        exits 2
        says "$OWN/whitelist:1: unable to white-list"
        [ "${#stderr}" -lt 1000 ] || complain "all of it was said"
    done
    # As comments, and as lines of XMail's, they are harmless.
    {
        printf '192.0.2.1 '
        characters 60000000 x
        printf '\n#'
        characters 1000000 '\0'
    } >"$OWN/whitelist"
    {
        characters 50000000 '\0'
        printf '\n'
        characters 5000000 '"'
        printf '\n"192.0.2.2/32"\t"WhiteList"\n'
    } >"$MR/smtp.ipprop.tab"
    big rebuild
    exits 0
    list_is '# mine'
}

@test "whitelists of a great many lines are read" {
    hosts 1000
    lines_of $LINES_OF_A_LIST '10.%d.%d.%d # %%s\n' >"$OWN/whitelist"
    lines_of $LINES_OF_A_LIST '"10.%d.%d.%d/32"\t"WhiteList=0"\n' >"$MR/smtp.ipprop.tab"
    printf '"2001:db8::/32"\t"WhiteList"\n' >>"$MR/smtp.ipprop.tab"
    big rebuild
    exits 0
    list_is
    : >"$OWN/whitelist"
    big rebuild
    exits 0
    [ "$(wc -l <"$LIST")" -eq 750 ] || complain "not those of IPv4"
}

@test "a state that is anything else costs one warning and no rebuild" {
    fail 192.0.2.1
    conf 'auto: { enabled = true; };'
    for kind in huge lines nul fifo; do
        rm -rf "$OWN/state" "$LIST" "$LOG"
        case $kind in
            huge) truncate -s $TOO_LARGE "$OWN/state" ;;
            lines) lines_of $LINES_OF_A_LIST 'filter %d%d%d failed 0 x\n' >"$OWN/state" ;;
            nul) printf 'xmail-spammers state 1\nchecksum \0\n\0\n' >"$OWN/state" ;;
            fifo) mkfifo "$OWN/state" ;;
        esac
        for command in status check; do
            big $command
            exits 1
        done
        big filter
        exits 0
        says_nothing
        list_is "$(entry 192.0.2.1)"
        logged_times 1 WARNING
        logged_times 1 REBUILD
        big status
        exits 0
    done
}

@test "a configuration, or XMail's list of filters, that is too large is an error" {
    fail 192.0.2.1
    truncate -s $TOO_LARGE "$MR/filters.post-rcpt.tab"
    before=$(identity "$MR/filters.post-rcpt.tab")
    for command in install uninstall status check; do
        big $command
        exits 1
        [[ $stderr$output == *"larger than 64 MiB"* ]] || complain "$command doesn't say why"
    done
    [ "$(identity "$MR/filters.post-rcpt.tab")" = "$before" ] || complain "changed"
    printf '#' >"$CONF"
    truncate -s $TOO_LARGE "$CONF"
    big rebuild
    exits 2
    says "$CONF"
    missing "$LIST"
    for character in '#' '\n' '(' '{' x '"' ' '; do
        characters 5000000 "$character" >"$CONF"
        big check
        [ "$status" -le 2 ] || complain "died of 5 MB of $character"
    done
}
