#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Shows a rebuild of spammers.tab from real logs, before your eyes, in a throw-away MailRoot; by hand, and by the
# filter.
#
#     demo.sh PROGRAM DIRECTORY
#
# DIRECTORY is removed and made anew; nothing else is touched. Fails if anything that it shows isn't as expected.

set -eu

if [ $# -ne 2 ]; then
    echo "usage: demo.sh PROGRAM DIRECTORY" >&2
    exit 2
fi

data=$(cd "$(dirname "$0")/data" && pwd)
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
directory=$2
now=2026-11-21T17:00
later=2026-11-21T18:00
backup=MailRoot/spammers.20261121170000.tab
unset XMAIL_SPAMMERS_CONF

title() {
    printf '\n%s\n%s\n\n' "$*" "$(echo "$*" | tr -c '\n' '-')"
}

# show COMMAND: prints the command of the shell as if it were typed, then what it puts out, folded to the screen.
show() {
    printf '$ %s\n' "$*"
    status=0
    eval "$*" >output 2>&1 || status=$?
    fold -s -w 80 output
    [ "$status" -eq 0 ] || wrong "this command failed with the status $status"
}

wrong() {
    printf '\nNot as expected: %s.\n' "$1" >&2
    exit 1
}

# expect WHAT COMMAND...: goes on only if the command succeeds.
expect() {
    what=$1
    shift
    "$@" || wrong "$what"
}

said() {
    grep -q -e "$1" output
}

make_mail_root() {
    mkdir -p MailRoot/logs MailRoot/filters/xmail-spammers
    cp "$data"/logs-xmail-1.27/* MailRoot/logs/
    {
        echo '# Kept by hand'
        printf '"192.0.2.0"\t"255.255.255.0"\t"permanent=1,code=1"\n'
        printf '"198.51.100.7"\t"255.255.255.255"\t"code=1"\n'
    } >MailRoot/spammers.tab
    {
        echo '# A host with 5 failures in 7 days goes on the list,'
        echo '# and off it when nothing was heard of it for as long.'
        echo 'register_count = 5;'
        echo 'search_days = 7;'
        echo 'remove_count = 0;'
    } >MailRoot/filters/xmail-spammers/xmail-spammers.conf
    cp MailRoot/spammers.tab before
}

# attack ADDRESS: five failed logins.
attack() {
    for second in 1 2 3 4 5; do
        printf '"mail"\t"mail"\t"%s"\t"2026-11-21 17:30:0%s"\t"pc"\t""\t""\t""\t""\t"AUTH=EFAIL:TYPE=LOGIN"\t""\t"0"\t""\n' \
            "$1" "$second"
    done >>MailRoot/logs/smtp-202611210000
}

rm -rf "$directory"
mkdir -p "$directory"
cd "$directory"
make_mail_root
MAIL_ROOT=$(pwd)/MailRoot
export MAIL_ROOT
mkdir bin
ln -s "$program" bin/xmail-spammers
PATH=$(pwd)/bin:$PATH

title "1. A MailRoot: the logs of a real XMail 1.27, a list, a configuration"
show "wc -l MailRoot/logs/*"
echo
show "cat MailRoot/filters/xmail-spammers/xmail-spammers.conf"

title "2. The list before: a network that is permanent, a host of long ago"
show "cat MailRoot/spammers.tab"

title "3. What would a rebuild do? (It is the afternoon of that day.)"
show "xmail-spammers --now $now rebuild -n"
expect "the dry run changed the list" cmp -s before MailRoot/spammers.tab
expect "the dry run left something behind" [ ! -e "$backup" ]
expect "the dry run doesn't announce 13 added, 1 removed" said '^List  *13 added, 1 removed, 1 kept$'

title "4. The rebuild itself"
show "xmail-spammers --now $now rebuild"
expect "the rebuild doesn't report 13 added, 1 removed" said '^List  *13 added, 1 removed, 1 kept$'

title "5. The list after: XMail refuses these clients from their next connection on"
show "cat MailRoot/spammers.tab"
expect "the list isn't the one in $data/demo-spammers.tab" cmp "$data/demo-spammers.tab" MailRoot/spammers.tab

title "6. The list of before was kept"
show "ls MailRoot"
echo
show "cat $backup"
expect "the backup isn't the list of before" cmp before "$backup"

title "7. What was done is on record (here without the column of times)"
show "cut -f 2- MailRoot/logs/spammers-log | tr -d '\"'"
expect "not 13 hosts are on record as added" [ "$(grep -c '"ADD"' MailRoot/logs/spammers-log)" -eq 13 ]
expect "not 1 host is on record as removed" [ "$(grep -c '"REMOVE"' MailRoot/logs/spammers-log)" -eq 1 ]

title "8. A second rebuild finds nothing to do"
show "xmail-spammers --now $now rebuild"
expect "the second rebuild changed the list" cmp "$data/demo-spammers.tab" MailRoot/spammers.tab
expect "the second rebuild doesn't say that the list is up to date" said 'is up to date'

title "9. Now XMail shall see to it: one setting, one command"
show "echo 'auto = { enabled = true; };' >>MailRoot/filters/xmail-spammers/xmail-spammers.conf"
show "xmail-spammers install"
expect "the filter isn't registered" [ "$(grep -c '"filter"$' MailRoot/filters.post-rcpt.tab)" -eq 1 ]

title "10. A host attacks. At the next mail XMail calls the filter, which is silent"
attack 203.0.113.99
show "xmail-spammers --now $later filter"
expect "the filter said something" [ ! -s output ]
show "tail -n 1 MailRoot/spammers.tab"
expect "the attacker isn't on the list" said '^"203.0.113.99"'
echo
show "xmail-spammers --now $later status"
expect "the filter's rebuild isn't told" said '1 added, 0 removed, 14 kept'

title "11. With the mail after that nothing is due; and out again"
show "xmail-spammers --now $later:30 filter"
expect "it was rebuilt once more" [ "$(grep -c trigger=filter MailRoot/logs/spammers-log)" -eq 1 ]
show "xmail-spammers uninstall"
expect "something is left of the filter's line" [ ! -s MailRoot/filters.post-rcpt.tab ]

printf '\nAll of this was as expected. The MailRoot is still there to play with:\n%s\n' "$MAIL_ROOT"
