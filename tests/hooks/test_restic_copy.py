#!/usr/bin/env python3
"""restic-copy with the real restic: it restores exactly the backup."""
import filecmp
import json
import os
import shutil
import subprocess
import tempfile

from hook_test import HookTest, main

PASSWORD = "correct horse battery"


def quoted(text):
    """For use inside single quotes of sh."""
    return text.replace("'", "'\\''")


class ResticCopy(HookTest):
    hook = "restic-copy"

    @classmethod
    def setUpClass(cls):
        # Key derivation is slow on purpose: create one repository, and give each test a copy.
        cls.empty = tempfile.mkdtemp(prefix="scale-backup-restic-")
        cls.addClassCleanup(shutil.rmtree, cls.empty)
        subprocess.run(["restic", "--no-cache", "-r", cls.empty, "init"], check=True, capture_output=True,
                       env={**os.environ, "RESTIC_PASSWORD": PASSWORD})

    def setUp(self):
        super().setUp()
        self.repository = os.path.join(self.place, "repository")
        password = self.file("password", PASSWORD + "\n", 0o600)
        self.settings = self.file("settings", "# off-site\n\nRESTIC_REPOSITORY=" + self.repository +
                                  "\nRESTIC_PASSWORD_FILE=" + password, 0o640)

    def file(self, name, text, mode):
        path = os.path.join(self.place, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def restic(self, *arguments):
        return subprocess.run(["restic", "--no-cache", "-r", self.repository, "-p", self.place + "/password", *arguments],
                              check=True, capture_output=True, text=True).stdout

    def make_repository(self):
        shutil.copytree(self.empty, self.repository)

    def count(self):
        """The number of snapshots."""
        return len(os.listdir(os.path.join(self.repository, "snapshots")))

    def test_a_vm_named_like_an_option_is_copied_too(self):
        self.make_repository()
        for name in ("-h", "--help", "--settings"):
            folder = self.backup("of " + name, megabytes=2)
            self.run_well("--settings", self.settings, "--", name, folder)
        self.assertEqual(self.count(), 3)

    def test_restic_restores_exactly_the_backup(self):
        folder = self.backup(disks=2)
        open(os.path.join(folder, "disk 0.vhdx"), "w").close()
        self.make_repository()
        self.run_well("--settings", self.settings, "Küche's \"Büro\"", folder)
        again = os.path.join(self.place, "again")
        self.restic("restore", "latest", "--path", folder, "--target", again)
        names = sorted(name for name in os.listdir(folder) if not name.endswith(".vhdx"))
        self.assertEqual(sorted(os.listdir(again + folder)), names, "the whole backup without the VHDX")
        same, other, unreadable = filecmp.cmpfiles(folder, again + folder, names, shallow=False)
        self.assertEqual((sorted(same), other, unreadable), (names, [], []))
        self.restic("check", "--read-data")

    def test_run_again_it_copies_nothing_twice(self):
        folder, other = self.backup(), self.backup("other")
        self.make_repository()
        for _ in range(2):
            self.run_well("--settings", self.settings, folder)
        self.run_well("--settings", self.settings, other)
        self.assertEqual([snapshot["paths"] for snapshot in json.loads(self.restic("snapshots", "--json"))], [[folder], [other]])

    def held(self):
        return sorted(os.path.basename(line) for line in self.restic("ls", "latest").splitlines()
                      if line.startswith("/") and "." in os.path.basename(line))

    def test_a_snapshot_without_an_unreadable_disk_is_not_a_copy(self):
        folder = self.backup()
        self.make_repository()
        disk, aside = os.path.join(folder, "disk 0.qcow2"), os.path.join(self.place, "aside")
        # Like restic with an unreadable file: it creates a snapshot of the others and exits with 3.
        self.stand_in("restic", f"""
            PATH=${{PATH#*:}}
            case "$*" in *' backup '*) mv '{quoted(disk)}' '{aside}'; restic "$@"; mv '{aside}' '{quoted(disk)}'; exit 3 ;; esac
            exec restic "$@" """)
        self.assert_refused(1, "was not copied completely", "--settings", self.settings, folder)
        self.assertEqual(self.count(), 1, "restic keeps what it could read")
        os.remove(os.path.join(self.stand_ins, "restic"))
        self.run_well("--settings", self.settings, folder)
        self.assertEqual(self.held(), sorted(os.listdir(folder)))

    def test_another_backup_with_the_same_name_is_copied(self):
        folder = self.backup()
        self.make_repository()
        self.run_well("--settings", self.settings, folder)
        self.make_again(folder)
        self.run_well("--settings", self.settings, folder)
        again = os.path.join(self.place, "again")
        self.restic("restore", "latest", "--path", folder, "--target", again)
        self.assertEqual(filecmp.cmpfiles(folder, again + folder, os.listdir(folder), shallow=False)[1:], ([], []))

    def test_no_secret_is_in_an_argument(self):
        folder = self.backup()
        self.make_repository()
        os.chmod(self.settings, 0o600)
        with open(self.settings, "w") as file:
            file.write(f"RESTIC_REPOSITORY={self.repository}\nRESTIC_PASSWORD={PASSWORD}\n")
        self.stand_in("restic", 'PATH=${PATH#*:} exec restic "$@"')
        self.run_well("--settings", self.settings, folder)
        self.assertEqual(len(self.recorded()), 2)
        self.assertNotIn(PASSWORD, "".join(self.recorded()))
        self.assertNotIn(self.repository, "".join(self.recorded()))
        self.assertEqual(self.count(), 1)

    def test_the_environment_is_enough_without_a_file(self):
        folder = self.backup()
        self.make_repository()
        self.run_well(folder, RESTIC_REPOSITORY=self.repository, RESTIC_PASSWORD_FILE=self.place + "/password")
        self.assertEqual(self.count(), 1)

    def test_a_settings_file_is_never_executed(self):
        folder = self.backup()
        mark = os.path.join(self.place, "mark")
        self.make_repository()
        with open(self.settings, "a") as file:
            file.write(f"\nNOTE=$(touch {mark})`touch {mark}`; touch {mark}\n")
        self.run_well("--settings", self.settings, folder)
        self.assertFalse(os.path.exists(mark))

    def test_a_settings_file_that_others_may_read_or_change_is_refused(self):
        folder = self.backup()
        for mode, text in ((0o644, "every user can read"), (0o660, "every user can change"), (0o602, "every user can change")):
            os.chmod(self.settings, mode)
            self.assert_refused(2, text, "--settings", self.settings, folder)

    def test_bad_settings_name_their_line(self):
        folder = self.backup()
        for line, text in (("nonsense", "not NAME=VALUE"), ("a b=c", "not a valid variable name"),
                            ("x$(id)=c", "not a valid variable name"), ("PATH=/tmp", "not allowed in this file"),
                            ("LD_PRELOAD=/tmp/x", "not allowed in this file")):
            path = self.file("bad", "# first\n" + line + "\n", 0o600)
            self.assert_refused(2, ":2: ", "--settings", path, folder)
            self.assert_refused(2, text, "--settings", path, folder)
        self.assert_refused(2, "no repository", "--settings", self.file("none", "", 0o600), folder)
        self.assert_refused(2, "no password", "--settings", self.file("none", "RESTIC_REPOSITORY=/x\n", 0o600), folder)

    def test_an_incomplete_backup_is_refused(self):
        folder = self.backup(complete=False)
        self.make_repository()
        self.assert_refused(3, "not a complete backup", "--settings", self.settings, folder)
        self.assertEqual(self.count(), 0)

    def test_without_a_repository_it_reports_what_to_do(self):
        self.assert_refused(1, "restic init", "--settings", self.settings, self.backup())


if __name__ == "__main__":
    main("restic", "qemu-img")
