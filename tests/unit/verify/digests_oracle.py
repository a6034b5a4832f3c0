#!/usr/bin/env python3
"""Checks scale-backup.digests against the files beside it with hashlib, without any code of the daemon.

usage: digests_oracle.py FOLDER    exit code 0 and one line "name root" for each file, or 1 and what is wrong
"""
import hashlib
import os
import re
import sys

CHUNK = 2 * 1024 * 1024


def check(folder):
    with open(os.path.join(folder, "scale-backup.digests"), "rb") as digests:
        text = digests.read()
    lines = text.split(b"\n")
    assert lines[-1] == b"", "the last line has no end"
    lines = lines[:-1]
    assert lines[0] == b"scale-backup digests 1", "first line"
    assert re.fullmatch(rb"begun \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+]00:00)", lines[1]), "time"
    assert lines[2] == b"chunk %d" % CHUNK
    assert lines[-1].startswith(b"end ")

    above = hashlib.sha256()
    files = []
    for number, line in enumerate(lines):
        word, _, rest = line.partition(b" ")
        if word in (b"mark", b"end"):
            assert rest.decode() == above.hexdigest(), "line %d: wrong checkpoint" % (number + 1)
        elif word == b"file":
            size, _, name = rest.partition(b" ")
            name = re.sub(rb"%([0-9A-F]{2})", lambda m: bytes([int(m.group(1), 16)]), name)
            files.append((name, int(size), []))
        elif word == b"zero":
            files[-1][2].extend([hashlib.sha256(bytes(CHUNK)).digest()] * int(rest))
        elif word == b"root":
            name, size, chunks = files[-1]
            root = hashlib.sha256(b"".join(chunks)).hexdigest()
            assert rest.decode() == root, "%r: wrong root" % name
            print(os.fsdecode(name), root)
        elif number > 2:
            files[-1][2].append(bytes.fromhex(line.decode()))
        above.update(line + b"\n")

    for name, size, chunks in files:
        path = os.path.join(os.fsencode(folder), name)
        assert os.path.getsize(path) == size, "%r: size" % name
        with open(path, "rb") as content:
            listed = iter(chunks)
            while piece := content.read(CHUNK):
                assert hashlib.sha256(piece).digest() == next(listed), "%r: a chunk differs" % name
            assert next(listed, None) is None, "%r: too many chunks" % name


try:
    check(sys.argv[1])
except AssertionError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
