#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Stops a rebuild before one call after the other, changes the world around it, and lets it go on. What is tried and
# checked stands in driver.pl, the changes in Changes.pm.
#
#     run.sh PROGRAMS FAULTS.SO short|long [SCENARIO...]
#
# PROGRAMS is the directory with xmail-spammers, which must need the loader, and xmail-spammers-engine.

set -u

if [ $# -lt 3 ]; then
    echo "usage: run.sh PROGRAMS FAULTS.SO short|long [SCENARIO...]" >&2
    exit 2
fi
programs=$(realpath -- "$1") && faults=$(realpath -- "$2") || exit 2
shift 2
here=$(dirname -- "$(realpath -- "$0")")

# shellcheck source=tests/shared/room.bash
. "$here/../shared/room.bash"
make_room races

status=0
perl "$here/driver.pl" "$programs" "$faults" "$directory" "$@" || status=1
[ $# -gt 1 ] || perl "$here/interrupts.pl" "$programs" "$faults" "$directory" || status=1
exit $status
