#!/usr/bin/env python3
"""The manual pages as readers of manuals see them, and every --help on a terminal of 80x24.
usage: lint_manuals.py TOP pages
       lint_manuals.py TOP help SCALE-BACKUPCTL SCALE-BACKUPD HYPERCORE-SIM"""
import os
import re
import shutil
import subprocess
import sys

import tree

SKIPPED = 77
WIDTH, HEIGHT = 80, 24
SECTIONS = ("NAME", "DESCRIPTION", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO")
PAGES = ("scale-backupctl.1", "scale-backupd.8", "scale-backup.toml.5")


def output(*command):
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False,
                           env={**os.environ, "LC_ALL": "C.UTF-8"})
    return ended.stdout, ended.stderr


def as_shown(text):
    """Without the overstrikes that make letters bold."""
    return re.sub(r".\x08", "", re.sub(r"\x1b\[[0-9;]*m", "", text))


def problems_of_page(folder, name):
    path = os.path.join(folder, name)
    if shutil.which("mandoc"):
        said, errors = output("mandoc", "-Tlint", "-W", "style", path)
        # Which manual pages are installed here does not matter.
        yield from (line for line in (said + errors).splitlines() if "mandoc.db" not in line and "referenced manual" not in line)
        shown, _ = output("mandoc", "-Tutf8", "-Owidth=78", path)
        yield from problems_of_shown(name, as_shown(shown))
    if shutil.which("groff"):
        shown, errors = output("groff", "-mandoc", "-ww", "-Tutf8", "-rLL=78n", path)
        yield from errors.splitlines()
        yield from problems_of_shown(name, as_shown(shown))


def problems_of_shown(name, shown):
    if not shown.strip():
        yield f"{name}: nothing is shown"
    for line in shown.splitlines():
        if len(line) > WIDTH:
            yield f"{name}: wider than {WIDTH} columns: '{line}'"
    for section in SECTIONS:
        if f"\n{section}\n" not in shown:
            yield f"{name}: no section {section}"
    for page in PAGES:
        if page != name and re.sub(r"(.*)\.(\d)$", r"\1(\2)", page) not in shown:
            yield f"{name}: does not lead to {page}"


def pages(top):
    for name in PAGES:
        yield from problems_of_page(os.path.join(top, "docs", "man"), name)


def problems_of_help(call, said):
    lines = said.splitlines()
    if len(lines) >= HEIGHT:
        yield f"{call}: {len(lines)} lines, and the prompt needs one"
    for line in lines:
        if len(line) >= WIDTH:
            yield f"{call}: {len(line)} columns: '{line}'"
    if not re.search(r"\bexamples?:", said, re.IGNORECASE | re.MULTILINE):
        yield f"{call}: no example"


def help_(top, client, daemon, simulator):
    sys.path.insert(0, os.path.join(top, "docs", "man"))
    import help_text
    words = help_text.command_words(client)
    if len(words) < 10:
        yield f"only {len(words)} commands were found in the overview: {words}"
    calls = [(daemon, "--help"), (client, "--help"), (simulator, "--help")]
    calls += [(client, word, "--help") for word in words]
    calls += [("sh", os.path.join(top, "config/hooks", hook), "--help") for hook in sorted(os.listdir(os.path.join(top, "config/hooks")))]
    calls += [("sh", os.path.join(top, "run"), "help")]
    # Pages that another page names are pages too.
    first, _ = output(simulator, "--help")
    calls += [(simulator, option) for option in re.findall(r"--help-\w+", first)]
    for program, *rest in calls:
        said, _ = output(program, *rest)
        yield from problems_of_help(" ".join(map(os.path.basename, (program, *rest))), said)


def main(arguments):
    top, check, *programs = arguments
    if check == "pages" and not (shutil.which("mandoc") or shutil.which("groff")):
        print("neither mandoc nor groff is installed")
        return SKIPPED
    if not all(os.path.exists(program) for program in programs):
        print("the programs are not built")
        return SKIPPED
    return tree.report(list({"pages": pages, "help": help_}[check](os.path.abspath(top), *programs)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
