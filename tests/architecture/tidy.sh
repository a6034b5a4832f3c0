#!/bin/sh
# Runs clang-tidy (.clang-tidy, version 14) over the modules without coroutines, which it understands: common, common/text,
# daemon/core, ctl/render. Exit code 77 = it is not installed: ctest counts it as skipped.
# usage: tidy.sh TOP              all files of these modules: about 3 seconds each
#        tidy.sh TOP --changed    those that differ from the commit before the last one, at most 4 (in ctest)
set -eu
# GCC's <ranges> does not compile with clang 14 there.
except='daemon/core/resolve\.cpp'
checked='common/[a-z_]*\.cpp|common/text/[a-z_0-9]*\.cpp|daemon/core/[a-z_]*\.cpp|ctl/render/[a-z_]*\.cpp'
most=4
program=
for candidate in clang-tidy-14 clang-tidy; do
    case $("$candidate" --version 2>/dev/null) in
        *'version 14.'*) program=$candidate; break ;;
    esac
done
[ -n "$program" ] || { echo "clang-tidy 14 is not installed"; exit 77; }
cd "$1"
if [ "${2:-}" = --changed ]; then
    git rev-parse -q --verify HEAD~1 >/dev/null 2>&1 || {
        echo "there is no commit to compare with (not a git checkout, or a shallow one)"
        exit 77
    }
    files=$(git diff --name-only --diff-filter=d HEAD~1 | grep -Ex "$checked" | grep -Evx "$except" | head -n "$most" || true)
else
    files=$(find common daemon/core ctl/render -name '*.cpp' | grep -Ex "$checked" | grep -Evx "$except" | sort)
fi
[ -n "$files" ] || exit 0
# shellcheck disable=SC2016,SC2086 # the inner shell expands; a list of words
printf '%s\n' $files | xargs -P 2 -n 2 sh -c 'exec "$0" --quiet "$@" -- -std=c++20 -I. 2>/dev/null' "$program"
