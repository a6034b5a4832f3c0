#!/usr/bin/env python3
"""convert-to-vhdx with real images, checked with qemu-img."""
import json
import os
import signal
import stat
import unittest

from hook_test import LIKE_OPTIONS, HookTest, main, tool

MIB = 1 << 20


class ConvertToVhdx(HookTest):
    hook = "convert-to-vhdx"

    def disks(self, folder):
        return sorted(name for name in os.listdir(folder) if name.endswith(".vhdx"))

    def assert_same(self, folder, number=0):
        base = os.path.join(folder, f"disk {number}")
        tool("qemu-img", "compare", "-f", "qcow2", "-F", "vhdx", base + ".qcow2", base + ".vhdx")
        return base + ".vhdx"

    def test_each_disk_gets_a_fixed_vhdx_of_the_right_size_with_the_same_content(self):
        folder = self.backup(disks=2)
        self.run_well("Küche's \"Büro\"", folder)
        self.assertEqual(self.disks(folder), ["disk 0.vhdx", "disk 1.vhdx"])
        for number in (0, 1):
            made = self.assert_same(folder, number)
            about = json.loads(tool("qemu-img", "info", "--output=json", made))
            self.assertEqual((about["format"], about["virtual-size"]), ("vhdx", 32 * MIB))
            # A fixed VHDX starts with its headers and tables: 1 MiB each.
            self.assertEqual(os.path.getsize(made), (32 + 4) * MIB)
        self.assertEqual([name for name in os.listdir(folder) if name.startswith(".")], [])
        self.assertFalse(os.path.exists("/x"), "a name is never executed")

    def test_the_folder_alone_is_enough_and_may_be_relative(self):
        folder = self.backup("plain")
        self.run_well("--compare", os.path.relpath(folder, "/"))
        self.assert_same(folder)

    def test_a_vm_may_be_named_like_an_option(self):
        for name in LIKE_OPTIONS:
            folder = self.backup("of " + name, megabytes=2)
            self.run_well("--", name, folder)
            self.assert_same(folder)

    def test_help_is_shown_only_if_nothing_else_is_asked(self):
        folder = self.backup(megabytes=2)
        self.assertIn("usage:", self.run_well("--help").out)
        self.assertNotIn("usage:", self.run_well("--help", folder).out)
        self.assert_same(folder)

    def test_finished_disks_are_skipped(self):
        folder = self.backup(disks=2)
        self.run_well(folder)
        before = [os.stat(os.path.join(folder, name)).st_mtime_ns for name in self.disks(folder)]
        self.run_well(folder)
        self.assertEqual(before, [os.stat(os.path.join(folder, name)).st_mtime_ns for name in self.disks(folder)])

    def broken_off(self, number, folder):
        """Starts the hook, and kills its process group with the signal in the middle of the second disk."""
        self.stand_in("scale-backupctl", """
            case "$*" in
                *'disk 1.qcow2') while [ $# -gt 2 ]; do shift; done
                    head -c 3000000 /dev/urandom > "$1/.disk 1.vhdx.partial"
                    echo > "$(dirname "$0")/halfway"; exec sleep 60 ;;
            esac
            PATH=${PATH#*:} exec scale-backupctl "$@" """)
        os.mkfifo(os.path.join(self.stand_ins, "halfway"))
        process = self.start(folder)
        with open(os.path.join(self.stand_ins, "halfway"), encoding="ascii") as halfway:
            self.assertEqual(halfway.read(), "\n")
        os.remove(os.path.join(self.stand_ins, "halfway"))
        self.assertEqual(self.disks(folder), ["disk 0.vhdx"], "the incomplete one does not have its name")
        os.killpg(process.pid, number)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, -number)
        os.remove(os.path.join(self.stand_ins, "scale-backupctl"))

    def test_after_a_kill_it_continues_with_the_interrupted_disk(self):
        folder = self.backup(disks=2)
        self.broken_off(signal.SIGKILL, folder)
        self.assertIn(".disk 1.vhdx.partial", os.listdir(folder), "a killed program cannot clean up")
        first = os.stat(os.path.join(folder, "disk 0.vhdx")).st_mtime_ns
        self.run_well(folder)
        self.assertEqual(first, os.stat(os.path.join(folder, "disk 0.vhdx")).st_mtime_ns)
        self.assert_same(folder, 0)
        self.assert_same(folder, 1)
        self.assertNotIn(".disk 1.vhdx.partial", os.listdir(folder))

    def test_ended_by_a_signal_it_leaves_nothing_incomplete(self):
        folder = self.backup(megabytes=512)
        # At its time limit; when the terminal of the person who started it closes.
        for number in signal.SIGTERM, signal.SIGHUP:
            process = self.start(folder)
            partial = os.path.join(folder, ".disk 0.vhdx.partial")
            while not os.path.exists(partial) and process.poll() is None:
                pass
            os.killpg(process.pid, number)
            process.communicate(timeout=30)
            self.assertEqual(process.returncode, -number)
            self.assertEqual(sorted(os.listdir(folder)), ["VM.xml", "disk 0.qcow2", "scale-backup.json"])

    def test_an_incomplete_backup_is_refused(self):
        folder = self.backup(complete=False)
        self.assert_refused(3, "not a complete backup", folder)
        self.assertEqual(self.disks(folder), [])
        self.assert_refused(3, "not a complete backup", os.path.join(self.share, "nothing"))

    def test_all_converts_only_complete_backups(self):
        good, bad, other = self.backup("A"), self.backup("B", complete=False), self.backup("C")
        self.run_well("--all", self.share)
        self.assert_same(good)
        self.assert_same(other)
        self.assertEqual(self.disks(bad), [])

    def test_one_bad_image_is_reported_and_the_others_are_converted(self):
        folder = self.backup(disks=2)
        with open(os.path.join(folder, "disk 0.qcow2"), "wb") as file:
            file.write(b"no image")
        self.assert_refused(1, "too short for a qcow2 image", folder)
        self.assertEqual(self.disks(folder), ["disk 1.vhdx"])

    def test_an_image_that_refers_to_another_file_is_refused(self):
        folder = self.backup()
        secret = os.path.join(self.place, "secret")
        with open(secret, "wb") as file:
            file.write(b"hush" * 128)
        tool("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", secret, os.path.join(folder, "disk 1.qcow2"))
        self.assert_refused(1, "only contains changes to another image", folder)
        self.assertEqual(self.disks(folder), ["disk 0.vhdx"])

    def test_links_in_the_share_are_not_followed(self):
        folder = self.backup()
        victim = os.path.join(self.place, "victim")
        with open(victim, "w") as file:
            file.write("precious")
        os.symlink(victim, os.path.join(folder, ".disk 0.vhdx.partial"))
        os.symlink(os.path.join(folder, "disk 0.qcow2"), os.path.join(folder, "link.qcow2"))
        self.assert_refused(1, "not a regular file", folder)
        self.assertEqual(self.disks(folder), [])
        with open(victim) as file:
            self.assertEqual(file.read(), "precious")

    def test_users_of_the_folder_can_write_to_the_vhdx(self):
        folder = self.backup()
        if os.geteuid() == 0:
            os.chown(folder, 12345, 23456)
            os.chown(os.path.join(folder, "disk 0.qcow2"), 12345, 23456)
        self.run_well(folder)
        about = os.stat(os.path.join(folder, "disk 0.vhdx"))
        self.assertEqual(about.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH), stat.S_IWUSR | stat.S_IWGRP)
        self.assertEqual((about.st_uid, about.st_gid), (os.stat(folder).st_uid, os.stat(folder).st_gid))

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_as_root_it_gives_nobody_an_image_of_another_user(self):
        folder = self.backup(disks=2)
        os.chown(folder, 12345, 23456)
        os.chown(os.path.join(folder, "disk 1.qcow2"), 12345, 23456)
        self.assert_refused(1, "disk 0.qcow2' belongs to another user than its folder", folder)
        self.assertEqual(self.disks(folder), ["disk 1.vhdx"])

    def test_an_image_that_changes_while_it_is_read_gives_no_vhdx(self):
        folder = self.backup(megabytes=512)
        process = self.start(folder)
        partial = os.path.join(folder, ".disk 0.vhdx.partial")

        def has_begun():
            try:
                return os.stat(partial).st_size > 0
            except FileNotFoundError:
                return False
        while not has_begun() and process.poll() is None:
            pass
        with open(os.path.join(folder, "disk 0.qcow2"), "ab") as image:
            image.write(b"x")
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1)
        self.assertIn("was changed while it was being read", err)
        self.assertEqual(sorted(os.listdir(folder)), ["VM.xml", "disk 0.qcow2", "scale-backup.json"])

    def test_permissions_are_set_on_the_open_file_not_on_what_has_its_name(self):
        folder = self.backup(megabytes=512)
        victim = os.path.join(self.place, "victim")
        with open(victim, "w") as file:
            file.write("precious")
        os.chmod(victim, 0o400)
        before = os.stat(victim)
        process = self.start("--mode", "0666", folder)
        # A user of the share swaps in a link as soon as the partial file is there.
        partial = os.path.join(folder, ".disk 0.vhdx.partial")
        while not os.path.exists(partial) and process.poll() is None:
            pass
        os.symlink(victim, partial + "2")
        os.rename(partial + "2", partial)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1)
        self.assertIn("replaced by another program", err)
        after = os.stat(victim)
        self.assertEqual((before.st_mode, before.st_uid, before.st_gid), (after.st_mode, after.st_uid, after.st_gid))
        self.assertEqual(self.disks(folder), [])

    def test_a_vhdx_that_is_older_than_its_image_is_reported_and_kept(self):
        folder = self.backup()
        old = os.path.join(folder, "disk 0.vhdx")
        with open(old, "w") as file:
            file.write("of a person")
        os.utime(old, (1, 1))
        self.assert_refused(1, "is older than its image", folder)
        with open(old) as file:
            self.assertEqual(file.read(), "of a person")

    def test_a_wrong_call_shows_the_usage(self):
        self.assert_refused(2, "usage:")
        self.assert_refused(2, "usage:", "a", "b", "c")
        self.assertIn("usage:", self.run_well("--help").out)

    def test_it_runs_with_low_priority(self):
        folder = self.backup()
        self.stand_in("scale-backupctl", """nice > "$(dirname "$0")/nice"
            PATH=${PATH#*:} exec scale-backupctl "$@" """)
        self.run_well(folder)
        with open(os.path.join(self.stand_ins, "nice")) as file:
            self.assertEqual(file.read().strip(), "19")


if __name__ == "__main__":
    main("qemu-img", "scale-backupctl")
