"""Replaces a backup that is being deleted by another folder or a link, like an attacker with write access to the share, at
each call of the deletion. Nothing but the backup may ever be deleted."""
import os
import shutil

import io_faults as f
import invariants
from fixture import Gone, Refused

VICTIM = "old-1"
# (target, replacement): the backup by a link, by a folder, and its folder in the trash, of a random name, by a link.
WAYS = [(VICTIM, "link"), (VICTIM, "folder"), (os.path.join(invariants.TRASH, "removing-*"), "link")]


def precious(fixture):
    """A folder next to the share that looks like a backup without a manifest."""
    folder = os.path.join(fixture.folder, "precious")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(os.path.join(fixture.share, "kept"), folder)
    os.unlink(os.path.join(folder, invariants.MANIFEST))
    return folder


def where_it_is(fixture, way):
    """The swap itself may have moved the folder into the share; the daemon may move it back, but not delete it."""
    places = [os.path.join(fixture.folder, "precious")]
    if way == "folder":
        places.append(os.path.join(fixture.share, VICTIM))
    return [place for place in places if os.path.isdir(place) and not os.path.islink(place)]


def swap_at(sweep, scenario, at, replaced, way):
    fixture, daemon = sweep.fixture, sweep.fixture.daemon
    target = precious(fixture)
    before = invariants.digest_of(target)
    shutil.rmtree(os.path.join(fixture.folder, "aside"), ignore_errors=True)
    swap = (os.path.join(fixture.share, replaced), os.path.join(fixture.folder, "aside"), target, way == "folder")
    point, expected = sweep.begin(scenario, f.READS | f.CHANGES, at=at, action=f.SWAP, swap=swap)
    target = precious(fixture)
    try:
        scenario.act(point)
    except Refused:
        pass
    except Gone:
        sweep.violate(f"swap at {at}", "the daemon exited")
    what = f"swap of {replaced} for a {way} before call {at} ({daemon.faults.call(at)})"
    sweep.tell(what)
    sweep.swaps += daemon.faults.injected
    daemon.faults.disarm()
    places = where_it_is(fixture, way)
    if len(places) != 1 or invariants.digest_of(places[0]) != before:
        sweep.violate(what, f"the replacement was changed: {places}")
    violations = []
    # What is moved back after the swap is the attacker's link, in the place of the backup that was being deleted.
    links = [name for name in scenario.may_be_deleted if os.path.islink(os.path.join(fixture.share, name))]
    for name in {VICTIM, *links}:
        expected.finished.pop(name)
    invariants.check_finished(expected, violations, scenario.may_be_deleted)
    for violation in violations:
        sweep.violate(what, violation)
    for name in links:
        os.unlink(os.path.join(fixture.share, name))


def sweep_swaps(sweep, scenario):
    count = len(sweep.count(scenario, f.READS | f.CHANGES))
    points = [(at, *way) for at in range(1, count + 1) for way in WAYS]
    for index in sweep.chosen(len(points)):
        swap_at(sweep, scenario, *points[index - 1])
