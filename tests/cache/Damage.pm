# SPDX-License-Identifier: MIT
#
# What may befall the cache: disks, crashes, backups, and people.
package Damage;

use strict;
use warnings;
use File::Path ();
use POSIX ();
use FindBin;
use lib "$FindBin::RealBin/../simulation";
use Chance qw(one_of chance between some_of weighted);
use MailRoot;

# What may happen, and how often.
my @DEEDS = (
    [6, \&flip],        [4, \&cut],         [2, \&empty],       [3, \&lengthen],   [2, \&garbage],
    [6, \&swap],        [4, \&copy_over],   [3, \&obstruct],    [3, \&lose],       [2, \&lose_balance],
    [4, \&lose_all],    [8, \&set_aside],   [10, \&put_back],   [2, \&close_off],  [2, \&replace_directory],
    [4, \&foreign],
);

# Damage->new(directory => the cache, aside => DIR for copies of it, others => sub that returns parts of other caches)
sub new {
    my ($class, %given) = @_;
    return bless {%given}, $class;
}

# Something happens to the cache. What, for the record.
sub befall {
    my ($self) = @_;
    chmod 0700, $self->{directory} if !-l $self->{directory};
    my $said = weighted(@DEEDS)->[1]->($self);
    return 'Cache: ' . ($said // 'nothing') . '.';
}

# Takes away what can't be a cache, and what stands in the place of its parts.
sub mend {
    my ($self) = @_;
    my $directory = $self->{directory};
    unlink $directory if -l $directory || -e $directory && !-d _;
    return if !-d $directory;
    chmod 0700, $directory;
    File::Path::remove_tree(grep { -l $_ || !-f _ } $self->entries);
    return;
}

sub entries {
    my ($self) = @_;
    opendir my $listing, $self->{directory} or return;
    return map { "$self->{directory}/$_" } grep { !/^[.][.]?$/ } sort readdir $listing;
}

sub parts {
    my ($self) = @_;
    return grep { !-l $_ && -f _ } $self->entries;
}

sub some_part {
    my ($self) = @_;
    my @parts = $self->parts;
    return if !@parts;
    my @balance = grep { m{/balance$} } @parts;
    return @balance && chance(25) ? $balance[0] : one_of(@parts);
}

sub named { my ($path) = @_; return $path =~ s{.*/}{}r }

# ---------------------------------------------------------------- one part

sub flip {
    my ($self) = @_;
    my $path = $self->some_part // return;
    my $bytes = MailRoot::read_file($path);
    return if $bytes eq '';
    my $at = chance(40) ? rand(length($bytes) < 200 ? length $bytes : 200) : rand length $bytes;
    substr($bytes, $at, 1) = chr(ord(substr $bytes, $at, 1) ^ 1 << rand 8);
    MailRoot::write_file($path, $bytes);
    return sprintf 'byte %d of %s flipped', $at, named($path);
}

sub cut {
    my ($self) = @_;
    my $path = $self->some_part // return;
    my $length = int rand(-s $path || 1);
    truncate $path, $length;
    return "cut to $length bytes: " . named($path);
}

sub empty {
    my ($self) = @_;
    my $path = $self->some_part // return;
    truncate $path, 0;
    return 'emptied: ' . named($path);
}

sub lengthen {
    my ($self) = @_;
    my $path = $self->some_part // return;
    if (chance(30)) { truncate $path, between(1, 3_000_000) }
    else            { MailRoot::append_file($path, one_of("\0", "\0" x 8, 'garbage', MailRoot::read_file($path))) }
    return 'lengthened: ' . named($path);
}

sub garbage {
    my ($self) = @_;
    my $path = $self->some_part // return;
    MailRoot::write_file($path, join '', map { chr rand 256 } 1 .. between(1, 600));
    return 'garbage in ' . named($path);
}

sub swap {
    my ($self) = @_;
    my ($one, $other) = some_of(2, $self->parts);
    return if !$other;
    rename $one, "$one-swapped";
    rename $other, $one;
    rename "$one-swapped", $other;
    return 'swapped: ' . named($one) . ' and ' . named($other);
}

sub copy_over {
    my ($self) = @_;
    my ($one, $other) = some_of(2, $self->parts);
    return if !$other;
    MailRoot::write_file($other, MailRoot::read_file($one));
    return 'copied: ' . named($one) . ' over ' . named($other);
}

# Something that is no file in a part's place.
sub obstruct {
    my ($self) = @_;
    my $path = $self->some_part // return;
    my $what = one_of('a directory', 'a FIFO', 'a link to nothing', 'a link to itself', 'a link to /dev/zero',
        'a link to what it was', 'a full directory');
    rename $path, "$self->{aside}/obstructed";
    if ($what =~ /directory/) { mkdir $path }
    if ($what =~ /full/)      { MailRoot::write_file("$path/something", 'x') }
    if ($what =~ /FIFO/)      { POSIX::mkfifo($path, 0600) }
    if ($what =~ /link to (.*)/) {
        my %target = (itself => $path, nothing => "$path-none", 'what it was' => "$self->{aside}/obstructed");
        symlink $target{$1} // $1, $path;
    }
    return "$what in the place of " . named($path);
}

sub lose {
    my ($self) = @_;
    my $path = $self->some_part // return;
    unlink $path;
    return 'lost: ' . named($path);
}

sub lose_balance {
    my ($self) = @_;
    return unlink("$self->{directory}/balance") ? 'the balance lost' : undef;
}

# A part that another MailRoot had, or this one of another history, by its own name or by that of one that is there.
sub foreign {
    my ($self) = @_;
    my ($name, $bytes) = $self->{others}->() or return;
    my $path = chance(50) ? $self->some_part : undef;
    return if !-d $self->{directory};
    $path //= "$self->{directory}/$name";
    return if -e $path && !-f _ || -l $path;
    MailRoot::write_file($path, $bytes);
    return "$name of another MailRoot put into the place of " . named($path);
}

# ---------------------------------------------------------------- all of it

sub lose_all {
    my ($self) = @_;
    File::Path::remove_tree($self->{directory});
    return 'all lost';
}

# A backup of all, and all as it was once: with the times that it had, or new ones.
sub set_aside {
    my ($self) = @_;
    $self->{copy} = { map { named($_) => MailRoot::read_file($_) } $self->parts };
    return 'copied aside';
}

sub put_back {
    my ($self) = @_;
    return $self->set_aside if !$self->{copy};
    File::Path::remove_tree($self->{directory}) if chance(60);
    mkdir $self->{directory}, 0700;
    return if !-d $self->{directory};
    my @names = sort keys %{ $self->{copy} };
    @names = some_of(between(1, scalar @names), @names) if @names && chance(40);
    for my $name (@names) {
        my $path = "$self->{directory}/$name";
        next if -l $path || -e $path && !-f _;
        MailRoot::write_file($path, $self->{copy}{$name});
    }
    return "as it was once: @names";
}

# Who isn't root can't write there.
sub close_off {
    my ($self) = @_;
    chmod one_of(0500, 0300, 0000), $self->{directory} or return;
    return 'closed';
}

sub replace_directory {
    my ($self) = @_;
    my $what = one_of('a file', 'a link to nothing', 'a link to a directory', 'a FIFO');
    my $path = $self->{directory};
    File::Path::remove_tree($path);
    if ($what eq 'a file')                { MailRoot::write_file($path, 'x') }
    if ($what eq 'a link to nothing')     { symlink "$self->{aside}/none", $path }
    if ($what eq 'a link to a directory') {
        mkdir "$self->{aside}/elsewhere";
        symlink "$self->{aside}/elsewhere", $path;
    }
    if ($what eq 'a FIFO')                { POSIX::mkfifo($path, 0600) }
    return "$what in its place";
}

1;
