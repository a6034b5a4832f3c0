#!/usr/bin/env python3
"""Every exit code and every error code is explained to those who meet it.
usage: lint_errors.py TOP
       lint_errors.py --self-test"""
import os
import re
import sys

import tree

ENUM = re.compile(r"enum class Errc \{(.*?)\};", re.DOTALL)
ENUMERATOR = re.compile(r"^\s*(\w+)(?: = \d+)?,", re.MULTILINE)
ROW = re.compile(r"Row\{Errc::(\w+), \"(\w+)\", (-?\d+), (\d+),")
EXPLAINED_EXIT = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
EXPLAINED_CODE = re.compile(r"^\| `(\w+)` \| (\d+) \| ([^|]+) \|$", re.MULTILINE)
RPC_ROW = re.compile(r"^\| (-\d+) \| `(\w+)` \|", re.MULTILINE)
WITHOUT_ERROR = {0, 130}  # done; interrupted by a person
PAGE, PROTOCOL = "docs/troubleshooting.md", "docs/json-rpc.md"


def enumerators(header):
    return ENUMERATOR.findall(ENUM.search(header).group(1))


def problems(header, table, page, protocol):
    rows = {code: (name, int(rpc), int(ends)) for code, name, rpc, ends in ROW.findall(table)}
    for code in enumerators(header):
        if code not in rows:
            yield f"common/error.cpp: no row for Errc::{code}"
    explained = {int(code) for code, _ in EXPLAINED_EXIT.findall(page)}
    for code in sorted({ends for _, _, ends in rows.values()} | WITHOUT_ERROR):
        if code not in explained:
            yield f"{PAGE}: exit code {code} is not explained"
    for code in sorted(explained - {ends for _, _, ends in rows.values()} - WITHOUT_ERROR):
        yield f"{PAGE}: no error ends with exit code {code}"

    yield from problems_of_codes(PAGE, {name: ends for name, _, ends in rows.values()},
                                 {name: int(ends) for name, ends, _ in EXPLAINED_CODE.findall(page)})
    yield from problems_of_codes(PROTOCOL, {name: rpc for name, rpc, _ in rows.values()},
                                 {name: int(rpc) for rpc, name in RPC_ROW.findall(protocol)})


def problems_of_codes(path, wanted, found):
    for name, number in wanted.items():
        if name not in found:
            yield f"{path}: '{name}' is not explained"
        elif found[name] != number:
            yield f"{path}: '{name}' has the number {number}, not {found[name]}"
    for name in found.keys() - wanted.keys():
        yield f"{path}: there is no '{name}'"


def self_test():
    header = "enum class Errc {\n  cancelled = 1, ///< x\n  io,  ///< y\n};"
    table = 'Row{Errc::cancelled, "cancelled", -1, 1, false}, Row{Errc::io, "io", -20, 9, true},'
    page = "| 0 | done | nothing |\n| 130 | stopped | look |\n| 1 | failed | look |\n| 7 | x | y |\n| `io` | 1 | look |\n| `old` | 1 | look |\n"
    protocol = "| -1 | `cancelled` | x |\n| -20 | `io` | x |\n"
    found = set(problems(header, table, page, protocol))
    wanted = {f"{PAGE}: exit code 9 is not explained", f"{PAGE}: no error ends with exit code 7", f"{PAGE}: 'cancelled' is not explained",
              f"{PAGE}: 'io' has the number 9, not 1", f"{PAGE}: there is no 'old'"}
    return tree.report(sorted(f"self-test: {line}" for line in found ^ wanted))


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    top = os.path.abspath(arguments[0])
    paths = ("common/error.hpp", "common/error.cpp", PAGE, PROTOCOL)
    return tree.report(list(problems(*(tree.read(top, path) for path in paths))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
