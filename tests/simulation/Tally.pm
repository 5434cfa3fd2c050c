# SPDX-License-Identifier: MIT
#
# What the simulations count: checks that passed and checks that failed, with what was found instead.
package Tally;

use strict;
use warnings;

my $SHOWN_MAX = 20;    # failures of one runner that are told in full

# Tally->new(NAME of the runner)
sub new {
    my ($class, $name) = @_;
    $| = 1;
    return bless { name => $name, passed => 0, failed => 0 }, $class;
}

# Counts. What is wrong is a list of texts, empty if all is well.
sub check {
    my ($self, $what, @wrong) = @_;
    if (!@wrong) {
        $self->{passed}++;
        return 1;
    }
    $self->{failed}++;
    return 0 if $self->{failed} > $SHOWN_MAX;
    print "$self->{name}: FAILED: $what\n";
    print "    $_\n" for map { split /\n/ } @wrong;
    return 0;
}

sub say {
    my ($self, $text) = @_;
    print "$self->{name}: $text\n";
    return;
}

sub skip {
    my ($self, $what, $why) = @_;
    $self->say("skipped: $what: $why");
    return;
}

# Says how many. The exit status.
sub finish {
    my ($self) = @_;
    $self->say("$self->{passed} passed, $self->{failed} failed");
    return $self->{failed} || !$self->{passed} ? 1 : 0;
}

1;
