# SPDX-License-Identifier: MIT
# perl count.pl LOG...: the same as count.awk -v least=5, by one regular expression that never goes back.
use strict;
use warnings;

my %hits;
while (<>) {
    $hits{$1}++
        if /^[^\t]*+\t[^\t]*+\t"([^"]*+)"\t[^\t]*+\t[^\t]*+\t[^\t]*+\t[^\t]*+\t[^\t]*+\t[^\t]*+\t"(?:SNDR=E(?:EMPTY|SYNTAX|SPAM)|RCPT=E(?:ACCESS|AVAIL|DSBL|NBR|RELAY|SYNTAX)|AUTH=EFAIL|VRFY=EACCESS|ETRN=EACCESS|SMTP=EERRS)/;
}
for my $host (keys %hits) {
    print "$host $hits{$host}\n" if $hits{$host} >= 5;
}
