#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A crash of the machine at any moment: what may be left then must be whole, and the next run must put it right. What is
# tried stands in crash.pl, what may be left in Disk.pm.
#
#     run.sh PROGRAM RECORD.SO FAULTS.SO short|long [SCENARIO...]
#
# PROGRAM needs the loader, and the engine is beside it. CRASH_SEED: another seed for what is chosen by chance.

set -u

if [ $# -lt 4 ]; then
    echo "usage: run.sh PROGRAM RECORD.SO FAULTS.SO short|long [SCENARIO...]" >&2
    exit 2
fi
program=$(realpath -- "$1") && record=$(realpath -- "$2") && faults=$(realpath -- "$3") || exit 2
here=$(dirname -- "$(realpath -- "$0")")

# In memory where that can be: it takes thousands of small files. Programs must be able to run there.
runs_programs() {
    local probe status
    probe=$(mktemp "$1/xmail-spammers-probe.XXXXXX") || return 1
    printf '#!/bin/sh\n' >"$probe"
    chmod +x "$probe"
    "$probe" 2>/dev/null
    status=$?
    rm -f -- "$probe"
    return $status
}
parent=${TMPDIR:-/tmp}
if [ -w /dev/shm ] && runs_programs /dev/shm; then
    parent=/dev/shm
fi
directory=$(mktemp -d "$parent/xmail-spammers-crash.XXXXXX") || exit 2
trap 'rm -rf -- "$directory"' EXIT

perl "$here/crash.pl" "$program" "$record" "$faults" "$directory" "${@:4}"
