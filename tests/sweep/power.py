"""Cuts the power at each file-changing call of the daemon: kills the daemon and changes its folders to what a disk may
contain then (power_cut.py), in each variant. Then starts the daemon as on a restarted machine.

The file server is this machine: data of the cluster is on disk when the daemon has flushed it, and not before. The
simulated cluster keeps running, like a real one."""
import os
import random
import uuid
import zlib

import io_faults as f
import invariants
from fixture import Gone
from power_cut import MIXED, STRICT, VARIANTS, Cut, Store
from power_scenarios import MORE_SCENARIOS
from scenarios import Backup

# The daemon that is started after the cut waits for files that are gone. With a higher factor, a busy machine would miss
# its time limits.
TIME_SCALE = 20
MIXED_SEEDS = 3
ENDED_WELL = ("succeeded", "cancelled")


class Reported:
    """What the daemon reported before the power cut: it must still hold."""

    def __init__(self, daemon):
        self._daemon, self._call = daemon, daemon.call
        daemon.call = self._listen
        daemon.hear = self._hear
        self.forget()

    def forget(self):
        self._pruned, self._protected, self._ended, self._jobs = False, {}, {}, []
        self._deleted, self._taken_back = set(), set()

    def _listen(self, method, **params):
        if method == "backups.undelete":
            self._deleted.discard(params["backup"])  # from now on it may be either
        answer = self._call(method, **params)
        if method == "backups.prune":
            self._pruned = True
        if method == "backups.delete":
            self._deleted.add(params["backup"])
        if method == "backups.undelete":
            self._taken_back.add(params["backup"])
        if method == "backups.protect":
            self._protected[params["backup"]] = params["protected"]
        if method in ("backup.start", "restore.start"):
            self._jobs.append(answer["job"]["id"])
        if method == "verify.start":
            self._jobs += [job["id"] for job in answer["jobs"]]
        if method == "jobs.list":
            for job in answer["jobs"]:
                self._hear(job)
        return answer

    def _hear(self, job):
        if job["state"] in ENDED_WELL:
            self._ended[job["id"]] = job["state"]

    def check_folders(self, share, may_be_deleted, violations):
        """Before the daemon is started again."""
        for name in may_be_deleted if self._pruned else ():
            if os.path.lexists(os.path.join(share, name)):
                violations.append(f"'{name}' was reported as deleted, and is back")
        for name in self._deleted:
            if os.path.lexists(os.path.join(share, name)):
                violations.append(f"'{name}' was reported as deleted, and is back")
        for name in self._taken_back:
            if name not in invariants.backups_in(share):
                violations.append(f"'{name}' was reported as taken back, and is gone")
        for name, wanted in self._protected.items():
            manifest = invariants.read_manifest(os.path.join(share, name))
            if not isinstance(manifest, dict) or manifest["protected"] is not wanted:
                violations.append(f"'{name}' was reported with protected = {wanted}, but its manifest is: {manifest}")

    def check_jobs(self, violations):
        """When no job is running."""
        now = {job["id"]: job["state"] for job in self._call("jobs.list")["jobs"]}
        for job in {*self._jobs, *self._ended}:
            if job not in now or now[job] != self._ended.get(job, now[job]):
                violations.append(f"job {job} was reported as {self._ended.get(job, 'queued')}, but is {now.get(job, 'unknown')}")


class Power:
    def __init__(self, sweep):
        self.sweep, self.fixture, self.daemon = sweep, sweep.fixture, sweep.fixture.daemon
        self.roots = [self.fixture.share, self.daemon.state]
        self.store = Store(os.path.join(self.fixture.folder, "shadow"))
        self.boot_id = os.path.join(self.fixture.folder, "boot_id")
        self.reported = Reported(self.daemon)
        self.new_machine_run()
        sweep.before_start = self.before_start

    def new_machine_run(self):
        with open(self.boot_id, "w", encoding="utf-8") as file:
            file.write(str(uuid.uuid4()) + "\n")

    def before_start(self, scenario):
        if not scenario.with_state:
            os.rmdir(self.daemon.state)  # the daemon must create the folder and flush it to disk
        self.set_environment(self.sweep.arguments.lie)
        self.store.begin(self.roots, self.twin_of)
        self.reported.forget()

    def twin_of(self, path):
        """The source that Fixture.reset copied it from."""
        inside = os.path.relpath(path, self.fixture.folder)
        top, _, rest = inside.partition(os.sep)
        return os.path.join(self.fixture.folder, top + ".as-it-was", rest)

    def set_environment(self, lie):
        environment = {"SB_FAULT_SHADOW": self.store.folder, "SB_FAULT_BOOT_ID": self.boot_id}
        if lie == "journal":
            environment.update(SB_FAULT_LIE="all", SB_FAULT_LIE_BELOW=self.daemon.state)
        elif lie:
            environment.update(SB_FAULT_LIE=lie, SB_FAULT_LIE_BELOW=self.fixture.share)
        self.daemon.faults.more_environment = environment

    def cut_at(self, scenario, at, variant, seed):
        sweep, daemon = self.sweep, self.daemon
        point, expected = sweep.begin(scenario, f.CHANGES, at=at, action=f.KILL_BEFORE)
        sweep.act_until_killed(scenario, point, at)
        what = f"{scenario.name}: power cut before call {at} ({daemon.faults.call(at)}), {variant} {seed}"
        sweep.tell(what)
        daemon.faults.disarm()
        if daemon.running():
            daemon.stop(9)  # fewer calls this time: cut at the end
        self.fixture.cluster.settle()  # data written after the daemon's end counts as written before the cut
        Cut(self.store, self.roots, variant, zlib.crc32(f"{scenario.name} {at} {seed}".encode())).apply()
        sweep.cuts += 1
        sweep.check_folders(scenario, expected, what)
        self.new_machine_run()
        self.set_environment("")
        violations = []
        self.reported.check_folders(self.fixture.share, scenario.may_be_deleted, violations)
        try:
            daemon.start(time_scale=TIME_SCALE)
            daemon.settle()
            self.reported.check_jobs(violations)
        except (Gone, RuntimeError) as error:
            violations.append(error)
        for violation in violations:
            sweep.violate(what, violation)
        # An export that the disk lost may fail; it must not count as a backup.
        if daemon.running():
            sweep.check(scenario, point, expected, what, "the power was cut" if isinstance(scenario, Backup) else None)


def points_of(calls, seeds):
    """Every variant at each call, and one after the last. Shuffled, so that every n-th of them covers all kinds."""
    ways = [(variant, seed) for variant in VARIANTS for seed in range(seeds if variant == MIXED else 1)]
    points = [(at, *way) for at in range(1, calls + 2) for way in ways]
    random.Random(1).shuffle(points)
    return points


def sweep_power(sweep, scenarios):
    power = Power(sweep)
    more = [kind(sweep.fixture) for kind in MORE_SCENARIOS if sweep.arguments.only in ("", kind.name)]
    for scenario in scenarios + more:
        calls = len(sweep.count(scenario, f.CHANGES))
        if sweep.arguments.lie:
            # Everything was done and reported, and nothing is on disk.
            power.cut_at(scenario, calls + 1, STRICT, 0)
            continue
        points = points_of(calls, MIXED_SEEDS if sweep.arguments.long else 1)
        for index in sweep.chosen(len(points)):
            power.cut_at(scenario, *points[index - 1])
