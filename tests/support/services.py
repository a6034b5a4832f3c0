"""A simulated cluster and a Samba share, as children of a Python driver."""
import os
import random
import subprocess
import time

from waiting import TIMEOUT, OutputLines

# smbd and the like are in folders that most users do not have in PATH.
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


class Broken(Exception):
    pass


def start_and_read(command, log, awaited):
    """Starts a child that prints its address: returns the process, and the text after each of the expected lines."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                             env={**os.environ, "LC_ALL": "C.UTF-8"})
    lines = OutputLines(child)
    output = [lines.after(begin) for begin in awaited]
    if None in output:
        child.kill()
        child.wait()
        raise Broken(f"{os.path.basename(command[0])} does not start: {output}")
    return child, output


class Simulator:
    """hypercore-sim on a port chosen by the system."""

    def __init__(self, program, user, password, options, log):
        command = [program, "--listen", "127.0.0.1:0", "--username", user, "--password", password, *options]
        self.process, (self.fingerprint, self.host) = start_and_read(command, log, ("fingerprint ", "listening on https://"))

    def close(self):
        self.process.terminate()
        self.process.wait(TIMEOUT)
        self.process.stdout.close()


class Samba:
    """smbd with one share for the current user: needs no special permissions."""

    def __init__(self, folder, log, share_name, share, domain, user, password):
        self.folder, self.domain, self.user, self.password, self.share_name = folder, domain, user, password, share_name
        for name in ("private", "lock", "state", "cache", "pid", "ncalrpc", "log"):
            os.makedirs(os.path.join(folder, name), mode=0o700)
        own = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        with open(f"{folder}/users.map", "w", encoding="utf-8") as file:
            file.write(f"{own} = {user} {domain}\\{user}\n")
        for _ in range(5):  # another server may have the port
            self.port = random.randint(18000, 31999)
            with open(f"{folder}/smb.conf", "w", encoding="utf-8") as file:
                file.write(SMB_CONF.format(base=folder, port=self.port, share=share, name=share_name, domain=domain))
            subprocess.run(["pdbedit", "-s", f"{folder}/smb.conf", "-a", "-t", "-u", own], input=f"{password}\n{password}\n",
                           capture_output=True, text=True, check=True, timeout=30)
            self.process = subprocess.Popen(["smbd", "-F", "-l", f"{folder}/log", "-s", f"{folder}/smb.conf"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            if self.answers():
                return
            self.close()
        raise Broken("smbd does not start")

    def answers(self):
        """Polls the share until it is available; False if smbd exits before. Not every smbd reports that it is ready."""
        end = time.monotonic() + TIMEOUT
        while self.process.poll() is None and time.monotonic() < end:
            if self.lists():
                return True
        return False

    def lists(self):
        return subprocess.run(["smbclient", f"//127.0.0.1/{self.share_name}", "-p", str(self.port), "-W", self.domain, "-U", self.user,
                               "-c", "pwd"], env={**os.environ, "PASSWD": self.password}, capture_output=True, check=False).returncode == 0

    def close(self):
        self.process.terminate()
        self.process.wait(TIMEOUT)
        try:  # its helper has its own session and outlives it
            with open(os.path.join(self.folder, "pid/samba-dcerpcd.pid"), encoding="ascii") as file:
                os.kill(int(file.read()), 15)
        except (OSError, ValueError):
            pass


SMB_CONF = """[global]
  workgroup = {domain}
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
[{name}]
  path = {share}
  read only = no
"""
