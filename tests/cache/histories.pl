#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Random histories of MailRoots, in which rebuilds with the cache must come to what rebuilds without it come to.
#
#     histories.pl RELEASE SANITIZED TIMES.SO FAULTS.SO DIRECTORY FIRST COUNT [--story]
#
# RELEASE and SANITIZED are the two engines; each twentieth history is that of the latter. Each seed from FIRST on is a
# history (History.pm). Every fifteenth takes place in TMPDIR, and not in DIRECTORY, which may be in memory: file
# systems differ in what inodes they give. The directory of a history that fails is kept and named; --story tells what
# happened in each. Two histories go on at once.

use strict;
use warnings;
use File::Path ();
use File::Temp ();
use FindBin;
use POSIX ();
use Time::HiRes ();
use lib $FindBin::RealBin;
use History;
use MailRoot;

my $STORY = @ARGV && $ARGV[-1] eq '--story' && pop @ARGV;
die "usage: histories.pl RELEASE SANITIZED TIMES.SO FAULTS.SO DIRECTORY FIRST COUNT [--story]\n" if @ARGV != 7;
my ($RELEASE, $SANITIZED, $TIMES, $FAULTS, $DIRECTORY, $FIRST, $COUNT) = @ARGV;

my $WORKERS      = 2;
my $STORY_LINES  = 30;    # of a history that fails
my $FAILURES_MAX = 10;    # then one worker gives up

$| = 1;
delete @ENV{qw(XMAIL_SPAMMERS_CONF MAIL_ROOT LD_PRELOAD)};
my $last = $FIRST + $COUNT - 1;
my $disk = File::Temp::tempdir('xmail-spammers-cache.XXXXXX', DIR => $ENV{TMPDIR} // '/tmp');
print "cache: seeds $FIRST to $last\n";
my $begun = Time::HiRes::time();
my @workers = map { start_worker($_) } 0 .. $WORKERS - 1;
waitpid $_, 0 for @workers;
exit sum_up();

# A process that lives through every second history. What it has counted it writes down.
sub start_worker {
    my ($number) = @_;
    my $pid = fork // die "unable to fork: $!\n";
    return $pid if $pid;
    my %sum = (passed => 0, failed => 0, compared => 0);
    for (my $seed = $FIRST + $number; $seed <= $last && $sum{failed} < $FAILURES_MAX; $seed += $WORKERS) {
        $sum{ live_through($seed, \%sum) ? 'passed' : 'failed' }++;
    }
    MailRoot::write_file("$DIRECTORY/sum.$number", join ' ', @sum{qw(passed failed compared)});
    POSIX::_exit(0);
}

# One history. Whether all was well.
sub live_through {
    my ($seed, $sum) = @_;
    my $place = ($seed % 15 == 7 ? $disk : $DIRECTORY) . "/history-$seed";
    my $sanitized = $seed % 20 == 0;
    my $history;
    my $well = eval {
        $history = History->new(seed => $seed, directory => $place, program => $sanitized ? $SANITIZED : $RELEASE,
            preload => [$TIMES, $FAULTS], sanitized => $sanitized);
        $history->run;
        1;
    };
    my $wrong = $@;
    my @story = $history ? @{ $history->{story} } : ();
    $sum->{compared} += $history->{compared} if $history;
    tell_story($seed, @story) if $STORY;
    if ($well) {
        system 'chmod', '-R', 'u+rwx', $place if $> != 0;
        File::Path::remove_tree($place);
        return 1;
    }
    my $kept = File::Temp::tempdir("xmail-spammers-cache-$seed.XXXXXX", DIR => $ENV{TMPDIR} // '/tmp');
    system 'cp', '-a', "$place/.", $kept;
    MailRoot::write_file("$kept/story", join '', map { "$_\n" } @story);
    my $step = $history ? $history->{step} : 'the beginning';
    my @shown = @story > $STORY_LINES ? @story[-$STORY_LINES .. -1] : @story;
    print join("\n", "cache: FAILED: seed $seed, step $step, TZ=$ENV{TZ}, kept in $kept: ", map { "    $_" }
            (split /\n/, $wrong), $STORY ? () : ('What had happened:', @shown)), "\n";
    return 0;
}

sub tell_story {
    my ($seed, @story) = @_;
    print map { "$_\n" } "cache: seed $seed", @story;
    return;
}

sub sum_up {
    my %sum;
    for my $number (0 .. $WORKERS - 1) {
        my @counts = split / /, MailRoot::read_file("$DIRECTORY/sum.$number") // '0 1 0';
        $sum{$_} += shift @counts for qw(passed failed compared);
    }
    rmdir $disk;
    my $seconds = Time::HiRes::time() - $begun;
    printf "cache: seeds %d to %d: %d histories, %d rebuilds compared, %.0f seconds\n", $FIRST, $last,
        $sum{passed} + $sum{failed}, $sum{compared}, $seconds;
    print "cache: $sum{passed} passed, $sum{failed} failed\n";
    return $sum{failed} || !$sum{passed} ? 1 : 0;
}
