#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The state file in every bad condition: whatever it holds, the filter ends well; a damaged one counts as "never ran",
# with one warning; and where it can't be written nothing is rebuilt, or each call would.
#
#     state.pl PROGRAM DIRECTORY short|long

use strict;
use warnings;
use File::Path ();
use FindBin;
use POSIX ();
use lib $FindBin::RealBin;
use MailRoot;
use Tally;

die "usage: state.pl PROGRAM DIRECTORY short|long\n" if @ARGV != 3;
my ($PROGRAM, $DIRECTORY, $FORM) = @ARGV;

my $NOBODY = 65_534;
my $LIST   = MailRoot::entry('203.0.113.1');
my ($NOW, $SOON, $SOONER, $LATER) = map { "2026-11-21T$_" } qw(12:00 12:20 12:21 13:25);

$ENV{TZ} = 'UTC';
my $tally = Tally->new('state');
my $world = make_world("$DIRECTORY/state");
$world->settle;
my $good = good_state();

if (defined $good) {
    each_byte();
    each_length();
    other_contents();
    other_kinds();
}
other_directories();
as_another_user();
unreadable();
on_other_file_systems();
exit $tally->finish;

sub make_world {
    my ($directory) = @_;
    my $made = MailRoot->new(program => $PROGRAM, directory => $directory, settings => { interval => 60 });
    $made->write_log('smtp-202611200000', time, MailRoot::smtp_record('192.0.2.1', '2026-11-20', 'RCPT=OK'));
    $made->set_list($LIST);
    return $made;
}

# The bytes that a rebuild leaves, by which the next one isn't due.
sub good_state {
    my @wrong = ($world->filter($NOW), $world->filter($SOON));
    push @wrong, 'rebuilds: ' . $world->rebuilds if $world->rebuilds != 1;
    my $bytes = MailRoot::read_file($world->{state});
    push @wrong, 'no state was written' if !defined $bytes;
    $tally->check('a state is written, and believed', @wrong);
    return $bytes;
}

# ---------------------------------------------------------------- damages

# Puts the state in place by the sub and calls the filter: it must rebuild as if it had never run, with one warning. The
# state is good then, and there is nothing more to do.
sub counts_as_never_ran {
    my ($place) = @_;
    File::Path::remove_tree($world->{state});
    unlink $world->{log};
    $place->();
    my @wrong = $world->filter($SOON);
    push @wrong, $world->rebuilds . ' rebuilds instead of 1' if $world->rebuilds != 1;
    push @wrong, $world->events('WARNING') . ' warnings instead of 1' if $world->events('WARNING') != 1;
    push @wrong, map { "logged: @{$_}" } $world->events('ERROR');
    push @wrong, map { "the next call: $_" } $world->filter($SOONER);
    push @wrong, 'the next call rebuilt again' if $world->rebuilds > 1;
    push @wrong, 'the next call warned again' if $world->events('WARNING') > 1;
    push @wrong, 'the list was changed' if (MailRoot::read_file($world->{list}) // '') ne $LIST;
    return (@wrong, $world->leftovers);
}

sub damaged {
    my ($what, $bytes) = @_;
    $tally->check($what, counts_as_never_ran(sub { MailRoot::write_file($world->{state}, $bytes) }));
    return;
}

sub each_byte {
    my @changes = (sub { chr(ord($_[0]) ^ 1) }, sub { "\0" }, sub { "\xff" }, sub { "\n" });
    @changes = @changes[0, 1] if $FORM ne 'long';
    for my $at (0 .. length($good) - 1) {
        next if $FORM ne 'long' && $at % 3;
        for my $i (0 .. $#changes) {
            my $bytes = $good;
            substr $bytes, $at, 1, $changes[$i]->(substr $good, $at, 1);
            damaged("byte $at damaged, way $i", $bytes) if $bytes ne $good;
        }
    }
    return;
}

sub each_length {
    for my $length (0 .. length($good) - 1) {
        damaged("cut to $length bytes", substr $good, 0, $length) if $FORM eq 'long' || $length % 4 == 0;
    }
    return;
}

sub other_contents {
    damaged('of another version',  $good =~ s/^(\D*)\d+/${1}999/r);
    damaged('with a line more',    "${good}more\n");
    damaged('with a byte more',    "$good\0");
    damaged('twice',               $good x 2);
    damaged('with CRLF',           $good =~ s/\n/\r\n/gr);
    damaged('a megabyte of zeros', "\0" x 1_048_576);
    damaged('a megabyte of lines', 'x' x 1_048_576 =~ s/x{64}/x\n/gr);
    damaged('a long single line',  '9' x 100_000);
    $tally->check('missing', counts_as_never_ran(sub { }));
    return;
}

sub other_kinds {
    my $elsewhere = "$world->{directory}/elsewhere";
    MailRoot::write_file($elsewhere, $good);
    $tally->check('a symbolic link', counts_as_never_ran(sub { symlink $elsewhere, $world->{state} }));
    $tally->check('what the link led to is as it was',
        (MailRoot::read_file($elsewhere) // '') eq $good ? () : 'it was changed');
    $tally->check('a link that leads nowhere', counts_as_never_ran(sub { symlink '/nowhere/at/all', $world->{state} }));
    $tally->check('a FIFO', counts_as_never_ran(sub { POSIX::mkfifo($world->{state}, 0600) }));
    return;
}

# ---------------------------------------------------------------- a state that can't be written

# What was wrong with calls at these times.
sub calls {
    my ($there, $options, @times) = @_;
    return map { my $time = $_; map { "at $time: $_" } $there->filter($time, %{$options}) } @times;
}

# Makes a MailRoot in which a rebuild is due, hinders it from being recorded, and frees it at last. prepare => a sub
# that is called before; the other options are those of the calls.
sub cannot_be_recorded {
    my ($name, $what, $hinder, $free, %options) = @_;
    my $there = make_world("$DIRECTORY/state-$name");
    $options{prepare}->($there) if $options{prepare};
    $hinder->($there);
    my @wrong = calls($there, \%options, $NOW, $SOON, $SOONER);
    push @wrong, $there->events('ERROR') . ' errors instead of 1 in an interval' if $there->events('ERROR') != 1;
    push @wrong, calls($there, \%options, $LATER);
    push @wrong, $there->events('ERROR') . ' errors after an interval' if $there->events('ERROR') > 2;
    push @wrong, $there->rebuilds . ' rebuilds' if $there->rebuilds;
    push @wrong, 'the list was changed' if (MailRoot::read_file($there->{list}) // '') ne $LIST;
    $free->($there);
    push @wrong, map { "once it can be written, $_" } calls($there, \%options, $LATER);
    push @wrong, $there->rebuilds . ' rebuilds once it can be written' if $there->rebuilds != 1;
    $tally->check($what, @wrong);
    return;
}

sub other_directories {
    cannot_be_recorded('place', 'a directory in its place', sub { mkdir $_[0]{state} }, sub { rmdir $_[0]{state} });
    my $temporary = sub { "$_[0]{state}.xmail-spammers.tmp" };
    cannot_be_recorded(
        'temporary',
        'a directory in the place of the temporary file',
        sub { my $path = &$temporary; mkdir $path; MailRoot::write_file("$path/x", '') },
        sub { File::Path::remove_tree(&$temporary) }
    );
    return;
}

# The filter runs as a user who may write the logs and the list, but not in the filter's own directory.
sub as_another_user {
    if ($> != 0) {
        cannot_be_recorded('user', 'a directory without the permission to write',
            sub { chmod 0555, $_[0]{own} }, sub { chmod 0755, $_[0]{own} });
        return;
    }
    cannot_be_recorded(
        'user',
        'the directory is somebody else\'s',
        sub { chown 0, 0, $_[0]{own} },
        sub { chown $NOBODY, $NOBODY, $_[0]{own} },
        prepare => \&give_away,
        before  => \&become_nobody
    );
    return;
}

# Root can read everything, and so must be somebody else.
sub unreadable {
    my $there   = make_world("$DIRECTORY/state-unreadable");
    my %options = $> == 0 ? (before => \&become_nobody) : ();
    give_away($there) if $> == 0;
    my @wrong = calls($there, \%options, $NOW);
    chmod 0, $there->{state};
    chown 0, 0, $there->{state};
    push @wrong, calls($there, \%options, $SOON, $SOONER);
    push @wrong, $there->rebuilds . ' rebuilds instead of 2' if $there->rebuilds != 2;
    push @wrong, 'no warning about it' if !grep { $_->[3] =~ /^unable to read the state/ } $there->events('WARNING');
    $tally->check('unreadable', @wrong, map { "logged: @{$_}" } $there->events('ERROR'));
    return;
}

sub give_away {
    my ($given) = @_;
    system 'chown', '-R', "$NOBODY:$NOBODY", $given->{directory};
    return;
}

sub become_nobody {
    $) = "$NOBODY $NOBODY";
    $( = $NOBODY;
    POSIX::setuid($NOBODY);
    return;
}

# A tmpfs over the filter's directory, read-only or full.
sub on_other_file_systems {
    my $probe = "$DIRECTORY/probe";
    mkdir $probe;
    if ($> != 0 || system "mount -t tmpfs tmpfs $probe 2>/dev/null && umount $probe") {
        $tally->skip('a read-only and a full file system', 'only root can mount, and not everywhere');
        return;
    }
    cannot_be_recorded('read-only', 'a read-only file system',
        sub { mount_over($_[0], 'size=1m'); system 'mount', '-o', 'remount,ro', $_[0]{own} },
        sub { system 'mount', '-o', 'remount,rw', $_[0]{own} });
    cannot_be_recorded('full', 'a full file system',
        sub { mount_over($_[0], 'size=64k'); fill("$_[0]{own}/rest") },
        sub { unlink "$_[0]{own}/rest" });
    system 'umount', "$DIRECTORY/$_/MailRoot/filters/xmail-spammers" for qw(state-read-only state-full);
    return;
}

# A file system of its own where the filter's files are, with the configuration in it.
sub mount_over {
    my ($given, $size) = @_;
    my $configuration = MailRoot::read_file($given->{conf});
    system 'mount', '-t', 'tmpfs', '-o', $size, 'tmpfs', $given->{own};
    MailRoot::write_file($given->{conf}, $configuration);
    MailRoot::write_file($given->{lock}, '');
    return;
}

# A file that takes what room there is.
sub fill {
    my ($path) = @_;
    open my $out, '>:raw', $path or die "unable to write $path: $!\n";
    1 while syswrite $out, 'x' x 4096;
    close $out;
    return;
}
