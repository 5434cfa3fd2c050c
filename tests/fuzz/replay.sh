#!/bin/bash
# SPDX-License-Identifier: MIT
# replay.sh PROGRAM...: runs each fuzzer, built without libFuzzer, on the inputs in tests/fuzz/corpus/NAME.
set -u

here=$(dirname -- "$(realpath -- "$0")")
passed=0
failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

for program in "$@"; do
    name=$(basename -- "$program")
    if said=$("$program" "$here/corpus/$name"/* 2>"$log" </dev/null); then
        echo "ok corpus of $name: $said"
        passed=$((passed + 1))
    else
        echo "not ok corpus of $name; what it said last:"
        tail -n 40 "$log" | sed 's/^/    /'
        failed=$((failed + 1))
    fi
done
echo "corpus: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
