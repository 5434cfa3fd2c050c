# SPDX-License-Identifier: MIT
#
# A random configuration, how it changes, and how it is written down.
package Settings;

use strict;
use warnings;
use Chance qw(one_of chance between some_of);
use Records;

my %UNAUTHORIZED = (
    smtp              => ['^AUTH=EFAIL', 'RCPT=E', '^(?:RCPT=ERELAY|SNDR=ENODNS)', 'XRELAY', $Records::EXPLOSIVE],
    pop3              => ['ELOGIN', '^E', 'LOGIN$'],
    ctrl              => ['^(?:FAIL|REQ)$', 'F', '^AUTH$'],
    event             => ['^denied', '^(?:denied|bad password)', 'ok'],
    'xmailcfg-filter' => ['受信拒否', '拒否', '^denied$'],
);
my @REFUSED = ('^SNDR', 'OK$', '^LOGIN$', 'EI', '^REQ$', '0');

my %TEXTS = map { $_ => 1 } qw(format unauthorized refused encoding address_pattern save_mode order);

# Settings->new(formats => [...], relative => [...], absolute => [...]): formats of the logs that there are, directories
# of logs as they may be named. After srand.
sub new {
    my ($class, %given) = @_;
    my $self = bless {%given}, $class;
    $self->{search_days} = one_of(1, 2, 3, 3, 7, 7, 30);
    $self->{register_count} = one_of(1, 1, 1, 2, 3, 5);
    $self->{save_mode} = one_of(qw(append append append append none none replace));
    $self->{remove_count} = one_of(0, 0, 1, 3) if chance(50);
    $self->{exempt_authenticated} = one_of(0, 1, 1);
    my @formats = (@{ $self->{formats} }, chance(15) ? one_of(Records::formats()) : ());
    $self->{logs} = [map { $self->random_log($_) } some_of(scalar @formats, @formats)];
    $self->mend;
    return $self;
}

sub random_log {
    my ($self, $format) = @_;
    my %log = (format => $format);
    $self->set_directory(\%log);
    $log{unauthorized} = $UNAUTHORIZED{event}[1] if $format eq 'event';
    set_files(\%log) if chance(25);
    set_pattern(\%log) if chance(20);
    set_refused(\%log) if chance(20);
    set_address(\%log) if chance(8);
    set_encoding(\%log) if $format eq 'xmailcfg-filter';
    return \%log;
}

# ---------------------------------------------------------------- one setting of a log

sub set_directory {
    my ($self, $log) = @_;
    delete $log->{directory};
    return if chance(35);
    my @all = (@{ $self->{relative} }, @{ $self->{absolute} });
    $log->{directory} = [some_of(chance(75) ? scalar @all : between(1, 2), @all)];
    return;
}

# Which of its files; now and then those of another format.
sub set_files {
    my ($log) = @_;
    my $begin = Records::begin_of_name(chance(93) ? $log->{format} : one_of(Records::formats()));
    $log->{files} = ["$begin*", "$begin*[0-4]", "$begin*[0-9]"]->[rand 3];
    $log->{files} = ["$begin*[02468]", "$begin*1"] if chance(15);
    delete $log->{files} if chance(30);
    return;
}

sub set_pattern {
    my ($log) = @_;
    my $known = $UNAUTHORIZED{ $log->{format} } // return;
    $log->{unauthorized} = one_of(@{$known});
    delete $log->{unauthorized} if chance(30) && $log->{format} ne 'event';
    return;
}

sub set_refused {
    my ($log) = @_;
    return if $log->{format} eq 'finger';
    $log->{refused} = one_of(@REFUSED);
    delete $log->{refused} if chance(40);
    return;
}

sub set_encoding {
    my ($log) = @_;
    $log->{encoding} = one_of('EUC-JP', 'EUC-JP', 'SHIFT_JIS');
    delete $log->{encoding} if chance(40);
    return;
}

sub set_address {
    my ($log) = @_;
    delete @{$log}{qw(address_field address_pattern)};
    $log->{address_field} = $log->{format} eq 'event' ? one_of(3, 5) : one_of(1, 3) if chance(30);
    return if chance(40);
    $log->{address_pattern} = one_of('(?<ip>[0-9A-Fa-f.:]{2,})', '^(?<ip>[0-9.]+)$', '(?<ip>10[.][0-9.]+)');
    return;
}

sub set_enabled {
    my ($log) = @_;
    $log->{enabled} = 1 - ($log->{enabled} // 1);
    return;
}

# ---------------------------------------------------------------- changes

# Changes something. What, for the record.
sub change {
    my ($self) = @_;
    my $what = one_of(
        (qw(log)) x 14, (qw(search_days)) x 3, qw(log_order log_more log_less register_count remove_count save_mode
            order exempt threads prefix)
    );
    my $said = $self->can("change_$what")->($self);
    $self->mend;
    return "Settings: $said.";
}

# One setting of one log is another one then.
sub change_log {
    my ($self) = @_;
    my $number = int rand @{ $self->{logs} };
    my $log = $self->{logs}[$number];
    my @what = qw(directory files pattern pattern refused address address enabled enabled);
    push @what, qw(encoding encoding encoding) if $log->{format} eq 'xmailcfg-filter' || chance(20);
    my $what = one_of(@what);
    my $before = $self->text;
    for (1 .. 5) {
        $what eq 'directory' ? $self->set_directory($log) : $self->can("set_$what")->($log);
        last if $self->text ne $before;
    }
    return "$what of log $number, $log->{format}";
}

sub change_log_order {
    my ($self) = @_;
    $self->{logs} = [some_of(scalar @{ $self->{logs} }, @{ $self->{logs} })];
    return 'order of the logs: ' . join ', ', map { $_->{format} } @{ $self->{logs} };
}

# Maybe of a format that there is already, with other patterns.
sub change_log_more {
    my ($self) = @_;
    my $log = $self->random_log(one_of(Records::formats(), (@{ $self->{formats} }) x 2));
    set_pattern($log);
    splice @{ $self->{logs} }, rand(1 + @{ $self->{logs} }), 0, $log;
    return "one more log, $log->{format}";
}

sub change_log_less {
    my ($self) = @_;
    return 'none' if @{ $self->{logs} } < 2;
    my ($gone) = splice @{ $self->{logs} }, rand @{ $self->{logs} }, 1;
    return "one log less, $gone->{format}";
}

sub change_search_days {
    my ($self) = @_;
    $self->{search_days} = one_of(1, 2, 3, 4, 5, 7, 10, 14, 30, 60);
    return "search_days $self->{search_days}";
}

sub change_register_count {
    my ($self) = @_;
    $self->{register_count} = one_of(1, 1, 2, 3, 5, 8);
    return "register_count $self->{register_count}";
}

sub change_remove_count {
    my ($self) = @_;
    $self->{remove_count} = one_of(0, 0, 1, 2, 4);
    delete $self->{remove_count} if chance(30);
    return 'remove_count ' . ($self->{remove_count} // 'absent');
}

sub change_save_mode {
    my ($self) = @_;
    $self->{save_mode} = one_of(qw(append append replace none none));
    return "save_mode $self->{save_mode}";
}

sub change_order {
    my ($self) = @_;
    $self->{order} = one_of(qw(address hits));
    return "order $self->{order}";
}

sub change_exempt {
    my ($self) = @_;
    $self->{exempt_authenticated} = one_of(0, 1);
    return "exempt_authenticated $self->{exempt_authenticated}";
}

sub change_threads {
    my ($self) = @_;
    $self->{threads} = between(0, 4);
    return "threads $self->{threads}";
}

sub change_prefix {
    my ($self) = @_;
    $self->{ipv4_prefix} = one_of(24, 30, 32, 32);
    $self->{ipv6_prefix} = one_of(64, 128);
    return "prefixes $self->{ipv4_prefix} and $self->{ipv6_prefix}";
}

# What would be an error, is none.
sub mend {
    my ($self) = @_;
    my $most = $self->{register_count} - 1;
    $self->{remove_count} = $most if defined $self->{remove_count} && $self->{remove_count} > $most;
    my $only_removes = $self->{save_mode} eq 'append' && defined $self->{remove_count};
    $self->{logs}[0]{enabled} = 1 if !$only_removes && !grep { $_->{enabled} // 1 } @{ $self->{logs} };
    return;
}

# ---------------------------------------------------------------- the text

sub quoted {
    my ($text) = @_;
    $text =~ s/(["\\])/\\$1/g;
    return qq("$text");
}

sub setting {
    my ($name, $value) = @_;
    return "$name = [" . join(', ', map { quoted($_) } @{$value}) . '];' if ref $value;
    return "$name = " . ($value ? 'true' : 'false') . ';' if $name =~ /^(?:enabled|exempt_authenticated)$/;
    return "$name = " . ($TEXTS{$name} || $name eq 'files' ? quoted($value) : $value) . ';';
}

sub text {
    my ($self) = @_;
    my @names = grep { !/^(?:logs|formats|relative|absolute)$/ } sort keys %{$self};
    my @logs;
    for my $log (@{ $self->{logs} }) {
        push @logs, '  { ' . join(' ', map { setting($_, $log->{$_}) } sort keys %{$log}) . ' }';
    }
    return join('', map { setting($_, $self->{$_}) . "\n" } @names)
        . "max_backups = 2;\nauto = { enabled = true; };\nlogs = (\n" . join(",\n", @logs) . "\n);\n";
}

1;
