"""Removes the guards of the engine one at a time, and says which test notices: docs/reliability.md.

usage: mutants.py TOP WORK [--check | --list | --missing | --shard=I/N]... [NAME...]

guards.txt lists the mutants. Each is built in WORK, a copy of the tracked files, so the tree itself is never changed.
--check only finds out whether each mutant still applies: its text is in its file exactly once.
--shard=2/3 plays every third mutant, from the second on, in WORK-2; several can run beside each other.
--missing plays those without a result for their present text.

The results are kept in TOP/build/reports/mutants/NAME.json, over several calls, and become TOP/build/reports/mutants.json,
from which tests/reports/figures.py makes docs/reliability-figures.md.
"""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reports"))
import report  # noqa: E402

# Each file on its own: of a mutant, only the files that it changes are compiled.
PRESET = "no-unity"
BUILD = f"build/{PRESET}"

HUNK = r"(?:file \S+\n)?<<<\n.*?\n===\n.*?\n?>>>$"
BLOCK = re.compile(r"^== (?P<name>\S+): (?P<what>[^\n]*)\nfile (?P<file>\S+)\ntests (?P<tests>[^\n]*)\n"
                   r"(?:scenario (?P<scenario>[^\n]*)\n)?(?P<hunks>" + HUNK + r"(?:\n" + HUNK + r")*)", re.S | re.M)
CHANGE = re.compile(r"(?:file (?P<file>\S+)\n)?<<<\n(?P<old>.*?)\n===\n(?P<new>.*?)\n?>>>$", re.S | re.M)


def changes_of(mutant):
    """(file, text, text without the guard): one, or several that cover each other. A file holds until the next one."""
    changes, file = [], mutant["file"]
    for match in CHANGE.finditer(mutant["hunks"]):
        file = match["file"] or file
        changes.append((file, match["old"], match["new"]))
    return changes


def read_mutants(text):
    mutants = [match.groupdict() for match in BLOCK.finditer(text)]
    texts = text.count("\n<<<\n")
    if texts != sum(len(changes_of(mutant)) for mutant in mutants):
        sys.exit("guards.txt: not each text belongs to a mutant")
    headings = len(re.findall(r"^== ", text, re.M))
    if headings != len(mutants):
        sys.exit(f"guards.txt: {headings} headings, but {len(mutants)} readable mutants")
    names = [mutant["name"] for mutant in mutants]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"guards.txt: twice: {', '.join(sorted(twice))}")
    return mutants


def why_not_applicable(top, mutant):
    for file, old, _ in changes_of(mutant):
        path = top / file
        if not path.is_file():
            return f"there is no {file}"
        count = path.read_text().count(old)
        if count != 1:
            return f"its text is {count} times in {file}: {old.strip().splitlines()[0]}"
    return ""


def check(top, mutants):
    problems = [f"{mutant['name']}: {why}" for mutant in mutants if (why := why_not_applicable(top, mutant))]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(mutants)} mutants, {len(problems)} do not apply")
    return 1 if problems else 0


def copy_tree(top, work):
    """Unchanged files keep their times, so that a second call builds little."""
    names = subprocess.run(["git", "-C", top, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, names):
        source, target = top / name, work / name
        if not source.is_file():
            continue
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        shutil.copymode(source, target)


def allow_warnings(work):
    """What a guard has used is often unused without it: that is no error here."""
    path = work / "cmake/options.cmake"
    path.write_text(path.read_text().replace(" -Werror ", " "))


def build(work, targets):
    done = subprocess.run(["cmake", "--build", work / BUILD, "--target", *targets], capture_output=True, text=True)
    return done.returncode == 0, done.stdout[-2000:]


def failing_test(work, target, arguments):
    """The first test that fails, "" if none does. A test that hangs has noticed, too."""
    command = [work / BUILD / "bin" / target, "--gtest_brief=1", "--gtest_fail_fast", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, errors="replace")
    except subprocess.TimeoutExpired:
        return f"{target}: does not end"
    if done.returncode == 0:
        return ""
    failed = re.search(r"\[  FAILED  \] (\S+)", done.stdout)
    return failed.group(1) if failed else f"{target}: exit code {done.returncode}"


def noticed_by(work, targets):
    for target in targets:  # first what is quick
        found = failing_test(work, target, ["--gtest_filter=-Adversary.*:*Year*"])
        if found:
            return found
    if "simulation" in targets:
        return failing_test(work, "simulation", ["--gtest_filter=Adversary.*:*Year*"])
    return ""


def digest(mutant):
    text = "\0".join(mutant[part] for part in ("file", "tests", "hunks"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def results_folder(top):
    return top / "build" / "reports" / "mutants"


def keep(top, mutant, found):
    """`found`: the test that noticed; "" = none did; None = it does not compile, which proves nothing."""
    result = {"digest": digest(mutant), "found": found, "commit": report.commit()}
    folder = results_folder(top)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (mutant["name"] + ".json")
    new = path.with_suffix(".new")
    new.write_text(json.dumps(result) + "\n")
    new.replace(path)


def kept(top, mutant):
    path = results_folder(top) / (mutant["name"] + ".json")
    if not path.is_file():
        return None
    result = json.loads(path.read_text())
    return result if result["digest"] == digest(mutant) else None


def rows_of(mutants, results):
    """For figures.py: the counts, then what noticed the loss of each guard."""
    played = [(mutant, results[mutant["name"]]) for mutant in mutants if results.get(mutant["name"])]
    noticed = [mutant for mutant, result in played if result["found"]]
    scenarios = {mutant["scenario"] for mutant in noticed if mutant["scenario"]}
    survived = sum(1 for _, result in played if result["found"] == "")
    broken = sum(1 for _, result in played if result["found"] is None)
    rows = [{"what": "guards", "value": len(mutants), "limit": ""},
            {"what": "guards that were removed, one at a time", "value": len(played), "limit": ""},
            {"what": "... and no test noticed", "value": survived, "limit": "0"},
            {"what": "... and that do not compile then", "value": broken, "limit": "0"},
            {"what": "scenarios of the issue that a test notices with the old code put back", "value": len(scenarios),
             "limit": "at least 20"}]
    for mutant, result in played:
        what = f"`{mutant['name']}`: {mutant['what']}" + (f" ({mutant['scenario']})" if mutant["scenario"] else "")
        found = "does not compile" if result["found"] is None else result["found"] or "no test noticed"
        rows.append({"what": what, "value": found, "limit": ""})
    return rows


def write_report(top, mutants):
    results = {mutant["name"]: kept(top, mutant) for mutant in mutants}
    rows = rows_of(mutants, results)
    report.write("mutants", "The engine without its guards", "./run mutants", rows)


def play(top, work, mutants, everything):
    copy_tree(top, work)
    allow_warnings(work)
    targets = sorted({target for mutant in mutants for target in mutant["tests"].split()})
    subprocess.run(["cmake", "--preset", PRESET], cwd=work, check=True, stdout=subprocess.DEVNULL)
    built, output = build(work, targets)
    if not built:
        sys.exit(f"the unchanged tree does not build:\n{output}")
    survivors = []
    for mutant in mutants:
        before = {file: (work / file).read_text() for file, _, _ in changes_of(mutant)}
        for file, old, new in changes_of(mutant):
            (work / file).write_text((work / file).read_text().replace(old, new))
        try:
            wanted = mutant["tests"].split()
            built, output = build(work, wanted)
            found = noticed_by(work, wanted) if built else None
        finally:
            for file, text in before.items():
                (work / file).write_text(text)
        if not found:
            survivors.append(mutant["name"])
        keep(top, mutant, found)
        write_report(top, everything)
        print(f"{mutant['name']:32} {'DOES NOT COMPILE' if found is None else found or 'SURVIVED'}", flush=True)
        if found is None:
            print(output, flush=True)
    print(f"{len(mutants)} mutants, {len(survivors)} unnoticed{': ' if survivors else ''}{', '.join(survivors)}")
    return 1 if survivors else 0


def part_of(mutants, shard):
    match = re.fullmatch(r"(\d+)/(\d+)", shard)
    if not match or not 1 <= int(match.group(1)) <= int(match.group(2)):
        sys.exit(f"--shard takes a part like 2/3, got '{shard}'")
    return mutants[int(match.group(1)) - 1::int(match.group(2))]


def main():
    words = sys.argv[1:]
    options = {word.partition("=")[0]: word.partition("=")[2] for word in words if word.startswith("--")}
    positional = [word for word in words if not word.startswith("--")]
    if len(positional) < 2 or set(options) - {"--check", "--list", "--missing", "--shard"}:
        sys.exit(__doc__)
    top, work = pathlib.Path(positional[0]).resolve(), pathlib.Path(positional[1]).resolve()
    mutants = read_mutants((pathlib.Path(__file__).parent / "guards.txt").read_text())
    unknown = set(positional[2:]) - {mutant["name"] for mutant in mutants}
    if unknown:
        sys.exit(f"there is no mutant {', '.join(sorted(unknown))}")
    chosen = [mutant for mutant in mutants if mutant["name"] in positional[2:]] or mutants
    if "--shard" in options:
        chosen = part_of(chosen, options["--shard"])
        work = work.with_name(work.name + "-" + options["--shard"].partition("/")[0])
    if "--missing" in options:
        chosen = [mutant for mutant in chosen if kept(top, mutant) is None]
    if "--list" in options:
        for mutant in chosen:
            print(f"{mutant['name']:32} {mutant['what']}")
        return 0
    if "--check" in options:
        return check(top, chosen)
    if not chosen:
        write_report(top, mutants)
        return 0
    return 1 if check(top, chosen) else play(top, work, chosen, mutants)


if __name__ == "__main__":
    sys.exit(main())
