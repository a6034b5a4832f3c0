#!/bin/sh
# Every point of every scenario, in as many processes as the machine has cores. Ends with the sum of all of them.
# usage: night.sh BUILD_DIR PROCESSES [ARGS for sweep.py]     (`./run sweep` builds first)
set -u
build=$1
processes=$2
shift 2
here=$(dirname "$0")
logs=$(mktemp -d "${TMPDIR:-/tmp}/scale-backup-sweep-XXXXXX")
i=0
while [ "$i" -lt "$processes" ]; do
    python3 -B "$here/sweep.py" --bin "$build/bin" --library "$build/tests/sweep/libsb_file_faults.so" --long \
        --shard "$i/$processes" "$@" >"$logs/$i" 2>&1 </dev/null &
    i=$((i + 1))
done
wait
grep -h -v '^kill points:' "$logs"/* | sort
awk '/^kill points:/ { ended++; gsub(",", ""); kills += $3; errors += $7; swaps += $10; violations += $12 }
    END { printf "kill points: %d, injected I/O errors: %d, swapped folders: %d, violations: %d\n", kills, errors, swaps, violations
          exit !(ended == '"$processes"' && violations == 0) }' "$logs"/*
status=$?
[ "$status" != 0 ] || rm -rf "$logs"
exit "$status"
