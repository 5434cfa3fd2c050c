#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# allow and block: hosts let in or refused for good, by hand. No machine has an address of 233.252.0.0/24 (RFC 6676),
# so that none of these tests means the machine that it runs on.

load helpers

setup() {
    make_mail_root
    WHITELIST=$OWN/whitelist
}

# by_hand COMMAND ARGUMENT...
by_hand() {
    xs -r "$MR" --now "$NOW" "$@"
}

done_by_hand() {
    by_hand "$@"
    exits 0
    says_nothing
    no_temporary_file
}

# whitelist LINE...: the file, written a while ago.
whitelist() {
    printf '%s\n' "$@" >"$WHITELIST"
    touch -d '1 minute ago' "$WHITELIST"
}

whitelist_is() {
    file_is "$WHITELIST" "$@"
}

forever() {
    entry "$1" "${2:-255.255.255.255}" code=1,permanent=1
}

# Nothing has changed in MailRoot but the lock.
unchanged() {
    mkdir -p "$OWN" && : >>"$OWN/lock"
    diff <(printf '%s' "$BEFORE") <(snapshot "$MR" | grep -v /lock) || complain "MailRoot has changed"
}

keep_snapshot() {
    : >"$OWN/lock"
    BEFORE=$(snapshot "$MR" | grep -v /lock)
    BEFORE+=$'\n'
}

@test "allow lets a host in: it is off the list, on the whitelist, and no old log brings it back" {
    list '# mine' "$(entry 233.252.0.1)" "$(entry 233.252.0.2)"
    fail 233.252.0.1
    fail 233.252.0.3
    done_by_hand allow 233.252.0.1 our office
    shows "$WHITELIST, line 2: 233.252.0.1 is let in" "$LIST, line 2: 233.252.0.1 is taken out" "from the next connection on"
    list_is '# mine' "$(entry 233.252.0.2)"
    whitelist_is "# taken out of spammers.tab by allow 233.252.0.1: $(entry 233.252.0.1)" '233.252.0.1 our office'
    mode_is "$WHITELIST" 644
    backups_are spammers.20261121170000.tab
    logged ADD 233.252.0.1 0 'by hand: allow, to the whitelist file'
    logged REMOVE 233.252.0.1 0 'by hand: allow'
    [[ $(<"$LOG") != *office* ]] || complain "the comment is logged"
    rebuilt
    list_is '# mine' "$(entry 233.252.0.2)" "$(entry 233.252.0.3)"
}

@test "allow --undo gives both files back as they were" {
    list '# mine' "$(forever 233.252.0.0 255.255.255.0)" "$(entry 198.51.100.1)"
    whitelist '# ours' '::1'
    remember
    cp "$WHITELIST" "$BATS_TEST_TMPDIR/whitelist"
    done_by_hand allow 233.252.0.0/28
    shows "233.252.0.0/24 (permanent) is split, so that its rest stays refused"
    list_is '# mine' "$(forever 233.252.0.16 255.255.255.240)" "$(forever 233.252.0.32 255.255.255.224)" \
        "$(forever 233.252.0.64 255.255.255.192)" "$(forever 233.252.0.128 255.255.255.128)" "$(entry 198.51.100.1)"
    done_by_hand allow 198.51.100.1
    done_by_hand allow --undo 198.51.100.1
    done_by_hand allow 233.252.0.0/28 --undo
    shows "233.252.0.0/24 is whole again" "233.252.0.0/28 is taken out again"
    same_bytes "$OLD" "$LIST"
    same_bytes "$BATS_TEST_TMPDIR/whitelist" "$WHITELIST"
}

@test "after allow --undo a rebuild registers the host as any other" {
    list
    fail 233.252.0.1
    done_by_hand allow 233.252.0.1
    rebuilt
    list_is ''
    done_by_hand allow --undo 233.252.0.1
    rebuilt
    list_is '' "$(entry 233.252.0.1)"
}

@test "allow again changes nothing" {
    list "$(entry 233.252.0.1)"
    done_by_hand allow 233.252.0.1
    keep_snapshot
    done_by_hand allow 233.252.0.1 another comment
    shows "line 2: 233.252.0.1 is let in already" "Nothing was to be done."
    unchanged
}

@test "under a wider line of the whitelist, allow needs no other; but if it takes something out, one that notes it" {
    whitelist '233.252.0.0/24 office'
    list '# mine'
    keep_snapshot
    done_by_hand allow 233.252.0.1
    shows "line 1: 233.252.0.0/24 is let in already"
    unchanged
    list '# mine' "$(entry 233.252.0.1)"
    done_by_hand allow 233.252.0.1
    list_is '# mine'
    whitelist_is '233.252.0.0/24 office' "# taken out of spammers.tab by allow 233.252.0.1: $(entry 233.252.0.1)" '233.252.0.1'
    done_by_hand allow --undo 233.252.0.1
    shows "not put back is 233.252.0.1, which is white-listed otherwise" "233.252.0.0/24 is let in already"
    list_is '# mine'
}

@test "allow says who else lets the host in" {
    conf 'whitelist = [ "233.252.0.1" ];'
    printf '"198.51.100.0/24"\t"WhiteList=1"\n' >"$MR/smtp.ipprop.tab"
    list
    done_by_hand allow 233.252.0.1
    shows "let in by whitelist in $CONF, too"
    done_by_hand allow 198.51.100.1
    shows "let in by $MR/smtp.ipprop.tab, too"
}

@test "an entry that can't be split stays, is named, and the exit status tells" {
    list "$(entry 233.252.0.1 255.0.255.255)" "$(entry 233.252.0.1)"
    by_hand allow 233.252.0.1
    exits 1
    says "$LIST, line 1: 233.0.0.1/255.0.255.255 has it too and can't be split" "take it out"
    list_is "$(entry 233.252.0.1 255.0.255.255)"
    whitelist_is "# taken out of spammers.tab by allow 233.252.0.1: $(entry 233.252.0.1)" 233.252.0.1
}

@test "the filter's next call sees that a host was let in" {
    conf 'auto = { enabled = true; from = 0; to = 0; interval = 60; };' 'remove_count = 0;'
    list '# mine'
    fail 233.252.0.1
    fail 233.252.0.2
    whitelist '::1'
    xs -r "$MR" --now 2026-11-21T12:00 filter
    xs -r "$MR" --now 2026-11-21T12:01 filter
    list_is '# mine' "$(entry 233.252.0.1)" "$(entry 233.252.0.2)"
    xs -r "$MR" --now 2026-11-21T12:02 allow 233.252.0.1
    exits 0
    xs -r "$MR" --now 2026-11-21T13:30 filter
    logged_times 2 REBUILD
    list_is '# mine' "$(entry 233.252.0.2)"
}

@test "block refuses a host for good: no rebuild takes it out, not even one that replaces the list" {
    conf 'save_mode = "replace";'
    list '# mine' "$(entry 233.252.0.2)"
    fail 233.252.0.3
    done_by_hand block 233.252.0.1 a bad host
    shows "233.252.0.1 is refused for good, by a permanent entry" "from the next connection on"
    list_is '# mine' "$(entry 233.252.0.2)" '# block 233.252.0.1: a bad host' "$(forever 233.252.0.1)"
    logged ADD 233.252.0.1 0 'by hand: block'
    [[ $(<"$LOG") != *bad* ]] || complain "the comment is logged"
    rebuilt
    list_is '# mine' '# block 233.252.0.1: a bad host' "$(forever 233.252.0.1)" "$(entry 233.252.0.3)"
    done_by_hand block --undo 233.252.0.1
    list_is '# mine' "$(entry 233.252.0.3)"
    logged REMOVE 233.252.0.1 0 'by hand: block --undo'
}

@test "block again changes nothing, and block --undo leaves what others wrote" {
    list '# permanent ones' "$(forever 233.252.0.0 255.255.255.0)" "$(entry 198.51.100.1)"
    keep_snapshot
    done_by_hand block 233.252.0.9
    shows "line 2: 233.252.0.0/24 (permanent) is refused for good already" "Nothing was to be done."
    by_hand block --undo 233.252.0.9
    exits 1
    says "nothing to undo: no block of 233.252.0.9 is on record"
    shows "line 2: 233.252.0.0/24 (permanent) still refuses it"
    unchanged
    remember
    done_by_hand block 198.51.100.1
    shows "line 3: 198.51.100.1 is made permanent"
    done_by_hand block --undo 198.51.100.1
    shows "198.51.100.1 (permanent) is no longer permanent, and is as it was before"
    same_bytes "$OLD" "$LIST"
}

@test "what must not be blocked is refused, with what to do" {
    conf 'whitelist = [ "203.0.113.1" ];'
    whitelist '# x' '233.252.0.7 office'
    printf '"198.51.100.0/24"\t"WhiteList=1"\n' >"$MR/smtp.ipprop.tab"
    list '# mine'
    keep_snapshot
    local network
    for network in 127.0.0.1 126.0.0.0/7 ::1 0.0.0.0/0 ::/0 2000::/3 ::/96 ::ffff:0.0.0.0/96 ::1.2.3.4 233.252.0.0/24 \
        203.0.113.0/24 198.51.100.9; do
        by_hand block "$network"
        exits 1
        says "unable to block "
    done
    by_hand block 233.252.0.0/24
    says "line 2 of $WHITELIST lets 233.252.0.7 in" '"xmail-spammers allow --undo 233.252.0.7"'
    by_hand block 203.0.113.0/24
    says "whitelist in $CONF lets it in, or a part of it"
    by_hand block 198.51.100.9
    says "$MR/smtp.ipprop.tab lets it in"
    by_hand block 127.0.0.1
    says "is this machine itself (name networks without it)"
    by_hand allow 0.0.0.0/0
    exits 1
    says "that is everybody"
    by_hand allow ::/0
    exits 1
    unchanged
}

@test "block refuses to write what permanent_pattern doesn't find" {
    conf 'permanent_pattern = "forever";'
    list '# mine'
    by_hand block 233.252.0.1
    exits 1
    says "permanent_pattern, which is forever, doesn't match"
    list_is '# mine'
}

@test "a comment can't become anything but a comment" {
    list
    done_by_hand allow 233.252.0.1 $'a\n0.0.0.0/0\e[2J'
    whitelist_is '233.252.0.1 a?0.0.0.0/0?[2J'
    done_by_hand block 233.252.0.2 $'b\n"10.0.0.0"\t"255.0.0.0"'
    list_is '' '# block 233.252.0.2: b?"10.0.0.0"?"255.0.0.0"' "$(forever 233.252.0.2)"
    by_hand block 233.252.0.3 "$(printf 'x%.0s' {1..510})"
    exits 1
    says "comment is too long"
    by_hand allow 233.252.0.0 /24
    exits 1
    says 'no blank may stand before the "/"'
}

@test "a network with host bits is named as it is understood" {
    list
    done_by_hand allow 233.252.0.77/255.255.255.0
    shows "233.252.0.77/255.255.255.0 is the network 233.252.0.0/24."
    whitelist_is 233.252.0.0/24
}

@test "bad usage is refused, and so is a faulty configuration" {
    list '# mine'
    keep_snapshot
    local bad
    for bad in 233.252.0 233.252.0.1/33 host.example '' $'\e[2J'; do
        by_hand allow "$bad"
        exits 2
        says "unable to allow '"
        by_hand block "$bad"
        exits 2
    done
    by_hand allow
    exits 2
    says "allow needs an address or a network"
    by_hand block --undo 233.252.0.1 why
    exits 2
    says "takes no comment"
    by_hand block --what 233.252.0.1
    exits 2
    unchanged
    conf 'search_days = 0;'
    by_hand block 233.252.0.1
    exits 2
    list_is '# mine'
}

@test "a dry run changes nothing, and shows what would change" {
    list "$(entry 233.252.0.1)" "$(entry 198.51.100.1)"
    whitelist '# ours'
    keep_snapshot
    done_by_hand allow -n 233.252.0.1
    shows "A dry run" "line 3: 233.252.0.1 is let in" "line 1: 233.252.0.1 is taken out"
    done_by_hand block --dry-run 198.51.100.1
    shows "A dry run" "line 2: 198.51.100.1 is made permanent"
    by_hand allow -n --undo 233.252.0.1
    exits 1
    says "nothing to undo"
    unchanged
}

@test "nothing to undo: it is said what lets the host in" {
    whitelist '233.252.0.0/24'
    list '# mine'
    by_hand allow --undo 233.252.0.1
    exits 1
    says "no allow of 233.252.0.1 is on record"
    shows "line 1: 233.252.0.0/24 is let in already"
    whitelist_is 233.252.0.0/24
    list_is '# mine'
}

@test "files with CRLF keep it, and mode and owner stay" {
    printf '# a\r\n"233.252.0.1"\t"255.255.255.255"\t"code=1"\r\n' >"$LIST"
    printf '# b\r\n::1' >"$WHITELIST"
    chmod 640 "$LIST" "$WHITELIST"
    touch -d '1 minute ago' "$LIST" "$WHITELIST"
    done_by_hand allow 233.252.0.1
    done_by_hand block 233.252.0.2
    file_is "$LIST" $'# a\r' "$(forever 233.252.0.2)"$'\r'
    whitelist_is $'# b\r' $'::1\r' "# taken out of spammers.tab by allow 233.252.0.1: $(entry 233.252.0.1)"$'\r' $'233.252.0.1\r'
    mode_is "$LIST" 640
    mode_is "$WHITELIST" 640
}

@test "save_mode none doesn't bind who does it by hand" {
    conf 'save_mode = "none";'
    list '# mine'
    done_by_hand block 233.252.0.1
    list_is '# mine' "$(forever 233.252.0.1)"
}

@test "of a MailRoot that belongs to somebody else, root's new files are his" {
    need_root
    list "$(entry 233.252.0.1)"
    give_to_nobody "$MR"
    done_by_hand allow 233.252.0.1
    owner_is "$WHITELIST" "$NOBODY:$NOBODY"
    owner_is "$LIST" "$NOBODY:$NOBODY"
}

@test "root isn't led to another's file by a link in the place of the whitelist" {
    need_root
    list '# mine'
    give_to_nobody "$MR"
    printf '# of root\n' >"$BATS_TEST_TMPDIR/root-file"
    chmod 600 "$BATS_TEST_TMPDIR/root-file"
    ln -s "$BATS_TEST_TMPDIR/root-file" "$WHITELIST"
    chown -h "$NOBODY:$NOBODY" "$WHITELIST"
    by_hand allow 233.252.0.1
    [ "$status" -ne 0 ] || complain "it was taken"
    file_is "$BATS_TEST_TMPDIR/root-file" '# of root'
    list_is '# mine'
}

@test "root writes no whitelist where only who names it wants one" {
    need_root
    list '# mine'
    mkdir "$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/his"
    conf "whitelist_file = \"$BATS_TEST_TMPDIR/root/nologin\";"
    give_to_nobody "$MR"
    by_hand allow 233.252.0.1
    exits 1
    says "unable to write $BATS_TEST_TMPDIR/root/nologin" "$CONF" "beside"
    missing "$BATS_TEST_TMPDIR/root/nologin"
    list_is '# mine'
    chown "$NOBODY" "$BATS_TEST_TMPDIR/his"
    sed -i "s,/root/nologin,/his/white," "$CONF"
    done_by_hand allow 233.252.0.1
    owner_is "$BATS_TEST_TMPDIR/his/white" "$NOBODY:$(stat -c %g "$BATS_TEST_TMPDIR/his")"
    chown root "$CONF"
    sed -i "s,/his/white,/root/white," "$CONF"
    done_by_hand allow 233.252.0.1
    there "$BATS_TEST_TMPDIR/root/white"
    chmod g+w "$CONF"
    : >"$CONF"
    done_by_hand allow 233.252.0.1
    there "$WHITELIST"
}

@test "a list that is missing is made" {
    done_by_hand allow 233.252.0.1
    list_is
    rm "$LIST"
    done_by_hand block 233.252.0.2
    list_is "$(forever 233.252.0.2)"
}

@test "if the list can't be saved, the command can be repeated" {
    can_be_nobody && [ "$(id -u)" -ne 0 ] || skip "needs a user without privileges"
    list "$(entry 233.252.0.1)"
    remember
    chmod a-w "$MR"
    by_hand allow 233.252.0.1
    exits 1
    same_bytes "$OLD" "$LIST"
    chmod u+w "$MR"
    done_by_hand allow 233.252.0.1
    file_is "$LIST"
}
