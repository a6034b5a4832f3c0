#!/usr/bin/env python3
"""The model of a power cut must lose what a disk may lose, and keep what it must keep: otherwise the sweep shows nothing.
Each case is a small program that runs with the library; then the power is cut.

usage: test_power_cut.py LIBRARY"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from power_cut import MIXED, NAMES, STRICT, Cut, Store

LIBRARY = ""

# Helpers of the small programs.
HELPERS = """
import os
def write(name, text, sync=False, flags=os.O_WRONLY | os.O_CREAT):
    fd = os.open(name, flags, 0o600)
    os.write(fd, text.encode())
    if sync: os.fsync(fd)
    return fd
def sync(folder="."):
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(fd)
    os.close(fd)
"""


class PowerCut(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="sb-power-")
        self.disk = os.path.join(self.top, "disk")
        os.mkdir(self.disk)
        self.store = Store(os.path.join(self.top, "shadow"))

    def tearDown(self):
        shutil.rmtree(self.top)

    def have(self, **files):
        """Creates synced files."""
        for name, text in files.items():
            with open(os.path.join(self.disk, name), "w", encoding="utf-8") as file:
                file.write(text)

    def after(self, program, variant, seed=0, lie=""):
        """{path: text, folder/: None} after a power cut at the end of the program."""
        self.store.begin([self.disk])
        environment = dict(os.environ, LD_PRELOAD=LIBRARY, SB_FAULT_SHADOW=self.store.folder, SB_FAULT_LIE=lie,
                           ASAN_OPTIONS="verify_asan_link_order=0")
        environment.pop("SB_FAULT_CONTROL", None)
        subprocess.run([sys.executable, "-B", "-c", HELPERS + program], cwd=self.disk, env=environment, check=True)
        Cut(self.store, [self.disk], variant, seed).apply()
        return self.what_is_there()

    def what_is_there(self):
        there = {}
        for base, folders, names in os.walk(self.disk):
            for folder in folders:
                there[os.path.relpath(os.path.join(base, folder), self.disk) + "/"] = None
            for name in names:
                with open(os.path.join(base, name), encoding="utf-8") as file:
                    there[os.path.relpath(os.path.join(base, name), self.disk)] = file.read()
        return there

    def test_existing_files_stay(self):
        self.have(old="text")
        for variant in (STRICT, NAMES, MIXED):
            self.assertEqual(self.after("", variant), {"old": "text"})

    def test_a_new_file_needs_its_own_and_its_folders_fsync(self):
        self.assertEqual(self.after("write('new', 'text')", STRICT), {})
        self.assertEqual(self.after("write('new', 'text', sync=True)", STRICT), {})
        self.assertEqual(self.after("write('new', 'text'); sync()", STRICT), {"new": ""})
        self.assertEqual(self.after("write('new', 'text', sync=True); sync()", STRICT), {"new": "text"})

    def test_data_written_after_the_fsync_is_lost(self):
        self.have(log="one ")
        program = "fd = write('log', 'two ', True, os.O_WRONLY | os.O_APPEND); os.write(fd, b'three')"
        self.assertEqual(self.after(program, STRICT), {"log": "one two "})
        self.assertEqual(self.after("os.truncate('log', 0)", NAMES), {"log": "one two "})

    def test_a_rename_without_fsync_of_the_folder_is_undone(self):
        self.have(file="old")
        program = "write('file.new', 'new', sync=True); os.rename('file.new', 'file')"
        self.assertEqual(self.after(program, STRICT), {"file": "old"})
        self.assertEqual(self.after(program + "; sync()", STRICT), {"file": "new"})

    def test_a_rename_can_reach_the_disk_before_the_data(self):
        self.have(file="old")
        self.assertEqual(self.after("write('file.new', 'new'); os.rename('file.new', 'file')", NAMES), {"file": ""})

    def test_a_removed_file_comes_back_unless_the_folder_is_synced(self):
        self.have(file="text")
        self.assertEqual(self.after("os.unlink('file')", STRICT), {"file": "text"})
        self.assertEqual(self.after("os.unlink('file')", NAMES), {})
        self.have(file="text")
        self.assertEqual(self.after("os.unlink('file'); sync()", STRICT), {})

    def test_a_file_with_a_reused_inode_number_is_another_file(self):
        self.have(first="text")
        program = "os.unlink('first'); write('second', 'other', sync=True)"
        self.assertEqual(self.after(program, STRICT), {"first": "text"})

    def test_a_new_folder_needs_the_fsync_of_its_parent(self):
        inside = "os.mkdir('folder'); write('folder/file', 'text', sync=True); sync('folder')"
        self.assertEqual(self.after(inside, STRICT), {})
        self.assertEqual(self.after(inside + "; sync()", STRICT), {"folder/": None, "folder/file": "text"})

    def test_a_moved_folder_is_in_one_place(self):
        os.makedirs(os.path.join(self.disk, "trash"))
        os.makedirs(os.path.join(self.disk, "backup"))
        self.have(**{"backup/file": "text"})
        self.have(stays="x")
        moved, old = {"stays": "x", "trash/": None, "trash/0/": None, "trash/0/file": "text"}, self.what_is_there()
        self.assertEqual(self.after("os.rename('backup', 'trash/0')", STRICT), old)
        self.assertEqual(self.after("os.rename('backup', 'trash/0'); sync('trash')", STRICT), moved)
        self.assertEqual(self.after("os.rename('trash/0', 'backup'); sync('trash')", STRICT), {"stays": "x", "trash/": None})

    def test_a_renamed_folder_has_its_old_name_until_the_fsync_of_its_parent(self):
        os.makedirs(os.path.join(self.disk, "landing"))
        self.have(**{"landing/file": "text"})
        program = "write('landing/manifest', 'new', sync=True); sync('landing'); os.rename('landing', 'backup')"
        files = {"file": "text", "manifest": "new"}

        def in_folder(name):
            return {name + "/": None, **{f"{name}/{file}": text for file, text in files.items()}}
        self.assertEqual(self.after(program, STRICT), in_folder("landing"))
        self.assertEqual(self.after("os.rename('landing', 'backup'); sync()", STRICT), in_folder("backup"))
        self.assertEqual(self.after("os.rename('backup', 'landing')", NAMES), in_folder("landing"))

    def test_a_new_folder_that_is_renamed_without_the_fsync_of_its_parent_is_lost(self):
        program = "os.mkdir('landing'); write('landing/file', 'text', sync=True); sync('landing'); os.rename('landing', 'backup')"
        self.assertEqual(self.after(program, STRICT), {})
        self.assertEqual(self.after(program, NAMES), {"backup/": None, "backup/file": "text"})

    def test_the_replacement_of_a_folder_is_lost_with_its_content(self):
        os.makedirs(os.path.join(self.disk, "backup"))
        self.have(**{"backup/file": "text"})
        old = self.what_is_there()
        program = "os.rename('backup', 'aside'); os.mkdir('backup'); write('backup/file', 'other', sync=True); sync('backup')"
        self.assertEqual(self.after(program, STRICT), old)

    def test_a_file_that_was_just_copied_is_not_copied_again(self):
        twins = os.path.join(self.top, "twins")
        os.mkdir(twins)
        self.have(file="text")
        shutil.copy2(os.path.join(self.disk, "file"), twins)
        self.store.begin([self.disk], lambda path: os.path.join(twins, os.path.basename(path)))
        self.have(file="torn")
        Cut(self.store, [self.disk], STRICT).apply()
        self.assertEqual(self.what_is_there(), {"file": "text"})

    def test_a_watched_folder_itself_needs_the_fsync_of_its_parent(self):
        os.rmdir(self.disk)
        self.store.begin([self.disk])
        os.mkdir(self.disk)
        Cut(self.store, [self.disk], STRICT).apply()
        self.assertFalse(os.path.exists(self.disk))

    def test_mixed_leaves_a_part_and_never_invents_data(self):
        sizes, names, torn = set(), set(), 0
        for seed in range(40):
            shutil.rmtree(self.disk)
            os.mkdir(self.disk)
            self.have(big="a" * 20000, old="x")
            left = self.after("write('big', 'b' * 30000); os.rename('old', 'new')", MIXED, seed)
            self.assertLessEqual(set(left["big"]), set("ab\0"))
            sizes.add(len(left["big"]))
            names.add(" ".join(sorted(left)))
            torn += {"a", "b"} <= set(left["big"])
        self.assertEqual(names, {"big new", "big old"})
        self.assertGreater(len(sizes), 3)
        self.assertGreater(torn, 3)

    def test_mixed_keeps_synced_data(self):
        program = "fd = write('log', 'a' * 20000, True, os.O_WRONLY | os.O_APPEND); sync(); os.write(fd, b'b' * 20000)"
        for seed in range(20):
            self.have(log="")
            self.assertEqual(self.after(program, MIXED, seed)["log"][:20000], "a" * 20000)

    def test_a_seed_is_reproducible(self):
        results = []
        for _ in range(2):
            self.have(big="a" * 50000)
            results.append(self.after("write('big', 'b' * 50000)", MIXED, seed=3))
        self.assertEqual(*results)

    def test_a_disk_that_lies_keeps_nothing(self):
        for lie, left in (("files", {"new": ""}), ("folders", {}), ("all", {}), ("", {"new": "text"})):
            self.assertEqual(self.after("write('new', 'text', sync=True); sync()", STRICT, lie=lie), left)
            shutil.rmtree(self.disk)
            os.mkdir(self.disk)


if __name__ == "__main__":
    LIBRARY = sys.argv.pop(1)
    unittest.main()
