#!/usr/bin/env python3
"""Runs the fuzz targets with libFuzzer and counts. `./run fuzz` builds and calls it; docs/fuzzing.md says what a finding means.

usage: fuzz.py BUILD_DIR [--seconds N] [TARGET...]     for N seconds each, as many at once as there are cores
       fuzz.py BUILD_DIR --short                       a few seconds, repeatable; builds on its own (ctest)"""
import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "reports"))

import report  # noqa: E402

SKIPPED = 77
# Executions of a short run. The seed, the inputs and the counts are the same each time; about 15 seconds on an idle core.
SHORT_RUNS = {"config": 1000, "rpc": 1000, "answers": 8000, "scrub": 200, "error_texts": 400,
              "definition": 10000, "qcow2": 5000, "manifest": 4000, "digests": 6000}
SECONDS = 600
SECONDS_TO_MINIMISE = 60
# One input may take 20 seconds (sanitizers are slow, the machine may be busy) and 2 GiB.
LIMITS = ["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"]
# Entropic scheduling takes more than half of the time where an input reaches tens of thousands of branches.
LIMITS += ["-entropic=0"]
# A smaller quarantine of freed memory and shorter allocation traces: more executions.
ASAN_OPTIONS = "quarantine_size_mb=16:malloc_context_size=8"
PROBE = """#include <rapidjson/document.h>
extern "C" int LLVMFuzzerTestOneInput(unsigned char const*, unsigned long) { return rapidjson::Document().IsNull() ? 0 : 1; }
"""


def clang():
    """The compiler that cmake/clang.cmake uses; nothing if none is suitable."""
    with open(os.path.join(TOP, "cmake", "clang.cmake"), encoding="utf-8") as file:
        names = re.search(r"NAMES ([^)]*?) REQUIRED", file.read()).group(1).split()
    found = next((path for path in map(shutil.which, names) if path), None)
    if not found:
        return None
    with tempfile.TemporaryDirectory() as folder:
        probe = os.path.join(folder, "probe.cpp")
        with open(probe, "w", encoding="utf-8") as file:
            file.write(PROBE)
        works = subprocess.run([found, "-std=c++20", "-fsanitize=fuzzer,address", probe, "-o", os.path.join(folder, "probe")],
                               capture_output=True, check=False)
    return found if works.returncode == 0 else None


def build():
    environment = {"CCACHE_BASEDIR": TOP, "CCACHE_NOHASHDIR": "1", **os.environ}
    # Two jobs: ctest runs nothing at the same time (PROCESSORS).
    for command in (["cmake", "--preset", "fuzz"], ["cmake", "--build", "build/fuzz", "--parallel", "2", "--target", "fuzz_targets"]):
        done = subprocess.run(command, cwd=TOP, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            print(done.stdout[-8000:])
            return False
    return True


class Target:
    def __init__(self, build_dir, name):
        self.name = name
        self.program = os.path.join(build_dir, "bin", "fuzz_" + name)
        self.folders = {kind: os.path.join(build_dir, kind, name) for kind in ("corpus", "findings")}
        self.log = os.path.join(build_dir, "logs", name)
        self.inputs = [folder for folder in (os.path.join(HERE, kind, name) for kind in ("seeds", "found")) if os.path.isdir(folder)]
        self.dictionary = os.path.join(HERE, "dictionaries", name)
        self.executions, self.findings, self.code = 0, [], 0

    def run(self, *how, corpus):
        for folder in (corpus, self.folders["findings"], os.path.dirname(self.log)):
            os.makedirs(folder, exist_ok=True)
        before = set(os.listdir(self.folders["findings"]))
        dictionary = ["-dict=" + self.dictionary] if os.path.exists(self.dictionary) else []
        with open(self.log, "wb") as log:
            self.code = subprocess.run([self.program, *LIMITS, *how, *dictionary, f"-artifact_prefix={self.folders['findings']}/", corpus,
                                        *self.inputs], stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False,
                                       env={"ASAN_OPTIONS": ASAN_OPTIONS, **os.environ}).returncode
        with open(self.log, encoding="utf-8", errors="replace") as log:
            output = log.read()
        counts = re.findall(r"^stat::number_of_executed_units: (\d+)", output, re.M) or re.findall(r"^#(\d+)", output, re.M)
        self.executions = int(counts[-1]) if counts else 0
        # libFuzzer names an input that is slow, but not too slow, "slow-unit-…".
        self.findings = sorted(name for name in set(os.listdir(self.folders["findings"])) - before if not name.startswith("slow-unit-"))
        return self

    def failed(self):
        return self.code != 0 or bool(self.findings)

    def keep(self):
        """Minimizes each finding and saves it in the tree: from then on every build runs it."""
        there = os.path.join(HERE, "found", self.name)
        for name in self.findings:
            here, saved = os.path.join(self.folders["findings"], name), os.path.join(there, name)
            os.makedirs(there, exist_ok=True)
            shutil.copy(here, saved)
            if name.startswith("crash-"):
                subprocess.run([self.program, "-minimize_crash=1", f"-max_total_time={SECONDS_TO_MINIMISE}", *LIMITS,
                                "-exact_artifact_path=" + here + ".small", here], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, check=False)
                if os.path.exists(here + ".small"):
                    os.replace(here + ".small", saved)
            path = os.path.relpath(saved, TOP)
            print(f"    saved as {path}; to repeat: build/fuzz/bin/fuzz_{self.name} {path}")

    def tell(self, keep):
        print(f"{self.name}: {self.executions} executions, {len(self.findings)} findings")
        if not self.failed():
            return
        with open(self.log, encoding="utf-8", errors="replace") as log:
            lines = log.read().splitlines()
        first = next((i for i, line in enumerate(lines) if re.search(r"^violated|runtime error|ERROR: ", line)), max(0, len(lines) - 40))
        print("\n".join("  " + line for line in lines[first:first + 40]))
        if keep:
            self.keep()


def names_of_targets():
    return sorted(os.path.basename(path)[5:-4] for path in glob.glob(os.path.join(HERE, "fuzz_*.cpp")))


def findings_of(targets):
    return sum(max(len(target.findings), 1 if target.code else 0) for target in targets)


def total(targets):
    findings = findings_of(targets)
    print(f"fuzz executions: {sum(target.executions for target in targets)}, findings: {findings}")
    return 1 if findings else 0


def short(build_dir):
    if not clang():
        print("no clang with libFuzzer that can compile this")
        return SKIPPED
    if not build():
        print("the fuzz targets cannot be built")
        return 1
    targets = []
    for name in names_of_targets():
        with tempfile.TemporaryDirectory() as corpus:
            targets.append(Target(build_dir, name).run("-seed=1", f"-runs={SHORT_RUNS[name]}", corpus=corpus))
        targets[-1].tell(keep=False)
    return total(targets)


def long(build_dir, seconds, names):
    targets = [Target(build_dir, name) for name in names or names_of_targets()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in concurrent.futures.as_completed(
                pool.submit(target.run, f"-max_total_time={seconds}", corpus=target.folders["corpus"]) for target in targets):
            done.result().tell(keep=True)
            sys.stdout.flush()
    rows = [{"what": f"executions of {target.name}", "value": str(target.executions), "limit": ""} for target in targets]
    rows.append({"what": "findings", "value": str(findings_of(targets)), "limit": "0"})
    report.write("fuzz", "Hostile input", " ".join([f"./run fuzz --seconds {seconds}", *names]), rows)
    return total(targets)


def main(arguments):
    parser = argparse.ArgumentParser(prog="./run fuzz", description="Fuzzes every parser of untrusted input (docs/fuzzing.md).")
    parser.add_argument("build_dir", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=int, default=SECONDS, help=f"for each target; default {SECONDS}")
    parser.add_argument("--short", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(names_of_targets()))
    given = parser.parse_intermixed_args(arguments)  # targets may come before and after --seconds
    unknown = set(given.targets) - set(names_of_targets())
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(names_of_targets())}")
    build_dir = os.path.abspath(given.build_dir)
    return short(build_dir) if given.short else long(build_dir, given.seconds, given.targets)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
