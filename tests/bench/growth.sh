#!/bin/bash
# SPDX-License-Identifier: MIT
# growth.sh PROGRAM DIRECTORY: how the cost of the full scan grows with the number of hosts, in as many bytes of logs;
# and what it is with all that makes a record less simple. Several rounds in turn. Sizes: common.bash.
set -eu
# shellcheck source=tests/bench/common.bash
. "$(dirname -- "$(realpath -- "$0")")/common.bash"

program=$1
begin_bench "$2" growth
bytes=$((BENCH_GROWTH_MB * 1000000))
read -r -a corpora <<<"$BENCH_GROWTH_HOSTS mixed"

generate() { # CORPUS OPTION...
    local logs=$directory/corpus/$1/logs
    shift
    mkdir -p -- "$logs"
    "$directory/generate" -n "$BENCH_DAYS" -s "$BENCH_SEED" "$@" "$logs"
}

prepare() {
    local corpus threads
    for corpus in "${corpora[@]}"; do
        if [ "$corpus" = mixed ]; then
            generate mixed -f smtp -b $((bytes / 2)) -c "$BENCH_HOSTS" -6 10 -m 50 -x 10
            generate mixed -f pop3 -b $((bytes / 2)) -c "$BENCH_HOSTS" -6 10 -m 50 -x 10
        else
            generate "$corpus" -b $bytes -c "$corpus"
        fi >"$directory/generated.$corpus"
        : >"$directory/corpus/$corpus/spammers.tab"
    done
    for threads in 1 2; do
        printf 'search_days = %s;\nthreads = %s;\n' "$BENCH_DAYS" $threads >"$directory/$threads.conf"
    done
}

run_all() {
    local round corpus threads
    for ((round = 0; round <= BENCH_ROUNDS; round++)); do
        for corpus in "${corpora[@]}"; do
            for threads in 1 2; do
                timed "$corpus.$threads" "$program" -c "$directory/$threads.conf" -r "$directory/corpus/$corpus" \
                    rebuild -n --no-cache
            done
        done
        # The first round fills the page cache.
        [ $round -gt 0 ] || forget_times
    done
    same_day
}

show() {
    local corpus seconds kibibytes hosts first_kibibytes first_hosts
    first_kibibytes=$(median "${corpora[0]}.1" 3)
    first_hosts=$(sum_generated 4 ".${corpora[0]}")
    row hosts 'hosts x days' '1 thread' 'ns/record' '2 threads' 'peak MiB' 'bytes/host x day'
    for corpus in "${corpora[@]}"; do
        seconds=$(median "$corpus.1" 1)
        kibibytes=$(median "$corpus.1" 3)
        hosts=$(sum_generated 4 ".$corpus")
        row "$corpus" "$hosts" "$(calculate %.3f "$seconds")" \
            "$(calculate %.0f "$seconds * 1e9 / $(sum_generated 3 ".$corpus")")" \
            "$(calculate %.3f "$(median "$corpus.2" 1)")" "$(calculate %.1f "$kibibytes / 1024")" \
            "$(calculate %.0f "($kibibytes - $first_kibibytes) * 1024 / ($hosts - $first_hosts)")"
    done
}

prepare
run_all
echo
say "How the full scan grows: $BENCH_GROWTH_MB MB of SMTP logs, $BENCH_DAYS days, by the number of attacking hosts;" \
    "median of $BENCH_ROUNDS, seconds ($(machine)). Mixed: SMTP and POP3, $BENCH_HOSTS attackers, 10 % of the hosts of" \
    "IPv6, half of the others' records as ::ffff:, 10 % of the hits with TABs in HELO or user. Hosts x days: distinct" \
    "ones of each day and log. Bytes: of memory, beyond the first row."
echo
show | table
