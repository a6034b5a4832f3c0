# Sourced by ./run: running the tests, plain and with sanitizers, and what takes longer.
# shellcheck shell=sh disable=SC2154,SC2034 # run and the other files set what is used here, and use what is set

# Reports of the sanitizers go into files: a daemon that a test kills or forgets must not take its report with it.
sanitizer_options() {
    reports=$top/build/$1/sanitizer-reports
    rm -rf "$reports"
    mkdir -p "$reports"
    common="log_path=$reports/report:print_stacktrace=1"
    # The faults and the clock of some tests are loaded before the sanitizer's own library.
    export ASAN_OPTIONS="$common:verify_asan_link_order=0:detect_stack_use_after_return=1:strict_string_checks=1"
    export LSAN_OPTIONS="suppressions=$top/tests/support/sanitizers/leaks.txt:print_suppressions=0"
    export UBSAN_OPTIONS="$common"
    export TSAN_OPTIONS="$common:second_deadlock_stack=1:suppressions=$top/tests/support/sanitizers/threads.txt"
}

# How many reports there are; shows them.
sanitizer_reports() {
    reports=$top/build/$1/sanitizer-reports
    count=0
    for report in "$reports"/*; do
        [ -s "$report" ] || continue
        count=$((count + 1))
        say "run: $report:"
        head -n 40 "$report" >&2
    done
    echo "$count"
}

# The counts that ctest's JUnit report holds: attribute_of NAME FILE
attribute_of() { sed -n "s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }

# What ctest printed of the tests that failed.
failures_in() {
    awk '/^ *[0-9]+\/[0-9]+ Test / { shown = /\*\*\*/ && !/\*\*\*Skipped/ } /^ *Start / { shown = 0 } shown' "$1" | head -n 400 >&2
    sed -n '/^The following tests FAILED/,$p' "$1" >&2
}

# run_tests PRESET [ARGS for ctest…]: sets passed, failed and skipped; false if anything failed.
run_tests() {
    preset=$1
    shift
    report=$top/build/$preset/ctest.xml
    rm -f "$report"
    status=0
    step "running the tests" "test-$preset" ctest --test-dir "build/$preset" --parallel "$(test_jobs)" \
        --output-on-failure --output-junit "$report" "$@" || status=$?
    [ "$status" = 0 ] || [ -n "$verbose" ] || failures_in "$log_folder/test-$preset.log"
    passed=0 failed=1 skipped=0
    [ -s "$report" ] || {
        say "run: ctest left no report (exit code $status)"
        return 1
    }
    # The head of the report spans several lines: make one of it.
    tr '\n' ' ' <"$report" | sed 's/<testcase.*//' >"$report.head"
    failed=$(attribute_of failures "$report.head")
    skipped=$(($(attribute_of skipped "$report.head") + $(attribute_of disabled "$report.head")))
    passed=$(($(attribute_of tests "$report.head") - failed - skipped))
    if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
    if [ "$skipped" != 0 ]; then
        echo "$skipped skipped:"
        skipped_in "$report"
    fi
    if [ "$passed" = 0 ] && [ "$failed" = 0 ]; then
        say "run: no test ran"
        return 1
    fi
    [ "$failed" = 0 ] && [ "$status" = 0 ]
}

# The names of the tests that were skipped, from ctest's report.
skipped_in() {
    sed -n -e 's/.*<testcase name="\([^"]*\)".*status="notrun".*/  \1/p' \
        -e 's/.*<testcase name="\([^"]*\)".*status="disabled".*/  \1/p' "$1"
}

test_all() {
    preset=dev
    targets=''
    while :; do
        case ${1:-} in
            --asan) preset=asan ;;
            --tsan) preset=tsan ;;
            unit) targets=unit_tests ;;
            *) break ;;
        esac
        shift
    done
    # What has the label `full` is for ci-full, or for one who asks for it by name.
    if [ -n "$targets" ]; then set -- -L '^unit$' "$@"; elif [ $# = 0 ]; then set -- -LE '^full$'; fi
    install_what_is_missing "${targets:-test}"
    # shellcheck disable=SC2086 # a list of words
    build "$preset" 'building the programs and tests' $targets || {
        say "run: the build failed, so no test ran"
        echo "0 passed, 1 failed"
        exit 1
    }
    [ "$preset" = dev ] || sanitizer_options "$preset"
    good=0
    run_tests "$preset" "$@" || good=1
    if [ "$preset" != dev ]; then
        found=$(sanitizer_reports "$preset")
        echo "$found sanitizer reports"
        [ "$found" = 0 ] || good=1
    fi
    echo "$passed passed, $failed failed"
    [ "$good" = 0 ]
}

# ---- what takes longer ----------------------------------------------------------------------------

# full_step NAME COMMAND…: one part of ci-full; the others continue when it fails.
full_step() {
    name=$1
    shift
    case " $chosen " in *" $name "* | '  ') ;; *) return 0 ;; esac
    say "---- $name"
    since=$(date +%s)
    if "$@"; then result=passed full_passed=$((full_passed + 1)); else result=FAILED full_failed=$((full_failed + 1)); fi
    summary="$summary
$(printf '%-12s %-7s %s' "$name" "$result" "$(clock $(($(date +%s) - since)))")"
}

sanitized() {
    preset=$1
    shift
    build "$preset" "building with the preset $preset" || return 1
    sanitizer_options "$preset"
    good=0
    run_tests "$preset" "$@" || good=1
    found=$(sanitizer_reports "$preset")
    echo "$preset: $passed passed, $failed failed, $skipped skipped, $found sanitizer reports"
    [ "$found" = 0 ] && [ "$good" = 0 ]
}

# The tests of which `./run test` runs a thin sample, or none.
dense_samples() {
    build dev 'building the programs and tests' || return 1
    run_tests dev -L '^full$' || return 1
    echo "dense: $passed passed, $failed failed, $skipped skipped"
}

ci_full() {
    for name in "$@"; do
        case $name in
            dense | no-unity | libcxx | asan | tsan) ;;
            *) wrong_usage "ci-full has no step '$name'; there are dense, no-unity, libcxx, asan and tsan" ;;
        esac
    done
    chosen=$*
    summary='' full_passed=0 full_failed=0
    install_what_is_missing full
    full_step dense dense_samples
    keep_going='-- -k 0'
    full_step no-unity build no-unity 'building each file on its own'
    command -v clang++-16 >/dev/null 2>&1 || say "ci-full: clang++-16 is not installed, so libcxx will fail"
    full_step libcxx build libcxx 'building with clang and libc++' objects
    keep_going=''
    full_step asan sanitized asan -LE '^(fuzz|full)$'
    full_step tsan sanitized tsan -LE '^(fuzz|full|sweep|architecture|documents)$'
    say "$summary"
    echo "$full_passed passed, $full_failed failed"
    [ "$full_failed" = 0 ] && [ "$full_passed" != 0 ]
}
