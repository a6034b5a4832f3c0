#!/usr/bin/env python3
"""Kills scale-backupd, fails its calls and cuts the power at each file-changing call, and checks the result.

usage: sweep.py --bin DIR --library FILE [--every N] [--shard I/N] [--only SCENARIO] [--mode kill|errors|swaps|power] [--long]

A *point* is one call of the daemon (see io_faults.py: creating, writing, syncing, renaming, removing below LocalPath or
the state directory; for kills also each send to and each receive from the cluster). At each point the daemon is killed
before the call, or in the middle of a write; then invariants.py checks the folders, before and after a restart. With --mode
errors the call fails instead, once or from then on, and the same daemon must continue. With --mode swaps a folder is
replaced at each step of its deletion (swaps.py). With --mode power the daemon is killed, and unsynced data is lost
(power.py); with --lie files|folders|journal the disk only pretends to sync those of LocalPath, or the journal: the run
then fails unless it finds violations.
"""
import argparse
import errno
import os
import shutil
import sys
import time
import traceback

import io_faults as f
import invariants
from fixture import Fixture, Gone, Refused
from folders_linux import wait_until_empty
from power import sweep_power
from scenarios import SCENARIOS, make_backups
from swaps import sweep_swaps

ERRORS = [errno.ENOSPC, errno.EIO, errno.EACCES]
SHORT = 0  # not an error: a partial write that is reported
MORE_ERRORS = [errno.EROFS, errno.EINTR]  # EINTR: not reported, the call is repeated
# The messages of the system or of SQLite.
MESSAGES = {errno.ENOSPC: ["No space left on device", "disk is full"], errno.EIO: ["Input/output error"],
         errno.EACCES: ["Permission denied"], errno.EROFS: ["Read-only file system"], errno.EINTR: ["Interrupted"]}
OF_SQLITE = ["disk I/O error", "unable to open database file", "the file is read-only"]


class Sweep:
    def __init__(self, arguments):
        self.arguments = arguments
        self.fixture = Fixture(arguments.bin, arguments.library)
        self.kills = self.errors = self.swaps = self.cuts = 0
        self.before_start = lambda scenario: None
        self.violations = []
        self.silent = []
        self.number = 0

    def run(self):
        make_backups(self.fixture)
        wanted = [kind(self.fixture) for kind in SCENARIOS if self.arguments.only in ("", kind.name)]
        for scenario in wanted:
            if self.arguments.mode in ("", "kill"):
                self.sweep_kills(scenario)
            if self.arguments.mode in ("", "errors"):
                self.sweep_errors(scenario)
            if self.arguments.mode in ("", "swaps") and scenario.name == "prune":
                sweep_swaps(self, scenario)
        if self.arguments.mode in ("", "power"):
            sweep_power(self, [scenario for scenario in wanted if scenario.for_power])

    # ---- one point ----

    def begin(self, scenario, kinds, **fault):
        """Resets everything, starts the daemon (unless the fault is at its start) and arms the fault."""
        self.number += 1
        point = f"p{self.arguments.shard[0]}-{self.number}"
        if self.fixture.daemon.running():
            self.fixture.daemon.stop(9)
        self.fixture.reset(scenario.with_state)
        self.fixture.daemon.configure(scenario.undelete_for)
        scenario.prepare()
        self.fixture.daemon.faults.disarm()
        self.before_start(scenario)
        if not scenario.fault_at_start:
            self.fixture.daemon.start()
            self.fixture.daemon.call("vms.list")  # opens its connection to the cluster
        expected = invariants.Expected(self.fixture.share)
        self.fixture.daemon.faults.arm(kinds=kinds, **fault)
        return point, expected

    def count(self, scenario, kinds):
        """The points of a scenario."""
        point, _ = self.begin(scenario, kinds)
        scenario.act(point)
        calls = self.fixture.daemon.faults.calls()
        self.fixture.daemon.faults.disarm()
        return calls

    def check_folders(self, scenario, expected, what):
        """Right after the fault, before anything was repaired."""
        violations = []
        invariants.check_folders(expected, violations, scenario.moved)
        for violation in violations:
            self.violate(what, violation)

    def check(self, scenario, point, expected, what, refused, strict_trash=True):
        violations = []
        daemon = self.fixture.daemon
        log_from = len(daemon.log())
        try:
            daemon.settle()
            invariants.check_finished(expected, violations, scenario.may_be_deleted, scenario.may_change_protection)
            invariants.check_folders(expected, violations, scenario.moved)
            invariants.check_listing(self.fixture.share, daemon.show_backups(), violations)
            scenario.check(point, violations, refused)
            self.check_it_goes_on(point, violations)
            if scenario.keeps_trash:
                deleted = daemon.call("backups.deleted")["backups"]
                invariants.check_deleted(self.fixture.share, deleted, violations, after_an_error=not strict_trash)
            elif strict_trash:
                wait_until_empty(os.path.join(self.fixture.share, invariants.TRASH), daemon.process, 5)
                invariants.check_trash(self.fixture.share, violations)
            jobs = invariants.check_journal(os.path.join(daemon.state, "journal.db"), violations)
            invariants.check_attempts(self.fixture.share, jobs, violations, scenario.may_be_deleted)
        except (Gone, Refused, RuntimeError, OSError, ValueError) as error:
            violations.append(f"{type(error).__name__}: {error}: {traceback.format_exc(limit=3)}")
        for violation in violations:
            self.violate(what, violation)
        if violations and self.arguments.verbose:
            print(daemon.log()[log_from:][-3000:])

    def violate(self, what, violation):
        self.violations.append(f"{what}: {violation}")
        print(f"VIOLATION {what}: {violation}", flush=True)

    def check_it_goes_on(self, point, violations):
        name = point + "-next"
        while os.path.lexists(os.path.join(self.fixture.share, name)):
            name += "-next"
        self.fixture.daemon.call("backup.start", vm="BETA", backup=name)
        self.fixture.daemon.settle()
        folder = os.path.join(self.fixture.share, name)
        problem = invariants.problem_of_backup(folder, self.fixture.cluster.disks[self.fixture.cluster.uuids["BETA"]])
        if problem:
            violations.append(f"the next backup: {problem}; its job: {self.fixture.daemon.job_of(name)}")

    # ---- kills ----

    def sweep_kills(self, scenario):
        calls = self.count(scenario, scenario.kinds)
        for at in self.chosen(len(calls) + 2):
            tear = at <= len(calls) and calls[at - 1].startswith(("write", "pwrite"))
            for action in [f.KILL_BEFORE, f.TORN_WRITE] if tear else [f.KILL_BEFORE]:
                self.kill_at(scenario, at, action)

    def act_until_killed(self, scenario, point, at):
        try:
            scenario.act(point)
        except Gone:
            self.fixture.daemon.stop()
        except Refused as error:
            self.violate(f"{scenario.name} at {at}", f"refused: {error}")

    def kill_at(self, scenario, at, action):
        point, expected = self.begin(scenario, scenario.kinds, at=at, action=action)
        daemon = self.fixture.daemon
        self.act_until_killed(scenario, point, at)
        if daemon.faults.injected:
            self.kills += 1
        call = daemon.faults.call(at)
        what = f"{scenario.name}: killed {'in' if action == f.TORN_WRITE else 'before'} call {at} ({call})"
        self.tell(what)
        daemon.faults.disarm()
        if daemon.running():
            daemon.stop(9)  # fewer calls this time: killed at the end
        self.check_folders(scenario, expected, what)
        try:
            daemon.start(time_scale=2 * daemon.TIME_SCALE)
        except RuntimeError as error:
            self.violate(what, error)
            return
        self.check(scenario, point, expected, what, None)

    # ---- I/O errors ----

    def sweep_errors(self, scenario):
        calls = self.count(scenario, f.CHANGES)
        kinds = ERRORS + (MORE_ERRORS if self.arguments.long else [])
        points = [(at, error, sticky) for at in range(1, len(calls) + 1) for error in kinds for sticky in (False, True)
                  if not (sticky and error == errno.EINTR)]  # an interrupted call is repeated
        if self.arguments.long:
            points += [(at, SHORT, False) for at, call in enumerate(calls, 1) if call.startswith(("write", "pwrite"))]
        for index in self.chosen(len(points)):
            self.fail_at(scenario, *points[index - 1])

    def fail_at(self, scenario, at, error, sticky):
        action = f.SHORT_WRITE if error == SHORT else f.FAIL
        point, expected = self.begin(scenario, f.CHANGES, at=at, action=action, error=error, sticky=sticky)
        daemon = self.fixture.daemon
        log_before = len(daemon.log())
        refused = None
        try:
            scenario.act(point)
        except Refused as answer:
            refused = str(answer)
        except Gone:
            refused = "it exited"
        call = daemon.faults.call(at)
        injected = daemon.faults.injected
        what = f"{scenario.name}: {errno.errorcode.get(error, 'a short write')} {'from' if sticky else 'in'} call {at} ({call})"
        self.tell(what)
        daemon.faults.disarm()
        self.check_folders(scenario, expected, what)
        if injected:
            self.errors += 1
        if not daemon.running():
            code = daemon.exit_code()
            if code < 0 or not scenario.fault_at_start:
                self.violate(what, f"the daemon exited with {code}: {daemon.log()[log_before:][-800:]}")
            daemon.start()
        job = None
        try:
            daemon.settle()
            job = daemon.job_of(point)
        except (Gone, Refused, RuntimeError):
            pass
        output = daemon.log()[log_before:] + (refused or "") + str(job)
        if injected and error not in (SHORT, errno.EINTR) and not any(text in output for text in MESSAGES[error] + OF_SQLITE):
            self.silent.append(what)
        failed = refused or (job["error"] if job and job["state"] != "succeeded" else None) or "failed by the injected error"
        self.check(scenario, point, expected, what, failed, strict_trash=False)
        # What could not be written while the disk was full must also be known after a restart.
        daemon.stop(9)
        daemon.start(time_scale=2 * daemon.TIME_SCALE)
        self.check(scenario, point, expected, what + ", killed afterwards", failed)

    # ---- all of them ----

    def chosen(self, count):
        shard, shards = self.arguments.shard
        step = self.arguments.every * shards
        return [at for at in range(1, count + 1) if at % step == shard * self.arguments.every % step]

    def tell(self, what):
        if self.arguments.verbose:
            print(what, flush=True)


def shard(text):
    number, count = text.split("/")
    return int(number), int(count)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--shard", type=shard, default=(0, 1))
    parser.add_argument("--only", default="")
    parser.add_argument("--mode", default="", choices=["", "kill", "errors", "swaps", "power"])
    parser.add_argument("--lie", default="", choices=["", "files", "folders", "journal"])
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    if not shutil.which("qemu-img"):
        print("needs qemu-img")
        return 77
    sweep = Sweep(arguments)
    started = time.monotonic()
    try:
        sweep.run()
    finally:
        sweep.fixture.close(keep=bool(os.environ.get("SB_KEEP_TEMP")))
    for what in sweep.silent:
        print("not reported: " + what)
    counts = [f"kill points: {sweep.kills}", f"injected I/O errors: {sweep.errors}", f"swapped folders: {sweep.swaps}",
              f"power cuts: {sweep.cuts}", f"violations: {len(sweep.violations)}"]
    if arguments.mode == "power":
        counts = counts[-2:]
    print(", ".join(counts) + f" ({time.monotonic() - started:.0f} s)")
    return int(bool(sweep.violations) != bool(arguments.lie))


if __name__ == "__main__":
    sys.exit(main())
