"""A real environment for the commands in the documents: a Samba share, a simulated cluster with the VMs of the documents,
a mail server, and scale-backupd with a configuration for all of them. Everything is in one temporary folder."""
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from services import Broken, Samba, Simulator, start_and_read  # noqa: E402
from waiting import TIMEOUT, Readiness  # noqa: E402

VMS = ("FILE01", "MAIL01", "DC01")


def has_mail(python):
    return os.path.exists(python) and subprocess.run([python, "-c", "import aiosmtpd"], capture_output=True, check=False).returncode == 0


class Fixture:
    def __init__(self, top, bin_dir, folder):
        self.top, self.bin, self.root = top, bin_dir, folder
        self.share = os.path.join(folder, "share")
        self.socket = os.path.join(folder, "control.sock")
        self.config = os.path.join(folder, "etc/scale-backup/config.toml")
        self.ends = []  # functions to call at the end, the last one first
        for name in ("share", "etc/scale-backup", "log", "state", "mail"):
            os.makedirs(os.path.join(folder, name))

    def log(self, name):
        with open(os.path.join(self.root, "log", name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def log_file(self, name):
        return open(os.path.join(self.root, "log", name), "wb")

    # ---- the parts ----------------------------------------------------------------------------------

    def start_samba(self):
        with self.log_file("smbd") as log:
            samba = Samba(os.path.join(self.root, "samba"), log, "ServerBackups", self.share, "CONTOSO", "JohnDoe", "pa$$w0rd")
        self.ends.append(samba.close)
        self.smb_port = samba.port

    def start_cluster(self):
        scenario = os.path.join(self.root, "scenario.json")
        with open(scenario, "w", encoding="utf-8") as file:
            json.dump({"vms": [{"name": name, "tags": "BackMeUp", "disks": [{"size": "8M", "fill": 50}]} for name in VMS]}, file)
        options = ["--data-dir", os.path.join(self.root, "cluster"), "--scenario", scenario, "--export-seconds", "0.2", "--task-ms", "10"]
        with self.log_file("cluster") as log:
            simulator = Simulator(f"{self.bin}/hypercore-sim", "admin", "P@ssword", options, log)
        self.ends.append(simulator.close)
        self.cluster, self.fingerprint = simulator.host, simulator.fingerprint

    def start_mail(self):
        # The system's Python has aiosmtpd; PATH may have another one.
        python = next((path for path in ("/usr/bin/python3", sys.executable) if has_mail(path)), None)
        if not python:
            raise Broken("needs aiosmtpd (package python3-aiosmtpd)")
        command = [python, f"{self.top}/tests/unit/notify/smtp_server.py", f"{self.root}/mail", "plain"]
        with self.log_file("mail") as log:
            child, (self.mail_port,) = start_and_read(command, log, ("port ",))
        self.end_with(child)

    def end_with(self, child):
        def end():
            child.terminate()
            child.wait(TIMEOUT)
            if child.stdout:
                child.stdout.close()
        self.ends.append(end)

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
        readiness = Readiness(self.root)
        with self.log_file("daemon") as log:
            self.daemon = subprocess.Popen([f"{self.bin}/scale-backupd", "--config", self.config], stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=subprocess.STDOUT,
                                           env={**os.environ, "LC_ALL": "C.UTF-8", **readiness.environment})
        self.end_with(self.daemon)
        if not readiness.wait(self.daemon):
            raise Broken("scale-backupd does not start: " + self.log("daemon"))

    def start_all(self):
        self.start_samba()
        self.start_cluster()
        self.start_mail()
        self.start_daemon()

    def stop(self):
        for end in reversed(self.ends):
            end()

    # ---- what the commands expect ------------------------------------------------------------------

    def ctl(self, *words):
        return subprocess.run([f"{self.bin}/scale-backupctl", "--socket", self.socket, *words], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=TIMEOUT, check=False)

    def must(self, *words):
        ended = self.ctl(*words)
        if ended.returncode != 0:
            raise Broken(f"scale-backupctl {' '.join(words)}: {ended.stdout}{ended.stderr}")
        return ended.stdout

    def ask_cluster(self, method, path):
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=ssl._create_unverified_context()))
        request = urllib.request.Request(f"https://{self.cluster}/rest/v1{path}", method=method)
        request.add_header("Authorization", "Basic YWRtaW46UEBzc3dvcmQ=")
        with opener.open(request, timeout=TIMEOUT) as answer:
            return json.load(answer)

    def have_backup(self, name):
        if not os.path.exists(os.path.join(self.share, name, "scale-backup.json")):
            self.must("backup", "FILE01", name)

    def have_no_backup(self, name):
        shutil.rmtree(os.path.join(self.share, name), ignore_errors=True)

    def have_landing_folder(self, name):
        """The complete files of an export, without a manifest; two days old."""
        source = "the source of landed exports"
        self.have_backup(source)
        folder = os.path.join(self.share, name)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(os.path.join(self.share, source), folder, ignore=shutil.ignore_patterns("scale-backup.*"))
        then = time.time() - 2 * 86400
        for path in [*os.scandir(folder), folder]:
            os.utime(path, (then, then))

    def have_no_vm(self, name):
        for vm in self.ask_cluster("GET", "/VirDomain"):
            if vm["name"] == name:
                self.ask_cluster("DELETE", "/VirDomain/" + vm["uuid"])

    def new_job(self):
        self.jobs = getattr(self, "jobs", 0) + 1
        words = self.must("backup", "DC01", f"job {self.jobs} of the documents", "--detach").split()
        return next(word for word in words if word.strip(".:,").isdigit()).strip(".:,")

