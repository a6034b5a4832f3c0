#!/usr/bin/env python3
"""zfs-snapshot with a fake zfs that records its calls."""
import os
import re
import shutil

from hook_test import HookTest, main

STAMPS = [f"2026-11-{day:02}_18-00-00" for day in (20, 21, 22)]
POOL = "tank/back ups"


class ZfsSnapshot(HookTest):
    hook = "zfs-snapshot"

    def zfs(self, snapshots=(), more=""):
        listed = os.path.join(self.place, "snapshots")
        with open(listed, "w") as file:
            file.write("".join(name + "\n" for name in snapshots))
        self.stand_in("zfs", f"""{more}
            case "$*" in
                'list -H -o name -- {self.share}') echo '{POOL}' ;;
                'list -H -t snapshot -o name -s creation -d 1 {POOL}') cat '{listed}' ;;
                'snapshot '*) echo "$2" >> '{listed}' ;;
                'destroy '*) ;;
                *) echo "unexpected: $*" >&2; exit 9 ;;
            esac""")

    def destroyed(self):
        return [line for line in self.recorded() if line.startswith("[destroy]")]

    def test_the_dataset_of_the_folder_gets_a_snapshot(self):
        self.zfs()
        self.run_well(self.share)
        taken = [line for line in self.recorded() if line.startswith("[snapshot]")]
        self.assertEqual(len(taken), 1)
        self.assertRegex(taken[0], r"^\[snapshot\]\[" + POOL + r"@scale-backup-\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\]$")
        self.assertEqual(self.destroyed(), [])

    def test_keep_destroys_only_its_own_oldest_snapshots(self):
        own = [f"{POOL}@scale-backup-{stamp}" for stamp in STAMPS]
        others = [f"{POOL}@daily", f"{POOL}@scale-backup-by-hand", f"{POOL}/child@scale-backup-{STAMPS[0]}",
                  f"{POOL}@x@scale-backup-{STAMPS[0]}x"]
        self.zfs(others[:2] + own + others[2:])
        self.run_well("--keep", "2", self.share)
        self.assertEqual(self.destroyed(), [f"[destroy][{name}]" for name in own[:2]])

    def test_fewer_than_keep_destroys_nothing(self):
        self.zfs([f"{POOL}@scale-backup-{STAMPS[0]}"])
        self.run_well("--keep", "2", self.share)
        self.assertEqual(self.destroyed(), [])

    def test_without_a_new_snapshot_no_old_one_is_destroyed(self):
        self.zfs([f"{POOL}@scale-backup-{stamp}" for stamp in STAMPS],
                 "[ \"$1\" != snapshot ] || { echo 'permission denied' >&2; exit 1; }")
        self.assert_refused(1, "zfs allow", "--keep", "1", self.share)
        self.assertEqual(self.destroyed(), [])

    def test_a_held_snapshot_is_reported_and_the_next_one_is_destroyed(self):
        own = [f"{POOL}@scale-backup-{stamp}" for stamp in STAMPS]
        self.zfs(own, f"[ \"$1 $2\" != 'destroy {own[0]}' ] || exit 1")
        self.assert_refused(1, "cannot destroy", "--keep", "1", self.share)
        self.assertEqual(self.destroyed(), [f"[destroy][{name}]" for name in own])

    def test_a_folder_that_is_not_on_zfs_is_refused(self):
        self.zfs(more="exit 1")
        self.assert_refused(3, "is not on a ZFS dataset", self.share)

    def test_a_wrong_call_shows_the_usage_and_does_nothing(self):
        self.zfs()
        for keep in ("0", "x", "-1", "1x"):
            self.assert_refused(2, "--keep needs a number", "--keep", keep, self.share)
        self.assert_refused(2, "usage:")
        self.assert_refused(2, "absolute path", "tank/backups")
        self.assertEqual(self.recorded(), [])


if __name__ == "__main__":
    main()
