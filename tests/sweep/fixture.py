"""A simulated cluster that writes to a local folder, and scale-backupd with libsb_io_faults.so, both as child processes."""
import base64
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from invariants import LANDING  # noqa: E402
from io_faults import Faults  # noqa: E402
from services import Simulator  # noqa: E402
from waiting import TIMEOUT, Readiness, end_of, readable  # noqa: E402


class Cluster:
    """hypercore-sim with small VMs that do not change."""

    def __init__(self, program, folder, share, export_seconds):
        scenario = {"vms": [{"name": name, "disks": [{"size": "1M", "fill": 40}]} for name in ("ALPHA", "BETA")]}
        with open(os.path.join(folder, "scenario.json"), "w", encoding="utf-8") as file:
            json.dump(scenario, file)
        os.mkdir(os.path.join(folder, "cluster"))
        self._log = open(os.path.join(folder, "cluster.log"), "wb")
        options = ["--scenario", os.path.join(folder, "scenario.json"), "--export-seconds", str(export_seconds), "--task-ms", "5",
                   "--keep-alive-requests", "0", "--data-dir", os.path.join(folder, "cluster"),
                   "--map-share", "127.0.0.1/ServerBackups=" + share]
        self._simulator = Simulator(program, "admin", "secret", options, self._log)
        self.host, self.fingerprint = self._simulator.host, self._simulator.fingerprint
        self._connection = None
        vms = self.request("GET", "/rest/v1/VirDomain")
        self.uuids = {vm["name"]: vm["uuid"] for vm in vms}
        self.disks = {vm["uuid"]: [disk["file"] if "file" in disk else disk["path"] for disk in self._disks(vm["uuid"])]
                      for vm in vms}

    def _disks(self, uuid):
        answer = self.request("GET", f"/sim/vms/{uuid}/disks")
        return answer if isinstance(answer, list) else answer["disks"]

    def request(self, method, path, body=None):
        headers = {"Authorization": "Basic " + base64.b64encode(b"admin:secret").decode(),
                   "Content-Type": "application/json"}
        for attempt in (1, 2):
            if self._connection is None:
                context = ssl.create_default_context()
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                self._connection = http.client.HTTPSConnection(self.host, context=context, timeout=20)
            try:
                self._connection.request(method, path, json.dumps(body) if body is not None else None, headers)
                answer = self._connection.getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException):  # an idle connection was closed
                self._connection = None
                if attempt == 2:
                    raise
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text else None

    def requests_for(self, name):
        """The number of requested exports of the backup `name` and imports from it."""
        count = 0
        for request in self.request("GET", "/sim/requests"):
            if request["method"] != "POST" or not request["target"].endswith(("/export", "/import")):
                continue
            order = json.loads(request["body"])
            place = order.get("target") or order.get("source")
            folder = urllib.parse.unquote(place["pathURI"].rsplit("/", 1)[1])
            landing = LANDING.fullmatch(folder)
            count += (landing["backup"] if landing else folder) == name
        return count

    def settle(self):
        """Waits until it is idle: until no export and no import is in progress."""
        self.request("GET", "/sim/settled")

    def vm_names(self):
        return [vm["name"] for vm in self.request("GET", "/rest/v1/VirDomain")]

    def close(self):
        self._simulator.close()
        self._log.close()


class Refused(Exception):
    """The daemon answered a call with an error."""


class Gone(Exception):
    """The daemon did not respond: it was killed."""


def has_ended(job):
    return job["state"] not in ("queued", "running")


def waits_for_its_name(job):
    """The export is complete, but its folder could not be renamed; that is repeated until it succeeds."""
    return job["phase"] == "committing" and bool(job["error"])


class Daemon:
    def __init__(self, bin_dir, folder, share, cluster, library):
        self.folder, self.share, self.state = folder, share, os.path.join(folder, "state")
        self.faults = Faults(os.path.join(folder, "faults"))
        self.log_path = os.path.join(folder, "daemon.log")
        self._bin, self._library = bin_dir, library
        self._socket = os.path.join(folder, "control.sock")
        self._readiness = None
        self.process = None
        self.hear = lambda job: None  # each state of a job that the daemon reports
        self._log = open(self.log_path, "ab")
        self._cluster = cluster
        self.configure("off")

    def configure(self, undelete_for):
        """Before it starts. `undelete_for`: "off", or how long deleted backups wait in the trash."""
        config = os.path.join(self.folder, "config.toml")
        with open(config, "w", encoding="utf-8") as file:
            # A Tag that no VM has: retention applies, and no scheduled run interferes.
            file.write(f"""[SMB]
Domain = "D"
Username = "u"
Password = "p"
Host = "127.0.0.1"
ShareName = "ServerBackups"
LocalPath = "{self.share}"
[Scale]
Username = "admin"
Password = "secret"
Host = "{self._cluster.host}"
CertFingerprint = "{self._cluster.fingerprint}"
[Schedule]
StartTime = '0:00'
EndTime = '0:00'
BackupInterval = '1 day'
MaxBackups = 2
UndeleteFor = '{undelete_for}'
Tag = 'nobody has this'
""")
        os.chmod(config, 0o600)

    # The daemon's steady clock runs faster by this factor: it polls the cluster sooner and has shorter timeouts.
    TIME_SCALE = 10

    def spawn(self, time_scale=TIME_SCALE):
        environment = dict(os.environ)
        environment.update(self.faults.environment(self._library, [self.share, self.state], time_scale))
        self._readiness = Readiness(self.folder)
        environment.update(self._readiness.environment)
        self.process = subprocess.Popen(
            [os.path.join(self._bin, "scale-backupd"), "--config", os.path.join(self.folder, "config.toml"), "--socket",
             self._socket, "--state-dir", self.state, "--log-level", "info"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, env=environment)

    def is_ready(self):
        """After spawn(): waits until it is ready. False if it exited."""
        return self._readiness.wait(self.process)

    def start(self, time_scale=TIME_SCALE):
        self.spawn(time_scale)
        if not self.is_ready():
            raise RuntimeError("scale-backupd does not start: " + self.log()[-1500:])

    def running(self):
        return self.process is not None and self.process.poll() is None

    def exit_code(self):
        return self.process.poll()

    def stop(self, number=signal.SIGTERM):
        if self.running():
            ended = end_of(self.process)
            self.process.send_signal(number)
            in_time = readable([ended], TIMEOUT)
            os.close(ended)
            if not in_time:
                self.process.kill()
                self.process.wait()
                raise RuntimeError("scale-backupd does not stop")
        return self.process.wait()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def messages(self, method, **params):
        """The messages on a new connection for this call: the result, then notifications. Raises Gone at its end."""
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n"
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(TIMEOUT)
                connection.connect(self._socket)
                connection.sendall(line.encode())
                for line in connection.makefile("rb"):
                    if not line.endswith(b"\n"):
                        break
                    answer = json.loads(line)
                    if "error" in answer:
                        raise Refused(answer["error"]["message"])
                    yield answer["result"] if "result" in answer else answer["params"]
        except OSError as error:
            raise Gone() from error
        raise Gone()

    def call(self, method, **params):
        answers = self.messages(method, **params)
        result = next(answers)
        answers.close()
        return result

    def ctl(self, *arguments):
        done = subprocess.run([os.path.join(self._bin, "scale-backupctl"), "--socket", self._socket, *arguments],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        return done

    def show_backups(self):
        return json.loads(self.ctl("--json", "show-backups").stdout)

    def unfinished(self):
        return [job for job in self.call("jobs.list")["jobs"] if not has_ended(job)]

    def wait_for_jobs(self, done):
        """Waits until done(jobs by id), checked at each change that the daemon reports; it starts with the running jobs."""
        end = time.monotonic() + TIMEOUT
        jobs = {}
        for message in self.messages("jobs.subscribe", job=0):
            for job in message["jobs"] if "jobs" in message else [message["job"]]:
                self.hear(job)
                jobs[job["id"]] = job
            if done(jobs):
                return
            if time.monotonic() > end:
                raise RuntimeError(f"jobs do not finish: {self.unfinished()}")

    def wait_for_end(self, job):
        """Or until it waits for something that this fault prevents."""
        self.wait_for_jobs(lambda jobs: job not in jobs or has_ended(jobs[job]) or waits_for_its_name(jobs[job]))

    def settle(self):
        """Waits until no job is running."""
        self.wait_for_jobs(lambda jobs: all(has_ended(job) for job in jobs.values()))

    def job_of(self, backup):
        """The newest job of this backup in `jobs`; None if there is none."""
        return next((job for job in self.call("jobs.list")["jobs"] if job["backup"] == backup), None)

    def close(self):
        if self.running():
            self.process.kill()
            self.process.wait()
        self._log.close()


class Fixture:
    """The pair, in its own folder. `reset` restores the share and the state as of `remember`."""

    def __init__(self, bin_dir, library, export_seconds=0.03):
        self.folder = tempfile.mkdtemp(prefix="sb-sweep-")
        self.share = os.path.join(self.folder, "share")
        os.mkdir(self.share)
        self.cluster = Cluster(os.path.join(bin_dir, "hypercore-sim"), self.folder, self.share, export_seconds)
        self.daemon = Daemon(bin_dir, self.folder, self.share, self.cluster, library)

    def remember(self):
        for name in ("share", "state"):
            shutil.copytree(os.path.join(self.folder, name), os.path.join(self.folder, name + ".as-it-was"), symlinks=True)
        self._forget_proofs(os.path.join(self.folder, "state.as-it-was", "journal.db"))

    @staticmethod
    def _forget_proofs(journal):
        """`reset` gives the files new change times. A row of an earlier version has no proof, and gets one."""
        connection = sqlite3.connect(journal)
        with connection:
            connection.execute("UPDATE trusted_copies SET proof = '', export_end = ''")
        connection.close()

    def reset(self, with_state=True):
        for name in ("share", "state"):
            there = os.path.join(self.folder, name)
            for entry in os.scandir(there) if os.path.isdir(there) else []:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    os.unlink(entry.path)
        shutil.copytree(self.share + ".as-it-was", self.share, symlinks=True, dirs_exist_ok=True)
        if with_state:
            state = os.path.join(self.folder, "state")
            shutil.copytree(state + ".as-it-was", state, symlinks=True, dirs_exist_ok=True)
            os.chmod(state, 0o700)

    def close(self, keep=False):
        self.daemon.close()
        self.cluster.close()
        if keep:
            print(f"folder: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
