#!/bin/sh
# Runs every point of every scenario, in as many processes as the machine has cores. Prints the total at the end, and also
# writes it to build/reports for docs/reliability-figures.md.
# usage: night.sh BUILD_DIR PROCESSES [ARGS for sweep.py]     (`./run sweep` builds first)
set -u
build=$1
processes=$2
shift 2
here=$(dirname "$0")
logs=$(mktemp -d "${TMPDIR:-/tmp}/scale-backup-sweep-XXXXXX")
i=0
while [ "$i" -lt "$processes" ]; do
    python3 -B "$here/sweep.py" --bin "$build/bin" --library "$build/tests/sweep/libsb_io_faults.so" --long \
        --shard "$i/$processes" "$@" >"$logs/$i" 2>&1 </dev/null &
    i=$((i + 1))
done
wait
grep -h -v ', violations: [0-9]* (' "$logs"/* | sort
counts=$(awk '/, violations: [0-9]+ \(/ {
         ended++
         sub(/ \(.*/, "")
         parts = split($0, part, ", ")
         for (i = 1; i <= parts; i++) { split(part[i], count, ": "); sum[count[1]] += count[2] }
     }
     END { printf "kill points: %d, injected I/O errors: %d, swapped folders: %d, power cuts: %d, violations: %d\n",
               sum["kill points"], sum["injected I/O errors"], sum["swapped folders"], sum["power cuts"], sum["violations"]
           exit (ended != '"$processes"' ? 2 : (sum["violations"] != 0)) }' "$logs"/*)
status=$?
echo "$counts"
[ "$status" != 2 ] || exit 1  # a part broke off: nothing that could be reported
mode=$(printf '%s\n' "$*" | sed -n 's/.*--mode[ =]\([a-z]*\).*/-\1/p')
python3 -B "$here/../reports/report.py" "sweep$mode" "Kills, I/O errors and power cuts${mode:+ (${mode#-})}" \
    "./run sweep${*:+ $*}" "$counts"
[ "$status" != 0 ] || rm -rf "$logs"
exit "$status"
