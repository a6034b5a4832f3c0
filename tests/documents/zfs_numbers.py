#!/usr/bin/env python3
"""The arithmetic of docs/zfs.md, computed again, and its statements about VHDX, measured with qemu-img.
usage: zfs_numbers.py TOP numbers
       zfs_numbers.py TOP vhdx"""
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
ENTRY = 320
KIB, MIB, GIB, TIB = 1 << 10, 1 << 20, 1 << 30, 1 << 40
UNITS = {"KiB": KIB, "MiB": MIB, "GiB": GIB, "TiB": TIB}
SIZE = r"([\d.]+) (KiB|MiB|GiB|TiB)"


def size(text):
    number, unit = re.search(SIZE, text).groups()
    return float(number) * UNITS[unit]


def near(told, computed):
    """Rounded to what was written: within a percent."""
    return abs(told - computed) <= 0.01 * computed


def rows(text, head):
    table = text[text.index(head):].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def numbers(page):
    wrong = []

    def expect(what, told, computed):
        if not near(told, computed):
            wrong.append(f"docs/zfs.md: {what}: it says {told:.0f}, {computed:.0f} is right")

    table = rows(page, "| recordsize |")
    for record, blocks, memory in table:
        expect(f"blocks of {record}", float(blocks), TIB / size(record))
        expect(f"table for {record}", size(memory), TIB / size(record) * ENTRY)
    text = " ".join(page.split())
    nights = re.search(rf"thirty nights of a VM of 1 TiB in which (\d+) % change each night are about {SIZE} of unique data, "
                       rf"so {SIZE} of table at 2 MiB, and {SIZE} at 128 KiB", text)
    if not nights or len(table) < 3:
        return wrong + ["docs/zfs.md: its sentences and tables cannot be parsed"]
    share, *sizes = nights.groups()
    told = [float(number) * UNITS[unit] for number, unit in zip(sizes[::2], sizes[1::2])]
    different = TIB * (1 + 29 * int(share) / 100)
    for what, output, right in zip(("unique data", "table at 2 MiB", "table at 128 KiB"), told,
                                 (different, different / (2 * MIB) * ENTRY, different / (128 * KIB) * ENTRY)):
        expect(what, output, right)
    for places, small, large in rows(page, "| number of places"):
        count = int(re.sub(r"\D", "", places))
        expect(f"{count} places at 128 KiB", size(small), count * 128 * KIB)
        expect(f"{count} places at 2 MiB", size(large), count * 2 * MIB)
    return wrong


def records(path):
    """The records of 2 MiB that contain data, as seen by ZFS."""
    found = []
    with open(path, "rb") as file:
        while block := file.read(2 * MIB):
            if block.strip(b"\0"):
                found.append(hashlib.sha256(block.ljust(2 * MIB, b"\0")).digest())
    return found


def convert(source, target, *options):
    subprocess.run(["qemu-img", "convert", *options, source, target], check=True, timeout=60)


def vhdx(folder):
    """A fixed VHDX shares every data cluster with its source image; a dynamic one may not."""
    raw, image, copy = (os.path.join(folder, name) for name in ("disk.raw", "disk.qcow2", "disk.vhdx"))
    clusters = range(0, 64, 3)
    with open(raw, "wb") as file:
        file.truncate(64 * 2 * MIB)
        for cluster in clusters:
            file.seek(cluster * 2 * MIB)
            file.write(hashlib.shake_256(str(cluster).encode()).digest(2 * MIB))
    convert(raw, image, "-f", "raw", "-O", "qcow2", "-o", "cluster_size=2M")
    convert(image, copy, "-O", "vhdx", "-o", "subformat=fixed,block_state_zero=off")
    in_image = set(records(image))
    in_copy = records(copy)
    shared = [record for record in in_copy if record in in_image]
    if len(shared) != len(clusters):
        yield f"the VHDX shares {len(shared)} of {len(clusters)} clusters with the qcow2 image"
    if (head := len(in_copy) - len(shared)) > 4:
        yield f"the VHDX has {head} records of its own: more than its header"


def check_numbers(top):
    with open(os.path.join(top, "docs", "zfs.md"), encoding="utf-8") as file:
        page = file.read()
    wrong = numbers(page)
    # The check must find a wrong number.
    if not numbers(page.replace("8388608", "8388000000").replace("1.58 TiB", "1.85 TiB")):
        wrong.append("the check of the numbers finds nothing")
    return wrong


def main(top, check):
    if check == "vhdx":
        if not shutil.which("qemu-img"):
            print("needs qemu-img")
            return SKIPPED
        with tempfile.TemporaryDirectory() as folder:
            wrong = list(vhdx(folder))
    else:
        wrong = check_numbers(top)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
