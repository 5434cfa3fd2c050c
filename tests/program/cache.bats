#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the logs said is kept from one rebuild to the next: only what is new is read, and the list is the same. How the
# two agree in any history is tested in tests/cache.

load helpers

setup() {
    make_mail_root
    CACHE=$OWN/cache
    SMTP=$MR/logs/smtp-202611210000
}

# read_bytes COUNT: the last rebuild read so many bytes of logs. To find the first new record it looks at the byte
# before it.
read_bytes() {
    local bytes
    bytes=$(sed -n 's/.*\tbytes=\([0-9]*\) .*/\1/p; s/.* bytes=\([0-9]*\) .*/\1/p' "$LOG" | tail -n 1)
    [ "$bytes" -eq "$1" ] || complain "the rebuild read $bytes bytes instead of $1"
}

size() {
    stat -c %s "$1"
}

# fingerprint: names, contents, modes and times of the cache.
fingerprint() {
    tar -cf - --sort=name -C "$OWN" cache | cksum
}

@test "of a log that has grown only what is new is read" {
    fail 192.0.2.1 4
    rebuilt
    read_bytes "$(size "$SMTP")"
    list_is
    old=$(size "$SMTP")
    fail 192.0.2.1 1
    fail 192.0.2.2 5
    rebuilt
    read_bytes $(($(size "$SMTP") - old + 1))
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
    logged ADD 192.0.2.1 5
    shows "smtp: 1 file, 10 records, "
}

@test "a record that was being written counts once it is whole" {
    fail 192.0.2.1 4
    fail 192.0.2.2 5
    fail 192.0.2.1 1
    whole=$(size "$SMTP")
    cp "$SMTP" "$BATS_TEST_TMPDIR/whole"
    for left in 1 20 100; do
        rm -rf "$CACHE" "$LIST"
        truncate -s $((whole - left)) "$SMTP"
        rebuilt
        list_is "$(entry 192.0.2.2)"
        cat "$BATS_TEST_TMPDIR/whole" >"$SMTP"
        rebuilt
        list_is "$(entry 192.0.2.2)" "$(entry 192.0.2.1)"
    done
}

@test "--no-cache reads everything and leaves the cache alone" {
    fail 192.0.2.1
    rebuilt
    before=$(fingerprint)
    fail 192.0.2.2
    rebuilt --no-cache
    read_bytes "$(size "$SMTP")"
    [ "$before" = "$(fingerprint)" ]
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
    rm -r "$CACHE"
    rebuilt --no-cache
    missing "$CACHE"
}

@test "a dry run uses the cache and changes nothing of it" {
    fail 192.0.2.1
    rebuilt -n
    missing "$CACHE"
    rebuilt
    before=$(fingerprint)
    old=$(size "$SMTP")
    fail 192.0.2.2
    rebuilt -n
    shows "smtp: 1 file, 10 records, $(($(size "$SMTP") - old + 1)) bytes read" 192.0.2.2
    [ "$before" = "$(fingerprint)" ]
}

@test "a damaged cache costs a scan and nothing else" {
    fail 192.0.2.1
    elogin 192.0.2.2
    rebuilt
    for damage in 'printf x >' 'truncate -s 100' 'truncate -s 0' 'rm' 'cp /dev/null' 'head -c 1000 /dev/urandom >'; do
        for part in "$CACHE"/*; do
            eval "$damage \"\$part\""
        done
        rm -f "$LIST"
        rebuilt
        says_nothing
        list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
    done
}

@test "what stands in the place of the cache or of a part doesn't matter" {
    fail 192.0.2.1
    : >"$CACHE"
    rebuilt
    says_nothing
    list_is "$(entry 192.0.2.1)"
    rm "$CACHE"
    rebuilt
    part=$(echo "$CACHE"/smtp-*)
    for other in 'mkdir' 'mkfifo' 'ln -s /dev/zero' 'ln -s nowhere'; do
        rm -rf "$part" "$LIST"
        eval "$other \"\$part\""
        rebuilt
        says_nothing
        list_is "$(entry 192.0.2.1)"
    done
}

@test "check says that the cache can't be written" {
    fail 192.0.2.1
    elogin 192.0.2.1
    : >"$CACHE"
    run --separate-stderr "$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" check
    exits 1
    text=$(tr -s '# \n' ' ' <<<"$output")
    [[ $text == *"unable to write $CACHE"*"reads all logs whole"* ]] || complain "nothing of the cache"
    rm "$CACHE"
    run --separate-stderr "$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" check
    [[ $output != *"$CACHE"* ]] || complain "the cache is blamed"
}

@test "the parts of logs that are too old for a short search stay for a long one" {
    conf 'search_days = 30;'
    fail 192.0.2.1 5 2026-11-01
    mv "$SMTP" "$MR/logs/smtp-202611010000"
    touch -d '2026-11-01 12:00' "$MR/logs/smtp-202611010000"
    fail 192.0.2.2
    xs -r "$MR" rebuild --no-cache # to be sure that it is by its age
    rebuilt
    count=$(find "$CACHE" -name 'smtp-*' | wc -l)
    [ "$count" -eq 2 ]
}

@test "nobody else can read the cache, and it belongs to the owner of the directory that it is in" {
    fail 192.0.2.1
    give_to_nobody "$OWN"
    rebuilt
    mode_is "$CACHE" 700
    for file in "$CACHE"/*; do
        mode_is "$file" 600
        [ "$(stat -c %u "$file")" = "$(stat -c %u "$OWN")" ]
    done
    [ "$(stat -c %u "$CACHE")" = "$(stat -c %u "$OWN")" ]
}

@test "a log that is gone is forgotten, and so is its part" {
    fail 192.0.2.1
    elogin 192.0.2.1
    rebuilt
    there "$CACHE"/pop3-*
    mv "$MR/logs/pop3-202611210000" "$BATS_TEST_TMPDIR"
    list
    conf 'remove_count = 4;'
    rebuilt
    missing "$CACHE"/pop3-*
    there "$CACHE"/smtp-*
    logged ADD 192.0.2.1 5
}

@test "another setting of a log has that log read anew" {
    fail 192.0.2.1
    elogin 192.0.2.2
    rebuilt
    conf 'logs = ({ format = "smtp"; unauthorized = "^RCPT"; }, { format = "pop3"; });' 'save_mode = "replace";'
    rebuilt
    list_is "$(entry 192.0.2.2)"
}

@test "days that a longer search takes in are counted, although an earlier one left them out" {
    conf 'search_days = 1;'
    fail 192.0.2.1 5 2026-11-20
    fail 192.0.2.2
    rebuilt
    list_is "$(entry 192.0.2.2)"
    : >"$CONF"
    conf 'search_days = 2;'
    rebuilt
    list_is "$(entry 192.0.2.2)" "$(entry 192.0.2.1)"
}
