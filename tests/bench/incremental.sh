#!/bin/bash
# SPDX-License-Identifier: MIT
# incremental.sh PROGRAM DIRECTORY: what a rebuild costs, the whole process from its start to the list on the disk, by
# the days of logs that lie behind and the bytes that are new, beside the same with --no-cache; and how large the cache
# is. Several rounds in turn, each from the same state; all ways must come to the same list. Sizes: common.bash.
set -eu
# shellcheck source=tests/bench/common.bash
. "$(dirname -- "$(realpath -- "$0")")/common.bash"

program=$1
begin_bench "$2" incremental
corpus=$directory/corpus
log_name=smtp-${today}0000
read -r -a history <<<"$BENCH_HISTORY_DAYS"

# A row is BYTES-EFFECT: what is new, and whether it adds to the list. "none": there is no cache yet; "day": 1 MB is new,
# and the days before today aren't added up yet, as after midnight.
rows=(none-same 0-same 1000-same 1000000-same day-same 1000000-more)
[ "$BENCH_NEW_MB" -le 1 ] || rows+=("$((BENCH_NEW_MB * 1000000))-more")

# Each is measured as it is; with syncs that do nothing, since they are the disk's time and not ours; and so without the
# cache.
ways=(whole unsynced uncached)

# --- the logs -------------------------------------------------------------------------------------------------------

# add_records LOGS BYTES EFFECT SEED: to today's log. With "same" they are of hosts that are on the list already; with
# "more" a tenth is of hosts never seen, most of them five times or more.
add_records() {
    local add=("$directory/generate" -a -l "$today" -s "$4")
    if [ "$3" = same ]; then
        "${add[@]}" -b "$2" -c 100 "$1"
    else
        "${add[@]}" -b $(($2 * 9 / 10)) -c "$BENCH_HOSTS" "$1"
        "${add[@]}" -b $(($2 / 10)) -c $(($2 / 25000 + 1)) -o "$BENCH_HOSTS" "$1"
    fi >/dev/null
}

conf_of() { # DAYS
    echo "$corpus/$1/filters/xmail-spammers/xmail-spammers.conf"
}

cache_of() { # DAYS
    echo "$corpus/$1/filters/xmail-spammers/cache"
}

# Each MailRoot has the days before today as links, and a today of its own.
make_mail_root() { # DAYS
    local mail_root=$corpus/$1 conf log
    conf=$(conf_of "$1")
    mkdir -p -- "$mail_root/logs" "${conf%/*}"
    printf 'search_days = %s;\nlogs = ( { format = "smtp"; } );\n' "$1" >"$conf"
    : >"$mail_root/spammers.tab"
    for log in $(tail -n "$1" "$directory/generated" | awk '{ print $1 }'); do
        if [ "$log" = "$log_name" ]; then
            cp -- "$corpus/history/$log" "$mail_root/logs/"
        else
            ln -- "$corpus/history/$log" "$mail_root/logs/"
        fi
    done
}

prepare() {
    local days
    gcc -std=c11 -O2 -fPIC -shared -o "$directory/syncs.so" "$bench/syncs.c"
    mkdir -- "$corpus/history"
    "$directory/generate" -l "$today" -n "$(history_days)" -b $((BENCH_HISTORY_MB * 1000000)) -c "$BENCH_HOSTS" \
        -s "$BENCH_SEED" "$corpus/history" >"$directory/generated"
    # The hundred hosts of "same" come so often that they are on every list.
    add_records "$corpus/history" 1000000 same "$BENCH_SEED"
    base_size=$(stat -c %s -- "$corpus/history/$log_name")
    for days in "${history[@]}"; do
        make_mail_root "$days"
    done
    # The disk shall be idle when syncs are measured.
    sync -f "$corpus"
    # A file that was written less than two seconds ago can't be told from one that is being written.
    sleep 3
    for days in "${history[@]}"; do
        rebuild_unmeasured "$days"
        cp -- "$corpus/$days/spammers.tab" "$corpus/$days/list"
    done
}

# --- rounds ---------------------------------------------------------------------------------------------------------

rebuild_unmeasured() { # DAYS
    LD_PRELOAD=$directory/syncs.so "$program" -c "$(conf_of "$1")" rebuild >"$directory/output" ||
        fail "unable to rebuild in $corpus/$1"
}

put_list_back() { # MAILROOT
    rm -f -- "$1"/spammers.2*.tab
    cp -- "$1/list" "$1/list.new"
    # One that may have been written in place just now would be waited for.
    touch -d yesterday -- "$1/list.new"
    mv -f -- "$1/list.new" "$1/spammers.tab"
}

# Brings about the state that this row begins with; the same for the same round, whatever the way.
put_back() { # ROW DAYS ROUND
    local mail_root=$corpus/$2 cache
    cache=$(cache_of "$2")
    case $1 in
        none-*) rm -rf -- "$cache" ;;
        0-*) ;;
        day-*)
            put_back 1000000-same "$2" "$3"
            rm -f -- "$cache/balance"
            ;;
        *)
            put_list_back "$mail_root"
            truncate -s "$base_size" -- "$mail_root/logs/$log_name"
            rebuild_unmeasured "$2"
            add_records "$mail_root/logs" "${1%-*}" "${1#*-}" $((BENCH_SEED + $3))
            ;;
    esac
}

measure_one() { # ROW DAYS WAY
    local output=$directory/output command
    command=("$program" -c "$(conf_of "$2")" rebuild)
    case $3 in
        whole) local -x BENCH_SYNCS=$directory/times/$1.$2.syncs ;;
        uncached) command+=(--no-cache) ;;
    esac
    LD_PRELOAD=$directory/syncs.so timed "$1.$2.$3" "${command[@]}"
    sed -n 's/^List *\([0-9]*\) added, .*/\1/p' "$output" >>"$directory/times/$1.$2.added"
}

compare() { # ROW DAYS WAY
    local list=$corpus/$2/spammers.tab
    [ "$3" != "${ways[0]}" ] || cp -- "$list" "$directory/list"
    cmp -s -- "$list" "$directory/list" || fail "$1, $2 days: the list of \"$3\" isn't that of \"${ways[0]}\""
}

run_row() { # ROW ROUNDS
    local round days way
    for days in "${history[@]}"; do
        rebuild_unmeasured "$days"
    done
    for ((round = 1; round <= $2; round++)); do
        for days in "${history[@]}"; do
            for way in "${ways[@]}"; do
                put_back "$1" "$days" $round
                measure_one "$1" "$days" "$way"
                compare "$1" "$days" "$way"
            done
        done
    done
    same_day
}

rounds_of() { # ROW
    case $1 in
        none-* | $((BENCH_NEW_MB * 1000000))-more) echo "$BENCH_SLOW_ROUNDS" ;;
        *) echo "$BENCH_ROUNDS" ;;
    esac
}

# --- tables ---------------------------------------------------------------------------------------------------------

row_title() { # ROW
    case $1 in
        none-*) echo all ;;
        0-*) echo 0 ;;
        1000-*) echo 1 KB ;;
        day-*) echo new day ;;
        *) echo "$((${1%-*} / 1000000)) MB" ;;
    esac
}

show_times() {
    local row days whole syncs unsynced uncached added
    row new list days 'whole ms' 'its syncs' 'without' '--no-cache' factor MiB
    for row in "${rows[@]}"; do
        for days in "${history[@]}"; do
            whole=$(median "$row.$days.whole" 1)
            syncs=0
            [ ! -e "$directory/times/$row.$days.syncs" ] || syncs=$(median "$row.$days.syncs" 1)
            unsynced=$(median "$row.$days.unsynced" 1)
            uncached=$(median "$row.$days.uncached" 1)
            added=$(median "$row.$days.added" 1)
            row "$(row_title "$row")" "$([ "$added" = 0 ] && echo same || echo "+$added")" "$days" \
                "$(calculate %.1f "$whole * 1000")" "$(calculate %.1f "$syncs * 1000")" \
                "$(calculate %.1f "$unsynced * 1000")" "$(calculate %.1f "$uncached * 1000")" \
                "$(calculate %.1f "$uncached / $unsynced")" "$(calculate %.1f "$(median "$row.$days.whole" 3) / 1024")"
        done
    done
}

show_ratios() {
    local row way ratios
    row new list whole 'without syncs' --no-cache
    for row in "${rows[@]}"; do
        ratios=()
        for way in "${ways[@]}"; do
            ratios+=("$(calculate %.2f "$(median "$row.$many.$way" 1) / $(median "$row.$few.$way" 1)")")
        done
        row "$(row_title "$row")" "${row#*-}" "${ratios[@]}"
    done
}

# Distinct hosts of each of the last days: as they were made, but for today, to which the hundred were added.
count_host_days() { # DAYS
    local today_hosts
    today_hosts=$(awk -v least=1 -f "$bench/count.awk" "$corpus/history/$log_name" | wc -l)
    tail -n "$1" "$directory/generated" |
        awk -v log_name="$log_name" -v today="$today_hosts" \
            '{ sum += $1 == log_name ? today : $4 } END { print sum }'
}

show_cache() {
    local days host_days files bytes balance
    row days files bytes 'balance among them' 'hosts x days' 'bytes/host x day'
    for days in "${history[@]}"; do
        host_days=$(count_host_days "$days")
        find "$(cache_of "$days")" -type f -printf '%s %f\n' >"$directory/cache" 2>/dev/null ||
            : >"$directory/cache"
        read -r files bytes balance < <(awk '
            { bytes += $1 }
            $2 == "balance" { balance = $1 }
            END { print NR, bytes + 0, balance + 0 }' "$directory/cache")
        row "$days" "$files" "$bytes" "$balance" "$host_days" "$(calculate %.1f "$bytes / $host_days")"
    done
}

prepare
show_cache >"$directory/cache_table"
for row in "${rows[@]}"; do
    run_row "$row" "$(rounds_of "$row")"
done

echo
say "The incremental rebuild: $BENCH_HISTORY_MB MB of SMTP logs in $(history_days) days, $BENCH_HOSTS attacking hosts, in" \
    "milliseconds; median of $BENCH_ROUNDS, of $BENCH_SLOW_ROUNDS where all or $BENCH_NEW_MB MB are new ($(machine))." \
    "New: bytes since the last rebuild; all: there is no cache yet; new day: 1 MB, and the balance of the days before" \
    "today isn't there, as after midnight. List: entries added. Days: of search_days, today among them. --no-cache is" \
    "without syncs, too, and so many times what it is with the cache. MiB: peak memory."
echo
show_times | table
# The most days beside the fewest but one, which aren't today alone.
many=${history[-1]}
few=${history[${#history[@]} > 2 ? 1 : 0]}
echo
echo "Time with $many days to that with $few days:"
echo
show_ratios | table
echo
echo "The cache:"
echo
table <"$directory/cache_table"
echo
echo "The list was the same in each round, with the cache and without."
