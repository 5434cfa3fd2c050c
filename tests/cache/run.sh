#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Thousands of rebuilds with the cache, in random histories, each compared with one without it. What happens in them
# stands in History.pm, how they are counted and told in histories.pl.
#
#     run.sh RELEASE SANITIZED TIMES.SO FAULTS.SO short|long [FIRST [COUNT [--story]]]
#
# RELEASE is the program as it is installed, SANITIZED the one with sanitizers. FIRST and COUNT are the seeds, so that
# "run.sh ... short 17 1 --story" tells all of the history 17 again.

set -u

if [ $# -lt 5 ] || [ $# -gt 8 ]; then
    echo "usage: run.sh RELEASE SANITIZED TIMES.SO FAULTS.SO short|long [FIRST [COUNT [--story]]]" >&2
    exit 2
fi
release=$(realpath -- "$1-engine") && sanitized=$(realpath -- "$2-engine") &&
    times=$(realpath -- "$3") && faults=$(realpath -- "$4") || exit 2
count=120
[ "$5" != long ] || count=1600
first=${6:-1}
count=${7:-$count}
here=$(dirname -- "$(realpath -- "$0")")

# shellcheck source=tests/shared/room.bash
. "$here/../shared/room.bash"
make_room cache

# Copies, so that nobody builds them anew meanwhile.
cp -- "$release" "$directory/release" && cp -- "$sanitized" "$directory/sanitized" || exit 2
perl "$here/histories.pl" "$directory/release" "$directory/sanitized" "$times" "$faults" "$directory" \
    "$first" "$count" "${@:8}"
