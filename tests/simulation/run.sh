#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The filter's life, simulated: days, a week, crowds, kills, bad states, bad company. What each does stands in it.
#
#     run.sh RELEASE SANITIZED short|long [SIMULATION...]
#
# RELEASE is the program as it is installed, SANITIZED the one with sanitizers. Each simulation ends with a line
# "NAME: N passed, N failed". The schedule's, the longest, runs beside the others.

set -u

if [ $# -lt 3 ]; then
    echo "usage: run.sh RELEASE SANITIZED short|long [SIMULATION...]" >&2
    exit 2
fi
# shellcheck disable=SC2034 # they are used by their names
release=$(realpath -- "$1") && sanitized=$(realpath -- "$2") || exit 2
form=$3
shift 3
[ $# -gt 0 ] || set -- schedule week crowd kill state hostile
here=$(dirname -- "$(realpath -- "$0")")
unset XMAIL_SPAMMERS_CONF MAIL_ROOT

# shellcheck source=tests/shared/room.bash
. "$here/../shared/room.bash"
make_room simulation

# What was mounted in there goes first.
# shellcheck disable=SC2317 # the trap calls it
clean_up() {
    local mounted
    while read -r _ mounted _; do
        case $mounted in
            "$directory"/*) umount "$mounted" ;;
        esac
    done 2>/dev/null </proc/mounts
    rm -rf -- "$directory"
}
trap clean_up EXIT

# Copies, so that users without privileges can run them, and nobody builds them anew meanwhile.
chmod 755 "$directory"
for build in release sanitized; do
    mkdir "$directory/$build" && cp -- "${!build}" "${!build}-engine" "$directory/$build/" || exit 2
done

# simulate NAME [sanitized]
simulate() {
    local build=${2:-release}
    local place=$directory/$1-$build
    mkdir "$place" && perl "$here/$1.pl" "$directory/$build/xmail-spammers" "$place" "$form" ${2:+"$2"}
}

status=0
beside=
for name; do
    if [ "$name" = schedule ]; then
        simulate schedule >"$directory/schedule-says" 2>&1 &
        beside=$!
    fi
done
for name; do
    [ "$name" = schedule ] || simulate "$name" || status=1
    [ "$name" != hostile ] || simulate hostile sanitized || status=1
done
if [ -n "$beside" ]; then
    wait "$beside" || status=1
    cat "$directory/schedule-says"
fi
exit $status
