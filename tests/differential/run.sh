#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Random records and decisions, each read by the program and by the plain second implementation, and compared.
#
#     run.sh DIRECTORY short|long|sanitized [FIRST]
#
# DIRECTORY holds the two programs. FIRST is the first seed; a single one is run again by "DIRECTORY/records SEED 1" or
# "DIRECTORY/decisions SEED 1 /tmp".

set -u

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: run.sh DIRECTORY short|long|sanitized [FIRST]" >&2
    exit 2
fi
programs=$(realpath -- "$1") || exit 2
case $2 in
    short) first=1 texts=10000 decisions=10000 ;;
    long) first=1000001 texts=100000 decisions=100000 ;;
    sanitized) first=500001 texts=1000 decisions=1000 ;;
    *) exit 2 ;;
esac
first=${3:-$first}

# shellcheck source=tests/shared/room.bash
. "$(dirname -- "$(realpath -- "$0")")/../shared/room.bash"
make_room differential
unset XMAIL_SPAMMERS_CONF MAIL_ROOT

# Both at once: the decisions wait for files, the records for the processor.
"$programs/decisions" "$first" "$decisions" "$directory" >"$directory/decisions-say" 2>&1 &
beside=$!
status=0
"$programs/records" "$first" "$texts" || status=1
wait "$beside" || status=1
cat "$directory/decisions-say"
exit $status
