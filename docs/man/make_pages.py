#!/usr/bin/env python3
"""Makes the manual pages from what the programs say to --help, from docs/config.md, and from the *.in files, which hold
what neither of the two knows.
usage: make_pages.py SCALE-BACKUPCTL SCALE-BACKUPD           writes the pages
       make_pages.py --check SCALE-BACKUPCTL SCALE-BACKUPD   compares them with the committed ones"""
import difflib
import os
import re
import sys

import help_text
import markdown
import mdoc

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
NOT_BUILT = 77
ERROR_ROW = re.compile(r"Row\{Errc::\w+, \"\w+\", -?\d+, (\d+),")
EXIT_ITEM = re.compile(r"^\.It (\d+)", re.MULTILINE)
ENVIRONMENT = re.compile(r"(?:getenv|environment)\(\"(\w+)\"\)")
INTERNAL = {"WATCHDOG_PID"}  # a part of WATCHDOG_USEC


def read(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


def commands(client):
    lines = []
    for word in help_text.command_words(client):
        page = help_text.Page(help_text.ask(client, word))
        usage = page.usage.removeprefix("scale-backupctl ")
        lines += [f".It {mdoc.call(usage)}", *mdoc.help_blocks(page)]
        if page.examples:
            lines += [".Pp", *mdoc.display(page.examples)]
    return lines


def daemon_options(daemon):
    page = help_text.Page(help_text.ask(daemon))
    lines = []
    for words, meaning in next(content for kind, content in page.blocks if kind == "list"):
        lines += [".It " + mdoc.term(words), *mdoc.prose(meaning)]
    return lines


def daemon_words(daemon):
    page = help_text.Page(help_text.ask(daemon))
    paragraphs = [content for kind, content in page.blocks if kind == "prose"][1:]  # the first one is the name
    return "\n.Pp\n".join("\n".join(mdoc.prose(words)) for words in paragraphs).splitlines()


def daemon_examples(daemon):
    return mdoc.display(help_text.Page(help_text.ask(daemon)).examples)


def pages(client, daemon):
    parts = {
        "COMMANDS": lambda: commands(client),
        "DAEMON_OPTIONS": lambda: daemon_options(daemon),
        "DAEMON_WORDS": lambda: daemon_words(daemon),
        "DAEMON_EXAMPLES": lambda: daemon_examples(daemon),
        "KEYS": lambda: markdown.sections(read("docs", "config.md"), "How values are written"),
    }
    for name in sorted(os.listdir(HERE)):
        if name.endswith(".in"):
            lines = ['.\\" Made by docs/man/make_pages.py: change the .in file, the --help text or docs/config.md.']
            for line in read("docs", "man", name).splitlines():
                lines += parts[line.strip("@")]() if re.match(r"^@\w+@$", line) else [line]
            yield name.removesuffix(".in"), "\n".join(lines) + "\n"


def source_files(folder):
    for inside, _, names in os.walk(os.path.join(TOP, folder)):
        yield from sorted(os.path.relpath(os.path.join(inside, name), TOP) for name in names if name.endswith(".cpp"))


def what_is_missing(made):
    """What the *.in files say by hand must be what the programs do."""
    client, daemon, _ = made["scale-backupctl.1"], made["scale-backupd.8"], made["scale-backup.toml.5"]
    wanted = set(ERROR_ROW.findall(read("common", "error.cpp"))) | {"0", "130"}
    if len(wanted) < 8:
        yield "common/error.cpp: its table of exit codes was not understood"
    told = set(EXIT_ITEM.findall(client[client.index(".Sh EXIT STATUS"):]))
    for code in sorted(wanted ^ told, key=int):
        yield f"exit code {code} stands only in one of common/error.cpp and scale-backupctl.1.in"
    for folder, page in (("ctl", client), ("daemon", daemon), ("common", daemon)):
        for path in source_files(folder):
            for name in set(ENVIRONMENT.findall(read(path))) - INTERNAL:
                if name not in page:
                    yield f"{path} reads the environment variable {name}: the page says nothing of it"
    for place in re.findall(r'"(/[\w./-]+)"', read("common", "config", "defaults_linux.cpp")):
        if not any(place in page for page in made.values()):
            yield f"no page names {place}"


def main(arguments):
    check = arguments[:1] == ["--check"]
    client, daemon = arguments[1:] if check else arguments
    if not (os.path.exists(client) and os.path.exists(daemon)):
        print("the programs are not built")
        return NOT_BUILT
    made = dict(pages(client, daemon))
    wrong = list(what_is_missing(made))
    for name, text in made.items():
        path = os.path.join(HERE, name)
        old = read("docs", "man", name) if os.path.exists(path) else ""
        if check and old != text:
            wrong.append("".join(difflib.unified_diff(old.splitlines(True), text.splitlines(True), "committed " + name, "made now")))
        elif not check:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    for words in wrong:
        print(words)
    if wrong:
        print("The manual pages are made by: cmake --build build/dev --target manuals   (then commit them)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
