"""Operations of the daemon into which faults are injected, and their specific invariants."""
import os
import shutil
import time

import io_faults as f
import invariants
from fixture import Gone, Refused, has_ended
from folders_linux import wait_until_empty


class Scenario:
    """An operation into which faults are injected. `kinds`: the calls at which it is killed."""

    name = ""
    kinds = f.CHANGES | f.NETWORK
    with_state = True
    fault_at_start = False
    undelete_for = "off"
    keeps_trash = False  # deleted backups stay there
    for_power = True

    def __init__(self, fixture):
        self.fixture, self.daemon = fixture, fixture.daemon

    def prepare(self):
        """Before the daemon starts."""

    def act(self, point):
        """Returns when the daemon has finished. Raises Gone if it was killed, Refused if it refused."""

    def check(self, point, violations, refused):
        """Further invariants; the daemon is running, without jobs."""

    may_be_deleted = ()
    may_change_protection = ()
    moved = {}  # foreign folders that the scenario itself has renamed: {old name: new name}


class Backup(Scenario):
    name = "backup"

    def act(self, point):
        self.daemon.wait_for_end(self.daemon.call("backup.start", vm="ALPHA", backup=point)["job"]["id"])

    def job_of(self, point):
        return self.daemon.job_of(point)

    def check(self, point, violations, refused):
        requests = self.fixture.cluster.requests_for(point)
        if requests > 1:
            violations.append(f"the export of '{point}' was requested {requests} times")
        job = self.job_of(point)
        if job is None:
            if requests or point in invariants.backups_in(self.fixture.share):
                violations.append(f"'{point}' was exported, but has no job")
            return
        name = job["backup"]
        has_manifest = name in invariants.backups_in(self.fixture.share)
        if job["state"] == "succeeded" and not has_manifest:
            violations.append(f"the job of '{name}' has succeeded, but there is no manifest")
        if has_manifest:
            folder = os.path.join(self.fixture.share, name)
            problem = invariants.problem_of_backup(folder, self.fixture.cluster.disks[self.fixture.cluster.uuids["ALPHA"]])
            if problem:
                violations.append(problem)
            if job["state"] != "succeeded":
                violations.append(f"'{name}' has a manifest, but its job is {job['state']}: {job['error']}")
        if refused is None and requests and job["state"] != "succeeded":
            violations.append(f"the cluster made the export '{name}', but its job is {job['state']}: {job['error']}")


class NameTaken(Backup):
    """While the export runs, a foreign folder gets the backup's name: the backup is numbered."""

    name = "name_taken"

    def act(self, point):
        self.moved = {}
        job = self.daemon.call("backup.start", vm="ALPHA", backup=point)["job"]["id"]
        self.daemon.wait_for_jobs(lambda jobs: job not in jobs or jobs[job]["task_tag"] or has_ended(jobs[job]))
        try:
            os.rename(os.path.join(self.fixture.share, FOREIGN), os.path.join(self.fixture.share, point))
            self.moved = {FOREIGN: point}
        except OSError:
            pass  # on a busy machine the backup was faster
        self.daemon.wait_for_end(job)

    def job_of(self, point):
        return self.daemon.job_of(point) or self.daemon.job_of(point + " (2)")

    def check(self, point, violations, refused):
        super().check(point, violations, refused)
        job = self.job_of(point)
        if job and job["backup"] != point and not job.get("warnings"):
            violations.append(f"the backup is named '{job['backup']}' instead of '{point}', without a warning")


class Restore(Scenario):
    name = "restore"

    def act(self, point):
        self.daemon.wait_for_end(self.daemon.call("restore.start", backup="kept", vm=point)["job"]["id"])

    def check(self, point, violations, refused):
        jobs = [job for job in self.daemon.call("jobs.list")["jobs"] if job["vm"] == point]
        made = self.fixture.cluster.vm_names().count(point)
        if made > 1:
            violations.append(f"VM '{point}' was created {made} times")
        state = jobs[0]["state"] if jobs else "unknown"
        # Killed between the request and its answer, it cannot tell its VM from another program's: then it is lost.
        is_wrong = made != 1 if state == "succeeded" else made == 1 and state != "lost" and refused is None
        if is_wrong:
            violations.append(f"VM '{point}' was created {made} times, but its job is {state}")


class Prune(Scenario):
    name = "prune"
    kinds = f.CHANGES
    may_be_deleted = ("old-1", "old-2")

    def act(self, point):
        done = self.daemon.call("backups.prune", yes=True)
        if done["problems"]:
            raise Refused("; ".join(done["problems"]))

    def check(self, point, violations, refused):
        left = self.prune_again(lambda name: os.path.lexists(os.path.join(self.fixture.share, name)))
        if left:
            violations.append(f"a second prune leaves {left}")

    def prune_again(self, is_left):
        """With a new journal, backups count only after their structure has been checked: that takes a moment."""
        end = time.monotonic() + 10
        while True:
            self.daemon.call("backups.prune", yes=True)
            left = [name for name in self.may_be_deleted if is_left(name)]
            if not left or time.monotonic() > end:
                return left


def take_back(fixture, backup, violations):
    """Whether the deleted backup is listed and comes back as it was, apart from its protection. One is there already if an
    earlier check has taken it back."""
    folder = os.path.join(fixture.share, backup)
    if not os.path.lexists(folder):
        listed = [entry["name"] for entry in fixture.daemon.call("backups.deleted")["backups"]]
        if backup not in listed:
            violations.append(f"'{backup}' is neither there nor can it be taken back: {listed}")
            return
        fixture.daemon.call("backups.undelete", backup=backup)
    before = invariants.digest_of(os.path.join(fixture.share + ".as-it-was", backup))
    now = invariants.digest_of(folder) if os.path.isdir(folder) else {}
    manifest = invariants.read_manifest(folder)
    if isinstance(manifest, dict) and manifest["protected"] is True:
        now[invariants.MANIFEST] = before[invariants.MANIFEST]
    if now != before:
        violations.append(f"'{backup}' was taken back and has changed: {sorted(now)}, {manifest}")


class Trash(Prune):
    """The same, and what is deleted waits in the trash."""

    name = "trash"
    undelete_for = "1 day"
    keeps_trash = True
    may_change_protection = Prune.may_be_deleted

    def check(self, point, violations, refused):
        left = self.prune_again(self.is_unprotected)
        for backup in self.may_be_deleted:
            if backup in left:
                violations.append(f"a second prune leaves '{backup}'")
            else:
                take_back(self.fixture, backup, violations)

    def is_unprotected(self, backup):
        manifest = invariants.read_manifest(os.path.join(self.fixture.share, backup))
        return isinstance(manifest, dict) and not manifest["protected"]


class Undelete(Scenario):
    """A person deletes a backup, and takes it back."""

    name = "undelete"
    kinds = f.CHANGES
    undelete_for = "1 day"
    keeps_trash = True
    may_be_deleted = ("old-1",)
    may_change_protection = ("old-1",)

    def act(self, point):
        self.daemon.call("backups.delete", backup="old-1")
        self.daemon.call("backups.undelete", backup="old-1")

    def check(self, point, violations, refused):
        take_back(self.fixture, "old-1", violations)


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
            manifest = invariants.read_manifest(os.path.join(self.fixture.share, backup))
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
            pass  # it had already finished
        self.daemon.wait_for_end(job)

    def check(self, point, violations, refused):
        job = self.daemon.job_of(point)
        landing = invariants.landing_folders_of(self.fixture.share, point)
        if job and job["state"] == "cancelled" and not job["error"] and landing:
            violations.append(f"the export '{point}' is cancelled, but {landing} exists")
        if job and job["state"] == "cancelled" and os.path.lexists(os.path.join(self.fixture.share, point)):
            violations.append(f"the export '{point}' is cancelled, but it has become a backup")
        if self.fixture.cluster.requests_for(point) > 1:
            violations.append(f"the export into '{point}' was requested more than once")


class Start(Scenario):
    """Start with an existing journal and an unfinished removal of an earlier process."""

    name = "start"
    kinds = f.CHANGES
    fault_at_start = True

    def prepare(self):
        trash = os.path.join(self.fixture.share, invariants.TRASH)
        os.makedirs(trash, mode=0o700, exist_ok=True)
        shutil.copytree(os.path.join(self.fixture.share, "old-1"), os.path.join(trash, "removing-0badcafe0badcafe"))

    def act(self, point):
        self.daemon.spawn()
        if not self.daemon.is_ready():
            raise Gone()
        wait_until_empty(os.path.join(self.fixture.share, invariants.TRASH), self.daemon.process, 2)
        self.daemon.call("jobs.list")


class FirstStart(Start):
    """The same without a state directory."""

    name = "first_start"
    with_state = False


class EmptyTrash(Start):
    """Start with a backup in the trash that may no longer be taken back: it is removed for good."""

    name = "empty_trash"
    for_power = False  # its trash is made by a daemon whose writes the model has not seen

    def prepare(self):
        self.daemon.faults.disarm()
        self.daemon.configure("1 day")
        self.daemon.start()
        self.daemon.call("backups.delete", backup="old-1")
        self.daemon.stop()
        self.daemon.configure("off")


SCENARIOS = [Backup, NameTaken, Prune, Trash, Undelete, Protect, Cancel, Restore, Start, FirstStart, EmptyTrash]

FOREIGN = "holiday photos"


def plant_foreign_folders(share):
    """A folder of another program, and what looks like landed exports, but belongs to no job: never touched."""
    os.mkdir(os.path.join(share, FOREIGN))
    with open(os.path.join(share, FOREIGN, "1.jpg"), "w", encoding="utf-8") as file:
        file.write("a photo")
    shutil.copytree(os.path.join(share, "kept"), os.path.join(share, "kept.exporting-0badcafe"))
    shutil.copytree(os.path.join(share, "kept"), os.path.join(share, "lost.exporting-0badcafe"),
                    ignore=shutil.ignore_patterns(invariants.MANIFEST))


def make_backups(fixture):
    """kept: manual. old-1, old-2: to be pruned. guarded: as old, but protected. new-1, new-2. last: the only one of BETA."""
    fixture.daemon.start(time_scale=1)  # on a busy machine the daemon's time limits would be too short
    for backup, vm in (("kept", "ALPHA"), ("last", "BETA")):
        fixture.daemon.call("backup.start", vm=vm, backup=backup)
    fixture.daemon.settle()
    for backup in ("kept", "last"):
        job = fixture.daemon.job_of(backup)
        if job["state"] != "succeeded":
            raise RuntimeError(f"the initial backup: {job}")
    fixture.daemon.stop()

    def copy(source, name, started, protected=False):
        folder = os.path.join(fixture.share, name)
        if source != name:
            shutil.copytree(os.path.join(fixture.share, source), folder)
        manifest = invariants.read_manifest(folder)
        manifest.update(backup=name, scheduled=True, protected=protected, started=started, completed=started)
        with open(os.path.join(folder, invariants.MANIFEST), "w", encoding="utf-8") as file:
            invariants.json.dump(manifest, file, indent=2)

    copy("kept", "old-1", "2026-01-01T00:00:00Z")
    copy("kept", "old-2", "2026-01-02T00:00:00Z")
    copy("kept", "guarded", "2026-01-01T12:00:00Z", protected=True)
    copy("kept", "new-1", "2026-01-03T00:00:00Z")
    copy("kept", "new-2", "2026-01-04T00:00:00Z")
    copy("last", "last", "2025-01-01T00:00:00Z")
    plant_foreign_folders(fixture.share)
    fixture.remember()
