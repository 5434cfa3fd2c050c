#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Somebody ends a rebuild, at each moment of its life.
#
#     interrupts.pl PROGRAMS FAULTS.SO DIRECTORY
#
# The rebuild, or the process that reads the logs for it, is stopped before one of its calls, and all its processes get
# a signal, as from a keyboard, or it alone does. It must end by that signal, and say what is true: nothing was changed,
# and then list, backups, state and log are as they were; or the list was saved, and then all of it was done. Nothing is
# left behind, and the next rebuild succeeds.

use strict;
use warnings;
use FindBin;
use POSIX ();
use Time::HiRes ();
use lib $FindBin::RealBin;
use World;

die "usage: interrupts.pl PROGRAMS FAULTS.SO DIRECTORY\n" if @ARGV != 3;
my ($PROGRAMS, $FAULTS, $DIRECTORY) = @ARGV;

my $ENGINE  = 'xmail-spammers-engine';
my $FORKED  = 1000;                           # the number of a child's first call is above that
my @SIGNALS = (['INT', 1], ['TERM', 0], ['HUP', 1], ['TERM', 1], ['INT', 0], ['HUP', 0]);    # and: to all of them?
my $NOTHING = "xmail-spammers: interrupted: nothing was changed\n";
my ($STATE, $LOCK) = map { "filters/xmail-spammers/$_" } qw(state lock);

# All of MailRoot but the cache and the lock.
sub look {
    my ($world) = @_;
    my %found = map { $_ => World::read_file($_) // 'directory' } World::paths_below($world->{root});
    delete @found{ grep { m{/filters/xmail-spammers/(?:cache|lock)} } keys %found };
    return join '', map { "$_: $found{$_}\n" } sort keys %found;
}

# The numbers of the calls of a rebuild that nobody ends.
sub count_calls {
    my ($world) = @_;
    my $counts = "$world->{directory}/counts";
    $world->reset;
    my %run = $world->run($ENGINE, $world->rebuild_command,
        FAULT_CALL => 'any', FAULT_AT => 0, FAULT_COUNT_FILE => $counts);
    die "without a signal: $run{said}\n" if $run{signal} || $run{status};
    return sort { $a <=> $b } map { (split / /)[0] } split /\n/, World::read_file($counts);
}

# Runs it up to a call, in a group of its own. The process id.
sub run_until {
    my ($world, $at) = @_;
    my $hit = "$world->{directory}/hit";
    my $pid = fork // die "unable to fork: $!\n";
    if ($pid == 0) {
        setpgrp;
        $world->become(
            $ENGINE, $world->rebuild_command, "$world->{directory}/said",
            $world->preload($ENGINE),
            FAULT_CALL       => 'any',
            FAULT_AT         => $at,
            FAULT_STOP       => 1,
            FAULT_COUNT_FILE => $hit
        );
    }
    if ($at <= $FORKED) {
        waitpid $pid, POSIX::WUNTRACED();
        return $pid;
    }
    for (1 .. 10_000) {
        return $pid if -s $hit;
        Time::HiRes::sleep(0.002);
    }
    die "call $at never came\n";
}

# Sends the signal. What it ended by, and what it said. Who reads the logs stays stopped.
sub interrupt {
    my ($world, $pid, $at, $signal, $all) = @_;
    kill $signal => $all ? -$pid : $pid;
    kill CONT => $pid if $at <= $FORKED;
    waitpid $pid, 0;
    my $status = $?;
    kill KILL => -$pid;
    return ($status, World::read_file("$world->{directory}/said") // '');
}

my (%SAID, $NUMBERS);
$NUMBERS = { INT => POSIX::SIGINT(), TERM => POSIX::SIGTERM(), HUP => POSIX::SIGHUP() };

sub check_nothing_changed {
    my ($world, $before, $said) = @_;
    my @wrong;
    push @wrong, "something has changed:\n$before" . look($world) if look($world) ne $before;
    # Until it has the lock there is nothing to be held off.
    push @wrong, "it said '$said'" if $said ne $NOTHING && ($said ne '' || -e $world->in($LOCK));
    $SAID{nothing}++ if $said eq $NOTHING;
    return @wrong;
}

sub check_all_done {
    my ($world, $said) = @_;
    my @wrong;
    push @wrong, 'the list is neither the old nor the new one' if ($world->list // '') ne World::rebuilt($World::OLD);
    push @wrong, 'the log has no summary'  if (World::read_file($world->in('logs/spammers-log')) // '') !~ /"REBUILD"/;
    push @wrong, 'the state has no record' if (World::read_file($world->in($STATE)) // '') !~ /^command \d+ done /m;
    push @wrong, 'old backups are there'   if (() = glob $world->in('spammers.2*.tab')) != 3;
    push @wrong, "it said '$said'"
      if $said ne '' && $said ne "xmail-spammers: interrupted, but $world->{root}/spammers.tab was saved already\n";
    $SAID{saved}++ if $said ne '';
    return @wrong;
}

sub try_point {
    my ($world, $at, $signal, $all) = @_;
    $world->reset;
    my $before = look($world);
    my $pid    = run_until($world, $at);
    my ($status, $said) = interrupt($world, $pid, $at, $signal, $all);
    my @wrong = ($world->leftovers, $world->bad_backups);
    push @wrong, "it ended with the status $status" if $status != $NUMBERS->{$signal};
    push @wrong,
        ($world->list // '') eq $World::OLD
      ? check_nothing_changed($world, $before, $said)
      : check_all_done($world, $said);
    my %next = $world->run($ENGINE, $world->rebuild_command);
    push @wrong, "the next rebuild fails: $next{said}" if $next{signal} || $next{status};
    push @wrong, 'the next rebuild leaves another list' if ($world->list // '') ne World::rebuilt($World::OLD);
    return @wrong;
}

my $world = World->new(directory => "$DIRECTORY/interrupts", programs => $PROGRAMS, faults => $FAULTS);
my ($passed, $failed) = (0, 0);
my @calls = count_calls($world);
die "the process that reads the logs makes no calls\n" if $calls[-1] <= $FORKED;
for my $i (0 .. $#calls) {
    my ($signal, $all) = @{ $SIGNALS[$i % @SIGNALS] };
    my @wrong = try_point($world, $calls[$i], $signal, $all);
    @wrong ? $failed++ : $passed++;
    print "interrupts: SIG$signal to ", $all ? 'all' : 'it alone', " before call $calls[$i]: ", join('; ', @wrong), "\n"
      if @wrong;
}
for my $what (qw(nothing saved)) {
    next if $SAID{$what};
    $failed++;
    print "interrupts: it was never said: $what\n";
}
print "races: interrupts: $passed passed, $failed failed\n";
exit($failed > 0);
