# SPDX-License-Identifier: MIT
# awk -v least=N -f count.awk LOG...: what a full scan counts in SMTP logs that nobody has tampered with: each host with
# at least so many unauthorised accesses, and how many it has.
BEGIN { FS = "\t" }
$10 ~ /^"(SNDR=E(EMPTY|SYNTAX|SPAM)|RCPT=E(ACCESS|AVAIL|DSBL|NBR|RELAY|SYNTAX)|AUTH=EFAIL|VRFY=EACCESS|ETRN=EACCESS|SMTP=EERRS)/ {
    hits[$3]++
}
END { for (host in hits) if (hits[host] >= least) print host, hits[host] }
