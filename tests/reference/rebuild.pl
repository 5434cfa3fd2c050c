#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# A slow, plain second implementation of `xmail-spammers rebuild`: it prints the bytes that
# spammers.tab must have after the rebuild. It was written from the specification alone (the
# section numbers below are the specification's) and shares no code with the program, so that
# the two can be compared. Each rule is one sub; nothing is done for speed. It changes nothing.
#
#     rebuild.pl MAILROOT CONFIG NOW
#
# Exit status: 0 done, 1 the rebuild must fail (the reason is on stderr), 2 the configuration
# is one that must be refused. Of libconfig's syntax it reads only what generate.pl writes.

use strict;
use warnings;
use Encode ();
use FindBin;
use Socket qw(AF_INET6 inet_ntop);
use Time::Local qw(timegm);
use lib "$FindBin::RealBin/../xmail";
use XMailTables qw($MAPPED $ALL_ONES parse_host strict_ipv4 is_ipv4 prefix_mask matches covers
  lines_of tab_fields read_entry read_ipprop slurp);

my $LINE_MAX = 510;    # what XMail takes of a line of spammers.tab

exit main(@ARGV);

sub main {
    die "usage: rebuild.pl MAILROOT CONFIG NOW\n" if @_ != 3;
    my ($mail_root, $config_file, $now) = @_;

    my $config = read_config($config_file);
    my @logs   = logs_to_count($config);
    my $range  = date_range($now, $config->{search_days});
    my $tally  = count_logs(\@logs, "$mail_root/logs", $range);
    return fail(1, "no valid record in the range") if !$tally->{valid};

    my $allowed = read_whitelists($config, $config_file, $mail_root);
    forget_white_listed($tally, $allowed);

    my $old   = slurp("$mail_root/spammers.tab");
    my @lines = read_spammers_tab(defined $old ? $old : '', $config->{permanent_pattern});
    @lines = without_removed($config, $tally, @lines);

    my @added;
    @added = hosts_to_add($config, $tally, $allowed, \@lines) if any_enabled($config);
    print new_spammers_tab(defined $old ? $old : '', \@lines, \@added);
    return 0;
}

sub fail {
    my ($status, $reason) = @_;
    print STDERR "rebuild.pl: $reason\n";
    return $status;
}

# ---------------------------------------------------------------- 3. configuration

sub read_config {
    my ($file) = @_;
    my %config = (
        save_mode            => 'append',
        order                => 'address',
        search_days          => 7,
        register_count       => 5,
        whitelist            => [],
        xmail_whitelist      => 1,
        exempt_authenticated => 1,
        ipv4_prefix          => 32,
        ipv6_prefix          => 128,
        permanent_pattern    => "(?:^|[\",\t])permanent=1(?:\$|[\",\t])",
        logs                 => [{ format => 'smtp' }, { format => 'pop3' }],
    );
    my $text = slurp($file);
    die "rebuild.pl: unable to read $file\n" if !defined $text;
    my $in_logs = 0;
    for my $line (split /\n/, $text) {
        if ($line =~ /^\s*(#.*)?$/) { next }
        elsif ($line eq 'logs = (') { $in_logs = 1; $config{logs} = [] }
        elsif ($line eq ');')       { $in_logs = 0 }
        elsif ($in_logs && $line =~ /^\s*\{ (.*) \},?$/) { push @{ $config{logs} }, read_log_group($1) }
        elsif ($line =~ /^auto = \{.*\};$/) { next }
        elsif ($line =~ /^(\w+) = (.*);$/) { $config{$1} = config_value($2) }
        else                        { die "rebuild.pl: unable to understand: $line\n" }
    }
    return \%config;
}

sub read_log_group {
    my ($text) = @_;
    my %log;
    while ($text =~ /\G\s*(\w+) = ("(?:[^"\\]|\\.)*"|\w+);/gc) { $log{$1} = config_value($2) }
    die "rebuild.pl: unable to understand: $text\n" if $text !~ /\G\s*\z/gc;
    return \%log;
}

sub config_value {
    my ($text) = @_;
    return [map { config_value($_) } $1 =~ /"(?:[^"\\]|\\.)*"/g] if $text =~ /^\[(.*)\]$/;
    return $text eq 'true' ? 1 : 0 if $text =~ /^(?:true|false)$/;
    return $text if $text =~ /^-?\d+$/;
    die "rebuild.pl: unable to understand: $text\n" if $text !~ /^"(.*)"$/;
    my $string = $1;
    my %escape = (t => "\t", '"' => '"', '\\' => '\\');
    $string =~ s/\\(.)/$escape{$1}/g;
    return $string;
}

sub is_enabled { my ($log) = @_; return !exists $log->{enabled} || $log->{enabled} }

sub any_enabled { my ($config) = @_; return scalar grep { is_enabled($_) } @{ $config->{logs} } }

# 6.6: without an enabled log, only append mode with remove_count makes sense (removal over all logs).
sub logs_to_count {
    my ($config) = @_;
    return grep { is_enabled($_) } @{ $config->{logs} } if any_enabled($config);
    return @{ $config->{logs} } if $config->{save_mode} eq 'append' && exists $config->{remove_count};
    exit fail(2, "no log is enabled");
}

# 3 search_days: today and the N-1 calendar days before it, as a pair of YYYY-MM-DD.
sub date_range {
    my ($now, $days) = @_;
    my ($year, $month, $day) = $now =~ /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d)?\z/
        or die "rebuild.pl: not a time: $now\n";
    my $noon  = timegm(0, 0, 12, $day, $month - 1, $year);
    my @first = gmtime($noon - ($days - 1) * 86400);
    return [sprintf('%04d-%02d-%02d', $first[5] + 1900, $first[4] + 1, $first[3]), "$year-$month-$day"];
}

# ---------------------------------------------------------------- sets of hosts
# As XMailTables has them: [address, mask].

# Have the two sets an address in common?
sub overlap {
    my ($one, $other) = @_;
    my $both = $one->[1] & $other->[1];
    return ($one->[0] & $both) eq ($other->[0] & $both);
}

# ---------------------------------------------------------------- 4. logs

# Fields count from 1. `records` says how time, address and status are found:
#   first-time  the time is the first field that wholly is one, the address is the field before it
#   fixed       exactly `fields` fields, time and address in theirs
#   last-field  exactly `fields` fields, the address is a token of the last one
sub format_table {
    my $digits = '[0-9]' x 12;
    return {
        smtp => { files => "smtp-$digits", records => 'first-time', fields => 13, status => 10,
            unauthorized => '^(?:SNDR=E(?:EMPTY|SYNTAX|SPAM)|RCPT=E(?:ACCESS|AVAIL|DSBL|NBR|RELAY|SYNTAX)'
                . '|AUTH=EFAIL|VRFY=EACCESS|ETRN=EACCESS|SMTP=EERRS)',
            refused => '^(?:SNDRIP=E(?:IPSPAM|IPBAN|IPMAP|RDNS)|SNDR=ENODNS)' },
        pop3   => { files => "pop3-$digits", records => 'first-time', fields => 7, status => 7,
            unauthorized => '^ELOGIN$' },
        finger => { files => "finger-$digits", records => 'first-time' },
        ctrl => { files => "ctrl-$digits", records => 'fixed', fields => 5, time => 4, address => 1, status => 5,
            unauthorized => '^FAIL$' },
        filters => { files => "filters-$digits", records => 'fixed', fields => 10, time => 5, address => 4,
            status => 9 },
        event => { files => 'event-log*', records => 'fixed', fields => 5, time => 1, address => 3, status => 2 },
        'xmailcfg-filter' => { files => 'filter-log*', records => 'last-field', fields => 5, time => 1, status => 2,
            unauthorized => '受信拒否|着信拒否' },
        k4 => { files => 'k4-log*', records => 'last-field', fields => 9, time => 1, status => 2,
            unauthorized => '^(?:Failure|Redirect)$' },
    };
}

# 6.1: {unauthorized}{host}, {refused}{host}, {exempt}{host}, and how many valid records there are.
sub count_logs {
    my ($logs, $directory, $range) = @_;
    my $tally = { unauthorized => {}, refused => {}, exempt => {}, valid => 0 };
    my %read;
    for my $log (@$logs) {
        my $format = log_format($log);
        for my $path (files_of($directory, $format->{files})) {
            my ($device, $inode) = stat $path;
            next if $read{ $log->{format} }{"$device:$inode"}++;    # 4: read once for one format
            count_file($tally, $format, $path, $range);
        }
    }
    return $tally;
}

sub log_format {
    my ($log) = @_;
    my $format = format_table()->{ $log->{format} } or die "rebuild.pl: no such format: $log->{format}\n";
    my %merged = (%$format, %$log);
    for my $name (qw(unauthorized refused)) {
        $merged{$name} = qr/$merged{$name}/ if defined $merged{$name};
    }
    return \%merged;
}

# 4.2: regular files that match the glob.
sub files_of {
    my ($directory, $glob) = @_;
    my $pattern = join '', map {
              $_ eq '*' ? '.*'
            : $_ eq '?' ? '.'
            : /^\[/     ? $_
            : quotemeta $_
    } $glob =~ /\[[^]]*\]|./g;
    opendir my $listing, $directory or return;
    my @names = grep { /^$pattern\z/s && (!/^\./ || $glob =~ /^\./) } readdir $listing;
    return grep { -f $_ } map { "$directory/$_" } sort @names;
}

# 4.1: a record is a line that ends in LF, a CR before it dropped; a last line without LF doesn't count.
sub count_file {
    my ($tally, $format, $path, $range) = @_;
    my $bytes = slurp($path);
    return if !defined $bytes;
    while ($bytes =~ /\G([^\n]*)\n/g) {
        my $line = $1;
        $line =~ s/\r\z//;
        count_record($tally, $format, record_fields($line), $range);
    }
    return;
}

# 4.1: fields are separated by TAB; one leading and one trailing quote are dropped.
sub record_fields {
    my ($line) = @_;
    my @fields = $line eq '' ? ('') : split /\t/, $line, -1;
    for my $field (@fields) {
        $field =~ s/^"//;
        $field =~ s/"\z//;
    }
    return \@fields;
}

sub count_record {
    my ($tally, $format, $fields, $range) = @_;
    my $record = $format->{records} eq 'first-time' ? read_first_time($format, $fields)
                                                    : read_exact($format, $fields);
    return if !defined $record;                     # malformed
    return if $record->{day} lt $range->[0] || $record->{day} gt $range->[1];
    $tally->{valid}++;
    my $host = $record->{host};
    my $kind = kind_of($format, $record->{statuses});
    $tally->{$kind}{$host}++ if defined $kind;
    $tally->{exempt}{$host} = 1 if $record->{untouched} && logged_in($format, $fields);
    return;
}

# 4.1: smtp, pop3, finger.
sub read_first_time {
    my ($format, $fields) = @_;
    my $at = 0;                                     # the time's field, counted from 0
    $at++ while $at < @$fields && $fields->[$at] !~ /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\z/;
    return undef if $at == @$fields || $at == 0;
    my $day  = valid_day($fields->[$at]);
    my $host = parse_host($fields->[$at - 1]);
    return undef if !defined $day || !defined $host;
    my %record = (day => $day, host => $host);
    if ($format->{format} ne 'finger') {
        $record{untouched} = is_untouched($format, $fields, $at);
        my $first = $at + ($format->{format} eq 'smtp' ? 6 : 3);
        return undef if $first > $#$fields;
        my $last = $record{untouched} ? $first : $#$fields;
        $record{statuses} = [@$fields[$first .. $last]];
    }
    return \%record;
}

# 4.1: time in field 4; smtp 13 fields; pop3 7, or 9 of which the last two are decimal numbers. An old smtp record
# of 12 fields to which the client has added one is told by its size, which is no number then.
sub is_untouched {
    my ($format, $fields, $at) = @_;
    return 0 if $at != 3;
    return $format->{format} ne 'smtp' || $fields->[11] =~ /^[0-9]+\z/ if @$fields == $format->{fields};
    return $format->{format} eq 'pop3' && @$fields == 9 && !grep { !/^[0-9]+\z/ } @$fields[7, 8];
}

# 4.1: all other formats take only records with exactly their number of fields.
sub read_exact {
    my ($format, $fields) = @_;
    return undef if @$fields != $format->{fields};
    my $time = $fields->[$format->{time} - 1];
    return undef if $format->{format} eq 'ctrl' && $time !~ /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\z/;
    my $day  = valid_day($time);
    my $host = $format->{records} eq 'last-field' ? host_in_text($fields->[-1])
                                                  : parse_host($fields->[$format->{address} - 1]);
    return undef if !defined $day || !defined $host;
    return { day => $day, host => $host, statuses => [$fields->[$format->{status} - 1]] };
}

# 4.1: the first whole token of the last field that is a valid address.
sub host_in_text {
    my ($text) = @_;
    for my $token ($text =~ /[0-9A-Fa-f.:]+/g) {
        my $host = parse_host($token);
        return $host if defined $host;
    }
    return undef;
}

# 4.1: YYYY-MM-DD or YYYY/MM/DD at the start; months 01-12, days 01-31.
sub valid_day {
    my ($text) = @_;
    my ($year, $month, $day) = $text =~ m{^(\d{4})-(\d\d)-(\d\d)} ? ($1, $2, $3)
                             : $text =~ m{^(\d{4})/(\d\d)/(\d\d)} ? ($1, $2, $3)
                             :                                      return undef;
    return undef if $month < 1 || $month > 12 || $day < 1 || $day > 31;
    return "$year-$month-$day";
}

# 4.1: unauthorized or refused, not both; of several possible status fields one that matches is enough.
sub kind_of {
    my ($format, $statuses) = @_;
    return 'unauthorized' if $format->{format} eq 'finger';     # every record
    for my $kind (qw(unauthorized refused)) {
        next if !defined $format->{$kind};
        for my $status (@$statuses) {
            my $text = status_text($status, $format->{encoding});
            return $kind if defined $text && $text =~ $format->{$kind};
        }
    }
    return undef;
}

# 4.1 encoding: a status with a non-ASCII byte becomes UTF-8; undef if it can't.
sub status_text {
    my ($status, $encoding) = @_;
    return $status if !defined $encoding || $status !~ /[\x80-\xff]/;
    my $decoded = eval { Encode::decode($encoding, $status, Encode::FB_CROAK() | Encode::LEAVE_SRC()) };
    return undef if !defined $decoded;
    return undef if Encode::encode($encoding, $decoded) ne $status;     # Encode drops half a character at the end
    return Encode::encode('UTF-8', $decoded);
}

# 3 exempt_authenticated, for an untouched record.
sub logged_in {
    my ($format, $fields) = @_;
    return $fields->[10] ne '' && $fields->[9] =~ /^(?:RCPT|RECV)=OK\z/ if $format->{format} eq 'smtp';
    return @$fields == 9 && $fields->[6] eq 'LOGIN' if $format->{format} eq 'pop3';
    return 0;
}

# ---------------------------------------------------------------- white lists

# 3 whitelist, whitelist_file, xmail_whitelist.
sub read_whitelists {
    my ($config, $config_file, $mail_root) = @_;
    my $beside = $config_file;
    $beside =~ s{[^/]*\z}{whitelist};
    my $file  = exists $config->{whitelist_file} ? $config->{whitelist_file} : $beside;
    my $text  = slurp($file);
    my @texts = (@{ $config->{whitelist} }, whitelist_file_lines(defined $text ? $text : ''));
    return {
        own   => [map { whitelist_entry($_) } @texts],
        xmail => $config->{xmail_whitelist} ? read_ipprop("$mail_root/smtp.ipprop.tab") : [],
    };
}

sub whitelist_file_lines {
    my ($text) = @_;
    my @lines = split /\r?\n/, $text;
    s/#.*//s for @lines;
    return grep { /\S/ } @lines;
}

# ADDR, ADDR/BITS, ADDR/NETMASK, each optionally followed by a space and a comment.
sub whitelist_entry {
    my ($text) = @_;
    my ($address, $mask) = $text =~ m{^([^ /]+)(?:/([^ ]+))?(?: .*)?\z}s or die "rebuild.pl: bad whitelist: $text\n";
    my $host = parse_host($address);
    die "rebuild.pl: bad whitelist: $text\n" if !defined $host;
    return [$host, $ALL_ONES] if !defined $mask;
    my $netmask = strict_ipv4($mask);
    return [$host, substr($ALL_ONES, 4) . $netmask] if defined $netmask;
    return [$host, prefix_mask($mask + ($address =~ /:/ ? 0 : 96))];
}

sub is_white_listed {
    my ($allowed, $host) = @_;
    return overlaps_whitelist($allowed, [$host, $ALL_ONES]);
}

# 3 ipv4_prefix, ipv6_prefix: has the network a white-listed address? An IPv4 host is none of an IPv6
# network of our own white lists (::/64, say); XMail's file is read as XMail does, which takes it for one.
sub overlaps_whitelist {
    my ($allowed, $network) = @_;
    return 1 if grep { is_ipv4($_->[0]) == is_ipv4($network->[0]) && overlap($_, $network) } @{ $allowed->{own} };
    return overlaps_ipprop($network, @{ $allowed->{xmail} });
}

# For each address the first line that matches decides. A line that decides only for a part of
# the network: look at both halves of the network.
sub overlaps_ipprop {
    my ($network, @rules) = @_;
    shift @rules while @rules && !overlap($rules[0][0], $network);
    return 0 if !@rules;
    return $rules[0][1] if covers($rules[0][0], $network);
    my $bits  = unpack('B128', $network->[1]) =~ tr/1//;
    my $half  = prefix_mask($bits + 1);
    my $upper = $network->[0] | ($half ^ $network->[1]);
    my $lower = $upper ^ ($half ^ $network->[1]);
    return overlaps_ipprop([$lower, $half], @rules) || overlaps_ipprop([$upper, $half], @rules);
}

# 6.3: white-listed hosts count as having no accesses.
sub forget_white_listed {
    my ($tally, $allowed) = @_;
    for my $kind (qw(unauthorized refused)) {
        for my $host (keys %{ $tally->{$kind} }) {
            delete $tally->{$kind}{$host} if is_white_listed($allowed, $host);
        }
    }
    return;
}

# ---------------------------------------------------------------- spammers.tab as XMail reads it

# A line: {bytes} as they stand in the file; for an address entry also {set}, {code}, {permanent}.
sub read_spammers_tab {
    my ($bytes, $permanent_pattern) = @_;
    my @lines;
    for my $whole ($bytes =~ /[^\n]*\n|[^\n]+\z/g) {
        my $permanent = $whole =~ s/[\r\n]+\z//r =~ $permanent_pattern;    # 3: a line of the file
        for my $piece (lines_of($whole, $LINE_MAX)) {
            my $text = $piece =~ s/[\r\n]+\z//r;
            my $entry = $text =~ /^#/ ? undef : read_entry(tab_fields($text));
            push @lines, defined $entry ? { bytes => $piece, %$entry, permanent => $permanent } : { bytes => $piece };
        }
    }
    return @lines;
}

# ---------------------------------------------------------------- 6. the decision

# 6.4: what is kept, is kept byte for byte. If the rest of a long line (an entry for XMail) is taken out
# and its beginning stays, the line end stays with the beginning.
sub without_removed {
    my ($config, $tally, @lines) = @_;
    my @kept;
    my $begun = 0;                      # is a piece of the present line of the file kept?
    for my $line (@lines) {
        my ($line_end) = $line->{bytes} =~ /(\r?\n)\z/;
        if (stays($line, $config, $tally)) {
            push @kept, $line;
            $begun = 1;
        }
        elsif ($begun && defined $line_end) {
            push @kept, { bytes => $line_end };
        }
        $begun = 0 if defined $line_end;
    }
    return @kept;
}

# 6.4, 6.5, 6.6: does a line stay?
sub stays {
    my ($line, $config, $tally) = @_;
    return 1 if !defined $line->{set} || $line->{permanent};
    return 0 if $config->{save_mode} eq 'replace';
    return 1 if !exists $config->{remove_count};
    return accesses_of($line->{set}, $tally) > $config->{remove_count};
}

# 6.5: unauthorised and refused together, the sum over the entry's hosts.
sub accesses_of {
    my ($set, $tally) = @_;
    my $sum = 0;
    for my $kind (qw(unauthorized refused)) {
        $sum += $tally->{$kind}{$_} for grep { matches($set, $_) } keys %{ $tally->{$kind} };
    }
    return $sum;
}

# 6.5: those with enough accesses that no remaining rejecting entry covers, in the wanted order.
sub hosts_to_add {
    my ($config, $tally, $allowed, $lines) = @_;
    my @rejecting = map { $_->{set} } grep { $_->{set} && $_->{code} > 0 } @$lines;
    my @added;
    for my $candidate (candidates($config, $tally, $allowed)) {
        push @added, $candidate if !grep { covers($_, $candidate->{set}) } @rejecting;
    }
    return sort { in_order($config->{order}, $a, $b) } @added;
}

# 3 ipv4_prefix, ipv6_prefix: per network, or its hosts one by one.
sub candidates {
    my ($config, $tally, $allowed) = @_;
    my $counts = $tally->{unauthorized};
    my (%network, @found);
    for my $host (sort keys %$counts) {
        my $mask = prefix_mask(is_ipv4($host) ? 96 + $config->{ipv4_prefix} : $config->{ipv6_prefix});
        push @{ $network{ $host & $mask } }, $host;
    }
    for my $address (sort keys %network) {
        my @hosts = @{ $network{$address} };
        my $bits = is_ipv4($hosts[0]) ? 96 + $config->{ipv4_prefix} : $config->{ipv6_prefix};
        my $set  = [$address, prefix_mask($bits)];
        if (may_be_written($config, $tally, $allowed, $set, is_ipv4($hosts[0]))) {
            my $sum = 0;
            $sum += $counts->{$_} for @hosts;
            push @found, { set => $set, count => $sum };
        }
        else {
            for my $host (@hosts) {
                next if is_exempt($config, $tally, $host);
                push @found, { set => [$host, $ALL_ONES], count => $counts->{$host} };
            }
        }
    }
    return grep { $_->{count} >= $config->{register_count} } @found;
}

sub is_exempt {
    my ($config, $tally, $host) = @_;
    return $config->{exempt_authenticated} && $tally->{exempt}{$host};
}

sub may_be_written {
    my ($config, $tally, $allowed, $set, $ipv4) = @_;
    return 0 if overlaps_whitelist($allowed, $set);
    return 0 if grep { matches($set, $_) && is_exempt($config, $tally, $_) } keys %{ $tally->{exempt} };
    return 1 if $ipv4;
    my $mapped     = [$MAPPED . "\0" x 4, prefix_mask(96)];
    my $compatible = ["\0" x 16, prefix_mask(96)];
    return !overlap($set, $mapped) && !overlap($set, $compatible);
}

# 3 order: by address, IPv4 before IPv6; or most accesses first, ties by address.
sub in_order {
    my ($order, $one, $other) = @_;
    my $by_count = $order eq 'hits' ? $other->{count} <=> $one->{count} : 0;
    return $by_count
        || is_ipv4($other->{set}[0]) <=> is_ipv4($one->{set}[0])
        || $one->{set}[0] cmp $other->{set}[0];
}

# 6.5, 6.7: the remaining lines, then the new ones with the line end of the original first line.
sub new_spammers_tab {
    my ($old, $lines, $added) = @_;
    my $line_end = $old =~ /^[^\n]*\r\n/ ? "\r\n" : "\n";
    my $bytes = join '', map { $_->{bytes} } @$lines;
    return $bytes if !@$added;
    $bytes .= $line_end if $bytes ne '' && $bytes !~ /\n\z/;
    return join '', $bytes, map { entry_text($_->{set}) . $line_end } @$added;
}

# 6.7
sub entry_text {
    my ($set) = @_;
    my ($address, $mask) = @$set;
    if (is_ipv4($address)) {
        my @octets = map { join '.', unpack 'C4', substr($_, 12) } $address, $mask;
        return qq("$octets[0]"\t"$octets[1]"\t"code=1");
    }
    my $bits = unpack('B128', $mask) =~ tr/1//;
    return sprintf qq("%s/%d"\t"code=1"), inet_ntop(AF_INET6, $address), $bits;
}
