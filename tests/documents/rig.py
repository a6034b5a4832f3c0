"""What the documents speak of, made real: a Samba share, a simulated cluster with the VMs that are named there, a mail
server, and scale-backupd with a configuration for all of them. Everything lies in one temporary folder."""
import json
import os
import random
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request

PATIENCE = 60  # seconds; a rig that works never waits that long
VMS = ("FILE01", "MAIL01", "DC01")


class Broken(Exception):
    pass


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        if time.monotonic() > end:
            raise Broken(f"in vain: {what}")
        time.sleep(0.01)
    return value


def has_mail(python):
    return os.path.exists(python) and subprocess.run([python, "-c", "import aiosmtpd"], capture_output=True, check=False).returncode == 0


class Rig:
    def __init__(self, top, bin_dir, folder):
        self.top, self.bin, self.root = top, bin_dir, folder
        self.share = os.path.join(folder, "share")
        self.socket = os.path.join(folder, "control.sock")
        self.config = os.path.join(folder, "etc/scale-backup/config.toml")
        self.children = []
        for name in ("share", "etc/scale-backup", "log", "state", "mail"):
            os.makedirs(os.path.join(folder, name))

    def log(self, name):
        with open(os.path.join(self.root, "log", name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def start(self, name, *command):
        with open(os.path.join(self.root, "log", name), "wb") as log:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                     env={**os.environ, "LC_ALL": "C.UTF-8"})
        self.children.append(child)
        return child

    # ---- the parts ----------------------------------------------------------------------------------

    def start_samba(self):
        base = os.path.join(self.root, "samba")
        for name in ("private", "lock", "state", "cache", "pid", "ncalrpc", "log"):
            os.makedirs(os.path.join(base, name), mode=0o700)
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        with open(f"{base}/users.map", "w", encoding="utf-8") as file:
            file.write(f"{user} = JohnDoe CONTOSO\\JohnDoe\n")
        for _ in range(5):  # somebody else may have the port
            self.smb_port = random.randint(18000, 31999)
            with open(f"{base}/smb.conf", "w", encoding="utf-8") as file:
                file.write(SMB_CONF.format(base=base, port=self.smb_port, share=self.share))
            subprocess.run(["pdbedit", "-s", f"{base}/smb.conf", "-a", "-t", "-u", user], input="pa$$w0rd\npa$$w0rd\n",
                           capture_output=True, text=True, check=True, timeout=30)
            smbd = self.start("smbd", "smbd", "-F", "-l", f"{base}/log", "-s", f"{base}/smb.conf")
            wait_until(lambda: smbd.poll() is not None or self.samba_answers(), "smbd answers")
            if smbd.poll() is None:
                return
        raise Broken("smbd does not start: " + self.log("smbd"))

    def samba_answers(self):
        return subprocess.run(["smbclient", "//127.0.0.1/ServerBackups", "-p", str(self.smb_port), "-W", "CONTOSO", "-U", "JohnDoe",
                               "-c", "pwd"], env={**os.environ, "PASSWD": "pa$$w0rd"}, capture_output=True, check=False).returncode == 0

    def start_cluster(self):
        scenario = os.path.join(self.root, "scenario.json")
        with open(scenario, "w", encoding="utf-8") as file:
            json.dump({"vms": [{"name": name, "tags": "BackMeUp", "disks": [{"size": "8M", "fill": 50}]} for name in VMS]}, file)
        self.start("cluster", f"{self.bin}/hypercore-sim", "--listen", "127.0.0.1:0", "--username", "admin", "--password", "P@ssword",
                   "--data-dir", os.path.join(self.root, "cluster"), "--scenario", scenario, "--export-seconds", "0.2", "--task-ms", "10")
        self.cluster = wait_until(lambda: self.told("cluster", "listening on https://"), "hypercore-sim listens")
        self.fingerprint = self.told("cluster", "fingerprint ")

    def start_mail(self):
        # The packages' Python has aiosmtpd; the one in front in PATH may be another.
        python = next((path for path in ("/usr/bin/python3", sys.executable) if has_mail(path)), None)
        if not python:
            raise Broken("no Python has aiosmtpd (package python3-aiosmtpd)")
        self.start("mail", python, f"{self.top}/tests/unit/notify/smtp_server.py", f"{self.root}/mail", "plain")
        self.mail_port = wait_until(lambda: self.told("mail", "port "), "the mail server listens")

    def told(self, name, begin):
        return next((line[len(begin):] for line in self.log(name).splitlines() if line.startswith(begin)), "")

    def start_daemon(self):
        with open(os.path.join(self.top, "tests/documents/config.toml"), encoding="utf-8") as file:
            text = file.read()
        for name, value in (("SMB_HOST", f"127.0.0.1:{self.smb_port}"), ("LOCAL_PATH", self.share), ("CLUSTER", self.cluster),
                            ("FINGERPRINT", self.fingerprint), ("MAIL_PORT", self.mail_port), ("SOCKET", self.socket),
                            ("STATE", os.path.join(self.root, "state"))):
            text = text.replace(f"@{name}@", value)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.config, 0o600)
        self.daemon = self.start("daemon", f"{self.bin}/scale-backupd", "--config", self.config)
        wait_until(lambda: self.daemon.poll() is not None or self.ctl("jobs").returncode == 0, "scale-backupd answers")
        if self.daemon.poll() is not None:
            raise Broken("scale-backupd does not start: " + self.log("daemon"))

    def start_all(self):
        self.start_samba()
        self.start_cluster()
        self.start_mail()
        self.start_daemon()

    def stop(self):
        for child in reversed(self.children):
            child.terminate()
            child.wait(PATIENCE)
        try:  # smbd's helper has a session of its own and outlives it
            with open(os.path.join(self.root, "samba/pid/samba-dcerpcd.pid"), encoding="ascii") as file:
                os.kill(int(file.read()), 15)
        except (OSError, ValueError):
            pass

    # ---- what commands need to find ------------------------------------------------------------------

    def ctl(self, *words):
        return subprocess.run([f"{self.bin}/scale-backupctl", "--socket", self.socket, *words], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE, check=False)

    def must(self, *words):
        ended = self.ctl(*words)
        if ended.returncode != 0:
            raise Broken(f"scale-backupctl {' '.join(words)}: {ended.stdout}{ended.stderr}")
        return ended.stdout

    def ask_cluster(self, method, path):
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=ssl._create_unverified_context()))
        request = urllib.request.Request(f"https://{self.cluster}/rest/v1{path}", method=method)
        request.add_header("Authorization", "Basic YWRtaW46UEBzc3dvcmQ=")
        with opener.open(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def have_backup(self, name):
        if not os.path.exists(os.path.join(self.share, name, "scale-backup.json")):
            self.must("backup", "FILE01", name)

    def have_no_backup(self, name):
        shutil.rmtree(os.path.join(self.share, name), ignore_errors=True)

    def have_no_vm(self, name):
        for vm in self.ask_cluster("GET", "/VirDomain"):
            if vm["name"] == name:
                self.ask_cluster("DELETE", "/VirDomain/" + vm["uuid"])
        wait_until(lambda: name not in self.must("show-vms").splitlines(), f"the daemon sees that {name} is gone")

    def new_job(self):
        self.jobs = getattr(self, "jobs", 0) + 1
        words = self.must("backup", "DC01", f"job {self.jobs} of the documents", "--detach").split()
        return next(word for word in words if word.strip(".:,").isdigit()).strip(".:,")


SMB_CONF = """[global]
  workgroup = CONTOSO
  netbios name = DOCUMENTS
  server role = standalone server
  server min protocol = SMB2
  interfaces = 127.0.0.1
  bind interfaces only = yes
  smb ports = {port}
  disable netbios = yes
  disable spoolss = yes
  load printers = no
  printing = bsd
  printcap name = /dev/null
  usershare max shares = 0
  map to guest = never
  max log size = 0
  passdb backend = tdbsam:{base}/private/passdb.tdb
  private dir = {base}/private
  lock directory = {base}/lock
  state directory = {base}/state
  cache directory = {base}/cache
  pid directory = {base}/pid
  ncalrpc dir = {base}/ncalrpc
  log file = {base}/log/smbd.log
  username map = {base}/users.map
[ServerBackups]
  path = {share}
  read only = no
"""
