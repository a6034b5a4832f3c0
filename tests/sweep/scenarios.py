"""What the daemon is asked to do while it is struck, and what must hold afterwards for that in particular."""
import os
import shutil

import faults as f
import invariants as look
from fixture import Gone, Refused, has_ended
from folders_linux import wait_until_empty


class Scenario:
    """What the daemon is asked to do while it is struck. `kinds`: the calls that are points of a kill."""

    name = ""
    kinds = f.CHANGES | f.NETWORK
    with_state = True
    struck_at_start = False

    def __init__(self, fixture):
        self.fixture, self.daemon = fixture, fixture.daemon

    def prepare(self):
        """Before the daemon starts."""

    def act(self, point):
        """Ends when the daemon has done it. Raises Gone if it was killed, Refused if it said no."""

    def check(self, point, violations, refused):
        """What more must hold; the daemon runs and no job is under way."""

    may_be_deleted = ()
    may_change_protection = ()


class Backup(Scenario):
    name = "backup"

    def act(self, point):
        self.daemon.wait_for_end(self.daemon.call("backup.start", vm="ALPHA", backup=point)["job"]["id"])

    def check(self, point, violations, refused):
        orders = self.fixture.cluster.orders(point)
        if orders > 1:
            violations.append(f"the export into '{point}' was asked for {orders} times")
        job = self.daemon.job_of(point)
        folder = os.path.join(self.fixture.share, point)
        has_manifest = os.path.lexists(os.path.join(folder, look.MANIFEST))
        if job is None:
            if orders or os.path.lexists(folder):
                violations.append(f"'{point}' was exported, and no job tells of it")
            return
        if job["state"] == "succeeded" and not has_manifest:
            violations.append(f"the job of '{point}' has succeeded, and there is no manifest")
        if has_manifest:
            problem = look.what_is_wrong_with_backup(folder, self.fixture.cluster.disks[self.fixture.cluster.uuids["ALPHA"]])
            if problem:
                violations.append(problem)
            if job["state"] != "succeeded":
                violations.append(f"'{point}' has a manifest, and its job is {job['state']}: {job['error']}")
        if refused is None and orders and job["state"] != "succeeded":
            violations.append(f"the cluster made the export '{point}', and its job is {job['state']}: {job['error']}")


class Restore(Scenario):
    name = "restore"

    def act(self, point):
        self.daemon.wait_for_end(self.daemon.call("restore.start", backup="kept", vm=point)["job"]["id"])

    def check(self, point, violations, refused):
        jobs = [job for job in self.daemon.call("jobs.list")["jobs"] if job["vm"] == point]
        made = self.fixture.cluster.vm_names().count(point)
        if made > 1:
            violations.append(f"VM '{point}' was made {made} times")
        state = jobs[0]["state"] if jobs else "not known"
        if (made == 1) != (state == "succeeded") and (refused is None or made == 0):
            violations.append(f"VM '{point}' was made {made} times, and its job is {state}")


class Prune(Scenario):
    name = "prune"
    kinds = f.CHANGES
    may_be_deleted = ("old-1", "old-2")

    def act(self, point):
        done = self.daemon.call("backups.prune", yes=True)
        if done["problems"]:
            raise Refused("; ".join(done["problems"]))

    def check(self, point, violations, refused):
        self.daemon.call("backups.prune", yes=True)
        left = [name for name in self.may_be_deleted if os.path.lexists(os.path.join(self.fixture.share, name))]
        if left:
            violations.append(f"a second prune leaves {left}")


class Protect(Scenario):
    name = "protect"
    kinds = f.CHANGES
    may_change_protection = ("kept", "guarded")

    def act(self, point):
        self.daemon.call("backups.protect", backup="kept", protected=True)
        self.daemon.call("backups.protect", backup="guarded", protected=False)

    def check(self, point, violations, refused):
        for backup in self.may_change_protection:
            self.daemon.call("backups.protect", backup=backup, protected=True)
            manifest = look.read_manifest(os.path.join(self.fixture.share, backup))
            if not isinstance(manifest, dict) or manifest["protected"] is not True:
                violations.append(f"'{backup}' cannot be protected afterwards: {manifest}")


class Cancel(Scenario):
    name = "cancel"

    def act(self, point):
        job = self.daemon.call("backup.start", vm="BETA", backup=point)["job"]["id"]
        self.daemon.wait_for_jobs(lambda jobs: job not in jobs or jobs[job]["task_tag"] or has_ended(jobs[job]))
        try:
            self.daemon.call("jobs.cancel", job=job)
        except Refused:
            pass  # it had ended already
        self.daemon.wait_for_end(job)

    def check(self, point, violations, refused):
        job = self.daemon.job_of(point)
        folder = os.path.join(self.fixture.share, point)
        if job and job["state"] == "cancelled" and not job["error"] and os.path.lexists(folder):
            violations.append(f"the export '{point}' is cancelled, and its folder is there")
        if job and job["state"] == "cancelled" and os.path.lexists(os.path.join(folder, look.MANIFEST)):
            violations.append(f"the export '{point}' is cancelled, and it has a manifest")
        if self.fixture.cluster.orders(point) > 1:
            violations.append(f"the export into '{point}' was asked for more than once")


class Start(Scenario):
    """A daemon that starts with its journal, and ends a removal that an earlier one began."""

    name = "start"
    kinds = f.CHANGES
    struck_at_start = True

    def prepare(self):
        trash = os.path.join(self.fixture.share, look.TRASH)
        os.makedirs(trash, mode=0o700, exist_ok=True)
        shutil.copytree(os.path.join(self.fixture.share, "old-1"), os.path.join(trash, "0"))

    def act(self, point):
        self.daemon.spawn()
        if not self.daemon.is_ready():
            raise Gone()
        wait_until_empty(os.path.join(self.fixture.share, look.TRASH), self.daemon.process, 2)
        self.daemon.call("jobs.list")


class FirstStart(Start):
    """The same without a state directory."""

    name = "first_start"
    with_state = False


SCENARIOS = [Backup, Prune, Protect, Cancel, Restore, Start, FirstStart]


def make_backups(fixture):
    """kept: by hand. old-1, old-2: to be pruned. guarded: as old, protected. new-1, new-2. last: BETA's only one."""
    fixture.daemon.start(time_scale=1)  # on a busy machine the daemon's limits would pass too soon
    for backup, vm in (("kept", "ALPHA"), ("last", "BETA")):
        fixture.daemon.call("backup.start", vm=vm, backup=backup)
    fixture.daemon.settle()
    for backup in ("kept", "last"):
        job = fixture.daemon.job_of(backup)
        if job["state"] != "succeeded":
            raise RuntimeError(f"the backup to begin with: {job}")
    fixture.daemon.stop()

    def copy(source, name, started, protected=False):
        folder = os.path.join(fixture.share, name)
        if source != name:
            shutil.copytree(os.path.join(fixture.share, source), folder)
        manifest = look.read_manifest(folder)
        manifest.update(backup=name, scheduled=True, protected=protected, started=started, completed=started)
        with open(os.path.join(folder, look.MANIFEST), "w", encoding="utf-8") as file:
            look.json.dump(manifest, file, indent=2)

    copy("kept", "old-1", "2026-01-01T00:00:00Z")
    copy("kept", "old-2", "2026-01-02T00:00:00Z")
    copy("kept", "guarded", "2026-01-01T12:00:00Z", protected=True)
    copy("kept", "new-1", "2026-01-03T00:00:00Z")
    copy("kept", "new-2", "2026-01-04T00:00:00Z")
    copy("last", "last", "2025-01-01T00:00:00Z")
    fixture.remember()
