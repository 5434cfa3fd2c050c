# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced by what needs room for thousands of small files.

# Whether programs can run in a directory.
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

# make_room NAME: makes a directory of its own for NAME, in memory where that can be, and sets $directory to its path.
# Programs can run there. It is removed when the caller ends.
make_room() {
    local parent=${TMPDIR:-/tmp}
    if [ -w /dev/shm ] && runs_programs /dev/shm; then
        parent=/dev/shm
    fi
    directory=$(mktemp -d "$parent/xmail-spammers-$1.XXXXXX") || exit 2
    trap 'rm -rf -- "$directory"' EXIT
}
