#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The list for other software: what it says to the byte, that this software takes it and comes to the same hosts, and
# that it is whole or an error.

# shellcheck disable=SC2016,SC2154 # an inner shell expands it; bats sets it

load helpers.bash

ACTION="REJECT your host is refused because of unauthorised accesses"

setup() {
    make_mail_root
    PATH=$PATH:/usr/sbin:/sbin
    server=
}

teardown() {
    [ -z "$server" ] || kill "$server"
}

# A host and a network by an earlier line let in, neighbours, IPv6, and what is no entry.
some_list() {
    list "# by hand" "$(entry 192.0.2.9 255.255.255.255 code=0)" "$(entry 192.0.2.9)" "$(entry 192.0.2.0)" \
        "$(entry 192.0.2.1)" "$(entry 198.51.100.0 255.255.255.252)" "$(entry 198.51.100.2)" \
        "$(entry 203.0.113.0/25 code=-3)" "$(entry 203.0.113.0 255.255.255.0)" "$(entry 2001:db8:1::/48 code=0)" \
        "$(entry 2001:db8::/47)" "mail.example.com" "$(entry 192.0.2.7)"
}

# export FORMAT [OPTION...]
export_as() {
    xs -r "$MR" export "$@"
}

# exported FORMAT: into the file OUT.
exported() {
    export_as "$1"
    exits 0
    OUT=$BATS_TEST_TMPDIR/out.$1
    printf '%s\n' "$output" >"$OUT"
}

exports() {
    exported "$1"
    says_nothing
    shift
    file_is "$OUT" "$@"
}

# in_own_network COMMAND...: where it can do no harm.
in_own_network() {
    unshare -n -- "$@" 2>&1
}

need_own_network() {
    need_root
    in_own_network true || skip "there can be no network of the test's own here"
}

comments() {
    echo "# By xmail-spammers: whom XMail refuses by $LIST."
    echo "# $1"
}

# --- formats -----------------------------------------------------------------------------------------------------

@test "plain has a line for each entry, without what earlier lines let in or refuse already" {
    some_list
    exports plain 192.0.2.0 192.0.2.1 192.0.2.7 198.51.100.0/30 203.0.113.128/25 2001:db8::/48
}

@test "cidr has the fewest prefixes, hosts with their bits too" {
    some_list
    exports cidr 192.0.2.0/31 192.0.2.7/32 198.51.100.0/30 203.0.113.128/25 2001:db8::/48
}

@test "nft has two sets, the content of which it replaces" {
    some_list
    exported nft
    file_is "$OUT" "$(comments "Entries: 4 of IPv4, 1 of IPv6")" \
        "# Load it with nft -f FILE, again after each change. Once, after the first time, these make it work:" \
        "#   nft add chain inet xmail_spammers input '{ type filter hook input priority 0; }'" \
        "#   nft add rule inet xmail_spammers input tcp dport '{ 25, 465, 587 }' ip saddr @ipv4 drop" \
        "#   nft add rule inet xmail_spammers input tcp dport '{ 25, 465, 587 }' ip6 saddr @ipv6 drop" \
        "add table inet xmail_spammers" \
        "add set inet xmail_spammers ipv4 { type ipv4_addr; flags interval; }" \
        "add set inet xmail_spammers ipv6 { type ipv6_addr; flags interval; }" \
        "flush set inet xmail_spammers ipv4" "flush set inet xmail_spammers ipv6" \
        "add element inet xmail_spammers ipv4 {" $'\t192.0.2.0/31,' $'\t192.0.2.7,' $'\t198.51.100.0/30,' \
        $'\t203.0.113.128/25,' "}" "add element inet xmail_spammers ipv6 {" $'\t2001:db8::/48,' "}"
}

@test "nft takes the file, twice, with the rules that its comments name; everybody and nobody, too" {
    need_own_network
    some_list
    exported nft
    in_own_network nft -c -f "$OUT"
    sed -n 's/^#   //p' "$OUT" >"$BATS_TEST_TMPDIR/rules"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/rules")" -eq 3 ]
    in_own_network sh -ec 'nft -f "$1"; sh -e "$2"; nft -f "$1"; nft list ruleset' - "$OUT" \
        "$BATS_TEST_TMPDIR/rules" >"$BATS_TEST_TMPDIR/ruleset"
    grep -F "192.0.2.0/31, 192.0.2.7" "$BATS_TEST_TMPDIR/ruleset"
    [ "$(grep -c 'saddr @ipv[46] drop' "$BATS_TEST_TMPDIR/ruleset")" -eq 2 ]
    cp "$OUT" "$BATS_TEST_TMPDIR/before"
    list "$(entry 0.0.0.0/0)" "$(entry ::/0)"
    exported nft
    in_own_network sh -ec 'nft -f "$1"; nft -f "$2"; nft list ruleset' - "$BATS_TEST_TMPDIR/before" "$OUT" \
        >"$BATS_TEST_TMPDIR/ruleset"
    grep -F "{ 0.0.0.0/0 }" "$BATS_TEST_TMPDIR/ruleset"
    list "# nobody"
    exported nft
    in_own_network sh -ec 'nft -f "$1"; nft -f "$2"; nft list ruleset' - "$BATS_TEST_TMPDIR/before" "$OUT" \
        >"$BATS_TEST_TMPDIR/ruleset"
    grep -F "set ipv4" "$BATS_TEST_TMPDIR/ruleset"
    ! grep -F "elements" "$BATS_TEST_TMPDIR/ruleset" || complain "the old content stays"
}

@test "ipset fills new sets and swaps them for the old ones" {
    some_list
    exported ipset
    file_is "$OUT" "$(comments "Entries: 4 of IPv4, 1 of IPv6")" \
        "# Load it with ipset restore <FILE, again after each change. Once, after the first time, these make it work:" \
        "#   iptables -I INPUT -p tcp -m multiport --dports 25,465,587 -m set --match-set xmail-spammers-ipv4 src -j DROP" \
        "#   ip6tables -I INPUT -p tcp -m multiport --dports 25,465,587 -m set --match-set xmail-spammers-ipv6 src -j DROP" \
        "create xmail-spammers-ipv4 hash:net family inet maxelem 16777216 -exist" \
        "create xmail-spammers-ipv4-new hash:net family inet maxelem 16777216 -exist" \
        "flush xmail-spammers-ipv4-new" "add xmail-spammers-ipv4-new 192.0.2.0/31" \
        "add xmail-spammers-ipv4-new 192.0.2.7" "add xmail-spammers-ipv4-new 198.51.100.0/30" \
        "add xmail-spammers-ipv4-new 203.0.113.128/25" \
        "swap xmail-spammers-ipv4 xmail-spammers-ipv4-new" "destroy xmail-spammers-ipv4-new" \
        "create xmail-spammers-ipv6 hash:net family inet6 maxelem 16777216 -exist" \
        "create xmail-spammers-ipv6-new hash:net family inet6 maxelem 16777216 -exist" \
        "flush xmail-spammers-ipv6-new" "add xmail-spammers-ipv6-new 2001:db8::/48" \
        "swap xmail-spammers-ipv6 xmail-spammers-ipv6-new" "destroy xmail-spammers-ipv6-new"
}

@test "ipset takes the file, twice, with everybody, and knows the hosts" {
    need_own_network
    in_own_network ipset list >/dev/null || skip "this kernel has no ipset"
    some_list
    exported ipset
    cp "$OUT" "$BATS_TEST_TMPDIR/before"
    list "$(entry 0.0.0.0/0)" "$(entry ::/0)"
    exported ipset
    in_own_network sh -ec 'ipset restore <"$2"; ipset test xmail-spammers-ipv4 192.0.2.9
        ipset test xmail-spammers-ipv6 2001:db8:1::1
        ipset restore <"$1"; ipset restore <"$1"; ipset test xmail-spammers-ipv4 192.0.2.1
        ipset test xmail-spammers-ipv6 2001:db8::1; ! ipset test xmail-spammers-ipv4 192.0.2.9
        ! ipset test xmail-spammers-ipv6 2001:db8:1::1
        [ "$(ipset list -n | wc -l)" -eq 2 ]' - "$BATS_TEST_TMPDIR/before" "$OUT"
}

@test "postfix has a table of networks" {
    some_list
    exports postfix "$(comments "Entries: 4 of IPv4, 1 of IPv6")" \
        "# In main.cf: smtpd_client_restrictions = check_client_access cidr:FILE" "192.0.2.0/31 $ACTION" \
        "192.0.2.7/32 $ACTION" "198.51.100.0/30 $ACTION" "203.0.113.128/25 $ACTION" "2001:db8::/48 $ACTION"
}

# postmap_says ADDRESS TEXT
postmap_says() {
    local said
    said=$(postmap -q "$1" "cidr:$OUT" || true)
    [ "$said" = "$2" ] || complain "postmap says of $1: $said"
}

@test "postmap finds in the table who is refused, and nobody else" {
    # It isn't installed for this: it would begin to receive mail.
    command -v postmap || skip "postfix isn't here"
    some_list
    exported postfix
    postmap_says 192.0.2.1 "$ACTION"
    postmap_says 203.0.113.200 "$ACTION"
    postmap_says 2001:db8::1 "$ACTION"
    postmap_says 192.0.2.9 ""
    postmap_says 203.0.113.1 ""
    postmap_says 2001:db8:1::1 ""
}

@test "rbldnsd has IPv4 alone, and how much IPv6 is left out is said" {
    some_list
    exported rbldnsd
    says "xmail-spammers: 1 entry of IPv6 is left out: this format can't hold it"
    file_is "$OUT" "$(comments "Entries: 4 of IPv4, 1 of IPv6, which can't stand here")" \
        "# Serve it with rbldnsd -b ADDRESS/PORT ZONE:ip4set:FILE" \
        ':127.0.0.2:$ is refused because of unauthorised accesses' \
        192.0.2.0/31 192.0.2.7 198.51.100.0/30 203.0.113.128/25
}

# serve FILE: by rbldnsd, as the zone bl.example on a port of its own; sets server, port.
serve() {
    port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1")->sockport')
    cp "$1" "$BATS_TEST_TMPDIR/zone"
    chmod -R a+rX "$BATS_RUN_TMPDIR"
    rbldnsd -n -b "127.0.0.1/$port" -w "$BATS_TEST_TMPDIR" bl.example:ip4set:zone \
        >"$BATS_TEST_TMPDIR/served" 2>&1 3>&- &
    server=$!
    wait_until grep -q started "$BATS_TEST_TMPDIR/served"
}

# dns ADDRESS: what the server says of the host: an address, or NXDOMAIN.
dns() {
    perl -MIO::Socket::INET -e '
        my ($port, $host) = @ARGV;
        my $name = join ".", reverse(split /\./, $host), "bl", "example";
        my $query = pack("n6", 7, 0x100, 1, 0, 0, 0) . pack("(C/a*)*", split(/\./, $name), "") . pack("n2", 1, 1);
        my $socket = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1", PeerPort => $port) or die;
        $socket->send($query);
        local $SIG{ALRM} = sub { die "no answer\n" };
        alarm 10;
        defined $socket->recv(my $answer, 512) or die;
        my ($id, $flags, $questions, $answers) = unpack("n4", $answer);
        print $answers ? join(".", unpack("C4", substr($answer, -4))) : ($flags & 15) == 3 ? "NXDOMAIN" : "error";
    ' "$port" "$1"
}

dns_says() {
    local said
    said=$(dns "$1")
    [ "$said" = "$2" ] || complain "rbldnsd says of $1: $said"
}

@test "rbldnsd answers for who is refused, and for nobody else" {
    some_list
    exported rbldnsd
    serve "$OUT"
    dns_says 192.0.2.1 127.0.0.2
    dns_says 198.51.100.3 127.0.0.2
    dns_says 203.0.113.128 127.0.0.2
    dns_says 192.0.2.9 NXDOMAIN
    dns_says 203.0.113.127 NXDOMAIN
    dns_says 192.0.2.2 NXDOMAIN
}

@test "rbldnsd takes a list that refuses everybody but one" {
    list "$(entry 192.0.2.9 255.255.255.255 code=0)" "$(entry 0.0.0.0/0)"
    exported rbldnsd
    serve "$OUT"
    dns_says 192.0.2.8 127.0.0.2
    dns_says 192.0.2.9 NXDOMAIN
    kill "$server"
    list "$(entry ::/0)"
    exported rbldnsd
    serve "$OUT"
    dns_says 192.0.2.9 127.0.0.2
}

# --- what is told, and what isn't --------------------------------------------------------------------------------

@test "what can't be told in prefixes is left out with its line, and the rest is told" {
    list "$(entry 10.0.0.9 255.0.0.255)" "$(entry 192.0.2.0 255.255.255.253)" "$(entry 0.0.0.7 0.0.0.255 code=0)" \
        "$(entry 198.51.100.7)" "$(entry 198.51.100.8)" "$(entry 203.0.113.0/29)" "$(entry 172.16.0.0/12)" \
        "$(entry ::1.2.3.4/128)"
    export_as plain
    exits 0
    shows 192.0.2.0 192.0.2.2 198.51.100.8 "203.0.113.0/30
203.0.113.4/31
203.0.113.6"
    [[ $output != *10.0.0* && $output != *198.51.100.7* && $output != *172.16* && $output != *113.7* ]] || complain "told"
    says "line 1 of spammers.tab, 10.0.0.9/255.0.0.255, is left out: its netmask" \
        "line 7 of spammers.tab, 172.16.0.0/12, is left out: an earlier line lets in" \
        "line 8 of spammers.tab, ::1.2.3.4, is taken for IPv6 only"
}

@test "an IPv6 network that holds the IPv4 clients is exported for both" {
    list "$(entry 192.0.2.0/31 code=0)" "$(entry ::/64)"
    exported cidr
    [[ $output == $'0.0.0.0/1\n'*$'\n192.0.2.2/31\n'*$'\n::/64' ]] || complain "not for both"
}

@test "a missing list isn't exported as an empty one" {
    export_as nft
    exits 1
    [ -z "$output" ] || complain "something is exported"
    says "unable to export $LIST: it is missing"
}

@test "an empty list is one that refuses nobody" {
    list "# nobody"
    exports postfix "$(comments "Entries: 0 of IPv4, 0 of IPv6")" \
        "# In main.cf: smtpd_client_restrictions = check_client_access cidr:FILE"
    export_as plain
    exits 0
    [ -z "$output" ] || complain "somebody is exported"
}

@test "an unknown format, none and two are refused with the formats that there are" {
    list "$(entry 192.0.2.1)"
    export_as iptables
    exits 2
    says "unknown format 'iptables'" "plain, cidr, nft, ipset, postfix, rbldnsd" "export FORMAT"
    export_as postfx
    exits 2
    says "unknown format 'postfx', did you mean 'postfix'?"
    export_as
    exits 2
    says "export needs a format; allowed: plain, cidr, nft, ipset, postfix, rbldnsd" "export FORMAT"
    export_as plain cidr
    exits 2
    says "'cidr'"
    export_as --all plain
    exits 2
    export_as $'x\e[31m'
    [[ $stderr != *$'\e'* ]] || complain "raw"
}

@test "a full disk and a closed pipe are errors" {
    some_list
    run --separate-stderr bash -c '"$1" -r "$2" export nft >/dev/full' - "$XMAIL_SPAMMERS" "$MR"
    exits 1
    says "xmail-spammers: unable to write to standard output: No space left on device"
    run --separate-stderr perl -e 'pipe my $reader, my $writer or die; open STDOUT, ">&", $writer or die;
        close $_ for $reader, $writer; exec @ARGV' "$XMAIL_SPAMMERS" -r "$MR" export nft
    exits 1
    says "xmail-spammers: unable to write to standard output: Broken pipe"
}

@test "nothing is changed, and equal lists give equal files" {
    some_list
    snapshot "$MR" >"$BATS_TEST_TMPDIR/before"
    for format in plain cidr nft ipset postfix rbldnsd; do
        exported "$format"
        cp "$OUT" "$BATS_TEST_TMPDIR/first"
        xs -r "$MR" --now 2030-01-01T00:00 export "$format"
        same_bytes "$BATS_TEST_TMPDIR/first" <(printf '%s\n' "$output")
    done
    snapshot "$MR" | diff "$BATS_TEST_TMPDIR/before" -
}

@test "a path of any bytes does no harm in the comments" {
    mv "$MR" "$BATS_TEST_TMPDIR/a"$'\nflush ruleset\e[31m'
    MR=$BATS_TEST_TMPDIR/a$'\nflush ruleset\e[31m'
    LIST=$MR/spammers.tab
    some_list
    export_as nft
    exits 0
    shows "/a?flush ruleset?[31m/spammers.tab"
    [[ $output != *$'\nflush ruleset'* && $output != *$'\e'* ]] || complain "raw"
}

@test "an export doesn't wait for a rebuild" {
    some_list
    mkdir -p "$OWN"
    exec 8>"$OWN/lock"
    flock 8
    exports cidr 192.0.2.0/31 192.0.2.7/32 198.51.100.0/30 203.0.113.128/25 2001:db8::/48
    exec 8>&-
}
