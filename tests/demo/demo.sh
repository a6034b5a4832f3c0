#!/bin/sh
# The main job, shown from beginning to end: a simulated cluster exports a VM over HTTPS and SMB into a share of
# a real Samba server, the VM is restored as a new one, and qemu-img says whether the disks are the same.
# usage: demo.sh BIN_DIR [--keep]     (`./run demo` builds the programs first)
set -u
bin=$1
keep=${2:-}
vms=5

here=$(mktemp -d "${TMPDIR:-/tmp}/scale-backup-demo-XXXXXX")
share=$here/share
samba_pid='' cluster_pid='' daemon_pid='' child=''
PATH=$bin:$PATH:/usr/sbin:/usr/local/sbin
export PATH LC_ALL=C.UTF-8 SCALE_BACKUP_SOCKET="$here/control.sock"

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
else bold='' dim='' plain=''; fi

talk() { printf '\n%s# %s%s\n' "$dim" "$*" "$plain"; }
fail() { printf '\n%sdemo: %s%s\n' "$bold" "$*" "$plain" >&2; exit 1; }

# smbd's helper has a session of its own and outlives it.
end_samba_helper() {
    [ ! -s "$here/samba/pid/samba-dcerpcd.pid" ] || kill "$(tr -cd '0-9' <"$here/samba/pid/samba-dcerpcd.pid")" 2>/dev/null
}

# Ends what we started and nothing else, whatever ends us.
clean_up() {
    status=$?
    trap - EXIT INT TERM HUP
    for pid in $child $daemon_pid $cluster_pid $samba_pid; do kill "$pid" 2>/dev/null; done
    for pid in $child $daemon_pid $cluster_pid $samba_pid; do wait "$pid" 2>/dev/null; done
    end_samba_helper
    [ "$status" = 0 ] || show_logs
    rm -rf "$here"
    exit "$status"
}
show_logs() {
    case $status in 130 | 143) return ;; esac
    for log in samba cluster daemon; do
        [ -s "$here/$log.log" ] || continue
        printf '\n---- the end of %s.log\n' "$log" >&2
        tail -n 25 "$here/$log.log" >&2
    done
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Shows a command as a person would type it, and runs it. In the background, because a shell looks at its traps
# only between foreground commands, and Ctrl-C should not have to wait.
type_in() {
    line=''
    for word in "$@"; do
        case $word in
            *[!A-Za-z0-9_./:=@%+,-]*) line="$line '$word'" ;;
            *) line="$line $word" ;;
        esac
    done
    printf '\n%s$%s%s\n' "$bold" "$line" "$plain"
    "$@" </dev/null &
    child=$!
    wait "$child"
    result=$?
    child=''
    return "$result"
}
must() { type_in "$@" || fail "'$*' ended with exit code $?"; }

# Waits until the command succeeds, for as long as the process lives; the commands block a little by themselves.
until_ready() {
    pid=$1
    shift
    tries=0
    until "$@" >/dev/null 2>&1; do
        kill -0 "$pid" 2>/dev/null || return 1
        tries=$((tries + 1))
        [ "$tries" -lt 10000 ] || return 1
    done
}

# ---- a share ---------------------------------------------------------------------------------------

user=JohnDoe
# shellcheck disable=SC2016 # dollar signs are part of it
password='pa$$w0rd'
start_samba() {
    for program in smbd pdbedit smbclient; do
        command -v "$program" >/dev/null 2>&1 || { echo "$program is not installed"; return 1; }
    done
    mkdir -m 700 "$here/samba"
    for folder in private lock state cache pid ncalrpc log; do mkdir -m 700 "$here/samba/$folder"; done
    echo "$(id -un) = $user CONTOSO\\$user" >"$here/samba/users.map"
    tries=0
    while [ "$tries" -lt 5 ]; do
        tries=$((tries + 1))
        # Away from the ports that outgoing connections take; smbd refuses one that is in use, and we try another.
        port=$(awk -v "seed=$$$tries" 'BEGIN { srand(); srand(srand() + seed); print 18000 + int(rand() * 14000) }')
        cat >"$here/samba/smb.conf" <<CONF
[global]
  workgroup = CONTOSO
  netbios name = DEMONAS
  server role = standalone server
  server min protocol = SMB2
  interfaces = 127.0.0.1
  bind interfaces only = yes
  smb ports = $port
  disable netbios = yes
  disable spoolss = yes
  load printers = no
  printing = bsd
  printcap name = /dev/null
  usershare max shares = 0
  map to guest = never
  max log size = 0
  log level = 1
  passdb backend = tdbsam:$here/samba/private/passdb.tdb
  private dir = $here/samba/private
  lock directory = $here/samba/lock
  state directory = $here/samba/state
  cache directory = $here/samba/cache
  pid directory = $here/samba/pid
  ncalrpc dir = $here/samba/ncalrpc
  log file = $here/samba/log/smbd.log
  username map = $here/samba/users.map
[ServerBackups]
  path = $share
  read only = no
CONF
        printf '%s\n%s\n' "$password" "$password" |
            pdbedit -s "$here/samba/smb.conf" -a -t -u "$(id -un)" >"$here/samba.log" 2>&1 || { tail -n 1 "$here/samba.log"; return 1; }
        smbd -F -l "$here/samba/log" -s "$here/samba/smb.conf" </dev/null >>"$here/samba.log" 2>&1 &
        samba_pid=$!
        PASSWD=$password until_ready "$samba_pid" smbclient "//127.0.0.1/ServerBackups" -p "$port" -W CONTOSO -U "$user" -c pwd && return 0
        kill "$samba_pid" 2>/dev/null
        wait "$samba_pid" 2>/dev/null
        samba_pid=''
    done
    echo "smbd does not start"
    return 1
}

mkdir "$share"
talk "A Samba server of our own, on a high port of this machine only"
if start_samba >"$here/samba.problem"; then
    smb_host=127.0.0.1:$port
    echo "smbd serves $share as //$smb_host/ServerBackups"
else
    smb_host=localhost
    echo "Samba does not run here: $(cat "$here/samba.problem"). A plain folder stands for the share."
fi

# ---- a cluster -------------------------------------------------------------------------------------

talk "A simulated HyperCore cluster with $vms VMs"
set -- --listen 127.0.0.1:0 --username admin --password 'P@ssword' --data-dir "$here/cluster" \
    --vms "$vms" --disk-size 256M --fill 20 --export-seconds 5
[ -n "$samba_pid" ] || set -- "$@" --map-share "localhost/ServerBackups=$share"
hypercore-sim "$@" </dev/null >"$here/cluster.log" 2>&1 &
cluster_pid=$!
until_ready "$cluster_pid" grep -q '^listening on ' "$here/cluster.log" || fail "hypercore-sim did not start"
address=$(sed -n 's|^listening on https://||p' "$here/cluster.log")
print=$(sed -n 's/^fingerprint //p' "$here/cluster.log")
cat "$here/cluster.log"

# ---- the daemon ------------------------------------------------------------------------------------

talk "scale-backupd, with this configuration"
cat >"$here/config.toml" <<CONF
[SMB]
Domain = 'CONTOSO'
Username = '$user'
Password = '$password'
Host = '$smb_host'
ShareName = 'ServerBackups'
LocalPath = '$share'

[Scale]
Username = 'admin'
Password = 'P@ssword'
Host = '$address'
CertFingerprint = '$print'
CONF
chmod 600 "$here/config.toml"
sed 's/^\(Password = \).*/\1(hidden)/' "$here/config.toml"
scale-backupd --config "$here/config.toml" --socket "$SCALE_BACKUP_SOCKET" --state-dir "$here/state" \
    </dev/null >"$here/daemon.log" 2>&1 &
daemon_pid=$!
until_ready "$daemon_pid" scale-backup jobs || fail "scale-backupd did not start"

# ---- what a person would type ----------------------------------------------------------------------

must scale-backup show-vms
vm=$(scale-backup show-vms | head -n 1)
must scale-backup status
backup="demo-$(date +%Y-%m-%d)-$vm"
must scale-backup backup "$vm" "$backup"
must ls -l "$share/$backup"
for image in "$share/$backup"/*.qcow2; do must qemu-img check "$image"; done

restored=$vm-restored
must scale-backup restore "$backup" "$restored"

talk "Two more at the same time, without waiting for each"
for other in $(scale-backup show-vms | grep -vx -e "$vm" -e "$restored" | head -n 2); do
    must scale-backup backup "$other" "demo-$(date +%Y-%m-%d)-$other" --detach
done
for job in $(scale-backup --json jobs | python3 -c '
import json, sys
print(*sorted(j["id"] for j in json.load(sys.stdin) if j["state"] in ("queued", "running")))'); do
    must scale-backup watch "$job"
done
must scale-backup show-backups
must scale-backup jobs

# ---- the proof --------------------------------------------------------------------------------------

# uuids of a VM's disks, one a line
disks_of() {
    scale-backup --json show-vms | python3 -c '
import json, sys
for vm in json.load(sys.stdin):
    if vm["name"] == sys.argv[1]:
        print(*[d["uuid"] for d in vm["disks"] if d["type"].endswith("_DISK")], sep="\n")' "$1"
}
guest_disk() { echo "$here/cluster/disks/$1.raw"; }

talk "The original disk, the backup and the restored disk, as the guest sees them: qemu-img compares every bit"
compared=0
restored_disks=$(disks_of "$restored")
for original in $(disks_of "$vm"); do
    image=$share/$backup/$original.qcow2
    must qemu-img compare -f raw -F qcow2 "$(guest_disk "$original")" "$image"
    equal=''
    for candidate in $restored_disks; do
        if qemu-img compare -q -f qcow2 -F raw "$image" "$(guest_disk "$candidate")"; then equal=$candidate; fi
    done
    [ -n "$equal" ] || fail "no disk of $restored is identical to $image"
    must qemu-img compare -f qcow2 -F raw "$image" "$(guest_disk "$equal")"
    compared=$((compared + 1))
done
[ "$compared" -gt 0 ] || fail "the VM has no disk"

printf '\n%sverified: the restored disks are identical%s\n' "$bold" "$plain"
[ "$keep" = --keep ] || exit 0

cat >"$here/stop" <<STOP
#!/bin/sh
kill $daemon_pid $cluster_pid $samba_pid
while kill -0 $daemon_pid 2>/dev/null; do :; done
[ ! -s '$here/samba/pid/samba-dcerpcd.pid' ] || kill "\$(tr -cd 0-9 <'$here/samba/pid/samba-dcerpcd.pid')" 2>/dev/null
rm -rf '$here'
STOP
trap - EXIT INT TERM HUP
cat <<KEEP

It is left running. To talk to it:

  export SCALE_BACKUP_SOCKET='$SCALE_BACKUP_SOCKET'
  $bin/scale-backupctl status

  config   $here/config.toml
  share    $share  (smb://$smb_host/ServerBackups, user $user, password $password)
  cluster  https://$address/rest/v1/  (user admin, password P@ssword)
  logs     $here/*.log

To end it and remove everything: sh $here/stop
KEEP
