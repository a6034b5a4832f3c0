"""The command lines of the documents: blocks of shell commands, our commands in the text, and the examples of
--help. A Block is a piece of shell and its position."""
import dataclasses
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
for folder in ("tests/architecture", "docs/man"):
    sys.path.insert(0, os.path.join(TOP, folder))

import help_text  # noqa: E402
import lint_docs  # noqa: E402
import tree  # noqa: E402

OURS = ("scale-backupctl ", "scale-backup ", "scale-backupd ")
# The languages of code fences that contain commands.
SHELL = ("sh", "shell", "console")


@dataclasses.dataclass
class Block:
    where: str  # of the first line
    number: int  # of the first line; 0 = unknown
    script: str

    def place(self, line):
        return f"{self.where}:{self.number + line - 1}" if self.number else self.where


def in_document(path, text):
    block = None
    for number, kind, line in lint_docs.parts(text):
        if kind in SHELL:
            line = line.removeprefix("$ ") if kind == "console" else line
            if block and number == block.number + block.script.count("\n"):
                block.script += line + "\n"
                continue
            if block:
                yield block
            block = Block(path, number, line + "\n")
            continue
        if block:
            yield block
            block = None
        if kind == "prose":
            for span in lint_docs.SPAN.findall(line):
                if span.startswith(OURS) and "…" not in span and "..." not in span:
                    yield Block(path, number, re.sub(r"\[([^\]]*)\]", r"\1", span) + "\n")
    if block:
        yield block


def in_help(client, daemon):
    for program, words in [(daemon, ()), (client, ()), *((client, (word,)) for word in help_text.command_words(client))]:
        name = " ".join((os.path.basename(program), *words, "--help"))
        for example in help_text.Page(help_text.ask(program, *words)).examples:
            yield Block(name, 0, example + "\n")


def in_tree(client, daemon):
    found = list(in_help(client, daemon))
    for path in tree.files(TOP, (".md",)):
        found += in_document(path, tree.read(TOP, path))
    return found
