#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# make install and make uninstall: the program in a MailRoot, and out of it.

load helpers

setup() {
    make_mail_root
    rm -r "$MR/filters"
    echo '"RootDomain"	"example.org"' >"$MR/server.tab"
    PREFIX=$BATS_TEST_TMPDIR/usr
    TAB=$MR/filters.post-rcpt.tab
}

# The installed build is what is installed.
make_it() {
    run --separate-stderr env BUILD="$(dirname "$XMAIL_SPAMMERS_RELEASE")" PREFIX="$PREFIX" MAILROOT="$MR" \
        "$TOP/install/files" "$@"
}

installed() {
    make_it install
    exits 0
    says_nothing
}

uninstalled() {
    make_it uninstall
    exits 0
    says_nothing
}

# Everything but the times of the files.
names_and_modes() {
    (cd "$1" && find . -printf '%p %m %U %G %s\n' | sort)
}

@test "make install puts program, configuration and its sample in place, and says what comes next" {
    installed
    mode_is "$OWN" 755
    mode_is "$OWN/xmail-spammers" 755
    mode_is "$OWN/xmail-spammers-engine" 755
    mode_is "$CONF" 644
    same_bytes "$OWN/xmail-spammers" "$XMAIL_SPAMMERS_RELEASE"
    same_bytes "$OWN/xmail-spammers-engine" "$XMAIL_SPAMMERS_RELEASE-engine"
    same_bytes "$CONF" "$TOP/conf/xmail-spammers.conf"
    same_bytes "$CONF.sample" "$TOP/conf/xmail-spammers.conf"
    [ "$(find "$OWN" | wc -l)" -eq 5 ] || complain "there is more: $(ls -A "$OWN")"
    shows "Edit $CONF" "in the group auto, enabled = true" whitelist "$OWN/xmail-spammers -r $MR check" "$OWN/xmail-spammers -r $MR install"
    missing "$TAB" "$LIST"
}

@test "the commands that come next can be copied, whatever MailRoot's name is" {
    odd="$BATS_TEST_TMPDIR/Mail Root's"
    mv "$MR" "$odd"
    MR=$odd make_it install
    exits 0
    eval "$(grep -o "'.* install\$" <<<"$output")" >/dev/null
    there "$odd/filters.post-rcpt.tab"
}

@test "what was installed runs, and registers itself" {
    installed
    fail 192.0.2.1
    run --separate-stderr "$OWN/xmail-spammers" -r "$MR" --now "$NOW" rebuild
    exits 0
    list_is "$(entry 192.0.2.1)"
    run --separate-stderr "$OWN/xmail-spammers" -r "$MR" install
    exits 0
    shows "line 1 of"
}

@test "make itself hands over what it is given" {
    odd="$BATS_TEST_TMPDIR/it's a \"Mail Root\""
    mv "$MR" "$odd"
    run --separate-stderr make -s -C "$TOP" install MAILROOT="$odd" PREFIX="$PREFIX"
    exits 0
    there "$odd/filters/xmail-spammers/xmail-spammers"
    run --separate-stderr make -s -C "$TOP" uninstall MAILROOT="$odd" PREFIX="$PREFIX"
    missing "$odd/filters/xmail-spammers/xmail-spammers"
}

@test "a configuration that exists is never written, and the new sample stands beside it" {
    mkdir -p "$OWN"
    echo 'search_days = 3; # mine' >"$CONF"
    echo old >"$CONF.sample"
    chmod 600 "$CONF"
    before=$(identity "$CONF")
    installed
    shows "Kept       $CONF"
    [ "$before" = "$(identity "$CONF")" ] || complain "it was written"
    mode_is "$CONF" 600
    same_bytes "$CONF.sample" "$TOP/conf/xmail-spammers.conf"
    rm "$CONF"
    ln -s nowhere "$CONF"
    installed
    [ -L "$CONF" ] || complain "the link was replaced"
}

@test "installing twice is installing once" {
    installed
    before=$(names_and_modes "$MR")
    installed
    [ "$before" = "$(names_and_modes "$MR")" ] || complain "something is different"
}

@test "whoever installs a new version while XMail calls it is told that there is nothing to do" {
    installed
    "$OWN/xmail-spammers" -r "$MR" install
    installed
    shows "XMail calls it already" "$OWN/xmail-spammers -r $MR check"
    [[ $output != *"nothing happens by itself"* ]] || complain "it happens already"
}

@test "a new program comes as another file: the running one is never written to" {
    installed
    before=$(find "$OWN/xmail-spammers" -printf '%i')
    exec 8<"$OWN/xmail-spammers"
    installed
    [ "$before" != "$(find "$OWN/xmail-spammers" -printf '%i')" ] || complain "it was written in place"
    cmp - "$XMAIL_SPAMMERS_RELEASE" <&8
    exec 8<&-
}

@test "the umask of the caller doesn't matter" {
    for mask in 000 077 777; do
        rm -rf "$MR/filters"
        (umask $mask && BUILD="$(dirname "$XMAIL_SPAMMERS_RELEASE")" PREFIX="$PREFIX" MAILROOT="$MR" \
            "$TOP/install/files" install)
        mode_is "$MR/filters" 755
        mode_is "$OWN" 755
        mode_is "$OWN/xmail-spammers" 755
        mode_is "$OWN/xmail-spammers-engine" 755
        mode_is "$CONF" 644
        mode_is "$CONF.sample" 644
    done
}

@test "directories and configuration belong to the owner of MailRoot" {
    need_root
    chown "$NOBODY:$NOBODY" "$MR"
    installed
    for file in "$MR/filters" "$OWN" "$CONF" "$CONF.sample"; do
        owner_is "$file" "$NOBODY:$NOBODY"
    done
    owner_is "$OWN/xmail-spammers" 0:0
}

@test "with DESTDIR everything is below it, and nothing is run or given away" {
    export DESTDIR=$BATS_TEST_TMPDIR/package
    make_it install
    exits 0
    says_nothing
    there "$DESTDIR$OWN/xmail-spammers" "$DESTDIR$OWN/xmail-spammers-engine" "$DESTDIR$CONF"
    missing "$OWN"
    owner_is "$DESTDIR$OWN" "$(id -u):$(id -g)"
    [[ $output != *Next:* ]] || complain "there is nothing to do next in a package"
    make_it uninstall
    exits 0
    file_names=$(find "$DESTDIR" -type f)
    [ "$file_names" = "$DESTDIR$CONF" ] || complain "left: $file_names"
    DESTDIR=$BATS_TEST_TMPDIR/package MR=/nowhere/MailRoot make_it install
    exits 0
    there "$DESTDIR/nowhere/MailRoot/filters/xmail-spammers/xmail-spammers"
}

@test "man pages go where man looks for them" {
    installed
    for page in "$TOP"/filter/*.8 "$TOP"/conf/*.5; do
        same_bytes "$page" "$PREFIX/share/man/man${page##*.}/${page##*/}"
    done
    uninstalled
    [ -z "$(find "$BATS_TEST_TMPDIR" -path '*/man/*' -type f)" ] || complain "man pages are left"
}

@test "the completion goes where bash looks for it" {
    installed
    same_bytes "$TOP/install/bash-completion/xmail-spammers" "$PREFIX/share/bash-completion/completions/xmail-spammers"
    uninstalled
    missing "$PREFIX/share/bash-completion/completions/xmail-spammers"
}

@test "a MAILROOT that can't be one is refused, and it says what to do" {
    for path in '' MailRoot ./MailRoot / // "$BATS_TEST_TMPDIR/nowhere"; do
        for job in install uninstall; do
            MR=$path make_it "$job"
            exits 1
            says "install/files: unable to " MAILROOT
        done
    done
    make_it frobnicate
    exits 2
}

@test "a directory that doesn't look like a MailRoot is warned of" {
    rm "$MR/server.tab"
    make_it install
    exits 0
    says "warning: $MR has neither server.tab nor filters"
    make_it install
    says_nothing
}

@test "slashes at the end of MAILROOT don't matter" {
    MR=$MR// make_it install
    exits 0
    there "$OWN/xmail-spammers"
    [[ $output != *//* ]] || complain "there are two slashes"
}

@test "a user who may not write to MailRoot is told so" {
    can_be_nobody || skip "no other user"
    [ "$(id -u)" -eq 0 ] || skip "the MailRoot is ours"
    chmod a+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")"
    cp -r "$TOP/install" "$TOP/conf" "$BATS_TEST_TMPDIR"
    mkdir "$BATS_TEST_TMPDIR/build"
    cp "$XMAIL_SPAMMERS_RELEASE" "$XMAIL_SPAMMERS_RELEASE-engine" "$BATS_TEST_TMPDIR/build"
    run --separate-stderr setpriv --reuid="$NOBODY" --regid="$NOBODY" --clear-groups \
        env MAILROOT="$MR" "$BATS_TEST_TMPDIR/install/files" install
    exits 1
    says "unable to make the directory $MR/filters" "as root"
    missing "$MR/filters"
}

@test "the owner of MailRoot who may not write to PREFIX is told so, and uninstalls the program all the same" {
    can_be_nobody || skip "no other user"
    [ "$(id -u)" -eq 0 ] || skip "no other user's MailRoot"
    chmod a+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")"
    cp -r "$TOP/install" "$TOP/conf" "$TOP/filter" "$BATS_TEST_TMPDIR"
    mkdir "$BATS_TEST_TMPDIR/build"
    cp "$XMAIL_SPAMMERS_RELEASE" "$XMAIL_SPAMMERS_RELEASE-engine" "$BATS_TEST_TMPDIR/build"
    chown -R "$NOBODY:$NOBODY" "$MR"
    installed
    for job in install uninstall; do
        run --separate-stderr setpriv --reuid="$NOBODY" --regid="$NOBODY" --clear-groups \
            env MAILROOT="$MR" PREFIX="$PREFIX" "$BATS_TEST_TMPDIR/install/files" "$job"
        exits 1
        says "install/files: unable to " "$PREFIX/share/man/man8" "with PREFIX=DIRECTORY"
    done
    missing "$OWN/xmail-spammers" "$OWN/xmail-spammers-engine"
}

@test "a name that a directory has is not installed into it" {
    mkdir -p "$OWN/xmail-spammers-engine"
    make_it install
    exits 1
    says "there is a directory of that name"
    [ -z "$(find "$OWN" -type f)" ] || complain "something was installed: $(find "$OWN" -type f)"
}

@test "make uninstall takes the line out first, and keeps what is the administrator's" {
    installed
    printf '"/bin/true"\n' >"$TAB"
    touch -d '1 minute ago' "$TAB"
    "$OWN/xmail-spammers" -r "$MR" install
    echo 192.0.2.0/24 >"$OWN/whitelist"
    : >"$OWN/state"
    : >"$OWN/.xmail-spammers.a1B2c3"
    : >"$LIST.xmail-spammers.tmp"
    uninstalled
    file_is "$TAB" '"/bin/true"'
    [ "$(cd "$OWN" && echo *)" = "whitelist xmail-spammers.conf" ] || complain "there is $(ls -A "$OWN")"
    there "$LIST"
    no_temporary_file
    shows "Taken out of $TAB" "whitelist" "xmail-spammers.conf" "Kept       spammers.tab"
    uninstalled
    rm "$OWN/whitelist" "$CONF"
    uninstalled
    missing "$OWN"
    there "$MR/filters"
    uninstalled
}

@test "make uninstall removes nothing while XMail would still call the program" {
    installed
    printf '"!aex"\t"%s"\t"filter"\n' "$OWN/xmail-spammers" >"$TAB"
    touch -d '1 minute ago' "$TAB"
    before=$(names_and_modes "$OWN")
    make_it uninstall
    exits 1
    says "nothing was removed" "$TAB" "take that line out"
    rm "$OWN/lock"
    [ "$before" = "$(names_and_modes "$OWN")" ] || complain "something was removed"
    echo "# \"$OWN/xmail-spammers\"" >"$TAB"
    touch -d '1 minute ago' "$TAB"
    uninstalled
    missing "$OWN/xmail-spammers"
}

@test "make uninstall removes nothing while XMail would still call it by another path" {
    installed
    ln -s "$MR" "$BATS_TEST_TMPDIR/link"
    ln -s "$OWN/xmail-spammers" "$BATS_TEST_TMPDIR/program"
    for program in "$BATS_TEST_TMPDIR/link/filters/xmail-spammers/xmail-spammers" "$BATS_TEST_TMPDIR/program"; do
        printf '"%s"\t"filter"\r\n' "$program" >"$TAB"
        touch -d '1 minute ago' "$TAB"
        make_it uninstall
        exits 1
        says "nothing was removed" "$TAB" "take that line out"
        there "$OWN/xmail-spammers" "$OWN/xmail-spammers-engine"
    done
}

@test "make uninstall works with a program that can't run, once XMail doesn't call it" {
    installed
    printf '#!/bin/sh\nexit 127\n' >"$OWN/xmail-spammers-engine"
    printf '"%s"\t"-c"\t"%s"\t"filter"\n' "$OWN/xmail-spammers" "$CONF" >"$TAB"
    make_it uninstall
    exits 1
    says "nothing was removed" "$TAB" "take that line out"
    there "$OWN/xmail-spammers" "$OWN/xmail-spammers-engine"
    echo '"/bin/true"' >"$TAB"
    uninstalled
    missing "$OWN/xmail-spammers" "$OWN/xmail-spammers-engine"
    file_is "$TAB" '"/bin/true"'
}

@test "make uninstall stops if the line can't be taken out" {
    installed
    mkdir "$TAB"
    make_it uninstall
    exits 1
    says "$TAB" "nothing was removed"
    there "$OWN/xmail-spammers" "$OWN/xmail-spammers-engine"
}

@test "make uninstall works with a faulty configuration" {
    installed
    "$OWN/xmail-spammers" -r "$MR" install
    echo 'order = "sideways' >>"$CONF"
    uninstalled
    file_is "$TAB"
    missing "$OWN/xmail-spammers"
}

@test "a configuration or MailRoot of the environment is of no concern" {
    export XMAIL_SPAMMERS_CONF=/nowhere MAIL_ROOT=/nowhere
    installed
    "$OWN/xmail-spammers" -r "$MR" -c "$CONF" install
    uninstalled
    file_is "$TAB"
}
