#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh PROGRAM DIRECTORY: how fast the full scan is beside others that read the same files, in turn, several rounds,
# from the page cache. Sizes: BENCH_MB (1000), BENCH_HOSTS (20000), BENCH_DAYS (7), BENCH_ROUNDS (5), BENCH_SEED (1).
set -eu

program=$1
directory=$(realpath -m -- "$2")
megabytes=${BENCH_MB:-1000}
hosts=${BENCH_HOSTS:-20000}
days=${BENCH_DAYS:-7}
rounds=${BENCH_ROUNDS:-5}
seed=${BENCH_SEED:-1}
here=$(dirname -- "$(realpath -- "$0")")

rm -rf -- "$directory"
mkdir -p -- "$directory/MailRoot/logs"
for tool in generate measure; do
    gcc -std=c11 -O2 -D_DEFAULT_SOURCE -o "$directory/$tool" "$here/$tool.c"
done
echo "making $megabytes MB of SMTP logs, $days days, $hosts attacking hosts, seed $seed ..."
"$directory/generate" "$directory/MailRoot/logs" 20261121 "$days" "$megabytes" "$hosts" "$seed"
for threads in 1 2; do
    printf 'threads = %s;\nlogs = ( { format = "smtp"; } );\n' $threads >"$directory/$threads.conf"
done
: >"$directory/MailRoot/spammers.tab"

cat >"$directory/count.awk" <<'EOF'
BEGIN { FS = "\t" }
$10 ~ /^"(SNDR=E(EMPTY|SYNTAX|SPAM)|RCPT=E(ACCESS|AVAIL|DSBL|NBR|RELAY|SYNTAX)|AUTH=EFAIL|VRFY=EACCESS|ETRN=EACCESS|SMTP=EERRS)/ {
    hits[$3]++
}
END { for (host in hits) if (hits[host] >= 5) print host, hits[host] }
EOF

names=('wc -l' 'rebuild, 1 thread' 'rebuild, 2 threads' 'mawk, one pass')
logs=("$directory"/MailRoot/logs/smtp-*)

run() {
    case $1 in
        0) "$directory/measure" wc -l "${logs[@]}" ;;
        1 | 2) "$directory/measure" "$program" -c "$directory/$1.conf" -r "$directory/MailRoot" \
            --now 2026-11-21T23:59 rebuild -n ;;
        3) "$directory/measure" mawk -f "$directory/count.awk" "${logs[@]}" ;;
    esac 3>>"$directory/times.$1" >/dev/null
}

for ((round = 0; round <= rounds; round++)); do
    for i in "${!names[@]}"; do
        run "$i"
    done
    # The first round fills the page cache.
    [ $round -gt 0 ] || rm -f -- "$directory"/times.*
done

median() { # of column $2 of file $1
    sort -n -k "$2,$2" "$1" | awk -v column="$2" '{ value[NR] = $column } END { print value[int((NR + 1) / 2)] }'
}

base=$(median "$directory/times.0" 1)
printf '\n%-20s %10s %10s %12s\n' "median of $rounds" seconds 'x wc -l' 'peak memory'
for i in "${!names[@]}"; do
    seconds=$(median "$directory/times.$i" 1)
    memory=$(median "$directory/times.$i" 3)
    awk -v name="${names[i]}" -v seconds="$seconds" -v base="$base" -v memory="$memory" \
        'BEGIN { printf "%-20s %10.3f %10.1f %8.1f MiB\n", name, seconds, seconds / base, memory / 1024 }'
done
echo
echo "$(wc -l "${logs[@]}" | tail -n 1 | awk '{ print $1 }') records; $(nproc) cores"
