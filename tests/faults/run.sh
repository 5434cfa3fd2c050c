#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Lets every call of the C library that a rebuild or the filter makes fail, one after the other, and sees
# that the list stays whole. What is tried and checked stands in driver.pl; install.pl does so for install
# and uninstall, unless a scenario of the driver is named.
#
#     run.sh PROGRAMS FAULTS.SO [SCENARIO...]
#
# PROGRAMS is the directory with xmail-spammers, which must need the loader, and xmail-spammers-engine.

set -u

if [ $# -lt 2 ]; then
    echo "usage: run.sh PROGRAMS FAULTS.SO [SCENARIO...]" >&2
    exit 2
fi
programs=$(realpath -- "$1") && faults=$(realpath -- "$2") || exit 2
shift 2
here=$(dirname -- "$(realpath -- "$0")")

# shellcheck source=tests/shared/room.bash
. "$here/../shared/room.bash"
make_room faults

status=0
perl "$here/driver.pl" "$programs" "$faults" "$directory" "$@" || status=1
[ $# -gt 0 ] || perl "$here/install.pl" "$programs/xmail-spammers" "$faults" "$directory/install" || status=1
exit $status
