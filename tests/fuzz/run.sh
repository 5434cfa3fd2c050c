#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh DIRECTORY SECONDS FUZZER...: runs each fuzzer for so many seconds, two at a time, beginning with the inputs in
# tests/fuzz/corpus/NAME and with those that earlier runs found (kept in DIRECTORY).
set -u

directory=$1
seconds=$2
shift 2
here=$(dirname -- "$(realpath -- "$0")")

fuzz() {
    local fuzzer=$1 name found log
    name=$(basename -- "$fuzzer")
    found=$directory/found/$name
    log=$directory/$name.log
    mkdir -p -- "$found"
    if "$fuzzer" -max_total_time="$seconds" -max_len=4096 -timeout=10 -artifact_prefix="$directory/$name." \
        "$found" "$here/corpus/$name" >"$log" 2>&1; then
        echo "ok $name: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$log")"
    else
        echo "not ok $name"
        tail -n 40 "$log"
    fi
}

export -f fuzz
export directory seconds here
mkdir -p -- "$directory"
# shellcheck disable=SC2016 # the inner shell expands it
results=$(printf '%s\0' "$@" | xargs -0 -n 1 -P 2 bash -c 'fuzz "$1"' fuzz)
echo "$results"
passed=$(grep -c '^ok ' <<<"$results")
echo "fuzz: $passed passed, $(($# - passed)) failed"
[ "$passed" -eq $# ]
