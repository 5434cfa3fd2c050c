#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs cmocka test programs: a line for each that passes, all that it said for each that doesn't, and the sums.
#
#     run-unit.sh PROGRAM...
#
# What a program said is indented, so that nobody counts it a second time.

set -u

SECONDS_AT_MOST=600 # none takes a tenth of that: it waits for ever

passed=0
failed=0
output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT

# count PATTERN: how many lines of the output match.
count() {
    grep -c -E "$1" "$output"
}

for program in "$@"; do
    status=0
    CMOCKA_MESSAGE_OUTPUT=TAP timeout "$SECONDS_AT_MOST" "$program" </dev/null >"$output" 2>&1 || status=$?
    right=$(count '^ok [0-9]+')
    wrong=$(count '^not ok [0-9]+')
    # A program that broke down has failed, whatever it said before; one that tested nothing too.
    if [ "$wrong" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$right" -eq 0 ]; }; then
        wrong=1
    fi
    passed=$((passed + right))
    failed=$((failed + wrong))
    if [ "$wrong" -eq 0 ]; then
        echo "unit: $(basename "$program"): $right passed"
    else
        echo "unit: $(basename "$program"): $right passed, $wrong failed, exit status $status; it said:"
        sed 's/^/    /' "$output"
    fi
done
echo "unit: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
