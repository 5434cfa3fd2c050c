#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# The stand-in for XMail on the command line.
#
#     xmail.pl --mail-root DIR [--timeout SECONDS] [--descriptors COUNT] [--no-export] connect ADDRESS...
#     xmail.pl --mail-root DIR [...] rcpt [--from A] [--to A] [--remote ADDRESS] [--local ADDRESS] [--auth USER]
#                                        [--clients COUNT]
#
# connect prints for each address what becomes of that client; rcpt prints for each client the verdict with the answer,
# a line "filter STATUS COMMAND" for each filter that ran, and "said TEXT" for each line that a filter wrote.

use strict;
use warnings;
use FindBin;
use Getopt::Long ();
use lib $FindBin::RealBin;
use XMail;

my $USAGE = "usage: xmail.pl --mail-root DIR [OPTIONS] connect ADDRESS... | rcpt [OPTIONS]\n";

sub options {
    my ($until_command, %options) = @_;
    Getopt::Long::Configure('no_auto_abbrev', $until_command ? 'require_order' : 'permute');
    Getopt::Long::GetOptions(%options) or die $USAGE;
    return;
}

sub show_rcpt {
    my ($result) = @_;
    print "$result->{verdict} $result->{answer}\n";
    print "filter $_->{status} $_->{command}\n" for @{ $result->{filters} };
    print "said $_\n" for split /\n/, $result->{said};
    return;
}

my %server;
options(
    1,
    'mail-root=s'   => \$server{mail_root},
    'timeout=f'     => sub { $server{timeout} = $_[1] },
    'descriptors=i' => sub { $server{descriptors} = $_[1] },
    'no-export'     => sub { $server{export_mail_root} = 0 },
);
my $command = shift @ARGV // die $USAGE;
die $USAGE if !defined $server{mail_root};
my $xmail = XMail->new(%server);
if ($command eq 'connect') {
    print $xmail->connect_from($_), "\n" for @ARGV;
}
elsif ($command eq 'rcpt') {
    my %mail;
    my $clients = 1;
    options(
        0,
        'clients=i' => \$clients,
        'auth=s'    => sub { $mail{user} = $_[1] },
        map { my $name = $_; "$name=s" => sub { $mail{$name} = $_[1] } } qw(from to remote local)
    );
    show_rcpt($_) for $xmail->rcpt_at_once((\%mail) x $clients);
}
else {
    die $USAGE;
}
