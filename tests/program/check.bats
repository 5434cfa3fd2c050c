#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# check: what is wrong, as the administrator reads it, and what to do about it.

load helpers

# Nothing is wrong. Whatever addresses this machine has, they are white-listed.
setup() {
    make_mail_root
    CALL="$(dirname "$XMAIL_SPAMMERS")/xmail-spammers"
    conf 'auto = { enabled = true; };' 'logs = ( { format = "smtp"; } );' \
        'whitelist = [ "0.0.0.0/1", "128.0.0.0/1", "::/3", "2000::/4", "3000::/4", "4000::/2", "8000::/1" ];'
    fail 192.0.2.1 1
    list "$(entry 198.51.100.1)"
    register
}

# register [LINE...]: the filter's line, and lines behind it.
register() {
    printf '"%s"\t"-c"\t"%s"\t"filter"\n' "$CALL" "$CONF" >"$MR/filters.post-rcpt.tab"
    [ $# -eq 0 ] || printf '%s\n' "$@" >>"$MR/filters.post-rcpt.tab"
    touch -d '1 minute ago' "$MR/filters.post-rcpt.tab"
}

# check [STATUS]: with this exit status, 1 if it isn't given; nothing is changed by it.
check() {
    local before
    before=$(snapshot "$MR")
    xs -r "$MR" --now "$NOW" check
    exits "${1:-1}"
    [ "$before" = "$(snapshot "$MR")" ] || complain "something was changed"
}

# finds TEXT...: check finds problems; each text stands in what it says, wherever that is broken into lines.
finds() {
    check
    says_nothing
    output=$(tr -s ' \n' ' ' <<<"$output")
    shows "$@"
}

# No line of the last output is too long, unless a word is that long by itself.
fits_80_columns() {
    local line
    while IFS= read -r line; do
        if [ ${#line} -gt 80 ] && [[ $line != *"$BATS_TEST_TMPDIR"* ]] && [[ $line != *"$CALL"* ]]; then
            complain "a line is too long: $line"
        fi
    done <<<"$output"
}

@test "where nothing is wrong one line says so, and what was looked at" {
    check 0
    says_nothing
    [ "$output" = "Nothing is wrong: configuration, MailRoot, logs, list, whitelist, filter." ] || complain "else"
}

@test "a finding is numbered, says what is wrong, where, what to do, and what to copy" {
    conf 'search_days = 100;'
    rm "$LIST"
    list "$(entry 198.51.100.1)" 192.0.2.1
    register '"/other"'
    check
    says_nothing
    shows "1. $LIST:" $':
     line 2: 192.0.2.1 (no netmask)
   Remedy: Write ADDRESS/BITS, or an IPv4 address, a TAB and its netmask, from
   the first column on.

2. Hint: search_days is 100, but the filter searches 90 days at most: a rebuild
   by hand may find more than one by the filter.
   Remedy: Set search_days in' $'.

3. Other filters come after line 1 of' "
   Remedy: This makes it the last line of the file:
     $CALL -c $CONF -r $MR install

2 problems, 1 hint."
    fits_80_columns
}

@test "hints alone are no failure" {
    conf 'search_days = 100;'
    check 0
    shows "1. Hint: search_days is 100" "Nothing is wrong, 1 hint."
}

@test "each fault of the configuration is reported with file and line, and nothing else is looked at" {
    conf 'serch_days = 3;' 'order = "sideways";'
    rm "$LIST"
    check 2
    says "$CONF:4: " search_days "$CONF:5: " address
    [ -z "$output" ] || complain "stdout isn't empty"
}

@test "a configuration that is missing or not known is bad usage" {
    xs -r "$MR" -c "$MR/nowhere" check
    exits 2
    says "$MR/nowhere"
}

@test "check takes no argument and no unknown option, and tells how it is used" {
    xs -r "$MR" check all
    exits 2
    says "'all'"
    xs -r "$MR" check -x
    exits 2
    says "Usage: " " check"
    xs check --help
    exits 0
    shows "check " "Usage: xmail-spammers"
    says_nothing
}

@test "without MailRoot there is one problem" {
    xs -c "$CONF" -r "$MR/nowhere" --now "$NOW" check
    exits 1
    shows "1. unable to find MailRoot $MR/nowhere" "mail_root" "1 problem."
}

@test "a missing list is told before all others have noticed it" {
    rm "$LIST"
    finds "$LIST is missing: XMail refuses every client" "$CALL -c $CONF -r $MR rebuild"
}

@test "the line that it gives to copy makes the list" {
    rm "$LIST"
    check
    eval "$(grep -o "$CALL -c .* rebuild\$" <<<"$output") >/dev/null"
    there "$LIST"
}

@test "a list that is no plain file is told with the reason" {
    rm "$LIST"
    ln -s nothing "$LIST"
    finds "unable to follow the symbolic link $LIST"
    rm "$LIST"
    mkdir "$LIST"
    finds "unable to read $LIST: it is not a regular file"
}

@test "a log that XMail doesn't write is told with the option that makes it" {
    conf_pop3='logs = ( { format = "smtp"; }, { format = "pop3"; } );'
    sed -i "s/^logs = .*/$conf_pop3/" "$CONF"
    finds 'The log "pop3" is not written' "Start XMail with -Pl"
    rm "$MR/logs"/smtp-*
    finds "Start XMail with -Sl" "Start XMail with -Pl" "2 problems."
}

@test "a log of XMailCFG in an encoding that is not named is a hint, with the file" {
    sed -i 's/^logs = .*/logs = ( { format = "smtp"; }, { format = "xmailcfg-filter"; } );/' "$CONF"
    printf '"%s 10:00:00"\t"受信拒否"\t"a@b"\t"c@d"\t"192.0.2.1"\n' "$TODAY" >"$MR/logs/utf8"
    cp "$MR/logs/utf8" "$MR/logs/filter-log.txt"
    xs -r "$MR" --now "$NOW" check
    [[ $output != *UTF-8* ]] || complain "it is UTF-8"
    iconv -f UTF-8 -t EUC-JP "$MR/logs/utf8" >"$MR/logs/filter-log.txt"
    xs -r "$MR" --now "$NOW" check
    shows 'Hint: The log "xmailcfg-filter" has bytes that are not UTF-8' "$MR/logs/filter-log.txt" \
        'Give encoding in its entry of logs' '"EUC-JP", or "SHIFT_JIS"'
    sed -i 's/"xmailcfg-filter";/& encoding = "EUC-JP";/' "$CONF"
    xs -r "$MR" --now "$NOW" check
    [[ $output != *UTF-8* ]] || complain "its encoding is named"
}

@test "without a rehearsed clock a log that was left off is told" {
    touch -d '10 days ago' "$MR/logs/smtp-202611210000"
    xs -r "$MR" check
    exits 1
    shows 'The log "smtp" is not written: none of its files was written since' "-Sl"
}

@test "a log directory that is missing is told with its path" {
    sed -i 's/"smtp";/"smtp"; directory = "elsewhere";/' "$CONF"
    finds "unable to read the log directory $MR/elsewhere"
}

@test "two entries that read the same files are told" {
    sed -i 's/^logs = .*/logs = ( { format = "smtp"; }, { format = "smtp"; unauthorized = "x"; } );/' "$CONF"
    finds 'Two entries of logs, the 1. and the 2. ("smtp")' "smtp-202611210000"
}

@test "addresses of this machine that aren't white-listed are told as lines for the whitelist" {
    sed -i '/^whitelist = /d' "$CONF"
    check
    shows "Addresses of this machine are not white-listed" $'\n     127.0.0.0/8\n' $'\n     ::1\n'
    sed -n 's/^     \([0-9a-f.:/]*\)$/\1/p' <<<"$output" >"$OWN/whitelist"
    check 0
}

@test "a whitelist that takes in everybody is told" {
    sed -i 's/"0.0.0.0\/1", /"0.0.0.0\/0", /' "$CONF"
    finds "Every IPv4 host is white-listed"
}

@test "what XMail makes of the list's lines is told, ten of a kind and how many more" {
    list "$(repeat 25 echo 192.0.2.1)" "$(entry 0.0.0.0/0)"
    finds "line 1: 192.0.2.1 (no netmask)" "line 10: 192" "and 15 more" "refuse everybody" "line 26: 0.0.0.0/0"
    [[ $output != *"line 11:"* ]] || complain "too many lines"
}

@test "nothing of the list can trouble a terminal" {
    list $'192.0.2.1\e[31m 1'
    check 0
    list $'192.0.2.1 \e[31m'
    check
    [[ $output != *$'\e'* ]] || complain "an escape sequence"
}

@test "a filter that isn't registered is told with the command that registers it, which works" {
    rm "$MR/filters.post-rcpt.tab"
    finds "The filter is not registered"
    check
    eval "$(grep -o "$CALL -c .* install\$" <<<"$output") >/dev/null"
    check 0
}

@test "a filter that is registered twice is told with both lines" {
    register "$(printf '"%s"\t"-c"\t"%s"\t"filter"' "$CALL" "$CONF")"
    finds "registered 2 times" "line 1: $CALL" "line 2: $CALL"
}

@test "a registration of a program that is gone is told" {
    printf '"%s"\t"-c"\t"%s"\t"filter"\n' "$MR/xmail-spammers" "$CONF" >"$MR/filters.post-rcpt.tab"
    touch -d '1 minute ago' "$MR/filters.post-rcpt.tab"
    finds "Line 1 of $MR/filters.post-rcpt.tab" "$MR/xmail-spammers: No such file"
}

@test "a filter that is off is a problem, unless somebody rebuilds by hand or by cron" {
    sed -i 's/^auto = .*//' "$CONF"
    rm "$MR/filters.post-rcpt.tab"
    finds "Nothing rebuilds the list" "1 problem."
    rebuilt
    check 0
    shows "Hint: The filter is off"
}

@test "a rebuild that failed is told until one succeeds" {
    rm "$MR/logs"/smtp-*
    rebuild
    exits 1
    fail 192.0.2.1 1
    finds "The last rebuild, at 2026-11-21 17:00:00, failed:" "unable to judge any host"
    rebuilt
    check 0
}

@test "an interval that can never pass within the window is told: a hint if once a day is meant" {
    sed -i 's/^auto = .*/auto = { enabled = true; from = 3; to = 4; };/' "$CONF"
    check 0
    shows "The filter rebuilds once a day at most"
    sed -i 's/^auto = .*/auto = { enabled = true; from = 3; to = 4; interval = 90; };/' "$CONF"
    check 1
    shows "The filter rebuilds once a day at most"
}

@test "as a user who may nothing, each thing that he can't do is told" {
    can_be_nobody || skip "there is no way to be another user"
    need_root
    chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")"
    cp "$XMAIL_SPAMMERS" "$XMAIL_SPAMMERS-engine" "$BATS_TEST_TMPDIR"
    CALL=$BATS_TEST_TMPDIR/xmail-spammers register
    chmod 0 "$MR/logs/smtp-202611210000"
    run --separate-stderr timeout -k 5 30 setpriv --reuid="$NOBODY" --regid="$NOBODY" --clear-groups \
        "$BATS_TEST_TMPDIR/xmail-spammers" -r "$MR" --now "$NOW" check 3>&-
    exits 1
    fits_80_columns
    output=$(tr -s ' \n' ' ' <<<"$output")
    shows "unable to write $MR: Permission denied; the new list and its backups are made there" \
        "unable to write $OWN: Permission denied; the lock" \
        "unable to write $MR/logs: Permission denied; every rebuild says there" \
        "smtp-202611210000: Permission denied" "belongs to another user (number 0)"
}

@test "with everything wrong at once all of it fits 80 columns" {
    sed -i '/^whitelist = /d; s/^logs = .*//; s/^auto = .*/auto = { enabled = true; interval = 2000000; };/' "$CONF"
    rm -r "$MR/logs"
    list "$(repeat 25 echo 192.0.2.1)" "$(entry 0.0.0.0/0)" "$(entry 192.0.2.0 0.255.255.0)" "$(entry 010.0.0.1)"
    register '"/other"'
    check
    fits_80_columns
    [ "$(grep -c '^   Remedy: ' <<<"$output")" -ge 8 ] || complain "not everything was found"
}

@test "a directory of another's MailRoot to which root isn't led is a problem, as it is to a rebuild" {
    need_root
    mkdir "$BATS_TEST_TMPDIR/root's"
    mv "$MR/logs" "$BATS_TEST_TMPDIR/root's"
    ln -s "$BATS_TEST_TMPDIR/root's/logs" "$MR/logs"
    chown -hR 12345:12346 "$MR"
    rebuild
    says "unable to write the event log"
    finds "unable to write $MR/logs" "is not followed" "every rebuild says there what it did"
    rm "$MR/logs"
    chown -R 12345:12346 "$BATS_TEST_TMPDIR/root's"
    ln -s "$BATS_TEST_TMPDIR/root's/logs" "$MR/logs"
    chown -h 12345:12346 "$MR/logs"
    check 0
}
