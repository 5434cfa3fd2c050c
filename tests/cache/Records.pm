# SPDX-License-Identifier: MIT
#
# Random records of logs. Each has words of its own in it (a token), so that no two stretches of logs of some length are
# the same unless one was copied from the other.
package Records;

use strict;
use warnings;
use Encode ();
use Chance qw(one_of chance between some_of);

my @IPV4 = map { ("10.0.0.$_", "192.0.2.$_") } 1 .. 12;
my @IPV6 = qw(2001:db8::1 2001:db8::2 2001:db8:0:1::1 fe80::1 64:ff9b::102:304 2001:db8:ffff::9);

# Which formats there are: how the names of their files begin, and whether twelve digits follow.
my %FORMATS = (
    smtp              => ['smtp-',      1],
    pop3              => ['pop3-',      1],
    ctrl              => ['ctrl-',      1],
    finger            => ['finger-',    1],
    event             => ['event-log.', 0],
    'xmailcfg-filter' => ['filter-log.', 0],
);

# A pattern that gives up on this status.
our $EXPLOSIVE = '^(?:a|aa|aaa)+$(?<!a)';
my $UNBEARABLE = 'a' x 50;

# Records->new(SEED), after srand
sub new {
    my ($class, $seed) = @_;
    my @hosts = (some_of(between(3, 9), @IPV4), some_of(between(0, 3), @IPV6));
    return bless { seed => $seed, serial => 0, hosts => \@hosts, unbearable => chance(6) }, $class;
}

sub formats { return sort keys %FORMATS }

sub begin_of_name { my ($format) = @_; return $FORMATS{$format}[0] }

# The name of a file of this format and number, from 0; the day is YYYY-MM-DD.
sub file_name {
    my ($format, $day, $number) = @_;
    my ($begin, $has_digits) = @{ $FORMATS{$format} };
    return $begin . $number if !$has_digits;
    return $begin . $day =~ s/-//gr . sprintf '%02d%02d', $number / 60 % 24, $number % 60;
}

# The format of the file with this name, if it is one of ours.
sub format_of {
    my ($name) = @_;
    for my $format (keys %FORMATS) {
        return $format if index($name, $FORMATS{$format}[0]) >= 0;
    }
    return 'smtp';
}

sub token {
    my ($self) = @_;
    return sprintf 't%x.%x', $self->{seed}, ++$self->{serial};
}

sub address {
    my ($self) = @_;
    my $host = one_of(@{ $self->{hosts} });
    return one_of('unknown', '10.0.0.256', '', "$host.") if chance(1);
    return $host !~ /:/ && chance(15) ? "::ffff:$host" : $host;
}

# One record with its line end. The day is YYYY-MM-DD.
sub record {
    my ($self, $format, $day, $end) = @_;
    my $token = $self->token;
    return one_of("$token$end", $end, "\"\"\t\"$token\"\t\"$day\"$end", "\"$token\0\"$end") if chance(2);
    $day = one_of(substr($day, 0, 8) . '32', substr($day, 0, 4) . '-13-01') if chance(1);
    my $time = sprintf '%s %02d:%02d:%02d', $day, rand 24, rand 60, rand 60;
    my $fields = $self->can("fields_$format" =~ tr/-/_/r)->($self, $token, $time);
    return '"' . join("\"\t\"", @{$fields}) . "\"$end";
}

sub fields_smtp {
    my ($self, $token, $time) = @_;
    my $status = one_of('RCPT=ERELAY', 'RCPT=ERELAY', 'RCPT=EAVAIL', 'AUTH=EFAIL:TYPE=LOGIN', 'SMTP=EERRS', 'RCPT=OK',
        'SNDRIP=EIPSPAM', 'SNDR=ENODNS', 'RECV=OK');
    $status = $UNBEARABLE if $self->{unbearable} && chance(5);
    my $user = chance(3) ? 'info@example.org' : '';
    my @fields = ('mail.example.org', 'example.org', $self->address, $time, 'helo.example', 'example.org',
        'a@b.example', 'c@example.org', $token, $status, $user, int rand 5000, '');
    $fields[4] = qq(x"\t"$time"\t"RCPT=OK) if chance(2);
    return \@fields;
}

sub fields_pop3 {
    my ($self, $token, $time) = @_;
    my @end = chance(92) ? 'ELOGIN' : ('LOGIN', 3, 512);
    return ['mail.example.org', 'example.org', $self->address, $time, chance(1) ? "u\t$token" : 'user', $token, @end];
}

sub fields_ctrl {
    my ($self, $token, $time) = @_;
    return [$self->address, 'root', $token, $time, one_of('FAIL', 'FAIL', 'AUTH', 'REQ')];
}

sub fields_finger {
    my ($self, $token, $time) = @_;
    return ['mail.example.org', 'example.org', $self->address, $time, "$token\@example.org"];
}

sub fields_event {
    my ($self, $token, $time) = @_;
    return [$time, one_of('denied', 'bad password', 'ok'), $self->address, $token, 'by ' . $self->address];
}

sub fields_xmailcfg_filter {
    my ($self, $token, $time) = @_;
    my $status = one_of('受信拒否', '着信拒否', '受信', 'denied');
    Encode::from_to($status, 'UTF-8', 'EUC-JP') if chance(50);
    return [$time =~ tr{-}{/}r, $status, "$token\@example.net", 'c@example.org', 'from ' . $self->address . '.'];
}

1;
