#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh DIRECTORY SECONDS FUZZER...: runs each fuzzer for so many seconds, two at a time, beginning with the inputs in
# tests/fuzz/corpus/NAME and with those that earlier runs found (kept in DIRECTORY).
set -u

directory=$1
seconds=$2
shift 2
here=$(dirname -- "$(realpath -- "$0")")

# The longest input that is worth its time, and the words to try. What reads many small things, or all of a text again
# and again, comes farther with less.
limits() {
    case $1 in
        fuzz_record | fuzz_scan | fuzz_look) echo 4096 record ;;
        fuzz_logrow) echo 512 record ;;
        fuzz_cut) echo 1024 record ;;
        fuzz_spamtab) echo 4096 tab ;;
        fuzz_allow | fuzz_export | fuzz_ipprop | fuzz_whitelist | fuzz_whitelist_file) echo 2048 tab ;;
        fuzz_filters | fuzz_registration) echo 4096 filters ;;
        fuzz_names | fuzz_options) echo 2048 "${1#fuzz_}" ;;
        fuzz_eventlog | fuzz_history) echo 8192 eventlog ;;
        *) echo 4096 "${1#fuzz_}" ;;
    esac
}

fuzz() {
    local fuzzer=$1 name found log length words arguments=()
    name=$(basename -- "$fuzzer")
    found=$directory/found/$name
    log=$directory/$name.log
    read -r length words < <(limits "$name")
    [ ! -e "$here/$words.dict" ] || arguments=(-dict="$here/$words.dict")
    mkdir -p -- "$found"
    if "$fuzzer" -max_total_time="$seconds" -max_len="$length" -timeout=30 -artifact_prefix="$directory/$name." \
        "${arguments[@]}" "$found" "$here/corpus/$name" >"$log" 2>&1; then
        echo "ok $name: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$log")"
    else
        echo "not ok $name"
        tail -n 40 "$log"
    fi
}

export -f fuzz limits
export directory seconds here
mkdir -p -- "$directory"
echo "fuzz: $# fuzzers, $seconds s each, two at a time"
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "$@" | xargs -0 -n 1 -P 2 bash -c 'fuzz "$1"' fuzz | tee "$directory/results"
passed=$(grep -c '^ok ' "$directory/results")
runs=$(awk '/^ok / { runs += $(NF - 1) } END { printf "%d", runs }' "$directory/results")
echo "fuzz: $runs runs of $# fuzzers"
echo "fuzz: $passed passed, $(($# - passed)) failed"
[ "$passed" -eq $# ]
