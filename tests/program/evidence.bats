#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# No evidence, no change: missing logs must not empty the list.

load helpers

# In replace mode a rebuild that took missing logs for peace would empty this list.
setup() {
    make_mail_root
    conf 'save_mode = "replace";'
    list '# mine' "$(entry 198.51.100.1)"
    remember
}

@test "no log at all: nothing is changed, and it says what to look at" {
    rebuild
    refused
    says "unable to" "smtp, pop3" "2026-11-15 to 2026-11-21" "-Sl" "-Pl" mail_root "$LIST was not changed"
    logged_times 1 ERROR
    logged_times 0 REBUILD
}

@test "empty logs: nothing is changed" {
    : >"$MR/logs/smtp-202611210000"
    : >"$MR/logs/pop3-202611210000"
    rebuild
    refused
    says "files read: 2" "records: 0" "was not changed"
    logged_times 1 ERROR
}

@test "a pattern that hits its limit matches no status but keeps an entry, and the summary says so" {
    local long
    long=$(printf 'a%.0s' {1..60})
    # shellcheck disable=SC2016 # each "$" is of a pattern
    printf '%s\n' 'remove_count = 0; register_count = 1;' 'permanent_pattern = "mine|(?:a|aa|aaa)+.$(?<!.)";' \
        'logs = ( { format = "smtp"; unauthorized = "^(?:a|aa|aaa)+$(?<!a)|^RCPT"; } );' >"$CONF"
    list "$(entry 198.51.100.2 255.255.255.255 mine=1)" "$(entry 198.51.100.3 255.255.255.255 "$long")" "$(entry 198.51.100.4)"
    smtp 192.0.2.1 "$long" 3
    smtp 192.0.2.2 RCPT=ERELAY
    rebuilt
    says "a pattern of the logs hit its limit of matching 3 times, which counted as no match" \
        "permanent_pattern hit its limit of matching on 1 entries, which are taken as permanent"
    list_is "$(entry 198.51.100.2 255.255.255.255 mine=1)" "$(entry 198.51.100.3 255.255.255.255 "$long")" \
        "$(entry 192.0.2.2)"
    logged_times 2 WARNING
}

@test "records of other days only: nothing is changed" {
    fail 192.0.2.1 9 2026-11-14
    fail 192.0.2.1 9 2026-11-22
    rebuild
    refused
    says "files read: 1" "records: 18" "was not changed"
    logged_times 1 ERROR
}

@test "what a killed rebuild left goes, also if the next one fails" {
    : >"$LIST.xmail-spammers.tmp"
    rebuild
    refused
    missing "$LIST.xmail-spammers.tmp"
}

@test "a whitelist that is a link to nothing is not taken for an empty one" {
    fail 192.0.2.1
    ln -s nowhere "$MR/filters/xmail-spammers/whitelist"
    rebuild
    exits 2
    says "$MR/filters/xmail-spammers/whitelist"
    rm "$MR/filters/xmail-spammers/whitelist"
    ln -s nowhere "$MR/smtp.ipprop.tab"
    rebuild
    refused
    says "$MR/smtp.ipprop.tab"
}

@test "malformed records only: nothing is changed" {
    printf 'nonsense\n"s"\t"d"\t"192.0.2.1"\n' >"$MR/logs/smtp-202611210000"
    rebuild
    refused
    logged_times 1 ERROR
}

@test "a record that is still being written is no evidence" {
    printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"user"\t""\t"ELOGIN"' "$TODAY" >"$MR/logs/pop3-202611210000"
    rebuild
    refused
    logged_times 1 ERROR
}

@test "one valid record of the range is evidence, even if nobody failed" {
    smtp 192.0.2.1 RCPT=OK 1
    rebuilt
    list_is '# mine'
}

@test "the log directory is missing: nothing is changed, and it says what to look at" {
    mv "$MR/logs" "$MR/logs.away"
    rebuild
    exits 1
    same_bytes "$OLD" "$LIST"
    no_backup
    says "$MR/logs" "No such file or directory" "was not changed"
    missing "$MR/logs"
}

@test "a message about a missing log directory names the settings that lead to it" {
    conf 'logs = ( { format = "smtp"; directory = "elsewhere"; } );'
    rebuild
    refused
    says "$MR/elsewhere" mail_root
    logged ERROR "" "" "$MR/elsewhere"
}

@test "one of several log directories is missing: nothing is changed" {
    conf 'logs = ( { format = "smtp"; directory = [ "logs", "elsewhere" ]; } );'
    fail 192.0.2.1
    rebuild
    refused
    says "$MR/elsewhere"
    logged_times 1 ERROR
}

@test "something else stands in the log directory's place: nothing is changed" {
    conf 'logs = ( { format = "smtp"; directory = "file"; } );'
    echo x >"$MR/file"
    rebuild
    refused
    says "$MR/file"
}

@test "a log that is a dangling link: nothing is changed" {
    fail 192.0.2.1
    ln -s nowhere "$MR/logs/smtp-202611200000"
    rebuild
    refused
    says "$MR/logs/smtp-202611200000" "was not changed"
    logged ERROR "" "" smtp-202611200000
}

@test "a log that is a link to itself: nothing is changed" {
    fail 192.0.2.1
    ln -s smtp-202611200000 "$MR/logs/smtp-202611200000"
    rebuild
    refused
    says "$MR/logs/smtp-202611200000"
}

@test "a log that may not be read: nothing is changed" {
    can_be_nobody || skip "no way to be another user"
    fail 192.0.2.1
    elogin 192.0.2.1
    give_to_nobody "$MR"
    chmod 0 "$MR/logs/pop3-202611210000"
    as_nobody
    refused
    says "$MR/logs/pop3-202611210000" "Permission denied" "was not changed"
    logged ERROR "" "" pop3-202611210000
}

@test "a log directory that may not be read: nothing is changed" {
    can_be_nobody || skip "no way to be another user"
    fail 192.0.2.1
    give_to_nobody "$MR"
    chmod 300 "$MR/logs"
    as_nobody
    chmod 755 "$MR/logs"
    refused
    says "$MR/logs" "Permission denied"
}

@test "a disabled log that can't be read doesn't matter" {
    conf 'logs = ( { format = "smtp"; }, { format = "pop3"; enabled = false; directory = "elsewhere"; } );'
    fail 192.0.2.1
    rebuilt
    list_is '# mine' "$(entry 192.0.2.1)"
}

@test "smtp.ipprop.tab that can't be read: nothing is changed" {
    fail 192.0.2.1
    mkdir "$MR/smtp.ipprop.tab"
    rebuild
    refused
    says "$MR/smtp.ipprop.tab"
    logged_times 1 ERROR
}

@test "no evidence where no list is: none is made" {
    rm "$LIST"
    rebuild
    exits 1
    says "$LIST is still missing" "make an empty file"
    missing "$LIST"
}

@test "a list whose only log turns empty stays for removal too" {
    printf 'remove_count = 0;\n' >"$CONF"
    rebuild
    refused
    conf 'logs = ( { format = "smtp"; enabled = false; } );'
    rebuild
    refused
}
