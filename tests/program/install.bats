#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# install and uninstall: the line in filters.post-rcpt.tab that has XMail call the filter.
#
# bats runs each test in a shell of its own, and so XMAIL_SPAMMERS may be another in each.
# shellcheck disable=SC2030,SC2031

load helpers

setup() {
    make_mail_root
    TAB=$MR/filters.post-rcpt.tab
    install_program "$OWN"
}

# The program as it is installed, in a directory of its own.
install_program() {
    mkdir -p "$1"
    cp "$XMAIL_SPAMMERS" "$XMAIL_SPAMMERS-engine" "$1"
    XMAIL_SPAMMERS=$1/xmail-spammers
}

# The line as XMail is to read it; call PROGRAM CONFIGURATION.
call() {
    printf '"%s"\t"-c"\t"%s"\t"filter"\n' "${1:-$OWN/xmail-spammers}" "${2:-$CONF}"
}

# The lines of the file, written a while ago, as by an administrator.
tab() {
    printf '%s\n' "$@" >"$TAB"
    touch -d '1 minute ago' "$TAB"
}

tab_is() {
    file_is "$TAB" "$@"
}

installed() {
    xs -r "$MR" install
    exits 0
    says_nothing
}

# refuses_paths OPTION...
refuses_paths() {
    xs "$@" install
    exits 1
    says "unable to register the "
    missing "$TAB" "$LIST"
    no_temporary_file
}

uninstalled() {
    xs -r "$MR" uninstall
    exits 0
}

@test "install makes the file and an empty list, and says what it did and what is missing" {
    installed
    tab_is "$(call)"
    list_is
    mode_is "$TAB" 644
    mode_is "$LIST" 644
    no_temporary_file
    shows "Registered: line 1 of $TAB" "Created: $LIST" "reads filters.post-rcpt.tab anew each time: no restart" "auto.enabled is false in $CONF"
}

@test "install says nothing of a schedule that is on" {
    conf 'auto = { enabled = true; };'
    installed
    [[ $output != *auto.enabled* ]] || complain "the filter is on"
}

@test "the line goes behind the other filters, which stay as they are" {
    tab '# filters' $'"/usr/bin/greylist"\t"@@REMOTEADDR"' '' $'"!aex"\t"/bin/true"'
    chmod 640 "$TAB"
    installed
    tab_is '# filters' $'"/usr/bin/greylist"\t"@@REMOTEADDR"' '' $'"!aex"\t"/bin/true"' "$(call)"
    shows "line 5 of"
    mode_is "$TAB" 640
    uninstalled
    says_nothing
    shows "Taken out of $TAB"
    tab_is '# filters' $'"/usr/bin/greylist"\t"@@REMOTEADDR"' '' $'"!aex"\t"/bin/true"'
}

@test "installing twice is installing once, and writes nothing" {
    installed
    list "$(entry 198.51.100.1)"
    before=$(identity "$TAB")
    installed
    shows "Already registered: line 1 of"
    [[ $output != *Created* ]] || complain "nothing was created"
    [ "$before" = "$(identity "$TAB")" ] || complain "the file was written"
    list_is "$(entry 198.51.100.1)"
}

@test "a filter that came behind ours is put before it" {
    installed
    printf '"/bin/true"\n' >>"$TAB"
    installed
    shows "Registered: line 2 of"
    tab_is '"/bin/true"' "$(call)"
}

@test "uninstall restores the file to the byte" {
    for text in '' '\n' '"/bin/true"' '"/bin/true"\n' '"/bin/true"\r\n"/bin/false"' '"/bin/true"\r\n' 'a\0b' '#\r'; do
        # shellcheck disable=SC2059 # it is a format
        printf "$text" >"$TAB"
        touch -d '1 minute ago' "$TAB"
        cp "$TAB" "$BATS_TEST_TMPDIR/before"
        installed
        run -1 cmp -s "$TAB" "$BATS_TEST_TMPDIR/before"
        uninstalled
        same_bytes "$TAB" "$BATS_TEST_TMPDIR/before"
    done
}

@test "uninstall of what isn't there says so" {
    uninstalled
    shows "Nothing to take out" "$TAB"
    missing "$TAB" "$LIST"
    tab "# $(call)"
    uninstalled
    tab_is "# $(call)"
}

@test "a line that calls another copy stops install, and is named with its remedy" {
    tab '# one' "$(call /opt/xmail-spammers /opt/conf)"
    xs -r "$MR" install
    exits 1
    says "$TAB" "line 2" /opt/xmail-spammers "take that line out"
    missing "$LIST"
    tab_is '# one' "$(call /opt/xmail-spammers /opt/conf)"
    no_temporary_file
    tab "\"!aex\""$'\t'"$(call)"
    xs -r "$MR" install
    exits 1
    says "line 1"
}

@test "uninstall leaves lines that it didn't write, and names them" {
    installed
    tab "$(call)" "$(call /opt/xmail-spammers /opt/conf)"
    uninstalled
    says "line 1 of $TAB still calls /opt/xmail-spammers"
    tab_is "$(call /opt/xmail-spammers /opt/conf)"
}

@test "install needs a configuration without faults, and changes nothing else" {
    conf 'order = "sideways";'
    before=$(snapshot "$MR")
    xs -r "$MR" install
    exits 2
    says "$CONF:1: "
    [ "$before" = "$(snapshot "$MR")" ] || complain "something was changed"
    rm "$CONF"
    xs -r "$MR" install
    exits 2
    missing "$TAB" "$LIST"
}

@test "uninstall works with a faulty configuration, and with none, as long as MailRoot is known" {
    installed
    conf 'order = "sideways'
    uninstalled
    tab_is
    tab "$(call)"
    MAIL_ROOT=$MR xs -c "$CONF" uninstall
    exits 0
    tab_is
    tab "$(call)"
    rm "$CONF"
    uninstalled
    tab_is
}

@test "uninstall works when the configuration's directory is gone" {
    tab '"/bin/true"' "$(call '' "$BATS_TEST_TMPDIR/gone/other.conf")"
    xs -r "$MR" -c "$BATS_TEST_TMPDIR/gone/other.conf" uninstall
    exits 0
    says_nothing
    tab_is '"/bin/true"'
}

@test "uninstall without a MailRoot says how to name it" {
    echo 'order = "sideways";' >"$BATS_TEST_TMPDIR/other.conf"
    xs -c "$BATS_TEST_TMPDIR/other.conf" uninstall
    exits 2
    says "other.conf:1: " "-r MAILROOT"
}

@test "a configuration elsewhere must name the MailRoot, as XMail's call has no -r" {
    other=$BATS_TEST_TMPDIR/other.conf
    : >"$other"
    xs -r "$MR" -c "$other" install
    exits 1
    says "$other names no MailRoot" "mail_root = \"$MR\";"
    MAIL_ROOT=$MR xs -c "$other" install
    exits 1
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    printf 'mail_root = "%s";\n' "$BATS_TEST_TMPDIR/elsewhere" >"$other"
    xs -r "$MR" -c "$other" install
    exits 1
    says "names another MailRoot, $BATS_TEST_TMPDIR/elsewhere" "mail_root = \"$MR\";"
    missing "$TAB" "$LIST"
    printf 'mail_root = "%s/";\n' "$MR" >"$other"
    xs -c "$other" install
    exits 0
    tab_is "$(call '' "$other")"
}

@test "the line that names the MailRoot can be copied, whatever its name is" {
    install_program "$BATS_TEST_TMPDIR/bin"
    odd="$BATS_TEST_TMPDIR/Mail \\ \"Root\""
    mv "$MR" "$odd"
    other=$BATS_TEST_TMPDIR/other.conf
    : >"$other"
    xs -r "$odd" -c "$other" install
    exits 1
    says "mail_root = "
    # shellcheck disable=SC2154 # of bats
    grep -o 'mail_root = .*;' <<<"$stderr" >"$other"
    xs -c "$other" install
    exits 0
    file_is "$odd/filters.post-rcpt.tab" "$(call "$XMAIL_SPAMMERS" "$other")"
}

@test "paths are written whole, wherever one stands and however they are given" {
    cd "$OWN"
    conf "mail_root = \"$MR\";"
    run --separate-stderr ./xmail-spammers -c ../xmail-spammers/xmail-spammers.conf install
    exits 0
    tab_is "$(call)"
    ln -s "$OWN/xmail-spammers" "$BATS_TEST_TMPDIR/link"
    run --separate-stderr "$BATS_TEST_TMPDIR/link" -c xmail-spammers.conf install
    exits 0
    shows "Already registered"
}

@test "a MailRoot with blanks and apostrophes works" {
    odd="$BATS_TEST_TMPDIR/Mail Root's"
    cp -r "$MR" "$odd"
    XMAIL_SPAMMERS=$odd/filters/xmail-spammers/xmail-spammers
    xs -r "$odd" install
    exits 0
    file_is "$odd/filters.post-rcpt.tab" "$(call "$XMAIL_SPAMMERS" "$odd/filters/xmail-spammers/xmail-spammers.conf")"
}

@test "paths that XMail can't read back are refused with a remedy, and nothing is changed" {
    long=$(printf 'x%.0s' {1..250})
    for name in 'a"b' $'a\tb' $'a\eb' "$long/$long/$long/$long"; do
        install_program "$BATS_TEST_TMPDIR/$name"
        refuses_paths -r "$MR"
    done
    XMAIL_SPAMMERS=$OWN/xmail-spammers
    mv "$CONF" "$CONF\\"
    refuses_paths -r "$MR" -c "$CONF\\"
}

@test "the program must be where XMail is to call it" {
    rm "$OWN/xmail-spammers"
    run --separate-stderr "$OWN/xmail-spammers-engine" -r "$MR" install
    exits 1
    says "$OWN/xmail-spammers" "make install"
    missing "$TAB" "$LIST"
}

@test "a symbolic link stays one" {
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    printf '"/bin/true"\n' >"$BATS_TEST_TMPDIR/elsewhere/tab"
    ln -s "$BATS_TEST_TMPDIR/elsewhere/tab" "$TAB"
    installed
    [ -L "$TAB" ] || complain "it is no link any more"
    file_is "$BATS_TEST_TMPDIR/elsewhere/tab" '"/bin/true"' "$(call)"
}

@test "install waits for a rebuild to end" {
    exec 8>"$OWN/lock"
    flock 8
    "$XMAIL_SPAMMERS" -r "$MR" install >/dev/null 2>"$BATS_TEST_TMPDIR/said" 8>&- 3>&- &
    wait_until grep -q 'another rebuild' "$BATS_TEST_TMPDIR/said"
    missing "$TAB"
    exec 8>&-
    wait $!
    tab_is "$(call)"
}

@test "what root makes belongs to the owner of MailRoot" {
    need_root
    chown -R "$NOBODY:$NOBODY" "$MR"
    installed
    owner_is "$TAB" "$NOBODY:$NOBODY"
    owner_is "$LIST" "$NOBODY:$NOBODY"
}

@test "a user who may not write to MailRoot is told so, and nothing is changed" {
    can_be_nobody || skip "no other user"
    tab '"/bin/true"'
    before=$(snapshot "$MR")
    if [ "$(id -u)" -eq 0 ]; then
        chmod a+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")"
        run --separate-stderr setpriv --reuid="$NOBODY" --regid="$NOBODY" --clear-groups "$XMAIL_SPAMMERS" -r "$MR" install
    else
        chmod a-w "$MR" "$OWN"
        before=$(snapshot "$MR")
        xs -r "$MR" install
        chmod u+w "$MR" "$OWN"
    fi
    exits 1
    says "unable to "
    [ "$(id -u)" -ne 0 ] || says "run this as the user that MailRoot belongs to, or as root"
    [ "$(id -u)" -ne 0 ] || [ "$before" = "$(snapshot "$MR")" ] || complain "something was changed"
    tab_is '"/bin/true"'
}

@test "the registered line runs as XMail runs it, and accepts the recipient" {
    installed
    IFS=$'\t' read -r program option configuration argument <"$TAB"
    run --separate-stderr "${program//\"/}" "${option//\"/}" "${configuration//\"/}" "${argument//\"/}"
    exits 0
    says_nothing
    [ -z "$output" ] || complain "stdout isn't empty"
}

@test "install and uninstall take no argument and tell how they are used" {
    for command in install uninstall; do
        xs -r "$MR" "$command" now
        exits 2
        says "'now'" "$command"
        xs -r "$MR" "$command" --frobnicate
        exits 2
        says frobnicate
        xs "$command" --help
        exits 0
        shows "Usage: xmail-spammers"
        xs "$command" -h
        exits 0
    done
    missing "$TAB" "$LIST"
}
