#!/bin/sh
# Runs shellcheck over every shell script of the tree. Exit code 77 = not installed: ctest counts it as skipped.
# usage: lint_shell.sh TOP
set -eu
command -v shellcheck >/dev/null 2>&1 || { echo "needs shellcheck"; exit 77; }
cd "$1"
status=0
# One process for all files: a few for each of a thousand took half a minute.
scripts=$(find . \( -name build -o -name .git -o -name .cache \) -prune -o -type f -size -200k -exec env LC_ALL=C awk '
    FNR == 1 && (FILENAME ~ /\.sh$/ || /^#! ?\/(usr\/)?bin\/(env )?(ba|da)?sh/) { print FILENAME }' {} + | sort)
for script in $scripts; do
    case $script in
        # rc.subr sources a file that is not here and takes its settings from variables that look unused.
        ./init-scripts/freebsd/*) shellcheck -s sh -e SC1091,SC2034,SC2223 "$script" || status=1 ;;
        *) shellcheck -x "$script" || status=1 ;;
    esac
done
exit $status
