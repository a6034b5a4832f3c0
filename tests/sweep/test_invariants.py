#!/usr/bin/env python3
"""The checker must be able to fail: invariants.py finds every kind of damage of a backup.

usage: test_invariants.py"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import invariants


class Invariants(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="sb-invariants-")
        self.share = os.path.join(self.top, "share")
        self.raw = os.path.join(self.top, "disk.raw")
        self.folder = os.path.join(self.share, "one")
        os.makedirs(self.folder)
        with open(self.raw, "wb") as file:
            file.write(b"guest data" * 1000 + bytes(1 << 20))
            file.truncate(1 << 20)
        image = os.path.join(self.folder, "disk.qcow2")
        subprocess.run(["qemu-img", "convert", "-q", "-f", "raw", "-O", "qcow2", self.raw, image], check=True)
        with open(os.path.join(self.folder, "one.xml"), "wb") as file:
            file.write(b"<domain/>\0\0\0")
        self.manifest = {"backup": "one", "protected": False, "definition": "one.xml", "files": [
            {"name": "disk.qcow2", "role": "disk", "size_bytes": os.path.getsize(image)},
            {"name": "one.xml", "role": "definition", "size_bytes": 12}]}
        self.write_manifest()
        self.expected = invariants.Expected(self.share)
        self.violations = []

    def tearDown(self):
        shutil.rmtree(self.top)

    def write_manifest(self, **changes):
        with open(os.path.join(self.folder, invariants.MANIFEST), "w", encoding="utf-8") as file:
            json.dump(dict(self.manifest, **changes), file)

    def corrupt(self, name, at, byte=b"\xff"):
        with open(os.path.join(self.folder, name), "r+b") as file:
            file.seek(at)
            file.write(byte)

    def put(self, name):
        """A copy of the backup's folder with another name."""
        return shutil.copytree(self.folder, os.path.join(self.share, name))

    def list(self, state):
        invariants.check_listing(self.share, [{"name": "one", "folder": "one", "state": state}], self.violations)

    def check_folders(self, expected=None, moved=None):
        self.violations.clear()
        invariants.check_folders(expected or self.expected, self.violations, moved)
        return self.violations

    def wrong(self):
        return invariants.problem_of_backup(self.folder, [self.raw])

    def test_a_complete_backup_passes(self):
        invariants.check_finished(self.expected, self.violations)
        self.list("complete")
        invariants.check_trash(self.share, self.violations)
        self.assertEqual((self.wrong(), self.violations), ("", []))

    def test_one_changed_byte_of_guest_data_is_found(self):
        self.corrupt("disk.qcow2", os.path.getsize(os.path.join(self.folder, "disk.qcow2")) - (1 << 16) + 5)
        self.assertNotEqual(self.wrong(), "")
        invariants.check_finished(self.expected, self.violations)
        self.assertIn("disk.qcow2", self.violations[0])

    def test_a_broken_image_is_found(self):
        self.corrupt("disk.qcow2", 0)
        self.assertIn("qemu-img check", self.wrong())

    def test_a_missing_a_shorter_and_an_unreadable_file_are_found(self):
        os.truncate(os.path.join(self.folder, "one.xml"), 4)
        self.assertIn("4 bytes", self.wrong())
        self.write_manifest(files=[{"name": "one.xml", "role": "definition", "size_bytes": 4}])
        self.assertIn("the definition", self.wrong())
        os.unlink(os.path.join(self.folder, "one.xml"))
        self.assertIn("missing", self.wrong())

    def test_half_a_manifest_is_found(self):
        with open(os.path.join(self.folder, invariants.MANIFEST), "r+", encoding="utf-8") as file:
            file.truncate(20)
        self.assertNotEqual(self.wrong(), "")
        invariants.check_finished(self.expected, self.violations, may_change_protection=["one"])
        self.list("complete")
        self.assertEqual(len(self.violations), 2)

    def test_a_missing_backup_is_found_unless_it_was_to_be_deleted(self):
        shutil.rmtree(self.folder)
        invariants.check_finished(self.expected, self.violations, may_be_deleted=["one"])
        self.assertEqual(self.violations, [])
        invariants.check_finished(self.expected, self.violations)
        self.assertIn("is gone", self.violations[0])

    def test_what_cannot_be_taken_back_is_found(self):
        trash = os.path.join(self.share, invariants.TRASH)
        shutil.copytree(self.folder, os.path.join(trash, "deleted-1"))

        def problems(*entries):
            found = []
            invariants.check_deleted(self.share, [{"entry": entry} for entry in entries], found)
            return found
        self.assertEqual(problems("deleted-1"), [])
        self.assertIn("cannot be taken back", problems()[0])
        self.assertIn("not in the trash", problems("deleted-1", "deleted-2")[0])
        os.unlink(os.path.join(trash, "deleted-1", invariants.MANIFEST))
        self.assertIn("has no manifest", problems("deleted-1")[0])

    def test_half_a_deletion_is_found(self):
        os.unlink(os.path.join(self.folder, "disk.qcow2"))
        invariants.check_finished(self.expected, self.violations, may_be_deleted=["one"])
        self.assertIn("has changed", self.violations[0])

    def test_only_the_protection_may_change(self):
        self.write_manifest(protected=True)
        invariants.check_finished(self.expected, self.violations, may_change_protection=["one"])
        self.assertEqual(self.violations, [])
        invariants.check_finished(self.expected, self.violations)
        self.assertIn(invariants.MANIFEST, self.violations[0])

    def test_the_listing_must_be_correct(self):
        os.unlink(os.path.join(self.folder, invariants.MANIFEST))
        self.list("complete")
        self.assertIn("it has no manifest", self.violations[0])
        self.write_manifest()
        self.list("incomplete")
        self.assertIn("does not show it as complete", self.violations[1])

    def test_a_folder_that_an_export_landed_in_is_never_a_backup(self):
        for name in ("two.exporting-0badcafe", "TWO.EXPORTING-0BADCAFE"):
            landing = self.put(name)
            self.assertEqual(invariants.backups_in(self.share), ["one"])
            self.assertEqual(self.check_folders(), [])
            listed = [{"name": "one", "folder": "one", "state": "complete"}, {"name": "two", "folder": name, "state": "exporting"}]
            invariants.check_listing(self.share, listed, self.violations)
            self.assertEqual(len(self.violations), 1)
            shutil.rmtree(landing)
        for name in ("two.exporting-0badcaf", "two.exporting-0badcafg", ".exporting-0badcafe"):
            self.assertFalse(invariants.is_landing_folder(name), name)

    def test_a_backups_name_without_a_manifest_is_found(self):
        os.unlink(os.path.join(self.put("two"), invariants.MANIFEST))
        self.assertIn("'two' has a backup's name", self.check_folders()[0])

    def test_a_changed_a_filled_and_a_removed_foreign_folder_are_found(self):
        foreign = self.put("photos")
        os.unlink(os.path.join(foreign, invariants.MANIFEST))
        landed = self.put("two.exporting-0badcafe")
        expected = invariants.Expected(self.share)
        self.assertEqual(sorted(expected.foreign), ["photos", "two.exporting-0badcafe"])
        self.assertEqual(self.check_folders(expected), [])
        shutil.copy(os.path.join(self.folder, invariants.MANIFEST), foreign)
        self.assertIn("'photos'", self.check_folders(expected)[0])
        os.unlink(os.path.join(foreign, invariants.MANIFEST))
        os.truncate(os.path.join(landed, "one.xml"), 4)
        self.assertIn("'two.exporting-0badcafe'", self.check_folders(expected)[0])
        shutil.rmtree(landed)
        self.assertEqual(len(self.check_folders(expected)), 1)

    def test_a_foreign_folder_may_have_been_moved_by_the_test(self):
        os.unlink(os.path.join(self.put("photos"), invariants.MANIFEST))
        expected = invariants.Expected(self.share)
        os.rename(os.path.join(self.share, "photos"), os.path.join(self.share, "two"))
        self.assertEqual(self.check_folders(expected, {"photos": "two"}), [])
        self.assertEqual(len(self.check_folders(expected)), 2)

    def test_the_manifest_of_another_attempt_is_found(self):
        job = {"id": 7, "kind": "backup", "backup": "one", "attempt": "0badcafe", "phase": "finished", "outcome": "succeeded"}

        def problems(**changes):
            found = []
            invariants.check_attempts(self.share, [dict(job, **changes)], found)
            return found
        self.assertEqual((len(problems()), problems(attempt=""), problems(outcome="failed")), (1, [], []))
        self.write_manifest(attempt="0badcafe")
        self.assertEqual((problems(), len(problems(outcome="failed"))), ([], 1))
        self.put("one.exporting-0badcafe")
        self.assertEqual(len(problems()), 2, "the folder is still there, and waits for its name")
        self.write_manifest(attempt="00000000")
        self.assertEqual(len(problems(outcome="failed")), 1, "a backup that only its job does not know")

    def test_a_trash_that_is_not_empty_or_not_private_is_found(self):
        os.makedirs(os.path.join(self.share, invariants.TRASH, "removing-0000000000000000"))
        os.chmod(os.path.join(self.share, invariants.TRASH), 0o755)
        invariants.check_trash(self.share, self.violations)
        self.assertEqual(len(self.violations), 2)

    def test_a_damaged_journal_and_a_job_without_an_outcome_are_found(self):
        path = os.path.join(self.top, "journal.db")
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, phase, outcome, finished)")
            connection.execute("INSERT INTO jobs VALUES (7, 'finished', 'none', NULL)")
        connection.close()
        invariants.check_journal(path, self.violations)
        self.assertIn("job 7", self.violations[0])
        with open(path, "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 100)
        with self.assertRaises(sqlite3.DatabaseError):
            invariants.check_journal(path, self.violations)


if __name__ == "__main__":
    if not shutil.which("qemu-img"):
        print("needs qemu-img")
        sys.exit(77)
    unittest.main()
