"""Invariants of the folders, whatever happened to the daemon, checked without any code of the daemon: manifests with
Python's json, definitions with its XML parser, images with qemu-img, the journal with Python's sqlite3.

Each check appends a sentence to `violations`; none of them changes anything."""
import hashlib
import json
import os
import re
import sqlite3
import stat
import subprocess
import xml.etree.ElementTree as xml

MANIFEST = "scale-backup.json"
TRASH = ".scale-backup-trash"
DIGESTS = "scale-backup.digests"
# Files that the daemon may leave next to a backup: an incomplete manifest or digest file, which are never used, and the
# digests of a verification.
BESIDE = ("." + MANIFEST + ".new", "." + DIGESTS + ".new", DIGESTS)
# An export lands in a folder with this suffix, which is never a backup, whatever it contains.
LANDING = re.compile(r"(?P<backup>.+)\.exporting-(?P<attempt>[0-9a-f]{8})", re.IGNORECASE)


def is_landing_folder(name):
    return LANDING.fullmatch(name) is not None


def landing_folders_of(share, backup):
    """The folders that exports of this backup landed in."""
    return [name for name in folders_in(share) if (match := LANDING.fullmatch(name)) and match["backup"] == backup]


def digest_of(folder):
    """The SHA-256 of every file of a folder, by name."""
    digests = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            with open(path, "rb") as file:
                digests[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return digests


def read_manifest(folder):
    """The manifest as a dict; None if there is none; a string with the reason if it is invalid."""
    path = os.path.join(folder, MANIFEST)
    try:
        with open(path, encoding="utf-8") as file:
            manifest = json.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return f"{path}: {error}"
    return manifest if isinstance(manifest, dict) and "files" in manifest else f"{path}: not a manifest"


def check_image(path):
    check = subprocess.run(["qemu-img", "check", "-q", path], capture_output=True, text=True, check=False)
    return "" if check.returncode == 0 else f"qemu-img check of {path}: {check.stdout}{check.stderr}"


def image_equals(path, raw):
    compare = subprocess.run(["qemu-img", "compare", "-q", "-F", "raw", "-f", "qcow2", path, raw],
                             capture_output=True, text=True, check=False)
    return "" if compare.returncode == 0 else f"qemu-img compare of {path} with {raw}: {compare.stdout}{compare.stderr}"


def problem_of_backup(folder, raw_disks):
    """Empty if the folder is a complete backup of these guest disks."""
    manifest = read_manifest(folder)
    if not isinstance(manifest, dict):
        return manifest or f"{folder}: there is no manifest"
    if manifest.get("backup") != os.path.basename(folder):
        return f"{folder}: the manifest belongs to '{manifest.get('backup')}'"
    images = []
    for entry in manifest["files"]:
        path = os.path.join(folder, entry["name"])
        if not os.path.isfile(path) or os.path.islink(path):
            return f"{path}: missing"
        if os.path.getsize(path) != entry["size_bytes"]:
            return f"{path}: {os.path.getsize(path)} bytes, the manifest says {entry['size_bytes']}"
        if entry["role"] == "disk":
            images.append(path)
    with open(os.path.join(folder, manifest["definition"]), "rb") as file:
        text = file.read().split(b"\0")[0]
    try:
        xml.fromstring(text)
    except xml.ParseError as error:
        return f"{folder}: the definition: {error}"
    if len(images) != len(raw_disks):
        return f"{folder}: {len(images)} images of {len(raw_disks)} disks"
    for image in images:
        problem = check_image(image)
        if problem:
            return problem
        if all(image_equals(image, raw) for raw in raw_disks):
            return image_equals(image, raw_disks[0])
    return ""


class Expected:
    """The content of the folder before the fault: backups, and what others put there."""

    def __init__(self, share):
        self.share = share
        self.finished = {name: digest_of(os.path.join(share, name)) for name in backups_in(share)}
        self.foreign = {name: digest_of(os.path.join(share, name)) for name in folders_in(share) if name not in self.finished}


def folders_in(share):
    return sorted(entry.name for entry in os.scandir(share)
                  if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."))


def backups_in(share):
    return [name for name in folders_in(share)
            if not is_landing_folder(name) and os.path.lexists(os.path.join(share, name, MANIFEST))]


def where_it_is(expected, name, moved):
    """A foreign folder may have been renamed by the test; a power cut may undo that."""
    places = [place for place in (moved.get(name), name) if place and os.path.isdir(os.path.join(expected.share, place))]
    return next((place for place in places if digest_of(os.path.join(expected.share, place)) == expected.foreign[name]), None)


def check_folders(expected, violations, moved=None):
    """At any moment: foreign folders are untouched, and no other folder has a backup's name before its manifest is there."""
    foreign = {name: where_it_is(expected, name, moved or {}) for name in expected.foreign}
    for name, place in foreign.items():
        if place is None:
            violations.append(f"the foreign folder '{name}' was changed, moved or removed")
    for name in folders_in(expected.share):
        if is_landing_folder(name) or name in foreign.values():
            continue
        manifest = read_manifest(os.path.join(expected.share, name))
        if not isinstance(manifest, dict):
            violations.append(f"'{name}' has a backup's name, but: {manifest or 'it has no manifest'}")


def check_attempts(share, jobs, violations, may_be_deleted=()):
    """The folder of a succeeded export has the manifest of that attempt; what another attempt wrote has not got its name."""
    for job in jobs:
        if job["kind"] != "backup" or not job["attempt"] or job["backup"] in may_be_deleted:
            continue
        manifest = read_manifest(os.path.join(share, job["backup"]))
        has_its_manifest = isinstance(manifest, dict) and manifest.get("attempt") == job["attempt"]
        if has_its_manifest != (job["outcome"] == "succeeded"):
            violations.append(f"job {job['id']} of attempt {job['attempt']} is '{job['outcome']}', but '{job['backup']}' has: "
                              f"{manifest.get('attempt') if isinstance(manifest, dict) else manifest}")
        left = [name for name in landing_folders_of(share, job["backup"]) if name.lower().endswith(job["attempt"])]
        if left and job["outcome"] == "succeeded":
            violations.append(f"job {job['id']} has succeeded, but {left} is still there")
        if left and job["phase"] == "finished" and os.path.lexists(os.path.join(share, left[0], MANIFEST)):
            violations.append(f"job {job['id']} has ended, but {left} waits for its name")


def check_finished(expected, violations, may_be_deleted=(), may_change_protection=()):
    """Every finished backup is unchanged byte for byte; one that was to be deleted may be gone, but not half gone."""
    for name, before in expected.finished.items():
        folder = os.path.join(expected.share, name)
        if name in may_be_deleted and not os.path.lexists(folder):
            continue
        if not os.path.isdir(folder):
            violations.append(f"the finished backup '{name}' is gone")
            continue
        now = digest_of(folder)
        for beside in BESIDE:
            if beside not in before:
                now.pop(beside, None)
        if name in may_change_protection and now.get(MANIFEST) != before[MANIFEST]:
            changed = read_manifest(folder)
            if not isinstance(changed, dict) or not isinstance(changed.get("protected"), bool):
                violations.append(f"the manifest of '{name}' is broken: {changed}")
            now[MANIFEST] = before[MANIFEST]
        if now != before:
            differing = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
            violations.append(f"the finished backup '{name}' has changed: {differing}")


def check_listing(share, listed, violations):
    """`show-backups --json` shows folders with a manifest and all its files as complete, and no others. No job is running."""
    for entry in listed:
        if is_landing_folder(entry["name"]) or is_landing_folder(entry["folder"]):
            violations.append(f"show-backups shows a folder that an export landed in: {entry}")
    complete = {entry["name"] for entry in listed if entry["state"] == "complete"}
    for name in complete:
        manifest = read_manifest(os.path.join(share, name))
        if not isinstance(manifest, dict):
            violations.append(f"show-backups shows '{name}' as complete, but: {manifest or 'it has no manifest'}")
    for name in backups_in(share):
        if name not in complete:
            state = next((entry for entry in listed if entry["name"] == name), None)
            violations.append(f"'{name}' has a manifest, but show-backups does not show it as complete: {state}")


def check_trash(share, violations):
    trash = os.path.join(share, TRASH)
    if not os.path.lexists(trash):
        return
    left = os.listdir(trash)
    if left:
        violations.append(f"the trash is not empty after a restart: {left}")
    if stat.S_IMODE(os.lstat(trash).st_mode) & 0o077:
        violations.append("the trash folder is accessible to others")


def check_deleted(share, deleted, violations, after_an_error=False):
    """What waits in the trash is known, so that it can be taken back, and all that is listed is there. After an error that
    came when a folder had been moved back already, it may be listed until the next start."""
    trash = os.path.join(share, TRASH)
    there = {name for name in os.listdir(trash) if name.startswith("deleted-")} if os.path.isdir(trash) else set()
    listed = {entry["entry"] for entry in deleted}
    if there - listed:
        violations.append(f"the trash has backups that cannot be taken back: {sorted(there - listed)}")
    if listed - there and not after_an_error:
        violations.append(f"deleted backups are listed that are not in the trash: {sorted(listed - there)}")
    for name in sorted(there & listed):
        if not isinstance(read_manifest(os.path.join(trash, name)), dict):
            violations.append(f"'{name}' in the trash has no manifest")


def check_journal(journal, violations):
    """SQLite finds the file intact, and a finished job has a time and an outcome. Returns all jobs, newest first."""
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        result = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if result != "ok":
            violations.append(f"the journal is damaged: {result}")
            return []
        jobs = [dict(row) for row in connection.execute("SELECT * FROM jobs ORDER BY id DESC")]
    connection.close()
    for job in jobs:
        if job["phase"] == "finished" and (job["outcome"] in ("", "none") or job["finished"] is None):
            violations.append(f"job {job['id']} has finished without an outcome")
    return jobs
