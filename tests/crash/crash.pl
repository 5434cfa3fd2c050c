#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# A crash of the machine at any moment of a rebuild, of the filter's, of allow and block, of install and uninstall.
#
#     crash.pl PROGRAM RECORD.SO FAULTS.SO DIRECTORY short|long [SCENARIO...]
#
# For each scenario a run is recorded (record.c). After each of its calls the machine may crash: all states that this
# may leave (Disk.pm) are made up, those with the newest call's outcome alone, with that of any two others, and many by
# chance. In each of them the list must be there, the old or the new one and whole, and so must the backups, the state,
# the whitelist and XMail's filter table; what was done before something else must not be missing where that is there; and when the
# program has said that it is done, all that it has done must be in all of them. In each that differs from the others
# (or, where these are too many, in some of them by chance) the program is then run as after the next boot, and must
# put all right and leave nothing behind.

use strict;
use warnings;
use Digest::MD5 qw(md5);
use FindBin;
use List::Util qw(shuffle);
use POSIX ();
use lib $FindBin::RealBin, map { "$FindBin::RealBin/../$_" } qw(shared simulation);
use Disk;
use MailRoot;
use Workers;

die "usage: crash.pl PROGRAM RECORD.SO FAULTS.SO DIRECTORY short|long [SCENARIO...]\n" if @ARGV < 5;
my ($PROGRAM, $RECORD, $FAULTS, $DIRECTORY, $FORM, @ONLY) = @ARGV;
my $LONG = $FORM eq 'long';

my $SEED        = $ENV{CRASH_SEED} // 1;
my $CHANCES     = $LONG ? 200 : 20;               # states by chance after each call
my $RUNS        = $LONG ? 60 : 1;                # next boots after each call, beside those that are preferred
my $CUTS        = $LONG ? 3 : 2;                  # parts of bytes: 8 would be eight times as many states, hours of them
my $SHOWN       = 10;                             # failures of one scenario that are told
my $NOW         = '2026-11-21T12:00:00';
my $NOW_SECONDS = 1795262400;
my $WITHIN      = '2026-11-21T12:10:00';          # the interval that began then
my $LATER       = '2026-11-21T14:00:00';          # when it has passed
my $STATE       = 'filters/xmail-spammers/state';
my $TABLE       = 'filters.post-rcpt.tab';
my $WHITELIST   = 'filters/xmail-spammers/whitelist';
my $USER        = $> == 0 ? 1234 : $>;            # owner of the MailRoot: root can give it away
my $GROUP       = $> == 0 ? 1234 : (split / /, $))[0];
my $DAY         = 86400;

# In the event log, what a rebuild tells of the accesses: by it one sees that the cache was right, or not used.
my $READ = qr/records=\d+ malformed=\d+ limited=\d+ hosts=\d+/;

# ---------------------------------------------------------------- the MailRoots

my %OLD_BACKUPS = (
    'spammers.20261114235959.tab' => "older than the range\n",
    'spammers.20261116000000.tab' => "the fourth from the newest\n",
    'spammers.20261120010203.tab' => "of yesterday\n",
    'spammers.20261121120000.tab' => "of this very second\n",
);

# The list with so many permanent entries, as it is and as it should be. One entry goes, one stays, two come.
sub lists {
    my ($count) = @_;
    my @permanent =
      map { sprintf qq{"10.%d.%d.0"\t"255.255.255.0"\t"code=1,permanent=1"\n}, $_ / 250, $_ % 250 } 1 .. $count;
    my $stays = join '', "# by hand\n", @permanent, MailRoot::entry('203.0.113.6');
    return (old => MailRoot::entry('203.0.113.5') . $stays, new => $stays . added());
}

# Replaced, the list keeps what is permanent only: of 203.0.113.6 there are too few accesses.
sub replaced {
    my %lists = lists(1);
    my $gone  = MailRoot::entry('203.0.113.6');
    return (old => $lists{old}, new => $lists{new} =~ s/^\Q$gone\E//mr);
}

sub added {
    return join '', map { MailRoot::entry($_) } '198.51.100.23', '198.51.100.24';
}

# A list that stays.
sub settled {
    my %lists = lists(1);
    return (old => $lists{new}, new => $lists{new});
}

# An entry in the middle of the list is taken out of it, and is put back at its end.
my $PARTNERS = "# partners\n192.0.2.78\n";
my $ALLOWED  = '203.0.113.5';

sub allowed {
    my ($undo) = @_;
    my $entry     = MailRoot::entry($ALLOWED);
    my %lists     = lists(1);
    my $without   = $lists{old} =~ s/^\Q$entry\E//r;
    my $whitelist = "$PARTNERS# taken out of spammers.tab by allow $ALLOWED: $entry$ALLOWED by hand\n";
    return (command => 'allow', arguments => [ $ALLOWED, 'by hand' ], old => $lists{old}, new => $without,
        old_whitelist => $PARTNERS, new_whitelist => $whitelist) if !$undo;
    return (command => 'allow', arguments => [ '--undo', $ALLOWED ], old => $without, new => $without . $entry,
        old_whitelist => $whitelist, new_whitelist => $PARTNERS, undo => 1);
}

sub blocked {
    my ($old) = @_;
    my $new = qq{# block $ALLOWED: by hand\n"$ALLOWED"\t"255.255.255.255"\t"code=1,permanent=1"\n};
    return (command => 'block', arguments => [ $ALLOWED, 'by hand' ], old => $old, new => $old . $new);
}

my @FIRST_RUN = (backups => {}, old => undef, new => added());
my $REST      = qq{# filters\n"/bin/true"\n};

# By name: the command; what the list is before and after; and what else differs. `known`: the cache has been made when
# the logs were shorter.
my %SCENARIOS = (
    first          => { command => 'rebuild', @FIRST_RUN },
    'first-bare'   => { command => 'rebuild', @FIRST_RUN, elsewhere => 1 },
    small          => { command => 'rebuild', lists(1) },
    large          => { command => 'rebuild', lists(300) },
    replace        => { command => 'rebuild', replaced(), more => 'save_mode = "replace"; ' },
    threads        => { command => 'rebuild', lists(1), more => 'threads = 3; ' },
    'large-symlink' => { command => 'rebuild', lists(300), link => 'elsewhere/list.tab' },
    symlink        => { command => 'rebuild', lists(1), link => 'elsewhere/list.tab' },
    known          => { command => 'rebuild', lists(1), known => 1 },
    filter         => { command => 'filter', lists(1), attempt => $NOW_SECONDS - 7200 },
    'filter-first' => { command => 'filter', @FIRST_RUN },
    'filter-known' => { command => 'filter', lists(1), known => 1, attempt => $NOW_SECONDS - 7200 },
    install        => { command => 'install', settled(), table => $REST, registered => 1 },
    'install-bare' => { command => 'install', backups => {}, old => undef, new => '', registered => 1 },
    allow          => { allowed(0) },
    'allow-undo'   => { allowed(1) },
    block          => { blocked("# by hand\n" . MailRoot::entry('203.0.113.6')) },
    uninstall      => { command => 'uninstall', settled(), registered => 0, table => $REST, was_registered => 1 },
);
my @ALL = qw(filter filter-first large small symlink first first-bare filter-known known allow allow-undo block
  install install-bare uninstall);
push @ALL, qw(replace threads large-symlink) if $LONG;

# Begins a scenario: its MailRoot below the directory.
sub begin {
    my ($name, $directory) = @_;
    my $scenario = $SCENARIOS{$name} or die "crash.pl: no such scenario: $name\n";
    my $world    = {
        backups => {%OLD_BACKUPS},
        %{$scenario},
        name   => $name,
        random => crc($name) + $SEED
    };
    mkdir $directory or die "unable to make $directory: $!\n";
    my $room = $world->{room} = MailRoot->new(
        program   => "$directory/xmail-spammers",
        directory => $directory,
        settings  => { more => settings() . ($world->{more} // 'threads = 1;') }
    );
    put_program($world, $directory);
    write_logs($world);
    elsewhere($world) if $world->{elsewhere};
    put_files($world);
    put_table($world);
    own_all($room->{root});
    settle_state($world) if $world->{attempt};
    make_cache($world)   if $world->{known};
    return $world;
}

sub crc {
    my ($text) = @_;
    return unpack '%32C*', $text;
}

sub settings {
    return <<'CONF';
search_days = 7;
register_count = 5;
remove_count = 0;
max_backups = 3;
CONF
}

# As installed, for install and uninstall; beside the MailRoot for the others, whose states are written anew each time.
sub put_program {
    my ($world, $directory) = @_;
    my $room = $world->{room};
    my $place = $world->{command} =~ /install/ ? $room->{own} : $directory;
    system('cp', $PROGRAM, "$PROGRAM-engine", $place) == 0 or die "unable to copy $PROGRAM\n";
    $room->{program} = "$place/xmail-spammers";
    return;
}

# The configuration where no directory of ours is.
sub elsewhere {
    my ($world) = @_;
    my $room = $world->{room};
    rename $room->{conf}, "$room->{directory}/conf" or die "unable to rename $room->{conf}: $!\n";
    $room->{conf} = "$room->{directory}/conf";
    rmdir $_ or die "unable to remove $_: $!\n" for $room->{own}, "$room->{root}/filters";
    return;
}

# Of each host that is to be added some accesses are in the part of a log that a cache knows, some behind it.
sub write_logs {
    my ($world) = @_;
    my $room = $world->{room};
    $room->write_log('smtp-202611190000', $NOW_SECONDS - 2 * $DAY,
        (MailRoot::smtp_record('198.51.100.23', '2026-11-19', 'RCPT=ERELAY', '')) x 3);
    $room->write_log('smtp-202611200000', $NOW_SECONDS - $DAY,
        (MailRoot::smtp_record('198.51.100.23', '2026-11-20', 'RCPT=ERELAY', '')) x 2,
        MailRoot::smtp_record('203.0.113.6', '2026-11-20', 'SNDRIP=EIPSPAM', ''));
    $room->write_log('pop3-202611210000', $NOW_SECONDS - 600,
        (MailRoot::pop3_record('198.51.100.24', '2026-11-21', 'ELOGIN')) x 3);
    grow_log($world) if !$world->{known};
    return;
}

sub grow_log {
    my ($world) = @_;
    $world->{room}->write_log('pop3-202611210000', $NOW_SECONDS - 60,
        (MailRoot::pop3_record('198.51.100.24', '2026-11-21', 'ELOGIN')) x 2);
    return;
}

sub put_files {
    my ($world) = @_;
    my $root = $world->{room}{root};
    $world->{place} = 'spammers.tab';
    MailRoot::write_file("$root/$_", $world->{backups}{$_}) for keys %{ $world->{backups} };
    if ($world->{link}) {
        mkdir "$root/elsewhere" or die "unable to make $root/elsewhere: $!\n";
        symlink $world->{link}, "$root/spammers.tab" or die "unable to link $root/spammers.tab: $!\n";
        $world->{place} = $world->{link};
    }
    if (defined $world->{old}) {
        MailRoot::write_file("$root/$world->{place}", $world->{old});
        chmod 0640, "$root/$world->{place}";
    }
    MailRoot::write_file("$root/$WHITELIST", $world->{old_whitelist}) if defined $world->{old_whitelist};
    return;
}

sub put_table {
    my ($world) = @_;
    my $room = $world->{room};
    my $line = qq{"$room->{program}"\t"-c"\t"$room->{conf}"\t"filter"\n};
    my $rest = $world->{table} // '';
    @{$world}{qw(old_table new_table)} = ($world->{table}, $world->{registered} ? $rest . $line : $world->{table});
    $world->{old_table} = $rest . $line if $world->{was_registered};
    MailRoot::write_file("$room->{root}/$TABLE", $world->{old_table}) if defined $world->{old_table};
    return;
}

sub own_all {
    my ($root) = @_;
    return if $> != 0;
    system('chown', '-hR', "$USER:$GROUP", $root) == 0 or die "unable to give $root away\n";
    return;
}

# The state of an attempt of a while ago.
sub settle_state {
    my ($world) = @_;
    my $content = "filter $world->{attempt} done 5 earlier\nfaults 0\n";
    my $path    = "$world->{room}{root}/$STATE";
    MailRoot::write_file($path, "xmail-spammers state 1\nchecksum " . checksum($content) . "\n$content");
    chown $USER, $GROUP, $path if $> == 0;
    return;
}

# A rebuild that saves nothing makes it; then the log grows.
sub make_cache {
    my ($world) = @_;
    my $room  = $world->{room};
    my $state = MailRoot::read_file("$room->{root}/$STATE");
    my $conf  = MailRoot::read_file($room->{conf});
    MailRoot::append_file($room->{conf}, qq{save_mode = "none";\n});
    my ($status, $said) = call($world, $NOW, 'rebuild');
    die "crash.pl: no cache can be made (status $status): $said\n" if $status;
    MailRoot::write_file($room->{conf}, $conf);
    unlink $room->{log}, $room->{lock}, $room->{state};
    grow_log($world);
    settle_state($world) if defined $state;
    return;
}

# ---------------------------------------------------------------- runs

# Runs the program. Its status as waitpid tells it, and what it said.
sub call {
    my ($world, $now, $command, %environment) = @_;
    my $room = $world->{room};
    my %wanted = (
        PATH       => '/usr/bin:/bin',
        TZ         => 'UTC0',
        LC_ALL     => 'C',
        LD_PRELOAD => $FAULTS,
        FAULT_LATER => 100,    # no file was written just now
        %environment
    );
    my @arguments = $command eq $world->{command} ? @{ $world->{arguments} // [] } : ();
    my @command = ($room->{program}, '-r', $room->{root}, '--now', $now, '-c', $room->{conf}, $command, @arguments);
    my $status  = MailRoot::wait_for($room->start(\@command, before => sub { %ENV = %wanted }));
    my $said = MailRoot::read_file($room->{said});
    MailRoot::write_file($room->{said}, '');
    return ($status, $said);
}

# FNV-1a of 64 bits.
sub checksum {
    my ($bytes) = @_;
    use integer;
    my $sum = -3750763034362895579;
    $sum = ($sum ^ $_) * 1099511628211 for unpack 'C*', $bytes;
    return sprintf '%016x', $sum;
}

# When the filter's last attempt began, and its result; nothing if the state is damaged.
sub parse_state {
    my ($bytes) = @_;
    my ($sum, $content) = $bytes =~ /\Axmail-spammers state 1\nchecksum ([0-9a-f]{16})\n(.*)\z/s or return;
    return if checksum($content) ne $sum;
    return $content =~ /^filter (\d+) (\w+) /m ? ($1, $2) : (0, 'never');
}

# ---------------------------------------------------------------- what must hold in each state

# Whether a file is the old or the new one: "old", "new" or "bad", and what is wrong. undef: there is none.
sub judge_file {
    my ($what, $file, $old, $new, $mode) = @_;
    return defined $old ? ('bad', "$what is missing") : ('old') if !$file;
    my (undef, $bytes, @attributes) = @{$file};
    my @wrong;
    push @wrong, sprintf '%s has the mode %o and belongs to %s:%s', $what, @attributes[ 0 .. 2 ]
      if "@attributes[0 .. 2]" ne "$mode $USER $GROUP";
    return ('old', @wrong) if defined $old && $bytes eq $old;
    return ('new', @wrong) if defined $new && $bytes eq $new;
    return ('bad', @wrong, sprintf '%s is neither the old nor the new one (%d bytes)', $what, length $bytes);
}

# All backups are whole, and those are there that are to be kept; others go when the new list is there.
sub judge_backups {
    my ($world, $state, $list) = @_;
    my @wrong;
    for my $path (grep { /^spammers[.]\d{14}[.]tab$/ } keys %{$state}) {
        my $wanted = $world->{backups}{$path} // $world->{old} // "\1";
        push @wrong, "the backup $path is not whole" if $state->{$path}[1] ne $wanted;
    }
    for my $path (grep { !$state->{$_} } keys %{ $world->{backups} }) {
        push @wrong, "the backup $path is gone, and the list is $list" if $list ne 'new' || $world->{kept}{$path};
    }
    push @wrong, 'the new list is there, and no backup of the old one'
      if $list eq 'new' && defined $world->{old} && $world->{new} ne $world->{old} && !has_backup($world, $state);
    return @wrong;
}

sub has_backup {
    my ($world, $state) = @_;
    return grep { /^spammers[.]\d{14}[.]tab$/ && $state->{$_}[1] eq $world->{old} } keys %{$state};
}

# The state is whole. The filter's has the attempt on record if the list is new, and isn't done if the list is old.
sub judge_state {
    my ($world, $state, $list) = @_;
    my $file = $state->{$STATE};
    return $world->{attempt} ? 'the state is missing' : $list eq 'new' && $world->{command} eq 'filter'
      ? 'the list is new, and there is no state' : () if !$file;
    my ($begun, $result) = parse_state($file->[1]) or return 'the state is damaged';
    return if $world->{command} ne 'filter';
    my @wrong;
    push @wrong, sprintf 'the state has the mode %o and belongs to %s:%s', @{$file}[ 2 .. 4 ]
      if "@{$file}[2 .. 4]" ne join ' ', 0644, $USER, $GROUP;
    push @wrong, 'the list is new, and no attempt is on record' if $list eq 'new' && $begun != $NOW_SECONDS;
    push @wrong, 'the list is old, and the state says that it is done'
      if $list eq 'old' && $begun == $NOW_SECONDS && $result eq 'done';
    return @wrong;
}

# Allow writes the whitelist first: its note is all that is left of what was taken out. Undone, it is written last.
sub judge_whitelist {
    my ($world, $state, $list, $done) = @_;
    my ($whitelist, @wrong) =
      judge_file('the whitelist', $state->{$WHITELIST}, @{$world}{qw(old_whitelist new_whitelist)}, 0644);
    return @wrong if !defined $world->{new_whitelist};
    push @wrong, "the list is $list, and the whitelist is $whitelist"
      if $list eq ($world->{undo} ? 'old' : 'new') && $whitelist ne $list;
    push @wrong, "it is done, and the whitelist is $whitelist" if $done && $whitelist ne 'new';
    return @wrong;
}

# What is wrong in this state. done: the program has said so.
sub judge {
    my ($world, $state, $done) = @_;
    my $mode = defined $world->{old} ? 0640 : 0644;
    my ($list, @wrong) =
      judge_file('the list', $state->{ $world->{place} }, $world->{old}, $world->{new}, $mode);
    $list = 'new' if $list eq 'old' && $state->{ $world->{place} } && $world->{old} eq $world->{new};
    push @wrong, 'the symbolic link is none any more'
      if $world->{link} && ($state->{'spammers.tab'}[0] // '') ne 'link';
    my ($table, @table_wrong) =
      judge_file("the filters' table", $state->{$TABLE}, @{$world}{qw(old_table new_table)}, 0644);
    $table = 'new' if ($world->{old_table} // '') eq ($world->{new_table} // '');
    push @wrong, @table_wrong, judge_backups($world, $state, $world->{saves} ? $list : 'old');
    push @wrong, judge_whitelist($world, $state, $list, $done);
    push @wrong, judge_state($world, $state, $list) if $world->{rebuilds};
    push @wrong, "it is done, and the list is $list"               if $done && $list ne 'new';
    push @wrong, "it is done, and the filters' table is $table"    if $done && $table ne 'new';
    push @wrong, 'it is done, and the state does not say so'
      if $done && $world->{command} eq 'filter' && (parse_state($state->{$STATE}[1] // ''))[1] ne 'done';
    return @wrong;
}

# ---------------------------------------------------------------- the next boot

# Makes the MailRoot what the state is. What is so already stays: the logs, which the cache knows by their inodes.
sub restore {
    my ($world, $state) = @_;
    my $root    = $world->{room}{root};
    my $present = Disk->new(directory => $root)->present;
    my %linked;
    $linked{ $_->[5] }++ for grep { $_->[0] ne 'directory' } values %{$state};
    for my $path (sort { $b cmp $a } keys %{$present}) {
        my $wanted = $state->{$path};
        next if $wanted && "@{$wanted}[0 .. 4]" eq "@{$present->{$path}}[0 .. 4]" && ($linked{ $wanted->[5] } // 1) < 2;
        next if $wanted && $wanted->[0] eq 'directory' && $present->{$path}[0] eq 'directory';
        my $removed = $present->{$path}[0] eq 'directory' ? rmdir "$root/$path" : unlink "$root/$path";
        die "unable to remove $path: $!\n" if !$removed;
        delete $present->{$path};
    }
    my %made;
    for my $path (grep { !$present->{$_} } sort keys %{$state}) {
        my ($type, $bytes, $mode, $user, $group, $number) = @{ $state->{$path} };
        if (defined $made{$number}) {
            link $made{$number}, "$root/$path" or die "unable to link $path: $!\n";
            next;
        }
        if    ($type eq 'directory') { mkdir "$root/$path" or die "unable to make $path: $!\n" }
        elsif ($type eq 'link')      { symlink $bytes, "$root/$path" or die "unable to link $path: $!\n" }
        else                         { MailRoot::write_file("$root/$path", $bytes) }
        chown $user, $group, "$root/$path" if $> == 0 && $type ne 'link';
        chmod $mode, "$root/$path" if $type ne 'link';
        $made{$number} = "$root/$path" if $type eq 'file';
    }
    return;
}

# Runs the program on the state, as after the next boot, and returns what is wrong then.
sub boot {
    my ($world, $state) = @_;
    my $root = $world->{room}{root};
    restore($world, $state);
    my @wrong;
    if ($world->{command} eq 'filter') {
        my ($begun) = parse_state($state->{$STATE} ? $state->{$STATE}[1] : '');
        my $recorded = ($begun // 0) == $NOW_SECONDS;
        push @wrong, run_well($world, $WITHIN);
        my ($list) = judge_file('the list', Disk->new(directory => $root)->present->{ $world->{place} },
            @{$world}{qw(old new)}, defined $world->{old} ? 0640 : 0644);
        my $was = $state->{ $world->{place} } && $state->{ $world->{place} }[1] eq $world->{new} ? 'new' : 'old';
        push @wrong, "a call within the interval makes the $was list $list" if $list ne ($recorded ? $was : 'new');
    }
    my $undone = $world->{undo} && $state->{$WHITELIST}[1] eq $world->{new_whitelist};
    push @wrong, $undone ? find_undone($world) : run_well($world, $LATER);
    my $after = Disk->new(directory => $root)->present;
    push @wrong, map { "afterwards $_" } judge_after($world, $state, $after);
    return map { "after the next boot: $_" } @wrong;
}

sub run_well {
    my ($world, $now) = @_;
    my ($status, $said) = call($world, $now, $world->{command});
    return "at $now: status $status: $said" if $status;
    return "at $now: it said: $said" if $world->{command} eq 'filter' && $said ne '';
    return "at $now: it warned: $1"  if $said =~ /^(xmail-spammers: .*)/m;
    return;
}

sub find_undone {
    my ($world) = @_;
    my ($status, $said) = call($world, $LATER, $world->{command});
    return if $status == 1 << 8 && $said =~ /^xmail-spammers: nothing to undo:/;
    return "undone once more: status $status: $said";
}

sub judge_after {
    my ($world, $before, $after) = @_;
    my @wrong = map { "$_ is still there" } grep { /[.]tmp$/ } sort keys %{$after};
    my $list = $after->{ $world->{place} };
    push @wrong, 'the list is not the new one' if !$list || $list->[1] ne $world->{new};
    my $mode = defined $world->{old} ? 0640 : 0644;
    push @wrong, sprintf 'the list has the mode %o and belongs to %s:%s', @{$list}[ 2 .. 4 ]
      if $list && "@{$list}[2 .. 4]" ne "$mode $USER $GROUP";
    my $table = $after->{$TABLE};
    push @wrong, "the filters' table is not the new one" if ($table ? $table->[1] : '') ne ($world->{new_table} // '');
    for my $path (grep { /^spammers[.]\d{14}[.]tab$/ } keys %{$after}) {
        push @wrong, "the backup $path is not whole"
          if $after->{$path}[1] ne ($world->{backups}{$path} // $world->{old} // "\1");
    }
    push @wrong, 'the whitelist is not the new one'
      if defined $world->{new_whitelist} && $after->{$WHITELIST}[1] ne $world->{new_whitelist};
    push @wrong, 'there is no backup of the old list'
      if $world->{saves} && defined $world->{old} && !has_backup($world, $after);
    return @wrong if !$world->{rebuilds};
    my $log = $after->{'logs/spammers-log'} ? $after->{'logs/spammers-log'}[1] : '';
    my ($read) = $log =~ /^"[^"\n]*"\t"REBUILD"\t""\t""\t"[^"\n]* ($READ)[^"\n]*"\n\z/m;
    push @wrong, 'the event log tells of no rebuild at its end' if !defined $read;
    push @wrong, "it has found $read, and not $world->{read}" if defined $read && $read ne ($world->{read} // $read);
    push @wrong, 'the state is damaged' if !parse_state($after->{$STATE} ? $after->{$STATE}[1] : '');
    return @wrong;
}

# ---------------------------------------------------------------- the states

# Hands all choices for these factors to the sub: of the newest each but the first, with any of two others from where
# nothing or all was done; and some by chance. done: there is no newest. The sub is told, too, of those that are to be
# preferred: nothing or all was done but for the newest, and what else became of the file that it is about.
sub choose {
    my ($factors, $done, $try) = @_;
    my @none = (0) x @{$factors};
    my @all  = map { $#{ $_->{choices} } } @{$factors};
    my $from = $done ? 0 : 1;
    return $try->([], 1) if !@all;
    my %near = map { $_ => 1 } map { @{ $_->{about} } } $factors->[0];
    my @newest = ($from .. $all[0]);
    for my $newest (@newest) {
        for my $base (\@none, \@all) {
            my @choices = @{$base};
            $choices[0] = $newest;
            $try->([@choices], 1);
            for my $i (1 .. $#choices) {
                my $near = grep { $near{$_} } @{ $factors->[$i]{about} };
                choose_pairs($factors, \@choices, $i, $near, $try);
            }
        }
    }
    for (1 .. (@all > 1 ? $CHANCES : 0)) {
        my @choices = map { int rand $_ + 1 } @all;
        $choices[0] = $from + int rand $all[0] + 1 - $from;
        $try->(\@choices);
    }
    return;
}

sub choose_pairs {
    my ($factors, $base, $i, $near, $try) = @_;
    my @choices = @{$base};
    my @all     = map { $#{ $_->{choices} } } @{$factors};
    for my $one (grep { $_ != $base->[$i] } 0 .. $all[$i]) {
        $choices[$i] = $one;
        $try->([@choices], $near);
        for my $k ($i + 1 .. $#choices) {
            next if !$LONG && $factors->[$i]{minor} && $factors->[$k]{minor};
            for my $other (grep { $_ != $base->[$k] } 0 .. $all[$k]) {
                $choices[$k] = $other;
                $try->([@choices]);
            }
            $choices[$k] = $base->[$k];
        }
    }
    return;
}

# What tells a state from others: not how long the rebuild took.
sub name_of {
    my ($state) = @_;
    return md5(join "\0", map { ($_, @{ $state->{$_} }[ 0 .. 4 ]) } sort keys %{$state});
}

# Goes through the record. Returns how many states there were, how many of them differ, those to be booted, and what was
# wrong.
sub go_through {
    my ($world, $disk, @lines) = @_;
    my ($tried, $at, $line, %seen, @boots, @wrong) = (0, 0, '');
    my $look = sub {
        my ($done) = @_;
        my @factors = $disk->factors;
        my (%chosen, @preferred, @others);
        choose(\@factors, $done, sub {
            my ($choices, $preferred) = @_;
            my $key = "@{$choices}";    # and not the state itself: in the long form they would be gigabytes
            return if $chosen{$key}++;
            $tried++;
            my $state = $disk->state(\@factors, $choices);
            my $name  = name_of($state);
            return if !$done && $seen{$name};
            my @found = judge($world, $state, $done);
            push @wrong, "after call $at ($line): " . join '; ', @found if @found;
            push @{ $preferred ? \@preferred : \@others }, $key if !$seen{$name}++;
        });
        push @boots, map { [ $at, $line, $disk->state(\@factors, [split]) ] } @preferred, some_of(@others);
    };
    for (@lines) {
        $at++;
        $line = s/\Q$disk->{directory}\E\///gr =~ s/\t/ /gr =~ s/([0-9a-f]{20})[0-9a-f]{40,}/$1.../r;
        $look->(0) if $disk->call($_);
    }
    $line = 'it is done';
    $look->(1);
    return ($tried, scalar keys %seen, \@boots, @wrong);
}

sub some_of {
    my @some = shuffle @_;
    splice @some, $RUNS if @some > $RUNS;
    return @some;
}

# ---------------------------------------------------------------- a scenario

# The recorded run. Dies if it isn't what it should be. Returns what was, and the lines.
sub record_run {
    my ($world) = @_;
    my $room   = $world->{room};
    my $record = "$room->{directory}/record";
    my $disk   = Disk->new(directory => $room->{root}, cuts => $CUTS, minor => qr{/cache(?:/|$)|spammers-log$});
    my ($status, $said) =
      call($world, $NOW, $world->{command}, LD_PRELOAD => "$RECORD:$FAULTS", RECORD_FILE => $record);
    die "crash.pl: $world->{name} fails without a crash (status $status): $said\n" if $status;
    my @lines = split /\n/, MailRoot::read_file($record) // '';
    die "crash.pl: nothing was recorded: does $RECORD work?\n" if !@lines;
    my $after = Disk->new(directory => $room->{root}, cuts => 1);
    $world->{kept}{$_} = $after->present->{$_} ? 1 : 0 for keys %{ $world->{backups} };
    ($world->{read}) =
      (MailRoot::read_file($room->{log}) // '') =~ /.* ($READ) /s;
    check_record($world, $disk, $after, @lines);
    return ($disk, @lines);
}

# The calls that were recorded must come to what is there: else some were not.
sub check_record {
    my ($world, $before, $after, @lines) = @_;
    my $copy = Disk->new(directory => $world->{room}{directory}, cuts => 1);
    %{$copy} = %{ copy_of($before) };
    $copy->call($_) for @lines;
    my ($replayed, $found) = map { $_->present } $copy, $after;
    for my $path (keys %{ { %{$replayed}, %{$found} } }) {
        my ($one, $other) =
          map { $_ ? join ' ', @{$_}[ 0 .. 4 ] : 'not there' } $replayed->{$path}, $found->{$path};
        die "crash.pl: $world->{name}: what was recorded does not come to what $path is: $one, and not $other\n"
          if $one ne $other;
    }
    return;
}

sub copy_of {
    my ($what) = @_;
    return [ map { copy_of($_) } @{$what} ] if ref $what eq 'ARRAY';
    return { map { $_ => copy_of($what->{$_}) } keys %{$what} } if ref $what && ref $what ne 'Regexp';
    return $what;
}

# Plays one scenario. Returns the line that sums it up and the failures.
sub play {
    my ($name) = @_;
    srand $SEED;
    my $world = begin($name, "$DIRECTORY/$name");
    $world->{rebuilds} = $world->{command} =~ /^(?:rebuild|filter)$/;
    $world->{saves}    = $world->{command} !~ /install/;
    my ($disk, @lines) = record_run($world);
    my ($tried, $different, $boots, @wrong) = go_through($world, $disk, @lines);
    for my $boot (@{$boots}) {
        my ($at, $line, $state) = @{$boot};
        my @found = boot($world, $state);
        push @wrong, "after call $at ($line): " . join '; ', @found if @found;
    }
    my $line = sprintf '%s: %d calls, %d states, %d of them different, %d next boots, %d failed', $name, scalar @lines,
      $tried, $different, scalar @{$boots}, scalar @wrong;
    return ($line, $tried + @{$boots}, @wrong);
}

# Each scenario in a process of its own, as many at once as there are cores.
sub play_all {
    my @waiting = @_;
    my $cores = Workers::count();
    my %names;
    while (@waiting || %names) {
        if (@waiting && keys %names < $cores) {
            my $name = shift @waiting;
            my $pid = fork // die "unable to fork: $!\n";
            play_child($name) if !$pid;
            $names{$pid} = $name;
            next;
        }
        my $pid = wait;
        delete $names{$pid};
    }
    return;
}

sub play_child {
    my ($name) = @_;
    my @result = eval { play($name) };
    @result = ("$name: $@" =~ s/\n.*//sr, 1, "it broke down: $@") if $@;
    MailRoot::write_file("$DIRECTORY/result-$name", join "\0", @result);
    POSIX::_exit(0);
}

umask 022;
delete @ENV{qw(XMAIL_SPAMMERS_CONF MAIL_ROOT LD_PRELOAD)};
my @names = @ONLY ? @ONLY : @ALL;
my ($passed, $failed) = (0, 0);
play_all(@names);
for my $name (@names) {
    my $result = MailRoot::read_file("$DIRECTORY/result-$name") // join "\0", $name, 1, 'it broke down';
    my ($line, $tried, @wrong) = split /\0/, $result;
    print "crash: $line\n";
    print map { "crash: FAILED: $name: $_\n" } @wrong > $SHOWN ? @wrong[ 0 .. $SHOWN - 1 ] : @wrong;
    $failed += @wrong;
    $passed += $tried - @wrong;
}
print "crash: seed $SEED\ncrash: $passed passed, $failed failed\n";
exit($failed || !$passed ? 1 : 0);
