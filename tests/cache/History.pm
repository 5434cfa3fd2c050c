# SPDX-License-Identifier: MIT
#
# A random history of a MailRoot, which follows from a seed: between rebuilds all sorts of things happen to its logs,
# settings, list, cache and clock, and to the rebuilds themselves. A rebuild with the cache must always come to what one
# without comes to, down to each host's counts.
#
# One thing isn't made, since nobody could find it without reading the whole file: between two rebuilds a file is
# edited in its middle and grows, and its beginning and what stands before the old end stay as they were.
package History;

use strict;
use warnings;
use Errno ();
use File::Path ();
use FindBin;
use POSIX ();
use Time::HiRes ();
use lib "$FindBin::RealBin/../simulation";
use Chance qw(one_of chance between weighted);
use Damage;
use LogFiles;
use MailRoot;
use Pair;
use Records;
use Settings;

my $WINDOW       = 4096;     # bytes of a fingerprint, at either end
my $DAY          = 86_400;
my $STEPS_MAX    = 1000;     # of one history, so that each step of each has a seed of its own
my $SETTLED      = 5;        # seconds after which no file can be taken for one that is being written
my $CALLS        = 220;      # of the C library: about so many does a rebuild make
my $STOPS_MAX    = 10;       # seconds until a rebuild must have stopped where it is told to, or have ended
my @ZONES        = qw(UTC Europe/Berlin Asia/Tokyo America/New_York Pacific/Auckland Africa/Cairo);
my @SPECIAL_DAYS =
    ([2026, 1, 1], [2025, 1, 2], [2026, 3, 1], [2024, 2, 29], [2026, 3, 29], [2026, 10, 25], [2026, 11, 1]);

# What happens to other things than to log files, and how often.
my @DEEDS = (
    [66, sub { $_[0]{logs}->befall }],   [13, \&change_settings], [8, \&change_time], [8, \&change_list],
    [9, sub { $_[0]{damage}->befall }],
);

# What may come before the rebuilds that are compared.
my @PRELUDES = (
    [20, \&killed], [12, \&killed_some_time], [20, \&faulty], [40, \&interrupted], [12, \&dry], [6, \&without_cache],
    [25, \&by_another], [10, \&by_filter], [5, \&unreadable],
);

# History->new(seed => N, directory => DIR to make, program => FILE, preload => [times.so, faults.so],
#     sanitized => BOOL)
sub new {
    my ($class, %given) = @_;
    my $self = bless { %given, story => [], seen => {}, step => 0, compared => 0 }, $class;
    $ENV{TZ} = $ZONES[$self->{seed} % @ZONES];
    POSIX::tzset();
    srand $self->{seed} * $STEPS_MAX;
    $self->choose_clock;
    $self->make_world;
    return $self;
}

# The steps of the whole history. Dies with what is wrong.
sub run {
    my ($self) = @_;
    my $steps = between(8, 24);
    $self->compare('the first rebuild');
    $self->step while ++$self->{step} <= $steps;
    $self->finish;
    return;
}

sub note {
    my ($self, $text) = @_;
    push @{ $self->{story} }, sprintf '%3s  %s', $self->{step}, $text;
    return;
}

sub fail {
    my ($self, @wrong) = @_;
    die join("\n", @wrong) . "\n";
}

# ---------------------------------------------------------------- the beginning

# Live: the program takes the clock's time, which is the real one and so many seconds ahead; files are old enough to be
# relied on. Rehearsed: --now. Coarse: the times of files hardly change.
sub choose_clock {
    my ($self) = @_;
    $self->{live} = chance(25);
    $self->{coarse} = one_of(2_000_000_000, 1_000_000_000, 20_000_000) if !$self->{live} && chance(25);
    $self->{settles} = one_of(0, 50, 80, 100, 100);
    if ($self->{live}) {
        $self->{ahead} = one_of(30, 30, between(30, $DAY), between(1, 400) * $DAY, -between(1, 40) * $DAY);
        return;
    }
    my ($year, $month, $day) =
        chance(40) ? @{ one_of(@SPECIAL_DAYS) } : (between(2024, 2028), between(1, 12), between(1, 28));
    $self->{now} = POSIX::mktime(between(0, 59), between(0, 59), between(0, 23), $day, $month - 1, $year - 1900);
    $self->{now} = time if chance(30);
    return;
}

sub make_world {
    my ($self) = @_;
    my $place = $self->{directory};
    File::Path::make_path(map { "$place/$_" } qw(logs more-logs shared aside damaged));
    $self->{records} = Records->new($self->{seed});
    $self->{logs} = LogFiles->new(
        records     => $self->{records},
        directories => [map { "$place/$_" } qw(logs more-logs shared)],
        aside       => "$place/aside",
        now         => sub { $self->now },
        day         => sub { $self->day($_[0]) },
    );
    $self->{logs}->fill;
    $self->{pairs} = [map { $self->make_pair($_) } chance(30) ? qw(one other) : qw(one)];
    $self->{pair} = $self->{pairs}[0];
    $self->{damage} = Damage->new(
        directory => $self->{pair}{cache},
        aside     => "$place/damaged",
        others    => sub { $self->foreign_part }
    );
    my $clock = $self->{live} ? "the clock is $self->{ahead} seconds ahead" : 'now is ' . localtime $self->{now};
    my $times = $self->{coarse} ? "times of files are coarse: $self->{coarse} ns" : "settles $self->{settles}";
    $self->note("TZ=$ENV{TZ}, $clock, $times");
    return;
}

sub make_pair {
    my ($self, $name) = @_;
    my $place = $self->{directory};
    my $pair = Pair->new(
        name      => $name,
        directory => $place,
        logs      => { logs => "$place/logs", 'more-logs' => "$place/more-logs" },
        settings  => Settings->new(
            formats  => $self->{logs}{formats},
            relative => [qw(logs more-logs)],
            absolute => ["$place/shared"]
        ),
        program   => $self->{program},
        preload   => $self->{preload},
    );
    $pair->set_list('cached', $self->some_list);
    return $pair;
}

sub foreign_part {
    my ($self) = @_;
    my $other = $self->{pairs}[1] or return;
    my ($path) = one_of(glob "$other->{cache}/*") // return;
    return if -l $path || !-f _;
    return ($path =~ s{.*/}{}r, MailRoot::read_file($path));
}

# ---------------------------------------------------------------- the clock

# The time that is pretended to be.
sub now { my ($self) = @_; return $self->{live} ? time + $self->{ahead} : $self->{now} }

# The day so many days after today.
sub day {
    my ($self, $offset) = @_;
    my @time = localtime $self->now;
    return POSIX::strftime('%Y-%m-%d', 0, 0, 12, $time[3] + $offset, @time[4, 5]);
}

# Options of a rebuild: settled, if it shall take no file for one that is being written.
sub clock {
    my ($self, $settled) = @_;
    return { ahead => $self->{ahead} } if $self->{live};
    return {
        now    => POSIX::strftime('%Y-%m-%dT%H:%M:%S', localtime $self->{now}),
        ahead  => $settled ? one_of($SETTLED, 60, 100_000) : 0,
        coarse => $self->{coarse}
    };
}

sub can_settle {
    my ($self) = @_;
    return $self->{live} ? $self->{ahead} >= $SETTLED : !$self->{coarse};
}

# After a rebuild that took no file for one that is being written, another change must show in the times of files.
sub tick {
    my ($self) = @_;
    my $probe = "$self->{directory}/probe";
    my @before;
    for (1 .. 10_000) {
        MailRoot::write_file($probe, '');
        my @status = Time::HiRes::stat($probe);
        @before = @status if !@before;
        return if $status[10] != $before[10];
        Time::HiRes::sleep(0.0005);
    }
    die "the clock of the file system stands still\n";
}

sub change_time {
    my ($self) = @_;
    my $seconds = one_of(60, 600, 7200, 7200, $DAY, $DAY, $DAY, 2 * $DAY, 7 * $DAY, 30 * $DAY);
    $seconds = between(1, 2 * $DAY) if chance(10);
    $seconds = -$seconds if chance(25);
    $self->{ $self->{live} ? 'ahead' : 'now' } += $seconds;
    return sprintf 'Time: %s%d seconds, to %s.', $seconds < 0 ? 'back ' : '', abs $seconds, scalar localtime $self->now;
}

# ---------------------------------------------------------------- settings and list

sub change_settings {
    my ($self) = @_;
    my $said = $self->{pair}{settings}->change;
    $self->{pair}->configure;
    return $said;
}

# A line of the list as we write it.
sub entry {
    my ($host) = @_;
    return $host =~ /:/ ? qq{"$host/128"\t"code=1"\n} : qq{"$host"\t"255.255.255.255"\t"code=1"\n};
}

# None, an empty one, one of all who are in the logs, or of some, among other lines.
sub some_list {
    my ($self) = @_;
    return undef if chance(10);
    return '' if chance(50);
    my @hosts = @{ $self->{records}{hosts} };
    return join '', map { entry($_) } @hosts if chance(40);
    return join '', map {
        one_of(entry(one_of(@hosts)), entry("10.0.0.$_"), "# by hand\n",
            qq{"10.0.0.$_"\t"255.255.255.255"\t"permanent=1"\n}, qq{"192.0.2.0"\t"255.255.255.252"\t"code=0"\n})
    } 1 .. between(1, 6);
}

# With an empty list all hosts are added anew, and what the logs said of each is told.
sub change_list {
    my ($self) = @_;
    $self->{pair}->set_list('cached', $self->some_list);
    return 'Another list.';
}

# ---------------------------------------------------------------- what nobody could find

# All log files by device and inode: [path, content].
sub contents {
    my ($self) = @_;
    my %found;
    for my $path ($self->{logs}->files) {
        my ($device, $inode) = stat $path;
        $found{"$device:$inode"} //= [$path, MailRoot::read_file($path)];
    }
    return \%found;
}

# What the caches may say of a file from now on. While a file is written it may be a part of what it is afterwards.
sub remember {
    my ($self, $contents, $before) = @_;
    for my $file (keys %{$contents}) {
        my $bytes = $contents->{$file}[1];
        my $seen = $self->{seen}{$file} //= [];
        my $old = $before ? $before->{$file}[1] : undef;
        push @{$seen}, substr $bytes, 0, length $old if defined $old && length $old < length $bytes;
        push @{$seen}, $bytes if !grep { $_ eq $bytes } @{$seen};
    }
    return;
}

# Whether the content could be taken for a longer one of what was there before, and isn't.
sub deceives {
    my ($new, $old) = @_;
    my $offset = 1 + rindex $old, "\n";
    return 0 if length $new <= length $old;
    my $window = $offset < $WINDOW ? $offset : $WINDOW;
    return substr($new, 0, $window) eq substr($old, 0, $window)
        && substr($new, $offset - $window, $window) eq substr($old, $offset - $window, $window)
        && substr($new, 0, $offset) ne substr($old, 0, $offset);
}

# Changes the beginning of files that could be taken for something else. What all files hold then.
sub be_honest {
    my ($self) = @_;
    my $contents = $self->contents;
    for my $file (sort keys %{$contents}) {
        my ($path, $bytes) = @{ $contents->{$file} };
        next if !grep { deceives($bytes, $_) } @{ $self->{seen}{$file} || [] };
        my $time = LogFiles::written($path);
        LogFiles::overwrite($path, 0, sprintf '"h%x.%x.', $self->{seed}, ++$self->{honesty});
        utime $time, $time, $path;
        $contents->{$file}[1] = MailRoot::read_file($path);
        $self->note('The beginning is changed, too: ' . LogFiles::named($path));
    }
    return $contents;
}

# ---------------------------------------------------------------- steps

sub step {
    my ($self) = @_;
    srand $self->{seed} * $STEPS_MAX + $self->{step};
    for (1 .. weighted([10, 0], [40, 1], [25, 2], [15, 3], [10, 6])->[1]) {
        $self->note(weighted(@DEEDS)->[1]->($self));
    }
    $self->note(($self->{logs}->edit // 'Nothing') . '.') if $self->{coarse} && chance(40);
    if (chance(30)) {
        weighted(@PRELUDES)->[1]->($self);
        $self->note($self->{logs}->befall) if chance(30);
    }
    $self->compare('the rebuild');
    $self->prove_effect if chance(6) && $self->can_settle;
    return;
}

# Nothing is left behind, and the last rebuild has nothing in its way.
sub finish {
    my ($self) = @_;
    $self->{step} = 'end';
    $self->{damage}->mend;
    $self->{coarse} = undef;
    $self->{settles} = 100;
    my ($one) = $self->compare('the last rebuild');
    my @leftovers = $one->{status} ? () : $self->leftovers;
    $self->fail(@leftovers) if @leftovers;
    return;
}

# What is in the cache and has no business there any more.
sub leftovers {
    my ($self) = @_;
    my %inodes = map { sprintf('%x', (stat $_)[1]) => 1 } $self->{logs}->files;
    my @found;
    for my $path ($self->{damage}->entries) {
        my $is_orphan = $path =~ m{/[a-z0-9-]+-[0-9a-f]+-([0-9a-f]+)$} && !$inodes{$1};
        push @found, "left behind: $path" if $is_orphan || $path =~ /[.]tmp$/;
    }
    return @found;
}

# One rebuild with the cache and one without. Both runs.
sub compare {
    my ($self, $what, %how) = @_;
    my $settled = $how{settled} || chance($self->{settles}) && $self->can_settle;
    my $pair = $how{pair} || $self->{pair};
    my $contents = $how{contents} || $self->be_honest;
    my ($one, $other, @wrong) = $pair->agree($self->clock($settled), @{ $how{command} || [] });
    $self->remember($contents);
    $self->tick if $settled || $self->{live};
    $self->{compared}++;
    my $sum = join ' ', map { "$_=" . ($one->{sum}{$_} // '') } qw(range files bytes records hosts added removed kept);
    $what .= ', settled' if $settled;
    $self->note($one->{status} ? "$what: status $one->{status}" : "$what: $sum");
    $self->fail("$what:", @wrong) if @wrong;
    return ($one, $other);
}

# ---------------------------------------------------------------- rebuilds that come before

sub fault {
    my ($self, %more) = @_;
    return { FAULT_CALL => 'any', FAULT_AT => between(1, chance(70) ? $CALLS : $CALLS * 3), %more };
}

# A rebuild to which something happens; it may leave what it likes.
sub disturb {
    my ($self, $what, $faults) = @_;
    my $contents = $self->be_honest;
    $self->{pair}->align;
    my $run = $self->{pair}->run('cached', { %{ $self->clock(0) }, faults => $faults }, 'rebuild');
    $self->remember($contents);
    $self->tick if $self->{live};
    $self->{pair}->settle_lists if $self->{coarse};
    $self->note("$what: status $run->{status}");
    return $run;
}

sub killed {
    my ($self) = @_;
    return if $self->{sanitized};
    my $faults = $self->fault(FAULT_KILL => one_of(qw(before after)));
    $self->disturb("A rebuild killed $faults->{FAULT_KILL} call $faults->{FAULT_AT}", $faults);
    return;
}

sub killed_some_time {
    my ($self) = @_;
    my $seconds = rand 0.004;
    my $contents = $self->be_honest;
    my $pair = $self->{pair};
    my $pid = $pair->start('cached', $self->clock(0), 'rebuild');
    Time::HiRes::sleep($seconds);
    kill KILL => -$pid;
    waitpid $pid, 0;
    $self->remember($contents);
    $self->tick if $self->{live};
    $pair->settle_lists if $self->{coarse};
    $self->note(sprintf 'A rebuild killed after %.4f seconds: status %d', $seconds, $?);
    return;
}

# A call fails, maybe again and again. If the rebuild says that all went well, it must have.
sub faulty {
    my ($self) = @_;
    return if $self->{sanitized};
    my $errno = one_of(qw(EIO ENOSPC EMFILE EACCES));
    my $faults = $self->fault(chance(15) ? (FAULT_SHORT => 1) : (FAULT_ERRNO => Errno->can($errno)->()));
    $faults->{FAULT_STICKY} = 1 if chance(30);
    my $before = $self->{pair}->list('cached');
    my $run = $self->disturb("A rebuild in which call $faults->{FAULT_AT} fails: "
            . ($faults->{FAULT_SHORT} ? 'falls short' : $errno), $faults);
    my @wrong = Pair::misbehaviour($run, 2);
    $self->fail('the rebuild with a fault:', @wrong) if @wrong;
    return if $run->{status};
    my $other = $self->{pair}->run('full', $self->clock(0), 'rebuild', '--no-cache');
    $self->{pair}->settle_lists if $self->{coarse};
    return if Pair::same($run->{list}, $other->{list});
    $self->fail('the rebuild with a fault, which it did not notice:',
        Pair::difference('list', Pair::lines_of($run->{list}), Pair::lines_of($other->{list})));
    return;
}

# Log files change while it reads them: it is stopped, and goes on afterwards.
sub interrupted {
    my ($self) = @_;
    return if $self->{sanitized} || $self->{live};
    my $logs = $self->{logs};
    $logs->focus(chance(70));
    $self->note($logs->append // 'Nothing') if $logs->{focus};
    my $before = $self->be_honest;
    my $pair = $self->{pair};
    my $faults = $self->fault(FAULT_STOP => 1);
    @{$faults}{qw(FAULT_CALL FAULT_AT)} = (one_of(qw(pread pread fstat openat)), between(1, 20)) if chance(80);
    my $pid = $pair->start('cached', { %{ $self->clock(0) }, faults => $faults }, 'rebuild');
    my $status = stopped($pid);
    if (!defined $status) {
        $self->note("While a rebuild has stopped at call $faults->{FAULT_AT} ($faults->{FAULT_CALL}):");
        for (1 .. between(1, 2)) {
            $self->note('    ' . ($logs->{focus} && chance(70) ? $logs->change_content : $logs->befall));
        }
        kill CONT => $pid;
        $status = MailRoot::wait_for($pid);
    }
    my $run = $pair->result('cached', $status);
    $self->remember($before);
    $self->remember($self->contents, $before);
    $pair->settle_lists if $self->{coarse};
    $self->note("    It ends with the status $status.");
    $self->fail('the rebuild during which logs changed:', Pair::misbehaviour($run)) if Pair::misbehaviour($run);
    $self->note('    ' . ($logs->append // 'Nothing')) if chance(50);
    $logs->focus(0);
    return;
}

# Waits until the process has stopped. The status of one that has ended before, else undef.
sub stopped {
    my ($pid) = @_;
    my $end = time + $STOPS_MAX;
    while (time < $end) {
        my $found = waitpid $pid, POSIX::WUNTRACED | POSIX::WNOHANG;
        return kill(0, $pid) ? undef : $? if $found == $pid;    # who has ended isn't there any more
        Time::HiRes::sleep(0.0003);
    }
    kill KILL => -$pid;
    waitpid $pid, 0;
    die "a rebuild neither stops nor ends\n";
}

# It shows what a rebuild would do, and changes nothing on the disk.
sub dry {
    my ($self) = @_;
    $self->{pair}->align;
    $self->be_honest;
    my $place = $self->{directory};
    my $pair = $self->{pair};
    my $options = $self->clock(chance(50) && $self->can_settle);
    unlink $pair->{events};
    my $before = tree("$place/one/cached", "$place/logs", "$place/more-logs", "$place/shared");
    my $one = $pair->run('cached', $options, 'rebuild', '-n');
    my $after = tree("$place/one/cached", "$place/logs", "$place/more-logs", "$place/shared");
    my $other = $pair->run('full', $options, 'rebuild', '-n', '--no-cache');
    my @wrong = Pair::differences($one, $other);
    push @wrong, Pair::difference('it changed', [map { "$_ $before->{$_}" } sort keys %{$before}],
        [map { "$_ $after->{$_}" } sort keys %{$after}]);
    $self->tick if $options->{ahead};
    $self->note('A dry run.');
    $self->fail('the dry run:', @wrong) if @wrong;
    return;
}

# Everything below the directories, but for times of last access; no event log is written while this counts.
sub tree {
    my (@paths) = @_;
    my %found;
    while (defined(my $path = shift @paths)) {
        my @status = Time::HiRes::lstat($path) or next;
        $found{$path} = join ' ', @status[1, 2, 3, 7, 9, 10], -l _ ? readlink $path : ();
        next if !-d _;
        opendir my $listing, $path or next;
        push @paths, map { "$path/$_" } grep { !/^[.][.]?$/ && $_ ne 'spammers-log' } readdir $listing;
    }
    return \%found;
}

# The same MailRoot, once without its cache.
sub without_cache {
    my ($self) = @_;
    my $run = $self->{pair}->run('cached', $self->clock(0), 'rebuild', '--no-cache');
    $self->{pair}->settle_lists if $self->{coarse};
    $self->note('A rebuild without the cache.');
    $self->fail('the rebuild without the cache:', Pair::misbehaviour($run)) if Pair::misbehaviour($run);
    return;
}

# Another MailRoot, with other settings, that reads the same logs.
sub by_another {
    my ($self) = @_;
    my $other = $self->{pairs}[1] or return;
    if (chance(20)) {
        $other->{settings}->change;
        $other->configure;
    }
    $self->compare('the rebuild of another MailRoot', pair => $other);
    return;
}

sub by_filter {
    my ($self) = @_;
    $self->compare('the rebuild by the filter', command => ['filter']);
    return;
}

# A log that can't be read (root can) stops the rebuild, whatever the cache knows of it.
sub unreadable {
    my ($self) = @_;
    my $path = $self->{logs}->some_file // return;
    my $mode = (stat $path)[2] & 07777;
    my $contents = $self->be_honest;
    chmod 0, $path;
    $self->note('Unreadable: ' . LogFiles::named($path));
    $self->compare('the rebuild with an unreadable log', contents => $contents);
    chmod $mode, $path;
    return;
}

# ---------------------------------------------------------------- that the cache does what it is for

# A rebuild after which nothing has changed reads no log; one after records were added reads these alone; and of the
# cache only what belongs to a file that changed is written.
sub prove_effect {
    my ($self) = @_;
    my $pair = $self->{pair};
    File::Path::remove_tree($pair->{cache});
    unlink $pair->{cache};
    my ($one, $other) = $self->compare('the rebuild with a new cache', settled => 1);
    return if $one->{status};
    $self->fail("with a new cache $one->{sum}{bytes} bytes were read, without $other->{sum}{bytes}")
        if $one->{sum}{bytes} != $other->{sum}{bytes};
    my $parts = tree($pair->{cache});
    ($one) = $self->compare('the rebuild after nothing has changed', settled => 1);
    $self->fail("nothing has changed, and $one->{sum}{bytes} bytes were read") if $one->{sum}{bytes} != 0;
    $self->expect_written($parts, qr/^$/);
    if (chance(50) && !$self->is_ahead_of_time) {
        $self->{ $self->{live} ? 'ahead' : 'now' } += one_of(60, 3600, $DAY, $DAY, 3 * $DAY);
        ($one) = $self->compare('the rebuild some time later', settled => 1);
        $self->fail("only time has passed, and $one->{sum}{bytes} bytes were read")
            if !$one->{status} && $one->{sum}{bytes} != 0;
        $self->expect_written($parts, qr/^balance$/);
    }
    $self->prove_growth($one->{sum}{files}) if !$one->{status};
    return;
}

# Whether a log has a day after today: when that has come, the log may be read again.
sub is_ahead_of_time {
    my ($self) = @_;
    my $today = $self->day(0);
    for my $file (values %{ $self->contents }) {
        return 1 if grep { tr{/}{-}r gt $today } $file->[1] =~ m{\b(\d{4}[-/]\d\d[-/]\d\d)\b}g;
    }
    return 0;
}

# How many files were read before: another one may be new enough now.
sub prove_growth {
    my ($self, $files) = @_;
    my $pair = $self->{pair};
    my $path = $self->{logs}->file_that_has(2 * $WINDOW) // return;
    my $parts = tree($pair->{cache});
    my $bytes = MailRoot::read_file($path);
    my $unfinished = length((split /\n/, $bytes, -1)[-1]);
    my $more = $self->{logs}->records($path, between(1, 10));
    my $file = join ':', (stat $path)[0, 1];
    return if grep { deceives($bytes . $more, $_) } @{ $self->{seen}{$file} };
    $self->{logs}->add($path, $more);
    my $what = 'the rebuild after ' . length($more) . ' bytes in ' . LogFiles::named($path);
    my ($one) = $self->compare($what, settled => 1);
    return if $one->{status} || $one->{sum}{files} != $files;
    my $allowed = @{ $pair->{settings}{logs} } * ($unfinished + length($more) + 2 * $WINDOW);
    $self->fail(length($more) . " bytes more, and $one->{sum}{bytes} bytes were read") if $one->{sum}{bytes} > $allowed;
    $self->expect_written($parts, sprintf '^(?:balance|.*-%x)$', (stat $path)[1]);
    return;
}

# Of the parts that there were, none was written but those whose names fit. (One whose log file is too old now goes.)
sub expect_written {
    my ($self, $before, $fits) = @_;
    my $after = tree($self->{pair}{cache});
    for my $path (sort keys %{$before}) {
        next if $path eq $self->{pair}{cache};
        my $name = $path =~ s{.*/}{}r;
        next if $name =~ $fits || !defined $after->{$path} || $after->{$path} eq $before->{$path};
        $self->fail("the part $name was written, and its log file has not changed");
    }
    return;
}

1;
