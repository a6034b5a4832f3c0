"""The files of this source tree, for the lints."""
import os

SKIPPED = {"build", ".git", ".cache", ".ccache", "__pycache__", "node_modules"}


def files(top, endings=None):
    """Paths relative to `top`, sorted; only those with one of the endings if given."""
    found = []
    for folder, folders, names in os.walk(top):
        folders[:] = [f for f in folders if f not in SKIPPED]
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), top).replace(os.sep, "/")
            if endings is None or path.endswith(tuple(endings)):
                found.append(path)
    return sorted(found)


def read(top, path):
    with open(os.path.join(top, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def report(problems):
    """Prints the problems and gives the exit code."""
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem(s)")
    return 1 if problems else 0
