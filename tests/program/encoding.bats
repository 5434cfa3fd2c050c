#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The filter log that XMailCFG writes in EUC-JP or Shift_JIS.

load helpers

setup() {
    make_mail_root
}

# filtered ADDRESS STATUS [COUNT]: records of XMailCFG's filter log, in UTF-8. The name in From holds what ends in a
# backslash in Shift_JIS, and the address there isn't the client's.
filtered() {
    repeat "${3:-5}" printf '"2026/11/21 10:00:00"\t"%s"\t"ソ表 198.51.100.1 <a@b>"\t"c@d"\t"%s の接続"\n' "$2" "$1"
}

# log_in ENCODING: what is on stdin becomes the log in that encoding.
log_in() {
    iconv -f UTF-8 -t "$1" >"$MR/logs/filter-log.txt"
}

both() {
    filtered 192.0.2.1 受信拒否
    filtered 192.0.2.2 着信拒否
    filtered 192.0.2.3 受信許可
    filtered 192.0.2.4 受信拒否 4
}

@test "a log in EUC-JP is understood" {
    conf 'logs = ( { format = "xmailcfg-filter"; encoding = "EUC-JP"; } );'
    both | log_in EUC-JP
    rebuilt
    says_nothing
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
    logged ADD 192.0.2.1 5 "xmailcfg-filter 5"
    logged REBUILD "" "" "records=19 malformed=0"
}

@test "a log in Shift_JIS is understood" {
    conf 'logs = ( { format = "xmailcfg-filter"; encoding = "SHIFT_JIS"; } );'
    both | log_in SHIFT_JIS
    rebuilt
    says_nothing
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
}

@test "a log in UTF-8 needs no encoding" {
    conf 'logs = ( { format = "xmailcfg-filter"; } );'
    both | log_in UTF-8
    rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
}

@test "a status that can't be converted doesn't match, and spoils no other record" {
    conf 'logs = ( { format = "xmailcfg-filter"; encoding = "EUC-JP"; } );'
    both | log_in EUC-JP
    repeat 9 printf '"2026/11/21 10:00:00"\t"\xff\xfe\x8f"\t"a"\t"b"\t"192.0.2.9"\n' >"$BATS_TEST_TMPDIR/spoiled"
    cat "$MR/logs/filter-log.txt" >>"$BATS_TEST_TMPDIR/spoiled"
    mv "$BATS_TEST_TMPDIR/spoiled" "$MR/logs/filter-log.txt"
    rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
}

@test "a log read in the wrong encoding matches nobody" {
    conf 'logs = ( { format = "xmailcfg-filter"; encoding = "SHIFT_JIS"; } );'
    both | log_in EUC-JP
    rebuilt
    list_is
}

@test "a pattern in the configuration is UTF-8, whatever the log is" {
    conf 'logs = ( { format = "xmailcfg-filter"; encoding = "EUC-JP"; unauthorized = "^受信許.$"; } );'
    both | log_in EUC-JP
    rebuilt
    list_is "$(entry 192.0.2.3)"
}

@test "an encoding that nobody knows is a configuration error" {
    conf 'logs = ( { format = "xmailcfg-filter"; encoding = "EUC-XX"; } );'
    rebuild
    exits 2
    says "$CONF:1: " EUC-XX iconv
}
