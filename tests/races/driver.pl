#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Races, each of them the same at every run: the program, or the process of its that reads the logs, is stopped before
# one of its calls of the C library, others change the world, and it goes on.
#
#     driver.pl PROGRAMS FAULTS.SO DIRECTORY short|long [SCENARIO...]
#
# The long form tries each change (Changes.pm) at each call; the short one each change at some calls, and at each call
# some changes. After each: nothing hangs; the list is the one that was there, the one that a rebuild makes of it, or
# the editor's; a failure is told, and has changed nothing; nothing outside of MailRoot was touched, or can be read in
# it by whom it isn't meant for; backups are whole. Then what was planted is taken out, and the next rebuild succeeds.
#
# Scenarios: a rebuild; the filter's, by the engine; the filter's front. The variable CHANGES in the environment is a
# pattern of the changes that are to be tried.

use strict;
use warnings;
use FindBin;
use POSIX ();
use lib $FindBin::RealBin, "$FindBin::RealBin/../shared";
use World;
use Changes;
use Workers;

die "usage: driver.pl PROGRAMS FAULTS.SO DIRECTORY short|long [SCENARIO...]\n" if @ARGV < 4;
my ($PROGRAMS, $FAULTS, $DIRECTORY, $FORM, @ONLY) = @ARGV;

my $FORKED      = 1000;    # the number of a child's first call is above that
my $SLOW_POINTS = 10;      # in the short form, as are `points`
my %SCENARIOS = (
    rebuild => { program => 'xmail-spammers-engine', command => \&World::rebuild_command, points => 1300 },
    filter  => { program => 'xmail-spammers-engine', command => \&World::filter_command, silent => 1, points => 600 },
    front   => { program => 'xmail-spammers', command => \&World::filter_command, silent => 1, points => 200 },
);
my $CHANGES = $ENV{CHANGES} // '';
my $WINDOW  = 4;    # calls: see check_window
my $IN_WINDOW = qr/^(?:close|fstat|fstatat|rename)$/;
my $MESSAGE = qr/^xmail-spammers: /m;

# Runs it up to a call, changes the world, and lets it go on. What became of it, with the call's name.
sub run_stopped {
    my ($scenario, $world, $change, $at) = @_;
    my $hit = "$world->{directory}/hit";
    my $written;
    my %run = $world->run(
        $scenario->{program}, $scenario->{command}->($world),
        FAULT_CALL       => 'any',
        FAULT_AT         => $at,
        FAULT_STOP       => 1,
        FAULT_COUNT_FILE => $hit,
        %{ $change->{run} || {} },
        reader => $at > $FORKED,
        then   => sub {
            $written = $world->is_written;
            $change->{apply}->($world);
        }
    );
    (undef, $run{call}) = split / /, World::read_file($hit) // '';
    $run{window} = $written && ($run{call} // '') =~ /$IN_WINDOW|^read$/;
    return %run;
}

# The numbers and names of the calls of a run that nobody disturbs.
sub count_calls {
    my ($scenario, $world) = @_;
    my $counts = "$world->{directory}/counts";
    $world->reset;
    my %run = $world->run($scenario->{program}, $scenario->{command}->($world),
        FAULT_CALL => 'any', FAULT_AT => 0, FAULT_COUNT_FILE => $counts);
    my $list = $world->list;
    die "without a race: signal $run{signal}, status $run{status}: $run{said}\n"
      if $run{signal} || $run{status} || $list ne World::rebuilt($World::OLD);
    my %names = map { (split / /)[ 0, 1 ] } split /\n/, World::read_file($counts);
    my @calls = map { { at => $_, name => $names{$_} } } sort { $a <=> $b } keys %names;
    my @own = grep { $_->{at} <= $FORKED } @calls;
    check_window(@own);
    return $scenario->{program} =~ /engine/ ? @calls : @own;    # the front's child becomes the engine
}

# No call can compare a file and replace it at once: between reading the list for the last time and renaming the new one
# over it there is a window, in which an edit is lost; it begins while the old file is being read, and must be as small
# as can be: whatever is called behind the last read is in it. Likewise whoever may write in MailRoot can put another
# file in the place of the new one before the rename.
sub check_window {
    my (@calls) = @_;
    my @renames = grep { $calls[$_]{name} eq 'rename' } 0 .. $#calls;
    return if @renames < 2;
    my ($at, $width) = ($renames[-2], 1);    # the last is the state's
    $width++ while $at > 0 && $calls[--$at]{name} ne 'read';
    die "the window in which an edit is lost has grown to $width calls\n" if $width > $WINDOW;
    return;
}

# What is wrong with how it ended.
sub check_end {
    my ($scenario, $change, $run) = @_;
    my @wrong;
    push @wrong, $run->{signal} == POSIX::SIGALRM() ? 'it hangs' : "it died of signal $run->{signal}" if $run->{signal};
    push @wrong, 'it was never stopped' if !$run->{stopped};
    if ($scenario->{silent}) {
        push @wrong, "exit status $run->{status}" if $run->{status};
        push @wrong, "it said: $run->{shown}$run->{said}" if $run->{shown} . $run->{said} ne '';
        return @wrong;
    }
    push @wrong, "exit status $run->{status}" if $run->{status} > 2;
    push @wrong, "it failed: $run->{said}"    if $run->{status} && $change->{mustn_t};
    push @wrong, 'it failed without a word'   if $run->{status} && $run->{said} !~ $MESSAGE;
    push @wrong, "another's words: $run->{said}" if $run->{said} =~ /^(?!xmail-spammers: )./m;
    return @wrong;
}

sub show {
    my ($list) = @_;
    return defined $list ? join '', map { "        $_\n" } split /\n/, $list : "        none\n";
}

# The filter doesn't tell whether it failed.
sub check_list {
    my ($scenario, $world, $change, $run) = @_;
    my $list = $world->list;
    return if $change->{edits} && $run->{window} && defined $list && $list eq World::rebuilt($World::OLD);
    my @possible = $scenario->{silent} ? (0, 1) : ($run->{status} ? 1 : 0);
    return if grep { $change->{accepts}->($list, $_) } @possible;
    return "then the list is\n" . show($list);
}

# The next rebuild.
sub check_again {
    my ($world, $change) = @_;
    my $before = $world->list;
    my %run = $world->run('xmail-spammers-engine', $world->rebuild_command);
    my @wrong;
    return if $change->{gone} && $run{status} == 1;    # without logs none can be done
    push @wrong, "the next rebuild: signal $run{signal}, status $run{status}: $run{said}" if $run{signal} || $run{status};
    my $list = $world->list;
    my $wanted = World::rebuilt($before // '');
    push @wrong, "the next rebuild makes the list\n" . show($list)
      if !$change->{cached} && (!defined $list || $list ne $wanted);
    push @wrong, $world->leftovers;
    if ($change->{cached} && !@wrong) {
        $world->run('xmail-spammers-engine', [@{ $world->rebuild_command }, '--no-cache']);
        push @wrong, "without the cache the list is\n" . show($world->list) if $world->list ne $list;
    }
    return @wrong;
}

# Whether the old list has a backup, if the list is a new one.
sub check_backup {
    my ($world, $change) = @_;
    my $list = $world->list;
    return if !$change->{backup} || $change->{edits} || !defined $list || $list eq $World::OLD;
    for my $path (glob $world->in('spammers.2*.tab')) {
        return if (World::read_file($path) // '') eq $World::OLD;
    }
    return 'the old list has no backup';
}

# One point. What is wrong.
sub try_point {
    my ($scenario, $world, $change, $call) = @_;
    $world->reset;
    my %run = run_stopped($scenario, $world, $change, $call->{at});
    my @wrong = (check_end($scenario, $change, \%run), $world->outside_changes, $world->disclosures);
    push @wrong, $change->{finish}->($world) if $change->{finish};
    my $is_anothers = $change->{temporary} && ($run{call} // '') eq 'rename';
    return @wrong if $is_anothers;
    push @wrong, check_list($scenario, $world, $change, \%run),
      $world->bad_backups, check_backup($world, $change);
    push @wrong, check_again($world, $change) if !@wrong;
    push @wrong, $world->outside_changes if !@wrong;
    unshift @wrong, "stopped at $run{call}" if @wrong && defined $run{call};
    push @wrong, "it had said: $run{said}" if @wrong && !$scenario->{silent} && $run{said} ne '';
    return @wrong;
}

# ---------------------------------------------------------------- all of them

# Each of the changes that are wanted, at each call.
sub cross {
    my ($calls, @changes) = @_;
    return map { my $change = $_; map { [$change, $_] } @{$calls} } grep { $_->{name} =~ /$CHANGES/ } @changes;
}

sub points {
    my ($scenario, $calls) = @_;
    my @points = cross($calls, Changes::all());
    my @slow   = cross($calls, Changes::slow());
    if ($FORM ne 'long') {
        @points = every(scalar @points / $scenario->{points}, @points);
        @slow = every(scalar @slow / $SLOW_POINTS, @slow);
    }
    return (@points, @slow);
}

# Evenly. The step is no whole number, so that each change is tried at other calls.
sub every {
    my ($step, @points) = @_;
    return @points if $step <= 1;
    return map { $points[$step * $_] } 0 .. (@points - 1) / $step;
}

# The share of one worker. How many failed.
sub work {
    my ($scenario, $worker, @points) = @_;
    my $world = World->new(directory => "$DIRECTORY/$worker", programs => $PROGRAMS, faults => $FAULTS);
    my $failures = 0;
    for my $point (@points) {
        my ($change, $call) = @{$point};
        my @wrong = try_point($scenario, $world, $change, $call) or next;
        $failures++;
        syswrite STDOUT, "$scenario->{name}: call $call->{at}, $change->{name}:\n"
          . join '', map { s/\Q$world->{directory}\E\///g; s/\n?\z/\n/r =~ s/^/    /r } @wrong;
    }
    return $failures;
}

my ($passed, $failed) = (0, 0);
umask 022;
for my $name (@ONLY ? @ONLY : qw(rebuild filter front)) {
    my $scenario = $SCENARIOS{$name} or die "driver.pl: no such scenario: $name\n";
    $scenario->{name} = $name;
    my $world = World->new(directory => "$DIRECTORY/0", programs => $PROGRAMS, faults => $FAULTS);
    my @calls  = count_calls($scenario, $world);
    my @points = points($scenario, \@calls);
    my $failures = Workers::share_out(sub { work($scenario, @_) }, @points);
    my %changes = map { $_->[0]{name} => 1 } @points;
    printf "%s: %d calls, %d changes: %d races, %d failed\n", $name, scalar @calls, scalar keys %changes,
      scalar @points, $failures;
    $failed += $failures;
    $passed += @points - $failures;
}
print "races: $passed passed, $failed failed\n";
exit($failed ? 1 : 0);
