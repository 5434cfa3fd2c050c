#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The filter in bad company: arguments, environments, descriptors, configurations and file systems of every kind. It
# always ends with 0 and says nothing, and where a rebuild can be done it is.
#
#     hostile.pl PROGRAM DIRECTORY short|long [sanitized]
#
# The last if PROGRAM is one with sanitizers: what they complain of is looked for in files, since the filter is silent.

use strict;
use warnings;
use File::Path ();
use FindBin;
use POSIX ();
use Time::HiRes ();
use lib $FindBin::RealBin;
use MailRoot;
use Tally;

die "usage: hostile.pl PROGRAM DIRECTORY short|long [sanitized]\n" if @ARGV < 3 || @ARGV > 4;
my ($PROGRAM, $DIRECTORY, $FORM, $SANITIZED) = @ARGV;

my $ROUNDS = $FORM eq 'long' ? 300 : 15;    # of random arguments and environments
my $SEED   = 20_261_121;
my $LIST   = MailRoot::entry('203.0.113.1');
my $NEW    = $LIST . MailRoot::entry('192.0.2.7');
my ($NOW, $SOON, $NEXT) = map { "2026-11-21T$_" } qw(12:00 12:20 13:00);
my $DESCRIPTORS = 200;

srand $SEED;
$ENV{TZ} = 'UTC';
my $worlds = 0;
my $tally  = Tally->new($SANITIZED ? 'hostile, with sanitizers' : 'hostile');
my $undue  = make_undue_world();

arguments();
environments();
closed_descriptors();
inherited_descriptors();
limits();
missing_things();
faulty_configurations();
full_disk();
engine_missing();
$tally->check('nothing was rebuilt where nothing was due',
    $undue->rebuilds == 1 ? () : 'rebuilds: ' . $undue->rebuilds);
exit $tally->finish;

sub make_world {
    my $made = MailRoot->new(
        program   => $PROGRAM,
        directory => "$DIRECTORY/hostile-" . ++$worlds,
        settings  => { interval => 60, @_ }
    );
    $made->complaints_to_files;
    $made->write_log('smtp-202611200000', time, (MailRoot::smtp_record('192.0.2.7', '2026-11-20', 'RCPT=ERELAY')) x 5);
    $made->set_list($LIST);
    return $made;
}

# One in which nothing is due, and the state tells so by itself: there the calls take another way.
sub make_undue_world {
    my $made = make_world();
    $made->settle;
    my @wrong = map { $made->filter($_) } $NOW, $SOON;
    $tally->check('nothing is due', @wrong, $made->rebuilds == 1 ? () : 'rebuilds: ' . $made->rebuilds);
    return $made;
}

sub list_of { my ($world) = @_; return MailRoot::read_file($world->{list}) // 'missing' }

# The filter must rebuild in spite of it all.
sub rebuilds {
    my ($what, %options) = @_;
    my $world = make_world();
    my @wrong = $world->filter($NOW, %options);
    push @wrong, $world->rebuilds . ' rebuilds instead of 1' if $world->rebuilds != 1;
    push @wrong, 'the list is: ' . list_of($world) if list_of($world) ne $NEW;
    push @wrong, map { "the next call: $_" } $world->filter($SOON, %options);
    push @wrong, 'the next call rebuilt again' if $world->rebuilds > 1;
    push @wrong, map { "nothing is due: $_" } $undue->filter($SOON, %options);
    return $tally->check($what, @wrong, $world->complaints, $world->leftovers);
}

# The filter can't rebuild, or may or may not: it ends well, and the list is the old or the new one.
sub survives {
    my ($what, $world, %options) = @_;
    my @wrong = map { $world->filter($_, %options) } $NOW, $SOON;
    my $list = list_of($world);
    push @wrong, "the list is: $list" if $list ne $LIST && $list ne $NEW && !$options{no_list};
    push @wrong, map { "nothing is due: $_" } $undue->filter($SOON, %options) if $options{before};
    return $tally->check($what, @wrong, $world->complaints);
}

# ---------------------------------------------------------------- arguments and environments

sub garbage {
    my ($length) = @_;
    return join '', map { chr(1 + int rand 255) } 1 .. int rand $length;
}

sub arguments {
    rebuilds("behind filter: @{$_}", arguments => $_)
      for ['--help'], ['-n'], ['-V'], ['--'], [''], ['--now', '1999-01-01T00:00'], ['-c', '/nowhere'],
      ['rebuild', '-n'], ["a\nb", "\t", '"', '$(reboot)', '`reboot`', '%s%n%s%n', '../../..'];
    rebuilds('5000 arguments', arguments => [map { "argument $_" } 1 .. 5000]);
    rebuilds('an argument of 100,000 bytes', arguments => ['x' x 100_000]);
    rebuilds("arguments of random bytes, round $_ of seed $SEED",
        arguments => [map { garbage(300) } 0 .. rand 10]) for 1 .. $ROUNDS;
    return;
}

# An environment in the child only; what the sanitizers need stays.
sub with_environment {
    my (%new) = @_;
    return before => sub {
        %ENV = ((map { $_ => $ENV{$_} } grep { /SAN_OPTIONS/ } keys %ENV), %new);
    };
}

sub environments {
    rebuilds('no environment at all', with_environment());
    rebuilds("$_->[0] is $_->[1]", with_environment(TZ => 'UTC', $_->[0] => $_->[1]))
      for ['MAIL_ROOT', '/nowhere'], ['MAIL_ROOT', ''], ['MAIL_ROOT', "\x01\xff\n"], ['MAIL_ROOT', 'x' x 10_000],
      ['XMAIL_SPAMMERS_CONF', '/nowhere'], ['LC_ALL', 'tr_TR.UTF-8'], ['LC_ALL', '../../../etc/passwd'],
      ['LANG', 'ja_JP.eucJP'], ['POSIXLY_CORRECT', '1'], ['TMPDIR', '/nowhere'], ['PATH', ''], ['HOME', '/dev/null'],
      ['GCONV_PATH', '/nowhere'], ['LD_LIBRARY_PATH', '/nowhere'], ['MALLOC_PERTURB_', '165'];
    # The loader complains of it before a program begins; the front that is installed has none.
    rebuilds('LD_PRELOAD is /nowhere/x.so', with_environment(TZ => 'UTC', LD_PRELOAD => '/nowhere/x.so'))
      if !$SANITIZED;
    rebuilds('5000 variables', with_environment(TZ => 'UTC', map { ("VARIABLE_$_" => "value $_") } 1 .. 5000));
    for my $zone (':', ':/nowhere', '/etc/passwd', 'x' x 5000, "\xff\x01", 'A-99999999:99:99', '<>0', '../etc/passwd') {
        survives('TZ is ' . substr($zone, 0, 30), make_world(), with_environment(TZ => $zone));
    }
    for my $round (1 .. $ROUNDS) {
        my %random = map { my $name = garbage(20) =~ s/=//gr; $name => garbage(200) } 0 .. rand 10;
        survives("a random environment, round $round of seed $SEED", make_world(),
            with_environment(%random, map { $_ => garbage(100) } qw(TZ MAIL_ROOT LC_ALL LANG XMAIL_SPAMMERS_CONF)));
    }
    return;
}

# ---------------------------------------------------------------- descriptors and limits

sub closed_descriptors {
    for my $which (0 .. 7) {
        my @closed = grep { $which & 1 << $_ } 0 .. 2;
        rebuilds('closed: ' . (join(', ', @closed) || 'none'), before => sub { POSIX::close($_) for @closed });
        rebuilds('directories as: ' . (join(', ', @closed) || 'none'), before => sub {
                for my $descriptor (@closed) {
                    my $directory = POSIX::open('/', POSIX::O_RDONLY());
                    POSIX::dup2($directory, $descriptor);
                    POSIX::close($directory) if $directory > 2;
                }
        }) if @closed;
    }
    return;
}

# While the rebuild waits for a list that somebody keeps writing, it has none of the descriptors that it was given.
sub inherited_descriptors {
    pipe my $in, my $out or die "unable to make a pipe: $!\n";
    rebuilds("$DESCRIPTORS inherited descriptors", before => sub { inherit($out) });
    if (!-d '/proc/self/fd') {
        $tally->skip('descriptors are closed for the rebuild', 'there is no /proc here');
        return;
    }
    my $world = make_world();
    my $pid   = $world->start([$world->command($NOW, 'filter')], before => sub { inherit($out) });
    my ($engine, @kept) = watch_engine($world, $pid, $out);
    my @wrong = $world->finished($pid);
    push @wrong, 'the rebuild was never seen at work' if !$engine;
    push @wrong, map { "kept: $_" } @kept;
    $tally->check('descriptors are closed for the rebuild', @wrong, $world->complaints);
    return;
}

# In the child: many copies of the descriptor, none of them closed by exec.
sub inherit {
    my ($handle) = @_;
    for my $descriptor (10 .. 10 + $DESCRIPTORS) {
        POSIX::dup2(fileno $handle, $descriptor);
    }
    return;
}

# Looks at the engine while it works, which is when it has the lock open. Touches the list all the time, which makes it
# wait. Its process, if one was seen, and what it has open of ours.
sub watch_engine {
    my ($world, $front, $handle) = @_;
    my $ours = readlink "/proc/self/fd/${\fileno $handle}";
    for (1 .. 2000) {
        utime undef, undef, $world->{list};
        for my $process ($front, MailRoot::children_of($front)) {
            my @open = map { readlink $_ // () } glob "/proc/$process/fd/*";
            next if !grep { $_ eq $world->{lock} } @open;
            return ($process, grep { $_ eq $ours } @open);
        }
        last if !-e "/proc/$front/exe" || !readlink "/proc/$front/exe";
        Time::HiRes::sleep(0.002);
    }
    return;
}

sub limits {
    my %shell = (
        'no core, few files'       => 'ulimit -c 0; ulimit -n 16',
        'no file may grow'         => 'ulimit -f 0',
        'a small stack'            => 'ulimit -s 256',
        'no further process'       => 'ulimit -p 1 2>/dev/null || ulimit -u 1',
        'SIGCHLD ignored'          => 'trap "" CHLD',
        'every signal is ignored'  => 'trap "" HUP INT QUIT TERM PIPE ALRM USR1 USR2 CHLD XFSZ',
        'another directory'        => 'cd /',
        'a directory that is gone' => 'mkdir gone; cd gone; rmdir ../gone',
    );
    $shell{'a tiny stack'} = 'ulimit -s 32' if !$SANITIZED;    # they need more themselves
    for my $what (sort keys %shell) {
        my $world = make_world();
        chdir $world->{directory};
        my $script  = "$shell{$what}; exec \"\$@\"";
        my $command = ['/bin/sh', '-c', $script, 'sh', $world->command($NOW, 'filter')];
        my @wrong   = $world->finished($world->start($command));
        chdir '/';
        my $list = list_of($world);
        push @wrong, "the list is: $list" if $list ne $LIST && $list ne $NEW;
        $tally->check($what, @wrong);
        $world->complaints;
    }
    return;
}

# ---------------------------------------------------------------- MailRoot and configuration

sub missing_things {
    my $world = make_world();
    rename $world->{root}, "$world->{root}.away" or die "unable to rename $world->{root}: $!\n";
    survives('no MailRoot', $world, no_list => 1);
    $tally->check('and none is made', -e $world->{root} ? "$world->{root} is there" : ());

    $world = make_world();
    unlink $world->{list};
    my @wrong = $world->filter($NOW);
    push @wrong, 'the list is: ' . list_of($world) if list_of($world) ne MailRoot::entry('192.0.2.7');
    $tally->check('a missing list is made', @wrong, $world->complaints);

    for my $name (qw(logs filters)) {
        $world = make_world();
        rename "$world->{root}/$name", "$world->{root}/$name.away" or die "unable to rename $name: $!\n";
        survives("no $name", $world);
        File::Path::remove_tree("$world->{root}/$name");    # it may have been made, for the state or the log
        MailRoot::write_file("$world->{root}/$name", '');
        survives("a file in the place of $name", $world);
    }
    return;
}

# Each fault is told once, however often the filter is called, and again when the file has changed.
sub faulty_configurations {
    my %faults = (
        'a setting that is none'   => "serach_days = 7;\n",
        'no libconfig at all'      => "}{\x01\xff\n",
        'an interval too short'    => "auto = { enabled = true; interval = 9; };\n",
        'an hour too late'         => "auto = { enabled = true; from = 24; };\n",
        'a pattern that is none'   => "auto = { enabled = true; };\npermanent_pattern = \"(\";\n",
    );
    for my $what (sort keys %faults) {
        my $world = make_world();
        MailRoot::write_file($world->{conf}, $faults{$what});
        my @wrong = map { $world->filter($_) } $NOW, $SOON, $SOON, $NEXT;
        my $told  = $world->events('ERROR');
        push @wrong, "$told errors instead of 1" if $told != 1;
        MailRoot::write_file($world->{conf}, "$faults{$what}# changed\nserach_count = 1;\n");
        push @wrong, map { $world->filter($_) } $NEXT, $NEXT;
        push @wrong, 'a changed file is not told of again' if $world->events('ERROR') == $told;
        push @wrong, 'the list was changed' if list_of($world) ne $LIST;
        $world->configure;
        push @wrong, $world->filter($NEXT);
        push @wrong, 'mended, and no rebuild' if $world->rebuilds != 1;
        $tally->check("a faulty configuration: $what", @wrong, $world->complaints);
    }
    my $world = make_world();
    unlink $world->{conf};
    my @wrong = map { $world->filter($_) } $NOW, $SOON, $SOON;
    push @wrong, $world->events('ERROR') . ' errors instead of 1' if $world->events('ERROR') != 1;
    push @wrong, 'the list was changed' if list_of($world) ne $LIST;
    $tally->check('no configuration', @wrong, $world->complaints);
    mkdir $world->{conf};
    survives('a directory as the configuration', $world);
    rmdir $world->{conf};
    POSIX::mkfifo($world->{conf}, 0600);
    survives('a FIFO as the configuration', $world);
    return;
}

# A MailRoot on a file system without room: the list stays as it is.
sub full_disk {
    my $mount = "$DIRECTORY/hostile-small";
    mkdir $mount;
    if ($> != 0 || system "mount -t tmpfs -o size=256k tmpfs $mount 2>/dev/null") {
        $tally->skip('a full disk', 'only root can mount, and not everywhere');
        return;
    }
    my $world = small_world($mount);
    open my $rest, '>:raw', "$world->{root}/rest";
    1 while syswrite $rest, 'x' x 4096;
    close $rest;
    survives('a full disk', $world);
    system 'mount', '-o', 'remount,ro', $mount;
    survives('a read-only disk', $world);
    system 'umount', $mount;
    return;
}

sub small_world {
    my ($mount) = @_;
    my $made = make_world();
    system 'cp', '-a', $made->{root}, $mount;
    for my $path (values %{$made}) {
        $path =~ s/^\Q$made->{root}\E/$mount\/MailRoot/ if !ref $path && $path ne $made->{root};
    }
    $made->{root} = "$mount/MailRoot";
    return $made;
}

# The front alone, and one whose engine breaks down.
sub engine_missing {
    my $world = make_world();
    my $alone = "$world->{directory}/xmail-spammers";
    system 'cp', $PROGRAM, $alone;
    $world->{program} = $alone;
    survives('no engine beside the front', $world);
    for my $engine ("#!/bin/sh\nkill -SEGV \$\$\n", "#!/bin/sh\necho out; echo err >&2; exit 3\n", "no program\n") {
        MailRoot::write_file("$alone-engine", $engine);
        chmod 0755, "$alone-engine";
        survives('an engine that is: ' . $engine =~ s/\n/; /gr, $world);
    }
    $tally->check('and it was told', $world->events('ERROR') ? () : 'nothing in ' . $world->{log});
    return;
}
