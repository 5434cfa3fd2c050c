#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What bash offers for a command line that is being typed.

load helpers

setup() {
    make_mail_root
    # shellcheck source=install/bash-completion/xmail-spammers
    source "$TOP/install/bash-completion/xmail-spammers"
    cd "$BATS_TEST_TMPDIR" || return
    touch "a file.conf"
}

# offered WORD...: for the last of them, with those before it typed already; sorted, in one line.
offered() {
    COMP_WORDS=(xmail-spammers "$@")
    COMP_CWORD=$#
    _xmail_spammers
    printf '%s\n' "${COMPREPLY[@]}" | sort | paste -s -d ' '
}

# offers "WORD..." EXPECTED: the line as it is typed; one that ends in a blank has an empty last word.
offers() {
    local words found
    read -r -a words <<<"$1"
    [[ $1 != "" && $1 != *" " ]] || words+=("")
    found=$(offered "${words[@]}")
    [ "$found" = "$2" ] || complain "for '$1' it offers '$found' instead of '$2'"
}

@test "bash itself finds the function" {
    run bash --norc -c 'set -eu; source "$1"; complete -p xmail-spammers' - "$TOP/install/bash-completion/xmail-spammers"
    exits 0
    [ "$output" = "complete -F _xmail_spammers xmail-spammers" ] || complain "it is not registered"
}

@test "commands, options, formats, files and directories are offered where they may stand" {
    local all="allow block check explain export install log rebuild report status uninstall"
    while IFS='|' read -r typed expected; do
        offers "$typed" "$expected"
    done <<END
|$all
re|rebuild report
-r MailRoot |$all
--config x -r y st|status
-|--config --help --mail-root --now --version -V -c -h -r
--m|--mail-root
-c a|a file.conf
--config a|a file.conf
-r Mail|MailRoot
--mail-root M|MailRoot
-r a|
--now |
rebuild -|--dry-run --help --no-cache -h -n
-c x rebuild --n|--no-cache
check -|--help -h
status -|--help --json -h
report -|--days --help --html --json --no-pager --top -h
report --html a|a file.conf
report --top |
explain -|--all --help -h
explain |--all --help -h
log |ctrl event filters finger k4 lmail pop3 psync smail smtp xmailcfg-filter
log smt|smtp
log s|smail smtp
log -|--address --days --help --match --no-pager --tsv -h
log --days 3 f|filters finger
log --days |
log smtp |
log smtp --t|--tsv
allow --|--dry-run --help --undo
block -|--dry-run --help --undo -h -n
export |cidr ipset nft plain postfix rbldnsd
export p|plain postfix
install -|--help -h
uninstall -|--help -h
frobnicate |
frobnicate -|
filter |
END
}

@test "what is typed is never run" {
    # shellcheck disable=SC2016 # that is the point
    for typed in '$(touch${IFS}run)' '`touch${IFS}run`' 'a[$(touch${IFS}run)]' '$(touch${IFS}run'; do
        for line in "$typed" "$typed -" "rebuild $typed" "-c $typed" "log $typed"; do
            offers "$line" ''
        done
    done
    missing run
}

# Those of --help, two blanks to the left; of the one that XMail calls nobody types a line.
@test "every command that --help lists is offered" {
    local command found tried=0
    found=$(offered "")
    while read -r command; do
        [[ " $found " == *" $command "* ]] || complain "not offered: $command"
        tried=$((tried + 1))
    done < <("$XMAIL_SPAMMERS" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z, ]*\) .*/\1/p' | sed 's/  .*//' |
        tr -s ', ' '\n' | grep -vx 'filter')
    [ "$tried" -ge 5 ] || complain "only $tried commands were found in --help"
    [[ " $found " != *" filter "* ]] || complain "filter is offered"
}

# Each option stands below its command, four or more blanks to the left, or behind it; "-n, --dry-run" are two.
@test "every option that --help names is offered with its command" {
    local command='' line option found tried=0
    while IFS= read -r line; do
        case $line in
            Options:*) command='' ;;
            '  '[a-z]*) command=${line#  } command=${command%%[ ,]*} ;;
            ' '*-*) ;;
            *) continue ;;
        esac
        for option in $(grep -oE '(^|[ ,[|])--?[a-zA-Z][a-z-]*' <<<"${line:0:26}" | tr -d ' ,[|'); do
            # shellcheck disable=SC2086 # there may be no command
            found=$(offered $command -)
            [[ " $found " == *" $option "* ]] || complain "not offered: ${command:+$command }$option"
            tried=$((tried + 1))
        done
    done < <("$XMAIL_SPAMMERS" --help | sed '/^Usage/d')
    [ "$tried" -ge 12 ] || complain "only $tried options were found in --help"
}
