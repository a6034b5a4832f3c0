"""Removes the guards of the engine one at a time, and says which test notices: docs/reliability.md.

usage: mutants.py TOP WORK [--check | --list] [NAME...]

guards.txt lists the mutants. Each is built in WORK, a copy of the tracked files, so the tree itself is never changed.
--check only finds out whether each mutant still applies: its text is in its file exactly once.
"""

import pathlib
import re
import shutil
import subprocess
import sys

BLOCK = re.compile(r"^== (?P<name>\S+): (?P<what>[^\n]*)\nfile (?P<file>\S+)\ntests (?P<tests>[^\n]*)\n"
                   r"<<<\n(?P<old>.*?)\n===\n(?P<new>.*?)\n?>>>$", re.S | re.M)


def read_mutants(text):
    mutants = [match.groupdict() for match in BLOCK.finditer(text)]
    headings = len(re.findall(r"^== ", text, re.M))
    if headings != len(mutants):
        sys.exit(f"guards.txt: {headings} headings, but {len(mutants)} readable mutants")
    names = [mutant["name"] for mutant in mutants]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"guards.txt: twice: {', '.join(sorted(twice))}")
    return mutants


def why_not_applicable(top, mutant):
    path = top / mutant["file"]
    if not path.is_file():
        return f"there is no {mutant['file']}"
    count = path.read_text().count(mutant["old"])
    return "" if count == 1 else f"its text is {count} times in {mutant['file']}"


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


def build(work, targets):
    done = subprocess.run(["cmake", "--build", work / "build/dev", "--target", *targets], capture_output=True, text=True)
    return done.returncode == 0, done.stdout[-2000:]


def failing_test(work, target, arguments):
    """The first test that fails, "" if none does. A test that hangs has noticed, too."""
    command = [work / "build/dev/bin" / target, "--gtest_brief=1", "--gtest_fail_fast", *arguments]
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


def play(top, work, mutants):
    copy_tree(top, work)
    targets = sorted({target for mutant in mutants for target in mutant["tests"].split()})
    subprocess.run(["cmake", "--preset", "dev"], cwd=work, check=True, stdout=subprocess.DEVNULL)
    built, output = build(work, targets)
    if not built:
        sys.exit(f"the unchanged tree does not build:\n{output}")
    survivors = []
    for mutant in mutants:
        path = work / mutant["file"]
        text = path.read_text()
        path.write_text(text.replace(mutant["old"], mutant["new"]))
        try:
            wanted = mutant["tests"].split()
            built, output = build(work, wanted)
            found = noticed_by(work, wanted) if built else "the compiler"
        finally:
            path.write_text(text)
        if not found:
            survivors.append(mutant["name"])
        print(f"{mutant['name']:32} {found or 'SURVIVED'}", flush=True)
    print(f"{len(mutants)} mutants, {len(survivors)} survived{': ' if survivors else ''}{', '.join(survivors)}")
    return 1 if survivors else 0


def main():
    words = sys.argv[1:]
    options = {word for word in words if word.startswith("--")}
    positional = [word for word in words if not word.startswith("--")]
    if len(positional) < 2 or options - {"--check", "--list"}:
        sys.exit(__doc__)
    top, work = pathlib.Path(positional[0]).resolve(), pathlib.Path(positional[1]).resolve()
    mutants = read_mutants((pathlib.Path(__file__).parent / "guards.txt").read_text())
    unknown = set(positional[2:]) - {mutant["name"] for mutant in mutants}
    if unknown:
        sys.exit(f"there is no mutant {', '.join(sorted(unknown))}")
    chosen = [mutant for mutant in mutants if mutant["name"] in positional[2:]] or mutants
    if "--list" in options:
        for mutant in chosen:
            print(f"{mutant['name']:32} {mutant['what']}")
        return 0
    if "--check" in options:
        return check(top, chosen)
    return 1 if check(top, chosen) else play(top, work, chosen)


if __name__ == "__main__":
    sys.exit(main())
