#!/usr/bin/env python3
"""docs/security.md: each attacker of the threat model has a line in the table of attempts, and each line names existing tests.
usage: lint_threats.py TOP
       lint_threats.py --self-test"""
import os
import re
import sys

import lint_acceptance
import tree

PAGE = "docs/security.md"
MODEL, ATTEMPTS = "## Threat model", "## Attempts and the tests that show what happens"
ALMIGHTY = "root of this machine"


def section(page, title):
    """The lines from a title to the next one; the others are empty, so that numbers stay."""
    inside, kept = False, []
    for line in page.splitlines():
        if line.startswith("## "):
            inside = line == title
        kept.append(line if inside else "")
    return "\n".join(kept)


def fuzz_tests(top):
    listed = re.search(r"set\(SB_FUZZ_TARGETS ([^)]*)\)", tree.read(top, "tests/fuzz/CMakeLists.txt"))
    return {f"fuzz.{name}" for name in listed.group(1).split()} if listed else set()


def problems(page, tests):
    attackers = {cells[0] for _, cells in lint_acceptance.rows(section(page, MODEL))}
    if not attackers:
        yield f"{PAGE}: no attacker was found below '{MODEL}'"
    seen = set()
    for number, cells in lint_acceptance.rows(section(page, ATTEMPTS)):
        place = f"{PAGE}:{number}"
        if len(cells) != 4 or not all(cells):
            yield f"{place}: not four filled columns"
            continue
        seen.add(cells[0])
        if cells[0] not in attackers:
            yield f"{place}: '{cells[0]}' is no line of the threat model"
        named = lint_acceptance.SPAN.findall(cells[3])
        if not named:
            yield f"{place}: names no test"
        for name in named:
            if name not in tests:
                yield f"{place}: there is no test '{name}'"
    for attacker in sorted(attackers - seen - {ALMIGHTY}):
        yield f"{PAGE}: no attempt of '{attacker}'"


def self_test():
    model = f"{MODEL}\n| who | may |\n|---|---|\n| a user | nothing |\n| {ALMIGHTY} | all |\n"
    head = model + f"{ATTEMPTS}\n| who | tries | result | tests |\n|---|---|---|---|\n"
    good = "| a user | x | y | `A.B` |\n"
    wrong = []

    def expect(what, page, words):
        found = list(problems(page, {"A.B"}))
        if len(found) != (1 if words else 0) or (words and words not in found[0]):
            wrong.append(f"{what}: {found}")

    expect("good", head + good, "")
    expect("no attempt", head, "no attempt of 'a user'")
    expect("unknown attacker", head + good + "| a ghost | x | y | `A.B` |\n", "is no line")
    expect("unknown test", head + "| a user | x | y | `A.C` |\n", "there is no test 'A.C'")
    expect("no test", head + "| a user | x | y | soon |\n", "names no test")
    expect("no model", f"{ATTEMPTS}\n", "no attacker was found")
    return tree.report(wrong)


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    here = os.path.abspath(sys.argv[1])
    known = lint_acceptance.known_tests(here) | fuzz_tests(here)
    sys.exit(tree.report(list(problems(tree.read(here, PAGE), known))))
