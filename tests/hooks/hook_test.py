"""The fixture of the bundled hooks' tests: a complete backup with real images, and the hook run as by the daemon."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HOOKS = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../../config/hooks"))
# Where scale-backupctl is: a test of a hook that calls it needs the built one.
if len(sys.argv) > 2:
    os.environ["PATH"] = sys.argv[2] + ":" + os.environ["PATH"]
# Spaces, quotes, characters with a meaning for shells, and letters that need UTF-8.
NAME = "2026-11-23_17-00-00 Küche's \"Büro\" $(touch x) 日本"
TIMEOUT = 30
# VMs may have any name, also one that a hook takes for something else.
LIKE_OPTIONS = ["-h", "--help", "--", "-", "--all", "--to", "--config", "--settings", "--compare", "-rf"]


def tool(name, *arguments):
    return subprocess.run([name, *arguments], check=True, capture_output=True, text=True).stdout


class HookTest(unittest.TestCase):
    hook = ""

    def setUp(self):
        self.place = tempfile.mkdtemp(prefix="scale-backup-hooks-")
        self.addCleanup(shutil.rmtree, self.place)
        self.share = os.path.join(self.place, "share")
        self.stand_ins = os.path.join(self.place, "bin")
        self.record = os.path.join(self.place, "record")
        os.mkdir(self.share)
        os.mkdir(self.stand_ins)

    def environment(self, **more):
        """The environment that the daemon passes to hooks, and nothing else."""
        return {"PATH": self.stand_ins + ":" + os.environ["PATH"], "HOME": "/", "LANG": "C.UTF-8",
                "SCALE_BACKUP_HOOK": "PostBackup", **more}

    def start(self, *arguments, **more):
        return subprocess.Popen([os.path.join(HOOKS, self.hook), *arguments], cwd="/", env=self.environment(**more),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                start_new_session=True)

    def run_hook(self, *arguments, **more):
        process = self.start(*arguments, **more)
        process.out, process.err = process.communicate(timeout=TIMEOUT)
        return process

    def run_well(self, *arguments, **more):
        done = self.run_hook(*arguments, **more)
        self.assertEqual((done.returncode, done.err), (0, ""), done.out)
        return done

    def assert_refused(self, code, text, *arguments, **more):
        done = self.run_hook(*arguments, **more)
        self.assertEqual(done.returncode, code, done.out + done.err)
        self.assertIn(text, done.err)

    def stand_in(self, name, script):
        """A wrapper of the real program that records its arguments: one line per call, as [a][b c]."""
        path = os.path.join(self.stand_ins, name)
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\n{{ for word; do printf '[%s]' \"$word\"; done; echo; }} >> '{self.record}'\n{script}\n")
        os.chmod(path, 0o755)

    def recorded(self):
        if not os.path.exists(self.record):
            return []
        with open(self.record) as file:
            return file.read().splitlines()

    def backup(self, name=NAME, disks=1, megabytes=32, complete=True, started="2026-11-23T05:00:00+00:00"):
        folder = os.path.join(self.share, name)
        os.mkdir(folder)
        raw = os.path.join(self.place, "raw")
        for number in range(disks):
            with open(raw, "wb") as file:
                file.truncate(megabytes << 20)
                for offset in range(0, megabytes, 5):
                    file.seek((offset << 20) + 4096 * number)
                    file.write(os.urandom(1 << 20))
            tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-o", "cluster_size=2M", raw,
                 os.path.join(folder, f"disk {number}.qcow2"))
        with open(os.path.join(folder, "VM.xml"), "w") as file:
            file.write("<domain/>")
        if complete:
            with open(os.path.join(folder, "scale-backup.json"), "w") as file:
                json.dump({"vm_uuid": "6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10", "protected": False, "started": started,
                           "files": [{"name": f"disk {number}.qcow2", "role": "disk"} for number in range(disks)]}, file, indent=2)
        return folder

    def make_again(self, folder):
        """Another backup with the same name."""
        shutil.rmtree(folder)
        return self.backup(os.path.basename(folder), started="2026-11-24T05:00:00+00:00")


def main(*programs):
    """Runs the tests of the file; exit code 77 (skipped) if one of the programs is not installed."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        print("needs", *missing)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
