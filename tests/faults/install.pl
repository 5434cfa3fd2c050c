#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Fault injection for install and uninstall.
#
#     install.pl PROGRAM FAULTS.SO DIRECTORY
#
# Every call of a clean run fails in turn, or is where the process is killed, and every allocation fails. After each
# such run filters.post-rcpt.tab must be the old or the new one, as the exit status says, with its owner and mode, and
# nothing may be left behind; and a run without faults must then succeed.

use strict;
use warnings;
use Errno ();
use FindBin;
use POSIX ();
use lib "$FindBin::RealBin/../shared";
use Workers;

die "usage: install.pl PROGRAM FAULTS.SO DIRECTORY\n" if @ARGV != 3;
my ($PROGRAM, $FAULTS, $DIRECTORY) = @ARGV;

my $USER    = $> == 0 ? 1234 : $>;    # owner of the MailRoot: root can give it away
my $SECONDS = 20;                     # a run that takes longer hangs
my $OTHER   = qq{# filters\r\n"/bin/true"};
my $PLACE   = $DIRECTORY;
my ($ROOT, $OWN, $TAB, $LIST, %BEFORE, %AFTER);

# libconfig does not check what it allocates: the process dies, but before anything was touched.
my $UNCHECKED = qr/^libconfig[.]so/;

# Each worker has a place of its own.
sub set_place {
    my ($place) = @_;
    $DIRECTORY = $place;
    $ROOT      = "$DIRECTORY/MailRoot";
    $OWN       = "$ROOT/filters/xmail-spammers";
    $TAB       = "$ROOT/filters.post-rcpt.tab";
    $LIST      = "$ROOT/spammers.tab";
    my $ours = qq{"$OWN/xmail-spammers"\t"-c"\t"$OWN/xmail-spammers.conf"\t"filter"};
    %BEFORE = (install => $OTHER,            uninstall => "$OTHER\r\n$ours");
    %AFTER  = (install => "$OTHER\r\n$ours", uninstall => $OTHER);
    return;
}

sub write_file {
    my ($path, $bytes, $mode) = @_;
    open my $out, '>:raw', $path or die "unable to write $path: $!\n";
    print {$out} $bytes;
    close $out or die "unable to write $path: $!\n";
    chmod $mode, $path;
    chown $USER, $USER, $path if $> == 0;
    utime 1e9, 1e9, $path;
    return;
}

sub read_file {
    my ($path) = @_;
    open my $in, '<:raw', $path or return;
    local $/ = undef;
    return <$in> // '';
}

sub reset_world {
    my ($command) = @_;
    system('rm', '-rf', $DIRECTORY) == 0 or die "unable to remove $DIRECTORY\n";
    for my $path ($DIRECTORY, $ROOT, "$ROOT/filters", $OWN) {
        mkdir $path or die "unable to make $path: $!\n";
        chmod 0755, $path;
        chown $USER, $USER, $path if $> == 0;
    }
    system('cp', $PROGRAM, "$PROGRAM-engine", $OWN) == 0 or die "unable to copy $PROGRAM\n";
    write_file("$OWN/xmail-spammers.conf", '',                0644);
    write_file($TAB,                       $BEFORE{$command}, 0640);
    # A file that is at rest: written in place, but renamed since.
    rename $TAB, "$TAB.x" and rename "$TAB.x", $TAB or die "unable to rename $TAB: $!\n";
    return;
}

# Returns the signal or 0, the exit status, and what was said.
sub run {
    my ($command, %environment) = @_;
    my $said  = "$DIRECTORY/said";
    my $child = fork // die "unable to fork: $!\n";
    if ($child == 0) {
        %ENV = (
            PATH          => '/usr/bin:/bin',
            LC_ALL        => 'C',
            LD_PRELOAD    => $FAULTS,
            FAULT_PROGRAM => 'xmail-spammers-engine',
            %environment
        );
        open STDIN,  '<', '/dev/null' or POSIX::_exit(126);
        open STDOUT, '>', '/dev/null' or POSIX::_exit(126);
        open STDERR, '>', $said       or POSIX::_exit(126);
        alarm $SECONDS;
        exec "$OWN/xmail-spammers", '-r', $ROOT, $command or POSIX::_exit(126);
    }
    waitpid $child, 0;
    my $result = $?;
    return ($result & 127, $result >> 8, read_file($said) // '');
}

# The calls of a clean run, as [NAME, ORIGIN].
sub count_calls {
    my ($command, $kind) = @_;
    reset_world($command);
    my ($signal, $status, $said) =
      run($command, FAULT_CALL => $kind, FAULT_AT => 0, FAULT_COUNT_FILE => "$DIRECTORY/counts");
    die "install.pl: $command fails without a fault: $said\n" if $signal || $status;
    my @calls = map { [(split / /)[1, 2]] } split /\n/, read_file("$DIRECTORY/counts") // '';
    die "install.pl: no call was counted: does $FAULTS work?\n" if !@calls;
    return @calls;
}

# What a message says of the fault.
sub reason {
    my (%fault) = @_;
    local $! = $fault{FAULT_ERRNO} // 0;
    return $fault{FAULT_ERRNO} ? qr/\Q$!\E/ : qr//;
}

# Whether the file is old or new, and what is wrong with it.
sub check_tab {
    my ($command) = @_;
    my $bytes = read_file($TAB);
    return ('bad', 'the file is missing') if !defined $bytes;
    my @status = stat $TAB;
    my @wrong;
    push @wrong, sprintf 'its mode is %o', $status[2] & 07777 if ($status[2] & 07777) != 0640;
    push @wrong, "it belongs to $status[4]" if $status[4] != $USER;
    return ('old', @wrong) if $bytes eq $BEFORE{$command};
    return ('new', @wrong) if $bytes eq $AFTER{$command};
    return ('bad', 'it is neither the old nor the new one');
}

# What is wrong after a run with this fault; empty: nothing.
sub try_point {
    my ($command, $kind, $at, $name, $origin, %fault) = @_;
    reset_world($command);
    my ($signal, $status, $said) = run($command, FAULT_CALL => $kind, FAULT_AT => $at, %fault);
    my ($tab, @wrong) = check_tab($command);
    my @left = glob "$ROOT/*.tmp";
    if ($signal == POSIX::SIGKILL && $fault{FAULT_KILL}) {
        @left = ();
    }
    elsif ($signal || $status > 2) {
        push @wrong, "it ended with signal $signal, status $status" if $origin !~ $UNCHECKED || $tab ne 'old';
    }
    elsif ($status == 0) {
        push @wrong, "exit status 0, but the file is $tab" if $tab ne 'new';
        push @wrong, 'exit status 0, but there is no list' if $command eq 'install' && !-e $LIST;
    }
    elsif ($said !~ /the filter is registered, but the list is missing/) {
        push @wrong, "exit status $status, but the file is $tab" if $tab ne 'old';
        push @wrong, "exit status $status, but the list was made" if -e $LIST;
        push @wrong, 'nothing was said' if $said !~ /^xmail-spammers: /m && $origin !~ $UNCHECKED;
        push @wrong, "it does not say why: $said"
          if $status == 1 && $kind eq 'any' && !$fault{FAULT_STICKY} && $said !~ reason(%fault);
    }
    push @wrong, "left behind: @left" if @left && !$fault{FAULT_STICKY} && $name ne 'unlink';
    ($signal, $status) = run($command);
    push @wrong, "the next run fails with signal $signal, status $status" if $signal || $status;
    push @wrong, 'the next run leaves it otherwise' if (check_tab($command))[0] ne 'new';
    push @wrong, "left behind by the next run: @{[glob qq{$ROOT/*.tmp}]}" if glob "$ROOT/*.tmp";
    return @wrong;
}

# All points of a command: what it is called, and what try_point takes.
sub file_points {
    my ($command) = @_;
    my @calls = count_calls($command, 'any');
    my @points;
    for my $at (1 .. @calls) {
        my ($name, $origin) = @{ $calls[$at - 1] };
        my @call = ($command, 'any', $at, $name, $origin);
        for my $error (qw(EINTR EIO ENOSPC EDQUOT EACCES EROFS EMFILE ENOMEM)) {
            push @points, ["call $at, $name, $error", @call, FAULT_ERRNO => Errno->can($error)->()];
        }
        push @points, ["call $at, $name, EIO from then on", @call, FAULT_ERRNO => Errno::EIO(), FAULT_STICKY => 1];
        push @points, [
            "call $at, $name, ENOSPC, and the disk is full from then on", @call,
            FAULT_ERRNO  => Errno::ENOSPC(),
            FAULT_STICKY => 'full'
          ]
          if $name =~ /^(?:write|fsync|rename|link|mkdir|create)$/;
        push @points, ["call $at, $name, short", @call, FAULT_SHORT => 1] if $name =~ /^(?:read|write)$/;
        push @points, map { ["call $at, $name, killed $_", @call, FAULT_KILL => $_] } qw(before after);
    }
    return @points;
}

sub memory_points {
    my ($command) = @_;
    my @calls = count_calls($command, 'memory');
    my @error = (FAULT_ERRNO => Errno::ENOMEM());
    return map {
        my ($name, $origin) = @{ $calls[$_ - 1] };
        my @call = ($command, 'memory', $_, $name, $origin, @error);
        (["allocation $_ in $origin", @call], ["allocation $_ in $origin and all later", @call, FAULT_STICKY => 1])
    } 1 .. @calls;
}

# The share of one worker: how many points failed, each of which is told.
sub work {
    my ($worker, @points) = @_;
    my $failed = 0;
    set_place("$PLACE/$worker");
    for my $named (@points) {
        my ($what, @point) = @{$named};
        my @wrong = try_point(@point) or next;
        $failed++;
        syswrite STDOUT, "faults: $point[0]: $what: " . join('; ', @wrong) . "\n";
    }
    return $failed;
}

my ($passed, $failed) = (0, 0);
mkdir $PLACE or die "unable to make $PLACE: $!\n";
set_place("$PLACE/0");
for my $command (qw(install uninstall)) {
    my @points = (file_points($command), memory_points($command));
    my $count  = Workers::share_out(\&work, @points);
    printf "%s: %d faults, %d failed\n", $command, scalar @points, $count;
    $failed += $count;
    $passed += @points - $count;
}
print "faults: install and uninstall: $passed passed, $failed failed\n";
exit($failed > 0);
