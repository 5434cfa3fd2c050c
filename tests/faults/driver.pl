#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Fault injection for the whole rebuild, and for the filter.
#
#     driver.pl PROGRAMS FAULTS.SO DIRECTORY [SCENARIO...]
#
# For each scenario the calls of a clean run are counted. Then every one of them, in a MailRoot made
# anew, fails with each error that it may have (once, and from then on always), falls short, or is
# where the process is killed; and every allocation fails. After each such run the list must be the old
# or the new one, backups must be whole, nothing may be left behind; and a run without faults must then
# succeed. A rebuild's exit status must say which list it is. The filter's is 0, it says nothing, a list
# is new only if the state has the attempt on record, and then no other call within the interval does
# anything.

# Scenarios of the rebuild: the list exists; is missing; is a symbolic link; was written a moment ago;
# several threads; the cache knows the logs, but for the end of one; knows all; is damaged; the list is to be replaced;
# the event log has a line without an end; the front is called for it. Of the filter: the engine finds a rebuild due; so
# at the very first call; finds a faulty configuration. The front finds that the engine is needed; that nothing is due;
# that there is no engine. Commands that only look: status, check. By hand: allow, block, and both undone.

use strict;
use warnings;
use Digest::MD5 qw(md5);
use Errno ();
use Fcntl qw(LOCK_EX S_IMODE);
use FindBin;
use POSIX ();
use lib "$FindBin::RealBin/../shared";
use Workers;

die "usage: driver.pl PROGRAMS FAULTS.SO DIRECTORY [SCENARIO...]\n" if @ARGV < 3;
my ($PROGRAMS, $FAULTS, $DIRECTORY, @ONLY) = @ARGV;

my $NOW          = '2026-11-21T12:00:00';
my $NOW_SECONDS  = 1795262400;
my $WITHIN       = '2026-11-21T12:10:00';              # the interval that began then
my $LATER        = '2026-11-21T13:10:00';              # when it has passed, as has one that began meanwhile
my $STATE        = 'filters/xmail-spammers/state';
my $FORKED       = 1000;                               # the number of a child's first call is above that
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
    open           => [qw(EINTR EACCES EIO EMFILE ENFILE ENOMEM EROFS)],
    create         => ['EINTR', 'EACCES', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'EROFS', @FULL],
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
    readlink       => [qw(EACCES EIO ENOENT)],
    lseek          => [qw(EIO ESPIPE)],
    ftruncate      => [qw(EINTR EIO)],
    dup2           => [qw(EBUSY EMFILE)],
    fork           => [qw(EAGAIN ENOMEM)],
    waitpid        => [qw(EINTR ECHILD)],
    prctl          => [qw(EINVAL ENOSYS)],
    execv          => [qw(EACCES EIO ELOOP ENOENT ENOEXEC ENOMEM EMFILE ETXTBSY)],
    posix_fadvise  => [qw(EINVAL ESPIPE)],
    pthread_create => [qw(EAGAIN)],
    access         => [qw(EACCES EIO ENOMEM)],
    rmdir          => [qw(EIO EROFS)],
    fcntl          => [qw(EMFILE EINVAL)],
    futimens       => [qw(EIO EPERM EROFS)],
    getxattr       => [qw(EOPNOTSUPP EIO EACCES ENOMEM)],
    fsetxattr      => ['EIO', 'EOPNOTSUPP', @FULL],
    getentropy     => [qw(ENOSYS EIO)],
    getifaddrs     => [qw(EMFILE ENOMEM EACCES)],
    sysconf        => [qw(EINVAL)],
    madvise        => [qw(EINVAL ENOMEM)],
    iconv_open     => [qw(EMFILE ENFILE ENOMEM EINVAL)],
);
$ERRORS{openat}   = $ERRORS{open};
$ERRORS{renameat} = $ERRORS{rename};
$ERRORS{pread}    = $ERRORS{read};

# These must do no harm at all. A busy lock may be free the next time, and links aren't known everywhere.
my %HARMLESS = map { $_ => 1 }
  qw(link:EPERM link:EOPNOTSUPP link:ENOSYS flock:EWOULDBLOCK posix_fadvise:EINVAL posix_fadvise:ESPIPE
  pthread_create:EAGAIN fork:EAGAIN fork:ENOMEM prctl:EINVAL prctl:ENOSYS waitpid:ECHILD
  futimens:EIO futimens:EPERM futimens:EROFS getxattr:EOPNOTSUPP getentropy:ENOSYS getentropy:EIO
  sysconf:EINVAL madvise:EINVAL madvise:ENOMEM closedir:EIO
  unlinkat:EIO unlinkat:EBUSY unlinkat:EACCES unlinkat:EPERM unlinkat:EROFS);

# Nor these to the filter: the front knows other ways. But who finds the lock busy goes away.
my %HARMLESS_TO_FILTER = map { $_ => 1 } (grep { !/^flock:EWOULD/ } keys %HARMLESS), qw(
  readlink:EACCES readlink:EIO readlink:ENOENT dup2:EBUSY dup2:EMFILE lseek:EIO lseek:ESPIPE);

# libconfig does not check what it allocates: the process dies, but before anything was touched.
my $UNCHECKED = qr/^libconfig[.]so/;

# Where it gets no memory in here, iconv_open says that it does not know the encoding.
my $ICONV = qr/^(?:libc|ld-linux.*)[.]so/;

# ---------------------------------------------------------------- the MailRoots

my $ADDED = qq{"198.51.100.23"\t"255.255.255.255"\t"code=1"\n"198.51.100.24"\t"255.255.255.255"\t"code=1"\n};

# The list with so many permanent entries, as it is and as it should be.
sub lists {
    my ($count) = @_;
    my @permanent =
      map { sprintf qq{"10.%d.%d.0"\t"255.255.255.0"\t"code=1,permanent=1"\r\n}, $_ / 250, $_ % 250 } 1 .. $count;
    my $stays = join '', @permanent, qq{"203.0.113.6"\t"255.255.255.255"\t"code=1"\r\n};
    return (
        old  => qq{# by hand\r\n"203.0.113.5"\t"255.255.255.255"\t"code=1"\r\n$stays},
        list => "# by hand\r\n" . $stays . $ADDED =~ s/\n/\r\n/gr
    );
}

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
my $WHITELIST = "# partners\n$WHITE[1]\n";

sub logs {
    my $smtp = join '', map { smtp_record($_, 'RCPT=ERELAY') x 5 } '198.51.100.23', @WHITE;
    my $pop3 = join '', map { pop3_record($_, 'ELOGIN') x 5 } '198.51.100.24', @WHITE;
    return (
        'logs/smtp-202611200000' => $smtp,
        'logs/smtp-202611210000' => smtp_record('203.0.113.6', 'SNDRIP=EIPSPAM'),
        'logs/pop3-202611190000' => $pop3,
    );
}

# The same accesses; those of one host are divided among a file that stays as it is and one that grows. What it grows by
# begins in the middle of a record.
my $GROWING = 'logs/pop3-202611210000';

sub logs_known {
    my %logs = logs();
    my $pop3 = 'logs/pop3-202611190000';
    my @records = split /^/, $logs{$pop3};
    ($logs{$pop3}, $logs{$GROWING}) = (join('', @records[ 2 .. $#records ]), join '', @records[ 0, 1 ]);
    return ({%logs}, length($records[0]) + 20);
}

sub configuration {
    my ($threads, $more) = @_;
    return <<"CONF" . $more;
search_days = 7;
register_count = 5;
remove_count = 0;
max_backups = $MAX_BACKUPS;
threads = $threads;
whitelist = [ "$WHITE[0] office" ];
auto = { enabled = true; from = 0; to = 0; interval = 60; };
logs = (
    { format = "smtp"; },
    { format = "pop3"; encoding = "EUC-JP"; }
);
CONF
}

my %JUDGES = (
    rebuild => [\&judge_rebuild, \&try_again],
    filter  => [\&judge_filter,  \&try_filter_again],
    status  => [\&judge_look,    \&look_again],
    check   => [\&judge_look,    \&look_again],
    allow   => [\&judge_by_hand, \&try_again],
    block   => [\&judge_by_hand, \&try_again],
);

# What a scenario has beside the common files; `place` is where the list is, `wanted` the list after a clean run, and
# `later` that after one when an interval has passed.
sub scenario {
    my ($name) = @_;
    my $command = $name =~ /^(status|check|allow|block)(?:-undo)?$/ ? $1 : 'rebuild';
    $command = 'filter' if $name =~ /^(?:filter|front)(?!-command)/;
    my %new = (
        name    => $name,
        command => $command,
        program => $name =~ /^front/ ? 'xmail-spammers' : 'xmail-spammers-engine',
        wanted  => 'new',
        later   => 'new',
        judge   => $JUDGES{$command}[0],
        again   => $JUDGES{$command}[1],
        place   => 'spammers.tab',
        conf    => 'MailRoot/filters/xmail-spammers/xmail-spammers.conf',
        lists($command eq 'filter' ? 2 : 300),
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
    my ($threads, $more) = (1, '');
    if ($name eq 'missing' || $name eq 'filter-first') {    # a first rebuild, with the configuration elsewhere
        @new{qw(list old conf backups)} = ($ADDED, undef, 'xmail-spammers.conf', {});
    }
    elsif ($name eq 'filter-faulty') {
        @new{qw(wanted later)} = ('old', 'old');
        $more = "search_days = 0;\n";
    }
    elsif ($name eq 'front-undue') {
        $new{wanted} = 'old';
        $new{quiet}  = 1;
    }
    elsif ($name eq 'symlink') {
        $new{place} = 'elsewhere/list.tab';
    }
    elsif ($name eq 'recent') {    # somebody has just written the list: it is read twice
        @new{qw(recent lean)} = (1, 1);
    }
    elsif ($name eq 'threads') {    # which call is the how-manieth differs from run to run
        $threads = 3;
        $new{random} = 1;
    }
    elsif ($name =~ /^(?:cached|reloaded|damaged)$/) {
        my ($logs, $known) = logs_known();
        @{ $new{files} }{ keys %{$logs} } = values %{$logs};
        $new{known}   = $name eq 'cached' ? $known : length $logs->{$GROWING};
        $new{damaged} = $name eq 'damaged';
        $new{lean}    = $name ne 'cached';
    }
    elsif ($name eq 'replace') {
        @new{qw(lean list)} = (1, $new{list} =~ s/^"203.*\n//mr);
        $more = qq{save_mode = "replace";\n};
    }
    elsif ($name eq 'unfinished') {    # by somebody whose disk was full
        $new{lean} = 1;
        $new{unfinished} = $new{files}{'logs/spammers-log'} = qq{"2026-11-20 01:02:03"\t"WARN};
    }
    elsif ($name eq 'front-lost') {
        $new{programs} = "$DIRECTORY/lost";
        @new{qw(wanted later)} = ('old', 'old');
        system('mkdir', '-p', $new{programs}) == 0 && system('cp', "$PROGRAMS/xmail-spammers", $new{programs}) == 0
          or die "driver.pl: unable to copy $PROGRAMS/xmail-spammers\n";
    }
    elsif ($command eq 'status' || $command eq 'check') {
        @new{qw(wanted later status)} = ('old', 'old', $command eq 'check' ? 1 : 0);
    }
    elsif ($command eq 'allow' || $command eq 'block') {
        by_hand(\%new, $command);
        undo_by_hand(\%new, $command) if $name =~ /-undo$/;
    }
    elsif ($name !~ /^(?:existing|filter|front|front-command)$/) {
        die "driver.pl: no such scenario: $name\n";
    }
    if ($command eq 'filter' && defined $new{old}) {
        $new{attempt} = $NOW_SECONDS - ($new{quiet} ? 600 : 7200);
    }
    $new{configuration} = configuration($threads, $more);
    return \%new;
}

# What the command makes of the list and of the whitelist file.
sub by_hand {
    my ($new, $command) = @_;
    my $host = $command eq 'allow' ? '203.0.113.5' : '203.0.113.7';
    my $taken = qq{"203.0.113.5"\t"255.255.255.255"\t"code=1"};
    $new->{arguments} = [$command, $host, 'by hand'];
    $new->{list} = $new->{old};
    if ($command eq 'allow') {
        $new->{list} =~ s/^\Q$taken\E\r\n//m;
        $new->{whitelist} = $WHITELIST . "# taken out of spammers.tab by allow $host: $taken\n$host by hand\n";
    }
    else {
        $new->{list} .= qq{# block $host: by hand\r\n"$host"\t"255.255.255.255"\t"code=1,permanent=1"\r\n};
        $new->{whitelist} = $WHITELIST;
    }
    return;
}

# The way back from there. What was taken out comes back at the end.
sub undo_by_hand {
    my ($new, $command) = @_;
    my $host = $new->{arguments}[1];
    @{$new}{qw(lean undo list_first)} = (1, 1, $command eq 'allow');
    $new->{arguments}         = [ $command, '--undo', $host ];
    $new->{whitelist_before}  = $new->{whitelist};
    $new->{whitelist}         = $WHITELIST;
    @{$new}{qw(old list)}     = @{$new}{qw(list old)};
    $new->{list} = $new->{old} . qq{"$host"\t"255.255.255.255"\t"code=1"\r\n} if $command eq 'allow';
    return;
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

# ---------------------------------------------------------------- the state file

# FNV-1a of 64 bits.
sub checksum {
    my ($bytes) = @_;
    use integer;
    my $sum = -3750763034362895579;
    $sum = ($sum ^ $_) * 1099511628211 for unpack 'C*', $bytes;
    return sprintf '%016x', $sum;
}

# The state of an earlier attempt; if it is quiet, with what must hold for that.
sub state_file {
    my ($scenario, $directory) = @_;
    my $content = "filter $scenario->{attempt} done 5 earlier\nfaults 0\n";
    if ($scenario->{quiet}) {
        my $conf = "$directory/$scenario->{conf}";
        $content .= sprintf "quiet %d %d\nmail_root option %s/MailRoot\n", $scenario->{attempt},
          $scenario->{attempt} + 3600, $directory;
        for my $path ($conf, $conf =~ s{[^/]*$}{whitelist}r) {
            my $status = qx(stat --printf='%d %i %s %.9Y %.9Z' '$path');
            $content .= 'file ' . $status =~ s/[.]//gr . " $path\n";
        }
    }
    return "xmail-spammers state 1\nchecksum " . checksum($content) . "\n$content";
}

# What the state says of the filter's last attempt: when it began, and its result. Nothing if it is damaged.
sub read_state {
    my ($bytes) = @_;
    my ($sum, $content) = $bytes =~ /\Axmail-spammers state 1\nchecksum ([0-9a-f]{16})\n(.*)\z/s or return;
    return if checksum($content) ne $sum;
    return $content =~ /^filter (\d+) (\w+) /m ? ($1, $2) : (0, 'never');
}

# ---------------------------------------------------------------- making it anew

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
    my $whitelist = "$directory/$scenario->{conf}" =~ s{[^/]*$}{whitelist}r;
    write_file($whitelist, $scenario->{whitelist_before} // $WHITELIST, 0644);
    utime $LONG_AGO, $LONG_AGO, $whitelist or die "unable to set the time of $whitelist: $!\n";
    write_file("$root/$STATE", state_file($scenario, $directory), 0644) if $scenario->{attempt};
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
    make_cache($scenario, $directory) if $scenario->{known};
    return;
}

# A rebuild that saves nothing, when the file that grows had so many bytes.
sub make_cache {
    my ($scenario, $directory) = @_;
    my $root = "$directory/MailRoot";
    my $bytes = $scenario->{files}{$GROWING};
    write_file("$root/$GROWING", substr($bytes, 0, $scenario->{known}), 0644);
    for my $path (grep { m{^logs/} } keys %{ $scenario->{files} }) {
        my $written = $path =~ /20261121/ ? $NOW_SECONDS - 600 : $NOW_SECONDS - 86400;
        utime $written, $written, "$root/$path" or die "unable to set the time of $path: $!\n";
    }
    local $scenario->{conf} = 'caching.conf';
    write_file("$directory/caching.conf", qq{$scenario->{configuration}save_mode = "none";\n}, 0644);
    my ($signal, $status, $said) = run($scenario, $directory, $NOW);
    die "driver.pl: no cache can be made (signal $signal, status $status): $said\n" if $signal || $status;
    unlink "$root/logs/spammers-log", "$root/$STATE", "$root/filters/xmail-spammers/lock";
    open my $log, '>>:raw', "$root/$GROWING" or die "unable to add to $GROWING: $!\n";
    print {$log} substr $bytes, $scenario->{known};
    close $log or die "unable to add to $GROWING: $!\n";
    damage("$root/filters/xmail-spammers/cache") if $scenario->{damaged};
    return;
}

# The files of the cache in several ways: a bit of the last count, the end, all of it, the beginning.
sub damage {
    my ($cache) = @_;
    my $way = 0;
    for my $path (sort glob "$cache/*") {
        my $bytes = read_file($path);
        my $middle = int length($bytes) / 2;
        if    ($way < 2)      { substr($bytes, -4, 1) ^= "\1" }
        elsif ($way % 3 == 2) { $bytes = substr $bytes, 0, $middle }
        elsif ($way % 3 == 0) { $bytes = '' }
        else                  { substr($bytes, 0, $middle) = "\0" x $middle }
        write_file($path, $bytes, 0600);
        $way++;
    }
    return;
}

# ---------------------------------------------------------------- one run

# A child of the front is killed when that dies, but may still be at its last call: it holds the lock until it is gone.
sub wait_for_lock {
    my ($path) = @_;
    open my $lock, '<', $path or return;
    flock $lock, LOCK_EX or die "unable to lock $path: $!\n";
    close $lock;
    return;
}

# Runs the program with this added to its environment. Returns the signal that killed it or "", its exit status, and
# what it said: the filter must not even on standard output.
sub run {
    my ($scenario, $directory, $now, %environment) = @_;
    my $said = "$directory/said";
    my $child = fork // die "unable to fork: $!\n";
    if ($child == 0) {
        %ENV = (
            PATH          => '/usr/bin:/bin',
            TZ            => 'UTC0',
            LC_ALL        => 'C',
            LD_PRELOAD    => $FAULTS,
            FAULT_PROGRAM => $scenario->{program},
            FAULT_LATER   => 100,
            %environment
        );
        open STDIN,  '<', '/dev/null' or POSIX::_exit(126);
        open STDOUT, '>', '/dev/null' or POSIX::_exit(126);
        open STDERR, '>', $said       or POSIX::_exit(126);
        open STDOUT, '>&', \*STDERR or POSIX::_exit(126) if $scenario->{command} eq 'filter';
        alarm $SECONDS;
        my $program = ($scenario->{programs} // $PROGRAMS) . "/$scenario->{program}";
        exec $program, '-c', "$directory/$scenario->{conf}", '-r', "$directory/MailRoot",
          '--now', $now, @{ $scenario->{arguments} // [$scenario->{command}] }
          or POSIX::_exit(126);
    }
    waitpid $child, 0;
    my $result = $?;
    wait_for_lock("$directory/MailRoot/filters/xmail-spammers/lock");
    my $text = read_file($said) // '';
    unlink $said;
    return ($result & 127, $result >> 8, $text);
}

# The calls of a clean run: the number of each, its name, and where it comes from.
sub count_calls {
    my ($scenario, $directory, $kind) = @_;
    my $counts = "$directory/counts";
    reset_world($scenario, $directory);
    my ($signal, $status, $said) =
      run($scenario, $directory, $NOW, FAULT_CALL => $kind, FAULT_AT => 0, FAULT_COUNT_FILE => $counts);
    my $root = "$directory/MailRoot";
    die "driver.pl: $scenario->{name}: without a fault the $scenario->{command} fails "
      . "(signal $signal, status $status): $said\n"
      if $signal || $status != ($scenario->{status} // 0) || ($said ne '' && $scenario->{command} eq 'filter');
    my ($list, @wrong) = check_list($scenario, $root);
    push @wrong, "the list is $list" if $list ne $scenario->{wanted};
    push @wrong, check_rest($scenario, tree($root), saved => $list eq 'new');
    die "driver.pl: $scenario->{name}: without a fault: @wrong\n" if @wrong;
    my ($read) = (read_file("$root/logs/spammers-log") // '') =~ / bytes=(\d+) /;
    die "driver.pl: $scenario->{name}: the cache wasn't used: $read bytes were read\n"
      if $scenario->{known} && !$scenario->{damaged} && $read >= length $scenario->{files}{$GROWING};
    my @calls;
    for my $line (split /\n/, read_file($counts) // '') {
        my ($number, $name, $origin) = split / /, $line;
        push @calls, { at => $number, name => $name, origin => $origin };
    }
    die "driver.pl: $scenario->{name}: no call was counted: does $FAULTS work?\n"
      if !@calls && $kind ne 'memory';
    return sort { $a->{at} <=> $b->{at} } @calls;
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
            push @wrong, 'what stood in the event log is not there'
              if defined $scenario->{unfinished} && $bytes !~ s/\A\Q$scenario->{unfinished}\E(?:\n|\z)//;
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
    my %run;
    @run{qw(signal status said)} = run(
        $scenario, $directory, $NOW, %{ $point->{environment} },
        FAULT_CALL       => $point->{kind},
        FAULT_AT         => $point->{at},
        FAULT_COUNT_FILE => $hit_file
    );
    my (undef, $name, $origin) = split / /, read_file($hit_file) // '';
    chomp $origin if defined $origin;
    unlink $hit_file;
    $point->{name} = $name if defined $name && $scenario->{random};
    my @wrong;
    push @wrong, 'the fault was not reached' if !defined $name && !$scenario->{random};
    push @wrong, "the fault was in $name"    if defined $name  && $name ne $point->{name};

    # A list that is new may stay ours where it can't be given away.
    local $scenario->{foreign} = !defined $scenario->{old} && $name && $name eq 'fchown';
    ($run{list}, my @list_wrong) = check_list($scenario, $root);
    push @wrong, @list_wrong;
    $run{killed}    = $point->{environment}{FAULT_KILL} && defined $name;
    $run{killed} ||= $point->{environment}{FAULT_THEN_KILL} && $run{signal} == POSIX::SIGKILL;
    $run{stopped}   = $run{killed} || $point->{name} eq 'waitpid';    # the engine is, when the front doesn't wait
    $run{origin}    = $origin // '';
    $run{unchecked} = $point->{kind} eq 'memory' && $run{origin} =~ $UNCHECKED;
    $run{harmless}  = $point->{harmless} || !defined $name;
    $run{found}     = tree($root);
    my ($failed, @run_wrong) = $scenario->{judge}->($scenario, $root, $point, \%run);
    push @wrong, @run_wrong;
    my %state = (
        left     => $run{stopped} || $point->{name} eq 'unlink',
        failed   => $failed,
        replaced => $run{list} eq 'new' && !$failed,
        cut_log  => $point->{environment}{FAULT_SHORT}
    );
    push @wrong, check_rest($scenario, $run{found}, %state);
    push @wrong, map { "then without a fault: $_" } $scenario->{again}->($scenario, $directory, $run{found}, \%state);
    my ($first) = $run{said} =~ /(.*)/;
    push @wrong, 'it said: ' . $first =~ s/\Q$directory\E\///gr if @wrong && $first ne '';
    return @wrong;
}

# ---------------------------------------------------------------- the rebuild

# Whether it failed, and what is wrong: the exit status must say which list stands.
sub judge_rebuild {
    my ($scenario, $root, $point, $run) = @_;
    my ($signal, $status, $list) = @{$run}{qw(signal status list)};
    my $locked = -e "$root/filters/xmail-spammers/lock";
    if ($run->{killed} && $point->{at} <= $FORKED) {    # else it is the process that reads the logs
        return (0, not_killed($signal, $status));
    }
    if ($run->{unchecked} && ($signal || $status)) {
        return (1, $list ne 'old' ? "libconfig ran out of memory, and the list is $list" : (),
            $locked ? 'libconfig ran out of memory after the configuration was read' : ());
    }
    return (0, death_by($signal)) if $signal;
    return (0, $list ne 'new' ? "exit status 0, but the list is $list" : ()) if $status == 0;
    return (0, "exit status $status") if $status > 2;
    my @wrong;
    my $message = qr/^xmail-spammers: unable/m;
    $message = qr/^xmail-spammers: .*(?:unable|out of memory)/m if $status == 2;
    $message = qr/^xmail-spammers: /m if $status == 2 && ($run->{origin} =~ $ICONV || $point->{name} eq 'iconv_open');
    my $is_half_done = $scenario->{list_first} && $list eq 'new';
    push @wrong, "exit status $status, but the list is $list" if $list ne 'old' && !$is_half_done;
    push @wrong, "exit status $status without a message"      if $run->{said} !~ $message;
    # Where the process that reads the logs can't be heard, nobody knows.
    push @wrong, "it does not say why: $run->{said}"
      if $status == 1 && !says_why($point, $run->{said}) && $run->{said} !~ /the process that reads them/;
    push @wrong, 'exit status 2 after the configuration was read' if $status == 2 && $locked;
    push @wrong, 'it must not fail' if $run->{harmless};
    return (!$is_half_done, @wrong);
}

# Whether the message has the reason: that of the fault, or of what it led to when there was more than one.
sub says_why {
    my ($point, $said) = @_;
    my $number = $point->{environment}{FAULT_ERRNO} // return 1;
    return 1 if $point->{environment}{FAULT_STICKY};
    return $said =~ /out of memory|Cannot allocate memory/ if $point->{kind} eq 'memory';
    local $! = $number;
    return $said =~ /\Q$!\E/;
}

sub not_killed {
    my ($signal, $status) = @_;
    return $signal == POSIX::SIGKILL ? () : "it was to be killed, but ended with signal $signal, status $status";
}

sub death_by {
    my ($signal) = @_;
    return $signal == POSIX::SIGALRM ? 'it hangs' : "it died of signal $signal";
}

# A rebuild without a fault puts everything right. What it has done once it need not do again.
my %tried;

sub try_again {
    my ($scenario, $directory, $found, $state) = @_;
    my $root  = "$directory/MailRoot";
    return if was_tried($scenario, $found);
    my ($signal, $status, $said) = run($scenario, $directory, $NOW);
    my $undone = $scenario->{undo} && $said =~ /^xmail-spammers: nothing to undo:/m ? 1 : 0;
    return "signal $signal, status $status: $said" if $signal || $status != $undone;
    my ($list, @wrong) = check_list($scenario, $root);
    push @wrong, "the list is $list" if $list ne 'new';
    my $now = tree($root);
    push @wrong, check_whitelist($scenario, $now, $list) if defined $scenario->{whitelist};
    return (@wrong, check_rest($scenario, $now, replaced => 1, cut_log => $state->{cut_log}));
}

# The log does not count, nor how long a rebuild took.
sub was_tried {
    my ($scenario, $found) = @_;
    my %files = %{$found};
    $files{$STATE} =~ s/^checksum .*\n|(?<=done|iled) \d+//gm if defined $files{$STATE};
    my $state = md5(join "\0", map { "$_\0$files{$_}" } grep { !/spammers-log$/ } sort keys %files);
    return $tried{$scenario->{name}}{$state}++;
}

# ---------------------------------------------------------------- allow and block

# The whitelist file, which is written before the list; behind it, where both are undone.
sub check_whitelist {
    my ($scenario, $found, $list) = @_;
    my $bytes = $found->{'filters/xmail-spammers/whitelist'} // return 'the whitelist file is missing';
    my $before = $scenario->{whitelist_before} // $WHITELIST;
    return 'the whitelist file is neither the old nor the new one' if $bytes ne $before && $bytes ne $scenario->{whitelist};
    return if $before eq $scenario->{whitelist};
    my $is_new = $bytes eq $scenario->{whitelist};
    return 'the list is new, but the whitelist file is old' if $list eq 'new' && !$is_new && !$scenario->{list_first};
    return 'the whitelist file is new, but the list is old' if $list eq 'old' && $is_new && $scenario->{list_first};
    return;
}

sub judge_by_hand {
    my ($scenario, $root, $point, $run) = @_;
    my ($failed, @wrong) = judge_rebuild($scenario, $root, $point, $run);
    return ($failed, @wrong, check_whitelist($scenario, $run->{found}, $run->{list}));
}

# ---------------------------------------------------------------- commands that only look

# They change nothing, and end with one of their statuses; with 2 they say why.
sub judge_look {
    my ($scenario, $root, $point, $run) = @_;
    my ($signal, $status, $said) = @{$run}{qw(signal status said)};
    my @wrong;
    if    ($run->{killed})            { push @wrong, not_killed($signal, $status) }
    elsif ($run->{unchecked})         { }
    elsif ($signal)                   { push @wrong, death_by($signal) }
    elsif ($status > 2)               { push @wrong, "exit status $status" }
    elsif ($status == 2 && $said !~ /^xmail-spammers: /m) { push @wrong, 'exit status 2 without a message' }
    push @wrong, "exit status $status: it must not fail"
      if $run->{harmless} && !$run->{killed} && $status != $scenario->{status};
    push @wrong, "the list is $run->{list}" if $run->{list} ne 'old';
    push @wrong, map { "$_ was made" } grep { m{^filters/} && !/[.]conf$|whitelist$/ } sort keys %{ $run->{found} };
    return (1, @wrong);
}

sub look_again {
    my ($scenario, $directory, $found) = @_;
    return if was_tried($scenario, $found);
    my ($signal, $status, $said) = run($scenario, $directory, $NOW);
    return $signal || $status != $scenario->{status} ? "signal $signal, status $status: $said" : ();
}

# ---------------------------------------------------------------- the filter

# Whether nothing was rebuilt, and what is wrong.
sub judge_filter {
    my ($scenario, $root, $point, $run) = @_;
    my ($signal, $status, $list) = @{$run}{qw(signal status list)};
    my @wrong;
    if ($run->{killed} && $point->{at} <= $FORKED) {
        push @wrong, not_killed($signal, $status);
    }
    elsif (!$run->{unchecked} || $list ne 'old') {    # where libconfig dies with a word, the front hears it and says 0
        push @wrong, death_by($signal) if $signal;
        push @wrong, "exit status $status" if $status;
        push @wrong, 'it is not silent'    if $run->{said} ne '';
    }
    push @wrong, "the list is $list, which is not due" if $list ne 'old' && $scenario->{wanted} eq 'old';
    push @wrong, 'it must not fail' if $run->{harmless} && !$run->{killed} && $list ne $scenario->{wanted};
    return ($list eq 'old' && !$run->{stopped}, @wrong, check_state($scenario, $run));
}

# The state is whole, and has the attempt on record if there was one. If the one before could not be read, nothing is on
# record.
sub check_state {
    my ($scenario, $run) = @_;
    my $bytes = $run->{found}{$STATE};
    my ($begun, $result) = defined $bytes ? read_state($bytes) : (0, 'never');
    return 'the state is damaged' if !defined $begun;
    my @wrong;
    my $earlier = $scenario->{attempt} // 0;
    push @wrong, "the state has an attempt on record that never was, at $begun"
      if $begun != 0 && $begun != $earlier && $begun != $NOW_SECONDS;
    push @wrong, 'an attempt is on record that was not due' if $begun == $NOW_SECONDS && $scenario->{wanted} eq 'old';
    push @wrong, 'the list is new, but no attempt is on record' if $run->{list} eq 'new' && $begun != $NOW_SECONDS;
    push @wrong, "the list is new, but the state says \"$result\""
      if $run->{list} eq 'new' && $result ne 'done' && $result ne 'begun';
    push @wrong, 'the list is old, but the state says "done"'
      if $run->{list} eq 'old' && $begun == $NOW_SECONDS && $result eq 'done';
    return @wrong;
}

# What a call leaves that nothing was to be done by: all but the state, which may be made quiet, and a lock.
sub what_stays {
    my ($found) = @_;
    return join "\0", map { "$_\0$found->{$_}" } grep { !m{^filters/xmail-spammers/} } sort keys %{$found};
}

# Within the interval an attempt that is on record is enough, whatever became of it; after it all is put right.
sub try_filter_again {
    my ($scenario, $directory, $found, $state) = @_;
    my $root = "$directory/MailRoot";
    return if was_tried($scenario, $found);
    my ($begun) = read_state($found->{$STATE} // '');
    my $is_recorded = ($begun // 0) == $NOW_SECONDS;
    my @wrong = run_clean($scenario, $directory, $WITHIN);
    my $meanwhile = tree($root);
    push @wrong, 'a call within the interval did something'
      if $is_recorded && what_stays($meanwhile) ne what_stays($found);
    my ($list) = check_list($scenario, $root);
    push @wrong, "a call within the interval makes the list $list" if !$is_recorded && $list ne $scenario->{wanted};
    push @wrong, run_clean($scenario, $directory, $LATER);
    ($list, my @list_wrong) = check_list($scenario, $root);
    push @wrong, @list_wrong;
    push @wrong, "an interval later the list is $list" if $list ne $scenario->{later};
    return (@wrong, check_rest($scenario, tree($root), replaced => $list eq 'new', cut_log => $state->{cut_log}));
}

sub run_clean {
    my ($scenario, $directory, $now) = @_;
    my ($signal, $status, $said) = run($scenario, $directory, $now);
    return $signal || $status || $said ne '' ? "$now: signal $signal, status $status: $said" : ();
}

# ---------------------------------------------------------------- the points

sub point {
    my ($kind, $call, $label, %more) = @_;
    my $harmless = delete $more{harmless};
    return {
        kind        => $kind,
        at          => $call->{at},
        name        => $call->{name},
        label       => $label,
        environment => \%more,
        harmless    => $harmless
    };
}

# Where threads race, the name that was counted may not be the one that is met.
sub is_harmless {
    my ($scenario, $call, $error) = @_;
    return if $scenario->{random};
    return 1 if $error eq 'EINTR';
    # The engine can read logs itself; the front has nobody but the engine.
    return if $scenario->{name} =~ /^front/ && $call->{name} =~ /^(?:fork|waitpid)$/;
    my $harmless = $scenario->{command} eq 'filter' ? \%HARMLESS_TO_FILTER : \%HARMLESS;
    return $harmless->{"$call->{name}:$error"};
}

sub file_points {
    my ($scenario, @calls) = @_;
    my @points;
    for my $call (@calls) {
        my $name = $call->{name};
        my $errors = $ERRORS{$name} or die "driver.pl: nothing is known of the call $name\n";
        for my $error ($scenario->{lean} ? grep { /^E(?:IO|AGAIN|MFILE)$/ } @{$errors} : @{$errors}) {
            my $number = Errno->can($error)->();
            my $harmless = is_harmless($scenario, $call, $error);
            push @points, point('any', $call, $error, FAULT_ERRNO => $number, harmless => $harmless);
            # For ever interrupted is for ever waiting; what can't be removed does stay.
            next if $error eq 'EINTR' || $name =~ /^unlink/ || $scenario->{lean};
            push @points, point('any', $call, "$error from then on", FAULT_ERRNO => $number, FAULT_STICKY => 1);
        }
        push @points, point('any', $call, 'ENOSPC, and the disk is full from then on',
            FAULT_ERRNO => Errno::ENOSPC(), FAULT_STICKY => 'full')
          if $name =~ /^(?:write|fsync|rename|link|mkdir|create)$/;
        # What is recorded only in the end, when the list is new, would be missing now.
        push @points, point('any', $call, "$errors->[-1], then killed behind a rename",
            FAULT_ERRNO => Errno->can($errors->[-1])->(), FAULT_THEN_KILL => 'rename')
          if $scenario->{command} eq 'filter';
        push @points, point('any', $call, 'killed before', FAULT_KILL => 'before') if !$scenario->{lean};
        push @points, point('any', $call, 'killed after',  FAULT_KILL => 'after') if $name ne 'execv';
        next if $name !~ /^(?:p?read|write)$/;
        push @points, point('any', $call, 'short', FAULT_SHORT => 1, harmless => !$scenario->{random});
        push @points, point('any', $call, 'always short from then on', FAULT_SHORT => 1, FAULT_STICKY => 1);
        push @points, point('any', $call, 'short and killed', FAULT_SHORT => 1, FAULT_KILL => 'after')
          if $name eq 'write';
    }
    return @points;
}

sub memory_points {
    my ($scenario, @calls) = @_;
    my @error  = (FAULT_ERRNO => Errno::ENOMEM());
    my @points = map { point('memory', $_, 'ENOMEM', @error) } @calls;
    return @points if $scenario->{lean};
    return (@points, map { point('memory', $_, 'ENOMEM from then on', @error, FAULT_STICKY => 1) } @calls);
}

# ---------------------------------------------------------------- all of them

# The share of one worker. Prints each failure, returns how many there were.
sub work {
    my ($scenario, $worker, @points) = @_;
    my $directory = "$DIRECTORY/$worker";
    my $failures  = 0;
    for my $point (@points) {
        my @wrong = try_point($scenario, $directory, $point) or next;
        $failures++;
        my $kind = $point->{kind} eq 'memory' ? 'allocation' : 'call';
        my $line = "$scenario->{name}: $kind $point->{at} ($point->{name}), $point->{label}: " . join '; ', @wrong;
        syswrite STDOUT, "$line\n";
    }
    return $failures;
}

my ($passed, $failed) = (0, 0);
umask 022;
my @ALL = qw(existing missing symlink recent threads cached reloaded damaged replace unfinished filter filter-first
  filter-faulty front front-undue front-lost front-command status check allow block allow-undo block-undo);
for my $name (@ONLY ? @ONLY : @ALL) {
    my $scenario = scenario($name);
    my @calls       = count_calls($scenario, "$DIRECTORY/0", 'any');
    my @allocations = count_calls($scenario, "$DIRECTORY/0", 'memory');
    my @points = (file_points($scenario, @calls), memory_points($scenario, @allocations));
    my $failures = Workers::share_out(sub { work($scenario, @_) }, @points);
    printf "%s: %d calls, %d allocations: %d faults, %d failed\n", $name, scalar @calls, scalar @allocations,
      scalar @points, $failures;
    $failed += $failures;
    $passed += @points - $failures;
}
print "faults: $passed passed, $failed failed\n";
exit($failed ? 1 : 0);
