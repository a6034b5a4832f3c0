#!/usr/bin/env python3
"""Rules that can be checked in the text: size, headers, waiting, platform switches.
usage: lint_files.py TOP CHECK"""
import os
import re
import sys

import tree

CODE = (".cpp", ".hpp")
PLATFORM_FILE = re.compile(r"_(posix|linux|freebsd|win32)\.(cpp|hpp)$")
PLATFORM_SWITCH = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif)\b.*\b(_WIN32|WIN32|_MSC_VER|__linux__|__linux|"
                             r"__FreeBSD__|__unix__|__APPLE__|BOOST_OS_\w+|BOOST_ASIO_HAS_\w+)\b")
SLEEP = re.compile(r"\b(usleep|nanosleep)\b|this_thread::sleep|(?<!\w)::sleep\(")
PYTHON_SLEEP = re.compile(r"\bsleep\(|\bimport sleep\b")
TEST_SLEEP = re.compile(r"\bsleep_for\b")
# One step of a loop that checks a condition repeatedly is not a fixed wait.
POLL_STEP = re.compile(r"milliseconds[({]([1-9]|10)[)}]")
SHELL_SLEEP = re.compile(r"^[^#]*\bsleep\s+[\"$0-9.]")
ADJACENT = re.compile(r'(?<!\\)"\s*\n\s*"')  # of one literal on two lines
GLUED_COMMAND = re.compile(r"scale-backupctl [^\"\n]*[ =']\"\s*\+")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")


def lines_of(top, endings):
    for path in tree.files(top, endings):
        for number, line in enumerate(tree.read(top, path).splitlines(), 1):
            yield path, number, line


def size(top):
    """No file above 400 lines; no line above 120 columns in C++, above 150 elsewhere."""
    for path in tree.files(top, CODE + (".sh", ".py", ".cmake", "CMakeLists.txt")) + ["run"]:
        text = tree.read(top, path)
        if text.count("\n") > 400:
            yield f"{path}: {text.count(chr(10))} lines; more than 400"
        for number, line in enumerate(text.splitlines(), 1):
            most = 120 if path.endswith(CODE) else 150
            if len(line) > most and not path.endswith("CMakeLists.txt"):
                yield f"{path}:{number}: {len(line)} columns; more than {most}"


def headers(top):
    """Every header is guarded, and its own .cpp includes it first, which proves that it compiles alone."""
    known = set(tree.files(top, CODE))
    for path in known:
        text = tree.read(top, path)
        if path.endswith(".hpp"):
            if "#pragma once" not in text:
                yield f"{path}: lacks #pragma once"
            continue
        stem = path[: -len(".cpp")]
        own = {stem + ".hpp", PLATFORM_FILE.sub("", path) + ".hpp"} & known
        included = re.findall(r'^\s*#\s*include\s*[<"]([^">]+)[">]', text, re.M)
        if own and included and included[0] not in own | {os.path.basename(header) for header in own}:
            yield f"{path}: includes {included[0]} before its own header {min(own)}"


def platform(top):
    """The system is chosen by the name of a file, never by a switch in logic."""
    for path, number, line in lines_of(top, CODE):
        if not PLATFORM_FILE.search(path) and PLATFORM_SWITCH.search(line):
            yield f"{path}:{number}: a platform switch; put it in a file named *_posix.cpp, *_linux.cpp …"


def sleeps(top):
    """Tests wait for conditions, never for a time to pass; the programs have Asio's timers."""
    for path, number, line in lines_of(top, (".py",)):
        if PYTHON_SLEEP.search(line) and not path.startswith("tests/architecture/"):
            yield f"{path}:{number}: sleeps; wait for an event: tests/support/waiting.py"
    for path, number, line in lines_of(top, CODE):
        # The simulator's transfer worker runs at a given speed and has nothing else to do.
        if path.startswith(("tests/architecture/", "simulator/transfer/pace")):
            continue
        if POLL_STEP.search(line):
            continue
        if SLEEP.search(line) or (path.startswith("tests/") and TEST_SLEEP.search(line)):
            yield f"{path}:{number}: sleeps; wait for a condition"
    for path, number, line in lines_of(top, (".sh", "run")):
        if SHELL_SLEEP.search(line):
            yield f"{path}:{number}: sleeps; wait for a condition"


def unfinished(top):
    """What is not done is an issue, not a remark in the code."""
    for path, number, line in lines_of(top, CODE + (".sh", ".py", ".cmake", "run")):
        if UNFINISHED.search(line) and not path.startswith("tests/architecture/"):
            yield f"{path}:{number}: {line.strip()}"


def commands(top):
    """A command that a message suggests is made by suggested_command(), which quotes its foreign words."""
    for path in tree.files(top, CODE):
        # Usage lines have only words from the source.
        if not path.startswith(("ctl/", "daemon/")) or path.startswith("ctl/cli/"):
            continue
        text = ADJACENT.sub("", tree.read(top, path))
        for found in GLUED_COMMAND.finditer(text):
            yield f"{path}: {found.group(0).strip()} …: use suggested_command() (common/text/shell_word.hpp)"


CHECKS = {check.__name__: check for check in (size, headers, platform, sleeps, unfinished, commands)}


def main(top, check):
    return tree.report(sorted(CHECKS[check](os.path.abspath(top))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
