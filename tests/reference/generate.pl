#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Makes a random, nasty MailRoot for the comparison of the program with rebuild.pl.
#
#     generate.pl SEED DIRECTORY          makes DIRECTORY/MailRoot, xmail-spammers.conf, now, maybe whitelist
#     generate.pl --grow SEED DIRECTORY ROUND
#                                         lets the logs go on from there (ROUND 1, 2, ...): grown, rotated,
#                                         replaced and truncated files, a later `now`, maybe an edited
#                                         spammers.tab, other settings, a damaged cache
#
# What it makes depends on SEED (and on what is found in DIRECTORY) alone. Times of last writing are set too, since the program may
# skip a log file by them. What the specification leaves open is not generated.

use strict;
use warnings;
use Encode ();
use Time::Local qw(timegm);

my $GROW = @ARGV && $ARGV[0] eq '--grow' && shift @ARGV;
die "usage: generate.pl SEED DIRECTORY\n       generate.pl --grow SEED DIRECTORY ROUND\n" if @ARGV != ($GROW ? 3 : 2);
my ($SEED, $DIRECTORY, $ROUND) = @ARGV;
my $MAIL_ROOT = "$DIRECTORY/MailRoot";
my $LOGS      = "$MAIL_ROOT/logs";

# The time of a list that nobody is writing: the program leaves one alone that was written in the last second.
my $A_DAY_OF_OLD = 1_577_836_800;

my (@HOSTS, %DAYS, $NOW, $SEARCH_DAYS, $POOR);

# The world (hosts, dates, settings) follows from SEED in all calls; only then do they part.
srand $SEED;
choose_world();
my $CONFIG = choose_config();
if ($GROW) {
    for my $round (1 .. $ROUND) {
        srand $SEED * 8 + $round;
        my $changed = change_config();
        write_config() if $changed && $round == $ROUND;
    }
    srand $SEED + 1_000_003 * $ROUND;
    grow();
}
else {
    create();
}
exit 0;

# ---------------------------------------------------------------- chance

sub one_of { return $_[int rand @_] }

sub chance { my ($percent) = @_; return rand(100) < $percent }

sub between { my ($low, $high) = @_; return $low + int rand($high - $low + 1) }

sub some_of {
    my ($count, @from) = @_;
    my @chosen;
    push @chosen, splice @from, int rand @from, 1 while @from && @chosen < $count;
    return @chosen;
}

sub write_file {
    my ($path, $bytes, $time) = @_;
    open my $out, '>:raw', $path or die "unable to write $path: $!\n";
    print {$out} $bytes;
    close $out or die "unable to write $path: $!\n";
    utime $time, $time, $path or die "unable to set the time of $path: $!\n";
    return;
}

sub read_file {
    my ($path) = @_;
    open my $in, '<:raw', $path or die "unable to read $path: $!\n";
    local $/;
    my $bytes = <$in>;
    return defined $bytes ? $bytes : '';
}

# ---------------------------------------------------------------- the world

sub choose_world {
    my @ipv4 = qw(10.0.0.1 10.0.0.2 10.0.0.3 10.0.1.1 10.0.255.254 192.0.2.7 192.0.2.8 198.51.100.200 203.0.113.5
        127.0.0.1 255.255.255.255 1.2.0.3 8.8.8.8);
    my @ipv6 = qw(2001:db8::1 2001:db8::2 2001:db8:0:1::1 2001:db8:ffff::9 fe80::1 64:ff9b::102:304 ::1:0:0:7 ::1:0:0:8
        ::fffe:1:2 ::fffe:1:3 ::1:1:2 ::1:1:3 2001:db8:0:0:1::1 ff02::fb);
    my @from = chance(20) ? @ipv6 : chance(30) ? @ipv4 : (@ipv4, @ipv6);
    @HOSTS = some_of(between(2, 8), @from);
    my ($year, $month, $day) = chance(50)
        ? @{ one_of([2026, 1, 1], [2026, 1, 3], [2025, 1, 2], [2026, 5, 2], [2026, 7, 1], [2026, 3, 1], [2024, 3, 1], [2024, 2, 29], [2026, 12, 31], [2026, 3, 29], [2026, 10, 25], [2026, 11, 1]) }
        : (between(2023, 2027), between(1, 12), between(1, 28));
    $NOW = [$year, $month, $day, between(0, 23), between(0, 59)];
    $SEARCH_DAYS = one_of(1, 1, 2, 3, 7, 7, 30, 100);
    $POOR = chance(8);
    set_days();
    return;
}

sub now_seconds { return timegm(0, @$NOW[4, 3, 2], $NOW->[1] - 1, $NOW->[0]) }

sub day_before_now {
    my ($days) = @_;
    my @time = gmtime(now_seconds() - $days * 86400);
    return sprintf '%04d-%02d-%02d', $time[5] + 1900, $time[4] + 1, $time[3];
}

sub set_days {
    %DAYS = (
        today     => day_before_now(0),
        first     => day_before_now($SEARCH_DAYS - 1),
        too_old   => day_before_now($SEARCH_DAYS),
        older     => day_before_now($SEARCH_DAYS + between(1, 400)),
        tomorrow  => day_before_now(-1),
        inside    => day_before_now(between(0, $SEARCH_DAYS - 1)),
    );
    return;
}

sub some_day {
    return one_of(@DAYS{qw(inside inside inside today today first)}) if chance(80);
    return $DAYS{ one_of(qw(too_old older tomorrow)) } if chance(60);
    my ($year, $month, $day) = split /-/, $DAYS{ one_of(qw(first first inside today)) };
    return one_of("$year-13-$day", "$year-00-$day", "$year-$month-00", "$year-$month-32", "$year-13-$day", "$year-00-$day", "$year-$month-00", "$year-$month-32", "$year-$month-99",
        "$year-$month", "$year-$month-1", "0000-00-00", "9999-12-31", "$year$month$day", "$day.$month.$year");
}

sub some_clock { return sprintf '%02d:%02d:%02d', between(0, 23), between(0, 59), between(0, 59) }

# As smtp, pop3, finger, ctrl and filters write it; sometimes nearly.
sub some_time {
    my $day = some_day();
    return one_of("$day", $day . "T" . some_clock(), "$day " . substr(some_clock(), 0, 5), " $day " . some_clock(),
        "$day " . some_clock() . " ", "$day  " . some_clock(), '', "$day " . some_clock() . "Z") if chance(6);
    return "$day " . some_clock();
}

sub some_free_time {
    my $time = some_time();
    substr($time, 4, 1) = substr($time, 7, 1) = '/' if length $time > 9 && chance(40);
    substr($time, 4, 1) = '/' if length $time > 9 && chance(2);
    $time .= one_of('', ' JST', ',123') if chance(20);
    return $time;
}

# A client address as getnameinfo prints it, in one of its forms; sometimes none.
sub some_address {
    my $host = one_of(@HOSTS);
    return one_of('', 'unknown', "$host.", "[$host]", '1.2.3', '10.0.0.256', '10.0.0.01', "$host x", '10.0.0.1.1',
        '2001:db8:::1', '10.0.0', ':', '::ffff:10.0.0.999', '1:2:3:4:5:6:7:8:9', '+10.0.0.1', '0xa.0.0.1') if chance(4);
    if ($host !~ /:/) {
        return chance(30) ? "::ffff:$host" : $host if chance(95);
        return sprintf one_of('::ffff:%02x%02x:%02x%02x', '::FFFF:%02X%02X:%02X%02X', '0:0:0:0:0:ffff:%x%02x:%x%02x'),
            split /[.]/, $host;
    }
    return "$host%eth0" if $host =~ /^f/ && chance(60);
    return uc $host if chance(10);
    return $host;
}

# ---------------------------------------------------------------- configuration

sub choose_config {
    my %config = (search_days => $SEARCH_DAYS, register_count => one_of(1, 1, 2, 2, 3, 4, 5, 8));
    $config{save_mode} = one_of('append', 'append', 'replace') if chance(80);
    $config{order} = one_of('address', 'hits') if chance(60);
    if (chance(60)) {
        $config{remove_count} = between(0, $config{register_count} - 1);
        $config{remove_count} = 0 if chance(30);
    }
    $config{whitelist} = [map { whitelist_text() } 1 .. between(0, 3)] if chance(40);
    $config{xmail_whitelist} = one_of(0, 1) if chance(40);
    $config{exempt_authenticated} = one_of(0, 1) if chance(50);
    $config{ipv4_prefix} = one_of(8, 16, 23, 24, 24, 30, 31, 32) if chance(40);
    $config{ipv6_prefix} = one_of(16, 32, 48, 63, 64, 64, 80, 95, 96, 112, 127, 128) if chance(40);
    $config{permanent_pattern} = one_of('permanent=[12]', '^#|keep', ',keep(?:,|")', 'code=0', "\t\"code=1", 'never-there')
        if chance(20);
    $config{threads} = between(0, 3) if chance(30);
    $config{max_backups} = between(1, 3) if chance(30);
    $config{whitelist_file} = "$DIRECTORY/allowed-elsewhere" if chance(10);
    $config{logs} = choose_logs() if chance(85);
    return \%config;
}

sub choose_logs {
    my @logs = map { choose_log(one_of(qw(smtp smtp smtp pop3 pop3 xmailcfg-filter ctrl ctrl filters k4 finger event))) }
        1 .. between(1, 4);
    if (chance(4)) { $_->{enabled} = 0 for @logs }
    return \@logs;
}

sub choose_log {
    my ($name) = @_;
    my %log = (format => $name);
    $log{enabled} = chance(85) ? 1 : 0 if chance(30);
    $log{files} = files_glob($name) if chance(25);
    my %own = (
        smtp    => ['^AUTH=EFAIL', 'RCPT=E', '^(?:RCPT=ERELAY|SNDR=ENODNS)$', 'E(?=SPAM|IPSPAM)'],
        pop3    => ['ELOGIN', '^E', 'LOGIN$'],
        ctrl    => ['^(?:FAIL|REQ)$', 'F'],
        filters => ['^(?:3|19)$', '^[-1-9]', '^-1$'],
        event   => ['^(?:denied|bad)', 'login failure'],
        k4      => ['^Failure$', 'Re'],
        'xmailcfg-filter' => ['受信拒否', '拒否', '^denied$'],
    );
    my $must = $name eq 'filters' || $name eq 'event';
    $log{unauthorized} = one_of(@{ $own{$name} }) if $own{$name} && ($must || chance(20));
    $log{refused} = one_of('^(?:1|REQ|RCPT=EFILTER|hold)', 'EI', '^SNDR', 'OK$', '^LOGIN$', '0') if $name ne 'finger' && chance(15);
    $log{encoding} = one_of('EUC-JP', 'SHIFT_JIS') if ($name eq 'xmailcfg-filter' && chance(70)) || chance(3);
    return \%log;
}

sub files_glob {
    my ($name) = @_;
    my $begin = log_name($name);
    return one_of("$begin*", "$begin*[0-9]", "$begin" . '[0-9]' x 4 . '*', "*$begin*", $begin . '?' x 12, "$begin*2[0-9]*", '*');
}

sub log_name {
    my ($format) = @_;
    my %name = ('xmailcfg-filter' => 'filter-log', k4 => 'k4-log', event => 'event-log');
    return $name{$format} || "$format-";
}

# libconfig strings; rebuild.pl reads this layout only.
sub quoted {
    my ($text) = @_;
    $text =~ s/(["\\])/\\$1/g;
    $text =~ s/\t/\\t/g;
    return qq("$text");
}

sub setting {
    my ($name, $value) = @_;
    return "$name = [" . join(', ', map { quoted($_) } @$value) . "];" if ref $value;
    return "$name = " . ($value ? 'true' : 'false') . ';' if $name =~ /^(?:enabled|xmail_whitelist|exempt_authenticated)$/;
    return "$name = $value;" if $value =~ /^\d+$/ && $name !~ /^(?:refused|unauthorized|files)$/;
    return "$name = " . quoted($value) . ';';
}

sub config_text {
    my ($config) = @_;
    my $text = "# made from seed $SEED\n";
    $text .= "auto = { enabled = true; from = 1; to = 5; };\n" if chance(10);
    $text .= setting($_, $config->{$_}) . "\n" for grep { $_ ne 'logs' } sort keys %$config;
    return $text if !$config->{logs};
    my @groups;
    for my $log (@{ $config->{logs} }) {
        push @groups, '  { ' . join(' ', map { setting($_, $log->{$_}) } sort keys %$log) . ' }';
    }
    return $text . "logs = (\n" . join(",\n", @groups) . "\n);\n";
}

# Other log settings from here on; the formats stay. Returns whether there are any.
sub change_config {
    return 0 if !$CONFIG->{logs} || !chance(15);
    my $was_on = grep { $_->{enabled} // 1 } @{ $CONFIG->{logs} };
    $CONFIG->{logs} = [map { chance(50) ? $_ : choose_log($_->{format}) } @{ $CONFIG->{logs} }];
    if ($was_on) { delete $_->{enabled} for @{ $CONFIG->{logs} }[0] }
    $CONFIG->{search_days} = $SEARCH_DAYS = one_of(1, 2, 3, 7, 30) if chance(30);
    return 1;
}

sub write_config {
    write_file("$DIRECTORY/xmail-spammers.conf", config_text($CONFIG), now_seconds());
    return;
}

# ---------------------------------------------------------------- white lists

sub whitelist_text {
    my $host = one_of(@HOSTS);
    my $text
        = $host =~ /:/
        ? one_of($host, "$host/128", "$host/64", "$host/" . between(1, 128), '2001:db8:ffff::/48', 'fd00::/8')
        : one_of($host, "$host/32", "$host/" . between(0, 32), "$host/255.255.255.0", "$host/255.255.255.255",
            "$host/255.255.254.0", "::ffff:$host", '172.16.0.0/12', '10.0.0.3', '192.0.2.7');
    $text .= ' ' . one_of('the office', 'a "quoted" one', '10.0.0.1') if chance(20);
    return $text;
}

sub whitelist_file_text {
    my @lines = map { chance(20) ? one_of('# nobody: 10.0.0.1', '', '#', '# 192.0.2.0/24') : whitelist_text() } 0 .. between(0, 4);
    $_ .= one_of(' # 10.0.0.0/8', '# 10.0.0.0/8', '#') for grep { chance(15) } @lines;
    return join '', map { "$_\n" } @lines;
}

sub ipprop_text {
    my $text = chance(25) ? ipprop_exception() : '';
    for (0 .. between(0, 4)) {
        my $host = one_of(@HOSTS);
        my $bits = $host =~ /:/ ? between(1, 128) : one_of(between(1, 32), 24, 32, 31, 16, 32, 64);
        my $set = one_of("$host/$bits", $host =~ /:/ ? "$host/128" : "$host/32", '10.0.0.0/9', '2001:db8::/33', $host, 'host.example/32');
        my @properties = some_of(between(0, 2), 'WhiteList', 'WhiteList=1', 'WhiteList=0', 'WhiteList=7', 'NoAuth=1', 'whitelist',
            'EaseTLS', 'WhiteListed=1', 'WhiteList=-1', 'WhiteList=');
        my $line = join one_of("\t", "\t", "\t\t"), map { chance(90) ? qq("$_") : $_ } $set, @properties;
        $line = "#$line" if chance(8);
        $text .= $line . one_of("\n", "\n", "\r\n");
        $text .= "\n" if chance(10);
    }
    return $text;
}

# A host, then the network around it: the first line that matches decides.
sub ipprop_exception {
    my $host = one_of(@HOSTS);
    my @properties = some_of(2, 'WhiteList', one_of('NoAuth', 'WhiteList=0'));
    my ($narrow, $wide) = $host =~ /:/ ? (between(100, 128), between(20, 90)) : (between(28, 32), between(9, 27));
    return qq("$host/$narrow"\t"$properties[0]"\n"$host/$wide"\t"$properties[1]"\n);
}

# ---------------------------------------------------------------- spammers.tab

sub spammers_tab {
    my $text = '';
    my $usual_end = chance(40) ? "\r\n" : "\n";
    my $mixed = chance(25);
    for (1 .. between(0, 14)) {
        my $line = spammers_line();
        $text .= $line . ($mixed ? one_of("\r\n", "\n") : $usual_end);
    }
    $text =~ s/\r?\n\z// if chance(25);
    return $text;
}

sub spammers_line {
    return long_spammers_line() if chance(6);
    return one_of('', '# by hand', "# \"10.0.0.1\"\t\"255.255.255.255\"", "\t", '"', '#', '"mail.evil.example"', "spam.example\t\"code=1\"",
        "\"dial.example/24\"\t\"code=1\"", "\t\t\"code=1\"", "\"\"\t\"255.255.255.255\"", "\"/24\"") if chance(15);
    my @fields = (spammers_address(), spammers_parameters());
    @fields = map { chance(92) ? qq("$_") : $_ } @fields;
    $fields[0] = ' ' . $fields[0] if chance(2);
    $fields[0] =~ s/^"/" / if chance(2);
    $fields[-1] =~ s/"\z// if chance(3);
    $fields[-1] =~ s/"\z/" and more/ if chance(3);
    push @fields, qq("$_") for chance(5) ? one_of('code=0', '# note', 'x', '') : ();
    my $line = '';
    $line .= $_ . one_of("\t", "\t", "\t", "\t\t", "\t\t\t") for @fields;
    $line =~ s/\t+\z// if chance(95);
    $line = "\t$line" if chance(3);
    return $line;
}

# One or two fields: the address in one of the forms that XMail takes, or nearly.
sub spammers_address {
    my $host = one_of(@HOSTS);
    $host = one_of('10.0.0.77', '172.16.5.5', '2001:db8::dead', '10.0.0.2', '198.51.100.1') if chance(25);
    if ($host =~ /:/) {
        my $bits = one_of(128, 128, 128, 64, 48, 129, 200, between(33, 127));
        my @set = (one_of("$host/$bits", "$host/$bits", "$host/$bits", uc "$host/$bits", "$host", "$host/"));
        @set = (one_of('2001:db8::/32', '::/0', '::/64', '2000::/3', '::/1', 'fe80::/10', "$host/0$bits")) if chance(10);
        push @set, '255.255.255.255' if chance(8);
        return @set;
    }
    my @octets = split /[.]/, $host;
    return "$host/" . one_of(32, 32, 24, 16, 8, 33, 200, 31, 25, '', 'x', '24x', ' 24', '024') if chance(30);
    return one_of("::ffff:$host/128", "::ffff:$host/120", "::ffff:$host/112", "::FFFF:$host/128", "::ffff:$host/200") if chance(10);
    return one_of("$host/0", '0.0.0.0/0', '::ffff:0:0/96') if chance(1);
    return $host if chance(5);
    my $address = one_of($host, $host, $host, $host, $host, $host, $host, $host, $host, $host,
        sprintf('0%o.0%o.0%o.0%o', @octets),
        sprintf('0x%x.%d.%d.0%o', @octets),
        sprintf('%d.%d.%d', @octets[0, 1], $octets[2] * 256 + $octets[3]),
        sprintf('%d.%d', $octets[0], ($octets[1] * 256 + $octets[2]) * 256 + $octets[3]),
        sprintf('%.0f', (($octets[0] * 256 + $octets[1]) * 256 + $octets[2]) * 256 + $octets[3]),
        '1.2.3', "$host.", "$host.1", '08.0.0.1', '10.0.0.256', '10.0.0x', "1..2", '0x', '4294967296', '10.16777216');
    my $mask = one_of('255.255.255.255', '255.255.255.255', '255.255.255.255', '255.255.255.255', '255.255.255.255',
        '255.255.255.0', '255.255.0.0', '255.255.255.128', '255.255.255.254', '0.0.0.255', '255.0.255.0', '255.255.0.255',
        '24', '32', '0xffffff00', '0377.0377.0377.0377', '255.255.255', '255.255.255.256', '1e5', '255.255.255.255x',
        '4294967295', '4294967040', '');
    return ($address, $mask);
}

sub spammers_parameters {
    return () if chance(20);
    return one_of('code=1', 'code=1', 'code=1', 'code=0', 'code=-5', 'code=7', 'code=', 'code=x', 'code= 1', 'code=+3', 'code=-0',
        'code=0x1', 'permanent=1', 'permanent=1,code=1', 'code=1,permanent=1', 'code=0,permanent=1', 'x=1,permanent=1,y=2',
        'permanent=10', 'permanent=2', 'xpermanent=1', 'permanent = 1', 'code=1,keep', 'keep,code=0', 'note=code=0', 'xcode=0', 'code=1,code=0',
        'code=0,code=1', 'CODE=0', 'code', 'note=a\"b,code=0', 'note=a\"b,code=1', '\"code=0', ' code=0', ',code=0', 'code=000', 'code=0001',
        'note=permanent=1', 'code=1;permanent=1', 'note=\",permanent=1');
}

# A line of more than 510 characters, whose rest XMail reads as a further line.
sub long_spammers_line {
    my $tail = chance(85) ? spammers_line() : one_of('permanent=1', 'permanent=1"', 'x"', '"', '# a comment');
    my $begin = one_of('#', '# a long comment ', qq("@{[spammers_plain()]}"\t"255.255.255.255"\t"code=1,note=),
        qq("@{[spammers_plain()]}/32"\t"code=0,note=));
    my $fill = 510 - length $begin;
    my $line = $begin . one_of('x', '-', 'x', "\t", ' ') x $fill;
    substr($line, 510 - length $_) = $_ for chance(10) ? one_of('permanent=1', ',permanent=1', ',permanent=1"', '"', ',permanent=', '"' . "\t") : ();
    return substr($line, 0, one_of(498, 508, 509, 510, 510)) if chance(15);
    $line .= one_of('#', 'z', ' ') . 'y' x 509 if chance(15);
    return $line . $tail;
}

sub spammers_plain {
    my @plain = grep { !/:/ } @HOSTS;
    return @plain ? one_of(@plain) : '10.0.0.77';
}

# ---------------------------------------------------------------- log records

sub record_text {
    my ($format, $log) = @_;
    my %maker = (
        smtp => \&smtp_record, pop3 => \&pop3_record, finger => \&finger_record, ctrl => \&ctrl_record,
        filters => \&filters_record, event => \&event_record, k4 => \&k4_record, 'xmailcfg-filter' => \&xmailcfg_record,
    );
    my @fields = $maker{$format}->($log);
    damage(\@fields) if chance($POOR ? 60 : 5);
    my $line = join "\t", map { qq("$_") } @fields;
    $line =~ s/"\t"/one_of("\t", "\"\t", "\t\"", "\"\t\"\"", " \t ")/e if chance(2);
    $line =~ s/^"// if chance(2);
    $line =~ s/"\z// if chance(2);
    $line .= one_of(' ', "\t", '"', "\0", "\r") if chance(1);
    $line = one_of('', "\t", '"', '""', "\0", 'garbage', "\xff\xfe") if chance(2);
    return $line . (chance(5) ? "\r\n" : "\n");
}

sub damage {
    my ($fields) = @_;
    my $at = int rand @$fields;
    my $how = between(0, 5);
    splice @$fields, $at, 1 if $how == 0 && @$fields > 1;
    splice @$fields, $at, 0, one_of('', 'x', some_time(), some_address(), 'ELOGIN', 'RCPT=ERELAY', '3') if $how == 1;
    pop @$fields if $how == 2 && @$fields > 1;
    push @$fields, one_of('', '5', some_time(), 'ELOGIN', 'RCPT=ERELAY') if $how == 3;
    substr($fields->[$at], int rand(1 + length $fields->[$at]), 0) = one_of("\0", '"', "\xe5", "\r") if $how == 4;
    $fields->[$at] = one_of('', '"', some_time(), some_address()) if $how == 5;
    return;
}

# Something a client may inject: TABs, quotes, a forged address, date without space, and status.
sub injected {
    my $host = one_of(@HOSTS);
    my $day  = $DAYS{today};
    return join "\"\t\"", map {
        one_of('x', $host, "::ffff:$host", "${day}T10:00:00", $day, "$day\0" . '10:00:00', '', 'ELOGIN', 'LOGIN', 'RCPT=ERELAY', 'RCPT=OK', 'RECV=OK',
            'AUTH=EFAIL:TYPE=PLAIN', '0', '17', 'y')
    } 1 .. between(2, 5);
}

my @SMTP_STATUSES;

sub smtp_status {
    @SMTP_STATUSES = (
        map({ ($_) x 2 } qw(RCPT=EACCESS RCPT=EAVAIL RCPT=ERELAY AUTH=EFAIL:TYPE=PLAIN SNDR=ESPAM RCPT=OK RECV=OK SNDRIP=EIPSPAM)),
        qw(SNDRIP=EIPBAN SNDRIP=ERDNS SNDR=EEMPTY SNDR=ESYNTAX SNDR=ENODNS RCPT=EDSBL RCPT=EFULL RCPT=ENBR RCPT=ESYNTAX RCPT=EFILTER
           PREDATA=EFILTER POSTDATA=EFILTER AUTH=EFAIL:TYPE=LOGIN AUTH=EFAIL:TYPE=CRAM-MD5 VRFY=EACCESS ETRN=EACCESS SIZE=EBIG SMTP=EERRS
           SMTP=ESSL xRCPT=ERELAY RCPT=EAVAILX rcpt=erelay), 'SNDRIP=EIPMAP (bl.example:1)', '', 'RCPT=OK ', ' RCPT=ERELAY',
    ) if !@SMTP_STATUSES;
    return one_of(@SMTP_STATUSES);
}

sub smtp_record {
    my $helo = chance(12) ? injected() : one_of('pc', 'mail.example.net', '', 'a"b', some_address());
    my $user = one_of('', '', '', '', '', '', '', 'info@xmailserver.test', '-');
    my @fields = ('xmailserver.test', 'xmailserver.test', some_address(), some_time(), $helo, 'dest.example', 'promo@bulk.example',
        one_of('', 'a@xmailserver.test'), 'S' . between(1, 99), smtp_status(), $user, between(0, 9999), '');
    @fields[0, 1] = ('', '') if chance(10);
    $fields[6] = one_of(injected(), 'x ' . some_time(), some_time(), 'RCPT=ERELAY') if chance(3);
    $fields[12] = one_of('client.example', some_time(), 'RCPT=ERELAY') if chance(10);
    pop @fields if chance(6);
    splice @fields, between(3, 12) if chance($POOR ? 50 : 2);
    push @fields, one_of('', 'later', 'RCPT=EAVAIL') if chance(4);
    return @fields;
}

sub pop3_record {
    my ($user, $domain) = chance(12) ? (injected(), injected()) : (one_of('info', 'root', '', 'a"b', 'ELOGIN'), 'xmailserver.test');
    $domain = 'xmailserver.test' if chance(4);
    my @fields = ('localhost', $domain, some_address(), some_time(), $user, one_of('', 'secret', 'ELOGIN'),
        one_of('ELOGIN', 'ELOGIN', 'ELOGIN', 'LOGIN', 'ELOGINX', 'elogin', ''));
    my $more = between(0, 99);
    push @fields, one_of(1, 0, '12', ''), one_of('260', '0', '-1', '1.5', '2x') if $fields[6] eq 'LOGIN' && $more < 30;
    push @fields, one_of(1, 5), one_of('260', '0') if $fields[6] eq 'LOGIN' && $more >= 80;
    pop @fields if chance(5);
    push @fields, one_of('', '3', 'ELOGIN') if chance(5);
    push @fields, '1', '2' if chance(3);
    splice @fields, between(4, 7) if chance($POOR ? 50 : 2);
    return @fields;
}

sub finger_record {
    my @fields = (('xmailserver.test') x between(0, 1), chance(8) ? injected() : one_of('localhost', ''), some_address(), some_time(),
        one_of('root@xmailserver.test', '', some_time(), 'a b'));
    pop @fields if chance(5);
    return @fields;
}

sub ctrl_record {
    return (some_address(), chance(5) ? injected() : 'root', one_of('bad', ''), some_time(), one_of('FAIL', 'FAIL', 'REQ', 'AUTH', 'FAILED', ''));
}

sub filters_record {
    return ('a@b.example', chance(5) ? injected() : 'c@d.example', some_address(), some_address(), some_time(),
        one_of('post-rcpt', 'pre-data'), '', one_of(0, -1), one_of(0, 3, 3, 19, 16, -1, 1), '/filters/probe;[10.0.0.1]:25;x');
}

sub event_record {
    return (some_free_time(), one_of('denied', 'bad password', 'login failure', 'hold', 'ok', ''), some_address(), one_of('admin', injected()), one_of('10.0.0.1', ''));
}

# Free text in which an address stands, between things that are nearly one.
sub some_detail {
    my $address = some_address();
    return one_of($address, "[$address]", "from $address", "from=$address;", "$address:25 $address", "face 1.2.3 $address and 10.0.0.1",
        "dead.beef: ($address)", "a.b $address", "host$address", "$address-x", '', 'none', "${address}x", "$address, 10.0.0.2");
}

sub k4_record {
    return (some_free_time(), one_of('Failure', 'Failure', 'Redirect', 'Success', 'Failures', 'hold'), 'xmailserver.test', chance(5) ? injected() : 'admin',
        'secret', 'login', some_detail(), '/k4.pl', some_detail());
}

sub xmailcfg_record {
    my ($log) = @_;
    my $status = one_of('受信拒否', '受信拒否', '着信拒否', '[着信拒否]', '受信', '拒否しません', 'denied', 'hold');
    my $from = one_of('10.0.0.1@example.net', 'a@[192.0.2.7]', injected());
    my $encoding = $log->{encoding};
    $encoding = one_of('EUC-JP', 'SHIFT_JIS', undef) if chance(8);
    $status = Encode::encode($encoding, Encode::decode('UTF-8', $status)) if defined $encoding;
    $status .= one_of("\xff", substr($status, 0, 1), "\xa4") if chance(4);
    return (some_free_time(), $status, chance(92) ? 'x@example.net' : $from, '2001:db8::1 c@d.example', some_detail());
}

# ---------------------------------------------------------------- log files

# When a log file with new records was last written: not before the last of them in any time zone.
sub written_now { return now_seconds() + 43200 + between(0, 3600) }

# The formats to write: those that are configured, and sometimes one that isn't.
sub formats_in_use {
    my @logs = $CONFIG->{logs} ? @{ $CONFIG->{logs} } : ({ format => 'smtp' }, { format => 'pop3' });
    push @logs, { format => one_of(qw(smtp pop3 ctrl finger)) } if chance(15);
    my %seen;
    return grep { !$seen{ $_->{format} }++ } @logs;
}

sub log_text {
    my ($log, $count) = @_;
    my $text = join '', map { record_text($log->{format}, $log) } 1 .. $count;
    $text =~ s/\r?\n\z// if chance(15);
    return $text;
}

sub log_file_name {
    my ($format, $day) = @_;
    my $begin = log_name($format);
    $day =~ s/-//g;
    my $right = $begin =~ /log$/ ? $begin . one_of('', '.1', "-$day") : $begin . $day . one_of('0000', '0000', '1200');
    return one_of("x$right", "$right.gz", substr($right, 0, -1), "${right}0", ".$right", uc $right, "$begin$day", $begin) if chance(8);
    return $right;
}

# Sometimes so few that all may be malformed or out of the range.
sub record_count { return $POOR ? between(1, 2) : chance(5) ? 0 : chance(10) ? between(100, 200) : between(1, 40) }

sub write_new_logs {
    my ($how_many) = @_;
    for my $log (formats_in_use()) {
        for (1 .. $how_many) {
            my $path = "$LOGS/" . log_file_name($log->{format}, one_of(values_in_order()));
            next if -e $path;
            write_file($path, log_text($log, record_count()), written_now());
        }
    }
    return;
}

sub values_in_order { return @DAYS{ sort keys %DAYS } }

# A file of the given format that was last written long ago: all its records are old too.
sub write_old_log {
    my ($log) = one_of(formats_in_use());
    my @keep = %DAYS;
    my $old = day_before_now($SEARCH_DAYS + 30);
    $_ = $old for values %DAYS;
    my $path = "$LOGS/" . log_file_name($log->{format}, $old);
    my $text = log_text($log, between(1, 20));
    %DAYS = @keep;
    write_file($path, $text, now_seconds() - ($SEARCH_DAYS + 20) * 86400) if !-e $path && $text !~ /9999/;
    return;
}

sub add_oddities {
    my @files = map { (split m{/})[-1] } existing_logs();
    return if !@files;
    my $target = one_of(@files);
    (my $twin = $target) =~ s/\d(\D*)\z/7$1/;
    my $how = between(0, 2);
    return if -e "$LOGS/$twin";
    link "$LOGS/$target", "$LOGS/$twin" if $how == 0;
    symlink $target, "$LOGS/$twin" if $how == 1;
    mkdir "$LOGS/$twin" if $how == 2;
    return;
}

sub existing_logs {
    opendir my $listing, $LOGS or die "unable to list $LOGS: $!\n";
    return map { "$LOGS/$_" } grep { $_ ne 'spammers-log' && -f "$LOGS/$_" && !-l "$LOGS/$_" } sort readdir $listing;
}

# ---------------------------------------------------------------- the two calls

sub create {
    mkdir $_ for $DIRECTORY, $MAIL_ROOT, $LOGS, "$MAIL_ROOT/filters", "$MAIL_ROOT/filters/xmail-spammers";
    my $long_ago = now_seconds() - 5 * 86400;
    write_config();
    write_file("$DIRECTORY/whitelist", whitelist_file_text(), $long_ago) if chance(30);
    write_file("$DIRECTORY/allowed-elsewhere", whitelist_file_text(), $long_ago) if chance(70);
    write_file("$MAIL_ROOT/smtp.ipprop.tab", ipprop_text(), $long_ago) if chance(40);
    write_file("$MAIL_ROOT/spammers.tab", spammers_tab(), $A_DAY_OF_OLD) if chance(90);
    write_new_logs(between(0, 100) < 5 ? 0 : between(1, 3));
    write_old_log() if chance(20);
    add_oddities() if chance(15);
    write_now();
    return;
}

sub write_now {
    my $text = sprintf '%04d-%02d-%02dT%02d:%02d', @$NOW;
    $text .= sprintf ':%02d', between(0, 59) if chance(30);
    write_file("$DIRECTORY/now", "$text\n", now_seconds());
    return;
}

sub grow {
    $NOW = [read_file("$DIRECTORY/now") =~ /\d+/g];
    my @later = gmtime(now_seconds() + one_of(7200, 10800, 86400, 86400, 3 * 86400));
    $NOW = [$later[5] + 1900, $later[4] + 1, @later[3, 2, 1]];
    set_days();
    my %log_of = map { (log_name($_->{format}) => $_) } formats_in_use();
    for my $path (existing_logs()) {
        my ($name) = grep { index($path, $_) >= 0 } sort keys %log_of;
        change_log($path, defined $name ? $log_of{$name} : { format => 'smtp' });
    }
    write_new_logs(1) if chance(50);
    damage_cache() if chance(15);
    write_file("$MAIL_ROOT/spammers.tab", spammers_tab(), $A_DAY_OF_OLD) if chance(20);
    unlink "$MAIL_ROOT/spammers.tab" if chance(3);
    write_file("$DIRECTORY/whitelist", whitelist_file_text(), now_seconds() - 86400) if chance(10);
    write_now();
    return;
}

# 4.3: a damaged or foreign cache is ignored and rebuilt; a damaged state counts as none.
sub damage_cache {
    my $own = "$MAIL_ROOT/filters/xmail-spammers";
    my @files = files_below($own);
    for my $path (some_of(between(1, 3), @files)) {
        my $bytes = read_file($path);
        my $at    = int rand(length($bytes) || 1);
        my $how   = between(0, 4);
        $bytes = substr $bytes, 0, $at if $how == 0;
        substr($bytes, $at, 1) = chr(ord(substr $bytes, $at, 1) ^ 1 << between(0, 7)) if $how == 1 && $bytes ne '';
        $bytes .= one_of("\n", "\0", 'garbage', $bytes) if $how == 2;
        $bytes = read_file(one_of(@files)) if $how == 3;
        substr($bytes, $at, 1) = one_of('', '0', '9') if $how == 4 && $bytes ne '';
        write_file($path, $bytes, now_seconds());
    }
    return;
}

sub files_below {
    my ($directory) = @_;
    opendir my $listing, $directory or return;
    my @names = grep { !/^\.\.?\z/ } sort readdir $listing;
    return map { -d $_ && !-l $_ ? files_below($_) : -f $_ ? $_ : () } map { "$directory/$_" } @names;
}

# The specification leaves open what a symbolic link that leads nowhere means: none is left behind.
sub is_linked_to {
    my ($path) = @_;
    return scalar grep { -l $_ && "$LOGS/" . readlink($_) eq $path } glob "$LOGS/*";
}

# What may happen to a log file between two rebuilds (4.3); its time of last writing moves on.
sub change_log {
    my ($path, $log) = @_;
    return if chance(25);
    my $text  = read_file($path);
    my $time  = written_now();
    my $added = log_text($log, between(1, 15));
    if (chance(70)) { write_file($path, $text . (chance(90) ? '' : "\n") . $added, $time) }
    elsif (chance(20)) { unlink $path if !is_linked_to($path) }
    elsif (chance(30)) { write_file($path, substr($text, 0, int rand(1 + length $text)), $time) }
    elsif (chance(40)) { unlink $path; write_file($path, $added x 3, $time) }
    elsif (chance(50)) { write_file($path, $added . $text, $time) }
    else {
        $text =~ s/ELOGIN/LOGIN1/g;
        $text =~ s/=ERELAY/=EFILTE/;
        write_file($path, $text, $time);
    }
    return;
}
