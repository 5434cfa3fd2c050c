# SPDX-License-Identifier: MIT
#
# Directories of random log files, and what may befall a log file between two rebuilds: XMail, logrotate, administrators
# and backups.
package LogFiles;

use strict;
use warnings;
use Fcntl qw(SEEK_SET);
use FindBin;
use File::Basename qw(basename dirname);
use lib "$FindBin::RealBin/../simulation";
use Chance qw(one_of chance between weighted);
use MailRoot;
use Records;

my $WINDOW     = 4096;    # bytes of a fingerprint, at either end
my $VERY_MUCH  = 4_500_000;
my $FILES_MAX  = 20;
my $COPIES_MAX = 6;
my $DAY        = 86_400;

# What may happen, and how often.
my @DEEDS = (
    [30,  \&append],             [12, \&append_partial],      [14,  \&complete],
    [6,   \&begin],              [5,  \&rotate],              [4,   \&copy_and_truncate],
    [3,   \&delete_and_begin],   [4,  \&rename_one],          [5,   \&copy_aside],
    [5,   \&copy_back],          [4,  \&link_one],            [3,   \&unlink_one],
    [0.5, \&link_symbolically],  [5,  \&cut],                 [5,   \&cut_and_regrow],
    [12,  \&edit],               [4,  \&replace_by_equal],    [4,   \&replace_by_longer],
    [3,   \&edit_and_cut],
    [3,   \&insert],             [3,  \&go_away],             [4,   \&come_back],
    [3,   \&touch],              [2,  \&change_mode],         [5,   \&age],
    [0.3, \&append_long_line],   [0.3, \&append_much],         [0.1, \&append_very_much],
);

# LogFiles->new(records => Records, directories => [...], aside => DIR, now => sub, day => sub), after srand. now is the
# time to be pretended; day tells the day, YYYY-MM-DD, of so many days after today. aside is a directory that is no log
# directory.
sub new {
    my ($class, %given) = @_;
    my $self = bless { %given, rest => {}, copies => [], gone => [], links => 0 }, $class;
    $self->{times} = one_of(qw(true true true true real wild));
    $self->{end} = chance(15) ? "\r\n" : "\n";
    $self->{calm} = chance(50) ? 90 : 40;    # how often something happens to files that are being written, in per cent
    $self->{formats} = [Chance::some_of(between(2, 4), Records::formats())];
    push @{ $self->{formats} }, 'smtp' if !grep { $_ eq 'smtp' } @{ $self->{formats} };
    return $self;
}

# Makes the first ones: of today, and of days before.
sub fill {
    my ($self) = @_;
    for my $format (@{ $self->{formats} }) {
        my @days = chance(80) ? reverse 0 .. between(0, 3) : (0);
        for my $age (@days) {
            my $path = $self->new_path($format, $self->{day}->(-$age), $self->some_directory);
            my $count = chance(30) ? between(100, 220) : between(3, 50);
            my @records = map { $self->{records}->record($format, $self->some_day(-$age), $self->{end}) } 1 .. $count;
            MailRoot::write_file($path, join '', @records);
            my $written = $age == 0 ? $self->{now}->() : $self->{now}->() - $age * $DAY;
            utime $written, $written, $path if $self->{times} ne 'real';
        }
    }
    return;
}

# What happens from now on happens to one file, chosen now; or, if not, to any again.
sub focus {
    my ($self, $wanted) = @_;
    delete $self->{focus};
    $self->{focus} = $self->some_file if $wanted;
    return;
}

# Its content becomes another one, in one of the ways that are hardest to see.
sub change_content {
    my ($self) = @_;
    return $self->can(one_of(qw(cut_and_regrow replace_by_longer edit insert copy_and_truncate)))->($self) // 'Nothing';
}

# Something happens to some file. What, for the record.
sub befall {
    my ($self) = @_;
    $self->mend;
    my $said = weighted(@DEEDS)->[1]->($self);
    return defined $said ? "$said." : 'Nothing.';
}

# A link to nothing is an error until somebody removes it; too many files are slow.
sub mend {
    my ($self) = @_;
    for my $path ($self->entries) {
        unlink $path if -l $path && !-e $path && chance(60);
    }
    my @files = $self->files;
    unlink one_of(@files) if @files > $FILES_MAX;
    return;
}

# ---------------------------------------------------------------- which there are

sub entries {
    my ($self) = @_;
    my @found;
    for my $directory (@{ $self->{directories} }) {
        opendir my $listing, $directory or die "unable to list $directory: $!\n";
        push @found, map { "$directory/$_" } grep { !/^[.]/ && $_ ne 'spammers-log' } sort readdir $listing;
    }
    return @found;
}

# The regular files; links only as what they lead to.
sub files {
    my ($self) = @_;
    return grep { !-l $_ && -f _ } $self->entries;
}

# One of the files, rather one that is being written; if there is one in the focus, that one.
sub some_file {
    my ($self) = @_;
    return $self->{focus} if defined $self->{focus} && -f $self->{focus};
    my @files = $self->files;
    if (chance($self->{calm})) {
        my $today = $self->{day}->(0) =~ s/-//gr;
        my @present = grep { /$today|-log[.]0/ } @files;
        @files = @present if @present;
    }
    return one_of(@files);
}

sub file_that_has {
    my ($self, $bytes) = @_;
    my @files = grep { -s $_ >= $bytes } $self->files;
    return @files ? one_of(@files) : undef;
}

# Mostly the first one.
sub some_directory {
    my ($self) = @_;
    return chance(50) ? $self->{directories}[0] : one_of(@{ $self->{directories} });
}

# A name that nobody has yet.
sub new_path {
    my ($self, $format, $day, $directory) = @_;
    for my $number (0 .. 999) {
        my $path = "$directory/" . Records::file_name($format, $day, $number);
        return $path if !-e $path && !-l $path;
    }
    die "unable to find a new name in $directory\n";
}

# Another name for the file: one that fits, or one that doesn't fit everywhere.
sub other_path {
    my ($self, $path) = @_;
    my $directory = chance(70) ? dirname($path) : $self->some_directory;
    my $format = Records::format_of(basename($path));
    my $fits = $self->new_path($format, $self->{day}->(-between(0, 3)), $directory);
    my $other = $fits . one_of('.bak', '.1', '0');
    return chance(75) || -e $other || -l $other ? $fits : $other;
}

# ---------------------------------------------------------------- reading and writing

# The day of a record: mostly that of the file, which was begun so many days after today.
sub some_day {
    my ($self, $offset) = @_;
    return $self->{day}->(chance(70) ? $offset : chance(75) ? -between(0, 8) : one_of(1, -30, -between(9, 100)));
}

sub records {
    my ($self, $path, $count) = @_;
    my $format = Records::format_of(basename($path));
    my $end = chance(95) ? $self->{end} : one_of("\n", "\r\n");
    return join '', map { $self->{records}->record($format, $self->some_day(0), $end) } 1 .. $count;
}

sub named { my ($path) = @_; return join '/', (split m{/}, $path)[-2, -1] }

# When it was last written, as it may be put back.
sub written { my ($path) = @_; return (stat $path)[9] }

# Sets the time of last writing, after it was written: mostly the one that it is pretended to be.
sub stamp {
    my ($self, $path, $before) = @_;
    return if $self->{times} eq 'real' && chance(90);
    my $time = $self->{now}->();
    $time += between(-40, 3) * $DAY + between(-$DAY, $DAY) if $self->{times} eq 'wild' && chance(50);
    $time = one_of(0, -86_400, 4_294_967_296) if $self->{times} eq 'wild' && chance(5);
    $time = $before if defined $before && chance(10);
    utime $time, $time, $path if chance(95);
    return;
}

sub add {
    my ($self, $path, $bytes) = @_;
    my $before = written($path);
    MailRoot::append_file($path, $bytes);
    $self->stamp($path, $before);
    return;
}

# Writes in place, without making the file shorter.
sub overwrite {
    my ($path, $offset, $bytes) = @_;
    open my $file, '+<:raw', $path or die "unable to write $path: $!\n";
    seek $file, $offset, SEEK_SET;
    print {$file} $bytes;
    close $file or die "unable to write $path: $!\n";
    return;
}

# Gives the path another content: in place (the same inode), by a new file beside it, or after it was removed.
sub put {
    my ($path, $bytes) = @_;
    my $how = between(0, 2);
    if ($how == 1) {
        MailRoot::write_file("$path.new", $bytes);
        rename "$path.new", $path or die "unable to rename $path.new: $!\n";
        return 'by a new file';
    }
    unlink $path if $how == 2;
    MailRoot::write_file($path, $bytes);
    return $how == 0 ? 'in place' : 'anew';
}

# ---------------------------------------------------------------- growing

sub append {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $count = between(1, chance(20) ? 60 : 8);
    $self->add($path, $self->records($path, $count));
    return "$count records more in " . named($path);
}

# Of the last record a part is still missing: maybe only the LF behind a CR.
sub append_partial {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $bytes = $self->records($path, between(0, 2));
    my $record = $self->records($path, 1);
    $record =~ s/\r?\n\z/\r\n/ if chance(40);
    my $cut = chance(40) ? one_of(1, 2) : between(1, length $record);
    $cut = length $record if $cut > length $record;
    my $rest = substr $record, -$cut, $cut, '';
    $self->add($path, $bytes . $record);
    $self->{rest}{$path} = [-s $path, $rest];
    return "A record of which $cut bytes are missing, in " . named($path);
}

# What is missing comes, maybe byte by byte.
sub complete {
    my ($self) = @_;
    my $waiting = $self->{rest};
    for my $path (sort keys %{$waiting}) {
        delete $waiting->{$path} if !-f $path || -s _ != $waiting->{$path}[0];
    }
    return $self->append if !%{$waiting};
    my $path = one_of(sort keys %{$waiting});
    my $rest = $waiting->{$path}[1];
    my $count = chance(50) ? length $rest : chance(60) ? 1 : between(1, length $rest);
    $self->add($path, substr $rest, 0, $count, '');
    $waiting->{$path} = [-s $path, $rest];
    delete $waiting->{$path} if $rest eq '';
    return "$count bytes of a record in " . named($path) . ', ' . length($rest) . ' are missing still';
}

# A line that is longer than any record may be, maybe unfinished.
sub append_long_line {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $length = between(200_000, 600_000);
    my $end = MailRoot::read_file($path) =~ /[^\n]\z/ ? "\n" : one_of('', "\n");
    $self->add($path, ('x' x $length) . $self->{records}->token . $end);
    return "A line of $length bytes, " . ($end ? 'finished' : 'unfinished') . ', in ' . named($path);
}

sub append_much {
    my ($self) = @_;
    my $path = $self->some_file // return;
    $self->add($path, $self->records($path, 2500));
    return '2500 records more in ' . named($path);
}

# So much that several threads take a stretch of it.
sub append_very_much {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $bytes = $self->records($path, 50);
    $self->add($path, $bytes x (1 + $VERY_MUCH / length $bytes) . $self->records($path, 1));
    return 'Thousands of records more in ' . named($path);
}

sub begin {
    my ($self) = @_;
    my $format = one_of(@{ $self->{formats} });
    my $path = $self->new_path($format, $self->{day}->(chance(80) ? 0 : -between(1, 5)), $self->some_directory);
    MailRoot::write_file($path, chance(10) ? '' : $self->records($path, between(1, 30)));
    $self->stamp($path);
    return 'Begun: ' . named($path);
}

# ---------------------------------------------------------------- rotating, renaming, linking

sub rotate {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $other = $self->other_path($path);
    rename $path, $other or die "unable to rename $path: $!\n";
    MailRoot::write_file($path, $self->records($path, between(0, 12)));
    $self->stamp($path);
    return 'Rotated: ' . named($path) . ' to ' . named($other);
}

sub copy_and_truncate {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $other = $self->other_path($path);
    my $time = written($path);
    MailRoot::write_file($other, MailRoot::read_file($path));
    utime $time, $time, $other if chance(50);
    MailRoot::write_file($path, '');
    MailRoot::append_file($path, $self->records($path, between(0, 30))) if chance(60);
    $self->stamp($path, $time);
    return 'Copied and truncated: ' . named($path) . ' to ' . named($other);
}

sub delete_and_begin {
    my ($self) = @_;
    my $path = $self->some_file // return;
    unlink $path;
    MailRoot::write_file($path, $self->records($path, between(0, 40)));
    $self->stamp($path);
    return 'Deleted and begun anew: ' . named($path);
}

sub rename_one {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $other = $self->other_path($path);
    rename $path, $other or die "unable to rename $path: $!\n";
    return 'Renamed: ' . named($path) . ' to ' . named($other);
}

sub link_one {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $other = $self->other_path($path);
    link $path, $other or die "unable to link $path: $!\n";
    return 'Linked: ' . named($path) . ' to ' . named($other);
}

sub link_symbolically {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $other = $self->other_path($path);
    symlink $path, $other or die "unable to link $path: $!\n";
    return 'Linked symbolically: ' . named($path) . ' from ' . named($other);
}

sub unlink_one {
    my ($self) = @_;
    my $path = $self->some_file // return;
    unlink $path;
    return 'Removed: ' . named($path);
}

# It leaves the log directories, and may come back.
sub go_away {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $place = "$self->{aside}/gone-" . ++$self->{links};
    rename $path, $place or die "unable to rename $path: $!\n";
    push @{ $self->{gone} }, [$place, $path];
    return 'Moved away: ' . named($path);
}

sub come_back {
    my ($self) = @_;
    my $gone = pop @{ $self->{gone} } // return;
    my ($place, $path) = @{$gone};
    rename $place, $path or die "unable to rename $place: $!\n";
    return 'Back again: ' . named($path);
}

# ---------------------------------------------------------------- copies

sub copy_aside {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $copies = $self->{copies};
    push @{$copies}, [$path, MailRoot::read_file($path), written($path)];
    shift @{$copies} if @{$copies} > $COPIES_MAX;
    return 'Copied: ' . named($path);
}

# As it was when it was copied, maybe with the time that it had then, maybe grown since.
sub copy_back {
    my ($self) = @_;
    return $self->copy_aside if !@{ $self->{copies} };
    my ($path, $bytes, $time) = @{ one_of(@{ $self->{copies} }) };
    my $more = chance(30) ? $self->records($path, between(1, 30)) : '';
    my $how = put($path, $bytes . $more);
    if (chance(50)) { utime $time, $time, $path }
    else            { $self->stamp($path) }
    return 'Copied back, ' . length($more) . " bytes longer, $how: " . named($path);
}

# ---------------------------------------------------------------- cutting and editing

sub cut {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $length = one_of(0, -s $path, between(0, -s $path), between(0, -s $path));
    my $before = written($path);
    truncate $path, $length or die "unable to truncate $path: $!\n";
    $self->stamp($path, $before);
    return "Cut to $length bytes: " . named($path);
}

# Cut, and grown again beyond the length that it had, all between two rebuilds.
sub cut_and_regrow {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $before = written($path);
    my $old = -s $path;
    my $length = chance(20) ? 0 : $old - ($old < 20 ? $old : chance(50) ? between(1, 20) : between(1, $old));
    truncate $path, $length or die "unable to truncate $path: $!\n";
    my $more = '';
    $more .= $self->records($path, 3) while $length + length $more <= $old;
    MailRoot::append_file($path, $more);
    $self->stamp($path, $before);
    return "Cut from $old to $length bytes and grown to " . (-s $path) . ': ' . named($path);
}

# The same bytes but for something in one of the lines, of the same length; in large files rather where no fingerprint
# is taken.
sub altered {
    my ($bytes) = @_;
    return $bytes if $bytes eq '';
    my ($low, $high) = (0, length($bytes) - 1);
    ($low, $high) = ($WINDOW, $high - $WINDOW) if $high > 3 * $WINDOW && chance(70);
    my $begin = rindex($bytes, "\n", between($low, $high) - 1) + 1;
    my $end = index $bytes, "\n", $begin;
    $end = length $bytes if $end < 0;
    my $line = substr $bytes, $begin, $end - $begin;
    my @changes = (
        sub { $line =~ s/([.:])(\d)(?=")/$1 . ($2 + 1) % 10/e },
        sub { $line =~ s/=E/=X/ },
        sub { $line =~ s/LOGIN/LAGIN/ },
        sub { $line =~ s/"FAIL"/"FIAL"/ },
        sub { $line =~ s/(-|\/)(\d)(\d) /"$1$2" . ($3 + 1) % 10 . ' '/e },
        sub { $line =~ s/^./?/s },
    );
    one_of(@changes)->() || $changes[0]->() || $changes[-1]->();
    substr $bytes, $begin, $end - $begin, $line;
    return $bytes;
}

# An edit in place that changes no length.
sub edit {
    my ($self) = @_;
    my $large = !defined $self->{focus} && chance(50) ? $self->file_that_has(4 * $WINDOW) : undef;
    my $path = $large // $self->some_file // return;
    my $bytes = MailRoot::read_file($path);
    my $before = written($path);
    my $new = altered($bytes);
    overwrite($path, 0, $new);
    if (chance(40)) { utime $before, $before, $path }
    else            { $self->stamp($path, $before) }
    my $at = ($new ^ $bytes) =~ /^(\0*)/ ? length $1 : 0;
    return "Edited at byte $at of " . length($bytes) . ': ' . named($path);
}

# An edit, and the unfinished end of the file is shorter then: all that is finished has its length still.
sub edit_and_cut {
    my ($self) = @_;
    my @files = grep { MailRoot::read_file($_) =~ /[^\n]\z/ } $self->files;
    return $self->append_partial if !@files;
    my $path = one_of(@files);
    my $before = written($path);
    my $bytes = MailRoot::read_file($path);
    my $end = length($bytes) - 1 - rindex $bytes, "\n";
    overwrite($path, 0, substr(altered($bytes), 0, -$end) . substr $bytes, -$end);
    truncate $path, length($bytes) - between(1, $end) or die "unable to truncate $path: $!\n";
    $self->stamp($path, $before);
    return 'Edited, and cut in what is unfinished: ' . named($path);
}

# Another file of the same size and time of last writing.
sub replace_by_equal {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $bytes = MailRoot::read_file($path);
    my $before = written($path);
    my $how = put($path, altered($bytes));
    utime $before, $before, $path;
    return "Replaced by one of the same size and time $how: " . named($path);
}

sub replace_by_longer {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $before = written($path);
    my $old = MailRoot::read_file($path);
    my $new = $self->records($path, between(1, 3));
    $new .= substr $old, length $new if chance(60) && length $new < length $old;
    $new .= $self->records($path, 3) while length $new <= length $old;
    my $how = put($path, $new);
    $self->stamp($path, $before);
    return "Replaced by a longer one $how: " . named($path);
}

# Records come in between, or go.
sub insert {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $before = written($path);
    my @lines = split /(?<=\n)/, MailRoot::read_file($path);
    my $at = between(0, scalar @lines);
    my $remove = chance(40) ? between(0, 3) : 0;
    splice @lines, $at, $remove, $self->records($path, between(0, 3));
    my $how = put($path, join '', @lines);
    $self->stamp($path, $before);
    return "Lines in and out before line $at $how: " . named($path);
}

# ---------------------------------------------------------------- what changes no content

sub touch {
    my ($self) = @_;
    my $path = $self->some_file // return;
    utime undef, undef, $path;
    return 'Touched: ' . named($path);
}

sub change_mode {
    my ($self) = @_;
    my $path = $self->some_file // return;
    chmod one_of(0600, 0640, 0644, 0444 | 0200), $path;
    return 'Mode changed: ' . named($path);
}

# Last written some days ago.
sub age {
    my ($self) = @_;
    my $path = $self->some_file // return;
    my $time = $self->{now}->() - between(1, chance(20) ? 40 : 4) * $DAY - between(0, 20_000);
    utime $time, $time, $path;
    return 'Said to be written at ' . localtime($time) . ': ' . named($path);
}

1;
