#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Whole days, minute by minute: the filter must rebuild at exactly the minutes at which its schedule says so.
#
#     schedule.pl PROGRAM DIRECTORY short|long
#
# What the schedule says is worked out here from its description alone: a rebuild is due inside the window if there was
# none, or the last one began before the window opened, or an interval has passed since it, or it lies in the future.

use strict;
use warnings;
use File::Path ();
use FindBin;
use POSIX ();
use lib $FindBin::RealBin;
use MailRoot;
use Tally;

die "usage: schedule.pl PROGRAM DIRECTORY short|long\n" if @ARGV != 3;
my ($PROGRAM, $DIRECTORY, $FORM) = @ARGV;

my @WINDOWS   = ([9, 17], [23, 5], [0, 0], [5, 5]);
my @INTERVALS = (10, 60, 1440);
my $MINUTE    = 60;
my $DAY       = 86_400;

# Stretches of time: zone, first minute, hours, and what they are. Where the clocks change, a night is enough for the
# short form; the first minutes are such that a window over midnight opens within.
my @NIGHTS = (
    ['Europe/Berlin',       '2026-03-28T22:00', 9, 'the clocks go forward'],
    ['Europe/Berlin',       '2026-10-24T22:00', 9, 'the clocks go back'],
    ['America/New_York',    '2026-03-07T22:00', 9, 'the clocks go forward'],
    ['America/New_York',    '2026-10-31T22:00', 9, 'the clocks go back'],
    ['Australia/Lord_Howe', '2026-10-03T22:00', 9, 'the clocks go forward by half an hour'],
    ['Australia/Lord_Howe', '2026-04-04T22:00', 9, 'the clocks go back by half an hour'],
    ['UTC',                 '2026-12-31T22:00', 8, 'the year ends'],
    ['UTC',                 '2028-02-28T22:00', 8, 'the twenty-ninth of February begins'],
    ['Asia/Kolkata',        '2027-02-28T22:00', 8, 'February ends, and the offset is not of whole hours'],
);
my @DAY    = ['UTC', '2026-11-20T00:00', 24, 'a day'];
my $CHOSEN = qr/./;    # of the minutes, those at which mail comes

my $tally = Tally->new('schedule');
my $worlds = 0;
my @prepared;    # MailRoots for whole stretches
main();
exit $tally->finish;

sub main {
    if ($FORM eq 'long') {
        # From noon to noon, under every schedule.
        my @long = map { [$_->[0], $_->[1] =~ s/T.*/T12:00/r, 24, $_->[3]] } @NIGHTS;
        push @long, ['Europe/Berlin', '2026-11-20T00:00', 48, 'two days'];
        each_schedule($_, \@WINDOWS, \@INTERVALS) for @long;
        each_schedule($_, [[2, 3], [1, 2], [3, 2]], [10, 60]) for @long;    # openings in the very hour of the change
    }
    else {
        each_schedule(@DAY, \@WINDOWS, [60]);
        each_schedule(@DAY, [[9, 17]], [10]);
        $CHOSEN = qr/:(?:.[05]|58|59|01|02)$/;
        each_schedule(@DAY, \@WINDOWS, [10, 1440]);
        each_schedule($_, [[23, 5], [2, 3]], [60]) for @NIGHTS;
    }
    front_alone();
    never_if_not_enabled();
    clock_set_back();
    changed_configuration();
    rebuild_by_hand();
    failed_rebuild();
    simulate($_) for @prepared;
    return;
}

sub each_schedule {
    my ($stretch, $windows, $intervals) = @_;
    my ($zone, $first, $hours, $what) = @{$stretch};
    if ($zone ne 'UTC' && !-e "/usr/share/zoneinfo/$zone") {
        $tally->check("$zone is known here", 'there is no /usr/share/zoneinfo/' . $zone);
        return;
    }
    local $ENV{TZ} = $zone;
    POSIX::tzset();
    my $minutes = minutes_of($first, $hours);
    for my $window (@{$windows}) {
        for my $interval (@{$intervals}) {
            my %schedule = (from => $window->[0], to => $window->[1], interval => $interval);
            prepare("$zone, $first, $what: window @{$window}, interval $interval", $minutes, \%schedule);
        }
    }
    return;
}

# ---------------------------------------------------------------- time

# A moment in the form of --now, to the minute.
sub text_of {
    my ($time) = @_;
    return POSIX::strftime('%Y-%m-%dT%H:%M', localtime $time);
}

# What mktime makes of local time in a process that has not called it before: of an hour that comes twice it takes the
# one that its last answer suggests, and so it must not have given any.
sub moment_of {
    my ($text) = @_;
    my ($year, $month, $day, $hour, $minute) = $text =~ /(\d+)/g;
    pipe my $in, my $out or die "unable to make a pipe: $!\n";
    my $pid = fork // die "unable to fork: $!\n";
    if ($pid == 0) {
        syswrite $out, POSIX::mktime(0, $minute, $hour, $day, $month - 1, $year - 1900, 0, 0, -1);
        POSIX::_exit(0);
    }
    close $out;
    my $moment = <$in>;
    waitpid $pid, 0;
    return $moment;
}

# The chosen minutes of a stretch one after the other, as [text, the moment that the text means]. That is another moment
# than the minute itself where the clocks go back, and an hour comes twice.
sub minutes_of {
    my ($first, $hours) = @_;
    my $begin = moment_of($first);
    my @times = map { $begin + $_ * $MINUTE } 0 .. $hours * 60 - 1;
    my %seen;
    $seen{ text_of($_) }++ for @times;
    my %moments = map { $_ => moment_of($_) } grep { $seen{$_} > 1 } keys %seen;
    my @minutes = map { my $text = text_of($_); [$text, $moments{$text} // $_] } @times;
    return [grep { $_->[0] =~ $CHOSEN } @minutes];
}

# ---------------------------------------------------------------- the schedule, plainly

sub is_open {
    my ($schedule, $time) = @_;
    my ($from, $to) = @{$schedule}{qw(from to)};
    my $hour = (localtime $time)[2];
    return 1 if $from == $to;
    return $hour >= $from && $hour < $to if $from < $to;
    return $hour >= $from || $hour < $to;
}

# When the window was opened, for each minute at which it is open: by going through all minutes from three days before.
sub openings {
    my ($schedule, $minutes) = @_;
    my @moments = sort { $a <=> $b } map { $_->[1] } @{$minutes};
    my (%opened_at, $opened_at);
    for (my $time = $moments[0] - 3 * $DAY; $time <= $moments[-1]; $time += $MINUTE) {
        $opened_at = is_open($schedule, $time) ? $opened_at // $time : undef;
        $opened_at{$time} = $opened_at;
    }
    return \%opened_at;
}

# The texts of those minutes at which a rebuild is due, if each that is due is done.
sub due_minutes {
    my ($schedule, $minutes) = @_;
    my $opened_at = openings($schedule, $minutes);
    my $opens     = $schedule->{from} != $schedule->{to};
    my ($last, @due);
    for my $minute (@{$minutes}) {
        my ($text, $now) = @{$minute};
        next if !defined $opened_at->{$now};
        next if defined $last
          && $last <= $now
          && $now - $last < $schedule->{interval} * $MINUTE
          && !($opens && $last < $opened_at->{$now});
        $last = $now;
        push @due, $text;
    }
    return @due;
}

# ---------------------------------------------------------------- days with the filter

# A MailRoot whose logs tell of each day that a rebuild around these moments may look at.
sub make_world {
    my ($begin, $end, %settings) = @_;
    my $world = MailRoot->new(
        program   => $PROGRAM,
        directory => "$DIRECTORY/schedule-" . ++$worlds,
        settings  => \%settings
    );
    my @days = map { substr text_of($begin + $_ * $DAY), 0, 10 } -2 .. ($end - $begin) / $DAY + 2;
    $world->write_log('smtp-202601010000', $end, map { MailRoot::smtp_record('192.0.2.1', $_, 'RCPT=OK') } @days);
    $world->set_list('');
    return $world;
}

# Calls the filter at each of these minutes. What was wrong with the calls.
sub call_at {
    my ($world, @texts) = @_;
    return map { my $text = $_; map { "at $text: $_" } $world->filter($text) } @texts;
}

# What is wrong with when the filter rebuilt.
sub differences {
    my ($world, @expected) = @_;
    my @found = map { /^(.*):00$/ ? $1 : $_ } $world->rebuilds;
    my %expected = map { $_ => 1 } @expected;
    my %found    = map { $_ => 1 } @found;
    my @wrong    = ((map { "no rebuild at $_" } grep { !$found{$_} } @expected),
        (map { "a rebuild at $_" } grep { !$expected{$_} } @found));
    push @wrong, @found . ' rebuilds instead of ' . @expected if !@wrong && "@found" ne "@expected";
    push @wrong, $world->unexpected_events;
    return @wrong;
}

# Makes a MailRoot; what is done there comes later, when it has settled.
sub prepare {
    my ($what, $minutes, $schedule) = @_;
    my $world = make_world($minutes->[0][1], $minutes->[-1][1], %{$schedule});
    push @prepared, { what => $what, zone => $ENV{TZ}, minutes => $minutes, schedule => $schedule, world => $world };
    return;
}

sub simulate {
    my ($prepared) = @_;
    my ($minutes, $world) = @{$prepared}{qw(minutes world)};
    local $ENV{TZ} = $prepared->{zone};
    POSIX::tzset();
    $world->settle;
    my @wrong = call_at($world, map { $_->[0] } @{$minutes});
    $tally->check($prepared->{what}, @wrong, differences($world, due_minutes($prepared->{schedule}, $minutes)));
    File::Path::remove_tree($world->{directory});
    return;
}

# A MailRoot around one moment of a winter's day in UTC.
sub make_plain_world {
    my (%settings) = @_;
    $ENV{TZ} = 'UTC';
    POSIX::tzset();
    my $noon = moment_of('2026-11-21T12:00');
    return make_world($noon - $DAY, $noon + $DAY, %settings);
}

# Nothing but the front runs when nothing is due: it isn't missed that there is no engine.
sub front_alone {
    my $world = make_plain_world(interval => 60);
    my $there = $world->{program};
    $world->settle;
    my @wrong = call_at($world, '2026-11-21T12:00');
    $world->{program} = "$world->{directory}/xmail-spammers";
    system 'cp', $there, $world->{program};
    push @wrong, call_at($world, map { sprintf '2026-11-21T12:%02d', $_ } 0 .. 59);
    $tally->check('the front alone tells that nothing is due', @wrong, differences($world, '2026-11-21T12:00'));
    @wrong = call_at($world, '2026-11-21T13:00');
    push @wrong, 'it was not said that there is no engine' if !$world->events('ERROR');
    $tally->check('and knows when something is', @wrong);
    return;
}

sub never_if_not_enabled {
    my $world = make_plain_world(enabled => 'false');
    my @wrong = call_at($world, map { sprintf '2026-11-21T%02d:30', $_ } 0 .. 23);
    $tally->check('nothing is ever due if it is not enabled', @wrong, differences($world));
    $world->configure(enabled => 'true');
    @wrong = call_at($world, '2026-11-21T23:31', '2026-11-21T23:32');
    $tally->check('once enabled, it is due at once', @wrong, differences($world, '2026-11-21T23:31'));
    $world->configure(enabled => 'false');
    @wrong = call_at($world, '2026-11-22T05:00');
    $tally->check('and no more when that is taken back', @wrong, differences($world, '2026-11-21T23:31'));
    return;
}

sub clock_set_back {
    my $world = make_plain_world(interval => 60);
    my @wrong = call_at($world, qw(2026-11-21T12:00 2026-11-21T11:58 2026-11-21T11:59 2026-11-21T12:57
          2026-11-21T12:58 2026-11-20T23:00 2026-11-20T23:59 2026-11-21T00:00));
    $tally->check('a clock that was set back makes a rebuild due, once', @wrong,
        differences($world, qw(2026-11-21T12:00 2026-11-21T11:58 2026-11-21T12:58 2026-11-20T23:00 2026-11-21T00:00)));
    return;
}

sub changed_configuration {
    my $world = make_plain_world(interval => 1440);
    $world->settle;
    my @wrong = call_at($world, '2026-11-21T12:00', '2026-11-21T12:10');
    $world->configure(interval => 10);
    push @wrong, call_at($world, '2026-11-21T12:11', '2026-11-21T12:20');
    $world->configure(interval => 10, from => 13, to => 14);
    push @wrong, call_at($world, '2026-11-21T12:59', '2026-11-21T13:00', '2026-11-21T13:09', '2026-11-21T14:00');
    $world->configure(interval => 10, from => 14, to => 15);
    push @wrong, call_at($world, '2026-11-21T14:00');
    $tally->check('a changed configuration counts from the next call on', @wrong,
        differences($world, map { "2026-11-21T$_" } qw(12:00 12:11 13:00 14:00)));
    return;
}

sub rebuild_by_hand {
    my $world = make_plain_world(interval => 60);
    my @wrong = call_at($world, '2026-11-21T12:00');
    $world->rebuild_by_hand('2026-11-21T12:30');
    push @wrong, call_at($world, '2026-11-21T12:59', '2026-11-21T13:00');
    $tally->check("a rebuild by hand doesn't move the schedule", @wrong,
        differences($world, '2026-11-21T12:00', '2026-11-21T13:00'));
    return;
}

sub failed_rebuild {
    my $world = make_plain_world(interval => 60);
    my ($log) = glob "$world->{root}/logs/smtp-*";
    rename $log, "$log.away" or die "unable to rename $log: $!\n";
    my @wrong = call_at($world, '2026-11-21T12:00', '2026-11-21T12:01');
    my @errors = $world->events('ERROR');
    push @wrong, scalar @errors . ' errors instead of 1' if @errors != 1;
    rename "$log.away", $log or die "unable to rename $log.away: $!\n";
    push @wrong, call_at($world, '2026-11-21T12:59');
    push @wrong, 'tried again before an interval had passed' if $world->rebuilds;
    push @wrong, call_at($world, '2026-11-21T13:00');
    push @wrong, "rebuilds at: @{[$world->rebuilds]}" if "@{[$world->rebuilds]}" ne '2026-11-21T13:00:00';
    $tally->check('a rebuild that failed is tried again after an interval, and not before', @wrong);
    return;
}
