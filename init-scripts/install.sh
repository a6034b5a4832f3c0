#!/bin/sh
# Installs what `./run build` built: programs, configuration example, hooks, service files; creates user and group.
# An existing config.toml is never changed. Run it again after an upgrade.
# usage: install.sh BUILD_DIR [--prefix DIR] [--destdir DIR] [--no-user]
set -eu

say() { printf '%s\n' "$*"; }
die() { printf 'install: %s\n' "$*" >&2; exit 1; }

wrong_usage() {
    printf 'install: %s\nusage: install.sh BUILD_DIR [--prefix DIR] [--destdir DIR] [--no-user]\n' "$*" >&2
    exit 2
}

# `./run install` checks the arguments with --check-arguments before it builds.
build=${1:-}
[ "$build" = --check-arguments ] || [ -f "$build/cmake_install.cmake" ] ||
    wrong_usage "'$build' is not a build directory"
shift
prefix=/usr/local destdir='' with_user=yes
while [ $# -gt 0 ]; do
    case $1 in
        --prefix | --destdir)
            [ -n "${2:-}" ] || wrong_usage "$1 needs a directory"
            if [ "$1" = --prefix ]; then prefix=$2; else destdir=$2 with_user=no; fi
            shift 2
            ;;
        --no-user) with_user=no; shift ;;
        *) wrong_usage "unknown option '$1'" ;;
    esac
done
[ "$build" != --check-arguments ] || exit 0

DESTDIR=$destdir cmake --install "$build" --prefix "$prefix" >/dev/null
case $(uname -s) in
    FreeBSD) config=$prefix/etc/scale-backup user=scale_backup state=/var/db/scale-backup ;;
    *) config=/etc/scale-backup user=scale-backup state=/var/lib/scale-backup ;;
esac

if [ "$with_user" = yes ]; then
    [ "$(id -u)" = 0 ] || die "needs root for the user and group '$user' (or give --no-user)"
    if ! getent group "$user" >/dev/null; then
        case $(uname -s) in
            FreeBSD) pw groupadd "$user" ;;
            *) groupadd --system "$user" ;;
        esac
    fi
    if ! getent passwd "$user" >/dev/null; then
        case $(uname -s) in
            FreeBSD) pw useradd "$user" -g "$user" -d "$state" -s /usr/sbin/nologin -c 'scale-backup daemon' ;;
            *) useradd --system --gid "$user" --home-dir "$state" --no-create-home --shell /usr/sbin/nologin \
                --comment 'scale-backup daemon' "$user" ;;
        esac
    fi
    chgrp "$user" "$config"
    chmod 0750 "$config"
fi

if [ ! -e "$destdir$config/config.toml" ]; then
    # It contains no real password yet, but it will.
    (umask 027 && cp "$destdir$config/config.toml.example" "$destdir$config/config.toml")
    if [ "$with_user" = yes ]; then chgrp "$user" "$config/config.toml"; fi
    say "created $destdir$config/config.toml: fill it in"
else
    say "kept the existing $destdir$config/config.toml"
fi
if [ -z "$destdir" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
say "installed below $destdir$prefix. Next: docs/installation.md, 'After the installation'"
