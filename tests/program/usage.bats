#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command line, and which configuration and MailRoot a run takes.

load helpers

setup() {
    make_mail_root
    fail 192.0.2.1 4
    fail 192.0.2.2 2
}

# What hosts a run with these arguments and this environment would add.
added_by() {
    xs --now "$NOW" "$@" rebuild -n
    exits 0
    output=$(grep -o '^+ [0-9.]*' <<<"$output" || true)
}

# A configuration that registers from this many accesses on.
configuration() {
    printf 'register_count = %d;\n' "$2" >"$1"
}

@test "--help goes to stdout and names the command, the options and where the configuration is" {
    for option in --help -h; do
        xs "$option"
        exits 0
        says_nothing
        shows "Usage: xmail-spammers " rebuild --dry-run --config --mail-root --now XMAIL_SPAMMERS_CONF MAIL_ROOT \
            "else the one beside the program" "else where the configuration lies"
    done
}

@test "--help fits a screen of 80 columns" {
    xs --help
    [ "$(awk 'length > 80' <<<"$output")" = "" ] || complain "lines are too long"
}

@test "--version prints one line" {
    for option in --version -V; do
        xs "$option"
        exits 0
        says_nothing
        [[ $output =~ ^xmail-spammers\ [0-9]+\.[0-9]+\.[0-9]+$ ]] || complain "not a version"
    done
}

@test "no command is bad usage" {
    xs
    exits 2
    says "Usage: " --help
    [ -z "$output" ] || complain "stdout isn't empty"
}

@test "an unknown command is bad usage and is named" {
    xs -r "$MR" frobnicate
    exits 2
    says "unknown command 'frobnicate'; allowed: rebuild, check, " "uninstall, filter" --help
    xs -r "$MR" rebuidl
    exits 2
    says "unknown command 'rebuidl', did you mean 'rebuild'? Allowed: rebuild, check, "
}

@test "an unknown option before the command is bad usage and is named" {
    xs --frobnicate rebuild
    exits 2
    says frobnicate
    xs -Z rebuild
    exits 2
    says Z
}

@test "an unknown option behind the command is bad usage and is named" {
    xs -r "$MR" rebuild --frobnicate
    exits 2
    says frobnicate
    xs -r "$MR" rebuild -Z
    exits 2
    says Z
    missing "$LIST"
}

@test "what is said of an unknown option holds nothing that a terminal would obey" {
    local word
    for word in $'--x\e[2J\n\x9b' $'-x\e\x9b' $'-\e[2J' $'--now\e' $'--\xc3\x80' $'-\xc3\x80'; do
        for command in "" rebuild status check; do
            # shellcheck disable=SC2086 # no command, or one
            xs -r "$MR" $command "$word"
            exits 2
            says "option"
            # shellcheck disable=SC2154 # of bats
            ! LC_ALL=C grep -q '[^ -~]' <<<"$stderr" || complain "control characters"
        done
    done
    xs -r "$MR" rebuild -n $'--frob\enicate'
    says "'--frob?nicate'"
}

@test "an option without its argument is bad usage" {
    for option in -c -r --config --mail-root --now; do
        xs "$option"
        exits 2
        says "${option##*-}"
    done
}

@test "rebuild takes no argument" {
    xs -r "$MR" --now "$NOW" rebuild now
    exits 2
    says "'now'"
    missing "$LIST"
}

@test "a time that is none is bad usage, and the form is told" {
    for time in x 2026-11-21 2026-13-01T00:00 2026-11-31T00:00 2026-11-21T24:00 2026-11-21T17:60 2026-11-21T17:00:61 \
        "2026-11-21 17:00" 2026-11-21T17:00x -1 ""; do
        xs -r "$MR" --now "$time" rebuild
        exits 2
        says "a time that exists, as YYYY-MM-DDTHH:MM"
    done
    missing "$LIST"
}

@test "a time with seconds is taken" {
    xs -r "$MR" --now 2026-11-21T17:00:59 rebuild
    exits 0
    logged REBUILD
    grep -q '^"2026-11-21 17:00:59"' "$LOG"
}

@test "with neither configuration nor MailRoot named, it says how to name them" {
    xs --now "$NOW" rebuild
    exits 2
    says "-c " "-r "
}

@test "a configuration that is missing is named, and it says what to do" {
    rm "$CONF"
    rebuild
    exits 2
    says "$CONF" "No such file" "-c"
    missing "$LIST" "$LOG"
}

@test "a configuration that can't be read for another reason is named" {
    rm "$CONF"
    mkdir "$CONF"
    rebuild
    exits 2
    says "$CONF"
    missing "$LIST" "$LOG"
}

@test "without any other word, MailRoot is the one in which the configuration lies" {
    xs -c "$CONF" --now "$NOW" rebuild
    exits 0
    there "$LIST"
}

@test "a configuration without MailRoot: it says three ways to name it" {
    mv "$CONF" "$BATS_TEST_TMPDIR/elsewhere.conf"
    xs -c "$BATS_TEST_TMPDIR/elsewhere.conf" --now "$NOW" rebuild
    exits 2
    says "-r" mail_root MAIL_ROOT
}

@test "each fault of the configuration is reported with file and line, and nothing is changed" {
    list "$(entry 198.51.100.1)"
    conf 'remove_count = 0;' 'serch_days = 3;' 'order = "sideways";' 'register_count = 0;' 'permanent_pattern = "(";' \
        'whitelist = [ "192.0.2.300" ];'
    before=$(snapshot "$MR")
    rebuild
    exits 2
    says "$CONF:2: " search_days "$CONF:3: " address "$CONF:4: " "$CONF:5: " "$CONF:6: " 192.0.2.300
    [ "$before" = "$(snapshot "$MR")" ] || complain "something was changed"
}

# The time was in proportion to the square of the blanks that follow each other.
@test "a configuration with millions of blanks in a row is read" {
    head -c 4000000 /dev/zero | tr '\0' ' ' >"$CONF"
    head -c 4000000 /dev/zero | tr '\0' '\t' >>"$CONF"
    echo 'nonsense = 1;' >>"$CONF"
    run --separate-stderr timeout -k 5 120 "$XMAIL_SPAMMERS_RELEASE" -r "$MR" --now "$NOW" rebuild 3>&-
    exits 2
    says "$CONF:1: nonsense: unknown setting"
}

@test "a MailRoot that is missing is named" {
    xs -r "$MR/nowhere" --now "$NOW" rebuild
    exits 2
    says "unable to find MailRoot $MR/nowhere: No such file"
    xs -c "$CONF" -r "$MR/nowhere" --now "$NOW" rebuild
    exits 1
    says "$MR/nowhere" "was not changed"
    missing "$MR/nowhere"
}

@test "the option -c goes before XMAIL_SPAMMERS_CONF, which goes before the one in MailRoot" {
    configuration "$CONF" 5
    configuration "$BATS_TEST_TMPDIR/environment" 4
    configuration "$BATS_TEST_TMPDIR/option" 2
    added_by -r "$MR"
    [ "$output" = "" ] || complain "not MailRoot's own"
    export XMAIL_SPAMMERS_CONF=$BATS_TEST_TMPDIR/environment
    added_by -r "$MR"
    [ "$output" = "+ 192.0.2.1" ] || complain "not the environment's"
    added_by -r "$MR" -c "$BATS_TEST_TMPDIR/option"
    [ "$output" = $'+ 192.0.2.1\n+ 192.0.2.2' ] || complain "not the option's"
    added_by --mail-root="$MR" --config="$BATS_TEST_TMPDIR/option"
    [ "$output" = $'+ 192.0.2.1\n+ 192.0.2.2' ] || complain "not the long option's"
}

@test "an empty XMAIL_SPAMMERS_CONF or MAIL_ROOT counts as none" {
    configuration "$CONF" 4
    XMAIL_SPAMMERS_CONF='' MAIL_ROOT='' added_by -r "$MR"
    [ "$output" = "+ 192.0.2.1" ] || complain "not MailRoot's own"
}

@test "the option -r goes before mail_root, which goes before MAIL_ROOT" {
    for name in option setting environment; do
        mkdir -p "$BATS_TEST_TMPDIR/$name/logs"
    done
    sed 's/192\.0\.2\./198.51.100./' "$MR/logs/smtp-202611210000" >"$BATS_TEST_TMPDIR/option/logs/smtp-202611210000"
    sed 's/192\.0\.2\./203.0.113./' "$MR/logs/smtp-202611210000" >"$BATS_TEST_TMPDIR/setting/logs/smtp-202611210000"
    cp "$MR/logs/smtp-202611210000" "$BATS_TEST_TMPDIR/environment/logs"
    conf 'register_count = 4;'
    export MAIL_ROOT=$BATS_TEST_TMPDIR/environment
    added_by -c "$CONF"
    [ "$output" = "+ 192.0.2.1" ] || complain "not the environment's"
    conf "mail_root = \"$BATS_TEST_TMPDIR/setting\";"
    added_by -c "$CONF"
    [ "$output" = "+ 203.0.113.1" ] || complain "not the setting's"
    added_by -c "$CONF" -r "$BATS_TEST_TMPDIR/option"
    [ "$output" = "+ 198.51.100.1" ] || complain "not the option's"
}

@test "MAIL_ROOT alone is enough: the configuration is found in it" {
    configuration "$CONF" 4
    MAIL_ROOT=$MR added_by
    [ "$output" = "+ 192.0.2.1" ] || complain "not MAIL_ROOT's"
}

@test "a MailRoot with blanks, quotes and a slash at its end works" {
    odd="$BATS_TEST_TMPDIR/odd \"Mail Root\""
    cp -r "$MR" "$odd"
    xs -r "$odd/" --now "$NOW" rebuild
    exits 0
    there "$odd/spammers.tab" "$odd/logs/spammers-log"
}

@test "the working directory doesn't matter" {
    cd /
    rebuilt
    there "$LIST"
}

@test "a command tells how it is used, too" {
    xs rebuild --help
    exits 0
    shows "Usage: xmail-spammers" "--dry-run"
    says_nothing
    xs rebuild -h
    exits 0
}
