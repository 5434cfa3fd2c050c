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

# shellcheck source=tests/shared/room.bash
. "$here/../shared/room.bash"
make_room crash

perl "$here/crash.pl" "$program" "$record" "$faults" "$directory" "${@:4}"
