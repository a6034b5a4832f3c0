#!/bin/sh
# The adversary of tests/simulation plays on and on (`./run chaos` builds it first): docs/reliability.md.
# usage: chaos.sh BUILD_DIR HOURS [SEED]     with SEED, only that one: to see again what a failure printed
set -u
build=$1
hours=$2
here=$(dirname "$0")
log=$build/chaos.log

[ $# -lt 3 ] || export SB_ADVERSARY_SEED="$3"
[ $# -ge 3 ] || export SB_ADVERSARY_HOURS="$hours"
"$build/bin/simulation" --gtest_brief=1 --gtest_filter='Adversary.*' >"$log" 2>&1
status=$?
cat "$log"
[ $# -lt 3 ] || exit "$status"

# "20000 moves, 1802 simulated days, 2223 starts, 16019 backups, 6180 deletions, 59757 checks of the schedule; struck:"
counts=$(sed -n 's/; struck:$//; s/^\([0-9][0-9]* moves, .*\)$/\1/p' "$log" | tr ',' '\n' |
    sed -n 's/^ *\([0-9][0-9]*\) \(.*\)$/\2: \1/p' | paste -s -d ',' - | sed 's/,/, /g')
[ -n "$counts" ] || exit 1
# How often each move met its fault, and how often each guard of the engine was seen at work.
struck=$(awk '/; struck:$/ { on = 1; next } /^guards at work:$/ { on = 0 }
              on { for (i = 1; i < NF; i += 2) printf ", struck: %s: %s", $i, $(i + 1) }' "$log")
guards=$(awk '/^guards at work:$/ { on = 1; next } on && NF == 0 { on = 0 }
              on { sub(/^ */, ""); printf ", guard: %s", $0 }' "$log")
python3 -B "$here/../reports/report.py" chaos 'An adversary plays with the engine' "./run chaos --hours $hours" \
    "$counts, violations: $([ "$status" = 0 ] && echo 0 || echo 1)$struck$guards"
exit "$status"
