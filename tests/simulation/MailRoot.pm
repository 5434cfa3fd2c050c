# SPDX-License-Identifier: MIT
#
# A MailRoot of a simulation's own, with logs, a list and a configuration; the filter called directly in it (XMail.pm
# calls it as XMail does); and what can be seen of the filter afterwards.
package MailRoot;

use strict;
use warnings;
use Errno ();
use Fcntl qw(LOCK_EX LOCK_NB O_CREAT O_RDWR);
use File::Find ();
use File::Path ();
use POSIX ();
use Time::HiRes ();

my $SETTLED = 4;    # seconds after which a file can't change any more without its times telling
my $HANGS = 120;                # seconds after which a call is taken to hang
my $LONG_AGO = 978_307_200;     # the first of January 2001: a list of that age was not written just now

# MailRoot->new(program => FILE, directory => DIR to make, settings => { auto and others })
sub new {
    my ($class, %given) = @_;
    my $self = bless {%given}, $class;
    $self->{root}  = "$self->{directory}/MailRoot";
    $self->{own}   = "$self->{root}/filters/xmail-spammers";
    $self->{conf}  = "$self->{own}/xmail-spammers.conf";
    $self->{state} = "$self->{own}/state";
    $self->{lock}  = "$self->{own}/lock";
    $self->{list}  = "$self->{root}/spammers.tab";
    $self->{log}   = "$self->{root}/logs/spammers-log";
    $self->{said}  = "$self->{directory}/said";
    File::Path::make_path("$self->{root}/logs", $self->{own}, { mode => 0755 });
    write_file($self->{said}, '');
    $self->configure(%{ $given{settings} || {} });
    return $self;
}

# ---------------------------------------------------------------- files

sub write_file { my ($path, $bytes) = @_; return put_bytes('>:raw', $path, $bytes) }
sub append_file { my ($path, $bytes) = @_; return put_bytes('>>:raw', $path, $bytes) }

sub put_bytes {
    my ($mode, $path, $bytes) = @_;
    open my $out, $mode, $path or die "unable to write $path: $!\n";
    print {$out} $bytes;
    close $out or die "unable to write $path: $!\n";
    return;
}

# The bytes of a file, or undef.
sub read_file {
    my ($path) = @_;
    open my $in, '<:raw', $path or return undef;
    local $/;
    return <$in> // '';
}

# Auto settings by their names; further lines of the configuration as `more`.
sub configure {
    my ($self, %settings) = @_;
    my $more = delete $settings{more} // '';
    my %auto = (enabled => 'true', from => 0, to => 0, interval => 60, %settings);
    $self->{configured} = Time::HiRes::time();
    write_file($self->{conf}, 'auto = { ' . join(' ', map { "$_ = $auto{$_};" } sort keys %auto) . " };\n$more");
    return;
}

# Waits until the configuration is so old that the filter relies on its times: before, each call reads it, and nothing
# is decided by the state alone. (A file's time of change can't be set, so nothing else helps.)
sub settle {
    my ($self) = @_;
    my $seconds = $self->{configured} + $SETTLED - Time::HiRes::time();
    Time::HiRes::sleep($seconds) if $seconds > 0;
    return;
}

# The list, as of long ago: one that has just been written is read a second time after a while.
sub set_list {
    my ($self, $bytes) = @_;
    write_file($self->{list}, $bytes);
    utime $LONG_AGO, $LONG_AGO, $self->{list};
    return;
}

sub entry {
    my ($address) = @_;
    return qq{"$address"\t"255.255.255.255"\t"code=1"\n};
}

# A record of XMail's SMTP log. The day is YYYY-MM-DD.
sub smtp_record {
    my ($address, $day, $status, $user) = @_;
    return join("\t", map { qq{"$_"} } 'mail.example.org', 'example.org', $address, "$day 03:04:05", 'helo.example.net',
        'example.org', 'a@example.net', 'b@example.org', 'S1A2', $status, $user // '', '0', '') . "\n";
}

sub pop3_record {
    my ($address, $day, $status) = @_;
    my @more = $status eq 'LOGIN' ? ('2', '512') : ();
    return join("\t", map { qq{"$_"} } 'mail.example.org', 'example.org', $address, "$day 23:04:05", 'user', 'secret',
        $status, @more) . "\n";
}

# A log that tells of something on each of these days; its time is the last of them.
sub write_log {
    my ($self, $name, $time, @records) = @_;
    my $path = "$self->{root}/logs/$name";
    append_file($path, join '', @records);
    utime $time, $time, $path;
    return;
}

# Forgets all that the filter has made.
sub forget {
    my ($self) = @_;
    for my $path (glob "$self->{own}/{*,.[!.]*}") {
        File::Path::remove_tree($path) if $path ne $self->{conf};
    }
    unlink $self->{log}, glob "$self->{root}/spammers.[0-9]*.tab";
    return;
}

# ---------------------------------------------------------------- calls

sub command {
    my ($self, $now, @arguments) = @_;
    return ($self->{program}, '-c', $self->{conf}, '-r', $self->{root}, defined $now ? ('--now', $now) : (),
        @arguments);
}

# Starts it, by itself in a group of processes; what it says goes to the file `said`. before => a sub that the child
# calls first. The process id.
sub start {
    my ($self, $command, %options) = @_;
    my $pid = fork // die "unable to fork: $!\n";
    setpgrp $pid, $pid;    # in both, for neither may go on without it
    return $pid if $pid;
    open STDIN,  '<',  '/dev/null'   or POSIX::_exit(126);
    open STDOUT, '>>', $self->{said} or POSIX::_exit(126);
    open STDERR, '>&', \*STDOUT      or POSIX::_exit(126);
    $options{before}->() if $options{before};
    exec { $command->[0] } @{$command} or POSIX::_exit(126);
}

# Calls the filter once. What is wrong with how it ended: nothing, if it said nothing and its status is 0.
sub filter {
    my ($self, $now, %options) = @_;
    my $pid = $self->start([$self->command($now, 'filter', @{ $options{arguments} || [] })], %options);
    return $self->finished($pid);
}

# Waits for the end. The status as waitpid tells it; of one that hangs, after a while, that it was killed.
sub wait_for {
    my ($pid) = @_;
    my $status = eval {
        local $SIG{ALRM} = sub { die "it hangs\n" };
        alarm $HANGS;
        waitpid $pid, 0;
        my $found = $?;
        alarm 0;
        $found;
    };
    return $status if defined $status;
    kill KILL => -$pid;
    waitpid $pid, 0;
    return $?;
}

# Waits for a call of the filter.
sub finished {
    my ($self, $pid) = @_;
    my $status = wait_for($pid);
    my @wrong;
    push @wrong, $status & 127 ? 'it died of signal ' . ($status & 127) : 'exit status ' . ($status >> 8) if $status;
    if (-s $self->{said}) {
        push @wrong, 'it said: ' . read_file($self->{said});
        write_file($self->{said}, '');
    }
    return @wrong;
}

# A rebuild by hand. Dies if it fails.
sub rebuild_by_hand {
    my ($self, $now, @options) = @_;
    my $status = wait_for($self->start([$self->command($now, 'rebuild', @options)]));
    die "a rebuild by hand failed ($status): " . read_file($self->{said}) if $status;
    write_file($self->{said}, '');
    return;
}

# ---------------------------------------------------------------- what can be seen

# The event log's lines of this kind, as [time, address, count, detail].
sub events {
    my ($self, $event) = @_;
    my @found;
    for my $line (split /\n/, read_file($self->{log}) // '') {
        next if $line eq '';    # behind what a killed process has left unfinished
        my ($time, $name, @rest) = map { s/^"|"$//gr } split /\t/, $line;
        push @found, [$time, @rest] if $name eq $event;
    }
    return @found;
}

# The times of the filter's own rebuilds, as YYYY-MM-DDTHH:MM:SS.
sub rebuilds {
    my ($self) = @_;
    return map { $_->[0] =~ s/ /T/r } grep { $_->[3] =~ /\btrigger=filter\b/ } $self->events('REBUILD');
}

# Errors and warnings, but for the one warning that there is no state, which is due where nothing ever ran.
sub unexpected_events {
    my ($self) = @_;
    my ($first, @more) = $self->events('WARNING');
    unshift @more, $first if defined $first && $first->[3] !~ /^there is no state /;
    return map { "logged: @{$_}" } $self->events('ERROR'), @more;
}

# What a rebuild has left behind.
sub leftovers {
    my ($self) = @_;
    my @found;
    File::Find::find(sub { push @found, "left behind: $File::Find::name" if /[.]tmp$/ }, $self->{root});
    return @found;
}

# The lock, if it is free; undef if somebody has it. It is held as long as what is returned lives.
sub take_lock {
    my ($self) = @_;
    sysopen my $lock, $self->{lock}, O_RDWR | O_CREAT, 0600 or die "unable to open $self->{lock}: $!\n";
    return flock($lock, LOCK_EX | LOCK_NB) ? $lock : undef;
}

# Until the lock is free, for up to so many seconds.
sub lock_becomes_free {
    my ($self, $seconds) = @_;
    my $end = Time::HiRes::time() + $seconds;
    while (Time::HiRes::time() < $end) {
        return 1 if $self->take_lock;
        Time::HiRes::sleep(0.01);
    }
    return 0;
}

# The processes whose parent it is, as far as /proc tells.
sub children_of {
    my ($parent) = @_;
    my @found;
    for my $path (glob '/proc/[0-9]*/stat') {
        my $status = read_file($path) // next;
        push @found, $1 if $status =~ /^(\d+) \(.*\) \S (\d+)/s && $2 == $parent;
    }
    return @found;
}

# ---------------------------------------------------------------- the sanitizers' complaints

# For a program with sanitizers: in the filter, nothing that they say on stderr is seen.
sub complaints_to_files {
    my ($self) = @_;
    $ENV{ASAN_OPTIONS}  = "log_path=$self->{directory}/complaint";
    $ENV{UBSAN_OPTIONS} = $ENV{ASAN_OPTIONS};
    $ENV{LSAN_OPTIONS}  = $ENV{ASAN_OPTIONS};
    return;
}

sub complaints {
    my ($self) = @_;
    my @files = glob "$self->{directory}/complaint.*";
    my @texts = map { read_file($_) } @files;
    unlink @files;
    return @texts;
}

1;
