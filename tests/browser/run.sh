#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The page of "report --html" in a real browser, made from logs and a MailRoot that attackers have named: that nothing
# in it runs or is loaded, that it fits a telephone, and that it follows the wish for a dark screen.
#
#     run.sh PROGRAM
#
# CHROMIUM: another browser of that family. A shot of each is left in build/browser, to be looked at.

set -u

here=$(cd "$(dirname "$0")" && pwd)
program=$1
browser=${CHROMIUM:-chromium}
shots=$here/../../build/browser
place=$(mktemp -d) || exit 1
trap 'rm -rf "$place"' EXIT
passed=0
failed=0

# A HELO may hold all of this, and so may the status of a record that was tampered with.
harm='<script>document.ran=1</script><img src=x onerror="document.ran=1">"><svg onload=document.ran=1>&lt;&#60;'
turned=$'\xe2\x80\xae'

# smtp ADDRESS STATUS COUNT
smtp() {
    local i
    for ((i = 0; i < $3; i++)); do
        printf '"s"\t"d"\t"%s"\t"2026-11-%02d %02d:00:00"\t"pc"\t"d"\t"a@b"\t"c@d"\t"S1"\t"%s"\t""\t"0"\t""\n' \
            "$1" $((15 + i % 7)) $((i % 24)) "$2"
    done
}

make_page() {
    local long root
    long=$(printf '%0150d' 0)
    root="$place/<b onclick=document.ran=1>&\"'${turned}x$long"
    mkdir -p "$root/logs" "$root/filters/xmail-spammers"
    echo 'whitelist = [ "192.0.2.9" ];' >"$root/filters/xmail-spammers/xmail-spammers.conf"
    printf '"192.0.2.9"\t"255.255.255.255"\n"192.0.2.0"\t"255.255.255.248"\t"code=0"\n' >"$root/spammers.tab"
    {
        smtp 192.0.2.1 "RCPT=ERELAY$harm" 90
        smtp 192.0.2.2 "RCPT=ERELAY${turned}x$(printf '%080d' 0)" 7
        smtp 192.0.2.9 AUTH=EFAIL:TYPE=CRAM-MD5 50
        smtp 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff RCPT=EAVAIL 123
    } >"$root/logs/smtp-202611210000"
    "$program" -r "$root" --now 2026-11-21T17:00 report --html "$place/report.html"
}

# browse SCHEME OPTION...: 0 is dark, 1 light.
browse() {
    local scheme=$1
    shift
    timeout 60 "$browser" --no-sandbox --headless --disable-gpu --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --disable-quic --hide-scrollbars --allow-file-access-from-files \
        --user-data-dir="$place/profile" --blink-settings=preferredColorScheme="$scheme" "$@" 2>>"$place/browser.log"
}

# check WHAT LINE: the harness said just that.
check() {
    if grep -qxF -- "$2" <<<"$told"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'browser: %s; expected "%s" of:\n%s\n' "$1" "$2" "$told"
    fi
}

# Each name is one of the harness, which stands beside this.
look() {
    told=$(browse "$2" --virtual-time-budget=10000 --dump-dom "file://$place/harness.html" |
        sed -n '/<pre id="told">/,/<\/pre>/p')
    check "$1: the page is there whole" "status told: yes"
    check "$1: nothing in it has run" "ran: no"
    check "$1: its policy lets nothing run that gets into it" "injected: no"
    check "$1: nothing is loaded" "loaded: 0"
    check "$1: there is no markup but its own" "foreign: 0"
    check "$1: it turns nothing around" "turned: no"
    check "$1: it fits 360 pixels" "narrow: fits"
    check "$1: it fits 1200 pixels" "wide: fits"
    check "$1: each text can be read" "contrast: enough"
    background=$(grep -x 'background: .*' <<<"$told")
}

if ! command -v "$browser" >/dev/null 2>&1; then
    echo "browser: skipped: $browser can't be installed here"
    echo "browser: 0 passed, 0 failed"
    exit 0
fi
if ! make_page; then
    echo "browser: there is no page"
    echo "browser: 0 passed, 1 failed"
    exit 1
fi
cp "$here/harness.html" "$place"
look light 1
light=$background
look dark 0
told="the same: $([ "$light" = "$background" ] && echo yes || echo no)"
check "both schemes have a background of their own" "the same: no"
mkdir -p "$shots"
for scheme in light dark; do
    browse "$([ $scheme = light ] && echo 1 || echo 0)" --window-size=1200,900 --screenshot="$shots/$scheme.png" \
        "file://$place/report.html" >/dev/null
done
echo "browser: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
