#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is written for people is complete: no setting, command or option without a word in each place where it is looked
# for.

load helpers

setup() {
    make_mail_root
}

# page FILE: the words of a man page.
page() {
    mandoc -T ascii "$1" | sed $'s/.\b//g'
}

# names LEAST TEXT...: each word on stdin stands in the text as a word of its own; there are at least so many.
names() {
    local least=$1 text=$2 name count=0
    while IFS= read -r name; do
        count=$((count + 1))
        grep -qE -- "(^|[^-_A-Za-z])${name}([^-_A-Za-z]|\$)" <<<"$text" || complain "no word of $name"
    done
    [ "$count" -ge "$least" ] || complain "only $count names to be looked for"
}

settings() {
    sed -nE 's/^    (\{\.name = |INTEGER\(|BOOLEAN\(|CHOICE\()"([a-z0-9_]+)".*/\2/p' "$TOP/lib/conf.c" | sort -u
}

formats() {
    grep -oE '^ +\.name = "[a-z0-9-]+"' "$TOP/lib/format.c" | grep -oE '[a-z0-9-]+"$' | tr -d '"'
}

# Formats without a client address can't be sources.
sources() {
    formats | grep -vxE 'lmail|psync|smail'
}

@test "xmail-spammers.conf(5) has every setting and every format" {
    text=$(page "$TOP/conf/xmail-spammers.conf.5")
    settings | names 29 "$text"
    sources | names 8 "$text"
}

@test "the sample configuration has every setting and every format" {
    text=$(cat "$TOP/conf/xmail-spammers.conf")
    settings | names 29 "$text"
    sources | names 8 "$text"
}

@test "xmail-spammers(8) has every command and every option that --help has" {
    text=$(page "$TOP/filter/xmail-spammers.8")
    help=$("$XMAIL_SPAMMERS" --help)
    grep -oE '^  [a-z]+' <<<"$help" | tr -d ' ' | names 6 "$text"
    grep -oE -- '--[a-z-]+' <<<"$help" | sort -u | names 7 "$text"
    grep -oE -- '(^| )-[a-zA-Z],' <<<"$help" | tr -d ' ,' | sort -u | names 4 "$text"
}

@test "no page is wider than a terminal of 80 columns" {
    for file in "$TOP"/filter/*.8 "$TOP"/conf/*.5; do
        page "$file" | awk -v file="$file" 'length($0) > 80 { print file ": " $0; wide = 1 } END { exit wide }' ||
            complain "too wide"
    done
    for file in "$TOP/README" "$TOP/conf/xmail-spammers.conf"; do # Japanese takes two columns a character
        [ "$(LC_ALL=C.UTF-8 wc -L <"$file")" -le 80 ] || complain "too wide: $file"
    done
}

# The lines that spammers.tab(5) shows, in the order of the page.
shown_lines() {
    sed -n '/^\.Ss Forms/,/^\.Ss Parameters/p; /^\.Ss Traps/,/^\.Ss Who/p' "$TOP/conf/spammers.tab.5" |
        sed -n 's/^\.It \\(dq\(.*\)$/"\1/p' | sed 's/\\(dq/"/g; s/<TAB>/\t/g' | sed 's/ , .*//'
}

@test "spammers.tab(5): what is called a trap is what check warns of, and the forms of an entry are not" {
    shown_lines >"$BATS_TEST_TMPDIR/lines"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/lines")" -eq 12 ] || complain "other lines than expected: $(cat "$BATS_TEST_TMPDIR/lines")"
    number=0
    while IFS= read -r line; do
        number=$((number + 1))
        list "$line"
        run --separate-stderr "$XMAIL_SPAMMERS" -r "$MR" --now "$NOW" check
        case $number in
            [1-5]) [[ $output != *"  line 1: "* ]] || complain "check warns of $line" ;;
            *) [[ $output == *"  line 1: "* || $line == *"/33\"" ]] || complain "check doesn't warn of $line" ;;
        esac
    done <"$BATS_TEST_TMPDIR/lines"
}
