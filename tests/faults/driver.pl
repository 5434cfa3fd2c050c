#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Fault injection for the whole rebuild.
#
#     driver.pl PROGRAM FAULTS.SO DIRECTORY [SCENARIO...]
#
# For each scenario the calls of a clean rebuild are counted. Then every one of them, in a MailRoot
# made anew, fails with each error that it may have (once, and from then on always), falls short, or is
# where the process is killed; and every allocation fails. After each such run the list must be the old
# or the new one, as the exit status says, backups must be whole, nothing may be left behind; and a
# rebuild without faults must then succeed.

# Scenarios: the list exists; is missing; is a symbolic link; was written a moment ago; several threads.

use strict;
use warnings;
use Errno ();
use Fcntl qw(S_IMODE);
use POSIX ();

die "usage: driver.pl PROGRAM FAULTS.SO DIRECTORY [SCENARIO...]\n" if @ARGV < 3;
my ($PROGRAM, $FAULTS, $DIRECTORY, @ONLY) = @ARGV;

my $NOW          = '2026-11-21T12:00:00';
my $TAKEN        = 'spammers.20261121120000.tab';      # of this second there is a backup already
my $FIRST_BACKUP = 'spammers.20261115';                # older ones are to be deleted
my $MAX_BACKUPS  = 3;
my $USER         = $> == 0 ? 1234 : $>;                # owner of the MailRoot: root can give it away
my $GROUP        = $> == 0 ? 1234 : (split / /, $))[0];
my $LONG_AGO     = time - 1000;
my $SOON         = time + 1000;                        # however slow we are, that is a moment ago
my $SECONDS      = 20;                                 # a run that takes longer hangs

# What each call may fail with. Where an error means that there is no such file, it is none.
my @FULL    = qw(ENOSPC EDQUOT);
my @REFUSED = qw(EACCES EPERM EROFS);
my %ERRORS  = (
    open           => ['EINTR', 'EACCES', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'EROFS', @FULL],
    read           => [qw(EINTR EIO ESTALE)],
    write          => ['EINTR', 'EIO', 'EFBIG', @FULL],
    fsync          => ['EINTR', 'EIO', 'EINVAL', @FULL],
    close          => ['EINTR', 'EIO', @FULL],
    closedir       => [qw(EINTR EIO)],
    fstat          => [qw(EIO ENOMEM)],
    stat           => [qw(EACCES EIO ELOOP ENOMEM)],
    lstat          => [qw(EACCES EIO ELOOP ENOMEM)],
    fstatat        => [qw(EACCES EIO ENOMEM)],
    fchown         => ['EIO', 'EPERM', 'EROFS', 'EDQUOT'],
    lchown         => [qw(EIO EPERM EROFS EDQUOT)],
    fchmod         => [qw(EIO EPERM EROFS)],
    rename         => ['EIO', 'EBUSY', @REFUSED, @FULL],
    link           => ['EIO', 'EMLINK', 'EOPNOTSUPP', 'ENOSYS', @REFUSED, @FULL],
    unlink         => ['EIO', 'EBUSY', @REFUSED],
    unlinkat       => ['EIO', 'EBUSY', @REFUSED],
    mkdir          => ['EIO', 'EMLINK', @REFUSED, @FULL],
    opendir        => [qw(EACCES EIO EMFILE ENFILE ENOMEM)],
    readdir        => [qw(EIO)],
    flock          => [qw(EINTR EIO ENOLCK EWOULDBLOCK)],
    realpath       => [qw(EACCES EIO ELOOP ENOMEM ENAMETOOLONG)],
    posix_fadvise  => [qw(EINVAL ESPIPE)],
    pthread_create => [qw(EAGAIN)],
);
$ERRORS{openat}   = $ERRORS{open};
$ERRORS{renameat} = $ERRORS{rename};

# These must do no harm at all. A busy lock may be free the next time, and links aren't known everywhere.
my %HARMLESS = map { $_ => 1 }
  qw(link:EPERM link:EOPNOTSUPP link:ENOSYS flock:EWOULDBLOCK posix_fadvise:EINVAL posix_fadvise:ESPIPE
  pthread_create:EAGAIN closedir:EIO unlinkat:EIO unlinkat:EBUSY unlinkat:EACCES unlinkat:EPERM unlinkat:EROFS);

# libconfig does not check what it allocates: the process dies, but before anything was touched.
my $UNCHECKED = qr/^libconfig[.]so/;

# Where it gets no memory in here, iconv_open says that it does not know the encoding.
my $ICONV = qr/^(?:libc|ld-linux.*)[.]so/;

# ---------------------------------------------------------------- the MailRoots

my @PERMANENT =
  map { sprintf qq{"10.%d.%d.0"\t"255.255.255.0"\t"code=1,permanent=1"\r\n}, $_ / 250, $_ % 250 } 1 .. 300;
my $OLD_LIST  = join '', qq{# by hand\r\n"203.0.113.5"\t"255.255.255.255"\t"code=1"\r\n}, @PERMANENT,
  qq{"203.0.113.6"\t"255.255.255.255"\t"code=1"\r\n};
my $ADDED    = qq{"198.51.100.23"\t"255.255.255.255"\t"code=1"\n"198.51.100.24"\t"255.255.255.255"\t"code=1"\n};
my $NEW_LIST = join '', "# by hand\r\n", @PERMANENT, qq{"203.0.113.6"\t"255.255.255.255"\t"code=1"\r\n},
  $ADDED =~ s/\n/\r\n/gr;

sub record {
    return join("\t", map { qq{"$_"} } 'mail.example.org', 'example.org', @_) . "\n";
}

sub smtp_record {
    my ($address, $status) = @_;
    return record($address, '2026-11-20 03:04:05', 'helo.example.net', 'example.org', 'a@example.net', 'b@example.org',
        'S1A2', $status, '', '0', '');
}

sub pop3_record {
    my ($address, $status) = @_;
    return record($address, '2026-11-19 23:04:05', 'user', 'secret', $status);
}

my @WHITE = qw(192.0.2.77 192.0.2.78 192.0.2.79);    # by the configuration, its file, and XMail

sub logs {
    my $smtp = join '', map { smtp_record($_, 'RCPT=ERELAY') x 5 } '198.51.100.23', @WHITE;
    my $pop3 = join '', map { pop3_record($_, 'ELOGIN') x 5 } '198.51.100.24', @WHITE;
    return (
        'logs/smtp-202611200000' => $smtp,
        'logs/smtp-202611210000' => smtp_record('203.0.113.6', 'SNDRIP=EIPSPAM'),
        'logs/pop3-202611190000' => $pop3,
    );
}

sub configuration {
    my ($threads) = @_;
    return <<"CONF";
search_days = 7;
register_count = 5;
remove_count = 0;
max_backups = $MAX_BACKUPS;
threads = $threads;
whitelist = [ "$WHITE[0] office" ];
logs = (
    { format = "smtp"; },
    { format = "pop3"; encoding = "EUC-JP"; }
);
CONF
}

# What a scenario has beside the common files; `place` is where the list is.
sub scenario {
    my ($name) = @_;
    my %new = (
        list  => $NEW_LIST,
        old   => $OLD_LIST,
        place => 'spammers.tab',
        conf  => 'MailRoot/filters/xmail-spammers/xmail-spammers.conf',
        files => {
            logs(),
            'smtp.ipprop.tab' => qq{"$WHITE[2]/32"\t"WhiteList=1"\n},
            'server.tab'      => qq{"RootDomain"\t"example.org"\n},
        },
        backups => {
            'spammers.20261114235959.tab' => "older than the range\n",
            'spammers.20261116000000.tab' => "the fourth from the newest\n",
            'spammers.20261120010203.tab' => "of yesterday\n",
            $TAKEN                        => "of this very second\n",
        },
    );
    my $threads = 1;
    if ($name eq 'missing') {    # a first rebuild, with the configuration elsewhere
        @new{qw(list old conf backups)} = ($ADDED, undef, 'xmail-spammers.conf', {});
    }
    elsif ($name eq 'symlink') {
        $new{place} = 'elsewhere/list.tab';
    }
    elsif ($name eq 'recent') {    # somebody has just written the list: it is read twice
        $new{recent} = 1;
    }
    elsif ($name eq 'threads') {    # which call is the how-manieth differs from run to run
        $threads = 3;
        $new{random} = 1;
    }
    elsif ($name ne 'existing') {
        die "driver.pl: no such scenario: $name\n";
    }
    $new{name}          = $name;
    $new{configuration} = configuration($threads);
    return \%new;
}

sub write_file {
    my ($path, $bytes, $mode) = @_;
    open my $out, '>:raw', $path or die "unable to write $path: $!\n";
    print {$out} $bytes;
    close $out           or die "unable to write $path: $!\n";
    chmod $mode, $path   or die "unable to set the mode of $path: $!\n";
    chown $USER, $GROUP, $path if $> == 0;
    return;
}

sub read_file {
    my ($path) = @_;
    open my $in, '<:raw', $path or return;
    local $/ = undef;
    my $bytes = <$in>;
    return $bytes // '';
}

sub make_directory {
    my ($path) = @_;
    mkdir $path or die "unable to make $path: $!\n";
    chmod 0755, $path;
    chown $USER, $GROUP, $path if $> == 0;
    return;
}

# Every file below the directory, by its name from there: its bytes, or -> where it leads.
sub tree {
    my ($top, $below, $found) = @_;
    $found //= {};
    opendir my $in, defined $below ? "$top/$below" : $top or die "unable to read $top: $!\n";
    for my $name (grep { !/^[.][.]?$/ } readdir $in) {
        my $path = defined $below ? "$below/$name" : $name;
        lstat "$top/$path";
        if    (-l _) { $found->{$path} = '->' . readlink "$top/$path" }
        elsif (-d _) { tree($top, $path, $found) }
        else         { $found->{$path} = read_file("$top/$path") }
    }
    closedir $in;
    return $found;
}

sub remove_tree {
    my ($path) = @_;
    if (-d $path && !-l $path) {
        opendir my $in, $path or die "unable to read $path: $!\n";
        remove_tree("$path/$_") for grep { !/^[.][.]?$/ } readdir $in;
        closedir $in;
        rmdir $path or die "unable to remove $path: $!\n";
    }
    elsif (-l $path || -e $path) {
        unlink $path or die "unable to remove $path: $!\n";
    }
    return;
}

# Makes DIRECTORY/MailRoot and what belongs to it anew.
sub reset_world {
    my ($scenario, $directory) = @_;
    my $root = "$directory/MailRoot";
    remove_tree($directory);
    make_directory($_) for $directory, $root, "$root/logs";
    if ($scenario->{conf} =~ /filters/) {
        make_directory($_) for "$root/filters", "$root/filters/xmail-spammers";
    }
    write_file("$root/$_", $scenario->{files}{$_},   0644) for keys %{ $scenario->{files} };
    write_file("$root/$_", $scenario->{backups}{$_}, 0640) for keys %{ $scenario->{backups} };
    write_file("$directory/$scenario->{conf}", $scenario->{configuration}, 0644);
    write_file(("$directory/$scenario->{conf}" =~ s{[^/]*$}{whitelist}r), "# partners\n$WHITE[1]\n", 0644);
    if ($scenario->{place} =~ m{(.*)/}) {
        make_directory("$root/$1");
        symlink $scenario->{place}, "$root/spammers.tab" or die "unable to link $root/spammers.tab: $!\n";
    }
    if (defined $scenario->{old}) {
        my $list = "$root/$scenario->{place}";
        write_file($list, $scenario->{old}, 0640);
        my $written = $scenario->{recent} ? $SOON : $LONG_AGO;
        utime $written, $written, $list or die "unable to set the time of $list: $!\n";
    }
    return;
}

# ---------------------------------------------------------------- one run

# Runs the program with this added to its environment. Returns the signal that killed it or "", its exit status, and
# what it said.
sub run {
    my ($scenario, $directory, %environment) = @_;
    my $said = "$directory/said";
    my $child = fork // die "unable to fork: $!\n";
    if ($child == 0) {
        %ENV = (PATH => '/usr/bin:/bin', TZ => 'UTC0', LC_ALL => 'C', LD_PRELOAD => $FAULTS, %environment);
        open STDIN,  '<', '/dev/null' or POSIX::_exit(126);
        open STDOUT, '>', '/dev/null' or POSIX::_exit(126);
        open STDERR, '>', $said       or POSIX::_exit(126);
        alarm $SECONDS;
        exec $PROGRAM, '-c', "$directory/$scenario->{conf}", '-r', "$directory/MailRoot", '--now', $NOW, 'rebuild'
          or POSIX::_exit(126);
    }
    waitpid $child, 0;
    my $result = $?;
    my $text = read_file($said) // '';
    unlink $said;
    return ($result & 127, $result >> 8, $text);
}

# The calls of a clean run, as [NAME, ORIGIN].
sub count_calls {
    my ($scenario, $directory, $kind) = @_;
    my $counts = "$directory/counts";
    reset_world($scenario, $directory);
    my ($signal, $status, $said) =
      run($scenario, $directory, FAULT_CALL => $kind, FAULT_AT => 0, FAULT_COUNT_FILE => $counts);
    my $root = "$directory/MailRoot";
    die "driver.pl: $scenario->{name}: without a fault the rebuild fails (signal $signal, status $status): $said\n"
      if $signal || $status;
    die "driver.pl: $scenario->{name}: without a fault the new list is not as expected\n"
      if (read_file("$root/$scenario->{place}") // '') ne $scenario->{list};
    my @wrong = check_rest($scenario, tree($root), saved => 1);
    die "driver.pl: $scenario->{name}: without a fault: @wrong\n" if @wrong;
    my @calls;
    for my $line (split /\n/, read_file($counts) // '') {
        my ($number, $name, $origin) = split / /, $line;
        $calls[$number - 1] = [$name, $origin];
    }
    die "driver.pl: $scenario->{name}: no call was counted: does $FAULTS work?\n" if !@calls;
    return @calls;
}

# ---------------------------------------------------------------- what must hold

# Clean-up must leave this backup: it is one of the newest of those that there are, and not too old.
sub is_to_be_kept {
    my ($path, $found) = @_;
    my $newer = grep { /^spammers[.][0-9]{14}[.]tab$/ && $_ gt $path } keys %{$found};
    return $path ge $FIRST_BACKUP && $newer < $MAX_BACKUPS;
}

# Of everything but the list itself. left: a temporary file may be; saved: the new list was, and all that follows was
# done; replaced: it was; failed: neither.
sub check_rest {
    my ($scenario, $found, %state) = @_;
    my @wrong;
    my $program_files = qr{^filters/xmail-spammers/};
    my $new_backups   = 0;
    for my $path (sort keys %{$found}) {
        my $bytes = $found->{$path};
        if ($path =~ /[.]xmail-spammers[.]tmp$/) {
            push @wrong, "$path was left behind" if !$state{left};
        }
        elsif ($path =~ /^spammers[.][0-9]{14}[.]tab$/) {
            my $before = $scenario->{backups}{$path};
            $new_backups++ if !defined $before;
            push @wrong, "the backup $path is not whole" if $bytes ne ($before // $scenario->{old} // "\0");
            push @wrong, "the backup $path was not deleted" if $state{saved} && !is_to_be_kept($path, $found);
        }
        elsif ($path eq 'spammers.tab' || $path eq $scenario->{place}) {
            push @wrong, 'the symbolic link is none any more'
              if $path ne $scenario->{place} && $bytes ne "->$scenario->{place}";
        }
        elsif ($path eq 'logs/spammers-log') {
            push @wrong, 'the event log has a bad line'
              if !$state{cut_log} && $bytes =~ /^(?!"[^"\t\n]*"(?:\t"[^"\t\n]*"){4}$)./m;
        }
        elsif (exists $scenario->{files}{$path}) {
            push @wrong, "$path was changed" if $bytes ne $scenario->{files}{$path};
        }
        elsif ($path !~ $program_files) {
            push @wrong, "$path is there";
        }
    }
    for my $path (keys %{ $scenario->{files} }, $scenario->{place} eq 'spammers.tab' ? () : 'spammers.tab') {
        push @wrong, "$path is gone" if !exists $found->{$path};
    }
    for my $path (keys %{ $scenario->{backups} }) {
        push @wrong, "the backup $path is gone"
          if !exists $found->{$path} && ($state{failed} || is_to_be_kept($path, $found));
    }
    push @wrong, "$new_backups new backups" if $new_backups > 0 && $state{failed};
    push @wrong, 'no backup of the old list'
      if $new_backups == 0 && defined $scenario->{old} && ($state{saved} || $state{replaced});
    return @wrong;
}

# The list, its owner and mode. Returns "old", "new" or "bad", and what is wrong.
sub check_list {
    my ($scenario, $root) = @_;
    my $path  = "$root/$scenario->{place}";
    my $bytes = read_file($path);
    my @status = stat $path;
    return defined $scenario->{old} ? ('bad', 'the list is missing') : ('old') if !defined $bytes;
    my @wrong;
    my $mode = defined $scenario->{old} ? 0640 : 0644;
    push @wrong, sprintf 'the list has mode %o', S_IMODE($status[2]) if S_IMODE($status[2]) != $mode;
    push @wrong, "the list belongs to $status[4]:$status[5]"
      if ($status[4] != $USER || $status[5] != $GROUP) && !$scenario->{foreign};
    return ('old', @wrong) if defined $scenario->{old} && $bytes eq $scenario->{old};
    return ('new', @wrong) if $bytes eq $scenario->{list};
    return ('bad', @wrong, sprintf('the list is neither the old nor the new one (%d bytes)', length $bytes));
}

# One point: sets its fault up, runs, and returns what is wrong.
sub try_point {
    my ($scenario, $directory, $point) = @_;
    my $root = "$directory/MailRoot";
    my $hit_file = "$directory/hit";
    reset_world($scenario, $directory);
    my ($signal, $status, $said) = run(
        $scenario, $directory, %{ $point->{environment} },
        FAULT_CALL       => $point->{kind},
        FAULT_AT         => $point->{at},
        FAULT_COUNT_FILE => $hit_file
    );
    my (undef, $name, $origin) = split / /, read_file($hit_file) // '';
    chomp $origin if defined $origin;
    unlink $hit_file;
    $point->{name} = $name if defined $name && $scenario->{random};
    $origin //= '';
    my @wrong;
    push @wrong, 'the fault was not reached' if !defined $name && !$scenario->{random};
    push @wrong, "the fault was in $name"    if defined $name  && $name ne $point->{name};

    # A list that is new may stay ours where it can't be given away.
    local $scenario->{foreign} = !defined $scenario->{old} && $name && $name eq 'fchown';
    my ($list, @list_wrong) = check_list($scenario, $root);
    push @wrong, @list_wrong;
    my $killed    = $point->{environment}{FAULT_KILL} && defined $name;
    my $unchecked = $point->{kind} eq 'memory' && $origin =~ $UNCHECKED;
    my $harmless  = $point->{harmless} || !defined $name;
    my $failed    = 0;
    if ($killed) {
        push @wrong, "it was to be killed, but ended with signal $signal, status $status" if $signal != POSIX::SIGKILL;
    }
    elsif ($unchecked && ($signal || $status)) {
        $failed = 1;
        push @wrong, "libconfig ran out of memory, and the list is $list" if $list ne 'old';
        push @wrong, 'libconfig ran out of memory after the configuration was read'
          if -e "$root/filters/xmail-spammers/lock";
    }
    elsif ($signal) {
        push @wrong, $signal == POSIX::SIGALRM ? 'it hangs' : "it died of signal $signal";
    }
    elsif ($status == 0) {
        push @wrong, "exit status 0, but the list is $list" if $list ne 'new';
    }
    elsif ($status <= 2) {
        $failed = 1;
        my $message = qr/^xmail-spammers: unable/m;
        $message = qr/^xmail-spammers: .*(?:unable|out of memory)/m if $status == 2;
        $message = qr/^xmail-spammers: /m if $status == 2 && $origin =~ $ICONV;
        push @wrong, "exit status $status, but the list is $list" if $list ne 'old';
        push @wrong, "exit status $status without a message"      if $said !~ $message;
        push @wrong, "exit status 2 after the configuration was read"
          if $status == 2 && -e "$root/filters/xmail-spammers/lock";
        push @wrong, 'it must not fail' if $harmless;
    }
    else {
        push @wrong, "exit status $status";
    }
    my %state = (
        left     => $killed || $point->{name} eq 'unlink',
        failed   => $failed,
        replaced => $list eq 'new' && !$failed,
        cut_log  => $point->{environment}{FAULT_SHORT}
    );
    my $found = tree($root);
    push @wrong, check_rest($scenario, $found, %state);
    push @wrong, map { "then without a fault: $_" } try_again($scenario, $directory, $found, $state{cut_log});
    my ($first) = $said =~ /(.*)/;
    push @wrong, 'it said: ' . $first =~ s/\Q$directory\E\///gr if @wrong && $first ne '';
    return @wrong;
}

# A rebuild without a fault puts everything right. What it has done once it need not do again.
my %tried;

sub try_again {
    my ($scenario, $directory, $found, $cut_log) = @_;
    my $root  = "$directory/MailRoot";
    my $state = join "\0", map { "$_\0$found->{$_}" } grep { !/spammers-log$/ } sort keys %{$found};
    return if $tried{$scenario->{name}}{$state}++;
    my ($signal, $status, $said) = run($scenario, $directory);
    return "signal $signal, status $status: $said" if $signal || $status;
    my ($list, @wrong) = check_list($scenario, $root);
    push @wrong, "the list is $list" if $list ne 'new';
    return (@wrong, check_rest($scenario, tree($root), replaced => 1, cut_log => $cut_log));
}

# ---------------------------------------------------------------- the points

sub point {
    my ($kind, $at, $call, $label, %more) = @_;
    my $harmless = delete $more{harmless};
    return {
        kind        => $kind,
        at          => $at,
        name        => $call->[0],
        label       => $label,
        environment => \%more,
        harmless    => $harmless
    };
}

sub file_points {
    my ($scenario, @calls) = @_;
    my @points;
    for my $at (1 .. @calls) {
        my $call = $calls[$at - 1];
        my $errors = $ERRORS{ $call->[0] } or die "driver.pl: nothing is known of the call $call->[0]\n";
        for my $error (@{$errors}) {
            my $number = Errno->can($error)->();
            # Where threads race, the name that was counted may not be the one that is met.
            my $harmless = !$scenario->{random} && ($error eq 'EINTR' || $HARMLESS{"$call->[0]:$error"});
            push @points, point('any', $at, $call, $error, FAULT_ERRNO => $number, harmless => $harmless);
            # For ever interrupted is for ever waiting; what can't be removed does stay.
            next if $error eq 'EINTR' || $call->[0] =~ /^unlink/;
            push @points, point('any', $at, $call, "$error from then on", FAULT_ERRNO => $number, FAULT_STICKY => 1);
        }
        push @points, point('any', $at, $call, 'killed before', FAULT_KILL => 'before');
        push @points, point('any', $at, $call, 'killed after',  FAULT_KILL => 'after');
        next if $call->[0] ne 'read' && $call->[0] ne 'write';
        my $is_read = $call->[0] eq 'read';
        push @points, point('any', $at, $call, 'short', FAULT_SHORT => 1, harmless => !$scenario->{random});
        push @points, point('any', $at, $call, 'always short from then on', FAULT_SHORT => 1, FAULT_STICKY => 1);
        push @points, point('any', $at, $call, 'short and killed', FAULT_SHORT => 1, FAULT_KILL => 'after')
          if !$is_read;
    }
    return @points;
}

sub memory_points {
    my (@calls) = @_;
    my @error = (FAULT_ERRNO => Errno::ENOMEM());
    return map {
        (
            point('memory', $_, $calls[$_ - 1], 'ENOMEM',              @error),
            point('memory', $_, $calls[$_ - 1], 'ENOMEM from then on', @error, FAULT_STICKY => 1)
        )
    } 1 .. @calls;
}

# ---------------------------------------------------------------- all of them

sub cores {
    my $cores = grep { /^processor\s*:/ } split /^/, read_file('/proc/cpuinfo') // '';
    return $cores < 1 ? 1 : $cores > 8 ? 8 : $cores;
}

# The share of one worker. Prints each failure, returns how many there were.
sub work {
    my ($scenario, $worker, $workers, @points) = @_;
    my $directory = "$DIRECTORY/$worker";
    my $failures  = 0;
    for (my $i = $worker; $i < @points; $i += $workers) {
        my $point = $points[$i];
        my @wrong = try_point($scenario, $directory, $point) or next;
        $failures++;
        my $kind = $point->{kind} eq 'memory' ? 'allocation' : 'call';
        my $line = "$scenario->{name}: $kind $point->{at} ($point->{name}), $point->{label}: " . join '; ', @wrong;
        syswrite STDOUT, "$line\n";
    }
    return $failures;
}

sub share_out {
    my ($scenario, @points) = @_;
    my $workers = cores();
    my @readers;
    for my $worker (0 .. $workers - 1) {
        pipe my $reader, my $writer or die "unable to make a pipe: $!\n";
        my $child = fork // die "unable to fork: $!\n";
        if ($child == 0) {
            close $reader;
            my $failures = eval { work($scenario, $worker, $workers, @points) };
            syswrite STDERR, $@ if !defined $failures;
            syswrite $writer, $failures if defined $failures;
            POSIX::_exit(0);
        }
        close $writer;
        push @readers, $reader;
    }
    my $failures = 0;
    for my $reader (@readers) {
        my $count = <$reader>;
        die "driver.pl: a worker broke down\n" if !defined $count;
        $failures += $count;
    }
    1 while wait != -1;
    return $failures;
}

my ($passed, $failed) = (0, 0);
umask 022;
for my $name (@ONLY ? @ONLY : qw(existing missing symlink recent threads)) {
    my $scenario = scenario($name);
    my @calls       = count_calls($scenario, "$DIRECTORY/0", 'any');
    my @allocations = count_calls($scenario, "$DIRECTORY/0", 'memory');
    my @points = (file_points($scenario, @calls), memory_points(@allocations));
    my $failures = share_out($scenario, @points);
    printf "%s: %d calls, %d allocations: %d faults, %d failed\n", $name, scalar @calls, scalar @allocations,
      scalar @points, $failures;
    $failed += $failures;
    $passed += @points - $failures;
}
print "faults: $passed passed, $failed failed\n";
exit($failed ? 1 : 0);
