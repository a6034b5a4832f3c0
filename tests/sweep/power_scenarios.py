"""Scenarios for power cuts, in addition to those for kills (scenarios.py)."""
import os

import io_faults as f
import invariants
from fixture import Gone
from scenarios import Backup, Scenario


class FirstBackup(Backup):
    """The first backup of a new installation: the state directory is new too."""

    name = "first_backup"
    with_state = False
    fault_at_start = True

    def act(self, point):
        self.daemon.spawn()
        if not self.daemon.is_ready():
            raise Gone()
        super().act(point)


class Verify(Scenario):
    """Writes the digests of the content, then the manifest that refers to them."""

    name = "verify"
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
            violations.append(f"the content of 'kept' cannot be verified afterwards: {ended}")
        if not os.path.isfile(os.path.join(self.fixture.share, "kept", invariants.DIGESTS)):
            violations.append("the content of 'kept' is recorded as verified, but there are no digests")


MORE_SCENARIOS = [FirstBackup, Verify]
