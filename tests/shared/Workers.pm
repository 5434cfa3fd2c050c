# SPDX-License-Identifier: MIT
#
# What a driver has to do, shared out among several processes.
package Workers;

use strict;
use warnings;
use FindBin;
use List::Util qw(max min);
use POSIX ();

my $MOST = 8;

# How many are worth while.
sub count { return max(1, min($MOST, int(qx(nproc) || 1))) }

# Calls work->(WORKER, POINTS) in each of the processes: its number, from 0, and its share of the points. It returns how
# many of them failed. Returns the sum of that; dies if one of the processes didn't come to its end.
sub share_out {
    my ($work, @points) = @_;
    my $workers = count();
    my @readers;
    for my $worker (0 .. $workers - 1) {
        my @share = @points[ grep { $_ % $workers == $worker } 0 .. $#points ];
        pipe my $reader, my $writer or die "unable to make a pipe: $!\n";
        my $child = fork // die "unable to fork: $!\n";
        if ($child == 0) {
            close $reader;
            my $failures = eval { $work->($worker, @share) };
            syswrite STDERR, $@ if !defined $failures;
            syswrite $writer, $failures if defined $failures;
            POSIX::_exit(0);
        }
        close $writer;
        push @readers, $reader;
    }
    my $failures = 0;
    for my $reader (@readers) {
        $failures += <$reader> // die "$FindBin::Script: a worker broke down\n";
    }
    1 while wait != -1;
    return $failures;
}

1;
