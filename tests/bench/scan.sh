#!/bin/bash
# SPDX-License-Identifier: MIT
# scan.sh PROGRAM DIRECTORY: how fast the full scan is beside others that read the same files from the page cache, in
# turn, several rounds. Those that count must all come to the same hosts with the same counts. Sizes: common.bash.
set -eu
# shellcheck source=tests/bench/common.bash
. "$(dirname -- "$(realpath -- "$0")")/common.bash"

program=$1
begin_bench "$2" scan
mail_root=$directory/corpus/MailRoot
logs=$mail_root/logs

# What is run and how it is called in the table. Not all are installed everywhere.
declare -A titles=([wc]='wc -l' [cat]='cat' [ours1]='rebuild, 1 thread' [ours2]='rebuild, 2 threads'
    [mawk]='mawk' [gawk]='gawk' [perl]='perl' [rg]='ripgrep, sort, uniq')
names=(wc cat ours1 ours2)
for name in mawk gawk perl rg; do
    ! command -v $name >/dev/null || names+=("$name")
done

rounds_of() {
    case $1 in
        wc | cat | ours*) echo "$BENCH_ROUNDS" ;;
        *) echo "$BENCH_SLOW_ROUNDS" ;;
    esac
}

run() {
    case $1 in
        wc) timed "$1" wc -l "${files[@]}" ;;
        cat) timed "$1" cat "${files[@]}" ;;
        ours*) timed "$1" "$program" -c "$directory/${1#ours}.conf" -r "$mail_root" rebuild --no-cache "${options[@]}" ;;
        mawk | gawk) timed "$1" "$1" -v least=5 -f "$bench/count.awk" "${files[@]}" ;;
        perl) timed "$1" perl "$bench/count.pl" "${files[@]}" ;;
        rg) timed "$1" "$bench/count_rg.sh" "${files[@]}" ;;
    esac
}

# hosts_of NAME: what its output says, as "HOST COUNT", in order.
hosts_of() {
    case $1 in
        ours*) awk '$1 == "+" { print $2, $3 }' "$output" ;;
        *) tr -d '"' <"$output" ;;
    esac | sort
}

# compare NAME: has it counted as we do, and have we said so?
compare() {
    case $1 in wc | cat) return ;; esac
    hosts_of "$1" >"$directory/hosts.$1"
    if [ "$1" = ours1 ]; then
        agreed=$(sed -n 's/^Hosts .* accesses, \([0-9]*\) of them with 5 or more$/\1/p' "$output")
        [ "$agreed" = "$(wc -l <"$directory/hosts.ours1")" ] || fail "the summary of rebuild -n isn't what it lists"
    fi
    diff "$directory/hosts.ours1" "$directory/hosts.$1" >"$directory/difference" ||
        fail "${titles[$1]} counts otherwise than ${titles[ours1]}: $(head -n 5 "$directory/difference")"
}

prepare() {
    mkdir -p -- "$logs"
    : >"$mail_root/spammers.tab"
    for threads in 1 2; do
        printf 'search_days = %s;\nthreads = %s;\nlogs = ( { format = "smtp"; } );\n' "$BENCH_DAYS" $threads \
            >"$directory/$threads.conf"
    done
    "$directory/generate" -n "$BENCH_DAYS" -b $((BENCH_MB * 1000000)) -c "$BENCH_HOSTS" -s "$BENCH_SEED" "$logs" \
        >"$directory/generated"
    files=("$logs"/smtp-*)
}

run_all() {
    # One round fills the page cache, and is for comparing. Then all hosts are put on the list, once.
    output=$directory/output
    options=(-n)
    for name in "${names[@]}"; do
        run "$name"
        compare "$name"
    done
    output=
    options=()
    run ours1
    forget_times
    for ((round = 1; round <= BENCH_ROUNDS || round <= BENCH_SLOW_ROUNDS; round++)); do
        for name in "${names[@]}"; do
            [ $round -gt "$(rounds_of "$name")" ] || run "$name"
        done
    done
    same_day
}

show() {
    local base name seconds
    base=$(median wc 1)
    row median seconds 'x wc -l' 'cpu seconds' 'peak MiB' rounds
    for name in "${names[@]}"; do
        seconds=$(median "$name" 1)
        row "${titles[$name]}" "$(calculate %.3f "$seconds")" "$(calculate %.2f "$seconds / $base")" \
            "$(calculate %.3f "$(median "$name" 2)")" "$(calculate %.1f "$(median "$name" 3) / 1024")" \
            "$(rounds_of "$name")"
    done
}

export LC_ALL=C
prepare
run_all
echo
say "The full scan: $BENCH_MB MB of SMTP logs, $BENCH_DAYS days, $(sum_generated 3) records, $BENCH_HOSTS attacking" \
    "hosts, all on the list, 40 % hits, from the page cache ($(machine))."
echo
show | table
echo
echo "All that count agree: $agreed hosts with 5 hits or more, and how many each has."
