# SPDX-License-Identifier: MIT
#
# Choices at random. They follow from srand alone.
package Chance;

use strict;
use warnings;
use Exporter qw(import);

our @EXPORT_OK = qw(one_of chance between some_of weighted);

sub one_of { return $_[rand @_] }

sub chance { my ($percent) = @_; return rand(100) < $percent }

sub between { my ($low, $high) = @_; return $low + int rand($high - $low + 1) }

sub some_of {
    my ($count, @from) = @_;
    my @chosen;
    push @chosen, splice @from, rand @from, 1 while @from && @chosen < $count;
    return @chosen;
}

# One of the rows [weight, ...], more often the more it weighs.
sub weighted {
    my (@rows) = @_;
    my $sum = 0;
    $sum += $_->[0] for @rows;
    my $at = rand $sum;
    for my $row (@rows) {
        $at -= $row->[0];
        return $row if $at < 0;
    }
    return $rows[-1];
}

1;
