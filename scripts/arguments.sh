# Sourced by ./run: arguments are checked before anything is installed or built. What is wrong ends with exit code 2.
# shellcheck shell=sh

# ctest checks its own arguments; a word that is not an option would be ignored.
check_test_arguments() {
    while :; do
        case ${1:-} in
            --asan | --tsan | unit) shift ;;
            '' | -*) break ;;
            *) wrong_usage "test takes --asan, --tsan, unit and options of ctest such as -R NAME, got '$1'" ;;
        esac
    done
}

# Those of tests/sweep/sweep.py that make sense for a whole sweep.
check_sweep_arguments() {
    while [ $# != 0 ]; do
        case $1 in
            --long | --verbose)
                shift
                continue
                ;;
            --*=*) option=${1%%=*} value=${1#*=} ;;
            *)
                option=$1 value=${2:-}
                [ $# = 1 ] || shift
                ;;
        esac
        shift
        case $option=$value in
            --mode=kill | --mode=errors | --mode=swaps | --mode=power) ;;
            --mode=*) wrong_usage "sweep: --mode is kill, errors, swaps or power, got '$value'" ;;
            --lie=files | --lie=folders | --lie=journal) ;;
            --lie=*) wrong_usage "sweep: --lie is files, folders or journal, got '$value'" ;;
            --every= | --every=0* | --every=*[!0-9]*) wrong_usage "sweep: --every takes a whole number, got '$value'" ;;
            --only=) wrong_usage "sweep: --only needs a name" ;;
            --every=* | --only=*) ;;
            *) wrong_usage "sweep takes --mode, --lie, --every N, --only NAME and --verbose, got '$option'" ;;
        esac
    done
}

# Sets $hours and $seed.
# shellcheck disable=SC2034 # ./run uses them
check_chaos_arguments() {
    hours=0.1 seed=
    while [ $# != 0 ]; do
        [ $# -ge 2 ] || wrong_usage "chaos: $1 needs a number"
        case $1=$2 in
            --hours=*[!0-9.]* | --hours= | --hours=*.*.* | --hours=.) wrong_usage "chaos: --hours takes a number, got '$2'" ;;
            --seed=*[!0-9]* | --seed=) wrong_usage "chaos: --seed takes a whole number, got '$2'" ;;
            --hours=*) hours=$2 ;;
            --seed=*) seed=$2 ;;
            *) wrong_usage "chaos takes --hours N and --seed N, got '$1'" ;;
        esac
        shift 2
    done
}

# They go to the programs with the measures.
check_bench_arguments() {
    for argument in "$@"; do
        case $argument in
            --gtest_?*) ;;
            *) wrong_usage "bench takes --gtest_filter=NAME, got '$argument'" ;;
        esac
    done
}
