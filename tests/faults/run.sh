#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Lets every call of the C library that a rebuild makes fail, one after the other, and sees that the
# list stays whole. What is tried and checked stands in driver.pl; install.pl does so for install and uninstall, unless
# a scenario of the rebuild is named.
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

status=0
perl "$here/driver.pl" "$program" "$faults" "$directory" "$@" || status=1
[ $# -gt 0 ] || perl "$here/install.pl" "$program" "$faults" "$directory/install" || status=1
exit $status
