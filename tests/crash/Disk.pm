# SPDX-License-Identifier: MIT
#
# What a crash of the machine may leave of a directory, by the calls that were made in it (record.c). It knows what
# POSIX promises, and no more: what was synced is there. Of what was not,
#
#     the bytes of a file may be there, or missing from any of the calls on, or cut short, or zeros in their place;
#     its owner and mode may be the old ones;
#     each making, linking, removing or renaming of a name may have happened or not, whatever became of those before and
#     after it in the same directory, and of the bytes; of a rename, the old name may still be there.
#
# Each of these is a factor, which has choices: the first is that nothing happened, the last that all did. A state is
# what comes out if every factor has one. Names in a directory that has no name itself are gone with it.
package Disk;

use strict;
use warnings;
use List::Util qw(uniq);

my $BLOCK = 4096;
my $WORD  = 4;

# Disk->new(directory => TOP) as TOP is now: all of it is synced. cuts => into how many parts bytes are cut (2);
# minor => a pattern of paths whose factors are marked so; these are cut into three times as many, and before the last
# word, which only a digest tells.
sub new {
    my ($class, %given) = @_;
    my $self = bless { cuts => 2, minor => qr/(?!)/, %given, objects => [], inodes => {}, latest => undef }, $class;
    $self->{top} = $self->load($self->{directory});
    return $self;
}

sub read_file {
    my ($path) = @_;
    open my $in, '<:raw', $path or die "unable to read $path: $!\n";
    local $/ = undef;
    return <$in> // '';
}

# The number of what stands there.
sub load {
    my ($self, $path) = @_;
    my @status = lstat $path or die "unable to find $path: $!\n";
    my %new = (attributes => [$status[2] & 07777, $status[4], $status[5]], pending => []);
    $new{minor} = scalar $path =~ $self->{minor};
    if    (-l _) { @new{qw(type bytes)} = ('link', readlink $path) }
    elsif (-f _) { @new{qw(type bytes)} = ('file', read_file($path)) }
    else {
        @new{qw(type names)} = ('directory', {});
        opendir my $in, $path or die "unable to read $path: $!\n";
        $new{names}{$_} = $self->load("$path/$_") for grep { !/^[.][.]?$/ } readdir $in;
    }
    return $self->add($status[1], %new);
}

sub add {
    my ($self, $inode, %new) = @_;
    $new{now} = { map { $_ => ref $new{$_} eq 'HASH' ? { %{ $new{$_} } } : $new{$_} } grep { exists $new{$_} }
          qw(bytes attributes names) };
    push @{ $self->{objects} }, \%new;
    return $self->{inodes}{$inode} = $#{ $self->{objects} };
}

# ---------------------------------------------------------------- the calls

# The directory's object and the name in it.
sub locate {
    my ($self, $path) = @_;
    $path =~ s{^\Q$self->{directory}\E/}{} or die "outside of the directory: $path\n";
    my @names = split m{/}, $path;
    my $last  = pop @names;
    my $at    = $self->{objects}[ $self->{top} ];
    for my $name (@names) {
        my $number = $at->{now}{names}{$name} // die "not recorded: $path\n";
        $at = $self->{objects}[$number];
    }
    return ($at, $last);
}

# Some names of a directory become others, at once: each is the number of an object, or undef. A name that may stay
# though it should go is named, too.
sub change_names {
    my ($self, $directory, $change, @may_stay) = @_;
    push @{ $directory->{pending} }, { names => $change, may_stay => \@may_stay };
    apply_names($directory->{now}{names}, $change);
    $self->{latest} = [ $directory, $#{ $directory->{pending} } ];
    return;
}

sub apply_names {
    my ($names, $change) = @_;
    for my $name (keys %{$change}) {
        if   (defined $change->{$name}) { $names->{$name} = $change->{$name} }
        else                            { delete $names->{$name} }
    }
    return;
}

my %CALLS = (
    create     => \&call_make,
    mkdir      => \&call_make,
    write      => \&call_change,
    truncate   => \&call_change,
    attributes => \&call_change,
    sync       => \&call_sync,
    rename     => \&call_name,
    link       => \&call_name,
    unlink     => \&call_name,
    rmdir      => \&call_name,
);

# Does what a line of the record says. Whether there can be new states now.
sub call {
    my ($self, $line) = @_;
    my ($name, @words) = split /\t/, $line;
    return ($CALLS{$name} // die "not known: $name\n")->($self, $name, @words);
}

sub call_make {
    my ($self, $name, $inode, $mode, $user, $group, $path) = @_;
    my ($directory, $last) = $self->locate($path);
    my @content = $name eq 'create' ? (type => 'file', bytes => '') : (type => 'directory', names => {});
    my $number = $self->add($inode, @content, attributes => [oct $mode, $user, $group], pending => [],
        minor => scalar $path =~ $self->{minor});
    $self->change_names($directory, { $last => $number });
    return 1;
}

sub call_change {
    my ($self, $name, $inode, @words) = @_;
    my $number = $self->{inodes}{$inode} // return 0;    # of a file that isn't in the directory
    my $object = $self->{objects}[$number];
    my $change =
        $name eq 'write' ? { at => $words[0], bytes => pack 'H*', $words[1] }
      : $name eq 'truncate' ? { length => $words[0] }
      :                       { attributes => [oct $words[0], @words[ 1, 2 ]] };
    if   ($change->{attributes}) { $object->{now}{attributes} = $change->{attributes} }
    else                         { $object->{now}{bytes}      = changed($object->{now}{bytes}, $change) }
    push @{ $object->{pending} }, $change;
    $self->{latest} = [ $object, $change->{attributes} ? 'attributes' : 'bytes' ];
    return 1;
}

sub call_sync {
    my ($self, undef, $inode) = @_;
    my $number = $self->{inodes}{$inode} // return 0;
    my $object = $self->{objects}[$number];
    for my $part (keys %{ $object->{now} }) {
        $object->{$part} = $part eq 'names' ? { %{ $object->{now}{names} } } : $object->{now}{$part};
    }
    $object->{pending} = [];
    return 0;
}

sub call_name {
    my ($self, $name, @paths) = @_;
    my ($directory, $from) = $self->locate($paths[0]);
    my $number = $directory->{now}{names}{$from};
    if ($name eq 'unlink' || $name eq 'rmdir') {
        $self->change_names($directory, { $from => undef });
        return 1;
    }
    my ($other, $to) = $self->locate($paths[1]);
    if ($name eq 'link') {
        $self->change_names($other, { $to => $number });
        return 1;
    }
    die "not expected: a rename from one directory to another\n" if $other != $directory;
    $self->change_names($directory, { $from => undef, $to => $number }, $from);
    return 1;
}

# ---------------------------------------------------------------- what may be left

# The bytes after a write or truncation.
sub changed {
    my ($bytes, $change) = @_;
    if (defined $change->{length}) {
        my $missing = $change->{length} - length $bytes;
        return $missing > 0 ? $bytes . "\0" x $missing : substr $bytes, 0, $change->{length};
    }
    my $missing = $change->{at} - length $bytes;
    $bytes .= "\0" x $missing if $missing > 0;
    my $end = $change->{at} + length $change->{bytes};
    return substr($bytes, 0, $change->{at}) . $change->{bytes} . ($end < length $bytes ? substr $bytes, $end : '');
}

# What a single write may come to: its first bytes; zeros for all, for its first or its last part.
sub pieces {
    my ($self, $object, $change) = @_;
    my ($at, $bytes) = @{$change}{qw(at bytes)};
    my $length = length $bytes;
    my $cuts   = $self->{cuts} * ($object->{minor} ? 3 : 1);
    my @places = map { int $length * $_ / $cuts } 1 .. $cuts - 1;
    for (my $block = $BLOCK - $at % $BLOCK; $block < $length; $block += $BLOCK) {
        push @places, $block;
    }
    push @places, 1, $length - 1 if $self->{cuts} > 2;
    push @places, $length - $WORD if $object->{minor};
    @places = uniq grep { $_ > 0 && $_ < $length } @places;
    my @pieces = map { substr $bytes, 0, $_ } @places;
    push @pieces, map { my $piece = $bytes; substr($piece, 0, $_) = "\0" x $_; $piece } @places;
    push @pieces, map { my $piece = $bytes; substr($piece, $_) = "\0" x ($length - $_); $piece } @places;
    return map { { at => $at, bytes => $_ } } @pieces, "\0" x $length;
}

# All that the bytes of a file may be.
sub contents {
    my ($self, $object) = @_;
    my @changes = grep { !$_->{attributes} } @{ $object->{pending} };
    my @found   = ($object->{bytes});
    for my $i (0 .. $#changes) {
        my $before = $object->{bytes};
        $before = changed($before, $_) for @changes[ 0 .. $i - 1 ];
        push @found, $before;
        next if !defined $changes[$i]{bytes};
        for my $piece ($self->pieces($object, $changes[$i])) {
            my $bytes = changed($before, $piece);
            push @found, $bytes;
            $bytes = changed($bytes, $_) for @changes[ $i + 1 .. $#changes ];
            push @found, $bytes;
        }
    }
    my $all = $object->{now}{bytes};
    return ((grep { $_ ne $all } uniq @found), $all);
}

# The factors: what they are of, their choices, and the objects that they are about. The newest is the first.
sub factors {
    my ($self) = @_;
    my @factors;
    for my $number (0 .. $#{ $self->{objects} }) {
        my $object = $self->{objects}[$number];
        next if !@{ $object->{pending} };
        push @factors, map { $self->name_factor($object, $number, $_) }
          grep { $object->{pending}[$_]{names} } 0 .. $#{ $object->{pending} };
        my @contents = $object->{type} eq 'file' ? $self->contents($object) : ();
        push @factors, { object => $object, number => $number, part => 'bytes', choices => \@contents }
          if @contents > 1;
        push @factors, {
            object  => $object,
            number  => $number,
            part    => 'attributes',
            choices => [ @{$object}{'attributes'}, $object->{now}{attributes} ]
          }
          if "@{$object->{attributes}}" ne "@{$object->{now}{attributes}}";
    }
    my ($latest, $part) = @{ $self->{latest} // [0, 0] };
    for my $factor (@factors) {
        $factor->{minor} = $factor->{object}{minor};
        $factor->{about} =
          ref $factor->{choices}[-1] eq 'HASH' ? [ grep { defined } values %{ $factor->{choices}[-1] } ]
          : [ $factor->{number} ];
    }
    return sort { is_it($b, $latest, $part) <=> is_it($a, $latest, $part) } @factors;
}

sub is_it {
    my ($factor, $object, $part) = @_;
    return $factor->{object} == $object && $factor->{part} eq $part ? 1 : 0;
}

sub name_factor {
    my ($self, $object, $number, $index) = @_;
    my $pending = $object->{pending}[$index];
    my @choices = ({});
    for my $name (@{ $pending->{may_stay} }) {
        my %stays = %{ $pending->{names} };
        delete $stays{$name};
        push @choices, \%stays;
    }
    return {
        object  => $object,
        number  => $number,
        part    => $index,
        choices => [ @choices, $pending->{names} ]
    };
}

# The state with these choices, one for each factor: what has which path below the directory, as [type, bytes, mode,
# user, group, number].
sub state {
    my ($self, $factors, $choices) = @_;
    my (%parts, %found);
    for my $i (0 .. $#{$factors}) {
        my $factor = $factors->[$i];
        $parts{ $factor->{number} }{ $factor->{part} } = $factor->{choices}[ $choices->[$i] ];
    }
    $self->walk($self->{top}, '', \%parts, \%found);
    delete $found{''};
    return \%found;
}

sub walk {
    my ($self, $number, $path, $parts, $found) = @_;
    my $object = $self->{objects}[$number];
    my $part   = $parts->{$number} // {};
    my $bytes  = $part->{bytes} // $object->{bytes};
    $found->{$path} = [ $object->{type}, $bytes // '', @{ $part->{attributes} // $object->{attributes} }, $number ];
    return if $object->{type} ne 'directory';
    my %names = %{ $object->{names} };
    apply_names(\%names, $part->{$_}) for sort { $a <=> $b } grep { /^[0-9]+$/ } keys %{$part};
    $self->walk($names{$_}, $path eq '' ? $_ : "$path/$_", $parts, $found) for keys %names;
    return;
}

# The state in which all was done.
sub present {
    my ($self) = @_;
    my @factors = $self->factors;
    return $self->state(\@factors, [ map { $#{ $_->{choices} } } @factors ]);
}

1;
