# SPDX-License-Identifier: MIT
#
# The MailRoot in which a race is run, and what lies outside of it: how it is made, what the program must make of it,
# and what can be seen of it.
package World;

use strict;
use warnings;
use Fcntl ();
use POSIX ();
use Time::HiRes ();

our $NOW   = '2026-11-21T12:00:00';
our $LATER = '2026-11-21T13:10:00';    # when an interval has passed, as has one that began meanwhile
my $OWN = 'filters/xmail-spammers';
my $LONG_AGO = time - 1000;

# The owner of MailRoot, whom root doesn't trust. What lies outside belongs to root.
our $USER  = $> == 0 ? 1234 : $>;
our $GROUP = $> == 0 ? 1234 : (split / /, $))[0];

my $QUIET = qq{"203.0.113.5"\t"255.255.255.255"\t"code=1"\n};    # is to go: it has no accesses
my $ADDED = join '', map { qq{"198.51.100.$_"\t"255.255.255.255"\t"code=1"\n} } 23, 24;
our $OLD = "# by hand\n$QUIET" . join '', map { qq{"$_->[0]"\t"$_->[1]"\t"$_->[2]"\n} }
  ['10.1.0.0', '255.255.0.0', 'code=1,permanent=1'], ['203.0.113.6', '255.255.255.255', 'code=1'];
our $LONGER = "$OLD# appended\n";
our $EDITED = "# edited\n" . qq{"198.18.0.1"\t"255.255.255.255"\t"permanent=1"\n} . $OLD;

# What lies outside: for root alone, and for all. Neither holds an entry.
our @OUTSIDE = ("root:top-secret:1\n", "open to all\n");

# What a rebuild makes of a list.
sub rebuilt {
    my ($list) = @_;
    my @lines = grep { $_ ne $QUIET } split /^/, $list;
    my %there = map { $_ => 1 } @lines;
    return join '', @lines, grep { !$there{$_} } split /^/, $ADDED;
}

# ---------------------------------------------------------------- files

sub write_file {
    my ($path, $bytes, $mode) = @_;
    open my $out, '>:raw', $path or die "unable to write $path: $!\n";
    print {$out} $bytes;
    close $out or die "unable to write $path: $!\n";
    chmod $mode // 0644, $path;
    own($path);
    return;
}

sub read_file {
    my ($path) = @_;
    return if !-f $path;
    open my $in, '<:raw', $path or return;
    local $/ = undef;
    return <$in> // '';
}

sub make_directory {
    my ($path) = @_;
    mkdir $path or die "unable to make $path: $!\n";
    chmod 0755, $path;
    own($path);
    return;
}

# Gives what was made to the owner of MailRoot.
sub own {
    my ($path) = @_;
    return if $> != 0;
    -l $path ? POSIX::lchown($USER, $GROUP, $path) : chown $USER, $GROUP, $path;
    return;
}

sub names_in {
    my ($directory) = @_;
    opendir my $in, $directory or return;
    return sort grep { !/^[.][.]?$/ } readdir $in;
}

sub remove_tree {
    my ($path) = @_;
    if (-d $path && !-l $path) {
        remove_tree("$path/$_") for names_in($path);
        rmdir $path or die "unable to remove $path: $!\n";
    }
    elsif (-l $path || -e _) {
        unlink $path or die "unable to remove $path: $!\n";
    }
    return;
}

# The paths of all files and directories below one, links not followed.
sub paths_below {
    my ($directory) = @_;
    return map { my $path = "$directory/$_"; ($path, -d $path && !-l $path ? paths_below($path) : ()) }
      names_in($directory);
}

# ---------------------------------------------------------------- records

sub record { return join("\t", map { qq{"$_"} } 'mail.example.org', 'example.org', @_) . "\n" }

sub smtp {
    my ($address, $status) = @_;
    return record($address, '2026-11-20 03:04:05', 'helo.example.net', 'example.org', 'a@example.net', 'b@example.org',
        'S1A2', $status, '', '0', '');
}

sub pop3 {
    my ($address) = @_;
    return record($address, '2026-11-19 23:04:05', 'user', 'secret', 'ELOGIN');
}

our $SMTP    = 'logs/smtp-202611200000';
our $GROWING = 'logs/pop3-202611210000';    # the cache knows its beginning only
my %LOGS = (
    $SMTP                    => smtp('198.51.100.23', 'RCPT=ERELAY') x 5,
    'logs/smtp-202611210000' => smtp('203.0.113.6',   'SNDRIP=EIPSPAM'),
    'logs/pop3-202611190000' => pop3('198.51.100.24') x 3,
    $GROWING                 => pop3('198.51.100.24') x 2,
);

# ---------------------------------------------------------------- the whole

# World->new(directory => DIR, programs =>, faults =>)
sub new {
    my ($class, %given) = @_;
    my $self = bless {%given}, $class;
    @{$self}{qw(root outside kept)} = map { "$self->{directory}/$_" } qw(MailRoot outside kept);
    return $self;
}

sub in { my ($self, $name) = @_; return "$self->{root}/$name" }

# Makes all anew: MailRoot with a cache that knows the logs but for the end of one, and what lies outside.
sub reset {
    my ($self) = @_;
    my $top = $self->{directory};
    remove_tree($top);
    mkdir $top or die "unable to make $top: $!\n";
    chmod 0755, $top;
    mkdir $self->{$_} or die "unable to make $self->{$_}: $!\n" for qw(outside kept);
    make_directory($_) for $self->{root}, map { $self->in($_) } qw(logs filters), $OWN;
    write_file($self->in($_), $LOGS{$_}) for keys %LOGS;
    write_file($self->in('smtp.ipprop.tab'), qq{"192.0.2.79/32"\t"WhiteList=1"\n});
    write_file($self->in("$OWN/xmail-spammers.conf"), <<'CONF');
search_days = 7;
register_count = 5;
remove_count = 0;
max_backups = 3;
threads = 1;
auto = { enabled = true; from = 0; to = 0; interval = 60; };
CONF
    write_file($self->in("$OWN/whitelist"), "192.0.2.78\n");
    write_file($self->in("spammers.202611$_.tab"), "of $_\n", 0640) for qw(14235959 16000000 20010203 21120000);
    $self->make_cache;
    write_file($self->in('spammers.tab'), $OLD, 0640);
    utime $LONG_AGO, $LONG_AGO, $self->in('spammers.tab');
    $self->make_outside;
    return;
}

# By a rebuild that saves nothing, when the growing log was shorter.
sub make_cache {
    my ($self) = @_;
    write_file($self->in($GROWING), substr $LOGS{$GROWING}, 0, length(pop3('198.51.100.24')) + 20);
    my $conf = "$self->{directory}/caching.conf";
    write_file($conf, qq{save_mode = "none";\n});
    my %run = $self->run('xmail-spammers-engine', ['-c', $conf, '-r', $self->{root}, '--now', $NOW, 'rebuild']);
    die "no cache can be made: $run{said}\n" if $run{signal} || $run{status};
    unlink map { $self->in($_) } "$OWN/state", "$OWN/lock", 'logs/spammers-log', 'spammers.tab';
    write_file($self->in($GROWING), $LOGS{$GROWING});
    return;
}

# A file that only root may read, one that all may, and a directory with names as ours has them.
sub make_outside {
    my ($self) = @_;
    my $outside = $self->{outside};
    my %files = (
        secret               => [$OUTSIDE[0], 0600],
        open                 => [$OUTSIDE[1], 0644],
        'directory/state'    => [$OUTSIDE[0], 0600],
        'directory/smtp-1-2' => [$OUTSIDE[0], 0600],
    );
    mkdir "$outside/directory" or die "unable to make $outside/directory: $!\n";
    for my $name (sort keys %files) {
        open my $out, '>', "$outside/$name" or die "unable to write $outside/$name: $!\n";
        print {$out} $files{$name}[0];
        close $out;
        chmod $files{$name}[1], "$outside/$name";
    }
    $self->{before} = $self->look_outside;
    return;
}

# All that can be known of what lies outside, but for the number of names and the times that a new one changes.
sub look_outside {
    my ($self) = @_;
    my %found;
    for my $path ($self->{outside}, paths_below($self->{outside})) {
        my @status = lstat $path;
        $found{$path} = join ' ', @status[ 0, 1, 2, 4, 5 ], -d _ ? '' : ($status[9], read_file($path) // '');
    }
    return \%found;
}

# What is wrong outside.
sub outside_changes {
    my ($self) = @_;
    my $now = $self->look_outside;
    my %all = (%{ $self->{before} }, %{$now});
    return map { ($now->{$_} // '') eq ($self->{before}{$_} // '') ? () : "outside: $_ was touched" } sort keys %all;
}

# ---------------------------------------------------------------- runs

sub rebuild_command {
    my ($self) = @_;
    return ['-c', $self->in("$OWN/xmail-spammers.conf"), '-r', $self->{root}, '--now', $NOW, 'rebuild'];
}

sub filter_command {
    my ($self, $now) = @_;
    return ['-c', $self->in("$OWN/xmail-spammers.conf"), '-r', $self->{root}, '--now', $now // $NOW, 'filter'];
}

# Starts it, with this in the environment besides what it needs. The process id.
sub start {
    my ($self, @what) = @_;
    my $child = fork // die "unable to fork: $!\n";
    return $child if $child;
    $self->become(@what);
}

sub become {
    my ($self, $program, $arguments, $said, %environment) = @_;
    %ENV = (PATH => '/usr/bin:/bin', TZ => 'UTC0', LC_ALL => 'C', %environment);
    open STDIN,  '<', '/dev/null' or POSIX::_exit(126);
    open STDOUT, '>', "$said.out" or POSIX::_exit(126);
    open STDERR, '>', $said       or POSIX::_exit(126);
    @SIG{qw(INT TERM HUP)} = ("DEFAULT") x 3;    # whoever runs this in the background may have them ignored
    alarm 20;
    exec "$self->{programs}/$program", @{$arguments} or POSIX::_exit(126);
}

# Runs it. FAULT_STOP: calls then->() when it has stopped, or `reader`, its process that reads the logs; and lets it go
# on. What became of it.
sub run {
    my ($self, $program, $arguments, %options) = @_;
    my $then   = delete $options{then};
    my $reader = delete $options{reader};
    my $said   = "$self->{directory}/said";
    my $child  = $self->start($program, $arguments, $said, $self->preload($program), %options);
    my %run = (stopped => 0);
    my $meanwhile = sub {
        my ($stopped) = @_;
        $run{stopped}++;
        $then->() if $then;
        kill CONT => $stopped;
    };
    if ($reader and my $stopped = wait_for_stop($child)) {
        $meanwhile->($stopped);
    }
    while (waitpid($child, POSIX::WUNTRACED()) == $child && kill 0 => $child) {    # who has ended isn't there any more
        $meanwhile->($child);
    }
    @run{qw(signal status)} = ($? & 127, $? >> 8);
    $run{shown} = read_file("$said.out") // '';
    $run{said}  = read_file($said)       // '';
    return %run;
}

# The child of the process, once it has stopped; nothing if the process ends before.
sub wait_for_stop {
    my ($pid) = @_;
    while (read_proc("$pid/stat") !~ /[)] Z/) {
        for my $child (split / /, read_proc("$pid/task/$pid/children")) {
            return $child if read_proc("$child/stat") =~ /[)] T/;
        }
        Time::HiRes::sleep(0.0005);
    }
    return;
}

# A file of /proc, or '' if there is none.
sub read_proc {
    my ($name) = @_;
    open my $in, '<', "/proc/$name" or return '';
    return <$in> // '';
}

sub preload {
    my ($self, $program) = @_;
    return (LD_PRELOAD => $self->{faults}, FAULT_PROGRAM => $program, FAULT_LATER => 100);
}

# ---------------------------------------------------------------- what can be seen

sub list { my ($self) = @_; return read_file($self->in('spammers.tab')) }

# Whether the new list is written and the old one has its backup, but the new one isn't in its place yet.
sub is_written {
    my ($self) = @_;
    my @backups = grep { (read_file($_) // '') eq $OLD } glob $self->in('spammers.2*.tab');
    return @backups && -e $self->in('spammers.tab.xmail-spammers.tmp');
}

# Temporary files, which none may leave behind.
sub leftovers {
    my ($self) = @_;
    return map { "$_ was left behind" } grep { /[.]xmail-spammers[.]tmp$/ } paths_below($self->{root});
}

# Backups that are no whole list.
sub bad_backups {
    my ($self) = @_;
    my @wrong;
    for my $name (grep { /^spammers[.][0-9]{14}[.]tab$/ } names_in($self->{root})) {
        my $bytes = read_file($self->in($name)) // next;
        my ($time) = $name =~ /^spammers[.]202611([0-9]{8})/;
        next if $bytes eq "of $time\n" || $bytes =~ /^planted\n/;
        push @wrong, "the backup $name is no list that there was"
          if !grep { $bytes eq $_ || $bytes eq rebuilt($_) } $OLD, $EDITED, $LONGER, '', @OUTSIDE;
    }
    return @wrong;
}

# Files of MailRoot that hold what only root may read, and that its owner may read.
sub disclosures {
    my ($self) = @_;
    my @wrong;
    for my $path (grep { -f && !-l } paths_below($self->{root})) {
        my @status = stat $path;
        next if $status[3] > 1 || $status[4] != $USER && !($status[2] & 0004);
        push @wrong, "$path discloses what lies outside" if (read_file($path) // '') =~ /top-secret/;
    }
    return @wrong;
}

1;
