#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What else may stand where the program reads and writes: FIFOs, directories, links, files of others, full disks.

load helpers

setup() {
    make_mail_root
}

# --- what is read ---

@test "a FIFO or a directory among the logs is passed over with a warning" {
    fail 192.0.2.1
    mkfifo "$MR/logs/smtp-202611200000"
    mkdir "$MR/logs/pop3-202611200000"
    elogin 192.0.2.1 1
    run --separate-stderr timeout 10 "$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" rebuild
    exits 0
    list_is "$(entry 192.0.2.1)"
    says "$MR/logs/smtp-202611200000" "$MR/logs/pop3-202611200000"
    logged WARNING "" "" smtp-202611200000
    logged WARNING "" "" pop3-202611200000
    logged ADD 192.0.2.1 6
}

@test "a pattern that begins with a dot means no directory" {
    conf 'logs = ( { format = "smtp"; files = [ ".*", "*" ]; } );'
    fail 192.0.2.1
    mv "$MR/logs/smtp-202611210000" "$MR/logs/.smtp"
    rebuilt
    says_nothing
    list_is "$(entry 192.0.2.1)"
}

@test "a link to a log is read, and a log reached twice counts once" {
    fail 192.0.2.1
    mkdir "$BATS_TEST_TMPDIR/archive"
    fail 192.0.2.2 4
    mv "$MR/logs/smtp-202611210000" "$BATS_TEST_TMPDIR/archive/log"
    ln -s "$BATS_TEST_TMPDIR/archive/log" "$MR/logs/smtp-202611210000"
    ln -s smtp-202611210000 "$MR/logs/smtp-202611200000"
    ln "$BATS_TEST_TMPDIR/archive/log" "$MR/logs/smtp-202611190000"
    rebuilt
    list_is "$(entry 192.0.2.1)"
    logged ADD 192.0.2.1 5
    logged REBUILD "" "" "files=1 "
}

@test "files whose names aren't XMail's are no logs" {
    fail 192.0.2.1 1
    for name in smtp-20261121000 smtp-2026112100000 smtp-202611210000.gz xsmtp-202611210000 smtp-20261121000x; do
        fail 192.0.2.2 5
        mv "$MR/logs/smtp-202611210000" "$MR/logs/$name"
    done
    fail 192.0.2.1 1
    rebuilt
    list_is
    logged REBUILD "" "" "files=1 "
}

@test "bytes have no other meaning in a log: NULs, long lines, lines without end" {
    {
        printf '\0\0\0\n'
        head -c 3000000 /dev/zero | tr '\0' 'x'
        printf '\n'
        printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"us\0er"\t""\t"ELOGIN"\r\n' "$TODAY"
        printf '\n\r\n\t\t\t\n"""""\n'
        head -c 100000 "$XMAIL_SPAMMERS_RELEASE"
        printf '\n'
        printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"user"\t""\t"ELOGIN"\n' "$TODAY"
        printf '"s"\t"d"\t"192.0.2.9"\t"%s 10:00:00"\t"user"\t""\t"ELOGIN"' "$TODAY"
    } >"$MR/logs/pop3-202611210000"
    conf 'register_count = 1;'
    rebuilt
    list_is "$(entry 192.0.2.1)"
    logged ADD 192.0.2.1 2
}

@test "a FIFO in place of a file that is read holds nobody up" {
    fail 192.0.2.1
    for name in "$LIST" "$MR/smtp.ipprop.tab" "$OWN/whitelist" "$OWN/lock" "$CONF"; do
        mv "$name" "$BATS_TEST_TMPDIR/kept" 2>/dev/null || true
        mkfifo "$name"
        run --separate-stderr timeout 10 "$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" rebuild
        [ "$status" -lt 3 ] || complain "held up or killed by a FIFO in place of $name"
        [ -p "$name" ] || complain "$name is no FIFO any more"
        rm "$name"
        mv "$BATS_TEST_TMPDIR/kept" "$name" 2>/dev/null || true
        [ "$name" = "$OWN/lock" ] || [ "$status" -gt 0 ] || complain "no error for $name"
    done
}

# --- the list's place ---

@test "a directory in the list's place is refused" {
    mkdir "$LIST"
    fail 192.0.2.1
    rebuild
    exits 1
    says "$LIST" "was not changed"
    [ -d "$LIST" ] || complain "the directory is gone"
    no_temporary_file
    no_backup
}

@test "a list that is a symbolic link stays one, and its target is replaced" {
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    target=$BATS_TEST_TMPDIR/elsewhere/real.tab
    entry 198.51.100.1 >"$target"
    ln -s ../elsewhere/real.tab "$LIST"
    fail 192.0.2.1
    rebuilt
    [ "$(readlink "$LIST")" = ../elsewhere/real.tab ] || complain "the link was changed"
    file_is "$target" "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
    file_is "$MR/spammers.20261121170000.tab" "$(entry 198.51.100.1)"
    [ "$(ls "$BATS_TEST_TMPDIR/elsewhere")" = real.tab ] || complain "something was left beside the target"
}

@test "a link to a link to the list works" {
    echo '# mine' >"$MR/real.tab"
    ln -s real.tab "$MR/middle.tab"
    ln -s middle.tab "$LIST"
    fail 192.0.2.1
    rebuilt
    file_is "$MR/real.tab" '# mine' "$(entry 192.0.2.1)"
    [ -L "$MR/middle.tab" ] && [ -L "$LIST" ] || complain "a link was replaced"
}

@test "a dangling link in the list's place is refused, and it says what to do" {
    ln -s nowhere "$LIST"
    fail 192.0.2.1
    rebuild
    exits 1
    says "$LIST" "make it point to a file, or remove it"
    [ -L "$LIST" ] || complain "the link is gone"
    missing "$MR/nowhere"
    no_temporary_file
}

@test "a link to another user's file is refused" {
    need_root
    entry 198.51.100.1 >"$BATS_TEST_TMPDIR/foreign"
    chown 12345:12345 "$BATS_TEST_TMPDIR/foreign"
    cp -p "$BATS_TEST_TMPDIR/foreign" "$BATS_TEST_TMPDIR/copy"
    ln -s "$BATS_TEST_TMPDIR/foreign" "$LIST"
    fail 192.0.2.1
    rebuild
    exits 1
    says "$BATS_TEST_TMPDIR/foreign" chown
    same_bytes "$BATS_TEST_TMPDIR/copy" "$BATS_TEST_TMPDIR/foreign"
    no_backup
}

@test "a link to a file of MailRoot's owner is followed" {
    need_root
    entry 198.51.100.1 >"$BATS_TEST_TMPDIR/real"
    chown 12345:12345 "$BATS_TEST_TMPDIR/real" "$MR"
    ln -s "$BATS_TEST_TMPDIR/real" "$LIST"
    fail 192.0.2.1
    rebuilt
    file_is "$BATS_TEST_TMPDIR/real" "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
    owner_is "$BATS_TEST_TMPDIR/real" 12345:12345
}

# --- owner and mode ---

@test "the list keeps its mode" {
    fail 192.0.2.1
    for mode in 600 640 664 666 444; do
        list "$(entry 198.51.100.1)"
        chmod "$mode" "$LIST"
        rebuilt
        mode_is "$LIST" "$mode"
        list_is "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
        rm -f "$LIST"
    done
}

@test "the list keeps its owner and group" {
    need_root
    list "$(entry 198.51.100.1)"
    chown 12345:12346 "$LIST"
    fail 192.0.2.1
    rebuilt
    owner_is "$LIST" 12345:12346
    list_is "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
}

@test "a new list, and what else is made, belongs to MailRoot's owner" {
    need_root
    mv "$CONF" "$BATS_TEST_TMPDIR/conf"
    rm -r "$MR/filters"
    chown 12345:12346 "$MR"
    fail 192.0.2.1
    xs -c "$BATS_TEST_TMPDIR/conf" -r "$MR" --now "$NOW" rebuild
    exits 0
    owner_is "$LIST" 12345:12346
    mode_is "$LIST" 644
    owner_is "$MR/filters" 12345:12346
    owner_is "$OWN" 12345:12346
}

@test "if the owner can't be kept, nothing is saved" {
    need_root
    can_be_nobody || skip "no way to be another user"
    list "$(entry 198.51.100.1)"
    remember
    fail 192.0.2.1
    give_to_nobody "$MR"
    chown 12345 "$LIST"
    as_nobody
    refused
    says "unable to give" "run this as root" "was not changed"
    owner_is "$LIST" "12345:$NOBODY"
}

@test "a MailRoot that may not be written: nothing is changed" {
    can_be_nobody || skip "no way to be another user"
    list "$(entry 198.51.100.1)"
    remember
    fail 192.0.2.1
    give_to_nobody "$MR"
    chmod 555 "$MR"
    as_nobody
    chmod 755 "$MR"
    refused
    says "unable to create $LIST" "Permission denied" "was not changed"
    logged ERROR "" "" "Permission denied"
}

@test "our directory that may not be written, without a lock: nothing is changed" {
    can_be_nobody || skip "no way to be another user"
    list "$(entry 198.51.100.1)"
    remember
    fail 192.0.2.1
    give_to_nobody "$MR"
    chmod 555 "$OWN"
    as_nobody
    chmod 755 "$OWN"
    refused
    says "$OWN/lock" "Permission denied"
}

# --- left over and planted ---

@test "temporary files that a killed rebuild left are removed by the next one, even if it has nothing to do" {
    fail 192.0.2.1
    list "$(entry 192.0.2.1)"
    for name in spammers.tab.xmail-spammers.tmp spammers.backup.xmail-spammers.tmp; do
        echo x >"$MR/$name"
    done
    rebuilt
    no_temporary_file
    shows "is up to date"
}

@test "a temporary file beside the target of a link is removed too" {
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    echo '# mine' >"$BATS_TEST_TMPDIR/elsewhere/real.tab"
    echo x >"$BATS_TEST_TMPDIR/elsewhere/real.tab.xmail-spammers.tmp"
    ln -s "$BATS_TEST_TMPDIR/elsewhere/real.tab" "$LIST"
    fail 192.0.2.1
    rebuilt
    missing "$BATS_TEST_TMPDIR/elsewhere/real.tab.xmail-spammers.tmp"
    file_is "$BATS_TEST_TMPDIR/elsewhere/real.tab" '# mine' "$(entry 192.0.2.1)"
}

@test "links planted under the temporary names are not followed" {
    echo precious >"$BATS_TEST_TMPDIR/victim"
    list '# mine'
    for name in spammers.tab.xmail-spammers.tmp spammers.backup.xmail-spammers.tmp; do
        ln -s "$BATS_TEST_TMPDIR/victim" "$MR/$name"
    done
    fail 192.0.2.1
    rebuilt
    file_is "$BATS_TEST_TMPDIR/victim" precious
    list_is '# mine' "$(entry 192.0.2.1)"
    [ ! -L "$LIST" ] || complain "the list is a link"
    file_is "$MR/spammers.20261121170000.tab" '# mine'
    no_temporary_file
}

@test "a link planted as lock file is refused" {
    echo precious >"$BATS_TEST_TMPDIR/victim"
    list '# mine'
    remember
    ln -s "$BATS_TEST_TMPDIR/victim" "$OWN/lock"
    fail 192.0.2.1
    rebuild
    refused
    says "$OWN/lock"
    file_is "$BATS_TEST_TMPDIR/victim" precious
    rm "$OWN/lock"
    ln -s "$BATS_TEST_TMPDIR/new" "$OWN/lock"
    rebuild
    refused
    missing "$BATS_TEST_TMPDIR/new"
}

# --- a full disk ---

# rebuild_on_disk SIZE: a rebuild of a MailRoot on a disk of so many bytes, mounted for this process only. Prints saved,
# full or unmounted; anything else is wrong.
rebuild_on_disk() {
    local disk=$BATS_TEST_TMPDIR/disk status=0
    mount -t tmpfs -o "size=$1" none "$disk" 2>/dev/null || { echo unmounted; return; }
    mkdir -p "$disk/logs" "$disk/filters/xmail-spammers"
    cp "$OLD" "$disk/spammers.tab"
    "$XMAIL_SPAMMERS_RELEASE" -c "$CONF" -r "$disk" --now "$NOW" rebuild >"$BATS_TEST_TMPDIR/said" 2>&1 || status=$?
    find "$disk" -name '*.tmp'
    if [ "$status" -eq 0 ]; then
        cmp "$NEW" "$disk/spammers.tab" && cmp "$OLD" "$disk/spammers.20261121170000.tab" && echo saved
    else
        cmp "$OLD" "$disk/spammers.tab" && grep -q 'No space left' "$BATS_TEST_TMPDIR/said" &&
            find "$disk" -maxdepth 1 -name 'spammers.2*' && echo full
    fi
}

@test "on a full disk the old list or the new one stands, whole, and nothing is left behind" {
    unshare -m true 2>/dev/null || skip "mounting is not permitted"
    conf "logs = ( { format = \"smtp\"; directory = \"$MR/logs\"; } );"
    OLD=$BATS_TEST_TMPDIR/old
    NEW=$BATS_TEST_TMPDIR/new
    for ((i = 0; i < 250; i++)); do
        entry "198.51.100.$i"
    done >"$OLD"
    { cat "$OLD"; for ((i = 0; i < 100; i++)); do entry "192.0.2.$i"; done; } >"$NEW"
    for ((i = 0; i < 100; i++)); do
        fail "192.0.2.$i"
    done
    mkdir "$BATS_TEST_TMPDIR/disk"
    export OLD NEW CONF MR NOW XMAIL_SPAMMERS_RELEASE BATS_TEST_TMPDIR
    results=
    for size in 12k 16k 20k 24k 28k 32k 36k 40k 44k 48k 64k; do
        result=$(unshare -m bash -c "$(declare -f rebuild_on_disk); rebuild_on_disk $size" 2>&1)
        [ "$result" != unmounted ] || skip "mounting is not permitted"
        [ "$result" = saved ] || [ "$result" = full ] || complain "$size: $result; $(cat "$BATS_TEST_TMPDIR/said")"
        results="$results $result"
    done
    [[ $results == " full "*" saved" ]] || complain "the disks were of the wrong sizes: $results"
}
