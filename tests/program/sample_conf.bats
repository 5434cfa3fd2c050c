#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Each example in the comments of the sample configuration, taken out of its comment: it works.

load helpers

SAMPLE=$TOP/conf/xmail-spammers.conf

setup() {
    make_mail_root
    rm -f "$OWN/whitelist"
}

# examples: the logs in the comments, one a line.
examples() {
    awk '/^    # , [{]/ { within = 1; text = "" }
         within { sub(/^    # */, ""); text = text (text == "" ? "" : " ") $0 }
         within && /[}]$/ { print text; within = 0 }' "$SAMPLE"
}

# record FIELD...: five times this line of a log.
record() {
    local line
    line=$(printf '"%s"\t' "$@")
    repeat 5 printf '%s\n' "${line%$'\t'}"
}

# record_for EXAMPLE good|bad ADDRESS: five records of its log, of which it is the bad ones that count.
record_for() {
    local example=$1 kind=$2 address=$3 day=2026/11/21 time="$TODAY 10:00:00"
    local -A status
    case $example in
        *portal-*) status=([good]=Login [bad]=LoginFailure) address="x client=$address" ;;
        *'"event"'*) status=([good]=Login [bad]=LoginFailure) ;;
        *'"ctrl"'*) status=([good]=AUTH [bad]=FAIL) ;;
        *'"filters"'*) status=([good]=0 [bad]=3) ;;
        *'"k4"'*Failure*) status=([good]=Redirect [bad]=Failure) ;;
        *'"k4"'*) status=([good]=Success [bad]=Failure) ;;
        *'"xmailcfg-filter"; unauthorized'*) status=([good]=着信拒否 [bad]=受信拒否) ;;
        *'"xmailcfg-filter"'*) status=([good]=受信許可 [bad]=受信拒否) ;;
    esac
    [[ $example != *'"xmailcfg-filter"; address_pattern'* ]] ||
        address="198.51.100.9 said [$address]"
    case $example in
        *portal-*) record "$day 10:00:00" "${status[$kind]}" 198.51.100.9 user "$address" ;;
        *'"event"'*) record "$day 10:00:00" "${status[$kind]}" "$address" user detail ;;
        *'"ctrl"'*) record "$address" admin secret "$time" "${status[$kind]}" ;;
        *'"filters"'*) record a@b c@d 192.0.2.250:25 "$address" "$time" rcpt "" 0 "${status[$kind]}" /bin/filter ;;
        *'"finger"'*) [ "$kind" = good ] || record s d "$address" "$time" user ;;
        *'"k4"'*) record "$day 10:00:00" "${status[$kind]}" d user secret login 失敗 k4.cgi "$address" ;;
        *'"xmailcfg-filter"'*) record "$day 10:00:00" "${status[$kind]}" a@b c@d "$address" ;;
        *) complain "no records are known for $example" ;;
    esac
}

# log_for EXAMPLE: the name of a log file as the example, or its format, has it.
log_for() {
    case $1 in
        *portal-*) echo portal-1 ;;
        *'"xmailcfg-filter"'*) echo filter-log.txt ;;
        *'"k4"'*) echo k4-log.txt ;;
        *'"event"'*) echo event-log.txt ;;
        *) [[ $1 =~ format\ =\ \"([a-z]*)\" ]] && echo "${BASH_REMATCH[1]}-202611210000" ;;
    esac
}

encoding_of() {
    [[ $1 =~ encoding\ =\ \"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}" || echo UTF-8
}

@test "each log in a comment is read so that who failed is registered, and nobody else" {
    tried=0
    while IFS= read -r example; do
        rm -rf "$LIST" "$OWN/cache" "$MR/logs"
        mkdir "$MR/logs"
        { record_for "$example" bad 192.0.2.1 && record_for "$example" good 192.0.2.2; } |
            iconv -f UTF-8 -t "$(encoding_of "$example")" >"$MR/logs/$(log_for "$example")"
        smtp 192.0.2.3 RCPT=OK
        printf 'logs = ( { format = "smtp"; }\n%s );\n' "$example" >"$CONF"
        rebuilt
        says_nothing
        [ "$(cat "$LIST")" = "$(entry 192.0.2.1)" ] || complain "for $example the list is $(cat "$LIST")"
        [[ $(cat "$LOG") == *"malformed=0 limited=0"* ]] || complain "for $example a record is malformed"
        rm "$LOG"
        tried=$((tried + 1))
    done < <(examples)
    [ "$tried" -ge 13 ] || complain "only $tried examples were found"
}

@test "all logs in comments together are a configuration without a fault" {
    {
        sed '/^logs = (/,$d' "$SAMPLE"
        printf 'logs = ( { format = "smtp"; }\n'
        examples
        printf ');\n'
    } >"$CONF"
    fail 192.0.2.1
    rebuilt
    says_nothing
    list_is "$(entry 192.0.2.1)"
}

# The three others have no client's address.
@test "each of the eleven formats that can be a source stands in the sample, and no other" {
    for format in smtp pop3 xmailcfg-filter ctrl filters k4 finger event lmail psync smail; do
        settings='unauthorized = "x";'
        [ $format != finger ] || settings=''
        printf 'logs = ( { format = "%s"; %s } );\n' "$format" "$settings" >"$CONF"
        rebuild -n
        case $format in
            lmail | psync | smail)
                exits 2
                says "$format"
                run -1 grep "format = \"$format\"" "$SAMPLE"
                ;;
            *)
                [ "$status" -ne 2 ] || complain "$format is no source"
                grep -q "format = \"$format\"" "$SAMPLE" || complain "$format is not in the sample"
                ;;
        esac
    done
}

# uncommented PATTERN: the sample, with the settings in comments that begin with a name that the pattern matches. Lines
# that go on with a text belong to them.
uncommented() {
    awk -v pattern="^ *# ($1) = " '
        $0 ~ pattern { within = 1 }
        within { sub(/# ?/, "") }
        { print }
        within && /;$/ { within = 0 }' "$SAMPLE"
}

@test "each setting in a comment is one, and does what is said beside it" {
    mkdir -p "$BATS_TEST_TMPDIR/mx2/logs"
    fail 192.0.2.1
    fail 198.51.100.17
    fail 203.0.113.1 5 2026-11-20
    list "$(entry 198.51.100.99)"

    uncommented 'remove_count|whitelist|mail_root' | sed "s|/var/MailRoot|$MR|" >"$CONF"
    # An example may not repeat a setting that stands there.
    sed -i '/^whitelist = \[ \];$/d' "$CONF"
    run grep -cE '^(remove_count|whitelist|mail_root) = ' "$CONF"
    [ "$output" -eq 3 ] || complain "not all three were found"
    xs -c "$CONF" --now "$NOW" rebuild
    exits 0
    says_nothing
    list_is "$(entry 203.0.113.1)"
}

@test "the settings of the smtp log in comments are its defaults, or do what they say" {
    smtp 192.0.2.1 RCPT=ERELAY 5
    fail 192.0.2.2
    smtp 192.0.2.3 SNDRIP=EIPSPAM 9
    uncommented 'files|unauthorized|refused' | awk '!/unauthorized = "\^AUTH=EFAIL";/' >"$CONF"
    rebuilt
    says_nothing
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"

    rm "$LIST"
    sed 's/# \(unauthorized = "^AUTH=EFAIL";\)/\1/' "$SAMPLE" >"$CONF"
    rebuilt
    list_is "$(entry 192.0.2.2)"

    uncommented directory | sed "s|/mnt/mx2/MailRoot|$BATS_TEST_TMPDIR/mx2|" >"$CONF"
    mkdir -p "$BATS_TEST_TMPDIR/mx2/logs"
    mv "$MR"/logs/smtp-* "$BATS_TEST_TMPDIR/mx2/logs"
    rm "$LIST"
    rebuilt
    list_is "$(entry 192.0.2.1)" "$(entry 192.0.2.2)"
}
