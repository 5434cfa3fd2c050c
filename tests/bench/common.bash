# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the benchmarks have in common: their sizes, room, timing, medians, tables. To be sourced, with set -eu.
#
# Sizes, from the environment; BENCH_MB=50 alone makes everything small. 1 MB is 1,000,000 bytes.
: "${BENCH_MB:=1000}"                           # the full scan's logs
: "${BENCH_DAYS:=7}"                            # the full scan's and growth's days
: "${BENCH_HOSTS:=20000}"                       # attacking hosts
: "${BENCH_ROUNDS:=7}"                          # of each command, in turn with the others
: "${BENCH_SLOW_ROUNDS:=3}"                     # of those that take long
: "${BENCH_SEED:=1}"                            # the same seed makes the same logs
: "${BENCH_GROWTH_MB:=$((BENCH_MB * 3 / 10))}"  # each of the logs that show how cost grows
: "${BENCH_GROWTH_HOSTS:=100 1000 20000 100000 1000000}"
: "${BENCH_ENTRIES:=25000 100000 400000}"        # of the lists that are changed by hand
: "${BENCH_HISTORY_MB:=$((BENCH_MB * 2))}"      # all days of the incremental rebuild
: "${BENCH_HISTORY_DAYS:=1 9 30 90}"            # so many days are looked at, in turn; ascending
: "${BENCH_NEW_MB:=$((BENCH_MB / 10))}"         # the most that is new to an incremental rebuild

bench=$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")

fail() {
    echo "$(basename -- "$0"): $*" >&2
    exit 1
}

# --- room -----------------------------------------------------------------------------------------------------------

# The most that each benchmark needs on the disk, in MB: its logs, and some for lists and backups.
history_days() {
    echo "${BENCH_HISTORY_DAYS##* }"
}
room_scan() {
    echo $((BENCH_MB + 50))
}
room_growth() {
    local -a corpora
    read -r -a corpora <<<"$BENCH_GROWTH_HOSTS mixed"
    echo $((BENCH_GROWTH_MB * ${#corpora[@]} + 50))
}
room_byhand() {
    local count total=0
    for count in $BENCH_ENTRIES; do
        total=$((total + count))
    done
    echo $((total * 300 / 1000000 + 50)) # bytes of an entry: of the list, a new one, backups, and its note
}
room_incremental() {
    local -a days
    read -r -a days <<<"$BENCH_HISTORY_DAYS"
    echo $((BENCH_HISTORY_MB + ${#days[@]} * (BENCH_HISTORY_MB / $(history_days) + 50) + BENCH_NEW_MB))
}

# need_room DIRECTORY MEGABYTES: fails if there is less than that.
need_room() {
    local free
    free=$(df -Pk -- "$1" | awk 'NR == 2 { print int($4 / 1000) }')
    [ "$free" -ge "$2" ] || fail "$2 MB of room are needed in $1, which has $free MB: make room, or work with less by" \
        "BENCH_MB=$((BENCH_MB / 10)), or elsewhere by BENCH_DIR=DIRECTORY"
}

# need_memory MEGABYTES: warns if so much can't be kept in the page cache.
need_memory() {
    local available
    available=$(awk '$1 == "MemAvailable:" { print int($2 / 1000) }' /proc/meminfo)
    [ "$available" -ge "$1" ] ||
        echo "$(basename -- "$0"): $1 MB of logs and $available MB of memory: this measures the disk, too" >&2
}

# begin_bench DIRECTORY NAME: an empty directory with the tools in it; its "corpus", for the logs, is gone in the end.
begin_bench() {
    directory=$(realpath -m -- "$1")
    rm -rf -- "$directory"
    mkdir -p -- "$directory/corpus" "$directory/times"
    say "$2: makes up to $("room_$2") MB of files in $directory, and deletes them in the end."
    need_room "$directory" "$("room_$2")"
    need_memory "$("room_$2")"
    trap 'rm -rf -- "$directory/corpus"' EXIT
    trap 'exit 1' INT TERM
    for tool in generate measure; do
        gcc -std=c11 -O2 -D_DEFAULT_SOURCE -o "$directory/$tool" "$bench/$tool.c"
    done
    today=$(date +%Y%m%d)
}

# The logs end with today, and what is today must not change under the benchmark.
same_day() {
    [ "$(date +%Y%m%d)" = "$today" ] || fail "midnight has passed, and the logs are yesterday's: start again"
}

# --- timing ---------------------------------------------------------------------------------------------------------

# timed NAME COMMAND...: adds the command's times to those of this name. Its output goes to $output, if that is set.
timed() {
    local name=$1
    shift
    "$directory/measure" "$@" 3>>"$directory/times/$name" >"${output:-/dev/null}" 2>"$directory/errors" ||
        fail "unable to run $*: $(cat "$directory/errors")"
}

# sum_generated COLUMN [SUFFIX]: of what generate has printed into that file: 2 bytes, 3 records, 4 hosts.
sum_generated() {
    awk -v column="$1" '{ sum += $column } END { print sum }' "$directory/generated${2-}"
}

# After a round that only fills the page cache.
forget_times() {
    rm -f -- "$directory"/times/*
}

# median NAME COLUMN: of the times of this name: 1 seconds, 2 seconds of processor time, 3 peak memory in KiB.
median() {
    sort -n -k "$2,$2" -- "$directory/times/$1" |
        awk -v column="$2" '{ value[NR] = $column } END { print value[int((NR + 1) / 2)] }'
}

# calculate FORMAT EXPRESSION: of numbers; "-" for what can't be divided.
calculate() {
    awk "BEGIN { printf \"$1\", $2 }" 2>/dev/null || echo -
}

# --- showing --------------------------------------------------------------------------------------------------------

# table: rows of fields with TABs between them, the first the heads; the first column to the left, the others to the right.
table() {
    awk -F '\t' '
        {
            for (i = 1; i <= NF; i++) {
                cell[NR, i] = $i
                if (length($i) > width[i])
                    width[i] = length($i)
            }
        }
        END {
            for (row = 1; row <= NR; row++) {
                line = sprintf("%-*s", width[1], cell[row, 1])
                for (i = 2; i <= NF; i++)
                    line = line sprintf("  %*s", width[i], cell[row, i])
                print line
            }
        }'
}

# row FIELD...
row() {
    local IFS=$'\t'
    echo "$*"
}

# say TEXT...: in lines of 80 columns at most.
say() {
    echo "$*" | fold -s -w 80 | sed 's/ *$//'
}

machine() {
    local model
    model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
    echo "$(nproc) cores${model:+, $model}"
}
