"""What the daemon is asked to do while the power is cut, beside what it is asked to do while it is killed (scenarios.py)."""
import os

import faults as f
import invariants as look
from fixture import Gone
from scenarios import Backup, Scenario


class FirstBackup(Backup):
    """The first backup of a new installation: the state directory is new as well."""

    name = "first_backup"
    with_state = False
    struck_at_start = True

    def act(self, point):
        self.daemon.spawn()
        if not self.daemon.is_ready():
            raise Gone()
        super().act(point)


class Prove(Scenario):
    """The digests of the content are written, then the manifest that tells of them."""

    name = "prove"
    kinds = f.CHANGES
    may_change_protection = ("kept",)

    def act(self, point):
        self.daemon.call("verify.start", backups=["kept"], level="content")
        self.daemon.settle()

    def check(self, point, violations, refused):
        job = self.daemon.call("verify.start", backups=["kept"], level="content")["jobs"][0]
        self.daemon.settle()
        ended = next(each for each in self.daemon.call("jobs.list")["jobs"] if each["id"] == job["id"])
        if ended["state"] != "succeeded":
            violations.append(f"the content of 'kept' cannot be proven afterwards: {ended}")
        if not os.path.isfile(os.path.join(self.fixture.share, "kept", look.DIGESTS)):
            violations.append("the content of 'kept' is proven, and there are no digests")


MORE_SCENARIOS = [FirstBackup, Prove]
