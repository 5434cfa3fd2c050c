# SPDX-License-Identifier: MIT
#
# A stand-in for XMail 1.27: what it does with spammers.tab at each connection and with filters.post-rcpt.tab at each
# RCPT, done the same way, so that filters can be tried as XMail runs them. It speaks no SMTP and asks no DNS: an entry
# that is a host's name matches nobody here.
package XMail;

use strict;
use warnings;
use Cwd ();
use File::Temp ();
use POSIX ();
use Socket qw(AF_INET SOCK_STREAM INADDR_LOOPBACK pack_sockaddr_in);
use Storable ();
use Time::HiRes ();
use XMailTables qw(covers lines_of matches parse_host prefix_mask read_entry read_ipprop slurp tab_fields);

# What XMail takes of a line, its end counted; the rest is a further line.
my $SPAMMERS_LINE_MAX = 510;
my $FILTERS_LINE_MAX  = 1022;

# Exit statuses of filters.
my $STOP         = 16;     # a bit: the remaining filters don't run
my $REJECT       = 3;      # what is left without that bit
my $NOT_EXECUTED = 255;

my $TIMEOUT     = 90;      # seconds
my $DESCRIPTORS = 40;      # of other clients and files, that a filter inherits beside those of its own client

my $COMPATIBLE = ["\0" x 16, prefix_mask(96)];    # ::/96

# XMail->new(mail_root => DIR, timeout => SECONDS, descriptors => COUNT, export_mail_root => BOOL). All but the first
# may be left out.
sub new {
    my ($class, %given) = @_;
    my $self = bless { timeout => $TIMEOUT, descriptors => $DESCRIPTORS, export_mail_root => 1, %given }, $class;
    $self->{mail_root} = Cwd::abs_path($self->{mail_root}) // die "XMail: unable to find $given{mail_root}: $!\n";
    return $self;
}

# ---------------------------------------------------------------- a client connects

# What becomes of a client: "accept", "refuse", "refuse-mail-from" (unless he authenticates) or "delay SECONDS". An
# address of the form ::ffff:a.b.c.d is a client on a socket that listens for IPv6.
sub connect_from {
    my ($self, $address) = @_;
    my $host = parse_host($address) // die "XMail: not an address: $address\n";
    return 'accept' if $self->is_white_listed($host);
    my $bytes = slurp("$self->{mail_root}/spammers.tab");
    return 'refuse' if !defined $bytes;    # it fears the worst
    my $code = first_code($bytes, $host, $address !~ /:/);
    return !defined $code ? 'accept' : $code > 0 ? 'refuse' : $code == 0 ? 'refuse-mail-from' : 'delay ' . -$code;
}

# smtp.ipprop.tab: the first matching line decides.
sub is_white_listed {
    my ($self, $host) = @_;
    for my $rule (@{ read_ipprop("$self->{mail_root}/smtp.ipprop.tab") }) {
        return $rule->[1] if matches($rule->[0], $host);
    }
    return 0;
}

# The code of the first line that matches, or undef.
sub first_code {
    my ($bytes, $host, $ipv4_socket) = @_;
    for my $line (lines_of($bytes, $SPAMMERS_LINE_MAX)) {
        $line =~ s/[\r\n]+\z//;
        next if $line =~ /^#/;
        my $entry = read_entry(tab_fields($line)) or next;
        return $entry->{code} if matches($entry->{set}, $host);
        return $entry->{code} if $ipv4_socket && covers($entry->{set}, $COMPATIBLE);
    }
    return undef;
}

# ---------------------------------------------------------------- a client says RCPT

# One RCPT: from, to, remote (the client's address), local, user (if authenticated). Runs the filters and returns
#   { verdict => "accept" or "reject", answer => what the client is told,
#     said => what the filters wrote to stdout and stderr, filters => [{ command, status, seconds }...] }
# where a status is an exit status, -1 for a death by a signal, or "timeout".
sub rcpt {
    my ($self, %mail) = @_;
    my %session = (
        from   => 'sender@example.net',
        to     => 'recipient@example.org',
        remote => '192.0.2.1',
        local  => '127.0.0.1',
        %mail,
        file => File::Temp->new(TEMPLATE => 'xmail-XXXXXX', TMPDIR => 1),
    );
    my $output = File::Temp->new(TEMPLATE => 'xmail-XXXXXX', TMPDIR => 1);
    my $result = { verdict => 'accept', answer => '250 OK', filters => [] };
    $self->run_filters(\%session, $output, $result);
    unlink "$session{file}.rej";
    $result->{said} = slurp("$output");
    return $result;
}

sub run_filters {
    my ($self, $session, $output, $result) = @_;
    local $^F = 10_000;    # what is opened from here on, the filters inherit
    open my $tab, '<:raw', "$self->{mail_root}/filters.post-rcpt.tab" or return;
    my @leaked = $self->open_descriptors;
    my $text   = do { local $/; <$tab> };
    for my $line (lines_of($text // '', $FILTERS_LINE_MAX)) {
        my $filter = read_filter($line)            or next;
        $self->applies($filter->{flags}, $session) or next;
        my $run = $self->run_filter($filter, $session, $output);
        push @{ $result->{filters} }, $run;
        last if judge($result, $run->{status}, $session);
    }
    return;
}

# As many servers and their clients have them: a socket that listens, a connection, and more.
sub open_descriptors {
    my ($self) = @_;
    socket my $listening, AF_INET, SOCK_STREAM, 0 or die "XMail: unable to make a socket: $!\n";
    bind $listening, pack_sockaddr_in(0, INADDR_LOOPBACK) or die "XMail: unable to bind a socket: $!\n";
    listen $listening, 5 or die "XMail: unable to listen: $!\n";
    socket my $client, AF_INET, SOCK_STREAM, 0 or die "XMail: unable to make a socket: $!\n";
    connect $client, getsockname $listening or die "XMail: unable to connect: $!\n";
    accept my $connection, $listening or die "XMail: unable to accept: $!\n";
    my @more = map { open my $file, '<', '/dev/null' or die "XMail: unable to open: $!\n"; $file }
      1 .. $self->{descriptors};
    return ($listening, $client, $connection, @more);
}

# A line of the table: { flags => { name => value }, command, arguments => [...] }, or undef.
sub read_filter {
    my ($line) = @_;
    $line =~ s/[\r\n]+\z//;
    return undef if $line =~ /^#/;
    my @fields = tab_fields($line);
    my %flags;
    %flags = map { /^([^=]*)(?:=(.*))?\z/s; ($1 => $2 // 1) } split /,/, substr shift @fields, 1
      if @fields && $fields[0] =~ /^!/;
    return undef if !@fields;
    my ($command, @arguments) = @fields;
    return { flags => \%flags, command => $command, arguments => \@arguments };
}

sub applies {
    my ($self, $flags, $session) = @_;
    return 0 if $flags->{aex}  && defined $session->{user};
    return 0 if $flags->{wlex} && $self->is_white_listed(parse_host($session->{remote}));
    return 1;
}

sub macros {
    my ($session) = @_;
    return (
        '@@FILE'       => "$session->{file}",
        '@@USERAUTH'   => $session->{user} // '-',
        '@@REMOTEADDR' => "[$session->{remote}]:40097",
        '@@LOCALADDR'  => "[$session->{local}]:25",
        '@@FROM'       => $session->{from},
        '@@CRCPT'      => $session->{to},
        '@@RRCPT'      => $session->{to},
    );
}

sub run_filter {
    my ($self, $filter, $session, $output) = @_;
    my %macros    = macros($session);
    my @arguments = map { $macros{$_} // $_ } @{ $filter->{arguments} };
    my $begun     = Time::HiRes::time();
    my $pid       = fork // die "XMail: unable to fork: $!\n";
    $self->become_filter($output, $filter->{command}, @arguments) if $pid == 0;
    my $status = wait_for($pid, $filter->{flags}{timeo} // $self->{timeout});
    return { command => $filter->{command}, status => $status, seconds => Time::HiRes::time() - $begun };
}

# In the child. argv[0] is the command as it is written; a command without a directory is one of where XMail stands.
sub become_filter {
    my ($self, $output, $command, @arguments) = @_;
    open STDOUT, '>>&', $output or POSIX::_exit(126);
    open STDERR, '>>&', $output or POSIX::_exit(126);
    umask 0;
    $SIG{PIPE} = 'IGNORE';
    $ENV{MAIL_ROOT} = $self->{mail_root} if $self->{export_mail_root};
    my $file = $command =~ m{/} ? $command : "./$command";
    no warnings 'exec';
    exec { $file } $command, @arguments if is_program($file);
    POSIX::_exit($NOT_EXECUTED);
}

# Perl's exec gives what the kernel can't run to a shell; execv doesn't.
sub is_program {
    my ($file) = @_;
    open my $in, '<:raw', $file or return 0;
    read $in, my $magic, 4;
    close $in;
    return $magic =~ /^(?:#!|\x7fELF)/;
}

# An exit status; -1 for a death by a signal; or "timeout", and then the child goes on.
sub wait_for {
    my ($pid, $seconds) = @_;
    my $status;
    my $in_time = eval {
        local $SIG{ALRM} = sub { die "late\n" };    # Perl takes up a waitpid again that was interrupted
        Time::HiRes::alarm($seconds);
        waitpid $pid, 0;
        $status = $?;
        Time::HiRes::alarm(0);
        1;
    };
    return 'timeout' if !$in_time && !defined $status;
    return $status & 127 ? -1 : $status >> 8;
}

# Puts down what the status means. True if no further filter is to run.
sub judge {
    my ($result, $status, $session) = @_;
    return 0 if $status eq 'timeout' || $status == $NOT_EXECUTED;
    if (($status & ~$STOP) == $REJECT) {
        my $answer = slurp("$session->{file}.rej");
        $result->{verdict} = 'reject';
        $result->{answer} = defined $answer && $answer =~ /^([^\r\n]+)/ ? $1 : '550 Recipient rejected';
        return 1;
    }
    return $status & $STOP;
}

# ---------------------------------------------------------------- many clients at once

# A client for each of these RCPTs (hashes as rcpt takes them), all at the same time. Their results, in that order.
sub rcpt_at_once {
    my ($self, @mails) = @_;
    my $directory = File::Temp->newdir;
    pipe my $wait, my $go or die "XMail: unable to make a pipe: $!\n";
    my @clients;
    for my $i (0 .. $#mails) {
        my $pid = fork // die "XMail: unable to fork: $!\n";
        push @clients, $pid;
        next if $pid;
        close $go;
        sysread $wait, my $byte, 1;    # until all are there
        my $done = eval { Storable::store($self->rcpt(%{ $mails[$i] }), "$directory/$i") };
        print STDERR $@ if !$done;
        POSIX::_exit($done ? 0 : 1);
    }
    close $wait;
    close $go;
    waitpid $_, 0 for @clients;
    return map { Storable::retrieve("$directory/$_") } 0 .. $#mails;
}

1;
