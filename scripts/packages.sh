# Sourced by ./run: what each command needs from the system, and how it is installed.
# shellcheck shell=sh disable=SC2154 # run and the other files set what is used here

# Debian 12 cannot hold two versions of the Boost headers; Ubuntu has other versions than Debian.
debian_boost() {
    for version in 1.81 1.83 1.88 1.90; do
        if dpkg-query -W -f '${Status}\n' "libboost$version-dev" 2>/dev/null | grep -q '^install ok installed'; then
            echo "$version"
            return
        fi
    done
    for version in 1.81 1.83 1.88 1.90; do
        if [ -n "$(apt-cache show "libboost$version-dev" 2>/dev/null)" ]; then
            echo "$version"
            return
        fi
    done
    echo 1.81
}

# libFuzzer comes with clang; Debian's RapidJSON does not compile with the newest ones (cmake/clang.cmake).
debian_clang() {
    for version in 14 15 16 17 18; do
        if dpkg-query -W -f '${Status}\n' "libclang-rt-$version-dev" 2>/dev/null | grep -q '^install ok installed'; then
            echo "clang-$version libclang-rt-$version-dev"
            return
        fi
    done
    for version in 14 15 16 17 18; do
        if [ -n "$(apt-cache show "libclang-rt-$version-dev" 2>/dev/null)" ]; then
            echo "clang-$version libclang-rt-$version-dev"
            return
        fi
    done
}

debian_packages() {
    boost=$(debian_boost)
    echo g++ cmake ninja-build ccache pkg-config python3 "libboost$boost-dev" "libboost-program-options$boost-dev" \
        libssl-dev libcurl4-openssl-dev libspdlog-dev libtoml11-dev rapidjson-dev libpugixml-dev libsqlite3-dev \
        libsmbclient-dev zlib1g-dev lld
    case $1 in
        unit_tests) echo libgtest-dev libgmock-dev openssl ;;
        format) echo clang-format ;;
        test | full) echo libgtest-dev libgmock-dev clang-format clang-tidy git samba smbclient qemu-utils libxml2-utils openssl \
            curl jq shellcheck mandoc groff-base systemd python3-aiosmtpd python3-prometheus-client faketime restic rclone bash zsh fish
            debian_clang
            [ "$1" = test ] || echo clang-16 libc++-16-dev libc++abi-16-dev ;;
        demo) echo samba smbclient qemu-utils ;;
        bench) echo libgtest-dev libgmock-dev samba smbclient qemu-utils libxml2-utils openssl curl libbenchmark-dev ;;
        fuzz) debian_clang ;;
    esac
}

freebsd_packages() {
    echo cmake-core ninja ccache pkgconf python3 boost-libs spdlog toml11 rapidjson pugixml sqlite3 curl samba419 googletest
    case $1 in
        test | full) echo jq qemu-tools libxml2 hs-ShellCheck restic rclone bash zsh fish ;;
        demo) echo qemu-tools ;;
        bench) echo qemu-tools libxml2 benchmark ;;
    esac
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@" </dev/null; else sudo -n "$@" </dev/null; fi
}

# Ends the program unless as_root will work. Called before the step starts, since a step's output goes to its log.
require_root() {
    [ "$(id -u)" = 0 ] || sudo -n true </dev/null >/dev/null 2>&1 ||
        die "needs root, or a sudo that asks for no password, to install: $*"
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"; }

install_debian() {
    lists=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' 2>/dev/null | head -n 1)
    # Without lists nothing can be installed, and apt-cache cannot tell which Boost there is.
    if [ -z "$lists" ] && [ -n "$(missing_debian "$1")" ]; then apt update || return 1; fi
    missing=$(missing_debian "$1")
    [ -n "$missing" ] || return 0
    echo "installing: $missing"
    had_samba=$(dpkg-query -W -f '${Status}' samba 2>/dev/null || true)
    # shellcheck disable=SC2086 # a list of words
    apt install --no-install-recommends $missing || {
        # The lists may be older than the archive.
        apt update && apt install --no-install-recommends $missing || return 1
    }
    case "$had_samba $missing" in
        'install ok installed '*) ;;
        *' samba '* | *' samba')
            # We start our own smbd; the system's file server is not ours to switch on.
            if [ -d /run/systemd/system ]; then as_root systemctl disable --now smbd.service nmbd.service || true; fi ;;
    esac
}

missing_debian() {
    wanted=$(debian_packages "$1" | tr '\n' ' ')
    # shellcheck disable=SC2086 # a list of words
    have=" $(dpkg-query -W -f '${Package} ${Status}\n' $wanted 2>/dev/null | sed -n 's/ install ok installed$//p' | tr '\n' ' ')"
    missing=
    for package in $wanted; do
        case $have in
            *" $package "*) ;;
            *) missing="$missing $package" ;;
        esac
    done
    echo "${missing# }"
}

missing_freebsd() {
    missing=
    for package in $(freebsd_packages "$1"); do
        pkg info -e "$package" || missing="$missing $package"
    done
    echo "${missing# }"
}

install_freebsd() {
    missing=$(missing_freebsd "$1")
    echo "installing: $missing"
    # shellcheck disable=SC2086 # a list of words
    as_root env ASSUME_ALWAYS_YES=yes pkg install -y $missing
}

# install_step FUNCTION KIND MISSING: nothing to do if no package is missing.
install_step() {
    [ -n "$3" ] || return 0
    require_root "$3"
    step 'installing packages' packages "$1" "$2" || {
        show_end_of "$log_folder/packages.log"
        die "the packages could not be installed"
    }
}

install_what_is_missing() {
    [ -z "${SB_NO_INSTALL:-}" ] || return 0
    if command -v apt-get >/dev/null 2>&1; then
        install_step install_debian "$1" "$(missing_debian "$1")"
    elif command -v pkg >/dev/null 2>&1 && [ "$(uname -s)" = FreeBSD ]; then
        install_step install_freebsd "$1" "$(missing_freebsd "$1")"
    else
        for program in c++ cmake ninja; do
            command -v "$program" >/dev/null 2>&1 ||
                die "please install: a C++20 compiler, cmake >= 3.24, ninja, and the libraries Boost >= 1.81, OpenSSL 3," \
                    "spdlog, toml11, RapidJSON, pugixml, SQLite 3, libcurl, libsmbclient, GoogleTest"
        done
    fi
}
