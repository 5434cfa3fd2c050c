#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Writes the logs of an attacker who uses a published hole of a program like ours, in every format that can be a source:
#
#     holes.pl HOLE LOGS LIST [accused]
#
# One log of each format goes into the directory LOGS, the addresses that must come onto the list into the file LIST.
# Each record has an attacker of its own, so that one that isn't counted is seen; his words name the victims. stdout: how
# many records were written. accused: the victims themselves fail once in each log, too.

use strict;
use warnings;

my ($HOLE, $LOGS, $LIST, $ACCUSED) = @ARGV;
my $DAY  = '2026-11-21';
my $TIME = "$DAY 10:00:00";

# In each way that an address of IPv4 or IPv6 is written.
my @VICTIMS = ('198.51.100.7', '::ffff:198.51.100.7', '2001:db8:5::7', '::ffff:c633:6407', '2001:db8:5::7%eth0');
my @ACCUSED = ('198.51.100.7', '2001:db8:5::7');

# How a client can write: spaces, and TABs and what else moves fields; what stands to the left of the time never has
# spaces, since XMail refuses or cuts such words.
my %ANY  = (spaces => 1);
my %WORD = (spaces => 0);

# Fields: A the attacker's address, T the time; words of clients are hashes, and all else stands as it is. A record of an
# anchored format is counted however its fields move, one of the others only as long as their number is right.
my %FORMATS = (
    smtp => {
        file     => 'smtp-202611210000',
        anchored => 1,
        fields   => [
            's', 'd', 'A', 'T', \%WORD, \%WORD, \%ANY, \%ANY, 'S1', 'AUTH=EFAIL:TYPE=LOGIN', \%ANY, '0', \%WORD
        ],
        statuses => ['AUTH=EFAIL:TYPE=LOGIN', 'SNDRIP=EIPSPAM', 'RCPT=OK'],
    },
    pop3 => {
        file     => 'pop3-202611210000',
        anchored => 1,
        fields   => ['s', \%WORD, 'A', 'T', \%ANY, \%ANY, 'ELOGIN'],
        statuses => ['ELOGIN', 'LOGIN'],
    },
    finger => {
        file     => 'finger-202611210000',
        anchored => 1,
        fields   => ['s', \%WORD, 'A', 'T', \%ANY],
        statuses => ['x'],
    },
    ctrl => {
        file     => 'ctrl-202611210000',
        fields   => ['A', \%ANY, \%ANY, 'T', 'FAIL'],
        statuses => ['FAIL'],
    },
    filters => {
        file     => 'filters-202611210000',
        fields   => [\%ANY, \%ANY, '192.0.2.250', 'A', 'T', 'post-rcpt', \%ANY, '0', '3', \%ANY],
        statuses => ['3'],
    },
    k4 => {
        file     => 'k4-log.txt',
        fields   => ['T', 'Failure', \%ANY, \%ANY, \%ANY, 'login', \%ANY, \%ANY, 'A %s'],
        statuses => ['Failure', 'Success'],
    },
    'xmailcfg-filter' => {
        file     => 'filter-log.txt',
        fields   => ['T', '受信拒否', \%ANY, \%ANY, '[A] %s'],
        statuses => ['受信拒否'],
    },
    event => {
        file     => 'event-log.txt',
        fields   => ['T', 'refused', 'A', \%ANY, \%ANY],
        statuses => ['refused'],
    },
);

# What the attacker says of victim V; of his own address A there is the true one, as an ending that is looked for.
my %HOLES = (
    # A user name that is a refusal of somebody else.
    'CVE-2006-6301' => sub {
        my ($v, $status) = @_;
        return ("root from $v not allowed because not listed", "$status $v", "$v $status", "x $v $TIME $status");
    },
    # A login name that holds the words by which an address is found, and the address.
    'CVE-2006-6302' => sub {
        my ($v) = @_;
        return ($v, "[$v]", "LOGIN REFUSED for root FROM $v", "root\@$v", "rhost=$v user=root", "from=<root\@[$v]>");
    },
    # What a client says of itself before it has a name.
    'CVE-2007-4321' => sub {
        my ($v, $status) = @_;
        return ("SSH-2.0-$v", "bad protocol version from $v", "[IPv6:$v]", "$v\r", "Mozilla/5.0 ($v)", "($v [$v]) $status");
    },
    # A path, or another name of a thing, that ends the field in which it stands and opens one of its own.
    'CVE-2013-2178' => sub {
        my ($v, $status) = @_;
        return ("/x] user root not found: [client $v] $status", "/..//$v/", "/[client $v]", "/?from=$v&at=$TIME",
            "<x\@[$v]>");
    },
    # A user name with the ending by which the address is found, so that the greedy or the first search is misled.
    'CVE-2013-6890' => sub {
        my ($v, $status) = @_;
        return ("root from $v", "root from $v ", " from $v port 22", "$v from A", "A from $v", "A $v A", "$v A $v: $status");
    },
    # A whole record, or what wraps one, within a word of the client.
    'GHSA-33wh-ccjc-p397' => sub {
        my ($v, $status, $format) = @_;
        my $record    = record($format, $v, sub { 'x' }, $status);
        my $twice     = record($format, $v, sub { $record }, $status);
        my $quoteless = $record =~ tr/"//dr;
        return ($record, $quoteless, $twice, qq(x"\r$record\r"), qq(x"\0$record\0"), qq({"message":"$record"}),
            "Nov 21 10:00:00 host xmail[1]: $record", qq(x"\r\t$record));
    },
);

# The ways in which a text goes into a field: as it is, behind and before a quote, with TABs that move fields, at the
# lengths up to which XMail takes a word, and with a time that is nearly one.
my @WAYS = (
    sub { $_[0] },
    sub { qq("$_[0]") },
    sub { qq(x"$_[0]"y) },
    sub { qq(x"\t"$_[0]"\t"y) },
    sub { qq("\t"$_[0]"\t") },
    sub { qq("\t"$_[1]"\t"$TIME"\t"$_[0]"\t"$_[2]) },
    sub { qq($_[1]"\t"$TIME"\t"u"\t""\t"$_[2]"\t"1"\t"260) },
    sub { qq(x"\t"$_[2]"\t"$_[1]"\t"x"\t"RCPT=OK"\t"user"\t"0) },
    sub { "\t\t\t$_[0]\t$_[1]\t$TIME\t$_[2]\t\t" },
    sub { "$_[0]\r" },
    sub { ('x' x 510) . $_[0] },
    sub { $_[0] . ('x' x 1022) },
    sub { qq($_[0]"\t") . ('"' x 4000) },
    sub { qq($_[0]"\t"$_[1]"\t"$DAY$_[3]10:00:00"\t"$_[2]) },
);
my @NEARLY = ('T', '_', "\r", "\0", "\xc2\xa0", '-', "\x0b");

# A record of the format with this address, and words by a function of what a client may write.
sub record {
    my ($format, $address, $words, $status) = @_;
    my @fields;
    my $number = 0;
    for my $field (@{ $format->{fields} }) {
        $number++;
        if (ref $field) {
            push @fields, $words->($number);
            next;
        }
        my $text = $field eq 'T' ? $TIME : $field;
        $text =~ s/\A(\[?)A(?=\]?(?: %s)?\z)/$1$address/;
        $text =~ s/%s\z/$words->($number)/e;
        $text = $status if defined $status && $text =~ /\A(?:AUTH=EFAIL.*|ELOGIN|FAIL|Failure|refused|受信拒否)\z/;
        push @fields, $text;
    }
    return join "\t", map { qq("$_") } @fields;
}

# Addresses of attackers, each another one: as it is logged, and as it comes onto the list.
my $attackers = 0;

sub next_attacker {
    my $number = $attackers++;
    my $quad   = sprintf '10.%d.%d.%d', $number >> 16, $number >> 8 & 255, $number & 255;
    my $ipv6   = sprintf '2001:db8:a:%x::1', $number + 1;
    return ($quad, $quad) if $number % 3 == 0;
    return ("::ffff:$quad", $quad) if $number % 3 == 1;
    return ($ipv6, $ipv6);
}

my $texts = $HOLES{ $HOLE // '' } or die "usage: holes.pl HOLE LOGS LIST [accused]; HOLE: @{[sort keys %HOLES]}\n";
open my $list, '>', $LIST or die "$LIST: $!\n";
my $records = 0;

for my $name (sort keys %FORMATS) {
    my $format = $FORMATS{$name};
    my $path   = "$LOGS/$format->{file}";
    open my $log, '>', $path or die "$path: $!\n";
    if ($ACCUSED) {
        print $log record($format, $_, sub { 'x' }), "\n" for @ACCUSED;
    }
    my $fields = @{ $format->{fields} };
    for my $place (1 .. $fields) {
        my $field = $format->{fields}[$place - 1];
        next if !ref $field && $field !~ /%s/;
        for my $victim (@VICTIMS) {
            for my $way (@WAYS) {
                my $status = $format->{statuses}[$records % @{ $format->{statuses} }];
                my $nearly = $NEARLY[$records % @NEARLY];
                for my $text ($texts->($victim, $status, $format)) {
                    my ($address, $entry) = next_attacker();
                    my $word = $way->($text, $victim, $status, $nearly);
                    $word =~ s/\bA\b/$address/g;
                    $word =~ tr/ /_/ if ref $field && !$field->{spaces};
                    my $line = record($format, $address, sub { $_[0] == $place ? $word : 'x' });
                    print $log "$line\n";
                    $records++;
                    my $count = ($line =~ tr/\t//) + 1;
                    print $list "$entry\n" if $format->{anchored} || $count == $fields;
                }
            }
        }
    }
    close $log or die "$path: $!\n";
}
if ($ACCUSED) {
    print $list "$_\n" for @ACCUSED;
}
close $list or die "$LIST: $!\n";
print "$records\n";
