"""The power is cut at one file-changing call of the daemon after the other: it is killed, and its folders become what a
disk may have then (power_cut.py), in each of the ways. Then the daemon is started on a machine that was started anew.

The file server is this machine: what the cluster wrote is on the disk when the daemon has brought it there, and not
before. The simulated cluster itself goes on, as one does in another room."""
import os
import random
import uuid
import zlib

import faults as f
import invariants as look
from fixture import Gone
from power_cut import MIXED, STRICT, VARIANTS, Cut, Store
from power_scenarios import MORE_SCENARIOS
from scenarios import Backup

# The daemon that is started after the cut waits for files that are gone. Much faster, and a busy machine is too slow for
# its time limits.
TIME_SCALE = 20
MIXED_SEEDS = 3
ENDED_WELL = ("succeeded", "cancelled")


class Told:
    """What the daemon had answered before the power was cut: that must still be so."""

    def __init__(self, daemon):
        self._daemon, self._call = daemon, daemon.call
        daemon.call = self._listen
        daemon.hear = self._hear
        self.forget()

    def forget(self):
        self._pruned, self._protected, self._ended, self._jobs = False, {}, {}, []

    def _listen(self, method, **params):
        answer = self._call(method, **params)
        if method == "backups.prune":
            self._pruned = True
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

    def look_at_folders(self, share, may_be_deleted, violations):
        """Before the daemon runs again."""
        for name in may_be_deleted if self._pruned else ():
            if os.path.lexists(os.path.join(share, name)):
                violations.append(f"'{name}' was told to be deleted, and is back")
        for name, wanted in self._protected.items():
            manifest = look.read_manifest(os.path.join(share, name))
            if not isinstance(manifest, dict) or manifest["protected"] is not wanted:
                violations.append(f"'{name}' was told to have protected = {wanted}, and its manifest is: {manifest}")

    def look_at_jobs(self, violations):
        """Once no job is under way."""
        now = {job["id"]: job["state"] for job in self._call("jobs.list")["jobs"]}
        for job in {*self._jobs, *self._ended}:
            if job not in now or now[job] != self._ended.get(job, now[job]):
                violations.append(f"job {job} was told to be {self._ended.get(job, 'queued')}, and is {now.get(job, 'not known')}")


class Power:
    def __init__(self, sweep):
        self.sweep, self.fixture, self.daemon = sweep, sweep.fixture, sweep.fixture.daemon
        self.roots = [self.fixture.share, self.daemon.state]
        self.store = Store(os.path.join(self.fixture.folder, "shadow"))
        self.boot_id = os.path.join(self.fixture.folder, "boot_id")
        self.told = Told(self.daemon)
        self.new_machine_run()
        sweep.before_start = self.before_start

    def new_machine_run(self):
        with open(self.boot_id, "w", encoding="utf-8") as file:
            file.write(str(uuid.uuid4()) + "\n")

    def before_start(self, scenario):
        if not scenario.with_state:
            os.rmdir(self.daemon.state)  # the folder is the daemon's to make, and to bring to the disk
        self.set_environment(self.sweep.arguments.lie)
        self.store.begin(self.roots, self.twin_of)
        self.told.forget()

    def twin_of(self, path):
        """What Fixture.reset made it from."""
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
        sweep.act_until_struck(scenario, point, at)
        what = f"{scenario.name}: power cut before call {at} ({daemon.faults.call(at)}), {variant} {seed}"
        sweep.tell(what)
        daemon.faults.disarm()
        if daemon.running():
            daemon.stop(9)  # it had fewer calls this time: cut at its end
        self.fixture.cluster.settle()  # what it writes after the daemon's end was written before the cut as well
        Cut(self.store, self.roots, variant, zlib.crc32(f"{scenario.name} {at} {seed}".encode())).strike()
        sweep.cuts += 1
        self.new_machine_run()
        self.set_environment("")
        violations = []
        self.told.look_at_folders(self.fixture.share, scenario.may_be_deleted, violations)
        try:
            daemon.start(time_scale=TIME_SCALE)
            daemon.settle()
            self.told.look_at_jobs(violations)
        except (Gone, RuntimeError) as error:
            violations.append(error)
        for violation in violations:
            sweep.violate(what, violation)
        # An export that the disk lost may fail; it may not be taken for a backup.
        if daemon.running():
            sweep.check(scenario, point, expected, what, "the power was cut" if isinstance(scenario, Backup) else None)


def points_of(calls, seeds):
    """Each way at each call, and one after the last. In no order, so that each n-th of them is some of every kind."""
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
            # All was done and told, and the disk has none of it.
            power.cut_at(scenario, calls + 1, STRICT, 0)
            continue
        points = points_of(calls, MIXED_SEEDS if sweep.arguments.long else 1)
        for index in sweep.chosen(len(points)):
            power.cut_at(scenario, *points[index - 1])
