#!/bin/bash
# SPDX-License-Identifier: MIT
# all.sh PROGRAM DIRECTORY: one benchmark after another. That there is room for the largest is found out first.
set -eu
# shellcheck source=tests/bench/common.bash
. "$(dirname -- "$(realpath -- "$0")")/common.bash"

program=$1
mkdir -p -- "$2"
directory=$(realpath -- "$2")
most=0
for name in scan growth incremental byhand; do
    room=$("room_$name")
    [ "$room" -le "$most" ] || most=$room
done
need_room "$directory" "$most"

for name in undue scan growth incremental byhand; do
    "$bench/$name.sh" "$program" "$directory/$name"
    echo
done
