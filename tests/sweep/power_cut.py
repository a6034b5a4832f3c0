"""Builds what a power cut leaves of some folders. libsb_io_faults.so (disk_shadow.hpp) keeps what each file and each folder held
when it was last brought to the disk; the folders themselves show what was written. Between these two lies what a disk may
really have afterwards:

* strict: only what was brought to the disk. A file has the content of its last fsync, or is empty; a folder has the names
  of its last fsync. So a new name, a renamed and a removed one are undone unless their folder was synced.
* names: every name is as it was last, the content is that of the last fsync: the empty file after a rename.
* mixed: each folder has the one or the other names, each block of a file the one or the other bytes; chosen by a seed.

A folder that was moved is not in two places: where the later fsync has it. Where the old place was synced and the new one
was not, it is gone."""
import ctypes
import os
import random
import shutil
import stat
import struct
from typing import NamedTuple, Optional

STRICT, NAMES, MIXED = VARIANTS = ("strict", "names", "mixed")
BLOCK = 4096

_libc = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD, _AT_SYMLINK_NOFOLLOW, _BASIC_STATS_AND_BIRTH, _BIRTH = -100, 0x100, 0xfff, 0x800


def key_of(path):
    """Unique for a file, although its inode number may be reused. disk_shadow_linux.cpp builds the same text."""
    about = ctypes.create_string_buffer(256)
    if _libc.statx(_AT_FDCWD, os.fsencode(path), _AT_SYMLINK_NOFOLLOW, _BASIC_STATS_AND_BIRTH, about) != 0:
        raise OSError(ctypes.get_errno(), "statx", path)
    mask, = struct.unpack_from("<I", about, 0)
    number, = struct.unpack_from("<Q", about, 32)
    seconds, nanoseconds = struct.unpack_from("<qI", about, 80)
    return f"{number}-{seconds}-{nanoseconds}" if mask & _BIRTH else f"{number}-0-0"


class Tree:
    """The current content of the folders, by key. Folders: their names, {name: (kind, key)}; files and links: their path."""

    def __init__(self, roots):
        self.names, self.paths = {}, {}
        for root in roots:
            if os.path.isdir(root):
                self._walk(root)

    def _walk(self, folder):
        key = key_of(folder)
        self.paths[key] = folder
        names = self.names[key] = {}
        for entry in os.scandir(folder):
            kind = "l" if entry.is_symlink() else "d" if entry.is_dir() else "f"
            names[entry.name] = (kind, self._walk(entry.path) if kind == "d" else key_of(entry.path))
            self.paths[names[entry.name][1]] = entry.path
        return key


def has_same_stat(path, other):
    one, two = os.stat(path), os.stat(other)
    return (one.st_size, one.st_mtime_ns) == (two.st_size, two.st_mtime_ns)


class Store:
    """The folder of SB_FAULT_SHADOW."""

    def __init__(self, folder):
        self.folder = folder
        self._twins = {}

    def begin(self, roots, twin_of=lambda path: ""):
        """Treats everything in the folders as synced. Call it while nothing writes there. `twin_of` returns the file that a
        file was just copied from, if any: that saves a copy."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self._twins = {}
        tree = Tree(roots)
        for key, path in tree.paths.items():
            if key in tree.names:
                self._write_names(key, tree.names[key], path)
            elif not os.path.islink(path):
                twin = twin_of(path)
                if twin and os.path.isfile(twin) and has_same_stat(path, twin):
                    self._twins[key] = twin
                else:
                    shutil.copy2(path, os.path.join(self.folder, key))
        for parent in {os.path.dirname(root) for root in roots}:
            names = {os.path.basename(root): ("d", key_of(root)) for root in roots
                     if os.path.dirname(root) == parent and os.path.isdir(root)}
            self._write_names(key_of(parent), names, parent)

    def _write_names(self, key, names, like):
        path = os.path.join(self.folder, key + ".names")
        with open(path, "wb") as file:
            for name, (kind, of) in names.items():
                file.write(f"{kind} {of} ".encode() + os.fsencode(name) + b"\0")
        os.chmod(path, stat.S_IMODE(os.stat(like).st_mode))
        os.utime(path, (0, 0))  # older than every fsync

    def content(self, key):
        """None if the file was never synced."""
        synced = self._read(key)
        if synced is None and key in self._twins:
            with open(self._twins[key], "rb") as file:
                return file.read()
        return synced

    def names(self, key):
        """None if the folder was never synced."""
        text = self._read(key + ".names")
        if text is None:
            return None
        lines = [line.split(b" ", 2) for line in text.split(b"\0") if line]
        return {os.fsdecode(name): (kind.decode(), of.decode()) for kind, of, name in lines}

    def when(self, key):
        try:
            return os.stat(os.path.join(self.folder, key + ".names")).st_mtime_ns
        except FileNotFoundError:
            return 0

    def mode(self, key):
        for name in (key, key + ".names", self._twins.get(key, key)):
            try:
                return stat.S_IMODE(os.stat(os.path.join(self.folder, name)).st_mode)
            except FileNotFoundError:
                pass
        return None

    def _read(self, name):
        try:
            with open(os.path.join(self.folder, name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None


class Luck:
    """For one cut with all its files: the share of unsynced data that is lost. Losing few blocks must be as likely as losing
    all of them."""

    def __init__(self, dice):
        self.old_names = dice.choice([0.05, 0.5, 0.9])
        self.lost_blocks = dice.choice([0.03, 0.5, 0.97])
        self.length = dice.choice(["old", "new", "between"])


def blend(old, new, luck, dice):
    """Some of the written blocks reached the disk. A hole where the length did and the block did not."""
    between = dice.randint(*sorted([len(old), len(new)]))
    length = {"old": len(old), "new": len(new), "between": between}[luck.length]
    bytes_left = bytearray(length)
    for at in range(0, length, BLOCK):
        block = (old if dice.random() < luck.lost_blocks else new)[at:min(at + BLOCK, length)]
        bytes_left[at:at + len(block)] = block
    return bytes(bytes_left)


class File(NamedTuple):
    key: str
    mode: int
    content: Optional[bytes]  # None: as it is


class Link(NamedTuple):
    target: str


class Folder(NamedTuple):
    key: str
    mode: int
    inside: dict


class Cut:
    """A power cut. `roots` are the watched folders; `variant` determines what is left of them."""

    def __init__(self, store, roots, variant, seed=0):
        self._store, self._roots, self._variant = store, roots, variant
        self._dice = random.Random(seed)
        self._luck = Luck(self._dice)
        self._now = Tree(roots)
        self._chosen = {}

    def apply(self):
        """Changes the folders to that state."""
        there = [(root, self._key_of_root(root)) for root in self._roots]
        places = {}
        for _, key in there:
            self._find_places(key, places)
        plans = [(root, key and self._plan(key, places, root)) for root, key in there]
        for root, plan in plans:
            if plan is None:
                shutil.rmtree(root, ignore_errors=True)
            else:
                self._write(root, plan)

    def _key_of_root(self, root):
        """None if the folder itself is gone. Its parent is watched only for this."""
        name = os.path.basename(root)
        synced = (self._store.names(key_of(os.path.dirname(root))) or {}).get(name)
        now = ("d", key_of(root)) if os.path.isdir(root) else None
        found = {STRICT: synced, NAMES: now, MIXED: self._dice.choice([synced, now])}[self._variant]
        return found and found[1]

    def _names_of(self, key):
        """The folder's names, and their age."""
        if key not in self._chosen:
            synced, now = self._store.names(key), self._now.names.get(key)
            take_now = self._variant == NAMES or (self._variant == MIXED and self._dice.random() > self._luck.old_names)
            if now is not None and take_now:
                self._chosen[key] = now, float("inf")
            else:
                self._chosen[key] = synced or {}, self._store.when(key)
        return self._chosen[key]

    def _find_places(self, key, places):
        """The locations of each folder: {key: [(age, parent, name)]}."""
        if key is None:
            return
        names, when = self._names_of(key)
        for name, (kind, of) in names.items():
            if kind == "d":
                places.setdefault(of, []).append((when, key, name))
                if len(places[of]) == 1:
                    self._find_places(of, places)

    def _content_of(self, key, place):
        """None = unchanged. `place` is its location if the folders on the path stay, otherwise empty."""
        synced = self._store.content(key)
        path = self._now.paths.get(key)
        if path is None:
            return synced or b""
        with open(path, "rb") as file:
            now = file.read()
        if now == synced:
            return None if path == place else now
        return blend(synced or b"", now, self._luck, self._dice) if self._variant == MIXED else synced or b""

    def _plan(self, key, places, place):
        names, _ = self._names_of(key)
        stays_here = bool(place) and self._now.paths.get(key) == place
        inside = {}
        for name, (kind, of) in names.items():
            if kind == "d" and max(places[of])[1:] == (key, name):
                inside[name] = self._plan(of, places, stays_here and os.path.join(place, name))
            elif kind == "f":
                content = self._content_of(of, stays_here and os.path.join(place, name))
                inside[name] = File(of, self._mode_of(of, 0o600), content)
            elif kind == "l" and of in self._now.paths:
                inside[name] = Link(os.readlink(self._now.paths[of]))
        return Folder(key, self._mode_of(key, 0o700), inside)

    def _mode_of(self, key, otherwise):
        path = self._now.paths.get(key)
        if path is not None:
            return stat.S_IMODE(os.lstat(path).st_mode)
        mode = self._store.mode(key)
        return otherwise if mode is None else mode

    def _write(self, path, plan):
        if isinstance(plan, Link):
            os.symlink(plan.target, path)
            return
        if isinstance(plan, File):
            with open(path, "wb") as file:
                file.write(plan.content)
        else:
            os.makedirs(path, exist_ok=True)
            for entry in os.scandir(path):
                if not stays(entry, plan.inside.get(entry.name)):
                    remove(entry)
            for name, inside in plan.inside.items():
                if not isinstance(inside, File) or inside.content is not None:
                    self._write(os.path.join(path, name), inside)
        os.chmod(path, plan.mode)


def stays(entry, plan):
    """Whether the entry already has the planned state, apart from a folder's content. A watched folder itself always stays:
    others refer to its path."""
    return isinstance(plan, (File, Folder)) and plan.key == key_of(entry.path)


def remove(entry):
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path)
    else:
        os.unlink(entry.path)
