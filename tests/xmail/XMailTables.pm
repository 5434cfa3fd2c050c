# SPDX-License-Identifier: MIT
#
# XMail's tables (spammers.tab, smtp.ipprop.tab, filters.post-rcpt.tab) read as XMail reads them: how lines are cut,
# what a field is, what an address entry matches. Nothing here knows what the tables are for.
#
# Every host is 16 bytes; the IPv4 host a.b.c.d is ::ffff:a.b.c.d. A set of hosts is an address and a mask of 16 bytes
# each, [address, mask].
package XMailTables;

use strict;
use warnings;
use Exporter qw(import);
use Socket qw(AF_INET6 inet_pton);

our @EXPORT_OK = qw(
  $MAPPED $ALL_ONES parse_host strict_ipv4 libc_ipv4 is_ipv4 prefix_mask matches covers
  lines_of tab_fields read_entry read_ipprop address_and_bits c_atoi slurp
);

our $MAPPED   = ("\0" x 10) . "\xff\xff";    # ::ffff:0:0/96, where IPv4 hosts stand
our $ALL_ONES = "\xff" x 16;

sub slurp {
    my ($path) = @_;
    open my $in, '<:raw', $path or return undef;
    local $/;
    my $bytes = <$in>;
    return defined $bytes ? $bytes : '';
}

# ---------------------------------------------------------------- addresses

# Strict dotted quad or IPv6; %zone dropped. undef if it is neither.
sub parse_host {
    my ($text) = @_;
    my $ipv4 = strict_ipv4($text);
    return $MAPPED . $ipv4 if defined $ipv4;
    $text =~ s/%.*\z//s;
    return undef if $text !~ /^[0-9A-Fa-f:.]+\z/ || $text !~ /:/;
    return inet_pton(AF_INET6, $text);
}

sub strict_ipv4 {
    my ($text) = @_;
    my @octets = $text =~ /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\z/ or return undef;
    return undef if grep { $_ > 255 || /^0\d/ } @octets;
    return pack 'C4', @octets;
}

# IPv4 "as the C library does" (inet_aton): 1 to 4 parts, octal and hexadecimal.
sub libc_ipv4 {
    my ($text) = @_;
    my @parts = split /\./, $text, -1;
    return undef if @parts < 1 || @parts > 4;
    my $value = 0;
    for my $i (0 .. $#parts) {
        my $part = $parts[$i];
        my $number
            = $part =~ /^0[xX][0-9A-Fa-f]+\z/ ? ($part =~ /^0[xX]0*[0-9A-Fa-f]{1,8}\z/ ? hex $part : undef)
            : $part =~ /^0[0-7]*\z/           ? oct $part
            : $part =~ /^[1-9]\d{0,11}\z/     ? $part + 0
            :                                   undef;
        return undef if !defined $number;
        my $bytes = $i == $#parts ? 4 - $i : 1;
        return undef if $number >= 256**$bytes;
        $value = $value * 256**$bytes + $number;
    }
    return pack 'N', $value;
}

sub is_ipv4 { my ($host) = @_; return substr($host, 0, 12) eq $MAPPED }

sub prefix_mask {
    my ($bits) = @_;
    return pack 'B128', ('1' x $bits) . ('0' x (128 - $bits));
}

sub matches { my ($set, $host) = @_; return ($host & $set->[1]) eq ($set->[0] & $set->[1]) }

# Does $outer hold every address of $inner?
sub covers {
    my ($outer, $inner) = @_;
    return ($outer->[1] & $inner->[1]) eq $outer->[1] && matches($outer, $inner->[0]);
}

# ---------------------------------------------------------------- lines and fields

# At most so many characters of a line are taken, its end counted; the rest is a further line.
sub lines_of {
    my ($bytes, $max) = @_;
    my @lines;
    while (length $bytes) {
        my $end    = index $bytes, "\n";
        my $length = $end < 0 ? length $bytes : $end + 1;
        $length = $max if $length > $max;
        push @lines, substr($bytes, 0, $length, '');
    }
    return @lines;
}

# Runs of TABs separate; a field in quotes is its text up to the next quote, \" is a quote.
sub tab_fields {
    my ($line) = @_;
    my @fields = grep { $_ ne '' } split /\t/, $line;
    for my $field (@fields) {
        next if $field !~ /^"/;
        $field =~ /^"((?:\\"|[^"])*)/;
        $field = $1;
        $field =~ s/\\"/"/g;
    }
    return @fields;
}

# ---------------------------------------------------------------- address entries

# address/bits, or an IPv4 address with a netmask; then the parameters: { set, code }. undef if it is no address entry.
sub read_entry {
    my (@fields) = @_;
    return undef if !@fields;
    my $has_netmask = @fields > 1 && $fields[1] =~ /^[0-9]/;
    my $set;
    if ($fields[0] =~ m{/}) {
        $set = address_and_bits($fields[0]);
    }
    elsif ($has_netmask) {
        my ($address, $netmask) = map { libc_ipv4($_) } @fields[0, 1];
        $set = [$MAPPED . $address, substr($ALL_ONES, 4) . $netmask] if defined $address && defined $netmask;
    }
    return undef if !defined $set;
    return { set => $set, code => entry_code($fields[$has_netmask ? 2 : 1]) };
}

# The bits as atoi reads them, cut at 128; for IPv4, 32 and more are a host.
sub address_and_bits {
    my ($field) = @_;
    my ($address, $rest) = split m{/}, $field, 2;
    my $bits = c_atoi($rest);
    $bits = 0 if $bits < 0;
    my $ipv4 = libc_ipv4($address);
    return [$MAPPED . $ipv4, prefix_mask(96 + ($bits > 32 ? 32 : $bits))] if defined $ipv4;
    return undef if $address !~ /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\z/;
    my $ipv6 = inet_pton(AF_INET6, $address);
    return defined $ipv6 ? [$ipv6, prefix_mask($bits > 128 ? 128 : $bits)] : undef;
}

sub c_atoi {
    my ($text) = @_;
    return $text =~ /^[ \t-\r]*([-+]?[0-9]+)/ ? $1 + 0 : 0;
}

# The first code= counts; without one the entry refuses.
sub entry_code {
    my ($parameters) = @_;
    return 1 if !defined $parameters;
    for my $parameter (split /,/, $parameters) {
        return c_atoi($1) if $parameter =~ /^code=(.*)\z/s;
    }
    return 1;
}

# smtp.ipprop.tab: [set, white-listed?] in the file's order. Only "address/bits" is understood.
sub read_ipprop {
    my ($path) = @_;
    my $text = slurp($path);
    return [] if !defined $text;
    my @rules;
    for my $line (split /\r?\n/, $text) {
        next if $line =~ /^#/;
        my @fields = tab_fields($line);
        next if !@fields || $fields[0] !~ m{/};
        my $set = address_and_bits($fields[0]) or next;
        my $white = grep { /^WhiteList(?:=(.*))?\z/s && (!defined $1 || c_atoi($1) != 0) } @fields[1 .. $#fields];
        push @rules, [$set, $white];
    }
    return \@rules;
}

1;
