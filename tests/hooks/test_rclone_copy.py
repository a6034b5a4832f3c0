#!/usr/bin/env python3
"""rclone-copy with the real rclone and a remote that is another folder."""
import filecmp
import json
import os

from hook_test import LIKE_OPTIONS, NAME, HookTest, main


class RcloneCopy(HookTest):
    hook = "rclone-copy"

    def setUp(self):
        super().setUp()
        self.there = os.path.join(self.place, "there")
        self.config = os.path.join(self.place, "rclone.conf")
        with open(self.config, "w") as file:
            file.write(f"[offsite]\ntype = alias\nremote = {self.there}\n")

    def copy(self, folder):
        return self.run_hook("--to", "offsite:vm", "--config", self.config, "Küche's \"Büro\"", folder)

    def assert_copied(self, folder):
        copied = os.path.join(self.there, "vm", os.path.basename(folder))
        names = sorted(name for name in os.listdir(folder) if not name.endswith(".vhdx"))
        self.assertEqual(sorted(os.listdir(copied)), names, "the whole backup without the VHDX")
        self.assertEqual(filecmp.cmpfiles(folder, copied, names, shallow=False)[1:], ([], []))

    def test_the_remote_contains_the_backup(self):
        folder = self.backup(disks=2)
        open(os.path.join(folder, "disk 0.vhdx"), "w").close()
        self.assertEqual(self.copy(folder).returncode, 0)
        self.assert_copied(folder)
        self.assertEqual(self.copy(folder).returncode, 0, "a hook may be run twice")
        self.assert_copied(folder)

    def test_a_vm_named_like_an_option_is_copied_too(self):
        for name in LIKE_OPTIONS:
            folder = self.backup("of " + name, megabytes=2)
            done = self.run_hook("--to", "offsite:vm", "--config", self.config, "--", name, folder)
            self.assertEqual(done.returncode, 0, name + done.err)
            self.assert_copied(folder)
        folder = self.backup(megabytes=2)
        self.run_hook("--to", "offsite:vm", "--config", self.config, "-h", folder)
        self.assert_copied(folder)

    def test_a_local_folder_is_a_remote_too(self):
        folder = self.backup()
        self.run_well("--to", self.there + "/vm/", folder, RCLONE_CONFIG=self.config)
        self.assert_copied(folder)

    def test_the_manifest_is_copied_last(self):
        folder = self.backup()
        self.stand_in("rclone", 'case $1 in copy) exit 5 ;; esac\nPATH=${PATH#*:} exec rclone "$@"')
        done = self.copy(folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not a backup yet", done.err)
        self.assertFalse(os.path.exists(os.path.join(self.there, "vm", NAME, "scale-backup.json")))
        asked, copied = self.recorded()
        self.assertIn("[cat]", asked)
        self.assertIn("[--exclude][/scale-backup.json]", copied)
        os.remove(os.path.join(self.stand_ins, "rclone"))
        self.assertEqual(self.copy(folder).returncode, 0)
        self.assert_copied(folder)

    def test_another_backup_with_that_name_is_not_overwritten(self):
        folder = self.backup()
        self.assertEqual(self.copy(folder).returncode, 0)
        copied = os.path.join(self.there, "vm", NAME)
        before = {name: os.stat(os.path.join(copied, name)).st_mtime_ns for name in os.listdir(copied)}
        self.make_again(folder)
        done = self.copy(folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("another backup with that name", done.err)
        self.assertEqual({name: os.stat(os.path.join(copied, name)).st_mtime_ns for name in os.listdir(copied)}, before)

    def test_a_changed_manifest_belongs_to_the_same_backup(self):
        folder = self.backup()
        self.assertEqual(self.copy(folder).returncode, 0)
        path = os.path.join(folder, "scale-backup.json")
        with open(path) as file:
            manifest = json.load(file)
        with open(path, "w") as file:
            json.dump({**manifest, "protected": True}, file)
        self.assertEqual(self.copy(folder).returncode, 0)
        self.assert_copied(folder)

    def test_an_incomplete_backup_is_refused(self):
        done = self.copy(self.backup(complete=False))
        self.assertEqual(done.returncode, 3)
        self.assertFalse(os.path.exists(self.there))

    def test_a_wrong_call_shows_the_usage(self):
        folder = self.backup()
        self.assert_refused(2, "usage:", folder)
        self.assert_refused(2, "usage:", "--to", "--config", folder)
        self.assert_refused(2, "usage:", "--to", "relative", folder)
        self.assert_refused(2, "absolute path", "--to", "offsite:", "relative")


if __name__ == "__main__":
    main("rclone", "qemu-img")
