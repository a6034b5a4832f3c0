#!/usr/bin/env python3
"""What the documents promise exists: links, command lines, configuration keys, messages; lines are wrapped.
usage: lint_docs.py TOP links
       lint_docs.py TOP width
       lint_docs.py TOP keys
       lint_docs.py TOP messages
       lint_docs.py TOP commands SCALE-BACKUPCTL SCALE-BACKUPD
       lint_docs.py --self-test"""
import os
import re
import shlex
import subprocess
import sys

import tree

SKIPPED = 77
FENCE = re.compile(r"^\s*```(\w*)\s*$")
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
OUTSIDE = re.compile(r"^[a-z][a-z0-9+.-]*:")
PROGRAMS = ("scale-backupctl", "scale-backupd", "./run")
KEY = re.compile(r"^[A-Z][a-z]+(?:[A-Z]+[a-z]*)*$")
TOML_KEY = re.compile(r"^\s*#?([A-Za-z]+)\s*=")
TABLE_KEY = re.compile(r"^\| `(\w+)` \|")
LITERAL = re.compile(r'"((?:\\.|[^"\\\n])*)"')
BETWEEN_LITERALS = re.compile(r'"\s*\n\s*"')
MESSAGE_ROW = re.compile(r"^\| (`.*?) \| ")
# Words of the system and of other programs.
NOT_OURS = ("Connection refused", "No space left on device", "Basic authentication is not supported")
MOST_PIECES = 4
WIDTH = 120
# What stands for something in a usage line, and a value that parses in its place.
PLACEHOLDERS = {"N": "3", "JOB": "1", "ID": "1"}


def documents(top):
    return [(path, tree.read(top, path)) for path in tree.files(top, (".md",))]


def parts(text):
    """(line number, kind, text): 'prose' lines, and lines of code blocks by their language ('' = none named)."""
    block = None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if fence and block is None:
            block = fence.group(1)
        elif fence:
            block = None
        else:
            yield number, "prose" if block is None else block, line


# ---- links ----------------------------------------------------------------------------------------

def anchors(text):
    """The names that a heading gets on the usual hosts of repositories."""
    names = set()
    for _, kind, line in parts(text):
        if kind == "prose" and line.startswith("#"):
            title = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            names.add(title.replace(" ", "-"))
    return names


def links(top):
    """Relative links lead to a file and a heading; the README leads to every document."""
    texts = dict(documents(top))
    reached = set()
    for path, text in texts.items():
        for number, kind, line in parts(text):
            if line.lstrip().startswith("```"):
                yield f"{path}:{number}: a fence takes one word behind it, or none"
            for target in LINK.findall(line) if kind == "prose" else []:
                if OUTSIDE.match(target):
                    continue
                file, _, anchor = target.partition("#")
                there = os.path.normpath(os.path.join(os.path.dirname(path), file)).replace(os.sep, "/") if file else path
                if path == "README.md":
                    reached.add(there)
                if not os.path.exists(os.path.join(top, there)):
                    yield f"{path}:{number}: the link '{target}' leads nowhere"
                elif anchor and there in texts and anchor not in anchors(texts[there]):
                    yield f"{path}:{number}: {there} has no heading '#{anchor}'"
    for path in texts:
        if path.startswith("docs/") and path not in reached and os.path.dirname(path) not in reached:
            yield f"README.md: does not lead to {path}"


# ---- width ----------------------------------------------------------------------------------------

def breakable(line):
    """Whether the line has a space after its first word at which it could be broken: not in code, not in a link."""
    words = re.sub(r"`[^`]*`|\[[^\]]*\]\([^)]*\)", lambda found: "x" * len(found.group(0)), line).strip()
    return " " in re.sub(r"^([*-]|\d+\.) ", "", words)


def width(top):
    """Text is wrapped at 120 columns; tables, headings and code are as wide as they are."""
    for path, text in documents(top):
        for number, kind, line in parts(text):
            if kind == "prose" and len(line) > WIDTH and not line.startswith(("|", "#")) and breakable(line):
                yield f"{path}:{number}: {len(line)} columns; more than {WIDTH}"


# ---- keys -----------------------------------------------------------------------------------------

def keys_of_table(text):
    return {match.group(1) for _, _, line in parts(text) if (match := TABLE_KEY.match(line))}


def keys_used(text):
    for number, kind, line in parts(text):
        if kind == "toml" and (match := TOML_KEY.match(line)):
            yield number, match.group(1)
        for span in SPAN.findall(line) if kind == "prose" else []:
            first = span.split("=")[0].strip()
            if KEY.match(first):
                yield number, first


def keys(top):
    """The keys that the schedule's page mentions, and those of the example, are those of docs/config.md."""
    known = keys_of_table(tree.read(top, "docs/config.md"))
    for number, key in keys_used(tree.read(top, "docs/schedule.md")):
        if key not in known:
            yield f"docs/schedule.md:{number}: docs/config.md has no key '{key}'"
    example = tree.read(top, "config/config.toml.example")
    shown = {match.group(1) for line in example.splitlines() if (match := TOML_KEY.match(line))}
    for key in sorted(shown ^ known):
        yield f"config/config.toml.example and docs/config.md: only one of them has '{key}'"


# ---- messages -------------------------------------------------------------------------------------

def spoken(top):
    """All text that the programs can print, a line for each literal."""
    said = []
    for path in tree.files(top, (".cpp", ".hpp")):
        if path.startswith(("common/", "daemon/", "ctl/")):
            joined = BETWEEN_LITERALS.sub("", tree.read(top, path))
            said += [match.group(1).replace('\\"', '"') for match in LITERAL.finditer(joined)]
    return "\n".join(said)


def holds(said, words):
    return words in said and re.search(r"(?<!\w)" + re.escape(words) + r"(?!\w)", said) is not None


def is_composed(fragment, said):
    """Whether a few literals, one after the other, make the fragment; numbers and signs between them may be anything."""
    for _ in range(MOST_PIECES):
        fragment = fragment.strip(" '():;,0123456789")
        if not fragment:
            return True
        ends = [end.start() for end in re.finditer(r"(?<=\w)(?!\w)|$", fragment)]  # whole words only
        piece = next((fragment[:end] for end in reversed(ends) if holds(said, fragment[:end])), "")
        if not piece:
            return False
        fragment = fragment[len(piece):]
    return not fragment.strip(" '():;,0123456789")


def quoted_messages(text):
    for number, kind, line in parts(text):
        row = MESSAGE_ROW.match(line) if kind == "prose" else None
        for span in SPAN.findall(row.group(1)) if row else []:
            for fragment in span.split("…"):
                if span not in NOT_OURS:
                    yield number, fragment


def messages(top):
    """The messages that docs/troubleshooting.md explains are those that the programs give."""
    said = spoken(top)
    for number, fragment in quoted_messages(tree.read(top, "docs/troubleshooting.md")):
        if not is_composed(fragment, said):
            yield f"docs/troubleshooting.md:{number}: no program says '{fragment.strip()}'"


# ---- command lines --------------------------------------------------------------------------------

def command_lines(text):
    """(line number, words) of each of our command lines in code spans and in blocks of shell commands."""
    for number, kind, line in parts(text):
        candidates = SPAN.findall(line) if kind == "prose" else [line] if kind in ("sh", "shell", "console") else []
        for candidate in candidates:
            found = text_of(candidate)
            if found:
                yield number, found


def text_of(line):
    line = line.strip().removeprefix("$ ")
    if not line.startswith(PROGRAMS) or "…" in line or "..." in line:
        return []
    try:
        words = list(shlex.shlex(line, posix=True, punctuation_chars="|;&<>"))
        words = shlex.split(line, comments=True) if not set(words) & set("|;&<>") else words
    except ValueError:
        return [line, "?"]  # quotes that do not close
    end = next((i for i, word in enumerate(words) if word and set(word) <= set("|;&<>")), len(words))
    return [PLACEHOLDERS.get(word.strip("[]"), word.strip("[]")) for word in words[:end]]


class Programs:
    def __init__(self, top, ctl, daemon):
        self.top, self.ctl, self.daemon = top, ctl, daemon
        self.said = {}

    def output(self, *command):
        if command not in self.said:
            ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
            self.said[command] = (ended.returncode, ended.stdout + ended.stderr)
        return self.said[command]

    def problem(self, words):
        if words[0] == "./run":
            known = set(re.findall(r"^  ([\w-]+) ", self.output("sh", os.path.join(self.top, "run"), "help")[1], re.M))
            wrong = [word for word in words[1:2] if word not in known]
            return f"./run knows no '{wrong[0]}'" if wrong else ""
        if words[0] == "scale-backupd":
            page = self.output(self.daemon, "--help")[1]
            wrong = [word for word in words[1:] if word.startswith("-") and not re.search(rf"(?<!\S){re.escape(word)}\b", page)]
            return f"scale-backupd has no option '{wrong[0]}'" if wrong else ""
        if words[0] != "scale-backupctl" or len(words) == 1:
            return ""
        # Nothing is written where a document says so.
        words = ["/nonexistent" + word if before == "--output" else word for before, word in zip(["", *words], words)]
        # A socket that does not exist: what parses ends with 'no daemon' (5), a usage error with 2.
        code, said = self.output(self.ctl, "--socket", "/nonexistent/scale-backup.sock", *words[1:])
        return "" if code in (0, 5) else f"exit code {code}: {said.strip().splitlines()[0] if said.strip() else ''}"


def commands(top, ctl, daemon):
    """Every command line in the documents is one that the programs take."""
    programs = Programs(top, ctl, daemon)
    for path, text in documents(top):
        for number, words in command_lines(text):
            problem = programs.problem(words)
            if problem:
                yield f"{path}:{number}: '{' '.join(words)}': {problem}"


# ---- the checks of the checks ---------------------------------------------------------------------

def self_test():
    wrong = []

    def expect(what, found, wanted):
        if found != wanted:
            wrong.append(f"{what}: {found!r} instead of {wanted!r}")

    expect("pipe", text_of("scale-backupctl --json show-vms | jq ."), ["scale-backupctl", "--json", "show-vms"])
    expect("quotes", text_of("scale-backupctl backup A 'b c'  # why"), ["scale-backupctl", "backup", "A", "b c"])
    expect("usage", text_of("scale-backupctl watch [JOB]"), ["scale-backupctl", "watch", "1"])
    expect("other", text_of("systemctl start scale-backupd"), [])
    expect("breakable", [breakable(text) for text in ("* `a b`", "* a `b c`", "[a b](c)")], [False, True, False])
    expect("anchor", anchors("# What is deleted?\n"), {"what-is-deleted"})
    text = "`Tag = 'x'` and `PATH`\n```toml\nMaxAge = 1\n```\n```\nNo = 2\n```\n"
    expect("keys", list(keys_used(text)), [(1, "Tag"), (3, "MaxAge")])
    expect("table", keys_of_table("| `Host` | string |\n| Host | x |\n"), {"Host"})
    said = "another daemon\n listens on \nit answered "
    expect("composed", [is_composed(text, said) for text in ("it answered 401", "another daemon listens on", "it said", "it answers")],
           [True, True, False, False])
    expect("messages", list(quoted_messages("| `a … b` and `c` | `d` |\n| x | `e` |\n")), [(1, "a "), (1, " b"), (1, "c")])
    expect("lines", list(command_lines("a `./run demo` b\n```sh\n./run test # all\n```\n")),
           [(1, ["./run", "demo"]), (3, ["./run", "test"])])
    return tree.report(wrong)


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    top, check, *programs = arguments
    top = os.path.abspath(top)
    absent = [program for program in programs if not os.path.exists(program)]
    if absent:
        print(f"{', '.join(absent)}: not built")
        return SKIPPED
    return tree.report(list({"links": links, "width": width, "keys": keys, "messages": messages, "commands": commands}[check](top, *programs)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
