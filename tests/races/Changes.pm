# SPDX-License-Identifier: MIT
#
# What others do while a rebuild is stopped. Each change is a hash:
#
#     name      for people
#     apply     what is done
#     finish    what is done once the program has ended, and before the list is looked at; it returns what is wrong
#     accepts   (list, failed): whether the list may be so then (undef: missing)
#     backup    false if the backup of the old list may be missing
#     mustn_t   true if the program may not fail
#     cached    true if then a rebuild without the cache must find the same
#     edits     true if it is an edit of the list
#     temporary true if it is what is to become the list
#     gone      true if without the logs that went no rebuild can be done
#     run       what is added to the program's environment
package Changes;

use strict;
use warnings;
use Fcntl qw(S_IFCHR);
use POSIX ();
use Time::HiRes ();
use World;

my $OWN    = 'filters/xmail-spammers';
my $SUFFIX = '.xmail-spammers.tmp';
my $BACKUP = 'spammers.20261121120001.tab';    # the next: that of this very second is taken

sub is_one_of {
    my ($list, @wanted) = @_;
    return scalar grep { defined $_ ? defined $list && $list eq $_ : !defined $list } @wanted;
}

# If it failed, the list that was there; else one that a rebuild has made of it.
sub accept_of {
    my (@before) = @_;
    my @after = map { defined $_ ? World::rebuilt($_) : undef } @before;
    return sub { my ($list, $failed) = @_; return is_one_of($list, $failed ? @before : @after) };
}

sub change {
    my ($name, $apply, %more) = @_;
    return { name => $name, apply => $apply, backup => 1, accepts => accept_of($World::OLD), %more };
}

# ---------------------------------------------------------------- editors

# A save that comes behind ours stands as it is. One that fails has nothing to fear either.
sub accept_edited { my ($list) = @_; return is_one_of($list, $World::EDITED, World::rebuilt($World::EDITED)) }

sub edit_by_rename {
    my ($world) = @_;
    World::write_file($world->in('edited'), $World::EDITED, 0640);
    rename $world->in('edited'), $world->in('spammers.tab') or die "unable to rename: $!\n";
    return;
}

# Without truncating first, so that nobody sees it cut.
sub edit_in_place {
    my ($world) = @_;
    open my $list, '+<:raw', $world->in('spammers.tab') or return World::write_file($world->in('spammers.tab'),
        $World::EDITED, 0640);
    syswrite $list, $World::EDITED;
    truncate $list, length $World::EDITED;
    close $list;
    return;
}

# Emptied now, half written in a while, and whole after another.
my $editor;

sub edit_slowly {
    my ($world) = @_;
    open my $list, '>:raw', $world->in('spammers.tab') or die "unable to write the list: $!\n";
    $editor = fork // die "unable to fork: $!\n";
    return if $editor;
    my $half = int(length($World::EDITED) / 2);
    for my $part (substr($World::EDITED, 0, $half), substr $World::EDITED, $half) {
        Time::HiRes::sleep(0.2);
        syswrite $list, $part;
    }
    POSIX::_exit(0);
}

sub editor_ends { waitpid $editor, 0; return $? ? 'the editor failed' : () }

sub editors {
    return (
        change('an editor saves by a rename', \&edit_by_rename, accepts => \&accept_edited, edits => 1),
        change('an editor saves in place',    \&edit_in_place,  accepts => \&accept_edited, edits => 1),
        change('the list is deleted', sub { unlink $_[0]->in('spammers.tab') },
            accepts => sub { my ($list) = @_; is_one_of($list, undef, map { World::rebuilt($_) } $World::OLD, '') },
            backup  => 0),
        change('the list is made longer', sub { append($_[0]->in('spammers.tab'), "# appended\n") },
            accepts => sub {
                my ($list, $failed) = @_;
                return is_one_of($list, $failed ? $World::LONGER : (World::rebuilt($World::LONGER),
                        World::rebuilt($World::OLD) . "# appended\n"));
            }, edits => 1),
    );
}

# ---------------------------------------------------------------- logs

sub append {
    my ($path, $bytes) = @_;
    open my $out, '>>:raw', $path or return;
    syswrite $out, $bytes;
    close $out;
    return;
}

# What people wrote stays; nothing comes that the logs never told.
sub accept_less {
    my ($list, $failed) = @_;
    return 0 if !defined $list;
    return $list eq $World::OLD if $failed;
    my %known = map { $_ => 1 } split /^/, $World::OLD . World::rebuilt($World::OLD);
    return !(grep { !$known{$_} } split /^/, $list) && $list =~ /\A# by hand\n/ && $list =~ /^"10\.1\.0\.0"/m;
}

sub log_change {
    my ($name, $apply, %more) = @_;
    return change($name, $apply, accepts => \&accept_less, backup => 1, cached => 1, mustn_t => 1, %more);
}

sub rotate {
    my ($world, $log) = @_;
    rename $world->in($log), $world->in("$log.1") or die "unable to rotate $log: $!\n";
    World::write_file($world->in($log), World::pop3('192.0.2.10'));
    return;
}

sub copy_and_truncate {
    my ($world, $log) = @_;
    World::write_file($world->in("$log.1"), World::read_file($world->in($log)));
    truncate $world->in($log), 0;
    append($world->in($log), World::pop3('192.0.2.10'));
    return;
}

# And soon it is longer than it was. No host has enough of it to be listed.
sub truncate_and_fill {
    my ($world, $log) = @_;
    copy_and_truncate($world, $log);
    append($world->in($log), join '', map { World::pop3("192.0.2.$_") x 3 } 10 .. 13);
    return;
}

sub logs {
    my @changes;
    for my $log ($World::SMTP, $World::GROWING) {
        push @changes,
          log_change("$log: is rotated",        sub { rotate($_[0], $log) }),
          log_change("$log: copied, truncated", sub { copy_and_truncate($_[0], $log) }),
          log_change("$log: truncated, filled", sub { truncate_and_fill($_[0], $log) }),
          log_change("$log: vanishes", sub { unlink $_[0]->in($log) }),
          log_change("$log: is emptied", sub { truncate $_[0]->in($log), 0 }),
          log_change("$log: grows", sub { append($_[0]->in($log), World::pop3('192.0.2.10') x 3) },
            accepts => accept_of($World::OLD)),
          log_change("$log: grows by half a record", sub { append($_[0]->in($log), '"mail.example.org"') },
            accepts => accept_of($World::OLD));
    }
    push @changes, log_change('a log comes',
        sub { World::write_file($_[0]->in('logs/pop3-202611210600'), World::pop3('192.0.2.10')) },
        accepts => accept_of($World::OLD));
    push @changes, log_change('all logs vanish', sub { unlink glob $_[0]->in('logs/*-2026*') }, mustn_t => 0,
        gone => 1);
    return @changes;
}

# ---------------------------------------------------------------- other processes of ours

my $other;

# Real time for it: it waits for the lock.
sub start_rebuild {
    my ($world) = @_;
    my $said = "$world->{directory}/other";
    $other = $world->start('xmail-spammers-engine', $world->rebuild_command, $said);
    for (1 .. 4000) {
        my $ended = waitpid $other, POSIX::WNOHANG();
        if ($ended) {
            $other = $? ? -1 : 0;
            return;
        }
        return if (World::read_file($said) // '') =~ /another rebuild is running/;
        Time::HiRes::sleep(0.002);
    }
    return;
}

sub rebuild_ends {
    my ($world) = @_;
    $other = waitpid($other, 0) && $? ? -1 : 0 if $other > 0;
    return $other ? 'the other rebuild failed: ' . World::read_file("$world->{directory}/other") : ();
}

# It doesn't wait.
sub call_filter {
    my ($world) = @_;
    waitpid $world->start('xmail-spammers-engine', $world->filter_command, "$world->{directory}/other"), 0;
    $other = $?;
    return;
}

sub call_ends { return $other ? "the filter beside it ended with $other" : () }

sub processes {
    return (
        change('another rebuild begins', \&start_rebuild, finish => \&rebuild_ends),
        change('the filter is called', \&call_filter, finish => \&call_ends),
    );
}

# ---------------------------------------------------------------- backups

sub backups {
    return (
        change('all backups vanish', sub { unlink glob $_[0]->in('spammers.2*.tab') }, backup => 0),
        change('20 backups come', sub {
                my ($world) = @_;
                World::write_file($world->in("spammers.202611211200$_.tab"), "planted\n") for 10 .. 29;
            }),
        change('the temporary files vanish', sub { unlink glob $_[0]->in("*$SUFFIX") }, backup => 0),
        change('the cache vanishes', sub { World::remove_tree($_[0]->in("$OWN/cache")) }),
        change('lock and state vanish', sub { unlink map { $_[0]->in("$OWN/$_") } qw(lock state) }),
        change('the event log vanishes', sub { unlink $_[0]->in('logs/spammers-log') }),
    );
}

# ---------------------------------------------------------------- what is planted

# The name of the part of the cache that is of the growing log.
sub part_of {
    my ($world) = @_;
    my @status = stat $world->in($World::GROWING) or return "$OWN/cache/pop3-0-0";
    return sprintf "$OWN/cache/pop3-%x-%x", @status[ 0, 1 ];
}

# Puts something into the place of what is there, which is kept aside.
sub plant {
    my ($world, $target, $kind) = @_;
    my $path = $world->in(ref $target ? $target->($world) : $target);
    @{$world}{qw(planted had planted_is)} = ($path, 0, '');
    if (-l $path || -e _) {
        $world->{had} = 1;
        rename $path, "$world->{kept}/it" or die "unable to move $path: $!\n";
    }
    my $made = $kind->($world, $path);    # its directory may not be there
    return if !$made;
    World::own($path) if !(-f $path && !-l $path);
    $world->{planted_is} = identity($path);
    return;
}

sub identity { my ($path) = @_; my @status = lstat $path; return @status ? "@status[0, 1]" : '' }

# Takes it out again, as an administrator would, unless the program has replaced it by what is right. A directory that
# it has made anew lacks the configuration.
sub take_out {
    my ($world) = @_;
    my ($path, $planted) = @{$world}{qw(planted planted_is)};
    if (identity($path) eq $planted || -d "$world->{kept}/it") {
        World::remove_tree($path);
        rename "$world->{kept}/it", $path if $world->{had};
    }
    return;
}

my %FILE_KINDS = (
    'a link'           => sub { symlink "$_[0]{outside}/secret", $_[1] },
    'a link to none'   => sub { symlink "$_[0]{outside}/none", $_[1] },
    'another name'     => sub { link "$_[0]{outside}/secret", $_[1] },
    'another open one' => sub { link "$_[0]{outside}/open", $_[1] },
    'a directory'      => sub { mkdir $_[1] },
    'a FIFO'           => sub { POSIX::mkfifo($_[1], 0666) },
);
my %DIRECTORY_KINDS = (
    'an empty one' => sub { mkdir $_[1] },
    'a file'       => sub { open my $out, '>', $_[1] },
    'a FIFO'       => sub { POSIX::mkfifo($_[1], 0666) },
    'nothing'      => sub { return 0 },
);
if ($> == 0) {
    $FILE_KINDS{'a device'} = sub { system('sh', '-c', 'exec mknod "$0" c 1 3 2>/dev/null', $_[1]) == 0 };
    # Who isn't root can be led by nobody but himself.
    $DIRECTORY_KINDS{'a link'} = sub { symlink "$_[0]{outside}/directory", $_[1] };
}

my %FILES = (
    'the list'                       => 'spammers.tab',
    'the list\'s temporary name'     => "spammers.tab$SUFFIX",
    'the backup'                     => $BACKUP,
    'the backup\'s temporary name'   => "spammers.backup$SUFFIX",
    'the lock'                       => "$OWN/lock",
    'the state'                      => "$OWN/state",
    'the state\'s temporary name'    => "$OWN/state$SUFFIX",
    'the configuration'              => "$OWN/xmail-spammers.conf",
    'the whitelist'                  => "$OWN/whitelist",
    'the balance'                    => "$OWN/cache/balance",
    'the balance\'s temporary name'  => "$OWN/cache/balance$SUFFIX",
    'a part of the cache'            => \&part_of,
    'a part\'s temporary name'       => sub { part_of($_[0]) . $SUFFIX },
    'the event log'                  => 'logs/spammers-log',
    'a log'                          => $World::GROWING,
    'XMail\'s white list'            => 'smtp.ipprop.tab',
);
my %DIRECTORIES = ('filters' => 'filters', 'our directory' => $OWN, 'the cache' => "$OWN/cache", 'logs' => 'logs');

# With another list or other logs the rebuild may come to something else.
sub accept_planted {
    my ($name) = @_;
    return \&accept_less if $name eq 'a log' || $name eq 'logs';
    return accept_of($World::OLD, @World::OUTSIDE, '') if $name eq 'the list';
    return accept_of($World::OLD);
}

sub plants {
    my @changes;
    for my $set ([\%FILES, \%FILE_KINDS], [\%DIRECTORIES, \%DIRECTORY_KINDS]) {
        my ($targets, $kinds) = @{$set};
        for my $name (sort keys %{$targets}) {
            for my $kind (sort keys %{$kinds}) {
                push @changes, change("$name: $kind", sub { plant($_[0], $targets->{$name}, $kinds->{$kind}) },
                    finish => \&take_out, accepts => accept_planted($name),
                    temporary => $name eq 'the list\'s temporary name',
                    backup => $name !~ /^the (?:list|backup)$/);
            }
        }
    }
    return @changes;
}

sub all { return (editors(), logs(), processes(), backups(), plants()) }

# Those that take long, for a few calls only.
sub slow {
    return change('an editor empties it and then writes', \&edit_slowly, finish => \&editor_ends,
        accepts => \&accept_edited, edits => 1, run => { FAULT_LATER => 0, FAULT_SLEEP => 1 });
}

1;
