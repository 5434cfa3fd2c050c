# SPDX-License-Identifier: MIT
#
# A MailRoot that is rebuilt with its cache, and a second one, with the same logs and the same list, that is rebuilt
# without; and what may not differ between them.
package Pair;

use strict;
use warnings;
use File::Path ();
use FindBin;
use POSIX ();
use lib "$FindBin::RealBin/../simulation";
use MailRoot;

my $LONG_AGO = 978_307_200;    # of a list of that age nobody thinks that it is being written

# Of the summary in the event log; the bytes that were read may differ, and so may the time that it took.
my @COUNTS = qw(mode range files records malformed limited hosts added removed kept);

# Pair->new(name => NAME, directory => DIR, logs => { name below MailRoot => directory }, settings => Settings,
#     program => FILE, preload => [times.so, faults.so], sanitized => BOOL)
sub new {
    my ($class, %given) = @_;
    my $self = bless {%given}, $class;
    my $place = "$self->{directory}/$self->{name}";
    $self->{cached} = "$place/cached";
    $self->{full}   = "$place/full";
    $self->{conf}   = "$place/conf";
    $self->{said}   = "$place/said";
    $self->{cache}  = "$self->{cached}/filters/xmail-spammers/cache";
    for my $root (@{$self}{qw(cached full)}) {
        File::Path::make_path("$root/filters/xmail-spammers");
        for my $name (sort keys %{ $self->{logs} }) {
            symlink $self->{logs}{$name}, "$root/$name" or die "unable to link $root/$name: $!\n";
        }
    }
    $self->{events} = "$self->{logs}{logs}/spammers-log";
    $self->configure;
    return $self;
}

sub configure {
    my ($self) = @_;
    MailRoot::write_file($self->{conf}, $self->{settings}->text);
    return;
}

# ---------------------------------------------------------------- the list

sub list { my ($self, $which) = @_; return MailRoot::read_file("$self->{$which}/spammers.tab") }

# Undef: there is none.
sub set_list {
    my ($self, $which, $bytes) = @_;
    my $path = "$self->{$which}/spammers.tab";
    if (!defined $bytes) {
        unlink $path;
        return;
    }
    MailRoot::write_file($path, $bytes);
    utime $LONG_AGO, $LONG_AGO, $path;
    return;
}

# The second list becomes what the first one is.
sub align {
    my ($self) = @_;
    my $list = $self->list('cached');
    $self->set_list('full', $list) if !same($list, $self->list('full'));
    return;
}

# Where times are coarse, a list that was just written looks as if somebody were writing it.
sub settle_lists {
    my ($self) = @_;
    utime $LONG_AGO, $LONG_AGO, map { "$self->{$_}/spammers.tab" } qw(cached full);
    return;
}

sub same {
    my ($one, $other) = @_;
    return defined $one ? defined $other && $one eq $other : !defined $other;
}

# ---------------------------------------------------------------- running

# Starts a command in one of the two; options: now, ahead (seconds), coarse (nanoseconds), faults (environment). The
# process id.
sub start {
    my ($self, $which, $options, @command) = @_;
    unlink $self->{events};
    my $pid = fork // die "unable to fork: $!\n";
    setpgrp $pid, $pid;
    return $pid if $pid;
    open STDIN,  '<', '/dev/null'        or POSIX::_exit(126);
    open STDOUT, '>', "$self->{said}.1" or POSIX::_exit(126);
    open STDERR, '>', "$self->{said}.2" or POSIX::_exit(126);
    my ($times, $faults) = @{ $self->{preload} };
    $ENV{TIMES_AHEAD}  = $options->{ahead}  // 0;
    $ENV{TIMES_COARSE} = $options->{coarse} // 0;
    $ENV{ASAN_OPTIONS} = 'verify_asan_link_order=0';
    $ENV{LD_PRELOAD}   = $options->{faults} ? "$times $faults" : $times;    # the clock is that of times.so
    %ENV = (%ENV, %{ $options->{faults} }) if $options->{faults};
    exec { $self->{program} } 'xmail-spammers', '-c', $self->{conf}, '-r', $self->{$which},
        defined $options->{now} ? ('--now', $options->{now}) : (), @command
        or POSIX::_exit(126);
}

# What a run that ended with this status has left, with MailRoot under one name.
sub result {
    my ($self, $which, $status) = @_;
    my %run = (status => $status, out => MailRoot::read_file("$self->{said}.1") // '',
        error => MailRoot::read_file("$self->{said}.2") // '', events => MailRoot::read_file($self->{events}) // '',
        list => $self->list($which));
    s/\Q$self->{$which}\E/MAILROOT/g for @run{qw(out error events)};
    $run{sum} = { $run{events} =~ /\t"REBUILD".*/ ? $& =~ /(\w+)=([^ "]*)/g : () };
    return \%run;
}

sub run {
    my ($self, $which, $options, @command) = @_;
    return $self->result($which, MailRoot::wait_for($self->start($which, $options, @command)));
}

# What no run may ever do, whatever befalls it. Its status may be this one at most: 1, if it isn't given.
sub misbehaviour {
    my ($run, $most) = @_;
    my @wrong;
    push @wrong, 'it died of signal ' . ($run->{status} & 127) if $run->{status} & 127;
    push @wrong, 'exit status ' . ($run->{status} >> 8) if $run->{status} >> 8 > ($most // 1);
    push @wrong, 'complaint' if $run->{error} =~ /Sanitizer|runtime error:/;
    push @wrong, "it said: $run->{error}" if @wrong;
    return @wrong;
}

# ---------------------------------------------------------------- comparing

# The lines on standard output, but for what may differ. With a cache fewer bytes are read.
sub told {
    my ($run) = @_;
    my @lines = grep { !/^(?:Saved|Backup|Time|Cache) / } split /\n/, $run->{out};
    s/, [\d.]+ (?:bytes|[kMGT]B)\b// for @lines;
    return @lines;
}

# Nobody but the first one can say anything of the cache, and a filter that never ran says so.
sub remarks {
    my ($text) = @_;
    return grep { !m{MAILROOT/filters/xmail-spammers/cache|there is no state } } split /\n/, $text;
}

# The event log's lines, but for their times, and of the summaries only what may not differ.
sub events {
    my ($run) = @_;
    my @lines;
    for my $line (remarks($run->{events})) {
        $line =~ s/^[^\t]*\t//;
        if ($line =~ /^"REBUILD"/) {
            my %sum = $line =~ /(\w+)=([^ "]*)/g;
            $line = join ' ', 'REBUILD', map { "$_=" . ($sum{$_} // '') } @COUNTS;
        }
        push @lines, $line;
    }
    return @lines;
}

sub difference {
    my ($what, $one, $other) = @_;
    my @one = @{$one};
    my @other = @{$other};
    my %one = map { $_ => 1 } @one;
    my %other = map { $_ => 1 } @other;
    return if "@one" eq "@other";
    return ("$what:", (map { "  with the cache: $_" } grep { !$other{$_} } @one),
        (map { "  without:        $_" } grep { !$one{$_} } @other));
}

sub lines_of { my ($list) = @_; return [defined $list ? (split /\n/, $list, -1) : '(missing)'] }

# What differs between a run with the cache and one without. Of the filter's run, which says nothing, not all can be
# seen.
sub differences {
    my ($one, $other, $by_filter) = @_;
    my @wrong = (misbehaviour($one), misbehaviour($other));
    push @wrong, "exit status $one->{status}, without the cache $other->{status}"
        if !$by_filter && $one->{status} != $other->{status};
    push @wrong, difference('list', lines_of($one->{list}), lines_of($other->{list}))
        if !same($one->{list}, $other->{list});
    push @wrong, difference('events', [events($one)], [events($other)]);
    return @wrong if $by_filter;
    push @wrong, difference('output', [told($one)], [told($other)]);
    push @wrong, difference('messages', [remarks($one->{error})], [remarks($other->{error})]);
    return @wrong;
}

# One rebuild of each. Both runs, and what is wrong. options as for start; command: another one of the first.
sub agree {
    my ($self, $options, @command) = @_;
    $self->align;
    my @no_cache = grep { $_ ne 'filter' } @command;
    my $by_filter = @no_cache < @command;
    unlink "$self->{cached}/filters/xmail-spammers/state" if $by_filter;
    my $one = $self->run('cached', $options, $by_filter ? 'filter' : ('rebuild', @command));
    my $other = $self->run('full', { %{$options}, faults => undef }, 'rebuild', '--no-cache', @no_cache);
    $self->settle_lists if $options->{coarse};
    return ($one, $other, differences($one, $other, $by_filter));
}

1;
