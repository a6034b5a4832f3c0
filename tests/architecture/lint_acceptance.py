#!/usr/bin/env python3
"""docs/predecessor.md: each line of its tables says what it must and names tests that exist.
usage: lint_acceptance.py TOP
       lint_acceptance.py --self-test"""
import os
import re
import sys

import tree

PAGE = "docs/predecessor.md"
LEAST_LINES = 80
STATES = ("same", "better", "different")
TEST = re.compile(r"^\s*TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.M)
CTEST = re.compile(r"^add_test\(NAME (\S+)", re.M)
SPAN = re.compile(r"`([^`]+)`")


def known_tests(top):
    """Names as ctest lists them; those of value-parameterised tests without the parts in front and behind."""
    found = set()
    for path in tree.files(top, (".cpp",)):
        if path.startswith("tests/"):
            found |= {f"{suite}.{name}" for suite, name in TEST.findall(tree.read(top, path))}
    for path in tree.files(top, (".py",)):
        if match := re.fullmatch(r"tests/hooks/test_(\w+)\.py", path):
            found.add(f"hooks.{match.group(1)}")
    found |= set(CTEST.findall(tree.read(top, "tests/documents/CMakeLists.txt")))
    return found


def rows(page):
    """(line number, cells) of each line of a table, without titles and rules."""
    lines = page.splitlines()
    for number, line in enumerate(lines, 1):
        is_title = number < len(lines) and lines[number].startswith("|--")
        if line.startswith("| ") and not is_title:
            yield number, [cell.strip() for cell in line.strip().strip("|").split("|")]


def problems(page, tests):
    seen = 0
    for number, cells in rows(page):
        seen += 1
        place = f"{PAGE}:{number}"
        if len(cells) not in (3, 4) or not cells[0]:
            yield f"{place}: {len(cells)} columns"
            continue
        if len(cells) == 4 and cells[1] not in STATES:
            yield f"{place}: '{cells[1]}' is none of {', '.join(STATES)}"
        if (len(cells) == 3 and not cells[1]) or (len(cells) == 4 and cells[1] != "same" and not cells[2]):
            yield f"{place}: does not say how or why"
        named = SPAN.findall(cells[-1])
        if not named:
            yield f"{place}: names no test"
        for name in named:
            if name not in tests:
                yield f"{place}: there is no test '{name}'"
    if seen < LEAST_LINES:
        yield f"{PAGE}: only {seen} lines were found"


def self_test():
    head = "| a | b | c | d |\n|---|---|---|---|\n"
    good = "| x | same |  | `A.B` |\n"
    wrong = []

    def expect(what, line, words):
        found = [problem for problem in problems(head + line, {"A.B"}) if "lines were found" not in problem]
        if len(found) != (1 if words else 0) or (words and words not in found[0]):
            wrong.append(f"{what}: {found}")

    expect("good", good, "")
    expect("no test", "| x | same |  |  |\n", "names no test")
    expect("unknown test", "| x | same |  | `A.C` |\n", "there is no test 'A.C'")
    expect("state", "| x | worse | y | `A.B` |\n", "none of")
    expect("reason", "| x | different |  | `A.B` |\n", "how or why")
    if not list(problems(head + good, {"A.B"})):
        wrong.append("a page that lost its lines passes")
    if TEST.findall("TEST_P(One, Two) {\nTEST(A,B)") != [("One", "Two"), ("A", "B")]:
        wrong.append("tests are not found in sources")
    return tree.report(wrong)


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    here = os.path.abspath(sys.argv[1])
    sys.exit(tree.report(list(problems(tree.read(here, PAGE), known_tests(here)))))
