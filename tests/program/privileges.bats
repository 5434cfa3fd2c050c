#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Who may do what: modes and owners of all that is made, passwords, and root in the MailRoot of a user whom it doesn't
# trust. He may put anything in the place of anything there; root is not to write, give away or show him what is
# outside. (Whoever writes the configuration tells the program what to do; the one here is root's.)

# shellcheck disable=SC2030,SC2031,SC2154 # run sets status, output and stderr
load helpers

THEIRS=12345:12346
PASSWORD=s3cr3t-p4ssw0rd

setup() {
    make_mail_root
    OUTSIDE=$BATS_TEST_TMPDIR/outside
}

# --- modes -------------------------------------------------------------------------------------------------------

# All commands that make files.
make_everything() {
    printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"u"\t"%s"\t"ELOGIN"\n' "$TODAY" "$PASSWORD" \
        >"$MR/logs/pop3-202611200000"
    touch -d '1 hour ago' "$MR/logs"/*
    echo "auto = { enabled = true; from = 0; to = 0; };" >"$CONF"
    cp "$XMAIL_SPAMMERS" "$XMAIL_SPAMMERS-engine" "$OWN"
    (
        umask "$1"
        program=$OWN/xmail-spammers
        for arguments in rebuild filter install; do
            "$program" -c "$CONF" -r "$MR" --now "$NOW" $arguments >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- ||
                { cat "$BATS_TEST_TMPDIR/said"; exit 1; }
        done
    )
}

# The modes of all that the program makes.
modes_are() {
    local name
    mode_is "$LIST" 640
    mode_is "$MR/spammers.20261121170000.tab" 640
    mode_is "$LOG" 644
    mode_is "$OWN/lock" 600
    mode_is "$OWN/state" 644
    mode_is "$OWN/cache" 700
    [ "$(find "$OWN/cache" -type f | wc -l)" -ge 2 ] || complain "no cache was made"
    for name in "$OWN/cache"/*; do
        mode_is "$name" 600
    done
    mode_is "$MR/filters.post-rcpt.tab" "$1"
}

@test "whatever the umask, all that is made has the mode that it should have" {
    list "$(entry 198.51.100.1)"
    cp -r "$MR" "$BATS_TEST_TMPDIR/kept"
    for mask in 000 022 077 777; do
        rm -r "$MR"
        cp -rp "$BATS_TEST_TMPDIR/kept" "$MR"
        chmod 640 "$LIST"
        fail 192.0.2.1
        make_everything $mask
        modes_are 644
        touch "$BATS_TEST_TMPDIR/none"
        [ -z "$(find "$MR" -not -type l -perm /022)" ] || complain "umask $mask: others may write"
    done
}

# as_nobody_with UMASK: a rebuild by the owner of MailRoot, who isn't root.
as_nobody_with() {
    local other=()
    [ "$(id -u)" -ne 0 ] || other=(setpriv "--reuid=$NOBODY" "--regid=$NOBODY" --clear-groups)
    # shellcheck disable=SC2016 # for the inner shell
    run --separate-stderr timeout -k 5 30 "${other[@]}" bash -c 'umask "$0"; exec "$@"' "$1" \
        "$BATS_TEST_TMPDIR/xmail-spammers" -r "$MR" --now "$NOW" rebuild 3>&-
    only_named_messages
}

@test "as the owner of MailRoot, whatever the umask, the next rebuild works as well" {
    can_be_nobody || skip "no way to be another user"
    as_nobody # who then may run the program
    for mask in 000 022 077 777; do
        rm -rf "$OWN/lock" "$OWN/state" "$OWN/cache" "$LOG" "$MR"/spammers.*
        for owner_umask in "$mask" 022; do
            list "$(entry 198.51.100.1)"
            fail 192.0.2.1
            give_to_nobody "$MR"
            as_nobody_with "$owner_umask"
            exits 0
        done
        mode_is "$OWN/lock" 600
        mode_is "$LOG" 644
        [ "$(id -u)" -ne 0 ] || [ -z "$(find "$MR" -not -uid "$NOBODY")" ] || complain "not all is the owner's"
    done
}

@test "filters.post-rcpt.tab keeps its mode and owner, set-uid bit and all" {
    need_root
    fail 192.0.2.1
    for mode in 600 664 4755 1644; do
        echo '# mine' >"$MR/filters.post-rcpt.tab"
        chown "$THEIRS" "$MR/filters.post-rcpt.tab"
        chmod "$mode" "$MR/filters.post-rcpt.tab"
        make_everything 0
        mode_is "$MR/filters.post-rcpt.tab" "$mode"
        owner_is "$MR/filters.post-rcpt.tab" "$THEIRS"
    done
}

@test "the list keeps set-uid, set-gid and sticky bits, and its backup has them too" {
    for mode in 4644 2664 1600 7777; do
        rm -f "$MR"/spammers.2*.tab
        list "$(entry 198.51.100.1)"
        [ "$(id -u)" -ne 0 ] || chown "$THEIRS" "$LIST"
        chmod "$mode" "$LIST"
        rm -f "$MR/logs"/smtp-*
        fail 192.0.2.1
        rebuilt
        mode_is "$LIST" "$mode"
        mode_is "$MR/spammers.20261121170000.tab" "$mode"
        [ "$(id -u)" -ne 0 ] || owner_is "$LIST" "$THEIRS"
    done
}

@test "what root makes belongs to the owner of MailRoot, so that his filter can go on with it" {
    need_root
    can_be_nobody || skip "no way to be another user"
    list "$(entry 198.51.100.1)"
    fail 192.0.2.1
    give_to_nobody "$MR"
    make_everything 077
    for name in "$OWN/lock" "$OWN/state" "$OWN/cache" "$OWN/cache"/* "$LOG" "$LIST" "$MR"/spammers.2*.tab \
        "$MR/filters.post-rcpt.tab"; do
        owner_is "$name" "$NOBODY:$NOBODY"
    done
    fail 192.0.2.2
    as_nobody
    exits 0
    list_is "$(entry 198.51.100.1)" "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
}

# --- passwords ---------------------------------------------------------------------------------------------------

# Every kind of log with a password, in records that are right, cut, too long, and with fields pushed to and fro.
write_passwords() {
    local day=$TODAY p=$PASSWORD
    {
        printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"u"\t"%s"\t"ELOGIN"\n' "$day" "$p"
        printf '"s"\t"d"\t"192.0.2.9"\t"%s 10:00:00"\t"u"\t"%s"\t"LOGIN"\t"1"\t"2"\n' "$day" "$p"
        printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"u\t%s"\t"%s"\t"x"\t"ELOGIN"\n' "$day" "$p" "$p"
        printf '"s"\t"d"\t"%s"\t"%s 10:00:00"\t"u"\t"%s"\t"ELOGIN"\n' "$p" "$day" "$p"
        printf '"s"\t"%s"\t"192.0.2.1"\t"%s 99:00:00"\t"%s"\n' "$p" "$day" "$p"
        head -c 300000 /dev/zero | tr '\0' 'x'
        printf '%s\n' "$p"
        printf '"s"\t"d"\t"192.0.2.1"\t"%s 10:00:00"\t"u"\t"%s' "$day" "$p"
    } >"$MR/logs/pop3-202611210000"
    printf '"192.0.2.1"\t"u"\t"%s"\t"%s 10:00:00"\t"FAIL"\n"%s"\t"FAIL"\n' "$p" "$day" "$p" \
        >"$MR/logs/ctrl-202611210000"
    printf '"%s 10:00:00"\t"Failure"\t"d"\t"u"\t"%s"\t"o"\t"x"\t"s"\t"192.0.2.1"\n' "${day//-//}" "$p" >"$MR/logs/k4-log"
    printf '"%s 10:00:00"\t"%s"\n' "${day//-//}" "$p" >>"$MR/logs/k4-log"
}

# Neither on the screen nor in any file but the logs themselves.
password_is_nowhere() {
    [[ $output$stderr != *"$PASSWORD"* ]] || complain "$1 shows the password"
    ! grep -rl --exclude='pop3-*' --exclude='ctrl-*' --exclude='k4-*' -e "$PASSWORD" "$MR" ||
        complain "$1 leaves the password in a file"
}

@test "no command shows a password that stands in a log, or copies it into any file" {
    write_passwords
    conf 'logs = ( { format = "pop3"; }, { format = "ctrl"; }, { format = "k4"; } );' 'register_count = 1;' \
        'auto = { enabled = true; from = 0; to = 0; };'
    for arguments in 'rebuild -n' rebuild 'rebuild -n' 'rebuild --no-cache' filter check status 'status --json' \
        install check uninstall; do
        # shellcheck disable=SC2086 # words
        xs -c "$CONF" -r "$MR" --now "$NOW" $arguments
        [ "$status" -le 1 ] || complain "$arguments"
        password_is_nowhere "$arguments"
    done
    logged ADD 192.0.2.1
    [ "$(find "$OWN/cache" -type f | wc -l)" -ge 3 ] || complain "no cache was made"
}

@test "what is said of a bad log, pattern or list names no password" {
    write_passwords
    cp "$MR/logs/pop3-202611210000" "$LIST"
    touch -d '1 hour ago' "$LIST"
    conf 'logs = ( { format = "pop3"; unauthorized = "(x+x+)+y|^(?:E|L)"; }, { format = "ctrl"; }, { format = "k4"; } );'
    for arguments in 'rebuild -n' rebuild check; do
        # shellcheck disable=SC2086 # words
        xs -c "$CONF" -r "$MR" --now "$NOW" $arguments
        [[ $output$stderr != *"$PASSWORD"* ]] || complain "$arguments shows the password"
        ! grep -q -e "$PASSWORD" "$LOG" 2>/dev/null || complain "$arguments logs the password"
    done
}

# --- root in the MailRoot of another user ------------------------------------------------------------------------

# A MailRoot of another user's, after a rebuild, which root works on with a configuration of its own. Outside of it are
# a file for root alone, and a directory that has what ours has.
make_their_mail_root() {
    mkdir "$OUTSIDE" "$OUTSIDE/directory" "$OUTSIDE/directory/xmail-spammers"
    # shellcheck disable=SC2016 # no variables
    printf 'root:$6$salt$%s:19000:0:99999:7:::\n' "$PASSWORD" >"$OUTSIDE/shadow"
    for name in state lock xmail-spammers/state xmail-spammers/lock spammers-log smtp-1-2 balance; do
        cp "$OUTSIDE/shadow" "$OUTSIDE/directory/$name"
    done
    chmod 600 "$OUTSIDE/shadow"
    find "$OUTSIDE/directory" -type f -exec chmod 600 {} +
    CONF=$BATS_TEST_TMPDIR/root.conf
    printf '%s\n' 'register_count = 5;' "whitelist_file = \"$OWN/whitelist\";" \
        "auto = { enabled = true; from = 0; to = 0; };" "mail_root = \"$MR\";" >"$CONF"
    list "$(entry 198.51.100.1)"
    fail 192.0.2.1
    chown -R "$THEIRS" "$MR"
    xs -c "$CONF" --now 2026-11-20T17:00 rebuild
    xs -c "$CONF" --now 2026-11-20T17:00 install
    exits 0
    fail 192.0.2.2
    remove_list_entry
    cp -a "$MR" "$BATS_TEST_TMPDIR/kept"
}

remove_list_entry() {
    list "$(entry 198.51.100.1)"
    chown "$THEIRS" "$LIST"
}

# Names that the program writes, reads, makes or removes.
every_file() {
    echo spammers.tab spammers.tab.xmail-spammers.tmp spammers.backup.xmail-spammers.tmp \
        spammers.20261121170000.tab spammers.20261121170001.tab spammers.20260101000000.tab \
        filters.post-rcpt.tab filters.post-rcpt.tab.xmail-spammers.tmp smtp.ipprop.tab server.tab logs/spammers-log \
        logs/smtp-202611210000 filters/xmail-spammers/{lock,state,state.xmail-spammers.tmp,whitelist,cache/balance} \
        filters/xmail-spammers/cache/balance.xmail-spammers.tmp
    (cd "$BATS_TEST_TMPDIR/kept" && find filters/xmail-spammers/cache -type f -printf '%p %p.xmail-spammers.tmp\n')
}

# Commands of root's on what the other user has made of his MailRoot: nothing outside is touched, and nobody but root
# can read what root alone may.
root_is_not_led_astray() {
    local what=$1 before arguments found
    before=$(cd "$OUTSIDE" && find . -type f -exec cksum {} + -o -printf '%p %y\n' | sort &&
        find . -printf '%p %y %m %U:%G %T@\n' | sort)
    for arguments in rebuild filter install uninstall check status 'rebuild -n'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr timeout -k 5 30 "$XMAIL_SPAMMERS_RELEASE" -c "$CONF" --now "$NOW" $arguments 3>&-
        [ "$status" -le 2 ] || complain "$what: $arguments"
        [ "$before" = "$(cd "$OUTSIDE" && find . -type f -exec cksum {} + -o -printf '%p %y\n' | sort &&
            find . -printf '%p %y %m %U:%G %T@\n' | sort)" ] ||
            complain "$what: $arguments touched $(find "$OUTSIDE" -newer "$CONF")"
        found=$(find "$MR" -type f -links 1 \( -perm /004 -o -uid 12345 \) -exec grep -l -e "$PASSWORD" {} +) || true
        [ -z "$found" ] || complain "$what: $arguments shows in $found what only root may read"
    done
}

@test "a link to root's own file in the place of the list of another's MailRoot is refused" {
    need_root
    make_their_mail_root
    rm "$LIST"
    ln -s "$OUTSIDE/shadow" "$LIST"
    chown -h "$THEIRS" "$LIST"
    rebuild
    exits 1
    says "$LIST" "$OUTSIDE/shadow" chown
    root_is_not_led_astray "the list is a link"
}

@test "an event log of another's MailRoot that is another name of root's file isn't written" {
    need_root
    make_their_mail_root
    rm "$LOG"
    ln "$OUTSIDE/shadow" "$LOG"
    xs -c "$CONF" --now "$NOW" rebuild
    exits 0
    says "unable to write the event log $LOG"
    root_is_not_led_astray "the event log is another name"
}

@test "links planted anywhere in another's MailRoot lead root nowhere" {
    need_root
    make_their_mail_root
    for name in $(every_file); do
        for target in shadow none directory; do
            rm -rf "$MR"
            cp -a "$BATS_TEST_TMPDIR/kept" "$MR"
            rm -f "${MR:?}/$name"
            ln -s "$OUTSIDE/$target" "$MR/$name"
            chown -h "$THEIRS" "$MR/$name"
            root_is_not_led_astray "$name is a link to $target"
        done
    done
}

@test "other names of root's files in another's MailRoot are as harmless" {
    need_root
    make_their_mail_root
    for name in $(every_file); do
        rm -rf "$MR"
        cp -a "$BATS_TEST_TMPDIR/kept" "$MR"
        rm -f "${MR:?}/$name"
        ln "$OUTSIDE/shadow" "$MR/$name"
        root_is_not_led_astray "$name is another name of shadow"
    done
}

links_for_directories_lead_nowhere() {
    for name in filters filters/xmail-spammers filters/xmail-spammers/cache logs; do
        rm -rf "$MR"
        cp -a "$BATS_TEST_TMPDIR/kept" "$MR"
        rm -r "${MR:?}/$name"
        ln -s "$OUTSIDE/directory" "$MR/$name"
        chown -h "$THEIRS" "$MR/$name"
        root_is_not_led_astray "$name is a link"
    done
}

@test "links in the place of directories in another's MailRoot lead root nowhere" {
    need_root
    make_their_mail_root
    links_for_directories_lead_nowhere
}

@test "nor do they lead root, or whom it becomes, into a third user's directory" {
    need_root
    make_their_mail_root
    chown -R 23456:23457 "$OUTSIDE/directory"
    links_for_directories_lead_nowhere
}

@test "what root isn't led to is told of as that" {
    need_root
    make_their_mail_root
    for make_name in ln 'ln -s'; do
        rm -f "$LOG" "$OWN/whitelist"
        $make_name "$OUTSIDE/shadow" "$LOG"
        xs -c "$CONF" --now "$NOW" rebuild
        exits 0
        says "unable to write the event log $LOG: " "a second name in another user's directory, that is not followed here"
        $make_name "$OUTSIDE/shadow" "$OWN/whitelist"
        xs -c "$CONF" --now "$NOW" rebuild
        exits 2
        says "unable to read $OWN/whitelist: " "a second name in another user's directory, that is not followed here"
    done
}

# their_configuration SETTING...: in their MailRoot, and the filter is due.
their_configuration() {
    CONF=$OWN/xmail-spammers.conf
    printf '%s\n' 'auto = { enabled = true; from = 0; to = 0; };' "mail_root = \"$MR\";" "$@" >"$CONF"
    chown "$THEIRS" "$CONF"
    rm -f "$OWN/state" "$LOG"
}

# Neither to the screen nor to MailRoot, whoever may read that.
password_is_told_by_no_command() {
    for arguments in rebuild filter check status 'rebuild -n' export\ plain 'explain 192.0.2.1' 'allow 192.0.2.1' \
        'allow --undo 192.0.2.1' 'block 192.0.2.1'; do
        # shellcheck disable=SC2086 # words
        xs -c "$CONF" --now "$NOW" $arguments
        password_is_nowhere "$arguments"
    done
}

@test "no line of root's file is quoted because another's configuration names it as the whitelist" {
    need_root
    make_their_mail_root
    their_configuration "whitelist_file = \"$OUTSIDE/shadow\";"
    password_is_told_by_no_command
    logged ERROR "" "" "$OUTSIDE/shadow:1: unable to white-list what stands here: it must be an IPv4 or IPv6 address"
    chown 0:0 "$CONF"
    chmod g+w "$CONF" # root's, and not his alone
    rm -f "$OWN/state" "$LOG"
    password_is_told_by_no_command
    logged ERROR "" "" "$OUTSIDE/shadow:1: unable to white-list what stands here: it must be an IPv4 or IPv6 address"
}

@test "of the whitelist that is the configuration's owner's, or that root's own names, a faulty line is quoted" {
    need_root
    make_their_mail_root
    printf 'nonsense\n' >"$OWN/whitelist"
    xs -c "$CONF" --now "$NOW" rebuild # root's
    exits 2
    says "$OWN/whitelist:1: unable to white-list \"nonsense\": "
    their_configuration
    chown "$THEIRS" "$OWN/whitelist"
    xs -c "$CONF" --now "$NOW" rebuild
    exits 2
    says "$OWN/whitelist:1: unable to white-list \"nonsense\": "
}

@test "root includes in another's configuration what is his or everybody's, but nothing that he can't read" {
    need_root
    make_their_mail_root
    printf '"%s"\n' "$PASSWORD" >"$OUTSIDE/quoted"
    their_configuration 'whitelist = [' "@include \"$OUTSIDE/quoted\"" '];'
    chmod 600 "$OUTSIDE/quoted"
    password_is_told_by_no_command
    logged ERROR "" "" "$CONF:4: unable to read $OUTSIDE/quoted for who may write the configuration: Permission denied"
    printf '"192.0.2.2"\n' >"$OUTSIDE/quoted"
    chown "$THEIRS" "$OUTSIDE/quoted"
    xs -c "$CONF" --now "$NOW" rebuild
    exits 0
    chown 0:0 "$OUTSIDE/quoted"
    chmod 644 "$OUTSIDE/quoted"
    xs -c "$CONF" --now "$NOW" rebuild
    exits 0
    chmod 600 "$OUTSIDE/quoted"
    chown 0:0 "$CONF"
    xs -c "$CONF" --now "$NOW" rebuild
    exits 0
}

@test "a directory of MailRoot that is a link to another one of its owner's is used" {
    need_root
    make_their_mail_root
    mkdir "$BATS_TEST_TMPDIR/theirs"
    for name in filters logs; do
        mv "$MR/$name" "$BATS_TEST_TMPDIR/theirs"
        ln -s "$BATS_TEST_TMPDIR/theirs/$name" "$MR/$name"
        chown -h "$THEIRS" "$BATS_TEST_TMPDIR/theirs" "$MR/$name"
    done
    xs -c "$CONF" --now "$NOW" rebuild
    exits 0
    says_nothing
    list_is "$(entry 198.51.100.1)" "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
    logged ADD 192.0.2.2 5
}

@test "links of root's own in root's MailRoot are followed" {
    need_root
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    fail 192.0.2.1
    list "$(entry 198.51.100.1)"
    for name in logs filters spammers.tab; do
        mv "$MR/$name" "$BATS_TEST_TMPDIR/elsewhere"
        ln -s "$BATS_TEST_TMPDIR/elsewhere/$name" "$MR/$name"
    done
    rebuilt
    says_nothing
    file_is "$BATS_TEST_TMPDIR/elsewhere/spammers.tab" "$(entry 198.51.100.1)" "$(entry 192.0.2.1)"
    [ -L "$LIST" ] || complain "the link is gone"
    logged ADD 192.0.2.1 5
    there "$BATS_TEST_TMPDIR/elsewhere/filters/xmail-spammers/cache"
}

@test "an event log that has a second name goes on if it is its directory's owner's" {
    fail 192.0.2.1
    rebuilt
    ln "$LOG" "$BATS_TEST_TMPDIR/snapshot"
    rebuilt
    says_nothing
    logged_times 2 REBUILD
}
