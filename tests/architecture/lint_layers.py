#!/usr/bin/env python3
"""Who may include whom (docs/architecture.md), and which files may see which foreign library.
usage: lint_layers.py TOP
       lint_layers.py --self-test"""
import os
import re
import sys

import tree

# A module is the longest of these prefixes that a path begins with. Each names the modules that it may include,
# besides itself: what is not listed is forbidden, so a new dependency is a decision made here.
VALUES = ["common"]
INNER = VALUES + ["common/text", "common/json", "common/config", "daemon/core", "daemon/ports", "daemon/async"]
CLIENT = VALUES + ["common/text", "common/json", "common/rpc", "common/ipc"]
ADAPTER = INNER + ["daemon/platform"]
MODULES = {
    "common": [],
    "common/text": VALUES,
    "common/json": VALUES + ["common/text"],
    "common/config": VALUES + ["common/text", "common/json"],
    "common/rpc": VALUES + ["common/text", "common/json"],
    "common/ipc": VALUES,
    "common/vhdx": VALUES + ["common/text"],
    "daemon/async": VALUES,
    "daemon/core": VALUES + ["common/text", "common/config"],
    "daemon/ports": VALUES + ["daemon/core", "daemon/async"],
    "daemon/platform": INNER,
    "daemon/engine": INNER,
    "daemon/net": ADAPTER,
    "daemon/hypercore": ADAPTER + ["daemon/net"],
    "daemon/verify": ADAPTER,
    "daemon/catalog": ADAPTER + ["daemon/verify"],
    "daemon/journal": ADAPTER,
    "daemon/hooks": ADAPTER,
    "daemon/notify": ADAPTER,
    "daemon/doctor": INNER,
    "daemon/control": ADAPTER + ["common/rpc", "common/ipc"],
    "daemon/api": ADAPTER + ["common/rpc", "common/ipc", "daemon/control", "daemon/engine", "daemon/verify",
                             "daemon/notify", "daemon/doctor"],
    "daemon/app": None,  # the composition root knows all
    "ctl": CLIENT + ["ctl/cli", "ctl/render", "daemon/platform"],
    "ctl/cli": CLIENT + ["ctl/render"],
    "ctl/commands": CLIENT + ["ctl", "ctl/cli", "ctl/export", "ctl/follow", "ctl/menu", "ctl/render", "daemon/verify"],
    # The one reader of images.
    "ctl/export": VALUES + ["common/text", "common/json", "common/vhdx", "daemon/platform", "daemon/verify"],
    "ctl/follow": CLIENT + ["ctl", "ctl/render"],
    "ctl/menu": CLIENT + ["ctl/cli", "ctl/render"],
    "ctl/render": VALUES + ["common/text", "common/json", "common/rpc"],
    # The simulated cluster shares only values and formats with the program that it is to test.
    "simulator": VALUES + ["common/text", "common/json"],
    "simulator/tests": None,
    "tests": None,
    "cmake/separate": [],
}
# One row covers their subfolders, too. Everywhere else each folder with code needs its own row.
WITH_SUBFOLDERS = ("simulator/", "tests/")

# library: (what its headers look like, where they may be included, and whether our headers may include them)
LIBRARIES = {
    "Beast": (r"boost/beast", ["daemon/net/", "simulator/", "cmake/separate/"], False),
    "OpenSSL": (r"openssl/|boost/asio/ssl", ["daemon/net/", "daemon/verify/", "daemon/hypercore/",
                                             "simulator/", "tests/unit/net/", "cmake/separate/"], False),
    "toml11": (r"toml(\.hpp|11|/)", ["common/config/"], False),
    "RapidJSON": (r"rapidjson/", ["common/json/"], False),
    "SQLite": (r"sqlite3", ["daemon/journal/", "tests/unit/journal/"], False),
    "zlib": (r"zlib\.h", ["daemon/verify/", "simulator/"], False),
    "pugixml": (r"pugi", ["daemon/verify/", "simulator/"], False),
    "libsmbclient": (r"libsmbclient|samba-4.0/", ["simulator/"], False),
    "libcurl": (r"curl/", ["daemon/notify/"], False),
    "Program_options": (r"boost/program_options", ["daemon/app/", "ctl/", "simulator/"], True),
    "Asio": (r"boost/asio", ["daemon/", "common/task.hpp", "common/ipc/", "ctl/", "tests/", "simulator/", "cmake/separate/"], True),
    "spdlog": (r"spdlog/(?!fmt/)", ["daemon/", "tests/", "simulator/"], True),
    "GoogleTest": (r"(gtest|gmock)/", ["tests/", "simulator/tests/"], True),
}
# Only the pure core: it decides, it never acts.
CORE_FORBIDDEN = re.compile(r"boost/asio|spdlog/(?!fmt/)|filesystem$|fstream$|iostream$|thread$|mutex$|ctime$|unistd\.h|sys/|"
                            r"common/zone\.hpp|sqlite|openssl")
# Headers that pass a foreign library on to their own module only.
PRIVATE_HEADER = re.compile(r"^tests/|^simulator/|/(detail|private)/|_detail\.hpp$|_internal\.hpp$|^daemon/net/|^daemon/journal/")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)


def module_of(path):
    fitting = [module for module in MODULES if path.startswith(module + "/")]
    return max(fitting, key=len) if fitting else None


def module_problems(path, included):
    here, there = module_of(path), module_of(included)
    if here is None or there is None or here == there or MODULES[here] is None or there in MODULES[here]:
        return
    yield f"{path}: {here} may not include {included}"


def folder_problems(paths):
    for folder in sorted({os.path.dirname(path) for path in paths}):
        if folder not in MODULES and not folder.startswith(WITH_SUBFOLDERS):
            yield f"{folder}: has no row in MODULES; add one that lists what it may include"


def library_problems(path, included):
    for library, (pattern, places, in_headers) in LIBRARIES.items():
        if not re.match(pattern, included):
            continue
        if not path.startswith(tuple(places)):
            yield f"{path}: {library} may be seen in {', '.join(places)} only"
        elif path.endswith(".hpp") and not in_headers and not PRIVATE_HEADER.search(path):
            yield f"{path}: {library} may not show in a header"
    if path.startswith("daemon/core/") and CORE_FORBIDDEN.search(included):
        yield f"{path}: the core may not include <{included}>"


def main(top):
    known, code = set(tree.files(top)), tree.files(top, (".cpp", ".hpp"))
    problems = list(folder_problems(code))
    for path in code:
        for quote, included in INCLUDE.findall(tree.read(top, path)):
            beside = path.startswith("tests/") and os.path.dirname(path) + "/" + included in known
            if quote == '"' and included not in known and not beside:
                problems.append(f'{path}: "{included}" is not a file of the tree; paths start at its root')
            problems += module_problems(path, included)
            problems += library_problems(path, included)
    return tree.report(problems)


def self_test():
    wrong = []

    def expect(what, found, wanted):
        if len(list(found)) != wanted:
            wrong.append(f"{what}: should be {'found' if wanted else 'accepted'}")

    expect("a folder without a row", folder_problems(["daemon/x/a.cpp", "daemon/x/b.hpp"]), 1)
    expect("a folder without a row below a module", folder_problems(["common/x/a.hpp"]), 1)
    expect("code at the top", folder_problems(["a.cpp"]), 1)
    expect("folders with a row", folder_problems(["common/a.hpp", "daemon/core/a.cpp"]), 0)
    expect("subfolders that share a row", folder_problems(["tests/x/a.cpp", "simulator/x/y/a.cpp"]), 0)
    expect("an include that no row allows", module_problems("daemon/core/a.cpp", "daemon/engine/b.hpp"), 1)
    expect("an include that its row allows", module_problems("daemon/engine/a.cpp", "daemon/core/b.hpp"), 0)
    expect("a library in another module", library_problems("daemon/app/a.cpp", "sqlite3.h"), 1)
    expect("a library in a header", library_problems("common/json/a.hpp", "rapidjson/reader.h"), 1)
    expect("a library in its module", library_problems("common/json/a.cpp", "rapidjson/reader.h"), 0)
    expect("a clock in the core", library_problems("daemon/core/a.cpp", "common/zone.hpp"), 1)
    return tree.report(wrong)


if __name__ == "__main__":
    sys.exit(self_test() if sys.argv[1:] == ["--self-test"] else main(sys.argv[1]))
