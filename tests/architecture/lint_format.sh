#!/bin/sh
# Runs clang-format over every C++ file of the tree. Other versions than 14 format a little differently, so only that
# one decides. Exit code 77 = it is not installed: ctest counts it as skipped.
# usage: lint_format.sh TOP [--fix]
set -eu
program=
for candidate in clang-format-14 clang-format; do
    case $("$candidate" --version 2>/dev/null) in
        *'version 14.'*) program=$candidate; break ;;
    esac
done
[ -n "$program" ] || { echo "clang-format 14 is not installed"; exit 77; }
cd "$1"
if [ "${2:-}" = --fix ]; then set -- -i; else set -- --dry-run --Werror; fi
find . \( -name build -o -name .git -o -name .cache \) -prune -o \( -name '*.cpp' -o -name '*.hpp' \) -print |
    sort | tr '\n' '\0' | xargs -0 "$program" --style=file "$@"
