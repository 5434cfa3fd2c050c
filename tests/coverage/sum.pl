#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Adds up what gcov counted: lines run, lines there are, and percent for each source, and for lib/ together. Fails if
# that is less than LEAST percent.
#
#     sum.pl LEAST UNCOVERED OBJECT...
#
# OBJECT is an object file of a source SOURCE.c of ours, whose path ends in SOURCE.o. Into the file UNCOVERED goes each
# line that wasn't run, as SOURCE:NUMBER:TEXT. Run it where the sources are compiled. A line of a header counts once,
# and as run if any of the sources runs it.

use strict;
use warnings;

die "usage: sum.pl LEAST UNCOVERED OBJECT...\n" if @ARGV < 3;
my ($LEAST, $UNCOVERED, @OBJECTS) = @ARGV;
my $GCOV = $ENV{GCOV} // 'gcov';

# By source and number: how often the line was run, and its text.
my (%run, %text);

sub read_counts {
    open my $gcov, '-|', $GCOV, '--stdout', @_ or die "sum.pl: unable to run $GCOV: $!\n";
    my $source = '';
    while (my $line = <$gcov>) {
        my ($count, $number, $text) = $line =~ /^\s*([^:]+):\s*(\d+):(.*)/ or next;
        $source = $1 if $number == 0 && $text =~ /^Source:(.*)/;
        next if $number == 0 || $count eq '-' || $source !~ m{^(?:lib|filter)/};
        $run{$source}{$number} += $count =~ /^(\d+)/ ? $1 : 0;    # else #####
        $text{$source}{$number} = $text;
    }
    close $gcov or die "sum.pl: $GCOV failed\n";
    return;
}

# LINES of ALL, in percent: rounded down, so that 100 is all of them.
sub show {
    my ($name, $lines, $all) = @_;
    printf "%-32s %5d of %5d  %6.2f %%\n", $name, $lines, $all, int(10000 * $lines / $all) / 100;
    return;
}

read_counts(@OBJECTS);
my %sum;
open my $uncovered, '>', $UNCOVERED or die "sum.pl: unable to write $UNCOVERED: $!\n";
for my $source (sort { ($b =~ /^lib/) <=> ($a =~ /^lib/) || $a cmp $b } keys %run) {
    my @numbers = sort { $a <=> $b } keys %{ $run{$source} };
    my @not = grep { $run{$source}{$_} == 0 } @numbers;
    my ($directory) = split m{/}, $source;
    $sum{$directory}{all} += @numbers;
    $sum{$directory}{run} += @numbers - @not;
    show($source, @numbers - @not, scalar @numbers);
    print {$uncovered} map { "$source:$_:$text{$source}{$_}\n" } @not;
}
close $uncovered or die "sum.pl: unable to write $UNCOVERED: $!\n";
die "sum.pl: nothing of lib/ was counted\n" if !$sum{lib};
show("all of $_/", @{ $sum{$_} }{qw(run all)}) for sort keys %sum;
my $is_enough = 100 * $sum{lib}{run} >= $LEAST * $sum{lib}{all};
print "lib/: ", $is_enough ? 'at least' : 'less than', " $LEAST % of the lines; those that aren't run: $UNCOVERED\n";
exit($is_enough ? 0 : 1);
