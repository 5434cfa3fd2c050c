#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Hundreds of calls of the filter at the same instant: one of them rebuilds, and the others don't wait for it.
#
#     crowd.pl PROGRAM DIRECTORY short|long

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use MailRoot;
use Tally;

die "usage: crowd.pl PROGRAM DIRECTORY short|long\n" if @ARGV != 3;
my ($PROGRAM, $DIRECTORY, $FORM) = @ARGV;

my $CALLS   = 200;
my $ROUNDS  = $FORM eq 'long' ? 20 : 3;
my $HOSTS   = 40_000;
my $SECONDS = 30;     # longer than so many calls take on a slow and busy machine, without any waiting

$ENV{TZ} = 'UTC';
my $tally = Tally->new('crowd');
my $world = make_world();
$world->settle;

held_lock();
for my $round (1 .. $ROUNDS) {
    my $hour = sprintf '2026-11-21T%02d', $round;
    one_rebuilds("$hour:00", $round);
    none_rebuilds("$hour:59", $round);
}
exit $tally->finish;

sub make_world {
    my $made = MailRoot->new(
        program   => $PROGRAM,
        directory => "$DIRECTORY/crowd",
        settings  => { interval => 60, max_added => 1_000_000, more => "register_count = 1;\n" }
    );
    my @records = map { MailRoot::smtp_record(sprintf('10.0.%d.%d', $_ / 250, $_ % 250), '2026-11-20', 'RCPT=ERELAY') }
      1 .. $HOSTS;
    $made->write_log('smtp-202611200000', time, @records);
    $made->set_list('');
    return $made;
}

# Calls at one instant. What is wrong with how they ended.
sub call_at_once {
    my ($now) = @_;
    pipe my $wait, my $go or die "unable to make a pipe: $!\n";
    my $until_all_are_there = sub { close $go; sysread $wait, my $byte, 1 };
    my @calls = map { $world->start([$world->command($now, 'filter')], before => $until_all_are_there) } 1 .. $CALLS;
    my %running = map { $_ => 1 } @calls;
    close $go;
    local $SIG{ALRM} = sub { kill KILL => map { -$_ } keys %running };
    alarm $SECONDS;
    my %wrong;
    while (%running && (my $ended = waitpid -1, 0) > 0) {
        next if !delete $running{$ended};
        $wrong{$? == 9 ? "a call took more than $SECONDS seconds" : "a call ended with the status $?"}++ if $?;
    }
    alarm 0;
    my @wrong = map { "$_ ($wrong{$_} times)" } sort keys %wrong;
    push @wrong, 'they said: ' . MailRoot::read_file($world->{said}) if -s $world->{said};
    MailRoot::write_file($world->{said}, '');
    return @wrong;
}

# Whoever finds the lock taken has nothing to do.
sub held_lock {
    my $lock = $world->take_lock or die "the lock is taken\n";
    my @wrong = call_at_once('2026-11-21T00:30');
    push @wrong, 'rebuilds: ' . $world->rebuilds if $world->rebuilds;
    push @wrong, 'the list was changed' if -s $world->{list};
    push @wrong, $world->unexpected_events;
    $tally->check("$CALLS calls while somebody else has the lock", @wrong, $world->leftovers);
    return;
}

sub one_rebuilds {
    my ($now, $round) = @_;
    my $before = $world->rebuilds;
    $world->set_list('');
    my @wrong = call_at_once($now);
    my $done = $world->rebuilds - $before;
    push @wrong, "$done rebuilds" if $done != 1;
    push @wrong, 'the list is not the new one' if (MailRoot::read_file($world->{list}) =~ tr/\n//) != $HOSTS;
    push @wrong, $world->unexpected_events;
    $tally->check("round $round: $CALLS calls when a rebuild is due", @wrong, $world->leftovers);
    return;
}

sub none_rebuilds {
    my ($now, $round) = @_;
    my $before = $world->rebuilds;
    my @wrong = call_at_once($now);
    my $done = $world->rebuilds - $before;
    push @wrong, "$done rebuilds" if $done;
    $tally->check("round $round: $CALLS calls when none is due", @wrong);
    return;
}
