#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The copies of the list that are kept before it is changed.

load helpers

setup() {
    make_mail_root
    fail 192.0.2.1
}

# Makes empty files in MailRoot.
files() {
    local name
    for name in "$@"; do
        : >"$MR/$name"
    done
}

@test "the backup has the very bytes of the old list, and is named after the time" {
    printf '# a\r\n\xff\x01 %s' "$(entry 198.51.100.1)" >"$LIST"
    remember
    rebuilt
    backups_are spammers.20261121170000.tab
    same_bytes "$OLD" "$MR/spammers.20261121170000.tab"
    shows "$MR/spammers.20261121170000.tab"
    no_temporary_file
}

@test "the backup is a file of its own, not a second name of the list" {
    list "$(entry 198.51.100.1)"
    exec 7>>"$LIST" # an editor or XMail has it open and writes in place
    rebuilt
    echo '# later' >&7
    exec 7>&-
    file_is "$MR/spammers.20261121170000.tab" "$(entry 198.51.100.1)"
}

@test "a backup of an empty list is made too" {
    : >"$LIST"
    rebuilt
    file_is "$MR/spammers.20261121170000.tab"
}

@test "two saves within a second keep both backups" {
    list '# first'
    rebuilt
    list '# second'
    rebuilt
    list '# third'
    rebuilt
    backups_are spammers.20261121170000.tab spammers.20261121170001.tab spammers.20261121170002.tab
    file_is "$MR/spammers.20261121170000.tab" '# first'
    file_is "$MR/spammers.20261121170001.tab" '# second'
    file_is "$MR/spammers.20261121170002.tab" '# third'
}

@test "a name that something else has is left alone, and the next second is taken" {
    list '# mine'
    mkdir "$MR/spammers.20261121170000.tab"
    ln -s nowhere "$MR/spammers.20261121170001.tab"
    rebuilt
    backups_are spammers.20261121170002.tab
    [ -L "$MR/spammers.20261121170001.tab" ] || complain "the link is gone"
    missing "$MR/nowhere"
}

@test "a backup has the owner and mode of the list" {
    list '# mine'
    chmod 640 "$LIST"
    [ "$(id -u)" -ne 0 ] || chown 12345:12346 "$LIST"
    owner=$(find "$LIST" -printf '%U:%G')
    rebuilt
    mode_is "$MR/spammers.20261121170000.tab" 640
    owner_is "$MR/spammers.20261121170000.tab" "$owner"
}

@test "backups older than the first day of the range go" {
    list '# mine'
    files spammers.20261115000000.tab spammers.20261114235959.tab spammers.20200229120000.tab \
        spammers.20261120120000.tab
    rebuilt
    backups_are spammers.20261115000000.tab spammers.20261120120000.tab spammers.20261121170000.tab
    says_nothing
}

@test "backups beyond max_backups go, the oldest first" {
    conf 'max_backups = 2;'
    list '# mine'
    files spammers.20261121120000.tab spammers.20261120120000.tab spammers.20261119120000.tab
    rebuilt
    backups_are spammers.20261121120000.tab spammers.20261121170000.tab
}

@test "max_backups 1 keeps the one that was just made" {
    conf 'max_backups = 1;'
    list '# mine'
    files spammers.20261121165959.tab
    rebuilt
    backups_are spammers.20261121170000.tab
    file_is "$MR/spammers.20261121170000.tab" '# mine'
}

@test "files of other names stay" {
    others=(spammers.2020010100000.tab spammers.202001010000000.tab spammers.2020010100000x.tab
        spammers.20201301000000.tab spammers.20200001000000.tab spammers.20200100000000.tab
        spammers.20200132000000.tab spammers.20200101240000.tab spammers.20200101006000.tab
        spammers.20200101000061.tab spammers.20200101000000.tab.bak spammers.20200101000000.txt
        xspammers.20200101000000.tab spammers.20200101000000 Spammers.20200101000000.tab
        "spammers. 2020010100000.tab" spammers.+2020010100000.tab spammers.old.tab)
    conf 'max_backups = 1;'
    list '# mine'
    files "${others[@]}"
    rebuilt
    for name in "${others[@]}"; do
        there "$MR/$name"
    done
}

@test "a file whose name is a day that no calendar has stays" {
    list '# mine'
    files spammers.20260231000000.tab spammers.20250229000000.tab
    rebuilt
    there "$MR/spammers.20260231000000.tab" "$MR/spammers.20250229000000.tab"
}

@test "the backup that was just made stays, whatever the others are called" {
    conf 'max_backups = 1;'
    list '# mine'
    files spammers.20991231235959.tab
    rebuilt
    file_is "$MR/spammers.20261121170000.tab" '# mine'
}

@test "directories and symbolic links stay, whatever their names" {
    conf 'max_backups = 1;'
    list '# mine'
    mkdir "$MR/spammers.20200101000000.tab"
    echo x >"$MR/other"
    ln -s other "$MR/spammers.20200102000000.tab"
    ln -s nowhere "$MR/spammers.20200103000000.tab"
    rebuilt
    there "$MR/spammers.20200101000000.tab" "$MR/other"
    [ -L "$MR/spammers.20200102000000.tab" ] && [ -L "$MR/spammers.20200103000000.tab" ] || complain "a link is gone"
    says_nothing
}

@test "backups elsewhere stay" {
    list '# mine'
    touch "$MR/logs/spammers.20200101000000.tab" "$OWN/spammers.20200101000000.tab"
    rebuilt
    there "$MR/logs/spammers.20200101000000.tab" "$OWN/spammers.20200101000000.tab"
}

@test "a rebuild that saves nothing deletes no backup" {
    conf 'max_backups = 1;'
    list "$(entry 192.0.2.1)"
    files spammers.20200101000000.tab spammers.20261120120000.tab
    rebuilt
    backups_are spammers.20200101000000.tab spammers.20261120120000.tab
}

@test "if the backup can't be made, nothing is saved" {
    list '# mine'
    remember
    mkdir "$MR/spammers.backup.xmail-spammers.tmp"
    echo x >"$MR/spammers.backup.xmail-spammers.tmp/x"
    rebuild
    exits 1
    same_bytes "$OLD" "$LIST"
    no_backup
    missing "$MR/spammers.tab.xmail-spammers.tmp"
    says "unable to" "$MR/spammers.backup.xmail-spammers.tmp" "was not changed"
    logged ERROR "" "" spammers.backup
}
