#!/bin/sh
# Starts scale-backupd on TrueNAS from a dataset, where it survives upgrades of the system. Add it as an Init/Shutdown Script,
# type "Script", when "Post Init":   /mnt/POOL/scale-backup/init-task.sh
# It may be run at any time and any number of times: it changes only what differs.
#
# The dataset holds:  bin/scale-backupd  bin/scale-backupctl  etc/config.toml  state/  init-task.sh
# usage: init-task.sh [start|stop|status]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=${SCALE_BACKUP_ROOT:-}   # prepended to the system's folders; for tests
action=${1:-start}

say() { echo "scale-backup: $*"; }
die() { say "$*" >&2; exit 1; }

[ -x "$here/bin/scale-backupd" ] || die "there is no $here/bin/scale-backupd; see docs/truenas.md"
[ -f "$here/etc/config.toml" ] || die "there is no $here/etc/config.toml; start from config.toml.example"

# Writes standard input to a file unless the file has that content. True if it was written.
put() {
    new=$1.new.$$
    cat >"$new"
    if [ -f "$1" ] && cmp -s "$new" "$1"; then
        rm -f "$new"
        return 1
    fi
    mv -f "$new" "$1"
}

close_secrets() {
    chmod 0700 "$here/state"
    chmod 0600 "$here/etc/config.toml"
}

# ---- TrueNAS SCALE: Linux. /usr and /etc are the system's; a unit in /run lasts until the next boot, as this task does. ----

unit() {
    cat <<UNIT
[Unit]
Description=Backs up and restores the VMs of a HyperCore cluster
Wants=network-online.target
After=network-online.target time-sync.target zfs.target
RequiresMountsFor=$here

[Service]
Type=notify
NotifyAccess=main
ExecStart=$here/bin/scale-backupd --config $here/etc/config.toml --state-dir $here/state --socket /run/scale-backup/control.sock
ExecReload=$here/bin/scale-backupctl --socket /run/scale-backup/control.sock reload
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=2 4 78
WatchdogSec=3min
TimeoutStartSec=5min
RuntimeDirectory=scale-backup
NoNewPrivileges=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectClock=yes
LimitCORE=0

[Install]
WantedBy=multi-user.target
UNIT
}

scale() {
    folder=$root/run/systemd/system
    case $action in
        start)
            mkdir -p "$folder"
            if unit | put "$folder/scale-backupd.service"; then systemctl daemon-reload; fi
            systemctl start scale-backupd.service
            say "started; see: systemctl status scale-backupd"
            ;;
        stop) systemctl stop scale-backupd.service ;;
        status) systemctl status scale-backupd.service ;;
    esac
}

# ---- TrueNAS CORE: FreeBSD. ----

core() {
    script=$root/usr/local/etc/rc.d/scale_backupd
    case $action in
        start)
            mkdir -p "$root/usr/local/etc/rc.d"
            if put "$script" <"$here/scale_backupd"; then :; fi
            chmod 0755 "$script"
            sysrc -q scale_backupd_enable=YES scale_backupd_user=root scale_backupd_group=wheel \
                "scale_backupd_program=$here/bin/scale-backupd" "scale_backupd_client=$here/bin/scale-backupctl" \
                "scale_backupd_config=$here/etc/config.toml" "scale_backupd_statedir=$here/state" >/dev/null
            service scale_backupd status >/dev/null 2>&1 || service scale_backupd start
            say "started; see: service scale_backupd status"
            ;;
        stop) service scale_backupd stop ;;
        status) service scale_backupd status ;;
    esac
}

case $action in
    start | stop | status) ;;
    *) die "usage: init-task.sh [start|stop|status]" ;;
esac
mkdir -p "$here/state"
close_secrets
if command -v systemctl >/dev/null 2>&1; then
    scale
elif command -v sysrc >/dev/null 2>&1; then
    [ -f "$here/scale_backupd" ] || die "there is no $here/scale_backupd; copy init-scripts/freebsd/scale_backupd there"
    core
else
    die "neither systemctl nor sysrc: is this TrueNAS?"
fi
