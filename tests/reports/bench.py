#!/usr/bin/env python3
"""Runs the measurements of the release build, and writes their figures into build/reports. `./run bench` builds first.

usage: bench.py BIN_DIR [ARGUMENTS for the program `measures`]"""
import json
import os
import subprocess
import sys
import tempfile

import report


def measures(bin_dir, arguments, folder):
    """The rows that the program notes while it runs, and its exit code."""
    path = os.path.join(folder, "rows")
    code = subprocess.run([os.path.join(bin_dir, "measures"), *arguments], stdin=subprocess.DEVNULL, check=False,
                          env={**os.environ, "SB_REPORT_ROWS": path}).returncode
    rows = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            rows = [dict(zip(("what", "value", "limit"), line.rstrip("\n").split("\t"))) for line in file]
    return rows, code


def planning(bin_dir, folder):
    path = os.path.join(folder, "plan.json")
    code = subprocess.run([os.path.join(bin_dir, "bench_plan"), f"--benchmark_out={path}", "--benchmark_out_format=json"],
                          stdin=subprocess.DEVNULL, check=False).returncode
    rows = []
    if code == 0:
        with open(path, encoding="utf-8") as file:
            for one in json.load(file)["benchmarks"]:
                limit = "below 100" if one["name"] == "one_planning_pass" else ""
                rows.append({"what": f"{one['name'].replace('_', ' ')}, 10,000 VMs, {one['time_unit']}",
                             "value": f"{one['real_time']:.1f}", "limit": limit})
    return rows, code


def main(bin_dir, *arguments):
    command = " ".join(["./run bench", *arguments])
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, title, (rows, code) in (("bench", "Speed and memory", measures(bin_dir, arguments, folder)),
                                          ("bench-plan", "Planning", planning(bin_dir, folder))):
            if rows:
                report.write(name, title, command, rows)
            else:
                print(f"bench: {title}: nothing was measured", file=sys.stderr)
                code = code or 1
            failed = failed or code
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
