#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Lets every call of the C library that a rebuild makes fail, one after the other, and sees that the
# list stays whole. What is tried and checked stands in driver.pl.
#
#     run.sh PROGRAM FAULTS.SO [SCENARIO...]

set -u

if [ $# -lt 2 ]; then
    echo "usage: run.sh PROGRAM FAULTS.SO [SCENARIO...]" >&2
    exit 2
fi
program=$(realpath -- "$1") && faults=$(realpath -- "$2") || exit 2
shift 2
here=$(dirname -- "$(realpath -- "$0")")

# In memory where that can be: it takes thousands of small files.
parent=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || parent=/dev/shm
directory=$(mktemp -d "$parent/xmail-spammers-faults.XXXXXX") || exit 2
trap 'rm -rf -- "$directory"' EXIT

perl "$here/driver.pl" "$program" "$faults" "$directory" "$@"
