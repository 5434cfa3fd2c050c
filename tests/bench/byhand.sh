#!/bin/bash
# SPDX-License-Identifier: MIT
# byhand.sh PROGRAM DIRECTORY: how the cost of allow, of block and of undoing them grows with the entries of the list. The
# worst case: allow takes all of them out. Several rounds in turn. Sizes: common.bash.
set -eu
# shellcheck source=tests/bench/common.bash
. "$(dirname -- "$(realpath -- "$0")")/common.bash"

program=$1
begin_bench "$2" byhand
read -r -a counts <<<"$BENCH_ENTRIES"

prepare() {
    local count root
    for count in "${counts[@]}"; do
        root=$directory/corpus/$count
        mkdir -p -- "$root/logs"
        echo 'max_backups = 1;' >"$root/conf"
        awk -v count="$count" 'BEGIN {
            for (i = 0; i < count; i++)
                printf "\"10.%d.%d.%d\"\t\"255.255.255.255\"\t\"code=1\"\n", i / 65536, i / 256 % 256, i % 256
        }' >"$root/spammers.tab"
    done
}

# by_hand COUNT NAME ARGUMENT...: a command for the list of so many entries.
by_hand() {
    local root=$directory/corpus/$1 name=$1.$2
    shift 2
    timed "$name" "$program" -c "$root/conf" -r "$root" "$@"
}

run_all() {
    local round count
    for ((round = 0; round <= BENCH_ROUNDS; round++)); do
        for count in "${counts[@]}"; do
            by_hand "$count" allow allow 10.0.0.0/8
            by_hand "$count" unallow allow --undo 10.0.0.0/8
            by_hand "$count" block block 192.0.2.1
            by_hand "$count" unblock block --undo 192.0.2.1
        done
        # The first round fills the page cache.
        [ $round -gt 0 ] || forget_times
    done
}

show() {
    local count name
    local -a seconds
    row entries allow 'allow --undo' block 'block --undo' 'allow, µs/entry' 'peak MiB'
    for count in "${counts[@]}"; do
        seconds=()
        for name in allow unallow block unblock; do
            seconds+=("$(calculate %.3f "$(median "$count.$name" 1)")")
        done
        row "$count" "${seconds[@]}" "$(calculate %.2f "$(median "$count.allow" 1) * 1e6 / $count")" \
            "$(calculate %.1f "$(median "$count.unallow" 3) / 1024")"
    done
}

prepare
run_all
echo
say "Changes by hand, by the entries of the list, all of which allow takes out; median of $BENCH_ROUNDS, seconds" \
    "($(machine)). Peak: the memory of allow --undo."
echo
show | table
