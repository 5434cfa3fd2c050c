#!/bin/bash
# SPDX-License-Identifier: MIT
# count_rg.sh LOG...: the same as count.awk -v least=5, by ripgrep (which is quicker by far without a capture), and sort.
set -euo pipefail
export LC_ALL=C

rg --no-unicode --no-filename --no-line-number \
    '^(?:[^\t]*\t){9}"(?:SNDR=E(?:EMPTY|SYNTAX|SPAM)|RCPT=E(?:ACCESS|AVAIL|DSBL|NBR|RELAY|SYNTAX)|AUTH=EFAIL|VRFY=EACCESS|ETRN=EACCESS|SMTP=EERRS)' "$@" |
    cut -f 3 | sort | uniq -c | awk '$1 >= 5 { print $2, $1 }'
