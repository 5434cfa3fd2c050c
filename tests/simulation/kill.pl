#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# A rebuild by the filter is killed at each moment of its life, and the filter goes on as if nothing had been.
#
#     kill.pl PROGRAM DIRECTORY short|long
#
# After each kill the list is the old or the new one, whole; nobody rebuilds again before an interval has passed; and
# then one rebuild puts everything right.

use strict;
use warnings;
use FindBin;
use POSIX ();
use Time::HiRes ();
use lib $FindBin::RealBin;
use MailRoot;
use Tally;

die "usage: kill.pl PROGRAM DIRECTORY short|long\n" if @ARGV != 3;
my ($PROGRAM, $DIRECTORY, $FORM) = @ARGV;

my $HOSTS    = $FORM eq 'long' ? 250_000 : 60_000;    # a rebuild with so many takes a few tenths of a second
my $STEP     = $FORM eq 'long' ? 0.020 : 0.015;       # seconds from one moment to the next
my $STEP_MAX = 500;
my $OLD      = MailRoot::entry('203.0.113.1');
my ($NOW, $SOON, $LATER) = map { "2026-11-21T$_" } qw(12:00 12:30 13:30);

$ENV{TZ} = 'UTC';
my $tally = Tally->new('kill');
my $world = make_world();
$tally->check('a rebuild that nobody kills', rebuild_unhindered());
my $new = MailRoot::read_file($world->{list});

for my $victim (qw(front group)) {
    for my $i (1 .. $STEP_MAX) {
        my ($survived, @wrong) = kill_after($victim, $i * $STEP);
        $tally->check(sprintf('the %s killed after %.3f seconds', $victim, $i * $STEP), @wrong);
        last if $survived;
    }
}
engine_dies_with_front();
exit $tally->finish;

sub make_world {
    my $made = MailRoot->new(
        program   => $PROGRAM,
        directory => "$DIRECTORY/kill",
        settings  => { interval => 60, max_added => 1_000_000, more => "register_count = 1;\n" }
    );
    my @records = map { MailRoot::smtp_record(sprintf('10.%d.%d.%d', $_ / 62_500, $_ / 250 % 250, $_ % 250),
            '2026-11-20', 'RCPT=ERELAY') } 1 .. $HOSTS;
    $made->write_log('smtp-202611200000', time, @records);
    return $made;
}

sub rebuild_unhindered {
    $world->forget;
    $world->set_list($OLD);
    my $begun = Time::HiRes::time();
    my @wrong = $world->filter($NOW);
    $tally->say(sprintf 'a rebuild takes %.2f seconds here', Time::HiRes::time() - $begun);
    push @wrong, 'rebuilds: ' . $world->rebuilds if $world->rebuilds != 1;
    my $list = MailRoot::read_file($world->{list});
    push @wrong, 'the list is not the new one' if $list !~ /^\Q$OLD\E.*\n\z/s || ($list =~ tr/\n//) != $HOSTS + 1;
    return @wrong;
}

# Old, new, or what is wrong with the list.
sub which_list {
    my ($path) = @_;
    my $bytes = MailRoot::read_file($path);
    return 'missing' if !defined $bytes;
    return $bytes eq $OLD ? 'old' : $bytes eq $new ? 'new' : 'cut or wrong: ' . length($bytes) . ' bytes';
}

# Whether the call was over before it could be killed, and what is wrong.
sub kill_after {
    my ($victim, $seconds) = @_;
    $world->forget;
    $world->set_list($OLD);
    my $pid = $world->start([$world->command($NOW, 'filter')]);
    Time::HiRes::sleep($seconds);
    kill KILL => $victim eq 'group' ? -$pid : $pid;
    waitpid $pid, 0;
    my $survived = $? == 0;
    my @wrong;
    push @wrong, "it ended with the status $?" if $? & ~127 || !$survived && $? != 9;
    push @wrong, 'the rebuild lives on without the filter that began it' if !$world->lock_becomes_free(20);
    my $list = which_list($world->{list});
    push @wrong, "the list is $list" if $list !~ /^(?:old|new)$/;
    push @wrong, map { "soon after: $_" } call_soon($list, $survived);
    push @wrong, map { "an interval later: $_" } call_later();
    return ($survived, @wrong);
}

# Within the interval: there is nothing to do, unless the attempt wasn't even recorded.
sub call_soon {
    my ($list, $survived) = @_;
    my $recorded = -e $world->{state};
    my $before   = $world->rebuilds;
    my @wrong    = $world->filter($SOON);
    my $done     = $world->rebuilds - $before;
    push @wrong, "$done rebuilds, though the attempt is on record" if $recorded && $done;
    push @wrong, 'the list was changed' if $recorded && which_list($world->{list}) ne $list;
    push @wrong, "$done rebuilds, though no attempt is on record" if !$recorded && $done != 1;
    push @wrong, 'no attempt is on record' if $survived && !$recorded;
    return @wrong;
}

sub call_later {
    my $before = $world->rebuilds;
    my @wrong  = $world->filter($LATER);
    my $done   = $world->rebuilds - $before;
    push @wrong, "$done rebuilds" if $done != 1;
    push @wrong, 'the list is ' . which_list($world->{list}) if which_list($world->{list}) ne 'new';
    push @wrong, 'the lock is taken' if !$world->take_lock;
    for my $backup (glob "$world->{root}/spammers.[0-9]*.tab") {
        push @wrong, "$backup is " . which_list($backup) if which_list($backup) !~ /^(?:old|new)$/;
    }
    return (@wrong, $world->leftovers);
}

# Whoever kills the filter means the rebuild. It is stopped before, so that it doesn't come to its end by itself.
sub engine_dies_with_front {
    if (!-e '/proc/self/stat') {
        $tally->skip('the rebuild dies with the filter', 'there is no /proc here');
        return;
    }
    $world->forget;
    $world->set_list($OLD);
    my $pid    = $world->start([$world->command($NOW, 'filter')]);
    my $other  = join_group($pid);
    my $engine = stop_engine($pid);
    kill KILL => $pid;
    waitpid $pid, 0;
    my @wrong;
    push @wrong, 'the rebuild was never seen' if !$engine;
    push @wrong, 'the rebuild lives on' if !$world->lock_becomes_free(5);
    kill KILL => $other, $engine // ();
    waitpid $other, 0;
    $tally->check('the rebuild dies with the filter', @wrong);
    return;
}

# Another process in that group: the kernel sends SIGHUP to the stopped one of a group that has no parent any more.
sub join_group {
    my ($group) = @_;
    my $pid = fork // die "unable to fork: $!\n";
    setpgrp $pid, $group;
    return $pid if $pid;
    sleep 60;
    POSIX::_exit(0);
}

# Stops the child of the filter once it has recorded the attempt, which it does with the lock. Its process id, or undef.
sub stop_engine {
    my ($front) = @_;
    for (1 .. 2000) {
        if (-e $world->{state} && (my ($engine) = MailRoot::children_of($front))) {
            kill STOP => $engine;
            return $engine;
        }
        Time::HiRes::sleep(0.005);
    }
    return undef;
}
