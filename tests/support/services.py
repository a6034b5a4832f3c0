"""A simulated cluster and a Samba share, as children of a Python driver."""
import os
import random
import subprocess
import time

from waiting import PATIENCE, Words


class Broken(Exception):
    pass


def spoken_child(command, log, awaited):
    """A child that says where it can be found: the process, and what it said behind each of the awaited words."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                             env={**os.environ, "LC_ALL": "C.UTF-8"})
    words = Words(child)
    said = [words.behind(begin) for begin in awaited]
    if None in said:
        child.kill()
        child.wait()
        raise Broken(f"{os.path.basename(command[0])} does not start: {said}")
    return child, said


class Simulator:
    """hypercore-sim on a port of its own choosing."""

    def __init__(self, program, user, password, options, log):
        command = [program, "--listen", "127.0.0.1:0", "--username", user, "--password", password, *options]
        self.process, (self.fingerprint, self.host) = spoken_child(command, log, ("fingerprint ", "listening on https://"))

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class Samba:
    """smbd with one share, for whom it is started as: no rights are needed."""

    def __init__(self, folder, log, share_name, share, domain, user, password):
        self.folder, self.domain, self.user, self.password, self.share_name = folder, domain, user, password, share_name
        for name in ("private", "lock", "state", "cache", "pid", "ncalrpc", "log"):
            os.makedirs(os.path.join(folder, name), mode=0o700)
        own = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        with open(f"{folder}/users.map", "w", encoding="utf-8") as file:
            file.write(f"{own} = {user} {domain}\\{user}\n")
        for _ in range(5):  # somebody else may have the port
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
        """Asks for the share until it is there; False if smbd ends before. Not every smbd tells that it is ready."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            if self.lists():
                return True
        return False

    def lists(self):
        return subprocess.run(["smbclient", f"//127.0.0.1/{self.share_name}", "-p", str(self.port), "-W", self.domain, "-U", self.user,
                               "-c", "pwd"], env={**os.environ, "PASSWD": self.password}, capture_output=True, check=False).returncode == 0

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        try:  # its helper has a session of its own and outlives it
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
