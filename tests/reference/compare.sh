#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Compares the program with the second implementation (rebuild.pl) on random MailRoots.
#
#     compare.sh BINARY COUNT [FIRST_SEED]
#
# For each seed: `rebuild -n` must change nothing; `rebuild` must leave exactly the spammers.tab that
# rebuild.pl prints (or fail with its status and change nothing); then, twice, the logs go on, and a
# further rebuild, which has the earlier one's cache, must agree again. The directory of a mismatch is kept and named.

set -u

usage() {
    echo "usage: compare.sh BINARY COUNT [FIRST_SEED]" >&2
    exit 2
}

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    usage
fi
binary=$(realpath -- "$1") || usage
count=$2
first=${3:-1}
last=$((first + count - 1))
here=$(dirname -- "$(realpath -- "$0")")
rounds=2
zones=(UTC Europe/Berlin Asia/Tokyo America/New_York Pacific/Auckland Africa/Cairo)

[ -x "$binary" ] || { echo "compare.sh: unable to run $binary" >&2; exit 2; }
unset XMAIL_SPAMMERS_CONF MAIL_ROOT

# fingerprint: contents, modes and times of everything in the directory.
fingerprint() {
    tar -cf - --sort=name -C "$directory" MailRoot xmail-spammers.conf now | cksum
}

run() {
    "$binary" -c "$directory/xmail-spammers.conf" -r "$directory/MailRoot" --now "$now" rebuild "$@" \
        >"$directory/out" 2>"$directory/err"
}

mismatch() {
    echo "MISMATCH seed $seed, $1, TZ=$TZ: $directory"
    [ ! -s "$directory/err" ] || sed 's/^/    stderr: /' "$directory/err"
    wrong=1
}

# same_list FILE: is spammers.tab byte for byte FILE (or missing, if FILE is)?
same_list() {
    if [ -e "$1" ]; then
        cmp -s "$1" "$tab"
    else
        [ ! -e "$tab" ]
    fi
}

# kept_well STEP: is the old list kept in a backup (if there was one and it changed), and no other file left behind?
kept_well() {
    local name found=0
    for name in "$directory"/MailRoot/*; do
        case ${name##*/} in
            spammers.[0-9]*[0-9].tab) ! cmp -s "$directory/before" "$name" || found=1 ;;
            spammers.tab | smtp.ipprop.tab | logs | filters) ;;
            *) mismatch "$1: $name left behind" ;;
        esac
    done
    [ "$found" -eq 1 ] || same_list "$directory/before" || [ ! -e "$directory/before" ] ||
        mismatch "$1: no backup of the old spammers.tab"
}

# check STEP [OPTION...]: one rebuild by both, compared.
check() {
    local step=$1 before expected status
    shift
    read -r now <"$directory/now"
    rm -f "$directory/before"
    [ ! -e "$tab" ] || cp -- "$tab" "$directory/before"
    perl "$here/rebuild.pl" "$directory/MailRoot" "$directory/xmail-spammers.conf" "$now" \
        >"$directory/expected" 2>"$directory/reason"
    expected=$?
    if [ "$expected" -gt 2 ]; then
        mismatch "$step: rebuild.pl broke down: $(cat "$directory/reason")"
        return
    fi
    before=$(fingerprint)
    run -n "$@"
    [ "$before" = "$(fingerprint)" ] || mismatch "$step: rebuild -n changed something"
    run "$@"
    status=$?
    if [ "$status" -ne "$expected" ]; then
        mismatch "$step: exit status $status instead of $expected ($(cat "$directory/reason"))"
    fi
    if [ "$expected" -ne 0 ]; then
        same_list "$directory/before" || mismatch "$step: a failing rebuild changed spammers.tab"
    elif ! same_list "$directory/expected"; then
        mismatch "$step: spammers.tab differs (< expected, > got)"
        diff <(cat -A "$directory/expected") <(cat -A "$tab") | sed 's/^/    /'
    fi
    kept_well "$step"
}

echo "compare.sh: seeds $first to $last"
passed=0
failed=0
for ((seed = first; seed <= last; seed++)); do
    directory=$(mktemp -d "${TMPDIR:-/tmp}/compare.XXXXXX") || exit 2
    tab=$directory/MailRoot/spammers.tab
    export TZ=${zones[seed % ${#zones[@]}]}
    wrong=0
    options=()
    [ $((seed % 7)) -ne 0 ] || options=(--no-cache)
    step="first rebuild"
    if perl "$here/generate.pl" "$seed" "$directory"; then
        check "$step" "${options[@]}"
    else
        mismatch "generate.pl broke down"
    fi
    for ((round = 1; round <= rounds && wrong == 0; round++)); do
        step="rebuild $((round + 1))"
        if perl "$here/generate.pl" --grow "$seed" "$directory" "$round"; then
            check "$step"
        else
            mismatch "$step: generate.pl --grow broke down"
        fi
    done
    if [ "$wrong" -eq 0 ]; then
        passed=$((passed + 1))
        rm -rf -- "$directory"
    else
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
