#!/usr/bin/env python3
"""Writes what a long run has counted into build/reports/NAME.json, from which figures.py makes
docs/reliability-figures.md.

usage: report.py NAME TITLE COMMAND COUNTS     COUNTS: "kill points: 583, violations: 0"

A report is {"title", "command", "date", "commit", "machine", "rows": [{"what", "value", "limit"}]}."""
import datetime
import json
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MUST_BE_NONE = ("violations", "findings")
FOLDER = os.path.join(TOP, "build", "reports")


def commit():
    """The commit that was run; "with changes" if the code differs from it, since that state is not reproducible."""
    def git(*words):
        ended = subprocess.run(["git", "-C", TOP, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return ended.stdout.strip() if ended.returncode == 0 else ""
    try:
        name = git("rev-parse", "--short=10", "HEAD")
        changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    except FileNotFoundError:  # no git
        name, changed = "", ""
    return (name or "unknown") + (" with changes" if changed else "")


def machine():
    cores = os.cpu_count() or 1
    return f"{os.uname().sysname} {os.uname().machine}, {cores} core{'s' if cores != 1 else ''}"


def rows_of(counts):
    """Rows from "kill points: 583, power cuts: 0, violations: 0"; of what was not run (0), there is none."""
    pairs = (part.rpartition(": ") for part in counts.split(", "))
    return [{"what": what, "value": value, "limit": "0" if what in MUST_BE_NONE else ""} for what, _, value in pairs
            if value != "0" or what in MUST_BE_NONE]


def write(name, title, command, rows):
    os.makedirs(FOLDER, exist_ok=True)
    path = os.path.join(FOLDER, name + ".json")
    report = {"title": title, "command": command, "date": datetime.date.today().isoformat(), "commit": commit(),
              "machine": machine(), "rows": rows}
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)
        file.write("\n")
    os.replace(path + ".new", path)


if __name__ == "__main__":
    write(*sys.argv[1:4], rows_of(sys.argv[4]))
