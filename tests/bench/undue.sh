#!/bin/bash
# SPDX-License-Identifier: MIT
# undue.sh PROGRAM DIRECTORY: what the filter's undue call costs, at every recipient of every mail, beside /bin/true;
# the whole processes in turn, BENCH_CALLS (1000) rounds. And which system calls it makes.
set -eu

program=$1
directory=$(realpath -m -- "$2")
calls=${BENCH_CALLS:-1000}
here=$(dirname -- "$(realpath -- "$0")")
mail_root=$directory/MailRoot
conf=$mail_root/filters/xmail-spammers/xmail-spammers.conf

rm -rf -- "$directory"
mkdir -p -- "$mail_root/logs" "${conf%/*}"
gcc -std=c11 -O2 -D_DEFAULT_SOURCE -o "$directory/spawn" "$here/spawn.c"
printf 'auto = { enabled = true; };\n' >"$conf"

# A configuration that has just been written is looked at again soon: wait until the state is quiet.
quiet() {
    "$program" -c "$conf" filter
    ! strace -f "$program" -c "$conf" filter 2>&1 | grep -q -e fork -e clone
}
for ((i = 0; i < 100; i++)); do
    ! quiet || break
    sleep 0.1
done
quiet || { echo "undue.sh: no call is undue" >&2; exit 1; }

names=(/bin/true 'xmail-spammers filter' 'the engine by itself')
"$directory/spawn" "$calls" -- /bin/true -- "$program" -c "$conf" filter '@@FROM' \
    -- "$program-engine" -c "$conf" filter '@@FROM' >"$directory/times"
printf '%-24s %10s %10s %12s %12s\n' "median of $calls" µs 'x true' '10th perc.' 'page faults'
i=0
while read -r median tenth faults ratio; do
    printf '%-24s %10s %10s %12s %12s\n' "${names[i]}" "$median" "$ratio" "$tenth" "$faults"
    i=$((i + 1))
done <"$directory/times"

echo
echo "The system calls of an undue call:"
strace -o "$directory/trace" "$program" -c "$conf" filter '@@FROM'
sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$directory/trace" | awk '
    BEGIN {
        what["execve"] = "the program itself"
        what["openat"] = what["read"] = what["close"] = "the state file"
        what["newfstatat"] = what["stat"] = "configuration and whitelist: as they were?"
        what["exit_group"] = "the end"
    }
    !($1 in count) { order[++n] = $1 }
    { count[$1]++; total++ }
    END {
        for (i = 1; i <= n; i++)
            printf "%5d  %-18s %s\n", count[order[i]], order[i], order[i] in what ? what[order[i]] : "start of the C library"
        printf "%5d  in all (/bin/true: ", total
    }'
strace -o "$directory/trace-true" /bin/true
echo "$(grep -c '^[a-z0-9_]*(' "$directory/trace-true"))"
