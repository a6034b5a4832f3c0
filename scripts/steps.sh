# Sourced by ./run: one line for each step; what the step prints goes to build/log.
# shellcheck shell=sh disable=SC2154 # run and the other files set what is used here

verbose=''
log_folder=$top/build/log

# step TITLE LOG COMMAND…: runs the command with its output in build/log/LOG.log. A person sees the title, a bar on a terminal, and the
# time at the end.
step() {
    title=$1 log=$log_folder/$2.log
    shift 2
    mkdir -p "$log_folder"
    if [ -n "$verbose" ]; then
        say "== $title"
        "$@" </dev/null >&2
        return
    fi
    begun=$(date +%s)
    printf '%s ... ' "$title" >&2
    code=0
    # In a subshell: a `die` in it ends the step, not the program, and its words are in the log.
    if [ -t 2 ]; then
        rm -f "$log.code"
        {
            ("$@") </dev/null 2>&1 || code=$?
            echo "$code" >"$log.code"
        } | tee "$log" | show_progress "$title"
        code=$(cat "$log.code" 2>/dev/null || echo 1)
    else
        ("$@") </dev/null >"$log" 2>&1 || code=$?
    fi
    if [ "$code" = 0 ]; then word='done'; else word=FAILED; fi
    printf '%s after %s\n' "$word" "$(clock $(($(date +%s) - begun)))" >&2
    return "$code"
}

clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# What ninja and ctest print, "[12/345]" and "12/345 Test", as a bar that is drawn over.
show_progress() {
    awk -v title="$1" '
        match($0, /^\[[0-9]+\/[0-9]+\]/) || match($0, /^ *[0-9]+\/[0-9]+ Test/) {
            split(substr($0, RSTART, RLENGTH), part, "/")
            gsub(/[^0-9]/, "", part[1]); gsub(/[^0-9]/, "", part[2])
            if (part[2] == 0) next
            bar = ""
            for (i = 1; i <= 30; i++) bar = bar (i <= 30 * part[1] / part[2] ? "#" : ".")
            printf "\r\033[K%s [%s] %d of %d", title, bar, part[1], part[2]
            fflush()
        }
        END { printf "\r\033[K%s ... ", title }' >&2
}

# What ninja printed of each step that failed; the end of the log if it is not ninja's.
show_errors_of() {
    [ -z "$verbose" ] || return 0
    say "---- ${1#"$top/"}"
    awk '/^FAILED: / { left = 30 } /^\[[0-9]+\// { left = 0 } left-- > 0' "$1" | head -n 200 >&2
    grep -q '^FAILED: ' "$1" || tail -n 40 "$1" >&2
}

show_end_of() {
    [ -z "$verbose" ] || return 0
    say "---- the end of ${1#"$top/"}"
    tail -n "${2:-40}" "$1" >&2
}
