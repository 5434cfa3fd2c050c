#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# A week of a mail server: mail comes at random minutes, sometimes to several clients at once, attackers and users fill
# the logs, and XMail runs the filter at each RCPT.
#
#     week.pl PROGRAM DIRECTORY short|long [SEED]
#
# After each rebuild the list must be what a rebuild of everything makes of a copy of the MailRoot. All the while
# somebody reads the list as XMail does at each connection: he must never find it missing, cut or wrong.

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use File::Path ();
use FindBin;
use POSIX ();
use lib $FindBin::RealBin, "$FindBin::RealBin/../xmail";
use MailRoot;
use Tally;
use XMail;

die "usage: week.pl PROGRAM DIRECTORY short|long [SEED]\n" if @ARGV < 3 || @ARGV > 4;
my ($PROGRAM, $DIRECTORY, $FORM, $SEED) = @ARGV;
$SEED //= 1121;

my $DAYS         = $FORM eq 'long' ? 9 : 2;
my $MAILS        = $FORM eq 'long' ? 60 : 30;          # a day
my $CLIENTS_MAX  = $FORM eq 'long' ? 12 : 5;
my $RECORDS_MAX  = 60;                                 # between two mails
my $INTERVAL     = 60;
my $DAY          = 86_400;
my $BEGIN        = 1_795_219_200;                      # 2026-11-21 00:00:00 UTC
my $ALWAYS       = '203.0.113.200';                    # listed for good
my $NEVER        = '198.51.100.200';                   # white-listed, though it looks like an attacker
my @SMTP_CRIMES  = qw(RCPT=ERELAY AUTH=EFAIL:TYPE=LOGIN SNDR=ESYNTAX RCPT=EAVAIL SNDRIP=EIPSPAM SMTP=EERRS);

srand $SEED;
$ENV{TZ} = 'UTC';
my $tally = Tally->new('week');
my $world = make_world();
my $xmail = XMail->new(mail_root => $world->{root});
my %known;        # the lists that there have been, by their digests
my @unwritten;    # the ends of records, as for write_log

week();
exit $tally->finish;

sub make_world {
    my $made = MailRoot->new(
        program   => $PROGRAM,
        directory => "$DIRECTORY/week",
        settings  => {
            interval => $INTERVAL,
            more     => qq{remove_count = 0;\nsearch_days = 2;\nmax_backups = 5;\nwhitelist = [ "$NEVER us" ];\n}
        }
    );
    $made->set_list(qq{# by hand\n"$ALWAYS"\t"255.255.255.255"\t"code=1,permanent=1"\n});
    return $made;
}

sub week {
    my ($rebuilds, $last) = (0);
    note_list();
    $world->settle;
    my $reader = start_reader();
    for my $time (times_of_mails()) {
        write_logs($last // $BEGIN, $time);
        my $due = !defined $last || $time - $last >= $INTERVAL * 60;
        $last = $time if $due;
        $rebuilds += $due;
        mail_at($time, $due, $rebuilds);
    }
    $tally->check("what the reader found in the whole week of seed $SEED", stop_reader($reader));
    $tally->check('nothing else was left behind', $world->leftovers, $world->unexpected_events, too_many_backups());
    $tally->say("seed $SEED: $DAYS days, " . $DAYS * $MAILS . " mails, $rebuilds rebuilds");
    return;
}

# Whole minutes, in order.
sub times_of_mails {
    my %minutes = map { $BEGIN + 60 * int(rand $DAYS * 1440) => 1 } 1 .. $DAYS * $MAILS;
    return sort { $a <=> $b } keys %minutes;
}

sub text_of { my ($time) = @_; return POSIX::strftime('%Y-%m-%dT%H:%M', gmtime $time) }
sub day_of { my ($time) = @_; return POSIX::strftime('%Y-%m-%d', gmtime $time) }

# ---------------------------------------------------------------- logs

# What happened between two mails: records in the logs of their days, begun anew at midnight. The last one may still be
# being written when the mail comes.
sub write_logs {
    my ($from, $until) = @_;
    $world->write_log(@{$_}) for splice @unwritten;
    my @times = sort { $a <=> $b } map { $from + int rand($until - $from + 1) } 0 .. rand $RECORDS_MAX;
    for my $i (0 .. $#times) {
        my $time = $times[$i];
        my $day = day_of($time);
        my ($service, $record) = rand() < 0.7 ? ('smtp', smtp_record($day)) : ('pop3', pop3_record($day));
        my $name = "$service-" . $day =~ s/-//gr . '0000';
        my $cut  = $i == $#times && rand() < 0.4 ? int rand length $record : length $record;
        $world->write_log($name, $time, substr $record, 0, $cut, '');
        push @unwritten, [$name, $time, $record] if $record ne '';
    }
    return;
}

# Few hosts, so that some come often: attackers, users, and those who are a little of both.
sub smtp_record {
    my ($day) = @_;
    my $kind = rand;
    return MailRoot::smtp_record($NEVER, $day, 'RCPT=ERELAY') if $kind < 0.05;
    return MailRoot::smtp_record('198.51.100.' . int rand 20, $day, 'RECV=OK', 'user') if $kind < 0.3;
    return MailRoot::smtp_record('198.51.100.' . int rand 40, $day, 'AUTH=EFAIL:TYPE=PLAIN') if $kind < 0.4;
    return MailRoot::smtp_record(attacker($day), $day, $SMTP_CRIMES[rand @SMTP_CRIMES]);
}

sub pop3_record {
    my ($day) = @_;
    return MailRoot::pop3_record('198.51.100.' . int rand 40, $day, rand() < 0.8 ? 'LOGIN' : 'ELOGIN') if rand() < 0.5;
    return MailRoot::pop3_record(attacker($day), $day, 'ELOGIN');
}

# Each day has others, so that some come and some go.
sub attacker {
    my ($day) = @_;
    return '192.0.2.' . (substr($day, -2) * 7 + int rand 60) % 256;
}

# ---------------------------------------------------------------- mail

# One or several clients say RCPT at this minute.
sub mail_at {
    my ($time, $due, $rebuilds) = @_;
    my $now      = text_of($time);
    my $before   = MailRoot::read_file($world->{list});
    my $expected = $due ? rebuilt_copy($now) : $before;
    $known{ md5_hex($expected) } = 1;
    register($now);
    my @results = $xmail->rcpt_at_once(map { client() } 0 .. rand $CLIENTS_MAX);
    my @wrong   = map { wrong_with($_) } @results;
    push @wrong, $world->rebuilds . " rebuilds until now instead of $rebuilds" if $world->rebuilds != $rebuilds;
    my $list = MailRoot::read_file($world->{list});
    push @wrong, 'the list is not as expected', difference($expected, $list) if $list ne $expected;
    push @wrong, "$ALWAYS is let in" if $xmail->connect_from($ALWAYS) ne 'refuse';
    push @wrong, "$NEVER is not let in" if $xmail->connect_from($NEVER) ne 'accept';
    $tally->check("the mail of $now, seed $SEED", @wrong);
    return;
}

# As `xmail-spammers install` does it, but with the time in it, and behind another filter.
sub register {
    my ($now) = @_;
    my @command = map { qq{"$_"} } $world->command($now, 'filter', '@@FROM', '@@RRCPT');
    my $line = join "\t", @command;
    MailRoot::write_file("$world->{root}/filters.post-rcpt.tab.new", qq{# filters\n"!aex"\t"/bin/true"\n$line\n});
    rename "$world->{root}/filters.post-rcpt.tab.new", "$world->{root}/filters.post-rcpt.tab"
      or die "unable to write filters.post-rcpt.tab: $!\n";
    return;
}

# What a client says is hostile now and then.
sub client {
    my @senders = ('a@example.net', '', '--help', '"; reboot', "\xff\x01");
    return { from => $senders[rand @senders], remote => '192.0.2.' . int rand 256, rand() < 0.2 ? (user => 'me') : () };
}

sub wrong_with {
    my ($result) = @_;
    my @wrong;
    push @wrong, "$result->{verdict}: $result->{answer}" if $result->{verdict} ne 'accept';
    push @wrong, "a filter said: $result->{said}" if $result->{said} ne '';
    push @wrong, map { "$_->{command}: $_->{status}" } grep { $_->{status} ne '0' } @{ $result->{filters} };
    push @wrong, 'the filter did not run' if !grep { $_->{command} eq $PROGRAM } @{ $result->{filters} };
    return @wrong;
}

# The list that a rebuild of everything makes.
sub rebuilt_copy {
    my ($now) = @_;
    my $directory = "$DIRECTORY/week-copy";
    File::Path::remove_tree($directory);
    my $copy = MailRoot->new(program => $PROGRAM, directory => $directory);
    system 'cp', '-a', "$world->{root}/.", $copy->{root};
    $copy->forget;
    $copy->rebuild_by_hand($now, '--no-cache');
    return MailRoot::read_file($copy->{list});
}

sub difference {
    my ($expected, $found) = @_;
    my %expected = map { $_ => 1 } split /\n/, $expected;
    my %found    = map { $_ => 1 } split /\n/, $found;
    return ((map { "missing: $_" } grep { !$found{$_} } sort keys %expected),
        (map { "too many: $_" } grep { !$expected{$_} } sort keys %found));
}

sub too_many_backups {
    my @backups = glob "$world->{root}/spammers.[0-9]*.tab";
    return @backups > 5 ? scalar @backups . ' backups' : ();
}

# ---------------------------------------------------------------- who reads all the while

sub note_list {
    $known{ md5_hex(MailRoot::read_file($world->{list})) } = 1;
    return;
}

# A process that connects from two addresses again and again, and reads the list. In its result: how often, and each
# list that it found by its digest, or "missing".
sub start_reader {
    my $pid = fork // die "unable to fork: $!\n";
    return $pid if $pid;
    my ($reads, %found) = (0);
    until (-e "$DIRECTORY/stop") {
        my $bytes = MailRoot::read_file($world->{list});
        $found{ defined $bytes ? md5_hex($bytes) : 'missing' }++;
        $found{"$ALWAYS was let in"}++ if $xmail->connect_from($ALWAYS) ne 'refuse';
        $found{"$NEVER was not let in"}++ if $xmail->connect_from($NEVER) ne 'accept';
        $reads++;
    }
    MailRoot::write_file("$DIRECTORY/found", join '', "$reads\n", map { "$_\n" } sort keys %found);
    POSIX::_exit(0);
}

sub stop_reader {
    my ($pid) = @_;
    MailRoot::write_file("$DIRECTORY/stop", '');
    waitpid $pid, 0;
    my ($reads, @found) = split /\n/, MailRoot::read_file("$DIRECTORY/found") // return 'the reader broke down';
    my @wrong = map { "found in the list's place: $_" } grep { !$known{$_} } @found;
    push @wrong, "only $reads reads"                       if $reads < 100;
    push @wrong, 'only ' . @found . ' lists were ever met' if @found < 3;
    return @wrong;
}
