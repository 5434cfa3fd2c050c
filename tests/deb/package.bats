#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The Debian package: built, looked at, and put into a root of its own, over itself and out again. Nothing outside of
# that root is touched.

load ../program/helpers

setup_file() {
    for tool in dpkg-buildpackage dh; do
        command -v $tool >/dev/null || skip "this is no Debian, or lacks $tool"
    done
    VERSION=${VERSION:-$(sed -n 's/^VERSION := //p' "$TOP/Makefile")}
    export BUILT=$BATS_FILE_TMPDIR/built VERSION
    "$TOP/install/deb" "$VERSION" "$BUILT"
    DEB=$(echo "$BUILT"/xmail-spammers_*.deb)
    export DEB
}

setup() {
    make_mail_root
    ROOT=$BATS_TEST_TMPDIR/root
    MR=$ROOT/var/MailRoot
    OWN=$MR/filters/xmail-spammers
    CONF=$OWN/xmail-spammers.conf
    LIST=$MR/spammers.tab
    # shellcheck disable=SC2034 # the helpers use it
    LOG=$MR/logs/spammers-log
    TAB=$MR/filters.post-rcpt.tab
    PROGRAM=$ROOT/usr/sbin/xmail-spammers
    mkdir -p "$MR/logs" "$MR/filters" "$ROOT/var/lib/dpkg/info" "$ROOT/var/lib/dpkg/updates"
    : >"$ROOT/var/lib/dpkg/status"
    : >"$ROOT/var/lib/dpkg/available"
    printf '"/bin/true"\n' >"$TAB"
    touch -d '1 minute ago' "$TAB"
}

# dpkg in that root, whatever this machine leaves out of packages. Sets status, output, stderr.
in_root() {
    run --separate-stderr dpkg --root="$ROOT" --force-script-chrootless --force-not-root --force-depends \
        --log="$BATS_TEST_TMPDIR/dpkg.log" --path-include='/usr/share/*' "$@"
}

installed() {
    in_root --install "$DEB"
    exits 0
}

# All that stands in the root but dpkg's own.
files_in_root() {
    (cd "$ROOT" && find . -path ./var -prune -o ! -type d -print | sort)
}

registered() {
    mkdir -p "$OWN"
    cp "$ROOT/usr/share/doc/xmail-spammers/examples/xmail-spammers.conf" "$CONF"
    "$PROGRAM" -r "$MR" install >/dev/null
    [ "$(tail -n 1 "$TAB")" = "\"$ROOT/usr/lib/xmail-spammers/xmail-spammers\"	\"-c\"	\"$CONF\"	\"filter\"" ] ||
        complain "the line is $(cat "$TAB")"
}

@test "the package holds the program, its pages and its examples, and nothing that is run by itself" {
    diff - <(dpkg --contents "$DEB" | awk '$1 !~ /^d/ { print $1, $2, $6 }' | sort -k 3) <<'END'
-rwxr-xr-x root/root ./usr/lib/xmail-spammers/callers
-rwxr-xr-x root/root ./usr/lib/xmail-spammers/xmail-spammers
-rwxr-xr-x root/root ./usr/lib/xmail-spammers/xmail-spammers-engine
lrwxrwxrwx root/root ./usr/sbin/xmail-spammers
-rw-r--r-- root/root ./usr/share/bash-completion/completions/xmail-spammers
-rw-r--r-- root/root ./usr/share/doc/xmail-spammers/README.Debian
-rw-r--r-- root/root ./usr/share/doc/xmail-spammers/README.gz
-rw-r--r-- root/root ./usr/share/doc/xmail-spammers/changelog.gz
-rw-r--r-- root/root ./usr/share/doc/xmail-spammers/copyright
-rw-r--r-- root/root ./usr/share/doc/xmail-spammers/examples/cron
-rw-r--r-- root/root ./usr/share/doc/xmail-spammers/examples/logrotate
-rw-r--r-- root/root ./usr/share/doc/xmail-spammers/examples/xmail-spammers.conf
-rw-r--r-- root/root ./usr/share/doc/xmail-spammers/examples/xmail-spammers.service
-rw-r--r-- root/root ./usr/share/doc/xmail-spammers/examples/xmail-spammers.timer
-rw-r--r-- root/root ./usr/share/lintian/overrides/xmail-spammers
-rw-r--r-- root/root ./usr/share/man/man5/spammers.tab.5.gz
-rw-r--r-- root/root ./usr/share/man/man5/xmail-spammers.conf.5.gz
-rw-r--r-- root/root ./usr/share/man/man8/xmail-spammers.8.gz
END
    [ "$(dpkg-deb --ctrl-tarfile "$DEB" | tar -t | sort | paste -s -d ' ')" = "./ ./control ./md5sums ./prerm" ] ||
        complain "there are other scripts: $(dpkg-deb --ctrl-tarfile "$DEB" | tar -t)"
}

@test "the package has this version, and needs the libraries that the engine is linked with" {
    [ "$(dpkg-deb --field "$DEB" Version)" = "$VERSION" ] || complain "version $(dpkg-deb --field "$DEB" Version)"
    depends=$(dpkg-deb --field "$DEB" Depends)
    [[ $depends == *libc6* && $depends == *libconfig* && $depends == *libpcre2-8-0* ]] || complain "it needs $depends"
}

@test "nothing in the package tells when or where it was built" {
    day=$(dpkg-parsechangelog -l "$TOP/install/debian/changelog" -S Date)
    [ "$(dpkg-deb --fsys-tarfile "$DEB" | TZ=UTC tar -tv | awk '{ print $4, $5 }' | sort -u)" = \
        "$(TZ=UTC date -d "$day" '+%F %H:%M')" ] || complain "there are other times"
    installed
    run -1 grep -rlF "$BUILT" "$ROOT/usr"
}

@test "a version that the changelog doesn't have is not packaged" {
    run --separate-stderr "$TOP/install/deb" 99.9 "$BATS_TEST_TMPDIR/built"
    exits 1
    says "install/deb: unable to package version 99.9" install/debian/changelog
    missing "$BATS_TEST_TMPDIR/built"
}

@test "installed, the program runs, finds its engine, and has changed nothing in MailRoot" {
    before=$(snapshot "$MR")
    installed
    [ "$before" = "$(snapshot "$MR")" ] || complain "MailRoot was changed"
    [ "$("$PROGRAM" --version)" = "xmail-spammers $VERSION" ] || complain "it isn't of this version"
    registered
    there "$LIST"
    fail 192.0.2.1
    "$ROOT/usr/lib/xmail-spammers/xmail-spammers" -c "$CONF" filter
    "$PROGRAM" -r "$MR" --now "$NOW" rebuild >/dev/null
    list_is "$(entry 192.0.2.1)"
}

# runs_all_the_time: calls the filter until it is told to stop; each call that can't be made is a line.
runs_all_the_time() {
    until [ -e "$BATS_TEST_TMPDIR/stop" ]; do
        "$ROOT/usr/lib/xmail-spammers/xmail-spammers" -c "$CONF" filter 2>>"$BATS_TEST_TMPDIR/failed" ||
            echo "status $?" >>"$BATS_TEST_TMPDIR/failed"
    done
}

@test "an upgrade keeps the line, and no call in between finds the program missing" {
    installed
    registered
    before=$(cat "$TAB")
    : >"$BATS_TEST_TMPDIR/failed"
    runs_all_the_time 3>&- &
    for _ in 1 2 3; do
        installed
    done
    : >"$BATS_TEST_TMPDIR/stop"
    wait
    file_is "$BATS_TEST_TMPDIR/failed"
    [ "$before" = "$(cat "$TAB")" ] || complain "the line has changed"
    logged_times 0 ERROR
}

@test "while XMail calls the program it isn't removed, and the message has the command to run" {
    installed
    registered
    for job in --remove --purge; do
        in_root $job xmail-spammers
        [ "$status" -ne 0 ] || complain "it was removed"
        says "can't be removed while XMail calls it" "xmail-spammers -r '$MR' uninstall"
        there "$PROGRAM" "$ROOT/usr/lib/xmail-spammers/xmail-spammers-engine"
    done
    "$PROGRAM" -r "$MR" uninstall
    in_root --remove xmail-spammers
    exits 0
}

@test "a call by the name of the package, or by a link, counts as well" {
    installed
    ln -s "$PROGRAM" "$BATS_TEST_TMPDIR/link"
    for line in '"/usr/lib/xmail-spammers/xmail-spammers"' "\"$PROGRAM\"" $'"!aex"\t'"\"$BATS_TEST_TMPDIR/link\""; do
        printf '%s\t"filter"\n' "$line" >"$TAB"
        in_root --remove xmail-spammers
        [ "$status" -ne 0 ] || complain "it was removed in spite of $line"
    done
    printf '# "%s"\n"/bin/xmail-spammers"\n' "$PROGRAM" >"$TAB"
    in_root --remove xmail-spammers
    exits 0
}

@test "removed and purged it leaves nothing behind, and MailRoot as it was" {
    installed
    registered
    "$PROGRAM" -r "$MR" uninstall >/dev/null
    file_is "$TAB" '"/bin/true"'
    before=$(snapshot "$MR")
    in_root --remove xmail-spammers
    exits 0
    in_root --purge xmail-spammers
    [ "$before" = "$(snapshot "$MR")" ] || complain "MailRoot was changed"
    [ -z "$(files_in_root)" ] || complain "left: $(files_in_root)"
}
