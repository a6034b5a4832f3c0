#!/usr/bin/env python3
"""Runs the command lines of the documents (README, docs, the simulator's README, the examples of --help, of which the
manual pages are made) in a fixture in which what they name exists. Programs of other people run for real where that is
possible; for the others a stand-in records the call, and STAND_INS says why. A program that is in neither table
is not found, and the test fails with file and line.
usage: run_documents.py BUILD_DIR [PART_OF_A_PATH]"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import command_blocks
from command_blocks import TOP, Block
from fixture import Broken, Fixture

SKIPPED = 77
LIMIT = 90  # seconds for one block

NEEDED = ("smbd", "pdbedit", "smbclient", "qemu-img", "curl", "openssl", "jq", "bash")
REAL = ("awk", "basename", "cat", "chgrp", "chmod", "chown", "cmp", "cp", "curl", "cut", "date", "df", "dirname", "du", "env", "find",
        "grep", "head", "id", "ionice", "jq", "ldd", "ln", "ls", "mkdir", "mktemp", "mv", "nice", "openssl", "python3", "qemu-img", "rm", "sed",
        "sh", "sort", "stat", "tail", "timeout", "touch", "tr", "uname", "wc")
# Programs that do not run here, and why.
STAND_INS = {
    "cmake": "would build the tree a second time",
    "ctest": "would run itself",
    "systemctl": "needs systemd as process 1",
    "journalctl": "needs systemd's journal",
    "systemd-analyze": "the unit has its own test",
    "service": "FreeBSD's",
    "sysrc": "FreeBSD's",
    "pw": "FreeBSD's",
    "userdel": "would remove users of this machine",
    "useradd": "would create users on this machine",
    "groupadd": "would create groups on this machine",
    "usermod": "would change users of this machine",
    "smbpasswd": "would change this machine's Samba",
    "crontab": "would change this machine's crontab",
    "kill": "the documents do not know the process id",
    "zfs": "needs a pool", "zpool": "needs a pool", "zdb": "needs a pool", "ssh": "needs a second machine",
    "guestfish": "starts a virtual machine", "guestmount": "starts a virtual machine", "guestunmount": "unmounts what guestmount mounted",
    "modprobe": "would change this machine's kernel", "qemu-nbd": "needs the kernel's nbd", "mount": "needs a block device",
    "umount": "needs a block device",
    "qemu-system-x86_64": "would start a guest and not exit", "virt-install": "needs libvirt",
    "patchelf": "may not be installed on this machine",
    "restic": "the hooks have their own tests with it", "rclone": "the hooks have their own tests with it",
    "sleep": "waiting is not tested",
    "sudo": "the test cannot become another user: it runs the command directly",
    "install": "would give files to the daemon's group, which does not exist on this machine",
}
# These really run inside the test's folder. Elsewhere, and for users that do not exist on this machine, they only record
# the call: the documents describe how to remove an installation, and this machine may have one.
CONFINED = ("chgrp", "chmod", "chown", "cp", "ln", "mkdir", "mv", "rm", "touch")
CONFINEMENT = """for word in "$@"; do
    case $word in
        "{folder}"/* | /dev/null) ;;
        /* | *..* | scale-backup:* | scale_backup:*) echo {name} "$@" >>"{record}"; exit 0 ;;
    esac
done
exec "{path}" "$@"
"""
ELSEWHERE = re.compile(r">\s*['\"]?(/[^\s'\"]*)")
# What a fake program does besides recording the call.
ACTIONS = {"sudo": 'while [ "${1#-}" != "$1" ]; do if [ "$1" = -u ]; then shift; fi; shift; done\nexec "$@"\n'}
# Commands that run until they are interrupted.
ENDLESS = re.compile(r"^(hypercore-sim|scale-backup(ctl)? watch\s*$|scale-backupd( --(config|socket|state-dir|log-level) \S+)*\s*$)")
INTERRUPTED = (0, 124, 130)
# Commands that may exit with another code than 0, and why.
MAY_END_WITH = [
    (re.compile(r"scale-backup(ctl)? (schedule|cancel)\b"), {4: "nothing left to run or to cancel"}),
    (re.compile(r"scale-backup(ctl)? delete\b"), {3: "no backup of that cluster", 4: "protected, or the last good one"}),
    (re.compile(r"scale-backup(ctl)? link\b"), {3: "the fixture's cluster still has all VMs that have backups"}),
]
ANSWERS = "1\n1\n\nyes\n"  # to interactive-restore without a terminal
VALUES = {"VM": "FILE01", "NAME": "'a backup of the documents'", "NEW-VM": "NEW-VM", "N": "3", "FILE": "{config}", "SHELL": "bash",
          "TARGET-VM": "MAIL01", "DISK-UUID": "{disk}"}
LANDING = re.compile(r"(?P<backup>.+)\.exporting-[0-9a-f]{8}")
GIVEN = re.compile(r"(?<![\w$'\"/{-])(VM|NAME|NEW-VM|N|FILE|SHELL|TARGET-VM|DISK-UUID)(?![\w'\"/}-])")


class Documents:
    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.fixture = Fixture(TOP, os.path.join(build, "bin"), os.path.join(folder, "fixture"))
        self.record = os.path.join(folder, "fakes")
        self.ran = 0
        self.problems = []

    # ---- the environment ------------------------------------------------------------------------------

    def prepare(self):
        self.tools = os.path.join(self.folder, "tools")
        os.makedirs(self.tools)
        for name in REAL:
            path = shutil.which(name)
            if path and name in CONFINED:
                self.script(os.path.join(self.tools, name),
                            CONFINEMENT.format(folder=self.folder, name=name, record=self.record, path=path))
            elif path:
                os.symlink(path, os.path.join(self.tools, name))
        for name in STAND_INS:
            self.script(os.path.join(self.tools, name), f'echo {name} "$@" >>"{self.record}"\n' + ACTIONS.get(name, ""))
        for name in ("scale-backupctl", "scale-backupd", "hypercore-sim"):
            os.symlink(os.path.join(self.fixture.bin, name), os.path.join(self.tools, name))
        os.symlink(os.path.join(self.fixture.bin, "scale-backupctl"), os.path.join(self.tools, "scale-backup"))
        self.tree = os.path.join(self.folder, "tree")
        # Copies and links to single files: commands do not change the source tree.
        os.makedirs(os.path.join(self.tree, "build/release/bin"))
        for name in ("scale-backupctl", "scale-backupd"):
            os.symlink(os.path.join(self.fixture.bin, name), os.path.join(self.tree, "build/release/bin", name))
        shutil.copytree(os.path.join(self.build, "init-scripts/freebsd"), os.path.join(self.tree, "build/release/init-scripts/freebsd"))
        for name in ("config", "init-scripts"):
            shutil.copytree(os.path.join(TOP, name), os.path.join(self.tree, name))
        # The CI runs each of these, and they take minutes.
        self.script(os.path.join(self.tree, "run"), f'echo ./run "$@" >>"{self.record}"\n')
        for name in ("mnt/tank", "mnt/guest", "srv/restored", "var/lib/metrics"):
            os.makedirs(os.path.join(self.fixture.root, name))
        self.fixture.start_all()
        self.fixture.have_backup("FILE01 before the update")
        disk = self.fixture.ask_cluster("GET", "/VirDomain")[0]["blockDevs"][0]["uuid"]
        self.values = {name: value.format(config=self.fixture.config, disk=disk) for name, value in VALUES.items()}

    @staticmethod
    def script(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o755)

    def places(self):
        """The paths and names in the documents, and their values here."""
        root = self.fixture.root
        return [("/etc/scale-backup", f"{root}/etc/scale-backup"), ("/mnt/backups", self.fixture.share), ("/mnt/tank", f"{root}/mnt/tank"),
                ("/mnt/guest", f"{root}/mnt/guest"), ("/srv/restored", f"{root}/srv/restored"),
                ("/var/lib/metrics", f"{root}/var/lib/metrics"),
                ("/usr/local/libexec/scale-backup/hooks", f"{self.tree}/config/hooks"),
                ("scale.cluster.local:443", self.fixture.cluster), ("scale.cluster.local", self.fixture.cluster),
                ("fileserver.contoso.com", f"127.0.0.1:{self.fixture.smb_port}")]

    # ---- one block -------------------------------------------------------------------------------------

    def run(self, block):
        try:
            script = self.ready(block)
        except (Broken, ValueError) as problem:
            self.problems.append(f"{block.place(1)}: preparation failed: {problem}")
            return
        endless = ENDLESS.match(block.script)
        if endless:
            script = "timeout -s INT 1 " + script
        file = os.path.join(self.folder, "script")
        with open(file, "w", encoding="utf-8") as out:
            out.write("PS4='+@$LINENO '; " + script)  # not through the environment: bash ignores it for root
        if os.environ.get("SB_VERBOSE"):
            print(f"{block.place(1)}: {script.rstrip()}")
        try:
            ended = subprocess.run([shutil.which("bash"), "-euxo", "pipefail", file], cwd=self.tree, input=ANSWERS, capture_output=True,
                                   text=True, timeout=LIMIT, check=False, env=self.environment())
            code, output = ended.returncode, ended.stderr + ended.stdout
        except subprocess.TimeoutExpired as late:
            code, output = -1, f"not finished after {late.timeout} seconds"
        self.ran += 1
        allowed = INTERRUPTED if endless else {0, *self.other_ends(block)}
        if code not in allowed:
            steps = re.findall(r"^\++@(\d+) (.*)$", output, re.MULTILINE)
            line, step = (int(steps[-1][0]), steps[-1][1]) if steps else (1, block.script.strip())
            words = re.sub(r"^\++@.*\n", "", output, flags=re.MULTILINE).strip()
            self.problems.append(f"{block.place(line)}: '{step}' exited with {code}:\n    " + "\n    ".join(words.splitlines()[-12:]))

    def environment(self):
        return {"PATH": self.tools, "HOME": self.folder, "LC_ALL": "C.UTF-8", "TERM": "dumb",
                "SCALE_BACKUP_SOCKET": self.fixture.socket, "SCALE_BACKUP_CONFIG": self.fixture.config,
                "SCALE_BACKUP_ROOT": self.fixture.root, "TMPDIR": self.folder}

    def look_at_results(self, only):
        """Checks the results of other programs' commands, so that they cannot have done nothing."""
        if only and only not in "docs/restore-without.md":
            return
        vms = {vm["name"]: vm for vm in self.fixture.ask_cluster("GET", "/VirDomain")}
        if "FILE01-by-hand" not in vms or not vms["FILE01-by-hand"]["blockDevs"]:
            self.problems.append("docs/restore-without.md: the cluster has no VM FILE01-by-hand with a disk")
        images = sorted({name.rpartition(".")[2] for name in os.listdir(os.path.join(self.fixture.root, "srv/restored"))})
        if images != ["qcow2", "raw", "vhdx", "vmdk"]:
            self.problems.append(f"docs/restore-without.md: it created only images of these formats: {images}")

    @staticmethod
    def other_ends(block):
        return {code for pattern, codes in MAY_END_WITH if pattern.search(block.script) for code in codes}

    def have_named_folders(self, names):
        """Backups; and folders of exports that were not finished, which a document may rename to the backup's name."""
        landed = {found["backup"]: name for name in names if (found := LANDING.fullmatch(name))}
        for name in names:
            if name in landed:
                self.fixture.have_no_backup(name)
            elif name not in landed.values():
                self.fixture.have_backup(name)
        for name in landed.values():
            self.fixture.have_landing_folder(name)

    def ready(self, block):
        """The block with existing values instead of its names; prepares what it needs and removes what it creates."""
        script = block.script
        if "/mnt/tank/scale-backup/etc/config.toml --check-config" in script:  # the administrator has filled it in by then
            shutil.copy(self.fixture.config, os.path.join(self.fixture.root, "mnt/tank/scale-backup/etc/config.toml"))
        for there, here in self.places():
            script = script.replace(there, here)
        script = GIVEN.sub(lambda found: self.values[found.group(1)], script) if "\n" not in script.strip() else script
        script = re.sub(r"\b(watch|cancel) (\d+|JOB)\b", lambda found: f"{found.group(1)} {self.fixture.new_job()}", script)
        for place in ELSEWHERE.findall(script):
            if not place.startswith(self.folder + "/") and place != "/dev/null":
                raise Broken(f"it would write to {place}")
        if script.startswith("#!"):  # the text of a file, not commands: the called program has its own tests
            return f"sh -n <<'FILE'\n{script}FILE\n"
        self.have_named_folders(re.findall(r"(?<=/mnt/backups/)[^'\"/{}\n]+(?=['\"])", block.script))
        made = set()
        for line in script.replace("\\\n", " ").splitlines():
            words = words_of_ours(line)
            match words:
                case ["backup", _, name, *_]:
                    self.fixture.have_no_backup(name)
                    made.add(name)
                case ["restore", name, new, *_]:
                    self.fixture.have_no_vm(new)
                    if name not in made:
                        self.fixture.have_backup(name)
                case ["protect" | "unprotect" | "verify", *names]:
                    for name in (name for name in names if not name.startswith("-") and name not in made):
                        self.fixture.have_backup(name)
                case ["delete" | "accept", *names] if "--cluster" not in names:
                    for name in (name for name in names if not name.startswith("-") and name not in made):
                        self.fixture.have_backup(name)
                case ["undelete", name]:
                    self.fixture.have_no_backup(name)
                    self.fixture.have_backup(name)
                    self.fixture.must("delete", name, "--yes")
                case ["export-disk", name, _, file, *_]:
                    self.fixture.have_backup(name)
                    script = f"rm -f {shlex.quote(file)}\n{script}"
                case ["upload-disk-media", *_, file]:
                    script = f"[ -f {file} ] || qemu-img create -q -f qcow2 {file} 8M\n{script}"
                case ["completion", "zsh", *_]:
                    script = f"mkdir -p ~/.zfunc\n{script}"
                case ["interactive-restore", *_]:
                    self.fixture.have_no_vm("FILE01-restored")
        return script


def words_of_ours(line):
    """The client's arguments without its general options; [] for any other command."""
    words = shlex.split(line, comments=True) if line.count("'") % 2 == 0 and line.count('"') % 2 == 0 else []
    if not words or not re.search(r"(^|/)scale-backup(ctl)?$", words[0]):
        return []
    words = words[1:]
    while words and words[0].startswith("--"):
        words = words[2:] if words[0] == "--socket" else words[1:]
    return words


def self_test(documents):
    """A failing command and an unknown program are found at their lines."""
    before, documents.problems = documents.problems, []
    outside = os.path.join(documents.folder + "-outside")
    with open(outside, "w", encoding="utf-8"):
        pass
    documents.run(Block("rm.md", 1, f"rm {outside}\nsudo rm {outside}\n"))
    if not os.path.exists(outside):
        raise Broken("a document's rm reaches outside the test's folder")
    os.unlink(outside)
    documents.run(Block("a.md", 7, "scale-backupctl status\nscale-backupctl why NOBODY-HAS-THIS-NAME\n"))
    documents.run(Block("b.md", 3, "frobnicate --all\n"))
    documents.run(Block("c.md", 1, "echo a >/var/scale-backup-never\n"))
    found = [problem.split(" ")[0] for problem in documents.problems]
    documents.problems = before
    if found != ["a.md:8:", "b.md:3:", "c.md:1:"]:
        documents.problems.append(f"run_documents.py does not find failures: {found}")


def main(build, only=""):
    missing = [name for name in NEEDED if not shutil.which(name)]
    absent = [name for name in ("scale-backupctl", "scale-backupd", "hypercore-sim") if not os.path.exists(os.path.join(build, "bin", name))]
    if missing or absent:
        print("needs", *missing, *absent)
        return SKIPPED
    blocks = command_blocks.in_tree(os.path.join(build, "bin/scale-backupctl"), os.path.join(build, "bin/scale-backupd"))
    with tempfile.TemporaryDirectory(prefix="scale-backup-documents-") as folder:
        documents = Documents(os.path.abspath(build), folder)
        try:
            documents.prepare()
            self_test(documents)
            for block in blocks:
                if only in block.where:
                    documents.run(block)
            documents.look_at_results(only)
        finally:
            documents.fixture.stop()
        print(f"{documents.ran} blocks and lines were run")
        for problem in documents.problems:
            print(problem)
    if not only and documents.ran < 60:
        print("that is too few: are the documents still read?")
        return 1
    return 1 if documents.problems else 0


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.exit(main(*sys.argv[1:]))
